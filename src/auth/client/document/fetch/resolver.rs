//! Name resolution for fetches: which IP addresses they may connect to.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

use crate::auth::client::document::network::{Network, Resolver as _, SystemResolver};
use crate::auth::client::document::public_address::is_public;

#[derive(Debug, Error)]
#[error("the name resolves to no public IP address")]
pub(super) struct NoPublicAddress;

#[derive(Debug, Error)]
#[error("the name does not resolve")]
pub(super) struct NoName;

/// Resolves names to allowed IP addresses only. The connection uses exactly these, so no second
/// look-up can give others.
#[derive(Debug)]
pub(super) struct Guard(pub(super) Network);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let Network { resolver, also, .. } = self.0.clone();
        Box::pin(async move {
            let found = resolver
                .addresses(name.as_str())
                .await
                .map_err(|_| NoName)?;
            let public: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| is_public(*address) || also.contains(address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if public.is_empty() {
                return Err(NoPublicAddress.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Resolves the name of the proxy only, which may be private: no document is fetched past the
/// proxy.
#[derive(Debug)]
pub(super) struct Inside(pub(super) Arc<str>);

impl Resolve for Inside {
    fn resolve(&self, name: Name) -> Resolving {
        let proxy = Arc::clone(&self.0);
        Box::pin(async move {
            if !name.as_str().eq_ignore_ascii_case(&proxy) {
                return Err(NoName.into());
            }
            let found = SystemResolver.addresses(&proxy).await.map_err(|_| NoName)?;
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn c6_with_a_proxy_only_its_own_name_is_resolved() {
        let inside = Inside("localhost".into());
        let looked = async |name: &str| inside.resolve(name.parse().unwrap()).await.is_ok();
        assert!(looked("localhost").await);
        assert!(looked("LocalHost").await);
        for name in [
            "localhost.",
            "localhost.localdomain",
            "client.example",
            "ip6-localhost",
        ] {
            assert!(!looked(name).await, "{name}");
        }
    }
}
