//! Between a gateway and its S3: passes everything on, and cuts the connection once S3 has answered the first put of each
//! part of a segment, so that its reply is lost.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub struct Proxy {
    pub endpoint: String,
    cut: Arc<AtomicUsize>,
}

impl Proxy {
    pub async fn start(to: &str) -> Self {
        let to = to.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (cut, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(HashSet::new())));
        let count = cut.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (to, seen, count) = (to.clone(), seen.clone(), count.clone());
                tokio::spawn(async move {
                    let _ = pass(near, TcpStream::connect(to).await?, &seen, &count).await;
                    Ok::<_, std::io::Error>(())
                });
            }
        });
        Self { endpoint, cut }
    }

    /// Replies lost so far.
    pub fn cut(&self) -> usize {
        self.cut.load(Ordering::SeqCst)
    }
}

async fn pass(
    near: TcpStream,
    far: TcpStream,
    seen: &Mutex<HashSet<String>>,
    count: &AtomicUsize,
) -> std::io::Result<()> {
    let ((mut near_in, mut near_out), (mut far_in, mut far_out)) = (near.into_split(), far.into_split());
    let doomed = AtomicUsize::new(0);
    let forth = async {
        let mut piece = vec![0; 64 * 1024];
        loop {
            let length = near_in.read(&mut piece).await?;
            if length == 0 {
                return Ok::<_, std::io::Error>(());
            }
            let head = String::from_utf8_lossy(&piece[..length.min(512)]).into_owned();
            let line = head.lines().next().unwrap_or_default();
            let put = line.starts_with("PUT ") && !line.contains('?') && line.contains("/segment-");
            if put && seen.lock().unwrap().insert(line.to_owned()) {
                doomed.store(1, Ordering::SeqCst);
            }
            far_out.write_all(&piece[..length]).await?;
        }
    };
    let back = async {
        let mut piece = vec![0; 64 * 1024];
        loop {
            let length = far_in.read(&mut piece).await?;
            // S3 has answered, so it is done.
            if length > 0 && doomed.load(Ordering::SeqCst) == 1 {
                count.fetch_add(1, Ordering::SeqCst);
                return Ok(());
            }
            if length == 0 {
                return Ok::<_, std::io::Error>(());
            }
            near_out.write_all(&piece[..length]).await?;
        }
    };
    tokio::select! { done = forth => done, done = back => done }
}
