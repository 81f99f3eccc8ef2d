//! `hoopctl dev --demo`: the whole story once, with real clients of our own against the running stack.

use std::{net::SocketAddr, path::Path, time::Duration};

use hoop_dev::{
    client::{ClientError, mcp, snowflake},
    stack::Stack,
};
use serde_json::{Value, json};

use super::{story::Story, users::Users};
use crate::{
    connect::Open,
    exit::{Exit, Failure},
    gateway::Gateway,
    output::{Printer, human},
};

/// Any free loopback port.
const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
/// The statement that waits for a second person.
const RISKY: &str = "UPDATE payments SET status = 'refunded' WHERE id = 7";

/// For a request to appear, on the busiest machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn run(stack: &Stack, users: &Users, data_dir: &Path, printer: Printer) -> Result<u8, Failure> {
    let mut story = Story::begin(printer);
    let alice = users.gateway("alice").await?;
    let bob = users.gateway("bob").await?;

    story.chapter("alice, an engineer, queries Snowflake through the gateway");
    let warehouse = Open::new(&alice, "snowflake", ANY, Some("demo".to_owned())).await?;
    let mut driver = snowflake::Client::connect(warehouse.address, warehouse.secret.expose()).await.map_err(client)?;
    read(&mut story, &mut driver).await?;

    story.chapter("the same data through an MCP server, as an assistant sees it");
    let tools = Open::new(&alice, "mcp", ANY, Some("demo".to_owned())).await?;
    assistant(&mut story, tools.address, tools.secret.expose()).await?;

    story.chapter("a risky statement waits for a second person");
    hold(&mut story, stack, &alice, &bob, driver).await?;

    story.chapter("the trail knows all of it, and shows when it was changed");
    drop((warehouse, tools));
    trail(&mut story, data_dir)?;
    alice.close().await;
    bob.close().await;
    story.end()
}

async fn read(story: &mut Story, driver: &mut snowflake::Client) -> Result<(), Failure> {
    let sql = "SELECT id, holder, card_number, amount, currency FROM payments ORDER BY id LIMIT 4";
    story.tell(format!("alice> {sql}"));
    let rows = driver.query(sql).await.map_err(client)?;
    story.tell(table(&rows));
    let cards: Vec<_> = rows.rows.iter().filter_map(|row| row.get(2).cloned().flatten()).collect();
    let masked = cards.iter().all(|card| card.contains('*') && card.chars().filter(char::is_ascii_digit).count() == 10);
    story.proves(cards.len() == 4 && masked, "card numbers come back as first 6 and last 4");
    Ok(())
}

async fn assistant(story: &mut Story, address: SocketAddr, secret: &str) -> Result<(), Failure> {
    let mut assistant = mcp::Client::connect(address, secret).await.map_err(client)?;
    let names = assistant.tools().await.map_err(client)?;
    story.tell(format!("tools: {}", names.join(", ")));
    let result = assistant.call("list_payments", json!({ "limit": 2 })).await.map_err(client)?;
    let text = result.pointer("/content/0/text").and_then(Value::as_str).unwrap_or_default().to_owned();
    story.tell(format!("list_payments> {}", human::short(&text, 150)));
    let whole = result.to_string();
    story
        .proves(whole.contains("******") && !has_card(&whole), "text, structured content and numbers are masked alike");
    let stranger = mcp::Client::connect(address, "not-the-secret").await;
    story.proves(
        matches!(stranger, Err(ClientError::Refused { .. })),
        "another program on this machine gets nothing without the secret",
    );
    Ok(())
}

async fn hold(
    story: &mut Story,
    stack: &Stack,
    alice: &Gateway,
    bob: &Gateway,
    mut driver: snowflake::Client,
) -> Result<(), Failure> {
    story.tell(format!("alice> {RISKY}"));
    let mut running = tokio::spawn(async move { driver.query(RISKY).await });
    let id = tokio::select! {
        id = waiting(alice) => id?,
        ended = &mut running => return Err(not_held(&format!("it ended: {ended:?}"))),
    };
    story.tell(format!("held as {id}; the driver polls and does not know"));
    let own: Result<Value, Failure> = alice.post(&format!("/v1/requests/{id}/approve"), &json!({})).await;
    let refused = own.as_ref().map_or_else(|failure| failure.text.as_str(), |_| "and may!");
    story.tell(format!("alice approves it herself: {refused}"));
    let forbidden = own.is_err_and(|failure| failure.code == "requester_cannot_approve");
    story.proves(forbidden, "the requester cannot approve");
    story.proves(stack.executions(RISKY) == Some(0) && !running.is_finished(), "nothing ran meanwhile");
    let body = json!({ "reason": "ticket OPS-7" });
    let approved: Result<Value, Failure> = bob.post(&format!("/v1/requests/{id}/approve"), &body).await;
    story.tell(format!("bob approves {id}, ticket OPS-7"));
    approved?;
    let rows = running.await.map_err(|error| Failure::new(Exit::Failed, "internal", error.to_string()))?;
    story.proves(
        rows.is_ok() && stack.executions(RISKY) == Some(1),
        "approved by bob, the statement resumes by itself and runs, once",
    );
    Ok(())
}

/// The request of ours that waits; it was asked for a moment ago, so look until it is there.
async fn waiting(gateway: &Gateway) -> Result<String, Failure> {
    let looked = tokio::time::timeout(PATIENCE, async {
        loop {
            let answer: Value = gateway.get("/v1/requests").await?;
            if let Some(id) = answer.pointer("/requests/0/request/id").and_then(Value::as_str) {
                return Ok(id.to_owned());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    });
    looked.await.unwrap_or_else(|_| Err(not_held("no request appeared")))
}

fn not_held(why: &str) -> Failure {
    Failure::new(Exit::Failed, "not_held", format!("the risky statement was not held: {why}"))
}

fn trail(story: &mut Story, data_dir: &Path) -> Result<(), Failure> {
    let dir = data_dir.join("gateway").join("trail");
    let report = crate::audit::check(&dir)?;
    story.tell(format!("{} records, {} exchanges, {} sessions", report.records, report.exchanges, report.sessions));
    story.proves(report.is_consistent() && report.records > 0, "the trail verifies, without asking the gateway");
    let clear = files_with_cards(&data_dir.join("gateway"))?;
    story.proves(clear == 0, "no clear card number rests in the gateway's files");
    let copy = data_dir.join("tampered");
    tamper(&dir, &copy)?;
    let report = crate::audit::check(&copy)?;
    if let Some(finding) = report.findings.first() {
        story.tell(format!("in a copy, \"alice\" became \"mlice\" once: record {}: {}", finding.seq, finding.text));
    }
    story.proves(!report.is_consistent(), "a tampered copy is found out");
    Ok(())
}

/// A copy in which one letter of one record is another, checksum made good: as somebody with the files would do it.
fn tamper(from: &Path, to: &Path) -> Result<(), Failure> {
    use hoop_audit::segment::{Frame, Frames, MAGIC};
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        let bytes = std::fs::read(&path)?;
        let mut forged = MAGIC.to_vec();
        let mut done = false;
        for (_, frame) in Frames::new(&bytes).flatten() {
            let Frame::Record(record) = frame else {
                frame.write(&mut forged);
                continue;
            };
            let mut text = String::from_utf8_lossy(record).into_owned();
            if !done && text.contains("\"alice\"") {
                text = text.replacen("\"alice\"", "\"mlice\"", 1);
                done = true;
            }
            Frame::Record(text.as_bytes()).write(&mut forged);
        }
        std::fs::write(to.join(path.file_name().unwrap_or_default()), forged)?;
    }
    Ok(())
}

/// How many files under `dir` hold one of the demo's card numbers in clear.
fn files_with_cards(dir: &Path) -> Result<usize, Failure> {
    let mut found = 0;
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found += files_with_cards(&path)?;
        } else if has_card(&String::from_utf8_lossy(&std::fs::read(&path)?)) {
            found += 1;
        }
    }
    Ok(found)
}

fn has_card(text: &str) -> bool {
    hoop_dev::payments::CARDS.iter().any(|card| text.contains(card))
}

fn table(rows: &snowflake::Rows) -> String {
    let header: Vec<&str> = rows.columns.iter().map(String::as_str).collect();
    let cells: Vec<Vec<String>> =
        rows.rows.iter().map(|row| row.iter().map(|cell| cell.clone().unwrap_or_default()).collect()).collect();
    human::aligned(&header, &cells)
}

fn client(error: ClientError) -> Failure {
    Failure::new(Exit::Upstream, "demo_client", error.to_string())
}
