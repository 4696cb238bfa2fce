# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module `case_actions_info`: what it refuses, and how it tells a missing case from a missing button."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import (
    Run,
    SimulatorTask,
    assert_failure,
    run_module,
)

A = {"label": "A", "url": "https://acme.tines.com/pages/a", "action_type": "page"}


@pytest.mark.parametrize("case_ids", [[7, 8], []])
def test_an_id_goes_with_one_case(case_ids: list[int], run: Run, simulator_task: SimulatorTask) -> None:
    result = run("case_actions_info", {"case_ids": case_ids, "id": 1})
    assert_failure(result, "id requires exactly one case", simulator_task())
    assert result["api_requests"] == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"api_key": "sim-key-0000"}, r"\btenant\b.*TINES_TENANT"),
        ({"tenant": "http://127.0.0.1:9"}, r"\bapi_key\b.*TINES_API_KEY"),
        ({}, r"tenant and api_key are missing.*TINES_TENANT and TINES_API_KEY"),
    ],
)
def test_a_missing_connection_names_option_and_environment_variable(options: dict[str, Any], says: str) -> None:
    assert_failure(run_module("case_actions_info", {"case_ids": [7], **options}), says)


@pytest.mark.parametrize("options", [{}, {"id": 1}, {"label": "A"}], ids=["all", "by_id", "by_label"])
def test_a_case_that_does_not_exist_is_an_error(
    options: dict[str, Any], run: Run, simulator_task: SimulatorTask
) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "actions": [A]}]})
    result = run("case_actions_info", {"case_ids": [8], **options})
    assert_failure(result, "Case 8 was not found", simulator_task())
    assert result["status"] == 404


def test_a_button_that_does_not_exist_is_an_empty_list(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(load={"cases": [{"case_id": 7, "actions": [A]}]})
    result = run("case_actions_info", {"case_ids": [7], "id": 999})
    assert not result.failed, result
    assert result["actions"] == []


def test_another_failure_while_reading_a_button_is_an_error(run: Run, simulator_task: SimulatorTask) -> None:
    simulator_task(
        load={"cases": [{"case_id": 7, "actions": [A]}]}, faults={"kind": "status", "status": 403, "times": -1}
    )
    result = run("case_actions_info", {"case_ids": [7], "id": 1})
    assert_failure(result, "403", simulator_task())
    assert result["api_requests"] == 1
