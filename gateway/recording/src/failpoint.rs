//! The numbered places of the write-ahead path, at each of which a test may kill the process: whatever the moment, what
//! ran is in the trail, and what was delivered is too.

use std::{str::FromStr, sync::Arc};

macro_rules! failpoints {
    ($($(#[$doc:meta])* $point:ident,)*) => {
        /// In the order in which the writer, then the gateway, reaches them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Failpoint { $($(#[$doc])* $point,)* }

        impl Failpoint {
            pub const ALL: &[Self] = &[$(Self::$point),*];
        }

        impl FromStr for Failpoint {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $(stringify!($point) => Ok(Self::$point),)*
                    _ => Err(format!("there is no failpoint {text}")),
                }
            }
        }
    };
}

failpoints! {
    /// What a crash left was read back; nothing is written yet.
    Recovered,
    /// The writer's start is durable; nobody may append yet.
    Started,
    BatchTaken,
    RoomMade,
    /// Every record of the batch has its place; none is written.
    Placed,
    HalfWritten,
    Written,
    Synced,
    /// All callers were answered.
    Answered,
    CheckpointPut,
    SegmentCreated,
    SegmentSealed,
    SessionRecorded,
    /// A command was decoded and decided.
    Decided,
    DenialRecorded,
    HoldRecorded,
    RequestRecorded,
    /// A stream to the agent is open; nothing was sent.
    Sending,
    /// The upstream's answer begins.
    AnswerBegun,
    /// Masked, and what is kept of it made ready.
    AnswerMasked,
    AnswerRecorded,
    EndRecorded,
    SessionEndRecorded,
}

/// What is done at them: nothing, but in a test.
#[derive(Clone, Default)]
pub struct Failpoints {
    reached: Option<Arc<dyn Fn(Failpoint) + Send + Sync>>,
    /// Bytes of a full segment, where a test should see more than one.
    pub(crate) segment: Option<u64>,
}

impl Failpoints {
    pub fn new(segment: u64, reached: impl Fn(Failpoint) + Send + Sync + 'static) -> Self {
        Self { reached: Some(Arc::new(reached)), segment: Some(segment) }
    }

    pub fn reached(&self, point: Failpoint) {
        if let Some(reached) = &self.reached {
            reached(point);
        }
    }

    /// Whether anybody listens.
    pub(crate) fn are_watched(&self) -> bool {
        self.reached.is_some()
    }
}
