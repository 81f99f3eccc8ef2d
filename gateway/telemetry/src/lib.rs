//! Logging, the same in every program: to stderr, words for people or JSON for machines.
//!
//! `HOOP_LOG` is a filter (`debug`, `hoop_agent=trace,info`, …), `HOOP_LOG_FORMAT=json` writes one object per line.
//! What is logged never holds exchange data: that is the callers' duty.

mod memory;

use std::{env, io};

pub use memory::keep_in_memory;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Our own words from `info` up, other crates' from `warn`.
const DEFAULT_FILTER: &str = "warn,hoop=info,hoop_agent=info,hoop_gateway=info,hoop_tunnel=info,hoop_dev=info";

/// Starts logging for the process; a second call changes nothing. An unreadable `HOOP_LOG` counts as unset and is
/// reported.
pub fn init(program: &'static str) {
    let wanted = env::var("HOOP_LOG").ok();
    let parsed = wanted.as_deref().map(EnvFilter::try_new);
    let complaint = match &parsed {
        Some(Err(error)) => Some(error.to_string()),
        _ => None,
    };
    // At a person's terminal only what went wrong is news.
    let default = if program == "hoopctl" { "warn" } else { DEFAULT_FILTER };
    let filter = parsed.and_then(Result::ok).unwrap_or_else(|| EnvFilter::new(default));
    let registry = tracing_subscriber::registry().with(filter);
    let started = if env::var("HOOP_LOG_FORMAT").is_ok_and(|format| format == "json") {
        registry.with(fmt::layer().json().flatten_event(true).with_writer(io::stderr)).try_init()
    } else {
        let colour = env::var_os("NO_COLOR").is_none() && io::IsTerminal::is_terminal(&io::stderr());
        registry.with(fmt::layer().with_target(false).with_ansi(colour).with_writer(io::stderr)).try_init()
    };
    if started.is_err() {
        return;
    }
    if let Some(error) = complaint {
        tracing::warn!(error, "HOOP_LOG is not a filter and was ignored; write for example HOOP_LOG=debug");
    }
    tracing::debug!(program, version = env!("CARGO_PKG_VERSION"), "started");
}
