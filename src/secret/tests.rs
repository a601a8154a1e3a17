use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::forms::Forms;
use super::{MARK, REMEMBERED, Redactor, visible};

fn knowing(value: &str) -> Redactor {
    let redactor = Redactor::default();
    redactor.remember(value);
    redactor
}

#[test]
fn the_credential_is_never_forgotten_and_the_oldest_value_goes_first() {
    let redactor = Redactor::default();
    redactor.pin("credential-1");
    for number in 0..=REMEMBERED {
        redactor.remember(&format!("value number {number:03}/x"));
    }
    assert_eq!(redactor.clean("a credential-1"), format!("a {MARK}"));
    assert_eq!(redactor.clean("value number 000/x"), "value number 000/x");
    let gone = STANDARD.encode("value number 000/x");
    assert_eq!(redactor.clean(&gone), gone);
    for text in ["value number 001/x", "value%20number%20256%2fx"] {
        assert_eq!(redactor.clean(text), MARK, "{text}");
    }
}

#[test]
fn a_fork_knows_the_credential_and_nothing_that_others_sent() {
    let redactor = knowing("sent by a call");
    redactor.pin("credential-1");
    let fork = redactor.fork();
    assert_eq!(fork.clean("a credential-1"), format!("a {MARK}"));
    assert_eq!(fork.guard("a credential-1"), format!("a {MARK}"));
    assert_eq!(fork.clean("sent by a call"), "sent by a call");
    fork.remember("sent by another");
    assert_eq!(fork.clean("sent by another"), MARK);
    assert_eq!(redactor.clean("sent by another"), "sent by another");
    assert_eq!(redactor.clean("sent by a call"), MARK);
}

#[test]
fn a_value_that_is_sent_again_is_the_newest() {
    let redactor = knowing("the first value");
    for number in 1..REMEMBERED {
        redactor.remember(&format!("value number {number:03}"));
    }
    redactor.remember("the first value");
    redactor.remember("one value too many");
    assert_eq!(redactor.clean("the first value"), MARK);
    assert_eq!(redactor.clean("value number 001"), "value number 001");
}

#[test]
fn large_values_drive_out_the_oldest_and_are_known_themselves() {
    let redactor = knowing("the first value");
    let large = format!("{}!", "lärge/ \"value".repeat(12_000));
    redactor.remember(&large);
    assert_eq!(redactor.clean(&large), MARK);
    assert_eq!(redactor.clean("the first value"), "the first value");
}

#[test]
fn line_breaks_and_hidden_characters_hide_nothing() {
    let value = "first line\r\nsecond \u{200b}line\r\n";
    let redactor = knowing(value);
    for text in [
        value,
        &visible(value),
        "first line\nsecond line",
        "first line\r\nsecond \u{200b}line",
    ] {
        let cleaned = redactor.clean(text).into_owned();
        assert_eq!(cleaned.trim(), MARK, "{text:?}");
    }
}

#[test]
fn a_value_of_many_lines_is_found_line_by_line() {
    let key = "-----BEGIN KEY-----\r\nMIIEvgIBADANBgkq\r\nshort\r\n========\r\nhkiG9w0BAQEFAASC\r\n-----END KEY-----\r\n";
    let redactor = knowing(key);
    let diff = "@@ -1 +1 @@\n+    MIIEvgIBADANBgkq\n-  hkiG9w0BAQEFAASC";
    let expected = format!("@@ -1 +1 @@\n+    {MARK}\n-  {MARK}");
    assert_eq!(redactor.clean(diff), expected);
    assert_eq!(redactor.clean("short\n========"), "short\n========");
}

#[test]
fn short_values_are_taken_out_only_as_a_whole() {
    let redactor = Redactor::default();
    for value in ["2026", "team", "http\n", "a"] {
        redactor.remember(value);
    }
    redactor.pin("äöüäöüä");
    let text = "2026-01-02 http://team.example/äöüäöüä";
    assert_eq!(redactor.clean(text), text);
    assert_eq!(redactor.clean("2026"), "2026");
    assert_eq!(redactor.whole(" 2026\n"), MARK);
    assert_eq!(redactor.whole("äöüäöüä"), MARK);
    assert_eq!(redactor.whole("team a"), "team a");
    redactor.remember(" \r\n\u{feff}");
    assert_eq!(redactor.whole(""), "");
}

#[test]
fn only_the_credential_is_searched_for_in_our_own_words() {
    let redactor = knowing("company.team");
    redactor.pin("hunter22");
    assert_eq!(
        redactor.guard("company.team hunter22"),
        format!("company.team {MARK}")
    );
    assert_eq!(
        redactor.clean("company.team hunter22"),
        format!("{MARK} {MARK}")
    );
}

#[test]
fn nothing_is_copied_when_nothing_is_found() {
    let redactor = knowing("Correct-Horse-1");
    for text in ["", "Correct-Horse-", "Correct-Horse-2 and Correct-Hors"] {
        assert!(matches!(redactor.clean(text), Cow::Borrowed(same) if same == text));
        assert!(matches!(redactor.whole(text), Cow::Borrowed(_)));
    }
}

#[test]
fn values_that_overlap_leave_no_rest() {
    let redactor = knowing("abcdefghij");
    redactor.remember("ghijklmnopqr");
    assert_eq!(redactor.clean("-abcdefghijklmnopqr-"), format!("-{MARK}-"));
    assert_eq!(knowing("aaaaaaaa").clean(&"a".repeat(13)), MARK);
}

#[test]
fn every_clone_knows_what_one_was_told() {
    let redactor = Redactor::default();
    let clone = redactor.clone();
    redactor.remember("Correct-Horse-1");
    assert_eq!(clone.clean("Correct-Horse-1"), MARK);
}

/// Writers of the forms, made otherwise than those of the search.
fn written(value: &str) -> Vec<String> {
    let json = serde_json::to_string(value).unwrap();
    let json = json.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
    let ascii = |text: &str, upper: bool| -> String {
        text.chars()
            .map(|next| {
                if next.is_ascii() {
                    return next.to_string();
                }
                let units = next.encode_utf16(&mut [0; 2]).to_vec();
                units
                    .iter()
                    .map(|unit| {
                        if upper {
                            format!("\\u{unit:04X}")
                        } else {
                            format!("\\u{unit:04x}")
                        }
                    })
                    .collect()
            })
            .collect()
    };
    let percent = |kept: &str, upper: bool, space: &str| -> String {
        value
            .bytes()
            .map(|byte| match char::from(byte) {
                ' ' => space.to_owned(),
                next if next.is_ascii_alphanumeric() || kept.contains(next) => next.to_string(),
                _ if upper => format!("%{byte:02X}"),
                _ => format!("%{byte:02x}"),
            })
            .collect()
    };
    let mut all = vec![
        value.to_owned(),
        visible(value).into_owned(),
        value.trim().to_owned(),
        value.replace("\r\n", "\n"),
        json.to_owned(),
        json.replace('/', "\\/"),
        ascii(json, true),
        ascii(json, false),
        ascii(&json.replace('/', "\\/"), false),
        url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
    ];
    for kept in ["-._~", "-_.!~*'()", "*-._"] {
        for upper in [true, false] {
            for space in ["+", "%20"] {
                all.push(percent(kept, upper, space));
            }
        }
    }
    all
}

/// A value, and what is told of it in the midst of other text.
fn told() -> impl Strategy<Value = (String, String)> {
    let value = r#"[ -~äüß€😀"'\\/\n\r\t+%&]{8,40}"#;
    let text = r"[ -Z^-~äü\n]{0,40}";
    (value, text, text)
        .prop_filter("long enough", |(value, ..)| {
            visible(value).trim().chars().count() >= 8
        })
        .prop_flat_map(|(value, before, after)| {
            let long = format!("{before}{value}{after}");
            let mut tellings: Vec<String> = written(&value)
                .into_iter()
                .map(|form| format!("{before}{form}{after}"))
                .collect();
            tellings.push(STANDARD.encode(&long));
            tellings.push(URL_SAFE.encode(&long));
            tellings.push(STANDARD_NO_PAD.encode(&long));
            tellings.push(format!("{before}{}", URL_SAFE_NO_PAD.encode(&value)));
            (Just(value), prop::sample::select(tellings))
        })
}

proptest! {
    #[test]
    fn no_form_of_a_value_is_told((value, text) in told()) {
        let redactor = knowing(&value);
        let cleaned = redactor.clean(&text).into_owned();
        prop_assert!(cleaned.contains(MARK), "{text:?}");
        for form in Forms::of(&value).unwrap().iter() {
            prop_assert!(!cleaned.contains(form), "{form:?} in {cleaned:?}");
        }
        // What other characters hide is found too.
        let seen = visible(&text);
        let cleaned = redactor.clean(&seen);
        for form in written(&value) {
            prop_assert!(!cleaned.contains(visible(&form).trim()), "{form:?} in {cleaned:?}");
        }
    }
}
