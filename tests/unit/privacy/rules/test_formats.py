"""Numbers in all usual formats, in sentences, tables, JSON and settings."""

import secrets
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.nl import bsn

from gateway.governance.changes.recovery import new_code
from gateway.governance.keys.service import secret_of_key
from gateway.privacy import Detector

_IBAN_BODIES = {
    "NL": "AAAA" + 10 * "9",
    "BE": 12 * "9",
    "DE": 18 * "9",
    "FR": 23 * "9",
    "GB": "AAAA" + 14 * "9",
    "ES": 20 * "9",
    "IT": "A" + 22 * "9",
    "LU": 16 * "9",
    "AT": 16 * "9",
    "PL": 24 * "9",
    "SE": 20 * "9",
    "DK": 14 * "9",
    "NO": 11 * "9",
    "FI": 14 * "9",
    "PT": 21 * "9",
    "IE": "AAAA" + 14 * "9",
    "CH": 17 * "9",
    "CZ": 20 * "9",
    "HU": 24 * "9",
    "RO": "AAAA" + 16 * "9",
    "BG": "AAAA" + 14 * "9",
    "HR": 17 * "9",
    "LV": "AAAA" + 13 * "9",
    "MT": "AAAA" + 23 * "9",
    "GR": 23 * "9",
    "TR": 22 * "9",
}
_SIDE_CODES = (
    "LL-DD-DD",
    "DD-DD-LL",
    "DD-LL-DD",
    "LL-DD-LL",
    "LL-LL-DD",
    "DD-LL-LL",
    "DD-LLL-D",
    "D-LLL-DD",
    "LL-DDD-L",
    "L-DDD-LL",
    "LLL-DD-L",
    "D-LL-DDD",
    "L-DD-LLL",
)
_CARRIERS = (
    "{label} {value}",
    "{label}: {value}.",
    '{{"{label}": "{value}"}}',
    "<b>{label}</b> {value}, zie boven",
)


def _digits(size: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=size, max_size=size)


def _like(shape: str) -> st.SearchStrategy[str]:
    """Digits for 9 and D, letters for A and L, the rest as it is."""
    signs = {
        "9": "0123456789",
        "D": "123456789",
        "A": string.ascii_uppercase,
        "L": "BDFGHJKLNPRSTVXZ",
    }
    return st.tuples(*(st.sampled_from(signs.get(sign, sign)) for sign in shape)).map("".join)


def _as_bsn(digits: str) -> str:
    """With the check digit behind eight digits; one in eleven has none and is no number."""
    weighted = sum(
        weight * int(digit) for weight, digit in zip(range(9, 1, -1), digits, strict=True)
    )
    return f"{digits}{weighted % 11}"


def _groups(value: str, sizes: tuple[int, ...], sign: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(value[at : at + size])
        at += size
    return sign.join(parts)


def _assert_found(detector: Detector, type_: str, text: str, value: str) -> None:
    start = text.index(value)
    spans = [(f.type, f.start, f.end) for f in detector.scan(text)]
    assert (type_, start, start + len(value)) in spans, (text, spans)


@given(st.data())
def test_iban(detector: Detector, data: st.DataObject) -> None:
    land, shape = data.draw(st.sampled_from(sorted(_IBAN_BODIES.items())))
    body = data.draw(_like(shape))
    number = int("".join(str(int(sign, 36)) for sign in f"{body}{land}00"))
    value = f"{land}{98 - number % 97:02}{body}"
    sign = data.draw(st.sampled_from(("", " ", "-", ".")))
    value = sign.join(value[at : at + 4] for at in range(0, len(value), 4))
    text = data.draw(
        st.sampled_from(("Maak het over op {} voor 1 mei.", "IBAN {}", "{}", '{{"iban": "{}"}}'))
    )
    _assert_found(detector, "IBAN", text.format(value), value)


@given(
    _like("D9999999").map(_as_bsn).filter(bsn.is_valid),
    st.sampled_from((
        ((9,), ""),
        ((3, 3, 3), " "),
        ((3, 3, 3), "."),
        ((4, 2, 3), "."),
        ((3, 3, 3), "-"),
    )),
    st.sampled_from(("BSN", "burgerservicenummer", "bsn")),
    st.sampled_from(_CARRIERS),
)
def test_bsn(
    detector: Detector, number: str, form: tuple[tuple[int, ...], str], label: str, carrier: str
) -> None:
    value = _groups(number, *form)
    _assert_found(detector, "BSN", carrier.format(label=label, value=value), value)


@given(
    st.sampled_from(_SIDE_CODES).flatmap(_like),
    st.sampled_from(("-", "", " ")),
    st.sampled_from(("kenteken {}", "Kenteken: {}.", '{{"kenteken": "{}"}}', "licence plate {}")),
)
def test_dutch_plates(detector: Detector, plate: str, sign: str, carrier: str) -> None:
    value = plate.replace("-", sign)
    _assert_found(detector, "LICENSE_PLATE", carrier.format(value), value)


@given(
    st.sampled_from((("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("6011", 16), ("36", 14))),
    st.data(),
    st.sampled_from(("", " ", "-", ".")),
)
def test_cards(detector: Detector, kind: tuple[str, int], data: st.DataObject, sign: str) -> None:
    prefix, size = kind
    body = prefix + data.draw(_digits(size - len(prefix) - 1))
    number = body + luhn.calc_check_digit(body)
    sizes = (4, 4, 4, 4) if size == 16 else (4, 6, size - 10)
    value = _groups(number, sizes, sign)
    _assert_found(detector, "CREDIT_CARD", f"Kaart {value} geldig tot 08/27", value)


@pytest.mark.parametrize(
    ("type_", "labels", "values"),
    [
        (
            "KVK",
            ("KvK", "KvK-nummer", "Handelsregister nr.", "CoC", "Chamber of Commerce no."),
            ("41726380", "4172 6380", "41 726 380", "41.726.380"),
        ),
        (
            "VAT_ID",
            ("BTW", "btw-nummer", "VAT no."),
            (
                "NL001373997B64",
                "NL 001373997 B64",
                "NL-001373997-B64",
                "NL.0013.73.997.B64",
                "BE 0403.019.261",
                "FR 83 404833048",
                "DE136695976",
                "GB980780684",
            ),
        ),
        (
            "V_NUMBER",
            ("V-nummer", "v_nummer", "V nummer", "vreemdelingennummer", "V-number"),
            ("2837465019",),
        ),
        (
            "DRIVING_LICENCE",
            ("rijbewijs", "rijbewijsnummer", "Driving licence no."),
            ("5183454428",),
        ),
        ("BIG_NUMBER", ("BIG", "BIG-nummer", "BIG-registratie"), ("19048273601",)),
        ("AGB_CODE", ("AGB", "AGB-code", "agb-code praktijk"), ("01057342", "01-057342")),
        (
            "PASSPORT_ID",
            ("paspoort", "Passport number", "ID-kaart", "documentnummer"),
            ("NPR4C7D21",),
        ),
        (
            "PHONE",
            ("tel.", "Bel mij op", "Call", "mobiel"),
            (
                "06-12345678",
                "06 12 34 56 78",
                "+31 6 12345678",
                "0031 6 12345678",
                "+31 (0)6 1234 5678",
                "010 - 412 34 56",
                "(070) 345 67 89",
                "+32 475 12 34 56",
                "+44 20 7946 0958",
            ),
        ),
        (
            "DATE_OF_BIRTH",
            ("geboren op", "geboortedatum", "Date of birth", "DOB"),
            (
                "12-05-1978",
                "1978-05-12",
                "19780512",
                "12 mei 1978",
                "May 12, 1978",
                "12 mei '78",
                "twaalf mei negentienachtenzeventig",
                "12 mei negentienachtenzeventig",
                "7 juni tweeduizendeen",
                "twelfth of May nineteen seventy-eight",
            ),
        ),
    ],
)
def test_named_numbers(
    detector: Detector, type_: str, labels: tuple[str, ...], values: tuple[str, ...]
) -> None:
    for label in labels:
        for value in values:
            for carrier in ("{label} {value}", "{label}: {value}.", '{{"{label}": "{value}"}}'):
                _assert_found(detector, type_, carrier.format(label=label, value=value), value)


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Rijksregisternummer", "93.05.18-223.61"),
        ("Steuer-ID", "36574261809"),
        ("PESEL", "44051401359"),
        ("DNI", "54362315K"),
        ("DNI", "54.362.315-K"),
        ("NIE", "X2482300W"),
        ("Codice fiscale", "RCCMNL83S18D969H"),
        ("personnummer", "880320-0016"),
        ("henkilötunnus", "131052-308T"),
        ("CPR", "211062-5629"),
        ("National Insurance number", "AB 12 34 56 C"),
        ("PPS number", "6433435F"),
        ("SVNR", "1237 010180"),
        ("CNP", "1630615123457"),
        ("rodné číslo", "710319/2745"),
        ("EGN", "7523169263"),
        ("OIB", "33392005961"),
        ("AMKA", "01013099997"),
        ("isikukood", "36805280109"),
        ("asmens kodas", "38703181745"),
        ("EMŠO", "0101006500006"),
        ("adóazonosító jel", "8071592153"),
        ("numéro de sécurité sociale", "295109912611193"),
    ],
)
def test_personal_numbers_of_other_countries(detector: Detector, label: str, value: str) -> None:
    _assert_found(detector, "NATIONAL_ID", f"{label}: {value}.", value)


_RANDOM = "q7Vb2ZtX9mKc4LwR8sPy3NfJ6hDg5BkT1aMe0WuZxCvQ2rLpYt8Hn4Gs"
_HEX = "9f2c4b7e1a6d3058c9e4f7b2a1d60384"


@pytest.mark.parametrize(
    "value",
    [
        "AKIAQ7ZK2MXW5T4RPLNB",
        f"ghp_{_RANDOM[:36]}",
        f"github_pat_{_RANDOM}",
        f"glpat-{_RANDOM[:20]}",
        f"glptt-{_HEX}",
        f"xoxb-123456789012-{_RANDOM[:24]}",
        f"xapp-1-A0{_RANDOM[:30]}",
        f"sk-{_RANDOM[:48]}",
        f"sk-ant-api03-{_RANDOM}",
        f"AIza{_RANDOM[:35]}",
        f"sk_live_{_RANDOM[:24]}",
        f"npm_{_RANDOM[:36]}",
        f"hf_{_RANDOM[:34]}",
        f"SG.{_RANDOM[:22]}.{_RANDOM[:43]}",
        f"dop_v1_{_HEX}{_HEX}",
        f"dapi{_HEX}",
        f"shpat_{_HEX}",
        f"hvs.{_RANDOM[:24]}",
        f"figd_{_RANDOM[:40]}",
        f"gsk_{_RANDOM[:52]}",
        f"AC{_HEX}",
        f"r8_{_RANDOM[:37]}",
        f"tskey-auth-{_RANDOM[:40]}",
        f"glsa_{_RANDOM[:40]}",
        f"NRAK-{_RANDOM[:27].upper()}",
        f"ATATT3xFfGF0{_RANDOM}",
        f"duffel_live_{_RANDOM[:43]}",
        f"rubygems_{_HEX}{_HEX[:16]}",
        "$2y$10$" + _RANDOM[:53],
        f"$6${_RANDOM[:16]}${(_RANDOM * 2)[:86]}",
        f"$y$j9T${_RANDOM[:22]}${_RANDOM[:43]}",
        f"$argon2id$v=19$m=65536,t=3,p=4${_RANDOM[:22]}${_RANDOM[:43]}",
    ],
)
def test_keys_of_providers(detector: Detector, value: str) -> None:
    for text in (f"Gebruik {value} voor de koppeling.", value, f'{{"x": "{value}"}}'):
        _assert_found(detector, "SECRET", text, value)


def test_what_sluis_makes_itself(detector: Detector) -> None:
    own = secret_of_key(secrets.token_hex(4))
    begins = own.rindex("_", 0, 16) + 1  # with any sign of base64url
    for value in (own, new_code(), *(own[:begins] + sign + own[begins + 1 :] for sign in "-_aZ0")):
        _assert_found(detector, "SECRET", f"Gebruik {value} voor de koppeling.", value)


@pytest.mark.parametrize(
    "text",
    [
        "def recover_from_connection_reset_and_retry_later_on(client): ...",
        "rate(sluis_gateway_rule_faults_total[5m]) and sluis_requests_answered_total",
        "cp $1$suffix $HOME/$5$name; echo $6$ $y$",
    ],
)
def test_names_in_code_are_no_secrets(detector: Detector, text: str) -> None:
    assert not [one for one in detector.scan(text) if one.type == "SECRET"]


def test_a_password_with_an_at_sign_in_an_address(detector: Detector) -> None:
    text = "postgres://app:P@ssw0rd!23@db.intern.example:5432/x"
    _assert_found(detector, "SECRET", text, "P@ssw0rd!23")


_ALIKE: dict[str, tuple[st.SearchStrategy[str], tuple[str, ...]]] = {
    "order": (
        st.integers(100_000, 10**11).map(str),
        (
            "Ordernummer {}",
            "Your order {} has shipped",
            "bestelnummer: {}",
            "klantnummer {}",
            "serienummer {}",
            "Polisnummer {}",
            "Customer number {}",
            "contract {}",
        ),
    ),
    "invoice": (
        _like("99999").map("2026-{}".format),
        ("Factuur {} van maart", "Invoice {}", "Kenmerk {}"),
    ),
    "isbn": (_digits(9).map("978{}4".format), ("ISBN {}", "isbn {} gebonden")),
    "version": (
        st.tuples(*[st.integers(0, 30)] * 4).map(lambda parts: ".".join(map(str, parts))),
        ("versie {}", "upgrade to version {}", "release {} is uit"),
    ),
    "date": (
        st.dates().map(lambda day: f"{day:%d-%m-%Y}"),
        ("De vergadering is op {}.", "Ingangsdatum {}", "The contract ends on {}"),
    ),
    "model": (_like("AA-99-99"), ("model {}", "type {}", "onderdeel {}")),
    "time": (st.integers(1_600_000_000, 1_790_000_000).map(str), ("timestamp {}", "ts={}")),
    "hash": (st.text("0123456789abcdef", min_size=40, max_size=40), ("commit {}", "checksum: {}")),
    "weight": (_like("D999"), ("gewicht {} KG", "{} kWh per jaar", "max {} MM")),
}


@pytest.mark.parametrize("kind", _ALIKE)
@given(data=st.data())
def test_what_only_looks_like_it(detector: Detector, kind: str, data: st.DataObject) -> None:
    values, carriers = _ALIKE[kind]
    text = data.draw(st.sampled_from(carriers)).format(data.draw(values))
    assert [f.type for f in detector.scan(text) if f.type != "DATE_OF_BIRTH"] == [], text
