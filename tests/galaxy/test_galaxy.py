# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection is published to a Galaxy server and installed from there, as its users install it.

The environment variable ``CASEWORK_PACKAGE`` names the built artefact. The server speaks what ``ansible-galaxy`` uses
of version 3 of the Galaxy API, and lives in this process.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

PACKAGE = Path(os.environ["CASEWORK_PACKAGE"])
METADATA = yaml.safe_load((Path(__file__).parents[2] / "galaxy.yml").read_text(encoding="utf-8"))
COLLECTION = f"{METADATA['namespace']}.{METADATA['name']}"
VERSION = METADATA["version"]
TOKEN = "galaxy-token"
V3 = "/api/v3"
RUN_SECONDS = 300


@dataclass(frozen=True)
class Artefact:
    """A published artefact, with what its own manifest says of it."""

    content: bytes
    info: dict[str, Any]

    @property
    def file_name(self) -> str:
        return "{namespace}-{name}-{version}.tar.gz".format(**self.info)

    @property
    def address(self) -> str:
        return f"{V3}/collections/" + "{namespace}/{name}/".format(**self.info)

    def description(self) -> dict[str, Any]:
        return {
            "href": f"{self.address}versions/{self.info['version']}/",
            "namespace": {"name": self.info["namespace"]},
            "collection": {"name": self.info["name"]},
            "version": self.info["version"],
            "download_url": f"{V3}/artifacts/collections/{self.file_name}",
            "artifact": {"sha256": hashlib.sha256(self.content).hexdigest(), "filename": self.file_name},
            "metadata": {"dependencies": self.info["dependencies"]},
            "signatures": [],
        }


class Galaxy(ThreadingHTTPServer):
    """A Galaxy server; `published` is all that it knows."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.published: list[Artefact] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/"

    def publish(self, content_type: str, body: bytes) -> dict[str, str] | None:
        """Take the form of an upload; None where it is not what it says."""
        form = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
        parts = {part.get_param("name", header="Content-Disposition"): part for part in form.walk()}
        content, digest = (parts[name].get_payload(decode=True) for name in ("file", "sha256"))
        assert isinstance(content, bytes)
        assert isinstance(digest, bytes)
        if hashlib.sha256(content).hexdigest() != digest.decode().strip():
            return None
        with tarfile.open(fileobj=BytesIO(content)) as package:
            manifest = package.extractfile("MANIFEST.json")
            assert manifest
            self.published.append(Artefact(content, json.load(manifest)["collection_info"]))
        return {"task": f"{V3}/imports/collections/{len(self.published)}/"}

    def find(self, path: str) -> Any:
        """Give what stands at a path; None where nothing does."""
        if path == "/api/":
            return {"available_versions": {"v3": "v3/"}}
        if path.startswith(f"{V3}/imports/collections/"):
            return {"state": "completed", "finished_at": "2026-01-01T00:00:00Z", "messages": []}
        moment = "2026-01-01T00:00:00Z"
        for artefact in self.published:
            described = artefact.description()
            known = {
                artefact.address: {"created_at": moment, "updated_at": moment},
                f"{artefact.address}versions/": {"data": [{"version": described["version"]}], "links": {"next": None}},
                described["href"]: described,
                described["download_url"]: artefact.content,
            }
            if path in known:
                return known[path]
        return None


class Handler(BaseHTTPRequestHandler):
    server: Galaxy

    def do_GET(self) -> None:
        found = self.server.find(self.path.partition("?")[0])
        self.answer(404 if found is None else 200, found)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Authorization"] != f"Token {TOKEN}":
            self.answer(401, {"errors": [{"detail": "Invalid token."}]})
        else:
            task = self.server.publish(self.headers["Content-Type"], body)
            self.answer(202 if task else 400, task)

    def answer(self, status: int, body: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if content is not body else "application/gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Be quiet."""


def run(collections: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command that knows no collections but those in one place, and no other run's cache."""
    with TemporaryDirectory() as cache:
        variables = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_GALAXY_CACHE_DIR": cache, "PYTHONPATH": ""}
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_SECONDS,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
        )


def succeed(collections: Path, *command: str) -> str:
    done = run(collections, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def galaxy_command(verb: str, galaxy: Galaxy, *arguments: str) -> tuple[str, ...]:
    return ("ansible-galaxy", "collection", verb, "--server", galaxy.url, *arguments)


@pytest.fixture(scope="module")
def galaxy() -> Iterator[Galaxy]:
    with Galaxy() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def published(galaxy: Galaxy, tmp_path_factory: pytest.TempPathFactory) -> Galaxy:
    """A server that has the artefact."""
    nothing = tmp_path_factory.mktemp("nothing")
    succeed(nothing, *galaxy_command("publish", galaxy, "--token", TOKEN, str(PACKAGE)))
    return galaxy


@pytest.fixture(scope="module")
def installed(published: Galaxy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collections path with nothing but what was installed by name and version."""
    place = tmp_path_factory.mktemp("collections")
    succeed(place, *galaxy_command("install", published, "--collections-path", str(place), f"{COLLECTION}:{VERSION}"))
    return place


def test_publishing_needs_the_token(galaxy: Galaxy, tmp_path: Path) -> None:
    refused = run(tmp_path, *galaxy_command("publish", galaxy, "--token", "no", str(PACKAGE)))
    assert refused.returncode
    assert "Invalid token" in refused.stdout + refused.stderr


def test_the_artefact_is_published_as_it_is(published: Galaxy) -> None:
    assert [artefact.content for artefact in published.published] == [PACKAGE.read_bytes()]


def test_it_is_installed_by_name_and_version(installed: Path) -> None:
    listed = json.loads(succeed(installed, "ansible-galaxy", "collection", "list", "--format", "json"))
    assert listed[str(installed / "ansible_collections")] == {COLLECTION: {"version": VERSION}}


def test_what_is_installed_is_what_was_published(published: Galaxy, installed: Path) -> None:
    assert "Successfully verified" in succeed(installed, *galaxy_command("verify", published, COLLECTION))


def test_it_is_installed_by_a_requirements_file(published: Galaxy, tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.yml"
    requirements.write_text(f"collections:\n  - name: {COLLECTION}\n    version: '>={VERSION}'\n", encoding="utf-8")
    succeed(tmp_path, *galaxy_command("install", published, "-r", str(requirements), "-p", str(tmp_path)))
    assert (tmp_path / "ansible_collections" / METADATA["namespace"] / METADATA["name"] / "MANIFEST.json").is_file()


def test_the_demo_runs_from_there(installed: Path) -> None:
    assert "failed=0" in succeed(installed, "ansible-playbook", f"{COLLECTION}.demo")


def test_its_documentation_is_readable_from_there(installed: Path) -> None:
    names = json.loads(succeed(installed, "ansible-doc", "--list", "--json", COLLECTION))
    modules = (Path(__file__).parents[2] / "plugins" / "modules").glob("*.py")
    assert sorted(names) == sorted(f"{COLLECTION}.{file.stem}" for file in modules)
