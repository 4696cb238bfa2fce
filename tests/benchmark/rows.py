# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rows there are, which of them are asked for, and how new ones get among those of before.

A row is one rival with one piece of work. Its name is such as `c/100/new/20`.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.casework.cases.tests.benchmark.rivals import RIVALS, Rival
from ansible_collections.casework.cases.tests.benchmark.work import KINDS, Limit, Work

CASES = (1, 20, 100, 1000)
LATENCIES = (0, 20, 100)
LIMITED_CASES = 300
LIMITS = (Limit(100, 10, retry_after=True), Limit(100, 10, retry_after=False))

PROFILE = "profile"
"""The name of what is no row: where the time of one module goes."""

TARGETS = (
    *("empty/*", "debug/*", "uri/*", "case_action/*", "case_actions/*"),
    *("debug-tasks/*", "uri-tasks/*", "case_action-tasks/*", "case_actions-tasks/*"),
    *("uri-items/*", "case_action-items/*"),
    *("[cd]/100/new/20", "[cd]/1000/new/0", "c/1/new/20", "c/1000/new/20"),
    *("[ab]/1/new/0", "[ab]/20/new/0", "[ab]/1/new/20", "[ab]/20/new/20"),
)
"""The rows that the costs of Ansible and of sending are judged by. `targets` stands for them."""

QUICK = (
    *("[abcde]/1/*/20", "[cde]/100/*/20", "*/20/new/limit"),
    *("empty/*", "debug*/*", "case_action/*", "case_action-[it]*/*", "case_action-module/*"),
    PROFILE,
)
"""Something of everything, in about a minute."""

QUICK_LIMITED = Work(20, "new", 0, Limit(30, 1, retry_after=True))


def every_work() -> Iterator[Work]:
    """All pieces of work, in the order of the tables."""
    for latency in LATENCIES:
        for kind in KINDS:
            for cases in CASES:
                yield Work(cases, kind, latency)
    for limit in LIMITS:
        yield Work(LIMITED_CASES, "new", 0, limit)


def patterns(text: str) -> tuple[str, ...]:
    """The patterns of names in a list with commas. Raises `ArgumentTypeError` if one fits no row."""
    found: list[str] = []
    names = [PROFILE, *(rival.row(work) for work in every_work() for rival in RIVALS if rival.takes(work))]
    for pattern in text.split(","):
        if pattern == "targets":
            found += TARGETS
        elif any(fnmatchcase(name, pattern) for name in names):
            found.append(pattern)
        else:
            raise ArgumentTypeError(f"no row has a name like {pattern!r}")
    return tuple(found)


def wanted(name: str, only: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in only)


def chosen(only: Sequence[str], works: Sequence[Work]) -> list[tuple[Work, list[Rival]]]:
    """The rivals that are asked for with each piece of work that has any."""
    fitting = [
        (work, [rival for rival in RIVALS if rival.takes(work) and wanted(rival.row(work), only)]) for work in works
    ]
    return [(work, rivals) for work, rivals in fitting if rivals]


def work_of(entry: dict[str, Any]) -> Work:
    """The work of a row as results.json has it."""
    limit = Limit(**entry["limit"]) if entry["limit"] else None
    return Work(entry["cases"], entry["kind"], entry["latency"], limit)


def merged(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The results of before, with what was measured now in the place of what it was then."""
    rows = {(entry["rival"], work_of(entry).name): entry for results in (before, now) for entry in results["results"]}
    profile = now.get(PROFILE) or before.get(PROFILE)
    used = {entry["begun"] for entry in (*rows.values(), *([profile] if profile else []))}
    conditions = {**before["conditions"], **now["conditions"]}
    return {
        "conditions": {begun: conditions[begun] for begun in sorted(used)},
        "results": list(rows.values()),
        PROFILE: profile,
    }
