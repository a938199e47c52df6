"""The wheel is enough: it holds all that the packages hold."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("data", "evaluation", "matching", "service")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built with what is installed, asking nothing of any network."""
    folder = tmp_path_factory.mktemp("wheel")
    alone = ("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder))
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")
    subprocess.run([*pip, "wheel", *alone, str(ROOT)], check=True)
    (found,) = folder.glob("aiguille-*.whl")
    return zipfile.ZipFile(found)


def test_it_holds_every_file_of_the_packages_and_the_licences(wheel):
    tracked = subprocess.check_output(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, text=True)
    held = set(wheel.namelist())
    assert set(tracked.split("\0")) - {""} - held == set()
    assert {Path(name).name for name in held} >= {"LICENSE", "LICENSE-DATA", "entry_points.txt"}


def test_it_holds_neither_tests_nor_what_deploys_it(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
