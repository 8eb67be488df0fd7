"""What 13_mcp built: every client with every server in both eras over both transports, and peers that mean no good.

A property names its law.
"""

import asyncio
import copy
import http.client
import itertools
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import jwt
import notebook
import pytest
from built import agents, mcp
from built import tool_use as tools
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp import Client, StdioServerParameters, stdio_client

# --- the matrix ---------------------------------------------------------------------------------------

SETUP = str(notebook.ROOT / "00_setup")
OUR_SERVER = (
    "import sys, time; from pathlib import Path\n"
    "from built import mcp\n"
    "def add(a: int, b: int) -> str:\n    'Add two numbers.'\n    return str(a + b)\n"
    "def boom(msg: str) -> str:\n    'Fail.'\n    raise ValueError(msg)\n"
    "server = mcp.McpServer('ours', {'add': mcp.as_tool(add), 'boom': mcp.as_tool(boom)},\n"
    "    {'greeting://Ada': ('a greeting', lambda: 'Hello, Ada!')},\n"
    "    {'review': lambda code: f'Please review:\\n{code}'})\n"
    "if len(sys.argv) > 1:\n"
    "    with mcp.serving_http(mcp.McpHandler, mcp=server, gate=lambda headers: None) as port:\n"
    "        print(port, flush=True); time.sleep(120)\n"
    "else:\n    mcp.serve_stdio(server)\n"
)
THEIR_SERVER = (
    "import sys, socket\n"
    "from mcp.server import MCPServer\n"
    "server = MCPServer('theirs')\n"
    "@server.tool()\ndef add(a: int, b: int) -> str:\n    'Add two numbers.'\n    return str(a + b)\n"
    "@server.tool()\ndef boom(msg: str) -> str:\n    'Fail.'\n    raise ValueError(msg)\n"
    "@server.resource('greeting://Ada')\ndef greeting() -> str:\n    'a greeting'\n    return 'Hello, Ada!'\n"
    "@server.prompt()\ndef review(code: str) -> str:\n    'Review.'\n    return f'Please review:\\n{code}'\n"
    "if len(sys.argv) > 1:\n"
    "    with socket.create_server(('127.0.0.1', 0)) as free: port = free.getsockname()[1]\n"
    "    print(port, flush=True)\n"
    "    server.run(transport='streamable-http', host='127.0.0.1', port=port)\n"
    "else:\n    server.run(transport='stdio')\n"
)
SERVERS = {"ours": OUR_SERVER, "theirs": THEIR_SERVER}


@contextmanager
def over_port(program):
    """A server on HTTP in a process of its own; gives its URL once it answers."""
    env = os.environ | {"PYTHONPATH": SETUP}
    process = subprocess.Popen(
        [sys.executable, "-c", program, "http"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
    )
    try:
        port = int(process.stdout.readline())
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def our_client(server, transport, era):
    """Our client, connected to a server."""
    if transport == "stdio":
        with mcp.connected([sys.executable, "-c", SERVERS[server]], era) as (client, _):
            yield client
    else:
        with over_port(SERVERS[server]) as url:
            yield mcp.at(url, era)


def used_by_us(server, transport, era):
    """What our client makes of a server."""
    with our_client(server, transport, era) as client:
        boom = client.request("tools/call", name="boom", arguments={"msg": "x"})
        found = [
            client.version,
            client.server["name"],
            [tool["name"] for tool in client.request("tools/list")["tools"]],
            client.request("tools/call", name="add", arguments={"a": 2, "b": 40})["content"][0]["text"],
            boom["isError"],
            client.request("resources/read", uri="greeting://Ada")["contents"][0]["text"],
            client.request("prompts/get", name="review", arguments={"code": "x"})["messages"][0]["content"]["text"],
        ]
        with pytest.raises(mcp.RpcError) as caught:
            client.request("no/such")
        assert caught.value.code == -32601
        return found


def used_by_them(server, transport, era):
    """What the official client makes of a server."""

    async def use(target):
        async with Client(target, mode="legacy" if era == "handshake" else "auto") as client:
            return [
                client.protocol_version,
                client.server_info.name if client.server_info else None,
                [tool.name for tool in (await client.list_tools()).tools],
                (await client.call_tool("add", {"a": 2, "b": 40})).content[0].text,
                (await client.call_tool("boom", {"msg": "x"})).is_error,
                (await client.read_resource("greeting://Ada")).contents[0].text,
                (await client.get_prompt("review", {"code": "x"})).messages[0].content.text,
            ]

    if transport == "stdio":
        env = os.environ | {"PYTHONPATH": SETUP}
        command = StdioServerParameters(command=sys.executable, args=["-c", SERVERS[server]], env=env)
        return asyncio.run(use(stdio_client(command, errlog=subprocess.DEVNULL)))
    with over_port(SERVERS[server]) as url:
        return asyncio.run(use(url))


@pytest.mark.parametrize("era", ["current", "handshake"])
@pytest.mark.parametrize("transport", ["stdio", "http"])
@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("use", [used_by_us, used_by_them], ids=["our-client", "their-client"])
def test_every_client_uses_every_server_in_both_eras_over_both_transports(use, server, transport, era):
    version = mcp.CURRENT if era == "current" else mcp.HANDSHAKE[-1]
    expected = [version, server, ["add", "boom"], "42", True, "Hello, Ada!", "Please review:\nx"]
    assert use(server, transport, era) == expected


def test_auto_finds_the_era_of_a_server_that_knows_the_handshake_alone():
    old = OUR_SERVER.replace("if len(sys.argv) > 1:", "mcp.methods().pop('server/discover')\nif len(sys.argv) > 1:")
    with mcp.connected([sys.executable, "-c", old], "auto") as (client, _):
        assert client.version == mcp.HANDSHAKE[-1]
        assert client.request("tools/call", name="add", arguments={"a": 1, "b": 1})["content"][0]["text"] == "2"
    with pytest.raises(mcp.RpcError), mcp.connected([sys.executable, "-c", old], "current"):
        pass


# --- hostile and dying peers --------------------------------------------------------------------------


JUNK = [None, True, 0, -1, 1.5, "", "x" * 2000, [], {}, [[]], {"a": {"b": []}}, "server/discover", "tools/call", "ü🙂"]


def mutated(rng):
    """A message as no client should send it: a good one with parts replaced, removed, nested or of other types."""
    method = rng.choice([*mcp.methods(), "no/such", "notifications/x"])
    given = {"name": "search", "uri": "library://late-data.md", "arguments": {"words": "lag"}}
    message = mcp.call_of(method, rng.choice([1, "a"]), **given)
    for _ in range(rng.randint(1, 4)):
        place = message
        while rng.random() < 0.6 and (
            inner := [value for value in place.values() if isinstance(value, dict) and value]
        ):
            place = rng.choice(inner)
        key = rng.choice([*place, "extra"])
        if rng.random() < 0.3:
            place.pop(key, None)
        else:
            place[key] = copy.deepcopy(rng.choice(JUNK))
    return message


def test_no_message_ends_the_server_or_goes_unanswered(full):
    """Whatever comes, there is one reply in the protocol's form, or none for a notification; over HTTP as well."""
    rng, server = random.Random(0), mcp.demo()
    wanted = 0
    for _ in range(50_000 if full else 1_500):
        message = mutated(rng)
        before = copy.deepcopy(message)
        reply = mcp.answer(server, message)
        assert message == before
        if "id" not in message:
            assert reply is None
            continue
        wanted += 1
        assert reply["jsonrpc"] == "2.0"
        assert ("result" in reply) != ("error" in reply)
        if "error" in reply:
            assert isinstance(reply["error"]["code"], int)
            assert isinstance(reply["error"]["message"], str)
        json.dumps(reply)
        headers = mcp.headers_for(message) if plain_enough(message) else {}
        status, _, body = mcp.over_http(server, headers, json.dumps(message).encode())
        assert status in (200, 202, 400, 404)
        assert not body or json.loads(body)["jsonrpc"] == "2.0"
    assert wanted > 500


def plain_enough(message):
    """Can a client make headers for this message at all?"""
    params = message.get("params", {})
    if not isinstance(message.get("method"), str) or not isinstance(params, dict):
        return False
    names = [params.get(key) for key in ("name", "uri")]
    return isinstance(params.get("_meta", {}), dict) and all(isinstance(name, str) for name in names)


@given(st.lists(st.binary(max_size=60), max_size=12), st.integers(8, 40))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_messages_or_numbers_however_they_are_cut(chunks, most):
    whole = list(mcp.json_lines([b"".join(chunks)], most))
    assert list(mcp.json_lines(chunks, most)) == whole
    assert all(isinstance(found, dict) or found in (-32700, -32600) for found in whole)
    assert list(mcp.json_lines([b"".join(chunks) + b'\n{"a":1}\n'], most))[-1] == {"a": 1}


def test_a_line_without_an_end_costs_bounded_memory():
    tracemalloc.start()
    chunk = b"x" * 65_536
    found = list(mcp.json_lines((chunk for _ in range(2000)), 1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [-32700]
    assert peak < 20_000_000


def test_peers_that_are_silent_die_or_babble_cost_no_more_than_their_deadline():
    began = time.monotonic()
    assert mcp.meet(mcp.PEERS["silent"], 0.5)[0] == "TimeoutError: ping: no reply within 0.5 s"
    assert mcp.meet(mcp.PEERS["dies"]) == ("ConnectionError: the server is gone", 3)
    assert mcp.meet(mcp.PEERS["babbles"], 5.0)[0] == "{'fine': True}"
    assert mcp.meet(mcp.PEERS["mistaken"], 5.0)[0] == "RpcError: malformed reply"
    assert time.monotonic() - began < 10


def test_a_request_waits_ten_seconds_unless_told_otherwise():
    class Waiting(mcp.Pending):
        def open(self):
            return 1, self

        def result(self, seconds):
            return seconds

    pipe = type("Still", (), {"pending": Waiting(), "send": lambda self, message: None})()
    assert mcp.ask_over(pipe, "ping", {}) == 10.0
    assert mcp.ask_over(pipe, "ping", {}, 0.5) == 0.5


def test_a_late_reply_reaches_nobody_and_the_server_is_told():
    program = (
        "import sys, json, time\nfirst = json.loads(sys.stdin.readline()); time.sleep(0.6)\n"
        "print(json.dumps({'jsonrpc': '2.0', 'id': first['id'], 'result': {'late': 1}}), flush=True)\n"
        "notice = json.loads(sys.stdin.readline()); second = json.loads(sys.stdin.readline())\n"
        "print(json.dumps({'jsonrpc': '2.0', 'id': second['id'], 'result': notice}), flush=True)\nsys.stdin.read()"
    )
    pipe = mcp.Pipe([sys.executable, "-c", program])
    with pytest.raises(TimeoutError):
        mcp.ask_over(pipe, "slow", {}, 0.3)
    told = mcp.ask_over(pipe, "next", {}, 10)
    assert told == {
        "jsonrpc": "2.0",
        "method": "notifications/cancelled",
        "params": {"requestId": 1, "reason": "no reply within 0.3 s"},
    }
    assert mcp.close_pipe(pipe) == 0


def test_requests_of_many_threads_get_their_own_replies():
    with mcp.connected([sys.executable, "-c", OUR_SERVER]) as (client, _):
        add = lambda n: client.request("tools/call", name="add", arguments={"a": n, "b": 0})["content"][0]["text"]  # noqa: E731
        assert agents.in_parallel(add, list(range(40))) == [str(n) for n in range(40)]


def test_a_server_that_is_killed_fails_all_who_wait_and_all_who_come():
    with mcp.connected([sys.executable, "-c", OUR_SERVER]) as (client, pipe):
        pipe.process.kill()
        pipe.process.wait()
        with pytest.raises(ConnectionError):
            client.request("ping")
    assert pipe.process.returncode is not None
    for _ in range(100):
        if pipe.process.stdout.closed and pipe.process.stdin.closed:
            break
        time.sleep(0.05)
    assert (pipe.process.stdout.closed, pipe.process.stdin.closed) == (True, True)


# --- HTTP, confirmations, tokens ----------------------------------------------------------------------


ORIGINS = {
    "http://127.0.0.1:8080": True,
    "http://localhost": True,
    "http://[::1]:1": True,
    "http://evil.example": False,
    "http://127.0.0.1.evil.example": False,
    "http://localhost@evil.example": False,
    "null": False,
    "": False,
}


@pytest.mark.parametrize("origin", ORIGINS)
def test_only_local_pages_may_ask(origin):
    message = mcp.call_of("ping")
    headers = mcp.headers_for(message) | {"origin": origin}
    status, _, _ = mcp.over_http(mcp.McpServer("s"), headers, json.dumps(message).encode())
    assert (status == 200) is ORIGINS[origin]


def test_http_answers_with_the_status_of_the_error():
    server = mcp.demo()

    def status(message, **changed):
        headers = mcp.headers_for(message) | {name.replace("_", "-"): value for name, value in changed.items()}
        code, _, body = mcp.over_http(server, headers, json.dumps(message).encode())
        return code, json.loads(body)["error"]["code"] if body and "error" in json.loads(body) else None

    assert status(mcp.call_of("ping")) == (200, None)
    assert status(mcp.call_of("no/such")) == (404, -32601)
    assert status(mcp.call_of("tools/call", name="fly")) == (400, -32602)
    assert status(mcp.call_of("ping"), mcp_method="tools/list") == (400, -32020)
    for number in (7, "seven"):
        wrong = mcp.call_of("ping", number)
        _, _, body = mcp.over_http(server, mcp.headers_for(wrong) | {"mcp-method": "x"}, json.dumps(wrong).encode())
        assert json.loads(body)["id"] == number
    assert status(mcp.call_of("tools/call", name="search"), mcp_name="restart") == (400, -32020)
    old = mcp.call_of("ping")
    old["params"]["_meta"][mcp.NS + "protocolVersion"] = "2031-01-01"
    assert status(old) == (400, -32022)
    assert mcp.over_http(server, {}, b"{")[0] == 400
    assert mcp.over_http(server, {}, b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}')[0] == 404


def test_the_http_server_is_local_takes_posts_alone_and_refuses_large_bodies():
    with mcp.serving_mcp(mcp.demo()) as url:
        assert url.startswith("http://127.0.0.1:")
        place = url.removeprefix("http://").removesuffix("/mcp")
        for method in ("GET", "DELETE"):
            connection = http.client.HTTPConnection(place, timeout=5)
            connection.request(method, "/mcp")
            assert connection.getresponse().status == 405
            connection.close()
        with socket.create_connection(("127.0.0.1", int(place.partition(":")[2])), timeout=5) as line:
            line.sendall(b"POST /mcp HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n")
            assert b" 413 " in line.recv(100)
    with pytest.raises(ConnectionError, match="status 405 without a reply"):
        mcp.reply_in(405, {}, b"")


def test_names_that_are_no_ascii_travel_encoded():
    server = mcp.McpServer("s", resources={"süß://🙂": ("", lambda: "sweet")})
    with mcp.serving_mcp(server) as url:
        assert mcp.at(url, "current").request("resources/read", uri="süß://🙂")["contents"][0]["text"] == "sweet"
    for text in ("", "a b", "=?base64?", "ü", "x\ny", "=?base64?YQ==?="):
        assert mcp.from_header(mcp.as_header(text)) == text
        assert mcp.as_header(text).isascii()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda v: st.lists(v, max_size=3), max_leaves=6
    ),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_a_seal_holds(data, draw):
    text = mcp.sealed(data, b"secret")
    assert mcp.unsealed(text, b"secret") == data
    at = draw.draw(st.integers(0, len(text) - 1))
    other = draw.draw(st.sampled_from("abcXYZ019._-"))
    broken = text[:at] + other + text[at + 1 :]
    if broken != text:
        with pytest.raises(mcp.RpcError, match="requestState"):
            mcp.unsealed(broken, b"secret")
    with pytest.raises(mcp.RpcError):
        mcp.unsealed(text, b"another")


@pytest.mark.parametrize("state", [None, 5, "", ".", "x.y", "ü.ü", []])
def test_what_was_never_sealed_opens_nothing(state):
    with pytest.raises(mcp.RpcError):
        mcp.unsealed(state, b"secret")


def test_a_confirmation_is_for_one_call_and_needs_a_yes():
    server, restarted = mcp.demo(), []
    server.tools["restart"] = tools.Tool(
        "restart", "", server.tools["restart"].input_schema, lambda service: restarted.append(service)
    )
    ask_for = lambda **more: mcp.answer(server, mcp.call_of("tools/call", name="restart", **more))  # noqa: E731
    asked = ask_for(arguments={"service": "web"})["result"]
    assert (asked["resultType"], restarted) == ("input_required", [])
    state, yes = asked["requestState"], {"confirm": {"action": "accept", "content": {}}}
    for change in (
        {"inputResponses": {"confirm": {"action": "decline"}}, "requestState": state, "arguments": {"service": "web"}},
        {"inputResponses": {}, "requestState": state, "arguments": {"service": "web"}},
        {"inputResponses": yes, "requestState": state, "arguments": {"service": "vault"}},
        {"inputResponses": yes, "requestState": "made.up", "arguments": {"service": "web"}},
        {"inputResponses": yes, "arguments": {"service": "web"}},
    ):
        ask_for(**change)
        assert restarted == []
    ask_for(inputResponses=yes, requestState=state, arguments={"service": "web"})
    assert restarted == ["web"]


def test_a_token_opens_the_door_that_it_was_made_for():
    here, elsewhere = "https://a.example", "https://b.example"
    gate = mcp.gate_for(here, now=lambda: 1000)
    shown = lambda text, kind="Bearer": gate({"authorization": f"{kind} {text}"})  # noqa: E731
    good = mcp.token("ada", here, seconds=10, now=1000)
    assert shown(good) is None
    assert shown(good, "bearer") is None
    late, other = mcp.token("ada", here, seconds=0, now=1000), mcp.token("ada", elsewhere, now=1000)
    forged = mcp.token("ada", here, now=1000, key=Ed25519PrivateKey.generate())
    lists = jwt.PyJWS().encode(b"[]", mcp.issuer(), "EdDSA")
    secret = mcp.issuer().public_key().public_bytes_raw()
    symmetric = jwt.encode({"sub": "ada", "aud": here, "exp": 9000}, secret, "HS256")  # the public key as a secret
    nobody = jwt.encode({"sub": "ada", "aud": here, "exp": 9000}, None, "none")
    changed = good[:9] + ("A" if good[9] != "A" else "B") + good[10:]
    bad = ["", "x.y", "a.b.c", "ü.ü.ü", changed, other, late, forged, lists, symmetric, nobody, good + ".x", good[:-5]]
    refused = [gate({}), shown(good, "Basic"), *map(shown, bad)]
    assert [answer[0] for answer in refused] == [401] * len(refused)
    assert "oauth-protected-resource" in refused[0][1]["www-authenticate"]


def test_replicas_need_no_session_in_the_current_revision():
    with ExitStack() as stack:
        targets = itertools.cycle([stack.enter_context(mcp.serving_mcp(mcp.demo(secret=b"shared"))) for _ in range(3)])
        url = f"http://127.0.0.1:{stack.enter_context(mcp.serving_http(mcp.Balancer, targets=targets))}/mcp"
        assert mcp.six_searches(url, "current") == [False] * 6
        assert mcp.six_searches(url, "handshake").count(False) == 2
        client = mcp.at(url, on_question=lambda text: text == "Really restart it?")
        done = client.request("tools/call", name="restart", arguments={"service": "web"})
        assert done["content"][0]["text"] == "web restarted"


def test_tokens_are_json_web_tokens():
    public = mcp.issuer().public_key()
    ours = mcp.token("süß", "https://a.example", seconds=9, now=time.time())
    assert jwt.decode(ours, public, ["EdDSA"], audience="https://a.example")["sub"] == "süß"
    for claims in ({"sub": "ada", "aud": "x", "exp": 5}, {}, {"long": "x" * 1000}):
        assert mcp.claims_in(jwt.encode(claims, mcp.issuer(), "EdDSA"), public) == claims


def test_a_confirmation_is_for_clients_that_can_ask_and_gets_old():
    server, now = mcp.demo(), [1000.0]
    params = mcp.call_of("x", name="restart", arguments={"service": "web"})["params"]
    asked = mcp.asked_first(server, params, now=lambda: now[0])
    again = params | {"requestState": asked["requestState"], "inputResponses": {"confirm": {"action": "accept"}}}
    now[0] = 1599.0
    assert mcp.asked_first(server, again, now=lambda: now[0])["content"][0]["text"] == "web restarted"
    now[0] = 1601.0
    with pytest.raises(mcp.RpcError, match="expired"):
        mcp.asked_first(server, again, now=lambda: now[0])
    for odd in ([], None, "yes", {"confirm": []}, {"confirm": None}):
        refused = mcp.asked_first(server, again | {"inputResponses": odd}, now=lambda: 1000.0)
        assert refused == mcp.refused_by("The user said no.")
    silent = {key: value for key, value in again.items() if key != "_meta"}
    mute = again | {"_meta": again["_meta"] | {mcp.NS + "clientCapabilities": {}}}
    for one in (silent, mute):
        assert "cannot ask" in mcp.asked_first(server, one)["content"][0]["text"]
    foreign = mcp.demo()  # a server of another owner has another secret
    with pytest.raises(mcp.RpcError):
        mcp.asked_first(foreign, again)


def test_the_check_of_the_headers_cannot_be_avoided():
    """Neither by leaving `_meta` out nor by sending a header twice."""
    server = mcp.demo()
    begin = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": begin}
    session = mcp.over_http(server, {}, json.dumps(hello).encode())[1]["mcp-session-id"]
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call"}
    call["params"] = {"name": "search", "arguments": {"words": "watermark"}}
    body, known = json.dumps(call).encode(), {"mcp-session-id": session}
    assert mcp.over_http(server, known, body)[0] == 200
    assert mcp.over_http(server, known | {"mcp-protocol-version": "2025-06-18"}, body)[0] == 200
    for more in ({"mcp-protocol-version": mcp.CURRENT}, {"mcp-name": "lag"}, {"mcp-method": "tools/call"}):
        status, _, reply = mcp.over_http(server, known | more, body)
        assert (status, json.loads(reply)["error"]["code"]) == (400, -32020)
    good = mcp.call_of("tools/call", name="search", arguments={"words": "watermark"})
    with mcp.serving_mcp(server) as url:
        for name, value, status in (
            ("accept", "*/*", 200),
            ("mcp-name", "restart", 400),
            ("authorization", "Bearer x", 200),
            ("origin", "http://localhost", 200),
            ("content-length", "1", 400),
            ("transfer-encoding", "chunked", 400),
        ):
            assert raw(url, mcp.headers_for(good), json.dumps(good).encode(), [(name, value)])[0] == status, name


def raw(url, headers, body, more=()):
    """The status and the rest of the connection for a POST with headers as they are, duplicates among them."""
    place = urlsplit(url)
    lines = [*headers.items(), ("content-length", str(len(body))), *more]
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    with socket.create_connection((place.hostname, place.port), timeout=5) as line:
        line.sendall(f"POST /mcp HTTP/1.1\r\n{head}\r\n".encode() + body)
        line.shutdown(socket.SHUT_WR)
        came = b"".join(iter(lambda: line.recv(65_536), b""))
    return int(came.split()[1]), came


def test_a_refused_body_is_not_the_next_request():
    inner = json.dumps(mcp.call_of("ping")).encode()
    hidden = b"POST /mcp HTTP/1.1\r\ncontent-length: " + str(len(inner)).encode() + b"\r\n\r\n" + inner
    with mcp.serving_mcp(mcp.demo(), mcp.gate_for(mcp.PAYROLL)) as url:
        status, came = raw(url, {}, hidden)
        assert (status, came.count(b"HTTP/1.1 ")) == (401, 1)


@pytest.mark.parametrize("origin", ["http://[::1", "http://[evil]", "http://a℀b", "//", "x"])
def test_an_origin_that_is_none_is_refused(origin):
    assert mcp.over_http(mcp.demo(), {"origin": origin}, b"{}")[0] == 403


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("tools/call", {"name": ["search"]}, -32602),
        ("resources/read", {"uri": {}}, -32602),
        ("prompts/get", {"name": None}, -32602),
        ("prompts/get", {"name": "ask", "arguments": {"x": 1}}, -32602),
        ("tools/call", {"name": "restart", "arguments": {}, "requestState": "\ud800.x"}, -32602),
    ],
)
def test_what_is_wrong_with_a_request_is_said_to_be_the_clients_fault(method, params, code):
    reply = mcp.answer(mcp.demo(), mcp.call_of(method, **params))
    assert reply["error"]["code"] == code
    assert "lambda" not in reply["error"]["message"]


def test_a_session_is_begun_by_an_initialize_that_was_answered():
    server = mcp.demo()
    for message in (
        {"jsonrpc": "2.0", "method": "initialize", "params": {}},
        {"jsonrpc": "2.0", "id": [], "method": "initialize", "params": {}},
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": []},
    ):
        mcp.over_http(server, {}, json.dumps(message).encode())
        assert server.sessions == set()
    assert mcp.answer(server, {"jsonrpc": "2.0", "id": 1, "result": {}}) is None


def test_a_client_answers_questions_and_no_other_requests():
    rounds = []

    def server(method, params):
        rounds.append(params)
        request = {"method": wanted, "params": {"message": "Sure?"}}
        if method == "server/discover" or len(rounds) > enough:
            return {"resultType": "complete", "rounds": len(rounds)}
        return {"resultType": "input_required", "inputRequests": {"a": request}, "requestState": f"s{len(rounds)}"}

    wanted, enough = "elicitation/create", 3
    client = mcp.McpClient(server, era="current", on_question=lambda text: text == "Sure?")
    assert client.request("x")["rounds"] == 4
    assert rounds[-1]["requestState"] == "s3"
    assert rounds[-1]["inputResponses"]["a"]["action"] == "accept"
    enough = 100
    with pytest.raises(mcp.RpcError, match="keeps asking"):
        client.request("x")
    wanted = "sampling/createMessage"
    with pytest.raises(mcp.RpcError, match="did not offer"):
        client.request("x")
    with pytest.raises(mcp.RpcError, match="has to be an object"):
        mcp.McpClient(lambda method, params: [], era="current")


def test_auto_greets_a_server_that_ignores_what_it_does_not_know():
    def old(method, params):
        if method == "server/discover":
            raise TimeoutError
        return {"protocolVersion": "2025-03-26", "serverInfo": {"name": "old"}}

    told = []
    assert mcp.McpClient(old, told.append).version == "2025-03-26"
    assert told == [{"jsonrpc": "2.0", "method": "notifications/initialized"}]
    with pytest.raises(mcp.RpcError, match="no version"):
        mcp.McpClient(lambda *_: {"protocolVersion": mcp.CURRENT}, told.append, era="handshake")


def test_one_who_does_not_read_holds_up_nobody():
    pipe = mcp.Pipe([sys.executable, "-c", mcp.PEERS["silent"]])
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(TimeoutError):
            mcp.ask_over(pipe, "ping", {"padding": "x" * 500_000}, 0.2)
    assert mcp.close_pipe(pipe, 0.2) == -9
    assert time.monotonic() - began < 10
    with pytest.raises(ConnectionError):
        mcp.ask_over(pipe, "ping", {}, 10)


def test_a_table_of_requests_keeps_its_word_under_threads():
    """Reply, timeout and end at the same moment: each request has exactly one outcome."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(30):
            pending, futures = mcp.Pending(), []
            go = threading.Barrier(4)

            def opens(pending=pending, futures=futures, go=go):
                go.wait()
                for _ in range(50):
                    futures.append(pending.open())

            def settles(pending=pending, go=go):
                go.wait()
                for number in range(1, 51):
                    pending.settle({"id": number, "result": {"n": number}})

            def cancels(pending=pending, go=go):
                go.wait()
                for number in range(50, 0, -1):
                    pending.cancel(number, "late")

            def closes(pending=pending, go=go):
                go.wait()
                pending.close("gone")

            threads = [threading.Thread(target=work) for work in (opens, settles, cancels, closes)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
            assert [number for number, _ in futures] == list(range(1, 51))
            for number, future in futures:
                error = future.exception(5)
                assert isinstance(error, TimeoutError | ConnectionError) or future.result() == {"n": number}
    finally:
        sys.setswitchinterval(interval)
