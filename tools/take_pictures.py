"""Takes the README's pictures, of a terminal, of the inspector and of the platform: `make pictures`."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tools import take_page_pictures, take_platform_pictures

FOLDER = Path(__file__).parent.parent / "docs"
WIDTH = 118

PICTURES = {
    "demo": ["chatreel demo --out demo.jsonl --force"],
    "show": ["chatreel show job", "chatreel show stream 0"],
}
"""The commands that each picture shows."""

SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's picture without the fonts that it would fetch from elsewhere."""


def main() -> None:
    """Run each picture's commands and draw what they print; then take those of the inspector and of the platform."""
    for name, commands in PICTURES.items():
        console = Console(record=True, width=WIDTH, file=io.StringIO())
        for command in commands:
            console.print(Text.assemble(("$ ", "green"), command))
            console.print(Text.from_ansi(output(command)), no_wrap=True, overflow="ellipsis", crop=True)
        svg = console.export_svg(title=commands[0].partition(" ")[0], code_format=SVG, unique_id=name)
        (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
    take_page_pictures.take()
    take_platform_pictures.take()


def output(command: str) -> str:
    """What a command prints on a terminal."""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
    arguments = [sys.executable, "-m", *command.split()]
    return subprocess.run(arguments, capture_output=True, text=True, check=True, env=environment).stdout  # noqa: S603 - our own


if __name__ == "__main__":
    main()
