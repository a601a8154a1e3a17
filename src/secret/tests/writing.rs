//! Writers of a value, made otherwise than what reads it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

/// Ways of writing a value, each as free as the encoding is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Writing {
    Percent,
    PercentTwice,
    Json,
    JsonTwice,
    PercentOfJson,
    Base64(usize),
    Base64InJson(usize),
}

impl Arbitrary for Writing {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        prop_oneof![
            Just(Self::Percent),
            Just(Self::PercentTwice),
            Just(Self::Json),
            Just(Self::JsonTwice),
            Just(Self::PercentOfJson),
            (0..3_usize).prop_map(Self::Base64),
            (0..3_usize).prop_map(Self::Base64InJson),
        ]
        .boxed()
    }
}

/// Choices that follow from one number.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    fn of(&mut self, many: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % many
    }

    fn percent(&mut self, text: &str) -> String {
        let mut written = String::new();
        for next in text.chars() {
            match self.of(3) {
                // A plus sign as it stands would be a space.
                0 if next != '%' && next != '+' => written.push(next),
                1 if next == ' ' => written.push('+'),
                _ => {
                    for byte in next.encode_utf8(&mut [0; 4]).bytes() {
                        if self.of(2) == 0 {
                            let _ = write!(written, "%{byte:02x}");
                        } else {
                            let _ = write!(written, "%{byte:02X}");
                        }
                    }
                }
            }
        }
        written
    }

    fn json(&mut self, text: &str) -> String {
        let mut written = String::new();
        for next in text.chars() {
            let short = match next {
                '"' => "\\\"",
                '\\' => "\\\\",
                '/' => "\\/",
                '\n' => "\\n",
                '\t' => "\\t",
                _ => "",
            };
            match self.of(3) {
                0 if !matches!(next, '"' | '\\' | '\n' | '\t') => written.push(next),
                1 if !short.is_empty() => written.push_str(short),
                _ => {
                    for unit in next.encode_utf16(&mut [0; 2]) {
                        if self.of(2) == 0 {
                            let _ = write!(written, "\\u{unit:04x}");
                        } else {
                            let _ = write!(written, "\\u{unit:04X}");
                        }
                    }
                }
            }
        }
        written
    }

    fn base64(&mut self, text: &str, before: usize) -> String {
        let long = format!("{}{text}", &"abc"[..before]);
        match self.of(4) {
            0 => STANDARD.encode(long),
            1 => URL_SAFE.encode(long),
            2 => STANDARD_NO_PAD.encode(long),
            _ => URL_SAFE_NO_PAD.encode(long),
        }
    }

    /// Invisible characters between any two others.
    fn hide(&mut self, text: &str) -> String {
        let hidden = [
            "",
            "\u{61c}",
            "\u{ad}",
            "\u{200b}",
            "\u{e0041}\u{fe0f}",
            "\u{1b}",
        ];
        let many = if self.of(2) == 0 { 1 } else { 6 };
        let pairs = text.chars().enumerate().map(|(at, next)| {
            let between = if at == 0 { 0 } else { self.of(many) };
            format!("{}{next}", hidden[usize::try_from(between).unwrap()])
        });
        pairs.collect()
    }
}

impl Writing {
    pub(super) fn write(self, value: &str, chance: &mut Chance) -> String {
        let written = match self {
            Self::Percent => chance.percent(value),
            Self::PercentTwice => chance.percent(value).replace('%', "%25"),
            Self::Json => chance.json(value),
            Self::JsonTwice => {
                let once = chance.json(value);
                chance.json(&once)
            }
            Self::PercentOfJson => {
                let once = chance.json(value);
                chance.percent(&once)
            }
            Self::Base64(before) => chance.base64(value, before),
            Self::Base64InJson(before) => {
                let encoded = chance.base64(value, before);
                chance.json(&encoded)
            }
        };
        chance.hide(&written)
    }
}
