//! Length-prefixed JSON frames.

use serde::{Serialize, de::DeserializeOwned};

/// Bytes of length prefix before each frame.
pub const PREFIX: usize = 4;
/// Largest frame body in bytes: an ID token (16 KiB), a certificate request and room to spare.
pub const LIMIT: usize = 64 * 1024;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    #[error("a frame of {length} bytes is over the limit of {LIMIT}")]
    TooLong { length: usize },
    #[error("a frame that is not the JSON expected here")]
    Malformed(#[source] serde_json::Error),
}

/// The frame of `message`, prefix included.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    let mut bytes = vec![0; PREFIX];
    serde_json::to_writer(&mut bytes, message).map_err(FrameError::Malformed)?;
    let length = body_length(bytes.len() - PREFIX)?;
    for (slot, byte) in bytes.iter_mut().zip(length.to_be_bytes()) {
        *slot = byte;
    }
    Ok(bytes)
}

/// The body length that a prefix announces, checked against [`LIMIT`] before anything is allocated.
pub fn length(prefix: [u8; PREFIX]) -> Result<usize, FrameError> {
    let length = u32::from_be_bytes(prefix) as usize;
    body_length(length)?;
    Ok(length)
}

/// The message in a frame's body.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, FrameError> {
    serde_json::from_slice(body).map_err(FrameError::Malformed)
}

fn body_length(length: usize) -> Result<u32, FrameError> {
    match u32::try_from(length) {
        Ok(short) if length <= LIMIT => Ok(short),
        _ => Err(FrameError::TooLong { length }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_frame_survives(text in ".{0,2000}") {
            let bytes = encode(&text).unwrap();
            let (prefix, body) = bytes.split_first_chunk::<PREFIX>().unwrap();
            prop_assert_eq!(length(*prefix).unwrap(), body.len());
            prop_assert_eq!(decode::<String>(body).unwrap(), text);
        }

        #[test]
        fn any_bytes_decode_or_fail_cleanly(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode::<crate::open::ClientOpen>(&body);
            let _ = decode::<crate::open::UpstreamOpen>(&body);
        }
    }

    #[test]
    fn a_long_frame_is_refused_before_it_is_read() {
        assert!(matches!(length([0xff; PREFIX]), Err(FrameError::TooLong { .. })));
        assert!(encode(&"x".repeat(LIMIT)).is_err());
    }
}
