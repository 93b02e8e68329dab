"""Keys that stand in sluis.yaml: what was revoked does not come back with the file."""

import pytest

from gateway.core.errors import ConfigError
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.catalogue.config_file import parse
from tests.support.persons import BOB
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
FILE = """\
version: 1
keys:
  - {name: app, secret: "env:APP_KEY"}
  - {name: other, secret: "env:OTHER_KEY"}
"""


async def applied(kept: Retained, secret: str, file: str = FILE) -> list[str]:
    """Applies the file; gives its warnings."""
    values = {"env:APP_KEY": secret, "env:OTHER_KEY": "another-secret-0000000000000"}
    config = parse(file, source="sluis.yaml")
    done = await kept.plane.catalogue.apply(
        config, LOCAL_OPERATOR, resolve=values.get, may_lock_out=True
    )
    if done.done.proposal:
        await kept.plane.proposals.decide(done.done.proposal, BOB, approve=True, comment="agreed")
    return done.warnings


async def live(kept: Retained) -> set[str]:
    return {one.name for one in await kept.plane.keys.list() if one.revoked is None}


async def test_a_revoked_key_stays_so_until_it_has_another_secret(kept: Retained) -> None:
    first, second = "first-secret-00000000000000", "second-secret-0000000000000"
    assert not await applied(kept, first)
    await kept.plane.keys.revoke("app", LOCAL_OPERATOR)
    for _ in range(2):
        (warning,) = await applied(kept, first)
        assert "app" in warning
        assert await live(kept) == {"other"}
    assert not await applied(kept, second)
    assert await live(kept) == {"app", "other"}
    assert not await applied(kept, second)


async def test_a_key_with_another_name_may_have_its_secret(kept: Retained) -> None:
    secret = "first-secret-00000000000000"
    await applied(kept, secret)
    await applied(kept, secret, FILE.replace("name: app", "name: renamed"))
    assert await live(kept) == {"renamed", "other"}


async def test_two_keys_with_one_secret_are_refused_by_name(kept: Retained) -> None:
    with pytest.raises(ConfigError, match="app and other have the same secret"):
        await applied(kept, "another-secret-0000000000000")
