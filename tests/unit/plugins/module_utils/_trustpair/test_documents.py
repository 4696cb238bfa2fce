# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documents of a comment: what is sent, and what is refused before anything is."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import OptionError
from ansible_collections.casework.cases.plugins.module_utils._trustpair import documents
from ansible_collections.casework.cases.plugins.module_utils._trustpair.documents import read_documents


def test_a_file_is_sent_in_base64_under_its_own_name(tmp_path: Path) -> None:
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"\x00\xff")
    (sent,) = read_documents([{"path": str(letter), "content": None, "filename": None, "content_type": None}])
    assert sent == {
        "filename": "letter.pdf",
        "content_type": "application/pdf",
        "content": base64.b64encode(b"\x00\xff").decode(),
    }


def test_name_and_type_that_are_given_count(tmp_path: Path) -> None:
    letter = tmp_path / "x"
    letter.write_text("a")
    (sent,) = read_documents([{"path": str(letter), "filename": "l.txt", "content_type": "text/markdown"}])
    assert (sent["filename"], sent["content_type"]) == ("l.txt", "text/markdown")


@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        ("a.txt", "text/plain"),
        ("A.PNG", "image/png"),
        ("a", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
        ("a.tar.gz", "application/octet-stream"),
    ],
)
def test_the_type_is_guessed_by_the_name(filename: str, kind: str) -> None:
    (sent,) = read_documents([{"content": "é", "filename": filename}])
    assert sent["content_type"] == kind
    assert base64.b64decode(sent["content"]) == "é".encode()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"path": "missing.pdf"}, "does not exist"),
        ({"path": "directory"}, "is a directory"),
        ({"path": "empty.pdf"}, "is empty"),
        ({"path": "pipe"}, "is no regular file"),
        ({"content": "", "filename": "a.txt"}, "is empty"),
        ({"content": "%PDF\udce2", "filename": "a.pdf"}, "entry 2: its content is no text. Give the file with path"),
        ({"content": "text"}, "needs a filename"),
    ],
)
def test_a_document_that_cannot_be_used_is_named(
    entry: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "directory").mkdir()
    (tmp_path / "empty.pdf").touch()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OptionError) as refused:
        read_documents([{"content": "fine", "filename": "fine.txt"}, entry])
    assert said in refused.value.msg
    assert "entry 2" in refused.value.msg


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any) -> None:
        raise PermissionError(13, "Permission denied")

    secret = tmp_path / "secret.pdf"
    secret.write_text("a")
    monkeypatch.setattr(documents, "open", refuse, raising=False)
    with pytest.raises(OptionError, match=r"secret\.pdf cannot be read: Permission denied"):
        read_documents([{"path": str(secret)}])


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    """It has no blocks on the disk, and would not fit into memory."""
    huge = tmp_path / "huge.bin"
    with huge.open("wb") as stream:
        stream.truncate(1024**4)
    with pytest.raises(OptionError, match=r"huge\.bin\) makes the documents larger than 10 MiB"):
        read_documents([{"path": str(huge)}])


def test_all_documents_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 10)
    half = tmp_path / "half.bin"
    half.write_bytes(b"12345")
    assert len(read_documents([{"path": str(half)}] * 2)) == 2
    for one_more in ({"path": str(half)}, {"content": "6", "filename": "b.txt"}):
        with pytest.raises(OptionError, match="entry 3"):
            read_documents([{"path": str(half)}, {"path": str(half)}, one_more])
