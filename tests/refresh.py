"""Run notebooks from a fresh kernel and store them in canonical form.

    python tests/refresh.py                        every notebook
    python tests/refresh.py 01_linear_algebra/01_vectors.ipynb
    python tests/refresh.py --check                say which are not in canonical form; run nothing

Outputs are part of the course: they are what `pytest --nbval` compares. The canonical form is what
JupyterLab itself would save, less everything that changes from run to run (widget state, versions, views
of a kernel that is gone), so that refreshing twice changes no byte and a diff shows what changed.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "00_setup"), str(ROOT / "tests")]

from environment import surroundings  # noqa: E402  (the path above comes first)
from notebook import notebooks  # noqa: E402

LIVE_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SECONDS = 300  # a cell that takes longer hangs


def outputs(found: list) -> list:
    """Outputs without what belongs to the kernel that made them.

    Live views of widgets go, an error keeps its last line, neighbouring pieces of one stream become one.
    """
    kept: list = []
    for output in found:
        kind = output["output_type"]
        if kind in ("display_data", "execute_result"):
            output["data"].pop(LIVE_VIEW, None)
            known = {*output["data"], "alt"}
            output["metadata"] = {key: value for key, value in output["metadata"].items() if key in known}
            if not output["data"]:
                continue
        if kind == "error":  # the rest are paths and addresses; nbval compares name and words
            output["traceback"] = [f"{output['ename']}: {output['evalue']}"]
        if kind == "stream" and kept and kept[-1]["output_type"] == "stream" and kept[-1]["name"] == output["name"]:
            kept[-1]["text"] += output["text"]
            continue
        kept.append(output)
    return kept


def metadata(cell) -> dict:
    """What a cell may say about itself: its tags, and that an answer to a prediction waits to be opened."""
    tags = sorted(set(cell["metadata"].get("tags", [])))
    hidden = {"jupyter": {"outputs_hidden": True}} if "predicted" in tags else {}
    return hidden | ({"tags": tags} if tags else {})


def canonical(notebook) -> str:
    """The text of a notebook file in canonical form. Counts are kept: only running a cell may set them."""
    notebook = nbformat.from_dict(notebook)
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(metadata(cell))
        if cell.cell_type == "code":
            cell.outputs = outputs(cell.outputs)
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def is_canonical(path: Path) -> bool:
    """Does the file hold exactly the bytes that `canonical` would write?"""
    stored = path.read_bytes()
    return stored == canonical(nbformat.reads(stored.decode("utf-8"), as_version=4)).encode("utf-8")


class CellFailed(Exception):
    """A cell raised, hung or took its kernel along: which one, and what was said."""

    def __init__(self, cell: str, why: str):
        super().__init__(f"cell {cell!r}: {why}")


def run(notebook, folder: Path) -> None:
    """Execute all cells in `folder` with an empty log, no keys and one thread. Raises CellFailed."""
    running = ["(none)"]
    with tempfile.TemporaryDirectory(prefix="groundup-") as data:
        environ = surroundings(os.environ, f"{data}/log") | {"PYTHONHASHSEED": "0", "IPYTHONDIR": f"{data}/ipython"}
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=SECONDS,
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
            on_cell_start=lambda cell, cell_index: running.append(cell.id),
        )
        client.create_kernel_manager()
        # Whatever kernel is registered under this name, run this very Python.
        client.km.kernel_spec.argv[0] = sys.executable
        try:
            with open(f"{data}/stderr", "w+") as stderr:  # the kernel's own chatter; wanted only when it dies
                client.execute(env=environ, stderr=stderr)
        except CellExecutionError as error:
            start = next(cell for cell in notebook.cells if cell.cell_type == "code")
            if start.outputs:  # %run shows a traceback and goes on; what fails later is only the echo
                said = "".join(
                    output.get("text", "") + "\n".join(output.get("traceback", [])) for output in start.outputs
                )
                raise CellFailed(start.id, f"start.py says\n{plain(said)}") from error
            raise CellFailed(running[-1], f"{error.ename}: {error.evalue}\n{plain(error.traceback)}") from error
        except CellTimeoutError as error:
            raise CellFailed(running[-1], f"still running after {SECONDS} s") from error
        except DeadKernelError as error:
            last = Path(data, "stderr").read_text("utf-8", "replace")[-2000:]
            raise CellFailed(running[-1], f"the kernel died\n{last}") from error


def plain(text: str) -> str:
    """`text` without terminal colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def refresh(path: Path) -> bool:
    """Run the notebook file `path` and store it. True if its bytes changed; on an error the file is left alone.

    Raises CellFailed if a cell fails, and ValueError if one did not run (an empty cell, for instance).
    """
    from start_cell import first_cell  # not needed to tell the canonical form

    before = path.read_bytes()
    notebook = nbformat.reads(before.decode("utf-8"), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not code:
        raise ValueError(f"{path.name} has no code cell")
    code[0].source = first_cell(path).rstrip("\n")
    for cell in code:
        cell.execution_count, cell.outputs = None, []
    run(notebook, path.parent)
    for number, cell in enumerate(code, start=1):
        if cell.execution_count != number:
            raise ValueError(f"cell {cell.id!r} has count {cell.execution_count}, expected {number}: is it empty?")
    after = canonical(notebook).encode("utf-8")
    if after == before:
        return False
    waiting = path.with_suffix(".refreshing")
    waiting.write_bytes(after)
    waiting.replace(path)
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", nargs="*", type=Path, help="default: every notebook of the course")
    parser.add_argument("--check", action="store_true", help="say which are not in canonical form; run nothing")
    options = parser.parse_args(arguments)
    paths = [path.resolve() for path in options.notebook] or notebooks()
    if options.check:
        wrong = [path for path in paths if not is_canonical(path)]
        for path in wrong:
            print(f"{path.name} is not in canonical form: python tests/refresh.py {os.path.relpath(path)}")
        return 1 if wrong else 0
    failed = 0
    for number, path in enumerate(paths, start=1):
        print(f"[{number}/{len(paths)}] {path.parent.name}/{path.name} … ", end="", flush=True)
        began = time.perf_counter()
        try:
            changed = refresh(path)
        except (CellFailed, ValueError) as error:
            failed += 1
            print(f"failed\n{path.name}, {error}\nThe file is as it was.", flush=True)
        else:
            size = path.stat().st_size / 1000
            print(f"{'changed' if changed else 'same bytes'}, {time.perf_counter() - began:.1f} s, {size:.0f} KB")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
