"""What the clients of MCP work with: the names of the tools, and flows and an app to save."""

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

FLOWS = {
    "hello": """
labels:
  team: data
inputs:
  - id: who
    type: STRING
  - id: times
    type: INT
    required: false
    defaults: 1
tasks:
  - id: greet
    type: io.kestra.plugin.core.log.Log
    message: hello {{ inputs.who }}
  - id: answer
    type: io.kestra.plugin.core.debug.Return
    format: hello {{ inputs.who }}
outputs:
  - id: text
    type: STRING
    value: "{{ outputs.answer.value }}"
""",
    "steps": """
tasks:
  - id: one
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT1S
  - id: two
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT1S
""",
    "broken": """
tasks:
  - id: before
    type: io.kestra.plugin.core.log.Log
    message: all is well
  - id: boom
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: the table is missing
""",
    "waiting": """
tasks:
  - id: approve
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - id: reason
        type: STRING
""",
}

# What create_or_update_flow saves; nothing runs by it for most of a year.
SAVED = """
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hi
triggers:
  - id: yearly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 0 1 1 *"
"""

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


def source(kestra, flow, rest=None):
    return f"id: {flow}\nnamespace: {kestra.namespace}\n{rest or FLOWS[flow]}"


def app(kestra, name):
    return APP.format(app=name, namespace=kestra.namespace)


def offered(edition):
    """The tools that an edition of Kestra (OSS or EE) is offered with, in order."""
    return TOOLS + ENTERPRISE if edition == "EE" else TOOLS
