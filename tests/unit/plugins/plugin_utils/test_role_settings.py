# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role: what they say, and what is wrong with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.casework.cases.plugins.filter.case_buttons_settings import FilterModule
from ansible_collections.casework.cases.plugins.plugin_utils.role_settings import (
    DEFAULTS,
    PREFIX,
    VARIABLES,
    parse_settings,
)

ROLE = Path(__file__).resolve().parents[4] / "roles" / "case_buttons"
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"][
    "options"
]
RUNBOOK = {"label": "Runbook", "url": "https://wiki.example.com/runbook", "action_type": "page"}


def settings(**variables: Any) -> dict[str, Any]:
    return parse_settings({PREFIX + name: value for name, value in {"actions": [RUNBOOK], **variables}.items()})


def problems(**variables: Any) -> list[str]:
    found = settings(**variables)
    assert found == {"problems": found["problems"]}
    return list(found["problems"])


def test_filter_is_found_under_its_name() -> None:
    assert FilterModule().filters()["case_buttons_settings"] is parse_settings


def test_defaults_are_those_of_the_role() -> None:
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    assert defaults == {**{PREFIX + name: value for name, value in DEFAULTS.items()}, "case_buttons_new_within": ""}
    assert {name: option["default"] for name, option in OPTIONS.items() if "default" in option} == defaults


def test_documented_variables_are_those_that_are_known() -> None:
    assert list(OPTIONS) == [PREFIX + name for name in VARIABLES]


@pytest.mark.parametrize(("name", "spec"), VARIABLES.items())
def test_documented_keys_are_those_that_are_known(name: str, spec: dict[str, Any]) -> None:
    assert shape(OPTIONS[PREFIX + name]) == shape(spec)


def shape(option: dict[str, Any]) -> dict[str, Any]:
    """The keys below an option, with their types."""
    inner = option.get("options", {})
    return {key: (each["type"], each.get("elements"), shape(each)) for key, each in inner.items()}


def test_settings_have_the_types_that_modules_take() -> None:
    found = settings(
        case_ids="4, 1,4", exclusive="yes", concurrency="3", timeout="2.5", retries="0", validate_certs="no"
    )
    assert found == {
        "problems": [],
        "actions": [RUNBOOK],
        "rules": [],
        "case_ids": [4, 1],
        "filter": {},
        "find": None,
        "exclusive": True,
        "state": "present",
        "concurrency": 3,
        "timeout": 2.5,
        "retries": 0,
        "validate_certs": False,
    }


@pytest.mark.parametrize("empty", ["", " ", None])
@pytest.mark.parametrize("name", [name for name in VARIABLES if name != "actions"])
def test_empty_variable_counts_as_not_set(name: str, empty: Any) -> None:
    assert settings(**{name: empty}) == settings()


def test_survey_without_any_answer_changes_nothing() -> None:
    assert settings(case_ids="", new_within=" ", state="") == settings()


def test_open_cases_are_found_unless_the_filter_says_otherwise() -> None:
    assert settings()["find"] == {"status": "open"}
    assert settings(filter={"status": "Closed", "team_id": "3"})["find"] == {"status": "Closed", "team_id": [3]}
    assert settings(filter={"status": "", "tags": [], "order": None})["find"] == {"status": "open"}


@pytest.mark.parametrize("empty", ["", [], None])
def test_empty_list_of_ids_in_the_filter_finds_nothing(empty: Any) -> None:
    assert settings(filter={"case_ids": empty})["find"] == {"status": "open", "case_ids": []}


def test_age_holds_for_cases_that_are_found() -> None:
    assert settings(new_within="24h")["find"] == {"status": "open", "opened_within": "24h"}


def test_given_ids_are_taken_whatever_their_age_and_the_filter() -> None:
    assert settings(case_ids=[7], new_within="24h", filter={"tags": ["x"]})["find"] is None
    rules = [{"when": {"tags": ["x"]}, "actions": [RUNBOOK]}]
    assert settings(case_ids=7, new_within="24h", filter={"tags": ["x"]}, rules=rules)["find"] == {"case_ids": [7]}


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"actions": "x"}, "case_buttons_actions must be a list, not 'x'."),
        (
            {"actions": [{"label": "A"}]},
            "case_buttons_actions: entry 1 (A) needs url and action_type, for the cases that",
        ),
        (
            {"actions": [{**RUNBOOK, "ulr": 1}]},
            "case_buttons_actions: entry 1: there is no key 'ulr'. Did you mean 'url'?",
        ),
        ({"actions": [RUNBOOK, RUNBOOK]}, "case_buttons_actions: the label 'Runbook' is given more than once"),
        ({"rules": [{"actions": [{"label": "A"}]}]}, "case_buttons_rules: rule 1: actions: entry 1 (A) needs url and"),
        (
            {"rules": [{"when": {"name_regex": "("}, "actions": []}]},
            "case_buttons_rules: rule 1: name_regex '(' is not",
        ),
        ({"rules": {"actions": []}}, "case_buttons_rules must be a list, not {'actions': []}."),
        ({"case_ids": ["4", "x"]}, "case_buttons_case_ids: entry 2 must be a whole number, not 'x'."),
        ({"case_ids": "#4"}, "case_buttons_case_ids: entry 1 must be a whole number, not '#4'."),
        ({"case_ids": [-4]}, "case_buttons_case_ids: -4 is not a case ID; case IDs begin with 1."),
        ({"case_ids": [0]}, "case_buttons_case_ids: 0 is not a case ID. It is what check mode returns"),
        ({"filter": '{"tags": ["x"]}'}, 'case_buttons_filter must be a dictionary, not \'{"tags": ["x"]}\'.'),
        ({"filter": {"tag": ["x"]}}, "case_buttons_filter: there is no key 'tag'. Did you mean 'tags'?"),
        (
            {"filter": {"priority": ["urgent"]}},
            "case_buttons_filter: priority must be critical, high, medium, low or info",
        ),
        ({"filter": {"opened_after": "soon"}}, "case_buttons_filter: opened_after must be an ISO 8601 timestamp"),
        ({"filter": {"case_ids": [0]}}, "case_buttons_filter: case_ids: 0 is not a case ID."),
        ({"new_within": "1day"}, "case_buttons_new_within: '1day' is not a valid duration; use a number followed by"),
        ({"state": "presnt"}, "case_buttons_state must be present or absent, not 'presnt'."),
        ({"exclusive": "maybe"}, "case_buttons_exclusive must be true or false, not 'maybe'."),
        ({"concurrency": 100}, "case_buttons_concurrency must be from 1 to 64, not 100."),
        ({"concurrency": 0}, "case_buttons_concurrency must be from 1 to 64, not 0."),
        ({"concurrency": "many"}, "case_buttons_concurrency must be a whole number, not 'many'."),
        ({"timeout": -1}, "case_buttons_timeout must be from 0.001 to 86400, not -1."),
        ({"retries": "x"}, "case_buttons_retries must be a whole number, not 'x'."),
        ({"exclusive": True, "state": "absent"}, "case_buttons_exclusive requires case_buttons_state: present."),
        ({"new_within": "1h", "filter": {"opened_within": "2h"}}, "case_buttons_new_within and opened_within in"),
        ({"actions": []}, "No button is configured: set case_buttons_actions, case_buttons_rules, or both."),
        ({"actions": [], "rules": [{"actions": []}]}, "No button is configured: set case_buttons_actions"),
        ({"colour": "red"}, "case_buttons_colour is not a variable of this role. Did you mean case_buttons_"),
    ],
)
def test_bad_variable_is_named_with_its_value(variables: dict[str, Any], message: str) -> None:
    (problem,) = problems(**variables)
    assert problem.startswith(message)


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(actions="x", case_ids="y", new_within="z", state="w")) == 4


def test_removed_button_needs_no_more_than_its_label() -> None:
    assert settings(actions=[{"label": "A"}], state="absent")["actions"] == [{"label": "A"}]


def test_buttons_are_retired_and_renamed_one_by_one() -> None:
    actions = [{"label": "Old", "state": "absent"}, {**RUNBOOK, "previous_labels": ["Wiki"]}]
    assert settings(actions=actions)["actions"] == actions
    (problem,) = problems(actions=[actions[1]], rules=[{"actions": [{**RUNBOOK, "label": "Wiki"}]}])
    assert problem == "'Wiki' is both a button and a previous label of the button 'Runbook'."


def test_predicted_case_is_taken_in_check_mode_only() -> None:
    variables = {"case_buttons_actions": [RUNBOOK], "case_buttons_case_ids": [0]}
    assert parse_settings(variables, check_mode=True)["case_ids"] == [0]
    assert parse_settings(variables)["problems"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("case_button_actions", "case_buttons_actions"),
        ("case_buttons_action", "case_buttons_actions"),
        ("case_buton_rules", "case_buttons_rules"),
        ("cases_buttons_filter", "case_buttons_filter"),
        ("casebuttons_state", "case_buttons_state"),
        ("CASE_BUTTONS_STATE", "case_buttons_state"),
        ("case_buttons_caseids", "case_buttons_case_ids"),
    ],
)
def test_mistyped_variable_is_named_with_the_right_one(name: str, meant: str) -> None:
    found = parse_settings({"case_buttons_actions": [RUNBOOK]}, [name, "case_buttons_actions"])
    assert found["problems"] == [f"{name} is not a variable of this role. Did you mean {meant}?"]


@pytest.mark.parametrize("name", ["case_body", "cases_by_team", "case_buttons_result", "case_buttons_tenant"])
def test_other_variables_are_nobody_s_mistake(name: str) -> None:
    assert parse_settings({"case_buttons_actions": [RUNBOOK]}, [name])["problems"] == []


def test_checking_variables_does_not_import_the_http_library() -> None:
    """Each run of the role would begin with it, in a worker whose imports nobody else has."""
    name = "ansible_collections.casework.cases.plugins.filter.case_buttons_settings"
    code = f"import sys, {name}; sys.exit('requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
