//! Clients that do not register themselves: oauth-checklist.md, clients.

mod cache;
mod configured;
mod documents;
mod fetch;
mod held;
mod ids;
mod known;
mod probe;
mod proxy;
mod web;
