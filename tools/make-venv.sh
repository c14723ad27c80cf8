#!/bin/sh
# Makes a virtual environment at $1 with the first Python of this machine that is 3.12 or newer.
set -eu

for name in python3.13 python3.14 python3.12 python3 python; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
        exec "$name" -m venv "$1"
    fi
done
echo "chatreel: needs Python 3.12 or newer with its venv module (Debian: apt install python3-venv); found none" >&2
exit 1
