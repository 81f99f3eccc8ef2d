use hoop_audit::{
    payload::{Payload, PayloadKeys, SealError},
    segment::Frame,
};

/// Appends a payload's frame without its seal, for a reader who has no keys. One whose key is not here stays sealed.
///
/// # Errors
/// When a payload is not what its key sealed.
pub fn unsealed(payload: Payload<'_>, keys: &PayloadKeys, out: &mut Vec<u8>) -> Result<(), SealError> {
    let stored = match payload.unseal(keys) {
        Err(SealError::NoKey(_)) => None,
        stored => stored?,
    };
    let payload = stored.as_ref().map_or(payload, |stored| payload.unsealed(stored));
    Frame::Payload(payload).write(out).ok_or(SealError::Failed)
}
