//! The routes of Kestra's API.

#![allow(clippy::unnecessary_wraps, reason = "handlers have one type")]

use crate::route::Route;

mod action;
mod actions;
mod apps;
mod bulk;
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
mod replay;
mod resume;
mod start;
mod trigger_search;
mod triggers;
mod validate;

/// All routes of all lines.
pub(crate) fn all() -> impl Iterator<Item = &'static Route> {
    [
        instance::ROUTES,
        flows::ROUTES,
        flow_search::ROUTES,
        validate::ROUTES,
        executions::ROUTES,
        start::ROUTES,
        actions::ROUTES,
        resume::ROUTES,
        replay::ROUTES,
        labels::ROUTES,
        bulk::ROUTES,
        logs::ROUTES,
        outputs::ROUTES,
        namespaces::ROUTES,
        trigger_search::ROUTES,
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
