"""A certificate for servers of tests on loopback, and the authority that vouches for it."""

import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@cache
def certificates() -> tuple[str, str]:
    """(file of the authority's certificate, file of the server's with its key), made once."""
    folder = Path(tempfile.mkdtemp(prefix="certificates-"))
    authority, server = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    ours = certificate("Tests", authority.public_key(), authority, authority=True)
    theirs = certificate("localhost", server.public_key(), authority, authority=False)
    (folder / "authority.pem").write_bytes(ours)
    key = server.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(theirs + key)
    return str(folder / "authority.pem"), str(folder / "server.pem")


def certificate(name, public_key, signer, *, authority):
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named("Tests"))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    return made.sign(signer, SHA256()).public_bytes(Encoding.PEM)


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
