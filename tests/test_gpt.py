"""What `03_transformers/03_gpt` built, against transformers, torch and laws, and its recorded runs.

A property names its law. The oracles are transformers' GPT2LMHeadModel and torch's own Muon.
"""

import argparse
import importlib.util
import json
import math
from dataclasses import replace
from itertools import islice
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from built import gpt
from built import language_models as lm
from built.probability_and_information import text
from hypothesis import given, settings
from hypothesis import strategies as st
from judges import gpt as judge
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

torch.set_num_threads(1)
ROOT = Path(__file__).resolve().parents[1]
few = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**31)
size = st.integers(1, 4)
TINY = gpt.GPTConfig(72, context=8, width=16, layers=2, heads=2)


def drawn(seed, *shapes):
    """Random doubles of these shapes."""
    rng = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=rng, dtype=torch.double) for shape in shapes]


def random_gpt2(seed=0, **shape):
    """A GPT-2 of transformers whose numbers are all random, norms and biases included."""
    theirs, rng = GPT2LMHeadModel(GPT2Config(**shape)).eval(), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for one in theirs.parameters():
            one.normal_(0, 0.3, generator=rng)
    return theirs


def scrambled(model, seed=0, spread=0.3):
    """The model, with random numbers everywhere."""
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for one in model.parameters():
            one.normal_(0, spread, generator=rng)
    return model


# --- the layout ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "vocabulary, context, width, layers, heads",
    [(50, 9, 12, 1, 1), (300, 48, 96, 3, 6), (7, 5, 8, 4, 8), (72, 64, 32, 0, 2)],
)
def test_logits_loss_and_gradients_are_transformers(vocabulary, context, width, layers, heads):
    theirs = random_gpt2(vocab_size=vocabulary, n_positions=context, n_embd=width, n_layer=layers, n_head=heads)
    ours = gpt.from_gpt2(theirs)
    ids = torch.randint(vocabulary, (3, context), generator=torch.Generator().manual_seed(1))
    by_them = theirs(ids, labels=ids)
    assert (ours(ids) - by_them.logits).abs().max().item() < 1e-4
    loss = gpt.next_token_loss(ours(ids), ids)
    assert loss.item() == pytest.approx(by_them.loss.item(), rel=1e-5)
    loss.backward()
    by_them.loss.backward()
    assert torch.allclose(ours.E.grad, theirs.transformer.wte.weight.grad, atol=1e-4)
    assert torch.allclose(ours.P.grad, theirs.transformer.wpe.weight.grad, atol=1e-4)
    for block, other in zip(ours.blocks, theirs.transformer.h, strict=True):
        assert torch.allclose(block.attention.qkv.weight.grad, other.attn.c_attn.weight.grad.T, atol=1e-4)
        assert torch.allclose(block.mlp.down.bias.grad, other.mlp.c_proj.bias.grad, atol=1e-4)


def test_a_square_matrix_that_is_not_transposed_is_noticed():
    theirs = random_gpt2(vocab_size=50, n_positions=9, n_embd=12, n_layer=1, n_head=2)
    ours, ids = gpt.from_gpt2(theirs), torch.arange(9)[None]
    with torch.no_grad():
        ours.blocks[0].attention.out.weight.copy_(ours.blocks[0].attention.out.weight.T.clone())
    assert (ours(ids) - theirs(ids).logits).abs().max().item() > 0.1


@pytest.mark.parametrize(
    "config", [TINY, replace(TINY, positions="rotary", bend="relu2", sharp=9.0), replace(TINY, positions="none")]
)
def test_no_place_sees_what_comes_after_it(config):
    model, rng = scrambled(gpt.GPT(config)), torch.Generator().manual_seed(0)
    ids = torch.randint(72, (2, 8), generator=rng)
    for changed in range(1, 8):
        other = ids.clone()
        other[:, changed:] = (other[:, changed:] + 1) % 72
        before, after = model(ids), model(other)
        assert torch.equal(before[:, :changed], after[:, :changed])
        assert not torch.allclose(before[:, changed], after[:, changed])


def test_rotary_positions_and_learned_ones_see_the_order_and_none_do_not():
    a, b = torch.tensor([[5, 6, 7]]), torch.tensor([[6, 5, 7]])
    for positions, sees in (("learned", True), ("rotary", True), ("none", False)):
        model = scrambled(gpt.GPT(replace(TINY, positions=positions, layers=1)))
        assert torch.allclose(model(a)[0, 2], model(b)[0, 2], atol=1e-5) != sees


def test_sharp_bounds_the_scores_whatever_the_length_of_the_arrows():
    model = scrambled(gpt.GPT(replace(TINY, sharp=3.0)))
    x = drawn(0, (1, 8, 16))[0].float()
    found = model.blocks[0].attention(x)
    with torch.no_grad():
        qkv = model.blocks[0].attention.qkv
        qkv.weight[:32] *= 50
        qkv.bias[:32] *= 50
    assert torch.allclose(model.blocks[0].attention(x), found, atol=1e-4)


@few
@given(seeds, size, size)
def test_a_block_adds_what_its_two_writers_wrote(seed, T, d):
    x, A, B = drawn(seed, (T, d), (d, d), (d, d))
    written = []

    def writer(matrix):
        def write(rows):
            written.append(rows @ matrix)
            return written[-1]

        return write

    out = gpt.through_block(x, torch.tanh, writer(A), torch.sin, writer(B))
    assert torch.allclose(out, x + written[0] + written[1])
    assert torch.allclose(written[1], torch.sin(x + written[0]) @ B)
    assert torch.equal(gpt.through_block(x, torch.tanh, torch.zeros_like, torch.sin, torch.zeros_like), x)


def test_a_gradient_comes_back_through_a_block_that_reads_through_real_norms():
    block, x = scrambled(gpt.GPT(TINY)).blocks[0], torch.randn(2, 8, 16, requires_grad=True)
    gpt.through_block(x * 1, block.norm_1, block.attention, block.norm_2, block.mlp).square().sum().backward()
    assert x.grad is not None and bool(x.grad.any(dim=-1).all())
    assert all(bool(one.grad.any()) for one in block.parameters())


@pytest.mark.parametrize("heads", [3, 0, -1, 17])
def test_heads_that_cannot_share_the_width_are_refused_at_once(heads):
    with pytest.raises(ValueError, match=rf"width of 16 .* {heads} heads"):
        replace(TINY, heads=heads)


def test_a_sharpness_below_zero_is_refused_and_none_is_allowed():
    with pytest.raises(ValueError, match="sharp is -1"):
        replace(TINY, sharp=-1.0)
    assert replace(TINY, sharp=0.0) == TINY


@pytest.mark.parametrize("change", [{"positions": "rotarry"}, {"bend": "relu"}, {"positions": None}])
def test_a_part_that_is_not_known_is_refused_by_its_name(change):
    (name,) = change
    with pytest.raises(ValueError, match=f"{name} is .*{change[name]}.*: it can be"):
        gpt.GPTConfig(72, **change)


def test_a_text_longer_than_the_positions_is_refused_with_both_numbers():
    with pytest.raises(ValueError, match=r"9 tokens.* 8 positions"):
        gpt.GPT(TINY)(torch.zeros(1, 9, dtype=torch.long))
    assert gpt.GPT(replace(TINY, positions="rotary"))(torch.zeros(1, 9, dtype=torch.long)).shape == (1, 9, 72)


def test_the_stream_is_the_sum_of_what_was_written():
    for positions in ("learned", "rotary"):
        model, ids = scrambled(gpt.GPT(replace(TINY, positions=positions))), torch.arange(16).view(2, 8)
        written = gpt.writes(model, ids)
        assert len(written) == 5
        assert torch.allclose(model.norm(sum(written)) @ model.E.T, model(ids), atol=1e-4)


def test_side_by_side_both_writers_read_what_came_in():
    block, x = scrambled(gpt.GPT(TINY)).blocks[0], drawn(0, (2, 8, 16))[0].float()
    both = block.attention(block.norm_1(x)) + block.mlp(block.norm_2(x))
    assert torch.allclose(gpt.side_by_side(block)(x), x + both, atol=1e-5)
    assert not torch.allclose(gpt.side_by_side(block)(x), block(x), atol=1e-2)


def test_bits_by_other_blocks_are_bits_of_the_model_that_has_them():
    model = scrambled(gpt.GPT(gpt.PAGE), spread=0.05)
    one, two, *rest = model.blocks
    exchanged = gpt.bits_by(model, [two, one, *rest])
    ids = next(gpt.random_passages(lm.ids_of(text()[1]), 200, 64))
    with torch.no_grad():
        assert gpt.bits_by(model, model.blocks) == pytest.approx(
            gpt.next_token_loss(model(ids), ids).item() / math.log(2)
        )
        model.blocks = nn.ModuleList([two, one, *rest])
        assert exchanged == pytest.approx(gpt.next_token_loss(model(ids), ids).item() / math.log(2))


def test_the_three_steps_that_are_timed_give_a_gradient_each():
    for call in gpt.steps_beside(1, 4):
        assert call() is None


def test_it_begins_small_even_where_many_write():
    spreads = {}
    for layers in (2, 32):
        block = gpt.GPT(replace(TINY, width=64, layers=layers)).blocks[0]
        spreads[layers] = block.mlp.down.weight.std().item()
        assert block.mlp.up.weight.std().item() == pytest.approx(0.02, rel=0.05)
        assert not block.mlp.up.bias.any() and bool((block.norm_1.weight == 1).all())
    assert spreads[2] / spreads[32] == pytest.approx(4, rel=0.1)


def test_an_answer_in_place_is_told_that_the_way_back_is_stopped():
    norm, writer = judge.NORM, judge.Step("2 * x")

    def in_place(x, *parts):
        x = x.clone()
        x += parts[1](parts[0](x))
        return x + parts[3](parts[2](x))

    x = drawn(0, (2, 3))[0]
    found = [judge.with_argument(one, x, norm, writer, norm, writer) for one in (in_place, gpt.through_block)]
    assert [one["the way back"] for one in found] == [judge.CHANGED, judge.OPEN]
    assert torch.equal(found[0]["stream"], found[1]["stream"])


# --- numbers ------------------------------------------------------------------------------------------


@few
@given(st.integers(2, 90), st.integers(1, 20), size, size, size, st.sampled_from(["learned", "rotary", "none"]))
def test_parameter_count_is_what_a_model_holds(vocabulary, context, times, layers, heads, positions):
    config = gpt.GPTConfig(vocabulary, context, 2 * heads * times, layers, heads, positions)
    assert gpt.parameter_count(config) == sum(one.numel() for one in gpt.GPT(config).parameters())


def test_parameter_count_is_transformers():
    with torch.device("meta"):
        theirs = GPT2LMHeadModel(GPT2Config())
    expected = sum(one.numel() for one in theirs.parameters())
    assert gpt.parameter_count(gpt.GPTConfig(50_257, 1024, 768, 12, 12)) == expected == 124_439_808


# --- the loss -----------------------------------------------------------------------------------------


@few
@given(seeds, size, st.integers(2, 5), size)
def test_the_loss_is_the_mean_surprise_of_the_next_tokens(seed, n, T, v):
    (logits,) = drawn(seed, (n, T, v))
    ids = torch.randint(v, (n, T), generator=torch.Generator().manual_seed(seed))
    logs = torch.log_softmax(logits, dim=-1)
    by_hand = [-logs[i, t, ids[i, t + 1]].item() for i in range(n) for t in range(T - 1)]
    assert gpt.next_token_loss(logits, ids).item() == pytest.approx(np.mean(by_hand))
    order = torch.randperm(n)
    assert gpt.next_token_loss(logits[order], ids[order]).item() == pytest.approx(np.mean(by_hand))


def test_the_last_logits_and_the_first_token_do_not_matter():
    (logits,) = drawn(0, (2, 4, 5))
    ids = torch.randint(5, (2, 4), generator=torch.Generator().manual_seed(0))
    loss = gpt.next_token_loss(logits, ids)
    other, renamed = logits.clone(), ids.clone()
    other[:, -1], renamed[:, 0] = 7.0, (ids[:, 0] + 1) % 5
    assert gpt.next_token_loss(other, renamed) == loss
    assert gpt.unshifted_loss(other, renamed) != gpt.unshifted_loss(logits, ids)


@pytest.mark.parametrize("shape, ids", [((1, 3), (1,)), ((3, 4), (2,)), ((2, 3, 4), (3, 2)), ((3, 4), (1, 3))])
def test_what_cannot_be_marked_is_refused(shape, ids):
    with pytest.raises(ValueError, match="expected"):
        gpt.next_token_loss(torch.zeros(shape), torch.zeros(ids, dtype=torch.long))


@few
@given(seeds, st.integers(1, 6), size, size)
def test_tied_vjp_is_torchs(seed, n, d, v):
    E, h, G_in, G_out = drawn(seed, (v, d), (n, d), (n, d), (n, v))
    ids = torch.randint(v, (n,), generator=torch.Generator().manual_seed(seed))
    E.requires_grad_()
    ((E[ids] * G_in).sum() + (h @ E.T * G_out).sum()).backward()
    assert torch.allclose(gpt.tied_vjp(ids, G_in, h, G_out), E.grad)


@pytest.mark.parametrize("positions", ["learned", "rotary"])
def test_both_ends_together_are_the_gradient_of_the_table(positions):
    model = scrambled(gpt.GPT(replace(TINY, positions=positions)))
    entrance, exit = gpt.at_both_ends(model, torch.tensor([3, 3, 9, 4]))
    assert set(entrance.any(dim=1).nonzero().flatten().tolist()) == {3, 9}  # the last token is asked for nothing
    assert int(exit.any(dim=1).sum()) == 72


# --- the optimiser and the loop -----------------------------------------------------------------------


@few
@given(seeds, st.integers(2, 12), st.integers(2, 12))
def test_orthogonalised_keeps_directions_and_evens_out_strengths(seed, m, n):
    (G,) = drawn(seed, (m, n))
    U, S, V = torch.linalg.svd(G, full_matrices=False)
    X = gpt.orthogonalised(G)
    inside = U.T @ X @ V.T
    assert torch.allclose(inside, torch.diag(inside.diagonal()), atol=1e-6)
    fair = S > 0.05 * S.norm()
    assert bool((inside.diagonal()[fair] > 0.5).all()) and bool((inside.diagonal() < 1.3).all())
    assert torch.allclose(gpt.orthogonalised(G.T), X.T, atol=1e-9)
    assert torch.allclose(gpt.orthogonalised(1000 * G), X, atol=1e-6)


def test_what_is_not_too_small_is_driven_near_one_and_what_is_smaller_grows():
    shares = torch.tensor([1.0, 0.5, 0.05, 0.01, 0.003, 0.002])
    found = gpt.orthogonalised(torch.diag(shares)).diagonal()
    assert bool(((found > 0.6) & (found < 1.25)).all())
    small = gpt.orthogonalised(torch.diag(torch.tensor([1.0, 1e-3, 1e-4, 0.0]))).diagonal()
    assert 1e-3 < small[1] < 0.6 and 1e-4 < small[2] < 0.1 and small[3] == 0


def test_nothing_stays_nothing():
    assert not gpt.orthogonalised(torch.zeros(3, 5)).any()


@pytest.mark.parametrize("rows, columns", [(16, 64), (64, 16), (32, 32), (5, 7)])
def test_muon_is_torchs_within_its_sixteen_bits(rows, columns):
    assert gpt.beside_torchs_muon(rows, columns) < 0.02


def test_muon_is_for_matrices_and_leaves_those_without_a_gradient():
    with pytest.raises(ValueError, match=r"\(3,\)"):
        gpt.Muon([nn.Parameter(torch.zeros(3))])
    W = nn.Parameter(torch.ones(2, 2))
    gpt.Muon([W]).step()
    assert torch.equal(W, torch.ones(2, 2))


def test_muon_looks_at_a_group_that_comes_later_and_leaves_a_bad_one_out():
    W, V, b = nn.Parameter(torch.zeros(2, 2)), nn.Parameter(torch.zeros(2, 3)), nn.Parameter(torch.zeros(3))
    muon = gpt.Muon([W])
    muon.add_param_group({"params": [V], "lr": 0.5})
    with pytest.raises(ValueError, match=r"\(3,\)"):
        muon.add_param_group({"params": iter([b])})
    assert [group["params"] for group in muon.param_groups] == [[W], [V]]
    assert [group["lr"] for group in muon.param_groups] == [gpt.MUON, 0.5]


def test_muon_refuses_a_rate_that_goes_uphill():
    with pytest.raises(ValueError, match="rate is -1"):
        gpt.Muon([nn.Parameter(torch.zeros(2, 2))], lr=-1)


def test_every_number_has_one_optimiser():
    model = gpt.GPT(TINY)
    groups = [id(one) for by in gpt.optimisers(model) for group in by.param_groups for one in group["params"]]
    assert len(groups) == len(set(groups)) and set(groups) == {id(one) for one in model.parameters()}
    muon = gpt.optimisers(model)[0].param_groups[0]["params"]
    assert len(muon) == 4 * TINY.layers and all(id(one) != id(model.E) for one in muon)


def test_passages_stand_in_the_text_and_come_again_with_the_seed():
    ids = torch.arange(50)
    some = next(gpt.random_passages(ids, 20, 7, seed=3))
    assert bool((some.diff(dim=1) == 1).all()) and some.shape == (20, 7)
    assert torch.equal(some, next(gpt.random_passages(ids, 20, 7, seed=3)))
    ends = torch.cat(list(islice(gpt.random_passages(torch.arange(3), 50, 2), 3)))
    assert set(ends[:, 0].tolist()) == {0, 1}


def test_a_text_shorter_than_a_passage_is_refused_with_both_lengths():
    with pytest.raises(ValueError, match=r"4 tokens .* 5"):
        next(gpt.random_passages(torch.arange(4), 2, 5))
    assert next(gpt.random_passages(torch.arange(4), 2, 4)).tolist() == [[0, 1, 2, 3]] * 2
    with pytest.raises(ValueError, match="no passage of 8"):
        list(gpt.train_gpt(gpt.GPT(TINY), torch.arange(4), 1))


@pytest.fixture
def short(monkeypatch):
    """The training of the page, made short, and forgotten before and after."""
    monkeypatch.setattr(gpt, "PAGE", replace(gpt.PAGE, context=16, width=32, layers=1, heads=1))
    monkeypatch.setattr(gpt, "STEPS", 20)
    for one in (gpt.half_trained, gpt.trained_gpt):
        one.cache_clear()
    yield
    for one in (gpt.half_trained, gpt.trained_gpt):
        one.cache_clear()


def test_the_second_half_run_again_gives_the_same_and_leaves_the_first_half_as_it_was(short):
    half, _, first = gpt.half_trained()
    before = [one.clone() for one in half.parameters()]
    model, losses = gpt.trained_gpt()
    gpt.trained_gpt.cache_clear()  # as when its cell is run once more
    again, same = gpt.trained_gpt()
    assert again is not model and same == losses and len(first) == 10 and losses[:10] == first
    assert all(torch.equal(one, other) for one, other in zip(model.parameters(), again.parameters(), strict=True))
    assert all(torch.equal(one, other) for one, other in zip(half.parameters(), before, strict=True))
    whole = gpt.GPT(gpt.PAGE)
    assert list(gpt.train_gpt(whole, lm.ids_of(text()[0]), 20)) == losses
    assert all(torch.equal(one, other) for one, other in zip(whole.parameters(), model.parameters(), strict=True))


def test_a_training_taken_up_again_is_the_training():
    ids = lm.ids_of(text()[0][:2000])
    whole, part = gpt.GPT(TINY), gpt.GPT(TINY)
    losses = list(gpt.train_gpt(whole, ids, 8))
    by = gpt.optimisers(part)
    first = list(islice(gpt.train_gpt(part, ids, 8, by), 5))
    again, by_again = gpt.GPT(TINY, seed=1), None
    again.load_state_dict(part.state_dict())
    by_again = gpt.optimisers(again)
    for one, other in zip(by_again, by, strict=True):
        one.load_state_dict(other.state_dict())
    rest = list(gpt.train_gpt(again, ids, 8, by_again, start=5))
    assert first + rest == losses
    assert all(torch.equal(one, other) for one, other in zip(whole.parameters(), again.parameters(), strict=True))


def test_rates_fall_in_a_straight_line():
    model = gpt.GPT(TINY)
    by, rates = gpt.optimisers(model, rate=0.02, adam=0.01), []
    for _ in gpt.train_gpt(model, lm.ids_of(text()[0][:500]), 4, by):
        rates.append([one.param_groups[0]["lr"] for one in by])
    assert np.allclose(rates, [[0.02 * left, 0.01 * left] for left in (1, 0.75, 0.5, 0.25)])


def test_it_learns():
    model = gpt.GPT(replace(gpt.RECIPE, context=16, width=32, layers=1, heads=1))
    losses = list(gpt.train_gpt(model, lm.ids_of(text()[0][:20_000]), 60))
    assert losses[0] == pytest.approx(math.log2(72), abs=0.1) and np.mean(losses[-5:]) < losses[0] - 1.5


# --- reading and writing ------------------------------------------------------------------------------


@pytest.mark.parametrize("context", [1, 2, 3, 5, 7, 8])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 40])
def test_every_place_is_read_from_the_window_that_has_most_before_it(n, context):
    model = scrambled(gpt.GPT(replace(TINY, context=context)))
    ids = torch.randint(72, (n,), generator=torch.Generator().manual_seed(n))
    before, found = torch.cat([torch.zeros(1, dtype=torch.long), ids]), model.read(ids)
    assert found.shape == (n, 72)
    for at in range(n):
        begin = next(begin for begin in range(0, n, max(context // 2, 1)) if at < begin + context)
        assert torch.allclose(model(before[None, begin : at + 1])[0, -1], found[at], atol=1e-4)


def test_writing_reads_what_was_written():
    model = scrambled(gpt.GPT(TINY))
    ids, window = torch.randint(72, (3, 11), generator=torch.Generator().manual_seed(0)), None
    for at in range(11):
        window, logits = model.advance(window, ids[:, at])
        assert torch.allclose(logits, model(ids[:, max(0, at - 7) : at + 1])[:, -1], atol=1e-5)


def test_continued_text_costs_what_the_model_says_it_costs():
    model = scrambled(gpt.GPT(replace(TINY, context=32)), spread=0.1)
    told, bits = gpt.continued(model, "to be", 20, 0.7, seed=1)
    assert told.startswith("to be") and len(told) == 25 and told == gpt.continued(model, "to be", 20, 0.7, seed=1)[0]
    ids = lm.ids_of(told)
    costs = nn.functional.cross_entropy(model(ids[None])[0, 4:-1], ids[5:], reduction="none") / math.log(2)
    assert np.allclose(bits, costs.detach(), atol=1e-3)
    assert gpt.continued(model, "to be", 0, 1.0) == ("to be", [])


def test_a_writer_is_asked_for_twenty_texts_of_one_context_and_a_colder_one_surprises_itself_less():
    model = scrambled(gpt.GPT(replace(TINY, positions="rotary")), spread=0.3)
    found = [gpt.own_surprise(model, temperature) for temperature in (0.3, 1.0)]
    assert found[0] < found[1] - 0.1
    assert found[1] == gpt.own_surprise(model, 1.0, texts=20, length=64) != gpt.own_surprise(model, 1.0, texts=21)
    ids = torch.stack([lm.ids_of(one) for one in lm.compose(model, 64, 20, 1.0)])
    assert found[1] == pytest.approx(gpt.next_token_loss(model(ids), ids).item() / math.log(2))


def test_nothing_to_go_on_from_is_refused():
    with pytest.raises(ValueError, match="start is empty"):
        gpt.continued(gpt.GPT(TINY), "", 3, 1.0)


def test_weights_come_back_rounded_to_sixteen_bits(tmp_path):
    model = scrambled(gpt.GPT(TINY))
    gpt.save_weights(model, tmp_path / "some.npz")
    again = gpt.load_weights(tmp_path / "some.npz", TINY)
    for one, other in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.equal(one.half().float(), other)
    with pytest.raises(RuntimeError, match="size mismatch"):
        gpt.load_weights(tmp_path / "some.npz", replace(TINY, width=32))


# --- parts and laws -----------------------------------------------------------------------------------


def test_stripped_takes_away_the_part_that_it_names_and_nothing_else():
    ids = torch.arange(16).view(2, 8)
    config = replace(TINY, positions="rotary")
    for seed in (0, 3):
        assert torch.equal(gpt.stripped(config, "nothing", seed)(ids), gpt.GPT(config, seed)(ids))
    assert torch.equal(gpt.stripped(config, "norms").E, gpt.GPT(config, 0).E)
    blind = gpt.stripped(config, "attention")(ids)
    assert torch.allclose(blind[:, 5:6], gpt.stripped(config, "attention")(ids[:, 5:6]), atol=1e-6)
    assert not gpt.stripped(config, "MLPs").blocks[0].mlp(torch.ones(3)).any()
    x = drawn(0, (3, 16))[0].float()
    block = gpt.stripped(config, "stream").blocks[0]
    assert torch.equal(block(x), block.mlp(block.norm_2(block.attention(block.norm_1(x)))))
    assert torch.equal(gpt.stripped(config, "norms").blocks[1].norm_2(x), x)


@pytest.mark.parametrize("part", ["MLP", "heads", ""])
def test_a_part_that_nobody_can_take_away_is_refused_by_its_name(part):
    with pytest.raises(ValueError, match=f"no part '{part}' .*attention, MLPs, norms, positions, stream, nothing"):
        gpt.stripped(TINY, part)


@pytest.mark.parametrize("law", [(2.0, 30.0, 0.5, 40.0, 0.3), (0.5, 9.0, 0.35, 400.0, 0.65), (0.0, 3.0, 0.2, 4.0, 0.2)])
def test_a_law_is_found_again_from_its_own_losses(law):
    N, D = (one.ravel() for one in np.meshgrid([5e4, 2e5, 8e5], [1e5, 2e5, 4e5, 8e5]))
    L = gpt.by_law(law, N, D)
    found = gpt.fitted_law(N, D, L)
    assert np.allclose(gpt.by_law(found, N, D), L, atol=2e-3)
    assert found[2] == pytest.approx(law[2], abs=0.05) and found[4] == pytest.approx(law[4], abs=0.05)


@few
@given(st.floats(0.1, 1.2), st.floats(0.1, 1.2), st.floats(1, 500), st.floats(1, 500), st.floats(1e9, 1e14))
def test_the_best_size_is_where_the_law_is_lowest(a, b, A, B, budget):
    law = (1.0, A, a, B, b)
    best = gpt.best_size(law, budget)
    around = [gpt.by_law(law, best * factor, budget / 6 / (best * factor)) for factor in (0.9, 1.0, 1.1)]
    assert around[1] <= min(around) * (1 + 1e-12)


@pytest.mark.parametrize("A, B", [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0)])
def test_a_law_in_which_one_of_the_two_costs_nothing_has_no_best_size(A, B):
    with pytest.raises(ValueError, match="no size is best"):
        gpt.best_size((1.0, A, 0.5, B, 0.5), 600)


@pytest.mark.parametrize("budget", [0, -6])
def test_no_budget_has_no_best_size(budget):
    with pytest.raises(ValueError, match=f"budget is {budget} "):
        gpt.best_size((1.0, 1.0, 0.5, 1.0, 0.5), budget)


@pytest.mark.parametrize("law", [(1.0, 30.0, 0.4, 0.0, 0.3), (1.0, 0.0, 0.4, 40.0, 0.3), (1.0, 30.0, 0.4, 40.0, 0.3)])
def test_the_budget_is_drawn_whatever_the_law(law, monkeypatch):
    N, D = (one.ravel() for one in np.meshgrid([5e4, 2e5, 8e5], [1e5, 2e5]))
    monkeypatch.setattr(gpt, "recorded_law", lambda: (N, D, gpt.by_law(law, N, D), law))
    gpt.draw_budget(4)
    title = plt.gca().get_title(loc="left")
    plt.close("all")
    assert title.startswith("best:") == (min(law[1], law[3]) > 0) and "nan" not in title


def test_four_times_the_budget_is_what_the_exponents_say():
    _, _, _, law = gpt.recorded_law()
    factor = gpt.best_size(law, 4.0) / gpt.best_size(law, 1.0)
    assert factor == pytest.approx(4 ** (law[4] / (law[2] + law[4]))) and 1 < factor < 4


# --- the recorded runs --------------------------------------------------------------------------------


def lab():
    """The lab as a module."""
    spec = importlib.util.spec_from_file_location("gpt_runs", ROOT / "03_transformers" / "labs" / "gpt_runs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["scaling", "ablation", "long"])
def test_the_records_are_of_whole_runs_with_the_recipe_of_the_page(name):
    record = gpt.recorded_runs(name)
    assert record["quick"] is False, f"run it: {record['command'].replace(' --quick', '')}"
    assert record["recipe"] == lab().about(argparse.Namespace(what=name, threads=1, quick=False))["recipe"]


@pytest.mark.parametrize("name", ["scaling", "ablation"])
def test_the_records_hold_every_run_once(name):
    runs, rows = lab().scaling_runs() if name == "scaling" else lab().ablation_runs(), gpt.recorded_runs(name)["rows"]
    assert len(rows) == len(runs)
    for run, row in zip(runs, rows, strict=True):
        assert (
            all(row[key] == value for key, value in run.items())
            and row["characters"] == row["steps"] * gpt.BATCH * gpt.RECIPE.context
        )


@pytest.mark.parametrize(
    "name, at", [("scaling", 0), ("ablation", 0), ("ablation", 10), ("ablation", 19), ("ablation", -1)]
)
def test_a_run_begins_as_it_was_recorded(name, at):
    row = gpt.recorded_runs(name)["rows"][at]
    assert gpt.begun_again(row) == pytest.approx(row["first"][:3], abs=0.01)


def test_every_part_has_three_seeds_and_every_rung_the_same_rates():
    runs = lab().ablation_runs()
    whole_rate = [run for run in runs if run.get("rate") == 1.0]
    for part in ("nothing", *lab().PARTS):
        assert [run["seed"] for run in whole_rate if run["lacks"] == part] == [0, 1, 2]
    rungs = {}
    for run in runs:
        if "adam" in run:
            rungs.setdefault(run["name"], []).append(run["adam"])
    assert len(rungs) == 5 and all(tuple(rates) == lab().ADAM for rates in rungs.values())
    assert len({str(run) for run in runs}) == len(runs)


def test_a_run_begins_with_the_rates_that_it_names():
    (one,) = gpt.begun({"adam": 0.003, "tables": 0.02, "positions": "rotary"})[1]
    sizes = [sum(some.numel() for some in group["params"]) for group in one.param_groups]
    assert [group["lr"] for group in one.param_groups] == [0.003, 0.02] and sizes[0] > sizes[1]
    model, slower = gpt.begun({"lacks": "stream", "rate": 0.3})
    assert [by.param_groups[0]["lr"] for by in slower] == pytest.approx([0.3 * gpt.MUON, 0.3 * gpt.ADAM])
    assert model.config == gpt.PAGE and type(model.blocks[0]) is gpt.Chained
    assert gpt.begun({"width": 32, "heads": 1})[0].config == replace(gpt.RECIPE, width=32, heads=1)


def test_the_stored_weights_are_small_and_are_those_that_were_measured():
    record, stored = gpt.recorded_runs("long"), ROOT / "03_transformers" / "recorded" / "gpt_long.npz"
    assert stored.stat().st_size <= 4_000_000
    bits = float(lm.bits_of(gpt.long_gpt(), lm.ids_of(text()[1][: record["sliced"]])).mean())
    assert bits == pytest.approx(record["bits of the slice"], abs=1e-3)


def test_the_long_run_has_read_nothing_of_the_play_that_is_held_out():
    others = gpt.other_plays()
    assert text()[1][-300:] not in others and text()[1][50_000:50_300] not in others
    assert others.startswith("Henry IV, Part 2") and set(others) <= set(lm.places())


def test_a_lab_that_is_called_again_repeats_nothing(tmp_path, monkeypatch):
    module, calls = lab(), []
    monkeypatch.setattr(module, "RECORDED", tmp_path)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    runs = [{"name": "a", "steps": 1}, {"name": "b", "steps": 2}, {"name": "c", "steps": 3}]

    def carried_out(run, measured):
        calls.append(run["name"])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return run | {"bits": len(calls)}

    monkeypatch.setattr(module, "carried_out", carried_out)
    given = argparse.Namespace(what="scaling", threads=1, quick=False)
    with pytest.raises(KeyboardInterrupt):
        module.table(given, runs)
    module.table(given, runs)
    rows = json.loads((tmp_path / "gpt_scaling.json").read_text("utf-8"))["rows"]
    assert calls == ["a", "b", "c", "c"] and [row["bits"] for row in rows] == [1, 2, 4]
