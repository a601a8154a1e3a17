"""What the clients of MCP work with: the names of the tools, and flows and an app to save."""

from pathlib import Path

TOOLS = [
    "auth_status",
    "search_namespaces",
    "list_flows",
    "get_flow",
    "execute_flow",
    "get_execution",
    "list_executions",
    "create_or_update_flow",
    "kill_execution",
    "search_triggers",
    "register_kestra_token",
]
# On Kestra Enterprise alone.
ENTERPRISE = ["list_apps", "get_app", "create_app"]
# They answer without Kestra.
ALONE = ["auth_status", "register_kestra_token"]

# Without the head that names them; tests hold them to what Kestra takes on each line.
FOLDER = Path(__file__).resolve().parent.parent / "flows"
FLOWS = ["hello", "steps", "broken", "waiting"]

# An app of it; the blocks are left out, as Kestra does not ask for them.
APP = """# kept as written
id: {app}
type: io.kestra.plugin.ee.apps.Execution
displayName: Order form
namespace: {namespace}
flowId: hello
tags: [orders, forms]
"""

UNKNOWN = "0nosuchexecution0000000"


def source(kestra, flow, of=None):
    """A flow under the name `flow`; `saved` is what create_or_update_flow saves: nothing runs by it
    for most of a year."""
    rest = (FOLDER / f"{of or flow}.yaml").read_text(encoding="utf-8")
    return f"id: {flow}\nnamespace: {kestra.namespace}\n{rest}"


def app(kestra, name):
    return APP.format(app=name, namespace=kestra.namespace)


def offered(edition):
    """The tools that an edition of Kestra (OSS or EE) is offered with, in order."""
    return TOOLS + ENTERPRISE if edition == "EE" else TOOLS
