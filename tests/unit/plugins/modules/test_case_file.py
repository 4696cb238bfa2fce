# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file of a case: what is read here, what the server shows of it, and what goes wrong on the way."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.casework.cases.tests.unit.in_process import Result, Run, assert_failure

Simulate = Callable[..., dict[str, Any]]

OLD, NEW = b"Old findings", b"New findings\x00\xff"
DOWNLOAD, INFO = ".*/download", ".*/info"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def checksum(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def unoffered(path: str, status: int = 404) -> dict[str, Any]:
    return {"kind": "status", "status": status, "times": 1000, "match": {"path": path}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file that is to be attached."""
    file = tmp_path / "a.bin"
    file.write_bytes(NEW)
    return file


@pytest.fixture
def attach(run: Run, file: Path) -> Run:
    """Attaches it to case 7."""

    def attach(check_mode: bool = False, **options: Any) -> Result:
        given = {} if "content" in options else {"path": str(file)}
        return run("case_file", {"case_id": 7, **given, **options}, check_mode=check_mode)

    return attach


@pytest.fixture(autouse=True)
def case(simulator_task: Simulate) -> None:
    simulator_task(load={"cases": [{"case_id": 7}]}, forget=True)


@pytest.fixture
def old(simulator_task: Simulate, file: Path) -> None:
    """The case has a file of that name with another content."""
    entry = {"filename": file.name, "file_contents": encoded(OLD)}
    simulator_task(reset=True, load={"cases": [{"case_id": 7, "files": [entry]}]}, forget=True)


def files(simulator_task: Simulate) -> list[dict[str, Any]]:
    (case,) = simulator_task()["cases"]
    return list(case["files"])


def posted(simulator_task: Simulate) -> list[bytes]:
    """The contents of the files that were sent."""
    requests = [each for each in simulator_task()["requests"] if each["method"] == "POST"]
    return [base64.b64decode(each["body"]["file_contents"]) for each in requests]


# One plan


def test_a_file_is_sent_as_it_is_under_its_own_name(attach: Run, simulator_task: Simulate) -> None:
    predicted, real = attach(check_mode=True), attach()
    assert not real.failed, real["msg"]
    assert (predicted.changed, real.changed) == (True, True)
    assert predicted["diff"] == real["diff"]
    assert posted(simulator_task) == [NEW]
    assert real["file"]["file"]["filename"] == "a.bin"
    assert real["file"]["checksum"] == checksum(NEW)
    assert not attach().changed
    assert attach(state="absent").changed
    assert not attach(state="absent").changed
    assert files(simulator_task) == []


@pytest.mark.parametrize("hashes", [["sha256"], ["md5"], ["md5", "sha256"], []])
@pytest.mark.parametrize("info", [True, False])
def test_another_content_is_found_whatever_the_server_shows(
    hashes: list[str], info: bool, old: None, attach: Run, simulator_task: Simulate
) -> None:
    simulator_task(settings={"file_info": info, "file_info_hashes": hashes})
    predicted, real = attach(check_mode=True), attach()
    assert not real.failed, real["msg"]
    assert real.changed
    assert predicted["diff"] == real["diff"]
    assert real.warnings == []
    assert len(files(simulator_task)) == 1
    assert not attach().changed


def test_a_file_of_another_size_is_not_downloaded(old: None, attach: Run, simulator_task: Simulate) -> None:
    simulator_task(settings={"file_info_hashes": []})
    result = attach(check_mode=True)
    assert result.changed
    assert result["diff"]["before"]["files"] == [{"filename": "a.bin", "checksum": f"size:{len(OLD)}"}]
    assert [each["path"] for each in simulator_task()["requests"] if "download" in each["path"]] == []


def test_a_file_that_is_much_larger_is_not_read_to_its_end(attach: Run, simulator_task: Simulate) -> None:
    entry = {"filename": "a.bin", "file_contents": encoded(bytes(1000))}
    simulator_task(reset=True, settings={"file_info": False}, load={"cases": [{"case_id": 7, "files": [entry]}]})
    result = attach(check_mode=True)
    assert result.changed
    assert result["diff"]["before"]["files"][0]["checksum"] == f"size:>{len(NEW)}"


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_without_checksum_and_content_the_name_counts_and_a_warning_says_so(
    status: int, old: None, attach: Run, simulator_task: Simulate
) -> None:
    simulator_task(faults=[unoffered(INFO, status), unoffered(DOWNLOAD, status)])
    result = attach()
    assert (result.failed, result.changed) == (False, False)
    assert result["file"]["checksum"] == "unknown"
    (warning,) = result.warnings
    assert warning.startswith(
        "The server shows neither a checksum nor the content of the file 'a.bin' of case 7, so it "
    )
    forced = attach(force=True)
    assert not forced.failed, forced["msg"]
    assert forced.changed
    assert posted(simulator_task) == [NEW]
    assert len(files(simulator_task)) == 1


def test_a_download_that_fails_is_no_reason_to_take_files_for_equal(
    old: None, attach: Run, simulator_task: Simulate
) -> None:
    simulator_task(faults=[unoffered(INFO), unoffered(DOWNLOAD, 500)])
    assert_failure(attach(), "download on .* failed: 500")
    assert posted(simulator_task) == []


def test_force_replaces_a_file_that_is_the_same(attach: Run, simulator_task: Simulate) -> None:
    first = attach()["file"]["id"]
    for _each_run in range(2):
        predicted, real = attach(check_mode=True, force=True), attach(force=True)
        assert (predicted.changed, real.changed) == (True, True)
        assert predicted["diff"] == real["diff"]
        assert real["file"]["id"] > first
        assert len(files(simulator_task)) == 1


def test_of_several_files_with_the_name_one_with_the_content_is_enough(attach: Run, simulator_task: Simulate) -> None:
    entries = [{"filename": "a.bin", "file_contents": encoded(content)} for content in (OLD, OLD, NEW)]
    simulator_task(reset=True, load={"cases": [{"case_id": 7, "files": entries}]})
    ids = [each["id"] for each in files(simulator_task)]
    result = attach()
    assert (result.failed, result.changed, result["file"]["id"]) == (False, False, ids[2])
    said = rf"Case 7 has 3 files with the filename 'a\.bin' \(IDs {', '.join(map(str, ids))}\)\. Remove all but one"
    assert_failure(attach(content="Other", filename="a.bin"), said)
    assert attach(state="absent").changed
    assert files(simulator_task) == []


def test_a_case_that_will_exist_takes_no_request(attach: Run, simulator_task: Simulate) -> None:
    predicted = attach(case_id=0, check_mode=True)
    assert predicted.changed
    assert predicted["api_requests"] == 0
    assert_failure(attach(case_id=0), "0 is not a case ID")


# Faults


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("info", [True, False])
def test_a_lost_response_never_gives_two_files(
    when: str, info: bool, old: None, attach: Run, simulator_task: Simulate
) -> None:
    simulator_task(settings={"file_info": info})
    simulator_task(faults={"kind": f"drop_{when}", "match": {"method": "POST"}})
    result = attach()
    assert not result.failed, result["msg"]
    (only,) = files(simulator_task)
    assert only["id"] == result["file"]["id"]
    assert not attach().changed


@pytest.mark.parametrize("seed", range(40))
def test_whatever_goes_wrong_no_file_is_doubled_or_lost(
    seed: int, old: None, attach: Run, simulator_task: Simulate
) -> None:
    dice = random.Random(seed)
    kinds = ("drop_before", "drop_after", "truncated_json", "empty_body", "wrong_shape", "status")
    faults = []
    for kind in dice.choices(kinds, k=dice.randint(1, 4)):
        match = {"method": dice.choice(["POST", "GET", "DELETE"])}
        faults.append({"kind": kind, "match": match, "status": dice.choice([500, 502, 503])})
    expected = attach(check_mode=True)["diff"]
    simulator_task(faults=faults)
    faulty = attach()
    names = [each["file"]["filename"] for each in files(simulator_task)]
    assert "a.bin" in names
    if not faulty.failed and faulty.changed:
        assert faulty["diff"] == expected
        assert names == ["a.bin"]
    simulator_task(disarm=True)
    clean = attach()
    assert not clean.failed, clean["msg"]
    assert clean["file"]["checksum"] == checksum(NEW)
    assert not attach().changed


def test_the_old_file_stays_if_the_server_refuses_the_new_one(old: None, attach: Run, simulator_task: Simulate) -> None:
    simulator_task(settings={"max_file_bytes": 3})
    before = files(simulator_task)
    assert_failure(attach(), r"Case 7, file 'a\.bin': .*file_contents must not exceed 3 bytes")
    assert files(simulator_task) == before
    assert simulator_task()["methods"].get("DELETE") is None


@pytest.mark.parametrize(
    "faults",
    [
        [{"kind": "status", "status": 201, "json": {}, "match": {"method": "POST"}}],
        [
            {"kind": "drop_before", "times": 1, "match": {"method": "POST"}},
            {"kind": "status", "status": 422, "match": {"method": "POST"}},
        ],
    ],
    ids=["taken and not done", "lost, then refused"],
)
def test_with_force_the_old_file_does_not_stand_for_the_new_one(
    faults: list[dict[str, Any]], attach: Run, simulator_task: Simulate
) -> None:
    kept = attach()["file"]["id"]
    simulator_task(faults=faults)
    assert attach(force=True, retries=1).failed
    assert [each["id"] for each in files(simulator_task)] == [kept]


def test_the_old_file_stays_if_the_new_one_is_not_what_was_sent(
    old: None, attach: Run, simulator_task: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base64, "b64encode", lambda _chunk: b"T3RoZXI=")
    result = attach()
    assert_failure(result, rf"did not do it: checksum is 'sha256:\w+' instead of '{checksum(NEW)}'")
    assert len(files(simulator_task)) == 2


def test_a_file_of_somebody_else_that_must_not_be_deleted_is_named(attach: Run, simulator_task: Simulate) -> None:
    entry = {"filename": "a.bin", "file_contents": encoded(OLD), "author_email": "jane@x.example"}
    simulator_task(reset=True, load={"cases": [{"case_id": 7, "files": [entry]}]})
    result = attach()
    assert_failure(
        result, r"The file \d+ is by jane@x\.example, and the server refused to delete it: .*Only its author"
    )
    assert len(files(simulator_task)) == 2
    again = attach()
    assert (again.failed, again.changed) == (False, False)
    assert_failure(attach(state="absent"), "is by jane@x.example, and the server refused to delete it")


def test_a_file_of_somebody_else_is_not_replaced_in_the_name_of_another(attach: Run, simulator_task: Simulate) -> None:
    entry = {"filename": "a.bin", "file_contents": encoded(OLD), "author_email": "jane@x.example"}
    simulator_task(reset=True, load={"cases": [{"case_id": 7, "files": [entry]}]}, forget=True)
    assert_failure(attach(author_email="joe@x.example"), "is by jane@x.example, and author_email is joe@x.example")
    assert simulator_task()["methods"] == {"GET": 2}


def test_an_author_that_the_server_replaced_is_warned_of(attach: Run, simulator_task: Simulate) -> None:
    simulator_task(settings={"ignored_fields": ["author_email"]})
    result = attach(author_email="jane@x.example")
    assert result.changed
    assert "The file was to be written by jane@x.example, and the server has it as by" in result.warnings[0]


# What is read here


def test_a_file_that_is_too_large_is_refused_before_anything_is_sent(
    attach: Run, file: Path, simulator_task: Simulate
) -> None:
    with file.open("r+b") as stream:
        stream.truncate(25 * 1024 * 1024 + 1)
    result = attach()
    assert_failure(result, r"^path: .*a\.bin has 26214401 bytes, and max_bytes allows 25 MiB\. Nothing was sent\.")
    assert simulator_task()["requests"] == []
    file.write_bytes(NEW)
    assert_failure(attach(max_bytes=len(NEW) - 1), "has 14 bytes, and max_bytes allows 13 bytes")
    assert_failure(attach(content="Four", filename="a", max_bytes=3), "^content has 4 bytes, and max_bytes allows 3")
    assert attach(max_bytes=len(NEW)).changed


def test_a_file_that_grows_while_it_is_read_is_refused(
    attach: Run, file: Path, simulator_task: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = base64.b64encode

    def grow(chunk: bytes) -> bytes:
        with file.open("ab") as stream:
            stream.write(b"more")
        return encode(chunk)

    monkeypatch.setattr(base64, "b64encode", grow)
    assert_failure(attach(), "changed while it was read. Nothing was sent.")
    assert simulator_task()["requests"] == []


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Path.mkdir, "is a directory, not a file"),
        (os.mkfifo, "is no regular file"),
        (lambda path: None, "does not exist on the host that the task runs on"),
        (bind, "cannot be read: "),
        (link_to_itself, "cannot be read: Too many levels of symbolic links"),
    ],
    ids=["directory", "FIFO", "missing", "socket", "loop"],
)
def test_what_is_no_file_is_refused(
    make: Callable[[Path], Any], said: str, run: Run, tmp_path: Path, simulator_task: Simulate
) -> None:
    make(tmp_path / "x")
    assert_failure(run("case_file", {"case_id": 7, "path": str(tmp_path / "x")}), f"^path: .*/x {said}")
    assert simulator_task()["requests"] == []


def test_a_file_that_nobody_may_read_is_refused(attach: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any) -> int:
        raise PermissionError(13, "Permission denied")  # root, as which tests may run, may read everything

    monkeypatch.setattr(os, "open", refuse)
    assert_failure(attach(), r"^path: .*a\.bin cannot be read: Permission denied\.$")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"path": None}, "path or content is required"),
        ({"content": "x"}, "filename is required if there is no path"),
        ({"path": None, "state": "absent"}, "filename is required if there is no path"),
        ({"filename": "../a"}, r"filename: '\.\./a' is no file name"),
        ({"filename": "a\\b"}, "is no file name"),
        ({"filename": ""}, "is no file name"),
        ({"filename": ".."}, "is no file name"),
        ({"filename": "a\x1b[0m"}, "is no file name"),
        ({"filename": "\udcff"}, "is no file name"),
        ({"path": "/somewhere/"}, "is no file name"),
        ({"path": "a\x00b", "filename": "a"}, "cannot be read: embedded null byte"),
        ({"content": "\udcff", "filename": "a"}, "content is no text. Give the file with path"),
        ({"max_bytes": 0}, "max_bytes must be 1 or more"),
        ({"case_id": None}, "case_id is required but empty"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(
    options: dict[str, Any], said: str, attach: Run, simulator_task: Simulate
) -> None:
    assert_failure(attach(**options), said)
    assert simulator_task()["requests"] == []


@pytest.mark.parametrize("content", ["", "x", "Grüße \U0001f6a8", "{{ lookup('pipe', 'id') }}", "line\r\nline\n"])
def test_text_is_sent_as_it_is(content: str, attach: Run, simulator_task: Simulate) -> None:
    result = attach(content=content, filename="a.txt")
    assert not result.failed, result["msg"]
    assert posted(simulator_task) == [content.encode()]
    assert not attach(content=content, filename="a.txt").changed


def test_the_content_is_told_nowhere(attach: Run, simulator_task: Simulate) -> None:
    content = "the-evidence-itself"
    simulator_task(settings={"max_file_bytes": 3})
    for result in (attach(content=content, filename="a"), attach(content=content, filename="a", check_mode=True)):
        assert content not in str(result)
        assert encoded(content.encode()) not in str(result)
