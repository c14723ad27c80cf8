"""All cases in the order of the document; each module holds those of a category."""

from __future__ import annotations

from chatreel.conformance.cases import connectivity, errors, jobs, performance, sessions, streaming

CASES = (
    connectivity.health_check,
    connectivity.endpoint_availability,
    streaming.basic_stream,
    streaming.conversation_history,
    streaming.progress_details,
    streaming.event_ordering,
    jobs.basic_polling,
    jobs.status_progression,
    jobs.polling_url_construction,
    jobs.completion_detection,
    sessions.cookie_of_a_stream,
    sessions.cookie_of_a_job,
    sessions.cookie_persistence,
    sessions.session_mismatch,
    errors.processing_error,
    errors.job_failure,
    errors.invalid_payload,
    errors.job_not_found,
    performance.polling_timeout,
    performance.slow_response,
    performance.concurrent_requests,
    performance.heartbeat,
)
