"""The field on the pages of cases that finds the cases of a person."""

from typing import Any

import streamlit as st

from admin.components import attempt
from admin.i18n import Localizer
from admin.page_context import PageContext

_MIN_CHARS = 3
_FOUND, _OWNER = "case_search.found", "case_search.whose"


def field(context: PageContext) -> None:
    """Draw the search by name, address or pseudonym; each search is recorded with its reason."""
    localize = context.localize
    if not context.user.may("subjects:find"):
        return
    if st.session_state.get(_OWNER) != context.user.id:  # another person signed in since
        st.session_state[_OWNER] = context.user.id
        st.session_state.pop(_FOUND, None)
    with st.expander(localize("case_search.title"), icon=":material/person_search:"):
        st.caption(localize("case_search.about"))
        with st.form("case_search", border=False):
            words = st.text_input(localize("case_search.words"), max_chars=200).strip()
            pseudonym = st.text_input(localize("case_search.pseudonym"), max_chars=64).strip()
            reason = st.text_input(localize("case_search.reason"), max_chars=500).strip()
            pressed = st.form_submit_button(localize("case_search.search"), type="primary")
        body = {"words": words, "pseudonym": pseudonym, "reason": reason}
        if pressed:
            st.session_state.pop(_FOUND, None)
            if len(reason) < _MIN_CHARS or not (words or pseudonym):
                st.warning(localize("cases.text_needed"))
            else:
                _ask(context, body, before=None)
        _results(context)


def _ask(context: PageContext, body: dict[str, Any], *, before: str | None) -> None:
    asked = {**body, "before": before}
    found = attempt(context.localize, lambda: context.client.search_cases(asked))
    if found is not None:
        st.session_state[_FOUND] = body, found


def _results(context: PageContext) -> None:
    localize = context.localize
    if _FOUND not in st.session_state:
        return
    body, found = st.session_state[_FOUND]
    if found["cases"]:
        st.dataframe([_row(localize, one) for one in found["cases"]], hide_index=True)
    else:
        st.info(localize("case_search.none"))
    st.caption(localize("case_search.scanned", count=localize.number(found["scanned"])))
    if found["before"] and st.button(localize("case_search.more")):
        _ask(context, body, before=found["before"])
        st.rerun()


def _row(localize: Localizer, case: dict[str, Any]) -> dict[str, str]:
    parts = [_part(localize, part) for part in case["parts"]]
    if case["in_requests"]:
        parts.append(localize.raw("case_search.in_requests"))
    return {
        localize.raw("case_search.id"): case["id"],
        localize.raw("case_search.kind"): localize.name("case_kind", case["kind"]),
        localize.raw("case_search.opened"): localize.moment(case["opened"] / 1000),
        localize.raw("case_search.ended"): localize.moment(
            case["ended"] / 1000 if case["ended"] else None
        ),
        localize.raw("case_search.where"): ", ".join(parts),
    }


def _part(localize: Localizer, part: str) -> str:
    kind, _, number = part.partition(".")
    return f"{localize.name('case_part', kind)} {number}".strip()
