//! Recognizes the repetition of a call whose answer was lost.

use serde_json::{Map, Value};

use super::server::Server;
use crate::principal::Principal;
use crate::tool::Tool;
use crate::tool::unanswered::Repeat;

impl Server {
    /// The identity of a call that must not act twice; `None` if the tool needs no such care.
    pub(super) fn repeat(
        &self,
        principal: &Principal,
        tool: &Tool,
        arguments: &Map<String, Value>,
    ) -> Option<Repeat> {
        let again = tool.again.as_deref()?;
        let kestra = &self.0.kestra;
        let person = match principal {
            Principal::Local => "",
            Principal::Person(person) => &*person.user,
        };
        let base = kestra.base().unwrap_or_default();
        let who = [
            self.0.mode.as_str(),
            person,
            base,
            kestra.tenant(),
            &tool.name,
        ];
        // The wait does not change what the call does.
        let without = [Some(again), tool.wait()];
        let without: Vec<&str> = without.into_iter().flatten().collect();
        let again = arguments.get(again) == Some(&Value::Bool(true));
        kestra.lost().call(&who, arguments, &without, again)
    }
}
