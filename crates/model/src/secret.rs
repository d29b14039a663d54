//! Secrets, their digests, and the keys that are derived from the master key.
//!
//! A generated secret has at least 256 random bits, is shown to its owner once and is stored as a SHA-256 digest
//! under a purpose label, so that a secret of one purpose is never accepted for another. What is short enough to be
//! guessed from its digest (user codes) is stored as an HMAC under a key that is not in the database.

use crate::moment::Moment;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize;

/// A value that is never printed and is wiped when dropped.
#[derive(Clone)]
pub struct Secret<T: Zeroize = String>(T);

impl<T: Zeroize> Secret<T> {
    /// Guards `value`.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value. Each call is a place to look at in a review.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl Secret<String> {
    /// A new secret: 256 random bits, base64url (43 characters).
    pub fn draw(moment: &Moment) -> Self {
        Self(base64url(&moment.bytes::<32>()))
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

macro_rules! purposes {
    ($($(#[$doc:meta])+ $purpose:ident $label:literal;)+) => {
        /// What a secret is for. The label goes into its digest, its HMAC and the key it is sealed under.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Purpose { $($(#[$doc])+ $purpose,)+ }

        impl Purpose {
            /// All of them: made of the same list as the purposes themselves, so that none is left out.
            pub const ALL: &'static [Self] = &[$(Self::$purpose,)+];

            /// The label, fixed for good: changing one makes every stored value of that purpose useless.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$purpose => $label,)+ }
            }
        }
    };
}

purposes! {
    /// What a device polls with (RFC 8628 §3.2).
    DeviceCode "doorward/device-code";
    /// What a person types (RFC 8628 §6.1).
    UserCode "doorward/user-code";
    /// What an authorization is redeemed with (RFC 6749 §4.1.2).
    AuthorizationCode "doorward/authorization-code";
    /// What finds a request that a client posted again (OIDC Core §3.1.2.1).
    AuthorizationRequest "doorward/authorization-request";
    /// An address by which somebody comes back from an application's own step after registering.
    CompletionReturn "doorward/completion-return";
    /// What stands for a request about which somebody is asked.
    Question "doorward/question";
    /// A refresh token, first or derived.
    RefreshToken "doorward/refresh-token";
    /// An API key, an MCP token or an embedded page's token.
    OpaqueToken "doorward/opaque-token";
    /// An application's secret.
    ClientSecret "doorward/client-secret";
    /// The session cookie.
    Session "doorward/session";
    /// The cookie of somebody not signed in.
    PreSession "doorward/pre-session";
    /// The cookie that makes a browser known.
    KnownDevice "doorward/known-device";
    /// The cookie of a browser whose sign-in waits for a letter's answer.
    LoginAttempt "doorward/login-attempt";
    /// The number that such a browser's page says.
    LoginNumber "doorward/login-number";
    /// The link that approves such a sign-in.
    ApproveLogin "doorward/approve-login";
    /// The link that denies it.
    DenyLogin "doorward/deny-login";
    /// The value that a form carries against forgery.
    Csrf "doorward/csrf";
    /// A user code, sealed until its claim is decided.
    ClaimedCode "doorward/claimed-code";
    /// A user code, sealed until the sign-in that it waits for.
    WaitingCode "doorward/waiting-code";
    /// A private signing key under its data key.
    SigningKey "doorward/signing-key";
    /// A data key under the master key.
    DataKey "doorward/data-key";
    /// A code that takes a second factor's place once.
    RecoveryCode "doorward/recovery-code";
    /// What an authenticator app shares with us, sealed.
    TotpSecret "doorward/totp-secret";
    /// The cookie of a sign-in whose second factor is missing.
    FactorAttempt "doorward/factor-attempt";
    /// The name of a failure budget, which may hold an address.
    Budget "doorward/budget";
    /// A link by which somebody registers.
    RegistrationLink "doorward/registration-link";
    /// A link by which somebody chooses a new password.
    ResetLink "doorward/reset-link";
    /// A link or a code by which somebody signs in.
    SignInLink "doorward/sign-in-link";
    /// A link by which somebody accepts an invitation.
    Invitation "doorward/invitation";
    /// A link by which somebody proves another address of theirs.
    EmailChangeLink "doorward/email-change-link";
    /// What a browser takes to an identity provider and back.
    UpstreamState "doorward/upstream-state";
    /// Our secret at an organization's identity provider, sealed.
    UpstreamSecret "doorward/upstream-secret";
    /// The cookie of a browser in which an account at a provider waits to be linked.
    PendingLink "doorward/pending-link";
}

/// What is stored of a secret: 32 bytes that find it again and don't give it back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// SHA-256 over the purpose's label and the secret. For secrets of at least 256 random bits only.
    pub fn of(purpose: Purpose, secret: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(purpose.label());
        hash.update([0]);
        hash.update(secret);
        Self(hash.finalize().into())
    }

    /// The digest with these bytes, as read from the database.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, as the database keeps them.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are the same, in time that does not depend on where they differ.
    pub fn same(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// A symmetric key of 256 bits, for one purpose.
#[derive(Clone)]
pub struct Key(Secret<[u8; 32]>);

impl Key {
    /// The key with these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// The bytes, for a cipher.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// HMAC-SHA-256 over `parts`, each preceded by its length so that no two lists collide.
    pub fn mac(&self, parts: &[&[u8]]) -> Digest {
        let mut mac = self.keyed();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Digest(mac.finalize().into_bytes().into())
    }

    fn keyed(&self) -> Hmac<Sha256> {
        // An HMAC key of 32 bytes is never refused: `KeyInit::new` takes exactly the block-sized array, so the
        // fallible constructor is avoided by padding to SHA-256's block here.
        let mut block = [0u8; 64];
        block[..32].copy_from_slice(self.expose());
        let mac = Hmac::<Sha256>::new(&block.into());
        block.zeroize();
        mac
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// The keys that are not in the database: one master key, from which a key per purpose is derived.
///
/// A copy of the database alone therefore opens no signing key, no sealed code and no short code.
#[derive(Clone, Debug)]
pub struct Keyring {
    master: Key,
}

impl Keyring {
    /// The version of the master key that is in use, stored beside what it wraps.
    pub const VERSION: i32 = 1;

    /// The keys below this master key.
    pub fn new(master: Key) -> Self {
        Self { master }
    }

    /// The key of one purpose.
    pub fn key(&self, purpose: Purpose) -> Key {
        Key::from_bytes(self.master.mac(&[b"derive", purpose.label().as_bytes()]).0)
    }
}

/// A secret of 48 lower-case letters and digits, each as likely as any other: 248 bits.
pub fn plain48(moment: &Moment) -> Secret {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    // The largest multiple of 36 that a byte reaches: what is above it would favour the first symbols.
    const UNBIASED: u8 = 252;
    let mut text = String::with_capacity(48);
    while text.len() < 48 {
        let drawn = moment.bytes::<64>();
        let left = 48 - text.len();
        let usable = drawn.iter().filter(|byte| **byte < UNBIASED).take(left);
        text.extend(usable.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])));
    }
    Secret::new(text)
}

/// base64url without padding (RFC 4648 §5), the form of all our secrets.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of a base64url text without padding; nothing where it is not one.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_keep_digests_and_keys_apart() {
        let ring = Keyring::new(Key::from_bytes([1; 32]));
        let each = |purpose: &Purpose| (Digest::of(*purpose, "x"), *ring.key(*purpose).expose());
        let made: Vec<_> = Purpose::ALL.iter().map(each).collect();
        for (at, (digest, key)) in made.iter().enumerate() {
            let shared = made[..at].iter().position(|(other, same)| other == digest || same == key);
            assert_eq!(shared.map(|other| (Purpose::ALL[at], Purpose::ALL[other])), None);
        }
        assert_eq!(Digest::of(Purpose::Session, "x"), Digest::of(Purpose::Session, "x"));
    }

    #[test]
    fn no_two_purposes_share_a_label() {
        for (at, purpose) in Purpose::ALL.iter().enumerate() {
            assert_eq!(*purpose as usize, at, "{purpose:?}");
            assert!(purpose.label().starts_with("doorward/"), "{purpose:?}");
            assert!(Purpose::ALL[..at].iter().all(|other| other.label() != purpose.label()), "{purpose:?}");
        }
    }

    #[test]
    fn parts_of_a_mac_do_not_run_together() {
        let key = Key::from_bytes([7; 32]);
        assert_ne!(key.mac(&[b"ab", b"c"]), key.mac(&[b"a", b"bc"]));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let printed = format!(
            "{:?} {:?} {:?}",
            Secret::new("hunter2".to_owned()),
            Key::from_bytes([9; 32]),
            Digest::of(Purpose::Csrf, "a")
        );
        assert_eq!(printed, "Secret(…) Key(…) Digest(…)");
    }

    #[test]
    fn a_keyed_mac_is_that_of_rfc_4231_case_1() {
        // Its key has 20 bytes; HMAC pads keys with zeros (RFC 2104 §2), so 12 of them make it one of ours.
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let mut mac = Key::from_bytes(key).keyed();
        mac.update(b"Hi There");
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }

    #[test]
    fn each_part_of_a_mac_follows_its_length() {
        let key = Key::from_bytes([0x0b; 32]);
        let mut plain = Hmac::<Sha256>::new_from_slice(&[0x0b; 32]).unwrap();
        plain.update(&2u64.to_be_bytes());
        plain.update(b"hi");
        assert_eq!(key.mac(&[b"hi"]).bytes()[..], plain.finalize().into_bytes()[..]);
    }
}
