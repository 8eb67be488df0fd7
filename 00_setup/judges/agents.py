"""What the exercises of `04_rag_and_agents/11_agents` are judged by."""

import json
import time

from judges import Judge, Mistake, Question, Verdict, swap

MODEL = "claude-sonnet-5-5"


def spendings(rng):
    """Limits and calls: each limit alone, several at once, reached exactly, none, and a limit of nothing."""
    small, cached = {"input_tokens": 90, "output_tokens": 10}, {"cache_read_input_tokens": 900, "output_tokens": 10}
    written = {
        "cache_creation_input_tokens": 700,
        "input_tokens": 0,
        "output_tokens": 0,
        "cache_read_input_tokens": None,
    }
    yield {"turns": 3}, [small] * 4, 0
    yield {"tokens": 200}, [small] * 3, 0
    yield {"tokens": 1000}, [small, cached, cached], 0
    yield {"tokens": 1400}, [written, written, written], 0
    yield {"dollars": cost_of(small) * 2}, [small] * 3, 0
    yield {"dollars": cost_of(written) * 1.5}, [written] * 3, 0
    yield {"seconds": 25}, [small] * 4, 10
    yield {"turns": 2, "seconds": 15}, [small] * 3, 10
    yield {"turns": 3, "tokens": 200, "dollars": 0.000001}, [small] * 4, 0
    yield {}, [small] * 3, 100
    yield {"turns": 0}, [small], 0
    yield {"seconds": 0}, [small], 0
    yield {"dollars": 0.0}, [small], 0
    for _ in range(12):
        limits = {"turns": rng.randint(1, 6), "tokens": rng.randint(50, 3000), "dollars": rng.uniform(0, 0.01)}
        kept = {name: limit for name, limit in limits.items() if rng.random() < 0.6}
        calls = [rng.choice([small, cached, written]) for _ in range(5)]
        yield kept, calls, rng.choice([0, 1])


def cost_of(usage):
    """Dollars for a usage, for limits that are met exactly."""
    rates = {"input_tokens": 2, "output_tokens": 10, "cache_creation_input_tokens": 2.5, "cache_read_input_tokens": 0.1}
    return sum((usage.get(part) or 0) * rate for part, rate in rates.items()) / 1e6


def spend(answer, limits, calls, seconds):
    """Make a budget and charge the calls, `seconds` apart: what is exhausted before, between and after."""
    now = [100.0]
    budget = answer(**limits, clock=lambda: now[0])
    now[0] += seconds
    found = [budget.exhausted()]
    for usage in calls:
        now[0] += seconds
        budget.charge(dict(usage), MODEL)
        now[0] += seconds
        found.append(budget.exhausted())
    return found, {name: budget.used[name] for name in ("turns", "tokens", "dollars")}


def runs(rng):
    """Scripts of a model: answers at once, calls, several calls, a failing call, cut off in a call, for ever; limits."""
    text, call = {"type": "text", "text": "I look."}, lambda number, **given: use("double", number, **given)
    yield ["Done."], {}
    yield [[call(1, n=4)], "Done."], {}
    yield [[text, call(1, n=4), call(2, n=5)], [call(3, n=6)], "Done."], {}
    yield [[call(1, n="four")], "Sorry."], {}
    yield [[use("fly", 1)], "Sorry."], {}
    yield [[call(1, n=1)], [call(2, n=2)], [call(3, n=3)], "Done."], {"turns": 2}
    yield [[call(1, n=1)], "Done."], {"turns": 1}
    yield [[call(1, n=1)], "Done."], {"turns": 2}
    yield [[call(n, n=n)] for n in range(9)], {"turns": 4}
    yield [[call(1, n=1)], "Done."], {"turns": 0}
    yield [[{"type": "text", "text": "word " * 200}, call(1, n=1)], "Done."], {}
    yield [[text, call(1, n=10**300)], "Done."], {}
    yield [[call(1, n=1)], "Done."], {"tokens": 30}
    yield [[{"type": "thinking", "thinking": "Hm", "signature": "s"}, call(1, n=1)], "Done."], {"turns": 9}
    for _ in range(8):
        script = [
            [text] * rng.randint(0, 1) + [call(f"{n}{k}", n=k) for k in range(rng.randint(1, 3))]
            for n in range(rng.randint(1, 4))
        ]
        yield [*script, "Done."], rng.choice([{}, {"turns": rng.randint(1, 5)}])


def use(tool, number, **given):
    """A call."""
    return {"type": "tool_use", "id": f"t{number}", "name": tool, "input": given}


def run_loop(answer, said, limits):
    """Run a loop: (messages, why, what each request held, the request afterwards, calls made of the tool)."""
    from built import agents
    from built.llm_api import ask, script
    from built.tool_use import as_tool

    seen, made, request = [], [], ask("Go.", max_tokens=60, system="Be brief.")

    def double(n: int) -> int:
        """Twice n."""
        made.append(n)
        return 2 * n

    def nothing() -> str:
        """Nothing."""

    def policy(given):
        seen.append((given["messages"], [tool["name"] for tool in given.get("tools", [])], given.get("system")))
        if len(seen) > 20:
            raise RuntimeError("the model was called 20 times: nothing ends this run")
        return said[min(len(seen), len(said)) - 1]

    budget = agents.Budget(**limits) if limits else None
    came = answer(script(policy), request, {"double": as_tool(double), "nothing": as_tool(nothing)}, budget)
    return came, seen, request, made, budget and budget.used


def questions(rng):
    """Answers of a router: plain, with capitals and full stops, wordy, wrong, empty, cut off, and a service that is down."""
    routes = {"billing": "invoices", "tech": "errors", "other": "everything else"}
    for said in (["billing"], ["Billing."], [" TECH \n"], ["other..."], ["not billing"], ["billing or tech"], [" . "]):
        yield said, routes, "other"
    yield ["It is billing.", "billing"], routes, "other"
    yield ["hm", "hm"], routes, "tech"
    yield ["hm", "hm", "billing"], routes, "other"
    yield ["b" * 2000, "billing"], routes, "tech"
    yield ["down"], routes, "other"
    yield ["hm", "down"], routes, "other"
    for _ in range(6):
        yield [rng.choice(["tech", "Tech", "billing!", "none"]), rng.choice(["tech", "what?"])], routes, "other"


def run_route(answer, said, routes, default):
    """Route a question: what came, and what the model was asked."""
    from built.llm_api import ApiError, script

    seen = []

    def policy(given):
        told = [m["content"] for m in given["messages"]]
        knows = all(
            name in given.get("system", "") and about in given.get("system", "") for name, about in routes.items()
        )
        seen.append((told[0], "My question" in given.get("system", ""), knows, len(told), "billing" in str(told[-1])))
        reply = said[min(len(seen), len(said)) - 1]
        if reply == "down":
            raise ApiError(529, "busy")
        return reply

    try:
        came = answer(script(policy), "My question", routes, default)
    except ApiError as error:
        came = str(error)
    return came, seen


def plans(rng):
    """Plans: good ones, too long, too short, repeated, no JSON, no texts; workers that fail."""
    fine = json.dumps(["a", "b", "c"])
    yield [fine, "joined"], 5
    yield [json.dumps(["b", "a"]), "joined"], 2
    yield [json.dumps(["a"]), "joined"], 1
    yield ["Here is my plan: a, b", fine, "joined"], 5
    yield [fine, json.dumps(["a", "b"]), "joined"], 2
    yield ["[]", fine, "joined"], 5
    yield [json.dumps(["a", "a"]), fine, "joined"], 5
    yield [json.dumps([1, 2]), fine, "joined"], 5
    yield [json.dumps({"a": 1}), fine, "joined"], 5
    yield ['"a"', fine, "joined"], 5
    yield ["no", "no", "no", "joined"], 5
    yield ["no", "no", fine, "joined"], 5
    yield [json.dumps(["a", "bad", "c"]), "joined"], 5
    yield [json.dumps(["bad"]), "joined"], 5
    yield [json.dumps(["c", "a", "b"]), "joined"], 3


def run_plan(answer, said, most):
    """Orchestrate: what came, what was worked on, and what the model was asked."""
    from built.llm_api import script

    seen, done, busy = [], [], [0, 0]  # busy: workers now, and at most

    def policy(given):
        told = [m["content"] for m in given["messages"]]
        seen.append((given.get("system"), told[0], len(told), len(str(told[-1])) > 8))
        return said[min(len(seen), len(said)) - 1]

    def worker(part):
        done.append(part)
        busy[0] += 1
        busy[1] = max(busy)
        time.sleep(0.03)
        busy[0] -= 1
        if part == "bad":
            raise OSError("no such part")
        return f"{part} is fine"

    try:
        came = answer(script(policy), "Look at all.", worker, most)
    except ValueError:
        came = "ValueError"
    return came, sorted(done), seen, busy[1] > 1


BUDGET = """class Budget:
    def __init__(self, turns=None, tokens=None, dollars=None, seconds=None, clock=time.monotonic):
        self.limits = {"turns": turns, "tokens": tokens, "dollars": dollars, "seconds": seconds}
        self.used = {"turns": 0, "tokens": 0, "dollars": 0.0}
        self.clock, self.began = clock, clock()

    def charge(self, usage, model):
        parts = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        self.used["turns"] += 1
        self.used["tokens"] += sum(usage.get(part) or 0 for part in parts)
        self.used["dollars"] += cost({"input_tokens": 0} | usage, model)

    def exhausted(self):
        used = self.used | {"seconds": self.clock() - self.began}
        over = (name for name, limit in self.limits.items() if limit is not None and used[name] >= limit)
        return next(over, None)
"""
LOOP = """def loop(llm, request, tools, budget=None, seconds=60.0):
    messages, declared = list(request["messages"]), [tool.declared() for tool in tools.values()]
    while True:
        word = budget.exhausted() if budget else None
        if word:
            return messages, f"budget: {word}"
        reply = collect(llm(request | {"messages": list(messages), "tools": declared}))
        if budget:
            budget.charge(reply["usage"], request["model"])
        messages.append({"role": "assistant", "content": reply["content"]})
        if reply["stop_reason"] != "tool_use":
            return messages, reply["stop_reason"]
        try:
            messages.append(answer_calls(tools, messages[-1], seconds))
        except Interrupted as stop:
            return [*messages, stop.answer], "interrupted"
"""
ROUTE = """def route(llm, text, routes, default):
    def read(said):
        name = said.strip(" .\\n\\t").lower()
        if name not in routes:
            raise ValueError(f"Answer with one of these names and nothing else: {', '.join(routes)}")
        return name

    listed = "\\n".join(f"{name}: {about}" for name, about in routes.items())
    try:
        return validated(llm, ask(text, system=f"Which of these fits? Answer with its name.\\n{listed}"), read, attempts=2)
    except (ValueError, Unfinished):
        return default
"""
PLAN = """def orchestrate(llm, task, worker, most=5):
    def read(said):
        parts = json.loads(said)
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            raise ValueError("Answer with a JSON list of texts and nothing else.")
        if not 1 <= len(parts) <= most or len(set(parts)) < len(parts):
            raise ValueError(f"Between 1 and {most} parts, all different, please; you gave {len(parts)}.")
        return parts

    parts = validated(llm, plan_request(task, most), read, attempts=3)
    results = dict(zip(parts, in_parallel(worker, parts)))
    return text_of(collect(llm(join_request(task, results)))), results
"""


EXERCISES = {
    "Budget": Judge(
        cases=spendings,
        drive=spend,
        hints=(
            "Keep the limits and what is used up in two dicts with the same keys, in the order of the specification.",
            "The tokens of a usage stand in four parts; `usage.get(part) or 0` takes care of missing ones and of None.",
            "`limit is not None and used >= limit`. The clock starts in `__init__`.",
        ),
        mistakes={
            "cached-is-free": Mistake(
                "Tokens read from the cache, or written to it, are not counted. They are cheap, and they fill the window.",
                swap(BUDGET, (', "cache_creation_input_tokens", "cache_read_input_tokens")', ")")),
            ),
            "one-too-many": Mistake(
                "A limit that is reached exactly is used up: `>=`. Yours allows one call more.",
                swap(BUDGET, ("used[name] >= limit", "used[name] > limit")),
            ),
            "nothing-is-all": Mistake(
                "A limit of 0 is taken for none. Nothing may be spent, and everything is.",
                swap(BUDGET, ("limit is not None and", "limit and")),
            ),
            "last-call": Mistake(
                "You keep what the last call took, not the sum of all of them.",
                swap(
                    BUDGET,
                    ('self.used["tokens"] += sum', 'self.used["tokens"] = sum'),
                    ('["dollars"] += cost', '["dollars"] = cost'),
                ),
            ),
            "last-reason": Mistake(
                "Several are used up, and you name the last. The order is turns, tokens, dollars, seconds.",
                swap(BUDGET, ("self.limits.items() if", "reversed(self.limits.items()) if")),
            ),
            "late-clock": Mistake(
                "Your clock starts with the first call. The seconds count from the making of the budget.",
                swap(
                    BUDGET,
                    ("self.clock, self.began = clock, clock()", "self.clock, self.began = clock, None"),
                    (
                        '        self.used["turns"] += 1',
                        '        self.began = self.began or self.clock()\n        self.used["turns"] += 1',
                    ),
                    ("self.clock() - self.began}", "self.clock() - (self.began or self.clock())}"),
                ),
            ),
            "own-clock": Mistake(
                "You look at the real clock. The budget was given one: `clock()`, so that nobody has to wait in a test.",
                swap(
                    BUDGET,
                    (
                        "self.clock, self.began = clock, clock()",
                        "self.clock, self.began = time.monotonic, time.monotonic()",
                    ),
                ),
            ),
            "clock-at-charge": Mistake(
                "You look at the clock when a call is charged. A run that waits uses up its time, too.",
                swap(
                    BUDGET,
                    ('"dollars": 0.0}', '"dollars": 0.0, "seconds": 0.0}'),
                    (
                        '        self.used["turns"] += 1',
                        '        self.used["seconds"] = self.clock() - self.began\n        self.used["turns"] += 1',
                    ),
                    ('used = self.used | {"seconds": self.clock() - self.began}', "used = self.used"),
                ),
            ),
        },
        also=(
            """class Budget:
    def __init__(self, turns=None, tokens=None, dollars=None, seconds=None, clock=time.monotonic):
        self.turns, self.tokens, self.dollars, self.seconds = turns, tokens, dollars, seconds
        self.used, self.clock = {"turns": 0, "tokens": 0, "dollars": 0}, clock
        self.deadline = None if seconds is None else clock() + seconds

    def charge(self, usage, model):
        self.used["turns"] += 1
        for name, count in usage.items():
            if name.endswith("_tokens") and count:
                self.used["tokens"] += count
        self.used["dollars"] += cost({"input_tokens": 0} | usage, model)

    def exhausted(self):
        for name in ("turns", "tokens", "dollars"):
            limit = getattr(self, name)
            if limit is not None and not self.used[name] < limit:
                return name
        if self.deadline is not None and self.clock() >= self.deadline:
            return "seconds"
        return None
""",
        ),
    ),
    "loop": Judge(
        cases=runs,
        drive=run_loop,
        seconds=10.0,
        hints=(
            "Work on a list of your own: `messages = list(request['messages'])`. Each request gets a copy of it.",
            "In the loop: budget, call, charge, append, and then the decision by `stop_reason`.",
            "`answer_calls(tools, message)` makes the one message that answers all calls of the reply.",
        ),
        mistakes={
            "half-a-call": Mistake(
                "The reply was cut off by max_tokens, and you go on because there is a call in it. Is it a whole one? The "
                "stop_reason decides.",
                swap(
                    LOOP,
                    (
                        'if reply["stop_reason"] != "tool_use":',
                        'if not any(block["type"] == "tool_use" for block in reply["content"]):',
                    ),
                ),
            ),
            "late-budget": Mistake(
                "You look at the budget after the call. A budget of nothing pays for one call all the same, and a run may end "
                "with calls that nobody answered.",
                """def loop(llm, request, tools, budget=None, seconds=60.0):
    messages, declared = list(request["messages"]), [tool.declared() for tool in tools.values()]
    while True:
        reply = collect(llm(request | {"messages": list(messages), "tools": declared}))
        if budget:
            budget.charge(reply["usage"], request["model"])
        messages.append({"role": "assistant", "content": reply["content"]})
        if reply["stop_reason"] != "tool_use":
            return messages, reply["stop_reason"]
        if budget and budget.exhausted():
            return messages, f"budget: {budget.exhausted()}"
        messages.append(answer_calls(tools, messages[-1], seconds))
""",
            ),
            "no-charge": Mistake(
                "Nothing is ever charged, so the budget never ends.",
                swap(LOOP, ('        if budget:\n            budget.charge(reply["usage"], request["model"])\n', "")),
            ),
            "forgets-itself": Mistake(
                "The results are appended and the reply that asked for them is not: they answer calls that nobody made.",
                """def loop(llm, request, tools, budget=None, seconds=60.0):
    messages, declared = list(request["messages"]), [tool.declared() for tool in tools.values()]
    while True:
        word = budget.exhausted() if budget else None
        if word:
            return messages, f"budget: {word}"
        reply = collect(llm(request | {"messages": list(messages), "tools": declared}))
        if budget:
            budget.charge(reply["usage"], request["model"])
        said = {"role": "assistant", "content": reply["content"]}
        if reply["stop_reason"] != "tool_use":
            return [*messages, said], reply["stop_reason"]
        messages.append(answer_calls(tools, said, seconds))
""",
            ),
            "last-is-free": Mistake(
                "The last reply is not charged. It was paid all the same, and a helper that answers at once would be free.",
                swap(
                    LOOP,
                    ('        if budget:\n            budget.charge(reply["usage"], request["model"])\n', ""),
                    (
                        '            return messages, reply["stop_reason"]\n',
                        '            return messages, reply["stop_reason"]\n        if budget:\n'
                        '            budget.charge(reply["usage"], request["model"])\n',
                    ),
                ),
            ),
            "forgets-fields": Mistake(
                "The system prompt is gone: a request keeps all fields of the one that you were given.",
                swap(
                    LOOP,
                    (
                        'request | {"messages": list(messages), "tools": declared}',
                        '{"model": request["model"], "max_tokens": request["max_tokens"], "messages": list(messages),'
                        ' "tools": declared}',
                    ),
                ),
            ),
            "no-tools": Mistake(
                "The model is never told which tools there are: each request declares them.",
                swap(LOOP, (', "tools": declared', "")),
            ),
            "shared-list": Mistake(
                "All requests hold the same list, and it grows under them. A recording of the first shows the last.",
                swap(LOOP, ('"messages": list(messages), "tools"', '"messages": messages, "tools"')),
            ),
            "spoils-request": Mistake(
                "The caller's request holds the whole run now. The next one would begin with it.",
                swap(LOOP, ('list(request["messages"]), [tool', 'request["messages"], [tool')),
            ),
            "no-last-word": Mistake(
                "The last reply is missing from the conversation: it was the answer.",
                swap(
                    LOOP,
                    (
                        '        messages.append({"role": "assistant", "content": reply["content"]})\n'
                        '        if reply["stop_reason"] != "tool_use":\n            return messages, reply["stop_reason"]\n',
                        '        if reply["stop_reason"] != "tool_use":\n            return messages, reply["stop_reason"]\n'
                        '        messages.append({"role": "assistant", "content": reply["content"]})\n',
                    ),
                ),
            ),
            "always-done": Mistake(
                "However it ended, you say end_turn. The caller has to know that a reply was cut off.",
                swap(LOOP, ('return messages, reply["stop_reason"]', 'return messages, "end_turn"')),
            ),
        },
        also=(
            """def loop(llm, request, tools, budget=None, seconds=60.0):
    said = [*request["messages"]]
    why = None
    while why is None:
        if budget is not None and (used_up := budget.exhausted()):
            why = "budget: " + used_up
            continue
        asked = {**request, "messages": [*said], "tools": [t.declared() for t in tools.values()]}
        reply = collect(llm(asked))
        if budget is not None:
            budget.charge(reply["usage"], asked["model"])
        turn = {"role": "assistant", "content": reply["content"]}
        said += [turn]
        if reply["stop_reason"] == "tool_use":
            try:
                said += [answer_calls(tools, turn, seconds)]
            except Interrupted as stopped:
                said, why = said + [stopped.answer], "interrupted"
        else:
            why = reply["stop_reason"]
    return said, why
""",
        ),
    ),
    "route": Judge(
        cases=questions,
        drive=run_route,
        hints=(
            "Write `read(said)`: it returns a name, or raises a ValueError that lists the names.",
            "`validated(llm, ask(text, system=…), read, attempts=2)` asks, tells what was wrong, and asks again.",
            "Around it: `except (ValueError, Unfinished): return default`. An ApiError is neither.",
        ),
        mistakes={
            "contains": Mistake(
                "`not billing` contains `billing`. The answer has to be the name, not to mention it.",
                swap(
                    ROUTE,
                    (
                        "if name not in routes:",
                        "name = next((known for known in routes if known in name), name)\n        if name not in routes:",
                    ),
                ),
            ),
            "to-the-letter": Mistake(
                "`Billing.` is refused. Capitals, and blanks and full stops at the ends, do not matter.",
                swap(ROUTE, ('said.strip(" .\\n\\t").lower()', "said")),
            ),
            "asked-once": Mistake(
                "A wordy answer goes straight to the default. Say what is wrong and ask once more.",
                swap(ROUTE, ("attempts=2", "attempts=1")),
            ),
            "three-times": Mistake(
                "You ask three times. Once more was agreed: after that it is the default.",
                swap(ROUTE, ("attempts=2", "attempts=3")),
            ),
            "raises": Mistake(
                "No name came, and your caller gets an exception in place of the default.",
                swap(ROUTE, ("except (ValueError, Unfinished):", "except ZeroDivisionError:")),
            ),
            "cut-off-raises": Mistake(
                "A reply that was cut off raises Unfinished, and the default is never reached.",
                swap(ROUTE, ("except (ValueError, Unfinished):", "except ValueError:")),
            ),
            "all-is-well": Mistake(
                "The service is down and everybody goes to the default, without a sound. Only a bad *answer* is a reason.",
                swap(ROUTE, ("except (ValueError, Unfinished):", "except Exception:")),
            ),
            "text-as-order": Mistake(
                "The customer's text stands in the system prompt, where it reads as an order of yours.",
                swap(
                    ROUTE,
                    (
                        'ask(text, system=f"Which of these fits? Answer with its name.\\n{listed}")',
                        'ask(text, system=f"Which of these fits: {text}? Answer with its name.\\n{listed}")',
                    ),
                ),
            ),
            "secret-routes": Mistake(
                "The model has to choose among routes whose descriptions it was never given.",
                swap(ROUTE, ('f"{name}: {about}" for name, about in routes.items()', "name for name in routes")),
            ),
        },
        also=(
            """def route(llm, text, routes, default):
    def choice(words):
        word = words.strip()
        while word[-1:] == "." or word[:1] == ".":
            word = word.strip(".").strip()
        word = word.casefold()
        if word in routes:
            return word
        raise ValueError("There are: " + " ".join(routes) + ". Only the name, please.")

    prompt = ["Choose one and say its name only."] + [f"- {name} ({about})" for name, about in routes.items()]
    try:
        chosen = validated(llm, ask(text) | {"system": "\\n".join(prompt)}, choice, 2)
    except ValueError:
        chosen = default
    except Unfinished:
        chosen = default
    return chosen
""",
        ),
    ),
    "orchestrate": Judge(
        cases=plans,
        drive=run_plan,
        hints=(
            "`read(said)` turns the answer into a list or raises a ValueError that says what is wrong; json.loads raises one.",
            "`in_parallel(worker, parts)` gives the results in the order of the parts, failures as texts.",
            "`dict(zip(parts, results))` goes into `join_request`, and comes back as the second value.",
        ),
        mistakes={
            "no-bound": Mistake(
                "A plan of any length is carried out. The bound in the prompt is a wish; the one in the code holds.",
                swap(PLAN, ("if not 1 <= len(parts) <= most or", "if not 1 <= len(parts) or")),
            ),
            "cut-plan": Mistake(
                "You cut a plan that is too long. The parts that you dropped belonged to the task: say so, and ask again.",
                swap(
                    PLAN,
                    ("if not 1 <= len(parts) <= most or", "parts = parts[:most]\n        if not 1 <= len(parts) or"),
                ),
            ),
            "empty-plan": Mistake(
                "A plan without parts is carried out, and an answer is joined from nothing.",
                swap(PLAN, ("if not 1 <= len(parts) <= most or", "if not len(parts) <= most or")),
            ),
            "twice": Mistake(
                "The same part twice is the same work twice, and the second result replaces the first.",
                swap(PLAN, (" or len(set(parts)) < len(parts)", "")),
            ),
            "anything": Mistake(
                "Parts that are no texts, or no list, go to the workers. Look at what came before you use it.",
                swap(
                    PLAN,
                    (
                        "if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):",
                        "if False:",
                    ),
                ),
            ),
            "one-fails-all": Mistake(
                "One worker failed and took the others' results with it. `in_parallel` turns a failure into a text.",
                swap(PLAN, ("in_parallel(worker, parts)", "map(worker, parts)")),
            ),
            "one-by-one": Mistake(
                "The parts are done one after the other. They are independent: `in_parallel` does them at once.",
                swap(
                    PLAN,
                    ("in_parallel(worker, parts)", "[in_parallel(worker, [part])[0] for part in parts]"),
                ),
            ),
            "no-second-chance": Mistake(
                "The first plan was refused, and nobody told the planner. `validated` with 3 attempts.",
                swap(PLAN, ("attempts=3", "attempts=1")),
            ),
            "no-join": Mistake(
                "The results are there, and the task is not answered yet: the model joins them.",
                swap(PLAN, ("text_of(collect(llm(join_request(task, results))))", '"; ".join(results.values())')),
            ),
            "results-lost": Mistake(
                "The answer alone comes back. Who wants to check it needs the results as well.",
                swap(
                    PLAN,
                    (
                        "text_of(collect(llm(join_request(task, results)))), results",
                        "text_of(collect(llm(join_request(task, results))))",
                    ),
                ),
            ),
        },
        also=(
            """def orchestrate(llm, task, worker, most=5):
    def plan_of(text):
        plan = json.loads(text)
        good = isinstance(plan, list) and all(type(part) is str for part in plan)
        if not good:
            raise ValueError("a list of texts, please")
        if len(plan) > most or not plan:
            raise ValueError(f"1 to {most} parts, please")
        if sorted(set(plan)) != sorted(plan):
            raise ValueError("no part twice, please")
        return plan

    plan = validated(llm, plan_request(task, most), plan_of)
    came = in_parallel(worker, plan)
    results = {part: came[n] for n, part in enumerate(plan)}
    reply = collect(llm(join_request(task, results)))
    return text_of(reply), results
""",
        ),
    ),
}

QUIZ = (
    Question(
        "half",
        "In the widget: after which of the twelve turns is half of the money spent?",
        (
            ("The sixth without a cache, the ninth with one", "It is the other way round: move through both."),
            (
                "The ninth without a cache, the sixth with one",
                "Without a cache the last turns carry everything before them; with one each pays for what it adds.",
            ),
            (
                "The third without a cache, the ninth with it",
                "The third turn is still cheap in both.",
            ),
            (
                "The twelfth in both, since it has the most to read",
                "The last turn is the dearest, but not half of all.",
            ),
        ),
        right=1,
    ),
    Question(
        "stop",
        "A reply holds a call and ended by max_tokens. What should the loop do?",
        (
            ("Make the call, since its block is complete", "It ends, but its arguments may be half of what was meant."),
            (
                "Ask again with the same messages and limit",
                "It would be cut off again at the same place, and paid again.",
            ),
            (
                "Make the call with the arguments that came",
                "Half of the arguments is another call.",
            ),
            (
                "End, and say why: half a call is no call",
                "The caller can raise the limit; a half call cannot be mended.",
            ),
        ),
        right=3,
    ),
    Question(
        "budget",
        "Why is a limit in turns the weakest of the four budgets?",
        (
            ("A turn has no fixed price: it depends on what is read", "Five turns may cost a cent or ten dollars."),
            (
                "A model may answer before its turns are used up",
                "It may; that makes a run shorter, not a turn cheaper.",
            ),
            ("Turns are counted by the model, and it may miscount", "Your loop counts them."),
            ("Turns cannot be counted across a lead and its helpers", "They can: both charge the same budget."),
        ),
        right=0,
    ),
    Question(
        "helpers",
        "The lead's window stayed small with ten helpers. What was paid for that?",
        (
            (
                "Nothing: the same logs were read by the same model",
                "Each helper begins with a cold cache and a request of its own.",
            ),
            (
                "Time alone, since helpers have to wait for each other",
                "More calls and more money; the time may even be less.",
            ),
            (
                "More calls and money, and what helpers left out is lost",
                "A summary is a compression, chosen before the question was known.",
            ),
            (
                "Accuracy alone, since a helper is a weaker model",
                "It was the same kind of model; what it does not report is gone.",
            ),
        ),
        right=2,
    ),
    Question(
        "workflow",
        "Customer questions go to one of three teams. Which is the right shape?",
        (
            (
                "An agent with three tools, one for each of the teams",
                "It would work, with more turns, and it may do something else.",
            ),
            (
                "A router: one call, an exact name, and a default",
                "The graph is known, so draw it. It ends, and it can be tested.",
            ),
            ("A vote of five agents, so that errors cancel out", "They cancel only as far as they are independent."),
            (
                "A lead with three helpers, each with a clean window",
                "There is nothing to read: the question is all there is.",
            ),
        ),
        right=1,
    ),
)


def usages(rng):
    """Usages as the service reports them: whole, with parts missing or None, with others beside them."""
    yield ({"input_tokens": 3, "output_tokens": 9},)
    yield ({"input_tokens": 3, "cache_read_input_tokens": None, "output_tokens": 9},)
    yield ({"input_tokens": 0, "service_tier": "standard", "cache_creation": {"ephemeral_5m_input_tokens": 4}},)
    yield ({},)
    for _ in range(10):
        parts = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        yield ({part: rng.randint(0, 900) for part in parts if rng.random() < 0.8},)


def saying(stop, pieces):
    """A backend that asks for a tool once, in so many pieces of JSON, and ends by `stop`; then it is done."""

    def llm(request):
        first = len(request["messages"]) == 1
        block = {"type": "tool_use", "id": "t1", "name": "look", "input": {}} if first else {"type": "text", "text": ""}
        said = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        usage = {"input_tokens": 5, "output_tokens": 0}
        yield {
            "type": "message_start",
            "message": {"role": "assistant", "content": [], "stop_reason": None, "usage": usage},
        }
        yield {"type": "content_block_start", "index": 0, "content_block": block}
        for delta in said if first else [{"type": "text_delta", "text": "Done."}]:
            yield {"type": "content_block_delta", "index": 0, "delta": delta}
        yield {"type": "content_block_stop", "index": 0}
        yield {
            "type": "message_delta",
            "delta": {"stop_reason": stop if first else "end_turn"},
            "usage": {"output_tokens": 9},
        }
        yield {"type": "message_stop"}

    return llm


GO = {"model": "claude-haiku-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Go."}]}


def cut_calls(rng):
    """A call that is whole, and one that was cut off, in few pieces and in many."""
    yield saying("tool_use", ["{}"]), GO, {}
    yield saying("tool_use", ['{"a"', ": 1}"]), GO, {}
    yield saying("max_tokens", ['{"a"']), GO, {}


REVIEWS = {
    "by-blocks": Verdict(
        of="loop",
        right=False,
        why="A reply that is cut off by max_tokens may hold half a call: its arguments are None, or fewer than were meant. The "
        "label is what says that the call is whole. `Replies with calls always have stop_reason tool_use` is the mistake.",
        cases=cut_calls,
        witness=(saying("max_tokens", ['{"a"']), GO, {}),
    ),
    "by-name": Verdict(
        of="size_of",
        right=True,
        why="Right: in a usage just these three names end in `input_tokens`. (The breakdown by time to live stands a level "
        "deeper, under `cache_creation`.)",
        cases=usages,
    ),
}
