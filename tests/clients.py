"""Make the clients of the API from its description: python -m tests.clients (make clients)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.openapi import CURRENT

CLIENTS = Path(__file__).parents[1] / "clients"
PYTHON, TYPESCRIPT = CLIENTS / "python", CLIENTS / "typescript"
NODE = shutil.which("node") and shutil.which("npm")
NO_NODE = "Node.js (node et npm) n’est pas installé"


def python_client(description: Path, into: Path) -> list[str]:
    """Make the Python client, a project to install; what the generator warns of."""
    tool = _generator()
    made = subprocess.run(
        [
            *(tool / "bin/openapi-python-client", "generate", "--overwrite", "--meta", "uv"),
            *("--path", description, "--config", PYTHON / "generator.json"),
            *("--output-path", into),
        ],
        env={**os.environ, "PATH": f"{tool / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in made.stderr.splitlines() if line.strip()]


def typescript_types(description: Path, into: Path) -> None:
    """Make the file of types. A field that has a default may be left out."""
    modules = node_modules()
    tool = modules / "openapi-typescript/bin/cli.js"
    asked = (description, "--default-non-nullable", "false", "--output", into)
    subprocess.run(["node", tool, *asked], capture_output=True, check=True)


def node_modules() -> Path:
    """The packages of package-lock.json, installed when it has changed."""
    folder, wanted = TYPESCRIPT / "node_modules", TYPESCRIPT / "package-lock.json"
    holds = folder / "installed.json"
    if not holds.exists() or holds.read_text() != wanted.read_text():
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        subprocess.run(["npm", "ci", *quiet], cwd=TYPESCRIPT, check=True)
        holds.write_text(wanted.read_text())
    return folder


def _generator() -> Path:
    """The environment of the generator, made when what it should hold has changed."""
    folder, wanted = Path(sys.prefix) / "openapi-python-client", PYTHON / "requirements.txt"
    holds = folder / "requirements.txt"
    if not holds.exists() or holds.read_text() != wanted.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = (folder / "bin/python", "-m", "pip", "--disable-pip-version-check", "--quiet")
        subprocess.run([*pip, "install", "--no-deps", "-r", wanted], check=True)
        holds.write_text(wanted.read_text())
    return folder


if __name__ == "__main__":
    for line in python_client(CURRENT, PYTHON / "aiguille-client"):
        print(line)
    if NODE:
        typescript_types(CURRENT, TYPESCRIPT / "aiguille.d.ts")
    else:
        print(NO_NODE)
