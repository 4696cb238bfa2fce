# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.
"""The files of a case, found by their name. The API cannot change one, so a new one takes its place."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from .._core.download import Download
from .._core.errors import OptionError, RequestError, ResponseError, TooLargeError
from .._core.execution import ModuleContext
from .._core.local_files import FileContent, content_of, read_file
from .._core.values import size_text
from .client import Tines
from .endpoints import Endpoint, Item
from .people import author_of
from .subresource import DesiredItems, Field, ItemsPlan, Kind, plan_items
from .subresource_apply import list_items

MAX_BYTES = 25 * 1024 * 1024
"""Bytes of a file that are sent or received by default. The vendor names no limit."""

UNKNOWN = "unknown"
"""The checksum of a file of which the server tells neither a checksum nor the content."""

NOT_OFFERED = (400, 403, 404, 405, 410, 422, 501)
"""The statuses by which a server may say that it has no such request."""

HASHES = {"sha256": ("sha256", 64), "sha56": ("sha256", 64), "md5": ("md5", 32)}
"""The hashes that the description of a file may have, best first, and their digits. One spelling is the vendor's."""

SIZES = ("sizeinbytes", "size")
"""The keys under which the description of a file may have its size."""


def _named(item: Item) -> Item:
    """A file with its name where those of other things are."""
    file = item.get("file")
    return {**item, "filename": file.get("filename")} if isinstance(file, dict) else item


def _same_content(shown: str | None, content: FileContent) -> bool:
    return shown == UNKNOWN or content.hashes.match(shown)


# https://www.tines.com/docs/api/cases/files/ (2025-07-11, create 2025-04-01)
FILES = Kind(
    noun="file",
    plural="files",
    endpoint=Endpoint("/api/v2/cases/{parent}/files", items="files", shape=_named),
    key="filename",
    fields={
        "filename": Field("filename"),
        "checksum": Field(
            "file_contents",
            shown="checksum",
            show_as=lambda content: content.hashes.checksum(),
            same=_same_content,
            send=lambda content: content.base64,
        ),
        "value": Field("value", compared=False),
        "author_email": Field("author_email", compared=False),
    },
    updates=False,
    owner=author_of,
)


def files_like(content: FileContent | None, warn: Callable[[str], None]) -> Kind:
    """The files of a case, to be compared with a content. warn: is told if that is not possible."""
    return replace(FILES, read=partial(_read_checksum, content, warn)) if content else FILES


def _read_checksum(content: FileContent, warn: Callable[[str], None], client: Tines, case_id: int, item: Item) -> Item:
    """What tells whether a file has the content: its hash, its size, or the file itself."""
    info = read_info(client, case_id, item["id"])
    checksum, size = checksum_in(info), size_in(info)
    if checksum is None and size not in (None, content.hashes.size):
        checksum = f"size:{size}"
    if checksum is None:
        checksum = _downloaded_checksum(content, client, case_id, item["id"])
    if checksum is None:
        warn(
            f"The server shows neither a checksum nor the content of the file {item['filename']!r} of case {case_id}, "
            "so it counts as the same by its name alone. With force it is replaced."
        )
        checksum = UNKNOWN
    return {"checksum": checksum}


def read_info(client: Tines, case_id: int, file_id: int) -> Item:
    """The description of a file; empty if the server has none, which it need not."""
    try:
        return client.get_file_info(case_id, file_id)
    except RequestError as error:
        if not isinstance(error, ResponseError) or error.status in (401, 429):
            raise
        return {}


def checksum_in(info: Item) -> str | None:
    """The best checksum that the description of a file has, as `sha256:...` or `md5:...`."""
    for key, (name, digits) in HASHES.items():
        value = str(info.get(key) or "").lower()
        if len(value) == digits and not value.strip("0123456789abcdef"):
            return f"{name}:{value}"
    return None


def size_in(info: Item) -> int | None:
    """The size that the description of a file has, in bytes."""
    sizes = (info.get(key) for key in SIZES)
    return next((size for size in sizes if isinstance(size, int) and not isinstance(size, bool)), None)


def _downloaded_checksum(content: FileContent, client: Tines, case_id: int, file_id: int) -> str | None:
    download = Download(content.hashes.size)
    try:
        client.download_file(case_id, file_id, download)
    except TooLargeError:
        return f"size:>{content.hashes.size}"
    except RequestError as error:
        if error.status in NOT_OFFERED:
            return None
        raise
    return download.hashes.checksum()


def plan_new_file(context: ModuleContext[Tines], kind: Kind, case_id: int, desired: DesiredItems) -> ItemsPlan:
    """The plan that replaces a file whatever it contains."""
    unread = [{**item, "checksum": None} for item in list_items(context, kind, case_id)]
    return plan_items(kind, case_id, unread, desired)


# Options


def parse_file(params: Mapping[str, Any]) -> DesiredItems:
    """What the file should be; it is read here if it must be there. Raises `OptionError`."""
    state, path, content = params["state"], params["path"], params["content"]
    if state == "present" and path is None and content is None:
        raise OptionError("path or content is required, the file that the case gets.")
    filename = params["filename"]
    if filename is None and path is None:
        raise OptionError("filename is required if there is no path.")
    item: Item = {"filename": parse_filename(os.path.basename(path) if filename is None else filename)}
    if state == "present":
        item["checksum"] = _content(path, content, params["max_bytes"])
    given = {name: params[name] for name in ("value", "author_email") if params[name] is not None}
    return DesiredItems(({**item, **given},), state, author=params["author_email"])


def parse_filename(filename: str) -> str:
    """A file name that leads nowhere else. Raises `OptionError`."""
    odd = filename in ("", ".", "..") or "/" in filename or "\\" in filename or not filename.isprintable()
    if odd:
        raise OptionError(
            f"filename: {filename!r} is no file name. It must not be empty, and must contain no path separators or "
            "control characters."
        )
    return filename


def _content(path: str | None, content: str | None, most: int) -> FileContent:
    if most < 1:
        raise OptionError("max_bytes must be 1 or more.")
    if path is not None:
        return read_file(path, most)
    try:
        encoded = (content or "").encode("utf-8")
    except UnicodeEncodeError as error:  # what a lookup makes of a file that is no text
        raise OptionError("content is no text. Give the file with path.") from error
    if len(encoded) > most:
        raise OptionError(
            f"content has {size_text(len(encoded))}, and max_bytes allows {size_text(most)}. Nothing was sent."
        )
    return content_of(encoded)
