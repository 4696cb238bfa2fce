# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the picture of a seeded run: ``python picture.py OUTPUT PICTURE``.

OUTPUT is what the demo playbook printed, with its colours. PICTURE is the SVG to write, with those parts of it that
show how buttons are seeded. ``nox -s docs -- --picture`` runs the demo and this.
"""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path

SHOWN = (
    "Put the standard buttons on all three",
    "Run the same task again, which",
    "Remove one button",
    "Show the buttons",
    "Show the summary",
)
"""Words in the headings of the parts that are shown, in their order."""

LINE = 20
COLUMN = 8.43  # of the font size 14, in the widest of the fonts below
MARGIN = 20

# Every colour has a contrast of at least 4.5 to 1 on the background, which is the same in dark and in light.
COLOURS = {"31": "#ff857f", "32": "#6ed27d", "33": "#e0af55", "34": "#79b8ff", "35": "#cda0ff", "36": "#69cddc"}

PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img" aria-labelledby="title desc">
  <title id="title">A seeded run of casework.cases</title>
  <desc id="desc">Terminal output of the demo playbook. One task puts the standard buttons on three cases, and the same
    task again changes nothing. One button is removed, with a diff that masks the secret of its webhook. A table shows
    the buttons of the cases, and the role reports how many cases were seeded.</desc>
  <style>
    text {{ font: 14px "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #e6edf3; white-space: pre }}
{styles}
  </style>
  <rect x="0.5" y="0.5" width="{inner_width:.0f}" height="{inner_height}" rx="10" fill="#0d1117" stroke="#8b949e"/>
{lines}
</svg>
"""


def parts(output: str) -> list[str]:
    """Return what belongs to each task that is shown."""
    every = re.split(r"\n(?=TASK \[|PLAY RECAP)", output)
    shown = []
    for words in SHOWN:
        found = [part for part in every if words in part.partition("\n")[0]]
        if len(found) != 1:
            sys.exit(f"{len(found)} parts of the demo have {words!r} in their heading.")
        shown.append(re.sub(r" \*+$", "", found[0].strip("\n"), count=1, flags=re.MULTILINE))
    return shown


def drawn(line: str) -> str:
    """Return a line of a terminal as SVG text."""
    text, colour = "", None
    for piece in re.split(r"(\x1b\[[\d;]*m)", line):
        if piece.startswith("\x1b"):
            colour = next((code for code in piece[2:-1].split(";") if code in COLOURS), None)
        elif piece:
            text += f'<tspan class="c{colour}">{escape(piece)}</tspan>' if colour else escape(piece)
    return text


def picture(output: str) -> str:
    """Return the SVG."""
    lines = ["$ ansible-playbook casework.cases.demo", "", *"\n\n".join(parts(output)).split("\n")]
    columns = max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in lines)
    width, height = columns * COLUMN + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    return PICTURE.format(
        width=width,
        height=height,
        inner_width=width - 1,
        inner_height=height - 1,
        styles="\n".join(f"    .c{code} {{ fill: {colour} }}" for code, colour in COLOURS.items()),
        lines="\n".join(
            f'  <text x="{MARGIN}" y="{MARGIN + LINE * number - 6}">{drawn(line)}</text>'
            for number, line in enumerate(lines, start=1)
            if line
        ),
    )


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(picture(Path(sys.argv[1]).read_text(encoding="utf-8")), encoding="utf-8")
