//! Every secret of a run, and the search for them in what the run left behind.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Shorter texts stand in logs by chance.
const SHORTEST: usize = 12;
/// How every signed token begins: `{"` in base64. Those of the provider are seen by the server alone.
const SIGNED: &str = "eyJ";

/// Secrets, each with a name that may be shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Arc<Mutex<BTreeMap<String, String>>>);

impl Secrets {
    /// A new one, of 24 bytes from the system.
    pub(crate) fn random(&self, name: &str) -> anyhow::Result<String> {
        let mut bytes = [0; 24];
        getrandom::fill(&mut bytes)?;
        let secret = URL_SAFE_NO_PAD.encode(bytes);
        self.add(name, &secret);
        Ok(secret)
    }

    /// One from elsewhere.
    pub(crate) fn add(&self, name: &str, secret: &str) {
        if secret.len() >= SHORTEST {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(secret.to_owned(), name.to_owned());
        }
    }

    /// Those that a script wrote, one a line.
    pub(crate) fn read(&self, name: &str, file: &Path) -> anyhow::Result<usize> {
        let text = std::fs::read_to_string(file).context(file.display().to_string())?;
        for secret in text.lines() {
            self.add(name, secret);
        }
        Ok(text.lines().count())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.len()
    }

    /// Where one of them, or any signed token, stands in the files of `folder`, apart from those of
    /// the names `except`; and how many bytes were searched.
    pub(crate) fn search(
        &self,
        folder: &Path,
        except: &[&str],
    ) -> anyhow::Result<(usize, Vec<String>)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut bytes, mut found) = (0, Vec::new());
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let content = std::fs::read(&path)?;
            bytes += content.len();
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            for (number, line) in content.split(|byte| *byte == b'\n').enumerate() {
                let line = String::from_utf8_lossy(line);
                let held = all.iter().filter(|(secret, _)| line.contains(*secret));
                let held = held.map(|(_, name)| name.as_str());
                let held = held.filter(|name| !except.contains(name));
                for name in held.chain(line.contains(SIGNED).then_some("a signed token")) {
                    found.push(format!("{file}:{}: {name}", number + 1));
                }
            }
        }
        Ok((bytes, found))
    }
}

#[cfg(test)]
mod tests {
    use super::Secrets;

    #[test]
    fn a_secret_is_found_by_name_file_and_line() {
        let folder = std::env::temp_dir().join(format!("e2e-secrets-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let secrets = Secrets::default();
        secrets.add("password", "hunter22hunter22");
        secrets.add("short", "12");
        let log = "fine 12\nwrong hunter22hunter22\nalso eyJhbGciOiJub25lIn0\n";
        std::fs::write(folder.join("log"), log).unwrap();
        let (bytes, found) = secrets.search(&folder, &[]).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(bytes, log.len());
        assert_eq!(found, ["log:2: password", "log:3: a signed token"]);
    }
}
