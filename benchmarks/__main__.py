"""Runs all benchmarks, one after the other: `python -m benchmarks`. They take some ten minutes."""

from benchmarks import (
    diffing,
    fixture_cost,
    inspecting,
    loading,
    nobody_waits,
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
            nobody_waits,
            diffing,
            inspecting,
            fixture_cost,
        )
    )
