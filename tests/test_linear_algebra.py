"""What module 01 built, against oracles and laws.

A property names its law. The oracles are numpy, scipy and scikit-learn.
"""

import bz2
import hashlib
import lzma
import random
import re
import zlib
from collections import Counter

import assets
import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
from built import gradients as g
from built import matrices as m
from built import probability_and_information as q
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


# --- 02_matrices --------------------------------------------------------------------------------------

SIDES = st.integers(0, 6)


def of_shape(rng, *shape):
    return rng.integers(-9, 9, size=shape).astype(float)


@given(SIDES, SIDES, st.integers(0, 1000))
def test_apply_is_numpys_product_and_linear(rows, columns, seed):
    rng = np.random.default_rng(seed)
    M, x, y = of_shape(rng, rows, columns), of_shape(rng, columns), of_shape(rng, columns)
    assert np.array_equal(m.apply(M, x), M @ x)
    assert np.array_equal(m.apply(M, 3 * x + y), 3 * m.apply(M, x) + m.apply(M, y))


@pytest.mark.parametrize("M, x", [([[1, 2]], [1]), ([1, 2], [1, 2]), ([[1, 2]], [[1, 2]]), ([[1, 2]], 3)])
def test_apply_names_both_shapes(M, x):
    with pytest.raises(ValueError, match=rf"{re.escape(str(np.shape(M)))}.*{re.escape(str(np.shape(x)))}"):
        m.apply(M, x)


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6), st.integers(0, 1000))
def test_all_ways_to_multiply_are_numpys(rows, inner, columns, seed):
    rng = np.random.default_rng(seed)
    A, B = of_shape(rng, rows, inner), of_shape(rng, inner, columns)
    for way in (m.matmul_loops, m.by_columns, m.by_rows, m.by_outer, m.by_sql):
        found = way(A, B)
        assert found.shape == (rows, columns) and np.array_equal(found, A @ B), way.__name__
    for size in (1, 2, 5, 100):
        assert np.array_equal(m.matmul_tiles(A, B, size), A @ B)


@pytest.mark.parametrize("way", ["matmul_loops", "by_columns", "by_rows", "by_outer", "by_sql", "matmul_tiles"])
def test_shapes_that_do_not_fit_are_both_named(way):
    more = (2,) if way == "matmul_tiles" else ()
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(4, 5\)"):
        getattr(m, way)(np.ones((2, 3)), np.ones((4, 5)), *more)
    with pytest.raises(ValueError, match=r"\(2,\).*\(2, 2\)"):
        getattr(m, way)(np.ones(2), np.ones((2, 2)), *more)


@pytest.mark.parametrize("way", [m.matmul_loops, m.by_columns, m.by_rows, m.by_outer])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_not_multiplied_away(way, bad):
    A, B = np.zeros((2, 2)), np.array([[bad, 1.0], [1.0, 1.0]])
    with np.errstate(invalid="ignore"):
        assert np.array_equal(way(A, B), A @ B, equal_nan=True) and np.isnan(way(A, B)[0, 0])


def test_by_outer_and_tiles_leave_their_inputs():
    A, B = np.ones((3, 3)), np.ones((3, 3))
    m.by_outer(A, B), m.matmul_tiles(A, B, 2)
    assert np.array_equal(A, np.ones((3, 3))) and np.array_equal(B, np.ones((3, 3)))


@given(st.lists(st.integers(-9, 9), min_size=4, max_size=4))
def test_area_is_the_determinant_and_undo_the_inverse(numbers):
    M = np.array(numbers, float).reshape(2, 2)
    assert m.area(M) == pytest.approx(np.linalg.det(M), abs=1e-9)
    if m.area(M) == 0:
        with pytest.raises(ValueError, match=r"lie on one line") as found:
            m.undo(M)
        assert str(M[:, 0].tolist()) in str(found.value) and str(M[:, 1].tolist()) in str(found.value)
    else:
        assert np.allclose(m.undo(M), np.linalg.inv(M))
        assert np.allclose(m.undo(M) @ M, np.eye(2))


@pytest.mark.parametrize("M", [[[1, 2, 3], [4, 5, 6]], [1, 2, 3, 4], [[1]]])
def test_area_and_undo_are_of_two_by_two(M):
    for function in (m.area, m.undo):
        with pytest.raises(ValueError, match=re.escape(str(np.shape(M)))):
            function(M)


@given(st.integers(1, 6), st.integers(0, 6), st.integers(0, 1000))
def test_the_matrix_of_a_matrix_is_itself(columns, rows, seed):
    M = of_shape(np.random.default_rng(seed), rows, columns)
    found = m.matrix_of(lambda x: M @ x, columns)
    assert np.array_equal(found, M) and found.dtype == float


def test_linear_functions_are_told_from_others():
    linear = [lambda x: x[::-1], np.cumsum, lambda x: 0 * x, lambda x: x - x.mean(), lambda x: x[:2]]
    others = [np.abs, np.sort, lambda x: x + 1, lambda x: x**2, lambda x: np.maximum(x, 0), lambda x: x / abs(x).sum()]
    assert all(map(m.is_linear, linear)) and not any(map(m.is_linear, others))


def test_multiplications_count_those_of_the_loops():
    counted = 0

    class Counting(float):
        def __mul__(self, other):
            nonlocal counted
            counted += 1
            return float(self) * float(other)

    for shapes in ([(2, 3), (3, 4)], [(2, 3), (3, 4), (4, 5)], [(1, 7), (7, 1), (1, 7)]):
        counted, C = 0, [[Counting(1)] * shapes[0][1]] * shapes[0][0]
        for _, columns in shapes[1:]:
            C = [[sum(Counting(x) * 1.0 for x in row) for _ in range(columns)] for row in C]
        assert m.multiplications(*shapes) == counted
    assert m.multiplications((5, 6)) == 0
    with pytest.raises(ValueError, match=r"3 columns meet 5 rows"):
        m.multiplications((2, 3), (5, 4))


@st.composite
def specs(draw):
    """A spec of one to three arrays with lengths for its letters."""
    letters = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True))
    inputs = [draw(st.lists(st.sampled_from(letters), max_size=3)) for _ in range(draw(st.integers(1, 3)))]
    seen = sorted({letter for group in inputs for letter in group})
    output = draw(st.lists(st.sampled_from(seen), unique=True)) if seen else []
    sizes = {letter: draw(st.integers(1, 3)) for letter in seen}
    return ",".join(map("".join, inputs)) + "->" + "".join(output), [[sizes[x] for x in group] for group in inputs]


@given(specs(), st.integers(0, 1000))
def test_einsum_is_numpys(spec, seed):
    rng, (spec, shapes) = np.random.default_rng(seed), spec
    arrays = [of_shape(rng, *shape) for shape in shapes]
    assert np.array_equal(m.einsum_loops(spec, *arrays), np.einsum(spec, *arrays))


def test_einsum_takes_lists_and_small_numbers():
    assert m.einsum_loops("i,i->", [1, 2], [3, 4]) == 11
    assert m.einsum_loops("i,i->", np.array([200], np.uint8), np.array([200], np.uint8)) == 40_000


@pytest.mark.parametrize("spec", ["i->ij", "i->ii"])
def test_einsum_refuses_a_result_that_cannot_be(spec):
    with pytest.raises(ValueError, match=spec[3:]):
        m.einsum_loops(spec, np.ones(2))


def test_area_counts_small_and_large_whole_numbers_right():
    assert m.area(np.array([[1, 2], [3, 4]], np.uint8)) == -2
    assert m.area(np.diag([2**40, 2**40])) == 2.0**80
    assert np.array_equal(m.undo(np.eye(2, dtype=bool)), np.eye(2))


def test_the_kinds_of_words_are_frequent_words():
    for words in m.KINDS.values():
        assert all(v.positions()[word] < 2000 for word in words.split())


def test_einsum_names_what_does_not_fit():
    with pytest.raises(ValueError, match=r"'k' stands for 3 in one array and for 4"):
        m.einsum_loops("ik,kj->ij", np.ones((2, 3)), np.ones((4, 5)))
    with pytest.raises(ValueError, match=r"'ik' names 2 axes.*\(2, 3, 4\)"):
        m.einsum_loops("ik->i", np.ones((2, 3, 4)))


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
@settings(max_examples=40)
def test_head_scores_are_dot_products(b, t, s, h, d):
    rng = np.random.default_rng(b + 10 * t)
    Q, K = of_shape(rng, b, t, h, d), of_shape(rng, b, s, h, d)
    scores = m.head_scores(Q, K)
    for text, head, query, key in np.ndindex(b, h, t, s):
        assert scores[text, head, query, key] == v.dot(Q[text, query, head], K[text, key, head])


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_view_strides_are_numpys(shape, rng):
    axes = rng.sample(range(len(shape)), len(shape))
    for kind in (np.int8, np.float32, np.float64):
        array = np.zeros(shape, kind)
        seen = np.lib.stride_tricks.as_strided(
            array, [shape[a] for a in axes], m.view_strides(shape, axes, array.itemsize)
        )
        there = np.arange(array.size, dtype=kind).reshape(shape)
        array[...] = there
        assert np.array_equal(seen, there.transpose(axes))  # as_strided looks at the same bytes


@given(st.lists(st.integers(0, 60), max_size=80), st.integers(1, 6), st.integers(1, 5))
def test_loads_are_those_of_a_list_in_order_of_use(addresses, lines, line):
    held, fetched = [], 0
    for address in addresses:
        crate = address // line
        fetched += crate not in held
        held = [crate, *(other for other in held if other != crate)][:lines]
    assert m.loads(addresses, lines, line) == fetched
    assert m.loads(addresses, lines + 1, line) <= fetched  # LRU: more room never fetches more


@given(st.integers(1, 7), st.integers(1, 9))
def test_tiles_do_the_same_steps_in_another_order(n, size):
    assert sorted(m.trace_tiles(n, size)) == sorted(m.trace_loops(n))
    assert list(m.trace_tiles(n, n)) == list(m.trace_loops(n))


def test_the_loops_visit_what_the_trace_says(monkeypatch):
    class Told(np.ndarray):
        def __getitem__(self, place):
            seen.append(self.begins + place[0] * n + place[1])
            return float(super().__getitem__(place))

    n, seen = 3, []
    A, B = (np.ones((n, n)).view(Told) for _ in range(2))
    A.begins, B.begins = 0, n * n
    monkeypatch.setattr(m, "fitting", lambda A, B: (A, B))  # as it is, it would make plain arrays of them
    m.matmul_loops(A, B)
    assert seen == [place for place in m.trace_loops(n) if place < 2 * n * n]


def test_speeds_count_two_operations_a_step(monkeypatch):
    monkeypatch.setattr(m, "seconds", lambda *ways, rounds: [0.5 for way in ways if way() is not None])
    assert m.speeds(100, np.matmul, m.by_outer) == [2 * 100**3 / 0.5 / 1e9] * 2


@given(st.integers(1, 99), st.integers(1, 99), st.integers(1, 99), st.sampled_from([1, 2, 4, 8]))
def test_bytes_are_those_of_the_arrays(rows, inner, columns, itemsize):
    kind = {1: np.int8, 2: np.float16, 4: np.float32, 8: np.float64}[itemsize]
    flops, moved = m.flops_and_bytes(rows, inner, columns, itemsize)
    arrays = [np.zeros(shape, kind) for shape in ((rows, inner), (inner, columns), (rows, columns))]
    assert moved == sum(array.nbytes for array in arrays)
    assert flops == 2 * m.multiplications((rows, inner), (inner, columns))
    assert m.intensity(rows, inner, columns, itemsize) == pytest.approx(flops / moved, abs=6e-4)


def test_the_roof_rises_and_then_is_flat():
    assert [m.attainable(x, peak=100, bandwidth=20) for x in (0, 1, 5, 6, 1e6)] == [0, 20, 100, 100, 100]


def test_the_machine_and_the_runs_are_measured_as_they_say(monkeypatch):
    monkeypatch.setattr(m, "seconds", lambda *calls, rounds=5: [2.0 for call in calls if call() is None or True])
    made = m.machine.__wrapped__()
    assert made == {"peak": 2 * 1536**3 / 2 / 1e9, "bandwidth": 2 * 96e6 / 2 / 1e9}
    for name, x, rate in m.runs.__wrapped__():
        shape = (50_000, 50, 1) if name == "search" else (2048, 2048, int(name.removeprefix("layer, ")))
        assert x == m.intensity(*shape) and rate == m.flops_and_bytes(*shape)[0] / 2 / 1e9


@given(st.integers(1, 5), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 12))
def test_shards_give_the_whole(batch, width, hidden, out, workers):
    rng = np.random.default_rng(width)
    X, W1, W2 = of_shape(rng, batch, width), of_shape(rng, width, hidden), of_shape(rng, hidden, out)
    by_columns, by_rows = m.by_column_shards(X, W1, workers), m.by_row_shards(X, W1, workers)
    assert len(by_columns) == len(by_rows) == workers
    assert np.array_equal(np.hstack(by_columns), X @ W1) and np.array_equal(sum(by_rows), X @ W1)
    exchange = m.Exchange()
    assert np.array_equal(m.two_layers(X, W1, W2, workers, exchange), np.maximum(X @ W1, 0) @ W2)
    assert (exchange.calls, exchange.numbers) == (1, batch * out)
    assert np.array_equal(exchange.gather(by_columns), X @ W1)
    assert (exchange.calls, exchange.numbers) == (2, batch * out + by_columns[0].size)


# --- 06_gradients -------------------------------------------------------------------------------------


@given(st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_nudges_find_the_slopes_that_torch_finds(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 4, size=rng.integers(0, 4)))
    x, weights = rng.normal(size=shape), torch.tensor(rng.normal(size=shape))

    def f(x):
        x = torch.as_tensor(x)
        return (weights * torch.sin(x)).sum() * torch.exp(-(x**2).mean())

    [exact] = g.by_torch(f, x)
    found = g.numerical_gradient(lambda x: f(x).item(), x)
    assert found.shape == shape and np.allclose(found, exact, atol=1e-8)
    assert g.gradient_check(lambda x: f(x).item(), x, exact, seed) < 1e-6
    wrong = exact + np.where(np.arange(exact.size).reshape(shape) == 0, 1.0, 0.0)
    assert g.gradient_check(lambda x: f(x).item(), x, wrong, seed) > 1e-5


def test_a_numerical_gradient_leaves_its_input():
    x = np.array([[1.0, 2.0]])
    g.numerical_gradient(lambda x: x.sum(), x)
    assert np.array_equal(x, [[1.0, 2.0]])
    assert g.numerical_gradient(lambda x: x[0] ** 2, [3]).tolist() == pytest.approx([6.0])


def test_slope_misses_by_h_squared():
    missed = [abs(g.slope(np.exp, 0.0, h) - 1) for h in (1e-2, 1e-3)]
    assert missed[0] / missed[1] == pytest.approx(100, rel=0.01) and missed[0] == pytest.approx(1e-4 / 6, rel=0.01)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_jacobians_of_a_chain_multiply(a, b, c, seed):
    rng = np.random.default_rng(seed)
    A, B, x = rng.normal(size=(b, a)), rng.normal(size=(c, b)), rng.normal(size=a)
    inner, outer = (lambda x: np.tanh(A @ x)), (lambda x: np.sin(B @ x))
    chained = g.jacobian(outer, inner(x)) @ g.jacobian(inner, x)
    assert np.allclose(g.jacobian(lambda x: outer(inner(x)), x), chained, atol=1e-7)
    exact = torch.autograd.functional.jacobian(lambda x: torch.tanh(torch.tensor(A) @ x), torch.tensor(x))
    assert np.allclose(g.jacobian(inner, x), exact, atol=1e-8)


def test_the_diamond_and_the_polar_map_are_what_they_say():
    assert g.slope(g.diamond, 2.0) == pytest.approx(9 * 2.0**2) and g.slope(g.diamond, -1.0) == pytest.approx(9)
    assert np.allclose(g.polar([2.0, np.pi / 2]), [0, 2])


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), st.integers(0, 100))
@settings(deadline=None)
def test_the_vjps_are_those_of_torch(rows, inner, columns, seed):
    rng = np.random.default_rng(seed)
    A, B, G = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns)), rng.normal(size=(rows, columns))
    worth = torch.tensor(G)
    for ours, theirs in zip(g.matmul_vjp(A, B, G), g.by_torch(lambda A, B: (worth * (A @ B)).sum(), A, B), strict=True):
        assert np.allclose(ours, theirs, rtol=0, atol=1e-12)
    [theirs] = g.by_torch(lambda b: (worth * (torch.zeros(rows, columns) + b)).sum(), G[0])
    assert np.allclose(g.bias_vjp(G), theirs)
    P = rng.normal(size=(rows, columns))
    [theirs] = g.by_torch(lambda P: (worth * P.clip(0)).sum(), P)
    assert np.allclose(g.relu_vjp(P, G), theirs)
    [theirs] = g.by_torch(lambda P: ((P - worth) ** 2).mean(), P)
    assert np.allclose(g.mse_vjp(P, G), theirs)


@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 5), st.integers(1, 3), st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_the_network_is_pulled_back_as_torch_does(rows, width, hidden, out, seed):
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(rows, width)), rng.normal(size=(rows, out))
    given = rng.normal(size=(width, hidden)), rng.normal(size=hidden), rng.normal(size=(hidden, out))
    theirs = g.by_torch(lambda *w: g.network_loss(torch.tensor(X), torch.tensor(Y), *w), *given)
    for one, other in zip(g.network_gradients(X, Y, *given), theirs, strict=True):
        assert one.shape == other.shape and np.allclose(one, other, rtol=0, atol=1e-10)


def test_a_gradient_of_another_shape_is_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        g.gradient_check(lambda x: x.sum(), np.ones(3), np.ones(2))
    assert g.gradient_check(lambda x: 0.0, np.ones(3), np.zeros(3)) == 0


def test_the_loss_of_the_words_its_gradient_and_its_curvature_agree():
    w = np.random.default_rng(5).normal(size=51)
    X, y, X_other, y_other = g.task()
    assert g.loss(w) == pytest.approx(((X @ w - y) ** 2).sum() / len(y))
    assert np.allclose(g.loss_gradient(w), g.numerical_gradient(g.loss, w), rtol=1e-6, atol=1e-6)
    step = np.random.default_rng(6).normal(size=51)
    assert np.allclose(g.loss_gradient(w + step) - g.loss_gradient(w), g.hessian() @ step)
    assert (X[:, -1] == 1).all() and (X_other[:, -1] == 1).all() and len(set(y) | set(y_other)) == 4000
    rows = np.rint(10**y).astype(int) - 1
    assert np.array_equal(X[:, :50].astype(np.float32), v.embeddings()[1][rows])
    assert not np.allclose(g.best_weights(), 0) and np.allclose(g.loss_gradient(g.best_weights()), 0, atol=1e-9)


@given(st.lists(st.floats(0.01, 50), min_size=1, max_size=5), st.integers(0, 100))
def test_just_below_the_largest_step_comes_in_and_just_above_runs_away(curvatures, seed):
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(curvatures),) * 2))
    H = turn @ np.diag(curvatures) @ turn.T
    H, start = (H + H.T) / 2, turn.sum(axis=1)
    limit = g.largest_stable_step(H)
    assert limit == pytest.approx(2 / max(curvatures))
    below, above = (np.linalg.norm(g.descend(lambda x: H @ x, start, share * limit, 400)[-1]) for share in (0.98, 1.02))
    assert below <= np.linalg.norm(start) * 1.000001 and above > 100 * np.linalg.norm(start) / len(curvatures)


@pytest.mark.parametrize(
    ("H", "word"),
    [
        ([[1.0, 2.0], [0.0, 1.0]], "symmetric"),
        ([[1e-9, 5e-9], [0.0, 1e-9]], "symmetric"),
        (np.ones((2, 3)), "square"),
        ([1.0], "square"),
        (np.ones((0, 0)), "square"),
        ([[np.inf, 0], [0, 1.0]], "finite"),
        ([[np.nan, 0], [0, 1.0]], "finite"),
        ([[1.0, 0.0], [0.0, -1.0]], "curves downwards"),
        (np.diag([1e-12, -1e-13]), "curves downwards"),
        (np.diag([1.0, -1.5e-9]), "curves downwards"),
    ],
)
def test_what_is_no_bowl_has_no_stable_step(H, word):
    with pytest.raises(ValueError, match=word):
        g.largest_stable_step(H)


def test_less_than_a_billionth_is_rounding():
    assert g.largest_stable_step(np.diag([1.0, -0.9e-9])) == 2


def test_shapes_that_do_not_fit_are_refused_on_the_way_back():
    with pytest.raises(ValueError, match=r"\(3, 4\).*\(5, 2\)"):
        g.matmul_vjp(np.ones((3, 4)), np.ones((5, 2)), np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"\(4, 1\).*\(4,\)"):
        g.mse_vjp(np.ones((4, 1)), np.ones(4))
    with pytest.raises(ValueError, match="-1"):
        g.descend(lambda x: x, [1.0], 0.1, -1)


def test_a_gradient_that_writes_into_its_input_does_not_rewrite_the_way():
    assert np.allclose(g.descend(lambda x: np.multiply(x, 2, out=x), [1.0], 0.25, 2).ravel(), [1, 0.5, 0.25])


def test_what_everybody_shares_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        g.task()[0][0, 0] = 1


def test_torch_is_asked_about_inputs_that_do_not_matter():
    assert [x.tolist() for x in g.by_torch(lambda a, b: (a * a).sum(), [3.0], [1.0])] == [[6.0], [0.0]]
    assert g.by_torch(lambda a: (a * a).sum(), [0.1])[0].tolist() == [0.2]  # a list is taken in 64 bits as well


@given(st.sampled_from([0.0, 0.5, 0.9]), st.floats(0.01, 0.2), st.integers(0, 50))
@settings(deadline=None)
def test_descent_is_torchs(momentum, step, seed):
    rng = np.random.default_rng(seed)
    start, scale = rng.normal(size=3), torch.tensor(rng.uniform(0.1, 3, size=3))
    x = torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=step, momentum=momentum)
    theirs = [start]
    for _ in range(10):
        optimizer.zero_grad()
        (scale * x**2).sum().backward()
        optimizer.step()
        theirs.append(x.detach().numpy().copy())
    ours = g.descend(lambda x: 2 * scale.numpy() * x, start, step, 10, momentum)
    assert np.allclose(ours, theirs)


@pytest.mark.parametrize("momentum", [-0.1, 1.0, 1.5, float("nan")])
def test_a_momentum_that_never_ends_is_refused(momentum):
    with pytest.raises(ValueError, match=re.escape(str(momentum))):
        g.descend(lambda x: x, [1.0], 0.1, 1, momentum)


def test_steps_needed_counts_steps():
    step = 0.9 * g.largest_stable_step(g.hessian())
    needed = g.steps_needed(step, 0.5)
    places = g.descend(g.loss_gradient, np.zeros(51), step, needed, 0.5)
    assert g.loss(places[-1]) <= 1.01 * g.loss(g.best_weights()) < g.loss(places[-2])
    assert g.steps_needed(step, 0.5, most=needed - 1) is None


def test_what_was_learned_holds_on_words_that_were_not_seen():
    _, y, X_other, y_other = g.task()
    error = lambda guess: ((guess - y_other) ** 2).mean()  # noqa: E731
    assert error(X_other @ g.learned()) < error(np.full(1000, y.mean())) / 10
    asked = [v.word_at(row) for row in range(1000, 50_000, 700)]
    guessed = [g.guessed_place(word) for word in asked]
    assert all(type(place) is int for place in guessed)
    exact = [10 ** (np.append(v.vector(word), 1.0) @ g.learned()) for word in asked]
    assert np.allclose(guessed, exact, atol=0.5)
    assert np.corrcoef(np.log(guessed), np.log(range(1001, 50_001, 700)))[0, 1] > 0.9


def test_the_price_is_in_losses(monkeypatch):
    monkeypatch.setattr(g, "seconds", lambda *calls, rounds: [[call() for call in calls] and 3.0, 5.0])
    assert g.price(3) == (16 * 3 + 3 + 3 * 4, 1.7, 2 * 63)


def test_the_surfaces_have_the_curvatures_that_the_page_says():
    for name, curvatures in {"bowl": [1, 1], "ravine": [1, 20], "saddle": [-1, 1]}.items():
        f = g.SURFACES[name]
        H = g.jacobian(lambda p, f=f: g.numerical_gradient(f, p, h=1e-3), np.array([0.3, -0.4]), h=1e-3)
        assert np.allclose(np.linalg.eigvalsh((H + H.T) / 2), curvatures, atol=1e-5)
    bend = g.SURFACES["bend"]
    assert bend([1.0, 1.0]) == 0 and bend([0.0, 2.0]) == 8.5 and bend([3.0, 9.0]) == 2 and bend([3.0, 8.0]) == 4


# --- 07_probability_and_information -------------------------------------------------------------------

PROBABILITIES = st.floats(0, 1)
BYTES = st.deferred(lambda: st.text(q.alphabet(), max_size=25))  # of Shakespeare, once he is here


@st.composite
def distributions(draw, n=None):
    weights = draw(st.lists(st.integers(0, 20), min_size=n or 1, max_size=n or 8).filter(any))
    return np.array(weights) / sum(weights)


def test_the_split_is_the_one_that_everybody_uses():
    learn, held_out = q.text()
    assert learn + held_out == assets.shakespeare()[:1_100_000] and len(held_out) == 110_000
    found = hashlib.sha256(held_out.encode()).hexdigest()
    assert found == "8650f6543fa32cd08cb48391ecf1fef53b39971143a8aed6cc850e373307b4f8", (
        "the held-out text is a constant: every number of the course refers to it"
    )
    assert set(learn) | set(held_out) == set(q.alphabet()) and len(q.alphabet()) == 72


@given(st.text("ab", max_size=40), st.text("ab", min_size=1, max_size=3))
def test_followers_are_those_of_a_search_that_overlaps(text, history):
    found = Counter(m[1] for m in re.finditer(rf"(?={history}(.))", text))
    assert q.followers(history, text) == found


@given(PROBABILITIES, PROBABILITIES, PROBABILITIES)
def test_bayes_is_a_ratio_of_counted_worlds(prior, if_true, if_false):
    true, false = prior * if_true, (1 - prior) * if_false
    if true + false == 0:
        with pytest.raises(ValueError, match="no way"):
            q.posterior(prior, if_true, if_false)
    else:
        assert q.posterior(prior, if_true, if_false) == pytest.approx(true / (true + false))


@pytest.mark.parametrize("given", [(-0.1, 0.5, 0.5), (0.5, 1.5, 0.5), (0.5, 0.5, float("nan"))])
def test_what_is_no_probability_is_named(given):
    with pytest.raises(ValueError, match=r"must be a probability.*(-0.1|1.5|nan)"):
        q.posterior(*given)


@given(distributions(6), distributions(6))
def test_entropies_are_scipys_and_obey_gibbs(p, other):
    assert q.entropy(p) == pytest.approx(scipy.stats.entropy(p, base=2), abs=1e-12)
    assert 0 <= q.entropy(p) <= np.log2(6) + 1e-12
    divergence = scipy.stats.entropy(p, other, base=2)
    assert q.cross(p, other) - q.entropy(p) == pytest.approx(divergence, abs=1e-9)
    assert q.cross(p, other) >= q.entropy(p) - 1e-12 and q.cross(p, p) == pytest.approx(q.entropy(p))


@pytest.mark.parametrize("p", [[0.5, 0.6], [1.5, -0.5], [0.5, float("nan")]])
def test_what_is_no_distribution_has_no_entropy(p):
    with pytest.raises(ValueError, match="one in all"):
        q.entropy(p)


def test_surprise_of_certainty_is_no_minus_zero_and_of_never_infinite():
    assert str(q.surprise(1.0)) == "0.0" and q.surprise(0.0) == np.inf


@given(st.text("abc", min_size=4, max_size=60), st.integers(1, 4))
def test_counts_of_a_string_are_the_sum_of_those_one_longer(text, longest):
    counts = q.counts_of(text, longest)
    for known, count in counts.items():
        if len(known) < longest:
            assert count == sum(counts[known + c] for c in "abc")
    assert counts[""] == len(text) - longest + 1


@given(st.text("abc", min_size=6, max_size=60), st.text("abcz", max_size=2), st.floats(0.1, 100))
def test_the_smoothed_probabilities_are_a_distribution(text, history, strength):
    counts = q.counts_of(text, 3)
    p = [q.probability(c, history, counts, strength) for c in q.alphabet()]
    assert min(p) > 0 and sum(p) == pytest.approx(1)


def test_much_strength_believes_the_shorter_history_and_little_the_longer():
    counts = q.counted()
    weak, strong = (q.probability("u", "q", counts, s) for s in (1e-9, 1e15))
    assert weak == pytest.approx(counts["qu"] / counts["q"]) and strong == pytest.approx(1 / 72, rel=1e-3)


def test_distribution_and_surprises_say_the_same():
    words = "What light through yonder"
    for n in (1, 2, 6):
        p = [q.distribution(words[:at], n)[q.alphabet().index(c)] for at, c in enumerate(words)]
        assert np.allclose(q.surprises(words, q.counted(), n, q.STRENGTH), -np.log2(p))


def test_the_ladder_is_what_later_models_have_to_beat():
    ladder = [q.held_out_surprises(n).mean() for n in range(1, 7)]
    assert ladder == sorted(ladder, reverse=True)
    assert ladder == pytest.approx([4.774, 3.672, 3.047, 2.667, 2.511, 2.457], abs=1e-3)


def test_the_strength_is_the_best_of_those_tried_on_the_validation_part():
    learn = q.text()[0]
    counts = q.counts_of(learn[:891_000])
    tried = {s: q.surprises(learn[891_000:931_000], counts, 6, s).mean() for s in (8, 16, 32, 64, 128)}
    assert min(tried, key=tried.get) in (16, 32, 64)
    assert tried[q.STRENGTH] < min(tried.values()) + 0.02


def test_draws_come_as_often_as_they_should():
    p, rng = np.array([0.1, 0.0, 0.6, 0.3]), np.random.default_rng(0)
    counts = np.bincount([q.draw(p, rng) for _ in range(20_000)], minlength=4)
    assert counts[1] == 0 and scipy.stats.chisquare(counts[[0, 2, 3]], 20_000 * p[[0, 2, 3]]).pvalue > 0.001
    last = type("Last", (), {"random": lambda self: 1 - 2**-53})()  # the largest dart that can be thrown
    assert q.draw([0.1] * 10 + [0.0], last) == 9
    with pytest.raises(ValueError, match="one in all"):
        q.draw([], rng)


def test_what_is_written_is_the_same_again_and_made_of_the_alphabet():
    written = q.write(3, length=40, seed=5)
    assert written == q.write(3, length=40, seed=5) != q.write(3, length=40, seed=6)
    assert len(written) == 40 and set(written) <= set(q.alphabet())


@given(BYTES)
@settings(max_examples=60, deadline=None)
def test_whatever_is_encoded_is_decoded(message):
    code, digits = q.encode(message)
    assert q.decode(code, digits, len(message)) == message
    assert 0 <= code < 2**digits or message == ""
    exact = sum(16 - np.log2(q.slots(message[:at])[q.alphabet().index(c)]) for at, c in enumerate(message))
    assert digits < exact + 2.01
    assert exact <= q.surprises(message, q.counted(), 6, q.STRENGTH).sum() + 0.05 * len(message) + 0.01


def test_what_no_play_has_cannot_be_encoded():
    with pytest.raises(ValueError, match="'€'"):
        q.encode("To be €")


@given(st.deferred(lambda: st.text(q.alphabet(), max_size=12)))
@settings(max_examples=30, deadline=None)
def test_slots_add_up_and_leave_nobody_out(history):
    parts = q.slots(history)
    assert sum(parts) == 65_536 and min(parts) >= 1 and len(parts) == 72
    assert np.abs(np.array(parts) / 65_536 - q.distribution(history)).max() < 2e-3


@pytest.mark.parametrize("name, expand", [("zlib", zlib.decompress), ("bz2", bz2.decompress), ("xz", lzma.decompress)])
def test_the_compressors_are_those_of_the_library(monkeypatch, name, expand):
    seen = []
    monkeypatch.setattr(q, "len", lambda data: seen.append(data) or len(data), raising=False)
    assert q.compressed(name, b"to be or not " * 50) == len(seen[-1]) < 100
    assert expand(seen[-1]) == b"to be or not " * 50


@given(
    st.lists(st.lists(st.floats(-800, 800), min_size=3, max_size=3), min_size=1, max_size=4),
    st.sampled_from([0, 1, -1]),
)
def test_softmax_is_scipys_and_shifts_do_not_matter(logits, axis):
    found = q.softmax(logits, axis=axis)
    assert np.allclose(found, scipy.special.softmax(np.array(logits), axis=axis), atol=1e-15)
    assert np.allclose(q.softmax(np.array(logits) + 100, axis=axis), found, atol=1e-9)
    assert np.allclose(found.sum(axis=axis), 1)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=6), st.floats(0.05, 20))
def test_temperature_is_softmax_of_less_or_more(logits, temperature):
    p = q.at_temperature(logits, temperature)
    assert np.allclose(p, scipy.special.softmax(np.array(logits) / temperature))
    assert q.entropy(p) <= q.entropy(q.at_temperature(logits, 2 * temperature)) + 1e-9


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_no_temperature_is_refused(temperature):
    with pytest.raises(ValueError, match="above 0"):
        q.at_temperature([1.0], temperature)


@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 100))
@settings(deadline=None)
def test_losses_and_their_gradients_are_torchs(rows, width, seed):
    rng = np.random.default_rng(seed)
    z, targets, worth = 5 * rng.normal(size=(rows, width)), rng.integers(0, width, rows), rng.normal(size=(rows, width))
    loss = lambda z: torch.nn.functional.cross_entropy(torch.as_tensor(z), torch.tensor(targets))  # noqa: E731
    assert q.cross_entropy(z, targets) == pytest.approx(loss(z).item())
    assert np.allclose(q.cross_entropy_gradient(z, targets), g.by_torch(loss, z)[0], atol=1e-12)
    [theirs] = g.by_torch(lambda z: (torch.tensor(worth) * torch.softmax(z, -1)).sum(), z)
    assert np.allclose(q.softmax_vjp(q.softmax(z), worth), theirs, atol=1e-12)


@pytest.mark.parametrize("n", [0, 7])
def test_memories_that_are_not_counted_are_refused(n):
    for call in (lambda: q.distribution("lo, what", n), lambda: q.surprises("lo", q.counted(), n, 32)):
        with pytest.raises(ValueError, match=rf"1 to 6.*{n}"):
            call()


@pytest.mark.parametrize(
    ("logits", "targets"),
    [([[0.0, 1.0]], [-1]), ([[0.0, 1.0]] * 3, [0]), ([[0.0, 1.0]], [[0]]), (np.zeros((0, 2)), [])],
)
def test_the_gradient_refuses_what_the_loss_refuses(logits, targets):
    for function in (q.cross_entropy, q.cross_entropy_gradient):
        with pytest.raises(ValueError, match="targets"):
            function(logits, np.array(targets, dtype=int))


def test_distributions_of_other_lengths_are_not_compared():
    with pytest.raises(ValueError, match="2 numbers.*3"):
        q.cross([0.5, 0.5], [0.5, 0.25, 0.25])


def test_neighbours_are_alike_or_not():
    rng = np.random.default_rng(0)
    assert abs(q.alike(rng.normal(size=5000))) < 0.05 and q.alike(np.cumsum(rng.normal(size=5000))) > 0.9
    assert len(q.passage(rng, 50)) == 50


def test_percentiles_of_both_services_are_those_of_the_sums():
    times = np.array([[1.0] * 99 + [100.0], [100.0] + [1.0] * 99])
    assert q.p99s(times) == [round(np.percentile(t, 99)) for t in (times[0], times[1], times[0] + times[1])]


def test_the_vjp_of_softmax_takes_lists():
    assert q.softmax_vjp([0.5, 0.5], [1.0, 0.0]).tolist() == [0.25, -0.25]
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        q.softmax_vjp([0.5, 0.5], [1.0, 0.0, 2.0])


def test_bits_per_char_does_not_depend_on_the_pieces():
    pieces = [1.0, 2.0, 3.0, 4.0]
    assert q.bits_per_char(pieces, 7) == pytest.approx(q.bits_per_char([sum(pieces[:2]), sum(pieces[2:])], 7))
    assert q.bits_per_char([np.log(2)] * 8, 8) == pytest.approx(1)


def test_the_bootstrap_is_scipys():
    values = np.random.default_rng(1).exponential(size=60)
    theirs = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=0
    ).confidence_interval
    assert q.bootstrap(values, rounds=20_000) == pytest.approx((theirs.low, theirs.high), abs=0.02)
    assert q.bootstrap(values, level=0.5)[0] > q.bootstrap(values)[0]


def test_intervals_hold_the_truth_as_often_as_they_claim():
    rng, held = np.random.default_rng(0), 0
    for trial in range(400):
        low, high = q.bootstrap(rng.normal(3, 2, size=200), rounds=200, seed=trial)
        held += low <= 3 <= high
    assert 0.91 < held / 400 < 0.98


def test_coverage_counts_intervals_that_hold_the_mean_of_the_world():
    truth = q.held_out_surprises(6).mean()
    assert q.coverage(lambda rng: np.array([truth - 1, truth + 1]), trials=5) == 1
    assert q.coverage(lambda rng: np.array([truth + 1, truth + 2]), trials=5) == 0


def test_blocks_keep_the_mean_and_drop_the_rest():
    values = np.arange(1_003.0)
    blocks = q.blocks_of(values)
    assert len(blocks) == 2 and blocks.mean() == values[:1000].mean()
    assert q.blocks_of(values, 10)[3] == values[30:40].mean()
