//! Clients that do not register themselves: oauth-checklist.md, clients.

mod cache;
mod configured;
mod documents;
mod fetch;
mod ids;
mod known;
mod last_known;
mod probe;
mod proxy;
mod web;
