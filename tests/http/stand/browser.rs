//! A browser without scripts: it stores cookies, shows one page at a time, and follows no redirect
//! by itself.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{RequestBuilder, StatusCode};
use url::Url;

/// Cookies by host and port, and then by name.
type Jar = BTreeMap<String, BTreeMap<String, String>>;

/// See the module.
pub(crate) struct Browser {
    http: reqwest::Client,
    jar: Mutex<Jar>,
}

/// What a browser shows.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

fn origin(url: &Url) -> String {
    format!(
        "{}:{}",
        url.host_str().unwrap(),
        url.port_or_known_default().unwrap()
    )
}

impl Browser {
    pub(crate) fn new(http: reqwest::Client) -> Self {
        Self {
            http,
            jar: Mutex::default(),
        }
    }

    /// Opens a URL.
    pub(crate) async fn get(&self, url: &str) -> Page {
        self.send(self.http.get(url)).await
    }

    /// Sends a form from a page of the same origin.
    pub(crate) async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let post = self.http.post(url).body(body);
        let kind = "application/x-www-form-urlencoded";
        self.send(
            post.header("content-type", kind)
                .header("sec-fetch-site", "same-origin"),
        )
        .await
    }

    /// Sends any request with the cookies of its origin.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Page {
        let (http, request) = request.build_split();
        let mut request = request.unwrap();
        let origin = origin(request.url());
        let cookies: Vec<String> = self.cookies(&origin);
        if !cookies.is_empty() {
            request
                .headers_mut()
                .insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let answer = http.execute(request).await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            self.keep(&origin, cookie.to_str().unwrap());
        }
        Page {
            url: answer.url().clone(),
            status: answer.status(),
            headers: answer.headers().clone(),
            text: answer.text().await.unwrap(),
        }
    }

    /// Follows the redirect of the page.
    pub(crate) async fn follow(&self, page: &Page) -> Page {
        self.get(page.location().as_str()).await
    }

    /// Opens a URL, signs in where asked, and follows redirects to the last page.
    pub(crate) async fn walk(&self, url: &str) -> Page {
        let mut page = self.get(url).await;
        if page.asks_to_sign_in() {
            page = self.leave(&page).await;
        }
        while page.moves() {
            page = self.follow(&page).await;
        }
        page
    }

    /// Presses the first button of the sign-in page.
    pub(crate) async fn leave(&self, page: &Page) -> Page {
        let id = page.text.split("name=\"provider\" value=\"").nth(1);
        let id = id.unwrap_or_else(|| panic!("{} {}", page.status, page.text));
        let id = id.split('"').next().unwrap();
        self.press(page, ("provider", id), &[]).await
    }

    /// Opens the account page and begins a sign-in there.
    pub(crate) async fn sign_in(&self, account: &str) -> Page {
        let page = self.get(account).await;
        self.leave(&page).await
    }

    /// Enters a credential on the account page.
    pub(crate) async fn save(&self, account: &Page, fields: &[(&str, &str)]) -> Page {
        self.act(account, "save", fields).await
    }

    /// Presses a button of the account page.
    pub(crate) async fn act(&self, account: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let form = account.hidden("form");
        let mut sent = vec![("form", form.as_str()), ("action", action)];
        sent.extend_from_slice(fields);
        let account = account.url.join("/account").unwrap();
        self.post(account.as_str(), &sent).await
    }

    /// Sends the form of a page that has a button of `name` and `value`, and fills in `fields`.
    pub(crate) async fn press(
        &self,
        page: &Page,
        button: (&str, &str),
        fields: &[(&str, &str)],
    ) -> Page {
        let form = page.form_with(button);
        let action = page.url.join(&form.action).unwrap();
        let mut sent: Vec<(&str, &str)> = form
            .hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        sent.extend_from_slice(fields);
        sent.push(button);
        self.post(action.as_str(), &sent).await
    }

    /// Cookies of an origin, as `name=value`.
    pub(crate) fn cookies(&self, origin: &str) -> Vec<String> {
        let jar = self.jar.lock().unwrap();
        let cookies = jar.get(origin).into_iter().flatten();
        cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    /// Sets a cookie, or removes an expired one.
    pub(crate) fn keep(&self, origin: &str, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        let over = attributes.split(';').any(|part| part.trim() == "Max-Age=0");
        let mut jar = self.jar.lock().unwrap();
        let cookies = jar.entry(origin.to_owned()).or_default();
        if over || value.is_empty() {
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// A form of a page.
#[derive(Debug, Default)]
struct Form {
    action: String,
    hidden: Vec<(String, String)>,
}

impl Page {
    /// The target of its redirect.
    pub(crate) fn location(&self) -> Url {
        let to = self.headers.get(LOCATION);
        let to = to.unwrap_or_else(|| panic!("{} stays: {}", self.status, self.text));
        self.url.join(to.to_str().unwrap()).unwrap()
    }

    /// Whether it redirects.
    pub(crate) fn moves(&self) -> bool {
        self.headers.contains_key(LOCATION)
    }

    /// Whether it is the sign-in page, which does not redirect.
    pub(crate) fn asks_to_sign_in(&self) -> bool {
        let asks = self.text.contains("name=\"action\" value=\"sign_in\"");
        assert!(!asks || !self.moves(), "{}", self.text);
        asks
    }

    /// The target of the link back to the client, on a page that does not redirect.
    pub(crate) fn client_link(&self) -> Url {
        assert!(!self.moves(), "{} moves: {}", self.status, self.text);
        let mut links = self.text.split("<a ").skip(1).map(|rest| {
            let tag = rest.split('>').next().unwrap();
            attribute(tag, "href")
        });
        let found = links.find(|link| link.contains("error="));
        let found = found.unwrap_or_else(|| panic!("no link: {} {}", self.status, self.text));
        found.parse().unwrap()
    }

    /// A hidden field of the first form that has it.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let found = self.forms().into_iter().flat_map(|(form, _)| form.hidden);
        let mut found = found.filter(|(field, _)| field == name);
        let (_, value) = found
            .next()
            .unwrap_or_else(|| panic!("{name}: {}", self.text));
        value
    }

    fn form_with(&self, (name, value): (&str, &str)) -> Form {
        let button = format!("name=\"{name}\" value=\"{value}\"");
        let mut forms = self.forms().into_iter();
        let found = forms.find(|(_, text)| text.contains(&button));
        let (form, _) =
            found.unwrap_or_else(|| panic!("no {button}: {} {}", self.status, self.text));
        form
    }

    /// The forms with their text.
    fn forms(&self) -> Vec<(Form, &str)> {
        let mut forms = Vec::new();
        for part in self.text.split("<form ").skip(1) {
            let text = part.split("</form>").next().unwrap();
            let (head, body) = text.split_once('>').unwrap();
            let mut form = Form {
                action: attribute(head, "action"),
                ..Form::default()
            };
            for input in body.split("<input ").skip(1) {
                let input = input.split('>').next().unwrap();
                if attribute(input, "type") == "hidden" {
                    form.hidden
                        .push((attribute(input, "name"), attribute(input, "value")));
                }
            }
            forms.push((form, body));
        }
        forms
    }
}

/// The value of an attribute, as maud writes it.
fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split_once(&format!("{name}=\""));
    let value = value.and_then(|(_, rest)| rest.split('"').next());
    value
        .unwrap_or_default()
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
