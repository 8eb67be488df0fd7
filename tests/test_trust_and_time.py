"""What 16_trust_and_time built: rules against a real shell, hooks, sessions that are killed, files that are put back.

A property names its law.
"""

import json
import os
import random
import signal
import sys
from collections import Counter

import notebook
import pytest
from built import agents, context
from built import coding_agent as agent
from built import llm_api as api
from built import tool_use as tools
from built import trust_and_time as trust
from dialogues import ask, assistant, use
from hypothesis import given, settings
from hypothesis import strategies as st
from repairer import repairer

# --- what a line does ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_what_is_taken_apart_is_what_a_shell_runs(seed):
    rng, judged = random.Random(f"shell {seed}"), 0
    for line in [trust.random_line(rng) for _ in range(60)]:
        ours = trust.simple_commands(line)
        if ours is None or any(words[0] not in ("a", "b") for words in ours):
            continue
        theirs = trust.ran_in_shell(line)
        judged += 1
        if "||" not in line:
            assert theirs == ours, line
        else:  # what ran is some of it, in order
            rest = iter(ours)
            assert all(words in rest for words in theirs), line
    assert judged > 5


@given(st.text("ab ;&|\n'\"\\$`(){}<>#!é\t\r\x00", max_size=24))
@settings(max_examples=400, deadline=None)
def test_no_line_is_too_strange(line):
    commands = trust.simple_commands(line)
    assert commands is None or commands and all(words and all(isinstance(w, str) for w in words) for words in commands)


@given(st.lists(st.lists(st.text(min_size=0, max_size=8).filter(lambda w: w.isprintable()), min_size=1, max_size=4),
                min_size=1, max_size=4))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_quoted_words_come_back(commands):
    import shlex

    line = "; ".join(shlex.join(words) for words in commands)
    assert trust.simple_commands(line) == commands


# --- rules --------------------------------------------------------------------------------------------

CASES = trust.permission_cases()


def test_there_are_enough_cases_of_every_kind():
    assert len(CASES) >= 120
    assert len({json.dumps(case, sort_keys=True) for case in CASES}) == len(CASES)
    assert {case["mode"] for case in CASES} == set(trust.MODES)
    assert min(Counter(case["verdict"] for case in CASES).values()) >= 20


@pytest.mark.parametrize("number", range(len(CASES)))
def test_calls_are_judged_as_specified(number, tmp_path):
    case = CASES[number]
    root = trust.playground(tmp_path)
    given = {name: text.replace("{root}", str(root)) for name, text in case["given"].items()}
    verdict, why = trust.decide(case["rules"], case["tool"], given, root, case["mode"])
    assert verdict == case["verdict"], (case, why)
    assert why


@given(st.text(max_size=30), st.sampled_from(trust.MODES))
@settings(max_examples=200, deadline=None)
def test_without_rules_nothing_is_run_that_nobody_was_asked_about(line, mode):
    verdict, _ = trust.decide({}, "bash", {"command": line}, ".", mode)
    assert verdict == {"default": "ask", "accept_edits": "ask", "plan": "deny", "bypass": "allow"}[mode]


@given(st.text("abg it;&|$`\"'\\\n", max_size=30))
@settings(max_examples=300, deadline=None)
def test_what_is_allowed_consists_of_what_is_allowed(line):
    rules = {"allow": ["bash(git)", "bash(a:*)"]}
    if trust.decide(rules, "bash", {"command": line}, ".")[0] == "allow":
        assert all(words == ["git"] or words[0] == "a" for words in trust.simple_commands(line))


def test_length_hides_nothing():
    rules = {"allow": ["bash(a:*)"], "deny": ["bash(rm:*)"]}
    for line, verdict in {
        "a" + " " * 50_000 + "; rm x": "deny",
        "a " + "x" * 50_000 + " && rm x": "deny",
        "a " + "x" * 50_000 + "$y": "ask",
        "a\n" * 5_000 + "rm x": "deny",
        "a " + "'x' " * 10_000: "allow",
    }.items():
        assert trust.decide(rules, "bash", {"command": line}, ".")[0] == verdict


@pytest.mark.parametrize("rule", ["bash()", "bash( )", "Bash(rm:*)", "BASH", "bash(*)", "bash(git *)", "bash(rm:*) ",
                                  " read", "edit(./src/**)", "edit(/src/**)", "edit(../a)", "bash(git", "grep(x)",
                                  "mcp__a(b)", "", "()"])  # fmt: skip
def test_a_rule_that_would_never_fit_is_an_error(rule):
    """A deny rule with a slip in it would protect nothing, and nobody would hear of it."""
    for verdict in ("deny", "ask", "allow"):
        with pytest.raises(ValueError, match="fits nothing"):
            trust.decide({verdict: [rule]}, "read", {"file_path": "a"}, ".")


@pytest.mark.parametrize(
    "rule", ["bash", "bash(rm:*)", "bash(a  b)", "edit(**)", "read(.env)", "mcp__a__b", "glob", "write(a b)"]
)
def test_rules_that_can_fit_are_none(rule):
    assert trust.rule_fault(rule) == ""


def test_what_no_rule_could_allow_is_denied_as_by_a_rule():
    """So that a hook's yes does not stand above it."""
    for tool, arguments, mode in [
        ("read", {"file_path": "../out"}, "default"),
        ("edit", {"file_path": 7}, "default"),
        ("write", {"file_path": "a"}, "plan"),
    ]:
        verdict, why, ruled = trust.judgement({"allow": [tool]}, tool, arguments, ".", mode)
        assert (verdict, ruled) == ("deny", True) and why


@pytest.mark.parametrize("wrong", [None, 5, ["ls"], {}])
def test_what_is_no_text_is_denied(wrong):
    for mode in trust.MODES:
        assert trust.decide({"allow": ["bash", "read"]}, "bash", {"command": wrong}, ".", mode)[0] == "deny"
        assert trust.decide({"allow": ["bash", "read"]}, "read", {"file_path": wrong}, ".", mode)[0] == "deny"


def test_a_hooks_yes_overrules_no_rule_by_an_opaque_line(tmp_path):
    ran = []
    for mode in ("default", "bypass"):
        guarded = trust.guarded(box(ran), tmp_path, {"deny": ["bash(rm:*)"]}, mode, hooks=[ALLOW])
        for line in ("rm x", "rm $X", "rm $(echo x)", "r? x"):
            with pytest.raises(PermissionError):
                guarded["bash"].run(command=line)
    assert ran == []


def test_a_rule_for_edit_is_one_for_write(tmp_path):
    for verdict in ("deny", "ask", "allow"):
        rules = {verdict: ["edit(a.txt)"]}
        assert trust.decide(rules, "write", {"file_path": "a.txt"}, tmp_path)[0] == verdict
        assert trust.decide({verdict: ["write(a.txt)"]}, "edit", {"file_path": "a.txt"}, tmp_path)[0] == "ask"


def test_a_mode_that_there_is_not_is_an_error():
    with pytest.raises(ValueError, match="no mode 'yolo'"):
        trust.decide({}, "read", {"file_path": "a"}, ".", "yolo")


def test_patterns_for_paths():
    fits = lambda rule, path, **more: trust.rule_fits(rule, "edit", path, **more)  # noqa: E731
    assert fits("edit(src/**)", "src/a/b.py") and not fits("edit(src/**)", "src")
    assert fits("edit(src/*)", "src/b.py") and not fits("edit(src/*)", "src/a/b.py")
    assert fits("edit(**/*.py)", "b.py") and fits("edit(**/*.py)", "a/b.py")
    assert fits("edit(?.py)", "a.py") and not fits("edit(?.py)", "ab.py") and not fits("edit(?.py)", "/.py")
    assert not fits("edit(a.py)", "axpy") and not fits("edit(A.py)", "a.py") and fits("edit(A.py)", "a.py", loose=True)
    assert fits("edit", "anything") and not fits("edi", "a") and not fits("edit()", "a")
    assert fits("edit(a\nb)", "a\nb")


# --- hooks and the guard ------------------------------------------------------------------------------


def box(ran):
    """Tools that only note that they ran."""
    return {name: tools.Tool(name, "", {}, lambda name=name, **given: ran.append((name, given)) or "ran")
            for name in ("bash", "edit", "read")}  # fmt: skip


def hook(text):
    """A hook that runs some Python."""
    return [sys.executable, "-c", text]


DENY = hook("import sys; print('no', file=sys.stderr); sys.exit(2)")
ALLOW = hook('print(\'{"decision": "allow"}\')')
ASK = hook('print(\'{"decision": "ask", "reason": "sure?"}\')')
GUARDS = [  # hooks, verdict of the rules, answer of the user: does it run?
    ([], "allow", None, True),
    ([], "ask", True, True),
    ([], "ask", False, False),
    ([], "deny", True, False),
    ([], None, True, True),
    ([], None, False, False),
    ([DENY], "allow", True, False),
    ([ALLOW], None, False, True),
    ([ALLOW], "ask", False, False),
    ([ALLOW], "deny", True, False),
    ([ASK], "allow", False, False),
    ([ASK], "allow", True, True),
    ([ALLOW, DENY], "allow", True, False),
    ([DENY, ALLOW], "allow", True, False),
    ([ALLOW, ASK], None, False, False),
    ([hook("pass")], "allow", None, True),
    ([hook("pass")], None, False, False),
    ([["/no/such/hook"]], "allow", False, False),
]


@pytest.mark.parametrize("number", range(len(GUARDS)))
def test_the_guard_asks_hooks_rules_and_the_user(number, tmp_path):
    hooks, verdict, says, runs = GUARDS[number]
    ran, asked = [], []
    rules = {verdict: ["bash(ls:*)"]} if verdict else {}

    def answer(name, given, why):
        asked.append((name, given, why))
        return says

    guarded = trust.guarded(box(ran), tmp_path, rules, hooks=hooks, answer=answer)
    if runs:
        assert guarded["bash"].run(command="ls -l") == "ran"
        assert ran == [("bash", {"command": "ls -l"})]
    else:
        with pytest.raises(PermissionError, match="not allowed"):
            guarded["bash"].run(command="ls -l")
        assert ran == []
    assert all(why for _, _, why in asked)
    assert guarded["bash"].declared() == box([])["bash"].declared()


def test_a_hook_is_told_what_it_is_about(tmp_path):
    told = tmp_path / "told.json"
    spy = hook(f"import sys; open({str(told)!r}, 'w').write(sys.stdin.read())")
    trust.guarded(box([]), tmp_path, {"allow": ["bash"]}, hooks=[spy])["bash"].run(command="ls é")
    assert json.loads(told.read_text("utf-8")) == {
        "hook_event_name": "PreToolUse",
        "tool_name": "bash",
        "tool_input": {"command": "ls é"},
        "cwd": str(tmp_path),
    }


def test_a_refusal_is_told_to_the_model_and_the_run_goes_on(tmp_path):
    seen = []

    def policy(request):
        seen.append(request["messages"][-1]["content"])
        return [use("t", "write", file_path="a.txt", content="x")] if len(seen) == 1 else "Then I do not."

    guard = lambda box: trust.guarded(box, tmp_path, {}, mode="plan")  # noqa: E731
    (tmp_path / "project").mkdir()
    messages, why = trust.work(api.script(policy), tmp_path / "project", tmp_path / "log", "Write.", guard=guard)
    assert why == "end_turn"
    assert seen[1][0]["is_error"] is True
    assert "nothing is changed while a plan is made" in seen[1][0]["content"]
    assert os.listdir(tmp_path / "project") == []


# --- sessions -----------------------------------------------------------------------------------------


def test_every_message_is_on_the_disk_before_the_model_is_asked(tmp_path):
    (tmp_path / "p").mkdir()
    log, found = tmp_path / "log", []

    def policy(request):
        found.append(len([r for r in tools.Ledger(log) if "message" in r]) == len(request["messages"]))
        return [use(f"t{len(found)}", "glob", pattern="*")] if len(found) < 4 else "Done."

    messages, _ = trust.work(api.script(policy), tmp_path / "p", log, "Look.")
    assert found == [True] * 4
    assert trust.replay(list(tools.Ledger(log))) == messages
    assert trust.Session(log).branch[-1][1] == messages[-1]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_is_cut_off_what_is_left_can_be_sent(tmp_path_factory, calls, data):
    """A log that was torn at any byte gives a history that the API takes."""
    path = tmp_path_factory.mktemp("log") / "log"
    session, messages = trust.Session(path), [{"role": "user", "content": "Go."}]
    for turn, count in enumerate(calls):
        blocks = [use(f"{turn}-{n}", "look") for n in range(count)]
        answers = [tools.tool_result(block, "x") for block in blocks] or [{"type": "text", "text": "And?"}]
        messages += [assistant(*blocks), {"role": "user", "content": answers}]
    session.follow(messages)
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(len(whole.split(b"\n")[0]) + 1, len(whole)))])
    found = trust.replay(list(tools.Ledger(path)))
    assert api.refusal(ask("", messages=found)) is None
    known = [message for message in found if message in messages]
    assert known == messages[: len(known)]
    assert len(found) - len(known) <= 1


def test_a_fork_keeps_both_branches(tmp_path):
    path, go = tmp_path / "log", {"role": "user", "content": "Go."}
    session = trust.Session(path)
    session.follow([go, assistant(), {"role": "user", "content": "Left."}, assistant()])
    other = trust.Session(path, head=1)
    other.follow([go, assistant(), {"role": "user", "content": "Right."}])
    records = list(tools.Ledger(path))
    assert len(records) == 5
    assert [message["content"] for message in trust.replay(records)][-1] == "Right."
    assert [message["content"] for message in trust.replay(records, head=2)][-1] == "Left."
    session.follow([go, assistant(), {"role": "user", "content": "Right?"}])  # the same object can part, too
    assert trust.Session(path).branch[-1][1]["content"] == "Right?"
    for head in (99, -1):
        with pytest.raises(LookupError, match=f"no message {head}"):
            trust.Session(path, head=head)


# --- files --------------------------------------------------------------------------------------------

PLAN = [
    ("write", {"file_path": "new.txt", "content": "one\n"}),
    ("read", {"file_path": "README.md"}),
    ("edit", {"file_path": "README.md", "old_string": "#", "new_string": "##"}),
    ("write", {"file_path": "deep/er.txt", "content": "two\n"}),
    ("edit", {"file_path": "new.txt", "old_string": "one", "new_string": "three"}),
]


def planned(request):
    """A scripted model that carries out PLAN, a call a turn."""
    done = sum(message["role"] == "assistant" for message in request["messages"])
    if done >= len(PLAN):
        return "Done."
    name, given = PLAN[done]
    return [use(f"t{done}", name, **given)]


@pytest.mark.parametrize("turn", range(1, len(PLAN) + 1))
def test_going_back_puts_the_files_back(turn):
    """To any message: the files are those that stood there when it was written."""
    with agent.checkout("wordindex") as folder:
        states, log = [trust.contents(folder)], folder.parent / "log"

        def watching(request):
            states.append(trust.contents(folder))
            return planned(request)

        trust.work(api.script(watching), folder, log, "Go.", trusted=True)
        states, records = states[1:], list(tools.Ledger(log))
        heads = [record["id"] for record in records if record.get("message", {}).get("role") == "user"]
        trust.work(api.script(lambda request: "Stop."), folder, log, "Stop.", head=heads[turn - 1], trusted=True)
        assert trust.contents(folder) == states[turn - 1]


def test_edits_of_one_reply_are_undone_in_their_order():
    """Calls of one reply run at the same time; the log still tells what stood before what."""
    for _ in range(3):
        with agent.checkout("wordindex") as folder:
            first, log = trust.contents(folder), folder.parent / "log"

            def policy(request):
                turn = len(request["messages"])
                if turn == 1:
                    return [use("r", "read", file_path="README.md")]
                if turn == 3:
                    writes = [use(f"w{n}", "write", file_path="README.md", content=f"{n}\n" * n) for n in range(1, 7)]
                    return [*writes, *[use(f"n{n}", "write", file_path=f"n{n}.txt", content="x") for n in range(4)]]
                return "Done."

            trust.work(api.script(policy), folder, log, "Go.", trusted=True)
            records = list(tools.Ledger(log))
            assert [record["id"] for record in records] == list(range(len(records)))
            assert trust.rewind(trust.changes_after(records, 0), folder) == []
            assert trust.contents(folder) == first


def test_what_was_not_read_is_not_overwritten_after_a_resume():
    with agent.checkout("wordindex") as folder:
        log = folder.parent / "log"
        trust.work(api.script(lambda request: "Hello."), folder, log, "Go.", trusted=True)
        (folder / "README.md").write_text("mine")
        write = lambda request: [use("w", "write", file_path="README.md", content="x")]  # noqa: E731
        said = iter([write, lambda request: "Done."])
        messages, _ = trust.work(api.script(lambda request: next(said)(request)), folder, log, "Write.", trusted=True)
        assert "was not read yet" in agent.steps_of(messages)[0][2]
        assert (folder / "README.md").read_text() == "mine"


def test_going_back_twice_is_going_back_once():
    with agent.checkout("wordindex") as folder:
        log, first = folder.parent / "log", trust.contents(folder)
        trust.work(api.script(planned), folder, log, "Go.", trusted=True)
        for _ in range(2):
            trust.work(api.script(lambda request: "Stop."), folder, log, "Stop.", head=0, trusted=True)
            assert trust.contents(folder) == first


def test_a_branch_whose_changes_were_undone_is_not_gone_on_with():
    with agent.checkout("wordindex") as folder:
        log = folder.parent / "log"
        trust.work(api.script(planned), folder, log, "Go.", trusted=True)
        end = trust.Session(log).head
        trust.work(api.script(lambda request: "Stop."), folder, log, "Stop.", head=0, trusted=True)
        with pytest.raises(RuntimeError, match=f"on the way to message {end} were undone"):
            trust.work(api.script(planned), folder, log, "Go on.", head=end, trusted=True)


def test_a_branch_on_which_nothing_was_changed_may_be_gone_on_with():
    """It was left, but there is nothing of it that would have to stand in the files again."""
    with agent.checkout("wordindex") as folder:
        log, read = folder.parent / "log", use("r", "read", file_path="README.md")
        said = iter([[read], "Seen."])
        trust.work(api.script(lambda request: next(said)), folder, log, "Look.", trusted=True)
        end = trust.Session(log).head
        trust.work(api.script(lambda request: "Stop."), folder, log, "Stop.", head=0, trusted=True)
        messages, why = trust.work(api.script(lambda request: "Yes."), folder, log, "And?", head=end, trusted=True)
        assert (why, len(messages), agents.text_of(messages[3])) == ("end_turn", 6, "Seen.")


def test_a_layer_around_the_window_sees_the_whole_log():
    """`view` stands between the log and the window: what it changes is sent, and not written down."""
    with agent.checkout("wordindex") as folder:
        log, sent = folder.parent / "log", []

        def louder(llm):
            def llm_louder(request):
                first = request["messages"][0]
                content = [block | {"text": block["text"].upper()} for block in first["content"]]
                return llm(request | {"messages": [first | {"content": content}, *request["messages"][1:]]})

            return llm_louder

        listening = api.script(lambda request: sent.append(request) or "Yes.")
        trust.work(listening, folder, log, "Look.", trusted=True, view=louder)
        assert sent[0]["messages"][0]["content"][-1]["text"] == "LOOK."
        assert trust.replay(list(tools.Ledger(log)))[0]["content"][-1]["text"] == "Look."


def test_a_folder_that_is_called_as_a_half_written_file_is_left_alone():
    with agent.checkout("wordindex") as folder:
        log = folder.parent / "log"
        trust.work(api.script(planned), folder, log, "Go.", trusted=True)
        (folder / f"{context.BESIDE}mine").mkdir()
        (folder / f"{context.BESIDE}half").write_text("half")
        trust.go_back(trust.Session(log), folder)
        assert (folder / f"{context.BESIDE}mine").is_dir() and not (folder / f"{context.BESIDE}half").exists()


def test_killed_between_going_back_and_the_next_message_it_stays_there():
    with agent.checkout("wordindex") as folder:
        log = folder.parent / "log"
        trust.work(api.script(planned), folder, log, "Go.", trusted=True)
        session = trust.Session(log, head=0)
        trust.go_back(session, folder)  # and here it dies
        files = trust.contents(folder)
        messages, _ = trust.work(api.script(lambda request: "Here."), folder, log, "Where are we?", trusted=True)
        assert [len(messages), trust.contents(folder)] == [3, files]


def test_nobody_elses_work_is_undone():
    with agent.checkout("wordindex") as folder:
        log = folder.parent / "log"
        trust.work(api.script(planned), folder, log, "Go.", trusted=True)
        (folder / "new.txt").write_text("mine")
        before = trust.contents(folder)
        with pytest.raises(RuntimeError, match=r"changed by somebody else since: new\.txt"):
            trust.work(api.script(planned), folder, log, "Again.", head=0, trusted=True)
        assert (folder / "new.txt").read_text() == "mine"
        assert before["new.txt"] == trust.contents(folder)["new.txt"]


def test_a_change_is_logged_before_it_is_made(tmp_path, monkeypatch):
    """A write that fails leaves its before-image in the log, and undoing it does nothing."""
    from built import coding_agent

    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.txt").write_text("old")
    session = trust.Session(tmp_path / "log")
    session.follow([{"role": "user", "content": "Go."}])
    workspace = trust.Kept(tmp_path / "p", True, session=session)
    box = agent.hands(workspace)
    box["read"].run(file_path="a.txt")
    monkeypatch.setattr(coding_agent, "replace_file", lambda *given: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        box["edit"].run(file_path="a.txt", old_string="old", new_string="new")
    changes = trust.changes_after(list(tools.Ledger(tmp_path / "log")), 0)
    assert [change["path"] for change in changes] == ["a.txt"]
    assert trust.rewind(changes, tmp_path / "p") == []
    assert (tmp_path / "p" / "a.txt").read_text() == "old"


# --- killed -------------------------------------------------------------------------------------------


def undisturbed(name):
    """The files of a repository after a run that nobody disturbed, and the last words."""
    with agent.checkout(name) as folder:
        messages, _ = trust.work(api.script(repairer()), folder, folder.parent / "log", "Mend it.", trusted=True)
        return trust.contents(folder), agents.text_of(messages[-1])


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_killed_anywhere_it_ends_as_if_nobody_had(full):
    """Killed by SIGKILL when its log has so many records, resumed by another process."""
    files, words = undisturbed("ratelimit")
    points = range(2, 44) if full else (3, 7, 12, 18, 25)
    for records in points:
        with agent.checkout("ratelimit") as folder:
            log = folder.parent / "log"
            assert trust.worker(folder, log, "Mend it.", records) in (-signal.SIGKILL, 0)
            before = trust.replay(list(tools.Ledger(log)))
            assert api.refusal(ask("", messages=before)) is None
            assert trust.worker(folder, log, "") == 0
            messages = trust.replay(list(tools.Ledger(log)))
            assert api.refusal(ask("", messages=messages)) is None
            assert trust.contents(folder) == files, records
            assert agents.text_of(messages[-1]) == words
            assert messages[: len(before) - 1] == before[:-1]


def test_nothing_is_left_running_or_lying_about(tmp_path):
    """Every process of this page ends with its call, and every folder with its block."""
    import gc
    import tempfile

    gc.collect()
    before = set(os.listdir(tempfile.gettempdir()))
    with agent.checkout("crontab") as folder:
        trust.work(api.script(repairer()), folder, folder.parent / "log", "Mend it.", trusted=True)
    left = {name for name in set(os.listdir(tempfile.gettempdir())) - before if name.startswith("tmp")}
    assert not [name for name in left if (notebook.Path(tempfile.gettempdir()) / name / "project").exists()]
