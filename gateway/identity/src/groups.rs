//! A person's groups, from the configured claim. Anything but a plain list is an error, never "no groups": a policy
//! that forbids a group must not lose it (`identity.md` §2.6).

use std::collections::BTreeSet;

use hoop_model::Group;
use serde_json::Value;

use crate::{error::IdentityError, jwt::Claims};

const MOST: usize = 1000;
const LONGEST: usize = 256;

/// The groups that `claim` names: an exact name, or a JSON Pointer when it begins with `/`.
pub(crate) fn read(claims: &Claims, claim: &str) -> Result<BTreeSet<Group>, IdentityError> {
    let refused = |why| IdentityError::Groups(why, claim.to_owned());
    // Entra's mark that there are too many groups for a token (OpenID Connect Core §5.6.2, distributed claims).
    let elsewhere =
        claims.get("_claim_names").and_then(Value::as_object).is_some_and(|names| names.contains_key(claim));
    if elsewhere || claims.get("hasgroups").is_some() {
        return Err(refused("there are more than fit into the token"));
    }
    let groups = match claims.get(claim) {
        None => return Err(refused("the claim is missing")),
        Some(Value::Array(groups)) => groups,
        Some(_) => return Err(refused("the claim is no list")),
    };
    if groups.len() > MOST {
        return Err(refused("the list is longer than 1000"));
    }
    groups
        .iter()
        .map(|group| match group {
            Value::String(name) if (1..=LONGEST).contains(&name.len()) => Ok(Group(name.clone())),
            _ => Err(refused("an entry of the list is no name")),
        })
        .collect()
}
