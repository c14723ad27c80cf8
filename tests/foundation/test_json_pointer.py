from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.json_pointer import parse, remove_at, set_at, to_text

DOCUMENT = '{"a": {"b": [1, {"c": 2}]}, "/": 3, "~1": 4, "": 5, "n": null}'


def document():
    return json.loads(DOCUMENT)


@pytest.mark.parametrize(
    ("pointer", "after"),
    [
        ("/n", {"n": 9}),
        ("/~1", {"/": 9}),
        ("/~01", {"~1": 9}),
        ("/", {"": 9}),
        ("/a/b/0", {"a": {"b": [9, {"c": 2}]}}),
        ("/a/b/1/c", {"a": {"b": [1, {"c": 9}]}}),
        ("/a/b/-", {"a": {"b": [1, {"c": 2}, 9]}}),
    ],
)
def test_sets(pointer, after):
    assert set_at(document(), pointer, 9) == document() | after


@pytest.mark.parametrize(
    ("pointer", "after"),
    [
        ("/a", {"/": 3, "~1": 4, "": 5, "n": None}),
        ("/n", {"a": {"b": [1, {"c": 2}]}, "/": 3, "~1": 4, "": 5}),
        ("/a/b/0", {"a": {"b": [{"c": 2}]}, "/": 3, "~1": 4, "": 5, "n": None}),
        ("/a/b/1/c", {"a": {"b": [1, {}]}, "/": 3, "~1": 4, "": 5, "n": None}),
    ],
)
def test_removes(pointer, after):
    assert remove_at(document(), pointer) == after


@pytest.mark.parametrize(
    "pointer",
    ["/x/y", "/a/b/2", "/a/b/00", "/a/b/-1", "/a/b/+1", "/a/b/1e0", "/a/b/x", "/n/x", "/a/b/0/0", "/a/b/-/x",
     "/a/b/" + "9" * 5000, "/a/b/\u0661"],
)  # fmt: skip
def test_nowhere_changes_nothing(pointer):
    assert set_at(document(), pointer, 9) == document()
    assert remove_at(document(), pointer) == document()


def test_a_field_that_is_not_there_is_added_and_cannot_be_removed():
    assert set_at(document(), "/x", 9) == document() | {"x": 9}
    assert remove_at(document(), "/x") == document()


def test_minus_is_no_item_to_remove():
    assert remove_at(document(), "/a/b/-") == document()


def test_the_whole_document():
    assert set_at(document(), "", 9) == 9
    assert remove_at(document(), "") == document()


@pytest.mark.parametrize("scalar", [None, 1, "text", True])
def test_a_document_that_holds_nothing(scalar):
    assert set_at(scalar, "/a", 9) == scalar
    assert remove_at(scalar, "/a") == scalar


@pytest.mark.parametrize(
    ("pointer", "way"),
    [("", ()), ("/", ("",)), ("/a~1b/~0/0", ("a/b", "~", "0")), ("/~01", ("~1",)), ("/a//", ("a", "", ""))],
)
def test_a_pointer_is_read_and_written(pointer, way):
    assert parse(pointer) == way
    assert to_text(way) == pointer


@pytest.mark.parametrize("text", ["a", "a/b", "/a~", "/~2", "/~~0"])
def test_what_is_no_pointer(text):
    with pytest.raises(ValueError, match="no JSON pointer"):
        parse(text)


@given(st.lists(st.text()))
def test_any_way_has_a_pointer(way):
    assert parse(to_text(way)) == tuple(way)
