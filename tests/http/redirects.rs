//! The matching of redirect URIs at `/authorize`: oauth-checklist.md, the last section.

use kestra_mcp::store::Store as _;
use serde_json::json;

use crate::stand::{Application, Browser, Page, Stand, address};
use crate::wire::metadata;

const REGISTERED: [&str; 8] = [
    "https://client.example/callback",
    "https://client.example:8443/callback?from=kestra",
    "cursor://app.example/oauth/callback",
    "com.example.app:/callback",
    "http://127.0.0.1/callback",
    "http://127.0.0.1:3000/callback?a=b",
    "http://[::1]:3000/callback",
    "http://localhost:3000/callback",
];

/// A client with one redirect URI.
async fn client(stand: &Stand, redirect: &str) -> Application {
    let mut metadata = metadata();
    metadata["redirect_uris"] = json!([redirect]);
    stand.registered(&metadata).await.0
}

async fn opened(stand: &Stand, client: &Application, asked: &str) -> Page {
    let asking = Application {
        redirect: asked.to_owned(),
        ..client.clone()
    };
    let browser = Browser::new(stand.http.clone());
    browser.get(&asking.authorize(stand)).await
}

/// Whether this redirect URI is accepted.
async fn is_known(stand: &Stand, client: &Application, asked: &str) -> bool {
    let page = opened(stand, client, asked).await;
    if page.moves() {
        assert_eq!(page.location().path(), "/consent");
        return true;
    }
    assert_eq!(page.status, 400, "{asked}");
    false
}

/// Also B1.
#[tokio::test]
async fn a4_a_redirect_uri_matches_byte_for_byte() {
    let stand = Stand::start().await;
    for registered in REGISTERED {
        let client = client(&stand, registered).await;
        assert!(is_known(&stand, &client, registered).await, "{registered}");
    }
    let client = client(&stand, "https://client.example/callback").await;
    for (asked, what) in [
        ("https://client.examplf/callback", "another host"),
        ("https://CLIENT.example/callback", "another spelling"),
        ("http://client.example/callback", "another scheme"),
        ("HTTPS://client.example/callback", "another case"),
        ("https://client.example/Callback", "another path"),
        ("https://client.example/a/../callback", "a dot segment"),
        ("https://client.example/%63allback", "an escape"),
        ("https://client.example/callback?", "a query"),
        ("https://client.example/callback?a=b", "a query"),
        ("https://client.example/callback#", "a fragment"),
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
        ("https://client.example//callback", "an added slash"),
        ("https:\\\\client.example\\callback", "backslashes"),
        (" https://client.example/callback", "a space"),
        ("https://client.example/callback\n", "a line end"),
        ("https://client.example/callback\0", "a zero"),
        (
            "https://cli\u{435}nt.example/callback",
            "a letter that looks the same",
        ),
    ] {
        assert!(!is_known(&stand, &client, asked).await, "{what}: {asked}");
    }
}

/// Also B1.
#[tokio::test]
async fn a4_only_the_port_of_a_loopback_redirect_may_vary() {
    let stand = Stand::start().await;
    for (registered, hosts) in [
        ("http://127.0.0.1/callback", ["[::1]", "localhost"]),
        ("http://[::1]:3000/callback", ["127.0.0.1", "localhost"]),
        ("http://localhost:3000/callback", ["127.0.0.1", "[::1]"]),
    ] {
        let client = client(&stand, registered).await;
        let host = registered.trim_start_matches("http://");
        let host = host.trim_end_matches("/callback").trim_end_matches(":3000");
        for asked in [
            format!("http://{host}/callback"),
            format!("http://{host}:1/callback"),
            format!("http://{host}:51004/callback"),
            format!("http://{host}:65535/callback"),
        ] {
            assert!(is_known(&stand, &client, &asked).await, "{asked}");
        }
        for asked in [
            format!("http://{}:51004/callback", hosts[0]),
            format!("http://{}:51004/callback", hosts[1]),
            "http://127.0.0.2:51004/callback".to_owned(),
            "http://127.1:51004/callback".to_owned(),
            "http://2130706433:51004/callback".to_owned(),
            format!("https://{host}:51004/callback"),
            format!("HTTP://{host}:51004/callback"),
            format!("http://{host}:51004/other"),
            format!("http://{host}:51004/callback/"),
            format!("http://{host}:51004/callback?a=b"),
            format!("http://{host}:51004/callback#a"),
            format!("http://{host}:/callback"),
            format!("http://{host}:0/callback"),
            format!("http://{host}:080/callback"),
            format!("http://{host}:65536/callback"),
            format!("http://{host}:+80/callback"),
            format!("http://{host}:80@evil.example/callback"),
            format!("http://{host}@evil.example/callback"),
            format!("http://{host}.evil.example/callback"),
            format!("http://{host}:80.evil.example/callback"),
            format!("http://{host}:80\\@evil.example/callback"),
            format!("http://me@{host}:51004/callback"),
        ] {
            assert!(!is_known(&stand, &client, &asked).await, "{asked}");
        }
        stand.later(60);
    }
    // Otherwise the port is part of what is registered.
    let client = client(&stand, "https://client.example:8443/callback").await;
    let other = "https://client.example:8444/callback";
    assert!(!is_known(&stand, &client, other).await);
}

/// Every redirect URI with one byte changed, added or missing, at every position.
/// Also B1.
#[tokio::test]
async fn a4_a_redirect_uri_that_differs_in_one_byte_is_refused() {
    let stand = Stand::start().await;
    for registered in [
        "https://client.example/callback",
        "http://127.0.0.1:3000/cb",
    ] {
        let client = client(&stand, registered).await;
        let is_port = |text: &str| {
            let port = text.strip_prefix("http://127.0.0.1:");
            let port = port.and_then(|rest| rest.strip_suffix("/cb"));
            let number = port.and_then(|digits| Some((digits, digits.parse::<u16>().ok()?)));
            let is_plain = number.is_some_and(|(digits, n)| n > 0 && n.to_string() == digits);
            is_plain || text == "http://127.0.0.1/cb"
        };
        for at in 0..registered.len() {
            let (start, end) = registered.split_at(at);
            let mut asked = vec![format!("{start}{}", &end[1..])];
            for other in ["0", "a", "A", ".", "/", "%", "@"] {
                asked.push(format!("{start}{other}{}", &end[1..]));
                asked.push(format!("{start}{other}{end}"));
            }
            asked.retain(|asked| asked != registered);
            for asked in asked {
                let known = is_known(&stand, &client, &asked).await;
                assert_eq!(known, is_port(&asked), "{asked}");
            }
            // The rate limit is not the subject here.
            stand.later(60);
        }
    }
}

/// A client in the database from before the operator removed its scheme from the list.
#[tokio::test]
async fn c12_a_scheme_that_is_no_longer_allowed_is_refused_at_authorization() {
    let stand = Stand::start().await;
    let client = client(&stand, "https://client.example/callback").await;
    let store = stand.store().await;
    let mut kept = store.client(&client.id).await.unwrap().unwrap();
    for uri in [
        "microsoft-edge:https://evil.example/callback",
        "ms-settings:privacy",
        "rdp:evil.example",
        "tool://callback",
        "javascript:alert(1)",
    ] {
        kept.redirect_uris = vec![uri.to_owned()];
        store.put_client(&kept).await.unwrap();
        let page = opened(&stand, &client, uri).await;
        assert_eq!(page.status, 400, "{uri}");
        assert!(!page.moves() && !page.text.contains(uri), "{}", page.text);
        // Nor does a wrong request redirect there.
        let mut request = Application {
            redirect: uri.to_owned(),
            ..client.clone()
        }
        .request(&stand);
        request.retain(|(name, _)| *name != "code_challenge");
        let page = Browser::new(stand.http.clone())
            .get(&address(&stand, &request))
            .await;
        assert_eq!(page.status, 400, "{uri}");
        assert!(!page.moves() && !page.text.contains(uri), "{}", page.text);
    }
}

#[tokio::test]
async fn a4_a_request_with_an_unregistered_redirect_uri_redirects_nowhere() {
    let stand = Stand::start().await;
    let client = client(&stand, "https://client.example/callback").await;
    let page = opened(&stand, &client, "https://evil.example/callback").await;
    assert_eq!(page.status, 400);
    assert!(!page.moves());
    assert!(!page.text.contains("evil.example"), "{}", page.text);
}
