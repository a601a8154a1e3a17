//! Encryption keys, and the envelope of a sealed value.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use kestra_mcp::config::http::RingKey;
use kestra_mcp::config::key::{KeyFault, ring};
use kestra_mcp::secret::Secret;
use kestra_mcp::store::seal::{RewrapError, kid, open_under, seal_under};
use kestra_mcp::store::{Column, KeyRing, OpenError, Place, RingFault};
use proptest::prelude::*;

/// A key that uses `+` and `/` in one alphabet, and `-` and `_` in the other.
fn key(fill: u8) -> String {
    let mut bytes = [fill; 32];
    bytes[..3].copy_from_slice(&[0xfb, 0xff, 0xbe]);
    URL_SAFE.encode(bytes)
}

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

/// As `ENCRYPTION_KEYS` and `ENCRYPTION_KEY` say.
fn keys(list: &str, single: &str) -> Result<Vec<RingKey>, KeyFault> {
    Ok([ring(&secret(list))?, ring(&secret(single))?].concat())
}

fn ring_of(list: &str, single: &str) -> KeyRing {
    KeyRing::new(&keys(list, single).unwrap()).unwrap()
}

const BOUND: [&str; 4] = ["https://idp", "ana", "https://kestra", "main"];

fn place<'a>(row: &'a str, bound: &'a [&'a str]) -> Place<'a> {
    Column::CREDENTIAL.of(row, bound)
}

#[test]
fn a_key_is_read_in_both_alphabets_with_padding_or_without() {
    let bytes: Vec<u8> = URL_SAFE.decode(key(7)).unwrap();
    let sealed = ring_of("", &key(7)).seal(&place("1", &BOUND), b"s3cret");
    let sealed = sealed.unwrap();
    for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
        let written = engine.encode(&bytes);
        for text in [written.clone(), format!("  {written}\n")] {
            let ring = ring_of("", &text);
            let opened = ring.open(&place("1", &BOUND), &sealed).unwrap();
            assert_eq!(opened.as_slice(), b"s3cret");
        }
    }
}

#[test]
fn an_implausible_key_is_refused_by_its_name_and_never_shown() {
    let short = URL_SAFE.encode([1; 31]);
    let long = URL_SAFE.encode([1; 33]);
    let cases = [
        (
            keys(&format!("a:{}, b:{short}", key(1)), ""),
            KeyFault::Length {
                key: "b".to_owned(),
                length: 31,
            },
        ),
        (
            keys(&key(1), &long),
            KeyFault::Length {
                key: "1".to_owned(),
                length: 33,
            },
        ),
        (
            keys("a:correct horse", ""),
            KeyFault::Base64 {
                key: "a".to_owned(),
            },
        ),
        (
            keys(&format!(":{}", key(1)), ""),
            KeyFault::Id { position: 1 },
        ),
        (
            keys(&format!("ä:{}", key(1)), ""),
            KeyFault::Id { position: 1 },
        ),
        (
            keys(&format!("{}:{}", "i".repeat(33), key(1)), ""),
            KeyFault::Id { position: 1 },
        ),
    ];
    for (read, fault) in cases {
        let refused = read.unwrap_err();
        assert_eq!(refused, fault);
        assert!(!refused.to_string().contains("horse"), "{refused}");
    }
    let twice = KeyRing::new(&keys(&format!("a:{},a:{}", key(1), key(2)), "").unwrap());
    let id = "a".to_owned();
    assert_eq!(twice.unwrap_err(), RingFault::Twice { id });
    let same = KeyRing::new(&keys(&format!("a:{k},b:{k}", k = key(1)), "").unwrap());
    let (first, second) = ("a".to_owned(), "b".to_owned());
    assert_eq!(same.unwrap_err(), RingFault::Same { first, second });
    let none = keys(" , ", "\n").unwrap();
    assert_eq!(KeyRing::new(&none).unwrap_err(), RingFault::Empty);
}

#[test]
fn a_key_ring_prints_only_its_ids() {
    let ring = ring_of(&format!("new:{}", key(1)), &key(2));
    let shown = format!("{ring:?}");
    assert!(shown.starts_with("[\"new\", \"k"), "{shown}");
    for secret in [key(1), key(2)] {
        assert!(!shown.contains(&secret));
    }
}

#[test]
fn the_first_key_seals_and_the_single_key_comes_last() {
    let ring = ring_of(&format!("b:{},a:{}", key(2), key(1)), &key(3));
    let ids: Vec<&str> = ring.ids().collect();
    assert_eq!(ids[..2], ["b", "a"]);
    assert_eq!(ids.len(), 3);
    assert_eq!(ring.active(), "b");
    let sealed = ring.seal(&place("1", &BOUND), b"x").unwrap();
    assert_eq!(kid(&sealed), Some("b"));
}

#[test]
fn a_key_keeps_its_id_and_opens_its_records_however_it_is_written() {
    let forms = [
        ring_of("", &key(1)),
        ring_of(&key(1), ""),
        ring_of(&format!("named:{}", key(1)), ""),
        ring_of(&format!("new:{},old:{}", key(2), key(1)), ""),
        ring_of(&format!("new:{}", key(3)), &key(1)),
        ring_of(&format!("{},new:{}", key(1), key(4)), &key(1)),
    ];
    let derived = forms[0].active().to_owned();
    assert_eq!(forms[1].active(), derived);
    assert_eq!(forms[4].ids().nth(1), Some(derived.as_str()));
    let ids: Vec<&str> = forms[5].ids().collect();
    assert_eq!(ids, [derived.as_str(), "new"]);
    for sealing in [&forms[0], &forms[1], &forms[2], &forms[5]] {
        let sealed = sealing.seal(&place("1", &BOUND), b"s3cret").unwrap();
        for opening in &forms {
            let opened = opening.open(&place("1", &BOUND), &sealed).unwrap();
            assert_eq!(opened.as_slice(), b"s3cret", "{sealing:?} {opening:?}");
        }
    }
}

#[test]
fn each_purpose_has_its_own_key() {
    let ring = ring_of("", &key(1));
    let purposes = ["cookie", "request-state", "kek", "id"];
    let derived: Vec<_> = purposes
        .iter()
        .map(|purpose| ring.derive(purpose))
        .collect();
    for (at, one) in derived.iter().enumerate() {
        assert!(derived[at + 1..].iter().all(|other| one != other));
    }
    assert_eq!(derived[0], ring_of(&key(1), "").derive("cookie"));
    assert_ne!(derived[0], ring_of("", &key(2)).derive("cookie"));
}

#[test]
fn a_record_does_not_open_anywhere_else() {
    let ring = ring_of("", &key(1));
    let here = place("1", &BOUND);
    let sealed = ring.seal(&here, b"s3cret").unwrap();
    let elsewhere = [
        Place { row: "2", ..here },
        Place {
            table: "oauth_grant",
            ..here
        },
        Place {
            column: "idp_refresh",
            ..here
        },
        Place {
            bound: &["https://idp", "bob", "https://kestra", "main"],
            ..here
        },
        Place {
            bound: &["https://idp2", "ana", "https://kestra", "main"],
            ..here
        },
        Place {
            bound: &["https://idp", "ana", "https://other", "main"],
            ..here
        },
        Place {
            bound: &["https://idp", "ana", "https://kestra", "team"],
            ..here
        },
        Place {
            bound: &["https://idp", "ana", "https://kestramain"],
            ..here
        },
        Place {
            bound: &["https://idpana", "", "https://kestra", "main"],
            ..here
        },
        Place { bound: &[], ..here },
        Place {
            row: "",
            bound: &["1", "https://idp", "ana", "https://kestra", "main"],
            ..here
        },
    ];
    for other in elsewhere {
        let opened = ring.open(&other, &sealed);
        assert_eq!(opened.unwrap_err(), OpenError::Forged, "{other:?}");
    }
    assert_eq!(ring.open(&here, &sealed).unwrap().as_slice(), b"s3cret");
}

#[test]
fn a_key_that_is_not_in_the_ring_is_named() {
    let sealed = ring_of(&format!("gone:{}", key(1)), "").seal(&place("1", &BOUND), b"x");
    let sealed = sealed.unwrap();
    let ring = ring_of(&format!("here:{}", key(2)), "");
    let kid = "gone".to_owned();
    assert_eq!(
        ring.open(&place("1", &BOUND), &sealed).unwrap_err(),
        OpenError::UnknownKey { kid }
    );
    // Another key under the same id is not the same key.
    let ring = ring_of(&format!("gone:{},other:{}", key(2), key(1)), "");
    assert_eq!(
        ring.open(&place("1", &BOUND), &sealed).unwrap_err(),
        OpenError::Forged
    );
}

#[test]
fn a_rewrapped_record_opens_only_under_the_new_key() {
    let old = ring_of(&format!("a:{}", key(1)), "");
    let both = ring_of(&format!("b:{},a:{}", key(2), key(1)), "");
    let new = ring_of(&format!("b:{}", key(2)), "");
    let here = place("1", &BOUND);
    let sealed = old.seal(&here, b"s3cret").unwrap();
    // The associated data is not needed for this, and still applies.
    let unbound = Place { bound: &[], ..here };
    let anew = both.rewrap(&unbound, &sealed).unwrap().unwrap();
    assert_eq!(kid(&anew), Some("b"));
    assert_eq!(new.open(&here, &anew).unwrap().as_slice(), b"s3cret");
    assert!(old.open(&here, &anew).is_err() && new.open(&unbound, &anew).is_err());
    assert_eq!(both.rewrap(&unbound, &anew).unwrap(), None);
    let moved = Place {
        row: "2",
        ..unbound
    };
    assert!(matches!(
        both.rewrap(&moved, &sealed),
        Err(RewrapError::Open(OpenError::Forged))
    ));
}

#[test]
fn a_successor_opens_only_with_the_token_before_it() {
    let sealed = seal_under("token-x", "successor", b"token-y").unwrap();
    let opened = open_under("token-x", "successor", &sealed).unwrap();
    assert_eq!(opened.as_slice(), b"token-y");
    assert_eq!(
        open_under("token-z", "successor", &sealed),
        Err(OpenError::Forged)
    );
    assert_eq!(
        open_under("token-x", "other", &sealed),
        Err(OpenError::Forged)
    );
    assert_eq!(
        open_under("token-x", "successor", &[]),
        Err(OpenError::Malformed)
    );
}

proptest! {
    #[test]
    fn a_record_with_a_bit_flipped_or_cut_short_does_not_open(
        plain in proptest::collection::vec(any::<u8>(), 0..200),
        at in any::<proptest::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let ring = ring_of(&format!("new:{},k1:{}", key(2), key(1)), "");
        let here = place("row", &BOUND);
        let mut sealed = ring.seal(&here, &plain).unwrap();
        prop_assert_eq!(&ring.open(&here, &sealed).unwrap()[..], &plain[..]);
        let at = at.index(sealed.len());
        prop_assert!(ring.open(&here, &sealed[..at]).is_err());
        sealed[at] ^= 1 << bit;
        prop_assert!(ring.open(&here, &sealed).is_err());
    }

    #[test]
    fn a_record_opens_only_in_its_own_place(
        own in proptest::collection::vec("[ab]{0,2}", 3..6),
        other in proptest::collection::vec("[ab]{0,2}", 3..6),
    ) {
        fn split(parts: &[String]) -> (&[String], Vec<&str>) {
            (&parts[..3], parts[3..].iter().map(String::as_str).collect())
        }
        fn place<'a>((three, bound): &'a (&'a [String], Vec<&'a str>)) -> Place<'a> {
            let (table, column, row) = (&three[0], &three[1], &three[2]);
            Place { table, column, row, bound }
        }
        let ring = ring_of("", &key(1));
        let sealed = ring.seal(&place(&split(&own)), b"x").unwrap();
        prop_assert_eq!(ring.open(&place(&split(&other)), &sealed).is_ok(), own == other);
    }

    #[test]
    fn noise_is_not_a_record(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
        let ring = ring_of("", &key(1));
        prop_assert!(ring.open(&place("1", &BOUND), &noise).is_err());
        prop_assert!(ring.rewrap(&place("1", &BOUND), &noise).is_err());
        prop_assert!(open_under("x", "successor", &noise).is_err());
    }
}
