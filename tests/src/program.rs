//! Running our programs as a person or a script would.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::folder;

/// Nothing that a test waits for takes longer, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A whole program's run, which waits for several things.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The path of one of our programs, built beside this test.
pub fn path(name: &str) -> PathBuf {
    let exe = std::env::current_exe().expect("own path");
    let path = exe.parent().and_then(|deps| deps.parent()).expect("target folder").join(name);
    assert!(
        path.exists(),
        "{} is not built: run tests/run, or cargo build with the profile of this test, --workspace --bins",
        path.display()
    );
    path
}

pub fn hoopctl() -> Command {
    let mut command = Command::new(path("hoopctl"));
    // A developer's own login must neither help nor be touched.
    for name in ["HOOPCTL_CONTEXT", "HOOPCTL_CONFIG_DIR", "HOOPCTL_SECRET_STORE", "BROWSER"] {
        command.env_remove(name);
    }
    command
}

/// What a program that ended left behind.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// Runs to the end, and fails if that does not come.
    #[track_caller]
    pub fn of(command: &mut Command) -> Self {
        Self::within(LONGEST, command)
    }

    /// The same for a program that may take longer than others.
    #[track_caller]
    pub fn within(limit: Duration, command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = read(child.stdout.take().expect("piped"));
        let stderr = read(child.stderr.take().expect("piped"));
        let ended = end_of(&mut child, limit);
        if ended.is_none() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let (stdout, stderr) = (stdout.join().expect("read"), stderr.join().expect("read"));
        let Some(status) = ended else { panic!("{command:?} does not end\nstdout: {stdout}\nstderr: {stderr}") };
        if is_ours(command) {
            holds_no_card(&stderr);
        }
        Self { code: status.code(), stdout, stderr }
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(self.stdout.trim())
            .unwrap_or_else(|error| panic!("{error}\nstdout: {}\nstderr: {}", self.stdout, self.stderr))
    }
}

/// A running program whose output lines can be waited for. Killed on drop.
pub struct Program {
    child: Child,
    lines: mpsc::Receiver<String>,
    stderr: Option<thread::JoinHandle<String>>,
    ours: bool,
}

/// Of our programs: what they write to stderr ends up in a log.
fn is_ours(command: &Command) -> bool {
    let name = Path::new(command.get_program()).file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| ["hoopctl", "hoop-gateway", "hoop-agent"].contains(&name))
}

#[track_caller]
fn holds_no_card(log: &str) {
    let found = folder::cards(log.as_bytes());
    assert!(found.is_empty() || thread::panicking(), "card numbers in clear in a log: {found:?}\n{log}");
}

impl Program {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let stderr = read(child.stderr.take().expect("piped"));
        Self { child, lines, stderr: Some(stderr), ours: is_ours(command) }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line of stdout.
    #[track_caller]
    pub fn line(&mut self) -> String {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(error) => panic!("no line from the program ({error}); stderr: {}", self.kill_and_read()),
        }
    }

    #[track_caller]
    pub fn json_line(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// The next line of stdout as JSON; `None` when the program ended instead.
    #[track_caller]
    pub fn json_line_or_end(&mut self) -> Option<Value> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(error) => panic!("no line from the program ({error}); stderr: {}", self.kill_and_read()),
        }
    }

    /// As [`Self::json_line_or_end`]; `None` too once another program has ended, whose answer this one waits for.
    #[track_caller]
    pub fn json_line_unless_ended(&mut self, other: &mut Self) -> Option<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(Duration::from_millis(50)) {
                Ok(line) => return Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))),
                Err(mpsc::RecvTimeoutError::Disconnected) => return None,
                Err(mpsc::RecvTimeoutError::Timeout) if other.ends_within(Duration::ZERO) => return None,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    assert!(Instant::now() < deadline, "no line from the program; stderr: {}", self.kill_and_read());
                }
            }
        }
    }

    /// Whether it ends by itself within `limit`.
    pub fn ends_within(&mut self, limit: Duration) -> bool {
        end_of(&mut self.child, limit).is_some()
    }

    pub fn stdin(&mut self) -> &mut ChildStdin {
        self.child.stdin.as_mut().expect("piped")
    }

    pub fn write_line(&mut self, line: &str) {
        writeln!(self.stdin(), "{line}").expect("the program reads");
    }

    pub fn close_stdin(&mut self) {
        self.child.stdin = None;
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        signal(self.id(), "TERM");
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits for the program's own end.
    #[track_caller]
    pub fn finish(mut self) -> Finished {
        let Some(status) = end_of(&mut self.child, PATIENCE) else {
            panic!("the program does not end; stderr: {}", self.kill_and_read());
        };
        let stdout = self.lines.iter().collect::<Vec<_>>().join("\n");
        Finished { code: status.code(), stdout, stderr: self.read_stderr() }
    }

    fn kill_and_read(&mut self) -> String {
        self.kill();
        self.read_stderr()
    }

    fn read_stderr(&mut self) -> String {
        let log = self.stderr.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        if self.ours {
            holds_no_card(&log);
        }
        log
    }
}

fn read(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = pipe.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    })
}

/// How the child ended, if it did within `limit`.
fn end_of(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status);
        }
        if Instant::now() >= deadline {
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

pub fn signal(process: u32, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "kill -{name} {process}");
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
        // Whoever else has its stderr may keep it open.
        if self.stderr.as_ref().is_some_and(ends_soon) {
            self.read_stderr();
        }
    }
}

fn ends_soon(reader: &thread::JoinHandle<String>) -> bool {
    let deadline = Instant::now() + Duration::from_secs(1);
    while !reader.is_finished() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(5));
    }
    reader.is_finished()
}
