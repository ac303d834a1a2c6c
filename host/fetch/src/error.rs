//! Why a request brought no answer.

use std::error::Error as _;
use std::io;

use url::Url;

use crate::address::RefusedAddress;
use crate::resolver::Unresolved;

/// Why a request brought no answer. No message tells the address or a header: whoever asked adds the name under which
/// it knows the other side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No such binding, or one that cannot be used.
    #[error("there is no upstream named {0} in the configuration")]
    UnknownBinding(String),
    /// The request itself is wrong.
    #[error("{0}")]
    InvalidRequest(String),
    /// The address may not be connected to.
    #[error(transparent)]
    Refused(#[from] RefusedAddress),
    /// An address that whoever asked does not let through.
    #[error("it leads to {}, which may not be read", .0.host_str().unwrap_or_default())]
    NotAllowed(Box<Url>),
    /// No connection, or one that broke.
    #[error("it could not be reached: {0}")]
    Unreachable(String),
    /// A redirect that is not followed.
    #[error("{0}")]
    Redirect(String),
    #[error("it did not answer within {0} ms")]
    Timeout(u64),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(u64),
}

impl FetchError {
    /// Whether the other side as a whole cannot be reached, rather than what was asked of it.
    pub(crate) fn is_of_the_host(&self) -> bool {
        matches!(self, Self::Unreachable(reason) if !reason.contains("broke off") && !reason.contains("reset"))
    }

    /// Tells what went wrong in words of ours: the client's own errors name the address.
    pub(crate) fn from_client(error: &reqwest::Error) -> Self {
        let mut reason = if error.is_body() || error.is_decode() {
            "the answer broke off or is not valid HTTP"
        } else if error.is_connect() {
            "no connection"
        } else {
            "the exchange broke off"
        };
        let mut source = error.source();
        while let Some(cause) = source {
            if let Some(refused) = cause.downcast_ref::<RefusedAddress>() {
                return Self::Refused(*refused);
            }
            if cause.is::<Unresolved>() {
                return Self::Unreachable("its name does not resolve".into());
            }
            if cause.is::<rustls::Error>() {
                reason = "its certificate or TLS version is not accepted";
            } else if let Some(error) = cause.downcast_ref::<io::Error>() {
                if let Some(inner) = error.get_ref()
                    && inner.is::<rustls::Error>()
                {
                    reason = "its certificate or TLS version is not accepted";
                    break;
                }
                reason = match error.kind() {
                    io::ErrorKind::ConnectionRefused => "the connection was refused",
                    io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "the connection was reset",
                    io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "there is no route to it",
                    io::ErrorKind::TimedOut => "the connection timed out",
                    io::ErrorKind::UnexpectedEof => "the answer broke off",
                    _ => reason,
                };
            }
            source = cause.source();
        }
        Self::Unreachable(reason.into())
    }
}
