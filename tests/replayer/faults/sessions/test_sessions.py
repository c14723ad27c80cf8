"""The faults of sessions on schedules."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import UsageError
from foundation.http.headers import first, values
from replayer.faults.injection.active_plan import ActivePlan, ReceivedRequest
from replayer.faults.injection.pipeline import apply
from replayer.faults.language.plan import plan_of
from replayer.faults.language.spec import parse
from replayer.schedule.actions import Data, Finish, Head
from tests.replayer.faults.apply_faults import (
    MS,
    after_fault,
    after_live_fault,
    answer,
    body,
    request,
    stream,
)

SECOND = 1000 * MS
SID = "session_id=0f3c1d2e-77aa-4b0c; HttpOnly; Path=/; SameSite=Lax"
STICKY = "AWSALB=Wr3PNlOwxtoCvBnqEYZP; Expires=Sun, 29 Nov 2026 14:11:08 GMT; Path=/"
EXPIRED = '{"error": "Session expired"}'


def setting(*cookies):
    """An answer that sets these cookies."""
    head, *rest = answer(b"{}")
    added = tuple(("Set-Cookie", cookie) for cookie in cookies)
    return msgspec.structs.replace(head, headers=(*head.headers, *added)), *rest


def cookies_set(schedule):
    return values(schedule[0].headers, "set-cookie")


class Client:
    """Keeps its cookies, as a browser does, and asks through the faults of a plan."""

    def __init__(self, active_plan, session=0, **jar):
        self.jar = jar
        self._active_plan = active_plan
        self._session = session

    def ask(self, *set_now, path="/api/v1/stream", jar=None):
        """Ask, and be answered with these cookies; what the server sees of the client's own."""
        jar = self.jar if jar is None else jar
        sent = "; ".join(f"{name}={value}" for name, value in jar.items())
        asked = msgspec.structs.replace(request(path), headers=(("Cookie", sent),) if jar else ())
        original = self._active_plan.original_request(asked)
        hits = self._active_plan.hits(ReceivedRequest(request=asked, now=0, session=self._session))
        changed, _ = apply(setting(*set_now), hits)
        self.lines = cookies_set(changed)
        for line in self.lines:
            name, _, value = line.partition(";")[0].partition("=")
            self.jar[name] = value
        return first(original.headers, "cookie")


def rotating(line="rotate-cookie"):
    return ActivePlan(plan_of([line] if isinstance(line, str) else line), 0)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("drop-cookie", []),
        ("drop-cookie name=session_id", [STICKY]),
        ("drop-cookie name=AWSALB", [SID]),
        ("drop-cookie name=awsalb", [SID, STICKY]),
    ],
)
def test_drop_cookie_leaves_set_cookie_out(line, kept):
    schedule = setting(SID, STICKY)
    changed = after_fault(line, schedule)
    assert cookies_set(changed) == kept
    assert changed[1:] == schedule[1:]
    assert after_live_fault(line, schedule) == changed


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("expire-session after-requests=0", [True, True, True]),
        ("expire-session after-requests=1", [False, True, True]),
        ("expire-session after-requests=9", [False, False, False]),
        ("expire-session after-time=0ms", [True, True, True]),
        ("expire-session after-time=2s", [False, False, True]),
        ("expire-session after-requests=1 times=1", [False, True, False]),
    ],
)
def test_expire_session_refuses_a_session_from_then_on(line, refused):
    active_plan = ActivePlan(plan_of([line]), 0)
    requests = [ReceivedRequest(request=request(), now=second * SECOND, session=7) for second in range(3)]
    assert [bool(active_plan.hits(one)) for one in requests] == refused


def test_expire_session_counts_each_session_by_itself():
    active_plan = ActivePlan(plan_of(["expire-session after-requests=1"]), 0)
    requests = [
        ReceivedRequest(request=request(), now=0, session=session) for session in (0, 1, 0, 2, 1, None, None)
    ]
    assert [bool(active_plan.hits(one)) for one in requests] == [
        False,
        False,
        True,
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("more", "status", "text", "media_type"),
    [
        ("", 401, EXPIRED, "application/json"),
        ("status=404", 404, EXPIRED, "application/json"),
        ("status=404 body=gone", 404, "gone", "text/plain; charset=utf-8"),
    ],
)
def test_expire_session_says_so(more, status, text, media_type):
    changed = after_fault(f"expire-session after-requests=0 {more}", setting(SID), session=0)
    head, data, end = changed
    assert (head.at, head.status, first(head.headers, "content-type")) == (100 * MS, status, media_type)
    assert (data.data.decode(), end) == (text, Finish(100 * MS, "complete"))
    assert cookies_set(changed) == []


@pytest.mark.parametrize("more", ["", "after-requests=1 after-time=1s"])
def test_expire_session_needs_one_of_requests_and_time(more):
    with pytest.raises(UsageError, match="give one of after-requests= and after-time="):
        parse(f"expire-session {more}")


@pytest.mark.parametrize(
    ("line", "forgotten"),
    [
        ("forget-job", [1, 2, 3, 4]),
        ("forget-job from-poll=2", [2, 3, 4]),
        ("forget-job from-poll=2 polls=1", [2]),
        ("forget-job polls=3", [1, 2, 3]),
        ("forget-job from-poll=3 polls=2 session=1", []),
    ],
)
def test_forget_job_hits_some_polls_of_a_job(line, forgotten):
    active_plan = ActivePlan(plan_of([line]), 0)
    polls = [ReceivedRequest(request=request("/jobs/a", "GET"), now=0, session=0) for _ in range(4)]
    assert [number for number, one in enumerate(polls, 1) if active_plan.hits(one)] == forgotten


@pytest.mark.parametrize(
    ("line", "method", "url", "hit"),
    [
        ("forget-job", "GET", "/jobs/a?full=1", True),
        ("forget-job", "GET", "/api/v1/jobs/a", True),
        ("forget-job", "GET", "/jobs", False),
        ("forget-job", "POST", "/jobs/a", False),
        ("forget-job", "GET", "/tasks/a?back=/jobs/", False),
        ("forget-job path=/tasks/*", "GET", "/tasks/a", True),
        ("forget-job path=/tasks/*", "GET", "/jobs/a", False),
    ],
)
def test_a_poll_is_a_get_of_a_job(line, method, url, hit):
    asked = ReceivedRequest(request=request(url, method), now=0, session=0)
    assert bool(ActivePlan(plan_of([line]), 0).hits(asked)) is hit


def test_forget_job_counts_the_polls_of_each_job_and_session():
    active_plan = ActivePlan(plan_of(["forget-job from-poll=2"]), 0)
    polls = [("a", 0), ("b", 0), ("a", 1), ("b", 0), ("a", 1), ("a", 0)]
    asked = [
        ReceivedRequest(request=request(f"/jobs/{job}", "GET"), now=0, session=session)
        for job, session in polls
    ]
    assert [bool(active_plan.hits(one)) for one in asked] == [False, False, False, True, True, True]


def test_forget_job_is_what_another_worker_says():
    head, data, end = after_fault("forget-job", setting(STICKY))
    assert head == Head(
        100 * MS, 404, "Not Found", (("Content-Type", "application/json"), ("Content-Length", "26"))
    )
    assert (data.data, end.how) == (b'{"error": "Job not found"}', "complete")


def test_swap_session_gives_another_sessions_answer():
    theirs = stream(b"data: theirs\n\n")
    assert after_fault("swap-session", setting(SID), other=lambda: theirs) == theirs


def test_swap_session_needs_another_session():
    schedule = stream(b"data: mine\n\n")
    assert after_fault("swap-session", schedule) == schedule
    assert after_live_fault("swap-session", schedule) == schedule


def test_rotate_cookie_sets_new_values_of_the_same_shape_with_the_same_attributes():
    client = Client(rotating())
    client.ask(SID, STICKY)
    sid, sticky = client.lines
    assert re.fullmatch(
        r"session_id=[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}; HttpOnly; Path=/; SameSite=Lax", sid
    )
    assert re.fullmatch(r"AWSALB=\w{20}" + re.escape(STICKY[STICKY.index(";") :]), sticky)
    assert sid != SID
    assert sticky != STICKY


def test_rotate_cookie_goes_on_with_every_answer_and_knows_what_the_values_stand_for():
    client = Client(rotating())
    client.ask(SID)
    seen = [client.jar["session_id"]]
    for _ in range(5):
        assert client.ask() == SID.partition(";")[0]
        assert client.lines == [f"session_id={client.jar['session_id']}; HttpOnly; Path=/; SameSite=Lax"]
        seen.append(client.jar["session_id"])
    assert len(set(seen)) == 6


def test_rotate_cookie_follows_a_cookie_that_the_server_sets_anew():
    client = Client(rotating())
    client.ask("AWSALB=first1; Path=/a")
    assert client.ask("AWSALB=secnd2; Path=/b") == "AWSALB=first1"
    assert client.ask() == "AWSALB=secnd2"
    assert client.lines[0].endswith("; Path=/b")


@pytest.mark.parametrize("back", [1, 2, 3])
def test_rotate_cookie_finds_a_client_that_keeps_an_old_value(back):
    client = Client(rotating("rotate-cookie name=session_id"), theme="dark")
    client.ask(SID)
    kept = []
    for _ in range(4):
        kept.append(dict(client.jar))
        client.ask()
    assert client.ask(jar=kept[-back]) == ""
    assert client.ask() == f"theme=dark; {SID.partition(';')[0]}"


def test_rotate_cookie_does_not_take_the_first_value_again_either():
    client = Client(rotating("rotate-cookie path=/jobs/*"))
    client.ask(SID)
    assert client.lines == [SID]
    recorded = dict(client.jar)
    assert client.ask(path="/jobs/a") == SID.partition(";")[0]
    assert client.jar != recorded
    assert client.ask(jar=recorded) == ""
    assert client.ask() == SID.partition(";")[0]


def test_rotate_cookie_takes_a_value_that_the_server_has_set_again():
    client = Client(rotating("rotate-cookie every=2"))
    for turn in range(6):
        assert client.ask(SID) == ("" if turn == 0 else SID.partition(";")[0])


def test_rotate_cookie_changes_the_cookies_of_that_name_only():
    client = Client(rotating("rotate-cookie name=AWSALB"), theme="dark")
    client.ask(SID, STICKY)
    assert client.lines[0] == SID
    assert client.ask() == f"theme=dark; {SID.partition(';')[0]}; {STICKY.partition(';')[0]}"
    assert len(client.lines) == 1


def test_rotate_cookie_renews_what_the_client_brings_along():
    client = Client(rotating(), token="abcdef")
    assert client.ask() == "token=abcdef"
    assert client.lines == [f"token={client.jar['token']}; Path=/"]
    assert client.jar["token"] != "abcdef"
    assert client.ask() == "token=abcdef"
    assert Client(rotating(), token="abcdef").ask(jar={"token": "abcdef"}) == "token=abcdef"


def test_rotate_cookie_takes_the_newest_of_two_values_of_one_name():
    active_plan = rotating()
    client = Client(active_plan)
    client.ask("id=abcdef; Path=/jobs")
    old = client.jar["id"]
    client.ask()
    asked = msgspec.structs.replace(request(), headers=(("Cookie", f"id={old}; id={client.jar['id']}"),))
    assert first(active_plan.original_request(asked).headers, "cookie") == "id=abcdef"


@pytest.mark.parametrize("cookie", ["id=", "id=---; Path=/", "id=0", "nonsense"])
def test_rotate_cookie_leaves_what_has_no_other_value(cookie):
    assert after_fault("rotate-cookie", setting(cookie)) == setting(cookie)


@pytest.mark.parametrize("value", ["---", "0"])
def test_rotate_cookie_lets_a_client_keep_what_has_no_other_value(value):
    client = Client(rotating(), id=value)
    assert [client.ask() for _ in range(3)] == [f"id={value}"] * 3
    assert client.lines == []


def test_rotate_cookie_never_gives_a_value_twice():
    client = Client(rotating())
    client.ask("id=5")
    seen = [client.jar["id"]]
    for _ in range(12):
        client.ask()
        seen.append(client.jar["id"])
    *fresh, last = dict.fromkeys(seen)
    assert sorted([*fresh, last]) == ["1", "2", "3", "4", "6", "7", "8", "9"]
    assert seen[len(fresh) :] == [last] * (13 - len(fresh))


def test_rotate_cookie_by_two_faults_is_undone_by_both():
    client = Client(rotating(["rotate-cookie name=session_id", "rotate-cookie"]))
    client.ask(SID, STICKY)
    for _ in range(3):
        assert client.ask() == f"{SID.partition(';')[0]}; {STICKY.partition(';')[0]}"


def test_rotate_cookie_without_an_answer_changes_nothing():
    active_plan = rotating()
    client = Client(active_plan)
    client.ask(SID)
    sent = request_with(client)
    changed, _ = apply(
        (Finish(5, "close"),), active_plan.hits(ReceivedRequest(request=sent, now=0, session=0))
    )
    assert changed == (Finish(5, "close"),)
    assert client.ask() == SID.partition(";")[0]


def request_with(client):
    sent = "; ".join(f"{name}={value}" for name, value in client.jar.items())
    return msgspec.structs.replace(request(), headers=(("Cookie", sent),))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers(0, 9))
def test_rotate_cookie_does_not_mix_clients(turns, seed):
    """Each has its own session, and all got the same theme."""
    active_plan = ActivePlan(plan_of(["rotate-cookie"], seed), 0)
    clients = [Client(active_plan, number) for number in range(4)]
    for number, client in enumerate(clients):
        client.ask(f"sid=s{number}abcdefgh", "theme=dark")
    for number in turns:
        assert clients[number].ask() == f"sid=s{number}abcdefgh; theme=dark"
    assert len({client.jar["theme"] for client in clients}) == 4


@given(st.lists(st.sampled_from([(), (SID,), (STICKY,), (SID, STICKY)]), max_size=8), st.integers(0, 9))
def test_rotate_cookie_is_unseen_by_the_server_and_repeats_itself(answers, seed):
    with_fault = Client(ActivePlan(plan_of(["rotate-cookie"], seed), 0))
    again = Client(ActivePlan(plan_of(["rotate-cookie"], seed), 0))
    without = Client(ActivePlan(plan_of([], seed), 0))
    for cookies in answers:
        assert with_fault.ask(*cookies) == without.ask(*cookies) == again.ask(*cookies)
    assert with_fault.jar == again.jar


def test_rotate_cookie_touches_no_byte_of_the_body():
    schedule = setting(SID)
    assert after_fault("rotate-cookie", schedule)[1:] == schedule[1:]
    assert body(after_live_fault("rotate-cookie", schedule)) == b"{}"
    assert isinstance(schedule[1], Data)
