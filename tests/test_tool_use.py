"""What 10_tool_use built: schemas against the SDK, validation against jsonschema, histories as a machine, walls.

A property names its law.
"""

import copy
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Optional, Union

import anthropic
import jsonschema
import notebook
import pytest
from built import llm_api as api
from built import tool_use as tools
from dialogues import BOX, SECRET, ask, assistant, good_turns, paired, use
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

# --- descriptions and input ---------------------------------------------------------------------------


def add(a: int, b: float = 2.0) -> str:
    """Add two numbers.

    Args:
        a: the first
        b (float): the second,
            on two lines
    """


def tag(name: str, tags: list[str], level: Literal["low", "high"] = "low", extra: str | None = None) -> str:
    """Tag it.

    More words
    on lines.

    Args:
        level: how much

    Returns:
        text
    """


def odd(x, flag: bool, table: dict[str, int], one: Literal["only"], mixed: Literal["a", 1] = 1) -> str:
    "Untyped."


def nothing() -> str:
    """Takes nothing."""


def undocumented(rows: list[list[float]], maybe: Optional[int] = None, either: Union[int, str] = 3): ...


@pytest.mark.parametrize("function", [add, tag, odd, nothing, undocumented])
def test_a_tool_is_described_as_the_sdk_describes_it(function):
    ours, theirs = tools.as_tool(function).declared(), anthropic.beta_tool(function).to_dict()
    assert ours["name"] == theirs["name"]
    assert ours["description"] == theirs["description"]
    assert ours["input_schema"] == tools.untitled(theirs["input_schema"])


@pytest.mark.parametrize("kinds", tools.SIGNATURES, ids=lambda kinds: ",".join(kinds) or "nothing")
def test_each_signature_of_the_table_has_the_sdks_schema(kinds):
    theirs = anthropic.beta_tool(tools.takes(**kinds)).to_dict()["input_schema"]
    assert tools.as_tool(tools.takes(**kinds)).input_schema == tools.untitled(theirs)


def test_the_parts_of_a_docstring():
    words = "What.\n\nMore.\n\nArgs:\n    a: one\n      two\n\n    b (int): three\n\nReturns:\n    c: no parameter"
    assert tools.described(words) == ("What.\n\nMore.", {"a": "one\ntwo", "b": "three"})
    assert tools.described("Alone.") == ("Alone.", {})
    assert tools.described(None) == ("", {})
    assert tools.described("What.\n\nReturns:\n    text") == ("What.", {})


def test_annotations_written_as_text_are_understood():
    def later(n: "int", words: "list[str]" = ()): ...

    properties = tools.as_tool(later).input_schema["properties"]
    assert (properties["n"], properties["words"]["type"]) == ({"type": "integer"}, "array")


def test_a_tool_with_an_annotation_that_has_no_schema_is_refused():
    def read(path: bytes): ...

    with pytest.raises(TypeError, match="bytes"):
        tools.as_tool(read)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([2.0, 2.5, "low", "auto", "x", ""]),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.sampled_from("abxy"), v, max_size=3),
    max_leaves=8,
)
plain_kinds = [str, int, float, bool, None, Any, list, dict]
choices = [Literal["low", "x"], Literal[1, 2], Literal[True], Literal["a", 2]]
kinds = st.recursive(
    st.sampled_from(plain_kinds + choices),
    lambda k: st.one_of(
        k.map(lambda kind: list[kind]),
        k.map(lambda kind: dict[str, kind]),
        st.tuples(k, k).map(lambda two: Union[two]),
    ),
    max_leaves=4,
)


@given(
    kinds,
    kinds,
    json_values | st.fixed_dictionaries({}, optional={"a": json_values, "b": json_values, "c": json_values}),
)
@settings(max_examples=600, deadline=None)
def test_validation_agrees_with_jsonschema(first, second, value):
    schema = tools.as_tool(tools.takes(a=first, b=(second, None))).input_schema
    assert (tools.violations(value, schema) == []) is jsonschema.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    "value, words",
    [
        ({"topic": "a", "partitions": [0, "1"]}, ["input.partitions[1]: expected integer, got '1'"]),
        ({"topic": "a", "partitions": "0"}, ["input.partitions: '0' is none of array, null"]),
        ({"unit": "s"}, ["input.topic: is required"]),
        ({"topic": "a", "cluster": 1}, ["input.cluster: is not known; there are topic, partitions, unit"]),
        ({"topic": True}, ["input.topic: expected string, got True"]),
        ([], ["input: expected object, got []"]),
        (None, ["input: expected object, got None"]),
    ],
)
def test_a_complaint_names_the_place_what_was_expected_and_what_came(value, words):
    assert tools.violations(value, tools.as_tool(tools.lag).input_schema) == words


def test_places_within_lists_and_tables_are_named():
    schema = tools.as_tool(tools.takes(rows=list[dict[str, int]])).input_schema
    assert tools.violations({"rows": [{"a": 1}, {"b": "x"}]}, schema) == ["input.rows[1].b: expected integer, got 'x'"]


# --- calls --------------------------------------------------------------------------------------------


@given(st.text(max_size=40), st.integers(1, 30))
@settings(deadline=None)
def test_what_is_shortened_keeps_both_ends(text, limit):
    short = tools.shortened(text, limit)
    if len(text) <= limit:
        assert short == text
    else:
        head, tail = (limit + 1) // 2, limit // 2
        assert short.startswith(text[:head] + "\n… ")
        assert short.endswith("\n" + (text[-tail:] if tail else ""))
        assert f"… {len(text) - limit} characters" in short


def test_everything_that_goes_wrong_in_a_call_is_a_result():
    def fails(n: int):
        """Fail."""
        raise [ValueError("no"), KeyError("x" * 9999), RecursionError("deep")][n]

    def prints(n: int):
        """Much."""
        return "y" * n

    box = BOX | {"fails": tools.as_tool(fails), "prints": tools.as_tool(prints)}
    cases = [
        use("a", "fly"),
        use("b", topic=7),
        use("c", topic="none"),
        *(use(f"d{n}", "fails", n=n) for n in range(3)),
    ]
    results = [tools.perform(box, call) for call in cases]
    assert all(result["is_error"] for result in results)
    assert [result["tool_use_id"] for result in results] == [call["id"] for call in cases]
    assert results[0]["content"] == "no tool is called fly; there are lag, fails, prints"
    assert results[1]["content"] == "input.topic: expected string, got 7"
    assert results[3]["content"] == "ValueError: no"
    assert max(len(result["content"]) for result in results) < 4_100
    fine = tools.perform(box, use("e", "prints", n=10_000), limit=100)
    assert not fine["is_error"]
    assert "… 9900 characters left out …" in fine["content"]
    assert tools.perform(box, use("f", "prints", n=4_000))["content"] == "y" * 4_000


def test_calls_run_side_by_side_and_one_message_answers_all():
    meet = threading.Barrier(3, timeout=5)

    def together(n: int):
        """Wait for the others."""
        meet.wait()
        return n

    box = {"together": tools.as_tool(together)}
    calls = [use(f"t{n}", "together", n=n) for n in range(3)]
    answer = tools.answer_calls(box, assistant(*calls))
    assert answer == {"role": "user", "content": [tools.tool_result(call, str(n)) for n, call in enumerate(calls)]}


def test_a_deadline_answers_what_is_late_and_asks_it_to_stop():
    stopped = threading.Event()

    def slow(stop=None):
        """Wait to be stopped."""
        stop.wait(10)
        stopped.set()

    box = BOX | {"slow": tools.as_tool(slow)}
    assert box["slow"].input_schema["properties"] == {}
    began = time.monotonic()
    answer = tools.answer_calls(box, assistant(use("t1", "slow"), use("t2", topic="orders")), seconds=0.3)
    assert time.monotonic() - began < 5
    late, fine = answer["content"]
    assert (late["content"], late["is_error"]) == ("no result within 0.3 s; it may still have had its effect", True)
    assert (fine["content"], fine["is_error"]) == ("40 s, 3 s", False)
    assert stopped.wait(5)


def test_an_interrupt_answers_every_call_and_is_passed_on(monkeypatch):
    def interrupted(self, timeout=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    stopped = threading.Event()

    def slow(stop=None):
        """Wait."""
        if stop.wait(5):
            stopped.set()

    with pytest.raises(tools.Interrupted) as caught:
        tools.answer_calls({"slow": tools.as_tool(slow)}, assistant(use("t1", "slow"), use("t2", "slow")))
    answer = caught.value.answer["content"]
    assert [result["tool_use_id"] for result in answer] == ["t1", "t2"]
    assert all(result["is_error"] and "interrupted by the user" in result["content"] for result in answer)
    assert stopped.wait(5)


class Pairing(RuleBasedStateMachine):
    """Any interleaving of calls, results, failures, late results, interrupts and compaction is a valid history."""

    def __init__(self):
        super().__init__()
        self.messages, self.number, self.open, self.results = [{"role": "user", "content": "Begin."}], 0, None, {}

    def close(self, reason):
        if self.open is not None:
            self.messages.append(tools.pair_up(self.open, self.results, reason))
            self.open = None

    @rule(count=st.integers(0, 4))
    def model_speaks(self, count):
        self.close("no result")
        calls = [use(f"t{self.number + n}") for n in range(count)]
        self.number += count
        said = assistant(*calls)
        self.messages.append(said)
        self.open = said if calls else None

    @rule(which=st.integers(0, 9), failed=st.booleans())
    def a_result_comes(self, which, failed):
        """Of the open message, or, too late, of an earlier one."""
        if self.number:
            name = f"t{max(0, self.number - 1 - which)}"
            self.results[name] = tools.tool_result({"id": name}, "x", failed)

    @rule()
    def user_interrupts(self):
        self.close("interrupted")
        self.messages.append({"role": "user", "content": "No, this way."})

    @rule(keep=st.integers(0, 9))
    def history_is_compacted(self, keep):
        if self.open is None:
            self.messages = tools.compact(self.messages, keep, "Before.")

    @invariant()
    def accepted_by_the_rules_of_the_api(self):
        messages = list(self.messages)
        if self.open is not None:
            messages.append(tools.pair_up(self.open, self.results, "not yet"))
        assert api.refusal(ask() | {"messages": messages}) is None


Pairing.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestPairing = Pairing.TestCase


@given(good_turns, st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_compaction_keeps_the_newest_and_cuts_no_pair(turns, keep):
    messages = paired(turns)
    kept = copy.deepcopy(messages)
    short = tools.compact(messages, keep, "Before.")
    assert messages == kept
    assert api.refusal(ask() | {"messages": short}) is None
    if short != messages:
        assert short[0] == {"role": "user", "content": "Before."}
        assert messages[-(len(short) - 1) :] == short[1:] or keep == 0
        assert keep <= len(short) - 1 <= keep + 1
    else:
        assert keep >= len(messages) - 1


def test_compaction_of_a_conversation_that_begins_with_a_cut_pair_stops_at_its_beginning():
    messages = [{"role": "user", "content": [tools.tool_result({"id": "t0"}, "x")]}, {"role": "user", "content": "b"}]
    assert tools.compact(messages, 2, "s") == messages
    assert tools.compact(messages, 1, "s") == [{"role": "user", "content": "s"}, messages[1]]
    pair = [assistant(use("t1")), {"role": "user", "content": [tools.tool_result({"id": "t1"}, "x")]}]
    assert tools.compact(pair, 1, "s") == pair


def test_careless_histories_break_and_careful_ones_do_not():
    assert tools.accepted(True, runs=100) == 100
    assert tools.accepted(False, runs=100) < 50


# --- once ---------------------------------------------------------------------------------------------

CRASH = """
import os, signal, sys
from built.tool_use import Ledger, run_once
log, books, point = Ledger(sys.argv[1]), Ledger(sys.argv[2]), int(sys.argv[3])
class Dying:
    steps = 0
    def tick(self):
        if self.steps == point: os.kill(os.getpid(), signal.SIGKILL)
        self.steps += 1
dying = Dying()
class Log(Ledger):
    def append(self, record):
        dying.tick(); super().append(record); dying.tick()
def effect():
    dying.tick(); books.append({"amount": 10}); dying.tick()
    return "booked"
try: print(run_once(Log(sys.argv[1]), "k", effect))
except Exception as error: print(type(error).__name__)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_process_killed_at_any_point_never_books_twice(full, tmp_path):
    """Six points at which a real process may die; each is followed by attempts that live."""
    env = os.environ | {"PYTHONPATH": str(notebook.ROOT / "00_setup")}
    for repeat in range(5 if full else 1):
        for point in range(7):
            files = [str(tmp_path / f"{name}-{repeat}-{point}") for name in ("log", "books")]
            outcomes = []
            for attempt in (point, 99):
                ran = subprocess.run(
                    [sys.executable, "-c", CRASH, *files, str(attempt)],
                    env=env,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                outcomes.append(ran.stdout.strip() or "killed")
            booked = len(list(tools.Ledger(files[1])))
            assert booked <= 1, (point, outcomes)
            if "booked" in outcomes:
                assert booked == 1
            else:  # nobody says that it was booked: then it is said that nobody knows
                assert outcomes[1:] == ["Unknown"], (point, outcomes)


def test_a_ledger_is_on_the_disk_in_order_and_survives_a_torn_line(tmp_path):
    ledger = tools.Ledger(tmp_path / "log")
    assert list(ledger) == []
    for n in range(3):
        ledger.append({"key": f"ü{n}"})
    whole = (tmp_path / "log").read_bytes()
    for cut in range(len(whole) - 1, len(whole) - 12, -1):
        (tmp_path / "log").write_bytes(whole[:cut])
        tools.Ledger(tmp_path / "log").append({"key": "next"})
        kept = [record["key"] for record in tools.Ledger(tmp_path / "log")]
        assert kept in (["ü0", "ü1", "next"], ["ü0", "ü1", "ü2", "next"]), cut


# --- walls --------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["a", "b", "in", "out", "file", "..", ".", "new"]), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_the_guard_says_what_the_system_would_do(parts):
    """A tree with links that stay and links that leave: a path is let in exactly if the system leads it inside."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder).resolve()
        (base / "root" / "a" / "b").mkdir(parents=True)
        (base / "root-next" / "a").mkdir(parents=True)
        for where in ("root", "root/a", "root-next"):
            (base / where / "in").symlink_to(base / "root" / "a")
            (base / where / "out").symlink_to(base / "root-next")
        (base / "root" / "file").symlink_to(base / "root-next" / "secret")
        path = "/".join(parts)
        real = os.path.realpath(base / "root" / path)
        try:
            assert str(tools.inside(base / "root", path)) == real
            let_in = True
        except PermissionError:
            let_in = False
        assert let_in == (real == str(base / "root") or real.startswith(str(base / "root") + os.sep))


@pytest.mark.skipif(os.open not in os.supports_dir_fd, reason="this system cannot open relative to a folder")
def test_opening_refuses_every_link_on_the_way(tmp_path):
    (tmp_path / "root" / "a").mkdir(parents=True)
    (tmp_path / "root" / "a" / "note").write_text("public")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "root" / "a")
    (tmp_path / "root" / "a" / "linked").symlink_to(tmp_path / "root" / "a" / "note")
    with tools.open_inside(tmp_path / "root", "a/note") as file:
        assert file.read() == b"public"
    with tools.open_inside(tmp_path / "root", "./a/./note") as file:
        assert file.read() == b"public"
    for path in ("link/note", "a/linked", "../root/a/note", str(tmp_path / "root" / "a" / "note"), "a/note/x", "", "."):
        with pytest.raises(PermissionError):
            tools.open_inside(tmp_path / "root", path)
    with pytest.raises(FileNotFoundError):
        tools.open_inside(tmp_path / "root", "a/none")
    os.mkfifo(tmp_path / "root" / "pipe")
    for path in ("a", "pipe"):
        with pytest.raises(PermissionError, match="no ordinary file"):
            tools.open_inside(tmp_path / "root", path)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(50):
        with suppress(OSError):
            tools.open_inside(tmp_path / "root", "link/note")
        with suppress(OSError):
            tools.open_inside(tmp_path / "root", "a")
        with suppress(OSError):
            tools.open_inside(tmp_path / "root", "a/none")
        tools.open_inside(tmp_path / "root", "a/note").close()
    assert not before or len(os.listdir("/proc/self/fd")) <= before + 2


def test_the_race_is_won_by_the_naive_reader_only():
    assert tools.read_after_swap(lambda root, checked: open(checked, "rb")) == "secret"
    assert tools.read_after_swap(lambda root, checked: tools.open_inside(root, "docs/note")) in (
        "PermissionError",
        "NotImplementedError",
    )


@pytest.mark.parametrize(
    "url",
    tools.TRIED[:2] + ["https://docs.python.org", "https://sub.docs.python.org/x?y#z", "HTTPS://docs.python.org/"],
)
def test_what_is_on_the_list_may_be_reached(url):
    assert tools.may_reach(url, ["docs.python.org"]) is True


@pytest.mark.parametrize(
    "url",
    tools.TRIED[2:]
    + [
        "", "docs.python.org", "//docs.python.org/", "ftp://docs.python.org", "https://", "https:///docs.python.org",
        "https://python.org/", "https://docs.python.org.evil.example", "https://xdocs.python.org", "https://user:pw@docs.python.org",
        "https://docs.python.org:99999/", "https://docs.python.org:x/", "https://[docs.python.org/", "https://docs..python.org/",
        "https://evil.example%2f.docs.python.org/", "https://evil.example?.docs.python.org", "https://docs.python.org\\@evil.example",
        "https://evil.example\t.docs.python.org", "https://.docs.python.org/", "https://localhost/", "https://0x7f.1/",
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_may_not_be_reached(url):
    assert tools.may_reach(url, ["docs.python.org"]) is False


@pytest.mark.parametrize("host", ["127.0.0.1", "1.2.3.4", "[::1]", "0x7f.1", "127.1", "x.127.0.0.1", "2130706433"])
def test_numbers_are_refused_even_if_somebody_lists_them(host):
    assert tools.may_reach(f"https://{host}/", [host.strip("[]")]) is False


def test_the_list_may_be_written_in_any_case_with_or_without_a_dot():
    assert tools.may_reach("https://docs.python.org/", ["Python.org."])


walled = pytest.mark.skipif(not tools.has_walls(), reason="no namespaces here: the sandbox says so and runs nothing")


@walled
def test_nothing_gets_out_of_the_sandbox(tmp_path):
    secret, project = tmp_path / "secret", tmp_path / "project"
    secret.write_text("secret")
    project.mkdir()
    (project / "link").symlink_to(tmp_path)
    (project / "mine").write_text("mine")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        attempts = tools.escapes(secret, listening.getsockname()[1])
        worked = [name for name, text in attempts.items() if tools.sandboxed(["sh", "-c", text], project)[0] == 0]
        assert worked == ["work in the project"]
    more = {
        "through a link": "ls link/ | grep -q .",
        "a device": "mknod disk b 8 0",
        "the real root": "cat /proc/1/root/etc/hostname",
        "the environment of others": "cat /proc/*/environ | grep -q PYTHON",
        "walls made writable": "mount -o remount,bind,rw /usr",
        "walls of one's own": "unshare --user --map-root-user true",
        "settings of the kernel": "echo x > /proc/sys/kernel/core_pattern",
        "programs": "touch /usr/bin/ours",
        "more memory": f"{sys.executable} -c 'bytearray(6_000_000_000)'",
    }
    worked = [name for name, text in more.items() if tools.sandboxed(["sh", "-c", text], project)[0] == 0]
    assert worked == []
    assert sorted(os.listdir(tmp_path)) == ["project", "secret"]
    owner = os.stat(tmp_path)
    for name in ("out", "mine"):
        found = os.stat(project / name)
        assert (found.st_uid, found.st_gid) == (owner.st_uid, owner.st_gid)


@walled
def test_a_file_made_in_the_sandbox_gives_nobody_more_rights(tmp_path):
    tools.sandboxed(["sh", "-c", "cp /bin/true own && chmod 6755 own"], tmp_path)
    assert os.geteuid() != 0 or not (tmp_path / "own").stat().st_mode & 0o6000


@walled
def test_what_is_printed_is_bounded_on_the_way(tmp_path):
    status, said = tools.sandboxed(["yes"], tmp_path, seconds=5, limit=100)
    assert status not in (0, None)
    assert len(said) < 200


@walled
def test_the_sandbox_reads_a_python_that_lies_in_the_temporary_folder(tmp_path, monkeypatch):
    with tempfile.TemporaryDirectory(dir="/tmp") as outer:
        folder = Path(outer) / "environment"
        folder.mkdir()
        (folder / "readable").write_text("read")
        monkeypatch.setattr(sys, "prefix", str(folder))
        assert tools.sandboxed(["sh", "-c", f"cat {folder}/readable && touch /tmp/mine"], tmp_path) == (0, "read")
        assert tools.sandboxed(["touch", f"{folder}/mine"], tmp_path)[0] != 0


@walled
def test_walls_that_cannot_be_put_up_are_no_sandbox(tmp_path, monkeypatch):
    monkeypatch.setattr(tools, "WALLS", tools.WALLS.replace("mount -t proc", "mount -t nosuchthing"))
    with pytest.raises(tools.NoSandbox, match="could not be put up"):
        tools.sandboxed(["touch", "/project/ran"], tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("command", [[], "ls", ""])
def test_what_is_no_command_is_refused(command, tmp_path):
    with pytest.raises(ValueError, match="a command is a list"):
        tools.sandboxed(command, tmp_path)


STUBBORN = """
import ctypes, os, signal, time
for name in ("SIGTERM", "SIGINT", "SIGHUP"): signal.signal(getattr(signal, name), signal.SIG_IGN)
os.fork(); os.setsid() if os.getpid() != os.getpgid(0) else None
ctypes.CDLL(None).prctl(1, 0)
time.sleep(4); open("/project/alive", "w").write("x")
"""


@walled
def test_a_command_cannot_outlive_its_deadline_by_tricks(tmp_path):
    began = time.monotonic()
    assert tools.sandboxed([sys.executable, "-c", STUBBORN], tmp_path, seconds=1)[0] is None
    assert time.monotonic() - began < 4
    time.sleep(max(0, began + 6 - time.monotonic()))
    assert os.listdir(tmp_path) == []


@walled
def test_a_command_that_does_not_end_is_ended_with_all_its_children(tmp_path):
    began = time.monotonic()
    status, _ = tools.sandboxed(["sh", "-c", "sleep 3456 & sleep 3456 & wait"], tmp_path, seconds=1)
    assert status is None
    assert time.monotonic() - began < 8
    time.sleep(0.3)
    running = [Path(p, "cmdline") for p in map(str, Path("/proc").glob("[0-9]*"))]
    said = [p.read_bytes() for p in running if p.exists()]
    assert not any(b"sleep\x003456" in text for text in said)


@walled
def test_the_sandbox_bounds_what_is_printed_and_has_no_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    status, said = tools.sandboxed(["sh", "-c", "env; yes | head -c 100000"], tmp_path, limit=500)
    assert status == 0
    assert len(said) < 600
    assert SECRET not in tools.sandboxed(["env"], tmp_path)[1]
    assert tools.sandboxed([sys.executable, "-c", "print(6 * 7)"], tmp_path) == (0, "42\n")
    assert tools.sandboxed(["sh", "-c", "exit 3"], tmp_path)[0] == 3


def test_without_walls_nothing_is_run(tmp_path, monkeypatch):
    monkeypatch.setattr(tools.shutil, "which", lambda name: None)
    assert tools.has_walls() is False
    with pytest.raises(tools.NoSandbox, match="no namespaces here"):
        tools.sandboxed(["touch", "/project/ran"], tmp_path)
    assert os.listdir(tmp_path) == []


# --- what the sensitivity runs found nobody watching --------------------------------------------------


def test_where_the_system_has_walls_we_use_them():
    user = [] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["--user", "--map-root-user"]
    if not (shutil.which("unshare") and shutil.which("setpriv")):
        assert not tools.has_walls()
        return
    possible = subprocess.run(
        ["unshare", *user, "--net", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False
    )
    assert tools.has_walls() is (possible.returncode == 0)


def test_an_ordinary_shell_prints_nothing_into_the_page(capfd):
    assert tools.plainly("echo out; echo err >&2; exit 3", ".") == 3
    assert capfd.readouterr() == ("", "")
