"""The log loses nothing: not to a kill, not to a second writer, not to a full disk; and what it says adds up."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import append_only
import calibration
import numpy as np
import progress
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SETUP = Path(progress.__file__).parent
START = datetime(2026, 11, 2, 9, tzinfo=timezone.utc)
posix = pytest.mark.skipif(os.name == "nt", reason="SIGKILL and rlimits are POSIX")
WRITER = """
import sys; sys.path.insert(0, sys.argv[1]); import progress
for n in range(int(sys.argv[3])):
    progress.log("journal", what="win", text="x" * (n % 7 * 4000), who=sys.argv[2], n=n)
    print(n, flush=True)  # acknowledged: log has returned
"""


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    """Each test has a data folder of its own, and nothing that waits from the one before."""
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(progress, "_waiting", [])
    monkeypatch.setattr(progress, "_told", False)
    return tmp_path / "data"


def writer(who: str, count: int = 100_000) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(SETUP), who, str(count)], stdout=subprocess.PIPE, text=True
    )


def happened(*events: tuple[str, dict], gap: float = 1.0) -> None:
    """Log events, `gap` minutes apart."""
    for number, (kind, fields) in enumerate(events):
        at = (START + timedelta(minutes=gap * number)).isoformat()
        progress.log(kind, **{"t": at, "notebook": "vectors", "name": "cosine"} | fields)


def check(status: str) -> tuple[str, dict]:
    return "check", {"status": status, "source": "…", "key": "k"}


# --- nothing is lost ---------------------------------------------------------------------------------


def test_a_record_is_one_line_with_version_time_and_kind():
    progress.log("start", notebook="vectors")
    (line,) = progress.path().read_text("utf-8").splitlines()
    record = json.loads(line)
    assert list(record) == ["v", "t", "kind", "notebook"]
    assert record["v"] == 1
    assert datetime.fromisoformat(record["t"]).utcoffset() == timedelta(0)
    assert progress.records() == [record]


@posix
def test_a_killed_writer_loses_no_acknowledged_record(full):
    rng = random.Random(0)
    acknowledged: set[tuple[str, int]] = set()
    for kill in range(200 if full else 20):
        process = writer(f"w{kill}")
        line = process.stdout.readline()
        time.sleep(rng.random() * 0.03)
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0]
        numbers = [int(n) for n in (line + rest).splitlines(keepends=True) if n.endswith("\n")]
        acknowledged |= {(f"w{kill}", n) for n in numbers}
    progress.log("journal", what="win", text="after", who="me", n=0)
    kept = [(r["who"], r["n"]) for r in progress.records("journal")]
    assert len(acknowledged) > 20
    assert acknowledged <= set(kept)
    assert kept[-1] == ("me", 0)
    assert len(kept) == len(set(kept))


@posix
@pytest.mark.parametrize("at", [1, 40, 95, -1])
def test_a_writer_killed_inside_a_line_harms_no_other_line(at, empty, capsys):
    """A limit on the size of a file ends the write where we want it, as SIGXFSZ would on a full quota."""
    progress.log("start", notebook="before")
    size = progress.path().stat().st_size
    line = len(json.dumps({"v": 1, "t": START.isoformat(timespec="microseconds"), "kind": "journal"}))
    limit = size + (at if at > 0 else line)
    code = (
        f"import resource, sys; sys.path.insert(0, {str(SETUP)!r}); import progress\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "progress.log('journal', what='win', text='y' * 500)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGXFSZ
    torn = progress.path().read_bytes()
    assert len(torn) == limit
    assert not torn.endswith(b"\n")
    progress.log("start", notebook="after")
    assert [r["notebook"] for r in progress.records()] == ["before", "after"]
    assert progress.path().read_bytes().startswith(torn + b"\n"), "the torn text stays, and ends with its line"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 400), text=st.text(max_size=40))
def test_a_log_cut_anywhere_keeps_what_was_whole(cut, text):
    progress.path().unlink(missing_ok=True)
    for n in range(3):
        progress.log("journal", what="win", text=text, n=n)
    raw = progress.path().read_bytes()
    progress.path().write_bytes(raw[:cut])
    # the text of a record whose newline alone is missing is whole, and counts
    whole = sum(end <= cut for end in (i for i, byte in enumerate(raw) if byte == 10))
    progress.log("journal", what="win", text=text, n=99)
    assert [r["n"] for r in progress.records()] == [*range(whole), 99]
    assert all(r["text"] == text for r in progress.records())


def test_two_writers_at_once_lose_nothing_and_never_interleave():
    count = 60
    processes = [writer(f"w{n}", count) for n in range(3)]
    for process in processes:
        process.communicate(timeout=120)
    lines = progress.path().read_text("utf-8").splitlines()
    seen = [(r["who"], r["n"]) for r in map(json.loads, lines)]
    for n in range(3):
        assert [k for who, k in seen if who == f"w{n}"] == list(range(count))


def test_threads_lose_nothing():
    threads = [
        threading.Thread(target=lambda who=who: [progress.log("x", who=who, n=n) for n in range(20)])
        for who in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(r["who"], r["n"]) for r in progress.records()} == {(w, n) for w in range(4) for n in range(20)}
    assert len(progress.records()) == 80
    assert progress._waiting == []


def test_a_full_disk_is_said_once_and_made_up_for(monkeypatch, capsys):
    progress.log("start", notebook="before")

    def full_disk(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(append_only.os, "fsync", full_disk)  # the line may be there, but nobody promised
        progress.log("start", notebook="during 1")
        progress.log("start", notebook="during 2")
        assert capsys.readouterr().out.count("No space left on device") == 1
        assert [r["notebook"] for r in progress.records()] == ["before", "during 1", "during 2"]
    progress.log("start", notebook="after")
    assert [r["notebook"] for r in progress.records()] == ["before", "during 1", "during 2", "after"]
    assert progress._waiting == []
    assert capsys.readouterr().out == ""


@posix
def test_a_disk_that_fills_up_inside_a_line(capsys):
    """A real refusal by the system (EFBIG, signal ignored): a part is written, the rest waits, then all of it."""
    import resource

    progress.log("start", notebook="before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (progress.path().stat().st_size + 30, hard))
        progress.log("start", notebook="during")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert "kept in memory" in capsys.readouterr().out
    assert not progress.path().read_bytes().endswith(b"\n")
    progress.flush()
    assert [r["notebook"] for r in progress.records()] == ["before", "during"]
    assert len(progress.path().read_bytes().splitlines()) == 3  # before, torn, during


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / "file" / "below"))
    progress.log("start", notebook="a")
    progress.log("start", notebook="b")
    assert capsys.readouterr().out.count("GROUNDUP_DATA") == 1
    assert [r["notebook"] for r in progress.records()] == ["a", "b"]


@posix
def test_a_read_only_folder(empty, capsys):
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    empty.mkdir()
    empty.chmod(0o500)
    progress.log("start", notebook="a")
    assert "cannot be written" in capsys.readouterr().out
    empty.chmod(0o700)
    progress.log("start", notebook="b")
    assert [json.loads(line)["notebook"] for line in progress.path().read_text().splitlines()] == ["a", "b"]


@posix
def test_a_writer_that_never_lets_go_does_not_hang_the_notebook(monkeypatch, capsys):
    monkeypatch.setattr(append_only, "PATIENCE", 0.1)
    progress.log("start", notebook="a")
    with append_only.locked(progress.path().with_suffix(".lock")):
        began = time.monotonic()
        progress.log("start", notebook="b")
        assert time.monotonic() - began < 2
    assert "another writer" in capsys.readouterr().out
    progress.log("start", notebook="c")
    assert [json.loads(line)["notebook"] for line in progress.path().read_text().splitlines()] == ["a", "b", "c"]


def test_what_this_version_does_not_understand_is_skipped_and_kept():
    progress.log("start", notebook="a")
    t = START.isoformat()
    strange = [
        {"v": 2, "t": t, "kind": "start", "notebook": "newer"},
        {"v": 1, "t": t, "kind": "start"},
        {"v": 1, "t": "yesterday", "kind": "start", "notebook": "x"},
        {"v": 1, "t": "2026-11-02T09:00:00", "kind": "start", "notebook": "x"},
        {"v": "1", "t": t, "kind": "start", "notebook": "x"},
        {"v": 1, "t": t, "kind": ["start"], "notebook": "x"},
        {"v": 1, "t": t, "kind": "hint", "notebook": "x", "name": ["cosine"]},
        {"v": 1, "t": t, "kind": "predict", "notebook": "x", "slug": "s", "question": "?", "sure": None, "low": 0},
        {"v": 1, "t": t},
        [1, 2],
        "start",
        None,
    ]
    added = "\n".join(["\xff\xfe torn {", *map(json.dumps, strange), "[" * 5000, ""]).encode("latin-1")
    with open(progress.path(), "ab") as stream:
        stream.write(added)
    progress.log("future", anything=1)
    progress.log("start", notebook="b")
    assert [r["kind"] for r in progress.records()] == ["start", "predict", "future", "start"]
    assert [r["notebook"] for r in progress.records("start")] == ["a", "b"]
    assert added in progress.path().read_bytes()
    assert progress.exercises() == {}
    assert progress.predictions() == []  # nobody said how sure


def test_no_value_is_too_strange_for_the_log():
    ring: list = []
    ring.append(ring)
    progress.log("reveal", notebook="n", slug="array", value=np.arange(3))
    progress.log("reveal", notebook="n", slug="number", value=np.float32(0.5))
    progress.log("reveal", notebook="n", slug="object", value={1, 2}.__class__)
    progress.log("reveal", notebook="n", slug="ring", value=ring)
    progress.log("reveal", notebook="n", slug="keys", value={(1, 2): 3})
    progress.log("reveal", notebook="n", slug="half a character", value="\ud800")
    values = [r["value"] for r in progress.records()]
    assert values[:3] == [[0, 1, 2], 0.5, "<class 'set'>"]
    assert values[3:] == ["[[...]]", "{(1, 2): 3}", "\ud800"]


def test_the_folder_is_the_systems_where_none_is_chosen(monkeypatch):
    monkeypatch.delenv("GROUNDUP_DATA")
    assert progress.folder().name == "groundup"
    assert progress.folder().is_absolute()


def test_nothing_is_created_by_reading(empty):
    assert progress.records() == []
    assert progress.exercises() == {}
    assert progress.predictions() == []
    assert not empty.exists()


@given(st.text(), st.text(alphabet=" \t", max_size=3))
def test_the_key_ignores_trailing_blanks_only(source, blanks):
    key = progress.source_key(source)
    assert key == progress.source_key(source + blanks + "\n\n")
    assert key == progress.source_key("\n".join(line + blanks for line in source.split("\n")))
    assert key != progress.source_key(source + "x")


# --- what the log says -------------------------------------------------------------------------------

HINT, SEEN, RESTORE = ("hint", {"step": 1}), ("solution", {}), ("restore", {"key": "k"})


@pytest.mark.parametrize(
    "events, state",
    [
        ([check("solved")], "unaided"),
        ([check("wrong"), check("mistake"), check("solved")], "unaided"),
        ([HINT, check("solved")], "with hints"),
        ([SEEN, check("solved")], "solution seen"),
        ([HINT, SEEN, check("solved")], "solution seen"),
        ([SEEN, HINT, check("solved")], "solution seen"),
        ([check("solved"), HINT, SEEN, check("solved")], "unaided"),
        ([HINT, check("solved"), SEEN, check("wrong"), check("solved")], "with hints"),
        ([check("solved"), check("wrong")], "unaided"),
        ([check("wrong")], "tried"),
        ([HINT, check("timeout")], "tried"),
        ([SEEN, check("empty")], "untouched"),
        ([check("empty")], "untouched"),
        ([RESTORE], "untouched"),
        ([check("error"), SEEN], "tried"),
    ],
)
def test_how_an_exercise_was_solved(events, state):
    happened(*events)
    assert progress.exercises() == {("vectors", "cosine"): state}


def test_exercises_are_kept_apart():
    happened(("hint", {"step": 1, "name": "norm"}), ("solution", {"notebook": "matrices"}), check("solved"))
    assert progress.exercises()["vectors", "cosine"] == "unaided"


def guess(low, high, sure=80, slug="s"):
    return "predict", {"slug": slug, "question": "how many?", "unit": "words", "low": low, "high": high, "sure": sure}


def reveal(value, slug="s"):
    return "reveal", {"slug": slug, "value": value}


@pytest.mark.parametrize(
    "events, held",
    [
        ([guess(1, 5), reveal(3)], True),
        ([guess(1, 5), reveal(5)], True),
        ([guess(1, 5), reveal(6)], False),
        ([guess(1, 5)], None),
        ([guess(1, 5), guess(6, 9), reveal(7)], True),  # thought again before the answer
        ([guess(1, 5), reveal(7), guess(6, 9), reveal(7)], False),  # after the answer it is no prediction
        ([reveal(3), guess(1, 5), reveal(3)], True),  # the cell below ran before anybody predicted
        ([guess(1, 5), reveal("three")], None),
        ([guess(1, 5), reveal([3])], None),
    ],
)
def test_predictions_hold_or_not(events, held):
    happened(*events)
    (found,) = progress.predictions()
    assert found.held is held
    assert (found.notebook, found.slug, found.sure, found.unit) == ("vectors", "s", 80, "words")


def test_a_choice_is_a_prediction_too():
    happened(
        ("predict", {"slug": "s", "question": "which?", "choice": "queen", "sure": 60}), reveal("king"), reveal("queen")
    )
    (found,) = progress.predictions()
    assert (found.choice, found.range, found.value, found.held) == ("queen", None, "king", False)


def test_calibration_counts_what_held_by_confidence():
    happened(
        *[guess(0, 1, 80, f"a{n}") for n in range(4)], guess(0, 1, 85, "b"), guess(0, 1, 50, "c"), guess(0, 1, 90, "d"),
        *[reveal(n, f"a{n}") for n in range(4)], reveal(1, "b"), reveal(9, "c"),
    )  # fmt: skip
    found = [(s.label, s.held, s.count, s.sure) for s in calibration.shares(progress.predictions())]
    assert found == [("50 %", 0, 1, 50), ("80–89 %", 3, 5, 81)]


def test_minutes_leave_out_the_pauses():
    start = "start", {}
    happened(start, start, start, gap=10)
    assert progress.minutes() == {"vectors": 20}
    assert progress.medians() == {"vectors": 20}
    progress.path().unlink()
    happened(start, start, gap=31)
    assert progress.minutes() == {}


def test_minutes_belong_to_the_notebook_that_was_left():
    happened(
        ("start", {"notebook": "a"}),
        ("start", {"notebook": "b"}),
        ("baseline", {"round": 0, "question": 1, "text": ""}),
        gap=5,
    )
    assert progress.minutes() == {"a": 5, "b": 5}


def test_medians_over_several_logs(tmp_path, monkeypatch):
    for n, gap in enumerate((10, 12, 29)):
        monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / str(n)))
        happened(("start", {}), ("start", {}), gap=gap)
    assert progress.medians(*(tmp_path / str(n) for n in range(3))) == {"vectors": 12}
