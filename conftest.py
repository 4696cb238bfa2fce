# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let pytest run in a checkout, wherever it lies: put it where Ansible and Python look for collections."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def collections_path() -> Path:
    """Return the directory that has this checkout at ansible_collections/casework/cases, by a link if need be."""
    if ROOT.parts[-3:] == ("ansible_collections", "casework", "cases"):
        return ROOT.parents[2]
    place = ROOT / ".build" / "checkout"
    link = place / "ansible_collections" / "casework" / "cases"
    if not link.is_symlink():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(ROOT, target_is_directory=True)
    return place


sys.path.insert(0, str(collections_path()))
os.environ["ANSIBLE_COLLECTIONS_PATH"] = sys.path[0]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (sys.path[0], os.environ.get("PYTHONPATH"))))

# A shell starts a background job with SIGINT ignored, and every child inherits that. Tests interrupt their children.
signal.signal(signal.SIGINT, signal.default_int_handler)
