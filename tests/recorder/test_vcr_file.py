from __future__ import annotations

import gzip
import json
from base64 import b64encode
from pathlib import Path

import pytest

from cassettes.file.reader import Cassette
from cassettes.model import Exchange
from foundation.errors import CassetteError
from recorder.import_file import import_file
from recorder.vcr_file import VcrFile

YAML = """\
interactions:
- request:
    body: '{"query": "hi"}'
    headers:
      Accept: ['*/*']
      X-Twice: [a, b]
    method: POST
    uri: https://h.example/chat?q=caf\u00e9
  response:
    body: {string: '{"answer": "ho"}'}
    headers:
      Content-Type: [application/json]
      Content-Length: ['16']
    status: {code: 200, message: OK}
- request: {body: null, headers: {}, method: GET, uri: 'https://h.example/bytes'}
  response:
    body: {string: !!binary /wA=}
    headers: {Content-Type: application/octet-stream, X-Number: 7}
    status: {code: 404, message: Not Found}
version: 1
"""


def exchanges(path: Path) -> list[Exchange]:
    target = path.with_name("out.jsonl")
    target.unlink(missing_ok=True)
    import_file(path, target, rules=None, report=pytest.fail)
    with Cassette.open(target) as cassette:
        assert cassette.headers[0].recorder == "vcrpy"
        return list(cassette.exchanges())


def yaml_file(tmp_path: Path, text: str = YAML, name: str = "chat.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_interactions_become_exchanges(tmp_path: Path) -> None:
    asked, binary = exchanges(yaml_file(tmp_path))
    assert asked.response is not None
    assert binary.response is not None
    assert (asked.request.method, asked.request.url) == ("POST", "https://h.example/chat?q=caf%C3%A9")
    assert asked.request.headers == (("Accept", "*/*"), ("X-Twice", "a"), ("X-Twice", "b"))
    assert (asked.request.body, asked.body) == (b'{"query": "hi"}', b'{"answer": "ho"}')
    assert (asked.response.status, asked.response.reason, asked.end.how) == (200, "OK", "complete")
    assert (binary.request.body, binary.body) == (b"", b"\xff\x00")
    assert binary.response.headers == (("Content-Type", "application/octet-stream"), ("X-Number", "7"))
    assert asked.end.at < binary.request.at


def test_what_was_kept_compressed_is_unpacked_and_what_was_not_is_left(tmp_path: Path) -> None:
    packed = b64encode(gzip.compress(b'{"answer": "ho"}')).decode()
    coded = YAML.replace("      Content-Length: ['16']", "      Content-Encoding: [gzip]")
    for body in (f"{{string: !!binary {packed}}}", '{string: \'{"answer": "ho"}\'}'):
        text = coded.replace('{string: \'{"answer": "ho"}\'}', body)
        first, _ = exchanges(yaml_file(tmp_path, text))
        assert first.response is not None
        assert (first.body, first.response.encoding) == (b'{"answer": "ho"}', "gzip")


@pytest.mark.parametrize(
    ("response", "body"),
    [
        ({"status": {"code": 200, "message": None}, "headers": {}, "body": {"string": "ok"}}, b"ok"),
        ({"status": {"code": "200"}, "headers": {}, "body": "ok"}, b"ok"),
        ({"status_code": 200, "headers": {"A": "b"}, "content": "ok", "http_version": "HTTP/1.1"}, b"ok"),
        ({"status": {"code": 200}, "headers": None, "body": {"base64_string": "b2s="}}, b"ok"),
        ({"status": {"code": 200}, "body": None}, b""),
    ],
)
def test_json_and_older_shapes(tmp_path: Path, response: dict[str, object], body: bytes) -> None:
    request = {"method": "GET", "uri": "http://h/a", "headers": {}, "body": None}
    text = json.dumps({"version": 1, "interactions": [{"request": request, "response": response}]})
    (exchange,) = exchanges(yaml_file(tmp_path, text, "chat.json"))
    assert exchange.body == body


def test_texts_of_python_2_are_texts(tmp_path: Path) -> None:
    text = YAML.replace("uri: https://h.example/chat?q=caf\u00e9", "uri: !!python/unicode 'http://h/a'")
    assert exchanges(yaml_file(tmp_path, text))[0].request.url == "http://h/a"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("method: POST", "verb: POST"),
        ("{code: 200, message: OK}", "{code: 7}"),
        ('{string: \'{"answer": "ho"}\'}', "[1]"),
    ],
)
def test_an_interaction_that_is_none_is_left_out_and_named(tmp_path: Path, old: str, new: str) -> None:
    file = VcrFile.open(yaml_file(tmp_path, YAML.replace(old, new)))
    assert file.skipped == {"that cannot be read": 1}
    assert file.warnings[0].startswith(f"{file.path}, interaction 1: left out, ")


@pytest.mark.parametrize(
    "text",
    [
        "interactions: !!python/object/apply:os.system ['touch planted']",
        "interactions: []",
        "interactions: 5",
        "interactions: [",
        "interactions:\n" + "- " * 5000 + "a",
        '{"interactions": [}',
    ],
)
def test_what_is_no_cassette_of_vcrpy_is_refused_in_a_line(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CassetteError, match=r"chat\.yaml: expected ") as error:
        VcrFile.open(yaml_file(tmp_path, text))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "planted").exists()
