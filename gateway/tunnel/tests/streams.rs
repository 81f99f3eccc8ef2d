//! What goes through a tunnel, and how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod pair;

use std::{future::Future, io::IoSlice, pin::pin, task::Poll};

use hoop_tunnel::{CloseCode, Closed, Connection, Listener, StreamError};
use hoop_wire::{frame::FrameError, open::UpstreamAnswer};
use pair::{Authority, listen, pair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn frames_go_both_ways_and_bytes_follow() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, far) = pair(&authority, &listener).await;
    let mut here = near.open().await.unwrap();
    here.write_frame(&"ask").await.unwrap();
    here.write_all(b"raw").await.unwrap();
    here.shutdown().await.unwrap();

    let mut there = far.accept().await.unwrap();
    assert_eq!(there.read_frame::<String>().await.unwrap(), "ask");
    let mut raw = String::new();
    there.read_to_string(&mut raw).await.unwrap();
    assert_eq!(raw, "raw");
    there.write_frame(&UpstreamAnswer::Ready).await.unwrap();
    there.finish().await.unwrap();

    assert!(matches!(here.read_frame().await.unwrap(), UpstreamAnswer::Ready));
    assert!(here.next_frame::<UpstreamAnswer>().await.unwrap().is_none());
}

#[tokio::test]
async fn a_request_is_one_datagram_and_its_answer_another() {
    const EXCHANGES: u64 = 200;
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, far) = pair(&authority, &listener).await;
    let answering = far.clone();
    tokio::spawn(async move {
        while let Some(mut there) = answering.accept().await {
            tokio::spawn(async move {
                assert_eq!(there.read_frame::<String>().await.unwrap(), "ask");
                there.read_exact(&mut [0; 7]).await.unwrap();
                there.begin_with(&UpstreamAnswer::Ready).unwrap();
                there.flush().await.unwrap();
                there.write_all(b"answer").await.unwrap();
                there.conclude().await.unwrap();
            });
        }
    });
    let before = near.datagrams_sent() + far.datagrams_sent();
    for _ in 0..EXCHANGES {
        let mut here = near.open().await.unwrap();
        here.begin_with(&"ask").unwrap();
        here.end_late();
        here.flush().await.unwrap();
        // As HTTP does: by a task of its own.
        let asking = tokio::spawn(async move {
            here.write_all(b"request").await.unwrap();
            assert!(matches!(here.read_frame().await.unwrap(), UpstreamAnswer::Ready));
            let mut answer = String::new();
            here.read_to_string(&mut answer).await.unwrap();
            here.shutdown().await.unwrap();
            answer
        });
        assert_eq!(asking.await.unwrap(), "answer");
    }
    let sent = near.datagrams_sent() + far.datagrams_sent() - before;
    // Acknowledgements on their own, and the search for the largest datagram, are the rest.
    assert!(sent < EXCHANGES * 5 / 2, "{sent} datagrams for {EXCHANGES} exchanges");
}

#[tokio::test]
async fn an_end_that_nothing_follows_comes_by_itself() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, far) = pair(&authority, &listener).await;
    let mut here = near.open().await.unwrap();
    here.begin_with(&"only").unwrap();
    here.end_late();
    here.shutdown().await.unwrap();
    drop(here);
    let mut there = far.accept().await.unwrap();
    assert_eq!(there.read_frame::<String>().await.unwrap(), "only");
    assert!(there.next_frame::<String>().await.unwrap().is_none(), "a clean end");

    let mut here = near.open().await.unwrap();
    here.end_late();
    here.write_all(b"cut").await.unwrap();
    drop(here);
    let error = far.accept().await.unwrap().read_to_end(&mut Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "without its end it is cut off");
}

#[tokio::test]
async fn several_pieces_go_out_as_they_lie() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, far) = pair(&authority, &listener).await;
    // No two places alike, wherever it is cut.
    let piece: Vec<u8> = (0..3_000_000u32).map(|place| (place % 251) as u8).collect();
    let whole = [b"head".as_slice(), &piece, b"tail"].concat();
    let sending = tokio::spawn(async move {
        let mut here = near.open().await.unwrap();
        here.begin_with(&"first").unwrap();
        let mut slices = [IoSlice::new(b"head"), IoSlice::new(b""), IoSlice::new(&piece), IoSlice::new(b"tail")];
        let mut left = slices.as_mut_slice();
        while !left.is_empty() {
            let written = here.write_vectored(left).await.unwrap();
            IoSlice::advance_slices(&mut left, written);
        }
        here.finish().await.unwrap();
    });
    let mut there = far.accept().await.unwrap();
    assert_eq!(there.read_frame::<String>().await.unwrap(), "first");
    let mut read = Vec::new();
    there.read_to_end(&mut read).await.unwrap();
    assert!(read == whole, "{} of {} bytes", read.len(), whole.len());
    sending.await.unwrap();
}

#[tokio::test]
async fn reading_a_frame_may_be_cancelled_anywhere() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, far) = pair(&authority, &listener).await;
    let bytes = hoop_wire::frame::encode(&"whole").unwrap();
    let mut here = near.open().await.unwrap();
    here.write_all(&bytes[..1]).await.unwrap();
    let mut there = far.accept().await.unwrap();
    for byte in &bytes[1..] {
        {
            let mut reading = pin!(there.read_frame::<String>());
            std::future::poll_fn(|context| {
                assert!(reading.as_mut().poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
        }
        here.write_all(&[*byte]).await.unwrap();
    }
    assert_eq!(there.read_frame::<String>().await.unwrap(), "whole");
}

#[tokio::test]
async fn a_frame_too_long_or_cut_is_an_error() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, far) = pair(&authority, &listener).await;
    let mut here = near.open().await.unwrap();
    here.write_all(&[0xff; 8]).await.unwrap();
    let error = far.accept().await.unwrap().read_frame::<String>().await.unwrap_err();
    assert!(matches!(error, StreamError::Frame(FrameError::TooLong { .. })), "{error}");

    let mut here = near.open().await.unwrap();
    here.write_all(&[0, 0, 0, 9, b'"']).await.unwrap();
    here.shutdown().await.unwrap();
    let error = far.accept().await.unwrap().read_frame::<String>().await.unwrap_err();
    assert!(matches!(error, StreamError::Ended), "{error}");
}

#[tokio::test]
async fn a_reader_that_stands_still_stops_the_writer_and_nobody_else() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, far) = pair(&authority, &listener).await;
    const TOTAL: usize = 32 * 1024 * 1024;

    let mut big = near.open().await.unwrap();
    let block: Vec<u8> = (0..64 * 1024_u32).map(|i| i as u8).collect();
    let mut sent = 0;
    // Fill the stream's window: a write that stays pending means the far side holds all it is willing to.
    let mut slow = loop {
        let written = {
            let mut write = pin!(big.write(&block[sent % block.len()..]));
            tokio::select! {
                biased;
                written = &mut write => Some(written.unwrap()),
                // Acknowledgements still on their way would free no window: nothing has been read.
                () = async { near.open().await.unwrap().write_all(b"x").await.unwrap(); }, if sent > 1_000_000 => None,
            }
        };
        match written {
            Some(count) => sent += count,
            None => break far.accept().await.unwrap(),
        }
    };
    assert!(sent < 4 * 1024 * 1024, "{sent} bytes were taken without a reader");

    let mut other = near.open().await.unwrap();
    other.write_all(b"?").await.unwrap();
    other.shutdown().await.unwrap();
    // The streams that only woke the loop above come first.
    loop {
        let mut there = far.accept().await.unwrap();
        let mut question = Vec::new();
        if there.read_to_end(&mut question).await.is_ok() && question == b"?" {
            break;
        }
    }

    let writer = async {
        while sent < TOTAL {
            let begin = sent % block.len();
            let end = block.len().min(begin + TOTAL - sent);
            sent += big.write(&block[begin..end]).await.unwrap();
        }
        big.finish().await.unwrap();
    };
    let reader = async {
        let mut buffer = vec![0; 64 * 1024];
        let mut got = 0;
        loop {
            let count = slow.read(&mut buffer).await.unwrap();
            if count == 0 {
                return got;
            }
            for byte in &buffer[..count] {
                assert_eq!(*byte, block[got % block.len()]);
                got += 1;
            }
        }
    };
    let ((), got) = tokio::join!(writer, reader);
    assert_eq!(got, TOTAL);
}

#[tokio::test]
async fn a_dropped_stream_is_no_clean_end() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, far) = pair(&authority, &listener).await;
    let mut here = near.open().await.unwrap();
    here.write_all(b"half an ans").await.unwrap();
    let mut there = far.accept().await.unwrap();
    drop(here);
    let mut rest = Vec::new();
    assert!(there.read_to_end(&mut rest).await.is_err());
}

#[tokio::test]
async fn a_writer_learns_that_nobody_reads() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, far) = pair(&authority, &listener).await;
    let mut here = near.open().await.unwrap();
    here.write_all(b"x").await.unwrap();
    drop(far.accept().await.unwrap());
    let (mut send, _receive) = here.split();
    send.stopped().await.unwrap();
    assert!(send.write_all(b"y").await.is_err());
}

#[tokio::test]
async fn a_close_brings_its_code_and_reason() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, far) = pair(&authority, &listener).await;
    far.close(CloseCode::Revoked, "carol revoked this login\u{7}");
    let expected = Closed::Peer { code: CloseCode::Revoked, reason: "carol revoked this login".to_owned() };
    assert_eq!(near.closed().await, expected);
    assert_eq!(near.close_reason(), Some(expected));
    assert!(near.open().await.is_err());
    assert!(near.accept().await.is_none());
    assert_eq!(far.closed().await, Closed::Here);
}

/// A tunnel in the middle of more bytes than the network takes at once.
async fn busy(authority: &Authority, listener: &Listener) -> (Connection, Connection) {
    let (near, far) = pair(authority, listener).await;
    let mut sending = far.open().await.unwrap();
    tokio::spawn(async move { while sending.write_all(&[7; 64 * 1024]).await.is_ok() {} });
    let mut receiving = near.accept().await.unwrap();
    let mut piece = vec![0; 64 * 1024];
    receiving.read_exact(&mut piece).await.unwrap();
    tokio::spawn(async move { while receiving.read_exact(&mut piece).await.is_ok() {} });
    (near, far)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_is_heard_in_the_middle_of_a_transfer() {
    let authority = Authority::new();
    let listener = listen(&authority);
    for _ in 0..20 {
        let (near, far) = busy(&authority, &listener).await;
        far.close(CloseCode::Revoked, "revoked");
        assert!(matches!(near.closed().await, Closed::Peer { code: CloseCode::Revoked, .. }));
    }
    let (near, _far) = busy(&authority, &listener).await;
    listener.close(CloseCode::Draining, "restart").await;
    assert!(matches!(near.closed().await, Closed::Peer { code: CloseCode::Draining, .. }));
}

#[tokio::test]
async fn closing_the_listener_tells_everyone_and_frees_the_port() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, _far) = pair(&authority, &listener).await;
    let address = listener.local_addr().unwrap();
    listener.close(CloseCode::Draining, "restart").await;
    assert!(matches!(near.closed().await, Closed::Peer { code: CloseCode::Draining, .. }));
    assert!(listener.accept().await.is_none());
    drop((listener, _far));
    // The socket closes with the last of its tasks, which has only to run.
    while std::net::UdpSocket::bind(address).is_err() {
        tokio::task::yield_now().await;
    }
}
