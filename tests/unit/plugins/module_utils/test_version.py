# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The version stands in galaxy.yml; whatever else bears it is the same."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.casework.cases.plugins.module_utils._http import VERSION

GALAXY = Path(__file__).resolve().parents[4] / "galaxy.yml"


def test_the_user_agent_has_the_version_of_the_collection() -> None:
    assert yaml.safe_load(GALAXY.read_text(encoding="utf-8"))["version"] == VERSION
