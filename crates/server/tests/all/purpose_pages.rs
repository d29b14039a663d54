//! How a secret is presented to pages: by a cookie, a field, a link of a letter.

use crate::code_flow::{address, with};
use crate::page_form::PageForm;
use crate::purpose_consumers::{Consumer, Verdict};
use crate::purpose_specimens::{Made, Specimen};
use crate::purpose_world::World;
use crate::stage::{PASSWORD, link_object};
use crate::support::{Answer, Browser, keyring};
use login::known_device;
use model::id::OrgId;
use model::login_attempt::{self, Capability};
use model::secret::Purpose;
use model::upstream::{ProviderKey, ProviderName};
use routes::url;

/// The pre-session of a browser to which nothing is bound.
const GUEST: &str = "a-browser-that-nothing-anywhere-is-bound-to";

impl Consumer {
    /// Presents a secret to a page, with everything else right.
    pub async fn shows(self, world: &World, secret: &str) -> Verdict {
        let acme = &world.stage.acme;
        let (ada, guest) = (world.owner(), world.browser(&[("presession", GUEST)]));
        match self {
            Self::DevicePage => typed(&ada, &acme.org, secret).await,
            Self::ServerDevicePage => typed(&ada, &OrgId::instance(), secret).await,
            Self::KeptRequest => {
                let page = ada.get(&format!("{}?posted={secret}", acme.cs.endpoint("authorize"))).await;
                Verdict::by_status(&page, 200, &[400])
            }
            Self::WayBack => {
                let Made { cookie, beside, .. } = world.at(Specimen::CompletionReturn);
                let answer = world.browser(&[("session", cookie)]).get(&format!("{beside}{secret}")).await;
                Verdict::by_status(&answer, 303, &[400])
            }
            Self::AuthorizeHint => {
                let asked = with(world.request(), &[("prompt", "none"), ("id_token_hint", secret)]);
                let sent = ada.get(&address(&acme.cs, &asked)).await;
                assert!([302, 303].contains(&sent.status), "{} {}", sent.status, sent.text);
                Verdict::accepted_if(!sent.header("location").contains("error=invalid_request"))
            }
            Self::LogoutHint => {
                let path = format!("{}?id_token_hint={secret}", acme.cs.endpoint("logout"));
                Verdict::by_status(&ada.get(&path).await, 303, &[200])
            }
            Self::FormToken => {
                let browser = world.browser(&[("session", &world.at(Specimen::Csrf).cookie)]);
                let fields = [("csrf_token", secret), ("name", "Ada")];
                Verdict::by_status(&browser.post(url::PROFILE, &fields).await, 303, &[403])
            }
            Self::UpstreamCallback => {
                let provider = ProviderKey::Operators(ProviderName::parse("idp").unwrap());
                let path = format!("{}?state={secret}&error=access_denied", url::upstream_callback(&provider));
                let browser = world.browser(&[("presession", &world.at(Specimen::UpstreamState).cookie)]);
                led(&browser.get(&path).await, "upstream=denied", "upstream=stale")
            }
            Self::FactorField => {
                let Made { text, cookie, .. } = world.at(Specimen::FactorAttempt);
                let browser = world.browser(&[("presession", cookie), ("factor", text)]);
                let answer = send(&browser, url::LOGIN_FACTOR, ("login-factor", ""), &[("code", secret)]).await;
                Verdict::by_status(&answer, 303, &[400])
            }
            Self::StepUpField => {
                let browser = world.browser(&[("session", &world.both)]);
                let answer = send(&browser, url::STEP_UP, ("step-up", ""), &[("code", secret)]).await;
                Verdict::by_status(&answer, 303, &[400])
            }
            Self::RecoveryField => {
                let Made { text, cookie, .. } = &world.held_back;
                let browser = world.browser(&[("presession", cookie), ("attempt", text)]);
                let purpose = ("new-device-recovery", "");
                let answer = send(&browser, url::NEW_DEVICE_RECOVERY, purpose, &[("code", secret)]).await;
                Verdict::by_status(&answer, 303, &[400])
            }
            Self::SignInCodeField => {
                let browser = world.browser(&[("presession", &world.at(Specimen::SignInCode).cookie)]);
                let answer = send(&browser, url::EMAIL_CODE, ("email-code", ""), &[("code", secret)]).await;
                Verdict::by_status(&answer, 303, &[400])
            }
            Self::SignInLink => {
                let browser = world.browser(&[("presession", &world.at(Specimen::SignInLink).cookie)]);
                let answer = send(&browser, &url::email_link(secret), ("email-confirm", secret), &[]).await;
                Verdict::by_status(&answer, 303, &[410])
            }
            Self::RegistrationLink => {
                let account = [("name", "Linus"), ("password", PASSWORD)];
                let answer = send(&guest, &url::register_link(secret), ("register-create", secret), &account).await;
                Verdict::by_status(&answer, 303, &[410])
            }
            Self::InvitationDecline => {
                let path = url::invitation_decline(secret);
                let answer = send(&guest, &path, ("invitation-decline", secret), &[]).await;
                Verdict::by_status(&answer, 200, &[410])
            }
            Self::InvitationRegister => {
                let (path, account) = (url::invitation_register(secret), [("name", "Grace"), ("password", PASSWORD)]);
                let answer = send(&guest, &path, ("invitation-create", secret), &account).await;
                // 409: the invited address has an account.
                Verdict::by_status(&answer, 303, &[410, 409])
            }
            Self::InvitationAccept => {
                let answer = send(&ada, &url::invitation(secret), ("invitation-accept", secret), &[]).await;
                // 403: it is for another address.
                Verdict::by_status(&answer, 303, &[410, 403])
            }
            Self::ResetLink => {
                let new = [("password", "another horse, another staple")];
                let answer = send(&guest, &url::reset_link(secret), ("reset-choose", secret), &new).await;
                Verdict::by_status(&answer, 303, &[410])
            }
            Self::EmailChangeLink => {
                let answer = send(&ada, &url::email_change(secret), ("email-change-confirm", secret), &[]).await;
                Verdict::by_status(&answer, 303, &[410])
            }
            Self::ApproveLogin => {
                // Whichever attempt it is about, the number is that one's.
                let about = Capability::of(&keyring(), secret);
                let number = about.map_or(acme.login_number, |(_, id)| login_attempt::number(&keyring(), id));
                answers(&guest, secret, &[("decision", "approve"), ("number", &number.to_string())]).await
            }
            Self::DenyLogin => answers(&guest, secret, &[("decision", "deny")]).await,
            Self::LoginNumber => {
                let link = &world.at(Specimen::LoginNumber).beside;
                answers(&guest, link, &[("decision", "approve"), ("number", secret)]).await
            }
            cookie => cookie.reads(world, secret).await,
        }
    }

    /// Presents a secret as a cookie.
    async fn reads(self, world: &World, secret: &str) -> Verdict {
        match self {
            Self::SessionCookie => {
                let browser = world.browser(&[("session", secret)]);
                Verdict::by_status(&browser.get(url::ORGANIZATIONS).await, 200, &[303])
            }
            Self::PreSessionCookie => {
                let link = url::email_link(&world.at(Specimen::PreSession).beside);
                let page = world.browser(&[("presession", secret)]).get(&link).await.ok();
                Verdict::accepted_if(PageForm::all(&page.text).iter().any(|form| form.action == link))
            }
            Self::KnownDeviceCookie => {
                let email = world.stage.acme.owner_email;
                let suffix = known_device::cookie_suffix(&keyring().key(Purpose::KnownDevice), email);
                let browser = world.browser(&[("presession", GUEST), (&format!("device_{suffix}"), secret)]);
                let fields = [("email", email), ("password", PASSWORD)];
                led(&send(&browser, url::LOGIN, ("login", ""), &fields).await, url::ORGANIZATIONS, url::NEW_DEVICE)
            }
            Self::LoginAttemptCookie => {
                let cookie = &world.at(Specimen::LoginAttempt).cookie;
                let browser = world.browser(&[("presession", cookie), ("attempt", secret)]);
                let answer = send(&browser, url::NEW_DEVICE, ("new-device", ""), &[]).await;
                // 403: what can be no cookie of ours is none.
                Verdict::by_status(&answer, 303, &[409, 403])
            }
            Self::FactorAttemptCookie => {
                let cookie = &world.at(Specimen::FactorAttempt).cookie;
                let browser = world.browser(&[("presession", cookie), ("factor", secret)]);
                Verdict::by_status(&browser.get(url::LOGIN_FACTOR).await, 200, &[303])
            }
            Self::PendingLinkCookie => {
                let browser = world.browser(&[("session", &world.ada), ("link", secret)]);
                let purpose = ("link-upstream", &*link_object(secret));
                led(&send(&browser, url::UPSTREAM_LINK, purpose, &[]).await, url::ORGANIZATIONS, "upstream=stale")
            }
            other => panic!("{other:?} takes secrets: say here how one is presented"),
        }
    }
}

/// By where an answer leads.
fn led(answer: &Answer, accepted: &str, refused: &str) -> Verdict {
    let to = answer.location();
    let stale = to.contains(refused);
    assert!(stale || to.contains(accepted), "{to}");
    Verdict::accepted_if(!stale)
}

/// Sends a form as its page would, whether or not there is such a page.
async fn send(browser: &Browser<'_>, path: &str, purpose: (&str, &str), fields: &[(&str, &str)]) -> Answer {
    let token = browser.token_for(purpose);
    browser.post(path, &[&[("csrf_token", token.as_str())], fields].concat()).await
}

/// Types a code at the device page of an organization, or of the server.
async fn typed(browser: &Browser<'_>, home: &OrgId, code: &str) -> Verdict {
    let purpose = ("device-code", home.as_str());
    let answer = send(browser, &url::device(home), purpose, &[("user_code", code)]).await;
    if answer.status == 303 {
        assert!(answer.location().contains("/review?grant="), "{}", answer.location());
    }
    Verdict::by_status(&answer, 303, &[400])
}

/// Answers a letter about a sign-in. What is no link of ours is not found, a link for denying approves nothing, and a wrong number
/// is asked for again.
async fn answers(browser: &Browser<'_>, link: &str, fields: &[(&str, &str)]) -> Verdict {
    let answer = send(browser, &url::login_decision(link), ("login-decision", link), fields).await;
    Verdict::by_status(&answer, 200, &[404, 410, 400])
}
