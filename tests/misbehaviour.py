"""Code that does what it should not, and a course in which to let it loose on `check`."""

from __future__ import annotations

import builtins
import dataclasses
import json
import linecache
import os
import random
import sys
import time
from pathlib import Path

import exercise
import judges
import notebook
import numpy
import progress
from cases import namespace
from definitions import names_of

HANGS = 0.25  # seconds that a hanging answer gets
BAD = {  # bodies of a function that takes `*args, **kwargs`
    "raises": "raise RuntimeError('boom')",
    "raises-no-exception": "class Odd(BaseException): pass\nraise Odd",
    "error-without-words": "class Odd(Exception):\n    def __str__(self): raise OSError\nraise Odd",
    "hangs": "while True: pass",
    "hangs-asleep": "import time\ntime.sleep(1000)",
    "hangs-and-swallows": "while True:\n    try:\n        while True: pass\n    except: pass",
    "hangs-asleep-and-swallows": (
        "import time\nwhile True:\n    try:\n        while True:\n            try: time.sleep(100)\n"
        "            except: pass\n    except: pass"
    ),
    "hangs-in-finally": "try:\n    while True: pass\nfinally:\n    while True: pass",
    "recurses": "def again(n): return again(n + 1) + 1\nreturn again(0)",
    "recurses-slowly": "def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\nreturn fib(80)",
    "prints-a-million-lines": "for n in range(1_000_000): print('line', n)",
    "prints-for-ever": "while True: print('again')",
    "ends-python": "import sys\nsys.exit(1)",
    "interrupts": "raise KeyboardInterrupt",
    "asks": "return input('number? ')",
    "wrong-type": "return {'a': {1, 2}, 'b': range(3)}",
    "nothing": "args",
    "nan": "return float('nan')",
    "generator": "yield from args",
    "endless-generator": "while True: yield 1",
    "coroutine": "async def later(): return 1\nreturn later()",
    "deletes-a-builtin": "import builtins\ndel builtins.len\nbuiltins.print = None\nreturn 1j",
    "deletes-the-builtins": "import builtins\nvars(builtins).clear()",
    "redefines-check": "global check, hint, Exception\ncheck = hint = Exception = None\nreturn 1j",
    "reseeds": "import random, numpy\nrandom.seed(7)\nnumpy.random.seed(7)\nreturn random.random() + 1j",
    "wants-all-memory": "return [0] * 10**11",
    "wants-all-memory-in-numpy": "import numpy\nreturn numpy.ones((10**6, 10**6))",
    "closes-the-output": "import sys\nsys.stdout.close()\nsys.stderr = None\nreturn 1j",
    "closes-the-descriptors": "import os\nos.close(1)\nos.close(2)\nreturn 1j",
    "moves-away": "import os, sys\nos.chdir('/')\nos.environ.clear()\nsys.setrecursionlimit(10_000)\nreturn 1j",
    "evil-repr": "class Odd:\n    def __repr__(self): raise OSError('no')\nreturn Odd()",
    "ending-repr": "class Odd:\n    def __repr__(self): raise SystemExit\nreturn Odd()",
    "hanging-repr": "class Odd:\n    def __repr__(self):\n        while True: pass\nreturn Odd()",
    "evil-eq": "class Odd(str):\n    def __eq__(self, other): raise OSError('no')\n    __hash__ = None\nreturn Odd()",
    "evil-number": "class Odd(float):\n    def __sub__(self, other): raise SystemExit\nreturn Odd(3)",
    "hanging-length": "class Odd(list):\n    def __len__(self):\n        while True: pass\nreturn Odd()",
    "deep": "x = []\nfor _ in range(100_000): x = [x]\nreturn x",
    "contains-itself": "x = []\nx.append(x)\nreturn x",
}


class Course:
    """One notebook, its learner's log and what `check` says, without a kernel."""

    def __init__(self, folder: Path, monkeypatch, path: Path):
        self.path, self.monkeypatch, self.paragraphs = path, monkeypatch, []
        self.given: dict = {}  # what other cells defined
        monkeypatch.setenv("GROUNDUP_DATA", str(folder / "log"))
        monkeypatch.setattr(notebook, "_here", path)
        monkeypatch.setattr(exercise, "say", lambda words, kind="info": self.paragraphs.append((kind, words)))

    def hurry(self, noun: str) -> None:
        """Let no answer take long."""
        real = judges.load(noun)
        quick = {name: dataclasses.replace(judge, seconds=HANGS) for name, judge in real.exercises.items()}
        load = judges.load
        self.monkeypatch.setattr(
            judges, "load", lambda n: judges.Judges(quick, real.quiz, real.reviews) if n == noun else load(n)
        )
        self.monkeypatch.setattr("judging.LOOK", HANGS)

    def run_cell(self, source: str, name: str) -> object:
        """Run a cell as a kernel would; what `name` is afterwards."""
        filename = f"<cell {len(linecache.cache)}>"
        linecache.cache[filename] = len(source), None, source.splitlines(keepends=True), filename
        self.names = {"check": exercise.check, "hint": exercise.hint, "__name__": "__main__"} | self.given
        exec(compile(source, filename, "exec"), self.names)
        return self.names[name]

    def log(self) -> list[dict]:
        """The attempts in the log."""
        return progress.records("check")

    def said(self) -> list[str]:
        """What was said."""
        return [words for _, words in self.paragraphs]

    def misbehave(self, name: str, body: str) -> str:
        """Run a bad answer; assert that all it comes to is one paragraph. Returns its words."""
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        source = f"def {name}(*args, **kwargs):\n{lines}\n\n{name} = check({name})"
        published = exercise.find(name).solution
        namespace(notebook.noun(self.path))  # its imports may set variables of the environment
        random.seed(12345)  # not the seed that each call is given
        numpy.random.seed(12345)
        before = world()
        began = time.monotonic()
        returned = self.run_cell(source, name)
        assert time.monotonic() - began < 60 * HANGS
        assert world() == before
        assert self.names["check"] is exercise.check
        assert (
            self.names.keys()
            <= {"check", "hint", "__name__", "__builtins__", name} | names_of(published) | self.given.keys()
        )
        assert returned.__code__.co_filename == f"<published {name}>"
        assert [kind for kind, _ in self.paragraphs] == ["wrong"]
        words = self.paragraphs[0][1]
        assert "\n" not in words
        assert len(words) < 1_200
        (record,) = self.log()
        assert record["status"] in ("wrong", "error", "timeout", "mistake")
        assert record["source"] == source
        assert json.dumps(record)
        return words


def world() -> tuple:
    """What no answer may change."""
    return (
        dict(vars(builtins)), random.getstate(), str(numpy.random.get_state()), os.getcwd(), dict(os.environ),
        sys.getrecursionlimit(), sys.stdin, sys.stdout, sys.stderr, os.fstat(1).st_ino, os.fstat(2).st_ino,
        sys.stdout.closed,
    )  # fmt: skip
