"""The repository itself: one address, one list of notebooks, pins that are used, a README that tells the truth."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import course
import launch
import notebook
import pytest

ROOT = Path(__file__).resolve().parents[1]
COURSE = course.load()
MADE = shutil.ignore_patterns(
    ".git", ".venv", ".kept", "__pycache__", ".*_cache", ".hypothesis", ".ipynb_checkpoints", "screenshots"
)


def text(name):
    return (ROOT / name).read_text("utf-8")


def files(root=ROOT):
    """Every text file that belongs to the tree, whether committed or not; repositories to be mended are their own."""
    skipped = re.compile(r"(^|/)(\.git|\.venv|\.kept|__pycache__|\.\w+_cache|\.hypothesis|repositories|screenshots)/")
    found = sorted(path for path in root.rglob("*") if path.is_file())
    return [p for p in found if not skipped.search(p.relative_to(root).as_posix()) and b"\0" not in p.read_bytes()]


# --- the course as data ------------------------------------------------------------------------------


def test_the_syllabus_is_whole():
    assert len(COURSE.notebooks) == 58
    assert sum(row.spine for row in COURSE.notebooks) == 38
    nouns = [row.noun for row in COURSE.notebooks]
    assert len(set(nouns)) == len(nouns), "a noun is the name of a module: it is unique"
    for module in COURSE.modules:
        numbers = [row.file.split("/")[1][:2] for row in COURSE.notebooks if row.folder == module.folder]
        assert numbers == [f"{n:02}" for n in range(1, len(numbers) + 1)]


def test_every_notebook_of_the_tree_is_in_the_list():
    listed = {row.file for row in COURSE.notebooks}
    there = {path.relative_to(ROOT).with_suffix("").as_posix() for path in notebook.notebooks()}
    assert there <= listed
    assert there == {row.file for row in COURSE.notebooks if row.exists}


def test_needs_come_earlier_and_the_spine_needs_only_the_spine():
    seen = set()
    for row in COURSE.notebooks:
        assert set(row.needs) <= seen, f"{row.noun} needs {set(row.needs) - seen}, which does not come before it"
        if row.spine:
            assert [need for need in row.needs if not COURSE.row(need).spine] == [], row.noun
        seen.add(row.noun)


def test_the_fast_lane_needs_nothing_of_modules_1_to_3():
    for noun in COURSE.fast_lane:
        folders = {COURSE.row(need).folder for need in COURSE.requires(noun)}
        assert folders <= {"00_setup", "04_rag_and_agents"}, noun


def test_unknown_notebook_is_named_with_the_nearest():
    with pytest.raises(KeyError, match="did you mean vectors"):
        COURSE.row("vektors")


# --- one address -------------------------------------------------------------------------------------


def without_generated(path, content):
    """What people wrote of a file: no generated part of the README, no first cell of a notebook."""
    if path.name == "README.md":
        return re.sub(r"<!-- generated: (\w+) -->.*?<!-- end of \1 -->", "", content, flags=re.DOTALL)
    if path.suffix == ".ipynb":
        return "\n".join(line for line in content.split("\n") if "git clone -q --depth 1" not in line)
    return content


def test_the_address_is_written_in_one_place():
    places = []
    for path in files():
        content = without_generated(path, path.read_text("utf-8"))
        places += [path.relative_to(ROOT).as_posix()] * content.count(COURSE.slug)
    assert places == ["00_setup/course.toml"]


def run_readme(root, *arguments):
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [sys.executable, str(root / "tests" / "readme.py"), *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8", env=environment)


def test_moving_the_repository_is_one_line(tmp_path):
    """In a copy, change the address, generate, and look for the old one in every file."""
    moved = tmp_path / "moved"
    shutil.copytree(ROOT, moved, ignore=MADE)
    data = moved / "00_setup" / "course.toml"
    data.write_text(data.read_text("utf-8").replace(COURSE.address, "https://example.org/ada/engine"), "utf-8")
    assert run_readme(moved, "--check").returncode == 1, "out of date now, and said so"
    done = run_readme(moved)
    assert done.returncode == 0, done.stderr
    left = [path.relative_to(moved).as_posix() for path in files(moved) if COURSE.slug in path.read_text("utf-8")]
    assert left == []
    page = (moved / "README.md").read_text("utf-8")
    for link in ("git clone https://example.org/ada/engine", "/github/ada/engine/blob", "/v2/gh/ada/engine/HEAD"):
        assert link in page
    for path in notebook.notebooks(moved):
        first = next(cell for cell in notebook.cells(path) if cell.kind == "code")
        assert "!git clone -q --depth 1 https://example.org/ada/engine ground-up" in first.source
    assert run_readme(moved, "--check").returncode == 0


# --- README ------------------------------------------------------------------------------------------


def test_generated_parts_are_up_to_date():
    done = run_readme(ROOT, "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_readme_has_a_row_for_every_notebook():
    page = text("README.md")
    for row in COURSE.notebooks:
        lines = [line for line in page.split("\n") if line.startswith("|") and row.question in line]
        assert len(lines) == 1, row.noun
        assert ("*to come:*" in lines[0]) == (not row.exists)
        assert f"| {row.minutes} |" in lines[0]


def pages():
    return [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CLAUDE.md")]


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.name)
def test_relative_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?://|#)([^)\s]+)\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link.split("#")[0]).exists()] == []


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.name)
def test_commands_that_are_shown_exist(page):
    content = page.read_text("utf-8")
    for command in re.findall(r"learn\.py ([a-z]+)", content):
        assert command in launch.COMMANDS
    for script in re.findall(r"python3 ((?:tests|00_setup)/\w+\.py)", content):
        assert (ROOT / script).is_file(), script


def test_no_badge_claims_a_run():
    assert re.findall(r"actions/workflows|badge\.svg\?branch|shields\.io|passing", text("README.md")) == []


def test_small_torch_is_named_once_in_readme_and_once_for_binder():
    index = "download." + "pytorch.org"
    found = [p.relative_to(ROOT).as_posix() for p in files() for _ in range(p.read_text("utf-8").count(index))]
    assert found == [".binder/requirements.txt", "README.md"]


def test_contributing_fits_on_a_screen():
    assert len(text("CONTRIBUTING.md").split("\n")) <= 40
    assert len(text("CONTRIBUTING.md").split()) <= 450


def test_coding_assistants_are_asked_to_tutor():
    assert "Never fill in an exercise" in text("CLAUDE.md")


# --- what is installed -------------------------------------------------------------------------------

ALIAS = {"sklearn": "scikit-learn", "PIL": "pillow", "IPython": "ipykernel", "jwt": "pyjwt"}
BROUGHT = {
    "cryptography": "mcp",
    "jsonschema": "nbformat",
    "mcp-types": "mcp",
    "packaging": "pytest",
    "pydantic": "anthropic",
    "pillow": "matplotlib",
    "pyjwt": "mcp",
    "traitlets": "ipywidgets",
    "yaml": "jupyterlab",
}  # by a pin that we have
COMMANDS = {  # installed for what they do, imported by nobody
    "torch": "the notebooks from 2.6 on; pinned now, so that an environment lasts",
    "jupyterlab": "learn.py opens it",
    "ipykernel": "the kernel; it brings IPython",
    "nbval": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
    "nbconvert": "tests of the HTML form",
    "ruff": "CI",
    "playwright": "browser tests",
}
OPTIONAL = {  # imported only where it is found, and said so there
    "claude-agent-sdk",
    "langchain-anthropic",
    "langchain-core",
    "langgraph",
    "google",
    "check_jsonschema",
    "xllamacpp",
}


def pins():
    lines = [line.split("#")[0].strip() for line in text("requirements.txt").split("\n")]
    return dict(line.split("==") for line in lines if line and not line.startswith("--"))


def imported(source):
    """The top-level names that a source imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def third_party():
    """Every module that the course imports and neither Python nor the course itself brings: name → a place."""
    python = [path for path in files() if path.suffix == ".py"]
    own = {path.stem for path in python if path.parent.name != "judges"} | {"built", "judges", "promises"}
    own |= {path.parent.name for path in python}
    places = [(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in python]
    for path in notebook.notebooks():
        code = [notebook.python(cell.source) for cell in notebook.cells(path) if cell.kind == "code"]
        places.append((path.name, "\n".join(code)))
    return {
        name: where
        for where, source in places
        for name in imported(source)
        if name not in sys.stdlib_module_names and name not in own
    }


def test_pins_are_exact_and_wheels_only():
    lines = [line for line in text("requirements.txt").split("\n") if line and not line.startswith("#")]
    assert lines[0] == "--only-binary=:all:"
    assert [line for line in lines[1:] if not re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*( +#.*)?", line)] == []
    assert pins()["torch"] == "2.13.0"


def test_what_is_imported_is_pinned():
    used = {ALIAS.get(name, name).replace("_", "-"): where for name, where in third_party().items()}
    known = {*pins(), *BROUGHT, *OPTIONAL}
    assert {name: where for name, where in used.items() if name not in known} == {}


def test_what_is_pinned_is_used():
    used = {ALIAS.get(name, name).replace("_", "-") for name in third_party()}
    assert sorted(set(pins()) - used - set(COMMANDS)) == []


def test_ranges_for_other_hosts_contain_the_pins():
    from packaging.requirements import Requirement  # pytest brings it

    wanted = tomllib.loads(text("pyproject.toml"))["project"]["dependencies"]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pins()[requirement.name]), requirement
        assert str(requirement.specifier) and not str(requirement.specifier).startswith("=="), "a range"


def test_pytest_runs_notebooks_with_this_very_python():
    options = tomllib.loads(text("pyproject.toml"))["tool"]["pytest"]["ini_options"]
    assert "--nbval-current-env" in options["addopts"]
    seconds = int(re.search(r"--nbval-cell-timeout=(\d+)", options["addopts"])[1])
    assert seconds <= 120, "a dead kernel is noticed only then"
    assert {module.folder for module in COURSE.modules} < set(options["testpaths"])


# --- machines that test ------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="a bash script for Linux and macOS")
@pytest.mark.parametrize("broken", [None, "install", "ruff check", "ruff format", "tests/readme.py", "test"])
def test_ci_run_fails_if_anything_fails(tmp_path, broken):
    """`.ci/run` with stand-ins for learn.py and the environment's Python, of which one fails."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    for name in ("tests", "bin", "temporary"):
        (tmp_path / name).mkdir()
    fake = '#!/bin/sh\necho "ran $*"\ncase "$*" in *"$BROKEN"*) exit 3;; esac\n'
    (tmp_path / "fake").write_text(fake)
    make = 'mkdir -p "$GROUNDUP_VENV/bin" && cp fake "$GROUNDUP_VENV/bin/python"\n'
    (tmp_path / "bin" / "python3").write_text(fake.replace("case", make + "case", 1))
    (tmp_path / "bin" / "chromium").write_text("")
    for path in [tmp_path / "fake", *(tmp_path / "bin").iterdir()]:
        path.chmod(0o755)
    environment = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "TMPDIR": str(tmp_path / "temporary")}
    environment["BROKEN"] = {"install": "py install", "test": "py test"}.get(broken, broken or "nothing")
    done = subprocess.run(
        ["bash", str(tmp_path / ".ci" / "run"), "-k", "x"], capture_output=True, text=True, env=environment
    )
    assert (done.returncode != 0) == (broken is not None), done.stdout + done.stderr
    tested = done.stdout.rstrip().split("\n")[-1] == "ran learn.py test -k x"
    assert tested == (broken in (None, "test")), "pytest speaks last; nothing speaks after a linter's complaint"
    assert list((tmp_path / "temporary").iterdir()) == [], "the environment is removed"


def test_ci_run_is_a_strict_bash_script():
    path = ROOT / ".ci" / "run"
    assert os.name == "nt" or path.stat().st_mode & stat.S_IXUSR
    assert "\nset -euo pipefail\n" in path.read_text("utf-8")
    if shutil.which("bash"):
        subprocess.run(["bash", "-n", str(path)], check=True)


def test_workflow_is_valid():
    """Against the published schema where check-jsonschema is installed (it brings a copy), else by its bones."""
    path = ROOT / ".github" / "workflows" / "ci.yml"
    if importlib.util.find_spec("check_jsonschema"):
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
    yaml = pytest.importorskip("yaml", reason="PyYAML, which JupyterLab brings, reads the workflow")
    flow = yaml.safe_load(path.read_text("utf-8"))
    assert set(flow) <= {"name", True, "permissions", "concurrency", "jobs"}  # YAML 1.1 reads `on` as True
    assert set(flow[True]) <= {"push", "pull_request"}
    for job in flow["jobs"].values():
        assert {"runs-on", "timeout-minutes", "steps"} <= set(job)
        assert all(("uses" in step) != ("run" in step) for step in job["steps"])
    assert any(step.get("run") == ".ci/run" for step in flow["jobs"]["everything"]["steps"])
    matrix = flow["jobs"]["elsewhere"]["strategy"]["matrix"]
    assert matrix["python"] == [f"3.{minor}" for minor in (11, 12, 13)]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}


def test_binder_installs_the_same_pins():
    lines = [line for line in text(".binder/requirements.txt").split("\n") if line and line[0] != "#"]
    assert lines[1:] == ["-r ../requirements.txt"]
    assert re.fullmatch(r"python-3\.1[123]\n", text(".binder/runtime.txt"))


def test_git_knows_notebooks():
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a clone: nothing to ask git about")
    asked = ["git", "check-attr", "diff", "merge", "eol", "--", "01_linear_algebra/01_vectors.ipynb"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r": (\w+): (\w+)", said) == [("diff", "notebook"), ("merge", "notebook"), ("eol", "lf")]
