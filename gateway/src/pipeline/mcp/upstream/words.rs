//! What an MCP server says of a request that it refused, as the client may see it.

use hoop_masking::{Findings, Masker};
use serde_json::Value;

/// Characters shown: a sentence or two, not a page.
const SHOWN: usize = 300;

/// The server's own words, masked, on one line and short; `None` if it has none for people.
pub(super) fn of(body: &[u8], masker: &Masker) -> Option<String> {
    shown(std::str::from_utf8(body).ok()?, masker)
}

fn shown(body: &str, masker: &Masker) -> Option<String> {
    let text = match serde_json::from_str::<Value>(body) {
        Ok(document) => sentence(&document)?.to_owned(),
        Err(_) if body.trim_start().starts_with('<') => return None,
        Err(_) => body.to_owned(),
    };
    let words = text.split(|character: char| character.is_whitespace() || character.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    // Masked as it will stand there, and whole: a number that is put together or cut in two later would pass.
    let masked = masker.text(&line, &mut Findings::default()).into_inner();
    let shown: String = masked.chars().take(SHOWN).collect();
    (!shown.is_empty()).then_some(shown)
}

/// Where documents of errors have what they say: Snowflake's, JSON-RPC's, OAuth's (RFC 6749 §5.2), RFC 9457's.
fn sentence(document: &Value) -> Option<&str> {
    ["/message", "/error/message", "/error_description", "/error", "/detail", "/title"]
        .iter()
        .find_map(|place| document.pointer(place)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_sentence_is_shown_masked_and_on_one_line() {
        let of = |body: &str| shown(body, &Masker::default());
        for (body, words) in [
            (r#"{"code":"390303","message":"Invalid OAuth access token."}"#, Some("Invalid OAuth access token.")),
            (r#"{"error":{"code":-32600,"message":"no\nsession"}}"#, Some("no session")),
            (r#"{"error":"invalid_token","error_description":"it has expired"}"#, Some("it has expired")),
            (r#"{"message":"card 4111111111111111 unknown"}"#, Some("card 411111******1111 unknown")),
            (r#"{"message":"card 41111111\u000111111111\n\nunknown"}"#, Some("card 411111** ****1111 unknown")),
            ("upstream connect error\r\n", Some("upstream connect error")),
            ("<html><body>404</body></html>", None),
            (r#"{"rows":[1]}"#, None),
            ("", None),
        ] {
            assert_eq!(of(body).as_deref(), words, "{body}");
        }
        let cut = format!("{} 4111111111111111", "x".repeat(SHOWN - 9));
        assert!(of(&cut).is_some_and(|line| line.ends_with(" 411111**")), "masked before it is cut");
    }
}
