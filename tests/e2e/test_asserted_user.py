"""``x-sluis-user``: recorded as a pseudonym, as asserted by the application."""

import json

import pytest

from tests.support.installation import APP_KEY, LOW_KEY, Installation

pytestmark = pytest.mark.e2e
USER = "jan.de.vries@example.nl"


def recorded(sluis: Installation, user: str | None, key: str = APP_KEY) -> dict[str, object]:
    headers = {} if user is None else {"x_sluis_user": user}
    body = {"model": "outside", "messages": [{"role": "user", "content": "Hallo"}]}
    answer = sluis.ask(body, key, **headers)
    assert answer.status_code == 200, answer.text
    return sluis.entries(answer.headers["x-sluis-audit-id"])[0]


def test_a_named_user_is_one_pseudonym_within_one_application(sluis: Installation) -> None:
    first, again = recorded(sluis, USER), recorded(sluis, USER)
    name = str(first["asserted_user"])
    assert name.startswith("a_")  # never u_, which a token proves
    assert again["asserted_user"] == name
    assert recorded(sluis, "someone.else@example.nl")["asserted_user"] != name
    assert recorded(sluis, USER, LOW_KEY)["asserted_user"] != name
    assert first["principal"] == "k_app"  # who is asked for has no rights of its own
    assert USER not in json.dumps(sluis.entries())


def test_without_the_header_nothing_is_recorded(sluis: Installation) -> None:
    assert "asserted_user" not in recorded(sluis, None)


@pytest.mark.parametrize("user", ["", "x" * 257, "jan\u00e9", "jan\tde vries"])
def test_a_malformed_user_is_refused_and_not_echoed(sluis: Installation, user: str) -> None:
    body = {"model": "outside", "messages": [{"role": "user", "content": "Hallo"}]}
    sent = {"x-sluis-user": user.encode("latin-1")}
    answer = sluis.ask(body, **sent)  # type: ignore[arg-type]
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["param"] == "x-sluis-user"
    assert "256" in error["message"]
    assert "jan" not in error["message"]
    entry = sluis.entries(answer.headers["x-sluis-audit-id"])[0]
    assert entry["outcome"] == "invalid_request"
    assert "asserted_user" not in entry


def test_the_longest_name_is_accepted(sluis: Installation) -> None:
    assert recorded(sluis, "x" * 256)["asserted_user"]
