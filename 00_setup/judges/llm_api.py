"""What the exercises of `04_rag_and_agents/01_llm_api` are judged by."""

import json

from judges import Judge, Mistake, Question, Verdict, swap

START = {"type": "message_start", "message": {"id": "m", "role": "assistant", "content": [], "stop_reason": None,
                                              "usage": {"input_tokens": 7, "output_tokens": 0}}}  # fmt: skip
STOP = {"type": "message_stop"}


def begin(index, block):
    """The event that begins a block."""
    return {"type": "content_block_start", "index": index, "content_block": block}


def add(index, **delta):
    """The event that adds to a block."""
    return {"type": "content_block_delta", "index": index, "delta": delta}


def end(index):
    """The event that ends a block."""
    return {"type": "content_block_stop", "index": index}


def done(stop="end_turn", **usage):
    """The event that says why the reply ended and what it took."""
    return {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": usage or {"output_tokens": 3}}


def logs(rng):
    """Replies whole, cut off and broken; blocks one after the other and side by side; kinds that nobody knows."""
    text, tool = {"type": "text", "text": ""}, {"type": "tool_use", "id": "t", "name": "lag", "input": {}}
    words = [begin(0, text), add(0, type="text_delta", text="Hel"), add(0, type="text_delta", text="lo"), end(0)]
    thought = {"type": "thinking", "thinking": "", "signature": ""}
    thinks = [begin(0, thought), add(0, type="thinking_delta", thinking="Hm"), add(0, type="thinking_delta", thinking="m"),
              add(0, type="signature_delta", signature="s1"), end(0)]  # fmt: skip
    pieces = [add(0, type="input_json_delta", partial_json=p) for p in ('{"topic": "or', 'ders", "n": [1', ", 2]}")]
    calls = [begin(0, tool), *pieces, end(0)]
    yield ([START, *words, done(), STOP],)
    yield ([START, *thinks, done(), STOP],)
    yield ([START, *calls, done("tool_use"), STOP],)
    yield ([START, begin(0, tool), end(0), done("tool_use"), STOP],)
    yield ([START, *calls[:3], end(0), done("max_tokens"), STOP],)
    yield ([START, words[0], add(0, type="citations_delta", citation={"url": "x"}), *words[1:], done(), STOP],)
    yield ([START, {"type": "ping"}, *words, {"type": "brand_new", "what": 1}, done(), STOP],)
    yield ([START, *words, done(output_tokens=9, input_tokens=8), STOP],)
    yield ([START, *words[:2]],)
    yield ([START, *words, done()],)
    yield ([],)
    yield ([START, *words[:2], {"type": "error", "error": {"type": "api_error", "message": "overloaded"}}],)
    both = [begin(0, text), begin(1, tool), add(0, type="text_delta", text="I "),
            add(1, type="input_json_delta", partial_json='{"a":'), add(0, type="text_delta", text="ask"), end(0),
            add(1, type="input_json_delta", partial_json=" 1}"), end(1)]  # fmt: skip
    yield ([START, *both, done("tool_use"), STOP],)
    for _ in range(10):
        events = [START]
        for index in range(rng.randint(1, 3)):
            one = json.loads(json.dumps(rng.choice([words, thinks, calls])))
            events += [event | {"index": index} for event in one]
        yield ([*events, done(rng.choice(["end_turn", "max_tokens"]), output_tokens=rng.randint(1, 99)), STOP],)


def streams(rng):
    """Streams in pieces: through characters and line ends, with comments, several lines of data, unfinished ones."""
    whole = (
        'event: a\ndata: {"x": "für 🙂"}\n\n: keep alive\n\ndata: one\ndata:  two\n\nevent: b\n\ndata: c\nid: 7\n\n',
        "event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n",
        "event: a\n: a comment\ndata: 1\n\ndata: unfinished\n",
        "data:no space\n\ndata: \n\ndata\n\nretry: 10\n\n",
        "event: a\ndata: 1\n\ndata: 2\n\n",
        "data: trailing \n\n\n\ndata: ended",
        'data: {"text": "a\u2028b\u0085c"}\n\n',
    )
    for text in whole:
        data = text.encode()
        yield ([data],)
        yield ([data[n : n + 1] for n in range(len(data))],)
        for _ in range(5):
            places = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(1, 12)))
            yield ([data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)],)
    yield ([],)


def read_stream(answer, chunks):
    """Each event with the number of chunks that had been read when it was given out."""
    read = 0

    def source():
        nonlocal read
        for chunk in chunks:
            read += 1
            yield chunk

    return [(kind, data, read) for kind, data in answer(source())]


def budgets(rng):
    """Sequences of calls and retries: saved up to the cap, spent to nothing, earned by exact hundredths."""
    yield 10, 1, ["spend", *["first"] * 10, "spend", "spend"]
    yield 50, 1, ["spend", "spend", "first", "spend", "first", "spend"]
    yield 10, 3, [*["first"] * 50, *["spend"] * 4]
    yield 100, 2, ["spend", "spend", "spend", "first", "spend", "spend"]
    yield 30, 1, ["spend", "first", "first", "first", "spend", "first", "spend"]
    yield 10, 1, ["spend", *["spend"] * 5, *["first"] * 10, "spend"]
    yield 0, 1, []
    yield 10, 0, []
    for _ in range(20):
        yield rng.choice([1, 5, 10, 20, 33, 100]), rng.randint(1, 4), rng.choices(["first", "spend"], [3, 1], k=60)


def use_budget(answer, percent, most, steps):
    """Make a budget and take the steps: what each gives. Another one was made and used up before."""
    other = answer(percent, most)
    for _ in range(most):
        other.spend()
    budget = answer(percent, most)
    return [getattr(budget, step)() for step in steps]


def user(text):
    """A message of the user."""
    return {"role": "user", "content": text}


def turn(rng, number):
    """One turn: a question, perhaps with calls of tools and their answers, and the reply."""
    said = [user("q" * rng.randint(4, 200)) if rng.random() < 0.7 else user([{"type": "text", "text": "q" * 90}])]
    for n in range(rng.randint(0, 2)):
        call = {"type": "tool_use", "id": f"t{number}-{n}", "name": "lag", "input": {"n": n}}
        result = {"type": "tool_result", "tool_use_id": f"t{number}-{n}", "content": "r" * rng.randint(4, 200)}
        note = [{"type": "text", "text": "Hm."}] if rng.random() < 0.3 else []
        said += [{"role": "assistant", "content": [call]}, user([*note, result])]
    return [*said, {"role": "assistant", "content": "a" * rng.randint(4, 100)}]


def histories(rng):
    """Conversations and budgets: all fits, nothing fits, exactly fits, a cut inside a call."""
    size = lambda messages: sum(max(1, len(json.dumps(m, ensure_ascii=False)) // 4) for m in messages)  # noqa: E731
    for number in range(25):
        messages = [message for n in range(rng.randint(1, 5)) for message in turn(rng, n)] + [user("And now?")]
        whole = size(messages)
        exact = size(messages[rng.randrange(len(messages)) :])
        yield messages, rng.choice([whole, whole - 1, whole + 1, exact, exact + 1, rng.randint(11, whole)])
        if number < 3:
            yield messages, 3
    yield [user("Hi")], 100
    yield [user("a" * 400), {"role": "system", "content": "Be brief."}, user("Hi")], 30
    yield [user("a" * 400), user("Hi")], 20


def replies(rng):
    """Answers of a model, one a call, the last repeated; and how many calls are allowed."""
    thought = {"type": "thinking", "thinking": "Hm", "signature": "s"}
    yield ["42"], 3
    yield ["about 42", "42"], 3
    yield ["about 42", "around 42", "42"], 3
    yield ["no"], 3
    yield ["no", "7"], 1
    yield ["no", "no", "7"], 2
    yield [[thought, {"type": "text", "text": "5"}]], 2
    yield [[{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]], 2
    yield [[thought, {"type": "text", "text": "five"}], "5"], 2
    yield ["0"], 3
    yield ["none", "0"], 3
    yield ["a bug", "5"], 3
    yield ["broken", "5"], 3
    yield ["4" * 200, "5"], 3
    yield [[{"type": "tool_use", "id": "t", "name": "count", "input": {}}], "5"], 3
    for _ in range(5):
        yield [*["no idea"] * rng.randint(0, 4), str(rng.randint(0, 99))], rng.randint(1, 5)


def ask_for_number(answer, said, attempts):
    """Ask a scripted model: (what came of it, the messages of each call, the request afterwards)."""
    from built.llm_api import ask, script

    seen, request = [], ask("How many?", max_tokens=12)

    def policy(given):
        seen.append(given["messages"])
        return said[min(len(seen), len(said)) - 1]

    def llm(given):
        for event in script(policy)(given):
            if "broken" in str(said[min(len(seen), len(said)) - 1]) and event["type"] == "message_delta":
                return
            yield event

    def read(text):
        return {}[text] if text == "a bug" else int(text)

    try:
        value = answer(llm, request, read, attempts)
    except Exception as error:  # noqa: BLE001  (the kind of the error is the outcome)
        value = (
            type(error).__name__ if "broken" in str(said) or not isinstance(error, ValueError) else f"refused: {error}"
        )
    return value, seen, request


FOLD = """def collect(events):
    message, pieces = None, {}
    for event in events:
        kind, index = event["type"], event.get("index")
        if kind == "message_start":
            message = json.loads(json.dumps(event["message"]))
        elif kind == "content_block_start":
            message["content"].append(dict(event["content_block"]))
            pieces[index] = ""
        elif kind == "content_block_delta":
            delta, block = event["delta"], message["content"][index]
            if delta["type"] == "input_json_delta":
                pieces[index] += delta["partial_json"]
            elif (part := delta["type"].removesuffix("_delta")) in block:
                block[part] += delta[part]
        elif kind == "content_block_stop" and message["content"][index]["type"] == "tool_use":
            try:
                message["content"][index]["input"] = json.loads(pieces[index] or "{}")
            except ValueError:
                message["content"][index]["input"] = None
        elif kind == "message_delta":
            message |= event["delta"]
            message["usage"] |= event.get("usage", {})
        elif kind == "error":
            raise RuntimeError(event["error"]["message"])
        elif kind == "message_stop":
            return message
    raise ValueError("the stream ended before message_stop: the reply is cut off")
"""

PARSE = """def sse(chunks):
    waiting, kind, data = b"", "message", []
    for chunk in chunks:
        *lines, waiting = (waiting + chunk).split(b"\\n")
        for line in lines:
            name, _, value = line.removesuffix(b"\\r").decode("utf-8").partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                kind = value
            elif name == "data":
                data.append(value)
            elif not name and not value:
                if data:
                    yield kind, "\\n".join(data)
                kind, data = "message", []
"""

BUDGET = """class RetryBudget:
    def __init__(self, percent=10, most=10):
        if percent < 1 or most < 1:
            raise ValueError("at least 1")
        self.percent, self.most = percent, 100 * most
        self.saved = self.most

    def first(self):
        self.saved = min(self.most, self.saved + self.percent)

    def spend(self):
        if self.saved < 100:
            return False
        self.saved -= 100
        return True
"""

RECENT = """def recent(messages, budget):
    for start, message in enumerate(messages):
        answers = any(block["type"] == "tool_result" for block in blocks(message["content"]))
        if message["role"] == "user" and not answers:
            if sum(map(rough_tokens, messages[start:])) <= budget:
                return messages[start:]
    raise ValueError("nothing fits")
"""

ASK = """def validated(llm, request, read, attempts=3):
    messages = list(request["messages"])
    for left in reversed(range(attempts)):
        reply = collect(llm(request | {"messages": list(messages)}))
        if reply["stop_reason"] != "end_turn":
            raise Unfinished(reply["stop_reason"])
        try:
            return read("".join(block["text"] for block in reply["content"] if block["type"] == "text"))
        except ValueError as error:
            if not left:
                raise
            messages += [{"role": "assistant", "content": reply["content"]}, {"role": "user", "content": str(error)}]
"""


EXERCISES = {
    "collect": Judge(
        cases=logs,
        hints=(
            "One `if` for each kind of event. Begin with message_start and message_stop, and let the first example pass.",
            "Keep the pieces of JSON in a dict by `index`, and parse them only at content_block_stop.",
            "`message['usage'] |= event['usage']` keeps the input tokens of message_start.",
            "Return at message_stop. Whoever arrives behind the loop has seen a stream that was cut off.",
        ),
        mistakes={
            "parses-pieces": Mistake(
                'You parse each piece of JSON as it comes. `{"topic": "or` is no JSON; what does the block need before you can?',
                swap(
                    FOLD,
                    (
                        'pieces[index] += delta["partial_json"]',
                        'block["input"] = json.loads(pieces[index] + delta["partial_json"])',
                    ),
                ),
            ),
            "overwrites": Mistake(
                "Only the last piece of each text is left: a delta is added to the block, it does not replace it.",
                swap(FOLD, ("block[part] += delta[part]", "block[part] = delta[part]")),
            ),
            "newest-block": Mistake(
                "You add every delta to the newest block. Two blocks may grow side by side: which one does `index` name?",
                swap(
                    FOLD,
                    ('event["delta"], message["content"][index]', 'event["delta"], message["content"][-1]'),
                    ('pieces[index] += delta["partial_json"]', 'pieces[max(pieces)] += delta["partial_json"]'),
                ),
            ),
            "strict": Mistake(
                "A kind of event that you do not know ends the reply. The service may add kinds at any time: skip them.",
                FOLD.replace(
                    '        elif kind == "message_stop":\n            return message\n',
                    '        elif kind == "message_stop":\n            return message\n'
                    '        elif kind not in ("content_block_stop", "ping"):\n            raise ValueError(kind)\n',
                ),
            ),
            "usage-replaced": Mistake(
                "The input tokens are gone: the usage of message_delta adds to that of message_start, it does not replace it.",
                swap(
                    FOLD,
                    ('message["usage"] |= event.get("usage", {})', 'message["usage"] = dict(event.get("usage", {}))'),
                ),
            ),
            "cut-off": Mistake(
                "The stream broke off and you returned half a reply as if it were whole. Who will notice?",
                swap(
                    FOLD,
                    (
                        'raise ValueError("the stream ended before message_stop: the reply is cut off")',
                        "return message",
                    ),
                ),
            ),
            "error-skipped": Mistake(
                "An `error` event was skipped like a ping. The status of a stream is sent before its errors: this is the "
                "only place where they can be seen.",
                swap(
                    FOLD,
                    ('        elif kind == "error":\n            raise RuntimeError(event["error"]["message"])\n', ""),
                ),
            ),
            "no-input": Mistake(
                "A tool without arguments sends no piece at all, and its input is {}: a call that is whole.",
                swap(FOLD, ('pieces[index] or "{}"', 'pieces[index] or "null"')),
            ),
            "spoils-the-log": Mistake(
                "You write into the events. Whoever reads the log after you, an inspector or a replay, sees your changes.",
                swap(FOLD, ('json.loads(json.dumps(event["message"]))', 'event["message"]')),
            ),
            "text-as-input": Mistake(
                "The input of a tool stays empty, or stays text: its pieces are to be parsed when the block ends.",
                swap(
                    FOLD,
                    (
                        """            try:
                message["content"][index]["input"] = json.loads(pieces[index] or "{}")
            except ValueError:
                message["content"][index]["input"] = None
""",
                        "            pass\n",
                    ),
                ),
            ),
            "half-a-call": Mistake(
                "max_tokens cut the arguments in two, and you give a call without arguments. Somebody will make it.",
                swap(FOLD, ('["input"] = None', '["input"] = {}')),
            ),
            "half-crashes": Mistake(
                "max_tokens cut the arguments in two, and the whole reply is lost with them, its text as well.",
                swap(FOLD, ("except ValueError:", "except ZeroDivisionError:")),
            ),
            "strict-deltas": Mistake(
                "A kind of delta that you do not know ends the reply. New kinds of content are added all the time: skip them.",
                swap(
                    FOLD,
                    (
                        'elif (part := delta["type"].removesuffix("_delta")) in block:\n                block[part] += delta[part]',
                        'else:\n                part = delta["type"].removesuffix("_delta")\n                block[part] += delta[part]',
                    ),
                ),
            ),
        },
        also=(
            """def collect(events):
    message, finished = {}, False
    for event in events:
        match event:
            case {"type": "message_start", "message": first}:
                message = {**first, "content": [], "usage": dict(first.get("usage", {}))}
            case {"type": "content_block_start", "content_block": block}:
                message["content"].append({**block, "_json": []})
            case {"type": "content_block_delta", "index": n, "delta": {"type": kind} as delta}:
                block = message["content"][n]
                if kind == "input_json_delta":
                    block["_json"].append(delta["partial_json"])
                for key in ("text", "thinking", "signature"):
                    if kind == key + "_delta":
                        block[key] = block[key] + delta[key]
            case {"type": "content_block_stop", "index": n}:
                block = message["content"][n]
                parts = "".join(block.pop("_json"))
                if block["type"] == "tool_use":
                    try:
                        block["input"] = json.loads(parts) if parts else {}
                    except json.JSONDecodeError:
                        block["input"] = None
            case {"type": "message_delta", "delta": delta}:
                message.update(delta)
                message["usage"].update(event.get("usage", {}))
            case {"type": "error", "error": error}:
                raise RuntimeError(error["message"])
            case {"type": "message_stop"}:
                finished = True
    if not finished:
        raise ValueError("the stream ended before message_stop: the reply is cut off")
    return message
""",
        ),
    ),
    "sse": Judge(
        cases=streams,
        drive=read_stream,
        hints=(
            "Keep what is left after the last line end, and put the next chunk behind it.",
            "`*lines, waiting = (waiting + chunk).split(b'\\n')` gives the whole lines and the rest.",
            "Decode whole lines only. Then `line.partition(':')` gives the name and the value.",
            "An empty line yields the event, if it has data, and begins a new one: kind and data both.",
        ),
        mistakes={
            "decodes-chunks": Mistake(
                "You decode each chunk by itself, and a cut may go through the middle of a character. What is safe to decode?",
                swap(
                    PARSE,
                    ('kind, data = b"", "message"', 'kind, data = "", "message"'),
                    ('(waiting + chunk).split(b"\\n")', '(waiting + chunk.decode("utf-8")).split("\\n")'),
                    ('line.removesuffix(b"\\r").decode("utf-8")', 'line.removesuffix("\\r")'),
                ),
            ),
            "ignores-halves": Mistake(
                "Characters that were cut in two have vanished: `errors='ignore'` throws away what it could have waited for.",
                swap(
                    PARSE,
                    ('kind, data = b"", "message"', 'kind, data = "", "message"'),
                    ('(waiting + chunk).split(b"\\n")', '(waiting + chunk.decode("utf-8", "ignore")).split("\\n")'),
                    ('line.removesuffix(b"\\r").decode("utf-8")', 'line.removesuffix("\\r")'),
                ),
            ),
            "all-at-once": Mistake(
                "The events are right, and they come when the stream has ended. The reader sits before an empty screen until "
                "then: give out each as soon as it is whole.",
                swap(PARSE, ("for chunk in chunks:", 'for chunk in [b"".join(chunks)]:')),
            ),
            "splitlines": Mistake(
                "`str.splitlines` also cuts at characters such as U+2028, which may stand in the middle of a JSON text. "
                "Only \\n ends a line here.",
                swap(
                    PARSE,
                    (
                        "for line in lines:\n",
                        'for line in [p.encode() for w in lines for p in w.decode("utf-8").splitlines() or [""]]:\n',
                    ),
                ),
            ),
            "chunk-is-lines": Mistake(
                "You take the end of a chunk for the end of a line. A chunk ends where the network pleases: keep the rest.",
                swap(PARSE, ("*lines, waiting = (waiting + chunk)", "lines = chunk")),
            ),
            "last-line-wins": Mistake(
                "Of several lines of data only the last is left. They belong together, joined by a line end.",
                swap(PARSE, ("data.append(value)", "data = [value]")),
            ),
            "joined-bare": Mistake(
                "Lines of data are joined by a line end, not run together.",
                swap(PARSE, ('"\\n".join(data)', '"".join(data)')),
            ),
            "flushes": Mistake(
                "The stream broke off inside an event, and you gave it out all the same. Half an event is none.",
                PARSE + '    if data:\n        yield kind, "\\n".join(data)\n',
            ),
            "strips": Mistake(
                "You strip all blanks of a value. One space after the colon is not part of it; every other one is.",
                swap(PARSE, ('value.removeprefix(" ")', "value.strip()")),
            ),
            "keeps-space": Mistake(
                "The value begins with the space after the colon. One of them is not part of it.",
                swap(PARSE, ('value.removeprefix(" ")', "value")),
            ),
            "kind-sticks": Mistake(
                "An event without a name got the name of the one before. Each begins as `message`.",
                PARSE[: PARSE.rindex("kind, data =")] + "data = []\n",
            ),
            "crlf": Mistake(
                "With \\r\\n at the end of a line the \\r stays in the value, and no line is ever empty.",
                swap(PARSE, ('line.removesuffix(b"\\r").decode', "line.decode")),
            ),
            "empty-events": Mistake(
                "You give out an event without data. Comments and lone names leave nothing to give.",
                swap(
                    PARSE,
                    (
                        "                if data:\n                    yield",
                        "                if True:\n                    yield",
                    ),
                ),
            ),
            "comment-ends": Mistake(
                "A comment in the middle ended your event. It has no name either, but it is not an empty line.",
                swap(PARSE, ("elif not name and not value:", "elif not name:")),
            ),
        },
        also=(
            """def sse(chunks):
    line, kind, data = bytearray(), None, None
    for chunk in chunks:
        for byte in chunk:
            if byte != 10:
                line.append(byte)
                continue
            text = bytes(line).decode()
            line.clear()
            if text.endswith("\\r"):
                text = text[:-1]
            if text == "":
                if data is not None:
                    yield kind or "message", data
                kind = data = None
            elif ":" not in text:
                if text == "data":
                    data = "" if data is None else data + "\\n"
                continue
            else:
                field, value = text.split(":", 1)
                value = value[1:] if value[:1] == " " else value
                if field == "event":
                    kind = value
                if field == "data":
                    data = value if data is None else data + "\\n" + value
""",
        ),
    ),
    "RetryBudget": Judge(
        cases=budgets,
        drive=use_budget,
        hints=(
            "Three methods: `__init__(self, percent=10, most=10)`, `first(self)`, `spend(self)`; one number that is saved.",
            "Count in hundredths, as whole numbers: a retry costs 100, a first call earns `percent`.",
            "`min(…)` in `first` keeps to the cap; `spend` looks before it takes.",
        ),
        mistakes={
            "floats": Mistake(
                "Ten times 0.1 is a hair less than 1 in floating point, so the tenth call has not earned its retry. Which "
                "unit has no rounding?",
                swap(
                    BUDGET,
                    ("self.percent, self.most = percent, 100 * most", "self.percent, self.most = percent / 100, most"),
                    ("if self.saved < 100", "if self.saved < 1"),
                    ("self.saved -= 100", "self.saved -= 1"),
                ),
            ),
            "of-the-class": Mistake(
                "Two budgets share one purse: what you save stands on the class. It belongs to `self`.",
                swap(BUDGET, ("class RetryBudget:\n", "class RetryBudget:\n    purse = None\n\n"))
                .replace(
                    "self.saved = self.most\n\n",
                    "if RetryBudget.purse is None:\n            RetryBudget.purse = self.most\n\n",
                )
                .replace("self.saved", "RetryBudget.purse"),
            ),
            "no-cap": Mistake(
                "Calls save up without end. After a quiet night, how many retries does the morning's outage get?",
                swap(BUDGET, ("min(self.most, self.saved + self.percent)", "self.saved + self.percent")),
            ),
            "begins-empty": Mistake(
                "It begins with nothing saved, so the first failure after a start is never retried. It begins full.",
                swap(BUDGET, ("self.saved = self.most\n\n", "self.saved = 0\n\n")),
            ),
            "overdraws": Mistake(
                "A refused retry is charged as well, and the debt has to be earned back first. Look, then take.",
                swap(
                    BUDGET,
                    (
                        "if self.saved < 100:\n            return False\n        self.saved -= 100\n        return True",
                        "self.saved -= 100\n        return self.saved >= 0",
                    ),
                ),
            ),
            "takes-nothing": Mistake(
                "A retry takes nothing, so the budget never ends.",
                swap(BUDGET, ("        self.saved -= 100\n", "")),
            ),
            "part-of-one": Mistake(
                "You spend what is only partly saved. A retry costs a whole one: 30 hundredths do not pay for it.",
                swap(BUDGET, ("if self.saved < 100", "if self.saved <= 0")),
            ),
            "more-than-one": Mistake(
                "Exactly one saved retry is one. You ask for more than that.",
                swap(BUDGET, ("if self.saved < 100", "if self.saved <= 100")),
            ),
            "unchecked": Mistake(
                "A budget of nothing is accepted, and nobody hears of it. The specification asks for a ValueError.",
                swap(BUDGET, ("percent < 1 or most < 1", "False")),
            ),
        },
        also=(
            """from fractions import Fraction

class RetryBudget:
    def __init__(self, percent=10, most=10):
        if min(percent, most) < 1:
            raise ValueError("a budget needs at least 1 percent and room for 1")
        self.share, self.room, self.purse = Fraction(percent, 100), most, Fraction(most)

    def first(self):
        self.purse += self.share
        if self.purse > self.room:
            self.purse = Fraction(self.room)

    def spend(self):
        enough = self.purse >= 1
        if enough:
            self.purse -= 1
        return enough
""",
        ),
    ),
    "recent": Judge(
        cases=histories,
        hints=(
            "Which places of `messages` may a conversation begin at? List them before you count anything.",
            "`blocks(message['content'])` makes blocks of a plain text, too.",
            "From the earliest such place on: the first whose sum fits is the longest. If none does, raise.",
        ),
        mistakes={
            "any-place": Mistake(
                "It fits, and it begins with the answer to a call that you cut off, or with the assistant. What does "
                "`refusal` say to it?",
                swap(RECENT, ('if message["role"] == "user" and not answers:', "if True:")),
            ),
            "any-user": Mistake(
                "It begins with a message of the user, and that message answers a call which is gone.",
                swap(RECENT, (" and not answers:", ":")),
            ),
            "first-block": Mistake(
                "You look at the first block alone. A result may stand behind a text.",
                swap(
                    RECENT,
                    (
                        'any(block["type"] == "tool_result" for block in blocks(message["content"]))',
                        'blocks(message["content"])[0]["type"] == "tool_result"',
                    ),
                ),
            ),
            "not-the-assistant": Mistake(
                "It does not begin with the assistant, and not with the user either: there is a third role.",
                swap(RECENT, ('message["role"] == "user"', 'message["role"] != "assistant"')),
            ),
            "oldest": Mistake(
                "You keep the beginning and drop the end. Which of the two does the model need to answer?",
                """def recent(messages, budget):
    for stop in range(len(messages), 0, -1):
        if sum(map(rough_tokens, messages[:stop])) <= budget:
            return messages[:stop]
    raise ValueError("nothing fits")
""",
            ),
            "shortest": Mistake(
                "It fits, and more would have fitted: you take the shortest end, not the longest.",
                swap(RECENT, ("enumerate(messages):", "reversed(list(enumerate(messages))):")),
            ),
            "not-quite": Mistake(
                "A history that fills the budget exactly is refused. `at most` includes the number itself.",
                swap(RECENT, ("<= budget", "< budget")),
            ),
            "nothing": Mistake(
                "Nothing fits and you return an empty list. The service will refuse that with words about something else.",
                swap(RECENT, ('raise ValueError("nothing fits")', "return []")),
            ),
            "text-only": Mistake(
                "A content that is a plain text has no blocks to look through. `blocks(…)` takes care of both forms.",
                swap(RECENT, ('blocks(message["content"])', 'message["content"]')),
            ),
            "all-at-once": Mistake(
                "You count the list as one text, commas and all. The specification adds up message by message.",
                swap(RECENT, ("sum(map(rough_tokens, messages[start:]))", "rough_tokens(messages[start:])")),
            ),
        },
        also=(
            """def recent(messages, budget):
    best, spent = None, 0
    for start in reversed(range(len(messages))):
        spent += rough_tokens(messages[start])
        if spent > budget:
            break
        kinds = {block["type"] for block in blocks(messages[start]["content"])}
        if messages[start]["role"] == "user" and "tool_result" not in kinds:
            best = start
    if best is None:
        raise ValueError("nothing fits")
    return list(messages[best:])
""",
        ),
    ),
    "validated": Judge(
        cases=replies,
        drive=ask_for_number,
        hints=(
            "`collect(llm(request))` is one call; the text is in the blocks of type `text`.",
            "`try: return read(text)`, and in `except ValueError as error:` the two messages are added.",
            "`request | {'messages': messages}` asks with your own list and leaves the caller's alone.",
            "After the last allowed call, `raise` passes the error on.",
        ),
        mistakes={
            "same-again": Mistake(
                "You ask the same question again. The model cannot know what was wrong: nobody told it.",
                swap(ASK, ('llm(request | {"messages": list(messages)})', "llm(request)")),
            ),
            "no-answer": Mistake(
                "The complaint is there and the answer it complains of is not. Two messages, in that order.",
                swap(ASK, ('{"role": "assistant", "content": reply["content"]}, ', "")),
            ),
            "same-list": Mistake(
                "Every request holds the same list, so those that were sent already grow with it. Whoever keeps a request, a "
                "log or a recording, sees it change: give each a list of its own.",
                swap(ASK, ('{"messages": list(messages)}', '{"messages": messages}')),
            ),
            "try-again": Mistake(
                "You say that it was wrong, not what was wrong. The words of the ValueError are the message.",
                swap(ASK, ('"content": str(error)', '"content": "Please try again."')),
            ),
            "spoils-request": Mistake(
                "Your messages are in the caller's request now. The next question would begin with this quarrel.",
                swap(ASK, ('list(request["messages"])', 'request["messages"]')),
            ),
            "one-more": Mistake(
                "You make one call more than `attempts` allows. Each is paid.",
                swap(ASK, ("range(attempts)", "range(attempts + 1)")),
            ),
            "gives-none": Mistake(
                "After the last refused answer nothing happens, and the caller gets None. Raise the last ValueError.",
                swap(ASK, ("            if not left:\n                raise\n", "")),
            ),
            "first-block": Mistake(
                "You read the first block alone. It may be a thought, and a text may come in several blocks.",
                swap(
                    ASK,
                    (
                        '"".join(block["text"] for block in reply["content"] if block["type"] == "text")',
                        'reply["content"][0]["text"]',
                    ),
                ),
            ),
            "falsy": Mistake(
                "The answer was 0, and you took it for none. Whatever `read` returns without raising is the answer.",
                swap(
                    ASK,
                    (
                        'return read("".join(block["text"] for block in reply["content"] if block["type"] == "text"))',
                        'value = read("".join(block["text"] for block in reply["content"] if block["type"] == "text"))\n'
                        "            if value:\n                return value\n            raise ValueError('nothing')",
                    ),
                ),
            ),
            "cut-off": Mistake(
                "You read a reply that did not end by itself: cut off by max_tokens, or a call of a tool. Look at "
                "`stop_reason` first.",
                swap(
                    ASK,
                    (
                        '        if reply["stop_reason"] != "end_turn":\n            raise Unfinished(reply["stop_reason"])\n',
                        "",
                    ),
                ),
            ),
            "catches-all": Mistake(
                "A bug in `read` becomes another paid call. Only a ValueError says that the answer was wrong.",
                swap(ASK, ("except ValueError as error:", "except Exception as error:")),
            ),
            "too-much-tried": Mistake(
                "The stream broke, and you ask again as if the answer had been wrong. Keep `collect` outside of the `try`.",
                """def validated(llm, request, read, attempts=3):
    messages, reply = list(request["messages"]), {"content": [{"type": "text", "text": "?"}]}
    for left in reversed(range(attempts)):
        try:
            reply = collect(llm(request | {"messages": list(messages)}))
            if reply["stop_reason"] != "end_turn":
                raise Unfinished(reply["stop_reason"])
            return read("".join(block["text"] for block in reply["content"] if block["type"] == "text"))
        except ValueError as error:
            if not left:
                raise
            messages += [{"role": "assistant", "content": reply["content"]}, {"role": "user", "content": str(error)}]
""",
            ),
            "raw-text": Mistake(
                "You return the text. `read` made a value of it, and that is what was asked for.",
                swap(
                    ASK,
                    (
                        'return read("".join(block["text"] for block in reply["content"] if block["type"] == "text"))',
                        'text = "".join(block["text"] for block in reply["content"] if block["type"] == "text")\n'
                        "            read(text)\n            return text",
                    ),
                ),
            ),
        },
        also=(
            """def validated(llm, request, read, attempts=3):
    asked = {**request, "messages": [*request["messages"]]}
    calls = 0
    while True:
        reply = collect(llm(asked))
        calls += 1
        if (stop := reply["stop_reason"]) != "end_turn":
            raise Unfinished(stop)
        text = ""
        for block in reply["content"]:
            text += block.get("text", "") if block["type"] == "text" else ""
        try:
            value = read(text)
        except ValueError as trouble:
            if calls >= attempts:
                raise
            told = {"role": "user", "content": f"{trouble}"}
            said = {"role": "assistant", "content": reply["content"]}
            asked = {**asked, "messages": [*asked["messages"], said, told]}
        else:
            return value
""",
        ),
    ),
}

QUIZ = (
    Question(
        "earliest",
        "In the inspector: when could you call the tool at the earliest, and where does the cost of the output stand?",
        (
            (
                "At its content_block_start; in message_start",
                "The name is known there, the arguments are not; and nothing is written yet.",
            ),
            (
                "At its first delta; in message_stop",
                "A piece of JSON is not JSON; and message_stop carries nothing at all.",
            ),
            (
                "At its content_block_stop; in message_delta",
                "Only then is the JSON whole, and only at the end is the output counted.",
            ),
            (
                "At message_stop; in its content_block_stop",
                "You need not wait for the whole reply: its block is complete before.",
            ),
        ),
        right=2,
    ),
    Question(
        "storm-waste",
        "In the widget, at a load of 70: up to where does each way recover?",
        (
            (
                "At once below 0.25, jitter below 0.30, the budget always",
                "Jitter moves the cliff a little; the budget sends too few calls to reach it.",
            ),
            (
                "At once below 0.10, jitter always, the budget below 0.40",
                "Move it again: jitter has a cliff as well, and the budget has none.",
            ),
            (
                "All of them below 0.25, in whatever way they retry here",
                "Full jitter still recovers there, and the budget never noticed.",
            ),
            ("All of them always, since an outage of 5 s has an end", "The outage does. What follows it feeds itself."),
        ),
        right=0,
    ),
    Question(
        "retry-stream",
        "A stream breaks off after forty words. Why does `retrying` pass the error on and not try again?",
        (
            (
                "The service would refuse a second call with the same id",
                "There is no id: the service keeps nothing of the first call.",
            ),
            (
                "A new call gives a new answer, and half of one is shown",
                "And it is paid again. The caller alone knows what to do with the half.",
            ),
            (
                "The deadline of a stream has always passed by then",
                "It may be long before; the reason is what has been shown already.",
            ),
            (
                "Errors in the middle of a stream are always the client's",
                "They are mostly the service's: the status was sent long before.",
            ),
        ),
        right=1,
    ),
    Question(
        "clock",
        "A line with the time of day, new each turn, now begins the system prompt. No tools. Which number in `usage` tells you?",
        (
            ("output_tokens rises, since the model speaks of the time", "It may, but the bill grew on the other side."),
            (
                "input_tokens rises by the tokens of the new line alone",
                "The line is small; what it does to everything after it is not.",
            ),
            (
                "None of them, since a cache is invisible to its clients",
                "It is invisible in the answer, and reported in the usage.",
            ),
            (
                "cache_read_input_tokens is 0 where it was thousands",
                "The chain breaks at the first line, and everything after it is new.",
            ),
        ),
        right=3,
    ),
    Question(
        "status",
        "Which of these replies was cut off, although its status is 200?",
        (
            (
                "One whose stop_reason is end_turn and whose text is short",
                "Short and complete: the model had no more to say.",
            ),
            (
                "One whose stop_reason is tool_use and that has no text",
                "Complete: it is your turn, and you answer every call.",
            ),
            (
                "One whose stop_reason is max_tokens and whose text is long",
                "It was cut off by your own limit, in the middle of a sentence.",
            ),
            ("One whose usage says that the whole prompt was cached", "The cache changes the price, never the answer."),
        ),
        right=2,
    ),
)


def bills(rng):
    """Usages with and without a cache, short and long."""
    yield {"input_tokens": 1000, "output_tokens": 10}, "claude-sonnet-5-5"
    yield {"input_tokens": 10, "output_tokens": 10, "cache_read_input_tokens": 5000}, "claude-sonnet-5-5"
    yield {"input_tokens": 200_000, "output_tokens": 10}, "claude-haiku-5-5"
    for _ in range(10):
        parts = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        yield {part: rng.randint(0, 9_000) for part in parts}, "claude-opus-5-5"


REVIEWS = {
    "cached-twice": Verdict(
        of="cost",
        right=False,
        why="In this API `input_tokens` counts only what was neither read from the cache nor written to it: the three add up "
        "to the prompt. Other providers report the cached tokens as a part of the input, which is where the confusion "
        "comes from; here the change gives away what was paid for, and the bill comes all the same.",
        cases=bills,
        witness=({"input_tokens": 1000, "output_tokens": 10, "cache_read_input_tokens": 500}, "claude-sonnet-5-5"),
    ),
    "from-the-end": Verdict(
        of="recent",
        right=True,
        why="Right: every message costs at least one token, so the sums only grow towards the front, and the earliest start "
        "that still fits is the last one noted before the break. A sum for each start reads a long history again and again.",
        cases=histories,
    ),
}
