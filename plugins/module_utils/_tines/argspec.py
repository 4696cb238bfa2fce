# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Pieces of argument specs that several modules share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._core.errors import OptionError
from .cases.fields import PREDICTED_CASE, PRIORITIES, STATUSES
from .cases.search import ORDERS

REVEAL_URLS: dict[str, Any] = {"reveal_urls": {"type": "bool", "default": False}}
"""The option of modules that return buttons or webhooks."""


class AnyCase(list[str]):
    """Choices of an option in which upper and lower case make no difference."""

    def __contains__(self, value: object) -> bool:
        return super().__contains__(str(value).lower())


BUTTON: dict[str, Any] = {
    "label": {"type": "str"},
    "url": {"type": "str"},
    "action_type": {"type": "str", "choices": ["webhook", "page"]},
    "action_text": {"type": "str"},
    "query_params": {"type": "dict"},
    "previous_labels": {"type": "list", "elements": "str"},
}
"""The options of `case_action` that say what a button is like."""

BUTTONS: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    # No choices here: the error that Ansible makes of them does not say which entry is wrong.
    "options": {
        **BUTTON,
        "label": {"type": "str", "required": True},
        "action_type": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
}
"""An option that takes a list of buttons."""

CASE: dict[str, Any] = {
    "description": {"type": "str"},
    "priority": {"type": "str", "choices": AnyCase(PRIORITIES)},
    "status": {"type": "str", "choices": AnyCase(STATUSES)},
    "author_email": {"type": "str"},
    "assignee_emails": {"type": "list", "elements": "str"},
    "tag_names": {"type": "list", "elements": "str"},
    "opened_at": {"type": "str"},
    "resolved_at": {"type": "str"},
    "metadata": {"type": "dict"},
    "closure_conditions": {
        "type": "list",
        "elements": "dict",
        "options": {"name": {"type": "str", "required": True}, "formula": {"type": "str", "required": True}},
    },
}
"""The options that say what a case is like, in both versions of the API."""

MEMBERS: dict[str, Any] = {
    "add_assignee_emails": {"type": "list", "elements": "str"},
    "remove_assignee_emails": {"type": "list", "elements": "str"},
    "add_tag_names": {"type": "list", "elements": "str"},
    "remove_tag_names": {"type": "list", "elements": "str"},
}
"""The options that change members of a set and leave the others."""

TASKS: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "description": {"type": "str", "required": True},
        "completed": {"type": "bool"},
        "assignee_emails": {"type": "list", "elements": "str"},
    },
}
"""An option that takes a list of tasks."""

MATCH: dict[str, Any] = {
    "match_by": {"type": "str", "choices": ["name", "metadata", "none"], "default": "name"},
    "match_key": {"type": "str", "no_log": False},
}
"""The options that say what a case is found by."""

SEARCH: dict[str, Any] = {
    "team_id": {"type": "list", "elements": "int"},
    "team": {"type": "str"},
    "name": {"type": "str"},
    "status": {"type": "str", "choices": AnyCase(STATUSES)},
    "priority": {"type": "list", "elements": "str", "choices": AnyCase(PRIORITIES)},
    "tags": {"type": "list", "elements": "str"},
    "assignees": {"type": "list", "elements": "str"},
    "search": {"type": "str"},
    "metadata": {"type": "dict"},
    "opened_after": {"type": "str"},
    "opened_before": {"type": "str"},
    "opened_within": {"type": "str"},
    "filters": {"type": "dict"},
    "order": {"type": "str", "choices": list(ORDERS)},
}
"""The options that say which cases are looked for."""

CONCURRENCY: dict[str, Any] = {"type": "int", "default": 8}


LIST_ON_CASES: dict[str, Any] = {
    "case_ids": {"type": "list", "elements": "int", "required": True, "aliases": ["case_id"]},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "exclusive": {"type": "bool", "default": False},
    "concurrency": CONCURRENCY,
}
"""The options of a module that makes a list of things be, or not be, on one or many cases."""

# Rules by which an option must be given, but may be null: `parse_case_id` has a better message for that than Ansible.
CASE_ID_GIVEN = [("state", "present", ("case_id",)), ("state", "absent", ("case_id",))]


def parse_case_ids(given: Iterable[int], option: str = "case_ids", *, check_mode: bool = False) -> list[int]:
    """The case IDs, each once, in the order given. Raises `OptionError` for what is no case ID.

    check_mode: 0 is accepted, see `PREDICTED_CASE`.
    """
    case_ids = list(dict.fromkeys(given))
    for case_id in case_ids:
        if case_id == PREDICTED_CASE and not check_mode:
            raise OptionError(
                f"{option}: 0 is not a case ID. It is what check mode returns for a case that would be new, so it "
                "comes from a task that ran in check mode while this one does not."
            )
        if case_id < 0:
            raise OptionError(f"{option}: {case_id} is not a case ID; case IDs begin with 1.")
    return case_ids


def parse_case_id(given: int | None, option: str = "case_id", *, check_mode: bool = False) -> int:
    """One case ID; see `parse_case_ids`. Raises `OptionError`, also for a null, which Ansible lets pass."""
    if given is None:
        raise OptionError(
            f"{option} is required but empty. A null often comes from the result of a task that was skipped."
        )
    return parse_case_ids([given], option, check_mode=check_mode)[0]


def parse_team_id(given: int) -> int:
    """A team ID. Raises `OptionError` for what is none."""
    if given < 1:
        raise OptionError(f"team_id: {given} is not a team ID; team IDs begin with 1.")
    return given
