//! Points in time and times of day, as Snowflake counts them.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::Offset,
};

const NANOS: i128 = 1_000_000_000;
/// A time zone is minutes east of UTC plus this many.
const ZONE: i64 = 1440;

/// Days since 1970.
pub(super) fn date(days: i32) -> Option<String> {
    let first = Date::new(1970, 1, 1).ok()?;
    first.checked_add(SignedDuration::from_hours(i64::from(days) * 24)).ok().map(|date| date.to_string())
}

/// Seconds since midnight times 10^scale.
pub(super) fn of_day(value: i128, scale: i32) -> Option<String> {
    let nanos = nanos(value, scale)?;
    let time = Time::midnight().checked_add(SignedDuration::from_nanos(i64::try_from(nanos).ok()?)).ok()?;
    Some(time.to_string())
}

/// Seconds since 1970 times 10^scale.
pub(super) fn scaled(logical: &str, value: i128, scale: i32) -> Option<String> {
    let nanos = nanos(value, scale)?;
    let epoch = i64::try_from(nanos.div_euclid(NANOS)).ok()?;
    stamp(logical, epoch, i64::try_from(nanos.rem_euclid(NANOS)).ok(), None)
}

/// Seconds since 1970, nanoseconds after them, and the zone it is shown in.
pub(super) fn stamp(logical: &str, epoch: i64, fraction: Option<i64>, zone: Option<i64>) -> Option<String> {
    let at = Timestamp::new(epoch, i32::try_from(fraction.unwrap_or_default()).ok()?).ok()?;
    let Some(zone) = zone else {
        let text = at.to_string();
        // Without a zone it is a date and a time, wherever.
        return Some(if logical.ends_with("NTZ") { text.trim_end_matches('Z').replace('T', " ") } else { text });
    };
    let minutes = i32::try_from(zone.checked_sub(ZONE)?).ok()?;
    let local = Offset::from_seconds(minutes.checked_mul(60)?).ok()?.to_datetime(at).to_string().replace('T', " ");
    let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
    Some(format!("{local} {sign}{:02}:{:02}", minutes / 60, minutes % 60))
}

fn nanos(value: i128, scale: i32) -> Option<i128> {
    let places = u32::try_from(9i32.checked_sub(scale)?).ok()?;
    value.checked_mul(10i128.checked_pow(places)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_counted() {
        assert_eq!(date(20_514).as_deref(), Some("2026-03-02"));
        assert_eq!(date(-1).as_deref(), Some("1969-12-31"));
        assert_eq!(date(i32::MAX), None);
        assert_eq!(of_day(3_661_500, 3).as_deref(), Some("01:01:01.5"));
        assert_eq!(scaled("TIMESTAMP_NTZ", 1_772_442_000_123, 3).as_deref(), Some("2026-03-02 09:00:00.123"));
        assert_eq!(scaled("TIMESTAMP_NTZ", -1, 0).as_deref(), Some("1969-12-31 23:59:59"));
        assert_eq!(
            stamp("TIMESTAMP_LTZ", 1_772_442_000, Some(5), None).as_deref(),
            Some("2026-03-02T09:00:00.000000005Z")
        );
        assert_eq!(
            stamp("TIMESTAMP_TZ", 1_772_442_000, None, Some(1440 - 90)).as_deref(),
            Some("2026-03-02 07:30:00 -01:30")
        );
        assert_eq!(scaled("TIMESTAMP_NTZ", i128::MAX, 0), None);
        assert_eq!(of_day(1, 12), None);
    }
}
