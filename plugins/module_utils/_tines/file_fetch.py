# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""A file of a case, saved on this machine: found, compared by checksum, downloaded, and put into its place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, BinaryIO

from .._core.diff import diff
from .._core.download import Download
from .._core.errors import CaseworkError, OptionError, RequestError, TooLargeError
from .._core.execution import ModuleContext
from .._core.plan import Plan
from .._core.saving import FileAttributes, LocalFile, NewFile, local_file
from .client import Tines
from .endpoints import Item
from .files import FILES, checksum_in, parse_filename, read_info

MAX_FETCHED_BYTES = 1024 * 1024 * 1024
"""Bytes of a file that are received by default. It goes to disk, so this only keeps a disk from being filled."""


def find_file(client: Tines, case_id: int, filename: str | None, file_id: int | None) -> Item:
    """The file of a case with this ID or name. Raises `CaseworkError` if there is none, or more than one."""
    if file_id is not None:
        try:
            return client.get_item(FILES.endpoint, case_id, file_id)
        except RequestError as error:
            if error.status == 404:
                raise error.explained(f"Case {case_id} has no file with the ID {file_id}:") from error
            raise
    found = [item for item in client.list_items(FILES.endpoint, case_id) if item.get("filename") == filename]
    if not found:
        raise CaseworkError(f"Case {case_id} has no file with the filename {filename!r}.")
    if len(found) > 1:
        raise CaseworkError(
            f"Case {case_id} has {len(found)} files with the filename {filename!r} "
            f"(IDs {', '.join(str(item['id']) for item in found)}). Give the id of one of them."
        )
    return found[0]


def parse_dest(dest: str, filename: str) -> str:
    """The path of the file: a directory gets the name that the file has in the case. Raises `OptionError`.

    A link stays one, and what it leads to is written.
    """
    if not dest or "\x00" in dest:
        raise OptionError(f"dest: {dest!r} is no path.")
    if dest.endswith(os.sep) or os.path.isdir(dest):
        dest = os.path.join(dest, parse_filename(filename))
    return os.path.realpath(dest)


@dataclass
class FetchFile:
    """A file on its way to its place, with the mode and owner that it is to have there.

    trust: whether the checksum that the server shows is believed. most: bytes at most. checked: the checksum that the
    server shows or the download has. downloaded: whether the new content is there.
    """

    case_id: int
    file: Item
    place: LocalFile
    attributes: FileAttributes
    new: NewFile
    trust: bool
    most: int
    checked: str = ""
    downloaded: bool = False

    def check(self, client: Tines, read_only: bool) -> Plan[Item]:
        """Find out what the content is, and plan. Raises `CaseworkError`."""
        checksum = checksum_in(read_info(client, self.case_id, self.file["id"])) if self.trust else None
        if checksum is None:  # only the content tells whether it is the same
            self._download(client, None if read_only else self.new.open())
        else:
            self.checked = checksum
        before = self.place.shown(self.checked.partition(":")[0], self.attributes)
        after = self.place.predicted(self.checked, self.attributes)
        return Plan(before, after, (self,) if before != after else ())

    def send(self, client: Tines) -> None:
        """Write the file if its content differs, and set its attributes. Raises `CaseworkError`."""
        if self.place.hashes and self.place.hashes.match(self.checked):
            self.place.apply(self.attributes)
            return
        if not self.downloaded:
            self._download(client, self.new.open())
        self.new.put_in_place(self.attributes)

    def _download(self, client: Tines, stream: BinaryIO | None) -> None:
        download = Download(self.most, stream)
        try:
            client.download_file(self.case_id, self.file["id"], download)
        except TooLargeError as error:
            raise error.explained(after="Raise max_bytes if the file is wanted all the same.") from error
        if self.checked and not download.hashes.match(self.checked):
            raise CaseworkError(
                f"The file {self.file['filename']!r} of case {self.case_id} arrived as {download.hashes.checksum()}, "
                f"and the server says that it is {self.checked}. It was not saved."
            )
        self.checked = self.checked or download.hashes.checksum()
        self.downloaded = True


def fetch_file(context: ModuleContext[Tines], case_id: int, attributes: FileAttributes) -> dict[str, Any]:
    """Ensure that a file of a case is in its place. Returns the result of the module. Raises `CaseworkError`."""
    params = context.params
    file = find_file(context.client, case_id, params["filename"], params["id"])
    place = local_file(parse_dest(params["dest"], str(file.get("filename"))))
    with NewFile(place) as new:
        fetch = FetchFile(case_id, file, place, attributes, new, not params["force"], params["max_bytes"])
        plan = fetch.check(context.client, context.http.read_only)
        context.apply(plan, lambda: fetch.send(context.client))
    return _result(case_id, {**file, "checksum": fetch.checked}, place.path, plan)


def predict_fetch(case_id: int, dest: str) -> dict[str, Any]:
    """The result for a case that will exist: its files are not known yet, so the file is taken for new."""
    path = os.path.realpath(dest)
    before, after = ({"path": path, "state": state} for state in ("absent", "file"))
    return {**_result(case_id, {}, path, Plan(before, after)), "changed": True}


def _result(case_id: int, file: Item, dest: str, plan: Plan[Item]) -> dict[str, Any]:
    return {
        "changed": plan.changed,
        # Beside the others, AnsibleModule would take dest for a reason to describe what is there, so differently in
        # check mode, in which nothing is there yet.
        "file": {**file, "dest": dest},
        "case_id": case_id,
        "diff": diff(plan.before, plan.after, dest),
    }
