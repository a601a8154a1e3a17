//! Rust text of a line's tools. It names only the runtime module that it is told.

mod data;
mod reserved;
mod send;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use crate::client::Client;
use crate::keep::Keeps;
use crate::manifest::{Manifest, Near, Step, Tool};
use crate::plan::{Plan, Resolved, steps};
use crate::schema;

/// A fault that only the generated client shows.
pub type Fault = (usize, String);

/// The module of one line.
///
/// # Errors
/// Operations or parameters that the generated client lacks.
pub fn line(
    manifest: &Manifest,
    plan: &Plan,
    client: &Client,
    runtime: &str,
) -> Result<String, Vec<Fault>> {
    let runtime: TokenStream = runtime
        .parse()
        .map_err(|_| vec![(0, format!("{runtime} is no path"))])?;
    let mut faults = Vec::new();
    let mut tables = Vec::new();
    let mut arms = Vec::new();
    let mut impls = Vec::new();
    for tool in &manifest.tools {
        tables.push(table(manifest, plan, tool));
        let Some(strategy) = &tool.strategy else {
            continue;
        };
        let (name, steps, strategy) = (
            &tool.name,
            type_name(&tool.name),
            format_ident!("{strategy}"),
        );
        arms.push(quote! {
            #name => strategy::#strategy(ctx, &#steps(client(ctx, &call)), &call).await
        });
        impls.push(steps_impl(manifest, plan, client, tool, &mut faults));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let exists = data::exists(&manifest.exists);
    let tokens = quote! {
        use super::client::{self, Client};
        use #runtime::answer::{self, About, Exists};
        use #runtime::filter::{Check, Filter, Op};
        use #runtime::format::{Argument, Edge, Keys, Kind, Run};
        use #runtime::near::Near;
        use #runtime::output::{Field, Make, Output};
        use #runtime::project::Keep;
        use #runtime::scope::{Encode, Expr, When};
        use #runtime::strategy::{self, Follow, Join, Latest, Plan, Refusal, Scheduled, Settle, Step, Steps, Unfold, Upsert};
        use #runtime::{Answer, Builtin, Call, CallCtx, Edition, Effect, Error, Hints, Internal, Permission, Reply, Route, Scope, Setting, Tool, segment};

        /// How this line says that something is there already.
        static EXISTS: Exists = #exists;

        /// The tools of this line, in the order of the manifest.
        pub static TOOLS: &[Tool] = &[#(#tables),*];

        /// Answers a call on this line.
        ///
        /// # Errors
        /// See [`Error`].
        pub async fn dispatch(ctx: &CallCtx, call: Call) -> Result<Reply, Error> {
            match call.tool.name {
                #(#arms,)*
                other => Err(Internal::NoTool(other).into()),
            }
        }

        fn client(ctx: &CallCtx, call: &Call) -> Client {
            Client::new_with_client(&ctx.base, ctx.http.clone(), ctx.with_routes(call.tool.routes))
        }

        #(#impls)*
    };
    let file = syn::parse2(tokens).map_err(|error| vec![(0, error.to_string())])?;
    Ok(prettyplease::unparse(&file))
}

/// `get_flow` as `GetFlow`.
fn type_name(name: &str) -> Ident {
    let mut text = String::new();
    for word in name.split('_') {
        let mut chars = word.chars();
        text.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        text.extend(chars);
    }
    Ident::new(&text, Span::call_site())
}

/// The static entry of a tool.
fn table(manifest: &Manifest, plan: &Plan, tool: &Tool) -> TokenStream {
    let Tool {
        name,
        title,
        description,
        ..
    } = tool;
    let permission = data::option(tool.permission.as_ref().map(data::permission));
    let kestra_permission = data::option(tool.kestra_permission.as_ref().map(|text| quote!(#text)));
    let effect = data::effect(&tool.effect);
    let [read_only, destructive, idempotent, open_world] = tool.hints;
    let input = schema::input(manifest, tool).to_string();
    let output = schema::output(tool).to_string();
    let sample = tool.sample.to_string();
    let large = tool
        .large_result
        .and_then(|large| u32::try_from(large).ok());
    let large = data::option(large.map(|large| quote!(#large)));
    let resolved: Vec<&Resolved> = steps(manifest, tool)
        .filter_map(|step| plan.get(&(tool.name.clone(), step.name.clone())))
        .collect();
    // An attached read that an edition lacks is left out of the answer, not the tool.
    let main = tool
        .steps
        .iter()
        .filter_map(|step| plan.get(&(tool.name.clone(), step.name.clone())));
    let mut main = main;
    let needs = main.find_map(|step| step.needs.as_deref());
    let needs = data::option(needs.map(|_| quote!(Edition::Enterprise)));
    let aliases = &tool.aliases;
    let builtin = data::option(tool.builtin.as_deref().map(|builtin| {
        if builtin == "credential" {
            quote!(Builtin::Credential)
        } else {
            quote!(Builtin::Status)
        }
    }));
    let exactly_one = &tool.exactly_one;
    let wait = data::option(tool.wait.as_ref().map(|wait| quote!(#wait)));
    let again = data::option(tool.again.as_ref().map(|again| quote!(#again)));
    let arguments = tool
        .arguments
        .iter()
        .map(|argument| data::argument(manifest, argument));
    let takes = |name: &String| tool.arguments.iter().any(|taken| taken.name == *name);
    let dropped = manifest.host_arguments.iter().filter(|name| !takes(name));
    let mut seen = std::collections::BTreeSet::new();
    let routes = resolved
        .iter()
        .filter(|step| seen.insert(&step.id))
        .map(|step| {
            let (id, method, path, accept) =
                (&step.id, step.method.upper(), &step.path, &step.accept);
            quote!(Route { operation: #id, method: #method, path: #path, accept: #accept })
        });
    let reserved = reserved::of(manifest, plan, tool).into_iter().map(|words| {
        let words = words.iter().map(|(place, word)| {
            let place = data::expr(place);
            quote!((#place, #word))
        });
        quote!(&[#(#words),*])
    });
    let under = tool.under.iter().map(|(setting, other)| {
        let (setting, other) = (data::setting(setting), table(manifest, plan, other));
        quote!((#setting, &#other))
    });
    quote! {
        Tool {
            name: #name,
            title: #title,
            description: #description,
            permission: #permission,
            kestra_permission: #kestra_permission,
            effect: #effect,
            hints: Hints { read_only: #read_only, destructive: #destructive, idempotent: #idempotent, open_world: #open_world },
            input_schema: #input,
            output_schema: #output,
            large_result: #large,
            sample: #sample,
            needs: #needs,
            aliases: &[#(#aliases),*],
            builtin: #builtin,
            wait: #wait,
            again: #again,
            exactly_one: &[#(#exactly_one),*],
            arguments: &[#(#arguments),*],
            dropped: &[#(#dropped),*],
            routes: &[#(#routes),*],
            reserved: &[#(#reserved),*],
            under: &[#(#under),*],
        }
    }
}

/// The steps of a tool: what the manifest says of them, and how each is sent.
fn steps_impl(
    manifest: &Manifest,
    plan: &Plan,
    client: &Client,
    tool: &Tool,
    faults: &mut Vec<Fault>,
) -> TokenStream {
    let name = type_name(&tool.name);
    let near = tool.near.as_ref().and_then(|name| manifest.nears.get(name));
    let keeps = Keeps::of(tool, near);
    let mut entries = Vec::new();
    let mut arms = Vec::new();
    for step in steps(manifest, tool) {
        let Some(resolved) = plan.get(&(tool.name.clone(), step.name.clone())) else {
            continue;
        };
        entries.push(step_entry(tool, step, resolved));
        let keep = data::keep(&keeps.get(tool, &step.name));
        match send::step(client, tool, step, resolved, &keep) {
            Ok(body) => {
                let name = &step.name;
                arms.push(quote!(#name => { #body }));
            }
            Err(fault) => faults.push((step.line, format!("{}: {fault}", tool.name))),
        }
    }
    let attach = tool.output.attach.iter().map(|step| &step.name);
    let refuse = tool.refuse.iter().map(|(when, message)| {
        let when = data::when(when);
        quote!(Refusal { when: #when, message: #message })
    });
    let near = data::option(near.map(|near| {
        let near = near_entry(tool, near);
        quote!(&#near)
    }));
    let unfold = data::option(tool.unfold.as_ref().map(|unfold| {
        let unfold = data::unfold(unfold, &tool.output);
        quote!(&#unfold)
    }));
    let settle = data::option(tool.settle.as_ref().map(|settle| {
        let settle = data::settle(settle);
        quote!(&#settle)
    }));
    let upsert = data::option(tool.upsert.as_ref().map(|upsert| {
        let upsert = data::upsert(upsert);
        quote!(&#upsert)
    }));
    let follow = data::option(tool.follow.as_ref().map(|follow| {
        let follow = data::follow(follow, &tool.kind, tool.wait.as_deref().unwrap_or_default());
        quote!(&#follow)
    }));
    let output = data::output(manifest, &tool.output);
    quote! {
        struct #name(Client);

        impl Steps for #name {
            const PLAN: Plan = Plan {
                steps: &[#(#entries),*],
                attach: &[#(#attach),*],
                refuse: &[#(#refuse),*],
                near: #near,
                follow: #follow,
                unfold: #unfold,
                settle: #settle,
                upsert: #upsert,
                output: &#output,
            };

            async fn send(&self, step: &'static str, scope: &Scope<'_>) -> Result<Answer, Error> {
                match step {
                    #(#arms)*
                    other => Err(Internal::NoStep(other).into()),
                }
            }
        }
    }
}

fn step_entry(tool: &Tool, step: &Step, resolved: &Resolved) -> TokenStream {
    let name = &step.name;
    let effect = data::effect(send::effect(tool, step, resolved));
    let when = data::when(&step.when);
    let permission = data::option(step.permission.as_ref().map(data::permission));
    let same = data::pairs(&step.same);
    let rows = data::option(step.rows.as_ref().map(|rows| quote!(#rows)));
    let checks = step.checks.iter().map(data::check);
    let retry = u64::try_from(step.retry_404_ms).unwrap_or_default();
    let spare = step.spare_ms.and_then(|spare| u64::try_from(spare).ok());
    let spare = data::option(spare.map(|spare| quote!(#spare)));
    quote! {
        Step {
            name: #name,
            effect: #effect,
            when: #when,
            permission: #permission,
            same: #same,
            rows: #rows,
            checks: &[#(#checks),*],
            retry_404_ms: #retry,
            spare_ms: #spare,
        }
    }
}

fn near_entry(tool: &Tool, near: &Near) -> TokenStream {
    let wanted = data::expr(&near.wanted);
    let (id, limit) = (&near.id, near.limit);
    let revision = data::option(near.revision.as_ref().map(|(asked, pointer)| {
        let asked = data::expr(asked);
        quote!((#asked, #pointer))
    }));
    let fields = near.fields.iter().map(data::field);
    let queries = near.queries.iter().map(|query| &query.name);
    let same = tool
        .steps
        .first()
        .map_or_else(|| quote!(&[]), |step| data::pairs(&step.same));
    quote! {
        Near {
            wanted: #wanted,
            id: #id,
            revision: #revision,
            limit: #limit,
            fields: &[#(#fields),*],
            queries: &[#(#queries),*],
            same: #same,
        }
    }
}
