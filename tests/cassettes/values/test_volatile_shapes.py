from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.values.volatile_shapes import masked, of_number, of_text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-11-22T14:11:10.388320", "2025-01-02T03:04:05.1"),
        ("2026-11-22T14:11:10Z", "2025-01-02T03:04:05Z"),
        ("2026-11-22T14:11:10+02:00", "2025-01-02T03:04:05-0500"),
        ("2026-11-22 14:11", "2025-01-02 03:04"),
        ("20261122T141110Z", "20250102T030405Z"),
        ("Sun, 29 Nov 2026 14:11:08 GMT", "Mon, 30 Nov 2026 14:11:08 GMT"),
        ("14:11:08", "9:05"),
        ("250 ms", "1.2s"),
        ("3 min 30 s", "2 min 5 s"),
        ("PT1.5S", "PT2M3S"),
        ("ebda7de7-73c3-6068-0656-f72077ab70c7", "01234567-89AB-cdef-0123-456789abcdef"),
        ("fba3fec76ca387b5", "0123456789abcdef"),
        ("job_fba3fec76ca387b5", "job_0123456789abcdef"),
        ("/files/fba3fec7", "/files/0123abcd"),
        ("chatcmpl-9a8B7cDEf01Gh", "chatcmpl-1Z2y3X4w5V6u7"),
        ("01J9ZK3V5M8QTR7WXY2ABCDEFG", "01JABC3V5M8QTR7WXY2ABCDEF9"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.abc-_", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIyMiJ9.x"),
    ],
)
def test_what_varies_by_nature(one, other):
    assert of_text(one) == of_text(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-11-22T14:11:10Z", "2026-11-22T14:11:10"),
        ("2026-11-22T14:11:10Z", "2026-11-22 14:11:10Z"),
        ("2026-11-22T14:11:10Z", "2026-11-22T14:11:10.1Z"),
        ("2026-11-22T14:11:10Z", "2026-11-22T14:11:10+00:00"),
        ("2026-11-22T14:11:10Z", "2026-11-22"),
        ("job_fba3fec76ca387b5", "task_fba3fec76ca387b5"),
        ("job_fba3fec76ca387b5", "job_fba3fec76ca387b"),
        ("job_fba3fec76ca387b5", "job_FBA3FEC76CA387B5x"),
        ("fba3fec76ca387b5", "ebda7de7-73c3-6068-0656-f72077ab70c7"),
        ("250 ms", "250"),
    ],
)
def test_another_shape(one, other):
    assert of_text(one) != of_text(other)


@pytest.mark.parametrize(
    "value",
    ["", "running", "gpt-4o-2024-08-06", "claude-3-5-sonnet-20241022", "v1.2.3", "2026-11-22", "12", "50%", "30 days",
     "Q3 2023", "Annual Report 2023", "http://example.org/market-overview", "generating_response", "deadbeef",
     "AnnualReport2023", "1732279868", "é", "a" * 5000],
)  # fmt: skip
def test_what_is_a_value(value):
    assert of_text(value) is None


@pytest.mark.parametrize(
    ("name", "value", "shape"),
    [
        ("timestamp", 1732279868, "epoch s"),
        ("created", 1732279868.25, "epoch s"),
        ("createdAt", 1732279868123, "epoch ms"),
        ("updated_at", 1732279868123456, "epoch us"),
        ("ts", 1732279868123456789, "epoch ns"),
        ("elapsed_ms", 12, "duration"),
        ("durationSeconds", 1.5, "duration"),
        ("processing_time", 3, "duration"),
        ("time_taken", 3, "duration"),
        ("progress", 50, None),
        ("progress", 1732279868, None),
        ("revenue", 1732279868123, None),
        ("timestamp", 50, None),
        ("timeout", 30, None),
        ("count", 3, None),
        ("format", 1732279868, None),
        ("", 1732279868, None),
    ],
)
def test_a_number_is_noise_by_its_name_alone(name, value, shape):
    assert of_number(value, name) == shape


def test_digits_in_a_string_are_a_number():
    assert of_text("1732279868", "timestamp") == "epoch s"
    assert of_text("9" * 30, "timestamp") is None


def test_what_a_machine_writes_into_a_text():
    one = "Done at 2026-11-22T10:00:00Z in 3.2 s (ebda7de7-73c3-6068-0656-f72077ab70c7), 12 documents in 5 hours."
    other = "Done at 2025-01-02T03:04:05Z in 250 ms (00000000-73c3-6068-0656-f72077ab70c7), 12 documents in 5 hours."
    assert masked(one) == masked(other)
    assert masked("12 documents") == "12 documents"
    assert masked("5 hours") == "5 hours"


@given(st.text(), st.text(max_size=10))
def test_any_text_has_a_shape_or_none(value, name):
    assert of_text(value, name) is None or of_text(value, name)
    assert isinstance(masked(value), str)


@given(st.integers(0, 100), st.sampled_from(["progress", "status", "count", "page", "total_metrics", "rows"]))
def test_a_number_that_counts_has_no_shape(value, name):
    assert of_number(value, name) is None
