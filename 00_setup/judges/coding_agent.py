"""What the exercises of `04_rag_and_agents/15_coding_agent` are judged by."""

import copy

from judges import Args, Judge, Mistake, Question, Verdict, swap


def outputs(rng):
    """What commands print: little, much, long lines, empty lines, exactly at the limit, one line alone."""
    yield "ok", 100
    yield "", 10
    yield "a\nb\nc\nd\ne\nf", 9
    yield "a\nb\nc\nd\ne\nf", 11
    yield "a\nb\nc\nd\ne\nf", 10
    yield "\n".join(f"line {n}" for n in range(100)), 120
    yield "\n".join(f"line {n}" for n in range(100)) + "\n", 120
    yield "\n\n\n\n\n\n\n\n", 5
    yield "x" * 1000, 600
    yield "x" * 1000, 300
    yield "short\n" + "x" * 1000 + "\nend", 600
    yield Args("short\n" + "x" * 1000 + "\nend", most=30, width=10)
    yield Args("x" * 10 + "\n" + "y" * 11, most=100, width=10)
    yield "x" * 50 + "\nb\nc\nd", 30
    yield "a\nb\nc\n" + "x" * 50, 30
    yield "ä€\n" * 40, 50
    for _ in range(12):
        lines = ["x" * rng.choice([0, 1, 5, 30, 500]) for _ in range(rng.randint(1, 30))]
        yield Args("\n".join(lines), most=rng.randint(10, 300), width=rng.choice([20, 400]))


def passages(rng):
    """Files and edits: line ends of one kind and of two, marks, other encodings, special characters, several places."""
    yield b"a = 1\nb = 2\n", "b = 2", "b = 3"
    yield b"a = 1\r\nb = 2\r\n", "a = 1\nb", "a = 1\n\nb"
    yield b"a = 1\r\nb = 2\r\n", "b = 2", "b = 2\nc = 3"
    yield b"a = 1\r\nb = 2\nc = 3\n", "b = 2", "x\ny"
    yield b"a = 1\nb = 2\r\nc = 3\r\n", "b = 2\nc", "x\ny\nz"
    yield b"a = 1\nb = 2\r\nc = 3\r\n", "b = 2", "x\ny"
    yield b"a\r\nb\nc\r\n", "a\nb\nc", "1\n2"
    yield b"\xef\xbb\xbfprice = 1\r\n", "price = 1", "price = 2"
    yield "# für\nprice = '3 €'\n".encode(), "'3 €'", "'4 £'"
    yield "# für\nprice = 3\n".encode("latin-1"), "price = 3", "price = 4"
    yield b"x.y\nx_y\n", "x.y", "z"
    yield b"f(a)\n", "f(a)", r"g(\1, \n)"
    yield b"a\\nb\n", "a\\nb", "c"
    yield b"x\ny\nx\n", "x", "z"
    yield Args(b"x\ny\nx\n", "x", "z", everywhere=True)
    yield Args(b"x\r\ny\r\nx\r\n", "x", "z\nz", everywhere=True)
    yield Args(b"x\n", "x", "z", everywhere=True)
    yield Args(b"x\n", "y", "z", everywhere=True)
    yield Args(b"one\n", "one", "one one", everywhere=True)
    yield b"x\n", "y", "z"
    yield b"x\n", "", "z"
    yield b"x\n", "x", "x"
    yield b"x\0y\n", "x", "z"
    yield b"", "x", "z"
    yield b"one", "one", "two\n"
    yield b"one\n\n\ntwo\n", "one\n\n\n", "one\n"
    yield b"one\ntwo\nthree\ntwo\n", "two", "2"
    yield b"a\rb\n", "a\rb", "c"
    yield b"}\n}\n}\nend\n", "}\n}\n", "Q\n"
    yield b"a\n\n\nb\n", "\n\n", "\n"
    yield Args(b"aaa\n", "aa", "b", everywhere=True)
    yield b"a = 1\r\n", "a = 1", "a = 2\r\nb = 3"
    yield b"a = 1\n", "a = 1", "a = 2\r\nb = 3"
    yield Args(b"x\ny\nz\r\nx\r\ny\r\n", "x\ny", "1\n2", everywhere=True)
    yield Args(b"x\r\ny\r\nz\nx\ny\n", "x\ny", "1\n2", everywhere=True)
    yield b"0\na\nb\r\nc\n", "a\nb\nc", "1\n2"
    for _ in range(8):
        ends = rng.choice([b"\n", b"\r\n"])
        lines = rng.sample([b"one", b"two", b"three", b"four", b"five"], 4)
        first, last = lines[1].decode(), lines[2].decode()
        yield ends.join(lines) + ends, f"{first}\n{last}", f"{last}\nnew\n{first}"


def edit(answer, *given, **more):
    """Edit: the bytes that came, or the words of the refusal that are promised."""
    try:
        return answer(*given, **more)
    except ValueError as error:
        said = str(error)
        places = [number for number in ("1, 3", "2, 4", "1", "2", "3", "4") if number in said][:1]
        return {"raises ValueError": True, "and names": places if "times" in said or "lines" in said else []}


def openings(rng):
    """Sessions: everything there, nothing but a task, tools and environment in any order, an empty task."""
    memory = [("CLAUDE.md", "Use tabs."), ("api/CLAUDE.md", "No new\ndependencies.")]
    yield "You code.", ["read", "bash", "edit"], memory, {"python": "3.11", "date": "today"}, "Mend it."
    yield "You code.", ["bash", "edit", "read"], memory, {"date": "today", "python": "3.11"}, "Mend it."
    yield "You code.", [], [], {}, "Mend it."
    yield "You code.", ["read"], [], {"date": "today"}, "Mend it.\nQuickly."
    yield "You code.", ["read"], memory[::-1], {}, " Mend it. "
    yield "You code.", ["read"], memory, {"date": "today"}, ""
    yield "You code.", ["read"], memory, {"date": "today"}, " \n"
    for _ in range(5):
        names = rng.sample(["read", "write", "edit", "bash", "grep", "glob"], 4)
        yield "You code.", names, memory[: rng.randint(0, 2)], dict.fromkeys(rng.sample("abcd", 3), "x"), "Go."


def open_session(answer, instructions, names, memory, environment, task):
    """Put a first request together: what came, and whether what was given was left alone."""
    from built.tool_use import Tool

    tools = {name: Tool(name, f"Use {name}.", {"type": "object", "properties": {}}, print) for name in names}
    before = copy.deepcopy((list(tools), memory, environment))
    came = answer(instructions, tools, memory, environment, task)
    return {"the request": came, "what was given is unchanged": before == (list(tools), memory, environment)}


def talks(rng):
    """Conversations through a window: those that fit, one that grows, one cut back, two in turn, small windows."""
    text = lambda who, n, size=100: {"role": who, "content": f"{n} " + "x" * size}  # noqa: E731
    long = [text("user" if n % 2 == 0 else "assistant", n) for n in range(21)]
    other = [text("user" if n % 2 == 0 else "assistant", n + 100) for n in range(21)]
    yield [long[:1], long[:3], long[:5]], 10_000, 2
    yield [long[:n] for n in range(1, 16, 2)], 150, 2
    yield [long[:n] for n in range(1, 22, 2)], 200, 4
    yield [long[:n] for n in range(1, 22, 2)], 400, 2
    yield [long[:9], long[:11], [*long[:5], *other[5:7]], [*long[:5], *other[5:9]]], 150, 2
    yield [long[:9], long[:11], long[:3], long[:5]], 150, 2
    yield [long[:9], other[:9], other[:11]], 150, 2
    yield [long[:9], long[:9]], 150, 2
    yield [long[:9], [*long[:4], other[4], *long[5:11]]], 150, 2
    yield [long[:9], [*long[:8], other[8], *long[9:11]]], 150, 2
    exact = sum(len(str({"type": "text", "text": m["content"]}).replace("'", '"')) // 4 for m in long[:3])
    size = len('{"type": "text", "text": "' + "s" * 160 + '"}') // 4
    yield [long[:3], long[:5]], exact + size, 2
    yield [long[:15], long[:17]], 60, 2
    yield [long[:1], [*long[:1], text("assistant", 1, 4000), text("user", 2)]], 150, 2
    calls = [long[0]]
    for n in range(6):
        call = {"type": "tool_use", "id": f"t{n}", "name": "look", "input": {}}
        calls += [
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": f"t{n}", "content": "x" * 200}]},
        ]
    yield [calls[:n] for n in range(1, 14, 2)], 220, 3


def talk(answer, conversations, limit, keep):
    """Send conversations through a window: what the model saw of each, and whether they were left alone."""
    from built.llm_api import ask, collect, refusal, script

    seen = []

    def policy(request):
        said = [m["content"] if isinstance(m["content"], str) else str(m["content"])[:60] for m in request["messages"]]
        rest = {key: value for key, value in request.items() if key not in ("messages", "max_tokens")}
        seen.append(([words[:40] for words in said], rest, refusal(request)))
        return f"Sum {len(seen)}."

    llm, before = answer(script(policy), limit, keep), copy.deepcopy(conversations)
    live, said, whole = [], [], True
    for messages in conversations:  # one list that goes on growing, as that of a loop does, where it goes on
        live = live if messages[: len(live)] == live else []
        live.extend(messages[len(live) :])
        said.append(collect(llm(ask("", system="s" * 160, tools=[], messages=live)))["content"])
        whole = whole and live == messages
    return {"the model saw": seen, "it said": said, "what was given is unchanged": whole and before == conversations}


CLIPPED = """def clipped(text, most=3_500, width=400):
    lines = [line if len(line) <= width else line[:width] + "…" for line in text.split("\\n")]
    if len("\\n".join(lines)) <= most:
        return "\\n".join(lines)
    first = 0
    while len("\\n".join(lines[: first + 1])) <= most // 3:
        first += 1
    last = len(lines)
    while len("\\n".join(lines[last - 1 :])) <= most - most // 3 - 1:
        last -= 1
    return "\\n".join([*lines[:first], f"[{last - first} lines left out]", *lines[last:]])
"""
EDITED = r"""def edited(data, old, new, everywhere=False):
    if b"\0" in data:
        raise ValueError("this is no text: it holds NUL bytes")
    if not old or old == new:
        raise ValueError("give a passage, and another text to replace it by")
    text = data.decode("utf-8", "surrogateescape")
    passage = "\r?\n".join(map(re.escape, old.split("\n")))
    found = list(re.finditer(passage if everywhere else f"(?=({passage}))", text))
    if not found:
        raise ValueError("the passage is not found: read the file again and copy it exactly")
    if len(found) > 1 and not everywhere:
        lines = ", ".join(str(text[: match.start()].count("\n") + 1) for match in found)
        raise ValueError(f"the passage occurs {len(found)} times, in lines {lines}: give more of what stands around it")
    usual = "\r\n" if re.match(r"[^\n]*\r\n", text) else "\n"
    for match in reversed(found):
        start, was = match.start(), match[0] or match[1]
        ends = usual if "\n" not in was else "\r\n" if "\r\n" in was else "\n"
        text = text[:start] + new.replace("\r\n", "\n").replace("\n", ends) + text[start + len(was) :]
    return text.encode("utf-8", "surrogateescape")
"""
OPENING = """def opening(instructions, tools, memory, environment, task):
    if not task.strip():
        raise ValueError("the task is empty: say what is to be done")
    told = ["\\n".join([f'<memory path="{path}">', text, "</memory>"]) for path, text in memory]
    if environment:
        lines = [f"{name}: {environment[name]}" for name in sorted(environment)]
        told.append("\\n".join(["<environment>", *lines, "</environment>"]))
    return {
        "system": [{"type": "text", "text": instructions}],
        "tools": [tools[name].declared() for name in sorted(tools)],
        "messages": [{"role": "user", "content": [{"type": "text", "text": text} for text in [*told, task]]}],
    }
"""
WINDOWED = """def windowed(llm, limit, keep=4):
    covered, view = [], []

    def llm_with_window(request):
        nonlocal covered, view
        messages = request["messages"]
        if not covered or messages[: len(covered)] != covered:
            covered, view = [], []
        now = request | {"messages": [*view, *messages[len(covered) :]]}
        if sum(rough_tokens(block) for _, block in prompt_blocks(now)) > limit:
            now = compaction(llm, now, keep)
            covered, view = list(messages), now["messages"]
        yield from llm(now)

    return llm_with_window
"""

EXERCISES = {
    "clipped": Judge(
        cases=outputs,
        hints=(
            'Cut the lines first; `text.split("\\n")` keeps the empty one at the end, which `splitlines` drops.',
            "Count how many lines from the beginning fit, then how many of the others from the end. Join to see how long they are.",
            "The end may use `most - most // 3`, and stops where the beginning ended: no line stands there twice.",
        ),
        mistakes={
            "cut-off": Mistake(
                "You keep the beginning alone. The errors stand at the end.",
                swap(CLIPPED, ('while len("\\n".join(lines[last', 'while False and len("\\n".join(lines[last')),
            ),
            "tail-only": Mistake(
                "You keep the end alone. What was run, and what failed first, stands at the beginning.",
                swap(CLIPPED, ('while len("\\n".join(lines[: first', 'while False and len("\\n".join(lines[: first')),
            ),
            "halves": Mistake(
                "Both ends get the same. The end is where errors stand, so it gets twice as much.",
                swap(
                    CLIPPED,
                    ("most // 3:\n        first", "most // 2:\n        first"),
                    ("most - most // 3 - 1", "most // 2 - 1"),
                ),
            ),
            "long-lines": Mistake(
                "Lines are not cut. One line of a million characters then leaves room for nothing, itself included.",
                swap(CLIPPED, ('line if len(line) <= width else line[:width] + "…"', "line")),
            ),
            "silent": Mistake(
                "Nothing says that lines are missing. A model takes what it sees for everything.",
                swap(CLIPPED, ('f"[{last - first} lines left out]", ', "")),
            ),
            "no-newlines": Mistake(
                "You count the characters of the lines, and not the line ends between them. They are characters, too.",
                swap(
                    CLIPPED,
                    ('len("\\n".join(lines[: first + 1]))', "first < len(lines) and sum(map(len, lines[: first + 1]))"),
                    (
                        'while len("\\n".join(lines[last - 1 :]))',
                        "while last > first and sum(map(len, lines[last - 1 :]))",
                    ),
                ),
            ),
            "splitlines": Mistake(
                "`splitlines` forgets whether the text ended with a line end. Split at the character.",
                swap(CLIPPED, ('text.split("\\n")', "text.splitlines()")),
            ),
        },
        also=(
            """def clipped(text, most=3_500, width=400):
    lines = []
    for line in text.split("\\n"):
        lines.append(line[:width] + "…" if len(line) > width else line)
    if sum(len(line) + 1 for line in lines) - 1 <= most:
        return "\\n".join(lines)

    def fitting(rows, room):
        kept, used = [], -1
        for row in rows:
            used += len(row) + 1
            if used > room:
                break
            kept.append(row)
        return kept

    head = fitting(lines, most // 3)
    tail = fitting(reversed(lines), most - most // 3 - 1)[::-1]
    missing = len(lines) - len(head) - len(tail)
    return "\\n".join(head + [f"[{missing} lines left out]"] + tail)
""",
        ),
    ),
    "edited": Judge(
        cases=passages,
        drive=edit,
        hints=(
            'A pattern finds the passage whatever its line ends: `"\\r?\\n".join(map(re.escape, old.split("\\n")))`.',
            '`data.decode("utf-8", "surrogateescape")` reads any bytes, and `encode` with the same word gives them back.',
            "Replace by slices of the text around `match.start()` and `match.end()`, from the last match to the first.",
        ),
        mistakes={
            "first-of-many": Mistake(
                "The passage occurs more than once, and you took the first. Which one was meant?",
                swap(
                    EDITED,
                    ("if len(found) > 1 and not everywhere:", "if False:"),
                    ("reversed(found)", "reversed(found if everywhere else found[:1])"),
                ),
            ),
            "unix-ends": Mistake(
                "All line ends of the file became `\\n`. In a diff every line has changed.",
                swap(
                    EDITED,
                    (
                        'text = data.decode("utf-8", "surrogateescape")',
                        'text = data.decode("utf-8", "surrogateescape").replace("\\r\\n", "\\n")',
                    ),
                ),
            ),
            "exact-ends": Mistake(
                "In a file with `\\r\\n` a passage of two lines is not found. The model saw `\\n`, since you showed it that.",
                swap(EDITED, ('"\\r?\\n".join(map(re.escape, old.split("\\n")))', "re.escape(old)")),
            ),
            "mixed": Mistake(
                "New lines end with `\\n` in a file with `\\r\\n`. Now it has two kinds.",
                swap(
                    EDITED,
                    (
                        'ends = usual if "\\n" not in was else "\\r\\n" if "\\r\\n" in was else "\\n"',
                        'ends = "\\n"',
                    ),
                ),
            ),
            "all-alike": Mistake(
                "You go by the first line end of the file alone. Where a file has two kinds, the passage itself says which one it has.",
                swap(
                    EDITED,
                    (
                        'ends = usual if "\\n" not in was else "\\r\\n" if "\\r\\n" in was else "\\n"',
                        "ends = usual",
                    ),
                ),
            ),
            "pattern": Mistake(
                "The passage is taken for a pattern: a dot finds anything, a bracket breaks it. `re.escape`.",
                swap(EDITED, ("map(re.escape, old", "map(str, old")),
            ),
            "template": Mistake(
                "The new text is taken for a template: a backslash in it has a meaning. Use slices, or a function.",
                swap(
                    EDITED,
                    (
                        'text[:start] + new.replace("\\r\\n", "\\n").replace("\\n", ends)',
                        'text[:start] + re.sub("^", new.replace("\\r\\n", "\\n").replace("\\n", ends), "")',
                    ),
                ),
            ),
            "overlap": Mistake(
                "Two places that overlap are counted as one. In three empty lines, two empty lines occur twice.",
                swap(EDITED, ('passage if everywhere else f"(?=({passage}))"', "passage")),
            ),
            "double-ends": Mistake(
                "New text that came with `\\r\\n` gets a second `\\r`. Bring it to `\\n` first.",
                swap(EDITED, ('new.replace("\\r\\n", "\\n").replace', "new.replace")),
            ),
            "first-decides": Mistake(
                "One passage's line end is used for all of them. Each place says for itself which one it has.",
                swap(
                    EDITED,
                    (
                        "start, was = match.start(), match[0] or match[1]",
                        "start, was = match.start(), match[0] or match[1]\n        usual = usual if match is found[-1] else ends",
                    ),
                    (
                        'ends = usual if "\\n" not in was else',
                        'ends = usual if "\\n" not in was or match is not found[-1] else',
                    ),
                ),
            ),
            "strict": Mistake(
                "A file that is not UTF-8 cannot be edited at all, or loses what it had. `surrogateescape` carries its bytes through.",
                swap(
                    EDITED,
                    ('data.decode("utf-8", "surrogateescape")', 'data.decode("utf-8", "replace")'),
                    ('encode("utf-8", "surrogateescape")', 'encode("utf-8")'),
                ),
            ),
            "mark-lost": Mistake(
                "The byte order mark is gone. utf-8-sig takes it off when reading and does not put it back.",
                swap(
                    EDITED, ('data.decode("utf-8", "surrogateescape")', 'data.decode("utf-8-sig", "surrogateescape")')
                ),
            ),
            "binary": Mistake(
                "A file with NUL bytes is no text. Refuse it.",
                swap(EDITED, ('if b"\\0" in data:', "if False:")),
            ),
        },
        also=(
            r"""def edited(data, old, new, everywhere=False):
    if 0 in data or old == "" or old == new:
        raise ValueError("no text, or nothing to do")
    new = new.replace("\r\n", "\n")
    text = data.decode(errors="surrogateescape")
    plain, at = "", []  # the text with \n alone, and where each of its characters stands in the real one
    n = 0
    while n < len(text):
        at.append(n)
        n += 2 if text[n : n + 2] == "\r\n" else 1
    at.append(len(text))
    plain = "".join("\n" if text[n : n + 2] == "\r\n" else text[n] for n in at[:-1])
    places, start = [], plain.find(old)
    while start >= 0:
        places.append(start)
        start = plain.find(old, start + (len(old) if everywhere else 1))
    if not places:
        raise ValueError("not found")
    if len(places) > 1 and not everywhere:
        raise ValueError("occurs in lines " + ", ".join(str(plain.count("\n", 0, p) + 1) for p in places))
    head, _, tail = text.partition("\n")
    first = "\r\n" if tail is not None and "\n" in text and head.endswith("\r") else "\n"
    for place in reversed(places):
        begin, end = at[place], at[place + len(old)]
        was = text[begin:end]
        line_end = first if "\n" not in was else ("\r\n" if "\r\n" in was else "\n")
        text = text[:begin] + line_end.join(new.split("\n")) + text[end:]
    return text.encode(errors="surrogateescape")
""",
        ),
    ),
    "opening": Judge(
        cases=openings,
        drive=open_session,
        hints=(
            "Build a list of texts first: one for each of memory, one for the environment if there is any, the task last.",
            "`sorted(tools)` and `sorted(environment)` are lists of names: whatever the order in the dict, the prompt is the same.",
            'Each text becomes `{"type": "text", "text": text}`, all of them in the content of one message of the user.',
        ),
        mistakes={
            "in-system": Mistake(
                "Memory and environment stand in the instructions. Then no two projects share a prefix, and no two days.",
                swap(
                    OPENING,
                    (
                        '"system": [{"type": "text", "text": instructions}]',
                        '"system": [{"type": "text", "text": "\\n".join([instructions, *told])}]',
                    ),
                    ("for text in [*told, task]", "for text in [task]"),
                ),
            ),
            "tools-as-given": Mistake(
                "The tools stand as the dict has them. Another order of filling it, and the whole prefix is new.",
                swap(OPENING, ("for name in sorted(tools)]", "for name in tools]")),
            ),
            "environment-as-given": Mistake(
                "The environment stands as the dict has it. Sort it by name.",
                swap(OPENING, ("for name in sorted(environment)]", "for name in environment]")),
            ),
            "task-first": Mistake(
                "The task stands before what it is about. It belongs last, nearest to the answer.",
                swap(OPENING, ("[*told, task]", "[task, *told]")),
            ),
            "environment-first": Mistake(
                "The environment changes every day, the memory every month. What lives longer stands first.",
                swap(OPENING, ("told.append(", "told.insert(0, ")),
            ),
            "empty-environment": Mistake(
                "There is nothing to say of the environment, and you say so in a block. Leave it out.",
                swap(OPENING, ("if environment:", "if True:")),
            ),
            "empty-task": Mistake(
                "An empty task is sent. Whoever pressed return by accident pays for an answer about nothing.",
                swap(OPENING, ("if not task.strip():", "if False:")),
            ),
            "one-block": Mistake(
                "All of it is one block. Then a mark between what stays and what changes has no place to stand.",
                swap(
                    OPENING,
                    (
                        '[{"type": "text", "text": text} for text in [*told, task]]',
                        '[{"type": "text", "text": "\\n".join([*told, task])}]',
                    ),
                ),
            ),
        },
        also=(
            """def opening(instructions, tools, memory, environment, task):
    if task.strip() == "":
        raise ValueError("no task")
    block = lambda text: {"type": "text", "text": text}
    content = []
    for path, text in memory:
        content.append(block(f'<memory path="{path}">\\n{text}\\n</memory>'))
    if len(environment) > 0:
        body = "".join(f"{name}: {value}\\n" for name, value in sorted(environment.items()))
        content.append(block(f"<environment>\\n{body}</environment>"))
    content.append(block(task))
    declared = sorted((tool.declared() for tool in tools.values()), key=lambda tool: tool["name"])
    return dict(system=[block(instructions)], tools=declared, messages=[dict(role="user", content=content)])
""",
        ),
    ),
    "windowed": Judge(
        cases=talks,
        drive=talk,
        hints=(
            "Two lists outlive the request: the messages that the view stands for, and the view. `nonlocal` lets you replace them.",
            "The request that would be sent has `[*view, *messages[len(covered):]]`. Too large: `compaction`, and remember both lists.",
            "Before that: do the messages begin with `covered`? If not, both lists start anew. Keep a copy: the caller's list grows.",
        ),
        mistakes={
            "forgets": Mistake(
                "Each request is compacted from the whole conversation anew. Once it was too long, every turn pays for a summary.",
                swap(WINDOWED, ("covered, view = list(messages), now", "_, _ = list(messages), now")),
            ),
            "alias": Mistake(
                "You keep the caller's own list. It grows, and with it what you believe to be in the view: new messages are lost.",
                swap(WINDOWED, ("covered, view = list(messages), now", "covered, view = messages, now")),
            ),
            "no-fork": Mistake(
                "You do not look whether it is the same conversation. One that was cut back, or another one, gets the old one's view.",
                swap(WINDOWED, ("if not covered or messages[: len(covered)] != covered:", "if not covered:")),
            ),
            "by-length": Mistake(
                "You tell conversations apart by their length. One that was cut back and went another way is longer again.",
                swap(WINDOWED, ("messages[: len(covered)] != covered", "len(messages) < len(covered)")),
            ),
            "log-size": Mistake(
                "You measure the whole conversation. Once it is above the limit it stays there, however small the view is.",
                swap(WINDOWED, ("prompt_blocks(now))", "prompt_blocks(request))")),
            ),
            "messages-only": Mistake(
                "You measure the messages alone. Instructions and tools stand in the window as well.",
                swap(WINDOWED, ("prompt_blocks(now))", 'prompt_blocks({"messages": now["messages"]}))')),
            ),
            "before-sending": Mistake(
                "The compacted request is kept for the next time, and the large one is sent.",
                swap(
                    WINDOWED,
                    (
                        "            now = compaction(llm, now, keep)\n            covered, view = list(messages), now",
                        "            small = compaction(llm, now, keep)\n            covered, view = list(messages), small",
                    ),
                ),
            ),
            "shared-list": Mistake(
                "You shorten the caller's own list. That is the log; it has to stay complete.",
                swap(
                    WINDOWED,
                    (
                        "        yield from llm(now)",
                        "        messages[:] = now['messages']\n        yield from llm(now)",
                    ),
                ),
            ),
        },
        also=(
            """def windowed(llm, limit, keep=4):
    state = {"log": None, "view": None}

    def backend(request):
        log = request["messages"]
        goes_on = state["log"] is not None and log[: len(state["log"])] == state["log"]
        view = state["view"] + log[len(state["log"]) :] if goes_on else list(log)
        if not goes_on:
            state.update(log=None, view=None)
        sent = dict(request, messages=view)
        size = 0
        for _, block in prompt_blocks(sent):
            size += rough_tokens(block)
        if size > limit:
            sent = compaction(llm, sent, keep)
            state.update(log=log[:], view=sent["messages"])
        for event in llm(sent):
            yield event

    return backend
""",
        ),
    ),
}

QUIZ = (
    Question(
        "first-touch",
        "In the widget: what shows that the first edits of the run were wrong, and what became of them?",
        (
            (
                "The edit tool refused them, since their passages were not unique",
                "Each passage occurred once; the edits were made.",
            ),
            (
                "The tests failed as before, and each was taken back by another edit",
                "Edit, tests, edit back: four times, then the right one.",
            ),
            (
                "The tests failed in other places, and the policy kept the best of them",
                "It keeps nothing that is not green.",
            ),
            ("The file had changed on the disk, so they were not written at all", "Nobody else was working there."),
        ),
        right=1,
    ),
    Question(
        "unique",
        "Why must the passage of an edit occur exactly once?",
        (
            ("Because searching for one place is faster than for several", "Both read the file once."),
            (
                "Because a second place might be meant, and nobody would notice",
                "A wrong edit looks like a right one; a refusal costs a turn.",
            ),
            ("Because line numbers could not be given if there were two places", "The error names them all, in fact."),
            (
                "Because the model would otherwise have to send the whole file",
                "It may say replace_all, or a longer passage.",
            ),
        ),
        right=1,
    ),
    Question(
        "swap",
        "The file has changed since the agent read it, and the passage still occurs once. Why refuse?",
        (
            (
                "The edit was made for another text, and may be wrong in this one",
                "It is compare-and-swap: the reader decides again.",
            ),
            (
                "Two processes writing one file at a time might damage its bytes",
                "The swap of whole files prevents that already.",
            ),
            ("The digest of the file could not be computed a second time", "It is computed at each write."),
            ("The prompt cache would have to be written anew for this file", "The cache knows nothing of files."),
        ),
        right=0,
    ),
    Question(
        "window",
        "Why does `windowed` compare the messages with those that it has covered?",
        (
            ("To find out whether the model has changed in the meantime", "It looks at the messages alone."),
            ("To count how many messages the summary has to leave out", "It knows how many it has covered."),
            (
                "To see whether this conversation goes on from there at all",
                "One that was rewound or forked needs a view of its own.",
            ),
            ("To keep the caller from changing messages that were sent", "It cannot; it can only notice."),
        ),
        right=2,
    ),
    Question(
        "green",
        "All tests pass after an agent's edit. What do you know?",
        (
            (
                "That the edit is what the author of the code would have written",
                "Two edits were green, and one of them breaks on a damaged frame.",
            ),
            ("That the edit is minimal, since the agent tried small ones first", "Small is not the same as right."),
            ("That the bug is gone and that no other one has taken its place", "Only as far as the tests look."),
            (
                "That it does what the tests ask, and nothing about the rest",
                "The question is what the suite does not ask.",
            ),
        ),
        right=3,
    ),
)


def kind_edits(rng):
    """Edits with white space that matters, and without."""
    yield b"a = 1\n", "a = 1", "a = 2"
    yield b"if x:\n    go()\ngo()\n", "\ngo()", "\nstop()"
    yield b"if x:\n    y = 1\n    z = 2\n", "    y = 1\nz = 2", "    y = 1\nz = 3"
    yield b"x = 'a  b'\n", "'a  b'", "'c'"


def conversations(rng):
    """Conversations with calls and their results, one after the other and several at once."""
    for _ in range(10):
        messages, number = [{"role": "user", "content": "Go."}], 0
        for _ in range(rng.randint(0, 4)):
            names = range(number, number := number + rng.randint(1, 3))
            calls = [{"type": "tool_use", "id": f"t{n}", "name": "look", "input": {"n": n}} for n in names]
            came = [{"type": "tool_result", "tool_use_id": f"t{n}", "content": f"saw {n}"} for n in names]
            messages += [{"role": "assistant", "content": calls}, {"role": "user", "content": came}]
        yield (messages,)


REVIEWS = {
    "kind-edit": Verdict(
        of="edited",
        right=False,
        why="In Python the white space *is* the program. A passage that was copied at the wrong depth is now found, and replaced at the wrong "
        "depth, with no error; and spaces within a text no longer count. A refusal costs one turn. This costs a bug that looks like success.",
        cases=kind_edits,
        witness=(b"if x:\n    y = 1\n    z = 2\n", "    y = 1\nz = 2", "    y = 1\nz = 3"),
    ),
    "results-of-users": Verdict(
        of="steps_of",
        right=True,
        why="Right: the API takes a tool_result in a message of the user and nowhere else, and `loop` builds nothing else.",
        cases=conversations,
    ),
}
