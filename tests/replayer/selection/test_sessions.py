"""Each client has a conversation of its own: whole recordings played to clients that keep cookies or lose them."""

from __future__ import annotations

import contextlib
import json
import sys
from http.cookies import SimpleCookie

import pytest

from cassettes.model import Request
from replayer.http1.encoder import USUAL, Script
from replayer.http1.incoming import Incoming
from replayer.matching.index import MatchIndex
from replayer.responder import ReplayOptions, Responder
from replayer.schedule.pace import Pace
from replayer.selection.recordings import Recordings
from replayer.selection.selector import SelectionRules
from tests.cassettes.talk import Talk

STATUSES = ["running", "running", "succeeded"]
SECOND = 1_000_000


@pytest.fixture
def play(write_cassette, timers):
    """Starts responders: `play(talk, speed=1, **options)`."""
    with contextlib.ExitStack() as stack:

        def start(talk, *, speed=1.0, **options):
            options = ReplayOptions(**options)
            index = MatchIndex(match=options.match)
            recordings = stack.enter_context(Recordings.open([write_cassette(*talk.exchanges)], index.add))
            return Play(
                Responder(recordings, index, Pace(speed=speed), said.append, options, timers.clock),
                timers.clock,
                said,
            )

        said = []
        yield start


class Play:
    def __init__(self, responder, clock, said):
        self.responder = responder
        self.clock = clock
        self.said = said

    def client(self):
        return Client(self.responder)

    @property
    def whys(self):
        return [entry.why for entry in self.responder.journal]


class Client:
    """Keeps its cookies."""

    def __init__(self, responder):
        self.responder = responder
        self.cookies = {}
        self.status = None

    def ask(self, target, body=None, *, cookies=None, headers=()):
        """The JSON of the answer."""
        jar = self.cookies if cookies is None else cookies
        own = [("Host", "127.0.0.1:7000"), *headers]
        own += [("Cookie", "; ".join(f"{name}={value}" for name, value in jar.items()))] if jar else []
        request = Request(
            exchange=-1, at=0, method="GET" if body is None else "POST", url=f"http://127.0.0.1:7000{target}",
            http="1.1", headers=tuple(own), body=b"" if body is None else json.dumps(body).encode(),
        )  # fmt: skip
        script = self.responder(Incoming(request, USUAL, keep_alive=True))
        assert isinstance(script, Script)
        self.received = b"".join(frame.data for frame in script.frames)
        head, _, answer = self.received.partition(b"\r\n\r\n")
        self.status = script.status
        for line in head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        return json.loads(answer) if answer else None

    def converse(self, question="hi"):
        """Ask, and poll the job until it is done; what the polls said."""
        self.job = self.ask("/chat", {"query": question})["job_id"]
        return [self.ask(f"/jobs/{self.job}") for _ in STATUSES]


class Recorded:
    """A recorded client: the server gives it a session once, and a load balancer's cookie with every response."""

    def __init__(self, talk, name):
        self.talk = talk
        self.name = name
        self.jar = {}
        self.requests = 0

    def ask(self, target, answer, body=None, **more):
        sent = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        given = {} if self.jar else {"s": f"sess-{self.name}"}
        given["lb"] = f"worker-{self.name}{self.requests:03}"
        gives = [f"{name}={value}" for name, value in given.items()]
        number = self.talk.add(target, body=body, cookies=sent, gives=gives, answer=answer, **more)
        self.jar |= given
        self.requests += 1
        return number

    def converse(self, question="hi"):
        job = f"job_{self.name}{len(self.talk):04}"
        self.ask("/chat", {"job_id": job, "who": self.name}, {"query": question})
        for turn, status in enumerate(STATUSES):
            self.ask(f"/jobs/{job}", {"job_id": job, "status": status, "turn": turn, "who": self.name})
        return self


def recorded(*names, questions=("hi",)):
    """Conversations of these clients, one after the other."""
    talk = Talk()
    for name in names:
        client = Recorded(talk, name)
        for question in questions:
            client.converse(question)
    return talk


def statuses(answers):
    return [answer["status"] for answer in answers]


def test_clients_at_once_have_cookies_jobs_and_places_of_their_own(play):
    playing = play(recorded("A7", questions=["one", "two"]))
    clients = [playing.client() for _ in range(20)]
    for question in ("one", "two"):
        jobs = [client.ask("/chat", {"query": question})["job_id"] for client in clients]
        assert len(set(jobs)) == len(clients)
        for status in STATUSES:  # interleaved
            for client, job in zip(clients, jobs, strict=True):
                answer = client.ask(f"/jobs/{job}")
                assert (answer["status"], answer["job_id"]) == (status, job)
    for name in ("s", "lb"):
        assert len({client.cookies[name] for client in clients}) == len(clients)
    assert set(playing.whys) == {"match"}
    assert playing.said == []


def test_each_client_plays_the_next_recorded_session_and_after_the_last_the_first(play):
    playing = play(recorded("A7", "B7", "C7"))
    answers = [playing.client().converse() for _ in range(4)]
    assert [{answer["who"] for answer in given} for given in answers] == [{"A7"}, {"B7"}, {"C7"}, {"A7"}]
    assert all(statuses(given) == STATUSES for given in answers)


def test_a_client_that_keeps_its_cookies_plays_all_that_begin_so_and_then_repeats(play):
    playing = play(recorded("A7", "B7"))
    client = playing.client()
    assert [{answer["who"] for answer in client.converse()} for _ in range(2)] == [{"A7"}, {"B7"}]
    assert statuses(client.converse()) == ["succeeded"] * 3
    assert set(playing.whys[-4:]) == {"after-last"}
    assert len(playing.responder.sessions) == 1
    assert playing.said == []


def test_one_client_holds_conversations_that_different_clients_recorded(play):
    talk = recorded("A7", questions=["one"])
    Recorded(talk, "B7").converse("two")
    playing = play(talk)
    client = playing.client()
    for question, who in (("one", "A7"), ("two", "B7")):
        answers = client.converse(question)
        assert statuses(answers) == STATUSES
        assert {answer["who"] for answer in answers} == {who}
    assert client.converse("two")[0]["status"] == "succeeded"
    assert len(playing.responder.sessions) == 1


def received(playing, count=5):
    clients = [playing.client() for _ in range(count)]
    found = []
    for client in clients:
        client.converse()
        found.append((client.received, dict(client.cookies)))
    return found


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(play):
    talk = recorded("A7", "B7")
    first, again, other = (received(play(talk, seed=seed)) for seed in (7, 7, 8))
    assert first == again
    assert not {str(cookies) for _, cookies in first} & {str(cookies) for _, cookies in other}
    assert [len(data) for data, _ in first] == [len(data) for data, _ in other]


def test_a_reset_begins_anew(play):
    playing = play(recorded("A7", "B7"))
    first = received(playing)
    playing.responder.reset()
    assert received(playing) == first


def test_recorded_tokens_are_played_as_they_are(play):
    playing = play(recorded("A7"), tokens="recorded")
    for _ in range(2):
        client = playing.client()
        assert statuses(client.converse()) == STATUSES
        assert client.cookies == {"s": "sess-A7", "lb": "worker-A7003"}
        assert client.job == "job_A70000"


# A lost session (TC-304)


@pytest.mark.parametrize("lost", [{}, {"s": "wrong-0001"}])
@pytest.mark.parametrize("known_polls", [0, 1])
def test_a_lenient_replay_answers_a_client_without_its_session_and_says_so(play, lost, known_polls):
    playing = play(recorded("A7"))
    client = playing.client()
    job = client.ask("/chat", {"query": "hi"})["job_id"]
    answers = [client.ask(f"/jobs/{job}") for _ in range(known_polls)]
    answers += [client.ask(f"/jobs/{job}", cookies=lost) for _ in range(3 - known_polls)]
    assert statuses(answers) == STATUSES
    assert {answer["job_id"] for answer in answers} == {job}
    assert playing.said == [f"⚠️ Session mismatch! GET /jobs/{job} came without its session"] * (
        3 - known_polls
    )
    assert playing.whys.count("lost-session") == 3 - known_polls


def test_anothers_cookies_are_a_lost_session_too(play):
    playing = play(recorded("A7", "B7"))
    one, other = playing.client(), playing.client()
    jobs = [client.ask("/chat", {"query": "hi"})["job_id"] for client in (one, other)]
    answer = one.ask(f"/jobs/{jobs[0]}", cookies=other.cookies)
    assert (answer["who"], answer["status"]) == ("A7", "running")
    assert len(playing.said) == 1
    assert statuses([other.ask(f"/jobs/{jobs[1]}") for _ in STATUSES]) == STATUSES


@pytest.mark.parametrize(("lost_session", "error"), [("401", "Session expired"), ("404", "Job not found")])
def test_a_strict_replay_refuses_it_and_the_client_keeps_its_place(play, lost_session, error):
    playing = play(recorded("A7"), lost_session=lost_session)
    client = playing.client()
    job = client.ask("/chat", {"query": "hi"})["job_id"]
    for status in STATUSES:
        assert client.ask(f"/jobs/{job}", cookies={}) == {"error": error}
        assert client.status == int(lost_session)
        assert client.ask(f"/jobs/{job}")["status"] == status
    assert playing.whys.count("lost-session") == 3
    assert len(playing.said) == 3
    assert [entry.status for entry in playing.responder.journal if entry.why == "lost-session"] == [
        int(lost_session)
    ] * 3


@pytest.mark.parametrize("lost_session", ["lenient", "401", "404"])
def test_a_lost_session_that_was_recorded_is_answered_as_recorded(play, lost_session):
    talk = Talk()
    client = Recorded(talk, "A7")
    client.ask("/chat", {"job_id": "job_A7"}, {"query": "hi"})
    client.ask("/jobs/job_A7", {"status": "running"})
    talk.add("/jobs/job_A7", answer={"error": "as recorded"})
    client.ask("/jobs/job_A7", {"status": "succeeded"})
    playing = play(talk, lost_session=lost_session)
    client = playing.client()
    job = client.ask("/chat", {"query": "hi"})["job_id"]
    given = [client.ask(f"/jobs/{job}", cookies=cookies) for cookies in (None, {}, {}, None, None)]
    expected = [
        {"status": "running"},
        {"error": "as recorded"},
        {"error": "as recorded"},
        *[{"status": "succeeded"}] * 2,
    ]
    assert given == expected
    assert playing.said == []


def test_a_client_that_begins_has_no_session_to_lose(play):
    talk = Talk()
    talk.add("/chat", body={"query": "hi"}, cookies="s=sess-A7", gives=["s=sess-A7"], answer={"id": 1})
    talk.add("/next", cookies="s=sess-A7", answer={"id": 2})
    playing = play(talk, lost_session="401")
    client = playing.client()
    assert [client.ask("/chat", {"query": "hi"}), client.ask("/next")] == [{"id": 1}, {"id": 2}]
    assert playing.said == []


# After the last answer


@pytest.mark.parametrize(
    ("after_last", "expected"),
    [
        ("repeat", [*STATUSES, "succeeded", "succeeded"]),
        ("loop", [*STATUSES, *STATUSES[:2]]),
        ("miss", [*STATUSES, 501, 501]),
    ],
)
def test_after_the_last_answer(play, after_last, expected):
    playing = play(recorded("A7"), rules=SelectionRules(after_last=after_last))
    client = playing.client()
    job = client.ask("/chat", {"query": "hi"})["job_id"]
    answers = [client.ask(f"/jobs/{job}").get("status", 501) for _ in range(5)]
    assert answers == expected
    assert playing.whys == ["match"] * 4 + [{"miss": "miss"}.get(after_last, "after-last")] * 2
    assert statuses(playing.client().converse()) == STATUSES  # another client is not concerned


@pytest.mark.parametrize(
    ("after_last", "expected"),
    [("repeat", [1, 2, 2, 2]), ("loop", [1, 2, 1, 2]), ("miss", [1, 2, None, None])],
)
@pytest.mark.parametrize("known", [False, True])
def test_clients_that_nothing_tells_apart_share_the_turns(play, after_last, expected, known):
    talk = Talk()
    for number in (1, 2):
        talk.add("/health", answer={"number": number})
    Recorded(talk, "A7").converse()
    playing = play(talk, rules=SelectionRules(after_last=after_last))
    client = playing.client()
    if known:
        client.converse()
    asked = [client.ask("/health") for _ in range(4)]
    assert [answer.get("number") for answer in asked] == expected
    assert playing.whys[-4:] == ["match"] * 2 + [{"miss": "miss"}.get(after_last, "after-last")] * 2


# Polls by time


def test_polls_by_time_get_what_the_recorded_client_had_by_then(play):
    talk = Talk()
    client = Recorded(talk, "A7")
    for second, answer in enumerate(["", *STATUSES]):
        target = "/jobs/job_A7" if answer else "/chat"
        number = client.ask(
            target, {"status": answer} if answer else {"job_id": "job_A7"}, None if answer else {}
        )
        talk.at(number, second * 10 * SECOND)
    for speed in (1.0, 10.0):
        playing = play(talk, speed=speed, rules=SelectionRules(polls="by-time"))
        client = playing.client()
        job = client.ask("/chat", {})["job_id"]
        seen = []
        for _ in range(8):
            playing.clock.sleep(5 / speed)
            seen.append(client.ask(f"/jobs/{job}")["status"])
        assert seen == ["running"] * 5 + ["succeeded"] * 3


def test_polls_by_time_at_top_speed_are_done_as_soon_as_time_passes(play):
    playing = play(recorded("A7"), speed=float("inf"), rules=SelectionRules(polls="by-time"))
    client = playing.client()
    job = client.ask("/chat", {"query": "hi"})["job_id"]
    assert client.ask(f"/jobs/{job}")["turn"] == 0  # not a microsecond later
    playing.clock.sleep(0.001)
    assert client.ask(f"/jobs/{job}")["turn"] == 2


def test_polls_by_time_of_a_client_whose_job_nobody_began(play):
    playing = play(recorded("A7"), rules=SelectionRules(polls="by-time"))
    assert playing.client().ask("/jobs/job_A70000")["turn"] == 0


# Tokens in all their places


def test_tokens_are_the_clients_own_wherever_they_stand(play):
    talk = Talk()
    url = "http://bot.example/jobs/job_A7?next=%2Fjobs%2Fjob_A7"
    talk.add(
        "/login",
        body={},
        gives=["s=a/b+c=0001"],
        answer={"job": "job_A7", "url": url, "token": "tok_0001xyz", "n": 7654321},
    )
    text = "Your job_A7 runs.\nSee /jobs/job_A7"
    talk.add(
        "/say/job_A7?job=job_A7&n=7654321",
        cookies="s=a/b+c=0001",
        headers=[("Authorization", "Bearer tok_0001xyz")],
        body={"n": 7654321, "ids": ["job_A7"]},
        answer={"text": text},
    )
    talk.add(
        "/chat",
        cookies="s=a/b+c=0001",
        body={"history": [{"role": "assistant", "content": text}]},
        answer={"ok": True},
    )
    playing = play(talk)
    for _ in range(2):
        client = playing.client()
        own = client.ask("/login", {})
        job, number = own["job"], own["n"]
        assert own["url"] == f"http://127.0.0.1:7000/jobs/{job}?next=%2Fjobs%2F{job}"
        assert job != "job_A7"
        assert number != 7654321
        said = client.ask(
            f"/say/{job}?job={job}&n={number}",
            {"n": number, "ids": [job]},
            headers=[("Authorization", f"Bearer {own['token']}")],
        )
        assert said == {"text": text.replace("job_A7", job)}
        assert client.ask("/chat", {"history": [{"role": "assistant", "content": said["text"]}]}) == {
            "ok": True
        }
    assert playing.said == []


def test_a_client_without_cookies_is_known_by_its_job(play):
    talk = Talk()
    for name in ("A7", "B7"):
        talk.add("/chat", body={}, answer={"job_id": f"job_{name}"})
        for status in STATUSES:
            talk.add(f"/jobs/job_{name}", answer={"status": status, "who": name})
    playing = play(talk)
    clients = [playing.client() for _ in range(4)]
    jobs = [client.ask("/chat", {})["job_id"] for client in clients]
    assert len(set(jobs)) == 4
    for status in STATUSES:
        for number, (client, job) in enumerate(zip(clients, jobs, strict=True)):
            assert client.ask(f"/jobs/{job}") == {"status": status, "who": ("A7", "B7")[number % 2]}
    assert playing.said == []


def test_a_deleted_cookie_is_deleted(play):
    talk = Talk()
    client = Recorded(talk, "A7")
    client.ask("/login", {}, {})
    talk.add(
        "/logout",
        cookies="s=sess-A7; lb=worker-A7000",
        gives=["s=; Max-Age=0", "lb=; Max-Age=0"],
        answer={"bye": True},
    )
    talk.add("/login", body={}, gives=["s=sess-B7"], answer={})
    playing = play(talk)
    client = playing.client()
    client.ask("/login", {})
    assert client.ask("/logout") == {"bye": True}
    assert client.cookies == {"s": "", "lb": ""}
    assert b"Set-Cookie: s=; Max-Age=0; Path=/" in client.received


def test_what_was_never_asked_is_a_miss_also_for_a_known_client(play):
    playing = play(recorded("A7"))
    client = playing.client()
    client.converse()
    assert client.ask("/other")["error"] == "no recorded request matches"
    assert client.status == 501


def test_a_poll_takes_no_more_steps_at_the_end_of_a_long_session_than_at_its_beginning(play):
    talk, polls = Talk(), 400
    client = Recorded(talk, "A")
    client.ask("/chat", {"job_id": "job_A0007"}, {"query": "hi"})
    for turn in range(polls):
        client.ask("/jobs/job_A0007", {"job_id": "job_A0007", "turn": turn})
    live = play(talk).client()
    job = live.ask("/chat", {"query": "hi"})["job_id"]
    steps = []
    for turn in range(polls):
        calls = 0

        def count(_frame, event, _argument):
            nonlocal calls
            calls += event in {"call", "c_call"}

        sys.setprofile(count)
        try:
            answer = live.ask(f"/jobs/{job}")
        finally:
            sys.setprofile(None)
        assert answer["turn"] == turn
        steps.append(calls)
    assert sorted(steps[-50:])[25] < 1.2 * sorted(steps[10:60])[25]
