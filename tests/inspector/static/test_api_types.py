"""The types that the page's scripts are checked with are those that the server encodes."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest
from msgspec import UNSET, UnsetType
from msgspec.inspect import type_info

from tools.write_page_types import TARGET, interface, page_types, typescript


def test_the_written_types_are_those_of_the_structs() -> None:
    assert TARGET.read_text(encoding="utf-8") == page_types(), "run `make docs`"


class Inner(msgspec.Struct, rename="camel"):
    some_name: int


class Sample(msgspec.Struct):
    needed: int | None
    numbers: list[int | None]
    pair: tuple[str, bytes]
    inner: dict[str, Inner]
    usual: str = ""
    absent: float | UnsetType = UNSET


def test_a_struct_is_an_interface_with_its_names_on_the_wire() -> None:
    assert interface(type_info(Sample)).splitlines()[1:] == [
        "export interface Sample {",
        "  needed: number | null;",
        "  numbers: (number | null)[];",
        "  pair: [string, string];",
        "  inner: Record<string, Inner>;",
        "  usual: string;",
        "  absent?: number;",
        "}",
    ]
    assert "  someName: number;" in interface(type_info(Inner))


def test_a_type_without_words_is_refused() -> None:
    with pytest.raises(TypeError, match="no TypeScript is known for DateTimeType"):
        typescript(type_info(datetime))
