"""What makes `pytest --nbval` strict, stable and safe. At the root, because only there it reaches the kernels.

*Strict*: stored outputs are compared, whole; only numbers with a decimal point may differ, by one unit in
their last printed place. *Stable*: one thread, an empty log for each notebook, this Python as kernel.
*Safe*: keys and addresses of model servers are gone before a kernel starts (`LIVE=1` keeps them).

**A learner's notebook**, one that differs from the last commit, is run all the same. What it prints is the
learner's own business: outputs that differ are reported as theirs and fail nothing. An exception fails
where the course wrote the cell, because then a change broke something; in an exercise cell, or in a cell
that the learner added or edited, it is reported. `CI=true` or `--published` holds every notebook to everything.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "00_setup"), str(ROOT / "tests")]

from environment import surroundings  # noqa: E402  (the path above comes first)

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?![\w.])")
AROUND = re.compile(rf" *{NUMBER.pattern} *")  # a sign or a digit more moves the columns of a table
CELL_SECONDS = 300
THEIRS = "yours: "
LACKING = re.compile(r"\bUnavailable: (.+)")  # what assets.py raises, as a traceback shows it


# --- how outputs are compared ------------------------------------------------------------------------


def unit(number: str) -> Decimal:
    """One unit in the last printed place; `2.` is what numpy and torch make of `2.000`.

    >>> unit("0.25"), unit("1.5e-05"), unit("2.")
    (Decimal('0.01'), Decimal('0.000001'), Decimal('0.001'))
    """
    mantissa = re.split("[eE]", number)[0]
    places = Decimal(number).as_tuple().exponent - (3 if mantissa.endswith(".") else 0)
    return Decimal(1).scaleb(places)


def near(stored: str, ran: str) -> bool:
    """Are two printed numbers the same, or both decimal and one unit in the last place apart?

    The unit is that of the less precise; where one merely lost its zeros (`0.5` for 0.500), that of the
    more precise or a thousandth, whichever is larger.
    >>> near("0.66", "0.67"), near("0.66", "0.68"), near("0.5", "0.52"), near("3", "4"), near("2.", "3.")
    (True, False, False, False, False)
    """
    if stored == ran:
        return True
    if "." not in stored or "." not in ran:
        return False
    fine, coarse = sorted((unit(stored), unit(ran)))
    return abs(Decimal(stored) - Decimal(ran)) <= min(coarse, max(fine, Decimal("0.001")))


def same(stored: str, ran: str) -> bool:
    """Are two outputs equal, up to one unit in the last place of their decimal numbers?

    >>> same("loss 2.31, step 10", "loss 2.32, step 10"), same("loss 2.31, step 10", "loss 2.31, step 11")
    (True, False)
    """
    if stored == ran:
        return True
    if AROUND.sub("#", stored) != AROUND.sub("#", ran):
        return False
    return all(map(near, NUMBER.findall(stored), NUMBER.findall(ran)))


class Output(str):
    """Printed text that equals another when `same` says so."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and same(str(self), str(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


# --- whose notebook it is ----------------------------------------------------------------------------


@cache
def committed(path: Path) -> dict | None:
    """The notebook as the last commit has it; None where there is no git, no commit or no such file."""
    asked = subprocess.run(
        ["git", "show", f"HEAD:./{path.name}"], cwd=path.parent, capture_output=True, encoding="utf-8", check=False
    ) if git_knows(path.parent) else None  # fmt: skip
    return json.loads(asked.stdout) if asked is not None and asked.returncode == 0 else None


@cache
def git_knows(folder: Path) -> bool:
    """Is `folder` part of a git repository of this very course, with at least one commit?"""
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "--show-toplevel", "HEAD"], cwd=folder, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # no git here
        return False
    top = asked.stdout.splitlines()[:1]
    return asked.returncode == 0 and bool(top) and (Path(top[0]) / "00_setup").is_dir()


@cache
def is_published(path: Path, strict: bool = False) -> bool:
    """Is this the notebook as published, to be held to everything? Without git: is it in canonical form?"""
    if strict or os.environ.get("CI", "").lower() == "true":
        return True
    if git_knows(path.parent):
        return committed(path) == json.loads(path.read_text("utf-8"))
    if (ROOT / ".git").is_dir():  # a repository before its first commit: everything is to be published
        return True
    from refresh import is_canonical

    return is_canonical(path)


def is_theirs(cell, path: Path) -> bool:
    """Did the learner write this cell: an exercise, or a source that the published notebook does not have?"""
    if "exercise" in cell.metadata.get("tags", []):
        return True
    published = committed(path) or {"cells": []}
    sources = {"".join(other["source"]) for other in published["cells"]}
    return bool(sources) and cell.source not in sources


# --- hooks -------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ground up")
    group.addoption("--full", action="store_true", help="whole counts (kills, fuzz, cases) instead of a slice")
    group.addoption("--published", action="store_true", help="hold changed notebooks to everything too, as CI does")


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Was the whole count asked for?"""
    return request.config.getoption("--full")


@pytest.fixture(autouse=True)
def figures_closed():
    """A figure that a test leaves open must not be the next one's: whether they meet depends on the workers."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def pytest_configure(config: pytest.Config) -> None:
    folder = tempfile.TemporaryDirectory(prefix="groundup-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    config.stash[FOLDER] = Path(folder.name)
    seen = surroundings(os.environ, str(Path(folder.name) / "log"))
    for name in set(os.environ) - set(seen):
        del os.environ[name]
    os.environ.update(seen)
    config.option.nbval_current_env = True
    if config.option.nbval_cell_timeout == 2000:  # nbval's own default: half an hour for a dead kernel
        config.option.nbval_cell_timeout = CELL_SECONDS
    if getattr(config.option, "dist", "no") == "load":  # cells of one notebook share a kernel
        config.option.dist = "loadfile"


FOLDER = pytest.StashKey[Path]()


def wrap_nbval() -> None:
    """nbval 0.11 has no hook for comparing or for judging a cell, so four methods are wrapped."""
    from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

    create, sanitize, runtest, start = IPyNbCell.__init__, IPyNbCell.sanitize, IPyNbCell.runtest, IPyNbFile.setup

    def create_named(self, name, parent, cell_num, cell, options):
        """A cell is called by its id, not by its number: `01_vectors.ipynb::cosine-example`."""
        create(self, cell.get("id", name), parent, cell_num, cell, options)

    def compare_near(self, text):
        cleaned = sanitize(self, text)
        return Output(cleaned) if isinstance(cleaned, str) else cleaned

    def start_with_empty_log(self):
        folder = Path(tempfile.mkdtemp(prefix=f"{self.path.stem}-", dir=self.config.stash[FOLDER]))
        os.environ.update(GROUNDUP_DATA=str(folder / "log"), IPYTHONDIR=str(folder / "ipython"))
        for attempt in (1, 2, 3):  # two kernels that start at once may draw the same port; the later one dies
            try:
                return start(self)
            except RuntimeError as error:
                if "Kernel died" not in str(error) or attempt == 3:
                    raise

    def judge(self):
        try:
            runtest(self)
        except NbCellError as error:
            if is_published(self.path, self.config.option.published):
                raise
            what = f"{THEIRS}cell {self.cell.id!r}: {error}"
            if error.inner_traceback is None or "differ" in str(error) or "Unrun" in str(error):
                pytest.xfail(what)
            if is_theirs(self.cell, self.path):
                pytest.xfail(f"{what}: {re.sub(chr(27) + r'[^m]*m', '', error.inner_traceback).splitlines()[-1]}")
            raise

    IPyNbCell.__init__, IPyNbCell.sanitize, IPyNbCell.runtest = create_named, compare_near, judge
    IPyNbFile.setup = start_with_empty_log


wrap_nbval()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Where weights or data cannot be had, skip what needs them, with what to run; CI has to have them."""
    report = yield
    if report.failed and os.environ.get("CI", "").lower() != "true":
        printed = [output.get("text", "") for output in getattr(item, "test_outputs", None) or []]  # if it is a cell
        found = LACKING.search(re.sub(r"\x1b\[[0-9;]*m", "", "\n".join([*printed, str(report.longrepr)])))
        why = found[1] if found else getattr(item.parent, "lacks", "")  # the later cells of a notebook fail without it
        if why:
            if item.path.suffix == ".ipynb":
                item.parent.lacks = why
            report.outcome, report.longrepr = "skipped", (str(item.path), item.location[1], f"Skipped: {why}")
    return report


def pytest_terminal_summary(terminalreporter, config) -> None:
    """What was found in notebooks that differ from the published ones: theirs, so it failed nothing."""
    found = [r for r in terminalreporter.stats.get("xfailed", []) if THEIRS in str(getattr(r, "wasxfail", ""))]
    if found:
        terminalreporter.section("your notebooks")
        for report in found:
            terminalreporter.line(f"{report.nodeid}: {report.wasxfail.split(THEIRS, 1)[1]}")
        terminalreporter.line("They differ from the published outputs, as yours may. `git diff` shows how.")
    ran = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, []) if hasattr(r, "nodeid")]
    if any("test_notebooks.py::test_promise" in report.nodeid for report in ran):
        report_aims(terminalreporter, config.option.published)
    report_times(terminalreporter, ran)


def report_aims(terminalreporter, strict: bool) -> None:
    """Where published notebooks miss an aim of the house: said, never failed."""
    from notebook import notebooks
    from promises import Notebook
    from promises.size import aims

    missed = {path: aims(Notebook(path)) for path in notebooks() if is_published(path, strict)}
    if any(missed.values()):
        terminalreporter.section("aims missed (reported, not failed)")
        for path, words in missed.items():
            if words:
                terminalreporter.line(f"{path.parent.name}/{path.name}: {'; '.join(words)}")


def report_times(terminalreporter, reports) -> None:
    """Notebooks that ran longer than the aim of 25 s; the bound is 120 s on two quiet cores."""
    seconds: dict[str, float] = {}
    for report in reports:
        file = report.nodeid.split("::")[0]
        if file.endswith(".ipynb"):
            seconds[file] = seconds.get(file, 0) + report.duration
    slow = {file: time for file, time in seconds.items() if time > 25}
    if slow:
        terminalreporter.section("slow notebooks (aim 25 s, bound 120 s)")
        for file, time in sorted(slow.items(), key=lambda pair: -pair[1]):
            terminalreporter.line(f"{time:6.1f} s  {file}")
