"""The desk for incidents and complaints: each is an entry, has a clock, and freezes its evidence.

``clocks`` says by when, ``asked`` finds the requests concerned, ``texts`` keeps what people wrote,
``door`` limits complaints of people whom nobody knows, ``words`` is what they are told.
"""

from gateway.governance.cases.complaints import OUTCOMES, Complaints, NewComplaint
from gateway.governance.cases.deadlines import Deadlines
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.errors import AlreadyClosed
from gateway.governance.cases.incidents import Incidents, NewIncident
from gateway.governance.cases.intake_limiter import IntakeLimiter

__all__ = [
    "OUTCOMES",
    "AlreadyClosed",
    "CaseTexts",
    "Complaints",
    "Deadlines",
    "Incidents",
    "IntakeLimiter",
    "NewComplaint",
    "NewIncident",
]
