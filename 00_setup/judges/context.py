"""What the exercises of `04_rag_and_agents/14_context` are judged by."""

import copy
import json

from judges import Judge, Mistake, Question, Verdict, swap


def prompts(rng):
    """Parts of prompts: one, none, equal ones, more than there are marks, small ones below the floor, random ones."""
    yield ({"tools": (3000, 1000)},)
    yield ({},)
    yield ({"clock": (20, 1), "tools": (3000, 1000)},)
    yield ({"clock": (2000, 1), "news": (3000, 1)},)
    yield ({"b": (2000, 10), "a": (2000, 10)},)
    yield ({"small": (100, 1000), "large": (5000, 100)},)
    yield ({"small": (400, 50), "smaller": (300, 20)},)
    yield ({"git": (200, 5), "memory": (900, 50), "rules": (2000, 500), "tools": (3000, 1000), "clock": (20, 1)},)
    yield ({f"part {n}": (1500 - 100 * n, 10 + 17 * n) for n in range(6)},)
    yield ({f"part {n}": (1500, 2**n) for n in range(6)}, 2)
    yield ({"large": (9000, 1), "small": (1200, 100)},)
    yield ({"a": (3000, 100), "b": (10, 3), "c": (2500, 2)}, 1)
    yield ({"a": (3000, 100), "b": (500, 30)}, 0)
    yield ({"a": (500, 100), "b": (400, 30)}, 4, 600)
    for _ in range(14):
        names = rng.sample("abcdefgh", rng.randint(2, 6))
        yield ({name: (rng.randint(50, 4000), rng.choice([1, 2, 5, 20, 80, 300])) for name in names}, rng.randint(1, 4))


def histories(rng):
    """Requests: text and blocks, tools or none, marks from before, thinking and empty texts last, one message or many."""
    base = {"model": "claude-sonnet-5-5", "max_tokens": 9}
    mark = {"cache_control": {"type": "ephemeral"}}
    tools = [
        {"name": "a", "description": "A", "input_schema": {}},
        {"name": "b", "description": "B", "input_schema": {}},
    ]
    text, empty = {"type": "text", "text": "word"}, {"type": "text", "text": ""}
    thinking = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
    result = {"type": "tool_result", "tool_use_id": "t", "content": ""}
    said = {"role": "assistant", "content": [thinking, text]}
    user = lambda *content: {"role": "user", "content": list(content)}  # noqa: E731
    yield (base | {"messages": [{"role": "user", "content": "Hi"}]},)
    yield (base | {"system": "Be brief.", "tools": tools, "messages": [{"role": "user", "content": "Hi"}]},)
    yield (base | {"system": [text, text], "messages": [user(text), said, user(result, result)]},)
    yield (base | {"messages": [user(text), said, user(result), said, user(result), said, user(result, text)]},)
    yield (base | {"tools": [tools[0] | mark, tools[1]], "messages": [user(text | mark), said, user(result | mark)]},)
    yield (base | mark | {"messages": [user(text)]},)
    yield (base | {"messages": [user(text, empty)], "system": [text, empty]},)
    yield (base | {"messages": [user(empty), said, user(empty, empty)], "tools": []},)
    yield (base | {"messages": [user(text), said]},)
    yield (base | {"messages": [user(text), user(text | mark), user(text)]},)
    yield (base | {"messages": [{"role": "user", "content": "Hi"}, said | {"content": [text | mark]}, user(result)]},)
    yield (base | {"messages": [user(text), said | {"content": "Hm"}, user(result, thinking)], "system": ""},)
    for _ in range(8):
        turns = [user(text)]
        for _ in range(rng.randint(0, 5)):
            turns += [said, user(*[rng.choice([result, text, result | mark, empty]) for _ in range(rng.randint(1, 4))])]
        yield (base | {"messages": turns, "system": rng.choice(["Be brief.", [text, text | mark]]), "tools": tools},)


def mark_twice(answer, request):
    """Mark a request, then the next one built upon the marked one: both, what the API says, and whether it was left alone."""
    from built.llm_api import refusal

    request = json.loads(json.dumps(request))  # no block stands in it twice
    before = copy.deepcopy(request)
    new = answer(request)
    more = [{"role": "assistant", "content": "Well."}, {"role": "user", "content": "And?"}]
    again = answer(new | {"messages": [*new["messages"], *more]})
    return {
        "the request, marked": new,
        "the next turn, marked": again,
        "the service says": refusal(again),
        "what was given is unchanged": request == before,
    }


def conversations(rng):
    """Conversations to compact: short, with calls at the cut, with tasks, compacted before; and what the model says."""
    ask = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 99,
        "system": "You are on call.",
        "tool_choice": {"type": "auto"},
    }
    user = lambda content: {"role": "user", "content": content}  # noqa: E731
    use = lambda n, name="look", **given: {"type": "tool_use", "id": f"t{n}", "name": name, "input": given}  # noqa: E731
    said = lambda *content: {"role": "assistant", "content": list(content)}  # noqa: E731
    came = lambda n, text="ok": user([{"type": "tool_result", "tool_use_id": f"t{n}", "content": text}])  # noqa: E731
    words = lambda text: {"type": "text", "text": text}  # noqa: E731
    todo = lambda n, *tasks: use(n, "todo", tasks=[{"text": t, "done": d} for t, d in tasks])  # noqa: E731
    steps = [message for n in range(5) for message in (said(words("I look."), use(n)), came(n, f"line {n}"))]
    plan = [said(todo("p", ("find it", True), ("tell all", False), ("write it down", False))), came("p")]
    later = [said(todo("q", ("tell all", True), ("write it down", False))), came("q")]
    yield ask | {"messages": [user("Find it.")]}, 2, "Found."
    yield ask | {"messages": [user("Find it."), *steps]}, 2, "Found."
    yield ask | {"messages": [user("Find it."), *steps]}, 3, "Found."
    yield ask | {"messages": [user("Find it."), *steps]}, 1, "Found."
    yield ask | {"messages": [user("Find it."), *steps]}, 11, "Found."
    yield ask | {"messages": [user("Find it."), *plan, *steps]}, 2, "Found."
    yield ask | {"messages": [user("Find it."), *plan, *steps, *later, *steps[:4]]}, 2, "Found."
    yield ask | {"messages": [user("Find it."), *steps, *plan]}, 2, "Found."
    yield ask | {"messages": [user("Find it."), *steps]}, 2, ""
    yield ask | {"messages": [user("Find it."), *steps]}, 2, " \n"
    yield ask | {"messages": [user("Find it."), *steps]}, 2, [words("Found "), words("two.")]
    yield ask | {"messages": [user("Find it."), *steps]}, 2, [words("I look again."), use("x")]
    yield ask | {"messages": [user("Find it."), *steps]}, 2, "word " * 1000
    yield ask | {"messages": [user("Find it."), *steps]}, 2, "word " * 4000
    yield ask | {"messages": [user("Find it."), *steps[:2]]}, 2, "Found."
    yield (
        ask | {"messages": [user([words("Find it.") | {"cache_control": {"type": "ephemeral"}}]), *steps]},
        2,
        "Found.",
    )
    yield ask | {"messages": [user([words("Find it."), words("Be quick.")]), *plan, *steps]}, 2, "Found."
    kept = [words("Find it."), words("Summary so far:\nSeen: 0 to 4."), words('Open tasks:\n["tell all"]')]
    yield ask | {"messages": [user(kept), *steps]}, 2, "Found more."
    yield ask | {"messages": [user([words("<day>today</day>"), *kept]), *steps]}, 2, "Found more."
    yield (
        ask | {"messages": [user([words("<day>today</day>"), words("Find it.")]), *steps]},
        2,
        "Summary so far: found.",
    )
    yield ask | {"messages": [user(kept), *later, *steps]}, 2, "Found more."
    yield ask | {"messages": [user(kept[:2]), *steps]}, 2, "Found more."
    done = [said(todo("r", ("tell all", True))), came("r")]
    yield ask | {"messages": [user(kept), *done, *steps]}, 2, "All done."
    for _ in range(4):
        yield ask | {"messages": [user("Go."), *plan[: 2 * rng.randint(0, 1)], *steps]}, rng.randint(1, 9), "Found."


def compact_twice(answer, request, keep, reply):
    """Compact a request: what came, what the model was asked, whether the request was left alone, and what a second one gives."""
    from built.llm_api import refusal, script

    seen, before = [], copy.deepcopy(request)

    def policy(given):
        seen.append(copy.deepcopy(given))
        return reply

    try:
        came = answer(script(policy), request, keep)
    except ValueError:
        return {"raises": "ValueError", "the model was asked": seen, "what was given is unchanged": request == before}
    more = [{"role": "assistant", "content": "I go on."}, {"role": "user", "content": "Do."}] * 3
    again = answer(script(lambda given: "Again."), came | {"messages": [*came["messages"], *more]}, 2)
    return {
        "the new request": came,
        "the model was asked": seen,
        "the service says": refusal(came),
        "the first message after a second time": again["messages"][0],
        "what was given is unchanged": request == before,
    }


def triples(rng):
    """Notes before and after two sessions: every case of one note, several at once, nothing, and random ones."""
    states = ({}, {"a": "1"}, {"a": "2"}, {"a": "3"})
    for base in states[:2]:
        yield from ((base, ours, theirs) for ours in states for theirs in states)
    yield {"b": "1", "a": "1"}, {"b": "1", "a": "1", "d": "4"}, {"b": "1", "a": "1", "c": "3"}
    yield {"a": "", "b": "1"}, {"a": "x", "b": "1"}, {"a": "", "b": ""}
    yield {"a": "1"}, {"a": "zebra"}, {"a": "ant"}
    yield {"a": ""}, {"a": "1"}, {}
    yield {"a": "1"}, {"a": "2 | 3"}, {"a": "2"}
    for _ in range(12):
        base = {name: rng.choice("12") for name in rng.sample("abcdef", 4)}
        yield base, *({n: t if rng.random() < 0.6 else rng.choice("123") for n, t in base.items() if rng.random() < 0.8}
                      | ({rng.choice("ghi"): "9"} if rng.random() < 0.5 else {}) for _ in range(2))  # fmt: skip


def merge(answer, base, ours, theirs):
    """Merge, both ways round: what came with the order of its names, and whether the notes given were left alone."""
    before = copy.deepcopy((base, ours, theirs))
    notes, conflicts = answer(base, ours, theirs)
    other = answer(base, theirs, ours)
    return {
        "notes, in order": list(notes.items()),
        "conflicts": conflicts,
        "ours and theirs exchanged": [list(other[0].items()), other[1]],
        "what was given is unchanged": (base, ours, theirs) == before,
    }


ARRANGED = """def arranged(parts, most=4, floor=1024):
    names = sorted(parts, key=lambda name: -parts[name][1])
    rows = [parts[name] for name in names]
    choices = [marks for n in range(most + 1) for marks in itertools.combinations(range(len(rows)), n)]
    best = min(choices, key=lambda marks: round(expected(rows, marks, floor), 6))
    return names, [names[place] for place in best]
"""
MARKED = """def marked(request):
    def bare(content):
        if isinstance(content, str):
            return content
        return [{key: value for key, value in block.items() if key != "cache_control"} for block in content]

    def with_mark(content):
        able = [n for n, b in enumerate(blocks(content)) if b.get("type") != "thinking" and b.get("text") != ""]
        return [
            block | ({"cache_control": {"type": "ephemeral"}} if able and n == able[-1] else {})
            for n, block in enumerate(blocks(content))
        ]

    new = {key: value for key, value in request.items() if key != "cache_control"}
    for part in ("tools", "system"):
        if new.get(part):
            new[part] = with_mark(bare(new[part]))
    new["messages"] = [message | {"content": bare(message["content"])} for message in request["messages"]]
    ends = [n for n, message in enumerate(new["messages"]) if message["role"] == "user"]
    for n in ends[-2:]:
        new["messages"][n]["content"] = with_mark(new["messages"][n]["content"])
    return new
"""
COMPACTION = """def compaction(llm, request, keep=2):
    messages = request["messages"]
    kept = compact(messages, keep, "")
    if len(kept) >= len(messages):
        return request
    question = {"max_tokens": SUMMARY_TOKENS, "messages": [*messages, {"role": "user", "content": SUMMARISE}]}
    reply = collect(llm(request | question))
    summary = text_of(reply)
    if reply["stop_reason"] != "end_turn" or not summary.strip():
        raise ValueError(f"the model wrote no whole summary ({reply['stop_reason']}), so nothing was replaced")
    first = list(blocks(messages[0]["content"]))
    past = [n for n, block in enumerate(first) if block.get("text", "").startswith(SUMMARY)]
    first = first[: past[0] if past else None] + [{"type": "text", "text": f"{SUMMARY}\\n{summary}"}]
    tasks = open_tasks(messages)
    if tasks:
        first.append({"type": "text", "text": f"{TASKS}\\n{json.dumps(tasks)}"})
    return request | {"messages": [{"role": "user", "content": first}, *kept[1:]]}
"""
MERGED = """def merge_notes(base, ours, theirs):
    notes, conflicts = {}, []
    for name in sorted({*base, *ours, *theirs}):
        was, a, b = base.get(name), ours.get(name), theirs.get(name)
        if a == b or b == was:
            text = a
        elif a == was:
            text = b
        else:
            conflicts.append(name)
            text = " | ".join(sorted(text for text in (a, b) if text is not None))
        if text is not None:
            notes[name] = text
    return notes, conflicts
"""

EXERCISES = {
    "arranged": Judge(
        cases=prompts,
        hints=(
            "`sorted` with a key puts what changes least often first, and leaves equals in their order.",
            "There are few choices of marks: `itertools.combinations(range(len(rows)), n)` for n from 0 to `most`.",
            "`min` over all choices by `round(expected(rows, marks, floor), 6)`; it keeps the first of equals.",
        ),
        mistakes={
            "by-size": Mistake(
                "You sort by size. A large part that changes at each request spoils the small one behind it, not the other way.",
                swap(ARRANGED, ("-parts[name][1]", "-parts[name][0]")),
            ),
            "restless-first": Mistake(
                "What changes most often stands first, and spoils everything behind it.",
                swap(ARRANGED, ("-parts[name][1]", "parts[name][1]")),
            ),
            "mark-all": Mistake(
                "You mark as many parts as you may. A mark on what is never read again costs a quarter more than none.",
                swap(ARRANGED, ("for n in range(most + 1) for", "for n in [min(most, len(rows))] for")),
            ),
            "one-mark": Mistake(
                "One mark only. Then the most restless part before it decides how often all of it is written anew.",
                swap(ARRANGED, ("range(most + 1)", "range(min(most, 1) + 1)")),
            ),
            "no-floor": Mistake(
                "You forget the floor: a prefix shorter than that is never kept, whatever you mark.",
                swap(ARRANGED, ("marks, floor)", "marks)")),
            ),
            "as-given": Mistake(
                "The parts stand in the order in which they were given.",
                swap(ARRANGED, ("sorted(parts, key=lambda name: -parts[name][1])", "list(parts)")),
            ),
            "idle-marks": Mistake(
                "Of two choices at the same price take the one with fewer marks: a mark that changes nothing is noise.",
                swap(ARRANGED, ("choices, key", "choices[::-1], key")),
            ),
            "greedy": Mistake(
                "You add the best mark, then the next best. The best two together need not hold the best one: try all choices.",
                """def arranged(parts, most=4, floor=1024):
    names = sorted(parts, key=lambda name: -parts[name][1])
    rows, chosen = [parts[name] for name in names], []
    while len(chosen) < most:
        left = [n for n in range(len(rows)) if n not in chosen]
        best = min(left, key=lambda n: expected(rows, [*chosen, n], floor), default=None)
        if best is None or expected(rows, [*chosen, best], floor) > expected(rows, chosen, floor) - 1e-6:
            break
        chosen.append(best)
    return names, [names[n] for n in sorted(chosen)]
""",
            ),
            "first-four": Mistake(
                "You mark the first parts, as many as you may. Which four save most depends on their sizes and lives.",
                swap(
                    ARRANGED,
                    (
                        "best = min(choices, key=lambda marks: round(expected(rows, marks, floor), 6))",
                        "best = [n for n, (_, uses) in enumerate(rows) if uses > 1][:most]",
                    ),
                ),  # fmt: skip
            ),
        },
        also=(
            """def arranged(parts, most=4, floor=1024):
    order = list(parts)
    order.sort(key=lambda name: parts[name][1], reverse=True)
    sizes = [parts[name] for name in order]
    best, price = (), expected(sizes, (), floor)
    for n in range(1, most + 1):
        for marks in itertools.combinations(range(len(order)), n):
            now = expected(sizes, marks, floor)
            if now < price - 1e-6:
                best, price = marks, now
    return order, [order[n] for n in best]
""",
        ),
    ),
    "marked": Judge(
        cases=histories,
        drive=mark_twice,
        hints=(
            "Two small functions inside help: one that takes all marks off a list of blocks, one that puts one on its end.",
            "Build new dicts with `block | {…}`; leave those of the request alone. A text as content: `blocks(content)`.",
            "The ends of requests are the messages of the user: the last one, and the one before it. `ends[-2:]`.",
        ),
        mistakes={
            "collects": Mistake(
                "Old marks stay. From turn to turn there are more of them, and a request with five is refused.",
                swap(MARKED, ('if key != "cache_control"} for block in content]', "} for block in content]")),
            ),
            "top-level": Mistake(
                "The mark at the top level stays. It marks the last block a second time, and may be the fifth.",
                swap(MARKED, ('request.items() if key != "cache_control"}', "request.items()}")),
            ),
            "in-place": Mistake(
                "You write into the request that you were given. Whoever keeps the conversation finds your marks in it.",
                swap(MARKED, ("[message | {", "[message.update(content=bare(message['content'])) or message | {")),
            ),
            "end-only": Mistake(
                "Only the end is marked. After a turn with more than 20 blocks the service does not find the previous end.",
                swap(MARKED, ("ends[-2:]", "ends[-1:]")),
            ),
            "any-message": Mistake(
                "You mark the last two messages. The previous request ended with a message of the user; the assistant's came after it.",
                swap(MARKED, ('if message["role"] == "user"]', "]")),
            ),
            "text-content": Mistake(
                "A content that is a text gets no mark. Make it one block of text, and mark that.",
                swap(
                    MARKED,
                    (
                        "    def with_mark(content):\n",
                        "    def with_mark(content):\n        if isinstance(content, str):\n            return content\n",
                    ),
                ),
            ),
            "third-last": Mistake(
                "You take the last message and the third last. A message of the user may follow another, or none: look at the roles.",
                swap(
                    MARKED,
                    (
                        'ends = [n for n, message in enumerate(new["messages"]) if message["role"] == "user"]',
                        'ends = [n for n in (len(new["messages"]) - 3, len(new["messages"]) - 1) if n >= 0]',
                    ),
                ),
            ),
            "thinking": Mistake(
                "A block of thinking cannot carry a mark. Take the nearest one before it.",
                swap(MARKED, ('b.get("type") != "thinking" and ', "")),
            ),
            "empty": Mistake(
                "An empty text cannot carry a mark. Take the nearest block before it.",
                swap(MARKED, (' and b.get("text") != ""', "")),
            ),
            "no-tools": Mistake(
                "The tools get no mark. They live longest of all, and a changed system prompt would spoil them.",
                swap(MARKED, ('("tools", "system")', '("system",)')),
            ),
            "every-block": Mistake(
                "Every block of a part gets a mark. Four is all there are.",
                swap(MARKED, ("able and n == able[-1]", "n in able")),
            ),
        },
        also=(
            """def marked(request):
    request = copy.deepcopy(request)
    request.pop("cache_control", None)

    def clean(items):
        for item in items:
            item.pop("cache_control", None)
        return items

    def put(items):
        for item in reversed(items):
            if item.get("type") != "thinking" and not (item.get("type") == "text" and item["text"] == ""):
                item["cache_control"] = {"type": "ephemeral"}
                return items
        return items

    if request.get("tools"):
        put(clean(request["tools"]))
    if request.get("system"):
        request["system"] = put(clean(blocks(request["system"])))
    left = 2
    for message in reversed(request["messages"]):
        if not isinstance(message["content"], str):
            clean(message["content"])
        if message["role"] == "user" and left:
            left -= 1
            message["content"] = put(blocks(message["content"]))
    return request
""",
        ),
    ),
    "compaction": Judge(
        cases=conversations,
        drive=compact_twice,
        hints=(
            '`compact(messages, keep, "")` gives the cut: its first message is the one to replace, the others stay.',
            'Ask with `request | {"messages": [*messages, …]}`: the prefix stays, and with it the cache.',
            "The blocks of the first message up to one that begins with SUMMARY, the summary, and TASKS with `json.dumps(open_tasks(messages))`.",
        ),
        mistakes={
            "blind-cut": Mistake(
                "You cut at a number of messages. An answer without its call is left, and the service refuses it for ever.",
                swap(COMPACTION, ('compact(messages, keep, "")', "[{}, *messages[max(1, len(messages) - keep):]]")),
            ),
            "fresh-prompt": Mistake(
                "You ask with a request of its own. Its prefix is new to the cache, so the whole history is paid in full.",
                swap(COMPACTION, ("llm(request | question", 'llm({"model": request["model"]} | question')),
            ),
            "tasks-lost": Mistake(
                "The open tasks are left to the summary. It may forget them; a list may not.",
                swap(COMPACTION, ("if tasks:", "if False:")),
            ),
            "tasks-of-the-kept": Mistake(
                "You look for tasks in what stays. The list was written before the cut, that is why it has to be carried.",
                swap(COMPACTION, ("open_tasks(messages)", "open_tasks(kept[1:])")),
            ),
            "question-lost": Mistake(
                "The user's words are gone. What was asked must stand there word for word, not as somebody's summary.",
                swap(COMPACTION, ("first = first[: past[0] if past else None] + [{", "first = [{")),
            ),
            "one-block": Mistake(
                "You keep the first block alone. Memory and environment may stand before the task, and then the task is lost.",
                swap(COMPACTION, ("first[: past[0] if past else None]", "first[:1]")),
            ),
            "nests": Mistake(
                "You copy the whole first message. At the second compaction the old summary and the old tasks come along.",
                swap(COMPACTION, ("first[: past[0] if past else None]", "first")),
            ),
            "empty-summary": Mistake(
                "The model said nothing, and the history was replaced by that.",
                swap(COMPACTION, (" or not summary.strip():", ":")),
            ),
            "cut-off": Mistake(
                "The summary was cut off by max_tokens, and half of it replaced the whole. Look at the stop_reason.",
                swap(COMPACTION, ('reply["stop_reason"] != "end_turn" or ', "")),
            ),
            "short-of-breath": Mistake(
                "You leave the question the max_tokens of the conversation. A summary needs room of its own: SUMMARY_TOKENS.",
                swap(COMPACTION, ('"max_tokens": SUMMARY_TOKENS, ', "")),
            ),
            "always": Mistake(
                "There was nothing to cut, and you asked and replaced all the same.",
                swap(COMPACTION, ("if len(kept) >= len(messages):", "if False:")),
            ),
            "no-tasks": Mistake(
                "No task is open, and you say so in a block of its own. An empty list is no block.",
                swap(COMPACTION, ("if tasks:", "if True:")),
            ),
        },
        also=(
            """def compaction(llm, request, keep=2):
    old = list(request["messages"])
    short = compact(old, keep, "summary")
    if len(short) == len(old):
        return request
    question = dict(request, max_tokens=SUMMARY_TOKENS)
    question["messages"] = old + [{"role": "user", "content": SUMMARISE}]
    reply = collect(llm(question))
    said = "".join(b["text"] for b in reply["content"] if b["type"] == "text")
    if said.strip() == "" or reply["stop_reason"] != "end_turn":
        raise ValueError("no summary")
    content = []
    for part in blocks(old[0]["content"]):
        if part["type"] == "text" and part["text"].startswith(SUMMARY):
            break
        content.append(part)
    content.append({"type": "text", "text": SUMMARY + "\\n" + said})
    left = open_tasks(old)
    content += [{"type": "text", "text": TASKS + "\\n" + json.dumps(left)}] if left else []
    short[0] = {"role": "user", "content": content}
    new = dict(request)
    new["messages"] = short
    return new
""",
        ),
    ),
    "merge_notes": Judge(
        cases=triples,
        drive=merge,
        hints=(
            "Go through all names of all three, in alphabetical order, and look at the note in each: `.get(name)`, None if missing.",
            "Four cases in this order: both alike; theirs as before, so ours counts; ours as before, so theirs counts; conflict.",
            "In a conflict join those texts that exist, sorted, by ` | `; it has one of them if the other side removed it.",
        ),
        mistakes={
            "last-wins": Mistake(
                "One side overwrites the other where both changed a note. That is the lost update again.",
                swap(
                    MERGED,
                    ('text = " | ".join(sorted(text for text in (a, b) if text is not None))', "text = b"),
                ),
            ),
            "no-ancestor": Mistake(
                "You do without `base`. Then a note that one session removed comes back from the other.",
                """def merge_notes(base, ours, theirs):
    notes, conflicts = {}, []
    for name in sorted({*ours, *theirs}):
        texts = sorted({side[name] for side in (ours, theirs) if name in side})
        if len(texts) > 1:
            conflicts.append(name)
        notes[name] = " | ".join(texts)
    return notes, conflicts
""",
            ),
            "removal-wins": Mistake(
                "One session changed the note, the other removed it, and the change is lost without a word.",
                swap(
                    MERGED,
                    (
                        "        else:\n",
                        "        elif a is None or b is None:\n            text = None\n        else:\n",
                    ),
                ),
            ),
            "silent": Mistake(
                "Both texts stay, and nobody is told. A conflict that is not reported is found by accident.",
                swap(MERGED, ("            conflicts.append(name)\n", "")),
            ),
            "order": Mistake(
                "It matters who is called ours: the two texts stand in that order. Sort them, and both sides agree.",
                swap(
                    MERGED,
                    ("sorted(text for text in (a, b) if text is not None)", "t for t in (a, b) if t is not None"),
                ),
            ),
            "falsy": Mistake(
                'An empty text is taken for a note that is missing. `None` is missing; "" is a text.',
                swap(MERGED, ("if text is not None:", "if text:")),
            ),
            "same-change": Mistake(
                "Both made the same change, and you call it a conflict.",
                swap(MERGED, ("if a == b or b == was:", "if b == was:")),
            ),
            "unsorted": Mistake(
                "The notes do not stand in alphabetical order, so two machines write two different files.",
                swap(MERGED, ("sorted({*base, *ours, *theirs})", "[*dict.fromkeys([*base, *ours, *theirs])][::-1]")),
            ),
        },
        also=(
            """def merge_notes(base, ours, theirs):
    result, conflicts = {}, []
    for name in sorted(set(base) | set(ours) | set(theirs)):
        versions = [side.get(name) for side in (ours, theirs)]
        changed = [text for text in versions if text != base.get(name)]
        if not changed:
            final = base.get(name)
        elif len(set(changed)) == 1 and (len(changed) == 1 or versions[0] == versions[1]):
            final = changed[0]
        else:
            conflicts.append(name)
            final = " | ".join(sorted(text for text in changed if text is not None))
        if final is not None:
            result[name] = final
    return result, conflicts
""",
        ),
    ),
}

QUIZ = (
    Question(
        "clock",
        "In the widget: where does the clock cost least, and what must not be done with it afterwards?",
        (
            (
                "At the end of the instructions; moving the mark before it",
                "Behind the mark it spoils only the messages, which are most of it.",
            ),
            (
                "In the latest message; taking it out again a turn later",
                "Each kept prefix ended with a clock, and none is found again.",
            ),
            (
                "At the top of the instructions; adding a second mark there",
                "The top is the dearest place: it spoils everything.",
            ),
            (
                "In the latest message; leaving the old clocks lying about",
                "They cost a few tokens each, and keep the chain whole.",
            ),
        ),
        right=1,
    ),
    Question(
        "absence",
        "People read each answer of your agent for 20 to 40 minutes. What is cheapest, if you cannot ping?",
        (
            (
                "Marks for five minutes, since they are cheaper to write",
                "Every turn then pays the whole prompt anew, at 1.25.",
            ),
            (
                "No marks at all, since each entry lapses in five minutes",
                "Then every turn pays in full; marks for an hour outlive the reading.",
            ),
            (
                "Marks for an hour: written once at 2, read at a twentieth",
                "After two reads it has paid, and it outlives the absence.",
            ),
            (
                "A shorter prompt, since the cache no longer matters then",
                "Shorter is always cheaper; the question was how to keep it.",
            ),
        ),
        right=2,
    ),
    Question(
        "blocks",
        "Fifteen parallel calls, nothing changed, last block marked: the next request reads nothing. Why?",
        (
            (
                "The results came back in another order than the calls",
                "The order of blocks was the same in both requests.",
            ),
            (
                "Its mark lies more than 20 places behind the last one",
                "The search ends before it gets to the kept prefix.",
            ),
            ("Parallel calls make the prompt shorter than the floor", "The prompt grew; it is far above the floor."),
            (
                "The cache keeps four entries, and the calls used them up",
                "Four is the number of marks in a request, not of entries.",
            ),
        ),
        right=1,
    ),
    Question(
        "seam",
        "When is a good moment to compact?",
        (
            (
                "As soon as it is cheapest, after twenty turns or so",
                "The curve is flat there; a bad moment loses more than it saves.",
            ),
            ("When the service refuses the request as too long", "Then even the request for a summary is too long."),
            (
                "At every turn, so that the prompt stays equally short",
                "Each one costs a summary, spoils the cache and loses something.",
            ),
            (
                "When a piece of work is done and what matters is written down",
                "There the least is lost; the price hardly depends on it.",
            ),
        ),
        right=3,
    ),
    Question(
        "merge",
        "Why does merging notes need the version that both sessions started from?",
        (
            (
                "To tell what one side added from what the other removed",
                "A note on one side only may be either of the two.",
            ),
            (
                "To know which of the two sessions began its work earlier",
                "Who came first does not decide anything here.",
            ),
            (
                "To undo the merge, should a conflict turn up later on",
                "Conflicts are found at once, and both texts are kept.",
            ),
            (
                "To lock the file for the time between reading and writing",
                "The lock is held only while the file is written.",
            ),
        ),
        right=0,
    ),
)


def layouts(rng):
    """Parts in any order, with marks."""
    yield [(3000, 1000), (2000, 500), (20, 1)], [1]
    yield [(20, 1), (3000, 1000)], [1]
    yield [(1000, 50)], [0]
    for _ in range(10):
        parts = [(rng.randint(10, 3000), rng.choice([1, 5, 50, 500])) for _ in range(rng.randint(1, 5))]
        yield parts, sorted(rng.sample(range(len(parts)), rng.randint(1, len(parts))))


def ratios(rng):
    """Prices of writing and reading, relative to plain input."""
    yield 1.25, 0.1
    yield 2.0, 0.05
    yield 1.0, 0.5
    yield 0.5, 0.25
    yield 1.4, 0.6
    for _ in range(20):
        yield rng.randint(1, 40) / 8, rng.randint(0, 7) / 8


def lists(rng):
    """Conversations with lists of tasks, in calls and in what a compaction kept."""
    for _ in range(20):
        call = {"type": "tool_use", "id": "t", "name": "todo"}
        kinds = [
            {
                "role": "assistant",
                "content": [call | {"input": {"tasks": [{"text": "a", "done": rng.random() < 0.5}]}}],
            },
            {"role": "user", "content": "Well?"},
            {"role": "user", "content": [{"type": "text", "text": 'Open tasks:\n["x"]'}]},
            {"role": "assistant", "content": [{"type": "text", "text": 'Open tasks:\n["y"]'}]},
        ]
        yield ([rng.choice(kinds) for _ in range(rng.randint(0, 5))],)


REVIEWS = {
    "last-part": Verdict(
        of="expected",
        right=False,
        why="`expected` takes parts in any order, and an unsorted one is just what it is there to judge: with the clock on top, "
        "everything up to a mark changes with the clock. `Parts come sorted` is true of one caller.",
        cases=layouts,
        witness=([(20, 1), (3000, 1000)], [1]),
    ),
    "closed-form": Verdict(
        of="sends",
        right=False,
        why="The algebra is right, and the machine does not do algebra: (1.4 - 0.6) / (1 - 0.6) is 1.9999999999999998, whose floor is 1. "
        "The search compares sums of prices and finds 3. Where an answer jumps at whole numbers, a quotient of floats is a bad judge.",
        cases=ratios,
        witness=(1.4, 0.6),
    ),
    "flat": Verdict(
        of="open_tasks",
        right=True,
        why="Right: the same blocks in the same order, each with its role. A request without tools and system has only messages.",
        cases=lists,
    ),
}
