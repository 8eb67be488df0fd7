"""What module 02 built, against oracles and laws.

A property names its law. The oracles are scipy, scikit-learn and torch.
"""

import numpy as np
import pytest
import scipy.special
import torch
from built import neuron as n
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

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
