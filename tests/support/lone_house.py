"""An installation in which one person has every role, and two others decide."""

import json
import os
from functools import cached_property
from typing import Any

import msgspec
import yaml
from fastapi import FastAPI

from gateway.core.snapshot import Snapshot
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.app import create_app
from gateway.governance.catalogue.config_file import parse
from tests.support.access_matrix import Answer, asked
from tests.support.field_trials import ADA, Config
from tests.support.issuer import AUDIENCE
from tests.support.office import Office
from tests.support.persons import ALICE, approved, secret_of
from tests.support.reach import Reach, gained, reach_of

CAMPAIGN = os.environ.get("SLUIS_CAMPAIGN") == "1"
ROLES = Permissions().roles
BASE = """\
version: 1
approvals: {{one_person: never}}
privacy: {{persons: pseudonymous}}
models: {{unregistered: refuse}}
audit: {{reveals_per_day: 20}}
internal_networks: [127.0.0.0/8, 10.1.0.0/16]
providers:
  - {{name: eu, kind: openai, base_url: "https://eu.example/v1", zone: eu, api_key: "env:EU_KEY",
     private_address: false,
     contract: {{region: EU, transfer_basis: none-needed, review: "2098-12-31"}}}}
  - {{name: far, kind: openai, base_url: "https://far.example/v1", zone: global,
     contract: {{region: EU, transfer_basis: none-needed, review: "2040-12-31"}}}}
  - {{name: house, kind: vllm, base_url: "http://10.1.2.3/v1", zone: internal}}
  - {{name: azure, kind: azure, base_url: "https://azure.example", zone: eu,
     entra: {{tenant: t, client: c, secret: "env:ENTRA"}}}}
  - {{name: bedrock, kind: bedrock, base_url: "https://bedrock.example", zone: eu,
     aws: {{region: eu-west-1, role: "arn:aws:iam::123456789012:role/own", access_key: "env:AWS_A",
           secret_key: "env:AWS_S"}}}}
  - {{name: behind, kind: openai, base_url: "https://behind.example/v1", zone: eu, ca: /etc/own.pem,
     proxy: "http://proxy.example:3128", proxy_auth: "env:PROXY"}}
deployments:
  - {{name: a, provider: eu, model: m, capabilities: {{context: 1000}},
     price: {{input_per_million: 5, output_per_million: 5, cached_input_per_million: 5,
             cache_write_per_million: 5, cache_write_1h_per_million: 5}}}}
  - {{name: b, provider: eu, model: m, clearance: {{clear: public, redacted: internal}}}}
  - {{name: c, provider: azure, model: m}}
  - {{name: d, provider: bedrock, model: m}}
  - {{name: e, provider: behind, model: m}}
  - {{name: f, provider: far, model: m}}
aliases: [{{name: chat, candidates: [a]}}]
teams:
  - {{name: makers, floor: internal, budget: {{amount: 50}}, limits: {{requests_per_minute: 9,
     tokens_per_minute: 900, concurrent: 3}}, lead: carl,
     per_person: {{budget: {{amount: 5}}, limits: {{requests_per_minute: 9, tokens_per_minute: 900,
                  concurrent: 3}}}},
     per_model: {{a: {{budget: {{amount: 5}}, limits: {{requests_per_minute: 9,
                  tokens_per_minute: 900, concurrent: 3}}}}}},
     self_service: {{models: [a], purposes: [letters, memos]}}}}
  - {{name: sellers, floor: public, budget: {{amount: 90}}}}
use_cases:
  - {{name: letters, owner: ada@example.nl, legal_basis: contract, risk: limited,
     floor: confidential, zones: [internal, global], review: "2089-01-01", budget: {{amount: 50}},
     limits: {{requests_per_minute: 9, tokens_per_minute: 900, concurrent: 3}},
     dpia: "https://example.nl/dpia", overseer: olga, transparency: [notice, marking],
     deployer: public-body}}
  - {{name: hiring, owner: hr, legal_basis: contract, risk: limited}}
  - {{name: memos, owner: hr, legal_basis: contract, risk: minimal, floor: public}}
identity:
  issuers:
    - name: staff
      issuer: "{issuer}"
      audience: [{audience}]
      roles_claim: groups
      roles: {roles}
      groups_claim: groups
      require: {{department: [it]}}
      max_age: 86400
      logout_clients: [console]
      scim: {{subject: externalId, client: ada}}
      groups:
        - {{group: agents, team: sellers, models: [a, f], purposes: [letters, memos],
           clearance: internal, floor: internal, budget: {{amount: 5}},
           limits: {{requests_per_minute: 9, tokens_per_minute: 900, concurrent: 3}}}}
      applications:
        robot: {{team: sellers, models: [a, f], purposes: [letters, memos],
           clearance: internal, floor: internal, budget: {{amount: 5}},
           limits: {{requests_per_minute: 9, tokens_per_minute: 900, concurrent: 3}}}}
keys:
  - {{name: ada, kind: admin, owner: ada@example.nl, roles: {all_roles}, secret: "env:ADA_KEY"}}
  - {{name: alice, kind: admin, owner: alice, roles: [platform_admin], secret: "env:ALICE_KEY"}}
  - {{name: bob, kind: admin, owner: bob, roles: [policy_approver], secret: "env:BOB_KEY"}}
  - {{name: open, team: sellers, secret: "env:OPEN_KEY", clearance: restricted, floor: public}}
  - {{name: talker, team: sellers, secret: "env:TALK_KEY", models: [chat], floor: public}}
  - {{name: loose, team: makers, secret: "env:LOOSE_KEY", models: [a, f], floor: public}}
  - {{name: app, team: sellers, secret: "env:APP_KEY", models: [a, f], purposes: [letters, memos],
     strict: true, clearance: internal, floor: internal, owner: carl, expires: 3000000000,
     budget: {{amount: 5}}, networks: [10.1.0.0/16], limits: {{requests_per_minute: 9,
     tokens_per_minute: 900, concurrent: 3}}}}
"""
GROUPS = {f"g-{role}": role for role in ROLES}


class LoneHouse(Office):
    """An installation of two persons and of Ada, who has every role, by a key and by sign-on."""

    config = BASE.replace(
        "{roles}", json.dumps(GROUPS).replace("{", "{{").replace("}", "}}")
    ).replace("{all_roles}", json.dumps(ROLES))
    before: Reach
    snapshot_before: Snapshot
    changed = False

    @cached_property
    def _app(self) -> FastAPI:
        """One in which each key of the file has a secret of its own."""
        return create_app(self.plane, resolve=secret_of)

    def app(self, plane: int = 0) -> FastAPI:
        return self._app

    async def set_up(self) -> None:
        await self.open()
        self.base: Config = yaml.safe_load(
            self.config.format(issuer=self.issuer.url, audience=AUDIENCE)
        )
        self.credentials = [
            secret_of("env:ADA_KEY"),
            self.issuer.token(
                "ada", name="Ada", email=ADA, groups=[*GROUPS, "agents"], department="it"
            ),
        ]
        await self.restore()

    async def restore(self) -> None:
        """The file as it was, approved by others; what a trial did is gone."""
        await self.approved_file(self.base)
        self.snapshot_before = await self.in_force()
        self.before = reach_of(self.snapshot_before)

    async def approved_file(self, config: Config) -> bool:
        """Put a file into force by two persons; gives whether it took both."""
        parsed = parse(json.dumps(config), source="sluis.yaml")
        done = await self.plane.catalogue.apply(parsed, ALICE, resolve=secret_of)
        if done.done.proposal:
            await approved(self.plane, done.done.proposal)
        return done.done.proposal is not None

    async def in_force(self) -> Snapshot:
        await self.plane.snapshots.publish()
        assert self.plane.snapshots.problem is None
        found = await self.plane.snapshots.published()
        assert found is not None
        return found

    async def start_anew(self) -> None:
        """The control plane ends, and starts over the same database."""
        await self.plane.close()
        self.planes[0] = self._plane()
        self.__dict__.pop("_app", None)  # it is made anew when it is asked
        await self.plane.start()

    async def send(self, who: str, method: str, path: str, body: Any = None) -> Answer:
        raw = json.dumps(body if body is not None else {}).encode()
        headers = {"authorization": f"Bearer {who}"}
        return await asked(self._app, (method, path), headers, raw)

    async def gained(self, *, by: str = "") -> list[str]:
        """What is newly in force since the file as it was."""
        now = _content(await self.in_force())
        self.changed = now != _content(self.snapshot_before)
        return gained(self.before, reach_of(now), by=by) if self.changed else []

    async def alone(self, answer: Answer, turn: int) -> None:
        """Ada tries to approve what waits, by each of her credentials."""
        found = json.loads(answer.text) if answer.status == 202 else {}
        proposal = found.get("proposal")
        if not proposal:
            return
        doors = [("proposals", one) for one in self.credentials]
        doors += [("own-approvals", self.credentials[1])]
        for door, who in doors if CAMPAIGN else [doors[turn % len(doors)]]:
            path = f"/admin/v1/{door}/{proposal}/approve"
            answer = await self.send(who, "POST", path, {"comment": "mine"})
            assert answer.status in {401, 403, 409}, answer


def _content(snapshot: Snapshot) -> Snapshot:
    """A snapshot without when and on what ground it was made."""
    return msgspec.structs.replace(snapshot, created=0, number=0, changes=[])
