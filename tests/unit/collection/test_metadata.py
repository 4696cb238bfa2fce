# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in more than one file says the same in all of them."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import VERSION

ROOT = Path(__file__).parents[3]
MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"), key=lambda module: module.stem)
VENDORS = ("tines", "trustpair")

every_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.stem))


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def documentation(module: Path) -> dict[str, Any]:
    for statement in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "DOCUMENTATION":
            documented = yaml.safe_load(ast.literal_eval(statement.value))
            assert isinstance(documented, dict)
            return documented
    pytest.fail(f"{module.name} has no DOCUMENTATION")


def test_the_version_is_that_of_galaxy_yml() -> None:
    galaxy = read("galaxy.yml")
    releases = read("changelogs/changelog.yaml")["releases"]
    assert galaxy["version"] == VERSION
    assert list(releases)[-1] == VERSION


def test_every_module_is_in_the_group_of_all() -> None:
    assert read("meta/runtime.yml")["action_groups"]["all"] == [module.stem for module in MODULES]


def test_every_directory_of_plugins_for_events_is_an_extension() -> None:
    listed = [extension["args"]["ext_dir"] for extension in read("meta/extensions.yml")["extensions"]]
    directories = (ROOT / "extensions").glob("eda/plugins/*/*.py")
    assert listed == sorted({str(plugin.parent.relative_to(ROOT / "extensions")) for plugin in directories})


@every_module
def test_a_module_is_in_its_vendors_group_and_says_so(module: Path) -> None:
    documented = documentation(module)
    assert documented["module"] == module.stem
    fragments = documented["extends_documentation_fragment"]
    groups = read("meta/runtime.yml")["action_groups"]
    mine = [vendor for vendor in VENDORS if module.stem in groups[vendor]]
    assert len(mine) == 1
    assert f"casework.cases.{mine[0]}" in fragments
    assert f"casework.cases.attributes.{mine[0]}" in fragments
    assert "casework.cases.connection" in fragments


@every_module
def test_a_module_stands_in_readme_and_changelog(module: Path) -> None:
    documented = documentation(module)
    assert f"`casework.cases.{module.stem}`" in (ROOT / "README.md").read_text(encoding="utf-8")
    listed = read("changelogs/changelog.yaml")["releases"][documented["version_added"]]["modules"]
    described = {entry["name"]: entry["description"] for entry in listed}
    assert described[module.stem] == documented["short_description"] + "."


@every_module
def test_a_module_has_scenarios_for_the_prediction_proof(module: Path) -> None:
    target = ROOT / "tests" / "integration" / "targets" / module.stem
    assert list((target / "scenarios").glob("*.yml"))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_links_are_absolute(name: str) -> None:
    targets = re.findall(r"\]\(([^)]*)\)", (ROOT / name).read_text(encoding="utf-8"))
    assert targets
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []


def test_there_is_no_sanity_ignore() -> None:
    assert list((ROOT / "tests" / "sanity").glob("ignore*")) == []


def test_the_modules_and_the_simulator_share_no_code() -> None:
    simulator = (ROOT / "playbooks" / "files" / "simulator").rglob("*.py")
    assert [file.name for file in simulator if re.search(r"^\s*(from|import) ansible", file.read_text(), re.M)] == []
    assert [
        file.name for file in (ROOT / "plugins").rglob("*.py") if re.search(r"import.*simulator", file.read_text())
    ] == []


@every_module
def test_ansible_lint_can_check_the_options_of_a_module(module: Path) -> None:
    """Its rule args calls `main` without arguments, under an `AnsibleModule` of its own; else it checks nothing."""
    main = import_module(f"ansible_collections.casework.cases.plugins.modules.{module.stem}").main
    assert not inspect.signature(main).parameters
