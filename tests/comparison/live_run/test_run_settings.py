from __future__ import annotations

import pytest

from comparison.live_run import LiveRunSettings
from foundation.errors import UsageError


@pytest.mark.parametrize(
    ("wrong", "says"), [({"concurrency": 0}, "--concurrency 0"), ({"timeout": 0}, "--timeout")]
)
def test_numbers_that_cannot_be_are_refused(wrong, says):
    with pytest.raises(UsageError, match=says):
        LiveRunSettings(origin="http://h", **wrong)


def test_headers_that_rules_ask_for():
    found = LiveRunSettings(origin="http://h", rules=("header:X-Pin", "email")).secret_headers
    assert found == {"x-pin"}
