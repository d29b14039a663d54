//! Names that an organization's own provider must not have: those by which people know somebody else's.

use model::secret::Secret;
use model::upstream::{Provider, ProviderKind};

/// Whether `provider` calls itself as one of the operator's does, or as a service that everybody knows, and is another: who
/// presses the button must not be taken elsewhere than they think.
pub(super) fn is_anothers(provider: &Provider, operators: &[(Provider, Secret)]) -> bool {
    let name = folded(&provider.name);
    let operators = operators
        .iter()
        .filter(|(one, _)| folded(&one.name) == name)
        .any(|(one, _)| !is_same(provider, (one.kind, &one.issuer)));
    let usual = ProviderKind::ALL
        .into_iter()
        .filter_map(|kind| Some((kind, kind.usual_name()?, kind.usual_issuer()?)))
        .filter(|(_, usual, _)| folded(usual) == name)
        .any(|(kind, _, issuer)| !is_same(provider, (kind, issuer)));
    operators || usual
}

/// A name as people tell it from others.
fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A service that everybody knows is one with all its tenants; any other is its issuer.
fn is_same(provider: &Provider, (kind, issuer): (ProviderKind, &str)) -> bool {
    provider.kind == kind
        && (provider.issuer == issuer || kind.usual_name().is_some() && origin(&provider.issuer) == origin(issuer))
}

/// Scheme and host of an address.
fn origin(address: &str) -> &str {
    let host = address.find("://").map_or(0, |scheme| scheme + 3);
    let rest = address.get(host..).unwrap_or_default();
    let end = rest.find(['/', '?', '#']).map_or(address.len(), |end| host + end);
    address.get(..end).unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::id::{OrgId, ProviderId};
    use model::upstream::{ProviderKey, ProviderName};

    fn provider(kind: ProviderKind, name: &str, issuer: &str) -> Provider {
        let id: ProviderId = "019a0000-0000-7000-8000-000000000001".parse().unwrap();
        let key = ProviderKey::Organizations(OrgId::parse("acme").unwrap(), id);
        Provider {
            key,
            kind,
            name: name.to_owned(),
            issuer: issuer.to_owned(),
            client_id: String::new(),
            scopes: Vec::new(),
        }
    }

    #[test]
    fn a_name_that_people_know_is_its_bearers() {
        use ProviderKind::{GitHub, Google, Microsoft, Oidc};
        let key = ProviderKey::Operators(ProviderName::parse("staff").unwrap());
        let staff = Provider { key, ..provider(Oidc, "Staff Login", "https://kc.example/realms/staff") };
        let operators = [(staff, Secret::new(String::new()))];
        for (kind, name, issuer, anothers) in [
            (Google, "Google", "https://accounts.google.com", false),
            (
                Microsoft,
                "Microsoft",
                "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
                false,
            ),
            (Oidc, "Staff Login", "https://kc.example/realms/staff", false),
            (Oidc, "Acme Login", "https://evil.example", false),
            (Oidc, "Google", "https://evil.example", true),
            (Oidc, " gOOgle ", "https://accounts.google.com", true),
            (Google, "Google", "https://accounts.google.com.evil.example", true),
            (GitHub, "GitHub", "https://evil.example", true),
            (Microsoft, "microsoft", "https://evil.example/common/v2.0", true),
            (Oidc, "staff  login", "https://kc.example/realms/evil", true),
            (Google, "Staff Login", "https://kc.example/realms/staff", true),
        ] {
            assert_eq!(is_anothers(&provider(kind, name, issuer), &operators), anothers, "{name} at {issuer}");
        }
    }
}
