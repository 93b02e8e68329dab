"""Security events at receivers: which, in which form, once each place is up, and no content."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from gateway.core.objects.keys import NewKey
from gateway.governance.security_events.destination import EventDestination
from gateway.governance.security_events.receivers import receivers_of
from gateway.governance.security_events.service import AlarmLines, SecurityEventStream
from gateway.governance.security_events.tables import security_event_cursor
from tests.integration.governance.test_stops import Desk
from tests.support.certificates import certificate
from tests.support.otlp_collector import OtlpCollector
from tests.support.persons import issued
from tests.support.retained import Retained
from tests.support.syslog_receiver import SyslogListener

pytestmark = pytest.mark.integration
REASON = "geheim-kenmerk-4711"


def stream(
    kept: Retained, *addresses: str, alarms: AlarmLines | None = None
) -> SecurityEventStream:
    places = [EventDestination.parse(address) for address in addresses]
    return SecurityEventStream(
        kept.plane.database,
        kept.plane.trail.rows,
        receivers_of(places),
        alarms or AlarmLines(clock=kept.clock),
        wall=kept.clock,
    )


async def signed(kept: Retained) -> None:
    while await kept.plane.trail.log.advance():
        continue


@pytest.fixture
async def syslog() -> AsyncIterator[SyslogListener]:
    listener = await SyslogListener().start()
    yield listener
    await listener.stop()


@pytest.fixture
async def begun(kept: Retained, syslog: SyslogListener) -> SecurityEventStream:
    """A stream to a receiver that gets what comes from now on."""
    await signed(kept)
    made = stream(kept, f"syslog+tcp://127.0.0.1:{syslog.port}")
    await made.run()
    assert syslog.messages == []
    return made


async def test_keys_refusals_and_disclosures_arrive_in_order(
    kept: Retained, begun: SecurityEventStream, syslog: SyslogListener
) -> None:
    desk = Desk(kept)
    async with kept.trail() as trail:
        await kept.asked(trail, "1" * 32, age=0)
    stopped = await desk.ask(
        "compliance_officer", "POST", "/use-cases/hiring/stop", {"reason": REASON}
    )
    assert stopped.status_code == 200, stopped.text
    assert (await desk.ask("auditor", "POST", "/apply", {"text": ""})).status_code == 403
    revealed = await desk.ask(
        "compliance_officer",
        "POST",
        f"/audit/{'1' * 32}/reveal",
        {"code": "audit", "reason": REASON},
    )
    assert revealed.status_code == 200, revealed.text
    await signed(kept)
    await begun.run()
    wanted = ["control:stop:set", "access:permission:refuse", "control:payload:reveal"]
    await syslog.until(len(wanted))
    names = syslog.names()
    assert [name for name in names if name in wanted] == wanted
    assert "request:departure:intent" not in names
    (refused,) = [one for one in syslog.messages if one.name == "access:permission:refuse"]
    assert refused.priority == 13 * 8 + 4
    event = refused.document["event"]
    assert (event["outcome"], event["reason"]) == ("failure", "access_denied")
    assert event["category"] == ["iam"]
    assert refused.document["user"]["id"]
    assert refused.document["sluis"]["permission"] == "catalogue:write"
    everything = repr([one.document for one in syslog.messages])
    for content in (REASON, "Kwijtelaar", "gaat dit", "Beste"):
        assert content not in everything, content


async def test_each_event_is_sent_once_while_receivers_are_up(
    kept: Retained, begun: SecurityEventStream, syslog: SyslogListener
) -> None:
    for number in range(3):
        await issued(kept.plane, NewKey(name=f"bot{number}"))
        await signed(kept)
        await begun.run()
        await begun.run()
    await syslog.until(3)
    ids = [one.document["event"]["id"] for one in syslog.messages]
    assert len(set(ids)) == len(ids)
    assert syslog.names().count("control:key:create") == 3


async def test_what_happened_while_a_receiver_was_down_follows(
    kept: Retained,
    begun: SecurityEventStream,
    syslog: SyslogListener,
    caplog: pytest.LogCaptureFixture,
) -> None:
    port = syslog.port
    await syslog.stop()
    await issued(kept.plane, NewKey(name="bot"))
    await signed(kept)
    await begun.run()
    assert "security_events:batch:failed" in [one.message for one in caplog.records]
    again = await SyslogListener().start(port)
    await begun.run()  # too early after the failure
    assert again.connections == 0
    kept.clock.ms += 3_000
    await begun.run()
    await again.until(1)
    assert "control:key:create" in again.names()
    await again.stop()


async def test_a_receiver_that_is_down_keeps_nothing_from_another(
    kept: Retained, syslog: SyslogListener
) -> None:
    await signed(kept)
    down = await SyslogListener().start()
    port = down.port
    await down.stop()
    made = stream(kept, f"syslog+tcp://127.0.0.1:{port}", f"syslog+tcp://127.0.0.1:{syslog.port}")
    await made.run()
    await issued(kept.plane, NewKey(name="bot"))
    await signed(kept)
    await made.run()
    await syslog.until(1)


async def test_control_planes_take_turns(kept: Retained, syslog: SyslogListener) -> None:
    await signed(kept)
    address = f"syslog+tcp://127.0.0.1:{syslog.port}"
    one, two = stream(kept, address), stream(kept, address)
    await one.run()
    await issued(kept.plane, NewKey(name="bot"))
    await signed(kept)
    await asyncio.gather(one.run(), two.run())
    await two.run()
    await syslog.until(1)
    assert syslog.names().count("control:key:create") == 1
    kept.clock.ms += 61_000  # the first one is gone
    await issued(kept.plane, NewKey(name="other"))
    await signed(kept)
    await two.run()
    await syslog.until(2)
    assert syslog.names().count("control:key:create") == 2


async def test_an_alarm_is_sent_though_nothing_is_signed(
    kept: Retained, syslog: SyslogListener
) -> None:
    alarms = AlarmLines(clock=kept.clock)
    logger = logging.getLogger("gateway.tests.alarms")
    logger.addHandler(alarms)
    made = stream(kept, f"syslog+tcp://127.0.0.1:{syslog.port}", alarms=alarms)
    for _ in range(20):
        logger.critical("trail:head:refused", extra={"reason": "the tree is not whole"})
    logger.error("log:witness:fail")
    await made.run()
    await syslog.until(1)
    (alarm,) = syslog.messages
    assert alarm.name == "trail:head:refused"
    assert alarm.priority == 13 * 8 + 1
    assert alarm.document["event"]["kind"] == "alert"
    assert alarm.document["sluis"]["reason"] == "the tree is not whole"
    logger.removeHandler(alarms)


async def test_tls_is_checked(
    kept: Retained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = certificate(tmp_path)
    listener = await SyslogListener(own.context()).start()
    address = f"syslog+tls://localhost:{listener.port}"
    await signed(kept)
    made = stream(kept, address)
    await made.run()
    await issued(kept.plane, NewKey(name="bot"))
    await signed(kept)
    await made.run()  # an unknown authority
    assert listener.messages == []
    monkeypatch.setenv("SSL_CERT_FILE", str(own.path))
    kept.clock.ms += 3_000
    await made.run()
    await listener.until(1)
    assert "control:key:create" in listener.names()
    await listener.stop()


async def test_datagrams(kept: Retained) -> None:
    listener = await SyslogListener().start_udp()
    await signed(kept)
    made = stream(kept, f"syslog+udp://127.0.0.1:{listener.port}")
    await made.run()
    await issued(kept.plane, NewKey(name="bot"))
    await signed(kept)
    await made.run()
    await listener.until(1)
    await listener.stop()


async def test_a_collector_gets_log_records(kept: Retained) -> None:
    with OtlpCollector() as collector:
        await signed(kept)
        made = stream(kept, f"otlp+{collector.url}")
        await made.run()
        await issued(kept.plane, NewKey(name="bot"))
        await signed(kept)
        await made.run()
        records = collector.logs()
    (created,) = [one for one in records if one.event_name == "control:key:create"]
    attributes = {one.key: one.value for one in created.attributes}
    assert attributes["event.dataset"].string_value == "sluis.identity"
    assert attributes["event.outcome"].string_value == "success"
    assert created.severity_text == "notice"
    assert created.time_unix_nano // 1_000_000 == kept.clock.ms


async def test_after_a_restore_the_stream_goes_on(
    kept: Retained, begun: SecurityEventStream, syslog: SyslogListener
) -> None:
    """A position past the end of a smaller log is its end."""

    async with kept.plane.database.write() as connection:
        await connection.execute(update(security_event_cursor).values(position=1_000_000))
    await begun.run()
    await issued(kept.plane, NewKey(name="bot"))
    await signed(kept)
    await begun.run()
    await syslog.until(1)
