use std::cell::Cell;

use super::*;

fn read(body: &[u8], block: usize, guide: &Guide) -> String {
    let blocks = Blocks {
        blocks: body.chunks(block).map(<[u8]>::to_vec).collect(),
        bytes: body.len(),
    };
    let mut text = String::new();
    Repaired::new(blocks, guide)
        .read_to_string(&mut text)
        .expect("text");
    text
}

fn guide(limit: usize) -> Guide {
    Guide {
        limit: Cell::new(limit),
        ..Guide::default()
    }
}

#[test]
fn replaces_what_is_no_unicode_wherever_a_block_ends() {
    for (body, mended) in [
        (
            &br#"["\ud83d x \ud83d\ude00 \\ud83d \u00fc\ud83d\u0041"]"#[..],
            "[\"\u{fffd} x \\ud83d\\ude00 \\\\ud83d \\u00fc\u{fffd}\\u0041\"]",
        ),
        (
            b"\"a\xffb\xe2\x82c\xf0\x9f\x98\x80\"",
            "\"a\u{fffd}b\u{fffd}c😀\"",
        ),
        ("{\"ä\":\"€\"}".as_bytes(), "{\"ä\":\"€\"}"),
        (
            br#"{"a\"b":"c\\","d":[1,-2.5e3,true,null]}"#,
            r#"{"a\"b":"c\\","d":[1,-2.5e3,true,null]}"#,
        ),
        (b"\"a\\", "\"a\\"),
        (b"<html>", "<html>"),
    ] {
        for block in [1, 2, 3, 5, 64] {
            let text = read(body, block, &guide(usize::MAX));
            assert_eq!(text, mended, "blocks of {block}");
        }
        let lossy = String::from_utf8_lossy(body);
        if !lossy.contains("\\u") {
            let text = read(body, 64, &guide(usize::MAX));
            assert_eq!(text, lossy);
        }
    }
}

#[test]
fn texts_end_at_their_limit_and_between_characters() {
    let guide = guide(4);
    let text = read(
        r#"["abcd","abcde","ab€","a\n\u20acb","\\\"\\\"\\"]"#.as_bytes(),
        3,
        &guide,
    );
    assert_eq!(text, r#"["abcd","abcd","ab","a\n","\\\"\\\""]"#);
    assert!(guide.cut.get());
    assert_eq!(guide.bytes.get(), 1 + 3 + 7 + 2);
}

#[test]
fn what_lies_too_deep_is_null() {
    let body = format!("[{}1,\"]\"{},2]", "[".repeat(100), "]".repeat(100));
    let guide = guide(9);
    let text = read(body.as_bytes(), 7, &guide);
    let wanted = format!("{}null{},2]", "[".repeat(64), "]".repeat(63));
    assert_eq!((text, guide.deep.get()), (wanted, 1));
}

#[test]
fn what_is_skipped_is_null() {
    for (value, rest) in [
        (r#"{"a":["]}\"",{}]}"#, ",2]"),
        ("\"a\\\\\"", ",2]"),
        ("12", "]"),
        ("[]", " ]"),
    ] {
        let guide = guide(9);
        guide.skip.set(true);
        let text = read(format!(":{value}{rest}").as_bytes(), 2, &guide);
        assert_eq!(text, format!(":null{rest}"));
    }
    let guide = guide(9);
    guide.skip.set(true);
    assert_eq!(read(b"{\"a\":[1", 2, &guide), "");
}
