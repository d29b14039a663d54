//! Faults: what went wrong on our side, as opposed to a refusal, which is an outcome of a use case.

use std::error::Error;
use std::fmt;

/// What a caller can do about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Too much is waiting. Trying again shortly will work; answered with 503 and `Retry-After`.
    Busy,
    /// The database or another service can't be reached, or did not say whether it did what was asked. Safe to try
    /// again, because every change is guarded; answered with 503 and `Retry-After`.
    Unavailable,
    /// A defect, or data that contradicts itself. Trying again won't help; answered with 500.
    Broken,
}

/// Something that should not have happened. Logged once, at the edge; never shown to a caller.
#[derive(Debug)]
pub struct Fault {
    kind: FaultKind,
    what: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// Too much is waiting for `what`.
    pub fn busy(what: impl Into<String>) -> Self {
        Self { kind: FaultKind::Busy, what: what.into(), source: None }
    }

    /// `what` can't be reached or did not answer.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self { kind: FaultKind::Unavailable, what: what.into(), source: None }
    }

    /// A defect: `what` says which promise was broken.
    pub fn broken(what: impl Into<String>) -> Self {
        Self { kind: FaultKind::Broken, what: what.into(), source: None }
    }

    /// Adds the error that led to this fault.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        // The whole chain in one line, since a fault is logged once.
        let mut next = self.source.as_deref().map(|source| source as &dyn Error);
        while let Some(error) = next {
            // A library's message may have lines of its own.
            let words: Vec<String> = error.to_string().split_whitespace().map(str::to_owned).collect();
            write!(f, ": {}", words.join(" "))?;
            next = error.source();
        }
        Ok(())
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_one_line_with_its_causes() {
        let fault = Fault::unavailable("the database").because("no route\n\tto host\n");
        assert_eq!(fault.to_string(), "the database: no route to host");
        assert_eq!(fault.kind(), FaultKind::Unavailable);
    }
}
