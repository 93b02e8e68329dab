"""The desk for incidents and complaints: each is an entry, has a clock, and freezes its evidence.

``clocks`` says by when, ``asked`` finds the requests concerned, ``texts`` keeps what people wrote,
``door`` limits complaints of people whom nobody knows, ``words`` is what they are told.
"""

from gateway.governance.desk.clocks import Clocks
from gateway.governance.desk.complaints import OUTCOMES, Complaints, NewComplaint
from gateway.governance.desk.door import Door
from gateway.governance.desk.errors import AlreadyClosed
from gateway.governance.desk.incidents import Incidents, NewIncident
from gateway.governance.desk.texts import CaseTexts

__all__ = [
    "OUTCOMES",
    "AlreadyClosed",
    "CaseTexts",
    "Clocks",
    "Complaints",
    "Door",
    "Incidents",
    "NewComplaint",
    "NewIncident",
]
