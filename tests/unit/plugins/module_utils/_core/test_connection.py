# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options become a connection, or an error that names the option."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.connection import connect as connect_to
from ansible_collections.casework.cases.plugins.module_utils._core.connection import is_loopback, parse_base_url
from ansible_collections.casework.cases.plugins.module_utils._core.errors import OptionError
from ansible_collections.casework.cases.plugins.module_utils._tines.client import TINES
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._core.sending import Connect, Serve
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://acme.tines.com", "https://acme.tines.com"),
        ("https://acme.tines.com/", "https://acme.tines.com"),
        ("HTTPS://Acme.Tines.com//", "https://acme.tines.com"),
        ("acme.tines.com", "https://acme.tines.com"),
        ("acme.tines.io:8443", "https://acme.tines.io:8443"),
        ("acme.tines.com/prefix/", "https://acme.tines.com/prefix"),
        ("https://soar.corp.example:8443/a/b/", "https://soar.corp.example:8443/a/b"),
        ("localhost:8080", "https://localhost:8080"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://LOCALHOST", "http://localhost"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.8.9.10:1/x", "http://127.8.9.10:1/x"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ("https://acme.tines.com:0", "https://acme.tines.com:0"),
    ],
)
def test_url_or_host_name_becomes_base_url(given: str, base: str) -> None:
    assert parse_base_url(given, "tenant", "TINES_TENANT") == base


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("ftp://acme.tines.com", "https://"),
        ("file:///etc/passwd", "not a URL"),
        ("https://", "not a URL"),
        ("https:///path", "not a URL"),
        ("//acme.tines.com", "not a URL"),
        ("https://acme.tines.com:port", "not a URL"),
        ("https://acme.tines.com:99999", "not a URL"),
        ("https://[::1", "not a URL"),
        ("acme tines.com", "not a URL"),
        ("https://acme.tines.com\t/x", "not a URL"),
        ("https://user:word@acme.tines.com", "user name"),
        ("https://acme.tines.com/?a=1", "query"),
        ("https://acme.tines.com/#top", "fragment"),
        ("http://acme.tines.com", "in clear"),
        ("http://10.0.0.1", "in clear"),
        ("http://128.0.0.1", "in clear"),
        ("http://[::2]", "in clear"),
        ("http://localhost.acme.com", "in clear"),
        ("http://127.0.0.1.acme.com", "in clear"),
        ("http://0.0.0.0", "in clear"),
        (r"http://localhost\.acme.com", "in clear"),
        ("http://127.0.0.1@acme.com", "user name"),
        ("http://localhost:80@acme.com", "user name"),
    ],
)
def test_unusable_address_names_option_and_variable(given: str, word: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_base_url(given, "tenant", "TINES_TENANT")
    assert word in caught.value.msg
    assert "tenant" in caught.value.msg
    assert "TINES_TENANT" in caught.value.msg


@given(st.text() | st.from_regex(r"https?://\S*", fullmatch=True))
def test_no_address_sends_the_key_in_clear(text: str) -> None:
    with contextlib.suppress(OptionError):
        base = parse_base_url(text, "tenant", "TINES_TENANT")
        assert base.startswith("https://") or is_loopback(re.split(r"http://\[?|\]?(?::\d+)?(?:/|$)", base)[1])


@pytest.mark.parametrize("base", ["https://127.0.0.1:9", "http://127.0.0.1:9"])
@pytest.mark.parametrize("validate_certs", [True, False])
def test_missing_ca_path_is_an_error(connect: Connect, base: str, validate_certs: bool) -> None:
    with pytest.raises(OptionError, match=r"^ca_path names /nonexistent/ca\.pem, which does not exist\.$"):
        connect(base, ca_path="/nonexistent/ca.pem", validate_certs=validate_certs)


def test_missing_ca_bundle_of_environment_is_an_error_with_tls_alone(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent/ca.pem")
    with pytest.raises(OptionError, match="REQUESTS_CA_BUNDLE names /nonexistent"):
        connect("https://127.0.0.1:9")
    connect(serve()).send("GET", "/p")


def test_ca_path_without_certificates_is_an_error(connect: Connect, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing of the kind")
    with pytest.raises(OptionError, match=r"CA certificates in .*/ca\.pem cannot be read"):
        connect("https://127.0.0.1:9", ca_path=str(tmp_path / "ca.pem"))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://acme.tines.com/cases", "https://acme.tines.com"),
        ("acme.tines.com/Cases/140/", "https://acme.tines.com"),
        ("https://acme.tines.com/team/1/cases/140", "https://acme.tines.com"),
        ("https://acme.tines.com/api", "https://acme.tines.com"),
        ("https://acme.tines.com/api/v2/", "https://acme.tines.com"),
        ("http://[::1]:8080/a/b/api/v1", "http://[::1]:8080/a/b"),
    ],
)
def test_address_of_a_page_is_refused_with_the_one_that_is_meant(given: str, meant: str) -> None:
    with pytest.raises(OptionError, match=rf"TINES_TENANT.* use {re.escape(meant)} instead of") as caught:
        connect_to(TINES, {"tenant": given, "api_key": "k"})
    assert given in caught.value.msg


@pytest.mark.parametrize("prefix", ["", "/tines", "/a/b", "/cases-of-acme", "/teams"])
def test_another_path_is_a_prefix(prefix: str) -> None:
    http = connect_to(TINES, {"tenant": f"http://127.0.0.1:9{prefix}/", "api_key": "k"})
    assert http.transport.settings.base == f"http://127.0.0.1:9{prefix}"


@pytest.mark.parametrize(
    "key", ['"sim-key"', "'sim-key'", "Bearer sim-key", "sim\nkey", "sim-k\u00eby", "\u201csim-key\u201d"]
)
def test_key_that_was_copied_with_more_is_refused(key: str) -> None:
    with pytest.raises(OptionError, match=r"^api_key .*TINES_API_KEY.* Leave out quotes and 'Bearer'\.") as refused:
        connect_to(TINES, {"tenant": "http://127.0.0.1:1", "api_key": key})
    assert "sim" not in refused.value.msg.replace("TINES", "")


def test_missing_address_and_key_are_named_at_once() -> None:
    with pytest.raises(OptionError) as caught:
        connect_to(TINES, {})
    assert caught.value.msg == (
        "tenant and api_key are missing: set the options tenant and api_key or the environment variables TINES_TENANT "
        "and TINES_API_KEY."
    )
