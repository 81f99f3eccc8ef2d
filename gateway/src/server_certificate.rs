//! The gateway's own certificate: made anew by its authority at two thirds of its life, for the tunnels to come.

use std::{sync::Arc, time::Duration};

use hoop_model::{Timestamp, later};
use hoop_tunnel::{Identity, Listener};

use crate::{
    Gateway, StartError,
    authority::{Authority, SERVER_CERTIFICATE_LIFE},
};

/// How often the clock is asked whether it is due; also the pause before a renewal that failed is tried again.
const LOOK: Duration = Duration::from_secs(60);

pub(crate) struct ServerCertificate {
    listener: Arc<Listener>,
    due: Timestamp,
}

/// A new one, and when the next is due.
pub(crate) fn issue(
    authority: &Authority,
    names: &[String],
    now: Timestamp,
) -> Result<(Identity, Timestamp), StartError> {
    let (chain, key) = authority.server(names, now)?;
    Ok((Identity::from_pem(&chain, &key)?, later(now, SERVER_CERTIFICATE_LIFE / 3 * 2)))
}

impl ServerCertificate {
    /// `due`: as [`issue`] said of the one that `listener` has.
    pub(crate) fn new(listener: Arc<Listener>, due: Timestamp) -> Self {
        Self { listener, due }
    }

    /// Never returns.
    pub(crate) async fn keep_fresh(mut self, gateway: Arc<Gateway>) {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.renew_if_due(&gateway.authority, &gateway.settings.names, gateway.clock.now()) {
                Ok(false) => {}
                Ok(true) => tracing::info!(next = %self.due, "the gateway's own certificate was renewed"),
                Err(error) => tracing::error!(%error, "the gateway's own certificate was not renewed; trying again"),
            }
        }
    }

    fn renew_if_due(&mut self, authority: &Authority, names: &[String], now: Timestamp) -> Result<bool, StartError> {
        if now < self.due {
            return Ok(false);
        }
        let (identity, due) = issue(authority, names, now)?;
        self.listener.set_identity(identity).map_err(StartError::Identity)?;
        self.due = due;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use hoop_model::{Clock, SystemClock, earlier};
    use hoop_tunnel::{Dial, Trust, certificates, dial};
    use hoop_wire::alpn;

    use super::*;

    #[tokio::test]
    async fn tunnels_to_come_see_a_new_certificate_of_the_same_authority() {
        let dir = tempfile::tempdir().unwrap();
        let now = SystemClock.now();
        // The first is good for TLS, which asks the machine's clock, but two thirds of its life are over.
        let made = earlier(now, SERVER_CERTIFICATE_LIFE / 3 * 2);
        let authority = Authority::open(dir.path(), made).unwrap();
        let names = ["127.0.0.1".to_owned()];
        let (identity, due) = issue(&authority, &names, made).unwrap();
        let clients = certificates(authority.certificate()).unwrap();
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), identity, clients.clone(), &[alpn::LOGIN]);
        let listener = Arc::new(listener.unwrap());
        let mut certificate = ServerCertificate::new(listener.clone(), due);
        let seen = async || {
            let address = listener.local_addr().unwrap().to_string();
            let tunnel = dial(Dial::new(address, Trust::Authority(clients.clone()), alpn::LOGIN)).await.unwrap();
            tunnel.peer_certificates().unwrap().first().unwrap().clone()
        };
        let first = seen().await;
        assert!(!certificate.renew_if_due(&authority, &names, earlier(due, LOOK)).unwrap());
        assert_eq!(seen().await, first);
        assert!(certificate.renew_if_due(&authority, &names, now).unwrap());
        assert_ne!(seen().await, first);
        assert!(!certificate.renew_if_due(&authority, &names, now).unwrap(), "the next is due much later");
    }
}
