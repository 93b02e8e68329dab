"""SCIM: what Entra ID and Okta send is understood, and a leaver is out when it returns."""

from typing import Any

import httpx
import pytest

from tests.support.office import Office

pytestmark = pytest.mark.integration
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
ENTRA_USER = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "dirk",
    "userName": "Dirk@example.nl",
    "active": True,
    "displayName": "Dirk de Boer",
    "title": "Engineer",
    "emails": [{"primary": True, "type": "work", "value": "dirk@example.nl"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "Dirk de Boer", "familyName": "de Boer", "givenName": "Dirk"},
    "roles": [],
    ENTERPRISE: {"department": "Finance", "manager": "m-1"},
}


class Client:
    """A SCIM client with a key of its own."""

    def __init__(self, office: Office, key: str) -> None:
        self._office = office
        self.key = key

    async def send(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None
    ) -> httpx.Response:
        headers = {
            "authorization": f"Bearer {self.key}",
            "content-type": "application/scim+json",
        }
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self._office.app()), base_url="http://control/scim/v2"
        ) as client:
            if raw is not None:
                return await client.request(method, path, content=raw, headers=headers)
            return await client.request(method, path, json=body, headers=headers)

    async def create(self, **changes: Any) -> str:
        answer = await self.send("POST", "/Users", {**ENTRA_USER, **changes})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def patch(self, path: str, *operations: dict[str, Any]) -> httpx.Response:
        return await self.send("PATCH", path, {"schemas": [PATCH], "Operations": operations})


@pytest.fixture
async def client(office: Office) -> Client:
    _, secret = await office.key("entra", None, "scim_client")
    return Client(office, secret)


async def test_the_sequence_of_entra(office: Office, client: Client) -> None:
    probe = await client.send("GET", '/Users?filter=userName eq "dirk@example.nl"')
    assert (probe.status_code, probe.json()["totalResults"]) == (200, 0)
    identity = await client.create()
    path = f"/Users/{identity}"
    found = await client.send("GET", '/Users?filter=userName eq "DIRK@EXAMPLE.NL"')
    assert found.json()["Resources"][0]["id"] == identity
    for filtered in (
        'externalId eq "dirk"',
        'emails.value eq "dirk@example.nl"',
        f'id eq "{identity}"',
    ):
        found = await client.send("GET", f"/Users?filter={filtered}")
        assert found.json()["totalResults"] == 1, filtered
    changed = await client.patch(
        path,
        {"op": "Replace", "path": "displayName", "value": "Dirk B."},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Sales"},
        {"op": "Add", "path": 'phoneNumbers[type eq "work"].value', "value": "020"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "d@example.nl"},
        {
            "op": "Replace",
            "value": {"name.givenName": "D.", 'emails[type eq "home"].value': "h@example.nl"},
        },
    )
    assert changed.status_code == 200, changed.text
    document = changed.json()
    assert (document["displayName"], document["name"]["givenName"]) == ("Dirk B.", "D.")
    assert {one["value"] for one in document["emails"]} == {"d@example.nl", "h@example.nl"}
    token = office.person("dirk")
    assert (await office.ask(token, "GET", "/me")).status_code == 200
    off = await client.patch(path, {"op": "Replace", "path": "active", "value": "False"})
    assert (off.status_code, off.json()["active"]) == (200, False)
    assert (await office.ask(token, "GET", "/me", plane=1)).status_code == 401
    assert (await client.send("DELETE", path)).status_code == 204
    assert (await client.send("GET", path)).status_code == 404


async def test_the_sequence_of_okta(office: Office, client: Client) -> None:
    body = {
        "schemas": [USER],
        "userName": "els@example.nl",
        "name": {"givenName": "Els", "familyName": "Smit"},
        "emails": [{"primary": True, "value": "els@example.nl", "type": "work"}],
        "displayName": "Els Smit",
        "locale": "en-US",
        "externalId": "00u1",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }
    created = await client.send("POST", "/Users", body)
    assert created.status_code == 201
    assert "password" not in created.json()
    path = f"/Users/{created.json()['id']}"
    listed = await client.send(
        "GET", '/Users?filter=userName eq "els@example.nl"&startIndex=1&count=100'
    )
    assert listed.json()["itemsPerPage"] == 1
    renamed = await client.send("PUT", path, {**body, "displayName": "Els de Wit"})
    assert renamed.json()["displayName"] == "Els de Wit"
    off = await client.send(
        "PATCH",
        path,
        {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": False}}]},
    )
    assert off.json()["active"] is False
    signs_on = office.issuer.token("00u9", email="els@example.nl")  # known by her address alone
    assert (await office.ask(signs_on, "GET", "/me")).status_code == 401


async def test_a_leaver_comes_back_only_when_a_person_approves(
    office: Office, client: Client
) -> None:
    officer = await office.meet("carla", "officers")
    approver = await office.meet("els", "approvers")
    identity = await client.create()
    path, token = f"/Users/{identity}", office.person("dirk")
    await client.patch(path, {"op": "Replace", "path": "active", "value": "False"})
    for _ in range(2):  # providers repeat themselves
        back = await client.patch(path, {"op": "Replace", "path": "active", "value": "True"})
        assert back.json()["active"] is True  # what the provider said
    shown = (await office.ask(officer, "GET", f"/persons/{identity}")).json()
    assert (shown["state"], shown["provided_active"]) == ("deactivated", True)
    assert (await office.ask(token, "GET", "/me")).status_code == 401
    proposals = await pending(office, officer)
    assert [(p["kind"], p["subject"]) for p in proposals] == [("person_reactivate", "Dirk de Boer")]
    approve = f"/proposals/{proposals[0]['id']}/approve"
    assert (await office.ask(approver, "POST", approve, {})).status_code == 200
    assert (await office.ask(token, "GET", "/me", plane=1)).status_code == 200


async def pending(office: Office, who: str) -> list[dict[str, Any]]:
    found = (await office.ask(who, "GET", "/proposals")).json()["proposals"]
    return [one for one in found if one["state"] == "pending"]


async def test_a_leaver_who_is_renamed_meanwhile_stays_out_and_comes_back_whole(
    office: Office, client: Client
) -> None:
    approver = await office.meet("els", "approvers")
    identity = await client.create()
    path, token = f"/Users/{identity}", office.person("dirk")
    await client.patch(path, {"op": "Replace", "path": "active", "value": "False"})
    renamed = {"userName": "new@example.nl", "externalId": "new", "active": True}
    await client.patch(path, {"op": "replace", "value": renamed})
    for one in (token, office.issuer.token("new", email="new@example.nl")):
        assert (await office.ask(one, "GET", "/me")).status_code == 401
    (waiting,) = await pending(office, approver)
    await office.ask(approver, "POST", f"/proposals/{waiting['id']}/approve", {})
    assert (await office.ask(token, "GET", "/me")).status_code == 200


async def test_removing_and_creating_again_brings_nobody_back(
    office: Office, client: Client
) -> None:
    token = office.person("dirk")
    identity = await client.create()
    _, secret = await office.key("dirks", "dirk@example.nl", "auditor")
    await client.send("DELETE", f"/Users/{identity}")
    again = await client.create(externalId="another", userName="other@example.nl")
    assert again != identity
    for credential in (token, secret):
        assert (await office.ask(credential, "GET", "/me")).status_code == 401
    officer = await office.meet("carla", "officers")
    shown = (await office.ask(officer, "GET", f"/persons/{again}")).json()
    assert shown["state"] == "deactivated"  # has an address of somebody who left


async def test_who_is_created_before_the_first_day_begins_without_approval(
    office: Office, client: Client
) -> None:
    token = office.person("dirk")
    identity = await client.create(active=False)
    assert (await office.ask(token, "GET", "/me")).status_code == 401
    path = f"/Users/{identity}"
    await client.patch(path, {"op": "replace", "value": {"active": True}})
    assert (await office.ask(token, "GET", "/me")).status_code == 200
    await client.patch(path, {"op": "replace", "value": {"active": False}})
    await client.patch(path, {"op": "replace", "value": {"active": True}})
    assert (await office.ask(token, "GET", "/me")).status_code == 401


async def test_a_sign_on_and_a_provisioned_person_are_one(office: Office, client: Client) -> None:
    dirk = await office.meet("dirk", "officers")  # signed on first
    identity = await client.create(externalId="unrelated")
    await office.meet("dirk", "officers")
    found = (await office.ask(dirk, "GET", "/persons?query=dirk")).json()
    assert [(one["id"], one["source"]) for one in found["persons"]] == [(identity, "scim")]
    await client.patch(f"/Users/{identity}", {"op": "replace", "value": {"active": False}})
    assert (await office.ask(dirk, "GET", "/me")).status_code == 401
    nameless = office.issuer.token("dirk")  # the subject that signed on
    assert (await office.ask(nameless, "GET", "/me")).status_code == 401


async def test_groups_with_members_in_and_out(office: Office, client: Client) -> None:
    first = await client.create()
    second = await client.create(externalId="els", userName="els@example.nl", emails=[])
    body = {"schemas": [GROUP], "externalId": "g-1", "displayName": "Staff"}
    created = await client.send("POST", "/Groups", body)
    path = f"/Groups/{created.json()['id']}"
    members = [{"value": first}, {"value": second}]
    added = await client.patch(path, {"op": "Add", "path": "members", "value": members})
    assert len(added.json()["members"]) == 2
    query = f'/Groups?filter=id eq "{created.json()["id"]}" and members eq "{first}"'
    assert (await client.send("GET", query)).json()["totalResults"] == 1
    person = (await client.send("GET", f"/Users/{first}")).json()
    assert [one["display"] for one in person["groups"]] == ["Staff"]
    lean = await client.send(
        "GET", '/Groups?excludedAttributes=members&filter=displayName eq "STAFF"'
    )
    assert "members" not in lean.json()["Resources"][0]
    out = await client.patch(path, {"op": "remove", "path": f'members[value eq "{first}"]'})
    assert [one["value"] for one in out.json()["members"]] == [second]
    out = await client.patch(
        path, {"op": "Remove", "path": "members", "value": [{"value": second}]}
    )
    assert not out.json().get("members")
    stranger = {"op": "Add", "path": "members", "value": [{"value": "p_none"}]}
    assert (await client.patch(path, stranger)).status_code == 400
    assert (await client.send("DELETE", path)).status_code == 204
    events = [e["event"] for e in await office.entries() if ":group:" in e["event"]]
    assert events == ["control:group:create", *["control:group:change"] * 3, "control:group:delete"]


async def test_pages_and_duplicates(client: Client) -> None:
    for number in range(5):
        name = f"u{number}@example.nl"
        await client.create(externalId=str(number), userName=name, emails=[])
    page = (await client.send("GET", "/Users?startIndex=4&count=3")).json()
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (5, 4, 2)
    assert (await client.send("GET", "/Users?count=0")).json()["totalResults"] == 5
    taken = await client.send("POST", "/Users", {**ENTRA_USER, "userName": "U1@example.nl"})
    assert (taken.status_code, taken.json()["scimType"]) == (409, "uniqueness")


async def test_a_client_without_the_right_is_refused_on_record(
    office: Office, client: Client
) -> None:
    _, secret = await office.key("ops", None, "platform_admin")
    refused = await Client(office, secret).send("GET", "/Users")
    assert (refused.status_code, refused.json()["schemas"]) == (403, [ERROR])
    unknown = await Client(office, "sk-none-000000000000000").send("POST", "/Users", ENTRA_USER)
    assert (unknown.status_code, unknown.json()["schemas"]) == (401, [ERROR])
    events = [entry["event"] for entry in await office.entries("access:")]
    assert events.count("access:permission:refuse") == 1
    assert events.count("access:session:refuse") == 1
    for method, path in (("GET", "/keys"), ("GET", "/persons"), ("POST", "/apply")):
        assert (await office.ask(client.key, method, path, {})).status_code == 403


async def test_entries_have_the_person_by_id_and_name(office: Office, client: Client) -> None:
    identity = await client.create()
    await client.patch(f"/Users/{identity}", {"op": "Replace", "path": "displayName", "value": "D"})
    await client.send("DELETE", f"/Users/{identity}")
    entries = [e for e in await office.entries() if ":person:" in e["event"]]
    assert [(e["event"], e["of_person"], e["person_name"]) for e in entries] == [
        ("control:person:create", identity, "Dirk de Boer"),
        ("control:person:change", identity, "D"),
        ("control:person:deactivate", identity, "D"),
        ("control:person:delete", identity, "D"),
    ]
    assert entries[1]["changed"] == ["display_name"]


HOSTILE_FILTERS = [
    'userName eq "' + "x" * 20_000 + '"',
    "(" * 600 + 'userName eq "x"' + ")" * 600,
    'userName eq "x" or active pr',
    'userName eq "x\' OR 1=1 --" or',
    'userName eq "x"; DROP TABLE person',
    'password eq "x"',
    'userName sw ""',
    'emails[type eq "work"]',
    "\x00",
]


@pytest.mark.parametrize("hostile", HOSTILE_FILTERS, ids=range(len(HOSTILE_FILTERS)))
async def test_a_hostile_filter_is_a_refusal(client: Client, hostile: str) -> None:
    await client.create()
    answer = await client.send("GET", str(httpx.URL("/Users", params={"filter": hostile})))
    assert answer.status_code == 400, answer.text
    assert answer.json()["schemas"] == [ERROR]
    assert len(answer.text) < 2000


async def test_a_quote_in_a_filter_is_a_value(client: Client) -> None:
    await client.create()
    for value in ("x' OR '1'='1", "%", "dirk_example.nl", '\\" or userName eq \\"dirk@example.nl'):
        params = {"filter": f'userName eq "{value}"'}
        found = await client.send("GET", str(httpx.URL("/Users", params=params)))
        assert found.json()["totalResults"] == 0


HOSTILE_BODIES = [
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b'{"schemas": ["' + USER.encode() + b'"], "userName": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"schemas": ["' + USER.encode() + b'"], "userName": "' + b"x" * 300 + b'"}',
    b'{"schemas": ["' + USER.encode() + b'"], "userName": "a\\u0000b"}',
    b'{"schemas": ["' + USER.encode() + b'"], "userName": "\\ud800"}',
    b'{"schemas": ["' + USER.encode() + b'"], "userName": {"$ne": ""}}',
    b'{"schemas": ["' + USER.encode() + b'"]}',
    b'{"schemas": ["urn:x"], "userName": "a"}',
    b'{"schemas": ["' + USER.encode() + b'"], "userName": "a", "active": "perhaps"}',
    b'{"schemas": ["'
    + USER.encode()
    + b'"], "userName": "a", "emails": ['
    + b",".join([b"{}"] * 50)
    + b"]}",
]


@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=range(len(HOSTILE_BODIES)))
async def test_a_hostile_body_is_a_refusal(client: Client, body: bytes) -> None:
    answer = await client.send("POST", "/Users", raw=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["schemas"] == [ERROR]
    assert (await client.send("GET", "/Users")).json()["totalResults"] == 0


async def test_a_hostile_patch_changes_nothing(client: Client) -> None:
    path = f"/Users/{await client.create()}"
    before = (await client.send("GET", path)).json()
    many = [{"op": "replace", "path": "displayName", "value": "x"}] * 1001
    for operations in (
        many,
        [{"op": "replace", "path": "id", "value": "p_other"}],
        [{"op": "remove", "path": "userName"}],
        [{"op": "erase", "path": "displayName"}],
        [{"op": "replace", "path": "displayName[", "value": "x"}],
        [{"op": "replace", "path": "a." * 5000, "value": "x"}],
        [{"op": "replace", "value": ["x"]}],
        [{"op": "replace", "path": "groups", "value": [{"value": "g_1"}]}],
        [
            {"op": "replace", "path": "displayName", "value": "x"},
            {"op": "replace", "path": "active", "value": {"x": 1}},
        ],
    ):
        answer = await client.patch(path, *operations)
        assert answer.status_code == 400, (operations[0], answer.text)
    after = (await client.send("GET", path)).json()
    assert after == before


async def test_the_body_has_a_limit_and_unknown_paths_an_error(client: Client) -> None:
    huge = await client.send("POST", "/Users", raw=b"x" * 1_100_000)
    assert (huge.status_code, huge.json()["schemas"]) == (413, [ERROR])
    for method, path, status in (
        ("GET", "/Nothing", 404),
        ("GET", "/Users/p_none", 404),
        ("PATCH", "/Users", 405),
        ("POST", "/Bulk", 501),
    ):
        answer = await client.send(method, path)
        assert (answer.status_code, answer.json()["schemas"]) == (status, [ERROR])
