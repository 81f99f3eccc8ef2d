#![allow(clippy::unwrap_used)]
use super::*;

/// What the last digits of a text are called.
fn of(text: &str) -> Called {
    let digits = |c: char| c.is_ascii_digit();
    let end = text.rfind(digits).unwrap() + 1;
    let start = text
        .get(..end)
        .unwrap()
        .rfind(|c: char| !digits(c))
        .map_or(0, |at| at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let (run, digits) = super::digits(text.as_bytes(), start..end, end - start).unwrap();
    called(text.as_bytes(), run.start, digits)
}

fn each(expected: Called, texts: &[&str]) {
    let wrong: Vec<_> = texts.iter().map(|text| (of(text), text)).filter(|(called, _)| *called != expected).collect();
    assert!(wrong.is_empty(), "{wrong:#?} are not {expected:?}");
}

#[test]
fn codes() {
    each(
        Called::Yes,
        &[
            "CVV: 123",
            "cvv2=1234",
            "CVC 999",
            "cvv code is 123",
            "\"cvv\":\"123",
            "<cvv>123",
            "card_cvv=123",
            "security code: 123",
            "(CSC 123",
            "CVV2 123",
            "CAV2 514",
            "CVC - 403",
            "its cvv number is 123",
            "**CVV:** 123",
            "CVV/CVC: 123",
            "cvv#123",
            "cvv (3 digits): 123",
            "Security code (CVV): 123",
            "CVV no. 123",
            "cvv => 123",
            "[cvv] => 123",
            ":cvv=>\"123",
            "cvv -> 123",
            "CVV\t123",
            "cvv|123",
            "| CVV | 123",
            "cvv: Some(\"123",
            "cvv=b'123",
            "--cvv 123",
            "--cvv=123",
            "X-CVV: 123",
            "setCvv(\"123",
            "card[cvc]=123",
            "card%5Bcvc%5D=123",
            "cvv%3D123",
            "cvv%253D123",
            "cvv%22%3A%22123",
            "&quot;cvv&quot;:&quot;123",
            "&lt;cvv&gt;123",
            "\\\"cvv\\\":\\\"123",
            "cvv\\u003d123",
            "CVV：123",
            "我的CVV是123",
            "CVV码：123",
            "CVV – 123",
            "CVV is “123",
            "cvv: '123",
            "cvv = '123",
            "cvv IN ('123",
            "cvv LIKE '123",
            "c.cvv = 123",
            "the CVV was 123",
            "CVV should be 123",
            "cvv provided: 123",
            "cvv+is+123",
            "cvv:\\n123",
            "cv2=123",
            "4DBC: 1234",
        ],
    );
    each(
        Called::Perhaps,
        &[
            "security code 321",
            "cid 1234",
            "CVV, 123",
            "cvv-123",
            "cvv_123",
            "CVV? 123",
            "CVV\n123",
            "cid=123",
            "card verification code 782",
            "card verification value 782",
            "sec code 123",
            "card code 123",
            "csc1234",
            "cvv123",
            "código de segurança 123",
            "code de sécurité 123",
            "安全码 123",
            "我的安全码是123",
        ],
    );
}

#[test]
fn codes_in_composed_keys() {
    each(
        Called::Yes,
        &[
            "cardCvv: 123",
            "securityCode=123",
            "security-code: '123",
            "card_security_code = 123",
            "cvv_code=123",
            "cvvCode>123",
            "CVVCode=123",
            "cvv2Code=123",
            "cardcvv=123",
            "cardsecuritycode=123",
            "CardSecurityCode: 1234",
            "verificationValue=123",
            "código de segurança: 123",
            "kartenprüfnummer: 123",
            "Sicherheitscode: 123",
            "credit_card[security_code]=123",
        ],
    );
}

#[test]
fn codes_in_markup() {
    each(
        Called::Yes,
        &[
            "<input name=\"cvv\" value=\"472",
            "<input name='security_code' type=text value='472",
            "<a:cvv xsi:type=\"s\">123",
            "<param name=\"cvv\">123",
            "<td>CVV</td><td>123",
            "<td>CVV</td>\n  <td>123",
            "<b>CVV:</b> 123",
            "<cvv><value>123",
            "<key>cvv</key><string>123",
            "<name>cvv</name><value>123",
            "<cvv><![CDATA[123",
            "<input autocomplete=\"cc-csc\" value=123",
            "<ns2:securityCode>123",
            "<card cvv='123",
            "<td class=\"cvv\">123",
            "name: \"cvv\", value: \"123",
            "name=cvv&value=123",
            "<field key=\"cardCvv\">123",
        ],
    );
    each(
        Called::No,
        &["<td>123", "<input name=\"n\" value=\"472", "<cvv_required>123", "<a>CVV</a> matched <b>482", "<br>1234"],
    );
}

#[test]
fn codes_described() {
    each(
        Called::Perhaps,
        &[
            "the 3 digits on the back are 155",
            "code on the back is 219",
            "3-digit code 484",
            "3 digit code: 484",
            "the last three digits on the signature strip: 123",
            "number on the back of the card is 123",
            "code on the front is 1234",
            "three digits on the back 123",
        ],
    );
    each(
        Called::No,
        &["last 4 digits 1234", "last 4 digits: 1234", "back at 1234", "code 123", "error code 404", "page 123"],
    );
}

#[test]
fn codes_of_a_card() {
    each(
        Called::Yes,
        &[
            "the verification code for 4111111111111111 is 123",
            "code on the back of 4111111111111111: 446",
            "CVV for card 4111 1111 1111 1111 is 123",
            "cvv of 411111******1111 = 123",
            "pin for 4111111111111111 is 8026",
            "PIN of card number 4111111111111111: 1234",
            "CVV for card ending 1111 is 123",
            "CVV of my card ending in 1111: 123",
        ],
    );
    each(
        Called::No,
        &[
            "CVV mismatch on 4111111111111111, 482",
            "pin for 4111111111111111, 8026",
            "PIN required for 4111 above 1500",
            "4111: 123",
            "cvv 999: 123",
            "cvv ***: 123",
            "cvv *** 123",
            "cvv: *** is 123",
        ],
    );
}

#[test]
fn pins() {
    each(
        Called::Yes,
        &[
            "pin=1234",
            "PIN: 123456",
            "pin code: 1234",
            "pin_code=1234",
            "pinCode: \"1234",
            "new_pin>1234",
            "<newPin>1234",
            "atm_pin: 1234",
            "PIN number: 1234",
            "card pin: 1234",
            "pincode=1234",
            "pin%3D1234",
            "<td>PIN</td><td>1234",
        ],
    );
    each(
        Called::Perhaps,
        &[
            "pin 1234",
            "PIN code 1234",
            "PIN is 1234",
            "my pin code is 123456",
            "pincode: 110001",
            "PIN 12345678",
            "(pin 1234",
            "pin is now 1234",
        ],
    );
    each(
        Called::No,
        &[
            "spin=1234",
            "pin=13",
            "opinion 1234",
            "PIN-1234",
            "the PIN, 1234",
            "gpio pin: 1234",
            "PIN tries left 2, opened 1204",
            "connected pin to 1204",
            "pin 13 and 1204",
        ],
    );
}

#[test]
fn other_words() {
    each(
        Called::No,
        &[
            "123",
            "acid 123",
            "cvv 12345",
            "room 123",
            "cvv result: 123",
            "cvv response code 200",
            "cvv_required=1234",
            "the CVV matched. 482",
            "CVV check failed 333",
            "security codes of practice 123",
            "security 101",
            "area code 415",
            "card number 1234",
            "name,cvv\n1234",
            "cvv\tpan\n1234",
            "auth code: 123",
            "card 1234",
            "the value 123",
        ],
    );
}
