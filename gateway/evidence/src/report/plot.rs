//! Plots as inline SVG: bars over days, and bars by name.

use super::parts::{escaped, number};

/// What is drawn in one colour.
pub(super) struct Series {
    pub name: &'static str,
    pub class: &'static str,
    /// One for each day.
    pub values: Vec<u64>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 190.0;
/// Room for the scale at the left, for days below.
const LEFT: f64 = 56.0;
const BELOW: f64 = 26.0;
const ABOVE: f64 = 8.0;
/// Days that have a name below them, at the most.
const NAMED: usize = 8;

/// Bars over days, the series on top of one another.
pub(super) fn stacked(title: &str, days: &[String], series: &[Series]) -> String {
    let most = (0..days.len()).map(|day| series.iter().map(|one| at(one, day)).sum()).max().unwrap_or_default();
    over_days(title, days, series, most, |frame, day| {
        let mut base = 0;
        let bars = series.iter().map(|one| {
            let value = at(one, day);
            base += value;
            frame.bar(one.class, frame.left(day), frame.wide(), base, value)
        });
        bars.collect()
    })
}

/// Bars over days, the series beside one another.
pub(super) fn grouped(title: &str, days: &[String], series: &[Series]) -> String {
    let most = series.iter().flat_map(|one| one.values.iter().copied()).max().unwrap_or_default();
    over_days(title, days, series, most, |frame, day| {
        let wide = frame.wide() / series.len().max(1) as f64;
        let bar = |(place, one): (usize, &Series)| {
            let value = at(one, day);
            frame.bar(one.class, frame.left(day) + wide * place as f64, wide, value, value)
        };
        series.iter().enumerate().map(bar).collect()
    })
}

fn at(series: &Series, day: usize) -> u64 {
    series.values.get(day).copied().unwrap_or_default()
}

/// Where on the drawing what comes to lie.
struct Frame {
    step: f64,
    most: u64,
}

impl Frame {
    fn left(&self, day: usize) -> f64 {
        LEFT + self.step * (day as f64 + 0.5) - self.wide() / 2.0
    }

    fn wide(&self) -> f64 {
        (self.step * 0.8).min(48.0)
    }

    fn y(&self, value: u64) -> f64 {
        ABOVE + (HEIGHT - ABOVE - BELOW) * (1.0 - value as f64 / self.most as f64)
    }

    /// `value` of a bar that ends at `top`.
    fn bar(&self, class: &str, x: f64, wide: f64, top: u64, value: u64) -> String {
        if value == 0 {
            return String::new();
        }
        let (y, height) = (self.y(top), self.y(top - value) - self.y(top));
        format!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{:.1}\"/>",
            height.max(1.0)
        )
    }
}

fn over_days(
    title: &str,
    days: &[String],
    series: &[Series],
    most: u64,
    draw: impl Fn(&Frame, usize) -> String,
) -> String {
    if most == 0 {
        return format!("<p class=\"note\">{}: none in the period.</p>", escaped(title));
    }
    let most = round_up(most);
    let frame = Frame { step: (WIDTH - LEFT) / days.len().max(1) as f64, most };
    let scale = [0, most / 2, most].map(|value| {
        let y = frame.y(value);
        format!(
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text class=\"end\" x=\"{:.1}\" \
             y=\"{:.1}\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            number(value)
        )
    });
    let scale = if most == 1 { [scale.first().cloned(), None, scale.last().cloned()] } else { scale.map(Some) };
    let every = days.len().div_ceil(NAMED).max(1);
    let names = days.iter().enumerate().filter(|(day, _)| day % every == 0).map(|(day, name)| {
        let x = LEFT + frame.step * (day as f64 + 0.5);
        format!("<text class=\"middle\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>", HEIGHT - 8.0, escaped(name))
    });
    let bars = (0..days.len()).map(|day| draw(&frame, day));
    let drawn: String = scale.into_iter().flatten().chain(bars).chain(names).collect();
    figure(title, HEIGHT, &drawn, series.iter().map(|one| (one.name, one.class, one.values.iter().sum())))
}

/// A bar for each name: what was masked, and behind it what was shown.
pub(super) fn bars(title: &str, named: &[(String, u64, u64)]) -> String {
    const ROW: f64 = 26.0;
    const NAME: f64 = 150.0;
    /// Room for the number behind a bar.
    const BEHIND: f64 = 80.0;
    let most = named.iter().map(|(_, masked, shown)| masked.saturating_add(*shown)).max().unwrap_or_default();
    if most == 0 {
        return format!("<p class=\"note\">{}: none in the period.</p>", escaped(title));
    }
    let wide = |value: u64| (WIDTH - NAME - BEHIND) * value as f64 / most as f64;
    let rows = named.iter().enumerate().map(|(place, (name, masked, shown))| {
        let y = ROW * place as f64 + 4.0;
        let (first, second) = (wide(*masked), wide(*shown));
        format!(
            "<text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{}</text><rect class=\"s1\" x=\"{NAME}\" y=\"{y:.1}\" \
             width=\"{first:.1}\" height=\"18\"/><rect class=\"s3\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{second:.1}\" \
             height=\"18\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            NAME - 8.0,
            y + 13.0,
            escaped(&name.chars().take(24).collect::<String>()),
            NAME + first,
            NAME + first + second + 6.0,
            y + 13.0,
            number(masked.saturating_add(*shown))
        )
    });
    let sum = |of: fn(&(String, u64, u64)) -> u64| named.iter().map(of).sum();
    let key = [("masked", "s1", sum(|one| one.1)), ("shown under a grant", "s3", sum(|one| one.2))];
    figure(title, ROW * named.len() as f64 + 8.0, &rows.collect::<String>(), key.into_iter())
}

/// A scale that ends at a round number.
fn round_up(most: u64) -> u64 {
    let magnitude = 10_u64.checked_pow(most.checked_ilog10().unwrap_or_default()).unwrap_or(1);
    [1, 2, 4, 6, 8, 10].iter().map(|step| magnitude.saturating_mul(*step)).find(|round| most <= *round).unwrap_or(most)
}

fn figure(
    title: &str,
    height: f64,
    drawn: &str,
    key: impl Iterator<Item = (&'static str, &'static str, u64)>,
) -> String {
    let key: String = key
        .filter(|(.., sum)| *sum > 0)
        .map(|(name, class, sum)| format!("<li><i class=\"{class}\"></i>{} ({})</li>", escaped(name), number(sum)))
        .collect();
    format!(
        "<figure>\n<figcaption>{0}</figcaption>\n<svg viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" \
         aria-label=\"{0}\">{drawn}</svg>\n<ul class=\"key\">{key}</ul>\n</figure>",
        escaped(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers_above_all_bars() {
        for (most, round) in [(1, 1), (2, 2), (3, 4), (9, 10), (11, 20), (999, 1000), (1001, 2000)] {
            assert_eq!(round_up(most), round);
        }
        assert!(round_up(u64::MAX) == u64::MAX);
    }

    #[test]
    fn nothing_is_drawn_outside_of_the_picture() {
        let days: Vec<_> = (1..=31).map(|day| format!("2026-01-{day:02}")).collect();
        let series = [Series { name: "a", class: "s1", values: (0..31).collect() }];
        let drawn = stacked("x", &days, &series);
        let ends = drawn.split("<rect ").skip(1).map(|rect| {
            let of = |name: &str| -> f64 {
                let value = rect.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
                value.and_then(|value| value.parse().ok()).unwrap_or(f64::NAN)
            };
            (of("x") + of("width") <= WIDTH) && (of("y") + of("height") <= HEIGHT - BELOW + 0.2) && of("x") >= LEFT
        });
        assert!(ends.clone().count() == 30 && ends.clone().all(|within| within), "{drawn}");
    }
}
