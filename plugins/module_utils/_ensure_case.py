# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The way of a task for one case: look, plan the case and its buttons together, carry out, check what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

from ansible_collections.casework.cases.plugins.module_utils import _buttons, _cases
from ansible_collections.casework.cases.plugins.module_utils._buttons import Button, ButtonsPlan, Goal
from ansible_collections.casework.cases.plugins.module_utils._cases import Case, Identity
from ansible_collections.casework.cases.plugins.module_utils._ensure import ensure_buttons, settle, survey
from ansible_collections.casework.cases.plugins.module_utils._errors import CaseworkError, RequestError
from ansible_collections.casework.cases.plugins.module_utils._plan import Call, Plan, diff, mask
from ansible_collections.casework.cases.plugins.module_utils._run import Task
from ansible_collections.casework.cases.plugins.module_utils._tines import Tines

CLOCK_SKEW = timedelta(minutes=1)
"""How far this machine's clock may be ahead of the server's when cases made since some moment are looked for."""

REFUSALS = (400, 403, 409, 422)
"""Answers that a closing may get because of closure conditions; which one is not documented."""


@dataclass(frozen=True)
class Request:
    """What a case should be.

    case_id: its number, where it is found by that; who: what identifies it otherwise, None where nothing does.
    wanted: its fields, under the names of requests. buttons: what its buttons should be, None where they don't matter.
    """

    wanted: Case
    state: str = "present"
    case_id: int | None = None
    who: Identity | None = None
    buttons: Goal | None = None


class CaseOutcome:
    """What becomes of a case and its buttons: as predicted, and once something was carried out as the server has it."""

    def __init__(self, plan: Plan, buttons: ButtonsPlan | None) -> None:
        self.plan = plan
        self.buttons = buttons
        self.case: Case = plan.after
        self.actions: Sequence[Button] = buttons.after if buttons else ()
        self.updated = False

    @property
    def changed(self) -> bool:
        return self.plan.changed or bool(self.buttons and self.buttons.changed)

    def diff(self, key: str = "actions", show: Callable[[Button], Button] = _buttons.writable) -> dict[str, Any]:
        """One diff for the case and its buttons together. key, show: where the buttons stand, and how."""
        before, after = self.plan.before, self.plan.after
        name = f"case {before['case_id']}" if before else f"new case {after['name']}" if after else "no case"
        sides = [_cases.writable(side) if side else {} for side in (before, after)]
        if self.buttons:
            for side, buttons in zip(sides, (self.buttons.before, self.buttons.after)):
                if side:
                    side[key] = [show(button) for button in buttons]
        return diff(sides[0], sides[1], mask(name))


def ensure_case(task: Task[Any], client: Tines, request: Request) -> CaseOutcome:
    """Make a case what the request says. Raises `CaseworkError`, which says what was done already."""
    case = _find(client, request)
    if request.state == "absent":
        outcome = CaseOutcome(_cases.removal(case) if case else Plan({}, {}), None)
        if outcome.changed:
            task.apply(lambda: client.delete_case(*outcome.plan.calls[0].args))
        return outcome
    goal = request.buttons
    buttons = None
    if case is None:
        buttons = _buttons_of_new_case(goal) if goal else None
        outcome = CaseOutcome(_cases.creation(request.wanted, goal.buttons if goal else ()), buttons)
    else:
        buttons = survey(client, case["case_id"], goal) if goal else None
        outcome = CaseOutcome(_cases.update(case, request.wanted), buttons)
    if outcome.changed:
        task.apply(lambda: _carry_out(task, client, request, outcome))
    return outcome


def _buttons_of_new_case(goal: Goal) -> ButtonsPlan:
    """The plan for the buttons of a case that has no number yet."""
    plan = _buttons.plan(0, (), goal)
    return replace(plan, after=tuple({**button, "case_id": None} for button in plan.after))


def _find(client: Tines, request: Request) -> Case | None:
    """The case that the request is about, None where there is none."""
    if request.case_id is not None:
        try:
            return client.case(request.case_id)
        except RequestError as error:
            if error.status == 404 and request.state == "absent":
                return None
            raise
    if request.who is None:
        return None
    case = _cases.only_one(_with_identity(client, request.who, "open"), request.who)
    if case is None and request.state == "present" and request.wanted.get("status") == "closed":
        case = _cases.last_opened(_with_identity(client, request.who, "closed"))
    return None if case is None else _with_fields(client, case, request)


def _with_fields(client: Tines, case: Case, request: Request) -> Case:
    """The case with all that is asked for. A listing, or the answer to a change, may leave something out."""
    if request.state == "absent" or not _cases.left_out(case, request.wanted):
        return case
    return client.case(case["case_id"])


def _with_identity(client: Tines, who: Identity, status: str) -> list[Case]:
    """The team's cases that are meant by `who`."""
    search = who.search(status)
    cases = (case for case in client.cases(search.query()) if search.matches(case))
    if who.key is not None:
        # A listing that leaves the metadata out must not make an existing case look new.
        cases = (case if case.get("metadata") is not None else client.case(case["case_id"]) for case in cases)
    return [case for case in cases if who.is_that_of(case)]


def _carry_out(task: Task[Any], client: Tines, request: Request, outcome: CaseOutcome) -> None:
    """Send what is planned. What was done before a failure stands in the error."""
    outcome.case = outcome.plan.before
    created = not outcome.case
    try:
        calls = outcome.plan.calls
        if created:
            outcome.case = _with_fields(client, _create(client, request, calls[0]), request)
            calls = _cases.update(outcome.case, request.wanted).calls  # what the creation did not do, if anything
        _update(client, request, outcome, calls)
        outcome.case = _with_fields(client, outcome.case, request)
        _cases.check_answer(outcome.case, request.wanted)
        if request.buttons:
            case_id, plan = outcome.case["case_id"], outcome.buttons
            if created:
                # A template may bring buttons of its own, which need not be there yet.
                known = None if "template_id" in request.wanted else client.known_actions(outcome.case)
                plan = None if known is None else _buttons.plan(case_id, known, request.buttons)
            outcome.actions = ensure_buttons(task, client, case_id, request.buttons, plan).actions
    except CaseworkError as error:
        _tell_progress(error, request, outcome, created)
        raise


def _create(client: Tines, request: Request, call: Call) -> Case:
    """Create the case. After an ambiguous failure it is looked for, so that there is one case and never two."""
    began = datetime.now(timezone.utc) - CLOCK_SKEW
    for tries in count():
        try:
            case = client.create_case(*call.args)
            break
        except RequestError as error:
            if not error.outcome_unknown:
                raise
            settle(client.http, error, tries)
            found = _look_for_new(client, request, began, error)
            if found is not None:
                return found
            if tries >= client.http.retries:
                raise
    if tries and request.who:
        # The creation that seemed lost may have been carried out late: then this second one is the surplus.
        first = next((c for c in _with_identity(client, request.who, "open") if c["case_id"] != case["case_id"]), None)
        if first is not None:
            try:
                client.delete_case(case["case_id"])
            except RequestError as error:
                error.msg = (
                    f"The case was created twice, as {first['case_id']} and {case['case_id']}: delete one of them. "
                    f"{error.msg}"
                )
                raise
            return first
    return case


def _look_for_new(client: Tines, request: Request, began: datetime, error: RequestError) -> Case | None:
    """The case whose creation failed with `error`, where it is there after all.

    Raises `CaseworkError` where that cannot be told: nothing identifies the case, or looking for it failed too.
    """
    name = request.wanted["name"]
    advice = "Run the task again: it looks for the case first."
    try:
        if request.who:
            return _cases.only_one(_with_identity(client, request.who, "open"), request.who)
        advice = "Look before running the task again."
        numbers = [str(case["case_id"]) for case in _made_since(client, request.wanted, began)]
        said = f"open cases of that name made since then: {', '.join(numbers) or 'none'}"
    except CaseworkError as failure:
        said = f"looking for it failed: {failure.msg.rstrip('.')}"
    said = f"Whether the case {name!r} was created is unknown ({said}). {advice} {error.msg}"
    raise CaseworkError(said, **error.facts) from error


def _made_since(client: Tines, wanted: Case, began: datetime) -> list[Case]:
    """The open cases of that name made since then; when a case is said to be opened may be long before."""
    cases = _with_identity(client, Identity(wanted["team_id"], name=wanted["name"]), "open")
    made = {case["case_id"]: _cases.instant(case.get("created_at") or case.get("opened_at")) for case in cases}
    return [case for case in cases if (made[case["case_id"]] or began) >= began]


def _update(client: Tines, request: Request, outcome: CaseOutcome, calls: Iterable[Call]) -> None:
    """Send the updates of a case, planned anew after an ambiguous failure, and note how the case is shown then."""
    case_id = outcome.case["case_id"]
    for tries in count():
        stale = False
        try:
            for call in calls:
                answer = getattr(client, call.endpoint)(*call.args)
                outcome.updated = True
                stale = call.endpoint != "update_case"
                outcome.case = outcome.case if stale else answer
            break
        except RequestError as error:
            if call.endpoint == "update_case" and call.args[1].get("status") == "closed" and error.status in REFUSALS:
                error.msg = f"{error.msg} {_cases.closing_hint(outcome.case)}".rstrip()
            if not error.outcome_unknown or tries >= client.http.retries:
                raise
            settle(client.http, error, tries)
            outcome.case = client.case(case_id)
            if call.endpoint == "add_record" and _cases.record_ids(outcome.case) is None:
                raise  # nothing shows whether the record is there
            calls = _cases.update(outcome.case, request.wanted).calls
    if stale:
        outcome.case = client.case(case_id)


def _tell_progress(error: CaseworkError, request: Request, outcome: CaseOutcome, created: bool) -> None:
    """Put into the error what was done before the failure, and how to go on."""
    case_id = outcome.case.get("case_id")
    if case_id is None or not (created or outcome.updated or (error.partial and error.partial.plan.changed)):
        return
    done = "created" if created else "changed"
    advice = "Run the task again to finish it."
    if created and not (request.who and request.who.is_that_of(outcome.case)):
        advice = (
            f"Finish it with casework.cases.case and case_id: {case_id}; running the task again would create another."
        )
    error.msg = f"Case {case_id} was {done}, but not everything was done. {error.msg} {advice}"
    error.facts.update(changed=True, case_id=case_id, case=outcome.case)
