# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Files of this machine, read once, hashed, and ready to be sent in JSON."""

from __future__ import annotations

import base64
import io
import os
import stat
from dataclasses import dataclass
from typing import BinaryIO

from .errors import OptionError
from .hashes import Hashes
from .values import size_text

_CHUNK = 3 * 64 * 1024  # base64 has four characters for three bytes, so pieces of it can be joined


@dataclass(frozen=True, repr=False)
class FileContent:
    """What a file contains. Whoever shows it shows its checksum."""

    base64: str
    hashes: Hashes

    def __repr__(self) -> str:
        return repr(self.hashes.checksum())


def content_of(content: bytes) -> FileContent:
    return _read(io.BytesIO(content), len(content))


def read_file(path: str, most: int, option: str = "path") -> FileContent:
    """Read a file of at most so many bytes. option: which option names it.

    Raises `OptionError` if it cannot be used, also if it changes meanwhile: half of a file is evidence of nothing.
    """
    try:
        with open(path, "rb", opener=_open) as stream:
            before = os.fstat(stream.fileno())
            _check_file(before, path, most, option)
            content = _read(stream, before.st_size or most)  # special files do not tell their size
            after = os.fstat(stream.fileno())
    except FileNotFoundError as error:
        raise OptionError(f"{option}: {path} does not exist on the host that the task runs on.") from error
    except IsADirectoryError as error:
        raise OptionError(f"{option}: {path} is a directory, not a file.") from error
    except (OSError, ValueError) as error:  # a ValueError: no path has a NUL
        reason = getattr(error, "strerror", None) or str(error)
        raise OptionError(f"{option}: {path} cannot be read: {reason}.") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise OptionError(f"{option}: {path} changed while it was read. Nothing was sent. Run the task again.")
    if content.hashes.size > most:
        raise _too_large(path, f"more than {size_text(most)}", most, option)
    return content


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a FIFO that nobody writes to must not be waited for


def _check_file(status: os.stat_result, path: str, most: int, option: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OptionError(f"{option}: {path} is no regular file.")
    if status.st_size > most:
        raise _too_large(path, size_text(status.st_size), most, option)


def _too_large(path: str, size: str, most: int, option: str) -> OptionError:
    return OptionError(
        f"{option}: {path} has {size}, and max_bytes allows {size_text(most)}. Nothing was sent. "
        "Raise max_bytes if the server takes larger files."
    )


def _read(stream: BinaryIO, most: int) -> FileContent:
    """Read up to the end, or until there is more than the most that is wanted."""
    hashes, pieces = Hashes(), []
    while hashes.size <= most:
        chunk = stream.read(_CHUNK)
        if not chunk:
            break
        hashes.update(chunk)
        pieces.append(base64.b64encode(chunk).decode("ascii"))
    return FileContent("".join(pieces), hashes)
