//! Two organizations with the same things in each, so that every test of one can try the other's.

use crate::idp::Idp;
use crate::logos::{OTHER_PICTURE, PICTURE};
use crate::page_form::PageForm;
use crate::passkeys::only_passkey;
use crate::second_factors::totp_code;
use crate::support::{Answer, App, Browser, Codes, TestApp, keyring};
use crate::wire::part;
use directory::invitations::{self, Invited};
use issuer::claims::TokenId;
use login::attempt::Waiter;
use login::csrf::{self, Bearer, FormPurpose};
use login::mail_link::Asked;
use model::application::ClientKind;
use model::audit::By;
use model::context::Origin;
use model::email_change::{self, EmailChange};
use model::fault::Fault;
use model::id::{
    IdentityId, InvitationId, KnownDeviceId, MailLinkId, OpaqueTokenId, OrgId, PasskeyId, ProviderId, SessionId, UserId,
};
use model::login_attempt::{self, Capability, Onward};
use model::logo::LogoName;
use model::mail_link::LinkKind;
use model::opaque::OpaqueKind;
use model::org::{OrgChanges, Registration, Role};
use model::resource::{Resource, ResourceUri};
use model::secret::{Digest, Purpose, Secret, base64url};
use model::session::Entrance;
use model::upstream::{Identity, Person, Provider, ProviderKey, ProviderKind, SaidAddress};
use protocol::scope::Scopes;
use protocol::token::GrantType;
use routes::{Method, Route, RouteSpec, url};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use store::tables::upstream_providers::OwnProvider;
use testkit::Scratch;

/// The password of everybody on the stage.
pub const PASSWORD: &str = "correct horse battery staple";

/// A scope of each organization, which no application may ask for.
pub const SCOPE: &str = "read:things";

/// A resource of each organization.
pub const RESOURCE: &str = "https://api.example/v1";

/// One organization and what belongs to it.
pub struct Side {
    /// The organization.
    pub org: OrgId,
    /// Its owner, who has a connected device.
    pub owner: UserId,
    /// The owner's address.
    pub owner_email: &'static str,
    /// A member who administers nothing.
    pub member: UserId,
    /// A public application for devices.
    pub cd: App,
    /// A confidential one.
    pub cs: App,
    /// Tokens of the owner's device.
    pub tokens: Value,
    /// Their family.
    pub family: String,
    /// A code that the owner has claimed.
    pub pending: Codes,
    /// Its grant.
    pub grant: String,
    /// The link that approves a sign-in of the owner's which waits in some browser.
    pub login_token: String,
    /// The number that this browser shows.
    pub login_number: u8,
    /// The grant of a client that belongs to no organization, whose code the owner has claimed.
    pub anywhere_grant: String,
    /// An MCP token of the owner's, of this organization.
    pub key: String,
    /// Which it is.
    pub key_id: OpaqueTokenId,
    /// A passkey of the owner's.
    pub passkey: PasskeyId,
    /// The name of a static file, the same for all.
    pub asset: String,
    /// The name of its logo.
    pub logo: LogoName,
    /// The capability of the member's reset link.
    pub reset: String,
    /// That of a registration here, of an address without account.
    pub registration: String,
    /// An invitation, of an address without account.
    pub invitation: InvitationId,
    /// Its capability.
    pub invitation_token: String,
    /// The pre-session of a browser in which the member asked to sign in by a letter, its code and its capability.
    pub by_email: ByEmail,
    /// A session of the owner's.
    pub session: SessionId,
    /// The known device that it began in.
    pub device: KnownDeviceId,
    /// The capability in the letter to another address that the owner wants.
    pub other_address: String,
    /// That of the owner's invitation into the other organization.
    pub asked_over: String,
    /// Its own identity provider.
    pub provider: ProviderId,
    /// The owner's account there.
    pub identity: IdentityId,
    /// The cookie of a browser in which another account of the owner's waits to be linked.
    pub pending_link: String,
}

/// Both organizations, and somebody who belongs to both.
pub struct Stage {
    /// The server.
    pub app: TestApp,
    /// One.
    pub acme: Side,
    /// The other.
    pub beta: Side,
    /// A member of both.
    pub both: UserId,
    /// An identity provider that the server and both organizations know.
    pub idp: Idp,
}

impl Stage {
    /// Sets it.
    pub async fn new(engine: Scratch) -> Self {
        let idp = Idp::start();
        let app = idp.app(engine).await;
        let acme = side(&app, "acme", ["ada@acme.example", "u1@acme.example"]).await;
        let beta = side(&app, "beta", ["ben@beta.example", "u2@beta.example"]).await;
        let (mut acme, mut beta) = (acme, beta);
        (_, acme.asked_over) = invited(&app, &beta.org, acme.owner_email).await;
        (_, beta.asked_over) = invited(&app, &acme.org, beta.owner_email).await;
        let both = app.user("u3@both.example", &[(&acme.org, Role::Member), (&beta.org, Role::Member)]).await;
        for side in [&mut acme, &mut beta] {
            (side.provider, side.identity, side.pending_link) = upstream_things(&app, &idp, side).await;
        }
        Self { app, acme, beta, both, idp }
    }

    /// A browser of acme's owner.
    pub async fn ada(&self) -> Browser<'_> {
        self.app.signed_in(self.acme.owner).await
    }

    /// A browser of beta's owner.
    pub async fn ben(&self) -> Browser<'_> {
        self.app.signed_in(self.beta.owner).await
    }

    /// The browser that sends a route's form: the owner's, but for what is for people who are not signed in, or for who is
    /// a stranger.
    pub async fn sender(&self, route: Route) -> Browser<'_> {
        match route {
            Route::Join => self.ben().await,
            // The last owner stays.
            Route::LeaveOrganization => self.app.signed_in(self.both).await,
            Route::LoginDecide => {
                let browser = self.app.browser();
                browser.get(url::LOGIN).await;
                browser
            }
            Route::NewDeviceContinue | Route::NewDeviceLetter | Route::NewDeviceRecovery => self.waiting().await,
            _ if is_for_guests(route) => self.app.browser(),
            _ => self.ada().await,
        }
    }

    /// A browser that acme's owner signs in from, and that the account does not know.
    async fn waiting(&self) -> Browser<'_> {
        self.app.sql("UPDATE users SET first_known_device_at = created_at").await;
        let browser = self.app.browser();
        let answer = browser.sign_in(self.acme.owner_email, PASSWORD).await;
        assert_eq!(answer.location(), url::NEW_DEVICE, "{}", answer.text);
        // As if somebody had approved it, and the letter were a while ago.
        self.app.sql("UPDATE login_attempts SET letter_at = 0").await;
        browser
    }

    /// Lets anybody become a member of acme.
    pub async fn open_acme(&self) {
        let (org, by) = (self.acme.org.clone(), By::operator(&self.app.clock.moment()));
        let changes = OrgChanges { registration: Some(Registration::Open), ..OrgChanges::default() };
        self.app.write(move |conn| directory::organizations::change(conn, &org, &changes, &by)).await;
    }

    /// The form of a route as acme's owner would send it, filled in.
    pub async fn form(&self, browser: &Browser<'_>, spec: &RouteSpec) -> PageForm {
        let acme = &self.acme;
        let action = path(spec, &acme.org, acme);
        let page = async |path: &str| browser.get(path).await;
        let with_account = |form: PageForm| form.with("name", "Grace").with("password", PASSWORD);
        match spec.route {
            Route::RegisterSubmit => {
                self.open_acme().await;
                PageForm::to(&page(&url::register_at(&acme.org)).await, &action).with("email", "grace@acme.example")
            }
            Route::RegisterComplete => {
                self.open_acme().await;
                with_account(PageForm::to(&page(&action).await, &action))
            }
            Route::Join => {
                self.open_acme().await;
                PageForm::to(&page(&url::register_at(&acme.org)).await, &action)
            }
            Route::Consent | Route::ConsentAnother => {
                let asked = "response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
                let asked = format!("{}?client_id={}&{asked}", acme.cs.endpoint("authorize"), acme.cs.client_id);
                PageForm::to(&page(&asked).await, &action).with("decision", "approve")
            }
            Route::EmbeddedDecide => {
                let asked = crate::embedded::start(&acme.cs, &[]);
                PageForm::to(&page(&asked).await, &action).with("decision", "approve")
            }
            Route::CreateOrganization => {
                PageForm::to(&page(&action).await, &action).with("name", "Gamma").with("org_id", "gamma")
            }
            Route::LeaveOrganization => PageForm::to(&page(url::ORGANIZATIONS).await, &action),
            Route::PortalEditSettings => {
                PageForm::to(&page(&action).await, &action).with("name", "Other").with("colour", "#1f6feb")
            }
            Route::PortalDeleteOrganization => {
                PageForm::to(&page(&url::portal_settings(&acme.org)).await, &action).with("org_id", acme.org.as_str())
            }
            Route::EmailSignInSubmit => {
                PageForm::to(&page(url::LOGIN_BY_EMAIL).await, &action).with("email", acme.owner_email)
            }
            Route::EmailCodeSubmit => {
                browser.set_cookie("doorward_presession", &acme.by_email.cookie);
                PageForm::to(&page(url::EMAIL_CODE).await, &action).with("code", &acme.by_email.code)
            }
            Route::EmailLinkSubmit => {
                browser.set_cookie("doorward_presession", &acme.by_email.cookie);
                PageForm::to(&page(&action).await, &action)
            }
            Route::ResetSubmit => PageForm::to(&page(url::RESET).await, &action).with("email", acme.owner_email),
            Route::ResetComplete => PageForm::to(&page(&action).await, &action).with("password", PASSWORD),
            Route::InvitationAccept => PageForm::to(&page(&action).await, &action),
            Route::InvitationDecline => PageForm::to(&page(&url::invitation(&acme.invitation_token)).await, &action),
            Route::InvitationRegister => {
                with_account(PageForm::to(&page(&url::invitation(&acme.invitation_token)).await, &action))
            }
            Route::PortalInvite => PageForm::to(&page(&url::portal_members(&acme.org)).await, &action)
                .with("email", "new@acme.example")
                .with("role", "admin"),
            Route::PortalMemberRole
            | Route::PortalMemberRemove
            | Route::PortalInvitationResend
            | Route::PortalInvitationRevoke => PageForm::to(&page(&url::portal_members(&acme.org)).await, &action),
            Route::UpstreamStart | Route::OrgUpstreamStart => {
                PageForm::to(&page(&url::login_to(&url::device(&acme.org))).await, &action)
            }
            Route::UpstreamLinkSubmit => {
                browser.set_cookie("doorward_link", &acme.pending_link);
                PageForm::to(&page(url::UPSTREAM_LINK).await, &action)
            }
            Route::LinkOrgUpstream => {
                let unlink = url::unlink_upstream(acme.identity);
                let unlinked = browser.submit(&PageForm::to(&page(url::SECURITY).await, &unlink)).await;
                assert_eq!(unlinked.status, 303, "{}", unlinked.text);
                PageForm::to(&page(url::SECURITY).await, &action)
            }
            Route::LinkUpstream | Route::UnlinkUpstream => PageForm::to(&page(url::SECURITY).await, &action),
            Route::PortalCreateProvider => PageForm::to(&page(&url::portal_new_provider(&acme.org)).await, &action)
                .with("name", "Another")
                .with("issuer", &self.idp.url)
                .with("client_id", "x")
                .with("client_secret", "y"),
            Route::PortalEditProvider => PageForm::to(&page(&action).await, &action).with("client_id", "x"),
            Route::PortalRemoveProvider => {
                let form = PageForm::to(&page(&url::portal_provider(&acme.org, acme.provider)).await, &action);
                form.with("name", "Own")
            }
            Route::LoginSubmit => PageForm::to(&page(url::LOGIN).await, &action)
                .with("email", acme.owner_email)
                .with("password", PASSWORD),
            Route::NewDeviceContinue => {
                let form = PageForm::to(&page(url::NEW_DEVICE).await, &action);
                self.app
                    .sql(
                        "UPDATE login_attempts SET state = 'approved', decided_at = created_at WHERE state = 'pending'",
                    )
                    .await;
                form
            }
            Route::NewDeviceLetter => PageForm::to(&page(url::NEW_DEVICE).await, &action),
            Route::NewDeviceRecovery => {
                let code = self.app.recovery_code(acme.owner).await;
                PageForm::to(&page(url::NEW_DEVICE).await, &action).with("code", &code)
            }
            Route::LoginDecide => PageForm::to(&page(&action).await, &action)
                .with("number", &acme.login_number.to_string())
                .with("decision", "approve"),
            Route::Logout => PageForm::to(&page(url::ORGANIZATIONS).await, &action),
            Route::DeviceContinue => {
                let codes = acme.cd.begin(&self.app).await;
                PageForm::to(&page(&url::device(&acme.org)).await, &action).with("user_code", &codes.user_code)
            }
            Route::DeviceDecision => {
                PageForm::to(&self.review(browser).await, &action).with("confirm", "yes").with("decision", "approve")
            }
            Route::DeviceRelease => PageForm::to(&self.review(browser).await, &action),
            Route::DeviceAnywhereContinue => {
                let codes = App::mcp().begin(&self.app).await;
                PageForm::to(&page(url::DEVICE).await, &action).with("user_code", &codes.user_code)
            }
            Route::DeviceAnywhereDecision | Route::DeviceAnywhereRelease => {
                let review = url::device_review(&OrgId::instance(), acme.anywhere_grant.parse().unwrap());
                let form = PageForm::to(&page(&review).await, &action);
                match spec.route {
                    Route::DeviceAnywhereDecision => form.with("confirm", "yes").with("decision", "approve"),
                    _ => form,
                }
            }
            Route::ChangeProfile => PageForm::to(&page(url::PROFILE).await, &action).with("name", "Ada Lovelace"),
            Route::ChangeEmail => {
                PageForm::to(&page(url::PROFILE).await, &action).with("email", "another@acme.example")
            }
            Route::EmailChangeConfirm => PageForm::to(&page(&action).await, &action),
            Route::ExportAccount => PageForm::to(&page(url::PROFILE).await, &action),
            Route::DeleteAccount => {
                // An organization keeps an owner.
                self.app.sql("UPDATE memberships SET role = 'owner'").await;
                PageForm::to(&page(url::DELETE_ACCOUNT).await, &action).with("email", acme.owner_email)
            }
            Route::MakeKey => PageForm::to(&page(url::KEYS).await, &action)
                .with("kind", "api_key")
                .with("name", "Nightly build")
                .with("organization", acme.org.as_str())
                .with("scope", "write"),
            Route::RevokeKey => PageForm::to(&page(url::KEYS).await, &action),
            Route::EndSession | Route::EndOtherSessions => PageForm::to(&page(url::SESSIONS).await, &action),
            Route::ForgetDevice | Route::ForgetDevices => PageForm::to(&page(url::KNOWN_DEVICES).await, &action),
            Route::ChangePassword => PageForm::to(&page(url::SECURITY).await, &action)
                .with("current", PASSWORD)
                .with("password", "another horse, another staple"),
            Route::PasskeyOptions => form_for(&page(url::LOGIN).await, url::LOGIN_PASSKEY, &action),
            Route::PasskeySubmit => {
                let mut passkey = self.ada().await.add_passkey().await;
                let (form, options) = browser.begin_passkey().await;
                form.with("credential", &passkey.sign(&options))
            }
            Route::StepUpOptions => {
                browser.add_passkey().await;
                form_for(&page(url::STEP_UP).await, url::STEP_UP, &action)
            }
            Route::AddPasskeyOptions => form_for(&page(url::SECURITY).await, url::SECURITY_PASSKEYS, &action),
            Route::AddPasskey => browser.new_passkey().await.0.with("name", "Laptop"),
            Route::RenamePasskey | Route::RemovePasskey => {
                PageForm::to(&page(url::SECURITY).await, &action).with("name", "Laptop")
            }
            Route::BeginTotp | Route::MakeRecoveryCodes => PageForm::to(&page(url::SECURITY).await, &action),
            Route::ConfirmTotp => {
                let (form, secret) = browser.begin_totp().await;
                form.with("code", &totp_code(&secret, self.app.clock.now()))
            }
            Route::RemoveTotp => {
                browser.set_up_totp().await;
                PageForm::to(&page(url::SECURITY).await, &action)
            }
            Route::LoginFactorSubmit => {
                let secret = self.ada().await.set_up_totp().await;
                let asked = browser.sign_in(acme.owner_email, PASSWORD).await;
                let next = self.app.clock.now().after(std::time::Duration::from_secs(30));
                PageForm::to(&page(asked.location()).await, &action).with("code", &totp_code(&secret, next))
            }
            Route::StepUpSubmit => {
                PageForm::to(&page(url::STEP_UP).await, &action).without("credential").with("password", PASSWORD)
            }
            Route::Disconnect => PageForm::to(&page(url::CONNECTIONS).await, &action),
            Route::PortalCreateApplication => {
                PageForm::to(&page(&url::portal_new_application(&acme.org)).await, &action)
                    .with("name", "Another")
                    .with("kind", "public")
                    .with("grant", "device_code")
            }
            Route::PortalEditApplication => {
                PageForm::to(&self.application(browser, &acme.cd).await, &action).with("access_lifetime", "1800")
            }
            Route::PortalDisableApplication => PageForm::to(&self.application(browser, &acme.cd).await, &action),
            Route::PortalEnableApplication => {
                let page = self.application(browser, &acme.cd).await;
                let disable = url::portal_application_action(&acme.org, acme.cd.id, "disable");
                if page.text.contains(&disable) {
                    assert_eq!(browser.submit(&PageForm::to(&page, &disable)).await.status, 303);
                }
                PageForm::to(&self.application(browser, &acme.cd).await, &action)
            }
            Route::PortalDeleteApplication => {
                PageForm::to(&self.application(browser, &acme.cd).await, &action).with("name", "Acme CLI")
            }
            Route::PortalRotateSecret => PageForm::to(&self.application(browser, &acme.cs).await, &action),
            Route::PortalEditSignIn => {
                let form = PageForm::to(&page(&url::portal_sign_in(&acme.org)).await, &action);
                form.with("registration", "open").with("new_device", "off").with("second_factor", "optional")
            }
            Route::PortalEditDeviceLogin => {
                PageForm::to(&page(&url::portal_sign_in(&acme.org)).await, &action).with("device_login", "off")
            }
            Route::PortalRotateSigningKey => PageForm::to(&page(&action).await, &action),
            Route::PortalAddResource => {
                PageForm::to(&page(&action).await, &action).with("uri", "https://other.example").with("name", "Other")
            }
            Route::PortalRemoveResource => PageForm::to(&page(&url::portal_resources(&acme.org)).await, &action),
            Route::PortalCreateScope => PageForm::to(&page(&url::portal_new_scope(&acme.org)).await, &action)
                .with("scope", "write:things")
                .with("sentence", "Change your things"),
            Route::PortalEditScope => {
                let form = PageForm::to(&page(&url::portal_scope(&acme.org, SCOPE)).await, &action);
                form.with("sentence", "See your things")
            }
            Route::PortalRemoveScope => PageForm::to(&page(&url::portal_scope(&acme.org, SCOPE)).await, &action),
            Route::PortalRevokeDevice | Route::PortalRevokeKey => {
                PageForm::to(&page(&url::portal_devices(&acme.org)).await, &action)
            }
            Route::PortalExportAudit => PageForm::to(&page(&url::portal_audit(&acme.org)).await, &action),
            other => panic!("{other:?} takes a form: say here on which page it stands"),
        }
    }

    async fn review(&self, browser: &Browser<'_>) -> Answer {
        browser.get(&format!("{}/review?grant={}", url::device(&self.acme.org), self.acme.grant)).await
    }

    async fn application(&self, browser: &Browser<'_>, app: &App) -> Answer {
        browser.get(&url::portal_application(&app.org, app.id)).await
    }
}

/// What a page's script asks for with the token of the form that goes to `form`.
fn form_for(page: &Answer, form: &str, action: &str) -> PageForm {
    PageForm { action: action.to_owned(), ..PageForm::to(page, form) }
}

/// Whether a route's form is for people who are not signed in.
pub fn is_for_guests(route: Route) -> bool {
    matches!(
        route,
        Route::LoginSubmit
            | Route::PasskeyOptions
            | Route::PasskeySubmit
            | Route::UpstreamStart
            | Route::OrgUpstreamStart
            | Route::LoginFactorSubmit
            | Route::LoginDecide
            | Route::NewDeviceContinue
            | Route::NewDeviceLetter
            | Route::NewDeviceRecovery
            | Route::EmailSignInSubmit
            | Route::EmailCodeSubmit
            | Route::EmailLinkSubmit
            | Route::RegisterSubmit
            | Route::RegisterComplete
            | Route::ResetSubmit
            | Route::ResetComplete
            | Route::InvitationRegister
            | Route::InvitationDecline
    )
}

/// A sign-in by a letter that was asked for.
pub struct ByEmail {
    /// The cookie of the browser that asked.
    pub cookie: String,
    /// The letter's code.
    pub code: String,
    /// The capability in its link.
    pub token: String,
}

/// Asks for a letter to sign in with, without the letter.
pub async fn by_email(app: &TestApp, email: &'static str) -> ByEmail {
    let moment = app.clock.moment();
    let cookie = Secret::draw(&moment);
    let browser = Some(Digest::of(Purpose::PreSession, cookie.expose()));
    let link = app.write(move |conn| {
        let asked = Asked {
            kind: LinkKind::SignIn,
            email: email.to_owned(),
            email_key: email.to_owned(),
            org_id: None,
            browser,
            next: "/orgs".to_owned(),
            remember: false,
        };
        let account = store::tables::users::by_email(conn, email)?.map(|(user, _)| user);
        login::mail_link::open(conn, &asked, account.as_ref(), &moment)
    });
    let link = link.await;
    ByEmail { cookie: cookie.expose().clone(), code: link.code(&keyring()), token: link.token(&keyring()) }
}

/// An invitation and its capability, without its letter.
pub async fn invited(app: &TestApp, org: &OrgId, email: &'static str) -> (InvitationId, String) {
    let (org, by) = (org.clone(), By::operator(&app.clock.moment()));
    let of = org.clone();
    let owners = app.write(move |conn| store::tables::memberships::held_owners(conn, &of)).await;
    let owner = match owners.first() {
        Some(owner) => *owner,
        None => app.user("inviter@owners.example", &[(&org, Role::Owner)]).await,
    };
    let invite =
        move |conn: &mut store::Conn| invitations::invite(conn, &org, (owner, Role::Owner), (email, Role::Member), &by);
    let made = app.write(invite).await;
    let Invited::Write(invitation) = made else { panic!("{made:?}") };
    (invitation.id, invitation.token(&keyring()))
}

/// The capability of a link that a letter would hold, without the letter.
pub async fn mail_link(app: &TestApp, kind: LinkKind, email: &'static str, org: Option<&OrgId>) -> String {
    let (moment, org_id) = (app.clock.moment(), org.cloned());
    let link = app.write(move |conn| {
        let asked = Asked {
            kind,
            email: email.to_owned(),
            email_key: email.to_owned(),
            org_id: org_id.clone(),
            browser: None,
            next: "/orgs".to_owned(),
            remember: false,
        };
        let account = store::tables::users::by_email(conn, email)?.map(|(user, _)| user);
        login::mail_link::open(conn, &asked, account.as_ref(), &moment)
    });
    link.await.token(&keyring())
}

async fn side(app: &TestApp, org: &str, [owner_email, member_email]: [&'static str; 2]) -> Side {
    let org = app.org(org).await;
    let wanted = org.clone();
    let scope = Scopes::parse(SCOPE).unwrap();
    app.write(move |conn| directory::catalogue::add_missing(conn, &wanted, &scope)).await;
    app.resource(&org, RESOURCE).await;
    let logo = app.logo(&org, if org.as_str() == "acme" { PICTURE } else { OTHER_PICTURE }).await;
    let owner = app.user_with_password(owner_email, PASSWORD, &[(&org, Role::Owner)]).await;
    let member = app.user(member_email, &[(&org, Role::Member)]).await;
    let cd = app.device_app(&org).await;
    let cs = app
        .app(&org, ClientKind::Confidential, |settings| {
            settings.name = "Acme service".to_owned();
            settings.grants = GrantType::ALL.into();
            settings.embedded.enabled = true;
        })
        .await;
    let browser = app.signed_in(owner).await;
    let tokens = cd.log_in(app, &browser).await;
    let jti = part(tokens["access_token"].as_str().unwrap(), 1)["jti"].as_str().unwrap().to_owned();
    let family = TokenId::parse(&jti).unwrap().family.unwrap().to_string();
    let pending = cd.begin(app).await;
    let review = browser.review(&org, &pending.user_code).await;
    let grant = review.field_after(&url::device_decision(&org), "grant");
    let (home, mcp) = (OrgId::instance(), App::mcp());
    let key = mcp.log_in_for(app, &browser, &org).await["access_token"].as_str().unwrap().to_owned();
    let key_id = app
        .write(move |conn| Ok(store::tables::opaque_tokens::of_user(conn, owner, OpaqueKind::Mcp, 1)?[0].0.id))
        .await;
    // Its letters are not what tests of letters are about.
    app.sql("DELETE FROM outbox WHERE payload LIKE '%Doorward MCP%'").await;
    let anywhere = mcp.begin(app).await;
    let review = browser.review(&home, &anywhere.user_code).await;
    let anywhere_grant = review.field_after(&url::device_decision(&home), "grant");
    let (login_token, login_number) = waiting_sign_in(app, owner).await;
    browser.add_passkey().await;
    // Its letter is not what tests of letters are about.
    app.sql("DELETE FROM outbox WHERE letter = 'account_changed'").await;
    let passkey = only_passkey(app, owner).await;
    let asset = app.state.asset_urls.css.strip_prefix("/static/").unwrap().to_owned();
    let reset = mail_link(app, LinkKind::Reset, member_email, None).await;
    let registration = mail_link(app, LinkKind::Registration, "linus@new.example", Some(&org)).await;
    let (invitation, invitation_token) = invited(app, &org, "margaret@new.example").await;
    let asked_over = String::new();
    let by_email = by_email(app, member_email).await;
    let now = app.clock.moment().now();
    let listed = app.write(move |conn| store::tables::sessions::of_user(conn, owner, now)).await;
    let other_address = other_address(app, owner).await;
    Side {
        anywhere_grant,
        key,
        key_id,
        passkey,
        session: listed[0].session.id,
        device: listed[0].known_device.unwrap(),
        other_address,
        login_token,
        login_number,
        by_email,
        reset,
        registration,
        invitation,
        invitation_token,
        asked_over,
        provider: ProviderId::draw(&app.clock.moment()),
        identity: IdentityId::draw(&app.clock.moment()),
        pending_link: String::new(),
        asset,
        logo,
        org,
        owner,
        owner_email,
        member,
        cd,
        cs,
        tokens,
        family,
        pending,
        grant,
    }
}

/// What the letter to another address would hold that this user wants, without the letter.
pub async fn other_address(app: &TestApp, user: UserId) -> String {
    let moment = app.clock.moment();
    let id = app.write(move |conn| {
        let account = store::tables::users::by_id(conn, user)?.unwrap();
        let change = EmailChange {
            id: MailLinkId::draw(&moment),
            user_id: user,
            email: format!("other-{user}@new.example"),
            credentials_changed_at: account.credentials_changed_at,
            expires_at: moment.now().after(email_change::LIFE),
        };
        store::tables::email_changes::put(conn, &change)?;
        Ok(change.id)
    });
    email_change::token(id.await, &keyring())
}

/// An organization's own provider, the owner's account there, and another one that waits to be linked.
async fn upstream_things(app: &TestApp, idp: &Idp, side: &Side) -> (ProviderId, IdentityId, String) {
    let (org, owner, by) = (side.org.clone(), side.owner, By::operator(&app.clock.moment()));
    let (issuer, email) = (idp.url.clone(), side.owner_email.to_owned());
    let made = app.write(move |conn| {
        let id = own_provider(conn, &org, &issuer, &by)?;
        let key = ProviderKey::Organizations(org.clone(), id);
        let person = |subject: &str| Person {
            identity: Identity { provider: key.clone(), issuer: issuer.clone(), subject: subject.to_owned() },
            address: Some(SaidAddress { email: email.clone(), verified: true }),
            name: None,
        };
        let user = store::tables::users::by_id(conn, owner)?.unwrap();
        login::upstream::link::add(conn, &user, &person("owner"), None, &by)?.unwrap();
        let identity = store::tables::upstream_identities::of_user(conn, owner)?.pop().unwrap().id;
        let cookie = login::upstream::link::wait(conn, &person("waits"), url::ORGANIZATIONS, &by.moment)?.unwrap();
        Ok((id, identity, cookie.expose().clone()))
    });
    made.await
}

/// Makes an organization's own provider of this issuer.
pub fn own_provider(conn: &mut store::Conn, org: &OrgId, issuer: &str, by: &By) -> Result<ProviderId, Fault> {
    let id = ProviderId::draw(&by.moment);
    let provider = Provider {
        key: ProviderKey::Organizations(org.clone(), id),
        kind: ProviderKind::Oidc,
        name: "Own".to_owned(),
        issuer: issuer.to_owned(),
        client_id: crate::idp::CLIENT.to_owned(),
        scopes: ProviderKind::Oidc.usual_scopes(),
    };
    let secret = Secret::new(crate::idp::SECRET.to_owned());
    let sealed_secret = login::upstream::own::seal(org, id, &secret, &keyring(), &by.moment)?;
    let own = OwnProvider { provider, sealed_secret, enabled: true, revision: 1 };
    assert!(login::upstream::own::create(conn, org, id, &own, by)?);
    Ok(id)
}

/// A sign-in that waits in a browser which nobody has at hand: the link that approves it, and its number.
async fn waiting_sign_in(app: &TestApp, user: UserId) -> (String, u8) {
    let moment = app.clock.moment();
    let waiting = app.write(move |conn| {
        let account = store::tables::users::by_id(conn, user)?.unwrap();
        let onward = Onward { next: url::ORGANIZATIONS.to_owned(), remember: false };
        let browser = Digest::of(Purpose::PreSession, &user.to_string());
        let waiter = Waiter { browser, onward, keys: keyring() };
        let origin = Origin::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "Firefox (Linux)");
        Ok(login::attempt::open(conn, &account, &waiter, (None, &Entrance::Account), (&moment, &origin))?.unwrap())
    });
    let id = waiting.await.attempt.id;
    (Capability::Approve.token(&keyring(), id).expose().clone(), login_attempt::number(&keyring(), id))
}

/// The path of a route in `org`, with ids of `things`.
pub fn path(spec: &RouteSpec, org: &OrgId, things: &Side) -> String {
    let application = if spec.route == Route::PortalRotateSecret { things.cs.id } else { things.cd.id };
    let path = spec
        .pattern
        .replace("{org}", org.as_str())
        .replace("{application}", &application.to_string())
        .replace("{family}", &things.family)
        .replace("{key}", &things.key_id.to_string())
        .replace("{session}", &things.session.to_string())
        .replace("{device}", &things.device.to_string())
        .replace("{user}", &things.member.to_string())
        .replace("{invitation}", &things.invitation.to_string())
        .replace("{passkey}", &things.passkey.to_string())
        .replace("{letter}", &things.invitation.to_string())
        .replace("{identity}", &things.identity.to_string())
        .replace("{provider}", &provider(spec.route, things))
        .replace("{token}", token(spec.route, things))
        .replace("{logo}", things.logo.as_str())
        .replace("{name}", &things.asset);
    assert!(!path.contains('{'), "{path}: what goes into the braces?");
    match spec.route {
        Route::DeviceReview | Route::DeviceResult => format!("{path}?grant={}", things.grant),
        Route::DeviceAnywhereReview | Route::DeviceAnywhereResult => format!("{path}?grant={}", things.anywhere_grant),
        Route::PortalScope => url::portal_scope(org, SCOPE),
        _ => path,
    }
}

/// The provider in a route's path.
fn provider(route: Route, things: &Side) -> String {
    match route {
        Route::UpstreamStart | Route::UpstreamCallback | Route::LinkUpstream => "idp".to_owned(),
        _ => things.provider.to_string(),
    }
}

/// The capability in the path of a letter's link.
fn token(route: Route, things: &Side) -> &str {
    match route {
        Route::LoginDecision | Route::LoginDecide => &things.login_token,
        Route::ResetLink | Route::ResetComplete => &things.reset,
        Route::RegisterLink | Route::RegisterComplete => &things.registration,
        Route::EmailLink | Route::EmailLinkSubmit => &things.by_email.token,
        Route::InvitationAccept => &things.asked_over,
        Route::EmailChangeLink | Route::EmailChangeConfirm => &things.other_address,
        _ => &things.invitation_token,
    }
}

/// The paths of all GET routes with acme's ids.
pub fn get_paths(stage: &Stage) -> Vec<(&'static RouteSpec, String)> {
    let gets = routes::TABLE.iter().filter(|spec| spec.method == Method::Get);
    gets.map(|spec| (spec, path(spec, &stage.acme.org, &stage.acme))).collect()
}

/// What the form is bound to that links what waits in the browser with this cookie.
pub fn link_object(cookie: &str) -> String {
    base64url(Digest::of(Purpose::PendingLink, cookie).bytes())
}

/// What a route's form is for: the action's name and the object that `things` has for it.
pub fn purpose(spec: &RouteSpec, org: &OrgId, things: &Side) -> (&'static str, String) {
    let application = if spec.route == Route::PortalRotateSecret { things.cs.id } else { things.cd.id };
    match spec.route {
        // The object is the request that the page has shown, and when; here, one that says nothing.
        Route::Consent => ("consent", format!("{org}  ")),
        Route::ConsentAnother => ("consent-another", format!("{org}  ")),
        Route::EmbeddedDecide => ("embedded-consent", format!("{org}  ")),
        Route::UpstreamStart => ("upstream", "idp".to_owned()),
        Route::OrgUpstreamStart => ("upstream", format!("{org}/{}", things.provider)),
        Route::UpstreamLinkSubmit => ("link-upstream", link_object(&things.pending_link)),
        Route::LinkUpstream => ("identity-link", "idp".to_owned()),
        Route::LinkOrgUpstream => ("identity-link", format!("{org}/{}", things.provider)),
        Route::UnlinkUpstream => ("identity-unlink", things.identity.to_string()),
        Route::PortalCreateProvider => ("provider-create", things.provider.to_string()),
        Route::PortalEditProvider => ("provider-edit", things.provider.to_string()),
        Route::PortalRemoveProvider => ("provider-remove", things.provider.to_string()),
        Route::LoginSubmit => ("login", String::new()),
        Route::RegisterSubmit => ("register", org.to_string()),
        Route::RegisterComplete => ("register-create", things.registration.clone()),
        Route::Join => ("join", org.to_string()),
        Route::EmailSignInSubmit => ("email-sign-in", String::new()),
        Route::EmailCodeSubmit => ("email-code", String::new()),
        Route::EmailLinkSubmit => ("email-confirm", things.by_email.token.clone()),
        Route::ResetSubmit => ("reset", String::new()),
        Route::ResetComplete => ("reset-choose", things.reset.clone()),
        Route::InvitationAccept => ("invitation-accept", things.asked_over.clone()),
        Route::InvitationDecline => ("invitation-decline", things.invitation_token.clone()),
        Route::InvitationRegister => ("invitation-create", things.invitation_token.clone()),
        Route::PortalInvite => ("invite", org.to_string()),
        Route::PortalMemberRole => ("member-role", things.member.to_string()),
        Route::PortalMemberRemove => ("member-remove", things.member.to_string()),
        Route::PortalInvitationResend => ("invitation-resend", things.invitation.to_string()),
        Route::PortalInvitationRevoke => ("invitation-revoke", things.invitation.to_string()),
        Route::NewDeviceContinue => ("new-device", String::new()),
        Route::NewDeviceLetter => ("new-device-letter", String::new()),
        Route::NewDeviceRecovery => ("new-device-recovery", String::new()),
        Route::LoginDecide => ("login-decision", things.login_token.clone()),
        Route::Logout => ("logout", String::new()),
        Route::DeviceContinue => ("device-code", org.to_string()),
        Route::DeviceDecision => ("device-decision", things.grant.clone()),
        Route::DeviceRelease => ("device-release", things.grant.clone()),
        Route::DeviceAnywhereContinue => ("device-code", OrgId::instance().to_string()),
        Route::DeviceAnywhereDecision => ("device-decision", things.anywhere_grant.clone()),
        Route::DeviceAnywhereRelease => ("device-release", things.anywhere_grant.clone()),
        Route::ChangeProfile => ("profile-change", String::new()),
        Route::ChangeEmail => ("email-change", String::new()),
        Route::EmailChangeConfirm => ("email-change-confirm", things.other_address.clone()),
        Route::ExportAccount => ("account-export", String::new()),
        Route::DeleteAccount => ("account-delete", String::new()),
        Route::EndSession => ("session-end", things.session.to_string()),
        Route::EndOtherSessions => ("session-end-others", String::new()),
        Route::ForgetDevice => ("browser-forget", things.device.to_string()),
        Route::ForgetDevices => ("browser-forget-all", String::new()),
        Route::ChangePassword => ("password-change", String::new()),
        Route::BeginTotp => ("totp-begin", String::new()),
        Route::ConfirmTotp => ("totp-confirm", String::new()),
        Route::RemoveTotp => ("totp-remove", String::new()),
        Route::MakeRecoveryCodes => ("recovery-codes", String::new()),
        Route::LoginFactorSubmit => ("login-factor", String::new()),
        Route::StepUpSubmit | Route::StepUpOptions => ("step-up", String::new()),
        Route::PasskeyOptions | Route::PasskeySubmit => ("login-passkey", String::new()),
        Route::AddPasskeyOptions | Route::AddPasskey => ("passkey-add", String::new()),
        Route::RenamePasskey => ("passkey-rename", things.passkey.to_string()),
        Route::RemovePasskey => ("passkey-remove", things.passkey.to_string()),
        Route::Disconnect => ("disconnect", format!("{org}/{application}")),
        Route::PortalCreateApplication => ("application-create", format!("{org} {application}")),
        Route::PortalEditApplication => ("application-edit", application.to_string()),
        Route::PortalDisableApplication => ("application-disable", application.to_string()),
        Route::PortalEnableApplication => ("application-enable", application.to_string()),
        Route::PortalDeleteApplication => ("application-delete", application.to_string()),
        Route::PortalRotateSecret => ("application-secret", application.to_string()),
        Route::PortalEditSignIn => ("sign-in-settings", org.to_string()),
        Route::PortalEditSettings => ("org-settings", org.to_string()),
        Route::PortalDeleteOrganization => ("org-delete", org.to_string()),
        Route::CreateOrganization => ("organization-create", String::new()),
        Route::LeaveOrganization => ("organization-leave", org.to_string()),
        Route::PortalEditDeviceLogin => ("device-login", org.to_string()),
        Route::PortalRotateSigningKey => ("signing-key", org.to_string()),
        Route::PortalAddResource => ("resource-add", org.to_string()),
        Route::PortalRemoveResource => ("resource-remove", format!("{org} {RESOURCE}")),
        Route::PortalCreateScope => ("scope-create", org.to_string()),
        Route::PortalEditScope => ("scope-edit", format!("{org} {SCOPE}")),
        Route::PortalRemoveScope => ("scope-remove", format!("{org} {SCOPE}")),
        Route::MakeKey => ("key-make", things.key_id.to_string()),
        Route::RevokeKey => ("key-revoke", things.key_id.to_string()),
        Route::PortalRevokeKey => ("portal-key-revoke", things.key_id.to_string()),
        Route::PortalRevokeDevice => ("device-revoke", things.family.clone()),
        Route::PortalExportAudit => ("audit-export", org.to_string()),
        other => panic!("{other:?} takes a form: say here what its token is bound to"),
    }
}

impl Browser<'_> {
    /// The token that a page would give this browser for this purpose, whether or not there is such a page.
    pub fn token_for(&self, (action, object): (&str, &str)) -> String {
        let cookie = |name: &str, purpose| Some(Digest::of(purpose, &self.cookie(name)?));
        let bearer = cookie("doorward_session", Purpose::Session)
            .or_else(|| cookie("doorward_presession", Purpose::PreSession))
            .unwrap();
        csrf::token(&keyring().key(Purpose::Csrf), Bearer(&bearer), FormPurpose { action, object })
    }
}

impl TestApp {
    /// Gives an organization a resource.
    pub async fn resource(&self, org: &OrgId, uri: &str) {
        let (org, now) = (org.clone(), self.clock.moment().now());
        let resource = Resource { uri: ResourceUri::parse(uri).unwrap(), name: format!("Service of {org}") };
        assert!(self.write(move |conn| store::tables::resources::insert(conn, &org, &resource, now)).await, "{uri}");
    }

    /// Makes recovery codes for a user, in place of all before, and gives one of them.
    pub async fn recovery_code(&self, user: UserId) -> String {
        let by = By::operator(&self.clock.moment());
        let codes = self.write(move |conn| login::recovery::make(conn, user, &by)).await;
        login::recovery::shown(&codes[0])
    }

    /// Makes a user with a password.
    pub async fn user_with_password(&self, email: &str, password: &str, memberships: &[(&OrgId, Role)]) -> UserId {
        let user = self.user(email, memberships).await;
        let hash: Secret = login::password::hash_now(password).unwrap();
        self.write(move |conn| store::tables::users::set_password(conn, user, &hash)).await;
        user
    }
}
