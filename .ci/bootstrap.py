# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepare a home directory in which ansible-test can make its environments wherever a package index is reachable.

``python bootstrap.py HOME`` writes two things into it:

- pip's settings. ansible-test passes on HOME and drops pip's own environment variables, so that what they say, and
  what the user's own files say, has to stand in a file.
- where its download fails, a stand-in for the script with which ansible-test brings pip into a virtual environment. It
  comes from a host that a closed network does not reach, whatever package index it has. The interpreter brings a pip,
  or else the one beside this script's interpreter installs another.
"""

from __future__ import annotations

import ast
import configparser
import os
import re
import subprocess
import sys
import urllib.request
from importlib.util import find_spec
from pathlib import Path

PROBE_SECONDS = 5

# Runs by way of ansible-test's wrapper around pip. ensurepip and pip go to processes of their own, since the wrapper
# has patched this one, and since ensurepip leaves another pip imported than the one that is to be used.
STAND_IN = f"""\
import os
import subprocess
import sys

options = [option for option in sys.argv[1:] if option not in ("--no-setuptools", "--no-wheel")]
environment = {{name: value for name, value in os.environ.items() if name != "GET_PIP"}}
pip = [sys.executable, "-m", "pip"]
if subprocess.run([sys.executable, "-m", "ensurepip", "--default-pip"], env=environment).returncode:
    pip = [{sys.executable!r}, "-m", "pip", "--python", sys.executable]
subprocess.run(pip + ["install"] + options, env=environment, check=True)
"""


def pip_settings() -> configparser.RawConfigParser:
    """Return what pip takes from its files and from the environment, the environment winning, as it does in pip."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    settings = configparser.RawConfigParser()
    settings.add_section("global")
    lines = listing.splitlines()
    for line in sorted(lines, key=lambda line: line.startswith(":env:")):
        key, _equals, value = line.partition("=")
        section, _dot, option = key.replace(":env:", "global").partition(".")
        if option == "config-file":
            continue
        if not settings.has_section(section):
            settings.add_section(section)
        settings.set(section, option, str(ast.literal_eval(value)))
    bundles = [os.environ[name] for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE") if os.environ.get(name)]
    if bundles and not settings.has_option("global", "cert"):
        settings.set("global", "cert", bundles[0])
    settings.set("global", "quiet", "2")
    return settings


def reachable(url: str) -> bool:
    """Tell whether the URL answers quickly enough to be worth a try by ansible-test itself."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=PROBE_SECONDS):
            return True
    except OSError:
        return False


def main(home: Path) -> None:
    config = home / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    with config.open("w", encoding="utf-8") as stream:
        pip_settings().write(stream)

    spec = find_spec("ansible_test")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("ansible-test is not installed beside this interpreter.")
    ansible_test = Path(spec.submodule_search_locations[0])
    source = (ansible_test / "_util" / "target" / "setup" / "requirements.py").read_text(encoding="utf-8")
    address = re.search(r"https://\S+get-pip-%s\.py", source)
    versions = (ansible_test / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
    if address is None:
        sys.exit("ansible-test no longer says where it downloads pip's bootstrap script from.")
    for version in sorted(set(re.findall(r"\bpip=['\"]([\d.]+)['\"]", versions))):
        cached = home / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
        if not cached.exists() and not reachable(address.group() % version):
            print(f"No download of pip {version} for ansible-test from here: {cached} stands in for it.")
            cached.parent.mkdir(parents=True, exist_ok=True)
            cached.write_text(STAND_IN, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
