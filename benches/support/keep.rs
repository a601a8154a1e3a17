//! What the server keeps of a page.

use kestra_mcp::tool::project::Keep;

/// What `build.rs` wrote for Kestra 2.0.
const TOOLS: &str = include_str!(concat!(env!("OUT_DIR"), "/tools-2.0.rs"));

/// What the generated `list_executions` of Kestra 2.0 keeps of a page: it has no name outside of
/// its function, so it is read from the generated text.
pub(crate) fn of_executions() -> &'static Keep {
    let (before, _) = TOOLS.split_once(".search_executions(").unwrap();
    let (_, tree) = before.rsplit_once("static KEEP: Keep =").unwrap();
    let mut reader = Reader(tree);
    Box::leak(Box::new(reader.tree()))
}

/// Reads a tree as `build.rs` writes it.
struct Reader(&'static str);

impl Reader {
    fn tree(&mut self) -> Keep {
        assert!(self.eat("Keep::"), "{}", self.0);
        if self.eat("Whole") {
            Keep::Whole
        } else if self.eat("Labels") {
            Keep::Labels
        } else if self.eat("Presence") {
            Keep::Presence
        } else if self.eat("Members(") {
            let mut members = Vec::new();
            assert!(self.eat("&") && self.eat("["), "{}", self.0);
            while !self.eat("]") {
                assert!(self.eat("(") && self.eat("\""), "{}", self.0);
                let (name, rest) = self.0.split_once('"').unwrap();
                self.0 = rest;
                assert!(self.eat(","), "{}", self.0);
                members.push((name, self.tree()));
                self.close();
                self.eat(",");
            }
            self.close();
            Keep::Members(members.leak())
        } else {
            assert!(self.eat("Each(") && self.eat("&"), "{}", self.0);
            let item = self.tree();
            assert!(self.eat(","), "{}", self.0);
            let (limit, rest) = self.0.trim_start().split_once("usize").unwrap();
            self.0 = rest;
            self.close();
            Keep::Each(Box::leak(Box::new(item)), limit.parse().unwrap())
        }
    }

    fn close(&mut self) {
        self.eat(",");
        assert!(self.eat(")"), "{}", self.0);
    }

    fn eat(&mut self, token: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(token);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}
