# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task for a Trustpair case over the wire: what is sent, never twice, and what a lost answer leads to."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from ansible_collections.casework.cases.plugins.module_utils._core.errors import (
    CaseworkError,
    NotDoneError,
    RequestError,
)
from ansible_collections.casework.cases.plugins.module_utils._core.execution import ModuleContext
from ansible_collections.casework.cases.plugins.module_utils._core.http_client import Http
from ansible_collections.casework.cases.plugins.module_utils._core.transport import ConnectError, Transport
from ansible_collections.casework.cases.plugins.module_utils._trustpair.apply import MAX_RECHECKS, ActionRunner
from ansible_collections.casework.cases.plugins.module_utils._trustpair.client import HINTS, Trustpair
from ansible_collections.casework.cases.plugins.module_utils._trustpair.plan import Action
from ansible_collections.casework.cases.tests.unit.plugins.module_utils.loopback import (
    Reply,
    Server,
    VirtualClock,
    answer,
)

CASE = "3f0c2f5e-8f5b-4d39-9c1c-2f6a7e1b9d10"
CLOSE = Action(CASE, "close")
COMMENT = Action(CASE, "comment", comment="Called.")
ACCEPT = Action(CASE, "accept")
DONE = {"data": {"id": "a1", "type": "case_action"}, "included": [{"id": "u1", "type": "user"}]}


def shown(status: str = "open", *texts: str) -> bytes:
    """The answer that shows a case with these comments."""
    comments = [{"id": str(number), "content": text} for number, text in enumerate(texts)]
    return answer(200, {"data": {"id": CASE, "type": "case", "attributes": {"status": status, "comments": comments}}})


def request(status: str) -> bytes:
    """The answer that shows a case with an override request."""
    return answer(200, {"data": {"id": CASE, "attributes": {"status": "open", "override": {"status": status}}}})


class Trial:
    """One task, carried out against a server with these replies."""

    def __init__(self, server: Server, http: Http, action: Action) -> None:
        self.server = server
        self.warnings: list[str] = []
        context = ModuleContext({}, Trustpair(http), http, self.warnings.append, lambda _text, _version: None)
        self.runner = ActionRunner(context, action)

    def run(self, precheck: bool = True) -> dict[str, Any]:
        self.runner.perform(precheck)
        return self.runner.result()

    def fail(self, said: str, precheck: bool = True) -> CaseworkError:
        """Run, which must fail with these words."""
        with pytest.raises(CaseworkError) as failed:
            self.run(precheck)
        assert re.search(said, failed.value.msg), failed.value.msg
        return failed.value

    @property
    def methods(self) -> list[str]:
        return [seen.method for seen in self.server.seen]

    @property
    def posts(self) -> int:
        return self.methods.count("POST")


@pytest.fixture
def trial(serve: Callable[..., Server], connect: Callable[..., Http]) -> Callable[..., Trial]:
    """Makes a trial."""

    def make(action: Action, *replies: Reply, check: bool = False, **settings: Any) -> Trial:
        server = serve(*replies)
        return Trial(server, connect(server, hints=HINTS, read_only=check, **settings), action)

    return make


Make = Callable[..., Trial]


def test_an_action_is_read_sent_and_read_again(trial: Make) -> None:
    attempt = trial(CLOSE, shown("open"), answer(200, DONE), shown("closed"))
    result = attempt.run()
    assert attempt.methods == ["GET", "POST", "GET"]
    assert result["changed"]
    assert (result["data"], result["included"]) == (DONE["data"], DONE["included"])
    assert result["case"]["attributes"]["status"] == "closed"
    assert (result["diff"]["before"], result["diff"]["after"]) == ({"status": "open"}, {"status": "closed"})
    assert not attempt.warnings


def test_what_goes_over_the_wire(trial: Make) -> None:
    asked = Action(CASE, "comment", comment="Called.", include=("user", "comment.documents"), language="fr")
    attempt = trial(asked, shown(), answer(200, DONE), shown("open", "Called."))
    attempt.run()
    read, sent, _read_again = attempt.server.seen
    assert read.path == f"/api/v1/cases/{CASE}?include=override%2Coverride.assigned_reviewers%2Ccomments"
    assert sent.path == f"/api/v1/cases/{CASE}/actions?include=user%2Ccomment.documents"
    assert sent.headers["accept-language"] == read.headers["accept-language"] == "fr"
    assert sent.headers["content-type"] == "application/json"
    attributes = {"action_type": "comment", "comment": "Called."}
    assert sent.json == {"data": {"type": "case_action", "attributes": attributes}}


def test_neither_language_nor_include_is_sent_unasked(trial: Make) -> None:
    attempt = trial(CLOSE, shown(), answer(200, DONE), shown("closed"))
    attempt.run()
    assert attempt.server.seen[1].path.endswith("/actions")
    assert "accept-language" not in attempt.server.seen[1].headers


def test_what_holds_is_not_sent(trial: Make) -> None:
    attempt = trial(CLOSE, shown("closed"))
    result = attempt.run()
    assert attempt.methods == ["GET"]
    assert not result["changed"]
    assert (result["data"], result["included"]) == ({}, [])


@pytest.mark.parametrize("action", [CLOSE, COMMENT, ACCEPT])
def test_check_mode_predicts_the_same_and_only_reads(trial: Make, action: Action) -> None:
    replies = (shown(), answer(200, DONE), answer(403))
    check, real = trial(action, *replies, check=True), trial(action, *replies)
    predicted, done = check.run(), real.run()
    assert check.methods == ["GET"]
    assert (predicted["changed"], predicted["diff"]) == (done["changed"], done["diff"])
    assert predicted.keys() == done.keys()


def test_without_precheck_nothing_is_read(trial: Make) -> None:
    attempt = trial(CLOSE, answer(200, DONE))
    result = attempt.run(precheck=False)
    assert attempt.methods == ["POST"]
    assert (result["diff"]["before"], result["diff"]["after"]) == ({}, {"status": "closed"})


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_does_not_know_include_is_asked_without(trial: Make, status: int) -> None:
    attempt = trial(CLOSE, answer(status), shown("closed"))
    attempt.run()
    assert attempt.server.seen[1].path == f"/api/v1/cases/{CASE}"


# What may be read and what not


def test_a_token_that_may_not_read_gets_a_warning_and_sends(trial: Make) -> None:
    for check in (False, True):
        attempt = trial(CLOSE, answer(403), answer(200, DONE), check=check)
        assert attempt.run()["changed"]
        assert attempt.methods == (["GET"] if check else ["GET", "POST"])
        assert "could not be read" in attempt.warnings[0]


@pytest.mark.parametrize("check", [False, True])
def test_a_case_that_is_not_found_ends_the_task_before_it_writes(trial: Make, check: bool) -> None:
    attempt = trial(CLOSE, answer(404, {"errors": [{"detail": "Dossier introuvable."}]}), check=check)
    assert attempt.fail("was not found.*Dossier introuvable.*set precheck to false").facts["status"] == 404
    assert attempt.methods == ["GET"]


@pytest.mark.parametrize("reply", [answer(401), answer(500), answer(200, b"<html>"), answer(200, []), answer(200)])
def test_any_other_failure_to_read_ends_the_task_before_it_writes(trial: Make, reply: bytes) -> None:
    attempt = trial(CLOSE, reply)
    with pytest.raises(RequestError):
        attempt.run()
    assert attempt.posts == 0


def test_unique_where_comments_are_not_shown_warns(trial: Make) -> None:
    hidden = answer(200, {"data": {"attributes": {"status": "open"}}})
    asked = Action(CASE, "comment", comment="Called.", unique=True)
    attempt = trial(asked, hidden, answer(200, DONE), hidden)
    assert attempt.run()["changed"]
    assert "unique" in attempt.warnings[0]


def test_unique_leaves_out_what_is_there(trial: Make) -> None:
    asked = Action(CASE, "comment", comment="Called.", unique=True)
    attempt = trial(asked, shown("open", "Called."))
    assert not attempt.run()["changed"]


# Answers of all shapes


@pytest.mark.parametrize(
    ("reply", "data"),
    [
        (answer(200), {}),
        (answer(201, DONE), DONE["data"]),
        (answer(204), {}),
        (answer(200, {"id": "a1", "type": "case_action"}), {"id": "a1", "type": "case_action"}),
        (answer(200, {"data": None}), None),
    ],
)
def test_every_answer_that_says_yes_will_do(trial: Make, reply: bytes, data: Any) -> None:
    attempt = trial(CLOSE, shown(), reply, shown("closed"))
    result = attempt.run()
    assert result["changed"]
    assert result["data"] == data


def test_after_202_nobody_insists_that_it_is_done(trial: Make) -> None:
    attempt = trial(CLOSE, shown("open"), answer(202, DONE), shown("open"))
    assert attempt.run()["changed"]
    assert attempt.methods == ["GET", "POST"]


@pytest.mark.parametrize("action", [CLOSE, COMMENT])
def test_a_server_that_takes_an_action_and_does_not_do_it_fails_the_task(trial: Make, action: Action) -> None:
    attempt = trial(action, shown("open", "a"), answer(200, DONE), shown("open", "a"))
    with pytest.raises(NotDoneError):
        attempt.run()
    assert attempt.posts == 1


def test_a_case_that_cannot_be_read_afterwards_is_no_failure(trial: Make) -> None:
    attempt = trial(CLOSE, shown(), answer(200, DONE), answer(500), retries=0)
    assert attempt.run()["changed"]
    assert "could not be read afterwards" in attempt.warnings[0]


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"title": "Invalide", "detail": "Le dossier est clôturé.", "source": {"pointer": "/data"}}]},
        {"errors": ["Le dossier est clôturé."]},
        {"errors": {"case": ["Le dossier est clôturé."]}},
        {"error": {"message": "Le dossier est clôturé."}},
        {"message": "Le dossier est clôturé."},
        "Le dossier est clôturé.",
    ],
)
def test_the_servers_own_words_are_found_in_every_shape(trial: Make, body: Any) -> None:
    attempt = trial(COMMENT, shown(), answer(422, body))
    assert attempt.fail(r"Le dossier est clôturé\.").facts["status"] == 422
    assert attempt.methods == ["GET", "POST"]


def test_a_403_tells_the_three_things_that_can_be_missing(trial: Make) -> None:
    attempt = trial(COMMENT, shown(), answer(403))
    attempt.fail("cases_write.*cases feature.*role")


@pytest.mark.parametrize("status", [400, 403, 409, 422])
def test_a_refusal_of_what_somebody_else_has_just_done_changes_nothing(trial: Make, status: int) -> None:
    attempt = trial(ACCEPT, request("pending"), answer(status), request("accepted"))
    result = attempt.run()
    assert not result["changed"]
    assert result["diff"]["before"] == result["diff"]["after"]


def test_a_refusal_of_what_does_not_hold_stays_one(trial: Make) -> None:
    attempt = trial(ACCEPT, request("pending"), answer(422), request("cancelled"))
    assert attempt.fail("").facts["status"] == 422


def test_a_refusal_in_a_case_that_was_not_read_is_final(trial: Make) -> None:
    attempt = trial(CLOSE, answer(403), answer(422), shown("closed"))
    attempt.fail("422")
    assert attempt.methods == ["GET", "POST"]


# Never twice

LOST: list[Reply] = [
    None,
    answer(500),
    answer(502),
    answer(503),
    answer(503, None, Retry_After="0"),
    answer(504),
    answer(200, b'{"data": {"id"'),
    answer(200, b"<html>Sign in</html>", Content_Type="text/html"),
    answer(200, "done"),
]
LOST_NAMES = ["dropped", "500", "502", "503", "503 with a time", "504", "cut off", "HTML", "another shape"]


@pytest.mark.parametrize("lost", LOST, ids=LOST_NAMES)
@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        (CLOSE, shown("open"), shown("closed")),
        (COMMENT, shown("open", "Called."), shown("open", "Called.", "Called.")),
        (ACCEPT, request("pending"), request("accepted")),
    ],
    ids=["close", "comment", "accept"],
)
def test_a_lost_answer_to_what_was_done_is_a_success_with_a_warning(
    trial: Make, lost: Reply, action: Action, before: bytes, after: bytes
) -> None:
    attempt = trial(action, before, lost, after)
    assert attempt.run()["changed"]
    assert attempt.methods == ["GET", "POST", "GET"]
    assert "the case shows that it was done" in attempt.warnings[0]


@pytest.mark.parametrize("lost", LOST, ids=LOST_NAMES)
@pytest.mark.parametrize(
    ("action", "before"),
    [(CLOSE, shown("open")), (COMMENT, shown("open", "Called.")), (ACCEPT, request("pending"))],
    ids=["close", "comment", "accept"],
)
def test_a_lost_answer_to_what_was_not_done_is_told_and_nothing_is_sent_again(
    trial: Make, lost: Reply, action: Action, before: bytes
) -> None:
    attempt = trial(action, before, lost, before)
    attempt.fail("outcome of .* is unknown")
    assert attempt.methods == ["GET", "POST", *["GET"] * MAX_RECHECKS]


def test_an_action_that_is_done_late_is_seen(trial: Make) -> None:
    attempt = trial(CLOSE, shown(), None, shown(), shown("closed"))
    assert attempt.run()["changed"]


def test_after_a_timeout_the_server_gets_time_to_finish(trial: Make, clock: VirtualClock) -> None:
    def late(_seen: Any) -> bytes:
        released.wait(10)
        return answer(200, DONE)

    released = threading.Event()
    attempt = trial(CLOSE, shown(), late, shown("closed"), timeout=0.2)
    try:
        assert attempt.run()["changed"]
    finally:
        released.set()
    assert attempt.posts == 1
    assert clock.waits == [pytest.approx(0.2)]


def test_without_precheck_a_lost_comment_is_always_of_unknown_outcome(trial: Make) -> None:
    attempt = trial(COMMENT, None, shown("open", "Called."))
    attempt.fail("unknown", precheck=False)
    assert attempt.posts == 1


def test_a_lost_answer_in_a_case_that_cannot_be_read_is_of_unknown_outcome(trial: Make) -> None:
    attempt = trial(CLOSE, answer(403), None, answer(403))
    attempt.fail("unknown.*could not be read to find out")
    assert attempt.methods == ["GET", "POST", "GET"]


def test_a_rate_limit_is_waited_out(trial: Make, clock: VirtualClock) -> None:
    limit = answer(429, None, Retry_After="7")
    attempt = trial(COMMENT, shown(), limit, limit, answer(200, DONE), shown("open", "Called."))
    assert attempt.run()["changed"]
    assert attempt.posts == 3
    assert sum(clock.waits) == pytest.approx(14)


def test_a_rate_limit_that_is_not_lifted_is_no_unknown_outcome(trial: Make) -> None:
    attempt = trial(COMMENT, shown(), answer(429), retries=0)
    assert "unknown" not in attempt.fail("100 requests in 10 seconds").msg


def test_what_was_never_sent_is_tried_again(trial: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = trial(CLOSE, shown(), answer(200, DONE), shown("closed"))
    genuine = Transport.send
    calls: list[str] = []

    def send_over_a_network_that_fails_once(self: Transport, method: str, *args: Any, **kwargs: Any) -> Any:
        calls.append(method)
        if calls.count("POST") == 1 and method == "POST":
            raise requests.ConnectionError from ConnectError("Connection refused")
        return genuine(self, method, *args, **kwargs)

    monkeypatch.setattr(Transport, "send", send_over_a_network_that_fails_once)
    assert attempt.run()["changed"]
    assert calls == ["GET", "POST", "POST", "GET"]
    assert attempt.posts == 1


@pytest.mark.parametrize("body", [{"errors": []}, None, {}])
@pytest.mark.parametrize(
    ("action", "seen"), [(CLOSE, shown("in review")), (COMMENT, shown("open")), (ACCEPT, request("pending"))]
)
def test_2xx_without_document_counts_only_if_the_case_shows_the_effect(
    trial: Make, action: Action, seen: bytes, body: object
) -> None:
    before = request("pending") if action is ACCEPT else shown("open")
    trial(action, before, answer(200, body), seen).fail("seems not to have done it")


@pytest.mark.parametrize(
    ("action", "seen"), [(CLOSE, shown("closed")), (COMMENT, shown("open", "Called.")), (ACCEPT, request("accepted"))]
)
def test_2xx_without_document_is_success_if_the_case_shows_the_effect(trial: Make, action: Action, seen: bytes) -> None:
    before = request("pending") if action is ACCEPT else shown("open")
    assert trial(action, before, answer(200, {"errors": []}), seen).run()["changed"]
