use serde_json::{Value, json};

/// What PUT and GET get: instructions for the client, with credentials that open the bucket without anyone between.
/// The credentials carry the planted marker; a gateway must refuse this answer.
pub(crate) fn transfer(upload: bool, marker: &str) -> Value {
    json!({
        "command": if upload { "UPLOAD" } else { "DOWNLOAD" },
        "src_locations": ["/tmp/planted.csv"],
        "parallel": 4, "threshold": 209_715_200, "autoCompress": true, "overwrite": false, "sourceCompression": "auto_detect",
        "localLocation": "/tmp",
        "encryptionMaterial": { "queryStageMasterKey": format!("{marker}-stage-key"), "queryId": "planted", "smkId": 1 },
        "stageInfo": {
            "locationType": "S3", "location": format!("{marker}-bucket/stage/"), "path": "stage/", "region": "local",
            "creds": {
                "AWS_KEY_ID": format!("{marker}-key-id"), "AWS_SECRET_KEY": format!("{marker}-secret"), "AWS_TOKEN": format!("{marker}-token"),
            },
            "presignedUrl": null, "endPoint": null,
        },
        "presignedUrls": [],
    })
}
