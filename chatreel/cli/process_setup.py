"""What the command's process needs: standard descriptors, printable output, a signal that ends it."""

from __future__ import annotations

import io
import os
import signal
import sys

TERMINATED = 128 + signal.SIGTERM
"""The exit code after SIGTERM, the same as that of a program which the signal killed in a shell."""


def prepare() -> None:
    """Set up the process, before it opens anything."""
    open_standard_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a log in ASCII must not end the program that writes it
            stream.reconfigure(errors="backslashreplace")
    end_by_sigterm()


def open_standard_descriptors() -> None:
    """Give stdin, stdout and stderr that are closed (`chatreel show a.jsonl >&-`) somewhere to go.

    Otherwise the first files that are opened would have their numbers, and what is printed would be written into them.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)  # the lowest free number
            setattr(sys, name, os.fdopen(nowhere, "r" if number == 0 else "w"))


def end_by_sigterm() -> None:
    """Have SIGTERM end the process as Ctrl-C does, with what is under way finished.

    As the first process of a container it would not see the signal otherwise: Linux gives process 1 only signals for
    which it has a handler. A signal that is ignored stays so.
    """
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))


def discard_output() -> None:
    """Send what is still buffered for stdout nowhere, so that Python does not try to write it again as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
