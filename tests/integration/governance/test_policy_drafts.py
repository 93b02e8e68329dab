"""A draft is checked and tried before it is proposed, and a proposal before it is decided."""

from typing import Any

import pytest

from tests.support.installation import OFFICER_KEY, Installation

pytestmark = pytest.mark.integration
ZEBRA = (
    "\n  - {id: zebra, owner: x, stages: [input], positions: [newest], action: refuse, "
    "scope: {teams: [press]}, reason: {en: x, nl: x}, patterns: [zebra]}\n"
)
CASES = """
- name: a zebra is refused
  who: {team: press}
  what: {level: internal, texts: [a zebra]}
  where: {zone: internal}
  expect: {decision: refuse, rules: [zebra]}
- name: a horse passes
  who: {team: press}
  what: {level: internal, texts: [a horse]}
  where: {zone: internal}
  expect: {decision: allow, rules: [], without: [zebra]}
"""


def asked(sluis: Installation, path: str, body: dict[str, Any]) -> Any:
    answer = sluis.admin("POST", f"/policies/{path}", OFFICER_KEY, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_check_says_where_it_fails_and_which_faults_are_new(sluis: Installation) -> None:
    bundle = sluis.admin("GET", "/policies").json()
    files, content = bundle["files"], bundle["files"]["content.yaml"]
    untested = asked(sluis, "check", {"files": {"content.yaml": content + ZEBRA}})
    assert untested["ok"]
    assert [(one["file"], one["new"]) for one in untested["faults"]] == [("content.yaml", True)] * 2
    line = len((content + ZEBRA).splitlines())
    assert {one["line"] for one in untested["faults"]} == {line}
    for path, text, at in (
        ("content.yaml", content + ZEBRA.replace("refuse", "refuze"), line),
        ("egress.yaml", files["egress.yaml"] + "x: [\n", len(files["egress.yaml"].splitlines())),
        ("authorisation/odd.cedar", '@id("odd")\nforbid (principal, action, resource)\nwhen {', 1),
        (
            "authorisation/odd.cedar",
            '@id("odd")\nforbid (principal, action, resource)\nwhen { context.levle > 1 };',
            2,
        ),
        ("tests/odd.yaml", "\n- {name: odd, where: {zon: eu}, expect: {decision: allow}}", 2),
    ):
        place = asked(sluis, "check", {"files": {path: text}})["place"]
        assert place["file"] == path
        assert abs(place["line"] - at) <= 2, place


def test_a_proposal_is_checked_and_tried_as_a_draft_is(sluis: Installation) -> None:
    content = sluis.admin("GET", "/policies").json()["files"]["content.yaml"]
    body = {"files": {"content.yaml": content + ZEBRA, "tests/zebra.yaml": CASES}}
    made = sluis.admin("POST", "/policies/proposals", json=body).json()["id"]
    checked = asked(sluis, "check", {"proposal": made})
    assert checked["ok"]
    assert checked["faults"] == []
    assert "a zebra is refused" in {one["name"] for one in checked["tests"]}
    text = {"text": "A zebra.", "team": "press"}
    tried = asked(sluis, "try", {**text, "draft": {"proposal": made}})
    assert tried["rules"] == ["zebra"]
    assert asked(sluis, "try", text)["rules"] == []
    done = sluis.admin("POST", f"/proposals/{made}/reject", OFFICER_KEY, json={})
    assert done.status_code == 200


def test_a_text_is_tried_as_a_key_would_send_it(sluis: Installation) -> None:
    names = sluis.admin("GET", "/policies/names", OFFICER_KEY).json()
    assert {"app", "low"} <= set(names["keys"])
    assert "officer" not in names["keys"]
    assert {"assistant", "gpt-eu"} <= set(names["models"])
    body = {"text": "Mijn naam is Jan de Vries, bsn 111222333.", "model": "assistant"}
    tried = asked(sluis, "try", {**body, "caller": "app"})
    assert (tried["team"], tried["use_case"], tried["against"]) == ("support", "service", [])
    outcomes = {one["deployment"]: one["outcome"] for one in tried["deployments"]}
    assert outcomes == {"gpt-far": "refuse", "gpt-eu": "redact", "house-chat": "allow"}
    inside = asked(sluis, "try", {**body, "caller": "app", "use_case": "inside-only"})
    outcomes = {one["deployment"]: one["outcome"] for one in inside["deployments"]}
    assert outcomes == {"gpt-far": "refuse", "gpt-eu": "refuse", "house-chat": "allow"}
    low = asked(sluis, "try", {**body, "caller": "low"})
    assert low["against"] == ["model_not_for_key"]
    assert {one["outcome"] for one in low["deployments"]} == {"refuse"}


def test_two_bundles_of_the_history_are_compared_and_put_in_words(sluis: Installation) -> None:
    first = sluis.admin("GET", "/policies").json()
    body = {
        "files": {"content.yaml": first["files"]["content.yaml"] + ZEBRA, "tests/z.yaml": CASES}
    }
    made = sluis.admin("POST", "/policies/proposals", json=body).json()["id"]
    sluis.admin("POST", f"/proposals/{made}/approve", OFFICER_KEY, json={}).raise_for_status()
    second = sluis.admin("GET", "/policies").json()["digest"]
    path = f"/policies/difference?before={second}&after={first['digest']}"
    found = sluis.admin("GET", path, OFFICER_KEY).json()
    assert found["difference"]["sentences"]["en"][0] == "Content rule zebra is removed."
    assert sorted(found["changes"]) == ["content.yaml", "tests/z.yaml"]
    assert found["changes"]["tests/z.yaml"]["after"] is None
    for digest, count in ((first["digest"], 0), (second, 1)):
        rules = sluis.admin("GET", f"/policies/rules?digest={digest}", OFFICER_KEY).json()["rules"]
        said = [rule["sentences"]["en"] for rule in rules if rule["id"] == "zebra"]
        assert len(said) == count
        assert all("for requests of team press, the request is refused" in one for one in said)
    for path in ("/policies/rules?digest=x", f"/policies/difference?before=x&after={second}"):
        assert sluis.admin("GET", path, OFFICER_KEY).json()["error"]["code"] == "not_found"
    back = sluis.admin("POST", "/policies/rollback", json={"to": first["digest"]}).json()["id"]
    sluis.admin("POST", f"/proposals/{back}/approve", OFFICER_KEY, json={}).raise_for_status()
