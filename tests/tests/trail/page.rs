//! A session as a page: what was recorded by somebody who expected a browser to read it, is text in it.

use hoop_dev::client::{mcp, snowflake::Client};
use hoop_tests::{Listener, Stack};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::replay::{edit_answer, recorded, segment};

const HOSTILE: &str = "SELECT id, '</td></style><script>document.title=1</script>' AS x, card_number FROM payments \
                       WHERE id < 4 /* \" onload=alert(1) <img src=x onerror=y> */";
const RISKY: &str = "UPDATE payments SET status = 'refunded' WHERE id = 7";

#[test]
fn a_session_is_a_page_in_which_nothing_runs() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "snowflake");
    Runtime::new().unwrap().block_on(async {
        let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
        client.query(HOSTILE).await.unwrap();
        let running = tokio::spawn(async move { client.query(RISKY).await });
        tokio::task::block_in_place(|| {
            stack.held();
            stack.run("bob", &["approve", "--oldest", "--reason", "ticket <b>OPS-9</b>"]).ok();
        });
        running.await.unwrap().unwrap();
    });
    let id = listener.ready["session"].as_str().unwrap().to_owned();
    let made = stack.run("carol", &["sessions", "replay", &id, "--format", "html", "--rows", "2"]).ok();
    let page = made.stdout;
    for words in [
        "default-src &#39;none&#39;".replace("&#39;", "'").as_str(),
        "<bdi>alice@",
        "verdict good",
        "The session had not ended by then",
        "&lt;script&gt;document.title=1&lt;/script&gt;",
        "&lt;img src=x onerror=y&gt;",
        "<td class=\"masked\">411111******1111</td>",
        "… 1 more rows",
        "Waits for approval",
        "Approved by <bdi>",
        "ticket &lt;b&gt;OPS-9&lt;/b&gt;",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    for tag in ["<script", "<img", "<a ", "<b>OPS", "src=\"", "href"] {
        assert!(!page.contains(tag), "{tag}: {page}");
    }
    assert!(page.trim_end().ends_with("</html>") && !page.contains("4111111111111111"));

    let whole = stack.run("carol", &["sessions", "replay", &id, "--format", "json"]).ok().json();
    let commands = |command: &str| {
        let records = whole["records"].as_array().unwrap();
        records.iter().filter(|document: &&Value| document["record"]["command"] == command).count()
    };
    assert_eq!((&whole["kind"], &whole["broken"]), (&"session_recording".into(), &0.into()));
    assert_eq!((commands(HOSTILE), commands(RISKY)), (1, 2), "one ran, one waited and ran");
}

#[test]
fn an_mcp_answer_is_a_card_for_each_block() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "mcp");
    Runtime::new().unwrap().block_on(async {
        let address = listener.address().parse().unwrap();
        let mut client = mcp::Client::connect(address, listener.secret()).await.unwrap();
        client.tools().await.unwrap();
        client.call("list_payments", json!({ "limit": 2 })).await.unwrap();
    });
    let id = listener.ready["session"].as_str().unwrap().to_owned();
    let page = stack.run("carol", &["sessions", "replay", &id, "--format", "html"]).ok().stdout;
    for words in [
        "<h4>tool <bdi>list_payments</bdi></h4>",
        "<h4><bdi>text</bdi></h4>",
        "<h4><bdi>structured content</bdi></h4>",
        "list_payments",
        "******",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn what_is_not_as_it_was_written_is_said_at_the_top_and_at_the_record() {
    let (stack, id) = recorded();
    edit_answer(&segment(&stack));
    let made = stack.run("carol", &["sessions", "replay", &id, "--format", "html"]);
    assert_eq!(made.code, Some(9), "{}{}", made.stdout, made.stderr);
    let said = "<p class=\"problem\">NOT AS WRITTEN: <bdi>its payload is not the one it commits to";
    assert!(made.stdout.contains("verdict bad") && made.stdout.contains(said), "{}", made.stdout);
    assert!(made.stdout.contains("<li class=\"broken\">"), "{}", made.stdout);

    let none = stack.run("carol", &["sessions", "replay", "s-00000000000070008000000000000000", "--format", "html"]);
    assert!(none.code == Some(1) && none.stdout.is_empty(), "no page of nothing: {}", none.stdout);
}
