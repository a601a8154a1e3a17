//! Rewrites what rmcp writes: its maps sort their members, and it writes a member that a revision of MCP
//! removed.

use bytes::Bytes;
use memchr::memmem;
use serde_json::value::RawValue;

use crate::mcp::as_written;

/// Ends the names of the members of a tool that are schemas. In a text of JSON a quotation mark is
/// escaped, so this stands nowhere but between a name and its object.
const SCHEMA: &str = "Schema\":";
/// A member of URL elicitation that MCP 2026-07-28 removed, as rmcp writes its absence.
const NO_ID: &str = "\"elicitationId\":\"\"";
/// An `input_required` result, and a member that only a complete result has.
const ASKS: &str = "\"resultType\":\"input_required\"";
const ANSWERS: &str = "\"structuredContent\":";

/// A message of rmcp, or an event that holds one, rewritten for clients.
pub(super) fn rewritten(message: Bytes) -> Bytes {
    // Almost no message contains either, and some are long.
    let has = |words: &str| memmem::find(&message, words.as_bytes()).is_some();
    let asks = has(NO_ID) && has(ASKS) && !has(ANSWERS);
    if !asks && !has(SCHEMA) {
        return message;
    }
    let Ok(text) = std::str::from_utf8(&message) else {
        return message;
    };
    if asks {
        let text = text.replace(&format!(",{NO_ID}"), "");
        return text.replace(&format!("{NO_ID},"), "").into();
    }
    in_order(text).into()
}

/// `text` with the members of the schemas of tools in the order of the manifest.
fn in_order(text: &str) -> String {
    let mut ordered = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(SCHEMA) {
        let (before, after) = rest.split_at(at + SCHEMA.len());
        ordered.push_str(before);
        rest = after;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let Some(Ok(schema)) = values.next() else {
            continue;
        };
        let schema = schema.get();
        if let (Some(written), Some(after)) = (as_written(schema), rest.strip_prefix(schema)) {
            ordered.push_str(written);
            rest = after;
        }
    }
    ordered.push_str(rest);
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated;
    use crate::tool::Line;
    use serde_json::{Value, json};

    fn after(text: &str) -> String {
        String::from_utf8(rewritten(Bytes::from(text.to_owned())).to_vec()).unwrap()
    }

    #[test]
    fn schemas_get_the_order_in_which_they_were_written() {
        let tool = &generated::tools(Line::NEWEST)[2];
        let schema: Value = serde_json::from_str(tool.input_schema).unwrap();
        assert_ne!(schema.to_string(), tool.input_schema);
        let listed = |schema: &str| {
            format!(
                "data: {{\"tools\":[{{\"name\":\"a\",\"inputSchema\":{schema}}},{{\"outputSchema\":{schema},\"x\":1}}]}}\n\n"
            )
        };
        assert_eq!(
            after(&listed(&schema.to_string())),
            listed(tool.input_schema)
        );
    }

    #[test]
    fn what_is_no_schema_of_a_tool_stays_as_it_is() {
        for text in [
            "{\"inputSchema\":{\"b\":1,\"a\":2},\"inputSchema\":",
            "{\"text\":\"\\\"inputSchema\\\":{}\"}",
            "{\"xSchema\":[1,",
            "{\"Schema\":\"Schema\\\":\",\"Schema\":5}",
            "",
        ] {
            assert_eq!(after(text), text);
        }
    }

    #[test]
    fn a_question_has_no_id_and_an_answer_keeps_what_it_holds() {
        let asks = |params: &str| {
            format!(
                "{{\"result\":{{\"resultType\":\"input_required\",\"inputRequests\":{{\"a\":{{\"params\":{{{params}}}}}}}}}}}"
            )
        };
        let question = asks("\"url\":\"u\"");
        assert_eq!(after(&asks(&format!("\"url\":\"u\",{NO_ID}"))), question);
        assert_eq!(after(&asks(&format!("{NO_ID},\"url\":\"u\""))), question);
        let data = json!({ "resultType": "input_required", "elicitationId": "" });
        let data = json!({ "content": [], "structuredContent": { "a": 1, "untrusted": data } });
        let answer = json!({ "result": data }).to_string();
        assert_eq!(after(&answer), answer);
    }
}
