"""A machine that is lent for an hour, such as Colab: it brings its own torch and numpy, and those stay as they are."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from say import say

BRING = ("torch", "numpy", "scipy", "pandas", "matplotlib", "scikit-learn", "transformers")  # the host's own business


def host() -> str | None:
    """The name of the host that lends this machine, or None on one's own.

    >>> host()
    """
    return "colab" if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ else None


def name_of(requirement: str) -> str:
    """The name of the package in a requirement, in its normal form.

    >>> name_of("Scikit_Learn>=1.5,<2; python_version > '3'")
    'scikit-learn'
    """
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement.strip())[0]).lower()


def installed(name: str) -> str | None:
    """The version of a package that is installed, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def missing(requirements: Iterable[str]) -> list[str]:
    """The requirements whose package is not there, less those that the host brings or is left without."""
    return [one for one in requirements if name_of(one) not in BRING and installed(name_of(one)) is None]


def prepare(pyproject: Path) -> None:
    """Install the light packages that are missing, by the ranges in `pyproject`. Says so if that fails.

    What the host brought is pinned to the version that is there, so pip refuses rather than replaces it.
    """
    wanted = missing(tomllib.loads(pyproject.read_text("utf-8"))["project"]["dependencies"])
    if wanted:
        pins = {name: version for name in BRING if (version := installed(name))}
        with tempfile.TemporaryDirectory() as folder:
            constraints = Path(folder) / "constraints.txt"
            constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()), "utf-8")
            command = [sys.executable, "-m", "pip", "install", "-q", "-c", str(constraints), *wanted]
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
        importlib.invalidate_caches()
        if ran.returncode:
            last = (ran.stderr.strip() or ran.stdout.strip() or "pip said nothing").splitlines()[-1]
            say(
                f"Could not install {', '.join(wanted)}: {last}\nTo try again: `%pip install {' '.join(wanted)}`",
                "wrong",
            )
    if "google.colab" in sys.modules:  # Colab shows widgets of other makers only when asked to
        from google.colab import output

        output.enable_custom_widget_manager()
