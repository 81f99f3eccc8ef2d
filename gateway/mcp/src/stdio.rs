//! MCP on a pipe: one message a line.

use crate::message::{LIMIT, Message, MessageError};

/// Bytes in, whole lines out.
#[derive(Default)]
pub struct Decoder {
    line: Vec<u8>,
}

impl Decoder {
    pub fn new() -> Self {
        Self::default()
    }

    /// The lines that `bytes` complete, without their ends; empty ones are left out. After an error the pipe cannot be
    /// read on.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, MessageError> {
        let mut lines = Vec::new();
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            if self.line.len() + piece.len() > LIMIT {
                return Err(MessageError::TooLong);
            }
            self.line.extend_from_slice(piece);
            if pieces.peek().is_some() {
                let line = std::mem::take(&mut self.line);
                if !line.iter().all(u8::is_ascii_whitespace) {
                    lines.push(line);
                }
            }
        }
        Ok(lines)
    }
}

/// One message as a line.
pub fn encode(message: &Message) -> Result<Vec<u8>, serde_json::Error> {
    let mut line = message.to_bytes()?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_split_gives_the_same_lines(texts in prop::collection::vec("[a-z{}\":]{1,30}", 0..6), cut in 0usize..200) {
            let bytes = texts.iter().map(|text| format!("{text}\n")).collect::<String>().into_bytes();
            let (head, tail) = bytes.split_at(cut.min(bytes.len()));
            let mut decoder = Decoder::new();
            let mut lines = decoder.push(head).unwrap();
            lines.extend(decoder.push(tail).unwrap());
            prop_assert_eq!(lines, texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>());
        }
    }

    proptest! {
        #[test]
        fn byte_by_byte_reads_as_the_whole(bytes in prop::collection::vec(prop::sample::select(b"\r\n {x\xff".to_vec()), 0..80)) {
            let mut decoder = Decoder::new();
            let lines: Vec<_> = bytes.chunks(1).flat_map(|piece| decoder.push(piece).unwrap()).collect();
            prop_assert_eq!(lines, Decoder::new().push(&bytes).unwrap());
        }
    }

    #[test]
    fn a_line_without_end_is_bounded() {
        let mut decoder = Decoder::new();
        assert!((0..17).try_for_each(|_| decoder.push(&vec![b'x'; 1024 * 1024]).map(drop)).is_err());
    }
}
