//! Files that tests write and people review: goldens, and the parts of documents that say what the
//! code says.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

/// How the files are written anew.
pub(crate) struct Update {
    /// The environment variable that asks for it.
    pub(crate) variable: &'static str,
    /// The command to set it for.
    pub(crate) command: &'static str,
}

impl Update {
    /// Fails unless the file at `path` holds `text`. Writes it where the variable asks for that.
    pub(crate) fn hold(&self, path: &Path, text: &str) {
        let set = |name: &str| std::env::var_os(name);
        if self.is_wanted(set(self.variable).as_deref(), set("CI").as_deref()) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
            return;
        }
        let known = fs::read_to_string(path).unwrap_or_default();
        if known == text {
            return;
        }
        let first = known.lines().zip(text.lines()).position(|(a, b)| a != b);
        let line = first.unwrap_or_else(|| known.lines().count().min(text.lines().count()));
        panic!(
            "{} differs in line {}:\nfile:  {:?}\nfound: {:?}\nRun {}=1 {}, then review the diff.",
            path.display(),
            line + 1,
            known.lines().nth(line),
            text.lines().nth(line),
            self.variable,
            self.command,
        );
    }

    /// # Panics
    /// When `CI` is set too: nobody would review what it writes, and no test would fail.
    fn is_wanted(&self, update: Option<&OsStr>, ci: Option<&OsStr>) -> bool {
        let set = |value: Option<&OsStr>| value.is_some_and(|value| !value.is_empty());
        assert!(
            !set(update) || !set(ci),
            "{} and CI are both set, and CI does not rewrite reviewed files. Unset one of them.",
            self.variable
        );
        set(update)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPDATE: Update = Update {
        variable: "UPDATE_NOTHING",
        command: "cargo test",
    };

    #[test]
    fn files_are_written_where_that_is_asked_for() {
        assert!(UPDATE.is_wanted(Some("1".as_ref()), None));
        assert!(UPDATE.is_wanted(Some("1".as_ref()), Some("".as_ref())));
        assert!(!UPDATE.is_wanted(None, None));
        assert!(!UPDATE.is_wanted(Some("".as_ref()), Some("true".as_ref())));
        assert!(!UPDATE.is_wanted(None, Some("true".as_ref())));
    }

    #[test]
    #[should_panic(expected = "UPDATE_NOTHING and CI are both set")]
    fn ci_does_not_rewrite_reviewed_files() {
        UPDATE.is_wanted(Some("1".as_ref()), Some("true".as_ref()));
    }

    #[test]
    #[should_panic(expected = "differs in line 2")]
    fn a_difference_is_shown_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "one\ntwo\n").unwrap();
        UPDATE.hold(&path, "one\ntwo\n");
        UPDATE.hold(&path, "one\n2\n");
    }
}
