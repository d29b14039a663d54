//! What people see who are not signed in.

use super::{MEMBER, Tour};
use crate::acme::{EMAIL, ORGANIZATION};
use crate::chromium::Chromium;

impl<Look: AsyncFnMut(&Chromium, &str)> Tour<Look> {
    pub(super) async fn guests(&mut self) {
        self.at("/login", "login", "Sign in").await;
        self.sign_in("nobody@acme.example", "wrong").await;
        self.see("login-wrong", "Sign in").await;
        self.at("/nothing-here", "error-404", "There is no such page").await;
        self.at(&format!("/orgs/{ORGANIZATION}/device"), "entry-signed-out", "Which device do you want to connect?")
            .await;
        self.at(&format!("/orgs/{ORGANIZATION}/permissions"), "permissions", "What apps can ask for").await;
        self.email_sign_in().await;
        self.new_password().await;
        self.registration().await;
        self.invitations().await;
        self.forget().await;
    }

    async fn email_sign_in(&mut self) {
        self.at("/login/email", "email", "Sign in by e-mail").await;
        self.chromium.fill("E-mail address", EMAIL).await;
        self.chromium.press("Send the letter").await;
        self.see("email-code", "Enter the code from the letter").await;
        self.chromium.fill("Code", "12").await;
        self.chromium.press("Sign in").await;
        self.see("email-code-wrong", "Enter the code from the letter").await;
        let link = self.link(EMAIL, "Your code for", "Sign in: ").await;
        self.chromium.open(&link).await;
        self.see("email-link", "Sign in by e-mail").await;
        self.forget().await;
        self.chromium.open(&link).await;
        self.see("email-link-elsewhere", "Sign in by e-mail").await;
    }

    async fn new_password(&mut self) {
        self.at("/reset", "reset", "Forgot your password?").await;
        self.chromium.fill("E-mail address", EMAIL).await;
        self.chromium.press("Send the letter").await;
        self.see("reset-sent", "Look at your mailbox").await;
        let link = self.link(EMAIL, "Choose a new password", "New password: ").await;
        self.chromium.open(&link).await;
        self.see("reset-choose", "Choose a new password").await;
        self.chromium.fill("New password", "short").await;
        self.chromium.press("Set the password").await;
        self.see("reset-choose-wrong", "Choose a new password").await;
        self.at("/reset/nothing", "error-410", "This link doesn't work any more").await;
    }

    async fn registration(&mut self) {
        self.at("/register", "register-nowhere", "You can't do this here").await;
        self.at(&format!("/register?org={ORGANIZATION}"), "register", "Create an account at Acme Corp").await;
        self.chromium.fill("E-mail address", "carol@acme.example").await;
        self.chromium.press("Create account").await;
        self.see("register-sent", "Look at your mailbox").await;
        let link = self.link("carol@acme.example", "Create your account", "Create account: ").await;
        self.chromium.open(&link).await;
        self.see("register-choose", "Create your account").await;
    }

    async fn invitations(&mut self) {
        let mut owner = self.acme.browser();
        self.acme.sign_in(&mut owner).await;
        for invited in [MEMBER, "dave@acme.example"] {
            owner.open(&format!("/orgs/{ORGANIZATION}/portal/members")).await;
            owner.press("Invite", &[("email", invited), ("role", "member")]).await;
        }
        let link = self.link("dave@acme.example", "You are invited", "Join: ").await;
        self.chromium.open(&link).await;
        self.see("invitation", "Join Acme Corp").await;
        let link = self.link(MEMBER, "You are invited", "Join: ").await;
        self.chromium.open(&link).await;
        self.see("invitation-account", "Join Acme Corp?").await;
        self.follow("Sign in to join").await;
        self.sign_in(MEMBER, crate::acme::PASSWORD).await;
        self.see("join", "Join Acme Corp?").await;
        self.at("/orgs", "organizations-none", "Organizations").await;
        self.chromium.open(&link).await;
        self.chromium.press("Join").await;
    }
}
