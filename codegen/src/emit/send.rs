//! How one step is sent: each parameter in the type that the generated method takes, so that
//! rustc checks what no table could.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::data;
use crate::client::{Client, Method, Parameter, Pass};
use crate::manifest::{Bind, Expr, Step, Tool};
use crate::plan::{Resolved, parameter};

/// The effect of a step: a GET reads, anything else does what the tool does, unless it says so.
pub(super) fn effect<'a>(tool: &'a Tool, step: &'a Step, resolved: &Resolved) -> &'a str {
    match &step.effect {
        Some(effect) => effect,
        None if resolved.method == crate::document::Method::Get => "read",
        None => &tool.effect,
    }
}

/// The body of the match arm that sends `step`.
///
/// # Errors
/// What the generated client lacks.
pub(super) fn step(
    client: &Client,
    tool: &Tool,
    step: &Step,
    resolved: &Resolved,
    keep: &TokenStream,
) -> Result<TokenStream, String> {
    let Some(method) = client
        .methods
        .iter()
        .find(|method| same(&method.name, &resolved.id))
    else {
        return Err(format!(
            "the generated client has no method for \"{}\"",
            resolved.id
        ));
    };
    let mut lets = Vec::new();
    let mut passed = Vec::new();
    for parameter in &method.parameters {
        let (value, pass) = argument(method, step, resolved, parameter)?;
        lets.push(value);
        passed.push(pass);
    }
    let segments = path_parameters(resolved).map(|name| {
        let (ident, known) = (local(name), known_as(step, name));
        quote!((#known, #ident.as_str()))
    });
    let collisions = resolved.collisions.iter().map(|words| {
        let words = words.iter().map(|(name, word)| {
            let known = known_as(step, name);
            quote!((#known, #word))
        });
        quote!(&[#(#words),*])
    });
    let check = path_parameters(resolved)
        .next()
        .map(|_| quote!(segment::check(&[#(#segments),*], &[#(#collisions),*])?;));
    let name = format_ident!("{}", method.name);
    let changes_nothing = effect(tool, step, resolved) == "read";
    let effect = data::effect(effect(tool, step, resolved));
    let kind = &tool.kind;
    let permission = data::option(tool.kestra_permission.as_ref().map(|text| quote!(#text)));
    // Who saves a source reads what is there, to tell the difference.
    let exists = if tool.strategy.as_deref() == Some("upsert") || changes_nothing {
        quote!(&Exists::NEVER)
    } else {
        quote!(&EXISTS)
    };
    Ok(quote! {
        static KEEP: Keep = #keep;
        const ABOUT: About = About { effect: #effect, kind: #kind, kestra_permission: #permission, exists: #exists };
        #(#lets)*
        #check
        let sent = self.0.#name(#(#passed),*).await;
        answer::receive(scope.ctx, sent, &KEEP, ABOUT).await
    })
}

/// Parameters of the path that an argument or an answer fills in.
pub(super) fn path_parameters(resolved: &Resolved) -> impl Iterator<Item = &str> {
    resolved
        .path
        .split('/')
        .filter_map(parameter)
        .filter(|name| *name != "tenant")
}

/// What the caller calls a parameter: the argument that it is bound to, if it is one.
fn known_as<'a>(step: &'a Step, name: &'a str) -> &'a str {
    let bound = step.bind.iter().find(|(_, key, _)| key == name);
    match bound {
        Some((_, _, Bind::Plain(Expr::Argument(argument)))) => argument,
        _ => name,
    }
}

fn local(name: &str) -> proc_macro2::Ident {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    format_ident!("p_{plain}")
}

/// Names that differ only in case and separators.
fn same(a: &str, b: &str) -> bool {
    let bare = |text: &str| -> String {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect()
    };
    bare(a) == bare(b)
}

/// The statement that makes a parameter, and how it is passed.
fn argument(
    method: &Method,
    step: &Step,
    resolved: &Resolved,
    parameter: &Parameter,
) -> Result<(TokenStream, TokenStream), String> {
    if parameter.name == "tenant" {
        return Ok((TokenStream::new(), quote!(&scope.ctx.tenant)));
    }
    let bind = |name: &str| {
        step.bind
            .iter()
            .find(|(_, key, _)| key == name)
            .map(|(_, _, bind)| bind)
    };
    if parameter.name == "body" && parameter.pass == Pass::Body {
        let media = resolved.body.as_deref().unwrap_or_default();
        let made = match bind("body") {
            Some(Bind::Multipart { value, declared }) => {
                let (value, declared) = (data::expr(value), data::expr(declared));
                quote!(let (p_content_type, p_body) = scope.form(&#value, &#declared)?;)
            }
            Some(Bind::Plain(value)) => {
                let value = data::expr(value);
                quote! {
                    let p_content_type = String::from(#media);
                    let p_body = scope.required::<String>("body", &#value)?.into_bytes();
                }
            }
            Some(Bind::Yaml(values)) => {
                let values = values.iter().map(data::expr);
                quote! {
                    let p_content_type = String::from(#media);
                    let p_body = scope.yaml(&[#(#values),*])?.into_bytes();
                }
            }
            _ => quote!(let (p_content_type, p_body) = (String::new(), Vec::<u8>::new());),
        };
        return Ok((made, quote!(p_body)));
    }
    if same(&parameter.name, "content-type") {
        // Made together with the body, which comes later in the signature.
        let early = method
            .parameters
            .iter()
            .any(|other| other.pass == Pass::Body);
        return if early {
            Ok((TokenStream::new(), quote!(&p_content_type)))
        } else {
            Err(format!("{} takes a content type but no body", method.name))
        };
    }
    let name = resolved
        .parameters
        .iter()
        .map(|known| known.name.as_str())
        .chain(std::iter::once("body"))
        .find(|name| same(name, &parameter.name))
        .ok_or_else(|| {
            format!(
                "\"{}\" of the generated {} is no parameter of {}",
                parameter.name, method.name, resolved.id
            )
        })?;
    let ident = local(name);
    if name == "filters" {
        let filters = step.filters.iter().map(data::filter);
        return Ok((
            quote!(let #ident = scope.filters(&[#(#filters),*]);),
            quote!(#ident.as_ref()),
        ));
    }
    let (value, encode) = match bind(name) {
        Some(Bind::Plain(expr)) => (data::expr(expr), None),
        Some(Bind::KeyValue(expr)) => (data::expr(expr), Some(quote!(Encode::KeyValue))),
        Some(Bind::Multipart { .. } | Bind::Yaml(_)) => {
            return Err(format!("\"{name}\" of {} takes no form", resolved.id));
        }
        None => (data::expr(&Expr::Constant(serde_json::Value::Null)), None),
    };
    let owned = |text: &str| -> Result<TokenStream, String> {
        text.parse().map_err(|_| format!("{text} is no type"))
    };
    let (ty, optional, pass) = match &parameter.pass {
        Pass::Text => (quote!(String), false, quote!(&#ident)),
        Pass::OptionalText => (quote!(String), true, quote!(#ident.as_deref())),
        Pass::Value(ty) => (owned(ty)?, false, quote!(#ident)),
        Pass::Optional(ty) => (owned(ty)?, true, quote!(#ident)),
        Pass::Borrowed(ty) => (owned(ty)?, false, quote!(&#ident)),
        Pass::OptionalBorrowed(ty) => (owned(ty)?, true, quote!(#ident.as_ref())),
        Pass::Body => return Err(format!("{} takes a second body", method.name)),
    };
    if optional && bind(name).is_none() {
        return Ok((TokenStream::new(), quote!(None)));
    }
    let made = match (optional, encode) {
        (true, Some(encode)) => {
            quote!(let #ident: Option<#ty> = scope.encoded(#name, &#value, #encode)?;)
        }
        (true, None) => quote!(let #ident: Option<#ty> = scope.optional(#name, &#value)?;),
        (false, _) => quote!(let #ident: #ty = scope.required(#name, &#value)?;),
    };
    // Types of the client are named from its module.
    let made = made.to_string().replace("types ::", "client :: types ::");
    let made: TokenStream = made
        .parse()
        .map_err(|_| format!("{name} has a type that cannot be named"))?;
    Ok((made, pass))
}
