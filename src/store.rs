//! What outlives a request: clients, grants, tokens, sign-ins and sealed credentials.
//!
//! Every statement that spends something is one conditional update, so that two replicas, or two
//! requests at once, cannot both succeed. A check that fails spends nothing. Times are milliseconds
//! since the epoch. Random values of at least 256 bits are kept as their SHA-256 ([`Hash`]); what
//! must be read back is sealed.

mod error;
mod hash;
pub mod keyring;
mod record;
pub mod rekey;
pub mod seal;
pub mod sqlite;
mod time;

use std::fmt;

use async_trait::async_trait;

pub use error::{Result, StoreError};
pub use hash::Hash;
pub use keyring::{KeyRing, RingFault};
pub use record::{
    AuthMethod, Checked, Client, ClientKind, Code, CodeClaim, Credential, FormToken, Grant,
    GrantOf, Purpose, Reason, Redeemed, RefreshToken, Rotation, Sealed, Shown, SigningKey, Target,
    Ticket, Transaction, UpstreamState, User, WebLogin,
};
pub use rekey::{check_ring, check_taken};
pub use seal::{Column, OpenError, Place, SealError};
pub use time::{IDLE, Ms, USED};

/// The one interface to the database.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// Answers when the database does.
    async fn ping(&self) -> Result<()>;
    /// Closes it, so that another server can open it; later operations fail.
    async fn close(&self);
    /// Deletes what is over: spent transactions, forms, tokens, tickets, sign-ins; codes a day after
    /// they ended if they were used; grants a day after they ended; signing keys that are dropped;
    /// registered clients that were never used within an hour or not for 90 days, whose grants end.
    /// A spent refresh token is kept as long as its family, without its successor once the grace is
    /// over. How many rows are gone.
    async fn sweep(&self, now: Ms) -> Result<u64>;

    /// Stores a client, replacing one of the same id, except for when it was last used.
    async fn put_client(&self, client: &Client) -> Result<()>;
    /// The client of that id.
    async fn client(&self, id: &str) -> Result<Option<Client>>;
    /// How many clients registered themselves.
    async fn registered_clients(&self) -> Result<u64>;
    /// Deletes some of the clients that registered themselves before `until` and were never used;
    /// how many.
    async fn forget_unused_clients(&self, until: Ms, now: Ms) -> Result<u64>;
    /// Deletes a client and ends its grants.
    async fn delete_client(&self, id: &str, now: Ms) -> Result<bool>;

    /// The person of (issuer, subject): made when new, with the name of now.
    async fn upsert_user(&self, user: &User) -> Result<User>;
    /// The person of that id.
    async fn user(&self, id: &str) -> Result<Option<User>>;
    /// Disables a person, or takes that back.
    async fn disable_user(&self, id: &str, at: Option<Ms>) -> Result<bool>;

    /// Spends a transaction, of which nothing is kept before; false when it was spent already. That is
    /// known until it is over.
    async fn spend_transaction(&self, id: Hash, expires: Ms) -> Result<bool>;
    /// Whether a transaction is spent.
    async fn is_spent(&self, id: Hash) -> Result<bool>;

    /// Stores a form token.
    async fn put_form(&self, form: &FormToken) -> Result<()>;
    /// Spends it, once, for the same form, owner and cookie.
    async fn spend_form(&self, form: &FormToken, now: Ms) -> Result<bool>;

    /// Stores the state of an authentication request.
    async fn put_upstream(&self, state: &UpstreamState) -> Result<()>;
    /// Spends it, once, for the same browser and provider. Another browser, or the callback of
    /// another provider, spends nothing.
    async fn spend_upstream(
        &self,
        state: Hash,
        browser: Hash,
        provider: &str,
        now: Ms,
    ) -> Result<Option<UpstreamState>>;
    /// The provider of an authentication request of this browser that is neither spent nor expired.
    async fn provider_of_upstream(
        &self,
        state: Hash,
        browser: Hash,
        now: Ms,
    ) -> Result<Option<String>>;

    /// Stores a grant and its first code, together; marks its client as used.
    async fn put_grant(&self, grant: &Grant, code: &Code) -> Result<()>;
    /// A grant with its person, whatever its state.
    async fn grant(&self, id: &str) -> Result<Option<GrantOf>>;
    /// Marks a grant as used.
    async fn touch_grant(&self, id: &str, now: Ms) -> Result<()>;
    /// The grants of a person that are not over.
    async fn grants_of(&self, user_id: &str, now: Ms) -> Result<Vec<Grant>>;
    /// Ends a grant; false when it was ended before.
    async fn revoke_grant(&self, id: &str, reason: Reason, now: Ms) -> Result<bool>;
    /// Ends all grants and sign-ins of a person; how many grants.
    async fn revoke_user(&self, user_id: &str, reason: Reason, now: Ms) -> Result<u64>;
    /// Redeems a code of a grant that is not over, of a person who is not disabled.
    async fn redeem_code(&self, claim: &CodeClaim<'_>, now: Ms) -> Result<Redeemed>;

    /// Stores the first refresh token of a grant.
    async fn put_refresh(&self, token: &RefreshToken) -> Result<()>;
    /// What is known of a refresh token.
    async fn refresh(&self, token: Hash) -> Result<Option<Shown>>;
    /// Spends a refresh token and keeps its successor, which is of the same grant; false when another
    /// request was first, the grant is over, or the person is disabled.
    async fn rotate(&self, rotation: &Rotation, now: Ms) -> Result<bool>;
    /// Stores the result of a check at the provider when no token is exchanged.
    async fn put_checked(&self, grant_id: &str, checked: &Checked) -> Result<()>;
    /// Takes the lease of a grant, for the question to the provider; false while another holds it, or
    /// when the grant has ended. Its holder may take it again.
    async fn lease(&self, grant_id: &str, by: &str, now: Ms, until: Ms) -> Result<bool>;
    /// Releases the lease.
    async fn release(&self, grant_id: &str, by: &str) -> Result<()>;

    /// Lists an access token (`jti`) as revoked until it would have ended.
    async fn revoke_access(&self, jti: &str, expires: Ms) -> Result<()>;
    /// Whether an access token is listed.
    async fn is_revoked(&self, jti: &str) -> Result<bool>;

    /// Stores a sign-in.
    async fn put_login(&self, login: &WebLogin) -> Result<()>;
    /// The sign-in of a cookie and its person, disabled or not, if neither [`IDLE`] nor over; marks it
    /// as seen.
    async fn login(&self, id: Hash, now: Ms) -> Result<Option<(WebLogin, User)>>;
    /// Ends a sign-in.
    async fn end_login(&self, id: Hash) -> Result<()>;

    /// Stores a ticket.
    async fn put_ticket(&self, ticket: &Ticket) -> Result<()>;
    /// A ticket that is neither spent nor over.
    async fn ticket(&self, id: Hash, now: Ms) -> Result<Option<Ticket>>;
    /// Spends it.
    async fn spend_ticket(&self, id: Hash, now: Ms) -> Result<bool>;

    /// Stores a person's Kestra credential, replacing the previous one.
    async fn put_credential(&self, credential: &Credential) -> Result<()>;
    /// A person's credential for a Kestra and tenant.
    async fn credential(
        &self,
        user_id: &str,
        kestra_url: &str,
        tenant: &str,
    ) -> Result<Option<Credential>>;
    /// Marks it as checked, used, or both; that it was used only every [`USED`] milliseconds. One that
    /// is refused stays so.
    async fn touch_credential(&self, id: &str, checked: Option<Ms>, used: Option<Ms>)
    -> Result<()>;
    /// Marks it as refused by Kestra.
    async fn refuse_credential(&self, id: &str) -> Result<()>;
    /// Deletes it.
    async fn delete_credential(
        &self,
        user_id: &str,
        kestra_url: &str,
        tenant: &str,
    ) -> Result<bool>;

    /// Stores a signing key unless its id is known.
    async fn put_signing_key(&self, key: &SigningKey) -> Result<()>;
    /// All signing keys, the oldest first.
    async fn signing_keys(&self) -> Result<Vec<SigningKey>>;
    /// Sets when the others than `kid` are no longer published, unless that was said before.
    async fn retire_signing_keys(&self, kid: &str, drop_at: Ms) -> Result<()>;

    /// Every key id of the ring that was ever used, with a constant sealed under it.
    async fn key_checks(&self) -> Result<Vec<(String, Vec<u8>)>>;
    /// Stores the check of a key unless there is one.
    async fn put_key_check(&self, kid: &str, sealed: &[u8]) -> Result<()>;
    /// Deletes the check of a key that no row uses.
    async fn delete_key_check(&self, kid: &str) -> Result<()>;
    /// Up to `limit` sealed values, in a fixed order, after `after`; without the constants of
    /// [`Store::key_checks`]. Fewer than `limit` are the last ones.
    async fn sealed(&self, after: Option<&Sealed>, limit: u32) -> Result<Vec<Sealed>>;
    /// Replaces a sealed value if it is still the old one.
    async fn reseal(&self, old: &Sealed, new: &[u8]) -> Result<bool>;
}
