# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-test needs to work behind a closed network is put where it looks."""

from __future__ import annotations

from configparser import RawConfigParser
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

SCRIPT = spec_from_file_location("bootstrap", Path(__file__).parents[3] / ".ci" / "bootstrap.py")
assert SCRIPT
assert SCRIPT.loader
bootstrap = module_from_spec(SCRIPT)
SCRIPT.loader.exec_module(bootstrap)


def settings(home: Path) -> RawConfigParser:
    written = RawConfigParser()
    assert written.read(home / ".config" / "pip" / "pip.conf")
    return written


def test_what_pip_takes_from_files_and_environment_stands_in_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.conf"
    own.write_text("[global]\ntimeout = 7\nretries = 9\n[install]\nno-compile = true\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(own))
    monkeypatch.setenv("PIP_TIMEOUT", "8")
    monkeypatch.setenv("PIP_TRUSTED_HOST", "a.example\nb.example")
    monkeypatch.delenv("PIP_CERT", raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/some/ca.pem")
    monkeypatch.setattr(bootstrap, "reachable", lambda _url: True)
    bootstrap.main(tmp_path)
    written = settings(tmp_path)
    assert written.get("global", "timeout") == "8"
    assert written.get("global", "retries") == "9"
    assert written.get("global", "trusted-host").split() == ["a.example", "b.example"]
    assert written.get("install", "no-compile") == "true"
    assert not written.has_option("global", "config-file")


def test_a_stand_in_is_written_only_where_the_download_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / ".ansible" / "test" / "cache"
    asked: list[str] = []

    def reachable(url: str) -> bool:
        asked.append(url)
        return bool(answer)

    monkeypatch.setattr(bootstrap, "reachable", reachable)
    answer = True
    bootstrap.main(tmp_path)
    assert asked
    assert not cache.exists()
    answer = False
    bootstrap.main(tmp_path)
    assert len(list(cache.glob("get_pip_*.py"))) == len(set(asked))
    assert all(url.startswith("https://") and url.endswith(".py") and "%s" not in url for url in asked)
    asked.clear()
    bootstrap.main(tmp_path)
    assert asked == []


def test_the_stand_in_is_a_program() -> None:
    compile(bootstrap.STAND_IN, "get_pip.py", "exec")
