//! What is known of the platforms that issue workload tokens: which claims stay with one owner, and which kinds of run
//! carry other people's code (`identity.md` §4).

use url::Url;

use super::condition::Condition;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    GitHub,
    GitLab,
    CircleCi,
    Buildkite,
    Other,
}

/// Runs that are refused unless the rule has a condition on the claim. Told by the claim, not by the issuer: a
/// self-managed platform has an address of its own.
pub(super) const RISKS: [Risk; 3] = [
    Risk { claim: "event_name", values: &["pull_request", "pull_request_target"] },
    Risk { claim: "pipeline_source", values: &["merge_request_event", "external_pull_request_event"] },
    Risk { claim: "oidc.circleci.com/ssh-rerun", values: &["true"] },
];

pub(super) struct Risk {
    pub claim: &'static str,
    values: &'static [&'static str],
}

impl Risk {
    pub(super) fn values(&self) -> Condition {
        Condition::OneOf(self.values.iter().map(|value| (*value).to_owned()).collect())
    }
}

impl Platform {
    pub(super) fn of(issuer: &Url) -> Self {
        let host = issuer.host_str().unwrap_or_default();
        let ghe = host.starts_with("token.actions.") && host.ends_with(".ghe.com");
        match host {
            _ if ghe || issuer.path().starts_with("/_services/token") => Self::GitHub,
            "token.actions.githubusercontent.com" => Self::GitHub,
            "gitlab.com" => Self::GitLab,
            "oidc.circleci.com" => Self::CircleCi,
            "agent.buildkite.com" => Self::Buildkite,
            _ => Self::Other,
        }
    }

    pub(super) fn immutable_ids(self) -> &'static [&'static str] {
        match self {
            Self::GitHub => &["repository_id", "repository_owner_id"],
            Self::GitLab => &["project_id", "namespace_id"],
            Self::CircleCi => &["oidc.circleci.com/project-id", "oidc.circleci.com/org-id"],
            Self::Buildkite => &["organization_id", "pipeline_id"],
            Self::Other => &[
                "sub",
                "oid",
                "project_id",
                "namespace_id",
                "repository_id",
                "repository_owner_id",
                "/kubernetes.io/serviceaccount/uid",
                "azp",
                "appid",
            ],
        }
    }
}
