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
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import nox

ROOT = Path(__file__).parent
BUILD = ROOT / ".build"
HOME = BUILD / "home"
RESULTS = BUILD / "results"
TREE = BUILD / "tree"
COLLECTION = TREE / "ansible_collections" / "casework" / "cases"
BENCHMARK = "ansible_collections.casework.cases.tests.benchmark"

ANSIBLE = ("ansible-core~=2.19.0", "requests", "pytest", "hypothesis", "trustme")
PUBLISHING = (*ANSIBLE[:2], "ansible-builder", "antsibull-changelog", "antsibull-docs", "galaxy-importer", "reuse")
REQUESTS_OLDEST = ("requests~=2.27.0", "urllib3<2")
OLDEST = ("ansible-core~=2.15.0", *REQUESTS_OLDEST, "pytest", "hypothesis", "trustme")

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
ENDS = ("2.16-lowest", "2.21-highest", "2.22-lowest")  # the oldest, the newest stable, the pre-release
# Sanity tests of which ansible-test takes a part from outside of package indexes: a closed network does not reach it.
OUT_OF_REACH = {"2.22": ("pylint",)}
MODULE_PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")

LOG_LINES = 120  # of a target that failed

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
        session.run(python, "-m", "venv", "--clear", str(place))
        pip = (str(place / "bin" / "python"), "-m", "pip", "-qq", "--disable-pip-version-check")
        session.run(*pip, "install", *requirements)
        stamp.write_text(wanted)
    return place / "bin"


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


def ansible_test_variables(tools: Path) -> dict[str, str]:
    """Return the environment variables of ansible-test; without the content root, it would ask git for its files."""
    return {**ansible_variables(tools, TREE), "ANSIBLE_TEST_CONTENT_ROOT": str(COLLECTION)}


def sanity_tests(session: nox.Session, name: str, tools: Path, *arguments: str, python: str = sys.executable) -> None:
    """Run ansible-test sanity in the tree, where it finds that Python by its name."""
    session.run(str(tools / "python"), "tests/rig/bootstrap.py", str(HOME))
    variables = ansible_test_variables(tools)
    # ansible-test drops the variable that tells pyenv's shims which Python is meant, so the real one must come first.
    variables["PATH"] = os.pathsep.join((str(tools), str(Path(python).parent), os.environ.get("PATH", os.defpath)))
    with reports_kept(name), session.chdir(COLLECTION):
        command = (str(tools / "ansible-test"), "sanity", "--color", "no", "--junit")
        session.run(*command, *arguments, env=variables)


def integration_targets() -> list[str]:
    """Return the names of the targets, those with most to do first, so that none of these is left alone in the end."""
    targets = [file.parent for file in (tree() / "tests" / "integration" / "targets").glob("*/aliases")]
    visible = [target for target in targets if "hidden" not in (target / "aliases").read_text()]
    size = {target.name: sum(file.stat().st_size for file in target.rglob("*.yml")) for target in visible}
    return sorted(size, key=lambda name: (-size[name], name))


def integration_tests(session: nox.Session, name: str, tools: Path, targets: Mapping[str, Sequence[str]]) -> None:
    """Run integration targets, each with its options, as many side by side as there are processors.

    What they print goes to files.
    """
    command = (str(tools / "ansible-test"), "integration", "--color", "no")
    variables = {**os.environ, **ansible_test_variables(tools)}
    key = HOME / ".ansible" / "test" / "id_rsa"
    if not key.is_file():
        # ansible-test makes this key on first use: of two that start together, each would, and one would fail.
        key.parent.mkdir(parents=True, exist_ok=True)
        session.run("ssh-keygen", "-m", "PEM", "-q", "-t", "rsa", "-N", "", "-f", str(key))

    def run(target: str) -> bool:
        began = time.monotonic()
        with (results / f"{target}.log").open("w") as log:
            status = subprocess.run(
                (*command, *targets[target], target),
                cwd=COLLECTION,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        session.log(f"{target}: {'failed' if status else 'passed'} after {time.monotonic() - began:.0f} seconds")
        return status == 0

    with reports_kept(name) as results, ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        session.log(f"{name}: {', '.join(targets)}")
        passed = dict(zip(targets, workers.map(run, targets), strict=True))
    failed = [target for target in targets if not passed[target]]
    for target in failed:
        session.log(f"The end of {results / target}.log:")
        print(*(results / f"{target}.log").read_text().splitlines()[-LOG_LINES:], sep="\n")
    if failed:
        session.error(f"Integration targets failed: {', '.join(failed)}")


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


def pytest(session: nox.Session, name: str, tools: Path, *arguments: str, **variables: str) -> None:
    """Run pytest in the tree and keep its JUnit report as the result of that name."""
    root = tree()
    with session.chdir(root):
        session.run(
            str(tools / "python"),
            *("-m", "pytest", "-p", "no:cacheprovider", "--import-mode=importlib"),
            f"--junitxml={RESULTS / name}.xml",
            *arguments,
            *session.posargs,
            env={
                **ansible_variables(tools, TREE),
                "PYTHONPATH": str(TREE),
                "HYPOTHESIS_STORAGE_DIRECTORY": str(BUILD / "hypothesis"),
                **variables,
            },
        )


# Sessions


@nox.session(tags=["test"])
def lint(session: nox.Session) -> None:
    """Style and types; with --fix, repairs what can be repaired first."""
    tools = environment(
        session,
        "lint",
        *("ansible-lint", "hypothesis", "mypy", "nox", "pytest", "requests", "ruff", "trustme", "yamllint"),
        *("sphinx", "types-PyYAML", "types-docutils", "types-requests"),
    )
    ruff = str(tools / "ruff")
    if "--fix" in session.posargs:
        session.run(ruff, "check", "--fix", ".")
        session.run(ruff, "format", ".")
    session.run(ruff, "check", ".")
    session.run(ruff, "format", "--check", ".")
    session.run(str(tools / "yamllint"), "--strict", ".")
    variables = ansible_variables(tools, TREE)
    shutil.rmtree(COLLECTION / "tests" / "output", ignore_errors=True)  # what a test run that was ended left behind
    with session.chdir(tree()):
        session.run(str(tools / "ansible-lint"), env=variables)
    # Where the collection and the simulator are packages; from elsewhere, mypy would see their files under two names.
    bases = {"MYPYPATH": os.pathsep.join((str(TREE), str(COLLECTION / "playbooks" / "files")))}
    tests = (f"tests/{name}" for name in ("benchmark", "examples", "galaxy", "integration", "molecule", "rig", "unit"))
    typed = ("docs", "plugins", *tests, "playbooks/files/simulator")
    mypy = (str(tools / "mypy"), "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(BUILD / "mypy"))
    with session.chdir(TREE):
        session.run(*mypy, *(str(COLLECTION / path) for path in typed), str(ROOT / "noxfile.py"), env=bases)


@nox.session(tags=["test"])
@nox.parametrize("version", ["default", "3.9", "3.13"], ids=["default", "3.9", "3.13"])
def units(session: nox.Session, version: str) -> None:
    """Unit tests; on Python 3.9 with requests 2.27 and urllib3 1.26, and on Python 3.13 too, where these are there."""
    if version == "default":
        pytest(session, "units", environment(session, "ansible", *ANSIBLE), "tests/unit")
        return
    python = interpreter(version)
    if python is None:
        session.skip(f"Python {version} is not installed here")
    requirements = OLDEST if version == "3.9" else ANSIBLE
    tools = environment(session, version, *requirements, python=python)
    pytest(session, f"units-{version}", tools, "tests/unit")


@nox.session(tags=["test"])
def build(session: nox.Session) -> None:
    """Builds the collection and installs what was built."""
    artefact(session, environment(session, "ansible", *ANSIBLE))


@nox.session(tags=["test"])
def sanity(session: nox.Session) -> None:
    """ansible-test sanity, without an ignore file."""
    tools = environment(session, "ansible", *ANSIBLE)
    # Without a version, it would try every Python that it finds, pyenv's shims for absent ones included.
    sanity_tests(session, "sanity", tools, "--python", "{}.{}".format(*sys.version_info), *session.posargs)
    oldest = interpreter("3.9")
    if oldest and not session.posargs:
        target = ("--python", "3.9", "--python-interpreter", oldest)
        sanity_tests(session, "sanity-3.9", tools, *target, "--test", "compile", "--test", "import", python=oldest)


@nox.session(tags=["test"])
def integration(session: nox.Session) -> None:
    """Integration targets against the simulator, over HTTP and TLS."""
    tools = environment(session, "ansible", *ANSIBLE)
    integration_tests(session, "integration", tools, dict.fromkeys(session.posargs or integration_targets(), ()))


@nox.session(tags=["test"])
def examples(session: nox.Session) -> None:
    """Every module's examples, from the installed artefact and against the simulator."""
    tools = environment(session, "ansible", *ANSIBLE)
    _package, installed = artefact(session, tools)
    pytest(session, "examples", tools, "tests/examples", CASEWORK_INSTALLED=str(installed))


@nox.session(tags=["test"])
def molecule(session: nox.Session) -> None:
    """The role's Molecule scenarios against the simulator."""
    pytest(session, "molecule", environment(session, "molecule", *ANSIBLE, "molecule"), "tests/molecule")


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
    """Changelog, documentation, licences, execution environment; with --fix, brings the changelog up to date first."""
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
        session.run(str(tools / "ansible-builder"), "introspect", "--sanitize", str(TREE), env=variables)
    session.run(str(tools / "reuse"), "--root", str(ROOT), "lint", "--quiet")


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


@nox.session(tags=["test"])
def galaxy(session: nox.Session) -> None:
    """Publishes the built collection to a local Galaxy server, installs it from there by name and runs the demo."""
    tools = environment(session, "ansible", *ANSIBLE)
    package, _installed = artefact(session, tools)
    pytest(session, "galaxy", tools, "tests/galaxy", CASEWORK_PACKAGE=str(package))


@nox.session(tags=["test"])
def docs(session: nox.Session) -> None:
    """Builds the documentation site, without a warning; with --picture, makes the picture of a seeded run first."""
    tools = environment(session, "docs", *ANSIBLE[:2], "antsibull-docs", "furo", "sphinx")
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
        env=variables,
    )
    shutil.copytree(ROOT / "docs" / "images", pages / "images")
    sphinx = (str(tools / "sphinx-build"), "-q", "-W", "--keep-going")
    session.run(*sphinx, "-c", str(ROOT / "docs"), str(pages), str(site), env=variables)
    session.log(f"The site begins with {site / 'index.html'}")


@nox.session
@nox.parametrize("cell", [nox.param(cell, id=cell, tags=["ends"] if cell in ENDS else []) for cell in CELLS])
def matrix(session: nox.Session, cell: str) -> None:
    """Integration targets and demo on one ansible-core, on its lowest or highest Python; on the lowest, sanity too."""
    core, end = cell.split("-")
    requirement, supported = CORES[core]
    targeted = [version for version in MODULE_PYTHONS if int(version[2:]) <= int(supported[-1][2:])]
    pythons = {version: path for version in {*supported, *targeted} if (path := interpreter(version))}
    missing = sorted({supported[0], *targeted} - pythons.keys())
    if missing:
        (session.error if os.environ.get("CI") else session.warn)(f"Not installed here: Python {', '.join(missing)}")
    here = [version for version in supported if version in pythons]
    if len(here) <= (end == "highest"):
        session.skip(f"No further Python of ansible-core {core} is installed here: {', '.join(here) or 'none at all'}")
    controller = here[-1 if end == "highest" else 0]
    needed = (f"ansible-core{requirement}", "requests", "trustme")
    tools = environment(session, f"core-{cell}", *needed, python=pythons[controller])
    targets = session.posargs or integration_targets()
    modules = [version for version in targeted if version in pythons]
    # Targets take turns with the Pythons of modules, in another way in each cell.
    of_target = {
        target: modules[(place + CELLS.index(cell)) % len(modules)] for place, target in enumerate(sorted(targets))
    }
    used = sorted({*of_target.values()}, key=modules.index)
    oldest = MODULE_PYTHONS[0]
    interpreters = {
        version: environment(
            *(session, f"modules-{version}", *(REQUESTS_OLDEST if version == oldest else ["requests"])),
            python=pythons[version],
        )
        for version in used
    }
    what = f"{len(targets)} targets, demo"
    if end == "lowest" and not session.posargs:
        what = " without ".join((f"{what}, sanity", *OUT_OF_REACH.get(core, ())))
    options = {
        target: (
            f"--controller=origin:python={controller}",
            f"--target=controller:python={of_target[target]}@{interpreters[of_target[target]] / 'python'}",
        )
        for target in targets
    }
    began = time.monotonic()
    outcome = "failed"
    try:
        integration_tests(session, f"matrix-{cell}", tools, options)
        with session.chdir(HOME):
            demo = (str(tools / "ansible-playbook"), "casework.cases.demo")
            session.run(*demo, env=ansible_variables(tools, TREE))
        if end == "lowest" and not session.posargs:
            left_out = (word for test in OUT_OF_REACH.get(core, ()) for word in ("--skip-test", test))
            sanity_tests(
                session, f"sanity-{core}", tools, "--python", controller, *left_out, python=pythons[controller]
            )
        outcome = "passed"
    finally:
        seconds = round(time.monotonic() - began)
        release = (str(tools / "python"), "-c", "from ansible.release import __version__; print(__version__, end='')")
        columns = (str(session.run(*release, silent=True)), controller, ", ".join(used), what)
        note(cell, *columns, outcome, f"{seconds} s")


@nox.session
def bench(session: nox.Session) -> None:
    """Measures every way to seed buttons, side by side; with --quick, sees that it works."""
    tools = environment(session, "ansible", *ANSIBLE)
    tree()
    session.run(
        *(str(tools / "python"), "-m", f"{BENCHMARK}.bench", "--results", str(BUILD / "bench"), *session.posargs),
        env={**ansible_variables(tools, TREE), "PYTHONPATH": str(TREE)},
    )


@nox.session(name="bench-report")
def bench_report(session: nox.Session) -> None:
    """Puts the last results of the benchmark into the documentation, with a chart."""
    tools = environment(session, "report", "matplotlib")
    tree()
    results = ROOT / "tests" / "benchmark" / "results.json"
    shutil.copyfile(BUILD / "bench" / "results.json", results)
    session.run(
        *(str(tools / "python"), "-m", f"{BENCHMARK}.report", str(results)),
        *("--markdown", str(results.with_suffix(".md"))),
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
