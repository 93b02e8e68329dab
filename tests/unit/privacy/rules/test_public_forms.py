"""Forms that say what they are hold no secret, whatever stands before them."""

import json
import sysconfig
from pathlib import Path
from random import Random

import pytest

from gateway.classifiers.protocol import Entity
from gateway.core.finding import FindingKind
from tests.support.detector import DETECTOR
from tests.support.effort import examples

PATHS = ("/login", "/user/login", "/api/v1/login", "/password/reset", "/wachtwoord", "/inlog")
CLIENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36",
    "curl/8.5.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) Mobile/15E148",
)
PASSWORD = "Zomer2024!"  # an example


def secrets_in(text: str, entities: tuple[Entity, ...] = ()) -> list[str]:
    return [
        text[one.start : one.end]
        for one in DETECTOR.scan(text, entities)
        if one.kind is FindingKind.SECRET
    ]


def access_line(rng: Random) -> str:
    """A line of an access log: nginx or Apache, IIS, or Caddy."""
    path, client = rng.choice(PATHS), rng.choice(CLIENTS)
    method, version = rng.choice(["GET", "POST"]), rng.choice(["1.0", "1.1", "2.0", "2", "3"])
    status, size = rng.choice([200, 302, 401]), rng.randrange(90_000)
    address = f"10.0.{rng.randrange(256)}.{rng.randrange(256)}"
    time = f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
    combined = (
        f'{address} - - [03/Feb/2026:{time} +0100] "{method} {path} HTTP/{version}" {status} {size}'
        f' "https://www.acme.nl{path}" "{client}"'
    )
    iis = (
        f"2026-02-03 {time} {address} {method} {path} - 443 - {address} HTTP/{version}"
        f" {client.replace(' ', '+')} {status} 0 0 {size}"
    )
    request = {"proto": f"HTTP/{version}", "method": method, "uri": path}
    caddy = json.dumps({"msg": "handled request", "request": request, "size": size})
    return rng.choice([combined, iis, caddy])


def test_lines_of_access_logs_with_pages_to_sign_in_hold_no_secret() -> None:
    rng = Random(1)
    lines = [access_line(rng) for _ in range(examples(1_000))]
    for line in lines:
        assert secrets_in(line) == [], line
    assert secrets_in("\n".join(lines)) == []


@pytest.mark.parametrize("word", ["login", "inloggegevens", "wachtwoord", "password"])
def test_a_password_in_place_of_the_version_is_found(word: str) -> None:
    assert secrets_in(f"{word} HTTP/1.1") == []
    assert secrets_in(f"{word} {PASSWORD}") == [PASSWORD]
    assert secrets_in(f"gebruiker/{word} {PASSWORD}") == [PASSWORD]


@pytest.mark.parametrize(
    "form",
    [
        *(
            "9-13",
            "9–13",
            "13-17",
            "9.00-13.00",
            "09:00 – 17:30",
            "8-12 uur",
            "HTTP/1.1",
            "TLS/1.3",
        ),
        *("-rw-r--r--", "drwxr-xr-x", "lrwxrwxrwx", "{attrs[2]}", "{name!r}", "{size:>10}"),
        *("101   65    41    A", "60\t48\t30"),
    ],
)
def test_a_public_form_is_no_secret_by_rule_or_classifier(form: str) -> None:
    for before in ("twee personen (", "wachtwoord ", "code ", "password: ", "pin = "):
        text = f"{before}{form} en verder"
        entity = Entity(len(before), len(before) + len(form), "SECRET", 0.97)
        assert secrets_in(text) == []
        assert secrets_in(text, (entity,)) == []


def test_a_number_that_is_no_hour_is_still_a_secret() -> None:
    for value in ("4821", "4921-7716", "48-2177"):
        text = f"de code is {value} dus"
        assert secrets_in(text, (Entity(11, 11 + len(value), "SECRET", 0.97),)) == [value]


def test_a_file_holds_no_more_secrets_than_its_parts() -> None:
    library = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(library.glob("*.py"))[:: 100 // examples(50)]:
        text = path.read_text(encoding="utf-8", errors="replace")
        for one in DETECTOR.scan(text):
            if one.kind is FindingKind.SECRET:
                begin = text.rfind("\n", 0, max(0, one.start - 200)) + 1
                part = text[begin : one.end + 100]
                assert text[one.start : one.end] in secrets_in(part), (path.name, one)
