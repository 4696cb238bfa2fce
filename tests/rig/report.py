# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say how the whole test run went: ``python report.py RESULTS STATUS``.

RESULTS is a directory of JUnit files, one or a subdirectory of them a session; STATUS is the exit status of the
sessions. Prints a line a session and ``N passed, M failed`` as the last one, and exits with 1 if anything failed.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

# A play's report has every task, as "[host] play: role : task". Tests are those that assert; the others prepare.
TASK = re.compile(r"\[[^]]*\] [^:]*: ")
TEST_TASK = re.compile(TASK.pattern + r"(\S+ : )?Assert ")


def outcome(case: ElementTree.Element) -> str:
    """Return ``passed``, ``failed`` or ``skipped``."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def counts(file: Path) -> Counter[str]:
    """Count the outcomes in one JUnit file. Any task that failed counts, since a test could not go on there."""
    total: Counter[str] = Counter()
    for case in ElementTree.parse(file).iter("testcase"):
        name = case.get("name", "")
        result = outcome(case)
        if result == "failed" or TEST_TASK.match(name) or not TASK.match(name):
            total[result] += 1
    return total


def main(results: Path, status: int) -> int:
    total: Counter[str] = Counter()
    print("\nTests by session:")
    for entry in sorted(results.iterdir()) if results.is_dir() else []:
        files = sorted(entry.rglob("*.xml")) if entry.is_dir() else [entry]
        session = sum((counts(file) for file in files), Counter[str]())
        total += session
        print(f"  {entry.name.removesuffix('.xml'):<22} {session['passed']:>5} passed {session['failed']:>4} failed")
    if status and not total["failed"]:
        print("A session failed outside its tests; the lines above the table say why.")
        total["failed"] = 1
    print(f"{total['passed']} passed, {total['failed']} failed")
    return 1 if status or total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
