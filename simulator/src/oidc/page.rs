//! The provider's HTML pages.

use crate::response::Response;

/// Escapes `text` for HTML, including attributes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn html(status: u16, title: &str, body: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    Response {
        status,
        ..Response::typed(200, "text/html; charset=utf-8", page.into_bytes())
    }
    .with_header("cache-control", "no-store")
}

/// The login form; `hidden` fields are posted with it.
pub(super) fn login(
    hidden: &[(String, String)],
    names: &[String],
    problem: Option<&str>,
) -> Response {
    let hidden = hidden
        .iter()
        .map(|(name, value)| {
            let (name, value) = (escape(name), escape(value));
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
        })
        .collect::<Vec<_>>()
        .concat();
    let options = names
        .iter()
        .map(|name| format!("<option value=\"{}\">", escape(name)))
        .collect::<Vec<_>>()
        .concat();
    let problem = problem.map_or_else(String::new, |problem| {
        format!("<p role=\"alert\">{}</p>", escape(problem))
    });
    let status = if problem.is_empty() { 200 } else { 403 };
    html(
        status,
        "Development sign-in",
        &format!(
            "{problem}<form method=\"post\" action=\"/login\">{hidden}\
             <p><label>User name <input name=\"username\" list=\"names\" autocomplete=\"off\" \
             autofocus required></label></p><datalist id=\"names\">{options}</datalist>\
             <p><label>Password <input name=\"password\" type=\"password\" autocomplete=\"off\">\
             </label></p><p><button>Sign in</button></p></form>"
        ),
    )
}

/// An error that must not be redirected to the client.
pub(super) fn wrong(problem: &str) -> Response {
    html(400, "Wrong request", &format!("<p>{}</p>", escape(problem)))
}
