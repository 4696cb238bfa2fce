# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are masked wherever they stand, and what is none is left as it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.redaction import (
    CAMEL_CASE,
    MASK,
    SECRET_NAME,
    URL,
    WEBHOOK,
    WEBHOOK_PATH,
    _any_form_of,
    escape_controls,
    redact,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._core.backtracking import Counter
from hypothesis import given
from hypothesis import strategies as st

HOOK = "https://acme.tines.com/webhook/isolate"
SECRET_NAMES = ["token", "auth_token", "authToken", "clientSecret", "key", "api_key", "apiKey", "apikey", "X-API-KEY"]
SECRET_NAMES += ["secret", "password", "passwd", "sig", "signature", "auth", "Authorization"]
SLACK = "https://hooks.slack.example/services/T000/B000/5ec2e7"

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
        ("https://h/webhook/5ec2e7", f"https://h/webhook/{MASK}"),
        ("https://h/webhook/5ec2e7/", f"https://h/webhook/{MASK}"),
        ("https://h/webhook/5ec2e7?next=/a/b", f"https://h/webhook/{MASK}"),
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
        "https://acme.tines.com/webhook",
        "https://acme.tines.com/webhook/",
        "https://acme.tines.com/pages/x#top",
        "who is this: someone@example.com/x?",
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


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        ("https://user:5ec2e7@h/p", f"https://{MASK}@h/p"),
        ("socks5://user:5ec2e7@h:1080", f"socks5://{MASK}@h:1080"),
        ("https://5ec2e7@h", f"https://{MASK}@h"),
        ("https://a@5ec2e7@h", f"https://{MASK}@h"),
        ("https://h/x?token=5ec2e7", f"https://h/x?token={MASK}"),
        ("https://h?a=5ec2e7&b=&c=5ec2e7", f"https://h?a={MASK}&b=&c={MASK}"),
        ("https://h/x?5ec2e7", f"https://h/x?{MASK}"),
        ("https://h/x?a=5e?c2=e7/x", f"https://h/x?a={MASK}"),
        ("https://h/x?a=1#token=5ec2e7", f"https://h/x?a={MASK}#token={MASK}"),
        (r"https:\/\/u:5ec2e7@h\/x?sig=5ec2e7", rf"https:\/\/{MASK}@h\/x?sig={MASK}"),
        ("('https://h/x?a=5ec2e7', which)", f"('https://h/x?a={MASK}', which)"),
        ("see https://h/x?a=5ec2e7 and <ftp://u:5ec2e7@h>", f"see https://h/x?a={MASK} and <ftp://{MASK}@h>"),
        ("https://u:5ec2e7@h/webhook/p/5ec2e7?a=5ec2e7", f"https://{MASK}@h/webhook/p/{MASK}"),
    ],
)
def test_user_password_and_query_of_every_url_are_masked(shown: str, masked: str) -> None:
    assert redact(shown) == masked
    assert redact(masked) == masked


@pytest.mark.parametrize(
    ("button", "url"),
    [
        ({"action_type": "webhook", "url": SLACK}, f"https://hooks.slack.example/{MASK}"),
        ({"button_type": "webhook", "url": SLACK}, f"https://hooks.slack.example/{MASK}"),
        ({"label": "X", "url": SLACK}, f"https://hooks.slack.example/{MASK}"),
        ({"label": "X", "action_type": None, "url": SLACK}, f"https://hooks.slack.example/{MASK}"),
        ({"notifications": [], "url": SLACK}, f"https://hooks.slack.example/{MASK}"),
        ({"action_type": "webhook", "url": "https://u:5ec2e7@h/5ec2e7"}, f"https://{MASK}@h/{MASK}"),
        ({"action_type": "webhook", "url": "https://h/?sig=5ec2e7"}, f"https://h/{MASK}"),
        ({"action_type": "webhook", "url": "https://h"}, "https://h"),
        ({"action_type": "webhook", "url": "https://h/"}, "https://h/"),
        ({"action_type": "webhook", "url": "5ec2e7"}, MASK),
        ({"action_type": "webhook", "url": ""}, ""),
        ({"action_type": "webhook", "url": None}, None),
        ({"action_type": "webhook", "url": f"{HOOK}/5ec2e7"}, f"{HOOK}/{MASK}"),
        ({"action_type": "page", "url": "https://acme.tines.com/pages/x"}, "https://acme.tines.com/pages/x"),
        ({"action_type": "page", "label": "X", "url": "https://h/x?a=5ec2e7"}, f"https://h/x?a={MASK}"),
        ({"case_id": 7, "url": "https://acme.tines.com/cases/7"}, "https://acme.tines.com/cases/7"),
    ],
)
def test_url_of_a_webhook_elsewhere_shows_its_host_alone(button: dict[str, Any], url: str | None) -> None:
    assert redact(button)["url"] == url
    assert redact(redact(button)) == redact(button)


@pytest.mark.parametrize("place", ["query_params", "metadata"])
@pytest.mark.parametrize("name", SECRET_NAMES)
def test_value_under_a_secret_name_is_masked(place: str, name: str) -> None:
    for secret in ("5ec2e7", 52, ["5ec2e7"], {"a": "5ec2e7"}):
        shown = redact({"actions": [{place: {name: secret, "case": "x"}}]})
        assert "5" not in str(shown)
        assert shown["actions"][0][place]["case"] == "x"
        assert redact(shown) == shown


@pytest.mark.parametrize("name", ["author", "keyboard", "monkey", "case_id", "design", "passenger", "compass"])
def test_value_under_another_name_is_shown(name: str) -> None:
    given = {"metadata": {name: "x", "none": None, "empty": ""}, "token_like": "x", "key": 1}
    assert redact(given) == given


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.text() | st.sampled_from(["url", "label", "action_type", "query_params", "metadata", "token"]), inner
            )
        ),
    )
)
def test_masking_data_twice_is_masking_it_once(value: Any) -> None:
    assert redact(redact(value)) == redact(value)


@given(st.from_regex(r"(https?:(//|\\/\\/)|[/\\?&=#@: ]|webhook|[*]{8}|x|%2f)*", fullmatch=True))
def test_masking_a_url_twice_is_masking_it_once(text: str) -> None:
    for value in (text, {"label": "x", "url": text}):
        assert redact(redact(value)) == redact(value)


def test_control_characters_are_shown_and_line_ends_kept() -> None:
    text = "a\n\tb\r\x00\x07\x1b]0;x\x7f\x9b\u00fc"
    assert escape_controls({text: [text, 1]}) == {
        "a\n\tb\\x0d\\x00\\x07\\x1b]0;x\\x7f\\x9b\u00fc": ["a\n\tb\\x0d\\x00\\x07\\x1b]0;x\\x7f\\x9b\u00fc", 1]
    }


NASTY = [
    "\\",
    "/",
    "\\/",
    "/webhook/",
    "/webhook/x",
    "\\\\/webhook",
    "%25",
    "%2f",
    "&#x2f;",
    "://",
    "://a@",
    "?a=&",
    "aB",
]


@pytest.mark.parametrize("end", ["", " ", "'"])
@pytest.mark.parametrize("piece", NASTY)
@pytest.mark.parametrize("pattern", [WEBHOOK, URL, SECRET_NAME, CAMEL_CASE], ids=lambda pattern: pattern.pattern[:12])
def test_patterns_take_linear_time(pattern: re.Pattern[str], piece: str, end: str) -> None:
    counter = Counter(pattern)
    few, many = (counter.search_all((piece * length)[:length] + end) for length in (40, 160))
    assert many <= 5 * few + 100


@pytest.mark.parametrize("piece", NASTY)
def test_path_of_a_webhook_is_found_in_linear_time(piece: str) -> None:
    counter = Counter(WEBHOOK_PATH)
    few, many = (counter.match((piece * length)[:length]) for length in (40, 160))
    assert many <= 5 * few + 100


@pytest.mark.parametrize("piece", NASTY)
@pytest.mark.parametrize("key", ["k/e\\y", "\\\\", "////"])
def test_key_is_found_in_linear_time(key: str, piece: str) -> None:
    counter = Counter(re.compile(_any_form_of(key), re.IGNORECASE))
    few, many = (counter.search_all((piece * length)[:length]) for length in (40, 160))
    assert many <= 5 * few + 100


def test_counter_of_steps_tells_quadratic_time() -> None:
    counter = Counter(re.compile(r"\\+/"))
    few, many = (counter.search_all("\\" * length) for length in (40, 160))
    assert many > 10 * few
