# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the raw numbers say: as Markdown, and as table and chart of the guide on scale.

As a program: ``report RESULTS.json --markdown FILE --guide FILE --chart FILE``.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ansible_collections.casework.cases.tests.benchmark.rivals import CONCURRENCY, RIVALS, SMALL
from ansible_collections.casework.cases.tests.benchmark.work import KINDS, Limit, Work

COMPARED = ("a", "b", "c", "d", "e")
TITLES = {rival.name: rival.title for rival in RIVALS}
CHOSEN_LATENCY = 20
ENOUGH_RUNS = 5
MARKED = re.compile(r"(?<=\.\. measured begins\n).*?(?=\.\. measured ends\n)", re.DOTALL)
Result = dict[str, Any]

CONDITIONS = """\
{date}, {processor}, {cores} cores, {system}, load {load} at the start; Python {python}, ansible-core {ansible-core},
requests {requests}, urllib3 {urllib3}, curl {curl}; {buttons} buttons a case, concurrency {concurrency};
{minutes} minutes in all.
"""
READING = """\
Medians of five runs; `[n]`: of n runs, because one takes long. `~`: carried on from 1 and 20 cases. In round brackets:
how many times the time of c. Whole processes count, the start of `ansible-playbook` (a, b, c) or Python (d) included.
"""
GUIDE_CONDITIONS = """\
Measured on {date}: {processor}, {cores} cores; Python {python}, ansible-core {ansible-core}; ``concurrency``
{concurrency}.
"""
GUIDE_RESOURCES = """\
The task for 1,000 new cases took {cpu:.1f} s of processor time and {memory:.0f} MiB of memory, ``ansible-playbook``
included.
"""
PAYLOAD = """\
The payload that Ansible makes of `case_actions` has {files} files, {source_bytes:,} bytes of source. From this
collection are {own_files} files, {own_source_bytes:,} bytes. {bytes:,} bytes are sent.
"""


@dataclass(frozen=True)
class Time:
    """Seconds of wall time: the median of so many runs, none where it is carried on from fewer cases."""

    seconds: float
    runs: int

    def __str__(self) -> str:
        digits = 0 if self.seconds >= 100 else 1 if self.seconds >= 10 else 2
        mark = "" if not self.runs or self.runs >= ENOUGH_RUNS else f" [{self.runs}]"
        return f"{'' if self.runs else '~'}{self.seconds:,.{digits}f} s{mark}"


class Figures:
    """The results by rival and work."""

    def __init__(self, results: Result) -> None:
        self._results: dict[tuple[str, Work], list[Result]] = {}
        for entry in results["results"]:
            limit = Limit(**entry["limit"]) if entry["limit"] else None
            work = Work(entry["cases"], entry["kind"], entry["latency"], limit)
            if not entry["failure"]:
                self._results[entry["rival"], work] = entry["runs"]

    def works(self) -> list[Work]:
        """Every piece of work that was measured, in order."""
        return list(dict.fromkeys(work for _rival, work in self._results))

    def runs(self, rival: str, work: Work) -> list[Result]:
        return self._results.get((rival, work), [])

    def of(self, rival: str, name: str, work: Work) -> float | None:
        """Median of one figure."""
        values = [run[name] for run in self.runs(rival, work) if run[name] is not None]
        return median(values) if values else None

    def time(self, rival: str, work: Work) -> Time | None:
        """Measured, or carried on with the cost of each further case where a loop was measured with fewer cases."""
        runs = self.runs(rival, work)
        if runs:
            return Time(median(run["wall"] for run in runs), len(runs))
        one, some = (self.time_of_runs(rival, cases, work) for cases in (1, SMALL))
        if one is None or some is None or work.cases < SMALL or work.limit:
            return None
        return Time(some + (some - one) / (SMALL - 1) * (work.cases - SMALL), 0)

    def time_of_runs(self, rival: str, cases: int, like: Work) -> float | None:
        return self.of(rival, "wall", Work(cases, like.kind, like.latency))

    def all_runs(self, rival: str) -> Iterable[tuple[Work, Result]]:
        for (name, work), runs in self._results.items():
            if name == rival:
                for run in runs:
                    yield work, run


# Targets


@dataclass(frozen=True)
class Target:
    """What was aimed at, and what was measured; None where it was not.

    goal: in words. reached: whether a value is as good as that. digits: after the point.
    """

    name: str
    goal: str
    reached: Callable[[float], bool]
    value: float | None
    digits: int = 2

    def row(self) -> list[str]:
        if self.value is None:
            return [self.name, self.goal, "-", "-"]
        return [self.name, self.goal, plain(self.value, self.digits), "yes" if self.reached(self.value) else "**no**"]


def targets(figures: Figures) -> list[Target]:
    """All targets, judged."""

    def seconds(rival: str, cases: int, kind: str) -> float | None:
        time = figures.time(rival, Work(cases, kind, CHOSEN_LATENCY))
        return time.seconds if time else None

    def at_most(name: str, limit: float, value: float | None, digits: int = 2) -> Target:
        return Target(name, f"at most {limit:g}", lambda measured: measured <= limit, value, digits)

    one = ratio(seconds("c", 1, "unchanged"), seconds("uri", 1, "unchanged"))
    faster = ratio(seconds("a", 100, "new"), seconds("c", 100, "new"))
    by_hand, start = seconds("d", 100, "new"), seconds("start", 1, "unchanged")
    floor = ratio(seconds("c", 100, "new"), by_hand + start if by_hand and start else None)
    few, some, many = (seconds("c", cases, "new") for cases in (1, 100, 1000))
    growth = ratio((many - some) / 900, (some - few) / 99) if few and some and many and some > few else None

    runs = list(figures.all_runs("c"))
    memory = [run["memory"] for work, run in runs if work.cases == 1000 and run["memory"]]
    requests = [run["requests"] / work.requests for work, run in runs if not work.limit]
    waits = [(work.limit, run["wall"] / work.limit.least(work.requests)) for work, run in runs if work.limit]
    at = f"at {CHOSEN_LATENCY} ms"
    return [
        at_most(f"One unchanged case {at}: c / one `uri` GET", 1, one),
        Target(f"100 new cases {at}: a / c", "at least 120", lambda measured: measured >= 120, faster, 0),
        at_most(f"100 new cases {at}: c / (d + one module start)", 1.3, floor),
        at_most(f"New cases {at}: time of a further case, 100 to 1,000 / 1 to 100", 1.1, growth),
        Target("1,000 cases: peak memory in MiB", "below 120", lambda measured: measured < 120, most(memory), 0),
        at_most("Connections", CONCURRENCY, most(run["connections"] for _work, run in runs), 0),
        at_most("Requests sent / requests needed", 1, most(requests)),
        *(
            at_most(
                f"{name}: c / what the limit itself takes",
                1.1,
                most(w for limit, w in waits if limit.retry_after is told),
            )
            for name, told in (("Rate limit that says for how long", True), ("Rate limit that does not", False))
        ),
        at_most("Requests of c that failed", 0, most(run["failed"] for _work, run in runs), 0),
    ]


def most(values: Iterable[float]) -> float | None:
    return max(values, default=None)


def ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one and other else None


# Markdown


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def cell(figures: Figures, rival: str, work: Work) -> str:
    """A time, and how many times that of c it is."""
    time, own = figures.time(rival, work), figures.time("c", work)
    if time is None:
        return "-"
    if own is None or rival == "c":
        return str(time)
    times = time.seconds / own.seconds
    return f"{time} ({plain(times, 0 if times >= 10 else 1 if times >= 1 else 2)}x)"


def plain(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def named(work: Work) -> list[str]:
    return [f"{work.cases:,}", KINDS[work.kind]]


def markdown(results: Result) -> str:
    """All tables."""
    figures = Figures(results)
    heads = [f"{name}: {TITLES[name]}" for name in COMPARED]
    parts = [
        "# Seeding buttons, side by side\n",
        CONDITIONS.format(**results["machine"]),
        *([results["machine"]["note"] + "\n"] if "note" in results["machine"] else []),
        READING,
        "## Targets\n",
        table(("target", "goal", "measured", "reached"), (target.row() for target in targets(figures))),
    ]
    works = figures.works()
    for latency in sorted({work.latency for work in works if not work.limit}):
        parts += [
            f"## Wall time, server latency {latency} ms\n",
            table(
                ("cases", "work", *heads),
                (
                    [*named(work), *(cell(figures, name, work) for name in COMPARED)]
                    for work in works
                    if work.latency == latency and not work.limit
                ),
            ),
        ]
    starts = [work for work in works if figures.runs("uri", work)]
    if starts:
        parts += [
            "## One task\n",
            table(
                ("latency", *(TITLES[name] for name in ("start", "uri", "c")), "c / `uri`"),
                (
                    [
                        f"{work.latency} ms",
                        *(str(figures.time(name, work) or "-") for name in ("start", "uri", "c")),
                        plain(ratio(figures.of("c", "wall", work), figures.of("uri", "wall", work)), 2),
                    ]
                    for work in starts
                ),
            ),
        ]
    parts += [
        f"## What else it takes, server latency {CHOSEN_LATENCY} ms\n",
        "CPU time is the rival's with all its processes, memory the highest sum of their proportional set sizes.\n",
        table(
            ("cases", "work", "way", "CPU", "memory", "requests", "connections", "simulator's CPU"),
            (
                [
                    *named(work),
                    name,
                    f"{plain(figures.of(name, 'cpu', work), 2)} s",
                    f"{plain(figures.of(name, 'memory', work))} MiB",
                    plain(figures.of(name, "requests", work)),
                    plain(figures.of(name, "connections", work)),
                    f"{plain(figures.of(name, 'server_cpu', work), 2)} s",
                ]
                for work in works
                if work.latency == CHOSEN_LATENCY and not work.limit
                for name in COMPARED
                if figures.runs(name, work)
            ),
        ),
        "## Rate limit\n",
        table(
            ("cases", "work", "limit", "answer says when", "least possible", "way", "time", "/ least", "429", "failed"),
            (
                [
                    *named(work),
                    f"{work.limit.requests} in {work.limit.seconds:g} s",
                    "yes" if work.limit.retry_after else "no",
                    f"{work.limit.least(work.requests):g} s",
                    name,
                    str(figures.time(name, work)),
                    plain(ratio(figures.of(name, "wall", work), work.limit.least(work.requests)), 2),
                    plain(figures.of(name, "refused", work)),
                    plain(figures.of(name, "failed", work)),
                ]
                for work in works
                if work.limit
                for name in COMPARED
                if figures.runs(name, work)
            ),
        ),
        "## Where the time of one module goes\n",
        *profile_tables(results["profile"]),
    ]
    return "\n".join(parts)


def profile_tables(profile: dict[str, Any]) -> list[str]:
    milliseconds = [
        *(("process", *item) for item in profile["process_ms"].items()),
        *(("imports from the payload", *item) for item in profile["imports_ms"].items()),
        ("TLS", "a context with the library's CA certificates", profile["tls_context_ms"]),
        *(("CPU of one kept-alive GET", *item) for item in profile["request_cpu_ms"].items()),
        *(("JSON", *item) for item in profile["json_ms"].items()),
    ]
    return [
        PAYLOAD.format(**profile["payload"]),
        table(("part", "of it", "ms"), ([part, what, f"{value:.2f}"] for part, what, value in milliseconds)),
    ]


# The guide


def guide_table(results: Result) -> str:
    """The part of the guide that is generated, in reStructuredText."""
    figures = Figures(results)
    lines = [
        "",
        f".. list-table:: Wall time, 5 buttons a case, server latency {CHOSEN_LATENCY} ms",
        "   :header-rows: 1",
        "",
        "   * - Cases",
        *(f"     - {TITLES[name].replace('`', '``')}" for name in COMPARED),
    ]
    for kind in ("new", "unchanged"):
        for work in figures.works():
            if work.kind == kind and work.latency == CHOSEN_LATENCY and not work.limit:
                lines.append(f"   * - {work.cases:,} {kind}")
                lines += [f"     - {figures.time(name, work) or '-'}" for name in COMPARED]
    lines += ["", GUIDE_CONDITIONS.format(**results["machine"])]
    large = Work(1000, "new", CHOSEN_LATENCY)
    cpu, memory = figures.of("c", "cpu", large), figures.of("c", "memory", large)
    if cpu and memory:
        lines.append(GUIDE_RESOURCES.format(cpu=cpu, memory=memory))
    return "\n".join([*lines, ""])


def chart(figures: Figures, file: Path) -> None:
    """Wall time by number of cases, as SVG."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "casework.cases", "svg.fonttype": "none", "font.size": 10})
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(8, 4.8), layout="constrained")
    colours = dict(zip(COMPARED, ("#b03a2e", "#ca6f1e", "#1a5276", "#5d6d7e", "#239b56")))
    works = [
        work for work in figures.works() if work.kind == "new" and work.latency == CHOSEN_LATENCY and not work.limit
    ]
    for name in COMPARED:
        points = [(work.cases, time) for work in works if (time := figures.time(name, work))]
        measured = [(cases, time.seconds) for cases, time in points if time.runs]
        carried = [*measured[-1:], *((cases, time.seconds) for cases, time in points if not time.runs)]
        title = TITLES[name].replace("`", "")
        axes.plot(*zip(*measured), "o-", color=colours[name], label=title, linewidth=2.5 if name == "c" else 1.5)
        if len(carried) > 1:
            axes.plot(*zip(*carried), "--", color=colours[name], linewidth=1.5)
    axes.set(
        xscale="log", yscale="log", xlabel="new cases, 5 buttons each", ylabel="seconds", title="Time to seed new cases"
    )
    ticks = [work.cases for work in works]
    axes.set_xticks(ticks, [f"{cases:,}" for cases in ticks])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, title="dashed: carried on", alignment="left")
    file.parent.mkdir(parents=True, exist_ok=True)
    drawing.savefig(file, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes the tables and the chart that the raw numbers give.")
    parser.add_argument("results", type=Path)
    parser.add_argument("--markdown", type=Path, required=True)
    parser.add_argument("--guide", type=Path, required=True)
    parser.add_argument("--chart", type=Path, required=True)
    given = parser.parse_args()
    results = json.loads(given.results.read_text(encoding="utf-8"))
    figures = Figures(results)
    given.markdown.write_text(markdown(results), encoding="utf-8")
    guide, places = MARKED.subn(lambda _match: guide_table(results), given.guide.read_text(encoding="utf-8"))
    if places != 1:
        parser.error(f"{given.guide} has no place for the table")
    given.guide.write_text(guide, encoding="utf-8")
    chart(figures, given.chart)


if __name__ == "__main__":
    main()
