//! The machine's clock, held against others (PCI DSS 10.6): what time servers say of it stands in the trail, and each
//! record says what was known of the clock as it was written.

mod ask;
mod standing;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub(crate) use ask::Measured;
use hoop_audit::{Draft, RecordType};
use hoop_model::{Clock, ClockState, Timestamp};
pub(crate) use standing::Standing;

use crate::{Gateway, incidents::Control, settings::ClockSettings};

/// A clock that knows how it stands.
pub(crate) struct Watched {
    clock: Arc<dyn Clock>,
    standing: Mutex<Standing>,
}

/// The clock is further off than it may be.
#[derive(Debug, thiserror::Error)]
#[error(
    "this machine's clock is off by {offset:+.3} s against {source_name}, and may be by {bound:.3} s ([clock] within_ms); set \
     it, see that chronyd or systemd-timesyncd runs, and start again"
)]
pub struct ClockError {
    offset: f64,
    bound: f64,
    source_name: String,
}

impl Watched {
    /// Asks the servers once. A clock that is off is an error; servers that do not answer are not.
    pub(crate) async fn open(clock: Arc<dyn Clock>, set: &ClockSettings) -> Result<Arc<Self>, ClockError> {
        if set.ntp.is_empty() {
            let standing = Mutex::new(Standing::new(ClockState::Unmeasured));
            return Ok(Arc::new(Self { clock, standing }));
        }
        let bound = set.bound();
        let round = ask::ask(&set.ntp, bound).await;
        match &round {
            Ok(measured) if standing::is_off(measured, bound) => {
                return Err(ClockError { offset: measured.offset, bound, source_name: measured.source.clone() });
            }
            Ok(_) => {}
            Err(problem) => {
                tracing::warn!(problem, "no time server answered; times in the trail are the machine's word");
            }
        }
        let mut standing = Standing::new(ClockState::Lost);
        standing.take(round, bound);
        Ok(Arc::new(Self { clock, standing: Mutex::new(standing) }))
    }

    pub(crate) fn standing(&self) -> Standing {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for Watched {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn steady(&self) -> Duration {
        self.clock.steady()
    }

    fn state(&self) -> ClockState {
        self.lock().state
    }
}

/// Says what came of the start's round, then asks now and then and says what comes of that. Never returns.
pub(crate) async fn follow(gateway: Arc<Gateway>) {
    let set = &gateway.settings.clock;
    if set.ntp.is_empty() {
        return std::future::pending().await;
    }
    loop {
        let (now, standing) = (gateway.clock.steady(), gateway.watched_clock.standing());
        tell(&gateway, &standing);
        if standing.is_worth_saying(now) {
            match gateway.recorder.append(draft(&gateway, &standing)).await {
                Ok(_) => gateway.watched_clock.lock().said(now),
                Err(error) => tracing::warn!(%error, "what the clock is off by cannot be recorded yet"),
            }
        }
        tokio::time::sleep(set.every()).await;
        let round = ask::ask(&set.ntp, set.bound()).await;
        if let Err(problem) = &round {
            tracing::warn!(problem, "no time server answered");
        }
        gateway.watched_clock.lock().take(round, set.bound());
    }
}

fn tell(gateway: &Gateway, standing: &Standing) {
    let incidents = &gateway.incidents;
    match (standing.state, &standing.newest) {
        (ClockState::Off, Some(Measured { offset, source, .. })) => {
            incidents.fails(Control::Clock, "ntp", &format!("the clock is off by {offset:+.3} s against {source}"));
        }
        (ClockState::Lost, _) => {
            let problem = standing.problem.as_deref().unwrap_or("none was asked");
            incidents.fails(Control::Clock, "ntp", &format!("no time server has answered for long: {problem}"));
        }
        // Of a round without an answer nothing is known.
        _ if standing.problem.is_some() => {}
        _ => incidents.works(Control::Clock, "ntp", "it is where its source says again"),
    }
}

fn draft(gateway: &Gateway, standing: &Standing) -> Draft {
    let mut draft = Draft::new(RecordType::Clock).detail("clock_host", gateway.settings.host());
    match &standing.newest {
        Some(measured) => {
            let millis = |seconds: f64| format!("{:.3}", seconds * 1000.0);
            draft.outcome = Some(if standing.state == ClockState::Off { "off" } else { "within" }.to_owned());
            draft
                .detail("clock_source", &measured.source)
                .detail("clock_offset_ms", millis(measured.offset))
                .detail("clock_round_trip_ms", millis(measured.round_trip))
        }
        None => {
            draft.outcome = Some("unanswered".to_owned());
            draft
        }
    }
}
