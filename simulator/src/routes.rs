//! The route tables.

#![allow(clippy::unnecessary_wraps, reason = "handlers have one type")]

use crate::route::Route;

mod actions;
mod again;
mod apps;
mod bulk;
mod create;
mod executions;
mod files;
mod flow_search;
mod flows;
mod graph;
mod groups;
mod instance;
mod kv;
mod labels;
mod logs;
mod namespaces;
mod outputs;
mod plugins;
mod triggers;

/// Every route of every line.
pub(crate) fn all() -> impl Iterator<Item = &'static Route> {
    [
        instance::ROUTES,
        flows::ROUTES,
        flow_search::ROUTES,
        executions::ROUTES,
        create::ROUTES,
        actions::ROUTES,
        again::ROUTES,
        labels::ROUTES,
        bulk::ROUTES,
        logs::ROUTES,
        outputs::ROUTES,
        namespaces::ROUTES,
        triggers::ROUTES,
        kv::ROUTES,
        files::ROUTES,
        graph::ROUTES,
        apps::ROUTES,
        groups::ROUTES,
        plugins::ROUTES,
    ]
    .into_iter()
    .flatten()
}
