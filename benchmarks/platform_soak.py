"""Holds the platform to flat memory over 2 000 chats, of which none is lost: `make soak`. It takes some minutes."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.measured_process import Process, chatreel
from chatreel.conformance.deployment import Deployment

CHATS = 2000
AT_ONCE = 20
WARM_UP = 500
"""Chats before memory is first measured, so that imports, threads and caches are not counted."""

MOST_GROWTH = 8 << 20
"""Bytes by which the resident set may grow from then on: what the allocator keeps varies by some MiB."""


def run(chats: int = CHATS, warm_up: int = WARM_UP, at_once: int = AT_ONCE) -> int:
    """Hold the chats; returns by how many bytes the platform's memory grew. Raises RuntimeError for a lost one."""
    with tempfile.TemporaryDirectory() as folder, chatreel("chatbot", "--pace", "0") as chatbot:
        database = Path(folder, "platform.sqlite3")
        asked = f"http://127.0.0.1:{chatbot.address[1]}"
        with chatreel("platform", "--chatbot", asked, "--database", f"sqlite:///{database}") as platform:
            converse(platform, range(warm_up), at_once)
            before = platform.memory()
            converse(platform, range(warm_up, chats), at_once)
            after = platform.memory()
        kept = questions(database)
        if kept != sorted(map(question, range(chats))):
            raise RuntimeError(
                f"{chats} chats were held, {len(kept)} are kept, {len(set(kept))} of them different"
            )
    return after - before


def converse(platform: Process, numbers: range, at_once: int) -> None:
    """Hold these chats, so many at once; each answer must be that of its own question."""
    found = re.search(r"sign in as (\w+) with the password (\S+)", platform.ready_line)
    assert found is not None

    def hold(share: range) -> None:
        user = Deployment(f"http://127.0.0.1:{platform.address[1]}", found[1], found[2])
        user.sign_in()
        for number in share:
            result = user.ask(question(number)).conversation.expect_result()
            if f'"{question(number)}"' not in result["response"]:
                raise RuntimeError(f"{question(number)!r} got the answer {result['response']!r}")

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(hold, (numbers[start::at_once] for start in range(at_once))))


def question(number: int) -> str:
    """What the chat of this number asks."""
    return f"Question {number:06}"


def questions(database: Path) -> list[str]:
    """The questions whose answers are kept, in their order."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return sorted(row[0] for row in connection.execute("SELECT query_str FROM analytics_chatmessages"))


if __name__ == "__main__":
    growth = run()
    print(
        f"{CHATS:,} chats, {AT_ONCE} at once: none mixed, none lost; memory grew by {growth / 2**20:.1f} MiB"
    )
    sys.exit(growth > MOST_GROWTH)
