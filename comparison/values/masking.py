"""Values without what varies, so that two in which nothing else differs have one key and can be aligned."""

from __future__ import annotations

from typing import Any

from cassettes.redaction.secret_names import AMBIGUOUS, is_secret, plain
from cassettes.tokens.discovery import is_token_like
from comparison.conversation.token_correspondence import SessionTokens
from comparison.values import volatile_shapes
from comparison.values.json_values import Path, encode, kind
from comparison.values.scope import Scope
from replayer.matching.comparable_body import SECRET


class Masker:
    """Masks the values of one side under the rules of a scope."""

    def __init__(self, scope: Scope, tokens: SessionTokens) -> None:
        self._scope = scope
        self._tokens = tokens

    def key(self, value: Any, path: Path = ()) -> bytes:
        """The same for two values in which nothing differs but what varies."""
        return encode(self.masked(value, path))

    def masked(self, value: Any, path: Path = ()) -> Any:
        """The value, what varies in it left out or replaced by what it is."""
        if self._scope.ignores(path) or self._scope.varies(path, "any", "presence"):
            return None
        return self.content(value, path)

    def content(self, value: Any, path: Path) -> Any:
        """The same for a value that is to be told from others even where any number of them may be."""
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
                return {}  # other than what is left out
            case _:
                return value


def masked_text(value: str, name: str, tokens: SessionTokens) -> str:
    """A text, what varies by nature in it replaced by what it is."""
    if is_secret_value(name, value):
        return SECRET
    text, found = tokens.masked(value)
    shape = None if found else volatile_shapes.of_text(value, name)
    return f"<{shape}>" if shape else volatile_shapes.masked(text)


def name_of(path: Path) -> str:
    """The key that a value has, that of its list for an item."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def is_secret_value(name: str, value: str) -> bool:
    """Whether a value is a credential by its key's name; a recording has a stand-in for it."""
    key = name.encode("utf-8", "surrogatepass")
    return is_secret(key) and (plain(key) != AMBIGUOUS or is_token_like(value))
