"""What module 02 built, against oracles and laws.

A property names its law. The oracles are scipy, scikit-learn and torch.
"""

import ast
import copy
import inspect
import itertools
import json
import math
import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import micrograd.engine
import numpy as np
import pytest
import scipy.special
import torch
import torch.nn.functional as F
from built import autograd as a
from built import deep_and_stable as ds
from built import digits as d
from built import language_models as lm
from built import neuron as n
from built import probability_and_information as pi
from built import pytorch as p
from built.autograd import Tensor
from built.digits import weights_of
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

# --- 01_neuron ----------------------------------------------------------------------------------------


def separable(seed, gap=0.3, size=60):
    """Points of the plane with a gap around a line: (X, t, the line's normal of length 1)."""
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=2)
    normal /= np.linalg.norm(normal)
    X = rng.uniform(-2, 2, size=(4 * size, 2))
    X = X[np.abs(X @ normal) > gap][:size]
    return X, np.sign(X @ normal), normal


@pytest.mark.parametrize("seed", range(12))
def test_the_perceptron_ends_within_its_bound_where_a_line_divides(seed):
    X, t, normal = separable(seed)
    w, b, mistakes = n.perceptron(X, t, rounds=10_000)
    assert mistakes[-1] == 0 and (t * (X @ w + b) > 0).all()
    with_one = np.hstack([X, np.ones((len(X), 1))])  # the bias is the weight of a one
    gap = (t * (with_one @ np.append(normal, 0))).min()
    assert sum(mistakes) <= (np.linalg.norm(with_one, axis=1).max() / gap) ** 2


def test_the_perceptron_stops_after_its_rounds_where_no_line_divides():
    X, t = n.irises(1, 2)
    assert len(n.perceptron(X, t, rounds=7)[2]) == 7 and n.perceptron(X, t, rounds=7)[2][-1] > 0


def test_targets_are_plus_or_minus_one():
    for t in ([1.0, 0.0], [0], [1.0]):
        with pytest.raises(ValueError, match="2 examples"):
            n.perceptron(np.ones((2, 1)), t)


@pytest.mark.parametrize("pair", [(0, 5), (1, 1), (-1, 2)])
def test_species_that_there_are_not_are_refused(pair):
    with pytest.raises(ValueError, match=f"{pair[0]} and {pair[1]}"):
        n.irises(*pair)


def test_bytes_and_lists_of_answers_are_taken_as_floats():
    y = np.array([1, 0], np.uint8)
    X, w = np.array([[1.0], [2.0]]), np.array([0.5])
    assert n.logistic_loss(w, 0.1, X, y) == n.logistic_loss(w, 0.1, X, [1.0, 0.0])
    assert n.costs([0.2, 0.9], [1, 0], 0.5).tolist() == [20, 1]


@pytest.mark.parametrize("one, other", [(0, 1), (1, 2), (2, 0)])
def test_irises_are_those_of_fisher(one, other):
    from sklearn.datasets import load_iris

    X, t = n.irises(one, other)
    found = load_iris()
    assert X.shape == (100, 2) and (t == 1).sum() == (t == -1).sum() == 50
    for sign, species in ((1, other), (-1, one)):
        assert np.array_equal(
            np.sort(X[t == sign], axis=0), np.sort(found.data[found.target == species][:, 2:], axis=0)
        )


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=8))
def test_sigmoid_is_scipys_and_its_own_mirror(z):
    with np.errstate(over="raise", invalid="raise"):
        found = n.sigmoid(z)
    assert np.allclose(found, scipy.special.expit(z), rtol=1e-12, atol=1e-300)
    assert np.allclose(found + n.sigmoid(-np.array(z)), 1)
    assert type(n.sigmoid(z[0])) is float


def test_the_parts_of_the_tumours_are_apart_and_scaled_by_the_learning_part_alone():
    from sklearn.datasets import load_breast_cancer

    parts = n.tumours()
    X, y = parts["learn"]
    assert np.allclose(X.mean(axis=0), 0, atol=1e-9) and np.allclose(X.std(axis=0), 1)
    assert not np.allclose(parts["measure"][0].mean(axis=0), 0, atol=1e-3)
    found = load_breast_cancer()
    everything = np.vstack([X for X, _ in parts.values()])
    assert len({tuple(row) for row in everything}) == len(found.data) == 569
    order = np.random.default_rng(0).permutation(569)
    rows = found.data[order[:300]]
    assert np.allclose(everything, (found.data[order] - rows.mean(axis=0)) / rows.std(axis=0))
    assert np.array_equal(np.concatenate([y for _, y in parts.values()]), found.target[order] == 0)
    with pytest.raises(ValueError, match="read-only"):
        X[0, 0] = 1


@given(st.integers(1, 8), st.integers(1, 4), st.floats(0, 2), st.integers(0, 100))
@settings(max_examples=50, deadline=None)
def test_loss_and_gradient_are_torchs(rows, width, alpha, seed):
    rng = np.random.default_rng(seed)
    X, y = 3 * rng.normal(size=(rows, width)), rng.integers(0, 2, rows).astype(float)
    w, b = (
        torch.tensor(rng.normal(size=width), requires_grad=True),
        torch.tensor(rng.normal(), dtype=torch.float64, requires_grad=True),
    )
    z = torch.tensor(X) @ w + b
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(y)) + alpha / 2 * (w**2).sum()
    loss.backward()
    given_ = w.detach().numpy(), b.item(), X, y, alpha
    assert n.logistic_loss(*given_) == pytest.approx(loss.item())
    of_w, of_b = n.logistic_gradient(*given_)
    assert np.allclose(of_w, w.grad.numpy(), atol=1e-12) and of_b == pytest.approx(b.grad.item(), abs=1e-12)


@pytest.mark.parametrize("y", [np.ones(2), np.array([1.0, -1.0, 0.0]), np.ones((3, 1))])
def test_answers_that_do_not_fit_are_refused_with_both_shapes(y):
    with pytest.raises(ValueError, match=r"\(3, 2\)"):
        n.logistic_gradient(np.zeros(2), 0.0, np.ones((3, 2)), y)
    with pytest.raises(ValueError, match=r"\(0, 2\)"):
        n.logistic_gradient(np.zeros(2), 0.0, np.ones((0, 2)), np.ones(0))


@given(st.integers(2, 12), st.integers(1, 4), st.floats(0, 1), st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_with_the_safe_step_the_loss_falls_in_every_step(rows, width, alpha, seed):
    rng = np.random.default_rng(seed)
    X, y = 4 * rng.normal(size=(rows, width)), rng.integers(0, 2, rows).astype(float)
    _, _, losses = n.train(X, y, n.safe_step(X, alpha), 30, alpha)
    assert len(losses) == 31 and (np.diff(losses) <= 1e-12).all()


def test_the_safe_step_is_half_of_the_limit_of_the_steepest_curvature():
    X = np.random.default_rng(0).normal(size=(50, 3))
    with_one = np.hstack([X, np.ones((50, 1))])
    H = with_one.T @ with_one / 200 + 0.1 * np.diag([1, 1, 1, 0])
    assert n.safe_step(X, 0.1) == pytest.approx(1 / np.linalg.eigvalsh(H)[-1])


@pytest.mark.parametrize("alpha", [0.01, 0.1])
def test_training_ends_where_scikit_learn_ends(alpha):
    X, y = n.tumours()["learn"]
    w, b, losses = n.train(X, y, n.safe_step(X, alpha), 3000, alpha)
    theirs = LogisticRegression(C=1 / (len(y) * alpha), tol=1e-10, max_iter=5000).fit(X, y)
    assert np.allclose(w, theirs.coef_[0], atol=1e-4) and b == pytest.approx(theirs.intercept_[0], abs=1e-4)
    assert losses[0] == pytest.approx(np.log(2)) and losses[-1] == n.logistic_loss(w, b, X, y, alpha)


@pytest.mark.parametrize("step, steps", [(0.0, 3), (-1.0, 3), (float("nan"), 3), (0.1, -1)])
def test_descents_that_are_none_are_refused(step, steps):
    with pytest.raises(ValueError, match=f"{steps} and {step}"):
        n.train(np.ones((1, 1)), np.ones(1), step, steps)


@given(
    st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=20),
    st.integers(0, 30),
    st.integers(0, 5),
)
def test_no_threshold_costs_less_than_the_best(pairs, miss, false_alarm):
    p, y = [a / 10 for a, _ in pairs], [int(b) for _, b in pairs]
    threshold, cost = n.best_threshold(p, y, miss, false_alarm)
    assert cost == n.costs(np.array(p), np.array(y), threshold, miss, false_alarm).sum()
    for other in [-1, *np.arange(0, 1.1, 0.05), np.inf]:
        there = n.costs(np.array(p), np.array(y), other, miss, false_alarm).sum()
        assert there >= cost and (there > cost or not other > threshold or threshold == np.inf or other not in p)


@pytest.mark.parametrize(
    "given_", [([], [], 1, 1), ([0.5], [1, 0], 1, 1), ([0.5], [1], -1, 1), ([0.5], [1], 1, -1), ([0.5], [2], 1, 1)]
)
def test_decisions_that_do_not_fit_are_refused(given_):
    with pytest.raises(ValueError, match="do not fit"):
        n.best_threshold(*given_)


def test_two_weights_are_those_of_so_many_steps():
    X, y = n.tumours()["learn"]
    w, b = n.two_weights(7)
    again = n.train(X[:, :2], y, n.safe_step(X[:, :2]), 7)
    assert np.array_equal(w, again[0]) and b == again[1]
    right, gap, degrees = n.after(7)
    assert right == np.mean((n.sigmoid(X[:, :2] @ w + b) > 0.5) == (y == 1))
    along = w / np.linalg.norm(w)
    edge = -b / np.linalg.norm(w) * along  # on the line of one half; go half of the gap to either side
    ends = [n.sigmoid((edge + side * gap / 2 * along) @ w + b) for side in (-1, 1)]
    assert ends == pytest.approx([0.1, 0.9]) and np.tan(np.radians(degrees)) == pytest.approx(w[1] / w[0])


def test_over_many_splits_the_rule_costs_less_than_one_half():
    found, won = n.over_splits(splits=12)
    assert found["by the rule"] < found["chosen"] < found["one half"] and 0.5 < won <= 1


def test_each_split_is_scaled_learned_and_paid_by_itself():
    X, y = (np.concatenate(part) for part in zip(*n.tumours().values(), strict=True))
    halves, rules, chosen = [], [], []
    for split in (1, 2, 3):
        order = np.random.default_rng(split).permutation(569)
        learn, choose, rest = order[:300], order[300:400], order[400:]
        scaled = (X - X[learn].mean(axis=0)) / X[learn].std(axis=0)
        p = LogisticRegression(C=1 / 3, max_iter=1000).fit(scaled[learn], y[learn]).predict_proba(scaled)[:, 1]
        at = n.best_threshold(p[choose], y[choose], 20, 1)[0]
        for paid, threshold in ((halves, 0.5), (rules, 1 / 21), (chosen, at)):
            paid.append(n.costs(p[rest], y[rest], threshold).sum())
    found, won = n.over_splits(splits=3)
    assert found == {
        "one half": round(np.mean(halves)),
        "by the rule": round(np.mean(rules)),
        "chosen": round(np.mean(chosen)),
    }
    assert won == round(np.mean(np.array(rules) < chosen), 2)


# --- 02_autograd --------------------------------------------------------------------------------------


def both(array):
    """The same numbers as a tensor of the course and one of torch, both wanting a gradient."""
    return a.Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)


def agree(f, *arrays, g=None):
    """Does `f` give the same values and gradients on the course's tensors and on torch's? f may look at neither."""
    ours, theirs = zip(*(both(array) for array in arrays), strict=True)
    y, z = f(*ours), (g or f)(*theirs)
    assert y.shape == tuple(z.shape) and np.allclose(y.data, z.detach().numpy(), atol=1e-12)
    worth = np.random.default_rng(1).normal(size=y.shape)
    y.backward(worth)
    z.backward(torch.tensor(worth))
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.grad.shape == mine.shape and np.allclose(mine.grad, other.grad.numpy(), atol=1e-10)
    return True


A23, B34, C5 = (np.random.default_rng(n).normal(size=size) for n, size in enumerate([(2, 3), (3, 4), 5]))
STACK = np.random.default_rng(9).normal(size=(2, 3, 4))


@pytest.mark.parametrize("hundred", range(5, 13))
def test_random_programs_have_torchs_gradients(hundred):
    """Eight hundred that the page does not run."""
    differences = {seed: a.disagreement(seed) for seed in range(100 * hundred, 100 * hundred + 100)}
    assert {seed: far for seed, far in differences.items() if not far < 1e-6} == {}


def test_random_programs_use_everything_again_and_again():
    programs = [a.random_program(np.random.default_rng(seed)) for seed in range(500, 700)]
    assert {step[0] for program in programs for step in program} == set(a.KINDS)
    reused = [len({t for step in program for t in step[1]}) < 2 * len(program) for program in programs]
    assert all(reused) and all(len(program) == 12 for program in programs)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.exp(),
        lambda x: (x * x + 1).log(),
        lambda x: x.tanh(),
        lambda x: x.relu(),
        lambda x: x**3,
        lambda x: x**0,
        lambda x: x**1,
        lambda x: (x * x + 1) ** -0.5,
        lambda x: x.sum(),
        lambda x: x.sum(0),
        lambda x: x.sum(-1, keepdims=True),
        lambda x: x.sum((0, 2)),
        lambda x: x.mean(),
        lambda x: x.mean((1, 2), keepdims=True),
        lambda x: x.amax((0, 1, 2)),
        lambda x: x.amax(1),
        lambda x: x.relu().amax(2, keepdims=True),
        lambda x: x.reshape(4, 6),
        lambda x: x.reshape(-1),
        lambda x: x.transpose(0, 2),
        lambda x: x.transpose(-1, -2),
        lambda x: x[1],
        lambda x: x[[1, 0, 1]],
        lambda x: x[:, ::2],
        lambda x: x[[0, 1, 1], [2, 2, 2]],
        lambda x: x[x.data > 0] if isinstance(x, a.Tensor) else x[x > 0],
        lambda x: 1 - x,
        lambda x: x - 1,
        lambda x: -x,
        lambda x: 1 / (x * x + 1),
        lambda x: x / 3,
        lambda x: (x + x) * x,
    ],
)
def test_each_operation_is_torchs(f):
    assert agree(f, STACK)


@pytest.mark.parametrize(
    "f", [lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x - y, lambda x, y: x / (y * y + 1)]
)
@pytest.mark.parametrize("shapes", [((2, 3), (3,)), ((2, 1), (1, 3)), ((2, 3), ()), ((4, 2, 3), (2, 1)), ((1,), (5,))])
def test_stretching_is_torchs(f, shapes):
    x, y = (np.random.default_rng(n).normal(size=shape) for n, shape in enumerate(shapes))
    assert agree(f, x, y) and agree(f, y, x)


@pytest.mark.parametrize(
    "one, other",
    [
        ((2, 3), (3, 4)),
        ((5, 2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)),
        ((5, 2, 3), (5, 3, 4)),
        ((5, 1, 2, 3), (4, 3, 2)),
        ((3,), (3,)),
        ((3,), (3, 4)),
        ((2, 3), (3,)),
        ((5, 2, 3), (3,)),
        ((3,), (5, 3, 4)),
    ],
)
def test_products_are_torchs(one, other):
    x, y = np.random.default_rng(0).normal(size=one), np.random.default_rng(1).normal(size=other)
    assert agree(lambda x, y: x @ y, x, y)


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_surprise_is_torchs_cross_entropy(n, v, seed):
    rng = np.random.default_rng(seed)
    z, targets = 5 * rng.normal(size=(n, v)), rng.integers(0, v, n)
    goal = torch.tensor(targets)
    assert agree(lambda z: z.surprise(targets) * 3, z, g=lambda z: torch.nn.functional.cross_entropy(z, goal) * 3)


def test_the_surprise_of_singles_is_single():
    z = a.Tensor(np.zeros((2, 3), "float32"), requires_grad=True)
    loss = z.surprise([0, 2])
    loss.backward()
    assert loss.data.dtype == z.grad.dtype == np.float32


def test_gradients_have_the_type_of_their_numbers():
    x = a.Tensor(np.ones(3, "float32"), requires_grad=True)
    y = a.Tensor(np.ones(3), requires_grad=True)
    assert (2 * x + 1).data.dtype == np.float32
    (x * y).sum().backward()
    assert x.grad.dtype == np.float32 and y.grad.dtype == np.float64


def test_an_array_on_the_left_leaves_the_operation_to_the_tensor():
    x = a.Tensor(np.ones((2, 2)), requires_grad=True)
    for made in (
        np.ones((2, 2)) + x,
        np.ones((2, 2)) * x,
        np.ones((2, 2)) @ x,
        np.ones((2, 2)) / x,
        np.ones((2, 2)) - x,
    ):
        assert isinstance(made, a.Tensor) and made.requires_grad


def test_what_wants_no_gradient_is_not_recorded():
    x = a.Tensor(np.ones((2, 3)))
    y = (x * 2 + 1) @ np.ones((3, 1))
    assert y.inputs == () and not y.requires_grad
    with pytest.raises(RuntimeError, match="requires_grad=True"):
        y.sum().backward()
    W = a.Tensor(np.ones((3, 1)), requires_grad=True)
    (x @ W).sum().backward()
    assert x.grad is None and W.grad.tolist() == [[2.0], [2.0], [2.0]]


def test_gradients_add_up_and_a_kept_graph_can_be_asked_again():
    w = a.Tensor(3.0, requires_grad=True)
    loss = w * w
    loss.backward(keep=True)
    loss.backward()
    assert w.grad == 12
    with pytest.raises(RuntimeError, match=r"released by an earlier backward.*keep=True"):
        loss.backward()


def test_two_losses_with_a_common_part():
    w = a.Tensor(2.0, requires_grad=True)
    h = w * w
    (h * 3).backward()
    with pytest.raises(RuntimeError, match="behind this mul was released"):
        (h * 5).backward()
    assert w.grad == 12, "the refusal came before anything was added"


@pytest.mark.parametrize("change", ["step", "entry"])
def test_a_change_in_place_is_noticed_before_anything_is_added(change):
    w, v = a.Tensor([1.0, 2.0], requires_grad=True), a.Tensor([1.0, 1.0], requires_grad=True)
    loss = (w.reshape(2, 1).reshape(2) * v).sum()
    if change == "step":
        w -= 1
    else:
        w[1] = 7
    with pytest.raises(RuntimeError, match=r"shape \(2,\) was changed in place after reshape .*version 0 then, 1 now"):
        loss.backward()
    assert w.grad is None and v.grad is None


def test_numbers_are_locked_and_ones_own():
    given_ = np.array([1.0, 2.0])
    w = a.Tensor(given_)
    given_[0] = 99
    assert w.data.tolist() == [1, 2]
    for locked in (w.data, (w * 1).data, w.reshape(2, 1).data, w[[0]].data):
        with pytest.raises(ValueError, match="read-only"):
            locked[0] = 5
    with pytest.raises(ValueError, match="computed by mul, and only leaves"):
        (w * 2)[0] = 1
    with pytest.raises(ValueError, match="broadcast"):
        w[5:6] = [1.0, 2.0, 3.0]
    with pytest.raises(ValueError, match="read-only"):
        w.data[0] = 5  # locked again after the failure


@pytest.mark.parametrize("data", ["text", [object()], [1j]])
def test_a_tensor_holds_numbers(data):
    with pytest.raises(TypeError, match="holds numbers"):
        a.Tensor(data)


def test_a_loss_is_one_number():
    w = a.Tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(ValueError, match=r"\(2, 3\): take \.sum\(\) or \.mean\(\)"):
        (w * w).backward()
    with pytest.raises(ValueError, match=r"worth is \(3,\)"):
        (w * w).backward(np.ones(3))
    (w * w).sum(keepdims=True).backward()
    assert (w.grad == 2).all()


def test_a_long_chain_needs_no_recursion():
    w = a.Tensor(1.0, requires_grad=True)
    y = w
    for _ in range(20_000):
        y = y + 1
    y.backward()
    assert w.grad == 1


@pytest.mark.parametrize("length", [1, 3, 8])
def test_a_checkpoint_changes_nothing_but_the_memory(length):
    rng = np.random.default_rng(0)
    h = a.Tensor(rng.normal(size=(64, 64)), requires_grad=True)
    chain = [a.Tensor(rng.normal(size=(64, 64)) / 8, requires_grad=True) for _ in range(8)]
    plain = a.gradients_of([h, *chain], lambda: a.layers(h, *chain))
    saved = a.gradients_of([h, *chain], lambda: a.in_segments(h, chain, length))
    assert all(np.array_equal(x, y) for x, y in zip(plain, saved, strict=True))
    assert a.held(lambda: a.in_segments(h, chain, 8)) < a.held(lambda: a.layers(h, *chain)) / 4


def test_a_checkpoint_inside_a_checkpoint():
    w = a.Tensor(2.0, requires_grad=True)
    a.checkpoint(lambda w: a.checkpoint(lambda w: w * w, w) * w, w).backward()
    assert w.grad == 12


@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3))
@settings(max_examples=50, deadline=None)
def test_numbers_that_remember_have_torchs_slopes(numbers):
    f = lambda x, y, z: (x * y + z).tanh() ** 2 + (x + 2 * z).relu() * y + x**3 * x  # noqa: E731
    values = [a.Value(number) for number in numbers]
    end = f(*values)
    a.pull_back(end, a.topological(end, a.sources_of)[::-1])
    tensors = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in numbers]
    f(*tensors).backward()
    assert [v.grad for v in values] == pytest.approx([t.grad.item() for t in tensors], abs=1e-9)


def test_a_number_to_the_power_of_nothing_does_not_move():
    x = a.Value(5.0)
    y = x**0
    a.pull_back(y, [y, x])
    assert (y.data, x.grad) == (1, 0)


def test_numbers_that_remember_are_micrograds():
    ours, theirs = [a.Value(x) for x in (0.5, -2.0)], [micrograd.engine.Value(x) for x in (0.5, -2.0)]
    f = lambda x, y: (x * y + 3).relu() ** 2 + x * x + y  # noqa: E731
    end, other = f(*ours), f(*theirs)
    a.pull_back(end, a.topological(end, a.sources_of)[::-1])
    other.backward()
    assert [v.grad for v in ours] == [v.grad for v in theirs] and end.data == other.data


def test_the_scalar_engine_has_forty_lines():
    parts = [a.Value, a.topological, a.pull_back, a.sources_of]
    lines = [line for part in parts for line in code_of(inspect.getsource(part)) if line.strip()]
    assert len(lines) <= 48, len(lines)


def code_of(source):
    """The lines of code in a definition: no blank ones, comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree).splitlines()


def test_one_step_of_training_is_torchs():
    rng = np.random.default_rng(0)
    X, targets = rng.normal(size=(16, 20)), rng.integers(0, 3, 16)
    arrays = [rng.normal(size=shape) for shape in [(20, 8), 8, (8, 3), 3]]
    ours, theirs = zip(*(both(array) for array in arrays), strict=True)
    for _ in range(5):
        one = a.training_step(a.Tensor(X), targets, ours, lambda z, t: z.surprise(t))
        other = a.training_step(torch.tensor(X), torch.tensor(targets), theirs, torch.nn.functional.cross_entropy)
        assert one == pytest.approx(other, abs=1e-9)
    assert all(
        np.allclose(mine.data, other.detach().numpy(), atol=1e-9) for mine, other in zip(ours, theirs, strict=True)
    )


def test_the_story_is_told_from_the_end():
    values = a.story()
    order = a.topological(values["loss"], a.sources_of)[::-1]
    assert order[0] is values["loss"]
    a.pull_back(values["loss"], order[:3])
    assert values["w"].grad == pytest.approx(0.523, abs=1e-3)
    a.pull_back(values["loss"], order)
    w, x, b = (torch.tensor(values[name].data, dtype=torch.float64, requires_grad=True) for name in "wxb")
    (((w * x).tanh() + w + b) ** 2).backward()
    for name, leaf in zip("wxb", (w, x, b), strict=True):
        assert values[name].grad == pytest.approx(leaf.grad.item())


def test_a_name_keeps_its_meaning_outside_of_the_class():
    assert a.sum([1, 2]) == 3 and a.cross_entropy([[0.0, 0.0]], [1]) == pytest.approx(np.log(2))


def test_actions_take_turns():
    calls = []
    seconds = a.in_turn({"one": lambda: calls.append(1), "two": lambda: calls.append(2)}, rounds=3)
    assert calls == [1, 2] * 3 and set(seconds) == {"one", "two"} and min(seconds.values()) >= 0


def test_nobody_changes_a_table_behind_anothers_back():
    """Views, indices and targets that the caller uses again: the notes hold what was there when the step was taken."""
    c, w = a.Tensor([1.0, 2.0]), a.Tensor([[3.0], [4.0]], requires_grad=True)
    for moved in (lambda: c.reshape(2, 1), lambda: c.reshape(1, 2).transpose(0, 1)):
        loss = (w * moved()).sum()
        c[0] = 100.0
        loss.backward()
        assert w.grad.tolist() == [[1.0], [2.0]]
        c[0], w.grad = 1.0, None
    v = a.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    places = np.array([0, 1])
    loss = (v[places] * np.array([10.0, 20.0])).sum()
    places[0] = 2
    loss.backward()
    assert v.grad.tolist() == [10, 20, 0]
    z, targets = a.Tensor(np.zeros((1, 2)), requires_grad=True), np.array([0])
    loss = z.surprise(targets)
    targets[0] = 1
    loss.backward()
    assert z.grad.tolist() == [[-0.5, 0.5]]


def test_new_numbers_for_a_leaf_are_locked_and_its_own():
    w, given_ = a.Tensor([1.0, 2.0], requires_grad=True), np.array([5.0, 6.0])
    w.data = given_
    given_[0] = 99
    assert w.data.tolist() == [5, 6]
    with pytest.raises(ValueError, match="read-only"):
        w.data[0] = 1


def test_a_gradient_is_an_array_of_its_own():
    w, v = a.Tensor([1.0, 2.0], requires_grad=True), a.Tensor([1.0, 2.0], requires_grad=True)
    (w + v).sum().backward()
    w.grad *= 3
    assert v.grad.tolist() == [1, 1] and w.grad.tolist() == [3, 3]
    worth = np.array([1.0, 1.0])
    v.grad = None
    v.backward(worth)
    worth[0] = 50
    assert v.grad.tolist() == [1, 1]


def test_leaves_change_in_place_by_all_operators():
    w = same = a.Tensor([1.0, 2.0], requires_grad=True)
    w += 1
    w *= np.array([2.0, 3.0])
    w -= 1
    assert w is same and w.data.tolist() == [3, 8] and w.version == 3
    h = w * 1
    with pytest.raises(ValueError, match="computed by mul, and only leaves"):
        h += 1
    whole_ = a.Tensor(np.ones(2, "float32"))
    whole_ += 0.5
    assert whole_.data.dtype == np.float32


def test_a_checkpoint_of_what_uses_only_some_of_its_inputs():
    w, v = a.Tensor([2.0], requires_grad=True), a.Tensor([5.0], requires_grad=True)
    a.checkpoint(lambda w, v: w * w, w, v).sum().backward()
    assert w.grad.tolist() == [4] and v.grad.tolist() == [0]
    a.checkpoint(lambda w: a.Tensor([1.0]), w).sum().backward()
    assert w.grad.tolist() == [4]


@pytest.mark.parametrize("other", [None, "2", object()])
def test_only_numbers_are_added(other):
    with pytest.raises(TypeError, match="holds numbers"):
        a.Tensor([1.0]) + other


def test_what_constants_are_made_of():
    x = a.Tensor(np.ones(2, "float32"))
    assert (x + np.float64(2)).data.dtype == (x ** np.float64(2)).data.dtype == np.float32
    assert (x + np.ones(2)).data.dtype == np.float64
    with pytest.raises(TypeError, match="the exponent is a number, not ndarray"):
        x ** np.ones(2)


def test_empty_tables():
    assert agree(lambda x: x.mean(1), np.zeros((0, 3))) and agree(lambda x: x.sum(0), np.zeros((0, 3)))
    assert np.isnan(a.Tensor(np.zeros((0, 3))).mean().data)
    assert agree(lambda x: x.reshape((3, 2)), A23)
    assert a.Tensor([[4.0]]).reshape().shape == ()


def test_the_graph_is_released_on_the_way_back():
    rng = np.random.default_rng(0)
    h = a.Tensor(rng.normal(size=(512, 32)))
    chain = [a.Tensor(rng.normal(size=(32, 32)) / 6, requires_grad=True) for _ in range(20)]
    table = 512 * 32 * 8 / 1e6
    assert a.peak(lambda: a.gradients_of(chain, lambda: a.layers(h, *chain))) < (2 * 20 + 8) * table
    loss = a.layers(h, *chain).sum()
    loss.backward()
    assert loss.inputs == () and loss.pull is None


def test_the_queue_names_each_once():
    x = a.Value(3.0)
    square = x * x
    y = square * square
    assert len(a.by_queue(y)) == 3
    a.pull_back(y, a.by_queue(y))
    assert x.grad == 108


@pytest.mark.parametrize("name, broken", [("tanh", "wrong_tanh"), ("__getitem__", "wrong_pick")])
def test_wrong_pulls_of_the_page_are_noticed(monkeypatch, name, broken):
    monkeypatch.setattr(a.Tensor, name, getattr(a, broken))
    assert sum(a.disagreement(seed) > 1e-6 for seed in range(40)) > 10


@pytest.mark.parametrize("function", [np.dot, np.where, np.stack, np.allclose])
def test_numpys_functions_refuse_tensors(function):
    t = a.Tensor([[1.0]])
    given_ = {np.where: (True, t, t), np.stack: ([t, t],)}.get(function, (np.ones((1, 1)), t))
    with pytest.raises(TypeError, match=f"np.{function.__name__} knows no tensors"):
        function(*given_)


def test_a_change_that_is_refused_does_not_count():
    w = a.Tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    with pytest.raises(ValueError, match="broadcast"):
        w -= np.ones(3)
    loss.backward()
    w /= 2
    assert w.grad.tolist() == [2, 4] and w.version == 1 and w.data.tolist() == [0.5, 1]


# --- 03_digits ----------------------------------------------------------------------------------------


def test_the_rate_of_pictures_comes_from_the_best_round(monkeypatch):
    clock = iter([10.0, 14.0, 20.0, 20.5, 30.0, 31.0])  # rounds of 4, of half a second, and of one
    monkeypatch.setattr(d, "perf_counter", lambda: next(clock))
    assert d.pictures_a_second(8, rounds=3) == 16


def test_a_tenth_of_ink_is_dirt_when_a_digit_is_centred():
    drawn = np.zeros((28, 28))
    drawn[3:9, 4:8] = 1
    stained = drawn.copy()
    stained[20, 20] = 0.1
    assert (d.centred(stained) == d.centred(drawn)).all()
    stained[20, 20] = 0.11
    assert not (d.centred(stained) == d.centred(drawn)).all()


def test_digits_are_five_thousand_pictures_of_ink():
    X, y = d.mnist()
    assert X.shape == (5000, 784) and X.dtype == np.float32 and X.min() == 0 and X.max() == 1
    assert np.bincount(y).tolist() == [500] * 10 and (np.diff(y) != 0).sum() > 4000, "in random order"
    assert X[y == 0].reshape(-1, 28, 28)[:, 14, 14].mean() < 0.1 < X[y == 1].reshape(-1, 28, 28)[:, 14, 14].mean()
    for locked in (X, y):
        with pytest.raises(ValueError, match="read-only"):
            locked[0] = 1


def test_the_digits_are_those_of_mlxtends_loader():
    import gzip

    import assets

    with gzip.open(assets.path("mnist"), "rt") as file:
        table = np.genfromtxt(file, delimiter=",", max_rows=50)
    X, y = d.mnist()
    place = np.argsort(np.random.default_rng(0).permutation(5000))[:50]
    assert np.allclose(X[place] * 255, table[:, :-1], atol=1e-4) and np.array_equal(y[place], table[:, -1])


def test_folds_share_nothing_and_hold_out_everything_once():
    held_out = [set(d.fold(k)[1].tolist()) for k in range(5)]
    assert set().union(*held_out) == set(range(5000)) and sum(map(len, held_out)) == 5000
    assert all(set(d.fold(k)[0].tolist()) == set(range(5000)) - held_out[k] for k in range(5))
    for k in (-1, 5, "0"):
        with pytest.raises(ValueError, match="folds 0 to 4"):
            d.fold(k)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30))
def test_one_hot_is_torchs(labels):
    goal = torch.nn.functional.one_hot(torch.tensor(labels), 7).numpy()
    assert np.array_equal(d.one_hot(labels, 7), goal) and d.one_hot(labels, 7).dtype == float


@given(st.integers(1, 40), st.integers(2, 5), st.integers(0, 99))
def test_shares_are_scikit_learns(n, k, seed):
    from sklearn import metrics

    rng = np.random.default_rng(seed)
    truth, logits = rng.integers(0, k, n), rng.integers(-2, 3, (n, k))
    said = logits.argmax(axis=1)
    assert d.accuracy(logits, truth) == pytest.approx(metrics.accuracy_score(truth, said))
    C = d.confusion(truth, said, k)
    assert np.array_equal(C, metrics.confusion_matrix(truth, said, labels=range(k))) and C.dtype == int
    recall, precision = d.recall_and_precision(C)
    known = {"labels": list(range(k)), "average": None, "zero_division": np.nan}
    assert np.allclose(recall, metrics.recall_score(truth, said, **known), equal_nan=True)
    assert np.allclose(precision, metrics.precision_score(truth, said, **known), equal_nan=True)


@given(st.integers(0, 50), st.integers(1, 12), st.integers(0, 99))
def test_batches_hold_each_number_once_and_only_the_last_is_smaller(n, size, seed):
    pieces = d.batches(n, size, np.random.default_rng(seed))
    assert np.array_equal(np.concatenate([np.empty(0, int), *pieces]), np.random.default_rng(seed).permutation(n))
    assert all(len(piece) == size for piece in pieces[:-1]) and all(0 < len(piece) <= size for piece in pieces)


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 99))
def test_moves_are_those_of_scipy_and_come_back_where_nothing_left(down, right, seed):
    from scipy import ndimage

    picture = np.random.default_rng(seed).uniform(size=(6, 7))
    assert np.allclose(d.moved(picture, down, right), ndimage.shift(picture, (down, right), order=0))
    framed = np.pad(picture, 9)
    assert np.array_equal(d.moved(d.moved(framed, down, right), -down, -right), framed)


def test_jitter_moves_each_picture_by_at_most_its_reach():
    X, _ = d.mnist()
    found = d.jitter(X[:200], np.random.default_rng(0), reach=2)
    moves = set()
    for before, after in zip(X[:200].reshape(-1, 28, 28), found.reshape(-1, 28, 28), strict=True):
        fits = [(i, j) for i in range(-2, 3) for j in range(-2, 3) if np.array_equal(after, d.moved(before, i, j))]
        assert fits
        moves.add(fits[0])
    assert len(moves) == 25 and found.dtype == np.float32
    assert np.array_equal(d.jitter(X[:3], np.random.default_rng(0), reach=0), X[:3])


def test_weights_begin_with_the_spread_that_their_number_asks_for():
    weights = d.weights_of([784, 256, 10], np.random.default_rng(0))
    assert [w.shape for w in weights] == [(784, 256), (256,), (256, 10), (10,)]
    assert all(w.requires_grad and w.data.dtype == np.float32 for w in weights)
    assert weights[0].data.std() == pytest.approx(np.sqrt(2 / 784), rel=0.02)
    assert weights[2].data.std() == pytest.approx(np.sqrt(2 / 256), rel=0.05) and not weights[1].data.any()


@pytest.mark.parametrize("change", [None, d.jitter])
def test_the_course_of_training_is_torchs(change):
    X, y = d.mnist()
    X, y = X[:256].astype(float), y[:256]
    ours = d.weights_of([784, 32, 16, 10], np.random.default_rng(0), float)
    theirs = [w.data.copy() for w in ours]
    if change is not None:  # the same pictures for both, changed beforehand
        X = change(X, np.random.default_rng(5))
    here = d.fit(ours, X, y, np.random.default_rng(1), epochs=3, size=50)
    there = d.fit_in_torch(theirs, X, y, np.random.default_rng(1), epochs=3, size=50)
    assert len(here) == 18 and np.allclose(here, there, atol=1e-9) and here[-1] < here[0]


def test_training_changes_pictures_on_their_way_in_and_tells_after_each_epoch():
    X, y = d.mnist()
    seen, told = [], []

    def change(pictures, rng):
        seen.append(len(pictures))
        return np.zeros_like(pictures)

    weights = d.weights_of([784, 10], np.random.default_rng(0))
    before = weights[0].data.copy()
    d.fit(
        weights,
        X[:70],
        y[:70],
        np.random.default_rng(0),
        epochs=2,
        size=32,
        change=change,
        watch=lambda x: told.append(len(x)),
    )
    assert seen == [32, 32, 6] * 2 and told == [3, 6]
    assert np.array_equal(weights[0].data, before), "from empty pictures no weight of a pixel learns"
    assert weights[1].data.any() and weights[1].grad is None


def test_the_step_shrinks_to_zero():
    X, y = d.mnist()
    steps = []

    class Watched(a.Tensor):
        def __isub__(self, amount):
            steps.append(float(np.abs(amount).max() / max(np.abs(self.grad).max(), 1e-12)))
            return self

    d.fit([Watched(np.zeros((784, 10)), requires_grad=True), a.Tensor(np.zeros(10), requires_grad=True)],
          X[:40], y[:40], np.random.default_rng(0), epochs=2, size=20, step=0.8)  # fmt: skip
    assert steps == pytest.approx([0.8, 0.6, 0.4, 0.2])


def test_neighbours_are_those_at_the_least_distance():
    X, y = d.mnist()
    learn, measure = np.arange(300), np.arange(300, 320)
    far = ((X[measure][:, None] - X[learn]) ** 2).sum(-1)
    nearest = y[learn][np.argsort(far, axis=1, kind="stable")[:, :3]]
    votes = np.array([np.bincount(row, minlength=10).argmax() for row in nearest])
    assert np.array_equal(d.by_neighbours(learn, measure), votes)
    assert np.array_equal(y[learn][d.nearest(X[learn], X[measure])], nearest[:, 0])
    assert d.by_neighbours(learn, measure, lambda pictures: [pictures, pictures]).shape == (20,)
    twins = d.by_neighbours(measure, measure, lambda pictures: [pictures, pictures])
    assert np.array_equal(twins, y[measure]), "of three copies each, all three neighbours are the picture itself"


def test_nine_places_are_those_within_a_pixel():
    picture = d.mnist()[0][:1]
    found = {tuple(place[0]) for place in [picture, *d.nine_places(picture)]}
    moves = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    assert found == {tuple(d.moved(picture.reshape(28, 28), *move).ravel()) for move in moves} and len(found) == 9


def test_each_picture_and_each_label_need_one():
    X, y = d.mnist()
    with pytest.raises(ValueError, match="4 pictures and 3 labels"):
        d.fit(d.weights_of([784, 10], np.random.default_rng(0)), X[:4], y[:3], np.random.default_rng(0))
    with pytest.raises(ValueError, match="2 labels and 1 answers"):
        d.confusion([0, 1], [0], 2)
    assert d.jitter(X[:0], np.random.default_rng(0)).size == 0


@pytest.mark.parametrize("down, right, scale", [(0, 0, 1), (-4, 3, 1), (0, 0, 0.5)])
def test_centring_brings_the_centre_of_mass_to_the_middle(down, right, scale):
    from scipy import ndimage

    picture = d.moved(d.mnist()[0][3].reshape(28, 28), down, right)
    picture = d.in_the_corner(picture) if scale < 1 else picture
    found = d.centred(picture)
    assert np.allclose(ndimage.center_of_mass(found), 14, atol=0.3)
    assert found.shape == (28, 28) and found.min() >= 0 and found.max() <= 1
    rows, columns = np.nonzero(found > 0.1)
    assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 22


def test_an_empty_picture_stays_empty():
    assert not d.centred(np.zeros((28, 28))).any()
    dot = np.zeros((28, 28))
    dot[2, 3] = 1
    assert d.centred(dot).shape == (28, 28) and d.centred(dot).any()


def test_the_reader_reads_what_it_has_not_seen():
    X, y = d.mnist()
    learn, measure = d.fold(4)
    weights = d.trained(4)
    assert d.accuracy(d.said(X[measure], weights), y[measure]) > 0.95
    assert d.share_read(weights, 0, measure) > d.share_read(weights, 4, measure)
    assert d.guess(d.a_three()).argmax() == 3 and d.guess(d.a_three()).sum() == pytest.approx(1, abs=1e-5)


def test_directions_of_all_pictures_agree_with_themselves():
    weights, rows = d.weights_of([784, 10], np.random.default_rng(0)), np.arange(40)
    assert d.agreement(weights, rows, 40, np.random.default_rng(0), tries=2) == pytest.approx(1)
    assert d.agreement(weights, rows, 1, np.random.default_rng(0), tries=5) < 0.6
    X, y = d.mnist()
    W = torch.tensor(weights[0].data, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(torch.tensor(X[rows]) @ W, torch.tensor(y[rows]))
    loss.backward()
    assert np.allclose(d.direction(weights, rows), W.grad.numpy().ravel(), atol=1e-6)
    assert all(w.grad is None for w in weights)


# --- 05_deep_and_stable -------------------------------------------------------------------------------

SHAPES = [(1, 1), (1, 7), (2, 1), (3, 5), (64, 33), (2, 3, 4), (2, 1, 3, 5)]
SEEDS = st.integers(0, 10_000)


def table(seed, *shape, shift=0.0, size=1.0):
    return shift + size * np.random.default_rng(seed).normal(size=shape)


def by_torch(norm, x, G):
    """What torch makes of `x`, and what `x` is worth."""
    x = torch.tensor(x, requires_grad=True)
    y = norm(x)
    y.backward(torch.tensor(G))
    return y.detach().numpy(), x.grad.numpy()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("eps", [1e-5, 1e-12, 0.3])
@pytest.mark.parametrize("shift, size", [(0, 1), (100, 0.1), (0, 1e-3), (-3, 50)])
def test_layer_and_rms_norm_are_those_of_torch(shape, eps, shift, size):
    x, G = table(0, *shape, shift=shift, size=size), table(1, *shape)
    pairs = [(ds.layer_norm, ds.layer_norm_vjp, torch.nn.functional.layer_norm),
             (ds.rms_norm, ds.rms_norm_vjp, torch.nn.functional.rms_norm)]  # fmt: skip
    for forward, back, theirs in pairs:
        y, of_x = by_torch(lambda t, f=theirs: f(t, shape[-1:], eps=eps), x, G)
        # of a single unit nothing but eps is left, and rounding is divided by its root
        scale = max(1.0, np.abs(of_x).max()) if shape[-1] > 1 else 1e6
        assert np.allclose(forward(x, eps), y, rtol=0, atol=1e-9)
        assert np.allclose(back(x, G, eps), of_x, rtol=0, atol=1e-9 * scale)


@pytest.mark.parametrize("shape", [(2, 1), (3, 5), (64, 33)])
@pytest.mark.parametrize("eps", [1e-5, 0.3])
def test_batch_norm_is_that_of_torch(shape, eps):
    x, G = table(2, *shape, shift=3), table(3, *shape)
    y, of_x = by_torch(lambda t: torch.nn.functional.batch_norm(t, None, None, training=True, eps=eps), x, G)
    assert np.allclose(ds.batch_norm(x, eps), y, rtol=0, atol=1e-9)
    assert np.allclose(ds.batch_norm_vjp(x, G, eps), of_x, rtol=0, atol=1e-9)


@given(SEEDS, st.sampled_from(["layer", "rms", "batch"]), st.integers(2, 6), st.integers(2, 6))
@settings(max_examples=60, deadline=None)
def test_the_engine_finds_the_same_way_back(seed, kind, n, m):
    x, G = table(seed, n, m), table(seed + 1, n, m)
    found = []
    for norm in (ds.normed, ds.spelled_out):
        h = Tensor(x, requires_grad=True)
        y = norm(h, kind)
        y.backward(G)
        found.append((y.data, h.grad))
    (y, of_x), (same, of_same) = found
    assert np.allclose(y, same, rtol=0, atol=1e-9) and np.allclose(of_x, of_same, rtol=1e-7, atol=1e-9)


@given(SEEDS, st.floats(0.5, 20), st.floats(-20, 20))
@settings(max_examples=60, deadline=None)
def test_what_a_norm_forgets(seed, stretch, shift):
    x, G = table(seed, 3, 8), table(seed + 1, 3, 8)
    assert np.allclose(ds.layer_norm(stretch * x + shift, 1e-14), ds.layer_norm(x, 1e-14), atol=1e-6)
    assert np.allclose(ds.rms_norm(stretch * x, 1e-14), ds.rms_norm(x, 1e-14), atol=1e-6)
    assert np.allclose(ds.batch_norm(stretch * x + shift, 1e-14), ds.batch_norm(x, 1e-14), atol=1e-6)
    worth = ds.layer_norm_vjp(x, G, 1e-14)
    assert np.allclose(worth.sum(axis=1), 0, atol=1e-9) and np.allclose((worth * x).sum(axis=1), 0, atol=1e-7)
    assert np.allclose((ds.rms_norm_vjp(x, G, 1e-14) * x).sum(axis=1), 0, atol=1e-7)


def test_what_a_norm_leaves():
    x = table(0, 5, 40, shift=7, size=3)
    y = ds.layer_norm(x)
    assert np.allclose(y.mean(axis=1), 0, atol=1e-12) and np.allclose(y.var(axis=1), 1, atol=1e-4)
    assert np.allclose((ds.rms_norm(x) ** 2).mean(axis=1), 1, atol=1e-4)
    y = ds.batch_norm(x)
    assert np.allclose(y.mean(axis=0), 0, atol=1e-12) and np.allclose(y.var(axis=0), 1, atol=1e-3)


@pytest.mark.parametrize("shape", [(3, 1), (3,), (1, 4), (4, 3)])
def test_a_worth_for_each_entry(shape):
    with pytest.raises(ValueError, match="each entry"):
        ds.layer_norm_vjp(np.ones((3, 4)), np.ones(shape))


def test_norms_keep_single_precision_and_refuse_other_kinds():
    h = Tensor(np.ones((2, 3), "float32"), requires_grad=True)
    y = ds.normed(h, "layer")
    y.sum().backward()
    assert y.data.dtype == h.grad.dtype == np.float32 and y.made_by == "layer norm"
    with pytest.raises(KeyError):
        ds.normed(h, "group")


def test_batch_norm_remembers_as_torch_does():
    for momentum in (0.1, 0.5):
        ours = ds.BatchNorm(4, momentum)
        theirs = torch.nn.BatchNorm1d(4, momentum=momentum, affine=False, dtype=torch.double)
        for k, rows in enumerate((5, 2, 9)):
            batch = table(k, rows, 4, shift=k, size=2)
            assert np.allclose(ours(Tensor(batch)).data, theirs(torch.tensor(batch)).numpy(), atol=1e-9)
        assert np.allclose(ours.mean, theirs.running_mean.numpy(), atol=1e-12)
        assert np.allclose(ours.variance, theirs.running_var.numpy(), atol=1e-12)
        ours.training = theirs.eval() is None
        before = ours.mean.copy()
        one = table(9, 1, 4)
        assert np.allclose(ours(Tensor(one)).data, theirs(torch.tensor(one)).numpy(), atol=1e-9)
        assert np.array_equal(before, ours.mean)


def test_batch_norm_in_use_takes_each_alone_and_in_training_does_not():
    norm, X = ds.BatchNorm(3), table(0, 6, 3)
    with pytest.raises(ValueError, match="batch of one"):
        norm(Tensor(X[:1]))
    assert norm.mean.tolist() == [0, 0, 0]
    assert not np.allclose(norm(Tensor(X[:4])).data[0], norm(Tensor(X[[0, 4, 5]])).data[0])
    norm.training = False
    assert np.allclose(norm(Tensor(X)).data[2:3], norm(Tensor(X[2:3])).data)
    assert norm(Tensor(X.astype("float32"))).data.dtype == np.float32


@pytest.mark.parametrize("leak", [0.0, 0.2, -0.5, 1.0])
@pytest.mark.parametrize("n, m", [(400, 300), (30, 3000)])
def test_kaiming_keeps_the_strength(leak, n, m):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, n))
    assert abs(ds.strength(ds.leaky(x @ ds.kaiming(n, m, rng, leak), leak)) - 1) < 0.05


def test_kaiming_through_fifty_layers_and_the_spread_of_torch():
    assert 0.5 < ds.strength_after(50, width=512, draws=3) < 1.6
    assert 0.9 < ds.strength_after(50, width=512, leak=1.0, draws=3) < 1.1
    for leak in (0.0, 0.3):
        theirs = torch.empty(300, 200)
        torch.nn.init.kaiming_normal_(theirs, a=leak)  # torch has (units, inputs)
        ours = ds.kaiming(200, 300, np.random.default_rng(0), leak)
        assert ours.shape == (200, 300) and abs(ours.std() / float(theirs.std()) - 1) < 0.02


@pytest.mark.parametrize("n, m", [(0, 1), (1, 0), (-3, 2)])
def test_layers_that_are_none_are_refused(n, m):
    with pytest.raises(ValueError, match="at least one input and one unit"):
        ds.kaiming(n, m, np.random.default_rng(0))


@given(SEEDS, st.floats(0.5, 2), st.integers(1, 12))
@settings(max_examples=25, deadline=None)
def test_a_gain_multiplies_once_a_layer(seed, gain, depth):
    up, down = ds.there_and_back(1.0, depth, 16, seed)
    louder, heavier = ds.there_and_back(gain, depth, 16, seed)
    powers = gain ** np.arange(depth + 1)
    assert np.allclose(louder, up * powers) and np.allclose(heavier, down * powers[::-1])


def test_signals_and_worths_by_the_engine():
    rng = np.random.default_rng(0)
    weights = ds.random_layers(1.3, 6, 16, rng)
    x = rng.normal(size=(32, 16))
    h, tensors = Tensor(x), [Tensor(W, requires_grad=True) for W in weights]
    for W in tensors:
        h = (h @ W).relu()
    assert np.allclose(ds.strengths(x, weights)[-1], ds.strength(h.data))
    up, down = ds.there_and_back(1.3, 6, 16)
    assert np.allclose(up, ds.strengths(x, weights)) and len(down) == 7
    begin = Tensor(x, requires_grad=True)
    h = begin
    for W in weights:
        h = (h @ W).relu()
    h.backward(rng.normal(size=h.shape))
    assert np.isclose(ds.strength(begin.grad), down[0])


def test_gradients_of_a_fading_chain_are_alike_and_of_gain_one_too():
    for gain in (1.0, 2**0.5, 2.0):
        g = ds.gradient_strengths(gain, depth=30)
        assert len(g) == 30 and max(g) / min(g) < 10
    assert ds.gradient_strengths(1.0)[0] < 1e-5 < ds.gradient_strengths(2**0.5)[0]


def test_deep_nets_have_the_spread_that_they_say():
    layers = ds.deep_weights(np.random.default_rng(0), 2.0, share=0.25, depth=5, width=200)
    assert [len(layer) for layer in layers] == [2, 3, 3, 3, 2]
    assert abs(layers[1][0].data.std() * np.sqrt(200) - 2) < 0.05 and float(layers[1][2].data) == 0.25
    assert abs(layers[0][0].data.std() * 28 - 2) < 0.05
    assert all(w.requires_grad and w.data.dtype == float for layer in layers for w in layer)
    assert not layers[0][1].data.any()


def by_hand(kind, h, W, b, a):
    """A block in numpy."""
    norm = {"layer": ds.layer_norm, "rms": ds.rms_norm, "batch": ds.batch_norm}
    relu = lambda z: np.maximum(z, 0)  # noqa: E731
    if kind == "residual":
        return h + a * relu(h @ W + b)
    if kind == "both":
        return h + a * relu(ds.layer_norm(h) @ W + b)
    return relu(norm.get(kind, lambda z: z)(h @ W) + b)


@pytest.mark.parametrize("kind", ["plain", "layer", "rms", "batch", "residual", "both"])
def test_blocks_and_what_becomes_of_a_picture(kind):
    share = 0.5 if kind in ("residual", "both") else None
    layers = ds.deep_weights(np.random.default_rng(0), 1.2, share, depth=4, width=6)
    for layer in layers:
        layer[1].data = table(1, *layer[1].shape)
    X = table(2, 5, 784)
    h = np.maximum(X @ layers[0][0].data + layers[0][1].data, 0)
    found = ds.states(X, layers, kind)
    assert np.allclose(found[0].data, h)
    for state, layer in zip(found[1:-1], layers[1:-1], strict=True):
        h = by_hand(kind, h, layer[0].data, layer[1].data, share)
        assert np.allclose(state.data, h)
    end = ds.layer_norm(h) if kind == "both" else h
    assert np.allclose(found[-1].data, end @ layers[-1][0].data + layers[-1][1].data) and len(found) == 4


def test_runs_begin_alike_and_end_where_they_explode():
    _, losses = ds.short_run("plain", 0.1, 2**0.5, depth=4, steps=8)
    _, again = ds.short_run("plain", 0.1, 2**0.5, depth=4, steps=8)
    _, other = ds.short_run("plain", 0.1, 2**0.5, depth=4, steps=8, seed=1)
    assert losses == again != other and len(losses) == 8 and losses[-1] < losses[0]
    _, losses = ds.short_run("plain", 50.0, 2.5, depth=8, steps=40)
    assert len(losses) < 40 and losses[-1] == np.inf and np.isfinite(losses[:-1]).all()


def test_the_step_of_a_run_shrinks_to_zero():
    layers, _ = ds.short_run("plain", 0.1, 2**0.5, depth=3, steps=1)
    fresh = ds.deep_weights(np.random.default_rng(0), 2**0.5, None, 3)
    rows = np.random.default_rng(0)
    ds.deep_weights(rows, 2**0.5, None, 3)
    X, y = ds.inked()
    batch = rows.choice(ds.fold(4)[0], 64, replace=False)
    ds.states(X[batch], fresh, "plain")[-1].surprise(y[batch]).backward()
    assert np.allclose(layers[1][0].data, fresh[1][0].data - 0.1 * fresh[1][0].grad)
    two, _ = ds.short_run("plain", 0.1, 2**0.5, depth=3, steps=2)
    assert not np.allclose(two[1][0].data, layers[1][0].data)


def test_pixels_have_strength_one_and_are_locked():
    X, y = ds.inked()
    assert abs(X.mean()) < 1e-4 and abs(ds.strength(X) - 1) < 1e-3 and X.shape == (5000, 784)
    with pytest.raises(ValueError, match="read-only"):
        X[0, 0] = 1


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_likeness_is_the_mean_of_the_cosines(seed):
    H = table(seed, 5, 4)
    cosines = [H[i] @ H[j] / np.linalg.norm(H[i]) / np.linalg.norm(H[j]) for i in range(5) for j in range(5) if i != j]
    assert np.isclose(ds.likeness(H), np.mean(cosines)) and np.isclose(ds.likeness(3 * H), ds.likeness(H))
    H[0] = 0
    assert np.isfinite(ds.likeness(H))


def test_a_net_that_says_nothing_makes_nothing_alike():
    assert ds.by_class("plain", 0.0) == (0.0, 0.0)  # all states are zeros, and no NaN comes of it


def test_what_the_page_says_of_the_cures():
    alike, g = ds.probe("plain", 2**0.5)
    assert alike[-1] > 0.99 and max(g) / min(g) < 10 and len(alike) == 49 and len(g) == 50
    assert ds.probe("layer", 2**0.5)[0][-1] > 0.99
    alike, g = ds.probe("batch", 2**0.5)
    assert alike[-1] < 0.5 and g[0] > 1000 * g[-1]
    alike, _ = ds.probe("residual", 1.0, 0.0)
    assert np.ptp(alike) < 1e-9


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
def test_dropout_keeps_the_mean(p):
    x = np.full((400, 500), 3.0)
    y = ds.dropout(x, p, np.random.default_rng(0))
    assert abs(y.mean() / 3 - 1) < 0.02 and abs((y == 0).mean() - p) < 0.01
    assert set(np.unique(y).round(9)) <= {0.0, round(3 / (1 - p), 9)}
    assert ds.dropout(x, p, None, training=False) is x


def test_what_is_off_gets_no_worth():
    h = Tensor(np.ones((4, 5)), requires_grad=True)
    y = ds.dropout(h, 0.4, np.random.default_rng(0))
    y.sum().backward()
    assert np.array_equal(h.grad, y.data) and (h.grad == 0).any()
    theirs = torch.nn.Dropout(0.4)
    assert np.isclose(float(theirs(torch.ones(1000)).max()), float(y.data.max()))


@pytest.mark.parametrize("p", [1.0, -0.1, 2, float("nan")])
@pytest.mark.parametrize("training", [True, False])
def test_shares_that_are_none_are_refused(p, training):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        ds.dropout(np.ones(3), p, np.random.default_rng(0), training)


def test_decay_is_the_gradient_of_the_cost_of_weights():
    ours = [Tensor(table(0, 3, 2)), Tensor(table(1, 2))]
    theirs = [torch.tensor(w.data.copy(), requires_grad=True) for w in ours]
    sgd = torch.optim.SGD([{"params": theirs[:1], "weight_decay": 0.3}, {"params": theirs[1:]}], lr=0.2)
    for w in theirs:
        w.grad = torch.zeros_like(w)
    sgd.step()
    ds.decayed(ours, 0.2, 0.3)
    assert all(np.allclose(w.data, v.detach().numpy()) for w, v in zip(ours, theirs, strict=True))


def test_a_few_digits_are_learned_by_heart():
    assert 100 < (ds.spoiled() != ds.inked()[1][ds.fold(4)[0][:500]]).sum() < 170
    course = ds.few(epochs=3)
    assert len(course) == 3 and not np.allclose(course[0][0].data, course[2][0].data)
    assert np.array_equal(course[2][0].data, ds.few(epochs=3)[2][0].data)
    assert np.linalg.norm(ds.few(alpha=0.5, epochs=3)[2][0].data) < np.linalg.norm(course[2][0].data)
    assert not np.array_equal(ds.few(p=0.5, epochs=1)[0][0].data, course[0][0].data)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=12), st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_stopping_looks_at_what_it_has_seen(losses, patience):
    best, run = ds.early_stop(losses, patience)
    assert best == int(np.argmin(losses[:run])) and best < run <= len(losses)
    assert run == len(losses) or run - 1 - best == patience
    assert (best, run) == ds.early_stop(losses[:run], patience)  # what comes later changes nothing


def test_confidence_that_is_deserved():
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 20_000)
    p = np.stack([sure, 1 - sure], axis=1)
    y = (rng.random(20_000) > sure).astype(int)
    assert ds.calibration_error(p, y) < 0.02
    assert abs(ds.calibration_error(p, np.zeros(20_000, int)) - (1 - sure).mean()) < 1e-9
    assert ds.calibration_error(np.array([[1.0, 0.0]]), np.array([0])) == 0
    assert np.isclose(ds.calibration_error(np.array([[0.82, 0.18], [0.62, 0.38]]), np.array([0, 1])), 0.4)


@pytest.mark.parametrize("true", [0.7, 1.0, 2.5])
def test_the_temperature_is_found_again(true):
    rng = np.random.default_rng(1)
    z = rng.normal(size=(4000, 4)) * 3
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = np.array([rng.choice(4, p=row) for row in p])
    assert abs(ds.best_temperature(z * true, y) - true) < 0.15


def test_other_shares_are_bayes():
    rng = np.random.default_rng(0)
    old, new = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.2, 0.7])
    likelihood = rng.random((6, 3))
    posterior = lambda shares: likelihood * shares / (likelihood * shares).sum(axis=1, keepdims=True)  # noqa: E731
    assert np.allclose(ds.for_shares(posterior(old), old, new), posterior(new))
    assert np.allclose(ds.for_shares(posterior(old), old, old), posterior(old))


def test_what_a_dashboard_reads():
    layers = ds.deep_weights(np.random.default_rng(0), 2**0.5, depth=4)
    layers[1][1].data = np.full(32, -1e6)
    layers[1][1].data = np.where(np.arange(32) < 8, -1e6, 0.0)
    found = ds.readings("plain", layers, 0.5)
    assert set(found) == set(ds.READINGS) and [len(found[k]) for k in ds.READINGS] == [3, 3, 4, 4, 3]
    assert 0.25 <= found["dead"][1] < 0.5 and found["dead"][0] < 0.1
    X, y = ds.inked()
    states = ds.states(X[:64], layers, "plain")
    assert np.isclose(found["strength"][1], ds.strength(states[1].data))
    assert np.isclose(found["likeness"][2], ds.likeness(states[2].data))
    fresh = ds.deep_weights(np.random.default_rng(0), 2**0.5, depth=4)
    fresh[1][1].data = layers[1][1].data
    ds.states(X[:64], fresh, "plain")[-1].surprise(y[:64]).backward()
    W = fresh[2][0]
    assert np.isclose(found["gradient"][2], ds.strength(W.grad))
    assert np.isclose(found["ratio"][2], 0.5 * ds.strength(W.grad) / ds.strength(W.data))


def test_a_net_that_has_exploded_can_be_read():
    layers, losses = ds.short_run("plain", 50.0, 2.5, depth=8, steps=40)
    found = ds.readings("plain", layers, 50.0)
    assert not np.isfinite(found["gradient"]).any() and ds.diagnose(found, losses) == "exploding"


def test_diagnoses_of_real_runs():
    say = lambda kind, gain, share=None, step=0.1, steps=0, depth=50: (  # noqa: E731
        ds.diagnose(*(lambda layers, losses: (ds.readings(kind, layers, step), losses))(
            *ds.short_run(kind, step, gain, share, depth, steps, seed=3)))
    )  # fmt: skip
    assert say("plain", 1.0) == "vanishing" and say("plain", 2.2) == "exploding"
    assert say("plain", 2**0.5) == say("layer", 2**0.5) == "alike" and say("batch", 2**0.5) == "exploding"
    assert say("both", 1.0, 50**-0.5, steps=20) == "healthy"
    assert say("both", 1.0, 50**-0.5, step=1e-5) == "step too small"
    assert say("plain", 2**0.5, step=30.0, depth=5) == "step too large"


def test_three_layers_with_norms():
    weights, norms = weights_of([784, 8, 8, 10], np.random.default_rng(0), float), [ds.BatchNorm(8), ds.BatchNorm(8)]
    X = table(0, 6, 784)
    h = np.maximum(ds.batch_norm(X @ weights[0].data), 0)
    h = np.maximum(ds.batch_norm(h @ weights[2].data), 0)
    assert np.allclose(ds.through_norms(X, weights, norms).data, h @ weights[4].data)


# --- 06_pytorch ---------------------------------------------------------------------------------------


def test_a_snapshot_holds_plain_dictionaries():
    state = p.snapshot(p.Training())
    assert type(state["weights"]) is dict  # torch's own carries more than weights, out of sight


def test_the_runs_that_are_compared_bit_by_bit_are_trained():
    kept = p.weights_after(0, halving=True)
    assert len(kept) == len(p.MARKS) and all((a != b).any() for a, b in itertools.pairwise(kept))
    assert any((a != b).any() for a, b in zip(kept, p.weights_after(1, halving=True), strict=True))


def test_the_digits_are_sklearns_in_two_parts_that_share_none():
    from sklearn.datasets import load_digits

    found = load_digits()
    parts = p.handwriting()
    X = torch.cat([X for X, _ in parts.values()])
    y = torch.cat([y for _, y in parts.values()])
    assert X.dtype == torch.float32 and y.dtype == torch.int64 and X.min() == 0 and X.max() == 1
    order = np.random.default_rng(0).permutation(1797)
    assert torch.equal(X * 16, torch.tensor(found.data[order], dtype=torch.float32))
    assert y.tolist() == found.target[order].tolist() and len(parts["learn"][1]) == 1400


def test_the_usual_script_reads_digits_and_its_bugs_cost_what_the_page_says():
    right = {
        name: p.share_right(p.train_reader(seed=1, **spoilt))
        for name, spoilt in (
            ("as it should be", {}),
            ("no zero_grad", {"zero": False}),
            ("softmax twice", {"loss": p.again_through_softmax}),
        )
    }
    assert right["as it should be"] > 0.93 and right["no zero_grad"] < right["as it should be"] - 0.1
    assert right["softmax twice"] > 0.85
    best = p.again_through_softmax(torch.tensor([[200.0] + [0.0] * 9]), torch.tensor([0])).item()
    assert best == pytest.approx(np.log(np.e + 9) - 1, abs=1e-5)


def test_the_mode_of_a_script_is_a_flag_that_share_right_sets():
    model = p.train_reader(epochs=0)
    for mode in (True, False):
        model.train(mode)
        assert p.share_right(model) == p.share_right(model) and model.training is mode is model.drop.training
    assert p.train_reader(epochs=1).training is True


# own Module


def twins(plan):
    """The same tree on the page's base and on torch's: a plan is {attribute: shape, or a plan, or "=name"}."""

    def grow(base, plan):
        module = base()
        for name, what in plan.items():
            if isinstance(what, dict):
                setattr(module, name, grow(base, what))
            elif isinstance(what, str):
                setattr(module, name, getattr(module, what[1:]))
            else:
                setattr(module, name, nn.Parameter(torch.zeros(what)))
        return module

    return grow(p.Module, plan), grow(nn.Module, plan)


LETTERS = st.sampled_from("abcdefgh")
PLANS = st.recursive(
    st.dictionaries(LETTERS, st.integers(1, 3), max_size=4),
    lambda inner: st.dictionaries(LETTERS, st.integers(1, 3) | inner, max_size=4),
    max_leaves=12,
)


@given(PLANS)
@settings(max_examples=150, deadline=None)
def test_names_of_parameters_are_torchs_in_torchs_order(plan):
    ours, theirs = twins(plan)
    assert [(name, len(value)) for name, value in p.named_parameters(ours).items()] == [
        (name, len(value)) for name, value in theirs.named_parameters()
    ]


@pytest.mark.parametrize(
    "plan",
    [
        {"a": 2, "tied": "=a"},
        {"a": {"w": 2}, "b": "=a", "c": 3},
        {"a": {"a": {"a": 1}}, "b": 1},
        {"z": 1, "a": 1},
    ],
)
def test_shared_parameters_have_torchs_name(plan):
    ours, theirs = twins(plan)
    assert list(p.named_parameters(ours)) == [name for name, _ in theirs.named_parameters()]


def test_lists_are_not_looked_into_as_in_torch():
    module, theirs = p.Module(), nn.Module()
    for one in (module, theirs):
        one.layers = [nn.Parameter(torch.zeros(1))]
        one.more = {"a": nn.Parameter(torch.zeros(1))}
    assert p.named_parameters(module) == {} == dict(theirs.named_parameters())
    assert len(list(p.Stack(True).parameters())) == 0 and len(list(p.Stack(False).parameters())) == 6


def test_the_flag_goes_down_to_every_part():
    outer, inner, deep = p.Module(), p.Module(), p.Module()
    outer.inner, inner.deep = inner, deep
    assert outer.train(False) is outer and not outer.training and not inner.training and not deep.training
    outer.train()
    assert outer.training and deep.training


def test_a_layer_of_our_own_is_torchs():
    ours, theirs, x = p.Affine(5, 3), nn.Linear(5, 3), torch.randn(2, 4, 5, generator=torch.Generator().manual_seed(0))
    p.load_into(ours, theirs.state_dict())
    assert torch.allclose(ours(x), theirs(x), atol=1e-6)
    fresh = p.Affine(100, 400).weight
    assert fresh.abs().max() <= 0.1 and fresh.std().item() == pytest.approx(0.1 / 3**0.5, rel=0.02)


def test_loading_is_in_place_and_leaves_the_optimiser_its_tensors():
    layer = p.Affine(3, 2)
    before = layer.weight
    optimizer = torch.optim.SGD(p.named_parameters(layer).values(), lr=1.0)
    state = {"weight": torch.ones(2, 3), "bias": torch.zeros(2)}
    p.load_into(layer, state)
    assert layer.weight is before and torch.equal(before, torch.ones(2, 3)) and before.requires_grad
    layer(torch.ones(3)).sum().backward()
    optimizer.step()
    assert torch.equal(layer.weight, torch.zeros(2, 3)) and torch.equal(state["weight"], torch.ones(2, 3))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"weight": torch.ones(2, 3)}, "bias"),
        ({"weight": torch.ones(2, 3), "bias": torch.ones(2), "scale": torch.ones(1)}, "scale"),
        ({"weight": torch.ones(3, 2), "bias": torch.ones(2)}, r"weight is \(2, 3\) here and \(3, 2\)"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_before_anything_is_copied(state, words):
    layer = p.Affine(3, 2)
    before = copy.deepcopy({name: value.detach() for name, value in p.named_parameters(layer).items()})
    with pytest.raises(ValueError, match=words):
        p.load_into(layer, state)
    assert p.what_differs(before, {name: value.detach() for name, value in p.named_parameters(layer).items()}) == []


def test_both_readers_say_and_pull_the_same():
    ours, theirs = p.OwnReader(), p.Reader().eval()
    p.load_into(ours, theirs.state_dict())
    X, y = p.handwriting()["measure"]
    for net in (ours, theirs):
        F.cross_entropy(net(X), y).backward()
    for (name, mine), (other, parameter) in zip(
        p.named_parameters(ours).items(), theirs.named_parameters(), strict=True
    ):
        assert name == other and torch.allclose(mine.grad, parameter.grad, atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_engine_by_hand_and_the_module_give_one_loss_and_one_gradient(seed):
    torch.manual_seed(seed)
    X, y = p.handwriting()["measure"]
    mine, theirs, gaps = p.engine_beside(p.OwnReader(width=8 + seed), X, y)
    assert abs(mine - theirs) < 1e-9 and max(gaps.values()) < 1e-9
    assert list(gaps) == ["hidden.weight", "hidden.bias", "out.weight", "out.bias"]


# numbers


@pytest.mark.parametrize(("kind", "bits"), [(torch.bfloat16, 8), (torch.float16, 11)])
def test_a_sum_of_ones_stops_where_the_gap_is_two(kind, bits):
    assert p.stalled(0, 1, kind) == 2**bits
    assert p.stalled(2**bits, 1, kind, times=1) == 2**bits and p.stalled(2**bits, 2, kind, times=1) == 2**bits + 2


def test_updates_below_half_the_gap_vanish():
    gap = torch.finfo(torch.bfloat16).eps
    assert p.stalled(1, gap * 0.49, torch.bfloat16, times=50) == 1 < p.stalled(1, gap * 0.51, torch.bfloat16, times=1)


def test_autocast_turns_products_and_nothing_before_them():
    found = p.under_autocast()
    assert found["the weight itself"] == found["x.exp()"] == found["cat of linear and x"] == "float32"
    assert found["linear"] == found["x @ W"] == found["relu of linear"] == "bfloat16"
    assert found["cross-entropy of linear"] == "float32"


# profiler


def test_spans_are_nested_and_in_order():
    found = p.step_spans(16, "one by one")
    begins = [begin for _, _, begin, _ in found]
    assert begins[0] == 0 and begins == sorted(begins)
    above = []
    for name, depth, begin, length in found:
        above = above[:depth]
        assert len(above) == depth, name
        if above:
            outer, begun, long = above[-1]
            assert begun - 1 <= begin and begin + length <= begun + long + 1, (outer, name)
        above.append((name, begin, length))
    assert p.spans([]) == []


@pytest.mark.parametrize("batch", [8, 256])
def test_the_optimizer_takes_as_many_operations_for_every_batch_and_fewer_fused(batch):
    one, fused = (p.calls_within(p.step_spans(batch, way), "optimizer") for way in p.WAYS)
    assert one == p.calls_within(p.step_spans(64, "one by one"), "optimizer") and fused * 2 < one
    names = [name for name, depth, _, _ in p.step_spans(batch, "fused") if depth == 0]
    assert names == ["batch", "forward", "backward", "optimizer"]


def test_spans_are_sorted_whatever_the_order_of_the_events():
    def event(name, start, end, parent=None):
        span = SimpleNamespace(start=start, end=end, elapsed_us=lambda: end - start)
        return SimpleNamespace(name=name, time_range=span, cpu_parent=parent)

    outer = event("outer", 5, 20)
    inner, last = event("inner", 5, 9, outer), event("last", 30, 31)
    for events in ([outer, inner, last], [last, inner, outer]):
        assert p.spans(events) == [("outer", 0, 0, 15), ("inner", 1, 0, 4), ("last", 0, 25, 1)]


def test_a_recorded_step_sets_its_gradients_to_none_first():
    names = [name for name, _, _, _ in p.step_spans(16, "fused")]
    assert sum("zero_grad" in name for name in names) == 1
    assert names.index("backward") < next(n for n, name in enumerate(names) if "zero_grad" in name)


def test_calls_within_counts_up_to_the_end_of_its_part():
    found = [("a", 0, 0, 10), ("x", 1, 0, 1), ("y", 1, 10, 0), ("b", 0, 11, 5), ("a", 1, 12, 1), ("z", 2, 12, 1)]
    assert p.calls_within(found, "a") == 2 and p.calls_within(found, "b") == 2


# sampler


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 5), st.integers(0, 3))
@settings(max_examples=80, deadline=None)
def test_the_batches_of_an_epoch_are_each_example_once(size, batch, seed, epoch):
    sampler = p.ResumableSampler(size, batch, seed)
    sampler.load_state_dict({"size": size, "seed": seed, "epoch": epoch, "position": 0})
    seen = []
    while sampler.state_dict()["epoch"] == epoch:
        rows = next(sampler)
        assert 1 <= len(rows) <= batch
        seen.append(rows)
    assert sum(seen, []) == p.epoch_order(size, seed, epoch) and sorted(sum(seen, [])) == list(range(size))
    assert all(len(rows) == batch for rows in seen[:-1])


@given(st.integers(1, 20), st.integers(1, 7), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_going_on_is_the_same_as_not_having_stopped_for_every_place(size, batch, seed):
    calm = p.ResumableSampler(size, batch, seed)
    states, batches = [], []
    for _ in range(2 * (-(-size // batch)) + 1):
        states.append(json.loads(json.dumps(calm.state_dict())))
        batches.append(next(calm))
    for place, state in enumerate(states):
        fresh = p.ResumableSampler(size, batch, seed)
        fresh.load_state_dict(state)
        assert [next(fresh) for _ in batches[place:]] == batches[place:]


def test_another_batch_size_goes_on_at_the_same_example():
    one, other = p.ResumableSampler(20, 4, 0), p.ResumableSampler(20, 3, 0)
    next(one), next(one)
    other.load_state_dict(one.state_dict())
    assert next(other) == p.epoch_order(20, 0, 0)[8:11]


def test_orders_depend_on_seed_and_epoch_and_not_on_their_sum():
    orders = {tuple(p.epoch_order(30, seed, epoch)) for seed in range(4) for epoch in range(4)}
    assert len(orders) == 16
    with pytest.raises(ValueError, match="got 0"):
        p.epoch_order(0, 0, 0)
    for size, batch in ((0, 1), (1, 0), (-1, 1)):
        with pytest.raises(ValueError, match=f"got {size} and {batch}"):
            p.ResumableSampler(size, batch, 0)


@pytest.mark.parametrize("bad", [{"size": 6}, {"seed": 1}, {"position": 5}, {"position": -1}, {"epoch": -1}])
def test_states_of_another_sampler_are_refused_and_change_nothing(bad):
    sampler = p.ResumableSampler(5, 2, 0)
    next(sampler)
    before = sampler.state_dict()
    with pytest.raises(ValueError, match="5 examples with seed 0"):
        sampler.load_state_dict({"size": 5, "seed": 0, "epoch": 3, "position": 1} | bad)
    assert sampler.state_dict() == before


def test_a_loader_with_a_worker_is_ahead_of_the_training():
    sampler = p.ResumableSampler(1400, 10, 0)
    plain = iter(DataLoader(TensorDataset(*p.handwriting()["learn"]), batch_sampler=sampler))
    X, _ = next(plain)
    assert sampler.state_dict()["position"] == 10
    assert torch.equal(X, p.handwriting()["learn"][0][p.epoch_order(1400, 0, 0)[:10]])


def test_the_state_behind_the_last_batch_that_was_trained_on_is_where_to_go_on():
    sampler, behind = p.ResumableSampler(1400, 64, 0), deque()
    data = TensorDataset(torch.arange(1400))
    loader = iter(DataLoader(data, batch_sampler=p.with_states(sampler, behind), num_workers=1, prefetch_factor=3))
    for _ in range(5):
        next(loader)
        committed = behind.popleft()
    loader._shutdown_workers()
    assert committed["position"] == 5 * 64 < sampler.state_dict()["position"]
    again = p.ResumableSampler(1400, 64, 0)
    again.load_state_dict(committed)
    assert next(again) == p.epoch_order(1400, 0, 0)[5 * 64 : 6 * 64]


# states


def test_what_differs_names_every_part_of_a_real_state():
    run = p.Training()
    run.advance()
    state = p.thawed(p.frozen(p.snapshot(run)))
    assert p.what_differs(state, p.snapshot(run)) == []
    for change, name in (
        (lambda s: s["weights"]["out.bias"].view(torch.int32)[3:4].add_(1), "weights.out.bias"),
        (lambda s: s["optimizer"]["state"][2]["exp_avg_sq"].mul_(2), "optimizer.state.2.exp_avg_sq"),
        (lambda s: s["optimizer"]["param_groups"][0].update(lr=1.0), "optimizer.param_groups.0.lr"),
        (lambda s: s["torch"][:1].add_(1), "torch"),
        (lambda s: s["numpy"]["state"].update(inc=1), "numpy.state.inc"),
    ):
        spoilt = p.thawed(p.frozen(state))
        change(spoilt)
        assert p.what_differs(state, spoilt) == [name]


@given(st.floats(width=32), st.floats(width=32))
def test_floats_are_the_same_if_their_bits_are(a, b):
    same = np.float32(a).tobytes() == np.float32(b).tobytes() or (a != a and b != b)
    assert (p.what_differs(a, b) == []) == same
    bits = np.float32(a).tobytes() == np.float32(b).tobytes()
    assert (p.what_differs({"x": torch.tensor(a)}, {"x": torch.tensor(b)}) == []) == bits


def test_a_run_that_takes_up_a_state_goes_on_to_the_bit_from_every_step():
    run, states, losses = p.Training(), [], []
    for _ in range(50):
        states.append(p.frozen(p.snapshot(run)))
        losses.append(run.advance())
    end = p.snapshot(run)
    for place in (0, 1, 7, 21, 22, 23, 24, 25, 26, 44, 49):
        again = p.Training()
        p.take_up(again, p.thawed(states[place]))
        assert [again.advance() for _ in losses[place:]] == losses[place:]
        assert p.what_differs(end, p.snapshot(again)) == []


@pytest.mark.parametrize(
    ("part", "first"),
    [("weights", 1), ("sampler", 1), ("torch", 1), ("numpy", 1), ("optimizer", 2), ("schedule", 7), ("step", None)],
)
def test_a_part_left_out_shows_itself_when_the_page_says(part, first):
    run = p.Training()
    for _ in range(20):
        run.advance()
    state = p.frozen(p.snapshot(run))
    calm = [run.advance() for _ in range(15)]
    assert p.first_difference(calm, p.losses_after(state, [part], 15)) == first


def test_states_that_lack_a_part_and_parts_that_there_are_not_are_refused():
    state = p.snapshot(p.Training())
    with pytest.raises(ValueError, match="lacks config$"):
        p.take_up(p.Training(), {name: value for name, value in state.items() if name != "config"})
    for part in p.PARTS:
        lacking = {name: value for name, value in state.items() if name != part}
        with pytest.raises(ValueError, match=f"lacks {part}$"):
            p.take_up(p.Training(), lacking)
        p.take_up(p.Training(), lacking, without=[part])
    with pytest.raises(ValueError, match="no parts: rng; there are step, weights"):
        p.take_up(p.Training(), state, without=["rng"])


@pytest.mark.parametrize("other", [{"batch": 32}, {"seed": 1}, {"noise": 0.2}])
def test_another_configuration_is_refused(other):
    state, run = p.thawed(p.frozen(p.snapshot(p.Training()))), p.Training(**other)
    before = p.frozen(p.snapshot(run))
    with pytest.raises(ValueError, match="the state is of a run with .*, this one has"):
        p.take_up(run, state)
    assert p.what_differs(p.thawed(before), p.snapshot(run)) == []
    with pytest.raises(ValueError, match="'format': 2"):
        p.take_up(p.Training(), state | {"config": state["config"] | {"format": 2}})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s["sampler"].update(size=7),
        lambda s: s["weights"].pop("out.bias"),
        lambda s: s["weights"].update({"out.bias": torch.zeros(3)}),
        lambda s: s["optimizer"]["param_groups"].append({}),
        lambda s: s.update(torch=torch.zeros(3)),
        lambda s: s.update(numpy={"bit_generator": "MT19937"}),
    ],
)
def test_taking_up_is_all_or_nothing(spoil):
    other = p.Training()
    for _ in range(3):
        other.advance()
    state = p.thawed(p.frozen(p.snapshot(other)))
    spoil(state)
    run = p.Training()
    run.advance()
    before = p.thawed(p.frozen(p.snapshot(run)))
    with pytest.raises((ValueError, RuntimeError, TypeError)):
        p.take_up(run, state)
    assert p.what_differs(before, p.snapshot(run)) == []
    after = run.advance()
    p.take_up(run, before)
    assert run.advance() == after


def test_measuring_changes_nothing_that_comes_after():
    losses = []
    for measured in (False, True):
        run = p.Training()
        run.advance()
        if measured:
            p.share_right(run.model)
            run.model.eval()  # not even this: a step sets its own mode
        losses.append([run.advance() for _ in range(3)])
    assert losses[0] == losses[1]


def test_the_rate_is_halved_every_25_steps():
    run = p.Training()
    rates = []
    for _ in range(51):
        rates.append(run.optimizer.param_groups[0]["lr"])
        run.advance()
    assert rates == [3e-3] * 25 + [1.5e-3] * 25 + [7.5e-4]


# files


def test_a_program_in_a_checkpoint_is_not_run():
    vars(sys).pop("trapped", None)
    with pytest.raises(pickle.UnpicklingError):
        p.thawed(p.frozen({"a": p.Trap()}))
    assert not hasattr(sys, "trapped")
    pickle.loads(pickle.dumps(p.Trap()))
    assert sys.trapped is True
    del sys.trapped


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_every_bit_of_a_checkpoint_counts(where):
    with tempfile.TemporaryDirectory() as folder:
        p.save_checkpoint({"step": 4, "weights": torch.arange(50.0)}, folder)
        path = Path(folder) / "step-000004.pt"
        content = bytearray(path.read_bytes())
        content[where // 8 % len(content)] ^= 1 << where % 8
        path.write_bytes(content)
        with pytest.raises(ValueError, match="step-000004.pt is damaged"):
            p.load_checkpoint(path)


@pytest.mark.parametrize("cut", [0, 1, 64, 65, 66, 500])
def test_a_checkpoint_that_was_cut_off_is_refused(tmp_path, cut):
    p.save_checkpoint({"step": 4, "weights": torch.arange(50.0)}, tmp_path)
    path = tmp_path / "step-000004.pt"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match="is damaged"):
        p.load_checkpoint(path)
    with pytest.raises(ValueError, match="none of the checkpoints can be read: step-000004.pt"):
        p.newest(tmp_path)
    p.save_checkpoint({"step": 3}, tmp_path)
    assert p.newest(tmp_path) == ({"step": 3}, [])
    assert sorted(os.listdir(tmp_path)) == ["step-000003.pt", "step-000004.pt.damaged"]


def saved(folder, *steps):
    """Save checkpoints of these steps."""
    for step in steps:
        p.save_checkpoint({"step": step}, folder)


def damaged(folder, *steps):
    """Write files of these steps that are no checkpoints."""
    for step in steps:
        (Path(folder) / f"step-{step:06}.pt").write_bytes(b"x")


def test_the_newest_is_that_of_the_highest_number_not_of_the_last_text(tmp_path):
    saved(tmp_path, 999_990, 999_999, 1_000_000)
    assert p.newest(tmp_path) == ({"step": 1_000_000}, [])
    assert sorted(os.listdir(tmp_path)) == ["step-1000000.pt", "step-999999.pt"]


def test_the_only_good_checkpoint_outlives_damaged_ones(tmp_path):
    saved(tmp_path, 10)
    damaged(tmp_path, 20, 30)
    assert p.newest(tmp_path) == ({"step": 10}, ["step-000030.pt", "step-000020.pt"])
    saved(tmp_path, 15)
    assert [path.name for path in p.by_step(tmp_path)] == ["step-000015.pt", "step-000010.pt"]
    assert len(list(tmp_path.glob("*.damaged"))) == 2
    saved(tmp_path, 20)
    assert [path.name for path in p.by_step(tmp_path)] == ["step-000020.pt", "step-000015.pt"]


def test_what_was_just_written_stays_after_a_rollback(tmp_path):
    saved(tmp_path, 50, 60, 10)
    assert [path.name for path in p.by_step(tmp_path)] == ["step-000060.pt", "step-000010.pt"]
    saved(tmp_path, 60)
    assert [path.name for path in p.by_step(tmp_path)] == ["step-000060.pt", "step-000010.pt"]


def test_damaged_ones_alone_are_no_reason_to_begin_anew(tmp_path):
    damaged(tmp_path, 20)
    assert p.put_aside(tmp_path) == []
    with pytest.raises(ValueError, match="can be read: step-000020.pt.damaged"):
        p.newest(tmp_path)
    with pytest.raises(FileNotFoundError):
        p.newest(tmp_path / "not-there")
    with pytest.raises(FileNotFoundError):
        p.train_worker(tmp_path / "not-there", 1)


@pytest.mark.parametrize(
    "payload", [b"", b"not a file of torch's", p.frozen({"a": 1})[:-50], p.frozen({"a": p.Trap()})]
)
def test_what_was_saved_whole_and_holds_no_state_is_passed_over(tmp_path, payload):
    saved(tmp_path, 10)
    first = p.hashlib.sha256(payload).hexdigest().encode() + b"\n"
    (tmp_path / "step-000020.pt").write_bytes(first + payload)
    assert p.newest(tmp_path) == ({"step": 10}, ["step-000020.pt"])


def test_a_path_that_cannot_be_opened_is_passed_over_and_not_touched(tmp_path):
    saved(tmp_path, 10)
    (tmp_path / "step-000020.pt").mkdir()
    assert p.newest(tmp_path) == ({"step": 10}, ["step-000020.pt"])
    assert [path.name for path in p.put_aside(tmp_path)] == ["step-000010.pt"] and (
        tmp_path / "step-000020.pt"
    ).is_dir()


def test_what_nobody_could_read_again_is_not_saved(tmp_path):
    with pytest.raises(pickle.UnpicklingError):
        p.save_checkpoint({"step": 1, "loss": np.float64(1.0)}, tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_file_of_torch_save_without_our_first_line_is_refused(tmp_path):
    torch.save({"step": 1}, tmp_path / "step-000001.pt")
    assert zipfile.is_zipfile(tmp_path / "step-000001.pt")
    with pytest.raises(ValueError, match="damaged"):
        p.load_checkpoint(tmp_path / "step-000001.pt")


def test_the_last_two_are_kept_and_nothing_else_is_touched(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for step in (9, 10, 100, 1000):
        p.save_checkpoint({"step": step}, tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["notes.txt", "step-000100.pt", "step-001000.pt"]
    assert p.newest(tmp_path) == ({"step": 1000}, [])


@pytest.mark.parametrize("stage", ["write", "fsync", "replace"])
def test_whatever_fails_the_old_file_stays_and_no_half_one_is_left(tmp_path, monkeypatch, stage):
    path = tmp_path / "state"
    path.write_bytes(b"old")

    def fails(*_, **__):
        raise OSError("no space left")

    if stage != "write":
        monkeypatch.setattr(os, stage, fails)
    with pytest.raises(OSError, match="no space"):
        p.write_atomically(path, fails if stage == "write" else lambda stream: stream.write(b"new"))
    monkeypatch.undo()
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["state"]


def test_the_disk_is_told_in_the_right_order(tmp_path, monkeypatch):
    import judges

    drive = judges.load("pytorch").exercises["write_atomically"].drive
    steps = drive(p.write_atomically, b"old", b"new" * 5000, False, "Path", None)["steps"]
    assert steps == ["file synced", "replaced by state.pt.partial", "folder synced"]


def test_a_partial_file_of_a_dead_process_is_written_over(tmp_path):
    (tmp_path / "step-000005.pt.partial").write_bytes(b"half")
    assert p.newest(tmp_path) == (None, [])
    p.save_checkpoint({"step": 5}, tmp_path)
    assert os.listdir(tmp_path) == ["step-000005.pt"] and p.newest(tmp_path)[0] == {"step": 5}


# kills

SETUP = str(Path(__file__).resolve().parents[1] / "00_setup")
STEPS = 60


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """State and losses of a process that nobody disturbs."""
    folder = tmp_path_factory.mktemp("calm")
    assert p.run_until(lambda at: False, folder, steps=STEPS) == 0
    return p.newest(folder)[0], losses_told(folder)


def losses_told(folder):
    """{step: set of losses} of all whole lines of metrics."""
    found = {}
    for line in (Path(folder) / "metrics.jsonl").read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            row = json.loads(line)
            found.setdefault(row["step"], set()).add(row["loss"])
    return found


def killed_at_random(folder, rng, every):
    """Start a worker, and kill it some lines of metrics and a moment later. Returns its exit status."""
    last = len(p.emitted(folder)) + rng.randint(1, 30)
    after, begun = rng.uniform(0, 0.02), []

    def stop(at):
        if not begun and len(p.emitted(at)) >= last:
            begun.append(time.monotonic())
        return bool(begun) and time.monotonic() - begun[0] > after

    return p.run_until(stop, folder, steps=STEPS, every=every, rest=0.004)


def test_killed_at_random_steps_the_state_is_that_of_the_undisturbed_run(undisturbed, full, tmp_path):
    """Kills go on, in one folder after the other, until there were enough of them."""
    rng, kills, rounds = random.Random(), 0, 0
    seed = rng.randrange(10**6)
    rng.seed(seed)
    while kills < (50 if full else 5):
        folder = tmp_path / f"round-{rounds}"
        folder.mkdir()
        rounds += 1
        status = -9
        while status != 0:
            status = killed_at_random(folder, rng, every=rng.choice([1, 3, 10]))
            kills += status == -signal.SIGKILL
            assert status in (0, -signal.SIGKILL), f"seed {seed}"
        state, refused = p.newest(folder)
        assert refused == [] and p.what_differs(undisturbed[0], state) == [], f"seed {seed}"
        assert losses_told(folder) == undisturbed[1], f"seed {seed}: a step that ran twice gave two losses"


def test_killed_in_mid_write_the_old_checkpoint_is_whole(undisturbed, full, tmp_path):
    half = tmp_path / "step-000040.pt.partial"
    for turn in range(10 if full else 2):
        for path in tmp_path.iterdir():
            path.unlink()
        p.train_worker(tmp_path, steps=30)
        before = (tmp_path / "step-000030.pt").read_bytes()

        def halfway(_, size=20_000 + 8_000 * turn):
            return half.exists() and half.stat().st_size > size

        status = p.run_until(halfway, tmp_path, steps=STEPS, pause=0.1)
        assert status == -signal.SIGKILL and half.exists() and not (tmp_path / "step-000040.pt").exists()
        assert half.stat().st_size < len(before)
        assert (tmp_path / "step-000030.pt").read_bytes() == before and p.newest(tmp_path)[0]["step"] == 30
    p.train_worker(tmp_path, steps=STEPS)
    assert p.what_differs(undisturbed[0], p.newest(tmp_path)[0]) == []
    assert not half.exists()


def test_a_worker_says_which_checkpoint_it_could_not_use(tmp_path):
    p.train_worker(tmp_path, steps=20)
    path = tmp_path / "step-000020.pt"
    path.write_bytes(path.read_bytes()[:-1])
    done = subprocess.run(
        [sys.executable, "-c", p.WORK, str(tmp_path), json.dumps({"steps": 12})],
        env=os.environ | {"PYTHONPATH": SETUP},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "step-000020.pt cannot be read and was not used" in done.stderr
    assert p.emitted(tmp_path) == [*range(1, 21), 11, 12]


def test_a_worker_does_not_sleep_unless_it_is_asked_to(tmp_path, monkeypatch):
    slept = []
    monkeypatch.setattr(p.time, "sleep", slept.append)
    run = p.train_worker(tmp_path, steps=12)
    assert run.step == 12 and set(slept) == {0.0} and p.newest(tmp_path)[0]["step"] == 12
    p.train_worker(tmp_path, steps=14, rest=0.5, halt=13)
    assert slept[-2:] == [60, 0.5]


def test_a_line_that_was_torn_off_is_cut_and_written_again(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1, "loss": 2.0}\n{"step": 2, "lo')
    p.train_worker(tmp_path, 2)
    assert p.emitted(tmp_path) == [1, 1, 2] and all(json.loads(line) for line in path.read_text().splitlines())
    for text in ("", "a\n", "a\nb", "b"):
        path.write_text(text)
        p.whole_lines(path).close()
        assert path.read_text() == text[: text.rfind("\n") + 1]


def test_metrics_are_on_the_disk_before_the_checkpoint_that_counts_on_them(tmp_path, monkeypatch):
    synced, real = [], os.fsync

    def fsync(handle):
        kept = p.emitted(tmp_path)
        synced.append((os.path.samestat(os.fstat(handle), os.stat(tmp_path / "metrics.jsonl")), len(kept)))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    p.train_worker(tmp_path, steps=4, every=2)
    assert synced == [(True, 2), (False, 2), (False, 2), (True, 4), (False, 4), (False, 4)]


def test_a_second_writer_is_refused_and_a_dead_one_holds_nothing(tmp_path):
    command = [sys.executable, "-c", p.WORK, str(tmp_path)]
    surroundings = os.environ | {"PYTHONPATH": SETUP}
    slow = subprocess.Popen([*command, json.dumps({"steps": 9, "halt": 3})], env=surroundings)
    try:
        while p.emitted(tmp_path) != [1, 2, 3]:
            assert slow.poll() is None
            time.sleep(0.01)
        second = subprocess.run(
            [*command, json.dumps({"steps": 9})], env=surroundings, capture_output=True, text=True, check=False
        )
        assert second.returncode == 1 and "another process writes into this folder" in second.stderr
        with pytest.raises(RuntimeError, match="another process"):
            p.train_worker(tmp_path, steps=9)
        assert p.emitted(tmp_path) == [1, 2, 3]
    finally:
        slow.kill()
        slow.wait()
    assert p.train_worker(tmp_path, steps=9).step == 9 and p.emitted(tmp_path)[-1] == 9


def test_a_worker_does_not_go_back(tmp_path):
    p.train_worker(tmp_path, steps=12)
    with pytest.raises(ValueError, match="at step 12, beyond 5"):
        p.train_worker(tmp_path, steps=5)
    with pytest.raises(ValueError, match="got 0"):
        p.train_worker(tmp_path, steps=13, every=0)
    assert p.train_worker(tmp_path, steps=12).step == 12


def test_emitted_leaves_out_a_line_that_is_half(tmp_path):
    assert p.emitted(tmp_path) == []
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss": 1.0}\n{"step": 2')
    assert p.emitted(tmp_path) == p.emitted(str(tmp_path)) == [1]


# where equal bits end


def test_a_batch_in_pieces_is_the_same_mathematics():
    whole = p.gradient(1)
    assert torch.equal(whole, p.gradient(1))
    for pieces in (2, 4, 8):
        assert torch.allclose(p.gradient(pieces), whole, atol=1e-6)


def test_one_bit_stays_small_where_the_rate_falls_and_starts_as_one_bit():
    for off in ("out.bias", "out.weight"):
        course = p.apart(0, True, off)
        assert len(course) == len(p.MARKS) and 0 < course[0] < 1e-5 and max(course) < 1e-4
        assert p.apart(0, False, off)[:2] == course[:2], "until the first halving the two rates are one"


def test_sums_differ_by_threads_and_one_thread_is_left():
    exact = torch.randn(1000, generator=torch.Generator().manual_seed(0)).double().sum().item()
    assert p.sum_by(1, size=1000) == pytest.approx(exact, abs=1e-3)
    assert len({p.sum_by(threads) for threads in (1, 2, 3, 4)}) > 1 and torch.get_num_threads() == 1


# --- 07_language_models -------------------------------------------------------------------------------

CHARACTERS = 72
small_texts = st.lists(st.integers(0, 5), min_size=1, max_size=40)


def doubles(*shape, seed=0):
    """Normal numbers in double precision."""
    return torch.randn(*shape, dtype=torch.double, generator=torch.Generator().manual_seed(seed))


def test_ids_and_alphabet_are_each_others_inverse():
    assert "".join(lm.alphabet()[i] for i in lm.ids_of("To be, or — not!")) == "To be, or — not!"
    assert lm.ids_of("").shape == (0,) and lm.ids_of("").dtype == torch.long
    with pytest.raises(ValueError, match="'~', 'ü'"):
        lm.ids_of("ü~a")


@given(small_texts, st.integers(1, 8))
def test_windows_hold_what_came_before_and_nothing_of_what_is_to_come(text, k):
    ids = torch.tensor(text)
    X, y = lm.windows(ids, k)
    assert X.shape == (len(ids), k) and torch.equal(y, ids)
    for t in range(len(ids)):
        assert X[t].tolist() == ([0] * k + text[:t])[-k:]


@given(small_texts, st.integers(1, 6), st.integers(0, 39))
def test_windows_before_a_place_do_not_change_with_what_stands_there(text, k, at):
    at = at % len(text)
    other = text[:at] + [9] * (len(text) - at)
    assert torch.equal(lm.windows(torch.tensor(text), k)[0][: at + 1], lm.windows(torch.tensor(other), k)[0][: at + 1])


def test_held_out_windows_hold_no_character_of_the_text_before():
    held_out = lm.ids_of(pi.text()[1])
    assert lm.windows(held_out, 6)[0][0].tolist() == [0] * 6


@pytest.mark.parametrize("k", [0, -3])
def test_windows_of_no_characters_are_refused(k):
    with pytest.raises(ValueError, match=f"k = {k}"):
        lm.windows(torch.tensor([1, 2]), k)


def test_windows_of_a_million_ids_are_a_view():
    ids = torch.zeros(1_000_000, dtype=torch.long)
    X, _ = lm.windows(ids, 500)
    assert X.untyped_storage().nbytes() < 9_000_000


def test_pair_counts_are_those_of_the_two_gram():
    ids = lm.ids_of("abracadabra")
    counts = lm.pair_counts(ids)
    assert counts.sum() == 11 and counts[0, lm.places()["a"]] == 1  # the first one follows a new line
    assert counts[lm.places()["a"], lm.places()["b"]] == 2


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=2, max_size=5))
def test_a_trained_table_becomes_the_counts(row):
    """The optimum in closed form: shares of the counts. Without zeros, so that it is reached."""
    counts = torch.tensor([row, row[::-1]], dtype=torch.double)
    p = torch.softmax(lm.trained_table(counts, 2000), dim=1)
    torch.testing.assert_close(p, counts / counts.sum(dim=1, keepdim=True), atol=0.02, rtol=0)  # Adam jumps a little


def test_whole_counts_train_a_table_and_no_counts_are_refused():
    whole = lm.trained_table(torch.tensor([[3, 1]]), 50)
    assert torch.equal(whole, lm.trained_table(torch.tensor([[3.0, 1.0]]), 50)) and whole.dtype == torch.double
    with pytest.raises(ValueError, match="nothing was counted"):
        lm.trained_table(torch.zeros(2, 3), 5)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=4, max_size=4), st.integers(0, 99))
def test_no_table_has_fewer_bits_than_the_counts(row, seed):
    counts = torch.tensor([row, [1, 2, 3, 4]], dtype=torch.double)
    shares = counts / counts.sum(dim=1, keepdim=True).clamp(min=1)
    other = torch.softmax(doubles(2, 4, seed=seed), dim=1)
    assert lm.table_bits(shares, counts) <= lm.table_bits(other, counts) + 1e-12


def test_the_gradient_of_a_table_is_predicted_minus_happened():
    ids = lm.ids_of(pi.text()[0][:3000])
    W = doubles(CHARACTERS, CHARACTERS).requires_grad_()
    X, y = lm.windows(ids, 1)
    F.cross_entropy(W[X[:, 0]], y).backward()
    C = lm.pair_counts(ids)
    torch.testing.assert_close(W.grad, (C.sum(1, keepdim=True) * torch.softmax(W.detach(), 1) - C) / len(ids))


def test_a_table_that_says_never_pays_without_end():
    assert lm.table_bits(torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 1.0]])) == math.inf
    assert lm.table_bits(torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 0.0]])) == 0


@given(st.lists(st.integers(0, 4), max_size=12), st.integers(1, 4), st.integers(0, 99))
def test_a_lookup_pulls_back_as_embedding_does(ids, width, seed):
    ids, g = torch.tensor(ids, dtype=torch.long), doubles(len(ids), width, seed=seed)
    layer = nn.Embedding(5, width, dtype=torch.double)
    layer(ids).backward(g)
    torch.testing.assert_close(lm.lookup_vjp(ids, g, 5), layer.weight.grad)
    torch.testing.assert_close(lm.lookup_vjp(ids, g, 5), F.one_hot(ids, 5).double().T @ g)


def test_a_lookup_keeps_what_single_precision_would_round():
    found = lm.lookup_vjp(torch.tensor([1, 1]), torch.tensor([[2.0**24], [1.0]], dtype=torch.double), 2)
    assert found.dtype == torch.double and found.tolist() == [[0.0], [2.0**24 + 1]]
    assert lm.lookup_vjp(torch.tensor([0]), torch.ones(1, 1, dtype=torch.half), 1).dtype == torch.half


@pytest.mark.parametrize("ids, g", [([0], torch.ones(1)), ([[0]], torch.ones(1, 1)), ([0, 1], torch.ones(3, 1))])
def test_a_lookup_refuses_shapes_that_do_not_fit(ids, g):
    with pytest.raises(ValueError, match=r"expected \(n,\) and \(n, d\)"):
        lm.lookup_vjp(torch.tensor(ids), g, 3)


@pytest.mark.parametrize("ids", [[-1], [5], [0, 9]])
def test_rows_that_there_are_not_are_refused(ids):
    with pytest.raises(ValueError, match=rf"{min(ids)} to {max(ids)}.*0 … 4"):
        lm.lookup_vjp(torch.tensor(ids), torch.ones(len(ids), 1), 5)


def test_the_mlp_is_its_formula():
    model, X = lm.CharMLP(3, width=4, hidden=5).double(), torch.tensor([[1, 2, 3], [4, 4, 4]])
    one_hot = F.one_hot(X, CHARACTERS).double()
    by_hand = torch.tanh((one_hot @ model.E).reshape(2, 12) @ model.W + model.b) @ model.V + model.c
    torch.testing.assert_close(model(X), by_hand)


@pytest.mark.parametrize("make", [lambda: lm.CharMLP(3), lambda: lm.CharRNN(8)])
def test_reading_and_going_on_one_by_one_are_the_same(make):
    model, ids = make().double(), lm.ids_of("To be, or not to be")
    state, logits = model.advance(None, torch.zeros(1, dtype=torch.long))
    found = [logits]
    for character in ids[:-1]:
        state, logits = model.advance(state, character[None])
        found.append(logits)
    torch.testing.assert_close(torch.cat(found), model.read(ids))


@pytest.mark.parametrize("make", [lambda: lm.CharMLP(3), lambda: lm.CharRNN(8)])
def test_a_model_predicts_without_looking_ahead(make):
    model, ids = make(), lm.ids_of("To be, or not to be")
    other = torch.cat([ids[:7], ids[7:].flip(0)])
    torch.testing.assert_close(model.read(ids)[:8], model.read(other)[:8])
    assert not torch.allclose(model.read(ids)[8:], model.read(other)[8:])


def test_bits_are_those_of_cross_entropy():
    model, ids = lm.CharMLP(2), lm.ids_of("a quiet text")
    ours = lm.bits_of(model, ids)
    assert ours.shape == (12,)
    theirs = pi.cross_entropy(model.read(ids).detach().double().numpy(), ids.numpy()) / np.log(2)
    assert ours.mean() == pytest.approx(theirs, abs=1e-5)


def test_a_model_starts_from_the_same_numbers_for_the_same_seed():
    for make in (lambda seed: lm.CharMLP(2, seed=seed), lambda seed: lm.CharRNN(6, seed=seed)):
        assert torch.equal(make(1).E, make(1).E) and not torch.equal(make(1).E, make(2).E)


def test_refine_lowers_the_loss_and_its_rate():
    model, ids = lm.CharMLP(2, hidden=16), lm.ids_of("the cat sat on the mat. " * 20)
    before = lm.bits_of(model, ids).mean()
    assert lm.refine(model, lm.window_losses(model, ids, batch=64), 150, 0.02) is model
    assert lm.bits_of(model, ids).mean() < before / 3


def test_refine_asks_for_no_loss_that_it_does_not_use():
    model, asked = lm.CharMLP(1, hidden=4), []
    losses = lm.window_losses(model, lm.ids_of("abc"))
    lm.refine(model, (asked.append(loss) or loss for loss in losses), 7, 0.1)
    assert len(asked) == 7


def test_the_rate_falls_to_a_fiftieth(monkeypatch):
    rates, real = [], torch.optim.Adam.step
    monkeypatch.setattr(
        torch.optim.Adam, "step", lambda self, *a: (rates.append(self.param_groups[0]["lr"]), real(self, *a))[1]
    )
    model = lm.CharMLP(1, hidden=4)
    lm.refine(model, lm.window_losses(model, lm.ids_of("abc")), 50, 0.1)
    assert rates[0] == pytest.approx(0.1) and rates == sorted(rates, reverse=True)
    assert len(rates) == 50 and rates[-1] == pytest.approx(0.1 * (1 - 0.98 * 49 / 50))


def test_gradients_are_shortened_to_one():
    model = lm.CharMLP(1, hidden=4)
    losses = (1e6 * loss for loss in lm.window_losses(model, lm.ids_of("abc")))
    lm.refine(model, losses, 1, 0.1)
    assert torch.cat([p.grad.flatten() for p in model.parameters()]).norm() <= 1 + 1e-5


def test_lanes_go_on_where_they_stopped_and_pull_nothing_through_the_cut():
    ids, model = lm.ids_of("to be or not to be, that is"), lm.CharRNN(6).double()
    losses = lm.lane_losses(model, ids, lanes=2, length=4)
    first, second = next(losses), next(losses)
    rows = ids[:26].view(2, 13)
    h = model.states(rows[:, :4])[-1].detach()
    for loss, at, before in ((first, 0, None), (second, 4, h)):
        logits = torch.stack(model.states(rows[:, at : at + 4], before), dim=1) @ model.V + model.c
        want = F.cross_entropy(logits.flatten(0, 1), rows[:, at + 1 : at + 5].flatten())
        torch.testing.assert_close(loss, want)
        for ours, theirs in zip(
            torch.autograd.grad(loss, model.parameters()), torch.autograd.grad(want, model.parameters()), strict=True
        ):
            torch.testing.assert_close(ours, theirs)


def test_lanes_begin_again_at_the_end():
    ids, model = lm.ids_of("to be or not to be"), lm.CharRNN(6)
    losses = lm.lane_losses(model, ids, lanes=2, length=4)  # 9 in a lane: pieces at 0 and 4
    first, second, third = next(losses), next(losses), next(losses)
    assert torch.equal(first, third) and not torch.equal(first, second)


@pytest.mark.parametrize("characters, lanes, length", [(18, 2, 9), (7, 2, 4), (0, 1, 1)])
def test_a_text_too_short_for_its_lanes_is_refused(characters, lanes, length):
    losses = lm.lane_losses(lm.CharRNN(4), torch.zeros(characters, dtype=torch.long), lanes, length)
    with pytest.raises(ValueError, match=f"longer than {length}, is {characters // lanes}"):
        next(losses)
    one_more = torch.zeros(lanes * (length + 1), dtype=torch.long)
    assert next(lm.lane_losses(lm.CharRNN(4), one_more, lanes, length)).isfinite()


@pytest.mark.parametrize("make", [lambda: lm.CharMLP(3), lambda: lm.CharRNN(8)])
def test_a_text_of_no_characters_has_no_predictions(make):
    assert make().read(lm.ids_of("")).shape == (0, CHARACTERS)


@pytest.mark.parametrize("hidden, n, T, seed", [(1, 1, 1, 0), (5, 2, 7, 1), (16, 3, 40, 2)])
def test_the_rnn_is_torchs(hidden, n, T, seed):
    ours = lm.CharRNN(hidden, gain=1.3, seed=seed).double()
    theirs = nn.RNN(CHARACTERS, hidden, batch_first=True, dtype=torch.double)
    with torch.no_grad():
        ours.b.copy_(doubles(hidden, seed=seed))
        theirs.weight_ih_l0.copy_(ours.E.T)
        theirs.weight_hh_l0.copy_(ours.U.T)
        theirs.bias_ih_l0.copy_(ours.b)
        theirs.bias_hh_l0.zero_()
    X, h = (
        torch.randint(CHARACTERS, (n, T), generator=torch.Generator().manual_seed(seed)),
        doubles(n, hidden, seed=9).tanh(),
    )
    one, (other, last) = torch.stack(ours.states(X, h), 1), theirs(F.one_hot(X, CHARACTERS).double(), h[None])
    torch.testing.assert_close(one, other)
    torch.testing.assert_close(one[:, -1], last[0])
    one.square().sum().backward()
    other.square().sum().backward()
    for mine, right in (
        (ours.U.grad, theirs.weight_hh_l0.grad.T),
        (ours.E.grad, theirs.weight_ih_l0.grad.T),
        (ours.b.grad, theirs.bias_ih_l0.grad),
    ):
        torch.testing.assert_close(mine, right)


def test_u_begins_as_a_rotation_times_the_gain():
    U = lm.CharRNN(7, gain=0.6).U.detach()
    torch.testing.assert_close(U @ U.T, 0.36 * torch.eye(7), atol=1e-5, rtol=0)


@given(st.integers(1, 5), st.integers(2, 6), st.integers(0, 99))
@settings(deadline=None)
def test_step_after_step_pulls_back_what_torch_does(n, d, seed):
    """The product of the Jacobians is the derivative through all steps at once."""
    model = lm.CharRNN(d, gain=1.4, seed=seed).double()
    states = model.states(torch.randint(CHARACTERS, (n, 9), generator=torch.Generator().manual_seed(seed)))
    g = doubles(n, d, seed=seed)
    through_all = torch.autograd.grad((g * states[-1]).sum(), states)
    for t in range(8, 0, -1):
        torch.testing.assert_close(g, through_all[t])
        g = lm.step_vjp(states[t], model.U, g)
    torch.testing.assert_close(g, through_all[0])


def test_fading_is_the_length_of_the_gradient_relative_to_the_end():
    model, X = lm.CharRNN(6).double(), lm.excerpts(3, 9)
    states = model.states(X[:, :-1])
    loss = F.cross_entropy(states[-1] @ model.V + model.c, X[:, -1], reduction="sum")
    far, end = torch.autograd.grad(loss, [states[2], states[-1]])
    curve = lm.fading(model, X)
    assert curve.shape == (8,) and curve[0] == 1
    want = (far.norm(dim=1) / end.norm(dim=1)).log().mean().exp().item()
    assert curve[5] == pytest.approx(want)


@pytest.mark.parametrize("gain", [0.4, 0.7, 1.0, 1.5])
def test_a_new_network_fades_at_the_promised_rate(gain):
    model, X = lm.CharRNN(128, gain, seed=3).double(), lm.excerpts(64, 41)
    curve = lm.fading(model, X)
    measured = (curve[35] / curve[5]) ** (1 / 30)
    assert measured == pytest.approx(lm.predicted_rate(model, X[:, :-1]), rel=0.03)


def test_the_rate_is_the_gain_where_tanh_is_straight():
    model = lm.CharRNN(8, gain=0.7).double()
    with torch.no_grad():
        model.E.zero_()
    assert lm.predicted_rate(model, lm.excerpts(2, 9)) == pytest.approx(0.7)
    assert lm.fading(model, lm.excerpts(2, 5)) == pytest.approx(0.7 ** np.arange(4))


def test_the_first_five_states_are_left_out_of_the_rate():
    model, X = lm.CharRNN(16).double(), lm.excerpts(4, 20)
    assert lm.predicted_rate(model, X) == lm.predicted_rate(model, X, skip=5) != lm.predicted_rate(model, X, skip=6)


def test_the_length_of_the_window_is_chosen_on_text_that_was_not_learned(monkeypatch):
    parts = []
    monkeypatch.setattr(lm, "window_losses", lambda model, ids: parts.append(ids))
    monkeypatch.setattr(lm, "refine", lambda *args, **named: None)
    monkeypatch.setattr(lm, "bits_of", lambda model, ids: parts.append(ids) or torch.ones(1))
    assert lm.sweep((2,), 1) == {2: 1.0}
    assert torch.equal(torch.cat(parts), lm.ids_of(pi.text()[0])) and len(parts[1]) == 99_000


def test_excerpts_come_from_the_held_out_text():
    ids, X = lm.ids_of(pi.text()[1]), lm.excerpts(20, 30)
    whole = pi.text()[1]
    assert X.shape == (20, 30) and all("".join(lm.alphabet()[i] for i in row) in whole for row in X)
    assert len({tuple(row.tolist()) for row in X}) == 20 and len(ids) == 110_000


@given(st.lists(st.tuples(st.floats(0, 6), st.integers(1, 50)), min_size=1, max_size=8))
def test_perplexity_does_not_care_how_a_text_is_cut(batches):
    pieces = [loss for loss, size in batches for _ in range(size)]
    losses, sizes = zip(*batches, strict=True)
    assert lm.perplexity(losses, sizes) == pytest.approx(lm.perplexity(pieces, [1] * len(pieces)))


@pytest.mark.parametrize("v", [1, 2, 72])
def test_perplexity_of_equally_likely_pieces_is_their_number(v):
    loss = F.cross_entropy(torch.zeros(9, v, dtype=torch.double), torch.zeros(9, dtype=torch.long)).item()
    assert lm.perplexity([loss], [9]) == pytest.approx(v)


@pytest.mark.parametrize("losses, sizes", [([], []), ([1.0], []), ([1.0], [0]), ([1.0, 2.0], [1])])
def test_perplexity_of_what_does_not_fit_is_refused(losses, sizes):
    with pytest.raises(ValueError, match="one size of at least 1"):
        lm.perplexity(losses, sizes)


@settings(deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=6), st.sampled_from([0.3, 1.0, 2.5]))
def test_even_numbers_draw_each_as_often_as_its_probability(logits, temperature):
    """The inverse of the distribution function, exactly: with n even darts each share is right to 1/n."""
    z, n = torch.tensor(logits, dtype=torch.double), 1000
    even = (torch.arange(n, dtype=torch.double) + 0.5) / n
    drawn = lm.sample(z.expand(n, len(z)), even, temperature)
    assert torch.equal(drawn, drawn.sort().values)  # a larger number never draws an earlier place
    shares = torch.bincount(drawn, minlength=len(z)) / n
    assert (shares - torch.softmax(z / temperature, 0)).abs().max() <= 1 / n + 1e-12


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=6), st.floats(0, 1, exclude_max=True))
def test_what_has_no_chance_is_never_drawn(logits, dart):
    z = torch.tensor([[-math.inf, *logits, -math.inf]], dtype=torch.double)
    for u in (dart, 0.0, 1 - 2.0**-53):
        assert 1 <= lm.sample(z, torch.tensor([u], dtype=torch.double)).item() <= len(logits)


def test_the_sums_are_those_of_double_precision():
    z = torch.linspace(-3, 3, 40)
    exact, single = torch.softmax(z.double(), 0).cumsum(0), torch.softmax(z, 0).cumsum(0).double()
    apart = ((exact - single).abs() > 1e-9) & (exact < 0.99)
    assert apart.sum() > 5
    drawn = lm.sample(z.repeat(int(apart.sum()), 1), ((exact + single) / 2)[apart])
    assert torch.equal(drawn, torch.arange(40)[apart] + (single > exact)[apart])


def test_cold_is_greedy():
    z = doubles(50, 7)
    assert torch.equal(lm.sample(z, torch.full((50,), 0.999), 0.0), z.argmax(1))
    assert torch.equal(lm.sample(z, torch.full((50,), 0.5), 1e-6), z.argmax(1))
    assert lm.sample(torch.tensor([[1e30, 0.0]]), torch.tensor([0.9]), 1e-3).item() == 0


@pytest.mark.parametrize(
    "logits, darts, temperature, words",
    [
        (torch.zeros(1, 2), torch.tensor([0.5]), -1.0, "at least 0, got -1.0"),
        (torch.zeros(1, 2), torch.tensor([0.5]), math.nan, "at least 0, got nan"),
        (torch.zeros(1, 2), torch.tensor([1.0]), 1.0, "below 1"),
        (torch.zeros(1, 2), torch.tensor([-0.1]), 1.0, "at least 0"),
        (torch.zeros(1, 2), torch.tensor([math.nan]), 1.0, "at least 0"),
        (torch.zeros(1, 2), torch.tensor([0.5]), math.inf, "finite and at least 0, got inf"),
        (torch.tensor([[0.0, math.nan]]), torch.tensor([0.5]), 1.0, "a NaN"),
        (torch.tensor([[0.0, math.inf]]), torch.tensor([0.5]), 0.0, "largest logit"),
        (torch.tensor([[0.0, 1.0], [-math.inf, -math.inf]]), torch.tensor([0.5, 0.5]), 1.0, "nothing but −∞"),
        (torch.zeros(1, 0), torch.tensor([0.5]), 1.0, r"\(1, 0\)"),
        (torch.zeros(2), torch.tensor([0.5, 0.5]), 1.0, r"logits \(2,\), uniforms \(2,\)"),
        (torch.zeros(2, 2), torch.tensor([0.5]), 1.0, r"logits \(2, 2\), uniforms \(1,\)"),
    ],
)
def test_sample_refuses_what_does_not_fit(logits, darts, temperature, words):
    with pytest.raises(ValueError, match=words):
        lm.sample(logits, darts, temperature)


def test_compose_repeats_itself_and_follows_its_seed():
    model = lm.CharRNN(8)
    assert lm.compose(model, 20, 3) == lm.compose(model, 20, 3) != lm.compose(model, 20, 3, seed=1)
    assert len(set(lm.compose(model, 20, 3))) == 3


def test_no_characters_from_so_many_writers():
    assert lm.compose(lm.CharRNN(4), length=0, writers=3) == [""] * 3 and lm.compose(lm.CharMLP(2), 5, writers=0) == []


def test_compose_draws_from_what_the_model_says():
    model = lm.CharMLP(2)
    with torch.no_grad():  # a model that says b after a, and a after anything else
        model.E.zero_()
        model.E[lm.places()["a"], 0] = 5
        model.W.zero_()
        model.W[24, 0] = 10  # the newest character's first number
        model.V.zero_()
        model.c.fill_(-50.0)
        a, b = lm.places()["a"], lm.places()["b"]
        model.c[a], model.c[b] = 50.0, 0.0
        model.V[0, a], model.V[0, b] = -100.0, 100.0
    assert lm.compose(model, 6, 2) == ["ababab"] * 2


def test_known_words_are_counted_one_by_one():
    assert lm.known_words(["king KING qqqqq", "of thou"]) == 0.75


@pytest.mark.parametrize("written", [[], [""], ["to be or not"]])
def test_texts_without_a_word_have_no_share_of_known_ones(written):
    with pytest.raises(ValueError, match=f"in {len(written)} texts"):
        lm.known_words(written)


def test_kinds_of_characters():
    for characters, kind in (
        ("aeiou", "vowel"),
        ("bz", "other small letter"),
        ("AZ", "capital"),
        (".?!", "ends a sentence"),
    ):
        assert {lm.kind_of(c) for c in characters} == {kind}
    assert lm.kind_of(",") == "pause" and lm.kind_of("\n") == "other"


def test_own_capital_finds_planted_pairs():
    arrows = np.random.default_rng(0).normal(size=(72, 40))
    for c in "abcdefghijklm":
        arrows[lm.places()[c]] = arrows[lm.places()[c.upper()]]
    arrows /= np.linalg.norm(arrows, axis=1, keepdims=True)
    assert 0.5 <= lm.own_capital(arrows) < 0.7


def test_as_alike_is_rare_for_a_planted_group_and_uniform_for_chance():
    arrows = np.random.default_rng(0).normal(size=(72, 40))
    for c in "abc":
        arrows[lm.places()[c]] += 5
    arrows /= np.linalg.norm(arrows, axis=1, keepdims=True)
    assert lm.as_alike(arrows, "abc", "abcdefgh") == pytest.approx(1 / 56)  # itself, of all 56
    shares = [lm.as_alike(arrows, group, "defghijk") for group in ("def", "efg", "fgh", "ghi", "hij", "ijk")]
    assert min(shares) < 0.5 < max(shares)
    with pytest.raises(ValueError, match="'xy'"):
        lm.as_alike(arrows, "xy", "abc")


def test_unit_arrows_do_not_see_a_common_part():
    model = lm.CharMLP(1)
    before = lm.unit_arrows(model)
    with torch.no_grad():
        model.E += 3.0
    assert lm.unit_arrows(model) == pytest.approx(before, abs=1e-4)


def test_the_window_ends_and_the_state_goes_on():
    assert lm.influence(lm.CharMLP(3), 3, count=50) > 0 == lm.influence(lm.CharMLP(3), 4, count=50)
    model = lm.CharRNN(8)
    with torch.no_grad():
        model.V.mul_(50)
    near, far = (lm.influence(model, j, count=50) for j in (1, 12))
    assert near > far > 0
    for j in (0, 41):
        with pytest.raises(ValueError, match=f"got {j}"):
            lm.influence(model, j)


def test_influence_is_the_kl_of_two_predictions():
    model = lm.CharMLP(1)
    own = lm.excerpts(20, 40)[:, -1].tolist()
    other = [next(own[i - k] for k in range(1, 20) if own[i - k] != own[i]) for i in range(20)]
    assert other != [own[i - 1] for i in range(20)]  # some neighbours have the same one
    with torch.no_grad():
        p, q = (torch.log_softmax(model(torch.tensor(x)[:, None]).double(), 1) for x in (own, other))
    want = np.mean(
        [pi.cross(*pair) - pi.entropy(pair[0]) for pair in zip(p.exp().numpy(), q.exp().numpy(), strict=True)]
    )
    assert lm.influence(model, 1, count=20) == pytest.approx(want)


def test_nothing_to_replace_with_is_refused():
    with pytest.raises(ValueError, match="the 1 passages have one and the same character 2 places back"):
        lm.influence(lm.CharMLP(2), 2, count=1)


def test_familiarity_names_its_rows_by_the_edges():
    flat = {"flat": np.ones(pi.HELD_OUT)}
    assert [row[0] for row in lm.by_familiarity(flat, (0, 2, 3, 1000))] == ["0 to 1", "2", "3 to 999", "1,000 or more"]
    assert [row[1:] for row in lm.by_familiarity(flat, (0, 10**9))] == [["1.00", "1.00"], ["0.00", "–"]]


def test_familiarity_sorts_every_character_once():
    flat = {"flat": np.ones(pi.HELD_OUT)}
    rows = lm.by_familiarity(flat)
    assert [row[0] for row in rows] == ["never", "1 to 19", "20 to 999", "1,000 or more"]
    assert sum(float(row[1]) for row in rows) == pytest.approx(1, abs=0.02) and {row[2] for row in rows} == {"1.00"}


def test_a_log_grows_and_a_state_does_not():
    assert lm.memory_bytes(1, 5) == (20, 40) and lm.memory_bytes(7, 5) == (20, 280)


def test_the_trained_networks_beat_what_they_have_to_beat():
    """The requirement: better than the 3-gram on the same held-out characters, block by block; the RNN better still."""
    held_out = lm.ids_of(pi.text()[1])
    mlp, rnn = (lm.bits_of(model, held_out) for model in (lm.trained_mlp(), lm.trained_rnn()))
    assert pi.bootstrap(pi.blocks_of(pi.held_out_surprises(3) - mlp))[0] > 0.25
    assert pi.bootstrap(pi.blocks_of(mlp - rnn))[0] > 0.03
    assert lm.trained_rnn() is lm.trained_rnn() and lm.trained_mlp() is lm.trained_mlp()
