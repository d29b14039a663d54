//! What is asked before a sign-in is let through: a letter for a browser that is not known, and a second factor.

use thirtyfour::By;

use super::{MEMBER, Tour};
use crate::acme::{Acme, EMAIL, ORGANIZATION, PASSWORD};
use crate::chromium::Chromium;
use crate::database::Engine;
use crate::wait::until;

const SUBJECT: &str = "Is this you signing in?";

impl<Look: AsyncFnMut(&Chromium, &str)> Tour<Look> {
    pub(super) async fn new_browsers(&mut self) {
        self.second_factor().await;
        self.waiting().await;
        self.letters().await;
    }

    async fn second_factor(&mut self) {
        self.open("/account/security").await;
        self.chromium.press("Set up authenticator app").await;
        self.see("totp-setup", "Set up an authenticator app").await;
        self.chromium.fill("Code from the app", "12").await;
        self.chromium.press("Confirm").await;
        self.see("totp-setup-wrong", "Set up an authenticator app").await;
        let code = self.app_code().await;
        self.chromium.fill("Code from the app", &code).await;
        self.chromium.press("Confirm").await;
        self.see("security-totp", "Security").await;
        self.at("/login/again", "step-up-code", "Confirm that it is you").await;
        self.forget().await;
        self.open("/login").await;
        self.sign_in(EMAIL, PASSWORD).await;
        self.see("second-factor", "One more step").await;
        self.chromium.fill("Code", "12").await;
        self.chromium.press("Sign in").await;
        self.see("second-factor-wrong", "One more step").await;
        self.forget().await;
    }

    async fn waiting(&mut self) {
        self.enter(ORGANIZATION, "BCDF-GHJK").await;
        self.see("login-providers", "Sign in to Acme Corp").await;
        self.acme.server.json(&["org", "set", ORGANIZATION, "--new-device", "unknown"], "");
        self.open("/login").await;
        self.sign_in(MEMBER, PASSWORD).await;
        self.see("new-device", "New Device Detected").await;
        self.chromium.press("Continue").await;
        self.see("new-device-not-yet", "New Device Detected").await;
        let recovery = self.chromium.driver().find(By::Css("footer summary")).await.expect("another way");
        recovery.click().await.expect("a form that unfolds");
        self.chromium.fill("Recovery code", "12").await;
        self.see("new-device-recovery", "New Device Detected").await;
        self.chromium.press("Use this code").await;
        self.see("new-device-recovery-wrong", "New Device Detected").await;
        let deny = self.link(MEMBER, SUBJECT, "Deny Login: ").await;
        self.chromium.open(&deny).await;
        self.see("login-decision-deny", "Deny this sign-in?").await;
        let approve = self.link(MEMBER, SUBJECT, "Approve Login: ").await;
        self.chromium.open(&approve).await;
        self.see("login-decision", "Is this you?").await;
        self.chromium.press("Deny Login").await;
        self.see("login-denied", "The sign-in was denied").await;
        self.chromium.open(&approve).await;
        self.see("login-nothing-to-decide", "There is nothing to decide").await;
        self.at("/login/new-device", "new-device-denied", "This sign-in was denied").await;
    }

    /// A letter, and the pages that show letters where there is no mail server.
    async fn letters(&mut self) {
        let letter = self.mail.letter(EMAIL, "Acme CLI").await;
        let file = self.acme.server.folder().join("letter.html");
        std::fs::write(&file, letter.html).expect("a file");
        self.chromium.open(&format!("file://{}", file.display())).await;
        self.see("letter", "You approved a device").await;

        let acme = Acme::on(Engine::Sqlite).await;
        acme.sign_in(&mut acme.browser()).await;
        let list = format!("{}/letters", acme.server.url());
        until("a letter", async || {
            self.chromium.open(&list).await;
            self.chromium.text().await.contains("New sign-in").then_some(())
        })
        .await;
        self.see("letters", "Letters").await;
        self.follow("New sign-in to your account").await;
        self.see("letters-letter", "New sign-in to your account").await;
    }
}
