"""Would anyone notice? Plant forty bugs in a notebook, one at a time, and count how many are found.

    python tests/sensitivity.py vectors            forty bugs, two at a time, seed 0
    python tests/sensitivity.py vectors --list     the bugs that would be planted
    python tests/sensitivity.py vectors --again    those alone that survived the last time, once there are new tests

Bugs go into what the notebook defines for others and into its published solutions. They are drawn by seed
from all that the operators of `mutations.py` allow. One is found if the examples of the definitions, the
tests of the module, the exercises of the notebook or the notebook itself, run and compared, fail or do not end.
Functions called `draw…` are left out: they make pictures, which nobody compares.

A bug that changes nothing observable is listed in `tests/equivalent.toml` with the reason and leaves the
denominator (at most a tenth of those drawn). The result is written to `tests/sensitivity/<noun>.md`.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "00_setup"), str(ROOT / "tests")]

import notebook as files  # noqa: E402
from environment import surroundings  # noqa: E402
from mutations import Bug, bugs  # noqa: E402
from promises import Notebook, name  # noqa: E402

EXAMPLES = """
import doctest, importlib, sys
sys.path.insert(0, "00_setup")
sys.exit(bool(doctest.testmod(importlib.import_module("built." + sys.argv[1])).failed))
"""
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".ipynb_checkpoints", "trials", "browser")


def possible(page: Notebook) -> list[Bug]:
    """Every bug that can be planted in a notebook, in reading order."""
    found: list[Bug] = []
    for cell in page.code:
        here = [node for node, where in page.definitions if where is cell and not name(node).startswith("draw")]
        found += bugs(files.python(cell.source), cell.id, here)
    for exercise in page.exercises.values():
        solution = next(c for c in page.markdown if c.id == exercise.cell.id.replace("exercise-", "solution-", 1))
        block = files.FENCE.search(solution.source)[1]
        found += bugs(block, solution.id, ast.parse(block).body)
    return found


def draw(page: Notebook, count: int, seed: int) -> list[Bug]:
    """`count` of the possible bugs, the same ones for the same seed, in reading order."""
    every = possible(page)
    chosen = random.Random(f"{page.noun} {seed}").sample(range(len(every)), min(count, len(every)))
    return [every[number] for number in sorted(chosen)]


def plant(page: Notebook, bug: Bug | None) -> str:
    """The text of the notebook file with the bug in it, its outputs as they were."""
    raw = json.loads(page.text)
    for cell in raw["cells"]:
        if bug is None or cell["id"] != bug.cell:
            continue
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            good = files.FENCE.search(source)
            cell["source"] = source[: good.start(1)] + bug.source + source[good.end(1) :]
        else:  # magics were blanked to parse the cell: put them back
            pairs = zip(source.splitlines(), files.python(source).splitlines(), strict=True)
            wrong = bug.source
            if any(line != read for line, read in pairs):
                raise ValueError(f"cell {cell['id']!r} mixes magics and definitions: split it")
            cell["source"] = wrong
    return json.dumps(raw, indent=1, ensure_ascii=False)


def killers(page: Notebook, bug: Bug | None) -> dict[str, list[str]]:
    """What may find a bug, cheapest first: a name and the command."""
    pytest = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--color=no", "--published"]
    module = page.path.parent.name[3:]
    tests = [f"tests/test_{known}.py" for known in (module, page.noun) if (ROOT / f"tests/test_{known}.py").exists()]
    found = {"examples": [sys.executable, "-c", EXAMPLES, page.noun]}
    if tests:
        found["tests"] = [*pytest, *tests]
    run = [*pytest, "--nbval", str(page.path.relative_to(ROOT))]
    exercises = [*pytest, "tests/test_exercises.py", "-k", page.noun]
    order = {"notebook": run, "exercises": exercises}
    if bug is not None and bug.cell.startswith("solution-"):
        order = {"exercises": exercises, "notebook": run}
    if not (ROOT / "tests/test_exercises.py").exists():
        order.pop("exercises")
    return found | order


def finish(command: list[str], folder: Path, seconds: float) -> tuple[str, str]:
    """Run a command in a course: "passed", "failed" or "timeout", and the last it said."""
    with tempfile.TemporaryDirectory(prefix="groundup-") as data:
        environ = surroundings(os.environ, f"{data}/log")
        process = subprocess.Popen(
            command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace", start_new_session=os.name == "posix",
        )  # fmt: skip
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            if os.name == "posix":  # its kernels are in its group
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.communicate()
            return "timeout", f"still running after {seconds:.0f} s"
    nothing_to_test = command[1:3] == ["-m", "pytest"] and process.returncode == 5
    return "passed" if process.returncode == 0 or nothing_to_test else "failed", said[-3000:]


def seek(page: Notebook, bug: Bug, folder: Path, limits: dict[str, float]) -> str | None:
    """Who finds the bug, in the copy `folder` of the course; None if it survives."""
    file = folder / page.path.relative_to(ROOT)
    file.write_text(plant(page, bug), "utf-8")
    try:
        for killer, command in killers(page, bug).items():
            outcome, _ = finish(command, folder, limits[killer])
            if outcome != "passed":
                return killer if outcome == "failed" else f"{killer} (timeout)"
        return None
    finally:
        file.write_text(page.text, "utf-8")


def baseline(page: Notebook, folder: Path) -> dict[str, float]:
    """The time limit of each killer, from a run without a bug, which has to pass. Raises SystemExit if not."""
    limits = {}
    for killer, command in killers(page, None).items():
        began = time.perf_counter()
        outcome, said = finish(command, folder, 900)
        if outcome != "passed":
            sys.exit(f"{killer} fails without any bug, so it can find none:\n{said}")
        limits[killer] = 20 + 4 * (time.perf_counter() - began)
        print(f"{killer}: {time.perf_counter() - began:.1f} s without a bug", flush=True)
    return limits


def hunt(page: Notebook, drawn: list[Bug], workers: int) -> dict[Bug, str | None]:
    """Plant each bug in a copy of the course and say who found it."""
    with tempfile.TemporaryDirectory(prefix="groundup-sensitivity-") as place:
        copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(workers):
            copies.put(Path(shutil.copytree(ROOT, Path(place) / str(number), ignore=LEFT_OUT)))
        first = copies.get()
        limits = baseline(page, first)
        copies.put(first)

        def one(bug: Bug) -> tuple[Bug, str | None]:
            folder = copies.get()
            try:
                found = seek(page, bug, folder, limits)
            finally:
                copies.put(folder)
            print(f"{found or 'SURVIVES':20} {bug.key}", flush=True)
            return bug, found

        with ThreadPoolExecutor(workers) as pool:
            return dict(pool.map(one, drawn))


def earlier(noun: str) -> dict[str, str]:
    """The bugs that the last report says were found, and by whom: {key: killer}."""
    file = ROOT / "tests" / "sensitivity" / f"{noun}.md"
    rows = re.findall(r"^\| `(.+)` \| (.+) \|$", file.read_text("utf-8"), re.MULTILINE) if file.exists() else []
    return {key.replace("&#124;", "|"): killer for key, killer in rows if killer != "–"}


def reasons(noun: str) -> dict[str, dict]:
    """What `equivalent.toml` says about bugs of this notebook, by key."""
    file = ROOT / "tests" / "equivalent.toml"
    entries = tomllib.loads(file.read_text("utf-8")).get("bug", []) if file.exists() else []
    return {entry["bug"]: entry for entry in entries if entry["notebook"] == noun}


def report(page: Notebook, found: dict[Bug, str | None], seed: int) -> tuple[str, float]:
    """The result as Markdown, and the share of bugs that were found."""
    known = reasons(page.noun)
    alive = [bug for bug, killer in found.items() if killer is None]
    same = [bug for bug in alive if known.get(bug.key, {}).get("equivalent")]
    if len(same) > len(found) / 10:
        sys.exit(f"{len(same)} of {len(found)} bugs are listed as equivalent: at most a tenth may be")
    counted = len(found) - len(same)
    share = (len(found) - len(alive)) / counted if counted else 1.0
    command = f"python tests/sensitivity.py {page.noun} --bugs {len(found)} --seed {seed}"
    lines = [
        f"# Seeded bugs in {page.path.parent.name}/{page.path.name}", "",
        f"`{command}`", "",
        f"{len(found)} of {len(possible(page))} possible bugs drawn, {len(same)} equivalent, "
        f"**{counted - len(alive) + len(same)} of {counted} found ({share:.1%})**.", "",
    ]  # fmt: skip
    for bug in alive:
        entry = known.get(bug.key, {"reason": "not explained yet: add it to tests/equivalent.toml"})
        lines.append(f"- {'equivalent' if bug in same else 'survives'}: `{bug.key}`. {entry['reason']}")
    lines += ["", "| bug | found by |", "|---|---|"]
    lines += [f"| `{bug.key.replace('|', '&#124;')}` | {killer or '–'} |" for bug, killer in found.items()]
    return "\n".join(lines) + "\n", share


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("noun", help="the notebook, as `built` knows it: vectors")
    parser.add_argument("-j", "--workers", type=int, default=2, help="copies of the course at work (2)")
    parser.add_argument("--bugs", type=int, default=40, help="how many to draw (40)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--again", action="store_true", help="plant those alone that the last report has as survivors")
    parser.add_argument("--list", action="store_true", help="say which bugs would be planted; run nothing")
    options = parser.parse_args(arguments)
    path = files.find(options.noun)
    if path is None:
        parser.error(f"no notebook is called {options.noun!r}")
    page = Notebook(path)
    drawn = draw(page, options.bugs, options.seed)
    if options.list:
        print(*(bug.key for bug in drawn), sep="\n")
        return 0
    known = earlier(page.noun) if options.again else {}
    found = hunt(page, [bug for bug in drawn if bug.key not in known], options.workers)
    found = {bug: found[bug] if bug in found else known[bug.key] for bug in drawn}
    text, share = report(page, found, options.seed)
    target = ROOT / "tests" / "sensitivity" / f"{page.noun}.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, "utf-8")
    print(f"{share:.1%} found: {target.relative_to(ROOT)}")
    return 0 if share >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
