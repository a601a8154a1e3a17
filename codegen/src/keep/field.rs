//! What fields use.

use vocabulary::{Field, Fields, Make, Use};

use super::Keeps;
use super::base::Base;

impl Keeps<'_> {
    pub(super) fn fields(&mut self, base: &Base, fields: &Fields) {
        for field in fields.values() {
            self.field(base, field);
        }
    }

    fn field(&mut self, base: &Base, field: &Field) {
        self.visit(base, &field.when);
        self.make(base, &field.make);
    }

    pub(super) fn make(&mut self, base: &Base, make: &Make) {
        for (expr, used) in make.parts() {
            let Some(place) = self.place(base, expr) else {
                continue;
            };
            match used {
                Use::Argument => {}
                Use::Whole => self.whole(&place),
                Use::Labels => self.tree(&place).labels = true,
                Use::Tree(nested) => self.tree(&place).tasks = Some(nested.to_vec()),
                Use::Items {
                    by,
                    each,
                    give,
                    only,
                    fields,
                } => {
                    let items = self.items(&place, &by, each);
                    if let Some(only) = only {
                        self.visit(&items, only);
                    }
                    if let Some(give) = give {
                        self.whole(&items.at(give));
                    }
                    if let Some(fields) = fields {
                        self.fields(&items, fields);
                    }
                }
            }
        }
        if let Some(fields) = make.inner() {
            self.fields(base, fields);
        }
        if let Make::Seek { equals, .. } = make {
            self.make(base, equals);
        }
    }

    /// The items of a list, which are told apart by these texts; of each kind so many are shown.
    pub(super) fn items(&mut self, list: &Base, by: &[&str], each: usize) -> Base {
        let items = list.clone().items();
        self.tree(&items);
        self.tree(list).told_by(by, each);
        items
    }
}
