//! `hoopctl evidence`: what an assessor gets of the trail for a period, made here of a verified trail, sealed by the
//! gateway, and checked without it.

mod make;
mod verify;
mod words;

use crate::{
    args::{Evidence, EvidenceCommand, MakeEvidence},
    context::Context,
    exit::{Exit, Failure},
    gateway::Gateway,
    output::Printer,
};

/// Needs the gateway only where a pack is to be made of its trail.
pub(crate) async fn run(
    args: Evidence,
    context: Option<&Context>,
    gateway: impl AsyncFnOnce() -> Result<Gateway, Failure>,
    printer: Printer,
) -> Result<u8, Failure> {
    match args {
        Evidence { command: Some(EvidenceCommand::Verify(args)), .. } => verify::run(args, printer).await,
        Evidence { make: Some(make), .. } if make.trail.is_some() => make::from_copy(make, printer).await,
        Evidence { make: Some(make), .. } => make::from_gateway(make, context, &gateway().await?, printer).await,
        Evidence { make: None, command: None } => Err(no_period()),
    }
}

fn no_period() -> Failure {
    let text = "evidence of what? Name --from, --to and --out, or `hoopctl evidence verify DIR`";
    Failure::new(Exit::Usage, "no_period", text)
}

/// A period that ends before it begins, and a folder in which something would be taken for part of the pack.
fn sensible(make: &MakeEvidence) -> Result<(), Failure> {
    if make.to <= make.from {
        let text = format!("the period ends ({}) before it begins ({}); see --from and --to", make.to, make.from);
        return Err(Failure::new(Exit::Usage, "bad_period", text));
    }
    if make.out.exists() && std::fs::read_dir(&make.out)?.next().is_some() {
        let text =
            format!("{} is not empty; name a new folder, so that nothing old is taken for new", make.out.display());
        return Err(Failure::new(Exit::Usage, "not_empty", text));
    }
    Ok(())
}
