"""Integration: TC-601 to TC-604, over HTTP as the platform's page would."""

from __future__ import annotations

from chatreel.conformance.caller import LACKING
from chatreel.conformance.case import platform_case
from chatreel.conformance.categories import INTEGRATION
from chatreel.conformance.deployment import Deployment, PlatformAnswer
from chatreel.conformance.pass_criteria import Skipped, expect, expect_equal
from chatreel.conformance.target import Target


@platform_case("TC-601", "Full Platform Flow (SSE)", INTEGRATION)
def full_flow(platform: Deployment) -> None:
    """The page is there; progress advances through steps, then the final response comes and is saved; no error."""
    platform.expect_page()
    query = "What are the key metrics for company XYZ?"
    chat = platform.ask(query)
    expect_flow(chat)
    expect_saved(platform, chat, query)


@platform_case("TC-602", "Full Platform Flow (Job Polling)", INTEGRATION)
def full_flow_by_polling(platform: Deployment) -> None:
    """The same by polling, which shows at the chatbot alone: its list of jobs has a new one after the question."""
    if platform.chatbot is None:
        raise Skipped("whether the platform polls shows at its chatbot alone: give it by --target")
    before = job_ids(platform.chatbot)
    query = "What are the key metrics for company XYZ, in depth?"
    chat = platform.ask(query)
    if job_ids(platform.chatbot) <= before:
        raise Skipped(f"the platform did not ask for a job: let it ask {platform.chatbot.jobs}")
    expect_flow(chat)
    expect_saved(platform, chat, query)


@platform_case("TC-603", "Database Persistence", INTEGRATION)
def database_persistence(platform: Deployment) -> None:
    """The question is kept once, with the final response, in the session that it was asked in."""
    query = "Is this answer kept?"
    expect_saved(platform, platform.ask(query), query)


@platform_case("TC-604", "Frontend State Management", INTEGRATION)
def frontend_state(_platform: Deployment) -> None:
    """The states of the page's store."""
    raise Skipped("the states of the page's store show in a browser alone")


def expect_flow(chat: PlatformAnswer) -> None:
    """Raise Unmet unless there is progress, then a result, and no error."""
    conversation = chat.conversation
    conversation.expect_result()
    types = conversation.types
    expect("progress indicators appear", "progress" in types, "progress events", types)
    expect(
        "the result comes after the progress",
        "progress" not in types[types.index("result") :],
        "no progress after the result",
        types,
    )
    values = [value for value in conversation.progress if isinstance(value, int | float)]
    expect("progress advances", values == sorted(values), "values that never decrease", values)


def expect_saved(platform: Deployment, chat: PlatformAnswer, query: str) -> None:
    """Raise Unmet unless the question is kept once, with the final response.

    Raises Skipped when the platform does not tell what it keeps.
    """
    response = chat.conversation.expect_result()["response"]
    kept = [message for message in platform.messages(chat.session_id) if message.get("query") == query]
    expect_equal("the message is saved once", len(kept), 1)
    expect_equal("the saved response matches the final one", kept[0].get("response"), response)


def job_ids(chatbot: Target) -> set[str]:
    """The chatbot's jobs. Raises Skipped when it does not list them."""
    with chatbot.caller() as caller:
        reply = caller.get("/jobs")
    if reply.status in LACKING:
        raise Skipped("whether the platform polls does not show: its chatbot has no GET /jobs")
    reply.expect_ok("the chatbot lists its jobs")
    jobs = reply.json.get("jobs")
    listed = jobs if isinstance(jobs, list) else []
    return {str(job.get("job_id")) for job in listed if isinstance(job, dict)}
