//! Pages: hostile text, headers, and accessibility.

mod account;
mod consent;
mod contrast;
mod door;

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;
use kestra_mcp::pages::Surface::{Authorization, Own, SignIn};
use kestra_mcp::pages::account::{
    Account, Client, Credential, Entry, Field, Fields, Kept, Kestra, Kind, Problem, Role,
};
use kestra_mcp::pages::consent::{Consent, Provider, Right, Standing};
use kestra_mcp::pages::door::Door;
use kestra_mcp::pages::fault::{Claims, Fault, Link};
use kestra_mcp::pages::login::{Login, ProviderChoice, Why};
use kestra_mcp::pages::target::{Redirect, Target};
use kestra_mcp::pages::{Page, Surface, done, style};
use kestra_mcp::tool::Access;

/// Text that would do harm if a page did not escape it.
const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=y>&\u{202e}gnp\u{200b}\u{7}";

/// The same without invisible characters: our own values, such as URLs, are only escaped.
const MARKUP: &str = "<script>alert(1)</script>\"'><img src=x onerror=y>&";

fn consent<'a>(client: &'a str, standing: Standing<'a>, redirect: Redirect<'a>) -> Consent<'a> {
    let address = match redirect {
        Redirect::App { scheme } | Redirect::Web { host: scheme } => scheme,
        Redirect::Loopback { host } => host,
    };
    Consent {
        client,
        kestra: "Production",
        standing,
        target: Target { redirect, address },
        rights: &[Right::Read, Right::Write],
        lasts: Duration::from_hours(30 * 24),
        account: "https://mcp.example.com/account",
        providers: &[Provider {
            id: "main",
            host: "id.example.com",
        }],
        transaction: "the-transaction",
        form: "the-form",
    }
}

fn account<'a>(credential: Credential<'a>, clients: &'a [Client<'a>]) -> Account<'a> {
    Account {
        person: "Ada",
        provider: "id.example.com",
        roles: &[],
        access: Access::Full,
        kestra: Kestra {
            name: "Production",
            address: Some("https://kestra.example.com"),
            tenant: "main",
        },
        credential,
        clients,
        form: "the-form",
        problem: None,
        entered: None,
    }
}

const OWN: Credential<'_> = Credential::Own {
    kept: None,
    entry: Entry {
        fields: Fields::Either,
        basic_writes: false,
    },
};

/// The account page with everything that it can show.
fn full_account() -> Page {
    let kept = Some(Kept {
        kind: Kind::Token,
        account: Some(HOSTILE),
        accepted: None,
        used: Some(1_767_600_000_000),
    });
    let entry = Entry {
        fields: Fields::Either,
        basic_writes: true,
    };
    let clients = [Client {
        grant: MARKUP,
        name: HOSTILE,
        writes: true,
        since: 1,
        until: 2,
        used: Some(3),
    }];
    let roles = [Role {
        name: HOSTILE,
        allows: vec![MARKUP.into()],
        denies: vec![MARKUP.into()],
    }];
    let mut full = account(Credential::Own { kept, entry }, &clients);
    full.person = HOSTILE;
    full.roles = &roles;
    full.provider = HOSTILE;
    full.form = MARKUP;
    full.kestra = Kestra {
        name: HOSTILE,
        address: Some(HOSTILE),
        tenant: HOSTILE,
    };
    full.problem = Some(Problem {
        field: Some(Field::Token),
        text: "Kestra does not accept this token.",
    });
    full.page()
}

/// Every page, with hostile text wherever it shows foreign text.
fn all() -> Vec<(&'static str, Surface, Page)> {
    let web = Redirect::Web { host: HOSTILE };
    let names = [HOSTILE.to_owned(), MARKUP.to_owned()];
    let claims = Claims {
        arrived: &names,
        looked_for: vec![(HOSTILE, "is absent"), (MARKUP, "is absent")],
    };
    let fault = |surface| Fault {
        surface,
        title: "This cannot go on",
        what: "Something is missing.",
        advice: "Start again in your client.",
        request_id: HOSTILE,
        claims: Some(&claims),
        link: Some(Link {
            address: MARKUP,
            words: "Back",
            target: Some(Target {
                redirect: web,
                address: HOSTILE,
            }),
        }),
    };
    let mut several = consent(HOSTILE, Standing::Document { host: HOSTILE }, web);
    let both = [
        Provider {
            id: MARKUP,
            host: HOSTILE,
        },
        Provider {
            id: "other",
            host: "other.example.com",
        },
    ];
    several.providers = &both;
    several.transaction = MARKUP;
    several.account = MARKUP;
    several.kestra = HOSTILE;
    let app = Redirect::App { scheme: "com.app" };
    let local = Redirect::Loopback {
        host: "127.0.0.1:33418",
    };
    let choices = [ProviderChoice {
        id: MARKUP,
        host: HOSTILE.to_owned(),
    }];
    let login = |why| Login {
        why,
        providers: &choices,
        ticket: Some(MARKUP),
        form: MARKUP,
    };
    vec![
        ("consent, web", Authorization, several.page()),
        (
            "consent, loopback",
            Authorization,
            consent(HOSTILE, Standing::Unverified, local).page(),
        ),
        (
            "consent, app",
            Authorization,
            consent(HOSTILE, Standing::Operator, app).page(),
        ),
        ("account, empty", Own, account(OWN, &[]).page()),
        ("account, full", Own, full_account()),
        (
            "account, shared",
            Own,
            account(Credential::Shared, &[]).page(),
        ),
        ("login", SignIn, login(Why::Choice).page()),
        ("login, over", SignIn, login(Why::Over).page()),
        ("login, out", SignIn, login(Why::Out).page()),
        (
            "login, everywhere",
            SignIn,
            login(Why::OutEverywhere).page(),
        ),
        ("done", Own, done::saved()),
        (
            "door",
            Own,
            Door {
                mcp: MARKUP,
                account: MARKUP,
            }
            .page(),
        ),
        ("fault, own", Own, fault(Own).page()),
        (
            "fault, authorization",
            Authorization,
            fault(Authorization).page(),
        ),
    ]
}

/// The names of all elements that a page opens.
fn elements(html: &str) -> BTreeSet<&str> {
    html.match_indices('<')
        .map(|(at, _)| &html[at + 1..])
        .filter(|rest| rest.starts_with(|next: char| next.is_ascii_alphabetic()))
        .map(|rest| {
            let end = rest.find(|next: char| !next.is_ascii_alphanumeric());
            &rest[..end.unwrap_or(rest.len())]
        })
        .collect()
}

#[test]
fn a10_foreign_text_opens_no_element_and_hides_nothing() {
    let ours: BTreeSet<&str> =
        "a bdi body button code dd div dl dt fieldset form h1 h2 h3 head header \
        html input label legend li link main meta p pre section strong time title ul"
            .split(' ')
            .collect();
    for (name, _, page) in all() {
        let html = page.html();
        let strange: Vec<&str> = elements(html).difference(&ours).copied().collect();
        assert!(strange.is_empty(), "{name}: {strange:?}");
        assert!(!html.contains(['\u{202e}', '\u{200b}', '\u{7}']), "{name}");
        assert!(!html.contains("onerror=y\""), "{name}: out of an attribute");
    }
}

#[test]
fn s5_every_page_forbids_frames_scripts_and_caching() {
    for (name, surface, page) in all() {
        let answer = page.answer(StatusCode::OK, true);
        let header = |key: &str| {
            answer
                .headers()
                .get(key)
                .map_or("", |value| value.to_str().unwrap())
        };
        let base = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
        let (policy, opener) = match surface {
            Surface::Authorization => (base.to_owned(), ""),
            Surface::Own => (format!("{base}; form-action 'self'"), "same-origin"),
            Surface::SignIn => (base.to_owned(), "same-origin"),
        };
        let expected = [
            ("content-security-policy", policy.as_str()),
            ("cross-origin-opener-policy", opener),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("referrer-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
            ("content-type", "text/html; charset=utf-8"),
        ];
        for (key, value) in expected {
            assert_eq!(header(key), value, "{name}: {key}");
        }
    }
    let plain = done::saved().answer(StatusCode::OK, false);
    assert!(!plain.headers().contains_key("strict-transport-security"));
}

#[test]
fn pages_are_whole_documents_with_one_heading_and_labelled_fields() {
    for (name, _, page) in all() {
        let html = page.html();
        assert!(
            html.starts_with("<!DOCTYPE html><html lang=\"en\">"),
            "{name}"
        );
        assert_eq!(html.matches("<h1>").count(), 1, "{name}");
        assert_eq!(html.matches("<main>").count(), 1, "{name}");
        assert!(html.contains("<meta name=\"viewport\""), "{name}");
        assert!(html.contains(&format!(
            "<link rel=\"stylesheet\" href=\"{}\">",
            *style::PATH
        )));
        let fields = html.match_indices("<input ").map(|(at, _)| &html[at..]);
        for field in fields.map(|rest| rest.split('>').next().unwrap()) {
            if field.contains("type=\"hidden\"") {
                continue;
            }
            let id = field
                .split("id=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap();
            assert!(
                html.contains(&format!("<label for=\"{id}\">")),
                "{name}: {id}"
            );
            assert!(field.contains("autocomplete=\"off\""), "{name}: {id}");
        }
        let ids: Vec<&str> = html
            .split(" id=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: {ids:?}");
        for word in ["<script", " style=", " onclick=", "javascript:"] {
            assert!(!html.contains(word), "{name}: {word}");
        }
    }
}

#[test]
fn the_stylesheet_path_names_its_content_and_loads_nothing_else() {
    assert!(style::PATH.starts_with("/assets/pages-") && style::PATH.ends_with(".css"));
    let answer = style::answer();
    assert_eq!(answer.headers()["content-type"], "text/css; charset=utf-8");
    assert_eq!(
        answer.headers()["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert!(!style::STYLE.contains("url(") && !style::STYLE.contains("@import"));
    for needed in [
        "color-scheme: light dark",
        "prefers-color-scheme: dark",
        "prefers-reduced-motion: no-preference",
        ":focus-visible",
        "overflow-wrap: anywhere",
    ] {
        assert!(style::STYLE.contains(needed), "{needed}");
    }
}
