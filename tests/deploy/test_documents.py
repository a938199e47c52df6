"""What the documents of safety name is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASVS = (ROOT / "docs" / "asvs.md").read_text()
NAMED = re.findall(r"`([\w/]+\.py)::(test_\w+)`", ASVS)
ROWS = re.findall(r"^\| V(\d+) .* \| (.+) \|$", ASVS, re.MULTILINE)
PATHS = re.compile(r"`((?:deploy|docs|data|service|tests)/[\w./@-]+)`")


def test_each_test_that_is_named_exists():
    assert len(NAMED) > 40
    for file, name in NAMED:
        text = (ROOT / "tests" / file).read_text()
        assert re.search(rf"^def {name}\(", text, re.MULTILINE), f"{file}::{name}"


def test_each_chapter_has_its_tests_but_the_one_about_what_we_have_not():
    assert [int(number) for number, _ in ROWS] == list(range(1, 18))
    assert [number for number, tests in ROWS if "::" not in tests] == ["17"]


def test_each_file_that_is_named_exists():
    for page in ("SECURITY.md", "docs/asvs.md", "docs/operate.md"):
        for path in PATHS.findall((ROOT / page).read_text()):
            assert (ROOT / path).exists(), f"{page}: {path}"
