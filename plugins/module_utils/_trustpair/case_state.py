# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What the answers of Trustpair say of a case, in whatever plausible shape they come. Pure.

Nothing of these shapes is documented. So a value that is not understood never counts as "done already", and what is not
shown is None, which is another thing than "there is none".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .fields import EVALUATIONS, OVERRIDE_STATES, RESPONSE_NAMES, STATUS_ALIASES

Json = dict[str, Any]


class Document:
    """The answer to a request: a JSON:API document, or a resource without the wrapper."""

    def __init__(self, answer: Json) -> None:
        data = answer.get("data", answer)
        self.resource: Json = data if isinstance(data, dict) else {}
        shown = answer.get("included")
        self.included: list[Json] = (
            [item for item in shown if isinstance(item, dict)] if isinstance(shown, list) else []
        )

    def related(self, resource: Json, key: str) -> list[Json] | None:
        """The resources that stand to this one in the relation: linked, or nested in it; None where it shows none."""
        linked, nested = resource.get("relationships"), fields(resource)
        found: list[Json] | None = None
        for name in RESPONSE_NAMES[key]:
            link = linked.get(name) if isinstance(linked, dict) else None
            if isinstance(link, dict) and "data" in link:
                value = link["data"]
            elif name in nested and not isinstance(nested[name], str):
                value = nested[name]
            else:
                continue
            items = value if isinstance(value, list) else [] if value is None else [value]
            found = [*(found or []), *map(self._whole, items)]
        return found

    def of_type(self, kind: str) -> list[Json]:
        """The included resources of a type, in singular or plural."""
        return [item for item in self.included if str(item.get("type", "")).lower() in (kind, f"{kind}s")]

    def _whole(self, item: Any) -> Json:
        """What a link leads to, else what stands there itself; a bare value is an id."""
        if not isinstance(item, dict):
            return {"id": item}
        if isinstance(item.get("data"), dict):
            item = item["data"]
        key = (item.get("type"), identity(item))
        return next((each for each in self.included if (each.get("type"), identity(each)) == key), item)


def fields(resource: Json) -> Json:
    """The values of a resource, whether they stand under `attributes` or not."""
    attributes = resource.get("attributes")
    return {**resource, **attributes} if isinstance(attributes, dict) else resource


def text_of(resource: Json, key: str) -> str | None:
    """The first text under one of the names for `key`."""
    values = fields(resource)
    return next((values[name] for name in RESPONSE_NAMES[key] if isinstance(values.get(name), str)), None)


def identity(resource: Json) -> str:
    """The id of a resource, as it is compared."""
    return str(resource.get("id") or "").lower()


def normalize_status(status: str | None) -> str | None:
    """What a status means; None where it is not known."""
    return None if status is None else STATUS_ALIASES.get(status.lower())


def same_text(one: str, other: str) -> bool:
    """Whether two comments say the same: line endings and blanks at the ends are no difference."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


@dataclass(frozen=True)
class Override:
    """An override request. status: as the server has it. What is not shown is None."""

    override_id: str = ""
    status: str | None = None
    target: str | None = None
    reviewers: frozenset[str] | None = None
    creator: str | None = None

    @property
    def is_pending(self) -> bool:
        return normalize_status(self.status) == "pending"

    def __str__(self) -> str:
        return f"{self.status or 'of unknown status'}{f' (for {self.target})' if self.target else ''}"

    def shown(self) -> Json:
        """The part of it that a diff shows."""
        reviewers = None if self.reviewers is None else sorted(self.reviewers)
        values = {"status": self.status, "state": self.target, "reviewer_ids": reviewers}
        return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True)
class CaseState:
    """What is known of a case; None is "not known".

    status: as the server has it. overrides: the latest override request, none or one; None also where there are several
    and none of them can be told to be the latest. comments: id to text.
    """

    read: bool = False
    status: str | None = None
    is_closed: bool = False
    evaluation: str | None = None
    overrides: tuple[Override, ...] | None = None
    comments: dict[str, str] | None = None

    @property
    def override(self) -> Override | None:
        """The latest override request, where there is one."""
        return self.overrides[0] if self.overrides else None

    def same_comments(self, text: str) -> int | None:
        """How many comments say this; None where the case does not show its comments."""
        return None if self.comments is None else sum(same_text(each, text) for each in self.comments.values())

    def shown(self, with_override: bool) -> Json:
        """The part of it that a diff shows."""
        shown: Json = {} if self.status is None else {"status": self.status}
        if with_override and self.overrides is not None:
            shown["override"] = self.override.shown() if self.override else None
        return shown

    def __str__(self) -> str:
        status = f"its status is {self.status}" if self.status else "it shows no status"
        if self.overrides is None:
            return status
        request = f"its override request is {self.override}" if self.override else "it has no override request"
        return f"{status}, and {request}"


UNKNOWN_STATE = CaseState()
"""A case that was not read."""


def case_state(answer: Json) -> CaseState:
    """What the document of a case says."""
    document = Document(answer)
    case = document.resource
    values = fields(case)
    texts = {name: values[name] for name in RESPONSE_NAMES["status"] if isinstance(values.get(name), str)}
    # What is called `state` may be how the account is evaluated instead.
    statuses = [text for name, text in texts.items() if name == "status" or text.lower() not in EVALUATIONS]
    status = statuses[0] if statuses else None
    evaluations = [values[name].lower() for name in RESPONSE_NAMES["evaluation"] if isinstance(values.get(name), str)]
    return CaseState(
        read=True,
        status=status,
        is_closed=normalize_status(status) == "closed"
        or (status is None and any(map(values.get, RESPONSE_NAMES["closed_at"]))),
        evaluation=next((text for text in evaluations if text in EVALUATIONS), None),
        overrides=_overrides(document),
        comments=_comments(document),
    )


def override_of(document: Document, resource: Json) -> Override:
    """One override request, read."""
    reviewers = document.related(resource, "reviewers")
    creators = document.related(resource, "creator")
    values = fields(resource)
    statuses = [values[name] for name in RESPONSE_NAMES["status"] if isinstance(values.get(name), str)]
    # `state` may be what an override is to lead to, or how it stands itself.
    targets = [
        values[name].lower() for name in RESPONSE_NAMES["target"] if str(values.get(name)).lower() in OVERRIDE_STATES
    ]
    return Override(
        override_id=identity(resource),
        status=next((each for each in statuses if each.lower() not in OVERRIDE_STATES), None),
        target=targets[0] if targets else None,
        reviewers=None if reviewers is None else frozenset(map(identity, reviewers)),
        creator=_creator(values, creators),
    )


def _creator(values: Json, creators: list[Json] | None) -> str | None:
    if creators:
        return identity(creators[0])
    return next((values[name].lower() for name in RESPONSE_NAMES["creator"] if isinstance(values.get(name), str)), None)


def _unique(resources: Iterable[Json]) -> list[Json]:
    """Each resource once; one without an id is one of its own."""
    return list({identity(each) or str(number): each for number, each in enumerate(resources)}.values())


def _overrides(document: Document) -> tuple[Override, ...] | None:
    linked = document.related(document.resource, "override")
    included = document.of_type("override")
    if linked is None and not included:
        return None
    found = _unique([*(linked or []), *included])
    read = [override_of(document, each) for each in found]
    pending = [each for each in read if each.is_pending]
    if len(pending) == 1:  # only one may be active at a time
        return (pending[0],)
    if len(found) > 1:
        dates = [text_of(each, "date") or "" for each in found]
        latest = max(dates)
        return (read[dates.index(latest)],) if all(dates) and dates.count(latest) == 1 else None
    return tuple(read)


def _comments(document: Document) -> dict[str, str] | None:
    linked = document.related(document.resource, "comments")
    included = document.of_type("comment")
    if linked is None and not included:
        return None
    found = _unique([*(linked or []), *included])
    texts = {identity(each) or str(number): text_of(each, "text") for number, each in enumerate(found)}
    if None in texts.values():
        return None  # a comment is there of which only the id is known
    return {key: text for key, text in texts.items() if text is not None}
