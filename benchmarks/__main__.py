"""All benchmarks, one after the other: `python -m benchmarks`. They take some five minutes."""

from benchmarks import diffing, inspecting, loading, open_streams, recording, replay_timing
from benchmarks.report import show

if __name__ == "__main__":
    show(
        benchmark.run()
        for benchmark in (recording, replay_timing, loading, open_streams, diffing, inspecting)
    )
