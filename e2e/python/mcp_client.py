#!/usr/bin/env python3
"""The official Python client of MCP against the built server, over stdio, in both lifecycles.

`cargo e2e` runs it. KESTRA_E2E_BINARY is the server; KESTRA_E2E_URL and the variables beside it name
the Kestra (see checks.py); KESTRA_E2E_LINE and KESTRA_E2E_EDITION are the line that it speaks and its
edition (OSS or EE), where they are known; KESTRA_E2E_WRONG_TOKEN is a token that it does not accept.
The client checks every result against the output schema of its tool, so a result that came back fits.
"""

import json
import os
import socket
import sys
import tempfile

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError

from checks import Checks, Kestra, describe, expect, same, say, show, until
from samples import ALONE, FLOWS, TOOLS, UNKNOWN, app, offered, source

ANNOTATIONS = ["read_only_hint", "destructive_hint", "idempotent_hint", "open_world_hint"]


class Talk:
    """One connection: calls are shown, counted, and remembered as answered or refused."""

    def __init__(self, client, checks):
        self.client = client
        self.checks = checks
        self.answered = set()
        self.refused = set()

    async def call(self, tool, arguments=None, progress=None):
        arguments = arguments or {}
        say(f"  → {tool} {show(arguments)}")
        result = await self.client.call_tool(
            tool, arguments, read_timeout_seconds=120, progress_callback=progress
        )
        text = result.content[0].text
        say(f"  ← {'error ' if result.is_error else ''}{show(text)}")
        same(json.loads(text), result.structured_content)
        expect(len(text) <= 65536, len(text))
        return result

    async def good(self, tool, arguments=None, progress=None):
        result = await self.call(tool, arguments, progress)
        expect(not result.is_error, result.structured_content)
        self.answered.add(tool)
        self.checks.called(tool, refused=False)
        return result.structured_content

    async def bad(self, tool, arguments, code):
        result = await self.call(tool, arguments)
        expect(result.is_error, result.structured_content)
        error = result.structured_content["error"]
        same(error["code"], code)
        expect(error["message"] and isinstance(error["retryable"], bool), error)
        self.refused.add(tool)
        self.checks.called(tool, refused=True)
        return error


class Server:
    """A connection to a new process; its log is shown afterwards."""

    def __init__(self, checks, variables, mode):
        self.checks = checks
        self.log = tempfile.TemporaryFile("w+")
        self.noise = []
        parameters = StdioServerParameters(
            command=os.environ["KESTRA_E2E_BINARY"], args=["stdio"], env=variables
        )
        self.client = Client(
            stdio_client(parameters, errlog=self.log),
            mode=mode,
            message_handler=self.hear,
            read_timeout_seconds=60,
        )

    async def hear(self, message):
        # A line of the output that is no message arrives as an exception.
        if isinstance(message, Exception):
            self.noise.append(str(message))

    async def __aenter__(self):
        return Talk(await self.client.__aenter__(), self.checks)

    async def __aexit__(self, *wrong):
        await self.client.__aexit__(*wrong)
        self.log.seek(0)
        for line in self.log.read().splitlines():
            say(f"  · {line}")
        self.log.close()
        same(self.noise, [])


async def conversation(checks, kestra, talk, runs, edition):
    namespace = kestra.namespace

    with checks.check("every tool is listed, whole and in order"):
        tools = (await talk.client.list_tools()).tools
        for tool in tools:
            say(f"    {tool.name}: {tool.title}")
            expect(tool.title and tool.description and tool.input_schema, tool.name)
            expect(tool.output_schema and tool.output_schema["type"] == "object", tool.name)
            for hint in ANNOTATIONS:
                expect(isinstance(getattr(tool.annotations, hint), bool), f"{tool.name} {hint}")
        same([tool.name for tool in tools], offered(edition))

    with checks.check("auth_status says which Kestra answers and that the credential works"):
        status = (await talk.good("auth_status"))["kestra"]
        expect(status["reachable"] and status["accepted"], status)
        same(status["edition"], edition)
        same(status["credential"], "token" if kestra.token else "basic")
        line = os.environ.get("KESTRA_E2E_LINE")
        expect(not line or status["line"] == line, status)

    with checks.check("search_namespaces finds the namespace"):
        found = await talk.good("search_namespaces", {"query": namespace})
        same([item["namespace"] for item in found["items"]], [namespace])

    with checks.check("list_flows lists the flows in order, with inputs"):
        found = await talk.good("list_flows", {"namespace": namespace})
        same([item["flow_id"] for item in found["items"]], sorted(FLOWS))
        same((found["total"], found["has_more"]), (len(FLOWS), False))
        hello = next(item for item in found["items"] if item["flow_id"] == "hello")
        same((hello["inputs"], hello["labels"]), (["who:STRING", "times:INT?"], {"team": "data"}))

    with checks.check("list_flows pages and filters"):
        page = await talk.good("list_flows", {"namespace": namespace, "page": 2, "size": 3})
        same((len(page["items"]), page["total"], page["has_more"]), (1, 4, False))
        found = await talk.good("list_flows", {"namespace": namespace, "labels": {"team": "data"}})
        same([item["flow_id"] for item in found["items"]], ["hello"])

    with checks.check("get_flow gives the source byte for byte"):
        flow = await talk.good("get_flow", {"namespace": namespace, "flow_id": "hello"})
        same(flow["untrusted"]["source"], source(kestra, "hello"))
        same((flow["revision"], flow["tasks"]), (1, 2))

    with checks.check("execute_flow runs to the end and gives the outputs"):
        arguments = {"namespace": namespace, "flow_id": "hello", "inputs": {"who": "Ada"}}
        run = await talk.good("execute_flow", arguments | {"wait_seconds": 60, "labels": {"by": "e2e"}})
        runs.append(run["execution_id"])
        same((run["state"], run["finished"]), ("SUCCESS", True))
        same(run["untrusted"]["outputs"], {"text": "hello Ada"})
        same(run["labels"]["by"], "e2e")

    with checks.check("get_execution tells of it, with the inputs when asked"):
        run = await talk.good("get_execution", {"execution_id": runs[0], "include": ["inputs"]})
        same((run["flow_id"], run["state"]), ("hello", "SUCCESS"))
        same(run["untrusted"]["inputs"]["who"], "Ada")
        expect(run["url"].startswith("http"), run)

    with checks.check("execute_flow without waiting returns at once"):
        arguments = {"namespace": namespace, "flow_id": "hello", "inputs": {"who": "Eve", "times": "7"}}
        run = await talk.good("execute_flow", arguments)
        runs.append(run["execution_id"])
        expect("waited_seconds" not in run, run)

    with checks.check("progress is told while a flow runs, and rises"):
        heard = []

        async def hear(done, total, message):
            say(f"  … {done} of {total}: {message}")
            heard.append(done)

        arguments = {"namespace": namespace, "flow_id": "steps", "wait_seconds": 60}
        run = await talk.good("execute_flow", arguments, hear)
        runs.append(run["execution_id"])
        same(run["state"], "SUCCESS")
        expect(len(heard) >= 2, heard)
        expect(heard == sorted(set(heard)), heard)

    with checks.check("a failed run names the task and its last errors"):
        arguments = {"namespace": namespace, "flow_id": "broken", "wait_seconds": 60}
        run = await talk.good("execute_flow", arguments)
        runs.append(run["execution_id"])
        same((run["state"], run["failed"][0]["task_id"]), ("FAILED", "boom"))
        run = await talk.good("get_execution", {"execution_id": runs[-1]})
        same(run["failed"][0]["task_id"], "boom")
        logs = run["untrusted"]["logs"]
        expect(any("the table is missing" in line["message"] for line in logs), logs)

    with checks.check("a paused run says what it waits for"):
        arguments = {"namespace": namespace, "flow_id": "waiting", "wait_seconds": 60}
        run = await talk.good("execute_flow", arguments)
        runs.append(run["execution_id"])
        same((run["state"], run["waiting"]["task_id"]), ("PAUSED", "approve"))
        expect(run["note"], run)

    with checks.check("list_executions lists the runs, newest first, and filters by state"):
        found = await talk.good("list_executions", {"namespace": namespace})
        times = [item["started_at"] for item in found["items"]]
        same((times, found["total"]), (sorted(times, reverse=True), len(runs)))
        found = await talk.good("list_executions", {"namespace": namespace, "state": ["FAILED"]})
        same([item["flow_id"] for item in found["items"]], ["broken"])
        past = await talk.good("list_executions", {"namespace": namespace, "page": 50})
        same((past.get("note"), past["has_more"]), ("past the end", False))


async def changes(checks, kestra, talk, runs):
    saved = source(kestra, "saved")
    changed = saved.replace("message: hi", "message: hello")

    with checks.check("create_or_update_flow previews, creates, and does nothing twice"):
        preview = await talk.good("create_or_update_flow", {"source": saved, "dry_run": True})
        same((preview["outcome"], preview["would"]), ("preview", "create"))
        made = await talk.good("create_or_update_flow", {"source": saved})
        same((made["outcome"], made["flow_id"], made["revision"]), ("created", "saved", 1))
        again = await talk.good("create_or_update_flow", {"source": saved})
        same(again["outcome"], "unchanged")

    with checks.check("create_or_update_flow replaces only the revision that was read"):
        conflict = await talk.bad("create_or_update_flow", {"source": changed}, "CONFLICT")
        same(conflict["revision"], 1)
        expect("+    message: hello" in conflict["diff"], conflict)
        arguments = {"source": changed, "base_revision": 1}
        done = await talk.good("create_or_update_flow", arguments)
        same((done["outcome"], done["revision"]), ("updated", 2))

    with checks.check("create_or_update_flow says what is wrong with a source"):
        wrong = saved.replace("core.log.Log", "core.log.Lgo")
        error = await talk.bad("create_or_update_flow", {"source": wrong}, "VALIDATION_FAILED")
        expect(error["faults"], error)

    with checks.check("search_triggers finds the trigger of the saved flow"):
        end = anyio.current_time() + 60
        while True:
            found = await talk.good("search_triggers", {"namespace": kestra.namespace})
            if found["items"] or anyio.current_time() > end:
                break
            await anyio.sleep(0.2)
        trigger = found["items"][0]
        same((trigger["flow_id"], trigger["trigger_id"]), ("saved", "yearly"))
        same(trigger["enabled"], True)

    with checks.check("kill_execution ends a run once"):
        waiting = {"execution_id": runs[-1]}
        killed = await talk.good("kill_execution", waiting)
        expect(killed["outcome"] in ("killed", "requested"), killed)
        same(killed["state_before"], "PAUSED")
        ended = {"execution_id": runs[0]}
        same((await talk.good("kill_execution", ended))["outcome"], "already")

    with checks.check("register_kestra_token says where the credential comes from"):
        answer = await talk.good("register_kestra_token")
        same(answer["registered"], False)
        expect("KESTRA_API_TOKEN" in answer["note"], answer)


async def apps(checks, kestra, talk, made):
    written = app(kestra, "form")

    with checks.check("create_app makes an app of a source, and of an object"):
        first = await talk.good("create_app", {"source": written})
        made.append(first["uid"])
        same((first["outcome"], first["name"]), ("created", "Order form"))
        data = {"id": "desk", "type": "io.kestra.plugin.ee.apps.Execution", "displayName": "no"}
        data |= {"namespace": kestra.namespace, "flowId": "hello"}
        second = await talk.good("create_app", {"app_data": data})
        made.append(second["uid"])
        same((second["name"], second["namespace"]), ("no", kestra.namespace))

    with checks.check("list_apps lists them, and get_app gives the source byte for byte"):
        found = await talk.good("list_apps", {"namespace": kestra.namespace})
        same(sorted(item["uid"] for item in found["items"]), sorted(made))
        same([item["flow_id"] for item in found["items"]], ["hello"] * 2)
        shown = await talk.good("get_app", {"uid": made[0]})
        same(shown["untrusted"]["source"], written)
        same((shown["enabled"], shown["tags"]), (True, ["orders", "forms"]))

    with checks.check("an app is defined in one way, and an unknown one is not found"):
        both = {"source": written, "app_data": {"id": "form"}}
        await talk.bad("create_app", both, "INVALID_ARGUMENT")
        await talk.bad("create_app", {}, "INVALID_ARGUMENT")
        await talk.bad("get_app", {"uid": "nosuchapp"}, "NOT_FOUND")


async def refusals(checks, kestra, talk, edition):
    namespace = kestra.namespace
    hello = {"namespace": namespace, "flow_id": "hello"}

    with checks.check("an unknown tool is a fault of the protocol"):
        try:
            await talk.client.call_tool("delete_everything", {})
        except MCPError as refused:
            say(f"  ← {refused.error.code} {refused.error.message}")
            same((refused.error.code, refused.error.message), (-32602, "Unknown tool"))
        else:
            raise AssertionError("it was called")

    with checks.check("an unknown argument is refused by every tool"):
        for tool in offered(edition):
            error = await talk.bad(tool, {"no_such_argument": 1}, "INVALID_ARGUMENT")
            expect("no_such_argument" in error["message"], error)

    with checks.check("a misspelt argument gets the nearest name"):
        error = await talk.bad("list_flows", {"namespce": namespace}, "INVALID_ARGUMENT")
        expect("namespace" in error["message"].replace("namespce", ""), error)

    with checks.check("all faults of the arguments come at once, values are not repeated"):
        arguments = {"namespace": "Bad Space", "flow_id": "../up", "wait_seconds": "later"}
        error = await talk.bad("execute_flow", arguments, "INVALID_ARGUMENT")
        same({fault["field"] for fault in error["faults"]}, set(arguments))
        expect("Bad Space" not in json.dumps(error) and "later" not in json.dumps(error), error)

    with checks.check("inputs are checked before anything starts"):
        before = (await talk.good("list_executions", {"namespace": namespace})).get("total", 0)
        error = await talk.bad("execute_flow", hello, "INVALID_ARGUMENT")
        expect("who" in json.dumps(error["faults"]), error)
        inputs = {"who": "Ada", "times": "five", "whom": "Eve"}
        error = await talk.bad("execute_flow", hello | {"inputs": inputs}, "INVALID_ARGUMENT")
        same(len(error["faults"]), 2)
        arguments = hello | {"inputs": {"who": "Ada"}, "schedule_date": "2020-01-01T00:00:00Z"}
        await talk.bad("execute_flow", arguments, "INVALID_ARGUMENT")
        after = (await talk.good("list_executions", {"namespace": namespace})).get("total", 0)
        same(after, before)

    with checks.check("an unknown flow gets a near miss"):
        for tool in ["get_flow", "execute_flow"]:
            error = await talk.bad(tool, {"namespace": namespace, "flow_id": "helo"}, "NOT_FOUND")
            expect(hello in error["near"], error)

    with checks.check("an unknown execution is not found"):
        for tool in ["get_execution", "kill_execution"]:
            await talk.bad(tool, {"execution_id": UNKNOWN}, "NOT_FOUND")


async def elsewhere(checks, kestra, mode):
    """Servers that cannot work: they start, list their tools and say what is wrong."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}"
    wrong = {"KESTRA_API_URL": kestra.url, "KESTRA_TENANT": kestra.tenant}
    wrong["KESTRA_API_TOKEN"] = os.environ["KESTRA_E2E_WRONG_TOKEN"]
    for name, variables, code in [
        ("a wrong token", wrong, "CREDENTIAL_REFUSED"),
        ("a Kestra that is down", kestra.variables() | {"KESTRA_API_URL": closed}, "UNREACHABLE"),
        ("no settings at all", {}, "NOT_CONFIGURED"),
    ]:
        with checks.check(f"{name} is {code} for every tool that needs Kestra"):
            async with Server(checks, variables, mode) as talk:
                tools = [tool.name for tool in (await talk.client.list_tools()).tools]
                expect(set(TOOLS) <= set(tools), tools)
                status = await talk.good("auth_status")
                expect(not status["kestra"].get("accepted") and status["note"], status)
                arguments = {
                    "get_flow": {"namespace": kestra.namespace, "flow_id": "hello"},
                    "execute_flow": {"namespace": kestra.namespace, "flow_id": "hello"},
                    "get_execution": {"execution_id": UNKNOWN},
                    "kill_execution": {"execution_id": UNKNOWN},
                    "create_or_update_flow": {"source": source(kestra, "saved")},
                }
                for tool in [tool for tool in TOOLS if tool not in ALONE]:
                    await talk.bad(tool, arguments.get(tool, {}), code)


async def lifecycle(checks, edition, name, mode, version):
    kestra = Kestra()
    runs, made = [], []
    say(f"\n-- {name}, namespace {kestra.namespace}")
    try:
        for flow in FLOWS:
            kestra.create(source(kestra, flow))
        for flow in FLOWS:
            path = f"flows/{kestra.namespace}/{flow}"
            until(lambda path=path: kestra.http("GET", path)[0] == 200, path)
        with checks.check("the conversation ends as it should, with nothing but MCP on stdout"):
            async with Server(checks, kestra.variables(), mode) as talk:
                with checks.check(f"the client speaks {version}"):
                    same(talk.client.protocol_version, version)
                    expect(talk.client.instructions, "no instructions")
                    same(talk.client.server_info.name, "kestra-mcp")
                await conversation(checks, kestra, talk, runs, edition)
                await changes(checks, kestra, talk, runs)
                if edition == "EE":
                    await apps(checks, kestra, talk, made)
                await refusals(checks, kestra, talk, edition)
                with checks.check("every tool was answered and refused"):
                    tools = sorted(offered(edition))
                    same((sorted(talk.answered), sorted(talk.refused)), (tools, tools))
        await elsewhere(checks, kestra, mode)
    finally:
        kestra.remove([*FLOWS, "saved"], runs, made)


async def main():
    checks = Checks()
    edition = os.environ.get("KESTRA_E2E_EDITION")
    if not edition:
        async with Server(checks, Kestra().variables(), "auto") as talk:
            edition = (await talk.good("auth_status"))["kestra"]["edition"]
    for name, mode, version in [
        ("initialize", "legacy", "2025-11-25"),
        ("stateless", "auto", "2026-07-28"),
    ]:
        with checks.check(f"lifecycle {name}"):
            await lifecycle(checks, edition, name, mode, version)
    with checks.check("a stateless client needs no discovery"):
        async with Server(checks, Kestra().variables(), "2026-07-28") as talk:
            same([tool.name for tool in (await talk.client.list_tools()).tools], offered(edition))
    return checks.end()


if __name__ == "__main__":
    try:
        sys.exit(anyio.run(main))
    except Exception as wrong:  # noqa: BLE001
        sys.exit(f"cannot go on: {describe(wrong)}")
