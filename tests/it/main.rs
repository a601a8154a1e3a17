//! One test binary: every part of the server, through its own doors.

mod config;
mod layers;
mod lifecycle;
mod lines;
mod stand;
mod stdio;
mod version;
