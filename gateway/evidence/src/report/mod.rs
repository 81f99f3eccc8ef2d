//! The report for people: one page of HTML without scripts, to be read on a screen or printed. Every text in it that was
//! recorded is escaped.

mod parts;
mod plot;

use parts::{escaped, table};
use plot::Series;

use crate::{
    Coverage, Status, Table,
    check::Checks,
    manifest::Manifest,
    summary::{Listed, Summary},
};

pub(crate) const REPORT: &str = "report.html";
const STYLE: &str = include_str!("style.css");

pub(crate) fn page(manifest: &Manifest, checks: &Checks, coverage: &Coverage, summary: &Summary) -> String {
    let connection = manifest.period.connection.as_ref();
    let of = connection.map_or_else(|| "all connections".to_owned(), |name| format!("connection {name}"));
    let body = [
        head(manifest, &of),
        verdict(manifest, checks, summary),
        accessed(summary),
        protected(summary),
        privileged(summary),
        failed(checks, summary),
        covered(coverage),
        how(manifest),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>Evidence {} to {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         {}\n</body>\n</html>\n",
        day(&manifest.period.from.to_string()),
        day(&manifest.period.to.to_string()),
        body.join("\n")
    )
}

fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

/// A time as people read it; nanoseconds stand in the tables.
fn minute(time: &str) -> String {
    match (time.get(..10), time.get(11..19)) {
        (Some(day), Some(time)) => format!("{day} {time}"),
        _ => time.to_owned(),
    }
}

fn head(manifest: &Manifest, of: &str) -> String {
    let made = &manifest.made;
    let login =
        made.login.as_ref().map_or_else(String::new, |login| format!(", logged in as {}", crate::facts::shown(login)));
    let facts = [
        (
            "Period",
            format!("{} to {} UTC", minute(&manifest.period.from.to_string()), minute(&manifest.period.to.to_string())),
        ),
        ("Of", of.to_owned()),
        ("Log", manifest.checkpoint.origin.clone()),
        (
            "Records",
            format!(
                "{} (number {} to {}) of {} in the log",
                manifest.seen.records, manifest.seen.first_seq, manifest.seen.last_seq, manifest.checkpoint.size
            ),
        ),
        ("Made", format!("{} UTC by {}{login}, from {}", minute(&made.at.to_string()), made.by, made.from)),
    ];
    let facts: String =
        facts.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>", escaped(value))).collect();
    format!("<header>\n<h1>Evidence of access to cardholder data</h1>\n<dl>{facts}</dl>\n</header>")
}

/// What matters first: how the checks went, and how much there was.
fn verdict(manifest: &Manifest, checks: &Checks, summary: &Summary) -> String {
    let outcomes = checks.outcomes();
    let of_records = || outcomes.iter().filter(|outcome| !outcome.id.starts_with("a."));
    let count = |status| of_records().filter(|outcome| outcome.status == status).count();
    let (failed, passed) = (count(Status::Fail), count(Status::Pass));
    let words = match failed {
        0 => format!("No check failed: {passed} passed, {} had nothing to look at", count(Status::NotApplicable)),
        _ => {
            let named: Vec<_> =
                of_records().filter(|outcome| outcome.status == Status::Fail).map(|outcome| outcome.id).collect();
            let many = if failed == 1 { "One check".to_owned() } else { format!("{failed} checks") };
            format!("{many} failed: {}", named.join(", "))
        }
    };
    let class = if failed == 0 { "good" } else { "bad" };
    let seal = if manifest.made.login.is_some() {
        "The gateway was asked to record this pack's digest in its own log. Whether it has, and whether any file was changed \
         since, only <code>hoopctl evidence verify</code> tells: this page cannot vouch for itself."
    } else {
        "NOT SEALED: made from a copy of the trail. The records are proven under the log's signed head, but no gateway has \
         recorded this pack, and this page cannot vouch for itself: run <code>hoopctl evidence verify</code>."
    };
    let exchanges: u64 = summary.connections.values().map(|connection| connection.exchanges).sum();
    let masked: u64 = summary.connections.values().flat_map(|connection| connection.masked.values()).sum();
    let shown: u64 = summary.connections.values().map(|connection| connection.revealed).sum();
    let denied: u64 = summary.denied.values().sum();
    let tiles = [
        (exchanges, "exchanges"),
        (masked, "values masked"),
        (shown, "card numbers shown"),
        (summary.privileged.all, "privileged actions"),
        (denied, "refusals"),
        (summary.reads, "readings of the trail"),
        (summary.failures.all, "control failures"),
    ];
    let tiles: String =
        tiles.iter().map(|(count, of)| format!("<li><b>{}</b>{of}</li>", parts::number(*count))).collect();
    let rows = of_records().map(|outcome| {
        let looked = match outcome.why {
            Some(why) => why.to_owned(),
            None => format!("{} {}", parts::number(outcome.looked_at), outcome.of),
        };
        vec![outcome.id.to_owned(), outcome.question.to_owned(), parts::status(outcome.status), escaped(&looked)]
    });
    let rows: Vec<_> = rows.collect();
    format!(
        "<section>\n<h2>Summary</h2>\n<p class=\"verdict {class}\">{}</p>\n<p class=\"seal\">{seal}</p>\n<ul class=\"tiles\">\
         {tiles}</ul>\n{}\n</section>",
        escaped(&words),
        parts::ready(&["Check", "What it asks", "Result", "Looked at"], &rows)
    )
}

fn accessed(summary: &Summary) -> String {
    let outcomes = |outcome: &'static str| -> Vec<u64> {
        summary.days.values().map(|day| day.outcomes.get(outcome).copied().unwrap_or_default()).collect()
    };
    let others = summary.days.values().map(|day| {
        let named = ["success", "upstream_error", "blocked"];
        day.outcomes.iter().filter(|(outcome, _)| !named.contains(&outcome.as_str())).map(|(_, count)| count).sum()
    });
    let series = [
        Series { name: "success", class: "s1", values: outcomes("success") },
        Series { name: "upstream error", class: "s2", values: outcomes("upstream_error") },
        Series { name: "blocked by the gateway", class: "s3", values: outcomes("blocked") },
        Series { name: "other or open", class: "s4", values: others.collect() },
    ];
    let days: Vec<_> = summary.days.keys().cloned().collect();
    let rows = summary.people.rows.iter().map(|cells| pick(cells, &[1, 3, 5, 6, 7, 8, 9, 10, 12]));
    format!(
        "<section>\n<h2>Who accessed what</h2>\n{}\n{}\n{}\n</section>",
        plot::stacked("Exchanges per day, by outcome", &days, &series),
        listed(
            &["Who", "Kind", "Connection", "Exchanges", "Refused", "Rows", "Masked", "Shown", "Last use"],
            rows,
            &summary.people,
            Table::AccessReview,
            &[3, 4, 5, 6, 7]
        ),
        "<p class=\"note\">Each exchange is a row of access_log.csv; e-mail, issuer, groups and first use stand in \
         access_review.csv.</p>"
    )
}

fn protected(summary: &Summary) -> String {
    let bars: Vec<_> = summary
        .connections
        .iter()
        .map(|(name, connection)| (name.clone(), connection.masked.values().sum(), connection.revealed))
        .collect();
    let rows: Vec<_> = summary
        .connections
        .iter()
        .flat_map(|(name, connection)| {
            let found = connection.masked.iter().map(|(rule, count)| (rule.clone(), *count, "masked"));
            let shown = (connection.revealed > 0)
                .then(|| ("card number".to_owned(), connection.revealed, "shown under a grant"));
            found
                .chain(shown)
                .map(|(rule, count, what)| vec![name.clone(), rule, what.to_owned(), parts::number(count)])
        })
        .collect();
    format!(
        "<section>\n<h2>How it was protected</h2>\n{}\n{}\n<p class=\"note\">By column and path: data_protection.csv. What was \
         shown, to whom, under which need: reveal_grants.csv. Card numbers where none were expected: unexpected_pan.csv.</p>\n\
         </section>",
        plot::bars("Values in answers, by connection", &bars),
        table(&["Connection", "What was found", "What was done", "Values"], &rows, &[3])
    )
}

fn privileged(summary: &Summary) -> String {
    let days: Vec<_> = summary.days.keys().cloned().collect();
    let series = [
        Series { name: "held for approval", class: "s1", values: summary.days.values().map(|day| day.held).collect() },
        Series { name: "refused", class: "s3", values: summary.days.values().map(|day| day.denied).collect() },
    ];
    let rows = summary.privileged.rows.iter().map(|cells| {
        let mut row = pick(cells, &[1, 4, 2, 6, 7, 9, 13, 14, 18]);
        if let Some(approvers) = row.get_mut(6) {
            // Their issuers stand in the table.
            let names = approvers.split(", ").map(|who| who.split_once(" (").map_or(who, |(name, _)| name));
            *approvers = names.collect::<Vec<_>>().join(", ");
        }
        if row.get(5).is_some_and(String::is_empty) {
            // An administrative action has no command; what it was is its reason.
            if let (Some(place), Some(what)) = (row.get_mut(5), cells.get(10)) {
                place.clone_from(what);
            }
        }
        row
    });
    let refused: Vec<_> = summary.denied.iter().map(|(why, count)| vec![why.clone(), parts::number(*count)]).collect();
    format!(
        "<section>\n<h2>What was privileged</h2>\n{}\n{}\n<h3>Why something was refused</h3>\n{}\n</section>",
        plot::grouped("Held and refused per day", &days, &series),
        listed(
            &["When", "Who", "What", "Connection", "Action", "Command", "Approved by", "Somebody else", "Their reason"],
            rows,
            &summary.privileged,
            Table::PrivilegedActions,
            &[]
        ),
        table(&["Reason", "Refusals"], &refused, &[1])
    )
}

fn failed(checks: &Checks, summary: &Summary) -> String {
    let rows = summary.failures.rows.iter().map(|cells| pick(cells, &[3, 4, 5, 6, 7, 8, 9, 10]));
    let incidents = if summary.failures.all == 0 {
        "<p>No control failure was recorded in the period.</p>".to_owned()
    } else {
        listed(
            &["Control", "From", "To", "Seconds", "Cause", "Impact", "Remediation", "Owner"],
            rows,
            &summary.failures,
            Table::ControlFailures,
            &[3],
        )
    };
    let findings: Vec<_> = checks
        .outcomes()
        .into_iter()
        .flat_map(|outcome| outcome.findings.into_iter().map(move |finding| (outcome.id, finding)))
        .take(100)
        .map(|(id, finding)| {
            let row = finding.row.map_or_else(String::new, |row| row.to_string());
            vec![id.to_owned(), finding.file, row, finding.text]
        })
        .collect();
    let findings = if findings.is_empty() {
        "<p>No check found anything.</p>".to_owned()
    } else {
        table(&["Check", "File", "Row", "What does not hold"], &findings, &[2])
    };
    let alerts = format!(
        "<p>Alerts of the automatic review: {}, of them closed: {} (reviews.csv).</p>",
        summary.alerts, summary.alerts_closed
    );
    format!(
        "<section>\n<h2>Which controls failed, and when</h2>\n{incidents}\n{alerts}\n<h3>What the checks found</h3>\n{findings}\n</section>"
    )
}

fn covered(coverage: &Coverage) -> String {
    let rows: Vec<_> = coverage
        .requirements
        .iter()
        .map(|requirement| {
            let ids = requirement.checks.iter().map(|check| check.id).collect::<Vec<_>>().join(", ");
            let by = [ids, requirement.artefacts.join(", ")].into_iter().filter(|text| !text.is_empty());
            let by = by.collect::<Vec<_>>().join("; ");
            let meaning = match &requirement.why {
                Some(why) => format!("{}<br><small>{}</small>", escaped(requirement.meaning), escaped(why)),
                None => escaped(requirement.meaning),
            };
            vec![
                requirement.req.to_owned(),
                meaning,
                parts::status(requirement.status),
                format!("<small>{}</small>", escaped(&by)),
            ]
        })
        .collect();
    format!(
        "<section>\n<h2>Requirements of PCI DSS v4.0.1</h2>\n<p class=\"note\">In our words. “Passed” means that the named \
         checks looked at what was recorded and found nothing wrong; it is no assessment of the organisation.</p>\n{}\n</section>",
        parts::ready(&["Requirement", "Meaning", "Result", "Checks; files and their rows"], &rows)
    )
}

fn how(manifest: &Manifest) -> String {
    let keys: String = manifest
        .keys
        .iter()
        .map(|key| {
            format!(
                "<li><code>{}</code><br><small>fingerprint {}</small></li>",
                escaped(&key.to_string()),
                key.fingerprint()
            )
        })
        .collect();
    format!(
        "<section>\n<h2>How to check this pack</h2>\n<ol>\n<li>Get the gateway's verifier key from its operator by another way, \
         and compare the fingerprint below.</li>\n<li><code>hoopctl evidence verify DIR --state head.json</code> needs no \
         network. 0: all checks hold, and the log continues what you remember of it. 10: all hold, but there was \
         nothing from outside to hold the log against. 9: something does not hold; the file and row are named.</li>\n<li>Keep \
         <code>head.json</code>: the next pack, made with <code>--previous</code> and this folder, has to continue this \
         one.</li>\n</ol>\n<p>Head of the log: {} records, root <code>{}</code>.</p>\n<ul>{keys}</ul>\n</section>",
        manifest.checkpoint.size, manifest.checkpoint.root
    )
}

/// Some cells of a row, times in short.
fn pick(cells: &[String], places: &[usize]) -> Vec<String> {
    let cell = |place: &usize| cells.get(*place).cloned().unwrap_or_default();
    let is_time = |text: &str| text.len() >= 20 && text.ends_with('Z') && text.get(10..11) == Some("T");
    places.iter().map(cell).map(|text| if is_time(&text) { minute(&text) } else { text }).collect()
}

/// A table of the first rows of a file, with a word on those that are left out.
fn listed(
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    of: &Listed,
    file: Table,
    numbers: &[usize],
) -> String {
    if of.all == 0 {
        return "<p>None in the period.</p>".to_owned();
    }
    let rows: Vec<_> = rows.collect();
    let left = of.all.saturating_sub(rows.len() as u64);
    let more = match left {
        0 => String::new(),
        _ => format!("<p class=\"note\">… and {} more rows in {}.</p>", parts::number(left), file.file()),
    };
    table(header, &rows, numbers) + &more
}
