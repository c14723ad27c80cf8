from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation import exact_json

digits = st.text("0123456789", min_size=1, max_size=40)
numbers = st.builds(
    lambda sign, whole, fraction, exponent: f"{sign}{int(whole)}{fraction}{exponent}",
    st.sampled_from(["", "-"]),
    digits,
    st.just("") | digits.map(".{}".format),
    st.just("") | st.integers(-330, 330).map("e{}".format),
)


@given(numbers, numbers)
def test_numbers_are_equal_when_they_are_equal_as_numbers(one, other):
    written = [exact_json.encode(exact_json.decode(text.encode())) for text in (one, other)]
    assert (written[0] == written[1]) is (Fraction(one) == Fraction(other))


@given(numbers)
def test_every_spelling_of_a_number_is_written_the_same(text):
    value = Decimal(text)
    spelled = (text, f"{value:f}", f"{value:E}", f"{value:.400f}" if abs(value) < 1e20 else text)
    written = {exact_json.encode(exact_json.decode(one.encode())) for one in spelled if Decimal(one) == value}
    assert len(written) == 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters()),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3)
        ),
    )
)
def test_what_python_writes_is_read_as_it_was(value):
    read = exact_json.decode(json.dumps(value).encode())
    assert json.loads(exact_json.encode(read), parse_float=Decimal) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"1e400", Decimal("1e400")),
        (b"1" + b"0" * 5000, Decimal("1e5000")),
        (b"-Infinity", Decimal("-Infinity")),
        (b'"\\ud83d"', "\ud83d"),
        (b"1.50", 1.5),
        (b"1e3", 1000),
    ],
)
def test_what_doubles_and_utf_8_cannot_hold(text, value):
    assert exact_json.decode(text) == value


@given(st.binary(max_size=30))
def test_any_bytes_are_a_value_or_one_error(data):
    with contextlib.suppress(ValueError):
        exact_json.encode(exact_json.decode(data))


def test_a_number_is_not_blown_up():
    assert len(exact_json.encode(exact_json.decode(b"[1e999999999, 1e-999999999]"))) < 40


@pytest.mark.parametrize("text", [b"", b"{", b"nan", b"\xff", b"1e99999999999999999999", b'"\n"', b"01"])
def test_what_is_no_json(text):
    with pytest.raises(ValueError):  # noqa: PT011 - of several readers
        exact_json.decode(text)


def test_inexactly_a_fraction_stays_a_double():
    assert [type(item) for item in exact_json.decode_inexactly(b"[1.0, NaN, 1]")] == [float, float, int]
