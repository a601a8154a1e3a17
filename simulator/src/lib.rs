//! An in-memory Kestra for tests and the demo.
