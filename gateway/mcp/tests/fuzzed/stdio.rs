//! A pipe's lines: the same however the bytes are cut, none made up and none lost but blank ones.

use hoop_mcp::{
    LIMIT, Message,
    stdio::{Decoder, encode},
};

use super::{LONGEST, splits};

pub fn stdio(data: &[u8]) {
    let data = &data[..data.len().min(LONGEST)];
    let lines = read(&[data]);
    for pieces in splits(data) {
        assert_eq!(read(&pieces), lines);
    }
    let ended = data.iter().rposition(|byte| *byte == b'\n').map_or(&data[..0], |end| &data[..end]);
    let expected: Vec<_> = ended.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
    assert!(lines.iter().all(|line| line.len() <= LIMIT));
    assert_eq!(lines.iter().map(Vec::as_slice).collect::<Vec<_>>(), expected);

    for line in lines {
        let Ok(message) = Message::parse(&line) else { continue };
        let written = encode(&message).unwrap();
        assert_eq!(written.iter().filter(|byte| **byte == b'\n').count(), 1, "one message, one line");
        let [again] = read(&[&written]).try_into().unwrap();
        assert_eq!(again, message.to_bytes().unwrap());
        assert_eq!(Message::parse(&again).unwrap().into_value(), message.into_value());
    }
}

fn read(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new();
    pieces.iter().flat_map(|piece| decoder.push(piece).unwrap()).collect()
}
