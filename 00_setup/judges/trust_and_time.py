"""What the exercises of `04_rag_and_agents/16_trust_and_time` are judged by."""

import base64
import copy
import hashlib
import os
import stat
import sys
import tempfile
import time
from pathlib import Path

from judges import Judge, Mistake, Question, Verdict, swap


def lines(rng):
    """Lines for the shell: words, quotes, separators, line ends, what is opaque, what is empty, at the end and in the middle."""
    plain = [
        "git status",
        "  git   log\t-n1 ",
        "",
        " ",
        "\n",
        "a",
        "a 'b c' \"d e\"",
        "a 'b'\"c\"d",
        "''",
        "a ''",
        'a "" b',
    ]
    parts = [
        "a;b",
        "a ; b",
        "a&&b",
        "a && b || c",
        "a|b",
        "a |& b",
        "a & b",
        "a\nb",
        "a;b;",
        "a &",
        "a;\n",
        "\na\n",
        "a\\\nb",
        "a\\;b",
    ]
    empty = ["a;;b", ";a", "&& a", "a &&", "a ||", "a |", "a && ; b", "a\n\nb", "a ; ; b", ";", "&", "a & & b", "a |&"]
    quoted = [
        "a ';' b",
        'a "&&" b',
        "a '$x'",
        "a \\$x",
        'a "\\$x"',
        "a 'b\nc'",
        'a "\\q"',
        "a \\'b",
        "a '\\'",
        "g\"i\"t 'st'atus",
    ]
    opaque = [
        "a $x",
        'a "$x"',
        "a `b`",
        'a "`b`"',
        "a $(b)",
        "a > f",
        "a < f",
        "(a)",
        "{ a; }",
        "a # b",
        "! a",
        "a 'b",
        'a "b',
        "a \\",
    ]
    more = [
        "a 2>&1",
        "a 2>&1 | b",
        "a x2>&1",
        "a 2>&1x",
        "a#b",
        "a !b",
        "a; ! b",
        "a\x00b",
        "a\rb",
        "a é\u00a0b",
        "FOO=1 a",
        "a *",
        "a b?",
        "a [b]",
        "a '*'",
        "a~",
        "\x0ba",
        "a\u00a0",
        "a \\*",
        "a ~ *",
    ]
    yield from ((line,) for line in [*plain, *parts, *empty, *quoted, *opaque, *more])
    pieces = ["a", "b c", " ", "'d e'", '"f"', ";", "&&", "\n", "\\;", "||", "|", "&", "$x", "''"]
    for _ in range(20):
        yield ("".join(rng.choice(pieces) for _ in range(rng.randint(1, 8))),)


def programs(rng):
    """Hooks: those that do not object, block, decide, fail, die, hang, do not read, print what is no text."""
    python = lambda text: [sys.executable, "-c", text]  # noqa: E731
    event = {"hook_event_name": "PreToolUse", "tool_name": "edit", "tool_input": {"file_path": "tests/é.py"}}
    yield python("pass"), event
    yield python("import sys; sys.stderr.write(' not today \\n'); sys.exit(2)"), event
    yield python("import sys; print('out'); sys.exit(2)"), event
    yield python("import sys; sys.exit(1)"), event
    yield python("import sys; sys.exit(3)"), event
    yield python("1 / 0"), event
    yield python("import os; os.kill(os.getpid(), 9)"), event
    yield python("import time; time.sleep(60)"), event, 0.4
    yield ["/no/such/program"], event
    yield [], event
    yield python("print('[' * 200_000)"), event
    yield python('print(\'{"decision": "deny", "reason": null}\')'), event
    late = "import json, sys, time; e = json.load(sys.stdin); time.sleep(1); open(e['late'], 'w')"
    yield python(late), event | {"late": "a file"}, 0.3
    yield python("print('fine')"), event
    yield python("print('[1]')"), event
    yield python('print(\'{"decision": "allow"}\')'), event
    yield python('print(\'{"decision": "deny", "reason": "no"}\')'), event
    yield python('print(\'{"decision": "ask", "reason": "sure?"}\')'), event
    yield python('print(\'{"decision": "perhaps", "reason": "no"}\')'), event
    yield (
        python("import sys; sys.stdout.buffer.write(b'\\xff'); sys.stderr.buffer.write(b'a\\xff'); sys.exit(2)"),
        event,
    )
    yield python("import sys; sys.stdout.buffer.write(b'\\xff')"), event
    told = "import json, sys; e = json.load(sys.stdin); print(json.dumps({'decision': 'deny', 'reason': e['tool_input']['file_path']}))"
    yield python(told), event
    yield (
        python('import sys; sys.stdin.buffer.read(); print(\'{"decision": "allow", "reason": "read to its end"}\')'),
        event,
    )
    yield python("pass"), event | {"tool_input": {"content": "x" * 300_000}}
    yield python("import sys; print('x' * 300_000); print('y' * 300_000, file=sys.stderr)"), event
    yield python("import sys; print(len(sys.argv)); sys.exit(2)") + ["; echo hacked >&2"], event


def ask_hook(answer, *given):
    """What a hook says; of failures only that one has to look and that a reason was given."""
    if "late" in given[1]:  # it would make a file a second later: it has to be gone by then
        with tempfile.TemporaryDirectory() as folder:
            place = os.path.join(folder, "late")
            verdict, why = answer(given[0], given[1] | {"late": place}, *given[2:])
            time.sleep(1.2)
            return verdict, bool(why), os.path.exists(place)
    verdict, why = answer(*given)
    return (verdict, bool(why)) if verdict == "ask" and why != "sure?" else (verdict, why)


def logs(rng):
    """Records of sessions: empty, straight, with changes of files between, forked, ending in calls, with a head."""
    text = lambda who, words: {"role": who, "content": words}  # noqa: E731
    call = lambda *names: {  # noqa: E731
        "role": "assistant",
        "content": [{"type": "text", "text": "I look."}]
        + [{"type": "tool_use", "id": name, "name": "look", "input": {}} for name in names],
    }
    came = lambda *names: {  # noqa: E731
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": name, "content": "x"} for name in names],
    }
    said = {"role": "assistant", "content": [{"type": "text", "text": "Done."}]}
    chain = lambda *messages: [  # noqa: E731
        {"id": n, "parent": n - 1 if n else None, "message": message} for n, message in enumerate(messages)
    ]
    yield [], None
    yield chain(text("user", "Go.")), None
    yield chain(text("user", "Go."), said), None
    yield chain(text("user", "Go."), call("a")), None
    yield chain(text("user", "Go."), call("a", "b")), None
    yield chain(text("user", "Go."), call("a"), came("a"), said), None
    whole = chain(text("user", "Go."), call("a"), came("a"), call("b", "c"), came("b", "c"), said)
    for head in range(6):
        yield whole, head
    yield whole, 9
    change = {"id": 2, "parent": 1, "change": {"path": "a"}}
    mixed = [*chain(text("user", "Go."), call("a")), change, {"id": 3, "parent": 1, "message": came("a")}]
    yield mixed, None
    yield [*mixed, {"id": 4, "parent": 3, "change": {"path": "b"}}], None
    yield mixed, 2
    fork = [
        *whole,
        {"id": 6, "parent": 2, "message": text("user", "Otherwise.")},
        {"id": 7, "parent": 6, "message": call("d")},
    ]
    for head in (None, 5, 6, 7):
        yield fork, head
    yield [*chain(text("user", "Go."), {"role": "assistant", "content": [{"type": "text", "text": "tool_use"}]})], None


def replayed(answer, records, head):
    """Replay a log twice: what came, and whether the records were left alone."""
    before = copy.deepcopy(records)
    try:
        came = answer(records, head)
    except LookupError:
        return "LookupError", records == before
    came = copy.deepcopy(came)
    return came, answer(records, head) == came, records == before


def edits(rng):
    """Files before and now, with the changes between: written, made, removed, changed by others, half done, undone already."""
    yield {"a": (b"new", 0o644)}, [("a", b"old", 0o640, b"new")]
    yield {"a": (b"new", 0o644)}, [("a", None, None, b"new")]
    yield {"a": (b"old", 0o644)}, [("a", b"old", 0o644, b"new")]
    yield {}, [("a", None, None, b"new")]
    yield {}, [("a", b"old", 0o644, b"new")]
    yield {"a": (b"mine", 0o644)}, [("a", b"old", 0o644, b"new")]
    yield {"a": (b"mine", 0o644)}, [("a", None, None, b"new")]
    yield {"a": (b"3", 0o644)}, [("a", b"1", 0o755, b"2"), ("a", b"2", 0o644, b"3")]
    yield (
        {"a": (b"3", 0o644), "b": (b"y", 0o600)},
        [("a", b"1", 0o755, b"2"), ("b", b"x", 0o600, b"y"), ("a", b"2", 0o644, b"3")],
    )
    yield {"a": (b"2", 0o644)}, [("a", b"1", 0o644, b"2"), ("a", b"2", 0o644, b"3")]
    yield (
        {"a": (b"mine", 0o644), "b": (b"y", 0o644)},
        [("a", b"1", 0o644, b"2"), ("b", b"x", 0o644, b"y"), ("a", b"2", 0o644, b"3")],
    )
    yield (
        {"a": (b"mine", 0o644), "b": (b"mine", 0o644)},
        [("b", b"1", 0o644, b"2"), ("a", b"1", 0o644, b"2"), ("a", b"2", 0o644, b"3")],
    )
    yield {"a": (b"1", 0o644)}, [("a", None, None, b"1"), ("a", b"1", 0o644, b"2"), ("a", b"2", 0o644, b"1")]
    yield {"deep/a": (b"\xff\r\n", 0o755)}, [("deep/a", b"\xfe\r\n", 0o700, b"\xff\r\n")]
    yield {}, [("gone/a", b"old", 0o644, b"new"), ("gone/a", b"new", 0o644, b"")]
    yield {"a": (b"new", 0o644)}, [("../out", b"old", 0o644, b"new"), ("a", b"old", 0o644, b"new")]
    yield {"a": (b"new", 0o644)}, []
    yield {"a": (b"new", 0o644)}, [("a", b"", 0o644, b"new")]
    yield {"a": (b"", 0o644)}, [("a", None, None, b""), ("a", b"", 0o644, b"x")]
    yield {"a": (b"1", 0o644)}, [("a", b"1", 0o644, b"2"), ("a", b"2", 0o644, b"3")]
    for _ in range(6):
        states, changes, mode = [b"0"], [], 0o644
        for n in range(rng.randint(1, 4)):
            changes.append(("a", states[-1], mode, str(n + 1).encode()))
            states.append(changes[-1][3])
        yield {"a": (rng.choice([*states, b"mine"]), mode)}, changes


def undo(answer, files, changes):
    """Wind files back: what was left, what stands there now, and whether a second time changes anything."""
    given = [
        {
            "path": path,
            "before": None if before is None else base64.b64encode(before).decode(),
            "mode": mode,
            "after": hashlib.sha256(after).hexdigest(),
        }
        for path, before, mode, after in changes
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        root.mkdir()
        for name, (content, mode) in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
            (root / name).chmod(mode)
        left = []
        for _ in range(2):
            try:
                left.append(answer(copy.deepcopy(given), root))
            except PermissionError:
                left.append("PermissionError")
        found = {}
        for place in sorted(root.rglob("*")):
            if place.is_file():
                mode = oct(stat.S_IMODE(place.stat().st_mode)) if os.name == "posix" else ""
                found[place.relative_to(root).as_posix()] = (place.read_bytes(), mode)
        outside = sorted(path.name for path in Path(folder).iterdir())
    return {"left, the first and a second time": left, "files": found, "outside of the project": outside}


COMMANDS = """def simple_commands(line):
    commands, words, word, last = [], [], None, ""
    try:
        for kind, text in shell_tokens(line.strip(" \\t\\n")):
            if kind in ("plain", "quoted"):
                word = (word or "") + text
                continue
            words, word = words + ([] if word is None else [word]), None
            if kind == "separator":
                if not words:
                    return None
                commands, words, last = [*commands, words], [], text
    except ValueError:
        return None
    words = words + ([] if word is None else [word])
    if words:
        return [*commands, words]
    return commands if commands and last in (";", "&", "\\n") else None
"""
HOOK = """def hook_says(command, event, seconds=10.0):
    said = json.dumps(event, ensure_ascii=False).encode()
    try:
        done = subprocess.run(command, input=said, capture_output=True, timeout=seconds, check=False)
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
        return "ask", f"the hook did not answer: {type(error).__name__}"
    if done.returncode == 2:
        return "deny", done.stderr.decode("utf-8", "replace").strip()
    if done.returncode != 0:
        return "ask", f"the hook failed with status {done.returncode}"
    try:
        answer = json.loads(done.stdout)
    except (ValueError, RecursionError):
        return "", ""
    if isinstance(answer, dict) and answer.get("decision") in ("deny", "ask", "allow"):
        return answer["decision"], str(answer.get("reason") or "")
    return "", ""
"""
REPLAY = """def replay(records, head=None):
    messages = [message for _, message in branch_of(records, head)]
    last = messages[-1] if messages else {"role": "user", "content": []}
    calls = last["role"] == "assistant" and any(block["type"] == "tool_use" for block in last["content"])
    return messages + ([pair_up(last, {}, "interrupted: its result is not known")] if calls else [])
"""
REWIND = """def rewind(changes, root):
    places, left = [inside(root, change["path"]) for change in changes], []
    bytes_before = lambda change: None if change["before"] is None else base64.b64decode(change["before"])
    oldest = {change["path"]: bytes_before(change) for change in reversed(changes)}
    for change, place in reversed(list(zip(changes, places))):
        old, now = bytes_before(change), place.read_bytes() if place.is_file() else None
        if change["path"] in left or now in (old, oldest[change["path"]]):
            continue
        if now is None or digest(now) != change["after"]:
            left.append(change["path"])
        elif old is None:
            place.unlink()
        else:
            replace_file(place, old)
            place.chmod(change["mode"])
    return left
"""

EXERCISES = {
    "simple_commands": Judge(
        cases=lines,
        hints=(
            "Keep four things: the commands so far, the words of this one, the word that is growing (None if none is), the last separator.",
            "plain and quoted make the word longer; space and separator end it; a separator ends the command, too.",
            '`word = (word or "") + text` makes an empty quote a word. At the end: a command without words is fine only behind ; & or a newline.',
        ),
        mistakes={
            "empty-quotes": Mistake(
                "Empty quotes are a word, and you lose it. `rm ''` is not `rm`.",
                swap(COMMANDS, ("[] if word is None else [word]", "[word] if word else []")),
            ),
            "glued": Mistake(
                'Each token became a word of its own. `g"i"t` is one word to the shell, and a rule that knows `git` must see it.',
                swap(
                    COMMANDS,
                    ('word = (word or "") + text\n', "words, word = words + ([] if word is None else [word]), text\n"),
                ),
            ),
            "empty-command": Mistake(
                "An empty command is passed over. What a shell makes of `a ;; b` you do not know: None.",
                swap(
                    COMMANDS,
                    ("if not words:\n                    return None", "if not words:\n                    continue"),
                ),
            ),
            "open-end": Mistake(
                "`a &&` waits for more. It is no whole line: None.",
                swap(COMMANDS, ('commands and last in (";", "&", "\\n")', "commands")),
            ),
            "closed-end": Mistake(
                "`a;` and `a &` are whole lines. A separator at the end may end the line, if it is ; or & or a newline.",
                swap(COMMANDS, ('commands if commands and last in (";", "&", "\\n") else None', "None")),
            ),
            "raises": Mistake(
                "`shell_tokens` raises ValueError for what it does not know, and you pass it on. Say None: opaque.",
                swap(COMMANDS, ("except ValueError:\n        return None", "except KeyError:\n        return None")),
            ),
            "last-lost": Mistake(
                "The last command is missing: nothing comes behind it that would end it.",
                swap(COMMANDS, ("    if words:\n        return [*commands, words]\n", "")),
            ),
            "empty-line": Mistake(
                "A line without a command is an empty list for you. An empty list fits every rule: all of nothing. Say None.",
                swap(COMMANDS, ("return commands if commands and last", "return commands if not commands or last")),
            ),
        },
        also=(
            """def simple_commands(line):
    try:
        found = list(shell_tokens(line.strip("\\n\\t ")))
    except ValueError:
        return None
    if found and found[-1][0] == "separator" and found[-1][1] in (";", "&", "\\n"):
        found.pop()
    groups = [[]]
    for token in found:
        if token[0] == "separator":
            groups.append([])
        else:
            groups[-1].append(token)
    result = []
    for group in groups:
        words, fresh = [], True
        for kind, text in group:
            if kind == "space":
                fresh = True
            elif fresh:
                words.append(text)
                fresh = False
            else:
                words[-1] += text
        if not words:
            return None
        result.append(words)
    return result
""",
        ),
    ),
    "hook_says": Judge(
        cases=programs,
        drive=ask_hook,
        seconds=30.0,
        hints=(
            "`subprocess.run(command, input=…, capture_output=True, timeout=seconds)` writes, closes, waits and kills.",
            "Two exceptions: OSError, if it cannot be started, and subprocess.TimeoutExpired. Both are no yes.",
            "2 first, then everything that is not 0, then the JSON. `json.loads` takes bytes, and raises ValueError for what is none.",
        ),
        mistakes={
            "fail-open": Mistake(
                "A hook that failed is taken for one that does not object. A guard that crashed has not agreed.",
                swap(HOOK, ('return "ask", f"the hook failed with status {done.returncode}"', 'return "", ""')),
            ),
            "late-open": Mistake(
                "A hook that did not answer in time is taken for a yes. Then it suffices to keep it busy.",
                swap(HOOK, ('return "ask", f"the hook did not answer: {type(error).__name__}"', 'return "", ""')),
            ),
            "only-two": Mistake(
                "Every failure blocks. A hook with a mistake in it then stops all work; somebody should look instead.",
                swap(HOOK, ('return "ask", f"the hook failed', 'return "deny", f"the hook failed')),
            ),
            "wrong-stream": Mistake(
                "The reason is read from the standard output. It stands on the standard error.",
                swap(HOOK, ("done.stderr.decode", "done.stdout.decode")),
            ),
            "no-event": Mistake(
                "The hook is not told what it is about. The event goes to its standard input.",
                swap(HOOK, ("input=said", 'input=b"{}"')),
            ),
            "strict-text": Mistake(
                "A reason that is no UTF-8 makes the guard itself fail. Decode with `replace`.",
                swap(HOOK, ('decode("utf-8", "replace")', 'decode("utf-8")')),
            ),
            "any-decision": Mistake(
                "Any word is taken for a decision. Three are known; another one is no objection, as if it had said nothing.",
                swap(HOOK, ('answer.get("decision") in ("deny", "ask", "allow")', '"decision" in answer')),
            ),
            "decision-first": Mistake(
                "You look at the output before the status. A hook that ends with 2 blocks, whatever it printed.",
                swap(
                    HOOK,
                    (
                        "    if done.returncode == 2:\n",
                        "    if done.stdout:\n        return '', ''\n    if done.returncode == 2:\n",
                    ),
                ),
            ),
        },
        also=(
            """def hook_says(command, event, seconds=10.0):
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except (OSError, ValueError, IndexError) as error:
        return "ask", repr(error)
    try:
        out, err = process.communicate(json.dumps(event).encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return "ask", "too late"
    code = process.returncode
    if code == 2:
        return "deny", err.decode(errors="replace").strip()
    if code:
        return "ask", f"status {code}"
    try:
        answer = json.loads(out.decode(errors="replace"))
    except (json.JSONDecodeError, RecursionError):
        return "", ""
    if type(answer) is dict and answer.get("decision") in {"allow", "deny", "ask"}:
        return answer["decision"], answer.get("reason") or ""
    return "", ""
""",
        ),
    ),
    "replay": Judge(
        cases=logs,
        drive=replayed,
        hints=(
            "`branch_of(records, head)` climbs from the head to the root and gives [(id, message)] in the right order.",
            "Only the last message can hold calls without an answer. If it is the assistant's, look for blocks of type tool_use.",
            "`pair_up(last, {}, reason)` makes the message that answers all of them. Append it to your list, not to the records.",
        ),
        mistakes={
            "open-calls": Mistake(
                "The last message holds calls, and nothing answers them. The service refuses this history for ever.",
                swap(REPLAY, (" if calls else []", " if False else []")),
            ),
            "drops-calls": Mistake(
                "You leave the message with the open calls out. Perhaps they were carried out; the model has to know of them.",
                swap(
                    REPLAY,
                    (
                        'messages + ([pair_up(last, {}, "interrupted: its result is not known")] if calls else [])',
                        "messages[:-1] if calls else messages",
                    ),
                ),
            ),
            "in-file-order": Mistake(
                "You take the messages as they stand in the file. After a fork two branches stand there one after the other.",
                swap(
                    REPLAY,
                    (
                        "[message for _, message in branch_of(records, head)]",
                        '[r["message"] for r in records if "message" in r and (head is None or r["id"] <= head)]',
                    ),
                ),
            ),
            "ignores-head": Mistake(
                "The head is ignored. Whoever goes back wants to go on from there.",
                swap(REPLAY, ("branch_of(records, head)", "branch_of(records)")),
            ),
            "always-answers": Mistake(
                "You answer calls that are not there: a message of the user without any content.",
                swap(REPLAY, (" if calls else []", ' if last["role"] == "assistant" else []')),
            ),
            "writes": Mistake(
                "Reading changed the records. Whoever reads twice finds something else.",
                swap(
                    REPLAY,
                    (
                        "    return messages +",
                        '    if calls:\n        records.append({"id": len(records), "parent": records[-1]["id"], "message": pair_up(last, {}, "")})\n    return messages +',
                    ),
                ),
            ),
            "other-words": Mistake(
                "The reason is another one. Whoever looks for it, a model or a test, goes by these words.",
                swap(REPLAY, ("interrupted: its result is not known", "interrupted")),
            ),
        },
        also=(
            """def replay(records, head=None):
    by_id = {}
    for record in records:
        if "message" in record:
            by_id[record["id"]] = record
    if not by_id and head is None:
        return []
    at = list(by_id)[-1] if head is None else head
    if at not in by_id:
        raise LookupError(at)
    path = []
    while at is not None:
        path.insert(0, by_id[at]["message"])
        at = by_id[at]["parent"]
    if path[-1]["role"] == "assistant":
        if [b for b in path[-1]["content"] if b["type"] == "tool_use"]:
            path.append(pair_up(path[-1], {}, "interrupted: its result is not known"))
    return path
""",
        ),
    ),
    "rewind": Judge(
        cases=edits,
        drive=undo,
        hints=(
            'All places first: `[inside(root, change["path"]) for change in changes]` raises before anything is touched.',
            "Then backwards, and for each three questions in this order: as before? as written? by somebody else?",
            "`now` is None where there is no file, as `before` is; then one comparison answers the first question.",
        ),
        mistakes={
            "forwards": Mistake(
                "You undo the oldest first. Then the second change puts back what the first one had written.",
                swap(REWIND, ("reversed(list(zip(changes, places)))", "list(zip(changes, places))")),
            ),
            "over-others": Mistake(
                "Somebody else has changed the file since, and their work is gone. Look before you write.",
                swap(REWIND, ('if now is None or digest(now) != change["after"]:', "if False:")),
            ),
            "half-done": Mistake(
                "A change that was logged and never made is taken for somebody else's. As before is as before: nothing to do.",
                swap(REWIND, ('now in (old, oldest[change["path"]])', "now is None is old")),
            ),
            "older-go-on": Mistake(
                "A file was left alone, and then an older change of it was undone all the same, or named once more.",
                swap(REWIND, ('change["path"] in left or now in', "now in"), ("left.append", "left.append")),
            ),
            "not-twice": Mistake(
                "A second rewind takes your own work for somebody else's. A path that is as before its oldest change is done.",
                swap(REWIND, ('now in (old, oldest[change["path"]])', "now == old")),
            ),
            "empty-before": Mistake(
                "A file that was empty is removed instead of emptied. An empty text is a file; None is none.",
                swap(REWIND, ('if change["before"] is None else', 'if not change["before"] else')),
            ),
            "mode-lost": Mistake(
                "The bytes are back, and the mode is not: a script that no longer runs.",
                swap(REWIND, ('            place.chmod(change["mode"])\n', "")),
            ),
            "new-files": Mistake(
                "A file that was made is emptied instead of removed.",
                swap(REWIND, ("            place.unlink()", '            place.write_bytes(b"")')),
            ),
            "late-check": Mistake(
                "Some changes were undone before you noticed that one path leads out. Look at all places first.",
                swap(
                    REWIND,
                    ('places, left = [inside(root, change["path"]) for change in changes], []', "left = []"),
                    (
                        "for change, place in reversed(list(zip(changes, places))):",
                        'for change in reversed(changes):\n        place = inside(root, change["path"])',
                    ),
                ),
            ),
            "no-guard": Mistake(
                "A path that leads out of the project is followed. The log is a file, and whoever can write it chooses paths.",
                swap(REWIND, ('inside(root, change["path"])', 'Path(root) / change["path"]')),
            ),
        },
        also=(
            """def rewind(changes, root):
    todo = [(change, inside(root, change["path"])) for change in changes]
    skipped = []
    while todo:
        change, place = todo.pop()
        if change["path"] in skipped:
            continue
        present = place.exists()
        data = place.read_bytes() if present else b""
        same = [c for c, _ in [*todo, (change, place)] if c["path"] == change["path"]]
        for one in (change, same[0]):
            if present and one["before"] is not None and data == base64.b64decode(one["before"]):
                break
            if not present and one["before"] is None:
                break
        else:
            one = None
        if one:
            continue
        if not present or digest(data) != change["after"]:
            skipped.append(change["path"])
            continue
        if change["before"] is None:
            os.remove(place)
            continue
        replace_file(place, base64.b64decode(change["before"]))
        os.chmod(place, change["mode"])
    return skipped
""",
        ),
    ),
}

QUIZ = (
    Question(
        "one-character",
        "In the widget: which one character makes `git status` a line about which you are asked, and why?",
        (
            ("A space at its end, since the words are no longer the same", "Spaces at the ends do not count."),
            (
                "A quote around the word git, since git in quotes is another word",
                'Quotes are taken off: `g"i"t` is git.',
            ),
            (
                "A dollar sign, since the text alone no longer says what is run",
                "What is opaque is never allowed by a rule.",
            ),
            (
                "A semicolon at its end, since a second command could follow it",
                "None follows; a line may end with one.",
            ),
        ),
        right=2,
    ),
    Question(
        "lists",
        "Why can one say that nothing gets past an allow list, and not that of a deny list?",
        (
            (
                "Because an allow list is shorter, so that it can be read at once",
                "Its length has nothing to do with it.",
            ),
            (
                "Because what is not understood is asked about, not let through",
                "The allow list is closed; ways to do harm are not countable.",
            ),
            ("Because deny rules are looked at last, when it may be too late", "They are looked at first."),
            (
                "Because the model is told of the first list, and not of the second",
                "It is told of neither; the harness holds them.",
            ),
        ),
        right=1,
    ),
    Question(
        "crash",
        "The process is killed while a command runs. What stands in the log, and what is sent on resuming?",
        (
            (
                "The call without its answer; an answer that says: interrupted",
                "True, and acceptable to the API; the model decides what to do.",
            ),
            (
                "Neither the call nor its answer; the same question once more",
                "The reply was written down as soon as it was complete.",
            ),
            (
                "The call and its answer; both of them, as nothing has been lost",
                "There was no answer yet when the process died.",
            ),
            (
                "The call without its answer; the history without this call",
                "It may have had effects. The model has to know of it.",
            ),
        ),
        right=0,
    ),
    Question(
        "before-images",
        "Why does the log keep what stood in a file *before*, and is written first?",
        (
            (
                "So that a crash between the two leaves something to undo it by",
                "A write-ahead log: after a crash the file can be put back in either case.",
            ),
            ("So that the model can read the old version when it wants to", "It could, but nobody sends it there."),
            ("So that two sessions can edit one file at the same time", "The digest guards against that, not the log."),
            (
                "So that the edit itself becomes faster than without a log",
                "It becomes slower: two writes instead of one.",
            ),
        ),
        right=0,
    ),
    Question(
        "hook",
        "A hook that guards production crashes with status 1. What should the harness do?",
        (
            (
                "Go on, since an error of a hook is no objection of the hook",
                "Some products do. The guard has not agreed to anything.",
            ),
            ("Ask somebody, since the guard has neither agreed nor refused", "A guard that crashed has not said yes."),
            (
                "End the run, since without the hook nothing is safe any more",
                "Too much: one call needs a look, not the end of all work.",
            ),
            (
                "Start the hook again until it gives one of the known answers",
                "It may crash for ever, or say yes at the tenth time.",
            ),
        ),
        right=1,
    ),
)


def lines_with_rules(rng):
    """Rules, and lines of several commands, some with the same first word."""
    rules = {"deny": ["bash(git push --force)"], "ask": ["bash(git push:*)"], "allow": ["bash(git:*)", "bash(ls)"]}
    for line in (
        "git status",
        "git push",
        "git push --force; git status",
        "git status; git push --force",
        "ls; git log",
        "ls -l",
    ):
        yield rules, line, "default"
        yield rules, line, "plan"
    for _ in range(6):
        yield rules, "; ".join(rng.sample(["git push --force", "git status", "ls", "git push", "rm x"], 3)), "default"


def rule_words(rng):
    """Rules for commands, and words."""
    for spec in ("git", "git:*", "git log:*", "git log", "", ":*", "ls -l:*"):
        for words in (["git"], ["git", "log"], ["git", "log", "-1"], ["ls"], ["ls", "-l", "x"]):
            yield spec, words


REVIEWS = {
    "first-command": Verdict(
        of="judged_command",
        right=False,
        why="The names are keys of a dict: two commands of the same name become one entry, and the last verdict wins. `git push --force; git "
        "status` is judged by its harmless half. A change for the eye that changed what is true.",
        cases=lines_with_rules,
        witness=(
            {"deny": ["bash(git push --force)"], "allow": ["bash(git:*)"]},
            "git push --force; git status",
            "default",
        ),
    ),
    "plain-slice": Verdict(
        of="fits_words",
        right=True,
        why='Right: without ":*" the slice went to the end, so all words were compared, and they are here.',
        cases=rule_words,
    ),
}
