"""Basic Connectivity: TC-001 and TC-002."""

from __future__ import annotations

from chatreel.conformance.case import case
from chatreel.conformance.categories import BASIC_CONNECTIVITY
from chatreel.conformance.pass_criteria import expect, expect_equal
from chatreel.conformance.target import Target


@case("TC-001", "Health Check", BASIC_CONNECTIVITY)
def health_check(target: Target) -> None:
    """`GET /health` answers 200 with the status "healthy"."""
    with target.caller() as caller:
        reply = caller.get("/health", optional=True)
    expect_equal("200 OK status", reply.status, 200)
    expect_equal('status: "healthy"', reply.json.get("status"), "healthy")


@case("TC-002", "Endpoint Availability", BASIC_CONNECTIVITY)
def endpoint_availability(target: Target) -> None:
    """The stream begins with `event:` or `data:`; comments and empty lines before it mean nothing in SSE."""
    with target.caller() as caller:
        reply = caller.post(target.stream, {"query": "Is the endpoint there?"})
    reply.expect_ok("an SSE stream starts (not 404)")
    lines = reply.body.splitlines()
    first = next((line for line in lines if line and not line.startswith(b":")), b"")
    expect(
        "the response begins with event: or data:",
        first.startswith((b"event:", b"data:")),
        "event: or data:",
        first.decode("utf-8", "replace"),
    )
