# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What urllib3 1.26 leaves to its caller, on any urllib3: newer ones find it out before it gets here."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import _receive
from ansible_collections.casework.cases.plugins.module_utils._core.transport import ConnectError
from ansible_collections.casework.cases.plugins.module_utils._core.transport_errors import classify


@pytest.mark.parametrize(("announced", "truncated"), [("99", True), ("8", False), ("", False), ("\xb2", False)])
def test_body_that_ends_before_its_announced_length_is_truncated(announced: str, truncated: bool) -> None:
    response = SimpleNamespace(
        iter_content=lambda _size: iter([b'{"a": 1}']),
        raw=SimpleNamespace(tell=lambda: 8),
        headers={"Content-Length": announced},
        status_code=200,
        reason="OK",
    )
    assert _receive(response).truncated is truncated


def test_certificate_for_another_name_is_not_trusted_and_not_retried() -> None:
    """urllib3 1.26 compares names itself, and what it raises is no error of the module ssl."""
    error = ConnectError("connect")
    error.__cause__ = ValueError("hostname '127.0.0.1' doesn't match 'other.invalid'")
    failure = classify(error, timeout=1)
    assert failure.cause.startswith("the server's certificate is not trusted (hostname")
    assert (failure.permanent, failure.sent) == (True, False)
