"""Session Management: TC-301 to TC-304."""

from __future__ import annotations

import requests

from chatreel.conformance.case import case
from chatreel.conformance.categories import SESSION_MANAGEMENT
from chatreel.conformance.pass_criteria import expect, expect_equal
from chatreel.conformance.target import Target
from foundation.http.cookies import cookies_sent

SESSION = "session_id"


@case("TC-301", "Cookie Setting (SSE Mode)", SESSION_MANAGEMENT)
def cookie_of_a_stream(target: Target) -> None:
    """The response of a stream has a `Set-Cookie` header with session_id."""
    with target.caller() as caller:
        reply = caller.post(target.stream, {"query": "Which cookie has a stream?"})
    expect(
        "Set-Cookie header present with session_id",
        any(cookie.startswith(f"{SESSION}=") for cookie in reply.cookies),
        f"{SESSION}=...",
        "; ".join(reply.cookies) or "none",
    )


@case("TC-302", "Cookie Setting (Job Mode)", SESSION_MANAGEMENT)
def cookie_of_a_job(target: Target) -> None:
    """The response that announces a job has a `Set-Cookie` header."""
    with target.caller() as caller:
        reply = caller.create_job(target.jobs, "Which cookie has a job?").reply
    expect("Set-Cookie header present", reply.cookies, f"{SESSION}=...", "none")


@case("TC-303", "Cookie Persistence Across Polls", SESSION_MANAGEMENT)
def cookie_persistence(target: Target) -> None:
    """The session_id of the first response goes with all polls, and no poll is refused.

    It is looked for in the requests themselves; what either side logs is not.
    """
    conversation = target.request_job("Session test")
    conversation.expect_no_error()
    cookie = conversation.responses[0].cookies.get_dict().get(SESSION)
    expect("cookie received in the initial response", cookie, SESSION, "none")
    sent = [sent_session(poll.request) for poll in conversation.polls]
    expect("the job is polled", sent, "polls", "none")
    expect_equal("same cookie sent in all polls", sent, [cookie] * len(sent))


@case("TC-304", "Session Mismatch Handling", SESSION_MANAGEMENT)
def session_mismatch(target: Target) -> None:
    """A poll without the session's cookie succeeds, as with the mock server, or gets 401 or 404.

    What the server logs cannot be seen from here.
    """
    with target.caller() as owner, target.caller() as stranger:
        job = owner.create_job(target.jobs, "Whose job is it?")
        reply = stranger.get(job.url)
    allowed = (200, 401, 404)
    expect(
        "the poll succeeds, or is refused as another session's",
        reply.status in allowed,
        allowed,
        reply.status,
    )


def sent_session(request: requests.PreparedRequest) -> str | None:
    """The session_id that a request carries."""
    header = ("Cookie", request.headers.get("Cookie", ""))
    return next((value for name, value in cookies_sent((header,)) if name == SESSION), None)
