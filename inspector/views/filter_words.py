"""The words of the filter, for the page's help."""

from __future__ import annotations

import msgspec

from foundation.web.parameters import Parameters
from inspector.filter.word_list import WORDS, FilterWord
from inspector.workspace.workspace import Workspace


class FilterWords(msgspec.Struct, frozen=True):
    """All words, in the order in which they are explained."""

    words: tuple[FilterWord, ...]


async def filter_words(_workspace: Workspace, _parameters: Parameters) -> FilterWords:
    """The view of GET filter-words."""
    return FilterWords(WORDS)
