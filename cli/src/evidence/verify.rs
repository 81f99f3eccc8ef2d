use hoop_audit::{Anchor, Checkpoint};
use hoop_evidence::{Known, Verified};

use super::words;
use crate::{
    args::VerifyEvidence,
    audit::{Anchors, Cosigned, Stamped, Stamps, State, Witnesses, blocking, signed_by},
    exit::{Exit, Failure},
    output::Printer,
};

pub(super) async fn run(args: VerifyEvidence, printer: Printer) -> Result<u8, Failure> {
    let verified = blocking("verifying the evidence", move || verify(&args)).await?;
    let exit = match (verified.holds(), verified.is_anchored()) {
        (false, _) => Exit::Tampered,
        (true, true) => Exit::Ok,
        (true, false) => Exit::NoAnchor,
    };
    words::verified(&verified, exit, printer);
    Ok(exit as u8)
}

/// Verifies a pack against all that is known of its log elsewhere, and remembers its head where it goes on from that.
fn verify(args: &VerifyEvidence) -> Result<Verified, Failure> {
    let state = State::at(args.state.clone());
    let remembered = state.remembered()?;
    let anchors = Anchors {
        state: State::at(args.state.clone()),
        trust: args.trust.clone(),
        head: args.head.clone(),
        siem: None,
        agent: Vec::new(),
        payload_key: Vec::new(),
        witnesses: Witnesses::new(args.witnessed.clone())?,
        stamps: Stamps::new(args.witnessed.tsa.as_deref(), args.witnessed.since)?,
    };
    let (keys, mut heads) = anchors.read()?;
    let cosigned = anchors.witnesses.read(None, &args.head)?;
    heads.extend(cosigned.iter().map(Cosigned::anchor));
    let (stamped, problems) = anchors.stamps.read(None, &args.head)?;
    heads.extend(stamped.iter().map(Stamped::anchor));
    let known = Known { keys, heads: heads.into_iter().filter_map(head).collect() };
    let mut verified = hoop_evidence::verify(&args.dir, &known).map_err(|error| {
        let text = format!("cannot read {}: {error}", args.dir.display());
        Failure::new(Exit::Failed, "no_evidence", text)
    })?;
    for path in &args.head {
        // A head that none of the log's keys signed vouches for nothing.
        signed_by(path, &verified.keys)?;
    }
    verified.notes.extend(anchors.witnesses.settle(&cosigned, &verified.keys, &mut verified.anchors));
    verified.notes.extend(problems);
    verified.notes.extend(anchors.stamps.settle(&stamped, &verified.keys, &mut verified.anchors));
    let goes_on = remembered.is_none_or(|remembered| {
        let name = remembered.anchor();
        let name = head(name).map(|(name, _)| name).unwrap_or_default();
        verified.anchors.contains(&name)
            && verified.head.as_ref().is_some_and(|head| remembered.checkpoint.size <= head.size)
    });
    if let Some(head) = verified.head.as_ref().filter(|_| goes_on && verified.sealed && verified.is_intact()) {
        state.keep(head, &verified.keys)?;
    }
    Ok(verified)
}

fn head(anchor: Anchor) -> Option<(String, Checkpoint)> {
    match anchor {
        Anchor::Checkpoint { name, checkpoint } => Some((name, checkpoint)),
        Anchor::Record { .. } => None,
    }
}
