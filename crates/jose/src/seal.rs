//! Sealing: authenticated encryption of short texts and of private keys, under a key that is not beside them.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use model::fault::Fault;
use model::moment::Moment;
use model::secret::{Digest, Key};
use std::fmt;

const VERSION: u8 = 1;
const SALT: usize = 12;
const NONCE: usize = 12;
const TAG: usize = 16;

/// Seals and opens under one key.
///
/// AES-256-GCM with a key of its own for each message, derived by HMAC from the first half of a random 192-bit nonce;
/// the second half is the cipher's nonce. That is the construction of XAES-256-GCM with the HMAC we already have in
/// place of its CMAC. Random 96-bit nonces under one key would bound it to 2³² messages, which somebody would have to
/// count; with 192 bits nobody has to.
///
/// The sealed form is: version, nonce (24 bytes), ciphertext, tag (16 bytes).
pub struct Seal(Key);

impl Seal {
    /// Seals under `key`, which is for one purpose alone.
    pub fn new(key: &Key) -> Self {
        Self(key.clone())
    }

    /// Seals `plain`, bound to `context`: it opens with the very same list of parts only.
    ///
    /// # Errors
    /// A fault where the cipher fails, which it does not for anything that fits into memory.
    pub fn seal(&self, moment: &Moment, context: &[&[u8]], plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let nonce = moment.bytes::<{ SALT + NONCE }>();
        let (salt, iv) = nonce.split_at(SALT);
        let broken = |_| Fault::broken("sealing failed");
        let cipher = self.cipher(salt).ok_or_else(|| Fault::broken("a sealing key was refused"))?;
        let iv = Nonce::try_assume_unique_for_key(iv).map_err(broken)?;

        let mut body = plain.to_vec();
        cipher.seal_in_place_append_tag(iv, bound(context), &mut body).map_err(broken)?;
        let mut sealed = Vec::with_capacity(1 + nonce.len() + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// What was sealed; nothing where the key, the context or any byte is another.
    pub fn open(&self, context: &[&[u8]], sealed: &[u8]) -> Option<Vec<u8>> {
        let (version, rest) = sealed.split_first()?;
        if *version != VERSION || rest.len() < SALT + NONCE + TAG {
            return None;
        }
        let (salt, rest) = rest.split_at(SALT);
        let (iv, body) = rest.split_at(NONCE);
        let iv = Nonce::try_assume_unique_for_key(iv).ok()?;
        let mut body = body.to_vec();
        let length = self.cipher(salt)?.open_in_place(iv, bound(context), &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }

    fn cipher(&self, salt: &[u8]) -> Option<LessSafeKey> {
        let key: Digest = self.0.mac(&[b"seal", salt]);
        UnboundKey::new(&AES_256_GCM, key.bytes()).ok().map(LessSafeKey::new)
    }
}

/// The context as one text, each part preceded by its length, so that no two lists read alike.
fn bound(context: &[&[u8]]) -> Aad<Vec<u8>> {
    let mut whole = Vec::new();
    for part in context {
        whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
        whole.extend_from_slice(part);
    }
    Aad::from(whole)
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::moment::RandomSource;
    use model::time::Timestamp;
    use proptest::prelude::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU8, Ordering};

    struct Counting(AtomicU8);

    impl RandomSource for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    fn moment() -> Moment {
        Moment::new(Timestamp::from_seconds(0), Arc::new(Counting(AtomicU8::new(0))))
    }

    fn seal(key: u8) -> Seal {
        Seal::new(&Key::from_bytes([key; 32]))
    }

    #[test]
    fn opens_with_the_same_key_and_context_only() {
        let moment = moment();
        let sealed = seal(1).seal(&moment, &[b"acme", b"k1"], b"WDJB-MJHT").unwrap();
        assert_eq!(sealed.len(), 1 + 24 + 9 + 16);
        assert_eq!(seal(1).open(&[b"acme", b"k1"], &sealed).unwrap(), b"WDJB-MJHT");
        assert_eq!(seal(2).open(&[b"acme", b"k1"], &sealed), None);
        for other in
            [&[b"acme".as_slice(), b"k2"][..], &[b"acmek1"], &[b"acm", b"ek1"], &[b"acme"], &[], &[b"acme", b"k1", b""]]
        {
            assert_eq!(seal(1).open(other, &sealed), None, "{other:?}");
        }
    }

    #[test]
    fn the_same_text_is_never_sealed_alike() {
        let moment = moment();
        let first = seal(1).seal(&moment, &[], b"x").unwrap();
        let second = seal(1).seal(&moment, &[], b"x").unwrap();
        assert_ne!(first, second);
    }

    proptest! {
        #[test]
        fn any_changed_byte_keeps_it_shut(plain in prop::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), flip in 1u8..) {
            let mut sealed = seal(3).seal(&moment(), &[b"c"], &plain).unwrap();
            prop_assert_eq!(seal(3).open(&[b"c"], &sealed), Some(plain));
            let at = at.index(sealed.len());
            sealed[at] ^= flip;
            prop_assert_eq!(seal(3).open(&[b"c"], &sealed), None);
        }

        #[test]
        fn garbage_opens_to_nothing(garbage in prop::collection::vec(any::<u8>(), 0..128)) {
            prop_assert_eq!(seal(3).open(&[b"c"], &garbage), None);
        }
    }
}
