"""The check value of the key-encryption key, in each store."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.system.kek_check import WrongKek, require_same_kek, seal_check
from gateway.evidence import Trail
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.postgres_store import PostgresStore
from gateway.evidence.store import EntryStore

pytestmark = pytest.mark.integration
KEY, OTHER = b"k" * 32, b"o" * 32
Make = Callable[[], EntryStore]


@pytest.fixture(params=["ledger", "postgres"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    if request.param == "ledger":
        return lambda: LedgerStore(tmp_path / "audit.db")
    url = request.getfixturevalue("postgres_url")
    return lambda: PostgresStore(url)


async def test_a_trail_of_another_key_does_not_start(make: Make) -> None:
    first = Trail(make(), kek=KEY, origin="gateway")
    await first.start(clock_ms=1)
    await first.stop(clock_ms=2)
    with pytest.raises(WrongKek):
        await Trail(make(), kek=OTHER, origin="gateway").start(clock_ms=3)
    again = Trail(make(), kek=KEY, origin="gateway")
    await again.start(clock_ms=4)
    await again.stop(clock_ms=5)


async def test_the_first_check_value_stays(make: Make) -> None:
    store = make()
    first = await store.record_kek(seal_check(KEY))
    assert await store.record_kek(seal_check(OTHER)) == first
    await store.close()


@pytest.mark.parametrize("stored", [b"", b"x", b"x" * 40, b"x" * 52])
def test_what_is_no_check_value_of_the_key_is_refused(stored: bytes) -> None:
    with pytest.raises(WrongKek):
        require_same_kek(KEY, stored, where="here")
