"""Learn, test, look, update: the one command of this course.

    python3 learn.py            open the first notebook in JupyterLab (what is missing is installed first)
    python3 learn.py test       re-run every cell of every notebook and compare, then run all the tests
    python3 learn.py install    only install what is missing
    python3 learn.py doctor     say what is there, what is missing and what mends it
    python3 learn.py update     take what is new in the course and keep your answers

On Windows write `py learn.py`. What follows a command is passed on: `python3 learn.py test tests/test_repo.py`
goes to pytest, `python3 learn.py --no-browser` to JupyterLab. GROUNDUP_VENV puts the environment elsewhere.
"""

from __future__ import print_function  # so that an old Python reads this file and says what it lacks

import os
import sys

OLDEST, NEWEST = (3, 11), (3, 13)


def newer():
    """The command of a Python that will do, if this machine has one under its usual name."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            if os.path.exists(os.path.join(folder, "python3." + str(minor))):
                return "python3." + str(minor)
    return None


if not OLDEST <= tuple(sys.version_info[:2]) <= NEWEST:
    mend = newer()
    advice = "Run: " + mend + " learn.py" if mend else "Install Python 3.13 from https://www.python.org/downloads/"
    sys.exit("This course needs Python 3.11, 3.12 or 3.13, and this is " + sys.version.split()[0] + ". " + advice)

if __name__ == "__main__":
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "00_setup"))
    from launch import main

    sys.exit(main(sys.argv[1:], __doc__))
