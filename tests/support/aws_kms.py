"""A stand-in for AWS KMS, not a real one: it speaks its wire format and really encrypts.

AWS's own library for Python judges what it is sent: botocore signs each request again to check the
signature, and its model of KMS says which members an operation takes and gives.
"""

import base64
import datetime
import json
import os
import ssl
from dataclasses import dataclass, field
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.key_service import Answer, KeyServiceStandIn

ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ID, SECRET, SESSION = "AKIACANARY", "CANARY/secret+access/key", "CANARYsession=="
_SIGNED = {"host", "x-amz-date", "x-amz-target", "content-type"}
_SKEW = datetime.timedelta(minutes=5)


@dataclass
class Key:
    """A symmetric key; its last material encrypts."""

    material: list[bytes] = field(default_factory=lambda: [os.urandom(32)])
    state: str = "Enabled"

    def rotate(self) -> None:
        self.material.append(os.urandom(32))


class AwsKms(KeyServiceStandIn):
    """KMS in one region with one login, which may use every key that is not in ``denied``."""

    def __init__(self, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(port=port, tls=tls)
        self.keys = {ARN: Key()}
        self.denied: set[str] = set()
        self.throttled = False
        self._model = ServiceModel(Loader().load_service_model("kms", "service-2"), "kms")
        self._auth = SigV4Auth(Credentials(KEY_ID, SECRET, SESSION), "kms", "eu-central-1")

    def answered(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if self.throttled:
            return _refused("ThrottlingException")
        if kind := self._not_signed(path, headers, body):
            return _refused(kind)
        assert (
            headers["content-type"]
            == f"application/x-amz-json-{self._model.metadata['jsonVersion']}"
        )
        prefix, _, operation = headers["x-amz-target"].partition(".")
        assert prefix == self._model.metadata["targetPrefix"]
        sent = self._checked(operation, json.loads(body))
        if kind := self._not_usable(sent["KeyId"], sent.get("EncryptionContext")):
            return _refused(kind)
        if operation == "Encrypt":
            return 200, self._encrypted(sent)
        return self._decrypted(sent)

    def _not_signed(self, path: str, headers: dict[str, str], body: bytes) -> str:
        fields = dict(
            part.strip(" ,").split("=", 1)
            for part in headers.get("authorization", "").removeprefix("AWS4-HMAC-SHA256").split()
        )
        if not fields:
            return "MissingAuthenticationTokenException"
        if fields["Credential"].split("/")[0] != KEY_ID:
            return "UnrecognizedClientException"
        if headers.get("x-amz-security-token") != SESSION:
            return "UnrecognizedClientException"
        names = fields["SignedHeaders"].split(";")
        assert set(names) >= _SIGNED
        request = AWSRequest(
            "POST",
            f"{self.url}{path}",
            data=body,
            headers={name: headers[name] for name in names},
        )
        request.context["timestamp"] = moment = headers["x-amz-date"]
        when = datetime.datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
        late = abs(datetime.datetime.now(datetime.UTC) - when) > _SKEW
        to_sign = self._auth.string_to_sign(request, self._auth.canonical_request(request))
        if late or self._auth.signature(to_sign, request) != fields["Signature"]:
            return "InvalidSignatureException"
        return ""

    def _checked(self, operation: str, sent: dict[str, Any]) -> dict[str, Any]:
        shape = self._model.operation_model(operation).input_shape
        for name in ("Plaintext", "CiphertextBlob"):
            if name in sent:
                sent[name] = base64.b64decode(sent[name], validate=True)
        report = ParamValidator().validate(sent, shape)
        assert not report.has_errors(), report.generate_report()
        assert set(sent) <= set(shape.members)
        return sent

    def _not_usable(self, name: str, context: object) -> str:
        if name in self.denied or context != {"sluis": "kek"}:  # a condition of the key's policy
            return "AccessDeniedException"
        if name not in self.keys:
            return "NotFoundException"
        refusals = {"Disabled": "DisabledException", "PendingDeletion": "KMSInvalidStateException"}
        return refusals.get(self.keys[name].state, "")

    def _encrypted(self, sent: dict[str, Any]) -> dict[str, str]:
        key, nonce = self.keys[sent["KeyId"]], os.urandom(12)
        version = len(key.material)
        sealed = AESGCM(key.material[-1]).encrypt(nonce, sent["Plaintext"], _context(sent))
        blob = bytes([1, version]) + nonce + sealed
        return self._given("Encrypt", sent, CiphertextBlob=base64.b64encode(blob).decode())

    def _decrypted(self, sent: dict[str, Any]) -> Answer:
        key, blob = self.keys[sent["KeyId"]], sent["CiphertextBlob"]
        try:
            material = key.material[blob[1] - 1]
            plain = AESGCM(material).decrypt(blob[2:14], blob[14:], _context(sent))
        except (InvalidTag, IndexError, ValueError):
            return _refused("InvalidCiphertextException")
        return 200, self._given("Decrypt", sent, Plaintext=base64.b64encode(plain).decode())

    def _given(self, operation: str, sent: dict[str, Any], **data: str) -> dict[str, str]:
        answer = {"KeyId": sent["KeyId"], "EncryptionAlgorithm": "SYMMETRIC_DEFAULT", **data}
        assert set(answer) <= set(self._model.operation_model(operation).output_shape.members)
        return answer


def _context(sent: dict[str, Any]) -> bytes:
    return json.dumps(sent.get("EncryptionContext", {}), sort_keys=True).encode()


def _refused(kind: str) -> Answer:
    return 400, {"__type": kind, "message": "said by a stand-in of the tests"}
