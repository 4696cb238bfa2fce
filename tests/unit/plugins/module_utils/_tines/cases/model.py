# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A case on a server in memory, and strategies for cases."""

from __future__ import annotations

import copy
from datetime import datetime, timezone
from typing import Any

from ansible_collections.casework.cases.plugins.module_utils._core.plan import Plan
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.fields import (
    NORMALIZERS,
    Case,
    parse_case,
    record_ids,
)
from hypothesis import strategies as st


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)


DEFAULT_SUB_STATUS = {"OPEN": 100, "CLOSED": 200}
UPDATE = {
    *("name", "team_id", "description", "priority", "status", "sub_status_id", "author_email", "closure_conditions"),
    *("add_assignee_emails", "remove_assignee_emails", "add_tag_names", "remove_tag_names"),
    *("opened_at", "resolved_at"),
}
CREATE = {
    *("team_id", "name", "template_id", "description", "priority", "status", "sub_status_id", "author_email"),
    *("assignee_emails", "tag_names", "opened_at", "resolved_at", "metadata", "closure_conditions", "field_values"),
}


class Server:
    """One case. It takes what the vendor's pages document, and nothing else.

    as_text: metadata is kept as text. replaces: metadata is replaced as a whole.
    """

    def __init__(self, case: Case | None = None, as_text: bool = False, replaces: bool = False) -> None:
        self.case: Case | None = copy.deepcopy(case)
        self._as_text = as_text
        self._replaces = replaces

    def apply(self, plan: Plan[Case]) -> None:
        for request in plan.requests:
            copy.deepcopy(request).send(self)

    def create_case(self, wanted: Case, _buttons: Any) -> None:
        assert self.case is None
        assert set(wanted) - {"record_ids"} <= CREATE
        self.case = {"case_id": 1, "status": "OPEN", "priority": "LOW", "metadata": {}, "records": [], "url": "u"}
        self.case["sub_status"] = {"id": 100}
        self.case["assignees"] = [{"email": email} for email in wanted.get("assignee_emails", ["key@x.example"])]
        self.case["tags"] = [{"name": name} for name in wanted.get("tag_names", [])]
        self._keep_metadata(wanted.get("metadata", {}))
        self._set({key: value for key, value in wanted.items() if key in UPDATE})

    def update_case(self, case_id: int, body: Case) -> None:
        assert body
        assert set(body) <= UPDATE
        assert self._own["case_id"] == case_id
        self._set(body)

    def set_metadata(self, case_id: int, metadata: Case, first: bool) -> None:
        assert first is not bool(self._own.get("metadata"))
        if self._replaces:
            self._own["metadata"] = {}
        self._keep_metadata(metadata)

    def remove_metadata(self, case_id: int, keys: list[str], rest: Case) -> None:
        metadata = self._own["metadata"]
        assert keys
        assert not set(keys) & set(rest)
        assert all(metadata[key] is not None for key in keys)
        self._own["metadata"] = {key: value for key, value in metadata.items() if key not in keys}

    def add_record(self, case_id: int, record_id: int) -> None:
        assert record_id not in (record_ids(self._own) or ())
        self._own["records"] = [*self._own["records"], {"id": record_id}]

    def delete_case(self, case_id: int) -> None:
        assert self._own["case_id"] == case_id
        self.case = None

    @property
    def _own(self) -> Case:
        assert self.case is not None
        return self.case

    def _keep_metadata(self, given: Case) -> None:
        texts = {
            key: value
            if isinstance(value, dict) or value is None
            else str(value).lower()
            if isinstance(value, bool)
            else str(value)
            for key, value in given.items()
        }
        self._own["metadata"] = {**self._own["metadata"], **(texts if self._as_text else given)}

    def _set(self, body: Case) -> None:
        case = self._own
        status = str(body.get("status", case["status"])).upper()
        if status != case["status"]:
            case["resolved_at"] = "2026-11-22T00:00:00Z" if status == "CLOSED" else None
            case["sub_status"] = {"id": DEFAULT_SUB_STATUS[status]}
        for name in ("name", "description", "opened_at", "resolved_at", "closure_conditions"):
            if name in body:
                case[name] = body[name]
        for name in ("status", "priority"):
            if name in body:
                case[name] = body[name].upper()
        for name, shown, key in (
            ("team_id", "team", "id"),
            ("sub_status_id", "sub_status", "id"),
            ("author_email", "author", "email"),
        ):
            if name in body:
                case[shown] = {key: body[name]}
        for name, shown, key in (("assignee_emails", "assignees", "email"), ("tag_names", "tags", "name")):
            items = [item for item in case[shown] if item[key] not in body.get(f"remove_{name}", ())]
            case[shown] = [*items, *({key: each} for each in body.get(f"add_{name}", ()))]


EMAILS = st.sampled_from(["jane@x.example", "Jane@X.example", "jo@x.example", "JO@x.example", "bo@x.example"])
TAGS = st.sampled_from(["a", "A", "b", "c"])
MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)).map(
    lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")
)
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.text("aAbB1 ", max_size=2)
METADATA = st.dictionaries(st.sampled_from("abc"), SCALARS | st.dictionaries(st.just("x"), SCALARS), max_size=3)
CONDITIONS = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("mn"), "formula": st.sampled_from(["=TRUE", "=FALSE"])}), max_size=2
)
TEXTS = st.sampled_from(["", "a", "A", "a\r\nb", "a\nb\n", " a "])
SETTABLE: dict[str, st.SearchStrategy[Any]] = {
    "team_id": st.integers(1, 2),
    "description": TEXTS,
    "priority": st.sampled_from(["low", "HIGH"]),
    "sub_status_id": st.sampled_from([100, 200, 300]),
    "author_email": EMAILS,
    "assignee_emails": st.lists(EMAILS, max_size=3),
    "tag_names": st.lists(TAGS, max_size=3),
    "opened_at": MOMENTS | st.just("2026-01-31"),
    "resolved_at": MOMENTS,
    "metadata": METADATA,
    "closure_conditions": CONDITIONS,
    "record_ids": st.lists(st.integers(1, 4), max_size=3),
}
MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "add_assignee_emails": st.lists(EMAILS, max_size=2),
    "remove_assignee_emails": st.lists(EMAILS, max_size=2),
    "add_tag_names": st.lists(TAGS, max_size=2),
    "remove_tag_names": st.lists(TAGS, max_size=2),
}


def combinable(given: Case) -> Case:
    """The same without what cannot be asked for together: the whole set before its members, adding before removing."""
    for name, fold in NORMALIZERS.items():
        added = {fold(item) for item in given.get(f"add_{name}", ())}
        if f"remove_{name}" in given:
            left = [item for item in given[f"remove_{name}"] if fold(item) not in added]
            given = {**given, f"remove_{name}": left}
        if name in given:
            given = {key: value for key, value in given.items() if key not in (f"add_{name}", f"remove_{name}")}
    return given


WANTED = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Mail", "mail"]),
        "status": st.sampled_from(["open", "CLOSED"]),
        **SETTABLE,
        **MEMBERS,
    },
).map(lambda given: parse_case(combinable(given)))
NEW = st.fixed_dictionaries(
    {"name": st.just("Mail"), "team_id": st.just(1)},
    optional={"template_id": st.just("4"), **{key: SETTABLE[key] for key in SETTABLE if key != "team_id"}, **MEMBERS},
).map(lambda given: parse_case(combinable(given)))
CASES = st.fixed_dictionaries(
    {
        "case_id": st.just(7),
        "name": st.sampled_from(["Mail", "mail"]),
        "description": TEXTS | st.none(),
        "priority": st.sampled_from(["LOW", "HIGH"]),
        "status": st.sampled_from(["OPEN", "CLOSED"]),
        "sub_status": st.fixed_dictionaries({"id": st.sampled_from([100, 200, 300])}),
        "team": st.fixed_dictionaries({"id": st.integers(1, 2)}),
        "author": st.fixed_dictionaries({"email": EMAILS}),
        "assignees": st.lists(
            st.fixed_dictionaries({"email": EMAILS}), max_size=3, unique_by=lambda u: u["email"].lower()
        ),
        "tags": st.lists(
            st.fixed_dictionaries({"id": st.just(1), "name": TAGS}), max_size=3, unique_by=lambda t: t["name"]
        ),
        "opened_at": MOMENTS,
        "resolved_at": MOMENTS | st.none(),
        "metadata": METADATA,
        "closure_conditions": CONDITIONS,
        "records": st.lists(st.fixed_dictionaries({"id": st.integers(1, 4)}), max_size=3, unique_by=lambda r: r["id"]),
        "url": st.just("https://acme.tines.com/team/1/cases/7"),
        "activities": st.just([{"id": 1}]),
    }
)


FOUND = st.fixed_dictionaries(
    {
        "team": st.fixed_dictionaries({"id": st.integers(1, 2)}),
        "status": st.sampled_from(["OPEN", "CLOSED", "open"]),
        "priority": st.sampled_from(["LOW", "HIGH"]),
        "tags": st.lists(TAGS, max_size=2).map(lambda names: [{"name": name} for name in names]),
        "metadata": st.dictionaries(st.sampled_from("abc"), st.text("aA1", max_size=1) | st.integers(0, 1), max_size=2),
        "opened_at": st.sampled_from(
            [
                "2026-01-30T08:30:00Z",
                "2026-01-31T08:29:59Z",
                "2026-01-31T08:30:00Z",
                "2026-02-01",
                "2026-02-01T00:00:01Z",
            ]
        ),
    }
)
