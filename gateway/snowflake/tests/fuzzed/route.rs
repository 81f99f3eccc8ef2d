//! `METHOD path?query`: what is a route is plain, and stays the same with its slashes doubled.

use hoop_snowflake::{Route, request_id, route as route_of};

use super::LONGEST;

pub fn route(data: &[u8]) {
    let text = String::from_utf8_lossy(&data[..data.len().min(LONGEST)]);
    let (method, target) = text.split_once(' ').unwrap_or(("GET", &text));
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    if let Some(id) = request_id(query) {
        assert!(
            !id.is_empty() && id.len() <= 128 && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
            "{id:?}"
        );
    }
    let found = route_of(method, path);
    if matches!(found, Route::Refused | Route::Closed) {
        return;
    }
    assert!(matches!(method, "GET" | "POST"));
    assert!(path.len() <= 512 && !path.contains(['.', '%', '\\', '?', '#']) && path.is_ascii(), "{path:?}");
    assert!(!path.bytes().any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_control()), "{path:?}");
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    assert_eq!(route_of(method, &format!("/{}", parts.join("/"))), found);
    assert_eq!(route_of(method, &path.to_ascii_uppercase()), Route::Refused, "{path:?}");
    assert_eq!(route_of(method, &format!("{path}/..")), Route::Refused, "{path:?}");
    assert_eq!(route_of(&method.to_ascii_lowercase(), path), Route::Refused, "{path:?}");
    let named = match &found {
        Route::QueryResult { id } | Route::AbortById { id } | Route::Monitoring { id } => id,
        Route::StatementResult { handle } | Route::StatementCancel { handle } => handle,
        Route::Chunk { token, index } => {
            assert_eq!(parts.last().unwrap().parse(), Ok(*index));
            token
        }
        _ => return,
    };
    assert!(parts.contains(&named.as_str()), "{path:?}");
}
