//! Whether Kestra takes a credential, and whether it belongs to somebody to act as.

use super::Vault;
use super::not_kept::NotKept;
use crate::config::http::Administrator;
use crate::kestra::{Fault, Held, Kind, Me, Unvouched, refusal};
use crate::tool::Edition;

impl Vault {
    /// Asks Kestra whose the credential is, and whether that is somebody to act as.
    pub(super) async fn vouched(&self, held: &Held) -> Result<Me, NotKept> {
        let refused = || NotKept::Refused { kind: held.kind() };
        let server = self.kestra.server(held).await;
        let server = server.map_err(|fault| match fault {
            Fault::Refused { .. } => refused(),
            Fault::Unreachable { .. }
            | Fault::Silent { .. }
            | Fault::NotKestra { .. }
            | Fault::Unsupported { .. }
            | Fault::Failing { .. } => NotKept::Silent,
        })?;
        let edition = server.edition;
        let fits = match edition {
            Edition::Enterprise => Kind::Token,
            Edition::OpenSource => Kind::Basic,
        };
        if held.kind() != fits {
            return Err(NotKept::Kind { edition });
        }
        if refusal::of_tenant(self.kestra.tenant(), edition).is_some() {
            return Err(NotKept::NoTenant);
        }
        let me = self.kestra.vouch(held, edition).await;
        let me = me.map_err(|fault| match fault {
            Unvouched::Refused => refused(),
            Unvouched::Silent => NotKept::Silent,
        })?;
        if edition == Edition::OpenSource {
            return Ok(me);
        }
        match (me.administrator, self.settings.administrator) {
            (Some(true), Administrator::Refuse) => return Err(NotKept::Administrator),
            (None, Administrator::Refuse) => return Err(NotKept::Unsaid),
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
            return Err(NotKept::Tenant);
        }
        Ok(me)
    }
}
