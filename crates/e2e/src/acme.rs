//! The organization that most tests happen in: Acme Corp, its owner Ada, and a command-line program that signs people in.

use reqwest::StatusCode;

use crate::cli::Cli;
use crate::database::Engine;
use crate::device::Device;
use crate::form_browser::{FormBrowser, Page};
use crate::server::Server;

/// Acme's orgId.
pub const ORGANIZATION: &str = "acme-corp";
/// Ada's address.
pub const EMAIL: &str = "ada@acme.example";
/// Ada's password.
pub const PASSWORD: &str = "rust-colored tandem bicycle 7";
/// What the program may ask for, and asks for.
pub const SCOPE: &str = "openid profile email offline_access";
/// The sentence of the tick that an approval needs.
pub const TICK: &str = "I started this on a device in front of me";

/// A server with Acme Corp in it.
#[derive(Debug)]
pub struct Acme {
    /// The server; its request limits are off.
    pub server: Server,
    /// The program *Acme CLI*, public, with device codes and refresh tokens.
    pub client_id: String,
}

impl Acme {
    /// Makes organization, owner and application by the operator's commands, then starts the server.
    ///
    /// # Panics
    /// When a command fails or the server does not start.
    pub async fn on(engine: Engine) -> Self {
        let mut acme = Self::prepared(engine);
        acme.server.start().await;
        acme
    }

    /// The same without starting the server.
    ///
    /// # Panics
    /// When a command fails.
    pub fn prepared(engine: Engine) -> Self {
        Self::in_server(Server::on(engine))
    }

    /// The same in this server, which has an empty database.
    ///
    /// # Panics
    /// When a command fails.
    pub fn in_server(mut server: Server) -> Self {
        server.set("LIMITS", "off");
        let organization = server.json(&["org", "create", ORGANIZATION, "--name", "Acme Corp"], "");
        // Tests sign in from one new browser after the other; what becomes of that has tests of its own.
        server.json(&["org", "set", ORGANIZATION, "--new-device", "off"], "");
        assert_eq!(organization["issuer"], format!("{}/orgs/{ORGANIZATION}", server.url()));
        let owner = ["--org", ORGANIZATION, "--role", "owner", "--password-stdin", "--verified"];
        let owner = [&["user", "create", "--email", EMAIL, "--name", "Ada"], &owner[..]].concat();
        server.json(&owner, &format!("{PASSWORD}\n"));
        let grants = ["--grant", "device_code", "--grant", "refresh_token", "--scope", SCOPE];
        let program =
            [&["app", "create", "--org", ORGANIZATION, "--name", "Acme CLI", "--public"], &grants[..]].concat();
        let client_id = server.json(&program, "")["client_id"].as_str().expect("a client_id").to_owned();
        Self { server, client_id }
    }

    /// Acme's issuer.
    pub fn issuer(&self) -> String {
        format!("{}/orgs/{ORGANIZATION}", self.server.url())
    }

    /// A device on which *Acme CLI* runs.
    pub fn device(&self) -> Device {
        Device::new(&self.server.url(), ORGANIZATION, &self.client_id)
    }

    /// A fresh `doorward` program for Acme.
    pub fn cli(&self) -> Cli {
        Cli::new(&self.server, ORGANIZATION)
    }

    /// A fresh browser without scripts.
    pub fn browser(&self) -> FormBrowser {
        FormBrowser::new(&self.server.url())
    }

    /// Signs Ada in, in a browser that she has not used before; only her first can be.
    ///
    /// # Panics
    /// When she is not let in.
    pub async fn sign_in(&self, browser: &mut FormBrowser) {
        browser.open("/login").await;
        let page = browser.press("Sign in", &[("email", EMAIL), ("password", PASSWORD)]).await;
        assert!(page.status.is_success() && page.url.path() != "/login", "{}: {}", page.url, page.text());
    }

    /// Enters a code at Acme's device page and gives what follows: the review page for someone signed in.
    ///
    /// # Panics
    /// When the page can't be had.
    pub async fn enter<'a>(&self, browser: &'a mut FormBrowser, user_code: &str) -> &'a Page {
        let page = browser.open(&format!("/orgs/{ORGANIZATION}/device")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        browser.press("Continue", &[("user_code", user_code)]).await
    }

    /// Changes settings of *Acme CLI* in the portal, by its owner, who is signed in.
    ///
    /// # Panics
    /// When they are not taken.
    pub async fn change(&self, browser: &mut FormBrowser, settings: &[(&str, &str)]) {
        browser.open(&format!("/orgs/{ORGANIZATION}/portal/applications")).await;
        browser.follow("Acme CLI").await;
        let page = browser.press("Save changes", settings).await;
        assert!(page.status.is_success(), "{}", page.text());
    }

    /// Enters a code and approves it, by someone signed in.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn approve(&self, browser: &mut FormBrowser, user_code: &str) {
        let page = self.enter(browser, user_code).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        let page = browser.press("Approve", &[("confirm", "yes")]).await;
        let result = format!("/orgs/{ORGANIZATION}/device/result");
        assert_eq!((page.status, page.url.path()), (StatusCode::OK, result.as_str()), "{}", page.text());
    }
}
