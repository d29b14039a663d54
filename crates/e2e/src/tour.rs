//! The way through every page of a running server, for whoever wants to look at each of them.

mod admins;
mod guests;
mod members;
mod new_browsers;

use serde_json::json;

use crate::acme::{Acme, EMAIL, ORGANIZATION, PASSWORD, SCOPE};
use crate::authenticator_app;
use crate::chromium::Chromium;
use crate::database::Engine;
use crate::identity_provider::IdentityProvider;
use crate::mail::MailServer;
use crate::server::Server;
use crate::wait::until;

/// Another member than Acme's owner.
const MEMBER: &str = "bob@acme.example";
/// As long as a name may be.
const LONG: &str = "Quarterly consolidated reporting workstation of the northern manufacturing group";

/// Whether this is the page with this heading, and all of it is there.
const IS_THERE: &str = "
    return document.readyState === 'complete' && document.querySelector('h1')?.innerText.trim() === arguments[0];
";

/// Leads the browser from page to page; `look` is called with each and its name. Names are unlike.
///
/// # Panics
/// When the way does not lead where it should.
pub async fn walk(look: impl AsyncFnMut(&Chromium, &str)) {
    let mut tour = Tour::begin(look).await;
    tour.guests().await;
    tour.members().await;
    tour.admins().await;
    tour.new_browsers().await;
}

struct Tour<Look> {
    chromium: Chromium,
    acme: Acme,
    provider: IdentityProvider,
    mail: MailServer,
    look: Look,
}

impl<Look: AsyncFnMut(&Chromium, &str)> Tour<Look> {
    async fn begin(look: Look) -> Self {
        let mail = MailServer::start().await;
        let mut server = Server::on(Engine::Sqlite);
        server.set("MAIL_URL", &mail.url());
        server.set("ORG_CREATION", "anyone");
        let provider = IdentityProvider::beside(&mut server).await;
        let mut acme = Acme::in_server(server);
        let server = &mut acme.server;
        server.json(&["org", "set", ORGANIZATION, "--registration", "open"], "");
        let member = ["user", "create", "--email", MEMBER, "--name", "Bob", "--verified", "--password-stdin"];
        server.json(&member, PASSWORD);
        server.json(&["org", "create", "beta", "--name", "Beta Laboratories"], "");
        server.json(&["org", "set", "beta", "--new-device", "off"], "");
        server.json(&["member", "add", "--org", "beta", "--email", EMAIL], "");
        let grants = ["--public", "--grant", "device_code", "--grant", "refresh_token"];
        server.json(&[&["app", "create", "--org", ORGANIZATION, "--name", LONG], &grants[..]].concat(), "");
        server.start().await;
        Self { chromium: Chromium::start().await, acme, provider, mail, look }
    }

    /// Waits for the page with this heading, and has it looked at.
    async fn see(&mut self, name: &str, heading: &str) {
        let is_there = until(heading, async || {
            let there = self.chromium.driver().execute(IS_THERE, vec![json!(heading)]).await;
            there.ok()?.convert().ok().filter(|there| *there)
        });
        if tokio::time::timeout(crate::wait::PATIENCE / 3, is_there).await.is_err() {
            panic!("the page {name} is not headed {heading:?}: {}", self.chromium.text().await);
        }
        (self.look)(&self.chromium, name).await;
    }

    /// Goes to a path of the server, and sees what is there.
    async fn at(&mut self, path: &str, name: &str, heading: &str) {
        self.open(path).await;
        self.see(name, heading).await;
    }

    async fn open(&self, path: &str) {
        self.chromium.open(&format!("{}{path}", self.acme.server.url())).await;
    }

    async fn follow(&self, link: &str) {
        self.chromium.named(&["link"], link).await.click().await.expect("a link that can be followed");
    }

    async fn choose(&self, choice: &str) {
        self.chromium.named(&["radio"], choice).await.click().await.expect("a choice");
    }

    /// Signs in on the page that is shown.
    async fn sign_in(&self, email: &str, password: &str) {
        self.chromium.fill("E-mail address", email).await;
        self.chromium.fill("Password", password).await;
        self.chromium.press("Sign in").await;
    }

    /// Forgets who is signed in, and every other cookie.
    async fn forget(&self) {
        self.chromium.driver().delete_all_cookies().await.expect("a browser that forgets");
    }

    /// The link of a letter that stands after these words.
    async fn link(&self, to: &str, subject: &str, words: &str) -> String {
        let letter = self.mail.letter(to, subject).await;
        let link = letter.text.lines().find_map(|line| line.strip_prefix(words)).map(str::to_owned);
        link.unwrap_or_else(|| panic!("no {words} in {}", letter.text)).trim().to_owned()
    }

    /// A code for *Acme CLI*.
    async fn code(&self) -> (String, String) {
        let code = self.acme.device().begin(SCOPE).await;
        let get = |name: &str| code[name].as_str().expect("a code").to_owned();
        (get("device_code"), get("user_code"))
    }

    /// Enters a code where an organization's codes are entered.
    async fn enter(&self, organization: &str, user_code: &str) {
        self.open(&format!("/orgs/{organization}/device")).await;
        self.chromium.fill("Device code", user_code).await;
        self.chromium.press("Continue").await;
    }

    /// A code of the authenticator app that was set up with the address on the page that is shown.
    async fn app_code(&self) -> String {
        let address = self.chromium.ask("return document.querySelector('a[href^=\"otpauth:\"]').href").await;
        authenticator_app::code(address.as_str().expect("an address for an app"), 0).await
    }
}
