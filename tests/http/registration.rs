//! `POST /register` (RFC 7591): oauth-checklist.md, clients.

mod limits;

use kestra_mcp::store::Store as _;
use serde_json::{Value, json};

use crate::stand::Stand;
use crate::wire::{metadata, redeeming};

/// Metadata with one field changed.
fn with(field: &str, value: Value) -> Value {
    let mut metadata = metadata();
    metadata[field] = value;
    metadata
}

#[tokio::test]
async fn c10_a_client_registers_itself_and_is_authorized() {
    let stand = Stand::start().await;
    let (client, _) = stand.registered(&metadata()).await;
    let code = stand.code_for(&client, "ann").await;
    let tokens = stand
        .post("/token", &redeeming(&client, &code))
        .await
        .tokens();
    assert_eq!(stand.mcp(&tokens.access).await, 200);
}

#[tokio::test]
async fn c10_without_registration_there_is_no_endpoint() {
    let stand = Stand::with(|world| world.set("KESTRA_MCP_CLIENT_REGISTRATION", "false")).await;
    assert_eq!(stand.registering(&metadata()).await.status, 404);
}

#[tokio::test]
async fn c10_the_operator_may_require_a_token() {
    let token = "registration-token-of-the-operator";
    let stand = Stand::with(|world| world.set("KESTRA_MCP_REGISTRATION_TOKEN", token)).await;
    let register = |authorization: Option<String>| {
        let post = stand.http.post(stand.url("/register"));
        let post = post.header("content-type", "application/json");
        let post = post.body(metadata().to_string());
        match authorization {
            Some(value) => post.header("authorization", value),
            None => post,
        }
    };
    for wrong in [
        None,
        Some("Bearer another-token-of-nobody".to_owned()),
        Some(format!("Basic {token}")),
        Some(token.to_owned()),
        Some("Bearer".to_owned()),
        Some(format!("Bearer {token}x")),
    ] {
        let answer = stand.fetch(register(wrong)).await;
        answer.is(401, "invalid_token");
    }
    let answer = stand.fetch(register(Some(format!("Bearer {token}")))).await;
    assert_eq!(answer.status, 201);
}

/// Also B16.
#[tokio::test]
async fn c11_the_redirect_uris_a_client_may_register_depend_on_its_type() {
    let stand = Stand::start().await;
    let cases = [
        ("https://client.example/callback", true, true),
        ("https://client.example:8443/callback?a=b", true, true),
        ("http://127.0.0.1/callback", false, true),
        ("http://127.0.0.1:3000/callback", false, true),
        ("http://[::1]:3000/callback", false, true),
        ("http://localhost:3000/callback", false, true),
        ("https://localhost/callback", false, true),
        ("https://127.0.0.1/callback", false, true),
        ("https://127.1/callback", false, true),
        ("https://2130706433/callback", false, true),
        ("https://[::1]/callback", false, true),
        ("https://[::ffff:127.0.0.1]/callback", false, true),
        ("https://0.0.0.0/callback", false, true),
        ("https://sub.localhost/callback", false, true),
        ("cursor://app.example/callback", false, true),
        ("com.example.app:/callback", false, true),
        ("http://client.example/callback", false, false),
        ("http://localhost.evil.example/callback", false, false),
        ("http://127.0.0.1.evil.example/callback", false, false),
        ("http://192.168.1.1/callback", false, false),
        ("/callback", false, false),
        ("", false, false),
        ("https://", false, false),
        ("https:client.example/callback", false, false),
        ("https://client.example/callback#a", false, false),
        ("https://client.example/callback#", false, false),
        ("https://me@client.example/callback", false, false),
        ("https://*.client.example/callback", false, false),
        ("https://client.example/a b", false, false),
    ];
    for (redirect, of_web, of_native) in cases {
        for (kind, is_good) in [
            (json!("web"), of_web),
            (json!("native"), of_native),
            (Value::Null, of_native),
        ] {
            let mut metadata = with("redirect_uris", json!([redirect]));
            if !kind.is_null() {
                metadata["application_type"] = kind.clone();
            }
            let answer = stand.registering(&metadata).await;
            if is_good {
                assert_eq!(answer.status, 201, "{kind} {redirect}: {answer:?}");
                let kind = kind.as_str().unwrap_or("native");
                assert_eq!(answer.json()["application_type"], kind);
            } else {
                assert_eq!(
                    answer.error(),
                    (400, "invalid_redirect_uri".to_owned()),
                    "{redirect}"
                );
            }
            stand.later(60);
        }
    }
    let answer = stand
        .registering(&with("application_type", json!("toaster")))
        .await;
    answer.is(400, "invalid_client_metadata");
}

#[tokio::test]
async fn c12_schemes_that_run_or_display_content_are_refused_in_any_disguise() {
    let stand = Stand::start().await;
    for scheme in [
        "javascript",
        "data",
        "file",
        "blob",
        "vbscript",
        "about",
        "view-source",
    ] {
        let upper = scheme.to_ascii_uppercase();
        let (first, rest) = scheme.split_at(1);
        let (start, end) = scheme.split_at(scheme.len() / 2);
        for uri in [
            format!("{scheme}:alert(1)"),
            format!("{scheme}://client.example/callback"),
            format!("{upper}:alert(1)"),
            format!("{}{rest}:alert(1)", first.to_ascii_uppercase()),
            format!(" {scheme}:alert(1)"),
            format!("\t{scheme}:alert(1)"),
            format!("\u{0}{scheme}:alert(1)"),
            format!("\u{1b}{scheme}:alert(1)"),
            format!("{start}\n{end}:alert(1)"),
            format!("{start}\t{end}:alert(1)"),
            format!("{start}\r{end}:alert(1)"),
            format!("{scheme}\t:alert(1)"),
            format!("{scheme} :alert(1)"),
            format!("{scheme}&colon;alert(1)"),
            format!("{scheme}%3aalert(1)"),
            format!("{scheme}\u{ff1a}alert(1)"),
            format!("\u{200b}{scheme}:alert(1)"),
        ] {
            for list in [json!([uri]), json!(["http://127.0.0.1/callback", uri])] {
                let answer = stand.registering(&with("redirect_uris", list)).await;
                let error = (400, "invalid_redirect_uri".to_owned());
                assert_eq!(answer.error(), error, "{uri:?}");
                // The error does not repeat the bad value, which might be shown somewhere.
                assert!(!answer.text.contains("alert(1)"), "{answer:?}");
            }
            stand.later(60);
        }
    }
}

/// Schemes that open a part of the system, or a program that is not an OAuth client.
const NO_CLIENTS: &[&str] = &[
    "microsoft-edge:https://evil.example/callback",
    "microsoft-edge-holographic:https://evil.example",
    "ms-settings:privacy",
    "ms-settings-power:",
    "ms-word:ofe|u|https://evil.example/a.docx",
    "ms-excel:ofv%7Cu%7Chttps://evil.example",
    "ms-appinstaller:?source=https://evil.example/a.msix",
    "ms-windows-store://pdp",
    "ms-quick-assist://x",
    "ms-screenclip://x",
    "ms-msdt:/id",
    "ms-officecmd:x",
    "ms-gamebar:x",
    "ms-contact-support:x",
    "search-ms:query=x",
    "search:query=x",
    "windowsdefender://threat",
    "microsoft.windows.camera:x",
    "rdp:full%20address=s:evil.example",
    "vnc://evil.example",
    "ssh://evil.example",
    "telnet://evil.example",
    "tn3270://evil.example",
    "sftp://evil.example",
    "smb://evil.example/share",
    "afp://evil.example",
    "nfs://evil.example",
    "ldap://evil.example",
    "git://evil.example",
    "svn+ssh://evil.example",
    "callto:x",
    "tel:112",
    "sms:112",
    "facetime://x",
    "skype:x?call",
    "sip:x@evil.example",
    "zoommtg://x",
    "steam://run/1",
    "itms-services://?action=download-manifest",
    "market://details",
    "webcal://evil.example",
    "feed://evil.example",
    "x-apple.systempreferences:com.apple.preference.security",
    "x-man-page://x",
    "help:runscript=x",
    "applescript://com.apple.scripteditor",
    "shortcuts://run-shortcut",
    "vscodium://x",
    "tool://callback",
    "a://callback",
    "iris.beep:x",
];

/// RFC 8252 section 7.1.
#[tokio::test]
async fn c12_a_private_use_scheme_is_a_reversed_domain_or_on_the_list() {
    let stand = Stand::start().await;
    for uri in NO_CLIENTS {
        for list in [json!([uri]), json!(["http://127.0.0.1/callback", uri])] {
            let answer = stand.registering(&with("redirect_uris", list)).await;
            assert_eq!(
                answer.error(),
                (400, "invalid_redirect_uri".to_owned()),
                "{uri}"
            );
            assert!(!answer.text.contains("evil.example"), "{answer:?}");
        }
        stand.later(60);
    }
    for uri in [
        "com.example.app:/callback",
        "com.raycast:/oauth?package_name=Extension",
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "vscode://dynamicauthprovider/kestra.example/authorize",
        "vscode-insiders://dynamicauthprovider/kestra.example/authorize",
        "claude://oauth/callback",
        "warp://mcp/oauth2callback",
        "raycast://oauth?package_name=mcp_server_kestra_(dev)",
    ] {
        let answer = stand
            .registering(&with("redirect_uris", json!([uri])))
            .await;
        assert_eq!(answer.status, 201, "{uri}: {answer:?}");
    }
}

#[tokio::test]
async fn c12_the_operator_extends_or_replaces_the_list() {
    for (list, added, known) in [("+tool, +other", true, true), ("tool", true, false)] {
        let stand = Stand::with(|world| world.set("KESTRA_MCP_REDIRECT_SCHEMES", list)).await;
        for (uri, is_good) in [
            ("tool://callback", added),
            ("cursor://anysphere.cursor-mcp/oauth/callback", known),
            ("com.example.app:/callback", true),
            ("ms-settings:privacy", false),
        ] {
            let answer = stand
                .registering(&with("redirect_uris", json!([uri])))
                .await;
            let status = if is_good { 201 } else { 400 };
            assert_eq!(answer.status, status, "{list}: {uri}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn c12_other_redirect_uris_are_web_urls() {
    let stand = Stand::start().await;
    for field in [
        "client_uri",
        "logo_uri",
        "tos_uri",
        "policy_uri",
        "jwks_uri",
    ] {
        for (uri, is_good) in [
            ("https://client.example/about", true),
            ("http://client.example/about", true),
            ("javascript:alert(1)", false),
            ("JavaScript:alert(1)", false),
            (" https://client.example/about", false),
            ("java\nscript:alert(1)", false),
            ("data:text/html,a", false),
            ("file:///etc/passwd", false),
            ("https://", false),
            ("//client.example", false),
            ("about", false),
        ] {
            let answer = stand.registering(&with(field, json!(uri))).await;
            if is_good {
                assert_eq!(answer.status, 201, "{field} {uri}");
            } else {
                answer.is(400, "invalid_client_metadata");
            }
            stand.later(60);
        }
    }
}

/// Also B25.
#[tokio::test]
async fn c13_the_answer_lists_what_was_registered_and_nothing_else() {
    let stand = Stand::start().await;
    let asked = json!({
        "client_name": "A client <b>",
        "redirect_uris": ["http://127.0.0.1:1/callback", "com.example.tool://callback"],
        "grant_types": ["refresh_token", "authorization_code", "password"],
        "response_types": ["code", "token"],
        "token_endpoint_auth_method": "client_secret_post",
        "application_type": "native",
        "scope": "kestra:read offline_access profile",
        "contacts": ["ann@example.com"],
        "software_id": "1",
        "client_uri": "https://client.example",
        "client_id": "chosen-by-the-client",
        "client_secret": "chosen-by-the-client",
    });
    let answer = stand.registering(&asked).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let mut told = answer.json();
    let fields = told.as_object_mut().unwrap();
    let id = fields.remove("client_id").unwrap();
    let secret = fields.remove("client_secret").unwrap();
    assert!(id.as_str().unwrap().len() >= 22 && secret.as_str().unwrap().len() >= 43);
    assert_eq!(
        told,
        json!({
            "client_id_issued_at": stand.now() / 1000,
            "client_secret_expires_at": 0,
            "client_name": "A client <b>",
            "redirect_uris": ["http://127.0.0.1:1/callback", "com.example.tool://callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_post",
            "application_type": "native",
            "scope": "kestra:read offline_access",
        })
    );
    // The registered scope is a limit: requests are cut to it.
    let store = stand.store().await;
    let kept = store.client(id.as_str().unwrap()).await.unwrap().unwrap();
    assert_eq!(
        kept.redirect_uris,
        ["http://127.0.0.1:1/callback", "com.example.tool://callback"]
    );
    assert_eq!(kept.grant_types, ["authorization_code", "refresh_token"]);
}

#[tokio::test]
async fn c13_omitted_metadata_has_the_defaults_of_the_rfc() {
    let stand = Stand::start().await;
    let asked = json!({ "redirect_uris": ["http://127.0.0.1:1/callback"] });
    let answer = stand.registering(&asked).await;
    assert_eq!(answer.status, 201);
    let told = answer.json();
    assert_eq!(told["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(told["grant_types"], json!(["authorization_code"]));
    assert_eq!(told["response_types"], json!(["code"]));
    assert!(told["client_secret"].is_string());
    assert_eq!(told.get("scope"), None);
}

#[tokio::test]
async fn c13_a_client_that_asks_for_no_known_scope_gets_the_default() {
    let stand = Stand::start().await;
    let answer = stand
        .registering(&with("scope", json!("openid profile email")))
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.json()["scope"], "kestra:read kestra:write");
}

#[tokio::test]
async fn c13_an_empty_string_counts_as_absent() {
    let stand = Stand::start().await;
    let mut asked = json!({ "redirect_uris": ["http://127.0.0.1:1/callback"] });
    for field in [
        "client_name",
        "token_endpoint_auth_method",
        "application_type",
        "scope",
        "client_uri",
        "logo_uri",
        "tos_uri",
        "policy_uri",
        "jwks_uri",
    ] {
        asked[field] = json!(if field.ends_with("_uri") { "" } else { " " });
    }
    let answer = stand.registering(&asked).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let told = answer.json();
    assert_eq!(told["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(told["application_type"], "native");
    assert_eq!(told.get("scope"), None);
    // A redirect URI is not one of those.
    let answer = stand.registering(&with("redirect_uris", json!([""]))).await;
    answer.is(400, "invalid_redirect_uri");
}

#[tokio::test]
async fn c13_each_registration_makes_a_new_client() {
    let stand = Stand::start().await;
    let (one, _) = stand.registered(&metadata()).await;
    let (other, _) = stand.registered(&metadata()).await;
    assert_ne!(one.id, other.id);
}

#[tokio::test]
async fn c13_inconsistent_metadata_is_refused() {
    let stand = Stand::start().await;
    for (field, value, code) in [
        ("redirect_uris", json!([]), "invalid_redirect_uri"),
        ("redirect_uris", Value::Null, "invalid_redirect_uri"),
        (
            "redirect_uris",
            json!(vec!["http://127.0.0.1/callback"; 17]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!("http://127.0.0.1/callback"),
            "invalid_client_metadata",
        ),
        (
            "grant_types",
            json!(["refresh_token"]),
            "invalid_client_metadata",
        ),
        (
            "response_types",
            json!(["token"]),
            "invalid_client_metadata",
        ),
        ("client_name", json!(7), "invalid_client_metadata"),
    ] {
        let answer = stand.registering(&with(field, value)).await;
        answer.is(400, code);
    }
}
