"""Take out of a text what is nobody's business before it leaves this machine.

Too much rather than too little: a redacted word costs a second look, a published key costs a night. It is a
net with known holes all the same (a name that is on no list, a secret that looks like prose), so whatever is
exported says how much was taken out, and asks to be read.
"""

from __future__ import annotations

import getpass
import os
import platform
import re
import socket
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import progress

NOBODY = {"root", "user", "admin", "jovyan", "runner", "vscode", "ubuntu", "localhost"}  # accounts that name nobody
TAIL = r"[\w\-]*(?:[.=+/~]+[\w\-]+)*=*"  # the rest of a token, without the full stop after it
KEYS = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    rf"(?i:\b(?:Bearer|Basic))[ \t]+(?!\[)[\w\-.=+/~]{{6,}}{TAIL}",
    rf"(?<![^\W_])sk-(?:ant-|proj-|or-)[\w\-]{TAIL}",
    rf"(?<![^\W_])(?:sk|rk|pk)[-_](?=[\w\-]*\d)[\w\-]{{12,}}{TAIL}",
    rf"(?<![^\W_])sk-[\w\-]{{20,}}{TAIL}",
    r"(?<![^\W_])(?:gh[pousr]_\w{6,}|github_pat_\w{6,}|glpat-[\w\-]{6,}|hf_[A-Za-z0-9]{6,}|npm_\w{20,})",
    r"(?<![^\W_])(?:AKIA|ASIA)[A-Z0-9]{8,}",
    r"(?<![^\W_])(?:AIza[\w\-]{20,}|xox[a-z]-[\w\-]{6,}|pypi-[\w\-]{16,}|ya29\.[\w\-]{10,})",
    rf"(?<![^\W_])eyJ[\w\-]{{6,}}\.[\w\-]+{TAIL}",  # a JSON web token
    r"(?i:\b[\w\-]*(?:api[_-]?key|access[_-]?token|auth[_-]?token|secret|passw(?:or)?d)[\"']?\s*[=:]\s*)"
    r"(?:\"[^\"\n]+\"|'[^'\n]+'|(?!\[)[^\s,;\"']{4,})",
    r"(?<=://)[^\s/:@]+:[^\s/@]+(?=@)",  # user:password@ in an address
)
MAIL = r"[\w.+\-%]+@[\w\-]+(?:\.[\w\-]+)+"
TOPS = (
    "home|Users|root|tmp|var|opt|mnt|media|srv|private|Volumes|usr|etc|data|work|workspaces?|content|kaggle|scratch|app"
)
WORDS = r"(?:[^\s/\"'`<>|]+(?: [^\s/\"'`<>|]+){0,2}/)*"  # folders may have blanks in their names
PATHS = (
    rf"(?<=[\"'`])(?:~/|/(?:{TOPS})/|file:/|[A-Za-z]:[\\/]|\\\\)[^\"'`\n]+(?=[\"'`])",  # quoted: up to the other
    r"file:/+[^\s\"'`<>)\]]+",
    rf"/(?:home|Users)/{WORDS}[^\s\"'`<>)\],;]+",  # wherever it stands
    rf"(?<![\w/])~[\w\-]*/{WORDS}[^\s\"'`<>)\],;]*",
    r"(?<![A-Za-z])[A-Za-z]:[\\/]+(?:[^\\/:*?\"<>|\r\n`]+[\\/]+)*[^\s\\/:*?\"<>|`),;\]]*",
    r"(?<![A-Za-z0-9\\])\\\\[^\s\\]+\\(?:[^\\/:*?\"<>|\r\n`]+\\)*[^\s\\/:*?\"<>|`),;\]]*",
    rf"(?<![A-Za-z0-9./])/(?:{TOPS})(?![\w\-])(?:/{WORDS}[^\s\"'`<>)\],;]*)?",
)
INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")  # would hide a name from us and from nobody else


def private_names(folder: Path | None = None) -> list[str]:
    """The learner's private list: `private.txt` in the data folder, a name a line.

    Raises UnicodeDecodeError if it is no UTF-8 text: a list that cannot be read must not count as empty.
    """
    file = (folder or progress.folder()) / "private.txt"
    lines = file.read_text("utf-8-sig").splitlines() if file.exists() else []
    return [line.strip() for line in lines if line.strip()]


def people() -> list[str]:
    """The user's names as this system knows them; accounts such as root name nobody and are left out."""
    names = {getpass.getuser(), Path.home().name}
    if os.name != "nt":
        import pwd

        names |= {entry.pw_gecos.split(",")[0] for entry in pwd.getpwall() if entry.pw_uid == os.getuid()}
    return [name for name in names if len(name) > 1 and name.lower() not in NOBODY]


def hosts() -> list[str]:
    """The names of this machine, long and short."""
    names = {socket.gethostname(), platform.node()}
    names |= {name.split(".")[0] for name in names}
    return [name for name in names if len(name) > 1 and name.lower() not in NOBODY]


def secrets() -> list[str]:
    """The values of environment variables that are named like a secret."""
    named = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
    return [value for name, value in os.environ.items() if named.search(name) and len(value) >= 8]


def any_of(names: Iterable[str], inside: bool = False) -> str | None:
    """A pattern for any of `names`, the longest first, in any case, blanks stretched; None if there are none.

    Only as whole words, so that Ada does not make a hole in adapt, unless they may stand `inside` of others.
    """
    clean = {unicodedata.normalize("NFC", name.strip()) for name in names} - {""}
    words = [r"\s+".join(map(re.escape, name.split())) for name in sorted(clean, key=lambda name: (-len(name), name))]
    edge = ("", "") if inside else (r"(?<![^\W_])", r"(?![^\W_])")
    return f"(?i:{edge[0]}(?:{'|'.join(words)}){edge[1]})" if words else None


def redact(text: str, private: Iterable[str] = ()) -> tuple[str, Counter[str]]:
    """`text` without keys, e-mail addresses, absolute paths and names, and how many of each were taken out.

    Names are those of the user and of the machine, those in `private.txt`, and `private`.
    >>> text, count = redact("ask ada@example.org, key sk-ant-api03-abc, log in /home/ada/log.txt")
    >>> text, count.total()
    ('ask [e-mail], key [key], log in [path]', 3)
    """
    text = unicodedata.normalize("NFC", INVISIBLE.sub("", text))
    count: Counter[str] = Counter()
    steps = [
        ("key", any_of(secrets(), inside=True)),
        *(("key", pattern) for pattern in KEYS),
        ("e-mail", MAIL),
        *(("path", pattern) for pattern in PATHS),
        ("name", any_of([*private_names(), *private, *people()])),
        ("host", any_of(hosts())),
    ]
    for what, pattern in steps:
        if pattern is not None:
            text, found = re.subn(pattern, f"[{what}]", text, flags=re.DOTALL)
            count[what] += found
    return text, +count
