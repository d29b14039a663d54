//! Everything that takes a secret: which kinds it takes, and how one is presented to programs' endpoints. The pages' are in
//! [`crate::purpose_pages`].

use crate::code_flow::{SITE, VERIFIER};
use crate::purpose_specimens::Specimen;
use crate::purpose_world::World;
use crate::support::{Answer, App, TestApp};
use model::user_code::TypedCode;
use reqwest::{Method, RequestBuilder};
use routes::url;
use serde_json::json;

/// What becomes of a secret that is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does what it is for.
    Accepted,
    /// It does nothing.
    Refused,
}

impl Verdict {
    /// By the answer's status. Any other than these has another cause than the secret.
    pub fn by_status(answer: &Answer, accepted: u16, refused: &[u16]) -> Self {
        match answer.status {
            status if status == accepted => Self::Accepted,
            status if refused.contains(&status) => Self::Refused,
            status => panic!("{status}: {}", answer.text),
        }
    }

    /// By what it came to.
    pub fn accepted_if(accepted: bool) -> Self {
        if accepted { Self::Accepted } else { Self::Refused }
    }
}

macro_rules! consumers {
    ($($(#[$doc:meta])+ $consumer:ident takes $takes:pat,)+) => {
        /// What takes a secret.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Consumer { $($(#[$doc])+ $consumer,)+ }

        impl Consumer {
            /// All of them, those last that end what the others' secrets belong to.
            pub const ALL: &'static [Self] = &[$(Self::$consumer,)+];

            /// Whether this kind is good here. Any other is not, whichever there may be one day.
            pub fn takes(self, specimen: Specimen) -> bool {
                match self { $(Self::$consumer => matches!(specimen, $takes),)+ }
            }
        }
    };
}

consumers! {
    /// The device grant of an organization's token endpoint.
    DeviceGrant takes Specimen::DeviceCode,
    /// Its authorization code grant.
    CodeGrant takes Specimen::AuthorizationCode,
    /// Its refresh grant.
    RefreshGrant takes Specimen::RefreshToken,
    /// A client's secret in the form.
    SecretInForm takes Specimen::ClientSecret,
    /// The same by `Basic`.
    SecretInHeader takes Specimen::ClientSecret,
    /// The device grant of the server's own token endpoint.
    ServerDeviceGrant takes Specimen::DeviceCodeOfServer,
    /// The poll of programs that speak JSON.
    JsonPoll takes Specimen::DeviceCodeOfAnybody,
    /// Introspection by a client of the organization.
    Introspect takes Specimen::AccessToken | Specimen::RefreshToken | Specimen::Opaque(_),
    /// Introspection by a client of the server's.
    ServerIntrospect takes Specimen::Opaque(_),
    /// userinfo.
    UserInfo takes Specimen::AccessToken,
    /// The same by a form.
    UserInfoForm takes Specimen::AccessToken,
    /// `me`, by `Authorization: Bearer`.
    Me takes Specimen::AccessToken | Specimen::Opaque(_),
    /// The same by `Authorization: ApiKey`.
    MeByApiKey takes Specimen::AccessToken | Specimen::Opaque(_),
    /// The same by `X-API-Key`.
    MeByXApiKey takes Specimen::AccessToken | Specimen::Opaque(_),
    /// `me` of the server.
    ServerMe takes Specimen::Opaque(_),
    /// A program's own page, looking at a code.
    JsonLookup takes Specimen::UserCode | Specimen::UserCodeOfServer | Specimen::UserCodeOfAnybody,
    /// The same, approving.
    JsonAuthorize takes Specimen::UserCode | Specimen::UserCodeOfServer | Specimen::UserCodeOfAnybody,
    /// The same, denying.
    JsonDeny takes Specimen::UserCode | Specimen::UserCodeOfServer | Specimen::UserCodeOfAnybody,
    /// Its header against forgery.
    JsonForgery takes Specimen::CsrfOfProgram,
    /// The code field of an organization's device page.
    DevicePage takes Specimen::UserCode,
    /// That of the server's.
    ServerDevicePage takes Specimen::UserCode | Specimen::UserCodeOfServer | Specimen::UserCodeOfAnybody,
    /// The handle of a request that was posted.
    KeptRequest takes Specimen::AuthorizationRequest,
    /// The way back from an app's own step after registering.
    WayBack takes Specimen::CompletionReturn,
    /// `id_token_hint` of an authorization request.
    AuthorizeHint takes Specimen::IdToken,
    /// `id_token_hint` of a client that signs somebody out.
    LogoutHint takes Specimen::IdToken,
    /// The session's cookie.
    SessionCookie takes Specimen::Session,
    /// The cookie of a browser that has asked for a letter to sign in with.
    PreSessionCookie takes Specimen::PreSession,
    /// The cookie of a browser that is known.
    KnownDeviceCookie takes Specimen::KnownDevice,
    /// The cookie of a browser whose sign-in waits.
    LoginAttemptCookie takes Specimen::LoginAttempt,
    /// The cookie of a sign-in whose second factor is missing.
    FactorAttemptCookie takes Specimen::FactorAttempt,
    /// The cookie of an account at a provider that waits to be linked.
    PendingLinkCookie takes Specimen::PendingLink,
    /// A form's field against forgery.
    FormToken takes Specimen::Csrf,
    /// What a browser brings back from a provider.
    UpstreamCallback takes Specimen::UpstreamState,
    /// *Approve Login*.
    ApproveLogin takes Specimen::ApproveLogin,
    /// *Deny Login*. Whoever may approve may deny.
    DenyLogin takes Specimen::ApproveLogin | Specimen::DenyLogin,
    /// The number at *Approve Login*.
    LoginNumber takes Specimen::LoginNumber,
    /// The field for a second factor at the sign-in.
    FactorField takes Specimen::TotpCode | Specimen::RecoveryCode,
    /// The same where somebody proves again who they are.
    StepUpField takes Specimen::TotpCode | Specimen::RecoveryCode,
    /// The field for a recovery code where a sign-in waits.
    RecoveryField takes Specimen::RecoveryCodeWithoutApp,
    /// The field for a letter's code.
    SignInCodeField takes Specimen::SignInCode,
    /// A letter's link to sign in with.
    SignInLink takes Specimen::SignInLink,
    /// One to register with.
    RegistrationLink takes Specimen::RegistrationLink,
    /// *Decline* of an invitation.
    InvitationDecline takes Specimen::Invitation | Specimen::InvitationOfNobody,
    /// Its form for an account.
    InvitationRegister takes Specimen::InvitationOfNobody,
    /// *Join*.
    InvitationAccept takes Specimen::Invitation,
    /// Revocation by a client of the organization.
    Revoke takes Specimen::AccessToken | Specimen::RefreshToken,
    /// Revocation by a client of the server.
    ServerRevoke takes Specimen::Opaque(_),
    /// A token's own end.
    EndMe takes Specimen::AccessToken | Specimen::Opaque(_),
    /// The same at the server.
    EndServerMe takes Specimen::Opaque(_),
    /// A letter's link to a new password, which ends everything else of the account.
    ResetLink takes Specimen::ResetLink,
    /// One to another address, under which the account is found from then on.
    EmailChangeLink takes Specimen::EmailChangeLink,
}

/// `me` of the server.
const SERVER_ME: &str = "/api/v1/me";

impl Consumer {
    /// What has to be made anew before it takes another secret, besides that secret.
    pub fn companion(self) -> Option<Specimen> {
        (self == Self::FactorField).then_some(Specimen::FactorAttempt)
    }

    /// Presents a secret, with everything else right.
    pub async fn presents(self, world: &World, secret: &str) -> Verdict {
        let (app, acme) = (world.app(), &world.stage.acme);
        let get = |path: &str| app.request(Method::GET, path);
        let me = url::me(&acme.org);
        match self {
            Self::DeviceGrant => of_grant(&acme.cs.poll(app, secret).await),
            Self::CodeGrant => {
                let fields = [
                    ("grant_type", "authorization_code"),
                    ("code", secret),
                    ("redirect_uri", SITE),
                    ("code_verifier", VERIFIER),
                ];
                of_grant(&acme.cs.post(app, "token", &fields).await)
            }
            Self::RefreshGrant => of_grant(&acme.cs.refresh(app, secret).await),
            Self::SecretInForm => {
                let client = App { secret: Some(secret.to_owned()), ..acme.cs.clone() };
                Verdict::by_status(&client.client_credentials(app).await, 200, &[401])
            }
            Self::SecretInHeader => {
                let client = App { secret: Some(secret.to_owned()), ..acme.cs.clone() };
                let fields = [("grant_type", "client_credentials")];
                Verdict::by_status(&client.post_basic(app, "token", &fields).await, 200, &[401])
            }
            Self::ServerDeviceGrant => of_grant(&App::mcp().poll(app, secret).await),
            Self::JsonPoll => {
                let poll = app.request(Method::POST, "/api/auth/device/token").json(&json!({ "device_code": secret }));
                Verdict::by_status(&Answer::of(poll).await, 200, &[410])
            }
            Self::Introspect => introspected(app, &acme.cs, secret).await,
            Self::ServerIntrospect => introspected(app, &world.service, secret).await,
            Self::UserInfo => Verdict::by_status(&app.userinfo(&acme.org, secret).await, 200, &[401]),
            Self::UserInfoForm => {
                let answer = app.form(&acme.cs.endpoint("userinfo"), &[("access_token", secret)]).await;
                Verdict::by_status(&answer, 200, &[401])
            }
            Self::Me => as_token(get(&me).bearer_auth(secret), 200).await,
            Self::MeByApiKey => as_token(get(&me).header("authorization", format!("ApiKey {secret}")), 200).await,
            Self::MeByXApiKey => as_token(get(&me).header("x-api-key", secret), 200).await,
            Self::ServerMe => as_token(get(SERVER_ME).bearer_auth(secret), 200).await,
            Self::JsonLookup => {
                let path = format!("/api/auth/device/lookup?user_code={}", url::percent_encoded(secret));
                Verdict::by_status(&world.owner().get(&path).await, 200, &[404])
            }
            Self::JsonAuthorize => Verdict::by_status(&decided(world, "authorize", secret).await, 200, &[404]),
            Self::JsonDeny => Verdict::by_status(&decided(world, "deny", secret).await, 200, &[404]),
            Self::JsonForgery => {
                let code = &world.at(Specimen::CsrfOfProgram).beside;
                Verdict::by_status(&decided_with(world, "authorize", code, secret).await, 200, &[403])
            }
            Self::Revoke => revoked(app, &acme.cs, secret).await,
            Self::ServerRevoke => revoked(app, &App::mcp(), secret).await,
            Self::EndMe => as_token(app.request(Method::DELETE, &me).bearer_auth(secret), 204).await,
            Self::EndServerMe => as_token(app.request(Method::DELETE, SERVER_ME).bearer_auth(secret), 204).await,
            page => Box::pin(page.shows(world, secret)).await,
        }
    }
}

/// The token endpoint's answer: tokens, or that the grant is none.
fn of_grant(answer: &Answer) -> Verdict {
    if answer.status != 200 {
        answer.assert_error("invalid_grant");
    }
    Verdict::accepted_if(answer.status == 200)
}

async fn introspected(app: &TestApp, client: &App, token: &str) -> Verdict {
    Verdict::accepted_if(client.introspect(app, token).await["active"].as_bool().unwrap())
}

/// The answer is the same whether there was anything to revoke; the audit log knows.
async fn revoked(app: &TestApp, client: &App, token: &str) -> Verdict {
    const AUDITED: &str = "SELECT count(*) AS value FROM audit";
    let before = app.number(AUDITED).await;
    client.revoke(app, token).await.ok();
    Verdict::accepted_if(app.number(AUDITED).await > before)
}

async fn as_token(request: RequestBuilder, accepted: u16) -> Verdict {
    Verdict::by_status(&Answer::of(request).await, accepted, &[401])
}

/// A decision about a code as a program's own page sends it, with the value against forgery that is right for the code.
async fn decided(world: &World, route: &str, code: &str) -> Answer {
    let token = world.owner().token_for(("json-device-decision", TypedCode::read(code).as_str()));
    decided_with(world, route, code, &token).await
}

async fn decided_with(world: &World, route: &str, code: &str, token: &str) -> Answer {
    let body = json!({ "user_code": code, "org_id": world.stage.acme.org.as_str() });
    let request = world.owner().request(Method::POST, &format!("/api/auth/device/{route}")).json(&body);
    Answer::of(request.header("sec-fetch-site", "same-origin").header("x-csrf-token", token)).await
}
