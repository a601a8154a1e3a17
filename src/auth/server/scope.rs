//! OAuth scopes: the most that a client may do.

use std::fmt;

use crate::auth::server::error::Error;
use crate::principal::Scopes;
use crate::tool::Access;

/// Tools that change nothing.
pub const READ: &str = "kestra:read";
/// All tools; includes [`READ`].
pub const WRITE: &str = "kestra:write";
/// Refresh tokens (OpenID Connect Core, section 11). Only the authorization server knows this
/// scope; the resource does not ask for it.
pub const OFFLINE: &str = "offline_access";

/// A set of scopes, never empty. As text it is in canonical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What it allows tools to do.
    pub tools: Scopes,
    /// Whether it contains [`OFFLINE`].
    pub offline: bool,
}

impl Scope {
    /// Every tool scope that a server with this access offers.
    pub const fn offered(access: Access) -> Self {
        let tools = match access {
            Access::ReadOnly => Scopes::Read,
            Access::Full => Scopes::Write,
        };
        let offline = false;
        Self { tools, offline }
    }

    /// The part of `requested` that this server grants: unknown scopes are left out, and without a
    /// known tool scope, as from clients that only know `openid profile email`, everything that is
    /// `offered`. The person decides. Scopes with a dot are accepted for clients of older servers.
    pub fn cut(requested: Option<&str>, offered: Self) -> Self {
        let (tools, offline) = read(requested.unwrap_or_default());
        let tools = tools.map_or(offered.tools, |tools| smaller(tools, offered.tools));
        Self { tools, offline }
    }

    /// The part of this grant that a token request gets (RFC 6749 section 6): all of it if nothing
    /// is requested, otherwise what is requested. Unknown scopes are left out, as they were when
    /// the grant was made.
    ///
    /// # Errors
    /// [`Error::Scope`] if more is requested than was granted.
    pub fn narrow(self, requested: Option<&str>) -> Result<Self, Error> {
        let Some(requested) = requested.filter(|requested| names_any(requested)) else {
            return Ok(self);
        };
        let (tools, offline) = read(requested);
        let more = tools.is_some_and(|tools| smaller(tools, self.tools) != tools);
        if more || (offline && !self.offline) {
            return Err(Error::Scope);
        }
        Ok(Self {
            tools: tools.unwrap_or(self.tools),
            offline,
        })
    }

    /// The same for tools that change nothing: what a person may reduce a request to.
    #[must_use]
    pub const fn read_only(self) -> Self {
        Self {
            tools: Scopes::Read,
            offline: self.offline,
        }
    }

    /// Parses the scope of a grant or an access token, as [`fmt::Display`] wrote it.
    pub fn of(text: &str) -> Option<Self> {
        let (tools, offline) = read(text);
        tools.map(|tools| Self { tools, offline })
    }

    /// The same without [`OFFLINE`], for an access token.
    #[must_use]
    pub const fn at_resource(self) -> Self {
        Self {
            tools: self.tools,
            offline: false,
        }
    }

    /// The scopes in canonical order.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let write = (self.tools == Scopes::Write).then_some(WRITE);
        let offline = self.offline.then_some(OFFLINE);
        [Some(READ), write, offline].into_iter().flatten()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.words().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{word}")?;
        }
        Ok(())
    }
}

fn is_read(word: &str) -> bool {
    matches!(word, READ | "kestra.read")
}

fn is_write(word: &str) -> bool {
    matches!(word, WRITE | "kestra.write")
}

fn is_known(word: &str) -> bool {
    is_read(word) || is_write(word) || word == OFFLINE
}

/// Whether `text` contains a scope of this server.
pub fn names_any(text: &str) -> bool {
    text.split_ascii_whitespace().any(is_known)
}

/// The tool scope in `text`, and whether it contains [`OFFLINE`].
fn read(text: &str) -> (Option<Scopes>, bool) {
    let mut words = text.split_ascii_whitespace();
    let tools = if words.clone().any(is_write) {
        Some(Scopes::Write)
    } else {
        words.clone().any(is_read).then_some(Scopes::Read)
    };
    (tools, words.any(|word| word == OFFLINE))
}

fn smaller(one: Scopes, other: Scopes) -> Scopes {
    match (one, other) {
        (Scopes::Write, Scopes::Write) => Scopes::Write,
        (Scopes::Read, _) | (_, Scopes::Read) => Scopes::Read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Scope = Scope::offered(Access::Full);

    fn cut(requested: &str, access: Access) -> String {
        Scope::cut(Some(requested), Scope::offered(access)).to_string()
    }

    #[test]
    fn a6_scopes_are_cut_to_what_this_server_offers() {
        let both = "kestra:read kestra:write";
        let read = "kestra:read";
        assert_eq!(cut("", Access::Full), both);
        assert_eq!(cut("", Access::ReadOnly), read);
        assert_eq!(cut("kestra:read openid", Access::Full), read);
        assert_eq!(cut("kestra.write", Access::Full), both);
        assert_eq!(cut("kestra:write", Access::ReadOnly), read);
        assert_eq!(
            cut("offline_access kestra.read", Access::Full),
            "kestra:read offline_access"
        );
        assert_eq!(
            cut("offline_access", Access::ReadOnly),
            "kestra:read offline_access"
        );
        // Only unknown scopes count as none.
        assert_eq!(cut("openid profile email", Access::Full), both);
        assert_eq!(cut("openid profile email", Access::ReadOnly), read);
        assert_eq!(cut("kestra:readwrite", Access::ReadOnly), read);
        assert_eq!(
            cut("openid offline_access", Access::Full),
            "kestra:read kestra:write offline_access"
        );
    }

    #[test]
    fn t12_a_scope_may_shrink_but_never_grow() {
        let narrow =
            |scope: Scope, requested| scope.narrow(requested).ok().map(|scope| scope.to_string());
        let read = Scope::of("kestra:read").unwrap();
        assert_eq!(narrow(ALL, None).unwrap(), "kestra:read kestra:write");
        assert_eq!(narrow(ALL, Some("kestra:read")).unwrap(), "kestra:read");
        assert_eq!(narrow(read, Some("kestra:write")), None);
        assert_eq!(narrow(read, Some("kestra:read offline_access")), None);
        assert_eq!(
            narrow(ALL, Some("kestra:read email")).unwrap(),
            "kestra:read"
        );
        let both = "kestra:read kestra:write";
        assert_eq!(narrow(ALL, Some("openid profile email")).unwrap(), both);
        assert_eq!(narrow(read, Some("openid")).unwrap(), "kestra:read");
        assert_eq!(narrow(read, Some("openid kestra:write")), None);
    }
}
