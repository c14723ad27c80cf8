"""The words of the filter, as the page and the documents explain them."""

from __future__ import annotations

import msgspec


class FilterWord(msgspec.Struct, frozen=True):
    """A word as an example, and which exchanges it finds."""

    word: str
    finds: str


WORDS = (
    FilterWord(
        "chat",
        "the text in the method, the url, the status, headers, bodies, events or the answer; in any case",
    ),
    FilterWord("status:404", "the status; also status:4xx, and status:none where there was no answer"),
    FilterWord("kind:stream", "streams; also kind:job and kind:plain"),
    FilterWord("method:POST", "the method"),
    FilterWord("host:*.example.org", "the host, with its port or without; * stands for anything"),
    FilterWord("path:/jobs/*", "the path without its query; * stands for anything"),
    FilterWord('header:"server: x"', "the text in a header, of the request or of the answer: `name: value`"),
    FilterWord("body:chat", "the text in a body, of the request or of the answer, events included"),
    FilterWord("answer:chat", "the text in what the chatbot says: its text, reasoning, tool calls, sources"),
    FilterWord("event:error", "what has an event of that type"),
    FilterWord(
        "how:reset",
        "what ended so: complete, client-closed, server-closed, reset, error, unfinished",
    ),
    FilterWord("file:0", "what is in the file with that number"),
    FilterWord("session:0.3", "what belongs to that session"),
    FilterWord("job:0.5", "what belongs to that job"),
    FilterWord("duration:>2s", "what took longer; also <, >=, <= and ="),
    FilterWord("first:>500ms", "what took longer to its first event"),
    FilterWord("events:>10", "how many events there are"),
    FilterWord("heartbeats:0", "how many heartbeats"),
    FilterWord("errors:>0", "how many error events"),
    FilterWord("chunks:<3", "how many chunks"),
    FilterWord("bytes:>1MB", "how many bytes the answer has"),
    FilterWord("-chat", "what does not match the word"),
    FilterWord('"two words"', 'a text with a blank or a colon; also path:"/a b"'),
)
