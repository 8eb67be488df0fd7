"""What the exercises of `03_transformers/01_tokenization` are judged by: cases, known mistakes, quiz, reviews."""

from collections import Counter
from itertools import pairwise

from judges import Judge, Mistake, Question, Verdict, swap, with_unchecked


def lists_of_ids(rng):
    """Pairs that overlap, of equal ids and of others, at both ends; none; lists of one id and of none."""
    yield [97, 97, 97, 98, 97, 97], (97, 97), 256
    yield [97, 97, 97], (97, 97), 256
    yield [1, 2, 1, 2, 2], (1, 2), 3
    yield [2, 1], (1, 2), 3
    yield [1], (1, 1), 2
    yield [], (1, 2), 3
    yield [5, 0, 0, 5], (0, 0), 7
    yield [1, 2], (1, 2), 999_999
    yield [3, 1, 2], (1, 2), 1  # what was made is not merged again
    yield [1, 1, 2], (1, 2), 1
    yield [1, 2, 2, 2], (1, 2), 1
    yield [11, 2], (1, 2), 256  # no pair, though written down it looks like one
    yield [1, 22], (1, 2), 256
    for _ in range(12):
        yield [rng.randint(1, 3) for _ in range(rng.randint(2, 9))], (rng.randint(1, 3), rng.randint(1, 3)), 9


def as_called(function, ids, pair, new):
    """What it returned, and whether the caller's list is as it was."""
    given = list(ids)
    found = function(given, pair, new)
    return {"returned": found, "a list of its own": found is not given, "the caller's list afterwards": given}


def learned(words, n):
    """The first merges of some words, as {(left, right): place}: what a training gives."""
    words, ranks = [[bytes([byte]) for byte in word] for word in words], {}
    while len(ranks) < n:
        counts = Counter(pair for word in words for pair in pairwise(word))
        if not counts:
            break
        pair = min(counts, key=lambda pair: (-counts[pair], pair))
        ranks[pair] = len(ranks)
        for word in words:
            i = 0
            while i + 1 < len(word):
                if (word[i], word[i + 1]) == pair:
                    word[i : i + 2] = [word[i] + word[i + 1]]
                i += 1
    return ranks


def pieces_and_ranks(rng):
    """Pieces of a few letters with merges learned from others, so that roads to a token compete."""
    yield b"abcd", {(b"b", b"c"): 0, (b"a", b"b"): 1, (b"bc", b"d"): 2}
    yield b"aaa", {(b"a", b"a"): 0}
    yield b"aaaaa", {(b"a", b"a"): 0, (b"aa", b"a"): 1}
    yield b"abab", {(b"a", b"b"): 0, (b"ab", b"ab"): 1}
    yield b"abc", {(b"a", b"b"): 0, (b"b", b"c"): 1, (b"a", b"bc"): 2}
    yield b"xabc", {(b"b", b"c"): 0, (b"a", b"bc"): 1, (b"x", b"a"): 2}
    yield b"", {(b"a", b"b"): 0}
    yield b"a", {}
    yield b"ab", {}
    yield b"\xff\x00", {(b"\xff", b"\x00"): 7}
    yield b"abc", {(b"b", b"c"): 1, (b"a", b"b"): 0}  # in no order
    for _ in range(16):
        words = [bytes(rng.choice(b"abc") for _ in range(rng.randint(2, 7))) for _ in range(6)]
        yield bytes(rng.choice(b"abc") for _ in range(rng.randint(3, 12))), learned(words, rng.randint(3, 12))


PARTS = {
    0: b"n\xc3", 1: b"\xaf", 2: b" the", 3: b"\xf0\x9f", 4: b"\x91\xa9", 5: b"\xff", 6: b"", 7: b"\xe4\xba\xba", 8: b"\xc3"
}  # fmt: skip


class Merges(dict):
    """Ranks that remember whether somebody went through all of them."""

    def read(self, how):
        self.seen = True
        return getattr(super(), how)()

    def __iter__(self):
        return self.read("__iter__")

    def keys(self):
        return self.read("keys")

    def items(self):
        return self.read("items")

    def values(self):
        return self.read("values")


def looked_up(function, piece, ranks):
    """The tokens, and whether all merges were gone through to find them."""
    ranks = Merges(ranks)
    ranks.seen = False
    found = function(piece, ranks)
    return {"tokens": found, "went through all merges": ranks.seen}


def lists_of_tokens(rng):
    """Characters over the border of tokens, halves that stay alone, bytes that are no UTF-8; ids that do not exist."""
    yield [0, 1], PARTS
    yield [0], PARTS
    yield [3, 4, 2], PARTS
    yield [2, 5, 7], PARTS
    yield [8, 8, 1], PARTS
    yield [], PARTS
    yield [6], PARTS
    yield [2, 99], PARTS
    yield [7, 9], {7: b"a", 9: b"b"}  # ids need not be 0 … n − 1
    yield [1], {0: b"a", 2: b"b"}
    yield [0], {0: b"\xef\xbb\xbfa"}
    yield [-1], PARTS
    for _ in range(12):
        yield [rng.randrange(9) for _ in range(rng.randint(2, 8))], PARTS


def decoded(function, ids, tokens):
    """The text, or what a ValueError names of the ids that do not exist."""
    try:
        return function(ids, tokens)
    except ValueError as error:
        if isinstance(error, UnicodeError):
            raise
        return {"raises ValueError": [i for i in ids if i not in tokens and str(i) in str(error)]}


ENDS = (
    b"", b"\xc3", b"\xe4\xba", b"\xe4", b"\xf0\x9f\x91", b"\xf0\x9f", b"\xf0", b"\xff", b"\x80", b"\xc3\xc3", b"\xaf\xc3",
    b"\xf4\x90", b"\xf4\x8f", b"\xe0\x80", b"\xe0\xa0", b"\xed\x9f", b"\xc0", b"\xf5", b"\xc3\xaf", b"\x9f\x91\xa9",
)  # fmt: skip


def streams(rng):
    """Every way a text can be cut off, after letters, after whole characters and after bytes that are none."""
    for end in ENDS:
        yield (b"na" + end,)
    for end in ENDS[1:8]:
        yield (end + b"!" + end,)
    yield (b"\xff\xc3",)
    yield ("naïve 👩‍💻".encode(),)
    for _ in range(12):
        text = "".join(rng.choice("aïß人👩") for _ in range(rng.randint(1, 5))).encode()
        yield (text[: rng.randint(0, len(text))],)
    for _ in range(8):
        yield (bytes(rng.choice(b"a\xc3\xaf\xe4\xba\xf0\x9f\xff") for _ in range(rng.randint(1, 6))),)


def bills(rng):
    """Losses and texts of one byte a character and of several; then no text."""
    yield 1.3862943611198906, 3, "abc"
    yield 1.3862943611198906, 1, "ab"
    yield 2.0, 4, "naïve"
    yield 0.0, 5, "abc"
    yield 1.0, 6, "人人"
    yield 700.0, 1, "a"
    yield 1000.0, 2, "ab"
    yield 1.0, 1, "\n"
    yield 1.0, 0, ""
    for _ in range(10):
        text = "".join(rng.choice("aeiou ïß人") for _ in range(rng.randint(1, 20)))
        yield round(rng.uniform(0.5, 9), 3), rng.randint(1, 20), text


MERGE = (
    "def merge_pair(ids, pair, new):\n    merged, i = [], 0\n    while i < len(ids):\n"
    "        if tuple(ids[i : i + 2]) == tuple(pair):\n            merged.append(new)\n            i += 2\n"
    "        else:\n            merged.append(ids[i])\n            i += 1\n    return merged"
)
ENCODE = (
    "def encode_piece(piece, ranks):\n    parts = [bytes([byte]) for byte in piece]\n    while True:\n"
    "        found = [(ranks[pair], i) for i, pair in enumerate(zip(parts, parts[1:])) if pair in ranks]\n"
    "        if not found:\n            return parts\n        _, i = min(found)\n"
    "        parts[i : i + 2] = [parts[i] + parts[i + 1]]"
)
ALL_MERGES = (
    "def encode_piece(piece, ranks):\n    parts = [piece[i : i + 1] for i in range(len(piece))]\n"
    "    for left, right in sorted(ranks, key=ranks.get):\n        i = 0\n        while i + 1 < len(parts):\n"
    "            if parts[i] == left and parts[i + 1] == right:\n                parts[i : i + 2] = [left + right]\n"
    "            i += 1\n    return parts"
)
CHECKED_IDS = "    for i in ids:\n        if i not in tokens:\n            raise ValueError(f'{i} is no id')\n"
DECODE = (
    f"def decode_ids(ids, tokens):\n{CHECKED_IDS}"
    '    return b"".join(tokens[i] for i in ids).decode("utf-8", errors="replace")'
)
CHECKED_TEXT = "    if not text:\n        raise ValueError(text)\n"
BITS = (
    f"def bits_per_byte(nats, tokens, text):\n{CHECKED_TEXT}    return nats * tokens / math.log(2) / len(text.encode())"
)
BY_HAND = """
def split_complete(data):
    for back in (1, 2, 3):
        if back > len(data):
            break
        first = data[-back]
        if 0x80 <= first < 0xC0:
            continue
        needed = 2 if 0xC2 <= first < 0xE0 else 3 if 0xE0 <= first < 0xF0 else 4 if 0xF0 <= first < 0xF5 else 1
        if needed > back:
            low = {0xE0: 0xA0, 0xF0: 0x90}.get(first, 0x80)
            high = {0xED: 0x9F, 0xF4: 0x8F}.get(first, 0xBF)
            if back == 1 or low <= data[1 - back] <= high:
                return data[:-back].decode("utf-8", "replace"), data[-back:]
        break
    return data.decode("utf-8", "replace"), b""
"""

EXERCISES = {
    "merge_pair": Judge(
        cases=lists_of_ids,
        drive=as_called,
        hints=(
            "Go through the list with an index i, and build a second list. What are the two cases at each place?",
            "If ids i and i + 1 are the pair, append `new` and go on two places further; else append the id, and go on one.",
            "Mind the last id: `ids[i : i + 2]` is shorter there, and equals no pair.",
        ),
        mistakes={
            "one-further": Mistake(
                "After a merge you go on one place further, so that the second id of the pair is used again. In `aaa` there "
                "are two pairs, and they share a letter. (In a `for` loop over `range`, changing i does nothing to the next round.)",
                swap(MERGE, ("i += 2", "i += 1")),
            ),
            "in-place": Mistake(
                "Right ids. But the list of the caller is another one after your call: whoever counts the old pairs of that "
                "word finds the new ones. Build a list of your own.",
                "def merge_pair(ids, pair, new):\n    i = 0\n    while i + 1 < len(ids):\n"
                "        if (ids[i], ids[i + 1]) == tuple(pair):\n            ids[i : i + 2] = [new]\n        i += 1\n    return ids",
            ),
            "only-first": Mistake(
                "You stop after the first pair. The merge is for all of the list.",
                "def merge_pair(ids, pair, new):\n    for i in range(len(ids) - 1):\n        if (ids[i], ids[i + 1]) == tuple(pair):\n"
                "            return [*ids[:i], new, *ids[i + 2 :]]\n    return list(ids)",
            ),
            "either-order": Mistake(
                "You merge the pair in either order. *he* and *eh* are two pairs, and only one of them was asked for.",
                swap(MERGE, ("tuple(ids[i : i + 2]) == tuple(pair)", "sorted(ids[i : i + 2]) == sorted(pair)")),
            ),
            "last-lost": Mistake(
                "The last id is missing where it is in no pair. Your loop ends one place too early.",
                swap(MERGE, ("i < len(ids)", "i < len(ids) - 1")),
            ),
            "from-the-right": Mistake(
                "You go from right to left. In `aaa` it matters which two are taken: the left ones.",
                swap(
                    MERGE,
                    ("merged, i = [], 0\n", "ids, pair, merged, i = ids[::-1], pair[::-1], [], 0\n"),
                    ("return merged", "return merged[::-1]"),
                ),
            ),
            "marked-all": Mistake(
                "You replace every place where the pair stands, overlapping ones too, so that an id is used twice. Once it is in "
                "a merged pair, it is gone.",
                "def merge_pair(ids, pair, new):\n    merged = []\n    for i, one in enumerate(ids):\n"
                "        if tuple(ids[i : i + 2]) == tuple(pair):\n            merged.append(new)\n"
                "        elif not (i and tuple(ids[i - 1 : i + 1]) == tuple(pair)):\n            merged.append(one)\n    return merged",
            ),
            "as-text": Mistake(
                "You replace in the ids as they are written. The digits of one id and of its neighbour are no pair: in `11 2` "
                "stands no 1.",
                "def merge_pair(ids, pair, new):\n    written = ' '.join(map(str, ids))\n"
                "    return list(map(int, written.replace(f'{pair[0]} {pair[1]}', str(new)).split()))",
            ),
            "callers-own": Mistake(
                "Where there is nothing to merge you hand the caller's own list back. Whoever changes the one changes the other then.",
                swap(
                    MERGE,
                    (
                        "    merged, i = [], 0\n",
                        "    if tuple(pair) not in zip(ids, ids[1:]):\n        return ids\n    merged, i = [], 0\n",
                    ),
                ),
            ),
            "list-and-tuple": Mistake(
                "Nothing is ever merged: a slice of a list is a list, the pair is a tuple, and the two are never equal.",
                swap(MERGE, ("tuple(ids[i : i + 2]) == tuple(pair)", "ids[i : i + 2] == pair")),
            ),
            "last-twice": Mistake(
                "You append the last id in any case, although it may have been merged already.",
                "def merge_pair(ids, pair, new):\n    merged, i = [], 0\n    while i < len(ids) - 1:\n"
                "        if tuple(ids[i : i + 2]) == tuple(pair):\n            merged.append(new)\n            i += 2\n"
                "        else:\n            merged.append(ids[i])\n            i += 1\n    return merged + ids[-1:]",
            ),
            "again": Mistake(
                "What you have made is merged again with what comes next. One pass: the new id is no part of the old list.",
                "def merge_pair(ids, pair, new):\n    ids, i = list(ids), 0\n    while i + 1 < len(ids):\n"
                "        if (ids[i], ids[i + 1]) == tuple(pair):\n            ids[i : i + 2] = [new]\n"
                "            i = max(i - 1, 0)\n        else:\n            i += 1\n    return ids",
            ),
            "fails-at-the-end": Mistake(
                "At the last id there is no next one, and your index runs out of the list. `and` looks at its right side only "
                "if the left one holds.",
                swap(MERGE, ("tuple(ids[i : i + 2]) == tuple(pair)", "(ids[i], ids[i + 1]) == tuple(pair)")),
            ),
        },
        also=(
            "def merge_pair(ids, pair, new):\n    merged, skip = [], False\n    for i, one in enumerate(ids):\n"
            "        if skip:\n            skip = False\n        elif i + 1 < len(ids) and one == pair[0] and ids[i + 1] == pair[1]:\n"
            "            merged.append(new)\n            skip = True\n        else:\n            merged.append(one)\n    return merged",
        ),
    ),
    "encode_piece": Judge(
        cases=pieces_and_ranks,
        drive=looked_up,
        hints=(
            "Begin with the single bytes: `[bytes([byte]) for byte in piece]`. Which of the pairs of neighbours are in `ranks`?",
            "Of these take the one with the smallest rank, join the two parts, and look again: new pairs have come up.",
            "`min` over the places i, with `ranks.get((parts[i], parts[i + 1]), math.inf)` as the key, is the left one of equal "
            "ones. Stop when its pair is not in `ranks`.",
        ),
        mistakes={
            "longest": Mistake(
                "You take the longest token that fits. That is another tokenizer (WordPiece does it). Here the merges are "
                "repeated in the order in which they were learned, and a token that fits may never come up.",
                "def encode_piece(piece, ranks):\n    known, parts, i = {a + b for a, b in ranks}, [], 0\n    while i < len(piece):\n"
                "        end = next((e for e in range(len(piece), i + 1, -1) if piece[i:e] in known), i + 1)\n"
                "        parts.append(piece[i:end])\n        i = end\n    return parts",
            ),
            "leftmost": Mistake(
                "You join the first pair from the left that was learned at all. Which of all that stand there was learned first?",
                swap(ENCODE, ("(ranks[pair], i)", "(0, i)")),
            ),
            "last-learned": Mistake(
                "You join what was learned last. Training made the short tokens first; repeat it in that order.",
                swap(ENCODE, ("(ranks[pair], i)", "(-ranks[pair], i)")),
            ),
            "once": Mistake(
                "You look at the pairs once. What you join makes new pairs, and they may have been learned as well.",
                swap(
                    ENCODE,
                    (
                        "parts[i : i + 2] = [parts[i] + parts[i + 1]]",
                        "return [*parts[:i], parts[i] + parts[i + 1], *parts[i + 2 :]]",
                    ),
                ),
            ),
            "right-one": Mistake(
                "Where the same pair stands twice you take the right one. In `aaa` the left two belong together.",
                swap(ENCODE, ("(ranks[pair], i)", "(ranks[pair], -i)"), ("_, i = min(found)", "i = -min(found)[1]")),
            ),
            "by-result": Mistake(
                "You look whether the joined bytes are a token, not whether this pair was a merge. *a* + *bc* and *ab* + *c* are "
                "the same bytes, and only one of them may have been learned.",
                swap(
                    ENCODE,
                    ("    parts = [", "    known = {a + b: place for (a, b), place in ranks.items()}\n    parts = ["),
                    ("(ranks[pair], i)", "(known[pair[0] + pair[1]], i)"),
                    ("if pair in ranks", "if pair[0] + pair[1] in known"),
                ),
            ),
            "all-merges": Mistake(
                "Right tokens, by visiting every merge for every piece. A vocabulary has 50,000 of them, and a piece five bytes: one "
                "notebook would take an hour. Look the pairs of the piece up in `ranks`.",
                ALL_MERGES,
            ),
            "order-of-dict": Mistake(
                "You go through `ranks` as it happens to be ordered. The places say what was learned first; and a vocabulary has "
                "50,000 merges, so look the pairs of the piece up in it.",
                swap(ALL_MERGES, ("sorted(ranks, key=ranks.get)", "ranks")),
            ),
            "zero-is-false": Mistake(
                "The first merge has place 0, and 0 counts as false. Ask `in ranks`, or whether `get` gave None.",
                swap(ENCODE, ("if pair in ranks", "if ranks.get(pair)")),
            ),
            "no-end": Mistake(
                "When nothing is left to join, yours looks for the smallest of nothing. What if no pair of the piece was learned?",
                swap(
                    ENCODE,
                    (
                        "        if not found:\n            return parts\n",
                        "        if len(parts) < 2:\n            return parts\n",
                    ),
                ),
            ),
            "min-of-nothing": Mistake(
                "When all of it has become one token there is no pair left, and the smallest of nothing is an error.",
                swap(
                    ENCODE,
                    (
                        "        found = [(ranks[pair], i) for i, pair in enumerate(zip(parts, parts[1:])) if pair in ranks]\n        if not found:\n",
                        "        found = [(ranks.get(pair, 1e9), i) for i, pair in enumerate(zip(parts, parts[1:]))]\n        if min(found)[0] == 1e9:\n",
                    ),
                ),
            ),
            "place-as-count": Mistake(
                "You take places from `len(ranks)` on for *not learned*. A place is any number: ask whether the pair is in `ranks`.",
                swap(ENCODE, ("if pair in ranks]", "if ranks.get(pair, len(ranks)) < len(ranks)]")),
            ),
            "first-pairs-only": Mistake(
                "You sort the pairs that stand there at first. Joining makes new ones, and takes some of the old away: look again "
                "after each.",
                "def encode_piece(piece, ranks):\n    parts = [piece[i : i + 1] for i in range(len(piece))]\n"
                "    pairs = {pair for pair in zip(parts, parts[1:]) if pair in ranks}\n"
                "    for left, right in sorted(pairs, key=ranks.get):\n        i = 0\n        while i + 1 < len(parts):\n"
                "            if parts[i] == left and parts[i + 1] == right:\n                parts[i : i + 2] = [left + right]\n"
                "            i += 1\n    return parts",
            ),
            "numbers": Mistake(
                "A part is a number in yours, and should be bytes: iterating over bytes gives whole numbers. `bytes([byte])` is "
                "the byte.",
                swap(ENCODE, ("[bytes([byte]) for byte in piece]", "list(piece)")),
            ),
        },
        also=(
            "def encode_piece(piece, ranks):\n    parts = [piece[i : i + 1] for i in range(len(piece))]\n    while len(parts) > 1:\n"
            "        best = None\n        for i in range(len(parts) - 1):\n            place = ranks.get((parts[i], parts[i + 1]))\n"
            "            if place is not None and (best is None or place < best[0]):\n                best = (place, i)\n"
            "        if best is None:\n            break\n        i = best[1]\n"
            "        parts = parts[:i] + [parts[i] + parts[i + 1]] + parts[i + 2 :]\n    return parts",
        ),
    ),
    "decode_ids": Judge(
        cases=lists_of_tokens,
        drive=decoded,
        hints=(
            "What is the smallest thing that can be turned into text: a token, or all the bytes together?",
            '`b"".join(…)` all tokens first. Then one `decode`, with the way of dealing with errors that the docstring names.',
            "An id that is not there: `tokens[i]` raises KeyError. Look first, and raise ValueError with the id in its words.",
        ),
        mistakes=with_unchecked(
            [CHECKED_IDS],
            {
                "one-by-one": Mistake(
                    "You decode each token for itself. A character may begin in one and end in the next, and then both halves are "
                    "errors.",
                    f'def decode_ids(ids, tokens):\n{CHECKED_IDS}    return "".join(tokens[i].decode("utf-8", "replace") for i in ids)',
                ),
                "strict": Mistake(
                    "A model may say half a character, and yours raises. Nothing that a model says may stop the window that shows it.",
                    swap(DECODE, ('"utf-8", errors="replace"', '"utf-8"')),
                ),
                "ignored": Mistake(
                    "What is no UTF-8 disappears without a trace. Show that something was there: `\\ufffd`.",
                    swap(DECODE, ('errors="replace"', 'errors="ignore"')),
                ),
                "latin": Mistake(
                    "Every byte became a character. In UTF-8 most characters are several bytes.",
                    swap(DECODE, ('"utf-8", errors="replace"', '"latin-1"')),
                ),
                "escaped": Mistake(
                    "You show bytes that are no UTF-8 as `\\xff`. The docstring asks for the replacement character.",
                    swap(DECODE, ('errors="replace"', 'errors="backslashreplace"')),
                ),
                "skipped": Mistake(
                    "An id that does not exist is left out in silence. It is a bug of whoever called, most likely the wrong "
                    "vocabulary: say so.",
                    DECODE.replace(CHECKED_IDS, "").replace("for i in ids", "for i in ids if i in tokens"),
                ),
                "not-named": Mistake(
                    "You refuse the id, and do not say which one it was. Whoever reads the message has ten thousand of them.",
                    swap(DECODE, ("raise ValueError(f'{i} is no id')", "raise ValueError('an id is unknown')")),
                ),
                "range": Mistake(
                    "You take the ids for 0 to n − 1. A dictionary may have any: ask it whether the id is there.",
                    swap(DECODE, ("if i not in tokens:", "if not 0 <= i < len(tokens):")),
                ),
                "mark-eaten": Mistake(
                    "`utf-8-sig` eats a byte order mark at the beginning. It was in the text.",
                    swap(DECODE, ('"utf-8"', '"utf-8-sig"')),
                ),
                "last-half-lost": Mistake(
                    "A decoder for streams waits for more, and here nothing more comes: half a character at the end is lost. It is to "
                    "be shown.",
                    f"def decode_ids(ids, tokens):\n{CHECKED_IDS}    decoder = codecs.getincrementaldecoder('utf-8')('replace')\n"
                    "    return ''.join(decoder.decode(tokens[i]) for i in ids)",
                ),
                "key-error": Mistake(
                    "Right text. For an id that is not there the docstring promises a ValueError that names it.",
                    DECODE.replace(CHECKED_IDS, ""),
                ),
            },
        ),
        also=(
            "def decode_ids(ids, tokens):\n    data = bytearray()\n    for i in ids:\n        try:\n            data += tokens[i]\n"
            "        except KeyError:\n            raise ValueError(f'no id {i}') from None\n    return str(bytes(data), 'utf-8', 'replace')",
        ),
    ),
    "split_complete": Judge(
        cases=streams,
        hints=(
            "The last character is incomplete only if a byte that begins one stands among the last three, and promises more "
            "bytes than there are. `c3` promises one more, `e4` two, `f0` three.",
            "Some promises cannot be kept: after `e0` comes `a0` or more, after `ed` at most `9f`, after `f4` at most `8f`. And "
            "`c0`, `c1`, `f5` and above begin nothing.",
            "Python has it: `codecs.getincrementaldecoder('utf-8')('replace')`. Its `getstate()[0]` is what it keeps for later.",
        ),
        mistakes={
            "everything-at-once": Mistake(
                "You show half a character as an error at once. Its other half may come with the next token.",
                'def split_complete(data):\n    return data.decode("utf-8", "replace"), b""',
            ),
            "all-or-nothing": Mistake(
                "As long as the end is incomplete, you show nothing at all. The whole characters before it can be shown.",
                "def split_complete(data):\n    try:\n        return data.decode(), b''\n    except UnicodeDecodeError:\n        return '', data",
            ),
            "for-ever": Mistake(
                "A byte that can never be part of a character makes yours wait for ever: whatever follows, it will not decode. "
                "Show it as `\\ufffd`, and go on.",
                "def split_complete(data):\n    for cut in range(min(4, len(data) + 1)):\n        try:\n"
                "            return data[: len(data) - cut].decode(), data[len(data) - cut :]\n"
                "        except UnicodeDecodeError:\n            pass\n    return '', data",
            ),
            "leads-from-c0": Mistake(
                "You take every byte from `c0` on for the beginning of a character. `ff`, for one, begins none: it is shown.",
                "def split_complete(data):\n    for back in (1, 2, 3):\n        if back <= len(data) and data[-back] >= 0xC0:\n"
                "            needed = 2 if data[-back] < 0xE0 else 3 if data[-back] < 0xF0 else 4\n            if needed > back:\n"
                "                return data[:-back].decode('utf-8', 'replace'), data[-back:]\n            break\n"
                "    return data.decode('utf-8', 'replace'), b''",
            ),
            "ends-in-replacement": Mistake(
                "You wait whenever the text ends in the replacement character. It does so for a byte that will never be part of "
                "anything as well, and then yours waits for ever.",
                "def split_complete(data):\n    for back in range(4):\n        if back <= len(data):\n"
                "            text = data[: len(data) - back].decode('utf-8', 'replace')\n"
                "            if not text.endswith('\ufffd'):\n                return text, data[len(data) - back :]\n"
                "    return data.decode('utf-8', 'replace'), b''",
            ),
            "first-error": Mistake(
                "You look at the first error only, and keep everything from there on. Behind it may stand whole characters, and "
                "other errors.",
                "def split_complete(data):\n    try:\n        return data.decode(), b''\n    except UnicodeDecodeError as error:\n"
                "        if error.reason == 'unexpected end of data':\n            return data[: error.start].decode(), data[error.start :]\n"
                "        if len(data) - error.start <= 3:\n            return data[: error.start].decode(), data[error.start :]\n"
                "        return data.decode('utf-8', 'replace'), b''",
            ),
            "all-high": Mistake(
                "You keep back all bytes at the end that are no ASCII. The last character may be whole.",
                "def split_complete(data):\n    keep = len(data)\n    while keep and data[keep - 1] >= 0x80:\n        keep -= 1\n"
                "    return data[:keep].decode('utf-8', 'replace'), data[keep:]",
            ),
            "stripped": Mistake(
                "You cut every replacement character off the end. One of them may stand for a byte that is no UTF-8 whatever follows.",
                "def split_complete(data):\n    text = data.decode('utf-8', 'replace').rstrip('\ufffd')\n"
                "    return text, data[len(text.encode()) :]",
            ),
            "two-bytes-back": Mistake(
                "You look at the last two bytes. The first byte of a character of four may stand three from the end.",
                swap(BY_HAND, ("for back in (1, 2, 3):", "for back in (1, 2):")),
            ),
            "strict-stream": Mistake(
                "The decoder is the right one. Without an `errors` it raises for bytes that are no UTF-8.",
                "def split_complete(data):\n    decoder = codecs.getincrementaldecoder('utf-8')()\n"
                "    return decoder.decode(data), decoder.getstate()[0]",
            ),
            "dropped": Mistake(
                "What is no UTF-8 disappears, and half a character with it: its other half will come alone.",
                "def split_complete(data):\n    return data.decode('utf-8', 'ignore'), b''",
            ),
            "ignored": Mistake(
                "Bytes that are no UTF-8 disappear. They are to be shown, as `\\ufffd`.",
                "def split_complete(data):\n    decoder = codecs.getincrementaldecoder('utf-8')('ignore')\n"
                "    return decoder.decode(data), decoder.getstate()[0]",
            ),
            "last-byte": Mistake(
                "You keep back every last byte that is no ASCII. It may be the end of a character that is whole.",
                "def split_complete(data):\n    keep = len(data) - (1 if data and data[-1] >= 0x80 else 0)\n"
                "    return data[:keep].decode('utf-8', 'replace'), data[keep:]",
            ),
            "only-the-first-byte": Mistake(
                "You keep back a byte that begins a character, but not the second or third byte of one that is still incomplete.",
                "def split_complete(data):\n    keep = len(data) - (1 if data and 0xC2 <= data[-1] < 0xF5 else 0)\n"
                "    return data[:keep].decode('utf-8', 'replace'), data[keep:]",
            ),
            "promises": Mistake(
                "Almost. You wait for as many bytes as the first one promises. Some promises are broken by the second byte "
                "already: `f4 90` and `e0 80` begin nothing, whatever follows, and should be shown.",
                swap(BY_HAND, ("if back == 1 or low <= data[1 - back] <= high:", "if True:")),
            ),
            "wrong-first": Mistake(
                "Almost. `c0`, `c1` and everything from `f5` on begin no character, so there is nothing to wait for.",
                swap(BY_HAND, ("0xC2 <= first", "0xC0 <= first"), ("0xF0 <= first < 0xF5", "0xF0 <= first")),
            ),
        },
        also=(BY_HAND,),
    ),
    "bits_per_byte": Judge(
        cases=bills,
        hints=(
            "What does the whole text cost, in nats? It is not the mean.",
            "Mean times tokens is the bill in nats. One bit is ln 2 nats.",
            "Divide by the bytes, `len(text.encode())`.",
        ),
        mistakes=with_unchecked(
            [CHECKED_TEXT],
            {
                "characters": Mistake(
                    "You divide by characters. A character of Chinese is three bytes; with bytes all languages use one measure.",
                    swap(BITS, ("len(text.encode())", "len(text)")),
                ),
                "nats": Mistake(
                    "Nats per byte. One bit is ln 2 nats.",
                    swap(BITS, (" / math.log(2)", "")),
                ),
                "times-ln-2": Mistake(
                    "Nats become bits by division: a nat is *more* than a bit, so there are more bits than nats.",
                    swap(BITS, (" / math.log(2)", " * math.log(2)")),
                ),
                "per-token": Mistake(
                    "Bits per token. With longer tokens that number rises although the text gets cheaper.",
                    swap(BITS, (" * tokens", ""), (" / len(text.encode())", "")),
                ),
                "tokens-forgotten": Mistake(
                    "The loss is the mean over tokens. How many of them does the text take?",
                    swap(BITS, (" * tokens", "")),
                ),
                "turned-round": Mistake(
                    "You have bytes over tokens. The bill is the mean *times* the tokens, and is shared by the bytes.",
                    swap(BITS, ("nats * tokens", "nats / tokens"), ("/ len(text.encode())", "* len(text.encode())")),
                ),
                "divided-by-tokens": Mistake(
                    "You divide by the tokens, and the loss is a mean already. The bill is mean *times* tokens.",
                    swap(BITS, ("nats * tokens", "nats / tokens")),
                ),
                "log-of-loss": Mistake(
                    "You take the logarithm of the loss. It is a logarithm, to another base: divide by ln 2.",
                    swap(BITS, ("nats * tokens / math.log(2)", "(math.log2(nats) if nats > 0 else 0.0) * tokens")),
                ),
                "bytes-are-bits": Mistake(
                    "You divide by 8 once more. That would be bytes for a byte.",
                    swap(BITS, ("/ len(text.encode())", "/ len(text.encode()) / 8")),
                ),
                "overflows": Mistake(
                    "Through the perplexity it overflows: e^1000 is infinite. Divide by ln 2 instead.",
                    swap(BITS, ("nats * tokens / math.log(2)", "math.log2(math.exp(nats)) * tokens")),
                ),
                "blank-is-nothing": Mistake(
                    "You refuse a text of nothing but white. A newline is a byte, and it was predicted like the others.",
                    swap(BITS, ("if not text:", "if not text.strip():")),
                ),
                "nothing-checked": Mistake(
                    "Right where there is a text. For an empty one the docstring promises a ValueError, and yours divides by zero.",
                    BITS.replace(CHECKED_TEXT, ""),
                ),
                "zero-for-nothing": Mistake(
                    "An empty text has no bytes to share the bill. That is no 0: it is a question without an answer.",
                    BITS.replace("raise ValueError(text)", "return 0.0"),
                ),
            },
        ),
        also=(
            "def bits_per_byte(nats, tokens, text):\n    size = len(text.encode('utf-8'))\n    if size == 0:\n"
            "        raise ValueError('empty')\n    return nats * math.log2(math.e) * tokens / size",
        ),
    ),
}

QUIZ = (
    Question(
        "lord",
        "With which merge does *·lord* become one symbol in the widget, and what was it one merge before?",
        (
            ("With merge 12; one before, it was *·l* and *ord*", "Merge 12 makes *·the*. Move on."),
            (
                "With merge 393; one before, *·l* and *ord*",
                "Yes. *ord* came long before, from *word* and *lord* and *order*.",
            ),
            ("With merge 393; one before, *·lor* and *d*", "The number is right. Look at the borders one step before."),
            ("With no merge; it stays *·l* and *ord* for ever", "Move further to the right."),
        ),
        right=1,
    ),
    Question(
        "glitch",
        "Why can a token be in the vocabulary and yet be a stranger to the model?",
        (
            (
                "Longer ones swallow it, or the model's text lacked it",
                "Yes: *ROSALIN* is the one kind, the user name the other.",
            ),
            (
                "Its bytes are no UTF-8, so that no text can reach it",
                "Such tokens exist and are parts of characters, seen every day.",
            ),
            (
                "Its merge was learned last, so that it is tried last",
                "Late merges are rarer. What they make is used all the same.",
            ),
            (
                "The encoder takes the longest token, and skips this one",
                "The encoder repeats merges. It does not look for the longest.",
            ),
        ),
        right=0,
    ),
    Question(
        "injection",
        "Text from a user is to go into a chat template. What keeps it from forging a turn?",
        (
            (
                "Removing `<|im_start|>` and `<|im_end|>` from the text",
                "Then nobody can talk about them, and `<|im_<|im_end|>start|>` becomes what was removed.",
            ),
            (
                "Telling the model to ignore instructions of the user",
                "It would have to know what is the user's: that is what the ids say.",
            ),
            (
                "Encoding it by itself, with no special tokens allowed",
                "Yes. No letters can make the id, so the frame cannot be forged.",
            ),
            ("Decoding the ids again and comparing the two texts", "They are the same text: you saw it."),
        ),
        right=2,
    ),
    Question(
        "compare",
        "Model A pays 1.9 nats a token and takes 1,200 tokens for a text; model B pays 2.3 and takes 900. Which predicts it better?",
        (
            (
                "A, since 1.9 nats a token are less than 2.3 nats a token",
                "B's tokens are longer. What does the whole text cost each?",
            ),
            (
                "A, since its 1,200 tokens look at the text more closely",
                "The number of tokens alone says nothing. What is the bill?",
            ),
            (
                "Neither, since losses of two vocabularies do not compare",
                "Per token they do not. Per byte, or for the whole text, they do.",
            ),
            (
                "B, since 900 times 2.3 nats are less than 1,200 times 1.9",
                "Yes: 2,070 nats against 2,280, for the same bytes.",
            ),
        ),
        right=3,
    ),
    Question(
        "exchange",
        "A year later, most users write Hindi. Why not exchange the vocabulary of the trained model for a better one?",
        (
            (
                "Old logs of ids could not be decoded by anybody any more",
                "They could, with the old vocabulary kept beside them.",
            ),
            (
                "The rows of weights belong to ids, whose meaning would change",
                "Yes. New tokens can be appended and trained; old ids must stay.",
            ),
            (
                "New merges would need the text of the model's own training",
                "Merges are learned from any text, in a second.",
            ),
            (
                "A pattern that cuts Hindi into words would have to be found",
                "GPT-2's does: `\\p{L}` is any letter of any script.",
            ),
        ),
        right=1,
    ),
)

REVIEWS = {
    "longest-match": Verdict(
        of="encode_piece",
        right=False,
        why="The text does come back: any cut of it into tokens decodes to it. That test cannot fail. But the model was trained on "
        "the cuts that the merges make, and gets others now: with the merges *bc*, then *ab*, *abc* is *a* + *bc* in training and "
        "*ab* + *c* here. Fewer tokens, and none of the ones that the weights know.",
        cases=pieces_and_ranks,
        witness=(b"abc", {(b"b", b"c"): 0, (b"a", b"b"): 1}),
    ),
    "as-characters": Verdict(
        of="merge_pair",
        right=True,
        why="A million is below the 1,114,112 that `chr` takes, `replace` goes from left to right and uses nothing twice, and the "
        "list of the caller stays as it is. Surrogates are no obstacle as long as nobody encodes the string. On lists of two or three ids, which most words are, it is no faster; that was not claimed.",
        cases=lists_of_ids,
        witness=None,
    ),
}
