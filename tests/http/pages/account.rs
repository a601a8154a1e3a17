//! The account page.

use kestra_mcp::pages::account::{Client, Credential, Entry, Field, Fields, Kind, Problem, Role};

use super::{OWN, account};

/// 1 January 2026, 8:00.
const MORNING: i64 = 1_767_254_400_000;

const fn own(fields: Fields) -> Credential<'static> {
    Credential::Own {
        kept: None,
        entry: Entry {
            fields,
            basic_writes: false,
        },
    }
}

#[test]
fn a_problem_is_shown_at_the_top_and_at_its_field() {
    let mut page = account(OWN, &[]);
    page.problem = Some(Problem {
        field: Some(Field::Token),
        text: "Kestra does not accept this token.",
    });
    let html = page.page();
    let html = html.html();
    let alert = html.find("role=\"alert\"").unwrap();
    assert!(alert < html.find("Signed in as").unwrap());
    assert!(html.contains("<a href=\"#token\">Kestra does not accept this token.</a>"));
    assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"token-fault\""));
    assert!(html.contains("<p class=\"fault\" id=\"token-fault\">"));
    assert_eq!(html.matches("aria-invalid").count(), 1);
}

#[test]
fn a_credential_form_offers_a_choice_of_kinds() {
    let page = account(OWN, &[]).page();
    let html = page.html();
    assert_eq!(html.matches("value=\"save\"").count(), 1, "{html}");
    assert_eq!(html.matches(">Save<").count(), 1);
    let token = "<input id=\"kind-token\" type=\"radio\" name=\"kind\" value=\"token\" checked";
    let basic =
        "<input id=\"kind-basic\" type=\"radio\" name=\"kind\" value=\"basic\" autocomplete";
    assert!(html.contains(token) && html.contains(basic), "{html}");
    assert!(
        !html.contains(" required"),
        "of fields that do not show: {html}"
    );
    for (fields, there, absent) in [
        (Fields::Token, "id=\"token\"", "id=\"password\""),
        (Fields::Basic, "id=\"password\"", "id=\"token\""),
    ] {
        let page = account(own(fields), &[]).page();
        let html = page.html();
        assert!(html.contains(there) && !html.contains(absent), "{html}");
        assert!(html.contains(" required") && !html.contains("name=\"kind\""));
    }
}

#[test]
fn a_choice_stays_selected_after_a_refusal() {
    let mut page = account(OWN, &[]);
    page.entered = Some(Kind::Basic);
    page.problem = Some(Problem {
        field: Some(Field::Password),
        text: "Kestra does not accept this user name with this password.",
    });
    let page = page.page();
    let html = page.html();
    assert!(
        html.contains("id=\"kind-basic\" type=\"radio\" name=\"kind\" value=\"basic\" checked")
    );
    assert_eq!(html.matches(" checked").count(), 1, "{html}");
    assert!(html.contains("<a href=\"#password\">Kestra does not accept this user name"));
}

#[test]
fn roles_are_sentences() {
    let words = |all: &[&'static str]| all.iter().map(|text| (*text).into()).collect();
    let role = |allows: &[&'static str], denies: &[&'static str]| Role {
        name: "runner",
        allows: words(allows),
        denies: words(denies),
    };
    for (role, said) in [
        (role(&[], &[]), "you may do nothing."),
        (role(&["see flows"], &[]), "you may see flows."),
        (
            role(
                &["see flows", "see apps", "save flows"],
                &["end executions"],
            ),
            "you may see flows, see apps and save flows. You may not end executions, whatever \
             other roles say.",
        ),
    ] {
        let roles = [role];
        let mut page = account(OWN, &[]);
        page.roles = &roles;
        let said = format!("As <strong>runner</strong> {said}");
        assert!(page.page().html().contains(&said), "{said}");
    }
}

#[test]
fn the_last_use_of_a_client_is_shown_and_no_date_wraps() {
    let client = |used| Client {
        grant: "g",
        name: "Ada's IDE",
        writes: false,
        since: MORNING,
        until: MORNING + 30 * 86_400_000,
        used,
    };
    let clients = [client(Some(MORNING + 60_000))];
    let page = account(OWN, &clients).page();
    let html = page.html();
    let at = |exact: &str, read: &str| format!("<time datetime=\"{exact}\">{read}</time>");
    let used = at(
        "2026-01-01T08:01:00Z",
        "1\u{a0}Jan\u{a0}2026,\u{a0}08:01\u{a0}UTC",
    );
    assert!(html.contains(&format!("Last used {used}.")), "{html}");
    assert!(html.contains("May read, and change nothing."), "{html}");
    let until = at(
        "2026-01-31T08:00:00Z",
        "31\u{a0}Jan\u{a0}2026,\u{a0}08:00\u{a0}UTC",
    );
    assert!(html.contains(&format!("until {until}")), "{html}");
    let never = [client(None)];
    assert!(account(OWN, &never).page().html().contains("Not used yet."));
}

#[test]
fn signing_out_everywhere_is_styled_like_any_other_button() {
    let page = account(OWN, &[]).page();
    let html = page.html();
    assert!(html.contains("<button type=\"submit\">Sign out</button>"));
    assert!(html.contains("<button type=\"submit\">Sign out everywhere</button>"));
}
