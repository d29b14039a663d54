//! A browser without scripts: it keeps cookies, follows redirects, fills forms and sends them with the headers that real
//! browsers send.

use std::collections::BTreeMap;

use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, ORIGIN, REFERER, SET_COOKIE};
use reqwest::{Client, Method, StatusCode};
use url::Url;

use crate::html::{self, Form};

/// One person's browser, on one page at a time.
#[derive(Debug)]
pub struct FormBrowser {
    http: Client,
    origin: Url,
    cookies: BTreeMap<String, String>,
    page: Page,
}

/// The page that is shown.
#[derive(Debug)]
pub struct Page {
    /// Its address, after redirects.
    pub url: Url,
    /// The status that it came with.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its source.
    pub html: String,
}

impl Page {
    /// What a person reads on it.
    pub fn text(&self) -> String {
        html::text(&self.html)
    }

    /// Whether a button of this name is there to press.
    pub fn has_button(&self, label: &str) -> bool {
        html::forms(&self.html).iter().any(|form| form.buttons.iter().any(|button| button.label == label))
    }
}

impl FormBrowser {
    /// A fresh browser that only ever visits this server.
    ///
    /// # Panics
    /// When the address is none.
    pub fn new(origin: &str) -> Self {
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("an HTTP client");
        let origin = Url::parse(origin).expect("the server's address");
        let page = Page { url: origin.clone(), status: StatusCode::OK, headers: HeaderMap::new(), html: String::new() };
        Self { http, origin, cookies: BTreeMap::new(), page }
    }

    /// From now on meets this address, as behind a load balancer that sends the next request to another node.
    ///
    /// # Panics
    /// When the address is none.
    pub fn move_to(&mut self, origin: &str) {
        self.origin = Url::parse(origin).expect("the server's address");
        let (host, port) = (self.origin.host_str().map(str::to_owned), self.origin.port());
        // The page stays, as its forms are sent to whichever node is next.
        self.page
            .url
            .set_host(host.as_deref())
            .and_then(|()| self.page.url.set_port(port).map_err(|()| url::ParseError::InvalidPort))
            .expect("a host and a port");
    }

    /// The page that is shown.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The cookies that it keeps, by name.
    pub fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Goes to an address, which may be a path.
    ///
    /// # Panics
    /// When it leads off the server or can't be reached.
    pub async fn open(&mut self, address: &str) -> &Page {
        let url = self.origin.join(address).expect("an address");
        self.visit(Method::GET, url, None).await
    }

    /// Follows the link of this name.
    ///
    /// # Panics
    /// When there is none: the page is shown.
    pub async fn follow(&mut self, link: &str) -> &Page {
        let links = html::links(&self.page.html);
        let Some((_, address)) = links.iter().find(|(label, _)| label == link) else {
            panic!("no link {link:?} at {} ({}): {}", self.page.url, self.page.status, self.page.text());
        };
        let url = self.page.url.join(address).expect("an address");
        self.visit(Method::GET, url, None).await
    }

    /// Fills the form that has this button and presses it. Fields that are not named keep what the page put into them.
    ///
    /// # Panics
    /// When no form has such a button or such fields: the page is shown.
    pub async fn press(&mut self, button: &str, fields: &[(&str, &str)]) -> &Page {
        let forms = html::forms(&self.page.html);
        let found = forms.iter().find_map(|form| Some((form, form.buttons.iter().find(|b| b.label == button)?)));
        let Some((form, button)) = found else {
            panic!("no button {button:?} at {} ({}): {}", self.page.url, self.page.status, self.page.text());
        };
        let mut values = filled(form, fields, &self.page);
        values.extend(button.field.clone());
        let action = button.action.as_ref().unwrap_or(&form.action);
        let mut url = self.page.url.join(action).expect("an address");
        if !form.post {
            url.query_pairs_mut().clear().extend_pairs(values);
            return self.visit(Method::GET, url, None).await;
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(values).finish();
        self.visit(Method::POST, url, Some(body)).await
    }

    async fn visit(&mut self, method: Method, url: Url, body: Option<String>) -> &Page {
        let (mut method, mut url, mut body) = (method, url, body);
        for _ in 0..10 {
            assert_eq!(url.origin(), self.origin.origin(), "led off the server, to {url}");
            let mut request = self.http.request(method.clone(), url.clone());
            request = request.header("Sec-Fetch-Mode", "navigate").header("Sec-Fetch-Dest", "document");
            let site = if self.page.html.is_empty() { "none" } else { "same-origin" };
            request = request.header("Sec-Fetch-Site", site);
            if !self.page.html.is_empty() {
                request = request.header(REFERER, self.page.url.as_str());
            }
            if !self.cookies.is_empty() {
                let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
                request = request.header(COOKIE, pairs.join("; "));
            }
            if let Some(form) = body.take() {
                request = request.header(ORIGIN, self.origin.origin().ascii_serialization());
                request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
            }
            let answer = request.send().await.unwrap_or_else(|why| panic!("{method} {url}: {why}"));
            let (status, headers) = (answer.status(), answer.headers().clone());
            self.keep_cookies(&headers);
            if let Some(location) = headers.get(LOCATION).filter(|_| status.is_redirection()) {
                // 307 and 308 would send the form again; no page of ours may ask for that.
                assert!(!matches!(status.as_u16(), 307 | 308), "{url} redirects with {status}");
                let location = location.to_str().expect("an address in plain letters");
                (method, url) = (Method::GET, url.join(location).expect("an address"));
                continue;
            }
            let html = answer.text().await.expect("a page");
            self.page = Page { url, status, headers, html };
            return &self.page;
        }
        panic!("redirected in circles, last to {url}");
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let mut parts = cookie.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let ended = parts.any(|attribute| attribute.eq_ignore_ascii_case("Max-Age=0"));
            if ended || value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn filled(form: &Form, fields: &[(&str, &str)], page: &Page) -> Vec<(String, String)> {
    let mut values = form.fields.clone();
    for &(name, value) in fields {
        assert!(form.names.iter().any(|known| known == name), "no field {name} at {}: {}", page.url, page.text());
        values.retain(|(known, _)| known != name);
        values.push((name.to_owned(), value.to_owned()));
    }
    values
}
