# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are masked wherever they stand, and a diff tells a changed secret from one that stayed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.diff import diff
from ansible_collections.casework.cases.plugins.module_utils._core.plan import Plan
from ansible_collections.casework.cases.plugins.module_utils._core.redaction import MASK, redact
from ansible_collections.casework.cases.plugins.module_utils._tines.requests import DeleteAction
from hypothesis import given
from hypothesis import strategies as st

HOOK = "https://acme.tines.com/webhook/isolate"

SEGMENT = st.text("abcXYZ019-._~!$&'()*+,;=:@", min_size=1)
REST = st.text("abcXYZ019-._~!$&'()*+,;=:@/?#%", min_size=1).filter(lambda rest: not rest.startswith(MASK))


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        (f"{HOOK}/5ec2e7", f"{HOOK}/{MASK}"),
        (f"{HOOK}/5ec2e7/", f"{HOOK}/{MASK}"),
        (f"{HOOK}/5ec2e7?reason=1", f"{HOOK}/{MASK}"),
        (f"{HOOK}/5ec2e7/?reason=1#top", f"{HOOK}/{MASK}"),
        (f"{HOOK}/5ec2e7/more/of/it", f"{HOOK}/{MASK}"),
        (f"{HOOK}/5ec2e7'quoted'", f"{HOOK}/{MASK}"),
        (f"{HOOK}//5ec2e7", f"{HOOK}/{MASK}"),
        ("https://h/webhook//isolate/5ec2e7", f"https://h/webhook//isolate/{MASK}"),
        ("http://localhost:8080/webhook/isolate/5ec2e7", f"http://localhost:8080/webhook/isolate/{MASK}"),
        (
            "https://soar.corp.example:8443/t/webhook/a%20b/5ec2e7",
            f"https://soar.corp.example:8443/t/webhook/a%20b/{MASK}",
        ),
        ("https://[::1]/webhook/isolate/5ec2e7", f"https://[::1]/webhook/isolate/{MASK}"),
        ("https://h/WebHook/isolate/5ec2e7", f"https://h/WebHook/isolate/{MASK}"),
        ("/webhook/isolate/5ec2e7", f"/webhook/isolate/{MASK}"),
        (r"https:\/\/h\/webhook\/isolate\/5ec2e7", rf"https:\/\/h\/webhook\/isolate\/{MASK}"),
        (r"https:\\/\\/h\\/webhook\\/isolate\\/5ec2e7", rf"https:\\/\\/h\\/webhook\\/isolate\\/{MASK}"),
        (
            r"https:\u002f\u002fh\u002Fwebhook\u002fisolate\u002f5ec2e7",
            rf"https:\u002f\u002fh\u002Fwebhook\u002fisolate\u002f{MASK}",
        ),
        ("u=https%3A%2F%2Fh%2Fwebhook%2Fisolate%2F5ec2e7", f"u=https%3A%2F%2Fh%2Fwebhook%2Fisolate%2F{MASK}"),
        (
            "u=https%253a%252f%252fh%252fwebhook%252fisolate%252f5ec2e7",
            f"u=https%253a%252f%252fh%252fwebhook%252fisolate%252f{MASK}",
        ),
        (
            "https:&#x2F;&#x2F;h&#x2F;webhook&#x2F;p&#x2F;5e&#x2F;c2",
            f"https:&#x2F;&#x2F;h&#x2F;webhook&#x2F;p&#x2F;{MASK}",
        ),
        ("https:&#47;&#47;h&#47;webhook&#47;p&#47;5ec2e7", f"https:&#47;&#47;h&#47;webhook&#47;p&#47;{MASK}"),
        (f'the url "{HOOK}/5ec2e7" and <{HOOK}/5ec2e7> too', f'the url "{HOOK}/{MASK}" and <{HOOK}/{MASK}> too'),
        (f"first {HOOK}/5ec2e7\nthen {HOOK}/5ec2e7", f"first {HOOK}/{MASK}\nthen {HOOK}/{MASK}"),
    ],
)
def test_the_secret_of_a_webhook_is_masked_in_every_form(shown: str, masked: str) -> None:
    assert redact(shown) == masked


@pytest.mark.parametrize(
    "harmless",
    [
        "",
        "https://acme.tines.com/pages/give-a-reason/x",
        "https://acme.tines.com/webhook/isolate",
        "https://acme.tines.com/webhook/isolate/",
        "https://acme.tines.com/webhook?next=/a/b",
        "https://acme.tines.com/webhook/isolate?next=/a/b",
        "https://acme.tines.com/mywebhook/a/b",
        "a webhook / page / other",
    ],
)
def test_what_holds_no_secret_is_left_as_it_is(harmless: str) -> None:
    assert redact(harmless) == harmless


@given(path=SEGMENT, rest=REST)
def test_whatever_follows_the_path_is_masked(path: str, rest: str) -> None:
    prefix = f"https://h.example/webhook/{path}/"
    assert redact(prefix + rest) == prefix + MASK


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    shown = f"{text} {HOOK}/5ec2e7': {text}"
    assert redact(redact(shown)) == redact(shown)


def test_what_is_masked_already_takes_nothing_with_it() -> None:
    said = f"the url '{redact(f'{HOOK}/5ec2e7')}', which was tried"
    assert redact(said) == said


def test_masking_reaches_into_values_of_every_kind() -> None:
    given = {"a": [f"{HOOK}/x", {f"{HOOK}/y": (f"{HOOK}/z", 1, None, True)}]}
    assert redact(given) == {"a": [f"{HOOK}/{MASK}", {f"{HOOK}/{MASK}": [f"{HOOK}/{MASK}", 1, None, True]}]}
    assert given["a"][0] == f"{HOOK}/x"


def buttons(*urls: str, labels: str = "ABC") -> dict[str, Any]:
    return {"actions": [{"label": label, "url": url} for label, url in zip(labels, urls)]}


def urls(side: dict[str, Any]) -> list[str]:
    return [button["url"] for button in side["actions"]]


def test_a_diff_masks_both_sides() -> None:
    assert diff({}, buttons(f"{HOOK}/s")) == {"before": {}, "after": buttons(f"{HOOK}/{MASK}")}
    assert diff(buttons(f"{HOOK}/s"), {}) == {"before": buttons(f"{HOOK}/{MASK}"), "after": {}}


def test_a_diff_has_headers_where_they_are_given() -> None:
    assert diff(1, 2, "case 7") == {"before_header": "case 7", "after_header": "case 7", "before": 1, "after": 2}


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
