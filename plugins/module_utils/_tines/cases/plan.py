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
from ..requests import AddRecord, CreateCase, DeleteCase, RemoveMetadata, SetMetadata, UpdateCase
from .fields import (
    FIELDS,
    MEMBERS,
    NORMALIZERS,
    PREDICTED_CASE,
    RESET_BY_STATUS,
    SET_FIELDS,
    Case,
    differences,
    has_metadata,
    mapping,
    record_ids,
)


def plan_create(wanted: Case, buttons: Sequence[Case] = ()) -> Plan[Case]:
    """The plan for a case that does not exist yet, with buttons if the API can create them along with it."""
    if wanted.get("status") == "closed":
        raise CaseworkError("There is no such case to close: neither an open nor a closed one was found.")
    missing = [key for key in ("team_id", "name") if key not in wanted]
    if missing:
        raise OptionError(f"A new case needs {' and '.join(missing)}.")
    return Plan({}, predicted({}, wanted), (CreateCase(_creation(wanted), buttons),))


def _creation(wanted: Case) -> Case:
    """What is sent when a case is created: no key that an update alone knows.

    What a template gives, a request replaces. So if there is one, single members of a set are added afterwards.
    """
    body = {name: value for name, value in wanted.items() if name not in MEMBERS}
    for name, (add, _remove) in SET_FIELDS.items():
        if add in wanted and "template_id" not in wanted:
            body[name] = wanted[add]
    if "metadata" in wanted:
        body["metadata"] = _merged_metadata({}, wanted["metadata"])
    return body


def plan_update(case: Case, wanted: Case) -> Plan[Case]:
    """The plan for a case that exists.

    The case itself comes last: it may be closed, which its metadata and records may be a condition of.
    """
    changes = differences(case, wanted)
    case_id = case["case_id"]
    body = {name: wanted[name] for name in RESET_BY_STATUS if "status" in changes and name in wanted}
    body.update({name: value for name, value in changes.items() if name not in _SENT_APART})
    body.update({key: items for key, items in _member_changes(case, changes).items() if items})
    requests = _metadata_requests(case, changes.get("metadata", {}))
    present = record_ids(case) or ()
    missing = dict.fromkeys(record for record in changes.get("record_ids", ()) if record not in present)
    requests += [AddRecord(case_id, record) for record in missing]
    if body:
        requests.append(UpdateCase(case_id, body))
    return Plan(case, predicted(case, changes), tuple(requests))


_SENT_APART = frozenset({"metadata", "record_ids", *SET_FIELDS, *MEMBERS})


def _metadata_requests(case: Case, wanted: Case) -> list[PlannedRequest[Tines]]:
    known, merged = mapping(case.get("metadata")), _merged_metadata(case, wanted)
    removed = [key for key, value in wanted.items() if value is None and known.get(key) is not None]
    left = {key for key in known if key not in removed}
    requests: list[PlannedRequest[Tines]] = [RemoveMetadata(case["case_id"], removed, merged)] if removed else []
    if not has_metadata(known, {key: value for key, value in wanted.items() if value is not None}):
        requests.append(SetMetadata(case["case_id"], merged, first=not left))
    return requests


def _merged_metadata(case: Case, wanted: Case) -> Case:
    """The whole metadata with the keys asked for; what is the same already keeps its form."""
    known = mapping(case.get("metadata"))
    changed = {key: value for key, value in wanted.items() if not has_metadata(known, {key: value})}
    return {key: value for key, value in {**known, **changed}.items() if value is not None or key not in changed}


def _member_changes(case: Case, wanted: Case) -> dict[str, list[str]]:
    """What is added to each set and what is removed, under the names of requests."""
    changes = {}
    for name, (add, remove) in SET_FIELDS.items():
        fold, shown = NORMALIZERS[name], FIELDS[name].show(case) or []
        here = {fold(item) for item in shown}
        added = [*wanted.get(name, ()), *wanted.get(add, ())]
        stay = {fold(item) for item in wanted.get(name, shown)} - {fold(item) for item in wanted.get(remove, ())}
        changes[add] = [item for item in dict.fromkeys(added) if fold(item) not in here]
        changes[remove] = [item for item in shown if fold(item) not in stay]
    return changes


def plan_delete(case: Case) -> Plan[Case]:
    return Plan(case, {}, (DeleteCase(case["case_id"]),))


def predicted(case: Case, wanted: Case) -> Case:
    """The case as it will be shown, as far as can be told beforehand. A new one has the ID `PREDICTED_CASE`."""
    after = {"case_id": PREDICTED_CASE, **case}
    changes = _member_changes(case, wanted)
    for name, (add, remove) in SET_FIELDS.items():
        if not wanted.keys().isdisjoint({name, add, remove}):
            stay = [item for item in FIELDS[name].show(case) or [] if item not in changes[remove]]
            after.update(FIELDS[name].show_as([*stay, *changes[add]]))
    for name, value in wanted.items():
        if name == "metadata":
            value = _merged_metadata(case, value)
        if name == "record_ids":
            value = list(dict.fromkeys([*(record_ids(case) or ()), *value]))
        if name in FIELDS and name not in SET_FIELDS:
            after.update(FIELDS[name].show_as(value))
    return after
