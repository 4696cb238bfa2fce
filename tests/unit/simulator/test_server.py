# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections, keys, the log, the control endpoints, the switches, and the command line."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible_collections.casework.cases.tests.unit.simulator.conftest import Client

from simulator.server import Simulator

ACTIONS = "/api/v2/cases/1/actions"
BUTTON = {"url": "https://a.example", "label": "New", "action_type": "page", "query_params": {"a": "b"}}
PACKAGE = Path(sys.modules["simulator"].__file__ or "").parent


# Requests


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic sim-key-0000"}, 401),
        ({"Authorization": "", "X-User-Token": "sim-key-0000"}, 200),
        ({"Authorization": "", "X-User-Token": "wrong"}, 401),
    ],
)
def test_keys(call: Any, case: int, headers: dict[str, str], status: int) -> None:
    reply = call("GET", ACTIONS, headers=headers)
    assert reply.status == status
    assert "wrong" not in reply.text


@pytest.mark.parametrize(
    "path", ["/", "/api/v2", "/api/v2/case", "/api/v2/cases/x", "/api/v3/cases/search", ACTIONS + "/"]
)
def test_unknown_paths(call: Any, case: int, path: str) -> None:
    reply = call("GET", path)
    assert (reply.status, reply.json["error"]["type"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", ACTIONS + "/1"), ("POST", ACTIONS + "/1"), ("GET", ACTIONS + "/batch"), ("PUT", "/api/v2/cases")],
)
def test_wrong_methods(call: Any, case: int, method: str, path: str) -> None:
    assert call(method, path).status == 405


def test_bodies_that_are_not_json_objects(call: Any, case: int) -> None:
    assert call("POST", ACTIONS, raw=b"{").status == 400
    assert call("POST", ACTIONS, raw=b"[]").status == 422
    assert call("POST", ACTIONS).status == 422
    assert call("POST", ACTIONS, BUTTON, headers={"Content-Type": "text/plain"}).status == 415
    assert call("GET", ACTIONS, raw=b"[1]").status == 422


def test_a_chunked_body_is_refused(call: Any) -> None:
    with socket.create_connection(("127.0.0.1", call.simulator.port), timeout=60) as plain:
        plain.sendall(f"POST {ACTIONS} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        assert plain.recv(65536).startswith(b"HTTP/1.1 411 ")


def test_answers_leave_at_once_and_whole(call: Any, case: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[bytes, int]] = []
    send = socket.socket.sendall

    def recorded(self: socket.socket, content: bytes) -> None:
        sent.append((bytes(content), self.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        send(self, content)

    monkeypatch.setattr(socket.socket, "sendall", recorded)
    for _time in range(3):
        assert call("GET", ACTIONS).status == 200
    answers = [(content, no_delay) for content, no_delay in sent if not content.startswith(b"GET ")]
    assert len(answers) == 3
    for content, no_delay in answers:
        head, _blank, body = content.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert json.loads(body)["case_id"] == 1
        assert no_delay
    assert call.simulator.connections == 1


def test_many_connections_at_once(call: Any, case: int) -> None:
    statuses: list[int] = []
    together = threading.Barrier(64)

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", call.simulator.port)
        connection.connect()
        together.wait(30)
        for _time in range(3):
            connection.request(
                "POST",
                ACTIONS,
                json.dumps(BUTTON),
                {"X-User-Token": "sim-key-0000", "Content-Type": "application/json"},
            )
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()

    threads = [threading.Thread(target=work) for _number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 192
    actions = call("GET", ACTIONS + "?per_page=500").json["actions"]
    assert sorted(action["id"] for action in actions) == list(range(1, 195))
    assert call.simulator.connections == 65


# Control


def test_the_log_tells_everything_but_the_key(call: Any, case: int) -> None:
    call("POST", ACTIONS + "?x=1", BUTTON, headers={"User-Agent": "casework.cases/1", "Accept-Language": "fr"})
    call("POST", ACTIONS, raw=b"no json")
    call("GET", ACTIONS, headers={"Authorization": "", "X-User-Token": "sim-key-0000"})
    answer = call.control("GET", "requests")
    first, second, third = answer["requests"]
    assert (first["method"], first["path"], first["query"], first["status"]) == ("POST", ACTIONS, "x=1", 201)
    assert first["body"] == BUTTON
    assert (first["headers"]["User-Agent"], first["headers"]["Accept-Language"]) == ("casework.cases/1", "fr")
    assert (first["headers"]["Authorization"], third["headers"]["X-User-Token"]) == ("***", "***")
    assert (second["body"], second["status"]) == ("no json", 400)
    assert (answer["count"], answer["methods"], answer["connections"]) == (3, {"POST": 2, "GET": 1}, 1)
    assert "sim-key-0000" not in json.dumps(answer)
    call.control("DELETE", "requests")
    assert call.control("GET", "requests") == {"requests": [], "count": 0, "methods": {}, "connections": 0}


def test_control_requests_are_neither_logged_nor_hit_by_faults(call: Any) -> None:
    call.arm("status", status=500, times=-1)
    assert call.control("GET", "health") == {"status": "ok"}
    assert call.log() == []


def test_control_refuses_what_it_does_not_know(call: Any) -> None:
    assert call("GET", "/_simulator/nothing").status == 404
    assert call("PUT", "/_simulator/reset").status == 405
    assert call("POST", "/_simulator/load", {"case": []}).status == 422
    assert call("POST", "/_simulator/load", {"cases": [{"label": "x"}]}).status == 422
    assert call("POST", "/_simulator/settings", {"latency_ms": -1}).status == 422
    assert call("POST", "/_simulator/settings", {"meta": False, "without_v1": 500}).status == 422
    assert call.control("GET", "settings")["meta"] is True


def test_load_and_state(call: Any) -> None:
    wanted = [
        {"count": 3, "name": "Case {n}", "metadata": {"a": "b"}},
        {"case_id": 40, "team_id": 9, "name": "Forty", "record_ids": [5], "created_at": "2026-01-01T00:00:00Z"},
    ]
    made = call.load(cases=wanted, hidden_teams=[9], trustpair={"cases": [{"comments": ["hello"]}]})
    assert made["cases"] == [1, 2, 3, 40]
    state = call.control("GET", "state")
    assert [case["name"] for case in state["cases"]] == ["Case 1", "Case 2", "Case 3", "Forty"]
    assert (state["cases"][3]["record_ids"], state["cases"][3]["opened_at"]) == ([5], "2026-01-01T00:00:00Z")
    assert state["hidden_teams"] == [9]
    assert state["trustpair"]["cases"][0]["comments"][0]["content"] == "hello"
    assert call("POST", "/_simulator/load", {"cases": [{"case_id": 7}]}).status == 422


def test_reset_forgets_everything(call: Any, case: int) -> None:
    call("POST", ACTIONS, BUTTON)
    call.arm("html", times=-1)
    call.switch(meta=False)
    call.control("POST", "reset")
    assert call.control("GET", "requests")["connections"] == 0
    assert call.control("GET", "faults") == {"faults": []}
    assert call.control("GET", "settings")["meta"] is True
    assert call.control("GET", "state")["cases"] == []
    assert call.load(cases=[{}])["cases"] == [1]


def test_a_request_from_before_a_reset_changes_nothing_after_it(call: Any, running: Simulator) -> None:
    call.arm("delay", seconds=0.3)
    with closing(Client(running)) as slow:
        late = threading.Thread(target=slow, args=("POST", "/api/v2/cases/", {"team_id": 1, "name": "Late"}))
        late.start()
        while not running.requests:
            time.sleep(0.001)
        running.reset()
        late.join()
    assert call.control("GET", "state")["cases"] == []


def test_start_settings_and_data_survive_a_reset() -> None:
    with Simulator(settings={"without_v1": 410}, data={"cases": [{"count": 2}]}) as simulator:
        simulator.store.cases.clear()
        simulator.settings.change({"without_v1": None})
        simulator.reset()
        assert (list(simulator.store.cases), simulator.settings.without_v1) == ([1, 2], 410)


# Switches


def test_builds_without_query_params(call: Any, case: int) -> None:
    call.switch(omit_query_params=True)
    assert "query_params" not in call("GET", ACTIONS).json["actions"][0]
    assert "query_params" not in call("GET", ACTIONS + "/1").json
    assert "query_params" not in call("POST", ACTIONS, BUTTON).json
    assert "query_params" not in call("PUT", ACTIONS + "/2", {"query_params": {"new": "1"}}).json
    call.switch(omit_query_params=False)
    assert call("GET", ACTIONS + "/2").json["query_params"] == {"a": "1"}
    assert call("GET", ACTIONS + "/3").json["query_params"] == {}


def test_lists_without_query_params(call: Any, case: int) -> None:
    call.switch(omit_query_params_in_list=True)
    assert "query_params" not in call("GET", ACTIONS).json["actions"][0]
    assert call("GET", ACTIONS + "/2").json["query_params"] == {"a": "1"}


def test_batch_answers_without_query_params(call: Any, case: int) -> None:
    call.switch(batch_answer_without_query_params=True)
    reply = call("PUT", ACTIONS + "/batch", {"actions": [BUTTON]})
    assert "query_params" not in reply.json["actions"][0]
    assert call("GET", ACTIONS).json["actions"][0]["query_params"] == {"a": "b"}


def test_shapes_of_lists(call: Any, case: int) -> None:
    call.switch(meta=False)
    assert set(call("GET", ACTIONS).json) == {"case_id", "actions"}
    call.switch(bare_array=True)
    assert [action["id"] for action in call("GET", ACTIONS).json] == [1, 2]
    assert [shown["case_id"] for shown in call("GET", "/api/v2/cases").json] == [1]


def test_smaller_pages_than_asked(call: Any, case: int) -> None:
    call.switch(per_page_cap=1)
    body = call("GET", ACTIONS + "?per_page=100").json
    assert (len(body["actions"]), body["meta"]["per_page"], body["meta"]["next_page_number"]) == (1, 1, 2)


def test_lower_case_enums_and_assignment_of_nobody(call: Any) -> None:
    call.switch(lowercase_enums=True, assign_when_empty=True)
    case = call("POST", "/api/v2/cases", {"team_id": 1, "name": "x", "assignee_emails": []}).json
    assert (case["status"], case["priority"], len(case["assignees"])) == ("open", "low", 1)


def test_path_prefix(call: Any, case: int) -> None:
    call.switch(path_prefix="/tines")
    body = call("GET", "/tines" + ACTIONS).json
    assert "/tines/api/v2/cases/1/actions?" in body["meta"]["current_page"]
    assert call("GET", ACTIONS).status == 404


def test_rate_limit(call: Any, case: int) -> None:
    call.switch(rate_limit={"requests": 2, "seconds": 60, "retry_after": True})
    replies = [call("GET", ACTIONS) for _time in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert 1 <= int(replies[2].headers["Retry-After"]) <= 60
    assert replies[2].json["error"]["type"] == "rate_limit"
    call.switch(rate_limit={"requests": 3, "seconds": 60})
    assert [call("GET", ACTIONS).status for _time in range(2)] == [200, 429]
    assert "Retry-After" not in call("GET", ACTIONS).headers
    call.switch(rate_limit=None)
    assert call("GET", ACTIONS).status == 200


# TLS and the command line


@pytest.fixture
def tls(tmp_path: Path) -> tuple[Path, Path, Path]:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    paths = (tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem")
    certificate.cert_chain_pems[0].write_to_path(str(paths[0]))
    certificate.private_key_pem.write_to_path(str(paths[1]))
    authority.cert_pem.write_to_path(str(paths[2]))
    return paths


def test_tls(tls: tuple[Path, Path, Path]) -> None:
    certificate, key, authority = tls
    with Simulator(tls=(str(certificate), str(key))) as simulator:
        # Someone who never speaks holds nobody up.
        with socket.create_connection(("127.0.0.1", simulator.port)):
            trusting = ssl.create_default_context(cafile=str(authority))
            connection = http.client.HTTPSConnection("127.0.0.1", simulator.port, context=trusting, timeout=60)
            for _time in range(2):
                connection.request("GET", "/api/v2/cases", headers={"Authorization": "Bearer sim-key-0000"})
                assert json.loads(connection.getresponse().read())["cases"] == []
            connection.close()
        wary = http.client.HTTPSConnection("127.0.0.1", simulator.port, timeout=60)
        with pytest.raises(ssl.SSLCertVerificationError):
            wary.request("GET", "/api/v2/cases")
        wary.close()
        assert simulator.url == f"https://127.0.0.1:{simulator.port}"
        assert simulator.connections == 1


def start(tmp_path: Path, *arguments: str) -> tuple[subprocess.Popen[str], int]:
    port_file = tmp_path / "port"
    port_file.write_text("left over from before\n")
    command = [sys.executable, str(PACKAGE), "--port", "0", "--port-file", str(port_file), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    waiting = threading.Event()
    while process.poll() is None:
        if port_file.exists() and port_file.read_text().strip().isdecimal():
            return process, int(port_file.read_text())
        waiting.wait(0.02)
    pytest.fail(process.communicate()[1])


def get(port: int, path: str, key: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_line(tmp_path: Path, number: signal.Signals) -> None:
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"cases": [{"count": 2}]}))
    process, port = start(tmp_path, "--api-key", "other", "--without-v1=410", "--data", str(data), "--latency-ms", "1")
    assert get(port, "/api/v2/cases", "other")[1]["meta"]["count"] == 2
    assert get(port, "/api/v2/cases", "sim-key-0000")[0] == 401
    assert get(port, "/api/v1/cases", "other")[0] == 410
    process.send_signal(number)
    assert process.communicate(timeout=60) == (f"Listening on http://127.0.0.1:{port}\n", "")
    assert process.returncode == 0


def test_command_line_ends_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process, port = start(tmp_path, "--quiet", "--without-v1", "--parent-pid", str(parent.pid))
    assert get(port, "/api/v1/cases", "sim-key-0000")[0] == 404
    parent.communicate(b"\n")
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tls-cert", "x"], "go together"),
        (["--data", "/nowhere.json"], "nowhere.json"),
        (["--without-v1=500"], "invalid choice"),
        (["--latency-ms=-1"], "latency_ms"),
        (["--host", "192.0.2.1"], "assign"),
    ],
)
def test_command_line_mistakes(tmp_path: Path, arguments: list[str], message: str) -> None:
    command = [sys.executable, str(PACKAGE), "--port-file", str(tmp_path / "port"), *arguments]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_file_from_before_does_not_stay(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    port_file.write_text("1\n")
    command = [sys.executable, str(PACKAGE), "--port-file", str(port_file), "--host", "192.0.2.1"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
    assert not port_file.exists()
