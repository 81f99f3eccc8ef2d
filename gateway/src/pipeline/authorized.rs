use std::sync::Arc;

use super::Exchange;

/// A request that policy let through and whose record is durable. Nothing else can reach the agent link.
pub struct Authorized<T> {
    request: T,
    exchange: Arc<Exchange>,
}

impl<T> Authorized<T> {
    /// Only the phases that decide and record may say so.
    pub(super) fn new(request: T, exchange: Exchange) -> Self {
        Self { request, exchange: Arc::new(exchange) }
    }

    pub fn request(&self) -> &T {
        &self.request
    }

    pub fn exchange(&self) -> &Arc<Exchange> {
        &self.exchange
    }

    /// Puts the request into the form the upstream takes. What was judged is what must be sent: `form` only wraps.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Authorized<U> {
        Authorized { request: form(self.request), exchange: self.exchange }
    }

    pub(crate) fn into_parts(self) -> (T, Arc<Exchange>) {
        (self.request, self.exchange)
    }
}

impl Exchange {
    /// A further request of an exchange that is already authorised: the rest of its result, a repeated poll.
    pub fn further<T>(self: &Arc<Self>, request: T) -> Authorized<T> {
        Authorized { request, exchange: self.clone() }
    }
}
