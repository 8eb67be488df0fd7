"""What the first cell of every notebook runs: `%run ../00_setup/start.py NOUN`.

It makes each run the same (seeds, threads, how numbers are printed), says which notebook this is, and puts
the words of the course into it: check, predict, explore and the rest. It says nothing when all is well.
"""

# ruff: noqa: E402, F401  (the path comes before what is found on it; the notebook uses these names, not we)
import os
import random
import sys
from pathlib import Path

setup = Path(__file__).resolve().parent
while sys.path.count(str(setup)) < 2:  # `%run` adds this folder for as long as it runs, and then takes one away
    sys.path.insert(0, str(setup))
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # read once, when numpy is imported
    os.environ.setdefault(name, "1")

import hosted
import kernel_cells
import notebook

noun = sys.argv[1] if len(sys.argv) > 1 else "(none)"
if notebook.enter(noun) is None:
    nouns = ", ".join(map(notebook.noun, notebook.notebooks()))
    raise LookupError(f"the first cell names the notebook {noun!r}, and the course has none of that name: {nouns}")
if hosted.host():
    os.environ["GROUNDUP_HOSTED"] = hosted.host()
    hosted.prepare(setup.parent / "pyproject.toml")

import assets
import numpy
import progress
import show
from board import board, review_session
from doctor import doctor
from drag import drag_vectors
from exercise import check, hint, restore, solution
from journal import export_week, journal
from plane import drag_matrix
from play import explore
from questions import baseline, predict, quiz, reveal
from review import review
from say import say
from sketch import draw_digit
from talk import chat_box
from typed import type_text

random.seed(0)
numpy.random.seed(0)
numpy.set_printoptions(precision=3, suppress=True)
show.style()
kernel_cells.record(noun)
progress.log("start", notebook=noun)

del Path, hosted, kernel_cells, name, notebook, noun, numpy, os, progress, random, setup, sys
