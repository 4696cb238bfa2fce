# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of a case where something goes wrong in between, on a tenant in memory that fails when it is told to."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, cast

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    CaseworkError,
    NoResponseError,
    RequestError,
    ResponseError,
)
from ansible_collections.casework.cases.plugins.module_utils._core.execution import ModuleContext
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import Http
from ansible_collections.casework.cases.plugins.module_utils._core.timestamps import format_timestamp
from ansible_collections.casework.cases.plugins.module_utils._tines.actions.plan import DesiredActions
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.apply import (
    CaseResult,
    apply_case,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.fields import Case
from ansible_collections.casework.cases.plugins.module_utils._tines.cases.find import DesiredCase, Identity
from ansible_collections.casework.cases.plugins.module_utils._tines.client import Tines

NEW: Case = {"team_id": 1, "name": "Mail"}
BY_NAME = DesiredCase(NEW, identity=Identity(1, name="Mail"))
BUTTON = {"label": "Go", "url": "https://acme.tines.com/webhook/go/s3cret", "action_type": "webhook"}
OLD: Case = {"case_id": 7, "name": "Mail", "status": "OPEN", "team": {"id": 1}, "metadata": {}, "records": []}


class FakeHttp:
    """What of a connection is asked about between requests."""

    host, retries, timeout = "acme.example", 2, 30.0

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.read_only = False
        self.limiter = self

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def failure(status: int | None = None, unknown: bool = False, timed_out: bool = False) -> RequestError:
    kind = ResponseError if status else NoResponseError
    return kind(
        f"It failed: {status}.",
        method="POST",
        path="/api/v2/cases/",
        status=status,
        outcome_unknown=unknown,
        timed_out=timed_out,
    )


LOST: Case = {"unknown": True}
DONE: Case = {"unknown": True, "done": True}
LATE: Case = {"unknown": True, "timed_out": True}
REFUSED: Case = {"status": 422}
DOWN: Case = {"status": 503}


class Tenant(Tines):
    """Cases in memory. fails: under the name of a method, what befalls each of its next calls.

    That is None, or the arguments of `failure`; with `done`, the work is done before it comes.
    """

    def __init__(self, *cases: Case, hidden: Sequence[str] = (), **fails: Any) -> None:
        self.idle = FakeHttp()
        super().__init__(cast(Http, self.idle))
        self.store = {case["case_id"]: copy.deepcopy(case) for case in cases}
        self.calls: list[str] = []
        self.warnings: list[str] = []
        self._hidden = hidden
        self.shown_instead: Case = {}
        self._fails = {name: list(befalls) for name, befalls in fails.items()}

    def _do(self, name: str, work: Callable[[], Any]) -> Any:
        self.calls.append(name)
        befalls = self._fails.get(name)
        error = dict((befalls.pop(0) if befalls else None) or {})
        if error.pop("done", False):
            work()
        if error:
            raise failure(**error)
        return copy.deepcopy(work())

    def _shown(self, case: Case) -> Case:
        return {**self.shown_instead, **{key: value for key, value in case.items() if key not in self._hidden}}

    def list_cases(self, query: Iterable[tuple[str, str]]) -> Iterator[Case]:
        status = dict(query)["filters[status]"]
        yield from self._do(
            "list_cases", lambda: [self._shown(c) for c in self.store.values() if c["status"] == status]
        )

    def get_case(self, case_id: int) -> Case:
        def read() -> Case:
            if case_id not in self.store:
                raise failure(404)
            return self._shown(self.store[case_id]) if "records" in self._hidden else self.store[case_id]

        return cast(Case, self._do("get_case", read))

    def create_case(self, wanted: Case, buttons: Sequence[Case] = ()) -> Case:
        return cast(Case, self._do("create_case", lambda: self.made(wanted)))

    def made(self, wanted: Case) -> Case:
        number = max(self.store, default=0) + 1
        case = {**OLD, "case_id": number, "name": wanted["name"], "team": {"id": wanted["team_id"]}, "actions": []}
        self.store[number] = copy.deepcopy({**case, "created_at": "2126-01-01T00:00:00Z"})
        return {**self._shown(case), "records": []}

    def update_case(self, case_id: int, body: Case) -> Case:
        def change() -> Case:
            self.store[case_id].update({key: body[key].upper() for key in ("status", "priority") if key in body})
            return self.store[case_id]

        return cast(Case, self._do("update_case", change))

    def remove_metadata(self, case_id: int, keys: Sequence[str], rest: Case) -> None:
        self._do("remove_metadata", lambda: self.store[case_id].update(metadata=dict(rest)))

    def set_metadata(self, case_id: int, metadata: Case, first: bool) -> None:
        self._do("set_metadata", lambda: self.store[case_id].update(metadata=metadata))

    def add_record(self, case_id: int, record_id: int) -> None:
        self._do("add_record", lambda: self.store[case_id]["records"].append({"id": record_id}))

    def delete_case(self, case_id: int) -> None:
        self._do("delete_case", lambda: self.store.pop(case_id))

    def list_actions(self, case_id: int) -> list[Case]:
        return cast("list[Case]", self._do("list_actions", list))

    def replace_actions(self, case_id: int, bodies: Sequence[Case]) -> list[Case]:
        shown = [{"case_id": case_id, "id": number, **body} for number, body in enumerate(bodies, 1)]
        return cast("list[Case]", self._do("replace_actions", lambda: shown))


def deprecated(msg: str, version: str) -> None:
    pytest.fail(f"{msg} ({version})")


def apply(tenant: Tenant, desired: DesiredCase, check: bool = False) -> CaseResult:
    tenant.idle.read_only = check
    return apply_case(ModuleContext({}, tenant, tenant.http, tenant.warnings.append, deprecated), tenant, desired)


def error_of(tenant: Tenant, desired: DesiredCase) -> CaseworkError:
    with pytest.raises(CaseworkError) as caught:
        apply(tenant, desired)
    return caught.value


# An ambiguous creation


def test_a_creation_that_was_carried_out_and_lost_is_found() -> None:
    tenant = Tenant(create_case=[DONE])
    result = apply(tenant, BY_NAME)
    assert (result.changed, result.case["case_id"], list(tenant.store)) == (True, 1, [1])
    assert tenant.calls == ["list_cases", "create_case", "list_cases", "list_cases"]


def test_a_creation_that_was_lost_is_sent_again() -> None:
    tenant = Tenant(create_case=[LOST, {"status": 500, "unknown": True}])
    assert apply(tenant, BY_NAME).case["case_id"] == 1
    assert tenant.calls == ["list_cases", *["create_case", "list_cases"] * 3]
    assert list(tenant.store) == [1]


def test_a_creation_that_is_lost_again_and_again_is_given_up() -> None:
    tenant = Tenant(create_case=[LOST] * 9)
    assert error_of(tenant, BY_NAME).msg == "It failed: None."
    assert tenant.calls.count("create_case") == 3
    assert not tenant.store


class Slow(Tenant):
    """It carries a creation out when the second one comes."""

    def create_case(self, wanted: Case, buttons: Sequence[Case] = ()) -> Case:
        if "create_case" in self.calls:
            self.made(wanted)
        return super().create_case(wanted, buttons)


def test_a_creation_that_is_carried_out_late_leaves_one_case() -> None:
    tenant = Slow(create_case=[LATE])
    result = apply(tenant, BY_NAME)
    assert tenant.calls[-2:] == ["list_cases", "delete_case"]
    assert list(tenant.store) == [1]
    assert result.case["case_id"] == 1
    assert tenant.idle.waits == [60.0]


def test_a_second_case_that_cannot_be_deleted_is_told() -> None:
    error = error_of(Slow(create_case=[LATE], delete_case=[{"status": 403}]), BY_NAME)
    assert error.msg == "The case was created twice, as 1 and 2: delete one of them. It failed: 403."


def test_a_creation_that_was_refused_is_not_repeated() -> None:
    tenant = Tenant(create_case=[REFUSED])
    assert error_of(tenant, BY_NAME).msg == "It failed: 422."
    assert tenant.calls == ["list_cases", "create_case"]


def test_a_creation_stays_unknown_where_looking_for_it_fails() -> None:
    tenant = Tenant(create_case=[LOST], list_cases=[None, DOWN])
    assert error_of(tenant, BY_NAME).msg == (
        "Whether the case 'Mail' was created is unknown (looking for it failed: It failed: 503). "
        "Run the task again: it looks for the case first. It failed: None."
    )


def test_a_creation_that_nothing_identifies_is_sent_once_and_says_what_is_new() -> None:
    older = {**OLD, "created_at": "2026-01-31T08:30:00Z"}
    other = {**OLD, "case_id": 8, "name": "Other", "created_at": "2126-01-01T00:00:00Z"}
    tenant = Tenant(older, other, create_case=[DONE])
    assert error_of(tenant, DesiredCase({**NEW, "opened_at": "2020-01-01T00:00:00Z"})).msg == (
        "Whether the case 'Mail' was created is unknown (open cases of that name made since then: 9). "
        "Look before running the task again. It failed: None."
    )
    assert tenant.calls == ["create_case", "list_cases"]
    assert len(tenant.idle.waits) == 1
    assert "made since then: none)" in error_of(Tenant(older, create_case=[LOST]), DesiredCase(NEW)).msg
    blind = error_of(Tenant(create_case=[LOST], list_cases=[DOWN]), DesiredCase(NEW))
    assert "is unknown (looking for it failed: It failed: 503). Look before" in blind.msg


def test_a_created_case_is_told_of_even_if_reading_it_fails() -> None:
    desired = replace(BY_NAME, fields={**NEW, "priority": "low"})
    error = error_of(Tenant(hidden=["priority"], get_case=[DOWN]), desired)
    assert error.msg.startswith("Case 1 was created, but not everything was done. It failed: 503.")
    assert (error.facts["changed"], error.facts["case_id"]) == (True, 1)


# Runs side by side


class Crowded(Tenant):
    """While a case is created here, other runs create theirs: one before it, one after it."""

    def create_case(self, wanted: Case, buttons: Sequence[Case] = ()) -> Case:
        self.made(wanted)
        mine = super().create_case(wanted, buttons)
        self.made(wanted)
        return mine


def test_of_cases_made_at_the_same_time_the_lowest_id_stays() -> None:
    tenant = Crowded()
    result = apply(tenant, BY_NAME)
    assert tenant.calls == ["list_cases", "create_case", "list_cases", "delete_case"]
    assert (list(tenant.store), result.case["case_id"], result.changed) == ([1, 3], 1, False)
    assert result.diff()["before_header"] == "case 1 (Mail)"


def test_the_run_with_the_lowest_id_leaves_the_others_to_delete_theirs() -> None:
    class First(Tenant):
        def create_case(self, wanted: Case, buttons: Sequence[Case] = ()) -> Case:
            mine = super().create_case(wanted, buttons)
            self.made(wanted)
            return mine

    tenant = First()
    assert (apply(tenant, BY_NAME).case["case_id"], list(tenant.store)) == (1, [1, 2])


def test_the_case_of_another_run_is_made_as_asked() -> None:
    tenant = Crowded(OLD | {"name": "Other"})
    result = apply(tenant, replace(BY_NAME, fields={**NEW, "priority": "low"}, actions=DesiredActions((BUTTON,))))
    assert tenant.calls[3:] == ["delete_case", "get_case", "list_actions", "update_case", "replace_actions"]
    assert (result.case["case_id"], result.case["priority"], result.changed) == (8, "LOW", True)
    assert [button["label"] for button in result.actions] == ["Go"]


@pytest.mark.parametrize("change", [{"priority": "HIGH"}, {"updated_at": "2126-01-01"}, {"actions": [{"id": 1}]}])
def test_a_case_that_somebody_has_touched_is_not_deleted(change: Case) -> None:
    class Touched(Crowded):
        def create_case(self, wanted: Case, buttons: Sequence[Case] = ()) -> Case:
            mine = super().create_case(wanted, buttons)
            self.store[mine["case_id"]].update(change)
            return {"priority": "LOW", "updated_at": "2026-01-31", **mine}

    tenant = Touched()
    assert apply(tenant, BY_NAME).case["case_id"] == 1
    assert list(tenant.store) == [1, 2, 3]
    (warning,) = tenant.warnings
    assert warning.startswith("Two cases have the name 'Mail', 1 and 2, because another run made one")


def test_a_case_that_is_gone_already_was_deleted() -> None:
    tenant = Crowded(delete_case=[{"status": 404}])
    assert apply(tenant, BY_NAME).case["case_id"] == 1


def made_now(case_id: int) -> Case:
    return {**OLD, "case_id": case_id, "created_at": format_timestamp(datetime.now(timezone.utc))}


def test_cases_that_other_runs_are_about_to_settle_are_looked_at_again() -> None:
    class Settling(Tenant):
        def list_cases(self, query: Iterable[tuple[str, str]]) -> Iterator[Case]:
            yield from super().list_cases(query)
            self.store.pop(9 if 9 in self.store else 8, None)

    tenant = Settling(made_now(7), made_now(8), made_now(9))
    assert apply(tenant, BY_NAME).case["case_id"] == 7
    assert tenant.calls == ["list_cases"] * 3
    assert len(tenant.idle.waits) == 2


def test_duplicates_that_stay_are_an_error_at_once_if_they_are_old_and_soon_if_they_are_new() -> None:
    old = Tenant(OLD, {**OLD, "case_id": 8, "created_at": "2026-01-31"})
    assert "IDs 7, 8" in error_of(old, BY_NAME).msg
    assert old.calls == ["list_cases"]
    new = Tenant(OLD, made_now(8))
    assert "IDs 7, 8" in error_of(new, BY_NAME).msg
    assert new.calls == ["list_cases"] * 5


def test_nothing_is_looked_for_again_if_nothing_identifies_the_case() -> None:
    tenant = Crowded()
    assert apply(tenant, DesiredCase(NEW)).case["case_id"] == 2
    assert tenant.calls == ["create_case"]


# What identifies a case


@pytest.mark.parametrize("shown", [{"metadata": None}, {}])
def test_a_listing_without_metadata_does_not_make_a_case_look_new(shown: Case) -> None:
    class Lean(Tenant):
        def list_cases(self, query: Iterable[tuple[str, str]]) -> Iterator[Case]:
            return ({**case, **shown} for case in super().list_cases(query))

    known = {**OLD, "metadata": {"alert": "A-1"}}
    other = {**OLD, "case_id": 8, "metadata": {"alert": "A-2"}}
    tenant = Lean(known, other, hidden=["metadata"])
    desired = DesiredCase({**NEW, "metadata": {"alert": "A-1"}}, identity=Identity(1, key="alert", value="A-1"))
    assert (apply(tenant, desired).changed, tenant.calls) == (False, ["list_cases", "get_case", "get_case"])


def test_a_case_is_not_closed_twice_or_made_in_order_to_be_closed() -> None:
    closed = {**OLD, "status": "CLOSED", "opened_at": "2026-01-31T08:30:00Z"}
    newer = {**closed, "case_id": 5, "opened_at": "2026-01-31T08:30:01Z"}
    desired = DesiredCase({**NEW, "status": "closed"}, identity=BY_NAME.identity)
    result = apply(Tenant(closed, newer), desired)
    assert (result.changed, result.case["case_id"]) == (False, 5)
    tenant = Tenant()
    assert error_of(tenant, desired).msg.startswith("There is no such case to close")
    assert tenant.calls == ["list_cases", "list_cases"]


CLOSED = {**OLD, "status": "CLOSED", "opened_at": "2026-01-31T08:30:00Z"}


def test_a_closed_case_that_matches_is_left_reopened_or_joined_by_another() -> None:
    tenant = Tenant(CLOSED)
    left = apply(tenant, replace(BY_NAME, fields={**NEW, "priority": "high"}, if_closed="leave"))
    assert (left.changed, left.case["case_id"], left.case["status"]) == (False, 7, "CLOSED")
    assert "update_case" not in tenant.calls
    reopened = apply(tenant, replace(BY_NAME, if_closed="reopen"))
    assert (reopened.changed, reopened.case["case_id"], reopened.case["status"]) == (True, 7, "OPEN")
    assert not apply(tenant, replace(BY_NAME, if_closed="reopen")).changed
    assert apply(Tenant(CLOSED), BY_NAME).case["case_id"] == 8


@pytest.mark.parametrize("if_closed", ["create", "reopen"])
def test_a_case_that_is_to_be_closed_is_not_reopened_for_it(if_closed: str) -> None:
    desired = replace(BY_NAME, fields={**NEW, "status": "closed"}, if_closed=if_closed)
    assert not apply(Tenant(CLOSED), desired).changed


@pytest.mark.parametrize("if_closed", ["reopen", "leave"])
def test_a_case_is_created_if_none_matches_whatever_is_to_be_done_with_closed_ones(if_closed: str) -> None:
    tenant = Tenant({**CLOSED, "name": "Other"})
    assert apply(tenant, replace(BY_NAME, if_closed=if_closed)).case["case_id"] == 8


def test_which_of_several_open_cases_is_meant_can_be_said() -> None:
    tenant = Tenant(OLD, {**OLD, "case_id": 8})
    assert apply(tenant, replace(BY_NAME, on_multiple="oldest")).case["case_id"] == 7
    assert apply(tenant, replace(BY_NAME, on_multiple="newest")).case["case_id"] == 8
    assert "IDs 7, 8" in error_of(tenant, BY_NAME).msg


def test_what_a_first_run_closes_is_what_a_second_run_finds() -> None:
    open_one = {**OLD, "opened_at": "2026-01-01T00:00:00Z"}
    closed_before = {**CLOSED, "case_id": 6, "priority": "HIGH"}
    tenant = Tenant({**open_one, "priority": "HIGH"}, closed_before)
    desired = replace(BY_NAME, fields={**NEW, "status": "closed", "priority": "low"})
    assert apply(tenant, desired).case["case_id"] == 7
    again = apply(tenant, desired)
    assert (again.changed, again.case["case_id"], tenant.store[6]["priority"]) == (False, 7, "HIGH")


# A case that an earlier task would create


def test_a_case_that_would_be_new_is_taken_in_check_mode_without_a_request() -> None:
    tenant = Tenant()
    desired = DesiredCase({"priority": "low", "add_tag_names": ["a"]}, case_id=0, actions=DesiredActions((BUTTON,)))
    result = apply(tenant, desired, check=True)
    assert (tenant.calls, result.changed, result.case["case_id"]) == ([], True, 0)
    assert result.diff()["before_header"] == "new case"
    assert [button["label"] for button in result.actions] == ["Go"]
    assert not apply(tenant, DesiredCase({}, case_id=0), check=True).changed
    assert apply(tenant, DesiredCase({}, "absent", case_id=0), check=True).changed
    assert tenant.calls == []


# What is absent


def test_nothing_is_deleted_where_there_is_nothing() -> None:
    named = DesiredCase({}, "absent", identity=BY_NAME.identity)
    for desired, which in (
        (DesiredCase({}, "absent", case_id=7), "Case 7"),
        (named, "An open case with the name 'Mail'"),
    ):
        tenant = Tenant()
        result = apply(tenant, desired)
        assert not result.changed
        (warning,) = tenant.warnings
        assert warning == f"{which} does not exist, or this key may not see it, so there is none to delete."
        assert result.diff() == {"before_header": "no case", "after_header": "no case", "before": {}, "after": {}}


@pytest.mark.parametrize("check", [True, False])
def test_a_deletion_has_a_diff_too(check: bool) -> None:
    tenant = Tenant(OLD)
    result = apply(tenant, DesiredCase({}, "absent", case_id=7), check)
    assert result.diff()["after"] == {}
    assert result.diff()["before"] == {"case_id": 7, "name": "Mail", "status": "open", "team_id": 1, "metadata": {}}
    assert (7 in tenant.store) is check


def test_a_deletion_that_is_answered_with_404_is_looked_at() -> None:
    absent = DesiredCase({}, "absent", case_id=7)
    gone = Tenant(OLD, delete_case=[{"status": 404, "done": True}])
    assert apply(gone, absent).changed
    assert gone.calls == ["get_case", "delete_case", "get_case"]
    lies = error_of(Tenant(OLD, delete_case=[{"status": 404}]), absent)
    assert lies.msg == "Case 7: the server says that it does not exist and still shows it."
    refused = Tenant(OLD, delete_case=[{"status": 404}], get_case=[None, DOWN])
    assert error_of(refused, absent).msg == "It failed: 503."


def test_a_case_that_must_be_there_is_not_made_up() -> None:
    assert error_of(Tenant(), DesiredCase({"priority": "low"}, case_id=7)).facts["status"] == 404
    refused = Tenant(OLD, get_case=[{"status": 403}])
    assert error_of(refused, DesiredCase({}, "absent", case_id=7)).facts["status"] == 403


# What stays half done


def test_a_case_whose_buttons_fail_is_named_and_finished_by_the_next_run() -> None:
    desired = DesiredCase(NEW, identity=BY_NAME.identity, actions=DesiredActions((BUTTON,)))
    tenant = Tenant(replace_actions=[REFUSED])
    error = error_of(tenant, desired)
    assert error.msg == (
        "Case 1 was created, but not everything was done. It failed: 422. Run the task again to finish it."
    )
    assert (error.facts["changed"], error.facts["case_id"], error.facts["case"]["name"]) == (True, 1, "Mail")
    result = apply(tenant, desired)
    assert [button["label"] for button in result.actions] == ["Go"]
    assert list(tenant.store) == [1]


def test_a_case_that_the_next_run_would_not_find_is_to_be_finished_by_its_number() -> None:
    error = error_of(Tenant(replace_actions=[REFUSED]), DesiredCase(NEW, actions=DesiredActions((BUTTON,))))
    assert error.msg.endswith(
        "Finish it with casework.cases.case and case_id: 1; running the task again would create another."
    )


def test_so_is_a_case_whose_identifying_metadata_could_not_be_set() -> None:
    wanted = {**NEW, "metadata": {"alert": "A-1"}}
    error = error_of(
        Tenant(set_metadata=[REFUSED]), DesiredCase(wanted, identity=Identity(1, key="alert", value="A-1"))
    )
    assert "Case 1 was created" in error.msg
    assert "case_id: 1; running the task again would create another" in error.msg


def test_what_was_changed_before_a_failure_is_told() -> None:
    wanted = {"priority": "low", "metadata": {"a": "b"}}
    tenant = Tenant(OLD, update_case=[REFUSED])
    error = error_of(tenant, DesiredCase(wanted, case_id=7))
    assert error.msg.startswith("Case 7 was changed, but not everything was done. It failed: 422.")
    assert tenant.calls == ["get_case", "set_metadata", "update_case"]
    nothing = error_of(Tenant(OLD, update_case=[REFUSED]), DesiredCase({"priority": "low"}, case_id=7))
    assert (nothing.msg, "changed" in nothing.facts) == ("It failed: 422.", False)


@pytest.mark.parametrize(("status", "hinted"), [(422, True), (403, True), (401, False), (500, False)])
def test_a_closing_that_is_refused_names_the_conditions(status: int, hinted: bool) -> None:
    case = {**OLD, "closure_conditions": [{"name": "has an owner", "formula": "=FALSE"}]}
    error = error_of(Tenant(case, update_case=[{"status": status}]), DesiredCase({"status": "closed"}, case_id=7))
    assert error.msg.endswith("conditions are met: has an owner.") is hinted
    other = error_of(Tenant(case, update_case=[REFUSED]), DesiredCase({"priority": "low"}, case_id=7))
    assert other.msg == "It failed: 422."


def test_an_update_that_does_nothing_is_a_failure() -> None:
    class Deaf(Tenant):
        def update_case(self, case_id: int, body: Case) -> Case:
            return super().update_case(case_id, {})

    error = error_of(Deaf(OLD), DesiredCase({"status": "closed"}, case_id=7))
    assert "status is 'OPEN' instead of 'closed'" in error.msg
    assert "again" not in error.msg  # the server would ignore it again


# Records and metadata


def test_an_ambiguous_update_is_planned_anew() -> None:
    tenant = Tenant(OLD, add_record=[DONE, None])
    result = apply(tenant, DesiredCase({"record_ids": [1, 2], "metadata": {"a": "b"}}, case_id=7))
    assert tenant.calls == ["get_case", "set_metadata", "add_record", "get_case", "add_record", "get_case"]
    assert result.case["records"] == [{"id": 1}, {"id": 2}]


def test_an_update_that_stays_ambiguous_is_given_up() -> None:
    tenant = Tenant(OLD, add_record=[LOST] * 9)
    assert error_of(tenant, DesiredCase({"record_ids": [1]}, case_id=7)).msg == "It failed: None."
    assert tenant.calls.count("add_record") == 3


def test_records_that_a_server_does_not_show_are_added_to_a_new_case_and_no_other() -> None:
    desired = DesiredCase({**NEW, "record_ids": [187]}, identity=BY_NAME.identity)
    tenant = Tenant(hidden=["records"])
    assert apply(tenant, desired).changed
    assert tenant.store[1]["records"] == [{"id": 187}]
    assert not apply(tenant, desired).changed
    blind = Tenant(hidden=["records"], add_record=[DONE])
    assert "Case 1 was created, but not everything was done." in error_of(blind, desired).msg


# What is shown


def test_a_case_that_is_new_has_the_id_0_in_check_mode_and_shows_its_buttons() -> None:
    tenant = Tenant()
    result = apply(tenant, DesiredCase(NEW, identity=BY_NAME.identity, actions=DesiredActions((BUTTON,))), check=True)
    assert tenant.calls == ["list_cases"]
    assert result.case == {"url": "https://acme.example/", "case_id": 0, "team": {"id": 1}, "name": "Mail"}
    assert result.actions == ({"case_id": 0, "id": None, **BUTTON},)
    shown = result.diff()
    assert shown["before"] == {}
    assert shown["before_header"] == "new case Mail"
    assert "case_id" not in shown["after"]
    assert shown["after"]["actions"] == [{**BUTTON, "url": "https://acme.tines.com/webhook/go/********"}]
    assert result.diff("buttons", lambda button: {"text": button["label"]})["after"]["buttons"] == [{"text": "Go"}]


def test_a_secret_in_the_name_of_a_case_is_masked_wherever_it_is_shown() -> None:
    name = "Call https://acme.tines.com/webhook/go/s3cret"
    desired = DesiredCase({**NEW, "name": name}, identity=Identity(1, name=name))
    assert "s3cret" not in str(apply(Tenant(), desired, check=True).diff())
    assert "s3cret" not in error_of(Tenant(create_case=[LOST], list_cases=[None, DOWN]), desired).msg
    twins = {**OLD, "name": name}
    assert "s3cret" not in error_of(Tenant(twins, {**twins, "case_id": 8}), desired).msg


# What a listing leaves out


def test_what_a_listing_leaves_out_is_read_before_it_is_changed() -> None:
    tenant = Tenant({**OLD, "priority": "HIGH"}, hidden=["priority"])
    assert not apply(tenant, replace(BY_NAME, fields={**NEW, "priority": "high"})).changed
    assert tenant.calls == ["list_cases", "get_case"]


@pytest.mark.parametrize("shown", [{}, {"metadata": None}])
def test_metadata_that_a_listing_leaves_out_is_kept(shown: Case) -> None:
    tenant = Tenant({**OLD, "metadata": {"theirs": "1"}}, hidden=["metadata"])
    tenant.shown_instead = shown
    apply(tenant, replace(BY_NAME, fields={**NEW, "metadata": {"ours": "2"}}))
    assert tenant.store[7]["metadata"] == {"theirs": "1", "ours": "2"}


def test_what_is_not_asked_for_is_not_read() -> None:
    tenant = Tenant(OLD, hidden=["priority", "metadata"])
    assert not apply(tenant, BY_NAME).changed
    assert tenant.calls == ["list_cases"]


def test_absent_never_removes_a_closed_case() -> None:
    tenant = Tenant({**OLD, "status": "CLOSED"})
    desired = replace(BY_NAME, fields={**NEW, "status": "closed"}, state="absent")
    assert not apply(tenant, desired).changed
    assert tenant.calls == ["list_cases"]


@pytest.mark.parametrize(("further", "read"), [({}, []), ({"template_id": "t"}, ["list_actions"])])
def test_the_buttons_of_a_new_case_are_read_where_a_template_may_have_brought_some(
    further: Case, read: list[str]
) -> None:
    tenant = Tenant()
    apply(tenant, replace(BY_NAME, fields={**NEW, **further}, actions=DesiredActions((BUTTON,))))
    assert tenant.calls == ["list_cases", "create_case", "list_cases", *read, "replace_actions"]


def test_what_the_answer_to_a_change_leaves_out_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = Tenant({**OLD, "priority": "LOW"})
    update_case = tenant.update_case
    monkeypatch.setattr(tenant, "update_case", lambda *change: {"case_id": update_case(*change)["case_id"]})
    assert apply(tenant, replace(BY_NAME, fields={**NEW, "priority": "high"})).case["priority"] == "HIGH"
    assert tenant.calls == ["list_cases", "update_case", "get_case"]
