use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id (UUID v7: sorts by time of making).
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0.as_simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let bare = text.strip_prefix($prefix).ok_or(InvalidId { expected: $prefix })?;
                Uuid::try_parse(bare).map(Self).map_err(|_| InvalidId { expected: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl de::Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("an id of the form ", $prefix, "…"))
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}

/// An id with the wrong prefix or shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {expected}…")]
pub struct InvalidId {
    pub expected: &'static str,
}

id!(
    /// One login: the row behind a session certificate.
    LoginId, "login-"
);
id!(
    /// One `hoopctl connect`: an identity on one connection, from opening to close.
    SessionId, "s-"
);
id!(
    /// One request and all of its answer.
    ExchangeId, "x-"
);
id!(
    /// One request for approval.
    ApprovalId, "req-"
);
id!(
    /// One legal hold: recordings that are kept whatever their age.
    HoldId, "hold-"
);
id!(
    /// One search of the trail for a card.
    SearchId, "search-"
);
id!(
    /// One enrolled agent.
    AgentId, "agent-"
);
id!(
    /// One finding of the automatic review, until it is closed.
    AlertId, "al-"
);
id!(
    /// One time that a control failed.
    IncidentId, "inc-"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_text() {
        let id = SessionId::new();
        assert_eq!(id.to_string().parse::<SessionId>(), Ok(id));
        assert!(id.to_string().parse::<ExchangeId>().is_err());
    }
}
