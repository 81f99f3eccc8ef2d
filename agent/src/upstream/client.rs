//! The HTTP client towards one upstream: no redirects, no retries, no decompression, no proxy of the environment's.

use std::{net::IpAddr, sync::Arc, time::Duration};

use hoop_tunnel::certificates;
use reqwest::{Client, redirect, retry};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_platform_verifier::Verifier;
use url::{Host, Url};

use super::address::{Reach, Resolver};

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// A client for `url`'s host. `authority`, in PEM, replaces the machine's store.
pub(super) fn build(url: &Url, authority: Option<&str>, reach: Reach) -> Result<Client, String> {
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    if literal.is_some_and(|address| !reach.allows(address)) {
        return Err("the url's address is one that this agent does not connect to; give another".to_owned());
    }
    Client::builder()
        .tls_backend_preconfigured(tls(url.scheme() == "https", authority)?)
        .dns_resolver(Resolver(reach))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .connect_timeout(CONNECT_LIMIT)
        .pool_idle_timeout(IDLE_LIMIT)
        .build()
        .map_err(|error| format!("the HTTP client cannot be set up: {error}"))
}

fn tls(needed: bool, authority: Option<&str>) -> Result<ClientConfig, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mut roots = RootCertStore::empty();
    match authority {
        Some(pem) => {
            for certificate in certificates(pem).map_err(|error| format!("ca: {error}"))? {
                roots.add(certificate).map_err(|error| format!("ca: {error}"))?;
            }
        }
        None if needed => {
            let verifier = Verifier::new(provider).map_err(|error| {
                format!("the machine's certificate store cannot be used ({error}); install one or give 'ca'")
            })?;
            let tls = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
            return Ok(tls.with_no_client_auth());
        }
        // Plain HTTP: nobody is trusted, should a TLS connection be tried after all.
        None => {}
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
