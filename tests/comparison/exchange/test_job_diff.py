from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from comparison.rules.comparison_rules import STRICT, parse_rules
from comparison.rules.noise import Noise
from tests.cassettes.talk import Talk
from tests.comparison.mutants import (
    SECOND,
    compared,
    differences_of,
    reminted,
    sample,
    with_exchange,
    with_json,
    with_response,
    without,
)

SAMPLE = sample("job")
ISSUED, LAST = 0, 4
PROGRESS, STEP = "/latest_progress/progress", "/latest_progress/step"


def found(talk, rules=STRICT):
    return compared(SAMPLE, reminted(talk), rules)


def only(comparison):
    assert not comparison.uncompared
    (one,) = comparison.differences
    return one


def polled(*numbers):
    """The sample with its exchanges as often and in the order that is asked for."""
    return Talk(replace(SAMPLE.exchange(number), number=place) for place, number in enumerate(numbers))


def failed(answer):
    answer.update(status="failed", result=None, error="out of memory")


@pytest.mark.parametrize(
    "polls",
    [(1, 2, 3, 4), (1, 1, 1, 2, 3, 4), (1, 2, 2, 3, 3, 4), (1, 2, 3, 4, 4)],
    ids=lambda polls: str(len(polls)),
)
def test_it_is_the_states_that_count_and_not_the_polls(polls):
    comparison = found(polled(0, *polls))
    assert comparison.verdict == "same"
    assert comparison.exchanges == 1


def counted(job: int | str, told_as: int | str | None = None):
    """A chatbot that counts its jobs; `told_as` is the id that polls tell."""
    talk = Talk()
    answer = {"job_id": job, "polling_url": f"/jobs/{job}"}
    talk.add("/stream?mode=job", body={"query": "q"}, answer=answer, gives=["sid=sess-0123456789ab"])
    for status in ("running", "succeeded"):
        told_id = job if told_as is None else told_as
        state = {"job_id": told_id, "status": status, "result": {"pages": "41"}}
        talk.add(f"/jobs/{job}", answer=state, cookies="sid=sess-0123456789ab")
    return talk


@pytest.mark.parametrize("ids", [(41, 42), ("41", "42"), (4_100_000, 4_200_000), ("first", "second")])
def test_a_plain_id_of_a_job_is_a_token_all_the_same(ids):
    assert differences_of(compared(*map(counted, ids))) == []


@pytest.mark.parametrize("ids", [(41, 42, 43), ("41", "42", "43")])
def test_another_job_than_was_asked_for(ids):
    comparison = compared(counted(ids[0]), counted(ids[1], told_as=ids[2]))
    assert differences_of(comparison) == [("values", "changed", "/job_id")] * 2
    assert {one.request for one in comparison.differences} == {"GET /jobs/*"}


def test_a_state_that_no_poll_sees():
    one = only(found(polled(0, 1, 3, 4)))
    assert (one.aspect, one.change, one.at.exchange) == ("events", "removed", 2)
    assert one.recorded == "running, 50 %, analyzing"
    assert one.request == "GET /jobs/*"


def test_a_state_that_was_not_recorded():
    one = only(compared(polled(0, 1, 3, 4), SAMPLE))
    assert (one.aspect, one.change, one.live_at.exchange) == ("events", "added", 2)


def test_states_that_vary():
    rules = replace(STRICT, noise=Noise(states=True))
    assert found(polled(0, 1, 3, 4), rules).verdict == "same"
    assert differences_of(found(polled(0, 2, 1, 3, 4), rules)) == [("progress", "changed", PROGRESS)]


def test_states_in_another_order():
    assert differences_of(found(polled(0, 2, 1, 3, 4))) == [("events", "moved", "")]


@pytest.mark.parametrize("polls", [(1, 2, 3, 4), (1, 4), (4,)])
def test_a_job_that_fails_is_one_difference(polls):
    one = only(found(with_json(polled(0, *polls), len(polls), failed)))
    assert (one.aspect, one.change, one.pointer) == ("ending", "changed", "/status")
    assert one.recorded == "succeeded, 100 %, complete"
    assert one.live == 'failed, 100 %, complete, "out of memory"'


def test_a_job_that_fails_on_its_way():
    assert differences_of(found(with_json(polled(0, 1, 2), 2, failed))) == [("ending", "changed", "/status")]


def test_a_job_that_never_ends():
    one = only(found(polled(0, 1, 2, 2, 2)))
    assert (one.aspect, one.change, one.why) == (
        "ending",
        "changed",
        "the job did not end while it was polled",
    )


def test_a_recording_that_was_stopped_on_the_way_is_compared_as_far_as_it_goes():
    assert compared(polled(0, 1, 2), SAMPLE).verdict == "same"


def test_another_word_for_success_is_a_difference():
    live = with_json(SAMPLE, LAST, lambda answer: answer.update(status="completed"))
    assert differences_of(found(live)) == [("values", "changed", "/status")]


@pytest.mark.parametrize("poll", [1, 2, 3])
def test_a_poll_that_fails(poll):
    lost = with_json(
        with_response(SAMPLE, poll, status=404, reason="Not Found"), poll, lambda _: {"error": "gone"}
    )
    one = only(found(lost))
    assert (one.aspect, one.at.exchange, one.recorded, one.live) == (
        "status",
        poll,
        "200 OK",
        "404 Not Found",
    )
    assert one.why == 'the request failed: {"error": "gone"}'


def test_a_job_that_is_lost():
    lost = with_json(
        with_response(polled(0, 1, 2), 2, status=404, reason="Not Found"), 2, lambda _: {"error": "gone"}
    )
    assert differences_of(found(lost)) == [("status", "changed", "")]


def test_a_request_that_issues_no_job_is_one_difference():
    refused = with_json(with_response(polled(0), 0, status=500, reason="Oops"), 0, lambda _: {"error": "x"})
    assert differences_of(found(refused)) == [("status", "changed", "")]


def test_an_answer_without_a_job_id_is_one_difference():
    assert differences_of(found(with_json(polled(0), 0, lambda answer: answer.pop("job_id") and None))) == [
        ("structure", "removed", "/job_id")
    ]


def test_a_job_that_was_never_polled_is_not_the_same():
    comparison = found(polled(0))
    assert comparison.verdict == "could-not-compare"
    assert comparison.uncompared[0].why == "the live job was never polled"


@pytest.mark.parametrize(
    ("poll", "change", "expected"),
    [
        (ISSUED, lambda answer: answer.pop("polling_url") and None, ("structure", "removed", "/polling_url")),
        (2, lambda answer: answer["latest_progress"].pop("step") and None, ("structure", "removed", STEP)),
        (2, lambda answer: answer["latest_progress"].update(progress=60), ("values", "changed", PROGRESS)),
        (3, lambda answer: answer.update(job_id="job_0123456789abcdef"), ("values", "changed", "/job_id")),
        (LAST, lambda answer: answer["result"].pop("sources") and None, ("structure", "removed", "/result/sources")),
        (LAST, lambda answer: answer["result"].update(response="No."), ("values", "changed", "/result/response")),
    ],
)  # fmt: skip
def test_a_change_inside_a_poll(poll, change, expected):
    one = only(found(with_json(SAMPLE, poll, change)))
    assert (one.aspect, one.change, one.pointer) == expected
    assert (one.at.exchange, one.live_at.exchange) == (poll, poll)


def test_progress_that_goes_back_where_values_are_not_compared():
    live = with_json(SAMPLE, 3, lambda answer: answer["latest_progress"].update(progress=40))
    one = only(found(live, parse_rules(["-values"])))
    assert (one.aspect, one.live_at.exchange, one.live) == ("progress", 3, "50 %, then 40 %")


def test_two_jobs_of_one_session_are_not_confused():
    cookie = "session_id=ebda7de7-73c3-6068-0656-f72077ab70c7"

    def two(first, second, results):
        talk = Talk()
        for job, query in ((first, "one"), (second, "two")):
            talk.add("/s", body={"query": query}, cookies=cookie, gives=[cookie], answer={"job_id": job})
        for job, result in zip((second, first), results, strict=True):
            answer = {"job_id": job, "status": "succeeded", "result": {"response": result}}
            talk.add(f"/jobs/{job}", cookies=cookie, answer=answer)
        return talk

    recorded = two("job_00000000aaaa1111", "job_00000000bbbb2222", ["2", "1"])
    live = two("job_00000000cccc3333", "job_00000000dddd4444", ["2", "1"])
    swapped = two("job_00000000cccc3333", "job_00000000dddd4444", ["1", "2"])
    assert differences_of(compared(recorded, live)) == []
    assert [json.loads(one.live) for one in compared(recorded, swapped).differences] == ["2", "1"]


def test_a_recording_of_polls_alone():
    polls = without(SAMPLE, [ISSUED])
    assert compared(polls, reminted(polls)).verdict == "same"
    assert differences_of(compared(polls, with_json(polls, 3, failed))) == [("ending", "changed", "/status")]


def test_a_job_that_takes_longer():
    late = Talk(SAMPLE.exchanges)
    for number in range(1, 5):
        late.at(number, number * 9 * SECOND)
    assert found(late).verdict == "same"
    one = only(found(late, parse_rules(["+timing"])))
    assert (one.aspect, one.at.exchange) == ("timing", LAST)
    assert one.why.startswith("the job's time is")


def test_a_poll_that_takes_longer_is_told_alone():
    exchange = SAMPLE.exchange(2)
    response = replace(exchange.response, at=exchange.response.at + 9 * SECOND)
    late = with_exchange(
        SAMPLE, 2, response=response, end=replace(exchange.end, at=exchange.end.at + 9 * SECOND)
    )
    for number in (3, 4):
        late.at(number, SAMPLE.exchange(number).request.at + 9 * SECOND)
    one = only(found(late, parse_rules(["+timing"])))
    assert (one.at.exchange, one.why.partition(" is ")[0]) == (2, "the time to the response")


def background(*words, id_="resp_68f0a1b2c3d4e5f6"):
    """A background response of OpenAI's, whose polls tell these words."""
    talk = Talk()
    talk.add("/v1/responses", body={"background": True}, answer={"id": id_, "status": "queued"})
    for word in words:
        talk.add(f"/v1/responses/{id_}", answer={"id": id_, "status": word})
    return talk


@pytest.mark.parametrize(
    ("recorded", "live", "expected"),
    [
        (("in_progress", "completed"), ("in_progress", "in_progress", "completed"), []),
        (("in_progress", "in_progress", "completed"), ("in_progress", "completed"), []),
        (("in_progress", "completed"), ("in_progress", "failed"), [("ending", "changed", "/status")]),
        (("in_progress", "completed"), ("in_progress", "incomplete"), [("ending", "changed", "/status")]),
    ],
)
def test_a_job_without_a_job_id_is_compared_by_its_states(recorded, live, expected):
    comparison = compared(background(*recorded), background(*live, id_="resp_0f1e2d3c4b5a6978"))
    assert differences_of(comparison) == expected
    assert comparison.exchanges == 1


def timed(*polls, id_="resp_68f0a1b2c3d4e5f6"):
    """A background response that was created at 0 s, with polls at these seconds that tell these words."""
    talk = background(*(word for _, word in polls), id_=id_)
    for number, (seconds, _) in enumerate(polls, 1):
        talk.at(number, int(seconds * SECOND))
    return talk


FAST_POLLS = [(tenth / 10, "in_progress") for tenth in range(1, 70)]


@pytest.mark.parametrize(
    ("recorded", "live", "expected"),
    [
        # one job of 7 seconds, polled every 5 seconds and every 0.1 seconds
        ([(5, "in_progress"), (10, "completed")], [*FAST_POLLS, (7, "completed")], None),
        ([*FAST_POLLS, (7, "completed")], [(5, "in_progress"), (10, "completed")], None),
        # a job of 0.2 seconds, whose recorded client waited 5 seconds before it asked
        ([(5, "completed")], [(0.1, "in_progress"), (0.2, "completed")], None),
        # jobs that took longer or shorter than polls leave room for
        ([(1, "in_progress"), (2, "completed")], [*FAST_POLLS, (7, "completed")], 3.4),
        ([*FAST_POLLS, (7, "completed")], [(1, "in_progress"), (2, "completed")], 3.4),
    ],
)
def test_the_time_of_a_job_is_compared_by_its_states_and_not_by_its_polls(recorded, live, expected):
    pair = timed(*recorded), timed(*live, id_="resp_0f1e2d3c4b5a6978")
    differences = compared(*pair, parse_rules(["timing"])).differences
    assert [(one.aspect, round(one.measure, 1)) for one in differences] == (
        [] if expected is None else [("timing", expected)]
    )
