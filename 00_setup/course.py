"""What the course consists of: its address, its modules, its notebooks and what each one needs.

All of it is data in `course.toml`, so that the README, the board, the map and the links cannot disagree.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Row:
    """One notebook of the course, written or still to come.

    `file` is its path from the root without ".ipynb"; `minutes` is an estimate; `needs` are nouns.
    """

    noun: str
    file: str
    question: str
    builds: str
    minutes: int
    spine: bool
    needs: tuple[str, ...]
    exists: bool

    @property
    def folder(self) -> str:
        """The folder of its module, such as "01_linear_algebra"."""
        return self.file.split("/")[0]

    @property
    def number(self) -> str:
        """Module and notebook, such as "1.2"."""
        module, notebook = self.file.split("/")
        return f"{int(module[:2])}.{int(notebook[:2])}"


@dataclass(frozen=True)
class Module:
    """A folder of notebooks with a title and a sentence about it."""

    folder: str
    title: str
    about: str


@dataclass(frozen=True)
class Course:
    """The whole course, in reading order."""

    address: str  # where the repository is published; every link and every clone derives from it
    modules: tuple[Module, ...]
    notebooks: tuple[Row, ...]
    fast_lane: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """Owner and repository, as Colab and Binder want them.

        >>> Course("https://github.com/ada/engine", (), ()).slug
        'ada/engine'
        """
        return "/".join(self.address.rstrip("/").split("/")[-2:])

    def page(self, file: str) -> str:
        """The address at which anyone reads `file` in the published repository."""
        return f"{self.address}/blob/main/{quote(file)}"

    def colab(self, row: Row) -> str:
        """The link that opens a notebook in Colab."""
        return f"https://colab.research.google.com/github/{self.slug}/blob/main/{row.file}.ipynb"

    def binder(self, row: Row) -> str:
        """The link that opens a notebook on Binder."""
        return f"https://mybinder.org/v2/gh/{self.slug}/HEAD?urlpath=lab/tree/{row.file}.ipynb"

    def row(self, noun: str) -> Row:
        """The notebook called `noun`. Raises KeyError, with the nearest names, if there is none.

        >>> load().row("vectors").file
        '01_linear_algebra/01_vectors'
        """
        for row in self.notebooks:
            if row.noun == noun:
                return row
        import difflib  # only on the way to an error

        near = difflib.get_close_matches(noun, [row.noun for row in self.notebooks]) or ["see 00_setup/course.toml"]
        raise KeyError(f"no notebook of the course is called {noun!r}: did you mean {', '.join(near)}?")

    def requires(self, noun: str) -> frozenset[str]:
        """Everything that has to be known before `noun`: its needs, their needs, and so on.

        >>> sorted(load().requires("agents"))
        ['llm_api', 'tool_use']
        """
        known: set[str] = set()
        waiting = list(self.row(noun).needs)
        while waiting:
            need = waiting.pop()
            if need not in known:
                known.add(need)
                waiting.extend(self.row(need).needs)
        return frozenset(known)


@functools.cache
def load(root: Path = ROOT) -> Course:
    """Read `course.toml`, and look which of its notebooks have been written."""
    with open(root / "00_setup" / "course.toml", "rb") as stream:
        data = tomllib.load(stream)
    modules, rows = [], []
    for module in data["modules"]:
        modules.append(Module(module["folder"], module["title"], module["about"]))
        for entry in module["notebooks"]:
            file = f"{module['folder']}/{entry['file']}"
            rows.append(
                Row(
                    noun=entry["file"][3:],
                    file=file,
                    question=entry["question"],
                    builds=entry["builds"],
                    minutes=entry["minutes"],
                    spine=entry["spine"],
                    needs=tuple(entry["needs"]),
                    exists=(root / f"{file}.ipynb").is_file(),
                )
            )
    return Course(data["address"].rstrip("/"), tuple(modules), tuple(rows), tuple(data["fast_lane"]))


def row(noun: str) -> Row:
    """The notebook called `noun`, written or still to come.

    >>> row("vectors").number, row("vectors").needs
    ('1.1', ())
    """
    return load().row(noun)
