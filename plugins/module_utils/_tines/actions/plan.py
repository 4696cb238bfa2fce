# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The plan that leads from the buttons that a case has to those that it should have. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..._core.errors import CaseworkError, OptionError
from ..._core.plan import Plan
from ..requests import CreateAction, DeleteAction, ReplaceActions, UpdateAction
from .fields import EMPTY, NEEDED, WRITABLE, Button, differences, matches, sendable, writable


@dataclass(frozen=True)
class DesiredActions:
    """What the buttons of a case should be.

    buttons: each with the keys that were given, and with `id` where it is to be found by that.
    exclusive: what is not listed is removed. batch: a case without buttons may get them in one request.
    unique: two buttons with a label are an error even where buttons are to be removed.
    """

    buttons: tuple[Button, ...]
    state: str = "present"
    exclusive: bool = False
    batch: bool = True
    unique: bool = False

    @property
    def present(self) -> tuple[Button, ...]:
        """The buttons that should be there."""
        return tuple(button for button in self.buttons if self._state_of(button) == "present")

    @property
    def absent(self) -> tuple[Button, ...]:
        """The buttons that should not be there."""
        return tuple(button for button in self.buttons if self._state_of(button) == "absent")

    @property
    def bodies(self) -> tuple[Button, ...]:
        """The buttons that should be there, as a request takes them."""
        return tuple(map(sendable, self.present))

    @property
    def asks_for_query_params(self) -> bool:
        return any("query_params" in button for button in self.present)

    def _state_of(self, button: Button) -> str:
        return "absent" if self.state == "absent" else str(button.get("state", "present"))


@dataclass(frozen=True)
class ActionsPlan(Plan[Sequence[Button]]):
    """A plan for one case; `created`, `updated` and `deleted` are labels."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


def plan_actions(case_id: int, now: Sequence[Button], goal: DesiredActions) -> ActionsPlan:
    """What leads from `now` to the goal. Raises `CaseworkError` where that cannot be told."""
    doomed = [button for button in now if any(matches(button, wanted) for wanted in goal.absent)]
    if goal.unique:
        _check_unique(case_id, doomed)
    pairs = [(wanted, _counterpart(case_id, now, wanted, goal.exclusive)) for wanted in goal.present]
    kept = [id(current) for _wanted, current in pairs]
    surplus = [button for button in now if id(button) not in kept] if goal.exclusive else doomed
    if not pairs:
        return _plan_delete(case_id, now, surplus)
    changes = [
        (wanted, current, sendable(wanted) if current is None else differences(current, wanted))
        for wanted, current in pairs
    ]
    changes = [change for change in changes if change[2]]
    if not changes and not surplus:
        return ActionsPlan(tuple(now), tuple(now))
    for wanted, current, _change in changes:
        if current is None:
            _check_new(case_id, wanted)
    # Where others' buttons would be lost, one request a button is the price of not losing them.
    at_once = goal.batch if not now else goal.exclusive
    requests = (*(_request(case_id, *change) for change in changes), *_deletions(case_id, surplus))
    return ActionsPlan(
        before=tuple(now),
        after=predicted(case_id, [button for button in now if button not in surplus], pairs, at_once),
        requests=_replacement(case_id, pairs) if at_once else requests,
        created=tuple(wanted["label"] for wanted, current, _change in changes if current is None),
        updated=tuple(current["label"] for _wanted, current, _change in changes if current is not None),
        deleted=tuple(button["label"] for button in surplus),
    )


def _counterpart(case_id: int, now: Sequence[Button], wanted: Button, exclusive: bool) -> Button | None:
    """The button of the case that `wanted` is about, None where there is none."""
    twins = [button for button in now if matches(button, wanted)]
    if "id" in wanted:
        if not twins:
            raise CaseworkError(f"Case {case_id} has no button with the id {wanted['id']}.")
        renamed = "label" in wanted and twins[0].get("label") != wanted["label"]
        taken = [button["id"] for button in now if renamed and button.get("label") == wanted["label"]]
        if taken:
            raise CaseworkError(
                f"Case {case_id} has another button with the label {wanted['label']!r} (id {taken[0]}); "
                "a label must stay unique within the case."
            )
    elif not exclusive:
        _check_unique(case_id, twins)
    return next((button for button in twins if not differences(button, wanted)), twins[0] if twins else None)


def _check_unique(case_id: int, twins: Sequence[Button]) -> None:
    if len(twins) > 1:
        ids = ", ".join(str(button["id"]) for button in twins)
        labels = " or ".join(repr(label) for label in dict.fromkeys(button["label"] for button in twins))
        raise CaseworkError(
            f"Case {case_id} has {len(twins)} buttons with the label {labels} (ids {ids}). "
            "Say which one is meant with the option id of casework.cases.case_action, or remove the others."
        )


def _check_new(case_id: int, wanted: Button) -> None:
    missing = [key for key in NEEDED if key not in wanted]
    if missing:
        case = f"Case {case_id}" if case_id else "A new case"
        raise OptionError(
            f"{case} has no button {wanted['label']!r} yet, and a new one needs {' and '.join(missing)} too."
        )


def _plan_delete(case_id: int, now: Sequence[Button], doomed: Sequence[Button]) -> ActionsPlan:
    return ActionsPlan(
        before=tuple(now),
        after=tuple(button for button in now if button not in doomed),
        requests=_deletions(case_id, doomed),
        deleted=tuple(button["label"] for button in doomed),
    )


def _deletions(case_id: int, doomed: Sequence[Button]) -> tuple[DeleteAction, ...]:
    return tuple(DeleteAction(case_id, button["id"]) for button in doomed)


def _request(case_id: int, wanted: Button, current: Button | None, change: Button) -> CreateAction | UpdateAction:
    if current is None:
        return CreateAction(case_id, change)
    return UpdateAction(case_id, current["id"], change)


def _replacement(case_id: int, pairs: Sequence[tuple[Button, Button | None]]) -> tuple[ReplaceActions]:
    """One request with complete buttons: what it leaves out would be lost, so it has what the server showed."""
    bodies = [{**restated(current or {}), **sendable(wanted)} for wanted, current in pairs]
    return (ReplaceActions(case_id, bodies),)


def restated(button: Button) -> Button:
    """What has to be sent so that a button stays as it is shown: to leave a cleared key out would not clear it."""
    return {**{key: empty for key, empty in EMPTY.items() if key in button}, **writable(button)}


def predicted(
    case_id: int, now: Sequence[Button], pairs: Sequence[tuple[Button, Button | None]], at_once: bool
) -> tuple[Button, ...]:
    """The buttons that the case will have, as far as can be told beforehand: a new one has no id yet."""

    def merged(wanted: Button, current: Button | None) -> Button:
        if current is None:
            return {"case_id": case_id, "id": None, **sendable(wanted)}
        return {**current, **differences(current, wanted)}

    if at_once:
        return tuple(merged(*pair) for pair in pairs)
    targets = {id(current): (wanted, current) for wanted, current in pairs if current is not None}
    kept = [merged(*targets[id(button)]) if id(button) in targets else button for button in now]
    return (*kept, *(merged(wanted, None) for wanted, current in pairs if current is None))


def ids_to_read(now: Sequence[Button], goal: DesiredActions) -> list[int]:
    """The ids of buttons to be read one by one, because the goal names keys that the listing does not show.

    Where none of them is asked about, one button still shows whether the server supports query_params at all.
    """

    def is_blank(button: Button, wanted: Button) -> bool:
        return matches(button, wanted) and any(key in wanted and key not in button for key in WRITABLE)

    asked = [button["id"] for button in now if any(is_blank(button, wanted) for wanted in goal.present)]
    probe = goal.asks_for_query_params and now and not any("query_params" in button for button in now)
    return asked or ([now[0]["id"]] if probe else [])


def ids_to_read_before_replace(intended: ActionsPlan) -> list[int]:
    """The ids of buttons that a replacement would strip of query_params which the listing does not show."""
    if not any(isinstance(request, ReplaceActions) for request in intended.requests):
        return []
    return [button["id"] for button in intended.after if button["id"] and "query_params" not in button]


def require_query_params(case_id: int, read: Iterable[Button]) -> None:
    """Raise `CaseworkError` where a button that was read by its id shows no query_params either."""
    for button in read:
        if "query_params" not in button:
            raise CaseworkError(
                f"This tenant does not support query_params: button {button['id']} of case {case_id} shows none. "
                "Leave query_params out, or update the tenant."
            )


def applied_part(intended: ActionsPlan, actual: Sequence[Button]) -> ActionsPlan:
    """The part of a plan that was carried out before it failed, going by the buttons that there are now."""
    was = {button["label"]: button for button in intended.before}
    now = {button["label"]: button for button in actual}
    ids = {button["id"] for button in actual}
    new_labels = {button["id"]: button["label"] for button in intended.after}
    gone = Counter(button["label"] for button in intended.before) - Counter(button["label"] for button in actual)

    def is_updated(label: str) -> bool:
        if label in now:
            return bool(differences(was[label], now[label]))
        number = was[label]["id"]
        return new_labels.get(number) in now or number in ids  # by another label, as asked for or not

    created = tuple(label for label in intended.created if label in now)
    updated = tuple(label for label in intended.updated if is_updated(label))
    deleted = tuple((Counter(intended.deleted) & gone).elements())
    requests = intended.requests if created or updated or deleted else ()
    return ActionsPlan(intended.before, tuple(actual), requests, created, updated, deleted)


def duplicates_of_retry(intended: ActionsPlan, goal: DesiredActions, now: Sequence[Button]) -> list[int]:
    """The ids of surplus buttons that came twice out of one task: new, as it was asked for, and there already.

    A button that differs from what was asked for is not the task's, so it is left alone.
    """
    known = {button["id"] for button in intended.before}
    new = [button for button in now if button["id"] not in known]
    surplus: list[int] = []
    for wanted in goal.present:
        if wanted.get("label") in intended.created:
            ours = [b for b in new if matches(b, wanted) and not differences({**wanted, **b}, wanted)]
            surplus += [button["id"] for button in ours[1:]]
    return surplus
