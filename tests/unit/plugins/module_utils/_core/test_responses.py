# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server's own words are found in error bodies of every shape, and no shape breaks the parser."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import RequestError
from ansible_collections.casework.cases.plugins.module_utils._core.responses import (
    MAX_RAW_TEXT,
    HttpRequest,
    HttpResponse,
    Wording,
    parse_response,
    server_message,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._core.sending import (
    HTML,
    Connect,
    Serve,
    failure,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import answer
from hypothesis import given
from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


KEYS = st.text() | st.sampled_from(["error", "errors", "message", "detail", "details", "title", "source", "field"])


BODIES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"type": "not_found", "message": "Record not found"}}, "Record not found"),
        ({"error": {"message": "Record not found", "field": "case_id"}}, "Record not found (case_id)"),
        ({"errors": [{"message": "Bad", "details": "url is invalid"}]}, "Bad: url is invalid"),
        ([{"message": "Bad", "details": "url is invalid"}], "Bad: url is invalid"),
        ([{"message": "One"}, {"message": "Two"}], "One; Two"),
        ({"errors": ["One", "Two", "One"]}, "One; Two"),
        (
            {"errors": {"url": ["is invalid", "is too long"], "label": "is taken"}},
            "url: is invalid; is too long; label: is taken",
        ),
        ({"url": ["is invalid"]}, "url: is invalid"),
        ({"error": "Not allowed"}, "Not allowed"),
        ({"error": "Unauthorized", "message": "The token has expired"}, "Unauthorized: The token has expired"),
        ({"error": True, "message": "Not allowed"}, "Not allowed"),
        ({"errors": "Not allowed"}, "Not allowed"),
        ({"message": "Not allowed"}, "Not allowed"),
        ({"detail": "Not allowed"}, "Not allowed"),
        ({"message": {"message": "Not allowed"}}, "Not allowed"),
        ({"title": "Forbidden", "detail": "Not yours"}, "Forbidden: Not yours"),
        ({"title": "Same", "detail": "Same"}, "Same"),
        ({"errors": [{"title": "Bad", "source": {"pointer": "/data/x"}}]}, "Bad (/data/x)"),
        ({"errors": [{"title": "Bad", "source": "odd"}]}, "Bad"),
        ({"errors": [], "message": "Not allowed"}, "Not allowed"),
        ({"status": 404, "error": None}, "status: 404"),
        ("  Not \n\t allowed ", "Not allowed"),
        ("x" * (MAX_RAW_TEXT + 1), "x" * MAX_RAW_TEXT + "..."),
        (7, "7"),
        (None, ""),
        ("", ""),
        ([], ""),
        ({}, ""),
        ([None, "", {}, "One"], "One"),
        (True, ""),
    ],
)
def test_server_message(body: Any, words: str) -> None:
    assert server_message(body) == words


@given(BODIES)
def test_no_shape_breaks_server_message(body: Any) -> None:
    assert isinstance(server_message(body), str)


@pytest.mark.parametrize("deep", ["[" * 490 + "]" * 490, '{"error":' * 490 + "1" + "}" * 490])
def test_deep_body_does_not_break_server_message(deep: str) -> None:
    assert isinstance(server_message(json.loads(deep)), str)


def test_each_level_of_a_deep_body_is_read_once() -> None:
    reads = 0

    class Level(dict[str, Any]):
        def items(self) -> Any:
            nonlocal reads
            reads += 1
            return super().items()

    body = Level(error=None)
    for _level in range(30):
        body = Level(error=body)
    assert server_message(body) == ""
    assert reads <= 30


@given(st.binary())
def test_no_body_breaks_parse_response(content: bytes) -> None:
    wording = Wording("h", "/p", lambda value: value, {})
    for status in (200, 400):
        with contextlib.suppress(RequestError):
            parse_response(HttpRequest("GET", "/p"), HttpResponse(status, "Said", {}, content), wording)


@pytest.mark.parametrize(
    ("reply", "said", "details"),
    [
        (answer(403, {"error": {"message": "No"}}), "failed: 403 Said: No. Ask.", {"error": {"message": "No"}}),
        (answer(403, ["No"]), "failed: 403 Said: No. Ask.", ["No"]),
        (
            answer(403, b"Not  allowed.", Content_Type="text/plain"),
            "failed: 403 Said: Not allowed. Ask.",
            "Not  allowed.",
        ),
        (answer(403), "failed: 403 Said. Ask.", None),
        (answer(403, Content_Type="text/html"), "failed: 403 Said. Ask.", None),
        (answer(403, HTML), "failed: 403 Said: an HTML page. Ask.", HTML.decode()),
        (answer(403, HTML * 20), "failed: 403 Said: an HTML page. Ask.", (HTML * 20)[:MAX_RAW_TEXT].decode()),
        (answer(403, b"\xff\xfe\xfa"), "failed: 403 Said: ", "\ufffd\ufffd\ufffd"),
        (b"HTTP/1.1 403\r\nContent-Length: 0\r\n\r\n", "failed: 403. Ask.", None),
    ],
)
def test_refusal_has_the_servers_words(serve: Serve, connect: Connect, reply: bytes, said: str, details: Any) -> None:
    server = serve(reply)
    error = failure(connect(server, hints={403: "Ask."}), "DELETE")
    assert f"DELETE /p on 127.0.0.1:{server.port} {said}" in error.msg
    assert error.facts == {"status": 403, "method": "DELETE", "path": "/p", "details": details}


@pytest.mark.parametrize("body", [b"[" * 490 + b"]" * 490, b'{"errors":' * 490 + b"1" + b"}" * 490])
def test_deep_refusal_is_cut(serve: Serve, connect: Connect, body: bytes) -> None:
    error = failure(connect(serve(answer(422, body))))
    assert "failed: 422 Said" in error.msg
    assert len(json.dumps(error.facts)) < 1500


def test_huge_refusal_is_cut(serve: Serve, connect: Connect) -> None:
    body = json.dumps({"errors": [{"message": f"{number} is wrong"} for number in range(200_000)]}).encode()
    error = failure(connect(serve(answer(422, body))), "POST")
    assert len(json.dumps(error.result())) < 3000
    assert error.status == 422


def test_integer_of_thousands_of_digits_is_invalid(serve: Serve, connect: Connect) -> None:
    error = failure(connect(serve(answer(200, b'{"id": ' + b"9" * 5000 + b"}")), retries=0))
    assert "JSON that is incomplete or invalid" in error.msg
    assert len(error.msg) < 300


def test_control_characters_of_a_server_are_shown(serve: Serve, connect: Connect) -> None:
    error = failure(connect(serve(answer(422, {"message": "\x1b]0;x\x07 No"}))))
    assert r"\x1b]0;x\x07 No" in error.msg
    assert error.facts["details"] == {"message": r"\x1b]0;x\x07 No"}
