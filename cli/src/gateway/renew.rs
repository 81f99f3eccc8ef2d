//! Keeps a long-lived tunnel's login fresh: at two thirds of the certificate's life a new ID token goes up, and the
//! tunnel goes on (`identity.md` §2.5).

use std::time::Duration;

use hoop_model::{Clock, SystemClock};
use hoop_wire::open::ClientOpen;

use super::Gateway;
use crate::{context::Context, exit::Failure, login};

/// Before a renewal that failed is tried again, while the login is still good.
const AGAIN: Duration = Duration::from_secs(20);

impl Gateway {
    /// Renews in the background until the tunnel ends. A workload's login is not renewed: its session ends with it.
    pub fn keep_renewed(&self, context: &Context, credentials: &login::session::Credentials) {
        let (gateway, context) = (self.clone(), context.clone());
        let mut credentials = credentials.clone();
        tokio::spawn(async move {
            loop {
                let due = credentials.renew_at().duration_since(SystemClock.now());
                tokio::select! {
                    () = tokio::time::sleep(due.unsigned_abs()), if due.is_positive() => {}
                    () = std::future::ready(()), if !due.is_positive() => {}
                    _ = gateway.closed() => return,
                }
                match gateway.renew(&context).await {
                    Ok(renewed) => credentials = renewed,
                    Err(failure) => {
                        tracing::warn!(%failure, "the login could not be renewed yet");
                        if SystemClock.now() >= credentials.expires_at {
                            return;
                        }
                        tokio::time::sleep(AGAIN).await;
                    }
                }
            }
        });
    }

    async fn renew(&self, context: &Context) -> Result<login::session::Credentials, Failure> {
        let renewal = login::renewal(context).await?;
        let open = ClientOpen::Renew {
            id_token: renewal.id_token,
            certificate_request: renewal.certificate_request,
            binding: renewal.binding,
        };
        let mut stream = self.open(&open).await?;
        let answer = stream.read_frame().await.map_err(|error| self.lost(&error.to_string()))?;
        login::renewed(context, answer).await
    }
}
