//! What a tool answers, and the candidates for its misses.

use vocabulary::{At, Field, Fields, Make, Steps, Tool};

use super::planner::{Known, Planner};
use super::resolved::Plan;

impl Planner<'_> {
    pub(super) fn near(&self, tool: &Tool, known: &Known<'_>, plan: &mut Plan) {
        let Some(near) = self.manifest.near(tool) else {
            return;
        };
        let own = Known {
            steps: Vec::new(),
            ..known.clone()
        };
        self.references(tool, near.place, &own, &near.wanted);
        let known = self.shared(&own, |other| other.near == tool.near);
        if let Some(asked) = &near.asked {
            self.references(tool, near.place, &known, asked);
        }
        for (name, query) in &near.query {
            self.reading(tool, name, query, &known, plan);
        }
        self.fields(tool, &near.fields, &known, true);
    }

    pub(super) fn output<'t>(&'t self, tool: &'t Tool, known: &Known<'t>, plan: &mut Plan) {
        let output = &tool.output;
        let mut known = known.clone();
        if output.like.is_some() {
            known = self.shared(&known, |other| other.output.like == output.like);
        }
        // They are read at once, so none can look at another.
        self.attached(tool, &output.attach, &known, plan);
        let known = known.and(output.attach.keys().map(String::as_str));
        self.fields(tool, &output.fields, &known, tool.builtin.is_none());
    }

    /// What several tools share may look at arguments that only one of them has.
    pub(super) fn shared<'k>(
        &'k self,
        known: &Known<'k>,
        share: impl Fn(&Tool) -> bool,
    ) -> Known<'k> {
        let alike = self.manifest.tool.iter().filter(|tool| share(tool));
        let arguments = alike.flat_map(|tool| tool.args.keys());
        Known {
            arguments: arguments
                .chain(&self.unread.arguments)
                .map(String::as_str)
                .collect(),
            ..known.clone()
        }
    }

    pub(super) fn attached(&self, tool: &Tool, attach: &Steps, known: &Known<'_>, plan: &mut Plan) {
        for (name, step) in attach {
            self.reading(tool, name, step, known, plan);
        }
    }

    /// Fields stand on what there is; every one says where its value stands, but those that a builtin
    /// fills in.
    pub(super) fn fields(&self, tool: &Tool, fields: &Fields, known: &Known<'_>, placed: bool) {
        for (name, field) in fields {
            self.references(tool, field.place, known, &field.node);
            self.permission(tool, field.place, field.permission);
            self.field(tool, name, field, placed);
        }
    }

    pub(super) fn field(&self, tool: &Tool, name: &str, field: &At<Field>, placed: bool) {
        let (inner, untrusted) = match &field.make {
            Make::Plain { at } if at.is_empty() && placed => {
                self.fault(
                    tool,
                    field.place,
                    format!("the field \"{name}\" has no `at`"),
                );
                return;
            }
            Make::Object { fields } | Make::Pick { fields, .. } => {
                (fields, field.text == Some(vocabulary::Class::Untrusted))
            }
            _ => return,
        };
        for (name, field) in inner {
            if untrusted && field.text.is_some() {
                let message = format!(
                    "the field \"{name}\" is inside a field that is untrusted as a whole; leave `text` out"
                );
                self.fault(tool, field.place, message);
            }
            self.field(tool, name, field, placed);
        }
    }
}
