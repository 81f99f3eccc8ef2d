//! OAuth client credentials (RFC 6749 §4.4): a new access token for every login, kept nowhere.

use std::{pin::Pin, time::Duration};

use hoop_model::Secret;
use oauth2::{
    AsyncHttpClient, ClientId, ClientSecret, HttpRequest, HttpResponse, RequestTokenError, Scope, TokenResponse,
    TokenUrl, basic::BasicClient,
};
use reqwest::Client;
use tokio::time::timeout;

use super::SecretError;
use crate::OAuthClient;

/// For the whole of it; a login waits.
const LIMIT: Duration = Duration::from_secs(10);
/// A token's answer is some kilobytes.
const LARGEST: usize = 64 * 1024;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum OAuthError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The server's own word, such as `invalid_client`; its description may be about the secret.
    #[error("the authorization server refused the client: {error}")]
    Refused { error: String },
    #[error("the authorization server cannot be reached or does not answer as OAuth says")]
    Server,
    #[error("the authorization server gave no answer within {} s", LIMIT.as_secs())]
    Timeout,
}

#[derive(Debug, thiserror::Error)]
enum HttpError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error("the answer is too long")]
    TooLong,
}

/// An access token for `client`, fetched by `http`.
pub(crate) async fn token(client: &OAuthClient, http: &Client) -> Result<Secret<String>, OAuthError> {
    let secret = client.client_secret.resolve().await?;
    let asking = BasicClient::new(ClientId::new(client.client_id.clone()))
        .set_client_secret(ClientSecret::new(secret.expose().clone()))
        .set_token_uri(TokenUrl::from_url(client.token_url.clone()));
    let sender = Sender(http);
    let request = asking.exchange_client_credentials().add_scopes(client.scope.clone().map(Scope::new));
    let answered = timeout(LIMIT, request.request_async(&sender)).await.map_err(|_| OAuthError::Timeout)?;
    match answered {
        Ok(answer) => Ok(Secret::new(answer.access_token().secret().clone())),
        Err(RequestTokenError::ServerResponse(refusal)) => {
            Err(OAuthError::Refused { error: refusal.error().as_ref().chars().take(64).collect() })
        }
        Err(_) => Err(OAuthError::Server),
    }
}

/// The agent's own HTTP client, as that of `oauth2`.
struct Sender<'h>(&'h Client);

impl<'c> AsyncHttpClient<'c> for Sender<'_> {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let mut answer = self.0.execute(request.try_into()?).await?;
            let mut body = Vec::new();
            while let Some(piece) = answer.chunk().await? {
                body.extend_from_slice(&piece);
                if body.len() > LARGEST {
                    return Err(HttpError::TooLong);
                }
            }
            let mut response = HttpResponse::new(body);
            *response.status_mut() = answer.status();
            *response.headers_mut() = std::mem::take(answer.headers_mut());
            Ok(response)
        })
    }
}
