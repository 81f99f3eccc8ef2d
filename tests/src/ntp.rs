//! A time server (SNTP, RFC 5905 §14) whose clock is as the test wants it.

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Seconds from 1900 to 1970.
const ERA: u64 = 2_208_988_800;

/// What the server does with a question.
#[derive(Debug, Clone, Copy)]
pub enum Answers {
    /// Its clock is ahead of this machine's by so many seconds, or behind.
    Ahead(i64),
    /// With what is no answer.
    Garbage,
}

/// Serves until the test's process ends.
pub struct TimeServer {
    address: SocketAddr,
    answers: Arc<Mutex<Answers>>,
}

impl TimeServer {
    pub fn start(answers: Answers) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let answers = Arc::new(Mutex::new(answers));
        let inside = answers.clone();
        thread::spawn(move || {
            let mut question = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut question) {
                let answer = match *inside.lock().unwrap() {
                    Answers::Ahead(seconds) if length >= 48 => answer(&question, seconds),
                    _ => vec![0; 3],
                };
                socket.send_to(&answer, from).unwrap();
            }
        });
        Self { address, answers }
    }

    pub fn answer(&self, answers: Answers) {
        *self.answers.lock().unwrap() = answers;
    }

    /// As a gateway's settings name it, asked each second.
    pub fn settings(&self) -> String {
        format!("[clock]\nntp = [\"{}\"]\nevery_seconds = 1\n", self.address)
    }

    pub fn address(&self) -> String {
        self.address.to_string()
    }
}

/// Version 4, mode 4, stratum 2; its receive and transmit time are one.
fn answer(question: &[u8], ahead: i64) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(ERA);
    let seconds = u32::try_from(now.as_secs().saturating_add_signed(ahead)).unwrap();
    let fraction = u32::try_from((u64::from(now.subsec_nanos()) << 32) / 1_000_000_000).unwrap();
    let now = [seconds.to_be_bytes(), fraction.to_be_bytes()].concat();
    let mut answer = vec![0x24, 2, 6, 0xec];
    answer.extend([0; 8]);
    answer.extend(*b"\x7f\0\0\x01");
    answer.extend(&now);
    answer.extend(&question[40..48]);
    answer.extend(&now);
    answer.extend(&now);
    answer
}
