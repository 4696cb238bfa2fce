# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file of a case that is saved here: whole or not at all, whatever the server shows of it."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Result, assert_failure

Run = Callable[..., Result]
Simulate = Callable[..., dict[str, Any]]

CONTENT = bytes(range(256)) * 1000
DOWNLOAD = {"path": ".*/download"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The directory for what is saved."""
    place = tmp_path / "place"
    place.mkdir()
    return place


@pytest.fixture
def fetch(run: Run, place: Path) -> Run:
    """Saves the file a.bin of case 7."""

    def fetch(check_mode: bool = False, **options: Any) -> Result:
        named = {} if "id" in options else {"filename": "a.bin"}
        given = {"case_id": 7, "dest": str(place / "a.bin"), **named, **options}
        return run("case_file_fetch", given, check_mode=check_mode)

    return fetch


@pytest.fixture(autouse=True)
def case(simulator_task: Simulate) -> None:
    load_files(simulator_task, "a.bin", "b.bin")


def load_files(simulator_task: Simulate, *names: str) -> None:
    """Case 7 has these files, all with the same content."""
    entries = [{"filename": name, "file_contents": base64.b64encode(CONTENT).decode()} for name in names]
    simulator_task(reset=True, load={"cases": [{"case_id": 7, "files": entries}]}, forget=True)


def requests_for_content(simulator_task: Simulate) -> int:
    return len([each for each in simulator_task()["requests"] if each["path"].endswith("/download")])


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("hashes", [["sha256"], ["md5"], ["md5", "sha256"], [], None])
@pytest.mark.parametrize("there", [None, b"Old", CONTENT])
def test_check_mode_predicts_whatever_the_server_shows(
    hashes: list[str] | None, there: bytes | None, fetch: Run, place: Path, simulator_task: Simulate
) -> None:
    simulator_task(settings={"file_info": hashes is not None, "file_info_hashes": hashes or []})
    if there is not None:
        (place / "a.bin").write_bytes(there)
    before = sorted(place.iterdir())
    predicted = fetch(check_mode=True)
    assert sorted(place.iterdir()) == before
    real = fetch()
    assert not real.failed, real["msg"]
    assert predicted["diff"] == real["diff"]
    assert predicted["file"] == real["file"]
    assert predicted.changed == real.changed == (there != CONTENT)
    assert (place / "a.bin").read_bytes() == CONTENT
    assert [path.name for path in place.iterdir()] == ["a.bin"]
    assert not fetch().changed


def test_what_is_there_is_not_downloaded_again(fetch: Run, simulator_task: Simulate) -> None:
    assert fetch().changed
    assert not fetch().changed
    assert requests_for_content(simulator_task) == 1
    assert not fetch(force=True).changed
    assert not fetch(check_mode=True, force=True).changed
    assert requests_for_content(simulator_task) == 3


def test_a_directory_gets_the_name_that_the_file_has(fetch: Run, place: Path) -> None:
    file_id = fetch(dest=str(place))["file"]["id"]
    assert (place / "a.bin").read_bytes() == CONTENT
    other = fetch(id=file_id + 1, dest=f"{place}/")
    assert other["file"]["dest"] == str(place.resolve() / "b.bin")
    assert (place / "b.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["../a", "a\\b", "..", "a\x1b"])
def test_a_name_of_the_server_leads_nowhere_else(name: str, fetch: Run, place: Path, simulator_task: Simulate) -> None:
    load_files(simulator_task, name)
    assert_failure(fetch(filename=name, dest=str(place)), "filename: .* is no file name")
    assert list(place.iterdir()) == []
    assert fetch(filename=name).changed  # the user says where


def test_mode_is_set_and_kept(fetch: Run, place: Path) -> None:
    file = place / "a.bin"
    fetch()
    mask = os.umask(0)
    os.umask(mask)
    assert mode_of(file) == 0o666 & ~mask
    for given, wanted in (("0600", 0o600), (0o640, 0o640), ("g-r,o=r", 0o604)):
        predicted, real = fetch(check_mode=True, mode=given), fetch(mode=given)
        assert (predicted.changed, real.changed) == (True, True)
        assert predicted["diff"] == real["diff"]
        assert real["diff"]["after"]["mode"] == f"{wanted:04o}"
        assert mode_of(file) == wanted
        assert not fetch(mode=given).changed
    file.write_bytes(b"Old")
    assert fetch().changed
    assert mode_of(file) == 0o604


def test_owner_and_group_are_set(fetch: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "chown", lambda _path, uid, gid: given.append((uid, gid)))
    assert fetch(owner=str(os.geteuid()), group=str(os.getegid())).changed
    assert given == [(os.geteuid(), os.getegid())]
    result = fetch(check_mode=True, owner="54321")
    assert result["diff"]["after"]["owner"] == "54321"
    assert result.changed
    assert_failure(fetch(owner="nobody-of-that-name"), "^owner: 'nobody-of-that-name' does not exist on the host")


def test_an_owner_that_may_not_be_given_fails_before_the_file_is_replaced(
    fetch: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    assert_failure(fetch(owner="54321"), r"The mode or owner of .*a\.bin cannot be set: Operation not permitted\.")
    assert list(place.iterdir()) == []


def test_a_link_stays_and_what_it_leads_to_is_written(fetch: Run, place: Path, tmp_path: Path) -> None:
    (place / "a.bin").symlink_to(tmp_path / "elsewhere")
    assert fetch().changed
    assert (place / "a.bin").is_symlink()
    assert (tmp_path / "elsewhere").read_bytes() == CONTENT


# Faults


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "cut_body", "status"])
def test_a_download_that_breaks_off_is_tried_again(
    kind: str, fetch: Run, place: Path, simulator_task: Simulate
) -> None:
    simulator_task(faults={"kind": kind, "status": 502, "match": DOWNLOAD, "times": 2})
    result = fetch()
    assert not result.failed, result["msg"]
    assert (place / "a.bin").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"kind": "cut_body"}, "part of the file only|connection broke"),
        ({"kind": "truncated_json"}, "arrived as sha256"),
        ({"kind": "empty_body"}, "arrived as sha256"),
        ({"kind": "drop_after"}, "connection broke"),
        ({"kind": "status", "status": 404}, "failed: 404"),
        ({"kind": "html"}, "an HTML page instead of the file"),
        ({"kind": "redirect", "location": "https://elsewhere.example/"}, "which is not followed"),
        (
            {"kind": "wrong_shape"},
            r"arrived as sha256:\w+, and the server says that it is sha256:\w+\. It was not saved",
        ),
    ],
)
@pytest.mark.parametrize("there", [None, b"Old"])
def test_no_part_of_a_file_is_ever_at_its_place(
    fault: dict[str, Any], said: str, there: bytes | None, fetch: Run, place: Path, simulator_task: Simulate
) -> None:
    if there is not None:
        (place / "a.bin").write_bytes(there)
    simulator_task(faults={**fault, "match": DOWNLOAD, "times": 100})
    assert_failure(fetch(retries=2), said)
    left = {path.name: path.read_bytes() for path in place.iterdir()}
    assert left == ({} if there is None else {"a.bin": there})


def test_a_signal_leaves_nothing_behind(fetch: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    assert "Interrupted by a signal" in fetch()["msg"]
    assert list(place.iterdir()) == []


def test_a_full_disk_is_told_in_a_sentence(fetch: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    (place / "a.bin").write_bytes(b"Old")
    monkeypatch.setattr(os, "fsync", fail)
    assert_failure(fetch(), r"a\.bin cannot be written: No space left on device\.")
    assert [path.read_bytes() for path in place.iterdir()] == [b"Old"]


def test_a_file_that_is_too_large_is_not_saved(fetch: Run, place: Path) -> None:
    said = "more than 1000 bytes, which is not read. Raise max_bytes if the file is wanted all the same."
    assert_failure(fetch(max_bytes=1000), said)
    assert list(place.iterdir()) == []


# What cannot be


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"filename": "c.bin"}, r"^Case 7 has no file with the filename 'c\.bin'\."),
        ({"id": 1}, "^Case 7 has no file with the ID 1:"),
        ({"case_id": 8}, "^Case 8 was not found:"),
        ({"case_id": 0}, "0 is not a case ID"),
        ({"case_id": None}, "case_id"),
        ({"filename": None}, "filename or id is required but empty"),
        ({"dest": ""}, "dest is required but empty"),
        ({"dest": "/a\x00b"}, "is no path"),
        ({"dest": "/nowhere/at/all/a"}, "^dest: the directory /nowhere/at/all does not exist"),
        ({"dest": "/nowhere/"}, "^dest: the directory /nowhere does not exist"),
        ({"max_bytes": 0}, "max_bytes must be 1 or more"),
        ({"mode": "rw"}, "^mode: 'rw' is no mode such as"),
        ({"mode": "9"}, "^mode: '9' is no mode"),
        ({"mode": "77777"}, "^mode: '77777' is no mode"),
        ({"mode": [1]}, "is no mode"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(options: dict[str, Any], said: str, fetch: Run) -> None:
    for check_mode in (True, False):
        if (check_mode, options) != (True, {"case_id": 0}):
            assert_failure(fetch(check_mode=check_mode, **options), said)


def test_two_files_with_the_name_are_told_by_their_ids(fetch: Run, simulator_task: Simulate) -> None:
    load_files(simulator_task, "a.bin", "a.bin")
    ids = [each["id"] for each in simulator_task()["cases"][0]["files"]]
    assert_failure(fetch(), rf"has 2 files with the filename 'a\.bin' \(IDs {ids[0]}, {ids[1]}\)\. Give the id of one")
    assert fetch(id=ids[1])["file"]["id"] == ids[1]


def test_a_place_that_is_no_file_is_refused(fetch: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(place / "a.bin")
    assert_failure(fetch(), r"^dest: .*a\.bin is no regular file\.$")
    monkeypatch.setattr(os, "access", lambda *_args: False)  # root, as which tests may run, may write everywhere
    assert_failure(fetch(check_mode=True), r"^dest: the directory .*place cannot be written to\.$")


def test_a_case_that_will_exist_takes_no_request(fetch: Run) -> None:
    predicted = fetch(check_mode=True, case_id=0)
    assert predicted.changed
    assert predicted["api_requests"] == 0
    assert sorted(predicted) == sorted(fetch())


def test_the_checksum_is_that_of_the_content(fetch: Run) -> None:
    assert fetch()["file"]["checksum"] == f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
