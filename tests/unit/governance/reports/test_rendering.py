"""Forms of a report: PDF, CSV, JSON and Parquet of the same document."""

import csv
import io
import json
from typing import cast

import pypdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from gateway.core.text.spreadsheet import safe_cell
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.governance.reports.entries_table import EntriesTable
from gateway.governance.reports.facts import Facts, holds, sign
from gateway.governance.reports.kinds import KINDS, document_of
from gateway.governance.reports.rendering import Signed, render
from tests.support.reported import SINCE, Rows, facts_of
from tests.unit.governance.reports.test_kinds import some

pytestmark = pytest.mark.unit
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def signed(facts: Facts) -> Signed:
    public = KEY.public_key().public_bytes_raw().hex()
    return Signed(facts, sign(facts.canonical(), KEY), public)


def pdf(facts: Facts, language: str = "nl") -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(render(signed(facts), language, "pdf")))


def text_of(reader: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["pdf", "csv", "json", "parquet"])
async def test_the_same_facts_give_the_same_bytes(kind: str, form: str) -> None:
    facts = facts_of(await some(), kind)
    assert render(signed(facts), "nl", form) == render(signed(facts), "nl", form)


async def test_a_pdf_says_what_it_is_in_text_that_can_be_taken_out() -> None:
    facts = facts_of(await some())
    reader = pdf(facts)
    assert reader.metadata is not None
    assert (
        reader.metadata.title == "Activiteitenrapport, 1 november 2026 tot en met 30 november 2026"
    )
    assert reader.metadata.author == "Gemeente Noorderhaaks"
    made = reader.metadata.creation_date
    assert made is not None
    assert int(made.timestamp() * 1000) == facts.made
    assert str(reader.root_object["/Lang"]) == "nl-NL"
    text = text_of(reader)
    assert facts.source.root in text.replace(" ", "")
    assert f"Pagina 2 van {len(reader.pages)}" in text
    assert "restricted.stays-inside" in text
    assert next(item.title for item in reader.outline).endswith("Samenvatting")  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", KINDS)
async def test_every_font_is_in_the_file(kind: str, language: str) -> None:
    for page in pdf(facts_of(await some(), kind), language).pages:
        resources = cast("pypdf.generic.DictionaryObject", page["/Resources"])
        fonts = cast("pypdf.generic.DictionaryObject", resources["/Font"])
        for font in fonts.values():
            assert "/FontFile2" in font.get_object()["/FontDescriptor"]


EUROPE = (
    "şğıİöçü ŐőŰű Łłżźćąę Řřěůž Ľľĺŕ ŊŋŧŦ ĦħĠġ ĲĳïË ßẞ ÆØÅæøå Ðþ ñ¿ ŵŷ Șșț ĀēģķņŠž Ёїљћ ѝЪ Ωάώ €"
)


async def test_all_letters_of_europe_are_in_the_font() -> None:
    facts = facts_of(await some(), "processing", organisation={"name": "Org", "contact": EUROPE})
    text = text_of(pdf(facts))
    assert all(letter in text for letter in EUROPE)


async def test_a_name_with_marks_of_a_markup_stays_as_it_is() -> None:
    name = '<b>Ada</b> & "Co" <font color="red">x</font> &amp;'
    facts = facts_of(await some(), "processing", organisation={"name": name, "contact": "a<br/>b"})
    text = text_of(pdf(facts))
    assert name in text
    assert "a<br/>b" in text


async def test_an_enormous_table_and_an_endless_word_still_make_pages() -> None:
    cases = [
        {"name": f"case-{number}", "owner": "x" * 500, "legal_basis": "l", "risk": "minimal"}
        for number in range(300)
    ]
    facts = facts_of(await some(), "ai-act", use_cases=cases)
    reader = pdf(facts)
    assert len(reader.pages) > 10
    assert "case-299" in text_of(reader)


async def test_json_carries_the_facts_and_a_signature_that_holds() -> None:
    facts = facts_of(await some())
    told = json.loads(render(signed(facts), "en", "json"))
    canonical = json.dumps(
        told["facts"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    assert canonical == facts.canonical()
    assert holds(canonical, told["signature"], KEY.public_key())
    assert not holds(canonical + b" ", told["signature"], KEY.public_key())
    assert not holds(canonical, "no hex", KEY.public_key())
    assert told["document"]["title"] == "Activity report"


async def test_csv_of_algorithms_has_the_columns_of_the_standard() -> None:
    facts = facts_of(await some(), "algorithms")
    raw = render(signed(facts), "en", "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(raw)))
    assert [row["name"] for row in rows] == ["letters", "files"]
    assert {"description_short", "impacttoetsen_grouping", "source_id"} <= set(rows[0])
    records = json.loads(render(signed(facts), "en", "json"))["document"]["records"]
    assert [record["name"] for record in records] == ["letters", "files"]


async def test_no_cell_of_a_csv_is_a_formula() -> None:
    hostile = '=HYPERLINK("http://x")'
    case = {"name": "letters", "owner": "+1", "legal_basis": hostile, "risk": "high"}
    for kind in KINDS:
        facts = facts_of(await some(), kind, organisation={"name": hostile}, use_cases=[case])
        raw = render(signed(facts), "en", "csv").decode("utf-8-sig")
        found = [cell for row in csv.reader(io.StringIO(raw)) for cell in row]
        assert not [cell for cell in found if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert "'" + hostile in found


@given(st.text())
def test_a_safe_cell_begins_with_no_sign_of_a_formula_and_keeps_the_text(text: str) -> None:
    assert safe_cell(text).removeprefix("'") == text.removeprefix("'")
    assert not safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


async def test_parquet_has_every_cell_of_every_table() -> None:
    facts = facts_of(await some())
    document = document_of(facts, "en")
    table = parquet.read_table(io.BytesIO(render(signed(facts), "en", "parquet"))).to_pylist()
    assert len(table) == sum(len(t.rows) * len(t.columns) for _, t in document.tables())
    usage = [row for row in table if row["table"] == "usage" and row["column"] == "requests"]
    assert [row["number"] for row in usage] == [1.0, 6.0]


def test_entries_as_parquet_have_a_row_each_and_say_what_was_erased() -> None:
    rows, table = Rows(), EntriesTable(DisclosureProfile.PSEUDONYMISED)
    rows.answered(1, SINCE)
    rows.add("control:key:create", "", SINCE, {"principal": "u_1"}, erased=True)
    for row in rows.rows:
        table.add(row)
    got = parquet.read_table(io.BytesIO(table.bytes())).to_pylist()
    assert [row["event"].split(":")[1] for row in got] == ["departure", "answer", "key"]
    assert [row["gone"] for row in got] == [None, None, "missing"]
    assert (got[0]["redacted"], got[1]["cost_micros"], got[2]["principal"]) == (3, 250, None)
    assert int(got[0]["time"].timestamp() * 1000) == SINCE
    empty = parquet.read_table(io.BytesIO(EntriesTable(DisclosureProfile.PSEUDONYMISED).bytes()))
    assert empty.num_rows == 0
