//! Reading DER element by element, and the little that is written.

use x509_parser::asn1_rs::{Any, Class, FromDer, Oid, Tag};

use super::StampError;

/// One element: its class and tag, what is in it, and all of it.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    class: Class,
    tag: Tag,
    pub content: &'a [u8],
    pub raw: &'a [u8],
}

impl Element<'_> {
    pub(super) fn is(&self, tag: Tag) -> bool {
        self.class == Class::Universal && self.tag == tag
    }

    pub(super) fn is_context(&self, number: u32) -> bool {
        self.class == Class::ContextSpecific && self.tag == Tag(number)
    }
}

/// Elements behind one another.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn next(&mut self) -> Result<Element<'a>, StampError> {
        let (rest, any) = Any::from_der(self.0).map_err(|_| StampError::Der("an element is cut off"))?;
        let length = self.0.len().saturating_sub(rest.len());
        let (raw, rest) = self.0.split_at_checked(length).ok_or(StampError::Der("an element is cut off"))?;
        self.0 = rest;
        Ok(Element { class: any.class(), tag: any.tag(), content: any.data, raw })
    }

    /// What is in the next element, which has this tag.
    pub(super) fn of(&mut self, tag: Tag) -> Result<&'a [u8], StampError> {
        let element = self.next()?;
        if element.is(tag) { Ok(element.content) } else { Err(StampError::Der("an element of another kind")) }
    }

    pub(super) fn sequence(&mut self) -> Result<Reader<'a>, StampError> {
        self.of(Tag::Sequence).map(Reader)
    }

    /// As `1.2.840.…`.
    pub(super) fn oid(&mut self) -> Result<String, StampError> {
        Ok(Oid::new(self.of(Tag::Oid)?.into()).to_id_string())
    }

    /// What is in the next element if it has this context-specific tag.
    pub(super) fn context(&mut self, number: u32) -> Result<Option<Element<'a>>, StampError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let mut ahead = *self;
        let element = ahead.next()?;
        Ok(element.is_context(number).then(|| {
            *self = ahead;
            element
        }))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), StampError> {
        if self.is_empty() { Ok(()) } else { Err(StampError::Der("something follows its end")) }
    }
}

/// An element of this tag, its length in the short form or in two bytes.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = match u8::try_from(length) {
        Ok(short) if short < 0x80 => vec![tag, short],
        _ => {
            let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
            vec![tag, 0x82, high, low]
        }
    };
    bytes.extend_from_slice(content);
    bytes
}
