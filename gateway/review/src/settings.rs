//! What each rule takes for too much. The defaults are for a team of some dozen people.

use jiff::civil::Weekday;
use serde::Deserialize;

use crate::Zone;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where a day begins.
    pub zone: Zone,
    pub denied: Denied,
    pub new_resource: NewResource,
    pub volume: Volume,
    pub unexpected_pan: UnexpectedPan,
    pub break_glass: BreakGlass,
    /// Absent: nobody's hours are looked at.
    pub off_hours: Option<OffHours>,
}

/// Refusals of one subject, or from one address where nobody was known yet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Denied {
    pub enabled: bool,
    pub count: u32,
    pub window_seconds: u32,
}

/// A table or tool that a subject with a history had not used before.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewResource {
    pub enabled: bool,
    /// A subject has a history after so many requests,
    pub history_requests: u32,
    /// on so many days.
    pub history_days: u32,
    /// What was not used for so long is new again.
    pub forget_days: u32,
}

/// What a subject read on a connection in a day, against the median of its earlier days there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Volume {
    pub enabled: bool,
    /// So many times the median is unusual,
    pub factor: u32,
    /// once there are so many earlier days,
    pub history_days: u32,
    /// and it is at least this.
    pub floor_rows: u64,
    pub floor_bytes: u64,
}

/// Card numbers where none were seen before.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UnexpectedPan {
    pub enabled: bool,
    /// Where they belong: `CONNECTION/TABLE`, `CONNECTION/TOOL`, or either with a blank and the place in the answer; `*`
    /// stands for anything.
    pub card_data: Vec<String>,
}

/// What is beside the ordinary way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BreakGlass {
    pub enabled: bool,
    /// Events of admins, as records call them.
    pub admin_events: Vec<String>,
}

/// Outside of these hours nobody is expected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffHours {
    /// Whole hours of the day, the second one excluded; the first may be the later one.
    pub from_hour: u8,
    pub to_hour: u8,
    #[serde(default = "OffHours::weekdays")]
    pub days: Vec<WorkDay>,
    /// Jobs run at night; people are looked at.
    #[serde(default)]
    pub workloads: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkDay {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// A threshold that finds nothing, or everything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    #[error("{key} is {found}; set it between {least} and {most}")]
    Range { key: &'static str, found: u64, least: u64, most: u64 },
    #[error("off_hours.from_hour and to_hour are both {0}, so there would be no hour or all; set two that differ")]
    NoHours(u8),
    #[error("off_hours.days is empty; name the days on which people work, such as \"mon\"")]
    NoDays,
    #[error("unexpected_pan.card_data holds {0:?}; write CONNECTION/TABLE or CONNECTION/TOOL, with * for anything")]
    Place(String),
}

impl Default for Denied {
    fn default() -> Self {
        Self { enabled: true, count: 5, window_seconds: 600 }
    }
}

impl Default for NewResource {
    fn default() -> Self {
        Self { enabled: true, history_requests: 50, history_days: 5, forget_days: 90 }
    }
}

impl Default for Volume {
    fn default() -> Self {
        Self { enabled: true, factor: 5, history_days: 5, floor_rows: 10_000, floor_bytes: 100_000_000 }
    }
}

impl Default for UnexpectedPan {
    fn default() -> Self {
        Self { enabled: true, card_data: Vec::new() }
    }
}

impl Default for BreakGlass {
    fn default() -> Self {
        let admin_events = ["session_killed", "tool_approved", "trail_key_rotated"].map(str::to_owned).to_vec();
        Self { enabled: true, admin_events }
    }
}

impl OffHours {
    fn weekdays() -> Vec<WorkDay> {
        vec![WorkDay::Mon, WorkDay::Tue, WorkDay::Wed, WorkDay::Thu, WorkDay::Fri]
    }
}

impl WorkDay {
    pub(crate) fn of(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

impl Settings {
    /// Whether each threshold can be meant.
    pub fn check(&self) -> Result<(), SettingsError> {
        const YEAR: u64 = 366;
        let (denied, new, volume) = (&self.denied, &self.new_resource, &self.volume);
        for (key, found, least, most) in [
            ("denied.count", denied.count.into(), 2, 1000),
            ("denied.window_seconds", denied.window_seconds.into(), 1, 86_400),
            ("new_resource.history_requests", new.history_requests.into(), 1, 1_000_000),
            ("new_resource.history_days", new.history_days.into(), 1, YEAR),
            ("new_resource.forget_days", new.forget_days.into(), 1, YEAR),
            ("volume.factor", volume.factor.into(), 1, 1_000_000),
            ("volume.history_days", volume.history_days.into(), 1, crate::rules::volume::PAST as u64),
        ] {
            if !(least..=most).contains(&found) {
                return Err(SettingsError::Range { key, found, least, most });
            }
        }
        if let Some(hours) = &self.off_hours {
            for (key, found) in [("off_hours.from_hour", hours.from_hour), ("off_hours.to_hour", hours.to_hour)] {
                if found > 24 {
                    return Err(SettingsError::Range { key, found: found.into(), least: 0, most: 24 });
                }
            }
            if hours.from_hour == hours.to_hour {
                return Err(SettingsError::NoHours(hours.from_hour));
            }
            if hours.days.is_empty() {
                return Err(SettingsError::NoDays);
            }
        }
        match self.unexpected_pan.card_data.iter().find(|place| !place.contains('/')) {
            Some(place) => Err(SettingsError::Place(place.clone())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_defaults_can_be_meant_and_the_rest_is_refused() {
        let good = Settings::default();
        good.check().unwrap();
        let hours = OffHours { from_hour: 8, to_hour: 8, days: OffHours::weekdays(), workloads: false };
        for wrong in [
            Settings { denied: Denied { count: 1, ..Denied::default() }, ..good.clone() },
            Settings { volume: Volume { history_days: 400, ..Volume::default() }, ..good.clone() },
            Settings { off_hours: Some(hours.clone()), ..good.clone() },
            Settings { off_hours: Some(OffHours { to_hour: 25, ..hours.clone() }), ..good.clone() },
            Settings { off_hours: Some(OffHours { to_hour: 9, days: Vec::new(), ..hours }), ..good.clone() },
            Settings {
                unexpected_pan: UnexpectedPan { card_data: vec!["PAYMENTS".to_owned()], ..UnexpectedPan::default() },
                ..good.clone()
            },
        ] {
            wrong.check().unwrap_err();
        }
    }
}
