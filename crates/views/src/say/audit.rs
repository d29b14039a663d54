//! What the audit log's page says.

use crate::words::Message;

messages! {
    audit();
    audit_any_action();
    audit_operator();
    audit_stranger();
    audit_deleted_account();
    audit_action_unknown();
    audit_person_wrong();
    audit_date_wrong();
    audit_dates_turned();

    // What was done: named as the log names it, with `_` for its dot.
    audit_of_grant_approved();
    audit_of_grant_denied();
    audit_of_grant_withdrawn();
    audit_of_grant_redeemed();
    audit_of_refresh_reused();
    audit_of_code_reused();
    audit_of_consent_withdrawn();
    audit_of_family_revoked();
    audit_of_access_token_revoked();
    audit_of_token_made();
    audit_of_token_revoked();
    audit_of_session_ended();
    audit_of_application_created();
    audit_of_application_changed();
    audit_of_application_disabled();
    audit_of_application_enabled();
    audit_of_application_deleted();
    audit_of_application_secret_rotated();
    audit_of_organization_created();
    audit_of_organization_changed();
    audit_of_organization_deleted();
    audit_of_member_added();
    audit_of_member_removed();
    audit_of_invitation_sent();
    audit_of_invitation_revoked();
    audit_of_invitation_declined();
    audit_of_key_rotated();
    audit_of_provider_created();
    audit_of_provider_changed();
    audit_of_provider_removed();
    audit_of_audit_exported();
    audit_of_scope_created();
    audit_of_scope_changed();
    audit_of_scope_removed();
    audit_of_resource_added();
    audit_of_resource_removed();
}
