# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task never leaves two buttons, whatever gets lost on the way, and check mode says what will be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, cast
from unittest.mock import Mock

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    CaseworkError,
    NoResponseError,
    NotDoneError,
    RequestError,
    ResponseError,
)
from ansible_collections.casework.cases.plugins.module_utils._core.execution import ModuleContext
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import Http
from ansible_collections.casework.cases.plugins.module_utils._core.rate_limit import RateLimiter
from ansible_collections.casework.cases.plugins.module_utils._tines.actions.apply import (
    ActionsResult,
    apply_actions,
    read_and_plan,
    warn_of_odd_params,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.actions.fields import differences, parse_actions
from ansible_collections.casework.cases.plugins.module_utils._tines.actions.plan import DesiredActions
from ansible_collections.casework.cases.plugins.module_utils._tines.client import Tines
from ansible_collections.casework.cases.plugins.module_utils._tines.reconcile import wait_before_recheck
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._tines.actions.model import CASE, Button, Case
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import VirtualClock
from hypothesis import given
from hypothesis import strategies as st

HOOK = "https://acme.tines.com/webhook/p/5ec2e7"
PAGE = "https://acme.tines.com/pages/p"
A, B, C = ({"label": label, "url": PAGE, "action_type": "page"} for label in "ABC")

WRITING = ("create_action", "update_action", "delete_action", "replace_actions")


class Idle:
    """What is asked of a client besides requests."""

    def __init__(self, timeout: float = 30.0) -> None:
        self.clock = VirtualClock()
        self.limiter = RateLimiter(self.clock)
        self.timeout = timeout
        self.retries = 2
        self.read_only = False


def lost(**kwargs: Any) -> RequestError:
    return NoResponseError("Lost.", method="POST", path="/", outcome_unknown=True, **kwargs)


def refused(status: int = 422) -> RequestError:
    return ResponseError("Refused.", method="POST", path="/", status=status)


class Flaky(Case):
    """A case behind a line on which requests get lost, all but deletions: those are sent until they are answered.

    faults: what befalls each writing request: "" nothing, "before" or "after" it was carried out, "refused", "foreign"
    lost before it was carried out while somebody adds a button, or a number: carried out late, before the request that
    comes so many after it. unlisted, unshown, unanswered: query_params are left out of listings, of everything, of
    answers to writing requests. deaf: keys that are taken and forgotten.
    """

    def __init__(self, now: Sequence[Button] = (), *faults: str | int, **settings: Any) -> None:
        super().__init__({"case_id": CASE, **button} for button in now)
        self.faults = list(faults)
        self.http = Idle()
        self.requests: list[str] = []
        self.late: list[tuple[int, Callable[[], object]]] = []
        self.unlisted = self.unshown = self.unanswered = False
        self.deaf: tuple[str, ...] = ()
        vars(self).update(settings)

    def _begin(self, request: str) -> None:
        due = [work for moment, work in self.late if moment <= len(self.requests)]
        self.late = [(moment, work) for moment, work in self.late if moment > len(self.requests)]
        for work in due:
            work()
        self.requests.append(request)

    def _write(self, request: str, work: Callable[[], Any]) -> Any:
        self._begin(request)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refused":
            raise refused()
        if request == "delete_action":
            return work()
        if fault == "foreign":
            super().create_action(CASE, {"label": "Theirs", "url": PAGE, "action_type": "page"})
        if fault == "after":
            work()
        if isinstance(fault, int):
            self.late.append((len(self.requests) + fault - 1, work))
            raise lost(timed_out=True)
        if fault:
            raise lost()
        return work()

    def _shown(self, button: Button, complete: bool) -> Button:
        drop = () if complete and not self.unshown else ("query_params",)
        return {key: value for key, value in button.items() if key not in drop}

    def _heard(self, body: Button) -> Button:
        return {key: value for key, value in body.items() if key not in self.deaf}

    def list_actions(self, case_id: int) -> list[Button]:
        self._begin("list_actions")
        return [self._shown(button, not self.unlisted) for button in self.buttons]

    def get_action(self, case_id: int, action_id: int) -> Button:
        self._begin("get_action")
        return self._shown(self._button(action_id), True)

    def create_action(self, case_id: int, body: Button) -> Button:
        work = super().create_action
        return self._shown(self._write("create_action", lambda: work(case_id, self._heard(body))), not self.unanswered)

    def update_action(self, case_id: int, action_id: int, body: Button) -> Button:
        work = super().update_action
        return self._shown(
            self._write("update_action", lambda: work(case_id, action_id, self._heard(body))), not self.unanswered
        )

    def delete_action(self, case_id: int, action_id: int) -> bool:
        work = super().delete_action
        return bool(self._write("delete_action", lambda: work(case_id, action_id)))

    def replace_actions(self, case_id: int, bodies: Sequence[Button]) -> list[Button]:
        made = self._write("replace_actions", lambda: self._replace([self._heard(body) for body in bodies]))
        return [self._shown(button, not self.unanswered) for button in made]

    def _replace(self, bodies: Sequence[Button]) -> list[Button]:
        assert bodies
        self.buttons = []
        return [Case.create_action(self, CASE, body) for body in bodies]

    @property
    def written(self) -> list[str]:
        return [request for request in self.requests if request in WRITING]

    @property
    def labels(self) -> list[str]:
        return [button["label"] for button in self.buttons]


def context(case: Flaky, check: bool = False) -> tuple[ModuleContext[Tines], list[str]]:
    warnings: list[str] = []
    case.http.read_only = check
    http = cast(Http, case.http)
    return ModuleContext({}, cast(Tines, case), http, warnings.append, lambda text, version: None), warnings


def ensure(case: Flaky, aim: DesiredActions, check: bool = False) -> ActionsResult:
    """The result of the task, which may have failed."""
    job, warnings = context(case, check)
    result = apply_actions(job, job.client, CASE, aim)
    assert warnings == []
    return result


def succeeding(case: Flaky, aim: DesiredActions, check: bool = False) -> ActionsResult:
    result = ensure(case, aim, check)
    if result.error:
        raise result.error
    return result


def goal(*wanted: Button, **settings: Any) -> DesiredActions:
    return DesiredActions(parse_actions(wanted, "actions", needed=("label",)), **settings)


def failing(case: Flaky, aim: DesiredActions) -> ActionsResult:
    result = ensure(case, aim)
    assert result.error
    return result


def error_of(case: Flaky, aim: DesiredActions) -> CaseworkError:
    error = failing(case, aim).error
    assert error
    return error


def existing(number: int, wanted: Button, **keys: Any) -> Button:
    return {"id": number, "query_params": {}, "action_text": "Run", **wanted, **keys}


OTHER = existing(1, {"label": "Other", "url": HOOK, "action_type": "webhook"})


# Never two


@pytest.mark.parametrize(
    ("faults", "requests"),
    [
        ([""], ["list_actions", "create_action"]),
        (["after"], ["list_actions", "create_action", "list_actions"]),
        (["before"], ["list_actions", "create_action", "list_actions", "create_action", "list_actions"]),
        ([1], ["list_actions", "create_action", "list_actions"]),
        ([2], ["list_actions", "create_action", "list_actions", "create_action", "list_actions", "delete_action"]),
        ([3], ["list_actions", "create_action", "list_actions", "create_action", "list_actions", "delete_action"]),
    ],
)
def test_a_create_that_gets_lost_gives_one_button(faults: list[str | int], requests: list[str]) -> None:
    case = Flaky([OTHER], *faults)
    outcome = succeeding(case, goal(A))
    assert case.labels == ["Other", "A"]
    assert [button["label"] for button in outcome.actions] == ["Other", "A"]
    assert outcome.plan.created == ("A",)
    assert case.requests == requests
    assert len(case.http.clock.waits) == len(list(filter(None, faults)))


@pytest.mark.parametrize("faults", [[3, "after"], [3, 1], [4, 1], [3, "before"], [2, "before"], [2, "refused"]])
def test_neither_do_several_that_get_lost_give_two(faults: list[str | int]) -> None:
    case = Flaky([OTHER], *faults)
    succeeding(case, goal(A))
    assert case.labels == ["Other", "A"]


@given(
    st.integers(0, 3),
    st.lists(st.sampled_from(["", "before", "after", 1, 2, 3]), max_size=6),
    st.sampled_from([goal(A), goal(A, B), goal(A, B, C), goal(A, B, batch=False), goal(A, B, exclusive=True)]),
    st.booleans(),
    st.integers(0, 6),
)
def test_whatever_gets_lost_there_is_never_one_too_many(
    found: int, faults: list[str | int], aim: DesiredActions, unlisted: bool, retries: int
) -> None:
    before = [OTHER, existing(2, A, action_text="Old"), existing(3, C, url=HOOK)][:found]
    case = Flaky(before, *faults, unlisted=unlisted)
    case.http.retries = retries
    wanted = {button["label"] for button in aim.buttons}
    try:
        succeeding(case, aim)
    except RequestError:
        assert len(faults) > retries or any(isinstance(fault, int) for fault in faults)
    else:
        assert wanted <= set(case.labels)
        if aim.exclusive:
            assert set(case.labels) == wanted
        assert all(
            not differences(shown, each)
            for each in aim.buttons
            for shown in case.buttons
            if each["label"] == shown["label"]
        )
    if not case.late:
        assert set(Counter(case.labels).values()) <= {1}
    if not aim.exclusive:
        assert [each["id"] for each in before if each["label"] not in wanted] == [
            each["id"] for each in case.buttons if each["label"] not in wanted
        ]


def test_a_twin_of_somebody_elses_is_left_alone() -> None:
    case = Flaky([OTHER], "foreign")
    succeeding(case, goal({**A, "label": "Theirs", "action_text": "Mine"}))
    assert case.labels == ["Other", "Theirs"]
    assert case.buttons[1]["action_text"] == "Mine"


def test_a_batch_that_got_lost_is_planned_anew() -> None:
    done = Flaky([], "after")
    succeeding(done, goal(A, B))
    assert (done.labels, done.written) == (["A", "B"], ["replace_actions"])
    again = Flaky([], "before")
    succeeding(again, goal(A, B))
    assert (again.labels, again.written) == (["A", "B"], ["replace_actions", "replace_actions"])
    joined = Flaky([], "foreign")
    succeeding(joined, goal(A, B))
    assert (joined.labels, joined.written) == (
        ["Theirs", "A", "B"],
        ["replace_actions", "create_action", "create_action"],
    )


@pytest.mark.parametrize("retries", [0, 2])
def test_what_always_gets_lost_fails_in_the_end(retries: int) -> None:
    case = Flaky([OTHER], *["before"] * 9)
    case.http.retries = retries
    known = failing(case, goal(A))
    assert case.written == ["create_action"] * (retries + 1)
    assert (str(known.error), known.plan.changed, case.labels) == ("Lost.", False, ["Other"])


def test_without_retries_it_is_still_looked_for() -> None:
    case = Flaky([OTHER], "after")
    case.http.retries = 0
    assert succeeding(case, goal(A)).plan.created == ("A",)


def test_a_server_that_may_be_at_work_is_given_its_time() -> None:
    http = Idle(timeout=12.5)
    wait_before_recheck(cast(Http, http), lost(timed_out=True), 0)
    wait_before_recheck(cast(Http, http), lost(), 0)
    http.timeout = 0.5
    wait_before_recheck(cast(Http, http), lost(timed_out=True), 0)
    first, second, third = http.clock.waits
    assert (first, third) == (25.0, 10.0)
    assert second <= 0.5


# What was done before a failure


def test_a_failure_tells_what_was_done_before_it() -> None:
    case = Flaky([OTHER, existing(2, A, url=HOOK)], "", "refused")
    partial = failing(case, goal(A, B, C))
    assert partial.plan.changed
    assert (partial.plan.created, partial.plan.updated, partial.plan.deleted) == ((), ("A",), ())
    assert [button["label"] for button in partial.actions] == case.labels == ["Other", "A"]
    assert partial.diff()["after"]["actions"][1]["url"] == PAGE


def test_one_of_two_with_a_label_that_was_removed_is_told() -> None:
    case = Flaky([existing(1, A), existing(2, A)], "", "refused")
    partial = failing(case, goal({"label": "A"}, state="absent"))
    assert partial.plan.deleted == ("A",)
    assert [button["id"] for button in partial.actions] == [2]


@pytest.mark.parametrize("aim", [goal(A, B), goal({"label": "Other"}, state="absent"), goal(A, exclusive=True)])
def test_where_nothing_was_done_nothing_is_told(aim: DesiredActions) -> None:
    case = Flaky([OTHER], "refused")
    known = failing(case, aim)
    assert (known.plan.changed, list(known.actions)) == (False, case.buttons)
    assert case.labels == ["Other"]


@pytest.mark.parametrize(("now", "aim"), [([], goal(A)), ([OTHER], goal(A)), ([existing(1, A, url=HOOK)], goal(A))])
def test_a_server_that_does_not_do_it_makes_the_task_fail(
    now: list[Button], aim: DesiredActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hear_amiss(body: Button) -> Button:
        return {**body, **({"url": f"{HOOK}x"} if "url" in body else {})}

    case = Flaky(now)
    case.deaf = ("url",)
    monkeypatch.setattr(case, "_heard", hear_amiss)
    known = failing(case, aim)
    assert isinstance(known.error, NotDoneError)
    assert known.plan.changed
    assert "5ec2e7" not in known.error.msg


@pytest.mark.parametrize(("now", "aim"), [([], goal(A, B)), ([OTHER], goal(A))])
def test_what_cannot_be_told_is_said_to_be_unknown(
    now: list[Button], aim: DesiredActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Flaky(now, "after")
    answers = [case.list_actions(7), refused(500)]
    monkeypatch.setattr(case, "list_actions", Mock(side_effect=answers))
    known = failing(case, aim)
    assert known.plan.created == ()
    assert known.unknown == tuple(button["label"] for button in aim.buttons)


def test_a_button_that_is_still_listed_was_not_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Flaky([OTHER])
    monkeypatch.setattr(case, "delete_action", Mock(return_value=False))  # the server says that there is none
    error = error_of(case, goal({"label": "Other"}, state="absent"))
    assert isinstance(error, NotDoneError)
    assert "still lists it" in error.msg


# Looking


@pytest.mark.parametrize("aim", [goal(A, B), goal(A, exclusive=True), goal({"label": "Other"}, state="absent")])
def test_nothing_is_written_in_check_mode(aim: DesiredActions) -> None:
    case = Flaky([OTHER, existing(2, A)])
    outcome = succeeding(case, aim, check=True)
    assert outcome.plan.changed
    assert case.requests == ["list_actions"]
    assert outcome.actions == outcome.plan.after


def test_a_case_that_does_not_exist_has_no_button_to_remove(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Flaky()
    monkeypatch.setattr(case, "list_actions", Mock(side_effect=refused(404)))
    job, warnings = context(case)
    outcome = apply_actions(job, job.client, CASE, goal({"label": "A"}, state="absent"))
    assert (outcome.plan.changed, outcome.actions) == (False, ())
    assert len(warnings) == 1
    assert "Case 7 does not exist" in warnings[0]
    with pytest.raises(RequestError):
        apply_actions(job, job.client, CASE, goal(A))


def test_a_key_that_is_refused_is_no_missing_case(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Flaky()
    monkeypatch.setattr(case, "list_actions", Mock(side_effect=refused(403)))
    with pytest.raises(RequestError) as caught:
        ensure(case, goal({"label": "A"}, state="absent"))
    assert caught.value.status == 403


EXISTING = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(1, 99),
            "label": st.sampled_from("ABCD"),
            "url": st.sampled_from([PAGE, HOOK, f"{HOOK}x", f"{HOOK}/"]),
            "action_type": st.just("page"),
            "action_text": st.sampled_from(["Run", "Go", "", None]),
            "query_params": st.sampled_from([{}, {"a": "1"}, {"a": 1, "b": True}]),
        }
    ),
    max_size=4,
    unique_by=(lambda button: str(button["id"]), lambda button: str(button["label"])),
)
ASKED = st.lists(
    st.fixed_dictionaries(
        {"label": st.sampled_from("ABCD"), "url": st.sampled_from([PAGE, HOOK]), "action_type": st.just("page")},
        optional={"action_text": st.sampled_from(["", "Go"]), "query_params": st.sampled_from([{}, {"a": "1"}])},
    ),
    max_size=3,
    unique_by=lambda button: str(button["label"]),
)


@given(
    EXISTING, ASKED, st.sampled_from(["present", "absent", "exclusive"]), st.booleans(), st.booleans(), st.booleans()
)
def test_check_mode_tells_what_the_real_run_does(
    now: list[Button], wanted: list[Button], state: str, batch: bool, unlisted: bool, unanswered: bool
) -> None:
    exclusive = state == "exclusive"
    aim = goal(*wanted, state="present" if exclusive else state, exclusive=exclusive, batch=batch)
    case = Flaky(now, unlisted=unlisted, unanswered=unanswered)
    before = [dict(button) for button in case.buttons]
    told = succeeding(case, aim, check=True)
    assert case.buttons == before
    real = succeeding(case, aim)
    assert (real.plan.changed, real.diff()) == (told.plan.changed, told.diff())
    assert [button["id"] for button in real.actions] == [button["id"] for button in case.buttons]
    for shown, kept in zip(real.actions, case.buttons):
        assert not differences(kept, {key: value for key, value in shown.items() if key in kept})
    # What was left out is left alone, though a listing does not show it.
    old = {button["label"]: button for button in before}
    for asked in aim.buttons if aim.state == "present" else ():
        (after,) = [button for button in case.buttons if button["label"] == asked["label"]]
        assert not differences(after, {**old.get(asked["label"], {}), **asked})
    again = succeeding(case, aim)
    assert not again.plan.changed


def test_a_diff_names_the_case_and_shows_what_can_be_set() -> None:
    other = {
        "label": "Other",
        "url": "https://acme.tines.com/webhook/p/********",
        "action_type": "webhook",
        "action_text": "Run",
        "query_params": {},
    }
    new = {"label": "A", "url": PAGE, "action_type": "page", "action_text": "Go"}
    assert succeeding(Flaky([OTHER]), goal(new), check=True).diff() == {
        "before_header": "case 7",
        "after_header": "case 7",
        "before": {"case_id": 7, "actions": [other]},
        "after": {"case_id": 7, "actions": [other, new]},
    }


def test_the_button_that_was_asked_for_is_found() -> None:
    outcome = succeeding(Flaky([OTHER]), goal(A))
    assert outcome.action(A)["label"] == "A"
    assert outcome.action({"id": 1, "label": "A"})["label"] == "Other"
    assert outcome.action(B) == {}


# Servers that show no query_params


WITH_PARAMS = {**A, "query_params": {"a": "1"}}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("now", [[OTHER], [existing(2, A)], [OTHER, existing(2, A)]])
def test_a_server_without_them_is_told_before_anything_is_written(now: list[Button], check: bool) -> None:
    case = Flaky(now, unshown=True)
    with pytest.raises(CaseworkError, match="does not support query_params"):
        succeeding(case, goal(WITH_PARAMS), check)
    assert case.requests == ["list_actions", "get_action"]


@pytest.mark.parametrize("batch", [False, True])
def test_on_a_case_without_buttons_the_answer_tells(batch: bool) -> None:
    case = Flaky([], unshown=True)
    known = failing(case, goal(WITH_PARAMS, batch=batch))
    assert "This tenant does not support query_params." in str(known.error)
    assert known.plan.created == ("A",)


def test_a_server_without_them_does_for_who_does_not_ask() -> None:
    case = Flaky([OTHER], unshown=True)
    assert succeeding(case, goal(A)).plan.created == ("A",)
    assert case.requests == ["list_actions", "create_action"]


def test_a_server_that_ignores_them_makes_the_task_fail() -> None:
    case = Flaky([existing(2, A)], deaf=("query_params",))
    assert "query_params is {} instead of {'a': '1'}" in error_of(case, goal(WITH_PARAMS)).msg


def test_where_a_listing_hides_them_each_is_read_once() -> None:
    case = Flaky([OTHER, existing(2, A, query_params={"a": 1}), existing(3, B)], unlisted=True)
    assert not succeeding(case, goal(WITH_PARAMS)).plan.changed
    assert case.requests == ["list_actions", "get_action"]


def test_a_replacement_keeps_those_that_a_listing_hides() -> None:
    kept = existing(2, B, query_params={"b": "2"})
    case = Flaky([OTHER, kept, existing(3, A)], unlisted=True, unanswered=True)
    succeeding(case, goal(WITH_PARAMS, B, exclusive=True))
    assert [(button["label"], button["query_params"]) for button in case.buttons] == [
        ("A", {"a": "1"}),
        ("B", {"b": "2"}),
    ]
    assert case.requests == ["list_actions", "get_action", "get_action", "replace_actions", "get_action", "get_action"]


@pytest.mark.parametrize(
    ("now", "aim", "requests"),
    [
        ([], goal(WITH_PARAMS, B), ["list_actions", "replace_actions", "get_action"]),
        ([OTHER], goal(WITH_PARAMS, B), ["list_actions", "create_action", "get_action", "create_action"]),
        ([existing(2, A), existing(3, B)], goal(WITH_PARAMS, B), ["list_actions", "update_action", "get_action"]),
    ],
)
def test_where_an_answer_hides_them_what_was_asked_for_is_read(
    now: list[Button], aim: DesiredActions, requests: list[str]
) -> None:
    case = Flaky(now, unanswered=True)
    assert succeeding(case, aim).action(A)["query_params"] == {"a": "1"}
    assert case.requests == requests


def test_a_survey_reads_and_plans() -> None:
    case = Flaky([OTHER])
    assert read_and_plan(cast(Tines, case), CASE, goal(A)).created == ("A",)
    assert case.written == []


def test_reserved_names_are_warned_of_once() -> None:
    job, warnings = context(Flaky())
    warn_of_odd_params(job, [A])
    assert warnings == []
    warn_of_odd_params(job, [{"query_params": {"user": "1", "case": "2"}}, {"query_params": {"user": "3"}}])
    assert len(warnings) == 1
    assert warnings[0].endswith(": case, user.")


# What a failure knows


def test_a_case_with_twins_shows_them_in_its_failure() -> None:
    case = Flaky([existing(1, A), existing(2, A)])
    known = failing(case, goal(A))
    assert ([button["id"] for button in known.actions], known.plan.changed) == ([1, 2], False)


def test_a_first_request_that_is_refused_leaves_what_was_there() -> None:
    case = Flaky([OTHER], "refused")
    known = failing(case, goal(A))
    assert ([button["label"] for button in known.actions], known.plan.changed) == (["Other"], False)


@pytest.mark.parametrize(("now", "batch"), [([OTHER], False), ([], True)])
def test_a_button_that_cannot_be_read_afterwards_was_made_all_the_same(
    now: list[Button], batch: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Flaky(now, unanswered=True)
    monkeypatch.setattr(case, "get_action", Mock(side_effect=refused(500)))
    known = failing(case, goal({**A, "query_params": {"a": "b"}}, batch=batch))
    assert (known.plan.created, known.plan.changed) == (("A",), True)
    assert [button["label"] for button in known.actions] == case.labels
