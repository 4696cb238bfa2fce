# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What tells whether two files are the same."""

from __future__ import annotations

import hashlib


class Hashes:
    """Size and hashes of what was taken so far. Checksums are as `sha256:...`, with the name of the algorithm."""

    def __init__(self) -> None:
        self.size = 0
        self._hashes = {"sha256": hashlib.sha256(), "md5": hashlib.md5(usedforsecurity=False)}

    def update(self, chunk: bytes) -> None:
        self.size += len(chunk)
        for each in self._hashes.values():
            each.update(chunk)

    def checksum(self, algorithm: str = "sha256") -> str:
        return f"{algorithm}:{self._hashes[algorithm].hexdigest()}"

    def match(self, checksum: str | None) -> bool:
        return checksum in (self.checksum("sha256"), self.checksum("md5"))
