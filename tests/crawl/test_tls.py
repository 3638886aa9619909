"""Certificates are checked, also of hosts with old TLS; a test authority is made for each run."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.support.crawling import QUICK, newscrawl

SERVER_HELLO, CERTIFICATE, HELLO_DONE, KEY_EXCHANGE = 2, 11, 14, 16
AES128_SHA256 = 0x009C  # TLS_RSA_WITH_AES_128_GCM_SHA256: both sides know it without more ado
UNKNOWN_CA, HANDSHAKE_FAILURE = 48, 40


class Authority:
    """A certificate for 127.0.0.1, signed by itself: whoever is told of it trusts it."""

    def __init__(self, folder: Path) -> None:
        key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "newscrawl test")])
        now = datetime.now(UTC)
        host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(
            now + timedelta(days=1)
        )
        builder = builder.add_extension(host, critical=False)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.certificate = builder.sign(key, hashes.SHA256())
        self.file = folder / "authority.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        self.key_file = folder / "key.pem"
        form = serialization.PrivateFormat.TraditionalOpenSSL
        self.key_file.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@contextmanager
def old_host(authority: Authority) -> Iterator[tuple[int, list[str]]]:
    """A TLS 1.2 host without RFC 5746, up to the point where the client has seen its certificate: its port, and what
    each client said to it.
    """
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        thread = threading.Thread(target=_serve_old, args=(listener, authority, said), daemon=True)
        thread.start()
        yield int(listener.getsockname()[1]), said
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve_old(listener: socket.socket, authority: Authority, said: list[str]) -> None:
    der = authority.certificate.public_bytes(serialization.Encoding.DER)
    hello = b"\x03\x03" + os.urandom(32) + b"\x00" + struct.pack(">HB", AES128_SHA256, 0)
    chain = _sized(_sized(der))
    answer = b"".join(
        b"\x16\x03\x03" + struct.pack(">H", len(part)) + part
        for part in (
            _message(SERVER_HELLO, hello),
            _message(CERTIFICATE, chain),
            _message(HELLO_DONE, b""),
        )
    )
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            client.settimeout(10)
            client.recv(65536)
            client.sendall(answer)
            said.append(_answered(client.recv(65536)))


def _answered(record: bytes) -> str:
    if record[:1] == b"\x15":
        return f"alert {record[6]}"
    return "goes on" if record[:1] == b"\x16" and record[5] == KEY_EXCHANGE else repr(record[:10])


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(3, "big") + data


def _message(kind: int, data: bytes) -> bytes:
    return bytes([kind]) + _sized(data)


def site(folder: Path, *, legacy: bool) -> None:
    (folder / "sites").mkdir(exist_ok=True)
    text = 'name = "old"\nextends = "bnews"\ntitle = "Old"\ndomain = "old.example"\norigin = "https://old.example"\n'
    (folder / "sites" / "old.toml").write_text(
        f"{text}hosts = []\nlegacy_tls = {str(legacy).lower()}\n"
    )


def crawl(port: int, folder: Path, authority: Authority | None, *, legacy: bool) -> None:
    """One request, robots.txt left out."""
    site(folder, legacy=legacy)
    env = {"SSL_CERT_FILE": str(authority.file)} if authority else {}
    newscrawl(
        "crawl", "old", "--category", "33", "--base-url", f"https://127.0.0.1:{port}", *QUICK,
        "--set", "ROBOTSTXT_OBEY=False", "--set", "RETRY_TIMES=0", archive=folder, env=env,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("legacy", "trusted", "expected"),
    [
        (False, True, f"alert {HANDSHAKE_FAILURE}"),
        (True, True, "goes on"),
        (True, False, f"alert {UNKNOWN_CA}"),
    ],
)
def test_old_host_needs_both_a_permission_and_a_certificate(
    tmp_path: Path, authority: Authority, legacy: bool, trusted: bool, expected: str
) -> None:
    with old_host(authority) as (port, said):
        crawl(port, tmp_path, authority if trusted else None, legacy=legacy)
    assert set(said) == {expected}
