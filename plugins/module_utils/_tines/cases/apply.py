# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Apply a plan for one case: read, plan the case and its buttons together, apply, and verify what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

from ..._core.diff import diff
from ..._core.errors import CaseworkError, RequestError
from ..._core.execution import ModuleContext
from ..._core.plan import Plan, PlannedRequest
from ..._core.redaction import redact
from ..._core.responses import REFUSALS
from ..._core.timestamps import parse_timestamp
from ..actions.apply import apply_actions, read_and_plan
from ..actions.fields import Button
from ..actions.fields import writable as writable_action
from ..actions.plan import ActionsPlan, DesiredActions, plan_actions
from ..client import Tines
from ..reconcile import wait_before_recheck
from ..requests import AddRecord, UpdateCase
from .fields import Case, check_answer, closing_hint, missing_fields, record_ids, writable
from .plan import plan_create, plan_delete, plan_update
from .search import Identity, most_recently_opened, single_match

CLOCK_SKEW = timedelta(minutes=1)
"""How far this machine's clock may be ahead of the server's when cases made since some moment are looked for."""


@dataclass(frozen=True)
class DesiredCase:
    """What a case should be.

    case_id: its ID, if it is found by that; identity: what identifies it otherwise, None if nothing does.
    fields: under the names of requests. actions: what its buttons should be, None if they do not matter.
    """

    fields: Case
    state: str = "present"
    case_id: int | None = None
    identity: Identity | None = None
    actions: DesiredActions | None = None


class CaseResult:
    """What becomes of a case and its buttons: as predicted, and once something was sent as the server has it."""

    def __init__(self, plan: Plan[Case], actions_plan: ActionsPlan | None) -> None:
        self.plan = plan
        self.actions_plan = actions_plan
        self.case: Case = plan.after
        self.actions: Sequence[Button] = actions_plan.after if actions_plan else ()
        self.updated = False

    @property
    def changed(self) -> bool:
        return self.plan.changed or bool(self.actions_plan and self.actions_plan.changed)

    def diff(self, key: str = "actions", show: Callable[[Button], Button] = writable_action) -> dict[str, Any]:
        """One diff for the case and its buttons together. key, show: under which name the buttons are, and how."""
        before, after = self.plan.before, self.plan.after
        name = f"case {before['case_id']}" if before else f"new case {after['name']}" if after else "no case"
        sides = [writable(side) if side else {} for side in (before, after)]
        if self.actions_plan:
            for side, buttons in zip(sides, (self.actions_plan.before, self.actions_plan.after)):
                if side:
                    side[key] = [show(button) for button in buttons]
        return diff(sides[0], sides[1], redact(name))


def apply_case(context: ModuleContext[Any], client: Tines, desired: DesiredCase) -> CaseResult:
    """Make a case as desired. Raises `CaseworkError`, which says what was done already."""
    case = _find(client, desired)
    if desired.state == "absent":
        result = CaseResult(plan_delete(case) if case else Plan({}, {}), None)
        context.apply(result.plan, lambda: result.plan.requests[0].send(client))
        return result
    actions = desired.actions
    if case is None:
        actions_plan = _plan_for_new_case(actions) if actions else None
        result = CaseResult(plan_create(desired.fields, actions.buttons if actions else ()), actions_plan)
    else:
        actions_plan = read_and_plan(client, case["case_id"], actions) if actions else None
        result = CaseResult(plan_update(case, desired.fields), actions_plan)
    whole = replace(result.plan, requests=(*result.plan.requests, *(actions_plan.requests if actions_plan else ())))
    context.apply(whole, lambda: _carry_out(context, client, desired, result))
    return result


def _plan_for_new_case(desired: DesiredActions) -> ActionsPlan:
    """The plan for the buttons of a case that has no ID yet."""
    plan = plan_actions(0, (), desired)
    return replace(plan, after=tuple({**button, "case_id": None} for button in plan.after))


def _find(client: Tines, desired: DesiredCase) -> Case | None:
    """The case that is meant, None if there is none."""
    if desired.case_id is not None:
        try:
            return client.get_case(desired.case_id)
        except RequestError as error:
            if error.status == 404 and desired.state == "absent":
                return None
            raise
    if desired.identity is None:
        return None
    case = single_match(_with_identity(client, desired.identity, "open"), desired.identity)
    if case is None and desired.state == "present" and desired.fields.get("status") == "closed":
        case = most_recently_opened(_with_identity(client, desired.identity, "closed"))
    return None if case is None else _with_fields(client, case, desired)


def _with_fields(client: Tines, case: Case, desired: DesiredCase) -> Case:
    """The case with all fields that are asked for. A listing, or the answer to a change, may leave something out."""
    if desired.state == "absent" or not missing_fields(case, desired.fields):
        return case
    return client.get_case(case["case_id"])


def _with_identity(client: Tines, identity: Identity, status: str) -> list[Case]:
    """The team's cases that the identity is about."""
    search = identity.search(status)
    cases = (case for case in client.list_cases(search.query()) if search.matches(case))
    if identity.key is not None:
        # A listing that leaves the metadata out must not make an existing case look new.
        cases = (case if case.get("metadata") is not None else client.get_case(case["case_id"]) for case in cases)
    return [case for case in cases if identity.matches(case)]


def _carry_out(context: ModuleContext[Any], client: Tines, desired: DesiredCase, result: CaseResult) -> None:
    """Send what is planned. What was done before a failure is in the error."""
    result.case = result.plan.before
    created = not result.case
    buttons_changed = False
    try:
        requests = result.plan.requests
        if created:
            result.case = _with_fields(client, _create(client, desired, requests[0]), desired)
            requests = plan_update(result.case, desired.fields).requests  # what the creation did not do, if anything
        _update(client, desired, result, requests)
        result.case = _with_fields(client, result.case, desired)
        check_answer(result.case, desired.fields)
        if desired.actions:
            case_id, plan = result.case["case_id"], result.actions_plan
            if created:
                # A template may bring buttons of its own, which need not be there yet.
                known = None if "template_id" in desired.fields else client.known_actions(result.case)
                plan = None if known is None else plan_actions(case_id, known, desired.actions)
            done = apply_actions(context, client, case_id, desired.actions, plan)
            result.actions = done.actions
            if done.error:
                buttons_changed = done.plan.changed
                raise done.error
    except CaseworkError as error:
        raise _with_progress(error, desired, result, created, buttons_changed) from error


def _create(client: Tines, desired: DesiredCase, request: PlannedRequest[Tines]) -> Case:
    """Create the case. After an ambiguous failure it is looked for, so that there is one case and never two."""
    began = datetime.now(timezone.utc) - CLOCK_SKEW
    for tries in count():
        try:
            case: Case = request.send(client)
            break
        except RequestError as error:
            if not error.outcome_unknown:
                raise
            wait_before_recheck(client.http, error, tries)
            found = _reconcile_create(client, desired, began, error)
            if found is not None:
                return found
            if tries >= client.http.retries:
                raise
    if tries and desired.identity:
        # The creation that seemed lost may have been carried out late: then this second one is the surplus.
        others = (c for c in _with_identity(client, desired.identity, "open") if c["case_id"] != case["case_id"])
        first = next(others, None)
        if first is not None:
            try:
                client.delete_case(case["case_id"])
            except RequestError as error:
                raise error.explained(
                    f"The case was created twice, as {first['case_id']} and {case['case_id']}: delete one of them."
                ) from error
            return first
    return case


def _reconcile_create(client: Tines, desired: DesiredCase, began: datetime, error: RequestError) -> Case | None:
    """The case whose creation failed with `error`, if it is there after all.

    Raises `CaseworkError` if that cannot be told: nothing identifies the case, or looking for it failed too.
    """
    name = desired.fields["name"]
    advice = "Run the task again: it looks for the case first."
    try:
        if desired.identity:
            return single_match(_with_identity(client, desired.identity, "open"), desired.identity)
        advice = "Look before running the task again."
        ids = [str(case["case_id"]) for case in _made_since(client, desired.fields, began)]
        said = f"open cases of that name made since then: {', '.join(ids) or 'none'}"
    except CaseworkError as failure:
        said = f"looking for it failed: {failure.msg.rstrip('.')}"
    raise error.explained(f"Whether the case {name!r} was created is unknown ({said}). {advice}") from error


def _made_since(client: Tines, fields: Case, began: datetime) -> list[Case]:
    """The open cases of that name made since then; when a case is said to be opened may be long before."""
    cases = _with_identity(client, Identity(fields["team_id"], name=fields["name"]), "open")
    made = {case["case_id"]: parse_timestamp(case.get("created_at") or case.get("opened_at")) for case in cases}
    return [case for case in cases if (made[case["case_id"]] or began) >= began]


def _update(client: Tines, desired: DesiredCase, result: CaseResult, requests: Iterable[PlannedRequest[Tines]]) -> None:
    """Send the updates of a case, planned anew after an ambiguous failure, and note how the case is shown then."""
    case_id = result.case["case_id"]
    for tries in count():
        stale = False
        try:
            for request in requests:
                answer = request.send(client)
                result.updated = True
                stale = not isinstance(request, UpdateCase)
                result.case = result.case if stale else answer
            break
        except RequestError as error:
            closes = isinstance(request, UpdateCase) and request.body.get("status") == "closed"
            if closes and error.status in REFUSALS:
                raise error.explained(after=closing_hint(result.case)) from error
            if not error.outcome_unknown or tries >= client.http.retries:
                raise
            wait_before_recheck(client.http, error, tries)
            result.case = client.get_case(case_id)
            if isinstance(request, AddRecord) and record_ids(result.case) is None:
                raise  # nothing shows whether the record is there
            requests = plan_update(result.case, desired.fields).requests
    if stale:
        result.case = client.get_case(case_id)


def _with_progress(
    error: CaseworkError, desired: DesiredCase, result: CaseResult, created: bool, buttons_changed: bool
) -> CaseworkError:
    """The error, with what was done before the failure, and how to go on."""
    case_id = result.case.get("case_id")
    if case_id is None or not (created or result.updated or buttons_changed):
        return error
    done = "created" if created else "changed"
    advice = "Run the task again to finish it."
    if created and not (desired.identity and desired.identity.matches(result.case)):
        advice = (
            f"Finish it with casework.cases.case and case_id: {case_id}; running the task again would create another."
        )
    return error.explained(
        f"Case {case_id} was {done}, but not everything was done.",
        advice,
        changed=True,
        case_id=case_id,
        case=result.case,
    )
