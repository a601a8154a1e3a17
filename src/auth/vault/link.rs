//! Links to the account page.

use super::Vault;
use crate::auth::random;
use crate::principal::Person;
use crate::store::{Hash, Ms, Ticket};

/// Milliseconds for which a link leads to the account.
const LINK: Ms = 30 * 60_000;

impl Vault {
    /// The address of the account, with a ticket that only `person` can use. It signs nobody in, and
    /// says nothing of anybody.
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
            // Without it the page opens just the same, for whoever signs in.
            Err(error) => {
                tracing::warn!(%error, "a link was made without ticket");
                page
            }
        }
    }
}
