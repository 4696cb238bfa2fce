# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""The Tines REST API: one method an endpoint, paging, and the shape of answers. No decision is made here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from sys import intern
from typing import Any

from .._core.connection import Vendor
from .._core.download import Download
from .._core.errors import RequestError, ResponseError
from .._core.http_client import Http
from .._core.retry import Repeat
from .endpoints import Bulk, Endpoint, Item, parse_item_id

Json = dict[str, Any]
ItemsByCase = dict[int, list[Item]]

HINTS = {
    401: "The key was refused: check api_key (TINES_API_KEY), and that it belongs to this tenant.",
    403: "The key is not allowed to do this: check its role in the team and that the tenant has the cases feature.",
    404: "It does not exist, or this key may not see it.",
    429: "The tenant's rate limit was not lifted in time: lower concurrency, or run again later.",
}
"""What to do about a status."""

ACTIONS_PER_PAGE = 100
"""Buttons asked for at a time. The page states no maximum, the general one is 500."""

SMALL_PAGE = 50
"""Things asked for at a time if the vendor states no maximum, or this one."""

MAX_ITEMS = 100_000
"""Entries of one listing at most."""

MAX_PAGES = 1000
"""Pages of one listing after which it is taken for endless."""


class Tines:
    """A tenant, through the second version of its cases API.

    Methods raise `RequestError`; a button always comes with its `case_id`.
    """

    cases_path = "/api/v2/cases"
    cases_per_page = 500
    """Cases asked for at a time: the documented maximum."""
    buttons_name = "actions"

    def __init__(self, http: Http) -> None:
        self.http = http
        self._teams_own: dict[tuple[str, int], list[Json]] = {}

    # Buttons: https://www.tines.com/docs/api/cases/actions/ (2026-04-01)

    def list_actions(self, case_id: int) -> list[Json]:
        """The buttons of a case, every page, in the server's order."""
        with self._naming(case_id):
            items = list(self._pages(self._actions_path(case_id), "actions", "id", ACTIONS_PER_PAGE))
        return [_button(item, case_id) for item in items]

    def get_action(self, case_id: int, action_id: int) -> Json:
        return self._one_button("GET", self._actions_path(case_id, action_id), case_id)

    def create_action(self, case_id: int, body: Json) -> Json:
        return self._one_button("POST", self._actions_path(case_id), case_id, body)

    def update_action(self, case_id: int, action_id: int, body: Json) -> Json:
        """Change the keys in `body` and no others."""
        return self._one_button("PUT", self._actions_path(case_id, action_id), case_id, body)

    def delete_action(self, case_id: int, action_id: int) -> bool:
        """Returns False if the server says that there is no such button, which need not be true."""
        return self._delete(self._actions_path(case_id, action_id))

    def replace_actions(self, case_id: int, bodies: Sequence[Json]) -> list[Json]:
        """Replace all buttons of a case.

        Not sent again when it may have been carried out: by then somebody may have added a button.
        """
        path = self._actions_path(case_id, "batch")
        answer = self.http.send("PUT", path, body={"actions": list(bodies)}, repeat=Repeat.RECONCILE)
        return [_button(item, case_id) for item in self._listed(answer, "actions", "id", "PUT", path)]

    # Cases: https://www.tines.com/docs/api/cases/ (2026-05-26, template_id 2026-07-17)

    def list_cases(self, query: Iterable[tuple[str, str]]) -> Iterator[Json]:
        """The cases that a query finds, page after page."""
        return self._pages(self.cases_path, "cases", "case_id", self.cases_per_page, query)

    def get_case(self, case_id: int) -> Json:
        with self._naming(case_id):
            return self._case("GET", f"{self.cases_path}/{case_id}")

    def list_activities(self, case_id: int) -> Iterator[Json]:
        """The timeline of a case, page after page, in the server's order, which no page of the vendor's tells."""
        with self._naming(case_id):
            yield from self._pages(f"{self.cases_path}/{case_id}/activities", "activities", "id", SMALL_PAGE)

    def create_case(self, wanted: Json, buttons: Sequence[Json] = ()) -> Json:
        """Create a case. This version of the API takes neither buttons nor records along with it."""
        body = {key: value for key, value in wanted.items() if key != "record_ids"}
        case = self._case("POST", f"{self.cases_path}/", body)
        return {**case, "records": []} if "record_ids" in wanted else case

    def known_actions(self, case: Json) -> list[Json] | None:
        """The buttons of a case that was just created, None where they must be listed.

        Whether a case shows all its buttons is not documented; an empty list is taken at its word.
        """
        return [] if case.get("actions") == [] else None

    def update_case(self, case_id: int, body: Json) -> Json:
        """Change what `body` names and nothing else."""
        return self._case("PUT", f"{self.cases_path}/{case_id}", body)

    def delete_case(self, case_id: int) -> None:
        """Delete a case. Raises `RequestError`, with status 404 too if the case is gone already."""
        self.http.send("DELETE", f"{self.cases_path}/{case_id}")

    def set_metadata(self, case_id: int, metadata: Json, first: bool) -> None:
        """Set the whole metadata of a case, `first` where it has none yet.

        Whether the server merges or replaces is not documented: the whole map is right either way.
        """
        path = f"{self.cases_path}/{case_id}/metadata"
        self.http.send("POST" if first else "PUT", path, body={"metadata": metadata})

    def remove_metadata(self, case_id: int, keys: Sequence[str], _rest: Json) -> None:
        """Remove keys of a case's metadata."""
        try:
            path = f"{self.cases_path}/{case_id}/metadata"
            self.http.send("DELETE", path, body={"metadata": list(keys)})
        except RequestError as error:
            if error.status != 404:  # an earlier try may have removed them
                raise

    def add_record(self, case_id: int, record_id: int) -> None:
        self.http.send("POST", f"{self.cases_path}/{case_id}/records", body={"record_id": record_id})

    # Teams and sub-statuses, in the first version of the API, which is the current one for them

    def list_teams(self) -> list[Json]:
        """The teams that the key may see. Whether groups of teams are among them is not documented."""
        return list(self._pages("/api/v1/teams", "teams", "id", SMALL_PAGE))

    def list_sub_statuses(self, team_id: int) -> list[Json]:
        """The sub-statuses of a team, read once for all cases of a task."""
        return self._of_team("case_sub_statuses", team_id)

    def list_case_inputs(self, team_id: int) -> list[Json]:
        """The definitions of a team's case fields, read once for all cases of a task."""
        return self._of_team("case_inputs", team_id)

    def _of_team(self, name: str, team_id: int) -> list[Json]:
        if (name, team_id) not in self._teams_own:
            query = [("team_id", str(team_id))]
            shown = self._pages(f"/api/v1/{name}", name, "id", SMALL_PAGE, query)
            # A server that ignores the filter shows those of other teams too.
            self._teams_own[name, team_id] = [item for item in shown if team_of(item) in (None, team_id)]
        return self._teams_own[name, team_id]

    # Lists of things of a case or of a team: comments, notes, files, tasks, linked cases, subscribers, webhooks

    def list_items(self, endpoint: Endpoint, parent: int) -> list[Item]:
        """All things of a list, every page, in the server's order. parent: the ID of the case or team."""
        path, query = endpoint.path_of(parent), endpoint.query_of(parent)
        with self._naming(parent, endpoint.parent_noun):
            items = list(self._pages(path, endpoint.items, endpoint.identity, SMALL_PAGE, query))
        # A server that ignores the filter shows those of other teams too.
        shaped = [_item(endpoint, parent, item) for item in items if team_of(item) in (None, parent) or not query]
        if any(item["id"] is None for item in shaped):
            raise self._odd("GET", path, f"a list of {endpoint.items} with IDs that are integers")
        return shaped

    def get_item(self, endpoint: Endpoint, parent: int, item_id: int) -> Item:
        path = endpoint.path_of(parent, item_id)
        answer = self.http.send("GET", path)
        for item in _shown_items(endpoint, parent, answer):
            if item["id"] == item_id:
                return item
        raise self._odd("GET", path, f"an object with {endpoint.identity}")

    def create_items(self, endpoint: Endpoint, parent: int, bodies: Sequence[Item]) -> list[Item]:
        """Create one thing, or several with one request. Returns what the answer shows, which may be less or more."""
        if len(bodies) == 1 or endpoint.batch is None:
            (body,) = bodies
            answer = self.http.send("POST", endpoint.path_of(parent), body=body)
        else:
            answer = self.http.send("POST", endpoint.path_of(parent, "batch"), body=endpoint.batch.body(bodies))
        return _shown_items(endpoint, parent, answer)

    def set_items(self, bulk: Bulk, endpoint: Endpoint, parents: Sequence[int], bodies: Sequence[Item]) -> ItemsByCase:
        """Set the same things of several cases. Returns what the answer shows of each case, which may be nothing."""
        answer = self.http.send("POST", bulk.path, body=bulk.body(parents, bodies))
        cases = answer.get("cases") if isinstance(answer, dict) else None
        shown = [case for case in cases if isinstance(case, dict)] if isinstance(cases, list) else []
        by_case = {parse_item_id(case.get("case_id")): case for case in shown}
        return {parent: _shown_items(endpoint, parent, by_case.get(parent)) for parent in parents}

    def update_item(self, endpoint: Endpoint, parent: int, item_id: int, body: Item) -> list[Item]:
        """Change the keys in `body` and no others. Returns what the answer shows."""
        answer = self.http.send("PUT", endpoint.path_of(parent, item_id), body=body)
        return _shown_items(endpoint, parent, answer)

    def delete_item(self, endpoint: Endpoint, parent: int, item_id: int) -> None:
        """Delete a thing. Whether it is gone only a listing shows: the answer may be that there is no such thing."""
        self._delete(endpoint.path_of(parent, item_id))

    # Files: https://www.tines.com/docs/api/cases/files/ (2025-07-11)

    def get_file_info(self, case_id: int, file_id: int) -> Json:
        """What the server says of a file; which keys it has is not documented."""
        path = f"{self.cases_path}/{case_id}/files/{file_id}/info"
        return self._object(self.http.send("GET", path), "GET", path)

    def download_file(self, case_id: int, file_id: int, download: Download) -> None:
        self.http.download(f"{self.cases_path}/{case_id}/files/{file_id}/download", download)

    # Case templates: https://www.tines.com/docs/api/cases/case_templates/ (2026-08-11)

    def preview_template(self, template_id: int) -> Json:
        """What a case made from a template would look like; empty if the server shows nothing."""
        path = f"/api/v1/case_templates/{template_id}/preview"
        return self._object(self.http.send("GET", path) or {}, "GET", path)

    def list_part(self, case_id: int, part: str, query: Iterable[tuple[str, str]] = ()) -> list[Json]:
        """What a case has under a name such as `comments`, every page, as the server shows it."""
        with self._naming(case_id):
            return list(self._pages(f"{self.cases_path}/{case_id}/{part}", part, None, SMALL_PAGE, query))

    def list_path(self, path: str, key: str | None, query: Iterable[tuple[str, str]] = ()) -> list[Json]:
        """Any list, every page. key: where its items are, None for the only list of an answer."""
        pairs = list(query)
        sizes = [int(value) for name, value in pairs if name == "per_page" and value.isdecimal()]
        rest = [pair for pair in pairs if pair[0] != "per_page"]
        return list(self._pages(path, key or "items", None, sizes[-1] if sizes else SMALL_PAGE, rest))

    # What is common to all endpoints

    @contextmanager
    def _naming(self, parent: int, noun: str = "case") -> Iterator[None]:
        """Name the case in the error if it does not exist."""
        try:
            yield
        except RequestError as error:
            if error.status == 404:
                raise error.explained(f"{noun.capitalize()} {parent} was not found:") from error
            raise

    def _actions_path(self, case_id: int, rest: int | str | None = None) -> str:
        return f"{self.cases_path}/{case_id}/{self.buttons_name}{'' if rest is None else f'/{rest}'}"

    def _case(self, method: str, path: str, body: Json | None = None) -> Json:
        return self._object(self.http.send(method, path, body=body), method, path, "case_id")

    def _one_button(self, method: str, path: str, case_id: int, body: Json | None = None) -> Json:
        return _button(self._object(self.http.send(method, path, body=body), method, path, "id"), case_id)

    def _delete(self, path: str) -> bool:
        """Returns False if the server says that it does not exist."""
        try:
            self.http.send("DELETE", path)
        except RequestError as error:
            if error.status != 404:
                raise
            return False
        return True

    def _object(self, answer: Any, method: str, path: str, *keys: str) -> Json:
        """The answer, which must be an object with these keys."""
        if isinstance(answer, dict) and all(_parse_id(answer.get(key)) is not None for key in keys):
            return answer
        raise self._odd(method, path, f"an object with {', '.join(keys)}")

    def _listed(self, answer: Any, key: str, identity: str | None, method: str, path: str) -> list[Json]:
        """The items of one page: under `key`, or the answer itself where it is a bare array.

        Not every page of the vendor's names the key: if it is not there, the only list of the answer is meant.
        """
        items = answer
        if isinstance(answer, dict):
            lists = [value for value in answer.values() if isinstance(value, list)]
            items = answer[key] if key in answer else lists[0] if len(lists) == 1 else None
        if isinstance(items, list) and all(
            isinstance(item, dict) and (identity is None or _parse_id(item.get(identity)) is not None) for item in items
        ):
            return items
        raise self._odd(method, path, f"a list of {key}" + (f" with their {identity}" if identity else ""))

    def _odd(self, method: str, path: str, expected: str) -> ResponseError:
        return ResponseError(
            f"{method} {self.http.prefix}{path} on {self.http.host} was answered with JSON of another shape than "
            f"{expected}.",
            method=method,
            path=self.http.prefix + path,
            status=200,
            outcome_unknown=method != "GET",  # it may well have been carried out
            permanent=True,
        )

    def _pages(
        self, path: str, key: str, identity: str | None, per_page: int, query: Iterable[tuple[str, str]] = ()
    ) -> Iterator[Json]:
        """Every item of a listing once, page after page.

        identity: the key that tells items apart, None if only all that they show does.

        Raises `RequestError` where the listing does not end: pages that bring nothing new, or too many of them.
        """
        known: set[Any] = set()
        page = 1
        for _turn in range(MAX_PAGES):
            pairs = [*query, ("per_page", str(per_page)), ("page", str(page))]
            answer = self.http.send("GET", path, query=pairs)
            items = self._listed(answer, key, identity, "GET", path)
            named = {_identity_of(item, identity): item for item in items}
            news = {name: item for name, item in named.items() if name not in known}
            known.update(news)
            if len(known) > MAX_ITEMS:
                raise self._endless(path, f"the listing has more than {MAX_ITEMS} entries, which are not read")
            following = _next_page(answer, page)
            if following is not None and (following <= page or (items and not news)):
                raise self._endless(path)
            yield from news.values()
            if following is None:
                # Without paging data only an empty page, or one that repeats what is known, shows the end.
                if not news or _has_paging(answer):
                    return
                following = page + 1
            page = following
        raise self._endless(path)

    def _endless(
        self, path: str, cause: str = "the listing never ends, its pages repeat or do not advance"
    ) -> ResponseError:
        return ResponseError(
            f"GET {self.http.prefix}{path} on {self.http.host}: {cause}. Nothing was done on the strength of it.",
            method="GET",
            path=self.http.prefix + path,
            status=200,
            permanent=True,
        )


def _parse_id(value: Any) -> int | None:
    """The number that an ID or a page has, None if it is none: anything else would lead elsewhere in a path."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20 else None


def _identity_of(item: Json, identity: str | None) -> Any:
    return item[identity] if identity else json.dumps(item, sort_keys=True)


def _button(item: Json, case_id: int) -> Json:
    """A button as shown, always with its label (None: none) and the number of the case that was asked about."""
    label = item.get("label")
    # The same names and texts come with every case of a task: kept once, they are a quarter of its memory less.
    shared = {intern(key): intern(value) if isinstance(value, str) else value for key, value in item.items()}
    return {**shared, "case_id": case_id, "label": None if label is None else str(label)}


def _item(endpoint: Endpoint, parent: int, shown: Item) -> Item:
    """A thing in the form that the rest of the code knows; its `id` is None if it is none that can be used."""
    item_id = parse_item_id(shown.get(endpoint.identity))
    return {**endpoint.shape(shown), **endpoint.belongs_to(parent), "id": item_id}


def team_of(item: Item) -> int | None:
    """The ID of the team that a thing shows, None if it shows none."""
    team = item.get("team")
    return parse_item_id(team.get("id")) if isinstance(team, dict) else None


def _shown_items(endpoint: Endpoint, parent: int, answer: Any) -> list[Item]:
    """The things that the answer to a request for one or several of them shows, none if it has another shape."""
    if not isinstance(answer, dict):
        return []
    shown = answer.get(endpoint.items)
    if not isinstance(shown, list):
        shown = [answer if endpoint.item is None else answer.get(endpoint.item)]
    items = [_item(endpoint, parent, item) for item in shown if isinstance(item, dict)]
    return [item for item in items if item["id"] is not None]


def _meta(answer: Any) -> Json:
    meta = answer.get("meta") if isinstance(answer, dict) else None
    return meta if isinstance(meta, dict) else {}


def _has_paging(answer: Any) -> bool:
    return "next_page_number" in _meta(answer) or "next_page" in _meta(answer)


def _next_page(answer: Any, page: int) -> int | None:
    """The number of the page after `page`, None where the answer names none; what is no number leads nowhere."""
    meta = _meta(answer)
    number = meta.get("next_page_number")
    if number:
        return _parse_id(number) or page
    return page + 1 if meta.get("next_page") else None


TINES = Vendor(
    url_option="tenant",
    url_env="TINES_TENANT",
    key_env="TINES_API_KEY",
    hints=HINTS,
    client=Tines,
    refused_paths=("api", "cases", "team"),
)
