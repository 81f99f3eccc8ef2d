//! The line between `hoopctl` and the gateway, as a relay of datagrams that counts what goes down it.

use std::{
    fs,
    net::UdpSocket,
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use crate::Stack;

/// Longest datagram in bytes.
const DATAGRAM: usize = 64 * 1024;

/// Of one `hoopctl` at a time; relays until the test's process ends.
pub struct Line {
    down: Arc<AtomicU64>,
}

impl Line {
    /// From now on, all that the stack's `user` asks of the gateway goes through it.
    pub fn of(stack: &Stack, user: &str) -> Self {
        let (near, far) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        let address = near.local_addr().unwrap();
        far.connect(&stack.ready.gateway).unwrap();
        let (client, down) = (Arc::new(OnceLock::new()), Arc::new(AtomicU64::new(0)));
        thread::spawn({
            let (near, far, client) = (near.try_clone().unwrap(), far.try_clone().unwrap(), client.clone());
            move || {
                let mut datagram = vec![0; DATAGRAM];
                while let Ok((length, from)) = near.recv_from(&mut datagram) {
                    assert_eq!(client.get_or_init(|| from), &from, "one hoopctl at a time");
                    // One that is lost comes again.
                    let _ = far.send(&datagram[..length]);
                }
            }
        });
        let counted = down.clone();
        thread::spawn(move || {
            let mut datagram = vec![0; DATAGRAM];
            while let Ok(length) = far.recv(&mut datagram) {
                counted.fetch_add(length as u64, Ordering::Relaxed);
                let _ = near.send_to(&datagram[..length], client.get().expect("it asked"));
            }
        });
        let contexts = Path::new(&stack.ready.users[user].env["HOOPCTL_CONFIG_DIR"]).join("contexts.toml");
        let text = fs::read_to_string(&contexts).unwrap();
        let moved = text.replace(&stack.ready.gateway, &address.to_string());
        assert_ne!(text, moved, "the gateway's address is not in the file");
        fs::write(&contexts, moved).unwrap();
        Self { down }
    }

    /// Bytes that came down, in datagrams.
    pub fn down(&self) -> u64 {
        self.down.load(Ordering::Relaxed)
    }
}
