"""The process as it was before: what a call can change for everybody is put back after it.

A learner's function runs in the kernel of the notebook. Without this, one that reseeds `random`, closes the
output or assigns to `len` would spoil every cell that follows.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import random
import sys
from collections.abc import Iterator

SPEECH = 2_000  # characters of what is printed that are kept
MEMORY = 6 * 2**30  # bytes, where the system lets us say so


class Bounded(io.TextIOBase):
    """Takes whatever is printed, keeps the beginning, and cannot be closed."""

    def __init__(self):
        self.kept = ""

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def write(self, text: str) -> int:
        if len(self.kept) < SPEECH:
            self.kept += text[: SPEECH - len(self.kept)]
        return len(text)


@contextlib.contextmanager
def undisturbed(space: dict, output: Bounded, errors: Bounded) -> Iterator[None]:
    """Put back, after the block, what it changed; give it the same random numbers each time, and nobody to ask.

    Put back are `space` (a module's names), the builtins, random states, standard streams, the working folder,
    the recursion limit and the environment. On Linux the block may take `MEMORY` bytes more, and no further.
    """
    spaces = [vars(builtins), space]
    known = [dict(names) for names in spaces]
    streams = sys.stdin, sys.stdout, sys.stderr
    folder, depth, environment = os.getcwd(), sys.getrecursionlimit(), dict(os.environ)
    numpy, torch = (getattr(sys.modules.get(name), "random", None) for name in ("numpy", "torch"))
    states = random.getstate(), numpy and numpy.get_state(), torch and torch.get_rng_state()
    descriptors = [(number, os.dup(number)) for number in (1, 2) if is_open(number)]
    limit = memory_limit(MEMORY)
    sys.stdout, sys.stderr = output, errors
    builtins.input = refuse
    random.seed(0)
    if numpy:
        numpy.seed(0)
    if torch:
        torch.default_generator.manual_seed(0)
    try:
        yield
    finally:
        for names, before in zip(spaces, known, strict=True):
            names.update(before)
            for name in names.keys() - before.keys():
                del names[name]
        memory_limit(None, limit)
        sys.stdin, sys.stdout, sys.stderr = streams
        for number, copied in descriptors:
            if not is_open(number):
                os.dup2(copied, number)
            os.close(copied)
        for name, number in (("stdout", 1), ("stderr", 2)):
            if getattr(getattr(sys, name), "closed", False):
                setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))
        os.chdir(folder)
        sys.setrecursionlimit(depth)
        if os.environ != environment:
            os.environ.clear()
            os.environ.update(environment)
        random.setstate(states[0])
        if numpy:
            numpy.set_state(states[1])
        if torch and states[2] is not None:
            torch.set_rng_state(states[2])


def refuse(prompt: str = "") -> str:
    """Stands in for `input` while code is judged."""
    raise EOFError("nobody can type an answer while this is checked: take what you need as an argument")


def is_open(descriptor: int) -> bool:
    """Is this file descriptor open?"""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def memory_limit(more: int | None, limit: tuple[int, int] | None = None) -> tuple[int, int] | None:
    """Allow `more` bytes than the process has now and return the old limit; or put back `limit`. Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    import resource

    if more is None:
        resource.setrlimit(resource.RLIMIT_AS, limit)
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", "rb") as file:
        wanted = int(file.read().split()[0]) * resource.getpagesize() + more
    tighter = [bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([wanted, *tighter]), hard))
    return soft, hard
