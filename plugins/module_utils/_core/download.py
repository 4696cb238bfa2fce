# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What becomes of a file while it arrives: it is counted, hashed, and written if there is where to."""

from __future__ import annotations

from typing import BinaryIO

from .errors import CaseworkError
from .hashes import Hashes


class Download:
    """A file that arrives piece by piece, and from its beginning again if a connection breaks.

    most: bytes that are taken. stream: where it is written; None if only its hashes matter.
    """

    def __init__(self, most: int, stream: BinaryIO | None = None) -> None:
        self.most = most
        self._stream = stream
        self.hashes = Hashes()

    def restart(self) -> None:
        """Forget what has arrived. Raises `CaseworkError` if it cannot be taken out of the stream."""
        self.hashes = Hashes()
        if self._stream:
            try:
                self._stream.seek(0)
                self._stream.truncate()
            except OSError as error:
                raise _not_written(error) from error

    def write(self, chunk: bytes) -> None:
        """Take the next piece. Raises `CaseworkError` if it cannot be written."""
        self.hashes.update(chunk)
        if self._stream:
            try:
                self._stream.write(chunk)
            except OSError as error:
                raise _not_written(error) from error


def _not_written(error: OSError) -> CaseworkError:
    return CaseworkError(f"The file was not saved: {error.strerror or error}.")
