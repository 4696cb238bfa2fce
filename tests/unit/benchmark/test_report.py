# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the benchmark makes of its raw numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.benchmark.report import (
    Figures,
    Target,
    conditions,
    guide_with,
    markdown,
    targets,
    targets_of_seeding,
    targets_of_tasks,
    task_rows,
)
from ansible_collections.casework.cases.tests.benchmark.rivals import ONE_AT_ONCE, Rival
from ansible_collections.casework.cases.tests.benchmark.rows import TARGETS, chosen, every_work
from ansible_collections.casework.cases.tests.benchmark.work import Work

BEGUN = "2026-02-01T00:00:00Z"
MACHINE = {
    **dict.fromkeys(("date", "system", "processor", "python", "ansible-core", "requests", "urllib3", "curl"), "x"),
    **dict.fromkeys(("cores", "load", "minutes", "concurrency", "buttons"), 1),
}
GUIDE = """\
Before
.. measured cases begins
old
.. measured cases ends
Between
.. measured tasks begins
.. measured tasks ends
After
"""


def run(wall: float, **others: Any) -> dict[str, Any]:
    counts = {"refused": 0, "failed": 0, "connections": 8, "server_cpu": 0.0, "requests": 1}
    return {"wall": wall, "cpu": wall, "memory": 50.0, **counts, **others}


def row(rival: str, work: Work, *runs: dict[str, Any], begun: str = BEGUN) -> dict[str, Any]:
    return {"rival": rival, **asdict(work), "runs": list(runs), "failure": None, "begun": begun}


def results(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"conditions": dict.fromkeys([BEGUN, *(one["begun"] for one in rows)], MACHINE), "results": list(rows)}


def tasks(**seconds: float) -> list[dict[str, Any]]:
    """Rows of single tasks, by name with __ for -."""
    return [row(name.replace("__", "-"), ONE_AT_ONCE, run(wall)) for name, wall in seconds.items()]


def target(name: str, rows: Iterable[dict[str, Any]]) -> Target:
    (found,) = (one for one in targets(Figures(results(*rows))) if one.name.startswith(name))
    return found


def measured_as(value: Callable[[Rival, Work], float], only: tuple[str, ...]) -> list[dict[str, Any]]:
    parts = chosen(only, list(every_work()))
    return [row(rival.name, work, run(value(rival, work))) for work, rivals in parts for rival in rivals]


def test_time_is_the_median_of_the_runs() -> None:
    work = Work(1, "new", 0)
    time = Figures(results(row("c", work, run(1), run(9), run(2)))).time("c", work)
    assert str(time) == "2.00 s [3]"


def test_time_of_a_loop_is_carried_on_from_few_cases() -> None:
    rows = [row("b", Work(1, "new", 0), run(1.0)), row("b", Work(20, "new", 0), run(20.0))]
    assert str(Figures(results(*rows)).time("b", Work(100, "new", 0))) == "~100 s"


def test_time_of_an_earlier_day_is_marked() -> None:
    work = Work(1, "new", 0)
    figures = Figures(results(row("c", work, *[run(1)] * 5, begun="2026-01-01"), row("d", work, run(1))))
    assert str(figures.time("c", work)) == "1.00 s †"
    assert str(figures.time("d", work)) == "1.00 s [1]"


def test_row_that_failed_has_no_figures() -> None:
    work = Work(1, "new", 0)
    figures = Figures(results({**row("c", work, run(1)), "failure": "no"}))
    assert figures.time("c", work) is None


def test_cost_of_a_further_task_is_the_difference_spread_over_them() -> None:
    figures = Figures(results(*tasks(debug=1.0, debug__tasks=1.4)))
    assert figures.further("debug", "tasks") == pytest.approx(0.02)
    assert figures.further("debug", "items") is None


def test_cost_of_a_further_task_is_that_of_the_fastest_runs() -> None:
    once, many = (
        row(name, ONE_AT_ONCE, *map(run, walls)) for name, walls in (("debug", (1.2, 1.0)), ("debug-tasks", (1.4, 1.9)))
    )
    assert Figures(results(once, many)).further("debug", "tasks") == pytest.approx(0.02)


def test_task_is_compared_with_debug_by_the_dearer_module() -> None:
    rows = tasks(
        debug=1.0,
        debug__tasks=1.4,
        case_action=1.0,
        case_action__tasks=1.6,
        case_actions=1.0,
        case_actions__tasks=2.0,
    )
    found = target("Unchanged task / `debug`", rows)
    assert found.value == pytest.approx(2.5)
    assert found.row()[-1] == "**no**"


def test_processor_time_is_compared_beyond_an_empty_playbook() -> None:
    work = Work(1000, "new", 0)
    rows = [*tasks(empty=0.5), row("c", work, run(9, cpu=2.9)), row("d", work, run(9, cpu=2.0))]
    found = target("1,000 new cases at 0 ms: CPU", rows)
    assert found.row()[-2:] == ["1.20", "yes"]


def test_hundred_cases_are_compared_with_the_script_and_a_task() -> None:
    work = Work(100, "new", 20)
    rows = [*tasks(debug=0.5), row("c", work, run(1.5)), row("d", work, run(0.75))]
    assert target("100 new cases at 20 ms: c / (d", rows).value == pytest.approx(1.2)


def test_target_that_was_not_measured_says_so() -> None:
    assert target("Whole run", tasks(uri=1.0)).row()[-2:] == ["-", "-"]


def test_rows_of_the_targets_are_enough_to_judge_them() -> None:
    rows = measured_as(lambda rival, work: work.cases / 100 + (9 if "-" in rival.name else 1), TARGETS)
    figures = Figures(results(*rows))
    assert [one.name for one in (*targets_of_tasks(figures), *targets_of_seeding(figures)) if one.value is None] == []


def test_cost_that_noise_hides_is_not_judged() -> None:
    rows = tasks(debug=1.0, debug__tasks=1.4, case_action=1.0, case_action__tasks=0.9)
    assert target("Unchanged task / `debug`", rows).row()[-2:] == ["-", "-"]


def test_table_of_tasks_compares_with_debug() -> None:
    rows = task_rows(Figures(results(*tasks(debug=1.0, debug__tasks=1.4, uri=1.0, uri__tasks=7.0))))
    assert [cells[2:] for cells in rows] == [["20.0 ms", "-"], ["300.0 ms (15.0x)", "-"]]


def test_conditions_count_their_rows_last_first() -> None:
    work = Work(1, "new", 0)
    text = conditions(results(row("c", work, run(1), begun="2026-01-01"), row("d", work, run(1))))
    assert [line.split(" | ")[:2] for line in text.splitlines()[2:]] == [[f"| {BEGUN}", "1"], ["| 2026-01-01", "1"]]


def test_report_is_written_of_any_part() -> None:
    parts = [("debug*",), TARGETS, ("c/*",), ("*/limit",)]
    for part in parts:
        assert "## Targets" in markdown(results(*measured_as(lambda *_: 1.0, part)))


def test_generated_parts_of_the_guide_are_written_anew() -> None:
    rows = [*tasks(debug=1.0), row("c", Work(100, "new", 20), *[run(2.0)] * 5)]
    text = guide_with(results(*rows), GUIDE)
    assert "old" not in text
    assert "   * - 100 new\n     - 2.00 s\n     - -\n     - -\n" in text
    assert "   * - ``ansible.builtin.debug``\n     - 1.00 s [1]\n" in text
    assert guide_with(results(*rows), text) == text


def test_guide_without_a_place_for_a_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="1 places for 2 tables"):
        guide_with(results(), GUIDE.replace("tasks", "others"))
