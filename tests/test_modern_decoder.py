"""What `03_transformers/04_modern_decoder` built, against transformers' Llama, torch, scipy and laws.

A property names its law. Where transformers computes in single precision whatever comes in (norm and angles), it is
made to compute in double here, so that the rest can be compared to the last digits.
"""

import importlib.util
import itertools
import json
import math
from dataclasses import replace
from pathlib import Path

import notebook
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from built import attention as at
from built import deep_and_stable as ds
from built import modern_decoder as md
from exact_angles import turn_exactly
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch.utils.flop_counter import FlopCounterMode
from transformers.models.llama import modeling_llama

torch.set_num_threads(1)
ROOT = Path(__file__).parents[1]
few = settings(max_examples=40, deadline=None)
size = st.integers(1, 6)
seeds = st.integers(0, 2**31)
SHAPE = md.LlamaConfig(vocabulary=30, width=24, layers=2, heads=6, kv_heads=2, hidden=40, context=64)


def drawn(seed, *shapes, dtype=torch.double):
    """Random numbers of these shapes."""
    rng = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=rng, dtype=torch.double).to(dtype) for shape in shapes]


def close(a, b, within=1e-9):
    """Are all numbers of two tensors of one shape as near as that?"""
    return a.shape == b.shape and bool((a - b).abs().max() <= within)


@pytest.fixture
def in_double(monkeypatch):
    """Transformers' norm and angles in double precision."""

    def norm(self, x):
        return self.weight * x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.variance_epsilon)

    monkeypatch.setattr(modeling_llama.LlamaRMSNorm, "forward", norm)
    turn_exactly(monkeypatch)


# --- the norm -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float, torch.bfloat16, torch.half])
def test_the_norm_is_llamas_to_the_bit_in_half_precision_and_nearly_in_single(dtype):
    x, weight = drawn(0, (3, 7, 64), (64,), dtype=dtype)
    theirs = modeling_llama.LlamaRMSNorm(64, eps=1e-5).to(dtype)
    theirs.load_state_dict({"weight": weight})
    ours = md.rms_norm(20 * x, weight)
    assert ours.dtype == dtype
    assert torch.equal(ours, theirs(20 * x)) if dtype != torch.float else close(ours, theirs(20 * x), 1e-5)


@few
@given(seeds, size, size, st.floats(1e-6, 1.0))
def test_the_norm_is_torchs_with_its_gradients(seed, rows, width, eps):
    found = []
    for norm in (md.rms_norm, lambda x, w, eps: F.rms_norm(x, x.shape[-1:], w, eps)):
        x, weight = (one.requires_grad_() for one in drawn(seed, (rows, width), (width,)))
        out = norm(x, weight, eps)
        found.append([out, *torch.autograd.grad(out.pow(3).sum(), [x, weight])])
    assert all(torch.allclose(a, b, rtol=1e-8, atol=1e-9) for a, b in zip(*found, strict=True))


def test_the_norm_is_the_one_of_2_5_that_it_supersedes():
    (x,) = drawn(0, (5, 8))
    assert np.allclose(md.rms_norm(x, torch.ones(8).double()), ds.rms_norm(x.numpy()), rtol=0, atol=1e-12)


@few
@given(seeds, st.floats(0.01, 1000))
def test_a_strength_is_divided_away_and_a_level_is_not(seed, factor):
    x, weight = drawn(seed, (4, 6), (6,))
    assert close(md.rms_norm(factor * x, weight, 0.0), md.rms_norm(x, weight, 0.0))
    assert not close(md.rms_norm(x + 5, weight), md.rms_norm(x, weight), 1e-3)


def test_half_precision_survives_large_numbers():
    x = torch.tensor([[300.0, 400.0]], dtype=torch.half)
    assert md.rms_norm(x, torch.ones(2).half()).tolist() == [
        [pytest.approx(0.85, abs=0.01), pytest.approx(1.13, abs=0.01)]
    ]
    assert torch.isinf(x.square()).all()


@pytest.mark.parametrize("shape", [(3,), (1,), (2, 4), ()])
def test_a_weight_of_another_shape_is_refused_by_its_shape(shape):
    with pytest.raises(ValueError, match=r"weight"):
        md.rms_norm(torch.zeros(2, 4), torch.ones(shape))


# --- the gate -----------------------------------------------------------------------------------------


@few
@given(seeds, size, size, size)
def test_swiglu_is_llamas_mlp_with_its_gradients(seed, rows, half, hidden):
    width = 2 * half  # transformers refuses heads of odd width even where there are none
    config = modeling_llama.LlamaConfig(hidden_size=width, intermediate_size=hidden, num_attention_heads=1)
    theirs = modeling_llama.LlamaMLP(config).double()
    x, *matrices = drawn(seed, (rows, width), (hidden, width), (hidden, width), (width, hidden))
    for name, matrix in zip(("gate", "up", "down"), matrices, strict=True):
        getattr(theirs, f"{name}_proj").weight.data = matrix.clone()
        matrix.requires_grad_()
    out, expected = md.swiglu(x, *matrices), theirs(x)
    pulls = torch.autograd.grad(out.square().sum(), matrices)
    expected.square().sum().backward()
    assert torch.allclose(out, expected, atol=1e-9)
    for name, pull in zip(("gate", "up", "down"), pulls, strict=True):
        assert torch.allclose(pull, getattr(theirs, f"{name}_proj").weight.grad, atol=1e-8)


@few
@given(st.floats(-50, 50), st.floats(-50, 50))
def test_two_units_multiply_exactly(a, b):
    gate, up = torch.tensor([[1.0, 0], [-1, 0]]).double(), torch.tensor([[0, 1.0], [0, -1]]).double()
    out = md.swiglu(torch.tensor([[a, b]], dtype=torch.double), gate, up, torch.ones(2, 2).double())
    assert out[0].tolist() == pytest.approx([a * b] * 2, abs=1e-9)


def test_matrices_that_do_not_fit_are_refused():
    x, gate, up, down = drawn(0, (2, 4), (6, 4), (6, 4), (4, 6))
    for wrong in (
        (x, gate, up[:1], down),
        (x, gate, up, down.T),
        (x[:, :3], gate, up, down),
        (x, gate[0], up[0], down),
    ):
        with pytest.raises(ValueError, match="expected"):
            md.swiglu(*wrong)


@pytest.mark.parametrize("width, multiple, hidden", [(576, 1, 1536), (4096, 256, 11_008), (96, 1, 256)])
def test_matched_hidden_has_the_numbers_of_a_gelu_mlp(width, multiple, hidden):
    assert md.matched_hidden(width, multiple) == hidden
    assert 0 <= 3 * width * hidden - 8 * width**2 < 3 * width * multiple


# --- groups -------------------------------------------------------------------------------------------


@few
@given(seeds, st.lists(size, max_size=1), size, size, size, size, st.booleans())
def test_groups_are_torchs_with_their_gradients(seed, front, kv_heads, each, T, S, masked):
    S, heads, found = max(S, T), kv_heads * each, []
    mask = at.causal_mask(T, S) if masked else None
    for attention in (md.grouped_attend, None):
        sides = [
            one.requires_grad_()
            for one in drawn(seed, *((*front, n, m, 4) for n, m in ((heads, T), *[(kv_heads, S)] * 2)))
        ]
        if attention is None:
            batch = [one if front else one[None] for one in sides]  # torch wants four axes here
            out = F.scaled_dot_product_attention(*batch, attn_mask=mask, enable_gqa=True).view(*front, heads, T, 4)
        else:
            out = attention(*sides, mask)
        found.append([out, *torch.autograd.grad(out.square().sum(), sides)])
    assert all(close(a, b) for a, b in zip(*found, strict=True))


def test_as_many_groups_as_heads_is_attend_and_one_group_is_multi_query():
    Q, K, V = drawn(0, (2, 4, 5, 3), (2, 4, 5, 3), (2, 4, 5, 3))
    assert close(md.grouped_attend(Q, K, V), at.attend(Q, K, V))
    assert close(md.grouped_attend(Q, K[:, :1], V[:, :1]), at.attend(Q, K[:, :1], V[:, :1]))


def test_a_grouped_layer_is_tight_to_the_bit():
    layer, (x, y) = md.GroupedAttention(SHAPE).double(), drawn(0, (6, 24), (6, 24))
    changed, angles = torch.cat([x[:4], y[4:]]), at.rotary_angles(torch.arange(6), SHAPE.head_width)
    before, after = layer(x, angles), layer(changed, angles)
    assert [torch.equal(a, b) for a, b in zip(before, after, strict=True)] == [True] * 4 + [False] * 2


def test_a_grouped_layer_with_all_heads_is_the_attention_of_3_2():
    config = md.LlamaConfig(30, 24, 1, 4, 4, 40)
    ours, theirs = md.GroupedAttention(config).double(), at.Attention(24, heads=4).double()
    for name in "QKVO":
        getattr(ours, f"w{name.lower()}").weight.data = getattr(theirs, name).data.T.clone()
    (x,) = drawn(0, (2, 7, 24))
    assert close(ours(x, at.rotary_angles(torch.arange(7), 6)), theirs(x), 1e-12)


@pytest.mark.parametrize("heads", [(4, 3, 3), (2, 4, 4), (4, 2, 1), (4, 1, 2)])
def test_heads_that_cannot_be_shared_out_are_refused(heads):
    with pytest.raises(ValueError, match=str(heads[0])):
        md.grouped_attend(*drawn(0, *((n, 3, 2) for n in heads)))


@pytest.mark.parametrize(
    "wrong", [{"heads": 5}, {"heads": 0}, {"heads": 8}, {"kv_heads": 4}, {"kv_heads": 0}, {"kv_heads": 12}]
)
def test_a_shape_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="heads"):
        md.LlamaConfig(**{"vocabulary": 30, "width": 24, "layers": 1, "heads": 6, "kv_heads": 2, "hidden": 40} | wrong)


# --- foreign weights ----------------------------------------------------------------------------------


@few
@given(seeds, st.integers(1, 4), st.integers(1, 5), size)
def test_sorted_rows_turn_as_halves_do(seed, heads, pairs, T):
    d = 2 * pairs
    x, weight = drawn(seed, (T, 5), (heads * d, 5))
    angles = at.rotary_angles(torch.arange(T), d)
    theirs = at.rotate_halves(at.split_heads(x @ weight.T, heads), angles)
    ours = at.rotate(at.split_heads(x @ md.neighbour_rows(weight, heads).T, heads), angles)
    assert close(at.halves_first(ours), theirs)


@few
@given(st.integers(1, 4), st.integers(1, 6))
def test_sorting_rows_is_undone_by_halves_first(heads, pairs):
    weight = torch.arange(heads * 2 * pairs)[:, None].double()
    again = at.halves_first(md.neighbour_rows(weight, heads).view(heads, -1)).view(-1, 1)
    assert torch.equal(again, weight)


def test_a_seed_says_which_weights_a_model_begins_with():
    """The same seed, the same weights, whatever was drawn before; all matrices as wide as asked for, all norms at 1."""
    one = md.Llama(SHAPE, seed=3)
    torch.randn(7)
    again, other = md.Llama(SHAPE, seed=3), md.Llama(SHAPE, seed=4)
    for (name, a), b, c in zip(one.named_parameters(), again.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b), name
        if a.ndim == 2:
            assert not torch.equal(a, c)
            assert 0.018 < a.std() < 0.022, name
        else:
            assert torch.equal(a, torch.ones_like(a))


def llama(seed=0, **fields):
    """A `LlamaForCausalLM` with random weights."""
    shape = {"num_hidden_layers": 2, "hidden_size": 48, "intermediate_size": 40, "num_attention_heads": 6}
    return md.random_llama(seed=seed, **shape | {"num_key_value_heads": 2} | fields)


@pytest.mark.parametrize("kv_heads", [1, 2, 3, 6])
@pytest.mark.parametrize("tied", [True, False])
def test_the_model_is_llamas_in_double_to_the_last_digits(in_double, kv_heads, tied):
    theirs = llama(tied=tied, num_key_value_heads=kv_heads).double()
    ours, ids = md.from_transformers(theirs), torch.randint(72, (2, 30), generator=torch.Generator().manual_seed(0))
    assert close(ours(ids), theirs(ids).logits, 1e-10)
    assert (ours.head is None) == tied


@pytest.mark.parametrize(
    "fields", [{}, {"rms_norm_eps": 1e-2}, {"rope_parameters": {"rope_type": "default", "rope_theta": 123.0}}]
)
def test_the_model_is_llamas_in_single_precision(fields):
    theirs, ids = llama(**fields), torch.randint(72, (2, 50), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        ours, expected = md.from_transformers(theirs)(ids), theirs(ids).logits
    assert close(ours, expected, 1e-5 * expected.abs().max().item())


def test_the_layer_is_llamas_decoder_layer(in_double):
    theirs = llama().double()
    ours, (x,) = md.from_transformers(theirs), drawn(0, (2, 9, 48))
    turns = theirs.model.rotary_emb(x, torch.arange(9)[None])
    mask = torch.zeros(9, 9).double().masked_fill(~at.causal_mask(9), -torch.inf)[None, None]
    expected = theirs.model.layers[1](x, attention_mask=mask, position_embeddings=turns)
    assert close(ours.blocks[1](x, at.rotary_angles(torch.arange(9), 8)), expected, 1e-11)


def test_the_block_from_memory_is_the_block():
    block = md.redrawn(md.LlamaBlock(SHAPE), 0.3).double()
    named, (x,) = {name.split(".")[-2]: weight for name, weight in block.state_dict().items()}, drawn(0, (2, 9, 24))
    angles = at.rotary_angles(torch.arange(9), 4)
    page = notebook.exercises(ROOT / "03_transformers" / "04_modern_decoder.ipynb")
    names = dict(vars(md))
    exec(page["block_from_memory"].solution, names)
    assert close(names["block_from_memory"](x, named, 6, 2, angles), block(x, angles), 1e-12)


def test_weights_are_copied_and_not_shared():
    theirs, ids = llama(), torch.tensor([[1, 2, 3]])
    ours = md.from_transformers(theirs)
    before = ours(ids).detach().clone()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.zero_()
    assert torch.equal(ours(ids), before)


def test_unsorted_rows_are_right_at_the_first_position_alone():
    theirs, ids = llama(tied=False), torch.randint(72, (1, 20), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        apart = (md.unsorted_llama(theirs)(ids) - theirs(ids).logits).abs().amax(dim=-1)[0]
    assert apart[0] < 1e-4 and (apart[1:] > 1e-2).all()
    assert md.attention_beside(torch.double, sort=lambda weight, heads: weight.clone()) > 0.05


def test_a_model_without_memory_takes_weights_as_they_are():
    with torch.device("meta"):
        empty = md.Llama(SHAPE)
    full = md.redrawn(md.Llama(SHAPE), 0.2)
    assert {parameter.device.type for parameter in empty.parameters()} == {"meta"} and not list(empty.buffers())
    empty.load_state_dict(full.state_dict(), assign=True)
    ids = torch.tensor([[3, 1, 2]])
    assert torch.equal(empty(ids), full(ids))


def test_only_distances_count_and_positions_end_with_the_context():
    model, ids = md.redrawn(md.Llama(SHAPE), 0.2).double(), torch.randint(30, (2, 20))
    assert close(model(ids), model(ids, start=44), 1e-10)
    for start in (45, -1):
        with pytest.raises(ValueError, match="made for 0 … 63"):
            model(ids, start=start)


def test_the_past_does_not_see_the_future_to_the_bit():
    model = md.redrawn(md.Llama(SHAPE), 0.2)
    ids = torch.randint(30, (1, 12), generator=torch.Generator().manual_seed(0))
    other = torch.cat([ids[:, :7], (ids[:, 7:] + 1) % 30], dim=1)
    assert torch.equal(model(ids)[:, :7], model(other)[:, :7])
    assert not torch.equal(model(ids)[:, 7:], model(other)[:, 7:])


# --- config.json --------------------------------------------------------------------------------------

FIELDS = {
    "vocab_size": 72,
    "hidden_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "intermediate_size": 256,
}


def test_a_config_is_read_in_the_old_form_and_the_new():
    old = md.read_config(FIELDS | {"rope_theta": 5e5, "num_key_value_heads": 2, "rope_scaling": None, "head_dim": None})
    new = md.read_config(
        FIELDS | {"rope_parameters": {"rope_type": "default", "rope_theta": 5e5}, "num_key_value_heads": 2}
    )
    assert old == new and old.base == 5e5 and old.kv_heads == 2 and not old.tied and old.eps == 1e-6
    assert md.read_config(FIELDS | {"model_type": "mistral", "sliding_window": None}).kv_heads == 6
    theirs = modeling_llama.LlamaConfig(
        **FIELDS, max_position_embeddings=99, rms_norm_eps=1e-3, tie_word_embeddings=True
    )
    read = md.read_config(json.loads(theirs.to_json_string(use_diff=False)))
    assert (read.context, read.eps, read.tied, read.hidden, read.layers) == (99, 1e-3, True, 256, 3)


@pytest.mark.parametrize(
    "foreign",
    [
        {"attention_bias": True},
        {"mlp_bias": True},
        {"hidden_act": "gelu"},
        {"head_dim": 32},
        {"sliding_window": 4096},
        {"model_type": "qwen2"},
        {"rope_scaling": {"rope_type": "llama3", "factor": 8.0}},
        {"rope_scaling": {"type": "linear", "factor": 2.0}},
        {"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4}},
        {"rope_parameters": {"rope_theta": 1e4, "partial_rotary_factor": 0.5}},
        {"partial_rotary_factor": 0.5},
        {"rope_interleaved": True},
    ],
)
def test_what_this_page_does_not_have_is_refused_by_name(foreign):
    with pytest.raises(ValueError, match="not a model of this page"):
        md.read_config(FIELDS | foreign)


@pytest.mark.parametrize("name", FIELDS)
def test_a_missing_field_is_refused_by_name(name):
    fields = {field: value for field, value in FIELDS.items() if field != name}
    for function in (md.read_config, md.parameters_in, md.flops_per_token):
        with pytest.raises(ValueError, match=name):
            function(fields)


@few
@given(size, size, st.integers(1, 3), size, st.booleans(), st.booleans(), st.booleans(), st.sampled_from([None, 6, 8]))
def test_parameters_are_those_of_transformers(layers, kv_heads, each, hidden, tied, biased, mlp_biased, head_dim):
    heads = kv_heads * each
    fields = {"vocab_size": 11, "hidden_size": heads * 4, "num_hidden_layers": layers, "num_attention_heads": heads}
    fields |= {"num_key_value_heads": kv_heads, "intermediate_size": hidden, "tie_word_embeddings": tied}
    fields |= {"attention_bias": biased, "mlp_bias": mlp_biased}
    assert md.parameters_in(fields | {"head_dim": head_dim}) == md.by_transformers(
        fields | ({"head_dim": head_dim} if head_dim else {})
    )
    if not (biased or mlp_biased or head_dim):
        ours = md.Llama(md.read_config(fields))
        assert md.parameters_in(fields) == sum(parameter.numel() for parameter in ours.parameters())


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kv_heads, T", [(2, 5), (6, 17), (1, 1)])
def test_flops_are_those_that_torch_counts(tied, kv_heads, T):
    model = md.from_transformers(llama(tied=tied, num_key_value_heads=kv_heads))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(1, T, dtype=torch.long))
    fields = {
        "vocab_size": 72,
        "hidden_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 6,
        "intermediate_size": 40,
    }
    fields |= {"num_key_value_heads": kv_heads, "tie_word_embeddings": tied}
    assert counter.get_total_flops() == T * md.flops_per_token(fields, T - 1)


@pytest.mark.parametrize("kv_heads", [1, 2, 6])
def test_cache_bytes_are_those_of_the_cache_of_transformers(kv_heads):
    model = llama(num_key_value_heads=kv_heads)
    cache = model(torch.zeros(1, 13, dtype=torch.long), use_cache=True).past_key_values
    held = sum(side.nbytes for layer in cache.layers for side in (layer.keys, layer.values))
    assert held == md.kv_bytes(model.config.to_dict(), tokens=13, each=4)


def test_published_models_have_their_published_numbers():
    counted = {name: md.parameters_in(md.published(name)) for name in md.PUBLISHED}
    assert counted["SmolLM2-135M"] == 134_515_008 == md.by_transformers(md.published("SmolLM2-135M"))
    assert counted["Llama 2 7B"] == 6_738_415_616 and counted["Mistral 7B v0.2"] == 7_241_732_096
    assert counted["Llama 3 8B"] == 8_030_261_248 == md.by_transformers(md.published("Llama 3 8B"))
    assert counted["TinyLlama 1.1B"] == 1_100_048_384 and counted["Llama 3 70B"] == 70_553_706_496


def test_the_answer_of_the_quiz_is_what_the_widget_shows():
    fields = md.published("Llama 3 8B")
    outweighs = [n for n in range(10, 21) if md.kv_bytes(fields, 2**n) > 2 * md.parameters_in(fields)]
    assert outweighs[0] == 17
    shared = fields | {"num_key_value_heads": 1}
    assert [n for n in range(10, 21) if md.kv_bytes(shared, 2**n) > 2 * md.parameters_in(shared)] == [20]


# --- ablations ----------------------------------------------------------------------------------------


def test_variants_differ_in_what_they_say_and_in_nothing_else():
    models = {name: md.ablated(name) for name in md.VARIANTS}
    numbers = {name: sum(p.numel() for p in model.parameters()) for name, model in models.items()}
    assert (
        len({numbers[name] for name in ("Llama", "GELU MLP", "multi-head, narrower MLP", "multi-query, wider MLP")})
        == 1
    )
    assert numbers["learned positions"] - numbers["Llama"] == 128 * 96
    assert numbers["LayerNorm"] - numbers["Llama"] == 9 * 96
    assert all(max(n, numbers["Llama"]) / min(n, numbers["Llama"]) < 1.04 for n in numbers.values())
    for name, model in models.items():
        parts = md.VARIANTS[name][2]
        assert isinstance(model, md.Unturned) == ("positions" in parts)
        assert isinstance(model.blocks[3].ffn, md.SwiGLU) != ("mlp" in parts)
        norms = (model.norm, model.blocks[0].attention_norm, model.blocks[3].ffn_norm)
        assert {isinstance(norm, md.RMSNorm) for norm in norms} == {"norm" not in parts}


def test_the_same_seed_gives_the_same_weights_and_another_others():
    one, again, other = md.ablated("Llama", 3), md.ablated("Llama", 3), md.ablated("Llama", 4)
    assert torch.equal(one.embedding.weight, again.embedding.weight)
    assert not torch.equal(one.embedding.weight, other.embedding.weight)


def test_learned_positions_are_added_and_nothing_is_turned():
    model, ids = md.redrawn(md.Unturned(replace(SHAPE, layers=1)), 0.3), torch.tensor([[7, 3, 5, 2]])
    assert not torch.allclose(model(ids)[0, 3], model(ids[:, [1, 0, 2, 3]])[0, 3], atol=1e-3)
    with torch.no_grad():
        model.place.weight.zero_()
    assert torch.allclose(model(ids)[0, 3], model(ids[:, [2, 0, 1, 3]])[0, 3], atol=1e-5)  # one layer sees a set


def test_the_rate_warms_up_and_falls_to_a_tenth(monkeypatch):
    rates = []

    class Noting(torch.optim.AdamW):
        def step(self, *given):
            rates.append(self.param_groups[0]["lr"])
            return super().step(*given)

    monkeypatch.setattr(torch.optim, "AdamW", Noting)
    list(md.training(md.redrawn(md.Llama(replace(SHAPE, vocabulary=72, layers=1))), steps=100, batch=2, rate=1e-3))
    assert rates[0] == pytest.approx(1e-3 / 20) and rates[9] == pytest.approx(1e-3 / 2)
    assert max(rates) == rates[16] and rates[50] == pytest.approx(0.55e-3) and rates[99] == pytest.approx(0.109e-3)


def test_pairs_see_the_same_passages(monkeypatch):
    seen = {}
    for name in ("Llama", "GELU MLP"):
        model = md.ablated(name)
        model.register_forward_pre_hook(
            lambda module, given, name=name: seen.setdefault(name, []).append(given[0].clone())
        )
        list(md.training(model, seed=5, steps=2))
    assert all(torch.equal(a, b) for a, b in zip(*seen.values(), strict=True))
    assert not torch.equal(*seen["Llama"])


def test_training_learns_and_is_the_same_twice():
    runs = [list(md.training(md.ablated("Llama"), steps=25)) for _ in range(2)]
    assert runs[0] == runs[1] and runs[0][-1] < runs[0][0] - 1


def test_a_model_that_knows_nothing_needs_the_bits_of_the_alphabet():
    model = md.ablated("Llama")
    with torch.no_grad():
        model.norm.weight.zero_()
    assert md.held_out_bits(model, passages=40) == pytest.approx(math.log2(72), abs=1e-5)


@few
@given(st.lists(st.floats(-1, 1), min_size=2, max_size=9).filter(lambda xs: np.std(xs) > 1e-6))
def test_the_interval_is_that_of_a_paired_t_test(differences):
    mean, low, high = md.paired_interval(differences)
    interval = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert (mean, low, high) == pytest.approx((np.mean(differences), interval.low, interval.high), abs=1e-9)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = [low <= 0.3 <= high for _, low, high in (md.paired_interval(rng.normal(0.3, 1, 5)) for _ in range(2000))]
    assert 0.93 < np.mean(covered) < 0.97


def test_what_an_interval_says():
    assert [md.told_apart(*ends) for ends in ((0.1, 0.2), (-0.2, -0.1), (-0.1, 0.1), (0.0, 0.1))] == [
        "Llama is better",
        "the other part is better",
        "not told apart",
        "not told apart",
    ]
    assert md.paired_interval([0.5, 0.5]) == (0.5, 0.5, 0.5)
    with pytest.raises(ValueError, match="at least two"):
        md.paired_interval([0.1])


def test_the_recorded_run_is_whole_and_of_these_variants():
    found = md.recorded_ablations()
    told = found["settings"]
    assert told["variants"] == json.loads(json.dumps(md.VARIANTS)) and told["shape"] == md.SMALL
    assert told["seeds"] >= 4 and found["command"].startswith("python 03_transformers/labs/decoder_ablations.py")
    assert {"python", "torch"} <= set(found["versions"])
    pairs = [(run["variant"], run["seed"]) for run in found["runs"]]
    assert sorted(pairs) == sorted((variant, seed) for variant in md.VARIANTS for seed in range(told["seeds"]))
    for run in found["runs"]:
        assert len(run["curve"]) == told["steps"] // told["every"] and 1 < run["held_out"] < 6.5
        assert run["parameters"] == sum(p.numel() for p in md.ablated(run["variant"]).parameters())


def test_the_lab_goes_on_where_it_stopped(tmp_path, monkeypatch, capsys):
    path = ROOT / "03_transformers" / "labs" / "decoder_ablations.py"
    spec = importlib.util.spec_from_file_location("decoder_ablations", path)
    lab = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lab)
    monkeypatch.setattr(md, "VARIANTS", {name: md.VARIANTS[name] for name in ("Llama", "LayerNorm")})
    out = tmp_path / "runs.json"
    words = ["lab", "--quick", "--seeds", "2", "--steps", "2", "--out", str(out)]
    monkeypatch.setattr("sys.argv", words)
    lab.main()
    whole = json.loads(out.read_text("utf-8"))
    assert [(run["seed"], run["variant"]) for run in whole["runs"]] == [
        (s, v) for s in (0, 1) for v in ("Llama", "LayerNorm")
    ]
    trained = []
    monkeypatch.setattr(lab, "run", lambda *given, run=lab.run: trained.append(given[:2]) or run(*given))
    out.write_text(json.dumps(whole | {"runs": whole["runs"][:3]}), "utf-8")
    lab.main()
    again = json.loads(out.read_text("utf-8"))
    assert trained == [("LayerNorm", 1)]
    assert [run["held_out"] for run in again["runs"]] == [run["held_out"] for run in whole["runs"]]
    monkeypatch.setattr("sys.argv", [*words[:-3], "3", *words[-2:]])  # other settings: begun anew
    trained.clear()
    lab.main()
    assert len(trained) == 4


@pytest.mark.parametrize("variant", md.VARIANTS)
def test_variants_begin_with_the_same_numbers_where_they_share_a_matrix(variant):
    whole, other = (dict(md.ablated(name, seed=4).named_parameters()) for name in ("Llama", variant))
    shared = [name for name, one in other.items() if one.ndim == 2 and name in whole and whole[name].shape == one.shape]
    assert "embedding.weight" in shared and len(shared) >= 9
    assert all(torch.equal(whole[name], other[name]) for name in shared)
    assert not torch.equal(whole["embedding.weight"], md.ablated(variant, seed=5).embedding.weight)


def test_matrices_of_one_model_are_drawn_apart():
    blocks = md.redrawn(md.Llama(SHAPE), 1.0).blocks
    matrices = [blocks[0].attention.wq.weight, blocks[0].attention.wo.weight, blocks[1].attention.wq.weight]
    for a, b in itertools.combinations(matrices, 2):
        assert abs(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1]) < 0.1
    assert all(0.9 < one.std() < 1.1 for one in matrices)


@pytest.mark.parametrize(
    "field, value",
    [("layers", 0), ("hidden", -3), ("vocabulary", 2.0), ("context", "128"), ("kv_heads", 0), ("heads", None)],
)
def test_sizes_are_whole_numbers_from_one_on(field, value):
    with pytest.raises(ValueError, match=f"'{field}': .*whole numbers from 1 on"):
        replace(SHAPE, **{field: value})


@pytest.mark.parametrize("field, value", [("eps", 0), ("eps", None), ("base", float("nan")), ("base", -1.0)])
def test_base_and_eps_are_above_zero(field, value):
    with pytest.raises(ValueError, match="expected numbers above 0"):
        replace(SHAPE, **{field: value})


def test_a_new_model_hides_unsorted_rows_and_large_numbers_do_not():
    ids = torch.randint(72, (2, 40), generator=torch.Generator().manual_seed(1))
    new, large = md.by_sorting(0.02, ids), md.by_sorting(0.15, ids)
    assert new[0] == large[0] == 1 and new[1] > 0.9 and large[1] < 0.4
    assert large[2] == [0]
