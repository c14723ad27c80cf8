"""mitmproxy inside this process: what it has to say comes as lines."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mitmproxy import http

from recorder.mitmproxy.host import proxy


class Faulty:
    """An addon with a defect."""

    def requestheaders(self, _flow: http.HTTPFlow) -> None:
        """Fail at every request."""
        raise ZeroDivisionError("of an addon")


def test_trouble_inside_mitmproxy_is_one_line_without_a_traceback(tmp_path: Path) -> None:
    lines: list[str] = []

    async def main() -> None:
        running = proxy(
            [Faulty()],
            mode="reverse:http://127.0.0.1:1",
            host="127.0.0.1",
            port=0,
            ca_dir=tmp_path,
            report=lines.append,
        )
        async with running as (host, port):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 502 ")
            writer.close()

    asyncio.run(main())
    assert lines[0].startswith("proxy: ")
    assert "of an addon" in lines[0]
    assert not any("\n" in line for line in lines)
