//! `hoopctl admin keys`: who signs the trail.

use hoop_audit::{Hash, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::{
    args::Keys,
    exit::{Exit, Failure},
    gateway::Gateway,
    output::Printer,
};

#[derive(Serialize, Deserialize)]
struct Key {
    key: VerifyingKey,
    fingerprint: Hash,
}

pub(crate) async fn run(gateway: &Gateway, command: Keys, printer: Printer) -> Result<u8, Failure> {
    let key: Key = match command {
        Keys::Show => gateway.get("/v1/trail/key").await?,
        Keys::Rotate => gateway.post("/v1/trail/key", &()).await?,
    };
    printer.result("trail_key", &key, |key| key.key.to_string());
    if matches!(command, Keys::Rotate) {
        printer.say("signs the trail from now on; give it to whoever verifies the trail with --trust");
    }
    Ok(Exit::Ok as u8)
}
