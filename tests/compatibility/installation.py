"""The stored installation: what it holds, and copies of it that a test may change."""

import tarfile
from pathlib import Path
from typing import Any

from tests.compatibility.product import FROZEN, Product, frozen

STORED = FROZEN / "installation"
FACTS: dict[str, Any] = frozen("installation/facts.json")
KEYS: dict[str, str] = FACTS["secrets"]
APP, PUBLIC = KEYS["FROZEN_APP_KEY"], KEYS["FROZEN_PUBLIC_KEY"]
AUTHOR, OFFICER = KEYS["FROZEN_AUTHOR_KEY"], KEYS["FROZEN_OFFICER_KEY"]
REQUESTS: dict[str, str] = FACTS["requests"]
VALUES = ("Sanne van der Meulen", "111222333", "NL91 ABNA 0417 1643 00", "06-12345678")
PERIOD = ("--from", "2026-09-01", "--to", "2100-01-01")


def unpacked(name: str, folder: Path) -> Product:
    """A copy of a stored data directory; the demonstration provider gets a port of its own."""
    with tarfile.open(STORED / f"{name}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    product = Product(folder / "data", KEYS)
    path = product.data / "sluis.yaml"
    text = path.read_text(encoding="utf-8")
    assert f":{FACTS['demo_port']}/" in text
    changed = text.replace(f":{FACTS['demo_port']}/", f":{product.demo_port}/")
    path.write_text(changed, encoding="utf-8")
    return product


def said(answer: Any) -> str:
    """The text of a chat completion."""
    assert answer.status_code == 200, answer.text
    return str(answer.json()["choices"][0]["message"]["content"])
