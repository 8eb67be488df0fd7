"""The surroundings in which notebooks are run by a program: an empty log, no keys, one thread.

A test must not touch the learner's log and must not spend money, whatever is set in the shell that
started it. So keys, tokens and addresses of model servers are taken out before a kernel starts; with
`LIVE=1` they stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SECRET = re.compile(
    r"^(ANTHROPIC|OPENAI|AZURE_OPENAI|CLAUDE|HF|HUGGINGFACE|HUGGING_FACE|GEMINI|MISTRAL|OLLAMA)_"
    r"|_(API_KEY|AUTH_TOKEN|ACCESS_TOKEN|SECRET|SECRET_KEY|BASE_URL|API_BASE)$"
)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
STATE = ("GROUNDUP_HOSTED", "GROUNDUP_CELLS", "GROUNDUP_DATA")  # how a kernel was started, not how tests are


def secrets(environ: Mapping[str, str]) -> list[str]:
    """The names in `environ` that hold a key or say where requests go.

    >>> secrets({"OPENAI_API_KEY": "k", "LLM_BASE_URL": "http://localhost", "PATH": "/bin"})
    ['LLM_BASE_URL', 'OPENAI_API_KEY']
    """
    return sorted(name for name in environ if SECRET.search(name.upper()))


def surroundings(environ: Mapping[str, str], data: str) -> dict[str, str]:
    """`environ` as a notebook under test sees it, with its log in the folder `data`.

    Thread counts already set are kept, so that a run with two threads is one variable away.
    >>> seen = surroundings({"HF_TOKEN": "t", "OMP_NUM_THREADS": "2"}, "/empty")
    >>> seen["GROUNDUP_DATA"], seen["OMP_NUM_THREADS"], "HF_TOKEN" in seen
    ('/empty', '2', False)
    """
    gone = set(STATE) if environ.get("LIVE") == "1" else {*STATE, *secrets(environ)}
    kept = {name: value for name, value in environ.items() if name not in gone}
    for name in THREADS:
        kept.setdefault(name, "1")
    return kept | {
        "GROUNDUP_DATA": str(data),
        "HF_HUB_OFFLINE": "1",  # no hub at run time: a notebook that tries is to fail here too
        "TOKENIZERS_PARALLELISM": "false",
        "TQDM_DISABLE": "1",  # the bar of a first download is no part of a notebook's output
    }
