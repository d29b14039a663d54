//! An authenticator made of a key (WebAuthn §6): it makes passkeys and signs with them, right or wrong in one thing.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// User present.
pub const PRESENT: u8 = 0x01;
/// User present and verified.
pub const VERIFIED: u8 = 0x05;
const HAS_CREDENTIAL: u8 = 0x40;

/// One passkey, with what tests spoil about it.
pub struct Authenticator {
    key: EcdsaKeyPair,
    /// By which the server finds it.
    pub id: Vec<u8>,
    /// What it says of whose it is; nothing where it does not say.
    pub user_handle: Option<Vec<u8>>,
    /// The page that the browser says it is on.
    pub origin: String,
    /// The host that the passkey is bound to.
    pub rp_id: String,
    /// What the authenticator says of its user.
    pub flags: u8,
    /// How often it has signed.
    pub counter: u32,
    /// What the browser says was asked.
    pub asked: &'static str,
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What the bytes of a field of options are.
pub fn decoded(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

impl Authenticator {
    /// A new one, in a browser on a page of this origin.
    pub fn at(origin: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = Sha256::digest(key.public_key().as_ref()).to_vec();
        Self {
            key,
            id,
            user_handle: None,
            origin: origin.to_owned(),
            rp_id: "localhost".to_owned(),
            flags: VERIFIED,
            counter: 0,
            asked: "",
        }
    }

    fn client_data(&self, asked: &str, options: &Value) -> Vec<u8> {
        let asked = if self.asked.is_empty() { asked } else { self.asked };
        let data =
            json!({"type": asked, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false});
        data.to_string().into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// Makes the passkey that these options ask for, as the page's script sends it.
    pub fn create(&mut self, options: &Value) -> String {
        self.user_handle = Some(decoded(&options["user"]["id"]));
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.data(self.flags | HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        // COSE (RFC 9053 §7.1): an EC2 key, ES256, P-256, x, y.
        let point = &self.key.public_key().as_ref()[1..];
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[..32]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[32..]);
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": …}.
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        json!({
            "id": encoded(&self.id), "rawId": encoded(&self.id), "type": "public-key",
            "response": {"clientDataJSON": encoded(&client_data), "attestationObject": encoded(&object)},
        })
        .to_string()
    }

    /// Signs what these options ask for, as the page's script sends it.
    pub fn sign(&mut self, options: &Value) -> String {
        if self.counter > 0 {
            self.counter += 1;
        }
        let client_data = self.client_data("webauthn.get", options);
        let data = self.data(self.flags);
        let signed = [data.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        let mut response = json!({
            "clientDataJSON": encoded(&client_data),
            "authenticatorData": encoded(&data),
            "signature": encoded(signature.as_ref()),
        });
        if let Some(handle) = &self.user_handle {
            response["userHandle"] = encoded(handle).into();
        }
        json!({"id": encoded(&self.id), "rawId": encoded(&self.id), "type": "public-key", "response": response})
            .to_string()
    }
}
