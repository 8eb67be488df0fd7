"""What module 04 built, against the official SDKs and the published rules.

Each notebook has a section. A property names its law; the oracles are Anthropic's SDK and the protocols' own rules.
"""

import copy
import http.client
import io
import itertools
import json
import logging
import os
import pickle
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Optional, Union

import anthropic
import facts
import jsonschema
import notebook
import pytest
from anthropic._streaming import SSEDecoder
from built import agents
from built import llm_api as api
from built import tool_use as tools
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from pydantic import BaseModel

# --- 01_llm_api: events ------------------------------------------------------------------------------

plain = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=60)
values = st.recursive(st.none() | st.booleans() | st.integers(-99, 99) | plain, lambda v: st.lists(v, max_size=3))
texts = st.builds(lambda text: {"type": "text", "text": text}, plain)
thoughts = st.builds(
    lambda t, s: {"type": "thinking", "thinking": t, "signature": s}, plain, st.text("abc", min_size=1)
)
calls = st.builds(
    lambda n, given: {"type": "tool_use", "id": f"toolu_{n}", "name": "lag", "input": given},
    st.integers(0, 999),
    st.dictionaries(st.text("xyz", min_size=1, max_size=3), values, max_size=3),
)
contents = st.lists(texts | thoughts | calls, max_size=5)


def client(url, **settings):
    """The official SDK, talking to `url`."""
    return anthropic.Anthropic(base_url=url, api_key="no-real-key", **{"max_retries": 0} | settings)


def ask(text="Hi", **more):
    """A request with room for a long answer."""
    return api.ask(text, **{"max_tokens": 20_000} | more)


@given(contents)
@settings(max_examples=200, deadline=None)
def test_folding_undoes_sending(content):
    events = list(api.as_events(content, ask()))
    kept = copy.deepcopy(events)
    message = api.collect(events)
    assert message["content"] == content
    assert events == kept
    assert message["stop_reason"] == ("tool_use" if any(b["type"] == "tool_use" for b in content) else "end_turn")


def test_the_official_sdk_folds_to_the_same_message():
    """Sixty random replies over HTTP: what the SDK makes of the stream is what `collect` makes of the events."""
    rng = random.Random(0)
    pool = [
        {"type": "text", "text": "für 🙂 " * 9},
        {"type": "thinking", "thinking": "Hm " * 20, "signature": "s"},
        {"type": "tool_use", "id": "toolu_1", "name": "lag", "input": {"a": [1, {"b": "ü"}], "c": None}},
        {"type": "tool_use", "id": "toolu_2", "name": "lag", "input": {}},
    ]
    replies = [rng.choices(pool, k=rng.randint(1, 5)) for _ in range(60)]
    waiting = iter(replies)
    with api.serving(api.Service(api.script(lambda request: next(waiting)))) as url:
        sdk = client(url)
        for content in replies:
            with sdk.messages.stream(**ask()) as stream:
                theirs = stream.get_final_message()
            assert [
                block.model_dump(exclude_none=True, include=set(own))
                for block, own in zip(theirs.content, content, strict=True)
            ] == content
            ours = api.collect(api.as_events(content, ask()))
            assert (theirs.stop_reason, theirs.usage.output_tokens) == (
                ours["stop_reason"],
                ours["usage"]["output_tokens"],
            )


def test_max_tokens_ends_a_reply_and_says_so():
    message = api.collect(api.as_events([{"type": "text", "text": "word " * 100}], api.ask("Hi", max_tokens=30)))
    assert message["stop_reason"] == "max_tokens"
    assert message["usage"]["output_tokens"] == 30
    assert len(message["content"][0]["text"]) == 120


# --- 01_llm_api: the wire ----------------------------------------------------------------------------

lines = st.lists(
    st.sampled_from(
        ["event: a", "event:b", "data: {}", "data:  x", "data:", "data", ": hm", "", "", "id: 7", "was: 1", "data: ü🙂"]
    ),
    max_size=14,
)


@given(lines, st.sampled_from(["\n", "\r\n"]), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_events_are_the_same_however_the_bytes_are_cut(said, ending, rng):
    data = "".join(line + ending for line in said).encode()
    whole = list(api.sse([data]))
    assert list(api.sse(api.cut(data, rng))) == whole
    assert list(api.sse([data[n : n + 1] for n in range(len(data))])) == whole
    theirs = [(e.event or "message", e.data) for e in SSEDecoder().iter_bytes(iter([data])) if e.event or e.data]
    named = {(kind, text) for kind, text in theirs}  # the SDK also gives out events without data, and names alone
    assert {pair for pair in whole if pair[1]} <= named


def test_a_hundred_thousand_cuts_give_what_the_sdk_gives(full):
    rng = random.Random(1)
    content = [
        {"type": "text", "text": "für »orders« 🙂 " * 3},
        {"type": "tool_use", "id": "t", "name": "n", "input": {"ö": "🙂"}},
    ]
    wire = b"".join(map(api.frame, api.as_events(content, ask())))
    expected = [(e.event, e.data) for e in SSEDecoder().iter_bytes(iter([wire]))]
    for _ in range(100_000 if full else 2_000):
        pieces = api.cut(wire, rng)
        assert list(api.sse(pieces)) == expected
    for _ in range(200):
        assert [(e.event, e.data) for e in SSEDecoder().iter_bytes(iter(api.cut(wire, rng)))] == expected


# --- 01_llm_api: the server and the official SDK -----------------------------------------------------


class Lag(BaseModel):
    """What a reply is parsed into."""

    topic: str
    seconds: int


def test_the_sdk_parses_counts_and_sends_results():
    def policy(request):
        if "output_config" in request:
            return '{"topic": "orders", "seconds": 40}'
        return api.lag_policy(request)

    service = api.Service(api.script(policy))
    with api.serving(service) as url:
        sdk = client(url)
        parsed = sdk.messages.parse(output_format=Lag, **ask()).parsed_output
        assert parsed == Lag(topic="orders", seconds=40)
        assert service.seen[-1]["output_config"]["format"]["type"] == "json_schema"
        counted = sdk.messages.count_tokens(
            model="m", messages=[{"role": "user", "content": "x" * 400}], system="s" * 80
        )
        assert counted.input_tokens == sum(
            api.rough_tokens(block) for _, block in api.prompt_blocks(api.ask("x" * 400, system="s" * 80))
        )
        first = sdk.messages.create(**ask("Does orders lag?"))
        assert [block.type for block in first.content] == ["thinking", "text", "tool_use"]
        result = {"type": "tool_result", "tool_use_id": first.content[2].id, "content": "40 seconds"}
        history = [
            {"role": "user", "content": "Does orders lag?"},
            {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in first.content]},
            {"role": "user", "content": [result]},
        ]
        assert sdk.messages.create(**ask() | {"messages": history}).content[0].text == "The lag is 40 seconds."


@pytest.mark.parametrize(
    "fault, error",
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (404, anthropic.NotFoundError),
        (413, anthropic.ContentTooLargeError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (529, anthropic.OverloadedError),
    ],
)
def test_each_error_is_the_sdks_own(fault, error):
    with api.serving(api.Service(api.script(lambda request: "Hi"), faults=[fault])) as url:
        with pytest.raises(error) as caught:
            client(url).messages.create(**ask())
        assert caught.value.body["error"]["type"] == api.ERRORS[fault]
        assert client(url).messages.create(**ask()).content[0].text == "Hi"


def test_the_sdk_waits_as_long_as_retry_after_says_and_tries_again():
    service = api.Service(api.script(lambda request: "Hi"), faults=[(429, 1), 529, 500])
    with api.serving(service) as url:
        began = time.monotonic()
        assert client(url, max_retries=4).messages.create(**ask()).content[0].text == "Hi"
        assert time.monotonic() - began >= 1
    assert len(service.seen) == 4


@pytest.mark.parametrize(
    "change, words",
    [
        ({"messages": []}, "at least one"),
        ({"messages": "Hi"}, "messages: expected list, got str"),
        ({"max_tokens": 0}, "max_tokens: must be at least 1"),
        ({"max_tokens": True}, "max_tokens: expected int, got bool"),
        ({"model": None}, "model: expected str"),
        ({"messages": [{"role": "robot", "content": "Hi"}]}, "messages.0: needs a role"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages.0"),
        ({"messages": [{"role": "assistant", "content": "Hi"}]}, "begins with a message of the user"),
        ({"system": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}] * 5}, "at most 4"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(change, words):
    assert words in api.refusal(ask() | change)
    with api.serving(api.Service(api.script(lambda request: "Hi"))) as url:
        with pytest.raises(api.ApiError, match="400") as caught:
            list(api.remote(url, api.Key("k"))(ask() | change))
        assert words in str(caught.value)


def test_an_error_says_when_to_come_back_only_if_the_service_did():
    assert api.ApiError(529, "busy").retry_after is None
    assert api.refused(api.ApiError(529, "busy"))[1] == {"content-type": "application/json"}
    assert api.refused(api.ApiError(429, "slow down", 3))[1]["retry-after"] == "3"


def test_a_missing_field_is_named():
    for name in ("model", "max_tokens", "messages"):
        assert api.refusal({k: v for k, v in ask().items() if k != name}) == f"{name}: field required"
    assert api.refusal(ask()) is None


def raw(url, path="/v1/messages", body=b"{}", **headers):
    """One POST without any client of ours: (status, body)."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    reply = connection.getresponse()
    return reply.status, json.loads(reply.read())


GOOD = {"x_api_key": "k", "anthropic_version": "2026-10-21"}


def test_who_may_come_and_where():
    service = api.Service(api.script(lambda request: "Hi"), keys=("right",), models=("known",))
    with api.serving(service) as url:
        assert raw(url, **GOOD)[0] == 401
        assert raw(url)[1]["error"]["type"] == "authentication_error"
        bearer = {"authorization": "Bearer right", "anthropic_version": "2026-10-21"}
        good = json.dumps(ask(model="known")).encode()
        assert raw(url, body=good, **bearer)[0] == 200
        assert raw(url, body=good, authorization="Bearer right")[1]["error"]["message"].startswith("anthropic-version")
        assert raw(url, body=json.dumps(ask(model="unknown")).encode(), **bearer)[0] == 404
        assert raw(url, path="/v1/elsewhere", body=good, **bearer)[0] == 404
        assert raw(url, body=b"{", **bearer)[0] == 400
        assert raw(url, body=b"[]", **bearer)[0] == 400
        assert raw(url, body=b"\xff", **bearer)[0] == 400
        assert raw(url, path="/v1/messages?beta=true", body=good, **bearer)[0] == 200


@pytest.mark.parametrize("claimed", [api.LIMIT + 1, 10**17, -1, "many"])
def test_a_body_that_is_too_large_is_refused_unread(claimed):
    with api.serving(api.Service(api.script(lambda request: "Hi"))) as url:
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as line:
            head = f"POST /v1/messages HTTP/1.1\r\ncontent-length: {claimed}\r\n"
            line.sendall((head + "x-api-key: k\r\nanthropic-version: 1\r\n\r\n").encode())
            assert b" 413 " in line.recv(200)
        body = json.dumps(ask("x" * (api.LIMIT - 200))).encode()
        assert len(body) <= api.LIMIT
        assert raw(url, body=body, **GOOD)[0] == 200


def test_a_request_that_is_too_large_is_not_sent_and_not_tried_again():
    service = api.Service(api.script(lambda request: "Hi"))
    with api.serving(service) as url:
        llm, waits = patient(api.remote(url, api.Key("k")))
        with pytest.raises(api.ApiError, match="413.*not sent"):
            list(llm(ask("x" * api.LIMIT)))
    assert (service.seen, waits) == ([], [])


@pytest.mark.parametrize(
    "content",
    [5, ["x"], [{}], [{"type": 1}], [{"type": "text"}], [{"type": "tool_use", "name": "a", "input": {}}],
     [{"type": "tool_use", "id": "t", "name": "a", "input": None}], [{"type": "tool_result", "content": "x"}]],
)  # fmt: skip
def test_a_malformed_block_is_the_callers_fault(content):
    with api.serving(api.Service(api.script(lambda request: "Hi"))) as url:
        status, said = raw(
            url, body=json.dumps(ask() | {"messages": [{"role": "user", "content": content}]}).encode(), **GOOD
        )
    assert (status, said["error"]["message"][:11]) == (400, "messages.0:")


@pytest.mark.parametrize("room", range(1, 45))
def test_a_call_that_was_cut_off_does_not_look_whole(room):
    request = api.ask("Does orders lag?", max_tokens=room)
    message = api.collect(api.script(api.lag_policy)(request))
    cut = [block for block in message["content"] if block["type"] == "tool_use"]
    whole = {"topic": "orders", "partitions": [0, 7]}
    assert all(block["input"] in (whole, None) for block in cut)
    assert message["usage"]["output_tokens"] <= room
    assert (message["stop_reason"] == "tool_use") is (cut != [] and cut[0]["input"] == whole)
    with api.serving(api.Service(api.script(api.lag_policy))) as url:
        assert raw(url, body=json.dumps(request).encode(), **GOOD)[0] == 200


def test_a_backend_that_fails_is_500_before_the_first_event_and_an_error_event_after():
    def broken(request):
        raise OSError("secret path")
        yield

    def breaks(request):
        yield from itertools.islice(api.script(lambda request: "Hello there, how are you?")(request), 3)
        raise OSError("secret path")

    for llm in (broken, breaks):
        with api.serving(api.Service(llm)) as url:
            with pytest.raises(anthropic.APIStatusError) as caught:
                client(url).messages.create(**ask())
            assert caught.value.status_code == 500
            assert "secret" not in str(caught.value)
            with pytest.raises(anthropic.APIStatusError), client(url).messages.stream(**ask()) as stream:
                stream.get_final_message()
            with pytest.raises(api.ApiError, match="500 api_error: the backend failed: OSError"):
                api.collect(api.remote(url, api.Key("k"))(ask()))


def slow(request):
    """A backend that takes its time after the first event."""
    events = api.script(lambda request: "word " * 50)(request)
    for event in events:
        yield event
        time.sleep(0.02)


def test_a_full_service_is_overloaded_and_a_client_that_hangs_up_frees_its_place():
    service = api.Service(slow, streams=1)
    with api.serving(service) as url:
        first = api.remote(url, api.Key("k"))(ask())
        next(first)
        with pytest.raises(api.ApiError, match="529 overloaded_error"):
            next(api.remote(url, api.Key("k"))(ask()))
        first.close()
        for _ in range(100):
            with suppress(api.ApiError):
                assert api.collect(api.remote(url, api.Key("k"))(ask()))["stop_reason"] == "end_turn"
                break
            time.sleep(0.05)
        else:
            pytest.fail("the place was never freed")


def test_the_stream_arrives_while_the_backend_still_writes():
    with api.serving(api.Service(slow)) as url:
        began = time.monotonic()
        events = api.remote(url, api.Key("k"))(ask())
        next(events)
        first = time.monotonic() - began
        list(events)
        assert first < (time.monotonic() - began) / 2


def test_two_servers_stand_side_by_side():
    services = [api.Service(api.script(lambda request, said=said: said)) for said in ("one", "two")]
    with api.serving(services[0]) as first, api.serving(services[1]) as second:
        texts = [api.collect(api.remote(url, api.Key("k"))(ask()))["content"][0]["text"] for url in (first, second)]
    assert texts == ["one", "two"]


def test_the_server_listens_on_loopback_only_and_is_gone_afterwards():
    before = threading.active_count()
    with api.serving(api.Service(api.script(lambda request: "Hi"))) as url:
        assert url.startswith("http://127.0.0.1:")
        raw(url, **GOOD)
    with pytest.raises(ConnectionError, match="no answer"):
        list(api.remote(url, api.Key("k"))(ask()))
    time.sleep(0.3)
    assert threading.active_count() <= before + 1  # a kept-alive connection may still be closing


# --- 01_llm_api: pairing and cache -------------------------------------------------------------------

good_turns = st.lists(st.lists(st.integers(0, 9), unique=True, max_size=3), min_size=1, max_size=4)


def paired(turns):
    """A conversation in which each turn makes the calls of its numbers, and the next message answers them."""
    messages = [{"role": "user", "content": "Go"}]
    for number, ids in enumerate(turns):
        uses = [{"type": "tool_use", "id": f"{number}-{n}", "name": "lag", "input": {}} for n in ids]
        results = [{"type": "tool_result", "tool_use_id": f"{number}-{n}", "content": "x"} for n in reversed(ids)]
        messages.append({"role": "assistant", "content": [{"type": "text", "text": "Well."}, *uses]})
        messages.append({"role": "user", "content": [*results, {"type": "text", "text": "And?"}]})
    return messages


@given(good_turns, st.data())
@settings(max_examples=150, deadline=None)
def test_a_paired_history_is_accepted_and_any_single_loss_is_refused(turns, data):
    messages = paired(turns)
    assert api.refusal(ask() | {"messages": messages}) is None
    spots = [(n, k) for n, m in enumerate(messages) if not isinstance(m["content"], str)
             for k, b in enumerate(m["content"]) if b["type"] != "text"]  # fmt: skip
    if spots:
        n, k = data.draw(st.sampled_from(spots))
        del messages[n]["content"][k]
        assert "tool_" in api.refusal(ask() | {"messages": messages})


def test_all_calls_in_question_are_named():
    uses = [{"type": "tool_use", "id": name, "name": "lag", "input": {}} for name in ("t2", "t1")]
    results = [{"type": "tool_result", "tool_use_id": name, "content": "x"} for name in ("t9", "t8")]
    said = [{"role": "user", "content": "Go"}, {"role": "assistant", "content": uses}]
    open_calls = api.unpaired([*said, {"role": "user", "content": "And?"}])
    assert open_calls == "messages.1: tool_use without a tool_result right after it: t1, t2"
    strays = api.unpaired([said[0], {"role": "assistant", "content": "Hm"}, {"role": "user", "content": results}])
    assert strays == "messages.2: tool_result that answers no tool_use before it: t8, t9"


def prompt(system=(), messages=("Hi",), **more):
    """A request whose system prompt and messages are long texts; a `*` at the end marks one."""

    def block(text):
        marked = {"cache_control": {"type": "ephemeral"} | ({"ttl": "1h"} if text.endswith("**") else {})}
        return {"type": "text", "text": text.rstrip("*") * 500} | (marked if text.endswith("*") else {})

    talk = [{"role": "user" if n % 2 == 0 else "assistant", "content": [block(t)]} for n, t in enumerate(messages)]
    return ask(model="m") | {"system": [block(text) for text in system], "messages": talk} | more


class Clock:
    """Time that passes when told to."""

    now = 0.0

    def __call__(self):
        return self.now


def run(*requests, wait=0, floor=100):
    """The usage of each request, `wait` seconds apart, as (read, written, neither)."""
    clock, found = Clock(), []
    cache = api.PromptCache(floor=floor, clock=clock)
    for request in requests:
        usage = cache.usage(request)
        found.append((usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"], usage["input_tokens"]))
        clock.now += wait
    return found


def bare(block):
    """A block without its mark."""
    return {key: value for key, value in block.items() if key != "cache_control"}


def size(request):
    """The rough tokens of a prompt."""
    return sum(api.rough_tokens(bare(block)) for _, block in api.prompt_blocks(request))


def test_a_marked_prefix_is_written_once_and_then_read():
    one, two = prompt(["rules*"], ["one"]), prompt(["rules*"], ["two and more"])
    rules = size(prompt(["rules"], ["x"])) - size(prompt([], ["x"]))
    assert run(one, one, two) == [
        (0, rules, size(one) - rules),
        (rules, 0, size(one) - rules),
        (rules, 0, size(two) - rules),
    ]


def test_nothing_is_kept_without_a_mark_or_below_the_floor():
    assert run(prompt(["rules"]), prompt(["rules"]))[1] == (0, 0, size(prompt(["rules"])))
    short = prompt(["rules*"])
    assert run(short, short, floor=size(short) + 1)[1] == (0, 0, size(short))
    exact = prompt([], ["only*"])
    assert run(exact, exact, floor=size(exact))[1] == (size(exact), 0, 0)
    assert run(exact, exact, floor=size(exact) + 1)[1] == (0, 0, size(exact))
    assert api.PromptCache().floor == facts.fact("cache_floor")


@pytest.mark.parametrize(
    "wait, mark, hit", [(299, "*", True), (300, "*", False), (3599, "**", True), (3600, "**", False)]
)
def test_a_prefix_lives_five_minutes_or_an_hour(wait, mark, hit):
    request = prompt([f"rules{mark}"])
    assert (run(request, request, wait=wait)[1][0] > 0) is hit


def test_each_use_winds_the_clock_up_again():
    request, longer = prompt(["rules*"]), prompt(["rules**"])
    assert all(read for read, _, _ in run(*[request] * 5, wait=200)[1:])
    assert all(read for read, _, _ in run(*[longer] * 5, wait=3000)[1:])
    # a hit at a block that is no longer marked keeps the time that it was written with
    bare = prompt(["rules", "more*"])
    assert [read > 0 for read, _, _ in run(longer, bare, bare, wait=3000)] == [False, True, True]


def test_a_change_loses_what_comes_after_it_and_nothing_before():
    base = prompt(["rules*", "manual*"], ["question*"], tools=[{"name": "lag", "input_schema": {}}])
    tools, rules, book, question = (api.rough_tokens(bare(block)) for _, block in api.prompt_blocks(base))
    read = lambda **changed: run(base, base | changed)[1][0]  # noqa: E731
    assert read() == tools + rules + book + question
    assert read(messages=prompt([], ["another*"])["messages"]) == tools + rules + book
    assert read(system=prompt(["rules*", "book*"])["system"]) == tools + rules
    assert read(tools=[{"name": "lags", "input_schema": {}}]) == read(model="other") == 0
    assert read(tool_choice={"type": "any"}) == read(thinking={"type": "adaptive"}) == tools + rules + book


def test_a_mark_looks_back_over_twenty_blocks():
    def talk(turns):
        return prompt([], [*map(str, range(turns - 1)), "end*"])

    for more, hit in ((18, True), (20, False)):
        first = prompt([], [*map(str, range(10)), "10*"])
        assert (run(first, prompt([], [*map(str, range(11 + more)), "end*"]))[1][0] > 0) is hit, more
    assert talk(3)["messages"][-1]["content"][0]["cache_control"]


def test_a_mark_at_the_top_stands_for_one_on_the_last_block():
    marked, top = prompt(["rules"], ["one*"]), prompt(["rules"], ["one"], cache_control={"type": "ephemeral"})
    assert run(marked, top)[1][0] == size(top)


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(["a", "b", "a*", "b*", "c**"]), max_size=2), st.integers(1, 5)),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=60, deadline=None)
def test_the_three_parts_always_add_up_to_the_prompt(steps):
    requests = [prompt(system, [str(n % 2) + "*" * (n % 2) for n in range(turns)]) for system, turns in steps]
    for request, parts in zip(requests, run(*requests, wait=100), strict=True):
        assert sum(parts) == size(request)
        assert min(parts) >= 0


def test_a_conversation_over_http_reports_what_the_cache_says():
    with api.serving(api.Service(api.script(lambda request: "Hi"))) as url:
        sdk = client(url)
        usage = [sdk.messages.create(**request).usage for request in api.conversation(3)]
    assert [u.cache_read_input_tokens for u in usage] == [
        0,
        *[sum(x.values()) for x in api.usages(api.conversation(3))][:2],
    ]


# --- 01_llm_api: keys --------------------------------------------------------------------------------

SECRET = "sk-ant-not-a-real-key-0123456789"


@pytest.mark.parametrize("text", ["", " ", "two\nlines", "ünicode", "tab\there"])
def test_what_cannot_be_a_key_is_refused_without_showing_it(text):
    with pytest.raises(ValueError, match="not shown") as caught:
        api.Key(text)
    assert not text.strip() or text not in str(caught.value)
    assert api.Key(f" {SECRET}\n").headers()["x-api-key"] == SECRET


def test_a_key_is_in_no_repr_text_pickle_or_container():
    key = api.Key(SECRET)
    shown = [repr(key), str(key), f"{key}", repr([key]), repr({"key": key}), repr(vars(type(key))), "%s" % key]
    assert not any(SECRET in text for text in shown)
    version = anthropic.Anthropic(api_key="k").default_headers["anthropic-version"]
    assert key.headers() == {"x-api-key": SECRET, "anthropic-version": version, "content-type": "application/json"}
    with pytest.raises(TypeError, match="environment"):
        pickle.dumps(key)
    with pytest.raises(TypeError):
        copy.deepcopy(key)


@pytest.mark.parametrize("fault", [401, 429, 500, "nobody", "cut"])
def test_a_key_is_in_no_traceback_and_no_log(fault, caplog, capsys):
    """Tracebacks are formatted with the variables of every frame, which is how keys leak."""
    caplog.set_level(logging.DEBUG)

    def cut(request):
        yield next(api.script(lambda request: "Hi")(request))
        raise OSError

    service = api.Service(cut if fault == "cut" else api.script(lambda request: "Hi"))
    service.faults.extend([fault] * 3 if isinstance(fault, int) else [])
    key = api.Key(SECRET)
    with api.serving(service) as url:
        target = "http://127.0.0.1:9" if fault == "nobody" else url
        llm = api.retrying(api.remote(target, key), attempts=2, sleep=lambda s: None)
        try:
            api.collect(llm(ask()))
        except (api.ApiError, ConnectionError, RuntimeError):
            kind, error, trace = sys.exc_info()
            said = "".join(traceback.TracebackException(kind, error, trace, capture_locals=True).format())
        else:
            pytest.fail("the call should have failed")
    out = io.StringIO()
    print(said, capsys.readouterr(), caplog.text, service.seen, file=out)
    assert SECRET not in out.getvalue()
    assert error.__context__ is None, "what was raised inside holds the headers"


# --- 01_llm_api: retries -----------------------------------------------------------------------------


class Flaky:
    """A backend that fails with each of `errors` in turn, then answers."""

    def __init__(self, *errors):
        self.errors, self.calls = list(errors), 0

    def __call__(self, request):
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        yield from api.script(lambda request: "Hi")(request)


def patient(llm, **settings):
    """`llm` with retries that take no time; and the waits that it would have taken."""
    waits = []
    clock = Clock()

    def sleep(seconds):
        waits.append(seconds)
        clock.now += seconds

    return api.retrying(llm, sleep=sleep, clock=clock, rng=random.Random(0), **settings), waits


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_again(status):
    flaky = Flaky(api.ApiError(status, "x"), ConnectionError("x"), api.ApiError(status, "x", retry_after=7))
    llm, waits = patient(flaky)
    assert api.collect(llm(ask()))["content"][0]["text"] == "Hi"
    assert flaky.calls == 4
    assert len(waits) == 3
    assert waits[2] >= 7 > waits[0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 501, 505])
def test_what_stays_wrong_is_not(status):
    flaky = Flaky(api.ApiError(status, "x"))
    with pytest.raises(api.ApiError):
        list(patient(flaky)[0](ask()))
    assert flaky.calls == 1


def test_attempts_deadline_and_budget_end_it():
    flaky = Flaky(*[api.ApiError(529, "x")] * 99)
    with pytest.raises(api.ApiError):
        list(patient(flaky, attempts=3)[0](ask()))
    assert flaky.calls == 3
    llm, waits = patient(Flaky(*[api.ApiError(529, "x", retry_after=10)] * 99), attempts=99, deadline=35)
    with pytest.raises(api.ApiError):
        list(llm(ask()))
    assert sum(waits) <= 35
    assert len(waits) == 3
    budget = api.RetryBudget(percent=10, most=2)
    for spent in (2, 0):
        flaky = Flaky(*[api.ApiError(529, "x")] * 99)
        with pytest.raises(api.ApiError):
            list(patient(flaky, attempts=9, budget=budget)[0](ask()))
        assert flaky.calls == 1 + spent


def test_nothing_is_repeated_once_content_has_arrived():
    """The beginning of a message is held back; the beginning of its content is not."""
    for shown, calls_made in ((1, 5), (2, 1)):
        calls = []

        def breaks(request, shown=shown, calls=calls):
            calls.append(1)
            yield from itertools.islice(api.script(lambda request: "Hi")(request), shown)
            raise ConnectionError("gone")

        with pytest.raises(ConnectionError):
            list(patient(breaks)[0](ask()))
        assert len(calls) == calls_made


def test_an_error_event_that_comes_first_is_tried_again():
    class Busy(api.Service):
        busy = 2

        def ordered(self):
            pass

    def overloaded(request):
        Busy.busy -= 1
        yield next(api.script(lambda request: "Hi")(request))
        if Busy.busy >= 0:
            raise OSError
        yield from itertools.islice(api.script(lambda request: "Hi")(request), 1, None)

    with api.serving(Busy(overloaded)) as url:
        llm, waits = patient(api.remote(url, api.Key("k")))
        message = api.collect(llm(ask()))
    assert (message["content"][0]["text"], len(waits)) == ("Hi", 2)


def test_backoff_is_full_jitter_below_a_growing_bound():
    for attempt, bound in enumerate([1, 2, 4, 8, 16, 32, 32, 32]):
        waits = [api.backoff(attempt, rng=random.Random(seed)) for seed in range(2000)]
        assert 0 <= min(waits) < bound * 0.01
        assert bound * 0.99 < max(waits) <= bound
        assert sum(waits) / 2000 == pytest.approx(bound / 2, rel=0.05)


@given(st.integers(1, 100), st.integers(1, 9), st.lists(st.booleans(), max_size=300))
@settings(max_examples=200, deadline=None)
def test_retries_never_exceed_their_share(percent, most, steps):
    budget, firsts, retries = api.RetryBudget(percent, most), 0, 0
    for is_first in steps:
        if is_first:
            budget.first()
            firsts += 1
        else:
            retries += budget.spend()
        assert 100 * retries <= 100 * most + percent * firsts


def test_a_storm_outlives_its_outage_without_a_budget_and_ends_with_one():
    assert api.storm(api.at_once)[0][-1] == 420
    for load in (50, 70, 90):
        arrived, answered = api.storm(api.jittered, api.RetryBudget(10, 10), rate=load)
        assert max(arrived[16:]) <= 1.1 * load + 10
        assert min(answered[20:]) >= 0.95 * load


# --- 01_llm_api: recordings, costs -------------------------------------------------------------------


def test_a_recording_is_replayed_for_the_same_meaning_only(tmp_path):
    tape, flaky = tmp_path / "tape.jsonl", Flaky()
    request = ask("Hi", system="Be brief.", tools=[{"name": "a", "input_schema": {"x": 1, "y": 2}}])
    first = api.collect(api.recorded(tape, flaky)(request))
    shuffled = json.loads(json.dumps(request, sort_keys=True)) | {"stream": True, "metadata": {"user_id": "u"}}
    assert api.collect(api.recorded(tape)(shuffled)) == first
    assert api.collect(api.recorded(tape, flaky)(request)) == first
    assert flaky.calls == 1
    for change in (
        {"system": "Be brief"},
        {"max_tokens": 5},
        {"model": "n"},
        {"tools": []},
        {"messages": ask("Ho")["messages"]},
    ):
        with pytest.raises(LookupError, match=f"differs in {next(iter(change))}"):
            list(api.recorded(tape)(request | change))
    with pytest.raises(LookupError, match="none at all"):
        list(api.recorded(tmp_path / "new.jsonl")(request))


def test_half_a_reply_is_not_recorded(tmp_path):
    half = lambda request: itertools.islice(api.script(lambda request: "Hello")(request), 3)  # noqa: E731
    with pytest.raises(ValueError, match="cut off"):
        list(api.recorded(tmp_path / "tape.jsonl", half)(ask()))
    fine = api.recorded(tmp_path / "tape.jsonl", api.script(lambda request: "Hello"))
    assert api.collect(fine(ask()))["content"][0]["text"] == "Hello"


def test_a_stream_that_ends_before_anything_came_is_tried_again():
    with pytest.raises(ConnectionError, match="before anything came"):
        list(patient(lambda request: iter(()), attempts=2)[0](ask()))
    empty = api.script(lambda request: [])
    assert api.collect(patient(empty)[0](ask()))["content"] == []


@pytest.mark.parametrize("fault, calls_made", [(529, 2), ((429, 7), 2), (500, 2), (400, 1), (401, 1)])
def test_errors_of_the_sdk_become_ours(fault, calls_made):
    service = api.Service(api.script(lambda request: "Hi"), faults=[fault])
    with api.serving(service) as url:
        llm, waits = patient(api.official(client(url), tell=lambda words: None))
        if calls_made == 1:
            with pytest.raises(api.ApiError, match=str(fault)):
                list(llm(ask()))
        else:
            assert api.collect(llm(ask()))["content"][0]["text"] == "Hi"
            assert waits[0] >= (7 if fault == (429, 7) else 0)
    assert len(service.seen) == calls_made
    with pytest.raises(ConnectionError, match="no answer"):
        list(api.official(client("http://127.0.0.1:9"), tell=lambda words: None)(ask()))


def test_costs_follow_the_price_list():
    prices = facts.fact("prices")
    million = 1_000_000
    for model, rates in prices.items():
        for part, rate in (
            ("input_tokens", "input"),
            ("cache_creation_input_tokens", "write_5m"),
            ("cache_read_input_tokens", "read"),
        ):
            usage = {"input_tokens": 0, "output_tokens": 0} | {part: 1000}
            assert api.cost(usage, model) == pytest.approx(rates[rate] / 1000)
        assert api.cost({"input_tokens": 0, "output_tokens": million}, model) == pytest.approx(rates["output"])
    at, above = (
        {"input_tokens": n - 10, "cache_read_input_tokens": 10, "output_tokens": 0} for n in (100_000, 100_001)
    )
    assert api.cost(above, "claude-haiku-5-5") > 4.9 * api.cost(at, "claude-haiku-5-5")
    assert api.cost(above, "claude-opus-5-5") < 1.1 * api.cost(at, "claude-opus-5-5")
    with pytest.raises(LookupError, match="claude-nobody"):
        api.cost({"input_tokens": 1, "output_tokens": 1}, "claude-nobody")


def test_a_quote_holds():
    request = api.ask("word " * 400, max_tokens=40)
    least, most = api.quote(request)
    message = api.collect(api.script(lambda request: "word " * 400)(request))
    assert least < api.cost(message["usage"], request["model"]) <= most


@given(st.lists(st.lists(st.integers(0, 9), unique=True, max_size=2), min_size=1, max_size=4), st.integers(1, 400))
@settings(max_examples=150, deadline=None)
def test_what_is_recent_fits_is_accepted_and_could_not_be_longer(turns, budget):
    messages = [m for n in range(3) for m in [{"role": "user", "content": f"q{n}"}, *paired(turns)[1:]]]
    messages.append({"role": "user", "content": "And now?"})
    weigh = lambda some: sum(map(api.rough_tokens, some))  # noqa: E731
    fits = [messages[n:] for n in range(len(messages)) if weigh(messages[n:]) <= budget]
    good = [end for end in fits if api.refusal(ask() | {"messages": end}) is None]
    if not good:
        with pytest.raises(ValueError, match=str(budget)):
            api.recent(messages, budget)
        return
    assert api.recent(messages, budget) == max(good, key=len)


# --- 10_tool_use: descriptions and input -------------------------------------------------------------


def add(a: int, b: float = 2.0) -> str:
    """Add two numbers.

    Args:
        a: the first
        b (float): the second,
            on two lines
    """


def tag(name: str, tags: list[str], level: Literal["low", "high"] = "low", extra: str | None = None) -> str:
    """Tag it.

    More words
    on lines.

    Args:
        level: how much

    Returns:
        text
    """


def odd(x, flag: bool, table: dict[str, int], one: Literal["only"], mixed: Literal["a", 1] = 1) -> str:
    "Untyped."


def nothing() -> str:
    """Takes nothing."""


def undocumented(rows: list[list[float]], maybe: Optional[int] = None, either: Union[int, str] = 3): ...


@pytest.mark.parametrize("function", [add, tag, odd, nothing, undocumented])
def test_a_tool_is_described_as_the_sdk_describes_it(function):
    ours, theirs = tools.as_tool(function).declared(), anthropic.beta_tool(function).to_dict()
    assert ours["name"] == theirs["name"]
    assert ours["description"] == theirs["description"]
    assert ours["input_schema"] == tools.untitled(theirs["input_schema"])


@pytest.mark.parametrize("kinds", tools.SIGNATURES, ids=lambda kinds: ",".join(kinds) or "nothing")
def test_each_signature_of_the_table_has_the_sdks_schema(kinds):
    theirs = anthropic.beta_tool(tools.takes(**kinds)).to_dict()["input_schema"]
    assert tools.as_tool(tools.takes(**kinds)).input_schema == tools.untitled(theirs)


def test_the_parts_of_a_docstring():
    words = "What.\n\nMore.\n\nArgs:\n    a: one\n      two\n\n    b (int): three\n\nReturns:\n    c: no parameter"
    assert tools.described(words) == ("What.\n\nMore.", {"a": "one\ntwo", "b": "three"})
    assert tools.described("Alone.") == ("Alone.", {})
    assert tools.described(None) == ("", {})
    assert tools.described("What.\n\nReturns:\n    text") == ("What.", {})


def test_annotations_written_as_text_are_understood():
    def later(n: "int", words: "list[str]" = ()): ...

    properties = tools.as_tool(later).input_schema["properties"]
    assert (properties["n"], properties["words"]["type"]) == ({"type": "integer"}, "array")


def test_a_tool_with_an_annotation_that_has_no_schema_is_refused():
    def read(path: bytes): ...

    with pytest.raises(TypeError, match="bytes"):
        tools.as_tool(read)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([2.0, 2.5, "low", "auto", "x", ""]),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.sampled_from("abxy"), v, max_size=3),
    max_leaves=8,
)
plain_kinds = [str, int, float, bool, None, Any, list, dict]
choices = [Literal["low", "x"], Literal[1, 2], Literal[True], Literal["a", 2]]
kinds = st.recursive(
    st.sampled_from(plain_kinds + choices),
    lambda k: st.one_of(
        k.map(lambda kind: list[kind]),
        k.map(lambda kind: dict[str, kind]),
        st.tuples(k, k).map(lambda two: Union[two]),
    ),
    max_leaves=4,
)


@given(
    kinds,
    kinds,
    json_values | st.fixed_dictionaries({}, optional={"a": json_values, "b": json_values, "c": json_values}),
)
@settings(max_examples=600, deadline=None)
def test_validation_agrees_with_jsonschema(first, second, value):
    schema = tools.as_tool(tools.takes(a=first, b=(second, None))).input_schema
    assert (tools.violations(value, schema) == []) is jsonschema.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    "value, words",
    [
        ({"topic": "a", "partitions": [0, "1"]}, ["input.partitions[1]: expected integer, got '1'"]),
        ({"topic": "a", "partitions": "0"}, ["input.partitions: '0' is none of array, null"]),
        ({"unit": "s"}, ["input.topic: is required"]),
        ({"topic": "a", "cluster": 1}, ["input.cluster: is not known; there are topic, partitions, unit"]),
        ({"topic": True}, ["input.topic: expected string, got True"]),
        ([], ["input: expected object, got []"]),
        (None, ["input: expected object, got None"]),
    ],
)
def test_a_complaint_names_the_place_what_was_expected_and_what_came(value, words):
    assert tools.violations(value, tools.as_tool(tools.lag).input_schema) == words


def test_places_within_lists_and_tables_are_named():
    schema = tools.as_tool(tools.takes(rows=list[dict[str, int]])).input_schema
    assert tools.violations({"rows": [{"a": 1}, {"b": "x"}]}, schema) == ["input.rows[1].b: expected integer, got 'x'"]


# --- 10_tool_use: calls ------------------------------------------------------------------------------


def use(name, tool="lag", **given):
    """A call."""
    return {"type": "tool_use", "id": name, "name": tool, "input": given}


def assistant(*calls):
    """A message of the assistant with calls."""
    return {"role": "assistant", "content": [{"type": "text", "text": "I look."}, *calls]}


BOX = {"lag": tools.as_tool(tools.lag)}


@given(st.text(max_size=40), st.integers(1, 30))
@settings(deadline=None)
def test_what_is_shortened_keeps_both_ends(text, limit):
    short = tools.shortened(text, limit)
    if len(text) <= limit:
        assert short == text
    else:
        head, tail = (limit + 1) // 2, limit // 2
        assert short.startswith(text[:head] + "\n… ")
        assert short.endswith("\n" + (text[-tail:] if tail else ""))
        assert f"… {len(text) - limit} characters" in short


def test_everything_that_goes_wrong_in_a_call_is_a_result():
    def fails(n: int):
        """Fail."""
        raise [ValueError("no"), KeyError("x" * 9999), RecursionError("deep")][n]

    def prints(n: int):
        """Much."""
        return "y" * n

    box = BOX | {"fails": tools.as_tool(fails), "prints": tools.as_tool(prints)}
    cases = [
        use("a", "fly"),
        use("b", topic=7),
        use("c", topic="none"),
        *(use(f"d{n}", "fails", n=n) for n in range(3)),
    ]
    results = [tools.perform(box, call) for call in cases]
    assert all(result["is_error"] for result in results)
    assert [result["tool_use_id"] for result in results] == [call["id"] for call in cases]
    assert results[0]["content"] == "no tool is called fly; there are lag, fails, prints"
    assert results[1]["content"] == "input.topic: expected string, got 7"
    assert results[3]["content"] == "ValueError: no"
    assert max(len(result["content"]) for result in results) < 4_100
    fine = tools.perform(box, use("e", "prints", n=10_000), limit=100)
    assert not fine["is_error"]
    assert "… 9900 characters left out …" in fine["content"]
    assert tools.perform(box, use("f", "prints", n=4_000))["content"] == "y" * 4_000


def test_calls_run_side_by_side_and_one_message_answers_all():
    meet = threading.Barrier(3, timeout=5)

    def together(n: int):
        """Wait for the others."""
        meet.wait()
        return n

    box = {"together": tools.as_tool(together)}
    calls = [use(f"t{n}", "together", n=n) for n in range(3)]
    answer = tools.answer_calls(box, assistant(*calls))
    assert answer == {"role": "user", "content": [tools.tool_result(call, str(n)) for n, call in enumerate(calls)]}


def test_a_deadline_answers_what_is_late_and_asks_it_to_stop():
    stopped = threading.Event()

    def slow(stop=None):
        """Wait to be stopped."""
        stop.wait(10)
        stopped.set()

    box = BOX | {"slow": tools.as_tool(slow)}
    assert box["slow"].input_schema["properties"] == {}
    began = time.monotonic()
    answer = tools.answer_calls(box, assistant(use("t1", "slow"), use("t2", topic="orders")), seconds=0.3)
    assert time.monotonic() - began < 5
    late, fine = answer["content"]
    assert (late["content"], late["is_error"]) == ("no result within 0.3 s; it may still have had its effect", True)
    assert (fine["content"], fine["is_error"]) == ("40 s, 3 s", False)
    assert stopped.wait(5)


def test_an_interrupt_answers_every_call_and_is_passed_on(monkeypatch):
    def interrupted(self, timeout=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    stopped = threading.Event()

    def slow(stop=None):
        """Wait."""
        if stop.wait(5):
            stopped.set()

    with pytest.raises(tools.Interrupted) as caught:
        tools.answer_calls({"slow": tools.as_tool(slow)}, assistant(use("t1", "slow"), use("t2", "slow")))
    answer = caught.value.answer["content"]
    assert [result["tool_use_id"] for result in answer] == ["t1", "t2"]
    assert all(result["is_error"] and "interrupted by the user" in result["content"] for result in answer)
    assert stopped.wait(5)


class Pairing(RuleBasedStateMachine):
    """Any interleaving of calls, results, failures, late results, interrupts and compaction is a valid history."""

    def __init__(self):
        super().__init__()
        self.messages, self.number, self.open, self.results = [{"role": "user", "content": "Begin."}], 0, None, {}

    def close(self, reason):
        if self.open is not None:
            self.messages.append(tools.pair_up(self.open, self.results, reason))
            self.open = None

    @rule(count=st.integers(0, 4))
    def model_speaks(self, count):
        self.close("no result")
        calls = [use(f"t{self.number + n}") for n in range(count)]
        self.number += count
        said = assistant(*calls)
        self.messages.append(said)
        self.open = said if calls else None

    @rule(which=st.integers(0, 9), failed=st.booleans())
    def a_result_comes(self, which, failed):
        """Of the open message, or, too late, of an earlier one."""
        if self.number:
            name = f"t{max(0, self.number - 1 - which)}"
            self.results[name] = tools.tool_result({"id": name}, "x", failed)

    @rule()
    def user_interrupts(self):
        self.close("interrupted")
        self.messages.append({"role": "user", "content": "No, this way."})

    @rule(keep=st.integers(0, 9))
    def history_is_compacted(self, keep):
        if self.open is None:
            self.messages = tools.compact(self.messages, keep, "Before.")

    @invariant()
    def accepted_by_the_rules_of_the_api(self):
        messages = list(self.messages)
        if self.open is not None:
            messages.append(tools.pair_up(self.open, self.results, "not yet"))
        assert api.refusal(ask() | {"messages": messages}) is None


Pairing.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestPairing = Pairing.TestCase


@given(good_turns, st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_compaction_keeps_the_newest_and_cuts_no_pair(turns, keep):
    messages = paired(turns)
    kept = copy.deepcopy(messages)
    short = tools.compact(messages, keep, "Before.")
    assert messages == kept
    assert api.refusal(ask() | {"messages": short}) is None
    if short != messages:
        assert short[0] == {"role": "user", "content": "Before."}
        assert messages[-(len(short) - 1) :] == short[1:] or keep == 0
        assert keep <= len(short) - 1 <= keep + 1
    else:
        assert keep >= len(messages) - 1


def test_compaction_of_a_conversation_that_begins_with_a_cut_pair_stops_at_its_beginning():
    messages = [{"role": "user", "content": [tools.tool_result({"id": "t0"}, "x")]}, {"role": "user", "content": "b"}]
    assert tools.compact(messages, 2, "s") == messages
    assert tools.compact(messages, 1, "s") == [{"role": "user", "content": "s"}, messages[1]]
    pair = [assistant(use("t1")), {"role": "user", "content": [tools.tool_result({"id": "t1"}, "x")]}]
    assert tools.compact(pair, 1, "s") == pair


def test_careless_histories_break_and_careful_ones_do_not():
    assert tools.accepted(True, runs=100) == 100
    assert tools.accepted(False, runs=100) < 50


# --- 10_tool_use: once -------------------------------------------------------------------------------

CRASH = """
import os, signal, sys
from built.tool_use import Ledger, run_once
log, books, point = Ledger(sys.argv[1]), Ledger(sys.argv[2]), int(sys.argv[3])
class Dying:
    steps = 0
    def tick(self):
        if self.steps == point: os.kill(os.getpid(), signal.SIGKILL)
        self.steps += 1
dying = Dying()
class Log(Ledger):
    def append(self, record):
        dying.tick(); super().append(record); dying.tick()
def effect():
    dying.tick(); books.append({"amount": 10}); dying.tick()
    return "booked"
try: print(run_once(Log(sys.argv[1]), "k", effect))
except Exception as error: print(type(error).__name__)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_process_killed_at_any_point_never_books_twice(full, tmp_path):
    """Six points at which a real process may die; each is followed by attempts that live."""
    env = os.environ | {"PYTHONPATH": str(notebook.ROOT / "00_setup")}
    for repeat in range(5 if full else 1):
        for point in range(7):
            files = [str(tmp_path / f"{name}-{repeat}-{point}") for name in ("log", "books")]
            outcomes = []
            for attempt in (point, 99):
                ran = subprocess.run(
                    [sys.executable, "-c", CRASH, *files, str(attempt)],
                    env=env,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                outcomes.append(ran.stdout.strip() or "killed")
            booked = len(list(tools.Ledger(files[1])))
            assert booked <= 1, (point, outcomes)
            if "booked" in outcomes:
                assert booked == 1
            else:  # nobody says that it was booked: then it is said that nobody knows
                assert outcomes[1:] == ["Unknown"], (point, outcomes)


def test_a_ledger_is_on_the_disk_in_order_and_survives_a_torn_line(tmp_path):
    ledger = tools.Ledger(tmp_path / "log")
    assert list(ledger) == []
    for n in range(3):
        ledger.append({"key": f"ü{n}"})
    whole = (tmp_path / "log").read_bytes()
    for cut in range(len(whole) - 1, len(whole) - 12, -1):
        (tmp_path / "log").write_bytes(whole[:cut])
        tools.Ledger(tmp_path / "log").append({"key": "next"})
        kept = [record["key"] for record in tools.Ledger(tmp_path / "log")]
        assert kept in (["ü0", "ü1", "next"], ["ü0", "ü1", "ü2", "next"]), cut


# --- 10_tool_use: walls ------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["a", "b", "in", "out", "file", "..", ".", "new"]), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_the_guard_says_what_the_system_would_do(parts):
    """A tree with links that stay and links that leave: a path is let in exactly if the system leads it inside."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder).resolve()
        (base / "root" / "a" / "b").mkdir(parents=True)
        (base / "root-next" / "a").mkdir(parents=True)
        for where in ("root", "root/a", "root-next"):
            (base / where / "in").symlink_to(base / "root" / "a")
            (base / where / "out").symlink_to(base / "root-next")
        (base / "root" / "file").symlink_to(base / "root-next" / "secret")
        path = "/".join(parts)
        real = os.path.realpath(base / "root" / path)
        try:
            assert str(tools.inside(base / "root", path)) == real
            let_in = True
        except PermissionError:
            let_in = False
        assert let_in == (real == str(base / "root") or real.startswith(str(base / "root") + os.sep))


@pytest.mark.skipif(os.open not in os.supports_dir_fd, reason="this system cannot open relative to a folder")
def test_opening_refuses_every_link_on_the_way(tmp_path):
    (tmp_path / "root" / "a").mkdir(parents=True)
    (tmp_path / "root" / "a" / "note").write_text("public")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "root" / "a")
    (tmp_path / "root" / "a" / "linked").symlink_to(tmp_path / "root" / "a" / "note")
    with tools.open_inside(tmp_path / "root", "a/note") as file:
        assert file.read() == b"public"
    with tools.open_inside(tmp_path / "root", "./a/./note") as file:
        assert file.read() == b"public"
    for path in ("link/note", "a/linked", "../root/a/note", str(tmp_path / "root" / "a" / "note"), "a/note/x", "", "."):
        with pytest.raises(PermissionError):
            tools.open_inside(tmp_path / "root", path)
    with pytest.raises(FileNotFoundError):
        tools.open_inside(tmp_path / "root", "a/none")
    os.mkfifo(tmp_path / "root" / "pipe")
    for path in ("a", "pipe"):
        with pytest.raises(PermissionError, match="no ordinary file"):
            tools.open_inside(tmp_path / "root", path)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(50):
        with suppress(OSError):
            tools.open_inside(tmp_path / "root", "link/note")
        with suppress(OSError):
            tools.open_inside(tmp_path / "root", "a")
        with suppress(OSError):
            tools.open_inside(tmp_path / "root", "a/none")
        tools.open_inside(tmp_path / "root", "a/note").close()
    assert not before or len(os.listdir("/proc/self/fd")) <= before + 2


def test_the_race_is_won_by_the_naive_reader_only():
    assert tools.read_after_swap(lambda root, checked: open(checked, "rb")) == "secret"
    assert tools.read_after_swap(lambda root, checked: tools.open_inside(root, "docs/note")) in (
        "PermissionError",
        "NotImplementedError",
    )


@pytest.mark.parametrize(
    "url",
    tools.TRIED[:2] + ["https://docs.python.org", "https://sub.docs.python.org/x?y#z", "HTTPS://docs.python.org/"],
)
def test_what_is_on_the_list_may_be_reached(url):
    assert tools.may_reach(url, ["docs.python.org"]) is True


@pytest.mark.parametrize(
    "url",
    tools.TRIED[2:]
    + [
        "", "docs.python.org", "//docs.python.org/", "ftp://docs.python.org", "https://", "https:///docs.python.org",
        "https://python.org/", "https://docs.python.org.evil.example", "https://xdocs.python.org", "https://user:pw@docs.python.org",
        "https://docs.python.org:99999/", "https://docs.python.org:x/", "https://[docs.python.org/", "https://docs..python.org/",
        "https://evil.example%2f.docs.python.org/", "https://evil.example?.docs.python.org", "https://docs.python.org\\@evil.example",
        "https://evil.example\t.docs.python.org", "https://.docs.python.org/", "https://localhost/", "https://0x7f.1/",
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_may_not_be_reached(url):
    assert tools.may_reach(url, ["docs.python.org"]) is False


@pytest.mark.parametrize("host", ["127.0.0.1", "1.2.3.4", "[::1]", "0x7f.1", "127.1", "x.127.0.0.1", "2130706433"])
def test_numbers_are_refused_even_if_somebody_lists_them(host):
    assert tools.may_reach(f"https://{host}/", [host.strip("[]")]) is False


def test_the_list_may_be_written_in_any_case_with_or_without_a_dot():
    assert tools.may_reach("https://docs.python.org/", ["Python.org."])


walled = pytest.mark.skipif(not tools.has_walls(), reason="no namespaces here: the sandbox says so and runs nothing")


@walled
def test_nothing_gets_out_of_the_sandbox(tmp_path):
    secret, project = tmp_path / "secret", tmp_path / "project"
    secret.write_text("secret")
    project.mkdir()
    (project / "link").symlink_to(tmp_path)
    (project / "mine").write_text("mine")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        attempts = tools.escapes(secret, listening.getsockname()[1])
        worked = [name for name, text in attempts.items() if tools.sandboxed(["sh", "-c", text], project)[0] == 0]
        assert worked == ["work in the project"]
    more = {
        "through a link": "ls link/ | grep -q .",
        "a device": "mknod disk b 8 0",
        "the real root": "cat /proc/1/root/etc/hostname",
        "the environment of others": "cat /proc/*/environ | grep -q PYTHON",
        "walls made writable": "mount -o remount,bind,rw /usr",
        "walls of one's own": "unshare --user --map-root-user true",
        "settings of the kernel": "echo x > /proc/sys/kernel/core_pattern",
        "programs": "touch /usr/bin/ours",
        "more memory": f"{sys.executable} -c 'bytearray(6_000_000_000)'",
    }
    worked = [name for name, text in more.items() if tools.sandboxed(["sh", "-c", text], project)[0] == 0]
    assert worked == []
    assert sorted(os.listdir(tmp_path)) == ["project", "secret"]
    owner = os.stat(tmp_path)
    for name in ("out", "mine"):
        found = os.stat(project / name)
        assert (found.st_uid, found.st_gid) == (owner.st_uid, owner.st_gid)


@walled
def test_a_file_made_in_the_sandbox_gives_nobody_more_rights(tmp_path):
    tools.sandboxed(["sh", "-c", "cp /bin/true own && chmod 6755 own"], tmp_path)
    assert os.geteuid() != 0 or not (tmp_path / "own").stat().st_mode & 0o6000


@walled
def test_what_is_printed_is_bounded_on_the_way(tmp_path):
    status, said = tools.sandboxed(["yes"], tmp_path, seconds=5, limit=100)
    assert status not in (0, None)
    assert len(said) < 200


@walled
def test_walls_that_cannot_be_put_up_are_no_sandbox(tmp_path, monkeypatch):
    monkeypatch.setattr(tools, "WALLS", tools.WALLS.replace("mount -t proc", "mount -t nosuchthing"))
    with pytest.raises(tools.NoSandbox, match="could not be put up"):
        tools.sandboxed(["touch", "/project/ran"], tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("command", [[], "ls", ""])
def test_what_is_no_command_is_refused(command, tmp_path):
    with pytest.raises(ValueError, match="a command is a list"):
        tools.sandboxed(command, tmp_path)


STUBBORN = """
import ctypes, os, signal, time
for name in ("SIGTERM", "SIGINT", "SIGHUP"): signal.signal(getattr(signal, name), signal.SIG_IGN)
os.fork(); os.setsid() if os.getpid() != os.getpgid(0) else None
ctypes.CDLL(None).prctl(1, 0)
time.sleep(4); open("/project/alive", "w").write("x")
"""


@walled
def test_a_command_cannot_outlive_its_deadline_by_tricks(tmp_path):
    began = time.monotonic()
    assert tools.sandboxed([sys.executable, "-c", STUBBORN], tmp_path, seconds=1)[0] is None
    assert time.monotonic() - began < 4
    time.sleep(max(0, began + 6 - time.monotonic()))
    assert os.listdir(tmp_path) == []


@walled
def test_a_command_that_does_not_end_is_ended_with_all_its_children(tmp_path):
    began = time.monotonic()
    status, _ = tools.sandboxed(["sh", "-c", "sleep 3456 & sleep 3456 & wait"], tmp_path, seconds=1)
    assert status is None
    assert time.monotonic() - began < 8
    time.sleep(0.3)
    running = [Path(p, "cmdline") for p in map(str, Path("/proc").glob("[0-9]*"))]
    said = [p.read_bytes() for p in running if p.exists()]
    assert not any(b"sleep\x003456" in text for text in said)


@walled
def test_the_sandbox_bounds_what_is_printed_and_has_no_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    status, said = tools.sandboxed(["sh", "-c", "env; yes | head -c 100000"], tmp_path, limit=500)
    assert status == 0
    assert len(said) < 600
    assert SECRET not in tools.sandboxed(["env"], tmp_path)[1]
    assert tools.sandboxed([sys.executable, "-c", "print(6 * 7)"], tmp_path) == (0, "42\n")
    assert tools.sandboxed(["sh", "-c", "exit 3"], tmp_path)[0] == 3


def test_without_walls_nothing_is_run(tmp_path, monkeypatch):
    monkeypatch.setattr(tools.shutil, "which", lambda name: None)
    assert tools.has_walls() is False
    with pytest.raises(tools.NoSandbox, match="no namespaces here"):
        tools.sandboxed(["touch", "/project/ran"], tmp_path)
    assert os.listdir(tmp_path) == []


# --- 11_agents ---------------------------------------------------------------------------------------


def words_of(messages):
    """The last thing said."""
    return agents.text_of(messages[-1])


def test_the_investigator_holds_no_answer(monkeypatch):
    """Another incident, another culprit, another number of turns."""
    for chain, deployed in ((["a", "b", "c"], {"c": "x: 1 -> 2"}), (["only"], {}), (["p", "q"], {"q": "z"})):
        monkeypatch.setattr(agents, "CHAIN", chain)
        monkeypatch.setattr(agents, "DEPLOYED", deployed)
        question = ask(f"Why is {chain[0]} slow?")
        messages, why = agents.loop(api.script(agents.investigator), question, agents.incident_tools())
        assert why == "end_turn"
        assert words_of(messages) == f"{chain[-1]}: {deployed.get(chain[-1], 'nothing')}"
        assert sum(message["role"] == "assistant" for message in messages) == len(chain) + 2
    missing = ask("Why is nobody slow?")
    messages, _ = agents.loop(api.script(agents.investigator), missing, agents.incident_tools())
    assert "no service 'nobody'" in words_of(messages)


@given(st.lists(st.lists(st.integers(0, 5), max_size=3), max_size=5), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_wherever_a_run_stops_its_history_is_valid_and_can_be_continued(turns, limit):
    box = {"double": tools.as_tool(double)}
    script = [
        [use(f"{n}-{k}", "double", n=number) for k, number in enumerate(turn)] or "Done."
        for n, turn in enumerate(turns)
    ]
    replies = iter([*script, *["Done."] * 9])
    request, budget = ask("Go."), agents.Budget(turns=limit)
    messages, why = agents.loop(api.script(lambda request: next(replies)), request, box, budget)
    assert request == ask("Go.")
    assert api.refusal(request | {"messages": messages}) is None
    assert budget.used["turns"] == sum(message["role"] == "assistant" for message in messages) <= limit
    assert (why == "budget: turns") is (messages[-1]["role"] == "user")
    if why == "budget: turns":
        more, why = agents.loop(api.script(lambda request: next(replies)), request | {"messages": messages}, box)
        assert more[: len(messages)] == messages
        assert why == "end_turn"


def double(n: int) -> int:
    """Twice n."""
    return 2 * n


def test_an_interrupt_ends_the_loop_with_every_call_answered(monkeypatch):
    stop = {"role": "user", "content": [tools.tool_result({"id": "t1"}, "interrupted", True)]}

    def interrupted(tools_, message, seconds):
        raise tools.Interrupted(stop)

    monkeypatch.setattr(agents, "answer_calls", interrupted)
    messages, why = agents.loop(api.script(lambda request: [use("t1")]), ask("Go."), BOX)
    assert (why, messages[-1]) == ("interrupted", stop)
    assert api.refusal(ask() | {"messages": messages}) is None


@pytest.mark.parametrize(
    "limit, word",
    [
        ({"turns": 3}, "turns"),
        ({"tokens": 500}, "tokens"),
        ({"dollars": 0.0002}, "dollars"),
        ({"seconds": 0.2}, "seconds"),
    ],
)
def test_each_limit_ends_a_model_that_never_does(limit, word):
    slow = lambda request: (time.sleep(0.02), agents.restless(request))[1]  # noqa: E731
    messages, why = agents.loop(agents.in_process(slow), ask("Look."), agents.incident_tools(), agents.Budget(**limit))
    assert why == f"budget: {word}"
    assert len(messages) > 2


def test_our_loop_and_the_sdks_send_the_same_requests():
    ours, theirs = agents.on_the_wire(agents.by_us), agents.on_the_wire(agents.by_sdk)
    assert len(ours) == 12
    assert agents.texts(ours) == agents.texts(theirs)
    assert [names for _, names in ours] == [["errors", "deploys"]] * 12


def test_the_meter_sees_what_the_server_reports():
    meter = []
    llm = agents.metered(agents.in_process(agents.investigator), meter)
    messages, _ = agents.loop(
        llm, ask("Why is web slow?", cache_control={"type": "ephemeral"}), agents.incident_tools()
    )
    assert len(meter) == 12
    assert all(agents.size_of(a) < agents.size_of(b) for a, b in itertools.pairwise(meter))
    assert meter[-1]["cache_read_input_tokens"] > 0.8 * agents.size_of(meter[-1])
    assert agents.dollars(meter) == [api.cost(usage, facts.fact("model")) for usage in meter]


@given(st.lists(st.floats(0, 9), min_size=1, max_size=12).filter(lambda costs: sum(costs) > 0))
@settings(deadline=None)
def test_half_is_spent_at_the_first_call_that_reaches_it(costs):
    at = agents.half_spent(costs)
    assert sum(costs[:at]) >= sum(costs) / 2 > (sum(costs[: at - 1]) if at > 1 else -1)


def test_helpers_spend_from_the_parents_budget():
    budget = agents.Budget(turns=3)
    box = {"delegate": agents.delegation(api.script(agents.helper), {"errors": tools.as_tool(agents.errors)}, budget)}
    messages, why = agents.loop(api.script(agents.lead), ask("Why is web slow?"), box, budget)
    assert why == "budget: turns"
    assert budget.used["turns"] == 3
    with pytest.raises(RuntimeError, match="without an answer .budget: turns."):
        box["delegate"].run(task="What is the error of web ?")


def test_a_chain_stops_at_its_gate():
    shout = api.script(lambda request: request["messages"][0]["content"] + request["system"])
    assert agents.chain(shout, "a", ["b", "c"]) == "abc"
    with pytest.raises(ValueError, match="step 2"):
        agents.chain(shout, "a", ["b", "c", "d"], gate=lambda text: "c" not in text)


def test_parallel_calls_run_side_by_side_in_order_and_survive_a_failure():
    meet = threading.Barrier(4, timeout=5)

    def work(n):
        meet.wait()
        return 10 // n

    assert agents.in_parallel(work, [5, 0, 2, 1]) == [
        2, "failed: ZeroDivisionError: integer division or modulo by zero", 5, 10
    ]  # fmt: skip
    assert agents.in_parallel(work, []) == []


def test_improving_ends_when_the_judge_is_content_or_the_rounds_are_over():
    counting = lambda: api.script(lambda request: str(len(request["messages"])))  # noqa: E731
    request = ask("Go.")
    assert agents.improve(counting(), request, lambda text: [] if text == "5" else [f"not {text}"]) == ("5", [])
    assert agents.improve(counting(), request, lambda text: [f"not {text}"], rounds=2) == ("3", ["not 3"])
    assert request == ask("Go.")


@pytest.mark.parametrize("right, asked", [(0.7, 5), (0.3, 3), (0.5, 7), (0.9, 1)])
def test_a_majority_is_right_as_often_as_dice_say(right, asked):
    rng = random.Random(0)
    dice = sum(sum(rng.random() < right for _ in range(asked)) > asked / 2 for _ in range(20_000)) / 20_000
    assert agents.majority(right, asked) == pytest.approx(dice, abs=0.015)
    assert agents.majority(right, asked, together=1.0) == pytest.approx(right)


@pytest.mark.parametrize("step, steps, found", [(0.95, 20, 0.0), (0.95, 20, 0.9), (0.8, 5, 0.5), (0.6, 3, 1.0)])
def test_formula_and_dice_agree_about_long_runs(step, steps, found):
    assert agents.all_right(step, steps, found) == pytest.approx(agents.simulated(step, steps, found), abs=0.03)


def test_the_recorded_comparison_is_repeated_for_our_own_loop(tmp_path):
    """The lab runs the loop in a process of its own, kills it, and counts what arrives: as recorded."""
    sys.path.insert(0, str(notebook.ROOT / "04_rag_and_agents" / "labs"))
    try:
        import agents_compared as lab
    finally:
        sys.path.pop(0)
    recorded = agents.compared()["rows"]
    assert [row["who"] for row in recorded] == ["your loop", "Claude Agent SDK", "LangGraph"]
    assert all(row["answer"] for row in recorded)
    again = lab.row("loop", lab.measured("loop"))
    assert again == recorded[0]
    text = json.dumps(agents.compared())
    assert "/tmp" not in text
    assert "/home" not in text
