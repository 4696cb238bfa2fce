# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comments, notes, tasks, links and subscribers: whole modules against the simulator, faults included."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import RequestError
from ansible_collections.casework.cases.plugins.module_utils._tines.client import Tines
from ansible_collections.casework.cases.plugins.module_utils._tines.endpoints import Endpoint
from ansible_collections.casework.cases.tests.unit.in_process import Run

from simulator.server import Simulator

Simulate = Callable[..., dict[str, Any]]

ME = "bot@casework.example"
CASES = {"cases": [{"case_id": 7}, {"case_id": 8}, {"case_id": 9}, {"case_id": 10}]}

ADDED: dict[str, dict[str, Any]] = {
    "case_comment": {"case_id": 7, "value": "Host isolated.\nBy playbook run 8123."},
    "case_note": {"case_id": 7, "title": "Findings", "content": "Nothing.", "color": "gold", "hidden": True},
    "case_tasks": {
        "case_ids": [7, 8],
        "tasks": [{"description": "Isolate"}, {"description": "Tell", "completed": True}],
    },
    "case_links": {"case_ids": [7, 8], "linked_case_ids": [7, 8, 9]},
    "case_subscribers": {"case_ids": [7, 8], "emails": ["jane@x.example", "joe@x.example"]},
}
THEIRS: dict[str, dict[str, Any]] = {
    "case_comment": {"value": "Theirs"},
    "case_note": {"title": "Theirs"},
    "case_tasks": {"tasks": [{"description": "Theirs"}]},
    "case_links": {"linked_case_ids": [10]},
    "case_subscribers": {"emails": ["ann@x.example"]},
}
NAMES = pytest.mark.parametrize("name", ADDED)


@pytest.fixture(autouse=True)
def cases(simulator_task: Simulate) -> None:
    simulator_task(load=CASES, forget=True)


def methods(simulator_task: Simulate) -> str:
    return str(simulator_task()["sent"])


# One plan


@NAMES
def test_check_mode_predicts_and_a_second_run_changes_nothing(name: str, run: Run, simulator_task: Simulate) -> None:
    cases = len(ADDED[name].get("case_ids", [7]))
    predicted = run(name, ADDED[name], check_mode=True)
    assert methods(simulator_task) == f"{cases} GET"
    real = run(name, ADDED[name])
    assert not real.failed, real["msg"]
    assert predicted.changed
    assert real.changed
    assert predicted["diff"] == real["diff"]
    simulator_task(forget=True)
    again = run(name, ADDED[name])
    assert not again.changed
    assert again["api_requests"] == cases
    assert methods(simulator_task) == f"{cases} GET"


@NAMES
def test_what_was_added_is_removed_again(name: str, run: Run) -> None:
    assert not run(name, {**ADDED[name], "state": "absent"}).changed
    run(name, ADDED[name])
    predicted = run(name, {**ADDED[name], "state": "absent"}, check_mode=True)
    removed = run(name, {**ADDED[name], "state": "absent"})
    assert not removed.failed, removed["msg"]
    assert removed.changed
    assert predicted["diff"] == removed["diff"]
    assert not run(name, {**ADDED[name], "state": "absent"}).changed


@NAMES
def test_a_removal_that_the_server_only_says_to_have_done_fails(name: str, run: Run, simulator_task: Simulate) -> None:
    run(name, ADDED[name])
    simulator_task(faults={"kind": "status", "status": 204, "match": {"method": "DELETE"}, "times": -1}, forget=True)
    result = run(name, {**ADDED[name], "state": "absent"})
    assert result.failed
    assert "is gone, and still lists it" in result["msg"]
    simulator_task(disarm=True)
    assert run(name, {**ADDED[name], "state": "absent"}).changed


@NAMES
def test_a_case_that_is_deleted_together_with_its_things_has_none_left(
    name: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def delete_all(client: Tines, _endpoint: Endpoint, parent: int, _item_id: int) -> None:
        with suppress(RequestError):  # for the second thing, it is gone already
            client.delete_case(parent)

    run(name, ADDED[name])
    monkeypatch.setattr(Tines, "delete_item", delete_all)
    result = run(name, {**ADDED[name], "state": "absent"})
    assert not result.failed, result["msg"]
    assert result.changed


@NAMES
def test_a_case_that_will_exist_takes_no_request(name: str, run: Run, simulator_task: Simulate) -> None:
    key = "case_ids" if "case_ids" in ADDED[name] else "case_id"
    options = {**ADDED[name], key: [0] if key == "case_ids" else 0}
    predicted = run(name, options, check_mode=True)
    assert predicted.changed
    assert predicted["api_requests"] == 0
    real = run(name, options)
    assert real.failed
    assert "0 is not a case ID. It is what check mode returns" in real["msg"]
    assert methods(simulator_task) == ""


@pytest.mark.parametrize("name", ["case_comment", "case_note"])
def test_a_case_id_that_is_null_is_refused(name: str, run: Run) -> None:
    assert run(name, {**ADDED[name], "case_id": None})["msg"].startswith("case_id is required but empty. A null often")


@NAMES
@pytest.mark.parametrize(
    "settings",
    [
        {"string_ids": True},
        {"trim_text": True},
        {"created_status": 200},
        {"list_order": "newest_first"},
        {"links_on_both_sides": False},
        {"meta": False},
        {"bare_array": True},
        {"per_page_cap": 1},
        {"children_touch_case": False},
    ],
)
def test_whatever_kind_of_server_it_is(name: str, settings: dict[str, Any], run: Run, simulator_task: Simulate) -> None:
    simulator_task(settings=settings)
    predicted = run(name, ADDED[name], check_mode=True)
    real = run(name, ADDED[name])
    assert not real.failed, real["msg"]
    assert real["diff"] == predicted["diff"]
    assert not run(name, ADDED[name]).changed


@pytest.mark.parametrize("trims", [True, False])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("case_comment", {"case_id": 7, "value": " A \n b \n"}),
        ("case_comment", {"case_id": 7, "value": " Job 8 \n1 of 3\n", "match_by": "first_line"}),
        ("case_note", {"case_id": 7, "title": " A ", "content": " b\n"}),
        ("case_tasks", {"case_ids": [7], "tasks": [{"description": " A\n", "completed": True}]}),
        ("case_subscribers", {"case_ids": [7], "emails": [" jane@x.example "]}),
        ("case_webhook", {"team_id": 1, "name": " A ", "url": " https://x.example/a "}),
    ],
)
def test_outer_white_space_makes_no_difference(
    name: str, options: dict[str, Any], trims: bool, run: Run, simulator_task: Simulate
) -> None:
    simulator_task(settings={"trim_text": trims})
    predicted = run(name, options, check_mode=True)
    real = run(name, options)
    assert not real.failed, real["msg"]
    assert predicted.changed
    assert not run(name, options).changed
    assert run(name, {**options, "state": "absent"}).changed
    assert not run(name, {**options, "state": "absent"}).changed


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("linked", [[7], [7, 8], [7, 10], [7, 8, 9]])
def test_cases_that_are_linked_with_one_of_them_alone_stay_so(
    linked: list[int], both: bool, run: Run, simulator_task: Simulate
) -> None:
    simulator_task(settings={"links_on_both_sides": both})
    run("case_links", {"case_ids": [7, 8, 9], "linked_case_ids": [7, 8, 9, 10]})
    options = {"case_ids": [7, 8, 9], "linked_case_ids": linked, "exclusive": True}
    predicted = run("case_links", options, check_mode=True)
    real = run("case_links", options)
    assert not real.failed, real["msg"]
    assert real["diff"] == predicted["diff"]
    assert not run("case_links", options).changed


# Faults


def test_what_was_done_before_a_failure_is_told_whatever_the_server_made_of_it(
    run: Run, simulator_task: Simulate
) -> None:
    simulator_task(settings={"trim_text": True, "unknown_emails": ["nobody@x.example"]})
    tasks = [{"description": "A "}, {"description": "B", "assignee_emails": ["nobody@x.example"]}]
    result = run("case_tasks", {"case_ids": [7], "tasks": tasks})
    assert result.failed
    assert result["cases"][0]["created"] == ["A "]


@NAMES
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_response_never_gives_two(name: str, when: str, run: Run, simulator_task: Simulate) -> None:
    expected = run(name, ADDED[name], check_mode=True)["diff"]
    simulator_task(faults={"kind": f"drop_{when}", "match": {"method": "POST"}})
    real = run(name, ADDED[name])
    assert not real.failed, real["msg"]
    assert real["diff"] == expected
    key = {"case_comment": "comments", "case_note": "notes"}.get(name)
    if key:
        assert len(items(simulator_task, key)) == 1
    assert not run(name, {**ADDED[name]}).changed
    removed = run(name, {**ADDED[name], "state": "absent"})
    deleted = removed["cases"][0]["deleted"] if "cases" in removed else removed["diff"]["before"][str(key)]
    assert len(deleted) == (1 if key else 2)


FAULTS = ("drop_before", "drop_after", "truncated_json", "empty_body", "wrong_shape", "status")


@NAMES
@pytest.mark.parametrize("seed", range(12))
def test_whatever_goes_wrong_nothing_is_doubled_or_lost(
    name: str, seed: int, run: Run, simulator_task: Simulate
) -> None:
    dice = random.Random(seed)
    theirs = run(name, {**ADDED[name], **THEIRS[name]})
    assert theirs.changed
    expected = run(name, ADDED[name], check_mode=True)["diff"]
    faults = []
    for kind in dice.choices(FAULTS, k=dice.randint(1, 4)):
        fault = {"kind": kind, "match": {"method": dice.choice(["POST", "PUT", "GET", "DELETE"])}}
        faults.append({**fault, "status": dice.choice([500, 502, 503])} if kind == "status" else fault)
    simulator_task(faults=faults)
    faulty = run(name, ADDED[name])
    if not faulty.failed and faulty.changed:
        assert faulty["diff"] == expected
    simulator_task(disarm=True)
    clean = run(name, ADDED[name])
    assert not clean.failed, clean["msg"]
    assert not run(name, ADDED[name]).changed
    removed = run(name, {**ADDED[name], "state": "absent"})
    before = removed["diff"][0]["before"] if "cases" in removed else removed["diff"]["before"]
    after = removed["diff"][0]["after"] if "cases" in removed else removed["diff"]["after"]
    (key,) = before.keys() - {"case_id"}
    assert len(before[key]) - len(after[key]) == {"case_comment": 1, "case_note": 1}.get(name, 2)
    assert not run(name, {**ADDED[name], **THEIRS[name]}).changed


def items(simulator_task: Simulate, key: str) -> list[dict[str, Any]]:
    case = next(case for case in simulator_task()["cases"] if case["case_id"] == 7)
    return list(case[key])


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_comment_that_nothing_identifies_is_sent_once(when: str, run: Run, simulator_task: Simulate) -> None:
    options = {**ADDED["case_comment"], "match_by": "none"}
    simulator_task(faults={"kind": f"drop_{when}", "match": {"method": "POST"}})
    result = run("case_comment", options)
    assert result.failed
    assert "Whether the comment was added is unknown" in result["msg"]
    assert methods(simulator_task) == "1 GET, 1 POST"
    assert run("case_comment", options).changed
    assert run("case_comment", options).changed


def test_sixty_tasks_on_a_hundred_cases_take_four_requests_a_case_side_by_side(
    run: Run, simulator: Simulator, simulator_task: Simulate
) -> None:
    simulator_task(load={"cases": [{"case_id": 100, "count": 100}]}, settings={"latency_ms": 2})
    simulator.forget_requests()
    options = {"case_ids": list(range(100, 200)), "tasks": [{"description": f"Step {step}"} for step in range(60)]}
    result = run("case_tasks", options)
    assert Counter(entry["method"] for entry in simulator.requests) == {"GET": 100, "POST": 300}
    assert 1 < simulator.connections <= 8
    assert [len(case["created"]) for case in result["cases"]] == [60] * 100
    simulator.forget_requests()
    assert not run("case_tasks", options).changed
    assert Counter(entry["method"] for entry in simulator.requests) == {"GET": 200}  # 50 tasks a page


def test_an_unknown_address_is_named_and_the_others_are_done(run: Run, simulator_task: Simulate) -> None:
    simulator_task(settings={"unknown_emails": ["nobody@x.example"]})
    emails = ["jane@x.example", "nobody@x.example", "joe@x.example"]
    result = run("case_subscribers", {"case_id": [7], "emails": emails})
    assert result.failed
    assert "subscriber 'nobody@x.example'" in result["msg"]
    assert result["cases"][0]["created"] == ["jane@x.example", "joe@x.example"]
    assert result["changed"]
    tasks = [{"description": "A", "assignee_emails": ["nobody@x.example"]}, {"description": "B"}]
    result = run("case_tasks", {"case_id": [7], "tasks": tasks})
    assert "task 'A'" in result["msg"]
    assert result["cases"][0]["created"] == ["B"]


@NAMES
def test_a_limit_of_the_server_is_told_in_its_own_words(name: str, run: Run, simulator_task: Simulate) -> None:
    answer = {"errors": ["The case has too many of them \x1b[31m"]}
    match = {"method": "POST", "path": "/cases/7/"}
    simulator_task(faults={"kind": "status", "status": 422, "json": answer, "match": match, "times": -1})
    result = run(name, ADDED[name])
    assert result.failed
    assert "Case 7, " in result["msg"] or "1 of 2 cases failed. 7: " in result["msg"]
    assert r"The case has too many of them \x1b[31m" in result["msg"]
    assert "\x1b" not in result["msg"]


def test_an_unknown_case_cannot_be_linked_and_the_others_are(run: Run) -> None:
    result = run("case_links", {"case_id": [7], "linked_case_ids": [8, 404, 9]})
    assert result.failed
    assert "linked case 404" in result["msg"]
    assert result["cases"][0]["created"] == [8, 9]


def test_a_case_that_does_not_exist_fails_alone(run: Run) -> None:
    result = run("case_tasks", {"case_ids": [404, 7], "tasks": [{"description": "A"}]})
    assert result["msg"].startswith("1 of 2 cases failed.")
    assert [case["failed"] for case in result["cases"]] == [True, False]
    absent = run("case_tasks", {"case_ids": [404], "tasks": [{"description": "A"}], "state": "absent"})
    assert (absent.failed, absent.changed) == (False, False)
    assert "Case 404 does not exist" in absent.warnings[0]


@NAMES
def test_a_closed_case_is_refused_in_the_words_of_the_server(name: str, run: Run, simulator_task: Simulate) -> None:
    simulator_task(settings={"closed_cases_read_only": True})
    assert run("case", {"case_id": 7, "status": "closed"}).changed
    key = "case_ids" if "case_ids" in ADDED[name] else "case_id"
    options = {**ADDED[name], key: [7] if key == "case_ids" else 7}
    result = run(name, options)
    assert result.failed
    assert "The case is closed" in result["msg"]


@pytest.mark.parametrize("field", ["hidden", "sensitive", "color"])
def test_a_server_that_ignores_a_field_makes_the_task_fail(field: str, run: Run, simulator_task: Simulate) -> None:
    simulator_task(settings={"ignored_fields": [field]})
    options = {"case_id": 7, "title": "A", field: "gold" if field == "color" else True}
    for _new_or_not in range(2):
        result = run("case_note", options)
        assert result.failed
        assert f"did not do it: {field} is " in result["msg"]


@pytest.mark.parametrize(("method", "change"), [("PUT", {}), ("DELETE", {"state": "absent"})])
def test_a_comment_of_somebody_else_is_left_alone(
    method: str, change: dict[str, Any], run: Run, simulator_task: Simulate
) -> None:
    theirs = {"case_id": 7, "value": "Job 8\n1 of 3", "match_by": "first_line"}
    assert run("case_comment", {**theirs, "author_email": "jane@x.example"}).changed
    ours = {**theirs, "value": "Job 8\n2 of 3", **change}
    result = run("case_comment", ours)
    assert result.failed
    assert "is by jane@x.example, and the server refused to" in result["msg"]
    simulator_task(forget=True)
    result = run("case_comment", {**ours, "author_email": "joe@x.example"})
    assert result.failed
    assert "is by jane@x.example, and author_email is joe@x.example" in result["msg"]
    assert methods(simulator_task) == "1 GET"


def test_one_comment_carries_the_progress_of_a_job(run: Run, simulator_task: Simulate) -> None:
    for step in range(3):
        options = {"case_id": 7, "value": f"Job 8\n{step} of 3", "match_by": "first_line"}
        predicted = run("case_comment", options, check_mode=True)
        real = run("case_comment", options)
        assert real["diff"] == predicted["diff"]
        assert real.changed
        assert real["comment"]["value"] == f"Job 8\n{step} of 3"
    assert len(items(simulator_task, "comments")) == 1


@pytest.mark.parametrize("name", ["case_comment", "case_note"])
def test_an_author_that_the_server_replaced_is_warned_of(name: str, run: Run, simulator_task: Simulate) -> None:
    simulator_task(settings={"ignored_fields": ["author_email"]})
    result = run(name, {**ADDED[name], "author_email": "jane@x.example"})
    assert result.changed
    assert "was to be written by jane@x.example, and the server has it as by" in result.warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        "{{ lookup('pipe', 'id') }} {% raw %}",
        "\x1b[31mred\x07",
        "\u202e \U0001f6a8 \x00",
        "half of \ud83d a character",
        "x" * 2**20,
        "<@user-1>",
    ],
    ids=["template", "escapes", "unicode", "surrogate", "1 MiB", "mention"],
)
def test_any_text_is_sent_and_compared_as_it_is(text: str, run: Run) -> None:
    result = run("case_comment", {"case_id": 7, "value": text})
    assert not result.failed, result["msg"]
    assert result["comment"]["value"] == text
    assert not run("case_comment", {"case_id": 7, "value": text}).changed


# Options


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("case_comment", {"case_id": 7, "value": " "}, "value is required but empty."),
        (
            "case_comment",
            {"case_id": 7, "value": "A", "match_by": "none", "state": "absent"},
            "state: absent requires id",
        ),
        ("case_comment", {"case_id": 7, "id": 99, "value": "A"}, "Case 7 has no comment with the ID 99."),
        ("case_comment", {"case_id": -1, "value": "A"}, "case_id: -1 is not a case ID"),
        ("case_note", {"case_id": 7, "title": ""}, "title is empty."),
        ("case_note", {"case_id": 7, "id": 99, "title": "A"}, "Case 7 has no note with the ID 99."),
        ("case_tasks", {"case_ids": [7], "tasks": [{"description": ""}]}, "tasks: entry 1 has an empty description."),
        ("case_tasks", {"case_ids": [7], "tasks": [], "state": "absent", "exclusive": True}, "exclusive requires"),
        ("case_links", {"case_ids": [7], "linked_case_ids": [-2]}, "linked_case_ids: -2 is not a case ID"),
        ("case_subscribers", {"case_ids": [7], "emails": [""]}, "emails: an address is empty."),
        ("case_subscribers", {"case_ids": [7], "emails": ["a@x", "A@x"]}, "emails: entry 2: the email 'A@x' is given"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(name: str, options: dict[str, Any], said: str, run: Run) -> None:
    result = run(name, options)
    assert result.failed
    assert said in result["msg"]


def test_exclusive_removes_what_is_not_listed(run: Run) -> None:
    run("case_tasks", {"case_ids": [7], "tasks": [{"description": "A"}, {"description": "B"}]})
    options = {"case_ids": [7], "tasks": [{"description": "B"}, {"description": "C"}], "exclusive": True}
    predicted = run("case_tasks", options, check_mode=True)
    result = run("case_tasks", options)
    assert predicted["diff"] == result["diff"]
    case = result["cases"][0]
    assert (case["created"], case["updated"], case["deleted"]) == (["C"], [], ["A"])
    assert run("case_tasks", {"case_ids": [7], "tasks": [], "exclusive": True})["cases"][0]["deleted"] == ["B", "C"]


def test_a_note_is_renamed_by_its_id_and_two_with_a_title_are_an_error(run: Run) -> None:
    first = run("case_note", {"case_id": 7, "title": "A"})["note"]["id"]
    second = run("case_note", {"case_id": 7, "title": "B"})["note"]["id"]
    assert run("case_note", {"case_id": 7, "id": second, "title": "A"}).changed
    for state in ("present", "absent"):
        result = run("case_note", {"case_id": 7, "title": "A", "content": "x", "state": state})
        assert f"Case 7 has 2 notes with the title 'A' (IDs {first}, {second})." in result["msg"]
    assert run("case_note", {"case_id": 7, "id": first, "state": "absent"}).changed
    assert run("case_note", {"case_id": 7, "title": "A", "content": "x"})["note"]["id"] == second
