//! One live secret of every kind that anybody presents, made of the list of purposes: a new purpose does not compile before it says
//! here what there is of it.

use crate::code_flow::{SITE, address, answered, decide, of, request, with};
use crate::embedded::start;
use crate::purpose_world::World;
use crate::second_factors::totp_code;
use crate::stage::{ByEmail, by_email, invited, mail_link, other_address};
use crate::support::{App, Codes, keyring};
use issuer::opaque::Minting;
use login::attempt::Waiter;
use login::upstream::attempt::Departure;
use model::audit::By;
use model::context::Origin;
use model::id::{GrantId, LoginAttemptId, OpaqueTokenId, OrgId, UserId};
use model::login_attempt::{self, Answer, Capability, Onward};
use model::mail_link::LinkKind;
use model::opaque::{OpaqueKind, TokenPrefixes, USUAL_LIFETIME};
use model::secret::{Digest, Purpose, Secret};
use model::session::{Entrance, SessionPolicy};
use model::upstream::{Identity, Person, ProviderKey, ProviderName, SaidAddress};
use protocol::scope::Scopes;
use routes::url;
use std::net::{IpAddr, Ipv4Addr};

/// A kind of secret as somebody holds it. Where one purpose has several, each is good elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Specimen {
    /// Of a device of the organization's client, approved.
    DeviceCode,
    /// The same of the server's own client.
    DeviceCodeOfServer,
    /// The same of a program that nobody has registered.
    DeviceCodeOfAnybody,
    /// That somebody types for such a client of the organization's.
    UserCode,
    /// For one of the server's own.
    UserCodeOfServer,
    /// For a program that nobody has registered.
    UserCodeOfAnybody,
    /// Of somebody who has agreed.
    AuthorizationCode,
    /// The handle of a request that a client has posted.
    AuthorizationRequest,
    /// The way back from an app's own step after registering.
    CompletionReturn,
    /// The first of its family.
    RefreshToken,
    /// An opaque token of this kind.
    Opaque(OpaqueKind),
    /// A confidential application's.
    ClientSecret,
    /// A session's cookie.
    Session,
    /// The cookie of a browser that has asked for a letter.
    PreSession,
    /// The cookie of a browser that is known.
    KnownDevice,
    /// The cookie of a browser whose sign-in was approved.
    LoginAttempt,
    /// The number of a sign-in that waits.
    LoginNumber,
    /// The link that approves one.
    ApproveLogin,
    /// The link that denies one.
    DenyLogin,
    /// A page's form's.
    Csrf,
    /// That of a program's own page.
    CsrfOfProgram,
    /// A signed one.
    AccessToken,
    /// Of the same client and user.
    IdToken,
    /// Of somebody with an authenticator app.
    RecoveryCode,
    /// Of somebody without, whose sign-ins wait for letters.
    RecoveryCodeWithoutApp,
    /// What the app shows.
    TotpCode,
    /// The cookie of a sign-in that waits for it.
    FactorAttempt,
    /// Of an address without account.
    RegistrationLink,
    /// Of one with.
    ResetLink,
    /// In the letter to sign in with.
    SignInLink,
    /// The code in such a letter.
    SignInCode,
    /// Of an address with an account.
    Invitation,
    /// Of one without.
    InvitationOfNobody,
    /// In the letter to another address.
    EmailChangeLink,
    /// Of a browser on its way to a provider.
    UpstreamState,
    /// The cookie of an account at a provider that waits.
    PendingLink,
}

impl Specimen {
    /// All of them.
    pub fn all() -> Vec<Self> {
        Purpose::ALL.iter().flat_map(|purpose| Self::of(*purpose)).collect()
    }

    /// What somebody holds by this purpose; nothing where its secret or its key never leaves us.
    fn of(purpose: Purpose) -> Vec<Self> {
        match purpose {
            Purpose::DeviceCode => vec![Self::DeviceCode, Self::DeviceCodeOfServer, Self::DeviceCodeOfAnybody],
            Purpose::UserCode => vec![Self::UserCode, Self::UserCodeOfServer, Self::UserCodeOfAnybody],
            Purpose::AuthorizationCode => vec![Self::AuthorizationCode],
            Purpose::AuthorizationRequest => vec![Self::AuthorizationRequest],
            Purpose::CompletionReturn => vec![Self::CompletionReturn],
            Purpose::RefreshToken => vec![Self::RefreshToken],
            Purpose::OpaqueToken => OpaqueKind::ALL.map(Self::Opaque).to_vec(),
            Purpose::ClientSecret => vec![Self::ClientSecret],
            Purpose::Session => vec![Self::Session],
            Purpose::PreSession => vec![Self::PreSession],
            Purpose::KnownDevice => vec![Self::KnownDevice],
            Purpose::LoginAttempt => vec![Self::LoginAttempt],
            Purpose::LoginNumber => vec![Self::LoginNumber],
            Purpose::ApproveLogin => vec![Self::ApproveLogin],
            Purpose::DenyLogin => vec![Self::DenyLogin],
            Purpose::Csrf => vec![Self::Csrf, Self::CsrfOfProgram],
            // The key stays, and what it signs is presented.
            Purpose::SigningKey => vec![Self::AccessToken, Self::IdToken],
            Purpose::RecoveryCode => vec![Self::RecoveryCode, Self::RecoveryCodeWithoutApp],
            // The secret stays, and the codes that follow from it are presented.
            Purpose::TotpSecret => vec![Self::TotpCode],
            Purpose::FactorAttempt => vec![Self::FactorAttempt],
            Purpose::RegistrationLink => vec![Self::RegistrationLink],
            Purpose::ResetLink => vec![Self::ResetLink],
            Purpose::SignInLink => vec![Self::SignInLink, Self::SignInCode],
            Purpose::Invitation => vec![Self::Invitation, Self::InvitationOfNobody],
            Purpose::EmailChangeLink => vec![Self::EmailChangeLink],
            Purpose::UpstreamState => vec![Self::UpstreamState],
            Purpose::PendingLink => vec![Self::PendingLink],
            Purpose::Question
            | Purpose::ClaimedCode
            | Purpose::WaitingCode
            | Purpose::DataKey
            | Purpose::Budget
            | Purpose::UpstreamSecret => Vec::new(),
        }
    }
}

/// A secret, and what it takes besides where it is good.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// What is presented.
    pub text: String,
    /// The cookie of the browser that it is bound to: the session's, or the pre-session's.
    pub cookie: String,
    /// What is presented along with it.
    pub beside: String,
}

impl Made {
    /// One that takes nothing besides.
    fn alone(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl World {
    /// Makes one of a kind, of acme's owner where it is anybody's.
    pub async fn make(&self, specimen: Specimen) -> Made {
        let (app, acme) = (self.app(), &self.stage.acme);
        match specimen {
            Specimen::DeviceCode => Made::alone(self.approved(acme.cs.begin(app).await, &acme.org).await),
            Specimen::DeviceCodeOfServer => {
                Made::alone(self.approved(App::mcp().begin(app).await, &OrgId::instance()).await)
            }
            Specimen::DeviceCodeOfAnybody => {
                Made::alone(self.approved(crate::json_dialect::begin(app).await, &OrgId::instance()).await)
            }
            Specimen::UserCode => Made::alone(acme.cs.begin(app).await.user_code),
            Specimen::UserCodeOfServer => Made::alone(App::mcp().begin(app).await.user_code),
            Specimen::UserCodeOfAnybody => Made::alone(crate::json_dialect::begin(app).await.user_code),
            Specimen::AuthorizationCode => {
                let page = self.owner().get(&address(&acme.cs, &self.request())).await;
                let decided = decide(&self.owner(), &page, &acme.org, "approve").await;
                Made::alone(of(&answered(decided.location(), SITE), "code"))
            }
            Specimen::AuthorizationRequest => {
                let kept = app.form(&acme.cs.endpoint("authorize"), &self.request()).await;
                Made::alone(kept.location().split("posted=").nth(1).unwrap())
            }
            Specimen::CompletionReturn => self.way_back().await,
            Specimen::RefreshToken => Made::alone(self.token("refresh_token").await),
            Specimen::AccessToken => Made::alone(self.token("access_token").await),
            Specimen::IdToken => Made::alone(self.token("id_token").await),
            Specimen::Opaque(kind) => Made::alone(self.mint(kind).await),
            Specimen::ClientSecret => Made::alone(acme.cs.secret.clone().unwrap()),
            Specimen::Session => Made::alone(self.session(acme.owner).await),
            Specimen::PreSession => {
                let ByEmail { cookie, token, .. } = by_email(app, acme.owner_email).await;
                Made { text: cookie, beside: token, ..Made::default() }
            }
            Specimen::SignInLink => {
                let ByEmail { cookie, token, .. } = by_email(app, acme.owner_email).await;
                Made { text: token, cookie, ..Made::default() }
            }
            Specimen::SignInCode => {
                let ByEmail { cookie, code, .. } = by_email(app, acme.owner_email).await;
                Made { text: code, cookie, ..Made::default() }
            }
            Specimen::KnownDevice => Made::alone(self.known_device(acme.owner).await),
            Specimen::LoginAttempt | Specimen::LoginNumber | Specimen::ApproveLogin | Specimen::DenyLogin => {
                self.waiting(specimen).await
            }
            Specimen::Csrf => {
                let text = self.owner().token_for(("profile-change", ""));
                Made { text, cookie: self.ada.clone(), ..Made::default() }
            }
            Specimen::CsrfOfProgram => {
                let code = crate::json_dialect::begin(app).await.user_code;
                let seen = self.owner().get(&format!("/api/auth/device/lookup?user_code={code}")).await;
                Made { text: seen.at("csrf_token"), cookie: self.ada.clone(), beside: code }
            }
            Specimen::RecoveryCode => Made::alone(app.recovery_code(self.stage.both).await),
            Specimen::RecoveryCodeWithoutApp => Made::alone(app.recovery_code(acme.member).await),
            Specimen::TotpCode => {
                // Each is good once.
                app.wait(30);
                Made::alone(totp_code(&self.totp, app.clock.now()))
            }
            Specimen::FactorAttempt => self.factor_attempt(self.stage.both).await,
            Specimen::RegistrationLink => {
                Made::alone(mail_link(app, LinkKind::Registration, "linus@new.example", Some(&acme.org)).await)
            }
            Specimen::ResetLink => Made::alone(mail_link(app, LinkKind::Reset, acme.owner_email, None).await),
            Specimen::Invitation => Made::alone(invited(app, &self.stage.beta.org, acme.owner_email).await.1),
            Specimen::InvitationOfNobody => Made::alone(invited(app, &acme.org, "margaret@new.example").await.1),
            Specimen::EmailChangeLink => Made::alone(other_address(app, acme.owner).await),
            Specimen::UpstreamState => self.upstream_state().await,
            Specimen::PendingLink => Made::alone(self.pending_link().await),
        }
    }

    /// What acme's confidential application asks a browser for.
    pub fn request(&self) -> Vec<(&str, &str)> {
        with(request(&self.stage.acme.cs, SITE), &[("prompt", "consent")])
    }

    /// The way back of acme's owner, who is to take the step of the application inside a web view; beside it, its address without it.
    async fn way_back(&self) -> Made {
        let (acme, inside, now) = (&self.stage.acme, &self.inside, self.app().clock.now());
        let (org, step) = (acme.org.clone(), (acme.owner, inside.id));
        self.app().write(move |conn| store::tables::completion_steps::put(conn, &org, step, now)).await;
        let led = self.owner().get(&start(inside, &[])).await;
        let there = reqwest::Url::parse(led.header("location")).unwrap();
        let back = there.query_pairs().find(|(name, _)| name == "return_to").unwrap().1.into_owned();
        let (path, ticket) = back.strip_prefix(&self.app().public_url).unwrap().rsplit_once('=').unwrap();
        Made { text: ticket.to_owned(), cookie: self.ada.clone(), beside: format!("{path}=") }
    }

    /// The device's code of codes that acme's owner approves, for acme.
    async fn approved(&self, codes: Codes, home: &OrgId) -> String {
        let owner = self.owner();
        if home.is_instance() {
            owner.approve_anywhere(&self.stage.acme.org, &codes.user_code).await;
        } else {
            owner.approve(home, &codes.user_code).await;
        }
        codes.device_code
    }

    async fn token(&self, which: &str) -> String {
        let tokens = self.stage.acme.cs.log_in(self.app(), &self.owner()).await;
        tokens[which].as_str().unwrap().to_owned()
    }

    /// An opaque token of acme's owner, of the client that the server itself has.
    async fn mint(&self, kind: OpaqueKind) -> String {
        let (moment, client) = (self.app().clock.moment(), App::mcp());
        let minting = Minting {
            id: OpaqueTokenId::draw(&moment),
            kind,
            name: "Specimen".to_owned(),
            org_id: self.stage.acme.org.clone(),
            grant_id: Some(GrantId::draw(&moment)),
            home_org_id: client.org,
            application_id: client.id,
            user_id: self.stage.acme.owner,
            scopes: Scopes::parse("read").unwrap(),
            resources: Vec::new(),
            lifetime: USUAL_LIFETIME,
        };
        let by = By::operator(&moment);
        let minted = move |conn: &mut store::Conn| {
            Ok(issuer::opaque::mint(conn, minting.clone(), &TokenPrefixes::default(), &by)?.1.expose().clone())
        };
        self.app().write(minted).await
    }

    async fn known_device(&self, user: UserId) -> String {
        let moment = self.app().clock.moment();
        let remember = move |conn: &mut store::Conn| {
            let policy = SessionPolicy::default();
            Ok(login::known_device::remember(conn, user, None, (&moment, &origin()), &policy)?.1.unwrap())
        };
        self.app().write(remember).await.expose().clone()
    }

    /// A sign-in that waits, and its browser's pre-session.
    pub async fn wait(&self, user: UserId) -> (LoginAttemptId, String) {
        let moment = self.app().clock.moment();
        let cookie = Secret::draw(&moment).expose().clone();
        let waiter = Waiter { browser: Digest::of(Purpose::PreSession, &cookie), onward: onward(), keys: keyring() };
        let waiting = self.app().write(move |conn| {
            let user = store::tables::users::by_id(conn, user)?.unwrap();
            login::attempt::open(conn, &user, &waiter, (None, &Entrance::Account), (&moment, &origin()))
        });
        (waiting.await.unwrap().attempt.id, cookie)
    }

    /// What belongs to a sign-in of acme's owner that waits; where it is the waiting browser's own, approved.
    async fn waiting(&self, specimen: Specimen) -> Made {
        let (keys, (id, cookie)) = (keyring(), self.wait(self.stage.acme.owner).await);
        let (number, approve) = (login_attempt::number(&keys, id), Capability::Approve);
        let link = |capability: Capability| capability.token(&keys, id).expose().clone();
        match specimen {
            Specimen::LoginNumber => Made { text: number.to_string(), beside: link(approve), ..Made::default() },
            Specimen::ApproveLogin => Made::alone(link(approve)),
            Specimen::DenyLogin => Made::alone(link(Capability::Deny)),
            _ => {
                let moment = self.app().clock.moment();
                let decided = self.app().write(move |conn| {
                    let answer = Answer::Approve { number: Some(number) };
                    login::attempt::decide(conn, (approve, id), answer, &keyring(), (&moment, &origin()))
                });
                assert_eq!(decided.await, login_attempt::Answered::Approved);
                Made { text: login_attempt::cookie(&keys, id).expose().clone(), cookie, ..Made::default() }
            }
        }
    }

    async fn factor_attempt(&self, user: UserId) -> Made {
        let moment = self.app().clock.moment();
        let cookie = Secret::draw(&moment).expose().clone();
        let browser = Digest::of(Purpose::PreSession, &cookie);
        let opened = self.app().write(move |conn| {
            let user = store::tables::users::by_id(conn, user)?.unwrap();
            let entrance = (None, &Entrance::Account);
            login::factor_attempt::open(conn, &user, (&browser, &onward()), entrance, &moment)
        });
        Made { text: opened.await.expose().clone(), cookie, ..Made::default() }
    }

    async fn upstream_state(&self) -> Made {
        let moment = self.app().clock.moment();
        let cookie = Secret::draw(&moment).expose().clone();
        let departure = Departure {
            browser: Digest::of(Purpose::PreSession, &cookie),
            provider: ProviderKey::Operators(ProviderName::parse("idp").unwrap()),
            user_id: None,
            next: url::ORGANIZATIONS.to_owned(),
        };
        let opened = self.app().write(move |conn| {
            let secrets = login::upstream::attempt::open(conn, &departure, &keyring(), (&moment, &origin()))?;
            Ok(secrets.unwrap().state.expose().clone())
        });
        Made { text: opened.await, cookie, ..Made::default() }
    }

    async fn pending_link(&self) -> String {
        let (moment, acme) = (self.app().clock.moment(), &self.stage.acme);
        let identity = Identity {
            provider: ProviderKey::Organizations(acme.org.clone(), acme.provider),
            issuer: self.stage.idp.url.clone(),
            subject: "specimen".to_owned(),
        };
        let address = Some(SaidAddress { email: acme.owner_email.to_owned(), verified: true });
        let person = Person { identity, address, name: None };
        let waits = move |conn: &mut store::Conn| {
            Ok(login::upstream::link::wait(conn, &person, url::ORGANIZATIONS, &moment)?.unwrap().expose().clone())
        };
        self.app().write(waits).await
    }
}

fn origin() -> Origin {
    Origin::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "Firefox (Linux)")
}

fn onward() -> Onward {
    Onward { next: url::ORGANIZATIONS.to_owned(), remember: false }
}
