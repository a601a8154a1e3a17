//! Links to the account page.

use super::Vault;
use crate::auth::random;
use crate::principal::Person;
use crate::store::{Hash, Ms, Ticket};

/// Milliseconds for which a link to the account page is valid.
const LINK: Ms = 30 * 60_000;

impl Vault {
    /// The URL of the account page, with a ticket that only `person` can use. It signs nobody in,
    /// and reveals nothing.
    pub(crate) async fn account_page(&self, person: &Person) -> String {
        let page = format!("{}/account", self.issuer);
        let Ok(value) = random::secret() else {
            return page;
        };
        let ticket = Ticket {
            id: Hash::of(value.expose()),
            user_id: person.user.to_string(),
            expires: self.now().saturating_add(LINK),
        };
        match self.store.put_ticket(&ticket).await {
            Ok(()) => format!("{page}?t={}", value.expose()),
            // Without a ticket, the page still opens for whoever signs in.
            Err(error) => {
                tracing::warn!(%error, "a link was made without a ticket");
                page
            }
        }
    }
}
