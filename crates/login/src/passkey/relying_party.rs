//! WebAuthn itself, as the library does it. Knows no database.

use super::prove::{Assertion, Proof, Verified};
use super::register::{NewPasskey, Registration};
use super::{Begun, LIFE};
use model::fault::Fault;
use model::secret::base64url;
use model::user::User;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::tables::passkeys::PasskeyRow;
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PasskeyRegistration, Url, WebauthnError};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// The longest credential that is kept, in bytes of JSON: a key and a few numbers. What a browser sends beside them of its
/// own accord, such as its maker's certificates, is not worth a row.
const LONGEST_CREDENTIAL: usize = 8 * 1024;

/// We, as authenticators know us: by the host of the public URL. A passkey of this host works under no other.
#[derive(Clone, Debug)]
pub struct RelyingParty(Webauthn);

impl RelyingParty {
    /// The one of this public URL; nothing where its host is an IP address, to which no passkey can be bound
    /// (WebAuthn §5.1.2: the identifier is a domain).
    ///
    /// # Errors
    /// `Broken` where the library does not take the URL.
    pub fn new(public_url: &str) -> Result<Option<Self>, Fault> {
        let broken = |error: String| Fault::broken(format!("passkeys at {public_url}: {error}"));
        let url = Url::parse(public_url).map_err(|error| broken(error.to_string()))?;
        let Some(host) = url.domain() else { return Ok(None) };
        let webauthn = WebauthnBuilder::new(host, &url).and_then(|builder| builder.rp_name(host).timeout(LIFE).build());
        Ok(Some(Self(webauthn.map_err(|error| broken(error.to_string()))?)))
    }

    /// Options for another passkey of a user who has these.
    pub(super) fn begin_registration(&self, user: &User, existing: &[PasskeyRow]) -> Result<Begun, Fault> {
        let ids = existing.iter().map(|row| Ok(passkey(row)?.cred_id().clone())).collect::<Result<Vec<_>, Fault>>()?;
        let shown = if user.name.trim().is_empty() { &user.email } else { &user.name };
        let begun = self.0.start_passkey_registration(user.id.uuid(), &user.email, shown, Some(ids));
        let (options, state) = begun.map_err(|error| failed("begin registration", &error))?;
        let mut options = to_value(&options.public_key)?;
        // The library asks for none: but only a passkey that its authenticator keeps can sign in without an address.
        if let Some(selection) = options.get_mut("authenticatorSelection").and_then(Value::as_object_mut) {
            selection.insert("residentKey".to_owned(), json!("required"));
            selection.insert("requireResidentKey".to_owned(), json!(true));
        }
        Ok(Begun { options, state: to_text(&state)? })
    }

    /// Options for a proof: by any passkey of ours, or by one of `allowed`.
    pub(super) fn begin_proof(&self, allowed: &[PasskeyRow]) -> Result<Begun, Fault> {
        let begun = self.0.start_discoverable_authentication();
        let (options, state) = begun.map_err(|error| failed("begin proof", &error))?;
        let mut options = to_value(&options.public_key)?;
        let named = |row: &PasskeyRow| json!({"type": "public-key", "id": base64url(&row.credential_id)});
        options["allowCredentials"] = allowed.iter().map(named).collect();
        Ok(Begun { options, state: to_text(&state)? })
    }

    /// The passkey that a registration comes to; nothing where it is not what we asked for.
    ///
    /// # Errors
    /// `Broken` where the ceremony's state can't be read.
    pub fn verify_registration(&self, registration: &Registration) -> Result<Option<NewPasskey>, Fault> {
        let state: PasskeyRegistration = from_text("registration", &registration.state)?;
        let Ok(passkey) = self.0.finish_passkey_registration(&registration.credential, &state) else { return Ok(None) };
        let credential = to_text(&passkey)?;
        if credential.len() > LONGEST_CREDENTIAL {
            return Ok(None);
        }
        let ceremony = registration.state.clone();
        Ok(Some(NewPasskey { ceremony, credential_id: passkey.cred_id().to_vec(), credential }))
    }

    /// Whether what was signed is what we asked for, by the passkey that it says.
    ///
    /// # Errors
    /// `Broken` where the ceremony's state or the passkey can't be read.
    pub fn verify(&self, assertion: Assertion) -> Result<Verified, Fault> {
        let state: DiscoverableAuthentication = from_text("proof", &assertion.state)?;
        let mut passkey = passkey(&assertion.passkey)?;
        let result = self.0.finish_discoverable_authentication_v2(&assertion.credential, state, &passkey);
        let Assertion { state: ceremony, passkey: row, user, .. } = assertion;
        Ok(match result {
            Ok(result) => {
                passkey.update_credential(&result);
                let (credential, counter) = (to_text(&passkey)?, i64::from(result.counter()));
                Verified::Right(Box::new(Proof { ceremony, passkey: row, user, credential, counter }))
            }
            // The signature was right before the library looks at the counter.
            Err(WebauthnError::CredentialPossibleCompromise) => {
                let (credential, counter) = (row.credential.clone(), row.counter);
                Verified::Copied(Box::new(Proof { ceremony, passkey: row, user, credential, counter }))
            }
            Err(_) => Verified::Wrong,
        })
    }
}

fn passkey(row: &PasskeyRow) -> Result<Passkey, Fault> {
    from_text("passkeys.credential", &row.credential)
}

fn failed(what: &str, error: &WebauthnError) -> Fault {
    Fault::broken(format!("passkeys, {what}: {error}"))
}

fn to_value(value: &impl Serialize) -> Result<Value, Fault> {
    serde_json::to_value(value).map_err(|error| Fault::broken(format!("passkeys: {error}")))
}

fn to_text(value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::broken(format!("passkeys: {error}")))
}

fn from_text<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::broken(format!("passkeys, {what}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_an_address_has_no_passkeys() {
        for url in ["http://127.0.0.1:8080", "http://[::1]:8080", "https://192.0.2.7/sso"] {
            assert!(RelyingParty::new(url).unwrap().is_none(), "{url}");
        }
        for url in ["http://localhost:8080", "https://auth.example", "https://auth.example:8443/sso"] {
            assert!(RelyingParty::new(url).unwrap().is_some(), "{url}");
        }
    }

    #[test]
    fn the_options_of_a_proof_ask_for_a_verified_user_of_this_host() {
        let options =
            RelyingParty::new("https://auth.example:8443/sso").unwrap().unwrap().begin_proof(&[]).unwrap().options;
        assert_eq!((&options["rpId"], &options["userVerification"]), (&json!("auth.example"), &json!("required")));
        assert_eq!(options["allowCredentials"], json!([]));
        assert!(options["challenge"].as_str().unwrap().len() >= 43, "256 bits");
    }
}
