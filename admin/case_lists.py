"""Lists of cases in pages: how many there are by state, one state on demand, and more of them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from admin.components import attempt
from admin.page_context import PageContext

Ask = Callable[[str, str | None], dict[str, Any]]


def case_list(context: PageContext, page: str, ended: str, ask: Ask) -> dict[str, Any] | None:
    """Draw the totals and the choice of a state; gives the answer with the cases shown so far.

    ``ask`` gets a state, "" for all, and a cursor. ``ended`` is the state of what is over.
    """
    localize, state = context.localize, _chosen_state(context, page, ended)
    found: dict[str, Any] | None = None
    after, cases = None, page
    for _ in range(st.session_state.get(_shown(page, state), 1)):
        answer = attempt(localize, partial(ask, state, after))
        if answer is None:
            return found
        if found is None:
            found = {**answer, cases: []}
        found[cases] += [_named(case, answer["names"]) for case in answer[cases]]
        found["next"] = after = answer["next"]
        if after is None:
            break
    if found is not None:
        opened, overdue, over = (found["totals"][name] for name in ("open", "overdue", "ended"))
        st.caption(
            localize(
                "cases.totals",
                open=localize.number(opened),
                overdue=localize.number(overdue),
                ended=localize.number(over),
            )
        )
    return found


def _named(case: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A case with the names of those who acted in it instead of the ids of their keys."""
    acted = {part: who for part, who in case.items() if part.endswith("_by") and who}
    messages = [{**one, "by": names.get(one["by"], one["by"])} for one in case.get("messages", ())]
    return {
        **case,
        **{part: names.get(who, who) for part, who in acted.items()},
        "messages": messages,
    }


def more_cases(context: PageContext, page: str, found: dict[str, Any]) -> None:
    """Draw the button that shows the next page below, where there is one."""
    if found["next"] is None:
        return
    shown = _shown(page, st.query_params.get("state", ""))
    if st.button(context.localize("cases.more"), key=f"{shown}.more"):
        st.session_state[shown] = st.session_state.get(shown, 1) + 1
        st.rerun()


def _chosen_state(context: PageContext, page: str, ended: str) -> str:
    """The state that the address names; empty for all."""
    localize, states = context.localize, ["", "open", "overdue", ended]
    given = st.query_params.get("state", "")
    chosen = st.selectbox(
        localize("cases.state"),
        states,
        index=states.index(given) if given in states else 0,
        key=f"{page}.state.{localize.language}",  # a widget shows what it was in its language
        format_func=lambda state: (
            localize.name("case", state) if state else localize.raw("cases.every_state")
        ),
    )
    if chosen:
        st.query_params["state"] = chosen
    else:
        st.query_params.pop("state", None)
    return str(chosen)


def _shown(page: str, state: str) -> str:
    return f"{page}.{state}.pages"
