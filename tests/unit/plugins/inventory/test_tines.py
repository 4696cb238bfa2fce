# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of cases: the plugin in the process of the test, and a few runs of ``ansible-inventory``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from ansible import constants as C
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.template import Templar
from ansible_collections.casework.cases.plugins.inventory import tines
from ansible_collections.casework.cases.plugins.plugin_utils.inventory import cache_key, case_host, is_machine
from ansible_collections.casework.cases.tests.unit.in_process import Run, SimulatorTask
from ansible_collections.casework.cases.tests.unit.plugins.action.task import template
from ansible_collections.casework.cases.tests.unit.plugins.inventory.options import documented_options

from simulator.server import Simulator

NAME = "casework.cases.tines"
BUTTON = {"label": "Isolate", "url": "https://acme.tines.com/webhook/isolate/s3cret", "action_type": "webhook"}
CASES: list[dict[str, Any]] = [
    {
        "case_id": 7,
        "name": "Malware",
        "priority": "HIGH",
        "tag_names": ["malware", "edr"],
        "metadata": {"host": ["web01", "web02"], "token": "hidden-value"},
        "actions": [BUTTON],
        "assignee_emails": [],
    },
    {"case_id": 8, "name": "Phishing", "priority": "CRITICAL", "tag_names": ["mail"], "metadata": {"host": "web01"}},
    {"case_id": 9, "name": "Scan", "priority": "LOW", "status": "CLOSED", "team_id": 2},
]


@dataclass
class Parsed:
    """What a source has made of an inventory."""

    data: InventoryData
    warnings: list[str] = field(default_factory=list)

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        return {name: host.vars for name, host in self.data.hosts.items()}

    @property
    def groups(self) -> dict[str, list[str]]:
        groups = self.data.groups.items()
        return {name: [host.name for host in group.hosts] for name, group in groups if name not in ("all", "ungrouped")}


class Display:
    def __init__(self, warnings: list[str]) -> None:
        self.warning = warnings.append

    def vvv(self, _text: str) -> None:
        pass


class Source:
    """A file of an inventory source, and the plugin that reads it. Its tenant is the simulator by default."""

    def __init__(self, simulator: Simulator, place: Path) -> None:
        self.path = place / "cases.tines.yml"
        self.defaults: dict[str, Any] = {
            "plugin": NAME,
            "tenant": simulator.url,
            "api_key": simulator.api_key,
            "order": "CREATED_ASC",
        }
        self.cached: dict[str, Any] = {
            "cache": True,
            "cache_plugin": "jsonfile",
            "cache_connection": str(place / "cache"),
        }

    def __call__(
        self, options: Mapping[str, Any] | None = None, use_cache: bool = True, data: InventoryData | None = None
    ) -> Parsed:
        self.path.write_text(yaml.safe_dump({**self.defaults, **(options or {})}), encoding="utf-8")
        return self.parse(use_cache, data)

    def parse(self, use_cache: bool = True, data: InventoryData | None = None) -> Parsed:
        plugin = tines.InventoryModule()
        # What Ansible's loader of plugins does.
        C.config.initialize_plugin_configuration_definitions("inventory", NAME, documented_options())
        plugin._load_name, plugin._original_path, plugin._redirected_names = NAME, tines.__file__, [NAME]
        plugin.ansible_name, plugin.ansible_aliases = NAME, [NAME]
        parsed = Parsed(data or InventoryData())
        plugin.display = Display(parsed.warnings)
        plugin.parse(parsed.data, DataLoader(), str(self.path), cache=use_cache)
        if plugin.get_option("cache"):
            plugin.update_cache_if_changed()
        return parsed

    def fails(self, options: Mapping[str, Any], kind: type[AnsibleError] = AnsibleParserError) -> str:
        with pytest.raises(kind) as raised:
            self(options)
        assert raised.value.__cause__ is None
        return str(raised.value)


@pytest.fixture
def source(simulator: Simulator, simulator_task: SimulatorTask, tmp_path: Path) -> Source:
    simulator_task(load={"cases": CASES})
    return Source(simulator, tmp_path)


# What is found


def test_each_case_is_a_host_with_all_that_it_shows(source: Source) -> None:
    hosts = source().hosts
    assert list(hosts) == ["case-7", "case-8", "case-9"]
    assert {name for name in hosts["case-7"] if not name.startswith("inventory_")} == {"tines_case"}
    case = hosts["case-7"]["tines_case"]
    assert (case["case_id"], case["priority"]) == (7, "HIGH")
    assert [tag["name"] for tag in case["tags"]] == ["malware", "edr"]


def test_a_case_is_shown_as_cases_info_shows_it(source: Source, run: Run) -> None:
    cases = run("cases_info", {"order": "CREATED_ASC"})["cases"]
    for button in (button for case in cases for button in case["actions"]):
        del button["url"]
    assert [host["tines_case"] for host in source().hosts.values()] == cases


def test_no_url_of_a_button_and_no_secret_is_shown(source: Source) -> None:
    case = source().hosts["case-7"]["tines_case"]
    assert [button["label"] for button in case["actions"]] == ["Isolate"]
    assert "s3cret" not in json.dumps(case)
    assert all("url" not in button for button in case["actions"])
    assert case["metadata"]["token"] == "********"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"status": "open"}, [7, 8]),
        ({"status": "OPEN"}, [7, 8]),
        ({"priority": "Critical"}, [8]),
        ({"priority": ["critical", "HIGH"]}, [7, 8]),
        ({"tags": "mail"}, [8]),
        ({"tags": ["mail", "edr"]}, [7, 8]),
        ({"assignees": "unassigned"}, [7]),
        ({"assignees": ["jane@example.com"]}, [8, 9]),
        ({"team_id": 2}, [9]),
        ({"team": "Team 2"}, [9]),
        ({"name": "Phishing"}, [8]),
        ({"metadata": {"host": "web01"}}, [8]),
        ({"search": "Malw"}, [7]),
        ({"opened_after": "2020-01-01"}, [7, 8, 9]),
        ({"opened_before": "2020-01-01"}, []),
        ({"opened_within": "1d"}, [7, 8, 9]),
        ({"filters": {"status": "CLOSED"}}, [9]),
        ({"order": "PRIORITY_DESC", "limit": 1}, [8]),
        ({"limit": 2}, [7, 8]),
        ({"limit": 0}, [7, 8, 9]),
    ],
    ids=str,
)
def test_filters_are_those_of_cases_info(source: Source, options: dict[str, Any], found: list[int]) -> None:
    hosts = source(options).hosts.values()
    assert [host["tines_case"]["case_id"] for host in hosts] == found


def test_two_thousand_cases_are_four_pages(source: Source, simulator_task: SimulatorTask) -> None:
    simulator_task(reset=True, load={"cases": [{"case_id": 1, "count": 2000}]})
    assert len(source().hosts) == 2000
    assert simulator_task()["sent"] == "4 GET"
    assert simulator_task()["connections"] == 1


def test_the_environment_names_tenant_and_key(
    source: Source, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINES_TENANT", simulator.url)
    monkeypatch.setenv("TINES_API_KEY", simulator.api_key)
    source.defaults = {"plugin": NAME}
    assert len(source().hosts) == 3
    assert len(source({"tenant": "", "api_key": ""}).hosts) == 3


def test_options_may_hold_templates(source: Source, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TENANT", simulator.url)
    monkeypatch.setenv("SOME_KEY", simulator.api_key)
    options = {
        "tenant": "{{ lookup('env', 'SOME_TENANT') }}",
        "api_key": "{{ lookup('env', 'SOME_KEY') }}",
        "validate_certs": "{{ 1 == 1 }}",
        "timeout": "{{ 10 * 2 }}",
        "limit": "{{ 4 // 2 }}",
        "tags": ["{{ 'ma' ~ 'il' }}", "edr"],
        "status": "{{ 'open' | upper }}",
    }
    assert list(source(options).hosts) == ["case-7", "case-8"]


def test_a_template_that_fails_names_its_option(source: Source) -> None:
    assert source.fails({"tenant": "{{ nothing }}"}).startswith("The template in the option tenant failed: ")


# Names


def test_hostname_is_a_template_over_the_case(source: Source) -> None:
    parsed = source({"hostname": "{{ name | lower }}-{{ case_id }}"})
    assert list(parsed.hosts) == ["malware-7", "phishing-8", "scan-9"]
    assert parsed.warnings == []


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Malware on ws-0815", "Malware_on_ws-0815"),
        ("Überfall", "Überfall"),
        ("{{ 7 * 7 }}", "_7_7_"),
        ("#jinja2:x:'[['\n[[ 1 ]]", "_jinja2_x_1_"),
        ("-oProxyCommand=x", "oProxyCommand_x"),
        ("a:b,c!d", "a_b_c_d"),
        ("", "case-1"),
        (" ", "case-1"),
        ("...", "case-1"),
        ("all", "case-1"),
        ("ungrouped", "case-1"),
        ("LocalHost", "case-1"),
        ("127.0.0.1", "case-1"),
        ("web01", "case-1"),
        ("case-2", "case-1"),
        ("x" * 300, "x" * 60),
    ],
)
def test_name_of_a_cases_host(wanted: str, name: str) -> None:
    assert case_host(wanted, "case-1", {"web01"}.__contains__) == name


def test_a_case_never_takes_the_name_of_another_or_of_a_machine(source: Source, simulator_task: SimulatorTask) -> None:
    names = ["Twin", "Twin", "web01", "servers", "case-1"]
    simulator_task(
        reset=True, load={"cases": [{"case_id": place, "name": name} for place, name in enumerate(names, 1)]}
    )
    data = InventoryData()
    data.add_group("servers")
    data.add_host("web01", "servers")
    parsed = source({"hostname": "{{ name }}", "connect": "local"}, data=data)
    assert list(parsed.hosts) == ["web01", "Twin", "case-2", "case-3", "case-4", "case-5"]
    assert not any("tines" in name or "connection" in name for name in parsed.hosts["web01"])
    assert parsed.warnings == [
        "These cases are called case-ID, because the name from hostname is empty, reserved or taken: 2, 3, 4, 5."
    ]


def test_a_case_of_two_sources_is_one_host(source: Source) -> None:
    data = InventoryData()
    for _source in range(2):
        parsed = source({"hostname": "{{ name }}"}, data=data)
        assert list(parsed.hosts) == ["Malware", "Phishing", "Scan"]
        assert parsed.warnings == []


def test_a_hostname_that_fails_is_an_error_with_strict_alone(source: Source) -> None:
    options = {"hostname": "{{ metadata.nothing.at_all }}"}
    assert list(source(options).hosts) == ["case-7", "case-8", "case-9"]
    assert source.fails({**options, "strict": True}).startswith("hostname failed for case 7: ")


# Constructed


def test_groups_and_variables_are_constructed(source: Source) -> None:
    parsed = source(
        {
            "compose": {"urgent": "tines_case.priority in ['HIGH', 'CRITICAL']"},
            "groups": {"hot": "urgent", "never": "nothing.at_all"},
            "keyed_groups": [
                {"key": "tines_case.priority | lower", "prefix": "priority"},
                {"key": "tines_case.status | lower", "prefix": "status"},
                {"key": "tines_case.team.name", "prefix": "team"},
                {"key": "tines_case.tags | map(attribute='name') | list", "prefix": "tag"},
            ],
        }
    )
    assert parsed.hosts["case-9"]["urgent"] is False
    assert parsed.groups == {
        "hot": ["case-7", "case-8"],
        "priority_high": ["case-7"],
        "priority_critical": ["case-8"],
        "priority_low": ["case-9"],
        "status_open": ["case-7", "case-8"],
        "status_closed": ["case-9"],
        "team_Team_1": ["case-7", "case-8"],
        "team_Team_2": ["case-9"],
        "tag_malware": ["case-7"],
        "tag_edr": ["case-7"],
        "tag_mail": ["case-8"],
    }


@pytest.mark.parametrize(
    "options",
    [
        {"compose": {"x": "nothing.at_all"}},
        {"groups": {"x": "nothing.at_all"}},
        {"keyed_groups": [{"key": "nothing.at_all"}]},
    ],
    ids=str,
)
def test_strict_makes_an_expression_that_fails_an_error(source: Source, options: dict[str, Any]) -> None:
    assert len(source(options).hosts) == 3
    with pytest.raises(AnsibleError, match="case-7"):
        source({**options, "strict": True})


def test_connect_local_runs_in_the_python_of_ansible(source: Source) -> None:
    host = source({"connect": "local"}).hosts["case-7"]
    assert (host["ansible_connection"], host["ansible_python_interpreter"]) == ("local", sys.executable)
    assert "ansible_connection" not in source().hosts["case-7"]


# Machines


def test_hosts_are_the_machines_that_cases_name(source: Source) -> None:
    parsed = source({"host_from": "host", "groups": {"several": "tines_cases | length > 1"}})
    found = {name: [case["case_id"] for case in host["tines_cases"]] for name, host in parsed.hosts.items()}
    assert found == {"web01": [7, 8], "web02": [7]}
    assert parsed.groups == {"several": ["web01"]}
    assert parsed.warnings == ["These cases are left out, because they have no host in their metadata: 9."]


def test_a_machine_of_another_source_is_the_same_host(source: Source) -> None:
    data = InventoryData()
    data.add_host("web01")
    data.set_variable("web01", "ansible_host", "192.0.2.1")
    source({"host_from": "host", "name": "Malware"}, data=data)
    parsed = source({"host_from": "host", "status": "open"}, data=data)
    assert parsed.hosts["web01"]["ansible_host"] == "192.0.2.1"
    assert [case["case_id"] for case in parsed.hosts["web01"]["tines_cases"]] == [7, 8]


def test_a_machine_is_never_called_like_a_group(source: Source) -> None:
    data = InventoryData()
    data.add_group("web01")
    parsed = source({"host_from": "host", "status": "open"}, data=data)
    assert list(parsed.hosts) == ["web02"]
    assert parsed.warnings[0].endswith("or that of this one or of a group: 7, 8.")


@pytest.mark.parametrize(
    "name",
    ["web01", "WEB01", "web01.example.com", "ws_0815", "bücher", "192.0.2.1", "2001:db8::1", "1password.example"],
)
def test_a_machine_may_have_this_name(name: str) -> None:
    assert is_machine(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-oProxyCommand=x",
        ".web01",
        "root@web01",
        "web01;id",
        "web01 web02",
        "web01\n",
        "web01:22",
        "web01/x",
        "web01,web02",
        "{{ 7 * 7 }}",
        "fe80::1%{{x}}",
        "x" * 300,
        "\U0001d4cd" * 61,
        "ü" * 200,
        "all",
        "ungrouped",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "localhost.localdomain",
        "x.localhost",
        "ip6-loopback",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",  # noqa: S104 (a name that is refused, nothing listens there)
        "0:0:0:0:0:0:0:1",
        "0:0:0:0:0:ffff:7f00:1",
        "\uff11\uff12\uff17.0.0.1",
        "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
    ],
)
def test_no_other_machine_has_this_name(name: str) -> None:
    assert not is_machine(name)


def test_names_that_are_left_out_are_said_by_the_ids_of_their_cases(
    source: Source, simulator_task: SimulatorTask
) -> None:
    named: list[Any] = ["localhost", ["web01", "{{ x }}"], 815, {"a": 1}, "", None, [], "-x", "a b"]
    cases = [{"case_id": place, "metadata": {"host": value}} for place, value in enumerate(named, 1)]
    simulator_task(reset=True, load={"cases": cases})
    parsed = source({"host_from": "host"})
    assert list(parsed.hosts) == ["web01"]
    assert parsed.warnings == [
        "These cases are left out, because they have no host in their metadata: 5, 6, 7.",
        (
            "Of these cases a host is left out that is no name of a machine, or that of this one or of a group: "
            "1, 2, 3, 4, 8 and 1 more."
        ),
    ]


def test_machines_are_found_under_a_key_that_looks_like_a_secret(source: Source, simulator_task: SimulatorTask) -> None:
    simulator_task(reset=True, load={"cases": [{"case_id": 1, "metadata": {"asset_key": "web01"}}]})
    assert list(source({"host_from": "asset_key"}).hosts) == ["web01"]


# Text from outside


@pytest.mark.parametrize("from_cache", [False, True])
def test_text_of_a_case_is_never_a_template(
    source: Source, simulator_task: SimulatorTask, tmp_path: Path, from_cache: bool
) -> None:
    attack = "{{ lookup('pipe', 'touch " + str(tmp_path / "run") + "') }}"
    case = {"case_id": 1, "name": attack, "description": attack, "tag_names": [attack], "metadata": {"host": attack}}
    simulator_task(reset=True, load={"cases": [case, {**case, "case_id": 2, "metadata": {"host": ["web01", attack]}}]})
    options = {
        **source.cached,
        "hostname": "{{ name }}",
        "compose": {"bare": "tines_case.name", "joined": "'Case: ' ~ tines_case.name", "many": "[tines_case.name]"},
        "groups": {"same": "tines_case.name == tines_case.description"},
        "keyed_groups": [{"key": "tines_case.tags | map(attribute='name') | list", "parent_group": "tags"}],
    }
    machines = {**source.cached, "host_from": "host", "compose": {"bare": "tines_cases[0].name"}}
    if from_cache:
        source(options)
        source(machines)
    parsed = source(options)
    for name, variables in parsed.hosts.items():
        assert "{" not in name

        def play(text: str, host: dict[str, Any] = variables) -> Any:
            return Templar(loader=DataLoader(), variables=host).template(template(text))

        assert play("{{ bare }}") == attack
        assert play("{{ joined }}") == f"Case: {attack}"
        assert play("{{ many[0] }}") == attack
        assert play("{{ tines_case.metadata.host }}") in (attack, ["web01", attack])
        assert play("{{ tines_case | string }}").count("lookup") == 4
    assert not any("{" in name for name in parsed.groups)
    assert list(source(machines).hosts) == ["web01"]
    assert not (tmp_path / "run").exists()


def asking_ansible_for(kind: str, text: str) -> dict[str, Any]:
    """What Ansible's own JSON has for a text of that kind."""
    if kind == "template":
        return {"__ansible_type": "_AnsibleTaggedStr", "value": text, "tags": [{"__ansible_type": "TrustedAsTemplate"}]}
    return {f"__ansible_{kind}": text}


@pytest.mark.parametrize("kind", ["template", "unsafe", "vault"])
def test_keys_of_ansibles_own_json_are_left_out(
    source: Source, simulator_task: SimulatorTask, tmp_path: Path, kind: str
) -> None:
    attack = asking_ansible_for(kind, "{{ lookup('pipe', 'touch " + str(tmp_path / "run") + "') }}")
    simulator_task(reset=True, load={"cases": [{"case_id": 1, "metadata": {"x": [attack]}}]})
    kept = {key: value for key, value in attack.items() if key in ("value", "tags")}
    if kept:
        kept["tags"] = [{}]
    for _time in ("from the server", "from the cache"):
        variables = source(source.cached).hosts["case-1"]
        text = Templar(loader=DataLoader(), variables=variables).template(template("{{ tines_case.metadata.x }}"))
        assert text == [kept]
    assert simulator_task()["sent"] == "1 GET"
    assert not (tmp_path / "run").exists()


# The cache


def test_the_cache_needs_no_server(tmp_path: Path) -> None:
    with Simulator(data={"cases": CASES}) as server:
        source = Source(server, tmp_path)
        options = {**source.cached, "retries": 0, "keyed_groups": [{"key": "tines_case.priority", "prefix": "p"}]}
        first = source(options)
    again = source(options)
    assert again.hosts == first.hosts
    assert again.groups == first.groups
    with pytest.raises(AnsibleParserError, match="refused"):
        source(options, use_cache=False)


def test_no_case_at_all_is_cached_too(source: Source, simulator_task: SimulatorTask) -> None:
    options = {**source.cached, "name": "Nothing"}
    assert source(options).hosts == source(options).hosts == {}
    assert simulator_task()["sent"] == "1 GET"


def test_machines_come_from_the_cache(source: Source, simulator_task: SimulatorTask) -> None:
    options = {**source.cached, "host_from": "host"}
    assert source(options).hosts == source(options).hosts
    assert simulator_task()["sent"] == "1 GET"


def test_the_cache_is_passed_by_and_renewed_on_request(source: Source, simulator_task: SimulatorTask) -> None:
    source(source.cached)
    simulator_task(load={"cases": [{"case_id": 10}]})
    assert "case-10" not in source(source.cached).hosts
    assert "case-10" in source(source.cached, use_cache=False).hosts
    assert "case-10" in source(source.cached).hosts


@pytest.mark.parametrize(
    "option", [{"status": "open"}, {"limit": 1}, {"host_from": "host"}, {"connect": "local"}], ids=str
)
def test_another_option_is_another_cache(source: Source, simulator_task: SimulatorTask, option: dict[str, Any]) -> None:
    source(source.cached)
    source({**source.cached, **option})
    assert simulator_task()["sent"] == "2 GET"


def test_another_key_or_tenant_gets_nothing_from_the_cache(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {**source.cached, "retries": 0}
    source(options)
    assert "401" in source.fails({**options, "api_key": "another-key"})
    assert "refused" in source.fails({**options, "tenant": "http://127.0.0.1:1"})
    del source.defaults["api_key"], source.defaults["tenant"]
    monkeypatch.setenv("TINES_TENANT", "http://127.0.0.1:1")
    monkeypatch.setenv("TINES_API_KEY", "sim-key-0000")
    assert "refused" in source.fails(options)
    monkeypatch.setenv("TINES_API_KEY", "another-key")
    assert "refused" in source.fails(options)


def test_a_failure_is_not_cached(source: Source, simulator_task: SimulatorTask) -> None:
    simulator_task(faults=[{"kind": "status", "status": 403}])
    source.fails(source.cached)
    assert len(source(source.cached).hosts) == 3


def test_a_cache_file_has_no_key_and_no_secret(source: Source, simulator: Simulator) -> None:
    source(source.cached)
    source({**source.cached, "host_from": "host"})
    files = list(Path(source.cached["cache_connection"]).iterdir())
    assert len(files) == 2
    for file in files:
        text = file.name + file.read_text(encoding="utf-8")
        assert "Malware" in text
        assert not any(secret in text for secret in (simulator.api_key, "s3cret", "hidden-value", "webhook/"))


def test_a_cache_key_tells_apart_and_does_not_tell() -> None:
    keys = {
        cache_key("base", {"limit": limit, "api_key": key}, address, key)
        for limit in (0, 1)
        for key in ("sim-key", "other")
        for address in ("https://a.example", "https://b.example")
    }
    assert len(keys) == 8
    assert not any("sim-key" in key or "example" in key for key in keys)


# What goes wrong


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "The key was refused"), (403, "not allowed"), (404, "does not exist"), (429, "rate limit"), (500, "500")],
)
def test_a_server_that_fails_is_an_error_in_one_sentence(
    source: Source, simulator_task: SimulatorTask, status: int, says: str
) -> None:
    simulator_task(faults=[{"kind": "status", "status": status, "times": -1}])
    message = source.fails({"retries": 0})
    assert message.startswith("GET /api/v2/cases on 127.0.0.1")
    assert says in message
    assert "\n" not in message
    assert "sim-key" not in message


def test_a_page_that_fails_is_an_error_and_half_an_inventory_is_none(
    source: Source, simulator_task: SimulatorTask
) -> None:
    simulator_task(reset=True, load={"cases": [{"case_id": 1, "count": 600}]})
    simulator_task(settings={"rate_limit": {"requests": 1, "seconds": 600}})
    data = InventoryData()
    with pytest.raises(AnsibleParserError):
        source({"retries": 0}, data=data)
    assert data.hosts == {}


@pytest.fixture
def tls_source(tmp_path: Path) -> Iterator[Source]:
    """A source whose tenant has the certificate of an authority that nobody knows; `ca.pem` beside it is its own."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(chain)
    issued.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with Simulator(tls=(str(chain), str(key)), data={"cases": CASES}) as server:
        yield Source(server, tmp_path)


def test_a_certificate_that_is_not_trusted_is_an_error_in_one_sentence(tls_source: Source) -> None:
    message = tls_source.fails({"retries": 0})
    assert message.startswith("GET /api/v2/cases on 127.0.0.1")
    assert "the server's certificate is not trusted" in message
    assert message.endswith("Name its CA with ca_path.")
    assert "\n" not in message


@pytest.mark.parametrize("option", ["ca_path", "validate_certs", "REQUESTS_CA_BUNDLE"])
def test_a_certificate_is_trusted_on_request(tls_source: Source, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    authority = str(tls_source.path.with_name("ca.pem"))
    if option.isupper():
        monkeypatch.setenv(option, authority)
    options: dict[str, dict[str, Any]] = {
        "ca_path": {"ca_path": authority},
        "validate_certs": {"validate_certs": False},
    }
    assert list(tls_source(options.get(option)).hosts) == ["case-7", "case-8", "case-9"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tenant": ""}, "tenant is missing: set the option tenant or the environment variable TINES_TENANT"),
        ({"tenant": "http://tines.example"}, "must begin with https://"),
        ({"tag": "x"}, "There is no option 'tag'. Did you mean 'tags'?"),
        ({"case_ids": [1]}, "There is no option 'case_ids'."),
        ({"limit": -1}, "limit must be 0 or more."),
        ({"opened_within": "soon"}, "is not a valid duration"),
        ({"team_id": "x"}, "team_id: 'x' is not a team's ID"),
        ({"team": "Nobody"}, "No team has the name 'Nobody'"),
        ({"host_from": "host", "connect": "local"}, "connect cannot be combined with host_from"),
        ({"ca_path": "/nowhere", "tenant": "https://tines.example"}, "which does not exist"),
    ],
    ids=str,
)
def test_an_option_that_is_wrong_is_named(source: Source, options: dict[str, Any], says: str) -> None:
    assert says in source.fails(options)


@pytest.mark.parametrize(
    "option", [{"status": "half"}, {"priority": ["high", "x"]}, {"order": "X"}, {"connect": "ssh"}], ids=str
)
def test_a_value_that_is_none_of_the_choices_is_refused_by_ansible(source: Source, option: dict[str, Any]) -> None:
    with pytest.raises(AnsibleError, match=next(iter(option))):
        source(option)


def test_a_library_that_is_missing_is_named(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tines, "REQUESTS_IMPORT_ERROR", "no")
    assert "requests 2.27 or newer is missing" in source.fails({})


@pytest.mark.parametrize(("name", "valid"), [("a.tines.yml", True), ("a.tines.yaml", True), ("a.yml", False)])
def test_the_name_of_the_file_decides(tmp_path: Path, name: str, valid: bool) -> None:
    (tmp_path / name).touch()
    assert tines.InventoryModule().verify_file(str(tmp_path / name)) is valid
    assert not tines.InventoryModule().verify_file(str(tmp_path / f"absent-{name}"))


# Documentation


def test_filters_are_documented_as_those_of_cases_info() -> None:
    module = import_module("ansible_collections.casework.cases.plugins.modules.cases_info")
    wanted = yaml.safe_load(module.DOCUMENTATION)["extends_documentation_fragment"]
    own = yaml.safe_load(tines.DOCUMENTATION)["extends_documentation_fragment"]
    assert {"casework.cases.tines", "casework.cases.search", "casework.cases.connection"} <= {*own} & {*wanted}


def test_the_default_of_hostname_is_the_documented_one() -> None:
    assert documented_options()["hostname"]["default"] == tines.DEFAULT_HOSTNAME


@pytest.mark.parametrize("place", range(3))
def test_examples_run(source: Source, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    monkeypatch.setenv("TINES_TENANT", simulator.url)
    monkeypatch.setenv("TINES_API_KEY", simulator.api_key)
    # Without the loader of collections, Ansible's own plugins have their short names alone.
    examples = list(yaml.safe_load_all(tines.EXAMPLES.replace("ansible.builtin.", "")))
    assert len(examples) == 3
    source.defaults = {"strict": True}
    assert source(examples[place]).hosts


# As Ansible runs it


def ansible_inventory(simulator: Simulator, file: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    return ansible("ansible-inventory", simulator, file, *arguments, **variables)


def ansible(program: str, simulator: Simulator, file: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """Returns the exit status, what was printed, and what was said on standard error, in one line."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name(program)), "-i", str(file), *arguments],
        env={
            **os.environ,
            "TINES_TENANT": simulator.url,
            "TINES_API_KEY": simulator.api_key,
            "COLUMNS": "1000",
            "ANSIBLE_DEPRECATION_WARNINGS": "false",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, " ".join(done.stderr.split())


def test_ansible_inventory_lists_what_is_found(source: Source, simulator: Simulator, tmp_path: Path) -> None:
    file = tmp_path / "urgent.tines.yml"
    file.write_text(tines.EXAMPLES.split("\n---\n")[2], encoding="utf-8")
    status, printed, said = ansible_inventory(simulator, file, "--list", "--export")
    assert status == 0, said
    listed = json.loads(printed)
    assert set(listed["_meta"]["hostvars"]) == {"7-Malware", "8-Phishing"}
    assert listed["unassigned"]["hosts"] == ["7-Malware"]
    assert len(list((tmp_path / ".cache" / "cases").iterdir())) == 1
    assert "s3cret" not in printed


def test_ansible_inventory_takes_some_of_the_cases(source: Source, simulator: Simulator, tmp_path: Path) -> None:
    file = tmp_path / "open.tines.yml"
    file.write_text(tines.EXAMPLES.split("\n---\n")[1], encoding="utf-8")
    status, printed, said = ansible_inventory(simulator, file, "--list", "--limit", "priority_*:!tag_edr")
    assert status == 0, said
    assert set(json.loads(printed)["_meta"]["hostvars"]) == {"case-8"}


def test_ansible_inventory_fails_if_the_server_does(source: Source, simulator: Simulator, tmp_path: Path) -> None:
    file = tmp_path / "open.tines.yml"
    file.write_text(f"plugin: {NAME}\n", encoding="utf-8")
    variables = {"TINES_API_KEY": "wrong-key", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    status, _printed, said = ansible_inventory(simulator, file, "--list", **variables)
    assert status == 1
    assert "The key was refused: check api_key (TINES_API_KEY)" in said
    assert "wrong-key" not in said
    assert "Traceback" not in said


def test_ansible_inventory_names_a_file_with_another_name(source: Source, simulator: Simulator, tmp_path: Path) -> None:
    file = tmp_path / "cases.yml"
    file.write_text(f"plugin: {NAME}\n", encoding="utf-8")
    _status, _printed, said = ansible_inventory(simulator, file, "--list")
    assert f"could not be verified by inventory plugin '{NAME}'" in said


def test_ansible_inventory_takes_a_key_from_a_vault(source: Source, simulator: Simulator, tmp_path: Path) -> None:
    vaulted = VaultLib([("default", VaultSecret(b"password"))]).encrypt(simulator.api_key).decode()
    password, file = tmp_path / "password", tmp_path / "vaulted.tines.yml"
    password.write_text("password", encoding="utf-8")
    lines = ["plugin: " + NAME, "cache: true", "api_key: !vault |", *(f"  {line}" for line in vaulted.splitlines())]
    file.write_text("\n".join(lines), encoding="utf-8")
    arguments = ("--graph", "--vault-password-file", str(password))
    status, printed, said = ansible_inventory(simulator, file, *arguments, TINES_API_KEY="wrong-key")
    assert status == 0, said
    assert "case-7" in printed, said


def test_a_play_never_evaluates_the_text_of_a_case(
    source: Source, simulator: Simulator, simulator_task: SimulatorTask, tmp_path: Path
) -> None:
    attack = "{{ lookup('pipe', 'touch " + str(tmp_path / "run") + "') }}"
    simulator_task(reset=True, load={"cases": [{"case_id": 1, "name": attack, "description": attack}]})
    options = {**source.cached, "plugin": NAME, "connect": "local", "compose": {"alert": "tines_case.name"}}
    source.path.write_text(yaml.safe_dump(options), encoding="utf-8")
    message = "msg=<{{ alert }}><{{ tines_case.description }}>"
    for _time in ("from the server", "from the cache"):
        status, printed, said = ansible("ansible", simulator, source.path, "all", "-m", "debug", "-a", message)
        assert status == 0, said
        assert f"<{attack}><{attack}>" in printed
    assert simulator_task()["sent"] == "1 GET"
    assert not (tmp_path / "run").exists()
