"""What the fast lane built against the official SDKs, interleaved in one run: client, parser, loop, MCP.

    python tests/benchmarks/rag_and_agents.py        prints tables; --write puts them into RESULTS.md

All against the course's own servers on this machine, so what is measured is overhead, not a model. Times are medians of
interleaved rounds; the ratio is ours to the named peer. Nothing here is asserted.
"""

import asyncio
import os
import subprocess
import threading
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import results

ROOT = Path(__file__).resolve().parents[2]
results.prepare()

import anthropic  # noqa: E402
from anthropic._streaming import SSEDecoder  # noqa: E402
from built import agents, llm_api, mcp  # noqa: E402
from mcp import Client, StdioServerParameters, stdio_client  # noqa: E402

COLUMNS = ["what", "who", "median", "middle half (ms)", "ratio to the SDK"]


def compared(what: str, ours, theirs, rounds: int = 60) -> list[list[str]]:
    """Two rows: our call and the SDK's, taking turns, after one round that does not count."""
    times: dict[str, list[float]] = {"ours": [], "SDK": []}
    for number in range(rounds + 1):
        for name, call in (("ours", ours), ("SDK", theirs)):
            begin = perf_counter()
            call()
            if number:
                times[name].append(perf_counter() - begin)
    rows = []
    for name, seconds in times.items():
        low, _, high = quantiles(seconds, n=4)
        ratio = f"{median(seconds) / median(times['SDK']):.2f}"
        rows.append([what, name, f"{median(seconds) * 1e3:.3f} ms", f"{low * 1e3:.3f}–{high * 1e3:.3f}", ratio])
    return rows


def requests() -> list[list[str]]:
    """One streamed reply over HTTP; the investigation of twelve calls; parsing a stream."""
    rows = []
    with llm_api.serving(llm_api.Service(llm_api.script(llm_api.lag_policy))) as url:
        sdk, ours = anthropic.Anthropic(base_url=url, api_key="k"), llm_api.remote(url, llm_api.Key("k"))

        def by_sdk():
            with sdk.messages.stream(**llm_api.ask("Lag?")) as stream:
                stream.get_final_message()

        rows += compared("a streamed reply of 23 events", lambda: llm_api.collect(ours(llm_api.ask("Lag?"))), by_sdk)
    with llm_api.serving(llm_api.Service(llm_api.script(agents.investigator))) as url:
        rows += compared("a run of 12 model calls", lambda: agents.by_us(url), lambda: agents.by_sdk(url), rounds=15)
    events = llm_api.as_events([{"type": "text", "text": "für orders " * 4000}], llm_api.ask("", max_tokens=99_999))
    wire = b"".join(map(llm_api.frame, events))
    pieces = [wire[at : at + 4096] for at in range(0, len(wire), 4096)]
    what = f"parsing {len(wire) / 1e6:.1f} MB of events"
    return rows + compared(
        what, lambda: list(llm_api.sse(pieces)), lambda: list(SSEDecoder().iter_bytes(iter(pieces))), 15
    )


def tools() -> list[list[str]]:
    """One call of a tool over MCP: our client and the official one, each with our server, by pipe and by HTTP."""
    rows, loop = [], asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    run = lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)  # noqa: E731
    env = os.environ | {"PYTHONPATH": str(ROOT / "00_setup")}
    given = {"words": "watermark"}
    with mcp.serving_mcp(mcp.demo()) as url, mcp.connected() as (piped, _):
        command = StdioServerParameters(command=mcp.SERVE[0], args=mcp.SERVE[1:], env=env)
        pairs = {"a pipe": (piped, stdio_client(command, errlog=subprocess.DEVNULL)), "HTTP": (mcp.at(url), url)}
        for name, (ours, target) in pairs.items():
            ready, done, asked = threading.Event(), asyncio.Event(), asyncio.Queue()

            async def stay(target=target, ready=ready, done=done, asked=asked):
                async with Client(target) as client:
                    ready.set()
                    while (answer := await asked.get()) is not None:
                        answer.set_result((await client.call_tool("search", given)).content[0].text)

            task = asyncio.run_coroutine_threadsafe(stay(), loop)
            ready.wait(30)

            def by_sdk(asked=asked):
                async def one():
                    answer = loop.create_future()
                    await asked.put(answer)
                    return await answer

                return run(one())

            ask = lambda ours=ours: ours.request("tools/call", name="search", arguments=given)  # noqa: E731
            rows += compared(f"a tool call over {name}", ask, by_sdk)
            run(asked.put(None))
            task.result(30)
    loop.call_soon_threadsafe(loop.stop)
    return rows


if __name__ == "__main__":
    results.report("The fast lane: 01_llm_api, 11_agents, 13_mcp", requests() + tools(), COLUMNS)
