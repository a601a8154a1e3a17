#!/usr/bin/env python3
"""Kestra's official SDK against the server in KESTRA_E2E_URL: flows created, changed, run, read and
killed, with their logs and triggers.

`cargo e2e` runs it with the SDK of each line against the simulator of that line, which so has to
satisfy a client that was not written for it.
"""

import importlib.metadata
import sys

import kestrapy
from kestrapy import exceptions
from kestrapy.models.query_filter import QueryFilter

from checks import Checks, Kestra, describe, expect, same, say, until
from samples import source

FLOWS = ["hello", "broken", "waiting", "talking"]

TERMINAL = {"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED"}


def state(execution):
    current = execution.state.current
    return getattr(current, "value", current)


def where(**fields):
    """Filters for a search; the names of fields differ between the lines."""
    names = {
        "namespace": "NAMESPACE",
        "flow_id": "FLOW_ID",
        "state": "STATE",
        "level": "LEVEL",
        "execution_id": "EXECUTION_ID",
    }
    filters = []
    for name, (operation, value) in fields.items():
        leaf = {"field": names[name], "operation": operation, "value": value}
        try:
            filters.append(QueryFilter.from_dict(leaf))
        except ValueError:
            filters.append(leaf)
    return filters


def refused(kind, ask):
    try:
        ask()
    except kind as answer:
        say(f"  ← {answer.status} {str(answer.body)[:200]}")
    else:
        raise AssertionError(f"no {kind.__name__}")


def flows(checks, client, kestra):
    tenant, namespace = kestra.tenant, kestra.namespace
    hello = source(kestra, "hello", "sdk/hello")

    with checks.check("create_flow"):
        flow = client.flows.create_flow(tenant, hello)
        same((flow.id, flow.namespace, flow.revision), ("hello", namespace, 1))
        for flow in FLOWS:
            if flow != "hello":
                same(client.flows.create_flow(tenant, source(kestra, flow, f"sdk/{flow}")).id, flow)

    with checks.check("flow with its source"):
        flow = until(lambda: found(lambda: client.flows.flow(namespace, "hello", tenant, source=True)), "flow")
        same(flow.source, hello)
        same([one.id for one in flow.inputs], ["who", "times"])
        same([one.id for one in flow.tasks], ["answer"])

    with checks.check("create_flow again is refused"):
        kinds = (exceptions.ConflictException, exceptions.UnprocessableEntityException)
        refused(kinds[0] if kestrapy_line() == "2.0" else kinds[1], lambda: client.flows.create_flow(tenant, hello))

    with checks.check("create_flow of something that is no flow is refused"):
        refused(exceptions.ApiException, lambda: client.flows.create_flow(tenant, "id: x\n"))

    with checks.check("update_flow makes a revision, and the old one can be read"):
        changed = hello.replace("team: data", "team: ops")
        same(client.flows.update_flow(namespace, "hello", tenant, changed).revision, 2)
        read = lambda revision: client.flows.flow(namespace, "hello", tenant, source=True, revision=revision)
        until(lambda: found(lambda: read(2)), "revision 2")
        same((read(1).source, read(2).source), (hello, changed))

    with checks.check("search_flows"):
        def search():
            return client.flows.search_flows(
                tenant, page=1, size=10, sort=["id:asc"], filters=where(namespace=("EQUALS", namespace))
            )
        until(lambda: search().total == len(FLOWS), "the flows are found")
        same([flow.id for flow in search().results], sorted(FLOWS))

    with checks.check("an unknown flow is not found"):
        refused(exceptions.NotFoundException, lambda: client.flows.flow(namespace, "none", tenant))


def found(ask):
    """The answer, or nothing while the server does not show the object yet."""
    try:
        return ask()
    except exceptions.NotFoundException:
        return None


def executions(checks, client, kestra, runs):
    tenant, namespace = kestra.tenant, kestra.namespace

    def run(flow, **more):
        # A flow is not there to be run at once on a server that is eventually consistent.
        answer = until(
            lambda: found(lambda: client.executions.create_execution(tenant, namespace, flow, **more)), flow
        )
        runs.append(answer.id)
        return answer

    def ended(execution):
        read = found(lambda: client.executions.execution(execution, tenant))
        return read if read and state(read) in TERMINAL else None

    with checks.check("create_execution with inputs and labels, then execution to its end"):
        answer = run("hello", inputs={"who": "Ada", "times": 3}, labels=["by:e2e"])
        same((answer.namespace, answer.flow_id), (namespace, "hello"))
        done = until(lambda: ended(answer.id), "the end")
        same(state(done), "SUCCESS")
        same((done.inputs["who"], done.inputs["times"]), ("Ada", 3))
        expect(any((one.key, one.value) == ("by", "e2e") for one in done.labels), str(done.labels))
        same([task.task_id for task in done.task_run_list], ["answer"])

    with checks.check("create_execution that waits for the end"):
        answer = run("hello", inputs={"who": "Eve"}, wait=True)
        same(state(until(lambda: ended(answer.id), "the end")), "SUCCESS")

    with checks.check("create_execution without a required input is refused"):
        kinds = (exceptions.UnprocessableEntityException, exceptions.BadRequestException)
        refused(kinds, lambda: client.executions.create_execution(tenant, namespace, "hello"))

    with checks.check("a failing flow fails"):
        answer = run("broken")
        same(state(until(lambda: ended(answer.id), "the end")), "FAILED")

    with checks.check("search_executions"):
        def search(**more):
            filters = where(namespace=("EQUALS", namespace), **more)
            return client.executions.search_executions(tenant, page=1, size=10, filters=filters)
        until(lambda: search()["total"] == len(runs), "all runs are found")
        same({one["id"] for one in search()["results"]}, set(runs))
        same([one["id"] for one in search(flow_id=("EQUALS", "broken"))["results"]], runs[-1:])
        same([one["id"] for one in search(state=("IN", ["FAILED"]))["results"]], runs[-1:])

    with checks.check("an unknown execution is not found"):
        refused(exceptions.NotFoundException, lambda: client.executions.execution("0nosuchexecution0000000", tenant))

    with checks.check("delete_execution"):
        client.executions.delete_execution(runs[0], tenant)
        until(lambda: found(lambda: client.executions.execution(runs[0], tenant)) is None, "it is gone")


def logs(checks, client, kestra, runs):
    tenant, namespace = kestra.tenant, kestra.namespace
    loud, quiet = ("loud", "ERROR", "the disk is full"), ("quiet", "INFO", "all is well")

    def lines(entries):
        return sorted((one.task_id, one.level.value, one.message) for one in entries)

    with checks.check("list_logs_from_execution"):
        run = client.executions.create_execution(tenant, namespace, "talking")
        runs.append(run.id)
        read = lambda **more: lines(client.logs.list_logs_from_execution(run.id, tenant, **more))
        until(lambda: len(read()) == 2, "both lines are there")
        same(read(), [loud, quiet])
        # The server of 2.0 takes no notice of the level that its SDK sends here.
        same(read(min_level="ERROR"), [loud, quiet] if kestrapy_line() == "2.0" else [loud])
        same(client.logs.list_logs_from_execution("0nosuchexecution0000000", tenant), [])

    with checks.check("search_logs by execution, namespace and level"):
        def search(**fields):
            found = client.logs.search_logs(tenant, page=1, size=10, filters=where(**fields))
            return lines(found.results)
        same(search(execution_id=("EQUALS", run.id)), [loud, quiet])
        least = "GREATER_THAN_OR_EQUAL_TO" if kestrapy_line() == "2.0" else "EQUALS"
        found = search(namespace=("EQUALS", namespace), level=(least, "ERROR"))
        expect(loud in found and quiet not in found, str(found))

    with checks.check("download_logs_from_execution"):
        text = client.logs.download_logs_from_execution(run.id, tenant)
        expect("INFO all is well" in text and "ERROR the disk is full" in text, text)


def kills(checks, client, kestra, runs):
    tenant, namespace = kestra.tenant, kestra.namespace

    with checks.check("kill_execution ends a run that waits"):
        run = client.executions.create_execution(tenant, namespace, "waiting").id
        runs.append(run)
        current = lambda: state(client.executions.execution(run, tenant))
        until(lambda: current() == "PAUSED", "it waits")
        client.executions.kill_execution(run, tenant, is_on_kill_cascade=True)
        until(lambda: current() == "KILLED", "it is killed")

    with checks.check("kill_execution of an ended run is refused where nothing below it could run"):
        kill = lambda: client.executions.kill_execution(run, tenant, is_on_kill_cascade=False)
        refused(exceptions.ConflictException, kill)

    with checks.check("kill_execution of an unknown run is not found"):
        kill = lambda: client.executions.kill_execution("0nosuchexecution0000000", tenant)
        refused(exceptions.NotFoundException, kill)


def triggers(checks, client, kestra):
    tenant, namespace = kestra.tenant, kestra.namespace
    yearly = {"namespace": namespace, "flowId": "talking", "triggerId": "yearly"}

    def named(row):
        return {key: row[key] for key in yearly}

    with checks.check("search_triggers"):
        # What the trigger waits for stands under another name in each line.
        names = {"1.3": ("triggerContext", "nextExecutionDate"), "2.0": ("state", "nextEvaluationDate")}
        part, date = names[kestrapy_line()]

        def search(flow):
            filters = where(namespace=("EQUALS", namespace), flow_id=("EQUALS", flow))
            return client.triggers.search_triggers(tenant, page=1, size=10, filters=filters)
        until(lambda: search("talking")["total"] == 1, "the trigger is found")
        row = search("talking")["results"][0][part]
        same(named(row), yearly)
        expect(row[date].endswith("-01-01T00:00:00Z") and not row["disabled"], row)
        same(search("hello")["total"], 0)

    with checks.check("search_triggers_for_flow"):
        found = client.triggers.search_triggers_for_flow(tenant, namespace, "talking", page=1, size=10)
        same([named(row) for row in found["results"]], [yearly])

    with checks.check("unlock_trigger of one that is not locked is refused"):
        unlock = lambda: client.triggers.unlock_trigger(tenant, namespace, "talking", "yearly")
        refused(exceptions.ConflictException, unlock)

    with checks.check("restart_trigger"):
        same(named(client.triggers.restart_trigger(tenant, namespace, "talking", "yearly")), yearly)


def ends(checks, client, kestra):
    tenant, namespace = kestra.tenant, kestra.namespace

    with checks.check("delete_flow"):
        client.flows.delete_flow(namespace, "broken", tenant)
        until(lambda: found(lambda: client.flows.flow(namespace, "broken", tenant)) is None, "it is gone")

    with checks.check("a wrong password is refused"):
        stranger = kestrapy.KestraClient(host=kestra.url, username=kestra.username, password="wrong", timeout=30)
        refused(exceptions.UnauthorizedException, lambda: stranger.flows.search_flows(tenant, page=1, size=10))


def kestrapy_line():
    return "2.0" if version().startswith("2.") else "1.3"


def version():
    return importlib.metadata.version("kestrapy")


def main():
    checks, kestra, runs = Checks(), Kestra(), []
    say(f"kestrapy {version()}, namespace {kestra.namespace}")
    client = kestrapy.KestraClient(
        host=kestra.url, username=kestra.username, password=kestra.password, timeout=30
    )
    try:
        flows(checks, client, kestra)
        executions(checks, client, kestra, runs)
        logs(checks, client, kestra, runs)
        kills(checks, client, kestra, runs)
        triggers(checks, client, kestra)
        ends(checks, client, kestra)
    finally:
        kestra.remove(FLOWS, runs)
    return checks.end()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as wrong:  # noqa: BLE001
        sys.exit(f"cannot go on: {describe(wrong)}")
