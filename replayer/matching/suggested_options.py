"""Finds the options of `chatreel replay` with which a missed request would match a recorded one.

Differences are ignored one by one where that is enough, whole lists where they differ in length, else the whole part:

body /id: expected 1, found 7                       --ignore /id
body /files/2: expected nothing, found "c.pdf"      --ignore '/files/*'
query t: expected 17, found 18                      --ignore query:t
header accept: expected a/b, found a/c              --match -header:accept
body: expected one, found other                     --match -body
path: expected /a, found /b                         none: it is another request
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from foundation import json_pointer
from replayer.matching.differences import MOST_DIFFERENCES, RequestDifference

LIST_ITEM = re.compile(r"(.*)/\d+")
NOTHING = "nothing"
"""What one side has where a difference is that the other has more."""


def options_to_match(differences: Sequence[RequestDifference]) -> list[str]:
    """Return options, as a shell reads them, with which two requests match; empty where none can make them.

    They are to be given in addition to those with which the requests differ.
    """
    if any(one.what in {"method", "path"} for one in differences):
        return []
    of_body = [one for one in differences if one.what.partition(" ")[0] == "body"]
    of_head = [one for one in differences if one not in of_body]
    options = [option for one in of_head for option in options_of(one)]
    if len(of_body) >= MOST_DIFFERENCES or any(one.what == "body" for one in of_body):
        return list(dict.fromkeys([*options, "--match -body"]))
    return list(dict.fromkeys([*options, *(option for one in of_body for option in options_of(one))]))


def options_of(difference: RequestDifference) -> Iterator[str]:
    """Yield the option that leaves one difference out of the comparison."""
    kind, _, name = difference.what.partition(" ")
    match kind:
        case "query":
            yield f"--ignore {shlex.quote(f'query:{name}')}"
        case "header":
            yield f"--match {shlex.quote(f'-header:{name}')}"
        case "body":
            pointer = name if name.startswith("/") else f"/{json_pointer.escaped(name)}"
            longer = NOTHING in {difference.expected, difference.found} and LIST_ITEM.fullmatch(pointer)
            yield f"--ignore {shlex.quote(f'{longer[1]}/*' if longer else pointer)}"
        case _:
            pass
