//! The tunnel to the gateway, and what is asked of it over the tunnel.

mod api;
mod login;
mod renew;
mod tunnel;

pub use login::Door;
pub use tunnel::Gateway;
