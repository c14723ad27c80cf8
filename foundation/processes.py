"""Worker processes of Chatreel's own: how they start, how they yield to others, and messages on their pipes.

A worker reads messages from its stdin and writes messages to its stdout; it ends when its stdin does. A message is
bytes behind their length, a big-endian integer of four bytes.
"""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

LENGTH = struct.Struct(">I")


def start_worker(module: str, *arguments: str, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start a process that runs `main()` of a module, with pipes as its stdin and stdout.

    It imports the same modules as this process, whatever the working directory holds.
    """
    program = f"import sys; sys.path = {sys.path!r}; from {module} import main; main()"
    return subprocess.Popen(  # noqa: S603 - a module of ours
        [sys.executable, "-P", "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=pass_fds,
    )


def prepare_worker(niceness: int) -> None:
    """Let this process outlive Ctrl-C, as only the end of its stdin ends it, and lower its priority by `niceness`."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    with suppress(OSError):  # a system that does not permit it
        os.nice(niceness)


def send_frame(pipe: IO[bytes], data: bytes) -> None:
    """Write a message; raises OSError when the other side is gone."""
    pipe.write(LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def receive_frame(pipe: IO[bytes]) -> bytes | None:
    """The next message; None when the other side is gone, also in the middle of one."""
    prefix = pipe.read(LENGTH.size)
    if len(prefix) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(prefix)
    data = pipe.read(length)
    return data if len(data) == length else None
