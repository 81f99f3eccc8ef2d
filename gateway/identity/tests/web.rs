//! The real client against servers that misbehave (`identity.md` §8, row 7).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::Ipv4Addr;

use hoop_identity::fetch::{Fetch, Fetched, LARGEST, Web};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

/// Answers every request with these bytes; what a client makes of it.
async fn fetched(answer: Vec<u8>) -> Result<Fetched, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url: Url = format!("http://{}/keys", listener.local_addr().unwrap()).parse().unwrap();
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 2048]).await;
            // The client may hang up first.
            let _ = stream.write_all(&answer).await;
        }
    });
    let outcome = Web::for_issuer(&url).unwrap().get(&url).await.map_err(|error| error.to_string());
    serving.abort();
    outcome
}

fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}connection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn a_document_comes_with_its_age() {
    let got = fetched(response("200 OK", "cache-control: public, max-age=900\r\n", b"{}")).await.unwrap();
    assert_eq!((got.body.as_slice(), got.max_age.unwrap().as_secs()), (&b"{}"[..], 900));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let refused = fetched(response("302 Found", "location: http://169.254.169.254/\r\n", b"")).await.unwrap_err();
    assert!(refused.contains("302"), "{refused}");
}

#[tokio::test]
async fn a_large_answer_is_cut_off() {
    assert!(fetched(response("200 OK", "", &vec![b' '; LARGEST])).await.is_ok());
    let refused = fetched(response("200 OK", "", &vec![b' '; LARGEST + 1])).await.unwrap_err();
    assert!(refused.contains("larger"), "{refused}");
    // Without a length, and without an end.
    let endless = [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".as_slice(), &vec![b' '; 10 * 1024 * 1024]].concat();
    assert!(fetched(endless).await.unwrap_err().contains("larger"));
}

#[tokio::test]
async fn an_error_or_a_broken_answer_is_no_document() {
    assert!(fetched(response("500 Internal Server Error", "", b"{}")).await.is_err());
    assert!(fetched(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec()).await.is_err());
    assert!(fetched(Vec::new()).await.is_err());
}
