mod writing;

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::{MARK, REMEMBERED, Redactor, visible};
use writing::{Chance, Writing};

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
    let large = format!("{}!", "lärge/ \"value".repeat(90_000));
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

#[test]
fn what_is_encoded_whole_or_escaped_twice_is_found() {
    let value = "p\"a\\s/s wörd+1";
    let redactor = knowing(value);
    let bytes = value.bytes().map(|byte| format!("%{byte:02X}"));
    let every = bytes.collect::<Vec<_>>().concat();
    let once = serde_json::to_string(value).unwrap();
    let twice = serde_json::to_string(&once).unwrap();
    let hidden: String = every.chars().flat_map(|next| [next, '\u{61c}']).collect();
    for text in [
        every.to_lowercase(),
        every.replace('%', "%25"),
        once.trim_matches('"').to_owned(),
        twice.trim_matches('"').trim_matches(['\\', '"']).to_owned(),
        twice
            .replace('/', "\\\\/")
            .trim_matches('"')
            .trim_matches(['\\', '"'])
            .to_owned(),
        hidden,
        every,
    ] {
        let cleaned = redactor.clean(&text);
        assert_eq!(cleaned.trim_end_matches('\u{61c}'), MARK, "{text}");
    }
}

#[test]
fn a_source_keeps_every_byte_beside_what_is_taken_out_of_it() {
    let redactor = knowing("Correct-Horse-1");
    let text = "a\u{ad}: \u{200b}Cor\u{e0041}rect\u{ad}-Horse-1\u{fe0f}\r\n\u{202e}b";
    let cleaned = redactor.clean(text);
    assert_eq!(
        cleaned,
        format!("a\u{ad}: \u{200b}{MARK}\u{fe0f}\r\n\u{202e}b")
    );
}

#[test]
fn what_stands_before_a_value_does_not_hide_its_beginning() {
    let redactor = knowing("neat41-Correct-Horse");
    for before in ["\\", "\\\\", "%", "%4", "%256", "\\u00", "+", "=", "QUJD"] {
        for text in ["neat41-Correct-Horse", "neat41%2DCorrect-Horse"] {
            assert_eq!(
                redactor.clean(&format!("{before}{text}")),
                format!("{before}{MARK}")
            );
        }
    }
}

#[test]
fn an_encoding_may_be_broken_into_lines() {
    let redactor = knowing("a long value that is secret, and takes more than one line of base64");
    let encoded =
        STANDARD.encode("x a long value that is secret, and takes more than one line of base64");
    for between in ["\n", "\r\n", "\n    ", "\\n", "%0A", "\u{200b}"] {
        let text = format!("{}{between}{}", &encoded[..76], &encoded[76..]);
        let cleaned = redactor.clean(&text).into_owned();
        assert!(cleaned.len() <= MARK.len() + 4, "{between:?}: {cleaned}");
        let letters: Vec<String> = encoded.chars().map(String::from).collect();
        let cleaned = redactor.clean(&letters.join(between)).into_owned();
        assert!(
            cleaned.len() <= MARK.len() + 4 + 4 * between.len(),
            "{between:?}: {cleaned}"
        );
    }
}

#[test]
fn a_text_that_is_made_to_take_long_is_not_shown() {
    let redactor = knowing(&"%25".repeat(20_000));
    assert_eq!(redactor.clean(&"%25".repeat(80_000)), MARK);
}

/// A value, and what is told of it in the midst of other text.
fn told() -> impl Strategy<Value = (String, String, String, String)> {
    let value = r#"[ -~äüß€😀"'\\/\n\r\t+%&]{8,40}"#;
    let text = r"[ -~äü\n\u{ad}]{0,40}";
    (value, text, text, any::<Writing>(), any::<u64>())
        .prop_filter("long enough", |(value, ..)| {
            visible(value).trim().chars().count() >= 8
        })
        .prop_map(|(value, before, after, writing, chance)| {
            let value = visible(&value).trim().to_owned();
            let written = writing.write(&value, &mut Chance(chance));
            (value, before, written, after)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_form_of_a_value_is_told((value, before, written, after) in told()) {
        let redactor = knowing(&value);
        let text = format!("{before}{written}{after}");
        for text in [&*text, &*visible(&text)] {
            let cleaned = redactor.clean(text).into_owned();
            prop_assert!(cleaned.contains(MARK), "{text:?}");
            // At most what an encoding holds of its neighbours is left of it.
            let length = |text: &str| visible(text).chars().count();
            let rest = length(&before) + MARK.len() + length(&after) + 4 * 6;
            prop_assert!(length(&cleaned) <= rest, "{cleaned:?} of {text:?}");
        }
    }
}

/// Runs of what may stand between the characters of an encoding cost no more than a search may, and
/// what costs more is not shown.
#[test]
fn runs_that_are_made_to_take_long_are_not_shown() {
    let secrets = Redactor::default();
    secrets.remember("admin@example.com:Correct-Horse-1");
    for between in ["\n", " ", "\u{200b}", "%0A", "%E2%80%8B", "\\n"] {
        for first in ["Y", "a", "%61", "QWRt"] {
            let text = format!("{first}{}", between.repeat(60_000));
            let shown = secrets.clean(&text);
            assert!(
                shown == text || shown == super::MARK,
                "{first:?} {between:?}"
            );
        }
    }
}
