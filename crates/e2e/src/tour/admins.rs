//! What an admin sees of the portal.

use super::{LONG, Tour};
use crate::acme::ORGANIZATION;
use crate::chromium::Chromium;

impl<Look: AsyncFnMut(&Chromium, &str)> Tour<Look> {
    pub(super) async fn admins(&mut self) {
        self.at("/orgs/beta/portal/applications", "error-403-member", "You can't do this here").await;
        self.applications().await;
        self.code().await;
        self.at(&portal("devices"), "portal-devices", "Devices").await;
        self.at(&portal("audit"), "portal-audit", "Audit log").await;
        self.at(&portal("audit?from=2026-02-30&to=x"), "portal-audit-wrong", "Audit log").await;
        self.at(&portal("audit?to=2000-01-01"), "portal-audit-none", "Audit log").await;
        self.at(&portal("members"), "portal-members", "Members").await;
        self.chromium.fill("E-mail address", "ada@acme.example").await;
        self.choose("Member").await;
        self.chromium.press("Invite").await;
        self.see("portal-members-wrong", "Members").await;
        self.at(&portal("sign-in"), "portal-sign-in", "Sign-in").await;
        self.chromium.fill("Days of grace", "999").await;
        self.chromium.press("Save changes").await;
        self.see("portal-sign-in-wrong", "Sign-in").await;
        self.at(&portal("keys"), "portal-signing-keys", "Signing keys").await;
        self.at(&portal("settings"), "portal-settings", "Settings").await;
        self.chromium.fill("Colour", "green").await;
        self.chromium.press("Save changes").await;
        self.see("portal-settings-wrong", "Settings").await;
        self.resources().await;
        self.providers().await;
    }

    async fn resources(&mut self) {
        self.at(&portal("resources"), "portal-resources", "Scopes and resources").await;
        self.at(&portal("scopes/new"), "portal-scope-new", "New scope").await;
        self.chromium.fill("Name", "two words").await;
        self.chromium.fill("Sentence", LONG).await;
        self.chromium.press("Save scope").await;
        self.see("portal-scope-wrong", "New scope").await;
        self.at(&portal("scopes/change?scope=openid"), "portal-scope", "Scope openid").await;
    }

    async fn applications(&mut self) {
        self.at(&portal("applications"), "portal-applications", "Applications").await;
        self.at(&portal("applications/new"), "portal-create", "Create an application").await;
        self.chromium.fill("Name", " ").await;
        self.chromium.press("Create application").await;
        self.see("portal-create-wrong", "Create an application").await;
        self.open(&portal("applications/new")).await;
        self.chromium.fill("Name", "Lobby screen").await;
        self.choose("Confidential").await;
        self.chromium.tick("Client credentials").await;
        self.chromium.press("Create application").await;
        self.chromium.wait_for("Copy it now").await;
        self.see("portal-secret", "Lobby screen").await;
        self.open(&portal("applications")).await;
        self.follow("Acme CLI").await;
        self.see("portal-application", "Acme CLI").await;
        self.chromium.fill("Polling interval, in seconds", "99").await;
        self.chromium.press("Save changes").await;
        self.see("portal-application-wrong", "Acme CLI").await;
    }

    async fn providers(&mut self) {
        self.at(&portal("providers"), "portal-providers-none", "Identity providers").await;
        self.at(&portal("providers/new"), "portal-provider-new", "Identity provider").await;
        for (issuer, name) in [("nothing", "portal-provider-wrong"), (self.provider.issuer().to_owned().as_str(), "")] {
            self.choose("OpenID Connect").await;
            self.chromium.fill("Name", LONG).await;
            self.chromium.fill("Issuer", issuer).await;
            self.chromium.fill("Client ID", "doorward").await;
            self.chromium.fill("Client secret", "secret").await;
            self.chromium.press("Save").await;
            if !name.is_empty() {
                self.see(name, "Identity provider").await;
            }
        }
        self.see("portal-providers", "Identity providers").await;
        self.follow(LONG).await;
        self.see("portal-provider", "Identity provider").await;
    }
}

fn portal(page: &str) -> String {
    format!("/orgs/{ORGANIZATION}/portal/{page}")
}
