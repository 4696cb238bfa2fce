# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server's own words are found in error bodies of every shape, and no shape breaks the reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._errors import (
    MAX_RAW_TEXT,
    CaseworkError,
    OptionError,
    RequestError,
    server_message,
)
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
        ("x" * (MAX_RAW_TEXT + 1), "x" * MAX_RAW_TEXT),
        (7, "7"),
        (None, ""),
        ("", ""),
        ([], ""),
        ({}, ""),
        ([None, "", {}, "One"], "One"),
        (True, ""),
    ],
)
def test_the_words_are_found(body: Any, words: str) -> None:
    assert server_message(body) == words


@given(BODIES)
def test_no_shape_breaks_the_reader(body: Any) -> None:
    assert isinstance(server_message(body), str)


@pytest.mark.parametrize("deep", ["[" * 490 + "]" * 490, '{"error":' * 490 + "1" + "}" * 490])
def test_not_even_a_bottomless_one_does(deep: str) -> None:
    assert isinstance(server_message(json.loads(deep)), str)


def test_an_error_is_its_message_and_facts() -> None:
    error = OptionError("No such thing.", changed=False)
    assert error.result() == {"msg": "No such thing.", "changed": False}
    assert str(error) == "No such thing."
    assert error.partial is None


def test_no_message_shows_the_secret_of_a_webhook() -> None:
    error = CaseworkError("The label 'https://h/webhook/p/5ec2e7' is taken.")
    assert "5ec2e7" not in f"{error.msg} {error} {error.result()}"


def test_an_answer_is_told_in_the_result() -> None:
    error = RequestError("No.", method="GET", path="/p", phase="answered", status=403, details={"error": "No"})
    assert error.result() == {"msg": "No.", "status": 403, "method": "GET", "path": "/p", "details": {"error": "No"}}


def test_without_an_answer_there_is_none_to_tell() -> None:
    assert RequestError("No.", method="GET", path="/p", phase="lost").result() == {"msg": "No."}
