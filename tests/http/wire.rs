//! Requests of an OAuth client without a browser, and their answers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kestra_mcp::store::sqlite::{self, Sqlite};
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::stand::{Application, Stand, Tokens, VERIFIER};

/// Parameters of a form.
pub(crate) type Fields = Vec<(&'static str, String)>;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// Status and code of an error.
    pub(crate) fn error(&self) -> (u16, String) {
        let code = self.json()["error"].as_str().map(str::to_owned);
        (self.status, code.unwrap_or_else(|| panic!("{self:?}")))
    }

    /// The tokens of a success.
    pub(crate) fn tokens(&self) -> Tokens {
        assert_eq!(self.status, 200, "{self:?}");
        Tokens::of(self.json())
    }

    /// Holds that it is this error.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: &str) {
        assert_eq!(self.error(), (status, code.to_owned()), "{}", self.text);
    }
}

/// The header and the claims of a JWT.
pub(crate) fn jwt(token: &str) -> (Value, Value) {
    let part = |text: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let mut parts = token.split('.');
    (part(parts.next().unwrap()), part(parts.next().unwrap()))
}

/// A request that redeems a code.
pub(crate) fn redeeming(application: &Application, code: &str) -> Fields {
    vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
        ("client_id", application.id.clone()),
        ("redirect_uri", application.redirect.clone()),
        ("code_verifier", VERIFIER.to_owned()),
    ]
}

/// A request that refreshes.
pub(crate) fn refreshing(application: &Application, token: &str) -> Fields {
    vec![
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", token.to_owned()),
        ("client_id", application.id.clone()),
    ]
}

/// The same with another value of one parameter.
pub(crate) fn but(fields: &Fields, name: &'static str, value: &str) -> Fields {
    let mut fields = without(fields, name);
    fields.push((name, value.to_owned()));
    fields
}

/// The same without one parameter.
pub(crate) fn without(fields: &Fields, name: &str) -> Fields {
    let mut fields = fields.clone();
    fields.retain(|(known, _)| *known != name);
    fields
}

fn encoded(fields: &Fields) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// A client as it registers itself, unless a test says otherwise.
pub(crate) fn metadata() -> Value {
    json!({
        "client_name": "Test client",
        "redirect_uris": ["http://127.0.0.1:1/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    })
}

impl Stand {
    /// Sends a request as a program does.
    pub(crate) async fn fetch(&self, request: RequestBuilder) -> Answer {
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.fetch(self.http.get(self.url(path))).await
    }

    /// A form to an endpoint, for a test to complete.
    pub(crate) fn posting(&self, path: &str, fields: &Fields) -> RequestBuilder {
        let kind = "application/x-www-form-urlencoded";
        let post = self.http.post(self.url(path)).header("content-type", kind);
        post.body(encoded(fields))
    }

    pub(crate) async fn post(&self, path: &str, fields: &Fields) -> Answer {
        self.fetch(self.posting(path, fields)).await
    }

    /// Sends client metadata to `/register`.
    pub(crate) async fn registering(&self, metadata: &Value) -> Answer {
        let post = self.http.post(self.url("/register"));
        let post = post.header("content-type", "application/json");
        self.fetch(post.body(metadata.to_string())).await
    }

    /// A client that registered itself with this metadata, without asking for a scope.
    pub(crate) async fn registered(&self, metadata: &Value) -> (Application, Value) {
        let answer = self.registering(metadata).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let answer = answer.json();
        let application = Application {
            id: answer["client_id"].as_str().unwrap().to_owned(),
            redirect: answer["redirect_uris"][0].as_str().unwrap().to_owned(),
            scope: None,
        };
        (application, answer)
    }

    /// A code that `login` gave `application`.
    pub(crate) async fn code_for(&self, application: &Application, login: &str) -> String {
        let browser = self.browser_of(login);
        application.approve(self, &browser).await.get("code")
    }

    /// A new client with a code of `login`.
    pub(crate) async fn code(&self, login: &str) -> (Application, String) {
        let application = Application::register(self).await;
        let code = self.code_for(&application, login).await;
        (application, code)
    }

    /// The answer to a refresh.
    pub(crate) async fn refreshed(&self, application: &Application, token: &str) -> Answer {
        self.post("/token", &refreshing(application, token)).await
    }

    /// The status of a request to `/mcp`.
    pub(crate) async fn mcp(&self, access: &str) -> u16 {
        let answer = self.ask(access, "tools/list", json!({})).await;
        answer.status().as_u16()
    }

    /// The tools that a token may list.
    pub(crate) async fn tools(&self, access: &str) -> Vec<String> {
        let answer = Answer::of(self.ask(access, "tools/list", json!({})).await).await;
        let tools = answer.json()["result"]["tools"].as_array().unwrap().clone();
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
        tools.iter().map(name).collect()
    }

    /// How often the provider was asked at its token endpoint.
    pub(crate) fn asked(&self) -> usize {
        let requests = self.idp.requests();
        requests.iter().filter(|r| r.path == "/token").count()
    }

    /// The database, opened next to the server, for changes by an operator or by time.
    pub(crate) async fn store(&self) -> Sqlite {
        sqlite::beside(&self.database).await.unwrap()
    }

    /// Milliseconds since the epoch.
    pub(crate) fn now(&self) -> i64 {
        let now = self.now.load(std::sync::atomic::Ordering::SeqCst);
        now.try_into().unwrap()
    }
}
