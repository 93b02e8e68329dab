"""Lines of source code, and what in them is code, a literal or a comment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.privacy.text.code_lines import CodeLines, Place, judge


def _place(line: str, part: str) -> Place:
    start = line.index(part)
    return CodeLines(line).place(start, start + len(part))


_CODE = {
    "python": [
        ("    elif len(node.children) == 6:", "elif len"),
        ("def include(elem, loader=None, base_url=None,", "elem"),
        ('    raise ValueError("could not read %s" % (src, e.strerror))', "e.strerror"),
        ("    password: ClassVar[bool] = False", "ClassVar[bool"),
        ("from yaml import Loader", "Loader"),
    ],
    "javascript": [
        ("  const onJoin = useCallback((e) => { e.setCustomValidity('') }, []);", "e.setCustom"),
        ("module.exports = { salary: maxSize };", "maxSize"),
        ("return`L${f(S.startX)},${f(S.startY)}`;", "S.startX"),
    ],
    "typescript": [
        ("  readonly publicKey: Uint8Array", "Uint8Array"),
        ("  async find(id: Entity['id']): Promise<Entity | undefined> {", "Entity"),
        ("  alice: boolean,", "alice"),
    ],
    "c": [
        ("#define SO_DEVMEM_DONTNEED 80", "DONTNEED 80"),
        ("static inline int meter_valid(const struct meter *m) { return m != NULL; }", "meter *m"),
        ("    unsigned char *p = realloc(b->data, cap);", "realloc"),
    ],
    "java": [
        ("    public T reduce(final Iterator<? extends T> values) throws Exception {", "Iterator"),
        ("    if (candidate.compareTo(best) > 0) {", "candidate"),
    ],
    "go": [
        ("\tcmd.Stdin = c.Stdin", "c.Stdin"),
        ("\treturn homedir, nil", "nil"),
        ("func (c *Cmd) Start(stdin io.Reader) (err error) {", "stdin"),
    ],
    "rust": [
        ("#[derive(Clone, Debug)]", "Clone, Debug"),
        ("    while let Some(elem) = seq.next_element()? {", "elem"),
    ],
    "shell": [
        ("  for file in $(find . -name '*.sql'); do", "find"),
        ('mkdir -p "$TARGET" && cd "$TARGET" || exit 1', "exit"),
    ],
    "sql": [
        ("ALTER FUNCTION dblink_connect(text) PARALLEL RESTRICTED;", "RESTRICTED"),
        ("SELECT c.relname, i.indisprimary, max(l.pid) AS pid", "i.indisprimary"),
    ],
    "diff": [("+        elif row['amount'].isdigit():", "elif row")],
    "grep": [("src/parser.py:88:    def parse(self, elem):", "elem")],
    "numbered": [("    12\u2192    def parse(self, elem):", "elem")],
}


@pytest.mark.parametrize(
    ("line", "part"), [case for cases in _CODE.values() for case in cases], ids=lambda text: text
)
def test_keywords_identifiers_calls_and_subscripts_are_code(line: str, part: str) -> None:
    assert _place(line, part) is Place.CODE


@pytest.mark.parametrize(
    ("line", "part", "place"),
    [
        ('    Customer(name="Abena Owusu", city="Zwolle"),', "Abena Owusu", Place.LITERAL),
        ("{ naam: 'Berber Tolsma', id: 3 },", "Berber Tolsma", Place.LITERAL),
        ("if name == `Kofi Asante` {", "Kofi Asante", Place.LITERAL),
        ("x = f(y)  # ask Jorrit Bangma", "Jorrit Bangma", Place.COMMENT),
        ("total++; // reported by Arif", "Arif", Place.COMMENT),
        ("AND x IS NULL -- Achraf belde", "Achraf", Place.COMMENT),
        (" * @author Joel Leitch", "Joel Leitch", Place.COMMENT),
        ("int n; /* for Sanne */", "Sanne", Place.COMMENT),
        ("<p className={x}>Beste Sanne</p>;", "Sanne", Place.LITERAL),
        ('print("hallo Sanne', "Sanne", Place.LITERAL),
        ("DB_HOST=10.0.0.12", "10.0.0.12", Place.SETTING),
        ("  naam: Tariq Chowdhury", "Tariq Chowdhury", Place.SETTING),
        ('print(f"Beste {user.name},")', "user.name", Place.CODE),
    ],
)
def test_literals_comments_and_settings(line: str, part: str, place: Place) -> None:
    assert _place(line, part) is place


@pytest.mark.parametrize(
    "line",
    [
        "Kun je Sanne Bakker bellen over de offerte?",
        "De functie parse(elem) is van Jan de Vries.",
        "Sanne Bakker (teamleider) belt morgen, zegt dhr. Jansen.",
        "Ouafae(HR) en Sanne(IT) komen",
        "Sanne -> maandag, Piet -> dinsdag, Ouafae -> woensdag, Hodan -> vrijdag, Kofi -> nooit",
        "Sanne => maandag, Piet => dinsdag, Ouafae => woensdag, Hodan => vrijdag, Kofi => nooit",
        "wat?? hodan, serieus??",
        "Sanne = ziek; Piet = vrij; Ouafae = thuis; Hodan = op kantoor; Kofi = vrij;",
        "Van: Tineke Buitenhuis <t.buitenhuis@veerpont.nl>",
        "On Tue, 14 Oct 2025 at 17:02, Siobhan Kearney <skearney@millbrook.org> wrote:",
        "2026-03-04T08:12:44Z INFO [auth-2] User Jan de Vries logged in from 10.0.0.1",
        "Mar 12 06:41:50 web3 sshd[2217]: Accepted publickey for hdijkstra from 10.0.0.1 port 22",
        "[portaal] 08:42:51 UPLOAD bestand=verklaring_tahiri.pdf 412 kB",
        "| Sanne Bakker | parse(elem) | 3 |",
        "2;Abdi, Hodan;Schoonmaak;4102;Houten;2021-08-16;",
        "301,Aisha,Rahman,aisha.rahman@postbox.nl,1990-03-12",
        "Swaps go through Hodan. E = 07:00-14:30, L = 14:00-21:30, N = 21:15-07:15.",
        "For the following reasons the request of Wim Zandstra is denied:",
        "if Sanne Bakker asks, say no;",
        "import duties of Nnamdi Okafor are due",
        "",
    ],
)
def test_prose_tables_and_logs_are_text(line: str) -> None:
    assert judge(line, 0, len(line)) is None


_WORDS = st.sampled_from([
    "de",
    "het",
    "een",
    "van",
    "vergadering",
    "offerte",
    "morgen",
    "belt",
    "graag",
    "hebben",
    "naar",
    "over",
    "klant",
    "factuur",
    "the",
    "a",
    "meeting",
    "about",
    "tomorrow",
    "called",
    "invoice",
    "please",
    "with",
    "import",
    "class",
    "return",
    "for",
    "if",
])
_NAMES = st.sampled_from(["Sanne Bakker", "Ouafae Zemmouri", "Jan de Vries", "Hodan"])
_SIGNS = st.sampled_from(["", ",", ";", " (zie bijlage)", ": ja", " - 3%", " & co", "!"])


@given(st.lists(_WORDS, min_size=5, max_size=12), _NAMES, _SIGNS, st.sampled_from(".?!"))
def test_a_sentence_is_never_code(words: list[str], name: str, sign: str, stop: str) -> None:
    line = f"{' '.join(words[:3]).capitalize()} {name}{sign} {' '.join(words[3:])}{stop}"
    start = line.index(name)
    assert CodeLines(line).place(start, start + len(name)) is not Place.CODE


_TEXT = st.text(alphabet=st.characters(exclude_characters="\n\"'`\\{}", codec="utf-8"), min_size=1)
_FRAMES = st.sampled_from([
    ('    print("', '")'),
    ("const x = '", "';"),
    ('raise ValueError("', '" % (name,))'),
    ('x.call(y, "', '", z);'),
    ("value = f(x)  # ", ""),
    ("total += 1; // ", ""),
    ("return x; /* ", " */"),
    ('assertThat(x.name()).isEqualTo("', '");'),
    ("    # ", ""),
    (" * ", ""),
])


@given(_TEXT, _FRAMES)
def test_literals_and_comments_are_read_as_text(text: str, frame: tuple[str, str]) -> None:
    line = frame[0] + text + frame[1]
    start = len(frame[0])
    assert CodeLines(line).place(start, start + len(text)) in (Place.LITERAL, Place.COMMENT)


_LINES = st.sampled_from(
    [line for cases in _CODE.values() for line, _ in cases]
    + ["Kun je Sanne Bakker bellen?", "", "x", "'''", '"""', "/*", "*/", "`", "{", "naam: Jan"]
)


@given(_LINES, st.lists(_LINES, max_size=4), st.lists(_LINES, max_size=4))
def test_neighbours_never_change_what_a_line_is(
    line: str, before: list[str], after: list[str]
) -> None:
    alone = judge(line, 0, len(line))
    start = sum(len(other) + 1 for other in before)
    lines = CodeLines("\n".join([*before, line, *after]))
    found = lines.line_at(start)
    assert (found is None) == (alone is None)
    if found is not None and alone is not None:
        assert found.weight == alone.weight
        assert [(a - start, b - start, p) for a, b, p in found.texts] == list(alone.texts)


@given(st.text(), st.integers(0, 40), st.integers(1, 20))
def test_any_text_has_a_place_everywhere(text: str, start: int, size: int) -> None:
    if start < len(text):
        assert CodeLines(text).place(start, min(len(text), start + size)) in Place
