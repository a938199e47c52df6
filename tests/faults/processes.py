"""Aiguille as an operator runs it: the command, in a process of its own, that may be killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.databases import environment

MAIN = "from service.cli import main; main()"
LONGEST_START_S = 60


def command(*words, before=""):
    """The command as a person types it; `before` is Python that its process runs first."""
    return [sys.executable, "-c", f"{before}\n{MAIN}", *map(str, words)]


def told(folder, **settings):
    """An environment that tells these settings, where modules stay compiled as once installed."""
    said = {f"AIGUILLE_{name.upper()}": str(value) for name, value in settings.items()}
    rates = '{"pages": "0", "api": "0", "key": "0"}'
    at = {"AIGUILLE_FOLDER": str(folder), "AIGUILLE_RATES": rates, **environment(folder)}
    around = {n: said for n, said in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    return {**around, **at, **said, "PYTHONPATH": os.pathsep.join(sys.path)}


def aiguille(*words, at, before="", **settings):
    """The command in a process, until it ends: what it wrote, and how it ended."""
    return subprocess.run(
        command(*words, before=before),
        env=told(at, **settings),
        capture_output=True,
        text=True,
        timeout=LONGEST_START_S,
        check=False,
    )


@dataclass(frozen=True)
class Serving:
    """`seconds`: from the start of the process to its first answer; `busy_s`: of them, those of the
    processor; `log`: what it writes.
    """

    process: subprocess.Popen
    address: str
    seconds: float
    busy_s: float
    log: Path

    def kill(self):
        """Kill it with signal 9, which no process can see to."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(folder, *, log, around=(), before="", **settings):
    """`aiguille serve` on a free port, once it answers; killed at the end.

    `around`: a command that runs it, as `unshare` does; `before`: Python that it runs first.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address, started = f"http://127.0.0.1:{port}", time.perf_counter()
    with (
        log.open("ab") as written,
        subprocess.Popen(
            [*around, *command("serve", "--port", port, before=before)],
            env=told(folder, **settings),
            stdout=written,
            stderr=written,
        ) as process,
    ):
        try:
            _until_it_answers(process, address, log)
            seconds = time.perf_counter() - started
            yield Serving(process, address, seconds, processor_seconds(process.pid), log)
        finally:
            process.kill()


def _until_it_answers(process, address, log):
    limit = time.monotonic() + LONGEST_START_S
    with httpx.Client(base_url=address) as client:  # Making one takes longer than asking.
        while True:
            try:
                client.get("/ready").raise_for_status()
            except httpx.HTTPError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < limit, log.read_text()
                time.sleep(0.01)
            else:
                return


def processor_seconds(pid):
    """What the process of that number took of the processor until now."""
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def wait_until(true, seconds=30):
    """Wait for it; how many seconds it took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "it never comes"
        time.sleep(0.02)
    return time.monotonic() - started
