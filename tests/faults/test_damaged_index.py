"""The derived index, cut short (kill -9) or damaged on its disk: it is derived again, and right.

`make soak` damages forty.
"""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from data.index_files import Version, save_index
from service.catalogue import open_catalogue
from service.usecases.answering import answer_need
from tests.builders import LILLE, TODAY, need, settings, tiny_catalogue
from tests.faults.processes import aiguille

DAMAGES = int(os.environ.get("AIGUILLE_SOAK_DAMAGES", "6"))
FILES = "index.npz", "manifest.json"
ASKED = tuple(
    need(text, place=place)
    for text in ("on n’arrive plus à payer les salaires", "plus personne ne veut du bureau")
    for place in (None, LILLE)
)
CUT = """
import os, sys
def cut(event, args):
    if event == {event!r} and {file!r} in str(args[0]):
        os.kill(os.getpid(), 9)
sys.addaudithook(cut)
"""
"""A process that kills itself (kill -9) just before it does that to a file."""
WORDS = "match", "--json", "on n’arrive plus à payer les salaires"


@pytest.fixture
def folder(few, tmp_path):
    tiny_catalogue(tmp_path).engine.dispose()
    return tmp_path


def answers(folder):
    """What the catalogue of a folder answers, opened anew, to the last digit of each score."""
    catalogue = open_catalogue(settings(folder))
    found = [answer_need(catalogue, one, today=TODAY, limit=10) for one in ASKED]
    catalogue.engine.dispose()
    return [[(m.offer.id, m.score, m.verdict) for m in answer.matches] for answer in found]


@pytest.mark.parametrize("event", ["open", "os.rename"])
@pytest.mark.parametrize("file", FILES)
def test_an_index_whose_deriving_is_killed_is_derived_again(folder, few, event, file):
    cut = CUT.format(event=event, file=f"{file}.")
    killed = aiguille(*WORDS, at=folder, before=f"{few}\n{cut}")
    assert killed.returncode == -signal.SIGKILL
    index = settings(folder).index_folder
    assert not (index / "manifest.json").exists()
    once = answers(folder)
    assert json.loads((index / "manifest.json").read_bytes())["sha256"]
    assert sorted(left.name for left in index.iterdir()) == sorted(FILES)
    assert all(once)
    assert answers(folder) == once


def test_many_may_save_one_index_at_once(folder):
    right, index = answers(folder), settings(folder).index_folder
    manifest = json.loads((index / "manifest.json").read_bytes())
    del manifest["sha256"]
    catalogue = open_catalogue(settings(folder))
    saved = index, Version(**manifest), catalogue.matcher.precedents, None
    with ThreadPoolExecutor(4) as savers:
        for done in [savers.submit(save_index, *saved) for _ in range(20)]:
            done.result()
    catalogue.engine.dispose()
    assert sorted(left.name for left in index.iterdir()) == sorted(FILES)
    assert answers(folder) == right


def damaged(content, chance):
    """A bit the other way, or the end cut off: what a bad disk does; and its name."""
    at = chance.randrange(len(content))
    if chance.random() < 0.5:
        return content[:at], "truncated"
    flipped = content[at] ^ (1 << chance.randrange(8))
    return content[:at] + bytes([flipped]) + content[at + 1 :], "flipped"


def test_every_flip_and_truncation_of_the_index_is_noticed_and_mended(folder, caplog):
    chance, done, longest = random.Random(40), [], 0.0
    right = answers(folder)
    index = settings(folder).index_folder
    whole = {name: (index / name).read_bytes() for name in FILES}
    caplog.set_level(logging.INFO, "data.index_files")
    for number in range(DAMAGES):
        name = FILES[number % 2]
        content, what = damaged((index / name).read_bytes(), chance)
        (index / name).write_bytes(content)
        caplog.clear()
        started = time.perf_counter()
        assert answers(folder) == right, (name, what)
        longest = max(longest, time.perf_counter() - started)
        said = [record.getMessage() for record in caplog.records]
        assert len(said) == 1, (name, what, said)
        assert said[0].startswith("index rebuild "), said
        assert {name: (index / name).read_bytes() for name in FILES} == whole
        done.append(what)
    flips = done.count("flipped")
    print(  # noqa: T201
        f"\n{flips} flips and {DAMAGES - flips} truncations of the index: {DAMAGES} noticed, "
        f"each by one line, derived again in {longest:.1f} s at most, same answers"
    )
