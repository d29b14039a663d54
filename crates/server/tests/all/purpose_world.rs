//! A stage with one secret of every kind, and what they are presented by.

use crate::embedded::STEP;
use crate::purpose_specimens::{Made, Specimen};
use crate::stage::Stage;
use crate::support::{App, Browser, TestApp, keyring};
use model::application::ClientKind;
use model::id::{OrgId, UserId};
use model::login_attempt;
use model::opaque::OpaqueKind;
use model::redirect_uri::RedirectUri;
use model::terms::TokenProfile;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use std::collections::BTreeMap;
use testkit::Scratch;

/// A stage with one secret of every kind.
pub struct World {
    /// The stage.
    pub stage: Stage,
    /// A confidential application of the operator's.
    pub service: App,
    /// One of acme's that signs people in inside a web view, with a step of its own for who has registered.
    pub inside: App,
    /// The cookie of a session of acme's owner.
    pub ada: String,
    /// The same of somebody who has an authenticator app.
    pub both: String,
    /// The attempt's cookie of a browser in which a member's sign-in waits, with its pre-session.
    pub held_back: Made,
    /// The secret of that app.
    pub totp: String,
    made: BTreeMap<String, Made>,
}

impl World {
    /// Makes it, with a secret of each kind.
    pub async fn new(engine: Scratch) -> Self {
        let stage = Stage::new(engine).await;
        stage.open_acme().await;
        let home = OrgId::instance();
        let service = stage.app.app(&home, ClientKind::Confidential, |settings| {
            settings.grants = [GrantType::DeviceCode].into();
            settings.scopes = Scopes::parse("read").unwrap();
            settings.default_scopes = settings.scopes.clone();
            settings.tokens.kind = TokenProfile::Opaque(OpaqueKind::Mcp);
        });
        let service = service.await;
        let inside = stage.app.app(&stage.acme.org, ClientKind::Public, |settings| {
            settings.grants.clear();
            settings.embedded.enabled = true;
            settings.embedded.post_registration_url = RedirectUri::parse(STEP).ok();
        });
        let inside = inside.await;
        let totp = stage.app.signed_in(stage.both).await.set_up_totp().await;
        let (ada, both, held_back, made) = (String::new(), String::new(), Made::default(), BTreeMap::new());
        let mut world = Self { stage, service, inside, ada, both, held_back, totp, made };
        world.begin_anew().await;
        for specimen in Specimen::all() {
            world.renew(specimen).await;
        }
        world
    }

    /// The secret of a kind.
    pub fn at(&self, specimen: Specimen) -> &Made {
        &self.made[&format!("{specimen:?}")]
    }

    /// Makes another of a kind.
    pub async fn renew(&mut self, specimen: Specimen) {
        let made = self.make(specimen).await;
        self.made.insert(format!("{specimen:?}"), made);
    }

    /// Ends what there can be only so many of, and lets its people sign in once more.
    pub async fn begin_anew(&mut self) {
        self.stage.app.sql("DELETE FROM login_attempts; DELETE FROM invitations").await;
        self.forgive().await;
        self.ada = self.session(self.stage.acme.owner).await;
        self.both = self.session(self.stage.both).await;
        let (id, cookie) = self.wait(self.stage.acme.member).await;
        self.held_back =
            Made { text: login_attempt::cookie(&keyring(), id).expose().clone(), cookie, ..Made::default() };
    }

    /// Forgets guesses, so that the next is looked at too.
    pub async fn forgive(&self) {
        self.app().sql("DELETE FROM budgets; UPDATE mail_links SET wrong_codes = 0").await;
    }

    /// The server.
    pub fn app(&self) -> &TestApp {
        &self.stage.app
    }

    /// A browser with these cookies, named without what all of ours begin with.
    pub fn browser(&self, cookies: &[(&str, &str)]) -> Browser<'_> {
        let browser = self.app().browser();
        for (name, value) in cookies {
            browser.set_cookie(&format!("doorward_{name}"), value);
        }
        browser
    }

    /// A browser in which acme's owner is signed in.
    pub fn owner(&self) -> Browser<'_> {
        self.browser(&[("session", &self.ada)])
    }

    /// The cookie of a session of somebody's.
    pub async fn session(&self, user: UserId) -> String {
        self.app().signed_in(user).await.cookie("doorward_session").unwrap()
    }
}
