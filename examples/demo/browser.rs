//! A person's browser without scripts: it keeps cookies and fills in forms.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use url::Url;

/// Pages that one click may lead through.
const LONGEST_WAY: usize = 10;

/// See the module. Cookies belong to a host and its port.
pub(crate) struct Browser {
    http: reqwest::Client,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// Where a click led.
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // The servers it visits are in this process.
            .no_proxy();
        Ok(Self {
            http: http.build()?,
            cookies: BTreeMap::new(),
        })
    }

    /// Opens an address, and goes where it leads, but for addresses that begin with `stop`: nobody
    /// listens there.
    pub(crate) async fn open(&mut self, url: &str, stop: &str) -> anyhow::Result<Page> {
        let request = self.http.get(url);
        self.go(request, stop).await
    }

    /// Sends the form of a page that has `button`, with `fields` filled in.
    pub(crate) async fn send(
        &mut self,
        page: &Page,
        button: &str,
        fields: &[(&str, &str)],
        stop: &str,
    ) -> anyhow::Result<Page> {
        let mut forms = page.text.split("<form ").skip(1);
        let form = forms.find(|form| form.contains(button));
        let form = form.with_context(|| format!("no {button} on {}", page.url))?;
        let form = form.split("</form>").next().unwrap_or(form);
        let hidden = form
            .split("<input ")
            .skip(1)
            .filter(|input| attribute(input, "type") == "hidden")
            .map(|input| (attribute(input, "name"), attribute(input, "value")));
        let name = attribute(button, "name");
        let pressed = (!name.is_empty()).then(|| (name, attribute(button, "value")));
        let filled = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(hidden.chain(filled).chain(pressed))
            .finish();
        let action = page.url.join(&attribute(form, "action"))?;
        let post = self.http.post(action).body(body);
        let post = post.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.go(post, stop).await
    }

    async fn go(&mut self, first: reqwest::RequestBuilder, stop: &str) -> anyhow::Result<Page> {
        let mut request = first.build()?;
        for _ in 0..LONGEST_WAY {
            let place =
                request.url()[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
            if let Some(kept) = self.cookies.get(&place) {
                let pairs: Vec<String> = kept
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                request
                    .headers_mut()
                    .insert(COOKIE, pairs.join("; ").parse()?);
            }
            let answer = self.http.execute(request).await?;
            for cookie in answer.headers().get_all(SET_COOKIE) {
                let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
                let (name, value) = pair.split_once('=').context("a cookie without value")?;
                let kept = self.cookies.entry(place.clone()).or_default();
                kept.insert(name.to_owned(), value.to_owned());
            }
            let Some(next) = answer.headers().get(LOCATION) else {
                let (url, status) = (answer.url().clone(), answer.status());
                let text = answer.text().await?;
                ensure!(status.is_success(), "{url}: {status}");
                return Ok(Page { url, text });
            };
            let url = answer.url().join(next.to_str()?)?;
            if url.as_str().starts_with(stop) {
                let text = String::new();
                return Ok(Page { url, text });
            }
            request = self.http.get(url).build()?;
        }
        anyhow::bail!("the browser is sent around in a circle")
    }
}

/// The value of an attribute of the first tag of `html`.
fn attribute(html: &str, name: &str) -> String {
    let (_, value) = html.split_once(&format!("{name}=\"")).unwrap_or_default();
    let value = value.split('"').next().unwrap_or_default();
    value
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
