use proptest::prelude::*;

use super::*;
use crate::config::scheme::{FORBIDDEN, KNOWN};

/// Checks as for a client that the operator does not vouch for, with the default list of schemes.
fn check(uri: &str, application: Application) -> Result<(), &'static str> {
    let known: Vec<String> = KNOWN.iter().map(|scheme| (*scheme).to_owned()).collect();
    super::check(uri, application, Apps::Listed(&known))
}

const PLAIN: &[&str] = &[
    "https://client.example/callback",
    "https://client.example:8443/callback?from=kestra",
    "cursor://app.example/oauth/callback",
    "com.example.app:/callback",
];

const LOCAL: &[&str] = &[
    "http://127.0.0.1/callback",
    "http://127.0.0.1:3000/callback?a=b",
    "http://[::1]:3000/callback",
    "http://localhost:3000/callback",
    "http://localhost",
];

#[test]
fn a4_a_redirect_uri_matches_byte_for_byte() {
    for uri in PLAIN.iter().chain(LOCAL) {
        assert!(matches(uri, uri), "{uri}");
    }
    let registered = "https://client.example/callback";
    for (requested, what) in [
        ("https://client.examplf/callback", "another host"),
        ("https://CLIENT.example/callback", "another spelling"),
        ("http://client.example/callback", "another scheme"),
        ("https://client.example/Callback", "another path"),
        ("https://client.example/a/../callback", "a dot segment"),
        ("https://client.example/%63allback", "an escape"),
        ("https://client.example/callback?a=b", "a query"),
        ("https://client.example/callback#a", "a fragment"),
        ("https://me@client.example/callback", "user information"),
        (
            "https://client.example@evil.example/callback",
            "another host",
        ),
        (
            "https://client.example.evil.example/callback",
            "a look-alike",
        ),
        ("https://client.example:443/callback", "the default port"),
        ("https://client.example:8443/callback", "another port"),
        ("https://client.example/callback/", "an added slash"),
        (" https://client.example/callback", "a space"),
        ("https://client.example/callback\n", "a line end"),
        ("", "nothing"),
    ] {
        assert!(!matches(registered, requested), "{what}: {requested}");
    }
}

#[test]
fn a4_only_the_port_of_a_loopback_redirect_may_vary() {
    let registered = "http://127.0.0.1/callback";
    for requested in [
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1:51004/callback",
        "http://127.0.0.1:65535/callback",
    ] {
        assert!(matches(registered, requested), "{requested}");
        assert!(matches(requested, registered), "{requested}");
    }
    for requested in [
        "http://localhost:51004/callback",
        "http://[::1]:51004/callback",
        "http://127.0.0.2:51004/callback",
        "http://127.1:51004/callback",
        "http://2130706433/callback",
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:51004/callback?a=b",
        "http://127.0.0.1:51004/callback#a",
        "https://127.0.0.1:51004/callback",
        "HTTP://127.0.0.1:51004/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:080/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:5100400/callback",
        "http://127.0.0.1:+80/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:80.evil.example/callback",
        "http://127.0.0.1:80\\@evil.example/callback",
    ] {
        assert!(!matches(registered, requested), "{requested}");
    }
    let odd = "http://localhost.evil.example/callback";
    assert!(!matches(odd, "http://localhost.evil.example:80/callback"));
}

proptest! {
    #[test]
    fn a4_no_redirect_with_one_other_byte_matches(
        pick in 0..PLAIN.len() + LOCAL.len(),
        at in any::<prop::sample::Index>(),
        byte in 0u8..128,
        insert in any::<bool>(),
    ) {
        let registered = *PLAIN.iter().chain(LOCAL).nth(pick).unwrap();
        let mut bytes = registered.as_bytes().to_vec();
        let at = at.index(bytes.len());
        if insert {
            bytes.insert(at, byte);
        } else {
            bytes[at] = byte;
        }
        let requested = String::from_utf8(bytes).unwrap();
        // A port, counted here by hand: the digits between the last colon and the path.
        let bare = |uri: &str| {
            let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let host = match authority.rsplit_once(':') {
                Some((host, port))
                    if port.parse::<u16>().is_ok_and(|n| n.to_string() == port && n > 0) => host,
                _ => authority,
            };
            format!("{scheme}://{host}{path}")
        };
        let same = requested == registered
            || LOCAL.contains(&registered) && bare(&requested) == bare(registered);
        prop_assert_eq!(matches(registered, &requested), same, "{} {}", registered, requested);
    }

    #[test]
    fn a4_a_loopback_redirect_takes_any_port(pick in 0..LOCAL.len(), port in 1u16..) {
        let registered = LOCAL[pick];
        let (start, rest) = loopback(registered).unwrap();
        let requested = format!("{start}:{port}{rest}");
        prop_assert!(matches(registered, &requested));
    }
}

#[test]
fn c11_redirect_uris_fit_the_application_type() {
    use Application::{Native, Web};
    for (uri, native, web) in [
        ("https://client.example/callback", true, true),
        ("https://client.example:8443/callback?a=b", true, true),
        ("http://client.example/callback", false, false),
        ("http://127.0.0.1/callback", true, false),
        ("http://127.0.0.1:3000/callback", true, false),
        ("http://[::1]:3000/callback", true, false),
        ("http://localhost:3000/callback", true, false),
        ("https://localhost:3000/callback", true, false),
        ("https://127.0.0.1/callback", true, false),
        ("https://127.1/callback", true, false),
        ("https://[::ffff:127.0.0.1]/callback", true, false),
        ("https://app.localhost/callback", true, false),
        ("https://localhost./callback", true, false),
        ("http://127.0.0.1@evil.example/callback", false, false),
        ("http://localhost.evil.example/callback", false, false),
        ("com.example.app:/callback", true, false),
        ("cursor://app.example/callback", true, false),
        ("vscode-insiders://app.example/callback", true, false),
        (
            "raycast://oauth?package_name=mcp_server_x_(dev)",
            true,
            false,
        ),
        ("tool://callback", false, false),
        ("cursors://app.example/callback", false, false),
        ("curso://app.example/callback", false, false),
        ("com..app:/callback", false, false),
        (".com.app:/callback", false, false),
        ("com.app.:/callback", false, false),
        ("c.app:/callback", false, false),
        ("com.-app:/callback", false, false),
        ("com.app+x:/callback", false, false),
        ("xn--p1ai.app:/callback", true, false),
        ("z39.50:/callback", false, false),
        ("x-apple.systempreferences:/callback", false, false),
        ("microsoft.windows.camera:/callback", false, false),
        (
            "microsoft-edge:https://client.example/callback",
            false,
            false,
        ),
        ("com.example.app:", false, false),
        ("https://me:word@client.example/callback", false, false),
        ("https:/client.example/callback", false, false),
        ("https://", false, false),
        ("https://client.example/callback#here", false, false),
        ("https://*.client.example/callback", false, false),
        ("https://client.example/*", false, false),
        ("HTTPS://client.example/callback", false, false),
        ("https://client.example\\@evil.example/", false, false),
        ("https://client.example/call back", false, false),
        ("https://client.example/caf\u{e9}", false, false),
        ("/callback", false, false),
        ("", false, false),
        ("urn:ietf:wg:oauth:2.0:oob", false, false),
    ] {
        assert_eq!(check(uri, Native).is_ok(), native, "native {uri}");
        assert_eq!(check(uri, Web).is_ok(), web, "web {uri}");
    }
    // The operator vouches for the app, but a scheme that opens something else is refused for it too.
    for (uri, is_good) in [
        ("tool://callback", true),
        ("a.tool://callback", false),
        ("ms-settings:privacy", false),
        ("microsoft-edge:https://client.example/callback", false),
        ("javascript:alert(1)", false),
    ] {
        let found = super::check(uri, Native, Apps::Trusted);
        assert_eq!(found.is_ok(), is_good, "{uri}");
    }
    let long = format!("https://client.example/{}", "a".repeat(2048));
    assert!(check(&long, Web).is_err());
}

#[test]
fn c12_no_spelling_hides_a_scheme_that_runs_or_shows_something() {
    let mut tried = 0;
    for scheme in FORBIDDEN
        .iter()
        .filter(|scheme| !scheme.starts_with("http"))
    {
        let upper = scheme.to_uppercase();
        let mixed: String = scheme
            .chars()
            .enumerate()
            .map(|(at, next)| {
                if at % 2 == 0 {
                    next.to_ascii_uppercase()
                } else {
                    next
                }
            })
            .collect();
        let (first, rest) = scheme.split_at(2);
        let mut spelled = vec![(*scheme).to_owned(), upper, mixed];
        for between in ["\t", "\n", "\r", "\0", " ", "\u{200b}", "%09", "\u{ad}"] {
            spelled.push(format!("{between}{scheme}"));
            spelled.push(format!("{first}{between}{rest}"));
            spelled.push(format!("{scheme}{between}"));
        }
        for spelling in spelled {
            for after in ["alert(1)", "//client.example/%0aalert(1)", "text/html,x"] {
                let uri = format!("{spelling}:{after}");
                for application in [Application::Native, Application::Web] {
                    assert!(check(&uri, application).is_err(), "{uri:?}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 3000);
}
