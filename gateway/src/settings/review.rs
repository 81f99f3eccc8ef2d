//! `[review]`: what the automatic review takes for too much, and whose failures of controls are.

use std::{collections::BTreeSet, ops::RangeInclusive, path::Path, time::Duration};

use hoop_model::Group;
use hoop_review::{
    Zone,
    settings::{BreakGlass, Denied, NewResource, OffHours, UnexpectedPan, Volume},
};
use serde::Deserialize;

use super::{SettingsError, raw::Roles};

/// The table as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawReview {
    /// Who is responsible for failures of controls; when left out, the admins' groups.
    owner: Option<String>,
    /// Of the place where a day begins and people work.
    utc_offset_minutes: i32,
    /// The wall clock may be moved by so much.
    clock_jump_seconds: u32,
    /// A control works for so long before its incident is over.
    calm_seconds: u32,
    denied: Denied,
    new_resource: NewResource,
    volume: Volume,
    unexpected_pan: UnexpectedPan,
    break_glass: BreakGlass,
    off_hours: Option<OffHours>,
}

impl Default for RawReview {
    fn default() -> Self {
        Self {
            owner: None,
            utc_offset_minutes: 0,
            clock_jump_seconds: 5,
            calm_seconds: 30,
            denied: Denied::default(),
            new_resource: NewResource::default(),
            volume: Volume::default(),
            unexpected_pan: UnexpectedPan::default(),
            break_glass: BreakGlass::default(),
            off_hours: None,
        }
    }
}

/// What the review runs with.
#[derive(Debug, Clone)]
pub(crate) struct Review {
    pub owner: String,
    pub clock_jump: Duration,
    pub calm: Duration,
    pub rules: hoop_review::Settings,
}

/// A review that cannot be meant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    #[error("owner is empty; name who is responsible when a control fails, such as \"security@example.com\"")]
    Owner,
    #[error("owner has more than 200 characters, or one that does not print; write a name or an address")]
    OwnerText,
    #[error("utc_offset_minutes is {0}; no place is more than 840 from UTC")]
    Zone(i32),
    #[error("{key} is {found}; set it between {} and {}", between.start(), between.end())]
    Range { key: &'static str, found: u32, between: RangeInclusive<u32> },
    #[error(transparent)]
    Rules(#[from] hoop_review::SettingsError),
}

impl RawReview {
    pub(super) fn checked(self, path: &Path, roles: &Roles) -> Result<Review, SettingsError> {
        self.resolve(&roles.admins).map_err(|source| SettingsError::Review { path: path.to_owned(), source })
    }

    fn resolve(self, admins: &BTreeSet<Group>) -> Result<Review, ReviewError> {
        let owner = self.owner.unwrap_or_else(|| match admins.iter().map(ToString::to_string).collect::<Vec<_>>() {
            none if none.is_empty() => "the gateway's operator".to_owned(),
            groups => groups.join(", "),
        });
        if owner.trim().is_empty() {
            return Err(ReviewError::Owner);
        }
        if owner.chars().count() > 200 || owner.chars().any(char::is_control) {
            return Err(ReviewError::OwnerText);
        }
        for (key, found, between) in
            [("clock_jump_seconds", self.clock_jump_seconds, 1..=3600), ("calm_seconds", self.calm_seconds, 1..=3600)]
        {
            if !between.contains(&found) {
                return Err(ReviewError::Range { key, found, between });
            }
        }
        let zone = Zone::of_minutes(self.utc_offset_minutes).ok_or(ReviewError::Zone(self.utc_offset_minutes))?;
        let rules = hoop_review::Settings {
            zone,
            denied: self.denied,
            new_resource: self.new_resource,
            volume: self.volume,
            unexpected_pan: self.unexpected_pan,
            break_glass: self.break_glass,
            off_hours: self.off_hours,
        };
        rules.check()?;
        let seconds = |count: u32| Duration::from_secs(count.into());
        Ok(Review { owner, clock_jump: seconds(self.clock_jump_seconds), calm: seconds(self.calm_seconds), rules })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn resolved(text: &str) -> Result<Review, String> {
        let raw: RawReview = toml::from_str(text).map_err(|error| error.to_string())?;
        raw.resolve(&BTreeSet::from([Group("admins".to_owned())])).map_err(|error| error.to_string())
    }

    #[test]
    fn left_out_it_is_on_and_the_admins_own_what_fails() {
        let review = resolved("").unwrap();
        assert_eq!(review.owner, "admins");
        assert!(review.rules.denied.enabled && review.rules.off_hours.is_none());
    }

    #[test]
    fn what_is_set_holds_and_the_rest_stays() {
        let text =
            "owner = \"sec\"\nutc_offset_minutes = 60\n[denied]\ncount = 3\n[off_hours]\nfrom_hour = 7\nto_hour = 19";
        let review = resolved(text).unwrap();
        let denied = Denied { count: 3, ..Denied::default() };
        assert_eq!((review.owner.as_str(), review.rules.denied), ("sec", denied));
        assert_eq!(review.rules.off_hours.unwrap().days.len(), 5);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (text, why) in [
            ("owner = \" \"", "owner is empty"),
            ("owner = \"a\\nb\"", "does not print"),
            ("utc_offset_minutes = 900", "840"),
            ("clock_jump_seconds = 0", "clock_jump_seconds is 0; set it between 1 and 3600"),
            ("[denied]\ncount = 1", "denied.count is 1"),
            ("[denied]\ncuont = 3", "unknown field `cuont`"),
            ("[off_hours]\nfrom_hour = 7", "to_hour"),
            ("[off_hours]\nfrom_hour = 7\nto_hour = 7", "two that differ"),
            ("[unexpected_pan]\ncard_data = [\"x\"]", "CONNECTION/TABLE"),
            ("enabled = false", "unknown field `enabled`"),
        ] {
            let refusal = resolved(text).unwrap_err();
            assert!(refusal.contains(why), "{text}: {refusal}");
        }
    }
}
