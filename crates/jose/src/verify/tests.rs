use super::*;
use crate::{PrivateKey, SigningKey};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::secret::base64url;
use proptest::prelude::*;
use serde_json::json;
use std::sync::LazyLock;

const NOW: i64 = 1_700_000_000;
const ISSUER: &str = "https://auth.example/orgs/acme";

fn expected<'a>() -> Expected<'a> {
    Expected {
        issuer: ISSUER,
        audience: Some(ISSUER),
        typ: &["at+jwt"],
        now: Timestamp::from_seconds(NOW),
        leeway: Duration::from_secs(5),
        expired_is_fine: false,
    }
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": ISSUER, "sub": "u1", "exp": NOW + 60, "iat": NOW, "scope": "openid"})
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

/// One private key per algorithm for all tests, because an RSA key takes long to make.
static KEYS: LazyLock<Vec<(PrivateKey, SigningKey)>> = LazyLock::new(|| {
    Algorithm::ALL
        .into_iter()
        .map(|algorithm| {
            let private = PrivateKey::generate(algorithm).unwrap();
            let key = SigningKey::parse(algorithm, private.kid(algorithm).unwrap(), &private).unwrap();
            (private, key)
        })
        .collect()
});

fn es256() -> &'static SigningKey {
    &KEYS[0].1
}

fn public(key: &SigningKey) -> VerifyingKey {
    VerifyingKey::from_jwk(&key.public_jwk()).unwrap()
}

fn verdict(claims: &Value) -> Result<Value, Refused> {
    public(es256()).verify(&es256().sign("at+jwt", claims).unwrap(), &expected())
}

/// A token with any header, signed by the key so that only the header can be at fault.
fn with_header(header: &str) -> String {
    let message = format!("{}.{}", base64url(header.as_bytes()), base64url(claims().to_string().as_bytes()));
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, KEYS[0].0.pkcs8()).unwrap();
    let signature = pair.sign(&aws_lc_rs::rand::SystemRandom::new(), message.as_bytes()).unwrap();
    format!("{message}.{}", base64url(signature.as_ref()))
}

fn refused(token: &str) -> Refused {
    public(es256()).verify::<Value>(token, &expected()).unwrap_err()
}

#[test]
fn what_each_algorithm_signs_it_verifies() {
    for (_, key) in KEYS.iter() {
        let token = key.sign("at+jwt", &claims()).unwrap();
        assert_eq!(
            header(&token).unwrap(),
            Header { alg: key.alg(), kid: Some(key.kid().to_owned()), typ: Some("at+jwt".to_owned()) }
        );
        assert_eq!(public(key).verify::<Value>(&token, &expected()).unwrap(), claims());
    }
}

#[test]
fn a_key_verifies_its_own_tokens_alone() {
    for (_, signer) in KEYS.iter() {
        let token = signer.sign("at+jwt", &claims()).unwrap();
        for (_, other) in KEYS.iter().filter(|(_, other)| other.alg() != signer.alg()) {
            assert_eq!(public(other).verify::<Value>(&token, &expected()), Err(Refused::Algorithm));
        }
        let private = PrivateKey::generate(Algorithm::Es256).unwrap();
        let stranger = SigningKey::parse(Algorithm::Es256, signer.kid().to_owned(), &private).unwrap();
        let why = public(&stranger).verify::<Value>(&es256().sign("at+jwt", &claims()).unwrap(), &expected());
        assert_eq!(why, Err(if signer.kid() == es256().kid() { Refused::Signature } else { Refused::Key }));
    }
}

#[test]
fn rfc_7515_appendix_a_3() {
    let key = Jwk {
        kty: "EC".into(),
        crv: Some("P-256".into()),
        x: Some("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU".into()),
        y: Some("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0".into()),
        ..Jwk::default()
    };
    let key = VerifyingKey::from_jwk(&key).unwrap();
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    assert_eq!(key.signed_claims(token).unwrap()["iss"], "joe");
    assert_eq!(key.signed_claims(&token.replace(".Dt", ".Et")), Err(Refused::Signature));
    // The example has no audience, which ours must have.
    let expected = Expected { issuer: "joe", audience: None, typ: &[], ..expected() };
    assert_eq!(key.verify::<Value>(token, &expected), Err(Refused::Missing("aud")));
}

#[test]
fn rfc_8037_appendix_a_5() {
    let key = Jwk {
        kty: "OKP".into(),
        crv: Some("Ed25519".into()),
        x: Some("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".into()),
        ..Jwk::default()
    };
    let key = VerifyingKey::from_jwk(&key).unwrap();
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    // The signature holds; the payload is a sentence and no claims.
    assert_eq!(key.signed_claims(token), Err(Refused::Malformed));
    assert_eq!(key.signed_claims(&token.replace(".hg", ".ig")), Err(Refused::Signature));
}

#[test]
fn alg_none_and_hmac_with_the_public_key_are_refused() {
    let payload = base64url(claims().to_string().as_bytes());
    let unsigned = format!("{}.{payload}.", base64url(br#"{"alg":"none","typ":"at+jwt"}"#));
    assert_eq!(refused(&unsigned), Refused::Algorithm);
    assert_eq!(header(&unsigned), Err(Refused::Algorithm));

    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, KEYS[0].0.pkcs8()).unwrap();
    let der = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).unwrap();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der.as_ref()));
    let jwk = serde_json::to_vec(&es256().public_jwk()).unwrap();
    for secret in [pair.public_key().as_ref(), der.as_ref(), pem.as_bytes(), &jwk] {
        for alg in ["HS256", "ES256"] {
            let head = json!({"alg": alg, "typ": "at+jwt", "kid": es256().kid()}).to_string();
            let message = format!("{}.{payload}", base64url(head.as_bytes()));
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
            let token = format!("{message}.{}", base64url(tag.as_ref()));
            assert_eq!(refused(&token), if alg == "HS256" { Refused::Algorithm } else { Refused::Signature });
        }
    }
}

#[test]
fn headers_that_demand_or_offer_more_than_we_speak() {
    assert!(public(es256()).verify::<Value>(&with_header(r#"{"alg":"ES256","typ":"at+jwt"}"#), &expected()).is_ok());
    assert_eq!(refused(&with_header(r#"{"alg":"ES256","typ":"at+jwt","crit":["exp"],"exp":1}"#)), Refused::Critical);
    assert_eq!(refused(&with_header(r#"{"alg":"ES256","typ":"at+jwt","kid":"other"}"#)), Refused::Key);
    assert_eq!(refused(&with_header(r#"{"alg":"ES256","alg":"ES256","typ":"at+jwt"}"#)), Refused::Malformed);
    assert_eq!(refused(&with_header(r#"{"typ":"at+jwt"}"#)), Refused::Malformed);
    assert_eq!(refused(&with_header("[]")), Refused::Malformed);

    // A key inside the header is not looked at: a token that brings its own is signed by nobody we know.
    let private = PrivateKey::generate(Algorithm::Es256).unwrap();
    let stranger = SigningKey::parse(Algorithm::Es256, String::new(), &private).unwrap();
    let jwk = serde_json::to_string(&stranger.public_jwk()).unwrap();
    let head = format!(r#"{{"alg":"ES256","typ":"at+jwt","jku":"https://evil.example/jwks","jwk":{jwk}}}"#);
    let message = format!("{}.{}", base64url(head.as_bytes()), base64url(claims().to_string().as_bytes()));
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private.pkcs8()).unwrap();
    let signature = pair.sign(&aws_lc_rs::rand::SystemRandom::new(), message.as_bytes()).unwrap();
    assert_eq!(refused(&format!("{message}.{}", base64url(signature.as_ref()))), Refused::Signature);
}

#[test]
fn types_are_compared_as_media_types() {
    let key = public(es256());
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        let token = with_header(&json!({"alg": "ES256", "typ": typ}).to_string());
        assert!(key.verify::<Value>(&token, &expected()).is_ok(), "{typ}");
    }
    for typ in [r#","typ":"JWT""#, r#","typ":"at+jwt2""#, r#","typ":"text/at+jwt""#, ""] {
        assert_eq!(refused(&with_header(&format!(r#"{{"alg":"ES256"{typ}}}"#))), Refused::Type, "{typ}");
    }
    let any = Expected { typ: &[], ..expected() };
    assert!(key.verify::<Value>(&with_header(r#"{"alg":"ES256"}"#), &any).is_ok());
}

#[test]
fn the_issuer_is_one_string_and_the_same_bytes() {
    for issuer in
        ["", "https://auth.example/orgs/acme/", "https://auth.example/orgs/beta", "HTTPS://auth.example/orgs/acme"]
    {
        assert_eq!(verdict(&with("iss", json!(issuer))), Err(Refused::Issuer), "{issuer}");
    }
    for issuer in [json!([ISSUER]), json!(1), json!(null), json!({})] {
        assert_eq!(verdict(&with("iss", issuer)), Err(Refused::Claim("iss")));
    }
}

#[test]
fn the_audience_is_a_string_or_a_list_that_holds_us() {
    assert!(verdict(&with("aud", json!(["https://api.example", ISSUER]))).is_ok());
    for stranger in [json!("https://api.example"), json!([]), json!(["https://api.example"])] {
        assert_eq!(verdict(&with("aud", stranger)), Err(Refused::Audience));
    }
    for wrong in [json!(7), json!(null), json!([ISSUER, 7]), json!({"0": ISSUER})] {
        assert_eq!(verdict(&with("aud", wrong)), Err(Refused::Claim("aud")));
    }
    let token = es256().sign("at+jwt", &with("aud", json!("https://api.example"))).unwrap();
    let any = Expected { audience: None, ..expected() };
    assert!(public(es256()).verify::<Value>(&token, &any).is_ok());
}

#[test]
fn each_required_claim_is_required() {
    for name in ["iss", "aud", "sub", "exp"] {
        assert_eq!(verdict(&without(name)), Err(Refused::Missing(name)));
    }
    for sub in [json!(1), json!(""), json!(null)] {
        assert_eq!(verdict(&with("sub", sub)), Err(Refused::Claim("sub")));
    }
    assert_eq!(verdict(&without("iat")), Ok(without("iat")));
}

#[test]
fn times_are_checked_to_the_second_with_the_leeway_given() {
    assert!(verdict(&with("exp", json!(NOW - 4))).is_ok());
    assert_eq!(verdict(&with("exp", json!(NOW - 5))), Err(Refused::Expired));
    for name in ["nbf", "iat"] {
        assert!(verdict(&with(name, json!(NOW + 5))).is_ok());
        assert!(verdict(&with(name, json!(1))).is_ok());
        assert_eq!(verdict(&with(name, json!(NOW + 6))), Err(Refused::NotYet));
        assert_eq!(verdict(&with(name, json!("soon"))), Err(Refused::Claim(name)));
    }
    for exp in [json!("1700000060"), json!(null), json!([NOW + 60]), json!({}), json!(true), json!(-1.5), json!(1e300)]
    {
        // Of some forms the library says first that this is no JWT.
        assert!(matches!(verdict(&with("exp", exp)), Err(Refused::Claim("exp") | Refused::Malformed)));
    }
    assert!(verdict(&with("exp", json!(1_700_000_000.5))).is_ok());
    assert!(verdict(&with("exp", json!(i64::MAX))).is_ok());

    let token = es256().sign("at+jwt", &with("exp", json!(1))).unwrap();
    let hint = Expected { expired_is_fine: true, ..expected() };
    assert!(public(es256()).verify::<Value>(&token, &hint).is_ok());
}

#[test]
fn shapes_that_are_no_token() {
    let token = es256().sign("at+jwt", &claims()).unwrap();
    for bad in [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        &format!("{token}."),
        &format!("{token}.x"),
        &format!(" {token}"),
        &format!("{token}="),
    ] {
        assert_eq!(refused(bad), Refused::Malformed, "{bad}");
    }
    let long = es256().sign("at+jwt", &with("pad", json!("x".repeat(LONGEST)))).unwrap();
    assert_eq!(refused(&long), Refused::TooLong);
    assert_eq!(header(&long), Err(Refused::TooLong));
}

#[test]
fn claims_that_the_caller_can_not_read_are_refused() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Strict {
        org_id: String,
    }
    let token = es256().sign("at+jwt", &claims()).unwrap();
    assert_eq!(public(es256()).verify::<Strict>(&token, &expected()), Err(Refused::Malformed));
}

#[test]
fn public_keys_that_are_not_taken() {
    let good = es256().public_jwk();
    let rsa = KEYS[1].1.public_jwk();
    let ed = KEYS[2].1.public_jwk();
    for (what, key) in [
        ("no curve", Jwk { crv: None, ..good.clone() }),
        ("another curve", Jwk { crv: Some("P-384".into()), ..good.clone() }),
        ("half a point", Jwk { y: None, ..good.clone() }),
        ("a short coordinate", Jwk { x: Some("AAAA".into()), ..good.clone() }),
        ("not base64url", Jwk { x: Some("+/=".into()), ..good.clone() }),
        ("for encryption", Jwk { usage: "enc".into(), ..good.clone() }),
        ("another algorithm", Jwk { alg: "RS256".into(), ..good.clone() }),
        ("an HMAC", Jwk { alg: "HS256".into(), ..rsa.clone() }),
        ("RSA of 1024 bits", Jwk { n: Some(base64url(&[0xff; 128])), ..rsa.clone() }),
        (
            "RSA of 1024 bits, padded",
            Jwk { n: Some(base64url(&[&[0; 128][..], &[0xff; 128]].concat())), ..rsa.clone() },
        ),
        ("a huge exponent", Jwk { e: Some(base64url(&[1; 256])), ..rsa }),
        ("a short Ed25519 key", Jwk { x: Some(base64url(&[1; 31])), ..ed.clone() }),
        ("Ed448", Jwk { crv: Some("Ed448".into()), ..ed }),
        ("a symmetric key", Jwk { kty: "oct".into(), ..Jwk::default() }),
    ] {
        assert_eq!(VerifyingKey::from_jwk(&key).unwrap_err(), KeyError::NotPublic, "{what}");
    }
    let plain = VerifyingKey::from_jwk(&Jwk { alg: String::new(), usage: String::new(), ..good }).unwrap();
    assert_eq!(plain.alg(), Algorithm::Es256);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_changed_byte_verifies(which in 0usize..3, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let key = &KEYS[which].1;
        let mut token = key.sign("at+jwt", &claims()).unwrap().into_bytes();
        let at = at.index(token.len());
        prop_assume!(token[at] != byte);
        token[at] = byte;
        if let Ok(token) = String::from_utf8(token) {
            prop_assert!(public(key).verify::<Value>(&token, &expected()).is_err());
        }
    }

    #[test]
    fn garbage_never_panics(garbage in ".{0,200}", parts in prop::collection::vec("[A-Za-z0-9_-]{0,40}", 0..5)) {
        prop_assert!(header(&garbage).is_err());
        prop_assert!(public(es256()).verify::<Value>(&parts.join("."), &expected()).is_err());
    }
}
