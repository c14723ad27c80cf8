from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.model import Request
from foundation.errors import UsageError
from replayer.matching.differences import LONGEST_VALUE, MOST_DIFFERENCES, RequestDifference
from replayer.matching.matcher import EVERYTHING, Match
from replayer.matching.options import parse_match

FORM = (("content-type", "Application/x-www-form-urlencoded; charset=utf-8"),)


def request(method="POST", url="http://h/p", body=b"", headers=()):
    return Request(exchange=0, at=0, method=method, url=url, http="1.1", headers=headers, body=body)


def told(found, recorded, match=EVERYTHING):
    return [(d.what, d.expected, d.found) for d in match.differences(found, recorded)]


def same(one, other, match=EVERYTHING):
    """By fingerprint."""
    keys = {match.fingerprint(r.method, r.url, r.headers, r.body) for r in (one, other)}
    return len(keys) == 1


def multipart(*parts, boundary="XX"):
    body = "".join(f"--{boundary}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
    content_type = f'multipart/form-data; boundary="{boundary}"'
    return request(headers=(("Content-Type", content_type),), body=f"{body}--{boundary}--\r\n".encode())


def related(boundary, label, text="one"):
    body = (
        f"--{boundary}\r\nContent-Type: application/json\r\nContent-ID: {label}\r\n\r\n{{}}\r\n"
        f"--{boundary}\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--{boundary}--\r\n"
    )
    return request(headers=(("Content-Type", f"multipart/related; boundary={boundary}"),), body=body.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (request(url="http://recorded:5000/p"), request(url="http://127.0.0.1:1/p")),
        (request(url="/p"), request(url="https://h/p")),
        (request(url="http://h"), request(url="http://h/")),
        (request(url="http://h?a=1"), request(url="http://other/?a=1")),
        (request(url="/p?a=1&b=2&a=3"), request(url="/p?a=1&a=3&b=2")),
        (request(url="/caf%c3%a9/%7Ea%2d"), request(url="/caf%C3%A9/~a-")),
        (request(url="/caf\u00e9?q=\u00e9"), request(url="/caf%C3%A9?q=%c3%a9")),
        (request(url="/p?a=x%20y"), request(url="/p?a=x+y")),
        (request(url="/p?"), request(url="/p")),
        (request(url="/p?a"), request(url="/p?a=")),
        (request(body=b'{"a": 1, "b": [true, null]}'), request(body=b'{"b":[true,null],\n"a":1.0}')),
        (request(body=b'{"a": 1, "a": 2}'), request(body=b'{"a": 2}')),
        (request(body=b"[1e2, -0.0, 0.10]"), request(body=b"[100, 0, 0.1]")),
        (request(body=b'"\\u00e9"'), request(body='"\u00e9"'.encode())),
        (request(body=b"\xff\x00"), request(body=b"\xff\x00")),
        (request(body=b'{"a": 1}', headers=FORM), request(body=b'{"a":1}')),  # as curl -d sends it
        (request(body=b"a=1&b=%20&a=2", headers=FORM), request(body=b"a=1&a=2&b=+", headers=FORM)),
        (request(body=b"[NaN, Infinity, 1e400]"), request(body=b"[NaN,Infinity,10e399]")),
        (request(body=b'{"\\ud83d": "\\ud83d"}'), request(body=b'{"\\uD83D":"\\ud83D"}')),
        (request(body=b"[1%b]" % (b"0" * 400)), request(body=b"[1e400]")),
        (request(body=b"[1%b, -1e22]" % (b"0" * 22)), request(body=b"[1e22, -1%b]" % (b"0" * 22))),
        (request(body=b"0.1%b" % (b"0" * 400)), request(body=b"1e-1")),
        (related("AAA", "<1@x>"), related("BBB", "<2@x>")),
        (request(headers=FORM), request()),
        (
            multipart('name="a"\r\n\r\n1', "name=b\r\n\r\n2"),
            multipart('name="b"\r\n\r\n2', 'name="a"\r\n\r\n1', boundary="Y"),
        ),
    ],
)
def test_the_same_request(one, other):
    assert told(one, other) == []
    assert same(one, other)


@pytest.mark.parametrize(
    ("found", "recorded", "expected"),
    [
        (request("GET"), request("POST"), [("method", "POST", "GET")]),
        (request(url="/q"), request(url="http://h/p"), [("path", "/p", "/q")]),
        (request(url="/p%2F"), request(url="/p/"), [("path", "/p/", "/p%2F")]),
        (request(url="/p?a=1&c=3"), request(url="/p?a=2&b=2"),
         [("query a", "2", "1"), ("query b", "2", "nothing"), ("query c", "nothing", "3")]),
        (request(url="/p?a=1&a=1"), request(url="/p?a=1"), [("query a", "1", "1, 1")]),
        (request(url="/p?a=2&a=1"), request(url="/p?a=1&a=2"), [("query a", "1, 2", "2, 1")]),
        (request(url="/a%2Fb"), request(url="/a/b"), [("path", "/a/b", "/a%2Fb")]),
        (request(body=b"12345678901234567.1"), request(body=b"12345678901234567.2"),
         [("body", "12345678901234567.2", "12345678901234567.1")]),
        (request(body=b"9007199254740993.0"), request(body=b"9007199254740992"),
         [("body", "9007199254740992", "9007199254740993")]),
        (request(body=b"[NaN]"), request(body=b"[-Infinity]"), [("body /0", "-Infinity", "NaN")]),
        (request(body=b'{"\\ud83d": 1}'), request(body=b'{"\\ud83e": 1}'),
         [("body /\\ud83d", "nothing", "1"), ("body /\\ud83e", "1", "nothing")]),
        (related("A", "<1>", "two"), related("B", "<1>"), [("body 1", "text/plain; one", "text/plain; two")]),
        (request(url="/p?a=%FF"), request(url="/p?a=%FE"), [("query a", "\\xfe", "\\xff")]),
        (request(body=b'{"a": {"b/~": [1, true]}}'), request(body=b'{"a": {"b/~": [1, 1]}}'),
         [("body /a/b~1~0/1", "1", "true")]),
        (request(body=b'{"a": 1}'), request(body=b'{"b": "x"}'),
         [("body /a", "nothing", "1"), ("body /b", '"x"', "nothing")]),
        (request(body=b"[1]"), request(body=b"[1, null, {}]"),
         [("body /1", "null", "nothing"), ("body /2", "{}", "nothing")]),
        (request(body=b"[]"), request(body=b"{}"), [("body", "{}", "[]")]),
        (request(body=b"{}"), request(body=b"{"), [("body", "{", "{}")]),
        (request(body=b""), request(body=b"null"), [("body", "null", "")]),
        (request(body=b"\xff"), request(body="\u00e9".encode()), [("body", "\u00e9", "\\xff")]),
        (request(body=b"1e999"), request(body=b"2e999"), [("body", "2E+999", "1E+999")]),
        (request(body=b"a=1&b=2&a=3", headers=FORM), request(body=b"a=1&b=%C3%A9&c", headers=FORM),
         [("body a", "1", "1, 3"), ("body b", "\u00e9", "2"), ("body c", "", "nothing")]),
        (request(body=b"a=1", headers=FORM), request(body=b"a=1"),
         [("header content-type", "nothing", "Application/x-www-form-urlencoded; charset=utf-8")]),
        (request(body=b"&", headers=FORM), request(headers=FORM), [("body", "", "&")]),
        (multipart('name="a"; filename="x.txt"\r\nContent-Type: text/plain\r\n\r\n1\r\n2'),
         multipart('name="a"; filename="y.txt"\r\nContent-Type: text/plain\r\n\r\n1\r\n3'),
         [("body a", "y.txt; text/plain; 1\r\n3", "x.txt; text/plain; 1\r\n2")]),
        (request("GET", "/q?x=1", b"1"), request("POST", "/p", b"2"),
         [("method", "POST", "GET"), ("path", "/p", "/q"), ("query x", "nothing", "1"), ("body", "2", "1")]),
    ],
)  # fmt: skip
def test_what_differs_is_named(found, recorded, expected):
    assert told(found, recorded) == expected


def test_a_report_stays_readable():
    found = EVERYTHING.differences(
        request(body=json.dumps(["x" * 100_000] * 100).encode()), request(body=json.dumps([1] * 100).encode())
    )
    assert len(found) == MOST_DIFFERENCES
    assert max(len(d.found) for d in found) < LONGEST_VALUE + 50


def test_json_that_is_nested_too_deep_is_compared_as_bytes():
    deep = b"[" * 1_000_000
    assert told(request(body=deep), request(body=deep)) == []
    assert len(told(request(body=deep), request(body=b"[]"))) == 1


@pytest.mark.parametrize("depth", [100, 900])  # Python 3.12 bounds it at some 1000
def test_deep_json_is_still_json(depth):
    def nested(inner):
        return b"[" * depth + inner + b"]" * depth

    assert told(request(body=nested(b" 1 ")), request(body=nested(b"1.0"))) == []
    assert told(request(body=nested(b"1")), request(body=nested(b"2"))) == [
        ("body " + "/0" * depth, "2", "1")
    ]


scalars = st.sampled_from(
    [
        "null",
        "true",
        "false",
        "0",
        "1",
        "1.0",
        "-0.0",
        "1e0",
        "0.5",
        '""',
        '"1"',
        '"a"',
        '"\\u0061"',
        "2e999",
        "20e998",
        "NaN",
        "-Infinity",
        '"\\ud83d"',
        "12345678901234567.1",
        "12345678901234567.10",
    ]
)
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
        | st.lists(st.tuples(st.sampled_from("ab"), inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f'"{k}": {v}' for k, v in pairs) + "}"
        )
    ),
    max_leaves=5,
)
bodies = documents.map(str.encode) | st.sampled_from([b"", b"{", b"\xff", b" 1", b"[1 ]"])
queries = st.lists(
    st.sampled_from(["a=1", "a=2", "b=", "b", "a=%31", "a=+", "a=%20", "%FF=1", ""]), max_size=3
)
requests = st.builds(
    lambda method, origin, path, query, body: request(method, origin + path + "?" + "&".join(query), body),
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(["", "http://h", "https://h:1"]),
    st.sampled_from(["/", "/a"]),
    queries,
    bodies,
)


bodies |= st.lists(st.sampled_from(["a=1", "a=2", "b", "", "%FF=1"]), max_size=3).map(
    lambda p: "&".join(p).encode()
)
bodies |= st.lists(
    st.sampled_from(['name="a"\r\n\r\n1', 'name="a"; filename="1"\r\n\r\n',
                     'name="b"\r\nContent-Type: 1\r\n\r\n']), max_size=3
).map(lambda parts: multipart(*parts).body)  # fmt: skip
headers = st.lists(
    st.sampled_from([*FORM, *multipart().headers, ("Content-Type", "multipart/form-data"),
                     ("Accept", "1"), ("accept", ""), ("ACCEPT", "1, ")]), max_size=2
).map(tuple)  # fmt: skip
requests = st.builds(lambda one, headers: request(one.method, one.url, one.body, headers), requests, headers)
matches = st.builds(
    parse_match,
    st.lists(
        st.sampled_from(["+header:Accept", "+header:content-type", "-method", "-path", "-query", "-body"]),
        max_size=4,
    ),
    st.lists(
        st.sampled_from(["/a", "/a/b", "/*/a", "/0", "/*", "/1/0", "/a/*", "query:a", "query:b"]), max_size=3
    ),
)


@given(requests, requests, matches)
def test_equal_fingerprints_are_no_differences(one, other, match):
    assert same(one, other, match) is not bool(match.differences(one, other))


@given(bodies, bodies, headers, headers, matches)
def test_equal_fingerprints_are_no_differences_of_the_body(one, other, headers, others, match):
    one, other = request(body=one, headers=headers), request(body=other, headers=others)
    assert same(one, other, match) is not bool(match.differences(one, other))


@given(requests, requests, matches)
def test_differences_are_mutual(one, other, match):
    mirrored = [RequestDifference(d.what, d.found, d.expected) for d in match.differences(other, one)]
    assert match.differences(one, other) == mirrored


@given(
    st.text(max_size=50),
    st.binary(max_size=50)
    | st.binary(max_size=50).map(lambda part: b"--X\r\n" + part + b"\r\n\r\n\r\n--X--"),
    st.sampled_from(["multipart/form-data; boundary=X", "application/x-www-form-urlencoded"]),
)
def test_any_url_and_body_can_be_compared(url, body, content_type):
    any_request = request(url=url, body=body, headers=(("Content-Type", content_type),))
    assert told(any_request, any_request) == []
    assert same(any_request, any_request)


@pytest.mark.parametrize(
    ("words", "parts", "headers"),
    [
        ([], {"method", "path", "query", "body"}, ()),
        (["method,path"], {"method", "path"}, ()),
        (["method", " Path ,header:X-B", "header:x-a"], {"method", "path"}, ("x-a", "x-b")),
        (["+header:Accept,-query"], {"method", "path", "body"}, ("accept",)),
        (["-body", "+body"], {"method", "path", "query", "body"}, ()),
        (["path,-path"], set(), ()),
    ],
)
def test_what_is_compared_can_be_chosen(words, parts, headers):
    assert parse_match(words) == Match(parts=frozenset(parts), headers=headers)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("boddy", "did you mean body?"),
        ("+quary", "--match quary: .* did you mean query?"),
        ("haeder:Accept", "did you mean header:NAME?"),
        ("header:", "did you mean header:NAME?"),
        ("header:a b", "did you mean header:NAME?"),
        ("", "write method, path, query, body, header:NAME or exact"),
        ("zzz", "write method, path, query, body, header:NAME or exact"),
    ],
)
def test_a_part_that_is_none_is_named_with_the_nearest(word, hint):
    with pytest.raises(UsageError, match=hint.replace("?", r"\?")):
        parse_match([word])


@pytest.mark.parametrize(
    ("mark", "hint"),
    [
        ("session", "write /session, or query:session"),
        ("", "--match -body leaves out the whole body"),
        ("/a~2", "write ~ as ~0"),
    ],
)
def test_a_pointer_that_is_none(mark, hint):
    with pytest.raises(UsageError, match=hint):
        parse_match([], [mark])


@pytest.mark.parametrize(
    ("ignored", "one", "other"),
    [
        (["/id"], b'{"id": 1, "q": "a"}', b'{"q": "a"}'),
        (["/a/b~1~0"], b'{"a": {"b/~": 1, "c": 2}}', b'{"a": {"b/~": [2], "c": 2}}'),
        (["/turns/*/id"], b'{"turns": [{"id": 1, "q": 1}, {"q": 2}]}', b'{"turns": [{"q": 1}, {"id": 3, "q": 2}]}'),
        (["/*/id"], b'{"a": {"id": 1}, "b": [{"id": 1}]}', b'{"a": {}, "b": [{"id": 1}]}'),
        (["/1"], b"[1, 2, 3]", b"[1, {}, 3]"),
        (["/a/*"], b'{"a": [1, 2]}', b'{"a": []}'),
        (["/a", "/a/b", "/c/99999999999999999999"], b'{"a": {"b": 1}, "c": []}', b'{"c": []}'),
    ],
)  # fmt: skip
def test_what_is_ignored_is_no_difference(ignored, one, other):
    match = parse_match([], ignored)
    assert told(request(body=one), request(body=other)) != []
    assert told(request(body=one), request(body=other), match) == []
    assert same(request(body=one), request(body=other), match)


def test_what_is_beside_the_ignored_still_differs_and_is_named_by_its_own_place():
    match = parse_match([], ["/0", "/a", "query:t"])
    assert told(request(body=b"[1, 2]"), request(body=b"[5, 3]"), match) == [("body /1", "3", "2")]
    assert told(request(body=b"a=1&b=2", headers=FORM), request(body=b"a=2&b=3", headers=FORM), match) == [
        ("body b", "3", "2")
    ]
    assert told(request(url="/p?t=1&u=1"), request(url="/p?t=2&u=2"), match) == [("query u", "2", "1")]


def test_headers_are_compared_when_asked():
    match = parse_match(["+header:X-Tenant"])
    one, other = (request(headers=(("x-tenant", value), ("Accept", value))) for value in "ab")
    assert told(one, other) == []
    assert told(one, other, match) == [("header x-tenant", "b", "a")]
    assert told(request(), other, match) == [("header x-tenant", "b", "nothing")]
    split = request(headers=(("X-Tenant", "a"), ("X-TENANT", "b")))
    assert told(split, request(headers=(("X-Tenant", "a, b"),)), match) == []


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no boundary",
        b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\ncut',
        b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\ncut\r\n--XX',
        b"--XX\r\nContent-Type: text/plain\r\n\r\nno name\r\n--XX--",
        b"--XX\r\nno header\r\n\r\n1\r\n--XX--",
        b'--XX\nContent-Disposition: form-data; name="a"\n\n1\n--XX--',
    ],
)
def test_a_broken_multipart_body_is_compared_as_bytes(broken):
    headers = multipart().headers
    one, other = request(body=broken, headers=headers), multipart('name="a"\r\n\r\n1')
    assert same(one, one)
    assert [what for what, *_ in told(one, other)] == ["body"]


def test_a_multipart_body_of_too_many_parts_is_compared_as_bytes():
    many = multipart(*["name=a\r\n\r\n"] * 1001)
    assert told(many, many) == []
    assert [what for what, *_ in told(many, multipart("name=a\r\n\r\n"))] == ["body"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"query": "hi", "api_key": "sk-live-1"}', b'{"api_key": "xxxx", "query": "hi"}'),
        (b'{"auth": {"password": "a"}}', b'{"auth": {"password": "another"}}'),
        (b'{"credentials": {"user": "a", "pin": [1, 2]}}', b'{"credentials": {"user": "b", "pin": [3, 4]}}'),
    ],
)
def test_credentials_are_equal_whatever_they_are(one, other):
    found, recorded = request(body=one), request(body=other)
    assert EVERYTHING.differences(found, recorded) == []
    assert same(found, recorded)


def test_credentials_in_queries_forms_and_headers_are_equal_too():
    form = (("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", "Bearer one"))
    other = (*form[:1], ("Authorization", "Bearer two"))
    match = parse_match(["+header:Authorization"])
    found = request(url="/?api_key=abc&x=1", body=b"password=one&user=me", headers=form)
    recorded = request(url="/?api_key=xyz&x=1", body=b"user=me&password=two", headers=other)
    assert match.differences(found, recorded) == []
    bare = request(url="/?x=1", body=b"user=me", headers=form[:1])
    assert [d.what for d in match.differences(bare, recorded)] == [
        "query api_key",
        "header authorization",
        "body password",
    ]


def test_a_credential_that_is_missing_or_null_is_a_difference():
    for body in (b'{"query": "hi"}', b'{"query": "hi", "token": null}'):
        found = request(body=body)
        recorded = request(body=b'{"query": "hi", "token": "abc"}')
        assert [d.what for d in EVERYTHING.differences(found, recorded)] == ["body /token"]
        assert not same(found, recorded)
