//! Which network addresses may be connected to.
//!
//! The rule is applied to the address of the connection itself, never to a name, so that a name that resolves to
//! something else a moment later gains nothing.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far a request may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Addresses of the public internet only.
    Public,
    /// Private and loopback addresses as well.
    Private,
    /// Link-local addresses as well, where machines in clouds find their credentials.
    LinkLocal,
}

impl Reach {
    /// How far a redirect to another origin may reach: nobody wrote its address into the configuration.
    pub(crate) fn elsewhere(self) -> Self {
        match self {
            Self::Public => Self::Public,
            Self::Private | Self::LinkLocal => Self::Private,
        }
    }

    fn covers(self, kind: AddressKind) -> bool {
        match kind {
            AddressKind::Loopback | AddressKind::Private | AddressKind::CarrierShared => self != Self::Public,
            AddressKind::LinkLocal => self == Self::LinkLocal,
            // Nothing can be meant by connecting to such an address.
            AddressKind::Unspecified | AddressKind::Multicast | AddressKind::Reserved => false,
        }
    }
}

/// What an address that is not on the public internet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    Unspecified,
    Loopback,
    Private,
    LinkLocal,
    /// The range that providers share between customers, `100.64.0.0/10`.
    CarrierShared,
    Multicast,
    /// Set aside for documentation, measurements or the future.
    Reserved,
}

impl fmt::Display for AddressKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::LinkLocal => "link-local",
            Self::CarrierShared => "carrier-shared",
            Self::Multicast => "multicast",
            Self::Reserved => "reserved",
        })
    }
}

/// An address that may not be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its address is {kind}, and such addresses are refused")]
pub struct RefusedAddress {
    pub kind: AddressKind,
}

/// Refuses an address that is out of reach.
pub(crate) fn check(address: IpAddr, reach: Reach) -> Result<(), RefusedAddress> {
    match classify(address) {
        Some(kind) if !reach.covers(kind) => Err(RefusedAddress { kind }),
        _ => Ok(()),
    }
}

/// What an address is for; none when it is an ordinary public one.
fn classify(address: IpAddr) -> Option<AddressKind> {
    match address {
        IpAddr::V4(address) => classify_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(inner) => classify_v4(inner),
            None => classify_v6(address),
        },
    }
}

fn classify_v4(address: Ipv4Addr) -> Option<AddressKind> {
    let kind = match address.octets() {
        [0, ..] => AddressKind::Unspecified,
        [127, ..] => AddressKind::Loopback,
        [10, ..] | [192, 168, ..] => AddressKind::Private,
        [172, second, ..] if (16..32).contains(&second) => AddressKind::Private,
        [169, 254, ..] => AddressKind::LinkLocal,
        [100, second, ..] if (64..128).contains(&second) => AddressKind::CarrierShared,
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => AddressKind::Reserved,
        [198, 18 | 19, ..] => AddressKind::Private,
        [first, ..] if (224..240).contains(&first) => AddressKind::Multicast,
        [first, ..] if first >= 240 => AddressKind::Reserved,
        _ => return None,
    };
    Some(kind)
}

fn classify_v6(address: Ipv6Addr) -> Option<AddressKind> {
    let kind = match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressKind::Loopback,
        [first, ..] if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfec0 => AddressKind::Private,
        // The range for translators of one's own network.
        [0x64, 0xff9b, 1, ..] => AddressKind::Private,
        [first, ..] if first & 0xffc0 == 0xfe80 => AddressKind::LinkLocal,
        [first, ..] if first & 0xff00 == 0xff00 => AddressKind::Multicast,
        // Documentation, discard, and Teredo, whose packets go wherever the address says.
        [0x2001, 0xdb8 | 0, ..] | [0x100, 0, 0, 0, ..] => AddressKind::Reserved,
        [0x3fff, second, ..] if second < 0x1000 => AddressKind::Reserved,
        _ => return None,
    };
    Some(kind)
}

/// The IPv4 address that an IPv6 one stands for: mapped, compatible, 6to4 and the well-known prefix of translators.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => None,
        [0, 0, 0, 0, 0, 0xffff | 0, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => from(high, low),
        [0x2002, high, low, ..] => from(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("0.0.0.0", AddressKind::Unspecified)]
    #[case("127.0.0.1", AddressKind::Loopback)]
    #[case("127.8.9.1", AddressKind::Loopback)]
    #[case("10.1.2.3", AddressKind::Private)]
    #[case("172.16.0.1", AddressKind::Private)]
    #[case("172.31.255.255", AddressKind::Private)]
    #[case("192.168.1.1", AddressKind::Private)]
    #[case("198.19.0.1", AddressKind::Private)]
    #[case("169.254.169.254", AddressKind::LinkLocal)]
    #[case("100.64.0.1", AddressKind::CarrierShared)]
    #[case("224.0.0.1", AddressKind::Multicast)]
    #[case("255.255.255.255", AddressKind::Reserved)]
    #[case("192.0.2.7", AddressKind::Reserved)]
    #[case("::", AddressKind::Unspecified)]
    #[case("::1", AddressKind::Loopback)]
    #[case("::ffff:127.0.0.1", AddressKind::Loopback)]
    #[case("::ffff:0:10.0.0.1", AddressKind::Private)]
    #[case("::10.0.0.1", AddressKind::Private)]
    #[case("64:ff9b::a9fe:a9fe", AddressKind::LinkLocal)]
    #[case("64:ff9b:1::1", AddressKind::Private)]
    #[case("2002:7f00:1::", AddressKind::Loopback)]
    #[case("fc00::1", AddressKind::Private)]
    #[case("fd12:3456::1", AddressKind::Private)]
    #[case("fec0::1", AddressKind::Private)]
    #[case("fe80::1", AddressKind::LinkLocal)]
    #[case("ff02::1", AddressKind::Multicast)]
    #[case("2001:db8::1", AddressKind::Reserved)]
    #[case("2001::1", AddressKind::Reserved)]
    fn not_public(#[case] address: IpAddr, #[case] kind: AddressKind) {
        assert_eq!(check(address, Reach::Public), Err(RefusedAddress { kind }));
    }

    #[rstest]
    #[case("1.1.1.1")]
    #[case("172.32.0.1")]
    #[case("100.128.0.1")]
    #[case("140.82.112.3")]
    #[case("2606:4700::1111")]
    #[case("64:ff9b::101:101")]
    #[case("2002:101:101::1")]
    fn public(#[case] address: IpAddr) {
        assert_eq!(check(address, Reach::Public), Ok(()));
    }

    #[rstest]
    #[case("127.0.0.1", true)]
    #[case("10.0.0.1", true)]
    #[case("::ffff:127.0.0.1", true)]
    #[case("169.254.1.1", true)]
    #[case("0.0.0.0", false)]
    #[case("224.0.0.1", false)]
    #[case("255.255.255.255", false)]
    #[case("ff02::1", false)]
    fn within_reach_of_private_bindings(#[case] address: IpAddr, #[case] allowed: bool) {
        assert_eq!(check(address, Reach::LinkLocal).is_ok(), allowed);
    }

    #[test]
    fn redirects_do_not_reach_link_local_addresses() {
        let metadata: IpAddr = "169.254.169.254".parse().unwrap();
        assert!(check(metadata, Reach::LinkLocal).is_ok());
        for reach in [Reach::Public, Reach::Private, Reach::LinkLocal] {
            assert!(check(metadata, reach.elsewhere()).is_err());
        }
        assert!(check("10.0.0.1".parse().unwrap(), Reach::LinkLocal.elsewhere()).is_ok());
    }
}
