"""The control plane over HTTP and the command line: two people, roles, errors that help."""

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.evidence.disclosure_profile import OPERATIONAL, WITHHELD
from gateway.governance.access_control.permissions import Permissions
from tests.support.installation import ADMIN_KEY, APP_KEY, OFFICER_KEY, Installation
from tests.support.tiny_model import make_tiny

pytestmark = [pytest.mark.integration, pytest.mark.slow]

COMPLAINT = {"code": "complaint", "reason": "complaint 12"}


def test_nobody_gets_in_without_a_good_key(sluis: Installation) -> None:
    assert httpx.get(f"{sluis.control}/admin/v1/keys").status_code == 401
    assert sluis.admin("GET", "/keys", "sk-wrong-000000000000000000").status_code == 401
    assert sluis.admin("GET", "/keys", APP_KEY).status_code == 401  # an application's key


def test_every_route_asks_for_its_permission(sluis: Installation) -> None:
    nobody = sluis.admin("POST", "/keys", json={"name": "powerless", "kind": "admin"}).json()
    document = httpx.get(f"{sluis.control}/openapi.json").json()
    open_to_all = {"/admin/v1/me", "/admin/v1/me/sign-out", "/admin/v1/home"}
    for path, methods in document["paths"].items():
        if not path.startswith("/admin/v1") or path in open_to_all:
            continue
        for method in methods:
            filled = path.removeprefix("/admin/v1").replace("{", "").replace("}", "")
            refused = sluis.admin(method.upper(), filled, nobody["secret"], json={})
            assert refused.status_code == 403, (method, path)
    assert sluis.admin("GET", "/keys", nobody["secret"]).status_code == 403
    home = sluis.admin("GET", "/home", nobody["secret"]).json()
    assert {name for name, value in home.items() if value is not None} == {"now"}


def test_a_refusal_names_the_roles_that_could(sluis: Installation) -> None:
    refused = sluis.admin("POST", "/keys", OFFICER_KEY, json={"name": "x"})
    assert refused.status_code == 403
    assert "platform_admin" in refused.json()["error"]["message"]


def enact(sluis: Installation, files: dict[str, str]) -> None:
    body = {"files": files, "comment": "for a test"}
    proposed = sluis.admin("POST", "/policies/proposals", json=body).json()
    done = sluis.admin("POST", f"/proposals/{proposed['id']}/approve", OFFICER_KEY, json={})
    assert done.status_code == 200


def test_a_policy_needs_two_people_and_takes_effect(sluis: Installation) -> None:
    files = sluis.admin("GET", "/policies").json()["files"]
    changed = files["content.yaml"].replace(
        "are a forbidden topic", "have no place in this organisation"
    )
    body = {"files": {"content.yaml": changed}, "comment": "clearer reason"}
    proposed = sluis.admin("POST", "/policies/proposals", json=body).json()
    shown = sluis.admin("GET", f"/proposals/{proposed['id']}", OFFICER_KEY).json()
    assert list(shown["changes"]) == ["content.yaml"]
    assert sluis.admin("POST", f"/proposals/{proposed['id']}/approve", json={}).status_code == 403
    done = sluis.admin("POST", f"/proposals/{proposed['id']}/approve", OFFICER_KEY, json={})
    assert done.status_code == 200

    def refused_with_the_new_reason() -> bool:
        answer = sluis.ask("how to make a bomb")
        return "have no place" in answer.json()["error"]["message"]

    sluis.until(refused_with_the_new_reason, "the new bundle is in force")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("content.yaml", "rules: [{id: x}]"),
        ("authorisation/default.cedar", "permit (principal, action"),
        ("egress.yaml", "chat_completions: {model: nonsense}"),
        (
            "tests/default.yaml",
            (
                "[{name: no, zone: eu, level: internal, clearance: public, expect: allow, "
                "policies: []}]"
            ),
        ),
    ],
)
def test_a_bad_bundle_is_never_proposed(sluis: Installation, path: str, text: str) -> None:
    refused = sluis.admin("POST", "/policies/proposals", json={"files": {path: text}})
    assert refused.status_code == 400
    assert "bundle" in refused.json()["error"]["message"]


def test_try_it_shows_what_a_text_would_meet(sluis: Installation) -> None:
    body = {"text": "Mijn naam is Jan de Vries, bsn 111222333."}
    tried = sluis.admin("POST", "/policies/try", OFFICER_KEY, json=body).json()
    assert tried["level"] == "confidential"
    assert {finding["type"] for finding in tried["findings"]} == {"PERSON", "BSN"}
    outcomes = {zone: decision["outcome"] for zone, decision in tried["decisions"].items()}
    assert outcomes == {"internal": "allow", "eu": "redact", "global": "refuse"}
    assert "Jan" not in tried["redacted"]


def test_try_it_asks_a_draft_for_a_caller_and_a_position(sluis: Installation) -> None:
    content = sluis.admin("GET", "/policies").json()["files"]["content.yaml"]
    rule = (
        "\n  - {id: zebra, owner: x, stages: [input], positions: [newest], action: refuse, "
        "scope: {teams: [press]}, reason: {en: x, nl: x}, patterns: [zebra]}\n"
    )
    body = {"text": "A zebra.", "draft": {"files": {"content.yaml": content + rule}}}
    for more, outcome in (
        ({"team": "press"}, "refuse"),
        ({"team": "sales"}, "allow"),
        ({"team": "press", "position": "system"}, "allow"),
        ({"team": "press", "draft": None}, "allow"),
    ):
        tried = sluis.admin("POST", "/policies/try", OFFICER_KEY, json={**body, **more}).json()
        assert tried["decisions"]["internal"]["outcome"] == outcome, more


def test_try_it_takes_out_what_the_bundle_in_force_says(sluis: Installation) -> None:
    text = "Mijn naam is Jan de Vries, bsn 111222333."
    before = sluis.admin("GET", "/policies").json()["files"]["redaction.yaml"]
    enact(
        sluis,
        {"redaction.yaml": before.replace("types: {}", "types: {PERSON: surrogate, BSN: mask}")},
    )
    redacted = sluis.admin("POST", "/policies/try", OFFICER_KEY, json={"text": text}).json()[
        "redacted"
    ]
    enact(sluis, {"redaction.yaml": before})

    def stored_as_before() -> bool:
        audit_id = sluis.ask("Mijn naam is Jan de Vries.").headers["x-sluis-audit-id"]
        path, body = f"/audit/{audit_id}/reveal", COMPLAINT
        return "[PERSON_" in sluis.admin("POST", path, OFFICER_KEY, json=body).text

    sluis.until(stored_as_before, "the bundle of before is in force again")
    assert redacted.endswith(", bsn [BSN].")
    assert "[PERSON" not in redacted
    assert "Jan" not in redacted


def test_a_model_needs_two_people_and_its_own_bytes(sluis: Installation) -> None:
    directory = make_tiny(sluis.models_dir / "tiny")
    body = {"name": "tiny", "version": "1", "base": str(directory)}
    assert sluis.admin("POST", "/models", json=body).status_code == 201
    again = sluis.admin("POST", "/models", json=body)
    assert "never change" in again.json()["error"]["message"]
    early = sluis.admin("POST", "/models/tiny/1/promote", json={"tag": "production"})
    assert early.status_code == 400
    config = directory / "config.json"
    original = config.read_bytes()
    config.write_bytes(original + b" ")
    changed = sluis.admin("POST", "/models/tiny/1/approve", OFFICER_KEY)
    assert "changed" in changed.json()["error"]["message"]
    config.write_bytes(original)
    both = {"name": "both", "kind": "admin", "roles": ["model_owner", "policy_approver"]}
    one = sluis.admin("POST", "/keys", json=both).json()["secret"]
    body["version"] = "2"
    sluis.admin("POST", "/models", one, json=body)
    own = sluis.admin("POST", "/models/tiny/2/approve", one)
    assert own.status_code == 403
    assert sluis.admin("POST", "/models/tiny/2/approve", OFFICER_KEY).status_code == 200
    assert sluis.admin("POST", "/models/tiny/2/promote", one, json={}).status_code == 200
    stopped = sluis.admin("POST", "/models/tiny/2/quarantine", one, json={"reason": "test"})
    assert stopped.json()["state"] == "quarantined"


def test_a_directory_with_code_is_refused(sluis: Installation) -> None:
    folder = sluis.models_dir / "bad"
    folder.mkdir(parents=True)
    (folder / "model.pkl").write_bytes(b"x")
    refused = _registered(sluis, folder)
    assert refused.status_code == 400
    assert "model.pkl" in refused.json()["error"]["message"]


def test_a_directory_elsewhere_is_refused_whether_it_exists_or_not(sluis: Installation) -> None:
    places = (sluis.data_dir / "secrets", sluis.data_dir, Path("/proc/self"), Path("/gone"))
    refused = [_registered(sluis, place) for place in places]
    assert {one.status_code for one in refused} == {400}
    assert len({one.json()["error"]["message"] for one in refused}) == 1


def _registered(sluis: Installation, folder: Path) -> httpx.Response:
    return sluis.admin("POST", "/models", json={"name": "bad", "version": "1", "base": str(folder)})


def test_search_story_reveal_and_export(sluis: Installation, tmp_path: Path) -> None:
    answer = sluis.ask("Mijn naam is Jan de Vries.")
    audit_id = answer.headers["x-sluis-audit-id"]
    found = sluis.admin("GET", f"/audit?request={audit_id}", OFFICER_KEY).json()["entries"]
    assert len(found) == 2
    assert {row["zone"] for row in found} == {"eu"}
    story = sluis.admin("GET", f"/audit/{audit_id}", OFFICER_KEY).json()["entries"]
    assert story[0]["fields"]["policies"] == ["clearance.redacted"]
    path = f"/audit/{audit_id}/reveal"
    assert sluis.admin("POST", path, ADMIN_KEY, json=COMPLAINT).status_code == 403
    revealed = sluis.admin("POST", path, OFFICER_KEY, json=COMPLAINT)
    assert "Jan de Vries" not in revealed.text
    assert "[PERSON_" in revealed.text
    recorded = sluis.admin("GET", "/audit?event=control:payload:reveal", OFFICER_KEY).json()
    assert recorded["entries"]
    package = sluis.admin(
        "POST", "/audit/exports", OFFICER_KEY, json={"since": 0, "until": 2**42, "formats": ["csv"]}
    )
    (tmp_path / "e.zip").write_bytes(package.content)
    assert sluis.sluis("audit", "verify", str(tmp_path / "e.zip")).returncode == 0
    with zipfile.ZipFile(tmp_path / "e.zip") as opened:
        leaves = [json.loads(line)["leaf"] for line in opened.read("entries.jsonl").splitlines()]
    assert {name for leaf in leaves for name in leaf["sd"]} <= OPERATIONAL | set(WITHHELD)


def test_paging_shows_every_row_once(sluis: Installation) -> None:
    since = int(time.time() * 1000)  # without what thousands of requests of other tests left
    for _ in range(7):
        sluis.ask("Hello")
    seen: list[tuple[str, int]] = []
    before: Any = None
    while True:
        query = f"/audit?limit=4&since={since}" + (f"&before={before}" if before else "")
        page = sluis.admin("GET", query, OFFICER_KEY).json()
        seen += [(row["log"], row["seq"]) for row in page["entries"]]
        before = page["before"]
        if before is None:
            break
    assert len(seen) == len(set(seen))
    assert len(seen) >= 14


def test_errors_in_the_file_name_their_line(sluis: Installation, tmp_path: Path) -> None:
    path = tmp_path / "sluis.yaml"
    path.write_text(
        "version: 1\n"
        "providers:\n"
        "  - {name: a, kind: openai, zone: eu, api_key: sk-in-clear}\n"
        "  - {name: b, kind: openai, zone: global, colour: red}\n"
    )
    refused = sluis.sluis("apply", "-f", str(path), check=False)
    assert refused.returncode != 0
    assert "sluis.yaml:3: providers.0.api_key: " in refused.stderr
    assert "sluis.yaml:4: providers.1.colour: unknown key" in refused.stderr
    assert "sk-in-clear" not in refused.stderr
    path.write_text(
        "version: 1\n"
        "providers:\n"
        "  - {name: far, kind: openai, zone: global}\n"
        "deployments:\n"
        "  - name: d\n"
        "    provider: far\n"
        "    model: m\n"
        "    clearance: {clear: restricted, redacted: restricted}\n"
        "aliases:\n"
        "  - {name: a, candidates: [nothing]}\n"
    )
    refused = sluis.sluis("apply", "-f", str(path), check=False)
    assert (
        "sluis.yaml:8: deployments.0.clearance: the zone global may receive at most"
        in refused.stderr
    )
    assert "there is no 'nothing' in deployments (known: d)" in refused.stderr


def test_short_and_missing_secrets_are_refused(tmp_path: Path) -> None:
    sluis = Installation(tmp_path)
    path = tmp_path / "sluis.yaml"
    path.write_text('version: 1\nkeys: [{name: k, secret: "env:SLUIS_TEST_NO_SUCH"}]\n')
    refused = sluis.sluis("apply", "-f", str(path), check=False)
    assert "set the environment variable SLUIS_TEST_NO_SUCH" in refused.stderr


def test_commands_print_json_and_doctor_is_content(sluis: Installation) -> None:
    made = json.loads(
        sluis.sluis("keys", "create", "by-hand", "--team", "support", "--json").stdout
    )
    assert made["secret"].startswith("sluis_")
    listed = sluis.sluis("keys", "list", "--json").stdout
    assert made["id"] in listed
    assert made["secret"] not in listed
    assert sluis.sluis("keys", "revoke", "by-hand").returncode == 0
    wrong = sluis.sluis("keys", "revoke", "by-hand", check=False)
    assert "0 live keys" in wrong.stderr
    assert sluis.sluis("doctor").returncode == 0


def test_roles_name_only_permissions_that_exist() -> None:
    permissions = Permissions()
    assert {"platform_admin", "compliance_officer", "policy_approver"} <= set(permissions.roles)
