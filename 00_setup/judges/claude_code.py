"""What the exercises of `04_rag_and_agents/17_claude_code` are judged by."""

import copy
from types import SimpleNamespace

from judges import Judge, Mistake, Question, Verdict, swap

# --- skill_list --------------------------------------------------------------------------------------


def skill(text):
    """A skill as far as the list looks at it."""
    return SimpleNamespace(description=text, body="the instructions", name="?")


def lists(rng):
    """Skills and room: plenty, exactly enough, one too few, cut once, cut to one character, names only, not even these."""
    three = {
        "b": skill("write  tests\nfirst "),
        "a": skill("x"),
        "long": skill("when something that takes a while fails"),
    }
    whole = "- a: x\n- b: write tests first\n- long: when something that takes a while fails"
    yield {}, 10
    yield {}, 0
    yield three, 1_000
    yield three, len(whole)
    yield three, len(whole) - 1
    yield three, 50
    yield three, 40
    yield three, 27
    yield three, 26
    yield three, 25
    yield three, len("- a\n- b\n- long")
    yield three, len("- a\n- b\n- long") - 1
    yield {"a": skill("one"), "b": skill("four")}, 15
    yield {"a": skill("one"), "b": skill("four")}, 14
    yield {"a": skill("é" * 9), "b": skill("…" * 3)}, 18
    yield {"z-2": skill("last"), "z-10": skill("first"), "a": skill("\t tabs\t and  more ")}, 60
    for _ in range(30):
        names = rng.sample("abcdefgh", rng.randint(1, 5))
        skills = {name: skill(" ".join(["word"] * rng.randint(0, 9)) + "x" * rng.randint(1, 6)) for name in names}
        yield skills, rng.randint(3 * len(names), 30 * len(names))


SKILL_LIST = """def skill_list(skills, room):
    told = {name: " ".join(skills[name].description.split()) for name in sorted(skills)}
    longest = max(map(len, told.values()), default=0)
    for most in range(longest, 0, -1):
        cut = {name: text if len(text) <= most else text[: most - 1] + "…" for name, text in told.items()}
        listed = "\\n".join(f"- {name}: {text}" for name, text in cut.items())
        if len(listed) <= room:
            return listed
    names = "\\n".join(f"- {name}" for name in told)
    if len(names) > room:
        raise ValueError(f"the names of {len(told)} skills have {len(names)} characters; there is room for {room}")
    return names
"""

# --- Pool --------------------------------------------------------------------------------------------


def accounts(rng):
    """Pools at work: (tokens, steps). A step: take n · use n of the k-th budget · back with the k-th · a stranger's."""
    take, use, back, strange = (lambda *a, kind=kind: (kind, *a) for kind in ("take", "use", "back", "strange"))
    yield 100, [take(60), use(0, 30), back(0)]
    yield 100, [take(60), take(60), take(40), take(1)]
    yield 100, [take(100), back(0), take(100)]
    yield 100, [take(101), take(100)]
    yield 100, [take(0), take(-5), take(100)]
    yield 0, [take(1), take(0)]
    yield 100, [take(60), use(0, 75), back(0), take(30), take(25)]
    yield 100, [take(60), use(0, 60), back(0), take(41), take(40)]
    yield 100, [take(60), back(0), back(0), take(100)]
    yield 100, [take(30), take(30), back(0), back(0), back(1)]
    yield 100, [take(30), strange(30), back(0)]
    yield 100, [take(30), take(30), use(1, 30), back(1), back(0)]
    yield 100, [take(30), take(30), use(0, 10), use(1, 20), back(0), take(50), back(1), back(2)]
    yield 10, [take(10), use(0, 25), back(0), take(1)]
    for _ in range(15):
        steps, out = [], 0
        for _ in range(rng.randint(4, 12)):
            kind = rng.choice(["take", "take", "use", "back"])
            if kind == "take":
                steps.append(take(rng.randint(1, 50)))
                out += 1
            elif out:
                steps.append(use(rng.randrange(out), rng.randint(1, 40)) if kind == "use" else back(rng.randrange(out)))
        yield 100, steps


def keep_accounts(answer, tokens, steps):
    """What a pool says at each step, and what is free and used afterwards."""
    pool, elsewhere = answer(tokens), answer(1_000_000)
    said, budgets = [], []
    for kind, *given in steps:
        came = None
        try:
            if kind == "take":
                budgets.append(pool.take(*given))
                came = budgets[-1].limits["tokens"], budgets[-1].exhausted()
            elif kind == "strange":
                pool.give_back(elsewhere.take(*given))
            elif given[0] >= len(budgets):
                came = "no such budget"
            elif kind == "use":
                budgets[given[0]].charge({"input_tokens": given[1], "output_tokens": 0}, "claude-haiku-5-5")
            else:
                came = pool.give_back(budgets[given[0]])
        except (ValueError, RuntimeError) as error:
            came = type(error).__name__
        said.append({f"{kind} {given}": came, "free": pool.free, "used": pool.used})
    return said


POOL = """class Pool:
    def __init__(self, tokens):
        self.free, self.used, self.out, self.lock = tokens, 0, [], threading.Lock()

    def take(self, tokens):
        if tokens < 1:
            raise ValueError(f"a helper needs at least 1 token, not {tokens}")
        with self.lock:
            if tokens > self.free:
                raise RuntimeError(f"{self.free} tokens are free, not {tokens}: wait until a helper has ended")
            self.free -= tokens
            self.out.append((Budget(tokens=tokens), tokens))
            return self.out[-1][0]

    def give_back(self, budget):
        with self.lock:
            place = next((n for n, (one, _) in enumerate(self.out) if one is budget), None)
            if place is None:
                raise ValueError("this budget is not out: it came from elsewhere, or was given back before")
            held, used = self.out.pop(place)[1], budget.used["tokens"]
            self.used += used
            self.free += held - used
"""

# --- threads -----------------------------------------------------------------------------------------


def captured(system, *messages, mark=None):
    """A capture: digests of the system, and messages as "u:a" or "s:b+c", whose block number `mark` carries a mark."""
    roles = {"u": "user", "a": "assistant", "s": "system"}
    found, place = [], 0
    for message in messages:
        role, _, digests = message.partition(":")
        blocks = []
        for digest in digests.split("+"):
            blocks.append({"type": "text", "chars": 9, "digest": digest} | ({"mark": True} if place == mark else {}))
            place += 1
        found.append({"role": roles[role], "blocks": blocks})
    told = [{"type": "text", "chars": 5, "digest": digest} for digest in system]
    return {"model": "claude-haiku-5-5", "tools": [], "system": told, "messages": found}


def wires(rng):
    """Captures: one that grows, marks that move, helpers between, retries, an appended question, a new window, forks."""
    c = captured
    yield ([],)
    yield ([c("s", "u:a")],)
    yield ([c("s", "u:a"), c("s", "u:a", "a:b", "u:c"), c("s", "u:a", "a:b", "u:c", "a:d", "u:e")],)
    yield ([c("s", "u:a", mark=0), c("s", "u:a", "a:b", "u:c", mark=2), c("s", "u:a", "a:b", "u:c", "a:d", mark=3)],)
    yield ([c("s", "u:a"), c("h", "u:x"), c("s", "u:a", "a:b", "u:c"), c("h", "u:x", "a:y", "u:z")],)
    yield ([c("s", "u:r+a"), c("h", "u:r+x", "s:n"), c("h", "u:r+y", "s:n"), c("h", "u:r+x", "s:n", "a:1", "u:2")],)
    yield ([c("s", "u:a"), c("s", "u:a"), c("s", "u:a", "a:b", "u:c"), c("s", "u:a", "a:b", "u:c")],)
    yield ([c("s", "u:a", "a:b", "u:c", "s:d"), c("s", "u:a", "a:b", "u:c+q", "s:d"), c("s", "u:sum", "a:z")],)
    yield ([c("s", "u:a", "a:b"), c("s", "u:a", "a:c"), c("s", "u:a", "a:b", "u:d"), c("s", "u:a", "a:c", "u:e")],)
    yield ([c("s", "u:a+b+c+d"), c("s", "u:a+b"), c("s", "u:a+x")],)
    yield ([c("s", "u:a+b+c"), c("s", "u:a+x+y")],)
    yield ([c("s", "u:a"), c("", "u:a"), c("st", "u:a"), c("", "u:a", "a:b")],)
    yield ([c("s", "u:a"), c("s", "a:a"), c("s", "u:a", "a:b")],)
    yield ([c("s", "u:a", "a:b", "u:c", "a:d"), c("s", "u:a"), c("s", "u:a", "a:b", "u:c")],)
    yield ([c("s", "u:a+b+c+d+e+f"), c("s", "u:x"), c("s", "u:a+b+c+z"), c("s", "u:a+b+c+z+y")],)
    yield (
        [c("s", "u:a+b", "a:1"), c("s", "u:a+b", "a:2"), c("s", "u:a+b", "a:1", "u:3"), c("s", "u:a+b", "a:2", "u:4")],
    )
    tool = {"type": "tool", "chars": 9, "digest": "late", "name": "late", "deferred": True}
    yield ([c("s", "u:a"), c("s", "u:a", "a:b", "u:c") | {"tools": [tool]}],)  # a tool was found late
    yield ([c("s", "u:a"), c("s", "u:a", "a:b", "u:c") | {"model": "claude-sonnet-5-5"}],)
    yield ([c("st", "u:a"), c("ts", "u:a", "a:b")],)
    moved = c("st", "u:a", "a:b")
    moved["system"][0]["mark"] = True
    yield ([c("st", "u:a"), moved],)
    split = [c("s", "u:a+b+x+y+z+w"), c("s", "u:a+b+1"), c("s", "u:a+b+x")]  # two conversations that begin alike
    yield ([*split, c("s", "u:a+b+1+2")],)
    yield ([*split, c("s", "u:a+b+q")],)
    yield ([*split, c("s", "u:a+b+1"), c("s", "u:a+b+q")],)
    for _ in range(20):
        talks = [[f"u:{rng.choice('rst')}+{n}"] for n in range(rng.randint(1, 4))]
        found = []
        for _ in range(rng.randint(2, 9)):
            n = rng.randrange(len(talks))
            if rng.random() < 0.8 and len(talks[n]) > 1 or rng.random() < 0.5:
                talks[n] += [f"a:{n}{len(talks[n])}", f"u:{n}{len(talks[n])}r"]
            found.append(c("sh"[n % 2], *talks[n], mark=rng.randrange(4)))
        yield (found,)


THREADS = """def threads(requests):
    chain = lambda request: [(m["role"], block["digest"]) for m in request["messages"] for block in m["blocks"]]
    system = lambda request: [block["digest"] for block in request["system"]]
    chains, found = [chain(request) for request in requests], []
    for place, request in enumerate(requests):
        best, home = (0, 0), None
        for thread in found:
            last = thread[-1]
            if system(requests[last]) != system(request):
                continue
            pairs = zip(chains[last], chains[place])
            common = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(chains[last]), len(chains[place])))
            if 2 * common >= len(chains[last]) and (common, last) >= best:
                best, home = (common, last), thread
        if home is None:
            found.append(home := [])
        home.append(place)
    return found
"""


def untangled(answer, requests):
    """The threads of a capture, and whether the capture was left alone."""
    before = copy.deepcopy(requests)
    came = answer(requests)
    return {"threads": came, "capture left alone": requests == before}


# --- reason ------------------------------------------------------------------------------------------


def step(tool, path="a", ours="done", theirs="done", was="1", now="1", same=True):
    """A step of the differential test."""
    return {"tool": tool, "path": path, "ours": ours, "theirs": theirs, "was": was, "now": now, "same files": same}


def pairs(rng):
    """Steps and a place: each cause, the same cause from a later or a failed step, other files, what has no cause."""
    read, differs = step("read"), {"ours": "refused", "theirs": "done"}
    yield [step("bash", "", "done", "refused")], 0
    yield [step("bash", "", "refused", "done")], 0
    yield [step("bash", "", "refused", "refused")], 0
    yield [step("edit", **differs)], 0
    yield [step("write", **differs)], 0
    yield [read, step("edit", was="2", now="3", **differs)], 1
    yield [read, step("edit", was="1", now="3", **differs)], 1
    yield [step("edit", "../a", **differs)], 0
    yield [step("write", "deep/../../a", was="", **differs)], 0
    yield [step("write", "a..b", **differs)], 0
    yield [step("write", "..a/b", was="", **differs)], 0
    yield [step("write", was="", now="2", **differs)], 0
    yield [step("edit", ours="done", theirs="refused")], 0
    yield [step("read", **differs)], 0
    yield [step("read", ours="done", theirs="refused")], 0
    yield [step("edit", ours="refused", theirs="refused", same=False)], 0
    yield [step("edit", same=False)], 0
    yield [step("bash", "", same=False)], 0
    yield [step("read", "./a"), step("edit", "a", **differs)], 1
    yield [step("edit", **differs), step("read")], 0
    yield [step("read", "b"), step("edit", **differs)], 1
    yield [step("read", ours="refused", theirs="refused"), step("edit", **differs)], 1
    yield [step("read", theirs="refused"), step("edit", was="2", **differs)], 1
    yield [step("bash", "a"), step("edit", **differs)], 1
    yield [read, step("write", now="5"), step("edit", was="5", now="6", **differs)], 2
    yield [read, step("write", now="5"), step("edit", was="1", now="6", **differs)], 2
    yield [step("write", was="", now="5"), step("edit", was="6", now="7", **differs)], 1
    yield [step("edit", now="2", **differs), step("edit", was="3", now="4", **differs)], 1
    yield [step("edit", now="2", **differs), step("edit", was="2", now="4", **differs)], 1
    yield [step("grep"), step("edit", was="2", **differs)], 1
    yield [step("edit", **differs), step("edit", was="2", **differs), step("read", was="2", now="2")], 1
    yield [read, step("edit", "../a", was="2", now="3", **differs)], 1
    for _ in range(25):
        steps, state = [], {"a": "1", "b": ""}
        for n in range(rng.randint(2, 7)):
            tool, path = rng.choice(["read", "edit", "write", "bash"]), rng.choice("ab")
            was = state[path]
            if rng.random() < 0.5:
                state[path] = str(n + 2)
            words = [rng.choice(["done", "refused"]) for _ in range(2)]
            steps.append(step(tool, path if tool != "bash" else "", *words, was, state[path]))
        yield steps, rng.randrange(len(steps))


REASON = """def reason(steps, n):
    step = steps[n]
    if step["ours"] == step["theirs"]:
        return ""
    if step["tool"] == "bash":
        return "status"
    if step["tool"] not in ("write", "edit") or step["ours"] != "refused":
        return ""
    if ".." in step["path"].split("/"):
        return "outside"
    if not step["was"]:
        return ""
    seen = ("read", "write", "edit")
    earlier = [s for s in steps[:n] if s["path"] == step["path"] and s["tool"] in seen and s["theirs"] == "done"]
    if not earlier:
        return "not read"
    return "changed since" if earlier[-1]["now"] != step["was"] else ""
"""

EXERCISES = {
    "skill_list": Judge(
        cases=lists,
        hints=(
            "First the descriptions as they would stand in full: sorted, white space joined. If that fits, you are done.",
            "Then one number for all: try n from the longest downwards, and cut only those that are longer than n.",
            'A description cut to n is `text[: n - 1] + "…"`. When no n of 1 or more fits, the names alone; then ValueError.',
        ),
        mistakes={
            "one-more": Mistake(
                "A cut description has n characters and the dots: one too many. The dots are one of the n.",
                swap(SKILL_LIST, ("text[: most - 1]", "text[:most]")),
            ),
            "all-dotted": Mistake(
                "A short description lost its end, or got dots, though it had no more than n characters. Who is polite keeps all.",
                swap(SKILL_LIST, ("text if len(text) <= most else text", "text")),
            ),
            "last-dropped": Mistake(
                "The last skills are missing. They would be lost because of their names; cut descriptions instead.",
                swap(
                    SKILL_LIST,
                    (
                        '        listed = "\\n".join(f"- {name}: {text}" for name, text in cut.items())\n',
                        '        listed = "\\n".join(f"- {name}: {text}" for name, text in cut.items())\n'
                        "        while len(listed) > room and '\\n' in listed:\n            listed = listed.rpartition('\\n')[0]\n",
                    ),
                ),
            ),
            "raw-space": Mistake(
                "White space stands as it came. A description with a line break makes a list of two lines out of one.",
                swap(SKILL_LIST, ('" ".join(skills[name].description.split())', "skills[name].description")),
            ),
            "unsorted": Mistake(
                "The order is that of the dict. An accident in the prefix is paid by every request behind it.",
                swap(SKILL_LIST, ("for name in sorted(skills)", "for name in skills")),
            ),
            "no-names": Mistake(
                "No level fits, and you give up. The names alone may fit, and a name is better than nothing.",
                swap(
                    SKILL_LIST,
                    ("    if len(names) > room:\n", "    if told and longest:\n"),
                ),
            ),
            "too-long": Mistake(
                "Not even the names fit, and you return them all the same. Say so: ValueError.",
                swap(SKILL_LIST, ("if len(names) > room:", "if False:")),
            ),
            "room-less": Mistake(
                "A text that has exactly `room` characters fits.",
                swap(SKILL_LIST, ("if len(listed) <= room", "if len(listed) < room")),
            ),
            "equal-parts": Mistake(
                "Each gets an equal part of the room, used or not. What the short ones leave over belongs to the long ones.",
                swap(
                    SKILL_LIST,
                    (
                        "for most in range(longest, 0, -1):",
                        "for most in ([longest, max(1, room // max(1, len(told)) - max(map(len, told)) - 5)] if told else []):",
                    ),
                ),
            ),
        },
        also=(
            """def skill_list(skills, room):
    import re
    names = sorted(skills)
    texts = [re.sub(r"\\s+", " ", skills[name].description).strip() for name in names]

    def at(level):
        rows = []
        for name, text in zip(names, texts):
            if len(text) > level:
                text = text[0 : level - 1] + "\\u2026"
            rows.append("- " + name + ": " + text)
        return "\\n".join(rows)

    low, high = 0, max([len(text) for text in texts] + [0])
    if high == 0 or len(at(high)) <= room:
        bare = at(high)
        if len(bare) <= room:
            return bare
    while high - low > 1:
        middle = (low + high) // 2
        if len(at(middle)) <= room:
            low = middle
        else:
            high = middle
    if low:
        return at(low)
    bare = "\\n".join("- " + name for name in names)
    if len(bare) <= room:
        return bare
    raise ValueError("no room for the names")
""",
        ),
    ),
    "Pool": Judge(
        cases=accounts,
        drive=keep_accounts,
        hints=(
            "Keep a list of the budgets that are out, each with what it holds, and a lock around everything that reads and writes.",
            "`take`: refuse first, then change. `give_back`: find by `is`, take it off the list, then two sums.",
            "free rises by held − used, which is negative for a helper that used more than it held. used rises by all that it used.",
        ),
        mistakes={
            "not-reserved": Mistake(
                "After a take as much is free as before. The next helper is promised the same tokens.",
                swap(POOL, ("            self.free -= tokens\n", "")),
            ),
            "all-back": Mistake(
                "The whole share goes back, used or not: tokens come out of nothing.",
                swap(POOL, ("self.free += held - used", "self.free += held")),
            ),
            "no-excess": Mistake(
                "A helper that used more than its share is forgiven. Somebody paid for that: free falls by it.",
                swap(POOL, ("self.free += held - used", "self.free += max(0, held - used)")),
            ),
            "share-as-used": Mistake(
                "You count the share as used. Used is what the budget says.",
                swap(POOL, ("self.used += used", "self.used += held")),
            ),
            "twice": Mistake(
                "A budget can be given back twice, and its rest is free twice.",
                swap(POOL, ("self.out.pop(place)[1]", "self.out[place][1]")),
            ),
            "strangers": Mistake(
                "A budget that never came from this pool is taken back. Then anybody can fill it.",
                swap(
                    POOL,
                    (
                        '                raise ValueError("this budget is not out: it came from elsewhere, or was given back before")\n',
                        "                self.free += budget.limits['tokens']\n                return\n",
                    ),
                ),
            ),
            "before-the-check": Mistake(
                "A take that was refused has changed the pool. Look first, then write.",
                swap(
                    POOL,
                    (
                        "            if tokens > self.free:",
                        "            self.free -= tokens\n            if self.free < 0:",
                    ),
                    ("            self.free -= tokens\n            self.out", "            self.out"),
                ),
            ),
            "zero": Mistake(
                "A helper with no tokens, or fewer than none, is started. Minus five free five others.",
                swap(POOL, ("if tokens < 1:", "if False:")),
            ),
            "last-one": Mistake(
                "All that is free may be taken, to the last token.",
                swap(POOL, ("if tokens > self.free", "if tokens >= self.free")),
            ),
        },
        also=(
            """class Pool:
    def __init__(self, tokens):
        import threading as t
        self.guard = t.RLock()
        self.free = tokens
        self.used = 0
        self.held = {}

    def take(self, tokens):
        with self.guard:
            if tokens <= 0:
                raise ValueError(tokens)
            left = self.free - tokens
            if left < 0:
                raise RuntimeError(left)
            mine = Budget(tokens=tokens)
            self.held[id(mine)] = (mine, tokens)
            self.free = left
        return mine

    def give_back(self, budget):
        with self.guard:
            if id(budget) not in self.held:
                raise ValueError("not ours, or not any more")
            _, share = self.held.pop(id(budget))
            self.used = self.used + budget.used["tokens"]
            self.free = self.free + share - budget.used["tokens"]
""",
        ),
    ),
    "threads": Judge(
        cases=wires,
        drive=untangled,
        hints=(
            "Make the chain of a request first: a flat list of (role, digest). Only digests, so that marks do not matter.",
            "For each request go through the conversations, compare with the latest request of each, count the equal beginning.",
            "Keep the best by the pair (blocks in common, place of the latest request). `2 * common >= len(chain of that latest)`.",
        ),
        mistakes={
            "whole-blocks": Mistake(
                "You compare blocks with all they have. The mark for the cache moves every turn, so nothing begins like anything.",
                swap(THREADS, ('(m["role"], block["digest"])', '(m["role"], str(block))')),
            ),
            "no-role": Mistake(
                "The same text said by the user and by the assistant is not the same block.",
                swap(THREADS, ('(m["role"], block["digest"])', 'block["digest"]')),
            ),
            "no-system": Mistake(
                "A helper has another system prompt. However alike the messages are, it is another conversation.",
                swap(THREADS, ("if system(requests[last]) != system(request):", "if False:")),
            ),
            "first-request": Mistake(
                "You compare with the first request of a conversation. Two that were forked begin alike; look at the latest.",
                swap(THREADS, ("last = thread[-1]", "last = thread[0]")),
            ),
            "whole-prefix": Mistake(
                "You ask for all blocks of the latest request. A question appended to its last message is enough to lose the thread.",
                swap(THREADS, ("2 * common >= len(chains[last])", "common == len(chains[last])")),
            ),
            "any-prefix": Mistake(
                "One block in common suffices for you. All conversations of a project begin with the same reminder.",
                swap(THREADS, ("2 * common >= len(chains[last])", "common >= 1")),
            ),
            "half-of-new": Mistake(
                "Half of the *latest* request has to be in common, not half of the new one, which is longer.",
                swap(THREADS, ("2 * common >= len(chains[last])", "2 * common >= len(chains[place])")),
            ),
            "first-best": Mistake(
                "The first conversation that fits gets it. Another one may have more in common, or be more recent.",
                swap(THREADS, ("(common, last) >= best", "home is None")),
            ),
            "more-than-half": Mistake(
                "Half is enough: at least half as many blocks.",
                swap(THREADS, ("2 * common >= len(chains[last])", "2 * common > len(chains[last])")),
            ),
        },
        also=(
            """def threads(requests):
    groups = []
    latest = []

    def flat(r):
        out = []
        for m in r["messages"]:
            out.extend((m["role"], b["digest"]) for b in m["blocks"])
        return out

    for i, r in enumerate(requests):
        mine, sys_mine = flat(r), tuple(b["digest"] for b in r["system"])
        candidates = []
        for g, (chain, sys_other, when) in enumerate(latest):
            if sys_other != sys_mine:
                continue
            k = 0
            while k < len(chain) and k < len(mine) and chain[k] == mine[k]:
                k += 1
            if k * 2 >= len(chain):
                candidates.append((k, when, g))
        if candidates:
            g = max(candidates)[2]
            groups[g].append(i)
            latest[g] = (mine, sys_mine, i)
        else:
            groups.append([i])
            latest.append((mine, sys_mine, i))
    return groups
""",
        ),
    ),
    "reason": Judge(
        cases=pairs,
        hints=(
            "The order of the questions is that of the docstring: same? bash? write or edit that only ours refused? outside?",
            "What is left are files that were there. Filter the earlier steps: same path, a tool that shows the file, done by theirs.",
            'Take the last of them. Its "now" is what was seen; if it is what "was" there, you have no cause: "".',
        ),
        mistakes={
            "leftover": Mistake(
                'What has no cause got one. Say "": the next difference of a new kind must not hide behind an old name.',
                swap(REASON, ('if earlier[-1]["now"] != step["was"] else ""', "")),
            ),
            "any-direction": Mistake(
                'Ours did it and theirs refused: that is none of these. Say "".',
                swap(REASON, (' or step["ours"] != "refused"', "")),
            ),
            "same-too": Mistake(
                "Both did the same, and you give a cause.",
                swap(REASON, ('    if step["ours"] == step["theirs"]:\n        return ""\n', "")),
            ),
            "any-path": Mistake(
                "Another file was read. That says nothing of this one.",
                swap(REASON, ('s["path"] == step["path"] and ', "")),
            ),
            "refused-reads": Mistake(
                "A step that theirs refused has shown nothing.",
                swap(REASON, (' and s["theirs"] == "done"', "")),
            ),
            "first-seen": Mistake(
                "You look at the first time the file was seen. It may have been written since; the latest counts.",
                swap(REASON, ('earlier[-1]["now"]', 'earlier[0]["now"]')),
            ),
            "was-of-seen": Mistake(
                'Seen was what the file was *after* that step: its "now", not its "was".',
                swap(REASON, ('earlier[-1]["now"]', 'earlier[-1]["was"]')),
            ),
            "future": Mistake(
                "A later step explains an earlier one. Only those before `n` count.",
                swap(REASON, ("steps[:n]", "steps[:n] + steps[n + 1 :]")),
            ),
            "dots-anywhere": Mistake(
                "A name may hold two dots. Outside leads a *part* of the path that is two dots.",
                swap(REASON, ('step["path"].split("/")', 'step["path"]')),
            ),
            "new-file": Mistake(
                'The file was not there, so nothing could have been read: "".',
                swap(REASON, ('    if not step["was"]:\n        return ""\n', "")),
            ),
            "any-tool": Mistake(
                "Listing or running is not seeing. Only read, write and edit show a file to whoever calls.",
                swap(REASON, (' and s["tool"] in seen', "")),
            ),
        },
        also=(
            """def reason(steps, n):
    s = steps[n]
    different = s["ours"] != s["theirs"]
    if different and s["tool"] == "bash":
        return "status"
    only_ours = s["ours"] == "refused" and s["theirs"] == "done"
    if not only_ours or s["tool"] not in {"edit", "write"}:
        return ""
    if any(part == ".." for part in s["path"].split("/")):
        return "outside"
    if s["was"] == "":
        return ""
    for before in reversed(steps[:n]):
        if before["path"] != s["path"] or before["theirs"] != "done" or before["tool"] not in {"read", "edit", "write"}:
            continue
        return "" if before["now"] == s["was"] else "changed since"
    return "not read"
""",
        ),
    ),
}

QUIZ = (
    Question(
        "viewer",
        "In the viewer: what makes the real one's requests so much larger than yours?",
        (
            (
                "Its tools and instructions, which stand in front of every request",
                "Some twelve thousand tokens of them.",
            ),
            (
                "The history, which it sends twice, once as it was and once cached",
                "It sends it once; the cache is keyed by it.",
            ),
            ("The results of tools, since it shows more of a file than yours does", "They are about as long as yours."),
            ("The reminders that it puts behind each result that the model reads", "They are short; look at the bars."),
        ),
        right=0,
    ),
    Question(
        "in-front",
        "`deferred` sends the tools that were found before the others. What for, if they are not read in front?",
        (
            (
                "So that the model finds them first when it reads the list of tools",
                "It reads them where they are referred to.",
            ),
            (
                "So that the last one, which gets the mark, is one that is always there",
                "A mark on a tool that is read later marks no front.",
            ),
            (
                "So that the service needs not look through the whole list for them",
                "It has to take the list apart in any case.",
            ),
            (
                "So that they come in the order in which the search has found them",
                "They do not; and nothing depends on it.",
            ),
        ),
        right=1,
    ),
    Question(
        "reserve",
        "A helper may still use more than the share that it took. Why is that no reason against reserving?",
        (
            ("Because it is rare that a helper comes to the end of its share at all", "It may happen to each of them."),
            (
                "Because the service refuses a call for which there are no tokens left",
                "The service knows nothing of your pool.",
            ),
            (
                "Because the excess is at most one call for each helper, and is settled",
                "Bounded and accounted for, instead of unbounded.",
            ),
            ("Because the lead has a reserve of its own, which pays for the excess", "There is none; the pool pays."),
        ),
        right=2,
    ),
    Question(
        "never",
        "A dye never comes out in any captured request of a run. What do you know?",
        (
            (
                "That the program does not read the file into which the dye was put",
                "It may have read it, and sent nothing of it.",
            ),
            ("That the model was not told this text in this run of this version", "No more, and no less."),
            (
                "That the program would not send this text to any model in any run",
                "Another setting, mode or version may.",
            ),
            (
                "That the program has replaced the dye by other words of its own",
                "You cannot tell from a dye that is missing.",
            ),
        ),
        right=1,
    ),
    Question(
        "summary-mark",
        "The request for the summary has its last mark before the question. Why not at the end, as usual?",
        (
            ("Since a mark at the end would make the service keep the summary too", "Answers are not kept by marks."),
            (
                "Since the question is too short for a mark of its own to be accepted",
                "The floor counts the whole prefix.",
            ),
            (
                "Since no later request begins with it: there is nothing to keep",
                "Writing to the cache costs extra, and nobody would read it.",
            ),
            ("Since four marks are allowed, and the others stand in front of it", "There are three."),
        ),
        right=2,
    ),
)


def searches(rng):
    """Conversations with searches that found something, that failed, that were refused, and with other tools."""
    call = lambda n, name: {"type": "tool_use", "id": f"t{n}", "name": name, "input": {}}  # noqa: E731
    result = lambda n, text, failed: {  # noqa: E731
        "type": "tool_result", "tool_use_id": f"t{n}", "content": text, "is_error": failed
    }  # fmt: skip
    for rows in (
        [("tool_search", "a\nb", False)],
        [("tool_search", "a", False), ("a", "done", False)],
        [("tool_search", "LookupError: no tool fits: say it in other words", True)],
        [("read", "a\nb", False), ("tool_search", "a", False)],
        [("tool_search", "a", False), ("tool_search", "a\nc", False), ("read", "no", True)],
    ):
        messages = [{"role": "user", "content": "Go."}]
        for n, (name, text, failed) in enumerate(rows):
            messages.append({"role": "assistant", "content": [call(n, name)]})
            messages.append({"role": "user", "content": [result(n, text, failed)]})
        yield (messages,)


def marked_wires(rng):
    """Captures with marks in all places."""
    for _ in range(12):
        found = captured("st", "u:a+b", "a:c", "u:d+e", mark=rng.choice([0, 2, 4, None]))
        for block in found["system"]:
            if rng.random() < 0.5:
                block["mark"] = True
        yield (found,)


FAILED = [
    {"role": "user", "content": "Go."},
    {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "tool_search", "input": {}}]},
    {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "t", "content": "no tool fits", "is_error": True}],
    },
]
REVIEWS = {
    "no-flag": Verdict(
        of="with_references",
        right=False,
        why="A search that fails has a result, too: the words of the error. Without the flag these become a reference to a "
        "tool that is called `LookupError: no tool fits`, and a service that looks for its definition refuses the request.",
        cases=searches,
        witness=(FAILED,),
    ),
    "from-the-end": Verdict(
        of="marks",
        right=True,
        why="Right: the place from the end of block n of N is N - 1 - n, which is what counting from the end gives.",
        cases=marked_wires,
    ),
}
