//! Splunk's HTTP Event Collector. A 200 says that it was accepted; that it was indexed, only the indexer's
//! acknowledgement says, where the collector has it on.

use std::{collections::BTreeMap, time::Duration};

use hoop_model::Secret;
use reqwest::{Client, RequestBuilder, StatusCode, header};
use rustls::ClientConfig;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use url::Url;
use uuid::Uuid;

use super::{ClientError, SendError, Sending, Sink, Taken, client, client::Answer};
use crate::event::{Event, Format};

const CHANNEL: &str = "x-splunk-request-channel";
/// Codes of the collector for an event that it cannot read: no data, invalid format, `event` required or blank,
/// indexed fields.
const UNREADABLE: [u32; 5] = [5, 6, 12, 13, 15];

/// Between the first two questions; doubled from there.
const SOON: Duration = Duration::from_millis(10);

/// When the indexer's acknowledgement is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Acknowledged {
    /// Between two questions at the most; the first comes at once, further ones soon.
    pub every: Duration,
    /// After this the batch is sent again.
    pub limit: Duration,
}

impl Default for Acknowledged {
    fn default() -> Self {
        Self { every: Duration::from_secs(1), limit: Duration::from_secs(300) }
    }
}

pub struct Hec {
    client: Client,
    event: Url,
    ack: Url,
    token: Secret<String>,
    host: String,
    acknowledged: Option<Acknowledged>,
    /// Acknowledgements are numbered within it. Another for each start: a batch that was cut off is asked about no more.
    channel: Uuid,
}

impl Hec {
    /// `base`: of the collector, without `/services/collector`. `acknowledged`: absent, a 200 is all that is waited for.
    pub fn new(
        base: &Url,
        token: Secret<String>,
        host: &str,
        acknowledged: Option<Acknowledged>,
        tls: ClientConfig,
    ) -> Result<Self, ClientError> {
        let below = |path: &str| {
            let mut url = base.clone();
            url.set_path(&format!("{}/services/collector/{path}", base.path().trim_end_matches('/')));
            url
        };
        let (event, ack) = (below("event"), below("ack"));
        let client = client::build(tls)?;
        Ok(Self { client, event, ack, token, host: host.to_owned(), acknowledged, channel: Uuid::new_v4() })
    }

    fn post(&self, url: &Url, body: String) -> RequestBuilder {
        let mut token = header::HeaderValue::from_str(&format!("Splunk {}", self.token.expose()))
            .unwrap_or(header::HeaderValue::from_static("Splunk"));
        token.set_sensitive(true);
        self.client
            .post(url.clone())
            .header(header::AUTHORIZATION, token)
            .header(header::CONTENT_TYPE, "application/json")
            .header(CHANNEL, self.channel.to_string())
            .body(body)
    }

    async fn indexed(&self, id: u64, wait: Acknowledged) -> Result<(), SendError> {
        let (deadline, mut pause) = (Instant::now() + wait.limit, SOON.min(wait.every));
        loop {
            let answer = client::ask(self.post(&self.ack, json!({ "acks": [id] }).to_string())).await?;
            if answer.status != StatusCode::OK {
                return Err(refused(&answer));
            }
            let acks: Acks = serde_json::from_slice(&answer.body)
                .map_err(|_| SendError::failed("the collector's list of acknowledgements cannot be read"))?;
            if acks.acks.get(&id.to_string()) == Some(&true) {
                return Ok(());
            }
            if Instant::now() + pause > deadline {
                return Err(SendError::failed(format!("not indexed within {} s", wait.limit.as_secs())));
            }
            sleep(pause).await;
            pause = (pause * 2).min(wait.every);
        }
    }

    fn body(&self, batch: &[Event]) -> String {
        let one = |event: &Event| {
            let millis = event.at.as_millisecond();
            let time = format!("{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000));
            let (sourcetype, body) = match event.format {
                Format::Ocsf => ("hoop:ocsf", event.text.clone()),
                Format::Cef => ("hoop:cef", Value::from(event.text.as_str()).to_string()),
            };
            let host = Value::from(self.host.as_str());
            // The event is JSON already, and stays as it is.
            format!(
                "{{\"time\":{time},\"host\":{host},\"source\":\"hoop\",\"sourcetype\":\"{sourcetype}\",\"event\":{body}}}"
            )
        };
        batch.iter().map(one).collect::<Vec<_>>().join("\n")
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Accepted {
    code: Option<u32>,
    text: String,
    #[serde(rename = "ackId")]
    ack_id: Option<u64>,
}

#[derive(Deserialize)]
struct Acks {
    acks: BTreeMap<String, bool>,
}

impl Sink for Hec {
    fn send<'a>(&'a mut self, batch: &'a [Event]) -> Sending<'a> {
        Box::pin(async move {
            let answer = client::ask(self.post(&self.event, self.body(batch))).await?;
            if answer.status != StatusCode::OK {
                return Err(refused(&answer));
            }
            let Some(wait) = self.acknowledged else { return Ok(Taken::default()) };
            let accepted: Accepted = serde_json::from_slice(&answer.body).unwrap_or_default();
            let id = accepted.ack_id.ok_or_else(|| {
                SendError::failed("the collector gave no ackId: turn indexer acknowledgement on for this token, or set acknowledge = false")
            })?;
            self.indexed(id, wait).await.map(|()| Taken::default())
        })
    }
}

fn refused(answer: &Answer) -> SendError {
    let said: Accepted = serde_json::from_slice(&answer.body).unwrap_or_default();
    let words = match said.code {
        Some(code) => format!(" (code {code}: {})", said.text.chars().take(200).collect::<String>()),
        None => String::new(),
    };
    match said.code {
        Some(code) if answer.status == StatusCode::BAD_REQUEST && UNREADABLE.contains(&code) => {
            SendError::Unreadable(format!("the collector cannot read an event{words}"))
        }
        _ => answer.refused(&words),
    }
}
