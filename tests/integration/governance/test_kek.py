"""The control plane compares its key-encryption key with that of its database."""

import pytest

from gateway.core.system.kek_check import WrongKek
from gateway.governance.kek_check import check_kek
from tests.support.retained import Retained

pytestmark = pytest.mark.integration


async def test_the_control_plane_compares_its_key(kept: Retained) -> None:
    database = kept.plane.database
    await check_kek(database, kept.plane.secrets.kek)
    await check_kek(database, kept.plane.secrets.kek)
    with pytest.raises(WrongKek):
        await check_kek(database, b"o" * 32)
