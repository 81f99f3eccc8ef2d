//! CSV, TSV, Markdown.

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
    spelling::everyday,
};

const FORMS: &[(&str, &[&str])] = &[
    (
        "csv",
        &[
            "id,name,value,city\n17,Ana,{},Recife\n18,Li,,Porto\n",
            "17;Ana;{};Recife\n18;Li;;Porto\n",
            "\"id\",\"name\",\"number\"\r\n\"17\",\"Ana, Souza\",\"{}\"\r\n",
            "{},17,Ana\n",
            "17,Ana,{}",
            "2024-03-05,12.50,{},EUR,978\n",
        ],
    ),
    ("tsv", &["id\tname\tvalue\n17\tAna\t{}\n", "{}\t17\tAna\n", "17\t{}\tAna\t2024-03-05\n", "x\t{}\n"]),
    (
        "markdown",
        &[
            "| id | name | card |\n|---:|------|------|\n| 17 | Ana  | {} |\n",
            "The card **{}** is blocked.",
            "* {}\n* no other card\n",
            "1. {}\n2. see the ticket\n",
            "Use `{}` for tests.",
            "- card: _{}_\n- name: Ana\n",
            "# Card {}\n\nBlocked.",
            "```\n{}\n```\n",
            "[{}](https://example.com/help)",
        ],
    ),
];

pub fn cases() -> Vec<Case> {
    let make = |(name, templates): &(&'static str, &[&str])| {
        let rng = &mut Rng::of(name);
        repeat(48, |turn| {
            let (pan, written) = everyday(rng);
            let template = templates[turn % templates.len()];
            Case::plain(name, Format::Text, fill(template, &written)).hides(&pan).keeps_around(template)
        })
    };
    FORMS.iter().flat_map(make).collect()
}
