#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use hoop_audit::{Hash, Tree};
use hoop_model::{ExchangeId, SessionId, SystemClock};

use super::*;

const QUICK: Limits =
    Limits { gather: Duration::ZERO, long: Duration::from_secs(60), untaken: Duration::from_secs(60) };

fn with(limits: Limits, folder: &Path) -> Arc<Receipts> {
    Receipts::open(folder, limits, Arc::new(SystemClock)).unwrap()
}

fn open(folder: &Path) -> Arc<Receipts> {
    with(QUICK, folder)
}

fn pass(receipts: &Arc<Receipts>) -> ExchangeId {
    let id = ExchangeId::new();
    let passing = receipts.begin(&"tools".parse().unwrap(), Of::Exchange(id)).unwrap();
    passing.sent().pass(b"ab");
    passing.received().pass(b"cde");
    passing.whole();
    id
}

fn read(facts: &ReceiptFacts) -> Vec<Receipt> {
    facts.receipts.iter().map(|receipt| serde_json::from_str(receipt).unwrap()).collect()
}

#[tokio::test]
async fn every_stream_leaves_a_signed_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let receipts = open(folder.path());
    let ids = [pass(&receipts), pass(&receipts)];
    receipts.clone().close().await;
    let facts = receipts.next(0).await;
    facts.head().unwrap();
    let told = read(&facts);
    assert_eq!([told[0].exchange, told[1].exchange], ids.map(Some));
    assert_eq!((told[0].sent.bytes, told[0].received.bytes, told[0].whole), (2, 3, true));
    assert_eq!(told[0].sent.digest, told[1].sent.digest, "the same bytes, the same key");
    assert_ne!(told[0].sent.digest, told[0].received.digest);
    assert!(!receipts.is_settled());
    receipts.taken(2);
    assert!(receipts.is_settled());
    // Until they are taken they are sent again, also after a restart.
    pass(&receipts);
    receipts.clone().close().await;
    drop(receipts);
    let again = open(folder.path());
    let mut tree = Tree::default();
    facts.receipts.iter().for_each(|receipt| tree.push(Hash::leaf(receipt.as_bytes())));
    let facts = again.next(0).await;
    assert_eq!((facts.first, facts.receipts.len()), (2, 1));
    tree.push(Hash::leaf(facts.receipts[0].as_bytes()));
    assert_eq!(facts.head().unwrap().root, tree.root(), "one log across restarts");
    let head = head(folder.path()).unwrap();
    assert_eq!(hoop_audit::AgentHead::read("a", &head).unwrap().checkpoint.size, 2, "what the gateway has taken");
}

#[tokio::test]
async fn a_stream_that_goes_on_and_on_does_not_hide() {
    let folder = tempfile::tempdir().unwrap();
    let receipts = with(Limits { long: Duration::ZERO, ..QUICK }, folder.path());
    let _keeping = tokio::spawn(receipts.clone().keep());
    let id = SessionId::new();
    let passing = receipts.begin(&"tools".parse().unwrap(), Of::Session(id)).unwrap();
    let told = read(&receipts.next(0).await);
    assert_eq!((told[0].session, told[0].sent.bytes, told[0].whole), (Some(id), 0, false));
    passing.sent().pass(b"abc");
    drop(passing);
    let told = read(&receipts.next(1).await);
    assert_eq!(told[0].sent.bytes, 3, "its end leaves another");
}

#[tokio::test]
async fn a_gateway_that_takes_no_receipts_gets_no_work_done() {
    let folder = tempfile::tempdir().unwrap();
    let receipts = with(Limits { untaken: Duration::ZERO, ..QUICK }, folder.path());
    let begin = || receipts.begin(&"tools".parse().unwrap(), Of::Exchange(ExchangeId::new()));
    pass(&receipts);
    receipts.clone().close().await;
    let facts = receipts.next(0).await;
    assert_eq!(begin().err().unwrap().code, "receipts_untaken");
    receipts.taken(facts.end());
    assert!(begin().is_ok());
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("state");
    std::fs::create_dir(&folder).unwrap();
    let receipts = open(&folder);
    pass(&receipts);
    std::fs::rename(&folder, root.path().join("gone")).unwrap();
    assert!(!receipts.write().await);
    let begin = || receipts.begin(&"tools".parse().unwrap(), Of::Exchange(ExchangeId::new()));
    assert_eq!(begin().err().unwrap().code, "receipts_unwritable");
    std::fs::rename(root.path().join("gone"), &folder).unwrap();
    assert!(receipts.write().await);
    assert!(begin().is_ok());
    assert_eq!(receipts.next(0).await.receipts.len(), 1, "and nothing is lost");
}

#[test]
fn a_damaged_book_is_no_new_one() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path());
    std::fs::write(folder.path().join("receipts.json"), "{").unwrap();
    assert!(matches!(Receipts::open(folder.path(), QUICK, Arc::new(SystemClock)), Err(StateError::Unreadable { .. })));
}

#[test]
fn two_agents_do_not_share_a_state_folder() {
    let folder = tempfile::tempdir().unwrap();
    let receipts = open(folder.path());
    let other = Receipts::open(folder.path(), QUICK, Arc::new(SystemClock));
    assert!(matches!(other, Err(StateError::InUse { .. })));
    drop(receipts);
    open(folder.path());
}
