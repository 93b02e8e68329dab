"""The data sets dev and eval: their contents, and checks of every mark."""

import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import phonenumbers
from stdnum import iban, luhn
from stdnum.be import nn
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale
from stdnum.nl import bsn, btw, onderwijsnummer
from stdnum.pl import pesel

from gateway.core.finding import PERSONAL_TYPES
from gateway.core.level import Level
from gateway.evaluation import MarkedText, Span, load

_ROOT = Path(__file__).parents[3]
_DATA = _ROOT / "evaluation/datasets"
_SETS = {name: load(_DATA / f"{name}.jsonl") for name in ("dev", "eval")}
_ALL = [example for examples in _SETS.values() for example in examples]
_NATIONAL = (nn, idnr, dni, nie, nir, nhs, codicefiscale, onderwijsnummer, pesel)
_REGIONS = ("NL", "BE", "DE", "FR", "ES", "IT", "PL", "GB", "IE")
# What no checksum covers, in the form that the issuer writes; "O" and "l" are scan errors.
_FORMS = {
    "KVK": r"\d{8}",
    "PASSPORT_ID": r"[A-NP-Z]{2}[A-NP-Z0-9]{6}\d",
    "DRIVING_LICENCE": r"\d{10}",
    "V_NUMBER": r"\d{10}",
    "BIG_NUMBER": r"\d{9}01",
    "AGB_CODE": r"\d{8}",
    "EMAIL": r"[^@\s]+@[^@\s]+\.example\.(?:com|net|org)",
}


def _value(example: MarkedText, span: Span) -> str:
    return example.text[span.start : span.end]


def _marked(*types: str) -> list[tuple[str, str]]:
    """Type and value of the spans of these types, except values with scan errors."""
    return [
        (span.type, _value(example, span))
        for example in _ALL
        for span in example.spans
        if span.type in types and not re.search(r"[Ol]\d|\d ?[Ol]", _value(example, span))
    ]


def _valid(type_: str, value: str) -> bool:
    plain = re.sub(r"[\s.-]", "", value)
    checks = {
        "BSN": lambda: bsn.is_valid(plain),
        "RSIN": lambda: bsn.is_valid(plain),
        "VAT_ID": lambda: btw.is_valid(plain),
        "IBAN": lambda: iban.is_valid(plain.upper(), check_country=False),
        "CREDIT_CARD": lambda: luhn.is_valid(plain),
        "NATIONAL_ID": lambda: any(module.is_valid(plain) for module in _NATIONAL),
    }
    return bool(checks[type_]())


def _is_number(value: str) -> bool:
    numbers = (phonenumbers.parse(value, region) for region in _REGIONS)
    return any(map(phonenumbers.is_valid_number, numbers))


def _names(name: str) -> set[str]:
    """Names of two words or more, folded."""
    return {
        " ".join(words)
        for example in _SETS[name]
        for span in example.spans
        if span.type == "PERSON"
        and len(words := re.findall(r"\w{2,}", _value(example, span).casefold())) > 1
    }


def test_files_equal_the_output_of_the_build() -> None:
    command = [sys.executable, "-m", "evaluation.build", "--check"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_enough_texts_of_each_sort() -> None:
    for examples in _SETS.values():
        assert len(examples) >= 200
        assert sum(not example.spans for example in examples) >= 0.4 * len(examples)
        assert sum(len(example.text) >= 300 for example in examples) >= len(examples) / 3
        assert {example.level for example in examples} == {level.label for level in Level}
        languages = Counter(example.lang for example in examples)
        assert languages["nl"] >= 0.5 * len(examples)
        assert languages["en"] >= 0.35 * len(examples)


def test_every_type_occurs() -> None:
    counts = Counter(span.type for example in _ALL for span in example.spans)
    assert set(counts) == {*PERSONAL_TYPES, "SECRET"}
    assert min(counts.values()) >= 3, counts


def test_ids_are_unique() -> None:
    assert len({example.id for example in _ALL}) == len(_ALL)


def test_marks_are_tight_and_do_not_overlap() -> None:
    for example in _ALL:
        marks = sorted((*example.spans, *example.ignored))
        loose = [m for m in marks if _value(example, m) != _value(example, m).strip()]
        assert loose == [], example.id
        assert all(left.end <= right.start for left, right in pairwise(marks)), example.id


def test_the_level_is_no_lower_than_its_marks() -> None:
    for example in _ALL:
        types = {span.type for span in example.spans}
        least = Level.CONFIDENTIAL if types else Level.PUBLIC
        if "SECRET" in types:
            least = Level.RESTRICTED
        assert Level.parse(example.level) >= least, example.id


def test_checksums_hold() -> None:
    marked = _marked("BSN", "RSIN", "VAT_ID", "IBAN", "CREDIT_CARD", "NATIONAL_ID")
    assert [item for item in marked if not _valid(*item)] == []


def test_forms_hold() -> None:
    assert [item for item in _marked(*_FORMS) if not re.fullmatch(_FORMS[item[0]], item[1])] == []


def test_phone_numbers_exist() -> None:
    assert [value for _, value in _marked("PHONE") if not _is_number(value)] == []


def test_the_sets_share_no_name() -> None:
    assert _names("dev") & _names("eval") == set()
