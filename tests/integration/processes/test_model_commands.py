"""The life of a model on the command line, from registration to its end."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.governance.models.model_card import card_of
from gateway.processes.cli import main
from tests.support.cards import CARD
from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation

pytestmark = [pytest.mark.integration, pytest.mark.slow]
ENGINE = ("--served-name", "chat-v1", "--source", "example/chat", "--revision", "9c1f2e0")
EXTERNAL = ("--provider", "eu", "--model", "gpt", "--region", "EU", "--contract", "C-14")


def models(sluis: Installation, *arguments: str, token: str = ADMIN_KEY) -> Result:
    env = {"SLUIS_URL": sluis.control, "SLUIS_TOKEN": token, "SLUIS_DATA_DIR": "/nonexistent"}
    return CliRunner(env=env).invoke(main, ("models", *arguments))


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def approved(sluis: Installation, name: str, version: str) -> None:
    done = document(models(sluis, "approve", name, version, "--json", token=OFFICER_KEY))
    assert done["state"] == "approved"


@pytest.fixture
def card(tmp_path: Path) -> str:
    (tmp_path / "README.md").write_text(CARD, encoding="utf-8")
    return str(tmp_path / "README.md")


def test_an_approval_names_what_the_card_lacks_until_it_is_set(
    sluis: Installation, card: str
) -> None:
    registered = document(models(sluis, "register-engine", "carded", "1", *ENGINE, "--json"))
    assert registered["state"] == "draft"
    refused = models(sluis, "approve", "carded", "1", token=OFFICER_KEY)
    assert refused.exit_code == 1
    for field in ("licence", "training_data", "limits.nl", "prohibited_use.en", "ai_act"):
        assert field in refused.output
    done = models(sluis, "set-card", "carded", "1", card)
    assert done.output == "model: carded@1\n"
    approved(sluis, "carded", "1")
    late = models(sluis, "set-card", "carded", "1", card)
    assert "its card stays as it is" in late.output


def test_a_card_and_a_bill_of_materials_are_exported(sluis: Installation, card: str) -> None:
    models(sluis, "register-external", "exported", "1", *EXTERNAL, "--card", card)
    readme = models(sluis, "card", "exported", "1").output
    assert card_of(readme) == card_of(CARD)
    stated = document(models(sluis, "card", "exported", "1", "--json"))
    assert (stated["missing"], stated["card"]["licence"]) == ([], "apache-2.0")
    bom = document(models(sluis, "bom", "exported", "1"))
    assert bom["metadata"]["component"]["name"] == "exported"
    assert {"name": "sluis:stated_contract", "value": "C-14"} in (
        bom["metadata"]["component"]["properties"]
    )


def test_a_tag_goes_forward_and_back_and_its_history_says_so(
    sluis: Installation, card: str
) -> None:
    for version in ("1", "2", "3"):
        models(sluis, "register-engine", "tagged", version, *ENGINE, "--card", card)
        approved(sluis, "tagged", version)
        assert models(sluis, "promote", "tagged", version).exit_code == 0
    assert document(models(sluis, "rollback", "tagged", "--json"))["version"] == "2"
    assert document(models(sluis, "rollback", "tagged", "--json"))["version"] == "1"
    assert models(sluis, "rollback", "tagged").exit_code == 1
    moves = document(models(sluis, "history", "tagged", "--tag", "production", "--json"))["moves"]
    assert [move["version"] for move in moves] == ["1", "2", "3", "2", "1"]
    assert moves[-1]["cause"] == "rollback"
    assert document(models(sluis, "rollback", "tagged", "--to", "2", "--json"))["version"] == "2"


def test_a_version_is_given_an_end_and_ended(sluis: Installation, card: str) -> None:
    models(sluis, "register-engine", "ending", "1", *ENGINE, "--card", card)
    approved(sluis, "ending", "1")
    because = ("--reason", "another replaces it")
    past = models(sluis, "deprecate", "ending", "1", "--until", "2020-01-01", *because)
    assert "today or later" in past.output
    done = document(
        models(sluis, "deprecate", "ending", "1", "--until", "2099-01-01", *because, "--json")
    )
    assert (done["state"], done["until"]) == ("deprecated", "2099-01-01")
    assert document(models(sluis, "retire", "ending", "1", *because, "--json"))["state"] == (
        "retired"
    )
    assert "is retired" in models(sluis, "promote", "ending", "1").output


@pytest.mark.parametrize(
    "arguments",
    [
        ("register-engine", "n", "unproven-1", *ENGINE),
        ("register-engine", "n", "1", *ENGINE, "--clearance", "secret"),
        ("register-external", "n", "1", *EXTERNAL, "--snapshot", "a\nb"),
        ("card", "missing", "1"),
        ("bom", "missing", "1"),
        ("retire", "missing", "1", "--reason", "why"),
    ],
)
def test_what_cannot_be_is_refused(sluis: Installation, arguments: tuple[str, ...]) -> None:
    refused = models(sluis, *arguments)
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
