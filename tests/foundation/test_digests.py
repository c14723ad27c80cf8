from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from foundation.digests import digest


def test_it_is_the_same_in_every_process():
    printed = subprocess.run(
        [sys.executable, "-c", "from foundation.digests import digest; print(digest('sess-0001'))"],
        check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert int(printed.stdout) == digest("sess-0001")


@given(st.text(st.characters()), st.text(st.characters()))
def test_texts_differ_when_their_digests_do_and_fit_in_64_bits(one, other):
    assert (digest(one) == digest(other)) == (one == other)
    assert 0 <= digest(one) < 1 << 64


def test_a_lone_surrogate_has_one_too():
    assert digest("\ud800") != digest("\udfff")
