//! Runs the built server with real clients.

fn main() {}
