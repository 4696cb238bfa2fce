# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: tines
short_description: Cases of a Tines tenant, or the machines that they are about, as hosts
version_added: 1.0.0
description:
  - Finds cases as M(casework.cases.cases_info) does. Each is a host, with all that the case shows in the variable
    C(tines_case), so that a play, its C(serial) and the slices of a job work on cases.
  - With O(host_from), the hosts are the machines that the cases are about. Each has the list of its cases in the
    variable C(tines_cases).
  - The name of the file must end in C(.tines.yml) or C(.tines.yaml).
  - If the cases cannot be read, that is an error and not an empty inventory.
    Ansible itself then continues with the other sources, unless E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) is V(true).
author:
  - The casework.cases authors (@casework)
extends_documentation_fragment:
  - casework.cases.tines
  - casework.cases.search
  - casework.cases.connection
  - constructed
  - inventory_cache
options:
  plugin:
    description:
      - The name of this plugin.
    type: str
    required: true
    choices:
      - casework.cases.tines
  tenant:
    env:
      - name: TINES_TENANT
  api_key:
    env:
      - name: TINES_API_KEY
  limit:
    description:
      - The maximum number of cases to find. V(0) means all.
    type: int
    default: 0
  hostname:
    description:
      - A template for the name of a case's host, with the keys of the case as variables.
      - What is neither a letter, a digit, C(_), C(-) nor C(.) becomes a single C(_). A name is cut after 60 characters.
      - A case whose name would be empty, reserved, or that of a host or group that there is already, is called
        C(case-ID). This is said in a warning.
      - If an inventory has the cases of two tenants, give those of one another name, such as
        V(acme-{{ case_id }}).
    type: str
    default: case-{{ case_id }}
  host_from:
    description:
      - The key of the cases' metadata that holds the name or address of a machine, or a list of them. Then the hosts
        are these machines, and O(hostname) is not used.
      - A machine that several cases name is one host. If another source of the inventory has a host with the same name,
        it is the same host.
      - A case without it is left out, and so is a name that is no name of a machine, or that stands for the machine
        that Ansible runs on, such as V(localhost), or for a group. This is said in a warning.
      - Who can write the metadata of a case decides which machines are in the inventory. Limit a play to machines that
        you know, for example with C(--limit) and a group of another source.
    type: str
  connect:
    description:
      - V(local) runs the tasks of all hosts on the machine that Ansible runs on, in its own Python. That is what plays
        about the cases themselves need.
      - It cannot be combined with O(host_from).
    type: str
    choices:
      - local
notes:
  - Every option can hold templates. They are evaluated once, with extra variables and lookups. Those of O(hostname),
    O(compose), O(groups) and O(keyed_groups) are evaluated for each host.
  - The variables have no URLs of buttons, and C(********) instead of other secrets, as the result of
    M(casework.cases.cases_info) has.
  - What comes from a case is never evaluated as a template. Keys that mean something to Ansible's own JSON, which
    begin with C(__ansible_), are left out.
  - The cache is read before anything is sent. Each tenant, API key and set of options has its own cache. It has the
    text of the cases, but no API key and no secret of a webhook. Make sure that only you can read it.
"""

EXAMPLES = r"""
# open.tines.yml: the open cases, with tenant and key from TINES_TENANT and TINES_API_KEY
---
plugin: casework.cases.tines
status: open
connect: local
keyed_groups:
  - key: tines_case.priority | lower
    prefix: priority
  - key: tines_case.team.name
    prefix: team
  - key: tines_case.tags | map(attribute='name') | list
    prefix: tag

# urgent.tines.yml: what is urgent and new, under names that people read, cached for five minutes
---
plugin: casework.cases.tines
tenant: "{{ lookup('ansible.builtin.env', 'TINES_TENANT') }}"
api_key: "{{ lookup('ansible.builtin.env', 'TINES_API_KEY') }}"
status: open
priority: [critical, high]
opened_within: 7d
hostname: "{{ case_id }}-{{ name }}"
connect: local
compose:
  alert: tines_case.metadata.alert | default('')
groups:
  unassigned: not tines_case.assignees
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/cases
cache_timeout: 300

# machines.tines.yml: the machines that open malware cases name in their metadata, each with its cases
---
plugin: casework.cases.tines
status: open
tags: [malware]
host_from: host
groups:
  several_cases: tines_cases | length > 1
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.common.text.converters import to_native
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils._core.connection import address_and_key, connect
from ..module_utils._core.errors import CaseworkError, OptionError
from ..module_utils._core.transport import REQUESTS_IMPORT_ERROR
from ..module_utils._tines.cases.fields import Case, mapping
from ..module_utils._tines.cases.search import find_cases, parse_search, take
from ..module_utils._tines.client import TINES, Tines
from ..plugin_utils.inventory import (
    as_modules_take,
    cache_key,
    case_host,
    is_machine,
    named_machines,
    reject_unknown_options,
    shown,
)
from ..plugin_utils.values import untrusted

DEFAULT_HOSTNAME = "case-{{ case_id }}"
"""The default is not evaluated: since ansible-core 2.19 only templates of users are."""

NAMED = 5
"""Cases that a warning names at most."""

SUFFIXES = (".tines.yml", ".tines.yaml")
FOR_EACH_HOST = ("hostname", "compose", "groups", "keyed_groups")
"""Options with templates that are not evaluated before there are hosts."""

Entry = dict[str, Any]
"""A case as it is cached: under `case` what a host shows of it, under `machines` what it names as machines."""


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]  # ansible-core has no types
    NAME = "casework.cases.tines"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(SUFFIXES)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        try:
            reject_unknown_options(self._read_config_data(path), self.get_options())
            if self.get_option("host_from") and self.get_option("connect"):
                raise OptionError("connect cannot be combined with host_from: tasks for the machines would run here.")
            entries = self._entries(path, cache)
        except CaseworkError as error:
            raise AnsibleParserError(error.msg) from None
        if self.get_option("host_from"):
            self._add_machines(entries)
        else:
            self._add_cases(entries)

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Take the options of the file, their templates evaluated."""
        self.templar.available_variables = self._vars
        given = {name: as_modules_take(name, self._evaluated(name, value)) for name, value in (direct or {}).items()}
        super().set_options(task_keys=task_keys, var_options=var_options, direct=given)

    def _evaluated(self, name: str, value: Any) -> Any:
        if name in FOR_EACH_HOST:
            return value
        try:
            return self.templar.template(value)
        except AnsibleError as error:
            raise AnsibleParserError(f"The template in the option {name} failed: {to_native(error)}") from None

    def _entries(self, path: str, use_cache: bool) -> list[Entry]:
        """The cases, from the cache if they are there.

        They are cached as one text: Ansible makes its own types of what it reads from a cache, a template to be
        evaluated among them, and a case can have the keys that ask for that in its metadata.
        """
        if not self.get_option("cache"):
            return self._find()
        address, key = address_and_key(TINES, self.get_options())
        name = cache_key(self.get_cache_key(path), self.get_options(), address, key)
        if use_cache:
            try:
                return list(json.loads(self._cache[name]))
            except KeyError:
                pass
        found = self._find()
        self._cache[name] = json.dumps(found)
        return found

    def _find(self) -> list[Entry]:
        """The cases, from the server. Raises `CaseworkError`."""
        options = self.get_options()
        search, limit, key = parse_search(options), options["limit"], options["host_from"]
        if limit < 0:
            raise OptionError("limit must be 0 or more.")
        if REQUESTS_IMPORT_ERROR:
            raise OptionError("The Python library requests 2.27 or newer is missing where Ansible runs: install it.")
        http = connect(TINES, options, read_only=True)
        try:
            found = find_cases(Tines(http), search)
            shown_alone = (
                {"case": shown(case), "machines": named_machines(case, key) if key else []} for case in found
            )
            return take(shown_alone, limit)[0]
        finally:
            http.close()

    def _add_cases(self, entries: list[Entry]) -> None:
        """A host for each case."""
        variables: dict[str, Any] = {}
        if self.get_option("connect") == "local":
            variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        renamed = []
        for entry in _given_up(entries):
            case = untrusted(entry["case"])
            wanted, own = self._hostname(case), f"case-{case['case_id']}"
            name = case_host(wanted, own, partial(self._is_taken, case_id=case["case_id"]))
            if name == own != wanted:
                renamed.append(case)
            self._add_host(name, {**variables, "tines_case": case})
        self._warn(
            renamed, "These cases are called case-ID, because the name from hostname is empty, reserved or taken"
        )

    def _is_taken(self, name: str, case_id: Any) -> bool:
        """Whether a name is that of a group, or of a host that is not this case. Another source can have it too."""
        host = self.inventory.hosts.get(name)
        is_other = host is not None and mapping(host.vars.get("tines_case")).get("case_id") != case_id
        return is_other or name in self.inventory.groups

    def _add_machines(self, entries: Sequence[Entry]) -> None:
        """A host for each machine that cases name."""
        found: dict[str, list[Case]] = {}
        without, odd = [], []
        for entry in entries:
            case = untrusted(entry["case"])
            names = [name for name in entry["machines"] if is_machine(name) and name not in self.inventory.groups]
            if not entry["machines"]:
                without.append(case)
            elif len(names) < len(entry["machines"]):
                odd.append(case)
            for name in names:
                found.setdefault(name, []).append(case)
        for name, cases in found.items():
            known = self.inventory.hosts[name].vars.get("tines_cases", []) if name in self.inventory.hosts else []
            self._add_host(name, {"tines_cases": [*known, *(case for case in cases if case not in known)]})
        key = self.get_option("host_from")
        self._warn(without, f"These cases are left out, because they have no {key} in their metadata")
        self._warn(
            odd, f"Of these cases a {key} is left out that is no name of a machine, or that of this one or of a group"
        )

    def _hostname(self, case: Case) -> str:
        """What the template makes of a case, nothing if it fails."""
        template = self.get_option("hostname")
        if template == DEFAULT_HOSTNAME:
            return f"case-{case['case_id']}"
        self.templar.available_variables = {**case, "tines_case": case}
        try:
            name = self.templar.template(template)
        except AnsibleError as error:
            if self.get_option("strict"):
                raise AnsibleParserError(f"hostname failed for case {case['case_id']}: {to_native(error)}") from None
            return ""
        return "" if name is None else str(name)

    def _add_host(self, name: str, variables: Mapping[str, Any]) -> None:
        self.inventory.add_host(name)
        host = self.inventory.hosts[name]
        for variable, value in variables.items():
            # By the host itself: the inventory would copy a case, to mark each of its texts with where it comes from.
            host.set_variable(variable, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, name, strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict)

    def _warn(self, cases: Sequence[Case], what: str) -> None:
        """Say something of cases, without a word that comes from them."""
        if cases:
            ids = ", ".join(str(case["case_id"]) for case in cases[:NAMED])
            more = f" and {len(cases) - NAMED} more" if len(cases) > NAMED else ""
            self.display.warning(f"{what}: {ids}{more}.")


def _given_up(entries: list[Entry]) -> Iterator[Entry]:
    """Each entry once, gone from the list: Ansible's copy of a case takes as much memory again."""
    entries.reverse()
    while entries:
        yield entries.pop()
