"""Reads the code blocks of a page, and runs them in their order in a folder, as a reader who pastes them would.

The words behind a block's language say what it is:

    ```sh                    commands, which have to succeed
    ```sh fails              commands of which some exit with 1, as a test that fails does
    ```sh needs=NAME         commands that are run only where there is a program, or an environment variable, NAME
    ```sh second             commands for the terminal called "second"; without a name they are for the "first"
    ```sh ready=N            commands that start servers, of which N say with a url that they listen
    ```python test_bot.py    a file of that name, which the page asks to save
    ```text, ```console      what is printed, or an excerpt: nothing is run
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

from foundation import default_ports
from foundation.clock import SECOND, SYSTEM

FENCE = re.compile(r"^```([a-z]+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORTS = range(default_ports.CHATBOT, default_ports.INSPECTOR + 2)
SHOWN = ("text", "console")

PROGRAM = """\
#!{python}
import os, sys
from foundation import default_ports
for name in ("CHATBOT", "PROXY", "REPLAY", "INSPECTOR"):
    setattr(default_ports, name, getattr(default_ports, name) + {shift})
from {module} import {main} as main
code = 1
try:
    code = main() or 0
except SystemExit as error:
    code = error.code or 0
    raise
finally:
    with open(os.environ["EXIT_CODES"], "a") as exits:
        print(int(code), {name!r}, *sys.argv[1:], file=exits)
sys.exit(code)
"""
"""A command that notes how it ended, with other default ports, so that pages can be tried side by side."""

COMMANDS = {"chatreel": ("chatreel.__main__", "main"), "pytest": ("pytest", "main")}


class Block(NamedTuple):
    """A code block: its language, the words behind it, its text and the line where it begins."""

    language: str
    words: list[str]
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    """All blocks of a page in their order."""
    return [
        Block(found[1], found[2].split(), found[3], page.count("\n", 0, found.start()) + 1)
        for found in FENCE.finditer(page)
    ]


def free_shift() -> int:
    """How far to move the default ports so that all of them are free."""
    for shift in range(100, 40_000, 100):
        with contextlib.ExitStack() as stack:
            try:
                for port in PORTS:
                    stack.enter_context(socket.create_server(("127.0.0.1", port + shift + os.getpid() % 90)))
            except OSError:
                continue
            return shift + os.getpid() % 90
    raise AssertionError("no ports are free")


class Terminal:
    """A shell that runs one block after the other."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._log = folder.parent / f"{uuid.uuid4()}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                ["bash", "--norc", "-m"], cwd=folder, env=environment, stdin=subprocess.PIPE,
                stdout=log, stderr=log, text=True, start_new_session=True,
            )  # fmt: skip

    @property
    def size(self) -> int:
        """How much has been printed."""
        return self._log.stat().st_size

    def run(self, commands: str, done: Path) -> int:
        """Run commands; returns the exit code of the last one."""
        assert self.process.stdin is not None
        os.mkfifo(done)
        self.process.stdin.write(f"{commands}\necho $? > {done}\n")
        self.process.stdin.flush()
        code = int(done.read_text())  # opened once the shell has come so far
        done.unlink()
        return code

    def printed(self, start: int, urls: int = 0) -> str:
        """What was printed from `start` on, once so many urls are in it, or 30 seconds have passed."""
        until = SYSTEM.now() + 30 * SECOND
        while True:
            text = self._log.read_bytes()[start:].decode("utf-8", "replace")
            if text.count("http://127.0.0.1:") >= urls or SYSTEM.now() > until:
                return text
            SYSTEM.sleep(0.05)

    def close(self) -> None:
        """End the shell and all that it started."""
        assert self.process.stdin is not None
        self.process.stdin.write("kill $(jobs -p) 2>/dev/null; wait; exit\n")
        self.process.stdin.close()
        self.process.wait(30)


class Reader:
    """Someone who follows a page in the folder `folder`, with the ports moved by `shift`."""

    def __init__(self, root: Path, shift: int) -> None:
        self.folder = root / "folder"
        self.folder.mkdir()
        self._root = root
        self._shift = shift
        self._exits = root / "exits"
        self._exits.touch()
        self._terminals: dict[str, Terminal] = {}
        self._environment = self._surroundings()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for terminal in self._terminals.values():
            terminal.close()

    def _surroundings(self) -> dict[str, str]:
        """The environment, with programs that note how they end first on the path."""
        programs = self._root / "bin"
        programs.mkdir()
        for name, (module, main) in COMMANDS.items():
            settings = {"python": sys.executable, "shift": self._shift, "name": name}
            write_program(programs / name, PROGRAM.format(module=module, main=main, **settings))
        for name in ("python", "mitmdump"):
            write_program(programs / name, f'#!/bin/sh\nexec "{Path(sys.executable).parent / name}" "$@"\n')
        own = re.compile("pytest_|chatreel_|chatbot_|.*_proxy$", re.IGNORECASE)
        kept = {name: value for name, value in os.environ.items() if not own.match(name)}
        return kept | {
            "PATH": f"{programs}{os.pathsep}{kept['PATH']}",
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "EXIT_CODES": str(self._exits),
            "HOME": str(self._root),
            "NO_COLOR": "1",
        }

    def follow(self, block: Block) -> None:
        """Do what a block asks for."""
        if block.language == "sh":
            self._run(block)
        elif block.words and block.language not in SHOWN:
            path = self.folder / block.words[0]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._moved(block.text))

    def _run(self, block: Block) -> None:
        if not all(has(word.removeprefix("needs=")) for word in block.words if word.startswith("needs=")):
            return
        name = "second" if "second" in block.words else "first"
        if name not in self._terminals:
            self._terminals[name] = Terminal(self.folder, self._environment)
        before = len(self._exits.read_text().splitlines())
        terminal = self._terminals[name]
        start = terminal.size
        code = terminal.run(self._moved(block.text), self._root / uuid.uuid4().hex)
        servers = sum(int(word.removeprefix("ready=")) for word in block.words if word.startswith("ready="))
        printed = terminal.printed(start, urls=servers)
        ended = [line.split(" ", 1) for line in self._exits.read_text().splitlines()[before:]]
        failed = [what for status, what in ended if status not in {"0", "143"}]
        place = f"the block in line {block.line}: {printed}"
        assert "Traceback" not in printed or "fails" in block.words, place
        assert "command not found" not in printed, place
        assert not any(status == "2" for status, _ in ended), f"{failed} in {place}"
        if "fails" in block.words:
            assert failed, f"nothing failed in {place}"
        else:
            assert not failed, f"{failed} in {place}"
            assert code in {0, 143}, place  # 143: what was ended by `kill`

    def _moved(self, text: str) -> str:
        """A text in which the default ports are those that are free here."""
        return re.sub(
            r"\b81\d\d\b", lambda port: str(int(port[0]) + self._shift * (int(port[0]) in PORTS)), text
        )


def has(name: str) -> bool:
    """Whether there is a program of this name, or an environment variable."""
    return shutil.which(name) is not None or bool(os.environ.get(name))


def write_program(path: Path, text: str) -> None:
    """Write a file that can be run."""
    path.write_text(text)
    path.chmod(0o755)


def follow(page: Path, root: Path) -> Iterator[Block]:
    """Follow a page from its beginning, and yield each block once it was followed."""
    with Reader(root, free_shift()) as reader:
        for block in blocks(page.read_text(encoding="utf-8")):
            reader.follow(block)
            yield block
