from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
from http import HTTPStatus

import msgspec
import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest

from foundation.errors import UsageError
from foundation.web.guard import Guard, check_token, guard
from replayer.admin.operations import OPERATIONS, shortened
from replayer.admin.requests import MissesParameters
from replayer.journal import JournalEntry
from replayer.schedule.pace import Pace

TOKEN = "open sesame"
ANY_PORT = ("127.0.0.1", 0)


def refusal(our_guard, **headers):
    named = HTTPHeaders({name.replace("_", "-"): value for name, value in headers.items()})
    return our_guard.refusal(HTTPServerRequest(method="GET", uri="/", headers=named))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "127.0.0.1:5001"}, None),
        ({"Host": "LOCALHOST:5001"}, None),
        ({"Host": "[::1]:5001"}, None),
        ({"Host": "127.0.0.1:5001", "Origin": "http://localhost:5001"}, None),
        ({}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Host": "127.0.0.1:5000"}, 403),
        ({"Host": "rebound.example:5001"}, 403),
        ({"Host": "127.0.0.1:5001", "Origin": "https://evil.example"}, 403),
        ({"Host": "127.0.0.1:5001", "Origin": "http://localhost:3000"}, 403),
        ({"Host": "127.0.0.1:5001", "Origin": "null"}, 403),
    ],
)
def test_on_loopback_no_foreign_page_may_ask(headers, status):
    assert refusal(guard("127.0.0.1", 5001, ""), **headers) == status


def test_port_80_needs_no_mention():
    assert refusal(guard("127.0.0.1", 80, ""), Host="localhost") is None
    assert refusal(guard("::1", 80, ""), Host="[::1]:80") is None


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {TOKEN}", None),
        (f"bearer  {TOKEN} ", None),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
        ("Bearer", 401),
        ("Bearer open sesam\u00e9", 401),
        ("", 401),
    ],
)
@pytest.mark.parametrize("host", ["192.0.2.1", "bot.example"])
def test_elsewhere_it_takes_the_token_and_any_host(host, authorization, status):
    assert refusal(guard(host, 5001, TOKEN), Host="any", Authorization=authorization) == status


def test_a_token_that_is_set_holds_on_loopback_too():
    assert refusal(guard("127.0.0.1", 5001, TOKEN), Host="127.0.0.1:5001") == 401
    assert guard("127.0.0.1", 5001, TOKEN).hosts
    assert Guard("", frozenset()).refusal(HTTPServerRequest(method="GET", uri="/")) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "bot.example"])  # noqa: S104 - nothing listens
def test_others_are_not_served_without_a_token(host):
    with pytest.raises(UsageError, match="CHATREEL_ADMIN_TOKEN"):
        check_token(host, "")
    check_token(host, TOKEN)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_on_loopback_no_token_is_needed(host):
    check_token(host, "")


def ask(server, request):
    with socket.create_connection(server.admin_address, timeout=10) as connection:
        connection.sendall(request.format(*server.admin_address).encode())
        head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
        return int(head.split()[1]), head, json.loads(body)


REST = " HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("request_text", "status", "error"),
    [
        ("GET /health" + REST + "\r\n", 200, None),
        ("GET /" + REST + "\r\n", 404, "Not Found"),
        ("GET /health/x" + REST + "\r\n", 404, "Not Found"),
        ("POST /health" + REST + "Content-Length: 0\r\n\r\n", 405, "Method Not Allowed"),
        ("GET /health" + REST + "Origin: http://evil.example\r\n\r\n", 403, "Forbidden"),
        ("GET /nothing" + REST + "Origin: http://evil.example\r\n\r\n", 403, "Forbidden"),
    ],
)
def test_the_pages(replay, capfd, request_text, status, error):
    found, head, body = ask(replay(admin=ANY_PORT), request_text)
    assert (found, body.get("error")) == (status, error)
    assert b"X-Content-Type-Options: nosniff" in head
    assert capfd.readouterr() == ("", "")


def test_a_token_is_asked_for(replay):
    server = replay(admin=ANY_PORT, admin_token=TOKEN)
    status, head, _ = ask(server, "GET /health" + REST + "\r\n")
    assert status == 401
    assert b"www-authenticate: bearer" in head.lower()
    assert ask(server, "GET /health" + REST + f"Authorization: Bearer {TOKEN}\r\n\r\n")[0] == 200


def test_no_admin_listener(replay):
    assert replay(admin=None).admin_address is None


def call(server, method, path, body=None, **headers):
    host, port = server.admin_address
    connection = http.client.HTTPConnection(host, port, timeout=10)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()


def ask_json(server, path):
    status, _, body = call(server, "GET", path)
    assert status == 200, body
    return json.loads(body)


def get(path, cookie=""):
    cookies = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: h\r\n{cookies}Connection: close\r\n\r\n".encode()


COOKIE = "session_id=4f1c2d9ab37e; Path=/"
RECORDED = "session_id=4f1c2d9ab37e"


@pytest.fixture
def chatbot(replay, make_exchange):
    """A recorded session of two requests, a lone exchange, and one that was cut without an answer."""

    def answer(text, url, *more, **others):
        return make_exchange([(0, text)], (("Content-Length", str(len(text))), *more), url=url, **others)

    started = answer(b"started", "http://bot/start", ("Set-Cookie", COOKIE), status=202)
    asked = answer(b"polled", "http://bot/poll?n=1")
    asked = msgspec.structs.replace(
        asked, request=msgspec.structs.replace(asked.request, headers=(("Cookie", RECORDED),))
    )
    lone = answer(b"lone", "http://bot/lone")
    cut = make_exchange(url="http://bot/cut", answered=False, how="reset")

    def start(**settings):
        return replay(started, asked, lone, cut, **({"admin": ANY_PORT} | settings))

    return start


def converse(server):
    """Session 0 with both its requests, one request of session 1, the lone one twice, and a miss."""
    cookie = server.ask(get("/start")).partition(b"Set-Cookie: ")[2].partition(b";")[0].decode()
    server.ask(get("/poll?n=1", cookie))
    server.ask(get("/start"))
    server.ask(get("/lone"))
    server.ask(get("/lone"))
    server.ask(get("/lone?x=2"))
    return cookie


def told(page, *fields):
    return [tuple(entry[field] for field in fields) for entry in page]


def test_the_journal_tells_what_was_served_to_whom_and_why(chatbot):
    server = chatbot()
    converse(server)
    server.ask(get("/cut"))
    page = ask_json(server, "/journal")
    assert told(page["entries"], "number", "target", "why", "session", "exchange", "status") == [
        (0, "/start", "match", 0, 0, 202),
        (1, "/poll?n=1", "match", 0, 1, 200),
        (2, "/start", "match", 1, 0, 202),
        (3, "/lone", "match", 2, 2, 200),
        (4, "/lone", "after-last", 3, 2, 200),
        (5, "/lone?x=2", "miss", None, None, 501),
        (6, "/cut", "match", 4, 3, None),
    ]
    assert {entry["cassette"] for entry in page["entries"]} == {"test.jsonl", None}
    assert {entry["method"] for entry in page["entries"]} == {"GET"}
    times = told(page["entries"], "at")
    assert times == sorted(times)
    assert page["next"] == 7


@pytest.mark.parametrize(
    ("query", "numbers", "following"),
    [
        ("", [0, 1, 2, 3, 4, 5], 6),
        ("?session=0", [0, 1], 6),
        ("?session=9", [], 6),
        ("?why=miss", [5], 6),
        ("?why=after-last", [4], 6),
        ("?method=GET&path=/start", [0, 2], 6),
        ("?method=POST", [], 6),
        ("?path=/lone", [3, 4, 5], 6),
        ("?path=/l", [], 6),
        ("?path=/l*", [3, 4, 5], 6),
        ("?path=*", [0, 1, 2, 3, 4, 5], 6),
        ("?path=", [], 6),
        ("?limit=2", [0, 1], 2),
        ("?since=2&limit=3", [2, 3, 4], 5),
        ("?since=5", [5], 6),
        ("?since=5&limit=1", [5], 6),
        ("?since=6", [], 6),
        ("?path=/lone&limit=1", [3], 4),
    ],
)
def test_a_part_of_the_journal(chatbot, query, numbers, following):
    server = chatbot()
    converse(server)
    page = ask_json(server, f"/journal{query}")
    assert [entry["number"] for entry in page["entries"]] == numbers
    assert page["next"] == following


def test_a_miss_comes_with_what_is_nearest_and_what_differs(chatbot):
    server = chatbot()
    converse(server)
    (miss,) = ask_json(server, "/misses")["misses"]
    assert (miss["number"], miss["target"], miss["status"]) == (5, "/lone?x=2", 501)
    nearest = miss["nearest"][0]
    assert (nearest["cassette"], nearest["exchange"]) == ("test.jsonl", 2)
    assert nearest["differences"] == [{"what": "query x", "expected": "nothing", "found": "2"}]
    assert ask_json(server, "/misses?path=/start")["misses"] == []
    assert ask_json(server, "/misses?since=6")["misses"] == []


@pytest.mark.parametrize(
    ("why", "exchange", "missed"),
    [("miss", None, True), ("forwarded", None, True), ("match", 0, False), ("lost-session", 0, False)],
)
def test_what_was_forwarded_was_a_miss_too(why, exchange, missed):
    entry = JournalEntry(number=0, at=0, method="GET", target="/s", why=why, exchange=exchange)
    assert MissesParameters().fits(entry) is missed


def test_sessions_are_listed_without_their_tokens(chatbot):
    server = chatbot()
    cookie = converse(server).partition("=")[2]
    page = ask_json(server, "/sessions")
    assert told(page["sessions"], "number", "played") == [(0, 2), (1, 1), (2, 1), (3, 1)]
    first = page["sessions"][0]
    assert (first["recorded"], first["tokens"]) == ([0], [f"{cookie[:3]}..."])
    assert cookie not in json.dumps(page)
    assert 0 <= first["began"] <= page["sessions"][1]["began"]
    assert first["idle"] >= page["sessions"][1]["idle"] >= 0
    assert page["next"] == 4
    page = ask_json(server, "/sessions?since=1&limit=2")
    assert (told(page["sessions"], "number"), page["next"]) == ([(1,), (2,)], 3)


@pytest.mark.parametrize(
    ("token", "shown"), [("123456", "1..."), ("a" * 12, "aaa..."), ("a" * 4096, "aaaaaaaa...")]
)
def test_a_token_is_shortened(token, shown):
    assert shortened(token) == shown


def test_whether_all_was_played_can_be_asked(chatbot):
    server = chatbot()
    converse(server)
    page = ask_json(server, "/exchanges")
    assert told(page["exchanges"], "number", "exchange", "target", "status", "played") == [
        (0, 0, "/start", 202, 2),
        (1, 1, "/poll?n=1", 200, 1),
        (2, 2, "/lone", 200, 2),
        (3, 3, "/cut", None, 0),
    ]
    assert told(page["exchanges"], "cassette", "method") == 4 * [("test.jsonl", "GET")]
    assert (page["total"], page["played"], page["next"]) == (4, 3, 4)
    missing = ask_json(server, "/exchanges?played=false")
    assert told(missing["exchanges"], "target") == [("/cut",)]
    server.ask(get("/cut"))
    page = ask_json(server, "/exchanges?played=false")
    assert (page["exchanges"], page["total"], page["played"]) == ([], 4, 4)


def test_exchanges_come_in_pages(chatbot):
    server = chatbot()
    page = ask_json(server, "/exchanges?limit=3")
    assert (told(page["exchanges"], "number"), page["next"]) == ([(0,), (1,), (2,)], 3)
    page = ask_json(server, "/exchanges?since=3&limit=3")
    assert (told(page["exchanges"], "number"), page["next"]) == ([(3,)], 4)


def test_a_cassette_that_changed_under_us_is_said(chatbot, tmp_path):
    server = chatbot()
    (tmp_path / "test.jsonl").write_bytes(b"")
    status, _, body = call(server, "GET", "/exchanges")
    assert status == 500
    assert "test.jsonl" in json.loads(body)["error"]


def test_clearing_the_journal_leaves_clients_where_they_are(chatbot):
    server = chatbot()
    converse(server)
    assert call(server, "DELETE", "/journal")[::2] == (204, b"")
    assert ask_json(server, "/journal") == {"entries": [], "next": 6}
    assert ask_json(server, "/exchanges")["played"] == 0
    assert ask_json(server, "/health")["requests"] == 0
    assert len(ask_json(server, "/sessions")["sessions"]) == 4
    server.ask(get("/lone"))
    (entry,) = ask_json(server, "/journal")["entries"]
    assert (entry["number"], entry["why"]) == (6, "after-last")


def test_a_reset_begins_anew(chatbot):
    server = chatbot()
    converse(server)
    assert call(server, "POST", "/reset")[::2] == (204, b"")
    assert ask_json(server, "/sessions")["sessions"] == []
    server.ask(get("/lone"))
    (entry,) = ask_json(server, "/journal")["entries"]
    assert (entry["why"], entry["session"]) == ("match", 0)


HOUR = 3_600_000_000


def test_faults_hold_for_the_answers_that_begin_after_them(replay, make_exchange):
    server = replay(make_exchange([(0, b"abc")]), admin=ANY_PORT, faults=["delay time=1us"])
    assert ask_json(server, "/faults") == {"faults": ["delay time=1us"], "seed": 0}
    plan = {"faults": ["reset nth=2", "drop-cookie"], "seed": 7}
    status, _, body = call(server, "PUT", "/faults", json.dumps(plan))
    assert (status, json.loads(body)) == (200, plan)
    request = b"GET /s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    assert [b"abc" in server.ask(request) for _ in range(3)] == [True, False, True]
    call(server, "POST", "/reset")
    assert [b"abc" in server.ask(request) for _ in range(2)] == [True, False]
    assert call(server, "DELETE", "/faults")[0] == 204
    assert ask_json(server, "/faults") == {"faults": [], "seed": 7}
    assert [entry["faults"] for entry in ask_json(server, "/journal")["entries"]] == [[], ["reset nth=2"]]


def test_a_plan_with_a_wrong_fault_changes_nothing(replay, make_exchange):
    server = replay(make_exchange(), admin=ANY_PORT, faults=["stall"])
    assert call(server, "PUT", "/faults", '{"faults": ["reset", "rest"]}')[0] == 422
    assert ask_json(server, "/faults")["faults"] == ["stall"]


def test_a_new_speed_holds_for_the_answers_that_begin_after_it(replay, make_exchange):
    slow = make_exchange([(0, b"a"), (HOUR, b"b")], end_at=HOUR)
    server = replay(slow, admin=ANY_PORT, pace=Pace())
    assert ask_json(server, "/speed") == {"speed": 1.0, "max_gap": None}
    with server.connect() as connection:
        connection.sendall(get("/s"))
        assert connection.recv(65536)
        status, _, body = call(server, "PUT", "/speed", '{"speed": "max"}')
        assert (status, json.loads(body)) == (200, {"speed": "max", "max_gap": None})
        assert server.ask(get("/s")).endswith(b"0\r\n\r\n")
        assert ask_json(server, "/health")["open_streams"] == 1
    call(server, "PUT", "/speed", '{"speed": 1000, "max_gap": 0.5}')
    assert ask_json(server, "/speed") == {"speed": 1000.0, "max_gap": 0.5}
    assert server.ask(get("/s")).endswith(b"0\r\n\r\n")


METRIC = re.compile(r'(?P<name>[a-z_]+)(\{why="(?P<why>[a-z-]+)"\})? (?P<value>\d+)')


def test_prometheus_is_told(chatbot):
    server = chatbot()
    answers = [server.ask(get("/start")), server.ask(get("/none"))]
    status, headers, body = call(server, "GET", "/metrics")
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = body.decode().splitlines()
    assert body.endswith(b"\n")
    samples = [METRIC.fullmatch(line) for line in lines if not line.startswith("# ")]
    found = {
        (sample["name"].removeprefix("chatreel_"), sample["why"]): int(sample["value"]) for sample in samples
    }
    assert (
        found.items()
        >= {
            ("requests_total", "match"): 1,
            ("requests_total", "miss"): 1,
            ("requests_total", "after-last"): 0,
            ("misses_total", None): 1,
            ("sent_bytes_total", None): sum(map(len, answers)),
            ("open_streams", None): 0,
            ("live_sessions", None): 1,
            ("exchanges", None): 4,
            ("exchanges_played", None): 1,
        }.items()
    )
    assert ("connections", None) in found
    for name in {sample["name"] for sample in samples}:
        assert [line.split()[1] for line in lines if line.split()[2:3] == [name]] == ["HELP", "TYPE"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("GET", "/journal?since=-1", None, 400, "in the query: Expected `int` >= 0 - at `$.since`"),
        ("GET", "/journal?since=x", None, 400, "in the query: Expected `int`, got `str` - at `$.since`"),
        ("GET", "/journal?limit=1001", None, 400, "in the query: Expected `int` <= 1000 - at `$.limit`"),
        ("GET", "/exchanges?limit=101", None, 400, "in the query: Expected `int` <= 100 - at `$.limit`"),
        ("GET", "/exchanges?played=maybe", None, 400, "in the query: Expected `bool`, got `str` - at `$.played`"),
        ("GET", "/journal?why=", None, 400, "in the query: Invalid enum value '' - at `$.why`"),
        ("GET", "/journal?session=null", None, 400, "in the query: Expected `int`, got `str` - at `$.session`"),
        ("GET", "/journal?method=GET&method=PUT", None, 400, "in the query: `method` is given 2 times"),
        ("GET", "/journal?limits=1", None, 400, "in the query: Object contains unknown field `limits`"),
        ("GET", "/journal?path=%ff", None, 400, "in the query: 'utf-8' codec can't decode"),
        ("GET", "/health?x", None, 400, "in the query: Object contains unknown field `x`"),
        ("GET", "/health", b"x", 400, "GET /health takes no body"),
        ("POST", "/reset", b"{}", 400, "POST /reset takes no body"),
        ("POST", "/reset?all=1", None, 400, "in the query: Object contains unknown field `all`"),
        ("DELETE", "/journal?since=3", None, 400, "in the query: Object contains unknown field `since`"),
        ("PUT", "/faults", b"{}", 400, "in the body: Object missing required field `faults`"),
        ("PUT", "/faults", b'{"faults": ["rest"]}', 422, "there is no fault 'rest', did you mean 'reset'?"),
        ("PUT", "/faults", b'{"faults": ["reset"], "seed": -1}', 400, "in the body: Expected `int` >= 0"),
        ("PUT", "/speed", None, 400, "in the body: Input data was truncated"),
        ("PUT", "/speed", b"{", 400, "in the body: Input data was truncated"),
        ("PUT", "/speed", b"\xff", 400, "in the body: "),
        ("PUT", "/speed", b"[" * 60_000, 400, "in the body: "),
        ("PUT", "/speed", b"{}", 400, "in the body: Object missing required field `speed`"),
        ("PUT", "/speed", b'{"speed": 0}', 400, "in the body: Expected `float` >= 0.001 - at `$.speed`"),
        ("PUT", "/speed", b'{"speed": 1e9}', 400, "in the body: Expected `float` <= 1000000.0 - at `$.speed`"),
        ("PUT", "/speed", b'{"speed": "fast"}', 400, "in the body: Invalid enum value 'fast' - at `$.speed`"),
        ("PUT", "/speed", b'{"speed": 1, "gap": 1}', 400, "in the body: Object contains unknown field `gap`"),
        ("PUT", "/speed", b'{"speed": 1, "max_gap": -1}', 400, "in the body: Expected `float` >= 0"),
        ("PUT", "/speed?speed=1", b'{"speed": 1}', 400, "in the query: Object contains unknown field `speed`"),
        ("PUT", "/speed", b" " * 65_537, 413, "the body has more than 65536 bytes"),
        ("PUT", "/speed", b" " * 1_000_000, 413, "the body has more than 65536 bytes"),
        ("POST", "/reset", [b"x" * 40_000, b"x" * 40_000], 413, "the body has more than 65536 bytes"),
        ("GET", "/journals", None, 404, "Not Found"),
        ("GET", "/journal/", None, 404, "Not Found"),
        ("PUT", "/nothing", b"{}", 404, "Not Found"),
    ],
)  # fmt: skip
def test_a_question_that_is_wrong_is_told_so(chatbot, capfd, method, path, body, status, error):
    server = chatbot(pace=Pace())
    server.ask(get("/lone"))
    found, headers, answer = call(server, method, path, body)
    assert (found, headers["Content-Type"]) == (status, "application/json")
    assert json.loads(answer).keys() == {"error"}
    assert json.loads(answer)["error"].startswith(error)
    assert ask_json(server, "/speed")["speed"] == 1.0
    assert ask_json(server, "/health")["requests"] == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "media_type", ["multipart/form-data", "application/x-www-form-urlencoded", "what/ever;;="]
)
def test_a_body_is_read_as_json_whatever_it_calls_itself(chatbot, media_type):
    server = chatbot()
    status, _, _ = call(server, "PUT", "/speed", b'{"speed": 2}', **{"Content-Type": media_type})
    assert (status, ask_json(server, "/speed")["speed"]) == (200, 2.0)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/health", "GET, HEAD, OPTIONS"),
        ("/journal", "GET, DELETE, HEAD, OPTIONS"),
        ("/reset", "POST, OPTIONS"),
        ("/speed", "GET, PUT, HEAD, OPTIONS"),
    ],
)
def test_the_methods_of_a_path_are_told(chatbot, path, allowed):
    server = chatbot()
    status, headers, body = call(server, "OPTIONS", path)
    assert (status, headers["Allow"], headers["Content-Type"], body) == (204, allowed, None, b"")
    for method in {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"} - set(
        allowed.split(", ")
    ):
        status, headers, body = call(server, method, path)
        assert (status, headers["Allow"]) == (405, allowed)
        assert body == b"" if method == "HEAD" else json.loads(body) == {"error": "Method Not Allowed"}


def test_head_is_get_without_its_body(chatbot):
    server = chatbot()
    status, headers, body = call(server, "HEAD", "/speed")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(call(server, "GET", "/speed")[2])


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_no_operation_is_open_to_strangers(chatbot, operation):
    server = chatbot(admin_token=TOKEN, pace=Pace())
    server.ask(get("/lone"))
    bodies = {"/speed": b'{"speed": 9}', "/faults": b'{"faults": []}'}
    body = bodies[operation.path] if operation.method == "PUT" else None
    mine = {"Authorization": f"Bearer {TOKEN}"}
    for headers, status in [
        ({}, 401),
        (mine | {"Origin": "http://evil.example"}, 403),
        (mine | {"Host": "evil.example"}, 403),
    ]:
        found, _, answer = call(server, operation.method, operation.path, body, **headers)
        assert (found, json.loads(answer)) == (status, {"error": HTTPStatus(status).phrase})
    assert json.loads(call(server, "GET", "/health", **mine)[2])["requests"] == 1
    assert json.loads(call(server, "GET", "/speed", **mine)[2])["speed"] == 1.0
    assert call(server, operation.method, operation.path, body, **mine)[0] in {200, 204}
