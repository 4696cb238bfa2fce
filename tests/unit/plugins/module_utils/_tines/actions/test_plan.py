# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan leads from any buttons to any goal, touches nothing else, and says beforehand what will be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    CaseworkError,
    OptionError,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.actions.fields import (
    differences,
    parse_actions,
    same,
    writable,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.actions.plan import (
    ActionsPlan,
    DesiredActions,
    applied_part,
    duplicates_of_retry,
    ids_to_read,
    ids_to_read_before_replace,
    plan_actions,
    require_query_params,
)
from ansible_collections.casework.cases.plugins.module_utils._tines.requests import (
    CreateAction,
    DeleteAction,
    ReplaceActions,
    UpdateAction,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._tines.actions.model import CASE, Button, Case
from hypothesis import assume, given, settings
from hypothesis import strategies as st

HOOK = "https://acme.tines.com/webhook/p/5ec2e7"
PAGE = "https://acme.tines.com/pages/p"

LABELS = st.sampled_from(["A", "a", "A ", " A", "\u00c4", "A\u0308", "\U0001f6a8", "x" * 300])
URLS = st.sampled_from([HOOK, f"{HOOK}/", f"{HOOK}x", PAGE, f"{PAGE}/", f"{PAGE}//"])
TEXTS = st.sampled_from(["", "Run", "Go"])
VALUES = st.sampled_from(["1", 1, 1.0, "true", True, None, "", "\u00fc"])
PARAMS = st.dictionaries(st.sampled_from(["a", "b", "case_id"]), VALUES, max_size=2)

EXISTING = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(1, 2**70),
            "label": LABELS | st.none(),
            "url": URLS,
            "action_type": st.sampled_from(["webhook", "page", "story"]),
            "action_text": TEXTS | st.none(),
            "query_params": PARAMS | st.none(),
        }
    ).map(lambda button: {"case_id": CASE, "story_name": "EDR", **button}),
    max_size=5,
    unique_by=lambda button: str(button["id"]),
)

ASKED = st.lists(
    st.fixed_dictionaries(
        {"label": LABELS, "url": URLS, "action_type": st.sampled_from(["webhook", "page"])},
        optional={"action_text": TEXTS, "query_params": PARAMS},
    ),
    max_size=4,
    unique_by=lambda button: str(button["label"]),
).map(lambda given: parse_actions(given, "actions"))


def button(number: int, label: str = "A", url: str = PAGE, **keys: Any) -> Button:
    return {"id": number, "case_id": CASE, "label": label, "url": url, "action_type": "page", **keys}


def goal(*wanted: Button, **settings: Any) -> DesiredActions:
    return DesiredActions(wanted, **settings)


def labels(buttons: Sequence[Button]) -> list[Any]:
    return [each["label"] for each in buttons]


def kinds(made: ActionsPlan) -> list[type]:
    return [type(request) for request in made.requests]


def carried_out(now: Sequence[Button], aim: DesiredActions) -> tuple[ActionsPlan, Case]:
    """The plan, and the case after it. Checks what holds for every plan."""
    case = Case(now)
    made = plan_actions(CASE, now, aim)
    assert list(made.before) == case.buttons
    case.apply(made.requests)
    assert made.changed == bool(made.created or made.updated or made.deleted)
    # What was predicted is what is there, in the same order.
    assert labels(made.after) == labels(case.buttons)
    for predicted, real in zip(made.after, case.buttons):
        assert predicted["case_id"] == CASE
        assert not differences(real, writable(predicted))
    # A second run changes nothing.
    assert not plan_actions(CASE, case.buttons, aim).changed
    # What is said to be done is done.
    assert Counter(labels(now)) + Counter(made.created) - Counter(made.deleted) == Counter(labels(case.buttons))
    return made, case


def without_doubt(now: list[Button], wanted: Sequence[Button]) -> list[Button]:
    """The buttons, only the first of those with a label that is asked for."""
    asked = {each["label"] for each in wanted}
    return [
        each for place, each in enumerate(now) if each["label"] not in asked or each["label"] not in labels(now[:place])
    ]


def twice(now: Sequence[Button]) -> set[Any]:
    return {label for label, times in Counter(labels(now)).items() if times > 1}


# Plans


@settings(max_examples=50)
@given(EXISTING, ASKED, st.booleans())
def test_present_reaches_what_is_wanted_and_touches_nothing_else(
    now: list[Button], wanted: tuple[Button, ...], batch: bool
) -> None:
    now = without_doubt(now, wanted)
    made, case = carried_out(now, goal(*wanted, batch=batch))
    for each in wanted:
        shown = [real for real in case.buttons if real["label"] == each["label"]]
        assert len(shown) == 1
        assert not differences(shown[0], each)
    assert made.deleted == ()
    changed = {*made.created, *made.updated}
    assert changed <= {each["label"] for each in wanted}
    left_alone = [each for each in now if each["label"] not in changed]
    assert [real for real in case.buttons if real["label"] not in changed] == left_alone
    if not now and batch and wanted:
        assert kinds(made) == [ReplaceActions]
    else:
        sent = Counter(kinds(made))
        assert sent == +Counter({CreateAction: len(made.created), UpdateAction: len(made.updated)})


@settings(max_examples=50)
@given(EXISTING, ASKED)
def test_present_sends_what_differs_and_no_more(now: list[Button], wanted: tuple[Button, ...]) -> None:
    now = without_doubt(now, wanted)
    by_id = {each["id"]: each for each in now}
    for request in plan_actions(CASE, now, goal(*wanted, batch=False)).requests:
        if isinstance(request, UpdateAction):
            shown = by_id[request.action_id]
            assert request.body
            assert all(not same(key, shown.get(key), value) for key, value in request.body.items())


@settings(max_examples=50)
@given(EXISTING, ASKED, st.booleans())
def test_exclusive_leaves_exactly_what_is_listed(now: list[Button], wanted: tuple[Button, ...], batch: bool) -> None:
    before = {each["label"]: each for each in now}
    made, case = carried_out(now, goal(*wanted, exclusive=True, batch=batch))
    assert Counter(labels(case.buttons)) == Counter(each["label"] for each in wanted)
    for real in case.buttons:
        (asked,) = [each for each in wanted if each["label"] == real["label"]]
        assert not differences(real, asked)
        if asked["label"] in before and asked["label"] not in twice(now):
            # An optional key that is left out is left alone.
            assert not differences({**writable(before[asked["label"]]), **asked}, writable(real))
    if not made.changed:
        assert case.buttons == now
    elif not wanted:
        assert kinds(made) == [DeleteAction] * len(now)
    elif now or batch:
        assert kinds(made) == [ReplaceActions]
        assert labels(case.buttons) == [each["label"] for each in wanted]
    else:
        assert kinds(made) == [CreateAction] * len(wanted)


@settings(max_examples=50)
@given(EXISTING, st.lists(LABELS, unique=True, max_size=4))
def test_absent_removes_every_button_with_a_label_and_no_other(now: list[Button], unwanted: list[str]) -> None:
    made, case = carried_out(now, goal(*({"label": label} for label in unwanted), state="absent"))
    assert case.buttons == [each for each in now if each["label"] not in unwanted]
    assert kinds(made) == [DeleteAction] * (len(now) - len(case.buttons))
    assert Counter(made.deleted) == Counter(labels(now)) - Counter(labels(case.buttons))


@settings(max_examples=50)
@given(EXISTING.filter(bool), ASKED)
def test_a_label_that_two_buttons_have_is_an_error_that_names_them(
    now: list[Button], wanted: tuple[Button, ...]
) -> None:
    label = now[0]["label"] = "doubtful"
    now.append({**now[0], "id": 2**71})
    asked = {"label": label, "url": PAGE, "action_type": "page"}
    for aim in (goal(*wanted[:1], asked), goal({"label": label}, state="absent", unique=True)):
        with pytest.raises(CaseworkError) as caught:
            plan_actions(CASE, without_doubt(now, wanted), aim)
        ids = f"{now[0]['id']}, {2**71}"
        assert f"Case 7 has 2 buttons with the label 'doubtful' (ids {ids})." in caught.value.msg
        assert "option id of casework.cases.case_action" in caught.value.msg


@settings(max_examples=50)
@given(EXISTING, ASKED)
def test_exclusive_keeps_a_button_that_is_right_already(now: list[Button], wanted: tuple[Button, ...]) -> None:
    made = plan_actions(CASE, now, goal(*wanted, exclusive=True))
    for each in wanted:
        if any(not differences(shown, each) for shown in now if shown["label"] == each["label"]):
            assert each["label"] not in (*made.created, *made.updated)


def test_another_order_alone_is_no_difference() -> None:
    now = [button(1, "A"), button(2, "B")]
    wanted = [{"label": "B", "url": PAGE}, {"label": "A", "url": f"{PAGE}/"}]
    assert not plan_actions(CASE, now, goal(*wanted, exclusive=True)).changed


# By number


@settings(max_examples=50)
@given(EXISTING, st.data())
def test_a_button_is_found_by_its_number_and_may_be_renamed(now: list[Button], data: st.DataObject) -> None:
    assume(now)
    number = data.draw(st.sampled_from([each["id"] for each in now]))
    label = data.draw(LABELS)
    assume(all(each["label"] != label for each in now if each["id"] != number))
    aim = goal({"id": number, "label": label, "url": PAGE}, batch=False, unique=True)
    case = Case(now)
    made = plan_actions(CASE, now, aim)
    case.apply(made.requests)
    assert kinds(made) in ([], [UpdateAction])
    (real,) = [each for each in case.buttons if each["id"] == number]
    assert not differences(real, {"label": label, "url": PAGE})
    assert [each for each in case.buttons if each["id"] != number] == [each for each in now if each["id"] != number]
    assert [writable(each) for each in made.after] == [writable(each) for each in case.buttons]
    assert not plan_actions(CASE, case.buttons, aim).changed


def test_an_unknown_number_is_an_error() -> None:
    with pytest.raises(CaseworkError, match=r"^Case 7 has no button with the id 3\.$"):
        plan_actions(CASE, [button(1)], goal({"id": 3, "label": "A"}))


def test_an_unknown_number_need_not_be_removed() -> None:
    assert not plan_actions(CASE, [button(1)], goal({"id": 3, "label": "A"}, state="absent", unique=True)).changed


def test_a_button_is_removed_by_its_number_whatever_others_are_labelled() -> None:
    made = plan_actions(CASE, [button(1), button(2)], goal({"id": 2, "label": "A"}, state="absent", unique=True))
    assert made.requests == (DeleteAction(CASE, 2),)


def test_a_label_that_another_button_has_is_not_given_twice() -> None:
    now = [button(1, "A"), button(2, "B")]
    with pytest.raises(CaseworkError, match=r"another button with the label 'B' \(id 2\)"):
        plan_actions(CASE, now, goal({"id": 1, "label": "B"}))
    assert not plan_actions(CASE, now, goal({"id": 1, "label": "A"})).changed


def test_of_two_buttons_with_one_label_a_number_says_which_is_meant() -> None:
    now = [button(1, "A"), button(2, "A")]
    made = plan_actions(CASE, now, goal({"id": 2, "label": "A", "url": HOOK}))
    assert made.requests == (UpdateAction(CASE, 2, {"url": HOOK}),)


def test_a_button_without_a_label_may_be_found_by_its_number() -> None:
    now = [button(1, "A"), {**button(2), "label": None}]
    assert plan_actions(CASE, now, goal({"id": 2, "url": HOOK})).requests == (UpdateAction(CASE, 2, {"url": HOOK}),)


# New buttons


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [({}, "url and action_type"), ({"url": PAGE}, "action_type"), ({"action_type": "page"}, "url")],
)
def test_a_new_button_needs_its_keys(wanted: Button, missing: str) -> None:
    with pytest.raises(OptionError, match=rf"^Case 7 has no button 'A' yet, and a new one needs {missing} too\.$"):
        plan_actions(CASE, [], goal({"label": "A", **wanted}, batch=False))
    assert not plan_actions(CASE, [button(1)], goal({"label": "A"})).changed


def test_a_new_button_is_sent_as_it_was_given() -> None:
    wanted = {"label": "A", "url": PAGE, "action_type": "page"}
    assert plan_actions(CASE, [], goal(wanted, batch=False)).requests == (CreateAction(CASE, wanted),)
    made = plan_actions(CASE, [], goal(wanted))
    assert made.requests == (ReplaceActions(CASE, [wanted]),)
    assert made.after == ({"id": None, "case_id": CASE, **wanted},)


# Listings without query_params


def hidden(number: int, label: str = "A") -> Button:
    return button(number, label)


def shown(number: int, label: str = "A") -> Button:
    return button(number, label, query_params={})


KEYS: Button = {"url": PAGE, "action_type": "page"}
TWO = [{"label": "A", **KEYS}, {"label": "B", **KEYS}]
PARAMS_OF_A = {"label": "A", "url": PAGE, "action_type": "page", "query_params": {"a": "1"}}


@pytest.mark.parametrize(
    ("now", "wanted", "settings", "ids"),
    [
        pytest.param([hidden(1), hidden(2, "B")], [PARAMS_OF_A], {}, [1], id="the one that is asked about"),
        pytest.param(
            [hidden(1), hidden(2)], [PARAMS_OF_A], {"exclusive": True}, [1, 2], id="each of two with its label"
        ),
        pytest.param([shown(1), hidden(2, "B")], [PARAMS_OF_A], {}, [], id="none that shows them"),
        pytest.param([hidden(2, "B"), hidden(3, "C")], [PARAMS_OF_A], {}, [2], id="one, to see if there is support"),
        pytest.param([shown(2, "B"), hidden(3, "C")], [PARAMS_OF_A], {}, [], id="none where support is plain"),
        pytest.param([], [PARAMS_OF_A], {}, [], id="none where there is none"),
        pytest.param([hidden(1)], [{"label": "A"}], {}, [], id="none where they are not asked about"),
        pytest.param([hidden(1)], [PARAMS_OF_A], {"state": "absent"}, [], id="none that is to go"),
        pytest.param([hidden(1)], [{"id": 1, "query_params": {}}], {}, [1], id="by its number"),
        pytest.param(
            [shown(1)], [{"label": "A", "action_text": "Go"}], {}, [1], id="for another key that is not shown"
        ),
        pytest.param([shown(1, "B")], [{"label": "A", "action_text": "Go"}], {}, [], id="none for a button to come"),
        pytest.param([{**hidden(1), "query_params": None}], [PARAMS_OF_A], {}, [], id="null is an answer"),
    ],
)
def test_a_button_is_read_by_its_number_where_that_is_needed(
    now: list[Button], wanted: list[Button], settings: dict[str, Any], ids: list[int]
) -> None:
    assert ids_to_read(now, goal(*wanted, **settings)) == ids


def test_a_replacement_reads_what_it_would_strip() -> None:
    now = [hidden(1, "A"), shown(2, "B"), hidden(3, "C")]
    keys = {"url": PAGE, "action_type": "page"}
    wanted = [{"label": "A", **keys}, {"label": "B", **keys}, {"label": "N", **keys}]
    assert ids_to_read_before_replace(plan_actions(CASE, now, goal(*wanted, exclusive=True))) == [1]
    assert ids_to_read_before_replace(plan_actions(CASE, now, goal(*wanted))) == []
    assert ids_to_read_before_replace(plan_actions(CASE, now, goal(exclusive=True))) == []


def test_a_button_that_never_shows_them_is_an_error() -> None:
    require_query_params(CASE, [shown(1), {**hidden(2), "query_params": None}])
    with pytest.raises(CaseworkError, match=r"does not support query_params: button 2 of case 7 shows none"):
        require_query_params(CASE, [shown(1), hidden(2)])


# What was done before a failure


@settings(max_examples=50)
@given(EXISTING, ASKED, st.sampled_from(["present", "exclusive", "absent"]), st.data())
def test_what_was_done_before_a_failure_is_told(
    now: list[Button], wanted: tuple[Button, ...], state: str, data: st.DataObject
) -> None:
    if state == "absent":
        aim = goal(*({"label": each["label"]} for each in wanted), state="absent")
    else:
        now = now if state == "exclusive" else without_doubt(now, wanted)
        aim = goal(*wanted, exclusive=state == "exclusive", batch=data.draw(st.booleans()))
    intended = plan_actions(CASE, now, aim)
    done = data.draw(st.integers(0, len(intended.requests)))
    case = Case(now)
    case.apply(intended.requests[:done])
    told = applied_part(intended, case.buttons)
    assert told.changed == bool(done)
    assert (told.before, told.after) == (tuple(now), tuple(case.buttons))
    assert Counter(labels(now)) + Counter(told.created) - Counter(told.deleted) == Counter(labels(case.buttons))
    if done == len(intended.requests):
        assert told.created == intended.created
        assert told.updated == intended.updated
        assert Counter(told.deleted) == Counter(intended.deleted)
    elif intended.updated and state == "present" and now:
        assert len(told.created) + len(told.updated) == done


def test_a_text_that_was_set_before_a_failure_is_told() -> None:
    now = [button(1, "A", action_text=None)]
    intended = plan_actions(CASE, now, goal({"label": "A", "action_text": "Go"}, {"label": "B", **KEYS}))
    case = Case(now)
    case.apply(intended.requests[:1])
    assert applied_part(intended, case.buttons).updated == ("A",)


def test_what_a_listing_does_not_show_was_not_changed() -> None:
    now = [button(1, "A", query_params={"a": "1"})]
    intended = plan_actions(CASE, now, goal({"label": "A", "url": HOOK, "query_params": {}}))
    assert not applied_part(intended, [button(1, "A")]).changed


# Twins


def test_of_two_that_came_out_of_one_task_one_is_surplus() -> None:
    aim = goal(*TWO)
    intended = plan_actions(CASE, [button(1, "C")], aim)
    assert duplicates_of_retry(intended, aim, [button(1, "C"), button(2, "A"), button(3, "B")]) == []
    now = [button(1, "C"), button(2, "A"), button(3, "A"), button(4, "B"), button(5, "A")]
    assert duplicates_of_retry(intended, aim, now) == [3, 5]


def test_what_somebody_else_added_is_no_twin() -> None:
    aim = goal(PARAMS_OF_A)
    intended = plan_actions(CASE, [button(1, "C")], aim)
    ours = button(2, "A", query_params={"a": 1})
    assert duplicates_of_retry(intended, aim, [ours, button(3, "A", url=HOOK), button(4, "A", query_params={})]) == []
    assert duplicates_of_retry(intended, aim, [ours, button(3, "A")]) == [
        3
    ]  # a listing that does not show query_params


def test_what_was_there_before_is_no_twin() -> None:
    aim = goal(*TWO)
    intended = plan_actions(CASE, [button(1, "A")], aim)
    assert duplicates_of_retry(intended, aim, [button(1, "A"), button(2, "A"), button(3, "B")]) == []
    assert duplicates_of_retry(intended, aim, [button(1, "A"), button(2, "B"), button(3, "B")]) == [3]
