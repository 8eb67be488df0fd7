"""Facts about this machine, asked for with the standard library alone: versions, memory, folders, programs."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # what it grants, in bytes
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*([<>=!~][^;#]*)?")


def ranges(pyproject: Path = ROOT / "pyproject.toml") -> dict[str, str]:
    """The packages that the lessons import, and which versions of them will do.

    >>> ranges()["torch"]
    '>=2.6'
    """
    listed = tomllib.loads(pyproject.read_text("utf-8"))["project"]["dependencies"]
    return {match[1]: (match[2] or "").strip() for match in map(REQUIREMENT.match, listed)}


def pins(requirements: Path = ROOT / "requirements.txt") -> dict[str, str]:
    """The versions that were tested together.

    >>> pins()["torch"]
    '2.13.0'
    """
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;#]+)", requirements.read_text("utf-8"), flags=re.MULTILINE))


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers that compare; what a build adds after `+` and zeros at the end do not count.

    >>> numbers("2.13.0+cpu") == numbers("2.13"), numbers("2.9") < numbers("2.13")
    (True, True)
    """
    release = re.match(r"\d+(?:\.\d+)*", version)
    found = [int(part) for part in release[0].split(".")] if release else [0]
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)


def fits(version: str, wanted: str) -> bool:
    """Is `version` in the range `wanted`, such as ">=2.3,<3"? Knows >=, <= , <, > and ==.

    >>> fits("2.4.6", ">=2.3,<3"), fits("3.0", ">=2.3,<3"), fits("2.13.0+cpu", "==2.13.0")
    (True, False, True)
    """
    have = numbers(version)
    for part in filter(None, wanted.replace(" ", "").split(",")):
        sign, bound = re.fullmatch(r"(>=|<=|==|<|>)(.+)", part).groups()
        edge = numbers(bound)
        if not {">=": have >= edge, "<=": have <= edge, "==": have == edge, "<": have < edge, ">": have > edge}[sign]:
            return False
    return True


def troubles(wanted: dict[str, str]) -> str:
    """Which packages are missing or of another version than `wanted` says (name: range); "" if none is.

    >>> troubles({"no-such-package": ">=1", "neither-this": ""})
    'missing: no-such-package, neither-this'
    """
    missing, others = [], []
    for name, bounds in wanted.items():
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
        else:
            others += [] if fits(version, bounds) else [f"{name} {version} is not {bounds}"]
    return "; ".join([f"missing: {', '.join(missing)}"] * bool(missing) + others)


def has(module: str) -> bool:
    """Can `module` be imported? It is not imported to find out."""
    return importlib.util.find_spec(module) is not None


def torch_build() -> str:
    """Version and kind of torch's build, read from its files, since importing it takes seconds; "" if it is absent."""
    found = importlib.util.find_spec("torch")
    if found is None or not found.origin:
        return ""
    text = Path(found.origin).with_name("version.py").read_text("utf-8")
    version = re.search(r"__version__\s*=\s*['\"]([^'\"]+)", text)
    cuda = re.search(r"^cuda\b[^=\n]*=\s*['\"]([^'\"]+)", text, flags=re.MULTILINE)
    return f"{version[1] if version else 'unknown'}, {f'built for CUDA {cuda[1]}' if cuda else 'CPU build'}"


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory() -> int | None:
    """Bytes of memory that this process may use: the machine's, or the container's if that is less. None if unknown."""
    if sys.platform == "win32":
        return windows_memory()
    try:
        sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    except (ValueError, OSError):
        return None
    for limit in CONTAINER:
        if Path(limit).is_file() and (text := Path(limit).read_text().strip()).isdigit():
            sizes.append(int(text))
    return min(sizes)


def windows_memory() -> int | None:
    """Bytes of memory, as Windows counts them."""
    import ctypes

    kilobytes = ctypes.c_ulonglong()
    if not ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes)):
        return None
    return kilobytes.value * 1024


def existing(folder: Path) -> Path:
    """`folder`, or the nearest folder above it that exists."""
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if place.is_dir())


def may_write(folder: Path) -> bool:
    """Could files be put into `folder`, made first if need be? Nothing is written to find out."""
    if folder.exists() and not folder.is_dir():
        return False
    return os.access(existing(folder), os.W_OK | os.X_OK)


def short(path: Path) -> str:
    """A path without what is private in it: from the course's folder, or from home as ~, or its last two names.

    >>> short(ROOT / "00_setup").replace(os.sep, "/"), short(Path.home() / "notes").replace(os.sep, "/")
    ('00_setup', '~/notes')
    """
    path = path.absolute()
    if path.is_relative_to(ROOT):
        return str(path.relative_to(ROOT))
    if path.is_relative_to(Path.home()):
        return str(Path("~") / path.relative_to(Path.home()))
    return os.sep.join(("…", *path.parts[-2:]))


def chromium() -> bool:
    """Is there a browser of the Chromium family?"""
    return any(map(shutil.which, BROWSERS)) or Path("/Applications/Google Chrome.app").exists()


def install_git() -> str:
    """How git is installed on this system."""
    if sys.platform == "darwin":
        return "xcode-select --install"
    return "winget install Git.Git" if sys.platform == "win32" else "sudo apt install git"
