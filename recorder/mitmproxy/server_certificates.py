"""Certificates for a TLS server of ours, by the authority of mitmproxy, so that clients trust both with one file."""

from __future__ import annotations

import contextlib
import ipaddress
import ssl
import tempfile
from pathlib import Path

from cachetools import LRUCache
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mitmproxy.certs import CertStore, CertStoreEntry

from foundation.errors import ServerError
from foundation.sockets import server_context
from recorder.mitmproxy.key_folder import USUAL

BASENAME = "mitmproxy"
KEY_BITS = 2048

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
"""What the certificate for a client without SNI is for, besides the host that is listened on."""

MOST_NAMES = 100
"""Names that clients asked for and whose certificates are kept."""


def authority_context(folder: Path | None, host: str) -> tuple[ssl.SSLContext, Path]:
    """Return a context for a server on `host`, and the path of the authority's certificate, which clients trust.

    The authority is in `folder`, or in mitmproxy's usual one; it is made where there is none. A client that names
    another host (SNI) gets a certificate for that one. Raises ServerError.
    """
    place = (folder or Path(USUAL)).expanduser()
    try:
        place.mkdir(parents=True, exist_ok=True)
        certificates = ServerCertificates(CertStore.from_store(place, BASENAME, KEY_BITS))
        context = certificates.context((*LOCAL_NAMES, host))
    except (OSError, ValueError) as error:
        raise ServerError(
            f"--tls: no certificate can be made with the authority in {place}: {error}"
        ) from None
    context.sni_callback = certificates.choose
    return context, place / "mitmproxy-ca-cert.pem"


class ServerCertificates:
    """Makes contexts with certificates for names."""

    def __init__(self, store: CertStore) -> None:
        self._store = store
        self._known: LRUCache[str, ssl.SSLContext] = LRUCache(MOST_NAMES)

    def choose(self, connection: ssl.SSLObject, name: str | None, _default: ssl.SSLContext) -> None:
        """Give a connection the context for the name that its client asks for."""
        if name and name not in LOCAL_NAMES:
            context = self._known.get(name)
            if context is None:
                context = self._known[name] = self.context((name,))
            connection.context = context

    def context(self, names: tuple[str, ...]) -> ssl.SSLContext:
        """Return a context whose certificate is for these names."""
        made = self._store.get_cert(names[0], list(map(general_name, dict.fromkeys(names))))
        return loaded(made)


def general_name(name: str) -> x509.GeneralName:
    """Return a name of a certificate: an address or a host (RFC 5280, 4.2.1.6)."""
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name.encode("idna").decode())


def loaded(made: CertStoreEntry) -> ssl.SSLContext:
    """Return a context with a certificate and its key, which OpenSSL takes from a file only."""
    context = server_context()
    with tempfile.NamedTemporaryFile() as file:
        file.write(made.cert.to_pem() + key_pem(made))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def key_pem(made: CertStoreEntry) -> bytes:
    """Return the key of a certificate in PEM."""
    return made.privatekey.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
