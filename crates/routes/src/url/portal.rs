//! Paths of an organization's portal.

use super::percent_encoded;
use model::id::{ApplicationId, FamilyId, InvitationId, OpaqueTokenId, OrgId, ProviderId, UserId};

/// The portal's applications.
pub fn portal_applications(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/applications")
}

/// The form for a new application.
pub fn portal_new_application(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/applications/new")
}

/// One application.
pub fn portal_application(org: &OrgId, application: ApplicationId) -> String {
    format!("/orgs/{org}/portal/applications/{application}")
}

/// Something done to one application: `disable`, `enable`, `delete`, `secret`.
pub fn portal_application_action(org: &OrgId, application: ApplicationId, action: &str) -> String {
    format!("/orgs/{org}/portal/applications/{application}/{action}")
}

/// The portal's members.
pub fn portal_members(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/members")
}

/// The portal's signing keys.
pub fn portal_signing_keys(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/keys")
}

/// Where somebody is invited.
pub fn portal_invite(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/members/invite")
}

/// Where a member's role is changed.
pub fn portal_member_role(org: &OrgId, user: UserId) -> String {
    format!("/orgs/{org}/portal/members/{user}/role")
}

/// Where a membership is ended.
pub fn portal_member_remove(org: &OrgId, user: UserId) -> String {
    format!("/orgs/{org}/portal/members/{user}/remove")
}

/// Where an invitation is sent again.
pub fn portal_invitation_resend(org: &OrgId, invitation: InvitationId) -> String {
    format!("/orgs/{org}/portal/invitations/{invitation}/resend")
}

/// Where an invitation is taken back.
pub fn portal_invitation_revoke(org: &OrgId, invitation: InvitationId) -> String {
    format!("/orgs/{org}/portal/invitations/{invitation}/revoke")
}

/// An organization's own identity providers.
pub fn portal_providers(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/providers")
}

/// The form for another one.
pub fn portal_new_provider(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/providers/new")
}

/// One of them.
pub fn portal_provider(org: &OrgId, provider: ProviderId) -> String {
    format!("/orgs/{org}/portal/providers/{provider}")
}

/// Where it is removed.
pub fn portal_provider_remove(org: &OrgId, provider: ProviderId) -> String {
    format!("/orgs/{org}/portal/providers/{provider}/remove")
}

/// How an organization's members sign in.
pub fn portal_sign_in(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/sign-in")
}

/// Where it is changed which applications may log devices in.
pub fn portal_device_login(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/sign-in/devices")
}

/// What applications may ask for, and what their tokens may be meant for.
pub fn portal_resources(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/resources")
}

/// Where a resource is removed.
pub fn portal_resource_remove(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/resources/remove")
}

/// The form for another scope.
pub fn portal_new_scope(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/scopes/new")
}

/// Where it is added.
pub fn portal_scopes(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/scopes")
}

/// One scope.
pub fn portal_scope(org: &OrgId, name: &str) -> String {
    format!("{}?scope={}", portal_scope_change(org), percent_encoded(name))
}

/// Where a scope is changed.
pub fn portal_scope_change(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/scopes/change")
}

/// Where a scope is removed.
pub fn portal_scope_remove(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/scopes/remove")
}

/// The portal's devices.
pub fn portal_devices(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/devices")
}

/// Where the portal's *Revoke* goes.
pub fn portal_device_revoke(org: &OrgId, family: FamilyId) -> String {
    format!("/orgs/{org}/portal/devices/{family}/revoke")
}

/// Where *Revoke* of an API key or MCP token goes.
pub fn portal_key_revoke(org: &OrgId, key: OpaqueTokenId) -> String {
    format!("/orgs/{org}/portal/devices/keys/{key}/revoke")
}

/// How an organization presents itself.
pub fn portal_settings(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/settings")
}

/// Where an organization is deleted.
pub fn portal_delete_organization(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/settings/delete")
}

/// The portal's audit log.
pub fn portal_audit(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/audit")
}

/// The same with a filter: the names and values of its fields.
pub fn portal_audit_filtered(org: &OrgId, filter: &[(&str, &str)]) -> String {
    let fields = filter.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value)));
    let query = fields.collect::<Vec<_>>().join("&");
    if query.is_empty() { portal_audit(org) } else { format!("{}?{query}", portal_audit(org)) }
}

/// Where what passes the filter is taken along.
pub fn portal_audit_export(org: &OrgId) -> String {
    format!("/orgs/{org}/portal/audit/export")
}
