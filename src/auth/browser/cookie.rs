//! Cookies: what binds a form or a login to the browser that began it, and who is signed in.
//!
//! The names begin with `__Host-`, so that no other host and no plain connection can plant one. Only
//! on loopback without TLS they have no prefix: there a browser would not take it.
//!
//! Such cookies have no path but `/`. Where the public address has one, another server may be below the
//! same host: their names tell them apart.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::auth::random;
use crate::secret::Secret;
use crate::store::{Hash, Ms};

/// Milliseconds for which a form can be sent, or a login at a provider can take.
pub(in crate::auth) const PATIENCE: Ms = 600_000;
/// Milliseconds for which a person is signed in on our pages at most.
pub(in crate::auth) const SIGNED_IN: Ms = 8 * 3_600_000;
/// Cookies of one kind in a browser.
const MOST: u8 = 10;
const LOGIN: &str = "kmcp_s";

/// What a cookie binds to a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::auth) enum Kind {
    /// One rendering of a form.
    Form,
    /// A login at a provider, until its callback.
    Browser,
}

impl Kind {
    fn name(self, slot: u8) -> String {
        match self {
            Self::Form => format!("kmcp_c_{slot}"),
            Self::Browser => format!("kmcp_b_{slot}"),
        }
    }
}

/// The cookies of a request.
#[derive(Clone)]
pub(in crate::auth) struct Jar {
    https: bool,
    /// At the end of every name.
    server: String,
    pairs: Vec<(String, Secret)>,
}

/// A cookie that was made for something.
pub(in crate::auth) struct Bound {
    /// What is kept of it.
    pub(in crate::auth) hash: Hash,
    /// `Set-Cookie`.
    pub(in crate::auth) header: HeaderValue,
}

impl Jar {
    /// Of the headers of a request to a server that is reached over TLS, or is not, below `path`.
    pub(in crate::auth) fn of(headers: &HeaderMap, https: bool, path: &str) -> Self {
        let texts = headers.get_all(COOKIE).iter();
        let pairs = texts
            .filter_map(|text| text.to_str().ok())
            .flat_map(|text| Cookie::split_parse(text).filter_map(Result::ok))
            .map(|cookie| (cookie.name().to_owned(), Secret::new(cookie.value())))
            .collect();
        let server = match path {
            "" => String::new(),
            path => format!("_{}", tag(path)),
        };
        Self {
            https,
            server,
            pairs,
        }
    }

    fn full(&self, name: &str) -> String {
        let prefix = if self.https { "__Host-" } else { "" };
        format!("{prefix}{name}{}", self.server)
    }

    fn get(&self, name: &str) -> Option<&str> {
        let name = self.full(name);
        let mut pairs = self.pairs.iter();
        pairs
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.expose())
    }

    /// `Set-Cookie`, for so many milliseconds.
    fn set(&self, name: &str, value: &str, life: Ms) -> HeaderValue {
        let cookie = Cookie::build((self.full(name), value))
            .path("/")
            .http_only(true)
            .secure(self.https)
            .same_site(SameSite::Lax)
            .max_age(Duration::milliseconds(life))
            .build()
            .to_string();
        // Names and values are ours: letters, digits and points.
        let mut header = HeaderValue::try_from(cookie).unwrap_or(HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }

    /// A cookie for the browser that gets `handle` with it; the oldest of ten gives way.
    pub(in crate::auth) fn bind(
        &self,
        kind: Kind,
        handle: &str,
        now: Ms,
    ) -> Result<Bound, getrandom::Error> {
        let made = |slot: &u8| self.get(&kind.name(*slot)).and_then(made_at);
        let slot = (0..MOST).min_by_key(made).unwrap_or_default();
        let secret = random::secret()?;
        let value = Secret::new(format!("{now}.{}.{}", tag(handle), secret.expose()));
        Ok(Bound {
            hash: Hash::of(value.expose()),
            header: self.set(&kind.name(slot), value.expose(), PATIENCE),
        })
    }

    /// The cookie that this browser got with `handle`. Its tag only finds it; what counts is the
    /// hash, which is compared with the one that was kept.
    pub(in crate::auth) fn bound(&self, kind: Kind, handle: &str) -> Option<Hash> {
        let tag = tag(handle);
        (0..MOST)
            .filter_map(|slot| self.get(&kind.name(slot)))
            .find(|value| value.split('.').nth(1) == Some(&tag))
            .map(Hash::of)
    }

    /// The sign-in on our pages.
    pub(in crate::auth) fn login(&self) -> Option<Hash> {
        self.get(LOGIN).map(Hash::of)
    }

    /// The cookie of a new sign-in.
    pub(in crate::auth) fn signed_in(&self, value: &Secret) -> HeaderValue {
        self.set(LOGIN, value.expose(), SIGNED_IN)
    }

    /// Takes the cookie of the sign-in away.
    pub(in crate::auth) fn signed_out(&self) -> HeaderValue {
        self.set(LOGIN, "", 0)
    }
}

/// Finds a cookie among ten; too short to say anything of the handle.
fn tag(handle: &str) -> String {
    Hash::of(handle).text().chars().take(12).collect()
}

/// When a cookie was made, as it says itself. One that says nothing is the first to give way.
fn made_at(value: &str) -> Option<Ms> {
    value.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(pairs: &[(String, String)], https: bool) -> Jar {
        let text: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::try_from(text.join("; ")).unwrap());
        Jar::of(&headers, https, "")
    }

    fn pair(bound: &Bound) -> (String, String) {
        let text = bound.header.to_str().unwrap();
        let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a12_ten_renderings_are_kept_and_the_oldest_gives_way() {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut hashes = Vec::new();
        for turn in 0..12 {
            let handle = format!("form {turn}");
            let bound = jar(&pairs, true)
                .bind(Kind::Form, &handle, 1_000 + turn)
                .unwrap();
            let (name, value) = pair(&bound);
            pairs.retain(|(known, _)| *known != name);
            pairs.push((name, value));
            hashes.push((handle, bound.hash));
        }
        assert_eq!(pairs.len(), 10);
        let jar = jar(&pairs, true);
        for (at, (handle, hash)) in hashes.iter().enumerate() {
            let expected = (at >= 2).then_some(*hash);
            assert_eq!(jar.bound(Kind::Form, handle), expected, "{handle}");
        }
        assert_eq!(jar.bound(Kind::Browser, "form 11"), None);
    }

    #[test]
    fn s1_without_the_prefix_a_cookie_is_none_on_https() {
        let planted = [("kmcp_s".to_owned(), "x".to_owned())];
        assert_eq!(jar(&planted, true).login(), None);
        assert_eq!(jar(&planted, false).login(), Some(Hash::of("x")));
        let ours = [("__Host-kmcp_s".to_owned(), "x".to_owned())];
        assert_eq!(jar(&ours, true).login(), Some(Hash::of("x")));
        assert_eq!(jar(&ours, false).login(), None);
        let set = jar(&ours, true).signed_in(&Secret::new("value"));
        assert_eq!(
            set.to_str().unwrap(),
            "__Host-kmcp_s=value; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=28800"
        );
        let set = jar(&ours, false).signed_out();
        assert_eq!(
            set.to_str().unwrap(),
            "kmcp_s=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"
        );
    }
}
