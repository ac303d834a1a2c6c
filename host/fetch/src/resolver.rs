//! Resolves names and lets through only the addresses that may be connected to.

use std::io;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::{self, Reach};

/// The system's resolver behind the address check. The client connects to what it gives and to nothing else.
#[derive(Debug)]
pub(crate) struct CheckedResolver {
    pub(crate) reach: Reach,
}

/// A name without any address.
#[derive(Debug, thiserror::Error)]
#[error("its name does not resolve")]
pub(crate) struct Unresolved(#[source] pub(crate) io::Error);

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(Unresolved)?;
            let (mut allowed, mut refused) = (Vec::new(), None);
            for socket in found {
                match address::check(socket.ip(), reach) {
                    Ok(()) => allowed.push(socket),
                    Err(refusal) => refused = Some(refusal),
                }
            }
            match refused {
                Some(refusal) if allowed.is_empty() => Err(refusal.into()),
                _ if allowed.is_empty() => Err(Unresolved(io::ErrorKind::NotFound.into()).into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}
