"""Says on one line which fault fails, and where: its code can be a user's own."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from foundation.errors import ChatreelError, UsageError
from replayer.faults.fault import Fault
from replayer.faults.language.error_location import where
from replayer.faults.language.spec import write


@contextlib.contextmanager
def blaming(fault: Fault) -> Iterator[None]:
    """Raise UsageError that names the fault for whatever goes wrong in it."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"fault {write(fault)!r}: {error}") from None
    except ChatreelError:
        raise
    except Exception as error:
        file = getattr(sys.modules.get(type(fault).__module__), "__file__", None)
        raise UsageError(f"fault {write(fault)!r} fails: {where(error, file)}") from error
