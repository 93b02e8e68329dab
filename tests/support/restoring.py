"""A vault with one value, and answers that are restored however they are cut."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from gateway.decisions import ContentRules
from gateway.privacy import Scope, Vault
from tests.support.conversations import KEY, id_of
from tests.support.streams import Cut, FilteredAnswer, Said, streamed, whole

POLICIES = Path(__file__).resolve().parents[2] / "policies"
VALUE = "Kwijt"
RULES = ContentRules((POLICIES / "content.yaml").read_text(encoding="utf-8"))


def cut_everywhere(
    inspector: Callable[[], FilteredAnswer], said: Said, cuts: Iterable[Cut]
) -> Said:
    """The result of an answer in one piece, after every cut gave the same."""
    expected = whole(inspector(), said)
    for cut in cuts:
        pieces = [{name: cut(text) for name, text in texts.items()} for texts in said]
        got = streamed(inspector(), pieces)
        for texts, found, wanted in zip(pieces, got, expected, strict=True):
            sent = [name for name, parts in texts.items() if parts]
            assert {name: found.get(name) for name in sent} == {name: wanted[name] for name in sent}
    return expected


def keeper() -> tuple[Vault, str]:
    """A vault that holds VALUE, and its id."""
    vault = Vault(KEY, Scope("t", "k", "u", "c"))
    return vault, id_of(vault, "PERSON", VALUE)


def of_caller(form: str) -> tuple[str, list[tuple[int, int, str]]]:
    """What a caller writes, and where VALUE is in it."""
    text = form.replace("{}", VALUE)
    return text, [(at.start(), at.end(), "PERSON") for at in re.finditer(VALUE, text)]
