/// What this process has in memory stays there: a crash leaves no core file, on disk or with a crash reporter, and other
/// processes of the same user cannot look into it (prctl(2), `PR_SET_DUMPABLE`). Programs that it runs are not bound by it.
/// Nothing on systems that have no such call.
pub fn keep_in_memory() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "a crash of this process would leave a core file, with whatever passed");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rustix::process::{DumpableBehavior, dumpable_behavior};

    #[test]
    fn a_crash_leaves_nothing() {
        super::keep_in_memory();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
