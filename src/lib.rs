//! An MCP server for the Kestra workflow orchestrator.
