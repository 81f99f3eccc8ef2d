//! In the background: looks at the controls that nobody else looks at, and tells the trail what is due.

use std::{sync::Arc, time::Duration};

use hoop_recording::{Entry, RecordError};
use tokio::time::{MissedTickBehavior, interval};

use super::{Control, clocks::Jumps, record};
use crate::Gateway;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);

/// Never returns.
pub(crate) async fn follow(gateway: Arc<Gateway>) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut jumps = Jumps::new(gateway.settings.review.clock_jump);
    let mut resumed = false;
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            () = gateway.incidents.changed.notified() => {}
        }
        clock(&gateway, &mut jumps);
        siem(&gateway);
        archive(&gateway);
        witnesses(&gateway);
        stamping(&gateway);
        // The trail knows of incidents that the store has not heard of before it was read to its end.
        if !gateway.review.has_caught_up() {
            continue;
        }
        if !resumed {
            resumed = resume(&gateway).await;
        }
        if resumed {
            tell(&gateway).await;
        }
    }
}

fn clock(gateway: &Gateway, jumps: &mut Jumps) {
    match jumps.look(gateway.incidents.now()) {
        Some(moved) => {
            let cause = format!("the wall clock was moved by {moved:+.3} s");
            gateway.incidents.fails(Control::Clock, "wall", &cause);
        }
        None => gateway.incidents.works(Control::Clock, "wall", "it has gone on evenly since"),
    }
}

fn siem(gateway: &Gateway) {
    for (name, behind) in gateway.siem.behind(gateway) {
        match behind {
            Some(cause) => gateway.incidents.fails(Control::Siem, name, &cause),
            None => gateway.incidents.works(Control::Siem, name, "the receiver has caught up"),
        }
    }
}

fn archive(gateway: &Gateway) {
    match gateway.archive.admits() {
        // What S3 said of it stands in the status and the log.
        Err(_) => gateway.incidents.fails(Control::Archive, "", "too much waits for S3, or archiving has stopped"),
        Ok(()) => gateway.incidents.works(Control::Archive, "", "the archive has caught up"),
    }
}

fn witnesses(gateway: &Gateway) {
    for (name, problem) in gateway.witnesses.failing() {
        match problem {
            Some(cause) => gateway.incidents.fails(Control::Witness, name, &cause),
            None => gateway.incidents.works(Control::Witness, name, "it cosigns again"),
        }
    }
}

fn stamping(gateway: &Gateway) {
    match gateway.stamping.failing() {
        Some(Some(cause)) => gateway.incidents.fails(Control::Timestamp, "", &cause),
        Some(None) => gateway.incidents.works(Control::Timestamp, "", "the authority answers again"),
        None => {}
    }
}

/// Takes over what the gateway before this one left open, and what the trail shows.
async fn resume(gateway: &Gateway) -> bool {
    match gateway.store.unsettled_incidents().await {
        Ok(unsettled) => {
            unsettled.into_iter().for_each(|(incident, recorded)| gateway.incidents.resume(incident, recorded));
            true
        }
        Err(error) => {
            gateway.incidents.fails(Control::Store, "", "the store did not answer");
            tracing::error!(%error, "open incidents could not be read; it is tried again");
            false
        }
    }
}

async fn tell(gateway: &Gateway) {
    for due in gateway.incidents.due() {
        let entries = record::drafts(&due).into_iter().map(Entry::from).collect();
        match gateway.recorder.unwatched().append_all(entries).await {
            Ok(_) => gateway.incidents.recorded(&due),
            Err(error) => {
                if matches!(error, RecordError::Full) && !due.kept {
                    // Begun, not ended: it goes on until the trail takes it.
                    let open = hoop_store::Incident { ended: None, ..due.incident.clone() };
                    if gateway.store.keep_incident(&open, false).await.is_ok() {
                        gateway.incidents.book().kept(&due);
                    }
                }
                tracing::warn!(%error, incident = %due.incident.id, "an incident cannot be recorded yet");
            }
        }
    }
}
