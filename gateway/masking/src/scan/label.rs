//! Words in front of a number that say what it is.

/// Bytes looked at in front of a number.
pub(crate) const REACH: usize = 48;

/// What may stand between a word and its number.
pub(crate) fn is_filler(byte: u8) -> bool {
    b" \t:=#\"'\\`>(<[{*&;,".contains(&byte)
}

/// Whether a value that is hidden already is among these bytes.
pub(crate) fn holds_hidden(gap: &[u8]) -> bool {
    gap.windows(3).any(|stars| stars == b"***")
}

/// The words before byte `at`: lower case, nothing behind the last one.
pub(crate) struct Words {
    text: [u8; REACH],
    start: usize,
    end: usize,
}

impl Words {
    pub(crate) fn before(bytes: &[u8], at: usize) -> Self {
        let front = bytes.get(at.saturating_sub(REACH)..at).unwrap_or_default();
        let gap = front.iter().rev().take_while(|byte| is_filler(**byte)).count();
        // Bold type has two stars; three are a value that is hidden already, and the words are its.
        let hidden = front.get(front.len() - gap..).is_some_and(holds_hidden);
        let front = if hidden { &[] } else { front };
        let gap = if hidden { 0 } else { gap };
        let mut words = Self { text: [0; REACH], start: REACH - front.len(), end: REACH - gap };
        if let Some(place) = words.text.get_mut(words.start..) {
            place.copy_from_slice(front);
            place.make_ascii_lowercase();
        }
        words
    }

    /// Takes `word` off the end, with what stands before it; `true` if it was there. Letters and digits right before
    /// it would make another word of it.
    pub(crate) fn take(&mut self, word: &[u8]) -> bool {
        let text = self.text.get(self.start..self.end).unwrap_or_default();
        let Some(rest) = text.strip_suffix(word) else { return false };
        if rest.last().is_some_and(u8::is_ascii_alphanumeric) {
            return false;
        }
        let filler = rest.iter().rev().take_while(|byte| is_filler(**byte) || b"_-.".contains(byte)).count();
        let (rest, filler) = rest.split_at(rest.len() - filler);
        // What stands before a value that is hidden already belongs to that.
        self.end = if holds_hidden(filler) { self.start } else { self.start + rest.len() };
        true
    }

    pub(crate) fn take_any(&mut self, words: &[&[u8]]) -> bool {
        words.iter().any(|word| self.take(word))
    }
}

/// Whether any word may stand before byte `at`: a letter, or the last character of `CVV2`, `no.` or `#`.
pub(crate) fn may_stand_before(bytes: &[u8], at: usize) -> bool {
    let front = bytes.get(at.saturating_sub(REACH)..at).unwrap_or_default();
    let last = front.iter().rev().find(|byte| !is_filler(**byte));
    last.is_some_and(|byte| {
        byte.is_ascii_alphabetic() || matches!(byte, b'2' | b'.' | b'#' | b')' | b'_' | b'-') || *byte >= 0x80
    })
}

/// Whether the words before byte `at` call it a card number.
pub(crate) fn is_card(bytes: &[u8], at: usize) -> bool {
    const NUMBERS: [&[u8]; 7] = [b"number", b"num", b"no.", b"no", b"nr", b"nr.", b"#"];
    const CARDS: [&[u8]; 12] = [
        b"pan",
        b"card",
        b"cc",
        b"ccn",
        b"cardnumber",
        b"cardno",
        b"ccnumber",
        b"ccnum",
        b"creditcard",
        b"primary account",
        b"primaryaccountnumber",
        b"kreditkarte",
    ];
    const OTHERS: [&[u8]; 6] = [b"gift", b"sim", b"loyalty", b"membership", b"report", b"id"];
    let mut words = Words::before(bytes, at);
    let last = words.text.get(words.end.saturating_sub(1)).copied().unwrap_or_default();
    // Nearly every number of a result ends here.
    if !(last.is_ascii_alphabetic() || last == b'.' || last == b'#') {
        return false;
    }
    words.take_any(&[b"is", b"was", b"ist"]);
    words.take_any(&NUMBERS);
    words.take_any(&CARDS) && !words.take_any(&OTHERS)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_calls_a_number_a_card() {
        for text in [
            "card 4",
            "PAN: 4",
            "card number: 4",
            "Card No. 4",
            "cc=4",
            "credit card #4",
            "card_number=4",
            "my PAN is 4",
        ] {
            assert!(is_card(text.as_bytes(), text.find('4').unwrap()), "{text}");
        }
        for text in
            ["4", "order 4", "discard 4", "span 4", "gift card 4", "company 4", "card 9/4", "number 4", "card *** is 4"]
        {
            assert!(!is_card(text.as_bytes(), text.find('4').unwrap()), "{text}");
        }
    }
}
