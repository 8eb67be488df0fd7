"""What the exercises of `00_setup/03_first_taste` are judged by."""

from judges import Judge, Mistake, Question, Verdict

WORDS = "lag offset disk leader replica topic the a is in this flag".split()


def collections(rng):
    """Words and small folders: a word in all, in one, in none; inside another word; twice in one passage."""
    yield "lag", [("a.md", 1, "Lag grows"), ("b.md", 1, "disk full")]
    yield "lag", [("a.md", 1, "lag, lag and lag"), ("b.md", 1, "disk"), ("b.md", 2, "full")]
    yield "is", [("a.md", 1, "this list"), ("b.md", 1, "it is full"), ("c.md", 3, "a disk")]
    yield "the", [("a.md", 1, "The disk"), ("b.md", 1, "the lag")]
    yield "zebra", [("a.md", 1, "Lag grows")]
    for _ in range(40):
        found = [
            (f"{rng.choice('abc')}.md", line, " ".join(rng.choices(WORDS, k=rng.randint(1, 8))))
            for line in range(1, rng.randint(3, 12))
        ]
        yield rng.choice(WORDS), found


def citations(rng):
    """True and false quotations: other spacing and capitals, the wrong place, pieces, nothing at all."""
    found = [
        ("disk.md", 3, "Above 85 it alerts, above 95 it stops."),
        ("disk.md", 5, "Retention frees whole segments."),
        ("lag.md", 5, "At 1.5 times the rate."),
        ("lag.md", 3, "Two million  messages are\tforty seconds."),
    ]
    yield "above 95  it STOPS", "disk.md", 3, found
    yield "above 99", "disk.md", 3, found
    yield "Retention frees whole segments.", "disk.md", 3, found
    yield "Retention frees whole segments.", "lag.md", 5, found
    yield "", "disk.md", 3, found
    yield "  ", "disk.md", 3, found
    yield "million messages\nare forty", "lag.md", 3, found
    yield "alerts", "none.md", 1, found
    yield "stops it 95 above", "disk.md", 3, found
    yield "a bove 85", "disk.md", 3, found
    yield "1 5 times", "lag.md", 5, found
    yield "etention frees", "disk.md", 5, found
    yield "Above85", "disk.md", 3, found
    for _ in range(40):
        file, line, text = rng.choice(found)
        words = text.split()
        start = rng.randrange(len(words))
        quote = (" " * rng.randint(1, 3)).join(words[start : start + rng.randint(1, 4)])
        place = rng.choice(found)
        yield rng.choice([quote, quote.upper()]), *rng.choice([(file, line), place[:2]]), found


def requests(rng):
    """Calls that work, calls of a tool that does not exist, with wrong arguments, and ones that fail inside."""
    yield ({"type": "tool_use", "id": "t1", "name": "fly", "input": {}},)
    yield ({"type": "tool_use", "id": "t2", "name": "read_passage", "input": {"place": "late-data.md:3"}},)
    yield ({"type": "tool_use", "id": "t3", "name": "read_passage", "input": {"place": "late-data.md:99"}},)
    yield ({"type": "tool_use", "id": "t4", "name": "read_passage", "input": {"where": "late-data.md:3"}},)
    for n, question in enumerate(["disk", "lag", "zebra", "unclean election", "duplicate events"]):
        yield ({"type": "tool_use", "id": f"q{n}", "name": "search_runbooks", "input": {"question": question}},)


def messages(rng):
    """Requests with text and number ids, zero among them, unknown methods, and notifications known and unknown."""
    for number in (7, "abc", 0, ""):
        yield ({"jsonrpc": "2.0", "id": number, "method": "no/such"},)
        yield ({"jsonrpc": "2.0", "id": number, "method": "server/discover"},)
    yield ({"jsonrpc": "2.0", "method": "notifications/cancelled"},)
    yield ({"jsonrpc": "2.0", "method": "tools/list", "params": {}},)
    yield ({"jsonrpc": "2.0", "id": 3, "method": "tools/list", "params": {}},)
    call = {"name": "read_passage", "arguments": {"place": "late-data.md:3"}}
    yield ({"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": call},)
    yield ({"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": call | {"name": "fly"}},)
    yield ({"jsonrpc": "2.0", "id": 6, "method": "tools/call", "params": {}},)


QUOTED = "def quoted(quote, file, line, found):\n    squeeze = lambda text: ' '.join(text.lower().split())\n"
CALL = "def call_tool(request):\n"
HANDLE = "def handle(message):\n"
ANSWER = (
    "    method = METHODS.get(message['method'])\n    if method is None:\n"
    "        return reply | {'error': {'code': -32601, 'message': f\"Method not found: {message['method']}\"}}\n"
)
PACK = "    return {'type': 'tool_result', 'tool_use_id': request['id'], 'content': content, 'is_error': failed}"

EXERCISES = {
    "rarity": Judge(
        cases=collections,
        hints=(
            "Count the passages whose set of words, `tokens(text)`, contains the word. That is n.",
            "`math.log(len(found) / n)`. What if n is 0?",
        ),
        mistakes={
            "upside-down": Mistake(
                "Negative: you divide n by N. Rare words should weigh more, and none should weigh less than nothing.",
                "def rarity(word, found):\n    n = sum(word in tokens(t) for _, _, t in found)\n"
                "    return math.log(n / len(found)) if n else 0.0",
            ),
            "substring": Mistake(
                "You look for the letters, not for the word: `is` stands inside `this`. Use `tokens(text)`.",
                "def rarity(word, found):\n    n = sum(word in t.lower() for _, _, t in found)\n"
                "    return math.log(len(found) / n) if n else 0.0",
            ),
            "log2": Mistake(
                "The right idea with another logarithm: this one is natural, `math.log`.",
                "def rarity(word, found):\n    n = sum(word in tokens(t) for _, _, t in found)\n"
                "    return math.log2(len(found) / n) if n else 0.0",
            ),
            "occurrences": Mistake(
                "You count how often the word occurs. A passage that repeats it is still one passage.",
                "def rarity(word, found):\n    n = sum(re.findall(r'[a-z0-9]+', t.lower()).count(word) for _, _, t in found)\n"
                "    return math.log(len(found) / n) if n else 0.0",
            ),
            "no-log": Mistake(
                "N / n without the logarithm: a word that is everywhere weighs 1, and should weigh nothing.",
                "def rarity(word, found):\n    n = sum(word in tokens(t) for _, _, t in found)\n"
                "    return len(found) / n if n else 0.0",
            ),
            "capitals": Mistake(
                "`The` and `the` are two words for you. `tokens` puts everything in lower case.",
                "def rarity(word, found):\n    n = sum(word in re.findall(r'[a-zA-Z0-9]+', t) for _, _, t in found)\n"
                "    return math.log(len(found) / n) if n else 0.0",
            ),
            "smoothed": Mistake(
                "You add one to keep from dividing by zero; that changes every weight. Treat the missing word by itself.",
                "def rarity(word, found):\n    n = sum(word in tokens(t) for _, _, t in found)\n"
                "    return math.log(len(found) / (1 + n))",
            ),
        },
        also=(
            "def rarity(word, found):\n    containing = [text for _, _, text in found if {word} <= tokens(text)]\n"
            "    return math.log(len(found)) - math.log(len(containing)) if containing else 0.0",
        ),
    ),
    "quoted": Judge(
        cases=citations,
        hints=(
            "Find the passage whose file *and* line are the ones cited; then look for the quote in its text.",
            "`' '.join(text.lower().split())` makes all white space single spaces. Do it to both sides.",
            "An empty string stands in every string. Refuse it first.",
        ),
        mistakes={
            "anywhere": Mistake(
                "The words stand somewhere in the folder, and you accept the citation although it names another place.",
                QUOTED + "    return bool(quote.split()) and any(squeeze(quote) in squeeze(t) for _, _, t in found)",
            ),
            "any-line": Mistake(
                "Right file, wrong line: you look at the file only. A citation names both.",
                QUOTED
                + "    return bool(quote.split()) and any(squeeze(quote) in squeeze(t) for f, _, t in found if f == file)",
            ),
            "empty": Mistake(
                "An empty quote passes. The empty string stands in every text: is it a quotation?",
                QUOTED + "    return any(squeeze(quote) in squeeze(t) for f, n, t in found if (f, n) == (file, line))",
            ),
            "to-the-letter": Mistake(
                "You compare letter by letter. A quotation that was wrapped differently or set in capitals is the same one.",
                QUOTED
                + "    return bool(quote.split()) and any(quote in t for f, n, t in found if (f, n) == (file, line))",
            ),
            "capitals-only": Mistake(
                "Capitals are taken care of, white space is not: a quotation that was wrapped elsewhere is the same one.",
                QUOTED + "    return bool(quote.split()) and any(quote.lower() in t.lower()"
                " for f, n, t in found if (f, n) == (file, line))",
            ),
            "no-spaces": Mistake(
                "Without any white space `a bove` and `above` are the same. Squeeze it to single spaces; do not delete it.",
                QUOTED + "    bare = lambda text: ''.join(text.lower().split())\n"
                "    return bool(quote.split()) and any(bare(quote) in bare(t) for f, n, t in found if (f, n) == (file, line))",
            ),
            "blank": Mistake(
                "A quote of nothing but blanks passes: it is not empty, and still nobody said anything.",
                QUOTED
                + "    return bool(quote) and any(squeeze(quote) in squeeze(t) for f, n, t in found if (f, n) == (file, line))",
            ),
            "bag-of-words": Mistake(
                "You compare words, not text: in another order they say the opposite, and a full stop makes another word of the last one.",
                QUOTED + "    return bool(quote.split()) and any(set(squeeze(quote).split()) <= set(squeeze(t).split())"
                " for f, n, t in found if (f, n) == (file, line))",
            ),
        },
        also=(
            "def quoted(quote, file, line, found):\n    pattern = r'\\s+'.join(map(re.escape, quote.split()))\n"
            "    texts = [t for f, n, t in found if f == file and n == line]\n"
            "    return bool(pattern) and any(re.search(pattern, t, re.IGNORECASE) is not None for t in texts)",
        ),
    ),
    "call_tool": Judge(
        cases=requests,
        hints=(
            "`TOOLS[request['name']](**request['input'])` does the work. What can go wrong in that line?",
            "Put lookup and call inside one `try`, and catch `Exception`.",
            "`f'{type(error).__name__}: {error}'` is the content of a failure; `tool_use_id` is the id that was asked.",
        ),
        mistakes={
            "crash": Mistake(
                "A failing tool takes your loop down. The error should go back to the model, as data.",
                CALL + "    content, failed = str(TOOLS[request['name']](**request['input'])), False\n" + PACK,
            ),
            "lookup-outside": Mistake(
                "Tools that fail are handled, but one that does not exist still crashes: the lookup is outside your `try`.",
                CALL
                + "    tool = TOOLS[request['name']]\n    try:\n        content, failed = str(tool(**request['input'])), False\n"
                "    except Exception as error:\n        content, failed = f'{type(error).__name__}: {error}', True\n"
                + PACK,
            ),
            "unmarked": Mistake(
                "The failure comes back as if it were a result: `is_error` is False. The model will quote it.",
                CALL
                + "    failed = False\n    try:\n        content = str(TOOLS[request['name']](**request['input']))\n"
                "    except Exception as error:\n        content = f'{type(error).__name__}: {error}'\n" + PACK,
            ),
            "no-kind": Mistake(
                "The message alone: `'fly'`. Without the kind of error nobody can tell what went wrong.",
                CALL + "    try:\n        content, failed = str(TOOLS[request['name']](**request['input'])), False\n"
                "    except Exception as error:\n        content, failed = str(error), True\n" + PACK,
            ),
            "name-as-id": Mistake(
                "You answer with the tool's name where the id belongs. Two calls of one tool could not be told apart.",
                CALL + "    try:\n        content, failed = str(TOOLS[request['name']](**request['input'])), False\n"
                "    except Exception as error:\n        content, failed = f'{type(error).__name__}: {error}', True\n"
                + PACK.replace("request['id']", "request['name']"),
            ),
        },
        also=(
            CALL + "    answer = {'type': 'tool_result', 'tool_use_id': request['id']}\n    try:\n"
            "        tool = TOOLS[request['name']]\n        answer['content'] = f\"{tool(**request['input'])}\"\n"
            "        answer['is_error'] = False\n    except Exception as problem:\n"
            "        answer['content'] = type(problem).__name__ + ': ' + str(problem)\n        answer['is_error'] = True\n"
            "    return answer",
        ),
    ),
    "handle": Judge(
        cases=messages,
        hints=(
            "First the notification: is there an `id` in the message at all? If not, return None.",
            "`METHODS.get(message['method'])` is None for an unknown method: answer with code −32601.",
            "Otherwise call it with `message.get('params', {})` and add `resultType` with `|`.",
        ),
        mistakes={
            "falsy-id": Mistake(
                "A request with id 0 gets no answer. Zero is an id; *absent* is what makes a notification.",
                HANDLE + "    if not message.get('id'):\n        return None\n"
                "    reply = {'jsonrpc': '2.0', 'id': message['id']}\n"
                + ANSWER
                + "    return reply | {'result': method(message.get('params', {})) | {'resultType': 'complete'}}",
            ),
            "answers-notifications": Mistake(
                "You answer a notification. Nobody is waiting for it, and the stray line will be taken for another's reply.",
                HANDLE
                + "    reply = {'jsonrpc': '2.0', 'id': message.get('id')}\n"
                + ANSWER
                + "    return reply | {'result': method(message.get('params', {})) | {'resultType': 'complete'}}",
            ),
            "notification-late": Mistake(
                "An unknown notification gets an error. It has no id, so there is nobody to answer: look for the id first.",
                HANDLE
                + "    reply = {'jsonrpc': '2.0', 'id': message.get('id')}\n"
                + ANSWER
                + "    if 'id' not in message:\n        return None\n"
                "    return reply | {'result': method(message.get('params', {})) | {'resultType': 'complete'}}",
            ),
            "swallows": Mistake(
                "Your `except KeyError` also catches what the method raises itself, and a tool without a name becomes "
                "`Method not found: tools/call`. Guard the look-up alone.",
                HANDLE
                + "    if 'id' not in message:\n        return None\n    reply = {'jsonrpc': '2.0', 'id': message['id']}\n"
                "    try:\n        result = METHODS[message['method']](message.get('params', {}))\n    except KeyError:\n"
                "        return reply | {'error': {'code': -32601, 'message': f\"Method not found: {message['method']}\"}}\n"
                "    return reply | {'result': result | {'resultType': 'complete'}}",
            ),
            "type-outside": Mistake(
                "`resultType` belongs inside `result`, beside what the method returned.",
                HANDLE + "    if 'id' not in message:\n        return None\n"
                "    reply = {'jsonrpc': '2.0', 'id': message['id']}\n"
                + ANSWER
                + "    return reply | {'result': method(message.get('params', {})), 'resultType': 'complete'}",
            ),
            "unknown-crash": Mistake(
                "An unknown method raises a KeyError and takes the server down with all its clients.",
                HANDLE + "    if 'id' not in message:\n        return None\n"
                "    reply = {'jsonrpc': '2.0', 'id': message['id']}\n"
                "    return reply | {'result': METHODS[message['method']](message.get('params', {})) | {'resultType': 'complete'}}",
            ),
            "no-type": Mistake(
                "The result lacks `resultType`. A client of this revision cannot tell whether you need more input.",
                HANDLE + "    if 'id' not in message:\n        return None\n"
                "    reply = {'jsonrpc': '2.0', 'id': message['id']}\n"
                + ANSWER
                + "    return reply | {'result': method(message.get('params', {}))}",
            ),
            "params-required": Mistake(
                "A request without `params` fails. They may be left out, and `server/discover` has none to give.",
                HANDLE + "    if 'id' not in message:\n        return None\n"
                "    reply = {'jsonrpc': '2.0', 'id': message['id']}\n"
                + ANSWER
                + "    return reply | {'result': method(message['params']) | {'resultType': 'complete'}}",
            ),
        },
        also=(
            HANDLE
            + "    try:\n        reply = {'jsonrpc': '2.0', 'id': message['id']}\n    except KeyError:\n        return None\n"
            "    name = message['method']\n    if name not in METHODS:\n"
            "        return {**reply, 'error': {'code': -32601, 'message': 'Method not found: ' + name}}\n"
            "    return {**reply, 'result': {**METHODS[name](message.get('params') or {}), 'resultType': 'complete'}}",
        ),
    ),
}

QUIZ = (
    Question(
        "slow-reader",
        "`slow reader`: how many passages come back, although a whole runbook is about it?",
        (
            (
                "None: it says `consumer` and `lag`, and never those two",
                "Search by words finds words; `Readers` is another one, too.",
            ),
            ("Two: the headings hold `slow`, so that index finds them", "Type it in: neither index has anything."),
            ("Five: each paragraph of that runbook comes in once", "That would take a search by meaning."),
            ("Eight: `slow` is rare, so all its passages score high", "Rare enough: it does not occur at all."),
        ),
        right=0,
    ),
    Question(
        "state",
        "Who remembers the conversation between two calls of the model?",
        (
            ("The service, in a session under your key", "The service keeps nothing between calls; you resend it all."),
            ("Your loop, which resends all of it each time", "Hence the growing bill, and prompt caches."),
            ("The model, in weights updated after each call", "Weights do not change when a model is used."),
            ("The tools, through the ids of their results", "Ids pair a result with its request, no more."),
        ),
        right=1,
    ),
    Question(
        "moved",
        "The file had been moved, and the agent answered about something else. Which part failed?",
        (
            ("The tool, since it raised an error at all", "A missing file should be an error; it was reported well."),
            (
                "The loop, since it should have stopped there",
                "Going on after a failed tool is what makes agents useful.",
            ),
            (
                "None did its job badly; nobody judged the whole",
                "Each part worked. Only an evaluation sees the answer.",
            ),
            ("The model, since it read a second passage", "Trying the next best place is a sensible rule."),
        ),
        right=2,
    ),
    Question(
        "stateless",
        "What does a client of the current MCP revision send with every request?",
        (
            (
                "A session id that the server has given out",
                "That was the handshake era; a second replica did not know it.",
            ),
            ("Its version and capabilities, in `_meta`", "So any replica can answer any request."),
            ("The list of the tools that it may call", "The server lists the tools; the client picks one."),
            ("The whole conversation, as for a model", "MCP carries calls of tools; the conversation stays with you."),
        ),
        right=1,
    ),
)

REVIEWS = {
    "falsy-id": Verdict(
        of="handle",
        right=False,
        why="Zero and the empty string are ids too, and JSON-RPC libraries like to count from zero: the first request of "
        "such a client would never be answered. Absent and falsy are different things. (A null id is forbidden in MCP.)",
        cases=messages,
        witness=({"jsonrpc": "2.0", "id": 0, "method": "no/such"},),
    ),
}
