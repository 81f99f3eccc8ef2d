//! Between a gateway and its S3: passes everything on, and cuts the connection after some requests were, so that their
//! replies are lost.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
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
    /// Loses the reply to every second put of a part of a segment.
    pub async fn start(to: &str) -> Self {
        let to = to.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (cut, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
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

async fn pass(near: TcpStream, far: TcpStream, seen: &AtomicUsize, count: &AtomicUsize) -> std::io::Result<()> {
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
            let put = head.starts_with("PUT ") && !head.contains('?') && head.contains("/segment-");
            if put && seen.fetch_add(1, Ordering::SeqCst) % 2 == 0 {
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
