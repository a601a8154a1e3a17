//! The bodies of error responses: HATEOAS JSON before 2.0 GA, problem documents (RFC 9457) since.

use serde_json::{Value, json};

use super::ApiError;
use crate::{
    response::Response,
    settings::{Dialect, Edition},
};

impl ApiError {
    fn text(&self) -> String {
        if self.prefix.is_empty() {
            self.message.clone()
        } else {
            format!("{}: {}", self.prefix, self.message)
        }
    }

    /// The response as a line formats it.
    pub(crate) fn response(&self, dialect: Dialect, edition: Edition, path: &str) -> Response {
        if !dialect.is_ga() {
            if let Some(body) = &self.body {
                return Response::json_as(self.status, body);
            }
            return Response::json_as(self.status, &self.hateoas(path));
        }
        let body = self.problem(path).to_string().into_bytes();
        let response = Response::typed(self.status, "application/problem+json", body);
        if self.status != 404 {
            return response;
        }
        let edition = if edition == Edition::Enterprise {
            "EE"
        } else {
            "OSS"
        };
        response
            .with_header("x-kestra-edition", edition)
            .with_header(
                "x-kestra-route-matched",
                if self.matched { "true" } else { "false" },
            )
    }

    fn hateoas(&self, path: &str) -> Value {
        let errors: Vec<Value> = self
            .errors
            .iter()
            .map(|(message, path)| {
                json!({"message": message, "logref": null, "path": path, "_links": {}, "_embedded": {}})
            })
            .collect();
        let embedded = if errors.is_empty() {
            json!({})
        } else {
            json!({ "errors": errors })
        };
        json!({
            "message": self.text(),
            "logref": null,
            "path": null,
            "_links": {"self": {
                "href": path, "templated": false, "profile": null, "deprecation": null,
                "title": null, "hreflang": null, "type": null, "name": null,
            }},
            "_embedded": embedded,
        })
    }

    fn problem(&self, path: &str) -> Value {
        let errors: Vec<Value> = self
            .errors
            .iter()
            .map(|(message, path)| json!({"detail": message, "path": path}))
            .collect();
        let mut problem = json!({
            "type": format!("https://kestra.io/docs/api-reference/problems/{}", self.slug),
            "title": self.slug.replace('-', " "),
            "status": self.status,
            "detail": self.message.trim_end(),
            "instance": path,
            "traceId": "5f0c1a9be2d34c6f8a7b1c2d3e4f5a6b",
        });
        if let (false, Some(fields)) = (errors.is_empty(), problem.as_object_mut()) {
            fields.insert("errors".to_owned(), Value::Array(errors));
        }
        problem
    }
}
