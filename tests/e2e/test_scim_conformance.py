"""The SCIM endpoint of a real control plane holds up to the conformance checks of scim2-tester."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from tests.support.installation import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
CONFIG = """\
version: 1
identity:
  issuers:
    - {name: staff, issuer: "http://127.0.0.1:9", audience: sluis, scim: {subject: externalId}}
"""


@pytest.fixture(scope="module")
def provisioned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    installation = Installation(tmp_path_factory.mktemp("scim"))
    installation.apply(CONFIG)
    arguments = ("keys", "create", "entra", "--kind", "admin", "--role", "scim_client", "--json")
    secret = json.loads(installation.sluis(*arguments).stdout)["secret"]
    try:
        installation.start("control")
        yield installation, secret
    finally:
        installation.stop()


def test_every_check_of_the_conformance_tester_passes(
    provisioned: tuple[Installation, str], tmp_path: Path
) -> None:
    installation, secret = provisioned
    headers = {"authorization": f"Bearer {secret}"}
    with Client(base_url=f"{installation.control}/scim/v2", headers=headers, timeout=30) as http:
        results = check_server(SyncSCIMClient(http))
    failed = [
        f"{one.title} {one.resource_type}: {one.reason}"
        for one in results
        if one.status not in {Status.SUCCESS, Status.SKIPPED, Status.COMPLIANT}
    ]
    assert not failed, "\n".join(failed)
    assert sum(one.status is Status.SUCCESS for one in results) > 30
