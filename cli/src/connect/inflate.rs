//! Answers that the gateway compressed for the way through the tunnel: inflated before an application sees them, with the
//! length that they have then. What breaks off or is not as long as was said breaks off for the application too.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use hoop_wire::headers::{INFLATES, PLAIN_LENGTH};
use http::{Response, header};
use http_body_util::{BodyExt, combinators::BoxBody};
use hyper::body::{Body, Frame, SizeHint};
use zstd::{
    stream::raw::{Decoder, InBuffer, Operation, OutBuffer},
    zstd_safe::DParameter,
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Bytes that are inflated at a time: a few hundred microseconds at the most.
const PIECE: usize = 64 * 1024;
/// Largest window that an answer may ask for, as a power of two of bytes: 8 MiB, of which the gateway uses a part.
const WINDOW: u32 = 23;

/// The answer as an application reads it.
///
/// # Errors
/// When it is compressed, and says of itself nothing that could be held against.
pub(super) fn plain<B>(mut response: Response<B>) -> io::Result<Response<BoxBody<Bytes, Failure>>>
where
    B: Body<Data = Bytes, Error: Into<Failure>> + Send + Sync + Unpin + 'static,
{
    let headers = response.headers_mut();
    let length = headers.remove(PLAIN_LENGTH);
    if headers.get(header::CONTENT_ENCODING).is_none_or(|encoding| encoding != INFLATES) {
        return Ok(response.map(|body| body.map_err(Into::into).boxed()));
    }
    headers.remove(header::CONTENT_ENCODING);
    headers.remove(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let length = length.ok_or_else(|| broken("its length is not said"))?;
    let (head, body) = response.into_parts();
    Ok(Response::from_parts(head, Inflated::new(body, length)?.boxed()))
}

struct Inflated<B> {
    body: B,
    decoder: Decoder<'static>,
    /// What has come and is not inflated yet.
    input: Bytes,
    /// The decoder may hold more than it gave out.
    more: bool,
    /// It stands between two frames.
    ended: bool,
    /// Bytes that are still to be given out.
    left: u64,
}

impl<B> Inflated<B> {
    fn new(body: B, length: u64) -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(WINDOW))?;
        Ok(Self { body, decoder, input: Bytes::new(), more: false, ended: false, left: length })
    }

    /// What can be inflated now; `None`: nothing until more comes.
    fn piece(&mut self) -> io::Result<Option<Bytes>> {
        while self.more || !self.input.is_empty() {
            let mut piece = Vec::with_capacity(PIECE);
            let mut from = InBuffer::around(&self.input);
            let hint = self.decoder.run(&mut from, &mut OutBuffer::around(&mut piece))?;
            let read = from.pos();
            self.input.advance(read);
            self.ended = hint == 0;
            self.more = !self.ended && piece.len() == PIECE;
            let left = self.left.checked_sub(piece.len() as u64);
            self.left = left.ok_or_else(|| broken("it is longer than was said"))?;
            if !piece.is_empty() {
                return Ok(Some(piece.into()));
            }
        }
        Ok(None)
    }
}

impl<B: Body<Data = Bytes, Error: Into<Failure>> + Unpin> Body for Inflated<B> {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        loop {
            if let Some(piece) = self.piece()? {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                // There is nothing in trailers that an application asked for.
                Some(frame) => self.input = frame.map_err(Into::into)?.into_data().unwrap_or_default(),
                None if self.ended && self.left == 0 => return Poll::Ready(None),
                None => return Poll::Ready(Some(Err(broken("it broke off").into()))),
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::other(format!("an answer was compressed by the gateway, and cannot be inflated: {what}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use std::convert::Infallible;

    use http_body_util::StreamBody;
    use proptest::prelude::*;

    use super::*;

    /// A compressed answer that says it has `length` bytes and comes in pieces of `cut`.
    fn answer(compressed: &[u8], length: &str, cut: usize) -> io::Result<Response<BoxBody<Bytes, Failure>>> {
        let pieces: Vec<_> = compressed.chunks(cut).map(Bytes::copy_from_slice).collect();
        let pieces = pieces.into_iter().map(|piece| Ok::<_, Infallible>(Frame::data(piece)));
        let body = StreamBody::new(futures_util::stream::iter(pieces));
        let response = Response::builder()
            .header(header::CONTENT_ENCODING, INFLATES)
            .header(header::CONTENT_LENGTH, compressed.len())
            .header(PLAIN_LENGTH, length);
        plain(response.body(body).unwrap())
    }

    async fn read(answer: Response<BoxBody<Bytes, Failure>>) -> Result<Bytes, Failure> {
        assert!(answer.headers().is_empty(), "{:?}", answer.headers());
        Ok(answer.into_body().collect().await?.to_bytes())
    }

    const FRAME: usize = 200_000;

    fn frames(bytes: &[u8]) -> Vec<u8> {
        let pieces = if bytes.is_empty() { vec![bytes] } else { bytes.chunks(FRAME).collect() };
        pieces.into_iter().flat_map(|piece| zstd::encode_all(piece, 1).unwrap()).collect()
    }

    fn rows() -> Vec<u8> {
        (0..40_000).flat_map(|row| format!("[{row},\"row {}\"],", row * 7 % 1000).into_bytes()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn it_is_what_was_compressed_however_it_comes(
            bytes in prop_oneof![prop::collection::vec(any::<u8>(), 0..100), Just(rows()), Just(vec![0; 3 * PIECE])],
            cut in prop_oneof![1usize..9, 1000usize..200_000],
        ) {
            let compressed = frames(&bytes);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let answer = answer(&compressed, &bytes.len().to_string(), cut).unwrap();
            prop_assert_eq!(answer.body().size_hint().exact(), Some(bytes.len() as u64));
            prop_assert_eq!(runtime.block_on(read(answer)).unwrap(), bytes);
        }
    }

    #[tokio::test]
    async fn what_is_not_whole_or_not_as_long_as_was_said_breaks_off() {
        let rows = rows();
        let compressed = frames(&rows);
        let length = rows.len().to_string();
        let cut = compressed.len() - 1;
        let wide = {
            let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
            encoder.window_log(WINDOW + 1).unwrap();
            io::copy(&mut &*rows, &mut encoder).unwrap();
            encoder.finish().unwrap()
        };
        let cases = [
            ("cut", compressed[..cut].to_vec(), length.clone()),
            ("nothing", Vec::new(), "0".to_owned()),
            ("longer", compressed.clone(), (rows.len() - 1).to_string()),
            ("shorter", compressed.clone(), (rows.len() + 1).to_string()),
            ("a frame more", [compressed.clone(), frames(b"more")].concat(), length.clone()),
            ("a frame less", frames(&rows[..FRAME]), length.clone()),
            ("garbage behind it", [&*compressed, b"more"].concat(), length.clone()),
            ("garbage", rows.clone(), length.clone()),
            ("a window of 16 MiB", wide, length.clone()),
        ];
        for (name, bytes, length) in cases {
            assert!(read(answer(&bytes, &length, 5000).unwrap()).await.is_err(), "{name}");
        }
        assert!(answer(&compressed, "many", 5000).is_err());
    }

    #[tokio::test]
    async fn what_was_not_compressed_is_left_alone() {
        let body = http_body_util::Full::new(Bytes::from_static(b"rows"));
        let response = Response::builder().header(header::CONTENT_LENGTH, 4).body(body).unwrap();
        let answer = plain(response).unwrap();
        assert_eq!(answer.headers().len(), 1);
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "rows");
    }
}
