//! A listener.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::error::StartError;

/// A listener, and where it listens.
pub(super) struct Bound {
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
}

impl Bound {
    pub(super) async fn to(asked: SocketAddr, setting: &'static str) -> Result<Self, StartError> {
        let bound = async {
            let listener = TcpListener::bind(asked).await?;
            let address = listener.local_addr()?;
            Ok(Self { listener, address })
        };
        bound.await.map_err(|source| StartError::Listen {
            address: asked,
            setting,
            source,
        })
    }
}
