//! What counts as a use, on crates of a few lines.

use super::circles::{circles, report};
use super::modules::{Crate, Files, Tests};
use super::resolve::Edges;

fn edges_with(files: &[(&str, &str)], tests: Tests) -> Edges {
    let files: Files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    Crate::parse(&files, "lib.rs", tests).edges()
}

fn edges(files: &[(&str, &str)]) -> Vec<String> {
    let edges = edges_with(files, Tests::Ignored);
    let edges = edges.iter().map(|((from, to), names)| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        format!("{from} -> {to}: {}", names.join(", "))
    });
    edges.collect()
}

fn circle(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let found = circles(&edges_with(files, Tests::Ignored));
    found.into_iter().map(Vec::from_iter).collect()
}

#[test]
fn two_files_that_use_each_other_are_a_circle() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; pub struct A(B);"),
        ("b.rs", "pub struct B; fn f(a: &super::a::A) {}"),
    ];
    assert_eq!(edges(&files), ["a.rs -> b.rs: B", "b.rs -> a.rs: A"]);
    assert_eq!(circle(&files), [["a.rs", "b.rs"]]);
    let said = report("src", &edges_with(&files, Tests::Ignored));
    let expected = "src: 2 files use each other\n  a.rs <-> b.rs: B\n  b.rs <-> a.rs: A\n";
    assert_eq!(said, expected);
}

#[test]
fn a_circle_of_three_files_is_one_and_what_it_uses_is_outside() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::c::C; pub struct B;"),
        ("c.rs", "use crate::{a::A, d::D}; pub struct C;"),
        ("d.rs", "pub struct D;"),
    ];
    assert_eq!(circle(&files), [["a.rs", "b.rs", "c.rs"]]);
}

#[test]
fn a_parent_that_uses_its_child_and_is_used_by_it_is_a_circle() {
    let files = [
        ("lib.rs", "mod a;"),
        ("a.rs", "mod b; pub struct A; fn f() { b::run(&A) }"),
        ("a/b.rs", "use super::A; pub fn run(_: &A) {}"),
    ];
    assert_eq!(circle(&files), [["a.rs", "a/b.rs"]]);
}

#[test]
fn a_parent_that_declares_and_re_exports_uses_nothing() {
    let files = [
        ("lib.rs", "mod a; pub use a::B;"),
        (
            "a.rs",
            "mod b; mod c; pub use b::B; pub(crate) use c::*; pub struct A;",
        ),
        ("a/b.rs", "use super::A; pub struct B(A);"),
        ("a/c.rs", "pub struct C(super::A);"),
    ];
    let expected = ["a/b.rs -> a.rs: A", "a/c.rs -> a.rs: A"];
    assert_eq!(edges(&files), expected);
    assert!(circle(&files).is_empty());
}

#[test]
fn a_parent_that_uses_what_it_re_exports_uses_it() {
    let files = [
        ("lib.rs", "mod a;"),
        ("a.rs", "mod b; pub use b::B; pub struct A; fn f(b: B) {}"),
        ("a/b.rs", "use super::A; pub struct B(A);"),
    ];
    assert_eq!(circle(&files), [["a.rs", "a/b.rs"]]);
}

#[test]
fn a_use_through_a_re_export_goes_to_the_file_that_defines_the_item() {
    let files = [
        ("lib.rs", "mod a; mod d; pub use d::D as Other;"),
        ("a.rs", "mod b; mod c; pub use b::*; pub use c::C;"),
        ("a/b.rs", "use super::C; pub enum B { One(C) }"),
        (
            "a/c.rs",
            "pub struct C; fn f() { super::B::One; crate::Other::new() }",
        ),
        ("d.rs", "pub struct D;"),
    ];
    let expected = [
        "a/b.rs -> a/c.rs: C",
        "a/c.rs -> a/b.rs: B",
        "a/c.rs -> d.rs: D",
    ];
    assert_eq!(edges(&files), expected);
    assert_eq!(circle(&files), [["a/b.rs", "a/c.rs"]]);
}

#[test]
fn a_re_export_from_elsewhere_is_a_use() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub use crate::b::B;"),
        ("b.rs", "pub struct B;"),
    ];
    assert_eq!(edges(&files), ["a.rs -> b.rs: B"]);
}

#[test]
fn names_are_found_wherever_code_says_them() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            r#"use crate::b;
            use b::{self as other, nested::{self, F}};
            #[derive(b::Derived)]
            struct A { #[serde(with = "crate::b::with")] a: b::T }
            impl b::Trait for A where A: b::Bound {}
            fn f() -> Result<(), b::E> {
                use super::b::local;
                println!("{}", b::printed());
                html! { p class=(b::class()) { (other::shown(1)) } };
                match x { b::CONST => (b::call::<b::Generic>)(), b::Struct { .. } => nested::deep() }
            }
            macro_rules! m { () => { $crate::b::expanded() } }"#,
        ),
        ("b.rs", "pub mod nested { pub struct F; }"),
    ];
    let names = "Bound, CONST, Derived, E, F, Generic, Struct, T, Trait, call, class, deep, expanded, local, printed, shown, with";
    assert_eq!(edges(&files), [format!("a.rs -> b.rs: {names}")]);
}

#[test]
fn names_of_a_glob_count_where_they_are_used() {
    let files = [
        ("lib.rs", "mod a;"),
        (
            "a.rs",
            "mod b; pub struct A; pub struct Unused; pub fn named() {}",
        ),
        (
            "a/b.rs",
            "use super::*; fn f() { let named = 1; say!(A, named); g(named) }",
        ),
    ];
    assert_eq!(edges(&files), ["a/b.rs -> a.rs: A"]);
}

#[test]
fn what_is_generated_belongs_to_the_file_of_its_module() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "codes! { One }"),
        ("b.rs", "use crate::a::Code; fn f() -> Code {}"),
    ];
    assert_eq!(edges(&files), ["b.rs -> a.rs: Code"]);
}

#[test]
fn a_module_and_a_function_of_one_name_are_told_apart() {
    let files = [
        ("lib.rs", "mod a; mod page; pub fn page() {}"),
        ("a.rs", "use crate::page; fn f() { page::show() }"),
        (
            "page.rs",
            "use self::page::page; mod page { pub fn page() {} } pub fn show() {}",
        ),
    ];
    assert_eq!(edges(&files), ["a.rs -> page.rs: show"]);
}

#[test]
fn names_of_other_crates_and_of_comments_count_nothing() {
    let files = [
        ("lib.rs", "mod a; mod http;"),
        (
            "a.rs",
            "//! crate::http::X\nuse ::http::Y; use url::Url as a; /// crate::http::Z\nfn f() { ::http::z(); a::parse() }",
        ),
        ("http.rs", "pub struct X;"),
    ];
    assert!(edges(&files).is_empty());
}

#[test]
fn test_code_counts_where_it_is_asked_for() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        (
            "a.rs",
            "#[cfg(test)] mod tests; #[cfg(not(test))] fn f() { crate::b::B; } pub struct A; impl A { #[cfg(test)] fn g() { crate::b::C } }",
        ),
        (
            "a/tests.rs",
            "use super::*; use crate::b::D; #[test] fn t() {}",
        ),
        ("b.rs", "#[cfg(all(test, unix))] fn f() { crate::a::A }"),
    ];
    assert_eq!(edges(&files), ["a.rs -> b.rs: B"]);
    let all = edges_with(&files, Tests::Counted);
    assert_eq!(all.len(), 3, "{all:?}");
}
