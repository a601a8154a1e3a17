//! Whether Kestra accepts a credential, and whether this server may act as its account.

use super::Vault;
use super::not_stored::NotStored;
use crate::config::http::Administrator;
use crate::kestra::{Fault, Held, Kind, Me, Unvouched, refusal};
use crate::tool::Edition;

impl Vault {
    /// Asks Kestra whose the credential is, and whether this server may act as that account.
    pub(super) async fn vouched(&self, held: &Held) -> Result<Me, NotStored> {
        let refused = || NotStored::Refused { kind: held.kind() };
        let server = self.kestra.server(held).await;
        let server = server.map_err(|fault| match fault {
            Fault::Refused { .. } => refused(),
            Fault::Unreachable { .. }
            | Fault::Silent { .. }
            | Fault::NotKestra { .. }
            | Fault::Unsupported { .. }
            | Fault::Failing { .. } => NotStored::Silent,
        })?;
        let edition = server.edition;
        let fits = match edition {
            Edition::Enterprise => Kind::Token,
            Edition::OpenSource => Kind::Basic,
        };
        if held.kind() != fits {
            return Err(NotStored::Kind { edition });
        }
        if refusal::of_tenant(self.kestra.tenant(), edition).is_some() {
            return Err(NotStored::NoTenant);
        }
        let me = self.kestra.vouch(held, edition).await;
        let me = me.map_err(|fault| match fault {
            Unvouched::Refused => refused(),
            Unvouched::Silent => NotStored::Silent,
        })?;
        if edition == Edition::OpenSource {
            return Ok(me);
        }
        match (me.administrator, self.settings.administrator) {
            (Some(true), Administrator::Refuse) => return Err(NotStored::Administrator),
            (None, Administrator::Refuse) => return Err(NotStored::Unsaid),
            (Some(true), Administrator::Warn) => {
                tracing::warn!("a person saved the credential of an administrator");
            }
            (None, Administrator::Warn) => {
                tracing::warn!("a person saved a credential that may be an administrator's");
            }
            (Some(false), _) => {}
        }
        // Administrators reach every tenant, whatever the list says.
        if me.administrator != Some(true) && !me.tenants.iter().any(|id| id == self.kestra.tenant())
        {
            return Err(NotStored::Tenant);
        }
        Ok(me)
    }
}
