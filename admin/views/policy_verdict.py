"""What the control plane says of a draft or a proposal: faults, cases, and what it changes."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from admin.components import attempt, bullets
from admin.i18n import escape
from admin.page_context import PageContext


@dataclass(frozen=True, slots=True)
class DraftVerdict:
    """The result of a check; ``report`` is what changes, None for what cannot be used."""

    check: dict[str, Any]
    report: dict[str, Any] | None

    @classmethod
    def of(cls, context: PageContext, body: dict[str, Any]) -> "DraftVerdict | None":
        """Ask for it; None when there is no answer."""
        check = attempt(context.localize, lambda: context.client.check_bundle(body))
        if check is None:
            return None
        usable = check["error"] is None
        report = (
            attempt(context.localize, lambda: context.client.compare_bundle(body))
            if usable
            else None
        )
        return cls(check, report)

    @property
    def new_faults(self) -> list[dict[str, Any]]:
        """The faults that keep it from being proposed."""
        return [fault for fault in self.check["faults"] if fault["new"]]

    @property
    def may_propose(self) -> bool:
        """Whether it can be used, passes its cases and has no new fault."""
        return bool(self.check["ok"]) and not self.new_faults

    def faults_in(self, path: str) -> list[dict[str, Any]]:
        """What is wrong in one file, by line; failed cases included."""
        place = self.check["place"]
        failed = [
            {**case, "message": f"{case['expected']} ≠ {case['got']}"}
            for case in self.check["tests"]
            if not case["passed"]
        ]
        listed = [*([place] if place else []), *self.check["faults"], *failed]
        return [
            {"line": one["line"], "message": one["message"]}
            for one in listed
            if one["file"] == path
        ]


def draw_verdict(context: PageContext, verdict: DraftVerdict) -> None:
    """Draw whether it can be used, what is wrong, and what it changes."""
    draw_check(context, verdict.check)
    if verdict.report is not None:
        draw_report(context, verdict.report)


def draw_check(context: PageContext, check: dict[str, Any]) -> None:
    """Draw faults with file and line, and the cases that fail."""
    localize = context.localize
    if check["error"]:
        st.error(localize("change.broken"), icon=":material/error:")
        place = check["place"]
        at = f"{place['file']}:{place['line']}: " if place else ""
        st.text(check["error"] if check["error"].startswith(at) else at + check["error"])
        return
    failed = [test for test in check["tests"] if not test["passed"]]
    if failed:
        st.error(localize("change.failed", count=len(failed)), icon=":material/error:")
        st.dataframe([_case_row(context, test) for test in failed], hide_index=True)
    else:
        st.success(
            localize("change.passed", count=len(check["tests"])), icon=":material/check_circle:"
        )
    new = [fault for fault in check["faults"] if fault["new"]]
    if new:
        st.error(localize("change.faults", count=len(new)), icon=":material/rule:")
        for fault in new:
            st.text(f"{fault['file']}:{fault['line']}: {fault['message']}")
    if old := len(check["faults"]) - len(new):
        st.caption(localize("change.old_faults", count=old))


def draw_report(context: PageContext, report: dict[str, Any]) -> None:
    """Draw what it changes, as sentences; what is wider stands out."""
    localize = context.localize
    st.markdown(localize("change.changes"))
    sentences = report["sentences"][localize.language]
    if not sentences:
        st.caption(localize("change.no_changes"))
        return
    bullets([escape(sentence) for sentence in sentences])
    lattice = report["lattice"]
    if lattice and any(change["wider"] for change in lattice["changes"]):
        st.warning(localize("change.wider"), icon=":material/open_in_full:")


def _case_row(context: PageContext, test: dict[str, Any]) -> dict[str, str]:
    localize = context.localize
    return {
        localize.raw("change.case"): test["name"],
        localize.raw("change.place"): f"{test['file']}:{test['line']}",
        localize.raw("change.expected"): test["expected"],
        localize.raw("change.got"): test["got"],
    }
