"""Products with the names of persons."""

import pytest

from gateway.classifiers.protocol import Entity
from gateway.core.finding import FindingKind
from tests.support.detector import DETECTOR


def people(text: str, *seen: str) -> list[str]:
    """Whom detection takes out, when the classifier sees these names wherever they stand."""
    named = [
        Entity(at, at + len(name), "PERSON", 0.99)
        for name in seen
        for at in range(len(text))
        if text.startswith(name, at)
    ]
    found = DETECTOR.scan(text, sorted(named, key=lambda one: one.start))
    return [
        text[f.start : f.end]
        for f in found
        if f.kind is FindingKind.PERSONAL and f.type == "PERSON"
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            (
                "artikelnr;omschrijving;merk;ean\n4411;oliefilter;Mann;4011558741006\n4412;arm "
                "'Emma';Febi;402\n"
            ),
            ["Mann", "Emma", "Febi"],
        ),
        (
            (
                "| Artikel | Naam | Prijs |\n|---|---|---|\n| 8719-23 | Fatima mozaïek | € 27 |\n"
                "| 8719-24 | Oscar ruit | € 24 |\n"
            ),
            ["Fatima", "Oscar"],
        ),
        (
            (
                '{"items":[{"sku":"URN-9460","name":"Grace","price":64},'
                '{"sku":"URN-9461","name":"William","price":88}]}'
            ),
            ["Grace", "William"],
        ),
    ],
)
def test_product_names_are_no_persons(text: str, names: list[str]) -> None:
    assert people(text, *names) == []
    assert people(f"{text}\n\nVan {names[-1]} is nog voorraad.", *names) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("artikelnr;omschrijving;klant\n4411;oliefilter;Fatima Bouzid\n", "Fatima Bouzid"),
        ("artikelnr;naam;e-mail\n4411;Fatima Bouzid;f@bouzid.example\n", "Fatima Bouzid"),
        ("artikelnr;omschrijving;gepakt door\n4411;oliefilter;Fatima Bouzid\n", "Fatima Bouzid"),
        ('{"sku": "URN-1", "customer_name": "Fatima Bouzid"}', "Fatima Bouzid"),
        ('{"customer": {"name": "Fatima Bouzid"}, "items": [{"sku": "URN-1"}]}', "Fatima Bouzid"),
        ('{"sku": "URN-1", "name": "vaas", "engraving_for": "Fatima Bouzid"}', "Fatima Bouzid"),
        ("code;naam;uren\n12;Fatima Bouzid;36\n", "Fatima Bouzid"),
        ("code;naam;start\n12;Fatima Bouzid;1 mei\n", "Fatima Bouzid"),
        ("artikelnr;aantal;opmerking\n44;2;bellen met Fatima Bouzid\n", "Fatima Bouzid"),
        ("artikelnr;omschrijving;prijs\n44;gravure voor Fatima Bouzid;2\n", "Fatima Bouzid"),
        ("naam;functie;tel\nFatima Bouzid;chef;0612345678\n", "Fatima Bouzid"),
        ("artikelnr;naam;prijs\n4411;vaas;12\n\nFatima Bouzid haalt hem op.", "Fatima Bouzid"),
        ("artikelnr;naam;prijs\n4411;Fatima;12\n\nBeste Fatima, de vaas staat klaar.", "Fatima"),
    ],
)
def test_persons_beside_products_stay(text: str, name: str) -> None:
    assert name in people(text, name)
