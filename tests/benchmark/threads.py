# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rival without Ansible: what a Python user would write by hand for this one job, with threads and `requests`."""

from __future__ import annotations

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
own = threading.local()


def send(method: str, path: str, **kwargs: Any) -> Any:
    if not hasattr(own, "session"):
        own.session = requests.Session()
        own.session.headers["Authorization"] = "Bearer " + job["api_key"]
    while True:
        response = own.session.request(method, job["tenant"] + path, timeout=30, **kwargs)
        if response.status_code != 429:
            response.raise_for_status()
            return response.json()
        time.sleep(float(response.headers.get("Retry-After", 1)))


def seed(case_id: int) -> None:
    path = f"/api/v2/cases/{case_id}/actions"
    there = {button["label"]: button for button in send("GET", path, params={"per_page": 100})["actions"]}
    if not there:
        send("PUT", path + "/batch", json={"actions": job["buttons"]})
        return
    for button in job["buttons"]:
        current = there.get(button["label"])
        if current is None:
            send("POST", path, json=button)
        elif any(current[key] != value for key, value in button.items()):
            send("PUT", f"{path}/{current['id']}", json=button)


with ThreadPoolExecutor(job["concurrency"]) as pool:
    list(pool.map(seed, job["case_ids"]))
