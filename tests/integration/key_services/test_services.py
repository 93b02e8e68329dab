"""Vault and KMS over their wire formats: what opens, and every way in which it does not."""

import base64
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.system.credentials import AwsCredentials, KeyServiceCredentials, VaultCredentials
from gateway.core.system.secrets import KekUnavailable
from gateway.key_services import (
    UNWRAP_TIMEOUT_S,
    KeyReference,
    WrappedKek,
    http_client,
    unwrap_kek,
    wrap_kek,
)
from gateway.key_services.http_client import KeyServiceUnavailable
from tests.integration.key_services.conftest import CANARIES, LOGINS, kms_place, vault_place
from tests.support.aws_kms import ARN, KEY_ID, SECRET, SESSION, AwsKms
from tests.support.certificates import certificate
from tests.support.ports import free_port
from tests.support.vault_transit import TOKEN, VaultTransit

pytestmark = pytest.mark.integration
KEK = b"CANARY-key-encryption-key-CANARY"
SHOWN = (*CANARIES, KEK.decode(), KEK.hex(), base64.b64encode(KEK).decode())


async def refusal(text: str, logins: KeyServiceCredentials = LOGINS) -> KekUnavailable:
    """Why it does not open, in one line without a secret."""
    with pytest.raises(KekUnavailable) as refused:
        await unwrap_kek(text, logins)
    message = str(refused.value)
    assert "\n" not in message
    assert not [canary for canary in SHOWN if canary in message]
    return refused.value


async def test_vault_unwraps_its_ciphertext(vault: VaultTransit) -> None:
    sealed = await wrap_kek(KEK, vault_place(vault), LOGINS)
    assert sealed.ciphertext.startswith("vault:v1:")
    assert await unwrap_kek(str(sealed), LOGINS) == KEK
    assert vault.asked == [
        f"/v1/transit/{verb}/sluis" for verb in ("encrypt", "decrypt", "decrypt")
    ]
    assert not [canary for canary in SHOWN if canary in str(sealed)]


async def test_kms_unwraps_its_ciphertext(kms: AwsKms) -> None:
    sealed = await wrap_kek(KEK, kms_place(kms), LOGINS)
    kms.keys[ARN].rotate()  # KMS keeps the material of before
    assert await unwrap_kek(str(sealed), LOGINS) == KEK
    assert not [canary for canary in SHOWN if canary in str(sealed)]


async def test_a_token_comes_from_a_file_and_from_a_namespace(
    vault: VaultTransit, tmp_path: Path
) -> None:
    vault.namespace = "city/gateway"
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    logins = KeyServiceCredentials(VaultCredentials(token_file=file, namespace="city/gateway"))
    sealed = str(await wrap_kek(KEK, vault_place(vault), logins))
    assert await unwrap_kek(sealed, logins) == KEK
    assert "404" in str(await refusal(sealed))  # without the namespace
    file.unlink()
    assert "VAULT_TOKEN_FILE" in str(await refusal(sealed, logins))


async def test_an_authority_of_ones_own_is_named_or_refused(tmp_path: Path) -> None:
    own = certificate(tmp_path)
    with VaultTransit(tls=own.context()) as vault:
        trusted = KeyServiceCredentials(VaultCredentials(TOKEN, ca=own.path))
        sealed = str(await wrap_kek(KEK, vault_place(vault), trusted))
        assert await unwrap_kek(sealed, trusted) == KEK
        asked = len(vault.asked)
        other = KeyServiceCredentials(
            VaultCredentials(TOKEN, ca=certificate(tmp_path, "other").path)
        )
        for logins in (LOGINS, other):
            refused = await refusal(sealed, logins)
            assert "certificate is not trusted" in str(refused)
            assert not isinstance(refused, KeyServiceUnavailable)  # waiting would not help
        none = KeyServiceCredentials(VaultCredentials(TOKEN, ca=tmp_path / "absent.pem"))
        assert "VAULT_CACERT" in str(await refusal(sealed, none))
        assert len(vault.asked) == asked


Change = Callable[[VaultTransit], object]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda v: setattr(v, "token", "hvs.other"), r"\(403\).*update on transit/decrypt/sluis"),
        (lambda v: setattr(v, "mount", "elsewhere"), r"\(404\); check the mount"),
        (lambda v: v.keys.clear(), r"is not there \(400\)"),
        (lambda v: v.keys.update(sluis=type(v.keys["sluis"])()), r"\(400\): that was altered"),
        (lambda v: setattr(v.keys["sluis"], "min_decryption_version", 2), "secrets rewrap"),
        (lambda v: setattr(v, "behave", "redirect"), r"no Vault answers.*\(307\)"),
        (lambda v: setattr(v, "behave", "html"), "no Vault answers"),
        (lambda v: setattr(v, "behave", "flood"), "sent too much"),
    ],
)
async def test_a_refusal_of_vault_says_what_to_do(
    vault: VaultTransit, change: Change, says: str
) -> None:
    sealed = str(await wrap_kek(KEK, vault_place(vault), LOGINS))
    asked = len(vault.asked)
    change(vault)
    refused = await refusal(sealed)
    assert not isinstance(refused, KeyServiceUnavailable)
    with pytest.raises(KekUnavailable, match=says):
        raise refused
    assert len(vault.asked) == asked + 1  # nothing that it redirects to was asked


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda k: k.denied.add(ARN), "a start needs kms:Decrypt"),
        (lambda k: setattr(k.keys[ARN], "state", "Disabled"), "enable the key"),
        (lambda k: setattr(k.keys[ARN], "state", "PendingDeletion"), "deletion"),
        (lambda k: k.keys.clear(), "in another region"),
        (lambda k: k.keys.update({ARN: type(k.keys[ARN])()}), "that was altered"),
        (lambda k: setattr(k, "behave", "redirect"), r"no KMS answers.*\(307\)"),
        (lambda k: setattr(k, "behave", "html"), "no KMS answers"),
    ],
)
async def test_a_refusal_of_kms_says_what_to_do(
    kms: AwsKms, change: Callable[[AwsKms], object], says: str
) -> None:
    sealed = str(await wrap_kek(KEK, kms_place(kms), LOGINS))
    change(kms)
    refused = await refusal(sealed)
    assert not isinstance(refused, KeyServiceUnavailable)
    with pytest.raises(KekUnavailable, match=says):
        raise refused


@pytest.mark.parametrize(
    ("login", "says"),
    [
        (AwsCredentials(KEY_ID, "CANARY-wrong", SESSION), "InvalidSignatureException"),
        (AwsCredentials("AKIAOTHER", SECRET, SESSION), "UnrecognizedClientException"),
        (AwsCredentials(KEY_ID, SECRET), "UnrecognizedClientException"),
        (AwsCredentials(KEY_ID, SECRET, "CANARY\nx: y"), "AWS_SESSION_TOKEN holds"),
        (None, "set AWS_ACCESS_KEY_ID"),
    ],
)
async def test_a_login_that_kms_does_not_take(
    kms: AwsKms, login: AwsCredentials | None, says: str
) -> None:
    sealed = str(await wrap_kek(KEK, kms_place(kms), LOGINS))
    assert says in str(await refusal(sealed, KeyServiceCredentials(aws=login)))


@pytest.mark.parametrize("token", ["", "with space", "with\nbreak", "é"])
async def test_a_token_that_cannot_be_one_is_not_sent(vault: VaultTransit, token: str) -> None:
    sealed = str(await wrap_kek(KEK, vault_place(vault), LOGINS))
    asked = len(vault.asked)
    assert "oken" in str(await refusal(sealed, KeyServiceCredentials(VaultCredentials(token))))
    assert len(vault.asked) == asked


async def test_a_ciphertext_that_was_altered_does_not_open(
    vault: VaultTransit, kms: AwsKms
) -> None:
    for place in (vault_place(vault), kms_place(kms)):
        sealed = await wrap_kek(KEK, place, LOGINS)
        end = "B" if sealed.ciphertext[20] == "A" else "A"
        changed = sealed.ciphertext[:20] + end + sealed.ciphertext[21:]
        assert "that was altered" in str(await refusal(str(replace(sealed, ciphertext=changed))))


async def test_a_foreign_key_is_refused(vault: VaultTransit, kms: AwsKms) -> None:
    for place in (vault_place(vault), kms_place(kms)):
        for other in (b"x", KEK[:16], KEK + b"x"):
            with pytest.raises(KekUnavailable, match="not 32 bytes"):
                await wrap_kek(other, place, LOGINS)


async def test_a_service_that_gives_back_something_else_is_found_out(
    vault: VaultTransit, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await wrap_kek(KEK[::-1], vault_place(vault), LOGINS)
    version = {"ciphertext": other.ciphertext, "key_version": 1}
    monkeypatch.setattr(vault, "_encrypted", lambda *_: (200, {"data": version}))
    with pytest.raises(KekUnavailable, match="gave back another key"):
        await wrap_kek(KEK, vault_place(vault), LOGINS)
    monkeypatch.setattr(vault, "_encrypted", lambda *_: (200, {"data": {"ciphertext": "AAAA"}}))
    with pytest.raises(KekUnavailable, match="no ciphertext"):
        await wrap_kek(KEK, vault_place(vault), LOGINS)


@pytest.mark.parametrize("status", ["400", "403", "404", "418", "500", "503"])
async def test_echoes_of_a_hostile_service_are_not_shown(
    vault: VaultTransit, kms: AwsKms, status: str
) -> None:
    for service, place in ((vault, vault_place(vault)), (kms, kms_place(kms))):
        sealed = await wrap_kek(KEK, place, LOGINS)
        service.behave = status
        await refusal(str(sealed))
        with pytest.raises(KekUnavailable) as refused:  # here it is sent the key itself
            await wrap_kek(KEK, place, LOGINS)
        assert not [canary for canary in SHOWN if canary in str(refused.value)]
        assert len(str(refused.value)) < 500


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.then: Callable[[], object] = lambda: None

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= 5
        self.now += seconds
        self.then()


async def opened(text: str, time: Time) -> bytes:
    return await unwrap_kek(text, LOGINS, timeout_s=UNWRAP_TIMEOUT_S, clock=time, sleep=time.sleep)


async def test_a_service_that_is_away_is_waited_for(
    vault: VaultTransit, kms: AwsKms, caplog: pytest.LogCaptureFixture
) -> None:
    for service, place, away, says in (
        (vault, vault_place(vault), "sealed", "is sealed: unseal it"),
        (kms, kms_place(kms), "throttled", "does not serve now (400)"),
    ):
        sealed = str(await wrap_kek(KEK, place, LOGINS))
        setattr(service, away, True)
        time = Time()
        caplog.clear()
        with pytest.raises(KeyServiceUnavailable):
            await opened(sealed, time)
        assert time.now == UNWRAP_TIMEOUT_S
        lines = [one for one in caplog.records if one.getMessage() == "secrets:kek:wait"]
        assert len(lines) == len(caplog.records) > 5
        assert {line.levelno for line in lines} == {logging.WARNING}
        assert says in lines[0].__dict__["reason"]
        assert lines[0].__dict__["remaining_s"] == 30
        assert not [canary for canary in SHOWN if canary in str([one.__dict__ for one in lines])]
        time.now, time.then = 0, lambda s=service, a=away: setattr(s, a, False)  # type: ignore[misc]
        assert await opened(sealed, time) == KEK
        assert time.now == 0.5


async def test_unavailable_services_are_retried_but_refusals_are_not() -> None:
    place = KeyReference(
        "vault-transit", f"http://127.0.0.1:{free_port()}", "sluis", mount="transit"
    )
    sealed, time = str(WrappedKek(place, "vault:v1:AAAA")), Time()
    with pytest.raises(KeyServiceUnavailable, match="cannot be reached"):
        await opened(sealed, time)
    assert time.now == UNWRAP_TIMEOUT_S
    with VaultTransit() as vault:
        vault.token, time.now = "hvs.other", 0
        text = str(WrappedKek(vault_place(vault), "vault:v1:AAAA"))
        with pytest.raises(KekUnavailable, match="403"):
            await opened(text, time)
        assert (time.now, len(vault.asked)) == (0, 1)


async def test_a_service_that_says_nothing_is_given_up(
    vault: VaultTransit, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (http_client._CONNECT_S, http_client._TOTAL_S) == (2, 10)
    monkeypatch.setattr(http_client, "_TOTAL_S", 0.05)
    sealed = str(WrappedKek(vault_place(vault), "vault:v1:AAAA"))
    vault.behave = "silent"
    refused = await refusal(sealed)
    assert isinstance(refused, KeyServiceUnavailable)
    assert "TimeoutError" in str(refused) or "Timeout" in str(refused)
