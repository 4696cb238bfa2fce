# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures the event source, most of it in the real ansible-rulebook, and prints a table of targets and measurements.

    python tests/eda/measure.py [--rounds N] [part ...]

Parts are the names in `PARTS`, by default all, which takes about seven minutes on two cores with nothing else to do.
Progress goes to stderr, the table to stdout at the end; after an interruption, it has what was measured until then.
Use the Python that has aiohttp, pytest and requests, with ansible-rulebook beside it or in the environment variable
``ANSIBLE_RULEBOOK``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from conftest import call, running
from rulebook import PATIENCE, PROGRAM, QUICK_START, ROOT, Rulebook, ruleset

sys.path.insert(0, str(ROOT / "playbooks" / "files"))

from simulator.server import Simulator

SECRET = "path-secret-0123456789"
KEY = "sim-key-0000"
LONG_AGO = "2020-01-01T00:00:00Z"
OLD = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
CONNECTIONS = 8
ROUNDS = 20
"""Kills of each kind, unless the command line says another number."""

STARTED = time.monotonic()

Row = tuple[str, str, str, bool]
"""What, its target, what was measured, and whether that is good enough."""


def say(text: str) -> None:
    """Say how far it has come."""
    print(f"{time.monotonic() - STARTED:5.0f} s  {text}", file=sys.stderr, flush=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def comment(simulator: Simulator, case_id: int, text: str = "x") -> None:
    call(simulator, "POST", f"/api/v2/cases/{case_id}/comments", {"value": text})


def wait_until(is_true: Callable[[], Any]) -> Any:
    """The first value that counts as true."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if value := is_true():
            return value
        time.sleep(0.02)
    raise AssertionError("what was waited for did not come")


@contextmanager
def place() -> Iterator[Path]:
    with TemporaryDirectory(ignore_cleanup_errors=True) as path:
        yield Path(path)


def click(label: str) -> dict[str, Any]:
    """A click of half a kilobyte."""
    case = {"id": 42, "name": "Phishing", "description": "x" * 300, "status": "open", "tags": []}
    return {"user": {"id": 1}, "button": {"id": 5, "label": label}, "case": case, "message": "x"}


async def processed(source: dict[str, Any], label: str, url: str, count: int = 2500, warm_up: int = 500) -> float:
    """Events a second from the first POST until a rule has matched the last one, after so many others."""
    rulebook = ruleset(source, {"none": None}, f'event.{label} == "one"')
    for name in ("warm", "last"):
        rule = {"name": name, "condition": f'event.{label} == "{name}"', "action": {"debug": {"msg": name.upper()}}}
        rulebook[0]["rules"].append(rule)
    with place() as path, Rulebook(path, rulebook) as run:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:

            async def post(name: str) -> None:
                status = 503
                while status == 503:
                    async with session.post(url, json=click(name)) as response:
                        status = response.status

            async def send(number: int) -> None:
                for _each in range(number):
                    await post("one")

            async def all_of(number: int, name: str) -> None:
                await asyncio.gather(*(send(number // CONNECTIONS) for _connection in range(CONNECTIONS)))
                await post(name)
                while name.upper() not in run.said():
                    await asyncio.sleep(0.02)

            while True:
                try:
                    await post("one")
                    break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.2)
            await all_of(warm_up, "warm")
            began = time.monotonic()
            await all_of(count, "last")
            return count / (time.monotonic() - began)


def throughput() -> Iterator[Row]:
    """Both sources in turn, so that a machine that gets slower or faster does so for both."""
    ours, builtin = [], []
    for _round in range(4):
        port = free_port()
        source: dict[str, Any] = {"eda.builtin.webhook": {"host": "127.0.0.1", "port": port}}
        url = f"http://127.0.0.1:{port}/endpoint"
        builtin.append(asyncio.run(processed(source, "payload.button.label", url)))
        port = free_port()
        source = {"casework.cases.case_events": {"listen": {"port": port, "path_secret": SECRET, "backlog": 100000}}}
        url = f"http://127.0.0.1:{port}/{SECRET}"
        ours.append(asyncio.run(processed(source, "tines.button.label", url)))
    ratio = median(ours) / median(builtin)
    what = "events a second with the `none` action, against `eda.builtin.webhook`"
    rates = f"{ratio:.2f} ({median(ours):.0f} against {median(builtin):.0f}, medians of {len(ours)})"
    yield what, "0.9", rates, ratio >= 0.9


def seeding() -> Iterator[Row]:
    """From a new case to its button, with the bundled rulebook and its playbook."""
    port, took = free_port(), []
    with Simulator() as simulator, place() as path:
        environment = {
            "TINES_TENANT": simulator.url,
            "TINES_API_KEY": KEY,
            "CASE_EVENTS_SECRET": SECRET,
            "CASE_EVENTS_PORT": str(port),
            "CASE_BUTTON_URL": "https://acme.example/isolate",
        }
        variables = "CASE_EVENTS_SECRET,CASE_EVENTS_PORT,CASE_BUTTON_URL"
        arguments = ("casework.cases.seed_buttons", "--env-vars", variables)
        with Rulebook(path, *arguments, environment=environment):
            wait_until(lambda: is_open(port))
            hook = {"team_id": 1, "name": "Rulebook", "url": f"http://127.0.0.1:{port}/{SECRET}"}
            call(simulator, "POST", "/api/v1/case_webhooks", hook)
            for number in range(10):
                began = time.monotonic()
                case_id = call(simulator, "POST", "/api/v2/cases", {"team_id": 1, "name": f"Case {number}"})["case_id"]
                wait_until(
                    lambda case_id=case_id: call(simulator, "GET", f"/api/v2/cases/{case_id}/actions")["actions"]
                )
                took.append(time.monotonic() - began)
    what = "new case to its button on it, webhook, rulebook and playbook"
    yield what, "3 s", f"{median(took):.2f} s (median of 10, {min(took):.2f} to {max(took):.2f})", median(took) < 3


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def polling() -> Iterator[Row]:
    """From a new case to its event in the queue, without a webhook."""
    interval = 5

    async def measure() -> list[float]:
        made: dict[int, float] = {}
        took: list[float] = []
        with Simulator() as simulator:
            options = {"tenant": simulator.url, "api_key": KEY, "interval": interval, "activities": ["created"]}
            async with running(options) as source:
                await polled(source)

                async def make() -> None:
                    for number in range(10):
                        await asyncio.sleep(1.3)
                        body = {"team_id": 1, "name": f"Case {number}"}
                        began = time.monotonic()
                        case = await asyncio.to_thread(call, simulator, "POST", "/api/v2/cases", body)
                        made[case["case_id"]] = began

                making = asyncio.create_task(make())
                while len(took) < 10:
                    event = await source.event()
                    took.append(time.monotonic() - made[event["case_id"]])
                await making
        return took

    took = asyncio.run(measure())
    what = f"new case to its event in the queue, polling every {interval} s"
    yield what, f"{interval + 1} s", f"{max(took):.2f} s (the longest of 10)", max(took) <= interval + 1


async def polled(source: Any) -> None:
    """Wait until a poll has just ended."""
    before = source.source._next_poll
    while source.source._next_poll == before or source.source._listing:
        await asyncio.sleep(0.01)


def answers() -> Iterator[Row]:
    """From a POST to its 202 while a playbook runs and the API takes three seconds for each answer."""
    port = free_port()
    sleeping = [{"ansible.builtin.debug": {"msg": "STARTED"}}, {"ansible.builtin.pause": {"seconds": 20}}]
    playbook = [{"hosts": "localhost", "gather_facts": False, "tasks": [*sleeping, {"debug": {"msg": "ENDED"}}]}]
    with Simulator(data={"cases": [{"team_id": 1, "name": "Case", **OLD}]}) as simulator, place() as path:
        (path / "playbook.yml").write_text(json.dumps(playbook))
        options: dict[str, Any] = {
            "tenant": simulator.url,
            "api_key": KEY,
            "since": LONG_AGO,
            "activities": ["created"],
        }
        options["listen"] = {"port": port, "path_secret": SECRET}
        rulebook = ruleset({"casework.cases.case_events": options}, {"run_playbook": {"name": "playbook.yml"}})
        note = {"activity": {"id": 999, "activity_type": "commented"}, "case": {"id": 1, "name": "Case"}}

        async def post() -> list[float]:
            took = []
            async with aiohttp.ClientSession() as session:
                for _each in range(200):
                    began = time.monotonic()
                    async with session.post(f"http://127.0.0.1:{port}/{SECRET}", json=note) as response:
                        assert response.status == 202
                    took.append(time.monotonic() - began)
            return took

        with Rulebook(path, rulebook) as run:
            run.wait_for('"msg": "STARTED"')
            call(simulator, "POST", "/_simulator/settings", {"latency_ms": 3000})
            took = sorted(asyncio.run(post()))
            assert '"msg": "ENDED"' not in run.said(), "the playbook was too short"
    what = "POST to 202 while a playbook runs and the API takes 3 s"
    measured = f"{median(took) * 1000:.1f} ms (median of 200; 99 % within {took[197] * 1000:.1f})"
    yield what, "20 ms", measured, took[197] < 0.02


def told(said: str) -> list[str]:
    return re.findall(r"TOLD (\d+)\.", said)


def killed(with_feedback: bool, moment: random.Random) -> tuple[int, int]:
    """200 events with a kill at some moment and a restart: how many were lost, and how many came twice."""
    with Simulator() as simulator, place() as path:
        simulator.load({"cases": [{"team_id": 1, "name": "Case", **OLD}]})
        for number in range(200):
            comment(simulator, 1, str(number))
        options = {
            "tenant": simulator.url,
            "api_key": KEY,
            "since": LONG_AGO,
            "interval": 5,
            "state_file": str(path / "state.json"),
            "feedback": with_feedback,
            "activities": ["commented"],
        }
        arguments = ["-S", str(ROOT / "extensions" / "eda" / "plugins" / "event_source")]
        if with_feedback:
            database = {"drools_db_file_path": f"{path}/h2;WRITE_DELAY=0", "drools_deduplication_window_size": 1000}
            (path / "variables.yml").write_text(json.dumps(database))
            arguments += ["--persistence-id", "1", "--vars", "variables.yml"]
        source = {"name": "cases", "case_events": options}
        rulebook = ruleset(source, {"debug": {"msg": "TOLD {{ event.tines.activity.id }}."}})
        with Rulebook(path, rulebook, *arguments, name="before", environment=QUICK_START) as run:
            run.wait_for(r"TOLD \d+\.", moment.randint(1, 180))
            all_told = told(run.kill())
        with Rulebook(path, rulebook, *arguments, name="after", environment=QUICK_START) as run:
            until = time.monotonic() + 60
            while len({*all_told, *told(run.said())}) < 200 and time.monotonic() < until and run.is_alive():
                time.sleep(0.05)
            time.sleep(1)  # what comes twice may come last
            all_told += told(run.kill())
    counts = Counter(all_told)
    return 200 - len(counts), sum(counts.values()) - len(counts)


def kills(rounds: int, with_feedback: bool) -> Iterator[Row]:
    """Two rounds at a time, most of whose time is the start of Java: what is measured is no time."""
    kind = "with feedback" if with_feedback else "without feedback"
    lost = doubled = 0
    with ThreadPoolExecutor(2) as pool:
        running_rounds = [pool.submit(killed, with_feedback, random.Random(number)) for number in range(rounds)]
        try:
            for number, each in enumerate(as_completed(running_rounds), 1):
                lost, doubled = lost + each.result()[0], max(doubled, each.result()[1])
                say(f"kills {kind}: {number} of {rounds} rounds, {lost} lost, {doubled} doubled at most")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            Rulebook.kill_all()
            raise
    what = f"lost, and doubled at most, of 200 events and a kill -9, {kind}"
    target, more = ("0 and at most 1", 1) if with_feedback else ("0 and what was in flight", 17)
    yield what, target, f"{lost} and {doubled} ({rounds} rounds)", lost == 0 and doubled <= more


def requests() -> Iterator[Row]:
    """Polling a tenant with 10,000 open cases of which 5 changed, and of which none did."""

    async def measure() -> tuple[int, int]:
        with Simulator() as simulator:
            simulator.load({"cases": [{"team_id": 1, "name": f"Case {number}", **OLD} for number in range(10_000)]})

            def sent() -> int:
                count = sum(entry["method"] == "GET" for entry in simulator.requests)
                simulator.forget_requests()
                return count

            options = {"tenant": simulator.url, "api_key": KEY, "interval": 5}
            async with running(options) as source:
                await polled(source)
                sent()
                await polled(source)
                idle = sent()
                for number in range(5):
                    await asyncio.to_thread(comment, simulator, 2000 * number + 1)
                for _event in range(5):
                    await source.event()
                return idle, sent()

    idle, changed = asyncio.run(measure())
    what = "requests of a poll of 10,000 open cases, none changed and 5 changed"
    yield what, "1 and about 1 for each change", f"{idle} and {changed}", idle <= 2 and changed <= 8


def injections() -> Iterator[Row]:
    command = [sys.executable, "-m", "pytest", "-q", "tests/eda/test_rulebook.py", "-k", "none_of_200_texts"]
    environment = {**os.environ, "ANSIBLE_RULEBOOK": str(PROGRAM)}
    # In a session of its own: it gets an interruption once, from here, and so has the time to end ansible-rulebook.
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        try:
            said, _nothing = run.communicate()
        except KeyboardInterrupt:
            run.send_signal(signal.SIGINT)
            raise
    passed = run.returncode == 0 and "1 passed" in said
    yield "texts from outside that ran as a template, of 200", "0", "0" if passed else said[-500:], passed


PARTS: dict[str, Callable[[int], Iterator[Row]]] = {
    **{
        each.__name__: lambda _rounds, each=each: each()
        for each in (throughput, answers, seeding, polling, requests, injections)
    },
    "kills-with-feedback": partial(kills, with_feedback=True),
    "kills-without-feedback": partial(kills, with_feedback=False),
}


def measured(parts: list[str], rounds: int) -> Iterator[Row]:
    """What was measured, part by part. A part that fails has a row that says so."""
    for part in parts:
        say(part)
        try:
            for row in PARTS[part](rounds):
                say(f"{row[0]}: {row[2]}, target {row[1]}")
                yield row
        except Exception as error:  # the other parts are worth measuring all the same
            say(f"{part} failed: {error}")
            yield part, "", f"failed: {type(error).__name__}", False


def main() -> int:
    """Print the table. Returns 1 if a target was missed, 130 after an interruption."""
    parser = argparse.ArgumentParser(description="Measure the event source.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="kills of each kind (default: %(default)s)")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"what to measure (default: all): {', '.join(PARTS)}")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]} is no part. There are: {', '.join(PARTS)}.")
    said = subprocess.run([str(PROGRAM), "--version"], capture_output=True, text=True, check=False).stdout
    versions = (line.strip() for line in said.splitlines() if "version" in line or line.startswith("ansible"))
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell starts jobs in the background with SIGINT ignored
        signal.signal(number, signal.default_int_handler)
    rows: list[Row] = []
    interrupted = False
    try:
        for row in measured(options.parts or list(PARTS), options.rounds):
            rows.append(row)  # noqa: PERF402  # what is there counts after an interruption too
    except KeyboardInterrupt:
        interrupted = True
    print(f"{'; '.join(versions)}\n\n| what | target | measured | met |\n| --- | --- | --- | --- |")
    for what, target, found, met in rows:
        print(f"| {what} | {target} | {found} | {'yes' if met else 'NO'} |")
    return 130 if interrupted else int(not all(met for *_row, met in rows))


if __name__ == "__main__":
    sys.exit(main())
