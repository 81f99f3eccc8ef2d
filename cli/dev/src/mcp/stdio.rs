use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use super::{Reply, Server};

/// Serves this process's stdin and stdout, one message a line, until stdin ends.
pub async fn serve_stdio(server: Arc<Server>) -> std::io::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut stdout = tokio::io::stdout();
    while let Some(line) = lines.next_line().await? {
        let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
        let replies = match server.take(&message).await {
            Reply::Nothing => Vec::new(),
            Reply::One(reply) => vec![reply],
            Reply::Several(replies) => replies,
        };
        for reply in replies {
            stdout.write_all(format!("{reply}\n").as_bytes()).await?;
        }
        stdout.flush().await?;
    }
    Ok(())
}
