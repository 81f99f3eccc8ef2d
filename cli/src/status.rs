//! `hoopctl status`: is the gateway there, and how is it.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{
    context,
    exit::{Exit, Failure},
    gateway::Gateway,
    login,
    output::{Printer, human},
};

pub(crate) async fn show(named: Option<&str>, printer: Printer) -> Result<u8, Failure> {
    let context = context::current(named)?;
    let credentials = login::current(&context).await?;
    let gateway = Gateway::dial(&context, &credentials).await?;
    let asked = Instant::now();
    let mut status: Value = gateway.get("/v1/status").await?;
    let answered_in = asked.elapsed();
    gateway.close().await;
    if let Value::Object(status) = &mut status {
        status.insert("context".to_owned(), json!(context.name));
        status.insert("gateway".to_owned(), json!(context.gateway));
        status.insert("round_trip_seconds".to_owned(), json!(answered_in.as_secs_f64()));
    }
    printer.result("status", &status, words);
    Ok(Exit::Ok as u8)
}

fn words(status: &Value) -> String {
    let text = |field: &str| status.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let millis = |pointer: &str| status.pointer(pointer).and_then(Value::as_f64).unwrap_or_default() * 1000.0;
    let number = |pointer: &str| status.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    let mut lines = vec![
        format!("gateway  {} (context {}), version {}", text("gateway"), text("context"), text("gateway_version")),
        format!("answers  in {:.1} ms", millis("/round_trip_seconds")),
    ];
    if let Some(agents) = status.get("agents").and_then(Value::as_array) {
        let names: Vec<_> = agents.iter().filter_map(Value::as_str).collect();
        let names = if names.is_empty() { "none connected".to_owned() } else { names.join(", ") };
        lines.push(format!("agents   {names}"));
        lines.push(format!(
            "trail    {} records since the start in {} syncs, half of them within {:.2} ms, 99 % within {:.2} ms",
            number("/trail/records"),
            number("/trail/syncs"),
            millis("/trail/sync_p50_seconds"),
            millis("/trail/sync_p99_seconds"),
        ));
    }
    lines.iter().map(|line| human::plain(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_caller_may_not_see_is_left_out() {
        let status = json!({ "gateway": "gw:7443", "context": "gw", "gateway_version": "1.2.3" });
        assert_eq!(words(&status), "gateway  gw:7443 (context gw), version 1.2.3\nanswers  in 0.0 ms");
        assert!(words(&json!({ "agents": [] })).contains("agents   none connected"));
    }
}
