"""A cassette made to harm: each response about it is bounded, or an error of one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.inspector.inspector_client import InspectorClient, running
from tests.inspector.recordings import append, chunk, end, event, request, response

LARGE = 1 << 20
MOST = 6 << 20
"""Bytes that an answer may have."""

ODD = "<script>alert(1)</script>\u202e\u0000\ud7ff javascript:alert(1)"


def hostile(path: Path) -> Path:
    """Long names, deep JSON, many types, no UTF-8, endless numbers, half an address, cookies without end."""
    many = [event(f"type-{number}", {}) for number in range(2000)]
    cookies = [["Set-Cookie", f"name{number}={'v1' * 50}{number}; Path=/"] for number in range(300)]
    streams = response(0, 2, content_type="text/event-stream")
    streams["headers"] += cookies
    deep = "[" * 50_000
    return append(path, [
        request(0, 0, "P" * 5000, "/" + "x" * LARGE),
        streams,
        *(chunk(0, 3 + turn, data) for turn, data in enumerate(many)),
        chunk(0, 3000, f"event: {'e' * LARGE}\ndata: {'d' * LARGE}\nid: {'i' * LARGE}\n: {'c' * LARGE}\n\n"),
        end(0, 2**62),
        {**request(1, 2**62, "GET", ODD), "url": "http://[half", "headers": [["Cookie", "a=b" * 10_000], [ODD, ODD]]},
        response(1, 0, content_type="application/json"),
        chunk(1, 0, {"base64": "/w=="}),
        chunk(1, 0, deep),
        {**end(1, 0), "how": "error", "message": ODD},
        request(2, 5, "POST", "/api/v1/stream?mode=job", deep),
        response(2, 6, content_type="application/json"),
        chunk(2, 7, json.dumps({"job_id": "job_ab12cd34", "progress": [{"progress": 1e308, "step": ODD * 5000}]})),
        end(2, 8),
        request(3, 9, "GET", "/jobs/job_ab12cd34"),
        response(3, 10, status=500, content_type=ODD),
        chunk(3, 11, '{"error": ' + json.dumps({"deep": ODD * 5000}) + ', "latest_progress": 1e400}'),
        {"kind": "loss", "at": 1, "reason": ODD, "exchange": 3, "records": 2},
        {"kind": "from-the-future", "exchange": 3},
    ])  # fmt: skip


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InspectorClient]:
    with running([hostile(tmp_path_factory.mktemp("hostile") / "a.jsonl")]) as api:
        api.indexed()
        yield api


@pytest.mark.parametrize(
    "path",
    [
        "overview",
        "exchanges",
        "exchanges?sort=-target&filter=-nothing",
        "exchanges?filter=event:type-7",
        "sessions",
        *(
            f"exchange/0.{number}{part}"
            for number in range(4)
            for part in ("", "/moments", "/chunks", "/moment/1")
        ),
        "exchange/0.0/moments?since=1990&limit=1000",
        "exchange/0.0/chunks?since=1990&limit=1000",
        "session/0.0",
        "session/0.1",
        "job/0.2",
        "diff?left=0.0&right=0.1",
        "diff?left=0.1&right=0.3",
        "diff?left=0.2&right=0.3",
        "diff?left=0.0&right=0.0",
    ],
)
def test_every_answer_is_bounded_and_none_is_a_defect(api: InspectorClient, path: str):
    response, body = api.request(f"/inspect/api/{path}")
    assert response.status in {200, 404, 413}, body[:500]
    assert len(body) < MOST
    assert json.loads(body)


def test_what_is_kept_of_a_row_is_cut(api: InspectorClient):
    first = api.json("exchanges")["rows"][0]
    assert (len(first["method"]), len(first["target"])) == (100, 2000)
    assert first["events"] == 2001


def test_markup_stays_text(api: InspectorClient):
    response, body = api.request("/inspect/api/exchange/0.1")
    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(body)["message"] == ODD
