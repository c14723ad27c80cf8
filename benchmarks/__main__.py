"""Runs all benchmarks, one after the other: `python -m benchmarks`. They take some five minutes."""

from benchmarks import (
    diffing,
    fixture_cost,
    inspecting,
    loading,
    open_streams,
    recording_cost,
    redaction_cost,
    replay_timing,
)
from benchmarks.result_tables import show

if __name__ == "__main__":
    show(
        benchmark.run()
        for benchmark in (
            recording_cost,
            redaction_cost,
            replay_timing,
            loading,
            open_streams,
            diffing,
            inspecting,
            fixture_cost,
        )
    )
