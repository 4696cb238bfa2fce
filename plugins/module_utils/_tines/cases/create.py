# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Create a case so that there is one and never two, after a lost answer and beside other runs of the same task."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import count

from ..._core.errors import CaseworkError, RequestError
from ..._core.execution import ModuleContext
from ..._core.plan import PlannedRequest
from ..._core.timestamps import parse_timestamp
from ..client import Tines
from ..reconcile import wait_before_recheck
from .fields import Case, writable
from .find import DesiredCase, Identity, find_by_identity

CLOCK_SKEW = timedelta(minutes=1)
"""How far this machine's clock may be ahead of the server's when cases made since some moment are looked for."""


def create_case(client: Tines, desired: DesiredCase, request: PlannedRequest[Tines]) -> Case:
    """Create the case. After an ambiguous failure it is looked for before it is created again."""
    began = datetime.now(timezone.utc) - CLOCK_SKEW
    for tries in count():
        try:
            made: Case = request.send(client)
            return made
        except RequestError as error:  # noqa: PERF203  # to try again is what the loop is for
            if not error.outcome_unknown:
                raise
            wait_before_recheck(client.http, error, tries)
            found = _reconcile_create(client, desired, began, error)
            if found is not None:
                return found
            if tries >= client.http.retries:
                raise
    raise AssertionError  # the loop ends with a return or an error


def settle(context: ModuleContext[Tines], client: Tines, identity: Identity, made: Case) -> Case:
    """The case that stays, after this run made one: of several that were made at the same time, the lowest ID.

    So every run that looks after it has made its own comes to the same case. A case that this run made beside it is
    deleted, unless somebody has touched it since. Raises `CaseworkError`.
    """
    found = find_by_identity(client, identity, "open")
    first = min([made, *found], key=lambda case: int(case["case_id"]))
    if first["case_id"] == made["case_id"]:
        return made
    case_ids = f"{first['case_id']} and {made['case_id']}"
    try:
        current = next((case for case in found if case["case_id"] == made["case_id"]), None)
        if _touched(made, current or client.get_case(made["case_id"])):
            context.warn(
                f"Two cases have {identity}, {case_ids}, because another run made one at the same time. Somebody has "
                f"changed {made['case_id']} since, so it was not deleted. The task went on with {first['case_id']}."
            )
        else:
            client.delete_case(made["case_id"])
    except RequestError as error:
        if error.status != 404:
            facts = {"changed": True, "case_id": made["case_id"], "case": made}
            raise error.explained(f"The case was created twice, as {case_ids}: delete one of them.", **facts) from error
    return first


def _touched(made: Case, current: Case) -> bool:
    """Whether a case was changed since it was made, going by what both answers show."""
    keys = made.keys() & current.keys()
    was, now = ({key: case[key] for key in keys} for case in (made, current))
    more = keys & {"updated_at", "actions", "tasks", "linked_cases"}
    return writable(was) != writable(now) or any(was[key] != now[key] for key in more)


def _reconcile_create(client: Tines, desired: DesiredCase, began: datetime, error: RequestError) -> Case | None:
    """The case whose creation failed with `error`, if it is there after all.

    Raises `CaseworkError` if that cannot be told: nothing identifies the case, or looking for it failed too.
    """
    name = desired.fields["name"]
    advice = "Run the task again: it looks for the case first."
    try:
        if desired.identity:
            found = find_by_identity(client, desired.identity, "open")
            return min(found, key=lambda case: int(case["case_id"]), default=None)
        advice = "Look before running the task again."
        ids = [str(case["case_id"]) for case in _made_since(client, desired.fields, began)]
        said = f"open cases of that name made since then: {', '.join(ids) or 'none'}"
    except CaseworkError as failure:
        said = f"looking for it failed: {failure.msg.rstrip('.')}"
    raise error.explained(f"Whether the case {name!r} was created is unknown ({said}). {advice}") from error


def _made_since(client: Tines, fields: Case, began: datetime) -> list[Case]:
    """The open cases of that name made since then; when a case is said to be opened may be long before."""
    cases = find_by_identity(client, Identity(fields["team_id"], name=fields["name"]), "open")
    made = {case["case_id"]: parse_timestamp(case.get("created_at") or case.get("opened_at")) for case in cases}
    return [case for case in cases if (made[case["case_id"]] or began) >= began]
