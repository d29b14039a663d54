//! A request as it stands in an address: what the app has sent, and what we have added on the way.

use model::id::{OrgId, UserId};
use model::name::DisplayName;
use model::user::email_key;
use protocol::error::OAuthError;
use protocol::params::Params;
use routes::url;

/// In our own addresses: who goes on though the app means another.
const CHOSEN: &str = "chosen";

/// In our own addresses: the browser comes from a form of ours.
const FROM_FORM: &str = "from_form";

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The query as the app has sent it.
    pub text: String,
    /// The same, read.
    pub params: Params,
    /// Who goes on though the app means another.
    pub chosen: Option<UserId>,
    /// Whether the browser comes from a form of ours, which may not lead to other sites.
    pub from_form: bool,
    /// What proves that somebody comes back from the app's own step.
    pub way_back: Option<String>,
}

impl Request {
    /// Reads a query.
    ///
    /// # Errors
    /// Where it is not well-formed.
    pub fn read(query: &str) -> Result<Self, OAuthError> {
        let own =
            |piece: &&str| [CHOSEN, FROM_FORM, url::WAY_BACK].contains(&piece.split('=').next().unwrap_or_default());
        let (ours, theirs): (Vec<&str>, Vec<&str>) = query.split('&').partition(own);
        let (text, ours) = (theirs.join("&"), Params::parse(ours.join("&").as_bytes())?);
        Ok(Self {
            params: Params::parse(text.as_bytes())?,
            text,
            chosen: ours.get(CHOSEN).and_then(|id| id.parse().ok()),
            from_form: ours.has(FROM_FORM),
            way_back: ours.get(url::WAY_BACK).map(str::to_owned),
        })
    }

    /// The same without what we have added: as it comes from an app.
    #[must_use]
    pub fn as_sent(self) -> Self {
        Self { chosen: None, from_form: false, way_back: None, ..self }
    }

    /// Its page.
    pub fn page(&self, org: &OrgId) -> String {
        url::embedded(org, &self.with(self.chosen, false))
    }

    /// The same, to come to from a form.
    pub fn page_after_form(&self, org: &OrgId) -> String {
        url::embedded(org, &self.with(self.chosen, true))
    }

    /// The same for `user`, who goes on though the app means another.
    pub fn page_for(&self, org: &OrgId, user: UserId) -> String {
        url::embedded(org, &self.with(Some(user), false))
    }

    fn with(&self, chosen: Option<UserId>, from_form: bool) -> String {
        let mut query = self.text.clone();
        if let Some(chosen) = chosen {
            query.push_str(&format!("&{CHOSEN}={chosen}"));
        }
        if from_form {
            query.push_str(&format!("&{FROM_FORM}=1"));
        }
        query
    }

    /// What it says about whoever is to register: anybody's word, to be filled in where they can change it.
    pub fn hints(&self) -> Hints {
        let said = |name| self.params.get(name).unwrap_or_default();
        let name = [said("first_name"), said("last_name")].join(" ");
        let email = self.params.get("login_hint").filter(|hint| email_key(hint).is_some());
        Hints {
            email: email.unwrap_or_default().trim().to_owned(),
            name: DisplayName::parse(&name).map(String::from).unwrap_or_default(),
        }
    }
}

/// What an app says about somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Their address; empty where it says none.
    pub email: String,
    /// Their name; empty where it says none.
    pub name: String,
}

impl Hints {
    /// Those of the request that somebody is on the way to at `next`; none where they are on the way to something else.
    pub fn on_the_way(next: &str) -> Self {
        let org = url::organization_of(next);
        let request = org.as_ref().and_then(|org| url::embedded_request_of(org, next));
        request.and_then(|query| Request::read(query).ok()).map(|request| request.hints()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acme() -> OrgId {
        OrgId::parse("acme").unwrap()
    }

    #[test]
    fn what_we_have_added_is_no_part_of_the_request() {
        let user = "01890a5d-ac96-774b-bcce-b302099a8057".parse::<UserId>().unwrap();
        let request = Request::read("client_id=a&state=b%26c").unwrap();
        let there =
            url::embedded_request_of(&acme(), &request.page_for(&acme(), user)).map(Request::read).unwrap().unwrap();
        assert_eq!(
            (there.text.as_str(), there.chosen, there.from_form),
            ("client_id=a&state=b%26c", Some(user), false)
        );
        let later = there.page_after_form(&acme());
        assert!(later.ends_with(&format!("&chosen={user}&from_form=1")), "{later}");
        let sent = Request::read("client_id=a&chosen=x&from_form=1&way_back=y").unwrap().as_sent();
        assert_eq!(sent.page(&acme()), "/orgs/acme/embedded?client_id=a");
        assert!(Request::read("a=1&a=2").is_err() && Request::read("chosen=1&chosen=2").is_err());
    }

    #[test]
    fn hints_are_taken_where_they_can_be() {
        let page = |query: &str| url::embedded(&acme(), query);
        let hints = |email: &str, name: &str| Hints { email: email.to_owned(), name: name.to_owned() };
        for (query, expected) in [
            (
                "login_hint=ada%40acme.example&first_name=Ada&last_name=Lovelace",
                hints("ada@acme.example", "Ada Lovelace"),
            ),
            ("first_name=Ada", hints("", "Ada")),
            ("login_hint=01890a5d-ac96-774b-bcce-b302099a8057", hints("", "")),
            ("login_hint=not+an+address&last_name=%E2%80%AEeve", hints("", "")),
        ] {
            assert_eq!(Hints::on_the_way(&page(query)), expected, "{query}");
        }
        assert_eq!(Hints::on_the_way("/orgs/acme/device?login_hint=ada%40acme.example"), Hints::default());
        assert_eq!(Hints::on_the_way("https://evil.example/?login_hint=ada%40acme.example"), Hints::default());
    }
}
