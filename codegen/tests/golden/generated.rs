use crate::tool::{Call, CallCtx, Error, Line, Permission, Reply, Tool};
/// Every permission of the manifest.
pub const PERMISSIONS: &[Permission] = &[
    Permission("flows.read"),
    Permission("flows.run"),
];
/// What people read of each of them after "may".
pub const MEANINGS: &[(Permission, &str)] = &[
    (Permission("flows.read"), "see flows"),
    (Permission("flows.run"), "run flows"),
];
/// Kestra 1.3.
pub mod v1_3 {
    /// The typed client.
    pub mod client {
        include!(concat!(env!("OUT_DIR"), "/client-1.3.rs"));
    }
    /// The tools.
    pub mod tools {
        include!(concat!(env!("OUT_DIR"), "/tools-1.3.rs"));
    }
}
/// Kestra 2.0.
pub mod v2_0 {
    /// The typed client.
    pub mod client {
        include!(concat!(env!("OUT_DIR"), "/client-2.0.rs"));
    }
    /// The tools.
    pub mod tools {
        include!(concat!(env!("OUT_DIR"), "/tools-2.0.rs"));
    }
}
/// The tools of a line, in the order of the manifest.
pub const fn tools(line: Line) -> &'static [Tool] {
    match line {
        Line::V1_3 => v1_3::tools::TOOLS,
        Line::V2_0 => v2_0::tools::TOOLS,
    }
}
/// Answers a call on the line of its context.
///
/// # Errors
/// See [`Error`].
pub async fn dispatch(ctx: &CallCtx, call: Call) -> Result<Reply, Error> {
    match ctx.line {
        Line::V1_3 => v1_3::tools::dispatch(ctx, call).await,
        Line::V2_0 => v2_0::tools::dispatch(ctx, call).await,
    }
}
