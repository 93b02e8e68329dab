"""Control planes over one database with people who sign on: what tests of persons stand on."""

from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import unseal
from gateway.core.system.secrets import Secrets
from gateway.evidence.entry import values_of
from gateway.governance.plane import ControlPlane, build
from tests.support.control_app import control_app
from tests.support.issuer import AUDIENCE, TestIssuer
from tests.support.persons import issued_key
from tests.support.schema import migrate

CONFIG = """\
version: 1
identity:
  issuers:
    - name: staff
      issuer: "{issuer}"
      audience: {audience}
      roles_claim: groups
      roles: {{officers: compliance_officer, approvers: policy_approver, admins: platform_admin}}
      scim: {{subject: externalId}}
      logout_clients: [console]
"""


class Office:
    """Control planes over one database, and the people who call them."""

    config = CONFIG

    def __init__(
        self, url: str, secrets: Secrets, data_dir: Path | None, issuer: TestIssuer
    ) -> None:
        self._made = (url, secrets, data_dir)
        self.issuer = issuer
        self.secrets = secrets
        self.planes = [self._plane(), self._plane()]

    def _plane(self) -> ControlPlane:
        url, secrets, data_dir = self._made
        return build(database_url=url, secrets=secrets, data_dir=data_dir)

    @property
    def plane(self) -> ControlPlane:
        return self.planes[0]

    def app(self, plane: int = 0) -> FastAPI:
        """The application of a control plane."""
        return control_app(self.planes[plane])

    async def ask(
        self, who: str, method: str, path: str, body: Any = None, *, plane: int = 0
    ) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app(plane)), base_url="http://control/admin/v1"
        ) as client:
            return await client.request(
                method, path, json=body, headers={"authorization": f"Bearer {who}"}
            )

    def person(self, name: str, *groups: str) -> str:
        """A token of a person with an e-mail address."""
        return self.issuer.token(
            name, name=name.title(), email=f"{name}@example.nl", groups=list(groups)
        )

    async def meet(self, name: str, *groups: str) -> str:
        """The same, and the person has signed on once."""
        token = self.person(name, *groups)
        assert (await self.ask(token, "GET", "/me")).status_code == 200
        return token

    async def key(self, name: str, owner: str | None, *roles: str) -> tuple[str, str]:
        new = NewKey(name=name, kind="admin", roles=list(roles), owner=owner)
        key, secret = await issued_key(self.plane, new)
        return key.id, secret

    async def entries(self, source: str = "control:") -> list[dict[str, Any]]:
        query = "SELECT event, disclosure FROM audit_detail ORDER BY time, seq"
        return [
            {"event": row["event"], **values_of(bytes(row["disclosure"]))}
            for row in await self.plane.trail.rows(query, {})
            if row["event"].startswith(source)
        ]

    async def snapshot(self) -> Any:
        digest = await self.plane.snapshots.publish()
        query = "SELECT envelope FROM snapshot WHERE digest = :digest"
        (row,) = await self.plane.trail.rows(query, {"digest": digest})
        return unseal(bytes(row["envelope"]), self.secrets.signing.public_key())[0]

    async def open(self) -> None:
        """Start all control planes, with the issuer in the catalogue."""
        await migrate(self.plane.database)
        await self.plane.start()
        text = self.config.format(issuer=self.issuer.url, audience=AUDIENCE)
        applied = await self.ask(self.secrets.operator_token, "POST", "/apply", {"text": text})
        assert applied.status_code == 200, applied.text
        for plane in self.planes[1:]:
            await plane.start()

    async def close(self) -> None:
        for plane in self.planes:
            await plane.close()
