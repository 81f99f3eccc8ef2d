//! Whether text holds the beginning of any word for a verification code or a PIN: nearly no text does, and then its
//! digits need no look at the words around them.

/// The first three letters of each, or three that all of its spellings have.
const BEGINNINGS: [&[u8; 3]; 36] = [
    b"cvv", b"cvc", b"cvn", b"cvd", b"cvx", b"cav", b"csc", b"ccv", b"dbc", b"cid", b"pin", b"sec", b"ver", b"val",
    b"sig", b"seg", b"sic", b"sik", b"dig", b"zif", b"cod", b"cry", b"cri", b"bev", b"pru", b"geh", b"blo", b"blk",
    b"epb", b"chi", b"cif", b"kod", b"mpi", b"cur", b"rif", b"fnu",
];

/// A bit for each three letters.
static HINTS: [u32; 1024] = hints();

// Runs in the compiler, which takes no index out of bounds.
#[allow(clippy::indexing_slicing)]
const fn hints() -> [u32; 1024] {
    let mut table = [0; 1024];
    let mut row = 0;
    while row < BEGINNINGS.len() {
        let [a, b, c] = *BEGINNINGS[row];
        let place = place(place(place(0, a), b), c);
        table[place >> 5] |= 1 << (place & 31);
        row += 1;
    }
    table
}

/// Five bits for each letter, capital or small; other characters fall together with some of them.
const fn place(before: usize, byte: u8) -> usize {
    (before << 5 | (byte & 31) as usize) & 0x7fff
}

/// Only a hint: it errs on the side of looking. Scripts beyond those of Europe may hold a word in any place.
pub(crate) fn is_in(bytes: &[u8]) -> bool {
    let (mut last, mut before) = (0, 0);
    bytes.iter().any(|byte| {
        last = place(last, *byte);
        // `cv2`, and bit 52 of ISO 8583.
        let numbered = *byte == b'2' && matches!(before, b'5' | b'v' | b'V');
        before = *byte;
        numbered || *byte >= 0xe1 || HINTS.get(last >> 5).is_some_and(|bits| bits >> (last & 31) & 1 == 1)
    })
}

#[cfg(test)]
mod tests {
    use super::is_in;

    #[test]
    fn words_and_what_is_none() {
        for text in [
            "CVV 123",
            "my pin: 1234",
            "security code 123",
            "de52",
            "CV2 1",
            "Prüfziffer",
            "Prüfnummer",
            "código",
            "sécurité",
            "安全码",
            "the Code is 123",
        ] {
            assert!(is_in(text.as_bytes()), "{text}");
        }
        for text in ["Anna Schmidt 12345", "Jörg Weiß 7", "2026-05-17", "ORDER 1234", ""] {
            assert!(!is_in(text.as_bytes()), "{text}");
        }
    }
}
