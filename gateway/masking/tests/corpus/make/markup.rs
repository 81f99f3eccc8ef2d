//! XML and HTML: elements, attributes, character references.

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Class, Format},
    pan,
    rng::Rng,
    spelling::{GROUPINGS, draw, everyday},
};

const PLACES: &[&str] = &[
    "<card><number>{}</number><holder>Ana</holder></card>",
    "<p>Your card <b>{}</b> was charged.</p>",
    "<input type=\"text\" name=\"n\" value=\"{}\">",
    "<card number='{}' holder='Ana'/>",
    "<tr><td>17</td><td>{}</td><td>Ana</td></tr>",
    "<soap:Body><ns1:pan>{}</ns1:pan></soap:Body>",
    "<![CDATA[{}]]>",
    "<!-- {} -->",
];

const REFERENCES: &[&str] = &["&nbsp;", "&#160;", "&#xA0;", "&#xa0;", "&#45;", "&#x2D;", "&#32;", "&ndash;", "&#8209;"];

pub fn cases() -> Vec<Case> {
    let mut cases = elements();
    cases.extend(digits());
    cases.extend(separators());
    cases
}

fn elements() -> Vec<Case> {
    let name = "xml_html";
    let rng = &mut Rng::of(name);
    repeat(72, |turn| {
        let (pan, written) = everyday(rng);
        let place = PLACES[turn % PLACES.len()];
        Case::new(Class::Plain, name, Format::Text, fill(place, &written)).hides(&pan).keeps_around(place)
    })
}

fn digits() -> Vec<Case> {
    let name = "html_digits";
    let rng = &mut Rng::of(name);
    repeat(80, |turn| {
        let pan = pan::any(rng);
        let every = if turn % 2 == 0 { 1 } else { 3 };
        let written: String = pan
            .chars()
            .map(|digit| match turn / 2 % 4 {
                _ if rng.below(every) > 0 => digit.into(),
                0 => format!("&#{};", u32::from(digit)),
                1 => format!("&#x{:x};", u32::from(digit)),
                2 => format!("&#X{:x};", u32::from(digit)),
                _ => format!("&#{:04};", u32::from(digit)),
            })
            .collect();
        Case::hard(name, Format::Text, fill(rng.pick(PLACES), &written)).hides(&pan)
    })
}

fn separators() -> Vec<Case> {
    let name = "html_separators";
    let rng = &mut Rng::of(name);
    repeat(72, |turn| {
        let groups = rng.pick(&GROUPINGS[..4]);
        let (pan, written) = draw(rng, groups, REFERENCES[turn % REFERENCES.len()]);
        Case::hard(name, Format::Text, fill(rng.pick(&PLACES[..6]), &written)).hides(&pan)
    })
}
