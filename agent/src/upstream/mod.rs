//! The upstreams of this agent, and the streams the gateway opens to them.

mod address;
mod client;
mod fetch;
mod forward;
mod http;
mod snowflake;
mod stdio;

use std::{collections::HashMap, sync::Arc, time::Duration};

use ::http::{Request, Response};
use hoop_model::{Clock, ConnectionName, Fault, Retry, SessionId, Side};
use hoop_tunnel::Stream;
use hoop_wire::{
    link,
    open::{UpstreamAnswer, UpstreamOpen},
};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::timeout;

use self::{http::HttpUpstream, snowflake::SnowflakeUpstream, stdio::StdioUpstream};
use crate::{
    AgentSettings, SecretError, Target,
    receipts::{Counted, Of, Passing, Receipts},
};

/// A request from the gateway, counted as it is read.
type Incoming = Counted<hyper::body::Incoming>;

/// The gateway opens a stream with its first frame: one without is a mistake.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// An upstream that cannot be set up as configured.
#[derive(Debug, thiserror::Error)]
#[error("upstream '{connection}': {problem}")]
pub struct UpstreamError {
    pub connection: ConnectionName,
    /// What is wrong and what to do.
    pub problem: String,
}

pub(crate) struct Upstreams {
    announced: Vec<link::Upstream>,
    by_name: HashMap<ConnectionName, Upstream>,
}

enum Upstream {
    Http(HttpUpstream),
    Stdio(StdioUpstream),
    Snowflake(Box<SnowflakeUpstream>),
}

impl Upstreams {
    /// Sets all up, and fetches every secret once to be sure that it can be had.
    pub(crate) async fn build(settings: &AgentSettings, clock: Arc<dyn Clock>) -> Result<Self, UpstreamError> {
        let mut by_name = HashMap::new();
        for upstream in &settings.upstreams {
            let wrong = |problem| UpstreamError { connection: upstream.connection.clone(), problem };
            for (purpose, secret) in upstream.secrets() {
                secret.resolve().await.map_err(|error: SecretError| wrong(format!("{purpose}: {error}")))?;
            }
            let built = match &upstream.target {
                Target::McpHttp(target) => Upstream::Http(HttpUpstream::build(target).await.map_err(wrong)?),
                Target::McpStdio(target) => Upstream::Stdio(StdioUpstream::new(target.clone())),
                Target::Snowflake(target) => {
                    let snowflake = SnowflakeUpstream::build(target, clock.clone()).map_err(wrong)?;
                    Upstream::Snowflake(Box::new(snowflake))
                }
            };
            by_name.insert(upstream.connection.clone(), built);
        }
        let announced = settings.upstreams.iter().map(|upstream| upstream.announced()).collect();
        Ok(Self { announced, by_name })
    }

    pub(crate) fn announced(&self) -> Vec<link::Upstream> {
        self.announced.clone()
    }

    /// Ends what the agent keeps open upstream.
    pub(crate) async fn close(&self) {
        for upstream in self.by_name.values() {
            if let Upstream::Snowflake(snowflake) = upstream {
                snowflake.close_all().await;
            }
        }
    }

    /// Serves one stream to its end. With `refuse`, only says that this agent takes no more work.
    pub(crate) async fn answer(&self, mut stream: Stream, refuse: bool, receipts: &Arc<Receipts>) {
        let open = match timeout(OPEN_LIMIT, stream.read_frame::<UpstreamOpen>()).await {
            Ok(Ok(open)) => open,
            Ok(Err(error)) => return tracing::warn!(%error, "a stream without a readable opening"),
            Err(_) => return tracing::warn!("a stream without an opening"),
        };
        let result = if refuse { Err(draining()) } else { self.serve(open, &mut stream, receipts).await };
        let Err(fault) = result else { return };
        tracing::warn!(code = %fault.code, detail = fault.detail, "a stream was refused");
        if stream.write_frame(&UpstreamAnswer::Refused(fault)).await.is_ok() {
            let _ = stream.finish().await;
        }
    }

    /// `Err` only before the answer frame was sent.
    async fn serve(&self, open: UpstreamOpen, stream: &mut Stream, receipts: &Arc<Receipts>) -> Result<(), Fault> {
        match &open {
            UpstreamOpen::Http { connection, session, exchange } => {
                let upstream = self.find(connection)?;
                tracing::debug!(%connection, %session, %exchange, "exchange");
                let passing = receipts.begin(connection, Of::Exchange(*exchange))?;
                match upstream {
                    Upstream::Http(http) => exchange_on(stream, passing, |request| http.exchange(request)).await,
                    Upstream::Snowflake(snowflake) => {
                        exchange_on(stream, passing, |request| snowflake.exchange(*session, request)).await;
                    }
                    Upstream::Stdio(_) => return Err(mismatch(connection)),
                }
                Ok(())
            }
            UpstreamOpen::Fetch { connection, session, exchange } => {
                let Upstream::Snowflake(snowflake) = self.find(connection)? else { return Err(mismatch(connection)) };
                tracing::debug!(%connection, %session, %exchange, "fetch");
                let passing = receipts.begin(connection, Of::Exchange(*exchange))?;
                exchange_on(stream, passing, |request| snowflake.fetch(request)).await;
                Ok(())
            }
            UpstreamOpen::Stdio { connection, session } => {
                let Upstream::Stdio(stdio) = self.find(connection)? else { return Err(mismatch(connection)) };
                let passing = receipts.begin(connection, Of::Session(*session))?;
                self.run_child(stdio, *session, stream, &passing).await
            }
        }
    }

    async fn run_child(
        &self,
        stdio: &StdioUpstream,
        session: SessionId,
        stream: &mut Stream,
        passing: &Passing,
    ) -> Result<(), Fault> {
        let child = stdio.start().await?;
        if stream.write_frame(&UpstreamAnswer::Ready).await.is_ok() {
            child.join(session, stream, passing).await;
        }
        Ok(())
    }

    fn find(&self, connection: &ConnectionName) -> Result<&Upstream, Fault> {
        self.by_name.get(connection).ok_or_else(|| {
            let text = format!(
                "The agent has no upstream named '{connection}'. An administrator must add it to the agent's settings."
            );
            Fault::new(Side::Agent, "upstream_unknown", Retry::Useless, text)
        })
    }
}

/// One HTTP exchange on the rest of the stream. A stream that the gateway resets ends the exchange upstream as well.
async fn exchange_on<Handle, Answer>(stream: &mut Stream, passing: Arc<Passing>, handle: Handle)
where
    Handle: Fn(Request<Incoming>) -> Answer,
    Answer: Future<Output = Result<Response<reqwest::Body>, Fault>>,
{
    // Nobody waits for it: the answer says the same.
    if stream.begin_with(&UpstreamAnswer::Ready).is_err() {
        return;
    }
    let (handle, passing) = (&handle, &passing);
    let service = service_fn(async move |request: Request<hyper::body::Incoming>| {
        let request = request.map(|body| Counted::sent(passing, body));
        let answer = handle(request).await.unwrap_or_else(|fault| {
            tracing::warn!(code = %fault.code, detail = fault.detail, "an exchange failed");
            forward::fault_answer(&fault)
        });
        Ok::<_, std::convert::Infallible>(answer.map(|body| Counted::received(passing, body)))
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .without_shutdown()
        .await;
    match served {
        Ok(parts) => {
            passing.whole();
            // Until the gateway has it all, draining must not close the tunnel.
            let _ = parts.io.into_inner().conclude().await;
        }
        Err(error) => tracing::debug!(%error, "an exchange broke off"),
    }
}

fn mismatch(connection: &ConnectionName) -> Fault {
    let text =
        format!("The agent's upstream '{connection}' does not carry this kind of stream; gateway and agent differ.");
    Fault::new(Side::Agent, "upstream_mismatch", Retry::Useless, text)
}

fn draining() -> Fault {
    Fault::new(Side::Agent, "agent_draining", Retry::Safe, "The agent is shutting down. Nothing was sent; try again.")
}
