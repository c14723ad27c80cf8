"""Error Handling: TC-401 to TC-404."""

from __future__ import annotations

from chatreel.conformance.case import case
from chatreel.conformance.categories import ERROR_HANDLING
from chatreel.conformance.pass_criteria import expect, expect_equal
from chatreel.conformance.target import Target


@case("TC-401", "Simulated Processing Error", ERROR_HANDLING)
def processing_error(target: Target) -> None:
    """`/stream/error` ends with an error event that has a message; the client fails, for want of a result."""
    conversation = target.request_stream("This will fail", endpoint="/error")
    expect_equal("the stream begins", conversation.status, 200)
    expect_equal("an error event ends it", conversation.types[-1:], ["error"])
    expect("the client exits with an error code", conversation.first("result") is None, "no result", "one")
    message = conversation.error()
    expect("an error message to display", isinstance(message, str) and message, "a text", message)


@case("TC-402", "Job Failure", ERROR_HANDLING)
def job_failure(target: Target) -> None:
    """A job that was failed by hand has the status "failed" and an error, which the client makes an error event of."""
    with target.caller() as caller:
        job = caller.create_job(target.jobs, "This job will fail")
        caller.post(f"/jobs/{job.id}/fail", optional=True).expect_ok("the job can be failed")
        state = caller.poll(job.url)
    expect_equal('status is "failed"', state.get("status"), "failed")
    message = state.get("error")
    expect("error message present", isinstance(message, str) and message, "a text", message)


@case("TC-403", "Invalid Request Payload", ERROR_HANDLING)
def invalid_payload(target: Target) -> None:
    """A query is the empty string when it is missing; a body that is no JSON gets 400."""
    with target.caller() as caller:
        without_query = caller.post(target.stream, {"invalid": "payload"})
        no_json = caller.post(target.stream, data=b"not valid json")
    without_query.expect_ok("a request without a query still succeeds")
    expect_equal("invalid JSON gets 400 Bad Request", no_json.status, 400)


@case("TC-404", "Job Not Found", ERROR_HANDLING)
def job_not_found(target: Target) -> None:
    """A poll of a job that never was gets 404 and says so."""
    with target.caller() as caller:
        reply = caller.get("/jobs/invalid_job_id")
    expect_equal("404 status", reply.status, 404)
    message = reply.json.get("error")
    expect("a clear error message", isinstance(message, str) and message, '{"error": a text}', reply.body)
