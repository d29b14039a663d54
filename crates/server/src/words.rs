//! Values in words: what ships with the server in the reader's language, what an admin wrote as it was written.

use directory::catalogue::{INSTANCE, STANDARD};
use model::org::Role;
use views::{Message, Words, say};

/// What a scope means, by its sentence. An organization begins with sentences of ours, and may have its own.
pub fn scope(sentence: String) -> Words {
    let shipped =
        STANDARD.iter().chain(&INSTANCE).find(|(_, ours)| *ours == sentence).and_then(|(name, _)| shipped(name));
    shipped.map_or(Words::Verbatim(sentence), Words::Message)
}

/// What scopes mean, by their sentences.
pub fn scopes(sentences: Vec<String>) -> Vec<Words> {
    sentences.into_iter().map(scope).collect()
}

fn shipped(name: &str) -> Option<Message> {
    match name {
        "read" => Some(say::scope_read()),
        "write" => Some(say::scope_write()),
        "openid" => Some(say::scope_openid()),
        "profile" => Some(say::scope_profile()),
        "email" => Some(say::scope_email()),
        "offline_access" => Some(say::scope_offline_access()),
        _ => None,
    }
}

/// A role in a word.
pub fn role(role: Role) -> Message {
    match role {
        Role::Owner => say::role_owner(),
        Role::Admin => say::role_admin(),
        Role::Member => say::role_member(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_organization_begins_with_is_said_in_every_language() {
        for (name, sentence) in STANDARD.into_iter().chain(INSTANCE) {
            assert!(matches!(scope(sentence.to_owned()), Words::Message(_)), "{name}");
        }
        assert_eq!(scope("read:invoices".to_owned()), Words::verbatim("read:invoices"));
    }
}
