//! The maintainers' binary: takes over a new description of Kestra and says what it touches.

use std::fmt::Display;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use codegen::document::{self, Document};
use codegen::fault::{Fault, Faults};
use codegen::import::{self, Imported};
use codegen::project::{LINES, MANIFEST, OVERLAY};
use codegen::report::{Subject, report};
use codegen::tree::Tree;

#[derive(Debug, Parser)]
#[command(name = "codegen", about = "Takes over descriptions of Kestra's API")]
struct Arguments {
    /// The workspace root.
    #[arg(long, global = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/.."))]
    root: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes openapi/kestra-<line>.json and sources.toml, and prints what changed
    Import {
        /// An OpenAPI 3 file, YAML or JSON; - reads standard input
        file: PathBuf,
        /// The Kestra line that the description is of: 1.3, 2.0
        #[arg(long, value_parser = line)]
        kestra: String,
        /// The exact version, where the file does not say it
        #[arg(long)]
        version: Option<String>,
    },
    /// Prints what differs between two descriptions; writes nothing
    Diff {
        /// The older one: a vendored file or any OpenAPI 3 file
        old: PathBuf,
        /// The newer one
        new: PathBuf,
        /// The Kestra line of what is newer, where neither its name nor its version says it; otherwise the older one's
        #[arg(long, value_parser = line)]
        kestra: Option<String>,
    },
    /// Writes docs/manifest.md and docs/manifest.schema.json: every key of the manifest
    Words,
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("cannot read {}", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(transparent)]
    Import(#[from] import::Error),
    #[error(transparent)]
    Document(#[from] document::Error),
    #[error(transparent)]
    Write(#[from] import::WriteError),
    #[error("cannot write {}", path.display())]
    WriteFile {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{0}")]
    Toml(Fault),
    #[error("cannot print")]
    Print(#[from] std::io::Error),
}

fn main() -> ExitCode {
    let Arguments { root, command } = Arguments::parse();
    let done = match command {
        Command::Import {
            file,
            kestra,
            version,
        } => import_file(&root, &file, &kestra, version),
        Command::Diff { old, new, kestra } => diff(&root, &old, &new, kestra),
        Command::Words => write_words(&root),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_chain(&error);
            ExitCode::FAILURE
        }
    }
}

fn write_words(root: &Path) -> Result<(), Error> {
    for (file, text) in codegen::words::files() {
        let path = root.join(file);
        std::fs::write(&path, text).map_err(|source| Error::WriteFile { path, source })?;
    }
    Ok(())
}

fn print_chain(error: &Error) {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    // Nothing is left to do when standard error is closed.
    drop(writeln!(std::io::stderr(), "{text}"));
}

fn line(text: &str) -> Result<String, String> {
    if document::is_line(text) {
        Ok(text.to_owned())
    } else {
        Err("a line is two numbers, such as 2.0".to_owned())
    }
}

fn import_file(
    root: &Path,
    file: &Path,
    kestra: &str,
    version: Option<String>,
) -> Result<(), Error> {
    let mut imported = read_description(file, Some(kestra))?;
    if let Some(version) = version {
        imported = imported.of_version(&version);
    }
    let vendored = root.join("openapi").join(import::file_name(kestra));
    let before = if vendored.exists() {
        Some(Document::read(&vendored)?)
    } else {
        None
    };
    let text = match &before {
        Some(old) => compared(root, format!("kestra {kestra}"), old, &imported.document)?,
        None => format!(
            "kestra {kestra}: {} operations\n",
            imported.document.operations().count()
        ),
    };
    import::vendor(root, kestra, &imported)?;
    print(&text)
}

fn diff(root: &Path, old: &Path, new: &Path, kestra: Option<String>) -> Result<(), Error> {
    let title = format!("{} → {}", old.display(), new.display());
    let mut old = read_any(old)?;
    let mut new = read_any(new)?;
    let lines = LINES.map(|(line, ..)| line);
    let newest = lines.last().map(|line| (*line).to_owned());
    let stated = new.line_of_version(lines).map(ToOwned::to_owned);
    new.line = kestra
        .or(new.line)
        .or(stated)
        .or_else(|| old.line.clone())
        .or(newest);
    old.line = old.line.or_else(|| new.line.clone());
    let text = compared(root, title, &old, &new)?;
    print(&text)
}

/// A vendored file as it is, anything else through the importer.
fn read_any(path: &Path) -> Result<Document, Error> {
    if path
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        let document = Document::read(path)?;
        if document.line.is_some() {
            return Ok(document);
        }
    }
    Ok(read_description(path, None)?.document)
}

fn read_description(file: &Path, line: Option<&str>) -> Result<Imported, Error> {
    let mut text = String::new();
    let name = if file == Path::new("-") {
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|source| Error::Read {
                path: file.to_owned(),
                source,
            })?;
        "standard input".to_owned()
    } else {
        text = read(file)?;
        file.display().to_string()
    };
    Ok(import::import(&name, &text, line)?)
}

fn compared(root: &Path, title: String, old: &Document, new: &Document) -> Result<String, Error> {
    let subject = Subject {
        title,
        old,
        new,
        manifest: &read_toml(root, MANIFEST)?,
        overlay: &read_toml(root, OVERLAY)?,
    };
    Ok(report(&subject).to_string())
}

/// A file of ours; nothing where there is none.
fn read_toml(root: &Path, file: &str) -> Result<Tree, Error> {
    let path = root.join(file);
    let text = if path.exists() {
        read(&path)?
    } else {
        String::new()
    };
    let faults = Faults::default();
    let tree = Tree::parse(file, &text, &faults);
    let whole = Fault {
        file: file.to_owned(),
        line: 1,
        column: 0,
        message: "not TOML".to_owned(),
    };
    tree.ok_or_else(|| Error::Toml(faults.into_vec().pop().unwrap_or(whole)))
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

fn print(text: impl Display) -> Result<(), Error> {
    Ok(write!(std::io::stdout(), "{text}")?)
}
