//! Server-sent events, in both directions. The decoder takes bytes as they come and holds back one unfinished event.

use crate::message::LIMIT;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    pub id: Option<String>,
    pub event: Option<String>,
    /// The `data` lines, joined by line feeds.
    pub data: String,
    /// How long a client should wait before it comes back, in milliseconds.
    pub retry: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SseError {
    #[error("an event over {LIMIT} bytes")]
    TooLong,
    #[error("an event that is not UTF-8")]
    NotText,
}

impl Event {
    /// Bytes that it keeps.
    fn held(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.data.len() + length(&self.id) + length(&self.event)
    }
}

/// Bytes in, whole events out.
#[derive(Default)]
pub struct Decoder {
    line: Vec<u8>,
    event: Event,
    started: bool,
    begun: bool,
    after_cr: bool,
}

impl Decoder {
    pub fn new() -> Self {
        Self::default()
    }

    /// The events that `bytes` complete. After an error the stream cannot be read on.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, SseError> {
        let mut events = Vec::new();
        for &byte in bytes {
            let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => self.end_line(&mut events)?,
                _ => {
                    if self.line.len() + self.event.held() >= LIMIT {
                        return Err(SseError::TooLong);
                    }
                    self.line.push(byte);
                }
            }
        }
        Ok(events)
    }

    fn end_line(&mut self, events: &mut Vec<Event>) -> Result<(), SseError> {
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).map_err(|_| SseError::NotText)?;
        // A byte order mark may open the stream.
        let line =
            if std::mem::replace(&mut self.begun, true) { line } else { line.strip_prefix('\u{feff}').unwrap_or(line) };
        if line.is_empty() {
            if std::mem::take(&mut self.started) {
                let mut event = std::mem::take(&mut self.event);
                event.data.pop();
                events.push(event);
            } else {
                self.event = Event::default();
            }
            return Ok(());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                self.event.data.push_str(value);
                self.event.data.push('\n');
                self.started = true;
            }
            "event" => self.event.event = Some(value.to_owned()),
            "id" => {
                self.event.id = Some(value.to_owned());
                self.started = true;
            }
            // Anything but digits is to be ignored (WHATWG HTML §9.2.6).
            "retry" => {
                if let Ok(retry) = value.parse() {
                    self.event.retry = Some(retry);
                    self.started = true;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// One message as an event. JSON has no line breaks of its own outside strings, and none unescaped within.
pub fn encode(message: &[u8], id: Option<&str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 48);
    if let Some(id) = id {
        out.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    out.extend_from_slice(b"event: message\n");
    for line in message.split(|byte| *byte == b'\n') {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.push(b'\n');
    out
}

/// An event without a message: where a client may go on from, and when.
pub fn mark(id: Option<&str>, retry: Option<u64>) -> Vec<u8> {
    let mut out = String::new();
    if let Some(id) = id {
        out.push_str(&format!("id: {id}\n"));
    }
    if let Some(retry) = retry {
        out.push_str(&format!("retry: {retry}\n"));
    }
    out.push_str("data: \n\n");
    out.into_bytes()
}

/// A comment: keeps the stream alive and says nothing.
pub fn comment() -> Vec<u8> {
    b": waiting\n\n".to_vec()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn decode(pieces: &[&[u8]]) -> Vec<Event> {
        let mut decoder = Decoder::new();
        pieces.iter().flat_map(|piece| decoder.push(piece).unwrap()).collect()
    }

    #[test]
    fn every_line_ending_ends_a_line() {
        for text in ["data: a\n\ndata: b\n\n", "data: a\r\n\r\ndata: b\r\n\r\n", "data: a\r\rdata: b\r\r"] {
            let data: Vec<_> = decode(&[text.as_bytes()]).into_iter().map(|event| event.data).collect();
            assert_eq!(data, ["a", "b"], "{text:?}");
        }
    }

    #[test]
    fn comments_and_unknown_fields_are_no_events() {
        assert_eq!(decode(&[b": hello\n\nretry: soon\n\nx: 1\n\n"]), []);
        let event = decode(&[b"id: 7\nevent: message\ndata: x\ndata: y\n\n"]);
        assert_eq!(
            event,
            [Event { id: Some("7".into()), event: Some("message".into()), data: "x\ny".into(), retry: None }]
        );
    }

    #[test]
    fn an_event_without_data_leaves_nothing_to_the_next() {
        let events = decode(&[b"event: ping\n\ndata: x\n\n"]);
        assert_eq!(events, [Event { data: "x".into(), ..Event::default() }]);
        let marked = decode(&[b"\xEF\xBB\xBFdata: y\n\n"]);
        assert_eq!(marked, [Event { data: "y".into(), ..Event::default() }]);
    }

    #[test]
    fn all_of_an_event_is_bounded() {
        let mut decoder = Decoder::new();
        let long = "x".repeat(LIMIT / 2);
        assert_eq!(decoder.push(format!("id: {long}\nevent: {long}").as_bytes()), Err(SseError::TooLong));
    }

    #[test]
    fn where_to_go_on_from_is_an_event() {
        let [event] = decode(&[&mark(Some("s-1"), Some(500))]).try_into().unwrap();
        assert_eq!(event, Event { id: Some("s-1".into()), retry: Some(500), ..Event::default() });
        let [event] = decode(&[&encode(b"{}", Some("s-2"))]).try_into().unwrap();
        assert_eq!((event.id.as_deref(), event.data.as_str()), (Some("s-2"), "{}"));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_events(texts in prop::collection::vec("[^\r\n]{1,40}", 0..6), cut in 0usize..200) {
            let bytes: Vec<u8> = texts.iter().flat_map(|text| encode(text.as_bytes(), None)).collect();
            let cut = cut.min(bytes.len());
            let (head, tail) = bytes.split_at(cut);
            let data: Vec<_> = decode(&[head, tail]).into_iter().map(|event| event.data).collect();
            prop_assert_eq!(data, texts);
        }

        #[test]
        fn byte_by_byte_reads_as_the_whole(text in "\u{feff}?((data|id|event|retry|x|)(:| |: |)[a-zé\u{feff}]{0,3}(\r|\n|\r\n|\n\n|\r\r)){0,12}") {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            prop_assert_eq!(decode(&pieces), decode(&[text.as_bytes()]));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Decoder::new().push(&bytes);
        }
    }
}
