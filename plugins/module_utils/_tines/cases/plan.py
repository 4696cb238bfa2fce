# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The plan that leads from a case to what it should be. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..._core.errors import CaseworkError, OptionError
from ..._core.plan import Plan, PlannedRequest
from ..client import Tines
from ..requests import AddRecord, CreateCase, DeleteCase, SetMetadata, UpdateCase
from .fields import (
    FIELDS,
    NORMALIZERS,
    RESET_BY_STATUS,
    SET_FIELDS,
    Case,
    differences,
    has_metadata,
    mapping,
    record_ids,
)


def plan_create(wanted: Case, buttons: Sequence[Case] = ()) -> Plan[Case]:
    """The plan for a case that does not exist yet, with buttons where the API can create them along with it."""
    if wanted.get("status") == "closed":
        raise CaseworkError("There is no such case to close: neither an open nor a closed one was found.")
    missing = [key for key in ("team_id", "name") if key not in wanted]
    if missing:
        raise OptionError(f"A new case needs {' and '.join(missing)}.")
    return Plan({}, predicted({}, wanted), (CreateCase(wanted, buttons),))


def plan_update(case: Case, wanted: Case) -> Plan[Case]:
    """The plan for a case that exists.

    The case itself comes last: it may be closed, which its metadata and records may be a condition of.
    """
    changes = differences(case, wanted)
    case_id = case["case_id"]
    body = {name: wanted[name] for name in RESET_BY_STATUS if "status" in changes and name in wanted}
    for name, value in changes.items():
        if name in SET_FIELDS:
            changed = _set_changes(name, FIELDS[name].show(case) or [], value)
            body.update({key: items for key, items in changed.items() if items})
        elif name not in ("metadata", "record_ids"):
            body[name] = value
    requests: list[PlannedRequest[Tines]] = []
    if "metadata" in changes:
        first = not mapping(case.get("metadata"))
        requests.append(SetMetadata(case_id, _merged_metadata(case, changes["metadata"]), first))
    present = record_ids(case) or ()
    missing = dict.fromkeys(record for record in changes.get("record_ids", ()) if record not in present)
    requests += [AddRecord(case_id, record) for record in missing]
    if body:
        requests.append(UpdateCase(case_id, body))
    return Plan(case, predicted(case, changes), tuple(requests))


def _merged_metadata(case: Case, wanted: Case) -> Case:
    """The whole metadata with the keys asked for; what is the same already keeps its form."""
    known = mapping(case.get("metadata"))
    return {**known, **{key: value for key, value in wanted.items() if not has_metadata(known, {key: value})}}


def _set_changes(name: str, shown: list[str], wanted: list[str]) -> Case:
    fold = NORMALIZERS[name]
    here, there = {fold(item) for item in shown}, {fold(item) for item in wanted}
    add_key, remove_key = SET_FIELDS[name]
    return {
        add_key: [item for item in dict.fromkeys(wanted) if fold(item) not in here],
        remove_key: [item for item in shown if fold(item) not in there],
    }


def plan_delete(case: Case) -> Plan[Case]:
    return Plan(case, {}, (DeleteCase(case["case_id"]),))


def predicted(case: Case, wanted: Case) -> Case:
    """The case as it will be shown, as far as can be told beforehand."""
    after = {"case_id": None, **case}
    for name, value in wanted.items():
        if name == "metadata":
            value = _merged_metadata(case, value)
        if name == "record_ids":
            value = list(dict.fromkeys([*(record_ids(case) or ()), *value]))
        if name in SET_FIELDS:
            changes = _set_changes(name, FIELDS[name].show(case) or [], value)
            stay = [item for item in FIELDS[name].show(case) or [] if item not in changes[SET_FIELDS[name][1]]]
            value = [*stay, *changes[SET_FIELDS[name][0]]]
        if name in FIELDS:
            after.update(FIELDS[name].show_as(value))
    return after
