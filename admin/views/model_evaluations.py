"""The evaluations of a version: the verdict of the gate, scores beside production, and runs."""

from typing import Any

import streamlit as st

from admin.components import attempt, bullets, confirm, flash
from admin.evaluation_problems import problem_of, problems_of
from admin.i18n import Localizer
from admin.page_context import PageContext

_REFRESH_S = 2.0
_EVALUATED_IN = ("draft", "evaluated", "approved", "deprecated")
_MARKS = {
    "passed": ":green[:material/check_circle:]",
    "failed": ":red[:material/cancel:]",
    "invalid": ":orange[:material/error:]",
}


def draw(context: PageContext, version: dict[str, Any]) -> None:
    """Draw the evaluations of a version, and what may be done about them."""
    found = summary(context, version)
    if found is None:
        return
    if found["job"]["running"]:
        _progress(context, version)
    elif version["state"] in _EVALUATED_IN and context.user.may("models:evaluate"):
        _start(context, version, found)
    if found["lacking"] and context.user.may("models:evaluate"):
        _override(context, version)
    _all_runs(context.localize, found["runs"])


def summary(context: PageContext, version: dict[str, Any]) -> dict[str, Any] | None:
    """Draw the verdict of the gate with the newest run of each suite; gives what was found."""
    localize, which = context.localize, (version["name"], version["version"])
    found = attempt(localize, lambda: context.client.evaluations(*which))
    if found is None:
        return None
    st.subheader(localize("evaluations.title"), anchor=False)
    if found["job"]["problem"]:
        broken = localize("evaluations.broken_off", reason=found["job"]["problem"])
        st.error(broken, icon=":material/error:")
    _verdict(localize, found)
    newest = {run["suite"]: run for run in found["runs"] if run["purpose"] == "gate"}
    rows = [
        _row(localize, run, found["discarded"].get(suite, 0))
        for suite, run in newest.items()
        if run["result"]
    ]
    if rows:
        st.dataframe(rows, hide_index=True)
        st.caption(localize("evaluations.intervals"))
    for one in found["overrides"]:
        st.info(
            localize(
                "evaluations.overridden",
                problems=problems_of(localize, one["problems"]),
                author=one["author"],
                approver=one["approved_by"],
                when=localize.moment(one["at"]),
                reason=one["reason"],
            ),
            icon=":material/gavel:",
        )
    return found


def _verdict(localize: Localizer, found: dict[str, Any]) -> None:
    """Draw what the gate says: all is there, or what lacks."""
    risk = localize.name("ai_act", found["risk"]) if found["risk"] else ""
    if not found["lacking"]:
        passed = any(run["state"] == "passed" for run in found["runs"])
        key = "evaluations.enough" if passed else "evaluations.nothing_asked"
        if found["overridden"]:
            key = "evaluations.let_pass"
        st.success(localize(key, risk=risk), icon=":material/check_circle:")
        return
    key = "evaluations.blocked" if found["blocks"] else "evaluations.advised"
    st.warning(localize(key, risk=risk), icon=":material/block:")
    bullets([
        localize("evaluations.lacks", problem=problem_of(localize, problem))
        for problem in found["lacking"]
    ])


def _row(localize: Localizer, run: dict[str, Any], discarded: int) -> dict[str, str]:
    """A finished run as a line of the table: the score beside its threshold and production.

    ``discarded`` is how many runs of its suite failed or were broken off.
    """
    result, thresholds = run["result"], run["thresholds"] or {}
    compared = result.get("compared")
    least, worse = thresholds.get("min"), thresholds.get("not_worse_by")
    return {
        localize.raw("evaluations.suite"): run["suite"],
        localize.raw("evaluations.state"): localize.name("run", run["state"]),
        localize.raw("evaluations.score"): _measure(localize, result["score"]),
        localize.raw("evaluations.least"): "–" if least is None else localize.number(least, 2),
        localize.raw("evaluations.production"): (
            _measure(localize, compared["score"]) if compared else "–"
        ),
        localize.raw("evaluations.difference"): (
            localize.raw(
                "evaluations.difference_of",
                difference=_signed(localize, compared["difference"]),
                least=_signed(localize, compared["exceeds"]),
            )
            if compared
            else "–"
        ),
        localize.raw("evaluations.allowed"): (
            "–" if worse is None else _signed(localize, -worse, 2)
        ),
        localize.raw("evaluations.items"): localize.number(result["counted"]),
        localize.raw("evaluations.discarded"): localize.number(discarded),
        localize.raw("evaluations.finished"): localize.moment(run["finished"]),
    }


def _measure(localize: Localizer, measure: dict[str, float]) -> str:
    value, low, high = (localize.number(measure[part], 3) for part in ("value", "low", "high"))
    return f"{value} ({low} – {high})"


def _signed(localize: Localizer, value: float, digits: int = 3) -> str:
    return ("+" if value >= 0 else "−") + localize.number(abs(value), digits)


@st.fragment(run_every=_REFRESH_S)
def _progress(context: PageContext, version: dict[str, Any]) -> None:
    """Draw how far the runs are, until they have ended."""
    localize, which = context.localize, (version["name"], version["version"])
    found = attempt(localize, lambda: context.client.evaluations(*which))
    if found is None:
        return
    if not found["job"]["running"]:
        st.rerun()
    for run in found["runs"]:
        if one := run["progress"]:
            text = localize(
                "evaluations.progress",
                suite=one["suite"],
                answered=localize.number(one["answered"]),
                items=localize.number(one["items"]),
            )
            st.progress(one["answered"] / max(1, one["items"]), text)


def _start(context: PageContext, version: dict[str, Any], found: dict[str, Any]) -> None:
    localize, which = context.localize, (version["name"], version["version"])
    if not found["job"]["available"]:
        st.caption(localize("evaluations.no_gateway"))
        return
    with st.form("evaluations.start"):
        suites = attempt(localize, context.client.suites) or []
        titles = {one["name"]: one["title"][localize.language] for one in suites}
        chosen = st.multiselect(
            localize("evaluations.suites"),
            list(titles),
            format_func=lambda name: f"{name}: {titles[name]}",
            placeholder=localize.raw("evaluations.suites_of_policy"),
        )
        if not st.form_submit_button(localize("evaluations.start"), type="primary"):
            return
        if attempt(localize, lambda: (context.client.run_evaluation(*which, chosen),)):
            flash(localize("evaluations.started"))
            st.rerun()


def _override(context: PageContext, version: dict[str, Any]) -> None:
    localize, which = context.localize, (version["name"], version["version"])
    if st.button(localize("evaluations.override")):
        confirm(
            context,
            localize("evaluations.override"),
            localize("evaluations.override_body", which="@".join(which)),
            lambda reason: context.client.override_evaluation(*which, reason),
            done=localize("evaluations.override_done"),
            reason=localize("models.reason"),
        )


def _all_runs(localize: Localizer, runs: list[dict[str, Any]]) -> None:
    """Draw all runs, those too that failed or were broken off."""
    if not runs:
        return
    with st.expander(localize("evaluations.all_runs", count=len(runs))):
        bullets([
            f"{_MARKS.get(run['state'], ':material/pending:')} "
            + localize(
                "evaluations.run",
                suite=run["suite"],
                state=localize.name("run", run["state"]),
                who=run["started_by"],
                when=localize.moment(run["started"]),
                problems=problems_of(localize, run["problems"]) or "–",
            )
            for run in reversed(runs)
        ])
