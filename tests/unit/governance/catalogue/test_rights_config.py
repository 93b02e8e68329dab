"""Mappings of groups and workloads in ``sluis.yaml``: only of names that exist, each once."""

import msgspec
import pytest

from gateway.core.errors import ConfigError
from gateway.core.snapshot import Budget, GroupRights, Issuer, Limits, Rights
from gateway.governance.catalogue.config_file import parse

pytestmark = pytest.mark.unit
FILE = """version: 1
providers:
  - {{name: eu, kind: openai, zone: eu}}
deployments:
  - {{name: gpt, provider: eu, model: gpt-5-mini}}
aliases:
  - {{name: assistant, candidates: [gpt]}}
use_cases:
  - {{name: letters, owner: board, legal_basis: contract, risk: limited}}
teams:
  - {{name: support}}
{rest}identity:
  issuers:
    - name: staff
      issuer: "https://id.example.nl"
      audience: "urn:sluis"
{issuer}
"""


def written(issuer: str, rest: str = "") -> str:
    return FILE.format(issuer="\n".join(f"      {line}" for line in issuer.split("\n")), rest=rest)


def issuer_of(issuer: str) -> Issuer:
    (node,) = parse(written(issuer), source="sluis.yaml").identity.issuers
    return node


def faults_of(issuer: str, rest: str = "") -> list[str]:
    with pytest.raises(ConfigError) as refused:
        parse(written(issuer, rest), source="sluis.yaml")
    return str(refused.value).splitlines()


def test_a_list_is_in_order_of_precedence() -> None:
    made = issuer_of("""groups_claim: 'resource_access."my.client".roles'
groups:
  - {group: agents, team: support, models: [assistant, gpt], purposes: [letters],
     clearance: restricted, floor: public, budget: {amount: 20}, limits: {tokens_per_minute: 9}}
  - {group: agents, when: {department: finance}}
  - {when: {employee_type: intern}, clearance: internal}""")
    assert made.groups_claim == 'resource_access."my.client".roles'
    first, second, third = made.groups
    assert first == GroupRights(
        group="agents",
        team="support",
        models=["assistant", "gpt"],
        purposes=["letters"],
        clearance="restricted",
        floor="public",
        budget=Budget(20.0),
        limits=Limits(tokens_per_minute=9),
    )
    assert second == GroupRights(group="agents", when={"department": "finance"})
    assert third == GroupRights(when={"employee_type": "intern"}, clearance="internal")


def test_a_mapping_means_the_same_as_a_list_in_the_order_written() -> None:
    made = issuer_of("""groups:
  zebras: {models: [gpt]}
  /afdeling/support: {team: support}
  '7': {}""")
    assert made.groups == [
        GroupRights(group="zebras", models=["gpt"]),
        GroupRights(group="/afdeling/support", team="support"),
        GroupRights(group="7"),
    ]


def test_workloads_are_mapped_by_their_exact_subject() -> None:
    made = issuer_of("""applications:
  "system:serviceaccount:support:bot": {team: support, models: [gpt]}
  "repo:example/app:environment:production": {}""")
    assert made.applications == {
        "system:serviceaccount:support:bot": Rights(team="support", models=["gpt"]),
        "repo:example/app:environment:production": Rights(),
    }


def test_an_issuer_without_mappings_stays_as_it_was() -> None:
    assert not {"groups", "applications"} & set(
        msgspec.json.decode(msgspec.json.encode(issuer_of("")))
    )
    stored = b'{"name":"staff","issuer":"https://id.example.nl","audience":"urn:sluis"}'
    assert msgspec.json.decode(stored, type=Issuer).groups == []


@pytest.mark.parametrize(
    ("issuer", "line", "place", "what"),
    [
        ("groups:\n  - {group: a, team: gone}", 18, "groups.0.team", "(known: support)"),
        ("groups:\n  - {group: a, models: [gone]}", 18, "groups.0.models", "assistant, gpt"),
        ("groups:\n  - {group: a, purposes: [gone]}", 18, "groups.0.purposes", "letters"),
        ("groups:\n  a: {}\n  b: {team: gone}", 19, "groups.1.team", "(known: support)"),
        ("applications:\n  bot: {team: gone}", 18, "applications.bot.team", "support"),
        ("applications:\n  bot: {models: [gone]}", 18, "applications.bot.models", "gpt"),
        ("roles:\n  admins: owner", 18, "roles.admins", "auditor, compliance_officer"),
        ("roles: {admins: operator}", 17, "roles.admins", "platform_admin"),
        ("roles: {admins: bootstrap}", 17, "roles.admins", "platform_admin"),
        ("groups:\n  - {group: a}\n  - {group: a}", 19, "groups.1", "line 18"),
        ("groups:\n  a: {}\n  b: {}\n  a: {}", 17, "groups", "lines 18 and 20"),
        (
            "groups:\n  - {group: a, when: {x: y}}\n  - {when: {x: y}, group: a}",
            19,
            "groups.1",
            "18",
        ),
        ("applications:\n  bot: {}\n  bot: {}", 17, "applications", "lines 18 and 19"),
        (
            "roles:\n  a: auditor\n  b: auditor\n  a: model_owner",
            17,
            "roles",
            "lines 18 and 20",
        ),
        ("groups:\n  - group: a\n    when: {x: y, x: z}", 19, "groups.0.when", "lines 19 and 19"),
        ("groups:\n  - {team: support}", 18, "groups.0", "everybody"),
        ("groups:\n  - {group: a, models: []}", 18, "groups.0.models", "at least 1"),
        ("groups:\n  - {group: a, purposes: []}", 18, "groups.0.purposes", "at least 1"),
        ("groups:\n  - {group: a, when: {}}", 18, "groups.0.when", "at least 1"),
        ("groups:\n  - {group: ''}", 18, "groups.0.group", "at least 1"),
        ("groups:\n  - {group: 7}", 18, "groups.0.group", "string"),
        ("groups:\n  7: {}", 18, "groups.0.group", "string"),
        ("groups:\n  a:", 18, "groups.0", "dictionary"),
        ("groups:\n  a: {group: b}", 17, "groups", "leave group out"),
        ("groups: a", 17, "groups", "list"),
        ("groups:\n  - {group: a, role: auditor}", 18, "groups.0.role", "unknown key"),
        ("groups:\n  - {group: a, clearance: secret}", 18, "groups.0.clearance", "internal"),
        ("groups:\n  - {group: a, when: {x..y: z}}", 18, "groups.0.when", "no path"),
        ("groups:\n  - {group: a, when: {x: true}}", 18, "groups.0.when.x", "string"),
        ("groups:\n  - {group: a, budget: {amount: -1}}", 18, "groups.0.budget.amount", "0"),
        ('groups:\n  - {group: "a\\0b"}', 18, "groups.0.group", "control"),
        ("applications:\n  bot: {group: a}", 18, "applications.bot.group", "unknown key"),
        ("applications: [bot]", 17, "applications", "dictionary"),
    ],
)
def test_a_fault_is_refused_with_its_line_and_what_exists(
    issuer: str, line: int, place: str, what: str
) -> None:
    (fault,) = faults_of(issuer)
    assert fault.startswith(f"sluis.yaml:{line}: identity.issuers.0.{place}"), fault
    assert what in fault


@pytest.mark.parametrize("claim", ["''", "[]", "7", "[a, 7]", "{a: b}", "a..b", f"[{'a, ' * 51}]"])
def test_a_groups_claim_is_a_path(claim: str) -> None:
    assert all("groups_claim" in fault for fault in faults_of(f"groups_claim: {claim}"))


def test_every_fault_of_a_file_is_named_at_once() -> None:
    found = faults_of("""roles: {admins: owner}
groups:
  - {group: a, team: gone, models: [gpt, gone]}
  - {group: a}
  - {group: a}""")
    assert len(found) == 5


@pytest.mark.parametrize(
    ("field", "known"),
    [("roles: [owner]", "auditor"), ("models: [gone]", "assistant, gpt")],
)
def test_a_key_of_the_file_names_only_what_exists(field: str, known: str) -> None:
    (fault,) = faults_of("", f'keys:\n  - {{name: app, secret: "env:KEY", {field}}}\n')
    assert fault.startswith("sluis.yaml:13: keys.0.")
    assert known in fault


def test_a_thousand_mappings_are_read() -> None:
    listed = "\n".join(f"  - {{group: 'g{number}', models: [gpt]}}" for number in range(1_000))
    assert len(issuer_of(f"groups:\n{listed}").groups) == 1_000
