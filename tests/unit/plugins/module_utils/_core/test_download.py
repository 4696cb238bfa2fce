# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are downloaded over a real socket: streamed, tried again, bounded, and no page is taken for one."""

from __future__ import annotations

import errno
import hashlib
import io
import tracemalloc
from typing import Any

import pytest
from ansible_collections.casework.cases.plugins.module_utils._core.download import Download
from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    CaseworkError,
    NoResponseError,
    RequestError,
    TooLargeError,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._core.sending import (
    BUSY,
    DROPPED,
    HTML,
    KEY,
    Connect,
    Serve,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import answer

CONTENT = bytes(range(256)) * 1000
FILE = answer(200, CONTENT, Content_Type="application/octet-stream", Content_Disposition="attachment")
CUT = answer(200, CONTENT[:999], Content_Length=str(len(CONTENT)), Connection="close")
MOST = 1024 * 1024


def test_download_is_the_file_as_it_is(serve: Serve, connect: Connect) -> None:
    server, stream = serve(FILE), io.BytesIO()
    http = connect(server)
    download = Download(MOST, stream)
    http.download("/f", download)
    assert stream.getvalue() == CONTENT
    assert download.hashes.size == len(CONTENT)
    assert download.hashes.checksum() == f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
    assert download.hashes.match(f"md5:{hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()}")
    assert server.seen[0].headers["accept"] == "*/*"
    assert server.seen[0].headers["accept-encoding"] == "identity"
    assert http.sent == 1


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}', b"<html>"])
def test_download_may_be_anything(serve: Serve, connect: Connect, content: bytes) -> None:
    stream = io.BytesIO()
    reply = answer(200, content, Content_Type="text/html", Content_Disposition="attachment")
    connect(serve(reply)).download("/f", Download(MOST, stream))
    assert stream.getvalue() == content


@pytest.mark.parametrize("fault", [CUT, DROPPED, BUSY, answer(502), answer(429)])
def test_download_that_breaks_off_begins_anew(serve: Serve, connect: Connect, fault: bytes | None) -> None:
    stream, server = io.BytesIO(), serve(fault, FILE)
    download = Download(MOST, stream)
    connect(server).download("/f", download)
    assert stream.getvalue() == CONTENT
    assert download.hashes.match(f"sha256:{hashlib.sha256(CONTENT).hexdigest()}")
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("reply", "said", "status"),
    [
        (answer(404, {"error": "Gone"}), "failed: 404 Said: Gone.", 404),
        (
            answer(302, Location="https://elsewhere.example/x"),
            "was redirected (302) to https://elsewhere.example/x",
            302,
        ),
        (answer(200, HTML, Content_Type="text/html"), "with an HTML page instead of the file", 200),
        (answer(403, {"error": f"not for {KEY}"}), "not for ********", 403),
    ],
)
def test_what_is_no_file_is_an_error(serve: Serve, connect: Connect, reply: bytes, said: str, status: int) -> None:
    with pytest.raises(RequestError) as caught:
        connect(serve(reply), retries=1).download("/f", Download(MOST, io.BytesIO()))
    assert said in caught.value.msg
    assert caught.value.status == status
    assert not caught.value.outcome_unknown


def test_download_that_always_breaks_off_is_an_error(serve: Serve, connect: Connect) -> None:
    # urllib3 1.26 does not notice by itself.
    said = r"was answered with a part of the file only|connection broke before the response was complete"
    with pytest.raises(NoResponseError, match=said) as caught:
        connect(serve(CUT), retries=1).download("/f", Download(MOST, io.BytesIO()))
    assert not caught.value.outcome_unknown


def test_body_of_an_error_is_not_written(serve: Serve, connect: Connect) -> None:
    stream = io.BytesIO(b"old")
    with pytest.raises(RequestError):
        connect(serve(answer(404, {"error": "Gone"}))).download("/f", Download(MOST, stream))
    assert stream.getvalue() == b"old"


def test_download_that_is_too_large_is_not_read_to_its_end(serve: Serve, connect: Connect) -> None:
    server, stream = serve(FILE), io.BytesIO()
    with pytest.raises(TooLargeError, match="was answered with more than 1000 bytes, which is not read"):
        connect(server).download("/f", Download(1000, stream))
    assert len(stream.getvalue()) <= 1000
    assert len(server.seen) == 1


@pytest.mark.parametrize("method", ["write", "truncate"])
def test_full_disk_is_no_fault_of_the_connection(
    serve: Serve, connect: Connect, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        pass

    def fail(*_args: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Full, method, fail, raising=False)
    server = serve(FILE)
    download = Download(MOST, Full())
    with pytest.raises(CaseworkError, match=r"^The file was not saved: No space left on device\.$"):
        connect(server).download("/f", download)
    assert len(server.seen) == 1


def test_memory_does_not_grow_with_the_file(serve: Serve, connect: Connect) -> None:
    content = bytes(8 * MOST)
    http = connect(serve(answer(200, content, Content_Disposition="attachment")))
    http.download("/f", Download(8 * MOST))  # what the first request loads is there from now on
    tracemalloc.start()
    try:
        http.download("/f", Download(8 * MOST))
        _size, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * MOST  # 8 of them are the server's own copy
