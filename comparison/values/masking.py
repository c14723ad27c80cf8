"""Masks what varies in a value, so that values that differ in nothing else are equal and can be aligned.

{"id": "job_fba3fec76ca387b5", "step": "reading", "took": "3.2 s"}   becomes
{"id": "<id job_<hex 16>>", "step": "reading", "took": "<duration>"}
"""

from __future__ import annotations

from typing import Any

from cassettes.redaction.judgement import is_secret_field
from cassettes.redaction.secret_masks import SECRET
from cassettes.redaction.secret_names import kind_of
from cassettes.tokens.discovery import is_token_like
from cassettes.values import fresh_ids, volatile_shapes
from comparison.conversation.token_correspondence import SessionTokens
from comparison.values.json_values import Path, encode, kind
from comparison.values.scope import Scope


class Masker:
    """Masks the values of one side under the rules of a scope."""

    def __init__(self, scope: Scope, tokens: SessionTokens) -> None:
        self._scope = scope
        self._tokens = tokens

    def key(self, value: Any, path: Path = ()) -> bytes:
        """Returns the masked value as JSON, which is equal for two values in which only volatile parts differ."""
        return encode(self.masked(value, path))

    def masked(self, value: Any, path: Path = ()) -> Any:
        """Returns the value with what varies in it replaced; None where the rules leave a place out."""
        if self._scope.ignores(path) or self._scope.varies(path, "any", "presence"):
            return None
        return self.content(value, path)

    def content(self, value: Any, path: Path) -> Any:
        """Returns the same, but never None: items of a list are told apart even where items may come and go."""
        if self._scope.varies(path, "value", "text"):
            return kind(value)
        match value:
            case dict():
                fields = {key: self.masked(item, (*path, key)) for key, item in value.items()}
                return {key: item for key, item in fields.items() if item is not None}
            case list():
                items = (self.masked(item, (*path, place)) for place, item in enumerate(value))
                return [item for item in items if item is not None]
            case str():
                return masked_text(value, name_of(path), self._tokens)
            case int() | float() if not isinstance(value, bool):
                return volatile_shapes.of_number(value, name_of(path)) or value
            case None:
                return {}  # because None means left out
            case _:
                return value


def masked_text(value: str, name: str, tokens: SessionTokens) -> str:
    """Returns a text with secrets, tokens and volatile parts replaced; `name` is the field that holds it."""
    if is_secret_value(name, value):
        return SECRET
    text, found = tokens.masked(value)
    shape = None if found else volatile_shapes.of_text(value, name)
    if (
        fresh_ids.may_be_id(value, name)
        and (shape is None or shape.startswith(volatile_shapes.ID))
        and not found
    ):
        return f"<id of {len(value)}>"
    return f"<{shape}>" if shape else volatile_shapes.masked(text)


def name_of(path: Path) -> str:
    """Returns the key under which a value stands, for an item that of its list; "" when there is none."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def is_secret_value(name: str, value: str) -> bool:
    """Tells by a value's key whether it is a credential, for which a recording has a stand-in."""
    kind = kind_of(name.encode("utf-8", "surrogatepass"), "json")
    return kind is not None and (is_token_like(value) or is_secret_field(name, value))
