//! The end-to-end harness: our real programs between real or stand-in peers, each test with its own stack, folders and
//! ports.

pub mod listener;
pub mod peers;
pub mod program;
pub mod raw;
pub mod site;
pub mod stack;
pub mod upstream;

pub use listener::Listener;
pub use program::{Finished, Program, hoopctl};
pub use raw::Raw;
pub use site::Site;
pub use stack::Stack;
pub use upstream::Upstream;

/// Card numbers that exist nowhere (test ranges), Luhn-valid.
pub mod cards {
    pub const VISA: &str = "4111111111111111";
    pub const VISA_MASKED: &str = "411111******1111";
    pub const MASTERCARD: &str = "5555555555554444";
    pub const AMEX: &str = "378282246310005";
}
