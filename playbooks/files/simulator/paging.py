# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of a listing, and the ``meta`` object that goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, TypeVar
from urllib.parse import parse_qsl, urlencode

from . import checks
from .messages import Request, Response
from .settings import Settings

Item = TypeVar("Item")

DEFAULT_PER_PAGE = 20


def listing(
    name: str,
    items: Sequence[Item],
    show: Callable[[Item], dict[str, Any]],
    request: Request,
    settings: Settings,
    maximum: int,
    head: dict[str, Any] | None = None,
    arrange: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list,
) -> Response:
    """One page.

    Args:
        name: the key under which the items stand.
        items: all of them, in order; only those of the page are shown.
        show: gives an item its form.
        maximum: the most that a page holds; more is cut to it.
        head: what stands beside the items.
        arrange: what a page makes of the items that it shows.
    """
    per_page = checks.number("per_page", request.params.get("per_page", DEFAULT_PER_PAGE))
    per_page = min(per_page, maximum, settings.per_page_cap or maximum)
    page = checks.number("page", request.params.get("page", 1))
    shown = arrange([show(item) for item in items[(page - 1) * per_page : page * per_page]])
    if settings.bare_array:
        return Response(200, shown)
    body: dict[str, Any] = dict(head or {})
    body[name] = shown
    if settings.meta:
        body["meta"] = _meta(len(items), page, per_page, request)
    return Response(200, body)


def _meta(count: int, page: int, per_page: int, request: Request) -> dict[str, Any]:
    pages = max(1, -(-count // per_page))
    kept = [pair for pair in parse_qsl(request.query, keep_blank_values=True) if pair[0] not in ("page", "per_page")]

    def link(number: int | None) -> str | None:
        if number is None:
            return None
        query = urlencode([*kept, ("per_page", str(per_page)), ("page", str(number))])
        return f"{request.origin}{request.path}?{query}"

    following = page + 1 if page < pages else None
    return {
        "current_page": link(page),
        "previous_page": link(page - 1 if page > 1 else None),
        "next_page": link(following),
        "next_page_number": following,
        "per_page": per_page,
        "pages": pages,
        "count": count,
    }
