# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the simulator: python playbooks/files/simulator --port 0 --port-file F."""

from __future__ import annotations

import sys
from pathlib import Path

if __package__ in (None, ""):
    # Run as a directory: the package is found beside itself.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from simulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
