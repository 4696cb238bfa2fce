# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module as a process: one JSON document comes out, whatever happens."""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.casework.cases.plugins.module_utils._ansible import module as shell
from ansible_collections.casework.cases.plugins.module_utils._ansible.argspec import connection_options
from ansible_collections.casework.cases.plugins.module_utils._ansible.module import SIGNALS, run_module
from ansible_collections.casework.cases.plugins.module_utils._core.connection import Vendor
from ansible_collections.casework.cases.plugins.module_utils._core.errors import CaseworkError
from ansible_collections.casework.cases.plugins.module_utils._core.execution import ModuleContext, ModuleSpec
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import Http
from ansible_collections.casework.cases.plugins.module_utils._core.plan import Plan
from ansible_collections.casework.cases.plugins.module_utils._core.transport import TransportSettings
from ansible_collections.casework.cases.tests.unit.plugins.module_utils._core.sending import KEY, Serve
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import Seen, answer

HOOK = "https://acme.tines.com/webhook/p/5ec2e7"


class Client:
    """A client of a product that exists only here."""

    def __init__(self, http: Http) -> None:
        self.http = http


VENDOR = Vendor(
    url_option="address", url_env="CASEWORK_TEST_ADDRESS", key_env="CASEWORK_TEST_KEY", hints={}, client=Client
)


def get(context: ModuleContext[Client]) -> dict[str, Any]:
    """What a module might do."""
    return {"changed": False, "answer": context.client.http.send("GET", "/p")}


@pytest.fixture
def default_signals() -> Iterator[None]:
    """The handlers that a process has from a shell: whoever runs the tests may ignore signals."""
    before = [
        signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.signal(signal.SIGTERM, signal.SIG_DFL),
    ]
    yield
    for number, handler in zip(SIGNALS, before):
        signal.signal(number, handler)


def shown(output: str | bytes) -> dict[str, Any]:
    """Return the result in a module's output, without what ansible-core 2.22 adds for itself: what it is to mask."""
    result: dict[str, Any] = json.loads(output)
    result.pop("_ansible_new_secrets", None)
    return result


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Runs a module with these options and gives its result, which must be all that it writes."""

    def run(
        run: Callable[[ModuleContext[Client]], dict[str, Any]] = get, *, check: bool = False, **options: Any
    ) -> Any:
        given = {"ANSIBLE_MODULE_ARGS": {**options, "_ansible_check_mode": check, "_ansible_verbosity": 4}}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(given).encode())
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        if internal := sys.modules.get("ansible.module_utils._internal"):
            # Another test may have loaded the controller. ansible-core 2.18 has the package without this name.
            monkeypatch.setattr(internal, "is_controller", False, raising=False)
        own = {"concurrency": {"type": "int", "default": 1}} if "concurrency" in options else {}
        with pytest.raises(SystemExit) as caught:
            run_module(ModuleSpec(VENDOR, {**connection_options(VENDOR), **own}, run))
        written = capsys.readouterr()
        result = shown(written.out)
        assert written.err == ""
        assert bool(result.get("failed")) == bool(caught.value.code)
        assert "exception" not in result
        return result

    return run


def test_result_has_number_of_requests(module: Any, serve: Serve) -> None:
    server = serve(answer(503), answer(200, {"a": 1}))
    result = module(address=server.url, api_key=KEY, retries=1)
    assert (result["answer"], result["changed"], result["api_requests"]) == ({"a": 1}, False, 2)


@pytest.mark.parametrize("key", [None, "", " "])
@pytest.mark.parametrize("address", [None, "", " "])
def test_missing_options_come_from_environment(
    module: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch, address: str | None, key: str | None
) -> None:
    server = serve()
    monkeypatch.setenv("CASEWORK_TEST_ADDRESS", server.url)
    monkeypatch.setenv("CASEWORK_TEST_KEY", f" {KEY}\n")
    given = {"address": address, "api_key": key}
    module(**{name: value for name, value in given.items() if value is not None})
    assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"


def test_options_override_environment(module: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    monkeypatch.setenv("CASEWORK_TEST_ADDRESS", "https://other.invalid")
    monkeypatch.setenv("CASEWORK_TEST_KEY", "other")
    module(address=server.url, api_key=KEY)
    assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize(
    ("given", "option", "variable"),
    [
        ({"api_key": KEY}, "address", "CASEWORK_TEST_ADDRESS"),
        ({"address": "https://h.invalid"}, "api_key", "CASEWORK_TEST_KEY"),
    ],
)
def test_missing_option_is_named(
    module: Any,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, str],
    option: str,
    variable: str,
    empty: str | None,
) -> None:
    if empty is not None:
        given = {**given, option: empty}
        monkeypatch.setenv(variable, empty)
    result = module(**given)
    said = f"{option} is missing: set the option {option} or the environment variable {variable}."
    assert (result["msg"], result["api_requests"]) == (said, 0)


@pytest.mark.parametrize("key", ["k\u00e9y-0000", "key\n0000", "key 0000", "key\x000000", "key\u20110000", "key\t0000"])
def test_invalid_key_is_not_shown(module: Any, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    result = module(address="https://h.invalid", api_key=key)
    assert "api_key (or the environment variable CASEWORK_TEST_KEY) contains spaces" in result["msg"]
    assert "0000" not in json.dumps(result)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"address": "ftp://h.invalid"}, "CASEWORK_TEST_ADDRESS"),
        ({"timeout": 0}, "timeout must be more than 0 and at most 86400 seconds"),
        ({"timeout": -1}, "timeout must be"),
        ({"timeout": "nan"}, "timeout must be"),
        ({"timeout": "inf"}, "timeout must be"),
        ({"timeout": 3e6}, "timeout must be"),
        ({"retries": -1}, "retries must be 0 or more"),
        ({"concurrency": 0}, "concurrency must be from 1 to 64"),
        ({"concurrency": 65}, "concurrency must be from 1 to 64"),
        ({"ca_path": "/nonexistent"}, "ca_path names /nonexistent, which does not exist"),
    ],
)
def test_option_out_of_bounds_is_named(module: Any, options: dict[str, Any], said: str) -> None:
    result = module(**{"address": "https://h.invalid", "api_key": KEY, **options})
    assert said in result["msg"]
    assert result["api_requests"] == 0


@pytest.mark.parametrize("options", [{"concurrency": 1}, {"concurrency": 64}, {"timeout": 86400}, {"timeout": 30}])
def test_option_within_bounds_is_accepted(module: Any, serve: Serve, options: dict[str, Any]) -> None:
    assert "failed" not in module(address=serve().url, api_key=KEY, **options)


@pytest.mark.parametrize("check", [False, True])
def test_connection_options_reach_the_connection(
    module: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, check: bool
) -> None:
    seen: list[Http] = []
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *_args, **_kwargs: None)

    def run(context: ModuleContext[Client]) -> dict[str, Any]:
        seen.append(context.client.http)
        return {}

    options = {"validate_certs": True, "ca_path": str(tmp_path), "timeout": 1.5, "retries": 7}
    module(run, check=check, address="h.invalid", api_key=KEY, concurrency=9, **options)
    (http,) = seen
    assert (http.timeout, http.retries, http.read_only) == (1.5, 7, check)
    assert http.transport.settings == TransportSettings("https://h.invalid", True, str(tmp_path), (), 9)


def test_connection_options_have_defaults() -> None:
    defaults = {name: option.get("default") for name, option in connection_options(VENDOR).items()}
    assert defaults == {
        "address": None,
        "api_key": None,
        "validate_certs": True,
        "ca_path": None,
        "timeout": 30.0,
        "retries": 5,
    }
    assert connection_options(VENDOR)["api_key"]["no_log"]


def test_error_is_one_sentence_and_the_answer(module: Any, serve: Serve) -> None:
    server = serve(answer(403, {"error": {"message": f"{KEY} may not call {HOOK}"}}))
    result = module(address=server.url, api_key=KEY)
    assert f"GET /p on 127.0.0.1:{server.port} failed: 403 Said: ******** may not call" in result["msg"]
    assert (result["failed"], result["status"], result["method"], result["path"]) == (True, 403, "GET", "/p")
    assert result["api_requests"] == 1
    assert KEY not in json.dumps(result)
    assert "5ec2e7" not in json.dumps(result)


def test_error_has_its_facts(module: Any, serve: Serve) -> None:
    def run(_context: ModuleContext[Client]) -> dict[str, Any]:
        raise CaseworkError("No.", changed=True, cases=[1])

    result = module(run, address=serve().url, api_key=KEY)
    assert (result["msg"], result["changed"], result["cases"]) == ("No.", True, [1])


def test_warning_masks_webhook(module: Any, serve: Serve) -> None:
    def run(context: ModuleContext[Client]) -> dict[str, Any]:
        context.warn(f"The label is {HOOK}")
        return {}

    result = module(run, address=serve().url, api_key=KEY)
    assert "/webhook/p/********" in str(result["warnings"])
    assert "5ec2e7" not in str(result)


class Request:
    """A request that writes."""

    def send(self, _client: Client) -> None:
        raise AssertionError("the caller sends")


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("requests", [(), (Request(),)])
def test_plan_is_applied_if_it_has_requests_and_not_in_check_mode(
    module: Any, serve: Serve, check: bool, requests: tuple[Request, ...]
) -> None:
    done: list[str] = []

    def run(context: ModuleContext[Client]) -> dict[str, Any]:
        context.apply(Plan("before", "after", requests), lambda: done.append("done"))
        return {}

    module(run, check=check, address=serve().url, api_key=KEY)
    assert done == (["done"] if requests and not check else [])


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_leaves_a_result(module: Any, serve: Serve, default_signals: None, number: int) -> None:
    def run(context: ModuleContext[Client]) -> dict[str, Any]:
        context.client.http.send("GET", "/p")
        signal.raise_signal(number)
        return {}

    result = module(run, address=serve().url, api_key=KEY)
    assert result["failed"]
    assert "Interrupted by a signal" in result["msg"]
    assert result["api_requests"] == 1


def test_signal_after_the_work_does_not_cut_the_result(
    module: Any, serve: Serve, default_signals: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = basic.AnsibleModule._return_formatted

    def interrupted(self: Any, kwargs: dict[str, Any]) -> None:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        write(self, kwargs)

    monkeypatch.setattr(basic.AnsibleModule, "_return_formatted", interrupted)
    assert module(address=serve().url, api_key=KEY)["changed"] is False


def test_signal_handlers_are_restored(module: Any, serve: Serve, default_signals: None) -> None:
    handlers = [lambda *_args: None, lambda *_args: None]
    for number, handler in zip(SIGNALS, handlers):
        signal.signal(number, handler)
    module(address=serve().url, api_key=KEY)
    assert [signal.getsignal(number) for number in SIGNALS] == handlers


def test_missing_requests_is_named(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "REQUESTS_IMPORT_ERROR", "ImportError: No module named 'requests'")
    monkeypatch.setattr(basic.AnsibleModule, "fail_json", _fail)
    with pytest.raises(AssertionError, match="requests"):
        module(address="https://h.invalid", api_key=KEY)


def _fail(_module: basic.AnsibleModule, **result: Any) -> None:
    raise AssertionError(result["msg"])


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("cases", [[7], list(range(1, 30))])
def test_interrupted_process_writes_one_document(
    serve: Serve, default_signals: None, number: signal.Signals, cases: list[int]
) -> None:
    arrived, released = threading.Event(), threading.Event()

    def hang(_seen: Seen) -> None:
        arrived.set()
        released.wait(60)

    server = serve(hang)
    options = {"tenant": server.url, "api_key": KEY, "case_ids": cases, "actions": [], "timeout": 3600}
    process = subprocess.Popen(
        [sys.executable, "-m", "ansible_collections.casework.cases.plugins.modules.case_actions"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        assert process.stdin
        process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode())
        process.stdin.close()
        process.stdin = None
        assert arrived.wait(60)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)  # the server has not answered, and will not before this is over
        assert not released.is_set()
    finally:
        released.set()
        process.kill()
        process.communicate()
    result = shown(out)
    assert result["failed"]
    assert "Interrupted by a signal" in result["msg"]
    assert KEY not in json.dumps(result) + err.decode()
    # Python 3.15 says so of a response that was being made, and goes on.
    said = rb"Exception ignored while finalizing file <http\.client\.HTTPResponse.*?AttributeError: [^\n]* 'fp'\n"
    assert b"Traceback" not in re.sub(said, b"", err, flags=re.DOTALL)


def test_result_is_written_with_few_descriptors(serve: Serve) -> None:
    def slow(_seen: Seen) -> bytes:
        threading.Event().wait(0.02)  # long enough for all connections to be wanted at the same time
        return answer(200, {"actions": [], "meta": {"next_page_number": None}})

    server, cases = serve(slow), list(range(1, 101))
    options = {"tenant": server.url, "api_key": KEY, "case_ids": cases, "actions": [], "concurrency": 64}
    module = f"{sys.executable} -m ansible_collections.casework.cases.plugins.modules.case_actions"
    done = subprocess.run(
        ["sh", "-c", f"ulimit -n 48; exec {module}"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode(),
        capture_output=True,
        timeout=100,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.stderr == b""
    assert [case["case_id"] for case in json.loads(done.stdout)["cases"]] == cases
