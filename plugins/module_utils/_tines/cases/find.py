# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Which case is meant: what identifies one, and which of several it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ..._core.errors import CaseworkError, OptionError, RequestError
from ..._core.retry import backoff
from ..._core.timestamps import EARLIEST, parse_timestamp
from ..actions.plan import DesiredActions
from ..client import Tines
from ..field_values import FIELD_VALUES, desired_values, find_inputs
from ..names import find_sub_status_id, find_team_id
from ..subresource import DesiredItems, Kind
from .fields import FIELDS, PREDICTED_CASE, Case, differences, has_metadata, is_named, mapping, missing_fields
from .search import Search, find_cases

SETTLING_LOOKS = 4
"""How often it is looked again if several cases match that were made just now."""

NEW_FOR = timedelta(minutes=1)
"""How long a case counts as made just now. It takes other runs one listing to settle on one of them."""


@dataclass(frozen=True)
class Identity:
    """What tells a case from the others of its team: its name, or the value of one metadata key.

    team_id: None until the team's name is looked up.
    """

    team_id: int | None
    name: str | None = None
    key: str | None = None
    value: Any = None

    def __str__(self) -> str:
        return f"the name {self.name!r}" if self.key is None else f"the metadata {self.key}: {self.value!r}"

    def matches(self, case: Case) -> bool:
        if FIELDS["team_id"].show(case) not in (None, self.team_id):
            return False
        if self.key is None:
            return is_named(case.get("name"), str(self.name))
        return has_metadata(case.get("metadata"), {self.key: self.value})

    def search(self, status: str) -> Search:
        """The search for such cases. The metadata is not sent: were it read otherwise, a second case would be made."""
        return Search(team_ids=() if self.team_id is None else (self.team_id,), status=status)


def parse_identity(params: Case) -> Identity | None:
    """What the case is found by without its ID; None if nothing identifies it. Raises `OptionError`."""
    match_by, key = params["match_by"], params["match_key"]
    if key and match_by != "metadata":
        raise OptionError("match_key requires match_by: metadata.")
    if match_by == "none":
        return None
    if params["team_id"] is None and not params.get("team"):
        raise OptionError(f"team_id or team is required to find or create a case. {_NO_CASE_ID}")
    if match_by == "name":
        if not params["name"]:
            raise OptionError(f"name is required to find or create a case. {_NO_CASE_ID}")
        return Identity(params["team_id"], name=params["name"])
    if not key:
        raise OptionError("match_by: metadata requires match_key, the metadata key whose value identifies the case.")
    if (params["metadata"] or {}).get(key) in (None, ""):
        raise OptionError(f"match_key names {key!r}, so metadata needs a value for {key!r}.")
    return Identity(params["team_id"], key=key, value=params["metadata"][key])


_NO_CASE_ID = (
    "Or give case_id: it is not set, or null because the task whose result it should come from was skipped or failed."
)


@dataclass(frozen=True)
class DesiredCase:
    """What a case should be.

    case_id: its ID, if it is found by that; identity: what identifies it otherwise, None if nothing does.
    fields: under the names of requests. actions: what its buttons should be, None if they do not matter.
    on_multiple: which of several open matches is meant, `oldest` or `newest`; `fail`: none. if_closed: what to do if
    all matches are closed, `create` another, `reopen` one, or `leave` it. team, sub_status: names to be looked up.
    field_values: by ID or key of the input, None for what is to be cleared. items: lists of things that belong to it.
    """

    fields: Case
    state: str = "present"
    case_id: int | None = None
    identity: Identity | None = None
    actions: DesiredActions | None = None
    on_multiple: str = "fail"
    if_closed: str = "create"
    team: str | None = None
    sub_status: str | None = None
    field_values: Mapping[str, str | None] = field(default_factory=dict)
    items: tuple[tuple[Kind, DesiredItems], ...] = ()


def find_case(client: Tines, desired: DesiredCase) -> Case | None:
    """The case that is meant, with the fields that are asked for; None if there is none. Raises `CaseworkError`."""
    if desired.case_id is not None:
        return _by_id(client, desired.case_id, desired.state)
    if desired.identity is None:
        return None
    case = single_match(_open_matches(client, desired.identity), desired.identity, desired.on_multiple)
    if case is None and desired.state == "present" and wants_closed(desired):
        closed = find_by_identity(client, desired.identity, "closed")
        case = best_closed([with_fields(client, each, desired) for each in closed], desired.fields)
    return None if case is None else with_fields(client, case, desired)


def _open_matches(client: Tines, identity: Identity) -> list[Case]:
    """The open cases that the identity is about.

    Several that were made just now are other runs' that are about to settle on one of them, so they get time for it.
    """
    found = find_by_identity(client, identity, "open")
    for tries in range(SETTLING_LOOKS):
        if len(found) < 2 or not any(_is_new(case) for case in found):
            break
        client.http.limiter.sleep(backoff(tries))
        found = find_by_identity(client, identity, "open")
    return found


def _is_new(case: Case) -> bool:
    made = parse_timestamp(case.get("created_at") or case.get("opened_at"))
    return made is not None and abs(datetime.now(timezone.utc) - made) < NEW_FOR


def wants_closed(desired: DesiredCase) -> bool:
    """Whether a closed case may be meant if no open one is."""
    return desired.if_closed != "create" or desired.fields.get("status") == "closed"


def _by_id(client: Tines, case_id: int, state: str) -> Case | None:
    if case_id == PREDICTED_CASE:
        return {"case_id": case_id}
    try:
        return client.get_case(case_id)
    except RequestError as error:
        if error.status == 404 and state == "absent":
            return None
        raise


def find_by_identity(client: Tines, identity: Identity, status: str) -> list[Case]:
    """The team's cases of this status that the identity is about."""
    cases: Iterable[Case] = find_cases(client, identity.search(status))
    if identity.key is not None:
        # A listing that leaves the metadata out must not make an existing case look new.
        cases = (case if case.get("metadata") is not None else client.get_case(case["case_id"]) for case in cases)
    return [case for case in cases if identity.matches(case)]


def with_fields(client: Tines, case: Case, desired: DesiredCase) -> Case:
    """The case with all fields that are asked for. A listing, or the answer to a change, may leave something out."""
    unread = desired.state == "present" and case["case_id"] != PREDICTED_CASE
    if unread and (missing_fields(case, desired.fields) or (desired.sub_status and "sub_status" not in case)):
        return client.get_case(case["case_id"])
    return case


def single_match(found: Iterable[Case], identity: Identity, on_multiple: str = "fail") -> Case | None:
    """The one case found, None without any. Raises `CaseworkError` with their IDs if there are more.

    on_multiple: `oldest` or `newest` says which of several it is, by when they were opened.
    """
    cases = sorted(found, key=_opened)
    if len(cases) > 1 and on_multiple == "fail":
        case_ids = ", ".join(str(case["case_id"]) for case in cases)
        raise CaseworkError(
            f"{len(cases)} open cases of team {identity.team_id} have {identity} (IDs {case_ids}). "
            "Say with case_id of casework.cases.case which one is meant, or with on_multiple."
        )
    return cases[-1 if on_multiple == "newest" else 0] if cases else None


def best_closed(cases: Sequence[Case], fields: Case) -> Case | None:
    """Of closed cases, the one that a task means: the one that it closed when it ran before, if it did.

    So of those that are as asked already, it is the one that was closed last; else the one that was opened last.
    """
    as_asked = [case for case in cases if not differences(case, fields)]
    if as_asked:
        return max(as_asked, key=lambda case: (parse_timestamp(case.get("resolved_at")) or EARLIEST, *_opened(case)))
    return max(cases, key=_opened, default=None)


def _opened(case: Case) -> tuple[datetime, int]:
    return parse_timestamp(case.get("opened_at")) or EARLIEST, case["case_id"]


def resolve_team(client: Tines, desired: DesiredCase) -> DesiredCase:
    """The same with the team's ID instead of its name. Raises `CaseworkError`."""
    if desired.team is None:
        return desired
    team_id = find_team_id(client, desired.team)
    identity = desired.identity and replace(desired.identity, team_id=team_id)
    return replace(desired, team=None, identity=identity, fields={**desired.fields, "team_id": team_id})


def resolve_sub_status(client: Tines, case: Case, desired: DesiredCase) -> DesiredCase:
    """The same with the sub-status's ID instead of its name, which a team gives. Raises `CaseworkError`.

    A case that has it already and keeps its status needs no look-up.
    """
    name, shown = desired.sub_status, mapping(case.get("sub_status"))
    if name is None:
        return desired
    status = str(desired.fields.get("status") or case.get("status") or "open").lower()
    team_id = desired.fields.get("team_id", FIELDS["team_id"].show(case))
    if case.get("case_id") == PREDICTED_CASE:
        sub_status_id: Any = PREDICTED_CASE  # the team is not known yet, and nothing is sent
    elif shown.get("name") == name and "team_id" not in desired.fields and status == str(case.get("status")).lower():
        sub_status_id = shown.get("id")
    elif team_id is None:
        raise OptionError("sub_status requires team_id or team: the server does not show the team of the case.")
    else:
        sub_status_id = find_sub_status_id(client, team_id, name, status)
    return replace(desired, sub_status=None, fields={**desired.fields, "sub_status_id": sub_status_id})


def resolve_field_values(client: Tines, case: Case, desired: DesiredCase) -> DesiredCase:
    """The same with the values of inputs among its items, and for a new case in the request too.

    Raises `CaseworkError` if the team has no such input.
    """
    values = desired.field_values
    if not values:
        return desired
    if case.get("case_id") == PREDICTED_CASE:
        # Nothing is looked up or sent.
        kind, wanted = FIELD_VALUES, desired_values(dict(enumerate(values.values(), 1)))
    else:
        kind, wanted = find_inputs(client, desired.fields.get("team_id", FIELDS["team_id"].show(case)), values)
    kept = {str(item["input_id"]): item["value"] for item in wanted.items}
    fields = {**desired.fields, **({"field_values": kept} if kept else {})}
    return replace(desired, fields=fields, items=(*desired.items, (kind, wanted)), field_values={})
