"""The kinds and formats of reports."""

from collections.abc import Callable, Mapping

from gateway.governance.catalogue.processing_register import KINDS
from gateway.governance.reports.activity import activity
from gateway.governance.reports.ai_act import ai_act
from gateway.governance.reports.algorithms import algorithms
from gateway.governance.reports.document import ReportDocument
from gateway.governance.reports.facts import Facts
from gateway.governance.reports.localizer import LANGUAGES, ReportLocalizer
from gateway.governance.reports.processing import processing

_MAKE: Mapping[str, Callable[[ReportLocalizer, Facts], ReportDocument]] = {
    "activity": activity,
    "processing": processing,
    "ai-act": ai_act,
    "algorithms": algorithms,
}
FORMATS = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
__all__ = ["FORMATS", "KINDS", "LANGUAGES", "document_of"]


def document_of(facts: Facts, language: str) -> ReportDocument:
    """The document of some facts in a language; it depends on nothing else."""
    return _MAKE[facts.kind](ReportLocalizer(language, facts.period.timezone), facts)
