"""Starts worker processes that run modules of Chatreel, and exchanges messages with them on pipes.

A worker reads messages from its stdin, writes messages to its stdout, and ends when its stdin ends. A message is its
length, a big-endian integer of four bytes, followed by its bytes.
"""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

PACKAGES = str(Path(__file__).parents[1])
"""The folder that holds Chatreel's packages."""

LENGTH = struct.Struct(">I")


def start_worker(module: str, *arguments: str, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start a process that runs `main()` of a module, with pipes as its stdin and stdout.

    It imports from the same folders as this process, Chatreel's before all others: a user's mitmdump may have none of
    them on its path, and the working directory may hold packages of the same names. It has a process group of its own,
    so that a terminal's Ctrl-C does not reach it, not even while it starts. It inherits the file
    descriptors `pass_fds`.
    """
    path = [PACKAGES, *(folder for folder in sys.path if folder != PACKAGES)]
    program = f"import sys; sys.path = {path!r}; from {module} import main; main()"
    return subprocess.Popen(  # noqa: S603 - a module of ours
        [sys.executable, "-P", "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=pass_fds,
        process_group=0,
    )


def prepare_worker(niceness: int) -> None:
    """Ignore SIGINT and SIGTERM, so that only the end of stdin ends this process, and add `niceness` to its own."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    with suppress(OSError):  # a system that does not permit it
        os.nice(niceness)


def send_frame(pipe: IO[bytes], data: bytes) -> None:
    """Write a message; raises OSError when the other process has closed the pipe."""
    pipe.write(LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def receive_frame(pipe: IO[bytes]) -> bytes | None:
    """Read the next message; returns None when the pipe ends, even within a message."""
    prefix = pipe.read(LENGTH.size)
    if len(prefix) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(prefix)
    data = pipe.read(length)
    return data if len(data) == length else None
