//! `tool-manifest.toml` as it holds for one Kestra line.

mod exists;
mod field;
mod follow;
mod format;
mod under;
mod unfold;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::tree::{Faults, Node, Table, Tree, nearest};

pub use exists::Exists;
pub use field::{Field, Make};
pub use follow::Follow;
pub use format::{Format, Kind, Run};
pub use under::SETTINGS;
pub use unfold::Unfold;
pub use value::{Bind, Check, Expr, Filter, OPS, When};

/// The effects that the manifest may name.
pub const EFFECTS: &[&str] = &[
    "read",
    "create",
    "execute",
    "control",
    "overwrite",
    "kill",
    "delete",
];
/// The strategies, with the steps that each needs and may have.
pub const STRATEGIES: &[(&str, &[&str], &[&str])] = &[
    ("call", &["call"], &["after"]),
    (
        "start_then_follow",
        &["start", "read"],
        &["latest", "describe"],
    ),
    ("act_then_read", &["before", "act", "after"], &[]),
    ("unfold", &["call", "table", "one"], &[]),
    (
        "upsert",
        &["validate", "read", "create", "update"],
        &["after"],
    ),
];
/// The most characters that a client passes on whole where a tool asks for it.
const LARGEST: i64 = 500_000;
/// What this server answers itself.
pub const BUILTINS: &[&str] = &["status", "credential"];

/// Everything the manifest says for one line.
#[derive(Debug, Default)]
pub struct Manifest {
    /// The closed vocabulary.
    pub permissions: Vec<String>,
    /// What people read of each of it after "may".
    pub meanings: Vec<String>,
    /// Named sets of texts.
    pub states: BTreeMap<String, Vec<String>>,
    /// Addresses in Kestra's UI.
    pub links: BTreeMap<String, String>,
    /// Argument formats.
    pub formats: BTreeMap<String, Format>,
    /// Shared outputs.
    pub outputs: BTreeMap<String, Output>,
    /// Ways to find candidates.
    pub nears: BTreeMap<String, Near>,
    /// Filter fields whose name in the description is not the one on the wire.
    pub filter_names: BTreeMap<String, String>,
    /// Arguments that hosts add for themselves.
    pub host_arguments: Vec<String>,
    /// How Kestra says that something is there already.
    pub exists: Exists,
    /// The tools, in order.
    pub tools: Vec<Tool>,
}

/// One tool.
#[derive(Debug)]
pub struct Tool {
    /// Where it begins.
    pub line: usize,
    /// What clients call.
    pub name: String,
    /// For people.
    pub title: String,
    /// For a model.
    pub description: String,
    /// What the caller must hold.
    pub permission: Option<String>,
    /// Kestra's own.
    pub kestra_permission: Option<String>,
    /// Of [`EFFECTS`].
    pub effect: String,
    /// The object it is about, for its errors.
    pub kind: String,
    /// Where policy finds the namespace.
    pub scope: Option<String>,
    /// Annotations: read-only, destructive, idempotent, open-world.
    pub hints: [bool; 4],
    /// Of [`STRATEGIES`]; none for a builtin.
    pub strategy: Option<String>,
    /// Of [`BUILTINS`].
    pub builtin: Option<String>,
    /// The argument that says how long to wait.
    pub wait: Option<String>,
    /// The argument that asks for another act where one like it was made whose answer was lost.
    pub again: Option<String>,
    /// Former names.
    pub aliases: Vec<String>,
    /// Arguments, in order.
    pub arguments: Vec<Argument>,
    /// Steps, in order.
    pub steps: Vec<Step>,
    /// How candidates for a miss are found.
    pub near: Option<String>,
    /// Reasons to refuse.
    pub refuse: Vec<(When, String)>,
    /// How a started object is followed.
    pub follow: Option<Follow>,
    /// How an object is watched after something was done to it.
    pub settle: Option<Settle>,
    /// How a source is saved.
    pub upsert: Option<Upsert>,
    /// Which rows stand in the rows of a search.
    pub unfold: Option<Unfold>,
    /// Arguments of which exactly one is given.
    pub exactly_one: Vec<String>,
    /// The result.
    pub output: Output,
    /// How many characters of a result a client is asked to pass on whole.
    pub large_result: Option<i64>,
    /// Arguments of the sample call.
    pub sample: Value,
    /// What it is instead under each of [`SETTINGS`] that it names.
    pub under: Vec<(String, Tool)>,
}

/// An argument.
#[derive(Debug)]
pub struct Argument {
    /// Where it stands.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// The name of its format.
    pub format: String,
    /// Whether it must be given.
    pub required: bool,
    /// For a model.
    pub about: Option<String>,
    /// Top-level keys of the document that it is, with the formats of the ids under them.
    pub names: Vec<(String, String)>,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it begins.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// An operation's id, or method and path.
    pub operation: String,
    /// Another effect than the tool's.
    pub effect: Option<String>,
    /// Parameters.
    pub bind: Vec<(usize, String, Bind)>,
    /// Query filters.
    pub filters: Vec<Filter>,
    /// What rows must meet.
    pub checks: Vec<Check>,
    /// The answer must be about this object.
    pub same: Vec<(String, Expr)>,
    /// Left out unless this holds.
    pub when: When,
    /// Left out for who does not hold it.
    pub permission: Option<String>,
    /// The answer is these rows.
    pub rows: Option<String>,
    /// How long a 404 may mean "not yet".
    pub retry_404_ms: i64,
    /// An attached read that is given up after so long, without a word.
    pub spare_ms: Option<i64>,
}

/// The shape of a result.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Where it begins.
    pub line: usize,
    /// A shared output that it is like.
    pub like: Option<String>,
    /// Where rows stand.
    pub rows: Option<String>,
    /// Where the total stands.
    pub total: Option<String>,
    /// A name of `[link]`.
    pub link: Option<String>,
    /// By what the rows of a page are put in order.
    pub order: Vec<Expr>,
    /// Fields, in order.
    pub fields: Vec<Field>,
    /// Steps after the main one.
    pub attach: Vec<Step>,
}

/// How candidates for a miss are found.
#[derive(Debug, Clone)]
pub struct Near {
    /// What was asked for.
    pub wanted: Expr,
    /// Where a row's id stands.
    pub id: String,
    /// The revision that was asked for, and where a row's latest stands.
    pub revision: Option<(Expr, String)>,
    /// How many.
    pub limit: usize,
    /// What is shown.
    pub fields: Vec<Field>,
    /// The steps that look.
    pub queries: Vec<Step>,
}

/// How an object is watched after something was done to it.
#[derive(Debug)]
pub struct Settle {
    /// Where its state stands.
    pub state: String,
    /// Nothing is sent when it is in one of these before.
    pub unless: Vec<String>,
    /// What is wanted.
    pub wanted: String,
    /// States on the way to it.
    pub under_way: Vec<String>,
    /// How long it may take.
    pub within_ms: i64,
    /// The word for having reached it.
    pub done: String,
    /// How to see how it ends.
    pub next: String,
}

/// How a source is saved.
#[derive(Debug)]
pub struct Upsert {
    /// The source, the revision that may be replaced, and whether nothing is to be sent.
    pub values: [Expr; 3],
    /// Pointers into the stored object: source, revision.
    pub pointers: [String; 2],
    /// Texts of the document that must be there, each with where the answer of the validation
    /// names it.
    pub names: Vec<(String, String)>,
    /// How to see what there is.
    pub next: String,
}

/// What reading needs to know besides the table at hand.
pub(crate) struct Words<'a> {
    pub(crate) permissions: &'a [String],
    pub(crate) states: &'a BTreeMap<String, Vec<String>>,
}

impl Words<'_> {
    /// The texts of a named set.
    pub(crate) fn set(&self, table: &Table<'_>, line: usize, name: &str) -> Vec<String> {
        self.states.get(name).cloned().unwrap_or_else(|| {
            let near = nearest(name, self.states.keys().map(String::as_str));
            table.fault(line, format!("[states] has no \"{name}\"{near}"));
            Vec::new()
        })
    }

    /// A permission of the vocabulary.
    pub(crate) fn permission(&self, table: &Table<'_>) -> Option<String> {
        let permission = table.text("permission")?;
        if !self.permissions.contains(&permission) {
            let near = nearest(&permission, self.permissions.iter().map(String::as_str));
            table.fault(
                table.line(),
                format!("permission \"{permission}\" is not in `permissions`{near}"),
            );
        }
        Some(permission)
    }
}

/// The permissions, in the order of the file, and what people read of each.
fn vocabulary(root: &Table<'_>) -> (Vec<String>, Vec<String>) {
    let Some(table) = root.table("permissions") else {
        return (Vec::new(), Vec::new());
    };
    let words = root.entries("permissions").iter();
    let words = words.filter_map(|(name, _)| Some((name.clone(), table.text(name)?)));
    let words = words.unzip();
    table.finish();
    words
}

impl Manifest {
    /// Reads `tree`, already resolved for a line.
    pub fn read(file: &str, tree: &Tree, faults: &Faults) -> Self {
        let root = Table::new(file, faults, "", tree);
        let (permissions, meanings) = vocabulary(&root);
        let mut states = BTreeMap::new();
        if let Some(table) = root.table("states") {
            for (name, _) in root.entries("states") {
                states.insert(name.clone(), table.texts(name).unwrap_or_default());
            }
        }
        let words = Words {
            permissions: &permissions,
            states: &states,
        };
        let texts = |key: &str| -> BTreeMap<String, String> {
            let names = root.entries(key).iter().map(|(name, _)| name);
            let Some(table) = root.table(key) else {
                return BTreeMap::new();
            };
            names
                .filter_map(|name| Some((name.clone(), table.text(name)?)))
                .collect()
        };
        let links = texts("link");
        let exists = root.table("exists").map(Exists::read).unwrap_or_default();
        let filter_names = texts("filter_names");
        let host_arguments = host_arguments(&root);
        let named = |key: &'static str| {
            root.entries(key).iter().map(move |(name, tree)| {
                (
                    name.clone(),
                    Table::new(file, faults, format!("{key}.{name}"), tree),
                )
            })
        };
        let formats = named("format")
            .map(|(name, table)| (name, Format::read(table, &words)))
            .collect();
        let outputs = named("output")
            .map(|(name, table)| (name, Output::read(table, &words)))
            .collect();
        let nears = named("near")
            .map(|(name, table)| (name, Near::read(table, &words)))
            .collect();
        let mut tools = Vec::new();
        for tree in root.items("tool") {
            let name = match &tree.node {
                Node::Table(entries) => entries.iter().find(|(key, _)| key == "name"),
                _ => None,
            };
            let name = name.and_then(|(_, name)| name.as_text()).unwrap_or("tool");
            let mut tool = Tool::read(Table::new(file, faults, name, tree), &words);
            tool.under = under::variants(file, faults, tree, &words);
            tools.push(tool);
        }
        root.finish();
        let mut manifest = Self {
            permissions,
            meanings,
            states,
            links,
            formats,
            outputs,
            nears,
            filter_names,
            host_arguments,
            exists,
            tools,
        };
        manifest.inherit(file, faults);
        manifest
    }

    /// Outputs that are like a shared one get what it says, beside what they say themselves.
    fn inherit(&mut self, file: &str, faults: &Faults) {
        for tool in &mut self.tools {
            for other in &mut tool.under {
                inherit(&self.outputs, &mut other.1, file, faults);
            }
            inherit(&self.outputs, tool, file, faults);
        }
    }
}

/// The lists of all hosts as one.
fn host_arguments(root: &Table<'_>) -> Vec<String> {
    let Some(table) = root.table("host_arguments") else {
        return Vec::new();
    };
    let hosts = root.entries("host_arguments").iter();
    let lists = hosts.filter_map(|(host, _)| table.texts(host));
    let names: BTreeSet<String> = lists.flatten().collect();
    names.into_iter().collect()
}

fn inherit(outputs: &BTreeMap<String, Output>, tool: &mut Tool, file: &str, faults: &Faults) {
    let Some(like) = tool.output.like.clone() else {
        return;
    };
    let Some(shared) = outputs.get(&like) else {
        let near = nearest(&like, outputs.keys().map(String::as_str));
        let message = format!("{}: no [output.{like}]{near}", tool.name);
        faults.add(file, tool.output.line, message);
        return;
    };
    let own = std::mem::take(&mut tool.output);
    tool.output = shared.clone();
    tool.output.line = own.line;
    tool.output.like = Some(like);
    tool.output.rows = own.rows.or(tool.output.rows.take());
    tool.output.total = own.total.or(tool.output.total.take());
    tool.output.link = own.link.or(tool.output.link.take());
    tool.output.fields.extend(own.fields);
    tool.output.order.extend(own.order);
    tool.output.attach.extend(own.attach);
}

impl Tool {
    fn read(table: Table<'_>, words: &Words<'_>) -> Self {
        let builtin = table.text("builtin");
        let strategy = table
            .text("strategy")
            .or_else(|| builtin.is_none().then(|| "call".to_owned()));
        let hints = table.need("hints").map(|tree| {
            let hints = table.of_tree(tree);
            let all = ["read_only", "destructive", "idempotent", "open_world"].map(|hint| {
                hints.need(hint);
                hints.boolean(hint)
            });
            hints.finish();
            all
        });
        let hints = hints.unwrap_or_default();
        let steps = table
            .entries("step")
            .iter()
            .map(|(name, tree)| Step::read(name, table.of_tree(tree), words));
        let refuse = table.items("refuse").iter().map(|tree| {
            let refuse = table.of_tree(tree);
            let when = When::read(&refuse, "when", words);
            let message = refuse.need_text("message");
            refuse.finish();
            (when, message)
        });
        let near = table.table("near").map(|near| {
            let like = near.need_text("like");
            near.finish();
            like
        });
        let tool = Self {
            scope: table.text("scope"),
            line: table.line(),
            name: table.need_text("name"),
            title: table.need_text("title"),
            description: table.need_text("description"),
            permission: words.permission(&table),
            kestra_permission: table.text("kestra_permission"),
            effect: table.need_text("effect"),
            kind: table.text("kind").unwrap_or_else(|| "object".into()),
            hints: hints.map(Option::unwrap_or_default),
            strategy,
            wait: table.text("wait"),
            again: table.text("again"),
            aliases: table.texts("aliases").unwrap_or_default(),
            arguments: table
                .entries("args")
                .iter()
                .map(|(name, tree)| Argument::read(name, table.of_tree(tree)))
                .collect(),
            steps: steps.collect(),
            near,
            refuse: refuse.collect(),
            follow: table
                .table("follow")
                .map(|follow| Follow::read(follow, words)),
            settle: table
                .table("settle")
                .map(|settle| Settle::read(settle, words)),
            upsert: table.table("upsert").map(Upsert::read),
            unfold: table
                .table("unfold")
                .map(|unfold| Unfold::read(unfold, words)),
            exactly_one: table.texts("exactly_one").unwrap_or_default(),
            output: table
                .table("output")
                .map(|output| Output::read(output, words))
                .unwrap_or_default(),
            large_result: table.integer("large_result"),
            sample: table.need("sample").map(Tree::to_json).unwrap_or_default(),
            under: Vec::new(),
            builtin,
        };
        tool.check(&table);
        if let [Some(read_only), Some(destructive), ..] = hints {
            tool.check_hints(&table, read_only, destructive);
        }
        table.finish();
        tool
    }

    /// The hints must be those of the effect.
    fn check_hints(&self, table: &Table<'_>, read_only: bool, destructive: bool) {
        let effect = &self.effect;
        if !EFFECTS.contains(&effect.as_str()) {
            return;
        }
        if read_only != (effect == "read") {
            table.fault(
                self.line,
                format!("hint read_only = {read_only} contradicts effect \"{effect}\""),
            );
        }
        let destroys = matches!(effect.as_str(), "overwrite" | "kill" | "delete");
        if destroys && !destructive {
            table.fault(
                self.line,
                format!("effect \"{effect}\" needs the hint destructive = true"),
            );
        }
        if effect == "read" && destructive {
            table.fault(
                self.line,
                "hint destructive = true contradicts effect \"read\"",
            );
        }
    }

    /// What the tool says of itself must fit together.
    fn check(&self, table: &Table<'_>) {
        let line = self.line;
        check_effect(table, &self.effect);
        if !is_name(&self.name) {
            let message = format!(
                "the name \"{}\" is not lower-case words joined by `_`",
                self.name
            );
            table.fault(line, message);
        }
        if let Some(builtin) = &self.builtin {
            if !BUILTINS.contains(&builtin.as_str()) {
                let near = nearest(builtin, BUILTINS.iter().copied());
                table.fault(
                    line,
                    format!(
                        "builtin \"{builtin}\" is none of {}{near}",
                        BUILTINS.join(", ")
                    ),
                );
            }
            if !self.steps.is_empty() {
                table.fault(line, "a builtin has no steps");
            }
            if self.strategy.is_some() {
                table.fault(line, "a builtin has no strategy");
            }
            // Read by `variants`.
            table.entries("under");
            return;
        }
        if let Some(large) = self
            .large_result
            .filter(|large| !(1..=LARGEST).contains(large))
        {
            let message = format!("`large_result` takes 1 to {LARGEST}, not {large}");
            table.fault(line, message);
        }
        if !table.entries("under").is_empty() {
            table.fault(line, "`under` goes with a builtin");
        }
        if self.scope.is_none() {
            table.fault(line, "missing `scope`: where policy finds the namespace");
        }
        let strategy = self.strategy.as_deref().unwrap_or_default();
        let Some((_, needed, optional)) = STRATEGIES.iter().find(|(name, ..)| *name == strategy)
        else {
            let near = nearest(strategy, STRATEGIES.iter().map(|(name, ..)| *name));
            table.fault(line, format!("no strategy \"{strategy}\"{near}"));
            return;
        };
        for role in *needed {
            if !self.steps.iter().any(|step| step.name == *role) {
                table.fault(line, format!("strategy {strategy} needs a step \"{role}\""));
            }
        }
        for step in &self.steps {
            if !needed.contains(&step.name.as_str()) && !optional.contains(&step.name.as_str()) {
                let near = nearest(&step.name, needed.iter().chain(*optional).copied());
                table.fault(
                    step.line,
                    format!("strategy {strategy} has no step \"{}\"{near}", step.name),
                );
            }
        }
        if strategy == "act_then_read" && self.settle.is_none() {
            table.fault(line, "strategy act_then_read needs `settle`");
        }
        if strategy == "upsert" && self.upsert.is_none() {
            table.fault(line, "strategy upsert needs `upsert`");
        }
        if strategy == "unfold" && self.unfold.is_none() {
            table.fault(line, "strategy unfold needs `unfold`");
        }
        for (key, given, of) in [
            ("follow", self.follow.is_some(), "start_then_follow"),
            ("settle", self.settle.is_some(), "act_then_read"),
            ("upsert", self.upsert.is_some(), "upsert"),
            ("unfold", self.unfold.is_some(), "unfold"),
        ] {
            if given && strategy != of {
                table.fault(line, format!("`{key}` goes with strategy {of}"));
            }
        }
        let has = |name: &str| self.steps.iter().any(|step| step.name == name);
        let tells = self
            .follow
            .as_ref()
            .is_some_and(|follow| follow.latest.is_some());
        if has("latest") && !(tells && has("describe")) {
            table.fault(
                line,
                "a step \"latest\" needs a step \"describe\", and `revision` and `deleted` in `follow`",
            );
        }
        if self.again.is_some() && strategy != "start_then_follow" {
            table.fault(line, "`again` goes with strategy start_then_follow");
        }
        if strategy == "start_then_follow" && (self.follow.is_none() || self.wait.is_none()) {
            table.fault(line, "strategy start_then_follow needs `follow` and `wait`");
        }
    }

    /// The step whose answer is the main one, and those with answers of the same shape.
    pub fn main_steps(&self) -> &'static [&'static str] {
        match self.strategy.as_deref() {
            Some("start_then_follow") => &["start", "read"],
            Some("act_then_read") => &["before", "after"],
            Some("upsert") => &["read", "after"],
            _ => &["call"],
        }
    }
}

/// An effect of the vocabulary; an empty one has been noted as missing.
fn check_effect(table: &Table<'_>, effect: &str) {
    if !effect.is_empty() && !EFFECTS.contains(&effect) {
        let near = nearest(effect, EFFECTS.iter().copied());
        let all = EFFECTS.join(", ");
        table.fault(
            table.line(),
            format!("effect \"{effect}\" is none of {all}{near}"),
        );
    }
}

/// Whether a type can be named after it; a missing name has been noted as such.
fn is_name(text: &str) -> bool {
    text.is_empty()
        || text.split('_').all(|word| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

impl Argument {
    fn read(name: &str, table: Table<'_>) -> Self {
        let argument = Self {
            line: table.line(),
            name: name.to_owned(),
            format: table.need_text("format"),
            required: table.boolean("required").unwrap_or_default(),
            about: table.text("about"),
            names: table.table("names").map_or_else(Vec::new, |names| {
                let keys = table.entries("names").iter();
                let named = keys.filter_map(|(key, _)| Some((key.clone(), names.text(key)?)));
                named.collect()
            }),
        };
        table.finish();
        argument
    }
}

impl Step {
    fn read(name: &str, table: Table<'_>, words: &Words<'_>) -> Self {
        let mut checks = Vec::new();
        for tree in table.items("checks") {
            checks.push(Check::read(table.of_tree(tree)));
        }
        let filters = Filter::all(&table, &mut checks);
        let bind = table.entries("bind").iter();
        let bind = bind.map(|(key, tree)| (tree.line, key.clone(), Bind::read(&table, tree)));
        let same = table.entries("same").iter();
        let same = same.map(|(key, tree)| (format!("/{key}"), Expr::read(tree)));
        let effect = table.text("effect");
        if let Some(effect) = &effect {
            check_effect(&table, effect);
        }
        let step = Self {
            line: table.line(),
            name: name.to_owned(),
            operation: table.need_text("operation"),
            effect,
            bind: bind.collect(),
            filters,
            checks,
            same: same.collect(),
            when: When::read(&table, "when", words),
            permission: words.permission(&table),
            rows: table.text("rows"),
            retry_404_ms: table.integer("retry_404_ms").unwrap_or_default(),
            spare_ms: table.integer("spare_ms"),
        };
        table.finish();
        step
    }

    /// Calls `visit` with every expression.
    pub fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        for (_, _, bind) in &self.bind {
            bind.expressions(visit);
        }
        self.filters.iter().for_each(|filter| visit(&filter.value));
        self.checks.iter().for_each(|check| visit(&check.value));
        self.same.iter().for_each(|(_, expr)| visit(expr));
        self.when.expressions(visit);
    }
}

impl Output {
    fn read(table: Table<'_>, words: &Words<'_>) -> Self {
        let attach = table.entries("attach").iter();
        let output = Self {
            line: table.line(),
            like: table.text("like"),
            rows: table.text("rows"),
            total: table.text("total"),
            link: table.text("link"),
            order: table.items("order").iter().map(Expr::read).collect(),
            fields: Field::all(&table, words),
            attach: attach
                .map(|(name, tree)| Step::read(name, table.of_tree(tree), words))
                .collect(),
        };
        table.finish();
        output
    }
}

impl Near {
    fn read(table: Table<'_>, words: &Words<'_>) -> Self {
        let wanted = table
            .need("wanted")
            .map_or(Expr::Constant(Value::Null), Expr::read);
        let queries = table.table("query").map(|queries| {
            let entries = table.entries("query").iter();
            entries
                .map(|(name, tree)| Step::read(name, queries.of_tree(tree), words))
                .collect()
        });
        let near = Self {
            wanted,
            id: table.need_text("id"),
            revision: table
                .get("asked")
                .map(|asked| (Expr::read(asked), table.need_pointer("revision"))),
            limit: table
                .integer("limit")
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(5),
            fields: Field::all(&table, words),
            queries: queries.unwrap_or_default(),
        };
        table.finish();
        near
    }
}

impl Settle {
    fn read(table: Table<'_>, words: &Words<'_>) -> Self {
        let set = table.need_text("unless");
        let unless = words.set(&table, table.line(), &set);
        let wanted = table.need_text("wanted");
        if let (false, Some(tree)) = (
            unless.is_empty() || unless.contains(&wanted),
            table.get("wanted"),
        ) {
            let near = nearest(&wanted, unless.iter().map(String::as_str));
            let message = format!("`wanted` \"{wanted}\" is not among [states] \"{set}\"{near}");
            table.fault(tree.line, message);
        }
        table.need("within_ms");
        let settle = Self {
            state: table.need_pointer("state"),
            unless,
            wanted,
            under_way: table.texts("under_way").unwrap_or_default(),
            within_ms: table.integer("within_ms").unwrap_or_default(),
            done: table.need_text("done"),
            next: table.need_text("next"),
        };
        table.finish();
        settle
    }
}

impl Upsert {
    fn read(table: Table<'_>) -> Self {
        let upsert = Self {
            values: ["document", "base", "preview"].map(|key| {
                table
                    .need(key)
                    .map_or(Expr::Constant(Value::Null), Expr::read)
            }),
            pointers: ["stored", "revision"].map(|key| table.need_pointer(key)),
            names: table
                .need("names")
                .and_then(|_| table.table("names"))
                .map(|names| {
                    let keys = names.keys().into_iter();
                    keys.map(|key| (key.clone(), names.need_pointer(&key)))
                        .collect()
                })
                .unwrap_or_default(),
            next: table.need_text("next"),
        };
        table.finish();
        upsert
    }
}
