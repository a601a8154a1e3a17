//! A generator of odd YAML sources, to compare parsers with.

/// Fragments of sources: YAML indicators, line breaks of every kind, scalars that are not strings.
const PARTS: &[&str] = &[
    "id",
    "namespace",
    "tasks",
    "a",
    "b",
    "type",
    ":",
    ": ",
    ":\n",
    "\n",
    "\n  ",
    "\n    ",
    "\n- ",
    "\n  - ",
    "- ",
    "? ",
    "?",
    " ",
    "  ",
    "\t",
    "#",
    " # ",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ",",
    ", ",
    "|",
    "|\n  ",
    ">\n  ",
    ">-\n  ",
    "|2\n  ",
    "&a ",
    "*a ",
    "*a",
    "!",
    "!!str ",
    "!x ",
    "%",
    "@",
    "`",
    "---",
    "---\n",
    "...",
    "...\n",
    "\n---\n",
    "\n...\n",
    "\r\n",
    "\r",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\\",
    "\\n",
    "\\x41",
    "\\u2028",
    "\\/",
    "\\_",
    "\\N",
    "\\\n",
    "''",
    "\"\"",
    "no",
    "~",
    "1",
    "007",
    "1e3",
    "é",
    "🚀",
    "\u{a0}",
    "\u{200b}",
    "<<",
    "<<: ",
    "=",
    "x:y",
    "a:b",
    "{a:b}",
    "{a: b}",
    "\"a\":b",
    "'a':b",
    "[a,b]",
    "a#b",
    "a #b",
    "-a",
    "-",
    "--",
    "?a",
    ":a",
    "x: ",
    "y: z",
    "\n\n",
    "%YAML 1.1\n",
    "\nid: evil",
    "\nnamespace: evil",
    "{{ x }}",
    "\"{{ x }}\"",
    "\u{7}",
    "\0",
];
/// Whole sources, to be mutated.
const WHOLE: &[&str] = &[
    "id: x\nnamespace: good\ntasks:\n  - id: a\n    type: t\n",
    "{id: x, namespace: good}",
    "# c\n---\nid: x\nnamespace: good\n...\n",
    "id: x\nnamespace: good\ndescription: |\n  text\n  more\nx: \"a\n  b\"\n",
    "id: \"x\"\n'namespace': good\nx: [a, b, {c: d}]\n",
    "id: x\n# y\nnamespace: good\nx: \"{{ a }}\"\n",
    "? id\n: x\nnamespace: good\n",
    "id: x\nnamespace: good\nx: &a {b: c}\ny: *a\n",
    "id: y\n# x\u{2028}description: \"\nnamespace: good\n# \"\u{2028}namespace: evil\ntasks: []\n",
];

/// An infinite sequence of sources, determined by `seed`.
pub fn odd_sources(seed: u64) -> impl Iterator<Item = String> {
    let mut chance = Chance(seed | 1);
    std::iter::repeat_with(move || chance.source())
}

/// Marsaglia's xorshift, for reproducible sequences.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit.max(1)
    }

    fn one_of(&mut self, texts: &[&'static str]) -> &'static str {
        texts
            .get(self.below(texts.len()))
            .copied()
            .unwrap_or_default()
    }

    fn source(&mut self) -> String {
        if self.below(4) == 0 {
            return (0..=self.below(24)).map(|_| self.one_of(PARTS)).collect();
        }
        let mut characters: Vec<char> = self.one_of(WHOLE).chars().collect();
        for _ in 0..=self.below(5) {
            let at = self.below(characters.len() + 1);
            match self.below(5) {
                0 if at < characters.len() => {
                    characters.remove(at);
                }
                1 => {
                    let end = (at + self.below(8)).min(characters.len());
                    let moved: Vec<char> = characters.drain(at..end).collect();
                    let to = self.below(characters.len() + 1);
                    characters.splice(to..to, moved);
                }
                _ => {
                    let part = self.one_of(PARTS).chars();
                    characters.splice(at..at, part);
                }
            }
        }
        characters.into_iter().collect()
    }
}
