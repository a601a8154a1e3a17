//! Everything that build.rs does: from the files of a project to Rust text.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::client;
use crate::document::Document;
use crate::emit;
use crate::manifest::Manifest;
use crate::overlay;
use crate::plan::{plan, steps};
use crate::slice::slice;
use crate::sources;
use crate::tree::{Fault, Faults, Tree};

/// The lines, oldest first: name, module, and variant of the runtime's `Line`.
pub const LINES: [(&str, &str, &str); 2] = [("1.3", "v1_3", "V1_3"), ("2.0", "v2_0", "V2_0")];

/// The tools, below the project's root.
pub const MANIFEST: &str = "tool-manifest.toml";
/// The reviewed deviations, below the project's root.
pub const OVERLAY: &str = "openapi/overlay.toml";
const SOURCES: &str = "openapi/sources.toml";

/// The files that the generated text depends on, below the project's root.
pub const FILES: &[&str] = &[MANIFEST, "openapi"];

/// One generated file.
#[derive(Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The generated files of the project at `root`; their text names `runtime` for what they need.
///
/// # Errors
/// Every fault of manifest, overlay and descriptions, each once.
pub fn generate(root: &Path, runtime: &str) -> Result<Vec<File>, Vec<Fault>> {
    let faults = Faults::default();
    let manifest = read(root, MANIFEST, &faults);
    let overlay = read(root, OVERLAY, &faults);
    let (Some(manifest), Some(overlay)) = (manifest, overlay) else {
        return Err(faults.into_vec());
    };
    match sources::check(root, &LINES.map(|(line, ..)| line)) {
        Ok(changed) => {
            for (line, message) in changed {
                faults.add(SOURCES, line, message);
            }
        }
        Err(error) => faults.add(SOURCES, error.line(), chain(&error)),
    }
    manifest.check_lines(MANIFEST, &faults);
    let mut files = Vec::new();
    let mut vocabulary = Vec::new();
    for (line, ..) in LINES {
        let path = format!("openapi/kestra-{line}.json");
        match Document::read(root.join(&path)) {
            Ok(mut document) => {
                document.line = Some((*line).to_owned());
                let Some(tree) = manifest.at(line) else {
                    continue;
                };
                let manifest = Manifest::read(MANIFEST, &tree, &faults);
                let words = manifest.permissions.iter().zip(&manifest.meanings);
                vocabulary = words
                    .map(|(name, meaning)| (name.clone(), meaning.clone()))
                    .collect();
                files.extend(one(&manifest, &overlay, document, runtime, &faults));
            }
            Err(error) => faults.add(&path, error.line(), chain(&error)),
        }
    }
    if !faults.is_empty() {
        return Err(faults.into_vec());
    }
    match join(&vocabulary, runtime) {
        Ok(text) => {
            files.push(File {
                name: "generated.rs".into(),
                text,
            });
            Ok(files)
        }
        Err(error) => {
            faults.add(MANIFEST, 1, error.to_string());
            Err(faults.into_vec())
        }
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

fn read(root: &Path, file: &str, faults: &Faults) -> Option<Tree> {
    match fs::read_to_string(root.join(file)) {
        Ok(text) => Tree::parse(file, &text, faults),
        Err(error) => {
            faults.add(file, 1, error.to_string());
            None
        }
    }
}

/// Client and tools of one line; nothing once there is a fault.
fn one(
    manifest: &Manifest,
    overlay: &Tree,
    mut document: Document,
    runtime: &str,
    faults: &Faults,
) -> Vec<File> {
    let line = document.line.clone().unwrap_or_default();
    let editions = overlay::apply(OVERLAY, overlay, &mut document, faults);
    let plan = plan(MANIFEST, manifest, &document, &editions, faults);
    if !faults.is_empty() {
        return Vec::new();
    }
    let routes: BTreeSet<_> = manifest
        .tools
        .iter()
        .flat_map(|tool| {
            steps(manifest, tool).map(move |step| (tool.name.clone(), step.name.clone()))
        })
        .filter_map(|key| plan.get(&key))
        .map(|resolved| (resolved.method, resolved.path.clone()))
        .collect();
    let made = slice(&document, &routes)
        .map_err(|messages| messages.into_iter().map(|message| (0, message)).collect())
        .and_then(|slice| {
            client::generate(&slice, &format!("{runtime}::CallCtx"))
                .map_err(|message| vec![(0, message)])
        })
        .and_then(|client| Ok((emit::line(manifest, &plan, &client, runtime)?, client)));
    match made {
        Ok((tools, client)) => vec![
            File {
                name: format!("client-{line}.rs"),
                text: client.text,
            },
            File {
                name: format!("tools-{line}.rs"),
                text: tools,
            },
        ],
        Err(found) => {
            for (at, message) in found {
                faults.add(MANIFEST, at, format!("Kestra {line}: {message}"));
            }
            Vec::new()
        }
    }
}

/// The modules of all lines under one roof.
fn join(vocabulary: &[(String, String)], runtime: &str) -> Result<String, syn::Error> {
    let runtime: syn::Path = syn::parse_str(runtime)?;
    let modules = LINES.iter().map(|(line, module, _)| {
        let module = format_ident!("{module}");
        let (client, tools) = (format!("/client-{line}.rs"), format!("/tools-{line}.rs"));
        let (about, about_client, about_tools) = (
            format!(" Kestra {line}."),
            " The typed client.",
            " The tools.",
        );
        quote! {
            #[doc = #about]
            pub mod #module {
                #[doc = #about_client]
                pub mod client {
                    include!(concat!(env!("OUT_DIR"), #client));
                }
                #[doc = #about_tools]
                pub mod tools {
                    include!(concat!(env!("OUT_DIR"), #tools));
                }
            }
        }
    });
    let arms = |call: TokenStream| {
        LINES.iter().map(move |(_, module, variant)| {
            let (module, variant) = (format_ident!("{module}"), format_ident!("{variant}"));
            quote!(Line::#variant => #module::tools::#call)
        })
    };
    let (tables, calls) = (arms(quote!(TOOLS)), arms(quote!(dispatch(ctx, call).await)));
    let (permissions, meanings): (Vec<_>, Vec<_>) = vocabulary.iter().cloned().unzip();
    let tokens = quote! {
        use #runtime::{Call, CallCtx, Error, Line, Permission, Reply, Tool};

        /// Every permission of the manifest.
        pub const PERMISSIONS: &[Permission] = &[#(Permission(#permissions)),*];

        /// What people read of each of them after "may".
        pub const MEANINGS: &[(Permission, &str)] = &[#((Permission(#permissions), #meanings)),*];

        #(#modules)*

        /// The tools of a line, in the order of the manifest.
        pub const fn tools(line: Line) -> &'static [Tool] {
            match line { #(#tables),* }
        }

        /// Answers a call on the line of its context.
        ///
        /// # Errors
        /// See [`Error`].
        pub async fn dispatch(ctx: &CallCtx, call: Call) -> Result<Reply, Error> {
            match ctx.line { #(#calls),* }
        }
    };
    Ok(prettyplease::unparse(&syn::parse2(tokens)?))
}
