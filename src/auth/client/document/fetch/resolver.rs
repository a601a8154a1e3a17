//! Which addresses a fetch may connect to.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

use crate::auth::client::document::outside::{Names as _, Outside, System};
use crate::auth::client::document::public_address::is_public;

#[derive(Debug, Error)]
#[error("the name leads to no public address")]
pub(super) struct NoPublicAddress;

#[derive(Debug, Error)]
#[error("the name does not resolve")]
pub(super) struct NoName;

/// Gives a connection only addresses that may be asked: those are what it connects to, so there is
/// no second look-up that could say otherwise.
#[derive(Debug)]
pub(super) struct Guard(pub(super) Outside);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let Outside { names, also, .. } = self.0.clone();
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await.map_err(|_| NoName)?;
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

/// Looks up the name of the proxy alone, which is inside: no document is fetched past it.
#[derive(Debug)]
pub(super) struct Inside(pub(super) Arc<str>);

impl Resolve for Inside {
    fn resolve(&self, name: Name) -> Resolving {
        let proxy = Arc::clone(&self.0);
        Box::pin(async move {
            if !name.as_str().eq_ignore_ascii_case(&proxy) {
                return Err(NoName.into());
            }
            let found = System.addresses(&proxy).await.map_err(|_| NoName)?;
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn c6_no_name_but_that_of_the_proxy_is_looked_up_past_it() {
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
