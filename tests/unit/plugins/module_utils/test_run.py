# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options become a client, a run becomes one JSON document, and many cases are worked on side by side."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.casework.cases.plugins.module_utils import _run
from ansible_collections.casework.cases.plugins.module_utils._errors import CaseworkError, OptionError, RequestError
from ansible_collections.casework.cases.plugins.module_utils._http import Http, Product
from ansible_collections.casework.cases.plugins.module_utils._run import (
    Done,
    Task,
    connection_options,
    main,
    outcome_of_all,
    side_by_side,
)
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import Seen, Server, answer

Serve = Callable[..., Server]
Connect = Callable[..., Http]

KEY = "test-key-0000"
HOOK = "https://acme.tines.com/webhook/p/5ec2e7"


class Client:
    """A client of a product that exists only here."""

    def __init__(self, http: Http) -> None:
        self.http = http


PRODUCT = Product(
    url_option="address", url_env="CASEWORK_TEST_ADDRESS", key_env="CASEWORK_TEST_KEY", hints={}, client=Client
)


def get(task: Task[Client]) -> dict[str, Any]:
    """What a module might do."""
    return {"changed": False, "answer": task.client.http.send("GET", "/p")}


@pytest.fixture
def ignored(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The signals that the module ignores from some point on; those of the tests' process are left alone."""
    numbers: list[int] = []

    def note(number: int, handler: object) -> None:
        if handler == signal.SIG_IGN:
            numbers.append(number)

    monkeypatch.setattr(signal, "signal", note)
    return numbers


@pytest.fixture
def module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ignored: list[int]
) -> Callable[..., dict[str, Any]]:
    """Runs a module with these options and gives its result, which must be all that it writes."""

    def run(run: Callable[[Task[Client]], dict[str, Any]] = get, *, check: bool = False, **options: Any) -> Any:
        given = {"ANSIBLE_MODULE_ARGS": {**options, "_ansible_check_mode": check, "_ansible_verbosity": 4}}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(given).encode())
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        own = {"concurrency": {"type": "int", "default": 1}} if "concurrency" in options else {}
        with pytest.raises(SystemExit) as caught:
            main(PRODUCT, run, own)
        written = capsys.readouterr()
        result = json.loads(written.out)
        assert written.err == ""
        assert bool(result.get("failed")) == bool(caught.value.code)
        assert "exception" not in result
        return result

    return run


# Options


def test_a_result_is_what_the_run_gives_and_the_number_of_requests(module: Any, serve: Serve) -> None:
    server = serve(answer(503), answer(200, {"a": 1}))
    result = module(address=server.url, api_key=KEY, retries=1)
    assert (result["answer"], result["changed"], result["api_requests"]) == ({"a": 1}, False, 2)


@pytest.mark.parametrize("key", [None, "", " "])
@pytest.mark.parametrize("address", [None, "", " "])
def test_what_is_not_given_comes_from_the_environment(
    module: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch, address: str | None, key: str | None
) -> None:
    server = serve()
    monkeypatch.setenv("CASEWORK_TEST_ADDRESS", server.url)
    monkeypatch.setenv("CASEWORK_TEST_KEY", f" {KEY}\n")
    given = {"address": address, "api_key": key}
    module(**{name: value for name, value in given.items() if value is not None})
    assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"


def test_what_is_given_beats_the_environment(module: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_what_is_given_nowhere_is_named(
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
def test_a_key_with_odd_characters_is_not_shown(module: Any, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    result = module(address="https://h.invalid", api_key=key)
    assert "api_key (or the environment variable CASEWORK_TEST_KEY) has characters" in result["msg"]
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
def test_an_option_that_cannot_be_is_named(module: Any, options: dict[str, Any], said: str) -> None:
    result = module(**{"address": "https://h.invalid", "api_key": KEY, **options})
    assert said in result["msg"]
    assert result["api_requests"] == 0


@pytest.mark.parametrize("options", [{"concurrency": 1}, {"concurrency": 64}, {"timeout": 86400}, {"timeout": 30}])
def test_what_is_within_its_bounds_is_taken(module: Any, serve: Serve, options: dict[str, Any]) -> None:
    assert "failed" not in module(address=serve().url, api_key=KEY, **options)


def test_every_connection_option_reaches_the_client(
    module: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: dict[str, Any] = {}

    class Recorder:
        sent = 3

        def __init__(self, base: str, key: str, **settings: Any) -> None:
            given.update(settings, base=base, key=key)

    monkeypatch.setattr(_run, "Http", Recorder)
    options = {"validate_certs": False, "ca_path": str(tmp_path), "timeout": 1.5, "retries": 7}
    result = module(lambda _task: {}, check=True, address="h.invalid", api_key=KEY, concurrency=9, **options)
    assert result["api_requests"] == 3
    assert given == {
        **options,
        "base": "https://h.invalid",
        "key": KEY,
        "hints": PRODUCT.hints,
        "connections": 9,
        "read_only": True,
    }


def test_the_connection_options_have_their_defaults() -> None:
    defaults = {name: option.get("default") for name, option in connection_options(PRODUCT).items()}
    assert defaults == {
        "address": None,
        "api_key": None,
        "validate_certs": True,
        "ca_path": None,
        "timeout": 30.0,
        "retries": 5,
    }
    assert connection_options(PRODUCT)["api_key"]["no_log"]


# Results


def test_an_error_is_one_sentence_and_what_was_answered(module: Any, serve: Serve) -> None:
    server = serve(answer(403, {"error": {"message": f"{KEY} may not call {HOOK}"}}))
    result = module(address=server.url, api_key=KEY)
    assert f"GET /p on 127.0.0.1:{server.port} failed: 403 Said: ******** may not call" in result["msg"]
    assert (result["failed"], result["status"], result["method"], result["path"]) == (True, 403, "GET", "/p")
    assert result["api_requests"] == 1
    assert KEY not in json.dumps(result)
    assert "5ec2e7" not in json.dumps(result)


def test_an_error_has_its_facts(module: Any, serve: Serve) -> None:
    def run(_task: Task[Client]) -> dict[str, Any]:
        raise CaseworkError("No.", changed=True, cases=[1])

    result = module(run, address=serve().url, api_key=KEY)
    assert (result["msg"], result["changed"], result["cases"]) == ("No.", True, [1])


def test_no_warning_shows_the_secret_of_a_webhook(module: Any, serve: Serve) -> None:
    def run(task: Task[Client]) -> dict[str, Any]:
        task.warn(f"The label is {HOOK}")
        return {}

    result = module(run, address=serve().url, api_key=KEY)
    assert "/webhook/p/********" in str(result["warnings"])
    assert "5ec2e7" not in str(result)


@pytest.mark.parametrize("check", [False, True])
def test_apply_does_its_work_unless_in_check_mode(module: Any, serve: Serve, check: bool) -> None:
    done: list[str] = []

    def run(task: Task[Client]) -> dict[str, Any]:
        task.apply(lambda: done.append("done"))
        return {}

    module(run, check=check, address=serve().url, api_key=KEY)
    assert done == ([] if check else ["done"])


def test_a_signal_leaves_a_result(module: Any, serve: Serve, ignored: list[int]) -> None:
    def run(task: Task[Client]) -> dict[str, Any]:
        task.client.http.send("GET", "/p")
        raise KeyboardInterrupt

    result = module(run, address=serve().url, api_key=KEY)
    assert result["failed"]
    assert "Interrupted by a signal" in result["msg"]
    assert result["api_requests"] == 1
    assert ignored == [signal.SIGINT, signal.SIGTERM]


def test_without_requests_the_task_says_so(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_run, "REQUESTS_IMPORT_ERROR", "ImportError: No module named 'requests'")
    monkeypatch.setattr(basic.AnsibleModule, "fail_json", _fail)
    with pytest.raises(AssertionError, match="requests"):
        module(address="https://h.invalid", api_key=KEY)


def _fail(_module: basic.AnsibleModule, **result: Any) -> None:
    raise AssertionError(result["msg"])


# Side by side


def unauthorized() -> RequestError:
    return RequestError("Refused.", method="GET", path="/", phase="answered", status=401)


@pytest.fixture
def http(serve: Serve, connect: Connect) -> Http:
    return connect(serve())


@pytest.mark.parametrize("concurrency", [1, 3, 64])
def test_what_became_of_each_comes_in_the_order_asked(http: Http, concurrency: int) -> None:
    done = side_by_side(http, range(50), lambda item: item * item, concurrency)
    assert done == [Done(item, item * item) for item in range(50)]


def test_items_are_worked_on_at_the_same_time(http: Http) -> None:
    met = threading.Barrier(4)
    threads = side_by_side(http, range(8), lambda _item: (met.wait(30), threading.get_ident())[1], 4)
    assert len({done.value for done in threads}) == 4


def test_there_are_no_more_threads_than_items(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def counted(thread: threading.Thread) -> None:
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", counted)
    side_by_side(http, [1, 2], lambda item: item, 64)
    assert len(started) == 2


def test_one_item_needs_no_thread(http: Http) -> None:
    assert side_by_side(http, [1], lambda _item: threading.current_thread(), 8)[0].value is threading.main_thread()
    assert side_by_side(http, [], lambda _item: None, 8) == []


@pytest.mark.parametrize("concurrency", [1, 3])
def test_an_error_does_not_stop_the_others(http: Http, concurrency: int) -> None:
    errors = {3: OptionError("three"), 5: RequestError("five", method="GET", path="/", phase="answered", status=500)}

    def work(item: int) -> int:
        if item in errors:
            raise errors[item]
        return item

    done = side_by_side(http, range(8), work, concurrency)
    assert [each.error for each in done if each.error] == [errors[3], errors[5]]
    assert [each.value for each in done if not each.error] == [0, 1, 2, 4, 6, 7]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_key_that_is_refused_is_not_tried_again(http: Http, concurrency: int) -> None:
    tried: list[int] = []
    met = threading.Barrier(concurrency)

    def work(item: int) -> int:
        tried.append(item)
        if item < concurrency:
            met.wait(30)
            raise unauthorized()
        return item

    done = side_by_side(http, range(20), work, concurrency)
    assert sorted(tried) == list(range(concurrency))
    assert [done.index(each) for each in done if each.error] == sorted(tried)
    assert done[concurrency:] == [Done(item) for item in range(concurrency, 20)]


def test_a_defect_in_one_worker_is_not_swallowed(http: Http) -> None:
    def work(item: int) -> int:
        if item == 3:
            raise ZeroDivisionError
        return item

    with pytest.raises(ZeroDivisionError):
        side_by_side(http, range(8), work, 3)


def test_an_interrupted_task_does_not_wait_for_its_workers(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = threading.Barrier(3)
    released, all_tried = threading.Event(), threading.Event()
    tried: list[int] = []

    def join(_thread: threading.Thread) -> None:
        at_work.wait(30)
        raise KeyboardInterrupt

    def slow(_seen: Seen) -> bytes:
        at_work.wait(30)
        released.wait(30)
        return answer(200, {})

    def work(item: int) -> Any:
        tried.append(item)
        if len(tried) == 50:
            all_tried.set()
        return client.send("GET", "/p")

    server = serve(slow)
    client = connect(server, connections=2)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "join", join)
        with pytest.raises(KeyboardInterrupt):
            side_by_side(client, range(50), work, 2)
    assert not released.is_set()
    released.set()
    # The workers find the gate shut for whatever is left.
    assert all_tried.wait(30)
    assert len(server.seen) == 2


# The result of many


def test_where_all_went_well_the_result_is_given() -> None:
    result = {"changed": True}
    assert outcome_of_all([Done(1, "x"), Done(2, [])], result) is result
    assert outcome_of_all([], result) is result


def test_where_some_failed_they_are_counted_and_named_with_each_reason_once() -> None:
    error = RequestError("No.", method="GET", path="/p", phase="answered", status=404, details={"a": 1})
    done = [Done(7, "x"), Done(8, error=OptionError("Bad")), Done(9, error=error), Done(10, error=OptionError("Bad"))]
    with pytest.raises(CaseworkError) as caught:
        outcome_of_all([*done, Done(11)], {"changed": True, "cases": [1]})
    assert caught.value.msg == "4 of 5 cases failed. 8, 10: Bad. 9: No. 11: not tried."
    assert caught.value.facts == {"changed": True, "cases": [1]}


def test_the_first_answer_that_was_an_error_is_told() -> None:
    error = RequestError("No.", method="GET", path="/p", phase="answered", status=404, details={"a": 1})
    with pytest.raises(CaseworkError) as caught:
        outcome_of_all([Done(8, error=error), Done(9, error=unauthorized())], {"cases": []})
    assert caught.value.facts == {"status": 404, "method": "GET", "path": "/p", "details": {"a": 1}, "cases": []}


def test_what_became_of_all_is_not_what_became_of_one() -> None:
    with pytest.raises(CaseworkError) as caught:
        outcome_of_all([Done(8, error=CaseworkError("No.", changed=False))], {"changed": True})
    assert caught.value.facts == {"changed": True}


# A module as a process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("cases", [[7], list(range(1, 30))])
def test_a_process_that_is_interrupted_writes_one_document_and_ends(
    serve: Serve, number: signal.Signals, cases: list[int]
) -> None:
    arrived, released = threading.Event(), threading.Event()

    def hang(_seen: Seen) -> None:
        arrived.set()
        released.wait(60)

    server = serve(hang)
    options = {"tenant": server.url, "api_key": KEY, "case_ids": cases, "actions": [], "timeout": 3600}
    with subprocess.Popen(
        [sys.executable, "-m", "ansible_collections.casework.cases.plugins.modules.case_actions"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:
        assert process.stdin
        process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode())
        process.stdin.close()
        process.stdin = None
        assert arrived.wait(60)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)  # the server has not answered, and will not before this is over
        assert not released.is_set()
        released.set()
    result = json.loads(out)
    assert result["failed"]
    assert "Interrupted by a signal" in result["msg"]
    assert KEY not in out.decode() + err.decode()
    assert b"Traceback" not in err


# A null is no value


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"one": "x"}, None),
        ({"other": "x", "partner": "y"}, None),
        ({"one": []}, None),
        ({}, "one or other"),
        ({"one": "x", "other": "y"}, "partner"),
        ({"one": "x", "partner": "y"}, "other"),
    ],
)
def test_what_must_be_given_must_have_a_value(given: dict[str, Any], said: str | None) -> None:
    params = {"one": None, "other": None, "partner": None, **given}
    rules: Any = {"required_one_of": [("one", "other")], "required_together": [("other", "partner")], "more": 1}
    if said is None:
        _run.require_values(params, **rules)
    else:
        with pytest.raises(OptionError, match=f"^{said} is needed and has no value"):
            _run.require_values(params, **rules)
