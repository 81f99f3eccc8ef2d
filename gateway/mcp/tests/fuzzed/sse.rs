//! Server-sent events: the same however the bytes are cut, and what is written is read again.

use hoop_mcp::{
    LIMIT, Message,
    sse::{Decoder, Event, SseError, comment, encode},
};

use super::{LONGEST, splits};

pub fn sse(data: &[u8]) {
    let data = &data[..data.len().min(LONGEST)];
    let whole = Decoder::new().push(data);
    for pieces in splits(data) {
        match (&whole, read(&pieces)) {
            (Ok(events), Ok(split)) => assert_eq!(&split, events),
            (Err(error), Err(other)) => assert_eq!(&other, error),
            (whole, split) => panic!("{whole:?}, in pieces {split:?}"),
        }
    }
    let Ok(events) = whole else { return };
    assert!(events.len() <= data.len() / 2, "an event has a line and an end");
    for event in &events {
        assert!(event.data.len() <= data.len().min(LIMIT) && !event.data.contains('\r'));
        assert!([&event.id, &event.event].into_iter().flatten().all(|line| !line.contains(['\n', '\r'])));
        // Whoever relays it, relays the same.
        assert_eq!(read(&[&comment(), &encode(event.data.as_bytes(), None)]), Ok(vec![relayed(&event.data)]));
        if let Ok(message) = Message::parse(event.data.as_bytes()) {
            let data = String::from_utf8(message.to_bytes().unwrap()).unwrap();
            assert_eq!(read(&[&encode(data.as_bytes(), None)]), Ok(vec![relayed(&data)]));
        }
    }
}

fn relayed(data: &str) -> Event {
    Event { id: None, event: Some("message".to_owned()), data: data.to_owned(), retry: None }
}

fn read(pieces: &[&[u8]]) -> Result<Vec<Event>, SseError> {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for piece in pieces {
        events.extend(decoder.push(piece)?);
    }
    Ok(events)
}
