use crate::Released;

/// Takes a large answer as the client may have it, piece by piece: in order, and cut wherever.
pub trait Sink {
    /// The next of it.
    fn take(&mut self, piece: Released<&[u8]>);

    /// All that was taken is void: the answer comes anew, from its beginning.
    fn void(&mut self);
}
