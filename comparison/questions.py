"""Reads the requests of a session with keys that are equal for equal requests, whoever sends them and when.

Tokens, ids and timestamps do not count, so these two have one key and the label "GET /jobs/*":

    recorded  GET /jobs/job_fba3fec76ca387b5?since=1732279868
    live      GET /jobs/job_0123456789abcdef?since=1732279999

The polls of a job are no requests of their own: they belong to the one that issued the job.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import msgspec

from cassettes import model
from cassettes.values import volatile_shapes
from cassettes.views.jobs import Job, find_jobs
from comparison.conversation.recorded_sessions import Conversation
from comparison.conversation.token_correspondence import MARK, SessionTokens
from comparison.result import shown
from comparison.rules.comparison_rules import ComparisonRules
from comparison.rules.noise import SILENCE
from comparison.values.json_values import encode
from comparison.values.masking import Masker
from comparison.values.scope import ANY, Scope
from foundation.http.urls import path_and_query
from replayer.matching import comparable_body


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A request, or a job with the request that issued it.

    `key` (16 bytes) is equal for requests that are equal but for tokens and other volatile
    values. `request` is the label that reports show and noise names: "GET /jobs/*". `exchange` is the number of the
    exchange, of a job the first one.
    """

    key: bytes
    request: str
    exchange: int
    job: Job | None = None


class Questions(msgspec.Struct, frozen=True):
    """The requests of a session in order; `places` and `labels` have the place and the label of every exchange.

    Both are keyed by the number of the exchange, polls included.
    """

    in_order: list[Question]
    places: Mapping[int, int]
    labels: Mapping[int, str]


def questions(conversation: Conversation, rules: ComparisonRules) -> Questions:
    """Returns the requests of a session. Each exchange is read once, and not kept."""
    reader = QuestionReader(conversation.tokens, rules)
    read: dict[int, Question] = {}

    def exchanges() -> Iterator[model.Exchange]:
        for exchange in conversation.exchanges:
            read[exchange.number] = reader.question(exchange)
            yield exchange

    jobs = find_jobs(exchanges())
    polls = {number for job in jobs for number in job.polls}
    job_of = {job.first: job for job in jobs}
    in_order = [
        msgspec.structs.replace(question, job=job_of.get(number))
        for number, question in read.items()
        if number in job_of or number not in polls
    ]
    places = {number: place for place, number in enumerate(read)}
    labels = {number: question.request for number, question in read.items()}
    labels |= {number: without_id(labels[number], job.id) for job in jobs for number in job.polls}
    return Questions(in_order, places, labels)


def without_id(request: str, job: str) -> str:
    """Returns the label of a poll with "*" for its job's id, which may look like any word or number."""
    own = quote(job, safe="")
    return "/".join(ANY if segment == own else segment for segment in request.split("/"))


class QuestionReader:
    """Reads requests of one session, with its tokens masked."""

    def __init__(self, tokens: SessionTokens, rules: ComparisonRules) -> None:
        self._tokens = tokens
        self._rules = rules
        self._masker = Masker(Scope(msgspec.structs.replace(rules, noise=SILENCE)), tokens)

    def question(self, exchange: model.Exchange) -> Question:
        """Returns the request of an exchange, without the job that it may belong to."""
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
