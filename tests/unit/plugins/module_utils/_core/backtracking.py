# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many steps a backtracking engine, such as Python's, takes for a pattern: the same on every machine."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

if sys.version_info >= (3, 11):
    from re import _parser as parser  # type: ignore[attr-defined]  # private, and nothing else tells the parts
else:
    import sre_parse as parser


class Counter:
    """Matches like `re`, one step after the other, and counts them."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.tree = list(parser.parse(pattern.pattern, pattern.flags))
        self.steps = 0

    def search_all(self, text: str) -> int:
        """Find every match in the text. Returns the number of steps."""
        self.steps, place = 0, 0
        while place <= len(text):
            end = next(self._match(self.tree, 0, text, place), None)
            place = max(place + 1, end or 0)
        return self.steps

    def match(self, text: str) -> int:
        """Find a match at the beginning of the text. Returns the number of steps."""
        self.steps = 0
        next(self._match(self.tree, 0, text, 0), None)
        return self.steps

    def _match(self, tree: list[Any], index: int, text: str, place: int) -> Iterator[int]:
        """Yields each place where the rest of the pattern can end."""
        self.steps += 1
        if index == len(tree):
            yield place
            return
        kind, argument = tree[index]
        for end in self._match_one(kind, argument, text, place):
            yield from self._match(tree, index + 1, text, end)

    def _match_one(self, kind: Any, argument: Any, text: str, place: int) -> Iterator[int]:
        name = str(kind)
        if name == "SUBPATTERN":
            yield from self._match(list(argument[3]), 0, text, place)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from self._match(list(branch), 0, text, place)
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            yield from self._repeat(name, argument, text, place)
        elif name in ("ASSERT", "ASSERT_NOT"):
            direction, tree = argument
            found = any(True for _end in self._match(list(tree), 0, text, place + min(direction, 0)))
            if found == (name == "ASSERT"):
                yield place
        elif place < len(text) and self._is_one_of(name, argument, text[place]):
            yield place + 1

    def _repeat(self, name: str, argument: Any, text: str, place: int) -> Iterator[int]:
        least, most, tree = argument
        ends = [place]
        if name == "MIN_REPEAT":  # as few as possible
            for number in range(int(most) + 1):
                if number >= least:
                    yield ends[-1]
                end = next(self._match(list(tree), 0, text, ends[-1]), None)
                if end is None or end == ends[-1]:
                    return
                ends.append(end)
        while len(ends) <= most:
            end = next(self._match(list(tree), 0, text, ends[-1]), None)
            if end is None or end == ends[-1]:
                break
            ends.append(end)
        for number in range(len(ends) - 1, int(least) - 1, -1):
            self.steps += 1
            yield ends[number]

    def _is_one_of(self, name: str, argument: Any, char: str) -> bool:
        self.steps += 1
        code = ord(char.lower())
        if name == "LITERAL":
            return bool(code == ord(chr(argument).lower()))
        if name == "NOT_LITERAL":
            return bool(code != ord(chr(argument).lower()))
        if name == "ANY":
            return char != "\n"
        assert name == "IN", name
        negated = str(argument[0][0]) == "NEGATE"
        return negated != any(self._is_item(str(kind), value, char) for kind, value in argument)

    def _is_item(self, kind: str, value: Any, char: str) -> bool:
        if kind == "LITERAL":
            return bool(char.lower() == chr(value).lower())
        if kind == "RANGE":
            return any(value[0] <= ord(form) <= value[1] for form in (char.lower(), char.upper()))
        if kind == "CATEGORY":
            return char.isspace() if str(value).endswith("SPACE") else char.isdigit()
        return False
