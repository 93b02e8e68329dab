"""A sluis.yaml that was accepted is, with the same meaning; a fault is named by line and key.

The public door is ``POST /admin/v1/apply`` of a control plane.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.compatibility.conftest import SECRETS
from tests.compatibility.product import FROZEN, Product, frozen

pytestmark = [pytest.mark.contract, pytest.mark.nightly]
VALID = sorted((FROZEN / "config" / "valid").glob("*.yaml"))
INVALID = sorted((FROZEN / "config" / "invalid").glob("*.yaml"))
_EXPECTED = re.compile(r"^# expect (.+)$", re.MULTILINE)
_FAULT = re.compile(r"^corpus\.yaml:(\d+): (\S+): .+$", re.MULTILINE)
_OWN = {"id", "created", "revoked"}  # what each installation draws or stamps


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Product]:
    """An installation of one file: once a file has named a second person, another one waits."""
    made = Product(tmp_path / "data", SECRETS)
    made.sluis("migrate")
    made.start("control")
    yield made
    made.stop()


def applied(product: Product, path: Path) -> tuple[int, dict[str, Any]]:
    body = {"text": path.read_text(encoding="utf-8"), "source": "corpus.yaml"}
    answer = product.admin("POST", "/apply", product.operator, body)
    return answer.status_code, answer.json()


def meaning(product: Product) -> dict[str, Any]:
    """The catalogue and the keys that a file made, without what each installation draws."""
    keys = product.admin("GET", "/keys", product.operator).json()["keys"]
    catalogue = product.admin("GET", "/catalogue", product.operator).json()
    return {
        **catalogue,
        "key": [
            {name: value for name, value in key.items() if name not in _OWN}
            for key in sorted(keys, key=lambda one: str(one["name"]))
            if key["revoked"] is None
        ],
    }


def within(before: Any, now: Any, where: str) -> list[str]:
    """What a frozen document says and another does not; a field more is no fault."""
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            fault
            for name, value in before.items()
            for fault in within(value, now.get(name), f"{where}.{name}")
        ]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [
            fault
            for number, (one, other) in enumerate(zip(before, now, strict=True))
            for fault in within(one, other, f"{where}.{number}")
        ]
    return [] if before == now else [f"{where}: was {before!r}, is {now!r}"]


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_file_means_what_it_meant(fresh: Product, path: Path) -> None:
    status, answer = applied(fresh, path)
    assert status == 200, answer
    expected = frozen("config/meaning.json")[path.stem]
    faults = within(expected, {**meaning(fresh), "applied": answer["applied"]}, path.stem)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_the_faults_of_a_file_are_named_by_line_and_key(product: Product, path: Path) -> None:
    status, answer = applied(product, path)
    message = answer["error"]["message"]
    assert (status, answer["error"]["code"]) == (400, "invalid_request"), answer
    expected = _EXPECTED.findall(path.read_text(encoding="utf-8"))
    found = {" ".join(fault) for fault in _FAULT.findall(message)}
    assert found == set(expected) or expected == ["not valid YAML"], message
    assert found or "not valid YAML" in message


def test_the_corpus_uses_every_key() -> None:
    used: set[str] = set()
    for path in VALID:
        used |= set(_keys(yaml.safe_load(path.read_text(encoding="utf-8")), ""))
    assert set(frozen("config/keys.json")) <= used


def test_the_command_names_line_and_key_too(product: Product) -> None:
    path = FROZEN / "config" / "invalid" / "zone-and-kind.yaml"
    done = product.sluis("apply", "-f", str(path), check=False)
    assert done.returncode == 1
    assert "zone-and-kind.yaml:5: providers.1.kind: " in done.stderr
    assert "zone-and-kind.yaml:6: providers.1.zone: " in done.stderr


def _keys(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            # The roles of an issuer are names of the issuer's own.
            path = f"{where}.{name}".lstrip(".")
            yield path
            if path != "identity.issuers.roles":
                yield from _keys(inner, path)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item, where)
