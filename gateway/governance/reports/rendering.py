"""Renders a report from facts to a file."""

from dataclasses import dataclass

from gateway.core.errors import Unavailable
from gateway.governance.reports.document import ReportDocument
from gateway.governance.reports.facts import Facts
from gateway.governance.reports.kinds import document_of
from gateway.governance.reports.table_files import as_csv, as_json, as_parquet


@dataclass(frozen=True, slots=True)
class Signed:
    """Facts with the signature over their canonical bytes, and the public key, both in hex."""

    facts: Facts
    signature: str
    key: str


def render(signed: Signed, language: str, form: str) -> bytes:
    """The file of a report. Slow for PDF (tenths of a second): call it from a thread.

    Raises:
        Unavailable: when a package that the format needs is not installed.
    """
    document = document_of(signed.facts, language)
    if form == "json":
        return as_json(document, signed.facts, signature=signed.signature, key=signed.key)
    if form == "csv":
        return as_csv(document)
    if form == "parquet":
        return as_parquet(document)
    return _pdf(document, signed.facts.period.timezone)


def _pdf(document: ReportDocument, timezone: str) -> bytes:
    try:
        from gateway.governance.reports.pdf import as_pdf
    except ImportError as error:
        raise Unavailable(
            "PDF needs the extra: install sluis[reports].", retry_after=3600
        ) from error
    return as_pdf(document, timezone)
