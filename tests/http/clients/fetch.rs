//! How a client metadata document is fetched, and that a fetch reveals nothing.

use std::net::IpAddr;

use serde_json::json;

use super::web::{
    HERE, Says, Web, application, document, is_let_on, is_refused, opened, waited_for,
};
use crate::stand::{Browser, Stand};
use crate::traces::Log;

fn kind(text: &str) -> (&'static str, String) {
    ("content-type", text.to_owned())
}

#[tokio::test]
async fn c6_a_request_is_plain_and_carries_nothing() {
    let web = Web::start().await;
    let stand = web.stand().await;
    is_let_on(&opened(&stand, &web.publish("/client.json?v=2", &[])).await);
    let requests = web.requests();
    let lines: Vec<&str> = requests[0].trim_end().split("\r\n").collect();
    assert_eq!(lines[0], "get /client.json?v=2 http/1.1");
    let mut names: Vec<&str> = lines[1..]
        .iter()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "host", "user-agent"]);
}

#[tokio::test]
async fn c6_no_redirect_is_followed() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let good = web.publish("/good.json", &[]);
    for status in [301, 302, 303, 307, 308] {
        let path = format!("/{status}.json");
        let headers = vec![("location", good.id.clone()), kind("application/json")];
        let body = document(&web.id("client.example", &path)).to_string();
        web.says(&path, Says::Answer(status, headers, body.into_bytes()));
        let page = opened(&stand, &application(&web.id("client.example", &path))).await;
        is_refused(&page, &path);
    }
    assert_eq!(web.asked(), 5);
}

#[tokio::test]
async fn c6_a_document_is_json_of_at_most_five_kilobytes() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let padded = |id: &str, bytes: usize| {
        let mut document = document(id);
        document["padding"] = json!("");
        let missing = bytes - document.to_string().len();
        document["padding"] = json!("a".repeat(missing));
        document.to_string().into_bytes()
    };
    let id = |path: &str| web.id("client.example", path);
    for (path, kind_of, bytes, is_good) in [
        ("/full.json", "application/json; charset=utf-8", 5120, true),
        ("/more.json", "application/json", 5121, false),
        ("/huge.json", "application/json", 5 << 20, false),
        ("/html.json", "text/html", 400, false),
        ("/text.json", "text/plain", 400, false),
        ("/own.json", "application/client+json", 400, true),
    ] {
        let body = padded(&id(path), bytes);
        assert_eq!(body.len(), bytes);
        web.says(path, Says::Answer(200, vec![kind(kind_of)], body));
        let page = opened(&stand, &application(&id(path))).await;
        if is_good {
            is_let_on(&page);
        } else {
            is_refused(&page, path);
        }
    }
    // It may not be longer without a declared length either.
    let compressed = vec![
        kind("application/json"),
        ("content-encoding", "gzip".to_owned()),
    ];
    web.says(
        "/gzip.json",
        Says::Answer(200, compressed, vec![0x1f, 0x8b, 8, 0]),
    );
    let page = opened(&stand, &application(&id("/gzip.json"))).await;
    is_refused(&page, "compressed");
}

#[tokio::test]
async fn c6_a_silent_server_times_out_after_ten_seconds() {
    let web = Web::start().await;
    let stand = web.stand().await;
    web.says("/silent.json", Says::Nothing);
    let silent = application(&web.id("client.example", "/silent.json"));
    is_refused(&waited_for(&stand, &web, &silent).await, "silent");
}

/// Whatever a name resolves to, only public addresses are connected to.
#[tokio::test]
async fn c6_only_public_addresses_are_connected_to() {
    let web = Web::start().await;
    let stand = Stand::with(|world| world.outside = web.outside_with(Vec::new())).await;
    for (nth, address) in [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "fe80::5efe:7f00:1",
    ]
    .into_iter()
    .enumerate()
    {
        let host = format!("name-{nth}.example");
        web.name(&host, &[address.parse::<IpAddr>().unwrap()]);
        let id = web.id(&host, &format!("/{nth}.json"));
        is_refused(&opened(&stand, &application(&id)).await, address);
        assert_eq!(web.looked_up().len(), nth + 1, "{address}");
        stand.later(10);
    }
    assert_eq!(web.connections(), 0);
}

#[tokio::test]
async fn c6_of_several_addresses_the_public_ones_are_connected_to() {
    let web = Web::start().await;
    let stand = web.stand().await;
    // Only the last one counts as public here; each of the others would close the connection.
    let private = ["10.0.0.1", "192.168.1.1", "169.254.169.254", "fd00::1"];
    let mut addresses: Vec<IpAddr> = private.iter().map(|text| text.parse().unwrap()).collect();
    addresses.push(HERE);
    web.name("client.example", &addresses);
    is_let_on(&opened(&stand, &web.publish("/client.json", &[])).await);
    assert_eq!(web.looked_up(), ["client.example"]);
}

/// The address that was checked is the one that is connected to: there is no second resolution,
/// which might answer otherwise (DNS rebinding).
#[tokio::test]
async fn c6_a_name_is_resolved_once_for_a_document() {
    let web = Web::start().await;
    let stand = web.stand().await;
    is_let_on(&opened(&stand, &web.publish("/client.json", &[])).await);
    assert_eq!(web.looked_up(), ["client.example"]);
    web.name("client.example", &["10.0.0.1".parse().unwrap()]);
    is_refused(
        &opened(&stand, &web.publish("/second.json", &[])).await,
        "moved",
    );
    assert_eq!(web.connections(), 1);
}

#[tokio::test]
async fn c6_a_certificate_is_checked() {
    let web = Web::start().await;
    let stand = web.stand().await;
    // The server is up, and its certificate names others.
    web.name("stranger.example", &[HERE]);
    let stranger = web.publish_at("stranger.example", "/client.json", &[]);
    is_refused(&opened(&stand, &stranger).await, "another name");
    assert_eq!((web.connections(), web.asked()), (1, 0));
}

#[tokio::test]
async fn c7_a_page_repeats_nothing_that_a_server_said() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let id = |path: &str| web.id("client.example", path);
    let secret = "words-of-an-inner-server";
    let said = |status, kind_of: &str, body: String| {
        Says::Answer(status, vec![kind(kind_of)], body.into_bytes())
    };
    web.says("/refused.json", said(403, "text/html", secret.to_owned()));
    web.says(
        "/broken.json",
        said(500, "application/json", secret.to_owned()),
    );
    web.says("/html.json", said(200, "text/html", secret.to_owned()));
    web.says(
        "/garbage.json",
        said(200, "application/json", secret.to_owned()),
    );
    let mut named = document(&id("/other.json"));
    named["client_name"] = json!(secret);
    web.says(
        "/named.json",
        said(200, "application/json", named.to_string()),
    );
    web.name("gone.example", &["10.0.0.1".parse().unwrap()]);
    let mut pages = Vec::new();
    for (host, id) in [
        ("client.example", id("/missing.json")),
        ("client.example", id("/refused.json")),
        ("client.example", id("/broken.json")),
        ("client.example", id("/html.json")),
        ("client.example", id("/garbage.json")),
        ("client.example", id("/named.json")),
        ("gone.example", web.id("gone.example", "/a.json")),
        ("unknown.example", web.id("unknown.example", "/a.json")),
    ] {
        let page = opened(&stand, &application(&id)).await;
        is_refused(&page, &id);
        assert!(!page.text.contains(secret), "{id}");
        // Except for the host, which the visitor named, and the request id, which is unique.
        let name = page.headers["x-request-id"].to_str().unwrap();
        assert!(page.text.contains(name), "{}", page.text);
        assert!(page.text.contains(host), "{}", page.text);
        pages.push(page.text.replace(name, "NAME").replace(host, "HOST"));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:?}");
}

/// Whoever can fix the problem is told how, and nobody else is.
#[tokio::test]
async fn c7_the_page_names_the_host_and_who_can_fix_it_and_the_log_says_why() {
    let web = Web::start().await;
    web.says("/refused.json", Says::Answer(403, Vec::new(), Vec::new()));
    web.says("/moved.json", Says::Answer(302, Vec::new(), Vec::new()));
    let garbage = Says::Answer(200, vec![kind("application/json")], b"{".to_vec());
    web.says("/garbage.json", garbage);
    let stand = web.stand().await;
    let reach = "let this server reach the host on port 443";
    for (host, path, cause, remedy) in [
        (
            "client.example",
            "/missing.json",
            "the status 404",
            "no longer published",
        ),
        (
            "client.example",
            "/refused.json",
            "the status 403",
            "register the client as [[client]]",
        ),
        (
            "client.example",
            "/moved.json",
            "the status 302",
            "register the client as [[client]]",
        ),
        (
            "client.example",
            "/garbage.json",
            "no JSON of a client",
            "[[client]]",
        ),
        (
            "unknown.example",
            "/a.json",
            "its name does not resolve",
            reach,
        ),
        (
            "stranger.example",
            "/a.json",
            "certificate is not trusted",
            "SSL_CERT_FILE",
        ),
    ] {
        web.name("stranger.example", &[HERE]);
        let log = Log::of_all();
        let page = opened(&stand, &application(&web.id(host, path))).await;
        is_refused(&page, path);
        for part in [host, "operator of this server"] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        assert!(!page.text.contains("add it again"), "{}", page.text);
        let log = log.text();
        let told = log
            .lines()
            .find(|line| line.contains("its client is turned away"));
        let told = told.unwrap_or_else(|| panic!("{path}: {log}"));
        for part in ["WARN", &*format!("host={host:?}"), cause, remedy] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
    // A client whose id this server has removed registers again.
    let page = opened(&stand, &application("client-that-nobody-knows")).await;
    assert!(page.text.contains("add it again"), "{}", page.text);
    // An id that cannot name a document is the client's fault.
    let page = opened(&stand, &application("https://127.0.0.1/a.json")).await;
    is_refused(&page, "an address");
    assert!(page.text.contains("fault of the client"), "{}", page.text);
    assert!(!page.text.contains("add it again"), "{}", page.text);
}

#[tokio::test]
async fn c8_no_logo_of_a_client_is_loaded() {
    let web = Web::start().await;
    let stand = web.stand().await;
    let client = web.publish("/client.json", &[]);
    let mut document = document(&client.id);
    for field in [
        "logo_uri",
        "client_uri",
        "policy_uri",
        "tos_uri",
        "jwks_uri",
    ] {
        document[field] = json!(web.id("client.example", &format!("/{field}")));
    }
    web.says("/client.json", Says::json(&document, &[]));
    let browser = Browser::new(stand.http.clone());
    let page = client.ask(&stand, &browser).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Published client"), "{}", page.text);
    assert!(!page.text.contains("_uri") && !page.text.contains("<img"));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("img-src"));
    assert_eq!(web.asked(), 1);
}
