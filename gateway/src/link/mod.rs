//! The agents that are connected now, and the way through them to an upstream.

mod answered;
mod control;
mod exchange;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

pub(crate) use control::serve;
pub use exchange::UpstreamBody;
use hoop_model::{AgentId, ConnectionName, Fault, Retry, Side};
use hoop_tunnel::Connection;
use hoop_wire::link::Upstream;

/// One connected agent.
pub(crate) struct Agent {
    pub id: AgentId,
    pub name: String,
    pub tunnel: Connection,
    pub upstreams: HashMap<ConnectionName, Upstream>,
}

/// Agents by the name that connections refer to. A newer connection of the same name takes the older one's place.
#[derive(Default)]
pub struct Links {
    agents: Mutex<HashMap<String, Arc<Agent>>>,
    /// Counts arrivals, for those who wait for one.
    arrivals: tokio::sync::watch::Sender<u64>,
}

/// An agent's place among [`Links`]; dropping it gives it up.
struct Seat<'a> {
    links: &'a Links,
    agent: Arc<Agent>,
}

impl<'a> Seat<'a> {
    fn take(links: &'a Links, agent: Arc<Agent>) -> Self {
        links.add(agent.clone());
        Self { links, agent }
    }

    /// No new work; what is under way goes on.
    fn leave(&self) {
        self.links.remove(&self.agent);
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Links {
    fn map(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Agent>>> {
        self.agents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, agent: Arc<Agent>) {
        self.map().insert(agent.name.clone(), agent);
        self.arrivals.send_modify(|count| *count += 1);
    }

    /// Takes no new work to this connection of the agent; a newer one stays.
    fn remove(&self, agent: &Arc<Agent>) {
        let mut map = self.map();
        if map.get(&agent.name).is_some_and(|current| Arc::ptr_eq(current, agent)) {
            map.remove(&agent.name);
        }
    }

    pub(crate) async fn connected(&self, name: &str) {
        let mut arrivals = self.arrivals.subscribe();
        while !self.map().contains_key(name) {
            if arrivals.changed().await.is_err() {
                return;
            }
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.map().keys().cloned().collect();
        names.sort();
        names
    }

    fn agent(&self, name: &str) -> Result<Arc<Agent>, Fault> {
        self.map().get(name).cloned().ok_or_else(|| agent_down(name))
    }

    /// How the named agent reaches the connection.
    pub(crate) fn upstream(&self, agent: &str, connection: &ConnectionName) -> Result<Upstream, Fault> {
        self.agent(agent)?.upstreams.get(connection).cloned().ok_or_else(|| {
            Fault::new(
                Side::Agent,
                "not_offered",
                Retry::Useless,
                format!(
                    "the agent \"{agent}\" does not offer \"{connection}\". Ask the gateway's admin to add it to \
                     the agent's configuration."
                ),
            )
        })
    }
}

fn agent_down(name: &str) -> Fault {
    Fault::new(
        Side::Agent,
        "agent_down",
        Retry::Safe,
        format!(
            "the agent \"{name}\" is not connected, so nothing was run. It reconnects by itself; try again in a \
             minute, then ask the gateway's admin to look at hoop-agent."
        ),
    )
}
