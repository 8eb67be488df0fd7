"""Import what a notebook defined: `from built.vectors import cosine`.

The notebook is the only source: nothing is generated, so nothing goes stale. Importing `built.vectors` runs
the imports, functions, classes and CONSTANTS of `01_vectors.ipynb` in order, and nothing else: plots and
training stay behind. Of the exercises only the core ones are handed on, in the learner's version while
`check` has passed on that very source (`answers.py`), in the published one otherwise.
"""

from __future__ import annotations
import __future__

import ast
import difflib
import dis
import importlib
import importlib.abc
import importlib.util
import linecache
import os
import sys
import threading
import traceback
from functools import partial
from pathlib import Path
from types import ModuleType

import answers
import kernel_cells
import notebook
import say
from definitions import exported, variables
from published import changed

__all__ = ["changed", "mine", "share"]
__path__: list[str] = []  # makes this module a package, whose modules are notebooks
_sharing = threading.Lock()


class NotebookLoader(importlib.abc.Loader):
    """Runs the definitions of one notebook. Lines are numbered through all its code, so that `inspect` agrees."""

    def __init__(self, path: Path):
        self.path, self.source = path, ""

    def get_source(self, fullname: str) -> str:
        """The code of the notebook as Python, for `linecache` and `inspect`."""
        return self.source

    def is_package(self, fullname: str) -> bool:
        """No notebook holds others."""
        return False

    def get_code(self, fullname: str) -> None:
        """Raises ImportError: a notebook is no program for `python -m`."""
        raise ImportError(f"a notebook is not a program. Name what to run: python -c 'from {fullname} import f; f()'")

    def exec_module(self, module: ModuleType) -> None:
        """Define in `module` what the notebook hands on. Raises SyntaxError that names notebook and cell."""
        found, chosen, attempted = answers.handed_on(self.path)
        first = next((cell.source for cell in notebook.cells(self.path) if cell.kind == "markdown"), None)
        module.__doc__ = first
        module.__getattr__ = partial(missing_name, module, self.path)
        self.source = "\n\n\n".join(piece.source for piece in found) + "\n"
        lines = self.source.splitlines(keepends=True)
        for name in [str(self.path), *(piece.name for piece in found)]:  # no time of change: checkcache keeps it
            linecache.cache[name] = len(self.source), None, lines, name
        above, flags = 0, 0
        for piece in found:
            flags = self.run(piece, above, flags, module)
            above += piece.source.count("\n") + 3
        if attempted and self.path != notebook.here():  # in the notebook itself `check` has said it
            tell(answers.told(notebook.noun(self.path), chosen))

    def run(self, piece: answers.Piece, above: int, flags: int, module: ModuleType) -> int:
        """Execute the definitions of one cell that has `above` lines before it; returns the compiler's flags."""
        body = exported(piece.source, piece.cell, self.path.name)
        for node in body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":  # holds for the cells below, too
                flags |= sum(getattr(__future__, alias.name).compiler_flag for alias in node.names)
            ast.increment_lineno(node, above)
        try:
            code = compile(ast.Module(body, []), piece.name, "exec", flags=flags, dont_inherit=True)
            exec(code, module.__dict__)
        except NameError as error:
            cell = variables(notebook.cells(self.path)).get(error.name)
            if cell:
                error.add_note(
                    f"`{error.name}` is a variable of cell {cell!r} in {self.path.name}. Importing a notebook runs its "
                    "imports, functions, classes and CONSTANTS, no other statement: compute it in a function."
                )
            raise
        return flags


class NotebookFinder(importlib.abc.MetaPathFinder):
    """Finds `built.NOUN` in the notebook called NOUN."""

    def find_spec(self, fullname: str, path: object = None, target: object = None):
        """The specification of a notebook as a module; None for any other. Raises ModuleNotFoundError."""
        package, _, noun = fullname.rpartition(".")
        if package != __name__:
            return None
        file = notebook.find(noun)
        if file is None:  # `name` is not `fullname`: `from built import x` would swallow that, words and all
            raise ModuleNotFoundError(no_notebook(noun), name=noun)
        return importlib.util.spec_from_file_location(fullname, file, loader=NotebookLoader(file))


def nearest(name: str, known: list[str]) -> str:
    """Names like `name`, as a question, or all of them if nothing is like it."""
    near = difflib.get_close_matches(name, known)
    return f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(sorted(known))}."


def no_notebook(noun: str) -> str:
    """Why there is no `built.NOUN`, with the nearest nouns."""
    known = [notebook.noun(path) for path in notebook.notebooks()]
    return f"no notebook is called {noun!r} (a file NN_folder/NN_{noun}.ipynb). {nearest(noun, known)}"


def missing_name(module: ModuleType, path: Path, name: str) -> None:
    """Say why `module` has no `name`.

    As AttributeError; inside `from … import`, where Python drops an AttributeError's words, as ImportError.
    """
    if name.startswith("__"):
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}", name=name, obj=module)
    exercise, variable = notebook.exercises(path).get(name), variables(notebook.cells(path)).get(name)
    if exercise is not None:
        why = f"It is an exercise of its own, which no other notebook builds on (cell {exercise.cell.id!r})."
    elif variable is not None:
        why = f"It is a variable of cell {variable!r}; imports, functions, classes and CONSTANTS are handed on."
    else:
        why = nearest(name, [known for known in vars(module) if not known.startswith("__")])
    message = f"{path.name} hands on no {name!r}. {why}"
    caller = sys._getframe(1)
    if caller.f_code.co_code[caller.f_lasti] == dis.opmap["IMPORT_FROM"]:
        raise ImportError(message, name=module.__name__, path=str(path))
    raise AttributeError(message, name=name, obj=module)


def tell(text: str) -> None:
    """Say it in the notebook. Elsewhere on the error stream, for stdout may be a protocol; in a worker not again."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None and os.getpid() == _process:
        say.say(text)
    elif shell is None and kernel_cells.VARIABLE not in os.environ:
        print(say.Message(text), file=sys.stderr)


def mine() -> list[tuple[str, str, str]]:
    """Every core exercise of the course as (noun, name, state); state is "yours" or "published"."""
    passed, _ = answers.attempts()
    return [
        (one.noun, one.name, answers.answer(one, one.cell.source, passed).state)
        for path in notebook.notebooks()
        for one in notebook.exercises(path).values()
        if one.core
    ]


def share() -> ModuleType:
    """This notebook as a module whose functions worker processes can import, unsaved edits included.

        work = built.share()
        pool.map(work.partial_sum, shards)

    Raises RuntimeError outside a notebook. Call it again after an edit.
    """
    path = notebook.here()
    if path is None:
        raise RuntimeError("share() hands on the notebook that is running: run its first cell before")
    noun = notebook.noun(path)
    with _sharing:
        kernel_cells.write(noun, notebook.cells(path))
        sys.modules.pop(f"{__name__}.{noun}", None)
        return importlib.import_module(f"{__name__}.{noun}")


_process = os.getpid()
if not any(type(finder).__name__ == "NotebookFinder" for finder in sys.meta_path):
    sys.meta_path.append(NotebookFinder())
if sys.excepthook is sys.__excepthook__:  # that one opens files itself (until 3.13), so it would show no line of a cell
    sys.excepthook = traceback.print_exception
