//! Paging and sorting.

use std::cmp::Ordering;

use serde_json::Value;

use crate::{error::ApiError, request::Request, response::Response};

/// The requested page of a search.
#[derive(Debug)]
pub(crate) struct Page {
    number: usize,
    size: usize,
    /// Each field, and whether the order is descending.
    sorts: Vec<(String, bool)>,
}

/// The error for an unknown sort field, which differs by resource and line.
pub(crate) type InvalidSort = fn(&Request, &str) -> ApiError;

impl Page {
    /// Parses `page`, `size` and `sort`; Kestra's error messages name `operation`.
    pub(crate) fn read(request: &Request, operation: &str) -> Result<Self, ApiError> {
        let number = positive(request, operation, "page", 1)?;
        let size = positive(request, operation, "size", 10)?;
        if request.dialect.is_ga() && size > 1000 {
            return Err(constraint(
                operation,
                "size",
                "must be less than or equal to 1000",
            ));
        }
        let sorts = request
            .parameters("sort")
            .map(|sort| match sort.split_once(':') {
                Some((field, "asc")) => Ok((field.to_owned(), false)),
                Some((field, "desc")) => Ok((field.to_owned(), true)),
                _ => Err(ApiError::unprocessable("Invalid sort parameter")),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            number,
            size,
            sorts,
        })
    }

    /// Sorts `rows` in place; `key` returns the sort key of a field.
    pub(crate) fn sort<T>(
        &self,
        request: &Request,
        rows: &mut [T],
        known: &[&str],
        bad: InvalidSort,
        key: impl Fn(&T, &str) -> String,
    ) -> Result<(), ApiError> {
        for (field, _) in &self.sorts {
            if !known.contains(&field.as_str()) {
                return Err(bad(request, field));
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

    /// The page of `rows`. The total of a page past the end is 0, as in Kestra.
    pub(crate) fn response<T>(&self, rows: &[T], render: impl Fn(&T) -> Value) -> Response {
        let skip = self.number.saturating_sub(1).saturating_mul(self.size);
        let results: Vec<Value> = rows.iter().skip(skip).take(self.size).map(render).collect();
        let total = if results.is_empty() { 0 } else { rows.len() };
        Response::page(&results, total)
    }
}

fn positive(
    request: &Request,
    operation: &str,
    name: &str,
    absent: usize,
) -> Result<usize, ApiError> {
    match request.number(name)? {
        None => Ok(absent),
        Some(0) => Err(constraint(
            operation,
            name,
            "must be greater than or equal to 1",
        )),
        Some(number) => Ok(usize::try_from(number).unwrap_or(usize::MAX)),
    }
}

fn constraint(operation: &str, name: &str, message: &str) -> ApiError {
    let path = format!("{operation}.{name}");
    ApiError::invalid_entity(
        format!("{path}: {message}"),
        vec![(message.to_owned(), path)],
    )
}
