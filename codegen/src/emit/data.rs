//! Static values of the runtime's types.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::keep::Keep;
use crate::manifest::{
    Argument, Check, Exists, Expr, Field, Filter, Follow, Kind, Make, Manifest, OPS, Output,
    SETTINGS, Settle, Unfold, Upsert, When,
};

pub(super) fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

pub(super) fn permission(name: &String) -> TokenStream {
    quote!(Permission(#name))
}

pub(super) fn effect(name: &str) -> TokenStream {
    let variant = match name {
        "create" => quote!(Create),
        "execute" => quote!(Execute),
        "control" => quote!(Control),
        "overwrite" => quote!(Overwrite),
        "kill" => quote!(Kill),
        "delete" => quote!(Delete),
        _ => quote!(Read),
    };
    quote!(Effect::#variant)
}

pub(super) fn setting(name: &str) -> TokenStream {
    let known = SETTINGS.iter().find(|(setting, _)| *setting == name);
    let variant = format_ident!("{}", known.map_or("Unknown", |(_, variant)| variant));
    quote!(Setting::#variant)
}

pub(super) fn expr(expr: &Expr) -> TokenStream {
    match expr {
        Expr::Argument(name) => quote!(Expr::Arg(#name)),
        Expr::Step(step, pointer) => quote!(Expr::Step(#step, #pointer)),
        Expr::Document(pointer) => quote!(Expr::Document(#pointer)),
        Expr::Row(pointer) => quote!(Expr::Row(#pointer)),
        Expr::Constant(value) => {
            let json = value.to_string();
            quote!(Expr::Constant(#json))
        }
    }
}

pub(super) fn when(condition: &When) -> TokenStream {
    match condition {
        When::Always => quote!(When::Always),
        When::All(list) => {
            let list = list.iter().map(when);
            quote!(When::All(&[#(#list),*]))
        }
        When::Any(list) => {
            let list = list.iter().map(when);
            quote!(When::Any(&[#(#list),*]))
        }
        When::None(list) => {
            let list = list.iter().map(when);
            quote!(When::None(&[#(#list),*]))
        }
        When::Equals(place, value) => {
            let (place, json) = (expr(place), value.to_string());
            quote!(When::Equals(#place, #json))
        }
        When::In(place, set) => {
            let place = expr(place);
            quote!(When::In(#place, &[#(#set),*]))
        }
        When::Contains(place, word) => {
            let place = expr(place);
            quote!(When::Contains(#place, #word))
        }
        When::Absent(place) => {
            let place = expr(place);
            quote!(When::Absent(#place))
        }
        When::Present(place) => {
            let place = expr(place);
            quote!(When::Present(#place))
        }
    }
}

pub(super) fn pairs(pairs: &[(String, Expr)]) -> TokenStream {
    let pairs = pairs.iter().map(|(pointer, value)| {
        let value = expr(value);
        quote!((#pointer, #value))
    });
    quote!(&[#(#pairs),*])
}

fn op(name: &str) -> TokenStream {
    let variant = OPS
        .iter()
        .find(|(wire, _)| *wire == name)
        .map_or("Equals", |(_, variant)| variant);
    let variant = format_ident!("{variant}");
    quote!(Op::#variant)
}

pub(super) fn filter(filter: &Filter) -> TokenStream {
    let (field, keyed) = (&filter.field, filter.keyed);
    let (op, value) = (op(&filter.op), expr(&filter.value));
    let otherwise = filter.otherwise.as_ref().map(Value::to_string);
    let otherwise = option(otherwise.map(|json| quote!(#json)));
    quote! {
        Filter { field: #field, op: #op, value: #value, otherwise: #otherwise, keyed: #keyed }
    }
}

pub(super) fn check(check: &Check) -> TokenStream {
    let (at, op, value) = (&check.at, op(&check.op), expr(&check.value));
    quote!(Check { at: &[#(#at),*], op: #op, value: #value })
}

pub(super) fn keep(tree: &Keep) -> TokenStream {
    if tree.whole {
        return quote!(Keep::Whole);
    }
    if tree.labels {
        return quote!(Keep::Labels);
    }
    if let Some(names) = &tree.tree {
        return quote!(Keep::Tree(&[#(#names),*]));
    }
    if let Some(kinds) = &tree.kinds {
        if kinds.each == 0 {
            return quote!(Keep::Count);
        }
        let (item, by, each) = (keep(&kinds.item), &kinds.by, kinds.each);
        let by = by.iter();
        return quote!(Keep::Kinds { item: &#item, by: &[#(#by),*], each: #each });
    }
    if let Some((item, limit)) = &tree.each {
        let item = keep(item);
        return quote!(Keep::Each(&#item, #limit));
    }
    if tree.members.is_empty() {
        return quote!(Keep::Presence);
    }
    let members = tree.members.iter().map(|(name, inner)| {
        let inner = keep(inner);
        quote!((#name, #inner))
    });
    quote!(Keep::Members(&[#(#members),*]))
}

pub(super) fn argument(manifest: &Manifest, argument: &Argument) -> TokenStream {
    let (name, required) = (&argument.name, argument.required);
    let Some(format) = manifest.formats.get(&argument.format) else {
        return TokenStream::new();
    };
    let expected = &format.expected;
    let kind = kind(&format.kind);
    quote!(Argument { name: #name, kind: #kind, required: #required, expected: #expected })
}

fn kind(kind: &Kind) -> TokenStream {
    match kind {
        Kind::Pattern { runs, id, .. } => {
            let runs = runs.iter().map(|run| {
                let (least, most) = (run.least, run.most);
                let ranges = run.ranges.iter().map(|(low, high)| quote!((#low, #high)));
                quote!(Run { ranges: &[#(#ranges),*], least: #least, most: #most })
            });
            quote!(Kind::Pattern { runs: &[#(#runs),*], id: #id })
        }
        Kind::Line(max) => {
            let max = size(*max);
            quote!(Kind::Line(#max))
        }
        Kind::Text(max) => {
            let max = size(*max);
            quote!(Kind::Text(#max))
        }
        Kind::Secret(max) => {
            let max = size(*max);
            quote!(Kind::Secret(#max))
        }
        Kind::Integer {
            minimum,
            maximum,
            default,
        } => {
            let default = option(default.map(|default| quote!(#default)));
            quote!(Kind::Integer { minimum: #minimum, maximum: #maximum, default: #default })
        }
        Kind::Boolean { default } => {
            let default = option(default.map(|default| quote!(#default)));
            quote!(Kind::Boolean { default: #default })
        }
        Kind::Labels { any } => {
            let keys = if *any { quote!(Any) } else { quote!(New) };
            quote!(Kind::Labels(Keys::#keys))
        }
        Kind::Instant(edge) => {
            let edge = match edge.as_str() {
                "end" => quote!(End),
                "future" => quote!(Future),
                _ => quote!(Start),
            };
            quote!(Kind::Instant(Edge::#edge))
        }
        Kind::Set(words) => quote!(Kind::Set(&[#(#words),*])),
        Kind::Word(words) => quote!(Kind::Word(&[#(#words),*])),
        Kind::Lines => quote!(Kind::Lines),
        Kind::Object => quote!(Kind::Object),
        Kind::Yaml(names) => quote!(Kind::Yaml(&[#(#names),*])),
        Kind::Document(names) => quote!(Kind::Document(&[#(#names),*])),
    }
}

fn size(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

pub(super) fn output(manifest: &Manifest, output: &Output) -> TokenStream {
    let rows = option(output.rows.as_ref().map(|rows| quote!(#rows)));
    let total = option(output.total.as_ref().map(|total| quote!(#total)));
    let link = output
        .link
        .as_ref()
        .and_then(|link| manifest.links.get(link));
    let link = option(link.map(|link| quote!(#link)));
    let fields = output.fields.iter().map(field);
    let order = output.order.iter().map(expr);
    quote!(Output { rows: #rows, total: #total, fields: &[#(#fields),*], order: &[#(#order),*], link: #link })
}

pub(super) fn field(field: &Field) -> TokenStream {
    let (name, untrusted, bytes) = (&field.name, field.untrusted, size(field.bytes));
    let (make, when_) = (make(&field.make), when(&field.when));
    let permission = option(field.permission.as_ref().map(permission));
    let kind = field.make.kind().unwrap_or(&field.kind);
    let omit = option(
        field
            .omit
            .as_ref()
            .map(Value::to_string)
            .map(|json| quote!(#json)),
    );
    let asked = option(field.asked.as_ref().map(|(asked, bytes)| {
        let (asked, bytes) = (when(asked), size(*bytes));
        quote!((#asked, #bytes))
    }));
    quote! {
        Field {
            name: #name,
            make: #make,
            when: #when_,
            untrusted: #untrusted,
            permission: #permission,
            omit: #omit,
            kind: #kind,
            bytes: #bytes,
            asked: #asked,
        }
    }
}

fn make(how: &Make) -> TokenStream {
    let fields = |list: &[Field]| {
        let list = list.iter().map(field);
        quote!(&[#(#list),*])
    };
    let one = |variant: &str, place: &Expr| {
        let (variant, place) = (format_ident!("{variant}"), expr(place));
        quote!(Make::#variant(#place))
    };
    match how {
        Make::Plain(places) => {
            let places = places.iter().map(expr);
            quote!(Make::Plain(&[#(#places),*]))
        }
        Make::Whole(place, most, lines) => {
            let (place, most) = (expr(place), size(*most));
            let lines = option(lines.as_ref().map(|(lines, large)| {
                let (lines, large) = (expr(lines), size(*large));
                quote!((#lines, #large))
            }));
            quote!(Make::Whole(#place, #most, #lines))
        }
        Make::LineRange(place, lines) => {
            let (place, lines) = (expr(place), expr(lines));
            quote!(Make::LineRange(#place, #lines))
        }
        Make::NoneOf(places) => {
            let places = places.iter().map(expr);
            quote!(Make::NoneOf(&[#(#places),*]))
        }
        Make::Time(place) => one("Time", place),
        Make::LabelMap(place) => one("LabelMap", place),
        Make::FirstLine(place) => one("FirstLine", place),
        Make::InputSpec(place) => one("InputSpec", place),
        Make::InputList(place) => one("InputList", place),
        Make::Count(place) => one("Count", place),
        Make::SecondsBetween(from, to) => {
            let (from, to) = (expr(from), expr(to));
            quote!(Make::SecondsBetween(#from, #to))
        }
        Make::InSet(place, set) => {
            let place = expr(place);
            quote!(Make::InSet(#place, &[#(#set),*]))
        }
        Make::ShortTypes(place, by) => {
            let place = expr(place);
            quote!(Make::ShortTypes(#place, #by))
        }
        Make::CountBy { at, by, totals, .. } => {
            let (place, totals) = (expr(at), totals.iter().map(expr));
            quote!(Make::CountBy(#place, #by, &[#(#totals),*]))
        }
        Make::Object(list) => {
            let list = fields(list);
            quote!(Make::Object(#list))
        }
        Make::Pick {
            at,
            only,
            reverse,
            limit,
            fields: list,
        } => {
            let (at, only, limit, list) =
                (at.iter().map(expr), when(only), size(*limit), fields(list));
            quote!(Make::Pick { at: &[#(#at),*], only: #only, reverse: #reverse, limit: #limit, fields: #list })
        }
        Make::First { at, only, give } => {
            let (at, only) = (expr(at), when(only));
            quote!(Make::First { at: #at, only: #only, give: #give })
        }
        Make::Seek {
            at,
            key,
            equals,
            give,
        } => {
            let (at, equals) = (expr(at), make(equals));
            quote!(Make::Seek { at: #at, key: #key, equals: &#equals, give: #give })
        }
    }
}

pub(super) fn follow(follow: &Follow, kind: &str, wait: &str) -> TokenStream {
    let [id, state, tasks, task_state] = &follow.pointers;
    let (done, pause, next) = (&follow.done, &follow.pause, &follow.next);
    let declared = expr(&follow.declared);
    let task = option(follow.task.as_ref().map(|task| quote!(#task)));
    let nested = &follow.nested;
    let latest = option(
        follow
            .latest
            .as_ref()
            .map(|[revision, deleted]| quote!(Latest { revision: #revision, deleted: #deleted })),
    );
    let scheduled = option(
        follow
            .scheduled
            .as_ref()
            .map(|(at, begun)| quote!(Scheduled { at: #at, begun: &[#(#begun),*] })),
    );
    quote! {
        Follow {
            kind: #kind,
            id: #id,
            state: #state,
            tasks: #tasks,
            task_state: #task_state,
            task: #task,
            done: &[#(#done),*],
            pause: &[#(#pause),*],
            seconds: Expr::Arg(#wait),
            declared: #declared,
            nested: &[#(#nested),*],
            latest: #latest,
            scheduled: #scheduled,
            next: #next,
        }
    }
}

pub(super) fn settle(settle: &Settle) -> TokenStream {
    let Settle {
        state,
        unless,
        wanted,
        under_way,
        done,
        next,
        ..
    } = settle;
    let within = u64::try_from(settle.within_ms).unwrap_or_default();
    quote! {
        Settle {
            state: #state,
            unless: &[#(#unless),*],
            wanted: #wanted,
            under_way: &[#(#under_way),*],
            within_ms: #within,
            done: #done,
            next: #next,
        }
    }
}

/// How Kestra says that something is there already.
pub(super) fn exists(exists: &Exists) -> TokenStream {
    let statuses = exists
        .statuses
        .iter()
        .filter_map(|status| u16::try_from(*status).ok());
    let Exists {
        words, problems, ..
    } = exists;
    quote!(Exists { statuses: &[#(#statuses),*], words: &[#(#words),*], problems: &[#(#problems),*] })
}

pub(super) fn upsert(upsert: &Upsert) -> TokenStream {
    let [document, base, preview] = upsert.values.each_ref().map(expr);
    let [stored, revision] = &upsert.pointers;
    let names = upsert.names.iter().map(|(name, at)| quote!((#name, #at)));
    let next = &upsert.next;
    quote! {
        Upsert {
            document: #document,
            base: #base,
            preview: #preview,
            stored: #stored,
            revision: #revision,
            names: &[#(#names),*],
            next: #next,
        }
    }
}

pub(super) fn unfold(unfold: &Unfold, output: &Output) -> TokenStream {
    let Unfold {
        members: [of, item, into],
        pointers: [list, by],
        names,
        at,
        next,
        note,
        ..
    } = unfold;
    let rows = output.rows.as_deref().unwrap_or_default();
    let total = output.total.as_deref().unwrap_or_default();
    let checks = unfold.checks.iter().map(check);
    let [batch, pages] =
        [unfold.batch, unfold.pages].map(|number| u64::try_from(number).unwrap_or_default());
    let on = unfold
        .on
        .iter()
        .map(|(theirs, ours)| quote!((#theirs, #ours)));
    let (unless, few) = (when(&unfold.unless), size(unfold.few));
    let [page, rows_of_it] = unfold.wanted.each_ref().map(expr);
    quote! {
        Unfold {
            rows: #rows,
            total: #total,
            of: #of,
            names: &[#(#names),*],
            list: #list,
            item: #item,
            by: #by,
            checks: &[#(#checks),*],
            page: #page,
            size: #rows_of_it,
            batch: #batch,
            pages: #pages,
            next: #next,
            join: Join {
                into: #into,
                on: &[#(#on),*],
                unless: #unless,
                at: #at,
                few: #few,
                note: #note,
            },
        }
    }
}
