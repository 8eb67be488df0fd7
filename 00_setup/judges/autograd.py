"""What the exercises of `02_neural_nets/02_autograd` are judged by: cases, known mistakes, quiz, reviews."""

import numpy as np

from judges import Judge, Mistake, Question, Verdict, swap, whole, with_unchecked


class Graph(dict):
    """Node → what it is made from; a node that is not named is made from nothing. A long one says so in few words."""

    def __repr__(self) -> str:
        return super().__repr__() if len(self) < 12 else f"a chain of {len(self):,} nodes"


def graphs(rng):
    """Chains, diamonds with equal and unequal arms, a source named twice, random ones; then cycles."""
    yield "app", Graph(app=["lib", "log"], lib=["log"], log=[])
    yield "a", Graph(a=[])
    yield "c", Graph(c=["b"], b=["a"])
    yield "y", Graph(y=["x", "x"])
    yield "d", Graph(d=["b", "c"], b=["a"], c=["a"])
    yield "y", Graph(y=["a", "b"], b=["a"], a=["x"])
    yield "y", Graph(y=["b", "a"], b=["a"], a=["x"])
    yield "y", Graph(y=["a", "p"], p=["q"], q=["a"], a=["x"])
    yield 0, Graph({0: [1, 2], 1: [2, 3], 2: [3]})
    yield 0, Graph({n: [n + 1] for n in range(5_000)})
    for _ in range(12):
        n = rng.randint(3, 9)
        yield 0, Graph({i: [rng.randint(i + 1, n) for _ in range(rng.randint(0, 3))] for i in range(n)})
    yield "a", Graph(a=["a"])
    yield "a", Graph(a=["b"], b=["c"], c=["a"])
    yield "end", Graph(end=["a", "x"], a=["b"], b=["c"], c=["b"])


def looked_at(function, end, graph):
    """What can be said of an order, whichever of the right ones it is."""
    order = function(end, lambda node: list(graph.get(node, ())))
    if not isinstance(order, list):
        return f"{type(order).__name__}, where a list was expected"
    place = {node: n for n, node in enumerate(order)}
    needed, waiting = {end}, [end]
    while waiting:
        new = [source for source in graph.get(waiting.pop(), ()) if source not in needed]
        needed.update(new)
        waiting += new
    early = [(n, s) for n in place for s in graph.get(n, ()) if place.get(s, len(order)) >= place[n]]
    return {
        "nodes": len(order),
        "each once": len(order) == len(place),
        "everything that is needed": set(place) == needed,
        "end last": order[-1:] == [end],
        "each after its inputs": not early,
    }


def stretchings(rng):
    """Axes in front, axes of length one, both, neither, a number; then what cannot be stretched so."""
    yield np.ones((3, 2)), (2,)
    yield np.ones((3, 2)), (3, 1)
    yield np.arange(6.0).reshape(3, 2), ()
    yield np.arange(6.0).reshape(3, 2), (1, 2)
    yield np.arange(6.0).reshape(3, 2), (3, 2)
    yield np.arange(4.0).reshape(2, 2), (2,)
    yield np.arange(4.0).reshape(2, 2), (2, 1)
    yield np.arange(24.0).reshape(2, 3, 4), (3, 1)
    yield np.arange(24.0).reshape(2, 3, 4), (1, 3, 1)
    yield np.arange(3.0).reshape(1, 3), (1, 1)
    yield np.ones((0, 2)), (1, 2)
    yield np.array(5.0), ()
    yield np.ones((3, 2)), (3,)
    yield np.ones((3, 2)), (4, 2)
    yield np.ones((2, 3)), (3, 2)
    yield np.ones((3, 2)), (6,)
    yield np.ones((3, 2)), (1, 3, 2)
    yield np.ones((1, 2)), (3, 2)
    for _ in range(12):
        full = [rng.randint(1, 3) for _ in range(rng.randint(1, 4))]
        kept = full[rng.randint(0, len(full)) :]
        yield whole(rng, *full), tuple(1 if rng.random() < 0.4 else n for n in kept)


def as_array(function, *given):
    """Call a function; a single number of numpy's is taken for an array of shape (), which it nearly is."""
    found = function(*given)
    return np.asarray(found) if isinstance(found, np.generic) else found


def picks(rng):
    """Numbers, lists with repetitions, slices, masks, pairs of lists; tables and rows of tables."""
    yield (3,), [0, 2], np.array([1.0, 5.0])
    yield (3,), [1, 1, 0], np.array([1.0, 2.0, 3.0])
    yield (3,), -1, np.array(4.0)
    yield (5,), slice(1, 4), np.array([1.0, 2.0, 3.0])
    yield (4,), slice(None, None, -2), np.array([1.0, 2.0])
    yield (4, 2), [3, 1, 3], np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    yield (4, 2), (slice(None), 1), np.array([1.0, 2.0, 3.0, 4.0])
    yield (4, 2), ([0, 0, 3], [1, 1, 0]), np.array([1.0, 2.0, 3.0])
    yield (2, 2), np.array([[True, False], [True, True]]), np.array([1.0, 2.0, 3.0])
    yield (3, 2), [[0, 1], [1, 1]], np.arange(8.0).reshape(2, 2, 2)
    yield (3,), [], np.zeros(0)
    yield (3,), [0, 1], np.array([0.5, 0.25])
    yield (3,), [0, 0], np.array([1, 2])
    for _ in range(10):
        n, k, c = rng.randint(1, 4), rng.randint(1, 6), rng.randint(1, 3)
        yield (n, c), [rng.randrange(n) for _ in range(k)], whole(rng, k, c)


def products(rng):
    """Tables, stacks, a table for a whole stack on either side, stacks that are stretched; then a G that does not fit."""
    yield np.ones((5, 2, 3)), np.ones((3, 4)), np.ones((5, 2, 4))
    yield np.array([[2.0]]), np.array([[5.0]]), np.array([[10.0]])
    yield whole(rng, 2, 3), whole(rng, 3, 4), whole(rng, 2, 4)
    yield whole(rng, 2, 2, 3), whole(rng, 2, 3, 2), whole(rng, 2, 2, 2)
    yield whole(rng, 2, 3), whole(rng, 4, 3, 2), whole(rng, 4, 2, 2)
    yield whole(rng, 2, 1, 2, 3), whole(rng, 3, 3, 2), whole(rng, 2, 3, 2, 2)
    yield whole(rng, 1, 2, 2), whole(rng, 3, 2, 2), whole(rng, 3, 2, 2)
    yield np.ones((2, 3)), np.ones((3, 4)), np.ones((4, 2))
    yield np.ones(3), np.ones((3, 4)), np.ones(4)
    yield np.ones((2, 3)), np.ones(3), np.ones(2)
    yield np.ones((2, 3)), np.ones((3, 4)), np.ones((5, 2, 4))
    yield np.ones((2, 3)), np.ones((3, 4)), np.ones((1, 4))
    yield np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4))
    yield np.ones((5, 2, 3)), np.ones((3, 4)), np.ones((2, 4))
    for _ in range(8):
        s, m, k, n = (rng.randint(1, 3) for _ in range(4))
        A = whole(rng, *rng.choice([(m, k), (s, m, k), (1, m, k)]))
        B = whole(rng, *rng.choice([(k, n), (s, k, n), (2, 1, k, n)]))
        yield A, B, whole(rng, *(A @ B).shape)


ORDER = (
    "def topological(end, inputs):\n    order, state, stack = [], {}, [end]\n    while stack:\n        node = stack[-1]\n"
    "        if node in state:\n            stack.pop()\n            if state[node] == 'open':\n"
    "                state[node] = 'done'\n                order.append(node)\n            continue\n"
    "        state[node] = 'open'\n        for source in inputs(node):\n            if state.get(source) == 'open':\n"
    "                raise ValueError(source)\n            stack.append(source)\n    return order"
)
RECURSIVE = (
    "def topological(end, inputs):\n    order, done, open_ = [], set(), set()\n    def visit(node):\n"
    "        if node in open_:\n            raise ValueError(node)\n        if node in done:\n            return\n"
    "        open_.add(node)\n        for source in inputs(node):\n            visit(source)\n        open_.remove(node)\n"
    "        done.add(node)\n        order.append(node)\n    visit(end)\n    return order"
)
COUNTED = (
    "def topological(end, inputs):\n    users, seen, waiting = {}, {end}, [end]\n    while waiting:\n"
    "        node = waiting.pop()\n        for source in inputs(node):\n            users[source] = users.get(source, 0) + 1\n"
    "            if source not in seen:\n                seen.add(source)\n                waiting.append(source)\n"
    "    order, ready = [], [end] if not users.get(end) else []\n    while ready:\n        node = ready.pop()\n"
    "        order.append(node)\n        for source in inputs(node):\n            users[source] -= 1\n"
    "            if users[source] == 0:\n                ready.append(source)\n    if len(order) < len(seen):\n"
    "        raise ValueError('a cycle')\n    return order[::-1]"
)
BROADCAST = (
    "def unbroadcast(G, shape):\n    if np.broadcast_shapes(G.shape, shape) != G.shape:\n        raise ValueError(shape)\n"
    "    new = G.ndim - len(shape)\n    stretched = tuple(new + i for i, n in enumerate(shape) if n == 1)\n"
    "    return np.asarray(G.sum(axis=(*range(new), *stretched), keepdims=True)).reshape(shape)"
)
PICK = (
    "def pick_vjp(shape, index, G):\n    back = np.zeros(shape, np.result_type(G, 'float32'))\n"
    "    np.add.at(back, index, G)\n    return back"
)
STACKED = (
    "def stacked_matmul_vjp(A, B, G):\n    fits = A.ndim > 1 < B.ndim and A.shape[-1] == B.shape[-2]\n"
    "    if not fits or G.shape != (*np.broadcast_shapes(A.shape[:-2], B.shape[:-2]), A.shape[-2], B.shape[-1]):\n"
    "        raise ValueError(G.shape)\n"
    "    return unbroadcast(G @ B.swapaxes(-1, -2), A.shape), unbroadcast(A.swapaxes(-1, -2) @ G, B.shape)"
)
STACKED_CHECKS = [
    "    fits = A.ndim > 1 < B.ndim and A.shape[-1] == B.shape[-2]\n",
    "    if not fits or G.shape != (*np.broadcast_shapes(A.shape[:-2], B.shape[:-2]), A.shape[-2], B.shape[-1]):\n"
    "        raise ValueError(G.shape)\n",
]
BROADCAST_CHECKS = ["    if np.broadcast_shapes(G.shape, shape) != G.shape:\n        raise ValueError(shape)\n"]

EXERCISES = {
    "topological": Judge(
        cases=graphs,
        drive=looked_at,
        hints=(
            "A node goes into the order when everything that it needs is there. Which node is always ready first?",
            "Depth first, with a stack of your own. A node is looked at twice: first to put its inputs onto the stack, and "
            "once more when they are all in the order; then it follows them.",
            "Keep a state for each node: none, open (its inputs are being built), done. To meet an open node among the "
            "inputs is a cycle. To meet a done one is nothing special: two users may share a source.",
        ),
        mistakes={
            "recursive": Mistake(
                "Right, as long as Python lets you: one call inside another for each step of a chain, and after a "
                "thousand or so it refuses. Keep the stack yourself, in a list.",
                RECURSIVE,
            ),
            "recursive-no-cycle": Mistake(
                "Two things: a chain of 100,000 nodes is too deep for recursion, and a cycle has no order at all. A node "
                "that you meet while its own inputs are being built needs itself.",
                swap(
                    RECURSIVE,
                    ("        if node in open_:\n            raise ValueError(node)\n", ""),
                    ("        if node in done:\n", "        if node in done or node in open_:\n"),
                ),
            ),
            "cycle-unseen": Mistake(
                "Right for graphs that have an order. With a cycle you return one as well, and it cannot be right. Which "
                "nodes are you still busy with when you meet one of them again?",
                swap(
                    ORDER,
                    ("            if state.get(source) == 'open':\n                raise ValueError(source)\n", ""),
                ),
            ),
            "cycle-everywhere": Mistake(
                "You call it a cycle when two nodes share a source. Met again and *finished* is harmless; met again while "
                "it is being built is a cycle.",
                swap(ORDER, ("if state.get(source) == 'open':", "if source in state:")),
            ),
            "before-its-inputs": Mistake(
                "You note a node when you meet it, and turn the list round. With two arms of different length a node is "
                "noted too early. Note it when all that it needs has been noted.",
                "def topological(end, inputs):\n    order, seen, stack = [], set(), [end]\n    while stack:\n"
                "        node = stack.pop()\n        if node in seen:\n            continue\n        seen.add(node)\n"
                "        order.append(node)\n        stack.extend(inputs(node))\n    return order[::-1]",
            ),
            "by-levels": Mistake(
                "That is the queue, turned round: nearest to the end comes last. A source that is near by one way and far "
                "by another is noted too late for one of its users.",
                "def topological(end, inputs):\n    order, seen = [end], {end}\n    for node in order:\n"
                "        for source in inputs(node):\n            if source not in seen:\n                seen.add(source)\n"
                "                order.append(source)\n    return order[::-1]",
            ),
            "end-first": Mistake(
                "The other way round: this is the order of the way back. The docstring asks for the order of building.",
                swap(ORDER, ("return order", "return order[::-1]")),
            ),
            "end-forgotten": Mistake(
                "`end` itself belongs to the order, at its end.", swap(ORDER, ("return order", "return order[:-1]"))
            ),
        },
        also=(COUNTED,),
        seconds=10.0,
    ),
    "unbroadcast": Judge(
        cases=stretchings,
        drive=as_array,
        hints=(
            "One number of the small array was copied to several places of the large one. What is it worth?",
            "The shapes are aligned on the right. Sum over the axes that are missing on the left, and over those that "
            "have length 1 in `shape`; the second kind stays, with length 1.",
            "`G.sum(axis=(…), keepdims=True).reshape(shape)`. And `np.broadcast_shapes(G.shape, shape)` is G.shape, or "
            "it could not have been stretched so.",
        ),
        mistakes=with_unchecked(
            BROADCAST_CHECKS,
            {
                "front-only": Mistake(
                    "Right for axes that were missing. An axis of length 1 was stretched as well: (3, 1) to (3, 2).",
                    swap(
                        BROADCAST,
                        ("    stretched = tuple(new + i for i, n in enumerate(shape) if n == 1)\n", ""),
                        ("axis=(*range(new), *stretched), keepdims=True)).reshape(shape)", "axis=tuple(range(new))))"),
                    ),
                ),
                "ones-only": Mistake(
                    "Right for axes of length 1. Axes that are missing on the left were stretched as well: (2,) to (3, 2).",
                    swap(
                        BROADCAST,
                        (
                            "axis=(*range(new), *stretched), keepdims=True)).reshape(shape)",
                            "axis=stretched, keepdims=True))",
                        ),
                    ),
                ),
                "mean": Mistake(
                    "A mean: too little by the number of copies. Each copy is a path, and paths add.",
                    swap(BROADCAST, ("G.sum(", "G.mean(")),
                ),
                "from-the-left": Mistake(
                    "You compare the axes from the left. numpy aligns shapes on the right: (2,) against (3, 2) is the 2.",
                    swap(
                        BROADCAST,
                        ("    new = G.ndim - len(shape)\n", "    new = 0\n"),
                        ("(*range(new), *stretched)", "(*range(len(shape), G.ndim), *stretched)"),
                    ),
                ),
                "axis-lost": Mistake(
                    "The numbers are right, their shape is not: an axis of length 1 has to stay, (3, 1) and not (3,).",
                    swap(BROADCAST, (", keepdims=True)).reshape(shape)", "))")),
                ),
                "one-copy": Mistake(
                    "You take what one copy is worth. The others are the same number of the small array, so theirs counts.",
                    swap(
                        BROADCAST,
                        (
                            "    return np.asarray(G.sum(axis=(*range(new), *stretched), keepdims=True)).reshape(shape)",
                            "    G = G[(0,) * new]\n    for i, n in enumerate(shape):\n        if n == 1:\n"
                            "            G = np.take(G, [0], axis=i)\n    return G",
                        ),
                    ),
                ),
            },
        )
        | {
            "axes-not-shifted": Mistake(
                "Axis i of the small shape is axis i + (axes in front) of G. You sum over axis i.",
                swap(BROADCAST, ("tuple(new + i for", "tuple(i for")),
            ),
            "unchecked": Mistake(
                "Right for shapes that fit. For one that could not have been stretched to that of G, say so.",
                swap(BROADCAST, (BROADCAST_CHECKS[0], "")),
            ),
        },
        also=(
            "def unbroadcast(G, shape):\n    if len(shape) > G.ndim:\n        raise ValueError('too many axes')\n"
            "    while G.ndim > len(shape):\n        G = G.sum(axis=0)\n    for i, n in enumerate(shape):\n"
            "        if n != G.shape[i] and n != 1:\n            raise ValueError('does not fit')\n"
            "        if n == 1:\n            G = G.sum(axis=i, keepdims=True)\n    return np.asarray(G)",
        ),
    ),
    "pick_vjp": Judge(
        cases=picks,
        hints=(
            "Start from zeros of `shape`, and put each entry of G back to where it was taken from.",
            "An entry that was picked twice has two copies. What is it worth? And does `back[index] += G` do that?",
            "`np.add.at(back, index, G)` adds one after the other, so no update is lost.",
        ),
        mistakes={
            "lost-update": Mistake(
                "Right, until an entry is picked twice: with `=` the later one replaces the earlier, and `+=` reads all, "
                "adds, and writes all, so there, too, the last one wins. Which function of numpy adds one after the other?",
                swap(PICK, ("np.add.at(back, index, G)", "back[index] += G")),
            ),
            "picked-again": Mistake(
                "That picks from G. The way back goes the other way: from the picked entries to where they stood.",
                "def pick_vjp(shape, index, G):\n    return np.asarray(G)[index]",
            ),
            "rows-only": Mistake(
                "Right for a list of positions. A slice, a mask or a pair of lists cannot be walked through like that.",
                "def pick_vjp(shape, index, G):\n    back = np.zeros(shape)\n    for i, g in zip(index, G):\n"
                "        back[i] += g\n    return back",
            ),
            "whole-numbers": Mistake(
                "Zeros of whole numbers cannot take in a half.",
                swap(
                    PICK,
                    ("np.result_type(G, 'float32')", "int"),
                    ("np.add.at(back, index, G)", "np.add.at(back, index, np.asarray(G).astype(int))"),
                ),
            ),
            "counted": Mistake(
                "You count how often an entry was picked. What each copy is worth stands in G.",
                swap(PICK, ("np.add.at(back, index, G)", "np.add.at(back, index, 1.0)")),
            ),
        },
        also=(
            "def pick_vjp(shape, index, G):\n    places = np.arange(int(np.prod(shape))).reshape(shape)[index]\n"
            "    return np.bincount(np.ravel(places), np.ravel(G), int(np.prod(shape))).reshape(shape)",
        ),
    ),
    "stacked_matmul_vjp": Judge(
        cases=products,
        hints=(
            "For two tables it is `matmul_vjp`: G Bᵀ and Aᵀ G. Which axes are exchanged if there are more than two?",
            "`swapaxes(-1, -2)` transposes each table of a stack. What comes out may be a stack where one table went in.",
            "A table that was stretched over a stack is worth the sum over the stack: `unbroadcast(…, A.shape)`.",
        ),
        mistakes=with_unchecked(
            STACKED_CHECKS,
            {
                "not-summed": Mistake(
                    "Right for tables, and for two stacks of the same length. Where one table served a whole stack, you "
                    "return a stack for it: its worths have to be added up.",
                    swap(
                        STACKED,
                        ("unbroadcast(G @ B.swapaxes(-1, -2), A.shape)", "G @ B.swapaxes(-1, -2)"),
                        ("unbroadcast(A.swapaxes(-1, -2) @ G, B.shape)", "A.swapaxes(-1, -2) @ G"),
                    ),
                ),
                "only-right": Mistake(
                    "B is summed where it was stretched, and A is not. Either of them can be the single table.",
                    swap(STACKED, ("unbroadcast(G @ B.swapaxes(-1, -2), A.shape)", "G @ B.swapaxes(-1, -2)")),
                ),
                "tables-only": Mistake(
                    "Right for two tables. For stacks, `.T` reverses all axes and nothing is summed.",
                    swap(
                        STACKED,
                        ("unbroadcast(G @ B.swapaxes(-1, -2), A.shape)", "G @ B.T"),
                        ("unbroadcast(A.swapaxes(-1, -2) @ G, B.shape)", "A.T @ G"),
                    ),
                ),
            },
        )
        | {
            "dot-T": Mistake(
                "`.T` reverses *all* axes, also those of the stack. Exchange the last two.",
                swap(STACKED, ("B.swapaxes(-1, -2)", "B.T"), ("A.swapaxes(-1, -2)", "A.T")),
            ),
            "front-only": Mistake(
                "Right where an axis of the stack was missing. One of length 1 was stretched as well: (1, 2, 2) with (3, 2, 2).",
                swap(
                    STACKED,
                    (
                        "    return unbroadcast(G @ B.swapaxes(-1, -2), A.shape), unbroadcast(A.swapaxes(-1, -2) @ G, B.shape)",
                        "    of_A, of_B = G @ B.swapaxes(-1, -2), A.swapaxes(-1, -2) @ G\n"
                        "    return of_A.sum(axis=tuple(range(of_A.ndim - A.ndim))), of_B.sum(axis=tuple(range(of_B.ndim - B.ndim)))",
                    ),
                ),
            ),
            "flattened": Mistake(
                "Right where B is one table. If each table of the stack has its own B, each has its own worth.",
                swap(
                    STACKED,
                    (
                        "unbroadcast(A.swapaxes(-1, -2) @ G, B.shape)",
                        "np.broadcast_to(A.reshape(-1, A.shape[-1]).T @ G.reshape(-1, G.shape[-1]), B.shape)",
                    ),
                ),
            ),
            "other-order": Mistake(
                "A is worth what came out of G times B, B transposed. Ask the shapes: (m, n) and (k, n) make (m, k).",
                swap(
                    STACKED,
                    ("G @ B.swapaxes(-1, -2)", "B.swapaxes(-1, -2) @ G"),
                    ("A.swapaxes(-1, -2) @ G", "G @ A.swapaxes(-1, -2)"),
                ),
            ),
            "unchecked": Mistake(
                "Right for what fits. A G that has not the shape of A @ B is refused: numpy may stretch it without a word.",
                swap(STACKED, *((line, "") for line in STACKED_CHECKS)),
            ),
        },
        also=(
            "def stacked_matmul_vjp(A, B, G):\n    if (A @ B).shape != G.shape:\n        raise ValueError('no')\n"
            "    of_A, of_B = np.einsum('...ij,...kj->...ik', G, B), np.einsum('...ji,...jk->...ik', A, G)\n"
            "    return unbroadcast(of_A, A.shape), unbroadcast(of_B, B.shape)",
        ),
    ),
}

QUIZ = (
    Question(
        "half-known",
        "In the widget, w is used twice. What was it worth after the sum r = h + w had handed on, and before w · x had?",
        (
            ("0.00", "It had been handed its share of the sum by then."),
            ("0.44", "That is what came later, through tanh and the product."),
            ("0.52", "The share of the sum; the other 0.44 came through tanh and the product."),
            ("0.96", "That is the final worth, when both had reported."),
        ),
        right=2,
    ),
    Question(
        "shared",
        "Say addition hands the *same* array G to both of its inputs, and somebody adds up with `waiting[a] += g`. And then?",
        (
            ("Nothing: each input has an entry of its own", "Two entries, and behind them one and the same array."),
            ("What arrives for one input changes the other's", "Two names for one array: an aliasing bug, and silent."),
            ("It is noticed, because the versions do not agree", "They count changes of leaves, not of these arrays."),
            ("It is right, and saves an array for each addition", "It would save one. It would also be wrong."),
        ),
        right=1,
    ),
    Question(
        "doubled",
        "You double the batch. What of all that training holds in memory doubles with it?",
        (
            ("The weights and their gradients", "Their number has nothing to do with how many examples there are."),
            ("All of it, since every table has a row for each example", "Weights and gradients have none."),
            (
                "The results that wait for the way back",
                "Each has a row for every example, and all are kept until then.",
            ),
            ("Nothing, as examples are dealt with one after the other", "A batch goes through as one table."),
        ),
        right=2,
    ),
    Question(
        "why-order",
        "What goes wrong if a result hands on its worth before everybody who used it has?",
        (
            (
                "It hands on a part, and the rest stays with it",
                "That is what the queue did: 4 where the truth is 16.",
            ),
            ("A slope is used that is not known yet", "The slopes were all noted on the way forward."),
            (
                "A cycle appears in the graph of results",
                "The graph is what it is, in whatever order one reads it.",
            ),
            ("Some results are visited more than once", "The queue visited each once, too, and was wrong."),
        ),
        right=0,
    ),
    Question(
        "snapshot",
        "On our engine, between forward and backward, one optimizer writes `W -= step`, another `W.data = W.data - step`. Then?",
        (
            ("Both are refused, as the weights have changed", "The second changes no number that the graph holds."),
            (
                "Both give the gradient at the new weights",
                "The pulls hold the old numbers. PyTorch would, for the second.",
            ),
            (
                "The first is refused; the second is right at the old weights",
                "A new table, and readers keep the old one.",
            ),
            (
                "The first is right at the old weights; the second is refused",
                "Other way round: `-=` overwrites numbers.",
            ),
        ),
        right=2,
    ),
)


def layers(rng):
    """Stacks through one table, and stacks through stacks."""
    for _ in range(6):
        s, m, k, n = (rng.randint(2, 4) for _ in range(4))
        yield whole(rng, s, m, k), whole(rng, k, n), whole(rng, s, m, n)
    yield whole(rng, 2, 3, 2), whole(rng, 2, 2, 2), whole(rng, 2, 3, 2)


REVIEWS = {
    "flat-stack": Verdict(
        of="stacked_matmul_vjp",
        right=False,
        why="For one table of weights it is right, and faster. But this function also pulls through products of a stack "
        "with a stack, where every table of B has its own worth; now each of them gets the sum over all, without a word. "
        "The networks so far have no such product. Attention has two of them in every layer. Where B has two axes, the "
        "change is worth having: `if B.ndim == 2`.",
        cases=layers,
        witness=(np.array([[[1.0]], [[2.0]]]), np.array([[[1.0]], [[1.0]]]), np.array([[[1.0]], [[1.0]]])),
    ),
    "sum-then-shape": Verdict(
        of="unbroadcast",
        right=True,
        why="An axis in front is one of length 1 that was stretched: numpy's own rule says so. The sum drops these axes, "
        "and as all that is missing are ones, the order of the numbers is kept and reshape puts the ones back.",
        cases=stretchings,
        witness=None,
    ),
}
