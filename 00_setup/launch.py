"""What stands behind `learn.py`: a virtual environment beside it, kept equal to requirements.txt.

Everything is installed into `.venv`, so a system Python that refuses global installs is no obstacle and nothing
outside this folder is touched. Only the standard library is used, since nothing else is there yet.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST = "00_setup/01_start_here.ipynb"
FIRST_ASSETS = ["glove"]  # what the first notebooks read; the others fetch theirs when they are opened
ANNOUNCEMENTS = "@jupyterlab/apputils-extension:announcements"


class Stop(Exception):
    """Nothing more can be done without the learner; the message is what they should do."""


def environment() -> Path:
    """The folder of the virtual environment: `.venv` beside learn.py, or GROUNDUP_VENV."""
    return Path(os.environ.get("GROUNDUP_VENV") or ROOT / ".venv").resolve()


def interpreter(venv: Path) -> Path:
    """The Python inside a virtual environment."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def wanted(requirements: Path) -> str:
    """What an environment was made for: this file, this Python. Another hash means: install again."""
    content = requirements.read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(content + sys.version.split()[0].encode()).hexdigest()


def missing_parts() -> str | None:
    """What this Python lacks to make a virtual environment, and the one package that brings it."""
    if all(importlib.util.find_spec(part) for part in ("venv", "ensurepip")):
        return None
    package = f"python3.{sys.version_info.minor}-venv"
    return (
        f"This Python cannot make virtual environments: the package {package} is missing.\n"
        f"On Debian and Ubuntu: sudo apt install {package}\n"
        "Then run this command again. (Other systems: install Python from https://www.python.org/downloads/.)"
    )


def works(python: Path) -> bool:
    """Is there a Python with pip at this path? Half an environment, or one whose Python is gone, is none."""
    if not python.exists():
        return False
    try:
        asked = [python, "-c", "import sys, pip; print(sys.version.split()[0])"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip().startswith("3.")


def prepare(venv: Path | None = None, requirements: Path = ROOT / "requirements.txt") -> Path:
    """Make the environment if it is absent, install what has changed, and return its Python.

    Raises Stop with what the learner can do. Takes seconds when there is nothing to do.
    """
    venv = venv or environment()
    python, stamp = interpreter(venv), venv / "installed.txt"
    if stamp.exists() and stamp.read_text() == wanted(requirements) and works(python):
        return python
    if platform.system() == "Darwin" and platform.machine() == "x86_64":
        raise Stop(
            "PyTorch is no longer built for Macs with Intel processors. The README's Binder and Colab links work."
        )
    if not works(python):
        lacking = missing_parts()
        if lacking:
            raise Stop(lacking)
        print(f"Making a virtual environment in {venv}", flush=True)
        if subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)]).returncode:
            raise Stop(f"The environment could not be made (see above). Remove {venv} and run this command again.")
    print("Installing what the course uses. This happens once and downloads some 500 MB", flush=True)
    if sys.platform == "linux" and not any(os.environ.get(f"PIP_{name}INDEX_URL") for name in ("", "EXTRA_")):
        print("(on Linux with PyTorch's GPU build several GB; the README has the line for the small one)", flush=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-r", str(requirements)]
    if subprocess.run(pip, cwd=ROOT).returncode:
        raise Stop(
            "pip could not install everything; its last lines above say why.\n"
            "A lost connection or a full disk is the usual reason: mend it and run this command again, it resumes."
        )
    quiet(venv)
    stamp.write_text(wanted(requirements))
    return python


def quiet(venv: Path) -> None:
    """Turn JupyterLab's announcements off in this environment: opening a notebook asks the network for nothing."""
    page = venv / "etc" / "jupyter" / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(json.dumps({"disabledExtensions": {ANNOUNCEMENTS: True}}, indent=2))


def follow(command: list[str]) -> int:
    """Run a command to its end and return its exit status. Ctrl-C is its business: it was sent to both of us."""
    process = subprocess.Popen(command, cwd=ROOT)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # JupyterLab asks first, pytest prints its summary
            continue


def install(arguments: list[str]) -> int:
    """Only make the environment ready."""
    print(f"Ready: {prepare()}")
    return 0


def ready() -> Path:
    """The environment's Python, with what the first notebooks read fetched if it can be had."""
    python = prepare()
    fetch = [str(python), str(ROOT / "00_setup" / "assets.py"), "--fetch", *FIRST_ASSETS]
    if subprocess.run(fetch, cwd=ROOT).returncode:
        print("The word vectors could not be fetched now. The notebook that needs them will try again.", flush=True)
    return python


def lab(arguments: list[str]) -> int:
    """Open the first notebook in JupyterLab."""
    python = ready()
    print("Opening JupyterLab in your browser. To stop it: Ctrl-C here, twice.", flush=True)
    options = [f"--ServerApp.root_dir={ROOT}", f"--LabApp.default_url=/lab/tree/{FIRST}"]
    if getattr(os, "geteuid", lambda: 1)() == 0:  # in a container; Jupyter refuses otherwise
        options.append("--allow-root")
    return follow([str(python), "-m", "jupyterlab", *options, *arguments])


def test(arguments: list[str]) -> int:
    """Run the notebooks and the tests, two at a time; the arguments go to pytest."""
    command = [str(ready()), "-m", "pytest", "--nbval"]
    if not any(word.startswith(("-n", "--dist", "--pdb")) for word in arguments):
        command += ["-n", "2", "--dist", "loadfile"]
    return follow([*command, *arguments])


def doctor(arguments: list[str]) -> int:
    """Look at the environment without changing it."""
    python = interpreter(environment())
    checked = str(python) if works(python) else sys.executable
    return subprocess.run([checked, str(ROOT / "00_setup" / "doctor.py"), *arguments], cwd=ROOT).returncode


def update(arguments: list[str]) -> int:
    """Take what is new in the course; see update.py."""
    import update as updating

    return updating.main()


COMMANDS = {"lab": lab, "install": install, "test": test, "doctor": doctor, "update": update}


def main(arguments: list[str], usage: str) -> int:
    """Run a command; none, or only options, means `lab`. Returns the exit status."""
    named = bool(arguments) and not arguments[0].startswith("-")
    command, rest = (arguments[0], arguments[1:]) if named else ("lab", arguments)
    if {"-h", "--help"} & set(arguments[:1]) or command not in COMMANDS:
        print(usage if command in COMMANDS else f"There is no command {command!r}.\n\n{usage}")
        return 0 if command in COMMANDS else 2
    try:
        return COMMANDS[command](rest)
    except Stop as words:
        print(words, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
