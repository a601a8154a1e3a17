//! The `kestra-mcp` command.

fn main() {}
