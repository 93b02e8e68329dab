"""Credentials that expire: fetched once for all who wait, and not missed while they are good."""

import asyncio

import pytest

from gateway.core.errors import UpstreamFailed, UpstreamFault
from gateway.egress.credentials.token_endpoint import Renewed

pytestmark = pytest.mark.unit


class Issuer:
    """Gives numbered tokens for an hour when its gate is open; it is also the clock."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.down = False
        self.token = Renewed(self._fetch, lambda: self.now)

    async def _fetch(self) -> tuple[str, float]:
        self.asked += 1
        await self.gate.wait()
        if self.down:
            raise UpstreamFailed("It is down.", fault=UpstreamFault.OPERATOR)
        return f"token-{self.asked}", self.now + 3600


async def test_one_fetch_serves_all_who_wait() -> None:
    issuer = Issuer()
    assert set(await asyncio.gather(*(issuer.token.get() for _ in range(9)))) == {"token-1"}
    issuer.now += 3299
    assert await issuer.token.get() == "token-1"
    issuer.now += 2  # within five minutes of its end
    assert await issuer.token.get() == "token-2"


async def test_a_token_that_is_good_is_used_while_it_is_renewed() -> None:
    issuer = Issuer()
    await issuer.token.get()
    issuer.now += 3400
    issuer.gate.clear()
    renewing = asyncio.ensure_future(issuer.token.get())
    await asyncio.sleep(0)
    assert await issuer.token.get() == "token-1"
    issuer.gate.set()
    assert await renewing == "token-2"


async def test_an_issuer_that_is_down_is_not_noticed_while_the_token_is_good() -> None:
    issuer = Issuer()
    await issuer.token.get()
    issuer.now, issuer.down = issuer.now + 3400, True
    assert await issuer.token.get() == "token-1"
    assert await issuer.token.get() == "token-1"
    assert issuer.asked == 2
    issuer.now += 300
    with pytest.raises(UpstreamFailed):
        await issuer.token.get()


async def test_a_failure_counts_for_all_who_waited() -> None:
    issuer = Issuer()
    issuer.down = True
    asked = await asyncio.gather(*(issuer.token.get() for _ in range(9)), return_exceptions=True)
    assert issuer.asked == 1
    assert {type(one) for one in asked} == {UpstreamFailed}
    assert {getattr(one, "fault", None) for one in asked} == {UpstreamFault.OPERATOR}
    issuer.now, issuer.down = issuer.now + 3, False
    assert await issuer.token.get() == "token-2"
