"""What 14_context built: layouts and marks against the cache, compaction, memory against the SDK's, notes against git.

A property names its law.
"""

import copy
import itertools
import json
import math
import os
import random
import shutil
import stat
import subprocess
import sys

import facts
import notebook
import pytest
from anthropic.tools import BetaLocalFilesystemMemoryTool
from built import context
from built import llm_api as api
from built import tool_use as tools
from dialogues import ask, assistant, use
from hypothesis import given, settings
from hypothesis import strategies as st

# --- what a turn costs --------------------------------------------------------------------------------


def test_prices_are_those_of_the_registry():
    for model, prices in facts.fact("prices").items():
        found = context.rates(model)
        assert found["input"] == 1
        for name in ("write_5m", "write_1h", "read"):
            assert found[name] == pytest.approx(prices[name] / prices["input"], abs=1e-4)
    written = {"cache_creation_input_tokens": 1_000_000, "output_tokens": 0}
    prices = facts.fact("prices")[context.MODEL]
    assert context.dollars_for(written) == pytest.approx(prices["write_5m"])
    assert context.dollars_for(written, hour=True) == pytest.approx(prices["write_1h"])
    plain = {"input_tokens": 10, "output_tokens": 10, "cache_read_input_tokens": 10}
    assert context.dollars_for(plain, True) == context.dollars_for(plain) == api.cost(plain, context.MODEL)


@given(st.integers(0, 80), st.integers(0, 15))
def test_a_mark_pays_from_the_first_send_that_makes_it_cheaper(write, read):
    n = context.sends(write / 16, read / 16)
    assert write + (n - 1) * read < 16 * n
    assert n == 1 or write + (n - 2) * read >= 16 * (n - 1)


def test_an_absence_costs_what_its_writes_and_reads_cost():
    rate, plain = context.rates(), facts.fact("prices")[context.MODEL]["input"] / 1e6
    token = facts.fact("prices")[context.MODEL]["output"] / 1e6
    size = api.rough_tokens({"type": "text", "text": "x" * 200_000})
    write, hour, read = (rate[name] * plain * size for name in ("write_5m", "write_1h", "read"))
    assert context.absence(4, "lapse") == pytest.approx(write + read + 2 * token)
    assert context.absence(6, "lapse") == pytest.approx(2 * write + 2 * token)
    assert context.absence(6, "ping") == pytest.approx(write + 2 * read + 3 * token)
    assert context.absence(9, "ping") == pytest.approx(write + 2 * read + 3 * token)  # 540 s: one ping, at 270
    assert context.absence(100, "ping") == pytest.approx(write + 23 * read + 24 * token)
    assert context.absence(59, "hour") == pytest.approx(hour + read + 2 * token)
    assert context.absence(61, "hour") == pytest.approx(2 * hour + 2 * token)


# --- layouts ------------------------------------------------------------------------------------------

LIVES = st.sampled_from([1, 2, 4, 8, 40])  # each divides the next, so that parts change together
PARTS = st.lists(st.tuples(st.integers(30, 1500), LIVES), min_size=1, max_size=5)


@given(PARTS, st.sets(st.integers(0, 4), max_size=4), st.sampled_from([0, 500, 1024]))
@settings(max_examples=60, deadline=None)
def test_the_expected_price_is_what_the_cache_reports(parts, marks, floor):
    marks = sorted(mark for mark in marks if mark < len(parts))
    seen = context.measured(parts, marks, requests=400, floor=floor)
    assert context.expected(parts, marks, floor) == pytest.approx(seen, rel=0.02)


@given(PARTS, st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_no_other_order_and_no_other_marks_are_cheaper(parts, most):
    named = {f"part {n}": part for n, part in enumerate(parts[:4])}
    names, marked = context.arranged(named, most, floor=700)
    price = context.expected([named[name] for name in names], [names.index(name) for name in marked], 700)
    assert len(marked) <= most
    for order in itertools.permutations(named):
        for n in range(most + 1):
            for marks in itertools.combinations(range(len(order)), n):
                assert price <= context.expected([named[name] for name in order], marks, 700) + 1e-6


def test_a_prefix_as_long_as_the_floor_is_kept():
    assert context.expected([(1024, 50)], [0], 1024) == context.expected([(1024, 50)], [0], 0)
    assert context.expected([(1023, 50)], [0], 1024) == 1023


def test_a_prompt_without_parts_costs_nothing():
    assert context.expected([], []) == 0
    assert context.arranged({}) == ([], [])


# --- marks --------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.booleans())
@settings(max_examples=40, deadline=None)
def test_marked_requests_read_all_that_was_sent_before(bursts, as_text):
    """However many calls a turn makes, the next request reads the whole one before it."""
    store, messages, before = api.PromptCache(floor=0), [], 0
    system = "Be brief. " * 20 if as_text else [{"type": "text", "text": "Be brief. " * 20}]
    messages = [{"role": "user", "content": "Go."}]
    for turn, calls in enumerate(bursts):
        request = context.marked(context.request_of(0, messages=messages, system=system))
        assert api.refusal(request) is None
        usage = store.usage(request)
        assert usage["cache_read_input_tokens"] == before
        before = sum(usage.values())
        assert usage["input_tokens"] == 0
        blocks = [use(f"{turn}-{n}", "errors", n=n) for n in range(calls)]
        said = assistant({"type": "text", "text": "I look."}, *blocks)
        answers = [tools.tool_result(block, "x") for block in blocks] or [{"type": "text", "text": "And?"}]
        messages = [*request["messages"], said, {"role": "user", "content": answers}]  # marks of before included


def test_marking_twice_is_marking_once():
    for turn in (0, 1, 7):
        once = context.marked(context.request_of(turn))
        assert context.marked(once) == once
        assert context.marked(once | {"cache_control": {"type": "ephemeral"}}) == once


# --- compaction ---------------------------------------------------------------------------------------


def todo(number, **tasks):
    """A message with a call of todo, and its answer."""
    call = use(number, "todo", tasks=[{"text": text, "done": done} for text, done in tasks.items()])
    return [assistant(call), {"role": "user", "content": [tools.tool_result(call, "ok")]}]


def test_the_last_list_of_tasks_counts():
    assert context.open_tasks([]) == []
    first, second = todo(1, a=False, b=False), todo(2, a=True, b=False, c=False)
    assert context.open_tasks([*first, *context.history(3)[1:], *second]) == ["b", "c"]
    assert context.open_tasks([*second, *first]) == ["a", "b"]
    kept = {"type": "text", "text": context.TASKS + '\n["x"]'}
    assert context.open_tasks([{"role": "user", "content": [kept]}]) == ["x"]
    assert context.open_tasks([{"role": "user", "content": [kept]}, *second]) == ["b", "c"]
    assert context.open_tasks([*second, {"role": "user", "content": [kept]}]) == ["x"]
    assert context.open_tasks([{"role": "assistant", "content": [kept]}]) == []  # what the model says is no list
    both = assistant(use(1, "todo", tasks=[{"text": "old", "done": False}]), *todo(2, new=False)[0]["content"])
    assert context.open_tasks([both]) == ["new"]


@given(st.integers(0, 12), st.integers(1, 9), st.integers(1, 5), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_question_and_tasks_survive_any_number_of_compactions(turns, keep, rounds, planned):
    steps = context.history(turns)
    messages = [steps[0], *todo("p", tell=False, done=True), *steps[1:]] if planned else steps
    request = ask("", system="s", messages=messages)
    for number in range(rounds):
        before = copy.deepcopy(request)
        new = context.compaction(api.script(lambda given: "All I know."), request, keep)
        assert request == before
        assert api.refusal(new) is None
        assert len(new["messages"]) <= len(request["messages"]) + 1
        said = [block["text"] for block in api.blocks(new["messages"][0]["content"])]
        assert said[0] == "Why is web slow?"
        assert len(said) in (1, 2 + bool(planned))
        assert context.open_tasks(new["messages"]) == (["tell"] if planned else [])
        assert new["messages"][-1] == request["messages"][-1] or len(request["messages"]) == 1
        more = context.history(2)[1:]
        renamed = json.loads(json.dumps(more).replace('"t0"', f'"r{number}"').replace('"t1"', f'"s{number}"'))
        request = new | {"messages": [*new["messages"], *renamed]}
        assert api.refusal(request) is None


def test_the_summary_is_asked_for_in_the_running_conversation():
    """The question shares the whole prefix with the conversation, so that the cache is read."""
    asked = []

    def policy(request):
        asked.append(request)
        return "Sum."

    request = context.marked(context.request_of(6))
    context.compaction(api.script(policy), request)
    assert [asked[0] | {"messages": asked[0]["messages"][:-1], "max_tokens": request["max_tokens"]}] == [request]
    assert context.still_read([request], context.marked(asked[0])) > 0.99
    with pytest.raises(ValueError, match="no whole summary"):
        context.compaction(api.script(lambda request: " \n"), request)
    with pytest.raises(ValueError, match="max_tokens"):
        context.compaction(api.script(lambda request: "word " * 4000), request)


def test_a_long_run_is_valid_at_every_turn():
    sent, summaries, last = context.long_run(25, 6)
    assert [len(sent), len(summaries)] == [25, 4]
    assert sent == [context.marked(request) for request in sent]
    assert all(api.refusal(request) is None for request in [*sent, *summaries, last])
    assert context.summariser(context.request_of(2)) == "I go on."
    full = context.summariser(ask("", messages=[*context.history(5), {"role": "user", "content": context.SUMMARISE}]))
    assert full.count(" said: ") == 3
    assert full.endswith("fraud said: upstream limits timed out")


def test_a_day_costs_its_turns_and_its_summaries():
    """Never compacted: the sum of the turns. Compacted: a summary more for each time."""
    store, turns = api.PromptCache(), 12
    sent, _, _ = context.long_run(turns, 99)
    plain = sum(context.dollars_for(store.usage(request) | {"output_tokens": 60}) for request in sent)
    assert context.day_cost(99, turns=turns) == pytest.approx(plain / turns)
    store = api.PromptCache()
    sent, summaries, _ = context.long_run(turns, 12)
    spent = sum(context.dollars_for(store.usage(request) | {"output_tokens": 60}) for request in sent)
    question = [*summaries[0]["messages"], {"role": "user", "content": context.SUMMARISE}]
    assert len(summaries) == 1
    asked = store.usage(context.marked(summaries[0] | {"messages": question})) | {"output_tokens": 1000}
    assert context.day_cost(12, turns=turns) == pytest.approx((spent + context.dollars_for(asked)) / turns)
    assert asked["cache_read_input_tokens"] > 0.9 * sum(api.rough_tokens(m) for m in summaries[0]["messages"][:-2])


@given(st.floats(0.1, 1000), st.floats(0.001, 10))
def test_the_best_interval_is_the_minimum_of_its_cost(fixed, growing):
    best = context.young(fixed, growing)
    price = lambda every: fixed / every + growing * every / 2  # noqa: E731
    assert price(best) <= min(price(best * 1.01), price(best / 1.01)) + 1e-12


# --- memory -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(100, 112))
def test_memory_answers_as_the_sdk_does(seed):
    alike, same = context.same_answers(seed, steps=150)
    assert (dict(alike), same) == ({"same words": 150}, True)


def test_what_is_hard_to_reach_by_chance_is_as_the_sdk_does_it(tmp_path):
    ours, theirs = context.Memory(tmp_path / "a"), BetaLocalFilesystemMemoryTool(tmp_path / "b")
    path = "/memories/a.md"
    for command in [
        {"command": "create", "path": path, "file_text": "äöü €\r\n\tone\r\n\r\nlast"},
        {"command": "view", "path": path},
        {"command": "view", "path": path, "view_range": [0, 2]},
        {"command": "view", "path": path, "view_range": [3, 99]},
        {"command": "str_replace", "path": path, "old_str": "\r\n\r\n", "new_str": "\n"},
        {"command": "str_replace", "path": path, "old_str": "last"},
        {"command": "view", "path": path},
        {"command": "insert", "path": path, "insert_line": 2, "insert_text": "end\n\n"},
        {"command": "insert", "path": path, "insert_line": 99, "insert_text": "x"},
        {"command": "view", "path": path},
        {"command": "create", "path": "/memories/empty", "file_text": ""},
        {"command": "insert", "path": "/memories/empty", "insert_line": 0, "insert_text": "x"},
        {"command": "str_replace", "path": "/memories/empty", "old_str": "x", "new_str": "a.b"},
        {"command": "str_replace", "path": "/memories/empty", "old_str": ".", "new_str": "\\1"},
        {"command": "view", "path": "/memories/empty"},
        {"command": "delete", "path": "/memories"},
        {"command": "delete", "path": "/memories/none"},
        {"command": "rename", "old_path": "/memories", "new_path": "/memories/x"},
        {"command": "rename", "old_path": path, "new_path": "/memories/deep/er/b.md"},
        {"command": "view", "path": "/memories/deep/er/b.md"},
        {"command": "view", "path": "/elsewhere"},
    ]:
        mine = context.told_by(lambda given: ours.run(**given), command)
        assert mine == context.told_by(theirs.call, command | {"new_str": command.get("new_str", "")}), command
    assert context.view(ours, "/memories").splitlines() == [
        "/memories", "/memories/deep/", "/memories/deep/er/", "/memories/empty",
    ]  # fmt: skip
    ours.run("create", path="/memories/.hidden", file_text="")
    assert ".hidden" not in context.view(ours, "/memories")
    assert context.view(ours, "/memories/deep").splitlines()[1:] == ["/memories/deep/er/", "/memories/deep/er/b.md"]
    assert ours.run("delete", path="/memories/deep") == "Successfully deleted /memories/deep"
    assert not (ours.root / "deep").exists()


def test_memory_lets_nothing_out(tmp_path):
    memory = context.Memory(tmp_path / "m")
    (tmp_path / "secret").write_text("secret")
    (memory.root / "link").symlink_to(tmp_path)
    for path in ("/memories/../../secret", "/memories/link/secret", "/memories//../x", "/memoriesx", "memories/a", ""):
        for command in (
            {"command": "view", "path": path},
            {"command": "create", "path": path, "file_text": "x"},
            {"command": "str_replace", "path": path, "old_str": "s", "new_str": "x"},
            {"command": "insert", "path": path, "insert_line": 0, "insert_text": "x"},
            {"command": "delete", "path": path},
            {"command": "rename", "old_path": path, "new_path": "/memories/y"},
            {"command": "rename", "old_path": "/memories/y", "new_path": path},
        ):
            with pytest.raises((PermissionError, ValueError)):
                memory.run(**command)
    assert (tmp_path / "secret").read_text() == "secret"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "secret"]
    with pytest.raises(ValueError, match="there is no command 'drop', but view, create"):
        memory.run("drop")
    with pytest.raises(ValueError, match="create: missing a required argument: 'file_text'"):
        memory.run("create", path="/memories/a")
    memory.run("create", path="/memories/a", file_text="x")
    for command in ({"command": "create", "path": "/memories/a/b", "file_text": "x"},
                    {"command": "rename", "old_path": "/memories/a", "new_path": "/memories/a/b"}):  # fmt: skip
        with pytest.raises(ValueError, match=command["command"]) as caught:
            memory.run(**command)
        assert str(tmp_path) not in str(caught.value)


def test_a_file_is_the_old_one_or_the_new_one(tmp_path, monkeypatch):
    place = tmp_path / "file"
    place.write_bytes(b"old")
    place.chmod(0o640)
    context.replace_file(place, b"new\r\n")
    assert place.read_bytes() == b"new\r\n"
    assert os.name == "nt" or stat.S_IMODE(place.stat().st_mode) == 0o640
    order = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("on the disk"), real(handle)))
    monkeypatch.setattr(os, "replace", lambda *paths: order.append("swapped") or (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        context.replace_file(place, b"newer")
    assert order == ["on the disk", "swapped"]
    assert place.read_bytes() == b"new\r\n"
    assert os.listdir(tmp_path) == ["file"]


# --- notes --------------------------------------------------------------------------------------------

NOTES = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["", "1", "2", "x: y"]), max_size=6)


@given(NOTES)
def test_notes_survive_being_written(notes):
    assert context.notes_in(context.as_notes(notes)) == notes


@pytest.mark.parametrize("notes", [{"a": "x\ny"}, {"a:b": "x"}, {"": "x"}, {"a\nb": "x"}, {"a": "x\r"}])
def test_a_note_that_could_not_be_read_again_is_not_written(notes, tmp_path):
    context.save_notes(tmp_path / "n.md", {}, {"good": "1"})
    with pytest.raises(ValueError, match="no note|without a colon"):
        context.save_notes(tmp_path / "n.md", {}, notes)
    assert context.notes_in((tmp_path / "n.md").read_text()) == {"good": "1"}


@pytest.mark.parametrize("line", ["no note", "- no text", "* a: b", "-a: b", "- : b"])
def test_a_line_that_is_no_note_is_named(line):
    with pytest.raises(ValueError, match="is no note"):
        context.notes_in(f"- a: b\n\n{line}\n")


@given(NOTES, NOTES, NOTES)
def test_a_merge_knows_no_first(base, ours, theirs):
    assert context.merge_notes(base, ours, theirs) == context.merge_notes(base, theirs, ours)


@given(NOTES, NOTES, NOTES)
def test_a_merge_loses_nothing_that_was_written(base, ours, theirs):
    notes, conflicts = context.merge_notes(base, ours, theirs)
    for side in (ours, theirs):
        for name, text in side.items():
            assert base.get(name) == text or text in notes[name]
    assert context.merge_notes(base, ours, base) == (dict(sorted(ours.items())), [])
    assert context.merge_notes(base, ours, ours) == (dict(sorted(ours.items())), [])
    assert set(conflicts) <= set(notes)


@pytest.mark.skipif(not shutil.which("git"), reason="there is no git here")
@pytest.mark.parametrize("seed", range(20))
def test_where_git_merges_so_do_we(seed):
    rng = random.Random(1000 + seed)
    base = dict.fromkeys("abcdefghijklmnopqrst", "0")
    ours, theirs = context.random_notes(rng, base), context.random_notes(rng, base)
    by_git = context.by_git(base, ours, theirs)
    assert by_git is None or context.merge_notes(base, ours, theirs) == (by_git, [])


def test_sessions_leave_what_they_began_with_alone():
    base = {"a": "0", "b": "0"}
    for seed in range(20):
        context.random_notes(random.Random(seed), base)
    assert base == {"a": "0", "b": "0"}


SAVE = """
import sys
from built.context import save_notes
path, who = sys.argv[1:]
for n in range(8):
    save_notes(path, {}, {f"{who} {n}": "new"})
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path):
    path = tmp_path / "notes.md"
    environ = os.environ | {"PYTHONPATH": str(notebook.ROOT / "00_setup")}
    command = [sys.executable, "-c", SAVE, str(path)]
    running = [subprocess.Popen([*command, who], env=environ) for who in "abc"]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert len(context.notes_in(path.read_text())) == 24
    assert sorted(os.listdir(tmp_path)) in (["notes.md"], ["notes.md", "notes.md.lock"])


def test_a_file_with_other_lines_is_left_alone(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("# written by hand\n")
    with pytest.raises(ValueError, match="written by hand"):
        context.save_notes(path, {}, {"a": "1"})
    assert path.read_text() == "# written by hand\n"


# --- does it read what you send? ----------------------------------------------------------------------


@given(st.integers(1, 60), st.floats(0, 1), st.integers(0, 6), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_a_haystack_has_one_needle_at_its_place(lines, place, alike, seed):
    text, question, answer = context.haystack(lines, place, alike, random.Random(seed))
    rows = text.splitlines()
    name = question.removeprefix("What is the port of service ").split("?")[0]
    needle = f"The port of service {name} is {answer}."
    assert rows.count(needle) == 1
    assert rows.index(needle) == round(place * (lines + alike - 1))
    assert len(rows) == lines + alike
    assert sum(f"service {name} " in row for row in rows) == 1 + alike
    assert sum(answer in row for row in rows) >= 1
    assert len({row.split()[-1] for row in rows}) == len(rows)  # no port twice


def test_ports_are_told_apart_by_their_digits():
    """From 2000 to 59999, so that none is the beginning of a longer one by accident; there are no more than that."""
    text, _, _ = context.haystack(58_000, 0.0)
    assert {int(row.split()[-1][:-1]) for row in text.splitlines()} == set(range(2_000, 60_000))
    with pytest.raises(ValueError, match="larger than population"):
        context.haystack(58_001, 0.0)


def test_the_test_finds_the_weakness():
    places = [0.0, 0.5, 1.0]
    assert context.recall(context.reader(), places, lines=20, alike=3, tries=4) == dict.fromkeys(places, 1.0)
    assert context.recall(context.reader("middle"), places, lines=20, tries=4) == {0.0: 1.0, 0.5: 0.0, 1.0: 1.0}
    fooled = context.recall(context.reader("alike"), places, lines=20, alike=3, tries=4)
    assert fooled[0.0] == 1.0
    assert fooled[1.0] == 0.0
    assert context.recall(context.reader("middle"), [0.5], lines=1, tries=1) == {0.5: 0.0}


@given(
    st.integers(1, 4000),
    st.integers(100, 1500),
    st.sampled_from([1.0, 2.0, 4.0]),
    st.sampled_from([10_000, 500_000]),
    st.sampled_from([16, 64]),
)
@settings(max_examples=60, deadline=None)
def test_angles_that_were_never_seen_are_counted(length, trained, scale, base, width):
    """Against the angles: a pair is new if its largest angle is beyond all of training, and no whole turn."""
    new = 0
    for pair in range(width // 2):
        pace, now = 10_000 ** (-2 * pair / width), base ** (-2 * pair / width)
        new += trained * pace < math.tau and length / scale * now > trained * pace
    assert context.unseen(length, trained, scale, base, width) == new
