# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An error is complete when it is made."""

from __future__ import annotations

from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    CaseworkError,
    NoResponseError,
    OptionError,
    ResponseError,
)


def test_error_is_its_message_and_facts() -> None:
    error = OptionError("No such thing.", changed=False)
    assert error.result() == {"msg": "No such thing.", "changed": False}
    assert str(error) == "No such thing."


def test_message_masks_webhook() -> None:
    error = CaseworkError("The label 'https://h/webhook/p/5ec2e7' is taken.")
    assert "5ec2e7" not in f"{error.msg} {error} {error.result()}"


def test_result_has_the_answer() -> None:
    error = ResponseError("No.", method="GET", path="/p", status=403, details={"error": "No"})
    assert error.result() == {"msg": "No.", "status": 403, "method": "GET", "path": "/p", "details": {"error": "No"}}


def test_result_without_an_answer() -> None:
    assert NoResponseError("No.", method="GET", path="/p").result() == {"msg": "No."}
