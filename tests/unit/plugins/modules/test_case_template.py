# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Case templates: what the preview shows and what it does not, both keys for buttons, faults, and bad options."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Result

Run = Callable[..., Result]
Simulate = Callable[..., dict[str, Any]]

BLOCK = {
    "label": "Block",
    "url": "https://acme.tines.com/webhook/abc/s3cret",
    "action_type": "webhook",
    "action_text": "Block it",
}
LOOK = {
    "label": "Look",
    "url": "https://acme.tines.com/pages/look",
    "action_type": "page",
    "query_params": {"all": "1"},
}
OPTIONS = {
    "name": "Phishing <<case.id>> {{ no }}",
    "description": "From a template.\r\nLook at the mail.",
    "priority": "high",
    "tag_names": ["mail", "phish"],
    "assignee_emails": ["Jane@x.example"],
    "tasks": [{"description": "Call", "assignee_emails": ["jane@x.example"]}, {"description": "Block"}],
    "metadata": {"source": "mail", "score": 3},
}
TEMPLATE = {"team_id": 1, "name": "Phishing", "emoji": ":fish:", "options": OPTIONS, "actions": [BLOCK, LOOK]}
BUTTON_KEYS = ("actions", "team_case_buttons")


def listed(run: Run) -> Any:
    return run("api_info", {"path": "v1/case_templates", "paginate": True})["items"]


def preview(run: Run, template: Any) -> Any:
    return run("api_info", {"path": f"v1/case_templates/{template['id']}/preview"})["json"]


def labels(run: Run, template: Any) -> list[str]:
    return [button["label"] for button in preview(run, template)["actions"]]


# One plan


def test_a_new_template_takes_three_requests_and_then_two(run: Run, simulator_task: Simulate) -> None:
    predicted = run("case_template", TEMPLATE, check_mode=True)
    assert simulator_task()["sent"] == "1 GET"
    simulator_task(forget=True)
    real = run("case_template", TEMPLATE)
    assert not real.failed, real["msg"]
    assert simulator_task()["sent"] == "2 GET, 1 POST"
    assert (predicted.changed, real.changed) == (True, True)
    assert predicted["diff"] == real["diff"]
    assert real.warnings == []
    for check_mode in (True, False):
        simulator_task(forget=True)
        again = run("case_template", TEMPLATE, check_mode=check_mode)
        assert not again.changed
        assert simulator_task()["sent"] == "2 GET"


def test_a_template_without_options_is_not_previewed(run: Run, simulator_task: Simulate) -> None:
    bare = {"team_id": 1, "name": "Phishing", "emoji": "fish"}
    assert run("case_template", bare).changed
    assert not run("case_template", bare).changed
    assert simulator_task()["sent"] == "2 GET, 1 POST"


def test_only_what_differs_is_sent(run: Run, simulator_task: Simulate) -> None:
    run("case_template", TEMPLATE)
    simulator_task(forget=True)
    changed = run("case_template", {**TEMPLATE, "options": {**OPTIONS, "priority": "low"}})
    seen = simulator_task()
    assert seen["sent"] == "3 GET, 1 PUT"
    assert seen["requests"][2]["body"] == {"options": {"priority": "low"}}
    assert changed["template"]["options"]["priority"] == "low"
    assert changed["template"]["options"]["name"] == OPTIONS["name"]


def test_what_is_not_given_of_a_button_stays(run: Run, simulator_task: Simulate) -> None:
    template = run("case_template", TEMPLATE)["template"]
    less = [{key: BLOCK[key] for key in ("label", "url", "action_type")}, {**LOOK, "action_text": "Look"}]
    changed = run("case_template", {"team_id": 1, "name": "Phishing", "actions": less})
    assert changed.changed
    assert [button["action_text"] for button in preview(run, template)["actions"]] == ["Block it", "Look"]


@pytest.mark.parametrize("actions", [[], [LOOK], [LOOK, BLOCK]])
def test_the_buttons_are_the_whole_list_in_any_order(actions: list[Any], run: Run) -> None:
    template = run("case_template", TEMPLATE)["template"]
    options = {"team_id": 1, "name": "Phishing", "actions": actions}
    predicted = run("case_template", options, check_mode=True)
    real = run("case_template", options)
    assert predicted.changed == real.changed == (len(actions) < 2)
    assert predicted["diff"] == real["diff"]
    assert set(labels(run, template)) == {button["label"] for button in actions}


def test_a_case_that_is_made_from_it_has_its_buttons(run: Run) -> None:
    template = run("case_template", TEMPLATE)["template"]
    case = run("case", {"team_id": 1, "name": "New", "template_id": template["id"]})
    actions = run("case_actions_info", {"case_ids": [case["case_id"]]})["actions"]
    assert [action["label"] for action in actions] == ["Block", "Look"]


def test_secrets_are_shown_only_if_asked_for(run: Run) -> None:
    new_secret = {**TEMPLATE, "actions": [{**BLOCK, "url": f"{BLOCK['url']}2"}, LOOK]}
    assert "s3cret" not in json.dumps([run("case_template", TEMPLATE), run("case_template", new_secret)])
    revealed = run("case_template", {**new_secret, "reveal_urls": True})
    assert revealed["template"]["actions"][0]["url"] == f"{BLOCK['url']}2"


def test_a_template_of_another_team_is_left_alone(run: Run) -> None:
    run("case_template", {**TEMPLATE, "team_id": 2})
    assert not run("case_template", {**TEMPLATE, "state": "absent"}).changed
    assert run("case_template", TEMPLATE).changed
    assert run("case_template", {**TEMPLATE, "state": "absent"}).changed
    assert [item["team"]["id"] for item in listed(run)] == [2]


# What is not documented


@pytest.mark.parametrize("key", BUTTON_KEYS)
@pytest.mark.parametrize("before", [None, {"actions": []}, {"actions": [{**BLOCK, "action_text": "Old"}]}])
def test_buttons_get_there_under_either_key(key: str, before: Any, run: Run, simulator_task: Simulate) -> None:
    simulator_task(settings={"template_button_key": key})
    wanted = {**TEMPLATE, "actions": [BLOCK]}
    if before:
        run("case_template", {**wanted, **before})
    predicted = run("case_template", wanted, check_mode=True)
    real = run("case_template", wanted)
    assert not real.failed, real["msg"]
    assert predicted["diff"] == real["diff"]
    assert labels(run, real["template"]) == ["Block"]
    simulator_task(forget=True)
    assert not run("case_template", wanted).changed
    assert simulator_task()["sent"] == "2 GET"


@pytest.mark.parametrize("status", [400, 422])
def test_buttons_get_there_if_the_other_key_is_refused(status: int, run: Run, simulator_task: Simulate) -> None:
    refused = {"kind": "status", "status": status, "match": {"method": "POST"}, "body": "unknown key actions"}
    simulator_task(settings={"template_button_key": "team_case_buttons"}, faults=refused)
    real = run("case_template", {**TEMPLATE, "actions": [BLOCK]})
    assert not real.failed, real["msg"]
    assert labels(run, real["template"]) == ["Block"]


def test_a_refusal_for_another_reason_is_told_as_it_was(run: Run, simulator_task: Simulate) -> None:
    result = run("case_template", {**TEMPLATE, "options": {"priority": "urgent"}})
    assert result.failed
    assert "Team 1, template 'Phishing':" in result["msg"]
    assert listed(run) == []


def test_query_params_that_the_server_ignores_make_the_task_fail(run: Run, simulator_task: Simulate) -> None:
    simulator_task(settings={"omit_query_params": True})
    result = run("case_template", TEMPLATE)
    assert result.failed
    assert "did not do it: actions is" in result["msg"]


@pytest.mark.parametrize("key", BUTTON_KEYS)
@pytest.mark.parametrize("ignored", ["priority", "tasks", "actions"])
def test_a_server_that_ignores_an_option_makes_the_task_fail(
    key: str, ignored: str, run: Run, simulator_task: Simulate
) -> None:
    simulator_task(
        settings={
            "template_button_key": key,
            "ignored_template_options": [*BUTTON_KEYS] if ignored == "actions" else [ignored],
        }
    )
    result = run("case_template", TEMPLATE)
    assert result.failed
    assert "did not do it: " in result["msg"]
    assert f"{'actions' if ignored == 'actions' else 'options'} is " in result["msg"]


def test_an_option_that_the_preview_does_not_show_is_sent_with_a_warning(run: Run, simulator_task: Simulate) -> None:
    simulator_task(settings={"hidden_template_options": ["metadata", "description"]})
    real = run("case_template", TEMPLATE)
    assert not real.failed, real["msg"]
    said = "options: description, metadata is not shown by the preview of the template, so it is not compared."
    assert real.warnings[0].startswith(said)
    again = run("case_template", {**TEMPLATE, "options": {**OPTIONS, "metadata": {}}})
    assert not again.changed
    assert again.warnings[0].startswith(said)
    simulator_task(forget=True)
    run("case_template", {**TEMPLATE, "options": {**OPTIONS, "metadata": {}, "priority": "low"}})
    sent = simulator_task()["requests"][2]["body"]["options"]
    assert sent == {"metadata": {}, "priority": "low", "description": OPTIONS["description"]}


def test_an_option_that_is_misspelt_is_named_with_the_nearest(run: Run) -> None:
    result = run("case_template", {**TEMPLATE, "options": {"prioritty": "high"}})
    assert "options: prioritty is not a known option of a template. Did you mean priority?" in result.warnings[0]


# Faults


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncated_json", "empty_body", "wrong_shape"])
@pytest.mark.parametrize("key", BUTTON_KEYS)
@pytest.mark.parametrize("method", ["POST", "PUT", "GET", "DELETE"])
def test_whatever_goes_wrong_there_is_one_template_as_asked(
    kind: str, key: str, method: str, run: Run, simulator_task: Simulate
) -> None:
    simulator_task(settings={"template_button_key": key})
    wanted = {**TEMPLATE, "actions": [BLOCK]}
    if method == "PUT":
        run("case_template", {**wanted, "actions": [], "options": {"priority": "low"}})
    simulator_task(faults={"kind": kind, "match": {"method": method}})
    for _turn in range(3):
        real = run("case_template", wanted)
    assert not real.failed, real["msg"]
    assert not real.changed
    assert len(listed(run)) == 1
    assert labels(run, real["template"]) == ["Block"]
    run("case_template", {**wanted, "state": "absent"})
    assert not run("case_template", {**wanted, "state": "absent"}).changed


@pytest.mark.parametrize(
    "settings",
    [
        {"string_ids": True},
        {"created_status": 200},
        {"list_order": "newest_first"},
        {"meta": False},
        {"bare_array": True},
        {"per_page_cap": 1},
        {"lowercase_enums": True},
    ],
)
def test_whatever_kind_of_server_it_is(settings: dict[str, Any], run: Run, simulator_task: Simulate) -> None:
    simulator_task(settings=settings)
    run("case_template", {"team_id": 1, "name": "Other"})
    predicted = run("case_template", TEMPLATE, check_mode=True)
    real = run("case_template", TEMPLATE)
    assert not real.failed, real["msg"]
    assert predicted["diff"] == real["diff"]
    assert not run("case_template", TEMPLATE).changed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": " "}, "name is empty."),
        ({"name": None}, "name is required but empty."),
        ({"team_id": 0}, "team_id: 0 is not a team ID"),
        ({"team_id": None}, "team_id is required but empty."),
        ({"options": {"actions": []}}, "options: actions is not taken here."),
        ({"options": {"team_case_buttons": []}}, "options: team_case_buttons is not taken here."),
        ({"options": {"tag_names": "mail"}}, "options: tag_names must be a list of texts."),
        ({"options": {"assignee_emails": [1]}}, "options: assignee_emails must be a list of texts."),
        ({"options": {"name": float("nan")}}, "options cannot be written as JSON"),
        ({"actions": [{"label": "A"}]}, "actions: entry 1 (A) needs url and action_type."),
        ({"actions": [BLOCK, BLOCK]}, "actions: the label 'Block' is given more than once"),
        ({"actions": [{**BLOCK, "url": "https://acme.tines.com/webhook/********"}]}, "the url contains ********"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(
    options: dict[str, Any], said: str, run: Run, simulator_task: Simulate
) -> None:
    result = run("case_template", {**TEMPLATE, **options})
    assert result.failed
    assert said in result["msg"]
    assert simulator_task()["sent"] == ""
