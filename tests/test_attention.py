"""What `03_transformers/02_attention` built, against torch, transformers and laws.

A property names its law. The oracles are torch's scaled_dot_product_attention and MultiheadAttention, and Llama's
rotary positions in transformers.
"""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from built import attention as at
from built import language_models as lm
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

torch.set_num_threads(1)
few = settings(max_examples=60, deadline=None)
size = st.integers(1, 6)
seeds = st.integers(0, 2**31)
kinds = st.sampled_from(["none", "causal", "random", "heads"])


def drawn(seed, *shapes):
    """Random doubles of these shapes."""
    rng = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=rng, dtype=torch.double) for shape in shapes]


def chances(seed, share, *shape):
    """A random table of booleans."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) < share


# --- attend -------------------------------------------------------------------------------------------


@few
@given(
    seeds, st.lists(size, max_size=2), size, size, size, size, st.sampled_from(["none", "causal", "random", "heads"])
)
def test_attend_is_torchs_with_its_gradients(seed, front, T, S, d, c, kind):
    S = max(T, S) if kind == "causal" else S
    Q, K, V = drawn(seed, (*front, T, d), (*front, S, d), (*front, S, c))
    masks = {"none": None, "causal": at.causal_mask(T, S) if S >= T else None}
    masks |= {"random": chances(seed, 0.5, T, S), "heads": chances(seed, 0.5, *front, T, S)}
    mask, results = masks[kind], []
    for attention in (at.attend, lambda *a: F.scaled_dot_product_attention(*a[:3], attn_mask=a[3])):
        sides = [x.clone().requires_grad_() for x in (Q, K, V)]
        out = attention(*sides, mask)
        results.append([out, *torch.autograd.grad(out.square().sum(), sides)])
    assert all(one.shape == other.shape for one, other in zip(*results, strict=True))
    assert max((one - other).abs().max().item() for one, other in zip(*results, strict=True)) < 1e-9


@few
@given(seeds, size, size)
def test_the_mean_of_equal_values_is_that_value(seed, T, S):
    Q, K = drawn(seed, (T, 3), (S, 3))
    assert torch.allclose(at.attend(Q, K, torch.full((S, 2), 7.0).double()), torch.tensor(7.0).double())


@few
@given(seeds, size, size)
def test_shuffled_keys_with_their_values_change_nothing_and_shuffled_queries_shuffle_the_answers(seed, T, S):
    Q, K, V = drawn(seed, (T, 4), (S, 4), (S, 2))
    order, other = torch.randperm(S), torch.randperm(T)
    assert torch.allclose(at.attend(Q, K[order], V[order]), at.attend(Q, K, V), atol=1e-12)
    assert torch.allclose(at.attend(Q[other], K, V), at.attend(Q, K, V)[other], atol=1e-12)


@few
@given(seeds, st.integers(2, 7), st.data())
def test_the_past_does_not_see_the_future_to_the_bit(seed, T, data):
    changed = data.draw(st.integers(1, T))
    assert at.past_changes(at.attend, T, changed=changed) == list(range(changed, T))


@few
@given(seeds, size, st.integers(0, 5))
def test_the_last_queries_over_a_prefix_are_the_last_rows_of_all(seed, T, prefix):
    S = T + prefix
    Q, K, V = drawn(seed, (S, 4), (S, 4), (S, 3))
    every = at.attend(Q, K, V, at.causal_mask(S))
    assert torch.allclose(at.attend(Q[prefix:], K, V, at.causal_mask(T, S)), every[prefix:], atol=1e-12)


def test_a_query_that_may_look_at_nothing_gets_zeros_and_pulls_no_nan_back():
    sides = [x.requires_grad_() for x in drawn(0, (2, 3), (4, 3), (4, 2))]
    mask = torch.tensor([[False] * 4, [True, False, True, False]])
    out = at.attend(*sides, mask)
    out.sum().backward()
    assert out[0].tolist() == [0, 0] and out[1].abs().sum() > 0
    assert all(x.grad.isfinite().all() for x in sides) and sides[0].grad[0].tolist() == [0, 0, 0]


def test_large_scores_overflow_nothing():
    out = at.attend(torch.tensor([[1e4]]), torch.tensor([[1.0], [-1.0]]), torch.tensor([[3.0], [5.0]]))
    assert out.tolist() == [[3.0]]


@pytest.mark.parametrize("shapes", [((2, 3), (2, 4), (2, 4)), ((2, 3), (4, 3), (2, 3))])
def test_sides_that_do_not_fit_are_refused_with_their_shapes(shapes):
    with pytest.raises(ValueError, match=r"\(2, 3\).*do not fit"):
        at.attend(*drawn(0, *shapes))


@pytest.mark.parametrize("mask", [torch.ones(2, 2), torch.ones(2, 2, dtype=torch.long)])
def test_a_mask_of_numbers_is_refused_by_its_type(mask):
    with pytest.raises(ValueError, match=str(mask.dtype)):
        at.attend(*drawn(0, (2, 2), (2, 2), (2, 2)), mask)


@pytest.mark.parametrize("T, S", [(0, None), (3, 2), (-1, 4)])
def test_masks_that_cannot_be_are_refused(T, S):
    with pytest.raises(ValueError, match=f"{T} queries"):
        at.causal_mask(T, S)


def test_the_softly_of_the_beginning_is_attend_with_the_scale_taken_back():
    q, K, V = drawn(0, (4,), (5, 4), (5, 2))
    assert torch.allclose(at.softly(q, K, V), at.attend(2 * q[None], K, V)[0])


@pytest.mark.parametrize("d", [4, 64, 400])
def test_scores_spread_by_the_root_of_d(d):
    spread, best, median, mean = at.glance(d)
    assert spread == pytest.approx(math.sqrt(d), rel=0.05)
    divided = at.glance(d, divisor=d**0.5)
    assert divided[0] == pytest.approx(spread / d**0.5) and divided[1] < best
    assert median / mean < divided[2] / divided[3] and divided[2] / divided[3] > 0.85


def test_the_pull_at_a_query_is_what_softmax_and_scores_make_of_it():
    rng = torch.Generator().manual_seed(0)
    q, K, V = (torch.randn(5, n, m, generator=rng, dtype=torch.double) for n, m in ((1, 3), (4, 3), (4, 1)))
    p = torch.softmax(q @ K.mT / 2, dim=-1)
    pulls = ((p * (V.mT - p @ V)) @ K / 2).norm(dim=-1)  # softmax's own derivative, by hand
    assert at.glance(3, 2, keys=4, queries=5)[2:] == pytest.approx((pulls.median().item(), pulls.mean().item()))


@pytest.mark.parametrize("shape", [(3, 3), (2, 1, 3), (1, 1, 3), (1, 2), (3,)])
def test_a_mask_that_would_enlarge_the_scores_is_refused(shape):
    Q, K, V = drawn(0, (1, 2), (3, 2), (3, 2))
    mask = torch.ones(shape, dtype=torch.bool)
    if shape == (3,):
        assert torch.equal(at.attend(Q, K, V, mask), at.attend(Q, K, V))
    else:
        with pytest.raises(ValueError, match=r"expected booleans for \(1, 3\)"):
            at.attend(Q, K, V, mask)


def test_angles_for_more_positions_than_there_are_arrows_are_refused():
    with pytest.raises(ValueError, match=r"angles of \(5, 2\) do not fit arrows of \(1, 4\)"):
        at.rotate(torch.ones(1, 4), torch.zeros(5, 2))
    with pytest.raises(ValueError, match="do not fit"):
        at.rotate(torch.ones(2, 4), torch.zeros(3, 2, 2))
    with pytest.raises(ValueError, match="a list of positions"):
        at.rotary_angles(torch.arange(8).view(2, 4), 8)
    with pytest.raises(ValueError, match="cannot be cut into 3 heads"):
        at.Attention(10, heads=3)


def test_the_copier_looks_at_itself_to_no_effect():
    model, ids = at.trained_copier(2), at.repeated(50, 32, 12, torch.Generator().manual_seed(5))
    assert at.looks(model, ids, 0)[:, 0, 12:].diagonal(12, 1, 2).mean() > 0.05
    assert abs(at.copied(model, masks={0: at.all_but(0)}) - at.copied(model)) < 0.05


def test_multiplied_after_softmax_the_past_hears_the_future():
    assert at.past_changes(at.masked_after) == list(range(6))
    Q, K, V = drawn(0, (3, 2), (3, 2), (3, 2))
    full = torch.ones(3, 3, dtype=torch.bool)
    assert torch.allclose(at.masked_after(Q, K, V, full), at.attend(Q, K, V))


def test_beside_torch_would_notice():
    """The comparison of the page sees a wrong scale."""
    right = at.attend
    try:
        at.attend = lambda Q, K, V, mask=None: right(1.001 * Q, K, V, mask)
        assert min(at.beside_torch((3, 4), (3, 4), 2)) > 1e-6
    finally:
        at.attend = right
    assert max(at.beside_torch((3, 4), (3, 4), 2)) < 1e-12


# --- logs that are asked ------------------------------------------------------------------------------


@few
@given(seeds, st.integers(1, 8), st.sampled_from([None, 1, 3, 6]))
def test_the_answer_is_what_was_last_written(seed, length, keys):
    log = at.key_value_logs(20, length, torch.Generator().manual_seed(seed), keys)
    for written, values, asked, answers in zip(*(one.tolist() for one in log), strict=True):
        assert dict(zip(written, values, strict=True))[asked[0]] == answers[0]
        assert max(written) < (keys or at.KEYS) and max(values) < at.VALUES
        assert keys or len(set(written)) == length


def test_two_questions_of_a_log_differ_and_all_places_are_asked():
    written, _, asked, answers = at.key_value_logs(500, 8, torch.Generator().manual_seed(0), places=2)
    assert asked.shape == answers.shape == (500, 2) and (asked[:, 0] != asked[:, 1]).all()
    places = (written[:, None] == asked[:, :, None]).int().argmax(-1)
    assert torch.bincount(places.flatten(), minlength=8).min() > 80


def test_order_blind_names_the_commonest_value_under_the_key():
    keys, values = torch.tensor([[1, 1, 2, 1, 2]]), torch.tensor([[5, 5, 7, 3, 7]])
    rng = torch.Generator().manual_seed(0)
    assert at.order_blind(keys, values, torch.tensor([[1]]), rng).item() == 5
    assert at.order_blind(keys, values, torch.tensor([[2]]), rng).item() == 7
    ties = [at.order_blind(keys[:, 1:], values[:, 1:], torch.tensor([[1]]), rng).item() for _ in range(60)]
    assert set(ties) == {3, 5} and 15 < ties.count(3) < 45


def test_a_recaller_lays_the_question_behind_the_records():
    model = at.Recaller(nn.Identity(), at.WIDTH, places=2)
    keys, values, asked = torch.tensor([[3, 4]]), torch.tensor([[1, 2]]), torch.tensor([[4, 3]])
    rows = model.rows(keys, values, asked)
    assert torch.equal(rows[0, 1], model.key.weight[4] + model.value.weight[2])
    assert torch.allclose(rows[0, 2], model.asks[0].weight[4] + model.asks[1].weight[3])
    assert torch.allclose(model(keys, values, asked)[0, 1], model.out(rows[:, -1])[0, at.VALUES :])


def test_a_lookup_looks_at_the_records_alone():
    lookup, [x] = at.Lookup(6), drawn(0, (2, 5, 6))
    x = x.float()
    want = F.scaled_dot_product_attention(lookup.Q(x[:, 4:]), lookup.K(x[:, :4]), lookup.V(x[:, :4]))
    assert torch.allclose(lookup(x), want, atol=1e-6)
    doubled = at.Lookup(6, turn=lambda one: one * torch.arange(5.0)[:, None])
    Q, K = doubled.sides(x)
    assert torch.allclose(Q, 4 * doubled.Q(x[:, 4:])) and K[:, 0].abs().sum() == 0


def test_the_mixers_see_what_they_should():
    flat, fold = at.Flat(rows=3), at.Fold()
    [x] = drawn(0, (2, 3, at.WIDTH))
    x = x.float().requires_grad_()
    for mixer in (flat, fold):
        (pull,) = torch.autograd.grad(mixer(x)[:, -1].sum(), x)
        assert (pull.abs().sum(-1) > 0).all()
    assert torch.allclose(flat(x)[:, 0], torch.tanh(flat.hidden(x.reshape(2, -1))))
    assert torch.equal(fold(x), fold.rnn(x)[0])


def test_the_lookup_learns_what_window_and_state_do_not():
    """The requirement, on one seed: the page shows three."""
    lookup, window, state = at.recaller(at.Lookup), at.recaller(at.Flat, rows=9), at.recaller(at.Fold)
    shares = [at.answered(model)[0] for model in (lookup, window, state)]
    assert shares[0] > 0.97 > 0.5 > max(shares[1:])
    assert at.answered(lookup, length=20)[0] > 0.95
    numbers = [sum(p.numel() for p in model.parameters()) for model in (lookup, window, state)]
    assert max(numbers) < 1.1 * min(numbers)
    assert at.recaller(at.Lookup) is lookup and at.left_out(*lookup.mixer.sides(torch.zeros(1, 5, at.WIDTH)))[0] == 0


def test_last_write_needs_positions():
    blind = at.answered(at.recaller(at.Lookup, keys=6), keys=6)[0]
    seeing = at.answered(at.recaller(at.Lookup, keys=6, turn=at.turn_to_places), keys=6)[0]
    assert 0.55 < blind < 0.72 and seeing > 0.95


def test_losses_and_answers_are_about_the_same_task():
    torch.manual_seed(0)
    model = at.Recaller(at.Lookup(), at.WIDTH)
    losses = at.recall_losses(model, length=4, batch=7)
    first, second = next(losses), next(losses)
    *log, answers = at.key_value_logs(7, 4, torch.Generator().manual_seed(1))
    assert first.item() == pytest.approx(F.cross_entropy(model(*log)[:, 0], answers[:, 0]).item()) and first != second
    *log, answers = at.key_value_logs(30, 4, torch.Generator().manual_seed(2))
    right = (model(*log).argmax(-1) == answers).double().mean().item()
    assert at.answered(model, length=4, n=30) == [pytest.approx(right)]


def test_two_heads_answer_two_questions_and_one_head_one():
    one, two = at.two_answers(1, 0), at.two_answers(2, 0)
    assert min(one) < 0.4 < 0.8 < max(one) and min(two) > 0.95
    assert len(at.two_answers(1, 0, steps=1)) == 2


def test_reach_fades_through_a_chain_and_not_through_a_lookup():
    torch.manual_seed(0)
    lookup = at.gradient_reach(at.Lookup(64), length=20)
    chain = at.gradient_reach(nn.RNN(64, 64, batch_first=True), length=20)
    assert lookup / lookup[0] == pytest.approx(np.ones(20), abs=0.3) and chain[19] < 1e-3 * chain[0]
    shared = at.gradient_reach(at.Lookup(64), length=200) / at.gradient_reach(at.Lookup(64), length=20).mean()
    assert shared.mean() == pytest.approx(0.1, rel=0.2)

    class Halves(nn.Module):
        """The row j steps back counts 2^−j."""

        def forward(self, x):
            T = x.shape[1]
            return (x * 0.5 ** torch.arange(T - 1, -1, -1.0)[:, None]).sum(1, keepdim=True)

    halves = at.gradient_reach(Halves(), length=5)
    assert halves / halves[0] == pytest.approx(0.5 ** np.arange(5), rel=1e-4)


# --- positions that turn ------------------------------------------------------------------------------

half = st.integers(1, 5)


@few
@given(seeds, half, st.integers(0, 500), st.integers(0, 500), st.integers(0, 5000))
def test_a_score_knows_the_distance_alone(seed, pairs, i, j, shift):
    q, k = drawn(seed, (2 * pairs,), (2 * pairs,))
    assert at.score_at(q, k, i, j) == pytest.approx(at.score_at(q, k, i + shift, j + shift), abs=1e-8)


@few
@given(seeds, half, size)
def test_a_turn_keeps_lengths_is_linear_and_turns_add_up(seed, pairs, T):
    x, y, angles, more = drawn(seed, (2, T, 2 * pairs), (2, T, 2 * pairs), (T, pairs), (T, pairs))
    turned = at.rotate(x, angles)
    assert torch.allclose(turned.norm(dim=-1), x.norm(dim=-1))
    assert torch.allclose(at.rotate(2 * x + y, angles), 2 * turned + at.rotate(y, angles))
    assert torch.allclose(at.rotate(turned, more), at.rotate(x, angles + more))
    assert torch.allclose(at.rotate(turned, -angles), x)


@few
@given(seeds, half, size)
def test_neighbours_are_complex_numbers(seed, pairs, T):
    x, angles = drawn(seed, (T, 2 * pairs), (T, pairs))
    want = torch.view_as_complex(x.unflatten(-1, (-1, 2))) * torch.exp(1j * angles)
    assert torch.allclose(at.rotate(x, angles), torch.view_as_real(want).flatten(-2))


@few
@given(seeds, half, size)
def test_the_two_layouts_are_a_permutation_of_each_other(seed, pairs, T):
    x, angles = drawn(seed, (3, T, 2 * pairs), (T, pairs))
    assert torch.equal(at.halves_first(at.rotate(x, angles)), at.rotate_halves(at.halves_first(x), angles))
    assert sorted(at.halves_first(torch.arange(2 * pairs)).tolist()) == list(range(2 * pairs))


@pytest.mark.parametrize("d, base", [(8, 10_000.0), (64, 10_000.0), (64, 100_000.0)])
def test_the_rotation_is_llamas(d, base):
    from transformers import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

    config = LlamaConfig(hidden_size=3 * d, num_attention_heads=3)
    config.rope_parameters = {"rope_type": "default", "rope_theta": base}
    Q, K = drawn(0, (2, 3, 30, d), (2, 3, 30, d))
    cos, sin = LlamaRotaryEmbedding(config)(Q.float(), torch.arange(30)[None])
    angles = at.rotary_angles(torch.arange(30), d, base)
    assert torch.allclose(cos[0, :, : d // 2].double(), angles.cos(), atol=1e-5)
    exact = [torch.cat([part, part], -1)[None] for part in (angles.cos(), angles.sin())]
    theirs = apply_rotary_pos_emb(at.halves_first(Q), at.halves_first(K), *exact)
    for ours, other in zip((Q, K), theirs, strict=True):
        assert torch.allclose(at.halves_first(at.rotate(ours, angles)), other, atol=1e-12)


def test_angles_are_the_papers():
    angles = at.rotary_angles(torch.tensor([0, 1, 7]), 6, base=1000.0)
    want = np.outer([0, 1, 7], [1, 0.1, 0.01])
    assert angles.dtype == torch.double and angles.numpy() == pytest.approx(want)
    with pytest.raises(ValueError, match="d = 5"):
        at.rotary_angles(torch.arange(3), 5)


def test_far_away_single_precision_turns_as_double_does():
    [x] = drawn(0, (1, 8))
    angles = at.rotary_angles(torch.tensor([1_000_000]), 8)
    single = at.rotate(x.float(), angles)
    assert single.dtype == torch.float and torch.allclose(single.double(), at.rotate(x, angles), atol=1e-6)


def test_turns_that_do_not_fit_are_refused():
    for width, angles in ((4, 1), (4, 4), (3, 1)):
        with pytest.raises(ValueError, match=f"arrows of {width} numbers and {angles} angles"):
            at.rotate(torch.zeros(2, width), torch.zeros(2, angles))


def test_rows_turn_to_their_places():
    [x] = drawn(0, (2, 5, 4))
    want = at.rotate(x[:, 3:4], at.rotary_angles(torch.tensor([3]), 4))
    assert torch.allclose(at.turn_to_places(x)[:, 3:4], want) and torch.equal(at.turn_to_places(x)[:, 0], x[:, 0])


# --- heads --------------------------------------------------------------------------------------------


@few
@given(seeds, st.lists(size, max_size=2), size, st.integers(1, 4), st.integers(1, 4))
def test_heads_are_slices_and_joining_undoes_splitting(seed, front, T, n, d):
    [x] = drawn(seed, (*front, T, n * d))
    heads = at.split_heads(x, n)
    assert heads.shape == (*front, n, T, d) and torch.equal(at.join_heads(heads), x)
    for h in range(n):
        assert torch.equal(heads[..., h, :, :], x[..., h * d : (h + 1) * d])


@pytest.mark.parametrize("n", [0, -1, 3, 8])
def test_cuts_that_do_not_come_out_even_are_refused(n):
    with pytest.raises(ValueError, match=f"4 numbers cannot be cut into {n} heads"):
        at.split_heads(torch.zeros(2, 4), n)


@few
@given(seeds, st.sampled_from([(1, 4), (2, 2), (3, 2), (4, 1)]), size, st.booleans())
def test_a_layer_is_a_loop_over_heads(seed, shape, T, rotary):
    n, d = shape
    if rotary and d % 2:
        d *= 2
    layer = at.Attention(n * d, n, rotary=rotary, base=100.0, seed=seed % 1000).double()
    [x] = drawn(seed, (2, T, n * d))
    parts, angles = [], at.rotary_angles(torch.arange(T), d, 100.0) if rotary else None
    for h in range(n):
        Q, K, V = (x @ matrix[:, h * d : (h + 1) * d] for matrix in (layer.Q, layer.K, layer.V))
        if rotary:
            Q, K = at.rotate(Q, angles), at.rotate(K, angles)
        parts.append(F.scaled_dot_product_attention(Q, K, V, is_causal=True))
    assert torch.allclose(layer(x), torch.cat(parts, -1) @ layer.O, atol=1e-12)


def test_a_layer_is_torchs():
    layer, [x] = at.Attention(12, heads=3, rotary=False).double(), drawn(0, (2, 7, 12))
    theirs = nn.MultiheadAttention(12, 3, bias=False, batch_first=True, dtype=torch.double)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([layer.Q.T, layer.K.T, layer.V.T]))
        theirs.out_proj.weight.copy_(layer.O.T)
    want = theirs(x, x, x, attn_mask=~at.causal_mask(7), need_weights=False)[0]
    assert torch.allclose(layer(x), want, atol=1e-12)


def test_a_mask_is_added_to_the_causal_one():
    layer, [x] = at.Attention(8, heads=2), drawn(0, (1, 5, 8))
    x = x.float()
    assert torch.equal(layer(x, torch.ones(5, 5, dtype=torch.bool)), layer(x))
    itself = layer(x, torch.eye(5, dtype=torch.bool))
    assert torch.allclose(itself, x @ layer.V @ layer.O, atol=1e-5)


def test_layers_of_one_seed_are_one_and_begin_at_the_right_size():
    one, same, other = at.Attention(64, seed=3), at.Attention(64, seed=3), at.Attention(64, seed=4)
    assert torch.equal(one.Q, same.Q) and not torch.equal(one.Q, other.Q) and not torch.equal(one.Q, one.K)
    assert one.O.std().item() == pytest.approx(1 / 8, rel=0.1)
    assert [name for name, _ in one.named_parameters()] == ["Q", "K", "V", "O"]


# --- the copier ---------------------------------------------------------------------------------------


def test_repeated_strings_repeat_and_no_sooner():
    ids = at.repeated(50, 33, 12, torch.Generator().manual_seed(0))
    assert ids.shape == (50, 33) and torch.equal(ids[:, 12:], ids[:, :21])
    assert (ids[:, 1:] == ids[:, :-1]).double().mean() < 0.1 and ids.max() == 71


def test_losses_of_the_copier_begin_with_the_second_time():
    """A model that knows the period answers all that is asked."""

    class Knows(nn.Module):
        def forward(self, ids, masks=None):
            hits = torch.stack([(ids[:, p:] == ids[:, : ids.shape[1] - p]).all() for p in range(8, 17)])
            period = 8 + int(hits.int().argmax())
            said = F.pad(ids[:, 1:], (0, 1))
            said[:, period - 1 :] = ids[:, : ids.shape[1] - period + 1]
            return 50.0 * F.one_hot(said, 72)

    losses = at.copy_losses(Knows())
    assert max(next(losses).item() for _ in range(12)) < 1e-3
    assert at.copied(Knows(), period=9, n=20) == 1.0


def test_copied_counts_what_can_be_known_on_strings_of_its_seed():
    model = at.Copier(2)
    ids = at.repeated(7, 33, 9, torch.Generator().manual_seed(2))
    right = (model(ids[:, :-1]).argmax(-1) == ids[:, 1:])[:, 9:]

    class Nearly(nn.Module):
        """Right on every place whose answer is even."""

        def forward(self, ids, masks=None):
            said = F.pad(ids[:, 1:], (0, 1))
            said[:, 8:] = ids[:, : ids.shape[1] - 8]
            return F.one_hot(said - said % 2, 72)

    assert at.copied(model, period=9, n=7) == pytest.approx(right.double().mean().item())
    assert at.copied(Nearly(), period=9, n=7) == pytest.approx((ids[:, 10:] % 2 == 0).double().mean().item())


def test_two_layers_copy_and_one_does_not():
    one, two = (at.trained_copier(layers) for layers in (1, 2))
    assert at.copied(one) < 0.5 < 0.85 < at.copied(two)
    for period in (9, 15):
        assert at.copied(two, period=period) > 0.8
    before = at.looks(two, at.repeated(50, 32, 12, torch.Generator().manual_seed(5)), 0)[:, 0, 12:]
    after = at.looks(two, at.repeated(50, 32, 12, torch.Generator().manual_seed(5)), 1)[:, 0, 12:]
    assert before.diagonal(11, 1, 2).mean() > 0.4 and after.diagonal(1, 1, 2).mean() > 0.7


def test_taking_the_place_away_takes_the_copy_away():
    two = at.trained_copier(2)
    assert at.copied(two, masks={1: at.all_but(11)}) < 0.5 < 0.8 < at.copied(two, masks={1: at.all_but(10)})
    assert at.all_but(2, T=4).logical_not().nonzero().tolist() == [[2, 0], [3, 1]]


def test_the_layers_of_a_copier_add():
    model, ids = at.Copier(2, width=16), lm.ids_of("to be or not")[None]
    start, middle, end = model.inputs(ids)
    assert torch.equal(start, model.E[ids]) and torch.allclose(middle, start + model.layers[0](start))
    assert torch.allclose(end, middle + model.layers[1](middle)) and torch.allclose(model(ids), end @ model.out)
    assert not torch.equal(model.layers[0].Q, model.layers[1].Q)
    assert not torch.allclose(model(ids, {1: at.all_but(1, 12)}), model(ids))


def test_gaze_is_what_attend_weighs_with():
    Q, K, V = drawn(0, (2, 3, 4), (2, 5, 4), (2, 5, 2))
    mask = chances(1, 0.7, 3, 5)
    assert torch.allclose(at.gaze(Q, K, mask) @ V, at.attend(Q, K, V, mask))
    assert torch.allclose(at.gaze(Q, K).sum(-1), torch.ones(2, 3).double())


def test_looks_are_causal_and_add_up():
    weights = at.looks(at.Copier(2), lm.ids_of("to be or not"), 1)
    assert weights.shape == (1, 12, 12) and weights.triu(1).abs().sum() == 0
    assert torch.allclose(weights.sum(-1), torch.ones(1, 12), atol=1e-5)


def test_pictures_say_what_they_show(capsys):
    at.draw_looks("abc abc " * 6, "the first")
    assert capsys.readouterr().out.startswith("A 32 × 32 matrix.")
    with pytest.raises(ValueError, match="not in the alphabet"):
        at.draw_looks("€", "the first")


def test_nothing_that_measures_touches_torchs_own_randomness():
    """A function with a seed of its own leaves the global one alone: what runs after it draws the same as without."""
    model, copier, lookup = at.Recaller(at.Lookup(), at.WIDTH), at.Copier(1), at.Lookup(64)
    measuring = [
        lambda: at.glance(4),
        lambda: at.past_changes(at.attend),
        lambda: at.beside_torch((2, 2), (2, 2), 1),
        lambda: at.gradient_reach(lookup, length=3),
        lambda: at.answered(model, n=5),
        lambda: at.copied(copier, n=5),
        lambda: next(at.recall_losses(model)),
        lambda: next(at.copy_losses(copier)),
        lambda: at.Attention(8),
        lambda: at.Copier(1, width=8),
    ]
    for measure in measuring:
        before = torch.get_rng_state()
        measure()
        assert torch.equal(before, torch.get_rng_state())


# --- cost ---------------------------------------------------------------------------------------------


def test_what_is_kept_grows_with_the_square_and_fused_with_the_length():
    for attention, exponent in ((at.unfused, 2), (at.fused, 1)):
        kept = [at.kept_bytes(attention, T) for T in (512, 1024)]
        assert math.log2(kept[1] / kept[0]) == pytest.approx(exponent, abs=0.15)


def test_kept_bytes_counts_each_tensor_once():
    assert at.kept_bytes(lambda Q, K, V: Q * K, 10, d=8) == 2 * 10 * 8 * 4
    assert at.kept_bytes(lambda Q, K, V: Q * Q, 10, d=8) == 10 * 8 * 4
    assert at.kept_bytes(lambda Q, K, V: Q + K, 10, d=8) == 0
    assert at.kept_bytes(lambda Q, K, V: (Q * K) * V, 10, d=8) == 4 * 10 * 8 * 4


def test_fused_and_unfused_are_the_same_numbers():
    sides = drawn(0, (1, 1, 40, 8), (1, 1, 40, 8), (1, 1, 40, 8))
    assert torch.allclose(at.unfused(*sides), at.fused(*sides), atol=1e-9)


def test_fastest_is_the_fastest():
    waits = iter([0.02, 0.001, 0.02])
    import time

    taken = at.fastest(lambda Q, K, V: time.sleep(next(waits)), 3, rounds=3)
    assert 0.001 <= taken < 0.015
    seen = []
    at.fastest(lambda Q, K, V: seen.append(Q.shape), 5, d=7, rounds=2)
    assert seen == [(1, 1, 5, 7)] * 2


def test_left_out_is_what_the_best_do_not_have():
    Q, K = torch.tensor([[40.0]]), torch.tensor([[1.0], [1.0], [-100.0]])
    zeros, share = at.left_out(Q, K)
    assert zeros == 1 and share == pytest.approx(0.5)
    assert at.left_out(Q, K, best=2)[1] == pytest.approx(0, abs=1e-6)
