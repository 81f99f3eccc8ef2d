//! The words by which people and programs call verification codes and PINs.

/// What one word adds to a name or a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// An abbreviation that means a verification code and little else.
    Code,
    /// One that means a customer, client or connection as well.
    Id,
    /// `securitycode` and the like in one word.
    SecureCode,
    /// What makes a code a verification code.
    Secure,
    Pin,
    /// In India six digits are a postal code.
    PinCode,
    Block,
    /// Bit 52 of ISO 8583, which holds the PIN block: `de52`.
    Bit52,
    /// `code`, `value`: the noun of a verification code.
    Noun,
    /// `number`: a noun of other things as well.
    Number,
    /// `value`, which in markup and in lists of pairs stands where the name does not.
    Value,
    Digits,
    /// Where on a card the code is printed.
    Back,
    Card,
    /// Stands between a name and its value, and says nothing.
    Link,
    /// Leads to a value only before quotes or brackets, as in SQL.
    In,
    Of,
    The,
    /// What has pins that are no secret.
    Hardware,
    Other,
}

/// Longest word that says anything, in bytes.
pub(crate) const LONGEST: usize = 32;

/// What a word in lower case says.
pub(crate) fn of(word: &[u8]) -> Word {
    match word {
        b"is" | b"was" | b"are" | b"be" | b"being" | b"as" | b"now" | b"should" | b"would" | b"equals" | b"reads"
        | b"entered" | b"provided" | b"given" | b"received" | b"submitted" | b"supplied" | b"typed" | b"used"
        | b"s" | b"str" | b"string" | b"int" | b"integer" | b"text" | b"varchar" | b"char" | b"some" | b"b" | b"u"
        | b"ist" | b"lautet" | b"es" | b"est" => Word::Link,
        b"in" | b"like" | b"not" | b"to" | b"into" | b"from" => Word::In,
        b"of" | b"for" | b"on" | b"at" | b"printed" | b"with" | b"de" | b"di" | b"del" | b"do" | b"da" | b"du"
        | b"della" | b"la" | b"der" | b"von" => Word::Of,
        b"the" | b"my" | b"your" | b"his" | b"her" | b"their" | b"its" | b"our" | b"this" | b"that" | b"a"
        | b"last" | b"ending" | b"ends" | b"o" | b"el" | b"le" | b"il" => Word::The,
        b"code" | b"codes" | b"data" | b"cd" | b"codigo" | b"codice" | b"no" | b"nr" | b"key" | b"field" | b"input" => {
            Word::Noun
        }
        b"number" | b"num" | b"nums" | b"numero" | b"nummer" | b"numbers" => Word::Number,
        b"value" | b"val" | b"values" | b"content" | b"default" => Word::Value,
        b"digit" | b"digits" | b"ziffern" => Word::Digits,
        b"back" | b"reverse" | b"rear" | b"front" | b"behind" | b"strip" | b"panel" | b"side" => Word::Back,
        b"card" | b"cards" | b"cc" | b"visa" | b"mastercard" | b"amex" | b"account" | b"carte" | b"carta"
        | b"karte" | b"kreditkarte" | b"tarjeta" | b"cartao" | b"pan" => Word::Card,
        b"security" | b"verification" | b"validation" | b"sec" | b"verif" | b"verify" | b"signature" | b"seguridad"
        | b"seguranca" | b"securite" | b"sicurezza" | b"verificacion" | b"verificacao" | b"verifica" => Word::Secure,
        b"pin" | b"mpin" | b"tpin" | b"pins" | b"pinno" | b"pinnumber" | b"cardpin" | b"atmpin" | b"newpin"
        | b"oldpin" | b"debitpin" | b"geheimzahl" => Word::Pin,
        b"pincode" => Word::PinCode,
        b"block" | b"blk" => Word::Block,
        b"pinblock" | b"pinblk" | b"encryptedpinblock" | b"epb" | b"de52" | b"f52" | b"p52" | b"field52" | b"bit52"
        | b"de052" | b"f052" => Word::Bit52,
        b"cid" => Word::Id,
        b"gpio" | b"analog" | b"analogue" | b"led" | b"map" | b"postal" | b"connector" | b"header" | b"rolling"
        | b"drop" => Word::Hardware,
        _ if is_code(word) => Word::Code,
        _ if is_secure_code(word) => Word::SecureCode,
        _ if !word.is_ascii() => foreign(word),
        _ => Word::Other,
    }
}

/// Whether a word is an abbreviation for a verification code, alone or grown together with a word around it.
pub(crate) fn is_code(word: &[u8]) -> bool {
    // Nearly every word ends here.
    if word.len() < 3 || !word.windows(2).any(|pair| matches!(pair, b"cv" | b"cs" | b"ca" | b"db")) && !has_ccv(word) {
        return false;
    }
    let word = without_front(word, &[b"card", b"cc", b"my", b"user", b"txt", b"input"]);
    let word = without_back(word, &[b"code", b"number", b"num", b"no", b"nr", b"value", b"val", b"field", b"input"]);
    if word == b"cv2" {
        return true;
    }
    let word = word.strip_suffix(b"s").unwrap_or(word);
    let word = word.strip_suffix(b"1").or_else(|| word.strip_suffix(b"2")).unwrap_or(word);
    matches!(word, b"cvv" | b"cvc" | b"cvn" | b"cvd" | b"cav" | b"csc" | b"cvx" | b"icvv" | b"dcvv" | b"ccv" | b"dbc")
}

fn has_ccv(word: &[u8]) -> bool {
    word.windows(3).any(|three| three == b"ccv")
}

/// `securitycode`, `cardverificationvalue`, and the one word of other languages.
fn is_secure_code(word: &[u8]) -> bool {
    let word = without_front(word, &[b"credit", b"debit"]);
    let word = without_front(word, &[b"card", b"cc"]);
    let noun = without_back(word, &[b"code", b"number", b"num", b"value", b"data"]);
    noun.len() < word.len() && matches!(noun, b"security" | b"verification" | b"validation" | b"sicherheits")
        || matches!(word, b"cryptogramme" | b"criptograma" | b"beveiligingscode" | b"vcode")
        || matches!(word, b"kartenpruefnummer" | b"pruefnummer" | b"pruefziffer" | b"kartenpruefziffer")
}

/// Words with letters outside ASCII. Those of languages without spaces stand within others.
fn foreign(word: &[u8]) -> Word {
    let Ok(word) = std::str::from_utf8(word) else { return Word::Other };
    match word {
        "código" => return Word::Noun,
        "número" | "numéro" => return Word::Number,
        "é" => return Word::Link,
        "segurança" | "sécurité" | "verificación" | "verificação" | "vérification" => return Word::Secure,
        "cartão" => return Word::Card,
        "prüfnummer" | "prüfziffer" | "kartenprüfnummer" | "kartenprüfziffer" => return Word::SecureCode,
        _ => {}
    }
    let stem = ["是", "为", "為", "は", "が"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    let ends = |ends: &[&str]| ends.iter().any(|end| stem.ends_with(end));
    if ends(&["安全码", "安全碼", "セキュリティコード"]) {
        Word::SecureCode
    } else if ends(&["暗証番号"]) {
        Word::Pin
    } else if matches!(stem, "" | "码" | "碼" | "号" | "番号" | "コード") {
        Word::Link
    } else {
        Word::Other
    }
}

fn without_front<'w>(word: &'w [u8], fronts: &[&[u8]]) -> &'w [u8] {
    fronts.iter().find_map(|front| word.strip_prefix(*front)).filter(|rest| rest.len() > 2).unwrap_or(word)
}

fn without_back<'w>(word: &'w [u8], backs: &[&[u8]]) -> &'w [u8] {
    backs.iter().find_map(|back| word.strip_suffix(*back)).filter(|rest| rest.len() > 2).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_codes() {
        for word in [
            "cvv",
            "cvv2",
            "cvc",
            "cvc2",
            "cvn",
            "cvd",
            "csc",
            "cav2",
            "ccv",
            "ccv2",
            "cv2",
            "icvv",
            "dcvv",
            "cvvs",
            "cardcvv",
            "cvvcode",
            "cvv2code",
            "cvvnumber",
            "cardcvc",
            "cvvno",
            "txtcvv",
            "cvvnum",
            "dbc",
            "cccvv",
            "cvx2",
        ] {
            assert_eq!(of(word.as_bytes()), Word::Code, "{word}");
        }
        for word in [
            "securitycode",
            "cardsecuritycode",
            "creditcardverificationvalue",
            "kartenprüfnummer",
            "安全码",
            "我的安全码是",
        ] {
            assert_eq!(of(word.as_bytes()), Word::SecureCode, "{word}");
        }
        for word in ["", "acid", "cvxyz", "discard", "score", "spin", "opinion", "cve", "csv", "cvs", "cast", "mycv3"] {
            assert_eq!(of(word.as_bytes()), Word::Other, "{word}");
        }
    }
}
