from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest

from foundation.errors import ServerError
from recorder.mitmproxy.server_certificates import authority_context


def names_of(context: ssl.SSLContext, trusted: Path, name: str) -> list[str]:
    """What the certificate is for that a server gives a client which asks for a name, and trusts the authority."""
    ours, theirs = socket.socketpair()
    trusting = ssl.create_default_context(cafile=trusted)

    def serve() -> None:
        context.wrap_socket(theirs, server_side=True).close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with trusting.wrap_socket(ours, server_hostname=name) as secure:
            found = secure.getpeercert()
            assert secure.recv(1) == b""  # with its session tickets unread, closing would reset the server
    finally:
        thread.join()
    assert found is not None
    return [str(value) for _, value in found["subjectAltName"]]


def test_an_authority_is_made_once_and_trusted_for_every_name(tmp_path: Path) -> None:
    context, trusted = authority_context(tmp_path, "127.0.0.1")
    assert names_of(context, trusted, "localhost") == ["localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"]
    assert names_of(context, trusted, "127.0.0.1")[:2] == ["localhost", "127.0.0.1"]
    assert names_of(context, trusted, "bot.example") == ["bot.example"]
    again, same = authority_context(tmp_path, "box.example")
    assert same.read_bytes() == trusted.read_bytes()
    assert "box.example" in names_of(again, trusted, "box.example")


def test_a_folder_that_can_hold_none_is_named(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(ServerError, match=r"--tls: no certificate can be made with the authority in .*file"):
        authority_context(place, "127.0.0.1")
