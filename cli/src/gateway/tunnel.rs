use hoop_model::Timestamp;
use hoop_tunnel::{Closed, Connection, Dial, DialError, Identity, Stream};
use hoop_wire::{alpn, open::ClientOpen};

use crate::{
    context::Context,
    exit::{Exit, Failure},
    login::session::Credentials,
    output::waiting,
};

/// A logged-in tunnel. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    connection: Connection,
    pub(super) name: String,
    /// When the login behind it ends, where it is not renewed.
    pub(crate) ends_at: Option<Timestamp>,
}

impl Gateway {
    /// Dials the context's gateway with the login's certificate.
    pub async fn dial(context: &Context, credentials: &Credentials) -> Result<Self, Failure> {
        let identity = Identity::from_pem(&credentials.certificate, credentials.key.expose()).map_err(|error| {
            Failure::not_logged_in(format!("the stored login cannot be used ({error}); run `hoopctl login`"))
        })?;
        let mut dial = Dial::new(&context.gateway, context.trust()?, alpn::CLIENT);
        dial.server_name = context.server_name.clone();
        dial.identity = Some(identity);
        let connection = reach(dial).await.map_err(|error| match error {
            // What the login brings is damaged: no waiting helps.
            DialError::Settings(why) => {
                Failure::not_logged_in(format!("the stored login cannot be used ({why}); run `hoopctl login`"))
            }
            error => unreachable(&error),
        })?;
        let ends_at = (!credentials.renewable).then_some(credentials.expires_at);
        Ok(Self { connection, name: context.gateway.clone(), ends_at })
    }

    /// A stream that carries what `open` says.
    pub async fn open(&self, open: &ClientOpen) -> Result<Stream, Failure> {
        let opened = async {
            let mut stream = self.connection.open().await.map_err(|closed| closed.to_string())?;
            stream.write_frame(open).await.map_err(|error| error.to_string())?;
            Ok(stream)
        };
        opened.await.map_err(|error: String| self.lost(&error))
    }

    /// A stream for one request of HTTP, with which what `open` says leaves.
    pub async fn ask(&self, open: &ClientOpen) -> Result<Stream, Failure> {
        let mut stream = self.connection.open().await.map_err(|closed| self.lost(&closed.to_string()))?;
        stream.begin_with(open).map_err(|error| self.lost(&error.to_string()))?;
        stream.end_late();
        Ok(stream)
    }

    /// Completes when the tunnel ends, with why.
    pub async fn closed(&self) -> Failure {
        let closed = self.connection.closed().await;
        self.ended(&closed)
    }

    /// Ends the tunnel and gives the gateway the chance to hear of it.
    pub async fn close(&self) {
        self.connection.close_and_wait(hoop_tunnel::CloseCode::Done, "done").await;
    }

    /// What a broken stream means: the tunnel's own reason, where it has ended.
    pub(crate) fn lost(&self, error: &str) -> Failure {
        match self.connection.close_reason() {
            Some(closed) => self.ended(&closed),
            None => Failure::unreachable(format!("the gateway {} went away: {error}; try again", self.name)),
        }
    }

    fn ended(&self, why: &Closed) -> Failure {
        use hoop_tunnel::CloseCode::{Expired, Revoked, Unauthenticated};
        match why {
            Closed::CertificateRefused { .. } | Closed::Peer { code: Expired | Revoked | Unauthenticated, .. } => {
                Failure::not_logged_in(format!(
                    "the gateway {} ended the login: {why}. Run `hoopctl login`.",
                    self.name
                ))
            }
            _ => Failure::unreachable(format!("the gateway {} went away: {why}; try again", self.name)),
        }
    }
}

pub(super) async fn reach(dial: Dial) -> Result<Connection, DialError> {
    let words = format!("reaching the gateway {}", dial.address);
    waiting(&words, hoop_tunnel::dial(dial)).await
}

pub(super) fn unreachable(error: &DialError) -> Failure {
    match error {
        DialError::Untrusted { .. } => Failure::new(
            Exit::Unreachable,
            "gateway_not_trusted",
            format!(
                "{error}. If the address is right, say by what to know it, at `hoopctl login` or `hoopctl context add`: \
                 --pin SHA256, which `hoop-gateway run` prints, or --ca-file FILE, its authority's certificate \
                 (DATA_DIR/authority/ca.pem at the gateway)."
            ),
        ),
        _ => Failure::unreachable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_is_not_trusted_is_told_apart_and_the_way_out_named() {
        let error = DialError::Untrusted { address: "gw:7443".to_owned(), detail: "unknown issuer".to_owned() };
        let failure = unreachable(&error);
        assert_eq!((failure.exit, failure.code.as_str()), (Exit::Unreachable, "gateway_not_trusted"));
        for words in ["gw:7443", "unknown issuer", "--pin SHA256", "`hoop-gateway run` prints", "--ca-file FILE"] {
            assert!(failure.text.contains(words), "{words}: {failure}");
        }
    }
}
