use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::{Passing, stream::Way};

/// A body that is counted as it passes.
pub(crate) struct Counted<B> {
    body: B,
    passing: Arc<Passing>,
    way: fn(&Passing) -> &Way,
}

impl<B> Counted<B> {
    /// On its way to the upstream.
    pub(crate) fn sent(passing: &Arc<Passing>, body: B) -> Self {
        Self { body, passing: passing.clone(), way: Passing::sent }
    }

    /// On its way from the upstream.
    pub(crate) fn received(passing: &Arc<Passing>, body: B) -> Self {
        Self { body, passing: passing.clone(), way: Passing::received }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Counted<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()).and_then(Frame::data_ref) {
            (this.way)(&this.passing).pass(data);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
