//! Clients and tables of every Kestra line, as `build.rs` writes them, and the tools that this server
//! reads from the tables.

use std::sync::LazyLock;

use crate::tool::path::{self, Send};
use crate::tool::probe::Probe;
use crate::tool::{
    Call, CallCtx, Catalog, Error, Line, Permission, Reply, Sent, Tool, Values, catalog,
};

/// What is generated.
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    mismatched_lifetime_syntaxes,
    missing_docs,
    unreachable_pub,
    unused_imports,
    dead_code,
    reason = "generated text; what it means is held by the goldens"
)]
mod made {
    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}

pub use made::{v1_3, v2_0};

/// What the lines have, each read when it is first asked for.
static V1_3: LazyLock<Catalog> = LazyLock::new(|| catalog(v1_3::MANIFEST, v1_3::PLAN, Line::V1_3));
static V2_0: LazyLock<Catalog> = LazyLock::new(|| catalog(v2_0::MANIFEST, v2_0::PLAN, Line::V2_0));

fn of(line: Line) -> &'static Catalog {
    match line {
        Line::V1_3 => &V1_3,
        Line::V2_0 => &V2_0,
    }
}

/// The tools of a line, in the order of the manifest.
pub fn tools(line: Line) -> &'static [Tool] {
    &of(line).tools
}

/// What this server asks a Kestra of `line` for itself.
pub fn probes(line: Line) -> &'static [Probe] {
    &of(line).probes
}

/// Every permission of the manifest.
pub fn permissions() -> &'static [Permission] {
    &of(Line::NEWEST).permissions
}

/// What people read of each of them after "may".
pub fn meanings() -> &'static [(Permission, &'static str)] {
    &of(Line::NEWEST).meanings
}

/// Sends with the client of a line.
macro_rules! sender {
    ($name:ident, $line:ident) => {
        struct $name($line::client::Client);

        impl $name {
            fn new(ctx: &CallCtx, call: &Call) -> Self {
                let ctx = ctx.with_routes(&call.tool.routes);
                let (base, http) = (ctx.base.to_string(), ctx.http.clone());
                Self($line::client::Client::new_with_client(&base, http, ctx))
            }
        }

        impl Send for $name {
            async fn send(&self, operation: &str, values: Values) -> Result<Sent, Error> {
                $line::send::send(&self.0, operation, values).await
            }
        }
    };
}

sender!(Sender1, v1_3);
sender!(Sender2, v2_0);

/// Answers a call on the line of its context.
///
/// # Errors
/// See [`Error`].
pub async fn dispatch(ctx: &CallCtx, call: Call) -> Result<Reply, Error> {
    match ctx.line {
        Line::V1_3 => path::run(ctx, &Sender1::new(ctx, &call), &call).await,
        Line::V2_0 => path::run(ctx, &Sender2::new(ctx, &call), &call).await,
    }
}
