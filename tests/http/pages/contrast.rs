//! The colours of both palettes (WCAG 2.2, 1.4.3 and 1.4.11).

use std::collections::BTreeMap;

use kestra_mcp::pages::style::STYLE;

/// Foreground, background, and their least contrast.
const PAIRS: &[(&str, &str, f64)] = &[
    ("text", "back", 4.5),
    ("text", "raised", 4.5),
    ("quiet", "back", 4.5),
    ("quiet", "raised", 4.5),
    ("link", "back", 4.5),
    ("act-text", "act", 4.5),
    ("harm-text", "harm", 4.5),
    ("harm", "back", 4.5),
    ("warn-text", "warn", 4.5),
    ("error-text", "error", 4.5),
    ("good-text", "good", 4.5),
    ("focus", "back", 3.0),
    ("focus", "raised", 3.0),
    ("line", "back", 3.0),
    ("line", "raised", 3.0),
    ("act", "back", 3.0),
];

type Palette = BTreeMap<String, [f64; 3]>;

fn palette(text: &str) -> Palette {
    let end = text.find('}').unwrap();
    text[..end]
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
        .map(|(name, value)| {
            let part = |at| {
                let byte = u8::from_str_radix(&value[at..at + 2], 16).unwrap();
                let part = f64::from(byte) / 255.0;
                if part <= 0.040_45 {
                    part / 12.92
                } else {
                    ((part + 0.055) / 1.055).powf(2.4)
                }
            };
            (name.to_owned(), [part(0), part(2), part(4)])
        })
        .collect()
}

fn luminance([red, green, blue]: [f64; 3]) -> f64 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[test]
fn both_palettes_have_enough_contrast() {
    let mut palettes = STYLE.split(":root {").skip(1).map(palette);
    let (light, dark) = (palettes.next().unwrap(), palettes.next().unwrap());
    assert_eq!(
        light.keys().collect::<Vec<_>>(),
        dark.keys().collect::<Vec<_>>()
    );
    for (name, colours) in [("light", &light), ("dark", &dark)] {
        for (front, back, needed) in PAIRS {
            let (one, other) = (luminance(colours[*front]), luminance(colours[*back]));
            let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(
                contrast >= *needed,
                "{name}: {front} on {back} is {contrast:.2}"
            );
        }
    }
    let used = STYLE.matches("var(--").count();
    let known = light
        .keys()
        .map(|name| STYLE.matches(&format!("var(--{name})")).count())
        .sum::<usize>();
    assert_eq!(used, known, "a colour that is in no palette");
}
