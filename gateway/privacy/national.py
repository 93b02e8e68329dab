"""Personal numbers of other countries, told apart by shape and checked by python-stdnum."""

import re

import stdnum.at.vnr
import stdnum.be.nn
import stdnum.de.idnr
import stdnum.dk.cpr
import stdnum.es.dni
import stdnum.es.nie
import stdnum.fi.hetu
import stdnum.fr.nif
import stdnum.fr.nir
import stdnum.gb.nhs
import stdnum.hr.oib
import stdnum.ie.pps
import stdnum.it.codicefiscale
import stdnum.no.fodselsnummer
import stdnum.pl.pesel
import stdnum.pt.nif
import stdnum.ro.cnp
import stdnum.se.personnummer

NATIONAL_WORDS = (
    r"rijksregister|insz|steuer-?id|idnr|steuerliche id|identifikationsnummer|sécurité sociale|insee|"
    r"dni|nie\b|nif|codice fiscale|pesel|personnummer|henkilötunnus|nhs|national insurance|cpr|"
    r"fødselsnummer|cnp|oib|pps|svnr|sozialversicherung|numéro fiscal|national id|numer pesel"
)
_NINO = re.compile(r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]")
_BY_SIZE = {
    9: (stdnum.pt.nif, stdnum.es.dni, stdnum.es.nie, stdnum.ie.pps),
    10: (stdnum.gb.nhs, stdnum.dk.cpr, stdnum.se.personnummer, stdnum.at.vnr),
    11: (stdnum.be.nn, stdnum.de.idnr, stdnum.pl.pesel, stdnum.no.fodselsnummer, stdnum.hr.oib),
    12: (stdnum.se.personnummer,),
    13: (stdnum.fr.nif, stdnum.ro.cnp),
    15: (stdnum.fr.nir,),
    16: (stdnum.it.codicefiscale,),
}


def is_national(raw: str) -> bool:
    """Whether a token of at most 24 characters is a valid number of one of these countries."""
    compact = re.sub(r"[ .\-+]", "", raw).upper()
    if _NINO.fullmatch(compact):
        return True
    if len(compact) == 10 and raw[6:7] in "-+A" and stdnum.fi.hetu.is_valid(raw):
        return True
    return any(module.is_valid(raw.upper()) for module in _BY_SIZE.get(len(compact), ()))
