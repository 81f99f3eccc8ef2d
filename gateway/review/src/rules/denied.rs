//! Many refusals of one subject within a short time: somebody tries things out (PCI DSS 10.2.1.4). Also of logins that
//! were refused, by the address they came from. What the gateway refuses because it is itself unwell does not count.

use std::time::Duration;

use hoop_audit::{Draft, Record, RecordType};
use hoop_model::Timestamp;
use serde::{Deserialize, Serialize};

use super::SUBJECTS;
use crate::{
    Finding, Rule,
    finding::{joined, person, subject},
    memory::Memory,
    settings::Denied,
};

/// A burst that goes on is told again after so long.
const AGAIN: Duration = Duration::from_secs(24 * 3600);
/// Codes that say nothing of the one who asks.
const OURS: [&str; 8] = [
    "siem_behind",
    "agent_down",
    "agent_draining",
    "not_offered",
    "wrong_kind",
    "store_down",
    "recording_unavailable",
    "gateway_stopping",
];

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeniedBursts(Memory<Burst, SUBJECTS>);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Burst {
    /// Refusals within the window, no more than make a burst.
    recent: Vec<(Timestamp, u64)>,
    /// When this burst was told of, and its newest refusal.
    told: Option<(Timestamp, Timestamp)>,
}

impl DeniedBursts {
    pub(crate) fn take(&mut self, settings: &Denied, record: &Record) -> Option<Finding> {
        let draft = &record.draft;
        if !settings.enabled || !is_refusal(draft) {
            return None;
        }
        let address = draft.detail.get("client_ip").map_or("an unknown address", String::as_str);
        let who = subject(draft).map_or_else(|| joined(&["address", address]), person);
        let window = Duration::from_secs(settings.window_seconds.into());
        let burst = self.0.touch(who, record.seq);
        if let Some((told, newest)) = burst.told {
            if within(newest, record.ts, window) && within(told, record.ts, AGAIN) {
                burst.told = Some((told, record.ts));
                return None;
            }
            *burst = Burst::default();
        }
        burst.recent.retain(|(at, _)| within(*at, record.ts, window));
        burst.recent.push((record.ts, record.seq));
        if burst.recent.len() < settings.count as usize {
            return None;
        }
        let first = burst.recent.first().map_or(record.seq, |(_, seq)| *seq);
        *burst = Burst { recent: Vec::new(), told: Some((record.ts, record.ts)) };
        let from = if subject(draft).is_some() { String::new() } else { format!(" from {address}") };
        let what = format!("{} refusals within {} s{from}", settings.count, settings.window_seconds);
        let mut finding = Finding::of(Rule::DeniedBurst, record, &what);
        (finding.first, finding.count) = (first, settings.count.into());
        Some(finding)
    }
}

fn is_refusal(draft: &Draft) -> bool {
    let refused = match draft.kind {
        RecordType::Denied => true,
        RecordType::Auth => draft.outcome.as_deref() == Some("refused"),
        _ => false,
    };
    refused && draft.detail.get("code").is_none_or(|code| !OURS.contains(&code.as_str()))
}

/// A clock that went back puts no time between.
fn within(from: Timestamp, to: Timestamp, window: Duration) -> bool {
    to <= hoop_model::later(from, window)
}
