//! Who may call what. The one place where a call becomes permitted.

use std::sync::Arc;

use crate::principal::Principal;
use crate::tool::{Call, Permission, Tool};

/// A call that was checked: it owns the tool and the arguments, so that what was checked is what
/// is sent.
///
/// Only [`authorize`] makes one:
///
/// ```compile_fail,E0451
/// # fn forge(call: kestra_mcp::tool::Call) -> kestra_mcp::policy::Permit {
/// kestra_mcp::policy::Permit { call }
/// # }
/// ```
#[derive(Debug)]
pub struct Permit {
    call: Call,
}

impl Permit {
    /// The call, to carry it out.
    pub fn into_call(self) -> Call {
        self.call
    }

    /// The tool that may be called.
    pub const fn tool(&self) -> &'static Tool {
        self.call.tool
    }
}

/// Why a call may not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No role of the caller allows it.
    Role,
}

/// Whether `principal` may know of `tool` and call it: what `tools/list` shows.
pub fn may_use(principal: &Principal, tool: &Tool) -> bool {
    tool.permission.is_none_or(|permission| {
        permissions(principal).is_none_or(|held| held.contains(&permission))
    })
}

/// What `principal` holds; none is everything.
pub const fn permissions(principal: &Principal) -> Option<Arc<[Permission]>> {
    match principal {
        Principal::Local => None,
    }
}

/// Permits `call`, or says why not.
pub fn authorize(principal: &Principal, call: Call) -> Result<Permit, Denied> {
    if may_use(principal, call.tool) {
        Ok(Permit { call })
    } else {
        Err(Denied::Role)
    }
}
