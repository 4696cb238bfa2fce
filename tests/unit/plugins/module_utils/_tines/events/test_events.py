# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Payloads and what the API shows, as events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._tines.events import (
    activity_event,
    click_event,
    filtered,
    is_click,
    is_notification,
    neutralise,
    notification_event,
    updated_event,
)
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

SECRET_URL = "https://acme.tines.com/webhook/isolate/0a1b2c3d"
NOTIFICATION: dict[str, Any] = {
    "activity": {
        "id": 812,
        "activity_type": "commented",
        "value": "text",
        "created_at": "2026-09-03T14:10:22.000Z",
        "user": {"id": 27, "first_name": "Alex", "last_name": "Smith", "email": "alex.smith@example.com"},
    },
    "case": {
        "id": 42,
        "name": "Phishing",
        "status": "open",
        "priority": "HIGH",
        "sub_status": {"id": 1, "name": "New"},
        "team": {"id": 3, "name": "SOC"},
        "tags": [{"id": 1, "name": "mail"}, "urgent"],
        "url": "https://acme.tines.com/cases/42",
        "updated_at": "2026-09-03T16:10:22+02:00",
        "actions": [{"id": 5, "label": "Isolate", "url": SECRET_URL, "query_params": {"token": "t0ps3cret"}}],
    },
    "version": 2.0,
}
CLICK: dict[str, Any] = {
    "user": {"id": 27, "first_name": "Alex", "last_name": "Smith", "email": "alex.smith@example.com"},
    "button": {"id": 5, "label": "Isolate", "type": "webhook", "url": SECRET_URL},
    "case": NOTIFICATION["case"],
    "message": "Triggered by Isolate in case 42",
    "severity": "high",
    "dry_run": True,
}
FROM_API: dict[str, Any] = {
    "id": 812,
    "activity_type": "COMMENTED",
    "value": "text",
    "created_at": "2026-09-03T14:10:22Z",
    "user": {"user_id": "27", "first_name": "Alex", "last_name": "Smith", "email": "alex.smith@example.com"},
}

MARKS = st.text(alphabet="{}%#ab \\\u2028", max_size=12)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), MARKS, st.text())
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(MARKS, inner), max_leaves=12)


def test_notification_has_every_key_of_an_event() -> None:
    event = notification_event(NOTIFICATION)
    assert event["tines"] == {
        "event": "commented",
        "case_id": 42,
        "name": "Phishing",
        "team_id": 3,
        "status": "open",
        "sub_status": "New",
        "priority": "high",
        "tags": ["mail", "urgent"],
        "url": "https://acme.tines.com/cases/42",
        "updated_at": "2026-09-03T14:10:22Z",
        "via": "webhook",
        "activity": {
            "id": 812,
            "type": "commented",
            "at": "2026-09-03T14:10:22Z",
            "value": "text",
            "user": {"id": 27, "email": "alex.smith@example.com", "name": "Alex Smith"},
        },
    }
    assert list(event["meta"]) == ["uuid"]


def test_activity_has_one_uuid_whichever_way_it_came() -> None:
    case = {"case_id": 42, "name": "Phishing", "url": "https://acme.tines.com/cases/42"}
    polled = activity_event(case, FROM_API, via="poll", origin="ACME.tines.com")
    posted = notification_event(NOTIFICATION)
    assert polled["meta"] == posted["meta"]
    assert polled["tines"]["activity"] == posted["tines"]["activity"]


def test_other_tenant_or_activity_has_another_uuid() -> None:
    case = {"case_id": 42}
    events = [
        activity_event(case, FROM_API, via="poll", origin="one.example"),
        activity_event(case, FROM_API, via="poll", origin="two.example"),
        activity_event(case, {**FROM_API, "id": 813}, via="poll", origin="one.example"),
        updated_event({**case, "updated_at": "2026-01-01T00:00:00Z"}, via="poll", origin="one.example"),
        updated_event({**case, "updated_at": "2026-01-01T00:00:01Z"}, via="poll", origin="one.example"),
    ]
    assert len({event["meta"]["uuid"] for event in events}) == len(events)


def test_activity_of_creation_is_case_created() -> None:
    created = {**FROM_API, "activity_type": "CREATED"}
    assert activity_event({"case_id": 42}, created, via="poll")["tines"]["event"] == "case_created"


def test_click_has_button_parameters_and_person() -> None:
    event = click_event(CLICK)
    assert event["tines"]["event"] == "button"
    assert event["tines"]["button"] == {
        "id": 5,
        "label": "Isolate",
        "params": {"severity": "high", "dry_run": True},
        "user": {"id": 27, "email": "alex.smith@example.com", "name": "Alex Smith"},
    }


def test_two_clicks_have_two_uuids() -> None:
    assert click_event(CLICK)["meta"]["uuid"] != click_event(CLICK)["meta"]["uuid"]


@pytest.mark.parametrize("include_case", [False, True])
@pytest.mark.parametrize(("make", "payload"), [(notification_event, NOTIFICATION), (click_event, CLICK)])
def test_event_has_no_url_or_parameter_of_a_button(make: Any, payload: Any, include_case: bool) -> None:
    text = json.dumps(make(payload, include_case=include_case))
    assert "0a1b2c3d" not in text
    assert "t0ps3cret" not in text


def test_secret_of_a_webhook_in_a_comment_is_masked() -> None:
    event = activity_event({"case_id": 1}, {**FROM_API, "value": f"see {SECRET_URL}"}, via="poll")
    assert "0a1b2c3d" not in event["tines"]["activity"]["value"]


def test_notification_of_version_1_is_read_if_it_has_the_same_words() -> None:
    flat = {"activity_type": "created", "value": "42", "case": NOTIFICATION["case"], "version": 1.0}
    assert is_notification(flat)
    assert notification_event(flat)["tines"]["event"] == "case_created"


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "text",
        {},
        {"case": {"id": 1}},
        {"case": {"id": "x"}, "activity": {"activity_type": "created"}},
        {"case": {"id": True}, "button": {"id": 1}},
        {"case": [], "button": {"id": 1}},
        {"case": {"id": 1}, "button": {"label": "x"}},
        {"case": {"id": 1}, "activity": []},
    ],
)
def test_what_is_no_payload_is_none(payload: Any) -> None:
    assert not is_notification(payload)
    assert not is_click(payload)


@pytest.mark.parametrize("wrap", [lambda it: it, lambda it: {"payload": it}, lambda it: {"body": it}])
def test_filter_finds_the_payload_bare_or_wrapped(wrap: Any) -> None:
    event = filtered(wrap(NOTIFICATION))
    assert event["tines"]["case_id"] == 42


def test_filter_keeps_of_meta_what_cannot_hold_secrets() -> None:
    meta = {
        "endpoint": "s3cret-path",
        "headers": {"X-Secret": "s3cret"},
        "hosts": ["victim"],
        "source": {"name": "web", "type": "eda.builtin.webhook"},
        "received_at": "2026-01-01T00:00:00Z",
        "uuid": "random",
    }
    event = filtered({"payload": NOTIFICATION, "meta": meta})
    assert set(event["meta"]) == {"source", "received_at", "uuid"}
    assert event["meta"]["uuid"] == notification_event(NOTIFICATION)["meta"]["uuid"]
    assert "s3cret" not in json.dumps(event)


@given(TREES)
def test_filter_passes_anything_else_unchanged_and_drops_it_if_strict(tree: Any) -> None:
    for event in (tree, {"payload": tree}, {"body": tree, "meta": {}}):
        assert filtered(event) is event
        assert filtered(event, strict=True) == []


def test_filter_passes_an_event_of_the_source_unchanged() -> None:
    event = notification_event(NOTIFICATION)
    assert filtered(event, strict=True) is event


def _strings(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [text for key, value in tree.items() for text in (key, *_strings(value))]
    if isinstance(tree, list):
        return [text for value in tree for text in _strings(value)]
    return [tree] if isinstance(tree, str) else []


@given(TREES)
def test_no_text_is_a_template_after_neutralising(tree: Any) -> None:
    safe = neutralise(tree)
    for text in _strings(safe):
        assert not any(mark in text for mark in ("{{", "{%", "{#"))
        assert {kind for _line, kind, _text in Environment(autoescape=True).lex(text)} <= {"data"}
    assert neutralise(safe) == safe


@given(TREES)
def test_neutral_data_is_json_that_every_engine_reads(tree: Any) -> None:
    json.dumps(neutralise(tree), allow_nan=False, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("text", ["{{{ x }}}", "{{{{", "{%{{", "{{#{%", "{{%"])
def test_overlapping_marks_are_all_broken_up(text: str) -> None:
    assert not any(mark in neutralise(text) for mark in ("{{", "{%", "{#"))


@given(st.text())
def test_text_without_marks_and_surrogates_is_left_alone(text: str) -> None:
    assert neutralise(text) == text or "{" in text


def test_lone_surrogate_is_replaced() -> None:
    assert neutralise("a\ud800b") == "a\ufffdb"


def test_nested_data_is_cut_where_nobody_reads_it() -> None:
    deep: Any = "x"
    for _level in range(5000):
        deep = [deep]
    assert json.dumps(neutralise(deep)).count("[") <= 20


@pytest.mark.parametrize("key", ["__ansible_vault", "__ansible_unsafe", "___ansible_type"])
def test_key_that_ansible_takes_for_a_type_is_renamed(key: str) -> None:
    assert not next(iter(neutralise({key: "x"}))).startswith("_")
