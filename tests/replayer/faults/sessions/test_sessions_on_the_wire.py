from __future__ import annotations

import pytest

from replayer.faults.language.plan import plan_of
from replayer.forwarding.miss_policy import MissPolicy
from replayer.responder import ReplayOptions
from tests.replayer.faults.recorded_job import Browser, events, progress_or_error, recorded


@pytest.fixture
def strict(replay):
    """A replay of the job, with one fault, that refuses clients which lost their session."""

    def start(line):
        return replay(*recorded(), options=ReplayOptions(plan=plan_of([line]), lost_session="404"))

    return start


@pytest.mark.parametrize(
    ("line", "before", "error"),
    [
        ("forget-job from-poll=2", [25], "Job polling error: 404 Client Error: Not Found for url: "),
        (
            "expire-session after-requests=2",
            [25],
            "Job polling error: 401 Client Error: Unauthorized for url: ",
        ),
        (
            "expire-session after-requests=3 status=404",
            [25, 50],
            "Job polling error: 404 Client Error: Not Found for url: ",
        ),
        (
            "expire-session after-time=0ms",
            [],
            "Failed to connect to chatbot: 401 Client Error: Unauthorized for url: ",
        ),
    ],
)
def test_a_session_that_is_lost_between_two_polls_is_a_polling_error(replay, line, before, error):
    *seen, last = progress_or_error(events(replay(*recorded(), faults=[line])))
    assert seen == before
    assert last.startswith(error)


def test_drop_cookie_is_a_client_without_a_session(strict):
    (error,) = progress_or_error(events(strict("drop-cookie")))
    assert error.startswith("Job polling error: 404 Client Error: Not Found for url: ")


def test_drop_cookie_of_one_name_leaves_the_others(strict):
    assert progress_or_error(events(strict("drop-cookie name=session_id"))) == [25, 50, 75, 100, "result"]


def test_expire_session_leaves_a_new_session_alone(replay):
    server = replay(*recorded(), faults=["expire-session after-requests=2"])
    for _ in range(2):
        client = Browser(server)
        answers = [client.create(), client.poll(), client.poll(), client.poll()]
        assert [answer.status_code for answer in answers] == [202, 200, 401, 401]
        assert answers[-1].json() == {"error": "Session expired"}


def test_cookies_that_a_plan_and_a_request_both_rotate_are_known(replay):
    options = ReplayOptions(plan=plan_of(["rotate-cookie"]), lost_session="404", fault_header=True)
    client = Browser(replay(*recorded(), options=options), **{"X-Chatreel-Fault": "rotate-cookie"})
    answers = [client.create(), client.poll(), client.poll()]
    assert [answer.status_code for answer in answers] == [202, 200, 200]


def test_forget_job_for_a_while_is_another_worker_in_between(replay):
    client = Browser(replay(*recorded(), faults=["forget-job from-poll=2 polls=1"]))
    answers = [client.create(), client.poll(), client.poll(), client.poll()]
    assert [answer.status_code for answer in answers] == [202, 200, 404, 200]
    assert answers[2].json() == {"error": "Job not found"}


def test_forget_job_does_not_ask_the_upstream(replay, raw_server, read_request):
    asked = []
    upstream = raw_server(lambda connection: asked.append(read_request(connection)))
    server = replay(faults=["forget-job"], misses=MissPolicy(on_miss="forward", upstream=upstream.url))
    reply = server.ask(b"GET /jobs/a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert reply.endswith(b'\r\n\r\n{"error": "Job not found"}')
    assert asked == []


@pytest.mark.parametrize("line", ["rotate-cookie", "rotate-cookie name=session_id"])
def test_rotate_cookie_goes_unseen_by_a_client_that_keeps_its_cookies(strict, line):
    assert progress_or_error(events(strict(line))) == [25, 50, 75, 100, "result"]


def test_rotate_cookie_sets_another_value_each_time(strict):
    client = Browser(strict("rotate-cookie name=session_id"))
    seen = set()
    for ask in (client.create, client.poll, client.poll):
        assert ask().headers["Set-Cookie"].count("session_id=") == 1
        seen.add(client.cookies["session_id"])
    assert len(seen) == 3


@pytest.mark.parametrize("line", ["rotate-cookie", "rotate-cookie name=session_id"])
def test_rotate_cookie_finds_a_client_that_keeps_an_old_one(strict, line):
    client = Browser(strict(line))
    client.create()
    first = client.cookies
    assert client.poll().json()["latest_progress"]["progress"] == 25
    newest = client.cookies
    lost = client.poll(cookies=first)
    assert (lost.status_code, lost.json()) == (404, {"error": "Job not found"})
    assert client.poll(cookies=newest).json()["latest_progress"]["progress"] == 50


def test_rotate_cookie_does_not_mix_clients(strict):
    server = strict("rotate-cookie")
    clients = [Browser(server) for _ in range(3)]
    for client in clients:
        client.create()
    for percent in (25, 50, 75, 100):
        for client in clients:
            answer = client.poll().json()
            assert answer["latest_progress"]["progress"] == percent
            assert client.job.endswith(answer["job_id"])


def test_rotate_cookie_shows_the_upstream_its_own(replay, raw_server, read_request):
    asked = []
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\nSet-Cookie: sid=%d-abcdef; Path=/\r\n\r\n"

    def talk(connection):
        asked.append(read_request(connection))
        connection.sendall(head % len(asked))

    server = replay(
        faults=["rotate-cookie"], misses=MissPolicy(on_miss="forward", upstream=raw_server(talk).url)
    )
    client = Browser(server)
    client.job = "/"
    for number in (1, 2, 3):
        client.poll()
        assert client.cookies["sid"] != f"{number}-abcdef"
    assert b"Cookie" not in asked[0]
    assert b"\r\nCookie: sid=1-abcdef\r\n" in asked[1]
    assert b"\r\nCookie: sid=2-abcdef\r\n" in asked[2]


def test_swap_session_goes_unnoticed_by_the_platform(replay):
    server = replay(*recorded(), faults=["swap-session path=/jobs/*"])
    client = Browser(server)
    client.create()
    theirs = client.poll().json()
    assert theirs["latest_progress"]["progress"] == 25
    assert theirs["job_id"].startswith("job_")
    assert not client.job.endswith(theirs["job_id"])
    assert progress_or_error(events(server))[-1] == "result"
