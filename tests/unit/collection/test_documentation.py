# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module's documentation says what its argument spec says, its examples are valid, and shared parts are alike.

A new module is found by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.casework.cases.tests.unit.in_process import module_spec

ROOT = Path(__file__).parents[3]
MODULES = sorted(module.stem for module in (ROOT / "plugins" / "modules").glob("*.py"))
PREFIX = "casework.cases."
COMPARED = ("type", "elements", "required", "default", "choices", "aliases")

RESPONDED = "when a response of the server made the task fail"
RETURNED_BY_ALL = {
    "api_requests": {
        "description": "How many HTTP requests the task sent, retries included.",
        "returned": "always",
        "type": "int",
    },
    "status": {"description": "The status of the server's response.", "returned": RESPONDED, "type": "int"},
    "method": {"description": "The method of the request that failed.", "returned": RESPONDED, "type": "str"},
    "path": {"description": "The path of the request that failed.", "returned": RESPONDED, "type": "str"},
    "details": {
        "description": "The body of the server's response, without secrets.",
        "returned": RESPONDED,
        "type": "raw",
    },
}
"""What every module returns besides what is its own. Only the samples differ."""

RETURNED_FOR_A_CASE = {
    "case_id": "The ID of the case.",
    "changed": "Whether the case was changed, in check mode whether it would be.",
    "msg": "What went wrong; C(not tried) if the task ended before this case's turn.",
}
"""What every module says of each of many cases."""

_ANY_STATUS = {"status": {**RETURNED_BY_ALL["status"], "returned": "when the server responded"}}
RETURNED_BY = {"api": _ANY_STATUS, "api_info": _ANY_STATUS}
"""What is returned at other times by these modules."""

every_module = pytest.mark.parametrize("module", MODULES)


def documented(module: str, part: str) -> Any:
    """Returns DOCUMENTATION, EXAMPLES or RETURN of a module."""
    return yaml.safe_load(getattr(import_module(f"ansible_collections.{PREFIX}plugins.modules.{module}"), part))


def documented_options(module: str) -> dict[str, Any]:
    """Returns the documented options, with those of the fragments that the module names."""
    documentation = documented(module, "DOCUMENTATION")
    options: dict[str, Any] = {}
    for name in documentation["extends_documentation_fragment"]:
        file, _dot, section = name[len(PREFIX) :].partition(".")
        fragment = import_module(f"ansible_collections.{PREFIX}plugins.doc_fragments.{file}").ModuleDocFragment
        options.update(yaml.safe_load(getattr(fragment, section.upper() or "DOCUMENTATION")).get("options", {}))
    for option, own in documentation.get("options", {}).items():
        options[option] = {**options.get(option, {}), **own}
    return options


def spelled_out(option: dict[str, Any]) -> dict[str, Any]:
    """Returns what an option says, documented or specified, with what goes without saying."""
    said = {"type": "str", "required": False, "aliases": [], **{key: option[key] for key in COMPARED if key in option}}
    if "choices" in said:
        said["choices"] = list(said["choices"])
    said["aliases"] = sorted(said["aliases"])
    return said


def pairs(documentation: dict[str, Any], spec: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yields each option, suboptions included, as it is documented and as it is specified; None: it is not."""
    for name in sorted({*documentation, *spec}):
        in_documentation, in_spec = documentation.get(name), spec.get(name)
        yield path + name, in_documentation, in_spec
        suboptions = ((in_documentation or {}).get("suboptions") or {}, (in_spec or {}).get("options") or {})
        yield from pairs(*suboptions, path=f"{path}{name}.")


@every_module
def test_documented_options_are_those_of_the_argument_spec(module: str) -> None:
    spec = dict(module_spec(module).argument_spec)
    for name, in_documentation, in_spec in pairs(documented_options(module), spec):
        assert in_documentation is not None, f"{name} is not documented"
        assert in_spec is not None, f"{name} is documented, but no option"
        assert spelled_out(in_documentation) == spelled_out(in_spec), name


@every_module
def test_an_option_is_described_in_sentences(module: str) -> None:
    for name, in_documentation, _spec in pairs(documented_options(module), {}):
        described = in_documentation["description"]
        for sentence in [described] if isinstance(described, str) else described:
            assert sentence.rstrip().endswith((".", ")", ":")), name


@every_module
def test_shared_options_are_documented_in_fragments(module: str) -> None:
    own = documented(module, "DOCUMENTATION").get("options", {})
    assert not own.keys() & {"tenant", "api_url", "api_key", "validate_certs", "ca_path", "timeout", "retries"}


@every_module
def test_what_every_module_returns_is_documented_alike(module: str) -> None:
    returned = documented(module, "RETURN")
    for name, wanted in {**RETURNED_BY_ALL, **RETURNED_BY.get(module, {})}.items():
        assert {key: value for key, value in returned[name].items() if key != "sample"} == wanted
        assert "sample" in returned[name]
    assert list(returned)[-len(RETURNED_BY_ALL) :] == list(RETURNED_BY_ALL)


@every_module
def test_each_case_of_a_result_is_documented_alike(module: str) -> None:
    each = documented(module, "RETURN").get("cases", {}).get("contains", {})
    if "failed" in each:  # the module goes on with the other cases
        assert {key: each[key]["description"] for key in RETURNED_FOR_A_CASE} == RETURNED_FOR_A_CASE


@every_module
def test_a_returned_value_says_when_and_what_it_is(module: str) -> None:
    for name, value in documented(module, "RETURN").items():
        assert {"description", "returned", "type"} <= value.keys(), name


@every_module
def test_examples_give_options_that_exist(module: str) -> None:
    tasks = documented(module, "EXAMPLES")
    mine = [task[PREFIX + module] for task in tasks if PREFIX + module in task]
    assert mine
    for options in mine:
        for name, given, in_spec in given_options(options, dict(module_spec(module).argument_spec)):
            assert in_spec is not None, f"{name}: {given!r}"
            choices = in_spec.get("choices")
            if choices and isinstance(given, str) and "{{" not in given:
                assert given in choices, name


def given_options(options: Any, spec: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yields each option that an example gives, suboptions included, and what the spec says of it; None: nothing."""
    named = {alias: entry for name, entry in spec.items() for alias in (name, *entry.get("aliases", ()))}
    for name, value in options.items():
        yield path + name, value, named.get(name)
        suboptions = (named.get(name) or {}).get("options")
        for part in value if isinstance(value, list) else [value]:
            if suboptions and isinstance(part, dict):
                yield from given_options(part, suboptions, f"{path}{name}.")
    for name, entry in spec.items():
        if entry.get("required") and not {name, *entry.get("aliases", ())} & options.keys():
            yield path + name, "required, but not given", None


@every_module
def test_a_module_file_has_the_parts_in_order(module: str) -> None:
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    names = [
        ast.unparse(statement.targets[0] if isinstance(statement, ast.Assign) else statement.target)
        for statement in tree.body
        if isinstance(statement, (ast.Assign, ast.AnnAssign))
    ]
    parts = [name for name in names if name in ("DOCUMENTATION", "EXAMPLES", "RETURN", "ARGUMENT_SPEC", "MODULE")]
    assert parts == ["DOCUMENTATION", "EXAMPLES", "RETURN", "ARGUMENT_SPEC", "MODULE"]
