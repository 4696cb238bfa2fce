# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What went wrong when no response came, in words. Pure."""

from __future__ import annotations

import re
import socket
import ssl
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import RequestError
from .transport import ConnectError, TotalTimeout

try:
    import requests
    from urllib3.exceptions import ReadTimeoutError
except ImportError:  # transport.py tells
    pass


@dataclass(frozen=True)
class TransportFailure:
    """Why a request got no response.

    sent: whether it may have reached the server. permanent: whether a retry cannot succeed.
    """

    cause: str
    sent: bool = False
    permanent: bool = False
    timed_out: bool = False


def classify(error: Exception, timeout: float, proxy: str | None = None) -> TransportFailure:
    """Why a request got no response. timeout: seconds. proxy: its host and port, if there is one."""
    chain = list(_chain(error))
    if not any(isinstance(each, ConnectError) for each in chain):
        if isinstance(error, requests.exceptions.InvalidSchema) and "SOCKS" in str(error):
            return TransportFailure(
                f"the proxy {proxy} is a SOCKS proxy, and the Python library PySocks is missing. Install it, or name "
                "an HTTP proxy in the proxy environment variables.",
                permanent=True,
            )
        if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
            reason = re.sub(r"//\S*@", "//", str(error))  # urllib3 1.26 shows a proxy's user and password
            return TransportFailure(f"the URL of the server or of the proxy is invalid ({reason}).", permanent=True)
        return _after_sending(chain, timeout)
    return _before_sending(chain, timeout, proxy)


def _before_sending(chain: list[BaseException], timeout: float, proxy: str | None) -> TransportFailure:
    reason = _reason(chain)
    untrusted = _first(chain, ssl.SSLCertVerificationError)
    if untrusted or "doesn't match" in reason:  # urllib3 1.26 compares host names itself
        verdict = getattr(untrusted, "verify_message", "") or reason
        return TransportFailure(
            f"the server's certificate is not trusted ({verdict}). Name its CA with ca_path.", permanent=True
        )
    if _first(chain, ssl.SSLError):
        if "EOF" in reason:  # of a port that does not speak TLS, or of a server that is just being restarted
            return TransportFailure(
                f"the server broke off the TLS handshake ({reason}). Check that the port speaks TLS 1.2 or newer."
            )
        return TransportFailure(
            f"the TLS handshake failed ({reason}). Check that the port speaks TLS 1.2 or newer.", permanent=True
        )
    if "Tunnel connection failed" in reason:
        return TransportFailure(
            f"the proxy {proxy} refused to connect ({reason}). Check the proxy environment variables."
        )
    target = f"the proxy {proxy}" if proxy else "the server"
    unknown = _first(chain, socket.gaierror, UnicodeError)
    if unknown:
        name = f"the host name of the proxy {proxy}" if proxy else "the host name"
        return TransportFailure(
            f"{name} cannot be resolved. Check its spelling and this machine's DNS.",
            permanent=getattr(unknown, "errno", None) != socket.EAI_AGAIN,
        )
    if _first(chain, ConnectionRefusedError):
        return TransportFailure(
            f"the connection to {target} was refused. Check host and port, and whether the server runs."
        )
    if _first(chain, socket.timeout):
        return TransportFailure(
            f"no connection to {target} within {timeout:g} seconds. Check host, port and firewalls."
        )
    return TransportFailure(f"no connection to {target} could be made ({reason}). Check host, port and network route.")


def _after_sending(chain: list[BaseException], timeout: float) -> TransportFailure:
    if _first(chain, TotalTimeout):
        return TransportFailure("the response was not complete in time.", sent=True, timed_out=True)
    if _first(chain, ReadTimeoutError, socket.timeout):
        return TransportFailure(
            f"no response within {timeout:g} seconds. The option timeout sets how long to wait.",
            sent=True,
            timed_out=True,
        )
    return TransportFailure(f"the connection broke before the response was complete ({_reason(chain)}).", sent=True)


def free_sockets(error: Exception) -> None:
    """Forget the local variables of the functions that failed.

    Sockets among them would stay open until the garbage collector comes, and to write the result may take descriptors.
    """
    for each in _chain(error):
        traceback.clear_frames(each.__traceback__)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those that it was raised from: requests wraps urllib3's, which wraps the socket's."""
    while error is not None and not isinstance(error, RequestError):  # that is of a request before this one
        yield error
        error = error.__cause__ or error.__context__


def _first(chain: list[BaseException], *kinds: type[BaseException]) -> BaseException | None:
    return next((each for each in chain if isinstance(each, kinds)), None)


def _reason(chain: list[BaseException]) -> str:
    root = chain[-1]
    return str(root) or type(root).__name__
