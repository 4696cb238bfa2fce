# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the task files of the integration tests and templates them as Ansible does, on any of its versions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import template as ansible_template
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

OMIT = "__omit_this_option__"


def read_yaml(file: Path) -> Any:
    """Returns what a YAML file holds, with templates that may be filled in."""
    loader = DataLoader()
    if not hasattr(ansible_template, "trust_as_template"):  # ansible-core 2.18 and older
        return loader.load_from_file(str(file))
    return loader.load_from_file(str(file), trusted_as_template=True)


def fill_in(value: Any, variables: Mapping[str, Any]) -> Any:
    """Returns a value whose templates are filled in, without the options that `omit` leaves out."""
    filled = Templar(DataLoader(), variables={**variables, "omit": OMIT}).template(value)
    return _without_omitted(filled)


def _without_omitted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_omitted(item) for key, item in value.items() if item != OMIT}
    if isinstance(value, list):
        return [_without_omitted(item) for item in value]
    return value


def is_true(condition: str, variables: Mapping[str, Any]) -> bool:
    """Returns whether a condition, as it stands in `when` or `assert`, holds."""
    text = trusted("{% if " + condition + " %}yes{% else %}no{% endif %}")
    return bool(fill_in(text, variables) == "yes")


def trusted(text: str) -> str:
    """Returns a text that may hold templates; since ansible-core 2.19 that has to be said."""
    trust = getattr(ansible_template, "trust_as_template", str)
    marked: str = trust(text)
    return marked
