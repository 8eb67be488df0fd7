"""How benchmarks measure, and where their results go: a section each in RESULTS.md, replaced when measured anew."""

import os
import platform
import re
import sys
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

FILE = Path(__file__).with_name("RESULTS.md")
TITLE = "# Benchmarks\n\nMeasured by hand on a quiet machine, never asserted. Each section names its command.\n"

COLUMNS = ["what", "who", "median", "middle half (ms)", "ratio to the first peer", "growth"]
ROUNDS = 15


def prepare() -> None:
    """One thread for everybody, and the course's notebooks on the path. Call it before numpy is imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # torch reads the first as well
        os.environ[name] = "1"
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "00_setup"))


def interleaved(calls: dict, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Seconds of every call in every round; the calls take turns, so that all see the same noise."""
    times = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            begin = perf_counter()
            call()
            times[name].append(perf_counter() - begin)
    return times


def compare(what: str, make, sizes: tuple[int, int], rounds: int = ROUNDS) -> list[list[str]]:
    """Rows for the table: ours and the peers at the larger size, ratio to the first peer, growth, spread."""
    small, large = (interleaved(make(size), rounds) for size in sizes)
    peer = median(large[list(large)[1]])
    rows = []
    for name, times in large.items():
        low, _, high = quantiles(times, n=4)
        growth = median(times) / median(small[name])
        rows.append(
            [
                what,
                name,
                f"{median(times) * 1e3:.3f} ms",
                f"{low * 1e3:.3f}–{high * 1e3:.3f}",
                f"{median(times) / peer:.{2 if median(times) > 0.01 * peer else 6}f}",
                f"{growth:.1f} × for {sizes[1] // sizes[0]} × the input",
            ]  # fmt: skip
        )
    return rows


def table(columns: list[str], rows: list[list[str]]) -> str:
    """A Markdown table.

    >>> table(["a"], [["1"]])
    '| a |\\n|---|\\n| 1 |'
    """
    lines = [columns, *rows]
    text = [f"| {' | '.join(map(str, line))} |" for line in lines]
    return "\n".join([text[0], "|" + "---|" * len(columns), *text[1:]])


def write(section: str, command: str, body: str) -> None:
    """Put `body` under the heading `section` of RESULTS.md, in place of what stood there; the rest is kept."""
    text = FILE.read_text("utf-8") if FILE.is_file() else TITLE
    new = (
        f"## {section}\n\n`{command}`, Python {platform.python_version()}, {platform.machine()}, one thread\n\n{body}\n"
    )
    old = re.compile(rf"^## {re.escape(section)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    text = old.sub(lambda _: new + "\n", text) if old.search(text) else f"{text.rstrip()}\n\n{new}"
    FILE.write_text(text.rstrip() + "\n", "utf-8")


def report(section: str, rows: list[list[str]], columns: list[str] = COLUMNS) -> None:
    """Print the rows of `compare`, and with --write put them into RESULTS.md, with the command that was typed."""
    body = table(columns, rows)
    print(body)
    if "--write" in sys.argv:
        write(section, f"python tests/benchmarks/{Path(sys.argv[0]).name} --write", body)
