//! Next to Chinese, Japanese, Korean and other letters without spaces between.

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
    spelling::{everyday, in_script},
};

const SENTENCES: &[&str] = &[
    "卡号{}已验证",
    "您的信用卡{}将于明天到期。",
    "カード番号{}は無効です",
    "番号：{}、有効期限：12/27",
    "카드번호{}입니다",
    "「{}」を確認してください",
    "卡號：{}。",
    "карта{}заблокирована",
    "บัตร{}หมดอายุ",
    "بطاقة {} مرفوضة",
];

pub fn cases() -> Vec<Case> {
    let name = "next_to_other_letters";
    let rng = &mut Rng::of(name);
    repeat(80, |turn| {
        let (pan, written) = everyday(rng);
        let written = if turn % 3 == 0 { in_script(&written, '\u{ff10}') } else { written };
        let sentence = SENTENCES[turn % SENTENCES.len()];
        Case::hard(name, Format::Text, fill(sentence, &written)).hides(&pan).keeps_around(sentence)
    })
}
