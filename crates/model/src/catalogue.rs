//! An organization's catalogue of scopes: what its applications can ask for, and what goes with what.
//!
//! A scope may *imply* others of its catalogue. Asking for it asks for those as well, directly implied or by way of
//! others, as far as the application is allowed them. It is worked out when the request is made, so that whoever approves
//! sees all that will be issued; a catalogue that changes later changes no grant that there is.

use crate::name::{NotAName, visible};
use crate::opaque::is_reading;
use protocol::scope::{self, Scopes, is_name};
use std::collections::{BTreeMap, BTreeSet};

/// The scopes that every organization has: what they do is OpenID Connect's to say, so only their words can be changed.
pub const STANDARD: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The most scopes in a catalogue.
pub const MOST_SCOPES: usize = 200;

/// Whether every organization has the scope.
pub fn is_standard(name: &str) -> bool {
    STANDARD.contains(&name)
}

/// What a scope lets an app do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScopeAccess {
    /// It sees things.
    Read,
    /// It changes things.
    Write,
}

impl ScopeAccess {
    /// What a scope of this name does where nobody has said it.
    pub fn usual_for(name: &str) -> Self {
        if name == "read" || name.starts_with("read:") || is_standard(name) { Self::Read } else { Self::Write }
    }

    /// The word for it, in the database and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Write].into_iter().find(|access| access.as_str() == text)
    }
}

/// What people read about a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence(String);

impl Sentence {
    /// The longest sentence, in characters.
    pub const LONGEST: usize = 200;

    /// Takes a sentence as it was given, less the spaces around it.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, NotAName> {
        visible(text, Self::LONGEST).map(Self)
    }
}

impl From<Sentence> for String {
    fn from(sentence: Sentence) -> Self {
        sentence.0
    }
}

/// A scope of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What programs call it.
    pub name: String,
    /// What people read.
    pub sentence: String,
    /// What it lets an app do.
    pub access: ScopeAccess,
    /// The scopes of the same catalogue that go with it.
    pub implies: Scopes,
    /// Grows with every change; a change of a stale copy is refused.
    pub revision: i32,
}

impl Scope {
    /// Whether a token that only reads may carry it: both its name and its access say so.
    pub fn reads(&self) -> bool {
        is_reading(&self.name) && self.access == ScopeAccess::Read
    }
}

/// What is to be changed about a scope; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeChanges {
    /// What people read.
    pub sentence: Option<Sentence>,
    /// What it lets an app do.
    pub access: Option<ScopeAccess>,
    /// What goes with it.
    pub implies: Option<Scopes>,
}

/// Why a scope can't be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeProblem {
    /// Its name is no `scope-token` of RFC 6749.
    Name,
    /// It implies itself.
    ImpliesItself,
    /// It implies one that the catalogue does not have.
    ImpliesUnknown,
    /// It implies more than one request can ask for.
    ImpliesTooMany,
    /// It is a standard one, whose words alone can be changed.
    Standard,
}

impl Scope {
    /// A scope as it begins: its name is its sentence.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            sentence: name.to_owned(),
            access: ScopeAccess::usual_for(name),
            implies: Scopes::default(),
            revision: 0,
        }
    }

    /// The scope with these changes, in a catalogue that has the scopes `known`.
    ///
    /// # Errors
    /// Why they can't be taken.
    pub fn with(&self, changes: &ScopeChanges, known: &Scopes) -> Result<Self, ScopeProblem> {
        let mut changed = self.clone();
        if let Some(sentence) = &changes.sentence {
            sentence.0.clone_into(&mut changed.sentence);
        }
        changed.access = changes.access.unwrap_or(self.access);
        if let Some(implies) = &changes.implies {
            changed.implies = implies.clone();
        }
        let implied = &changed.implies;
        let too_many = implied.names().count() > scope::MOST || implied.to_string().len() > scope::LONGEST;
        let only_words = changed.access == self.access && changed.implies == self.implies;
        let problems = [
            (!is_name(&changed.name), ScopeProblem::Name),
            (is_standard(&changed.name) && !only_words, ScopeProblem::Standard),
            (changed.implies.has(&changed.name), ScopeProblem::ImpliesItself),
            (!changed.implies.within(known), ScopeProblem::ImpliesUnknown),
            (too_many, ScopeProblem::ImpliesTooMany),
        ];
        match problems.into_iter().find(|(wrong, _)| *wrong) {
            Some((_, problem)) => Err(problem),
            None => Ok(changed),
        }
    }
}

/// What each scope implies, for those that imply any.
#[derive(Clone, Debug, Default)]
pub struct Implications(BTreeMap<String, Scopes>);

impl Implications {
    /// What is asked for together with what goes with it, directly or by way of others, as far as it is `allowed`.
    #[must_use]
    pub fn expanded(&self, asked: &Scopes, allowed: &Scopes) -> Scopes {
        let mut reached: BTreeSet<&str> = asked.names().collect();
        let mut ahead: Vec<&str> = reached.iter().copied().collect();
        // Each scope is gone on from once, so circles end.
        while let Some(name) = ahead.pop() {
            ahead
                .extend(self.0.get(name).into_iter().flat_map(Scopes::names).filter(|implied| reached.insert(implied)));
        }
        let reached: Scopes = reached.into_iter().map(str::to_owned).collect();
        asked.joined_by(&reached.narrowed_to(allowed))
    }
}

impl FromIterator<(String, Scopes)> for Implications {
    fn from_iter<I: IntoIterator<Item = (String, Scopes)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scopes(text: &str) -> Scopes {
        Scopes::parse(text).unwrap()
    }

    fn implications(pairs: &[(&str, &str)]) -> Implications {
        pairs.iter().map(|(name, implied)| ((*name).to_owned(), scopes(implied))).collect()
    }

    #[test]
    fn what_is_implied_goes_along_as_far_as_it_is_allowed() {
        let known = implications(&[("admin", "write audit"), ("write", "read"), ("a", "b"), ("b", "c"), ("c", "a")]);
        for (asked, allowed, expanded) in [
            ("", "read", ""),
            ("read", "admin write read", "read"),
            ("write", "write read", "write read"),
            ("write", "write", "write"),
            ("admin", "admin write read audit", "admin write read audit"),
            // By way of one that the application is not allowed.
            ("admin", "admin read", "admin read"),
            // Circles end.
            ("a", "a b c", "a b c"),
            ("c", "a c", "a c"),
            ("other", "other read", "other"),
        ] {
            assert_eq!(known.expanded(&scopes(asked), &scopes(allowed)), scopes(expanded), "{asked} of {allowed}");
        }
        let itself = implications(&[("a", "a b")]);
        assert_eq!(itself.expanded(&scopes("a"), &scopes("a b")), scopes("a b"));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_comes_that_is_not_allowed(
            pairs in proptest::collection::vec(("[a-f]", proptest::collection::btree_set("[a-f]", 0..4)), 0..8),
            asked in proptest::collection::btree_set("[a-f]", 0..4),
            allowed in proptest::collection::btree_set("[a-f]", 0..6),
        ) {
            let known: Implications =
                pairs.into_iter().map(|(name, implied)| (name, implied.into_iter().collect())).collect();
            let (asked, allowed): (Scopes, Scopes) = (asked.into_iter().collect(), allowed.into_iter().collect());
            let expanded = known.expanded(&asked, &allowed);
            prop_assert!(asked.within(&expanded));
            prop_assert!(expanded.within(&asked.joined_by(&allowed)));
            prop_assert_eq!(known.expanded(&expanded, &allowed), expanded);
        }
    }

    #[test]
    fn changes_are_taken_or_told_why_not() {
        let known = scopes("openid read write");
        let write = Scope::named("write");
        assert_eq!((write.access, Scope::named("read:x").access), (ScopeAccess::Write, ScopeAccess::Read));
        let implying = |text: &str| ScopeChanges { implies: Some(scopes(text)), ..ScopeChanges::default() };
        assert_eq!(write.with(&implying("read openid"), &known).unwrap().implies, scopes("openid read"));
        assert_eq!(write.with(&implying("write"), &known), Err(ScopeProblem::ImpliesItself));
        assert_eq!(write.with(&implying("read other"), &known), Err(ScopeProblem::ImpliesUnknown));
        let openid = Scope::named("openid");
        assert_eq!(openid.with(&implying("read"), &known), Err(ScopeProblem::Standard));
        let other = ScopeChanges { access: Some(ScopeAccess::Write), ..ScopeChanges::default() };
        assert_eq!(openid.with(&other, &known), Err(ScopeProblem::Standard));
        let words = ScopeChanges { sentence: Sentence::parse(" See who you are ").ok(), ..ScopeChanges::default() };
        assert_eq!(openid.with(&words, &known).unwrap().sentence, "See who you are");
        assert_eq!(Scope::named("a\"b").with(&words, &known), Err(ScopeProblem::Name));
        assert_eq!(Sentence::parse(&"x".repeat(201)), Err(NotAName::TooLong));
    }
}
