//! `install.sh`, with what cargo built and with a release archive: digest checked, everything placed, everything removed
//! again.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use hoop_tests::Finished;

const PROGRAMS: [&str; 3] = ["hoopctl", "hoop-gateway", "hoop-agent"];

fn script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../install.sh")
}

fn install(arguments: &[&str]) -> Finished {
    Finished::of(Command::new("sh").arg(script()).args(arguments))
}

/// A release archive of small stand-ins for the programs.
fn archive(dir: &Path) -> (PathBuf, String) {
    let top = dir.join("hoop-0.1.0");
    for (folder, names) in
        [("bin", PROGRAMS.as_slice()), ("completions", &["hoopctl.bash", "_hoopctl"]), ("man", &["hoopctl.1"])]
    {
        fs::create_dir_all(top.join(folder)).unwrap();
        for name in names {
            fs::write(top.join(folder).join(name), format!("#!/bin/sh\necho {name} 0.1.0\n")).unwrap();
        }
    }
    let path = dir.join("hoop.tar.gz");
    Finished::of(Command::new("tar").arg("-C").arg(dir).arg("-czf").arg(&path).arg("hoop-0.1.0")).ok();
    let digest = Finished::of(Command::new("sha256sum").arg(&path)).ok().stdout;
    (path, digest.split(' ').next().unwrap().to_owned())
}

fn files(dir: &Path) -> usize {
    fs::read_dir(dir).map_or(0, |entries| {
        entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
    })
}

/// With a `cargo` that finds everything built, which the programs beside this test are.
#[test]
fn a_build_installs_what_cargo_built() {
    let dir = tempfile::tempdir().unwrap();
    let tools = dir.path().join("tools");
    fs::create_dir(&tools).unwrap();
    let said = dir.path().join("said");
    fs::write(tools.join("cargo"), format!("#!/bin/sh\necho \"$@\" >'{}'\n", said.display())).unwrap();
    fs::set_permissions(tools.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    let built = hoop_tests::program::path("hoopctl");
    let target = dir.path().join("target");
    fs::create_dir(&target).unwrap();
    // Under the name of the profile that the script builds.
    std::os::unix::fs::symlink(built.parent().unwrap(), target.join("release")).unwrap();
    let prefix = dir.path().join("home");
    let mut command = Command::new("sh");
    command.arg(script()).arg("--prefix").arg(&prefix).env("CARGO_TARGET_DIR", &target);
    command.env("PATH", format!("{}:{}", tools.display(), std::env::var("PATH").unwrap()));
    Finished::of(&mut command).ok();
    assert_eq!(
        fs::read_to_string(said).unwrap().trim(),
        "build --release --locked --bins -p hoopctl -p hoop-gateway -p hoop-agent"
    );
    for program in PROGRAMS {
        let installed = prefix.join("bin").join(program);
        assert!(Finished::of(Command::new(&installed).arg("--version")).ok().stdout.starts_with(program));
        assert!(
            fs::metadata(installed).unwrap().len() < fs::metadata(target.join("release").join(program)).unwrap().len()
        );
    }
    assert!(prefix.join("share/man/man1/hoopctl.1").exists());
    assert!(prefix.join("share/bash-completion/completions/hoopctl").exists());
}

#[test]
fn an_archive_installs_and_uninstalls() {
    let dir = tempfile::tempdir().unwrap();
    let (path, digest) = archive(dir.path());
    let prefix = dir.path().join("a home");
    let (path, prefix_text) = (path.to_str().unwrap(), prefix.to_str().unwrap());
    install(&["--archive", path, "--digest", &digest, "--prefix", prefix_text]).ok();
    for program in PROGRAMS {
        let ran = Finished::of(&mut Command::new(prefix.join("bin").join(program))).ok();
        assert_eq!(ran.stdout.trim(), format!("{program} 0.1.0"));
    }
    assert!(prefix.join("share/man/man1/hoopctl.1").exists());
    install(&["--uninstall", "--prefix", prefix_text]).ok();
    assert_eq!(files(&prefix), 0);
}

#[test]
fn a_wrong_digest_installs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (path, _) = archive(dir.path());
    let prefix = dir.path().join("home");
    let refused = install(&[
        "--archive",
        path.to_str().unwrap(),
        "--digest",
        &"0".repeat(64),
        "--prefix",
        prefix.to_str().unwrap(),
    ]);
    assert_ne!(refused.code, Some(0));
    assert!(refused.stderr.contains("Nothing was installed"), "{}", refused.stderr);
    assert_eq!(files(&prefix), 0);
}
