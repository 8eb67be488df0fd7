"""What 01_llm_api built, against Anthropic's SDK and the published rules of its prompt cache.

A property names its law.
"""

import copy
import http.client
import io
import itertools
import json
import logging
import pickle
import random
import socket
import sys
import threading
import time
import traceback
from contextlib import suppress

import anthropic
import facts
import pytest
from anthropic._streaming import SSEDecoder
from built import llm_api as api
from dialogues import SECRET, ask, client, good_turns, paired
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

# --- events -------------------------------------------------------------------------------------------

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


# --- the wire -----------------------------------------------------------------------------------------

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


# --- the server and the official SDK ------------------------------------------------------------------


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


@pytest.mark.parametrize("claimed", [api.LIMIT + 1, 10**17, -1, "many", "²", "9" * 5000])
def test_a_body_that_is_too_large_is_refused_unread(claimed):
    with api.serving(api.Service(api.script(lambda request: "Hi"))) as url:
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as line:
            head = f"POST /v1/messages HTTP/1.1\r\ncontent-length: {claimed}\r\n"
            line.sendall((head + "x-api-key: k\r\nanthropic-version: 1\r\n\r\n").encode("latin-1"))
            came = b"".join(iter(lambda: line.recv(65_536), b""))
            assert b" 413 " in came
            assert b"33,554,432 bytes" in came
        body = json.dumps(ask("x" * (api.LIMIT - 200))).encode()
        assert len(body) <= api.LIMIT
        assert raw(url, body=body, **GOOD)[0] == 200


@pytest.mark.parametrize("body", [b"[1]", b"[]", b'"text"', b"7", b"null", b"true"])
def test_a_body_that_is_no_object_is_the_callers_fault(body):
    for path in ("/v1/messages", "/v1/messages/count_tokens"):
        with pytest.raises(api.ApiError, match="400.*no JSON object"):
            api.parsed(body, path)


def test_sixty_four_streams_are_served_at_once_unless_others_were_named():
    service = api.Service(api.script(lambda request: "Hi"))
    assert [service.free.acquire(blocking=False) for _ in range(65)] == [True] * 64 + [False]


def test_a_client_that_is_gone_ends_its_connection():
    class Gone:
        left = 2  # the head and a piece arrive

        def write(self, data):
            if not self.left:
                raise BrokenPipeError
            self.left -= 1

        def flush(self):
            pass

    handler = api.Handler.__new__(api.Handler)
    handler.wfile, handler.request_version, handler.requestline = Gone(), "HTTP/1.1", ""
    handler.close_connection = False
    handler.send(200, {}, [b"a", b"b"])
    assert handler.close_connection is True


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


# --- pairing and cache --------------------------------------------------------------------------------


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


def test_a_deferred_tool_is_read_where_it_is_referred_to_first():
    """Documented: it stands in no prefix until then, so that finding it costs nothing of what was kept."""
    lag, late = ({"name": name, "input_schema": {}} for name in ("lag", "late"))
    call = {"type": "tool_use", "id": "t", "name": "search", "input": {}}
    refer = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "tool_reference", "tool_name": "late"}]}
    base = prompt(["rules*"], ["question*"], tools=[lag])
    searched = [{"role": "assistant", "content": [call]}, {"role": "user", "content": [refer]}]
    more = base | {"messages": base["messages"] + searched, "tools": [lag, late | {"defer_loading": True}]}
    assert api.refusal(more) is None
    assert run(base, more)[1][0] == size(base)
    order = [(section, block.get("name")) for section, block in api.prompt_blocks(more)]
    assert order[0] == ("tools", "lag") and order[-1] == ("user", "late") and order.count(("user", "late")) == 1
    assert ("tools", "late") not in order
    never = base | {"tools": [lag, late | {"defer_loading": True}]}
    assert size(never) == size(base) and run(base, never)[1][0] == size(base)
    plain = base | {"tools": [lag, late | {"defer_loading": False}]}
    assert run(base, plain)[1][0] == 0


def test_a_reference_to_nothing_and_odd_results_do_no_harm():
    for content in ("late", None, [], [7], [{"type": "tool_reference"}], [{"type": "text", "text": "late"}]):
        result = {"type": "tool_result", "tool_use_id": "t", "content": content}
        assert api.references(result) in ([], [None])
        tools = [{"name": "late", "input_schema": {}, "defer_loading": True}]
        found = api.prompt_blocks({"tools": tools, "messages": [{"role": "user", "content": [result]}]})
        assert found == [("user", result)]


def test_a_system_message_may_change_the_effort_alone():
    """Documented: per-message effort. Claude Code sends it with --bare."""
    effort = {"role": "system", "content": [], "output_config": {"effort": "low"}}
    go = api.ask("Go.")
    assert api.refusal(go | {"messages": [*go["messages"], effort]}) is None
    for wrong in ({"role": "system", "content": []}, effort | {"role": "user"}, effort | {"output_config": {}}):
        assert "content that is not empty" in api.refusal(go | {"messages": [*go["messages"], wrong]})


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


# --- keys ---------------------------------------------------------------------------------------------


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


# --- retries ------------------------------------------------------------------------------------------


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


# --- recordings, costs --------------------------------------------------------------------------------


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


# --- the learner's own model --------------------------------------------------------------------------------


class Chat:
    """Stands in for a `CachedChat`: says these pieces, and counts."""

    def __init__(self, *pieces, reason="end_turn", stop=None):
        self.pieces, self.reason, self.stop, self.usage, self.asked, self.at_once = pieces, reason, stop, [], [], 0

    def reply(self, messages, limit, stops=()):
        self.asked.append((messages, limit, list(stops)))
        if not self.pieces:
            raise ValueError("37 + 5 tokens, room for 40: shorten the conversation")
        self.usage.append({"cache_read_input_tokens": 30, "input_tokens": 7, "output_tokens": 0})
        self.at_once += 1
        assert self.at_once == 1, "two requests at one cache"
        try:
            for piece in self.pieces:
                self.usage[-1]["output_tokens"] += 1
                yield piece
            self.stop_reason, self.stop_sequence = self.reason, self.stop
        finally:
            self.at_once -= 1


@pytest.mark.parametrize("reason, stop", [("end_turn", None), ("max_tokens", None), ("stop_sequence", "END")])
def test_the_sdk_hears_the_own_model_with_its_own_counts(reason, stop):
    chat = Chat("Par", "is", ".", reason=reason, stop=stop)
    asked = {"model": "own", "max_tokens": 9, "messages": [{"role": "user", "content": "Capital?"}]}
    with api.serving(api.Service(api.own(chat), cache=None)) as url:
        talking = anthropic.Anthropic(base_url=url, api_key="none", max_retries=0).messages
        with talking.stream(**asked, system="Be brief.", stop_sequences=["END"]) as stream:
            pieces, final = list(stream.text_stream), stream.get_final_message()
    assert pieces == ["Par", "is", "."]
    assert (final.stop_reason, final.stop_sequence) == (reason, stop)
    counts = final.usage
    assert (counts.cache_read_input_tokens, counts.input_tokens, counts.output_tokens) == (30, 7, 3)
    said = [{"role": "system", "content": "Be brief."}, *asked["messages"]]
    assert chat.asked == [(said, 9, ["END"])]


@pytest.mark.parametrize(
    "more, words",
    [
        ({"tools": [{"name": "a", "input_schema": {"type": "object"}}]}, "has not learned to use any"),
        ({"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]}, "reads text alone.*image"),
        ({"messages": [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}]}, "end with the user"),
    ],
)
def test_what_the_own_model_cannot_read_is_refused_before_it_is_asked(more, words):
    chat = Chat("never")
    with pytest.raises(api.ApiError, match=words) as refused:
        list(api.own(chat)(ask("Hi") | more))
    assert refused.value.status == 400
    assert not chat.asked


def test_a_request_too_long_for_its_room_is_refused_and_leaves_the_way_free():
    chat = Chat()
    llm = api.own(chat)
    with pytest.raises(api.ApiError, match="room for 40: shorten"):
        next(llm(ask("Hi")))
    chat.pieces = ("Yes",)
    assert [event["type"] for event in llm(ask("Hi"))][-1] == "message_stop"


def test_whoever_waits_too_long_for_a_turn_is_told_and_the_turn_is_not_lost():
    llm = api.own(Chat("a", "b"), patience=0.05)
    reading = llm(ask("Hi"))
    next(reading)
    with pytest.raises(api.ApiError, match="another answer is still being read") as busy:
        next(llm(ask("Hi")))
    assert busy.value.status == 529
    assert [*reading][-1]["type"] == "message_stop" and api.collect(llm(ask("Hi")))["content"][0]["text"] == "ab"


@pytest.mark.parametrize(
    "more, words",
    [
        ({"system": 3}, "system: a text"),
        ({"system": None}, "system: a text"),
        ({"system": ["Be brief."]}, "system: a text"),
        ({"system": [{"type": "text"}]}, "system: a text"),
        ({"system": [{"type": "image", "source": {}}]}, "system: a text"),
        ({"stop_sequences": 3}, "stop_sequences: a list"),
        ({"stop_sequences": "END"}, "stop_sequences: a list"),
        ({"stop_sequences": [""]}, "stop_sequences: a list"),
        ({"stop_sequences": [3]}, "stop_sequences: a list"),
    ],
)
def test_odd_parts_are_refused_by_name(more, words):
    assert api.refusal(ask("Hi") | more).startswith(words)
    assert api.refusal(ask("Hi") | {"system": [{"type": "text", "text": "Brief."}], "stop_sequences": ["END"]}) is None


def test_requests_take_turns_at_one_cache_and_an_abandoned_one_lets_go():
    chat = Chat("a", "b", "c")
    llm = api.own(chat)
    abandoned = llm(ask("Hi"))
    for _ in range(3):
        next(abandoned)
    abandoned.close()
    found = []
    threads = [threading.Thread(target=lambda: found.append(api.collect(llm(ask("Hi"))))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [message["content"][0]["text"] for message in found] == ["abc"] * 8


def test_a_service_without_a_cache_of_its_own_leaves_the_counts_alone():
    first = next(api.running(api.Service(api.own(Chat("x")), cache=None), ask("Hi")))
    assert first["message"]["usage"]["input_tokens"] == 7
    counted = next(api.running(api.Service(api.script(lambda request: "x")), ask("Hi")))
    assert counted["message"]["usage"]["cache_read_input_tokens"] == 0


def test_the_own_model_answers_over_http_and_keeps_what_it_read():
    """SmolLM2 on the learner's own code behind the learner's own service, asked by the SDK."""
    rows = api.talked(api.own(), ["What is the capital of France?", "And of Italy?"])
    assert [row[1] for row in rows] == ["The capital of France is Paris.", "The capital of Italy is Rome."]
    first, second = (row[3] for row in rows)
    assert first.cache_read_input_tokens == 0
    assert second.cache_read_input_tokens >= first.input_tokens
