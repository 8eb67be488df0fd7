"""learn.py: the environment it makes, and the update that keeps answers.

The law of the update: whatever the learner wrote is in the merged notebook, word for word; whatever the course
changed is there too; doing it twice changes nothing.
"""

from __future__ import annotations

import doctest
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import course
import launch
import merge
import nbformat
import pytest
import update
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("module", [course, launch, merge, update], ids=lambda m: m.__name__)
def test_doctests(module):
    assert doctest.testmod(module).failed == 0


# --- merging -----------------------------------------------------------------------------------------


def cell(name, text, kind="code", count=None, **metadata):
    made = {"id": name, "cell_type": kind, "metadata": metadata, "source": text.splitlines(keepends=True)}
    if kind == "code":
        outputs = [{"output_type": "stream", "name": "stdout", "text": [f"{count}\n"]}] if count else []
        made |= {"execution_count": count, "outputs": outputs}
    return made


def book(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def sources(notebook):
    return {c["id"]: "".join(c["source"]) for c in notebook["cells"]}


STUB = 'def cosine(a, b):\n    """Cosine.{spec}"""\n    # your code\n\ncosine = check(cosine)'
SOLVED = 'def cosine(a, b):\n    """Cosine."""\n    return dot(a, b) / (norm(a) * norm(b))\n\ncosine = check(cosine)'
BASE = book(
    cell("title", "# Vectors", "markdown"),
    cell("start", "%run start.py", count=1),
    cell("question", "How long is it?", "markdown"),
    cell("norm", "def norm(a):\n    return dot(a, a) ** 0.5", count=2),
    cell("exercise-cosine", STUB.format(spec=""), count=3, tags=["core", "exercise"]),
    cell("solution-cosine", "<details>…</details>", "markdown"),
    cell("old-example", "norm([3, 4])", count=4),
)


def changed(notebook, **texts):
    """The notebook with other sources: keys are ids with _ for -, None removes the cell."""
    texts = {key.replace("_", "-"): text for key, text in texts.items()}
    cells = [c | {"source": texts.get(c["id"], "".join(c["source"]))} for c in notebook["cells"]]
    return notebook | {"cells": [c for c in cells if c["source"] is not None]}


def inserted(notebook, after, *new):
    at = [c["id"] for c in notebook["cells"]].index(after) + 1
    return notebook | {"cells": [*notebook["cells"][:at], *new, *notebook["cells"][at:]]}


def test_answer_added_cell_and_edited_prose_survive_changes_around_them():
    yours = changed(BASE, exercise_cosine=SOLVED, question="How long is it? (My note: Pythagoras.)")
    yours = inserted(yours, "norm", cell("my-test", "norm([1, 1])", count=9))
    theirs = changed(BASE, norm="def norm(a):\n    return math.sqrt(dot(a, a))", old_example=None)
    theirs = inserted(theirs, "title", cell("bridge", "You know this.", "markdown"))
    theirs["cells"].reverse()  # reordered as well

    got = merge.merge(BASE, yours, theirs)
    text = sources(got)
    assert text["exercise-cosine"] == SOLVED
    assert text["question"] == "How long is it? (My note: Pythagoras.)"
    assert text["my-test"] == "norm([1, 1])"
    assert text["norm"] == "def norm(a):\n    return math.sqrt(dot(a, a))"
    assert "old-example" not in text
    assert [n for n in text if n != "my-test"] == [c["id"] for c in theirs["cells"]], "the course's order"
    assert list(text)[list(text).index("norm") + 1] == "my-test", "an added cell follows the cell that it followed"
    nbformat.validate(nbformat.reads(merge.write(got), as_version=4))


def test_cell_changed_by_both_stays_yours_with_the_new_text_beside_it():
    yours = changed(BASE, exercise_cosine=SOLVED, question="mine")
    theirs = changed(BASE, exercise_cosine=STUB.format(spec=" Zero for a zero vector."), question="theirs")
    got = merge.merge(BASE, yours, theirs)
    text = sources(got)
    assert text["exercise-cosine"] == SOLVED
    assert text["question"] == "mine"
    assert text["upstream-question"] == f"{merge.MARK}\n\ntheirs"
    assert "Zero for a zero vector." in text["upstream-exercise-cosine"]
    ids = list(text)
    assert ids[ids.index("exercise-cosine") + 1] == "upstream-exercise-cosine"
    assert next(c for c in got["cells"] if c["id"] == "upstream-exercise-cosine")["cell_type"] == "markdown"
    assert merge.merge(BASE, got, theirs) == got, "a second time changes nothing"

    later = changed(BASE, exercise_cosine=STUB.format(spec=" Third text."), question="theirs")
    again = sources(merge.merge(theirs, got, later))
    assert "Third text." in again["upstream-exercise-cosine"], "the note is brought up to date"
    assert sum(name.startswith("upstream-exercise") for name in again) == 1
    noted = changed(got, **{"upstream-exercise-cosine": text["upstream-exercise-cosine"] + "\nMy thought."})
    kept = sources(merge.merge(theirs, noted, later))
    assert any("My thought." in t for t in kept.values()), "what you wrote into the note is yours"
    assert any("Third text." in t for t in kept.values())


def test_outputs_belong_to_the_source_that_made_them():
    yours = changed(BASE, exercise_cosine=SOLVED)
    for c in yours["cells"]:  # the learner ran everything
        if c["cell_type"] == "code":
            c |= {"execution_count": 77, "outputs": [{"output_type": "stream", "name": "stdout", "text": ["mine"]}]}
    got = {c["id"]: c for c in merge.merge(BASE, yours, changed(BASE, title="# New"))["cells"]}
    assert got["norm"]["execution_count"] == 2
    assert got["norm"]["outputs"][0]["text"] == ["2\n"]
    assert got["exercise-cosine"]["outputs"] == []
    assert got["exercise-cosine"]["execution_count"] is None
    assert got["exercise-cosine"]["metadata"] == {"tags": ["core", "exercise"]}


def test_your_order_and_your_deletions_hold_where_the_course_left_things_alone():
    yours = BASE | {"cells": [c for c in reversed(BASE["cells"]) if c["id"] != "question"]}
    theirs = changed(BASE, norm="new")
    assert list(sources(merge.merge(BASE, yours, theirs))) == [c["id"] for c in yours["cells"]]
    assert "question" in sources(merge.merge(BASE, yours, changed(BASE, question="new"))), "a changed text comes back"


def test_editor_that_drops_ids_loses_no_answer():
    yours = inserted(changed(BASE, exercise_cosine=SOLVED), "norm", cell("x", "mine = 1"))
    yours = json.loads(json.dumps(yours))
    for c in yours["cells"]:
        del c["id"]
    theirs = changed(BASE, norm="new", title="# New")
    text = sources(merge.merge(BASE, yours | {"nbformat_minor": 2}, theirs))
    assert text["exercise-cosine"] == SOLVED
    assert text["norm"] == "new"
    assert text["title"] == "# New"
    assert sorted(text.values()) == sorted([*sources(changed(theirs, exercise_cosine=SOLVED)).values(), "mine = 1"])


def edited(notebook, rng, who, steps):
    """A notebook after some random edits: texts changed, cells added, removed and moved."""
    cells = [dict(c) for c in notebook["cells"]]
    for step in range(steps):
        at = rng.randrange(len(cells) + 1)
        what = rng.choice(["change", "add", "remove", "move", "same change"])
        if what == "add":
            name = rng.choice([f"{who}-{step}", f"both-{step}"])
            if name not in [c["id"] for c in cells]:
                cells.insert(at, cell(name, f"{who} adds {step}", rng.choice(["code", "markdown"])))
        elif at < len(cells):
            if what == "remove":
                del cells[at]
            elif what == "move":
                cells.insert(rng.randrange(len(cells)), cells.pop(at))
            else:
                who_says = "anyone" if what == "same change" else who
                cells[at]["source"] = [f"{who_says} wrote ```{rng.randrange(9)}```"]
    return notebook | {"cells": cells}


@settings(deadline=None, max_examples=300)
@given(seed=st.integers(0, 10**9), mine=st.integers(0, 8), theirs=st.integers(0, 8))
def test_nothing_of_either_side_is_lost(seed, mine, theirs):
    rng = random.Random(seed)
    y, t = edited(BASE, rng, "you", mine), edited(BASE, rng, "course", theirs)
    got = merge.merge(BASE, y, t)
    nbformat.validate(nbformat.reads(merge.write(got), as_version=4))
    base, have = sources(BASE), sources(got)
    for name, text in sources(y).items():
        if text != base.get(name):
            assert have[name] == text, "what you wrote stands under the id where you wrote it"
    for name, text in sources(t).items():
        if text != base.get(name):
            assert have.get(name) == text or any(text in seen for seen in have.values()), "what is new is shown"
        elif name in sources(y):
            assert name in have
    assert merge.merge(BASE, got, t) == got, "twice is once"
    assert merge.merge(BASE, BASE, t)["cells"] == [merge.finished(c["id"], c, c) for c in t["cells"]]
    assert sources(merge.merge(BASE, y, BASE)) == sources(y)


def test_driver_writes_into_yours(tmp_path):
    texts = {"base": BASE, "yours": changed(BASE, question="mine"), "theirs": changed(BASE, norm="new")}
    for name, notebook in texts.items():
        (tmp_path / name).write_text(merge.write(notebook), encoding="utf-8")
    script = [sys.executable, ROOT / "00_setup" / "merge.py", *(tmp_path / name for name in texts)]
    subprocess.run(script, check=True)
    text = sources(json.loads((tmp_path / "yours").read_text("utf-8")))
    assert (text["question"], text["norm"]) == ("mine", "new")


# --- updating: two repositories, both sides changed ---------------------------------------------------

NOTEBOOK = "01_linear_algebra/01_vectors.ipynb"


def git(folder, *arguments):
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else merge.write(content), encoding="utf-8", newline="\n")


@pytest.fixture
def sides(tmp_path, monkeypatch):
    """The course's repository and the learner's clone of it."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed, and the update works through git")
    for variable in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{variable}_NAME", "ada")
        monkeypatch.setenv(f"GIT_{variable}_EMAIL", "ada@example.org")
    origin, clone = tmp_path / "the course", tmp_path / "my clone"
    origin.mkdir()
    git(origin, "init", "--quiet", "--initial-branch=main")
    put(origin, ".gitattributes", (ROOT / ".gitattributes").read_text("utf-8"))
    put(origin, NOTEBOOK, BASE)
    put(origin, "01_linear_algebra/02_matrices.ipynb", BASE)
    put(origin, "notes.md", "one\ntwo\nthree\nfour\n")
    put(origin, "gone.md", "soon\n")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "-m", "first")
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    return origin, clone


def publish(origin, **files):
    for name, content in files.items():
        put(origin, name, content)
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "-m", "news")


def read(folder, name=NOTEBOOK):
    return sources(json.loads((folder / name).read_text("utf-8")))


MINE = inserted(
    changed(BASE, exercise_cosine=SOLVED, question="my words"), "norm", cell("my-test", "norm([1, 1])", count=9)
)
NEWS = changed(BASE, exercise_cosine=STUB.format(spec=" Zero for zero."), norm="new", old_example=None)


def test_update_with_both_sides_changed(sides):
    origin, clone = sides
    put(clone, NOTEBOOK, MINE)
    put(clone, "notes.md", "one\ntwo\nthree\nfour, says me\n")
    put(clone, "mine.ipynb", MINE)
    (origin / "gone.md").unlink()
    publish(origin, **{NOTEBOOK: NEWS, "notes.md": "one, says the course\ntwo\nthree\nfour\n", "new.md": "new\n"})

    said = "\n".join(update.update(clone))
    text = read(clone)
    assert text["exercise-cosine"] == SOLVED
    assert text["my-test"] == "norm([1, 1])"
    assert text["norm"] == "new"
    assert "Zero for zero." in text["upstream-exercise-cosine"]
    assert (clone / "notes.md").read_text() == "one, says the course\ntwo\nthree\nfour, says me\n"
    assert (clone / "new.md").read_text() == "new\n"
    assert not (clone / "gone.md").exists()
    assert read(clone, "mine.ipynb") == sources(MINE)
    assert git(clone, "rev-parse", "HEAD") == git(origin, "rev-parse", "HEAD")
    status = git(clone, "status", "--porcelain").split("\n")
    assert {line[3:] for line in status if line} <= {NOTEBOOK, "notes.md", "mine.ipynb", ".kept/"}
    assert all(line.startswith((" M", "??")) for line in status if line)
    kept = list((clone / ".kept").iterdir())
    assert len(kept) == 1
    assert json.loads((kept[0] / NOTEBOOK).read_text("utf-8")) == json.loads(merge.write(MINE)), "the copy is yours"
    assert str(kept[0]) in said
    before = (clone / NOTEBOOK).read_bytes()
    assert "Nothing new" in update.update(clone)[0]
    assert (clone / NOTEBOOK).read_bytes() == before


@pytest.mark.parametrize("there", [NOTEBOOK, "01_linear_algebra/03_vectors.ipynb"], ids=["same place", "moved"])
def test_update_killed_anywhere_finishes_when_run_again(sides, monkeypatch, there):
    """Stop at the first, second, … step that changes something; then run it again."""
    origin, clone = sides
    put(clone, NOTEBOOK, MINE)
    (origin / NOTEBOOK).unlink()
    (origin / "gone.md").unlink()
    publish(origin, **{there: NEWS, "notes.md": "news\n", "new.md": "new\n"})
    start = git(clone, "rev-parse", "HEAD").strip()
    steps, finished = 0, False
    while not finished:
        left = steps

        def bomb(function, only=()):
            def wrapped(*arguments, **options):
                nonlocal left
                if not only or arguments[1] in only:
                    if left == 0:
                        raise KeyboardInterrupt
                    left -= 1
                return function(*arguments, **options)

            return wrapped

        with monkeypatch.context() as patch:
            patch.setattr(update, "replace", bomb(update.replace))
            patch.setattr(Path, "unlink", bomb(Path.unlink))
            patch.setattr(update, "git", bomb(update.git, only=("read-tree", "reset", "update-index")))
            try:
                update.update(clone)
                finished = True
            except KeyboardInterrupt:
                pass
        found = [read(clone, name)["exercise-cosine"] for name in {NOTEBOOK, there} if (clone / name).exists()]
        assert SOLVED in found, f"after step {steps}"
        update.update(clone)
        text = read(clone, there)
        assert (text["exercise-cosine"], text["norm"], text["my-test"]) == (SOLVED, "new", "norm([1, 1])")
        assert sum(name.startswith("upstream") for name in text) == 1, f"after step {steps}"
        assert (clone / "new.md").read_text() == "new\n"
        assert not (clone / "gone.md").exists()
        assert (clone / NOTEBOOK).exists() == (there == NOTEBOOK)
        assert git(clone, "rev-parse", "HEAD") == git(origin, "rev-parse", "HEAD")
        if not finished:
            git(clone, "reset", "--quiet", "--hard", start)
            for name in {"new.md", there} - {NOTEBOOK}:
                (clone / name).unlink(missing_ok=True)
            put(clone, NOTEBOOK, MINE)
            steps += 1
    assert steps >= 6, "the bomb went off at every step"


def test_update_follows_a_notebook_whose_number_has_shifted(sides):
    origin, clone = sides
    put(clone, NOTEBOOK, MINE)
    (origin / NOTEBOOK).unlink()
    publish(origin, **{"01_linear_algebra/03_vectors.ipynb": NEWS})
    update.update(clone)
    assert not (clone / NOTEBOOK).exists()
    text = read(clone, "01_linear_algebra/03_vectors.ipynb")
    assert (text["exercise-cosine"], text["norm"]) == (SOLVED, "new")


def test_update_keeps_a_changed_notebook_that_the_course_removed(sides):
    origin, clone = sides
    put(clone, NOTEBOOK, MINE)
    (origin / NOTEBOOK).unlink()
    publish(origin)
    update.update(clone)
    assert read(clone) == sources(MINE)


def test_update_of_somebody_who_commits(sides):
    origin, clone = sides
    put(clone, NOTEBOOK, MINE)
    git(clone, "commit", "--quiet", "--all", "-m", "solved cosine")
    put(clone, "01_linear_algebra/02_matrices.ipynb", changed(BASE, question="uncommitted"))
    publish(origin, **{NOTEBOOK: NEWS, "01_linear_algebra/02_matrices.ipynb": NEWS})
    update.update(clone)
    text = read(clone)
    assert (text["exercise-cosine"], text["norm"], text["my-test"]) == (SOLVED, "new", "norm([1, 1])")
    other = read(clone, "01_linear_algebra/02_matrices.ipynb")
    assert (other["question"], other["norm"]) == ("uncommitted", "new")
    assert "solved cosine" in git(clone, "log", "--format=%s")
    assert git(clone, "status", "--porcelain", "--untracked-files=no") == ""


def test_update_that_cannot_merge_says_so_and_changes_nothing(sides):
    origin, clone = sides
    put(clone, "notes.md", "mine\n")
    git(clone, "commit", "--quiet", "--all", "-m", "my notes")
    publish(origin, **{"notes.md": "theirs\n", NOTEBOOK: NEWS})
    with pytest.raises(update.CannotUpdate, match=r"notes\.md"):
        update.update(clone)
    assert (clone / "notes.md").read_text() == "mine\n"
    assert git(clone, "status", "--porcelain", "--untracked-files=no") == ""


def test_update_replaces_what_it_cannot_merge_and_keeps_a_copy(sides):
    origin, clone = sides
    put(clone, "notes.md", "mine\n")
    put(clone, NOTEBOOK, "<<<<<<< half a merge")
    publish(origin, **{"notes.md": "theirs\n", NOTEBOOK: NEWS})
    said = "\n".join(update.update(clone))
    assert (clone / "notes.md").read_text() == "theirs\n"
    assert read(clone) == sources(NEWS)
    kept = next((clone / ".kept").iterdir())
    assert (kept / "notes.md").read_text() == "mine\n"
    assert (kept / NOTEBOOK).read_text() == "<<<<<<< half a merge"
    assert said.count("replaced") == 2


def test_update_without_a_clone_says_what_to_do(tmp_path):
    with pytest.raises(update.CannotUpdate, match="was not made by `git clone`"):
        update.update(tmp_path)


def test_update_without_a_network_changes_nothing(sides):
    origin, clone = sides
    put(clone, NOTEBOOK, MINE)
    origin.rename(origin.with_name("elsewhere"))
    with pytest.raises(update.CannotUpdate, match="git fetch"):
        update.update(clone)
    assert read(clone) == sources(MINE)


# --- the environment ---------------------------------------------------------------------------------


def test_an_old_python_is_told_which_one_to_take(tmp_path):
    """The version check, run by this Python as if it were an old one."""
    text = (ROOT / "learn.py").read_text("utf-8")
    for version in ("(2, 7, 18)", "(3, 10, 1)", "(3, 14, 0)"):
        check = text.split('if __name__ == "__main__"')[0].replace("sys.version_info[:2]", f"{version}[:2]")
        done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, env={"PATH": ""})
        assert done.returncode == 1
        assert "This course needs Python 3.11, 3.12 or 3.13" in done.stderr
        assert "Install Python 3.13 from https://www.python.org/downloads/" in done.stderr
    (tmp_path / "python3.12").touch()
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert "Run: python3.12 learn.py" in done.stderr


def test_learn_can_be_read_by_a_python_of_2010():
    """No f-string, no annotation, no keyword-only argument: an old Python must reach the sentence above."""
    import ast

    tree = ast.parse((ROOT / "learn.py").read_text("utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.NamedExpr)]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert not [f.name for f in functions if f.returns or any(a.annotation for a in f.args.args)]


def test_debian_without_venv_names_the_one_package(monkeypatch, tmp_path, capsys):
    real = launch.importlib.util.find_spec
    monkeypatch.setattr(launch.importlib.util, "find_spec", lambda n: None if n == "ensurepip" else real(n))
    monkeypatch.setenv("GROUNDUP_VENV", str(tmp_path / "venv"))
    assert launch.main(["install"], "usage") == 1
    said = capsys.readouterr().err
    assert f"apt install python3.{sys.version_info.minor}-venv" in said
    assert not (tmp_path / "venv").exists()


@pytest.fixture(scope="module")
def light(tmp_path_factory):
    """An environment without requirements, so that making it takes seconds and no network."""
    folder = tmp_path_factory.mktemp("with a space")
    (folder / "requirements.txt").write_text("# nothing\n")
    python = launch.prepare(folder / "venv", folder / "requirements.txt")
    return folder, python


def test_environment_is_made_once(light, capfd):
    folder, python = light
    assert launch.works(python)
    page = json.loads((folder / "venv/etc/jupyter/labconfig/page_config.json").read_text())
    assert page == {"disabledExtensions": {launch.ANNOUNCEMENTS: True}}
    capfd.readouterr()
    assert launch.prepare(folder / "venv", folder / "requirements.txt") == python
    assert capfd.readouterr().out == "", "nothing to do, nothing said"


def test_changed_requirements_are_installed(light, capfd):
    folder, python = light
    (folder / "other.txt").write_text("# something else\n")
    launch.prepare(folder / "venv", folder / "other.txt")
    assert "Installing" in capfd.readouterr().out
    (folder / "broken.txt").write_text("./no-such-wheel-1.0-py3-none-any.whl\n")
    with pytest.raises(launch.Stop, match="pip could not install everything"):
        launch.prepare(folder / "venv", folder / "broken.txt")
    assert (folder / "venv/installed.txt").read_text() == launch.wanted(folder / "other.txt"), "not stamped"


def test_half_an_environment_is_made_again(tmp_path):
    (tmp_path / "requirements.txt").write_text("")
    python = launch.interpreter(tmp_path / "venv")
    python.parent.mkdir(parents=True)
    python.write_text("#!/no/such/python\n")
    python.chmod(0o755)
    assert not launch.works(python)
    assert launch.works(launch.prepare(tmp_path / "venv", tmp_path / "requirements.txt"))


@pytest.fixture
def ran(monkeypatch):
    """The commands that launch.py would run."""
    commands = []
    monkeypatch.setattr(launch, "prepare", lambda: Path("python"))
    monkeypatch.setattr(launch, "works", lambda python: True)

    def run(command, **options):
        commands.append(list(map(str, command)))
        return subprocess.CompletedProcess(command, 1 if "--fetch" in commands[-1] else 0)

    monkeypatch.setattr(launch.subprocess, "run", run)
    monkeypatch.setattr(launch, "follow", lambda command: run(command).returncode)
    return commands


@pytest.mark.skipif(os.name == "nt", reason="sends a signal to a process group")
def test_ctrl_c_is_left_to_what_runs(tmp_path):
    """A child that needs a moment to save its work gets it, and its exit status is ours."""
    child = (
        "import sys, time\n"
        "try:\n    print('up', flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt:\n    time.sleep(1); print('saved', flush=True); sys.exit(7)\n"
    )
    parent = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background job ignores it
        f"import launch, sys; sys.exit(launch.follow([sys.executable, '-c', {child!r}]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent], cwd=ROOT / "00_setup", stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout.readline() == "up\n"
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert (out, process.returncode) == ("saved\n", 7)


def test_learn_opens_the_first_notebook_even_if_the_vectors_cannot_be_fetched(ran, capsys):
    assert launch.main([], "usage") == 0
    assert ran[0][1:] == [str(ROOT / "00_setup" / "assets.py"), "--fetch", "glove"]
    assert ran[1][1:3] == ["-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={ROOT}" in ran[1]
    assert "--LabApp.default_url=/lab/tree/00_setup/01_start_here.ipynb" in ran[1]
    assert "could not be fetched now" in capsys.readouterr().out


@pytest.mark.parametrize("user, allowed", [(0, True), (1000, False)])
def test_only_root_is_told_to_be_root(ran, monkeypatch, user, allowed):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    launch.main([], "usage")
    assert ("--allow-root" in ran[-1]) is allowed


def test_options_without_a_command_go_to_jupyterlab(ran):
    assert launch.main(["--no-browser"], "usage") == 0
    assert ran[-1][-1] == "--no-browser"


def test_learn_test_runs_the_notebooks_two_at_a_time(ran):
    assert launch.main(["test"], "usage") == 0
    assert ran[-1][1:] == ["-m", "pytest", "--nbval", "-n", "2", "--dist", "loadfile"]
    launch.main(["test", "-n", "0", "-k", "vectors"], "usage")
    assert ran[-1][1:] == ["-m", "pytest", "--nbval", "-n", "0", "-k", "vectors"]


def test_unknown_command_shows_what_there_is(ran, capsys):
    assert launch.main(["tset"], "usage") == 2
    assert "There is no command 'tset'" in capsys.readouterr().out
    assert ran == []


def test_learn_py_itself_runs_from_another_folder(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "learn.py"), "--help"], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env=os.environ | {"PYTHONPATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "learn.py update" in done.stdout
