"""What is said to a wrong invocation: one line on stderr, which ends with what to do, and exit code 2."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from cassettes.samples import resolve
from chatreel.main import run

WRONG = [
    ("reply", "there is no command 'reply': did you mean replay?"),
    ("recrod --out x", "there is no command 'recrod': did you mean record?"),
    ("--bogus", "No such option '--bogus'; chatreel --help shows what it takes"),
    ("record", "Missing option '--out'; chatreel record --help shows what it takes"),
    ("record --out r.jsonl", "say what to record, with --upstream URL (or --mode forward)"),
    ("record --upstream 127.0.0.1:1", "Missing option '--out'; chatreel record --help shows what it takes"),
    (
        "record --upstream 127.0.0.1:1 --out a.jsonl",
        "a.jsonl exists: --force replaces it, --append goes on with it",
    ),
    (
        "record --upstream 127.0.0.1:1 --out d",
        "File 'd' is a directory; chatreel record --help shows what it takes",
    ),
    (
        "record --upstream 127.0.0.1:1 --out nosuch/r.jsonl",
        "cannot be written: there is no folder nosuch; make it first",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.har",
        "r.jsonl, and `chatreel convert r.jsonl --out r.har` makes the other of it",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --append --force",
        "--append and --force exclude each other: leave one out",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --no-redact --redact email",
        "--no-redact and --redact exclude each other: leave one out",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --redact nonsense",
        "pointer:/JSON/POINTER, regex:PATTERN, email, phone, card",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --redact regex:[",
        "unterminated character set at position 1; see the syntax of Python's re",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --redact pointer:x",
        "--redact pointer:x: a JSON pointer begins with a slash; write pointer:/x",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --only /api",
        "--only /api: write HOST[/PATH], for example */api",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --max-size many",
        "value for '--max-size': 'many' is no size; write 512, 10kB, 5MB or 1GiB",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --max-duration long",
        "for '--max-duration': 'long' is no duration; write 250ms, 2s, 1m or 1h",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --listen 99999",
        "is no address; write PORT or HOST:PORT, for example 127.0.0.1:8102",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --listen localhost",
        "is no address; write PORT or HOST:PORT, for example 127.0.0.1:8102",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --listen 192.0.2.1:80",
        "the address is not one of this machine's; choose another --listen",
    ),
    (
        "record --upstream 127.0.0.1:8765 --out r.jsonl --listen 8765",
        "the proxy listens itself: choose another --listen, or another --upstream",
    ),
    (
        "record --upstream ftp://h --out r.jsonl",
        "ftp://h: write scheme://host[:port], for example http://127.0.0.1:8100",
    ),
    (
        "record --upstream http://h/path --out r.jsonl",
        "write scheme://host[:port], for example http://127.0.0.1:8100",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --mode forwards",
        "Invalid value for '--mode': 'forwards' is not one of 'reverse', 'forward'.",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --mode forward",
        "takes no --upstream: clients name the host; --only chooses among them",
    ),
    ("record --upstream 127.0.0.1:1 --out r.jsonl --noise n.toml", "--noise needs --compare FILE"),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --compare nosuch.jsonl",
        "and no such sample; the samples are: error, health, history, job, stream",
    ),
    (
        "record --upstream 127.0.0.1:1 --out a.jsonl --force --compare a.jsonl",
        "a.jsonl is what --compare reads: choose another --out",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --ca-dir a.jsonl",
        "Directory 'a.jsonl' is a file; chatreel record --help shows what it takes",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --upstream-ca nosuch.pem",
        "'nosuch.pem' does not exist; chatreel record --help shows what it takes",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl --upstream-ca a.jsonl",
        "--upstream-ca a.jsonl: expected certificates in PEM",
    ),
    (
        "record --upstream 127.0.0.1:1 --out r.jsonl extra",
        "extra argument (extra); chatreel record --help shows what it takes",
    ),
    ("replay nosuch.jsonl", "and no such sample; the samples are: error, health, history, job, stream"),
    ("replay d", "d: cannot be read: Is a directory"),
    ("replay broken.jsonl", "in JSON, found 'hello\\n' (JSON is malformed: invalid character (byte 0))"),
    ("replay x.har", "expected exchanges over HTTP, found none in it"),
    ("replay empty.jsonl", "empty.jsonl: expected a cassette, found no header in it"),
    ("replay a.jsonl --listen x", "'x' is no address; write PORT or HOST:PORT, for example 127.0.0.1:8102"),
    (
        "replay a.jsonl --listen 0 --admin x",
        "'x' is no address; write PORT or HOST:PORT, for example 127.0.0.1:8102",
    ),
    (
        "replay a.jsonl --listen 192.0.2.1:80",
        "Cannot assign requested address; choose another address with --listen",
    ),
    ("replay a.jsonl --listen 0 --admin 0.0.0.0:0", "keep it on 127.0.0.1, or turn it off with --admin off"),
    ("replay a.jsonl --speed fast", "'fast' is no speed; write max, or a factor from 0.001 to 1000000"),
    ("replay a.jsonl --speed 0", "'--speed': '0' is no speed; write max, or a factor from 0.001 to 1000000"),
    (
        "replay a.jsonl --speed -1",
        "'--speed': '-1' is no speed; write max, or a factor from 0.001 to 1000000",
    ),
    (
        "replay a.jsonl --max-gap long",
        "value for '--max-gap': 'long' is no gap; write seconds, from 0 to 86400",
    ),
    (
        "replay a.jsonl --tokens own",
        "Invalid value for '--tokens': 'own' is not one of 'minted', 'recorded'.",
    ),
    (
        "replay a.jsonl --polls often",
        "Invalid value for '--polls': 'often' is not one of 'by-count', 'by-time'.",
    ),
    (
        "replay a.jsonl --after-last stop",
        "value for '--after-last': 'stop' is not one of 'repeat', 'loop', 'miss'.",
    ),
    (
        "replay a.jsonl --lost-session 403",
        "value for '--lost-session': '403' is not one of 'lenient', '401', '404'.",
    ),
    ("replay a.jsonl --match colour", "there is no such part to compare; write method, path, query, body"),
    (
        "replay a.jsonl --match header:",
        "header:: there is no such part to compare; did you mean header:NAME?",
    ),
    ("replay a.jsonl --ignore id", "--ignore id: this is no JSON pointer; write /id, or query:id"),
    (
        "replay a.jsonl --on-miss guess",
        "value for '--on-miss': 'guess' is not one of '501', 'forward', 'record'.",
    ),
    ("replay --on-miss record", "--on-miss record needs a FILE to add to"),
    ("replay --on-miss forward", "the upstream, and no recording names it: say which, with --upstream URL"),
    (
        "replay stream --on-miss record --upstream 127.0.0.1:1",
        "record would add to the sample stream: name a FILE of your own last",
    ),
    ("replay a.jsonl --upstream 127.0.0.1:1", "--upstream needs --on-miss forward or --on-miss record"),
    ("replay a.jsonl --redact email", "--redact needs --on-miss record: nothing else is written"),
    ("replay a.jsonl --upstream-ca a.jsonl", "--upstream-ca needs --on-miss forward or --on-miss record"),
    (
        "replay a.jsonl --on-miss forward --upstream ftp://x",
        "ftp://x: write scheme://host[:port], for example http://127.0.0.1:8100",
    ),
    (
        "replay a.jsonl --listen 8765 --on-miss forward --upstream 127.0.0.1:8765",
        "replay listens itself: choose another --listen, or another --upstream",
    ),
    (
        "replay a.jsonl --fault rest",
        "no fault 'rest', did you mean 'reset'?; `chatreel faults` lists them all",
    ),
    (
        "replay a.jsonl --fault 'reset after-event=3'",
        "did you mean 'after-events'?; `chatreel faults reset` lists what it takes",
    ),
    (
        "replay a.jsonl --fault 'reset after-events=many'",
        "fault reset: after-events: 'many' is no whole number from 0 on",
    ),
    ("replay a.jsonl --fault 'delay'", "fault delay: give one of time=, uniform= and lognormal="),
    (
        "replay a.jsonl --fault 'delay time=soon'",
        "fault delay: time: 'soon' is no duration; write 250ms, 2s, 1m or 1h",
    ),
    ("replay a.jsonl --fault ''", "there is no fault ''; `chatreel faults` lists them all"),
    ("replay a.jsonl --faults nosuch.toml", "nosuch.toml: No such file or directory"),
    ("replay a.jsonl --faults plan.toml", "plan.toml: Invalid statement (at line 1, column 1)"),
    ("replay a.jsonl --fault-module nosuch.module", "--fault-module nosuch.module: No module named 'nosuch'"),
    (
        "replay a.jsonl --fault-module nosuch.py",
        "--fault-module nosuch.py: [Errno 2] No such file or directory",
    ),
    ("replay a.jsonl --seed one", "'one' is not a valid integer; chatreel replay --help shows what it takes"),
    ("replay a.jsonl --quiet --verbose", "--quiet and --verbose exclude each other: leave one out"),
    ("replay a.jsonl --verbos", "No such option '--verbos'. Did you mean '--verbose'?"),
    ("faults nosuch", "there is no fault 'nosuch'; `chatreel faults` lists them all"),
    ("faults explain", "argument 'FILE'; chatreel faults explain --help shows what it takes"),
    ("faults explain stream", "argument 'EXCHANGE'; chatreel faults explain --help shows what it takes"),
    ("faults explain stream 0", "there is nothing to explain: give a --fault, or some by --faults FILE"),
    (
        "faults explain stream 99 --fault 'delay time=1s'",
        "stream.jsonl has 1 exchanges, counted from 0: there is no 99",
    ),
    (
        "faults explain nosuch 0 --fault 'delay time=1s'",
        "and no such sample; the samples are: error, health, history, job, stream",
    ),
    ("faults --json reset", "write --json behind reset"),
    ("show", "Missing argument 'FILE'; chatreel show --help shows what it takes"),
    ("show nosuch", "and no such sample; the samples are: error, health, history, job, stream"),
    ("show d", "d: cannot be read: Is a directory"),
    ("show a.jsonl 99", "a.jsonl has 1 exchanges, counted from 0: there is no 99"),
    ("show a.jsonl one", "is not a valid integer range; chatreel show --help shows what it takes"),
    ("show a.jsonl 0 1", "unexpected extra argument (1); chatreel show --help shows what it takes"),
    ("show a.jsonl 0 --sessions", "--sessions shows all of them: leave out the 0"),
    ("show broken.jsonl", "in JSON, found 'hello\\n' (JSON is malformed: invalid character (byte 0))"),
    ("show x.har", "expected exchanges over HTTP, found none in it"),
    ("diff", "Missing argument 'FILE...'; chatreel diff --help shows what it takes"),
    ("diff a.jsonl", "FILEs, one FILE and --live URL, or two FILEs and more for --learn FILE"),
    (
        "diff a.jsonl b.jsonl a.jsonl",
        "FILEs, one FILE and --live URL, or two FILEs and more for --learn FILE",
    ),
    (
        "diff a.jsonl b.jsonl --live 127.0.0.1:1",
        "FILEs, one FILE and --live URL, or two FILEs and more for --learn FILE",
    ),
    (
        "diff a.jsonl --live 127.0.0.1:1",
        "be compared: http://127.0.0.1:1 cannot be reached: Connection refused",
    ),
    ("diff a.jsonl --live ftp://x", "ftp://x: write scheme://host[:port], for example http://127.0.0.1:8100"),
    ("diff a.jsonl b.jsonl --concurrency 2", "--concurrency needs --live URL"),
    (
        "diff a.jsonl b.jsonl --compare colour",
        "there is no such thing to compare; write status, headers, cookies",
    ),
    ("diff a.jsonl b.jsonl --ignore id", "--ignore id: this is no JSON pointer; write /id, or query:id"),
    ("diff a.jsonl b.jsonl --tolerance text", "--tolerance text: write text=0.8, number=0.05"),
    ("diff a.jsonl b.jsonl --tolerance text=5", "--tolerance text=5: write a number from 0 to 1"),
    (
        "diff a.jsonl b.jsonl --noise nosuch.toml",
        "'nosuch.toml' does not exist; chatreel diff --help shows what it takes",
    ),
    (
        "diff a.jsonl b.jsonl --noise plan.toml",
        "plan.toml: this is no TOML: Invalid statement (at line 1, column 1)",
    ),
    (
        "diff a.jsonl b.jsonl --junit a.jsonl",
        "a.jsonl is a FILE itself: choose another, so that nothing recorded is lost",
    ),
    (
        "diff a.jsonl b.jsonl --junit nosuch/r.xml",
        "nosuch/r.xml: cannot be written: there is no folder nosuch; make it first",
    ),
    (
        "diff a.jsonl b.jsonl --html r.html --junit r.html",
        "r.html is named twice: give each output a file of its own",
    ),
    (
        "diff --learn noise.toml a.jsonl",
        "FILEs, one FILE and --live URL, or two FILEs and more for --learn FILE",
    ),
    ("diff --learn noise.toml a.jsonl b.jsonl --json", "--json is for a comparison, and --learn makes none"),
    (
        "diff --learn noise.toml a.jsonl --live 127.0.0.1:1",
        "keep what the live chatbot answers, with --save, and learn then",
    ),
    (
        "diff a.jsonl --live 127.0.0.1:1 --pace slow",
        "Invalid value for '--pace': 'slow' is not one of 'full', 'recorded'.",
    ),
    (
        "diff a.jsonl --live 127.0.0.1:1 --concurrency 0",
        "Invalid value for '--concurrency': 0 is not in the range 1<=x<=1000.",
    ),
    (
        "diff a.jsonl --live 127.0.0.1:1 --header nonsense",
        "--header: expected NAME:VALUE, found no name before a ':'",
    ),
    (
        "diff a.jsonl --live 127.0.0.1:1 --cookie nonsense",
        "--cookie: expected NAME=VALUE, found no name before a '='",
    ),
    (
        "diff a.jsonl --live 127.0.0.1:1 --timeout soon",
        "value for '--timeout': 'soon' is no duration; write 250ms, 2s, 1m or 1h",
    ),
    ("diff a.jsonl --live 127.0.0.1:1 --save b.jsonl", "b.jsonl exists: --force replaces it"),
    ("inspect nosuch", "and no such sample; the samples are: error, health, history, job, stream"),
    ("inspect --listen x", "'x' is no address; write PORT or HOST:PORT, for example 127.0.0.1:8102"),
    (
        "inspect --listen 0.0.0.0:0",
        "token: give --token, set CHATREEL_INSPECT_TOKEN, or keep it on 127.0.0.1",
    ),
    (
        "inspect broken.jsonl --listen 192.0.2.1:80",
        "token: give --token, set CHATREEL_INSPECT_TOKEN, or keep it on 127.0.0.1",
    ),
    ("redact", "Missing argument 'FILE'; chatreel redact --help shows what it takes"),
    ("redact a.jsonl", "name OUT, where the redacted copy is to go"),
    ("redact a.jsonl a.jsonl", "itself: choose another OUT, so that nothing recorded is lost"),
    ("redact a.jsonl b.jsonl", "b.jsonl exists: --force replaces it"),
    ("redact nosuch c.jsonl", "and no such sample; the samples are: error, health, history, job, stream"),
    (
        "redact broken.jsonl c.jsonl",
        "in JSON, found 'hello\\n' (JSON is malformed: invalid character (byte 0))",
    ),
    ("redact a.jsonl c.har", "c.jsonl, and `chatreel convert c.jsonl --out c.har` makes the other of it"),
    (
        "redact a.jsonl c.jsonl --redact nonsense",
        "pointer:/JSON/POINTER, regex:PATTERN, email, phone, card",
    ),
    ("redact a.jsonl nosuch/c.jsonl", "cannot be written: there is no folder nosuch; make it first"),
    ("convert", "Missing argument 'FILE...'; chatreel convert --help shows what it takes"),
    ("convert a.jsonl", "Missing option '--out'; chatreel convert --help shows what it takes"),
    ("convert a.jsonl --out c.txt", "--out c.txt: its name says what to write: .jsonl, .jsonl.zst, .har"),
    (
        "convert a.jsonl --out a.jsonl",
        "is a FILE itself: choose another --out, so that nothing recorded is lost",
    ),
    ("convert a.jsonl --out b.jsonl", "b.jsonl exists: --force replaces it"),
    (
        "convert nosuch --out c.jsonl",
        "and no such sample; the samples are: error, health, history, job, stream",
    ),
    (
        "convert broken.jsonl --out c.jsonl",
        "in JSON, found 'hello\\n' (JSON is malformed: invalid character (byte 0))",
    ),
    (
        "convert a.jsonl --out c.jsonl --exchange x",
        "'--exchange': 'x' is no number and no range of numbers; write 3 or 0-4",
    ),
    ("convert a.jsonl --out c.jsonl --exchange 99", "there are 1 exchanges, counted from 0: there is no 99"),
    (
        "convert a.jsonl --out c.jsonl --exchange 4-2",
        "'--exchange': '4-2' is no number and no range of numbers; write 3 or 0-4",
    ),
    ("convert a.jsonl --out c.jsonl --session 99", "there are 1 sessions, counted from 0: there is no 99"),
    (
        "convert a.jsonl b.jsonl --out c.jsonl --session 0",
        "and --session choose from one FILE: convert the others on their own",
    ),
    (
        "convert a.jsonl --out c.jsonl --no-redact --redact email",
        "--no-redact and --redact exclude each other: leave one out",
    ),
    ("convert a.jsonl --out nosuch/c.jsonl", "cannot be written: there is no folder nosuch; make it first"),
    ("addon", "Choose from: diff, record; chatreel addon --help shows what it takes"),
    ("addon nosuch", "value for '{diff|record}': 'nosuch' is not one of 'diff', 'record'."),
    ("completion", "from: bash, zsh, fish; chatreel completion --help shows what it takes"),
    ("completion csh", "value for '{bash|zsh|fish}': 'csh' is not one of 'bash', 'zsh', 'fish'."),
    ("client", "Missing option '--query'; chatreel client --help shows what it takes"),
    ("client --query hi --url ftp://x", "--url ftp://x: write a url such as http://127.0.0.1:8100"),
    (
        "client --query hi --url 127.0.0.1:1 --timeout 0",
        "timeout must be more than 0 and at most 604800 seconds, not 0",
    ),
    (
        "client --query hi --url 127.0.0.1:1 --timeout soon",
        "'soon' is not a valid float; chatreel client --help shows what it takes",
    ),
    (
        "client --query hi --url 127.0.0.1:1 --history nosuch.json",
        "'nosuch.json' does not exist; chatreel client --help shows what it takes",
    ),
    (
        "client --query hi --url 127.0.0.1:1 --history x.har",
        'got `object`; expected a JSON list of {"role": ..., "content": ...}',
    ),
    (
        "client --query hi --url 127.0.0.1:1 --save-output nosuch/o.json",
        "No such file or directory; chatreel client --help shows what it takes",
    ),
    (
        "client --query hi --url 127.0.0.1:1 --quiet --verbose",
        "--quiet and --verbose exclude each other: leave one out",
    ),
    ("check", "nothing to check: give --target URL, --platform URL, or both"),
    ("check --target ftp://x", "--target ftp://x: write a url such as http://127.0.0.1:8100"),
    ("check --target 127.0.0.1:1", "http://127.0.0.1:1: Connection refused; is the chatbot running there?"),
    ("check --target 127.0.0.1:1 --pace 0", "--pace must be a factor from 0.001 to 100, not 0"),
    (
        "check --target 127.0.0.1:1 --category Nonsense",
        "'session management', 'error handling', 'performance', 'integration'.",
    ),
    (
        "check --target 127.0.0.1:1 --junit nosuch/r.xml",
        "No such file or directory; chatreel check --help shows what it takes",
    ),
    (
        "check --platform 127.0.0.1:1",
        "http://127.0.0.1:1: Connection refused; is the platform running there?",
    ),
    ("chatbot --listen x", "'x' is no address; write PORT or HOST:PORT, for example 127.0.0.1:8102"),
    (
        "chatbot --listen 192.0.2.1:80",
        "Cannot assign requested address; choose another address with --listen",
    ),
    ("chatbot --pace -1", "the pace must be a factor from 0 to 1000, not -1"),
    ("chatbot --pace slow", "'slow' is not a valid float; chatreel chatbot --help shows what it takes"),
    ("chatbot --heartbeat -1", "the heartbeat must be 0 or 0.01 to 1000 seconds, not -1"),
    ("platform --chatbot ftp://x", "--chatbot ftp://x: write a url such as http://127.0.0.1:8100"),
    ("demo --out d", "File 'd' is a directory; chatreel demo --help shows what it takes"),
    ("demo extra", "extra argument (extra); chatreel demo --help shows what it takes"),
]
"""Arguments, in a folder that has what `folder` makes, and the end of what is said, or more of it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two cassettes, files that are none, and a folder."""
    made = tmp_path_factory.mktemp("wrong")
    for name in ("a.jsonl", "b.jsonl"):
        shutil.copy(resolve("stream"), made / name)
    (made / "broken.jsonl").write_text("hello\n")
    (made / "empty.jsonl").touch()
    (made / "x.har").write_text('{"log": {"version": "1.2", "entries": []}}')
    (made / "plan.toml").write_text("{")
    (made / "d").mkdir()
    return made


@pytest.mark.parametrize(("line", "said"), WRONG, ids=[line for line, _ in WRONG])
def test_it_is_one_line_with_the_next_step_and_loses_nothing(
    line: str, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert run(shlex.split(line)) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("chatreel: ")
    assert output.err.count("\n") == 1
    assert said in output.err
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
