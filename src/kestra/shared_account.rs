//! Rechecks that the shared account is not an administrator.

use std::time::Duration;

use super::account::Unvouched;
use super::instance::Kestra;
use super::standing::{Last, Shared, Standing};
use crate::config::http::CredentialMode;
use crate::tool::Edition;

/// Milliseconds after which Kestra is asked again when it did not answer.
const AGAIN: u64 = 30_000;

impl Kestra {
    /// The same server, where administrators' accounts are not taken: it is asked every `recheck` whose
    /// the shared one is.
    #[must_use]
    pub fn with_recheck(self, recheck: Duration) -> Self {
        Self {
            shared: Shared::every(recheck),
            ..self
        }
    }

    /// What Kestra says of the account that everybody shares. Open source does not know
    /// administrators, and people's own accounts are looked at where they are kept.
    pub async fn standing(&self) -> Standing {
        let Some(recheck) = self.shared.recheck else {
            return Standing::Ordinary;
        };
        if self.mode != CredentialMode::Shared || self.view().edition != Edition::Enterprise {
            return Standing::Ordinary;
        }
        let mut last = self.shared.last.lock().await;
        let now = self.clock.now_ms();
        if let Some(known) = last.filter(|known| now < known.ask_at) {
            return known.standing;
        }
        let recheck = u64::try_from(recheck.as_millis()).unwrap_or(u64::MAX);
        let (standing, after) = match self.me(&self.own).await {
            Ok(me) if me.administrator == Some(false) => (Standing::Ordinary, recheck),
            Ok(_) => (Standing::TooPowerful, recheck),
            // The call itself says so.
            Err(Unvouched::Refused) => return Standing::Ordinary,
            Err(Unvouched::Silent) => {
                tracing::warn!(
                    "Kestra does not say whose the shared account is by now: until it does, nothing \
                     is changed with it"
                );
                (Standing::Overdue, AGAIN)
            }
        };
        let ask_at = self.clock.now_ms().saturating_add(after);
        *last = Some(Last { standing, ask_at });
        standing
    }
}
