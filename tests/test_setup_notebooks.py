"""What the three notebooks of the shop window built, against oracles and laws."""

import asyncio
import json
import os
import random
import sys
import threading
from graphlib import CycleError, TopologicalSorter
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path

import course
import pytest
from built import first_taste as taste
from built import start_here as start
from built import the_map
from dialogues import use
from hypothesis import given
from hypothesis import strategies as st

SETUP = Path(__file__).resolve().parents[1] / "00_setup"


# 0.1 Start here


@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 200), st.integers(0, 12))
def test_waits_never_shrink_and_never_pass_the_cap(base, factor, cap, attempts):
    waits = start.retry_delays(base, factor, cap, attempts)
    assert len(waits) == attempts and waits == sorted(waits) and max(waits, default=0) <= cap
    assert waits[:1] == [min(base, cap)][:attempts]


@pytest.mark.parametrize("cap", [10, 60, 1000])
def test_waits_equal_urllib3_after_the_first(cap):
    assert start.retry_delays(1, 2, cap, 12)[1:] == start.library_delays(1, cap, 12)[1:]


def test_jitter_spreads_the_same_knocks():
    plain, spread = (start.arrivals(300, jitter, random.Random(1)) for jitter in (False, True))
    assert sum(plain.values()) == sum(spread.values()) == 300 * 4
    assert max(plain.values()) == 300 > 2 * max(spread.values())
    assert sorted(plain) == [10, 30, 70, 150]


# 0.2 The map


@given(st.lists(st.integers(0, 50), max_size=20))
def test_resent_weighs_each_piece_by_the_calls_that_carry_it(added):
    assert the_map.resent(added) == sum(size * (len(added) - n) for n, size in enumerate(added))


@given(st.integers(1, 12), st.randoms(use_true_random=False))
def test_prerequisites_are_a_topological_order(n, rng):
    needs = {i: tuple(rng.sample(range(i), rng.randint(0, min(i, 3)))) for i in range(n)}
    before = the_map.prerequisites(n - 1, needs)
    assert list(TopologicalSorter(needs).static_order()) and len(set(before)) == len(before) and n - 1 not in before
    for place, name in enumerate(before):
        assert set(needs[name]) <= set(before[:place])


def test_prerequisites_refuse_circles_as_graphlib_does():
    circle = {"a": ("b",), "b": ("a",)}
    with pytest.raises(CycleError):
        list(TopologicalSorter(circle).static_order())
    with pytest.raises(ValueError, match="a.*b.*a"):
        the_map.prerequisites("a", circle)


@pytest.fixture(scope="module")
def mended():
    return the_map.fix(the_map.script(the_map.repairer()))


def test_the_run_really_mends_the_file(mended, tmp_path):
    assert mended["after"] == the_map.FILES["lag.py"].replace("*", "/")
    folder = the_map.fresh_folder(tmp_path)
    before, _ = the_map.run_in(folder, "python -m unittest", trusted=True)
    (folder / "lag.py").write_text(mended["after"], "utf-8")
    after, _ = the_map.run_in(folder, "python -m unittest", trusted=True)
    assert before != 0 == after


def test_what_no_rule_allows_is_asked_for_and_a_no_leaves_each_byte():
    for yes, edits in ((lambda what: True, 1), (the_map.no_edits, 4)):
        ran = the_map.fix(the_map.script(the_map.repairer(most=4)), yes=yes)
        assert ran["asked"][0].startswith("bash python3 -c")
        assert [what.split("\n")[0] for what in ran["asked"][1:]] == ["edit lag.py"] * edits
        assert "return" in ran["asked"][1]  # and you see what you agree to
        assert (ran["after"] == the_map.FILES["lag.py"]) is (edits == 4)


def test_a_rule_for_a_tool_does_not_guard_its_effect():
    ran = the_map.fix(the_map.script(the_map.sly), yes=lambda what: False, rules={"allow": ["bash"]})
    assert ran["asked"] == [] and ran["after"] == the_map.FILES["lag.py"].replace("*", "/")
    ran = the_map.fix(the_map.script(the_map.sly), yes=lambda what: False)
    assert len(ran["asked"]) == 1 and ran["after"] == the_map.FILES["lag.py"]


def test_what_is_on_disk_decides_what_the_run_does(monkeypatch):
    monkeypatch.setitem(the_map.FILES, "lag.py", the_map.FILES["lag.py"].replace("*", "/"))
    ran = the_map.fix(the_map.script(the_map.repairer()))
    assert len(ran["requests"]) == 2 and "nothing to mend" in ran["messages"][-1]["content"][0]["text"]


def test_every_request_is_the_one_before_with_something_added(mended):
    for one, two in pairwise(mended["requests"]):
        assert two["messages"][: len(one["messages"])] == one["messages"] and len(two["messages"]) > len(
            one["messages"]
        )
        assert {k: v for k, v in one.items() if k != "messages"} == {k: v for k, v in two.items() if k != "messages"}


def test_a_new_policy_goes_on_from_any_request(mended):
    for number, (name, wanted, _) in enumerate(the_map.steps_of(mended["messages"])):
        [asked] = the_map.repairer()(mended["requests"][number])
        assert (asked["name"], asked["input"]) == (name, wanted)


def test_in_the_log_no_tool_works_before_it_was_asked_for_and_allowed(mended):
    trace = mended["trace"]
    assert [who for who, _, _ in trace[:3]] == ["you", "harness", "model"]
    assert [who for who, _, _ in trace[-2:]] == ["model", "harness"] and "stops" in trace[-1][1]
    for place, (who, said, noun) in enumerate(trace):
        assert course.row(noun).noun == noun
        if who == "tools":
            before, started = trace[place - 2], trace[place - 1]
            assert started[0] == "harness" and started[1].startswith("may run")
            allowed = before[0] == "model" and "asks for" in before[1]
            assert allowed or before[0] == "you" and before[1].startswith("say yes")
            assert ("edited" in said) == (before[0] == "you" and "edit" in before[1])
    assert sum(who == "tools" for who, _, _ in trace) == len(the_map.steps_of(mended["messages"]))


def test_where_you_say_no_no_tool_works():
    trace = the_map.fix(the_map.script(the_map.repairer(most=1)), yes=the_map.no_edits)["trace"]
    place = next(n for n, (who, what, _) in enumerate(trace) if who == "you" and what.startswith("say no"))
    assert trace[place + 1][0] == "harness" and "the user said no" in trace[place + 1][1]
    assert not any(who == "tools" and "edited" in what for who, what, _ in trace)


def test_you_are_asked_once_and_what_you_said_holds():
    answers = iter([True, False] * 9)
    ran = the_map.fix(the_map.script(the_map.repairer(most=2)), yes=lambda what: next(answers))
    said = [what.split(" to:")[0] for who, what, _ in ran["trace"][1:] if who == "you"]
    assert said == ["say yes", "say no", "say yes"][: len(said)] and len(said) == len(ran["asked"]) == 3


@pytest.mark.parametrize(
    ("name", "given", "word"),
    [("read", {"file_path": "none.py"}, "none.py"), ("fly", {}, "fly"), ("read", {}, "file_path"), ("edit", {}, "old")],
)
def test_what_goes_wrong_is_in_the_log(name, given, word):
    def lost(request):
        return "Gone." if len(request["messages"]) > 1 else [use("a", name, **given)]

    trace = the_map.fix(the_map.script(lost))["trace"]
    assert [who for who, what, _ in trace if what.startswith(f"asks for {name}")] == ["model"]
    assert any(who == "harness" and "an error" in what and word in what for who, what, _ in trace)


def test_calls_in_one_reply_are_all_in_the_log_before_their_results():
    def both(request):
        if len(request["messages"]) > 1:
            return "Read."
        return [use("a", "read", file_path="lag.py"), use("b", "read", file_path="test_lag.py")]

    ran = the_map.fix(the_map.script(both))
    assert [who for who, _, _ in ran["trace"]][:4] == ["you", "harness", "model", "model"] and len(ran["requests"]) == 2
    assert sum(who == "tools" for who, _, _ in ran["trace"]) == 2


def test_a_file_that_is_gone_is_no_error():
    gone = lambda request: "Done." if len(request["messages"]) > 1 else [use("a", "bash", command="rm lag.py")]  # noqa: E731
    assert the_map.fix(the_map.script(gone))["after"] is None


def test_the_gist_of_a_result_is_its_last_line_that_says_something():
    assert the_map.gist("a\n     2\tb\n     3\t") == "     2\tb"
    assert the_map.gist("OK\n[exit status 0]") == "OK"
    assert the_map.gist("\n[exit status 0]") == the_map.gist("") == "(nothing)" and the_map.gist("7") == "7"
    assert the_map.gist("a.b.OddError: x\n\nFAILED (errors=1)") == "a.b.OddError: x"
    assert the_map.gist("a\nAssertionError: 1 != 2\n\nFAILED (failures=1)") == "AssertionError: 1 != 2"


def test_every_layer_and_milestone_is_a_notebook_of_the_course():
    for noun in (
        [row[-1] for row in the_map.rows(the_map.LAYERS)] + [noun for noun, _ in the_map.MILESTONES] + the_map.FAST_LANE
    ):
        assert course.row(noun).noun == noun


def test_the_rosetta_stone_has_its_thirty_pairs_each_with_a_break():
    pairs = the_map.rows(the_map.PAIRS + the_map.MORE_PAIRS.lstrip() + the_map.LAST_PAIRS.lstrip())
    assert len(pairs) >= 30 and all(len(pair) == 4 and all(pair) for pair in pairs)
    assert len({pair[0] for pair in pairs}) == len(pairs)


# 0.3 First taste


def test_rarity_falls_as_a_word_becomes_common():
    found = [("a.md", n, "lag" + (" disk" if n < 3 else "") + (" leader" if n < 1 else "")) for n in range(9)]
    weights = [taste.rarity(word, found) for word in ("lag", "disk", "leader")]
    assert weights == sorted(weights) and weights[0] == 0


def test_search_scores_are_sums_of_rarities_and_sorted():
    found = taste.passages("runbooks")
    hits = taste.search("unclean election loses events", found, k=6)
    assert [h[0] for h in hits] == sorted((h[0] for h in hits), reverse=True)
    for score, _, _, text in hits:
        shared = taste.tokens("unclean election loses events") & taste.tokens(text)
        assert score == pytest.approx(sum(taste.rarity(word, found) for word in shared))


def test_every_passage_can_be_cited_and_read_back():
    found = taste.passages("runbooks")
    for file, line, text in found:
        assert (SETUP / "runbooks" / file).read_text("utf-8").splitlines()[line - 1] == text
        assert taste.quoted(text.upper(), file, line, found) and taste.read_passage(f"{file}:{line}") == text


def test_an_empty_folder_is_an_error_that_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="FOLDER"):
        taste.passages(tmp_path)


def test_every_request_of_the_agent_is_answered_in_the_next_message():
    run = taste.agent("May I use unclean election?", taste.scripted)
    for asked, answered in zip(run[1:-1:2], run[2:-1:2], strict=True):
        assert [b["id"] for b in asked["content"]] == [b["tool_use_id"] for b in answered["content"]]


def test_the_agent_stops_at_its_budget():
    with pytest.raises(RuntimeError, match="3 turns"):
        taste.agent("What now?", taste.stuck, max_turns=3)


def test_what_the_tools_return_changes_what_the_scripted_model_does(monkeypatch):
    usual = taste.agent("May I use unclean election?", taste.scripted)[-1]["content"][0]["text"]

    def broken(place):
        """Read nothing, ever."""
        raise OSError(place)

    monkeypatch.setitem(taste.TOOLS, "read_passage", broken)
    assert (
        taste.agent("May I use unclean election?", taste.scripted)[-1]["content"][0]["text"]
        == "The runbooks do not say."
        != usual
    )


def test_a_server_survives_lines_that_are_no_json():
    class Out(list):
        write = list.append

        def flush(self):
            pass

    out = Out()
    taste.serve(["{", json.dumps({"jsonrpc": "2.0", "method": "x"}), json.dumps(taste.request(0, "tools/list"))], out)
    first, second = map(json.loads, out)
    assert first["error"]["code"] == -32700 and second["id"] == 0 and len(second["result"]["tools"]) == 2


def test_the_official_client_uses_our_server():
    from mcp import Client, StdioServerParameters

    async def converse():
        env = dict(os.environ, PYTHONPATH=str(SETUP))
        command = StdioServerParameters(command=sys.executable, args=taste.COMMAND[1:], env=env)
        async with Client(command) as client:
            assert client.protocol_version == taste.REVISION
            tools = (await client.list_tools()).tools
            fine = await client.call_tool("read_passage", {"place": "late-data.md:3"})
            failing = await client.call_tool("read_passage", {"place": "nowhere.md:1"})
            return [tool.name for tool in tools], fine, failing

    names, fine, failing = asyncio.run(converse())
    assert names == list(taste.TOOLS)
    assert not fine.is_error and fine.content[0].text == taste.read_passage("late-data.md:3")
    assert failing.is_error and "KeyError" in failing.content[0].text


def test_claude_speaks_the_messages_api_through_the_official_sdk(monkeypatch):
    """A stand-in on loopback answers in the API's form: first a tool call, then the answer."""
    seen = []

    class Api(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            seen.append(body)
            asked = any(isinstance(m["content"], list) and m["role"] == "user" for m in body["messages"])
            tool = {"type": "tool_use", "id": "toolu_1", "name": "search_runbooks", "input": {"question": "disk"}}
            content = [{"type": "text", "text": "See [x]."}] if asked else [tool]
            reply = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "content": content}
            reply |= {"stop_reason": "end_turn" if asked else "tool_use", "stop_sequence": None}
            data = json.dumps(reply | {"usage": {"input_tokens": 1, "output_tokens": 1}}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "not-a-key")
    try:
        run = taste.agent("How full may a disk be?", taste.claude)
    finally:
        server.shutdown()
        server.server_close()
    assert run[-1]["content"][0]["text"] == "See [x]." and len(seen) == 2
    assert [tool["name"] for tool in seen[0]["tools"]] == list(taste.TOOLS)
    assert seen[1]["messages"][-1]["content"][0]["tool_use_id"] == "toolu_1"


def test_the_brief_counts_the_run_that_it_is_given():
    run = taste.agent("disk?", taste.scripted)
    page = taste.brief(run, ["one", "two"])
    assert f"took {sum(m['role'] == 'assistant' for m in run)} calls" in page and "listed 2 of ours" in page


def test_a_bad_request_does_not_take_the_server_down():
    bad = [json.dumps({"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": {}}), "[]", "1"]
    assert [taste.answer_line(line)["error"]["code"] for line in bad] == [-32603] * 3
    assert taste.answer_line(bad[0])["id"] == 4


def test_a_citation_that_is_not_there_is_found_out():
    found = taste.passages("runbooks")
    assert taste.checked(f"{found[3][2]} [{found[3][0]}:{found[3][1]}]", found) == {
        f"{found[3][0]}:{found[3][1]}": True
    }
    assert not any(taste.checked(f"{found[3][2]} [{found[4][0]}:{found[4][1]}]", found).values())
