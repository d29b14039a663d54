//! An organization's policy about logging devices in: which applications may, and for what at most.

use crate::id::ClientId;
use crate::terms::TokenProfile;
use protocol::scope::Scopes;
use std::collections::BTreeSet;

/// Which applications may log devices in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceLogin {
    /// All that have device codes.
    #[default]
    On,
    /// None.
    Off,
    /// Those that are listed.
    Listed,
}

impl DeviceLogin {
    /// The word for it, in the database and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Listed => "listed",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::On, Self::Off, Self::Listed].into_iter().find(|login| login.as_str() == text)
    }
}

/// Which applications may log devices in, and for what at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceLoginPolicy {
    /// Which may.
    pub login: DeviceLogin,
    /// The clients that may where only listed ones do.
    pub listed: BTreeSet<ClientId>,
    /// What a device login gets at most; everything where it is empty.
    pub ceiling: Scopes,
}

impl DeviceLoginPolicy {
    /// Whether the application that calls itself so may log devices in.
    pub fn admits(&self, client_id: &ClientId) -> bool {
        match self.login {
            DeviceLogin::On => true,
            DeviceLogin::Off => false,
            DeviceLogin::Listed => self.listed.contains(client_id),
        }
    }

    /// `scopes` as far as a device login may get them.
    #[must_use]
    pub fn capped(&self, scopes: &Scopes) -> Scopes {
        if self.ceiling.is_empty() { scopes.clone() } else { scopes.narrowed_to(&self.ceiling) }
    }

    /// What a device login of this application gets of `possible`, of which the rest of what was `asked` is gone; nothing
    /// where it may log no devices in, or nothing is left of a token that has to carry something.
    pub fn lets_in(
        &self,
        client_id: &ClientId,
        profile: TokenProfile,
        (asked, possible): (&Scopes, &Scopes),
    ) -> Option<Scopes> {
        let left = self.capped(possible);
        let empty = left.is_empty() && !asked.is_empty() && profile != TokenProfile::Jwt;
        (self.admits(client_id) && !empty).then_some(left)
    }

    /// Whether the list may be used as it is: a list of none lets none in, and looks as if it did.
    pub fn is_sound(&self) -> bool {
        self.login != DeviceLogin::Listed || !self.listed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opaque::OpaqueKind;

    #[test]
    fn a_policy_admits_whom_it_names_and_caps_what_they_get() {
        let (one, two) = (ClientId::from_wire("one".to_owned()), ClientId::from_wire("two".to_owned()));
        let policy = |login| DeviceLoginPolicy { login, listed: [one.clone()].into(), ..DeviceLoginPolicy::default() };
        for (login, admitted) in
            [(DeviceLogin::On, [true, true]), (DeviceLogin::Off, [false, false]), (DeviceLogin::Listed, [true, false])]
        {
            assert_eq!([&one, &two].map(|client| policy(login).admits(client)), admitted, "{login:?}");
            assert_eq!(DeviceLogin::parse(login.as_str()), Some(login));
            assert!(policy(login).is_sound());
        }
        let empty = DeviceLoginPolicy { listed: BTreeSet::new(), ..policy(DeviceLogin::Listed) };
        assert!(!empty.is_sound());
        let asked = Scopes::parse("read write").unwrap();
        assert_eq!(policy(DeviceLogin::On).capped(&asked), asked);
        let capped = DeviceLoginPolicy { ceiling: Scopes::parse("read audit").unwrap(), ..empty };
        assert_eq!(capped.capped(&asked), Scopes::parse("read").unwrap());
        let opaque = TokenProfile::Opaque(OpaqueKind::ApiKey);
        let (write, none) = (Scopes::parse("write").unwrap(), Scopes::default());
        for (profile, asked, possible, got) in [
            (opaque, &asked, &asked, Some("read")),
            (opaque, &asked, &write, None),
            (opaque, &asked, &none, None),
            (opaque, &none, &none, Some("")),
            (TokenProfile::Jwt, &asked, &write, Some("")),
        ] {
            let policy = DeviceLoginPolicy { login: DeviceLogin::On, ..capped.clone() };
            let expected = got.map(|names| Scopes::parse(names).unwrap());
            assert_eq!(policy.lets_in(&one, profile, (asked, possible)), expected, "{profile:?} {asked} {possible}");
            assert_eq!(capped.lets_in(&one, profile, (asked, possible)), None, "not listed");
        }
        assert_eq!(DeviceLogin::parse("On"), None);
    }
}
