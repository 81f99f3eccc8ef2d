//! Which resolved addresses the agent connects to. Names are checked after resolution, and the checked address is the
//! one connected to, so a name that changes its mind gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// How far a name may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Named in the agent's own settings: everything but link-local (cloud metadata), multicast and unspecified.
    Configured,
    /// Named by an upstream's answer: not this machine either.
    Named,
}

impl Reach {
    pub(crate) fn allows(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let never = address.is_unspecified()
            || address.is_multicast()
            || match address {
                IpAddr::V4(v4) => v4.is_link_local() || v4.is_broadcast() || v4.octets().first() == Some(&0),
                IpAddr::V6(v6) => v6.is_unicast_link_local() || v6 == AWS_METADATA || embeds_link_local(v6),
            };
        !never && (self == Self::Configured || !address.is_loopback())
    }
}

/// The metadata service's address within AWS's unique local range.
const AWS_METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// NAT64 (64:ff9b::/96) of 169.254/16.
fn embeds_link_local(v6: Ipv6Addr) -> bool {
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)).is_link_local(),
        _ => false,
    }
}

pub(crate) struct Resolver(pub(crate) Reach);

#[derive(Debug, thiserror::Error)]
#[error("'{name}' resolves only to addresses that this agent does not connect to")]
struct Forbidden {
    name: String,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(Forbidden { name: name.as_str().to_owned() }.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn metadata_services_are_out_of_reach() {
        for text in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "fd00:ec2::254",
            "fe80::1",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "ff02::1",
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert!(!Reach::Configured.allows(address), "{text}");
            assert!(!Reach::Named.allows(address), "{text}");
        }
        for text in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(Reach::Configured.allows(text.parse().unwrap()), "{text}");
            assert!(!Reach::Named.allows(text.parse().unwrap()), "{text}");
        }
        // Private endpoints of the clouds' object stores.
        assert!(Reach::Named.allows("10.1.2.3".parse().unwrap()));
    }
}
