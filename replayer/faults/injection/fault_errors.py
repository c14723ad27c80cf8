"""Names the fault that fails, and the line of its code: the code can be a user's own."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from foundation.errors import ChatreelError, UsageError
from replayer.faults.fault import Fault
from replayer.faults.language.error_location import where
from replayer.faults.language.spec import write


@contextlib.contextmanager
def naming_fault(fault: Fault) -> Iterator[None]:
    """Turn any exception of a fault into a UsageError of one line that names the fault."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"fault {write(fault)!r}: {error}") from None
    except ChatreelError:
        raise
    except Exception as error:
        file = getattr(sys.modules.get(type(fault).__module__), "__file__", None)
        raise UsageError(f"fault {write(fault)!r} fails: {where(error, file)}") from error
