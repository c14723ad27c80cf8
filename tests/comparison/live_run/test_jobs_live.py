"""A recorded job, asked again of chatbots whose jobs have other ids and need other numbers of polls."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise

import pytest
from msgspec.structs import replace

from cassettes.samples import resolve
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings
from tests.comparison.live_run.bot import Received, job_talk, reply


class JobBot:
    """Issues jobs that need so many polls, to clients that keep their cookies; the load balancer's change."""

    def __init__(self, polls: int, end: str = "succeeded", job: object = "j-7") -> None:
        self.polls, self.end, self.job = polls, end, job
        self.polled = 0

    def __call__(self, request: Received) -> bytes:
        if request.method == "POST":
            return reply(
                {"job_id": self.job, "status": "queued"},
                "s=live-session-with-another-length; Path=/",
                "lb=0; Path=/",
            )
        expected = {"s": "live-session-with-another-length", "lb": str(self.polled)}
        if request.target != f"/jobs/{self.job}" or request.cookies != expected:
            return reply({"error": "Job not found"}, status="404 Not Found")
        self.polled += 1
        status = self.end if self.polled >= self.polls else "running"
        return reply({"job_id": self.job, "status": status}, f"lb={self.polled}; Path=/")


@pytest.mark.parametrize("polling_url", ["relative", "absolute", "none"])
def test_a_chatbot_that_insists_on_its_cookies_answers_everything(run, polling_url):
    async def main():
        settings = ChatbotSettings(pace=0, workers_cookie=True, strict_sessions=True, polling_url=polling_url)
        async with server.run(settings) as origin:
            return await run(resolve("job"), origin)

    live = asyncio.run(main())
    assert live.hows == ["answered"] * 5
    assert live.lives == [(0,), (1,), (2,), (3,), (4,)]
    answers = [json.loads(exchange.body) for exchange in live.exchanges]
    assert [answer["status"] for answer in answers] == ["pending", *["running"] * 3, "succeeded"]
    assert {answer["job_id"] for answer in answers} != {"job_fba3fec76ca387b5"}


@pytest.mark.parametrize(
    ("recorded", "needed", "expected"),
    [
        (["running", "succeeded"], 5, [(0,), (1,), (2, 3, 4, 5)]),
        (["running", "running", "succeeded"], 1, [(0,), (1,), (), ()]),
        (["running", "succeeded", "succeeded"], 2, [(0,), (1,), (2,), (3,)]),
        (["succeeded", "succeeded"], 3, [(0,), (1, 2, 3), (4,)]),
        (["running", "running"], 5, [(0,), (1,), (2,)]),  # its client gave up, or the recording stopped
    ],
)
def test_polls_go_on_until_the_live_job_ends(live, recorded, needed, expected):
    done, _ = live(job_talk(*recorded), JobBot(needed), leap=True)
    assert done.lives == expected
    assert done.hows == ["answered" if lives else "job-ended" for lives in expected]
    assert done.result.pairs([0, 1]) == [(0, 0), *((1, one) for one in expected[1])]
    assert done.result.live(range(len(expected))) == list(range(len(done.exchanges)))


@pytest.mark.parametrize("job", ["j-7", 42, "job_of_a_much_longer_name_0123456789", "a b/\u00e9\r\nX: 1"])
def test_a_job_has_any_id(live, job):
    def answer(request: Received) -> bytes:
        status = "pending" if request.method == "POST" else "completed"
        return reply({"job_id": job, "status": status})

    done, bot = live(job_talk("completed"), answer)
    quoted = {"a b/\u00e9\r\nX: 1": "/jobs/a%20b%2F%C3%A9%0D%0AX%3A%201"}
    assert bot.received[1].target == quoted.get(job, f"/jobs/{job}")
    assert done.hows == ["answered"] * 2


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("/v2/work/77?full=1", "/v2/work/77?full=1"),
        ("http://elsewhere.example/v2/work/77", "/v2/work/77"),  # never anywhere but to the live chatbot
        ("/v2/a b\r\nX-Smuggled: 1", "/v2/a%20bX-Smuggled:%201"),
    ],
)
def test_polls_go_where_the_live_chatbot_says(live, url, target):
    def answer(request: Received) -> bytes:
        first = {"job_id": "j-7", "status": "pending", "polling_url": url}
        return reply(first if request.method == "POST" else {"job_id": "j-7", "status": "completed"})

    _, bot = live(job_talk("completed"), answer)
    assert [request.target for request in bot.received] == ["/chat", target]
    assert not bot.received[1].header("x-smuggled")


def test_a_job_that_never_ends_is_given_up(live):
    done, bot = live(job_talk("running", "succeeded"), JobBot(10**9), leap=True, poll_time=5_000_000)
    assert done.hows == ["answered", "answered", "gave-up"]
    assert done.whys[2].startswith("the job did not end within 5 seconds (")
    assert len(done.lives[2]) == len(bot.received) - 2 > 2


def test_polls_at_the_recorded_pace_keep_the_recorded_distance(live):
    talk = job_talk("running", "succeeded")
    talk.at(1, 2_000_000)
    talk.at(2, 5_000_000)
    done, _ = live(talk, JobBot(4), leap=True, pace="recorded")
    began = done.exchanges[0].request.at
    assert [exchange.request.at - began for exchange in done.exchanges] == [
        0,
        2_000_000,
        5_000_000,
        8_000_000,
        11_000_000,
    ]


def test_polls_at_full_pace_do_not_flood_a_chatbot(live):
    talk = job_talk("running", "succeeded")
    talk.at(2, 5_000_000)
    done, _ = live(talk, JobBot(4), leap=True)
    times = [exchange.request.at for exchange in done.exchanges[1:]]
    assert [later - before for before, later in pairwise(times)] == [100_000] * 3


@pytest.mark.parametrize(
    ("answer", "hows", "status"),
    [
        (reply({"error": "no"}, status="503 Service Unavailable"), ["answered", "answered"], 503),
        (reply([1, 2]), ["answered", "answered"], 200),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>",
            ["answered"] * 2,
            200,
        ),
    ],
)
def test_polls_end_when_they_are_not_about_a_job_any_more(live, answer, hows, status):
    def say(request: Received) -> bytes:
        return reply({"job_id": "j-7", "status": "pending"}) if request.method == "POST" else answer

    done, _ = live(job_talk("succeeded"), say)
    assert done.hows == hows
    assert [exchange.response.status for exchange in done.exchanges] == [200, status]


def test_a_job_that_ends_badly_ends(live):
    done, _ = live(job_talk("running", "succeeded"), JobBot(1, end="failed"), leap=True)
    assert done.hows == ["answered", "answered", "job-ended"]


def test_polls_of_a_job_that_was_not_issued_are_not_made(live):
    done, bot = live(job_talk("running", "succeeded"), lambda _: reply({"error": "no"}, status="500 Oh"))
    assert done.hows == ["answered", "not-asked", "not-asked"]
    assert done.whys[1] == "the live chatbot issued no job in the place of exchange 0"
    assert [number for number, _ in done.result.failures] == [1, 2]
    assert len(bot.received) == 1


def test_polls_of_a_job_from_before_the_recording_are_not_made(live):
    talk = job_talk("running", "succeeded")
    del talk.exchanges[0]
    done, bot = live(talk, lambda _: reply())
    assert done.whys == ["it polls a job that no answer in its recorded session issued"] * 2
    assert bot.received == []


def test_a_poll_that_had_lost_its_cookies_has_lost_them_again(live):
    talk = job_talk("running", "succeeded")
    lost = talk.exchanges[1]
    talk.exchanges[1] = replace(lost, request=replace(lost.request, headers=()))
    done, bot = live(talk, JobBot(1))
    assert [request.cookies for request in bot.received] == [
        {}, {}, {"s": "live-session-with-another-length", "lb": "0"}
    ]  # fmt: skip
    assert [exchange.response.status for exchange in done.exchanges] == [200, 404, 200]


def test_what_is_asked_between_two_polls_stays_between_them(live):
    talk = job_talk("running")
    for target, method in [("/jobs/job_recorded01/fail", "POST"), ("/jobs/job_recorded01", "")]:
        answer = {"job_id": "job_recorded01", "status": "failed"}
        talk.add(target, method=method, cookies="s=sess-recorded-1", answer=answer)
    failed = []

    def answer(request: Received) -> bytes:
        failed.extend([request] * request.target.endswith("/fail"))
        return reply({"job_id": "job_live000001", "status": "failed" if failed else "running"})

    _, bot = live(talk, answer, leap=True)
    assert [request.target for request in bot.received] == [
        "/chat", "/jobs/job_live000001", "/jobs/job_live000001/fail", "/jobs/job_live000001",
    ]  # fmt: skip
