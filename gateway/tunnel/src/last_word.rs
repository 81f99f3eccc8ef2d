//! Lets a tunnel's close reach the peer also while the network is full.
//!
//! quinn-proto up to 0.11.19 holds CONNECTION_CLOSE back when the congestion window is full, and once it has closed nothing
//! empties the window any more: a peer cut off in the middle of a large answer hears nothing, and later only that it is
//! unknown (quinn-rs/quinn#2785; its main branch has the mend). This goes when a release does. RFC 9002 §7 lets the close
//! pass: a packet without an ack-eliciting frame is not congestion controlled.

use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use quinn::congestion::{Controller, ControllerFactory, ControllerMetrics, Cubic, CubicConfig};
use quinn_proto::RttEstimator;

/// Makes quinn's own controllers, each with a window that opens when its connection or its listener closes.
#[derive(Default)]
pub(crate) struct LastWord {
    all: Arc<AtomicBool>,
}

impl LastWord {
    /// To be called right before the close of every connection.
    #[cfg(feature = "listen")]
    pub(crate) fn of_all(&self) {
        self.all.store(true, Ordering::Relaxed);
    }

    /// To be called right before the close of this one.
    pub(crate) fn of(connection: &quinn::Connection) {
        if let Ok(window) = connection.congestion_state().into_any().downcast::<Window>() {
            window.own.store(true, Ordering::Relaxed);
        }
    }
}

impl ControllerFactory for LastWord {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        let cubic = Cubic::new(Arc::new(CubicConfig::default()), now, current_mtu);
        Box::new(Window { cubic, own: Arc::default(), all: self.all.clone() })
    }
}

#[derive(Clone)]
struct Window {
    cubic: Cubic,
    own: Arc<AtomicBool>,
    all: Arc<AtomicBool>,
}

impl Controller for Window {
    fn window(&self) -> u64 {
        let closing = self.own.load(Ordering::Relaxed) || self.all.load(Ordering::Relaxed);
        // quinn does not pace windows beyond 32 bits either.
        if closing { u64::MAX } else { self.cubic.window() }
    }

    fn on_sent(&mut self, now: Instant, bytes: u64, last_packet_number: u64) {
        self.cubic.on_sent(now, bytes, last_packet_number);
    }

    fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64, app_limited: bool, rtt: &RttEstimator) {
        self.cubic.on_ack(now, sent, bytes, app_limited, rtt);
    }

    fn on_end_acks(&mut self, now: Instant, in_flight: u64, app_limited: bool, largest_packet_num_acked: Option<u64>) {
        self.cubic.on_end_acks(now, in_flight, app_limited, largest_packet_num_acked);
    }

    fn on_congestion_event(&mut self, now: Instant, sent: Instant, is_persistent_congestion: bool, lost_bytes: u64) {
        self.cubic.on_congestion_event(now, sent, is_persistent_congestion, lost_bytes);
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.cubic.on_mtu_update(new_mtu);
    }

    fn metrics(&self) -> ControllerMetrics {
        self.cubic.metrics()
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }

    fn initial_window(&self) -> u64 {
        self.cubic.initial_window()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
