//! Tools, and the path that every call of one takes. The manifest (`vocabulary`) says what differs
//! between tools; nothing here knows a tool by its name.
//!
//! The path of a call:
//!
//! 1. [`arguments`] checks the arguments whole, after [`coerce`] has read their spelling and
//!    [`source`] the YAML among them.
//! 2. [`path`] takes the call through the steps of its tool, with its [`bindings`]: the values that
//!    the manifest refers to.
//! 3. [`clearance`] asks policy about the [`target`] of the call.
//! 4. `path/before.rs` reads what the tool needs first, and refuses a call, or finds it needless.
//! 5. `path/act.rs` makes the change or the read; `path/save.rs` saves a source, and
//!    `path/unfold.rs` lists rows that stand in rows. [`unanswered`] keeps a repeated call from
//!    acting twice.
//! 6. `path/steps.rs` sends each request: [`request`] evaluates its values, [`segment`] checks its
//!    path, and [`mod@input`] and [`multipart`] encode the inputs of a flow.
//! 7. [`answer`] receives what Kestra answers: [`body`] collects it within [`memory`], and
//!    [`project`] keeps what the manifest names.
//! 8. `path/settle.rs` waits for what the change began; `path/watch.rs` reports progress.
//! 9. `path/attach.rs` reads what else the result shows.
//! 10. [`output`] renders the result, and [`cut`] keeps it within its bytes.
//!
//! A step that fails ends the call with an [`error`]: its [`code`], and each [`fault`] of it.

pub mod access;
pub mod answer;
pub mod arguments;
pub mod bindings;
pub mod body;
pub mod call;
pub mod catalog;
pub mod cause;
pub mod clearance;
pub mod code;
pub mod coerce;
pub mod context;
pub mod cut;
pub mod definition;
pub mod delivery;
pub mod error;
pub mod fault;
pub mod filter;
pub mod input;
pub mod instant;
pub mod internal;
pub mod java;
pub mod lines;
pub mod make;
pub mod memory;
pub mod multipart;
pub mod near;
pub mod output;
pub mod path;
pub mod probe;
pub mod project;
pub mod request;
pub mod segment;
pub mod sentence;
pub mod source;
pub mod spelling;
pub mod strict;
pub mod target;
pub mod unanswered;
pub mod unusable;
pub mod validation;
pub mod verdict;
pub mod version;
pub mod written;

pub use vocabulary::{Builtin, Effect, Exists, Hints, Permission, Setting};

pub use access::Access;
pub use answer::Answer;
pub use bindings::Bindings;
pub use call::{Call, Reply};
pub use catalog::{Catalog, catalog};
pub use code::Code;
pub use context::CallCtx;
pub use definition::{Argument, Request, Reserved, Route, Tool};
pub use delivery::Delivery;
pub use error::Error;
pub use internal::Internal;
pub use request::{Sent, Values};
pub use unusable::Unusable;
pub use version::{Edition, Line};
