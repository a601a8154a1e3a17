//! What the server keeps of a page.

use kestra_mcp::generated;
use kestra_mcp::tool::Line;
use kestra_mcp::tool::project::Keep;

/// What `list_executions` of Kestra 2.0 keeps of a page.
pub(crate) fn of_executions() -> &'static Keep {
    let mut tools = generated::tools(Line::V2_0).iter();
    let tool = tools.find(|tool| tool.name == "list_executions").unwrap();
    tool.request("act").unwrap().keep
}
