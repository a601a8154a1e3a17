//! progenitor's client of a slice, and the signatures of its methods.

use std::panic::{AssertUnwindSafe, catch_unwind};

use progenitor::{GenerationSettings, Generator, InterfaceStyle};
use quote::ToTokens as _;
use serde_json::Value;
use syn::{FnArg, GenericArgument, ImplItem, Item, Pat, PathArguments, Type};

/// A generated client.
#[derive(Debug)]
pub struct Client {
    /// Rust text of the module.
    pub text: String,
    /// Its methods.
    pub methods: Vec<Method>,
}

/// A generated method.
#[derive(Debug)]
pub struct Method {
    /// Its Rust name.
    pub name: String,
    /// Its parameters in order, without `self`.
    pub parameters: Vec<Parameter>,
}

/// A parameter of a generated method.
#[derive(Debug)]
pub struct Parameter {
    /// Its Rust name.
    pub name: String,
    /// How it is passed.
    pub pass: Pass,
}

/// How a parameter is passed, and the owned type that it is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pass {
    /// `&str`
    Text,
    /// `Option<&str>`
    OptionalText,
    /// `T`
    Value(String),
    /// `Option<T>`
    Optional(String),
    /// `&T`
    Borrowed(String),
    /// `Option<&T>`
    OptionalBorrowed(String),
    /// A body of bytes.
    Body,
}

/// Generates the client of `slice`, whose hooks find a value of `inner` in it.
///
/// # Errors
/// What progenitor says, also where it panics.
pub fn generate(slice: &Value, inner: &str) -> Result<Client, String> {
    let spec = serde_json::from_value(slice.clone()).map_err(|error| error.to_string())?;
    let inner = inner.parse().map_err(|error| format!("{inner}: {error}"))?;
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(progenitor::HooksMode::Expected)
        .with_map_type("::std::collections::BTreeMap")
        .with_inner_type(inner);
    let tokens = catch_unwind(AssertUnwindSafe(|| {
        Generator::new(&settings).generate_tokens(&spec)
    }))
    .map_err(|_| {
        "the client generator panicked; an operation has a shape that it does not support"
            .to_owned()
    })?
    .map_err(|error| error.to_string())?;
    let file: syn::File = syn::parse2(tokens).map_err(|error| error.to_string())?;
    Ok(Client {
        text: prettyplease::unparse(&file),
        methods: methods(&file),
    })
}

fn methods(file: &syn::File) -> Vec<Method> {
    let mut methods = Vec::new();
    for item in &file.items {
        let Item::Impl(block) = item else { continue };
        if block.trait_.is_some() || block.self_ty.to_token_stream().to_string() != "Client" {
            continue;
        }
        for item in &block.items {
            let ImplItem::Fn(function) = item else {
                continue;
            };
            if function.sig.asyncness.is_none() {
                continue;
            }
            let parameters = function.sig.inputs.iter().filter_map(parameter).collect();
            methods.push(Method {
                name: function.sig.ident.to_string(),
                parameters,
            });
        }
    }
    methods
}

fn parameter(argument: &FnArg) -> Option<Parameter> {
    let FnArg::Typed(typed) = argument else {
        return None;
    };
    let Pat::Ident(name) = typed.pat.as_ref() else {
        return None;
    };
    Some(Parameter {
        name: name.ident.to_string(),
        pass: pass(&typed.ty),
    })
}

fn pass(ty: &Type) -> Pass {
    if let Type::Reference(reference) = ty {
        return match text(&reference.elem).as_str() {
            "str" => Pass::Text,
            other => Pass::Borrowed(other.to_owned()),
        };
    }
    match option(ty) {
        Some(Type::Reference(reference)) => match text(&reference.elem).as_str() {
            "str" => Pass::OptionalText,
            other => Pass::OptionalBorrowed(other.to_owned()),
        },
        Some(inner) => Pass::Optional(text(inner)),
        None if text(ty) == "B" => Pass::Body,
        None => Pass::Value(text(ty)),
    }
}

/// `T` of `Option<T>`.
fn option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if last.ident == "Option" => Some(inner),
        _ => None,
    }
}

fn text(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}
