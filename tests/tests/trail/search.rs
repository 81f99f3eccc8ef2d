use hoop_audit::RecordType;
use hoop_dev::client::snowflake::Client;
use hoop_tests::{Finished, Listener, Program, Site, cards};
use tokio::runtime::Runtime;

/// `hoopctl audit search --pan` with this on standard input.
fn ask(site: &Site, user: &str, card: &str) -> Finished {
    let mut asking = Program::start(site.hoopctl(user).args(["audit", "search", "--pan", "--reason", "fraud case 7"]));
    asking.write_line(card);
    asking.close_stdin();
    asking.finish()
}

#[test]
fn a_card_is_found_again_by_two_people_and_never_written_down() {
    let mut site = Site::start();
    site.stop_gateway();
    site.more = "[masking]\nkey = \"command:/bin/echo 0123456789abcdef0123456789abcdef\"\n".to_owned();
    site.start_gateway();
    site.let_agent_in();
    site.login("alice").ok();
    site.login("dave").ok();
    let listener = Listener::start(&mut site.hoopctl("alice"), "warehouse");
    let session = listener.ready["session"].as_str().unwrap().to_owned();
    Runtime::new().unwrap().block_on(async {
        let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
        client.query("SELECT id, card_number FROM payments WHERE id < 4").await.unwrap();
    });
    let card = cards::VISA;
    let refused = ask(&site, "alice", card);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    let none = ask(&site, "carol", "4111 1111");
    assert!(none.code == Some(1) && none.stderr.contains("not one card number"), "{}", none.stderr);
    let id = ask(&site, "carol", card).ok().stdout.trim().to_owned();
    let show = |user: &str| site.run(user, &["--output", "json", "audit", "search", "show", &id]);
    assert_eq!(show("carol").code, Some(5), "nobody has let it happen");
    let approve = |user: &str| site.run(user, &["audit", "search", "approve", &id, "--reason", "case 7"]);
    let own = approve("carol");
    assert!(own.code == Some(3) && own.stderr.contains("somebody else"), "{}", own.stderr);
    approve("dave").ok();
    let found = show("carol").ok().json();
    let hits = found["exchanges"].as_array().unwrap();
    assert!(hits.iter().any(|hit| hit["session"] == session.as_str() && hit["shown"] == false), "{found}");
    let listed = site.run("carol", &["audit", "search", "list"]).ok().stdout;
    assert!(listed.contains(&id) && listed.contains("fraud case 7"), "{listed}");

    let mut events = Vec::new();
    hoop_recording::records(&site.trail(), |record, _| {
        let what = record.draft.detail.get("what").cloned().unwrap_or_default();
        if record.draft.kind == RecordType::AuditRead && what.starts_with("search for a card") {
            assert!(record.draft.detail["card"].contains('_'), "a digest: {:?}", record.draft.detail);
            events.push(what.rsplit(' ').next().unwrap().to_owned());
        }
    })
    .unwrap();
    assert_eq!(events, ["asked", "approved", "read"]);
}
