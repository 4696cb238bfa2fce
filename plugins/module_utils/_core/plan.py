# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What every plan has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

ClientT_contra = TypeVar("ClientT_contra", contravariant=True)
StateT = TypeVar("StateT")


class PlannedRequest(Protocol[ClientT_contra]):
    """One request that writes, ready to be sent."""

    def send(self, client: ClientT_contra, /) -> Any:
        """Send it. Returns the server's answer. Raises `RequestError`."""


@dataclass(frozen=True)
class Plan(Generic[StateT]):
    """What is there, what should be there, and the requests that lead from one to the other."""

    before: StateT
    after: StateT
    requests: tuple[PlannedRequest[Any], ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.requests)
