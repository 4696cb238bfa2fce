# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the inventory plugin, put together as Ansible does it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import yaml
from ansible_collections.casework.cases.plugins.inventory import tines

PREFIX = "casework.cases."


def documented_options() -> dict[str, Any]:
    """Returns the options of the plugin's documentation over those of the fragments that it names."""
    documentation = yaml.safe_load(tines.DOCUMENTATION)
    options: dict[str, Any] = {}
    for name in documentation["extends_documentation_fragment"]:
        here = "ansible_collections.casework.cases.plugins.doc_fragments" if name.startswith(PREFIX) else ""
        place = here or "ansible.plugins.doc_fragments"
        fragment = import_module(f"{place}.{name[len(PREFIX) :] if here else name}").ModuleDocFragment
        options.update(yaml.safe_load(fragment.DOCUMENTATION)["options"])
    for name, option in documentation["options"].items():
        options[name] = {**options.get(name, {}), **option}
    return options
