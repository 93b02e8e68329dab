"""An installation from before keys had owners gets two persons in two commands."""

from pathlib import Path

import pytest

from tests.compatibility.installation import AUTHOR, OFFICER, unpacked

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]


def test_two_owned_keys_approve_after_three_commands(tmp_path: Path) -> None:
    product = unpacked("stopped", tmp_path)
    for key, person in (("k_author", "anna@example.nl"), ("k_officer", "bram@example.nl")):
        done = product.sluis("keys", "own", key, person).stdout
        assert f"write `owner: {person}` at the key" in done
    again = product.sluis("keys", "own", "k_author", "carla@example.nl", check=False)
    assert again.returncode == 1
    assert "has an owner, anna@example.nl" in again.stderr
    path = product.data / "sluis.yaml"
    text = path.read_text(encoding="utf-8")
    for name, person in (("author", "anna"), ("officer", "bram")):
        of_key = f"name: {name}, kind: admin,"
        assert of_key in text
        text = text.replace(of_key, f'{of_key} owner: "{person}@example.nl",')
    path.write_text(text, encoding="utf-8")
    try:
        product.start("up")
        body = {"name": "new", "kind": "admin", "roles": ["auditor"], "owner": "els@example.nl"}
        made = product.admin("POST", "/keys", AUTHOR, body)
        assert made.status_code == 202, made.text
        place = f"/proposals/{made.json()['proposal']}/approve"
        assert product.admin("POST", place, AUTHOR, {"comment": "mine"}).status_code == 403
        decided = product.admin("POST", place, OFFICER, {"comment": "agreed"})
        assert decided.is_success, decided.text
        keys = {one["name"]: one for one in product.admin("GET", "/keys", AUTHOR).json()["keys"]}
        assert keys["new"]["owner"] == "els@example.nl"
    finally:
        product.stop()
