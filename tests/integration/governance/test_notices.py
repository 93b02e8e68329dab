"""Notices on both databases: who is told what, once, by signed webhook and by mail under TLS."""

import json
import logging
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text, update

from gateway.core.objects.keys import NewKey
from gateway.core.text import yaml_text
from gateway.governance.cases.tables import complaint, person_request
from gateway.governance.notices.channels import NoticeChannel, NoticeSettings, read_channels
from gateway.governance.notices.service import Notices
from gateway.storage import resources
from tests.integration.governance.test_stops import Desk
from tests.integration.governance.test_two_persons import KINDS as PROPOSAL_KINDS
from tests.support.certificates import certificate
from tests.support.persons import issued
from tests.support.retained import Retained
from tests.support.smtp_server import SmtpServer
from tests.support.webhook_receiver import WebhookReceiver

pytestmark = pytest.mark.integration
HOUR = 3_600_000
SECRET = b"s" * 32
CANARY = "geheim-kenmerk-4711"
CONSOLE = "https://sluis.example.nl"
OFFICER = "compliance_officer"


@pytest.fixture
def hook() -> Iterator[WebhookReceiver]:
    with WebhookReceiver(SECRET) as receiver:
        yield receiver


def channel(kept: Retained, hook: WebhookReceiver, **changes: Any) -> NoticeChannel:
    secret = kept.folder / "webhook-secret"
    secret.write_bytes(SECRET + b"\n")
    address = f"http://localhost:{hook.port}/sluis?team=desk"
    way = {"url": address, "secret_file": str(secret), "private_address": True}
    stated = {"name": "desk", "language": "en", "webhook": way, **changes}
    return NoticeChannel.model_validate(stated)


def notices(kept: Retained, *channels: NoticeChannel) -> Notices:
    async def timezone() -> str:
        return "Europe/Amsterdam"

    plane = kept.plane
    return Notices(
        plane.database,
        plane.journal,
        plane.permissions,
        NoticeSettings(channels, CONSOLE),
        timezone=timezone,
        wall=kept.clock,
    )


async def opened(kept: Retained, kind: str = "data_breach") -> str:
    body = {"kind": kind, "aware": kept.clock.ms, "description": f"Jan Kwijtelaar {CANARY}"}
    made = await Desk(kept).ask(OFFICER, "POST", "/incidents", body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def proposed(kept: Retained) -> str:
    body = {"add": [{"kind": "deny", "text": CANARY}], "remove": [], "reason": CANARY}
    made = await Desk(kept).ask(OFFICER, "POST", "/terms", body)
    assert made.is_success, made.text
    return str(made.json()["id"])


def later(kept: Retained, hours: float) -> None:
    kept.clock.ms += int(hours * HOUR)


async def test_each_thing_is_told_once_and_again_before_and_after_its_deadline(
    kept: Retained, hook: WebhookReceiver
) -> None:
    made = notices(kept, channel(kept, hook))
    incident, proposal = await opened(kept), await proposed(kept)
    stages = []
    for hours in (0, 1, 50, 1, 30, 1):
        later(kept, hours)
        await made.run()
        stages.append([(one["stage"], one["id"]) for sent in hook.taken for one in sent["items"]])
        hook.taken.clear()
    first, again, near, quiet, late, end = stages
    assert sorted(first) == sorted([("new", incident), ("new", proposal)])
    assert (again, quiet, end) == ([], [], [])
    assert near == [("reminder", incident)]
    assert late == [("overdue", incident)]
    sent = await kept.told("control:notice:send")
    assert [(one["channel"], one["items"], one["overdue"]) for one in sent] == [
        ("desk", 2, 0),
        ("desk", 1, 0),
        ("desk", 1, 1),
    ]


async def test_a_message_has_counts_kinds_ids_and_links_and_no_content(
    kept: Retained, hook: WebhookReceiver
) -> None:
    incident, proposal = await opened(kept), await proposed(kept)
    await notices(kept, channel(kept, hook, language="nl")).run()
    (sent,) = hook.taken
    assert sent["waiting"]["incident"] == {"count": 1, "overdue": 0}
    assert sent["waiting"]["proposal"] == {"count": 1, "overdue": 0}
    by_id = {one["id"]: one for one in sent["items"]}
    assert by_id[incident]["kind"] == "data_breach"
    assert by_id[incident]["link"] == f"{CONSOLE}/incidents"
    assert by_id[proposal]["link"] == f"{CONSOLE}/proposals"
    assert "datalek" in sent["text"]
    assert "Nieuw:" in sent["text"]
    everything = repr(sent) + repr(await kept.told("control:notice:send"))
    for content in (CANARY, "Kwijtelaar", OFFICER):
        assert content not in everything, content


async def test_a_channel_of_roles_gets_what_these_may_decide(
    kept: Retained, hook: WebhookReceiver
) -> None:
    incident, proposal = await opened(kept), await proposed(kept)
    found = {}
    for role in ("policy_approver", OFFICER, "model_owner", "auditor"):
        await notices(kept, channel(kept, hook, name=role, roles=[role])).run()
        found[role] = {one["id"] for sent in hook.taken for one in sent["items"]}
        hook.taken.clear()
    assert found == {
        "policy_approver": {proposal},
        OFFICER: {incident, proposal} if _approves(kept, OFFICER) else {incident},
        "model_owner": set(),
        "auditor": {incident},
    }


async def test_a_role_that_was_asked_to_review_hears_of_it_once(
    kept: Retained, hook: WebhookReceiver
) -> None:
    proposal = await proposed(kept)
    asked_of = notices(kept, channel(kept, hook, roles=["policy_approver"]))
    other = notices(kept, channel(kept, hook, name="other", roles=["auditor"]))
    await asked_of.run()
    hook.taken.clear()
    body = {"roles": ["policy_approver"]}
    path = f"/proposals/{proposal}/reviewers"
    assert (await Desk(kept).ask(OFFICER, "POST", path, body)).status_code == 201
    for _ in range(2):
        later(kept, 1)
        await asked_of.run()
        await other.run()
    (sent,) = hook.taken
    (item,) = sent["items"]
    assert (item["id"], item["stage"], item["due"]) == (proposal, "asked", None)
    assert "Asked of you:" in sent["text"]
    assert CANARY not in json.dumps(sent)


async def test_a_person_who_was_asked_gets_mail_at_their_own_mailbox(
    kept: Retained, hook: WebhookReceiver
) -> None:
    new = NewKey(name="tess", kind="admin", roles=["policy_approver"], owner="Tess@example.nl")
    await issued(kept.plane, new)
    proposal = await proposed(kept)
    path, made = f"/proposals/{proposal}/reviewers", certificate(kept.folder)
    asked = await Desk(kept).ask(OFFICER, "POST", path, {"persons": ["tess@example.nl"]})
    assert asked.status_code == 201, asked.text
    async with SmtpServer(made.context()) as server:
        for name in ("tess", "els"):
            way = mail(kept, server, made.path, to=[f"{name}@example.nl"])
            changes = {"name": name, "webhook": None, "smtp": way, "roles": ["model_owner"]}
            await notices(kept, channel(kept, hook, **changes)).run()
        (got,) = server.mails
    assert got.recipients == ["tess@example.nl"]
    assert proposal in got.message.get_content()


def _approves(kept: Retained, role: str) -> bool:
    return role in kept.plane.permissions.holders("terms:approve")


async def test_what_is_over_is_not_told_and_a_longer_term_is_told_of_again(
    kept: Retained, hook: WebhookReceiver
) -> None:
    made = notices(kept, channel(kept, hook))
    await complaints(kept, 1)
    await made.run()
    later(kept, 30)
    await made.run()
    assert [one["stage"] for one in hook.taken[-1]["items"]] == ["reminder"]
    async with kept.plane.database.write() as connection:
        due = kept.clock.ms + 100 * HOUR
        await connection.execute(update(complaint).values(deadline=due))
    later(kept, 90)
    await made.run()
    assert [one["stage"] for one in hook.taken[-1]["items"]] == ["reminder"]
    assert len(hook.taken) == 3
    async with kept.plane.database.write() as connection:
        await connection.execute(update(complaint).values(decided=kept.clock.ms))
    later(kept, 90)
    await made.run()
    assert len(hook.taken) == 3
    assert await rows(kept, "notice_item") == 0


async def complaints(kept: Retained, count: int) -> None:
    made = [
        {
            "id": f"complaint_{number}",
            "request": "a" * 32,
            "language": "nl",
            "hold": "hold_1",
            "deadline": kept.clock.ms + 40 * HOUR,
            "opened": kept.clock.ms,
        }
        for number in range(count)
    ]
    async with kept.plane.database.write() as connection:
        await connection.execute(insert(complaint), made)


async def rows(kept: Retained, table: str) -> int:
    async with kept.plane.database.read() as connection:
        return await connection.scalar(text(f"SELECT COUNT(*) FROM {table}")) or 0


async def test_a_flood_is_one_message(kept: Retained, hook: WebhookReceiver) -> None:
    made = notices(kept, channel(kept, hook, every_minutes=60))
    await complaints(kept, 5_000)
    await made.run()
    later(kept, 0.5)
    await opened(kept)
    await made.run()
    (sent,) = hook.taken  # the hour is not over
    assert (len(sent["items"]), sent["more"]) == (25, 4_975)
    assert sent["waiting"]["complaint"]["count"] == 5_000
    later(kept, 0.6)
    await made.run()
    assert len(hook.taken) == 2


async def test_a_restart_and_another_control_plane_repeat_nothing(
    kept: Retained, hook: WebhookReceiver
) -> None:
    await opened(kept)
    one, other = (notices(kept, channel(kept, hook)) for _ in range(2))
    await one.run()
    later(kept, 1)
    await other.run()
    await notices(kept, channel(kept, hook)).run()
    assert len(hook.taken) == 1


async def test_a_failure_loses_nothing_and_is_visible(
    kept: Retained, hook: WebhookReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    incident = await opened(kept)
    made, hook.status = notices(kept, channel(kept, hook)), 503
    caplog.set_level(logging.ERROR)
    for _ in range(2):
        await made.run()
        later(kept, 0.005)  # too early to try again
    assert hook.calls == 1
    later(kept, 1)
    await made.run()
    assert hook.calls == 2
    assert "notices:message:failed" in [one.message for one in caplog.records]
    (failed,) = await kept.told("control:notice:fail")
    assert failed["reason"] == "the receiver answered 503"
    home = (await Desk(kept).ask(OFFICER, "GET", "/home")).json()
    (shown,) = home["state"]["notices"]
    assert (shown["channel"], shown["reason"]) == ("desk", "the receiver answered 503")
    hook.status = 200
    later(kept, 2)
    await made.run()
    assert [one["id"] for one in hook.taken[0]["items"]] == [incident]
    home = (await Desk(kept).ask(OFFICER, "GET", "/home")).json()
    assert home["state"]["notices"] == []


async def test_a_redirect_is_not_followed(kept: Retained, hook: WebhookReceiver) -> None:
    await opened(kept)
    hook.status, hook.location = 307, f"http://localhost:{hook.port}/other"
    await notices(kept, channel(kept, hook)).run()
    assert hook.calls == 1
    (failed,) = await kept.told("control:notice:fail")
    assert failed["reason"] == "the receiver answered 307"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://127.0.0.1:9/", "the address is private: state private_address: true"),
        ("https://10.0.0.1/", "the address is private: state private_address: true"),
        ("https://[::ffff:192.168.1.1]/", "the address is private: state private_address: true"),
        ("https://169.254.169.254/latest", "the address is never a receiver"),
        ("https://does-not-exist.invalid/", "the host cannot be resolved"),
    ],
)
async def test_addresses_that_no_message_goes_to(
    kept: Retained, hook: WebhookReceiver, url: str, reason: str
) -> None:
    secret = channel(kept, hook).webhook
    assert secret is not None
    way = {"url": url, "secret_file": str(secret.secret_file)}
    await opened(kept)
    await notices(kept, channel(kept, hook, webhook=way)).run()
    (failed,) = await kept.told("control:notice:fail")
    assert failed["reason"] == reason


async def test_a_webhook_over_tls_checks_the_name_of_the_certificate(kept: Retained) -> None:
    await opened(kept)
    made = certificate(kept.folder)
    with WebhookReceiver(SECRET, tls=made.context()) as hook:
        way = {
            "url": f"https://localhost:{hook.port}/",
            "secret_file": str(kept.folder / "webhook-secret"),
            "private_address": True,
        }
        (kept.folder / "webhook-secret").write_bytes(SECRET)
        known = channel(kept, hook, name="known", webhook={**way, "ca": str(made.path)})
        await notices(kept, channel(kept, hook, webhook=way), known).run()
        assert len(hook.taken) == 1
    (failed,) = await kept.told("control:notice:fail")
    assert failed["channel"] == "desk"


def mail(kept: Retained, server: SmtpServer, ca: Path | None = None, **changes: Any) -> Any:
    return {
        "host": "localhost",
        "port": server.port,
        "from": "sluis@example.nl",
        "to": ["desk@example.nl", "dpo@example.nl"],
        "private_address": True,
        **({"ca": str(ca)} if ca else {}),
        **changes,
    }


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_mail_under_tls_after_a_login(
    kept: Retained, hook: WebhookReceiver, tls: str
) -> None:
    incident, made = await opened(kept), certificate(kept.folder)
    (kept.folder / "mail-password").write_text("p4ss\n")
    login = {"username": "sluis", "password_file": str(kept.folder / "mail-password")}
    async with SmtpServer(
        made.context(), implicit=tls == "implicit", password=("sluis", "p4ss")
    ) as server:
        way = mail(kept, server, made.path, tls=tls, **login)
        one = channel(kept, hook, webhook=None, smtp=way, language="nl")
        await notices(kept, one).run()
        (got,) = server.mails
    assert got.tls
    assert (got.sender, got.recipients) == (
        "sluis@example.nl",
        ["desk@example.nl", "dpo@example.nl"],
    )
    assert got.message["subject"] == "Sluis: 1 wachtend"
    assert got.message["auto-submitted"] == "auto-generated"
    body = got.message.get_content()
    assert incident in body
    assert "datalek" in body
    assert CANARY not in body
    assert "Kwijtelaar" not in body


async def test_mail_goes_to_no_server_without_tls_or_with_a_strange_certificate(
    kept: Retained, hook: WebhookReceiver
) -> None:
    await opened(kept)
    made = certificate(kept.folder)
    async with SmtpServer() as plain, SmtpServer(made.context()) as strange:
        one = channel(kept, hook, name="plain", webhook=None, smtp=mail(kept, plain))
        other = channel(kept, hook, name="strange", webhook=None, smtp=mail(kept, strange))
        await notices(kept, one, other).run()
        assert plain.mails == strange.mails == []
    reasons = {one["channel"]: one["reason"] for one in await kept.told("control:notice:fail")}
    assert reasons == {"plain": "SMTPNotSupportedError", "strange": "SSLCertVerificationError"}


async def test_mail_that_a_server_puts_off_comes_later(
    kept: Retained, hook: WebhookReceiver
) -> None:
    await opened(kept)
    async with SmtpServer() as server:
        way = mail(kept, server, tls="none")
        made = notices(kept, channel(kept, hook, webhook=None, smtp=way))
        server.refuses = True
        await made.run()
        server.refuses = False
        later(kept, 1)
        await made.run()
        assert len(server.mails) == 1
    (failed,) = await kept.told("control:notice:fail")
    assert failed["reason"] == "the server answered 451"


async def test_requests_of_persons_wait_on_the_first_page_too(
    kept: Retained, hook: WebhookReceiver
) -> None:
    row = {
        "id": "request_1",
        "kind": "access",
        "received": kept.clock.ms,
        "deadline": kept.clock.ms - HOUR,
        "opened": kept.clock.ms,
        "opened_by": "k_ada",
    }
    async with kept.plane.database.write() as connection:
        await connection.execute(insert(person_request).values(row))
    home = (await Desk(kept).ask(OFFICER, "GET", "/home")).json()["requests"]
    assert (home["count"], home["overdue"], home["items"][0]["kind"]) == (1, 1, "access")
    await notices(kept, channel(kept, hook)).run()
    assert [(one["id"], one["stage"]) for one in hook.taken[0]["items"]] == [
        ("request_1", "overdue")
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"language": "de"}, "language"),
        ({"webhook": None}, "either smtp or webhook"),
        ({"colour": "blue"}, "colour"),
        ({"webhook": {"url": "http://hooks.example.nl/", "secret_file": "x"}}, "loopback only"),
        ({"webhook": {"url": "https://u:p@example.nl/", "secret_file": "x"}}, "without login"),
        ({"webhook": {"url": "https://example.nl/", "secret_file": "/missing"}}, "cannot be read"),
        ({"name": "a\nb"}, "name"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:

    secret = tmp_path / "secret"
    secret.write_bytes(SECRET)
    way = {"url": "https://example.nl/", "secret_file": str(secret)}
    stated = {"name": "desk", "webhook": way, **changes}
    file = tmp_path / "notices.yaml"
    file.write_text(json.dumps({"version": 1, "channels": [stated]}))
    with pytest.raises(ValueError, match=message):
        read_channels(file)


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    secret, file = tmp_path / "secret", tmp_path / "notices.yaml"
    file.write_text(
        "version: 1\nchannels:\n- name: desk\n"
        f"  webhook: {{url: 'https://example.nl/', secret_file: {secret}}}\n"
    )
    secret.write_text("kort")
    with pytest.raises(ValueError, match="24 bytes"):
        read_channels(file)
    secret.write_text("whsec_" + "c3NzcyA=" * 8)
    with pytest.raises(ValueError, match="base64"):
        read_channels(file)
    secret.write_text("whsec_" + "c3Nz" * 12)
    assert [one.name for one in read_channels(file)] == ["desk"]


def test_every_kind_has_a_name_in_both_languages() -> None:
    english, dutch = (
        yaml_text.mapping(
            files("gateway.governance.notices").joinpath("texts", f"{one}.yaml").read_text("utf-8")
        )
        for one in ("en", "nl")
    )
    for name, value in english.items():
        assert isinstance(value, str) or value.keys() == dutch[name].keys()
    assert english.keys() == dutch.keys()
    file = resources.directory("policies") / "compliance" / "calendar.yaml"
    calendar = yaml_text.mapping(file.read_text("utf-8"))
    wanted = {*calendar["kinds"]["incident"], *calendar["kinds"]["request"], *PROPOSAL_KINDS}
    assert wanted == set(english["kinds"])
