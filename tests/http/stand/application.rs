//! An OAuth client: a program that asks for access and stores its tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Browser, Page, Stand};

/// Its PKCE verifier; every test may use the same.
pub(crate) const VERIFIER: &str = "verifier-verifier-verifier-verifier-verifier";

/// A public client on loopback, unless a test says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) redirect: String,
    pub(crate) scope: Option<String>,
}

/// The answer of the token endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) all: Value,
}

/// The redirect back to the client.
#[derive(Clone, Debug)]
pub(crate) struct Back(pub(crate) Url);

impl Back {
    /// A parameter that must occur once.
    pub(crate) fn get(&self, name: &str) -> String {
        let found: Vec<String> = self.all(name);
        assert_eq!(found.len(), 1, "{name}: {}", self.0);
        found.into_iter().next().unwrap()
    }

    /// All values of a parameter.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let pairs = self.0.query_pairs().filter(|(key, _)| key == name);
        pairs.map(|(_, value)| value.into_owned()).collect()
    }
}

/// `code_challenge` of a verifier (RFC 7636, S256).
pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

impl Tokens {
    pub(crate) fn of(all: Value) -> Self {
        let text = |name: &str| all[name].as_str().unwrap_or_default().to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            all,
        }
    }
}

impl Application {
    /// A client that registers itself, with all scopes.
    pub(crate) async fn register(stand: &Stand) -> Self {
        let redirect = "http://127.0.0.1:1/callback";
        let metadata = json!({
            "client_name": "Test client",
            "redirect_uris": [redirect],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
        });
        let post = stand.http.post(stand.url("/register"));
        let kind = "application/json";
        let post = post.header("content-type", kind).body(metadata.to_string());
        let answer = post.send().await.unwrap();
        assert_eq!(answer.status(), 201);
        let answer: Value = answer.json().await.unwrap();
        Self {
            id: answer["client_id"].as_str().unwrap().to_owned(),
            redirect: redirect.to_owned(),
            scope: Some("kestra:write offline_access".to_owned()),
        }
    }

    /// The parameters of an authorization request.
    pub(crate) fn request(&self, stand: &Stand) -> Vec<(&'static str, String)> {
        let mut parameters = vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.id.clone()),
            ("redirect_uri", self.redirect.clone()),
            ("state", "state-of-the-client".to_owned()),
            ("code_challenge", challenge(VERIFIER)),
            ("code_challenge_method", "S256".to_owned()),
            ("resource", format!("{}/mcp", stand.issuer())),
        ];
        if let Some(scope) = &self.scope {
            parameters.push(("scope", scope.clone()));
        }
        parameters
    }

    /// The URL that the client opens in a browser.
    pub(crate) fn authorize(&self, stand: &Stand) -> String {
        address(stand, &self.request(stand))
    }

    /// Opens it, up to the consent page.
    pub(crate) async fn ask(&self, stand: &Stand, browser: &Browser) -> Page {
        let page = browser.get(&self.authorize(stand)).await;
        browser.follow(&page).await
    }

    /// Opens it, approves, signs in at the provider, and follows the redirect back.
    pub(crate) async fn approve(&self, stand: &Stand, browser: &Browser) -> Back {
        let page = self.ask(stand, browser).await;
        self.approved(browser, page).await
    }

    /// Approves on the consent page, signs in at the provider, and follows the redirect back.
    pub(crate) async fn approved(&self, browser: &Browser, question: Page) -> Back {
        let mut page = browser.press(&question, ("provider", "default"), &[]).await;
        while !page.location().as_str().starts_with(&self.redirect) {
            page = browser.follow(&page).await;
        }
        Back(page.location())
    }

    /// A request to the token endpoint.
    pub(crate) async fn token(&self, stand: &Stand, fields: &[(&str, &str)]) -> reqwest::Response {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let post = stand.http.post(stand.url("/token")).body(body);
        let kind = "application/x-www-form-urlencoded";
        post.header("content-type", kind).send().await.unwrap()
    }

    /// Redeems a code.
    pub(crate) async fn redeem(&self, stand: &Stand, code: &str) -> reqwest::Response {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect),
            ("code_verifier", VERIFIER),
        ];
        self.token(stand, &fields).await
    }

    /// Refreshes.
    pub(crate) async fn refresh(&self, stand: &Stand, token: &str) -> reqwest::Response {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", &self.id),
        ];
        self.token(stand, &fields).await
    }

    /// The whole authorization, up to tokens.
    pub(crate) async fn connect(&self, stand: &Stand, browser: &Browser) -> Tokens {
        let back = self.approve(stand, browser).await;
        let answer = self.redeem(stand, &back.get("code")).await;
        assert_eq!(answer.status(), 200);
        Tokens::of(answer.json().await.unwrap())
    }
}

/// `/authorize` with these parameters.
pub(crate) fn address(stand: &Stand, parameters: &[(&str, String)]) -> String {
    let mut url: Url = stand.url("/authorize").parse().unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    url.into()
}
