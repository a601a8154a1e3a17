//! What a client discovers: oauth-checklist.md, discovery.

use openidconnect::core::CoreProviderMetadata;
use openidconnect::{HttpRequest, HttpResponse, IssuerUrl};
use reqwest::Method;
use serde_json::{Value, json};

use crate::stand::{Application, Browser, Stand};
use crate::wire::{Answer, metadata, redeeming};

const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const SERVER: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// A metadata document, which clients may cache for five minutes.
async fn document(stand: &Stand, path: &str) -> Value {
    let answer = stand.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    answer.json()
}

#[tokio::test]
async fn d1_the_resource_names_its_one_authorization_server() {
    let stand = Stand::start().await;
    let issuer = stand.issuer();
    assert_eq!(
        document(&stand, &format!("{RESOURCE}/mcp")).await,
        json!({
            "resource": format!("{issuer}/mcp"),
            "authorization_servers": [issuer],
            "scopes_supported": ["kestra:read", "kestra:write"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Kestra",
        })
    );
}

#[tokio::test]
async fn d2_the_root_serves_the_same_document_and_no_other_path_does() {
    let stand = Stand::start().await;
    let at_root = document(&stand, RESOURCE).await;
    assert_eq!(at_root, document(&stand, &format!("{RESOURCE}/mcp")).await);
    assert_eq!(at_root["resource"], format!("{}/mcp", stand.issuer()));
    let with_slash = document(&stand, &format!("{RESOURCE}/mcp/")).await;
    assert_eq!(at_root, with_slash);
    for suffix in ["/other", "/mcp/other", "/token"] {
        let answer = stand.get(&format!("{RESOURCE}{suffix}")).await;
        assert_eq!(answer.status, 404, "{suffix}");
    }
}

#[tokio::test]
async fn d3_the_metadata_has_all_that_a_client_needs() {
    let stand = Stand::start().await;
    let issuer = stand.issuer();
    let methods = ["none", "client_secret_basic", "client_secret_post"];
    assert_eq!(
        document(&stand, SERVER).await,
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "revocation_endpoint": format!("{issuer}/revoke"),
            "registration_endpoint": format!("{issuer}/register"),
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "scopes_supported": ["kestra:read", "kestra:write", "offline_access"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "client_id_metadata_document_supported": true,
            "protected_resources": [format!("{issuer}/mcp")],
        })
    );
}

#[tokio::test]
async fn d4_the_issuer_is_the_configured_one_without_a_trailing_slash() {
    let mut documents = Vec::new();
    for configured in ["https://mcp.example", "https://mcp.example/"] {
        let stand = Stand::with(|world| world.set("KESTRA_MCP_PUBLIC_URL", configured)).await;
        let of_server = document(&stand, SERVER).await;
        assert_eq!(of_server["issuer"], "https://mcp.example");
        let of_resource = document(&stand, RESOURCE).await;
        assert_eq!(of_resource["resource"], "https://mcp.example/mcp");
        documents.push((of_server, of_resource));
    }
    assert_eq!(documents[0], documents[1]);
}

/// The issuer of a token is the same text.
#[tokio::test]
async fn d4_tokens_and_responses_name_the_same_issuer() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    let browser = stand.browser_of("ann");
    let back = application.approve(&stand, &browser).await;
    let issuer = document(&stand, SERVER).await["issuer"].clone();
    assert_eq!(issuer, back.get("iss"));
    let code = redeeming(&application, &back.get("code"));
    let tokens = stand.post("/token", &code).await.tokens();
    assert_eq!(crate::wire::jwt(&tokens.access).1["iss"], issuer);
}

#[tokio::test]
async fn d5_a_strict_client_of_openid_connect_reads_the_same() {
    let stand = Stand::start().await;
    let mut whole = document(&stand, OPENID).await;
    let http = stand.http.clone();
    let ask = |request: HttpRequest| {
        let http = http.clone();
        async move {
            let answer = http.execute(request.try_into().unwrap()).await?;
            let mut read = HttpResponse::default();
            *read.status_mut() = answer.status();
            *read.headers_mut() = answer.headers().clone();
            *read.body_mut() = answer.bytes().await?.into();
            Ok::<_, reqwest::Error>(read)
        }
    };
    let issuer = IssuerUrl::new(stand.issuer().to_owned()).unwrap();
    let read = CoreProviderMetadata::discover_async(issuer, &ask).await;
    let read = read.unwrap();
    assert_eq!(read.jwks().keys().len(), 1);
    assert_eq!(read.id_token_signing_alg_values_supported().len(), 1);
    let fields = whole.as_object_mut().unwrap();
    assert_eq!(
        fields.remove("subject_types_supported"),
        Some(json!(["public"]))
    );
    assert_eq!(
        fields.remove("id_token_signing_alg_values_supported"),
        Some(json!(["EdDSA"]))
    );
    assert_eq!(whole, document(&stand, SERVER).await);
}

/// Also B12.
#[tokio::test]
async fn d6_s256_is_the_only_challenge_method() {
    let stand = Stand::start().await;
    for path in [SERVER, OPENID] {
        let methods = &document(&stand, path).await["code_challenge_methods_supported"];
        assert_eq!(methods, &json!(["S256"]));
    }
}

#[tokio::test]
async fn d7_client_metadata_documents_are_advertised_while_they_are_accepted() {
    let stand = Stand::start().await;
    let on = document(&stand, SERVER).await;
    assert_eq!(on["client_id_metadata_document_supported"], true);
    assert_eq!(on["authorization_response_iss_parameter_supported"], true);
    let stand = Stand::with(|world| {
        world.set("KESTRA_MCP_CLIENT_DOCUMENTS", "off");
    })
    .await;
    let off = document(&stand, SERVER).await;
    assert_eq!(off.get("client_id_metadata_document_supported"), None);
    assert_eq!(off["authorization_response_iss_parameter_supported"], true);
}

#[tokio::test]
async fn d8_every_advertised_endpoint_exists() {
    let stand = Stand::start().await;
    let whole = document(&stand, OPENID).await;
    for (field, method) in [
        ("authorization_endpoint", Method::GET),
        ("token_endpoint", Method::POST),
        ("revocation_endpoint", Method::POST),
        ("registration_endpoint", Method::POST),
        ("jwks_uri", Method::GET),
    ] {
        let url = whole[field].as_str().unwrap();
        let answer = stand.fetch(stand.http.request(method, url)).await;
        assert!(![404, 405].contains(&answer.status), "{field}");
        assert!(answer.status < 500, "{field}");
    }
    for method in whole["token_endpoint_auth_methods_supported"]
        .as_array()
        .unwrap()
    {
        let mut metadata = metadata();
        metadata["token_endpoint_auth_method"] = method.clone();
        let (application, registered) = stand.registered(&metadata).await;
        let code = stand.code_for(&application, "ann").await;
        let mut fields = redeeming(&application, &code);
        let secret = registered["client_secret"].as_str();
        let basic = *method == json!("client_secret_basic");
        if let (Some(secret), false) = (secret, basic) {
            fields.push(("client_secret", secret.to_owned()));
        }
        let mut post = stand.posting("/token", &fields);
        if basic {
            post = post.basic_auth(&application.id, secret);
        }
        let tokens = stand.fetch(post).await.tokens();
        // And a refresh, the other grant type.
        assert!(!tokens.refresh.is_empty(), "{method}");
        assert_eq!(stand.mcp(&tokens.access).await, 200, "{method}");
    }
}

/// Also B15, B25.
#[tokio::test]
async fn d8_everything_not_advertised_is_refused() {
    let stand = Stand::start().await;
    let application = Application::register(&stand).await;
    for kind in [
        "password",
        "client_credentials",
        "implicit",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "AUTHORIZATION_CODE",
    ] {
        let fields = vec![
            ("grant_type", kind.to_owned()),
            ("client_id", application.id.clone()),
        ];
        let answer = stand.post("/token", &fields).await;
        answer.is(400, "unsupported_grant_type");
    }
    for method in ["private_key_jwt", "client_secret_jwt", "tls_client_auth"] {
        let mut metadata = metadata();
        metadata["token_endpoint_auth_method"] = json!(method);
        let answer = stand.registering(&metadata).await;
        answer.is(400, "invalid_client_metadata");
    }
    let browser = Browser::new(stand.http.clone());
    for (name, value) in [
        ("response_type", "token"),
        ("response_type", "id_token"),
        ("response_type", "code id_token"),
        ("response_mode", "fragment"),
        ("response_mode", "form_post"),
        ("code_challenge_method", "plain"),
    ] {
        let mut request = application.request(&stand);
        request.retain(|(known, _)| *known != name);
        request.push((name, value.to_owned()));
        let page = browser.get(&crate::stand::address(&stand, &request)).await;
        let back = page.client_link();
        assert!(back.as_str().starts_with(&application.redirect), "{back}");
        assert!(back.query().unwrap().contains("error="), "{back}");
    }
}

#[tokio::test]
async fn d8_registration_is_advertised_while_it_is_on() {
    let stand = Stand::with(|world| world.set("KESTRA_MCP_CLIENT_REGISTRATION", "false")).await;
    for path in [SERVER, OPENID] {
        let whole = document(&stand, path).await;
        assert_eq!(whole.get("registration_endpoint"), None);
    }
    assert_eq!(stand.registering(&metadata()).await.status, 404);
}

#[tokio::test]
async fn d9_no_resource_asks_for_offline_access() {
    let stand = Stand::start().await;
    for path in [RESOURCE, &format!("{RESOURCE}/mcp")] {
        assert!(!stand.get(path).await.text.contains("offline_access"));
    }
    let answer = stand.fetch(stand.http.post(stand.url("/mcp"))).await;
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains("scope=\"kestra:read kestra:write\""));
    assert!(!challenge.contains("offline_access"));
    let scopes = &document(&stand, SERVER).await["scopes_supported"];
    assert!(
        scopes
            .as_array()
            .unwrap()
            .contains(&json!("offline_access"))
    );
}

/// Also B22.
#[tokio::test]
async fn d10_no_header_changes_a_url() {
    let stand =
        Stand::with(|world| world.set("KESTRA_MCP_ALLOWED_HOSTS", "other.example, evil.example"))
            .await;
    let paths = [
        RESOURCE,
        "/.well-known/oauth-protected-resource/mcp",
        SERVER,
        OPENID,
    ];
    for path in paths {
        let plain = document(&stand, path).await;
        for (name, value) in [
            ("host", "other.example"),
            ("host", "evil.example:8443"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-port", "8443"),
            ("x-forwarded-prefix", "/evil"),
            ("x-original-host", "evil.example"),
            ("forwarded", "host=evil.example;proto=https"),
        ] {
            let request = stand.http.get(stand.url(path)).header(name, value);
            let answer = stand.fetch(request).await;
            assert_eq!(answer.status, 200, "{name}: {value}");
            assert_eq!(answer.json(), plain, "{name}: {value}");
        }
    }
    let request = stand.http.post(stand.url("/mcp"));
    let request = request.header("x-forwarded-host", "evil.example");
    let challenge = stand.fetch(request).await;
    let challenge = challenge.header("www-authenticate").unwrap();
    let expected = format!("resource_metadata=\"{}{RESOURCE}/mcp\"", stand.issuer());
    assert!(challenge.contains(&expected), "{challenge}");
}

const APP: &str = "https://app.example";

fn preflight(stand: &Stand, path: &str, origin: &str) -> reqwest::RequestBuilder {
    let request = stand.http.request(Method::OPTIONS, stand.url(path));
    request
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        )
}

#[tokio::test]
async fn d11_scripts_of_listed_sites_reach_the_client_endpoints() {
    let stand = Stand::with(|world| world.set("KESTRA_MCP_ALLOWED_ORIGINS", APP)).await;
    for path in [
        RESOURCE,
        "/.well-known/oauth-protected-resource/mcp",
        SERVER,
        OPENID,
        "/.well-known/jwks.json",
        "/token",
        "/register",
        "/revoke",
        "/mcp",
    ] {
        let answer = stand.fetch(preflight(&stand, path, APP)).await;
        assert!(answer.status < 300, "{path}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(APP));
        let allowed = |name: &str| answer.header(name).unwrap().to_ascii_lowercase();
        assert!(allowed("access-control-allow-methods").contains("post"));
        for header in ["authorization", "content-type", "mcp-protocol-version"] {
            assert!(
                allowed("access-control-allow-headers").contains(header),
                "{path}"
            );
        }
        assert_eq!(answer.header("access-control-allow-credentials"), None);

        let request = stand.http.post(stand.url(path)).header("origin", APP);
        let answer = stand.fetch(request).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some(APP),
            "{path}"
        );
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert_eq!(exposed.to_ascii_lowercase(), "www-authenticate");

        let other = preflight(&stand, path, "https://evil.example");
        let answer = stand.fetch(other).await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

/// Also B17.
#[tokio::test]
async fn d11_no_script_of_another_site_reaches_a_page() {
    let stand = Stand::with(|world| world.set("KESTRA_MCP_ALLOWED_ORIGINS", APP)).await;
    for path in [
        "/authorize",
        "/consent",
        "/auth/callback",
        "/auth/callback/other",
        "/account",
    ] {
        let answer: Answer = stand.fetch(preflight(&stand, path, APP)).await;
        let request = stand.http.get(stand.url(path)).header("origin", APP);
        for answer in [answer, stand.fetch(request).await] {
            for name in answer.headers.keys() {
                assert!(
                    !name.as_str().starts_with("access-control"),
                    "{path}: {name}"
                );
            }
        }
    }
}
