"""The entities of a text, from those of its chunks."""

from gateway.classifiers.chunk_entities import of_part, of_text
from gateway.classifiers.protocol import NO_NAME, Entity


def test_what_lies_in_the_context_alone_is_no_part_of_a_chunk() -> None:
    found = [
        Entity(0, 4, "PERSON", 0.9),
        Entity(8, 14, "PERSON", 0.9),
        Entity(20, 25, "CITY", 0.8),
        Entity(0, 30, NO_NAME, 1.0),
    ]
    assert of_part(found, 10) == [
        Entity(-2, 4, "PERSON", 0.9),
        Entity(10, 15, "CITY", 0.8),
        Entity(0, 20, NO_NAME, 1.0),
    ]
    assert of_part(found, 0) == found


def test_a_special_category_counts_from_the_context_on() -> None:
    assert of_part([Entity(2, 9, "HEALTH", 0.6)], 10) == [Entity(-8, -1, "HEALTH", 0.6)]


def test_halves_of_a_name_at_a_border_become_one() -> None:
    parts = [
        (0, [Entity(90, 100, "PERSON", 0.8)]),
        (100, [Entity(-10, 6, "PERSON", 0.9), Entity(20, 24, "CITY", 0.9)]),
    ]
    assert of_text(parts) == [Entity(90, 106, "PERSON", 0.9), Entity(120, 124, "CITY", 0.9)]


def test_of_two_types_at_a_border_the_surer_one_counts() -> None:
    city, person = Entity(90, 100, "CITY", 0.6), Entity(-8, 4, "PERSON", 0.9)
    assert of_text([(0, [city]), (100, [person])]) == [Entity(92, 104, "PERSON", 0.9)]
    weak = Entity(-8, 4, "PERSON", 0.5)
    assert of_text([(0, [city]), (100, [weak])]) == [city]


def test_a_category_is_reported_once_where_it_is_clearest() -> None:
    parts = [
        (0, [Entity(0, 50, "HEALTH", 0.4)]),
        (100, [Entity(10, 60, "HEALTH", 0.7), Entity(0, 30, NO_NAME, 1.0)]),
        (200, [Entity(0, 40, "HEALTH", 0.5), Entity(0, 40, "UNION", 0.5)]),
    ]
    assert of_text(parts) == [
        Entity(100, 130, NO_NAME, 1.0),
        Entity(110, 160, "HEALTH", 0.7),
        Entity(200, 240, "UNION", 0.5),
    ]
