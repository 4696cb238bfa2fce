# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Case templates."""

from __future__ import annotations

from typing import Any

TEMPLATES = "/api/v1/case_templates"
ACTION = {"url": "https://a.example/hook", "label": "Isolate", "action_type": "webhook", "action_text": "Go"}
BUTTON = {"url": "https://a.example/hook", "label": "Isolate", "button_type": "webhook", "button_text": "Go"}
OPTIONS = {
    "name": "Phishing",
    "priority": "high",
    "tag_names": ["mail"],
    "tasks": [{"description": "Call the user"}],
    "field_values": {"4": "yes"},
    "actions": [ACTION],
}


def create(call: Any, **given: Any) -> Any:
    reply = call("POST", TEMPLATES, {"team_id": 2, "name": "Mail", **given})
    assert reply.status == 201, reply.text
    return reply.json


def make_case(call: Any, template_id: Any = 1) -> Any:
    return call("POST", "/api/v2/cases", {"team_id": 2, "name": "New", "template_id": template_id}).json


def test_life_of_a_template(call: Any) -> None:
    made = create(call, options=OPTIONS)
    assert set(made) == {"id", "name", "emoji", "team", "created_at", "updated_at"}
    assert call("GET", TEMPLATES + "/1").json == made
    assert call("GET", TEMPLATES + "?team_id=2&per_page=101").json["meta"]["per_page"] == 100
    changed = call("PUT", TEMPLATES + "/1", {"name": "Post", "emoji": ":fire:"}).json
    assert (changed["name"], changed["emoji"], changed["id"]) == ("Post", ":fire:", 1)
    assert [call("DELETE", TEMPLATES + "/1").status for _twice in range(2)] == [204, 404]
    assert call("GET", TEMPLATES).json["case_templates"] == []


def test_names_are_unique_in_a_team(call: Any) -> None:
    create(call)
    assert call("POST", TEMPLATES, {"team_id": 2, "name": "Mail"}).json["error"]["field"] == "name"
    create(call, team_id=3)
    create(call, name="Other")
    assert call("PUT", TEMPLATES + "/3", {"name": "Mail"}).status == 422
    assert call("PUT", TEMPLATES + "/3", {"name": "Other"}).status == 200


def test_a_case_gets_what_its_template_has(call: Any) -> None:
    create(call, options=OPTIONS)
    first, second = make_case(call), make_case(call, "1")
    assert (first["name"], first["priority"], first["tags"][0]["name"]) == ("New", "HIGH", "mail")
    assert [task["description"] for task in first["tasks"]] == ["Call the user"]
    assert [field["value"] for field in first["fields"]] == ["yes"]
    assert [[action["label"] for action in case["actions"]] for case in (first, second)] == [["Isolate"], ["Isolate"]]
    assert first["actions"][0]["id"] != second["actions"][0]["id"]


def test_options_that_are_sent_replace_the_old_ones(call: Any) -> None:
    create(call, options=OPTIONS)
    call("PUT", TEMPLATES + "/1", {"options": {"actions": [{**ACTION, "label": "Only"}], "priority": "low"}})
    case = make_case(call)
    assert ([action["label"] for action in case["actions"]], case["priority"]) == (["Only"], "LOW")
    assert case["tags"][0]["name"] == "mail"


def test_preview(call: Any) -> None:
    create(call, options=OPTIONS)
    preview = call("GET", TEMPLATES + "/1/preview").json
    assert (preview["name"], preview["status"], preview["priority"]) == ("Phishing", "OPEN", "HIGH")
    assert [{key: action[key] for key in ACTION} for action in preview["actions"]] == [ACTION]
    assert call("GET", TEMPLATES + "/9/preview").status == 404
    create(call, name="Empty")
    assert call("GET", TEMPLATES + "/2/preview").json["actions"] == []


def test_export(call: Any) -> None:
    create(call, emoji=":mail:", options=OPTIONS)
    body = call("GET", TEMPLATES + "/1/export").json
    (template,) = body["templates"]
    assert (template["name"], template["emoji"], template["input_values"]) == ("Mail", ":mail:", {"4": "yes"})
    assert template["options"]["team_case_buttons"] == [BUTTON]
    assert (template["options"]["case_name"], template["options"]["tag_names"]) == ("Phishing", ["mail"])


def test_the_key_of_the_buttons_may_be_the_other_one(call: Any) -> None:
    call.switch(template_button_key="team_case_buttons")
    create(call, options={"actions": [ACTION]})
    assert call("GET", TEMPLATES + "/1/preview").json["actions"] == []
    call("PUT", TEMPLATES + "/1", {"options": {"team_case_buttons": [BUTTON]}})
    assert [action["label"] for action in call("GET", TEMPLATES + "/1/preview").json["actions"]] == ["Isolate"]
    assert [action["action_text"] for action in make_case(call)["actions"]] == ["Go"]


def test_unknown_options_are_lost_and_bad_ones_refused(call: Any) -> None:
    create(call, options={"colour": "red"})
    assert "colour" not in call("GET", TEMPLATES + "/1/export").json["templates"][0]["options"]
    reply = call("PUT", TEMPLATES + "/1", {"options": {"priority": "urgent"}})
    assert (reply.status, reply.json["error"]["field"]) == (422, "options.priority")
    assert call("POST", TEMPLATES, {"team_id": 2}).json["error"]["field"] == "name"


def test_loaded_templates_are_listed(call: Any) -> None:
    call.load(templates=[{"id": 4, "priority": "high", "actions": [ACTION]}, {"id": "phishing", "priority": "low"}])
    assert [template["id"] for template in call("GET", TEMPLATES).json["case_templates"]] == [4]
    assert make_case(call, 4)["actions"][0]["label"] == "Isolate"
    assert make_case(call, "phishing")["priority"] == "LOW"
    assert create(call)["id"] == 5


def test_options_that_a_build_does_not_know_or_show(call: Any) -> None:
    call.switch(ignored_template_options=["priority"], hidden_template_options=["tasks"])
    create(call, options=OPTIONS)
    preview = call("GET", TEMPLATES + "/1/preview").json
    assert preview["priority"] != "HIGH"
    assert "tasks" not in preview
    assert len(make_case(call)["tasks"]) == 1
