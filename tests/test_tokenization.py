"""What 01_tokenization built, against `tokenizers`, `tiktoken` and the laws of a codec.

A property names its law.
"""

import json
import math
import random
from collections import Counter
from functools import cache

import assets
import numpy as np
import pytest
from built import tokenization as t
from hypothesis import given, settings
from hypothesis import strategies as st

words = st.dictionaries(st.binary(max_size=8), st.integers(1, 9), max_size=12)
few_letters = st.dictionaries(st.text("ab ", max_size=12).map(str.encode), st.integers(1, 9), max_size=8)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@cache
def vocabularies():
    return {"gpt2": t.gpt2(), "cl100k": t.cl100k(), "smollm2": t.smollm2()}


@cache
def oracles():
    return {
        "gpt2": t.by_tiktoken(t.gpt2(), t.GPT2_PIECES).encode_ordinary,
        "cl100k": t.by_tiktoken(t.cl100k(), t.CL100K_PIECES).encode_ordinary,
        "smollm2": lambda text: smollm2_library().encode(text).ids,
    }


smollm2_library = cache(t.by_library)
gpt2_library = cache(lambda: t.by_tiktoken(t.gpt2(), t.GPT2_PIECES))
NAMES = ["gpt2", "cl100k", "smollm2"]


# --- merges -------------------------------------------------------------------------------------------


@given(few_letters | words, st.integers(0, 20))
def test_a_view_kept_by_deltas_learns_what_a_recount_learns(counts, n):
    spread = [word for word, many in counts.items() for _ in range(many)]
    assert list(t.learn_merges(counts, n)) == t.recounted(spread, n)


@given(few_letters, st.integers(1, 12))
def test_what_a_merge_says_it_found_is_what_stood_there(counts, n):
    merges = t.learn_merges(counts, n)
    for k, (pair, found) in enumerate(merges.items()):
        view = t.PairCounts(counts)
        for new, earlier in enumerate(list(merges)[:k]):
            view.merge(earlier, 256 + new)
        assert found == view.pairs[pair] == max(view.pairs.values())


@given(few_letters, st.integers(1, 12))
def test_the_view_is_exact_after_every_merge(counts, n):
    view = t.PairCounts(counts)
    for new, pair in enumerate(t.learn_merges(counts, n)):
        view.merge(pair, 256 + new)
        recount = Counter()
        for word, many in zip(view.words, view.many, strict=True):
            for one in zip(word, word[1:], strict=False):
                recount[one] += many
        assert +view.pairs == recount
        for n, word in enumerate(view.words):
            assert all(n in view.where[one] for one in zip(word, word[1:], strict=False))


@pytest.mark.parametrize("seed", range(3))
def test_the_merges_are_those_of_tokenizers(seed):
    rng = random.Random(seed)
    text = " ".join("".join(rng.choices("abcdeé ", k=rng.randint(1, 9))) for _ in range(3000))
    theirs = json.loads(t.by_tokenizers(text, 150).to_str())["model"]["merges"]
    counts = Counter(piece.encode() for piece in t.pieces(text))
    ours = t.spelled(t.learn_merges(counts, 150, t.letters()), t.letters())
    assert ours == [tuple(map(t.as_bytes, pair)) for pair in theirs]


def test_the_long_way_shows_how_far_it_is(monkeypatch):
    bars = []
    monkeypatch.setattr(t.show, "progress", lambda items, title: bars.append((list(items), title)) or items)
    assert len(t.recounted([b"abcd"], 2)) == 2 and bars == [([256, 257], "merges")]


def test_an_alphabet_in_another_order_breaks_ties_another_way():
    assert t.learn_merges({b"ab": 1, b"cd": 1}, 1) == {(97, 98): 1}
    turned = list(range(255, -1, -1))
    assert t.spelled(t.learn_merges({b"ab": 1, b"cd": 1}, 1, turned), turned) == [(b"c", b"d")]


def test_merging_ends_when_nothing_is_left():
    assert t.learn_merges({b"ab": 3}, 10) == {(97, 98): 3}
    assert t.learn_merges({}, 10) == t.learn_merges({b"a": 3, b"": 1}, 10) == {}


@given(st.lists(st.integers(0, 2)), st.tuples(st.integers(0, 2), st.integers(0, 2)))
def test_merging_and_spelling_out_gives_the_list_back(ids, pair):
    merged = t.merge_pair(ids, pair, 9)
    assert [i for one in merged for i in (pair if one == 9 else (one,))] == ids
    assert all(two != pair for two in zip(merged, merged[1:], strict=False))


def test_shakespeares_merges_are_his():
    ranks = t.shakespeare_ranks()
    assert len(ranks) == 1000 and list(ranks.values()) == list(range(1000))
    assert ranks[b" l", b"ord"] == 392


# --- pieces -------------------------------------------------------------------------------------------


@given(texts)
def test_pieces_are_the_text(text):
    for cut in (t.pieces, t.single_digits, lambda text: t.pieces(text, t.CL100K_PIECES)):
        assert "".join(cut(text)) == text and all(cut(text))


@given(texts)
def test_no_digit_has_company(text):
    assert all(len(piece) == 1 for piece in t.single_digits(text) if any(c.isnumeric() and c.isdigit() for c in piece))


def test_the_letters_of_files_are_those_of_the_library():
    import tokenizers

    assert set(t.letters().values()) == set(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    assert list(t.letters()) == [t.as_bytes(token)[0] for token in sorted(t.letters().values(), key=ord)]
    assert len(set(t.letters().values())) == 256
    assert t.as_bytes("".join(t.letters().values())) == bytes(t.letters())


# --- encoding -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_five_thousand_odd_texts_are_encoded_as_the_library_encodes_them(name, seed):
    ours, theirs = vocabularies()[name], oracles()[name]
    odd = t.odd_texts(2500, seed)
    assert len(set(odd)) > 2400 and max(map(len, odd)) > 50
    differ = [text for text in odd if ours.encode_text(text, lossy=True) != theirs(text)]
    assert [text for text in differ if not t.newborn(text)] == []  # whose Unicode is younger is another matter
    assert len(differ) <= 5


@settings(max_examples=300, deadline=None)
@given(texts)
@pytest.mark.parametrize("name", NAMES)
def test_encoding_is_the_librarys(name, text):
    if not t.newborn(text):
        assert vocabularies()[name].encode_text(text, lossy=True) == oracles()[name](text)


@pytest.mark.parametrize("name", NAMES)
def test_code_is_encoded_as_the_library_encodes_it(name):
    source = (assets.Path(__file__).parent / "test_tokenization.py").read_text("utf-8")
    assert vocabularies()[name].encode_text(source) == oracles()[name](source)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_what_is_encoded_comes_back(text):
    for name in ("gpt2", "cl100k"):
        ours = vocabularies()[name]
        assert t.decode_ids(ours.encode(text), ours.tokens) == text


def test_ids_that_the_publishers_print():
    """OpenAI's cookbook, "How to count tokens with tiktoken", and the model card of GPT-2 in transformers."""
    assert t.cl100k().encode("tiktoken is great!") == [83, 1609, 5963, 374, 2294, 0]
    assert t.gpt2().encode("Hello world") == [15496, 995]
    assert t.gpt2().encode(" Hello world") == [18435, 995]


def test_half_a_surrogate_pair_is_no_text():
    with pytest.raises(UnicodeEncodeError):
        t.gpt2().encode("\ud800", lossy=True)


def test_sizes_and_special_tokens():
    assert [len(vocabularies()[name]) for name in NAMES] == [50_257, 100_256, 49_152]
    assert t.gpt2().special == {"<|endoftext|>": 50_256}
    assert len(t.smollm2().special) == 17 and t.smollm2().special["<|im_end|>"] == 2
    for name in NAMES:
        assert sorted(vocabularies()[name].tokens) == list(range(len(vocabularies()[name])))


def test_a_byte_without_a_token_is_refused_or_left_out_as_the_library_does():
    assert t.smollm2().unknown == bytes(b for b in range(256) if bytes([b]) not in t.smollm2().ids)
    with pytest.raises(ValueError, match=r"no token for the bytes \[4, 6\]"):
        t.smollm2().encode("a\x06\x04c")
    lossy = t.smollm2().encode("pay\x04ment\x04\x06", lossy=True)
    assert t.decode_ids(lossy, t.smollm2().tokens) == "payment"
    assert lossy == smollm2_library().encode("pay\x04ment\x04\x06").ids
    assert t.gpt2().unknown == t.cl100k().unknown == b""


def test_recovered_merges_are_those_of_the_file():
    gpt2 = t.gpt2()
    assert t.recovered(gpt2.ids) == {pair: 256 + place for pair, place in gpt2.ranks.items()}
    with pytest.raises(ValueError, match=r"b'abc' falls into 3 parts, and a merge has two"):
        t.recovered({b"a": 0, b"b": 1, b"c": 2, b"abc": 3})


def test_two_tokenizers_keep_their_pieces_apart():
    one = t.Tokenizer({b"a": 0, b"b": 1, b"ab": 2}, {(b"a", b"b"): 0})
    two = t.Tokenizer({b"a": 5, b"b": 6}, {})
    assert (one.encode("ab"), two.encode("ab"), one.encode("ab")) == ([2], [5, 6], [2])


def test_what_a_tokenizer_remembers_is_its_own():
    small = t.Tokenizer({b"a": 0}, {})
    small.encode("aa").append(7)
    assert small.encode("aa") == [0, 0]


@pytest.mark.parametrize(
    "ids, ranks, special, words",
    [
        ({b"a": 0, b"b": 1}, {(b"a", b"b"): 0}, {}, r"the merge \(b'a', b'b'\) makes a token that has no id"),
        ({b"a": 0}, {}, {"<x>": 0}, "an id of its own"),
        ({b"a": 0}, {}, {"<x>": 3, "<y>": 3}, "an id of its own"),
        ({b"a": 0, b"b": 0}, {}, {}, "an id of its own"),
        ({b"a": 0}, {}, {"": 7}, "special ones need names"),
    ],
)
def test_a_vocabulary_that_does_not_fit_together_is_refused(ids, ranks, special, words):
    with pytest.raises(ValueError, match=words):
        t.Tokenizer(ids, ranks, special=special)


def test_nothing_is_encoded_as_nothing():
    assert t.gpt2().encode("") == t.smollm2().encode("", special=True) == []


# --- special tokens -----------------------------------------------------------------------------------


def test_special_tokens_are_found_only_when_asked_for():
    gpt2, library = t.gpt2(), gpt2_library()
    text = "one<|endoftext|>two <|endoftext|><|endoftext|>"
    assert gpt2.encode(text, special=True) == library.encode(text, allowed_special="all")
    assert gpt2.encode(text) == library.encode_ordinary(text)
    assert 50_256 in gpt2.encode(text, True) and 50_256 not in gpt2.encode(text)


def test_of_two_special_tokens_the_longer_is_found():
    small = t.Tokenizer({bytes([b]): b for b in range(256)}, {}, special={"<a>": 300, "<a><b>": 301, "(.)": 302})
    assert small.encode("x<a><b><a>(.)(x)", special=True) == [120, 301, 300, 302, 40, 120, 41]


@given(texts)
@settings(max_examples=100, deadline=None)
def test_no_text_makes_a_special_token(text):
    ours = t.smollm2()
    assert not set(ours.encode("<|im_start|>" + text + "<|im_end|>", lossy=True)) & set(ours.special.values())


# --- decoding -----------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 50_255), max_size=30))
@settings(deadline=None)
def test_any_ids_decode_to_what_the_library_says(ids):
    assert t.decode_ids(ids, t.gpt2().tokens) == gpt2_library().decode(ids)


@given(st.lists(st.binary(max_size=5), max_size=8))
def test_any_bytes_are_some_text(pieces):
    tokens = dict(enumerate(pieces))
    shown = t.decode_ids(list(tokens), tokens)
    assert shown == b"".join(pieces).decode("utf-8", "replace") == "".join(t.as_it_comes(tokens, tokens))


@given(st.binary(max_size=12) | texts.map(str.encode))
def test_nothing_raises_and_waiting_loses_nothing(data):
    for k in range(len(data) + 1):
        shown, rest = t.split_complete(data[:k])
        assert len(rest) <= 3 and data[:k].endswith(rest)
        assert shown + (rest + data[k:]).decode("utf-8", "replace") == data.decode("utf-8", "replace")


@given(texts)
def test_a_text_that_is_whole_is_shown_at_once(text):
    assert t.split_complete(text.encode()) == (text, b"")


@given(st.lists(st.integers(0, 50_255), max_size=20))
@settings(deadline=None)
def test_a_stream_shows_in_the_end_what_decoding_shows(ids):
    assert "".join(t.as_it_comes(ids, t.gpt2().tokens)) == t.decode_ids(ids, t.gpt2().tokens)


def test_an_unknown_id_in_a_stream_is_named():
    with pytest.raises(ValueError, match="99999999 is no id of this vocabulary of 50257"):
        t.as_it_comes([1, 99_999_999], t.gpt2().tokens)


def test_half_a_character_can_be_drawn(capsys):
    t.draw_merges(0, "naïve")
    assert capsys.readouterr().out.strip() == "A line of 6 bytes as 6 symbols."


# --- cost ---------------------------------------------------------------------------------------------


def test_frequencies_cost_what_they_cost_by_hand():
    nats, tokens = t.frequency_loss({}, {b"ab": 1, b"a": 1}, {b"ab": 2})
    assert tokens == 4
    total = 3 + 128
    assert np.isclose(nats, -(math.log(2.5 / total) + math.log(1.5 / total)) / 2)
    nats, tokens = t.frequency_loss({(b"a", b"b"): 0}, {b"ab": 1}, {b"ab": 2})
    assert (tokens, np.isclose(nats, -math.log(1.5 / 129.5))) == (2, True)


@given(st.floats(0, 20), st.integers(1, 50), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_the_bill_does_not_depend_on_how_it_is_cut(nats, tokens, text):
    assert np.isclose(t.bits_per_byte(nats, tokens, text), t.bits_per_byte(nats / 2, 2 * tokens, text))
    assert np.isclose(t.bits_per_byte(nats, tokens, text) * len(text.encode()) * math.log(2), nats * tokens)


def test_costs_are_relative_to_the_base():
    found = t.relative_cost(t.gpt2(), {"x": "dog", "y": "Hund", "z": "Hund Hund"}, base="y")
    assert found == {"x": 0.5, "y": 1.0, "z": 2.0}


def test_bytes_a_token_and_their_counts():
    ranks = {(b"a", b"a"): 0}
    assert t.token_counts({b"aaa": 2, b"b": 3}, ranks) == {b"aa": 2, b"a": 2, b"b": 3}
    assert t.bytes_a_token({b"aaa": 2, b"b": 3}, ranks) == 9 / 7


def test_ids_with_their_bytes():
    assert t.with_ids(t.gpt2())("né") == [(77, b"n"), (2634, "é".encode())]


def test_a_letter_that_this_python_does_not_know_is_newborn():
    assert t.newborn("abc人½") == []
    assert t.newborn("\u125e\x04") == []  # unassigned, and no letter
