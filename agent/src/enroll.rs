//! First contact: a one-time join token becomes a certificate for a key that was made here and stays here.

use hoop_model::{Clock, Fault, Secret};
use hoop_tunnel::{CloseCode, Dial, DialError, StreamError, Trust, dial};
use hoop_wire::{
    alpn,
    enrol::{EnrolAnswer, EnrolRequest},
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};

use crate::{
    AgentSettings,
    join_token::{InvalidJoinToken, JoinToken},
    state::{self, StateError, StoredIdentity},
};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnrollError {
    #[error(transparent)]
    Token(#[from] InvalidJoinToken),
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error("the gateway broke off the enrolment ({0}); if the token no longer works, make a new one")]
    Stream(#[from] StreamError),
    #[error("the gateway refused to enrol this agent: {0}")]
    Refused(Fault),
    #[error("no key could be made: {0}")]
    Key(#[from] rcgen::Error),
    #[error(transparent)]
    State(#[from] StateError),
}

/// Enrols with `token` and stores the identity in the state folder; an older one is replaced.
pub(crate) async fn enroll(
    settings: &AgentSettings,
    token: &JoinToken,
    clock: &dyn Clock,
) -> Result<StoredIdentity, EnrollError> {
    // Before the token is used up, be sure that there is a place for what it buys.
    state::prepare(&settings.state_dir)?;
    let (key, certificate_request) = request()?;
    let gateway = Dial {
        server_name: settings.server_name.clone(),
        ..Dial::new(&settings.gateway, Trust::Pin(token.pin), alpn::ENROL)
    };
    let connection = dial(gateway).await?;
    let mut stream = connection.open().await.map_err(|closed| StreamError::Lost(std::io::Error::other(closed)))?;
    stream.write_frame(&EnrolRequest { token: token.secret.clone(), certificate_request }).await?;
    let answer = stream.read_frame().await?;
    connection.close_and_wait(CloseCode::Done, "enrolled").await;
    match answer {
        EnrolAnswer::Enrolled(issued) => {
            let identity = StoredIdentity::new(issued, key, clock.now());
            identity.store(&settings.state_dir)?;
            tracing::info!(agent = %identity.agent, name = identity.name, expires = %identity.expires_at, "enrolled");
            Ok(identity)
        }
        EnrolAnswer::Refused(fault) => Err(EnrollError::Refused(fault)),
    }
}

/// A new key in PEM and the request to certify it. The gateway knows the name from the token: the request carries none.
pub(crate) fn request() -> Result<(Secret<String>, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key)?.pem()?;
    Ok((Secret::new(key.serialize_pem()), request))
}
