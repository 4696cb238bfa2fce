# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Apply a plan for buttons: read, plan, apply, verify, and reconcile after an ambiguous failure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..._core.diff import Change
from ..._core.errors import CaseworkError, NotDoneError, RequestError
from ..._core.execution import ModuleContext
from ..._core.plan import PlannedRequest
from ..._core.redaction import redact
from ..cases.fields import PREDICTED_CASE
from ..client import Tines
from ..reconcile import send_reconciled
from ..requests import CreateAction, DeleteAction, ReplaceActions, UpdateAction
from .fields import (
    Button,
    check_answer,
    check_replacement,
    matches,
    params_in_values,
    reserved_params,
    sendable,
    writable,
)
from .plan import (
    ActionsPlan,
    DesiredActions,
    applied_part,
    duplicates_of_retry,
    ids_to_read,
    ids_to_read_before_replace,
    plan_actions,
    require_query_params,
)


@dataclass(frozen=True)
class ActionsResult:
    """What becomes of the buttons of one case.

    plan: what was intended; after a failure, the part of it that was done. actions: the buttons as they are now known
    to be: as predicted until something was sent, then as the server has them. error: why it failed. unknown: the labels
    of which nobody knows whether the server did what it was asked for.
    """

    case_id: int
    plan: ActionsPlan
    actions: Sequence[Button]
    error: CaseworkError | None = None
    unknown: tuple[str, ...] = ()

    def action(self, desired: Button) -> Button:
        """The button that `desired` is about; empty if there is none."""
        return next((button for button in self.actions if matches(button, desired)), {})

    def diff(self) -> dict[str, Any]:
        """The diff of the case, with the writable keys of its buttons."""
        return shown(self.change())

    def change(self, name: str | None = None, desired: DesiredActions | None = None) -> Change:
        """What the diff is made of.

        name: the case's, if it is known. desired: what the buttons should be, if it says which rules they come from.
        """
        header = f"case {self.case_id}" if self.case_id else "new case"
        wanted = desired.buttons if desired else ()
        before, after = (self._side(buttons, wanted) for buttons in (self.plan.before, self.plan.after))
        return Change(before, after, redact(f"{header} ({name})") if name else header)

    def _side(self, buttons: Sequence[Button], wanted: Sequence[Button]) -> dict[str, Any]:
        return {"case_id": self.case_id, "actions": [{**writable(each), **_rule(each, wanted)} for each in buttons]}


def _rule(button: Button, wanted: Sequence[Button]) -> dict[str, str]:
    """The rule that a button comes from. It stands on both sides of a diff, since it is not what changes."""
    return next(({"rule": each["rule"]} for each in wanted if "rule" in each and matches(button, each)), {})


def shown(change: Change) -> dict[str, Any]:
    """The diff of a change of buttons."""
    made = change.diff()
    return {**made, "before": with_params_on_a_line(made["before"]), "after": with_params_on_a_line(made["after"])}


def with_params_on_a_line(side: dict[str, Any]) -> dict[str, Any]:
    """A side of a diff, the query parameters of each button on one line.

    A hunk of a diff has three lines around what changed. With one line for each key, the label is always among them.
    """
    shown = [
        {**button, "query_params": "&".join(f"{name}={value}" for name, value in button["query_params"].items())}
        if button.get("query_params")
        else button
        for button in side["actions"]
    ]
    return {**side, "actions": shown}


def apply_actions(
    context: ModuleContext[Any],
    client: Tines,
    case_id: int,
    desired: DesiredActions,
    plan: ActionsPlan | None = None,
) -> ActionsResult:
    """Make the buttons of a case as desired. plan: given if it is made already.

    A failure after the buttons were read is in the result, with what was done until then. Before, it is raised.
    """
    if plan is None:
        current = _read_or_absent(context, client, case_id, desired)
        try:
            plan = plan_with_details(client, case_id, current, desired)
        except CaseworkError as error:
            known = ActionsPlan(tuple(current), tuple(current))
            return ActionsResult(case_id, known, known.after, error)
    run = _Run(client, case_id, desired, plan)
    try:
        context.apply(plan, run.send_all)
    except CaseworkError as error:
        done = applied_part(plan, run.actions)
        unknown = tuple(label for label in run.in_doubt if label not in (*done.created, *done.updated, *done.deleted))
        return ActionsResult(case_id, done, run.actions, error, unknown)
    return ActionsResult(case_id, plan, run.actions)


def read_and_plan(client: Tines, case_id: int, desired: DesiredActions) -> ActionsPlan:
    """Read the buttons of a case and plan. Raises `CaseworkError`."""
    return plan_with_details(client, case_id, client.list_actions(case_id), desired)


def plan_with_details(client: Tines, case_id: int, current: Sequence[Button], desired: DesiredActions) -> ActionsPlan:
    """Plan, and read by its ID each button of which the listing leaves out what the plan needs."""
    asked = ids_to_read(current, desired)
    current = _with_details(client, current, asked)
    if desired.asks_for_query_params:
        require_query_params(case_id, (button for button in current if button["id"] in asked))
    plan = plan_actions(case_id, current, desired)
    kept = [action_id for action_id in ids_to_read_before_replace(plan) if action_id not in asked]
    return plan_actions(case_id, _with_details(client, current, kept), desired) if kept else plan


def _with_details(client: Tines, current: Sequence[Button], ids: Sequence[int]) -> list[Button]:
    return [{**b, **client.get_action(b["case_id"], b["id"])} if b["id"] in ids else b for b in current]


def _read_or_absent(
    context: ModuleContext[Any], client: Tines, case_id: int, desired: DesiredActions
) -> Sequence[Button]:
    """The buttons of a case. A case that does not exist has no button that would have to be removed.

    A case with the ID 0 will exist, and has no button yet.
    """
    if case_id == PREDICTED_CASE:
        return ()
    try:
        return client.list_actions(case_id)
    except RequestError as error:
        if error.status != 404 or desired.state != "absent":
            raise
        context.warn(f"Case {case_id} does not exist, or this key may not see it, so it has no button to remove.")
        return ()


def warn_of_odd_params(context: ModuleContext[Any], buttons: Iterable[Button]) -> None:
    """Warn of query parameters that are hardly meant as they are."""
    buttons = list(buttons)
    joined = params_in_values(buttons)
    if joined:
        context.warn(
            f"query_params: the value of {' and of '.join(joined)} has further parameters in it. Give query_params "
            "as a dictionary with a key for each; text such as a=1&b=2 becomes a single one."
        )
    names = reserved_params(buttons)
    if names:
        context.warn(
            f"Tines reserves these names of query parameters and does not let a button set them: {', '.join(names)}."
        )


class _Run:
    """The requests of one plan as they are sent. actions: the buttons of the case as far as they are known."""

    def __init__(self, client: Tines, case_id: int, desired: DesiredActions, plan: ActionsPlan) -> None:
        self.actions: Sequence[Button] = plan.after
        self.in_doubt: tuple[str, ...] = ()
        self._missing: set[int] = set()
        self._client = client
        self._case_id = case_id
        self._desired = desired
        self._plan = plan

    def send_all(self) -> None:
        """Send what is planned. After an ambiguous failure the case is listed and planned anew: nothing comes twice."""
        again = send_reconciled(self._client.http, self._plan, self._send_plan, self._replan)
        if again or self._missing:
            self.actions = self._read_without_duplicates(again)
        still_there = [button for button in self.actions if button["id"] in self._missing]
        if still_there:
            raise NotDoneError(
                f"Case {self._case_id}: the server answered that the button {still_there[0]['label']!r} does not exist "
                "when it was to be deleted, and still lists it."
            )

    def _send_plan(self, plan: ActionsPlan) -> None:
        self.actions = plan.before
        for request in plan.requests:
            self._send(request)

    def _replan(self) -> ActionsPlan:
        current = self._read_without_duplicates()
        plan = plan_with_details(self._client, self._case_id, current, self._desired)
        self.actions = plan.before
        self.in_doubt = ()
        return plan

    def _read_without_duplicates(self, sent_again: bool = True) -> list[Button]:
        """The buttons of a case, after those that came twice are removed.

        A button comes twice if a request that seemed lost was carried out late.
        """
        current = self._client.list_actions(self._case_id)
        duplicates = duplicates_of_retry(self._plan, self._desired, current) if sent_again else []
        for action_id in duplicates:
            self._client.delete_action(self._case_id, action_id)
        return [button for button in current if button["id"] not in duplicates]

    def _send(self, request: PlannedRequest[Tines]) -> None:
        """Send one request, note its effect, and verify that the answer shows it."""
        try:
            answer = request.send(self._client)
        except RequestError as error:
            if error.outcome_unknown or isinstance(request, (DeleteAction, UpdateAction)):
                self.in_doubt = self._labels_of(request)
            raise
        if isinstance(request, DeleteAction):
            self.actions = [button for button in self.actions if button["id"] != request.action_id]
            if not answer:
                self._missing.add(request.action_id)
        elif isinstance(request, ReplaceActions):
            self._note_replacement(request, answer)
        else:
            self._note_one(request.body, answer)  # type: ignore[attr-defined]  # of a button, there is no fourth kind

    def _labels_of(self, request: PlannedRequest[Tines]) -> tuple[str, ...]:
        """The labels of the buttons that a request is about."""
        if isinstance(request, (DeleteAction, UpdateAction)):
            return tuple(button["label"] for button in self.actions if button["id"] == request.action_id)
        if isinstance(request, CreateAction):
            return (request.body["label"],)
        return (*self._plan.created, *self._plan.updated, *self._plan.deleted)

    def _note_replacement(self, request: ReplaceActions, answer: list[Button]) -> None:
        asked = {body["label"] for body in request.bodies if "query_params" in body}
        unshown = [shown["id"] for shown in answer if shown.get("label") in asked and "query_params" not in shown]
        self.actions = answer
        self.actions = _with_details(self._client, answer, unshown)
        check_replacement(self._case_id, request.bodies, self.actions)

    def _note_one(self, body: Button, answer: Button) -> None:
        current = list(self.actions)
        place = next((i for i, button in enumerate(current) if button["id"] == answer["id"]), len(current))
        self.actions = [*current[:place], answer, *current[place + 1 :]]
        if "query_params" in body and "query_params" not in answer:
            answer = {**answer, **self._client.get_action(self._case_id, answer["id"])}
            self.actions = [*current[:place], answer, *current[place + 1 :]]
        wanted = self._wanted(current[place]) if place < len(current) else {}
        # Somebody else may have changed it since. What an answer leaves out says nothing.
        also = {key: value for key, value in wanted.items() if answer.get(key) is not None}
        check_answer(self._case_id, {**also, **body}, answer)

    def _wanted(self, button: Button) -> Button:
        """What a button should be as a whole, of which a request sends no more than what differs."""
        return next((sendable(each) for each in self._desired.buttons if matches(button, each)), {})
