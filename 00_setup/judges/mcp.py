"""What the exercises of `04_rag_and_agents/13_mcp` are judged by."""

import gc
import shutil
import tempfile
import weakref
from pathlib import Path

from judges import Judge, Mistake, Question, Verdict, swap


def streams(rng):
    """Streams of lines: whole, cut anywhere, nonsense, no objects, too long, deeply nested, with an open end."""
    lines = [
        b'{"id": 1, "method": "a"}',
        b'{"x": "f\xc3\xbcr"}',
        b"[1]",
        b"7",
        b"null",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b"",
        b"   ",
        b"\xa0",
        b"true",
    ]
    whole = b"\n".join(lines) + b"\n"
    yield ([whole], 1000)
    yield ([whole[n : n + 1] for n in range(len(whole))], 1000)
    yield ([b'{"a": 1}\r\n{"b": 2}\r\n'], 1000)
    yield ([b'{"a": 1}\n{"open": '], 1000)
    yield ([b"x" * 30, b"y" * 30, b'\n{"after": 1}\n'], 50)
    yield ([b"x" * 300 + b'\n{"after": 1}\n'], 50)
    yield ([b"x" * 40] * 5 + [b'\n{"after": 1}\n'], 50)
    yield ([b'{"a": "' + b"b" * 39 + b'"}\n' + b'{"a": "' + b"b" * 42 + b'"}\n'], 50)
    yield ([b'{"a": "' + b"b" * 41 + b'"}\n', b'{"b": 1}\n'], 50)
    yield ([b"[" * 100_000 + b'\n{"after": 1}\n'], 1_000_000)
    yield ([], 1000)
    yield ([b"{\x00}\x00\n", '{"a": 1}'.encode("utf-16") + b"\n", b'{"after": 1}\n'], 1000)
    for _ in range(20):
        data = b"\n".join(rng.choices([*lines, b"z" * 80], k=rng.randint(1, 6))) + rng.choice([b"\n", b""])
        places = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randint(1, 8)))
        yield ([data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)], 60)


def read_lines(answer, chunks, most):
    """Each message with the number of chunks that had been read when it was given out."""
    read = 0

    def source():
        nonlocal read
        for chunk in chunks:
            read += 1
            yield chunk

    return [(message, read) for message in answer(source(), most)]


FILES = {
    "b-notes.md": "# The second\n\nKafka lags behind.\n  A line with KAFKA and lag\n",
    "a.md": "#  First  \nkafka lag is here\nfür alle: Lag\n",
    "empty.md": "",
    "skipped.txt": "kafka lag",
    "deeper/c.md": "kafka lag, deeper",
}


def shelves(rng):
    """What is asked of a server over a small folder: searches, lists, reads, prompts, errors."""
    for words in ("kafka", "kafka lag", "LAG", "nowhere", "für", "lag kafka", "kafka  lag"):
        yield ("tools/call", {"name": "search", "arguments": {"words": words}}), False
    yield ("tools/call", {"name": "search", "arguments": {"words": 7}}), False
    yield ("tools/list", {}), False
    yield ("resources/list", {}), False
    yield ("prompts/list", {}), False
    yield ("prompts/get", {"name": "ask", "arguments": {"file": "a.md"}}), False
    for name in ("a.md", "b-notes.md", "empty.md", "skipped.txt"):
        yield ("resources/read", {"uri": f"library://{name}"}), False
    yield ("tools/call", {"name": "search", "arguments": {"words": "changed"}}), True
    yield ("resources/read", {"uri": "library://a.md"}), True


def ask_library(answer, request, change):
    """Make a folder and a server over it, perhaps change a file, and ask one thing."""
    from built import mcp

    folder = Path(tempfile.mkdtemp())
    try:
        for name, text in FILES.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, "utf-8")
        server = answer(folder)
        if change:
            (folder / "a.md").write_text("# New\nchanged since\n", "utf-8")
            (folder / "new.md").write_text("# Changed\nadded since\n", "utf-8")
        reply = mcp.answer(server, {"jsonrpc": "2.0", "id": 1, "method": request[0], "params": request[1]})
        if request[0] == "tools/list":  # the words of a description are free
            return [(tool["name"], sorted(tool["inputSchema"]["properties"])) for tool in reply["result"]["tools"]]
        return reply
    finally:
        shutil.rmtree(folder)


def traffic(rng):
    """Steps at a table of pending requests: replies in order and out of it, twice, to others, late; errors; the end."""
    yield (["open", ("settle", 1, {"a": 2})],)
    yield (
        [
            "open",
            "open",
            "open",
            ("settle", 3, {"c": 3}),
            ("settle", 1, {"a": 1}),
            ("settle", 3, {}),
            ("settle", 2, {}),
        ],
    )
    yield (
        [
            "open",
            ("settle", 9, {}),
            ("settle", "1", {}),
            ("settle", True, {}),
            ("settle", None, {}),
            ("settle", 1.0, {}),
        ],
    )
    yield (["open", ("fail", 1, -32601, "Method not found"), ("settle", 1, {})],)
    yield (["open", ("fail", 1, -32022, "Unsupported", {"supported": ["x"]})],)
    yield (["open", ("cancel", 1, "too late"), ("settle", 1, {}), ("cancel", 1, "again")],)
    yield ([("cancel", 1, "nobody"), "open", ("settle", 1, {"a": 1}), ("cancel", 1, "answered")],)
    yield (["open", "open", ("close", "gone"), ("settle", 1, {}), "open", ("close", "gone again")],)
    yield (["open", ("settle", 1, None)],)
    yield (["open", ("close", "gone"), "open", ("settle", 2, {}), ("cancel", 2, "late"), ("close", "again"), "open"],)
    for odd in (
        {},
        {"error": "boom"},
        {"error": None},
        {"error": {"code": 1}},
        {"result": 1, "error": {}},
        {"error": []},
    ):
        yield (["open", "open", ("odd", 1, odd), ("settle", 2, {"fine": True})],)
    yield (["forgets"],)
    for _ in range(15):
        steps = []
        for _ in range(rng.randint(2, 9)):
            number = rng.randint(1, 4)
            kinds = [
                "open",
                ("settle", number, {"n": number}),
                ("cancel", number, "late"),
                ("fail", number, -32603, "x"),
            ]
            steps.append(rng.choice([*kinds, "open"]))
        yield (steps,)


def walk(answer, steps):
    """Take the steps: what each gave, and what became of every Future."""
    pending, came, futures = answer(), [], []
    for step in steps:
        if step == "open":
            number, future = pending.open()
            futures.append(future)
            came.append(number)
            continue
        if step == "forgets":
            number, future = pending.open()
            pending.settle({"jsonrpc": "2.0", "id": number, "result": {}})
            kept = weakref.ref(future)
            del future
            gc.collect()
            came.append("forgotten" if kept() is None else "kept")
            continue
        kind, *rest = step
        if kind == "odd":
            came.append(pending.settle({"jsonrpc": "2.0", "id": rest[0]} | rest[1]))
        elif kind == "settle":
            came.append(pending.settle({"jsonrpc": "2.0", "id": rest[0], "result": rest[1]}))
        elif kind == "fail":
            error = {"code": rest[1], "message": rest[2]} | ({"data": rest[3]} if len(rest) > 3 else {})
            came.append(pending.settle({"jsonrpc": "2.0", "id": rest[0], "error": error}))
        elif kind == "cancel":
            came.append(pending.cancel(*rest))
        else:
            came.append(pending.close(*rest))
    return came, [outcome(future) for future in futures]


def outcome(future):
    """What a Future holds."""
    if not future.done():
        return "waits"
    error = future.exception()
    if error is None:
        return future.result()
    return type(error).__name__, str(error), getattr(error, "code", None), getattr(error, "data", None)


META = "io.modelcontextprotocol/"
REVISION = "2026-07-28"


def posts(rng):
    """Headers and bodies that agree, and that differ in each place; names with umlauts, missing and broken ones."""

    def body(method, **params):
        meta = {META + "protocolVersion": REVISION, META + "clientCapabilities": {}}
        return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params | {"_meta": meta}}

    good = {"mcp-protocol-version": REVISION, "mcp-method": "tools/call", "mcp-name": "search"}
    call = body("tools/call", name="search", arguments={})
    yield good, call
    yield good | {"other": "x"}, call
    for name in good:
        yield {key: value for key, value in good.items() if key != name}, call
        yield good | {name: good[name].upper() + "x"}, call
    yield good | {"mcp-name": "Search"}, call
    yield good | {"mcp-name": "restart"}, call
    yield good | {"mcp-method": "Tools/Call"}, call
    yield good | {"mcp-name": " search "}, call
    yield good | {"mcp-name": "7"}, body("tools/call", name=7)
    yield good, body("tools/call", name="")
    yield {name: good[name] for name in ("mcp-protocol-version", "mcp-method")}, body("tools/call", name="")
    yield good | {"mcp-name": ""}, body("tools/call", name="")
    yield {"mcp-protocol-version": REVISION, "mcp-method": "tools/list"}, body("tools/list")
    yield {"mcp-protocol-version": REVISION, "mcp-method": "tools/list", "mcp-name": "x"}, body("tools/list")
    yield {"mcp-protocol-version": REVISION, "mcp-method": "tools/call"}, body("tools/call", arguments={})
    read = {"mcp-protocol-version": REVISION, "mcp-method": "resources/read"}
    yield read | {"mcp-name": "a:b"}, body("resources/read", uri="a:b", name="other")
    yield read | {"mcp-name": "other"}, body("resources/read", uri="a:b", name="other")
    yield read | {"mcp-name": "=?base64?c8O8w58=?="}, body("resources/read", uri="süß")
    yield read | {"mcp-name": "=?base64?%%?="}, body("resources/read", uri="süß")
    yield read | {"mcp-name": "=?base64?YTpi?="}, body("resources/read", uri="a:b")
    prompt = {"mcp-protocol-version": REVISION, "mcp-method": "prompts/get", "mcp-name": "ask"}
    yield prompt, body("prompts/get", name="ask")
    yield prompt | {"mcp-name": "tell"}, body("prompts/get", name="ask")
    yield {"mcp-method": "tools/list", "mcp-name": "x"}, call
    yield {}, call


LINES = """def json_lines(chunks, most=1_000_000):
    waiting, skipping = bytearray(), False
    for chunk in chunks:
        *ends, rest = chunk.split(b"\\n")
        for end in ends:
            line, waiting = bytes(waiting + end), bytearray()
            if skipping or not line.strip():
                skipping = False
                continue
            try:
                message = json.loads(line.decode("utf-8")) if len(line) <= most else None
            except (ValueError, RecursionError):
                message = None
            yield message if isinstance(message, dict) else -32700 if message is None and line.strip() != b"null" else -32600
        waiting += rest
        if skipping or len(waiting) > most:
            if not skipping:
                yield -32700
            waiting, skipping = bytearray(), True
"""
SHELF = """def library(folder, name="library"):
    folder = Path(folder)

    def search(words: str) -> str:
        "Find."
        wanted, found = words.lower().split(), []
        for path in sorted(folder.glob("*.md")):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
                if all(word in line.lower() for word in wanted):
                    found.append(f"{path.name}:{number}: {line.strip()}")
        return "\\n".join(found) or "nothing found"

    def heading(path):
        return (path.read_text("utf-8").splitlines() or [""])[0].strip("# ")

    resources = {
        f"library://{path.name}": (heading(path), lambda path=path: path.read_text("utf-8"))
        for path in sorted(folder.glob("*.md"))
    }
    prompts = {"ask": lambda file: f"Read library://{file} and answer from it alone."}
    return McpServer(name, {"search": as_tool(search)}, resources, prompts)
"""
TABLE = """class Pending:
    def __init__(self):
        self.ids, self.waiting, self.lock, self.gone = itertools.count(1), {}, threading.Lock(), None

    def open(self):
        number, future = next(self.ids), Future()
        with self.lock:
            if self.gone is None:
                self.waiting[number] = future
                return number, future
        future.set_exception(ConnectionError(self.gone))
        return number, future

    def taken(self, number):
        with self.lock:
            return self.waiting.pop(number, None) if type(number) is int else None

    def settle(self, message):
        future, error = self.taken(message.get("id")), message.get("error")
        if future is None:
            return False
        if "result" in message and "error" not in message:
            future.set_result(message["result"])
        elif isinstance(error, dict) and "code" in error and "message" in error:
            future.set_exception(RpcError(error["code"], error["message"], error.get("data")))
        else:
            future.set_exception(RpcError(-32603, "malformed reply"))
        return True

    def cancel(self, number, reason):
        future = self.taken(number)
        if future is None:
            return None
        future.set_exception(TimeoutError(reason))
        params = {"requestId": number, "reason": reason}
        return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}

    def close(self, reason):
        with self.lock:
            self.gone, left, self.waiting = reason, self.waiting, {}
        for future in left.values():
            future.set_exception(ConnectionError(reason))
"""
HEADERS = """def header_fault(headers, message):
    params = message["params"]
    if headers.get("mcp-protocol-version") != params["_meta"][NS + "protocolVersion"]:
        return "mcp-protocol-version"
    if headers.get("mcp-method") != message["method"]:
        return "mcp-method"
    wanted = params.get(NAMED.get(message["method"]))
    if wanted is not None and ("mcp-name" not in headers or from_header(headers["mcp-name"]) != wanted):
        return "mcp-name"
    return None
"""


EXERCISES = {
    "json_lines": Judge(
        cases=streams,
        drive=read_lines,
        hints=(
            "`*ends, rest = chunk.split(b'\\n')` gives the ends of lines and the beginning of the next; what came before waits in a bytearray.",
            "`json.loads(line.decode('utf-8'))` raises a ValueError for both kinds of nonsense, and a RecursionError for depth.",
            "After each chunk look at `waiting`: is it longer than `most`? Then give out -32700 once, forget it, and remember "
            "that the rest of this line is to be passed over.",
        ),
        mistakes={
            "chunk-is-lines": Mistake(
                "You take the end of a chunk for the end of a line.",
                swap(LINES, ('*ends, rest = chunk.split(b"\\n")', 'ends, rest = chunk.splitlines(), b""')),
            ),
            "ends-at-nonsense": Mistake(
                "One bad line ends the stream for everybody behind it. Give out its number and go on.",
                swap(
                    LINES,
                    (
                        "                message = None\n            yield",
                        "                yield -32700\n                return\n            yield",
                    ),
                ),
            ),
            "guesses": Mistake(
                "Given bytes, `json.loads` guesses the encoding, and takes UTF-16 for a message. Here it is UTF-8 or nothing.",
                swap(LINES, ('line.decode("utf-8")', "line")),
            ),
            "no-object": Mistake(
                "A list or a number is JSON, and no message: -32600 in its place.",
                swap(
                    LINES,
                    (
                        'yield message if isinstance(message, dict) else -32700 if message is None and line.strip() != b"null" else -32600',
                        "yield -32700 if message is None else message",
                    ),
                ),
            ),
            "too-deep": Mistake(
                "A hundred thousand brackets raise a RecursionError, which is no ValueError, and your server is gone.",
                swap(LINES, ("except (ValueError, RecursionError):", "except ValueError:")),
            ),
            "unbounded": Mistake(
                "A line that never ends is kept until the memory is full. After `most` bytes it cannot become a message any more.",
                swap(
                    LINES,
                    (
                        "        if skipping or len(waiting) > most:\n            if not skipping:\n                yield -32700\n            waiting, skipping = bytearray(), True\n",
                        "",
                    ),
                ),
            ),
            "reported-twice": Mistake(
                "The rest of a line that was too long comes out as a message of its own. Pass over it until its end.",
                swap(LINES, ("waiting, skipping = bytearray(), True", "waiting = bytearray()")),
            ),
            "at-the-end": Mistake(
                "The stream ended inside a line, and you gave it out. Nobody knows what it would have been.",
                LINES + "    if waiting.strip():\n        yield -32700\n",
            ),
            "all-at-once": Mistake(
                "The messages are right, and come when the stream has ended. A server would answer when its client has left.",
                swap(LINES, ("for chunk in chunks:", 'for chunk in [b"".join(chunks)]:')),
            ),
            "limit-itself": Mistake(
                "A line of exactly `most` bytes is allowed.",
                swap(LINES, ("len(line) <= most", "len(line) < most")),
            ),
            "empty-line": Mistake(
                "A line of white space is passed over; you call it an error.",
                swap(LINES, ("if skipping or not line.strip():", "if skipping:")),
            ),
        },
        also=(
            """def json_lines(chunks, most=1_000_000):
    def message_of(line):
        try:
            value = json.loads(str(line, "utf-8"))
        except RecursionError:
            return -32700
        except ValueError:
            return -32700
        return value if type(value) is dict else -32600

    line, lost = bytearray(), False
    for chunk in chunks:
        at = 0
        while (end := chunk.find(b"\\n", at)) >= 0:
            line += chunk[at:end]
            at = end + 1
            if not lost and line.strip():
                yield message_of(bytes(line)) if len(line) <= most else -32700
            line.clear()
            lost = False
        line += chunk[at:]
        if len(line) > most and not lost:
            yield -32700
            lost = True
        if lost:
            line.clear()
""",
        ),
    ),
    "library": Judge(
        cases=shelves,
        drive=ask_library,
        hints=(
            "Write `search(words: str) -> str` inside, with a docstring, and hand it on by `as_tool(search)`.",
            "`sorted(folder.glob('*.md'))`, `path.read_text('utf-8').splitlines()`, `enumerate(…, start=1)`.",
            "Resources: {uri: (about, function)}. Bind the path: `lambda path=path: path.read_text('utf-8')`.",
        ),
        mistakes={
            "last-file": Mistake(
                "Every resource reads the last file: the loop variable is looked up when the function runs, not when it is made.",
                swap(
                    SHELF,
                    ("lambda path=path: path.read_text", "lambda: late[-1].read_text"),
                    ("    resources = {", '    late = sorted(folder.glob("*.md"))\n    resources = {'),
                ),
            ),
            "read-once": Mistake(
                "You keep what stood in the files when the server was made. They change: read when you are asked.",
                swap(
                    SHELF, ('lambda path=path: path.read_text("utf-8"))', 'lambda text=path.read_text("utf-8"): text)')
                ),
            ),
            "any-word": Mistake(
                "A line with one of the words is found. All of them were asked for.",
                swap(SHELF, ("if all(word in", "if any(word in")),
            ),
            "one-phrase": Mistake(
                "You look for the words as one phrase, in this order. Each of them may stand anywhere in the line.",
                swap(SHELF, ("if all(word in line.lower() for word in wanted)", 'if " ".join(wanted) in line.lower()')),
            ),
            "capitals": Mistake(
                "`KAFKA` and `kafka` are different words for you.",
                swap(SHELF, ("words.lower().split()", "words.split()"), ("word in line.lower()", "word in line")),
            ),
            "from-zero": Mistake(
                "Lines are counted from 1: your numbers lead an editor one line too high.",
                swap(SHELF, ("start=1", "start=0")),
            ),
            "silence": Mistake(
                "Nothing is found, and the model gets an empty text. It cannot tell that from a tool that failed: say so.",
                swap(SHELF, (' or "nothing found"', "")),
            ),
            "all-files": Mistake(
                "Files that are no Markdown are read as well. Who put them there did not know that they are published.",
                swap(SHELF, ('sorted(folder.glob("*.md"))', 'sorted(p for p in folder.glob("*") if p.is_file())')),
            ),
            "whole-tree": Mistake(
                "Files in folders below are found as well: `rglob` goes down. Only those right in `folder` were meant to be public.",
                swap(SHELF, ('glob("*.md")', 'rglob("*.md")')),
            ),
            "old-list": Mistake(
                "You keep the list of files from the time when the server was made; one that came later is not found.",
                swap(
                    SHELF,
                    ("    def search(words", '    known = sorted(folder.glob("*.md"))\n\n    def search(words'),
                    ('for path in sorted(folder.glob("*.md")):', "for path in known:"),
                ),
            ),
            "raw-heading": Mistake(
                "The description of a resource is its first line with `#` and blanks: take them off.",
                swap(SHELF, ('.strip("# ")', "")),
            ),
        },
        also=(
            """def library(folder, name="library"):
    def files():
        return sorted(path for path in Path(folder).iterdir() if path.suffix == ".md")

    def search(words: str):
        \"\"\"Look for lines.\"\"\"
        hits = []
        for file in files():
            text = file.read_text(encoding="utf-8")
            for n, line in enumerate(text.splitlines()):
                low = line.casefold() if line.isascii() else line.lower()
                if {word for word in words.lower().split() if word not in low} == set():
                    hits += [f"{file.name}:{n + 1}: " + line.strip()]
        return "\\n".join(hits) if hits else "nothing found"

    def reader(file):
        def read():
            return file.read_text(encoding="utf-8")

        return read

    def ask(file):
        return "Read library://" + file + " and answer from it alone."

    made = McpServer(name)
    made.tools["search"] = as_tool(search)
    made.prompts["ask"] = ask
    for file in files():
        first = file.read_text(encoding="utf-8").partition("\\n")[0]
        made.resources["library://" + file.name] = (first.strip("# "), reader(file))
    return made
""",
        ),
    ),
    "Pending": Judge(
        cases=traffic,
        drive=walk,
        hints=(
            "A dict from id to Future; `pop` takes one out, so that it can be answered once only.",
            "`future.set_result(…)`, `future.set_exception(RpcError(code, message, data))`.",
            "`True == 1` in Python, and `1.0 == 1`: compare the type as well.",
        ),
        mistakes={
            "answered-twice": Mistake(
                "A reply that comes twice is taken twice: the request stays in your table after its answer.",
                swap(
                    TABLE,
                    (
                        "self.waiting.pop(number, None) if type(number) is int else None",
                        "self.waiting.get(number) if type(number) is int else None",
                    ),
                    (
                        "        if future is None:\n            return False\n",
                        "        if future is None or future.done():\n            return future is not None and error is None\n",
                    ),
                ),
            ),
            "like-a-number": Mistake(
                "`True` and `1.0` are equal to 1, and are not the id that you handed out.",
                swap(TABLE, (" if type(number) is int else None", "")),
            ),
            "texts-too": Mistake(
                'You make numbers of texts: "1" is not the id that you handed out, and may belong to somebody else.',
                swap(
                    TABLE,
                    (
                        "self.waiting.pop(number, None) if type(number) is int else None",
                        "self.waiting.pop(int(number), None) if type(number) is int or isinstance(number, str) else None",
                    ),
                ),
            ),
            "error-as-result": Mistake(
                "An error settles the Future as if it were a result. Whoever waits should get an RpcError.",
                swap(
                    TABLE,
                    (
                        'future.set_exception(RpcError(error["code"], error["message"], error.get("data")))',
                        "future.set_result(error)",
                    ),
                ),
            ),
            "data-lost": Mistake(
                "The data of an error is lost. With -32022 it says which versions the server speaks.",
                swap(TABLE, (', error.get("data")))', "))")),
            ),
            "waits-for-ever": Mistake(
                "A cancelled request is forgotten, and whoever waits for it waits for ever.",
                swap(TABLE, ("        future.set_exception(TimeoutError(reason))\n", "")),
            ),
            "cancels-nobody": Mistake(
                "You tell the server to give up a request that it has answered already.",
                swap(
                    TABLE,
                    (
                        "        if future is None:\n            return None\n        future.set_exception(TimeoutError(reason))\n",
                        "        if future is not None:\n            future.set_exception(TimeoutError(reason))\n",
                    ),
                ),
            ),
            "close-forgets": Mistake(
                "The peer is gone, and those who wait for it still wait.",
                swap(
                    TABLE,
                    (
                        "        for future in left.values():\n            future.set_exception(ConnectionError(reason))\n",
                        "",
                    ),
                ),
            ),
            "opens-for-nobody": Mistake(
                "A request that is opened after the end waits for ever: nobody is left to close it. Give it its error at once.",
                swap(TABLE, ("self.gone, left, self.waiting = reason,", "left, self.waiting =")),
            ),
            "trusts-errors": Mistake(
                "A reply whose error is no object makes `settle` raise. That ends the thread that reads, and everybody waits for ever.",
                swap(
                    TABLE, ('elif isinstance(error, dict) and "code" in error and "message" in error:', "elif error:")
                ),
            ),
            "nothing-is-fine": Mistake(
                "A reply with neither result nor error counts as a success. It is none: say so by an RpcError.",
                swap(
                    TABLE,
                    ('if "result" in message and "error" not in message:', 'if "error" not in message:'),
                    ('message["result"]', 'message.get("result")'),
                ),
            ),
            "never-forgets": Mistake(
                "The Futures that were answered stay in your table, one for each request, until the memory is full.",
                swap(
                    TABLE,
                    ("return number, future\n        future", "return number, future\n        future"),
                    (
                        "        return True\n",
                        "        self.old = [*getattr(self, 'old', []), future]\n        return True\n",
                    ),
                ),
            ),
            "from-zero": Mistake(
                "Ids count from 1 here. (Zero would be a fine id, for those who do not take it for none.)",
                swap(TABLE, ("itertools.count(1)", "itertools.count()")),
            ),
        },
        also=(
            """class Pending:
    def __init__(self):
        self.table, self.last, self.guard, self.reason = {}, 0, threading.RLock(), None

    def open(self):
        with self.guard:
            self.last += 1
            future = Future()
            if self.reason is not None:
                future.set_exception(ConnectionError(self.reason))
            else:
                self.table[self.last] = future
            return self.last, future

    def settle(self, message):
        number = message.get("id")
        with self.guard:
            if not isinstance(number, int) or isinstance(number, bool) or number not in self.table:
                return False
            future = self.table.pop(number)
        try:
            if "error" in message:
                e = message["error"]
                problem = RpcError(e["code"], e["message"], e.get("data"))
            else:
                return not future.set_result(message["result"])
        except (KeyError, TypeError):
            problem = RpcError(-32603, "malformed reply")
        future.set_exception(problem)
        return True

    def cancel(self, number, reason):
        with self.guard:
            future = self.table.pop(number, None)
        if future is None:
            return None
        future.set_exception(TimeoutError(reason))
        return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": dict(requestId=number, reason=reason)}

    def close(self, reason):
        with self.guard:
            waiting, self.table, self.reason = self.table, {}, reason
        for future in waiting.values():
            future.set_exception(ConnectionError(reason))
""",
        ),
    ),
    "header_fault": Judge(
        cases=posts,
        hints=(
            "Three comparisons, in the order of the specification; each returns the name of its header.",
            "`NAMED.get(method)` is the key under which the body has the name, or None.",
            "`from_header(headers['mcp-name'])` undoes the encoding of names that are not plain ASCII; look first whether it is there.",
        ),
        mistakes={
            "name-only": Mistake(
                "For a resource the name is its `uri`. A body may hold another `name` beside it: see NAMED.",
                swap(HEADERS, ('params.get(NAMED.get(message["method"]))', 'params.get("name")')),
            ),
            "if-there": Mistake(
                "A header that is missing passes. Then a gateway that looks at headers sees nothing, and the body does as it likes.",
                swap(
                    HEADERS,
                    (
                        'if headers.get("mcp-protocol-version") != ',
                        'if headers.get("mcp-protocol-version", params["_meta"][NS + "protocolVersion"]) != ',
                    ),
                    ('if headers.get("mcp-method") != ', 'if headers.get("mcp-method", message["method"]) != '),
                    ('"mcp-name" not in headers or from_header', '"mcp-name" in headers and from_header'),
                ),
            ),
            "undecoded": Mistake(
                "The name travels encoded if it is not plain ASCII. Decode it before you compare.",
                swap(HEADERS, ('from_header(headers["mcp-name"])', 'headers["mcp-name"]')),
            ),
            "lower": Mistake(
                "You compare without regard to capitals. A gateway that knows `Search` and a server that runs `search` disagree.",
                swap(
                    HEADERS,
                    (
                        'from_header(headers["mcp-name"]) != wanted',
                        '(from_header(headers["mcp-name"]) or "").lower() != str(wanted).lower()',
                    ),
                ),
            ),
            "always-a-name": Mistake(
                "A name is asked for where the method has none, or the body gives none.",
                swap(
                    HEADERS,
                    ('if wanted is not None and ("mcp-name" not in headers or', 'if ("mcp-name" not in headers or'),
                ),
            ),
            "empty-name": Mistake(
                "An empty name is a name: the body gives one, so the header has to be there and say the same.",
                swap(HEADERS, ("if wanted is not None and", "if wanted and")),
            ),
            "as-texts": Mistake(
                'You turn both into texts, and 7 becomes equal to "7". What is different in the body is different.',
                swap(
                    HEADERS,
                    (
                        'from_header(headers["mcp-name"]) != wanted',
                        'str(from_header(headers["mcp-name"])) != str(wanted)',
                    ),
                ),
            ),
            "no-method": Mistake(
                "The method is not compared. `tools/list` in the header and `tools/call` in the body are two truths.",
                swap(
                    HEADERS,
                    ('    if headers.get("mcp-method") != message["method"]:\n        return "mcp-method"\n', ""),
                ),
            ),
            "other-order": Mistake(
                "Several differ, and you name another one first: version, method, name is the order.",
                """def header_fault(headers, message):
    params = message["params"]
    wanted = params.get(NAMED.get(message["method"]))
    if wanted is not None and from_header(headers.get("mcp-name", "")) != wanted:
        return "mcp-name"
    if headers.get("mcp-method") != message["method"]:
        return "mcp-method"
    if headers.get("mcp-protocol-version") != params["_meta"][NS + "protocolVersion"]:
        return "mcp-protocol-version"
    return None
""",
            ),
        },
        also=(
            """def header_fault(headers, message):
    params, method = message["params"], message["method"]
    expected = {"mcp-protocol-version": params["_meta"][NS + "protocolVersion"], "mcp-method": method}
    for name, value in expected.items():
        if name not in headers or headers[name] != value:
            return name
    if method in NAMED and params.get(NAMED[method]) is not None:
        if "mcp-name" not in headers or from_header(headers["mcp-name"]) != params[NAMED[method]]:
            return "mcp-name"
""",
        ),
    ),
}

QUIZ = (
    Question(
        "wire",
        "In the widget: how many messages until the result of the search is there, currently and with a handshake?",
        (
            (
                "Six, and seven: the handshake ends with a notification",
                "discover, list and call with their replies; initialize wants one message more.",
            ),
            (
                "Two, and six: a call needs nothing before it",
                "A client that knows the server could do with two; this one asks first what there is.",
            ),
            (
                "Seven, and six: every request carries its version",
                "It carries it within the request, not as a message of its own.",
            ),
            (
                "Six, and six: they differ in the first method alone",
                "After `initialize` the client says that it is ready: a message without a reply.",
            ),
        ),
        right=0,
    ),
    Question(
        "replica",
        "Why do four of six searches fail behind the balancer in the handshake era?",
        (
            (
                "The replicas run different versions of the protocol",
                "They are the same program; each would agree on the same version.",
            ),
            (
                "The balancer drops the header with the session's id",
                "It passes it on; the replica that gets it does not know it.",
            ),
            (
                "The session lives in one of the three replicas alone",
                "Every third request finds it. Hence sticky sessions, or statelessness.",
            ),
            (
                "The connection is closed after each of the requests",
                "So it is in the current revision, and all six succeed.",
            ),
        ),
        right=2,
    ),
    Question(
        "state",
        "A request comes with `accept` and a state whose signature is right. What does the server know?",
        (
            ("That a person read the question and agreed to it", "`accept` is what the client says; nobody signed it."),
            (
                "That this call was asked about, not long ago",
                "Name, arguments and time are in the state. It needs no memory for that, at any replica.",
            ),
            (
                "That this call has not been run for it before",
                "The same state works again until it is too old: *once* needs a memory.",
            ),
            ("That nobody on the way has read the arguments", "The state is base64: signed, and open to all."),
        ),
        right=1,
    ),
    Question(
        "headers",
        "Why must a server compare `Mcp-Name` with the name in the body?",
        (
            (
                "Headers may be lost on the way, and the body never is",
                "Lost or not: what matters is that somebody acts on one of them.",
            ),
            (
                "It is faster to route by a header than to read a body",
                "That is why the header exists, not why it is compared.",
            ),
            (
                "The body may be compressed, so that names are unreadable",
                "The server can read it; the gateway does not want to.",
            ),
            (
                "A gateway may allow by the one what runs by the other",
                "Two truths about one request are a way around the policy.",
            ),
        ),
        right=3,
    ),
    Question(
        "audience",
        "A token has a valid signature and has not expired. Why may a server still have to refuse it?",
        (
            (
                "It was made out for another server, which may have kept it",
                "Without the audience, every server that you ever used can be you.",
            ),
            ("It was used before, and a token may be used just once", "It may be used until it expires."),
            ("It was signed by an authorization server, not by this one", "That is whose signature it should carry."),
            (
                "It does not say which tools the user has confirmed",
                "Confirmations are another matter; a token says who asks.",
            ),
        ),
        right=0,
    ),
)


def header_values(rng):
    """Values of a header: plain, encoded, halves of the marks, broken."""
    for value in (
        "",
        "search",
        "=?base64?YQ==?=",
        "=?base64??=",
        "=?base64?",
        "?=",
        "=",
        "=?base64?%?=",
        "=?base64?//8=?=",
    ):
        yield (value,)
    for _ in range(10):
        yield ("".join(rng.choices("=?base64YQ", k=rng.randint(0, 14))),)


def lines_of(rng):
    """Streams with umlauts, nonsense and numbers."""
    for data in (b'{"a": "f\xc3\xbcr"}\n', b"{\n", b"\xff\n", b"[1]\n7\n", b'{"a": 1}\n{"b": 2}\n', b"\n"):
        yield ([data],)


REVIEWS = {
    "bytes": Verdict(
        of="json_lines",
        right=False,
        why="Given bytes, `json.loads` *guesses* the encoding: UTF-8, UTF-16 or UTF-32, with or without a mark. The protocol "
        "says UTF-8. A gateway that reads UTF-8 sees nonsense where your server sees a request, and two readers who disagree "
        "about one message are how filters are passed. Umlauts in UTF-8 do not show it.",
        cases=lines_of,
        witness=([b"{\x00}\x00\n"],),
    ),
    "prefix": Verdict(
        of="from_header",
        right=True,
        why="Right: a slice of a text that is too short is shorter than the mark, and so differs from it; otherwise slice and "
        "mark are compared as before.",
        cases=header_values,
    ),
}
