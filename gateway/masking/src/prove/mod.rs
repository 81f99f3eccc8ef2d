//! The masker's own samples, at each start and with each set of rules: one that does not hide them must not serve.

mod engine;
mod rules;

use crate::Masker;

/// A sample that did not come out as it must. Holds no sample, only its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("masking {carrier} failed on the built-in sample \"{sample}\"; this build must not handle card data")]
pub struct ProofFailure {
    pub carrier: &'static str,
    pub sample: &'static str,
}

pub(crate) fn prove(masker: &Masker) -> Result<(), ProofFailure> {
    engine::prove(&Masker::default())?;
    rules::prove(masker)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{Key, Mode, Rules};

    #[test]
    fn every_mode_holds() {
        assert_eq!(Masker::default().prove(), Ok(()));
        for mode in Mode::ALL {
            let key = Key::new("k1", vec![7; 32]).unwrap();
            let masker = Masker::new(&Rules { mode, ..Rules::default() }, Some(key)).unwrap();
            assert_eq!(masker.prove(), Ok(()), "{mode}");
        }
    }

    #[test]
    fn a_sample_that_comes_through_is_named() {
        assert!(engine::hold("text", "plain", true).is_ok());
        let failure = engine::hold("text", "plain", false).map_err(|failure| failure.to_string());
        assert!(failure.is_err_and(|text| text.contains("text") && text.contains("\"plain\"")));
    }
}
