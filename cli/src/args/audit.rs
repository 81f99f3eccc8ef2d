//! The trail, for auditors and admins.

use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Subcommand};
use hoop_audit::WitnessKey;
use hoop_model::Timestamp;

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check that no record was changed, removed or added.
    ///
    /// Without DIR the trail is fetched from the gateway and held against the head remembered from last time.
    /// Exit codes: 0 verified and held against something outside, 10 consistent but nothing to hold it against,
    /// 9 tampered.
    Verify(VerifyTrail),
    /// Hold Snowflake's own history against the trail, to find what went round the gateway.
    ///
    /// The trail is fetched from the gateway, or read from DIR, and verified first. Exit codes: 0 nothing went round it,
    /// 9 something did, or the trail does not hold.
    Reconcile(ReconcileTrail),
    /// Find the exchanges that hid or showed a given card, by its keyed digest. It takes two people.
    Search(SearchTrail),
    /// Fetch the trail into a folder that third-party tools can check too.
    Export {
        /// A new folder, or an empty one.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  hoopctl audit verify                                 the gateway's trail, against last time's head
  hoopctl audit verify export --state head.json        a copy, and remember its head
  hoopctl audit verify export --trust gateway.vkey --head note.txt
                                                       with the key and a head that you have from elsewhere
  hoopctl audit verify export --trust gateway.vkey --witness w.example+9f7c…+BA… --since 2026-03-31
                                                       against what a witness has seen of it")]
pub struct VerifyTrail {
    /// An export of the trail or of a session, or a gateway's own `trail` folder.
    pub dir: Option<PathBuf>,
    /// Remembers the newest verified head and the keys here; a later run finds a rolled-back trail by it.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Only these keys may have signed, one verifier key a line, as `hoopctl admin keys show` prints it.
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// A signed head (C2SP checkpoint) that was kept elsewhere; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub head: Vec<PathBuf>,
    /// The copy in a SIEM: its events one JSON document a line; each record in it has to be in the trail.
    #[arg(long, value_name = "FILE")]
    pub siem: Option<PathBuf>,
    /// What an agent signed for, as `hoop-agent receipts` prints it on its machine; may be given several times. All of it
    /// has to be in the trail.
    #[arg(long, value_name = "FILE")]
    pub agent: Vec<PathBuf>,
    /// Opens sealed payloads: a key as the gateway's payload_keys lead to, for its own `trail` folder or a copy of it in
    /// object storage; may be given several times. What the gateway sends has no seals.
    #[arg(long, value_name = "FILE")]
    pub payload_key: Vec<PathBuf>,
    #[command(flatten)]
    pub witnessed: Witnessed,
}

/// Whose cosignatures count.
#[derive(Debug, Clone, Default, Args)]
pub struct Witnessed {
    /// A witness's key, NAME+ID+KEY: the trail has to hold every head that it cosigned, of those that come with the trail
    /// and of those given with --head. May be given several times.
    #[arg(long, value_name = "VKEY")]
    pub witness: Vec<WitnessKey>,
    /// So many of the witnesses have to vouch for the trail; all of them when left out.
    #[arg(long, value_name = "K", requires = "witness")]
    pub quorum: Option<usize>,
    /// The certificates of a time stamp authority (RFC 3161), PEM: the trail has to hold every head that it stamped, of those
    /// that come with the trail and of those given with --head, beside which their token lies as FILE.tst.
    #[arg(long, value_name = "FILE")]
    pub tsa: Option<PathBuf>,
    /// Whoever vouches has to have done so on this day or later: a trail that was cut back has only older heads.
    #[arg(long, value_name = "DATE", value_parser = super::evidence::begin)]
    pub since: Option<Timestamp>,
}

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  hoopctl audit search --pan --reason 'fraud case 7' < card.txt    ask; the number is read from standard input
  hoopctl audit search approve search-0192… --reason 'case 7'      somebody else lets it happen, within a day
  hoopctl audit search show search-0192…                           what it finds"
)]
pub struct SearchTrail {
    /// Search for the card number on standard input.
    #[arg(long, required = true, requires = "reason")]
    pub pan: bool,
    /// Goes into the trail.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    #[command(subcommand)]
    pub command: Option<SearchCommand>,
}

#[derive(Debug, Subcommand)]
pub enum SearchCommand {
    /// List the searches that have not ended.
    List,
    /// Let somebody else's search happen.
    Approve {
        id: String,
        /// Goes into the trail.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Say which exchanges it finds; for who asked and who approved.
    Show { id: String },
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  hoopctl audit reconcile --connection warehouse --history queries.csv --user SVC_HOOP
  hoopctl audit reconcile --connection warehouse --history queries.json --logins logins.json --agent-ip 192.0.2.7

The history is what these print, as CSV or JSON:
  SELECT query_id, user_name, query_tag, start_time FROM snowflake.account_usage.query_history WHERE …
  SELECT user_name, client_ip, reported_client_type, event_timestamp, is_success
    FROM snowflake.account_usage.login_history WHERE …")]
pub struct ReconcileTrail {
    /// An export, or a gateway's own `trail` folder.
    pub dir: Option<PathBuf>,
    /// The connection whose upstream the history is of.
    #[arg(long, value_name = "NAME")]
    pub connection: String,
    /// QUERY_HISTORY, CSV with a header or JSON.
    #[arg(long, value_name = "FILE")]
    pub history: PathBuf,
    /// LOGIN_HISTORY, likewise.
    #[arg(long, value_name = "FILE")]
    pub logins: Option<PathBuf>,
    /// A user that the agent logs in as; without any, all that the files hold. May be given several times.
    #[arg(long, value_name = "USER")]
    pub user: Vec<String>,
    /// An address that Snowflake sees the agent under: logins from elsewhere went round it. May be given several times.
    #[arg(long, value_name = "ADDR")]
    pub agent_ip: Vec<IpAddr>,
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  hoopctl admin holds add --session s-0192… --reason 'case 7'
  hoopctl admin holds add --connection warehouse --reason 'case 7'
  hoopctl admin holds release hold-0192… --reason 'case 7 is closed'")]
pub enum Holds {
    /// List the holds in force.
    List,
    /// Keep the recordings of a session, or of a whole connection, whatever their age.
    Add(AddHold),
    /// End a hold: what it kept goes once its time is over.
    Release {
        id: String,
        /// Goes into the trail.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

#[derive(Debug, Args)]
pub struct AddHold {
    #[arg(long, value_name = "ID", required_unless_present = "connection", conflicts_with = "connection")]
    pub session: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Goes into the trail.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Print the verifier key that signs the trail, for `hoopctl audit verify --trust` and other programs.
    Show,
    /// Have a new key sign the trail from now on, after a record of the change that both sign.
    Rotate,
}
