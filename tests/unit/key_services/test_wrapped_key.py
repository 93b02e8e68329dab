"""What ``kek.wrapped`` may say, and what is refused before anything is asked."""

import json

import pytest

from gateway.core.system.secrets import KekUnavailable
from gateway.key_services import KMS, VAULT, KeyReference, WrappedKek

pytestmark = pytest.mark.unit
ADDRESS = "https://vault.example.nl:8200"
CIPHERTEXT = "vault:v1:AAAA"
GOOD = {
    "service": VAULT,
    "address": ADDRESS,
    "mount": "transit",
    "key": "sluis",
    "ciphertext": CIPHERTEXT,
}


def test_a_wrapped_key_is_read_as_it_was_written() -> None:
    for place, ciphertext in (
        (KeyReference(VAULT, ADDRESS, "sluis", mount="teams/gateway"), CIPHERTEXT),
        (KeyReference(VAULT, "http://[::1]:8200", "sluis.2", mount="transit"), CIPHERTEXT),
        (KeyReference(VAULT, "http://localhost:8200", "s", mount="transit"), CIPHERTEXT),
        (
            KeyReference(
                KMS,
                "https://kms.eu-central-1.amazonaws.com",
                "arn:aws:kms:eu-central-1:111122223333:alias/sluis",
                region="eu-central-1",
            ),
            "AQID",
        ),
    ):
        whole = WrappedKek(place, ciphertext)
        assert WrappedKek.parse(str(whole)) == whole
    assert json.loads(str(WrappedKek.parse(json.dumps(GOOD)))) == GOOD


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"service": "vault"}, "service is"),
        ({"service": None}, "no text"),
        ({"token": "hvs.1"}, "no JSON object of"),
        ({"address": "http://vault.example.nl"}, "in the clear"),
        ({"address": "http://127.0.0.1.example.nl"}, "in the clear"),
        ({"address": "https://user:pass@vault.example.nl"}, "without path or login"),
        ({"address": "https://vault.example.nl/v1"}, "without path or login"),
        ({"address": "https://vault.example.nl/"}, "without path or login"),
        ({"address": "https://vault.example.nl?x=1"}, "without path or login"),
        ({"address": "https://vault example.nl"}, "without path or login"),
        ({"address": "ftp://vault.example.nl"}, "address must be"),
        ({"address": "https://vault.example.nl:99999"}, "Port"),
        ({"address": "vault"}, "address must be"),
        ({"key": "../sys/seal"}, "key cannot be"),
        ({"key": ".."}, "key cannot be"),
        ({"key": "a/b"}, "key cannot be"),
        ({"key": ""}, "key cannot be"),
        ({"mount": "../sys"}, "mount cannot be"),
        ({"mount": ""}, "mount cannot be"),
        ({"region": "eu"}, "region cannot be"),
        ({"ciphertext": ""}, "ciphertext is none"),
        ({"ciphertext": "AAAA"}, "ciphertext is none"),
        ({"ciphertext": "vault:v1:" + "A" * 20_000}, "ciphertext is none"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused(change: dict[str, str], why: str) -> None:
    with pytest.raises(KekUnavailable, match=why) as refused:
        WrappedKek.parse(json.dumps({**GOOD, **change}))
    assert "Restore it from its backup" in str(refused.value)


@pytest.mark.parametrize("text", ["", "null", "[]", "kek", '{"service": "aws-kms"', "\ufffd"])
def test_an_invalid_document_is_refused(text: str) -> None:
    with pytest.raises(KekUnavailable, match="no JSON"):
        WrappedKek.parse(text)
