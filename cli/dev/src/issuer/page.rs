//! The pages a person sees. No script, nothing loaded from elsewhere.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

use super::User;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:12vh auto;padding:0 1rem;color:#1b1f24;background:#f6f7f9}\
main{background:#fff;border:1px solid #d9dde3;border-radius:8px;padding:1.5rem}\
h1{font-size:1.25rem;margin:0 0 .25rem}p{margin:0 0 1rem;color:#57606a}\
button{display:block;width:100%;font:inherit;text-align:left;padding:.7rem 1rem;margin:.5rem 0;border:1px solid #c4cad2;border-radius:6px;background:#fff;cursor:pointer}\
button:hover,button:focus{border-color:#0b5fff;outline:2px solid #0b5fff33}small{color:#57606a}";

/// Inert by its headers as well; the form may end on the client's loopback address.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; \
             form-action 'self' http://127.0.0.1:* http://[::1]:*",
        ),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// Asks who the person is. `handle` is ours: hex.
pub(super) fn choose(users: &[User], handle: &str) -> Response {
    let buttons: String = users
        .iter()
        .map(|user| {
            let (name, role) = (escaped(&user.name), escaped(&user.role));
            format!("<button name=\"user\" value=\"{name}\">{name} <small>{role}</small></button>")
        })
        .collect();
    page(&format!(
        "<h1>Development sign-in</h1><p>Choose who you are. There is no password: this issuer runs on this machine \
         only, for trying things out.</p><form method=\"post\" action=\"/login\"><input type=\"hidden\" \
         name=\"request\" value=\"{handle}\">{buttons}</form>"
    ))
}

pub(super) fn refused(why: &str) -> Response {
    page(&format!("<h1>This sign-in cannot go on</h1><p>{}.</p>", escaped(why)))
}

fn page(body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Development sign-in</title><style>{STYLE}</style><main>{body}</main></html>"
    );
    (HEADERS, Html(html)).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
