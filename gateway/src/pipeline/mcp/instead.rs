//! What is said to a message that goes nowhere.

use ::http::StatusCode;

pub(super) struct Instead {
    pub bytes: Vec<u8>,
    /// As 2026-07-28 has it; the revisions before say 200 to all of it.
    pub status: StatusCode,
}

impl Instead {
    pub(super) fn said(bytes: Vec<u8>) -> Self {
        Self { bytes, status: StatusCode::OK }
    }

    pub(super) fn no_such_method(bytes: Vec<u8>) -> Self {
        Self { bytes, status: StatusCode::NOT_FOUND }
    }
}
