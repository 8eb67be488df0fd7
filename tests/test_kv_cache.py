"""What `03_transformers/08_kv_cache` built: a cache is an optimisation, so every law is "as without it".

The oracles are the model of 3.5, which has no cache, and transformers with its own. The whole counts run with --full.
"""

import random

import pytest
import torch
from built import kv_cache as kv
from built import modern_decoder as md
from built import real_weights as rw
from built.attention import causal_mask, rotary_angles, rotate
from hypothesis import given, settings
from hypothesis import strategies as st

torch.set_num_threads(1)
few = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**31)
SMALL = md.LlamaConfig(vocabulary=72, width=48, layers=3, heads=6, kv_heads=2, hidden=96, context=80)
CAPITAL = "What is the capital of France?"
FORMS = [SMALL, md.LlamaConfig(72, 48, 2, 4, 4, 80, 64, tied=False), md.LlamaConfig(72, 64, 2, 8, 1, 80, 64)]


def small(number=0):
    """A small model with weights that matter, its norms included."""
    model = md.redrawn(md.Llama(FORMS[number]), 0.2)
    for name, parameter in model.named_parameters():
        if "norm" in name:
            torch.nn.init.normal_(parameter, 1.0, 0.2, generator=torch.Generator().manual_seed(len(name)))
    return model.eval().requires_grad_(False)


def drawn(rng, T, batch=1):
    """Random ids (batch, T)."""
    return torch.randint(72, (batch, T), generator=rng)


# --- cached is uncached -------------------------------------------------------------------------------


@few
@given(seeds, st.sampled_from(range(3)), st.lists(st.integers(1, 6), min_size=1, max_size=6), st.booleans())
def test_any_chunks_give_the_logits_of_the_whole(seed, number, sizes, packed):
    model, ids = small(number), drawn(torch.Generator().manual_seed(seed), sum(sizes), batch=2)
    runner, room, rows = kv.Packed(model) if packed else model, kv.KVCache(model.config, sum(sizes) + 3, batch=2), []
    for chunk in ids.split(sizes, dim=1):
        rows.append(kv.cached_logits(runner, chunk, room, every=True))
    assert torch.allclose(torch.cat(rows, dim=1), model(ids), rtol=1e-4, atol=1e-4)
    assert room.length == room.position == sum(sizes)


@few
@given(seeds, st.integers(1, 6), st.integers(0, 5), st.booleans())
def test_the_last_row_alone_is_the_last_row(seed, T, before, packed):
    model, ids = small(), drawn(torch.Generator().manual_seed(seed), T + before)
    runner, room = kv.Packed(model) if packed else model, kv.KVCache(model.config, 20)
    if before:
        kv.cached_logits(runner, ids[:, :before], room)
    assert torch.allclose(kv.cached_logits(runner, ids[:, before:], room), model(ids)[:, -1], rtol=1e-4, atol=1e-4)


def test_every_split_of_a_real_text_is_within_rounding(full):
    model, tokenizer = rw.load_smollm2()
    ids = tokenizer.encode(kv.STORY)[:24]
    whole = model(torch.tensor([ids]))[0].detach()
    places = range(1, 24) if full else random.Random(0).sample(range(1, 24), 5)
    for sizes in [[at, 24 - at] for at in places] + [[7, 7, 7, 3]]:
        for runner in (model, kv.fast_smollm2()):
            assert (kv.in_chunks(runner, ids, sizes) - whole).abs().max() < 2e-4


def test_in_double_precision_nothing_is_left_of_the_difference():
    model, tokenizer = rw.load_smollm2()
    for ids, sizes in ((tokenizer.encode(kv.STORY)[:24], [1] * 24), ([1, 2, 3, 4, 5], [2, 3]), ([1, 2, 3], [3])):
        assert kv.in_double(model, ids, sizes) < 1e-10
    assert torch.get_default_dtype() == torch.float and model.embedding.weight.dtype == torch.float
    with pytest.raises(RuntimeError):
        kv.in_double(model, [1, 2, 3], [9])
    assert torch.get_default_dtype() == torch.float


@pytest.mark.parametrize("packed", [False, True])
def test_no_ids_are_refused(packed):
    room = kv.KVCache(SMALL, 4)
    with pytest.raises(ValueError, match="no ids"):
        kv.cached_logits(kv.Packed(small()) if packed else small(), torch.zeros(1, 0, dtype=torch.long), room)
    assert room.length == 0


def test_the_last_id_may_stand_where_the_model_ends():
    """Of a text that fills the context, one more id can be told: it is not put through the model."""
    model, ids = small(), drawn(torch.Generator().manual_seed(3), SMALL.context - 1)[0].tolist()
    assert len(list(kv.generate(model, ids, 2))) == 2
    with pytest.raises(ValueError, match="shorten the text"):
        next(kv.generate(model, ids, 3))


def test_a_cache_with_a_hole_is_not_the_beginning_of_a_text():
    model, room = small(), kv.KVCache(SMALL, 12)
    kv.cached_logits(model, torch.tensor([[1, 5, 6, 7]]), room)
    with pytest.raises(ValueError, match="2 rows at position 4: not the beginning"):
        next(kv.generate(model, [1, 5, 6, 7, 8], 2, cache=kv.evicted(room, 1, 3)))


def test_tokens_are_those_of_transformers_generate(full):
    model, tokenizer = rw.load_smollm2()
    theirs = rw.as_transformers(model)
    prompts = ["One, two, three, four,", "def mean(xs):\n    return", "The capital of France is", kv.STORY]
    for text in prompts if full else prompts[:2]:
        ids = tokenizer.encode(text)
        written = theirs.generate(torch.tensor([ids]), max_new_tokens=12, do_sample=False, eos_token_id=None)
        for runner in (model, kv.fast_smollm2()):
            assert list(kv.generate(runner, ids, 12)) == written[0, len(ids) :].tolist()


def test_the_cache_holds_what_transformers_holds():
    from transformers import DynamicCache

    model, ids = small(), drawn(torch.Generator().manual_seed(1), 9)
    theirs, their_cache, room = rw.as_transformers(model), DynamicCache(), kv.KVCache(model.config, 9)
    kv.cached_logits(model, ids, room)
    theirs(ids, past_key_values=their_cache, use_cache=True)
    for layer in range(model.config.layers):
        assert torch.allclose(room.V[layer], their_cache.layers[layer].values, atol=1e-5)


@few
@given(seeds, st.integers(2, 9), st.data())
def test_a_changed_id_changes_nothing_before_it_and_everything_after(seed, T, data):
    at = data.draw(st.integers(0, T - 1))
    model, ids = small(), drawn(torch.Generator().manual_seed(seed), T)[0].tolist()
    other = [*ids[:at], (ids[at] + 1) % 72, *ids[at + 1 :]]
    changed = kv.noticing(kv.keys_and_values(model, ids), kv.keys_and_values(model, other))
    assert changed[0] == [at] and changed[1] == changed[2] == list(range(at, T))


@few
@given(seeds, st.integers(0, 6), st.integers(1, 6), st.booleans())
def test_truncated_is_as_if_never_run(seed, length, wrong, packed):
    rng, model = torch.Generator().manual_seed(seed), small()
    runner, ids, room = kv.Packed(model) if packed else model, drawn(rng, length + 4), kv.KVCache(SMALL, 20)
    if length:
        kv.cached_logits(runner, ids[:, :length], room)
    kv.cached_logits(runner, drawn(rng, wrong), room)
    room.truncate(length)
    after = kv.cached_logits(runner, ids[:, length:], room)
    assert torch.allclose(after, model(ids)[:, -1], rtol=1e-4, atol=1e-4)


def test_a_wrong_position_is_noticed():
    model, ids = small(), drawn(torch.Generator().manual_seed(2), 16)[0].tolist()
    whole = model(torch.tensor([ids]))[0, 8:]
    assert torch.allclose(kv.misplaced(model, ids, 8, 8), whole, atol=1e-4)
    for position in (0, 7, 9):
        assert (kv.misplaced(model, ids, 8, position) - whole).abs().max() > 0.05


def test_texts_in_step_do_not_hear_each_other():
    model, rng = small(), torch.Generator().manual_seed(3)
    ids = drawn(rng, 7, batch=3)
    for runner in (model, kv.Packed(model)):
        room = kv.KVCache(SMALL, 7, batch=3)
        kv.cached_logits(runner, ids[:, :4], room)
        together = kv.cached_logits(runner, ids[:, 4:], room)
        for text, row in zip(ids, together, strict=True):
            assert torch.allclose(kv.in_chunks(runner, text.tolist(), [7])[-1], row, atol=1e-4)


def test_a_cache_copied_for_many_goes_on_as_each_alone():
    model, ids = small(), drawn(torch.Generator().manual_seed(8), 6)
    room = kv.KVCache(SMALL, 9)
    kv.cached_logits(model, ids[:, :5], room)
    many, following = kv.for_many(room, 3), torch.tensor([[7], [8], [9]])
    together = kv.cached_logits(model, following, many)
    for new, row in zip(following, together, strict=True):
        assert torch.allclose(model(torch.cat([ids[:, :5], new[None]], dim=1))[0, -1], row, atol=1e-4)
    assert (room.length, many.length, many.capacity) == (5, 6, 9)


# --- room ---------------------------------------------------------------------------------------------


@few
@given(seeds, st.integers(0, 5), st.integers(0, 4), st.integers(0, 4))
def test_append_writes_behind_and_nowhere_else(seed, length, T, free):
    rng = torch.Generator().manual_seed(seed)
    store, new = (torch.randn(2, n, 3, generator=rng) for n in (length + T + free, T))
    before = store.clone()
    filled = kv.append(store, length, new)
    assert torch.equal(filled, torch.cat([before[:, :length], new], dim=1))
    assert torch.equal(store[:, length + T :], before[:, length + T :])
    assert filled.untyped_storage().data_ptr() == store.untyped_storage().data_ptr()


@pytest.mark.parametrize("packed", [False, True])
def test_a_full_cache_refuses_and_goes_on(packed):
    model, ids = small(), drawn(torch.Generator().manual_seed(4), 10)
    runner, room = kv.Packed(model) if packed else model, kv.KVCache(SMALL, 8)
    kv.cached_logits(runner, ids[:, :6], room)
    with pytest.raises(ValueError, match=r"6 \+ 3 positions, room for 8"):
        kv.cached_logits(runner, ids[:, 6:9], room)
    assert torch.allclose(kv.cached_logits(runner, ids[:, 6:8], room), model(ids[:, :8])[:, -1], atol=1e-4)


@pytest.mark.parametrize("capacity, batch", [(0, 1), (81, 1), (-3, 1), (5, 0)])
def test_a_cache_that_cannot_be_is_refused(capacity, batch):
    with pytest.raises(ValueError, match="expected 1 … 80"):
        kv.KVCache(SMALL, capacity, batch)


def test_what_cannot_be_cut_off_or_written_is_refused():
    room = kv.KVCache(SMALL, 8)
    for length in (-1, 1):
        with pytest.raises(ValueError, match="cannot be kept"):
            room.truncate(length)
    with_hole = kv.KVCache(SMALL, 8)
    kv.cached_logits(small(), torch.tensor([[1, 2, 3, 4]]), with_hole)
    with pytest.raises(ValueError, match="2 of 3 rows, at position 4, cannot be kept"):
        kv.evicted(with_hole, 1, 2).truncate(2)
    for first, last in ((3, 1), (-1, 2), (0, 5)):
        with pytest.raises(ValueError, match="cannot be evicted"):
            kv.evicted(with_hole, first, last)
    kv.cached_logits(small(), torch.tensor([[1, 2, 3]]), room)
    for ids in ([], [1, 2, 3], [1, 2]):
        with pytest.raises(ValueError, match="one has to be new"):
            next(kv.generate(small(), ids, 5, cache=room))
    with pytest.raises(ValueError, match="one has to be new"):
        next(kv.generate(small(), [], 5))
    with pytest.raises(ValueError, match="4 ids and 9 to come, room for 8: shorten"):
        next(kv.generate(small(), [1, 2, 3, 4], 9, cache=room))
    assert room.length == 3 and len(list(kv.generate(small(), [1, 2, 3, 4], 5, cache=room))) == 5


@pytest.mark.parametrize("packed", [False, True])
def test_positions_and_ids_that_the_model_does_not_know_are_refused(packed):
    runner, room = kv.Packed(small()) if packed else small(), kv.KVCache(SMALL, 4)
    with pytest.raises(IndexError):
        kv.cached_logits(runner, torch.tensor([[-1]]), room)
    room.position = SMALL.context - 1
    with pytest.raises(ValueError, match=f"this model was made for 0 … {SMALL.context - 1}"):
        kv.cached_logits(runner, torch.tensor([[1, 2]]), room)
    assert room.length == 0


def test_bytes_of_a_cache_are_those_of_the_formula():
    fields = md.published("SmolLM2-135M")
    assert kv.KVCache(rw.load_smollm2()[0].config, 50, batch=3).nbytes == 3 * md.kv_bytes(fields, 50, each=4)


def test_a_step_reads_what_a_packed_model_holds():
    fast = kv.fast_smollm2()
    held = fast.head.nbytes + fast.norm.nbytes
    for layer in fast.layers:
        held += sum(one.nbytes for one in (*layer["norms"], *(m for name, m in layer.items() if name != "norms")))
    assert kv.step_bytes(md.published("SmolLM2-135M"), [0], each=4) == held


# --- choosing -----------------------------------------------------------------------------------------


def test_the_chooser_sees_logits_and_ids_so_far():
    model, seen = small(), []

    def second(logits, ids):
        seen.append((tuple(logits.shape), list(ids)))
        return logits.topk(2).indices[1]

    written = list(kv.generate(model, [1, 2], 3, second))
    assert [ids for _, ids in seen] == [[1, 2], [1, 2, written[0]], [1, 2, *written[:2]]] and seen[0][0] == (72,)
    logits = model(torch.tensor([[1, 2, *written[:2]]]))[0, -1]
    assert written[2] == logits.topk(2).indices[1] and all(type(i) is int for i in written)


def test_weights_changed_in_the_model_count_at_once_and_in_a_packed_copy_do_not():
    model = small()
    packed, ids = kv.Packed(model), torch.tensor([[1, 2, 3]])
    before = kv.cached_logits(model, ids, kv.KVCache(SMALL, 3))
    model.norm.weight.mul_(2.0)
    assert torch.allclose(kv.cached_logits(model, ids, kv.KVCache(SMALL, 3)), 2 * before, atol=1e-4)
    model.embedding.weight.mul_(3.0)
    assert torch.allclose(kv.cached_logits(packed, ids, kv.KVCache(SMALL, 3)), before, atol=1e-4)


@pytest.mark.parametrize(("T", "S"), [(3, 9), (64, 64), (65, 70), (130, 130), (128, 171), (2, 100)])
def test_the_lean_parts_are_the_readable_parts(T, S):
    rng = torch.Generator().manual_seed(5)
    Q, K, V = (torch.randn(2, n, length, 8, generator=rng) for n, length in ((6, T), (2, S), (2, S)))
    mask = causal_mask(T, S)
    assert torch.allclose(kv.packed_attend(Q, K, V, mask), md.grouped_attend(Q, K, V, mask), atol=1e-6)
    angles = rotary_angles(torch.arange(5, 5 + T), 8)
    turns = torch.polar(torch.ones_like(angles), angles).to(torch.complex64)
    assert torch.allclose(kv.turned(Q, turns), rotate(Q, angles), atol=1e-5)


@pytest.mark.parametrize("sizes", [(1,), (5,), (66,), (64, 3), (3, 70, 1)])
def test_the_last_row_alone_is_the_last_of_all_rows_and_leaves_the_same_cache(sizes):
    packed = kv.Packed(small())
    ids = torch.randint(SMALL.vocabulary, (2, sum(sizes)), generator=torch.Generator().manual_seed(6))
    last, every = (kv.KVCache(SMALL, sum(sizes), batch=2) for _ in range(2))
    for chunk in ids.split(list(sizes), dim=1):
        assert torch.allclose(packed(chunk, last), packed(chunk, every, every=True)[:, -1], atol=1e-4)
    assert torch.allclose(last.K, every.K, atol=1e-5) and torch.allclose(last.V, every.V, atol=1e-5)
    assert last.length == every.length == sum(sizes)


def test_a_race_asks_for_the_first_token_and_for_all_in_turns():
    asked = []
    paces = kv.race({who: lambda ids, n, who=who: asked.append((who, len(ids), n)) for who in "ab"}, [1, 2, 3], 5, 2)
    assert asked == [("a", 3, 1), ("a", 3, 6), ("b", 3, 1), ("b", 3, 6)] * (len(asked) // 4) and len(asked) >= 8
    assert [*paces] == ["a", "b"] and all(pace > 0 for pair in paces.values() for pace in pair)


# --- chats --------------------------------------------------------------------------------------------


@few
@given(st.lists(st.integers(0, 2), max_size=8), st.lists(st.integers(0, 2), min_size=1, max_size=8))
def test_what_is_still_valid_is_common_and_longest(kept, ids):
    n = kv.still_valid(kept, ids)
    assert kept[:n] == ids[:n] and n < len(ids)
    assert n == len(ids) - 1 or n == len(kept) or kept[n] != ids[n]


@few
@given(st.lists(st.integers(0, 1), min_size=1, max_size=12), st.integers(1, 4), seeds)
def test_a_hit_is_covered_by_kept_blocks_and_cannot_be_longer(ids, size, seed):
    kept = {key for key in kv.block_keys(ids, size) if random.Random(seed).random() < 0.7}
    hit, keys = kv.prefix_hit(kept, ids, size), kv.block_keys(ids, size)
    assert hit % size == 0 and hit < len(ids) and all(key in kept for key in keys[: hit // size])
    assert hit + size >= len(ids) or hit // size >= len(keys) or keys[hit // size] not in kept
    for size in (0, -1):
        with pytest.raises(ValueError, match="expected 1 or more"):
            kv.block_keys(ids, size)


def test_a_key_of_a_block_depends_on_every_id_before_it():
    ids = list(range(12))
    keys = kv.block_keys(ids, 3)
    for at in range(12):
        other = kv.block_keys([*ids[:at], 99, *ids[at + 1 :]], 3)
        assert [a == b for a, b in zip(keys, other, strict=True)] == [n < at // 3 for n in range(4)]


def test_a_chat_answers_as_without_a_cache_and_counts(full):
    questions = ["What is the capital of France?", "And of Italy?", "Name a colour.", "Thank you."]
    chat = kv.CachedChat(kv.fast_smollm2(), capacity=256)
    messages = kv.talk_through(chat, questions if full else questions[:2], limit=10)
    for n, usage in zip(range(1, len(messages), 2), chat.usage, strict=True):
        asked = rw.chat_prompt(messages[:n])
        assert usage["cache_read_input_tokens"] + usage["input_tokens"] == len(asked)
        assert "".join(rw.reply(messages[:n], 10)) == messages[n]["content"]
    assert chat.usage[0]["cache_read_input_tokens"] == 0 < chat.usage[1]["cache_read_input_tokens"]


def test_a_chat_whose_beginning_changes_computes_it_anew():
    chat = kv.CachedChat(small(), capacity=40)
    first = list(chat.write([1, 5, 6, 7, 8], 4))
    assert chat.ids == [1, 5, 6, 7, 8, *first[:3]] and chat.cache.length == 8
    for ids, read in (([1, 5, 6, 7, 8], 4), ([1, 5, 9, 7, 8], 2), ([3, 5, 9], 0)):
        again = list(chat.write(ids, 4))
        assert chat.usage[-1]["cache_read_input_tokens"] == read
        assert again == [i for i in kv.generate(small(), ids, 4) if i not in rw.ENDS][: len(again)]


def test_an_answer_that_nobody_reads_to_its_end_leaves_a_cache_that_is_right():
    chat = kv.CachedChat(small(), capacity=40)
    answer = chat.write([1, 5, 6, 7, 8], 9)
    got = [next(answer), next(answer)]
    answer.close()
    assert chat.ids == [1, 5, 6, 7, 8, got[0]] and chat.cache.length == 6
    assert list(chat.write([1, 5, 6, 7, 8, got[0], 30], 3)) == list(
        kv.generate(small(), [1, 5, 6, 7, 8, got[0], 30], 3)
    )


def test_a_conversation_that_is_too_long_is_refused_and_the_chat_goes_on():
    chat = kv.CachedChat(small(), capacity=12)
    first = list(chat.write([1, 5, 6], 4))
    with pytest.raises(ValueError, match="10 ids and 4 to come, room for 12"):
        list(chat.write(list(range(10)), 4))
    for limit in (0, -3):
        with pytest.raises(ValueError, match="ask for at least 1"):
            list(chat.write([1, 5, 6], limit))
    assert list(chat.write([1, 5, 6], 4)) == first and len(chat.usage) == 2


def test_an_answer_that_comes_back_otherwise_is_computed_again_once():
    chat, asked = kv.CachedChat(small(), capacity=60), [1, 5, 6, 7, 8]
    answer = list(chat.write(asked, 4))
    second = [*asked, answer[0], 70, 71, 30]  # what came back is other ids, from the second of the answer on
    again = list(chat.write(second, 3))
    list(chat.write([*second, *again, 31], 3))
    assert [usage["cache_read_input_tokens"] for usage in chat.usage] == [0, 6, len(second) + len(again) - 1]


def test_a_position_that_is_off_after_the_first_turn_is_seen_by_a_fresh_chat_and_not_by_a_used_one(monkeypatch):
    def off(self, T):
        late = T > 1 and self.length > 0
        self.length, self.position = self.length + T, self.position + T - late

    monkeypatch.setattr(kv.KVCache, "advance", off)
    first = [1, 5, 6, 7, 8]
    chat, used = kv.CachedChat(small(), capacity=60), kv.CachedChat(small(), capacity=60)
    second = [*first, *chat.write(first, 4), 30, 31, 32]
    list(used.write(first, 4))
    answer = list(chat.write(second, 12))
    assert list(used.write(second, 12)) == answer
    fresh = kv.CachedChat(small(), capacity=60)
    assert list(fresh.write(second, 12)) != answer and fresh.usage[0]["cache_read_input_tokens"] == 0


def test_an_answer_that_is_overtaken_in_the_middle_of_a_step_does_not_name_rows_that_are_not_its_own():
    first, second = [1, 5, 6, 7, 8], [1, 5, 9, 7, 8]
    alone = list(kv.CachedChat(small(), capacity=40).write([*first, 30], 9))
    chat = kv.CachedChat(small(), capacity=40)

    def choose(logits, ids):  # while the id of the first step is chosen, somebody else writes
        if len(chat.usage) == 1:
            list(chat.write(second, 9))
        return int(logits.argmax())

    with pytest.raises(RuntimeError, match="another answer was begun"):
        list(chat.write(first, 9, choose))
    assert chat.ids[: len(second)] == second and chat.cache.length == len(chat.ids)
    assert list(chat.write([*first, 30], 9)) == alone


def test_an_older_answer_does_not_say_why_a_newer_one_stopped():
    chat, asked = kv.CachedChat(kv.fast_smollm2(), capacity=80), [{"role": "user", "content": CAPITAL}]
    late = chat.reply(asked, 24, stops=["apital"])
    pieces = [next(late), next(late)]  # the stop has been found
    assert "".join(chat.reply(asked, 3)) == "The capital of"
    assert "".join([*pieces, *late]) == "The c" and (chat.stop_reason, chat.stop_sequence) == ("max_tokens", None)


def test_an_older_answer_is_refused_once_another_was_begun():
    first, second = [1, 5, 6, 7, 8], [1, 5, 9, 7, 8]
    alone = list(kv.CachedChat(small(), capacity=40).write(second, 9))
    chat = kv.CachedChat(small(), capacity=40)
    late, new = chat.write(first, 9), chat.write(second, 9)
    next(late)
    got = [next(new), next(new)]
    with pytest.raises(RuntimeError, match="another answer was begun"):
        next(late)
    assert got + list(new) == alone and list(late) == []


@pytest.mark.parametrize("end", ["closed", "forgotten", "left lying"])
def test_an_abandoned_answer_does_no_harm(end):
    first, second = [1, 5, 6, 7, 8], [1, 5, 9, 7, 8]
    alone = list(kv.CachedChat(small(), capacity=40).write(second, 9))
    chat = kv.CachedChat(small(), capacity=40)
    late, new = chat.write(first, 9), chat.write(second, 9)
    next(late)
    got = [next(new)]
    if end == "closed":
        late.close()
    if end == "forgotten":
        del late
    assert got + list(new) == alone and chat.cache.length == len(chat.ids)


def test_a_request_that_is_refused_leaves_the_answer_that_is_being_read():
    alone = list(kv.CachedChat(small(), capacity=16).write([1, 5, 6], 9))
    chat = kv.CachedChat(small(), capacity=16)
    answer = chat.write([1, 5, 6], 9)
    got = [next(answer)]
    with pytest.raises(ValueError, match="room for 16"):
        next(chat.write(list(range(10)), 9))
    assert got + list(answer) == alone and len(chat.usage) == 1


def test_a_chat_says_why_it_stopped():
    chat, asked = kv.CachedChat(kv.fast_smollm2(), capacity=80), [{"role": "user", "content": CAPITAL}]
    assert "".join(chat.reply(asked, 12)) == "The capital of France is Paris."
    assert (chat.stop_reason, chat.stop_sequence) == ("end_turn", None)
    assert chat.usage[-1]["output_tokens"] == 8  # the end token is one of them
    pieces = chat.reply(asked, 12, stops=["France is", "nowhere"])
    assert next(pieces) and chat.stop_reason is None  # not yet
    assert "".join(pieces).endswith("of ") and (chat.stop_reason, chat.stop_sequence) == ("stop_sequence", "France is")
    assert chat.usage[-1]["cache_read_input_tokens"] == 36
    assert "".join(chat.reply(asked, 3)) == "The capital of"
    assert (chat.stop_reason, chat.stop_sequence) == ("max_tokens", None)
    with pytest.raises(ValueError, match="expected a list of texts"):
        next(chat.reply(asked, 3, stops="France"))


def test_a_stop_that_is_only_begun_is_shown_at_the_end():
    chat, asked = kv.CachedChat(kv.fast_smollm2(), capacity=80), [{"role": "user", "content": CAPITAL}]
    assert "".join(chat.reply(asked, 12, stops=["Paris. And"])) == "The capital of France is Paris."
    assert (chat.stop_reason, chat.stop_sequence) == ("end_turn", None)


def test_an_answer_cut_otherwise_breaks_where_it_says():
    tokenizer = rw.load_smollm2()[1]
    drawn_ids = tokenizer.encode("The capital is") + tokenizer.encode(" Par") + tokenizer.encode("is")
    assert kv.comes_back(drawn_ids) == len(tokenizer.encode("The capital is"))
    assert kv.comes_back(tokenizer.encode(kv.STORY)) is None


# --- forgetting ---------------------------------------------------------------------------------------


def test_evicting_nothing_changes_nothing_and_evicting_the_end_is_not_truncating():
    model, ids = small(), drawn(torch.Generator().manual_seed(6), 9)
    room = kv.KVCache(SMALL, 12)
    kv.cached_logits(model, ids[:, :8], room)
    same = kv.cached_logits(model, ids[:, 8:], kv.evicted(room, 3, 3))
    assert torch.allclose(same, model(ids)[:, -1], atol=1e-4)
    cut = kv.evicted(room, 6, 8)
    assert (cut.length, cut.position) == (6, 8) and room.length == 8


def test_evicted_is_what_a_mask_would_hide():
    """In one layer, evicting rows is forbidding to look at them."""
    config = md.LlamaConfig(72, 48, 1, 6, 2, 96, 64)
    model, ids = md.redrawn(md.Llama(config), 0.2).eval(), drawn(torch.Generator().manual_seed(7), 8)
    room = kv.KVCache(config, 10)
    kv.cached_logits(model, ids[:, :7], room)
    found = kv.cached_logits(model, ids[:, 7:], kv.evicted(room, 2, 4))
    x, angles = model.enter(ids, 0)
    block, mask = model.blocks[0], causal_mask(8)
    mask[7, 2:4] = False
    looked = md.grouped_attend(*block.attention.sides(block.attention_norm(x), angles), mask)
    x = x + block.attention.wo(md.join_heads(looked))
    x = model.norm(x + block.ffn(block.ffn_norm(x)))
    assert torch.allclose(found[0], x[0, -1] @ model.embedding.weight.T, atol=1e-4)


def test_the_prices_of_the_page():
    smol = md.published("SmolLM2-135M")
    assert kv.flops_to_write(smol, 40, 1, True) == kv.flops_to_write(smol, 40, 1, False)
    every = sum(md.flops_per_token(smol, position) for position in range(49))
    assert kv.flops_to_write(smol, 40, 10, True) == every
    assert kv.intensity_of(smol, 1) < 0.6 and kv.intensity_of(smol, 512) > 200
    llama = md.published("Llama 3 8B")
    for tokens in (1000, 8192):
        most = kv.texts_that_fit(llama, tokens, 80e9)
        assert 2 * md.parameters_in(llama) + md.kv_bytes(llama, tokens * most) <= 80e9
        assert 2 * md.parameters_in(llama) + md.kv_bytes(llama, tokens * (most + 1)) > 80e9
    assert kv.texts_that_fit(llama, 1000, 1e9) == 0


def test_products_and_heaps_are_measured():
    alone = kv.products_alone(small(), rounds=1)
    assert len(alone) == 5 and min(alone.values()) > 0
    heaps = kv.heaps_of(lambda: torch.ones(20, 20) @ torch.ones(20, 20), rounds=2)
    assert heaps["products"] > 0
    copied = kv.heaps_of(lambda: torch.ones(20, 20).T.contiguous().softmax(dim=-1), rounds=2)
    assert {"copies", "attention"} <= set(copied)


def test_texts_and_tables_are_handed_on_whole():
    assert kv.TALK.endswith(" Answer: The dog is called") and {"aten::copy_", "aten::_softmax"} <= set(kv.HEAPS)
