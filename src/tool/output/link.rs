//! The URL of an object in Kestra's UI.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::tool::bindings::{Bindings, plain};

pub(super) fn put_link(
    bindings: &Bindings<'_>,
    link: Option<&str>,
    object: &mut Map<String, Value>,
) {
    if let Some(link) = link.and_then(|template| address(bindings, template, object)) {
        object.insert("url".into(), link.into());
    }
}

/// The URL of an object in the UI; none when the UI or a part of it is unknown.
pub(super) fn address(
    bindings: &Bindings<'_>,
    template: &str,
    object: &Map<String, Value>,
) -> Option<String> {
    let mut url = bindings.ctx.ui.as_deref()?.to_owned();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let value = match name {
            "tenant" => Cow::Borrowed(&*bindings.ctx.tenant),
            _ => plain(object.get(name)?),
        };
        url.push_str(before);
        url.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
        rest = after;
    }
    url.push_str(rest);
    Some(url)
}
