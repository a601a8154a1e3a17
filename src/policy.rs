//! Who may call what. The one place where a call becomes permitted.

mod namespace;
pub mod role;

use std::sync::Arc;

use crate::principal::{Principal, Scopes};
use crate::tool::target::Ask;
use crate::tool::{Access, Builtin, Call, Effect, Permission, Tool};

pub use role::Roles;

/// A call that was checked: it owns the tool and the arguments, so that what was checked is what
/// is sent.
///
/// Only [`Policy::authorize`] makes one:
///
/// ```compile_fail,E0451
/// # fn forge(call: kestra_mcp::tool::Call) -> kestra_mcp::policy::Permit {
/// kestra_mcp::policy::Permit { call, ..todo!() }
/// # }
/// ```
#[derive(Debug)]
pub struct Permit {
    call: Call,
    targets: Ask,
}

impl Permit {
    /// The call that this server answers itself.
    pub fn into_call(self) -> Call {
        self.call
    }

    /// The call, to carry it out, and what policy says of what it turns out to be about.
    pub fn into_parts(self) -> (Call, Ask) {
        (self.call, self.targets)
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
    /// The role allows it, and this server changes nothing.
    ReadOnly,
    /// The role allows it, and the client asked for less when it was let in.
    Scope,
}

/// What the configuration allows. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Policy {
    access: Access,
    roles: Arc<Roles>,
}

impl Policy {
    /// For one local person, who may do what the server may.
    pub fn local(access: Access) -> Self {
        Self::new(access, Roles::default())
    }

    /// For a server that goes as far as `access`, and people with `roles`.
    pub fn new(access: Access, roles: Roles) -> Self {
        Self {
            access,
            roles: Arc::new(roles),
        }
    }

    /// The same for a caller who is limited to `access`.
    #[must_use]
    pub fn narrowed(&self, access: Access) -> Self {
        Self {
            access: self.access.and(access),
            roles: Arc::clone(&self.roles),
        }
    }

    /// How far this server goes.
    pub const fn access(&self) -> Access {
        self.access
    }

    /// The roles that people can have.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// Whether a role of `principal` allows `tool`: if not, it does not exist for them.
    pub fn may_use(&self, principal: &Principal, tool: &Tool) -> bool {
        match principal {
            Principal::Local => true,
            // Whom no role is left to still learns why.
            Principal::Person(person) if !person.roles.iter().any(|r| self.roles.knows(r)) => {
                tool.builtin == Some(Builtin::Status)
            }
            Principal::Person(person) => self.roles.allow(&person.roles, tool),
        }
    }

    /// Whether `tools/list` shows `tool` to `principal`.
    pub fn offers(&self, principal: &Principal, tool: &Tool) -> bool {
        self.may_use(principal, tool) && self.allows(tool)
    }

    /// The permissions of `principal`; `None` means all.
    pub fn permissions(&self, principal: &Principal) -> Option<Arc<[Permission]>> {
        match principal {
            Principal::Local => None,
            Principal::Person(person) => Some(self.roles.permissions(&person.roles)),
        }
    }

    /// What is said of what a call of `principal` is about: every namespace is for everybody.
    pub fn targets(&self, principal: &Principal) -> Ask {
        namespace::ask(principal)
    }

    /// Permits `call`, or returns why not.
    pub fn authorize(&self, principal: &Principal, call: Call) -> Result<Permit, Denied> {
        if !self.may_use(principal, call.tool) {
            Err(Denied::Role)
        } else if !self.allows(call.tool) {
            Err(Denied::ReadOnly)
        } else if self.lacks_scope(principal, call.tool) {
            Err(Denied::Scope)
        } else {
            let targets = self.targets(principal);
            Ok(Permit { call, targets })
        }
    }

    /// Whether `principal` may use `tool` and its client may not: with a wider token it could. A
    /// role that is missing is none of a client's business.
    pub fn lacks_scope(&self, principal: &Principal, tool: &Tool) -> bool {
        let Principal::Person(person) = principal else {
            return false;
        };
        self.offers(principal, tool) && person.scopes < needed(tool)
    }

    /// Whether `tool` does no more than this server may.
    pub fn allows(&self, tool: &Tool) -> bool {
        match self.access {
            Access::Full => true,
            Access::ReadOnly => needed(tool) == Scopes::Read,
        }
    }
}

/// What a client must have asked for to call `tool`. What this server answers itself changes
/// nothing in Kestra.
fn needed(tool: &Tool) -> Scopes {
    if tool.effect == Effect::Read || tool.builtin.is_some() {
        Scopes::Read
    } else {
        Scopes::Write
    }
}
