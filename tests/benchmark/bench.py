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
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ansible_collections.casework.cases.tests.benchmark import report
from ansible_collections.casework.cases.tests.benchmark.costs import profile
from ansible_collections.casework.cases.tests.benchmark.measure import CommandFailed, Server, run
from ansible_collections.casework.cases.tests.benchmark.rivals import CONCURRENCY, ONE_AT_ONCE, SEEDING, Rival
from ansible_collections.casework.cases.tests.benchmark.rows import (
    PROFILE,
    QUICK,
    QUICK_LIMITED,
    chosen,
    every_work,
    merged,
    patterns,
    wanted,
)
from ansible_collections.casework.cases.tests.benchmark.work import BUTTONS, Work, undone

RUNS = ((8.0, 5), (16.0, 3))
"""Seconds that a run may take, and how many runs there are then; one that takes longer is measured once."""


def runs_wanted(seconds: float) -> int:
    return next((runs for limit, runs in RUNS if seconds <= limit), 1)


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
    missed = undone(server.control("GET", "state")["cases"])
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


def measured(work: Work, rivals: Sequence[Rival], once: bool, server: Server, scratch: Path) -> list[dict[str, Any]]:
    """All runs of all rivals for one piece of work, one after the other in turns, so that noise hits all alike.

    A rival that fails is out of it, with the reason among the results.
    """
    results: list[dict[str, Any]] = []
    rest = list(rivals)
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
                seconds = f"{len(done)} x {done[0]['wall']:.3f} s" if done else "failed"
                print(f"  {rival.name} {seconds}", end="", file=sys.stderr, flush=True)
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


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures every way to seed buttons, side by side.")
    parser.add_argument("--results", type=Path, required=True, help="results.json, to be written")
    parser.add_argument("--once", action="store_true", help="one run of each row instead of up to five")
    some = parser.add_mutually_exclusive_group()
    some.add_argument("--quick", action="store_true", help="some rows, once, without writing results: does it work?")
    some.add_argument(
        "--only",
        type=patterns,
        metavar="ROWS",
        help="only these rows; the others stay as they are. Names or patterns of names with commas between, such as "
        "'c/*,d/100/new/20'; 'targets' are the rows that targets need, 'profile' is where the time of a module goes",
    )
    return parser.parse_args()


def measure(only: Sequence[str], works: Sequence[Work], once: bool) -> dict[str, Any]:
    """Measure the rows that have such names. Returns what results.json has."""
    began = time.monotonic()
    begun = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    conditions = machine()
    results: dict[str, Any] = {"conditions": {begun: conditions}, "results": []}
    parts = chosen(only, works)
    with tempfile.TemporaryDirectory() as place, Server(Path(place)) as server:
        scratch = Path(place)
        for rival in SEEDING:
            one_run(rival, ONE_AT_ONCE, server, scratch)  # fills caches
        for number, (work, rivals) in enumerate(parts, start=1):
            print(f"{number:>3}/{len(parts)} {work.name}:", end="", file=sys.stderr, flush=True)
            results["results"] += [{**row, "begun": begun} for row in measured(work, rivals, once, server, scratch)]
        if wanted(PROFILE, only):
            results[PROFILE] = {**profile(server, scratch, quick=once), "begun": begun}
    conditions["minutes"] = round((time.monotonic() - began) / 60, 1)
    return results


def main() -> None:
    given = options()
    if given.quick:
        results = now = measure(QUICK, [*every_work(), QUICK_LIMITED], once=True)
    else:
        results = now = measure(given.only or ["*"], list(every_work()), given.once)
        if given.only:
            results = merged(json.loads(given.results.read_text(encoding="utf-8")), now)
        given.results.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(report.markdown(results))
    if any(entry["failure"] for entry in now["results"]):
        sys.exit("Not every rival did its work; see above.")


if __name__ == "__main__":
    main()
