"""What the tests of module 04 share: the official client, requests, conversations in which every call is answered."""

from __future__ import annotations

import anthropic
from built import llm_api as api
from built import tool_use as tools
from hypothesis import strategies as st


def client(url, **settings):
    """The official SDK, talking to `url`."""
    return anthropic.Anthropic(base_url=url, api_key="no-real-key", **{"max_retries": 0} | settings)


def ask(text="Hi", **more):
    """A request with room for a long answer."""
    return api.ask(text, **{"max_tokens": 20_000} | more)


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


SECRET = "sk-ant-not-a-real-key-0123456789"


def use(name, tool="lag", **given):
    """A call."""
    return {"type": "tool_use", "id": name, "name": tool, "input": given}


def assistant(*calls):
    """A message of the assistant with calls."""
    return {"role": "assistant", "content": [{"type": "text", "text": "I look."}, *calls]}


BOX = {"lag": tools.as_tool(tools.lag)}
