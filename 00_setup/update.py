"""Take what is new in the course and keep what the learner wrote: `python3 learn.py update`.

The learner's notebooks are never reset. Each file that both sides changed is merged first (cell by cell for a
notebook, line by line for anything else) and replaced in one step; only then do the untouched files and the
branch follow. Killed at any point, it leaves either your file or the merged one, and running it again finishes.
A copy of every file you had changed is kept in `.kept/` beforehand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import course
import merge

ROOT = Path(__file__).resolve().parents[1]
DRIVER = "merge.notebook.driver"


class CannotUpdate(Exception):
    """The update stopped before it changed anything; the message says why and what to do."""


def git(root: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    """Run git in `root`, with bytes in and out. Raises CannotUpdate with git's own words if it fails."""
    done = subprocess.run(["git", "-c", "core.quotepath=off", *arguments], cwd=root, capture_output=True)
    if check and done.returncode:
        words = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        raise CannotUpdate(f"`git {' '.join(arguments[:2])}` failed:\n{words}")
    return done


def names(root: Path, *arguments: str) -> list[str]:
    """The file names that a git command with -z lists."""
    return [name for name in git(root, *arguments).stdout.decode("utf-8").split("\0") if name]


def version(root: Path, commit: str, name: str) -> bytes | None:
    """The bytes of a file in a commit, or None if it is not there."""
    if not names(root, "ls-tree", "-z", "--name-only", commit, "--", name):
        return None
    return git(root, "cat-file", "--filters", f"{commit}:{name}").stdout


def upstream(root: Path) -> str:
    """The commit to update to, freshly fetched: of the remote `upstream` (a fork has one), else of what we follow."""
    if shutil.which("git") is None:
        raise CannotUpdate("git is needed to update and was not found. Install it: https://git-scm.com/downloads")
    if not (root / ".git").exists():
        raise CannotUpdate(
            f"{root} was not made by `git clone`, so there is nothing to compare your answers with.\n"
            f"Clone {course.load().address} into a new folder and copy your notebooks over; your log is kept anyway."
        )
    if git(root, "rev-parse", "--quiet", "--verify", "MERGE_HEAD", check=False).returncode == 0:
        raise CannotUpdate("A merge is half done here. Finish it (git commit) or undo it (git merge --abort) first.")
    remotes = git(root, "remote").stdout.decode().split()
    if not remotes:
        raise CannotUpdate(f"git knows no origin. Run: git remote add origin {course.load().address}")
    followed = git(root, "rev-parse", "--abbrev-ref", "@{upstream}", check=False).stdout.decode().strip()
    remote = next((r for r in ("upstream", followed.split("/")[0], "origin") if r in remotes), remotes[0])
    target = followed if followed.startswith(f"{remote}/") else f"{remote}/main"
    git(root, "fetch", "--quiet", remote)
    return git(root, "rev-parse", "--verify", f"{target}^{{commit}}").stdout.decode().strip()


def merged(name: str, base: bytes, yours: bytes, theirs: bytes) -> tuple[bytes, str]:
    """Both changes in one file, and a word on how that went."""
    if name.endswith(".ipynb"):
        try:
            text = merge.merge_texts(*(part.decode("utf-8") for part in (base, yours, theirs)))
            return text.encode("utf-8"), "merged"
        except ValueError:  # half a file, conflict markers: the copy in .kept has it
            return theirs, "yours could not be read as a notebook: replaced"
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, part) for part in ("yours", "base", "theirs")]
        for path, content in zip(paths, (yours, base, theirs), strict=True):
            path.write_bytes(content)
        done = subprocess.run(["git", "merge-file", "-p", *map(str, paths)], capture_output=True)
    return (done.stdout, "merged") if done.returncode == 0 else (theirs, "both changed the same lines: replaced")


def replace(path: Path, content: bytes) -> None:
    """Write `path` in one step, so that a crash leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(content)
    os.replace(beside, path)


def keep(root: Path, changed: list[str]) -> Path:
    """Copy the learner's files to a folder of their own, named after the time, and return it."""
    folder = root / ".kept" / time.strftime("%Y-%m-%d_%H-%M-%S")
    while folder.exists():
        folder = folder.with_name(folder.name + "_")
    for name in changed:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, folder / name)
    return folder


def forward(root: Path, target: str, changed: list[str]) -> list[str]:
    """Bring files and branch to `target`, merging those in `changed`. Returns a line for each of these."""
    report, done = [], set()
    incoming = names(root, "diff", "--name-only", "--no-renames", "-z", "HEAD", target)
    for name in changed:
        there = moved(root, target, name)
        base, theirs = version(root, "HEAD", moved(root, "HEAD", name)), version(root, target, there)
        if theirs is None or (name not in incoming and there == name):
            continue  # the course removed it (yours stays), or did not touch it
        content, how = merged(name, base or b"", (root / name).read_bytes(), theirs)
        replace(root / there, content)
        done |= {name, there}
        report.append(f"{there}: {how}")
        if there != name:
            (root / name).unlink()
    for name in incoming:
        if name in done or name in changed:
            continue
        content = version(root, target, name)
        if content is None:
            (root / name).unlink(missing_ok=True)
        else:
            replace(root / name, content)
    for entry in names(root, "ls-tree", "-r", "-z", target):
        mode, _, name = entry.partition("\t")
        if mode.startswith("100755") and name in incoming and os.name == "posix":
            (root / name).chmod(0o755)
    git(root, "read-tree", target)  # the index, and last the branch: before that, a second run does it all again
    git(root, "reset", "--quiet", "--soft", target)
    git(root, "update-index", "-q", "--refresh", check=False)
    return report


def moved(root: Path, commit: str, name: str) -> str:
    """Where a notebook is in `commit`: its number may have shifted, its noun never does."""
    if not name.endswith(".ipynb") or version(root, commit, name) is not None:
        return name
    noun = Path(name).name[3:]
    there = [n for n in names(root, "ls-tree", "-r", "--name-only", "-z", commit) if Path(n).name[3:] == noun]
    return there[0] if len(there) == 1 else name


def update(root: Path = ROOT) -> list[str]:
    """Update the course in `root`; returns what to tell the learner. Raises CannotUpdate with the way out."""
    target = upstream(root)
    head = git(root, "rev-parse", "HEAD").stdout.decode().strip()
    if git(root, "merge-base", "--is-ancestor", target, head, check=False).returncode == 0:
        return ["Nothing new: you have the latest version."]
    added = set(names(root, "diff", "--name-only", "-z", "--no-renames", "--diff-filter=A", head, target))
    changed = [n for n in names(root, "diff", "--name-only", "-z", "HEAD") if (root / n).is_file()]
    changed += [n for n in sorted(added) if (root / n).is_file() and n not in changed]
    kept = [f"Your files as they were: {keep(root, changed)}"] if changed else []
    if git(root, "merge-base", "--is-ancestor", head, target, check=False).returncode == 0:
        return [*forward(root, target, changed), *kept, "Updated. Your answers are where you left them."]
    # The learner commits: so the answers become a commit too, and git merges with our driver.
    if changed:
        git(root, "commit", "--quiet", "--all", "--message", "My answers before the update")
    driver = f'"{sys.executable}" "{Path(merge.__file__).resolve()}" %O %A %B'
    if git(root, "-c", f"{DRIVER}={driver}", "merge", "--no-edit", "--quiet", target, check=False).returncode:
        clash = names(root, "diff", "--name-only", "-z", "--diff-filter=U")
        git(root, "merge", "--abort", check=False)
        raise CannotUpdate(
            f"You and the course changed the same lines of {', '.join(clash) or 'some files'}. Nothing was changed.\n"
            "Undo your change there (git checkout @{upstream} -- FILE), commit, and run the update again."
        )
    return [*kept, "Updated: your commits and the course's are merged. Your answers are where you left them."]


def main() -> int:
    """Update, and say in a few lines what happened. Returns the exit status."""
    try:
        print("\n".join(update()))
    except CannotUpdate as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
