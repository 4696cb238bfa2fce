# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A diff masks secrets, and tells a changed secret from one that stayed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.diff import Change, diff, merge_alike
from ansible_collections.casework.cases.plugins.module_utils._core.plan import Plan
from ansible_collections.casework.cases.plugins.module_utils._core.redaction import MASK
from ansible_collections.casework.cases.plugins.module_utils._tines.requests import DeleteAction

HOOK = "https://acme.tines.com/webhook/isolate"


def buttons(*urls: str, labels: str = "ABC") -> dict[str, Any]:
    return {"actions": [{"label": label, "url": url} for label, url in zip(labels, urls)]}


def urls(side: dict[str, Any]) -> list[str]:
    return [button["url"] for button in side["actions"]]


def test_a_diff_masks_both_sides() -> None:
    assert diff({}, buttons(f"{HOOK}/s")) == {"before": {}, "after": buttons(f"{HOOK}/{MASK}")}
    assert diff(buttons(f"{HOOK}/s"), {}) == {"before": buttons(f"{HOOK}/{MASK}"), "after": {}}


def test_a_diff_has_headers_where_they_are_given() -> None:
    assert diff(1, 2, "case 7") == {"before_header": "case 7", "after_header": "case 7", "before": 1, "after": 2}


def changed(case_id: int, after: str = "new", name: str = "") -> Change:
    header = f"case {case_id}{f' ({name})' if name else ''}" if case_id else "new case"
    return Change({"case_id": case_id, "actions": []}, {"case_id": case_id, "actions": [after]}, header)


def test_diffs_that_are_alike_but_for_the_case_are_said_once() -> None:
    assert merge_alike([changed(7, name="Mail"), changed(8, "other"), changed(9, name="A case of two")]) == [
        {
            "before_header": "2 cases",
            "after_header": "cases 7 (Mail), 9 (A case of two)",
            "before": {"actions": []},
            "after": {"actions": ["new"]},
        },
        changed(8, "other").diff(),
    ]


@pytest.mark.parametrize("other", [changed(0), changed(8, "other")])
def test_diffs_that_differ_are_said_each(other: Change) -> None:
    assert merge_alike([changed(7), other]) == [changed(7).diff(), other.diff()]


def test_diffs_that_differ_in_a_secret_alone_are_said_once() -> None:
    (made,) = merge_alike([changed(1, f"{HOOK}/a"), changed(2, f"{HOOK}/b"), changed(3, f"{HOOK}/a")])
    assert made["after_header"] == "cases 1, 3, 2"
    assert made["after"] == {"actions": [f"{HOOK}/{MASK}"]}


def test_diff_of_equal_changes_is_made_once() -> None:
    made: list[Change] = []

    def shown(change: Change) -> dict[str, Any]:
        made.append(change)
        return change.diff()

    assert len(merge_alike([changed(1), changed(2), changed(3, "other"), changed(4)], shown)) == 2
    assert [change.header for change in made] == ["case 1", "case 3"]


def test_control_characters_of_a_name_are_shown() -> None:
    (made,) = merge_alike([changed(1, name="\x1b"), changed(2)])
    assert made["after_header"] == r"cases 1 (\x1b), 2"


@pytest.mark.parametrize(
    ("number", "cases"),
    [(5, "1 (Mail), 2 (Mail), 3 (Mail), 4 (Mail), 5 (Mail)"), (6, "1, 2, 3, 4, 5, 6")],
)
def test_a_diff_of_more_than_five_cases_lists_their_ids_alone(number: int, cases: str) -> None:
    (made,) = merge_alike(changed(case_id, name="Mail") for case_id in range(1, number + 1))
    assert (made["before_header"], made["after_header"]) == (f"{number} cases", f"cases {cases}")


def test_no_diff_stays_none() -> None:
    assert merge_alike([]) == []


@pytest.mark.parametrize("after", [f"{HOOK}/new", f"{HOOK}/old?x=1", f"{HOOK}/old//"])
def test_a_secret_that_alone_differs_is_said_to_be_changed(after: str) -> None:
    made = diff(buttons(f"{HOOK}/old"), buttons(after))
    assert urls(made["before"]) == [f"{HOOK}/{MASK}"]
    assert urls(made["after"]) == [f"{HOOK}/{MASK} (changed)"]


@pytest.mark.parametrize(("before", "after"), [("old", "old"), ("old", "old/"), ("old/", "old")])
def test_a_secret_that_stays_is_not_said_to_be_changed(before: str, after: str) -> None:
    made = diff(buttons(f"{HOOK}/{before}"), buttons(f"{HOOK}/{after}"))
    assert urls(made["after"]) == [f"{HOOK}/{MASK}"]


def test_a_new_path_shows_by_itself() -> None:
    other = "https://acme.tines.com/webhook/block"
    assert urls(diff(buttons(f"{HOOK}/old"), buttons(f"{other}/new"))["after"]) == [f"{other}/{MASK}"]


def test_buttons_are_compared_by_their_label_and_not_by_their_place() -> None:
    before = buttons(f"{HOOK}/a", f"{HOOK}/b")
    after = {"actions": before["actions"][::-1]}
    assert urls(diff(before, after)["after"]) == [f"{HOOK}/{MASK}", f"{HOOK}/{MASK}"]
    assert urls(diff(before, buttons(f"{HOOK}/a", f"{HOOK}/c"))["after"]) == [
        f"{HOOK}/{MASK}",
        f"{HOOK}/{MASK} (changed)",
    ]


def test_of_two_buttons_with_one_label_the_one_that_stays_is_not_changed() -> None:
    before = buttons(f"{HOOK}/a", f"{HOOK}/b", labels="AA")
    assert urls(diff(before, buttons(f"{HOOK}/b", labels="A"))["after"]) == [f"{HOOK}/{MASK}"]


def test_a_button_that_is_renamed_is_compared_with_the_one_at_its_place() -> None:
    before = buttons(f"{HOOK}/a", f"{HOOK}/b", labels="AB")
    assert urls(diff(before, buttons(f"{HOOK}/a", f"{HOOK}/c", labels="AX"))["after"]) == [
        f"{HOOK}/{MASK}",
        f"{HOOK}/{MASK} (changed)",
    ]


def test_a_new_button_at_the_place_of_one_that_moved_is_not_changed() -> None:
    after = buttons(f"{HOOK}/n", f"{HOOK}/a", labels="NA")
    assert urls(diff(buttons(f"{HOOK}/a"), after)["after"]) == [f"{HOOK}/{MASK}", f"{HOOK}/{MASK}"]


def test_a_secret_deep_inside_is_compared_too() -> None:
    made = diff({"query_params": {"next": f"{HOOK}/a"}}, {"query_params": {"next": f"{HOOK}/b"}})
    assert made["after"] == {"query_params": {"next": f"{HOOK}/{MASK} (changed)"}}


def test_a_plan_changes_something_if_it_has_requests() -> None:
    assert not Plan(1, 2).changed
    assert Plan(1, 1, (DeleteAction(7, 1),)).changed


def test_control_characters_are_shown() -> None:
    assert diff({"a": "\x1b[2J"}, {"a": "b\tc\n\x9b"}) == {
        "before": {"a": r"\x1b[2J"},
        "after": {"a": "b\tc\n" + r"\x9b"},
    }


def test_a_secret_under_a_secret_name_is_compared() -> None:
    made = diff({"metadata": {"api_key": "one", "case": "x"}}, {"metadata": {"api_key": "two", "case": "y"}})
    assert made["before"]["metadata"] == {"api_key": MASK, "case": "x"}
    assert made["after"]["metadata"] == {"api_key": f"{MASK} (changed)", "case": "y"}


def test_a_secret_of_another_host_is_compared() -> None:
    made = diff(buttons("https://hooks.example/a"), buttons("https://hooks.example/b"))
    assert urls(made["after"]) == [f"https://hooks.example/{MASK} (changed)"]
