"""The peer of a live run: sends the same requests with `requests`, in threads, and ignores the responses.

python -m benchmarks.plain_asking URL CONVERSATIONS THREADS
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import requests

QUESTION = {"query": "What are the key financial metrics?"}


def converse(url: str, number: int) -> None:
    """Hold one conversation: a stream, or a job that is polled until it has ended."""
    with requests.Session() as session:
        if number % 2 == 0:
            session.post(f"{url}/api/v1/stream", json=QUESTION, timeout=60).raise_for_status()
            return
        job = session.post(f"{url}/api/v1/stream?mode=job", json=QUESTION, timeout=60).json()
        while job["status"] not in {"succeeded", "failed"}:
            job = session.get(f"{url}/jobs/{job['job_id']}", timeout=60).json()


if __name__ == "__main__":
    url, conversations, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda number: converse(url, number), range(conversations)))
