"""The real Claude Code on the course's own server: what it sends, mechanism by mechanism, without a word of it.

    pip install -r 04_rag_and_agents/labs/requirements.txt      # beside the course's own, in an environment for labs
    python 04_rag_and_agents/labs/claude_code.py                # writes 04_rag_and_agents/recorded/claude_code.json
    python 04_rag_and_agents/labs/claude_code.py skills rules   # only these labs; prints them, writes nothing

Claude Code runs as a child process in a temporary home, with a key that is none. The only address that it is given is
the course's Messages server on the loopback interface, behind which a script plays the model. What is kept of a
request is a `capture` of the notebook: sizes, digests, marks, names, and the dye that the lab planted in files of its
own. What the scripted model asked for is kept in full, since it is ours.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "00_setup"))

from built import claude_code, llm_api  # noqa: E402  (the path above comes first)
from built import mcp as mcp_course  # noqa: E402
from tqdm import tqdm  # noqa: E402

RESULT = ROOT / "04_rag_and_agents" / "recorded" / "claude_code.json"
MODEL = "claude-haiku-5-5"
QUIET = ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY", "IS_SANDBOX")
LABS = {}


def lab(function):
    """Put a function of no arguments on the list of labs; its docstring says what is looked at."""
    LABS[function.__name__] = function
    return function


def claude() -> Path:
    """The Claude Code that the Agent SDK brings along. Raises SystemExit with what to do if it is not there."""
    spec = find_spec("claude_agent_sdk")
    place = Path(spec.origin).parent / "_bundled" / "claude" if spec else None
    if place is None or not place.is_file():
        sys.exit("claude-agent-sdk is missing: pip install -r 04_rag_and_agents/labs/requirements.txt, about 400 MB")
    return place


def use(name: str, **given) -> dict:
    """A call that the scripted model makes; `Bench` gives it an id."""
    return {"type": "tool_use", "name": name, "input": given}


class Server(llm_api.Service):
    """A Messages service that counts attempts, refused ones included."""

    def __post_init__(self):
        super().__post_init__()
        self.attempts = 0

    def admit(self, path, headers, body):
        self.attempts += path == "/v1/messages"
        return super().admit(path, headers, body)


class Bench:
    """A home, a project and a server for some runs of Claude Code. `work`: the project; `home`: the temporary home."""

    def __init__(self, folder: Path):
        self.home, self.work = folder / "home", folder / "work"
        self.home.mkdir()
        self.work.mkdir()
        self.answers, self.number, self.process = [], 0, None
        self.tap = claude_code.Wiretap()
        self.server = Server(llm_api.script(self.policy), cache=self.tap)

    def write(self, path: str, text: str, below: str = "work") -> None:
        """Write a file of the project, or of the home."""
        place = getattr(self, below) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8", newline="")

    def dye(self) -> None:
        """Put the notebook's dyed files into the project."""
        for path, text in claude_code.DYED.items():
            self.write(path, text)

    def policy(self, request: dict):
        """The next of the answers that were ordered; an answer may be a function of the request."""
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer = answer(request) if callable(answer) else answer
        if isinstance(answer, str):
            return answer
        self.number += 1
        return [{"id": f"toolu_{self.number}_{n}"} | block for n, block in enumerate(answer)]

    def start(self, url: str, prompt: str, *options: str) -> subprocess.Popen:
        """Claude Code in the project, in a process group of its own."""
        command = [
            str(claude()),
            "-p",
            prompt,
            "--output-format",
            "stream-json",
            "--verbose",
            "--model",
            MODEL,
            *options,
        ]
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "ANTHROPIC_BASE_URL": url}
        environment |= {"ANTHROPIC_API_KEY": "no-real-key"} | dict.fromkeys(QUIET, "1")
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=self.work, env=environment, text=True, start_new_session=True, **pipes)

    def run(self, answers, *options: str, prompt: str = "dye-task: go.", kill_at: int | None = None) -> dict:
        """One run: {"requests": captures, "events", "status"}; killed a second after request `kill_at`, if given."""
        self.answers, before = list(answers), len(self.tap.captured)
        with llm_api.serving(self.server) as url:
            process = self.start(url, prompt, *options)
            if kill_at is not None:
                while process.poll() is None and len(self.tap.captured) - before < kill_at:
                    time.sleep(0.01)
                time.sleep(1)
                os.killpg(process.pid, signal.SIGKILL)
            try:
                out, err = process.communicate(timeout=180)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        events = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        requests = self.tap.captured[before:]
        if kill_at is None and not events:
            raise RuntimeError(f"Claude Code said nothing: {err[-500:]}")
        return {"requests": requests, "events": events, "status": process.returncode}

    def steps(self) -> list:
        """What the scripted model asked for and what came of it: [tool, arguments, refused], in order."""
        last = max(self.server.seen, key=lambda request: len(request["messages"]))["messages"]
        found = [block for message in last for block in llm_api.blocks(message["content"])]
        refused = {b["tool_use_id"]: bool(b.get("is_error")) for b in found if b["type"] == "tool_result"}
        plain = lambda given: json.loads(json.dumps(given).replace(str(self.work), "/project"))  # noqa: E731
        return [[b["name"], plain(b["input"]), refused.get(b["id"])] for b in found if b["type"] == "tool_use"]

    def at(self, path: str) -> str:
        """A file of the project by its whole path, as Claude Code's tools want it."""
        return str(self.work / path)


@contextmanager
def bench():
    """A Bench that is gone afterwards, with every process that it started."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Bench(Path(folder).resolve())


def kinds(events: list) -> list:
    """The kinds of the events of a run, without those of single messages."""
    return [event.get("subtype") for event in events if event["type"] in ("system", "result")]


# --- the labs ----------------------------------------------------------------------------------------


@lab
def loop() -> dict:
    """Two calls in one reply, a failing command, a tool that is not there, arguments that do not fit."""
    with bench() as b:
        b.write("a.txt", "hello\n")
        first = [use("Read", file_path=b.at("a.txt")), use("Bash", command="ls", description="list")]
        wrong = [use("Edit", file_path=b.at("a.txt"))]
        run = b.run(
            [first, [use("Bash", command="exit 3", description="fail")], [use("Nope", x=1)], wrong, "Done."],
            "--allowedTools",
            "Bash",
        )
        return {"requests": run["requests"], "steps": b.steps(), "result": kinds(run["events"])[-1]}


@lab
def prompts() -> dict:
    """The first request by model, and with --bare."""
    found = {}
    for name, model in {"haiku": "claude-haiku-5-5", "sonnet": "claude-sonnet-5-5", "opus": "claude-opus-5-5"}.items():
        with bench() as b:
            found[name] = b.run(["Done."], "--model", model)["requests"][0]
    with bench() as b:
        found["bare"] = b.run(["Done."], "--bare")["requests"][0]
    return {"first": found}


@lab
def memory() -> dict:
    """CLAUDE.md of the user, of the project, of a folder below it; an import; AGENTS.md; then the first request of
    another session in the same project, and of one in another project, with the same home."""
    with bench() as b:
        b.dye()
        b.write(".claude/CLAUDE.md", "dye-user\n", below="home")
        run = b.run([[use("Read", file_path=b.at("api/x.py"))], "Done."])
        again = b.run(["Done."], prompt="dye-again: go.")["requests"][0]
        b.work = b.work.parent / "another"
        b.work.mkdir()
        b.dye()
        other = b.run(["Done."])["requests"][0]
    return {"requests": run["requests"], "again": again, "other": other}


@lab
def rules() -> dict:
    """By default, in a run without a human; then deny rules, in the mode that allows everything."""
    with bench() as b:
        shell = lambda command: use("Bash", command=command, description="run")  # noqa: E731
        run = b.run([[shell("touch made"), use("Write", file_path=b.at("b.txt"), content="x"), shell("ls")], "Done."])
        asked = {"steps": b.steps(), "files": sorted(p.name for p in b.work.iterdir() if p.is_file())}
        asked["denials"] = len(run["events"][-1]["permission_denials"])
    with bench() as b:
        b.write(".env", "SECRET=1\n")
        b.write(".claude/settings.json", json.dumps({"permissions": {"deny": ["Read(./.env)", "Bash(cat:*)"]}}))
        tries = ["cat .env", "ls && cat .env", "ls; cat .env", "echo $(cat .env)", "ls", "head .env"]
        calls = [[shell(command)] for command in tries] + [[use("Read", file_path=b.at(".env"))]]
        b.run([*calls, "Done."], "--permission-mode", "bypassPermissions")
        denied = {"steps": b.steps()}
    return {"asked": asked, "denied": denied}


@lab
def hooks() -> dict:
    """A hook before each Bash that refuses rm, in the mode that allows everything; and what it is told."""
    program = """
import json, sys
event = json.load(sys.stdin)
open("told.json", "w").write(json.dumps(sorted(event)))
if event["tool_input"]["command"].startswith("rm"):
    print("dye-hook", file=sys.stderr)
    sys.exit(2)
"""
    with bench() as b:
        b.write("hook.py", program)
        entry = {"matcher": "Bash", "hooks": [{"type": "command", "command": f"{sys.executable} hook.py"}]}
        b.write(".claude/settings.json", json.dumps({"hooks": {"PreToolUse": [entry]}}))
        shell = lambda command: [use("Bash", command=command, description="run")]  # noqa: E731
        run = b.run([shell("rm -rf build"), shell("echo fine"), "Done."], "--permission-mode", "bypassPermissions")
        keys = json.loads((b.work / "told.json").read_text())
        return {"requests": run["requests"], "steps": b.steps(), "told": keys}


@lab
def plan() -> dict:
    """Plan mode: a write, and a command that only looks."""
    with bench() as b:
        calls = [use("Write", file_path=b.at("b.txt"), content="x"), use("Bash", command="ls", description="list")]
        run = b.run([calls, "Done."], "--permission-mode", "plan")
        chars = sum(block["chars"] for m in run["requests"][0]["messages"] for block in m["blocks"])
        return {"steps": b.steps(), "made": (b.work / "b.txt").exists(), "chars": chars}


@lab
def output() -> dict:
    """A command that prints a hundred thousand characters."""
    with bench() as b:
        run = b.run([[use("Bash", command="seq 1 20000", description="count")], "Done."], "--allowedTools", "Bash")
        kept = [place.stat().st_size for place in b.home.rglob("tool-results/*")]
        return {"requests": run["requests"], "kept": kept}


@lab
def skills() -> dict:
    """Two skills; one is called, and a file beside it is read."""
    with bench() as b:
        b.dye()
        more = [use("Read", file_path=b.at(".claude/skills/greet/more.md"))]
        run = b.run([[use("Skill", skill="greet")], more, "Done."], "--allowedTools", "Skill")
        return {"requests": run["requests"], "steps": b.steps()}


@lab
def deferred() -> dict:
    """A tool that is not sent: found by its name, then by words."""
    with bench() as b:
        calls = [[use("ToolSearch", query="select:WebFetch")], [use("ToolSearch", query="notebook", max_results=3)]]
        return {"requests": b.run([*calls, "Done."], "--allowedTools", "ToolSearch")["requests"]}


SERVER = """
import json, subprocess, sys, time
time.sleep(SECONDS)
server = '''
from mcp.server import MCPServer
server = MCPServer("demo")
@server.tool()
def search(words: str) -> str:
    "dye-tool"
    return "late-data.md"
server.run("stdio")
'''
child, log = subprocess.Popen([sys.executable, "-c", server], stdin=subprocess.PIPE), open("wire.jsonl", "a")
for line in sys.stdin.buffer:
    message = json.loads(line)
    params = message.get("params", {})
    meta = params.get("_meta", {})
    version = meta.get("io.modelcontextprotocol/protocolVersion") or params.get("protocolVersion", "")
    log.write(json.dumps([message.get("method"), version]) + "\\n")
    log.flush()
    child.stdin.write(line)
    child.stdin.flush()
child.stdin.close()
child.wait()
"""


def with_tool(b: Bench, server: dict) -> dict:
    """A run in which the tool of an MCP server is searched for and called."""
    b.write("mcp.json", json.dumps({"mcpServers": {"shop": server}}))
    options = ["--mcp-config", "mcp.json", "--strict-mcp-config", "--allowedTools", "mcp__shop__search"]
    calls = [[use("ToolSearch", query="select:mcp__shop__search")], [use("mcp__shop__search", words="watermark")]]
    return {"requests": b.run([*calls, "Done."], *options)["requests"], "steps": b.steps()}


@lab
def mcp() -> dict:
    """MCP servers: the course's over HTTP; the official SDK's over pipes; the same one, slow to begin."""
    found, wire = {}, []
    server = mcp_course.demo()
    server.tools["search"] = replace(server.tools["search"], description="dye-tool")
    note = lambda headers: wire.append([headers.get("mcp-method", ""), headers.get("mcp-protocol-version", "")])  # noqa: E731
    with bench() as b, mcp_course.serving_mcp(server, gate=note) as url:
        found["ours"] = with_tool(b, {"type": "http", "url": url}) | {"wire": wire}
    for name, seconds in {"sdk": 0, "slow": 8}.items():
        with bench() as b:
            b.write("server.py", SERVER.replace("SECONDS", str(seconds)))
            found[name] = with_tool(b, {"command": sys.executable, "args": ["server.py"]})
            found[name]["wire"] = [json.loads(line) for line in (b.work / "wire.jsonl").read_text().splitlines()]
    return found


def with_helper(b: Bench, mine):
    """Answers for a run with one helper: those of the main conversation, in order, and the helper's."""
    mine = iter(mine)

    def answer(request):
        if "dye-handed" in json.dumps(request["messages"][0]):
            return "dye-answer: two files."
        return next(mine)

    return answer


@lab
def helpers() -> dict:
    """A sub-agent in the background: while the main conversation waits, while it works; and one of a kind of ours."""
    start = use("Agent", description="look", prompt="dye-handed: count files", subagent_type="general-purpose")
    found = {}
    for name, more in {
        "idle": ["I wait.", "Done."],
        "busy": [[use("Bash", command=f"sleep 1; echo {n}", description="wait")] for n in range(3)] + ["Done."],
    }.items():
        with bench() as b:
            run = b.run([with_helper(b, [[start], *more])], "--allowedTools", "Agent,Bash")
            found[name] = {"requests": run["requests"], "events": kinds(run["events"])}
    with bench() as b:
        about = (
            "---\nname: scout\ndescription: dye-kind looks around\ntools: Read\nmodel: haiku\n---\ndye-kind-prompt\n"
        )
        b.write(".claude/agents/scout.md", about)
        scout = start | {"input": start["input"] | {"subagent_type": "scout", "run_in_background": False}}
        run = b.run([with_helper(b, [[scout], "Done."])], "--model", "claude-sonnet-5-5", "--allowedTools", "Agent")
        transcripts = [place.parent.name for place in b.home.rglob("*.jsonl")]
        found["kind"] = {"requests": run["requests"], "transcripts": sorted(t for t in transcripts if t == "subagents")}
    return found


class Full(claude_code.Wiretap):
    """A cache that reports a window that is nearly full from the ninth message on."""

    def usage(self, request):
        found = super().usage(request)
        full = len(request["messages"]) > 8 and "dye-summary" not in json.dumps(request["messages"])
        return found | {"input_tokens": found["input_tokens"] + 990_000 * full}


@lab
def compaction() -> dict:
    """The service reports a window that is nearly full, though the conversation is short."""

    def policy(request):
        said = json.dumps(request["messages"])
        if "dye-summary" in said:
            return "Done."
        if "<summary>" in json.dumps(request["messages"][-2:]):
            return "<analysis>short</analysis>\n<summary>\ndye-summary: three numbers were printed.\n</summary>"
        return [use("Bash", command=f"echo {len(request['messages'])}", description="print")]

    with bench() as b:
        b.tap = b.server.cache = Full()
        run = b.run([policy], "--allowedTools", "Bash", prompt="dye-task: count.")
        return {"requests": run["requests"], "events": kinds(run["events"])}


@lab
def faults() -> dict:
    """What is tried again: the attempts that arrive for one answer, by what the first ones were refused with."""
    found = {}
    for name, ordered in {"529, 529": [529, 529], "429, 500": [(429, 1), 500], "400": [400], "401": [401]}.items():
        with bench() as b:
            b.server.faults.extend(ordered)
            run = b.run(["Done."])
            found[name] = {"attempts": b.server.attempts, "status": run["status"], "events": kinds(run["events"])}
    return found


@lab
def sessions() -> dict:
    """A session that goes on, one that is forked, and one that is killed in the middle of a tool call."""
    with bench() as b:
        read = [use("Read", file_path=b.at("a.txt"))]
        b.write("a.txt", "hello\n")
        run = b.run([read, "dye-said."])
        name = run["events"][0]["session_id"]
        again = b.run(["Done."], "--resume", name, prompt="dye-more: and now?")
        fork = b.run(["Done."], "--resume", name, "--fork-session", prompt="dye-fork: or else?")
        logs = list(b.home.rglob("projects/*/*.jsonl"))
        records = [json.loads(line) for place in logs if place.stem == name for line in place.open(encoding="utf-8")]
        tree = [record for record in records if "uuid" in record]
        names = {record["uuid"] for record in tree}
        found = {
            "requests": run["requests"] + again["requests"] + fork["requests"],
            "same file": again["events"][0]["session_id"] == name,
            "fork in a file of its own": fork["events"][0]["session_id"] != name and len(logs) == 2,
            "records": len(tree),
            "with a parent": sum(record.get("parentUuid") in names for record in tree),
        }
    with bench() as b:
        b.run([[use("Bash", command="sleep 30", description="wait")], "Done."], "--allowedTools", "Bash", kill_at=1)
        after = b.run(["Done."], "--continue", prompt="dye-after: go on.")
        return found | {"after kill": after["requests"], "steps after kill": b.steps()}


@lab
def budget() -> dict:
    """A model that never ends: a limit of turns, and one of dollars."""
    found, endless = {}, [use("Bash", command="ls", description="list")]
    reply = llm_api.collect(llm_api.script(lambda request: [endless[0] | {"id": "toolu_1_0"}])(llm_api.ask("")))
    for name, limit in {"turns": ["--max-turns", "3"], "dollars": ["--max-budget-usd", "0.005"]}.items():
        with bench() as b:
            run = b.run([endless], "--allowedTools", "Bash", *limit)
            last, output = run["events"][-1], {"output_tokens": reply["usage"]["output_tokens"]}
            usages = [request["usage"] | output for request in run["requests"]]
            found[name] = {"end": last["subtype"], "dollars": last["total_cost_usd"], "usages": usages}
    return found


def files_in(folder: Path) -> dict:
    """The files of the differential test that are there: {path: text, as it is}."""
    text = lambda place: place.read_bytes().decode("utf-8", "surrogateescape")  # noqa: E731
    found = {place.relative_to(folder).as_posix(): text(place) for place in folder.rglob("*") if place.is_file()}
    return {path: found[path] for path in sorted(found) if not path.startswith(".claude")}


@lab
def differential() -> list:
    """The turns of the notebook, one after the other in one session; what stands in the folder after each of them."""
    with bench() as b:
        for path, text in claude_code.FILES_BEFORE.items():
            b.write(path, text)
        after, calls = [], []
        for name, given in claude_code.turns(120):
            real = given | (
                {"description": "run"} if name == "bash" else {"file_path": b.at(given.get("file_path", ""))}
            )
            calls.append(use(name.capitalize(), **real))

        def answer(request):
            if any(message["role"] == "assistant" for message in request["messages"]):
                after.append(files_in(b.work))
            return [calls[len(after)]] if len(after) < len(calls) else "Done."

        b.run([answer], "--permission-mode", "bypassPermissions")
        refused = [step[2] for step in b.steps()]
        return [{"refused": no, "files": files} for no, files in zip(refused, after, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labs", nargs="*", help=f"some of: {', '.join(LABS)}")
    wanted = parser.parse_args().labs
    if unknown := set(wanted) - set(LABS):
        parser.error(f"no lab is called {', '.join(sorted(unknown))}; there are {', '.join(LABS)}")
    program = claude()
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
    found = {name: LABS[name]() for name in tqdm(wanted or LABS, desc="labs", file=sys.stderr)}
    if wanted:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return
    result = {
        "command": "python 04_rag_and_agents/labs/claude_code.py",
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.system()}, {platform.machine()}, Python {platform.python_version()}",
        "version": version,
        "labs": found,
    }
    RESULT.write_text(json.dumps(result, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
