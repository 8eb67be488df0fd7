"""What module 01 built, against oracles and laws.

A property names its law. The oracles are numpy, scipy and scikit-learn.
"""

import random

import numpy as np
import pytest
from built import vectors as v
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import distance

lists = st.integers(1, 40).flatmap(
    lambda n: st.tuples(*[st.lists(st.floats(-1e3, 1e3, width=32), min_size=n, max_size=n)] * 2)
)
numbers = st.floats(-100, 100, width=32)


@given(lists)
def test_dot_is_symmetric_and_equals_numpy(pair):
    a, b = pair
    assert v.dot(a, b) == v.dot(b, a)
    assert v.dot(a, b) == pytest.approx(float(np.dot(np.float64(a), np.float64(b))), rel=1e-9, abs=1e-6)


@given(lists, numbers)
def test_dot_is_linear(pair, factor):
    a, b = pair
    assert v.dot([factor * x for x in a], b) == pytest.approx(factor * v.dot(a, b), rel=1e-6, abs=1e-3)


@given(lists)
def test_norm_obeys_the_triangle_inequality_and_equals_numpy(pair):
    a, b = pair
    assert v.norm(a) == pytest.approx(float(np.linalg.norm(np.float64(a))), rel=1e-9, abs=1e-9)
    assert v.norm([x + y for x, y in zip(a, b, strict=True)]) <= v.norm(a) + v.norm(b) + 1e-6


@given(lists, st.floats(0.5, 50))
def test_cosine_ignores_length_and_equals_scipy(pair, factor):
    a, b = pair
    if min(v.norm(a), v.norm(b)) < 1e-3:
        return
    assert v.cosine(a, b) == pytest.approx(1 - distance.cosine(a, b), abs=1e-6)
    assert v.cosine([factor * x for x in a], b) == pytest.approx(v.cosine(a, b), abs=1e-6)
    assert v.cosine([-x for x in a], b) == pytest.approx(-v.cosine(a, b), abs=1e-9)
    assert abs(v.cosine(a, b)) <= 1 + 1e-9


@pytest.mark.parametrize("degrees", [0, 1, 30, 45, 60, 90, 120, 179, 180])
def test_angle_is_the_angle(degrees):
    turn = np.radians(degrees)
    assert v.angle([2, 0], [3 * np.cos(turn), 3 * np.sin(turn)]) == pytest.approx(degrees, abs=1e-5)


@pytest.mark.parametrize("function", [v.dot, v.cosine, v.angle, v.project])
def test_lists_that_do_not_fit_are_refused_with_both_lengths(function):
    with pytest.raises(ValueError, match=r"3.*2|2.*3"):
        function([1, 2, 3], [1, 2])


@given(st.lists(st.integers(-20, 20), max_size=60), st.integers(1, 70))
def test_top_k_is_a_stable_sort_cut_short(scores, k):
    assert v.top_k(scores, k) == sorted(range(len(scores)), key=lambda i: -scores[i])[:k]
    assert v.top_k(scores, k) == np.argsort(-np.array(scores, dtype=float), kind="stable")[:k].tolist()


@pytest.mark.parametrize("k", [0, -1])
def test_top_k_refuses_less_than_one(k):
    with pytest.raises(ValueError, match=str(k)):
        v.top_k([1.0], k)


@given(st.lists(st.integers(0, 9), max_size=80), st.integers(1, 6), st.integers(1, 20), st.randoms())
def test_merging_shards_is_exact_wherever_the_rows_live(scores, shards, k, rng):
    home = [rng.randrange(shards) for _ in scores]
    rank = lambda pair: (-pair[0], pair[1])  # noqa: E731
    answers = [sorted(((s, i) for i, s in enumerate(scores) if home[i] == n), key=rank)[:k] for n in range(shards)]
    assert v.merge_shards(answers, k) == sorted(((s, i) for i, s in enumerate(scores)), key=rank)[:k]


@given(lists)
@settings(max_examples=50)
def test_projection_and_rest_are_orthogonal_and_add_up(pair):
    a, onto = pair
    if v.norm(onto) < 1e-3:
        return
    along = v.project(a, onto)
    assert along + (np.array(a) - along) == pytest.approx(np.array(a))
    assert abs(v.dot(np.array(a) - along, v.unit(onto))) <= 1e-6 * (1 + v.norm(a))
    assert v.project(along, onto) == pytest.approx(along, abs=1e-6 * (1 + v.norm(a)))


def test_unit_scales_rows_and_leaves_zeros():
    table = np.array([[3.0, 4.0], [0.0, 0.0], [-2.0, 0.0]])
    assert v.unit(table).tolist() == [[0.6, 0.8], [0.0, 0.0], [-1.0, 0.0]]


def test_the_table_is_the_published_one():
    words, table = v.embeddings()
    assert table.shape == (50_000, 50) and table.dtype == np.float32
    assert words[:5] == ["the", ",", ".", "of", "to"] and len(set(words)) == len(words)
    assert v.positions()["coffee"] == words.index("coffee")
    # the first numbers of `the` in Stanford's glove.6B.50d.txt
    assert v.vector("the")[:4].tolist() == pytest.approx([0.418, 0.24968, -0.41242, 0.1217], abs=1e-5)


def test_an_unknown_word_is_named():
    with pytest.raises(ValueError, match="Coffee"):
        v.vector("Coffee")


def test_all_cosines_equal_one_by_one():
    rows = random.Random(0).sample(range(50_000), 200)
    query = v.vector("stream")
    at_once = v.cosines(query)
    assert max(abs(at_once[i] - v.cosine(v.embeddings()[1][i], query)) for i in rows) <= 1e-6


def test_a_shard_answers_with_global_rows():
    rows = np.arange(10_000, 20_000)
    query = v.vector("stream")
    near = v.cosines(query)
    answer = v.shard_answer(query, rows, 5)
    assert [row for _, row in answer] == sorted(rows.tolist(), key=lambda row: (-near[row], row))[:5]
    assert all(score == pytest.approx(near[row]) for score, row in answer)


def test_standardised_shards_really_give_another_answer():
    query = v.vector("stream")
    shards = np.array_split(np.arange(50_000), 4)
    right = v.top_k(v.cosines(query), 10)
    wrong = [row for _, row in v.merge_shards([v.standardised_answer(query, rows, 10) for rows in shards], 10)]
    assert set(right) != set(wrong)


def test_neighbours_never_return_the_word_itself():
    for word in ("coffee", "tuesday", "the"):
        found = v.neighbours(word, 7)
        assert len(found) == 7 and word not in found


def test_a_blend_starts_at_one_word_and_ends_at_the_other():
    assert [name for name, _ in v.mixture("bank", "river", 0.0)] == v.neighbours("bank", 6)
    assert v.mixture("bank", "river", 1.0)[0][0] == v.neighbours("river", 1)[0]


def test_removing_a_direction_removes_it_and_nothing_else():
    axis = v.unit(v.vector("she")) - v.unit(v.vector("he"))
    rest = v.without("nurse", "he", "she")
    assert abs(v.dot(rest, axis)) < 1e-6
    assert v.dot(v.vector("nurse") - rest, rest) == pytest.approx(0, abs=1e-5)


def test_reach_changes_sign_with_its_ends():
    assert v.reach("queen", "he", "she") == pytest.approx(-v.reach("queen", "she", "he"))


@pytest.mark.parametrize("a, b, c", [("paris", "france", "rome"), ("man", "woman", "king"), ("oslo", "norway", "lima")])
def test_analogy_is_the_best_of_all_words_but_three(a, b, c):
    target = v.unit(v.vector(b)) - v.unit(v.vector(a)) + v.unit(v.vector(c))
    ranked = [v.word_at(i) for i in np.argsort(-v.cosines(target), kind="stable")]
    assert v.arrives_at(a, b, c) == ranked[0]
    assert v.analogy(a, b, c) == next(word for word in ranked if word not in (a, b, c))


def test_hash_bits_are_those_of_sha256():
    import hashlib

    a, b = (hashlib.sha256(w.encode()).digest() for w in ("coffee", "tea"))
    agree = sum((x >> bit & 1) == (y >> bit & 1) for x, y in zip(a, b, strict=True) for bit in range(8))
    assert v.same_bits("coffee", "tea") == agree / 256
