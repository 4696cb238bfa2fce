# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The way of a task for a Trustpair case: read, plan, carry out once, check, look again after an ambiguous failure."""

from __future__ import annotations

from .._core.diff import diff
from .._core.errors import RequestError
from .._core.execution import ModuleContext
from .._core.plan import Plan
from .._core.retry import backoff
from .case_state import UNKNOWN_STATE, CaseState, Document, case_state
from .client import Json, Trustpair
from .plan import Action, already_satisfied, check_answer, check_effect, check_state, plan, was_applied

MAX_RECHECKS = 3
"""How often a case is read to see what became of an action of which no answer came."""

REFUSALS = (400, 403, 409, 422)
"""The statuses by which a server may refuse what somebody else has just done."""


class ActionRunner:
    """One task's action in one case: what was planned, the case as it was last read, the answer to the action."""

    def __init__(self, task: ModuleContext[Trustpair], action: Action) -> None:
        self.plan: Plan[Json] = Plan({}, {})
        self.case: Json = {}
        self.answer: Json = {}
        self._task = task
        self._action = action
        self._before = UNKNOWN_STATE

    def perform(self, precheck: bool) -> None:
        """Carry the action out where it is needed. precheck: read the case first. Raises `CaseworkError`."""
        if precheck:
            self._precheck()
        self.plan = plan(self._action, self._before)
        if self.plan.changed:
            self._task.apply(self.plan, self._apply)

    def result(self) -> Json:
        """The task's result."""
        return {
            "changed": self.plan.changed,
            "case": self.case,
            "data": self.answer.get("data", self.answer),
            "included": self.answer.get("included", []),
            "diff": diff(self.plan.before, self.plan.after, f"case {self._action.case_id}"),
        }

    def _read_case(self) -> CaseState:
        """Read the case. Raises `RequestError`."""
        answer = self._task.client.get_case(self._action.case_id, self._action.language)
        self.case = Document(answer).resource
        return case_state(answer)

    def _precheck(self) -> None:
        """Read the case, where the token may."""
        try:
            self._before = self._read_case()
        except RequestError as error:
            if error.status == 403:
                self._task.warn(
                    f"Case {self._action.case_id} could not be read with this token (403), so that it is not known "
                    "whether the action is needed. It is sent all the same."
                )
            else:
                if error.status == 404:
                    raise error.explained(
                        f"Case {self._action.case_id} was not found:",
                        "If it does exist, this API has no reading of cases: set precheck to false.",
                    ) from error
                raise
        if self._action.unique and self._before.read and self._before.comments is None:
            self._task.warn("The case does not show its comments, so that unique cannot tell whether this one is new.")

    def _apply(self) -> None:
        """Send the action, once, and see what became of it."""
        (request,) = self.plan.requests
        try:
            self.answer, finished = request.send(self._task.client)
        except RequestError as error:
            if error.outcome_unknown or (error.status or 400) < 300:
                self._reconcile(error)
            elif error.status not in REFUSALS or not self._satisfied_by_now():
                raise
        else:
            if finished:
                self._check()

    def _check(self) -> None:
        """See whether the answer and the case show what was done. Raises `NotDoneError`."""
        check_answer(self._action, self.answer)
        if not self._before.read:
            return
        try:
            after = self._read_case()
        except RequestError as error:
            self._task.warn(f"The action was carried out, but the case could not be read afterwards: {error.msg}")
        else:
            check_state(self._action, self._before, after)
            if not self.answer.get("data"):
                check_effect(self._action, self._before, after)

    def _satisfied_by_now(self) -> bool:
        """Whether somebody else did in between what the server refused to do again."""
        if not self._before.read or not self._action.is_idempotent:
            return False
        try:
            now = self._read_case()
        except RequestError:
            return False
        if already_satisfied(self._action, now):
            self.plan = plan(self._action, now)
            return True
        return False

    def _reconcile(self, error: RequestError) -> None:
        """Find out whether an action of which no answer came was carried out. Raises `CaseworkError` where not."""
        limiter = self._task.http.limiter
        seen = "The case could not be read to find out."
        for tries in range(MAX_RECHECKS):
            # A server that did not answer in time may still be at work on it.
            limiter.sleep(self._task.http.timeout if error.timed_out and not tries else backoff(tries))
            try:
                now = self._read_case()
            except RequestError:
                break
            if was_applied(self._action, self._before, now):
                self._task.warn(f"The answer to the action was lost, but the case shows that it was done. {error.msg}")
                return
            seen = f"As the case shows itself, {now}."
        raise error.explained(
            f"Case {self._action.case_id}: the outcome of {self._action.action_type} is unknown, since it was sent and "
            "must not be sent twice.",
            f"{seen} Look at the case before you run this again.",
        ) from error
