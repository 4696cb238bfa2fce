# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a sender is answered: who it is comes first, and nothing that it sends stops the source."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import hmac
import json
import ssl
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
import pytest
import trustme

from .conftest import SECRET, load, running

CLICK: dict[str, Any] = {
    "user": {"id": 27, "email": "jane@example.com"},
    "button": {"id": 5, "label": "Isolate", "type": "webhook", "url": "https://acme.example/x"},
    "case": {"id": 42, "name": "Phishing"},
}
PATH: dict[str, Any] = {"port": 0, "path_secret": SECRET}
TOKEN: dict[str, Any] = {"port": 0, "token": SECRET}
HMAC: dict[str, Any] = {"port": 0, "hmac_secret": SECRET}


def answer(listen: dict[str, Any], path: str = "", method: str = "POST", **request: Any) -> tuple[int, dict[str, str]]:
    """Status and headers that one request is answered with."""

    async def ask() -> tuple[int, dict[str, str]]:
        async with running({"listen": listen}) as source, aiohttp.ClientSession() as session:
            request.setdefault("json" if "data" not in request else "data", request.get("data", CLICK))
            async with session.request(method, source.url + path, **request) as response:
                return response.status, dict(response.headers)

    return asyncio.run(ask())


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_payload_is_accepted_at_once_and_becomes_an_event() -> None:
    async def go() -> dict[str, Any]:
        async with running({"listen": PATH}) as source, aiohttp.ClientSession() as session:
            async with session.post(source.url + SECRET + "?severity=high", json=CLICK) as response:
                assert response.status == 202
            return await source.event()

    assert asyncio.run(go())["button"]["label"] == "Isolate"


@pytest.mark.parametrize("path", ["", "wrong", SECRET[:-1], SECRET + "/", SECRET.upper(), "../" + SECRET[:-1]])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_another_path_is_404_whatever_the_method(path: str, method: str) -> None:
    assert answer(PATH, path, method)[0] == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_another_method_is_405(method: str) -> None:
    status, headers = answer(PATH, SECRET, method)
    assert (status, headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("headers", [{}, bearer("wrong"), {"Authorization": SECRET}, bearer(""), bearer("\u00e9")])
def test_missing_or_wrong_token_is_401(headers: dict[str, str]) -> None:
    status, shown = answer(TOKEN, headers=headers)
    assert (status, shown["WWW-Authenticate"]) == (401, "Bearer")


def test_right_token_is_202() -> None:
    assert answer(TOKEN, headers=bearer(SECRET))[0] == 202


BODY = json.dumps(CLICK).encode()
DIGEST = hmac.new(SECRET.encode(), BODY, hashlib.sha256).digest()


@pytest.mark.parametrize(
    ("listen", "headers", "status"),
    [
        ({}, {"X-Hub-Signature-256": DIGEST.hex()}, 202),
        ({}, {"X-Hub-Signature-256": f"sha256={DIGEST.hex().upper()}"}, 202),
        ({}, {}, 401),
        ({}, {"X-Hub-Signature-256": "sha256="}, 401),
        ({}, {"X-Hub-Signature-256": "\u00e9"}, 401),
        ({}, {"X-Hub-Signature-256": DIGEST.hex()[:-1] + "x"}, 401),
        ({"hmac_header": "X-Sig", "hmac_format": "base64"}, {"X-Sig": base64.b64encode(DIGEST).decode()}, 202),
        ({"hmac_algorithm": "sha512"}, {"X-Hub-Signature-256": DIGEST.hex()}, 401),
    ],
)
def test_signature_is_checked(listen: dict[str, Any], headers: dict[str, str], status: int) -> None:
    assert answer({**HMAC, **listen}, data=BODY, headers=headers)[0] == status


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00"])
def test_what_is_no_json_is_400(body: bytes) -> None:
    assert answer(PATH, SECRET, data=body)[0] == 400


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "1e999", "[" * 5000 + "]" * 5000, "1" * 5000], ids=lambda text: text[:9]
)
def test_click_with_a_value_that_the_engine_cannot_take_is_400(value: str) -> None:
    body = json.dumps({**CLICK, "x": "here"}).replace('"here"', value)
    assert answer(PATH, SECRET, data=body.encode())[0] == 400


@pytest.mark.parametrize("payload", [{}, [], [CLICK], "text", 1, None, {"case": {"id": 1}}])
def test_json_that_tines_does_not_post_is_400(payload: Any) -> None:
    assert answer(PATH, SECRET, data=json.dumps(payload).encode())[0] == 400


def test_body_over_the_limit_is_413() -> None:
    assert answer({**PATH, "max_body": 2000}, SECRET, data=b" " * 3000)[0] == 413


def test_body_over_the_limit_after_decompression_is_413() -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    assert answer(PATH, SECRET, data=bomb, headers={"Content-Encoding": "gzip"})[0] == 413


def test_body_that_cannot_be_decompressed_is_400() -> None:
    assert answer(PATH, SECRET, data=b"no gzip", headers={"Content-Encoding": "gzip"})[0] == 400


def test_full_inbox_is_503_and_what_was_accepted_is_told() -> None:
    """The engine takes one event, one is handed over, two wait: the others are told to come again."""

    async def go() -> tuple[list[int], int, set[str | None]]:
        options = {"listen": {**PATH, "backlog": 2}}
        async with running(options, queue_size=1) as source, aiohttp.ClientSession() as session:
            statuses, waits = [], set()
            for _post in range(8):
                async with session.post(source.url + SECRET, json=CLICK) as response:
                    statuses.append(response.status)
                    if response.status == 503:
                        waits.add(response.headers.get("Retry-After"))
                await asyncio.sleep(0.02)
            for _event in range(statuses.count(202)):
                await source.event()
            return statuses, source.queue.qsize(), waits

    statuses, left, waits = asyncio.run(go())
    assert statuses == [202] * 4 + [503] * 4
    assert left == 0
    assert waits == {"5"}


UNREAD = {
    "another path": (PATH, "wrong", "POST", [], 404),
    "another method": (PATH, SECRET, "PUT", [], 405),
    "no token": (TOKEN, "", "POST", [], 401),
    "wrong token": (TOKEN, "", "POST", ["Authorization: Bearer wrong"], 401),
    "no signature": (HMAC, "", "POST", [], 401),
    "too long": ({**PATH, "max_body": 1024}, SECRET, "POST", [], 413),
}


@pytest.mark.parametrize(("listen", "path", "method", "headers", "status"), UNREAD.values(), ids=UNREAD)
def test_sender_is_refused_before_its_body_is_read(
    listen: dict[str, Any], path: str, method: str, headers: list[str], status: int
) -> None:
    """The body never comes. Whoever waits for it says 408 in the end."""

    async def go() -> bytes:
        async with running({"listen": listen}) as source:
            reader, writer = await asyncio.open_connection("127.0.0.1", source.port)
            head = [f"{method} /{path} HTTP/1.1", "Host: x", "Content-Length: 5000", *headers, "", ""]
            writer.write("\r\n".join(head).encode())
            received = await asyncio.wait_for(reader.readline(), 20)
            writer.close()
            return received

    assert asyncio.run(go()).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("listen", "path", "headers"),
    [(PATH, SECRET, {}), (TOKEN, "", bearer(SECRET)), (HMAC, "", {"X-Hub-Signature-256": "0" * 64})],
    ids=["path", "token", "signature"],
)
def test_secret_is_compared_in_constant_time(listen: dict[str, Any], path: str, headers: dict[str, str]) -> None:
    given = (path or headers.get("Authorization", "").removeprefix("Bearer ") or "0" * 64).encode()
    with patch("hmac.compare_digest", wraps=hmac.compare_digest) as compare:
        answer(listen, path, headers=headers)
    assert given in {bytes(call.args[0]).lstrip(b"/") for call in compare.call_args_list}


def test_refused_sender_cannot_hold_its_connection() -> None:
    """What is left to read is read for a second, not for the ten that aiohttp takes."""

    async def go() -> int:
        async with running({"listen": PATH}) as source:
            reader, writer = await asyncio.open_connection("127.0.0.1", source.port)
            writer.write(b"POST /wrong HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n")
            await asyncio.wait_for(reader.read(), 9)
            writer.close()
            return len(source.source.listener._http_server.connections)

    assert asyncio.run(go()) == 0


def test_request_has_ten_seconds() -> None:
    assert load("source", "case_events")["_events_source"].Listener.start.__globals__["REQUEST_TIMEOUT"] == 10


HALF = {
    "nothing": b"",
    "half a header": b"POST / HTTP/1.1\r\nHost: x\r\nX-Half: ",
    "half a body": f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode(),
    "half a chunk": f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{{".encode(),
}


@pytest.mark.parametrize("sent", HALF.values(), ids=HALF)
def test_request_that_does_not_become_whole_is_408_and_the_connection_ends(sent: bytes) -> None:
    async def go() -> bytes:
        async with running({"listen": PATH}) as source:
            reader, writer = await asyncio.open_connection("127.0.0.1", source.port)
            writer.write(sent)
            received = await asyncio.wait_for(reader.read(), 20)
            writer.close()
            return received

    listener = load("source", "case_events")["_events_source"].Listener
    with patch.dict(listener.start.__globals__, {"REQUEST_TIMEOUT": 0.2}):
        assert asyncio.run(go()).startswith(b"HTTP/1.1 408 ")


def test_second_request_over_one_connection_has_its_own_time() -> None:
    async def go() -> bytes:
        body = json.dumps(CLICK).encode()
        whole = f"POST /{SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        async with running({"listen": PATH}) as source:
            reader, writer = await asyncio.open_connection("127.0.0.1", source.port)
            writer.write(whole)
            await source.event()
            await asyncio.sleep(0.5)
            writer.write(whole)
            await source.event()
            writer.write(b"POST ")
            received = await asyncio.wait_for(reader.read(), 20)
            writer.close()
            return received

    listener = load("source", "case_events")["_events_source"].Listener
    with patch.dict(listener.start.__globals__, {"REQUEST_TIMEOUT": 0.3}):
        received = asyncio.run(go())
    assert received.count(b"HTTP/1.1 202 ") == 2
    assert received.count(b"HTTP/1.1 408 ") == 1


def test_sender_that_waits_for_100_continue_is_told_to_go_on() -> None:
    assert answer(PATH, SECRET, expect100=True)[0] == 202


def test_notification_that_comes_twice_is_told_once() -> None:
    note = {"activity": {"id": 1, "activity_type": "created"}, "case": {"id": 42}}

    async def go() -> list[str]:
        async with running({"listen": PATH}) as source, aiohttp.ClientSession() as session:
            for payload in (note, note, CLICK):
                await session.post(source.url + SECRET, json=payload)
            return [(await source.event())["event"] for _event in range(2)]

    assert asyncio.run(go()) == ["case_created", "button"]


@pytest.fixture
def certificates(tmp_path: Path) -> dict[str, Any]:
    """A server's certificate, a client's, and who vouches for each."""
    authority, clients = trustme.CA(), trustme.CA()
    server, client = authority.issue_cert("127.0.0.1"), clients.issue_cert("client@example.com")
    server.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    client.private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")
    clients.cert_pem.write_to_path(tmp_path / "clients.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return {"place": tmp_path, "context": context}


async def post_over_tls(listen: dict[str, Any], context: ssl.SSLContext) -> int:
    async with running({"listen": listen}) as source, aiohttp.ClientSession() as session:
        async with session.post(f"https://127.0.0.1:{source.port}/{SECRET}", json=CLICK, ssl=context) as response:
            return response.status


def test_tls_with_a_client_certificate(certificates: dict[str, Any]) -> None:
    place, context = certificates["place"], certificates["context"]
    tls = {"certfile": str(place / "server.pem"), "client_ca": str(place / "clients.pem"), "host": "127.0.0.1"}
    with pytest.raises((aiohttp.ClientError, OSError)):
        asyncio.run(post_over_tls({**PATH, **tls}, context))
    context.load_cert_chain(place / "client.pem")
    assert asyncio.run(post_over_tls({**PATH, **tls}, context)) == 202


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")  # what is deprecated is what is tested
def test_old_tls_is_refused(certificates: dict[str, Any]) -> None:
    context = certificates["context"]
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((aiohttp.ClientError, OSError)):
        asyncio.run(post_over_tls({**PATH, "certfile": str(certificates["place"] / "server.pem")}, context))


def test_old_tls_is_refused_whatever_openssl_allows(certificates: dict[str, Any]) -> None:
    names = load("source", "case_events")
    options = {"listen": {**PATH, "certfile": str(certificates["place"] / "server.pem")}}
    listen = names["_events_options"].parse_source_options(options).listen
    context = names["_events_source"].Listener(listen, asyncio.Queue())._tls_context()
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_nothing_of_a_payload_or_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    answer(PATH, SECRET, headers={"X-Secret": "s3cret-header"})
    answer(PATH, SECRET + "x")
    answer(TOKEN, headers=bearer(SECRET + "x"))
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("asyncio"))
    assert SECRET not in ours
    assert "s3cret-header" not in ours
    assert "Phishing" not in ours
