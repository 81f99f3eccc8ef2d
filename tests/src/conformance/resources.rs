//! The resources that the suite reads.

use serde_json::{Value, json};

use super::content;

const TEMPLATE: (&str, &str) = ("test://template/", "/data");

pub fn list() -> Value {
    json!({ "resources": [
        {
            "uri": "test://static-text", "name": "static-text",
            "description": "A text that stays as it is", "mimeType": "text/plain",
        },
        {
            "uri": "test://static-binary", "name": "static-binary",
            "description": "An image that stays as it is", "mimeType": "image/png",
        },
        {
            "uri": "test://watched-resource", "name": "watched-resource",
            "description": "A text that may be subscribed to", "mimeType": "text/plain",
        },
    ] })
}

pub fn templates() -> Value {
    json!({ "resourceTemplates": [{
        "uriTemplate": "test://template/{id}/data", "name": "template",
        "description": "The data of one id", "mimeType": "application/json",
    }] })
}

pub fn read(uri: &str) -> Option<Value> {
    let contents = match uri {
        "test://static-text" => text(uri, "text/plain", "This is the content of the static text resource."),
        "test://static-binary" => json!({ "uri": uri, "mimeType": "image/png", "blob": content::PNG }),
        "test://watched-resource" => text(uri, "text/plain", "This is the content of the watched resource."),
        _ => {
            let (before, after) = TEMPLATE;
            let id = uri.strip_prefix(before)?.strip_suffix(after)?;
            let data = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
            text(uri, "application/json", &data.to_string())
        }
    };
    Some(json!({ "contents": [contents] }))
}

fn text(uri: &str, mime_type: &str, text: &str) -> Value {
    json!({ "uri": uri, "mimeType": mime_type, "text": text })
}
