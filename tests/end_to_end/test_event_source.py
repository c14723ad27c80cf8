"""A browser's event source, on a page of another port, that loses its stream and goes on."""

from __future__ import annotations

from msgspec.structs import replace
from playwright.sync_api import Page

from cassettes.model import Header
from replayer.faults.language.plan import plan_of
from replayer.responder import ReplayOptions
from replayer.selection.selector import SelectionRules
from tests.cassettes.recorded import save
from tests.cassettes.talk import Talk

HEADER = Header(version=1, created="2026-11-22T12:00:00.000000Z", recorder="test")

FOLLOW = """
(url) => new Promise((resolve) => {
    const seen = [], source = new EventSource(url, { withCredentials: true });
    source.onmessage = (event) => seen.push([event.lastEventId, event.data]);
    source.onerror = () => {
        seen.push("lost");
        if (source.readyState === EventSource.CLOSED) resolve(seen);
    };
})
"""

ASK = """
async (url) => {
    const headers = { "Content-Type": "application/json", "X-Team": "a" };
    const answer = await fetch(url, { method: "POST", headers, credentials: "include", body: '{"query": "hi"}' });
    return [answer.status, answer.headers.get("X-Request-Id"), await answer.json()];
}
"""


def events(talk: Talk, body: bytes) -> None:
    """Let the last exchange of a recording be an event stream."""
    last = talk.exchanges[-1]
    (chunk,) = last.chunks
    kind = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
    talk.exchanges[-1] = type(last)(
        number=last.number,
        request=last.request,
        response=replace(last.response, headers=kind),
        chunks=(replace(chunk, data=body),),
        end=last.end,
    )


def test_an_event_source_goes_on_until_nothing_is_left(tmp_path, replay, page: Page) -> None:
    talk = Talk()
    talk.add("/stream", answer="in its place")
    events(
        talk,
        b"".join(
            b"retry: 10\nid: %d\ndata: %s\n\n" % (n, text) for n, text in enumerate([b"a", b"b", b"c"], 1)
        ),
    )
    talk.add("/ask", body={"query": "hi"}, answer={"response": "hello"}, gives=["sid=sess-0123456789ab"])
    options = ReplayOptions(
        cors=True,
        plan=plan_of(["truncate after-events=2 path=/stream first=1"]),
        rules=SelectionRules(resume="204"),
    )
    origin = replay(save(tmp_path / "talk.jsonl", [HEADER, *talk.records()]), options=options)
    elsewhere = Talk()
    elsewhere.add("/page", answer={})
    page.goto(replay(save(tmp_path / "page.jsonl", [HEADER, *elsewhere.records()])) + "/page")
    assert page.evaluate(FOLLOW, f"{origin}/stream") == [
        ["1", "a"],
        ["2", "b"],
        "lost",
        ["3", "c"],
        "lost",
        "lost",
    ]
    assert page.evaluate(ASK, f"{origin}/ask") == [200, None, {"response": "hello"}]
