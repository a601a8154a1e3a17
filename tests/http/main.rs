//! The HTTP mode, from outside.

mod pages;
