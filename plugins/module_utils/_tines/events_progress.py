# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""How far an event source has come: what is new, what was handed on, and what a restart must know. Pure.

Moments are the server's, never this machine's. A timestamp is compared with `>=`, and what it lets through twice is
known by its UUID.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .._core.errors import OptionError
from .._core.timestamps import EARLIEST, format_timestamp, parse_timestamp

VERSION = 1
"""The version of the state file's format."""

MAX_IN_FLIGHT = 16
"""Events that ansible-rulebook may have taken and not finished: one in its queue, one in the engine, and about a dozen
actions that wait. Measured: a state file that did not lag behind lost 6 of 60 events to a kill, one that lags none."""

MAX_UNCONFIRMED = 1000
"""Events without the engine's feedback after which the oldest is given up."""


@dataclass
class Progress:
    """What was read and handed on.

    begin: nothing older is an event. cursor: everything up to here was read. overlap: seconds before the cursor that
    are read again, for what became visible late.
    """

    begin: datetime
    cursor: datetime
    overlap: timedelta
    _seen: dict[str, datetime] = field(default_factory=dict)
    _in_flight: dict[str, datetime] = field(default_factory=dict)
    _looked_at: dict[tuple[int, str], datetime] = field(default_factory=dict)

    @property
    def floor(self) -> datetime:
        """What is older was dealt with, or is no event."""
        return max(self.begin, _minus(self.cursor, self.overlap))

    def is_new(self, key: str, moment: datetime) -> bool:
        """Whether the event with this UUID, of this moment, was not handed on yet."""
        return moment >= self.floor and key not in self._seen

    def hand_on(self, key: str, moment: datetime) -> None:
        """Note that an event is about to go to the engine, which may not process it."""
        self._seen[key] = moment
        self._in_flight[key] = moment

    def confirm(self, key: str) -> bool:
        """Note that the engine has processed an event. Returns whether it was in flight."""
        return self._in_flight.pop(key, None) is not None

    def confirm_all_but(self, count: int) -> list[str]:
        """Take the oldest events for processed until so many are left in flight. Returns their UUIDs."""
        done = list(self._in_flight)[: max(len(self._in_flight) - count, 0)]
        for key in done:
            del self._in_flight[key]
        return done

    def needs_look(self, case_id: int, updated_at: Any) -> bool:
        """Whether a case may have changed since it was looked at last."""
        return (case_id, str(updated_at)) not in self._looked_at

    def look(self, case_id: int, updated_at: Any, settled: datetime) -> None:
        """Note that a case was looked at. settled: up to here, no second change can have the same timestamp."""
        moment = parse_timestamp(updated_at)
        if moment is not None and moment <= settled:
            self._looked_at[case_id, str(updated_at)] = moment

    def advance(self, moment: datetime) -> None:
        """Note that everything up to this moment was read and handed on."""
        self.cursor = max(self.cursor, moment)
        self._looked_at = _since(self._looked_at, self.floor)
        self._seen = _since(self._seen, _minus(self._resume_at, self.overlap))

    @property
    def _resume_at(self) -> datetime:
        """Where to go on after a kill: not behind the oldest event that the engine may not have processed."""
        return min([self.cursor, *self._in_flight.values()])

    def to_state(self, owner: Mapping[str, Any]) -> dict[str, Any]:
        """The content of a state file. owner: what the state is about, see `from_state`.

        Events in flight are left out, so that a kill repeats rather than loses them.
        """
        return {
            "version": VERSION,
            "owner": dict(owner),
            "begin": format_timestamp(self.begin),
            "cursor": format_timestamp(self._resume_at),
            "seen": {key: format_timestamp(moment) for key, moment in self._seen.items() if key not in self._in_flight},
        }

    @classmethod
    def from_state(cls, state: Any, owner: Mapping[str, Any], overlap: timedelta) -> Progress:
        """What a state file tells.

        Raises `OptionError` if it cannot be read, or if it is about another tenant or other cases: to go on with it
        would skip some.
        """
        try:
            if state["version"] != VERSION:
                raise OptionError("it was written by another version of this collection.")
            seen = {str(key): _moment(text) for key, text in state["seen"].items()}
            begin, cursor, found = _moment(state["begin"]), _moment(state["cursor"]), dict(state["owner"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise OptionError("it is not a state file of this source, or it is damaged.") from error
        wrong = [key for key in sorted({*found, *owner}) if found.get(key) != owner.get(key)]
        if wrong:
            raise OptionError(f"it is about other cases: {_named(wrong)} was different when it was written.")
        return cls(begin, cursor, overlap, seen)


def _moment(text: Any) -> datetime:
    moment = parse_timestamp(text)
    if moment is None:
        raise ValueError(text)
    return moment


def _minus(moment: datetime, span: timedelta) -> datetime:
    return moment - min(span, moment - EARLIEST)


def _since(moments: Mapping[Any, datetime], floor: datetime) -> dict[Any, datetime]:
    return {key: moment for key, moment in moments.items() if moment >= floor}


def _named(keys: Iterable[str]) -> str:
    return ", ".join(keys)
