"""The page, the stream behind it, and the messages that are kept."""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.db import connections
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from sample_platform.analytics.chat import Chat
from sample_platform.analytics.chatbot_client import client
from sample_platform.analytics.content_policy import with_policy
from sample_platform.analytics.models import ChatMessage, ChatSession
from sample_platform.analytics.page_queue import PageQueue
from sample_platform.analytics.question import parse
from sample_platform.analytics.running import RUNNING, TooMany

log = logging.getLogger("analytics")

LONGEST_LOGGED = 100
"""Characters of a question in the log."""

NEWEST_SESSIONS, NEWEST_MESSAGES = 30, 200

BUSY_SECONDS = 10


@require_GET
@login_required
@with_policy
def assistant(request: HttpRequest) -> HttpResponse:
    """The page."""
    page = {"csrfToken": get_token(request), "login": f"{reverse('login')}?next={request.path}"}
    return render(request, "analytics/assistant.html", {"page": page})


@require_POST
async def stream(request: HttpRequest) -> HttpResponseBase:
    """Ask the chatbot, and answer with its events as server-sent events."""
    log.info("Deep chat stream view called")
    user = await request.auser()
    if not user.is_authenticated:
        return refusal(401, "Sign in to ask")
    try:
        question = parse(request.body)
    except RequestDataTooBig:
        most = f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes"
        return refusal(413, f"The question and the conversation before it have more than {most}")
    except ValueError as error:
        return refusal(400, str(error))
    log.info("Deep chat request - Query: %s", question.query[:LONGEST_LOGGED])
    session = await session_for(user.pk, question.chat_session_id)
    if session is None:
        return refusal(404, "There is no such chat session")
    chat = Chat(session, question, client(), PageQueue(settings.CHAT_QUEUE_SIZE, settings.CHAT_QUEUE_BYTES))
    log.info("Starting event stream for deep chat")
    try:
        RUNNING.start(chat, settings.CHAT_LIMIT)
    except TooMany:
        response = refusal(503, "Too many chats are running")
        response["Retry-After"] = str(BUSY_SECONDS)
        return response
    # The stream may last for minutes, and needs no database.
    await sync_to_async(connections.close_all)()
    return event_stream(chat, session)


def event_stream(chat: Chat, session: ChatSession) -> StreamingHttpResponse:
    """The response that streams a chat's events."""
    response = StreamingHttpResponse(events(chat.queue), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    response["Chat-Id"] = str(chat.id)
    response["Chat-Session-Id"] = str(session.pk)
    return response


async def events(queue: PageQueue) -> AsyncIterator[bytes]:
    """The events for the page, each as a block of an SSE stream, until the chat ends or the page goes away."""
    try:
        while (block := await queue.next(settings.CHAT_HEARTBEAT_SECONDS)) is not None:
            yield block
    finally:
        queue.close()


async def session_for(user_id: int, session_id: uuid.UUID | None) -> ChatSession | None:
    """The user's session of this id, a new one without an id; None when the user has no such session."""
    if session_id is None:
        return await ChatSession.objects.acreate(user_id=user_id)
    return await ChatSession.objects.filter(pk=session_id, user_id=user_id).afirst()


@require_POST
async def stop(request: HttpRequest, chat_id: uuid.UUID) -> HttpResponse:
    """End a chat of the user's; its answer is not saved."""
    user = await request.auser()
    chat = RUNNING.find(chat_id, user.pk) if user.is_authenticated else None
    if chat is None:
        return refusal(404, "There is no such chat, or it has ended")
    chat.stop()
    return HttpResponse(status=204)


@require_GET
async def sessions(request: HttpRequest) -> HttpResponse:
    """The user's newest sessions that have an answer, each with its first question."""
    user = await request.auser()
    if not user.is_authenticated:
        return refusal(401, "Sign in to see your chats")
    first = ChatMessage.objects.filter(chat_session=OuterRef("pk")).values("query_str")[:1]
    found = (
        ChatSession.objects.filter(user_id=user.pk)
        .annotate(title=Subquery(first))
        .filter(title__isnull=False)
    )
    listed = [
        {"id": str(one.pk), "title": one.title, "date_created": one.date_created.isoformat()}
        async for one in found[:NEWEST_SESSIONS]
    ]
    return JsonResponse({"sessions": listed})


@require_GET
async def session(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """The messages of a session, oldest first; the newest of them when there are very many."""
    user = await request.auser()
    found = await session_for(user.pk, session_id) if user.is_authenticated else None
    if found is None:
        return refusal(404, "There is no such chat session")
    newest = [message async for message in found.messages.order_by("-date_created", "-id")[:NEWEST_MESSAGES]]
    return JsonResponse({"id": str(found.pk), "messages": [kept(message) for message in reversed(newest)]})


def kept(message: ChatMessage) -> dict[str, Any]:
    """A message as JSON."""
    return {
        "query": message.query_str,
        "response": message.response_str,
        "sources": message.sources,
        "date_created": message.date_created.isoformat(),
    }


def refusal(status: int, message: str) -> HttpResponse:
    """An error for the page."""
    return JsonResponse({"error": message}, status=status)
