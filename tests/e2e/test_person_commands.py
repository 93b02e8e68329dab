"""The commands for persons, against a real control plane over the network."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.installation import OFFICER_KEY, Installation
from tests.support.issuer import AUDIENCE, TestIssuer

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
IDENTITY = 'identity: {{issuers: [{{name: staff, issuer: "{url}", audience: {audience}}}]}}\n'


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, config: str
) -> Iterator[tuple[Installation, TestIssuer]]:
    with TestIssuer() as issuer:
        installation = Installation(tmp_path_factory.mktemp("persons"))
        installation.apply(config + IDENTITY.format(url=issuer.url, audience=AUDIENCE))
        try:
            installation.start("control")
            yield installation, issuer
        finally:
            installation.stop()


def test_a_person_is_found_cut_off_and_brought_back(
    office: tuple[Installation, TestIssuer],
) -> None:
    installation, issuer = office

    def sluis(*arguments: str) -> Any:
        return json.loads(installation.sluis("persons", *arguments, "--json").stdout)

    def status(token: str) -> int:
        return installation.admin("GET", "/me", token).status_code

    jan = issuer.token("jan", name="Jan", email="jan@example.nl")
    els = issuer.token("els", name="Els", email="els@example.nl")
    assert (status(jan), status(els)) == (200, 200)
    listed = sluis("list", "--query", "jan")
    assert [one["email"] for one in listed["persons"]] == ["jan@example.nl"]
    created = ("keys", "create", "bot", "--owner", "jan@example.nl", "--json")
    key = json.loads(installation.sluis(*created).stdout)["id"]
    done = sluis("deactivate", "jan@example.nl", "--reason", "left on friday")
    assert (done["state"], done["blocked_keys"], status(jan)) == ("deactivated", [key], 401)
    assert sluis("show", "jan@example.nl")["state"] == "deactivated"
    waiting = [
        sluis("reactivate", "jan@example.nl", "--reason", "came back"),
        sluis("hand-over", key, "els@example.nl", "--reason", "she has it now"),
    ]
    assert status(jan) == 401
    for one in waiting:
        path = f"/proposals/{one['proposal']}/approve"
        assert installation.admin("POST", path, OFFICER_KEY, json={}).is_success
    assert status(jan) == 200
    assert sluis("show", "els@example.nl")["keys"] == [key]
    sluis("sign-out", "jan@example.nl", "--reason", "lost laptop")
    assert status(jan) == 401
    unknown = installation.sluis("persons", "show", "piet@example.nl", check=False)
    assert (unknown.returncode, "No persons" in unknown.stderr) == (1, True)
