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

from ansible_collections.casework.cases.tests.benchmark.rivals import CONCURRENCY, ONE_AT_ONCE, RIVALS, SMALL
from ansible_collections.casework.cases.tests.benchmark.rows import PROFILE, every_work, work_of
from ansible_collections.casework.cases.tests.benchmark.tasks import FURTHER, TASKS
from ansible_collections.casework.cases.tests.benchmark.work import KINDS, Work

COMPARED = ("a", "b", "c", "d", "e")
TITLES = {rival.name: rival.title for rival in RIVALS}
CHOSEN_LATENCY = 20
ENOUGH_RUNS = 5
MARKED = re.compile(
    r"(?<=\.\. measured (?P<what>cases|tasks) begins\n).*?(?=\.\. measured (?P=what) ends\n)", re.DOTALL
)
Result = dict[str, Any]

TASK_HEAD = ("task", "whole run of one", "a further task", "a further loop item")
TASKS_READING = """\
One case that has all buttons already, a server that answers at once. Tasks and items: the time that {further} more
take, spread over them, from the fastest runs. In round brackets: how many times the time of `debug`.
"""

READING = """\
Medians of five runs; `[n]`: of n runs, because one takes long. `~`: carried on from 1 and 20 cases. In round brackets:
how many times the time of c. Whole processes count, the start of `ansible-playbook` (a, b, c) or Python (d) included.
`†`: not measured on the last day of measurements.
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
    """Seconds of wall time: the median of so many runs, none where it is carried on from fewer cases.

    earlier: whether it, or one that it is carried on from, was measured on an earlier day than the last measurement.
    """

    seconds: float
    runs: int
    earlier: bool = False

    def __str__(self) -> str:
        digits = 0 if self.seconds >= 100 else 1 if self.seconds >= 10 else 2
        mark = "" if not self.runs or self.runs >= ENOUGH_RUNS else f" [{self.runs}]"
        return f"{'' if self.runs else '~'}{self.seconds:,.{digits}f} s{mark}{' †' if self.earlier else ''}"


class Figures:
    """The results by rival and work."""

    def __init__(self, results: Result) -> None:
        self._rows = {(entry["rival"], work_of(entry)): entry for entry in results["results"] if not entry["failure"]}
        self._last_day = _day(max(results["conditions"]))

    def works(self) -> list[Work]:
        """Every piece of work that was measured, in order."""
        order = [work.name for work in every_work()]
        works = {work for _rival, work in self._rows}
        return sorted(works, key=lambda work: order.index(work.name) if work.name in order else len(order))

    def runs(self, rival: str, work: Work = ONE_AT_ONCE) -> list[Result]:
        row = self._rows.get((rival, work))
        return row["runs"] if row else []

    def of(self, rival: str, name: str, work: Work = ONE_AT_ONCE) -> float | None:
        """Median of one figure."""
        values = [run[name] for run in self.runs(rival, work) if run[name] is not None]
        return median(values) if values else None

    def time(self, rival: str, work: Work = ONE_AT_ONCE) -> Time | None:
        """Measured, or carried on with the cost of each further case where a loop was measured with fewer cases."""
        if (rival, work) in self._rows:
            runs = self.runs(rival, work)
            return Time(median(run["wall"] for run in runs), len(runs), self._earlier(rival, work))
        one, some = (self.time_of(rival, cases, work) for cases in (1, SMALL))
        if one is None or some is None or work.cases <= SMALL or work.limit:
            return None
        further = (some.seconds - one.seconds) / (SMALL - 1)
        return Time(some.seconds + further * (work.cases - SMALL), 0, one.earlier or some.earlier)

    def time_of(self, rival: str, cases: int, like: Work) -> Time | None:
        work = Work(cases, like.kind, like.latency)
        return self.time(rival, work) if (rival, work) in self._rows else None

    def further(self, task: str, form: str) -> float | None:
        """Seconds of each further task, or item of a loop; None too if noise hides them.

        From the fastest runs: noise only adds, and a difference of medians had more of it than a task takes.
        """
        many, once = (min((run["wall"] for run in self.runs(name)), default=None) for name in (f"{task}-{form}", task))
        return (many - once) / FURTHER if many and once and many > once else None

    def all_runs(self, rival: str) -> Iterable[tuple[Work, Result]]:
        for (name, work), row in self._rows.items():
            if name == rival:
                for run in row["runs"]:
                    yield work, run

    def _earlier(self, rival: str, work: Work) -> bool:
        return _day(self._rows[rival, work]["begun"]) != self._last_day


def _day(begun: str) -> str:
    return begun[:10]


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


def at_most(name: str, limit: float, value: float | None, digits: int = 2) -> Target:
    return Target(name, f"at most {limit:g}", lambda measured: measured <= limit, value, digits)


def targets(figures: Figures) -> list[Target]:
    """All targets, judged."""
    return [*targets_of_tasks(figures), *targets_of_seeding(figures), *targets_of_requests(figures)]


def targets_of_tasks(figures: Figures) -> list[Target]:
    """What a task costs beside Ansible's own."""

    def task(other: str) -> float | None:
        """The dearer of two tasks that change nothing, compared."""
        beside = figures.further(other, "tasks")
        return most(ratio(figures.further(name, "tasks"), beside) for name in ("case_action", "case_actions"))

    item = ratio(figures.further("case_action", "items"), figures.further("uri", "items"))
    whole = ratio(figures.of("case_actions", "wall"), figures.of("uri", "wall"))
    return [
        at_most("Unchanged task / `debug` task", 2, task("debug")),
        at_most("Unchanged task / one `uri` GET task", 0.14, task("uri")),
        at_most("Loop item of `case_action`, unchanged / `uri` loop item", 0.06, item, 3),
        at_most("Whole run, one unchanged case / the same with `uri`", 0.7, whole),
    ]


def targets_of_seeding(figures: Figures) -> list[Target]:
    """What new cases cost beside the other ways."""

    def seconds(rival: str, cases: int, latency: int = CHOSEN_LATENCY) -> float | None:
        time = figures.time(rival, Work(cases, "new", latency))
        return time.seconds if time else None

    by_hand, debug = seconds("d", 100), figures.of("debug", "wall")
    floor = ratio(seconds("c", 100), by_hand + debug if by_hand and debug else None)
    large = Work(1000, "new", 0)
    cpu, empty = figures.of("c", "cpu", large), figures.of("empty", "cpu")
    sending = ratio(cpu - empty if cpu and empty else None, figures.of("d", "cpu", large))
    few, some, many = (seconds("c", cases) for cases in (1, 100, 1000))
    growth = ratio((many - some) / 900, (some - few) / 99) if few and some and many and some > few else None
    at = f"at {CHOSEN_LATENCY} ms"
    return [
        at_most(f"100 new cases {at}: c / (d + run of one `debug` task)", 1.15, floor),
        at_most("1,000 new cases at 0 ms: CPU of c beyond an empty playbook / CPU of d", 1.2, sending),
        at_most("1,000 new cases at 0 ms: memory in MiB", 100, figures.of("c", "memory", large), 0),
        *(
            at_most(f"100 new cases at {latency} ms: b / a", 0.08, ratio(seconds("b", 100, latency), loops), 3)
            for latency, loops in ((latency, seconds("a", 100, latency)) for latency in (0, CHOSEN_LATENCY))
        ),
        Target(
            f"100 new cases {at}: a / c",
            "at least 120",
            lambda measured: measured >= 120,
            ratio(seconds("a", 100), seconds("c", 100)),
            0,
        ),
        at_most(f"New cases {at}: time of a further case, 100 to 1,000 / 1 to 100", 1.1, growth),
    ]


def targets_of_requests(figures: Figures) -> list[Target]:
    """What can be counted, and how rate limits are kept."""
    runs = list(figures.all_runs("c"))
    requests = [run["requests"] / work.requests for work, run in runs if not work.limit]
    waits = [(work.limit, run["wall"] / work.limit.least(work.requests)) for work, run in runs if work.limit]
    return [
        at_most("Connections of c", CONCURRENCY, most(run["connections"] for _work, run in runs), 0),
        at_most("Requests sent by c / requests needed", 1, most(requests)),
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


def most(values: Iterable[float | None]) -> float | None:
    """The highest, None if one was not measured."""
    every = list(values)
    return None if None in every else max((value for value in every if value is not None), default=None)


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


def conditions(results: Result) -> str:
    """When and with what it was measured, the last first."""
    begun = [entry["begun"] for entry in results["results"]]
    columns = (
        "load",
        "processor",
        "cores",
        "system",
        "python",
        "ansible-core",
        "requests",
        "urllib3",
        "curl",
        "minutes",
    )
    return table(
        ("begun", "rows", *columns),
        (
            [moment, str(begun.count(moment)), *(str(where[column]) for column in columns)]
            for moment, where in sorted(results["conditions"].items(), reverse=True)
        ),
    )


def markdown(results: Result) -> str:
    """All tables."""
    figures = Figures(results)
    heads = [f"{name}: {TITLES[name]}" for name in COMPARED]
    parts = [
        "# Seeding buttons, side by side\n",
        conditions(results),
        READING,
        "## Targets\n",
        table(("target", "goal", "measured", "reached"), (target.row() for target in targets(figures))),
        "## Tasks and loop items\n",
        TASKS_READING.format(further=FURTHER),
        table(TASK_HEAD, task_rows(figures)),
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
        *(profile_tables(results[PROFILE]) if results.get(PROFILE) else []),
    ]
    return "\n".join(parts)


def task_rows(figures: Figures) -> list[list[str]]:
    """Of each task, a run of it alone, and what each further task and loop item takes, with how many times `debug`."""

    def further(name: str, form: str) -> str:
        own, debug = figures.further(name, form), figures.further("debug", form)
        if own is None:
            return "-"
        times = ratio(own, debug)
        return f"{own * 1000:,.1f} ms" + (f" ({times:.1f}x)" if times and name != "debug" else "")

    names = [name for name in ("empty", *TASKS) if figures.runs(name)]
    return [[TITLES[name], str(figures.time(name)), further(name, "tasks"), further(name, "items")] for name in names]


def profile_tables(profile: dict[str, Any]) -> list[str]:
    milliseconds = [
        *(("process", *item) for item in profile["process_ms"].items()),
        *(("imports from the payload", *item) for item in profile["imports_ms"].items()),
        ("TLS", "a context with the library's CA certificates", profile["tls_context_ms"]),
        *(("CPU of one kept-alive GET", *item) for item in profile["request_cpu_ms"].items()),
        *(("JSON", *item) for item in profile["json_ms"].items()),
    ]
    return [
        "## Where the time of one module goes\n",
        PAYLOAD.format(**profile["payload"]),
        table(("part", "of it", "ms"), ([part, what, f"{value:.2f}"] for part, what, value in milliseconds)),
    ]


# The guide


def list_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table in reStructuredText."""
    lines = ["", f".. list-table:: {title}", "   :header-rows: 1", ""]
    for row in (head, *rows):
        first, *others = (text.replace("`", "``") for text in row)
        lines += [f"   * - {first}", *(f"     - {text}" for text in others)]
    return lines


def guide_cases(results: Result) -> str:
    """The part of the guide about many cases."""
    figures = Figures(results)
    columns = ("c", *(name for name in COMPARED if name != "c"))  # a narrow screen shows the first ones
    works = [work for work in figures.works() if work.latency == CHOSEN_LATENCY and not work.limit]
    lines = list_table(
        f"Wall time, 5 buttons a case, server latency {CHOSEN_LATENCY} ms",
        ("Cases", *(TITLES[name] for name in columns)),
        (
            (f"{work.cases:,} {kind}", *(str(figures.time(name, work) or "-") for name in columns))
            for kind in ("new", "unchanged")
            for work in works
            if work.kind == kind
        ),
    )
    lines += ["", GUIDE_CONDITIONS.format(**results["conditions"][max(results["conditions"])])]
    large = Work(1000, "new", CHOSEN_LATENCY)
    cpu, memory = figures.of("c", "cpu", large), figures.of("c", "memory", large)
    if cpu and memory:
        lines.append(GUIDE_RESOURCES.format(cpu=cpu, memory=memory))
    return "\n".join([*lines, ""])


def guide_tasks(results: Result) -> str:
    """The part of the guide about single tasks."""
    rows = task_rows(Figures(results))
    if not rows:
        return "\n"
    head = [text.capitalize() for text in TASK_HEAD]
    return "\n".join([*list_table("One unchanged case, server latency 0 ms", head, rows), "", ""])


def guide_with(results: Result, guide: str) -> str:
    """The guide with its generated parts written anew. Raises `ValueError` if it has no place for one."""
    parts = {"cases": guide_cases(results), "tasks": guide_tasks(results)}
    text, places = MARKED.subn(lambda match: parts[match["what"]], guide)
    if places != len(parts):
        raise ValueError(f"The guide has {places} places for {len(parts)} tables.")
    return text


def chart(figures: Figures, file: Path) -> None:
    """Wall time by number of cases, as SVG."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "casework.cases", "svg.fonttype": "none", "font.size": 10})
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(8, 4.8), layout="constrained")
    # Colours that colour-blind readers can tell apart, and a marker each. The loops take nearly the same time, so the
    # markers of one are large and hollow, and those of the other show within them.
    colours = dict(zip(COMPARED, ("#d55e00", "#e69f00", "#0072b2", "#555555", "#009e73")))
    markers = dict(zip(COMPARED, "^sovD"))
    hollow: dict[str, dict[str, Any]] = {"a": {"markersize": 12, "fillstyle": "none", "zorder": 3}}
    works = [
        work for work in figures.works() if work.kind == "new" and work.latency == CHOSEN_LATENCY and not work.limit
    ]
    for name in COMPARED:
        points = [(work.cases, time) for work in works if (time := figures.time(name, work))]
        measured = [(cases, time.seconds) for cases, time in points if time.runs]
        carried = [*measured[-1:], *((cases, time.seconds) for cases, time in points if not time.runs)]
        title = TITLES[name].replace("`", "")
        width = 2.5 if name == "c" else 1.5
        style = {"marker": markers[name], "color": colours[name], **hollow.get(name, {})}
        axes.plot(*zip(*measured), label=title, linewidth=width, **style)
        if len(carried) > 1:
            axes.plot(*zip(*carried), "--", linewidth=width, **style)
    axes.set(
        xscale="log", yscale="log", xlabel="new cases, 5 buttons each", ylabel="seconds", title="Time to seed new cases"
    )
    ticks = [work.cases for work in works]
    axes.set_xticks(ticks, [f"{cases:,}" for cases in ticks])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, title="dashed: estimated from fewer cases", alignment="left")
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
    given.markdown.write_text(markdown(results), encoding="utf-8")
    given.guide.write_text(guide_with(results, given.guide.read_text(encoding="utf-8")), encoding="utf-8")
    chart(Figures(results), given.chart)


if __name__ == "__main__":
    main()
