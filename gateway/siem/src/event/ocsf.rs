//! A record as an OCSF 1.5 event.

use serde_json::{Map, Value, json};

use super::{
    Mapper,
    class::{Class, ClassUid},
    parts::Parts,
};
use crate::source::Entry;

const OCSF: &str = "1.5.0";
pub(super) const VENDOR: &str = "hoop";
pub(super) const PRODUCT: &str = "hoop-gateway";

/// What belongs to whom is taken out of `parts`; the rest stands in `unmapped` under the record's own names.
pub(super) fn event(mapper: &Mapper, entry: &Entry, class: &Class, mut parts: Parts, uid: &str) -> Value {
    let mut event = base(mapper, entry, class, &mut parts, uid);
    let who = Who::taken(&mut parts);
    match class.uid {
        ClassUid::ApiActivity => api(&mut event, who, &mut parts),
        ClassUid::DatastoreActivity => datastore(&mut event, who, &mut parts),
        ClassUid::Authentication => authentication(&mut event, who, mapper, &mut parts),
        ClassUid::EntityManagement => entity(&mut event, who, class, &mut parts),
        ClassUid::DetectionFinding => finding(&mut event, who, class, uid, &mut parts),
        ClassUid::ApplicationLifecycle => {
            put(&mut event, "app", product(mapper));
            who.left(&mut event);
        }
    }
    let mut unmapped = Map::new();
    put(&mut unmapped, "record_hash", entry.hash.to_string());
    unmapped.append(&mut parts.rest());
    put(&mut event, "unmapped", unmapped);
    Value::Object(event)
}

fn base(mapper: &Mapper, entry: &Entry, class: &Class, parts: &mut Parts, uid: &str) -> Map<String, Value> {
    let (class_uid, (activity_id, activity)) = (class.uid as u32, class.activity);
    let (category_uid, category) = class.uid.category();
    let mut event = Map::new();
    put(&mut event, "class_uid", class_uid);
    put(&mut event, "class_name", class.uid.name());
    put(&mut event, "category_uid", category_uid);
    put(&mut event, "category_name", category);
    put(&mut event, "activity_id", activity_id);
    put(&mut event, "activity_name", activity);
    put(&mut event, "type_uid", class_uid * 100 + activity_id);
    put(&mut event, "type_name", format!("{}: {activity}", class.uid.name()));
    put(&mut event, "severity_id", class.severity as u32);
    put(&mut event, "severity", class.severity.as_str());
    put(&mut event, "time", entry.record.ts.as_millisecond());
    put(&mut event, "message", class.title);
    if class.uid == ClassUid::DetectionFinding {
        put(&mut event, "status_id", 1);
        put(&mut event, "status", "New");
    } else {
        let (id, status) = status(entry.record.draft.outcome.as_deref());
        put(&mut event, "status_id", id);
        put(&mut event, "status", status);
    }
    if let Some(outcome) = parts.take("outcome") {
        put(&mut event, "status_detail", outcome);
    }
    let mut metadata = Map::new();
    put(&mut metadata, "version", OCSF);
    put(&mut metadata, "product", product(mapper));
    put(&mut metadata, "uid", uid);
    for (field, name) in [("seq", "sequence"), ("v", "log_version"), ("ts", "original_time")] {
        let value = parts.take(field).unwrap_or_default();
        // A number in the record; OCSF has text here.
        put(&mut metadata, name, if name == "log_version" { value.to_string().into() } else { value });
    }
    put(&mut metadata, "log_name", "trail");
    put(&mut metadata, "log_provider", mapper.host.as_str());
    put(&mut metadata, "event_code", parts.kind.as_str());
    let draft = &entry.record.draft;
    let approval = draft.approval.as_ref().map(|approval| approval.id.to_string());
    // An approval that was asked for, an alert and an incident: all that is said of one belongs together.
    let request = || ["request", "alert", "incident"].iter().find_map(|name| draft.detail.get(*name)).cloned();
    if let Some(id) = draft.exchange_id.map(|id| id.to_string()).or(approval).or_else(request) {
        put(&mut metadata, "correlation_uid", id);
    }
    put(&mut event, "metadata", metadata);
    event
}

fn status(outcome: Option<&str>) -> (u32, &'static str) {
    match outcome {
        Some("success") => (1, "Success"),
        None | Some("unknown") => (0, "Unknown"),
        Some(_) => (2, "Failure"),
    }
}

fn product(mapper: &Mapper) -> Value {
    json!({ "vendor_name": VENDOR, "name": PRODUCT, "version": mapper.version, "uid": mapper.origin })
}

/// Who did it, in which session, from where.
struct Who {
    user: Option<Value>,
    session: Option<Value>,
    from: Value,
}

impl Who {
    fn taken(parts: &mut Parts) -> Self {
        let mut origin = match parts.take("origin") {
            Some(Value::Object(origin)) => origin,
            _ => Map::new(),
        };
        let from = origin.remove("client_ip").map_or_else(|| json!({ "name": "unknown" }), |ip| json!({ "ip": ip }));
        let session = parts.take("session_id").map(|id| json!({ "uid": id }));
        let user = (!origin.is_empty()).then(|| user(origin));
        Self { user, session, from }
    }

    fn actor(&self) -> Value {
        let mut actor = Map::new();
        if let Some(user) = &self.user {
            put(&mut actor, "user", user.clone());
        }
        if let Some(session) = &self.session {
            put(&mut actor, "session", session.clone());
        }
        if actor.is_empty() {
            put(&mut actor, "app_name", PRODUCT);
        }
        Value::Object(actor)
    }

    fn put(&self, event: &mut Map<String, Value>) {
        put(event, "actor", self.actor());
        put(event, "src_endpoint", self.from.clone());
    }

    /// For a class that has no place for it.
    fn left(self, event: &mut Map<String, Value>) {
        if self.user.is_some() || self.session.is_some() {
            let data = json!({ "actor": self.actor(), "src_endpoint": self.from });
            put(event, "enrichments", json!([{ "name": "actor", "value": PRODUCT, "data": data }]));
        }
    }
}

fn user(mut origin: Map<String, Value>) -> Value {
    let mut user = Map::new();
    if let Some(Value::Object(mut subject)) = origin.remove("subject") {
        let sub = subject.remove("sub").unwrap_or_default();
        put(&mut user, "uid", sub.clone());
        put(&mut user, "name", origin.get("email").cloned().unwrap_or(sub));
        if let Some(issuer) = subject.remove("issuer") {
            put(&mut user, "domain", issuer);
        }
    }
    if let Some(email) = origin.remove("email") {
        put(&mut user, "email_addr", email);
    }
    if let Some(kind) = origin.remove("kind") {
        put(&mut user, "type_id", if kind == "person" { 1 } else { 3 });
        put(&mut user, "type", kind);
    }
    if let Some(Value::Array(groups)) = origin.remove("groups") {
        put(&mut user, "groups", groups.into_iter().map(|name| json!({ "name": name })).collect::<Vec<_>>());
    }
    Value::Object(user)
}

fn api(event: &mut Map<String, Value>, who: Who, parts: &mut Parts) {
    who.put(event);
    let connection = parts.text("connection");
    let resources = names(parts.take("resources"));
    let tool = match (resources.as_slice(), &connection) {
        ([only], Some(connection)) => only.strip_prefix(&format!("{connection}/")).map(str::to_owned),
        _ => None,
    };
    let action = parts.text("action");
    let mut api = Map::new();
    put(&mut api, "operation", tool.or_else(|| action.clone()).unwrap_or_else(|| parts.kind.clone()));
    if let Some(connection) = connection {
        put(&mut api, "service", json!({ "name": connection }));
    }
    if let Some(action) = action {
        put(&mut api, "group", json!({ "name": action }));
    }
    let exchange = parts.take("exchange_id");
    let command = parts.take("command");
    if exchange.is_some() || command.is_some() {
        let mut request = Map::new();
        put(&mut request, "uid", exchange.unwrap_or_default());
        if let Some(command) = command {
            put(&mut request, "data", json!({ "command": command }));
        }
        put(&mut api, "request", request);
    }
    put(event, "api", api);
    if !resources.is_empty() {
        put(event, "resources", resources.into_iter().map(|name| json!({ "name": name })).collect::<Vec<_>>());
    }
}

fn datastore(event: &mut Map<String, Value>, who: Who, parts: &mut Parts) {
    who.put(event);
    put(event, "type_id", 1);
    put(event, "type", "Database");
    let connection = parts.take("connection").unwrap_or_default();
    put(event, "database", json!({ "name": connection, "type_id": 1, "type": "Relational" }));
    if let Some(command) = parts.take("command") {
        let mut query = Map::new();
        put(&mut query, "query_string", command);
        if let Some(id) = parts.take("upstream_id") {
            put(&mut query, "uid", id);
        }
        put(event, "query_info", query);
    }
    // Of several tables the class knows one: all of them stay together then.
    let only = match parts.take("resources") {
        Some(Value::Array(resources)) if resources.len() == 1 => resources.into_iter().next(),
        Some(several) => {
            return put(event, "enrichments", json!([{ "name": "resources", "value": "tables", "data": several }]));
        }
        None => None,
    };
    if let Some(name) = only {
        put(event, "table", json!({ "name": name }));
    }
}

fn authentication(event: &mut Map<String, Value>, who: Who, mapper: &Mapper, parts: &mut Parts) {
    let connection = parts.take("connection");
    put(event, "user", who.user.clone().unwrap_or_else(|| json!({ "name": "unknown", "type_id": 0 })));
    put(event, "service", json!({ "name": connection.unwrap_or_else(|| mapper.host.as_str().into()) }));
    put(event, "is_remote", true);
    put(event, "src_endpoint", who.from);
    if let Some(session) = who.session {
        put(event, "session", session);
    }
}

fn entity(event: &mut Map<String, Value>, who: Who, class: &Class, parts: &mut Parts) {
    who.put(event);
    let mut entity = Map::new();
    put(&mut entity, "type", class.entity);
    put(&mut entity, "name", parts.take("connection").unwrap_or_else(|| class.entity.into()));
    if let Some(command) = parts.take("command") {
        put(&mut entity, "data", json!({ "command": command }));
    }
    put(event, "entity", entity);
}

fn finding(event: &mut Map<String, Value>, who: Who, class: &Class, uid: &str, parts: &mut Parts) {
    put(event, "finding_info", json!({ "uid": uid, "title": class.title, "types": [parts.kind] }));
    let mut evidence = Map::new();
    who.put(&mut evidence);
    if let Some(command) = parts.take("command") {
        put(&mut evidence, "data", json!({ "command": command }));
    }
    put(event, "evidences", [Value::Object(evidence)].to_vec());
    let resources = names(parts.take("resources"));
    if !resources.is_empty() {
        put(event, "resources", resources.into_iter().map(|name| json!({ "name": name })).collect::<Vec<_>>());
    }
}

fn names(list: Option<Value>) -> Vec<String> {
    match list {
        Some(Value::Array(names)) => names.into_iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

fn put(object: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    object.insert(name.to_owned(), value.into());
}
