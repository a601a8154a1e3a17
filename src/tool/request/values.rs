//! What generated code takes from a request, in the types of its client.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::tool::{Error, Unusable};

/// The fault of a value that is not of the parameter's type.
pub(super) const TYPE: &str = "a value of the type that the tool's schema states";

/// The value of one parameter.
#[derive(Debug)]
pub(super) struct Parameter {
    /// What it has in the description.
    pub(super) name: &'static str,
    /// The argument that it is bound to, if it is one.
    pub(super) argument: Option<&'static str>,
    pub(super) value: Option<Value>,
}

impl Parameter {
    pub(super) fn of(name: &'static str) -> Self {
        Self {
            name,
            argument: None,
            value: None,
        }
    }

    /// What the caller calls it.
    pub(super) fn known(&self) -> &'static str {
        self.argument.unwrap_or(self.name)
    }

    /// Why it cannot be left out.
    pub(super) fn missing(&self) -> Error {
        let parameter = self.name;
        self.argument.map_or_else(
            || Unusable::Lacking { parameter }.into(),
            |argument| Error::invalid(argument, "a value"),
        )
    }

    fn take<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Error> {
        let Some(value) = self.value.take() else {
            return Ok(None);
        };
        serde_json::from_value(value)
            .map(Some)
            .map_err(|_| Error::invalid(self.known(), TYPE))
    }
}

/// The values of one request.
#[derive(Debug)]
pub struct Values {
    pub(super) tenant: Arc<str>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) filters: Option<BTreeMap<String, String>>,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

impl Values {
    /// The tenant of the call.
    pub fn tenant(&self) -> Arc<str> {
        Arc::clone(&self.tenant)
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a missing argument, [`Unusable::Lacking`] when an earlier answer lacks
    /// the value, or the former when it has another type.
    pub fn required<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, Error> {
        match self.parameter(name) {
            Some(parameter) => parameter.take()?.ok_or_else(|| parameter.missing()),
            None => Err(Parameter::of(name).missing()),
        }
    }

    /// A parameter that may be left out.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the value is not of the parameter's type.
    pub fn optional<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, Error> {
        self.parameter(name).map_or(Ok(None), Parameter::take)
    }

    /// The filters by their keys in the query, once; none when there is nothing to filter.
    pub fn filters(&mut self) -> Option<BTreeMap<String, String>> {
        self.filters.take()
    }

    /// The media type of the body; empty without one.
    pub fn content_type(&mut self) -> String {
        std::mem::take(&mut self.content_type)
    }

    /// The body, once.
    pub fn body(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.body)
    }

    fn parameter(&mut self, name: &str) -> Option<&mut Parameter> {
        let mut parameters = self.parameters.iter_mut();
        parameters.find(|parameter| parameter.name == name)
    }
}
