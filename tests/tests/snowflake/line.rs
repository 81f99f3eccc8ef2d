//! What a result takes of the line between a person and the gateway.

use std::sync::Arc;

use hoop_tests::{Listener, Raw, Stack, Upstream, line::Line};
use tokio::runtime::Runtime;

const ROWS: usize = 50_000;

/// As Snowflake's own chunks do, which are gzip.
#[test]
fn chunks_take_less_than_half_of_their_length_and_come_as_they_are() {
    let upstream = Upstream::start();
    let stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
    let line = Line::of(&stack, "alice");
    let client = Raw::at(Listener::open(&stack, "alice", "snowflake"), &Arc::new(Runtime::new().unwrap()), &[]);
    let (token, _) = client.tokens();
    for (format, begins) in [("json", &b"[\""[..]), ("arrow", b"\xff\xff\xff\xff")] {
        let sql = format!("SELECT /*hoop: rows={ROWS} format={format} chunks=2 inline=0 */ * FROM products");
        let answer = client.query(&token, &sql);
        let before = line.down();
        let mut length = 0;
        for chunk in answer["data"]["chunks"].as_array().unwrap() {
            let path = chunk["url"].as_str().unwrap().strip_prefix(client.listener.url()).unwrap();
            // A driver's own wish is nothing to the gateway.
            let wish = [("accept-encoding", "gzip, zstd")];
            let served = client.send_with("GET", path, &wish, "");
            assert_eq!(served.status, 200);
            let header = |name: &str| served.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(header("content-length"), Some(served.body.len().to_string()), "{:?}", served.headers);
            assert_eq!((header("content-encoding"), header("hoop-plain-length")), (None, None));
            assert!(served.body.starts_with(begins), "{}", served.body[..8].escape_ascii());
            length += served.body.len() as u64;
        }
        let took = line.down() - before;
        assert!(length > ROWS as u64 * 40, "{length} bytes in {ROWS} rows");
        assert!(2 * took < length, "{format}: {took} bytes for {length}");
    }
}
