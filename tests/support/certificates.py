"""A certificate for localhost that signs itself, made for one test."""

import datetime
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.egress.tunnel import pin_of


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files of a certificate, which is also its own authority, and of its key."""

    path: Path
    key: Path

    @property
    def pin(self) -> str:
        """The pin of its public key."""
        return pin_of(x509.load_pem_x509_certificate(self.path.read_bytes()))

    @property
    def digest(self) -> str:
        """Its SHA-256, in hex."""
        made = x509.load_pem_x509_certificate(self.path.read_bytes())
        return made.fingerprint(hashes.SHA256()).hex()

    def context(self) -> ssl.SSLContext:
        """What a server shows it with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path, self.key)
        return context


def certificate(
    folder: Path, name: str = "ca", *, hosts: Sequence[str] = (), days: int = 1
) -> Certificate:
    """A new one for localhost, 127.0.0.1 and other hosts, valid from yesterday for some days."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [
        *(x509.DNSName(host) for host in ("localhost", *hosts)),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    made = (
        x509
        .CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    files.path.write_bytes(made.public_bytes(pem))
    files.key.write_bytes(private)
    return files
