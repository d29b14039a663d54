//! What the log holds, in words.

use crate::context::Context;
use crate::portal::Inside;
use directory::audit_log::{Names, Person, Thing, details_of};
use model::audit::{Action, Actor};
use model::time::Timestamp;
use std::net::IpAddr;
use store::tables::applications::ApplicationName;
use store::tables::audit::AuditRow;
use views::pages::{AuditDetail, AuditEntry, AuditName};
use views::text::When;
use views::{Message, Words, say};

/// A sentence of the page.
type Said = fn() -> Message;

/// What can be done in an organization, as it is said. What belongs to accounts is in the server's own log.
pub(super) const ACTIONS: &[(Action, Said)] = &[
    (Action::GrantApproved, say::audit_of_grant_approved),
    (Action::GrantDenied, say::audit_of_grant_denied),
    (Action::GrantWithdrawn, say::audit_of_grant_withdrawn),
    (Action::GrantRedeemed, say::audit_of_grant_redeemed),
    (Action::FamilyRevoked, say::audit_of_family_revoked),
    (Action::RefreshReused, say::audit_of_refresh_reused),
    (Action::CodeReused, say::audit_of_code_reused),
    (Action::ConsentWithdrawn, say::audit_of_consent_withdrawn),
    (Action::AccessTokenRevoked, say::audit_of_access_token_revoked),
    (Action::KeyMade, say::audit_of_token_made),
    (Action::KeyRevoked, say::audit_of_token_revoked),
    (Action::SignedOut, say::audit_of_session_ended),
    (Action::MemberAdded, say::audit_of_member_added),
    (Action::MemberRemoved, say::audit_of_member_removed),
    (Action::InvitationSent, say::audit_of_invitation_sent),
    (Action::InvitationRevoked, say::audit_of_invitation_revoked),
    (Action::InvitationDeclined, say::audit_of_invitation_declined),
    (Action::ApplicationCreated, say::audit_of_application_created),
    (Action::ApplicationChanged, say::audit_of_application_changed),
    (Action::ApplicationDisabled, say::audit_of_application_disabled),
    (Action::ApplicationEnabled, say::audit_of_application_enabled),
    (Action::ApplicationDeleted, say::audit_of_application_deleted),
    (Action::ApplicationSecretRotated, say::audit_of_application_secret_rotated),
    (Action::ProviderCreated, say::audit_of_provider_created),
    (Action::ProviderChanged, say::audit_of_provider_changed),
    (Action::ProviderRemoved, say::audit_of_provider_removed),
    (Action::OrganizationCreated, say::audit_of_organization_created),
    (Action::OrganizationChanged, say::audit_of_organization_changed),
    (Action::OrganizationDeleted, say::audit_of_organization_deleted),
    (Action::ScopeCreated, say::audit_of_scope_created),
    (Action::ScopeChanged, say::audit_of_scope_changed),
    (Action::ScopeRemoved, say::audit_of_scope_removed),
    (Action::ResourceAdded, say::audit_of_resource_added),
    (Action::ResourceRemoved, say::audit_of_resource_removed),
    (Action::KeyRotated, say::audit_of_key_rotated),
    (Action::AuditExported, say::audit_of_audit_exported),
];

/// A row as the page shows it.
pub(super) fn entry(context: &Context, inside: &Inside, row: &AuditRow, names: &Names) -> AuditEntry {
    let (mut program, mut details) = (None, Vec::new());
    for (name, value) in details_of(row) {
        if name == "program" {
            program = Some(value);
        } else {
            details.push(detail(names, name, value));
        }
    }
    let address: Option<IpAddr> = row.address.as_deref().and_then(|address| address.parse().ok());
    let language = context.spoken_to(inside.signed_in.user());
    AuditEntry {
        at: When::past(Timestamp::from_millis(row.at), context.now()),
        who: actor(names, &row.actor),
        what: what(&row.action),
        object: match Thing::object_of(row) {
            Some(thing) => named(names, thing, &row.object),
            None => id(&row.object),
        },
        ip: row.address.clone(),
        place: address.and_then(|address| context.state.places.of(address, language)),
        program,
        details,
    }
}

fn what(action: &str) -> Words {
    let known = ACTIONS.iter().find(|(known, _)| known.as_str() == action);
    known.map_or_else(|| Words::verbatim(action), |(_, said)| said().into())
}

fn actor(names: &Names, text: &str) -> AuditName {
    match Actor::parse(text) {
        Some(Actor::User(user)) => named(names, Thing::Person(user), text),
        Some(Actor::Client(client_id)) => match names.client(&client_id) {
            Some(application) => of_application(application),
            None => id(&client_id),
        },
        Some(Actor::Operator) => said(say::audit_operator()),
        Some(Actor::Stranger) => said(say::audit_stranger()),
        None => id(text),
    }
}

fn detail(names: &Names, label: String, value: String) -> AuditDetail {
    let value = match Thing::of_detail(&label, &value) {
        Some(thing @ Thing::Person(_)) => {
            let person = named(names, thing, &value);
            person.beside.map_or(person.name, Words::verbatim)
        }
        Some(thing) => named(names, thing, &value).name,
        None => Words::verbatim(value),
    };
    AuditDetail { label, value }
}

/// Something by its name; by `text`, which is its id, where it has none.
fn named(names: &Names, thing: Thing, text: &str) -> AuditName {
    match thing {
        Thing::Person(user) => match names.person(user) {
            Some(Person::Known { name, email }) if name.is_empty() => name_of(email),
            Some(Person::Known { name, email }) => AuditName { beside: Some(email.clone()), ..name_of(name) },
            Some(Person::Former { name }) if name.is_empty() => AuditName { former: true, ..id(text) },
            Some(Person::Former { name }) => AuditName { former: true, ..name_of(name) },
            Some(Person::Deleted) => said(say::audit_deleted_account()),
            None => id(text),
        },
        Thing::Application(application) => match names.application(application) {
            Some(application) => of_application(application),
            None => id(text),
        },
        Thing::Invitation(invitation) => names.invited(invitation).map_or_else(|| id(text), name_of),
    }
}

fn of_application(application: &ApplicationName) -> AuditName {
    AuditName { beside: Some(application.client_id.to_string()), ..name_of(&application.name) }
}

fn said(message: Message) -> AuditName {
    AuditName { name: message.into(), beside: None, is_id: false, former: false }
}

fn name_of(name: &str) -> AuditName {
    AuditName { name: Words::verbatim(name), beside: None, is_id: false, former: false }
}

fn id(text: &str) -> AuditName {
    AuditName { is_id: true, ..name_of(text) }
}
