"""The OpenAPI document is true: valid, kept to by a live listener, and the same as what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from replayer.admin.openapi import document
from replayer.admin.operations import OPERATIONS

PAGE = Path(__file__).parents[3] / "docs" / "admin.md"


def test_the_document_is_valid():
    import schemathesis  # noqa: PLC0415 - it takes a second, which other runs need not wait for

    told = document(OPERATIONS)
    schemathesis.openapi.from_dict(told).validate()
    assert told["openapi"] == "3.1.0"


def test_each_operation_is_told_once():
    names = [operation.act.__name__ for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(operation.summary.endswith(".") for operation in OPERATIONS)


def test_a_live_listener_keeps_to_the_document(replay, make_exchange, tmp_path):
    body = (("Content-Length", "1"),)
    server = replay(
        make_exchange([(0, b"a")], (*body, ("Set-Cookie", "session_id=4f1c2d9ab37e"))),
        make_exchange(url="http://bot.example/cut", answered=False, how="reset"),
        admin=("127.0.0.1", 0),
    )
    for path in ("/s", "/s", "/cut", "/none?x=%ff"):
        server.ask(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
    url = "http://{}:{}/openapi.json".format(*server.admin_address)
    options = [
        "--phases",
        "coverage,fuzzing",
        "--max-examples",
        "5",
        "--generation-deterministic",
        "--no-color",
    ]
    # No schema can say which texts are faults: what is one in form only is refused with a status of its own.
    config = tmp_path / "schemathesis.toml"
    config.write_text('[checks.positive_data_acceptance]\nexpected-statuses = ["2xx", "422"]\n')
    schemathesis = [sys.executable, "-m", "schemathesis.cli", f"--config-file={config}"]
    command = [*schemathesis, "run", url, *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"[1-9]\d\d generated, [1-9]\d\d passed\n", done.stdout), done.stdout


ROW = re.compile(r"^\| `(?P<method>[A-Z]+) (?P<path>/\S*)` \|(?P<given>[^|]*)\|", re.MULTILINE)


def test_the_page_has_every_path_and_every_parameter():
    told = {
        (method.upper(), path): {one["name"] for one in operation.get("parameters", ())} | fields(operation)
        for path, operations in document(OPERATIONS)["paths"].items()
        for method, operation in operations.items()
    }
    rows = ROW.finditer(PAGE.read_text(encoding="utf-8"))
    assert {(row["method"], row["path"]): set(re.findall(r"`(\w+)`", row["given"])) for row in rows} == told


def fields(operation):
    """The names in the body of a request."""
    if "requestBody" not in operation:
        return set()
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    name = reference.removeprefix("#/components/schemas/")
    return set(document(OPERATIONS)["components"]["schemas"][name]["properties"])
