//! The table of routes. A new route is a line here and an arm in the server's binding; the tests of tenancy, methods,
//! headers, forgery and audit find it by themselves.

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Anybody.
    Public,
    /// A client of the organization.
    Client,
    /// Whoever holds an access token of the organization.
    Bearer,
    /// Somebody signed in.
    SignedIn,
    /// A member of the organization.
    OrgMember,
    /// An admin or owner of the organization.
    OrgAdmin,
}

/// The method of a route. A GET route also answers HEAD, but for those that a client posts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes.
    Post,
    /// Ends.
    Delete,
}

impl Method {
    /// The method's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

impl Route {
    /// Its place in the table.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// One route and what protects it.
#[derive(Clone, Copy, Debug)]
pub struct RouteSpec {
    /// Which.
    pub route: Route,
    /// Its method.
    pub method: Method,
    /// Its path, with parameters in braces.
    pub pattern: &'static str,
    /// Who may call it.
    pub caller: Caller,
    /// Whether it takes a form of ours: same origin and CSRF token are checked.
    pub csrf: bool,
    /// Whether programs in other origins may call it from a browser.
    pub cors: bool,
    /// Whether it answers HTML; else JSON or a file.
    pub html: bool,
    /// Whether what it changes leaves an audit row, in the same transaction. Ordinary rotations of refresh tokens are the one
    /// change by such a route that does not.
    pub audited: bool,
}

macro_rules! routes {
    ($($(#[$doc:meta])+ $route:ident $method:ident $pattern:literal $caller:ident $($flag:ident)*;)+) => {
        /// Each route by name, so that binding them is one exhaustive match.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Route { $($(#[$doc])+ $route,)+ }

        /// All routes.
        pub const TABLE: &[RouteSpec] = &[$(RouteSpec {
            route: Route::$route,
            method: Method::$method,
            pattern: $pattern,
            caller: Caller::$caller,
            csrf: routes!(@has csrf $($flag)*),
            cors: routes!(@has cors $($flag)*),
            html: routes!(@has html $($flag)*),
            audited: routes!(@has audited $($flag)*),
        },)+];
    };
    (@has csrf csrf $($rest:ident)*) => { true };
    (@has cors cors $($rest:ident)*) => { true };
    (@has html html $($rest:ident)*) => { true };
    (@has audited audited $($rest:ident)*) => { true };
    (@has $flag:ident $other:ident $($rest:ident)*) => { routes!(@has $flag $($rest)*) };
    (@has $flag:ident) => { false };
}

routes! {
    /// To sign-in or the organization list.
    Home Get "/" Public html;
    /// Whether the process runs.
    Healthz Get "/healthz" Public;
    /// Whether it can serve: database and migrations.
    Readyz Get "/readyz" Public;
    /// A file that is part of the program.
    Asset Get "/static/{name}" Public;
    /// Metadata, OIDC Discovery §4.
    OpenIdConfiguration Get "/orgs/{org}/.well-known/openid-configuration" Public cors;
    /// Metadata, appended.
    ServerMetadata Get "/orgs/{org}/.well-known/oauth-authorization-server" Public cors;
    /// Metadata, inserted (RFC 8414 §3.1).
    ServerMetadataInserted Get "/.well-known/oauth-authorization-server/orgs/{org}" Public cors;
    /// Metadata, inserted.
    OpenIdConfigurationInserted Get "/.well-known/openid-configuration/orgs/{org}" Public cors;
    /// Public keys.
    Jwks Get "/orgs/{org}/.well-known/jwks.json" Public cors;
    /// RFC 8628 §3.1.
    DeviceAuthorization Post "/orgs/{org}/api/v1/oauth/device_authorization" Client cors;
    /// RFC 6749 §3.2.
    Token Post "/orgs/{org}/api/v1/oauth/token" Client cors audited;
    /// RFC 7662.
    Introspect Post "/orgs/{org}/api/v1/oauth/introspect" Client;
    /// RFC 7009.
    Revoke Post "/orgs/{org}/api/v1/oauth/revoke" Client cors audited;
    /// OIDC Core §5.3.
    UserInfo Get "/orgs/{org}/api/v1/oauth/userinfo" Bearer cors;
    /// OIDC Core §5.3, by form.
    UserInfoPost Post "/orgs/{org}/api/v1/oauth/userinfo" Bearer cors;
    /// What the presented token is.
    Me Get "/orgs/{org}/api/v1/me" Bearer;
    /// Ends the presented token.
    EndMe Delete "/orgs/{org}/api/v1/me" Bearer audited;
    /// Metadata of the server itself, for clients that leave it to the user which organization it is.
    InstanceMetadata Get "/.well-known/oauth-authorization-server" Public cors;
    /// RFC 8628 §3.1, for them.
    InstanceDeviceAuthorization Post "/api/v1/oauth/device_authorization" Client cors;
    /// RFC 6749 §3.2, for them.
    InstanceToken Post "/api/v1/oauth/token" Client cors audited;
    /// RFC 7662, for the operator's own services.
    InstanceIntrospect Post "/api/v1/oauth/introspect" Client;
    /// RFC 7009, for clients of the server itself.
    InstanceRevoke Post "/api/v1/oauth/revoke" Client cors audited;
    /// What the presented token is, whichever organization it is good in.
    InstanceMe Get "/api/v1/me" Bearer;
    /// Ends the presented token.
    EndInstanceMe Delete "/api/v1/me" Bearer audited;
    /// A program that nobody registered asks for a code.
    JsonCode Post "/api/auth/device/code" Public;
    /// What a code asks for, for programs' own pages.
    JsonLookup Get "/api/auth/device/lookup" SignedIn;
    /// Approves; the value against forgery comes in a header.
    JsonAuthorize Post "/api/auth/device/authorize" SignedIn audited;
    /// Denies, by the same.
    JsonDeny Post "/api/auth/device/deny" SignedIn audited;
    /// Such a program polls.
    JsonToken Post "/api/auth/device/token" Public audited;
    /// The authorization endpoint (RFC 6749 §3.1): consent, or a code at once where no question is open.
    Authorize Get "/orgs/{org}/api/v1/oauth/authorize" Public html;
    /// The same for a client that posts (OIDC Core §3.1.2.1), from any origin: it changes nothing that anybody has.
    AuthorizePost Post "/orgs/{org}/api/v1/oauth/authorize" Public html;
    /// Signing out at a client's wish (OIDC RP-Initiated Logout §2).
    ClientLogout Get "/orgs/{org}/api/v1/oauth/logout" Public html;
    /// The same for a client that posts, from any origin: the browser comes back by GET.
    ClientLogoutPost Post "/orgs/{org}/api/v1/oauth/logout" Public html;
    /// The decision about a client's request.
    Consent Post "/orgs/{org}/consent" OrgMember csrf html audited;
    /// *Not you?* on the consent page.
    ConsentAnother Post "/orgs/{org}/consent/another" OrgMember csrf html audited;
    /// Where an app with a web view begins; by `response_type=code` the authorization endpoint at another address.
    EmbeddedStart Get "/oauth2/authorizations/new" Public html;
    /// Where it finds its answer: a page that does nothing.
    EmbeddedTarget Get "/oauth2/authorizations/fake_target" Public html;
    /// The same request inside its organization, where the browser comes back to.
    Embedded Get "/orgs/{org}/embedded" Public html;
    /// The way back from an app's own step after registering.
    EmbeddedReturn Get "/orgs/{org}/embedded/return" Public html;
    /// The decision about such a request.
    EmbeddedDecide Post "/orgs/{org}/embedded/decision" OrgMember csrf html audited;
    /// The organization's colours.
    BrandCss Get "/orgs/{org}/brand.css" Public;
    /// The picture of an organization, or of one of its applications, by the digest of its content.
    Logo Get "/orgs/{org}/logos/{logo}" Public;
    /// Sign-in.
    Login Get "/login" Public html;
    /// Password sign-in.
    LoginSubmit Post "/login" Public csrf html audited;
    /// What a browser hands to its authenticator to sign in by a passkey.
    PasskeyOptions Post "/login/passkey/options" Public csrf;
    /// Signs in by what the authenticator has signed.
    PasskeySubmit Post "/login/passkey" Public csrf html audited;
    /// Where a browser waits whose sign-in a letter asks about.
    NewDevice Get "/login/new-device" Public html;
    /// How far that is, for the page's script.
    NewDeviceState Get "/login/new-device/state" Public;
    /// *Continue*: to where the browser wanted, once the sign-in is approved.
    NewDeviceContinue Post "/login/new-device" Public csrf html audited;
    /// Another letter.
    NewDeviceLetter Post "/login/new-device/letter" Public csrf html;
    /// Goes on for a recovery code, without the letter.
    NewDeviceRecovery Post "/login/new-device/recovery" Public csrf html audited;
    /// What a letter's link leads to: asks, and changes nothing.
    LoginDecision Get "/login/decision/{token}" Public html;
    /// *Approve Login* and *Deny Login*.
    LoginDecide Post "/login/decision/{token}" Public csrf html audited;
    /// Ends the session.
    Logout Post "/logout" SignedIn csrf html audited;
    /// Where an address is typed to get a letter for a new account; *Join* for who has one.
    Register Get "/register" Public html;
    /// Asks for that letter.
    RegisterSubmit Post "/register" Public csrf html;
    /// Where that letter leads.
    RegisterLink Get "/register/{token}" Public html;
    /// Makes the account.
    RegisterComplete Post "/register/{token}" Public csrf html audited;
    /// Makes who is signed in a member, where the organization lets them in.
    Join Post "/orgs/{org}/join" SignedIn csrf html audited;
    /// Where an address is typed to get a letter for a new password.
    Reset Get "/reset" Public html;
    /// Asks for that letter.
    ResetSubmit Post "/reset" Public csrf html;
    /// Where that letter leads.
    ResetLink Get "/reset/{token}" Public html;
    /// Sets the password.
    ResetComplete Post "/reset/{token}" Public csrf html audited;
    /// Where an address is typed to get a letter to sign in with.
    EmailSignIn Get "/login/email" Public html;
    /// Asks for that letter.
    EmailSignInSubmit Post "/login/email" Public csrf html;
    /// Where its code is typed.
    EmailCode Get "/login/email/code" Public html;
    /// Signs in by the code.
    EmailCodeSubmit Post "/login/email/code" Public csrf html audited;
    /// Where its link leads.
    EmailLink Get "/login/email/link/{token}" Public html;
    /// Signs in by the link, in the browser that asked for it.
    EmailLinkSubmit Post "/login/email/link/{token}" Public csrf html audited;
    /// Sets out to a provider of the operator's.
    UpstreamStart Post "/login/upstream/{provider}" Public csrf html;
    /// Where it sends the browser back to.
    UpstreamCallback Get "/login/upstream/{provider}/callback" Public html;
    /// Sets out to an organization's own provider.
    OrgUpstreamStart Post "/orgs/{org}/login/upstream/{provider}" Public csrf html;
    /// Where that sends the browser back to.
    OrgUpstreamCallback Get "/orgs/{org}/login/upstream/{provider}/callback" Public html;
    /// What it takes to link an account at a provider that waits in the browser.
    UpstreamLink Get "/login/link" Public html;
    /// Links it.
    UpstreamLinkSubmit Post "/login/link" SignedIn csrf html audited;
    /// The letters that were written, on the machine of who tries Doorward out.
    Letters Get "/letters" Public html;
    /// One of them.
    Letter Get "/letters/{letter}" Public html;
    /// Where an invitation's letter leads.
    Invitation Get "/invitations/{token}" Public html;
    /// Makes who is signed in a member.
    InvitationAccept Post "/invitations/{token}" SignedIn csrf html audited;
    /// Says no to an invitation, with or without an account.
    InvitationDecline Post "/invitations/{token}/decline" Public csrf html audited;
    /// Makes an account for the invited address.
    InvitationRegister Post "/invitations/{token}/register" Public csrf html audited;
    /// The organizations of who is signed in.
    Organizations Get "/orgs" SignedIn html;
    /// The form for a new organization.
    NewOrganization Get "/orgs/new" SignedIn html;
    /// Makes it.
    CreateOrganization Post "/orgs/new" SignedIn csrf html audited;
    /// Ends one's own membership.
    LeaveOrganization Post "/orgs/{org}/leave" OrgMember csrf html audited;
    /// What apps can ask for in an organization, in words.
    Permissions Get "/orgs/{org}/permissions" Public html;
    /// Where a code is typed.
    DeviceEntry Get "/orgs/{org}/device" Public html;
    /// Takes the code.
    DeviceContinue Post "/orgs/{org}/device" Public csrf html;
    /// Shows what would be approved.
    DeviceReview Get "/orgs/{org}/device/review" OrgMember html;
    /// Approves or denies.
    DeviceDecision Post "/orgs/{org}/device/decision" OrgMember csrf html audited;
    /// *Not you?*: lets go of the claim and signs out, keeping the code.
    DeviceRelease Post "/orgs/{org}/device/release" SignedIn csrf html audited;
    /// What became of it.
    DeviceResult Get "/orgs/{org}/device/result" OrgMember html;
    /// Where a code is typed of a client that belongs to no organization, or to any.
    DeviceAnywhere Get "/device" Public html;
    /// Takes the code.
    DeviceAnywhereContinue Post "/device" Public csrf html;
    /// Shows what would be approved, and for which organization.
    DeviceAnywhereReview Get "/device/review" SignedIn html;
    /// Approves or denies.
    DeviceAnywhereDecision Post "/device/decision" SignedIn csrf html audited;
    /// *Not you?*: lets go of the claim and signs out, keeping the code.
    DeviceAnywhereRelease Post "/device/release" SignedIn csrf html audited;
    /// What became of it.
    DeviceAnywhereResult Get "/device/result" SignedIn html;
    /// Applications with access to the account.
    Connections Get "/account/connections" SignedIn html;
    /// Ends one application's access in one organization.
    Disconnect Post "/account/connections/{org}/{application}/disconnect" SignedIn csrf html audited;
    /// API keys and MCP tokens of the account.
    Keys Get "/account/tokens" SignedIn html;
    /// Makes one by hand.
    MakeKey Post "/account/tokens" SignedIn csrf html audited;
    /// Ends one.
    RevokeKey Post "/account/tokens/{key}/revoke" SignedIn csrf html audited;
    /// Name, language, address; taking data along, deleting the account.
    Profile Get "/account/profile" SignedIn html;
    /// Sets name and language.
    ChangeProfile Post "/account/profile" SignedIn csrf html audited;
    /// Asks for a letter to another address.
    ChangeEmail Post "/account/profile/email" SignedIn csrf html;
    /// Shows what the letter's link is for.
    EmailChangeLink Get "/account/profile/email/{token}" SignedIn html;
    /// Takes the other address.
    EmailChangeConfirm Post "/account/profile/email/{token}" SignedIn csrf html audited;
    /// What is stored about somebody, as a file.
    ExportAccount Post "/account/profile/export" SignedIn csrf html audited;
    /// Asks whether the account is to be deleted.
    DeleteAccountPage Get "/account/profile/delete" SignedIn html;
    /// Deletes it.
    DeleteAccount Post "/account/profile/delete" SignedIn csrf html audited;
    /// Where somebody is signed in.
    Sessions Get "/account/sessions" SignedIn html;
    /// Signs out everywhere else.
    EndOtherSessions Post "/account/sessions/others/end" SignedIn csrf html audited;
    /// Signs out elsewhere.
    EndSession Post "/account/sessions/{session}/end" SignedIn csrf html audited;
    /// The browsers that the account knows.
    KnownDevices Get "/account/devices" SignedIn html;
    /// Forgets all of them.
    ForgetDevices Post "/account/devices/all/forget" SignedIn csrf html audited;
    /// Forgets one.
    ForgetDevice Post "/account/devices/{device}/forget" SignedIn csrf html audited;
    /// Sets out to link an account at a provider of the operator's.
    LinkUpstream Post "/account/security/upstream/{provider}" SignedIn csrf html;
    /// The same at an organization's own.
    LinkOrgUpstream Post "/account/security/upstream/{org}/{provider}" SignedIn csrf html;
    /// Takes an account at a provider away.
    UnlinkUpstream Post "/account/security/identities/{identity}/remove" SignedIn csrf html audited;
    /// What keeps the account safe: password, second factors, recovery codes.
    Security Get "/account/security" SignedIn html;
    /// Changes the password.
    ChangePassword Post "/account/security/password" SignedIn csrf html audited;
    /// Draws a secret for an authenticator app.
    BeginTotp Post "/account/security/authenticator" SignedIn csrf html;
    /// Shows the secret that is being set up.
    TotpSetup Get "/account/security/authenticator" SignedIn html;
    /// Takes the first code of the app, which counts from then on.
    ConfirmTotp Post "/account/security/authenticator/confirm" SignedIn csrf html audited;
    /// Removes the app.
    RemoveTotp Post "/account/security/authenticator/remove" SignedIn csrf html audited;
    /// What a browser hands to its authenticator to make a passkey.
    AddPasskeyOptions Post "/account/security/passkeys/options" SignedIn csrf;
    /// Keeps the passkey that it has made.
    AddPasskey Post "/account/security/passkeys" SignedIn csrf html audited;
    /// Gives a passkey another name.
    RenamePasskey Post "/account/security/passkeys/{passkey}/name" SignedIn csrf html audited;
    /// Removes a passkey.
    RemovePasskey Post "/account/security/passkeys/{passkey}/remove" SignedIn csrf html audited;
    /// Makes new recovery codes, shown once.
    MakeRecoveryCodes Post "/account/security/recovery-codes" SignedIn csrf html audited;
    /// Asks for the second factor of a sign-in.
    LoginFactor Get "/login/factor" Public html;
    /// Takes it.
    LoginFactorSubmit Post "/login/factor" Public csrf html audited;
    /// Asks once more who somebody is.
    StepUp Get "/login/again" SignedIn html;
    /// Takes the proof.
    StepUpSubmit Post "/login/again" SignedIn csrf html audited;
    /// What a browser hands to its authenticator as that proof.
    StepUpOptions Post "/login/again/options" SignedIn csrf;
    /// To the portal's first section.
    Portal Get "/orgs/{org}/portal" OrgAdmin html;
    /// The organization's applications.
    PortalApplications Get "/orgs/{org}/portal/applications" OrgAdmin html;
    /// The form for a new one.
    PortalNewApplication Get "/orgs/{org}/portal/applications/new" OrgAdmin html;
    /// Registers one.
    PortalCreateApplication Post "/orgs/{org}/portal/applications" OrgAdmin csrf html audited;
    /// One application.
    PortalApplication Get "/orgs/{org}/portal/applications/{application}" OrgAdmin html;
    /// Changes its settings.
    PortalEditApplication Post "/orgs/{org}/portal/applications/{application}" OrgAdmin csrf html audited;
    /// Switches it off.
    PortalDisableApplication Post "/orgs/{org}/portal/applications/{application}/disable" OrgAdmin csrf html audited;
    /// Switches it on again.
    PortalEnableApplication Post "/orgs/{org}/portal/applications/{application}/enable" OrgAdmin csrf html audited;
    /// Deletes it.
    PortalDeleteApplication Post "/orgs/{org}/portal/applications/{application}/delete" OrgAdmin csrf html audited;
    /// Gives it a new secret.
    PortalRotateSecret Post "/orgs/{org}/portal/applications/{application}/secret" OrgAdmin csrf html audited;
    /// Members and invitations.
    PortalMembers Get "/orgs/{org}/portal/members" OrgAdmin html;
    /// Invites somebody.
    PortalInvite Post "/orgs/{org}/portal/members/invite" OrgAdmin csrf html audited;
    /// Changes what a member is.
    PortalMemberRole Post "/orgs/{org}/portal/members/{user}/role" OrgAdmin csrf html audited;
    /// Ends a membership.
    PortalMemberRemove Post "/orgs/{org}/portal/members/{user}/remove" OrgAdmin csrf html audited;
    /// Sends an invitation again.
    PortalInvitationResend Post "/orgs/{org}/portal/invitations/{invitation}/resend" OrgAdmin csrf html audited;
    /// Takes an invitation back.
    PortalInvitationRevoke Post "/orgs/{org}/portal/invitations/{invitation}/revoke" OrgAdmin csrf html audited;
    /// The organization's own identity providers.
    PortalProviders Get "/orgs/{org}/portal/providers" OrgAdmin html;
    /// The form for another one.
    PortalNewProvider Get "/orgs/{org}/portal/providers/new" OrgAdmin html;
    /// Adds it.
    PortalCreateProvider Post "/orgs/{org}/portal/providers" OrgAdmin csrf html audited;
    /// One of them.
    PortalProvider Get "/orgs/{org}/portal/providers/{provider}" OrgAdmin html;
    /// Changes it.
    PortalEditProvider Post "/orgs/{org}/portal/providers/{provider}" OrgAdmin csrf html audited;
    /// Removes it.
    PortalRemoveProvider Post "/orgs/{org}/portal/providers/{provider}/remove" OrgAdmin csrf html audited;
    /// How members sign in, and who becomes one.
    PortalSignIn Get "/orgs/{org}/portal/sign-in" OrgAdmin html;
    /// Changes it.
    PortalEditSignIn Post "/orgs/{org}/portal/sign-in" OrgAdmin csrf html audited;
    /// Changes which applications may log devices in.
    PortalEditDeviceLogin Post "/orgs/{org}/portal/sign-in/devices" OrgAdmin csrf html audited;
    /// How the organization presents itself.
    PortalSettings Get "/orgs/{org}/portal/settings" OrgAdmin html;
    /// Changes it.
    PortalEditSettings Post "/orgs/{org}/portal/settings" OrgAdmin csrf html audited;
    /// Deletes the organization.
    PortalDeleteOrganization Post "/orgs/{org}/portal/settings/delete" OrgAdmin csrf html audited;
    /// What applications may ask for, and what their tokens may be meant for.
    PortalResources Get "/orgs/{org}/portal/resources" OrgAdmin html;
    /// Adds a resource.
    PortalAddResource Post "/orgs/{org}/portal/resources" OrgAdmin csrf html audited;
    /// Removes one.
    PortalRemoveResource Post "/orgs/{org}/portal/resources/remove" OrgAdmin csrf html audited;
    /// The form for another scope.
    PortalNewScope Get "/orgs/{org}/portal/scopes/new" OrgAdmin html;
    /// Adds it.
    PortalCreateScope Post "/orgs/{org}/portal/scopes" OrgAdmin csrf html audited;
    /// One scope, named in the query: a name may hold what a path may not.
    PortalScope Get "/orgs/{org}/portal/scopes/change" OrgAdmin html;
    /// Changes it.
    PortalEditScope Post "/orgs/{org}/portal/scopes/change" OrgAdmin csrf html audited;
    /// Removes it.
    PortalRemoveScope Post "/orgs/{org}/portal/scopes/remove" OrgAdmin csrf html audited;
    /// Live requests and approved devices.
    PortalDevices Get "/orgs/{org}/portal/devices" OrgAdmin html;
    /// Ends one device's access.
    PortalRevokeDevice Post "/orgs/{org}/portal/devices/{family}/revoke" OrgAdmin csrf html audited;
    /// Ends one API key or MCP token.
    PortalRevokeKey Post "/orgs/{org}/portal/devices/keys/{key}/revoke" OrgAdmin csrf html audited;
    /// What the organization's tokens are signed with.
    PortalSigningKeys Get "/orgs/{org}/portal/keys" OrgAdmin html;
    /// *Make the key*.
    PortalRotateSigningKey Post "/orgs/{org}/portal/keys" OrgAdmin csrf html audited;
    /// What was done in the organization.
    PortalAudit Get "/orgs/{org}/portal/audit" OrgAdmin html;
    /// The same as a file.
    PortalExportAudit Post "/orgs/{org}/portal/audit/export" OrgAdmin csrf html audited;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_route_stands_twice() {
        for (at, spec) in TABLE.iter().enumerate() {
            assert_eq!(spec.route.index(), at, "{spec:?}");
            assert!(
                TABLE[..at].iter().all(|other| (other.method, other.pattern) != (spec.method, spec.pattern)),
                "{spec:?}"
            );
        }
    }

    /// What scripts of our pages ask for with their form's token, and get as JSON.
    const OPTIONS: [Route; 3] = [Route::PasskeyOptions, Route::AddPasskeyOptions, Route::StepUpOptions];

    #[test]
    fn every_change_from_a_page_is_protected_from_forgery() {
        for spec in TABLE {
            // A client's request comes from the client's own page.
            let of_client = [Route::AuthorizePost, Route::ClientLogoutPost].contains(&spec.route);
            let ours = spec.html && !of_client || OPTIONS.contains(&spec.route);
            assert_eq!(spec.csrf, spec.method == Method::Post && ours, "{spec:?}");
            assert!(!(spec.cors && spec.html), "{spec:?}");
        }
    }
}
