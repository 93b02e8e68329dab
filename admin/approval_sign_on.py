"""Approvals that the identity provider signs: the sign-on opens in a tab of its own.

The provider leads that tab back to the first page with a code. What is approved stands in the
state; the comment is kept here until then.
"""

import base64
import binascii
import functools
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from admin.client import Client, ControlError, Document
from admin.components import attempt, flash
from admin.page_context import PageContext

_NEEDED = "sign_on_needed"
_MOST_KEPT = 1000
# By the first part of a path: how many parts it has, and the page of the console about it.
_PATHS = {"proposals": (2, "proposals"), "models": (3, "models"), "own-approvals": (2, "own")}


@dataclass(frozen=True, slots=True)
class Approved:
    """What a person approves, by its path: a proposal, also as an owner, or a model version."""

    path: tuple[str, ...]

    @classmethod
    def of_state(cls, state: str) -> "Approved | None":
        """What a sign-on is for; None where the state is not of one for an approval."""
        last = state.rpartition(".")[2]
        try:
            text = base64.urlsafe_b64decode(last + "=" * (-len(last) % 4)).decode()
        except (binascii.Error, ValueError):
            return None
        path = tuple(text.split("/"))
        return cls(path) if len(path) == _PATHS.get(path[0], (0,))[0] else None

    @property
    def page(self) -> str:
        """The page that it is on."""
        return _PATHS[self.path[0]][1]

    def give(self, client: Client, comment: str, sign_on: Mapping[str, str] | None = None) -> None:
        """Approve it."""
        if self.path[0] == "models":
            client.approve_model(*self.path[1:], sign_on=sign_on)
        elif self.path[0] == "own-approvals":
            client.approve_as_owner(*self.path[1:], comment=comment, sign_on=sign_on)
        else:
            client.approve_proposal(*self.path[1:], comment=comment, sign_on=sign_on)

    def begin(self, client: Client, redirect_uri: str) -> Document:
        """Begin the sign-on that it needs."""
        if self.path[0] == "models":
            return client.begin_model_sign_on(*self.path[1:], redirect_uri=redirect_uri)
        if self.path[0] == "own-approvals":
            return client.begin_owner_sign_on(*self.path[1:], redirect_uri=redirect_uri)
        return client.begin_proposal_sign_on(*self.path[1:], redirect_uri=redirect_uri)


def approve(context: PageContext, path: tuple[str, ...], comment: str = "") -> None:
    """Approve; where a sign-on is needed, draw the way to it instead and stop.

    Raises:
        ControlError: when it is not approved.
    """
    approval = Approved(path)
    try:
        approval.give(context.client, comment)
    except ControlError as error:
        if error.code != _NEEDED:
            raise
        _draw_link(context, approval, comment)
        st.stop()  # nothing is approved yet; a rerun would take the link away


def _draw_link(context: PageContext, approval: Approved, comment: str) -> None:
    begun = approval.begin(context.client, _redirect_uri())
    kept = _kept()
    kept[context.user.id, begun["state"]] = comment
    while len(kept) > _MOST_KEPT:
        kept.popitem(last=False)
    st.caption(context.localize("approval_sign_on.about"))
    label = context.localize("approval_sign_on.go")
    st.link_button(label, begun["authorization_url"], type="primary")


def came_back() -> bool:
    """Whether the identity provider has just led the browser here."""
    return Approved.of_state(st.query_params.get("state", "")) is not None


def page(context: PageContext) -> None:
    """Draw the end of a sign-on: approve at once what this person began in this console."""
    localize, state = context.localize, st.query_params.get("state", "")
    code, approval = st.query_params.get("code"), Approved.of_state(state)
    st.title(localize("approval_sign_on.title"), anchor=False)
    if approval is None or code is None:
        st.error(localize("approval_sign_on.failed"), icon=":material/error:")
        context.link("proposals", localize("proposals.title"), {})
        return
    comment = _kept().pop((context.user.id, state), None)
    if comment is None:
        comment = _asked(context, approval)
    if comment is not None:
        sign_on = {"code": code, "state": state, "redirect_uri": _redirect_uri()}
        give = functools.partial(approval.give, context.client, comment, sign_on)
        if attempt(localize, lambda: (give(),)):
            flash(localize("approval_sign_on.done"))
            context.open(approval.page, {})
    context.link(approval.page, localize(f"{approval.page}.title"), {})


def _asked(context: PageContext, approval: Approved) -> str | None:
    """The comment of an approval that another console began."""
    localize = context.localize
    st.text("/".join(approval.path))
    with st.form("approval_sign_on", border=False):
        comment = st.text_area(localize("proposals.comment"), max_chars=500)
        sent = st.form_submit_button(localize("proposals.approve"), type="primary")
    return comment.strip() if sent and len(comment.strip()) >= 3 else None


def _redirect_uri() -> str:
    """The first page of this console, as the browser reaches it."""
    url = urlsplit(str(st.context.url))
    return f"{url.scheme}://{url.netloc}/"


@st.cache_resource
def _kept() -> "OrderedDict[tuple[str, str], str]":
    """Comments by the person who wrote them and the state of the sign-on."""
    return OrderedDict()
