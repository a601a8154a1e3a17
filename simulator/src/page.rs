//! Pages and orders.

use std::cmp::Ordering;

use serde_json::Value;

use crate::{answer::Answer, call::Call, error::Refusal};

/// Which rows of a search are asked for.
#[derive(Debug)]
pub(crate) struct Page {
    number: usize,
    size: usize,
    /// Field and whether it descends.
    sorts: Vec<(String, bool)>,
}

/// What an unknown sort field does, which differs by resource and line.
pub(crate) type BadSort = fn(&Call, &str) -> Refusal;

impl Page {
    /// Reads `page`, `size` and `sort`; `operation` is named in Kestra's refusals.
    pub(crate) fn read(call: &Call, operation: &str) -> Result<Self, Refusal> {
        let number = bounded(call, operation, "page", 1)?;
        let size = bounded(call, operation, "size", 10)?;
        if call.dialect.is_ga() && size > 1000 {
            return Err(constraint(
                operation,
                "size",
                "must be less than or equal to 1000",
            ));
        }
        let sorts = call
            .parameters("sort")
            .map(|sort| match sort.split_once(':') {
                Some((field, "asc")) => Ok((field.to_owned(), false)),
                Some((field, "desc")) => Ok((field.to_owned(), true)),
                _ => Err(Refusal::unprocessable("Invalid sort parameter")),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            number,
            size,
            sorts,
        })
    }

    /// Sorts `rows` in place; `key` gives the text to compare of a known field.
    pub(crate) fn sort<T>(
        &self,
        call: &Call,
        rows: &mut [T],
        known: &[&str],
        bad: BadSort,
        key: impl Fn(&T, &str) -> String,
    ) -> Result<(), Refusal> {
        for (field, _) in &self.sorts {
            if !known.contains(&field.as_str()) {
                return Err(bad(call, field));
            }
        }
        rows.sort_by(|a, b| {
            self.sorts
                .iter()
                .fold(Ordering::Equal, |order, (field, descending)| {
                    order.then_with(|| {
                        let order = key(a, field).cmp(&key(b, field));
                        if *descending { order.reverse() } else { order }
                    })
                })
        });
        Ok(())
    }

    /// One page of `rows`, rendered; a page past the end has a total of 0, as in Kestra.
    pub(crate) fn answer<T>(&self, rows: &[T], render: impl Fn(&T) -> Value) -> Answer {
        let skip = self.number.saturating_sub(1).saturating_mul(self.size);
        let results: Vec<Value> = rows.iter().skip(skip).take(self.size).map(render).collect();
        let total = if results.is_empty() { 0 } else { rows.len() };
        Answer::page(&results, total)
    }
}

fn bounded(call: &Call, operation: &str, name: &str, absent: usize) -> Result<usize, Refusal> {
    match call.number(name)? {
        None => Ok(absent),
        Some(0) => Err(constraint(
            operation,
            name,
            "must be greater than or equal to 1",
        )),
        Some(number) => Ok(usize::try_from(number).unwrap_or(usize::MAX)),
    }
}

fn constraint(operation: &str, name: &str, message: &str) -> Refusal {
    let path = format!("{operation}.{name}");
    Refusal::invalid_entity(
        format!("{path}: {message}"),
        vec![(message.to_owned(), path)],
    )
}
