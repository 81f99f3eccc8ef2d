//! One round of questions to time servers, by SNTP (RFC 5905 §14).

use std::time::Duration;

use futures_util::future::join_all;
use rsntp::{AsyncSntpClient, Config};
use serde::Serialize;

/// A server that has not answered after this does not.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a server said of this machine's clock.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Measured {
    pub source: String,
    /// The clock is ahead by so much; behind where it is negative.
    #[serde(rename = "offset_seconds")]
    pub offset: f64,
    /// Of question and answer, in seconds: the offset is right to half of it.
    #[serde(rename = "round_trip_seconds")]
    pub round_trip: f64,
}

/// The median of what the servers answer that could tell an offset of `bound` seconds; none where no server did, with why.
/// Cancel-safe.
pub(super) async fn ask(servers: &[String], bound: f64) -> Result<Measured, String> {
    let (mut measured, mut problems) = (Vec::new(), Vec::new());
    for (server, answer) in servers.iter().zip(join_all(servers.iter().map(|server| one(server))).await) {
        match answer {
            Ok(answer) if answer.round_trip / 2.0 > bound => {
                problems.push(format!("{server}: its answer took {:.3} s, too long to tell", answer.round_trip));
            }
            Ok(answer) => measured.push(answer),
            Err(problem) => problems.push(format!("{server}: {problem}")),
        }
    }
    median(measured).ok_or_else(|| problems.join("; "))
}

async fn one(server: &str) -> Result<Measured, String> {
    let client = AsyncSntpClient::with_config(Config::default().timeout(PATIENCE));
    let answer = client.synchronize(server).await.map_err(|error| error.to_string())?;
    // SNTP's offset is what has to be added to the clock.
    let (offset, round_trip) = (-answer.clock_offset().as_secs_f64(), answer.round_trip_delay().as_secs_f64());
    Ok(Measured { source: server.to_owned(), offset, round_trip })
}

/// Of two in the middle the one that is further off.
fn median(mut measured: Vec<Measured>) -> Option<Measured> {
    measured.sort_by(|a, b| a.offset.total_cmp(&b.offset));
    let upper = measured.len() / 2;
    let lower = measured.len().checked_sub(1)? / 2;
    let further = |a: &Measured, b: &Measured| a.offset.abs() > b.offset.abs();
    let (lower, upper) = (measured.get(lower)?, measured.get(upper)?);
    Some(if further(lower, upper) { lower.clone() } else { upper.clone() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn one_server_that_is_wrong_among_three_does_not_count_and_of_two_the_worse_does() {
        let of = |offsets: &[f64]| {
            let measured = |offset: &f64| Measured { source: "s".to_owned(), offset: *offset, round_trip: 0.0 };
            median(offsets.iter().map(measured).collect()).map(|measured| measured.offset)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[0.2]), Some(0.2));
        assert_eq!(of(&[0.1, -900.0, 0.2]), Some(0.1));
        assert_eq!(of(&[900.0, 0.1]), Some(900.0));
        assert_eq!(of(&[-3.0, 0.1, 0.2, -0.4]), Some(-0.4));
    }
}
