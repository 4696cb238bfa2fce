# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Documents that go with a comment: read and checked before anything is sent."""

from __future__ import annotations

import base64
import mimetypes
import os
from collections.abc import Iterable
from typing import Any

from .._core.errors import OptionError
from .fields import REQUEST_NAMES

MAX_BYTES = 10 * 1024 * 1024
"""All documents of a comment together. The vendor names no limit; this one keeps a request within reason."""

UNKNOWN_TYPE = "application/octet-stream"


def read_documents(given: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The documents as they are sent. Raises `OptionError` where one cannot be used."""
    documents = []
    total = 0
    for number, entry in enumerate(given, start=1):
        where = f"documents: entry {number}"
        path = entry.get("path")
        filename = entry.get("filename") or os.path.basename(path or "")
        if not filename:
            raise OptionError(f"{where} has content and needs a filename too.")
        content = _file(path, where, MAX_BYTES - total) if path else _encoded(entry.get("content") or "", where)
        if not content:
            raise OptionError(f"{where} ({filename}) is empty.")
        total += len(content)
        if total > MAX_BYTES:
            raise OptionError(
                f"{where} ({path or filename}) makes the documents larger than {MAX_BYTES // 1024 // 1024} MiB "
                "together, the most that this module sends."
            )
        documents.append(
            {
                REQUEST_NAMES["filename"].text: filename,
                REQUEST_NAMES["content_type"].text: entry.get("content_type") or _guessed_type(filename),
                REQUEST_NAMES["content"].text: base64.b64encode(content).decode("ascii"),
            }
        )
    return documents


def _encoded(text: str, where: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:  # what a lookup makes of a file that is no text
        raise OptionError(f"{where}: its content is no text. Give the file with path.") from error


def _file(path: str, where: str, most: int) -> bytes:
    if not os.path.exists(path):
        raise OptionError(f"{where}: {path} does not exist on the host that the task runs on.")
    if os.path.isdir(path):
        raise OptionError(f"{where}: {path} is a directory, not a file.")
    if not os.path.isfile(path):
        raise OptionError(f"{where}: {path} is no regular file.")
    try:
        with open(path, "rb") as stream:
            return stream.read(most + 1)  # one byte more tells that it is too large, whatever its size
    except OSError as error:
        raise OptionError(f"{where}: {path} cannot be read: {error.strerror}.") from error


def _guessed_type(filename: str) -> str:
    """Guessed by the name, from Python's own table: what the host has installed makes no difference."""
    kind, encoding = mimetypes.MimeTypes().guess_type(filename)
    return kind if kind and not encoding else UNKNOWN_TYPE
