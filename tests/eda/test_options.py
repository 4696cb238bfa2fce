# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options: documentation and code agree, and what is wrong is said in one sentence before anything starts."""

from __future__ import annotations

import asyncio
import importlib.metadata
import inspect
import re
from typing import Any

import pytest
import yaml
from ansible_collections.casework.cases.plugins.doc_fragments import connection, tines
from ansible_collections.casework.cases.plugins.module_utils._tines.events_options import (
    LISTEN_OPTIONS,
    OPTIONS,
    Option,
    parse_source_options,
)

from .conftest import SECRET, load

KINDS = {"secret": "str"}
LISTEN = {"port": 5000, "path_secret": SECRET}
POLL = {"tenant": "https://acme.example", "api_key": "key"}


def documented() -> dict[str, Any]:
    """The options of the source's documentation and of the fragments that it extends."""
    own = yaml.safe_load(load("source", "case_events")["DOCUMENTATION"])
    assert own["extends_documentation_fragment"] == ["casework.cases.tines", "casework.cases.connection"]
    shared = [yaml.safe_load(each.ModuleDocFragment.DOCUMENTATION)["options"] for each in (tines, connection)]
    return {**shared[0], **shared[1], **own["options"]}


@pytest.mark.parametrize(
    ("shown", "accepted"),
    [(documented(), OPTIONS), (documented()["listen"]["suboptions"], LISTEN_OPTIONS)],
    ids=["options", "listen"],
)
def test_documentation_and_accepted_options_agree(shown: dict[str, Any], accepted: dict[str, Option]) -> None:
    assert set(shown) == set(accepted)
    for name, option in accepted.items():
        assert shown[name]["type"] == KINDS.get(option.kind, option.kind), name
        assert shown[name].get("default") == option.default, name
        assert tuple(shown[name].get("choices", ())) == option.choices, name


def test_documentation_and_options_of_the_filter_agree() -> None:
    names = load("filter", "case_event")
    parameters = dict(inspect.signature(names["main"]).parameters)
    del parameters["event"]
    options = yaml.safe_load(names["DOCUMENTATION"])["options"]
    assert {name: each.default for name, each in parameters.items()} == {
        name: each["default"] for name, each in options.items()
    }


@pytest.mark.parametrize(("version", "dropped"), [("1.1.7", {}), ("1.2.0", []), ("1.3.2", []), ("2.0.0b1", [])])
def test_strict_filter_drops_an_event_if_ansible_rulebook_can(
    monkeypatch: pytest.MonkeyPatch, version: str, dropped: Any
) -> None:
    """An older one would end because of the list; there, an event that no rule matches stands for it."""
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: version)
    main = load("filter", "case_event")["main"]
    assert main({"other": 1}, strict=True) == dropped
    assert main({}) == {}


@pytest.mark.parametrize("kind", [("source", "case_events"), ("filter", "case_event")])
def test_examples_are_rulebooks_whose_options_are_accepted(kind: tuple[str, str]) -> None:
    for ruleset in yaml.safe_load(load(*kind)["EXAMPLES"]):
        assert set(ruleset) == {"name", "hosts", "sources", "rules"}
        for source in ruleset["sources"]:
            assert not set(source.get("casework.cases.case_events", {})) - set(OPTIONS)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "tenant and listen are both missing"),
    ({**POLL, "intervall": 60}, "intervall is not an option of this source. Did you mean interval?"),
    ({"listen": {**LISTEN, "path_secrets": "x"}}, "Did you mean listen.path_secret?"),
    ({**POLL, "interval": 4}, "interval must be 5 or more, not 4."),
    ({**POLL, "interval": "soon"}, "interval must be a number, not 'soon'."),
    ({**POLL, "interval": float("nan")}, "interval must be a number"),
    ({**POLL, "since": "yesterday"}, "since must be an ISO 8601 timestamp"),
    ({**POLL, "status": "opened"}, "status must be"),
    ({**POLL, "priority": ["urgent"]}, "priority must be"),
    ({**POLL, "tags": {"a": 1}}, "tags must be a list"),
    ({**POLL, "team_id": "SOC"}, "team_id"),
    ({**POLL, "include_case": "perhaps"}, "include_case must be true or false"),
    ({**POLL, "filters": ["x"]}, "filters must be a dictionary"),
    ({**POLL, "listen": 5000}, "listen must be a dictionary"),
    ({**POLL, "api_key": 1234567890123456}, "quote it"),
    ({**POLL, "feedback": True}, "--persistence-id"),
    ({"listen": LISTEN, "state_file": "x"}, "state_file needs a tenant"),
    ({"listen": {"port": 5000}}, "exactly one of path_secret, token and hmac_secret"),
    ({"listen": {**LISTEN, "token": SECRET}}, "there are path_secret and token"),
    ({"listen": {"port": 5000, "token": 1234567890123456}}, "listen.token came as int instead of text"),
    ({"listen": {"port": 5000, "token": "short"}}, "listen.token is too short"),
    ({"listen": {"port": 5000, "path_secret": "with/slash/and/more"}}, "part of a URL"),
    ({"listen": {"port": 5000, "token": "\u00e9" * 16}}, "printable ASCII"),
    ({"listen": {"path_secret": SECRET}}, "listen.port must be a port"),
    ({"listen": {**LISTEN, "port": 70000}}, "listen.port must be a port"),
    ({"listen": {**LISTEN, "port": "http"}}, "listen.port must be a whole number"),
    ({"listen": {**LISTEN, "host": "0.0.0.0"}}, "listen.behind_proxy: true"),  # noqa: S104  # what is refused
    ({"listen": {**LISTEN, "certfile": "/nowhere.pem"}}, "listen.certfile names /nowhere.pem, which is no file."),
    ({"listen": {**LISTEN, "client_ca": "/nowhere.pem"}}, "listen.client_ca needs listen.certfile"),
    ({"listen": {"port": 5000, "hmac_secret": SECRET, "hmac_algorithm": "md5"}}, "sha256 is usual"),
    ({"listen": {"port": 5000, "hmac_secret": SECRET, "hmac_format": "octal"}}, "must be hex or base64"),
]


@pytest.mark.parametrize(("options", "said"), WRONG, ids=[said for _options, said in WRONG])
def test_wrong_option_ends_the_source_with_a_sentence(options: dict[str, Any], said: str) -> None:
    main = load("source", "case_events")["main"]
    with pytest.raises(Exception, match=re.escape(said)) as caught:
        asyncio.run(main(asyncio.Queue(), options))
    assert "1234567890123456" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_text_that_templates_give_is_understood() -> None:
    options = parse_source_options(
        {**POLL, "interval": "30", "include_case": "yes", "team_id": "1, 2", "tags": "phishing", "retries": "0"}
    )
    assert (options.interval, options.include_case) == (30.0, True)
    assert (options.search.team_ids, options.search.tags) == ((1, 2), ("phishing",))


@pytest.mark.parametrize("options", [{"host": "0.0.0.0", "behind_proxy": True}, {"host": "::1"}, {"host": "localhost"}])  # noqa: S104  # allowed
def test_host_that_needs_no_certificate(options: dict[str, Any]) -> None:
    assert parse_source_options({"listen": {**LISTEN, **options}}).listen is not None
