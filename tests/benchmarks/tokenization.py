"""What `01_tokenization` built against `tokenizers` and `tiktoken`, interleaved in one run.

    python tests/benchmarks/tokenization.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds, everybody on one thread; the ratio is ours to the named peer. The textbook's
thousand merges are extrapolated from its first twenty by the symbols that are left. Nothing is asserted.
"""

import os

import results

results.prepare()
os.environ["RAYON_NUM_THREADS"] = "1"  # `tokenizers` reads these two
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from collections import Counter  # noqa: E402

import numpy as np  # noqa: E402
from built import tokenization as t  # noqa: E402
from built.probability_and_information import text  # noqa: E402

LEARN, HELD_OUT = text()


def counted(size: int) -> Counter:
    """The pieces of so many characters, and how often each occurs."""
    return Counter(piece.encode() for piece in t.pieces(LEARN[:size]))


def training(size: int) -> dict:
    """A thousand merges of so many characters, cutting into pieces included."""
    return {
        "learn_merges": lambda: t.learn_merges(counted(size), 1000),
        "tokenizers": lambda: t.by_tokenizers(LEARN[:size], 1000),
    }


def textbook(size: int) -> dict:
    """The first twenty merges, cutting not included."""
    cut, counts = [piece.encode() for piece in t.pieces(LEARN[:size])], counted(size)
    return {"learn_merges": lambda: t.learn_merges(counts, 20), "recounted": lambda: t.recounted(cut, 20)}


def extrapolated(size: int) -> list[str]:
    """A row: all thousand merges of the textbook, by the symbols that are left, against ours."""
    times = results.interleaved({"textbook": textbook(size)["recounted"], "ours": training(size)["learn_merges"]}, 3)
    merges = t.learn_merges(counted(size), 1000)
    left = len(LEARN[:size].encode()) - np.cumsum([0, *merges.values()])[:-1]
    whole = float(np.median(times["textbook"]) * left.sum() / left[:20].sum())
    ours = float(np.median(times["ours"]))
    what = f"1,000 merges of {size:,} characters"
    return [
        what,
        "textbook, extrapolated",
        f"{whole * 1e3:.0f} ms",
        "",
        f"{whole / ours:.0f} × ours, {ours * 1e3:.0f} ms in the same run",
        "",
    ]


def encoding(ours, theirs, fresh: bool) -> object:
    """A function for `compare`: so many characters, with the memory of pieces empty (`fresh`) or full."""

    def calls(size: int) -> dict:
        def encode():
            if fresh:
                ours.of_piece.cache_clear()
            ours.encode_text(HELD_OUT[:size])

        return {"Tokenizer.encode_text": encode, "library": lambda: theirs(HELD_OUT[:size])}

    return calls


def decoding(size: int) -> dict:
    """So many tokens of GPT-2's as text."""
    ours, theirs = t.gpt2(), t.by_tiktoken(t.gpt2(), t.GPT2_PIECES)
    ids = theirs.encode_ordinary(HELD_OUT)[:size]
    return {"decode_ids": lambda: t.decode_ids(ids, ours.tokens), "tiktoken": lambda: theirs.decode(ids)}


if __name__ == "__main__":
    library = t.by_library()
    tiktoken = t.by_tiktoken(t.gpt2(), t.GPT2_PIECES).encode_ordinary
    rows = [
        *results.compare("1,000 merges of 990,000 characters", training, (99_000, 990_000), rounds=5),
        *results.compare("their first 20", textbook, (99_000, 990_000), rounds=3),
        extrapolated(990_000),
    ]
    for fresh in (True, False):
        how = "memory empty" if fresh else "memory full"
        of_gpt2 = encoding(t.gpt2(), tiktoken, fresh)
        of_smollm2 = encoding(t.smollm2(), lambda text: library.encode(text).ids, fresh)
        rows += results.compare(f"100,000 characters, GPT-2 against tiktoken, {how}", of_gpt2, (10_000, 100_000))
        rows += results.compare(f"100,000 characters, SmolLM2 against tokenizers, {how}", of_smollm2, (10_000, 100_000))
    rows += results.compare("20,000 tokens as text", decoding, (2000, 20_000))
    results.report("01_tokenization", rows)
