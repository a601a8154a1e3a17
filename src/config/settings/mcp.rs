//! How this program behaves, over either transport.

use super::super::setting::Setting;
use super::super::words::Transport;
use super::declare::settings;

settings! { ALL:

TRANSPORT = Setting::choice::<Transport>(
    "mcp.transport", &["KESTRA_MCP_TRANSPORT"],
    "What is served without a command; `sse` is an old name of `http`. The commands `serve` and `stdio` \
     choose one",
);
LOG = Setting::text(
    "mcp.log", &["KESTRA_MCP_LOG"],
    "Targets and levels for stderr, such as `warn,kestra_mcp=debug`; default \
     `warn,kestra_mcp=info,rmcp=warn`. Libraries never log below `info`, whatever is set here: at `debug` \
     they would log arguments",
).flag("log", Some("FILTER"), "What to log to stderr; default: warn,kestra_mcp=info,rmcp=warn");
READ_ONLY = Setting::truth(
    "mcp.read_only", &["KESTRA_MCP_READ_ONLY"], false, true,
    "`true` in any of these places makes the server read-only; the others cannot turn it off",
).additive()
.flag("read-only", None, "Offer and do nothing that changes something in Kestra; no setting takes this back");
MEMORY = Setting::number(
    "mcp.memory", &["KESTRA_MCP_MEMORY"], (4 << 20, 64 << 30), 256 << 20,
    "Bytes of memory for answers of Kestra, for all calls together. Reading an answer takes twice its \
     length, so with less than 32 MiB the longest answers (16 MiB) are refused",
);
QUIET_WAIT = Setting::number(
    "mcp.quiet_wait_seconds", &["KESTRA_MCP_QUIET_WAIT_SECONDS"], (0, 300), 50,
    "For how many seconds a call may wait for an execution without sending anything to its client. A call \
     that asks for progress waits as long as its `wait_seconds` says, at most 300. The answer says how to go \
     on",
);
REPEAT = Setting::number(
    "mcp.repeat_seconds", &["KESTRA_MCP_REPEAT_SECONDS"], (0, 3600), 120,
    "If a client disconnects, gives up or cancels before it gets the answer, and the same person makes the \
     same call again within this many seconds, the answer is the execution that the first call started; 0 \
     turns this off. The id of the execution and a keyed hash of the call are kept in memory, for at most \
     1024 calls",
);
DATA_DIR = Setting::text(
    "mcp.data_dir", &["KESTRA_MCP_DATA_DIR"],
    "The folder of the database of the HTTP mode; default `$XDG_DATA_HOME/kestra-mcp`, which is \
     `~/.local/share/kestra-mcp` where that is not set",
).flag("data-dir", Some("FOLDER"), "Folder of the database in HTTP mode");

}
