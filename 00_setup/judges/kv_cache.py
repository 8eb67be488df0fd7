"""What the exercises of `03_transformers/08_kv_cache` are judged by: cases, known mistakes, quiz, reviews."""

import hashlib
import math
import struct

import torch

from judges import Args, Judge, Mistake, Question, Verdict, swap, with_unchecked


def rows(rng, *shape):
    """Whole numbers from −4 to 5, as floats."""
    return torch.tensor([float(rng.randint(-4, 5)) for _ in range(math.prod(shape))]).view(*shape)


def appended(rng):
    """One axis in front, none, and several; the last free row; nothing new; then what does not fit."""
    yield torch.zeros(4, 1), 2, torch.ones(1, 1)
    yield rows(rng, 5, 2), 0, rows(rng, 3, 2)
    yield rows(rng, 5, 2), 4, rows(rng, 1, 2)
    yield rows(rng, 3, 6, 2), 2, rows(rng, 3, 2, 2)
    yield rows(rng, 1, 2, 8, 4), 3, rows(rng, 1, 2, 1, 4)
    yield rows(rng, 2, 4, 4, 4), 1, rows(rng, 2, 4, 2, 4)
    yield rows(rng, 3, 3), 3, rows(rng, 0, 3)
    yield rows(rng, 4, 2), 2, rows(rng, 3, 2)
    yield rows(rng, 4, 2), 4, rows(rng, 1, 2)
    yield rows(rng, 2, 4, 2), 3, rows(rng, 2, 5, 2)
    yield rows(rng, 4, 2), -1, rows(rng, 1, 2)
    yield rows(rng, 2, 4, 2), 1, rows(rng, 1, 1, 2)
    yield rows(rng, 2, 4, 2), 1, rows(rng, 1, 2)
    yield rows(rng, 4, 2), 1, rows(rng, 1, 1)
    for _ in range(6):
        kv_heads, capacity, d = rng.randint(1, 3), rng.randint(3, 7), rng.randint(1, 3)
        length = rng.randint(0, capacity - 1)
        yield rows(rng, kv_heads, capacity, d), length, rows(rng, kv_heads, rng.randint(1, capacity - length), d)


def with_the_store(function, store, length, new):
    """What comes back, what the store holds afterwards, and whether the two share their memory."""
    before = store.clone()
    try:
        filled = function(store, length, new)
    except ValueError:
        if torch.equal(store, before):
            raise
        return {"filled": "a ValueError, and the store has changed", "store afterwards": store, "a view": False}
    if not isinstance(filled, torch.Tensor):
        return filled
    same = filled.untyped_storage().data_ptr() == store.untyped_storage().data_ptr()
    return {"filled": filled, "store afterwards": store, "a view": same}


TINY = {
    "vocab_size": 10,
    "hidden_size": 4,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 3,
}
GROUPED = TINY | {"num_key_value_heads": 1, "num_hidden_layers": 3}


def steps(rng):
    """One text and many, tables tied and not, groups, other bytes, empty caches; then what cannot be."""
    yield TINY, [0]
    yield TINY, [5, 1]
    yield Args(TINY, [7, 0, 2], each=4)
    yield TINY | {"tie_word_embeddings": True}, [3]
    yield GROUPED, [8]
    yield GROUPED, [8, 8, 8, 8]
    yield Args(GROUPED | {"tie_word_embeddings": True}, [100, 1], each=1)
    yield GROUPED | {"head_dim": 6}, [3, 4]
    yield TINY | {"attention_bias": True}, [2]
    yield TINY, []
    yield TINY, [3, -1]
    yield {"vocab_size": 10}, [1]
    for _ in range(6):
        tied = TINY | {"tie_word_embeddings": rng.random() < 0.5, "num_key_value_heads": rng.choice([1, 2])}
        yield Args(tied, [rng.randint(0, 40) for _ in range(rng.randint(1, 4))], each=rng.choice([1, 2, 4]))


def beginnings(rng):
    """All, none and a part in common, one shorter than the other, equal again later; then no prompt at all."""
    yield [5, 6, 7], [5, 6, 9, 7]
    yield [5, 6, 7, 8], [5, 6]
    yield [1], [2]
    yield [], [3, 4]
    yield [3, 4, 5], [3, 4, 5]
    yield [3, 4], [3, 4, 5, 6]
    yield [3, 4, 5, 6], [3, 9, 5, 6]
    yield [3], [3]
    yield [7, 7, 7, 7, 7, 7], [7, 7, 7]
    yield [1, 2, 3, 4], [9, 2, 3, 4]
    yield [1, 2, 3], [2, 3, 1]
    yield [1, 2], []
    yield [], []
    for _ in range(8):
        kept = [rng.randint(1, 3) for _ in range(rng.randint(1, 8))]
        cut = rng.randint(0, len(kept))
        yield kept, kept[:cut] + [rng.randint(1, 3) for _ in range(rng.randint(1, 4))]


def keys_of(ids, size):
    """The keys of the full blocks of some ids, as the notebook's `block_keys` makes them."""
    keys, before = [], b""
    for start in range(0, len(ids) - size + 1, size):
        before = hashlib.sha256(before + struct.pack(f"<{size}I", *ids[start : start + size])).digest()
        keys.append(before)
    return keys


class Kept(set):
    """A set of keys that says, where it is shown, which blocks of which ids they are of."""

    def __init__(self, keys=(), of=None, size=1):
        super().__init__(keys)
        self.of, self.size = of, size

    def __repr__(self):
        there = [n for n, key in enumerate(keys_of(self.of or [], self.size), start=1) if key in self]
        if len(there) != len(self):
            return f"{{{len(self)} keys}}"
        blocks = ", ".join(map(str, there))
        return f"{{keys of blocks {blocks} of {self.of}}}" if there else "set()"


def kept_of(ids, size, blocks=None):
    """The keys of some full blocks of these ids, counted from 1; of all, if nobody says which."""
    keys = keys_of(ids, size)
    return Kept([key for n, key in enumerate(keys, start=1) if blocks is None or n in blocks], ids, size)


def stores(rng):
    """Blocks that are there from the start, with a hole, from elsewhere; prompts that are covered; what cannot be."""
    ids = [1, 2, 3, 4, 5, 6]
    yield kept_of(ids, 2), [1, 2, 3, 4, 9, 9], 2
    yield kept_of(ids, 2), [1, 2, 3, 4, 5, 6], 2
    yield kept_of(ids, 2), [1, 2, 3, 4, 5, 6, 7], 2
    yield kept_of(ids, 2), [1, 2, 3, 4, 5], 2
    yield kept_of(ids, 2, (1, 3)), [1, 2, 3, 4, 5, 6, 7], 2
    yield kept_of(ids, 2, (2, 3)), [1, 2, 3, 4, 5, 6, 7], 2
    yield kept_of(ids, 2), [9, 9, 3, 4, 5, 6, 7], 2
    yield kept_of([3, 4], 2), [1, 2, 3, 4, 5], 2
    yield Kept(), [1, 2, 3], 2
    yield kept_of([1, 2, 3], 1), [1, 2, 3], 1
    yield kept_of([7] * 12, 4), [7] * 9, 4
    yield kept_of(ids, 2), [1], 2
    yield kept_of(ids, 2), [], 2
    yield kept_of(ids, 2), [1, 2, 3], 0
    yield kept_of(ids, 2), [1, 2, 3], -1
    for _ in range(8):
        size, ids = rng.randint(1, 3), [rng.randint(1, 2) for _ in range(rng.randint(3, 10))]
        there = [n for n in range(1, len(ids) // size + 1) if rng.random() < 0.8]
        more = [rng.randint(1, 2) for _ in range(rng.randint(0, 3))]
        yield kept_of(ids, size, there), ids[: rng.randint(1, len(ids))] + more, size


FRONT = "    if new.shape[:-2] != store.shape[:-2] or new.shape[-1] != store.shape[-1]:\n        raise ValueError(new.shape)\n"
ROOM = "    if length < 0 or end > store.shape[-2]:\n        raise ValueError(end)\n"
APPEND = (
    f"def append(store, length, new):\n    end = length + new.shape[-2]\n{FRONT}{ROOM}"
    "    store[..., length:end, :] = new\n    return store[..., :end, :]"
)
CHECKED_LENGTHS = "    if not lengths or min(lengths) < 0:\n        raise ValueError(lengths)\n"
STEP = (
    f"def step_bytes(fields, lengths, each=2):\n{CHECKED_LENGTHS}"
    "    weights = parameters_in(dict(fields, tie_word_embeddings=True)) * each\n"
    "    return weights + sum(kv_bytes(fields, length, each) for length in lengths)"
)
CHECKED_PROMPT = "    if not ids:\n        raise ValueError(ids)\n"
VALID = (
    f"def still_valid(kept, ids):\n{CHECKED_PROMPT}    same = 0\n"
    "    while same < min(len(kept), len(ids) - 1) and kept[same] == ids[same]:\n        same += 1\n    return same"
)
CHECKED_SIZE = "    if not ids or size < 1:\n        raise ValueError(size)\n"
HIT = (
    f"def prefix_hit(kept, ids, size):\n{CHECKED_SIZE}    hit = 0\n    for key in block_keys(ids[:-1], size):\n"
    "        if key not in kept:\n            break\n        hit += size\n    return hit"
)

EXERCISES = {
    "append": Judge(
        cases=appended,
        drive=with_the_store,
        hints=(
            "Where do the new rows end? At length + T. Compare that with the room before you write.",
            "`...` stands for all axes in front: `store[..., length:end, :]` are the rows to fill.",
            "A slice is a view: `store[..., :end, :]`. Nothing is copied.",
        ),
        mistakes=with_unchecked(
            [FRONT, ROOM],
            {
                "concatenated": Mistake(
                    "The right rows, in a new array: the store has not changed, so the next token will not find them. And "
                    "`cat` copies every old row at every token. Write into the store.",
                    f"def append(store, length, new):\n    end = length + new.shape[-2]\n{FRONT}{ROOM}"
                    "    return torch.cat([store[..., :length, :], new], dim=-2)",
                ),
                "copied": Mistake(
                    "Written and then copied: what you give is no view of the store. For a long text that copies megabytes a token.",
                    swap(APPEND, ("return store[..., :end, :]", "return store[..., :end, :].clone()")),
                ),
                "all-the-room": Mistake(
                    "You give the whole store, with the rows that nobody has filled. A query would look at zeros, and zeros "
                    "get weight.",
                    swap(APPEND, ("return store[..., :end, :]", "return store")),
                ),
                "only-new": Mistake(
                    "You give the new rows alone. The query has to look at all of them, old and new.",
                    swap(APPEND, ("return store[..., :end, :]", "return store[..., length:end, :]")),
                ),
                "from-the-start": Mistake(
                    "The new rows land at the beginning, on top of the oldest. They go behind the first `length`.",
                    swap(APPEND, ("store[..., length:end, :] = new", "store[..., : new.shape[-2], :] = new")),
                ),
                "first-axis": Mistake(
                    "You count rows along the first axis. With heads or texts in front that is another one: rows are the last but one.",
                    swap(
                        APPEND,
                        ("store[..., length:end, :] = new", "store[length:end] = new"),
                        ("return store[..., :end, :]", "return store[:end]"),
                    ),
                ),
                "old-length": Mistake(
                    "What you give ends where the old rows end. The new ones are filled now, too.",
                    swap(APPEND, ("return store[..., :end, :]", "return store[..., :length, :]")),
                ),
                "looked-too-late": Mistake(
                    "It is refused, and something has been written by then: whoever catches the error has a spoilt cache. Look first.",
                    f"def append(store, length, new):\n    end = length + new.shape[-2]\n{FRONT}"
                    "    room = store[..., length:end, :]\n    room[...] = new[..., : room.shape[-2], :]\n"
                    f"{ROOM}    return store[..., :end, :]",
                ),
                "stretched": Mistake(
                    "One row for one head is stretched over all heads without a word. The axes in front have to be the same.",
                    swap(APPEND, (FRONT, "")),
                ),
                "no-room": Mistake(
                    "Right while there is room. Beyond the end a slice is cut off silently, and torch then speaks of shapes, or "
                    "stretches one row over what is left. Refuse it first, with a ValueError.",
                    swap(APPEND, (ROOM, "")),
                ),
                "only-too-many": Mistake(
                    "Right rows, and a full store is refused. A length below 0 counts from the end, as Python does, and rows of "
                    "another shape may be stretched: the docstring names them too.",
                    swap(APPEND, (FRONT, ""), ("length < 0 or ", "")),
                ),
                "below-zero": Mistake(
                    "Right, but for a length below 0. A slice counts it from the end, so the rows would land elsewhere, or nowhere: "
                    "refuse it, too.",
                    swap(APPEND, ("length < 0 or ", "")),
                ),
                "by-torch": Mistake(
                    "You let torch find out. It stretches one row over whatever room is left, and for 0 rows says nothing: "
                    "compare shapes and room yourself.",
                    "def append(store, length, new):\n    end = length + new.shape[-2]\n    try:\n"
                    "        store[..., length:end, :] = new\n    except RuntimeError as error:\n"
                    "        raise ValueError(error) from None\n    return store[..., :end, :]",
                ),
                "len-new": Mistake(
                    "`len(new)` is the size of the first axis: rows, as long as there is no head and no text in front. Rows are the "
                    "last axis but one.",
                    "def append(store, length, new):\n    end = length + len(new)\n    if length < 0 or end > len(store):\n"
                    "        raise ValueError(end)\n    store[length:end] = new\n    return store[:end]",
                ),
                "new-store": Mistake(
                    "`store = …` gives the name another array. The caller's store has not changed: write *into* it.",
                    "def append(store, length, new):\n    end = length + new.shape[-2]\n    if end > store.shape[-2]:\n"
                    "        raise ValueError(end)\n"
                    "    store = torch.cat([store[..., :length, :], new, store[..., end:, :]], dim=-2)\n    return store[..., :end, :]",
                ),
                "full-is-too-full": Mistake(
                    "You refuse rows that end where the room ends. The last row may be filled, too: what is too much is *beyond* it.",
                    swap(APPEND, ("end > store", "end >= store")),
                ),
                "written-first": Mistake(
                    "You write first and look afterwards. By then torch has complained of shapes in its own words, or has stretched "
                    "one row over what was left. Look at room and shapes before anything is written.",
                    swap(
                        APPEND,
                        (FRONT + ROOM, ""),
                        (" = new\n", f" = new\n{ROOM}{FRONT.replace('(new.shape)', '(new)')}"),
                    ),
                ),
                "room-last": Mistake(
                    "You write first and look at the room afterwards. By then torch has complained of shapes in its own words, or has "
                    "stretched one row over what was left; and rows of another shape are not refused at all. Look before you write.",
                    swap(APPEND, (FRONT + ROOM, ""), (" = new\n", f" = new\n{ROOM}")),
                ),
                "along-the-first": Mistake(
                    "You count and write rows along the first axis, and with heads or texts in front that is another one. Rows are the "
                    "axis before the last, whatever stands in front: `store[..., length:end, :]`.",
                    "def append(store, length, new):\n    T = new.shape[0]\n"
                    "    if length < 0 or length + T > store.shape[0] or store.shape[1:] != new.shape[1:]:\n"
                    "        raise ValueError(T)\n    store[length : length + T] = new\n    return store[: length + T]",
                ),
                "nothing-checked": Mistake(
                    "Right rows. A full store, a length below 0 and rows of another shape have to be refused before anything "
                    "is written.",
                    swap(APPEND, (FRONT, ""), (ROOM, "")),
                ),
            },
        ),
        also=(
            "def append(store, length, new):\n    *front, T, d = new.shape\n"
            "    if [*store.shape[:-2], store.shape[-1]] != [*front, d] or not 0 <= length <= store.shape[-2] - T:\n"
            "        raise ValueError('no')\n    store.narrow(-2, length, T).copy_(new)\n    return store.narrow(-2, 0, length + T)",
        ),
    ),
    "step_bytes": Judge(
        cases=steps,
        hints=(
            "Two terms: the weights, once; and `kv_bytes` of each text, added up.",
            "How many numbers are weights is what `parameters_in` counts. Which of its tables are read in a step?",
            "`dict(fields, tie_word_embeddings=True)` makes it count one table: the head, tied or not.",
        ),
        mistakes=with_unchecked(
            [CHECKED_LENGTHS],
            {
                "weights-for-each": Mistake(
                    "You read the weights once for each text. They go through a matrix together: that is what a batch is for.",
                    swap(STEP, ("* each\n", "* each * len(lengths)\n")),
                ),
                "both-tables": Mistake(
                    "You read the embedding in full as well. Only a row of it is looked up; the table that is multiplied is the head.",
                    swap(STEP, ("dict(fields, tie_word_embeddings=True)", "fields")),
                ),
                "no-table": Mistake(
                    "The head is missing. It is a matrix like others, and tied or not, every step reads all of it.",
                    swap(STEP, ("* each\n", "* each - fields['vocab_size'] * fields['hidden_size'] * each\n")),
                ),
                "head-forgotten": Mistake(
                    "You always take one table away. Where they are tied there is one, and it is the head: every step reads it.",
                    swap(
                        STEP,
                        ("dict(fields, tie_word_embeddings=True)) * each\n", "fields) * each\n"),
                        ("* each\n", "* each - fields['vocab_size'] * fields['hidden_size'] * each\n"),
                    ),
                ),
                "tied-by-default": Mistake(
                    "Where `tie_word_embeddings` is missing you take the tables as tied, and then read both. Missing means not tied: "
                    "two tables, of which only the head is read.",
                    f"def step_bytes(fields, lengths, each=2):\n{CHECKED_LENGTHS}    weights = parameters_in(fields)\n"
                    "    if not fields.get('tie_word_embeddings', True):\n"
                    "        weights -= fields['vocab_size'] * fields['hidden_size']\n"
                    "    return weights * each + sum(kv_bytes(fields, length, each) for length in lengths)",
                ),
                "model-for-each": Mistake(
                    "You read the whole model once for each text, embedding included. Texts that go in step share a pass over it.",
                    f"def step_bytes(fields, lengths, each=2):\n{CHECKED_LENGTHS}"
                    "    return sum(parameters_in(fields) * each + kv_bytes(fields, n, each) for n in lengths)",
                ),
                "one-more": Mistake(
                    "You count the new token's own row as well. It is written in this step; `lengths` says what is read.",
                    swap(STEP, ("kv_bytes(fields, length, each)", "kv_bytes(fields, length + 1, each)")),
                ),
                "no-texts-only": Mistake(
                    "Right bytes, and no texts are refused. A length below 0 makes bytes that are never read: refuse it, too.",
                    swap(STEP, (" or min(lengths) < 0", "")),
                ),
                "two-bytes": Mistake(
                    "Your weights have `each` bytes a number, and your cache always two. `kv_bytes` wants to be told.",
                    swap(STEP, ("kv_bytes(fields, length, each)", "kv_bytes(fields, length)")),
                ),
                "longest-for-all": Mistake(
                    "You count every text as long as the longest. Each reads its own.",
                    swap(STEP, ("kv_bytes(fields, length, each)", "kv_bytes(fields, max(lengths), each)")),
                ),
                "one-cache": Mistake(
                    "You read one text's keys and values. Nobody shares them: each text adds its own.",
                    swap(
                        STEP,
                        (
                            "sum(kv_bytes(fields, length, each) for length in lengths)",
                            "kv_bytes(fields, lengths[0], each)",
                        ),
                    ),
                ),
                "no-cache": Mistake(
                    "Only the weights. Each text's keys and values are read in full, at every step.",
                    swap(STEP, (" + sum(kv_bytes(fields, length, each) for length in lengths)", "")),
                ),
                "not-grouped": Mistake(
                    "You keep keys and values for every head of queries. Groups share them: look for num_key_value_heads.",
                    swap(STEP, ("kv_bytes(fields, length", "kv_bytes(dict(fields, num_key_value_heads=None), length")),
                ),
                "only-new": Mistake(
                    "You count the keys and values of one new token. A step *reads* those of all positions in the cache.",
                    swap(STEP, ("kv_bytes(fields, length, each)", "kv_bytes(fields, 1, each)")),
                ),
                "nothing-checked": Mistake(
                    "Right bytes. No texts at all, or a length below 0, is no step: a ValueError that says so.",
                    swap(STEP, (CHECKED_LENGTHS, "")),
                ),
            },
        ),
        also=(
            "def step_bytes(fields, lengths, each=2):\n    if len(lengths) == 0 or any(n < 0 for n in lengths):\n"
            "        raise ValueError('no')\n    numbers = parameters_in(fields)\n"
            "    if not fields.get('tie_word_embeddings'):\n        numbers -= fields['vocab_size'] * fields['hidden_size']\n"
            "    return numbers * each + kv_bytes(fields, sum(lengths), each)",
        ),
    ),
    "still_valid": Judge(
        cases=beginnings,
        hints=(
            "Walk along both from the start, as long as they agree.",
            "It ends where one of them ends. Which of the two may be used up to its last id, and which may not?",
            "The bound is min(len(kept), len(ids) − 1).",
        ),
        mistakes=with_unchecked(
            [CHECKED_PROMPT],
            {
                "all-of-it": Mistake(
                    "When all of the prompt is in the cache, nothing is left to compute, and no logits come out of computing "
                    "nothing. The last id is always new.",
                    swap(VALID, ("len(ids) - 1", "len(ids)")),
                ),
                "always-less": Mistake(
                    "You always give one row back. Only where the *whole* prompt is in the cache must one be left.",
                    swap(VALID, ("len(ids) - 1)", "len(ids))"), ("return same", "return max(0, same - 1)")),
                ),
                "equal-anywhere": Mistake(
                    "You count equal ids behind the first difference. Their keys and values were computed behind other words.",
                    f"def still_valid(kept, ids):\n{CHECKED_PROMPT}    return sum(a == b for a, b in zip(kept, ids[:-1]))",
                ),
                "all-that-agree": Mistake(
                    "You count all places where the two agree, also those behind the first difference. Their keys and values were "
                    "computed behind other words: stop at the first.",
                    f"def still_valid(kept, ids):\n{CHECKED_PROMPT}"
                    "    return min(sum(a == b for a, b in zip(kept, ids)), len(ids) - 1)",
                ),
                "kept-less-one": Mistake(
                    "You leave out the last id that is kept. It is the *prompt's* last one that has to be computed; of what is kept, "
                    "every row may be used.",
                    f"def still_valid(kept, ids):\n{CHECKED_PROMPT}    same = 0\n"
                    "    while same < min(len(kept) - 1, len(ids)) and kept[same] == ids[same]:\n        same += 1\n"
                    "    return same",
                ),
                "all-or-nothing": Mistake(
                    "You keep all or nothing. A prompt that leaves the old text half-way can use the half.",
                    f"def still_valid(kept, ids):\n{CHECKED_PROMPT}"
                    "    return len(kept) if len(kept) < len(ids) and list(ids[: len(kept)]) == list(kept) else 0",
                ),
                "ends-together": Mistake(
                    "You leave one row out only where cache and prompt end together. A cache that goes on behind the prompt holds all "
                    "of it as well.",
                    swap(
                        VALID,
                        ("len(ids) - 1)", "len(ids))"),
                        ("return same", "return same - (same == len(ids) == len(kept))"),
                    ),
                ),
                "as-a-set": Mistake(
                    "A set knows which ids occur, and not where. A row is valid only at its place.",
                    f"def still_valid(kept, ids):\n{CHECKED_PROMPT}    return min(len(set(kept) & set(ids)), len(ids) - 1)",
                ),
                "place-of-last": Mistake(
                    "You give the place of the last equal id. Asked is how many there are, one more.",
                    swap(VALID, ("return same", "return same - 1")),
                ),
                "one-too-many": Mistake(
                    "You count the first id that differs. Its row was computed from another token.",
                    swap(VALID, ("return same", "return min(same + 1, len(ids) - 1, len(kept))")),
                ),
                "less-than-nothing": Mistake(
                    "Right counts, but for a prompt without ids: there your bound is −1. Say with a ValueError that it has no last id.",
                    swap(VALID, (CHECKED_PROMPT, ""), ("return same", "return min(same, len(ids) - 1)")),
                ),
                "over-the-end": Mistake(
                    "Where all ids agree your loop runs over the end of one of the lists. And the last id of the prompt is not to be used.",
                    f"def still_valid(kept, ids):\n{CHECKED_PROMPT}    same = 0\n    while kept[same] == ids[same]:\n"
                    "        same += 1\n    return same",
                ),
                "nothing-checked": Mistake(
                    "Right counts. A prompt without ids has no last one: say so with a ValueError, before a model is asked for "
                    "logits behind nothing.",
                    swap(VALID, (CHECKED_PROMPT, "")),
                ),
            },
        ),
        also=(
            "def still_valid(kept, ids):\n    if len(ids) == 0:\n        raise ValueError('no')\n"
            "    for n, (a, b) in enumerate(zip(kept, ids[:-1])):\n        if a != b:\n            return n\n"
            "    return min(len(kept), len(ids) - 1)",
        ),
    ),
    "prefix_hit": Judge(
        cases=stores,
        hints=(
            "`block_keys(ids, size)` gives the keys in order. Walk along them until one is not in `kept`.",
            "Every key that is there stands for `size` ids.",
            "The last id has to be computed. What does `block_keys(ids[:-1], size)` leave out?",
        ),
        mistakes=with_unchecked(
            [CHECKED_SIZE],
            {
                "any-block": Mistake(
                    "A later block may be kept while an earlier one has been thrown out. Its key proves that the texts agree, and "
                    "not that the rows in between are there.",
                    swap(
                        HIT,
                        (
                            "        if key not in kept:\n            break\n        hit += size\n",
                            "        hit += size\n        if key in kept:\n            last = hit\n",
                        ),
                        ("    hit = 0\n", "    hit = last = 0\n"),
                        ("return hit", "return last"),
                    ),
                ),
                "by-halves": Mistake(
                    "You search by halves, as if the blocks that are kept ended at one place. There may be a hole in front of the middle: "
                    "walk from the beginning.",
                    f"def prefix_hit(kept, ids, size):\n{CHECKED_SIZE}    keys = block_keys(ids[:-1], size)\n"
                    "    low, high = 0, len(keys)\n    while low < high:\n        middle = (low + high) // 2\n"
                    "        low, high = (middle + 1, high) if keys[middle] in kept else (low, middle)\n    return low * size",
                ),
                "holes-counted": Mistake(
                    "You count blocks behind a hole. The positions in the hole have to be computed, and then those behind it come after.",
                    swap(
                        HIT,
                        (
                            "        if key not in kept:\n            break\n        hit += size\n",
                            "        if key in kept:\n            hit += size\n",
                        ),
                    ),
                ),
                "all-of-it": Mistake(
                    "Where the blocks cover the whole prompt, no id is left whose logits could be computed.",
                    swap(HIT, ("ids[:-1]", "ids")),
                ),
                "intersection": Mistake(
                    "You count all blocks that are there, wherever they stand: behind a hole, and up to the last id. Walk from the "
                    "beginning, to the first that is missing.",
                    f"def prefix_hit(kept, ids, size):\n{CHECKED_SIZE}    return len(kept & set(block_keys(ids, size))) * size",
                ),
                "size-only": Mistake(
                    "Right counts. An empty prompt has no id to compute: refuse it, with a ValueError.",
                    swap(HIT, ("not ids or ", "")),
                ),
                "part-of-a-block": Mistake(
                    "You use a block but for its last row. That is right by position, but asked are whole blocks: a block is shared "
                    "by many, and nobody may write into it.",
                    swap(HIT, ("ids[:-1]", "ids"), ("return hit", "return min(hit, len(ids) - 1)")),
                ),
                "always-less": Mistake(
                    "You always leave out the last block that was found. Only if it covers the end of the prompt.",
                    swap(HIT, ("ids[:-1]", "ids"), ("return hit", "return max(0, hit - size)")),
                ),
                "last-block-always": Mistake(
                    "You always leave out the prompt's last full block. Only where the blocks cover the *whole* prompt is one too "
                    "many; an id behind the last block is the one to compute.",
                    swap(HIT, ("block_keys(ids[:-1], size)", "block_keys(ids, size)[:-1]")),
                ),
                "blocks": Mistake(
                    "You count blocks. Asked are ids.",
                    swap(HIT, ("hit += size", "hit += 1")),
                ),
                "not-chained": Mistake(
                    "You hash each block on its own, as if a block meant the same wherever it stands. Its key depends on all before it.",
                    swap(
                        HIT,
                        ("for key in block_keys(ids[:-1], size):", "for n in range(0, len(ids) - size, size):"),
                        ("        if key not in kept", "        if block_keys(ids[n : n + size], size)[0] not in kept"),
                    ),
                ),
            },
        ),
        also=(
            "def prefix_hit(kept, ids, size):\n    if len(ids) == 0 or size <= 0:\n        raise ValueError('no')\n"
            "    usable = (len(ids) - 1) // size\n    there = [key in kept for key in block_keys(ids, size)[:usable]]\n"
            "    return size * (there.index(False) if False in there else len(there))",
        ),
    ),
}

QUIZ = (
    Question(
        "llama-two",
        "Beside the weights of Llama 2 7B, how many texts of 4,096 tokens fit on a card of 80 GB, at two bytes a number?",
        (
            (
                "A hundred and nineteen, as with Llama 3 8B",
                "That one shares its heads of keys and values in groups of four.",
            ),
            (
                "A hundred and twenty-three, its weights being smaller",
                "They are, by 2.6 GB. Look at what one token leaves behind.",
            ),
            ("Thirty, as each of them takes more than 2 GB", "32 heads of keys and values: half a megabyte a token."),
            (
                "Thirty-two, as many as the stop on the slider",
                "The slider has powers of two; the title says how many fit.",
            ),
        ),
        right=2,
    ),
    Question(
        "position",
        "A new token is computed alone, behind 500 in the cache. Why does it need to know that it is number 500?",
        (
            (
                "So that its key and query are turned to their place",
                "Kept keys are turned to theirs; only distances count.",
            ),
            (
                "So that the mask hides what comes behind it",
                "Nothing comes behind it. One query may look at everything kept.",
            ),
            (
                "So that its row is written to the right place",
                "That is the length. After an eviction the two are not the same.",
            ),
            ("So that the head knows which logits to compute", "The head multiplies whatever arrow it gets."),
        ),
        right=0,
    ),
    Question(
        "slow",
        "A step for one text does half a FLOP for each byte. What would make such a step faster?",
        (
            (
                "A processor with twice the arithmetic units",
                "They would wait twice as much: the bytes do not come sooner.",
            ),
            (
                "Seven other texts that are written in step",
                "Then all together are faster. This one text waits as long as before.",
            ),
            ("A longer prompt, which fills the cache first", "That adds bytes to each step, and takes none away."),
            (
                "Weights that take half the bytes a number",
                "The bound is bytes over bandwidth, so half of them is half the time.",
            ),
        ),
        right=3,
    ),
    Question(
        "redo",
        "An agent puts the time, to the second, at the top of its system prompt. What does the cache still hold?",
        (
            (
                "All of it, but for the few rows of the clock",
                "The rows behind looked at the clock. Every one is another now.",
            ),
            ("What stands before the clock, and nothing else", "That is the rule: valid up to the first difference."),
            (
                "The keys, since a clock has no influence on them",
                "From the second layer on, keys depend on all before them.",
            ),
            (
                "The answers, since the model wrote them itself",
                "Their rows were computed behind the old clock as well.",
            ),
        ),
        right=1,
    ),
    Question(
        "forget",
        "A sentence's rows are evicted from the middle of the cache. Has the model forgotten what it said?",
        (
            (
                "Yes: nobody can look at keys that are not there",
                "Not at these. But at others, which looked at them earlier.",
            ),
            ("No: the weights have learned the sentence by now", "Weights do not change while a model answers."),
            (
                "No: later rows were computed from it and stay",
                "They carry what they saw. Compute them anew without it.",
            ),
            (
                "Yes, as soon as the positions are closed up again",
                "Positions say where a row stands, not what it has seen.",
            ),
        ),
        right=2,
    ),
)

REVIEWS = {
    "all-of-it": Verdict(
        of="still_valid",
        right=False,
        why="Keys and values are cached, logits are not. With all rows valid there is no id left to put through the model, so there "
        "is nothing behind which a token could be chosen: an empty tensor, and an error or worse. It shows when somebody sends "
        "the same prompt twice, or a shorter beginning of it, which a retry does.",
        cases=beginnings,
        witness=([3, 4, 5], [3, 4, 5]),
    ),
    "any-block": Verdict(
        of="prefix_hit",
        right=False,
        why="The key proves that the *texts* agree. It says nothing of whether the rows of the blocks before are still there: a store "
        "that evicts may have thrown out block 1 and kept block 2. Then rows would be used that nobody has. (If a store evicts "
        "only from the end of a chain, the change would be right; nothing here says that it does.)",
        cases=stores,
        witness=(
            kept_of([1, 2, 3, 4, 5, 6], 2, (2,)),
            [1, 2, 3, 4, 5, 6, 7],
            2,
        ),
    ),
    "zip": Verdict(
        of="still_valid",
        right=True,
        why="`ids[:-1]` leaves the last one out, `zip` stops with the shorter, and the default is the length of what was compared. "
        "The check for an empty prompt stands above the change. It copies the ids once, which is cheap beside a model.",
        cases=beginnings,
        witness=None,
    ),
}
