"""What the running kernel was told, cell by cell: so that an edit counts before it is saved.

A worker process cannot see the kernel's memory, only files. `record` keeps the source of each cell that
defines something, `current` lays them over the cells of the file, and `write` hands the result to every
process that this kernel starts, through the file that GROUNDUP_CELLS names.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from definitions import names_of
from notebook import Cell

VARIABLE = "GROUNDUP_CELLS"
_ran: dict[object, tuple[str | None, str]] = {}  # (cell id as the front end gave it, source), in order of last run
_noun: str | None = None


def before_run(info) -> None:
    """IPython's `pre_run_cell` hook: remember the cell if it defines something and can run."""
    found = names_of(info.raw_cell)
    if found:
        cell_id = getattr(info, "cell_id", None)
        _ran.pop(cell_id or found, None)
        _ran[cell_id or found] = cell_id, info.raw_cell


def record(noun: str) -> None:
    """From now on remember the cells of notebook `noun` that IPython runs. Nothing to do where there is none.

    The file for the workers is named now, although it is written later: a fork server that is started in
    between keeps the environment it was born with.
    """
    global _noun
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return
    if _noun != noun:
        _ran.clear()
        _noun = noun
    if before_run not in shell.events.callbacks["pre_run_cell"]:
        shell.events.register("pre_run_cell", before_run)
        folder, owner = tempfile.mkdtemp(prefix="groundup-cells-", dir=beside_the_log()), os.getpid()
        atexit.register(lambda: os.getpid() == owner and shutil.rmtree(folder, ignore_errors=True))
        os.environ[VARIABLE] = str(Path(folder) / "cells.json")
        save({})


def beside_the_log() -> str | None:
    """Where the cells are kept: in the data folder if one was chosen, so that they go with it; None: as usual.

    A kernel that is killed cleans nothing up; tests choose a data folder of their own and remove it.
    """
    chosen = os.environ.get("GROUNDUP_DATA")
    if not chosen:
        return None
    try:
        Path(chosen).mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return chosen if os.access(chosen, os.W_OK) else None


def save(shared: dict[str, dict[str, str]]) -> None:
    """Replace the file at once, so that a worker reads the old cells or the new ones, never half of them."""
    path = Path(os.environ[VARIABLE])
    waiting = path.with_name(f"{path.name}.{os.getpid()}")
    waiting.write_text(json.dumps(shared), "utf-8")
    waiting.replace(path)


def shared(noun: str) -> dict[str, str]:
    """The cells {id: source} of `noun` as the kernel that started this process has them; {} if it shared none."""
    path = os.environ.get(VARIABLE)
    if not path:
        return {}
    try:
        return json.loads(Path(path).read_text("utf-8")).get(noun, {})
    except FileNotFoundError:
        raise ImportError(
            f"{VARIABLE} names {path}, which is gone: the notebook that started this process has ended. "
            f"Start the process again from the notebook, or unset {VARIABLE} to use the saved notebooks.",
            name=f"built.{noun}",
        ) from None


def current(cells: list[Cell]) -> dict[str, str]:
    """{id: source} of the code cells of a notebook, with what the kernel ran laid over what the file holds.

    A cell is recognised by its id where the front end tells it, else by its source, else by the names it
    defines; one that the file does not have comes last.
    >>> current([Cell("tau", "code", "TAU = 6.28")])
    {'tau': 'TAU = 6.28'}
    """
    now = {cell.id: cell.source for cell in cells if cell.kind == "code"}
    for cell_id, source in _ran.values():
        if cell_id in now:
            now[cell_id] = source
        elif source not in now.values():
            new = names_of(source)
            common = {known: len(new & names_of(text)) for known, text in now.items()}
            best = max(common, key=common.get, default=None)
            now[best if best and common[best] else cell_id or f"unsaved-{len(now)}"] = source
    return now


def write(noun: str, cells: list[Cell]) -> None:
    """Hand the kernel's current cells of `noun` to every process that is started from now on."""
    if _noun is None or VARIABLE not in os.environ:
        raise RuntimeError("no cells are recorded here: run the first cell of the notebook, which runs start.py")
    setup, others = str(Path(__file__).resolve().parent), os.environ.get("PYTHONPATH", "")
    if setup not in others.split(os.pathsep):
        os.environ["PYTHONPATH"] = os.pathsep.join([setup, *filter(None, [others])])
    save({noun: current(cells)})
