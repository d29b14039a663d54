//! What a member sees: the pages of a device, and the account's own.

use thirtyfour::By;

use super::{LONG, MEMBER, Tour};
use crate::acme::{EMAIL, ORGANIZATION, PASSWORD, TICK};
use crate::chromium::Chromium;
use crate::identity_provider::IdentityProvider;

const ENTRY: &str = "Which device do you want to connect?";
const REVIEW: &str = "Approve this device?";

impl<Look: AsyncFnMut(&Chromium, &str)> Tour<Look> {
    pub(super) async fn members(&mut self) {
        self.strangers().await;
        self.link_account().await;
        self.device().await;
        self.decided_twice().await;
        self.consents().await;
        self.account().await;
        self.keys().await;
        self.security().await;
    }

    /// Bob, who belongs to Acme alone, and is no admin there.
    async fn strangers(&mut self) {
        self.open("/login").await;
        self.sign_in(MEMBER, PASSWORD).await;
        self.at("/orgs/beta/device", "stranger", "You can't do this here").await;
        self.at(&format!("/orgs/{ORGANIZATION}/portal/applications"), "error-403", "You can't do this here").await;
        self.at("/account/profile/delete", "delete-account", "Delete account").await;
        self.chromium.fill(&format!("To confirm, type your address: {MEMBER}"), "bob@acme.test").await;
        self.chromium.press("Delete account").await;
        self.see("delete-account-wrong", "Delete account").await;
        self.forget().await;
    }

    async fn link_account(&mut self) {
        self.open("/login").await;
        IdentityProvider::say_there(&self.chromium, EMAIL).await;
        self.see("link-account", "Link your account").await;
        self.follow("Sign in").await;
        self.see("login-to-link", "Sign in").await;
        self.sign_in(EMAIL, PASSWORD).await;
        self.see("link-account-signed-in", "Link your account").await;
        self.chromium.press("Link Other Login").await;
        self.forget().await;
    }

    async fn device(&mut self) {
        let (device_code, user_code) = self.code().await;
        self.enter(ORGANIZATION, &user_code).await;
        self.see("login-on-the-way", "Sign in to Acme Corp").await;
        self.sign_in(EMAIL, PASSWORD).await;
        self.see("review", REVIEW).await;
        self.chromium.tick(TICK).await;
        self.chromium.press("Approve").await;
        self.see("result-approved", "Your device is connected").await;
        self.acme.device().poll(&device_code).await;
        self.enter(ORGANIZATION, "BCDF-GHJK").await;
        self.see("entry-wrong", ENTRY).await;
        let (_, user_code) = self.code().await;
        let filled = format!("/orgs/{ORGANIZATION}/device?user_code={user_code}");
        self.at(&filled, "entry-prefilled", ENTRY).await;
        self.chromium.press("Continue").await;
        self.chromium.press("Deny").await;
        self.see("result-denied", "This device was denied").await;
        self.at("/orgs/beta/device", "entry-beta", ENTRY).await;
    }

    /// What somebody sees whom an app sends here.
    async fn consents(&mut self) {
        const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let made =
            ["app", "create", "--org", ORGANIZATION, "--name", "Acme Reports", "--public", "--scope", "openid email"];
        let to = ["--grant", "authorization_code", "--redirect-uri", "https://reports.acme.example/callback"];
        let made = self.acme.server.json(&[&made[..], &to].concat(), "");
        let client_id = made["client_id"].as_str().expect("a client_id");
        let at = |name: &str| format!("/orgs/{ORGANIZATION}/api/v1/oauth/{name}");
        let asked = format!("response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256");
        let asked = format!("{}?client_id={client_id}&{asked}", at("authorize"));
        self.at(&asked, "consent", "Allow Acme Reports?").await;
        self.at(
            &format!("{asked}&redirect_uri=https://evil.example/"),
            "authorize-wrong",
            "This app can't sign you in",
        )
        .await;
        self.inside_app().await;
        self.at(&at("logout"), "sign-out", "Sign out?").await;
    }

    /// The pages that an app shows inside its own.
    async fn inside_app(&mut self) {
        let made = [
            "app",
            "create",
            "--org",
            ORGANIZATION,
            "--name",
            LONG,
            "--public",
            "--scope",
            "openid email",
            "--embedded",
        ];
        let made = self.acme.server.json(&made, "");
        let client_id = made["client_id"].as_str().expect("a client_id");
        let asked = format!("client_id={client_id}&response_type=token&embedded=true&scope=openid&state=x");
        let asked = format!("/oauth2/authorizations/new?{asked}");
        self.at(&asked, "consent-inside", &format!("Allow {LONG}?")).await;
        self.at(&format!("{asked}&login_hint=bob%40acme.example"), "account-choice", "Who goes on?").await;
        self.at("/oauth2/authorizations/fake_target", "embedded-end", "Back to the app").await;
    }

    /// A decision in two windows: the second one comes too late.
    async fn decided_twice(&mut self) {
        let driver = self.chromium.driver().clone();
        let (_, user_code) = self.code().await;
        self.enter(ORGANIZATION, &user_code).await;
        self.chromium.named(&["button"], "Deny").await;
        let review = driver.current_url().await.expect("an address");
        let first = driver.window().await.expect("a window");
        let second = driver.new_tab().await.expect("a tab");
        driver.switch_to_window(second).await.expect("a tab");
        self.chromium.open(review.as_str()).await;
        self.chromium.press("Deny").await;
        self.chromium.wait_for("/device/result").await;
        driver.close_window().await.expect("a tab");
        driver.switch_to_window(first).await.expect("a window");
        self.chromium.press("Deny").await;
        self.see("error-409", "This has already been decided").await;
    }

    async fn account(&mut self) {
        self.at("/orgs", "organizations", "Organizations").await;
        self.at("/orgs/new", "organization-new", "New organization").await;
        self.chromium.fill("Name", "Acme again").await;
        self.chromium.fill("Identifier", ORGANIZATION).await;
        self.chromium.press("Create organization").await;
        self.see("organization-new-wrong", "New organization").await;
        self.at("/account/connections", "connections", "Connected apps").await;
        let menu = self.chromium.driver().find(By::Css("details.account > summary")).await.expect("a menu");
        menu.click().await.expect("a menu that opens");
        self.see("connections-menu", "Connected apps").await;
        self.at("/account/profile", "profile", "Profile").await;
        self.chromium.fill("New e-mail address", "ada@lovelace.example").await;
        self.chromium.press("Change address").await;
        self.see("profile-address", "Profile").await;
        let link = self.link("ada@lovelace.example", "Use this address", "Use this address: ").await;
        self.chromium.open(&link).await;
        self.see("profile-new-address", "Use this address?").await;
        self.at("/account/profile/delete", "delete-account-owner", "Delete account").await;
        self.at("/account/sessions", "sessions", "Sessions").await;
        self.at("/account/devices", "devices", "Known browsers").await;
    }

    /// A key made by hand, at the second try.
    async fn keys(&mut self) {
        const KEYS: &str = "API keys and MCP tokens";
        self.at("/account/tokens", "tokens-none", KEYS).await;
        self.chromium.fill("Name", LONG).await;
        self.chromium.fill("Days until it expires", "999").await;
        let here = By::Css(format!("#organization option[value='{ORGANIZATION}']"));
        self.chromium.driver().find(here).await.expect("an organization").click().await.expect("a choice");
        self.chromium.press("Make it").await;
        self.see("tokens-wrong", KEYS).await;
        self.choose("API key").await;
        self.chromium.tick("See what you can see").await;
        self.chromium.fill("Days until it expires", "30").await;
        self.chromium.press("Make it").await;
        self.see("token-made", "Your API key is made").await;
        self.follow("I have kept it").await;
        self.see("tokens", KEYS).await;
    }

    async fn security(&mut self) {
        self.at("/account/security", "security", "Security").await;
        self.chromium.add_authenticator("usb").await;
        self.open("/account/security").await;
        self.chromium.fill("Name of the new passkey", "The key on my key ring").await;
        self.chromium.press_for_script("Add a passkey").await;
        self.chromium.wait_for("The passkey is added.").await;
        self.see("security-passkeys", "Security").await;
        self.chromium.press("Make new recovery codes").await;
        self.see("recovery-codes", "Recovery codes").await;
        self.at("/login/again", "step-up", "Confirm that it is you").await;
        self.chromium.fill("Password", "wrong").await;
        self.chromium.press("Confirm").await;
        self.see("step-up-wrong", "Confirm that it is you").await;
    }
}
