"""What `03_transformers/06_sampling` built, against transformers' logits processors, and laws.

A property names its law. The oracles are the five processors of transformers, numpy for sums, and slow searches.
"""

import math
import random
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
import torch
import transformers
from built import sampling as sa
from built.real_weights import ENDS, as_transformers, load_smollm2
from built.tokenization import smollm2
from hypothesis import given, settings
from hypothesis import strategies as st

torch.set_num_threads(1)
few = settings(max_examples=80, deadline=None)
seeds = st.integers(0, 2**31)
shares = st.floats(0.01, 1.0)
spreads = st.sampled_from([0.01, 0.3, 1.0, 5.0, 40.0])


def drawn(seed, *shape, spread=1.0, cut=0.0):
    """Random doubles of this shape, some of them −∞, and never a whole row of these."""
    rng = torch.Generator().manual_seed(seed)
    logits = torch.randn(shape, generator=rng, dtype=torch.double) * spread
    gone = torch.rand(shape, generator=rng) < cut
    gone[..., 0] = False
    return logits.masked_fill(gone, -torch.inf)


def processed(processor, logits, ids=None):
    """What transformers makes of rows of logits (n, V)."""
    return processor(torch.zeros(len(logits), 1, dtype=torch.long) if ids is None else ids, logits)


# --- against transformers -----------------------------------------------------------------------------


@few
@given(seeds, st.integers(1, 5), st.integers(2, 60), spreads, shares, st.sampled_from([0.0, 0.3]))
def test_top_p_and_min_p_are_those_of_transformers(seed, n, V, spread, p, cut):
    logits = drawn(seed, n, V, spread=spread, cut=cut)
    assert torch.equal(sa.min_p(logits, p), processed(transformers.MinPLogitsWarper(p), logits))
    if p < 1:
        assert torch.equal(sa.top_p(logits, p), processed(transformers.TopPLogitsWarper(p), logits))


@few
@given(seeds, st.integers(1, 5), st.integers(2, 60), spreads, st.integers(1, 80), st.floats(0.05, 20))
def test_top_k_and_temperature_are_those_of_transformers(seed, n, V, spread, k, t):
    logits = drawn(seed, n, V, spread=spread)
    assert torch.equal(sa.k_best(logits, k), processed(transformers.TopKLogitsWarper(k), logits))
    assert torch.equal(sa.tempered(logits, t), processed(transformers.TemperatureLogitsWarper(t), logits))


@few
@given(seeds, st.integers(1, 4), st.integers(2, 30), st.integers(1, 20), st.floats(0.3, 3))
def test_the_penalty_is_that_of_transformers_with_repeated_ids_and_in_batches(seed, n, V, length, penalty):
    logits = drawn(seed, n, V)
    ids = torch.randint(V, (n, length), generator=torch.Generator().manual_seed(seed))
    theirs = processed(transformers.RepetitionPenaltyLogitsProcessor(penalty), logits, ids)
    assert torch.equal(sa.penalised(logits, ids, penalty), theirs)
    assert torch.equal(sa.penalised(logits[0], ids[0].tolist(), penalty), theirs[0])


def test_on_the_models_logits_in_single_precision_the_same_tokens_stay():
    logits = sa.logits_after(sa.PASSAGE)
    for p in (0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99):
        for ours, theirs in ((sa.top_p, transformers.TopPLogitsWarper), (sa.min_p, transformers.MinPLogitsWarper)):
            same, _, n = sa.agreement_with(lambda x, ours=ours, p=p: ours(x, p), theirs(p), logits)
            assert same >= n - 1  # a border may fall between two roundings of single precision


@pytest.mark.parametrize("least", [1, 2, 5])
def test_min_tokens_to_keep_is_a_union_with_the_best(least):
    logits = drawn(3, 40, 30, spread=3)
    best = sa.k_best(logits, least)
    for ours, theirs in ((sa.top_p, transformers.TopPLogitsWarper), (sa.min_p, transformers.MinPLogitsWarper)):
        union = torch.maximum(ours(logits, 0.4), best)
        assert torch.equal(union, processed(theirs(0.4, min_tokens_to_keep=least), logits))


@pytest.mark.parametrize("V", [3, 7, 50])
@pytest.mark.parametrize("p", [0.05, 0.31, 0.5001, 0.93])
def test_of_ties_at_the_border_as_many_stay_as_with_transformers_and_the_lower_ids(V, p):
    logits = torch.zeros(2, V, dtype=torch.double)
    logits[1, V // 2] = 1.0
    ours, theirs = sa.top_p(logits, p), processed(transformers.TopPLogitsWarper(p), logits)
    assert sa.survivors(ours).tolist() == sa.survivors(theirs).tolist()
    stays = (ours[0] > -torch.inf).tolist()
    assert stays == sorted(stays, reverse=True)


def test_the_order_of_the_settings_is_that_of_transformers_generate():
    logits, ids = drawn(5, 20, 40, spread=4), torch.randint(40, (20, 9), generator=torch.Generator().manual_seed(5))
    config = transformers.GenerationConfig(
        do_sample=True, temperature=1.4, top_k=30, top_p=0.8, min_p=0.05, repetition_penalty=1.3
    )
    model = as_transformers(load_smollm2()[0])
    theirs = model._get_logits_processor(config, input_ids_seq_length=9)(ids, logits)
    ours = sa.Sampling(temperature=1.4, top_k=30, top_p=0.8, min_p=0.05, penalty=1.3).cut(logits, ids)
    assert torch.equal(ours, theirs)


# --- laws of the cuts ---------------------------------------------------------------------------------


@few
@given(seeds, st.integers(2, 40), spreads, shares)
def test_the_nucleus_reaches_p_and_without_its_last_token_does_not(seed, V, spread, p):
    logits = drawn(seed, V, spread=spread)
    chances = logits.softmax(dim=-1)
    stays = sa.top_p(logits, p) > -torch.inf
    assert chances[stays].sum() >= p - 1e-12
    if p < 1:
        assert chances[stays].sum() - chances[stays].min() < p + 1e-12
    assert stays[logits.argmax()] and chances[stays].min() >= chances[~stays].amax() if (~stays).any() else True


@few
@given(seeds, st.integers(2, 40), spreads, shares, st.floats(-50, 50))
def test_a_constant_added_to_all_logits_changes_no_cut(seed, V, spread, p, shift):
    logits = drawn(seed, V, spread=spread)
    for cut in (sa.top_p, sa.min_p):
        kept, moved = cut(logits, p) > -torch.inf, cut(logits + shift, p) > -torch.inf
        assert (kept != moved).sum() <= 1  # a border may move by rounding
    assert torch.equal(sa.k_best(logits, 3) > -torch.inf, sa.k_best(logits + shift, 3) > -torch.inf)


def test_a_constant_added_to_all_logits_changes_the_penalty():
    logits = torch.tensor([1.0, 0.8, -1.0])
    assert sa.penalised(logits, [0], 2.0).argmax() == 1
    assert sa.penalised(logits - 0.9, [0], 2.0).argmax() == 0
    assert sa.best_after_shift(10) != sa.best_after_shift(0)
    assert sa.best_after_shift(10, penalty=1) == sa.best_after_shift(0, penalty=1)


@pytest.mark.parametrize("kind", [torch.float32, torch.double])
def test_a_wide_nucleus_is_counted_in_double_precision_and_in_the_order_of_the_ids(kind):
    logits = torch.tensor([0.0] + [-17.75] * 1200, dtype=kind)  # 1, and 1,200 times 2e-8
    small = math.exp(-17.75)
    for n in (1, 38, 612, 1199):
        stays = sa.top_p(logits, (1 + (n - 0.5) * small) / (1 + 1200 * small)) > -torch.inf
        assert stays.tolist() == [True] * (n + 1) + [False] * (1200 - n)


@few
@given(seeds, st.integers(2, 40), shares, shares)
def test_a_smaller_nucleus_lies_in_a_larger_and_a_higher_bar_above_a_lower(seed, V, p, q):
    logits, (small, large) = drawn(seed, V, spread=3), sorted((p, q))
    inner, outer = (sa.top_p(logits, x) > -torch.inf for x in (small, large))
    assert (inner <= outer).all()
    high, low = (sa.min_p(logits, x) > -torch.inf for x in (large, small))
    assert (high <= low).all()


@few
@given(seeds, st.integers(2, 20), st.floats(0.1, 8))
def test_temperature_is_a_power_of_the_odds(seed, V, t):
    logits = drawn(seed, V)
    before, after = logits.softmax(-1), sa.tempered(logits, t).softmax(-1)
    assert torch.allclose(after / after[0], (before / before[0]) ** (1 / t))


@few
@given(seeds, st.integers(2, 20))
def test_entropy_rises_with_temperature(seed, V):
    found = [sa.bits_at(drawn(seed, V), t) for t in (0.2, 0.5, 1.0, 2.0, 9.0)]
    assert found == sorted(found) and found[-1] <= math.log2(V) + 1e-9


def test_no_function_writes_into_what_it_is_given():
    logits = drawn(0, 3, 20)
    kept = logits.clone()
    sa.top_p(logits, 0.5), sa.min_p(logits, 0.5), sa.k_best(logits, 2), sa.tempered(logits, 2)
    sa.penalised(logits, torch.zeros(3, 2, dtype=torch.long), 1.3)
    sa.Sampling(temperature=0.5, top_p=0.5, penalty=1.3).choose(logits[0], [1, 2])
    assert torch.equal(kept, logits)


def test_all_of_the_shares_is_all_of_the_tokens():
    logits = sa.logits_after(sa.PASSAGE)[:3]
    assert torch.equal(sa.top_p(logits, 1), logits) and sa.top_p(logits, 1) is not logits
    assert (sa.survivors(sa.top_p(logits, 0.9999999)) < logits.shape[-1]).all()


@pytest.mark.parametrize("p", [0, -1, 1.1, math.nan, math.inf])
@pytest.mark.parametrize("cut", ["top_p", "min_p"])
def test_shares_that_are_none_are_refused_by_value(cut, p):
    with pytest.raises(ValueError, match=str(p)):
        getattr(sa, cut)(torch.zeros(3), p)


# --- draws --------------------------------------------------------------------------------------------


@few
@given(seeds, st.lists(st.integers(0, 5), min_size=1, max_size=9), st.floats(0, 1, exclude_max=True))
def test_picked_is_a_search_in_the_running_sum(seed, weights, u):
    if not sum(weights):
        weights.append(1)
    edges = np.cumsum(weights)
    expected = next(i for i, edge in enumerate(edges) if edge > u * edges[-1])
    assert sa.picked(torch.tensor(weights, dtype=torch.double), u) == expected
    assert weights[expected] > 0


def test_every_u_of_a_grid_picks_each_token_as_often_as_its_share():
    p = torch.tensor([0.125, 0.0, 0.5, 0.25, 0.0625, 0.0625])
    counts = Counter(sa.picked(p, n / 1024) for n in range(1024))
    assert counts == {0: 128, 2: 512, 3: 256, 4: 64, 5: 64}


def test_the_last_u_never_picks_what_has_no_weight():
    p = torch.cat([torch.full((49_152,), 1 / 49_152), torch.zeros(7)])
    assert sa.picked(p, 1 - 2**-53) == 49_151 and sa.picked(p, 0.0) == 0


@pytest.mark.parametrize(
    "weights, u", [([1, 1], 1.0), ([1, 1], -1e-9), ([0, 0], 0.5), ([1, -1], 0.5), ([1, math.nan], 0)]
)
def test_what_cannot_be_drawn_from_is_refused(weights, u):
    with pytest.raises(ValueError, match="u = "):
        sa.picked(torch.tensor(weights, dtype=torch.double), u)


def test_coins_are_even_and_do_not_hang_together():
    coins = np.array([[sa.coin(seed, n) for n in range(2000)] for seed in (0, 1, 2)])
    assert ((coins >= 0) & (coins < 1)).all()
    assert all(scipy.stats.kstest(row, "uniform").pvalue > 1e-3 for row in coins)
    assert abs(np.corrcoef(coins)[np.triu_indices(3, 1)]).max() < 0.08
    assert abs(np.corrcoef(coins[0][1:], coins[0][:-1])[0, 1]) < 0.08


def test_coins_are_the_same_on_every_machine():
    assert [round(sa.coin(0, n), 6) for n in range(3)] == COINS


def test_probabilities_in_single_precision_are_judged_as_those_in_double():
    p = torch.randn(50, generator=torch.Generator().manual_seed(1)).softmax(dim=-1)
    draws = [sa.picked(p.double(), sa.coin(0, n)) for n in range(3000)]
    assert sa.fits_by_chi_square(draws, p) and sa.fits_by_chi_square(draws, 3 * p)
    assert not sa.fits_by_chi_square(draws, sa.tempered(p.log(), 2.0).softmax(dim=-1))


COINS = [0.833689, 0.945917, 0.809932]


@pytest.mark.parametrize("settings", [{}, {"temperature": 0.7}, {"top_k": 5}, {"top_p": 0.8}, {"min_p": 0.2}])
def test_choices_fit_the_probabilities_that_are_left(settings):
    logits = drawn(1, 12, spread=1.5)
    draws = [sa.Sampling(**settings, seed=seed).choose(logits, [0]) for seed in range(6000)]
    p = sa.Sampling(**settings).cut(logits, []).softmax(-1)
    seen, expected = np.bincount(draws, minlength=12), p.numpy() * 6000
    assert not seen[expected == 0].any()
    assert scipy.stats.chisquare(seen[expected > 0], expected[expected > 0]).pvalue > 1e-3


def test_the_race_fits_and_the_test_that_says_so_can_say_no():
    logits = drawn(1, 12, spread=1.5)
    race = (logits + sa.gumbel((8000, 12), torch.Generator().manual_seed(0))).argmax(-1).tolist()
    assert sa.fits_by_chi_square(race, logits.softmax(-1))
    assert not sa.fits_by_chi_square(race, (1.1 * logits).softmax(-1))


def test_the_best_of_a_race_merges_over_shards():
    logits = drawn(2, 64, spread=2)
    noisy = logits + sa.gumbel((500, 64), torch.Generator().manual_seed(1))
    parts = noisy.split(9, dim=-1)
    at = torch.stack([part.argmax(-1) + 9 * n for n, part in enumerate(parts)])
    best = torch.stack([part.amax(-1) for part in parts]).argmax(0)
    assert torch.equal(at.gather(0, best[None])[0], noisy.argmax(-1))


def chances_apart(seed, V, error):
    """Two rows of probabilities whose logits differ by errors of this size."""
    logits = drawn(seed, V, spread=2)
    return logits.softmax(-1), (logits + error * drawn(seed + 1, V)).softmax(-1)


@few
@given(seeds, st.integers(2, 30), st.floats(0.01, 1))
def test_how_often_two_lines_agree_is_the_share_of_u_at_which_they_do(seed, V, error):
    p, q = chances_apart(seed, V, error)
    u = (torch.arange(20_000, dtype=torch.double) + 0.5) / 20_000
    for orders in ((torch.arange(V),) * 2, [x.argsort(descending=True) for x in (p, q)]):
        one, other = (
            o[torch.searchsorted(x[o].cumsum(0), u).clamp_max(V - 1)] for x, o in zip((p, q), orders, strict=True)
        )
        assert abs((one == other).double().mean().item() - sa.line_agrees(p, q, *orders)) < 2 * V / 20_000


@few
@given(seeds, st.integers(2, 30), st.floats(0.01, 1))
def test_how_often_two_races_agree_is_a_sum_over_all_rivals(seed, V, error):
    p, q = chances_apart(seed, V, error)
    slow = sum(1 / sum(max(p[j] / p[i], q[j] / q[i]).item() for j in range(V)) for i in range(V))
    assert sa.race_agrees(p, q) == pytest.approx(slow)
    assert slow <= torch.minimum(p, q).sum().item() + 1e-12  # no way can agree more often


def test_races_with_the_same_noise_agree_as_often_as_computed():
    p, q = chances_apart(7, 12, 0.3)
    noise = sa.gumbel((40_000, 12), torch.Generator().manual_seed(0))
    seen = ((p.log() + noise).argmax(-1) == (q.log() + noise).argmax(-1)).double().mean().item()
    assert abs(seen - sa.race_agrees(p, q)) < 0.01


# --- the chooser --------------------------------------------------------------------------------------


def test_a_choice_is_a_function_of_its_arguments_and_its_place():
    way, logits = sa.Sampling(temperature=2.0, seed=4), drawn(0, 50)
    assert len({way.choose(logits, [1, 2, 3]) for _ in range(5)}) == 1
    assert len({way.choose(logits, [0] * n) for n in range(60)}) > 10
    assert way.choose(logits, [1, 2, 3]) == way.choose(logits, [9, 9, 9])  # the place counts, not what stood there


def test_greedy_is_the_best_of_what_is_left_and_of_ties_the_first():
    assert sa.Sampling(temperature=0).choose(torch.tensor([1.0, 3.0, 3.0]), []) == 1
    assert sa.Sampling(temperature=0, penalty=2.0).choose(torch.tensor([1.0, 3.0, 2.9]), [1]) == 2


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": -0.1}, {"temperature": math.nan}, {"temperature": 1e-9}, {"temperature": None}, {"top_k": 0},
        {"top_k": 2.5}, {"top_k": True}, {"top_p": 0}, {"top_p": 1.01}, {"min_p": "0.1"}, {"min_p": -0.1},
        {"penalty": 0}, {"penalty": math.inf}, {"seed": None}, {"seed": 1.5},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused_by_name(settings):
    with pytest.raises(ValueError, match=f"{next(iter(settings))} = .*expected"):
        sa.Sampling(**settings)


@pytest.mark.parametrize("logits", [[math.nan, 1.0], [-math.inf, -math.inf], [math.inf, 0.0]])
def test_logits_that_leave_nothing_are_refused(logits):
    with pytest.raises(ValueError, match="finite"):
        sa.Sampling().choose(torch.tensor(logits), [])


@pytest.mark.parametrize("whole", [np.int64(5), np.int32(5), np.uint8(5)])
def test_whole_numbers_of_numpy_are_whole_numbers(whole):
    logits = drawn(0, 50)
    way, same = sa.Sampling(top_k=whole, seed=whole), sa.Sampling(top_k=5, seed=5)
    assert [way.choose(logits, [0] * n) for n in range(9)] == [same.choose(logits, [0] * n) for n in range(9)]
    assert sa.Sampling(temperature=np.float32(0.5)).cut(logits, []).equal(sa.Sampling(temperature=0.5).cut(logits, []))


@pytest.mark.parametrize(
    "logits, settings",
    [
        (torch.tensor([700.0, 699.0], dtype=torch.float16), {"temperature": 0.01}),
        (torch.tensor([1e37, 0.0]), {"penalty": 0.01}),
        (torch.tensor([3e38, 1.0]), {"temperature": 0.01}),
    ],
)
def test_finite_logits_are_chosen_from_however_small_their_type(logits, settings):
    assert sa.Sampling(**settings).choose(logits, [0]) == 0


def test_a_frozen_chooser_cannot_be_changed_and_equal_settings_are_equal():
    with pytest.raises(AttributeError):
        sa.Sampling().temperature = 2
    assert sa.Sampling(seed=1) == sa.Sampling(seed=1) != sa.Sampling(seed=2)


# --- stops --------------------------------------------------------------------------------------------

letters = st.text("ab\n", max_size=14)
some_stops = st.lists(st.text("ab\n", min_size=1, max_size=5), max_size=4)


def letter_by_letter(text, stops):
    """The slow way: after each letter, is there a stop that ends here?"""
    for end in range(len(text) + 1):
        if found := [stop for stop in stops if text[:end].endswith(stop)]:
            stop = max(found, key=len)
            return text[: end - len(stop)], stop
    return text, None


@few
@given(letters, some_stops, seeds)
def test_however_a_text_is_cut_the_same_comes_out(text, stops, seed):
    rng = random.Random(seed)
    assert {sa.through(sa.random_cut(text, rng), stops) for _ in range(8)} == {letter_by_letter(text, stops)}


@few
@given(letters, some_stops)
def test_nothing_is_let_out_that_may_yet_be_part_of_a_stop_and_nothing_else_is_held(text, stops):
    stream, shown = sa.StopStream(stops), ""
    for n, letter in enumerate(text):
        shown += stream.feed(letter)
        if stream.stop is not None:
            return
        read = text[: n + 1]
        assert shown + stream.held == read
        waits = [k for stop in stops for k in range(1, len(stop)) if read.endswith(stop[:k])]
        assert len(stream.held) == max(waits, default=0)


@pytest.mark.parametrize("stops", ["END", [""], ["a", ""], [None], [b"x"]])
def test_stops_that_are_none_are_refused(stops):
    with pytest.raises(ValueError, match="stops"):
        sa.StopStream(stops)


def test_after_close_a_stream_goes_on_as_a_new_one():
    stream = sa.StopStream(["END"])
    assert [stream.feed("E"), stream.close(), stream.feed("ND"), stream.feed("END"), stream.stop] == [
        "",
        "E",
        "ND",
        "",
        "END",
    ]


def test_after_a_stop_nothing_comes_any_more():
    stream = sa.StopStream(["x"])
    assert [stream.feed("axb"), stream.feed("c"), stream.close(), stream.stop] == ["a", "", "", "x"]


@pytest.mark.parametrize("text", ["naïve 👩‍💻 x", "日本語 and ü"])
def test_characters_that_span_tokens_come_whole_and_a_stop_may_be_one(text):
    ids = smollm2().encode(text)
    assert "".join(sa.spoken(ids)) == text and all("�" not in piece for piece in sa.spoken(ids))
    assert "".join(sa.spoken(ids, [text[3]])) == text[:3]


def test_an_end_token_ends_and_half_a_character_at_the_end_is_shown_as_such():
    ids = smollm2().encode("one two")
    assert "".join(sa.spoken([*ids, ENDS[1], *ids])) == "one two"
    half = next(i for i, raw in smollm2().tokens.items() if raw == "é".encode()[:1])
    assert "".join(sa.spoken([*ids, half])) == "one two�"


# --- the recorded run, and why temperature 0 differs --------------------------------------------------


def test_the_recording_is_whole():
    rows = sa.recorded_choices()["rows"]
    assert [(row["prompt"], row["way"]) for row in rows] == [(n, way) for n in range(8) for way in sa.WAYS_TO_CHOOSE]
    for row in rows:
        assert len(row["gaps"]) == len(row["ids"]) == 128 or row["ended"]
        assert row["ended"] == (row["ids"][-1] in ENDS) and not set(row["ids"][:-1]) & set(ENDS)
        assert float(row["apart"]) < 1e-3


def test_a_recorded_text_is_chosen_again_and_its_measures_are_recomputed():
    row = sa.texts_by("T = 1, min-p 0.1")[3]
    again, logits = sa.choices_again(row), sa.logits_along(row)
    assert sum(a == b for a, b in zip(again, row["ids"], strict=True)) >= 0.98 * len(row["ids"])
    bits = -logits.double().log_softmax(-1)[torch.arange(len(row["ids"])), row["ids"]].sum().item() / math.log(2)
    assert bits == pytest.approx(row["bits"], abs=0.1)
    best = logits.topk(2, dim=-1).values
    assert np.allclose((best[:, 0] - best[:, 1]).numpy(), row["gaps"], atol=1e-3)


@pytest.mark.parametrize(
    "ids, n, share", [([1, 2, 3], 4, 0.0), ([1, 1, 1, 1, 1, 1], 4, 2 / 3), (list(range(9)), 2, 0.0)]
)
def test_the_share_of_repetition(ids, n, share):
    assert sa.repeated_share(ids, n) == pytest.approx(share)


@few
@given(st.lists(st.integers(0, 3), max_size=20), st.integers(1, 4))
def test_what_is_not_repeated_is_distinct(ids, n):
    runs = [tuple(ids[k : k + n]) for k in range(len(ids) - n + 1)]
    assert sa.distinct(ids, n) == pytest.approx(len(set(runs)) / len(runs) if runs else 1)
    assert sa.distinct(ids, n) + sa.repeated_share(ids, n) == pytest.approx(1)


def test_the_greedy_texts_lie_within_the_error_that_the_page_asks_about():
    rows = sa.texts_by("greedy")
    assert max(float(row["apart"]) for row in rows) <= 1e-4 and not any(row["other best"] for row in rows)
    assert min(gap for row in rows for gap in row["gaps"]) > 2e-4


@few
@given(seeds, st.integers(2, 8), st.floats(0, 1))
def test_where_no_risk_is_seen_no_error_changes_the_best(seed, V, e):
    logits = drawn(seed, 30, V)
    safe = ~sa.at_risk(logits, e)
    for trial in range(5):
        noise = (2 * torch.rand(logits.shape, generator=torch.Generator().manual_seed(trial)).double() - 1) * e
        assert torch.equal((logits + noise).argmax(-1)[safe], logits.argmax(-1)[safe])
    worst = logits.clone()  # and where there is one, the worst errors reach a tie or more
    best, second = logits.topk(2, dim=-1).indices.T
    rows = torch.arange(30)
    worst[rows, best] -= e + 1e-9
    worst[rows, second] += e + 1e-9
    assert (worst[rows, best] <= worst[rows, second] + 1e-12)[~safe].all()


def test_other_shapes_give_other_bits_and_the_same_shape_the_same():
    ids = smollm2().encode("The capital of France is")
    ways = sa.in_ways(ids)
    first, theirs = ways["yours, in one pass"], ways["theirs, in one pass"]
    assert all((x - first).abs().max() < 1e-3 for x in ways.values())
    for base, side in ((first, "yours"), (theirs, "theirs")):
        assert not all(torch.equal(x, base) for way, x in ways.items() if way.startswith(side))
    with torch.no_grad():
        assert torch.equal(load_smollm2()[0](torch.tensor([ids]))[0], first)


@pytest.mark.parametrize("name", ["temperature", "top_p", "min_p", "penalty"])
def test_numbers_that_torch_cannot_take_are_refused_when_the_settings_are_made(name):
    with pytest.raises(ValueError, match=f"{name} = Fraction"):
        sa.Sampling(**{name: Fraction(1, 2)})
    with pytest.raises(ValueError, match=name):
        sa.Sampling(**{name: 1e310})
    assert getattr(sa.Sampling(**{name: np.float32(0.5)}), name) == 0.5


def test_a_penalty_so_small_that_logits_overflow_is_refused():
    with pytest.raises(ValueError, match="from 0.01 to 100"):
        sa.Sampling(penalty=1e-310)
