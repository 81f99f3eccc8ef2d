//! What keeps cells empty, asked of fakesnow itself: when it learns one of these, this fails and the cell can be filled.

use hoop_dev::client::Connection;
use hoop_tests::{
    peers::{self, Server},
    raw::parsed,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::direct;
use crate::clients;

struct Asking {
    server: Server,
    runtime: Runtime,
    token: String,
}

impl Asking {
    fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let authorization = format!("Snowflake Token=\"{}\"", self.token);
        let headers = [("authorization", authorization.as_str()), ("accept", "application/json")];
        let port = self.server.ready["port"].as_u64().unwrap();
        let answer = self.runtime.block_on(async {
            let mut connection = Connection::open(format!("127.0.0.1:{port}").parse().unwrap()).await.unwrap();
            connection.send(method, path, &headers, body.to_string().into()).await.unwrap()
        });
        (answer.status.as_u16(), if answer.status.as_u16() == 404 { Value::Null } else { parsed(&answer) })
    }

    fn query(&self, sql: &str, parameters: &Value) -> (u16, Value) {
        let body = json!({ "sqlText": sql, "parameters": parameters, "sequenceId": 1 });
        self.ask("POST", "/queries/v1/query-request?requestId=r", &body)
    }
}

#[test]
fn what_fakesnow_lacks() {
    let server = Server::start(peers::python("fakesnow").arg(peers::path("fakesnow_server.py")));
    let mut asking = Asking { server, runtime: Runtime::new().unwrap(), token: String::new() };
    let asked = json!({ "data": { "LOGIN_NAME": "fake", "PASSWORD": "snow", "SESSION_PARAMETERS": {} } });
    let (_, login) = asking.ask("POST", "/session/v1/login-request?requestId=l", &asked);
    assert_eq!((&login["success"], &login["data"]["masterToken"]), (&true.into(), &Value::Null), "no master token");

    // Even an abort of nothing, by nobody.
    let (_, abort) = asking.ask("POST", "/queries/v1/abort-request?requestId=a", &json!({ "requestId": "none" }));
    assert_eq!(abort, json!({ "success": true }), "no abort");

    asking.token = login["data"]["token"].as_str().unwrap().to_owned();
    let (_, rows) =
        asking.query("SELECT UNNEST(RANGE(1000000))", &json!({ "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": "JSON" }));
    let data = &rows["data"];
    assert_eq!((&data["total"], &data["queryResultFormat"]), (&1_000_000.into(), &"arrow".into()), "no JSON");
    assert_eq!((&data["rowset"], &data["chunks"]), (&Value::Null, &Value::Null), "no chunks");
    assert!(data["rowsetBase64"].as_str().unwrap().len() > 1_000_000);

    let read = clients::NODE.run(&direct(&asking.server), &["SELECT 1".into()]);
    assert_eq!(read[0]["event"], "error", "Node reads rows of it");

    let (status, several) = asking.query("SELECT 1; SELECT 2", &json!({ "MULTI_STATEMENT_COUNT": 2 }));
    assert_eq!((status, &several["success"]), (500, &false.into()), "no several statements");
    let (status, _) = asking.ask("GET", "/queries/01b1-aa/result", &Value::Null);
    assert_eq!(status, 404, "no results by id");
}
