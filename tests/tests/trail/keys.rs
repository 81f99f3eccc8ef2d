use std::{fs, path::Path};

use hoop_tests::{Finished, Site, hoopctl};

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
