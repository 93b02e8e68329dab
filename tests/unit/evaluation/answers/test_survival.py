"""What became of the placeholders in an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evaluation.answers import (
    Fate,
    survival,
)

_SENT = {"k7f3x9": ("PERSON", "Jan de Vries"), "b4c5d6": ("CITY", "Zwolle")}


def _fates(answer: str, *required: str) -> tuple[Fate, ...]:
    return survival(answer, _SENT, required or ("Jan de Vries",)).fates


def _written(answer: str) -> dict[str, int]:
    return {str(name): count for name, count in survival(answer, _SENT, ()).written.items()}


class TestFates:
    @pytest.mark.parametrize(
        ("answer", "fate"),
        [
            ("Dag [PERSON_k7f3x9]!", Fate.INTACT),
            ("Dag [PERSOON_K7F3X9]!", Fate.TOLERATED),
            ("Dag **PERSON_k7f3x9**", Fate.TOLERATED),
            ("Dag [PERSON_k7f3x]", Fate.MANGLED),
            ("Dag [PERSON]", Fate.MANGLED),
            ("Dag k7f3x9", Fate.MANGLED),
            ("Dag [NAME_k7f3]", Fate.MANGLED),
            ("Dag [CITY_b4c5d6]", Fate.DROPPED),
            ("Dag persoon", Fate.DROPPED),
        ],
    )
    def test_one_placeholder(self, answer: str, fate: Fate) -> None:
        assert _fates(answer) == (fate,)

    def test_the_best_of_several_counts(self) -> None:
        assert _fates("[PERSON] is [PERSON_k7f3x9]") == (Fate.INTACT,)

    def test_only_what_is_asked_for_has_a_fate(self) -> None:
        assert _fates("niets", "Jan de Vries", "in Zwolle") == (Fate.DROPPED, Fate.DROPPED)
        assert _fates("niets", "Kees") == ()

    def test_all_that_is_written_is_counted(self) -> None:
        answer = "[PERSON_k7f3x9] [PERSON_k7f3x9] (PERSON_k7f3x9) [PERSON_k7f] [PERSON_zzqqww]"
        assert _written(answer) == {"intact": 2, "tolerated": 1, "mangled": 1, "invented": 1}

    @pytest.mark.parametrize("answer", ["IBAN: NL91", "[Your Name]", "e-mail (EMAIL)", "PERSON"])
    def test_ordinary_words_are_no_inventions(self, answer: str) -> None:
        assert _written(answer) == {}

    @given(st.text(alphabet="[]PERSON_k7f3x9 {}()<>*CITYb4c5d6\n", max_size=80))
    def test_each_placeholder_asked_for_has_one_fate(self, answer: str) -> None:
        assert len(_fates(answer, "Jan de Vries", "Zwolle")) == 2
