# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""Cases in an inventory: what a host shows of them, which names hosts may have, and what a cache is kept under. Pure.

Whoever writes a case decides what its name and its metadata say, and a name of a host is more than a text: Ansible runs
tasks there, `ssh` gets it as an argument, and before ansible-core 2.19 a template in it is evaluated.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from ..module_utils._core.errors import OptionError
from ..module_utils._core.redaction import redact
from ..module_utils._core.values import without_reserved_keys
from ..module_utils._tines.argspec import SEARCH, AnyCase
from ..module_utils._tines.cases.fields import Case, mapping
from .options import suggestion
from .values import plain

CACHE_FORMAT = 1
"""Goes up when what is cached has another shape."""

NO_PART_OF_A_NAME = re.compile(r"[^\w.-]+")
MACHINE = re.compile(r"\w[\w.:-]*")
MAX_BYTES = 240
"""Of a host's name: with a prefix, Ansible makes names of files of it, which have 255 at most."""
MAX_CASE_NAME = MAX_BYTES // 4
"""Characters, of which each has four bytes at most."""
ENDS_IN_A_NUMBER = re.compile(r"(?:^|\.)(?:\d+|0x[\da-f]*)\.?$", re.IGNORECASE)
CASE_NAME = re.compile(r"case-\d+")
GROUPS_OF_ANSIBLE = ("all", "ungrouped")


def shown(case: Case) -> Case:
    """What an inventory and its cache show of a case: its buttons without their URLs, and no other secret."""
    masked: Case = without_reserved_keys(redact(case))
    if isinstance(masked.get("actions"), list):
        masked["actions"] = [_without_url(button) for button in masked["actions"]]
    return masked


def _without_url(button: Any) -> Case:
    return {key: value for key, value in mapping(button).items() if key != "url"}


def named_machines(case: Case, key: str) -> list[str]:
    """What the case's metadata has under a key, a text or a list of them, each once. See `is_machine`."""
    value = mapping(case.get("metadata")).get(key)
    named = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(str(name).strip() for name in named if name not in (None, "")))


def is_machine(name: str) -> bool:
    """Whether a text from outside is the name or address of another machine than this one, and nothing else."""
    given, name = name, unicodedata.normalize("NFKC", name).lower()  # as a resolver reads it
    if not MACHINE.fullmatch(name) or len(given.encode()) > MAX_BYTES:
        return False
    try:
        address: IPv4Address | IPv6Address = ip_address(name)
    except ValueError:
        # A resolver reads 127.1 and 0x7f000001 as addresses.
        return not (":" in name or ENDS_IN_A_NUMBER.search(name) or _is_reserved(name))
    address = getattr(address, "ipv4_mapped", None) or address
    return not (address.is_loopback or address.is_unspecified)


def case_host(wanted: str, own: str, is_taken: Callable[[str], bool]) -> str:
    """The name of a case's host: what is wanted, or its own if that is empty, reserved or taken.

    own: `case-ID`. is_taken: whether a group or another host has it. A case's name must not make a machine a case.
    """
    name = NO_PART_OF_A_NAME.sub("_", wanted.strip()).lstrip("-.")[:MAX_CASE_NAME]
    return own if not name or _is_reserved(name.lower()) or is_taken(name) or CASE_NAME.fullmatch(name) else name


def _is_reserved(name: str) -> bool:
    """Whether a name stands for this machine or for a group that Ansible has by itself."""
    return name in GROUPS_OF_ANSIBLE or "localhost" in name or "loopback" in name or name.startswith("127.")


def cache_key(base: str, options: Mapping[str, Any], address: str, key: str) -> str:
    """What cases are cached under: nobody gets those of another tenant, API key or search.

    base: Ansible's own key, which tells the files of inventories apart, and nothing in them.
    """
    fingerprint = hashlib.sha256(key.encode()).hexdigest()
    facts = [CACHE_FORMAT, {**plain(options), "tenant": address, "api_key": fingerprint}]
    return f"{base}_{hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]}"


def as_modules_take(name: str, value: Any) -> Any:
    """The value of an option in a form that Ansible accepts for plugins if it does for modules.

    Of a plugin's option, it compares choices exactly, and takes no number for a list of one.
    """
    option = SEARCH.get(name, {})
    if option.get("type") == "list" and isinstance(value, int):
        return [value]
    return _lower(value) if isinstance(option.get("choices"), AnyCase) else value


def _lower(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_lower(each) for each in value]
    return value.lower() if isinstance(value, str) else value


def reject_unknown_options(given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Ansible passes over an option that it does not know, and a filter with a typing error would find all cases.

    Raises `OptionError`.
    """
    for name in given:
        if name not in known:
            raise OptionError(f"There is no option {str(name)!r}.{suggestion(str(name), list(known))}")
