"""What ships is enough to answer at once, and tells nobody."""

import os
import subprocess
import sys

from service.catalogue import open_catalogue
from tests.builders import settings, small_catalogue
from tests.faults.processes import aiguille


def test_the_first_run_encodes_nothing_since_the_vectors_ship(tmp_path):
    small_catalogue(tmp_path)
    made = settings(tmp_path)
    assert not made.vectors_folder.exists()
    assert open_catalogue(made).matcher.ranker.version.startswith("learned")


TELL = """
import sys
def tell(event, args):
    if event == "open" and str(args[0]).endswith("aiguille.index/manifest.json"):
        print("opened", file=sys.stderr)
sys.addaudithook(tell)
"""


def test_the_first_run_opens_the_catalogue_once(tmp_path):
    made = aiguille("init", at=tmp_path, before=TELL)
    assert made.returncode == 0, made.stderr
    assert made.stderr.splitlines().count("opened") == 1


def test_another_encoder_falls_back_on_what_needs_no_learning(tmp_path):
    matcher = open_catalogue_with(tmp_path, "lsa").matcher
    assert matcher.ranker.version.startswith("weighted")
    assert matcher.qualifier.learned is None


ENCODE = "from service.catalogue import load_encoder; load_encoder('embedded').encode(['bonjour'])"


def test_the_runtime_of_the_encoder_keeps_no_number_of_who_runs_it(tmp_path):
    """Left alone, it writes one in the home and sends it with each start, but under a CI."""
    alone = {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", ENCODE], env=alone, check=True)
    assert list(tmp_path.iterdir()) == []


def open_catalogue_with(folder, encoder):
    from datetime import UTC, datetime

    from service.catalogue import initialise

    return initialise(settings(folder, encoder=encoder), datetime(2026, 11, 24, tzinfo=UTC))[1]
