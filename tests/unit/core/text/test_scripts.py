"""Words in scripts that no detector reads."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.text.look_alikes import LOOK_ALIKES
from gateway.core.text.scripts import joined, read_part, unread_words

pytestmark = pytest.mark.unit
# One sentence a script, with a name.
SENTENCES = {
    "Arabic": "السيد محمد الأحمد مريض بالسكري.",
    "Armenian": "Պարոն Արամ Սարգսյանը հիվանդ է։",
    "Bengali": "রহিম উদ্দিন অসুস্থ।",
    "Chinese": "王小明得了艾滋病。",
    "Cyrillic": "Иван Петров болен диабетом и живёт в Москве.",
    "Ethiopic": "ሰላም ደብዳቤ መጻፍ እፈልጋለሁ።",
    "Georgian": "გიორგი მაისურაძე ავად არის.",
    "Greek": "Ο Γιώργος Παπαδόπουλος πάσχει από καρκίνο.",
    "Hebrew": "יוסי כהן חולה בסרטן.",
    "Hindi": "कृपया नगरपालिका को एक पत्र लिखें।",
    "Japanese": "田中太郎さんはHIV陽性です。",
    "Korean": "김철수 씨는 당뇨병을 앓고 있습니다.",
    "Tamil": "முருகன் நோயாளி.",
    "Thai": "นายสมชายป่วยเป็นเบาหวาน",
}
READ = (
    "Zoë Čapek, Łukasz Żółć, Đỗ Thị Hồng en Þór Ægisson wonen in Besançon.",
    "Δx = πr², α + β ≤ Σ, 5 μm bij 20 kΩ; ∀x ∈ ℝ",
    "“Aanhaling” – met ’n streepje… en een ✓, → en 😀",
    "Wide letters: Ｊａｎ ｄｅ Ｖｒｉｅｓ, 𝗛𝗲𝗹𝗹𝗼, ﬁets, ℃",
    "J\u3164a\u3164n d\u2800e V\u00adries",
    "",
)


@pytest.mark.parametrize("script", SENTENCES)
def test_a_sentence_in_another_script_is_not_read(script: str) -> None:
    text = SENTENCES[script]
    before, after = "Beste collega, wil je dit bekijken? ", " Alvast bedankt voor de moeite!"
    for one in (text, f"{before}{text}{after}"):
        start, end = next(unread_words(one))
        assert one[start:end] in text
    assert len(read_part(text).split()) < 3
    assert read_part(f"{before}{text}{after}").startswith(before)
    assert read_part(f"{before}{text}{after}").endswith(after)


@pytest.mark.parametrize("text", READ)
def test_latin_letters_and_signs_are_read(text: str) -> None:
    assert not list(unread_words(text))
    assert read_part(text) == text


@pytest.mark.parametrize("name", ["Иван", "王明", "Γιώργος", "יוסי"])
def test_a_name_among_latin_words_is_not_read(name: str) -> None:
    text = f"Wil je {name} morgen terugbellen over de vergunning?"
    assert [text[start:end] for start, end in unread_words(text)] == [name]


@given(st.lists(st.text(string.ascii_lowercase, min_size=1), min_size=1))
def test_latin_words_in_disguise_stay_latin(words: list[str]) -> None:
    """Detectors see through look-alikes: a disguised attack is still read."""
    back = {latin: other for other, latin in LOOK_ALIKES.items()}
    text = " ".join("".join(back.get(letter, letter) for letter in word) for word in words)
    assert read_part(text) == text


@given(st.text())
def test_whatever_is_not_read_has_letters_that_are_not_latin(text: str) -> None:
    for start, end in unread_words(text):
        strange = [
            one
            for one in text[start:end]
            if one.isalpha() and not unicodedata.name(one, "").startswith("LATIN")
        ]
        assert len(strange) >= 2


@given(st.text("Ивано kafe \n,.0"))
def test_stretches_hold_all_words_and_nothing_that_is_read(text: str) -> None:
    words = list(unread_words(text))
    stretches = joined(text, words)
    for start, end in words:
        assert any(first <= start and end <= last for first, last in stretches)
    for start, end in stretches:
        assert not set(text[start:end]) & set("kafe0")
