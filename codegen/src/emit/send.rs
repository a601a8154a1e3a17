//! How one operation is sent: each parameter in the type that the generated method takes, so that
//! rustc checks what no table could.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::client::{Client, Method, Parameter, Pass};
use crate::plan::Resolved;

/// The body of the match arm that sends the operation.
///
/// # Errors
/// What the generated client lacks.
pub(super) fn operation(client: &Client, resolved: &Resolved) -> Result<TokenStream, String> {
    let method = client
        .methods
        .iter()
        .find(|method| same(&method.name, &resolved.id));
    let method = method
        .ok_or_else(|| format!("the generated client has no method for \"{}\"", resolved.id))?;
    let mut lets = Vec::new();
    let mut passed = Vec::new();
    for parameter in &method.parameters {
        let (value, pass) = argument(method, resolved, parameter)?;
        lets.push(value);
        passed.push(pass);
    }
    let name = format_ident!("{}", method.name);
    Ok(quote! {
        #(#lets)*
        Ok(client.#name(#(#passed),*).await)
    })
}

fn local(name: &str) -> proc_macro2::Ident {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    format_ident!("p_{}", name.chars().map(plain).collect::<String>())
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
    resolved: &Resolved,
    parameter: &Parameter,
) -> Result<(TokenStream, TokenStream), String> {
    let nothing = TokenStream::new;
    if parameter.name == "tenant" {
        return Ok((quote!(let p_tenant = values.tenant();), quote!(&p_tenant)));
    }
    if parameter.pass == Pass::Body {
        return Ok((nothing(), quote!(values.body())));
    }
    if same(&parameter.name, "content-type") {
        return Ok((
            quote!(let p_content_type = values.content_type();),
            quote!(&p_content_type),
        ));
    }
    let mut names = resolved.parameters.iter().map(|known| known.name.as_str());
    let name = names
        .find(|name| same(name, &parameter.name))
        .ok_or_else(|| {
            let (method, id) = (&method.name, &resolved.id);
            format!(
                "\"{}\" of the generated {method} is not a parameter of {id}",
                parameter.name
            )
        })?;
    let ident = local(name);
    if name == "filters" {
        return Ok((
            quote!(let #ident = values.filters();),
            quote!(#ident.as_ref()),
        ));
    }
    let owned = |text: &str| -> Result<TokenStream, String> {
        // Types of the client are named from its module.
        let text = text.replace("types::", "client::types::");
        text.parse().map_err(|_| format!("{text} is not a type"))
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
    let made = if optional {
        quote!(let #ident: Option<#ty> = values.optional(#name)?;)
    } else {
        quote!(let #ident: #ty = values.required(#name)?;)
    };
    Ok((made, pass))
}
