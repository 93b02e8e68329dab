"""Reports: counted from the trail, beside the catalogue; the same facts in every form and language.

``counting`` counts, ``collecting`` puts the catalogue beside it: facts, which are signed. A kind
(``activity``, ``processing``, ``ai_act``, ``algorithms``) makes a document of facts and words; a form
(``pdf``, ``tables``) draws the document. ``service`` records, stores and gives again.
"""

from gateway.governance.reports.collector import Collector
from gateway.governance.reports.export_attachments import ExportAttachments
from gateway.governance.reports.kinds import FORMATS, KINDS, LANGUAGES
from gateway.governance.reports.service import ReportFile, ReportRequest, Reports

__all__ = [
    "FORMATS",
    "KINDS",
    "LANGUAGES",
    "Collector",
    "ExportAttachments",
    "ReportFile",
    "ReportRequest",
    "Reports",
]
