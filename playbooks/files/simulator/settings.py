# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches that make the server behave like another build of the vendor's, or a busier one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from . import checks
from .messages import ApiError

OLDEST_FIRST = "oldest_first"
NEWEST_FIRST = "newest_first"
SHOWN, HIDDEN, REFUSED = "shown", "hidden", "refused"


@dataclass(frozen=True)
class RateLimit:
    """At most ``requests`` within ``seconds``; ``retry_after``: the response says how long to wait."""

    requests: int = 100
    seconds: float = 10
    retry_after: bool = False


def _gone(name: str, value: Any) -> int | None:
    if value is None or value is False:
        return None
    if value is True:
        return 404
    if value in (404, 410):
        return int(value)
    raise ApiError(422, f"{name} must be false, 404 or 410", name)


def _status(*allowed: int) -> checks.Check:
    def check(name: str, value: Any) -> int:
        if value not in allowed:
            raise ApiError(422, "{} must be one of {}".format(name, ", ".join(map(str, allowed))), name)
        return int(value)

    return check


def _rate_limit(name: str, value: Any) -> RateLimit | None:
    if not value:
        return None
    known = {"requests": checks.number, "seconds": checks.duration, "retry_after": checks.flag}
    return RateLimit(**checks.fields(value, known, prefix=name + "."))


@dataclass
class Settings:
    """All switches; README.md says what each does."""

    without_v1: int | None = None
    latency_ms: float = 0
    clock_offset: float = 0
    rate_limit: RateLimit | None = None
    meta: bool = True
    bare_array: bool = False
    per_page_cap: int | None = None
    omit_query_params: bool = False
    omit_query_params_in_list: bool = False
    batch_answer_without_query_params: bool = False
    lowercase_enums: bool = False
    assign_when_empty: bool = False
    extra_attributes: list[str] = field(default_factory=list)
    path_prefix: str = ""
    created_status: int = 201
    list_order: str = OLDEST_FIRST
    string_ids: bool = False
    trim_text: bool = False
    ignored_fields: list[str] = field(default_factory=list)
    unknown_emails: list[str] = field(default_factory=list)
    unknown_ids: list[int] = field(default_factory=list)
    author_rule: int | None = 403
    closed_cases_read_only: bool = False
    children_touch_case: bool = True
    links_on_both_sides: bool = True
    file_info: bool = True
    file_info_hashes: list[str] = field(default_factory=lambda: ["md5", "sha256"])
    max_file_bytes: int | None = None
    bulk_fields_most: int | None = None
    cleared_fields_listed: bool = False
    sensitive_fields: str = SHOWN
    silent_activities: list[str] = field(default_factory=list)
    template_button_key: str = "actions"
    ignored_template_options: list[str] = field(default_factory=list)
    hidden_template_options: list[str] = field(default_factory=list)

    def change(self, body: Any) -> None:
        """Sets what the body names and leaves the rest.

        Raises:
            ApiError: 422 for an unknown switch or a value that it does not take; nothing is changed then.
        """
        for name, value in checks.fields(body, _CHECKS).items():
            setattr(self, name, value)

    def shown(self) -> dict[str, Any]:
        """All switches as JSON has them."""
        return asdict(self)


_NAMES = checks.list_of(checks.full_text)
_CHECKS = {
    "without_v1": _gone,
    "latency_ms": checks.duration,
    "clock_offset": checks.signed_number,
    "rate_limit": _rate_limit,
    "meta": checks.flag,
    "bare_array": checks.flag,
    "per_page_cap": checks.nullable(checks.number),
    "omit_query_params": checks.flag,
    "omit_query_params_in_list": checks.flag,
    "batch_answer_without_query_params": checks.flag,
    "lowercase_enums": checks.flag,
    "assign_when_empty": checks.flag,
    "extra_attributes": _NAMES,
    "path_prefix": checks.text,
    "created_status": _status(200, 201),
    "list_order": checks.one_of(OLDEST_FIRST, NEWEST_FIRST),
    "string_ids": checks.flag,
    "trim_text": checks.flag,
    "ignored_fields": _NAMES,
    "unknown_emails": checks.list_of(checks.email),
    "unknown_ids": checks.list_of(checks.number),
    "author_rule": checks.nullable(_status(400, 403, 404, 422)),
    "closed_cases_read_only": checks.flag,
    "children_touch_case": checks.flag,
    "links_on_both_sides": checks.flag,
    "file_info": checks.flag,
    "file_info_hashes": checks.list_of(checks.one_of("md5", "sha256")),
    "max_file_bytes": checks.nullable(checks.number),
    "bulk_fields_most": checks.nullable(checks.whole_number),
    "cleared_fields_listed": checks.flag,
    "sensitive_fields": checks.one_of(SHOWN, HIDDEN, REFUSED),
    "silent_activities": _NAMES,
    "template_button_key": checks.one_of("actions", "team_case_buttons"),
    "ignored_template_options": _NAMES,
    "hidden_template_options": _NAMES,
}
