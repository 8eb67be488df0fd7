"""What 15_coding_agent built: the hands against the SDK's and against grep, the prompt, the window, and repairs.

A property names its law.
"""

import asyncio
import json
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import time
from dataclasses import replace

import notebook
import pytest
import repairer
from built import agents
from built import coding_agent as agent
from built import llm_api as api
from built import tool_use as tools
from dialogues import ask, assistant, use
from hypothesis import given, settings
from hypothesis import strategies as st
from repairer.edits import edits

REPOSITORIES = sorted(path.name for path in agent.REPOSITORIES.iterdir())
RECORDED = {row["name"]: row for row in agent.recorded_repairs()["rows"]}


def hands(folder):
    """The six tools in a folder, each as a function that gives its answer or a refusal."""
    box = agent.hands(agent.Workspace(folder.resolve(), trusted=True))
    return {name: lambda tool=tool, **given: agent.attempt(tool, **given) for name, tool in box.items()}


# --- run ----------------------------------------------------------------------------------------------


def test_commands_give_their_status_and_what_they_print(tmp_path):
    assert agent.run_in(tmp_path, "echo out; echo err >&2; exit 4", trusted=True) == (4, "out\nerr")
    assert agent.run_in(tmp_path, "python -c 'import sys; print(sys.version_info[:2])'", trusted=True) == (
        0,
        str(sys.version_info[:2]),
    )
    assert agent.run_in(tmp_path, "sleep 9", seconds=0.5, trusted=True)[0] is None
    (tmp_path / "m.py").write_text("x = 1")
    agent.run_in(tmp_path, "python -c 'import m'", trusted=True)
    assert sorted(os.listdir(tmp_path)) == ["m.py"]  # nothing compiled is left


def test_without_walls_only_what_is_trusted_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(agent, "has_walls", lambda: False)
    with pytest.raises(tools.NoSandbox, match="not trusted"):
        agent.run_in(tmp_path, "touch ran")
    assert os.listdir(tmp_path) == []
    status, said = agent.run_in(tmp_path, "touch ran; pwd; echo no >&2; exit 2", trusted=True)
    assert (status, said) == (2, "/project\nno")
    assert os.listdir(tmp_path) == ["ran"]
    assert agent.run_in(tmp_path, "echo so far; sleep 9", seconds=0.5, trusted=True) == (None, "so far")
    assert agent.run_in(tmp_path, "printf 'a\\377b'", trusted=True) == (0, "a\ufffdb")
    refused = hands(tmp_path)["bash"](command="true")
    assert refused.endswith("[exit status 0]")


@given(st.lists(st.text("ab é", max_size=30), max_size=40), st.integers(4, 200), st.integers(1, 40))
def test_what_is_shown_is_bounded_and_has_both_ends(lines, most, width):
    text = "\n".join(lines)
    shown = agent.clipped(text, most, width)
    cut = [line if len(line) <= width else line[:width] + "…" for line in text.split("\n")]
    if len("\n".join(cut)) <= most:
        assert shown == "\n".join(cut)
        return
    found = re.search(r"^\[(\d+) lines left out\]$", shown, re.MULTILINE)
    head, tail = shown[: found.start()], shown[found.end() :]
    assert len(head) - bool(head) <= most // 3
    assert len(tail) - bool(tail) <= most - most // 3 - 1
    assert int(found[1]) >= 1
    kept = [*head.split("\n")[:-1], *tail.split("\n")[1:]]
    assert len(kept) + int(found[1]) == len(cut)
    assert head == "".join(f"{line}\n" for line in cut[: head.count("\n")])


# --- edit ---------------------------------------------------------------------------------------------


@given(st.text("ab\n.", max_size=20), st.text("ab\n.", min_size=1, max_size=4), st.text("xy\n\\", max_size=4))
def test_with_plain_line_ends_an_edit_is_a_replacement(text, old, new):
    count = len(re.findall(f"(?={re.escape(old)})", text)) if old != new else 0
    for everywhere in (False, True):
        if count == 1 or everywhere and count:
            assert agent.edited(text.encode(), old, new, everywhere) == text.replace(old, new).encode()
        else:
            with pytest.raises(ValueError, match="not found|occurs|another text"):
                agent.edited(text.encode(), old, new, everywhere)


@given(st.binary(max_size=12), st.binary(max_size=12), st.booleans())
def test_bytes_around_a_passage_stay(before, after, windows):
    ends = b"\r\n" if windows else b"\n"
    if b"\0" in before + after or b"passage" in before + after:
        return
    data = before + b"<passage" + ends + b"two>" + after
    assert agent.edited(data, "<passage\ntwo>", "new\nlines") == before + b"new" + ends + b"lines" + after


def test_a_file_keeps_its_mark_its_ends_its_mode_and_its_bytes(tmp_path):
    box, place = hands(tmp_path), tmp_path / "run.py"
    place.write_bytes(b"\xef\xbb\xbfname = 'M\xfcller'\r\na = 1\r\nb = 2\n")
    place.chmod(0o751)
    assert box["read"](file_path="run.py").split("\n")[1:] == ["     2\ta = 1", "     3\tb = 2", "     4\t"]
    assert box["edit"](file_path="run.py", old_string="a = 1\n", new_string="a = 2\nc = 3\n") == "edited run.py"
    assert place.read_bytes() == b"\xef\xbb\xbfname = 'M\xfcller'\r\na = 2\r\nc = 3\r\nb = 2\n"
    assert os.name == "nt" or stat.S_IMODE(place.stat().st_mode) == 0o751
    assert box["edit"](file_path="run.py", old_string="c", new_string="d") == "edited run.py"  # seen as it is now
    assert box["edit"](file_path="run.py", old_string="a", new_string="o", replace_all=True) == "edited run.py"
    assert b"nome" in place.read_bytes()


def test_nobody_writes_over_what_was_not_seen(tmp_path):
    box, place = hands(tmp_path), tmp_path / "a.txt"
    place.write_text("one\n")
    for call in (("write", {"content": "x"}), ("edit", {"old_string": "one", "new_string": "x"})):
        assert "was not read yet" in box[call[0]](file_path="a.txt", **call[1])
    box["read"](file_path="a.txt")
    place.write_text("one\ntwo\n")
    for call in (("write", {"content": "x"}), ("edit", {"old_string": "one", "new_string": "x"})):
        assert "has changed since you read it" in box[call[0]](file_path="a.txt", **call[1])
    assert place.read_text() == "one\ntwo\n"
    box["read"](file_path="a.txt")
    assert box["write"](file_path="a.txt", content="new\nfile\n") == "wrote a.txt, 2 lines"
    assert box["write"](file_path="deep/er/b.txt", content="") == "wrote deep/er/b.txt, 0 lines"
    place.unlink()  # by a command, say: what is gone can be written anew
    assert box["write"](file_path="a.txt", content="x") == "wrote a.txt, 1 lines"
    (tmp_path / ".git").mkdir()
    assert "belongs to git" in box["write"](file_path=".git/hooks/pre-commit", content="x")
    os.mkfifo(tmp_path / "pipe")
    assert "is no file" in box["write"](file_path="pipe", content="x")


def test_a_file_that_is_written_anew_keeps_its_mark_and_its_ends(tmp_path):
    box, place = hands(tmp_path), tmp_path / "a.txt"
    place.write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    box["read"](file_path="a.txt")
    box["write"](file_path="a.txt", content="three\nfour\r\n")
    assert place.read_bytes() == b"\xef\xbb\xbfthree\r\nfour\r\n"


def test_paths_of_the_sandbox_are_understood(tmp_path):
    box = hands(tmp_path)
    (tmp_path / "a.txt").write_text("one")
    assert box["read"](file_path="/project/a.txt").endswith("one")
    assert box["edit"](file_path="/project/a.txt", old_string="one", new_string="two") == "edited /project/a.txt"
    assert box["grep"](pattern="two", path="/project") == "a.txt:1:two"
    assert "lies outside" in box["read"](file_path="/project/../x")
    assert str(tmp_path) not in box["read"](file_path="/projects/a.txt")


def test_hands_stay_in_the_project(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "out").symlink_to(tmp_path)
    box = hands(root)
    for path in ("../secret.txt", "link.txt", "out/secret.txt", str(tmp_path / "secret.txt"), "out/new.txt"):
        for name, more in (
            ("read", {}),
            ("write", {"content": "x"}),
            ("edit", {"old_string": "secret", "new_string": "x"}),
        ):
            said = box[name](file_path=path, **more)
            assert said.startswith("refused") and "lies outside" in said, (name, path, said)
    assert box["grep"](pattern="secret") == "no lines"
    assert box["glob"](pattern="**") == "no files"
    assert (tmp_path / "secret.txt").read_text() == "secret"
    assert sorted(os.listdir(tmp_path)) == ["project", "secret.txt"]


# --- read and search ----------------------------------------------------------------------------------


@given(st.lists(st.text("abc é", max_size=300), max_size=60))
@settings(max_examples=40, deadline=None)
def test_pages_make_up_the_file(tmp_path_factory, lines):
    folder, text = tmp_path_factory.mktemp("p"), "\n".join(lines)
    (folder / "a.txt").write_text(text, "utf-8")
    box, offset, seen = hands(folder), 1, []
    while offset:
        said = box["read"](file_path="a.txt", offset=offset)
        assert len(said) < 4_000
        more = re.search(r"\n\[the file goes on: read it with offset (\d+)\]$", said)
        rows = (said[: more.start()] if more else said).split("\n")
        assert [int(row.split("\t")[0]) for row in rows] == list(range(offset, offset + len(rows)))
        seen += [row.split("\t", 1)[1] for row in rows]
        offset = int(more[1]) if more else None
    assert "\n".join(seen) == text


def test_eight_neighbours_are_named(tmp_path):
    for name in "abcdefghijkl":
        (tmp_path / name).touch()
    assert hands(tmp_path)["read"](file_path="z").endswith("there are: a, b, c, d, e, f, g, h")


def test_memory_is_found_below_a_folder_named_from_here(tmp_path, monkeypatch):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "CLAUDE.md").write_text("Be kind.")
    monkeypatch.chdir(tmp_path)
    assert agent.project_memory("p") == [("CLAUDE.md", "Be kind.")]


def test_edits_that_were_taken_back_are_counted_in_whole_numbers():
    row = agent.repair_row("router", most=3)
    assert (row["mended"], repr(row["edits"])) == (False, "3")


def test_a_page_is_as_long_as_said(tmp_path):
    """3,500 characters, each line with the eight of its number."""
    (tmp_path / "full.txt").write_text("\n".join(["x" * 92] * 35))
    (tmp_path / "over.txt").write_text("\n".join(["x" * 92] * 34 + ["x" * 93]))
    box = hands(tmp_path)
    assert "goes on" not in box["read"](file_path="full.txt")
    assert box["read"](file_path="over.txt").endswith("with offset 35]")


def test_files_come_in_order_and_a_dot_is_a_dot(tmp_path):
    names = random.Random(0).sample(range(1000), 40)
    for name in names:
        (tmp_path / f"{name:03}").mkdir()
        (tmp_path / f"{name:03}" / "a.txt").touch()
    (tmp_path / "axtxt").touch()
    found = [path for path, _ in agent.project_files(tmp_path)]
    assert found == ["axtxt", *sorted(f"{name:03}/a.txt" for name in names)]
    assert hands(tmp_path)["glob"](pattern="a.txt") == "no files"


def test_an_agent_trusts_nothing_unless_told(tmp_path, monkeypatch):
    monkeypatch.setattr(agent, "has_walls", lambda: False)
    policy = lambda request: "Done." if len(request["messages"]) > 1 else [use("b", "bash", command="touch ran")]  # noqa: E731
    messages, _ = agent.code(api.script(policy), tmp_path, "Go.")
    assert "not trusted" in agent.steps_of(messages)[0][2]
    assert os.listdir(tmp_path) == []


def test_calls_are_named_in_a_few_words():
    assert agent.headline("bash", {"command": "python -c '\nimport os'"}) == "python -c ' …"
    assert agent.headline("bash", {"command": "ls"}) == "ls"
    assert agent.headline("grep", {"pattern": "a.b"}) == "a.b"
    edit = {"file_path": "a.py", "old_string": "x", "new_string": "  one\n  two\nthree\nfour"}
    assert agent.headline("edit", edit) == "a.py\n+ one\n+ two\n+ three"


@pytest.mark.skipif(not tools.has_walls(), reason="no walls here")
def test_a_model_with_a_key_does_it_live(monkeypatch, capsys):
    """Against a server of ours that is overloaded at first."""
    service = api.Service(api.script(repairer.repairer()), faults=[(529, 0)])
    with api.serving(service) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "no-real-key")
        said = agent.live_repair("crontab")
    assert said.startswith("Mended in crontab/schedule.py")
    assert said.endswith("(end_turn; 8 calls; the tests say: OK)")
    printed = capsys.readouterr().out
    assert "cents" in printed and "⏺ bash" in printed and "no-real-key" not in printed


def test_what_cannot_be_read_is_refused_with_a_reason(tmp_path):
    box = hands(tmp_path)
    (tmp_path / "a.txt").write_text("one\ntwo")
    (tmp_path / "b.bin").write_bytes(b"a\0b")
    assert box["read"](file_path="a.text") == "refused: a.text is no file; beside it there are: a.txt, b.bin"
    assert box["read"](file_path="no/a.txt") == "refused: no/a.txt is no file; beside it there are: none"
    assert box["read"](file_path="b.bin") == "refused: b.bin is no text"
    for offset in (0, 3, -1):
        assert box["read"](file_path="a.txt", offset=offset) == (
            f"refused: a.txt has 2 lines; {offset} is none of them"
        )


def test_searches_leave_out_what_nobody_wrote(tmp_path):
    for name in (".git/config", "__pycache__/a.pyc", "node_modules/x.js", ".venv/lib.py", "src/a.py", "b.py", "c.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("needle\n")
    (tmp_path / "d.bin").write_bytes(b"needle\0")
    box = hands(tmp_path)
    assert box["glob"](pattern="**") == "b.py\nc.txt\nd.bin\nsrc/a.py"
    assert box["glob"](pattern="*.py") == "b.py"
    assert box["glob"](pattern="**/*.py") == "b.py\nsrc/a.py"
    assert box["glob"](pattern="src/?.py") == "src/a.py"
    assert box["grep"](pattern="^needle$") == "b.py:1:needle\nc.txt:1:needle\nsrc/a.py:1:needle"
    assert box["grep"](pattern="ne+dle", path="c.txt") == "c.txt:1:needle"
    assert box["grep"](pattern="ne+dle", path="src") == "src/a.py:1:needle"
    assert box["grep"](pattern="ne+dle", path="none") == "refused: there is no none"
    assert "is no regular expression" in box["grep"](pattern="(")
    (tmp_path / "e.txt").write_text("one\x0c\u2028\r\ntwo\n")
    assert box["grep"](pattern="two", path="e.txt") == "e.txt:2:two"
    (tmp_path / "e.txt").unlink()
    (tmp_path / "many.txt").write_text("needle\n" * 150)
    assert box["grep"](pattern="needle", path="many.txt").split("\n")[-1] == "[50 more]"
    for number in range(120):
        (tmp_path / f"{number}.md").touch()
    assert box["glob"](pattern="*.md").split("\n")[-1] == "[20 more]"


def test_no_pattern_stops_the_agent(tmp_path):
    (tmp_path / "a.txt").write_text("a" * 40 + "!")
    began = time.monotonic()
    with pytest.raises(ValueError, match="takes too long"):
        agent.grep_in(tmp_path, "(a+)+$", ["a.txt"], seconds=1.0)
    assert time.monotonic() - began < 10


def test_what_is_read_and_found_is_bounded(tmp_path):
    box = hands(tmp_path)
    (tmp_path / "one.txt").write_text("needle" * 500_000)
    (tmp_path / "many.txt").write_text(("needle" * 200 + "\n") * 200)
    assert box["read"](file_path="one.txt").endswith("… [3000000 characters]")
    assert len(box["read"](file_path="one.txt")) < 4_000
    assert len(box["grep"](pattern="needle")) < 4_000


@pytest.mark.skipif(not shutil.which("grep"), reason="there is no grep here")
@pytest.mark.parametrize("pattern", ["def ", "self\\._", "^import", "[0-9]{3}", "€"])
def test_grep_finds_what_grep_finds(pattern):
    for name in ("ledgerbook", "framecodec"):
        with agent.checkout(name) as folder:
            ours = hands(folder)["grep"](pattern=pattern)
            environ = os.environ | {"LC_ALL": "C.UTF-8"}
            theirs = subprocess.run(["grep", "-rnE", pattern, "."], cwd=folder, capture_output=True, env=environ)
            found = theirs.stdout.decode("utf-8").replace("\r", "").replace("\ufeff", "").splitlines()
            expected = sorted(line.removeprefix("./") for line in found) or ["no lines"]
            assert sorted(ours.split("\n")) == expected or "more]" in ours or "left out]" in ours


@pytest.mark.parametrize("seed", range(1, 5))
def test_the_hands_do_what_those_of_the_sdk_do(seed):
    alike, same = asyncio.run(agent.compared_hands(seed, 150))
    assert [name for name in alike if name.endswith("differs")] == []
    assert same


def test_hands_that_leave_other_bytes_are_found_out(monkeypatch):
    usual = agent.hands

    def careless(workspace):
        tools = usual(workspace)
        write = tools["write"].run
        spoilt = lambda file_path, content: write(file_path, content + "!")  # noqa: E731
        return tools | {"write": replace(tools["write"], run=spoilt)}

    assert asyncio.run(agent.compared_hands(1, 60))[1]
    monkeypatch.setattr(agent, "hands", careless)
    assert not asyncio.run(agent.compared_hands(1, 60))[1]


# --- what it is told ----------------------------------------------------------------------------------


def test_memory_is_gathered_from_the_outside_in(tmp_path):
    def put(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    put("CLAUDE.md", "Root. @a.md, then @none.md and @../x and mail@b.md")
    put("a.md", "A. @CLAUDE.md @deep/b.md")
    put("deep/b.md", "B. @c.md")
    put("deep/c.md", "C.\n```\n@d.md\n```\n`@d.md`")
    put("deep/d.md", "D.")
    put("deep/CLAUDE.md", "Deep.")
    put("deep/er/CLAUDE.md", "Deeper.")
    names = lambda *given: [name for name, _ in agent.project_memory(tmp_path, *given)]  # noqa: E731
    assert names() == ["CLAUDE.md", "a.md", "deep/b.md", "deep/c.md"]
    assert names("deep/er") == [*names(), "deep/CLAUDE.md", "deep/er/CLAUDE.md"]
    assert names("deep")[-1] == "deep/CLAUDE.md"
    assert [name for name, _ in agent.project_memory(tmp_path, depth=1)] == ["CLAUDE.md", "a.md"]
    assert [name for name, _ in agent.project_memory(tmp_path, depth=0)] == ["CLAUDE.md"]
    assert names(".", "AGENTS.md") == []
    assert dict(agent.project_memory(tmp_path))["a.md"] == "A. @CLAUDE.md @deep/b.md"
    with pytest.raises(PermissionError):
        agent.project_memory(tmp_path, "..")


def test_sessions_of_all_projects_share_their_prefix():
    for name in ("crontab", "stockroom"):
        for day in ("2026-11-25", "2026-12-01"):
            first, other = agent.first_request("ratelimit"), agent.first_request(name, day)
            shared = agent.read_from_cache(first, other)
            kept = [block for section, block in api.prompt_blocks(other) if section in ("tools", "system")]
            bare = [{key: value for key, value in block.items() if key != "cache_control"} for block in kept]
            assert shared == sum(map(api.rough_tokens, bare))
            assert api.refusal(other) is None


# --- the window ---------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 900), min_size=1, max_size=25), st.integers(150, 600), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_the_window_is_bounded_and_the_log_is_whole(sizes, limit, keep):
    sent = []

    def policy(request):
        sent.append(sum(agent.shares(request).values()))
        assert api.refusal(request) is None
        return "Sum."

    llm, log = agent.windowed(api.script(policy), limit, keep), [{"role": "user", "content": "Go."}]
    for number, size in enumerate(sizes):
        whole = len(log)
        api.collect(llm(ask("", messages=log)))
        assert len(log) == whole
        log += [
            assistant(use(f"t{number}", "look")),
            {"role": "user", "content": [tools.tool_result(use(f"t{number}"), "x" * size)]},
        ]
    largest = (limit + max(sizes) // 4 + 120) * (keep + 1)
    assert max(sent) <= largest


def test_a_conversation_that_was_cut_back_is_another_one():
    asked = []
    llm = agent.windowed(api.script(lambda request: asked.append(request["messages"]) or "Sum."), 60, 1)
    long = [{"role": "user", "content": f"{n} " + "x" * 100} for n in range(6)]
    for count in (2, 4, 3):
        api.collect(llm(ask("", messages=long[:count])))
    *_, last = asked
    assert last[0]["content"][0]["text"].startswith("0 ")
    fork = [*long[:2], {"role": "user", "content": "another way"}]
    api.collect(llm(ask("", messages=fork)))
    assert "3 " not in json.dumps(asked[-1])


# --- the agent ----------------------------------------------------------------------------------------


def test_everything_passes_through_the_layers(tmp_path, capsys):
    (tmp_path / "CLAUDE.md").write_text("Be kind.")
    sent, shown = [], []

    def policy(request):
        sent.append(request)
        if len(sent) == 1:
            return [{"type": "text", "text": "I look."}, use("a", "glob", pattern="*"), use("b", "bash", command="pwd")]
        return "There is one file."

    def show(event):
        shown.append(event)
        agent.terminal(event)

    messages, why = agent.code(api.script(policy), tmp_path, "Look.", trusted=True, show_event=show, today="2026-11-25")
    assert why == "end_turn"
    assert capsys.readouterr().out == "I look.⏺ glob\n⏺ bash\nThere is one file."
    assert [name for name, _, _ in agent.steps_of(messages)] == ["glob", "bash"]
    assert sent[0]["messages"][0]["content"][-1]["cache_control"] == {"type": "ephemeral"}
    assert agent.steps_of(messages)[0][2] == "CLAUDE.md"
    assert agent.steps_of(messages)[1][2] == "/project\n[exit status 0]"
    told = [block["text"] for block in sent[0]["messages"][0]["content"]]
    assert told[0] == '<memory path="CLAUDE.md">\nBe kind.\n</memory>'
    assert "date: 2026-11-25" in told[1] and "python: python" in told[1]
    assert told[2] == "Look."
    assert [tool["name"] for tool in sent[0]["tools"]] == ["bash", "edit", "glob", "grep", "read", "write"]
    assert all(sum("cache_control" in block for _, block in api.prompt_blocks(request)) <= 4 for request in sent)
    assert "cache_control" in sent[1]["messages"][-1]["content"][-1]
    assert [event["type"] for event in shown].count("message_stop") == 2
    with pytest.raises(NotADirectoryError):
        agent.code(api.script(policy), tmp_path / "none", "Look.")
    with pytest.raises(ValueError, match="task is empty"):
        agent.code(api.script(policy), tmp_path, " ")


def test_a_small_window_never_loses_the_task(tmp_path):
    """Memory and environment stand before the task; all of it survives every compaction, and none is shown as said."""
    (tmp_path / "CLAUDE.md").write_text("Be kind.")
    sent, shown = [], []

    def policy(request):
        sent.append(request)
        if "Summarise this conversation" in str(request["messages"][-1]):
            return "A SUMMARY"
        count = len(sent)
        return [use(f"t{count}", "bash", command="seq 400")] if count < 14 else "Done."

    task = "Find the marker 4711."
    agent.code(api.script(policy), tmp_path, task, limit=4_000, trusted=True, show_event=lambda e: shown.append(str(e)))
    assert any("A SUMMARY" in str(request["messages"]) for request in sent)
    assert all(task in str(request["messages"][0]) and "Be kind." in str(request["messages"][0]) for request in sent)
    assert all("A SUM" not in event for event in shown)


def test_an_agent_stops_where_its_budget_does(tmp_path):
    endless = lambda request: [use(len(request["messages"]), "glob", pattern="*")]  # noqa: E731
    messages, why = agent.code(api.script(endless), tmp_path, "Look.", agents.Budget(turns=3))
    assert why == "budget: turns"
    assert len(agent.steps_of(messages)) == 3


def test_a_command_that_prints_without_end_costs_little(tmp_path):
    said = hands(tmp_path)["bash"](command="yes | head -c 3000000; echo the end; exit 5")
    assert len(said) < 4_000
    assert said.endswith("the end\n[exit status 5]") or not tools.has_walls()
    assert "lines left out]" in said or not tools.has_walls()


# --- repairs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPOSITORIES)
def test_every_repository_has_failing_tests_and_is_as_it_was(name):
    with agent.checkout(name) as folder:
        said = agent.run_in(folder, "python -m unittest 2>&1", trusted=True)[1]
        assert 1 <= len(repairer.failures(said).names) <= 3
        assert RECORDED[name]["calls"] >= 8
    left = [
        path.relative_to(agent.REPOSITORIES) for path in agent.REPOSITORIES.rglob("*") if "__pycache__" in str(path)
    ]
    assert left == []


QUICK = [name for name in REPOSITORIES if RECORDED[name]["mended"] and RECORDED[name]["edits"] < 20]


@pytest.mark.parametrize("name", REPOSITORIES)
def test_repairs_are_as_recorded(name, full):
    if name not in QUICK and not full:
        pytest.skip("a long repair: `pytest --full` makes it")
    row = agent.repair_row(name)
    assert {key: RECORDED[name][key] for key in row} == row


def test_eight_or_more_are_mended_and_what_is_not_is_shown():
    mended = [row for row in RECORDED.values() if row["mended"]]
    assert len(mended) >= 8
    assert sum(row["set"] != "of a kind named beforehand" for row in mended) >= 2
    assert sorted(RECORDED) == REPOSITORIES


@pytest.mark.parametrize(
    ("name", "path", "mode"), [("stockroom", "levels.py", None), ("ledgerbook", "currency.py", None)]
)
def test_a_repair_changes_one_line_and_no_other_byte(name, path, mode):
    with agent.checkout(name) as folder:
        place = folder / name / path
        before = place.read_bytes()
        agent.code(api.script(repairer.repairer()), folder, "Make the tests pass.", trusted=True)
        after = place.read_bytes()
    old, new = before.split(b"\n"), after.split(b"\n")
    assert len(old) == len(new)
    assert sum(a != b for a, b in zip(old, new, strict=True)) == 1
    assert before.count(b"\r\n") == after.count(b"\r\n")
    assert before[:3] == after[:3]


def test_what_could_not_be_mended_is_as_it_was():
    with agent.checkout("router") as folder:
        before = {path: place.read_bytes() for path, place in agent.project_files(folder)}
        policy = api.script(repairer.repairer(most=4))
        messages, _ = agent.code(policy, folder, "Make the tests pass.", trusted=True)
        assert agents.text_of(messages[-1]).startswith("I could not mend it: 4 edits tried, all taken back.")
        assert {path: place.read_bytes() for path, place in agent.project_files(folder)} == before


def test_where_nothing_fails_nothing_is_done(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").touch()
    (tmp_path / "tests" / "test_a.py").write_text(
        "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        pass\n"
    )
    messages, _ = agent.code(api.script(repairer.repairer()), tmp_path, "Make the tests pass.", trusted=True)
    assert agents.text_of(messages[-1]) == "All tests pass; there is nothing to mend."
    assert len(agent.steps_of(messages)) == 1


def test_the_policy_names_no_repository():
    """No name of a repository, of a file of it, or of anything that it defines, stands in the policy."""
    folder = notebook.ROOT / "00_setup" / "repairer"
    source = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    words = set(re.findall(r"\w+", source))
    for name in REPOSITORIES:
        code = "\n".join(path.read_text("utf-8-sig") for path in (agent.REPOSITORIES / name).rglob("*.py"))
        own = set(re.findall(r"(?:def|class) (\w{9,})", code)) | {name}
        assert not own & words


EDITS = {
    "x = a < b": "x = a <= b",
    "x = a >= b": "x = a > b",
    "x = a == b": "x = a != b",
    "x = a in b": "x = a not in b",
    "x = a < b ": "x = a > b ",
    "x = a + b": "x = a - b",
    "x = a / b": "x = a // b",
    "x = a and b or c": "x = a and (b or c)",
    "x = a or b": "x = a and b",
    "x = a[1]": "x = a[0]",
    "x = f(a, b)": "x = f(b, a)",
    "x = a[:n]": "x = a[:n + 1]",
    "x = True": "x = False",
    "x = not a": "x = a",
    "x.append(a)": "x.extend(a)",
    "x = a.get(b)": "x = a.get(b, {})",
    "x = a.lstrip()": "x = a.strip()",
    "x = sorted(a)": "x = sorted(a, reverse=True)",
    "x = a": "x = dict(a)",
    "x = f(a)": "x = f(a).encode()",
    "x = f(b)": "x = f(str(b))",
    "x = a.split(b)": "x = a.split(b, 1)",
    "x = re.match(a, b)": "x = re.fullmatch(a, b)",
    "x = '.*'": "x = '.*?'",
    "x += a": "x -= a",
    "x = a or 5": "x = (a if a is not None else 5)",
    "x = range(n)": "x = range(n + 1)",
    "x = a[0]": "x = a[-1]",
}


@pytest.mark.parametrize("before", EDITS)
def test_usual_edits_are_thought_of(before):
    assert EDITS[before] in [edit.text for edit in edits(before, 1)]


BLOCKS = {
    "def f(a=[]):\n    return a": "def f(a=None):\n    a = [] if a is None else a\n    return a",
    "def f(a):\n    b = a": "def f(a):\n    b = a\n    return b",
    "for a in b:\n    c()\n    d()": "for a in b:\n    c()\nd()",
    "for a in b:\n    c()\nd()": "for a in b:\n    c()\n    d()",
    "a()\nb()": "b()\na()",
    "while a:\n    break": "while a:\n    continue",
    "if a:\n    b()": "if a is not None:\n    b()",
    "try:\n    a()\nexcept IndexError:\n    b()": "try:\n    a()\nexcept KeyError:\n    b()",
    "def f(one, other):\n    return one": "def f(one, other):\n    return other",
    "x = 'a'\ny = 'b'": "x = 'b'\ny = 'b'",
}


@pytest.mark.parametrize("before", BLOCKS)
def test_edits_of_blocks_are_thought_of(before):
    found = [edit.text for line in range(1, before.count("\n") + 2) for edit in edits(before, line)]
    assert BLOCKS[before] in found


SAID = """F.E
ERROR: test_a (tests.t.T.test_a)
A sentence about it.
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/project/tests/t.py", line 3, in test_a
  File "/project/pkg/m.py", line 7, in f
pkg.errors.Odd: x: y

FAIL: test_b (tests.t.T.test_b)
----------------------------------------------------------------------
AssertionError

Ran 3 tests in 0.1s

FAILED (failures=1, errors=1)
"""


def test_tracebacks_are_read_and_headings_are_not():
    found = repairer.failures(SAID)
    assert found.names == ("tests.t.T.test_a", "tests.t.T.test_b")
    assert found.errors == ("pkg.errors.Odd: x: y", "AssertionError")
    assert found.places == (("tests/t.py", 3), ("pkg/m.py", 7))
    assert repairer.failures("...\nRan 3 tests in 0.1s\n\nOK\n") == repairer.Failure((), (), ())


def test_errors_suggest_edits():
    missing = [edit.text for edit in edits("x = math.pi", 1, "NameError: name 'math' is not defined")]
    assert "import math\nx = math.pi" in missing
    told = list(
        edits("x = a.lenght", 1, "AttributeError: 'A' object has no attribute 'lenght'. Did you mean: 'length'?")
    )
    assert max(told, key=lambda edit: edit.weight).text == "x = a.length"
    raised = list(edits("try:\n    a()\nexcept OSError:\n    b()", 3, "KeyError: 'x'"))
    assert max(raised, key=lambda edit: edit.weight).text == "try:\n    a()\nexcept KeyError:\n    b()"


@given(st.lists(st.sampled_from(["a", "b", "", "  a"]), min_size=1, max_size=8), st.data())
def test_a_passage_is_unique_and_gives_the_edit(lines, data):
    before = "\n".join(lines)
    after = list(lines)
    at = data.draw(st.integers(0, len(lines) - 1))
    after[at : at + data.draw(st.integers(0, 2))] = data.draw(st.lists(st.sampled_from(["a", "new", ""]), max_size=2))
    after = "\n".join(after)
    if after in (before, ""):
        return
    old, new = repairer.passage(before, after)
    assert before.count(old) == 1 or old == before
    assert before.replace(old, new, 1) == after
