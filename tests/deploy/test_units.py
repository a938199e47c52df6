"""The units say what systemd understands, and leave a process little to do harm with."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SERVICES = ("aiguille@.service", "aiguille-backup.service")
UNITS = (*SERVICES, "aiguille-backup.timer")
MOST_EXPOSED = 20
"""Of 100, as `systemd-analyze security` counts; a service that says nothing has 96."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze absent"
)


def analysed(*words):
    done = subprocess.run(
        ["systemd-analyze", *map(str, words)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@needs_systemd
def test_systemd_finds_nothing_to_say(tmp_path):
    for unit in UNITS:
        # The command is not installed here.
        text = (DEPLOY / unit).read_text().replace("/opt/aiguille/bin/aiguille", "/bin/true")
        (tmp_path / unit).write_text(text)
    code, said = analysed("verify", *sorted(tmp_path.iterdir()))
    assert (code, [line for line in said.splitlines() if "aiguille" in line]) == (0, [])


@needs_systemd
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_little_exposed(service):
    asked = ("security", "--offline=true", f"--threshold={MOST_EXPOSED}", DEPLOY / service)
    code, said = analysed(*asked)
    assert code == 0, said


def test_what_serves_and_what_keeps_are_shut_in_alike():
    first, second = ((DEPLOY / name).read_text() for name in SERVICES)
    shut = re.compile(r"^CapabilityBoundingSet=.*?(?=\n\n|\Z)", re.DOTALL | re.MULTILINE)
    assert shut.findall(first)[0].rstrip() == shut.findall(second)[0].rstrip()


def test_each_process_of_the_compose_file_writes_in_its_folder_alone():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ours = {name: one for name, one in services.items() if one["image"] == "aiguille"}
    assert set(ours) == {"init", "answers-1", "answers-2", "due"}
    for one in ours.values():
        assert one["read_only"]
        assert (one["tmpfs"], one["volumes"]) == (["/tmp"], ["folder:/data"])
        assert one["cap_drop"] == ["ALL"]
        # One alone does what is due.
        assert one["environment"]["AIGUILLE_JOBS_EVERY_S"] == "0"


def test_the_image_runs_as_nobody_in_particular():
    last = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\d+)$", last, re.MULTILINE) == ["10001"]
    assert "HEALTHCHECK" in last
