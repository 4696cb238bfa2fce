# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Standard buttons, and those of rules: the filter plan_buttons and what is behind it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.casework.cases.plugins.filter.plan_buttons import FilterModule, plan_buttons


def button(label: str, **more: Any) -> dict[str, Any]:
    return {"label": label, "url": f"https://wiki.example.com/{label}", "action_type": "page", **more}


def rule(*labels: str, **when: Any) -> dict[str, Any]:
    return {"when": when, "actions": [button(label) for label in labels]}


def case(case_id: int = 7, **more: Any) -> dict[str, Any]:
    return {"case_id": case_id, "name": "Suspicious login", **more}


def labels(plan: list[dict[str, Any]]) -> dict[int, list[str]]:
    return {entry["case_id"]: [each["label"] for each in entry["actions"]] for entry in plan}


PHISHING = case(
    1, name="Invoice", priority="HIGH", tags=[{"id": 1, "name": "phishing"}, {"id": 2, "name": "mail"}], team={"id": 3}
)


def test_filter_is_found_under_its_name() -> None:
    assert FilterModule().filters()["plan_buttons"] is plan_buttons


def test_without_rules_every_case_gets_the_standard_buttons() -> None:
    assert plan_buttons([case(1), case(2)], [button("A")]) == [
        {"case_id": 1, "name": "Suspicious login", "actions": [button("A")]},
        {"case_id": 2, "name": "Suspicious login", "actions": [button("A")]},
    ]


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ({}, True),
        ({"tags": ["phishing", "spam"]}, True),
        ({"tags": "mail"}, True),
        ({"tags": "spam, mail"}, True),
        ({"tags": ["Phishing"]}, False),
        ({"tags": []}, True),
        ({"tags": ""}, True),
        ({"tags": None}, True),
        ({"priority": "high"}, True),
        ({"priority": ["LOW", "High"]}, True),
        ({"priority": "low"}, False),
        ({"name_regex": "^Inv"}, True),
        ({"name_regex": "voice$"}, True),
        ({"name_regex": "^invoice"}, False),
        ({"name_regex": "(?i)^invoice"}, True),
        ({"name_regex": ""}, True),
        ({"team_id": 3}, True),
        ({"team_id": ["3", 4]}, True),
        ({"team_id": [4]}, False),
        ({"tags": ["phishing"], "team_id": 3, "priority": "high", "name_regex": "I"}, True),
        ({"tags": ["phishing"], "team_id": 4}, False),
    ],
)
def test_rule_matches_if_all_its_conditions_hold(when: dict[str, Any], matches: bool) -> None:
    plan = plan_buttons([PHISHING], [button("A")], [rule("B", **when)])
    assert labels(plan) == {1: ["A", "B"] if matches else ["A"]}


@pytest.mark.parametrize("when", [{"tags": "x"}, {"priority": "high"}, {"team_id": 1}, {"name_regex": "."}])
def test_condition_does_not_hold_for_what_a_case_does_not_show(when: dict[str, Any]) -> None:
    assert labels(plan_buttons([{"case_id": 7, "status": "OPEN"}], [button("A")], [rule("B", **when)])) == {7: ["A"]}


def test_every_rule_that_matches_adds_its_buttons() -> None:
    rules = [rule("B", tags="mail"), rule("C", tags="other"), rule("D"), {"actions": [button("E")]}]
    assert labels(plan_buttons([PHISHING], [button("A")], rules)) == {1: ["A", "B", "D", "E"]}


def test_later_button_replaces_one_with_its_label_in_its_place() -> None:
    other = button("A", url="https://wiki.example.com/other")
    plan = plan_buttons([PHISHING], [button("A"), button("B")], [{"actions": [other]}])
    assert plan[0]["actions"] == [{**other, "rule": "every case"}, button("B")]


def test_button_says_which_rule_it_comes_from() -> None:
    (entry,) = plan_buttons([PHISHING], [button("A")], [rule("B", tags=["mail", "spam"], priority="high")])
    assert [each.get("rule") for each in entry["actions"]] == [None, "tags: mail, spam; priority: high"]


@pytest.mark.parametrize("unknown", [{"case_id": 7}, {"case_id": 7, "name": None}, 7])
def test_plan_names_no_case_whose_name_is_not_known(unknown: Any) -> None:
    assert plan_buttons([unknown], [button("A")]) == [{"case_id": 7, "actions": [button("A")]}]


def test_label_is_compared_exactly() -> None:
    assert labels(plan_buttons([case(1)], [button("a")], [rule("A")])) == {1: ["a", "A"]}


def test_case_without_a_button_is_left_out() -> None:
    assert plan_buttons([case(1)], [], [rule("A", tags="x")]) == []


def test_case_without_a_button_stays_if_asked_for() -> None:
    assert plan_buttons([case(1)], [], [], keep_empty=True) == [
        {"case_id": 1, "name": "Suspicious login", "actions": []}
    ]


def test_id_alone_stays_and_matches_no_condition() -> None:
    plan = plan_buttons([5, 6], [], [rule("A", name_regex="^$"), rule("B", priority="high")])
    assert labels(plan) == {5: [], 6: []}


def test_values_take_the_form_that_the_module_compares() -> None:
    given = button("A", query_params={"since": datetime.date(2026, 1, 1), "all": True, "n": 3}, action_text=None)
    (entry,) = plan_buttons([case(1)], [given])
    assert entry["actions"] == [button("A", query_params={"since": "2026-01-01", "all": "true", "n": "3"})]


def test_button_needs_no_more_than_its_label_here() -> None:
    assert labels(plan_buttons([case(1)], [{"label": "A", "action_text": "Go"}])) == {1: ["A"]}


def test_explanation_names_rule_buttons_and_cases() -> None:
    rules = [
        rule("B", "C", tags=["mail", "spam"], priority="HIGH"),
        {"actions": [button("D")]},
        rule("E", name_regex="^x"),
    ]
    assert plan_buttons([PHISHING, case(2)], [], rules, explain=True) == [
        "Rule 1 (tags: mail, spam; priority: high): B, C on case 1",
        "Rule 2 (every case): D on cases 1, 2",
        "Rule 3 (name_regex: ^x): E on no case",
    ]


def test_explanation_names_ten_cases_at_most() -> None:
    (line,) = plan_buttons([case(number) for number in range(1, 14)], [], [rule("A")], explain=True)
    assert line == "Rule 1 (every case): A on cases 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 3 more"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("x", "rules: rule 2 must be a dictionary, not 'x'."),
        ({}, "rules: rule 2 needs actions."),
        ({"whn": {}, "actions": []}, "rules: rule 2: there is no key 'whn'. Did you mean 'when'?"),
        ({"when": {"xyz": 1}, "actions": []}, "rules: rule 2: when: there is no key 'xyz'. The keys are tags, "),
        ({"when": "x", "actions": []}, "rules: rule 2: when must be a dictionary, not 'x'."),
        (rule(priority="urgent"), "rules: rule 2: priority must be critical, high, medium, low or info, not 'urgent'."),
        (rule(priority=[["high"]]), "rules: rule 2: when: priority: entry 1 must be text, not ['high']."),
        (rule(name_regex="("), "rules: rule 2: name_regex '(' is not a regular expression: missing )"),
        (rule(name_regex=["a"]), "rules: rule 2: when: name_regex must be text, not ['a']."),
        (rule(team_id="one"), "rules: rule 2: when: team_id: entry 1 must be a whole number, not 'one'."),
        (rule(team_id={"id": 1}), "rules: rule 2: when: team_id must be a list, not {'id': 1}."),
        (rule(tags=[None]), "rules: rule 2: when: tags: entry 1 must be text, not None."),
        ({"actions": "A"}, "rules: rule 2: actions must be a list, not 'A'."),
        ({"actions": {"label": "A"}}, "rules: rule 2: actions must be a list, not {'label': 'A'}."),
        ({"actions": [{"url": "https://x"}]}, "rules: rule 2: actions: entry 1 needs label."),
        ({"actions": [button("A"), button("A")]}, "rules: rule 2: actions: the label 'A' is given more than once"),
        (
            {"actions": [button("A", ulr="x")]},
            "rules: rule 2: actions: entry 1: there is no key 'ulr'. Did you mean 'url'?",
        ),
        ({"actions": [button("A", url="ftp://x")]}, "rules: rule 2: actions: entry 1 (A) has the url 'ftp://x'"),
        (
            {"actions": [button("A", query_params="a=1")]},
            "rules: rule 2: actions: entry 1: query_params must be a dict",
        ),
    ],
)
def test_bad_rule_is_named_by_number_and_value(bad: Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        plan_buttons([PHISHING], [button("A")], [rule("B"), bad])
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("cases", "actions", "message"),
    [
        ({"cases": []}, [], "cases must be a list, not {'cases': []}."),
        ([{"name": "x"}], [], "cases: {'name': 'x'} is not a case with a case_id, as cases_info returns it."),
        ([True], [], "cases: True is not a case with a case_id"),
        ([case()], [{"label": "A", "action_type": "button"}], "actions: entry 1 (A) has the action_type 'button'"),
    ],
)
def test_other_bad_input_is_named(cases: Any, actions: Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        plan_buttons(cases, actions)
    assert str(raised.value).startswith(message)


def test_error_shows_no_secret() -> None:
    secret = "https://acme.tines.com/webhook/isolate/s3cret"
    for bad in ({"actions": secret}, {"actions": [{"label": "A", "url": f"ftp{secret}"}]}, secret):
        with pytest.raises(AnsibleFilterError) as raised:
            plan_buttons([case()], [], [bad])
        assert "s3cret" not in str(raised.value)
