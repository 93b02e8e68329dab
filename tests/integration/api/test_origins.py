"""Pages of listed origins call the gateway from a browser; others see no answer."""

from pathlib import Path

import pytest

from gateway.core.system import secrets
from tests.support.in_process import InProcessGateway, key_of
from tests.support.wire_catalogue import catalogue
from tests.support.wire_provider import Reply, WireProvider

pytestmark = pytest.mark.integration
LISTED, OTHER = "https://chat.example.nl", "https://elsewhere.example.nl"
ALLOWS = "access-control-allow-origin"


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/models", "/v1/none"])
@pytest.mark.parametrize("origins", [(), (LISTED,)], ids=["none listed", "one listed"])
async def test_only_a_listed_origin_is_let_in(
    tmp_path: Path, origins: tuple[str, ...], path: str
) -> None:
    made = secrets.create(tmp_path / "secrets")
    with WireProvider(lambda _: Reply([b"{}"])) as provider:
        snapshot = catalogue(provider, key_of(made.pepper))
        async with InProcessGateway(snapshot, tmp_path, made=made, origins=origins) as gateway:
            for origin in (LISTED, OTHER):
                asks = {
                    "origin": origin,
                    "access-control-request-method": "POST",
                    "access-control-request-headers": "authorization,x-sluis-purpose",
                }
                before = await gateway.client.options(path, headers=asks)
                answer = await gateway.client.get(path, headers={"origin": origin})
                known = origin in origins
                assert before.is_success is known
                assert (before.headers.get(ALLOWS), answer.headers.get(ALLOWS)) == (
                    (origin, origin) if known else (None, None)
                )
