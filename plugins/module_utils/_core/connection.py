# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""From options to a connection: what a module, an inventory and an event source have in common."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from .errors import OptionError
from .http_client import Http
from .limits import MAX_CONNECTIONS, MAX_TIMEOUT
from .redaction import redact
from .transport import Transport, TransportSettings, ca_bundle, environment_proxies

ClientT = TypeVar("ClientT")


@dataclass(frozen=True)
class Vendor(Generic[ClientT]):
    """A vendor's API: the option and the environment variables that lead to it, and the class that speaks it.

    hints: what to do about a status. refused_paths: segments of the paths of web pages and of the API, which users
    paste.
    """

    url_option: str
    url_env: str
    key_env: str
    hints: Mapping[int, str]
    client: Callable[[Http], ClientT]
    refused_paths: Collection[str] = ()


def connect(
    vendor: Vendor[Any],
    options: Mapping[str, Any],
    *,
    connections: int = 1,
    read_only: bool = False,
    transports: Callable[[TransportSettings, str], Transport] | None = None,
) -> Http:
    """The way to the server that the connection options name. Raises `OptionError`; sends nothing.

    options: `tenant` or `api_url`, `api_key`, `validate_certs`, `ca_path`, `timeout`, `retries`; what is missing has
    its default. transports: gives connections that are open already, for settings and a key.
    """
    address, key = address_and_key(vendor, options)
    if not key.isascii() or not key.isprintable() or " " in key or key[0] in "\"'":
        raise OptionError(
            f"api_key (or the environment variable {vendor.key_env}) contains spaces, line breaks, quotes or non-ASCII "
            "characters. Leave out quotes and 'Bearer'."
        )
    timeout, retries = float(options.get("timeout", 30.0)), int(options.get("retries", 5))
    if not 0 < timeout <= MAX_TIMEOUT:
        raise OptionError("timeout must be more than 0 and at most 86400 seconds, a day.")
    if retries < 0:
        raise OptionError("retries must be 0 or more.")
    if not 1 <= connections <= MAX_CONNECTIONS:
        raise OptionError(f"concurrency must be from 1 to {MAX_CONNECTIONS}.")
    base = parse_base_url(address, vendor.url_option, vendor.url_env, vendor.refused_paths)
    settings = transport_settings(base, options, connections)
    transport = transports(settings, key) if transports else Transport(settings)
    return Http(transport, key, hints=vendor.hints, timeout=timeout, retries=retries, read_only=read_only)


def transport_settings(base: str, options: Mapping[str, Any], connections: int) -> TransportSettings:
    """How the server at that URL is reached. Raises `OptionError`."""
    parts = urlsplit(base)
    validate_certs, ca_path = options.get("validate_certs", True), options.get("ca_path")
    needs_bundle = ca_path or (parts.scheme == "https" and validate_certs)
    return TransportSettings(
        base,
        validate_certs=validate_certs,
        ca_bundle=ca_bundle(ca_path) if needs_bundle else None,
        proxies=() if is_loopback(parts.hostname or "") else environment_proxies(base),
        connections=connections,
    )


def address_and_key(vendor: Vendor[Any], options: Mapping[str, Any]) -> tuple[str, str]:
    """The address and the key, from the options or the environment. Raises `OptionError`.

    An empty value counts as missing, since an unset variable often gives one.
    """
    names = ((vendor.url_option, vendor.url_env), ("api_key", vendor.key_env))
    values = [str(options.get(name) or "").strip() or os.environ.get(env, "").strip() for name, env in names]
    missing = [names[place] for place, value in enumerate(values) if not value]
    if missing:
        options_text = " and ".join(name for name, _env in missing)
        env_text = " and ".join(env for _name, env in missing)
        one = len(missing) == 1
        raise OptionError(
            f"{options_text} {'is' if one else 'are'} missing: set {'the option' if one else 'the options'} "
            f"{options_text} or {'the environment variable' if one else 'the environment variables'} {env_text}."
        )
    return values[0], values[1]


def parse_base_url(value: str, option: str, env: str, refused_paths: Collection[str] = ()) -> str:
    """The URL that paths are appended to, from what the user gave: a URL, or a bare host name, which means https.

    Raises `OptionError` if the key would be sent in clear over a network, or if it is no URL of a server, or that of a
    page below it: one whose path has a segment of `refused_paths`.
    """
    source = f"{option} (or the environment variable {env})"
    url = value if "://" in value else f"https://{value}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or any(c.isspace() for c in url):
        raise OptionError(f"{source} is not a URL or host name: {redact(value)!r}.")
    if parts.scheme not in ("http", "https"):
        raise OptionError(f"{source} must be an https:// URL or a host name, not {parts.scheme}://.")
    if parts.username is not None or parts.query or parts.fragment:
        raise OptionError(f"{source} must be a plain URL, without user name, query or fragment.")
    if parts.scheme == "http" and not is_loopback(host):
        raise OptionError(
            f"{source} must begin with https://: over http:// the API key would cross the network in clear. "
            "Only loopback hosts can be reached over http://."
        )
    shown_host = f"[{host}]" if ":" in host else host
    root = f"{parts.scheme}://{shown_host}{'' if port is None else f':{port}'}"
    segments = parts.path.rstrip("/").split("/")
    for place, segment in enumerate(segments):
        if segment.lower() in refused_paths:
            raise OptionError(
                f"{source} must be the address of the tenant, not of a page or of the API below it: use "
                f"{root}{'/'.join(segments[:place])} instead of {redact(value)}."
            )
    return f"{root}{'/'.join(segments)}"


def is_loopback(host: str) -> bool:
    """Whether `host` (a name, or an address without brackets) is this machine by definition."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
