"""The investigation of 11_agents in three houses, all against the course's own server: what each sends and keeps.

    pip install -r 04_rag_and_agents/labs/requirements.txt      # beside the course's own, in an environment for labs
    python 04_rag_and_agents/labs/agents_compared.py            # writes 04_rag_and_agents/recorded/agents_compared.json

Three runs each: undisturbed; with two 529 at the beginning; and killed (SIGKILL, with all children) at the sixth
request, then started again with whatever the house offers for going on. The model is the notebook's scripted
investigator. The real Claude Code behind the Agent SDK works in a temporary home, talks to the loopback address only,
and has no key.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "00_setup"))

from built import agents, llm_api  # noqa: E402  (the path above comes first)

QUESTION = "Why is web slow?"
RESULT = ROOT / "04_rag_and_agents" / "recorded" / "agents_compared.json"


# --- the server's side -------------------------------------------------------------------------------


def plain(request: dict) -> dict:
    """A request of any house as the investigator wants it: the question, the calls and their results, no more."""
    messages = [{"role": "user", "content": QUESTION}]
    for message in request["messages"]:
        kept = []
        for block in llm_api.blocks(message["content"]):
            if block["type"] == "tool_use" and "ToolSearch" not in block["name"]:
                kept.append(block | {"name": block["name"].split("__")[-1]})
            if block["type"] == "tool_result" and "search" not in block["tool_use_id"]:
                content = block["content"]
                text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
                kept.append(block | {"content": text})
        if kept:
            messages.append({"role": message["role"], "content": kept})
    return request | {"messages": messages}


def policy(request: dict):
    """The investigator in every house; where its tools are deferred, it searches for them first."""
    names = {tool["name"].split("__")[-1]: tool["name"] for tool in request.get("tools", ())}
    if "errors" not in names and "ToolSearch" not in names:
        return "A title, or whatever else was asked for."
    said = json.dumps(request["messages"])
    if "errors" not in names and "toolu_search" not in said:
        query = "select:mcp__shop__errors,mcp__shop__deploys"
        return [{"type": "tool_use", "id": "toolu_search", "name": "ToolSearch", "input": {"query": query}}]
    answer = agents.investigator(plain(request))
    if isinstance(answer, str):
        return answer
    return [block | {"name": names.get(block["name"], f"mcp__shop__{block['name']}")} for block in answer]


class Counted(llm_api.Service):
    """A service that counts every attempt, refused ones included, and calls `at` with the number."""

    def __post_init__(self):
        super().__post_init__()
        self.attempts, self.at = 0, lambda number: None

    def admit(self, path, headers, body):
        request = super().admit(path, headers, body)
        if path == "/v1/messages" and request.get("tools"):
            self.attempts += 1
            self.at(self.attempts)
        return request


# --- the three houses, each run in a process of its own ----------------------------------------------


def in_own_loop(url: str, folder: Path, again: bool) -> str:
    """`loop` of the notebook, with the notebook's retries; it writes nothing down."""
    llm = llm_api.retrying(
        llm_api.remote(url, llm_api.Key("no-real-key")), sleep=lambda seconds: time.sleep(seconds / 10)
    )
    messages, _ = agents.loop(llm, llm_api.ask(QUESTION), agents.incident_tools())
    return agents.text_of(messages[-1])


def in_langgraph(url: str, folder: Path, again: bool) -> str:
    """LangGraph's ready-made agent, its checkpointer on SQLite; started again it gets the same thread and no input."""
    from langchain_anthropic import ChatAnthropic
    from langchain_core.tools import tool
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.prebuilt import create_react_agent

    model = ChatAnthropic(model="claude-haiku-5-5", base_url=url, api_key="no-real-key", max_tokens=300)
    with SqliteSaver.from_conn_string(str(folder / "state.sqlite")) as saver:
        graph = create_react_agent(model, [tool(agents.errors), tool(agents.deploys)], checkpointer=saver)
        given = None if again else {"messages": [("user", QUESTION)]}
        state = graph.invoke(given, {"configurable": {"thread_id": "one"}, "recursion_limit": 60})
    last = state["messages"][-1].content
    return last if isinstance(last, str) else "".join(block.get("text", "") for block in last)


def in_agent_sdk(url: str, folder: Path, again: bool) -> str:
    """The Claude Agent SDK, that is, Claude Code as a child process; started again it resumes the session."""
    from claude_agent_sdk import ClaudeAgentOptions, ResultMessage, create_sdk_mcp_server, query, tool

    def offered(function, name):
        @tool(name, function.__doc__.splitlines()[0], {"service": str})
        async def call(given):
            return {"content": [{"type": "text", "text": function(**given)}]}

        return call

    server = create_sdk_mcp_server("shop", tools=[offered(agents.errors, "errors"), offered(agents.deploys, "deploys")])
    for part in ("home", "work"):
        (folder / part).mkdir(exist_ok=True)
    quiet = ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY", "IS_SANDBOX")
    options = ClaudeAgentOptions(
        mcp_servers={"shop": server},
        allowed_tools=["mcp__shop__errors", "mcp__shop__deploys", "ToolSearch"],
        model="claude-haiku-5-5",
        cwd=folder / "work",
        continue_conversation=again,
        env={"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "no-real-key", "HOME": str(folder / "home")}
        | dict.fromkeys(quiet, "1"),
    )

    async def ask() -> str:
        found = ""
        async for message in query(prompt="Go on." if again else QUESTION, options=options):
            if isinstance(message, ResultMessage):
                found = message.result or message.subtype
        return found

    return asyncio.run(ask())


HOUSES = {"loop": in_own_loop, "agent_sdk": in_agent_sdk, "langgraph": in_langgraph}


# --- the measurements --------------------------------------------------------------------------------


def start(house: str, url: str, folder: Path, again: bool = False) -> subprocess.Popen:
    """Run a house in a process group of its own."""
    command = [
        sys.executable,
        __file__,
        "--house",
        house,
        "--url",
        url,
        "--folder",
        str(folder),
        *(["--again"] * again),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def run(house: str, folder: Path, faults=(), kill_at: int | None = None, again: bool = False) -> dict:
    """One run: attempts that arrived, the answer, whether it was killed, messages in the first request."""
    service = Counted(llm_api.script(policy), faults=faults)
    with llm_api.serving(service) as url:
        process, killed = start(house, url, folder, again), threading.Event()

        def at(number):
            if number == kill_at:
                os.killpg(process.pid, signal.SIGKILL)
                killed.set()

        service.at = at
        try:
            out, err = process.communicate(timeout=180)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
    asked = [request for request in service.seen if request.get("tools")]
    return {
        "attempts": service.attempts,
        "answer": out.strip().splitlines()[-1] if out.strip() else "" if killed.is_set() else err.strip()[-300:],
        "killed": killed.is_set(),
        "first_messages": len(asked[0]["messages"]) if asked else 0,
    }


def measured(house: str) -> dict:
    """The three runs of one house."""
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
        tempfile.TemporaryDirectory() as three,
    ):
        plain_run = run(house, Path(one))
        faulty = run(house, Path(two), faults=[529, 529])
        before = run(house, Path(three), kill_at=6)
        after = run(house, Path(three), again=True)
        kept = sorted({Path(f).suffix for _, _, files in os.walk(three) for f in files} & {".jsonl", ".sqlite"})
    return {"plain": plain_run, "faulty": faulty, "before_kill": before, "after_kill": after, "files": kept}


WORDS = {
    "loop": ("your loop", "a variable of yours"),
    "agent_sdk": ("Claude Agent SDK", "a transcript in its home, written as it goes"),
    "langgraph": ("LangGraph", "the checkpointer that you give it, here SQLite"),
}


def row(house: str, found: dict) -> dict:
    """What was measured, as a row of the notebook's table."""
    right = "vault: 10:01 pool_size: 200 -> 20"
    faulty, after = found["faulty"], found["after_kill"]
    return {
        "who": WORDS[house][0],
        "requests": found["plain"]["attempts"],
        "answer": found["plain"]["answer"] == right,
        "after_529": f"{faulty['attempts']} attempts, answered" if faulty["answer"] == right else "gave up",
        "state": WORDS[house][1],
        "after_kill": f"{'answered' if after['answer'] == right else 'no answer'}, {after['attempts']} more requests",
        "raw": found,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--house", choices=HOUSES)
    parser.add_argument("--url")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    if options.house:
        print(HOUSES[options.house](options.url, options.folder, options.again))
        return
    packages = ("claude-agent-sdk", "langgraph", "langchain-anthropic", "anthropic")
    rows = []
    for house in HOUSES:
        rows.append(row(house, measured(house)))
        print(json.dumps(rows[-1], indent=1), flush=True)
    result = {
        "command": "python 04_rag_and_agents/labs/agents_compared.py",
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.system()}, {platform.machine()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in packages),
        "rows": rows,
    }
    RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
