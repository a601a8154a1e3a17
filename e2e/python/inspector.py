#!/usr/bin/env python3
"""The command line of the MCP Inspector against the built server, over stdio: a process a call.

`cargo e2e` runs it. KESTRA_E2E_NODE runs KESTRA_E2E_INSPECTOR; KESTRA_E2E_BINARY is the server;
KESTRA_E2E_ERA is what the Inspector speaks (legacy: initialize; modern: stateless);
KESTRA_E2E_URL and the variables beside it name the Kestra (see checks.py), KESTRA_E2E_EDITION its
edition (OSS or EE); KESTRA_E2E_WRONG_TOKEN is a token that it does not accept.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from checks import PATIENCE, Checks, Kestra, describe, expect, same, say, show, until
from samples import FLOWS, UNKNOWN, app, offered, source

# The code of its process when a tool refuses, or there is no such tool.
REFUSED = 5


class Inspector:
    """One server as the Inspector knows it: by a file, so that no secret is an argument."""

    def __init__(self, checks, variables, home):
        self.checks = checks
        self.answered = set()
        self.refused = set()
        self.config = pathlib.Path(home, f"{len(os.listdir(home))}.json")
        command = {"command": os.environ["KESTRA_E2E_BINARY"], "args": ["stdio"], "env": variables}
        self.config.write_text(json.dumps({"mcpServers": {"kestra": command}}))
        self.environment = os.environ | {
            "HOME": home,
            "MCP_INSPECTOR_SECRET_STORE": "memory",
            # What Node compiled for one call serves the next.
            "NODE_COMPILE_CACHE": os.path.join(home, "compiled"),
        }

    def run(self, method, *more):
        """The code of its process, what it gave, and what went wrong."""
        started = subprocess.run(
            [os.environ["KESTRA_E2E_NODE"], os.environ["KESTRA_E2E_INSPECTOR"], "--cli"]
            + ["--config", self.config, "--server", "kestra", "--format", "json", "--quiet"]
            + ["--protocol-era", os.environ["KESTRA_E2E_ERA"], "--method", method, *more],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        result = json.loads(started.stdout)["result"] if started.stdout.strip() else None
        return started.returncode, result, started.stderr

    def call(self, tool, arguments=None, pairs=()):
        """Calls a tool with an object of arguments, or with `name=value` pairs."""
        given = ["--tool-arg", *pairs] if pairs else ["--tool-args-json", json.dumps(arguments or {})]
        code, result, wrong = self.run("tools/call", "--tool-name", tool, *given)
        expect(result, f"{code} {wrong}")
        text = result["content"][0]["text"]
        error = "error " if result["isError"] else ""
        # At once, as calls may overlap.
        say(f"  → {tool} {show(arguments or list(pairs))}\n  ← {error}{show(text)}")
        same(json.loads(text), result["structuredContent"])
        same(code, REFUSED if error else 0)
        return bool(error), result["structuredContent"]

    def good(self, tool, arguments=None, pairs=()):
        refused, answer = self.call(tool, arguments, pairs)
        expect(not refused, answer)
        self.answered.add(tool)
        self.checks.called(tool, refused=False)
        return answer

    def bad(self, tool, arguments, code):
        refused, answer = self.call(tool, arguments)
        expect(refused, answer)
        same(answer["error"]["code"], code)
        self.refused.add(tool)
        self.checks.called(tool, refused=True)
        return answer["error"]


def lists(checks, inspector, edition):
    with checks.check("tools/list gives every tool, whole and in order, and no schema is at fault"):
        code, result, wrong = inspector.run("tools/list", "--strict")
        same(code, 0)
        for tool in result["tools"]:
            say(f"    {tool['name']}: {tool['title']}")
            expect(tool["description"] and tool["inputSchema"] and tool["outputSchema"], tool["name"])
            same(len(tool["annotations"]), 4)
        same([tool["name"] for tool in result["tools"]], offered(edition))


def reads(checks, kestra, inspector, edition):
    namespace = kestra.namespace

    with checks.check("auth_status says which Kestra answers"):
        status = inspector.good("auth_status")["kestra"]
        expect(status["reachable"] and status["accepted"], status)
        same((status["edition"], status["credential"]), (edition, "token" if kestra.token else "basic"))

    with checks.check("namespaces and flows are found, and a source comes byte for byte"):
        found = inspector.good("search_namespaces", pairs=[f"query={namespace}"])
        same([item["namespace"] for item in found["items"]], [namespace])
        found = inspector.good("list_flows", pairs=[f"namespace={namespace}", "size=2"])
        same((len(found["items"]), found["total"], found["has_more"]), (2, len(FLOWS), True))
        flow = inspector.good("get_flow", {"namespace": namespace, "flow_id": "hello"})
        same(flow["untrusted"]["source"], source(kestra, "hello"))

    with checks.check("register_kestra_token says where the credential comes from"):
        same(inspector.good("register_kestra_token")["registered"], False)


def changes(checks, kestra, inspector, runs):
    namespace = kestra.namespace
    saved = source(kestra, "saved")
    changed = saved.replace("message: hi", "message: hello")

    with checks.check("a flow is created, not overwritten, and replaced with its revision"):
        same(inspector.good("create_or_update_flow", {"source": saved})["outcome"], "created")
        conflict = inspector.bad("create_or_update_flow", {"source": changed}, "CONFLICT")
        expect("+    message: hello" in conflict["diff"], conflict)
        again = {"source": changed, "base_revision": conflict["revision"]}
        done = inspector.good("create_or_update_flow", again)
        same((done["outcome"], done["revision"]), ("updated", 2))

    with checks.check("search_triggers finds the trigger of the saved flow"):
        ask = lambda: inspector.good("search_triggers", {"namespace": namespace})["items"]
        row = until(ask, "the trigger is found")[0]
        same((row["flow_id"], row["trigger_id"], row["enabled"]), ("saved", "yearly", True))

    with checks.check("a flow runs to its end, and is told of"):
        start = {"namespace": namespace, "flow_id": "hello", "inputs": {"who": "Ada"}}
        run = inspector.good("execute_flow", start | {"wait_seconds": 60})
        runs.append(run["execution_id"])
        same((run["state"], run["untrusted"]["outputs"]), ("SUCCESS", {"text": "hello Ada"}))
        told = {"execution_id": runs[0], "include": ["inputs", "logs"]}
        run = inspector.good("get_execution", told)
        same((run["flow_id"], run["untrusted"]["inputs"]["who"]), ("hello", "Ada"))

    with checks.check("a run that waits is killed, once"):
        start = {"namespace": namespace, "flow_id": "waiting", "wait_seconds": 60}
        run = inspector.good("execute_flow", start)
        runs.append(run["execution_id"])
        same(run["state"], "PAUSED")
        killed = inspector.good("kill_execution", {"execution_id": run["execution_id"]})
        expect(killed["outcome"] in ("killed", "requested"), killed)
        again = inspector.good("kill_execution", {"execution_id": runs[0]})
        same(again["outcome"], "already")

    with checks.check("list_executions lists both runs"):
        found = inspector.good("list_executions", {"namespace": namespace, "size": 5})
        same([item["execution_id"] for item in found["items"]], runs[::-1])


def apps(checks, kestra, inspector, made):
    with checks.check("an app is made, listed and read"):
        written = app(kestra, "form")
        uid = inspector.good("create_app", {"source": written})["uid"]
        made.append(uid)
        found = inspector.good("list_apps", {"namespace": kestra.namespace})
        same([item["uid"] for item in found["items"]], [uid])
        same(inspector.good("get_app", {"uid": uid})["untrusted"]["source"], written)


def refusals(checks, kestra, inspector, edition):
    namespace = kestra.namespace
    hello = {"namespace": namespace, "flow_id": "hello"}
    wrong = source(kestra, "wrong", "saved").replace("core.log.Log", "core.log.Lgo")
    both = {"source": app(kestra, "form"), "app_data": {"id": "form"}}
    faults = {
        "an argument too many": ("auth_status", {"verbose": True}, "INVALID_ARGUMENT"),
        "a page too large": ("search_namespaces", {"size": 101}, "INVALID_ARGUMENT"),
        "a misspelt argument": ("list_flows", {"namespce": namespace}, "INVALID_ARGUMENT"),
        "a misspelt flow": ("get_flow", hello | {"flow_id": "helo"}, "NOT_FOUND"),
        "a missing input": ("execute_flow", hello, "INVALID_ARGUMENT"),
        "an unknown run to read": ("get_execution", {"execution_id": UNKNOWN}, "NOT_FOUND"),
        "an unknown state": ("list_executions", {"state": ["DONE"]}, "INVALID_ARGUMENT"),
        "an unknown type of task": ("create_or_update_flow", {"source": wrong}, "VALIDATION_FAILED"),
        "an unknown run to kill": ("kill_execution", {"execution_id": UNKNOWN}, "NOT_FOUND"),
        "a page before the first": ("search_triggers", {"page": 0}, "INVALID_ARGUMENT"),
        "a token over stdio": ("register_kestra_token", {"token": "abc"}, "INVALID_ARGUMENT"),
    }
    if edition == "EE":
        faults |= {
            "an object for a text": ("list_apps", {"query": {"a": 1}}, "INVALID_ARGUMENT"),
            "an unknown app": ("get_app", {"uid": "nosuchapp"}, "NOT_FOUND"),
            "an app in two ways": ("create_app", both, "INVALID_ARGUMENT"),
        }
    # A process a call is slow, and these do not depend on each other.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        asked = {name: pool.submit(inspector.bad, *fault) for name, fault in faults.items()}
    for name, answer in asked.items():
        with checks.check(f"{name} is {faults[name][2]}"):
            answer.result()
    with checks.check("a misspelt flow gets the nearest one"):
        expect(hello in asked["a misspelt flow"].result()["near"], asked["a misspelt flow"].result())

    with checks.check("a tool that is not offered is not found"):
        name = "delete_everything" if edition == "EE" else "list_apps"
        code, result, wrong = inspector.run("tools/call", "--tool-name", name)
        same((code, result), (REFUSED, None))
        expect("tool_not_found" in wrong, wrong)


def refused_credential(checks, kestra, home):
    variables = {"KESTRA_API_URL": kestra.url, "KESTRA_TENANT": kestra.tenant}
    variables["KESTRA_API_TOKEN"] = os.environ["KESTRA_E2E_WRONG_TOKEN"]
    with checks.check("a wrong token is CREDENTIAL_REFUSED"):
        Inspector(checks, variables, home).bad("list_flows", {}, "CREDENTIAL_REFUSED")


def main():
    checks, kestra, runs, made = Checks(), Kestra(), [], []
    edition = os.environ["KESTRA_E2E_EDITION"]
    say(f"namespace {kestra.namespace}")
    try:
        for flow in FLOWS:
            kestra.create(source(kestra, flow))
        with tempfile.TemporaryDirectory() as home:
            inspector = Inspector(checks, kestra.variables(), home)
            lists(checks, inspector, edition)
            reads(checks, kestra, inspector, edition)
            changes(checks, kestra, inspector, runs)
            if edition == "EE":
                apps(checks, kestra, inspector, made)
            refusals(checks, kestra, inspector, edition)
            with checks.check("every tool was answered and refused"):
                tools = sorted(offered(edition))
                same((sorted(inspector.answered), sorted(inspector.refused)), (tools, tools))
            refused_credential(checks, kestra, home)
    finally:
        kestra.remove([*FLOWS, "saved"], runs, made)
    return checks.end()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as wrong:  # noqa: BLE001
        sys.exit(f"cannot go on: {describe(wrong)}")
