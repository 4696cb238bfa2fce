# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that is run on this collection, by hand or in continuous integration, as nox sessions.

Sessions with the tag ``test`` are what ``make test`` runs, in the order of this file; ``.ci/run`` adds those with the
tag ``ends``, which are the ends of the matrix. A session asks for what it needs:
``environment`` for tools, ``tree`` for the sources at the path that Ansible expects, ``artefact`` for the collection as
users get it, ``ansible_variables`` for a home directory that isn't the user's. All of it lies in ``.build`` and is made
on first use.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nox

ROOT = Path(__file__).parent
BUILD = ROOT / ".build"
HOME = BUILD / "home"
RESULTS = BUILD / "results"
TREE = BUILD / "tree"
COLLECTION = TREE / "ansible_collections" / "casework" / "cases"
BENCHMARK = "ansible_collections.casework.cases.tests.benchmark"
BENCHMARK_RESULTS = ROOT / "tests" / "benchmark" / "results.json"

PRODUCT = ("ansible-core~=2.19.0", "requests")
TESTING = ("hypothesis", "pytest", "pytest-cov", "pytest-timeout", "pytest-xdist", "trustme")
ANSIBLE = (*PRODUCT, *TESTING)
CERTIFYING = ("darglint", "pylint", "ruff")
PUBLISHING = (
    *(*PRODUCT, *CERTIFYING),
    *("ansible-builder", "antsibull-changelog", "antsibull-docs", "galaxy-importer", "reuse"),
)
SITE = ("antsibull-docs", "furo", "myst-parser", "sphinx", "sphinx-copybutton")
REQUESTS_OLDEST = ("requests~=2.27.0", "urllib3<2")
OLDEST = ("ansible-core~=2.15.0", *REQUESTS_OLDEST, *TESTING)

# Supported versions of ansible-core: the requirement, and the Pythons that a controller may have.
CORES = {
    "2.16": ("~=2.16.0", ("3.10", "3.11", "3.12")),
    "2.17": ("~=2.17.0", ("3.10", "3.11", "3.12")),
    "2.18": ("~=2.18.0", ("3.11", "3.12", "3.13")),
    "2.19": ("~=2.19.0", ("3.11", "3.12", "3.13")),
    "2.20": ("~=2.20.0", ("3.12", "3.13", "3.14")),
    "2.21": ("~=2.21.0", ("3.12", "3.13", "3.14")),
    "2.22": (">=2.22.0b1,<2.23", ("3.13", "3.14", "3.15")),
}
CELLS = [f"{core}-{end}" for core in CORES for end in ("lowest", "highest")]
# The oldest and the newest ansible-rulebook: its requirement, the ansible-core beside it, and what can differ there.
RULEBOOKS = {
    "1.1": ("ansible-rulebook~=1.1.0", "2.16", "tests/eda/test_rulebook.py"),
    "newest": ("ansible-rulebook", "2.21", "tests/eda"),
}
ENDS = ("2.16-lowest", "2.21-highest", "2.22-highest")  # the oldest, the newest stable, the pre-release
MODULE_PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
# What can differ between versions of ansible-core and Python; the rest runs once.
CELL_SANITY = ("ansible-doc", "compile", "import", "runtime-metadata", "validate-modules")
CELL_TARGETS = ("connection", "faults")
CELL_UNITS = tuple(
    f"tests/unit/{place}"
    for place in (
        "scenarios",
        "plugins/action",
        "plugins/inventory",
        "plugins/modules",
        "plugins/plugin_utils",
        "plugins/module_utils/_ansible",
    )
)

LOG_LINES = 120  # of a target that failed
LONG = ("--timeout=600",)  # for tests that run whole playbooks

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "none"
nox.options.error_on_external_run = False
nox.options.sessions = ["lint", "units"]

built: list[Path] = []


# What sessions ask for


def environment(session: nox.Session, name: str, *requirements: str, python: str = sys.executable) -> Path:
    """Return the directory of the programs of a virtual environment, made anew where its requirements changed."""
    place = BUILD / "environments" / name
    stamp = place / "requirements.txt"
    wanted = "\n".join((python, *requirements)) + "\n"
    if not stamp.is_file() or stamp.read_text() != wanted:
        if not made_by_uv(session, place, requirements, python):
            session.run(python, "-m", "venv", "--clear", str(place))
            pip = (str(place / "bin" / "python"), "-m", "pip", "-qq", "--disable-pip-version-check")
            session.run(*pip, "install", *requirements)
        stamp.write_text(wanted)
    return place / "bin"


def made_by_uv(session: nox.Session, place: Path, requirements: Sequence[str], python: str) -> bool:
    """Make the virtual environment with uv, which takes a second; return False if it isn't there or fails."""
    uv = shutil.which(
        "uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    )
    if uv is None:
        return False
    pip = (sys.executable, "-m", "pip", "config", "get", "global.index-url")
    index = os.environ.get("PIP_INDEX_URL") or subprocess.run(pip, capture_output=True, check=False, text=True).stdout
    variables = {"UV_DEFAULT_INDEX": index.strip()} if index.strip() else {}  # uv doesn't read pip's settings
    try:
        session.run(uv, "venv", "--quiet", "--clear", "--seed", "--python", python, str(place), env=variables)
        into = ("--python", str(place / "bin" / "python"))
        session.run(uv, "pip", "install", "--quiet", *into, *requirements, env=variables)
    except nox.command.CommandFailed:
        session.warn("uv failed, so pip has a try")
        return False
    return True


def minor(version: str) -> int:
    """Return the second part of the version of a Python."""
    return int(version.split(".")[1])


def interpreter(version: str) -> str | None:
    """Return the path of that Python where it starts; pyenv has shims for Pythons that don't."""
    found = shutil.which(f"python{version}")
    if not found:
        return None
    answer = subprocess.run(
        [found, "-c", "import sys; print(sys.executable)"], capture_output=True, check=False, text=True
    )
    return answer.stdout.strip() or None


def sources() -> list[Path]:
    """Return the files of the checkout that are under version control or could be, relative to its root."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return [Path(name) for name in sorted(set(names)) if name and (ROOT / name).is_file()]


def tree() -> Path:
    """Bring the copy of the sources at ``ansible_collections/casework/cases`` up to date and return its root."""
    wanted = {COLLECTION / name: ROOT / name for name in sources()}
    for copy in COLLECTION.rglob("*"):
        if copy.is_file() and copy not in wanted and COLLECTION / "tests" / "output" not in copy.parents:
            copy.unlink()
    for copy, original in wanted.items():
        if not copy.exists() or copy.stat().st_mtime_ns != original.stat().st_mtime_ns:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(original, copy)
    return COLLECTION


def ansible_variables(tools: Path, collections: Path) -> dict[str, str]:
    """Return environment variables with which Ansible sees these programs and collections, not what the user has."""
    HOME.mkdir(parents=True, exist_ok=True)
    nothing = HOME / "ansible.cfg"
    nothing.touch()
    return {
        "HOME": str(HOME),
        "PATH": os.pathsep.join((str(tools), os.environ.get("PATH", os.defpath))),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(nothing),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        # Tools that ask git for their files must not find the checkout around the tree: it ignores all of .build.
        "GIT_CEILING_DIRECTORIES": str(BUILD),
    }


def artefact(session: nox.Session, tools: Path) -> tuple[Path, Path]:
    """Build the collection and install what was built; return the artefact and the collections path that it is in."""
    installed = BUILD / "installed"
    if not built:
        packages = BUILD / "packages"
        for stale in (packages, installed):
            shutil.rmtree(stale, ignore_errors=True)
        variables = ansible_variables(tools, installed)
        galaxy = (str(tools / "ansible-galaxy"), "collection")
        with session.chdir(tree()):
            session.run(*galaxy, "build", "--output-path", str(packages), env=variables)
        built.extend(packages.glob("*.tar.gz"))
        session.run(*galaxy, "install", "--collections-path", str(installed), str(built[0]), env=variables)
    return built[0], installed


@contextmanager
def reports_kept(name: str) -> Iterator[Path]:
    """Keep the JUnit reports that ansible-test writes into the tree meanwhile as the results of that name."""
    reports, kept = tree() / "tests" / "output" / "junit", RESULTS / name
    for place in (reports, kept):
        shutil.rmtree(place, ignore_errors=True)
    kept.mkdir(parents=True)
    try:
        yield kept
    finally:
        if reports.is_dir():
            shutil.copytree(reports, kept, dirs_exist_ok=True)


def environment_definitions() -> list[str]:
    """Return the definitions of execution and decision environments that the documentation shows."""
    block = re.compile(r"^( *)version: 3\n(?:\1[^`\n].*\n)+", re.MULTILINE)
    documents = (ROOT / "README.md", *sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst")))
    return [textwrap.dedent(found[0]) for document in documents for found in block.finditer(document.read_text())]


def event_plugins() -> dict[str, Path]:
    """Return the files of the plugins for Event-Driven Ansible in the copy of the sources, by name."""
    return {plugin.stem: plugin for plugin in tree().glob("extensions/eda/plugins/*/*.py")}


def with_event_plugins_as_modules(place: Path) -> Path:
    """Copy the sources, with the plugins for events as modules: antsibull-docs doesn't know kinds of their own."""
    copy = place / COLLECTION.relative_to(TREE)
    shutil.copytree(tree(), copy, ignore=shutil.ignore_patterns("output"))
    for name, plugin in event_plugins().items():
        begin = 'DOCUMENTATION = r"""\n'
        text = plugin.read_text().replace(begin, f"{begin}module: {name}\n", 1)
        (copy / "plugins" / "modules" / plugin.name).write_text(text)
    return place


@dataclass(frozen=True)
class Job:
    """A command in the copy of the sources, and its environment."""

    command: Sequence[str]
    variables: Mapping[str, str]


def side_by_side(session: nox.Session, name: str, jobs: Mapping[str, Job]) -> None:
    """Run jobs, as many at a time as there are processors; what they print goes to files, and is shown if they fail."""

    def run(title: str) -> bool:
        began = time.monotonic()
        with (results / f"{title}.log").open("w") as log:
            status = subprocess.run(
                jobs[title].command,
                cwd=COLLECTION,
                env={**os.environ, **jobs[title].variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        session.log(f"{title}: {'failed' if status else 'passed'} after {time.monotonic() - began:.0f} seconds")
        return status == 0

    with reports_kept(name) as results, ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        session.log(f"{name}: {', '.join(jobs)}")
        passed = dict(zip(jobs, workers.map(run, jobs), strict=True))
    failed = [title for title in jobs if not passed[title]]
    for title in failed:
        session.log(f"The end of {results / title}.log:")
        print(*(results / f"{title}.log").read_text().splitlines()[-LOG_LINES:], sep="\n")
    if failed:
        session.error(f"Failed: {', '.join(failed)}")


def ansible_test_variables(session: nox.Session, tools: Path, *pythons: str) -> dict[str, str]:
    """Return the environment variables of ansible-test, which then finds these Pythons by their names."""
    session.run(str(tools / "python"), str(ROOT / ".ci" / "bootstrap.py"), str(HOME))
    key = HOME / ".ansible" / "test" / "id_rsa"
    if not key.is_file():
        # ansible-test makes this key on first use: of two that start together, each would, and one would fail.
        key.parent.mkdir(parents=True, exist_ok=True)
        session.run("ssh-keygen", "-m", "PEM", "-q", "-t", "rsa", "-N", "", "-f", str(key))
    # It drops the variable that tells pyenv's shims which Python is meant, so the real ones must come first.
    places = (str(tools), *(str(Path(python).parent) for python in pythons), os.environ.get("PATH", os.defpath))
    return {
        **ansible_variables(tools, TREE),
        "PATH": os.pathsep.join(places),
        "ANSIBLE_TEST_CONTENT_ROOT": str(COLLECTION),  # else it would ask git for its files
    }


def sanity_command(tools: Path, *arguments: str) -> tuple[str, ...]:
    """Return the command of ansible-test sanity."""
    return (str(tools / "ansible-test"), "sanity", "--color", "no", "--junit", *arguments)


def integration_command(tools: Path, *arguments: str) -> tuple[str, ...]:
    """Return the command of ansible-test integration."""
    return (str(tools / "ansible-test"), "integration", "--color", "no", *arguments)


def integration_targets() -> list[str]:
    """Return the names of the targets, those with most to do first, so that none of these is left alone in the end."""
    targets = [file.parent for file in (tree() / "tests" / "integration" / "targets").glob("*/aliases")]
    visible = [target for target in targets if "hidden" not in (target / "aliases").read_text()]
    size = {target.name: sum(file.stat().st_size for file in target.rglob("*.yml")) for target in visible}
    return sorted(size, key=lambda name: (-size[name], name))


def note(cell: str, *columns: str) -> None:
    """Put a row into the table of the matrix, which is .build/matrix/README.md, and print it."""
    place = BUILD / "matrix"
    place.mkdir(exist_ok=True)
    (place / f"{cell}.row").write_text(f"| {' | '.join(columns)} |\n")
    rows = [file.read_text() for file in (place / f"{cell}.row" for cell in CELLS) if file.is_file()]
    heading = "| ansible-core | its Python | Python of modules | what | outcome | time |\n"
    table = heading + "| --- | --- | --- | --- | --- | --- |\n" + "".join(rows)
    (place / "README.md").write_text(table)
    print(table)


def pytest_job(name: str, tools: Path, *arguments: str, **variables: str) -> Job:
    """Return the job that runs pytest in the tree, and keeps its JUnit report as the result of that name."""
    command = (str(tools / "python"), "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={RESULTS / name}.xml")
    hypothesis = {"HYPOTHESIS_STORAGE_DIRECTORY": str(BUILD / "hypothesis")}
    return Job((*command, *arguments), {**ansible_variables(tools, TREE), **hypothesis, **variables})


def pytest(session: nox.Session, name: str, tools: Path, *arguments: str, **variables: str) -> None:
    """Run pytest in the tree, with what follows -- on the command line too."""
    job = pytest_job(name, tools, *arguments, *session.posargs, **variables)
    with session.chdir(tree()):
        session.run(*job.command, env=job.variables)


# Sessions


@nox.session(tags=["test"])
def lint(session: nox.Session) -> None:
    """Style and types; with --fix, repairs what can be repaired first."""
    tools = environment(
        session,
        "lint",
        *("ansible-lint", "import-linter", "mypy", "nox", "ruff", "yamllint", *TESTING),
        *("requests", "sphinx", "types-PyYAML", "types-docutils", "types-requests"),
    )
    ruff = str(tools / "ruff")
    if "--fix" in session.posargs:
        session.run(ruff, "check", "--fix", ".")
        session.run(ruff, "format", ".")
    session.run(ruff, "check", ".")
    session.run(ruff, "format", "--check", ".")
    session.run(str(tools / "yamllint"), "--strict", ".")
    session.run(str(tools / "ansible-lint"), env=ansible_variables(tools, TREE))
    # Where the collection and the simulator are packages; from elsewhere, mypy would see their files under two names.
    bases = {"MYPYPATH": os.pathsep.join((str(TREE), str(COLLECTION / "playbooks" / "files")))}
    tests = (f"tests/{name}" for name in ("benchmark", "examples", "galaxy", "integration", "molecule", "rig", "unit"))
    typed = ("docs", "extensions", "plugins", *tests, "playbooks/files/simulator", "conftest.py")
    own = ("noxfile.py", ".ci/bootstrap.py")
    mypy = (str(tools / "mypy"), "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(BUILD / "mypy"))
    tree()
    with session.chdir(TREE):
        session.run(
            str(tools / "lint-imports"), "--no-cache", str(ROOT / "pyproject.toml"), env={"PYTHONPATH": str(TREE)}
        )
        session.run(*mypy, *(str(COLLECTION / path) for path in typed), *(str(ROOT / name) for name in own), env=bases)


@nox.session(tags=["test"])
def units(session: nox.Session) -> None:
    """Unit tests with their coverage; what follows -- goes to pytest, and then coverage is not measured."""
    tools = environment(session, "ansible", *ANSIBLE)
    everything = () if session.posargs else ("--numprocesses=auto", "--cov", "--cov-report=term")
    pytest(session, "units", tools, *everything, COVERAGE_FILE=str(BUILD / "coverage"))


@nox.session(tags=["test"])
def oldest(session: nox.Session) -> None:
    """Unit tests on Python 3.9, the oldest of modules, with requests 2.27 and urllib3 1.26."""
    python = interpreter("3.9")
    if python is None:
        session.skip("Python 3.9 is not installed here")
    tools = environment(session, "oldest", *OLDEST, python=python)
    pytest(session, "units-oldest", tools, *(() if session.posargs else ("--numprocesses=auto",)))


@nox.session(tags=["test"])
def build(session: nox.Session) -> None:
    """Builds the collection and installs what was built."""
    artefact(session, environment(session, "ansible", *ANSIBLE))


@nox.session(tags=["test"])
def sanity(session: nox.Session) -> None:
    """ansible-test sanity, without an ignore file."""
    tools = environment(session, "ansible", *ANSIBLE)
    oldest = interpreter("3.9")
    variables = ansible_test_variables(session, tools, *filter(None, [sys.executable, oldest]))
    # Without a version, it would try every Python that it finds, pyenv's shims for absent ones included.
    own = ("--python", "{}.{}".format(*sys.version_info))
    if session.posargs:
        with session.chdir(tree()):
            session.run(*sanity_command(tools, *own, *session.posargs), env=variables)
        return
    parts: dict[str, tuple[str, ...]] = {
        "all-but-pylint": (*own, "--skip-test", "pylint"),
        "pylint": (*own, "--test", "pylint"),
    }
    if oldest:
        target = ("--python", "3.9", "--python-interpreter", oldest)
        parts["python-3.9"] = (*target, "--test", "compile", "--test", "import")
    jobs = {title: Job(sanity_command(tools, *arguments), variables) for title, arguments in parts.items()}
    side_by_side(session, "sanity", jobs)


@nox.session(tags=["test"])
def integration(session: nox.Session) -> None:
    """Integration targets against the simulator, over HTTP and TLS."""
    tools = environment(session, "ansible", *ANSIBLE)
    variables = ansible_test_variables(session, tools)
    targets = session.posargs or integration_targets()
    jobs = {target: Job(integration_command(tools, target), variables) for target in targets}
    side_by_side(session, "integration", jobs)


@nox.session(tags=["test"])
def examples(session: nox.Session) -> None:
    """Every module's examples, from the installed artefact and against the simulator."""
    tools = environment(session, "ansible", *ANSIBLE)
    _package, installed = artefact(session, tools)
    pytest(session, "examples", tools, *LONG, "tests/examples", CASEWORK_INSTALLED=str(installed))


@nox.session(tags=["test"])
def molecule(session: nox.Session) -> None:
    """The role's Molecule scenarios against the simulator."""
    tools = environment(session, "molecule", *ANSIBLE, "molecule")
    pytest(session, "molecule", tools, *LONG, "--numprocesses=auto", "tests/molecule")


@nox.session(tags=["test"])
def importer(session: nox.Session) -> None:
    """galaxy-importer on the built artefact; a warning fails."""
    package, _installed = artefact(session, environment(session, "ansible", *ANSIBLE))
    tools = environment(session, "publishing", *PUBLISHING)
    variables = ansible_variables(tools, BUILD / "installed")
    with session.chdir(BUILD):
        said = session.run(
            *(str(tools / "python"), "-m", "galaxy_importer.main", str(package)),
            env={**variables, "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true"},
            silent=True,
        )
    session.log(said)
    if re.search(r"^(WARNING|ERROR)", str(said), re.MULTILINE):
        session.error("galaxy-importer is not content; see above")


@nox.session(tags=["test"])
def publishing(session: nox.Session) -> None:
    """Changelog, documentation, licences, plugins for events; with --fix, brings the changelog up to date first."""
    tools = environment(session, "publishing", *PUBLISHING)
    variables = ansible_variables(tools, TREE)
    changelog = str(tools / "antsibull-changelog")
    with session.chdir(tree()):
        session.run(changelog, "lint")
        session.run(changelog, "lint-changelog-yaml", "--strict", "changelogs/changelog.yaml")
        session.run(changelog, "generate", "--reload-plugins", env=variables)
        for name in ("CHANGELOG.md", "CHANGELOG.rst", "changelogs/changelog.yaml"):
            if "--fix" in session.posargs:
                shutil.copyfile(COLLECTION / name, ROOT / name)
            if (COLLECTION / name).read_bytes() != (ROOT / name).read_bytes():
                session.error(f"{name} is out of date: run nox -s publishing -- --fix")
        session.run(
            *(str(tools / "antsibull-docs"), "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=all"),
            *("--disallow-unknown-collection-refs", "--check-extra-docs-refs", "."),
            # It makes a copy. Where it sees the original too, it takes the way from there into links, by a directory
            # whose random name, once in a while, ends in an underscore and so is a reference to nothing.
            env=ansible_variables(tools, HOME),
        )
    session.run(str(tools / "reuse"), "--root", str(ROOT), "lint", "--quiet")
    # As Ansible's certification checks plugins for Event-Driven Ansible: https://github.com/ansible/eda-partner-testing
    ignored = ("INP001,FA102,UP001,UP010,I001,FA100,PLR0913,E501", "R0801,E0401,C0103,R0913,R0902,R0903")
    with session.chdir(COLLECTION / "extensions" / "eda" / "plugins"):
        plugins = [str(file) for file in sorted(Path().glob("*/*.py"))]
        session.run(
            str(tools / "ruff"), "check", "--isolated", "--quiet", "--select=ALL", f"--ignore={ignored[0]}", "."
        )
        session.run(str(tools / "darglint"), "-s", "numpy", "-z", "full", *plugins)
        session.run(str(tools / "pylint"), f"--disable={ignored[1]}", "--score=n", *plugins)


@nox.session(name="execution-environment", tags=["test"])
def execution_environment(session: nox.Session) -> None:
    """Imports all of the artefact in an execution and in a decision environment, as far as it goes without containers.

    ansible-builder takes every definition of the documentation. What it then finds out within the container, it finds
    out here, and installs into environments that have nothing but what such an image begins with.
    """
    tools = environment(session, "publishing", *PUBLISHING)
    _package, installed = artefact(session, environment(session, "ansible", *ANSIBLE))
    context = BUILD / "context"
    for definition in environment_definitions():
        definition_file = BUILD / "execution-environment.yml"
        definition_file.write_text(definition)
        (BUILD / "requirements.yml").write_text("collections: [casework.cases]\n")
        shutil.rmtree(context, ignore_errors=True)
        session.run(str(tools / "ansible-builder"), "create", "-f", str(definition_file), "-c", str(context))
    needed = BUILD / "execution-environment.txt"
    introspect = (str(tools / "python"), str(context / "_build" / "scripts" / "introspect.py"), "introspect")
    session.run(*introspect, "--write-pip", str(needed), str(installed))
    requirements = [line.partition("#")[0].strip() for line in needed.read_text().splitlines()]
    content = installed / "ansible_collections" / "casework" / "cases"
    files = (file for place in ("plugins", "extensions") for file in (content / place).rglob("*.py"))
    modules = [".".join(file.relative_to(installed).with_suffix("").parts) for file in sorted(files)]
    importing = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    for name, begins_with in {"execution-environment": (), "decision-environment": RULEBOOKS["newest"][:1]}.items():
        image = environment(session, name, PRODUCT[0], *begins_with, *filter(None, requirements))
        session.run(str(image / "python"), "-m", "pip", "check")
        session.run(str(image / "python"), "-c", importing, *modules, env={"PYTHONPATH": str(installed)}, log=False)


@nox.session(tags=["test"])
def demo(session: nox.Session) -> None:
    """Runs the demo playbook from the built and installed collection."""
    tools = environment(session, "ansible", *ANSIBLE)
    _package, installed = artefact(session, tools)
    with session.chdir(HOME):
        session.run(
            *(str(tools / "ansible-playbook"), "casework.cases.demo", *session.posargs),
            env=ansible_variables(tools, installed),
        )


@nox.session(tags=["ends"])
@nox.parametrize("version", [nox.param(version, id=version) for version in RULEBOOKS])
def events(session: nox.Session, version: str) -> None:
    """Tests of the event source and the filter; with the oldest ansible-rulebook, those that run it. It needs Java."""
    requirement, core, place = RULEBOOKS[version]
    if version != "newest" and shutil.which("java") is None:
        session.skip("Everything that is tested with this ansible-rulebook runs it, which needs Java 17 or newer.")
    cores, supported = CORES[core]
    python = next(filter(None, map(interpreter, supported)), None)
    if python is None:
        session.skip(f"None of the Pythons of ansible-core {core} is installed here: {', '.join(supported)}")
    needed = (f"ansible-core{cores}", requirement, "requests", *TESTING)
    tools = environment(session, f"events-{version}", *needed, python=python)
    places = () if session.posargs else ("--numprocesses=auto", place)
    pytest(session, f"events-{version}", tools, *places, *LONG)


@nox.session
def demo_events(session: nox.Session) -> None:
    """Runs the demo of the rulebooks from the built and installed collection."""
    if shutil.which("java") is None:
        session.error("ansible-rulebook needs Java 17 or newer (on Debian: apt install openjdk-17-jre-headless).")
    tools = environment(session, "demo-events", *PRODUCT, RULEBOOKS["newest"][0])
    _package, installed = artefact(session, tools)
    with session.chdir(HOME):
        session.run(
            *(str(tools / "ansible-playbook"), "casework.cases.respond_demo", *session.posargs),
            env=ansible_variables(tools, installed),
        )


@nox.session(tags=["test"])
def galaxy(session: nox.Session) -> None:
    """Publishes the built collection to a local Galaxy server, installs it from there by name and runs the demo."""
    tools = environment(session, "ansible", *ANSIBLE)
    package, _installed = artefact(session, tools)
    pytest(session, "galaxy", tools, *LONG, "tests/galaxy", CASEWORK_PACKAGE=str(package))


@nox.session(tags=["test"])
def docs(session: nox.Session) -> None:
    """Builds the documentation site, without a warning; with --picture, makes the picture of a seeded run first."""
    tools = environment(session, "docs", *PRODUCT, *SITE)
    variables = ansible_variables(tools, tree().parents[2])
    place = BUILD / "docs"
    shutil.rmtree(place, ignore_errors=True)
    pages, site = place / "pages", place / "site"
    pages.mkdir(mode=0o700, parents=True)
    if "--picture" in session.posargs:
        output = place / "demo.txt"
        with output.open("w") as stream:
            colours = {**variables, "ANSIBLE_NOCOLOR": "false", "ANSIBLE_FORCE_COLOR": "true"}
            session.run(str(tools / "ansible-playbook"), "casework.cases.demo", env=colours, stdout=stream)
        picture = ROOT / "docs" / "images" / "seeded-run.svg"
        session.run(str(tools / "python"), str(ROOT / "docs" / "picture.py"), str(output), str(picture))
    session.run(
        *(str(tools / "antsibull-docs"), "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"),
        *("--no-add-antsibull-docs-version", "--dest-dir", str(pages), "casework.cases"),
        env=ansible_variables(tools, with_event_plugins_as_modules(place / "tree")),
    )
    for name in event_plugins():
        (pages / f"{name}_module.rst").rename(pages / f"{name}.rst")
    shutil.copytree(ROOT / "docs" / "site", pages, dirs_exist_ok=True)  # the home page, for the one that was written
    shutil.copyfile(ROOT / "roles" / "case_buttons" / "README.md", pages / "role.md")
    shutil.copytree(ROOT / "docs" / "images", pages / "images")
    sphinx = (str(tools / "sphinx-build"), "-q", "-W", "--keep-going")
    session.run(*sphinx, "-c", str(ROOT / "docs"), str(pages), str(site), env=variables)
    session.log(f"The site begins with {site / 'index.html'}")


@nox.session
@nox.parametrize("cell", [nox.param(cell, id=cell, tags=["ends"] if cell in ENDS else []) for cell in CELLS])
def matrix(session: nox.Session, cell: str) -> None:
    """Unit tests, sanity, connections, faults and demo on one ansible-core, on its lowest or highest Python."""
    core, end = cell.split("-")
    requirement, supported = CORES[core]
    here = {version: path for version in supported if (path := interpreter(version))}
    if len(here) <= (end == "highest"):
        session.skip(f"No further Python of ansible-core {core} is installed here: {', '.join(here) or 'none at all'}")
    controller = list(here)[-1 if end == "highest" else 0]
    tools = environment(
        session, f"core-{cell}", f"ansible-core{requirement}", "requests", *TESTING, python=here[controller]
    )
    variables = ansible_test_variables(session, tools, here[controller])
    # Modules run on each of their Pythons in turn.
    others = [version for version in MODULE_PYTHONS if interpreter(version) and minor(version) <= minor(supported[-1])]
    other = others[CELLS.index(cell) % len(others)]
    requests = REQUESTS_OLDEST if other == MODULE_PYTHONS[0] else ("requests",)
    modules = environment(session, f"modules-{other}", *requests, python=str(interpreter(other)))
    on = (f"--controller=origin:python={controller}", f"--target=controller:python={other}@{modules / 'python'}")
    tests = (word for test in CELL_SANITY for word in ("--test", test))
    jobs = {
        "units": pytest_job(f"units-{cell}", tools, *CELL_UNITS),
        "sanity": Job(sanity_command(tools, "--python", controller, *tests), variables),
        **{target: Job(integration_command(tools, *on, target), variables) for target in CELL_TARGETS},
        "demo": Job((str(tools / "ansible-playbook"), "casework.cases.demo"), ansible_variables(tools, TREE)),
    }
    release = (str(tools / "python"), "-c", "from ansible.release import __version__; print(__version__, end='')")
    began = time.monotonic()
    outcome = "failed"
    try:
        side_by_side(session, f"matrix-{cell}", jobs)
        outcome = "passed"
    finally:
        time_taken = f"{time.monotonic() - began:.0f} s"
        note(cell, str(session.run(*release, silent=True)), controller, other, ", ".join(jobs), outcome, time_taken)


@nox.session
def bench(session: nox.Session) -> None:
    """Measures every way to seed buttons, side by side; with --only ROWS, some; with --quick, sees that it works."""
    tools = environment(session, "ansible", *ANSIBLE)
    tree()
    session.run(
        *(str(tools / "python"), "-m", f"{BENCHMARK}.bench", "--results", str(BENCHMARK_RESULTS), *session.posargs),
        env={**ansible_variables(tools, TREE), "PYTHONPATH": str(TREE)},
    )


@nox.session(name="bench-report")
def bench_report(session: nox.Session) -> None:
    """Writes the results of the benchmark into its tables, the guide and the chart."""
    tools = environment(session, "report", "matplotlib")
    tree()
    session.run(
        *(str(tools / "python"), "-m", f"{BENCHMARK}.report", str(BENCHMARK_RESULTS)),
        *("--markdown", str(BENCHMARK_RESULTS.with_suffix(".md"))),
        *("--guide", str(ROOT / "docs" / "docsite" / "rst" / "guide_scale.rst")),
        *("--chart", str(ROOT / "docs" / "images" / "scale.svg")),
        env={"PYTHONPATH": str(TREE)},
    )


@nox.session
def release(session: nox.Session) -> None:
    """Publishes the version that follows -- to the server that ansible-galaxy's environment variables name."""
    (version,) = session.posargs
    latest = re.search(r"^## v(.*)$", (ROOT / "CHANGELOG.md").read_text().replace("\\", ""), re.MULTILINE)
    if not latest or latest[1] != version:
        session.error(f"The latest version in CHANGELOG.md is not {version}")
    tools = environment(session, "publishing", *PUBLISHING)
    notes = BUILD / "release-notes.md"
    with session.chdir(tree()):
        its_own = ("generate", "--only-latest", "--output-format", "md", "--output", str(notes))
        session.run(str(tools / "antsibull-changelog"), *its_own, env=ansible_variables(tools, TREE))
    package, _installed = artefact(session, tools)
    if package.name != f"casework-cases-{version}.tar.gz":
        session.error(f"The version in galaxy.yml is not {version}: {package.name} was built")
    session.run(str(tools / "ansible-galaxy"), "collection", "publish", str(package))
