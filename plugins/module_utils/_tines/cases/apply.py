# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Apply a plan for one case: read, plan the case and its buttons together, apply, and verify what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from ..._core.diff import diff
from ..._core.errors import CaseworkError, NotDoneError, RequestError
from ..._core.execution import ModuleContext
from ..._core.plan import Plan, PlannedRequest
from ..._core.redaction import redact
from ..._core.responses import REFUSALS
from ..actions.apply import apply_actions, read_and_plan
from ..actions.fields import Button
from ..actions.fields import writable as writable_action
from ..actions.plan import ActionsPlan, DesiredActions, plan_actions
from ..client import Tines
from ..reconcile import wait_before_recheck
from ..requests import AddRecord, UpdateCase
from ..subresource import DesiredItems, ItemsPlan, Kind, plan_items, shown_sides
from ..subresource_apply import REFUSED_ITEM, apply_items, list_items, with_details
from ..tasks import TASKS
from .create import create_case, settle
from .fields import PREDICTED_CASE, Case, check_answer, closing_hint, record_ids, writable
from .find import DesiredCase, find_case, resolve_field_values, resolve_sub_status, resolve_team, with_fields
from .plan import plan_create, plan_delete, plan_update


class CaseResult:
    """What becomes of a case and its buttons: as predicted, and once something was sent as the server has it."""

    def __init__(self, plan: Plan[Case], actions_plan: ActionsPlan | None) -> None:
        self.plan = plan
        self.actions_plan = actions_plan
        self.case: Case = plan.after
        self.actions: Sequence[Button] = actions_plan.after if actions_plan else ()
        self.items_plans: list[tuple[Kind, DesiredItems, ItemsPlan]] = []
        self.actions_to_send: ActionsPlan | None = None
        self.is_new = not plan.before or plan.before["case_id"] == PREDICTED_CASE
        self.created = False
        self.updated = False

    @property
    def changed(self) -> bool:
        plans = [self.plan, self.actions_plan, *(plan for _kind, _desired, plan in self.items_plans)]
        return any(plan and plan.changed for plan in plans)

    def diff(self, key: str = "actions", show: Callable[[Button], Button] = writable_action) -> dict[str, Any]:
        """One diff for the case and its buttons together. key, show: under which name the buttons are, and how."""
        before, after = self.plan.before, self.plan.after
        sides = [writable(side) if side else {} for side in (before, after)]
        if self.actions_plan:
            for side, buttons in zip(sides, (self.actions_plan.before, self.actions_plan.after)):
                if side:
                    side[key] = [show(button) for button in buttons]
        for kind, _desired, plan in self.items_plans:
            name = kind.plural.replace(" ", "_")
            shown = shown_sides(kind, plan.before, plan.after)
            sides[0].setdefault(name, shown[0])
            sides[1][name] = shown[1]
        if not before:
            sides[0] = {}
        return diff(sides[0], sides[1], redact(_header(before, after)))


def _header(before: Case, after: Case) -> str:
    """How a diff names the case, so that a reviewer knows which one it is."""
    case = before or after
    if not case:
        return "no case"
    name = case.get("name", after.get("name"))
    if case["case_id"] == PREDICTED_CASE:
        return f"new case {name}" if name else "new case"
    return f"case {case['case_id']} ({name})" if name else f"case {case['case_id']}"


def apply_case(context: ModuleContext[Any], client: Tines, desired: DesiredCase) -> CaseResult:
    """Make a case as desired. Raises `CaseworkError`, which says what was done already."""
    desired = resolve_team(client, desired)
    case = find_case(client, desired)
    if desired.state == "absent":
        return _apply_absent(context, client, desired, case)
    if case and desired.case_id is None and str(case.get("status")).lower() == "closed":
        if desired.if_closed == "leave":
            return CaseResult(Plan(case, case), None)
        if desired.if_closed == "reopen":
            desired = replace(desired, fields={"status": "open", **desired.fields})
    desired = resolve_field_values(client, case or {}, resolve_sub_status(client, case or {}, desired))
    actions = desired.actions
    if case is None:
        actions_plan = plan_actions(PREDICTED_CASE, (), actions) if actions else None
        fields = {**desired.fields, **_created_along(desired)}
        result = CaseResult(plan_create(fields, actions.bodies if actions else ()), actions_plan)
        # The address of its page is not known yet; this keeps templates that use it working in check mode.
        result.case = {"url": f"https://{client.http.host}/", **result.case}
    else:
        actions_plan = _plan_actions(client, case["case_id"], actions) if actions else None
        result = CaseResult(plan_update(case, desired.fields), actions_plan)
    result.items_plans = _plan_items(context, (case or {}).get("case_id", PREDICTED_CASE), desired)
    plans: list[Plan[Any] | None] = [actions_plan, *(plan for _kind, _desired, plan in result.items_plans)]
    requests = [request for plan in plans if plan for request in plan.requests]
    whole = replace(result.plan, requests=(*result.plan.requests, *requests))
    context.apply(whole, lambda: _carry_out(context, client, desired, result))
    return result


def _created_along(desired: DesiredCase) -> Case:
    """The tasks of a new case, so that it has them from the beginning: two runs would each add theirs later.

    What a request gives takes the place of what a template has, so with one they come later nevertheless.
    """
    tasks = [TASKS.body(item, create=True) for kind, wanted in desired.items if kind is TASKS for item in wanted.items]
    return {"tasks": tasks} if tasks and "template_id" not in desired.fields else {}


def _apply_absent(context: ModuleContext[Any], client: Tines, desired: DesiredCase, case: Case | None) -> CaseResult:
    if case is None:
        which = f"Case {desired.case_id}" if desired.identity is None else f"An open case with {desired.identity}"
        context.warn(f"{which} does not exist, or this key may not see it, so there is none to delete.")
        return CaseResult(Plan({}, {}), None)
    result = CaseResult(plan_delete(case), None)
    context.apply(result.plan, lambda: _delete(client, case["case_id"]))
    return result


def _delete(client: Tines, case_id: int) -> None:
    """Delete the case. One that is gone already is what was asked for, if it is gone."""
    try:
        client.delete_case(case_id)
    except RequestError as error:
        if error.status != 404:
            raise
        try:
            client.get_case(case_id)
        except RequestError as failure:
            if failure.status == 404:
                return
            raise
        raise NotDoneError(f"Case {case_id}: the server says that it does not exist and still shows it.") from error


def _plan_items(
    context: ModuleContext[Tines], case_id: int, desired: DesiredCase
) -> list[tuple[Kind, DesiredItems, ItemsPlan]]:
    """The plans for what belongs to the case, each on what the one before it leaves. A list is read once."""
    plans = []
    known: dict[str, Sequence[Any]] = {}
    for kind, wanted in desired.items:
        current = known.get(kind.noun)
        if current is None:
            current = list_items(context, kind, case_id)
        plan = plan_items(kind, case_id, with_details(context.client, kind, case_id, current, wanted), wanted)
        known[kind.noun] = plan.after
        plans.append((kind, wanted, plan))
    return plans


def _plan_actions(client: Tines, case_id: int, desired: DesiredActions) -> ActionsPlan:
    if case_id == PREDICTED_CASE:
        return plan_actions(case_id, (), desired)
    return read_and_plan(client, case_id, desired)


def _carry_out(context: ModuleContext[Any], client: Tines, desired: DesiredCase, result: CaseResult) -> None:
    """Send what is planned. What was done before a failure is in the error."""
    result.case = result.plan.before
    try:
        requests = result.plan.requests
        if not result.case:
            _create(context, client, desired, result)
            requests = plan_update(result.case, desired.fields).requests  # what the creation did not do, if anything
        _update(client, desired, result, requests)
        result.case = with_fields(client, result.case, desired)
        check_answer(result.case, desired.fields)
        if desired.actions:
            _apply_actions(context, client, desired.actions, result)
        _apply_items(context, result)
    except CaseworkError as error:
        raise _with_progress(error, desired, result) from error


def _create(context: ModuleContext[Any], client: Tines, desired: DesiredCase, result: CaseResult) -> None:
    """Create the case, and see to it that it is the only one."""
    made = result.case = create_case(client, desired, result.plan.requests[0])
    result.created = True
    if desired.identity:
        result.case = settle(context, client, desired.identity, made)
    stays = result.case is made
    result.case = with_fields(client, result.case, desired)
    if not stays:
        # The case of another run is what this task works on, as if it had found it at once.
        result.created = result.is_new = False
        result.plan = plan_update(result.case, desired.fields)
        result.items_plans = _plan_items(context, result.case["case_id"], desired)
    if desired.actions:
        # A template may bring buttons of its own, which need not be there yet.
        known = client.known_actions(result.case) if stays and "template_id" not in desired.fields else None
        case_id = result.case["case_id"]
        if known is not None:
            result.actions_to_send = plan_actions(case_id, known, desired.actions)
        elif not stays:
            result.actions_plan = read_and_plan(client, case_id, desired.actions)


def _apply_actions(context: ModuleContext[Any], client: Tines, desired: DesiredActions, result: CaseResult) -> None:
    plan = result.actions_to_send if result.created else result.actions_plan
    done = apply_actions(context, client, result.case["case_id"], desired, plan)
    result.actions = done.actions
    if done.error:
        result.updated = result.updated or done.plan.changed
        raise done.error


def _apply_items(context: ModuleContext[Any], result: CaseResult) -> None:
    """Make what belongs to the case as desired. On a new case, it is looked first at what the creation brought."""
    for kind, desired, plan in result.items_plans:
        done = apply_items(context, kind, result.case["case_id"], desired, None if result.is_new else plan)
        if done.error:
            result.updated = result.updated or done.plan.changed
            raise done.error


def _update(client: Tines, desired: DesiredCase, result: CaseResult, requests: Iterable[PlannedRequest[Tines]]) -> None:
    """Send the updates of a case, planned anew after an ambiguous failure, and note how the case is shown then."""
    case_id = result.case["case_id"]
    for tries in count():
        stale = False
        refusals: list[RequestError] = []
        try:
            for request in requests:
                if refusals and not isinstance(request, AddRecord):
                    break  # it may close the case, which is to have the record first
                answer, refusal = _send(client, request)
                if refusal:
                    refusals.append(refusal)
                    continue
                result.updated = True
                stale = not isinstance(request, UpdateCase)
                result.case = result.case if stale else answer
            break
        except RequestError as error:
            closes = isinstance(request, UpdateCase) and request.body.get("status") == "closed"
            if closes and error.status in REFUSALS:
                # It is this case that does not close: a 403 here says nothing about the key and the other cases.
                raise CaseworkError(f"{error.msg} {closing_hint(result.case)}".rstrip(), **error.facts) from error
            if not error.outcome_unknown or tries >= client.http.retries:
                raise
            wait_before_recheck(client.http, error, tries)
            result.case = client.get_case(case_id)
            if isinstance(request, AddRecord) and record_ids(result.case) is None:
                raise  # nothing shows whether the record is there
            requests = plan_update(result.case, desired.fields).requests
    if stale:
        result.case = client.get_case(case_id)
    if refusals:
        more = len(refusals) - 1
        raise refusals[0].explained(after=f"{more} more of the records failed too." if more else "")


def _send(client: Tines, request: PlannedRequest[Tines]) -> tuple[Any, RequestError | None]:
    """Send one update. Returns the answer, or the error if the server refuses a record: the others are added then."""
    try:
        return request.send(client), None
    except RequestError as error:
        if not isinstance(request, AddRecord) or error.status not in REFUSED_ITEM:
            raise
        return None, error.explained(f"Case {request.case_id}, record {request.record_id}:")


def _with_progress(error: CaseworkError, desired: DesiredCase, result: CaseResult) -> CaseworkError:
    """The error, with what was done before the failure, and how to go on."""
    case_id = result.case.get("case_id")
    told_already = "case_id" in error.facts
    if case_id is None or told_already or not (result.created or result.updated):
        return error
    done = "created" if result.created else "changed"
    if isinstance(error, NotDoneError):
        advice = ""  # the server would ignore it again
    elif result.created and not (desired.identity and desired.identity.matches(result.case)):
        advice = (
            f"Finish it with casework.cases.case and case_id: {case_id}; running the task again would create another."
        )
    else:
        advice = "Run the task again to finish it."
    facts = {"changed": True, "case_id": case_id, "case": result.case}
    return error.explained(f"Case {case_id} was {done}, but not everything was done.", advice, **facts)
