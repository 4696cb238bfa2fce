# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.
"""The tasks of a case, found by their description. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._core.errors import OptionError
from .._core.values import same_text, tidy_text
from .endpoints import Batch, Endpoint, Item
from .people import emails, people, same_people
from .subresource import Field, Kind, parse_items

# https://www.tines.com/docs/api/cases/tasks/ (2025-10-02, batch 2026-04-21). A creation cannot set `completed`: that
# takes a second request.
TASKS = Kind(
    noun="task",
    plural="tasks",
    endpoint=Endpoint(
        "/api/v2/cases/{parent}/tasks",
        items="tasks",
        item="task",
        batch=Batch(25, lambda bodies: {"tasks": list(bodies)}),
    ),
    key="description",
    key_of=tidy_text,
    fields={
        "description": Field("description", same=same_text),
        "completed": Field("completed", same=lambda one, other: bool(one) == bool(other), on_create=False),
        "assignee_emails": Field("assignee_emails", shown="assignees", show=emails, show_as=people, same=same_people),
    },
)


def parse_tasks(given: Iterable[Any], option: str) -> tuple[Item, ...]:
    """The tasks of a list option. Raises `OptionError`."""
    tasks = parse_items(TASKS, given, option)
    for number, task in enumerate(tasks, start=1):
        if not task["description"].strip():
            raise OptionError(f"{option}: entry {number} has an empty description.")
    return tasks
