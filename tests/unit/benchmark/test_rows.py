# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rows of the benchmark are measured, and what becomes of the others."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import asdict
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.benchmark.bench import runs_wanted
from ansible_collections.casework.cases.tests.benchmark.rivals import ONE_AT_ONCE, RIVALS
from ansible_collections.casework.cases.tests.benchmark.rows import (
    QUICK,
    QUICK_LIMITED,
    chosen,
    every_work,
    merged,
    patterns,
    work_of,
)
from ansible_collections.casework.cases.tests.benchmark.work import Limit, Work

EARLIER, LATER = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


def entry(rival: str, work: Work, begun: str) -> dict[str, Any]:
    return {"rival": rival, **asdict(work), "runs": [], "failure": None, "begun": begun}


def names(only: tuple[str, ...], *further: Work) -> list[str]:
    return [rival.row(work) for work, rivals in chosen(only, [*every_work(), *further]) for rival in rivals]


def test_every_row_has_a_name_of_its_own() -> None:
    every = names(("*",))
    assert len(every) == len(set(every))
    assert {rival.name for rival in RIVALS} == {name.partition("/")[0] for name in every}


def test_loops_of_tasks_are_not_measured_with_many_cases() -> None:
    assert names(("[ab]/*/new/0",)) == ["a/1/new/0", "b/1/new/0", "a/20/new/0", "b/20/new/0"]


def test_single_tasks_are_measured_once() -> None:
    assert names(("debug*",)) == [f"{name}/{ONE_AT_ONCE.name}" for name in ("debug", "debug-tasks", "debug-items")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c/100/new/20", ["c/100/new/20"]),
        ("[cd]/100/new/20", ["c/100/new/20", "d/100/new/20"]),
        ("d/1/new/0,c/1/new/0", ["c/1/new/0", "d/1/new/0"]),
        ("c/*/limit", ["c/300/new/limit"]),
    ],
)
def test_rows_are_chosen_by_patterns(text: str, expected: list[str]) -> None:
    assert names(patterns(text)) == expected


@pytest.mark.parametrize("text", ["", "f/1/new/0", "c/1/new/0,no"])
def test_pattern_that_fits_no_row_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="no row has a name like"):
        patterns(text)


def test_quick_rows_include_each_seeding_way_and_a_limit() -> None:
    quick = names(QUICK, QUICK_LIMITED)
    assert {name.partition("/")[0] for name in quick} >= {"a", "b", "c", "d", "e", "empty", "case_action-items"}
    assert "c/20/new/limit" in quick


def test_work_is_read_back_from_the_results() -> None:
    for work in (ONE_AT_ONCE, Work(300, "new", 0, Limit(100, 10, retry_after=False))):
        assert work_of(entry("c", work, EARLIER)) == work


def test_measured_row_takes_the_place_of_the_row_before() -> None:
    one, other = Work(1, "new", 0), Work(20, "new", 0)
    before = {
        "conditions": {EARLIER: {"load": 1}},
        "results": [entry("c", one, EARLIER), entry("c", other, EARLIER)],
        "profile": {"begun": EARLIER},
    }
    now = {"conditions": {LATER: {"load": 2}}, "results": [entry("c", other, LATER), entry("d", other, LATER)]}
    result = merged(before, now)
    assert [(row["rival"], row["cases"], row["begun"]) for row in result["results"]] == [
        ("c", 1, EARLIER),
        ("c", 20, LATER),
        ("d", 20, LATER),
    ]
    assert result["conditions"] == {EARLIER: {"load": 1}, LATER: {"load": 2}}
    assert result["profile"] == {"begun": EARLIER}


def test_conditions_of_no_row_are_dropped() -> None:
    work = Work(1, "new", 0)
    before = {"conditions": {EARLIER: {}}, "results": [entry("c", work, EARLIER)], "profile": {"begun": EARLIER}}
    now = {"conditions": {LATER: {}}, "results": [entry("c", work, LATER)], "profile": {"begun": LATER}}
    assert list(merged(before, now)["conditions"]) == [LATER]


@pytest.mark.parametrize(("seconds", "runs"), [(0.5, 5), (8.0, 5), (8.1, 3), (16.0, 3), (16.1, 1)])
def test_row_that_takes_long_has_fewer_runs(seconds: float, runs: int) -> None:
    assert runs_wanted(seconds) == runs
