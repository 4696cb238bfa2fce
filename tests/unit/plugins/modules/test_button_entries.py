# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an entry of a list of buttons can say: its state, the labels it had before, and no more than what changes."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Result, Run

Simulate = Callable[..., dict[str, Any]]

PAGE = {"url": "https://acme.tines.com/pages/p", "action_type": "page"}


def button(label: str, **keys: Any) -> dict[str, Any]:
    return {"label": label, **PAGE, **keys}


def labels(simulator_task: Simulate) -> list[str]:
    return [action["label"] for action in simulator_task()["cases"][0]["actions"]]


@pytest.fixture(autouse=True)
def case(simulator_task: Simulate) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "actions": [button("A"), button("B"), button("C")]}]}, forget=True)


def proven(run: Run, options: dict[str, Any], module: str = "case_actions") -> Result:
    """The result of a task, which check mode predicts and a second run leaves as it is."""
    predicted = run(module, options, check_mode=True)
    result = run(module, options)
    assert not result.failed, result["msg"]
    assert predicted["diff"] == result["diff"]
    assert predicted.changed == result.changed
    assert not run(module, options).changed
    return result


@pytest.mark.parametrize(
    ("entries", "exclusive", "left", "sent"),
    [
        ([{"label": "A", "state": "absent"}], False, ["B", "C"], ([], [], ["A"])),
        ([{"label": "A", "state": "absent"}, button("D")], False, ["B", "C", "D"], (["D"], [], ["A"])),
        ([{"label": "A", "state": "absent"}, {"label": "B"}], True, ["B"], ([], [], ["A", "C"])),
        ([{"label": "New", "state": "absent", "previous_labels": ["A"]}], False, ["B", "C"], ([], [], ["A"])),
        ([{"label": "New", "previous_labels": ["Older", "B"]}], False, ["A", "New", "C"], ([], ["B"], [])),
        ([{"label": "B", "previous_labels": ["Older"], "action_text": "Go"}], False, ["A", "B", "C"], ([], ["B"], [])),
        ([button("New", previous_labels=["Older"])], False, ["A", "B", "C", "New"], (["New"], [], [])),
        ([{"label": "New", "previous_labels": ["B", "C"]}], True, ["New"], ([], ["B"], ["A", "C"])),
        ([{"label": "C", "action_text": "Go"}], False, ["A", "B", "C"], ([], ["C"], [])),
        ([{"label": "C", "url": "https://acme.tines.com/pages/q"}], False, ["A", "B", "C"], ([], ["C"], [])),
    ],
)
def test_an_entry_says_what_becomes_of_one_button(
    entries: list[dict[str, Any]],
    exclusive: bool,
    left: list[str],
    sent: tuple[list[str], list[str], list[str]],
    run: Run,
    simulator_task: Simulate,
) -> None:
    result = proven(run, {"case_ids": [7], "actions": entries, "exclusive": exclusive})
    case = result["cases"][0]
    assert (case["created"], case["updated"], case["deleted"]) == sent
    assert labels(simulator_task) == left


def test_the_module_case_takes_the_same_entries(run: Run, simulator_task: Simulate) -> None:
    entries = [{"label": "A", "state": "absent"}, {"label": "New", "previous_labels": ["B"]}, button("D")]
    proven(run, {"case_id": 7, "actions": entries}, "case")
    assert labels(simulator_task) == ["New", "C", "D"]
    new = {
        "team_id": 1,
        "name": "New",
        "actions": [{"label": "A", "state": "absent"}, button("D", previous_labels=["C"])],
    }
    assert [action["label"] for action in proven(run, new, "case")["case"]["actions"]] == ["D"]


def test_one_button_is_renamed_by_a_label_that_it_had(run: Run, simulator_task: Simulate) -> None:
    options = {"case_id": 7, "label": "New", "previous_labels": ["B"]}
    assert proven(run, options, "case_action")["action"]["label"] == "New"
    assert labels(simulator_task) == ["A", "New", "C"]


@pytest.mark.parametrize("check", [False, True])
def test_two_buttons_that_are_one_are_an_error(check: bool, run: Run, simulator_task: Simulate) -> None:
    options = {"case_ids": [7], "actions": [{"label": "A", "previous_labels": ["B"]}]}
    result = run("case_actions", options, check_mode=check)
    assert "Case 7 has 2 buttons with the label 'A' or 'B' (ids 1, 2)." in result["msg"]
    assert simulator_task()["sent"] == "1 GET"


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([{"label": "A", "previous_labels": ["B"]}, {"label": "B"}], "the label 'B' is given more than once"),
        ([{"label": "A", "url": "https://a.example/webhook/p/********"}], "it was copied from output"),
        ([{"label": "A", "state": "gone"}], "state must be one of"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_before_a_request(
    entries: list[dict[str, Any]], said: str, run: Run, simulator_task: Simulate
) -> None:
    assert said in run("case_actions", {"case_ids": [7], "actions": entries})["msg"]
    assert simulator_task()["requests"] == []


@pytest.mark.parametrize("key", ["url", "action_type"])
@pytest.mark.parametrize("check", [False, True])
def test_only_a_new_button_needs_everything(key: str, check: bool, run: Run, simulator_task: Simulate) -> None:
    entry = {name: value for name, value in button("D").items() if name != key}
    result = run("case_actions", {"case_ids": [7], "actions": [entry]}, check_mode=check)
    assert f"Case 7 has no button 'D' yet, and a new one needs {key} too." in result["msg"]
    assert simulator_task()["sent"] == "1 GET"


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("case_actions", {"case_ids": [0], "actions": [button("A")]}),
        ("case_actions", {"cases": [{"case_id": 0, "actions": [button("A")]}]}),
        ("case_action", {"case_id": 0, **button("A")}),
        ("case_actions_info", {"case_ids": [0]}),
    ],
)
def test_a_case_that_will_exist_has_no_button_yet(
    module: str, options: dict[str, Any], run: Run, simulator_task: Simulate
) -> None:
    predicted = run(module, options, check_mode=True)
    assert not predicted.failed, predicted["msg"]
    assert predicted.changed == (module != "case_actions_info")
    real = run(module, options)
    assert "0 is not a case ID. It is what check mode returns" in real["msg"]
    assert simulator_task()["requests"] == []


@pytest.mark.parametrize("case_id", [None, -5])
def test_a_case_id_that_is_none_is_refused(case_id: int | None, run: Run, simulator_task: Simulate) -> None:
    result = run("case_action", {"case_id": case_id, **button("A")})
    assert result.failed
    assert ("-5 is not a case ID" if case_id else "A null often comes from") in result["msg"]
    assert simulator_task()["requests"] == []


@pytest.mark.parametrize("name", ["url", "action_text"])
def test_every_hunk_of_a_diff_shows_the_label(name: str, run: Run) -> None:
    params = {"query_params": dict.fromkeys("uvwxyz", "1")}
    run("case_actions", {"case_ids": [7], "actions": [{"label": label, **params} for label in "ABC"]})
    change = {name: "https://acme.tines.com/pages/other"}
    (shown,) = run("case_actions", {"case_ids": [7], "actions": [{"label": "B", **change}]})["diff"]
    before, after = (json.dumps(shown[side], sort_keys=True, indent=4).splitlines() for side in ("before", "after"))
    hunk = list(difflib.unified_diff(before, after))
    assert any('"label": "B"' in line for line in hunk)
