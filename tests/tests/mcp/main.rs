//! MCP end to end: real clients and servers, both eras, over loopback HTTP, stdio and HTTPS.

mod conformance;
mod eras;
mod hostile;
mod inspector;
mod pause;
mod remote;
mod sdk;
mod tools;
mod upstream;
