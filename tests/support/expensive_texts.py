"""Texts that make rules work hard: one kind of thing, over and over.

``python -m tests.performance.detector`` measures them, and what it generates from the rules.
"""

import base64
import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

_MARKED = Path(__file__).resolve().parents[2] / "evaluation" / "datasets" / "dev.jsonl"
_DIGITS = ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
_NAMES = ("Jan de Vries", "Sanne Bakker", "Piet Jansen", "Fatima El Idrissi", "Kees van den Berg")
_LETTERS = "aeioubdklmnrst"


def ordinary(size: int) -> str:
    """Marked texts of many kinds, with the personal data that they hold."""
    lines = _MARKED.read_text(encoding="utf-8").splitlines()
    text = "\n\n".join(json.loads(line)["text"] for line in lines)
    return (text * (size // len(text) + 1))[:size]


def repeated(unit: Callable[[], str], size: int) -> str:
    """A text of this size of one unit after another."""
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(unit())
        length += len(parts[-1])
    return "".join(parts)[:size]


def units(seed: int = 7) -> dict[str, Callable[[], str]]:
    """What each text repeats, by name."""
    r = random.Random(seed)

    def number(digits: int) -> str:
        return str(r.randint(10 ** (digits - 1), 10**digits - 1))

    def address() -> str:
        return ".".join(str(r.randint(1, 254)) for _ in range(4))

    def bsn() -> str:
        while True:
            digits = [r.randint(0, 9) for _ in range(8)]
            check = sum((9 - at) * digit for at, digit in enumerate(digits)) % 11
            if check < 10:
                return "".join(map(str, [*digits, check]))

    def word(size: int = 6) -> str:
        return "".join(r.choice(_LETTERS) for _ in range(size))

    def code(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    def letters(count: int = 2) -> str:
        return "".join(r.choice("BDFGHJKLNPRSTVXZ") for _ in range(count))

    packed = base64.b64encode(gzip.compress(b"a" * 5000)).decode()
    return {
        "one address": lambda: "10.0.0.1 ",
        "one public address": lambda: "192.0.2.7 ",
        "addresses": lambda: f"{address()} ",
        "addresses in lines": lambda: f"{address()}\n",
        "IPv6": lambda: f"2001:db8:{r.randint(0, 65535):x}::{r.randint(0, 65535):x} ",
        "access log": lambda: (
            f'{address()} - - [10/Oct/2024:13:55:{r.randint(10, 59)} +0200] "GET /api/items/'
            f'{number(4)} HTTP/1.1" 200 {number(4)} "-" "Mozilla/5.0 (X11; Linux x86_64)"\n'
        ),
        "versions": lambda: f"v{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}.1 ",
        "citizen service numbers": lambda: f"{bsn()} ",
        "citizen service numbers in lines": lambda: f"{bsn()}\n",
        "named citizen service numbers": lambda: f"bsn {bsn()} ",
        "nine digits": lambda: f"{number(9)} ",
        "split numbers": lambda: "bsn 1.1.1.2.2.2.3.3.3 ",
        "keyed numbers": lambda: "bsn_111222333 ",
        "digits": lambda: number(1),
        "digits and spaces": lambda: f"{number(1)} ",
        "digits and stops": lambda: f"{number(1)}.",
        "digits and slashes": lambda: f"{number(2)}/",
        "digits and bars": lambda: "1|",
        "digits in words": lambda: f"{r.choice(_DIGITS)} ",
        "digits in words with commas": lambda: f"{r.choice(_DIGITS)}, ",
        "one digit in words": lambda: "een ",
        "plus and digits": lambda: "plus een twee drie, ",
        "a spelled account": lambda: "n l een ",
        "a longer spelled account": lambda: "n l een een ",
        "letters": lambda: f"{r.choice(_LETTERS)} ",
        "postcodes": lambda: f"{number(4)} {letters()} ",
        "addresses of houses": lambda: f"Kerkstraat {number(2)}, {number(4)} {letters()} Zeist\n",
        "British postcodes": lambda: f"SW{number(1)}A {number(1)}AA ",
        "streets": lambda: f"Kerkstraat {number(2)} ",
        "cities": lambda: r.choice(["Utrecht ", "Amsterdam ", "Zwolle "]),
        "dates": lambda: f"{r.randint(1, 28)}-{r.randint(1, 12)}-19{number(2)} ",
        "dates of birth": lambda: (
            f"geboren op {r.randint(1, 28)}-{r.randint(1, 12)}-19{number(2)} "
        ),
        "mobile numbers": lambda: f"06-{number(8)} ",
        "numbers abroad": lambda: f"+31 6 {number(4)} {number(4)} ",
        "broken numbers abroad": lambda: "003 /70. 2496--.06; ",
        "accounts": lambda: "NL91ABNA0417164300 ",
        "broken accounts": lambda: f"NL{number(2)} ABNA {number(4)} {number(4)} {number(2)} ",
        "cards": lambda: "4111 1111 1111 1111 ",
        "plates": lambda: f"{letters()}-{number(3)}-{letters(1)} ",
        "e-mail addresses": lambda: f"jan{number(4)}@example{number(2)}.nl ",
        "spaced e-mail addresses": lambda: "a @ hotmail . nl ",
        "at signs": lambda: "@",
        "letters at signs": lambda: "a@",
        "names": lambda: f"{r.choice(_NAMES)} ",
        "first names": lambda: f"{r.choice(_NAMES).split()[0]}, ",
        "names of many": lambda: f"{r.choice(_NAMES).split()[0]} {word().capitalize()} ",
        "capitals": lambda: f"{word().capitalize()} ",
        "titles": lambda: f"mevrouw {word().capitalize()} ",
        "keys of names": lambda: f"mentor{r.choice(['`', chr(34), '*', ''])}{r.choice(':|=')}\n",
        "headers of columns": lambda: "naam;geboortedatum;bsn\n",
        "rows": lambda: f"Jan,Jansen,{r.randint(1, 28)}-01-1980,{bsn()}\n",
        "rows with bars": lambda: f"| Jan | {bsn()} | Utrecht |\n",
        "SQL": lambda: f"INSERT INTO users VALUES ('Jan', '{bsn()}');\n",
        "rows of SQL": lambda: f"('Jan', '{bsn()}'),\n",
        "objects of JSON": lambda: f'{{"name": "Jan", "id": {number(5)}, "bsn": "{bsn()}"}},\n',
        "passwords": lambda: "wachtwoord: Zomer2024! ",
        "keys without values": lambda: "password=",
        "keys in lines": lambda: "a=\n",
        "tokens": lambda: f"ghp_{word(36)} ",
        "UUIDs": lambda: f"{r.getrandbits(32):08x}-0000-4000-8000-{r.getrandbits(48):012x} ",
        "health": lambda: "diabetes ",
        "religion": lambda: "moslim ",
        "labels": lambda: "vertrouwelijk ",
        "brackets": lambda: "(",
        "links": lambda: "[x](y) ",
        "open objects": lambda: '{"a": ',
        "quotes": lambda: "\"'",
        "spaces": lambda: " ",
        "lines": lambda: "\n",
        "stops": lambda: ".",
        "dashes": lambda: "a-",
        "underscores": lambda: "a_",
        "colons": lambda: "a:",
        "semicolons": lambda: "Jan;",
        "slashes": lambda: "/a",
        "URLs": lambda: f"https://example.nl/a/{number(5)}?x={number(5)} ",
        "code": lambda: f"def f{number(2)}(self, x):\n    return self.items[x] + {number(2)}\n",
        "base64 of noise": lambda: base64.b64encode(r.randbytes(48)).decode(),
        "base64": lambda: code("Dit is gewone tekst over een vergadering.") + " ",
        "base64 four deep": lambda: code(code(code(code("bsn 111222333 van Jan de Vries")))) + " ",
        "short base64": lambda: code("111222333") + " x ",
        "groups of base64": lambda: "TWlq ",
        "uneven groups of base64": lambda: code("abc" * r.randint(1, 3)) + " ",
        "lines of base64": lambda: code("Dit is tekst") + "\n",
        "gzip": lambda: packed + " ",
        "hex": lambda: r.randbytes(16).hex() + " ",
        "bytes in hex": lambda: "31 ",
        "bytes of noise in hex": lambda: f"{r.randint(32, 255):02x} ",
        "percents": lambda: "%20%41",
        "entities": lambda: "&#65;&amp;",
        "escapes": lambda: "\\u0041\\n",
        "accents": lambda: "e\u0301",
        "signs without width": lambda: "1\u200b",
        "look-alikes": lambda: "сa ",
        "emoji": lambda: "\U0001f600",
        "full width": lambda: "\uff11",
        "tags": lambda: "\U000e0061",
        "circled digits": lambda: "\u2460",
        "keycaps": lambda: "1\ufe0f\u20e3",
        "a mixture": lambda: r.choice(["een ", "1 ", "a@b.nl ", "Jan ", "(", '"', "1.2.3.4 "]),
    }
