# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Case webhooks, clicks on buttons, and faults of what is posted."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

WEBHOOKS = "/api/v1/case_webhooks"
CASE = "/api/v2/cases/1"


class Receiver:
    """A listener that keeps what is posted to it."""

    def __init__(self) -> None:
        received: queue.Queue[tuple[str, Any]] = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()
                received.put((self.path, json.loads(content)))

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it)
                pass

        self._received = received
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def next(self) -> tuple[str, Any]:
        return self._received.get(timeout=20)

    def kinds(self, count: int) -> list[str]:
        return [self.next()[1]["activity"]["activity_type"] for _one in range(count)]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture(autouse=True)
def loaded(call: Any, receiver: Receiver) -> None:
    """A case of team 1 with two buttons."""
    url = receiver.url + "/hook?k=v"
    webhook = {
        "url": url,
        "label": "Isolate",
        "action_type": "webhook",
        "query_params": {"mode": "hard", "case_id": "9"},
    }
    page = {"url": "https://a.example", "label": "Form", "action_type": "page"}
    call.load(cases=[{"team_id": 1, "actions": [webhook, page]}])


def subscribe(call: Any, receiver: Receiver, **given: Any) -> Any:
    reply = call("POST", WEBHOOKS, {"team_id": 1, "url": receiver.url + "/events", **given})
    assert reply.status == 201, reply.text
    return reply.json["webhook"]


def test_life_of_a_case_webhook(call: Any, receiver: Receiver) -> None:
    made = subscribe(call, receiver, name="SIEM", notifications=["CREATED"])
    assert made == {
        "id": 1,
        "name": "SIEM",
        "url": receiver.url + "/events",
        "version_number": 2.0,
        "notifications": ["CREATED"],
        "team": {"id": 1, "name": "Team 1"},
    }
    path = f"{WEBHOOKS}/1"
    assert call("GET", path).json == {"webhook": made}
    changed = call("PUT", path, {"name": "", "notifications": ["ALL"]}).json["webhook"]
    assert (changed["name"], changed["notifications"], changed["url"]) == (None, ["ALL"], made["url"])
    assert call("PUT", path, {"team_id": 2}).json["error"]["field"] == "team_id"
    assert [item["id"] for item in call("GET", WEBHOOKS + "?team_id=1").json["webhooks"]] == [1]
    assert call("GET", WEBHOOKS + "?team_id=2").json["webhooks"] == []
    assert call("GET", WEBHOOKS + "?per_page=51").json["meta"]["per_page"] == 50
    assert [call("DELETE", path).status for _twice in range(2)] == [204, 404]


def test_a_team_has_five_webhooks_at_most(call: Any, receiver: Receiver) -> None:
    for _number in range(5):
        subscribe(call, receiver)
    reply = call("POST", WEBHOOKS, {"team_id": 1, "url": receiver.url})
    assert (reply.status, reply.json["error"]["field"]) == (422, "team_id")
    assert call("POST", WEBHOOKS, {"team_id": 2, "url": receiver.url}).status == 201


def test_bad_webhooks(call: Any, receiver: Receiver) -> None:
    for change in ({"url": "ftp://a.example"}, {"notifications": ["created"]}, {"notifications": "ALL"}):
        assert call("POST", WEBHOOKS, {"team_id": 1, "url": receiver.url, **change}).status == 422
    assert call("POST", WEBHOOKS, {"team_id": 1}).json["error"]["field"] == "url"


def test_a_notification_has_the_form_of_the_sample(call: Any, receiver: Receiver) -> None:
    subscribe(call, receiver)
    comment = call("POST", CASE + "/comments", {"value": "text"}).json
    path, payload = receiver.next()
    assert (path, set(payload), payload["version"]) == ("/events", {"activity", "case", "version"}, 2.0)
    activity = payload["activity"]
    assert (activity["id"], activity["activity_type"], activity["value"]) == (comment["id"], "commented", "text")
    assert set(activity["user"]) == {"id", "first_name", "last_name", "email"}
    assert activity["created_at"].endswith(".000Z")
    assert (payload["case"]["id"], payload["case"]["status"]) == (1, "open")
    assert [item["value"] for item in payload["case"]["comments"]] == ["text"]


def test_everything_that_happens_is_posted_in_order(call: Any, receiver: Receiver) -> None:
    subscribe(call, receiver)
    call("POST", "/api/v2/cases", {"team_id": 1, "name": "New"})
    call("PUT", CASE, {"status": "closed", "priority": "high"})
    call("POST", CASE + "/tasks", {"description": "x"})
    file = call("POST", CASE + "/files", {"filename": "f", "file_contents": ""}).json
    call("DELETE", f"{CASE}/files/{file['id']}")
    assert receiver.kinds(3) == ["created", "severity_updated", "status_updated"]
    assert receiver.kinds(3) == ["task_created", "file_attached", "file_deleted"]


def test_only_what_was_asked_for_is_posted(call: Any, receiver: Receiver) -> None:
    subscribe(call, receiver, notifications=["COMMENTED"])
    call.load(cases=[{"team_id": 1}])
    call("PUT", CASE, {"name": "Changed"})
    call("POST", "/api/v2/cases", {"team_id": 2, "name": "Of another team"})
    call("POST", CASE + "/comments", {"value": ""})
    call("POST", CASE + "/comments", {"value": "x"})
    assert receiver.kinds(1) == ["commented"]
    assert len(call.control("GET", "deliveries")["deliveries"]) == 1


def test_a_click_posts_the_case_and_the_query_parameters(call: Any, receiver: Receiver) -> None:
    call.control("POST", "click", {"case_id": 1, "label": "Isolate", "user_email": "a.b@example.com"})
    path, payload = receiver.next()
    assert path == "/hook?k=v&mode=hard&case_id=9"
    assert set(payload) == {"user", "button", "case", "message", "mode"}
    assert payload["button"] == {"id": 1, "label": "Isolate", "type": "webhook", "url": receiver.url + "/hook?k=v"}
    assert payload["user"] == {"id": 2, "first_name": "A", "last_name": "B", "email": "a.b@example.com"}
    assert (payload["mode"], payload["message"]) == ("hard", "Triggered by Isolate in case 1")
    assert [action["label"] for action in payload["case"]["actions"]] == ["Isolate", "Form"]


@pytest.mark.parametrize("body", [{"action_id": 9}, {"label": "Form"}, {}])
def test_clicks_on_what_is_no_webhook(call: Any, body: dict[str, Any]) -> None:
    assert call("POST", "/_simulator/click", {"case_id": 1, **body}).status == 422
    assert call.control("GET", "deliveries")["deliveries"] == []


@pytest.mark.parametrize(
    ("kind", "arriving"),
    [
        ("deliver_twice", ["one", "one", "two", "three"]),
        ("deliver_out_of_order", ["two", "one", "three"]),
        ("deliver_lost", ["two", "three"]),
    ],
)
def test_faults_of_deliveries(call: Any, receiver: Receiver, kind: str, arriving: list[str]) -> None:
    subscribe(call, receiver)
    call.arm(kind, path="/events$")
    for value in ("one", "two", "three"):
        assert call("POST", CASE + "/comments", {"value": value}).status == 201
    assert [receiver.next()[1]["activity"]["value"] for _one in arriving] == arriving


def test_a_late_delivery_comes_after_the_next(call: Any, receiver: Receiver) -> None:
    subscribe(call, receiver)
    call.arm("deliver_late", path="/events$", seconds=0.3)
    for value in ("one", "two"):
        call("POST", CASE + "/comments", {"value": value})
    assert [receiver.next()[1]["activity"]["value"] for _one in range(2)] == ["two", "one"]


def test_deliveries_are_logged(call: Any, receiver: Receiver) -> None:
    subscribe(call, receiver)
    call("POST", CASE + "/comments", {"value": "x"})
    receiver.next()
    (entry,) = call.control("GET", "deliveries")["deliveries"]
    assert (entry["url"], entry["fault"]) == (receiver.url + "/events", None)
    call.control("DELETE", "deliveries")
    assert call.control("GET", "deliveries")["deliveries"] == []


def test_a_listener_that_is_not_there_disturbs_nobody(call: Any, receiver: Receiver) -> None:
    subscribe(call, receiver, url="http://127.0.0.1:1/", name="gone")
    subscribe(call, receiver)
    assert call("POST", CASE + "/comments", {"value": "x"}).status == 201
    assert receiver.kinds(1) == ["commented"]
    gone, _there = call.control("GET", "deliveries")["deliveries"]
    assert "Refused" in gone["error"]


def test_what_was_refused_is_not_posted(call: Any, receiver: Receiver) -> None:
    subscribe(call, receiver)
    call("POST", CASE + "/tasks", {"description": "x", "completed": True})
    call("POST", CASE + "/comments", {"value": "x"})
    assert receiver.kinds(1) == ["commented"]
