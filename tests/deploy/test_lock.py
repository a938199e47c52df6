"""What is installed to serve is locked, file by file, and agrees with what tests ran with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-build.lock")
LOCKED_EXTRAS = ("postgres", "oidc")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def entries(name):
    """The lines of a lock, each in one piece, without its comments."""
    joined = re.sub(r"\\\n\s*", "", (ROOT / name).read_text())
    return [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]


def pinned(lines):
    """Name -> version, of lines such as `name==1.0 ; marker`."""
    found = {}
    for line in lines:
        name, version = line.split(";")[0].split("--hash")[0].split("==")
        found[canonicalize_name(name.strip())] = Version(version.strip())
    return found


LOCKED = pinned(entries("requirements.lock"))
CONSTRAINED = pinned((ROOT / "constraints.txt").read_text().splitlines())


@pytest.mark.parametrize("lock", LOCKS)
def test_each_file_is_known_by_its_hash_and_comes_from_no_host_in_particular(lock):
    for entry in entries(lock):
        assert "==" in entry
        assert HASH.search(entry), entry
    assert "://" not in (ROOT / lock).read_text()


@pytest.mark.parametrize("lock", LOCKS)
def test_what_is_locked_is_what_tests_ran_with(lock):
    locked = pinned(entries(lock))
    assert {n: v for n, v in locked.items() if CONSTRAINED.get(n) != v} == {}


def test_all_that_serving_needs_is_locked_in_a_version_that_it_takes():
    extras = PROJECT["project"]["optional-dependencies"]
    needed = [*PROJECT["project"]["dependencies"], *(r for e in LOCKED_EXTRAS for r in extras[e])]
    for line in needed:
        requirement = Requirement(line)
        assert LOCKED[canonicalize_name(requirement.name)] in requirement.specifier, line


def test_what_only_tests_and_training_need_is_not_installed_to_serve():
    assert not LOCKED.keys() & {"torch", "pytest", "playwright", "lightgbm", "pip"}


def test_what_builds_the_wheel_is_locked_apart():
    (backend,) = PROJECT["build-system"]["requires"]
    assert backend in {f"{name}=={v}" for name, v in pinned(entries(LOCKS[1])).items()}
    assert "hatchling" not in LOCKED
