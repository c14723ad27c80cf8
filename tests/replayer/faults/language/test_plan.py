from __future__ import annotations

import pytest

from foundation.errors import UsageError
from replayer.faults.language.plan import FaultPlan, plan_of, read_plan
from replayer.faults.language.spec import parse

PLAN = """
# The incident of the first of May.
[[faults]]
fault = "delay"
lognormal = "800ms,0.5"

[[faults]]
fault = "reset"
after-events = 3
path = "/api/v1/stream"
"""


def test_a_plan_file_has_a_table_for_each_fault(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN)
    assert read_plan(path) == (
        parse("delay lognormal=800ms,0.5"),
        parse("reset after-events=3 path=/api/v1/stream"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 5000, "it is nested too deep"),
        ("[[faults", "Expected ']]' at the end of an array declaration"),
        (
            "faults = 3",
            "write a [[faults]] table for each of them, with its `fault` and its parameters, and no more",
        ),
        ("[[fault]]\nname = 'reset'", "write a [[faults]] table for each of them"),
        (
            PLAN + "[[faults]]\nfault = 'rest'",
            "[[faults]] 3: there is no fault 'rest', did you mean 'reset'?",
        ),
    ],
)
def test_a_plan_file_that_is_none_is_told_with_its_name_and_place(tmp_path, text, said):
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        read_plan(path)
    assert str(error.value).startswith(f"{path}: {said}")


def test_a_plan_file_that_is_missing_is_told(tmp_path):
    with pytest.raises(UsageError, match="No such file or directory"):
        read_plan(tmp_path / "none.toml")


def test_a_plan_can_be_written_again():
    lines = ["delay time=1s", "reset after-events=3 path=/api/v1/stream"]
    assert plan_of(lines, 7).lines == lines
    assert plan_of(lines, 7) == FaultPlan((parse(lines[0]), parse(lines[1])), 7)


def test_a_plan_is_bounded():
    with pytest.raises(UsageError, match="a plan has at most 1000 faults, and this has 1001"):
        plan_of(["reset"] * 1001)


def test_faults_of_a_file_and_others_are_bounded_together():
    half = plan_of(["reset"] * 600).faults
    with pytest.raises(UsageError, match="and this has 1200"):
        FaultPlan((*half, *half))
