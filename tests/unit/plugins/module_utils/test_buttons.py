# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan leads from any buttons to any goal, touches nothing else, and says beforehand what will be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._buttons import (
    NEEDED,
    RESERVED_PARAMS,
    WRITABLE,
    ButtonsPlan,
    Goal,
    accomplished,
    check_answer,
    check_replacement,
    differences,
    plan,
    require_query_params,
    reserved_params,
    same,
    twins,
    unread,
    unread_kept,
    wanted_button,
    wanted_buttons,
    writable,
)
from ansible_collections.casework.cases.plugins.module_utils._errors import CaseworkError, NotDoneError, OptionError
from ansible_collections.casework.cases.plugins.module_utils._plan import Call
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.model import CASE, Button, Case
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
).map(lambda given: wanted_buttons(given, "actions"))


def button(number: int, label: str = "A", url: str = PAGE, **keys: Any) -> Button:
    return {"id": number, "case_id": CASE, "label": label, "url": url, "action_type": "page", **keys}


def goal(*wanted: Button, **settings: Any) -> Goal:
    return Goal(wanted, **settings)


def labels(buttons: Sequence[Button]) -> list[Any]:
    return [each["label"] for each in buttons]


def carried_out(now: Sequence[Button], aim: Goal) -> tuple[ButtonsPlan, Case]:
    """The plan, and the case after it. Checks what holds for every plan."""
    case = Case(now)
    made = plan(CASE, now, aim)
    assert list(made.before) == case.buttons
    case.apply(made.calls)
    assert made.changed == bool(made.created or made.updated or made.deleted)
    # What was predicted is what is there, in the same order.
    assert labels(made.after) == labels(case.buttons)
    for predicted, real in zip(made.after, case.buttons):
        assert predicted["case_id"] == CASE
        assert not differences(real, writable(predicted))
    # A second run changes nothing.
    assert not plan(CASE, case.buttons, aim).changed
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
        assert [call.endpoint for call in made.calls] == ["replace_actions"]
    else:
        endpoints = Counter(call.endpoint for call in made.calls)
        assert endpoints == +Counter(create_action=len(made.created), update_action=len(made.updated))


@settings(max_examples=50)
@given(EXISTING, ASKED)
def test_present_sends_what_differs_and_no_more(now: list[Button], wanted: tuple[Button, ...]) -> None:
    now = without_doubt(now, wanted)
    by_id = {each["id"]: each for each in now}
    for call in plan(CASE, now, goal(*wanted, batch=False)).calls:
        if call.endpoint == "update_action":
            _case_id, number, body = call.args
            assert body
            assert all(not same(key, by_id[number].get(key), value) for key, value in body.items())


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
        assert [call.endpoint for call in made.calls] == ["delete_action"] * len(now)
    elif now or batch:
        assert [call.endpoint for call in made.calls] == ["replace_actions"]
        assert labels(case.buttons) == [each["label"] for each in wanted]
    else:
        assert [call.endpoint for call in made.calls] == ["create_action"] * len(wanted)


@settings(max_examples=50)
@given(EXISTING, st.lists(LABELS, unique=True, max_size=4))
def test_absent_removes_every_button_with_a_label_and_no_other(now: list[Button], unwanted: list[str]) -> None:
    made, case = carried_out(now, goal(*({"label": label} for label in unwanted), state="absent"))
    assert case.buttons == [each for each in now if each["label"] not in unwanted]
    assert [call.endpoint for call in made.calls] == ["delete_action"] * (len(now) - len(case.buttons))
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
            plan(CASE, without_doubt(now, wanted), aim)
        ids = f"{now[0]['id']}, {2**71}"
        assert f"Case 7 has 2 buttons with the label 'doubtful' (ids {ids})." in caught.value.msg
        assert "option id of casework.cases.case_action" in caught.value.msg


@settings(max_examples=50)
@given(EXISTING, ASKED)
def test_exclusive_keeps_a_button_that_is_right_already(now: list[Button], wanted: tuple[Button, ...]) -> None:
    made = plan(CASE, now, goal(*wanted, exclusive=True))
    for each in wanted:
        if any(not differences(shown, each) for shown in now if shown["label"] == each["label"]):
            assert each["label"] not in (*made.created, *made.updated)


def test_another_order_alone_is_no_difference() -> None:
    now = [button(1, "A"), button(2, "B")]
    wanted = [{"label": "B", "url": PAGE}, {"label": "A", "url": f"{PAGE}/"}]
    assert not plan(CASE, now, goal(*wanted, exclusive=True)).changed


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
    made = plan(CASE, now, aim)
    case.apply(made.calls)
    assert [call.endpoint for call in made.calls] in ([], ["update_action"])
    (real,) = [each for each in case.buttons if each["id"] == number]
    assert not differences(real, {"label": label, "url": PAGE})
    assert [each for each in case.buttons if each["id"] != number] == [each for each in now if each["id"] != number]
    assert [writable(each) for each in made.after] == [writable(each) for each in case.buttons]
    assert not plan(CASE, case.buttons, aim).changed


def test_an_unknown_number_is_an_error() -> None:
    with pytest.raises(CaseworkError, match=r"^Case 7 has no button with the id 3\.$"):
        plan(CASE, [button(1)], goal({"id": 3, "label": "A"}))


def test_an_unknown_number_need_not_be_removed() -> None:
    assert not plan(CASE, [button(1)], goal({"id": 3, "label": "A"}, state="absent", unique=True)).changed


def test_a_button_is_removed_by_its_number_whatever_others_are_labelled() -> None:
    made = plan(CASE, [button(1), button(2)], goal({"id": 2, "label": "A"}, state="absent", unique=True))
    assert made.calls == (Call("delete_action", (CASE, 2)),)


def test_a_label_that_another_button_has_is_not_given_twice() -> None:
    now = [button(1, "A"), button(2, "B")]
    with pytest.raises(CaseworkError, match=r"another button with the label 'B' \(id 2\)"):
        plan(CASE, now, goal({"id": 1, "label": "B"}))
    assert not plan(CASE, now, goal({"id": 1, "label": "A"})).changed


def test_of_two_buttons_with_one_label_a_number_says_which_is_meant() -> None:
    now = [button(1, "A"), button(2, "A")]
    made = plan(CASE, now, goal({"id": 2, "label": "A", "url": HOOK}))
    assert made.calls == (Call("update_action", (CASE, 2, {"url": HOOK})),)


def test_a_button_without_a_label_may_be_found_by_its_number() -> None:
    now = [button(1, "A"), {**button(2), "label": None}]
    assert plan(CASE, now, goal({"id": 2, "url": HOOK})).calls == (Call("update_action", (CASE, 2, {"url": HOOK})),)


# New buttons


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [({}, "url and action_type"), ({"url": PAGE}, "action_type"), ({"action_type": "page"}, "url")],
)
def test_a_new_button_needs_its_keys(wanted: Button, missing: str) -> None:
    with pytest.raises(OptionError, match=rf"^Case 7 has no button 'A' yet, and a new one needs {missing} too\.$"):
        plan(CASE, [], goal({"label": "A", **wanted}, batch=False))
    assert not plan(CASE, [button(1)], goal({"label": "A"})).changed


def test_a_new_button_is_sent_as_it_was_given() -> None:
    wanted = {"label": "A", "url": PAGE, "action_type": "page"}
    assert plan(CASE, [], goal(wanted, batch=False)).calls == (Call("create_action", (CASE, wanted)),)
    made = plan(CASE, [], goal(wanted))
    assert made.calls == (Call("replace_actions", (CASE, [wanted])),)
    assert made.after == ({"id": None, "case_id": CASE, **wanted},)


# Comparing


@pytest.mark.parametrize(
    ("key", "one", "other", "alike"),
    [
        ("url", PAGE, PAGE, True),
        ("url", PAGE, f"{PAGE}/", True),
        ("url", f"{PAGE}/", PAGE, True),
        ("url", PAGE, f"{PAGE}//", False),
        ("url", PAGE, PAGE.upper(), False),
        ("url", None, PAGE, False),
        ("label", "A", "A/", False),
        ("label", "A", "a", False),
        ("action_text", None, "", True),
        ("action_text", "", None, True),
        ("action_text", None, "Run", False),
        ("query_params", None, {}, True),
        ("query_params", [], {}, True),
        ("query_params", {"a": True}, {"a": "true"}, True),
        ("query_params", {"a": False}, {"a": "False"}, False),
        ("query_params", {"a": 1}, {"a": "1"}, True),
        ("query_params", {"a": 1.5}, {"a": "1.5"}, True),
        ("query_params", {"a": None}, {"a": ""}, True),
        ("query_params", {1: "x"}, {"1": "x"}, True),
        ("query_params", {"a": "1"}, {"a": "1", "b": "2"}, False),
        ("query_params", {"a": "1"}, {}, False),
        ("query_params", {"a": "1"}, {"A": "1"}, False),
        ("query_params", {"a": "1"}, {"a": "1 "}, False),
    ],
)
def test_values_are_the_same_or_not(key: str, one: Any, other: Any, alike: bool) -> None:
    for first, second in permutations((one, other)):
        assert same(key, first, second) is alike


def test_what_is_the_servers_own_makes_no_difference() -> None:
    shown = button(1, story_name="EDR", story_emoji=":fire:", page_emoji=None, created_at="x", updated_at="y")
    assert differences(shown, {**shown, "id": 2, "story_name": "Other", "created_at": "z"}) == {}
    assert set(writable(shown)) <= set(WRITABLE)


# Entries


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"url": PAGE, "action_type": "page"}, "actions: entry 2 needs label"),
        ({"label": "B"}, r"actions: entry 2 \(B\) needs url and action_type"),
        ({"label": "", "url": PAGE, "action_type": "page"}, "actions: entry 2 has an empty label"),
        ({"label": "B", "url": PAGE, "action_type": "story"}, r"entry 2 \(B\) has the action_type 'story'"),
        ({"label": "B", "url": PAGE, "action_type": ""}, r"entry 2 \(B\) has the action_type ''"),
        ({"label": "A", "url": PAGE, "action_type": "page"}, "the label 'A' is given more than once"),
        ({"label": "B", "url": "", "action_type": "page"}, "has the url ''"),
        ({"label": "B", "url": "acme.tines.com/pages/x", "action_type": "page"}, "has the url 'acme"),
        ({"label": "B", "url": "ftp://acme.tines.com", "action_type": "page"}, "must begin with http:// or https://"),
        ({"label": "B", "url": "javascript:alert(1)", "action_type": "page"}, "must begin with"),
        ({"label": "B", "url": "https://", "action_type": "page"}, "name a host"),
        ({"label": "B", "url": "https://[::1", "action_type": "page"}, "name a host"),
        ({"label": "B", "url": PAGE, "action_type": "page", "query_params": {"a": {}}}, "'a' in query_params must be"),
        ({"label": "B", "url": PAGE, "action_type": "page", "query_params": {"a": []}}, "'a' in query_params must be"),
    ],
)
def test_an_entry_that_cannot_be_is_named(entry: Button, said: str) -> None:
    first = {"label": "A", "url": PAGE, "action_type": "page"}
    with pytest.raises(OptionError, match=said):
        wanted_buttons([first, entry], "actions")


def test_the_secret_of_an_unusable_url_is_not_shown() -> None:
    with pytest.raises(OptionError) as caught:
        wanted_button({"label": "A", "url": HOOK.replace("https", "ftp"), "action_type": "webhook"}, "The button")
    assert "has the url 'ftp://acme.tines.com/webhook/p/********': it must begin" in caught.value.msg


def test_of_an_entry_only_what_was_given_is_taken() -> None:
    given = dict.fromkeys((*WRITABLE, "id", "state", "api_key"))
    assert wanted_button({**given, "label": "A"}, "The button", needed=()) == {"label": "A"}
    full = {"label": "A", "url": PAGE, "action_type": "page", "action_text": "", "query_params": {}}
    assert wanted_button({**given, **full}, "The button") == full
    assert wanted_button({**given, "id": 0}, "The button", needed=()) == {"id": 0}


def test_query_params_are_taken_as_strings() -> None:
    given = {"label": "A", "query_params": {"a": 1, "b": 1.5, "c": True, "d": None, "e": "x", 6: 10**30}}
    assert wanted_button(given, "The button", needed=())["query_params"] == {
        "a": "1",
        "b": "1.5",
        "c": "true",
        "d": "",
        "e": "x",
        "6": "1000000000000000000000000000000",
    }


def test_labels_that_differ_in_anything_are_two() -> None:
    entries = [{"label": label} for label in ("A", "a", "A ", "\u00c4", "A\u0308")]
    assert len(wanted_buttons(entries, "actions", needed=("label",))) == 5


def test_reserved_names_are_found_once_each() -> None:
    wanted = [{"query_params": params} for params in ({"user": "1", "x": "1"}, {"user": "2", "case": "3"})]
    assert reserved_params([*wanted, {"label": "A"}]) == ["case", "user"]
    assert reserved_params([{"query_params": dict.fromkeys(RESERVED_PARAMS, "")}]) == sorted(RESERVED_PARAMS)
    assert set(NEEDED) == {"label", "url", "action_type"}


# Listings without query_params


def hidden(number: int, label: str = "A") -> Button:
    return button(number, label)


def shown(number: int, label: str = "A") -> Button:
    return button(number, label, query_params={})


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
    assert unread(now, goal(*wanted, **settings)) == ids


def test_a_replacement_reads_what_it_would_strip() -> None:
    now = [hidden(1, "A"), shown(2, "B"), hidden(3, "C")]
    keys = {"url": PAGE, "action_type": "page"}
    wanted = [{"label": "A", **keys}, {"label": "B", **keys}, {"label": "N", **keys}]
    assert unread_kept(plan(CASE, now, goal(*wanted, exclusive=True))) == [1]
    assert unread_kept(plan(CASE, now, goal(*wanted))) == []
    assert unread_kept(plan(CASE, now, goal(exclusive=True))) == []


def test_a_button_that_never_shows_them_is_an_error() -> None:
    require_query_params(CASE, [shown(1), {**hidden(2), "query_params": None}])
    with pytest.raises(CaseworkError, match=r"does not support query_params: button 2 of case 7 shows none"):
        require_query_params(CASE, [shown(1), hidden(2)])


# Answers


def test_an_answer_that_shows_what_was_asked_for_is_right() -> None:
    check_answer(CASE, PARAMS_OF_A, button(1, url=f"{PAGE}/", query_params={"a": 1}, story_name="EDR"))


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (button(1, label="B", query_params={"a": "1"}), "label is 'B' instead of 'A'."),
        (button(1, query_params={}), "query_params is {} instead of {'a': '1'}."),
        (button(1), "query_params is None instead of {'a': '1'}. This tenant does not support query_params."),
    ],
)
def test_an_answer_that_does_not_is_told(shown: Button, said: str) -> None:
    with pytest.raises(NotDoneError) as caught:
        check_answer(CASE, PARAMS_OF_A, shown)
    assert said in caught.value.msg
    assert "Case 7: the server took the request for the button 'A' but did not do it: " in caught.value.msg


def test_an_answer_with_another_secret_is_told_without_it() -> None:
    with pytest.raises(NotDoneError) as caught:
        check_answer(CASE, {"url": HOOK}, button(1, url=f"{HOOK}99"))
    assert "button 'A'" in caught.value.msg
    assert "5ec2e7" not in caught.value.msg


KEYS: Button = {"url": PAGE, "action_type": "page"}
TWO = [{"label": "A", **KEYS}, {"label": "B", **KEYS}]


def test_a_replacement_may_come_back_in_any_order() -> None:
    check_replacement(CASE, TWO, [button(2, "B"), button(1, "A")])


@pytest.mark.parametrize(
    "shown",
    [
        [],
        [button(1, "A")],
        [button(1, "A"), button(2, "A"), button(3, "B")],
        [button(1, "A"), button(2, "B"), button(3, "C")],
        [button(1, "A"), {**button(2), "label": None}],
        [button(1, "A"), button(2, "B", url=HOOK)],
    ],
)
def test_a_replacement_that_is_not_what_was_sent_is_told(shown: list[Button]) -> None:
    with pytest.raises(NotDoneError, match="but did not do it"):
        check_replacement(CASE, TWO, shown)


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
    intended = plan(CASE, now, aim)
    done = data.draw(st.integers(0, len(intended.calls)))
    case = Case(now)
    case.apply(intended.calls[:done])
    told = accomplished(intended, case.buttons)
    assert told.changed == bool(done)
    assert (told.before, told.after) == (tuple(now), tuple(case.buttons))
    assert Counter(labels(now)) + Counter(told.created) - Counter(told.deleted) == Counter(labels(case.buttons))
    if done == len(intended.calls):
        assert told.created == intended.created
        assert told.updated == intended.updated
        assert Counter(told.deleted) == Counter(intended.deleted)
    elif intended.updated and state == "present" and now:
        assert len(told.created) + len(told.updated) == done


def test_a_text_that_was_set_before_a_failure_is_told() -> None:
    now = [button(1, "A", action_text=None)]
    intended = plan(CASE, now, goal({"label": "A", "action_text": "Go"}, {"label": "B", **KEYS}))
    case = Case(now)
    case.apply(intended.calls[:1])
    assert accomplished(intended, case.buttons).updated == ("A",)


def test_what_a_listing_does_not_show_was_not_changed() -> None:
    now = [button(1, "A", query_params={"a": "1"})]
    intended = plan(CASE, now, goal({"label": "A", "url": HOOK, "query_params": {}}))
    assert not accomplished(intended, [button(1, "A")]).changed


# Twins


def test_of_two_that_came_out_of_one_task_one_is_surplus() -> None:
    aim = goal(*TWO)
    intended = plan(CASE, [button(1, "C")], aim)
    assert twins(intended, aim, [button(1, "C"), button(2, "A"), button(3, "B")]) == []
    now = [button(1, "C"), button(2, "A"), button(3, "A"), button(4, "B"), button(5, "A")]
    assert twins(intended, aim, now) == [3, 5]


def test_what_somebody_else_added_is_no_twin() -> None:
    aim = goal(PARAMS_OF_A)
    intended = plan(CASE, [button(1, "C")], aim)
    ours = button(2, "A", query_params={"a": 1})
    assert twins(intended, aim, [ours, button(3, "A", url=HOOK), button(4, "A", query_params={})]) == []
    assert twins(intended, aim, [ours, button(3, "A")]) == [3]  # a listing that does not show query_params


def test_what_was_there_before_is_no_twin() -> None:
    aim = goal(*TWO)
    intended = plan(CASE, [button(1, "A")], aim)
    assert twins(intended, aim, [button(1, "A"), button(2, "A"), button(3, "B")]) == []
    assert twins(intended, aim, [button(1, "A"), button(2, "B"), button(3, "B")]) == [3]
