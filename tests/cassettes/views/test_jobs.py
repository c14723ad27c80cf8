from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cassettes.file.reader import Cassette
from cassettes.samples import resolve
from cassettes.views.job_states import JobState, state, status_place
from cassettes.views.jobs import find_jobs
from tests.cassettes.talk import Talk

ASKED = "/api/v1/stream?mode=job"


def job_talk(polling_url=None, polls=("/jobs/j1", "/jobs/j1"), job_id="j1", **answer):
    talk = Talk()
    fields = {} if polling_url is None else {"polling_url": polling_url}
    talk.add(ASKED, body={"query": "hi"}, answer={"job_id": job_id, "status": "pending", **fields, **answer})
    for poll in polls:
        talk.add(poll, answer={"job_id": job_id, "status": "running"})
    return talk


def found(talk):
    return [(job.id, job.target, job.issued, job.polls) for job in find_jobs(talk.exchanges)]


@pytest.mark.parametrize(
    ("polling_url", "polled"),
    [
        (None, "/jobs/j1"),
        ("", "/jobs/j1"),
        (7, "/jobs/j1"),
        ("/jobs/j1", "/jobs/j1"),
        ("http://elsewhere:1/jobs/j1", "/jobs/j1"),
        ("poll?id=j1", "/api/v1/poll?id=j1"),
        ("/poll?id=j1", "/poll?id=j1"),
    ],
)
def test_a_job_and_its_polls(polling_url, polled):
    assert found(job_talk(polling_url, [polled, polled])) == [("j1", polled, 0, [1, 2])]


def test_what_is_no_poll():
    assert all(polls == [] for _, _, _, polls in found(job_talk("/jobs/j2", ["/jobs/j1/delete"])))


def test_a_polling_url_that_cannot_be_read():
    assert found(job_talk("http://[half/", ["/j1", "/j1"])) == [("j1", "/j1", 0, [1, 2])]


@pytest.mark.parametrize("job_id", ["", None, True, ["j1"], {"id": 1}])
def test_what_is_no_job(job_id):
    assert found(job_talk(job_id=job_id, polls=[])) == []


def test_an_id_is_escaped_in_the_url():
    assert found(job_talk(job_id="a/b c", polls=["/jobs/a%2Fb%20c"])) == [
        ("a/b c", "/jobs/a%2Fb%20c", 0, [1])
    ]


@pytest.mark.parametrize("number", [0, 1, 17])
def test_a_number_is_an_id(number):
    assert found(job_talk(job_id=number, polls=[f"/jobs/{number}"])) == [
        (str(number), f"/jobs/{number}", 0, [1])
    ]


def test_two_jobs_at_a_time():
    talk = job_talk(polls=[])
    talk.add(ASKED, body={}, answer={"job_id": "j2"})
    talk.add("/jobs/j2", answer={"job_id": "j2"})
    talk.add("/jobs/j1", answer={"job_id": "j1"})
    assert found(talk) == [("j1", "/jobs/j1", 0, [3]), ("j2", "/jobs/j2", 1, [2])]


def test_a_job_that_was_issued_before_the_recording():
    talk = job_talk(polls=["/jobs/j1", "/jobs/j1"])
    assert [(job.issued, job.polls) for job in find_jobs(talk.exchanges[1:])] == [(None, [1, 2])]


def test_another_method_is_no_poll():
    talk = job_talk(polls=[])
    talk.add("/jobs/j1", method="DELETE")
    assert found(talk) == [("j1", "/jobs/j1", 0, [])]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, JobState()),
        ({"status": "pending"}, JobState(status="pending")),
        (
            {"status": "running", "latest_progress": {"step": "a", "message": "m", "progress": 12.5}},
            JobState(status="running", step="a", message="m", progress=12.5),
        ),
        ({"progress": [{"progress": 1}, {"step": "b", "progress": 2}]}, JobState(step="b", progress=2)),
        ({"progress": []}, JobState()),
        ({"progress": 40}, JobState(progress=40)),
        ({"progress": True, "status": 5}, JobState()),
        (
            {"status": "succeeded", "result": {"response": "r"}},
            JobState(status="succeeded", result={"response": "r"}),
        ),
        ({"status": "failed", "error": "e"}, JobState(status="failed", error="e")),
    ],
)
def test_the_state_that_a_poll_tells(answer, expected):
    talk = Talk()
    talk.add("/jobs/j1", answer=answer)
    assert state(talk.exchange(0)) == replace(expected, http=200)


@pytest.mark.parametrize(
    ("told", "ended"),
    [
        (JobState(http=200, status="pending"), False),
        (JobState(http=200, status="running"), False),
        (JobState(http=200, status="succeeded"), True),
        (JobState(http=200, status="completed"), True),
        (JobState(http=200, status="failed"), True),
        (JobState(http=404), True),
        (JobState(), False),
    ],
)
def test_when_a_job_has_ended(told, ended):
    assert told.ended is ended


def head(talk, number, status=200, **headers):
    """Give a response another status, and more headers."""
    old = talk.exchanges[number]
    more = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    response = replace(old.response, status=status, headers=(*old.response.headers, *more))
    talk.exchanges[number] = replace(old, response=response)


def created(target, answer, status=200, **headers):
    talk = Talk()
    talk.add(target, body={"query": "hi"}, answer=answer)
    head(talk, 0, status, **headers)
    return talk


PROTOCOLS = {
    "OpenAI background response": (
        created("/v1/responses", {"id": "resp_1", "object": "response", "status": "queued"}),
        "/v1/responses/resp_1",
        [{"id": "resp_1", "status": "in_progress"}, {"id": "resp_1", "status": "completed", "output": []}],
    ),
    "Assistants run": (
        created("/v1/threads/thread_1/runs", {"id": "run_1", "thread_id": "thread_1", "status": "queued"}),
        "/v1/threads/thread_1/runs/run_1",
        [{"id": "run_1", "status": "in_progress"}, {"id": "run_1", "status": "requires_action"}],
    ),
    "Replicate": (
        created(
            "/v1/predictions",
            {"id": "p1", "status": "starting", "urls": {"get": "https://api.example/v1/predictions/p1"}},
            201,
        ),
        "/v1/predictions/p1",
        [{"id": "p1", "status": "processing"}, {"id": "p1", "status": "succeeded", "output": ["42"]}],
    ),
    "Azure": (
        created(
            "/analyze?api-version=1",
            None,
            202,
            Operation_Location="https://x.example/results/r1?api-version=1",
        ),
        "/results/r1?api-version=1",
        [{"status": "notStarted"}, {"status": "running"}, {"status": "succeeded", "result": {}}],
    ),
    "Azure Resource Manager": (
        created("/deploy", None, 202, Azure_AsyncOperation="https://x.example/operations/o1"),
        "/operations/o1",
        [
            {"properties": {"provisioningState": "Accepted"}},
            {"properties": {"provisioningState": "Succeeded"}},
        ],
    ),
    "202 and Location": (
        created("/chat", None, 202, Location="../queue/7"),
        "/queue/7",
        [{}, {"answer": "42"}],
    ),
    "201 and an id alone": (
        created("/train", {"data": {"uuid": "x", "task_id": "t-1"}}, 201),
        "/tasks/t-1/status",
        [{"state": "PENDING"}, {"state": "STARTED"}, {"state": "SUCCESS"}],
    ),
    "a status url": (
        created("/queue/submit", {"request_id": "r1", "status_url": "https://q.example/r1/status"}),
        "/r1/status",
        [{"status": "IN_QUEUE"}, {"status": "IN_PROGRESS"}, {"status": "COMPLETED"}],
    ),
    "any url": (
        created("/submit", {"where": {"to_look": "https://q.example/look?for=r1"}}),
        "/look?for=r1",
        [{"phase": "waiting"}, {"phase": "done"}],
    ),
    "Google": (
        created("/v1beta/models/m:predictLongRunning", {"name": "models/m/operations/o1"}),
        "/v1beta/models/m/operations/o1",
        [{"name": "models/m/operations/o1", "done": False}, {"done": True, "response": {}}],
    ),
    "an id in the query": (
        created("/ask", {"id": "q1"}),
        "/answer?id=q1",
        [{"status": "working"}, {"status": "done"}],
    ),
    "a task": (
        created("/tasks", {"id": "t1", "status": {"state": "submitted"}}),
        "/tasks/t1",
        [{"id": "t1", "status": {"state": "working"}}, {"id": "t1", "status": {"state": "completed"}}],
    ),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_job_is_known_by_how_it_behaves(protocol):
    first, where, answers = PROTOCOLS[protocol]
    talk = Talk(first.exchanges)
    for answer in answers:
        number = talk.add(where, answer=answer)
        if answer == {}:
            head(talk, number, 202)
    (job,) = find_jobs(talk.exchanges)
    assert (job.target, job.issued, job.polls) == (where, 0, list(range(1, len(answers) + 1)))
    states = [state(talk.exchange(number)) for number in job.polls]
    assert [one.ended or one.paused for one in states] == [*[False] * (len(states) - 1), True]
    assert all(one.running for one in states[:-1])


@pytest.mark.parametrize(
    ("first", "where", "answer"),
    [
        (
            {"id": "thread_1", "object": "thread"},
            "/v1/threads/thread_1",
            {"id": "thread_1", "object": "thread"},
        ),
        ({"id": "chatcmpl-1"}, "/v1/chat/completions/chatcmpl-1", {"id": "chatcmpl-1", "choices": []}),
        (
            {"id": "resp_1", "status": "completed"},
            "/v1/responses/resp_1",
            {"id": "resp_1", "status": "completed"},
        ),
        ({"conversation_id": "c1"}, "/conversations/c1", {"id": "c1", "status": "active"}),
        ({"id": "r1"}, "/v1/responses/r2", {"status": "running"}),
        ({"id": "r1", "link": "https://docs.example/r"}, "/r", None),
    ],
)
def test_a_resource_that_never_says_that_it_goes_on_is_no_job(first, where, answer):
    talk = created("/create", first)
    talk.add(where, answer=answer)
    talk.add(where, answer=answer)
    assert find_jobs(talk.exchanges) == []


def test_a_poll_of_a_job_that_was_created_before_the_recording():
    talk = Talk()
    for status in ("in_progress", "completed"):
        talk.add("/v1/responses/resp_1", answer={"id": "resp_1", "status": status})
    assert found(talk) == [("resp_1", "/v1/responses/resp_1", None, [0, 1])]


def test_what_is_asked_of_a_known_job_creates_none():
    talk = created("/threads/t1/runs", {"id": "run_1", "status": "queued"})
    talk.add("/threads/t1/runs/run_1", answer={"id": "run_1", "status": "requires_action"})
    talk.add("/threads/t1/runs/run_1/submit", body={}, answer={"id": "run_1", "status": "queued"})
    talk.add("/threads/t1/runs/run_1", answer={"id": "run_1", "status": "completed"})
    assert found(talk) == [("run_1", "/threads/t1/runs/run_1", 0, [1, 3])]


def test_a_job_that_was_never_polled():
    assert found(created("/v1/responses", {"id": "resp_1", "status": "queued"})) == [
        ("resp_1", "/v1/responses/resp_1", 0, [])
    ]


@pytest.mark.parametrize(
    ("word", "running", "paused", "succeeded", "ended"),
    [
        ("IN_PROGRESS", True, False, False, False),
        ("in-progress", True, False, False, False),
        ("notStarted", True, False, False, False),
        ("requires_action", False, True, False, False),
        ("Succeeded", False, False, True, True),
        ("timed_out", False, False, False, True),
        ("cooking", False, False, False, False),
    ],
)
def test_words_for_a_state(word, running, paused, succeeded, ended):
    told = JobState(http=200, status=word)
    assert (told.running, told.paused, told.succeeded, told.ended) == (running, paused, succeeded, ended)
    assert JobState(http=404, status=word).ended


def test_where_a_status_stands():
    body = {"id": 1, "state": "Berlin", "run": {"runStatus": "RUNNING"}}
    assert status_place(body) == (body["run"], "runStatus")
    assert status_place({"state": "Berlin"}) is None


def test_the_sample():
    with Cassette.open(resolve("job")) as cassette:
        (job,) = find_jobs(cassette.exchanges())
        assert (job.issued, job.polls) == (0, [1, 2, 3, 4])
        states = [state(cassette.exchange(number)) for number in job.polls]
    assert [(one.progress, one.ended) for one in states] == [
        (25, False),
        (50, False),
        (75, False),
        (100, True),
    ]


@given(st.binary(max_size=40) | st.sampled_from([b"[" * 100_000, b'{"job_id": 1e999}', b'{"job_id": NaN}']))
def test_any_body_is_read(body):
    talk = Talk()
    talk.add("/jobs/j1", answer={})
    exchange = talk.exchange(0)
    odd = replace(exchange, chunks=(replace(exchange.chunks[0], data=body),))
    assert state(odd).http == 200
    assert find_jobs([odd]) == []
