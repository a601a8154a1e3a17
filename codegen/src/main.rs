//! The maintainers' binary: takes over a new description of Kestra and says what it touches.

use std::fmt::Display;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use codegen::document::{self, Document};
use codegen::import::{self, Imported};
use codegen::report::overlay::Overlay;
use codegen::report::usage::{self, Use};
use codegen::report::{Subject, report};

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
    },
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
    #[error("{} is not TOML of ours", path.display())]
    Toml {
        path: PathBuf,
        source: Box<toml::de::Error>,
    },
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
        Command::Diff { old, new } => diff(&root, &old, &new),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_chain(&error);
            ExitCode::FAILURE
        }
    }
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

fn diff(root: &Path, old: &Path, new: &Path) -> Result<(), Error> {
    let title = format!("{} → {}", old.display(), new.display());
    let old = read_any(old)?;
    let new = read_any(new)?;
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
    let overlay = read_overlay(&root.join("openapi").join("overlay.toml"))?;
    let uses = read_uses(&root.join("tool-manifest.toml"), old.line.as_deref())?;
    let subject = Subject {
        title,
        old,
        new,
        uses: &uses,
        overlay: &overlay,
    };
    Ok(report(&subject).to_string())
}

fn read_overlay(path: &Path) -> Result<Overlay, Error> {
    if !path.exists() {
        return Ok(Overlay::default());
    }
    Overlay::parse(&read(path)?).map_err(|source| Error::Toml {
        path: path.to_owned(),
        source,
    })
}

fn read_uses(path: &Path, line: Option<&str>) -> Result<Vec<Use>, Error> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    usage::uses(&read(path)?, line).map_err(|source| Error::Toml {
        path: path.to_owned(),
        source,
    })
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
