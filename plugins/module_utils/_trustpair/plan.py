# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# Private to this collection: it may change in any release.

"""What an action in a Trustpair case asks for, when it is needed, and the plan that leads there. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .._core.errors import CaseworkError, NotDoneError, OptionError
from .._core.plan import Plan
from .._core.responses import server_message
from .case_state import CaseState, Document, Override, case_state, fields, normalize_status
from .client import Json, Trustpair
from .fields import ACTIONS, REQUEST_NAMES

DECISIONS = {"accept": "accepted", "refuse": "refused", "cancel": "cancelled"}
"""What an override request is after each decision on it."""

NEEDED = {"comment": ("comment",), "override": ("override_state", "reviewer_ids")}
"""The options that an action cannot do without."""

ONLY_WITH = {"documents": "comment", "override_state": "override", "reviewer_ids": "override"}
"""The options that go with one action alone."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Action:
    """One action in one case; ids in lower case. documents: as they are sent."""

    case_id: str
    action_type: str
    comment: str | None = None
    documents: Sequence[Json] = ()
    override_state: str | None = None
    reviewer_ids: tuple[str, ...] = ()
    user_id: str | None = None
    unique: bool = False
    include: tuple[str, ...] = ()
    language: str | None = None
    resource_type: str = REQUEST_NAMES["type"].text
    attributes: Json = field(default_factory=dict)
    relationships: Json = field(default_factory=dict)

    @property
    def is_idempotent(self) -> bool:
        """Whether there is a state in which the action is not needed."""
        return self.action_type != "comment" or self.unique


def parse_action(params: Json, documents: Sequence[Json]) -> Action:
    """What the options of a task ask for. Raises `OptionError` where they do not go together."""
    kind = params["action_type"]
    case_id = _uuid("case_id", params["case_id"])
    if params["comment"] is not None and not params["comment"].strip():
        raise OptionError("comment is empty: give it a text, or leave it out where the action needs none.")
    for option in NEEDED.get(kind, ()):
        if not params[option]:
            raise OptionError(f"action_type {kind} needs {option}.")
    for option, owner in ONLY_WITH.items():
        if params[option] and kind != owner:
            raise OptionError(f"{option} goes with action_type {owner} alone, not with {kind}.")
    if params["unique"] and not params["precheck"]:
        raise OptionError("unique needs the case to be read first: leave out precheck.")
    user_id = _uuid("user_id", params["user_id"]) if params["user_id"] is not None else None
    reviewers = tuple(dict.fromkeys(_uuid("reviewer_ids", each) for each in params["reviewer_ids"] or ()))
    if user_id in reviewers:
        raise OptionError(f"reviewer_ids names user_id {user_id}: whoever requests an override cannot review it.")
    return Action(
        case_id=case_id,
        action_type=kind,
        comment=params["comment"],
        documents=documents,
        override_state=params["override_state"],
        reviewer_ids=reviewers,
        user_id=user_id,
        unique=params["unique"],
        include=tuple(params["include"] or ()),
        language=params["language"],
        resource_type=params["resource_type"],
        attributes=params["attributes"] or {},
        relationships=params["relationships"] or {},
    )


def _uuid(option: str, value: str) -> str:
    if option == "case_id" and value.isdecimal():
        raise OptionError(
            f"case_id {value} is a number, and cases of Trustpair have a UUID: casework.cases.case_perform is for "
            "Trustpair. For a Tines case use casework.cases.case or casework.cases.case_action."
        )
    if not _UUID.fullmatch(value):
        raise OptionError(f"{option} must be a UUID such as 3f0c2f5e-8f5b-4d39-9c1c-2f6a7e1b9d10, not {value!r}.")
    return value.lower()


def merged(target: Json, patch: Json) -> Json:
    """The target with the patch in it, dictionaries key by key, where null removes a key."""
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            known = result.get(key)
            result[key] = merged(known if isinstance(known, dict) else {}, value)
        else:
            result[key] = value
    return result


def request_body(action: Action) -> Json:
    """The body of the request, the user's own attributes and relationships merged into it last."""
    attributes: Json = {REQUEST_NAMES["action_type"].text: ACTIONS[action.action_type].text}
    for option in ("comment", "override_state", "documents"):
        if getattr(action, option):
            attributes[REQUEST_NAMES[option].text] = getattr(action, option)
    relationships: Json = {}
    if action.user_id:
        relationships[REQUEST_NAMES["user_id"].text] = {"data": _user(action.user_id)}
    if action.reviewer_ids:
        relationships[REQUEST_NAMES["reviewer_ids"].text] = {"data": [_user(each) for each in action.reviewer_ids]}
    data: Json = {"type": action.resource_type, "attributes": merged(attributes, action.attributes)}
    relationships = merged(relationships, action.relationships)
    return {"data": {**data, "relationships": relationships} if relationships else data}


def _user(user_id: str) -> Json:
    return {"type": REQUEST_NAMES["user_type"].text, "id": user_id}


@dataclass(frozen=True)
class PerformAction:
    """The one request of a plan."""

    case_id: str
    body: Json
    include: tuple[str, ...] = ()
    language: str | None = None

    def send(self, client: Trustpair) -> tuple[Json, bool]:
        return client.perform(self.case_id, self.body, self.include, self.language)


def already_satisfied(action: Action, state: CaseState) -> bool:
    """Whether the case is known to be already what the action leads to."""
    if action.action_type == "comment":
        return bool(action.is_idempotent and state.same_comments(action.comment or ""))
    if action.action_type == "close":
        return state.is_closed
    override = state.override
    if override is None:
        return False
    if action.action_type in DECISIONS:
        return normalize_status(override.status) == DECISIONS[action.action_type]
    if override.target != action.override_state:
        return False
    if normalize_status(override.status) == "accepted":
        return state.evaluation in (None, action.override_state)
    return override.is_pending and override.reviewers == frozenset(action.reviewer_ids)


def plan(action: Action, state: CaseState) -> Plan[Json]:
    """What leads from the state to what the action asks for. Raises `CaseworkError` where nothing does."""
    before = _diff_view(action, state)
    if already_satisfied(action, state):
        return Plan(before, before)
    obstacle = blocking_reason(action, state)
    if obstacle:
        raise CaseworkError(
            f"Case {action.case_id}: {action.action_type} cannot be done: {obstacle}. "
            "To let the server decide on it all the same, set precheck to false."
        )
    request = PerformAction(action.case_id, request_body(action), action.include, action.language)
    return Plan(before, _predicted(action, state), (request,))


def blocking_reason(action: Action, state: CaseState) -> str | None:
    """Why the action can no longer be done, as far as the case shows it."""
    override = state.override
    if action.action_type in DECISIONS:
        if state.overrides == ():
            return str(state)
        if override and normalize_status(override.status) not in (None, "pending"):
            return str(state)
        by_creator = override and override.creator and override.creator == action.user_id
        if by_creator and action.action_type != "cancel":
            return "user_id is who requested the override, and somebody else must decide on it"
        if override and override.creator and action.user_id and not by_creator and action.action_type == "cancel":
            return f"user {override.creator} has requested the override, and nobody else can cancel it"
    if action.action_type == "override" and override and override.is_pending:
        other_target = override.target not in (None, action.override_state)
        if other_target or override.reviewers not in (None, frozenset(action.reviewer_ids)):
            reviewers = f" with the reviewers {', '.join(sorted(override.reviewers))}" if override.reviewers else ""
            return f"{state}{reviewers}, and only one can be active"
    return None


def _diff_view(action: Action, state: CaseState) -> Json:
    """The side of the diff that shows what is."""
    return state.shown(with_override=action.action_type in ("override", *DECISIONS))


def _predicted(action: Action, state: CaseState) -> Json:
    """The side of the diff that shows what will be."""
    after = _diff_view(action, state)
    if action.action_type == "close":
        after["status"] = "closed"
    elif action.action_type == "override":
        after["override"] = {
            "status": "pending",
            "state": action.override_state,
            "reviewer_ids": sorted(action.reviewer_ids),
        }
    elif action.action_type in DECISIONS:
        after["override"] = {**(after.get("override") or {}), "status": DECISIONS[action.action_type]}
    if action.comment:
        after["comment"] = action.comment
    if action.documents:
        after["documents"] = [each[REQUEST_NAMES["filename"].text] for each in action.documents]
    return after


def was_applied(action: Action, before: CaseState, after: CaseState) -> bool:
    """Whether an action of which no answer came is known to have been carried out."""
    if action.action_type != "comment":
        return already_satisfied(action, after)
    earlier, now = before.same_comments(action.comment or ""), after.same_comments(action.comment or "")
    return earlier is not None and now is not None and now > earlier


def check_answer(action: Action, answer: Json) -> None:
    """Raise `NotDoneError` where the answer to an action shows something else than was asked for."""
    if answer.get("errors") and not answer.get("data"):
        raise _not_done(action, f"it says {server_message(answer)}")
    document = Document(answer)
    shown = fields(document.resource).get(REQUEST_NAMES["action_type"].text)
    others = [name.text for kind, name in ACTIONS.items() if kind != action.action_type]
    if isinstance(shown, str) and shown.lower() in others and not action.attributes:
        raise _not_done(action, f"it answered with the action {shown!r}")
    if action.comment and document.related(document.resource, "comment") == []:
        raise _not_done(action, "its answer shows no comment")
    state = case_state(answer)
    if str(document.resource.get("type", "")).lower() not in ("case", "cases"):
        state = CaseState(overrides=state.overrides)  # what else an action shows is about itself
    check_state(action, CaseState(), state)


def check_state(action: Action, before: CaseState, after: CaseState) -> None:
    """Raise `NotDoneError` where a case that was read after an action shows that it was not carried out.

    What is not shown, or shown in words that are not known, is no sign of that.
    """
    if action.action_type == "close":
        left_alone = after.status is not None and after.status == before.status
        if not after.is_closed and (left_alone or normalize_status(after.status)):
            raise _not_done(action, str(after))
    elif action.action_type == "comment":
        if before.comments is not None and after.comments is not None and not after.comments.keys() - before.comments:
            raise _not_done(action, "the case shows no new comment")
    elif action.action_type in DECISIONS:
        override = after.override or Override()
        if not _goes_on(action, override) and normalize_status(override.status) not in (
            None,
            DECISIONS[action.action_type],
        ):
            raise _not_done(action, str(after))
    elif after.override is None:
        if after.overrides == ():
            raise _not_done(action, str(after))
    else:
        known = before.override.override_id if before.override else ""
        other_target = after.override.target not in (None, action.override_state)
        # Where the user has put other relationships in, it is not known whom they name.
        comparable = None if action.relationships else after.override.reviewers
        other_reviewers = comparable not in (None, frozenset(action.reviewer_ids))
        if (known and after.override.override_id == known) or other_target or other_reviewers:
            raise _not_done(action, str(after))


def check_effect(action: Action, before: CaseState, after: CaseState) -> None:
    """Raise `NotDoneError` unless a case that was read after an action shows that it was carried out.

    For an answer that has no document: it does not say what was done, so the case decides, as far as it shows that.
    """
    if action.action_type == "close":
        visible = after.status is not None
    elif action.action_type == "comment":
        visible = before.comments is not None and after.comments is not None
    else:
        visible = after.overrides is not None and not _goes_on(action, after.override or Override())
    if visible and not was_applied(action, before, after):
        raise _not_done(action, str(after) if action.action_type != "comment" else "the case shows no new comment")


def _goes_on(action: Action, override: Override) -> bool:
    """Whether the request may be pending still: of several reviewers, each may have to accept."""
    return action.action_type == "accept" and override.is_pending and len(override.reviewers or ()) > 1


def _not_done(action: Action, sign: str) -> NotDoneError:
    return NotDoneError(
        f"Case {action.case_id}: the server took the action {action.action_type} but seems not to have done it: "
        f"{sign}. Look at the case before you run this again."
    )
