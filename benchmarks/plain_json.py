"""The peer of loading a cassette: Python's own `json`, line by line into dictionaries.

python -m benchmarks.plain_json CASSETTE
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    with Path(sys.argv[1]).open(encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    print("loaded", len(records), "records", flush=True)
    signal.pause()  # its memory is measured before it is ended
