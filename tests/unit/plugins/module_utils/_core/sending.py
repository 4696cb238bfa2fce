# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests that send requests have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.errors import RequestError
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import Http
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import Server, answer

Serve = Callable[..., Server]
Connect = Callable[..., Http]

KEY = "test-key-0000"
HOST = "some-name.invalid"
HTML = b"<!DOCTYPE html><html><body>Sign in</body></html>"
DROPPED = None
BUSY = answer(503, Retry_After="1")
CUT = answer(200, b'{"a": ', Content_Length="99", Connection="close")


def failure(http: Http, method: str = "GET", path: str = "/p", **kwargs: Any) -> RequestError:
    """The error that a request ends with."""
    with pytest.raises(RequestError) as caught:
        http.send(method, path, **kwargs)
    assert "Traceback" not in caught.value.msg
    return caught.value
