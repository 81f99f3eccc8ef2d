//! What the terminal, a shell or a CI runner asks of us by signal. Listening begins before there is anything to end,
//! so that no request is lost.

use rustix::process::Signal;
use tokio::signal::unix::{Signal as Requests, SignalKind, signal};

use crate::exit::{Exit, Failure};

pub(crate) struct Signals {
    interrupt: Requests,
    terminate: Requests,
    hangup: Option<Requests>,
}

impl Signals {
    pub(crate) fn listen() -> Result<Self, Failure> {
        // Under nohup a hangup is to be ignored, by us and by what we start; listening would undo that.
        let hangup = if ignored(Signal::HUP) { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())?, hangup })
    }

    /// The next request. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Signal {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => Signal::INT,
            _ = self.terminate.recv() => Signal::TERM,
            _ = hangup => Signal::HUP,
        }
    }

    /// Waits to be asked to end. The person's Ctrl-C is an interruption; SIGTERM is how a service is stopped.
    pub(crate) async fn asked_to_end(&mut self) -> Exit {
        match self.next().await {
            Signal::INT => Exit::Interrupted,
            _ => Exit::Ok,
        }
    }
}

/// As the kernel says on Linux; elsewhere nothing counts as ignored.
fn ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask >> (signal.as_raw() - 1) & 1 == 1
}
