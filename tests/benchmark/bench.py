# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure every way to seed buttons, side by side: see README.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ansible_collections.casework.cases.tests.benchmark import report
from ansible_collections.casework.cases.tests.benchmark.costs import profile
from ansible_collections.casework.cases.tests.benchmark.measure import CommandFailed, Server, run
from ansible_collections.casework.cases.tests.benchmark.rivals import CONCURRENCY, RIVALS, Rival
from ansible_collections.casework.cases.tests.benchmark.work import BUTTONS, KINDS, Limit, Work, undone

CASES = (1, 20, 100, 1000)
LATENCIES = (0, 20, 100)
LIMITED_CASES = 300
LIMITS = (Limit(100, 10, retry_after=True), Limit(100, 10, retry_after=False))

RUNS = ((8.0, 5), (16.0, 3))
"""Seconds that a run may take, and how many runs there are then; one that takes longer is measured once."""


def runs_wanted(seconds: float) -> int:
    return next((runs for limit, runs in RUNS if seconds <= limit), 1)


def every_work() -> Iterator[Work]:
    for latency in LATENCIES:
        for kind in KINDS:
            for cases in CASES:
                yield Work(cases, kind, latency)
    for limit in LIMITS:
        yield Work(LIMITED_CASES, "new", 0, limit)


def quick_work() -> Iterator[Work]:
    """Something of everything, in less than a minute."""
    for work in every_work():
        if work.latency == 20 and work.cases in (1, 100):
            yield work
    yield Work(20, "new", 0, Limit(30, 1, retry_after=True))


def one_run(rival: Rival, work: Work, server: Server, scratch: Path) -> dict[str, Any]:
    """Do the work once and see that it was done. Raises `CommandFailed`."""
    server.control("POST", "reset")
    server.control("POST", "load", {"cases": work.data()})
    limit = asdict(work.limit) if work.limit else None
    server.control("POST", "settings", {"latency_ms": work.latency, "rate_limit": limit})
    command = rival.command(work, server.url, scratch)
    busy = server.cpu()
    cost = run(command, os.environ, scratch / "log")
    busy = server.cpu() - busy
    log = server.control("GET", "requests")
    missed = [] if rival.idle else undone(server.control("GET", "state")["cases"])
    if missed:
        raise CommandFailed(f"{rival.title} did not do the work: {len(missed)} of {work.cases} cases are not as wanted")
    refused = sum(request["status"] == 429 for request in log["requests"])
    failed = sum(not 200 <= (request["status"] or 0) < 300 for request in log["requests"]) - refused
    return {
        **asdict(cost),
        "requests": log["count"],
        "refused": refused,
        "failed": failed,
        "connections": log["connections"],
        "server_cpu": busy,
    }


def measured(work: Work, rivals: list[Rival], once: bool, server: Server, scratch: Path) -> list[dict[str, Any]]:
    """All runs of all rivals for one piece of work, one after the other in turns, so that noise hits all alike.

    A rival that fails is out of it, with the reason among the results.
    """
    results: list[dict[str, Any]] = []
    rest = [rival for rival in rivals if rival.takes(work)]
    runs: dict[str, list[dict[str, Any]]] = {rival.name: [] for rival in rest}
    while rest:
        for rival in list(rest):
            done = runs[rival.name]
            failure = None
            try:
                done.append(one_run(rival, work, server, scratch))
            except CommandFailed as error:
                failure = str(error)
                print(f"\n{failure}", file=sys.stderr)
            if failure or once or len(done) >= runs_wanted(done[0]["wall"]):
                rest.remove(rival)
                results.append({"rival": rival.name, **asdict(work), "runs": done, "failure": failure})
                seconds = f"{len(done)} x {done[0]['wall']:8.3f} s" if done else "failed"
                print(f"{rival.name:>6} {seconds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return results


def machine() -> dict[str, Any]:
    """Where it is measured and with what."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    curl = subprocess.run(["curl", "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": model,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "ansible-core": version("ansible-core"),
        "requests": version("requests"),
        "urllib3": version("urllib3"),
        "curl": curl,
        "concurrency": CONCURRENCY,
        "buttons": len(BUTTONS),
    }


def numbers(text: str) -> set[int]:
    return {int(part) for part in text.split(",")}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures every way to seed buttons, side by side.")
    parser.add_argument("--results", type=Path, required=True, help="directory for results.json and results.md")
    parser.add_argument("--quick", action="store_true", help="a few small pieces of work, each once: is it all right?")
    parser.add_argument("--once", action="store_true", help="one run each instead of up to five")
    parser.add_argument("--rivals", help="only these, such as c,d")
    parser.add_argument("--cases", type=numbers, help="only so many cases, such as 1,100")
    parser.add_argument("--latency", type=numbers, help="only these latencies, in milliseconds")
    parser.add_argument("--kind", choices=[*KINDS], help="only this kind of work")
    return parser.parse_args()


def chosen(given: argparse.Namespace) -> tuple[list[Work], list[Rival]]:
    names = {rival.name for rival in RIVALS} if given.rivals is None else set(given.rivals.split(","))
    works = [
        work
        for work in (quick_work() if given.quick else every_work())
        if (given.cases is None or work.cases in given.cases)
        and (given.latency is None or (work.latency in given.latency and work.limit is None))
        and given.kind in (None, work.kind)
    ]
    return works, [rival for rival in RIVALS if rival.name in names]


def main() -> None:
    given = options()
    given.results.mkdir(parents=True, exist_ok=True)
    works, rivals = chosen(given)
    begun = time.monotonic()
    results: dict[str, Any] = {"machine": machine(), "results": []}
    with tempfile.TemporaryDirectory() as place, Server(Path(place)) as server:
        scratch = Path(place)
        for rival in rivals:
            one_run(rival, Work(1, "unchanged", 0), server, scratch)  # fills caches
        for number, work in enumerate(works, start=1):
            limit = ", rate limit" if work.limit else ""
            what = f"{number:>3}/{len(works)} {work.cases} {work.kind}, {work.latency} ms{limit}:"
            print(what, end="", file=sys.stderr, flush=True)
            results["results"] += measured(work, rivals, given.quick or given.once, server, scratch)
        results["profile"] = profile(server, scratch, quick=given.quick)
    results["machine"]["minutes"] = round((time.monotonic() - begun) / 60, 1)
    (given.results / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = report.markdown(results)
    (given.results / "results.md").write_text(text, encoding="utf-8")
    print(text)
    if any(entry["failure"] for entry in results["results"]):
        sys.exit("Not every rival did its work; see above.")


if __name__ == "__main__":
    main()
