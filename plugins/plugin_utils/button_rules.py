# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Which buttons a case should have: the standard ones, and those of every rule that matches it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..module_utils._core.errors import OptionError
from ..module_utils._tines.actions.fields import WRITABLE, Button, parse_actions
from ..module_utils._tines.argspec import BUTTONS
from ..module_utils._tines.cases.fields import FIELDS, PRIORITIES, Case, parse_choice
from .options import parse_options, parse_value

CONDITIONS: dict[str, Any] = {
    "tags": {"type": "list", "elements": "str"},
    "priority": {"type": "list", "elements": "str"},
    "name_regex": {"type": "str"},
    "team_id": {"type": "list", "elements": "int"},
}
"""What a rule can say about the cases that it matches."""

RULE: dict[str, Any] = {
    "when": {"type": "dict", "options": CONDITIONS},
    "actions": {**BUTTONS, "required": True},
}

SHOWN_IDS = 10
"""How many cases an explanation names at most."""


@dataclass(frozen=True)
class Rule:
    """Buttons for some cases. when: the conditions that were given; all of them must hold."""

    buttons: tuple[Button, ...]
    when: Mapping[str, Any]

    def matches(self, case: Case) -> bool:
        """Whether every condition holds, going by what the case shows."""
        when = self.when
        return (
            ("tags" not in when or bool(set(when["tags"]) & set(_shown(case, "tag_names") or ())))
            and ("priority" not in when or str(_shown(case, "priority")).lower() in when["priority"])
            and ("name_regex" not in when or _finds(when["name_regex"], _shown(case, "name")))
            and ("team_id" not in when or _shown(case, "team_id") in when["team_id"])
        )

    @property
    def added(self) -> list[Button]:
        """The buttons, each with the rule that it comes from."""
        return [{**button, "rule": str(self)} for button in self.buttons]

    def as_option(self) -> dict[str, Any]:
        """The rule as a playbook writes it."""
        return {"when": dict(self.when), "actions": list(self.buttons)}

    def __str__(self) -> str:
        """The conditions as one reads them."""
        texts = {key: ", ".join(map(str, v)) if isinstance(v, list) else v for key, v in self.when.items()}
        return "; ".join(f"{key}: {text}" for key, text in texts.items()) or "every case"


def _finds(pattern: str, text: Any) -> bool:
    return isinstance(text, str) and bool(re.search(pattern, text))


def _shown(case: Case, field: str) -> Any:
    return FIELDS[field].show(case)


def parse_rules(given: Any, option: str = "rules", *, complete: bool = False) -> tuple[Rule, ...]:
    """The rules. complete: see `parse_buttons`. Raises `OptionError` that names the rule's number, from 1 on."""
    if not isinstance(given, (list, tuple)):
        raise OptionError(f"{option} must be a list, not {given!r}.")
    return tuple(_parse_rule(rule, f"{option}: rule {number}", complete) for number, rule in enumerate(given, start=1))


def _parse_rule(given: Any, where: str, complete: bool) -> Rule:
    options = parse_options(given, RULE, where)
    # A condition that is empty always holds.
    when = {key: value for key, value in options.get("when", {}).items() if value not in ("", [])}
    if "priority" in when:
        when["priority"] = [parse_choice(f"{where}: priority", each, PRIORITIES) for each in when["priority"]]
    try:
        re.compile(when.get("name_regex", ""))
    except re.error as error:
        text = f"{where}: name_regex {when['name_regex']!r} is not a regular expression: {error}."
        raise OptionError(text) from None
    return Rule(parse_buttons(options["actions"], f"{where}: actions", complete=complete), when)


def parse_buttons(given: Any, option: str, *, complete: bool = False) -> tuple[Button, ...]:
    """The buttons of a list, in the form that `case_actions` takes.

    complete: a case may not have the button yet, so each needs everything that a new one needs. Raises `OptionError`.
    """
    buttons = parse_value(given, BUTTONS, option)
    checked = parse_actions(buttons, option, ("label",))
    for number, button in enumerate(checked, start=1):
        missing = [key for key in ("url", "action_type") if key not in button]
        if complete and missing and buttons[number - 1].get("state") != "absent":
            raise OptionError(
                f"{option}: entry {number} ({button['label']}) needs {' and '.join(missing)}, "
                "for the cases that do not have this button yet."
            )
    # Checked values have one form: a date of YAML, say, is text.
    pairs = zip(buttons, checked)
    return tuple({**button, **{key: value[key] for key in WRITABLE if key in value}} for button, value in pairs)


def plan_buttons(
    cases: Iterable[Any], standard: Sequence[Button], rules: Sequence[Rule], *, keep_empty: bool = False
) -> list[dict[str, Any]]:
    """Each case with its buttons, as the option `cases` of `case_actions` takes it.

    cases: as `cases_info` returns them, or IDs of cases of which nothing else is known: no condition holds for these,
    and they stay in the plan in any case. Of several buttons with one label, the last one counts. keep_empty: whether a
    case that gets no button stays in the plan. Raises `OptionError`.
    """
    plan = []
    for case in map(_as_case, cases):
        sources = (standard, *(rule.added for rule in rules if rule.matches(case)))
        buttons = {button["label"]: button for source in sources for button in source}
        if buttons or keep_empty or len(case) == 1:
            name = {"name": case["name"]} if isinstance(case.get("name"), str) else {}
            plan.append({"case_id": case["case_id"], **name, "actions": list(buttons.values())})
    return plan


def explain_rules(cases: Iterable[Any], rules: Sequence[Rule]) -> list[str]:
    """One line for each rule: what it is about, its buttons, and the cases that it matches. Raises `OptionError`."""
    known = [_as_case(case) for case in cases]
    lines = []
    for number, rule in enumerate(rules, start=1):
        ids = [str(case["case_id"]) for case in known if rule.matches(case)]
        labels = ", ".join(button["label"] for button in rule.buttons) or "no button"
        more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
        where = f"case{'s' if len(ids) > 1 else ''} {', '.join(ids[:SHOWN_IDS])}{more}" if ids else "no case"
        lines.append(f"Rule {number} ({rule}): {labels} on {where}")
    return lines


def _as_case(given: Any) -> Case:
    if isinstance(given, int) and not isinstance(given, bool):
        return {"case_id": given}
    if not isinstance(given, Mapping) or not isinstance(given.get("case_id"), int):
        raise OptionError(f"cases: {given!r} is not a case with a case_id, as cases_info returns it.")
    return dict(given)
