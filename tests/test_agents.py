"""What 11_agents built: the loop against the SDK's own, budgets, workflows, and the recorded comparison.

A property names its law.
"""

import itertools
import json
import random
import sys
import threading
import time

import facts
import notebook
import pytest
from built import agents
from built import llm_api as api
from built import tool_use as tools
from dialogues import BOX, ask, use
from hypothesis import given, settings
from hypothesis import strategies as st

# --- 11_agents ----------------------------------------------------------------------------------------


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
