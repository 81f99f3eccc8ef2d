//! The identity provider: discovery, the code's exchange, refresh and revocation, by `openidconnect`.

use hoop_model::Secret;
use hoop_wire::login::PersonLogin;
use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AuthenticationFlow, AuthorizationCode, ClientId, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, ProviderMetadata, RedirectUrl, RefreshToken, Scope, TokenResponse,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreErrorResponseType,
        CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
        CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
    },
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    error::LoginError,
    web::{Web, WebError, is_acceptable},
};

/// What we need of discovery beyond what `openidconnect` reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct More {
    revocation_endpoint: Option<Url>,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
    /// RFC 9207.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What the provider gave.
pub struct Tokens {
    pub id_token: Option<Secret<String>>,
    pub refresh_token: Option<Secret<String>>,
}

/// A login under way: what must come back, and what it is checked with.
pub(super) struct Attempt {
    /// For the browser.
    pub url: Url,
    pub state: CsrfToken,
    verifier: PkceCodeVerifier,
    nonce: Nonce,
    redirect: RedirectUrl,
}

/// A provider whose discovery document was read and is good enough.
pub(super) struct Provider {
    issuer: String,
    scopes: Vec<String>,
    client: Client,
    revocation: Option<Url>,
    /// Whether its answers name it (RFC 9207), and so must.
    pub names_itself: bool,
    web: Web,
}

impl Provider {
    pub(super) async fn discover(login: &PersonLogin) -> Result<Self, LoginError> {
        let failed = |why: String| LoginError::provider(&login.issuer, why);
        let issuer = IssuerUrl::new(login.issuer.clone()).map_err(|error| failed(error.to_string()))?;
        if !is_acceptable(issuer.url()) {
            return Err(failed("it is not reached over HTTPS".to_owned()));
        }
        let web = Web::towards(issuer.url()).map_err(|error| failed(error.to_string()))?;
        let http = |request| {
            let web = web.clone();
            async move { web.exchange(request).await }
        };
        let metadata = Metadata::discover_async(issuer, &http).await.map_err(|error| failed(cause(&error)))?;
        let more = metadata.additional_metadata().clone();
        if !more.code_challenge_methods_supported.iter().any(|method| method == "S256") {
            return Err(failed("it does not offer PKCE with S256, without which a login could be stolen".to_owned()));
        }
        let endpoints = [Some(metadata.authorization_endpoint().url()), metadata.token_endpoint().map(|url| url.url())];
        if !endpoints.iter().all(|endpoint| endpoint.is_some_and(is_acceptable)) {
            return Err(failed("one of its endpoints is missing or not HTTPS".to_owned()));
        }
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new(login.client_id.clone()), None);
        Ok(Self {
            issuer: login.issuer.clone(),
            scopes: login.scopes.clone(),
            client,
            revocation: more.revocation_endpoint,
            names_itself: more.authorization_response_iss_parameter_supported,
            web,
        })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Begins a login whose answer goes to `redirect`, and whose ID token must carry `nonce`.
    pub(super) fn attempt(&self, redirect: &str, nonce: String) -> Result<Attempt, LoginError> {
        let redirect =
            RedirectUrl::new(redirect.to_owned()).map_err(|error| LoginError::provider(&self.issuer, error))?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client.clone().set_redirect_uri(redirect.clone());
        // `openid` is always asked for by the library.
        let scopes = self.scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new);
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = client.authorize_url(flow, CsrfToken::new_random, || Nonce::new(nonce));
        let request = request.add_scopes(scopes).set_pkce_challenge(challenge);
        let (url, state, nonce) = request.url();
        Ok(Attempt { url, state, verifier, nonce, redirect })
    }

    /// Exchanges the code, and checks the ID token as a client must (OpenID Connect Core §3.1.3.7).
    pub(super) async fn redeem(&self, code: String, attempt: Attempt) -> Result<Tokens, LoginError> {
        let failed = |why: String| LoginError::provider(&self.issuer, why);
        let client = self.client.clone().set_redirect_uri(attempt.redirect);
        let http = self.http();
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| failed(error.to_string()))?
            .set_pkce_verifier(attempt.verifier)
            .request_async(&http)
            .await
            .map_err(|error| failed(told(&error)))?;
        let id_token = answer.id_token().ok_or_else(|| failed("it gave no ID token".to_owned()))?;
        let verifier = self.verifier();
        let claims = id_token.claims(&verifier, &attempt.nonce).map_err(|error| failed(error.to_string()))?;
        if let Some(expected) = claims.access_token_hash() {
            let actual = id_token
                .signing_alg()
                .ok()
                .zip(id_token.signing_key(&verifier).ok())
                .and_then(|(alg, key)| AccessTokenHash::from_token(answer.access_token(), alg, key).ok());
            if actual.as_ref() != Some(expected) {
                return Err(failed("its access token does not belong to its ID token".to_owned()));
            }
        }
        Ok(tokens(&answer))
    }

    /// Exchanges a refresh token, which is then used up. The gateway checks the ID token that may come with it.
    pub(super) async fn refresh(&self, token: &Secret<String>) -> Result<Tokens, RefreshError> {
        let token = RefreshToken::new(token.expose().clone());
        let http = self.http();
        let request =
            self.client.exchange_refresh_token(&token).map_err(|error| RefreshError::Failed(error.to_string()))?;
        match request.request_async(&http).await {
            Ok(answer) => Ok(tokens(&answer)),
            // Every other error may pass (RFC 6749 §5.2): the token is still good then.
            Err(openidconnect::RequestTokenError::ServerResponse(said))
                if *said.error() == CoreErrorResponseType::InvalidGrant =>
            {
                Err(RefreshError::Refused)
            }
            Err(error) => Err(RefreshError::Failed(told(&error))),
        }
    }

    /// Ends a refresh token and all that came of it (RFC 7009 §2.1). `false`: the provider does not offer that. By hand,
    /// since the library knows no loopback provider here.
    pub(super) async fn revoke(&self, token: &Secret<String>) -> Result<bool, LoginError> {
        let Some(url) = &self.revocation else { return Ok(false) };
        let form = [
            ("token", token.expose().as_str()),
            ("token_type_hint", "refresh_token"),
            ("client_id", self.client.client_id().as_str()),
        ];
        self.web.post_form(url, &form).await.map_err(|error| LoginError::provider(&self.issuer, error))?;
        Ok(true)
    }

    fn verifier(&self) -> openidconnect::core::CoreIdTokenVerifier<'_> {
        self.client.id_token_verifier().set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EcdsaP384Sha384,
            CoreJwsSigningAlgorithm::EdDsa,
        ])
    }

    fn http(
        &self,
    ) -> impl Fn(
        openidconnect::HttpRequest,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<openidconnect::HttpResponse, WebError>> + Send>>
    + use<> {
        let web = self.web.clone();
        move |request| {
            let web = web.clone();
            Box::pin(async move { web.exchange(request).await })
        }
    }
}

/// Why a refresh brought nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum RefreshError {
    /// Used up, revoked, too old, or its owner is disabled.
    #[error("the identity provider ended the login")]
    Refused,
    /// Nothing is known: the provider may not have been reached.
    #[error("{0}")]
    Failed(String),
}

fn tokens(answer: &CoreTokenResponse) -> Tokens {
    Tokens {
        id_token: answer.id_token().map(|token| Secret::new(token.to_string())),
        refresh_token: answer.refresh_token().map(|token| Secret::new(token.secret().clone())),
    }
}

/// The provider's own words where it gave an error, else the last cause. Parse errors are not told: they quote.
fn told<E, T>(error: &openidconnect::RequestTokenError<E, T>) -> String
where
    E: std::error::Error + 'static,
    T: openidconnect::ErrorResponse + std::fmt::Display,
{
    match error {
        openidconnect::RequestTokenError::ServerResponse(response) => response.to_string(),
        openidconnect::RequestTokenError::Request(error) => cause(error),
        _ => "its answer cannot be read".to_owned(),
    }
}

fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
