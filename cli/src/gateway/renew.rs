//! Keeps a long-lived tunnel's login fresh: at two thirds of the certificate's life a new token goes up, and the tunnel
//! goes on (`identity.md` §2.5).

use std::time::Duration;

use hoop_model::{Clock, SystemClock};
use hoop_wire::{login::LoginAnswer, open::ClientOpen};

use super::Gateway;
use crate::{
    context::Context,
    exit::{Exit, Failure},
    login::{self, session::Credentials},
};

/// Before a renewal that failed is tried again, while the login is still good.
const AGAIN: Duration = Duration::from_secs(20);

impl Gateway {
    /// Renews in the background until the tunnel ends, where the login can be renewed at all.
    pub fn keep_renewed(&self, context: &Context, credentials: &Credentials) {
        if !credentials.renewable {
            return;
        }
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
                match gateway.renew(&context, &credentials).await {
                    Ok(renewed) => credentials = renewed,
                    Err(failure) => {
                        tracing::warn!(%failure, "the login could not be renewed");
                        // No waiting mends what only a new login does.
                        if failure.exit == Exit::NotLoggedIn || SystemClock.now() >= credentials.expires_at {
                            return;
                        }
                        tokio::time::sleep(AGAIN).await;
                    }
                }
            }
        });
    }

    /// Renews the tunnel's login, which was got with `live`, and keeps what the gateway granted.
    pub async fn renew(&self, context: &Context, live: &Credentials) -> Result<Credentials, Failure> {
        let ask = async |request| -> Result<LoginAnswer, Failure> {
            let mut stream = self.open(&ClientOpen::Renew(request)).await?;
            stream.read_frame().await.map_err(|error| self.lost(&error.to_string()))
        };
        login::renew_live(context, live, ask).await
    }
}
