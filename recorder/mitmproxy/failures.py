"""Says in plain words why an upstream could not be reached, from the messages of mitmproxy's errors."""

from __future__ import annotations

import os
import re

SYSTEM_ERROR = re.compile(r"\[Errno (-?\d+)\] ([^,\[]*)")
CERTIFICATE = re.compile(r"[Cc]ertificate verify failed:? ?(.*)")


def connection_failure(message: str, origin: str) -> str:
    """Return why the upstream at `origin` was not reached, and what helps where something does.

    [Errno 111] Connect call failed ('127.0.0.1', 1)
        http://127.0.0.1:1 cannot be reached: Connection refused
    Certificate verify failed: self-signed certificate
        https://h cannot be reached: its certificate is not trusted (self-signed certificate); --upstream-ca trusts more
    """
    why = " ".join(message.split())
    certificate, system_error = CERTIFICATE.search(why), SYSTEM_ERROR.search(why)
    if certificate:
        why = f"its certificate is not trusted ({certificate[1]}); --upstream-ca trusts more"
    elif system_error:
        number = int(system_error[1])
        why = os.strerror(number) if number > 0 else system_error[2].strip()
    return f"{origin} cannot be reached: {why}"
