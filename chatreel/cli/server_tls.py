"""The options that make a listener speak TLS."""

from __future__ import annotations

import ssl
from pathlib import Path

from chatreel.cli.stderr import report_line
from foundation.errors import UsageError
from foundation.sockets import server_context


def tls_of(
    host: str, *, authority: bool, ca_dir: Path | None, certificate: Path | None, key: Path | None
) -> ssl.SSLContext | None:
    """The context of a server on `host`; None for plain HTTP. Raises UsageError and ServerError.

    With `authority`, mitmproxy's makes the certificate; what a client has to trust for that is reported on stderr.
    """
    if authority and (certificate or key):
        raise UsageError("--tls makes a certificate, and --tls-cert gives one: leave one out")
    if ca_dir is not None and not authority:
        raise UsageError("--ca-dir has no meaning without --tls")
    if authority:
        from recorder.mitmproxy.server_certificates import authority_context  # noqa: PLC0415 - importing mitmproxy takes half a second

        context, trusted = authority_context(ca_dir, host)
        report_line(f"clients need to trust {trusted}")
        return context
    if certificate is None:
        if key is not None:
            raise UsageError("--tls-key needs the certificate that it belongs to: give --tls-cert")
        return None
    context = server_context()
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(
            f"--tls-cert {certificate}: expected a certificate in PEM and its key, here or in --tls-key ({error})"
        ) from None
    return context
