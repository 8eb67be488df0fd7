"""What the exercises of `04_rag_and_agents/10_tool_use` are judged by."""

import shutil
import tempfile
import typing
from pathlib import Path
from typing import Any, Literal, Optional, Union

from judges import Judge, Mistake, Question, Verdict, swap


def annotations(rng):
    """Plain kinds, containers with and without contents, choices of one type and of several, unions, what has none."""
    yield from [(kind,) for kind in (str, int, float, bool, None, type(None), Any, list, dict)]
    yield from [(kind,) for kind in (list[str], list[list[int]], dict[str, float], dict[str, list[bool]])]
    yield from [
        (kind,) for kind in (Literal["a"], Literal[1, 2], Literal["a", 1], Literal[True, False], Literal[1, True])
    ]
    yield from [(kind,) for kind in (Literal["a", None], typing.List[int], typing.Dict[str, int])]
    yield from [(kind,) for kind in (int | str, Optional[int], Union[str, None, list[int]], list[int | None])]
    yield from [(kind,) for kind in (bytes, set[int], tuple[int, str], list[bytes], object, dict[int, str])]
    plain = [str, int, float, bool, Any, Literal["x", "y"]]
    for _ in range(20):
        kind = rng.choice(plain)
        for _ in range(rng.randint(1, 3)):
            kind = rng.choice([list[kind], dict[str, kind], kind | None if kind is not Any else list[kind]])
        yield (kind,)


def call(name, tool="lag"):
    """A call with the id `name`."""
    return {"type": "tool_use", "id": name, "name": tool, "input": {}}


def answer(name, content="3 s", failed=False):
    """The result of the call with the id `name`."""
    return {"type": "tool_result", "tool_use_id": name, "content": content, "is_error": failed}


def turns(rng):
    """Messages with calls of which all, some or none have a result; results in another order, and of other messages."""
    text, thought = {"type": "text", "text": "I look."}, {"type": "thinking", "thinking": "Hm", "signature": "s"}
    said = lambda *content: {"role": "assistant", "content": list(content)}  # noqa: E731
    yield said(call("t1")), {"t1": answer("t1")}, "too late"
    yield said(call("t1")), {}, "too late"
    yield said(thought, text, call("t1"), call("t2")), {"t2": answer("t2"), "t1": answer("t1")}, "too late"
    yield said(call("t1"), call("t2")), {"t2": answer("t2", "KeyError: 'x'", True)}, "interrupted"
    yield said(text), {}, "too late"
    theirs = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}}
    yield said(theirs, call("t1")), {"t1": answer("t1")}, "too late"
    yield said(text), {"t9": answer("t9")}, "too late"
    yield said(call("t1")), {"t1": answer("t1"), "t0": answer("t0", "of the turn before")}, "too late"
    yield said(call("t1"), call("t2"), call("t3")), {"t2": answer("t2", "")}, "stopped"
    for _ in range(15):
        names = [f"t{n}" for n in rng.sample(range(50), rng.randint(1, 5))]
        content = [part for name in names for part in ([text] if rng.random() < 0.3 else []) + [call(name)]]
        came = rng.sample([*names, "old"], rng.randint(0, len(names)))
        yield (
            said(*content),
            {name: answer(name, f"result of {name}", rng.random() < 0.3) for name in came},
            "no result",
        )


def effects(rng):
    """Sequences of attempts: (key, what happens). One value, a refused connection, a crash, and repeats of each."""
    yield ([("a", 1), ("a", 2)],)
    yield ([("a", 1), ("b", 2), ("a", 3), ("b", 4)],)
    yield ([("a", "not done"), ("a", 2), ("a", 3)],)
    yield ([("a", "crash"), ("a", 2)],)
    yield ([("a", "crash"), ("b", 2), ("a", 3), ("a", "not done")],)
    yield ([("a", None), ("a", 5)],)
    yield ([("a", 1), ("ab", 2), ("a", 3), ("ab", 4)],)
    yield ([("ab", 1), ("a", 2)],)
    yield ([("a", "interrupt"), ("a", 2)],)
    yield ([("a", 0), ("a", 5)],)
    yield ([("a", "not done"), ("a", "crash"), ("a", 2)],)
    yield ([("a", "not done"), ("a", "not done"), ("a", 7), ("a", 8)],)
    for _ in range(12):
        yield (
            [(rng.choice("ab"), rng.choice([1, 2, 3, None, "not done", "crash"])) for _ in range(rng.randint(2, 7))],
        )


def attempts(answer, steps):
    """Make the attempts on one log: what each came to, how often each effect happened, and the log."""
    from built.tool_use import NotDone

    refusal = getattr(answer, "__globals__", {}).get("NotDone", NotDone)  # the kernel has a class of its own
    log, came, happened = [], [], []

    def effect(key, what):
        if what == "not done":
            raise refusal("the connection was refused")
        happened.append(key)
        if what in ("crash", "interrupt"):
            raise RuntimeError("killed") if what == "crash" else SystemExit("stopped")
        return what

    for key, what in steps:
        try:
            came.append(answer(log, key, lambda key=key, what=what: effect(key, what)))
        except (Exception, SystemExit) as error:  # noqa: BLE001  (the kind of the error is the outcome)
            came.append(
                (type(error).__name__, key in str(error)) if type(error).__name__ == "Unknown" else type(error).__name__
            )
    return came, happened, log


PLACES = (
    "src/main.py",
    "src",
    ".",
    "src/../src/./main.py",
    "new/file.txt",
    "../app-secrets/key",
    "../secrets/key",
    "..",
    "src/../../secrets",
    "link-in/main.py",
    "link-out",
    "link-out/key",
    "link-out/new",
    "link-file",
    "link-out/../app/src",
    "link-out/../secrets/key",
    "...",
    "..hidden/file",
    " src",
    "~/file",
    "",
    "a\0b",
)


def paths(rng):
    """Relative and absolute paths, through links that stay and links that leave; the root itself behind a link."""
    for place in PLACES:
        yield "app", place
    for place in ("src/main.py", "link-out/key", "../secrets/key", "."):
        yield "alias", place
    for place in ("app/src/main.py", "app", "secrets/key", "app-secrets/key", "alias/src/main.py"):
        yield "app", f"/{place}"  # absolute, below the folder of this case


def place(answer, root, path):
    """Judge a path in a small tree on disk: where it leads, relative to the tree, or the kind of error."""
    base = Path(tempfile.mkdtemp()).resolve()
    try:
        for folder in ("app/src", "secrets", "app-secrets"):
            (base / folder).mkdir(parents=True)
        for name, target in (("link-in", "app/src"), ("link-out", "secrets"), ("link-file", "secrets/key")):
            (base / "app" / name).symlink_to(base / target)
        (base / "alias").symlink_to(base / "app")
        (base / "app" / "src" / "main.py").touch()
        found = answer(base / root, str(base) + path if path[:1] == "/" else path)
        return Path(found).relative_to(base).as_posix()
    except (PermissionError, ValueError) as error:
        return type(error).__name__
    finally:
        shutil.rmtree(base)


SCHEMA = """def schema_of(kind):
    plain = {str: "string", int: "integer", float: "number", bool: "boolean", None: "null", type(None): "null"}
    if kind is Any:
        return {}
    if kind in plain:
        return {"type": plain[kind]}
    origin, parts = typing.get_origin(kind) or kind, typing.get_args(kind)
    if origin is Literal:
        kinds = {type(value) for value in parts}
        only = plain.get(kinds.pop()) if len(kinds) == 1 else None
        values = {"enum": list(parts)} if len(parts) > 1 else {"const": parts[0]}
        return values | ({"type": only} if only else {})
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [schema_of(part) for part in parts]}
    if origin is list:
        return {"type": "array", "items": schema_of(parts[0]) if parts else {}}
    if origin is dict and (not parts or parts[0] is str):
        return {"type": "object", "additionalProperties": schema_of(parts[1]) if parts else True}
    raise TypeError(f"no schema for {kind!r}")
"""
PAIR = """def pair_up(message, results, reason):
    calls = [block for block in message["content"] if block["type"] == "tool_use"]
    return {"role": "user", "content": [results.get(call["id"]) or tool_result(call, reason, True) for call in calls]}
"""
ONCE = """def run_once(log, key, effect):
    last = None
    for record in log:
        if record["key"] == key:
            last = record
    if last and last["state"] == "done":
        return last["value"]
    if last and last["state"] == "begun":
        raise Unknown(key)
    log.append({"key": key, "state": "begun"})
    try:
        value = effect()
    except NotDone:
        log.append({"key": key, "state": "not done"})
        raise
    log.append({"key": key, "state": "done", "value": value})
    return value
"""
INSIDE = """def inside(root, path):
    if not path or "\\0" in str(path):
        raise ValueError(f"{path!r} is no path")
    home = Path(root).resolve()
    real = (home / path).resolve()
    if not real.is_relative_to(home):
        raise PermissionError(f"{str(path)!r} lies outside of {str(root)!r}")
    return real
"""


EXERCISES = {
    "schema_of": Judge(
        cases=annotations,
        hints=(
            "Begin with a dict from the plain types to their names, and with Any.",
            "`typing.get_origin(list[int])` is list, `typing.get_args(list[int])` is (int,). Both give nothing for `list`.",
            "A union's origin is `typing.Union` or `types.UnionType`; the parts of each are schemas of their own.",
            "For Literal, look at the set of the types of its values: one, or several?",
        ),
        mistakes={
            "no-null": Mistake(
                "`str | None` has lost its None: the model may not leave it out of the choice, and null is refused.",
                swap(SCHEMA, ("for part in parts]}", "for part in parts if part is not type(None)]}")),
            ),
            "first-of-union": Mistake(
                "Of a union you take the first part. The others are right as well: that is what `anyOf` says.",
                swap(SCHEMA, ('return {"anyOf": [schema_of(part) for part in parts]}', "return schema_of(parts[0])")),
            ),
            "one-union": Mistake(
                "`int | str` and `Optional[int]` are of two classes: `types.UnionType` and `typing.Union`.",
                swap(SCHEMA, ("(typing.Union, types.UnionType)", "(types.UnionType,)")),
            ),
            "no-items": Mistake(
                "What a list holds is lost: the model will send texts where you want numbers.",
                swap(SCHEMA, ('"items": schema_of(parts[0]) if parts else {}', '"items": {}')),
            ),
            "bare-list": Mistake(
                "`list` alone has no parts to take the first of. Its items may be anything: {}.",
                swap(SCHEMA, ("schema_of(parts[0]) if parts else {}", "schema_of(parts[0])")),
            ),
            "key-for-value": Mistake(
                "dict[str, X]: additionalProperties is the schema of the values, not of the keys.",
                swap(SCHEMA, ("schema_of(parts[1])", "schema_of(parts[0])")),
            ),
            "any-key": Mistake(
                "`dict[int, str]` passes, and JSON has no such keys: they would come back as texts. Raise a TypeError.",
                swap(SCHEMA, (" and (not parts or parts[0] is str)", "")),
            ),
            "enum-alone": Mistake(
                "Values that are all of one type have that type, too: it belongs beside `enum`.",
                swap(SCHEMA, (' | ({"type": only} if only else {})', "")),
            ),
            "enum-of-one": Mistake(
                "A choice of one is no choice: the specification writes a single value as `const`.",
                swap(SCHEMA, ('if len(parts) > 1 else {"const": parts[0]}', "")),
            ),
            "first-type": Mistake(
                "A choice of several types gets the type of its first value, and the others break it.",
                swap(SCHEMA, ("plain.get(kinds.pop()) if len(kinds) == 1 else None", "plain.get(type(parts[0]))")),
            ),
            "anything-goes": Mistake(
                "A kind that you do not know becomes a text, or anything, and nobody hears of it. Raise a TypeError.",
                swap(SCHEMA, ('raise TypeError(f"no schema for {kind!r}")', 'return {"type": "string"}')),
            ),
            "unknown-is-any": Mistake(
                "A kind that you do not know becomes {}, so that the model may send anything. Raise a TypeError.",
                swap(SCHEMA, ('raise TypeError(f"no schema for {kind!r}")', "return {}")),
            ),
        },
        also=(
            """from types import NoneType

NAMES = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (NoneType, "null"))

def schema_of(kind):
    kind = NoneType if kind is None else kind
    for known, name in NAMES:
        if kind is known:
            return {"type": name}
    if kind is Any:
        return dict()
    parts = typing.get_args(kind)
    origin = typing.get_origin(kind)
    if origin is typing.Union or origin is types.UnionType:
        return {"anyOf": list(map(schema_of, parts))}
    if origin is typing.Literal:
        schema = {"enum": list(parts)} if parts[1:] else {"const": parts[0]}
        for known, name in NAMES:
            if all(type(part) is known for part in parts):
                schema["type"] = name
        return schema
    if kind is list or typing.get_origin(kind) is list:
        return {"type": "array", "items": schema_of(*parts) if parts else {}}
    if (kind is dict or typing.get_origin(kind) is dict) and parts[:1] in ((), (str,)):
        return {"type": "object", "additionalProperties": schema_of(parts[-1]) if parts else True}
    raise TypeError(kind)
""",
        ),
    ),
    "pair_up": Judge(
        cases=turns,
        hints=(
            "Which list says what has to be answered: the calls of the message, or the results that came?",
            "`tool_result(call, reason, True)` makes the answer that stands in.",
            "`results.get(call['id'])` is None for a call without a result.",
        ),
        mistakes={
            "what-came": Mistake(
                "You answer with what came. A call whose result never came is left open, and the service refuses the "
                "history from now on.",
                """def pair_up(message, results, reason):
    calls = [block["id"] for block in message["content"] if block["type"] == "tool_use"]
    return {"role": "user", "content": [results[name] for name in calls if name in results]}
""",
            ),
            "all-results": Mistake(
                "A result that answers no call of this message is in your answer. The service refuses that, too.",
                """def pair_up(message, results, reason):
    calls = [block for block in message["content"] if block["type"] == "tool_use"]
    missing = [tool_result(call, reason, True) for call in calls if call["id"] not in results]
    return {"role": "user", "content": [*results.values(), *missing]}
""",
            ),
            "other-order": Mistake(
                "All are answered, and in the order in which the results came. The specification wants that of the calls.",
                """def pair_up(message, results, reason):
    calls = {block["id"]: block for block in message["content"] if block["type"] == "tool_use"}
    came = [block for name, block in results.items() if name in calls]
    return {"role": "user", "content": came + [tool_result(c, reason, True) for n, c in calls.items() if n not in results]}
""",
            ),
            "unmarked": Mistake(
                "The reason comes back as if it were a result: is_error is False, and the model will believe it.",
                swap(PAIR, ("tool_result(call, reason, True)", "tool_result(call, reason)")),
            ),
            "every-block": Mistake(
                "You answer blocks that are no calls. A text has no id.",
                swap(PAIR, (' if block["type"] == "tool_use"', "")),
            ),
            "blocks-only": Mistake(
                "The blocks are right, and they are no message yet: who says them?",
                swap(PAIR, ('{"role": "user", "content": [', "[")).replace("for call in calls]}", "for call in calls]"),
            ),
            "all-or-nothing": Mistake(
                "One result is missing, and you throw the others away. What was done, was done: the model should know.",
                """def pair_up(message, results, reason):
    calls = [block for block in message["content"] if block["type"] == "tool_use"]
    whole = all(call["id"] in results for call in calls)
    return {"role": "user",
            "content": [results[c["id"]] if whole else tool_result(c, reason, True) for c in calls]}
""",
            ),
        },
        also=(
            """def pair_up(message, results, reason):
    answers = []
    for block in message["content"]:
        if block["type"] != "tool_use":
            continue
        if block["id"] in results:
            answers.append(results[block["id"]])
        else:
            answers.append({"type": "tool_result", "tool_use_id": block["id"], "content": reason, "is_error": True})
    return {"role": "user", "content": answers}
""",
        ),
    ),
    "run_once": Judge(
        cases=effects,
        drive=attempts,
        hints=(
            "Find the last record of this key. It has one of three states, or there is none.",
            "The intention is written before the effect, the outcome after it.",
            "Catch NotDone and nothing else: after any other exception nobody knows.",
        ),
        mistakes={
            "note-after": Mistake(
                "You write nothing before the effect. If the process dies right after it, the next attempt does it again.",
                """def run_once(log, key, effect):
    for record in log:
        if record["key"] == key and record["state"] == "done":
            return record["value"]
    value = effect()
    log.append({"key": key, "state": "done", "value": value})
    return value
""",
            ),
            "begun-again": Mistake(
                "An attempt that was begun and never ended is begun again. Perhaps it had its effect: who knows? Say so.",
                swap(ONCE, ('    if last and last["state"] == "begun":\n        raise Unknown(key)\n', "")),
            ),
            "first-record": Mistake(
                "You look at the first record of the key. What holds is the last one.",
                swap(ONCE, ("            last = record\n", "            last = last or record\n")),
            ),
            "last-record": Mistake(
                "You look at the last record of the log, whatever its key. Two keys are two stories.",
                """def run_once(log, key, effect):
    last = log[-1] if log and log[-1]["key"] == key else None
"""
                + ONCE.split("last = record\n")[1],
            ),
            "stuck": Mistake(
                "It certainly did not happen, and still it may never be tried again: the record of NotDone is missing.",
                swap(ONCE, ('        log.append({"key": key, "state": "not done"})\n', "")),
            ),
            "all-not-done": Mistake(
                "You take every exception for proof that nothing happened. A connection that breaks *after* the request "
                "raises as well.",
                swap(ONCE, ("except NotDone:", "except Exception:")),
            ),
            "interrupt": Mistake(
                "You take an interruption for proof that nothing happened. It comes at any moment, also right after the effect.",
                swap(ONCE, ("except NotDone:", "except (NotDone, SystemExit, KeyboardInterrupt):")),
            ),
            "prefix": Mistake(
                "You take another key for yours because it begins like it. `invoice-47` is not `invoice-4711`.",
                swap(ONCE, ('if record["key"] == key:', 'if record["key"].startswith(key):')),
            ),
            "swallows": Mistake(
                "The caller does not hear that it was not done: let NotDone pass on.",
                swap(ONCE, ('"state": "not done"})\n        raise\n', '"state": "not done"})\n        return None\n')),
            ),
            "value-lost": Mistake(
                "The second answer is not the first one: keep the value with the record, and give it out again.",
                swap(ONCE, (', "value": value}', ', "value": None}')),
            ),
            "falsy": Mistake(
                "A value of 0 or None is a value. You take it for *not done yet* and do it again.",
                swap(
                    ONCE,
                    (
                        'if last and last["state"] == "done":\n        return last["value"]',
                        'if last and last["state"] == "done" and last["value"]:\n        return last["value"]',
                    ),
                ),
            ),
        },
        also=(
            """def run_once(log, key, effect):
    mine = [record for record in log if record["key"] == key]
    match mine[-1:]:
        case [{"state": "done", "value": value}]:
            return value
        case [{"state": "begun"}]:
            raise Unknown(f"nobody knows about {key}")
    log.append(dict(key=key, state="begun"))
    outcome = {"key": key, "state": "not done"}
    try:
        outcome = {"key": key, "state": "done", "value": effect()}
    except NotDone as error:
        log.append(outcome)
        raise error
    log.append(outcome)
    return outcome["value"]
""",
        ),
    ),
    "inside": Judge(
        cases=paths,
        drive=place,
        hints=(
            "`Path.resolve()` follows links and removes `..`, in this order, and does not ask whether the place exists.",
            "Resolve the root as well: it may be a link itself (on macOS, /tmp is).",
            "`real.is_relative_to(home)` compares by components. As text, `/srv/app-secrets` begins with `/srv/app`.",
        ),
        mistakes={
            "prefix": Mistake(
                "`/…/app-secrets` begins with `/…/app`, as text. Are they the same folder?",
                swap(INSIDE, ("not real.is_relative_to(home)", "not str(real).startswith(str(home))")),
            ),
            "no-dots": Mistake(
                "You look for `..` and nothing else. A symlink needs no dots to leave.",
                """def inside(root, path):
    if not path or "\\0" in str(path):
        raise ValueError(path)
    home = Path(root).resolve()
    if ".." in Path(path).parts or Path(path).is_absolute() and not Path(path).is_relative_to(home):
        raise PermissionError(path)
    return home / path
""",
            ),
            "tidied": Mistake(
                "You tidy `..` up before the links are followed (normpath, absolute). If `link` leads elsewhere, `link/..` "
                "is not where you were.",
                swap(
                    INSIDE, ("(home / path).resolve()", "Path(__import__('os').path.normpath(home / path)).resolve()")
                ),
            ),
            "unresolved": Mistake(
                "Nothing is resolved: you compare names. Where do the links lead?",
                swap(
                    INSIDE,
                    ("(home / path).resolve()", "Path(__import__('os').path.normpath(home / path))"),
                ),
            ),
            "root-as-given": Mistake(
                "You resolve the path and not the root. If the root is reached through a link, nothing is ever inside.",
                swap(INSIDE, ("home = Path(root).resolve()", "home = Path(root)")),
            ),
            "not-the-root": Mistake(
                "The root itself is refused. It is inside, by the specification: one may list it.",
                swap(INSIDE, ("not real.is_relative_to(home)", "home not in real.parents")),
            ),
            "must-exist": Mistake(
                "A file that does not exist yet is refused. Then nothing new could ever be written.",
                swap(
                    INSIDE,
                    (
                        "    return real\n",
                        "    if not real.exists():\n        raise PermissionError(path)\n    return real\n",
                    ),
                ),
            ),
            "no-links": Mistake(
                "Every symlink is refused, also one that stays inside. Judge where it leads.",
                swap(
                    INSIDE,
                    (
                        "    return real\n",
                        "    if real != home / path and '..' not in str(path) and str(path) != '.':\n"
                        "        raise PermissionError(path)\n    return real\n",
                    ),
                ),
            ),
            "any-text": Mistake(
                "An empty path is the root by accident, and a NUL ends the name for the system and not for you. Raise a "
                "ValueError for both.",
                swap(INSIDE, ('if not path or "\\0" in str(path):', "if False:")),
            ),
        },
        also=(
            """import os

def inside(root, path):
    if path == "" or chr(0) in str(path):
        raise ValueError("no path")
    home = os.path.realpath(root)
    real = os.path.realpath(os.path.join(home, path))
    if os.path.commonpath([home, real]) != home:
        raise PermissionError(f"{path} is outside")
    return Path(real)
""",
        ),
    ),
}

QUIZ = (
    Question(
        "workers",
        "In the widget: how many workers until only one call is lost at 2.0 s, and which one is it always?",
        (
            (
                "Two; `search logs`, since it is the third in line",
                "With two workers look again: more than one bar is red.",
            ),
            (
                "Three; `run tests`, since it takes longer than that",
                "A deadline below the duration loses a call however many workers there are.",
            ),
            (
                "Six; `read dashboard`, since it is the last in line",
                "It is saved long before: look at three and four workers.",
            ),
            (
                "Four; none, since with enough workers all are saved",
                "No number of workers makes a task of 2.6 s shorter.",
            ),
        ),
        right=1,
    ),
    Question(
        "late",
        "A call that books money was answered with `no result within 0.5 s`. What does that tell you of the booking?",
        (
            (
                "It was not made, since the thread was stopped by then",
                "No thread can be stopped from outside: it went on and booked.",
            ),
            (
                "It was made, since booking had been begun in time",
                "It may have been refused by the bank; a beginning is no end.",
            ),
            (
                "Nothing: it may be made, not made, or made later on",
                "A deadline ends your waiting. Whoever needs to know has to look.",
            ),
            (
                "It will be undone, since its result was thrown away",
                "Nobody undoes anything here; the result is dropped, the effect stays.",
            ),
        ),
        right=2,
    ),
    Question(
        "key",
        "The model calls `book` again after a timeout. Why does the id of the call not serve as the key?",
        (
            (
                "The second call has another id, though it means the same",
                "The key must come from the intent, such as an invoice number.",
            ),
            (
                "The ids are made by the server and reused after a while",
                "They are not reused; the trouble is that each call has its own.",
            ),
            ("The id is not known to the tool before it has ended", "It is in the block that asks for the call."),
            (
                "The service refuses two results that have the same key",
                "The service knows nothing of your keys; it checks ids alone.",
            ),
        ),
        right=0,
    ),
    Question(
        "race",
        "`inside` is right, and the file read was the secret all the same. What was missing?",
        (
            (
                "A comparison of the strings after both were resolved",
                "It compares resolved components, which is stricter.",
            ),
            (
                "A second call of `inside` right after the file was read",
                "By then it has been read, and the folder may be back in place.",
            ),
            ("A lock that keeps other threads of ours from the folder", "Other processes do not ask for your lock."),
            (
                "One step for both: the check has to be part of the open",
                "Relative to an open folder, and refusing links on the way.",
            ),
        ),
        right=3,
    ),
    Question(
        "walls",
        "Why does an allow-list of hosts in your code not hold for a tool that runs commands?",
        (
            (
                "A command may use names that the list spells otherwise",
                "Spelling is what the rule is good at; the command never asks it.",
            ),
            (
                "The rule binds code that asks it, and a command does not",
                "For the others the wall has to be in the kernel.",
            ),
            (
                "Commands are run as root, for whom no rule is checked",
                "They need not be root for this: any process may open a socket.",
            ),
            (
                "The list is read once, and commands come after that",
                "It could be read each time, and nobody would ask it.",
            ),
        ),
        right=1,
    ),
)


def texts(rng):
    """Texts shorter than, as long as, and longer than a limit, even and odd."""
    for length, limit in [(0, 5), (5, 5), (6, 5), (9, 4), (100, 7), (101, 10), (50, 49), (8, 1)]:
        yield "".join(rng.choices("abcdef\n", k=length)), limit


def lexical(rng):
    """Paths that need no tree on disk."""
    for path in ("src/main.py", "../app-secrets/key", "../elsewhere", "a/../b", "..", "."):
        yield "/srv/app", path


REVIEWS = {
    "prefix": Verdict(
        of="inside",
        right=False,
        why="As text `/srv/app-secrets` begins with `/srv/app`, so the folder next door is inside now. This very line has been "
        "a vulnerability in many file servers. `all path tests pass` says that no test had a neighbour.",
        cases=lexical,
        witness=("/srv/app", "../app-secrets/key"),
    ),
    "one-end": Verdict(
        of="shortened",
        right=True,
        why="Right: limit − limit // 2 is (limit + 1) // 2, and what begins at head + (len − limit) is the last limit // 2 "
        "characters.",
        cases=texts,
    ),
}
