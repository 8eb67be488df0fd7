"""Would these outputs be the same on somebody else's processor? Hold them to one without AVX-512.

    python tests/older_processor.py 02_neural_nets/03_digits.ipynb

Another width of vector instructions adds in another order, and the last bits of a sum differ. A stored output must
not hang on them: print what is robust (ids, counts, two digits), or say on the page that it is not and assert what is.
On a processor that has no AVX-512 this runs the same kernels as always; arguments go to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDER = {
    "OPENBLAS_CORETYPE": "Haswell",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}


def command(arguments: list[str]) -> list[str]:
    """What is run.
    >>> command(["-x", "page.ipynb"])[1:]
    ['-m', 'pytest', '--nbval', '-p', 'no:cacheprovider', '-x', 'page.ipynb']
    """
    return [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", *arguments]


if __name__ == "__main__":
    environ = os.environ | OLDER | {"CI": "true"}
    sys.exit(subprocess.run(command(sys.argv[1:]), cwd=ROOT, env=environ).returncode)
