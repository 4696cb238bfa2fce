# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The way of a task for buttons: look, plan, carry out, check the answer, and look again after an ambiguous failure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from ansible_collections.casework.cases.plugins.module_utils import _buttons
from ansible_collections.casework.cases.plugins.module_utils._buttons import Button, ButtonsPlan, Goal
from ansible_collections.casework.cases.plugins.module_utils._errors import CaseworkError, RequestError
from ansible_collections.casework.cases.plugins.module_utils._http import Http, backoff
from ansible_collections.casework.cases.plugins.module_utils._plan import Call, diff
from ansible_collections.casework.cases.plugins.module_utils._run import Task
from ansible_collections.casework.cases.plugins.module_utils._tines import Tines

PATIENCE = 10.0
"""Seconds at the least that a server gets to finish what it did not answer in time, before it is looked at."""


class Outcome:
    """What becomes of the buttons of one case.

    `plan` is what was intended; `actions` the buttons as they are now known to be: as predicted until something was
    carried out, then as the server has them.
    """

    def __init__(self, case_id: int, plan: ButtonsPlan) -> None:
        self.case_id = case_id
        self.plan = plan
        self.actions: Sequence[Button] = plan.after

    def action(self, wanted: Button) -> Button:
        """The button that `wanted` is about; empty where there is none."""
        return next((button for button in self.actions if _buttons.matches(button, wanted)), {})

    def diff(self) -> dict[str, Any]:
        """The diff of the case, with the writable keys of its buttons."""
        return diff(self._side(self.plan.before), self._side(self.plan.after), f"case {self.case_id}")

    def _side(self, buttons: Sequence[Button]) -> dict[str, Any]:
        return {"case_id": self.case_id, "actions": [_buttons.writable(button) for button in buttons]}


def survey(client: Tines, case_id: int, goal: Goal, begun: ButtonsPlan | None = None) -> ButtonsPlan:
    """What there is and what is to be done about it. Nothing but GET is sent, unless there is something to remove:

    begun: a plan of this task that failed on the way; what came twice of it is removed first.
    """
    now = _listed(client, case_id, goal, begun) if begun else client.actions(case_id)
    asked = _buttons.unread(now, goal)
    now = _with_details(client, now, asked)
    try:
        if goal.asks_for_query_params:
            _buttons.require_query_params(case_id, (button for button in now if button["id"] in asked))
        plan = _buttons.plan(case_id, now, goal)
    except CaseworkError as error:
        error.partial = Outcome(case_id, ButtonsPlan(tuple(now), tuple(now)))
        raise
    kept = [action_id for action_id in _buttons.unread_kept(plan) if action_id not in asked]
    return _buttons.plan(case_id, _with_details(client, now, kept), goal) if kept else plan


def _with_details(client: Tines, now: Sequence[Button], ids: Sequence[int]) -> list[Button]:
    return [{**b, **client.action(b["case_id"], b["id"])} if b["id"] in ids else b for b in now]


def ensure_buttons(
    task: Task[Any], client: Tines, case_id: int, goal: Goal, plan: ButtonsPlan | None = None
) -> Outcome:
    """Make the buttons of a case what the goal says; `plan` where `survey` was called already.

    Raises `CaseworkError`, whose `partial` is an `Outcome` where the buttons are known: what was done until then.
    """
    outcome = Outcome(case_id, _survey_or_absent(task, client, case_id, goal) if plan is None else plan)
    if outcome.plan.changed:
        try:
            task.apply(lambda: _carry_out(client, goal, outcome))
        except CaseworkError as error:
            error.partial = Outcome(case_id, _buttons.accomplished(outcome.plan, outcome.actions))
            raise
    return outcome


def _survey_or_absent(task: Task[Any], client: Tines, case_id: int, goal: Goal) -> ButtonsPlan:
    """Like `survey`; a case that does not exist has no button that would have to be removed."""
    try:
        return survey(client, case_id, goal)
    except RequestError as error:
        if error.status != 404 or goal.state != "absent":
            raise
        task.warn(f"Case {case_id} does not exist, or this key may not see it, so it has no button to remove.")
        return ButtonsPlan((), ())


def warn_of_reserved_params(task: Task[Any], buttons: Iterable[Button]) -> None:
    names = _buttons.reserved_params(buttons)
    if names:
        task.warn(
            f"Tines reserves these names of query parameters and does not let a button set them: {', '.join(names)}."
        )


def _carry_out(client: Tines, goal: Goal, outcome: Outcome) -> None:
    """Send what is planned. After an ambiguous failure the case is listed and planned anew: nothing comes twice."""
    case_id, plan = outcome.case_id, outcome.plan
    for tries in count():
        outcome.actions = plan.before
        try:
            for call in plan.calls:
                _send(client, outcome, call)
            break
        except RequestError as error:
            if error.outcome_unknown:
                settle(client.http, error, tries)
            elif not tries:
                raise
            plan = survey(client, case_id, goal, outcome.plan)
            outcome.actions = plan.before
            if not plan.changed:
                break
            if not error.outcome_unknown or tries >= client.http.retries:
                raise
    if tries:
        outcome.actions = _listed(client, case_id, goal, outcome.plan)


def _listed(client: Tines, case_id: int, goal: Goal, begun: ButtonsPlan) -> list[Button]:
    """The buttons of a case, less those that came twice of a plan: a request that seemed lost was carried out late."""
    now = client.actions(case_id)
    surplus = _buttons.twins(begun, goal, now)
    for action_id in surplus:
        client.delete_action(case_id, action_id)
    return [button for button in now if button["id"] not in surplus]


def settle(http: Http, error: RequestError, tries: int) -> None:
    """Wait before looking what became of a request: a server that did not answer in time may still be at work on it."""
    http.gate.sleep(max(2 * http.timeout, PATIENCE) if error.timed_out else backoff(tries))


def _send(client: Tines, outcome: Outcome, call: Call) -> None:
    """Send one request, note its effect, and check that the answer shows it."""
    answer = getattr(client, call.endpoint)(*call.args)
    now, case_id = outcome.actions, outcome.case_id
    if call.endpoint == "delete_action":
        outcome.actions = [button for button in now if button["id"] != call.args[1]]
        return
    body = call.args[-1]
    if call.endpoint == "replace_actions":
        asked = {wanted["label"] for wanted in body if "query_params" in wanted}
        blank = [shown["id"] for shown in answer if shown.get("label") in asked and "query_params" not in shown]
        outcome.actions = answer
        outcome.actions = _with_details(client, answer, blank)
        _buttons.check_replacement(case_id, body, outcome.actions)
        return
    others = [button for button in now if button["id"] != answer["id"]]
    place = next((i for i, button in enumerate(now) if button["id"] == answer["id"]), len(others))
    outcome.actions = [*others[:place], answer, *others[place:]]
    if "query_params" in body and "query_params" not in answer:
        answer = {**answer, **client.action(case_id, answer["id"])}
        outcome.actions = [*others[:place], answer, *others[place:]]
    _buttons.check_answer(case_id, body, answer)
