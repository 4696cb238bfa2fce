# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""No module shows the API key or a webhook's secret, whatever is wrong with its options."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.casework.cases.plugins.module_utils._ansible.module import run_module
from ansible_collections.casework.cases.plugins.module_utils._core.rate_limit import RateLimiter
from ansible_collections.casework.cases.tests.unit.in_process import module_spec

KEY = "test-key-0000"
SECRET = "5ec2e7"
HOOK = f"https://acme.tines.com/webhook/p/{SECRET}"
MODULES = sorted(file.stem for file in (Path(__file__).parents[5] / "plugins" / "modules").glob("*.py"))
WRONG = [HOOK, [HOOK], {"url": HOOK}, [{"url": HOOK, "unknown": 1}], [[HOOK]], 7, True, None, [], 1.5]
KEYS = [KEY, [KEY], {"a": KEY}, {KEY: 1}, [[{"a": KEY}]], f"{KEY}\n", f" {KEY}", f"{KEY} {KEY}"]


def wrong_options(argument_spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each option with values of every type, and each suboption of an option that has some."""
    for name, option in argument_spec.items():
        for value in KEYS if option.get("no_log") else WRONG:
            yield {name: value}
        for inner in wrong_options(option.get("options") or {}):
            yield {name: [inner] if option["type"] == "list" else inner}


@pytest.mark.parametrize(
    ("name", "from_environment"), [*((name, False) for name in MODULES), ("case_actions", True), ("case_perform", True)]
)
def test_no_wrong_option_shows_a_secret(
    name: str, from_environment: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = module_spec(name)
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr(RateLimiter, "sleep", lambda *_waited: None)  # as many retries as one of the values
    given = {spec.vendor.url_option: "http://127.0.0.1:1", "api_key": KEY, "retries": 0}
    if from_environment:
        monkeypatch.setenv(spec.vendor.key_env, str(given.pop("api_key")))
    for wrong in wrong_options(spec.argument_spec):
        arguments = {"ANSIBLE_MODULE_ARGS": {**given, **wrong, "_ansible_verbosity": 4, "_ansible_check_mode": True}}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(arguments).encode())
        with pytest.raises(SystemExit):
            run_module(spec)
        written = capsys.readouterr()
        result = json.loads(written.out)
        result.pop("_ansible_new_secrets", None)  # what ansible-core 2.22 is to mask, which it takes out
        shown = json.dumps(result) + written.err
        assert KEY not in shown, wrong
        assert SECRET not in shown, wrong
        assert "exception" not in result, wrong
