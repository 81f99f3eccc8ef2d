use std::{fs, path::Path, process::Command};

use hoop_tests::{Finished, Site, hoopctl, program};

fn key(site: &Site, command: &str) -> String {
    Finished::of(site.hoopctl("carol").args(["--output", "json", "admin", "keys", command])).ok().json()["key"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn verify(dir: &Path, arguments: &[&Path]) -> Option<i32> {
    Finished::of(hoopctl().args(["audit", "verify"]).arg(dir).args(arguments)).code
}

/// Who knows the old key follows the log to the new one, and who knows the new one alone knows all of it; also across a
/// restart.
#[test]
fn the_key_can_be_changed_for_another() {
    let mut site = Site::with_agent();
    site.login("alice").ok();
    site.login("carol").ok();
    let old = key(&site, "show");
    let new = key(&site, "rotate");
    assert_ne!(old, new);
    assert_eq!(key(&site, "show"), new);
    let refused = Finished::of(site.hoopctl("alice").args(["admin", "keys", "rotate"]));
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    site.stop_gateway();
    site.start_gateway();
    assert_eq!(key(&site, "show"), new);
    let out = site.path("export");
    Finished::of(site.hoopctl("carol").args(["audit", "export", "--out"]).arg(&out)).ok();
    let state = site.path("head.json");
    for dir in [out, site.trail()] {
        for (name, key, known) in [("old", old.as_str(), true), ("new", &new, true), ("other", OTHER, false)] {
            let trust = site.path(name);
            fs::write(&trust, format!("# the trail's\n{key}\n")).unwrap();
            let code = verify(&dir, &[Path::new("--trust"), &trust, Path::new("--state"), &state]);
            // The first time there is nothing to hold it against.
            assert!(if known { matches!(code, Some(0 | 10)) } else { code == Some(9) }, "{name}: {code:?}");
        }
    }
}

/// The example key of the format's specification.
const OTHER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

/// Without its key a trail cannot be continued, only another one be begun that says so.
#[test]
fn a_trail_whose_key_is_lost_is_set_aside() {
    let mut site = Site::start();
    site.login("carol").ok();
    let old = key(&site, "show");
    site.stop_gateway();
    let origin = old.split('+').next().unwrap();
    fs::remove_file(site.path("gateway/trail.key")).unwrap();
    let refused = Finished::of(&mut site.gateway_command());
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains(origin) && refused.stderr.contains("begin-anew"), "{}", refused.stderr);

    let mut anew = Command::new(program::path("hoop-gateway"));
    anew.args(["trail", "begin-anew", "--reason", "the disk is gone", "--config"]).arg(site.path("gateway.toml"));
    let begun = Finished::of(&mut anew).ok();
    assert!(begun.stderr.contains(origin), "{}", begun.stderr);
    site.start_gateway();
    let new = key(&site, "show");
    assert_ne!(new.split('+').next(), Some(origin));
    let report = |dir: &Path| {
        let verified = Finished::of(hoopctl().args(["--output", "json", "audit", "verify"]).arg(dir));
        assert_eq!(verified.code, Some(10), "{}", verified.stdout);
        verified.json()["report"].clone()
    };
    assert_eq!(report(&site.trail())["continues"], serde_json::json!([origin]));
    let frozen = site.path("gateway").join(format!("frozen-{}", origin.rsplit('/').next().unwrap()));
    let head = report(&frozen.join("trail"))["checkpoint"].clone();
    let mut first: Option<hoop_audit::Record> = None;
    let keep = |record: hoop_audit::Record, _: &[u8]| first = first.take().or(Some(record));
    hoop_recording::records(&site.trail(), keep).unwrap();
    let said = first.unwrap().draft.detail;
    assert_eq!(
        (said["continues_size"].as_str(), said["because"].as_str()),
        (&*head["size"].to_string(), "the disk is gone")
    );
    assert_eq!(said["continues_root"], head["root"].as_str().unwrap());

    // While a gateway runs, its trail is not taken from under it.
    let refused = Finished::of(&mut anew);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("another gateway is writing"), "{}", refused.stderr);
    site.stop_gateway();
    site.start_gateway();
    assert_eq!(key(&site, "show"), new, "it goes on as any other");
}
