"""Messages between two processes of ours: bytes behind their length, on a pipe."""

from __future__ import annotations

import struct
from typing import IO

LENGTH = struct.Struct(">I")


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
