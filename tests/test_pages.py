"""What the pages tell a reader to do works: each block of README, tutorial and recipes, in order, in a new folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.blocks import Reader, blocks, follow, free_shift

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "tutorial.md",
    *sorted((ROOT / "docs" / "recipes").glob("[a-z]*.md")),
]


@pytest.mark.timeout(280)
@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_a_reader_can_paste_all_of_it(page: Path, tmp_path: Path) -> None:
    assert [block.line for block in follow(page, tmp_path)]


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("```sh\nchatreel show nosuch\n```\n", "chatreel show nosuch"),
        ("```sh\nchatreel shw stream || true\n```\n", "chatreel shw stream"),
        ("```sh\nfalse\n```\n", "the block in line 1"),
        ("```sh\nno-such-program; true\n```\n", "command not found"),
        ("```sh fails\ntrue\n```\n", "nothing failed"),
        ("```sh\ncd inner && test -f ../a.txt\n```\n", "the block in line 1"),
    ],
)
def test_a_page_that_is_wrong_is_noticed(text: str, fails: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=fails), Reader(tmp_path, free_shift()) as reader:
        for block in blocks(text):
            reader.follow(block)


def test_readme_is_short() -> None:
    assert len(PAGES[0].read_text(encoding="utf-8").splitlines()) <= 150
