#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use hoop_model::{Assurance, ConnectionName, Group, LoginMethod, Principal, PrincipalKind, Subject, Timestamp};

pub fn person(sub: &str, groups: &[&str]) -> Principal {
    Principal {
        subject: Subject { issuer: "https://id.example".into(), sub: sub.into() },
        kind: PrincipalKind::Person,
        groups: groups.iter().map(|group| Group((*group).into())).collect(),
        email: None,
        assurance: Assurance::default(),
        login_method: LoginMethod::Browser,
        authenticated_at: Timestamp::UNIX_EPOCH,
    }
}

pub fn workload(sub: &str, groups: &[&str]) -> Principal {
    Principal { kind: PrincipalKind::Workload, login_method: LoginMethod::Workload, ..person(sub, groups) }
}

pub fn connection(name: &str) -> ConnectionName {
    name.parse().unwrap()
}
