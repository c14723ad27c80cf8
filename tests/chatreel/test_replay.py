"""`chatreel replay`, as a process of its own and as a command line."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import trustme

from cassettes.samples import samples
from chatreel.commands import replay as replay_command
from chatreel.main import run
from tests.child import start_child

CASSETTE = """\
{"chatreel":1,"created":"2026-11-22T12:00:00.000000Z","recorder":"test"}
{"kind":"request","exchange":0,"at":0,"method":"GET","url":"http://bot/s","http":"1.1","headers":[]}
{"kind":"response","exchange":0,"at":3600000000,"status":200,"reason":"OK","headers":[["Content-Length","2"]]}
{"kind":"chunk","exchange":0,"at":7200000000,"data":"hi"}
{"kind":"end","exchange":0,"at":7200000000,"how":"complete"}
"""

READY = re.compile(
    r"Replaying (\d+) exchanges? on (https?://127\.0\.0\.1:\d+)(?: with admin on (http://127\.0\.0\.1:\d+))?"
    r"(?:, misses go to http://127\.0\.0\.1:\d+)?\n"
)


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    path = tmp_path / "one.jsonl"
    path.write_text(CASSETTE)
    return path


@pytest.fixture
def start():
    """Starts the command on a free port; the process and what its ready line says."""
    running = []

    def launch(*arguments):
        command = [
            sys.executable,
            "-m",
            "chatreel",
            "replay",
            "--listen",
            "127.0.0.1:0",
            *map(str, arguments),
        ]
        process = start_child(*command)
        running.append(process)
        ready = READY.fullmatch(process.stdout.readline())
        assert ready
        return process, *ready.groups()

    yield launch
    for process in running:
        process.kill()
        process.communicate()


def started(*arguments):
    """The process of a replay of a sample on a free port."""
    command = [sys.executable, "-m", "chatreel", "replay", "health", "--listen", "0"]
    return start_child(*command, *arguments)


@pytest.fixture
def ended():
    """Ends processes by SIGINT and gives what they said: lines of stdout and of stderr."""
    running = []

    def end(process):
        running.append(process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0
        return out.splitlines(), err.splitlines()

    yield end
    for process in running:
        process.kill()


def test_a_program_reads_the_ready_line_and_each_request_as_json(ended):
    process = started("--json", "--verbose")
    ready = json.loads(process.stdout.readline())
    assert set(ready) == {"event", "url", "admin", "exchanges", "upstream"}
    assert (ready["event"], ready["upstream"]) == ("ready", None)
    requests.get(f"{ready['url']}/health", timeout=10)
    requests.get(f"{ready['url']}/elsewhere", timeout=10)
    found, missed = map(json.loads, ended(process)[0])
    assert (found["event"], found["target"], found["why"], found["cassette"]) == (
        "request", "/health", "match", "health.jsonl"
    )  # fmt: skip
    assert (missed["why"], missed["status"]) == ("miss", 501)


def test_verbose_has_a_line_for_each_request_and_quiet_not_even_misses(ended):
    for option, count in (("--verbose", 2), ("--quiet", 0)):
        process = started(option)
        url = READY.fullmatch(process.stdout.readline())[2]
        requests.get(f"{url}/health", timeout=10)
        requests.get(f"{url}/elsewhere", timeout=10)
        out, err = ended(process)
        assert (out, len(err)) == ([], count)
        if err:
            assert err[0] == "chatreel: GET /health 200: exchange 0 of health.jsonl (match), session 0"
            assert err[1].startswith("chatreel: miss: GET /elsewhere was not recorded")


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_asked_to_stop(start, cassette, name):
    process, count, url, admin = start(cassette, "--speed", "max")
    assert count == "1"
    assert requests.get(f"{url}/s", timeout=10).text == "hi"
    assert requests.get(f"{url}/\x1b[31m", timeout=10).status_code == 501
    health = requests.get(f"{admin}/health", timeout=10).json()
    assert health == {"status": "ok", "exchanges": 1, "requests": 2, "misses": 1, "open_streams": 0}
    process.send_signal(name)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert err == (
        "chatreel: miss: GET /%1B%5B31m was not recorded; nearest is exchange 0 of one.jsonl: "
        "path: expected /s, found /%1B%5B31m\n"
    )


def test_faults_that_can_change_nothing_or_did_not_are_said(start, cassette):
    faults = ["--fault", "stuck-job", "--fault", "status code=503 nth=2", "--fault", "header set='X-A: b'"]
    process, _, url, _ = start(cassette, "--speed", "max", *faults)
    assert requests.get(f"{url}/s", timeout=10).headers["X-A"] == "b"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=10)[1].splitlines() == [
        "chatreel: warning: fault 'stuck-job' can change nothing that was recorded",
        "chatreel: warning: fault 'stuck-job' changed none of the 1 answers",
        "chatreel: warning: fault 'status code=503 nth=2' changed none of the 1 answers",
    ]


def test_it_stops_at_once_in_the_middle_of_a_stream(start, cassette):
    process, _, url, admin = start(cassette, "--max-gap", "3600")
    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /s HTTP/1.1\r\nHost: h\r\n\r\n")
        while requests.get(f"{admin}/health", timeout=10).json()["open_streams"] == 0:
            pass
        process.send_signal(signal.SIGTERM)
        assert connection.recv(1) == b""
    assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0


def test_without_an_admin_listener(start, cassette):
    _, _, url, admin = start(cassette, cassette, "--admin", "off", "--max-gap", "0")
    assert admin is None
    assert requests.get(f"{url}/s", timeout=10).text == "hi"


def test_speed_and_gaps(start, cassette):
    _, _, url, _ = start(cassette, "--speed", "1000", "--max-gap", "0.5")
    assert requests.get(f"{url}/s", timeout=10).text == "hi"


def test_https_with_the_authority_that_record_uses(start, cassette, tmp_path):
    _, _, url, admin = start(cassette, "--speed", "max", "--tls", "--ca-dir", tmp_path)
    assert url.startswith("https:")
    trusted = str(tmp_path / "mitmproxy-ca-cert.pem")
    assert requests.get(f"{url}/s", timeout=20, verify=trusted).text == "hi"
    assert requests.get(f"{admin}/health", timeout=20).ok


def test_https_with_a_certificate_of_ones_own(start, cassette, tmp_path):
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1")
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    files = ("--tls-cert", tmp_path / "cert.pem", "--tls-key", tmp_path / "key.pem")
    _, _, url, _ = start(cassette, "--speed", "max", *files)
    assert requests.get(f"{url}/s", timeout=20, verify=str(tmp_path / "ca.pem")).text == "hi"


def test_the_token_can_come_from_the_environment(start, cassette, monkeypatch):
    monkeypatch.setenv("CHATREEL_ADMIN_TOKEN", "open sesame")
    _, _, _, admin = start(cassette)
    assert requests.get(f"{admin}/health", timeout=10).status_code == 401
    bearer = {"Authorization": "Bearer open sesame"}
    assert requests.get(f"{admin}/health", headers=bearer, timeout=10).status_code == 200


def test_a_warning_of_the_cassette_is_on_stderr(start, cassette):
    with cassette.open("a") as file:
        file.write('{"kind": "chunk", "exch')
    process, *_ = start(cassette)
    process.terminate()
    _, err = process.communicate(timeout=10)
    assert err.startswith("chatreel: warning: ")
    assert "one.jsonl" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--speed", "0"], "'0' is no speed; write max, or a factor from 0.001 to 1000000"),
        (["--speed", "fast"], "'fast' is no speed"),
        (["--speed", "nan"], "'nan' is no speed"),
        (["--max-gap", "-1"], "'-1' is no gap; write seconds, from 0 to 86400"),
        (["--max-gap", "nan"], "'nan' is no gap"),
        (["--listen", "nowhere"], "'nowhere' is no address"),
        (["--admin", "of"], "'of' is no address"),
        (["--listen", "127.0.0.1:0", "--admin", "0.0.0.0:0"], "needs a token"),
        (["--match", "boddy"], "--match boddy: there is no such part to compare; did you mean body?"),
        (["--ignore", "id"], "--ignore id: this is no JSON pointer; write /id, or query:id"),
        (["--upstream", "http://a"], "--upstream needs --on-miss forward or --on-miss record"),
        (["--on-miss", "forward", "--redact", "email"], "--redact needs --on-miss record"),
        (
            ["--on-miss", "forward"],
            "needs the upstream, and no recording names it: say which, with --upstream",
        ),
        (["--on-miss", "forward", "--upstream", "http://a/b"], "write scheme://host[:port]"),
        (
            ["--tls", "--tls-cert", __file__],
            "--tls makes a certificate, and --tls-cert gives one: leave one out",
        ),
        (["--tls-key", __file__], "--tls-key needs the certificate that it belongs to: give --tls-cert"),
        (["--tls-cert", __file__], "expected a certificate in PEM and its key, here or in --tls-key"),
        (["--ca-dir", "."], "--ca-dir has no meaning without --tls"),
        (["--on-miss", "recrod"], "'recrod' is not one of '501', 'forward', 'record'"),
        (["--on-miss", "record", "stream"], "would add to the sample stream: name a FILE of your own last"),
        (["no-such-sample"], "no-such-sample: there is no such file and no such sample"),
    ],
)
def test_a_mistake_is_one_line(cassette, capsys, arguments, message):
    assert run(["replay", str(cassette), *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("chatreel: ")
    assert err.count("\n") == 1
    assert message in err


def test_a_port_in_use_is_one_line(cassette, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["replay", str(cassette), "--listen", f"127.0.0.1:{port}"]) == 2
    assert capsys.readouterr().err == (
        f"chatreel: cannot listen on 127.0.0.1:{port}: Address already in use;"
        " choose another address with --listen\n"
    )


def test_without_a_file_it_plays_every_sample(monkeypatch):
    assert replay_command.cassettes(list(samples())) == list(samples().values())
    monkeypatch.setattr(replay_command, "samples", lambda: {"a": Path("a.jsonl"), "b": Path("b.jsonl")})
    assert replay_command.cassettes([]) == [Path("a.jsonl"), Path("b.jsonl")]


def test_without_any_sample_it_says_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(replay_command, "samples", dict)
    assert run(["replay"]) == 2
    assert "give the FILE of a recording" in capsys.readouterr().err


def test_what_is_compared_can_be_chosen(start, cassette):
    options = ("--match", "-query,+header:X-Tenant", "--match", "-path", "--ignore", "/id", "--max-gap", "0")
    _, _, url, _ = start(cassette, *options)
    assert requests.get(f"{url}/other?x=1", timeout=10).text == "hi"
    refused = requests.get(url, headers={"X-Tenant": "red"}, timeout=10)
    assert refused.json()["nearest"][0]["differences"] == [
        {"what": "header x-tenant", "expected": "nothing", "found": "red"}
    ]


def test_misses_go_to_the_live_chatbot_and_into_the_file(start, raw_server, read_request, tmp_path):
    def talk(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlive")

    upstream, path = raw_server(talk).url, tmp_path / "new.jsonl"
    process, count, url, _ = start(path, "--on-miss", "record", "--upstream", upstream)
    assert count == "0"
    assert requests.get(f"{url}/s", timeout=10).text == "live"
    process.terminate()
    assert process.communicate(timeout=10) == ("", f"chatreel: added 1 exchange to {path}\n")
    _, count, url, _ = start(path, "--on-miss", "forward")  # the upstream is in the file now
    assert count == "1"
    assert requests.get(f"{url}/s", timeout=10).text == "live"
    assert requests.get(f"{url}/other", timeout=10).text == "live"


def test_a_plain_proxy_needs_no_cassette(start, raw_server, read_request):
    def talk(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlive")

    _, count, url, _ = start("--on-miss", "forward", "--upstream", raw_server(talk).url)
    assert count == "0"
    assert requests.get(f"{url}/s", timeout=10).text == "live"


def test_recording_needs_a_file(capsys):
    assert run(["replay", "--on-miss", "record", "--upstream", "http://a"]) == 2
    assert capsys.readouterr().err == "chatreel: --on-miss record needs a FILE to add to\n"


def test_replay_needs_no_mitmproxy():
    code = "import chatreel.commands.replay, sys; sys.exit('mitmproxy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0
