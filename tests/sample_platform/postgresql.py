"""A PostgreSQL server of the tests' own, on a socket in a temporary folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.sample_platform.running import Rows

USER = "platform"


def program(name: str) -> str | None:
    """One of PostgreSQL's programs, which Debian keeps out of the path."""
    places = [os.environ["PATH"], *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]
    return shutil.which(name, path=os.pathsep.join(places))


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """The url of a new and empty database; the test is skipped where there is no PostgreSQL."""
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("needs PostgreSQL's server: install the package `postgresql`")
    # The server refuses to run as root.
    owner = "postgres" if os.geteuid() == 0 else None

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=owner, stdout=subprocess.DEVNULL, cwd=folder)

    with tempfile.TemporaryDirectory(prefix="chatreel-") as folder:
        if owner:
            shutil.chown(folder, owner)
        data = f"{folder}/data"
        run(
            initdb, "--pgdata", data, "--username", USER, "--auth", "trust", "--no-sync", "--encoding", "UTF8"
        )
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        run(pg_ctl, "--pgdata", data, "--wait", "--log", f"{folder}/log", "--options", options, "start")
        try:
            yield f"postgres://{USER}@{quote(folder, safe='')}/postgres"
        finally:
            run(pg_ctl, "--pgdata", data, "--wait", "--mode", "immediate", "stop")


def select(database: str, sql: str) -> Rows:
    """What a query finds."""
    with psycopg.connect(database, row_factory=dict_row) as connection:
        return connection.execute(sql.encode()).fetchall()
