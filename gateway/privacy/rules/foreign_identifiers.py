"""Personal numbers of other countries, distinguished by form and checked by python-stdnum."""

import re

import stdnum.at.vnr
import stdnum.be.nn
import stdnum.bg.egn
import stdnum.ch.ssn
import stdnum.cz.rc
import stdnum.de.idnr
import stdnum.dk.cpr
import stdnum.ee.ik
import stdnum.es.dni
import stdnum.es.nie
import stdnum.fi.hetu
import stdnum.fr.nif
import stdnum.fr.nir
import stdnum.gb.nhs
import stdnum.gr.amka
import stdnum.hr.oib
import stdnum.ie.pps
import stdnum.it.codicefiscale
import stdnum.lt.asmens
import stdnum.no.fodselsnummer
import stdnum.pl.pesel
import stdnum.pt.nif
import stdnum.ro.cnp
import stdnum.se.personnummer
import stdnum.si.emso
import stdnum.tr.tckimlik

from gateway.privacy.lexicons.loader import alternation

NATIONAL_WORDS = alternation("national_identifiers.patterns.txt")
_NINO = re.compile(r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]")
_BY_SIZE = {
    8: (stdnum.ie.pps,),
    9: (stdnum.pt.nif, stdnum.es.dni, stdnum.es.nie, stdnum.ie.pps),
    10: (
        stdnum.gb.nhs,
        stdnum.dk.cpr,
        stdnum.se.personnummer,
        stdnum.at.vnr,
        stdnum.cz.rc,
        stdnum.bg.egn,
    ),
    11: (
        stdnum.be.nn,
        stdnum.de.idnr,
        stdnum.pl.pesel,
        stdnum.no.fodselsnummer,
        stdnum.hr.oib,
        stdnum.gr.amka,
        stdnum.ee.ik,
        stdnum.lt.asmens,
        stdnum.tr.tckimlik,
    ),
    12: (stdnum.se.personnummer,),
    13: (stdnum.fr.nif, stdnum.ro.cnp, stdnum.si.emso, stdnum.ch.ssn),
    15: (stdnum.fr.nir,),
    16: (stdnum.it.codicefiscale,),
}


_GAPS = re.compile(r"[ .\-+/]")


def is_national(raw: str) -> bool:
    """Whether a token of at most 24 characters is a valid number of one of these countries."""
    compact = _GAPS.sub("", raw).upper()
    if _NINO.fullmatch(compact):
        return True
    if len(compact) == 10 and compact[0] == "8" and compact.isdigit() and _is_hungarian(compact):
        return True
    if len(compact) == 10 and raw[6:7] in "-+A" and stdnum.fi.hetu.is_valid(raw):
        return True
    return any(
        module.is_valid(compact) or (raw.upper() != compact and module.is_valid(raw.upper()))
        for module in _BY_SIZE.get(len(compact), ())
    )


def begins_with_birth(digits: str) -> bool:
    """Whether a number opens with a date, as in Belgium and Poland: one digit may be mistyped."""
    return 1 <= int(digits[2:4]) % 20 <= 12 and 1 <= int(digits[4:6]) <= 31


def _is_hungarian(digits: str) -> bool:
    """The tax number of a person (adóazonosító jel): weighted by place, modulo 11."""
    weighted = sum(place * int(digit) for place, digit in enumerate(digits[:9], start=1))
    return weighted % 11 == int(digits[9])
