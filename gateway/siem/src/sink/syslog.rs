//! Syslog over TCP, with TLS or without (RFC 5424, 5425, 6587), by octet counting.
//!
//! Syslog has no acknowledgement. What comes nearest is the end of a connection: a receiver of RFC 5425 answers our
//! `close_notify` with its own, or at least closes, once it has read what came before. So each batch is a connection of
//! its own, and counts as taken when the receiver has ended that in order; otherwise it is sent again, whole.

use std::{io, sync::Arc, time::Duration};

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{SendError, Sending, Sink, Taken};
use crate::event::{Event, Severity};

const CONNECT: Duration = Duration::from_secs(10);
/// For a batch, from the connection to its end.
const LIMIT: Duration = Duration::from_secs(60);
/// Facility 13: log audit.
const FACILITY: u32 = 13;
const PROGRAM: &str = "hoop-gateway";

/// How a receiver is talked to.
pub enum Security {
    Tls {
        name: ServerName<'static>,
        config: Arc<ClientConfig>,
    },
    /// For a relay on the same machine.
    Plain,
}

pub struct Syslog {
    /// `HOST:PORT`.
    address: String,
    security: Security,
    /// The gateway's name.
    host: String,
}

impl Syslog {
    pub fn new(address: String, security: Security, host: &str) -> Self {
        Self { address, security, host: word(host, 255) }
    }

    async fn deliver(&self, bytes: &[u8]) -> io::Result<()> {
        let stream = timeout(CONNECT, TcpStream::connect(&self.address)).await??;
        stream.set_nodelay(true)?;
        match &self.security {
            Security::Plain => exchange(stream, bytes).await,
            Security::Tls { name, config } => {
                let connector = TlsConnector::from(config.clone());
                let stream = timeout(CONNECT, connector.connect(name.clone(), stream)).await??;
                exchange(stream, bytes).await
            }
        }
    }
}

impl Sink for Syslog {
    fn send<'a>(&'a mut self, batch: &'a [Event]) -> Sending<'a> {
        Box::pin(async move {
            let bytes: Vec<u8> = batch.iter().flat_map(|event| framed(&self.host, event)).collect();
            match timeout(LIMIT, self.deliver(&bytes)).await {
                Ok(Ok(())) => Ok(Taken::default()),
                Ok(Err(error)) => Err(SendError::failed(format!("{}: {error}", self.address))),
                Err(_) => Err(SendError::failed(format!(
                    "{}: the receiver did not end the connection within {} s",
                    self.address,
                    LIMIT.as_secs()
                ))),
            }
        })
    }
}

/// Sends it, says that this is all, and waits until the receiver says so too.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.shutdown().await?;
    let mut ignored = [0; 512];
    loop {
        match stream.read(&mut ignored).await {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            // Closed without a `close_notify`, as rsyslog does: it has read all, or it would have been a reset.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// `MSG-LEN SP SYSLOG-MSG` (RFC 5425 §4.3).
fn framed(host: &str, event: &Event) -> Vec<u8> {
    let message = message(host, event);
    [message.len().to_string().as_bytes(), b" ", message.as_bytes()].concat()
}

/// RFC 5424 §6, without structured data: the event has it all.
fn message(host: &str, event: &Event) -> String {
    let severity = match event.severity {
        Severity::Informational => 6,
        Severity::Low => 5,
        Severity::Medium => 4,
        Severity::High => 3,
    };
    let priority = FACILITY * 8 + severity;
    let at = format!("{:.6}", event.at);
    format!("<{priority}>1 {at} {host} {PROGRAM} - {} - {}", word(&event.kind, 32), event.text)
}

/// Printable ASCII without blanks, as the header's fields are.
fn word(text: &str, longest: usize) -> String {
    let word: String = text.chars().filter(char::is_ascii_graphic).take(longest).collect();
    if word.is_empty() { "-".to_owned() } else { word }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::event::Format;

    #[test]
    fn a_message_is_framed_by_its_octets() {
        let event = Event {
            seq: 1,
            hash: hoop_audit::Hash::of(b""),
            uid: "o:1".to_owned(),
            at: "2026-03-01T12:00:00.5Z".parse().unwrap(),
            severity: Severity::Medium,
            kind: "denied".to_owned(),
            format: Format::Ocsf,
            text: "{\"é\":1}".to_owned(),
        };
        let framed = String::from_utf8(framed(&word("gate way", 255), &event)).unwrap();
        let (length, message) = framed.split_once(' ').unwrap();
        assert_eq!(message.len(), length.parse::<usize>().unwrap());
        assert_eq!(message, "<108>1 2026-03-01T12:00:00.500000Z gateway hoop-gateway - denied - {\"é\":1}");
        assert_eq!(word("", 8), "-");
    }
}
