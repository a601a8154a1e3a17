//! A role of the configuration file.

/// The permissions of a role, as the file has them; see `policy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Roles whose permissions it has too.
    pub inherits: Vec<String>,
    /// Permissions or tools.
    pub allow: Vec<String>,
    /// Permissions or tools that it takes away from everybody who has the role.
    pub deny: Vec<String>,
}
