//! The base URL of links in answers.

use std::sync::Arc;

use super::detector::Detection;
use super::instance::Kestra;
use super::ui::{Ui, start};

impl Kestra {
    /// Where links lead, by what is known now.
    pub fn ui(&self) -> Ui {
        if let Some(set) = &self.ui {
            return Ui::Set(Arc::clone(set));
        }
        let watch = self.version.watch();
        let known = watch.borrow();
        let Detection::Known(server) = &*known else {
            return Ui::Unsaid;
        };
        let Some(said) = &server.ui else {
            return Ui::Unsaid;
        };
        let host = said.host_str().unwrap_or_default();
        if self.host.as_deref() == Some(host) {
            Ui::Said(start(said))
        } else {
            Ui::Elsewhere {
                host: host.to_owned(),
            }
        }
    }
}
