# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `case` over HTTP: runs side by side, a whole playbook in check mode, names, what a run leaves alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.rate_limit import MonotonicClock
from ansible_collections.casework.cases.tests.unit.in_process import Result, Run, SimulatorTask, assert_failure

ALERT = {"team_id": 1, "name": "Mail", "match_by": "metadata", "match_key": "alert", "metadata": {"alert": "A-1"}}
BUTTON = {"label": "Go", "url": "https://acme.tines.com/webhook/go/s3cret", "action_type": "webhook"}


def side_by_side(count: int, work: Callable[[], Result]) -> list[Result]:
    """The results of so many runs that begin at the same time."""
    barrier, results = threading.Barrier(count), []

    def one() -> None:
        barrier.wait()
        results.append(work())

    threads = [threading.Thread(target=one) for _each in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("match", [{}, {"match_by": "metadata", "match_key": "alert"}])
def test_three_runs_at_the_same_time_make_one_case(run: Run, simulator_task: SimulatorTask, match: Any) -> None:
    options = {**ALERT, "match_by": "name", "match_key": None, **match, "actions": [BUTTON], "add_tag_names": ["mail"]}
    options["tasks"] = [{"description": "Call back", "completed": True}]
    # Long enough for every run to have looked before the first one creates.
    simulator_task(settings={"latency_ms": 150})
    results = side_by_side(3, lambda: run("case", options, clock=MonotonicClock()))
    assert [result for result in results if result.failed] == []
    (case,) = simulator_task()["cases"]
    assert {result["case_id"] for result in results} == {case["case_id"]}
    assert [button["label"] for button in case["actions"]] == ["Go"]
    assert [(task["description"], task["completed"]) for task in case["tasks"]] == [("Call back", True)]
    again = run("case", options)
    assert (again.failed, again.changed, again["case_id"]) == (False, False, case["case_id"])


def test_a_playbook_is_checked_before_its_first_run(run: Run, simulator_task: SimulatorTask) -> None:
    made = run("case", ALERT, check_mode=True)
    assert (made.changed, made["case_id"], made["case"]["url"].startswith("https://")) == (True, 0, True)
    simulator_task(forget=True)
    changed = run("case", {"case_id": made["case_id"], "priority": "high", "actions": [BUTTON]}, check_mode=True)
    assert (changed.failed, changed.changed, changed["api_requests"]) == (False, True, 0)
    gone = run("case", {"case_id": 0, "state": "absent"}, check_mode=True)
    assert (gone.failed, gone.changed) == (False, True)
    assert simulator_task()["sent"] == ""


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"case_id": 0}, "0 is not a case ID. It is what check mode returns for a case that would be new"),
        ({"case_id": None, "status": "closed"}, "null because the task whose result it should come from was skipped"),
        ({**ALERT, "state": "absent", "on_multiple": "oldest"}, "every run would delete one more case"),
        ({**ALERT, "team": "SOC"}, "mutually exclusive"),
        ({**ALERT, "status": "done"}, "must be one of: open, closed"),
    ],
)
def test_what_names_no_case_is_refused_before_any_request(
    run: Run, simulator_task: SimulatorTask, options: Any, says: str
) -> None:
    result = run("case", options)
    assert result.failed
    assert says in result["msg"]
    assert simulator_task()["sent"] == ""


@pytest.mark.parametrize(
    "options", [{"case_id": 99, "state": "absent"}, {"team_id": 1, "name": "Mail", "state": "absent"}]
)
def test_a_case_that_is_not_there_to_be_deleted_is_warned_of(run: Run, options: Any) -> None:
    result = run("case", options)
    assert (result.failed, result.changed) == (False, False)
    (warning,) = result.warnings
    assert "does not exist, or this key may not see it" in warning


def test_members_are_changed_and_others_stay(run: Run, simulator_task: SimulatorTask) -> None:
    people = ["jane@example.com", "jo@example.com"]
    case = {"case_id": 7, "tag_names": ["theirs", "old"], "assignee_emails": people, "metadata": {"a": "1", "b": "2"}}
    simulator_task(load={"cases": [case]})
    options = {
        "case_id": 7,
        "add_tag_names": ["ours"],
        "remove_tag_names": ["old"],
        "remove_assignee_emails": ["Jo@example.com"],
        "metadata": {"a": None, "c": "3"},
    }
    check, real, again = (run("case", options, check_mode=mode) for mode in (True, False, False))
    assert (check.failed, real.failed, again.failed) == (False, False, False), real
    assert check["diff"] == real["diff"]
    assert (real.changed, again.changed) == (True, False)
    (shown,) = simulator_task()["cases"]
    assert shown["tag_names"] == ["theirs", "ours"]
    assert [user["email"] for user in shown["assignees"]] == ["jane@example.com"]
    assert shown["metadata"] == {"b": "2", "c": "3"}


def test_a_server_that_ignores_a_field_is_not_asked_again(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(
        load={"cases": [{"case_id": 7}]},
        faults={"kind": "ignore_field", "fields": ["sub_status_id"], "match": {"method": "PUT"}},
    )
    result = run("case", {"case_id": 7, "sub_status_id": 12, "priority": "high"})
    assert result.failed
    assert "sub_status_id is" in result["msg"]
    assert "again" not in result["msg"]
    assert (result["changed"], result["case_id"]) == (True, 7)


def test_a_diff_names_the_case_and_shows_a_description_as_lines(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "name": "Mail", "description": "# Summary\nHost db01\n"}]})
    diff = run("case", {"case_id": 7, "description": "# Summary\nHost db02\n"}, check_mode=True)["diff"]
    assert diff["before_header"] == diff["after_header"] == "case 7 (Mail)"
    assert (diff["before"]["description"], diff["after"]["description"]) == (
        ["# Summary", "Host db01"],
        ["# Summary", "Host db02"],
    )


PARTS = {
    "field_values": {"5": ["a", "b"], "6": True},
    "record_ids": [187],
    "linked_case_ids": [8, 7],
    "subscriber_emails": ["jo@example.com", "JO@example.com"],
    "tasks": [{"description": "Call back", "completed": True}],
}


@pytest.mark.parametrize("which", [{"case_id": 7}, {"team_id": 1, "name": "New"}])
def test_what_belongs_to_a_case_is_made_sure_of_after_it(run: Run, simulator_task: SimulatorTask, which: Any) -> None:
    theirs = {"tasks": [{"description": "Theirs"}]}
    simulator_task(load={"cases": [{"case_id": 7, **theirs}, {"case_id": 8}]})
    options = {**which, **PARTS}
    check, real = (run("case", options, check_mode=mode) for mode in (True, False))
    assert (check.failed, real.failed) == (False, False), (check, real)
    assert check["diff"] == real["diff"]
    assert real.changed
    include = ["tasks", "linked_cases", "subscribers", "fields", "records"]
    (case,) = run("cases_info", {"case_ids": [real["case_id"]], "include": include})["cases"]
    assert {"Call back": True}.items() <= {task["description"]: task["completed"] for task in case["tasks"]}.items()
    assert 8 in [each["case_id"] for each in case["linked_cases"]]
    assert {str(each["case_input"]["id"]): each["value"] for each in case["fields"]} == {"5": "a|b", "6": "true"}
    assert len(case["subscribers"]) == len({"jo@example.com"})
    simulator_task(forget=True)
    again = run("case", {**options, "field_values": {"5": ["b", "a"], 6: "true"}})
    assert (again.failed, again.changed) == (False, False), again
    assert "POST" not in simulator_task()["sent"]


@pytest.mark.parametrize("which", [{"case_id": 7}, {"team_id": 1, "name": "New"}])
def test_an_unknown_record_is_named_and_the_others_are_added(
    run: Run, simulator_task: SimulatorTask, which: Any
) -> None:
    simulator_task(load={"cases": [{"case_id": 7}]}, settings={"unknown_ids": [404, 405]})
    options = {**which, "record_ids": [404, 187, 405], "status": "open" if "name" in which else "closed"}
    result = run("case", options)
    assert_failure(result, r"Case \d+, record 404: .*Record not found.* 1 more of the records failed too\.")
    assert result.changed
    case = next(case for case in simulator_task()["cases"] if case["case_id"] == result["case_id"])
    assert (case["record_ids"], case["status"]) == ([187], "OPEN")
    assert run("case", {**options, "case_id": result["case_id"], "record_ids": [187]}).failed is False


def test_the_value_of_a_field_is_changed_by_its_key_and_cleared_by_null(
    run: Run, simulator_task: SimulatorTask
) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "field_values": {"5": "old", "6": "gone", "9": "theirs"}}]})
    options = {"case_id": 7, "field_values": {"input_5": "new", "6": None}}
    check, real = (run("case", options, check_mode=mode) for mode in (True, False))
    assert (check.failed, real.failed) == (False, False), (check, real)
    assert check["diff"] == real["diff"]
    (case,) = simulator_task()["cases"]
    assert {str(key): value for key, value in case["field_values"].items()} == {"5": "new", "9": "theirs"}
    assert not run("case", options).changed
    unknown = run("case", {"case_id": 7, "field_values": {"severity": "x"}})
    assert "No case input has the name 'severity'" in unknown["msg"]


def test_names_of_team_and_sub_status_are_looked_up(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "team_id": 2}]})
    made = run("case", {"team": "Team 2", "name": "New", "sub_status": "Open"})
    assert (made.failed, made.get("case", {}).get("team")) == (False, {"id": 2, "name": "Team 2"}), made
    simulator_task(forget=True)
    assert not run("case", {"case_id": 7, "sub_status": "Open"}).changed
    assert simulator_task()["sent"] == "1 GET"
    assert run("case", {"case_id": 7, "status": "closed", "sub_status": "Closed"}).changed


@pytest.mark.parametrize("trims", [True, False])
@pytest.mark.parametrize(
    "options",
    [
        {"name": " Alert\n"},
        {"name": "Alert", "description": "Two\r\nlines\n"},
        {"name": "Alert", "match_by": "metadata", "match_key": "id", "metadata": {"id": " x "}},
        {"name": "Alert", "tag_names": [" a", "b"]},
        {"name": "Alert", "add_tag_names": [" a"]},
    ],
)
def test_a_server_that_trims_texts_never_gets_a_second_case(
    options: dict[str, Any], trims: bool, run: Run, simulator_task: SimulatorTask
) -> None:
    simulator_task(settings={"trim_text": trims})
    wanted = {"team_id": 1, **options}
    predicted = run("case", wanted, check_mode=True)
    real = run("case", wanted)
    assert not real.failed, real["msg"]
    assert predicted["diff"] == real["diff"]
    again = run("case", wanted)
    assert (again.changed, again["case_id"]) == (False, real["case_id"])
    assert len(run("cases_info", {"team_id": 1, "name": wanted["name"]})["cases"]) == 1
