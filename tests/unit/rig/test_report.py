# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last line of a test run is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.casework.cases.tests.rig.report import main

PYTEST = """<testsuites><testsuite>
<testcase name="test_a"/>
<testcase name="test_b"><skipped message="no"/></testcase>
{}
</testsuite></testsuites>"""

PLAY = """<testsuites><testsuite>
<testcase name="[testhost] testhost: setup_simulator : Start a simulator"/>
<testcase name="[testhost] testhost: setup_simulator : Assert that it runs that=['a : b']"/>
<testcase name="[testhost] testhost: Assert that it stops"/>
<testcase name="[testhost] testhost: Say what to Assert that=[': Assert ']"/>
<testcase name="[testhost] testhost: Assert what does not apply"><skipped/></testcase>
{}
</testsuite></testsuites>"""

FAILED_TASK = '<testcase name="[testhost] testhost: Load data"><error message="no"/></testcase>'


def report(place: Path, status: int, play: str = "", *, directory: str = "results") -> int:
    (place / "results" / "integration").mkdir(parents=True)
    (place / "results" / "units.xml").write_text(PYTEST.format(""), encoding="utf-8")
    (place / "results" / "integration" / "target.xml").write_text(PLAY.format(play), encoding="utf-8")
    return main(place / directory, status)


@pytest.mark.parametrize(
    ("status", "play", "result", "line"),
    [
        pytest.param(0, "", 0, "3 passed, 0 failed", id="all passed"),
        pytest.param(1, FAILED_TASK, 1, "3 passed, 1 failed", id="a task that is no test failed"),
        pytest.param(1, "", 1, "3 passed, 1 failed", id="a session failed outside its tests"),
        pytest.param(0, FAILED_TASK, 1, "3 passed, 1 failed", id="a failure that no session told"),
    ],
)
def test_counts_what_asserts_and_what_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], status: int, play: str, result: int, line: str
) -> None:
    assert report(tmp_path, status, play) == result
    assert capsys.readouterr().out.splitlines()[-1] == line


def test_no_test_at_all_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(tmp_path, 0, directory="elsewhere") == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 0 failed"
