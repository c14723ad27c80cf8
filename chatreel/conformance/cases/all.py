"""All cases, in the order of the document."""

from __future__ import annotations

from chatreel.conformance.cases import (
    connectivity,
    error_handling,
    integration,
    job_polling,
    performance,
    session_management,
    sse_streaming,
)

CASES = (
    connectivity.health_check,
    connectivity.endpoint_availability,
    sse_streaming.basic_stream,
    sse_streaming.conversation_history,
    sse_streaming.progress_details,
    sse_streaming.event_ordering,
    job_polling.basic_polling,
    job_polling.status_progression,
    job_polling.polling_url_construction,
    job_polling.completion_detection,
    session_management.cookie_of_a_stream,
    session_management.cookie_of_a_job,
    session_management.cookie_persistence,
    session_management.session_mismatch,
    error_handling.processing_error,
    error_handling.job_failure,
    error_handling.invalid_payload,
    error_handling.job_not_found,
    performance.polling_timeout,
    performance.slow_response,
    performance.concurrent_requests,
    performance.heartbeat,
    integration.full_flow,
    integration.full_flow_by_polling,
    integration.database_persistence,
    integration.frontend_state,
)
