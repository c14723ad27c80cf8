"""The program: `chatreel`, or `python -m chatreel`. It is a process of Chatreel's own."""

from __future__ import annotations

import sys

from chatreel import own_packages, supported_platform


def main() -> None:
    """Run the command line with Chatreel's packages before all others, and exit with its code."""
    if refused := supported_platform.refusal():
        print(f"chatreel: {refused}", file=sys.stderr)
        sys.exit(2)
    own_packages.import_first()
    from chatreel.main import main as run_command_line  # noqa: PLC0415 - it imports these packages

    run_command_line()


if __name__ == "__main__":
    main()
