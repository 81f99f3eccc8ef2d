//! What every chain shares: how bytes are copied, the server at its end, the download through it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::party::Party;

/// Bytes read and written at a time, everywhere.
const BLOCK: usize = 64 * 1024;

/// Bytes of a small answer.
const SMALL: u64 = 1024;

/// A loopback listener for a runtime that is yet to come.
pub async fn listener() -> std::net::TcpListener {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    listener.into_std().expect("a listener")
}

/// Copies both ways until both are done.
pub async fn join(mut near: impl AsyncRead + AsyncWrite + Unpin, mut far: impl AsyncRead + AsyncWrite + Unpin) {
    let _ = tokio::io::copy_bidirectional_with_sizes(&mut near, &mut far, BLOCK, BLOCK).await;
}

/// A server that answers an 8-byte number with as many bytes.
pub async fn source() -> (SocketAddr, Party) {
    let listener = listener().await;
    let address = listener.local_addr().expect("bound");
    let party = Party::start(move || async move {
        let listener = TcpListener::from_std(listener).expect("a listener");
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    (address, party)
}

async fn serve(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let block = vec![0x2a; BLOCK];
    while let Ok(mut left) = stream.read_u64().await {
        while left > 0 {
            let next = left.min(BLOCK as u64);
            if stream.write_all(&block[..next as usize]).await.is_err() {
                return;
            }
            left -= next;
        }
    }
}

/// Downloads `bytes` through the chain that begins at `address`, over a connection that has been used before.
pub async fn download(address: SocketAddr, bytes: u64) -> Duration {
    let mut stream = TcpStream::connect(address).await.expect("the chain");
    let _ = stream.set_nodelay(true);
    let mut block = vec![0; BLOCK];
    fetch(&mut stream, 1, &mut block).await;
    let started = Instant::now();
    fetch(&mut stream, bytes, &mut block).await;
    started.elapsed()
}

/// Times small downloads, one after the other; sorted.
pub async fn ping(address: SocketAddr, times: usize) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.expect("the chain");
    let _ = stream.set_nodelay(true);
    let mut block = vec![0; BLOCK];
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let started = Instant::now();
        fetch(&mut stream, SMALL, &mut block).await;
        took.push(started.elapsed());
    }
    took.sort();
    took
}

async fn fetch(stream: &mut TcpStream, bytes: u64, block: &mut [u8]) {
    stream.write_u64(bytes).await.expect("sent");
    let mut left = bytes;
    while left > 0 {
        let read = stream.read(block).await.expect("the chain holds");
        assert!(read > 0, "{left} of {bytes} bytes are missing");
        left -= read as u64;
    }
}
