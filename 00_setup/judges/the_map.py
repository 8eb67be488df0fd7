"""What the exercises of `00_setup/02_the_map` are judged by."""

from judges import Judge, Mistake, Question, Verdict


def additions(rng):
    """What each call adds: nothing at all, one call, equal pieces, random ones with zeros among them."""
    yield ([4, 1, 2],)
    yield ([],)
    yield ([10],)
    yield ([1] * 20,)
    for n in range(2, 30):
        yield ([rng.randint(0, 9) for _ in range(n)],)


def graphs(rng):
    """Chains, diamonds, unrelated parts, circles, a missing name, and random graphs without circles."""
    diamond = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}
    yield "d", diamond
    yield "c", {"a": (), "b": ("a",), "c": ("b", "a")}
    yield "c", {"b": ("a",), "c": ("b",), "a": (), "z": ("c",)}
    yield "a", {"a": ()}
    yield "x", {"a": ()}
    yield "a", {"a": ("b",), "b": ("a",)}
    yield "a", {"a": ("a",)}
    yield "x", {"x": ("a",), "a": ("b",), "b": ("a",)}
    yield "x", {"x": (), "a": ("b",), "b": ("a",)}
    yield "a", {"a": ("b",), "b": ("c",), "c": ("a",)}
    yield "a", {"a": ("b",), "b": ("c",), "c": ("d",), "d": ("a",)}
    yield "x", {"x": ("a",), "a": ("b",), "b": ("c",), "c": ("d",), "d": ("b",)}
    yield "a", {"a": (), "z": ("nope",)}
    yield "x", {"x": ("typo",)}
    yield "d", {"d": ("b", "c"), "b": ("a",), "c": ("a",), "a": (), "e": ("d",)}
    for n in range(3, 25):
        names = rng.sample("abcdefghijklmnopqrstuvwxyz", n)
        needs = {name: tuple(rng.sample(names[:i], rng.randint(0, min(i, 3)))) for i, name in enumerate(names)}
        yield names[-1], needs


VISIT = (
    "    done, open_ = [], []\n    def visit(name):\n        if name in done:\n            return\n"
    "        if name in open_ or name not in needs:\n            raise ValueError(name)\n        open_.append(name)\n"
    "        for need in needs[name]:\n            visit(need)\n        open_.remove(name)\n        done.append(name)\n"
    "    visit(noun)\n"
)
HEAD = "def prerequisites(noun, needs):\n"

EXERCISES = {
    "resent": Judge(
        cases=additions,
        hints=(
            "What does call n send? All pieces up to and including its own.",
            "`sum(added[: n + 1])` for each n, and the sum of those.",
        ),
        mistakes={
            "once": Mistake(
                "You count each piece once, as if the service remembered. It does not: each call carries all before it.",
                "def resent(added):\n    return sum(added)",
            ),
            "one-short": Mistake(
                "Each call lacks the piece that was added just before it. Where does your slice end?",
                "def resent(added):\n    return sum(sum(added[:n]) for n in range(len(added)))",
            ),
            "all-each": Mistake(
                "Every call sends the whole conversation, also the part that does not exist yet.",
                "def resent(added):\n    return sum(added) * len(added)",
            ),
            "equal-steps": Mistake(
                "That holds if all pieces are equally long. Here they are not: who is carried most often?",
                "def resent(added):\n    n = len(added)\n    return sum(added) * (n + 1) // 2",
            ),
            "last-call": Mistake(
                "That is what the last call would send twice over; the calls in between differ in size.",
                "def resent(added):\n    return 2 * sum(added)",
            ),
            "bill-of-the-bill": Mistake(
                "You add the bill so far to itself. What grows with each call is the conversation; the bill sums it up.",
                "def resent(added):\n    total = 0\n    for size in added:\n        total += total + size\n    return total",
            ),
            "last-two": Mistake(
                "Each call carries the new piece and the one before. It carries all of them.",
                "def resent(added):\n    return sum(sum(added[max(0, n - 1) : n + 1]) for n in range(len(added)))",
            ),
            "reversed": Mistake(
                "You let the late pieces be carried most often. The early ones are: they are in every call.",
                "def resent(added):\n    return sum(size * (n + 1) for n, size in enumerate(added))",
            ),
        },
        also=(
            "def resent(added):\n    total = conversation = 0\n    for size in added:\n        conversation += size\n"
            "        total += conversation\n    return total",
        ),
    ),
    "prerequisites": Judge(
        cases=graphs,
        hints=(
            "A name is ready when all its needs are: visit those first, then write the name down.",
            "A recursive `visit(name)` that returns at once if the name is in the list already.",
            "A circle is a name that you meet again while you are still visiting its needs: keep that path in a list.",
        ),
        mistakes={
            "direct-only": Mistake(
                "Only what it needs directly. And what do those need?",
                HEAD + VISIT + "    return [n for n in done[:-1] if n in needs[noun]]",
            ),
            "with-itself": Mistake(
                "The list ends with the notebook itself: it does not come before itself.",
                HEAD + VISIT + "    return done",
            ),
            "backwards": Mistake(
                "Each comes before what it needs. Turn it round, or write the name down after its needs.",
                HEAD + VISIT + "    return done[:-1][::-1]",
            ),
            "twice": Mistake(
                "Shared needs come up once for each path to them. Look whether a name is in the list already.",
                HEAD
                + VISIT
                + "    def walk(name):\n        return [x for need in needs[name] for x in [*walk(need), need]]\n"
                "    return walk(noun)",
            ),
            "shallow-circle": Mistake(
                "A circle that you come into later is not noticed: from x to a, from a to b, from b to a.",
                HEAD + "    done = []\n    def visit(name):\n        if name in done:\n            return\n"
                "        if name not in needs:\n            raise ValueError(name)\n        for need in needs[name]:\n"
                "            if need == noun:\n                raise ValueError(need)\n            visit(need)\n"
                "        done.append(name)\n    visit(noun)\n    return done[:-1]",
            ),
            "missing-needs": Mistake(
                "A need that is in nobody's list (`typo`) is taken for one without needs. It is an error of the table.",
                HEAD
                + VISIT.replace(" or name not in needs", "")
                .replace("needs[name]", "needs.get(name, ())")
                .replace("visit(noun)\n", "if noun not in needs:\n        raise ValueError(noun)\n    visit(noun)\n")
                + "    return done[:-1]",
            ),
            "every-circle": Mistake(
                "You complain about a circle that cannot be reached from here. It does not matter for this notebook.",
                HEAD + "    for start in needs:\n        path, waiting = set(), [start]\n        while waiting:\n"
                "            name = waiting.pop()\n            for need in needs.get(name, ()):\n"
                "                if need == start:\n                    raise ValueError(start)\n"
                "                if need not in path:\n                    path.add(need)\n                    waiting.append(need)\n"
                + VISIT
                + "    return done[:-1]",
            ),
            "breadth-first": Mistake(
                "A valid order, and not the one that is asked for: where it is free, go depth first, as `needs` lists them.",
                HEAD + VISIT + "    import graphlib\n"
                "    order = graphlib.TopologicalSorter({n: needs[n] for n in done}).static_order()\n"
                "    return [n for n in order if n != noun]",
            ),
            "levels": Mistake(
                "A right order, but not depth first: finish all that is under the first need before you look at the second.",
                HEAD + VISIT + "    order, level = [], [noun]\n    while level:\n        order += level\n"
                "        level = [need for name in level for need in needs[name]]\n"
                "    return [n for i, n in enumerate(order[::-1]) if n not in order[::-1][:i]][:-1]",
            ),
            "diamond": Mistake(
                "Two ways to the same need are no circle. Look along the path that you are on, not at all you have seen.",
                HEAD
                + "    done, seen = [], set()\n    def visit(name):\n        if name in seen or name not in needs:\n"
                "            raise ValueError(name)\n        seen.add(name)\n        for need in needs[name]:\n"
                "            visit(need)\n        done.append(name)\n    visit(noun)\n    return done[:-1]",
            ),
            "neighbours-only": Mistake(
                "You see a circle of two and miss one of three or four. Follow the path from the start, however long.",
                HEAD + "    done = []\n    def visit(name):\n        if name in done:\n            return\n"
                "        if name not in needs:\n            raise ValueError(name)\n        for need in needs[name]:\n"
                "            if need == name or name in needs.get(need, ()):\n                raise ValueError(need)\n"
                "        done.append(name)\n        for need in needs[name]:\n            visit(need)\n"
                "    visit(noun)\n    order = []\n    def put(name):\n        for need in needs[name]:\n"
                "            if need in done:\n                done.remove(need)\n                put(need)\n"
                "        if name not in order:\n            order.append(name)\n    done.remove(noun)\n    put(noun)\n"
                "    return order[:-1]",
            ),
            "all-checked": Mistake(
                "You check every name of the table. What cannot be reached from here does not matter, missing or not.",
                HEAD + "    for name in needs:\n        for need in needs[name]:\n            if need not in needs:\n"
                "                raise ValueError(need)\n" + VISIT + "    return done[:-1]",
            ),
            "name-first": Mistake(
                "Each is written down before what it needs. Write a name down when its needs are done.",
                HEAD + VISIT + "    order = []\n    def walk(name):\n        for need in needs[name]:\n"
                "            if need not in order:\n                order.append(need)\n                walk(need)\n"
                "    walk(noun)\n    return order",
            ),
            "alphabetical": Mistake(
                "In alphabetical order, so that some come before what they need.",
                HEAD + VISIT + "    return sorted(done[:-1])",
            ),
            "circle": Mistake(
                "Two that need each other: you recurse until Python gives up. Notice the circle and say so.",
                HEAD + "    done = []\n    def visit(name):\n        if name in done:\n            return\n"
                "        if name not in needs:\n            raise ValueError(name)\n        for need in needs[name]:\n"
                "            visit(need)\n        done.append(name)\n    visit(noun)\n    return done[:-1]",
            ),
        },
        also=(
            HEAD
            + "    order, path, stack = [], set(), [(noun, False)]\n    while stack:\n        name, ready = stack.pop()\n"
            "        if ready:\n            path.discard(name)\n            order.append(name)\n            continue\n"
            "        if name in order:\n            continue\n        if name in path or name not in needs:\n"
            "            raise ValueError(name)\n        path.add(name)\n        stack.append((name, True))\n"
            "        stack.extend((need, False) for need in reversed(needs[name]))\n    return order[:-1]",
        ),
    ),
}

QUIZ = (
    Question(
        "layers",
        "Step through the ten layers: how many of them run again for every token of the reply?",
        (
            ("Three", "Those that run in every block. Others run for every token as well."),
            ("Five", "Step through once more: the scheduler and the drawing count, too."),
            ("Seven", "Scheduler, embedding, attention, KV cache, feed-forward, logits, sampling."),
            ("Ten", "The harness acts between two calls, and a text becomes tokens once a call."),
        ),
        right=2,
    ),
    Question(
        "hands",
        "Step to where the file on disk changes. Who had the word in the two steps before, in this order?",
        (
            (
                "The model, then the harness",
                "So it is for reading and for tests: a rule allows them. No rule spoke of edits.",
            ),
            ("The model, then you", "The harness stands between the two, and once more between you and the tool."),
            ("You, then the harness", "It had asked, you said yes, and it started the tool. The model merely asked."),
            ("The harness, then the model", "The model had its word long before, and never touches a tool."),
        ),
        right=2,
    ),
    Question(
        "square",
        "A session grows from 50 to 100 equal steps, and there is nothing else in the requests. What happens to the "
        "characters sent in all?",
        (
            ("They double, as the number of the steps does", "Each step also carries all the earlier ones."),
            ("They grow to about four times as many", "1,275 and 5,050 for steps of one: the square of two."),
            (
                "They stay, since the service keeps a session",
                "It keeps none; a prompt cache changes the price, not the bytes.",
            ),
            ("They grow by the size of the added fifty steps", "That would be a protocol with a memory."),
        ),
        right=1,
    ),
    Question(
        "injection",
        "Why does no prepared statement save a model from prompt injection?",
        (
            (
                "Data and instructions share a single channel",
                "So defences limit what may be done, not what may be said.",
            ),
            ("Models have not been trained on enough attacks", "Training lowers the rate; the channel is still one."),
            ("Escaping the text would cost too many tokens", "There is no escaping: any text can be obeyed."),
            ("Providers do not let you mark what is data", "One can mark it; the model may still obey what is inside."),
        ),
        right=0,
    ),
)

REVIEWS = {
    "circle-first": Verdict(
        of="prerequisites",
        right=True,
        why="`open_` holds the path from the start, and a name leaves it in the moment in which it is done: never both. "
        "So the two checks can stand in either order. That is an argument about an invariant; no number of examples "
        "would have been one.",
        cases=graphs,
        witness=None,
    ),
}
