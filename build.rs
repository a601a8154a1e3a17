//! Turns manifest and vendored descriptions into a typed client and tools (see `codegen/`).

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, bail};

fn main() -> anyhow::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").context("cargo names the root")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo names a folder")?);
    for file in codegen::project::FILES {
        println!("cargo::rerun-if-changed={}", root.join(file).display());
    }
    match codegen::generate::generate(&root, "crate::tool") {
        Ok(files) => {
            for file in files {
                fs::write(Path::new(&out).join(&file.name), file.text).context(file.name)?;
            }
            Ok(())
        }
        Err(faults) => {
            for fault in &faults {
                println!("cargo::error={fault}");
            }
            bail!("{} faults", faults.len())
        }
    }
}
