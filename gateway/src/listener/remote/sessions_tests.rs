#![allow(clippy::unwrap_used)]

use hoop_model::{
    Assurance, Clock, Group, LoginId, LoginMethod, Principal, PrincipalKind, SystemClock, earlier, later,
};
use hoop_tunnel::{Connection, Stream};

use super::*;
use crate::site::Site;

const LONG: Duration = Duration::from_secs(3600);

struct World {
    site: Site,
    sessions: Arc<Sessions>,
    _agent: (Connection, Stream),
}

impl World {
    async fn with(idle: Duration) -> Self {
        let site = Site::start().await;
        let agent = site.linked(site.enrolled("dc1").await).await;
        Self { site, sessions: Sessions::new(idle), _agent: agent }
    }

    async fn enter(&self, login: &Login, ip: &str) -> Result<UnderWay, Fault> {
        let (client, connection) = (Some("assistant".to_owned()), "tools".parse().unwrap());
        self.sessions.enter(self.site.gateway(), login.clone(), client, &connection, ip.parse().unwrap()).await
    }
}

/// Alice by a token made so long ago, of these groups.
fn login(age: Duration, groups: &[&str]) -> Login {
    let now = SystemClock.now();
    Login {
        id: LoginId::new(),
        principal: Principal {
            subject: Subject { issuer: "https://idp.test".to_owned(), sub: "alice".to_owned() },
            kind: PrincipalKind::Person,
            groups: groups.iter().map(|group| Group((*group).to_owned())).collect(),
            email: None,
            assurance: Assurance::default(),
            login_method: LoginMethod::Browser,
            authenticated_at: now,
        },
        key: String::new(),
        created_at: earlier(now, age),
        expires_at: later(now, LONG),
        ends_at: later(now, LONG),
        revoked_at: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_token_goes_on_in_the_session_and_says_who_asks() {
    let world = World::with(LONG).await;
    let (old, new) = (login(Duration::from_secs(60), &["a", "b"]), login(Duration::ZERO, &["a"]));
    let first = world.enter(&old, "10.0.0.1").await.unwrap();
    let session = first.session().clone();
    for token in [&new, &old] {
        let again = world.enter(token, "10.0.0.1").await.unwrap();
        assert_eq!(again.session().id, session.id);
        assert_eq!(session.principal().groups, new.principal.groups, "the newest token's");
    }
    let elsewhere = world.enter(&new, "10.0.0.2").await.unwrap();
    assert_ne!(elsewhere.session().id, session.id, "policies go by the address");

    world.site.gateway().revocations.revoke(Holder::Login(new.id));
    session.ended.cancelled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_in_silence_and_not_under_a_request() {
    let world = World::with(Duration::from_millis(1)).await;
    let alice = login(Duration::ZERO, &[]);
    let under_way = world.enter(&alice, "10.0.0.1").await.unwrap();
    let session = under_way.session().clone();
    let ended = tokio::time::timeout(Duration::from_millis(50), session.ended.cancelled()).await;
    assert!(ended.is_err(), "a request is under way");
    drop(under_way);
    session.ended.cancelled().await;
    let next = world.enter(&alice, "10.0.0.1").await.unwrap();
    assert_ne!(next.session().id, session.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_token_and_one_person_has_so_many() {
    let world = World::with(LONG).await;
    let over = Login { expires_at: SystemClock.now(), ..login(Duration::ZERO, &[]) };
    let expired = world.enter(&over, "10.0.0.1").await.unwrap();
    expired.session().ended.cancelled().await;

    let alice = login(Duration::ZERO, &[]);
    let mut kept = Vec::new();
    let refused = loop {
        match world.enter(&alice, &format!("10.0.1.{}", kept.len())).await {
            Ok(session) => kept.push(session),
            Err(fault) => break fault,
        }
    };
    assert_eq!((kept.len(), refused.code.as_ref()), (MOST_OF_ONE, "too_many_sessions"));
    assert!(world.enter(&alice, "10.0.1.0").await.is_ok(), "one that is there is no further one");
}
