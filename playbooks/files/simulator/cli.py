# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .messages import ApiError
from .server import Simulator


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="simulator",
        description="Behaves as the documented Tines and Trustpair case APIs do. Data is held in memory alone.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0, the default, is any free one")
    parser.add_argument("--port-file", type=Path, help="file that gets the port once the server listens")
    parser.add_argument("--api-key", default="sim-key-0000", help="key that is accepted (default: %(default)s)")
    parser.add_argument(
        "--without-v1",
        nargs="?",
        type=int,
        const=404,
        choices=(404, 410),
        help="the first version of the Tines cases API is gone and answers with this status (default: 404)",
    )
    parser.add_argument("--tls-cert", type=Path, help="certificate file; with --tls-key the server speaks TLS")
    parser.add_argument("--tls-key", type=Path, help="key file of the certificate")
    parser.add_argument("--latency-ms", type=float, default=0, help="milliseconds that each request waits")
    parser.add_argument("--data", type=Path, help="JSON file to load at the start")
    parser.add_argument("--parent-pid", type=int, help="ends when this process is gone")
    parser.add_argument("--quiet", action="store_true", help="do not print the address")
    parser.add_argument("--verbose", action="store_true", help="one line a request on standard error")
    return parser


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _write_port(path: Path, port: int) -> None:
    """Whoever waits for the file never sees it without its content."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_text(f"{port}\n", encoding="ascii")
    os.replace(unfinished, path)


def _simulator(options: argparse.Namespace) -> Simulator:
    data: Any = None
    if options.data:
        data = json.loads(options.data.read_text(encoding="utf-8"))
    return Simulator(
        api_key=options.api_key,
        host=options.host,
        port=options.port,
        settings={"without_v1": options.without_v1, "latency_ms": options.latency_ms},
        data=data,
        tls=(str(options.tls_cert), str(options.tls_key)) if options.tls_cert else None,
        verbose=options.verbose,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT; the result is the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if bool(options.tls_cert) != bool(options.tls_key):
        parser.error("--tls-cert and --tls-key go together")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_received: stopped.set())
    try:
        if options.port_file:
            options.port_file.unlink(missing_ok=True)
        simulator = _simulator(options).start()
        if options.port_file:
            _write_port(options.port_file, simulator.port)
    except ApiError as error:
        parser.error(f"the data cannot be loaded: {error.message}")
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if not options.quiet:
        sys.stdout.write(f"Listening on {simulator.url}\n")
        sys.stdout.flush()
    if options.parent_pid is None:
        stopped.wait()
    else:
        while not stopped.wait(0.5) and _alive(options.parent_pid):
            pass
    return 0
