# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Files that are written on this machine: complete or not at all, with the mode and owner that they are to have."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO

from .errors import CaseworkError, OptionError
from .hashes import Hashes

_CHUNK = 256 * 1024
_UNTOUCHED = -1  # what os.chown takes for an ID that stays


@dataclass(frozen=True)
class FileAttributes:
    """What a file is to have; None stays as it is. mode: from the mode that the file has to the one that it gets."""

    mode: Callable[[int], int] | None = None
    uid: int | None = None
    gid: int | None = None

    def of(self, mode: int, uid: int, gid: int) -> dict[str, str]:
        """Those that are asked for, as they are shown of a file that has these."""
        shown = {}
        if self.mode:
            shown["mode"] = f"{mode:04o}"
        if self.uid is not None:
            shown["owner"] = _name(lambda: pwd.getpwuid(uid).pw_name, uid)
        if self.gid is not None:
            shown["group"] = _name(lambda: grp.getgrgid(gid).gr_name, gid)
        return shown


@dataclass(frozen=True)
class LocalFile:
    """A place for a file on this machine. hashes: None if there is no file yet."""

    path: str
    hashes: Hashes | None
    mode: int
    uid: int
    gid: int

    def shown(self, algorithm: str, attributes: FileAttributes) -> dict[str, Any]:
        """The file as it is, with the attributes that are asked for."""
        if self.hashes is None:
            return {"path": self.path, "state": "absent"}
        checksum = self.hashes.checksum(algorithm)
        own = attributes.of(self.mode, self.uid, self.gid)
        return {"path": self.path, "state": "file", "checksum": checksum, **own}

    def predicted(self, checksum: str | None, attributes: FileAttributes) -> dict[str, Any]:
        """The file as it will be."""
        mode = attributes.mode(self.mode) if attributes.mode else self.mode
        uid = self.uid if attributes.uid is None else attributes.uid
        gid = self.gid if attributes.gid is None else attributes.gid
        return {"path": self.path, "state": "file", "checksum": checksum, **attributes.of(mode, uid, gid)}

    def apply(self, attributes: FileAttributes, path: str | None = None) -> None:
        """Give the attributes to the file, or to one that takes its place. Raises `CaseworkError`."""
        target = path or self.path
        uid = _UNTOUCHED if attributes.uid is None else attributes.uid
        gid = _UNTOUCHED if attributes.gid is None else attributes.gid
        try:
            if path and self.hashes:
                with contextlib.suppress(PermissionError):  # only root may give a file away
                    os.chown(target, self.uid, self.gid)
            if (uid, gid) != (_UNTOUCHED, _UNTOUCHED):
                os.chown(target, uid, gid)
            os.chmod(
                target, attributes.mode(self.mode) if attributes.mode else self.mode
            )  # after chown, which clears bits
        except OSError as error:
            raise CaseworkError(f"The mode or owner of {self.path} cannot be set: {error.strerror}.") from error


def local_file(path: str) -> LocalFile:
    """The file at a path, or the place for one. Raises `OptionError` if none can be written there."""
    directory = os.path.dirname(path) or "."
    if not os.path.isdir(directory):
        raise OptionError(f"dest: the directory {directory} does not exist on the host that the task runs on.")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise OptionError(f"dest: the directory {directory} cannot be written to.")
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return LocalFile(path, None, 0o666 & ~_umask(), os.geteuid(), os.getegid())
    except OSError as error:
        raise OptionError(f"dest: {path} cannot be used: {error.strerror}.") from error
    if not stat.S_ISREG(status.st_mode):
        raise OptionError(f"dest: {path} is no regular file.")
    return LocalFile(path, _hashes_of(path), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)


class NewFile:
    """A file that takes the place of another at once, when it is complete. Before, it has another name beside it.

    A context manager: what is not put into its place is gone at the end.
    """

    def __init__(self, place: LocalFile) -> None:
        self._place = place
        self._path: str | None = None
        self._stream: BinaryIO | None = None

    def __enter__(self) -> NewFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream:
            with contextlib.suppress(OSError):  # the disk is full, which was said already
                self._stream.close()
        if self._path:
            os.unlink(self._path)

    def open(self) -> BinaryIO:
        """Where the content is to be written. Nobody else can read it. Raises `CaseworkError`."""
        try:
            descriptor, self._path = tempfile.mkstemp(prefix=".casework-", dir=os.path.dirname(self._place.path) or ".")
        except OSError as error:
            raise CaseworkError(f"{self._place.path} cannot be written: {error.strerror}.") from error
        self._stream = os.fdopen(descriptor, "wb")
        return self._stream

    def put_in_place(self, attributes: FileAttributes) -> None:
        """Raises `CaseworkError` if that fails; the old file is still there then."""
        if self._stream is None or self._path is None:
            raise AssertionError("nothing was opened")
        self._place.apply(attributes, self._path)
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            os.replace(self._path, self._place.path)
        except OSError as error:
            raise CaseworkError(f"{self._place.path} cannot be written: {error.strerror}.") from error
        self._path = None


def _hashes_of(path: str) -> Hashes:
    hashes = Hashes()
    try:
        with open(path, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                hashes.update(chunk)
    except OSError as error:
        raise OptionError(f"dest: {path} cannot be read, so it cannot be compared: {error.strerror}.") from error
    return hashes


def _umask() -> int:
    """The mask of new files; there is no way to ask for it but to set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _name(find: Callable[[], str], number: int) -> str:
    try:
        return find()
    except KeyError:
        return str(number)
