//! PIN blocks in text, under their name: 8 or 16 bytes as hexadecimal digits (ISO 9564-1).

use std::ops::Range;

use super::code;

const LENGTHS: [usize; 2] = [16, 32];
const LONGEST: usize = 32;

/// A look at the hexadecimal digits around a digit.
pub(crate) enum Block {
    No,
    /// More text is needed to tell.
    Cut,
    /// From the digit on: the few letters before it may have gone out already, and tell nothing alone.
    At(Range<usize>),
}

/// Whether the digit at `start`, the first of its kind, belongs to a PIN block.
pub(crate) fn at(bytes: &[u8], start: usize, open: bool) -> Block {
    let hex = |byte: &&u8| byte.is_ascii_hexdigit();
    let (front, back) = (bytes.get(..start).unwrap_or_default(), bytes.get(start..).unwrap_or_default());
    let before = front.iter().rev().take(LONGEST).take_while(hex).count();
    let escaped = before >= 2 && front.len().checked_sub(before + 1).and_then(|at| front.get(at)) == Some(&b'%');
    let before = if escaped { before - 2 } else { before };
    let behind = back.iter().take(LONGEST + 1).take_while(hex).count();
    if before + behind > LONGEST || before > 0 && front.iter().rev().take(before).any(u8::is_ascii_digit) {
        return Block::No;
    }
    let ends = back.get(behind);
    let fits =
        LENGTHS.contains(&(before + behind)) && !ends.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'*');
    let cut = open && ends.is_none();
    if !(fits || cut) || !code::calls_block(bytes, start - before) {
        return Block::No;
    }
    if cut { Block::Cut } else { Block::At(start..start + behind) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str) -> Option<&str> {
        let name = text.find(['=', ':', '>', '%', ' ']).map_or(0, |at| if text.contains('%') { at + 3 } else { at });
        let start = name + text.get(name..)?.find(|c: char| c.is_ascii_digit())?;
        match at(text.as_bytes(), start, false) {
            Block::At(range) => text.get(range),
            Block::No | Block::Cut => None,
        }
    }

    #[test]
    fn blocks_under_their_names() {
        let block = "2C900694592F5792";
        for name in [
            "<pin_block>",
            "pinBlock=",
            "PINBLOCK: ",
            "encrypted_pin_block: \"",
            "pin-block=",
            "PIN block is ",
            "epb=",
            "pin_block_value=",
            "pin_block%3D",
            "<field name=\"pinBlock\">",
        ] {
            assert_eq!(hidden(&format!("{name}{block}")), Some(block), "{name}");
        }
        assert_eq!(hidden("pin_block=E07797A371457362&f=0"), Some("07797A371457362"));
        assert_eq!(hidden(&format!("pin block: {block}{block}")).map(str::len), Some(32));
        for other in ["block: ", "pin: ", "", "a"] {
            assert_eq!(hidden(&format!("{other}{block}")), None, "{other}");
        }
        assert_eq!(hidden(&format!("pin_block={block}00")), None);
        assert_eq!(hidden(&format!("pin_block={block}x")), None);
    }
}
