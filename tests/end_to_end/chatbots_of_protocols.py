"""A server that answers by every protocol, with fresh ids, times and deltas each time: `/NAME/...` speaks NAME."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from tests.cassettes.answers.conversations_of_protocols import PROTOCOLS, TEXT, written

MCP_VERSION = "2025-06-18"


class Chatbots:
    """Servers of all protocols at `url`; `changes` are what their answers say otherwise."""

    def __init__(self) -> None:
        self.changes: dict[str, Any] = {}
        self.seeds = count(1)
        chatbots = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                name = self.path.split("/")[1]
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if name == "mcp":
                    self.answer_mcp(json.loads(body))
                else:
                    chunks = written(name, next(chatbots.seeds), **chatbots.changes)
                    self.stream(PROTOCOLS[name].media, chunks)

            def do_GET(self) -> None:
                self.whole(405, b"")

            def do_DELETE(self) -> None:
                self.whole(405, b"")

            def answer_mcp(self, call: Any) -> None:
                match call.get("method"):
                    case "initialize":
                        server = {"name": "s", "version": "1"}
                        result = {
                            "protocolVersion": MCP_VERSION,
                            "capabilities": {"tools": {}},
                            "serverInfo": server,
                        }
                    case "tools/call":
                        text = chatbots.changes.get("text", TEXT)
                        result = {"content": [{"type": "text", "text": text}], "isError": False}
                        message = {"jsonrpc": "2.0", "id": call["id"], "result": result}
                        self.stream(
                            "text/event-stream", [f"event: message\ndata: {json.dumps(message)}\n\n".encode()]
                        )
                        return
                    case "tools/list":
                        result = {"tools": [{"name": "ask", "inputSchema": {"type": "object"}}]}
                    case _:
                        self.whole(202, b"")
                        return
                self.whole(200, json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}).encode())

            def whole(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def stream(self, media: str, chunks: list[bytes]) -> None:
                self.send_response(200)
                self.send_header("Content-Type", media)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # some clients leave at the last event
                    for chunk in chunks:
                        self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                    self.wfile.write(b"0\r\n\r\n")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextlib.contextmanager
    def running(self) -> Iterator[Chatbots]:
        """Serve while the context lasts."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(10)
