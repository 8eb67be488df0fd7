"""A general repair policy that plays the model where there is none: it mends failing tests with an agent's own tools.

It knows no program. It runs the tests, reads their tracebacks, asks which lines the failing tests run and the passing
ones do not, reads those files, and tries the edits of `repairer/edits.py`, most likely first, each with the tests.
Like a model it has no memory of its own: each turn it reads the whole conversation again and finds its place in it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Generator
from dataclasses import dataclass

from repairer.edits import edits

TESTS = "{python} -m unittest {names} 2>&1"
# Runs each test alone and prints for each line how often failing and passing tests came there, most suspicious first
# (Ochiai: failing / sqrt(all failing · (failing + passing here)), Abreu et al. 2007).
LOCATE = r"""
import os, sys, unittest
here, lines, hits = os.getcwd() + os.sep, [], {}
def watch(frame, event, arg):
    name = frame.f_code.co_filename
    if not name.startswith(here) or os.sep + "test" in name[len(here) - 1 :]:
        return None
    lines.append((name[len(here) :], frame.f_code.co_firstlineno if event == "call" else frame.f_lineno))
    return watch
def each(suite):
    for test in suite:
        yield from each(test) if isinstance(test, unittest.TestSuite) else [test]
failed = 0
for test in each(unittest.defaultTestLoader.discover(".", top_level_dir=".")):
    lines.clear()
    sys.settrace(watch)
    result = test.run() or unittest.TestResult()
    sys.settrace(None)
    good = result.wasSuccessful()
    failed += not good
    for line in set(lines):
        count = hits.setdefault(line, [0, 0])
        count[good] += 1
scored = [(bad / (failed * (bad + good)) ** 0.5, name, line) for (name, line), (bad, good) in hits.items() if bad]
for score, name, line in sorted(scored, key=lambda s: (-s[0], s[1], s[2]))[:60]:
    print(f"{score:.3f} {name}:{line}")
"""


@dataclass(frozen=True)
class Failure:
    """What a run of unittest said: names of the tests that failed, the last line of each traceback, places in it."""

    names: tuple[str, ...]
    errors: tuple[str, ...]
    places: tuple[tuple[str, int], ...]


def failures(said: str) -> Failure:
    """The failures in the output of unittest.

    >>> found = failures("FAIL: test_a (tests.t.T.test_a)\\n---\\nTraceback …\\nValueError: x\\n\\n---")
    >>> found.names, found.errors
    (('tests.t.T.test_a',), ('ValueError: x',))
    """
    names = re.findall(r"^(?:FAIL|ERROR): \S+ \(([\w.]+)\)", said, re.MULTILINE)
    errors = re.findall(r"^(?!FAIL:|ERROR:|[.FEsxu]+$|OK$)((?:\w+\.)*[A-Z]\w*(?:: .*)?)$", said, re.MULTILINE)
    places = re.findall(r'File "/project/([^"]+)", line (\d+)', said)
    return Failure(tuple(dict.fromkeys(names)), tuple(errors), tuple((name, int(line)) for name, line in places))


def call(name: str, **given: object) -> tuple[str, dict]:
    """What the policy asks a tool for."""
    return name, given


def is_test(path: str) -> bool:
    """Whether a path belongs to the tests, which are never edited."""
    return bool(re.search(r"(^|/)(tests?|conftest)(/|_|\.)", path)) or path.rpartition("/")[2].startswith("test_")


def without_numbers(said: str) -> str:
    """The text of a file as the read tool shows it, with a number and a tab before each line."""
    return "\n".join(line.partition("\t")[2] for line in said.split("\n"))


def whole(path: str) -> Generator[tuple[str, dict], str, str]:
    """Read a file to its end, page by page."""
    said, text = (yield call("read", file_path=path)), []
    while True:
        more = re.search(r"\n\[the file goes on: read it with offset (\d+)\]$", said)
        text.append(without_numbers(said[: more.start()] if more else said))
        if not more:
            return "\n".join(text)
        said = yield call("read", file_path=path, offset=int(more[1]))


def passage(before: str, after: str) -> tuple[str, str]:
    """What to replace by what: the lines that differ, and as many around them as make the first one unique."""
    old, new = before.split("\n"), after.split("\n")
    top = next(n for n in range(len(old) + 1) if old[: n + 1] != new[: n + 1])
    low = next(n for n in range(len(old) + 1) if old[len(old) - n - 1 :] != new[len(new) - n - 1 :])
    low = min(low, len(old) - top, len(new) - top)
    while True:
        one, two = "\n".join(old[top : len(old) - low]), "\n".join(new[top : len(new) - low])
        unique = len(re.findall(f"(?={re.escape(one)})", before)) == 1  # also where occurrences overlap
        if one and unique and len(new) - low > top or (top, low) == (0, 0):
            return one, two
        top, low = max(0, top - 1), max(0, low - 1)


@functools.lru_cache(maxsize=8)
def ranked(files: tuple[tuple[str, str], ...], lines: tuple[tuple[float, str, int], ...], error: str) -> list:
    """(path, Edit) for all suspicious lines, best first: how suspicious the line is, times how usual the edit."""
    found, text = [], dict(files)
    for suspicion, path, line in lines:
        try:
            found += [(suspicion * edit.weight, path, edit) for edit in edits(text[path], line, error)]
        except SyntaxError:
            continue
    found.sort(key=lambda one: -one[0])
    return [(path, edit) for _, path, edit in found]


def plan(python: str, most: int) -> Generator[tuple[str, dict], str, str]:
    """What to do, call by call; each yields what the tool said. Returns the last word."""
    said = yield call("bash", command=TESTS.format(python=python, names=""))
    first = failures(said)
    if not first.names:
        return "All tests pass; there is nothing to mend."
    found = yield call("bash", command=f"{python} -c '{LOCATE}'")
    lines = [
        (float(score), path, int(line))
        for score, path, line in re.findall(r"^([\d.]+) (\S+):(\d+)$", found, re.MULTILINE)
    ]
    named = [(1.1, path, line) for path, line in first.places if not is_test(path)]
    lines = list({(path, line): (score, path, line) for score, path, line in lines + named}.values())
    lines = sorted((line for line in lines if not is_test(line[1])), key=lambda line: -line[0])
    files = {}
    for path in dict.fromkeys(path for _, path, _ in lines):
        files[path] = yield from whole(path)
    names = " ".join(first.names)
    for tried, (path, edit) in enumerate(ranked(tuple(files.items()), tuple(lines), " ".join(first.errors)), 1):
        if tried > most:
            return f"I could not mend it: {most} edits tried, all taken back. Failing still: {names}"
        old, new = passage(files[path], edit.text)
        told = yield call("edit", file_path=path, old_string=old, new_string=new)
        if not told.startswith("refused"):
            passed = not failures((yield call("bash", command=TESTS.format(python=python, names=names)))).names
            if passed and not failures((yield call("bash", command=TESTS.format(python=python, names="")))).names:
                return f"Mended in {path} ({edit.kind}), after {tried} edits:\n-{old}\n+{new}"
            back = passage(edit.text, files[path])
            yield call("edit", file_path=path, old_string=back[0], new_string=back[1])
    return f"I could not mend it: I know no more edits. Failing still: {names}"


def repairer(python: str = "python3", most: int = 150):
    """The policy: a function of the request that returns blocks or a text, as `script` takes it."""

    def policy(request: dict) -> list | str:
        steps = plan(python, most)
        wanted, number = next(steps), 0
        for message in request["messages"]:
            content = message["content"] if isinstance(message["content"], list) else []
            for block in content:
                if block["type"] == "tool_result":
                    number += 1
                    said = ("refused: " if block.get("is_error") else "") + text_of(block["content"])
                    if said.startswith("refused: interrupted: "):
                        continue  # nobody knows what came of it: ask again
                    try:
                        wanted = steps.send(said)
                    except StopIteration as end:
                        return end.value
        name, given = wanted
        return [{"type": "tool_use", "id": f"toolu_{number:04}", "name": name, "input": given}]

    return policy


def text_of(content: str | list) -> str:
    """The text of a tool's result."""
    return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)
