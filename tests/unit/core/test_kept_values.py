"""Values that are kept while their texts come back."""

from gateway.core.kept_values import KeptValues


def test_a_value_is_that_of_the_present_text_and_made_once() -> None:
    made: list[str] = []

    def make(text: str) -> str:
        made.append(text)
        return text.upper()

    kept = KeptValues(make)
    assert kept.of(["a", "b", "a"]) == ["A", "B", "A"]
    assert kept.of(["b", "c"]) == ["B", "C"]
    assert made == ["a", "b", "c"]
    assert kept.of(["a"]) == ["A"]
    assert made == ["a", "b", "c", "a"]  # what was not in the last list is forgotten
