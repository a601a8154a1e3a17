//! Files that use each other, directly or through others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::resolve::Edges;

/// The groups of two files and more in which each file reaches each other one.
pub(crate) fn circles(edges: &Edges) -> Vec<BTreeSet<String>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in edges.keys() {
        next.entry(from).or_default().insert(to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = next
        .keys()
        .map(|file| (*file, reach(file, &next)))
        .collect();
    let mut found = BTreeSet::new();
    for (file, others) in &reached {
        let group: BTreeSet<String> = others
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)))
            .map(ToString::to_string)
            .collect();
        if !group.is_empty() {
            found.insert(group);
        }
    }
    found.into_iter().collect()
}

fn reach<'a>(from: &'a str, next: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for other in next.get(file).into_iter().flatten() {
            if reached.insert(*other) {
                open.push(other);
            }
        }
    }
    reached
}

/// The uses within each circle, those by the fewest names first: the cheapest to cut.
pub(crate) fn report(name: &str, edges: &Edges) -> String {
    let mut text = String::new();
    for circle in circles(edges) {
        writeln!(text, "{name}: {} files use each other", circle.len()).unwrap();
        let mut within: Vec<_> = edges
            .iter()
            .filter(|((from, to), _)| circle.contains(from) && circle.contains(to))
            .collect();
        within.sort_by_key(|(_, names)| names.len());
        for ((from, to), names) in within {
            let both = edges.contains_key(&(to.clone(), from.clone()));
            let sign = if both { "<->" } else { "->" };
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            writeln!(text, "  {from} {sign} {to}: {}", names.join(", ")).unwrap();
        }
    }
    text
}
