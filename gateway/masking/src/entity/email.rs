//! E-mail addresses as people write them (RFC 5321, RFC 6531), `@` spelled `%40` too. Quoted local parts and addresses
//! at a bare host are not told.

use std::ops::Range;

use super::Kind;

pub(super) const KIND: Kind =
    Kind { find, whole: |_| false, canonical: |text| text.replace("%40", "@").to_lowercase().into_bytes() };

/// Most octets behind the `@` (RFC 5321 §4.5.3.1.2).
const LONGEST_DOMAIN: usize = 255;

/// Adds the addresses in `text`.
pub(crate) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    for (at, sign) in text.match_indices(['@', '%']) {
        let width = match sign {
            "@" => 1,
            _ if text.get(at..).is_some_and(|rest| rest.starts_with("%40")) => 3,
            _ => continue,
        };
        let (Some(before), Some(after)) = (text.get(from..at), text.get(at + width..)) else { continue };
        if let Some(domain) = domain(after)
            && let Some(local) = local(before)
        {
            from = at + width + domain;
            found.push(at - local..from);
        }
    }
}

/// How many bytes at the end of `text` are a local part. It may be longer than RFC 5321 has it: were a part of it left, that
/// could end what is an address by itself once the rest is hidden.
fn local(text: &str) -> Option<usize> {
    // Nothing is read again and again for another `@` behind it: what is no local part holds no `@` or `%40` itself.
    if text.ends_with('.') {
        return None;
    }
    // A star is allowed there, but is ours: what is hidden already is no address. Marks in front are mostly the surroundings'
    // ("x='jo@…", "?q=jo@…"): the address begins behind them.
    let fits = |c: &char| c.is_alphanumeric() || "!#$%+-^_~.".contains(*c);
    let length: usize = text.chars().rev().take_while(fits).map(char::len_utf8).sum();
    let local = text.get(text.len() - length..)?.trim_start_matches('.');
    local.chars().any(char::is_alphanumeric).then_some(local.len())
}

/// How many bytes at the start of `text` are a domain: two labels at least, the last one of letters.
fn domain(text: &str) -> Option<usize> {
    let fits = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    let end = text.char_indices().find(|(at, c)| !fits(*c) || *at >= LONGEST_DOMAIN).map_or(text.len(), |(at, _)| at);
    let (mut length, mut labels, mut good) = (0, 0, None);
    for label in text.get(..end)?.split('.') {
        if label.is_empty() || label.starts_with('-') {
            break;
        }
        let whole = label.trim_end_matches('-');
        labels += 1;
        if labels >= 2 && is_top(whole) {
            good = Some(length + whole.len());
        }
        if whole.len() < label.len() {
            break;
        }
        length += label.len() + 1;
    }
    good
}

/// Top-level domains have two letters or more, or are spelled in punycode.
fn is_top(label: &str) -> bool {
    let letters = label.chars().filter(|c| c.is_alphabetic()).count();
    label.starts_with("xn--") || letters >= 2 && letters == label.chars().count()
}

#[cfg(test)]
mod tests {
    use super::super::{Entity, tests::found};

    #[test]
    fn addresses() {
        let cases = [
            ("mail jo.doe+tag@mail.example.com, now", "jo.doe+tag@mail.example.com"),
            ("<jo@example.com>", "jo@example.com"),
            ("mailto:jo@example.com?subject=x", "jo@example.com"),
            ("Write to jo@example.com.", "jo@example.com"),
            ("{\"to\":\"jo_doe-1@x-y.example\"}", "jo_doe-1@x-y.example"),
            ("to='o@example.com'", "o@example.com"),
            ("?to=jo%40example.com&x=1", "jo%40example.com"),
            ("jürgen@müller.example", "jürgen@müller.example"),
            ("a@b.xn--p1ai", "a@b.xn--p1ai"),
            ("..jo@example.com", "jo@example.com"),
            ("jo@1.2.example.3", "jo@1.2.example"),
        ];
        for (text, expected) in cases {
            assert_eq!(found(&Entity::Email, text), [expected]);
        }
        assert_eq!(found(&Entity::Email, "a@b.co,c@d.eu;e@f.org"), ["a@b.co", "c@d.eu", "e@f.org"]);
        assert_eq!(found(&Entity::Email, "a@b.co@c.eu"), ["a@b.co"]);
    }

    #[test]
    fn hidden_it_leaves_no_other_one() {
        let label = format!("example{}", "7x".repeat(40));
        let text = format!("a@b.{label}.c@d.example");
        let [address] = found(&Entity::Email, &text)[..] else { unreachable!("one address in {text}") };
        assert_eq!(address, &text[2..]);
        assert!(found(&Entity::Email, &format!("a@{}", "*".repeat(address.len()))).is_empty());
    }

    #[test]
    fn decoys() {
        for text in [
            "@handle",
            "jo@",
            "jo@localhost",
            "pkg@1.2.3",
            "a @ b.com",
            "jo@.com",
            "x@y",
            "100%40",
            "jo@-x.com",
            "***@example.com",
            ".@example.com",
            "jo.@example.com",
            "SELECT @x.y",
        ] {
            assert!(found(&Entity::Email, text).is_empty(), "{text}");
        }
    }
}
