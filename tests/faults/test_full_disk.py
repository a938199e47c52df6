"""A disk without room left: what is written is refused and said so, reading goes on, then all does.

The disk is a real one, of a few megabytes, that the process alone sees; PostgreSQL says by an
error of its own that it has none left.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from data.engine import write
from service.app import create_app
from tests.builders import settings, tiny_catalogue
from tests.databases import about_sqlite
from tests.faults.processes import serving

DISK_MB = 24
NEED = {"text": "on n’arrive plus à payer les salaires", "commune": "Mende"}
TRIES = 40
PAGE = {"accept": "text/html"}
MOUNTED = 'mount -t tmpfs -o size={mb}m tmpfs "$0" && cp -r "{seed}/." "$0" && exec "$@"'
APART = ("unshare", "--user", "--map-root-user", "--mount")


@pytest.fixture
def disk(tmp_path):
    """A folder, and the command that runs another where a small disk is mounted on it."""
    tried = shutil.which("unshare") and subprocess.run(
        [*APART, "mount", "-t", "tmpfs", "tmpfs", tmp_path], capture_output=True, check=False
    )
    if not tried or tried.returncode:
        pytest.skip("ce système ne laisse pas monter de disque à soi (unshare)")
    seed, folder = tmp_path / "seed", tmp_path / "disk"
    for made in (seed, folder):
        made.mkdir()
    tiny_catalogue(seed).engine.dispose()
    return folder, (*APART, "sh", "-c", MOUNTED.format(mb=DISK_MB, seed=seed), folder)


def fill(folder):
    """Write until there is no room; the file that took it."""
    filler = folder / "filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return filler


@about_sqlite("its file on a disk that is full; what PostgreSQL says then comes next")
def test_a_full_disk_refuses_writing_alone_and_until_there_is_room(disk, few, tmp_path):
    folder, around = disk
    with serving(folder, log=tmp_path / "log", around=around, before=few) as served:
        seen = Path(f"/proc/{served.process.pid}/root{folder}")
        with httpx.Client(base_url=served.address) as client:
            kept = client.post("/v1/needs", json=NEED).json()["id"]
            filler = fill(seen)
            statuses = [client.post("/v1/needs", json=NEED).status_code for _ in range(TRIES)]
            refused = client.post("/v1/needs", json=NEED)
            page = client.post("/", data=NEED, headers=PAGE)
            read = [
                client.get(at).status_code
                for at in ("/ready", f"/v1/needs/{kept}/matches", f"/besoins/{kept}", "/v1/offers")
            ]
            matched = client.post("/v1/match", json=NEED).status_code
            filler.unlink()
            again = client.post("/v1/needs", json=NEED)
        assert set(statuses) <= {201, 507}  # Room already taken by the database is used first.
        assert refused.status_code == 507
        told = refused.json()
        assert (told["type"], told["title"]) == ("/problems/plus-de-place", "Plus de place")
        assert page.status_code == 507
        assert "Le disque de ce site est plein" in page.text
        assert (set(read), matched) == ({200}, 200)
        assert again.status_code == 201
        served.kill()
    print(  # noqa: T201
        f"\nfull disk: {statuses.count(201)} needs kept in the room left, {statuses.count(507)} "
        f"answered 507, reads 200, and 201 once there is room"
    )


def test_a_postgresql_without_room_is_told_as_such(new_postgresql, tmp_path):
    catalogue = tiny_catalogue(tmp_path, database_url=new_postgresql())
    app = create_app(settings(tmp_path), catalogue)

    @app.post("/full")
    def full():
        with write(catalogue.engine) as connection:
            connection.exec_driver_sql(
                "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$"
            )

    client = TestClient(app)
    assert client.post("/full").status_code == 507
    assert client.get("/v1/offers").status_code == 200
    catalogue.engine.dispose()
