"""What a session asks: its requests, a job's polls with the request that issued it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import msgspec

from cassettes import model
from cassettes.views.jobs import Job, find_jobs
from comparison.conversation.recorded_sessions import Conversation
from comparison.conversation.token_correspondence import MARK, SessionTokens
from comparison.result import shown
from comparison.rules.comparison_rules import ComparisonRules
from comparison.rules.noise import SILENCE
from comparison.values import volatile_shapes
from comparison.values.json_values import encode
from comparison.values.masking import Masker
from comparison.values.scope import ANY, Scope
from foundation.http.urls import path_and_query
from replayer.matching import comparable_body


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A request, or a job with the request that issued it.

    `key` (16 bytes) is the same for two that ask the same in their sessions; `request` is for people, and for
    noise: "GET /jobs/*". `exchange` is the number of the exchange, a job's first one.
    """

    key: bytes
    request: str
    exchange: int
    job: Job | None = None


class Questions(msgspec.Struct, frozen=True):
    """All that a session asks, in order; `places` has the place of each exchange in the conversation."""

    in_order: list[Question]
    places: Mapping[int, int]
    labels: Mapping[int, str]


def questions(conversation: Conversation, rules: ComparisonRules) -> Questions:
    """What a session asks; each exchange is read once, and let go."""
    reader = QuestionReader(conversation.tokens, rules)
    seen: dict[int, Question] = {}

    def look() -> Iterator[model.Exchange]:
        for exchange in conversation.exchanges:
            seen[exchange.number] = reader.question(exchange)
            yield exchange

    jobs = find_jobs(look())
    polls = {number for job in jobs for number in job.polls}
    leads = {job.polls[0] if job.issued is None else job.issued: job for job in jobs}
    asked = [
        msgspec.structs.replace(one, job=leads.get(number))
        for number, one in seen.items()
        if number in leads or number not in polls
    ]
    places = {number: place for place, number in enumerate(seen)}
    labels = {number: one.request for number, one in seen.items()}
    labels |= {number: without_id(labels[number], job.id) for job in jobs for number in job.polls}
    return Questions(asked, places, labels)


def without_id(request: str, job: str) -> str:
    """What a poll asks without its job's id, which may look like any word or number."""
    own = quote(job, safe="")
    return "/".join(ANY if segment == own else segment for segment in request.split("/"))


class QuestionReader:
    """Tells what requests ask, whoever asks it and when."""

    def __init__(self, tokens: SessionTokens, rules: ComparisonRules) -> None:
        self._tokens = tokens
        self._rules = rules
        self._masker = Masker(Scope(msgspec.structs.replace(rules, noise=SILENCE)), tokens)

    def question(self, exchange: model.Exchange) -> Question:
        """What an exchange asks."""
        request = exchange.request
        path, query = path_and_query(request.url)
        masked = "/".join(map(self._segment, path.split("/")))
        pairs = sorted((name, self._segment(value)) for name, value in comparable_body.pairs(query))
        digest = hashlib.blake2b(encode([request.method, masked, pairs]), digest_size=16)
        digest.update(self._body(request))
        return Question(
            key=digest.digest(), request=shown(f"{request.method} {masked}"), exchange=exchange.number
        )

    def _segment(self, text: str) -> str:
        masked, _ = self._tokens.masked(text)
        return ANY if MARK in masked or volatile_shapes.of_text(text) is not None else text

    def _body(self, request: model.Request) -> bytes:
        body = comparable_body.read(request.body, request.headers, self._rules.ignored)
        if body.kind == "json":
            return self._masker.key(body.value)
        return self._tokens.masked(body.canonical.decode("utf-8", "replace"))[0].encode()
