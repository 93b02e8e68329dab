"""What the slices of cases share about texts, wired once."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.core.system.secrets import Secrets
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.case_holds import CaseHolds
from gateway.governance.cases.case_persons import CasePersons
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.search.service import CaseSearch
from gateway.governance.cases.text_erasure import CaseTextErasure
from gateway.governance.cases.text_expiry import CaseTextExpiry
from gateway.governance.cases.text_removal import CaseTextStates
from gateway.governance.cases.text_terms import CaseTextTerms
from gateway.governance.holds.service import Holds
from gateway.governance.journal import Journal
from gateway.governance.person_keys import PersonKeys
from gateway.storage.database import Database


@dataclass(frozen=True, slots=True)
class CaseTextServices:
    """Encryption, search, retention and erasure of the texts of cases."""

    texts: CaseTexts
    states: CaseTextStates
    search: CaseSearch
    expiry: CaseTextExpiry
    erasure: CaseTextErasure


def build_case_texts(
    database: Database,
    journal: Journal,
    trail: AuditService,
    holds: Holds,
    people: PersonKeys,
    secrets: Secrets,
    wall: Callable[[], float],
) -> CaseTextServices:
    """Wire what concerns texts of cases; ``wall`` is epoch seconds."""
    texts = CaseTexts(kek=secrets.kek, pepper=secrets.pepper, wall=wall)
    persons = CasePersons(trail, texts, pepper=secrets.pepper)
    case_holds = CaseHolds(trail, holds, persons, wall=wall)
    terms = CaseTextTerms()
    return CaseTextServices(
        texts=texts,
        states=CaseTextStates(terms),
        search=CaseSearch(database, journal, people, persons),
        expiry=CaseTextExpiry(database, journal, holds, case_holds, terms, wall=wall),
        erasure=CaseTextErasure(database, journal, persons, case_holds, wall=wall),
    )
