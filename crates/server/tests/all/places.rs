//! Where a request came from, by a file of places.

use crate::support::{Answer, TestApp};
use model::org::Role;
use routes::url;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/places.mmdb");

testkit::both_engines! {
    async fn the_review_the_portal_and_the_letter_say_where_a_request_came_from(engine: testkit::Scratch) {
        let settings = [("DOORWARD_GEOIP_FILE", FILE), ("DOORWARD_TRUSTED_PROXIES", "127.0.0.0/8"), ("DOORWARD_LIMITS", "off")];
        let app = TestApp::with(engine, &settings).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let owner = app.user("ada@acme.example", &[(&acme, Role::Owner)]).await;
        let browser = app.signed_in(owner).await;
        for (address, place) in [
            ("192.0.2.7", Some("near Lyon, France, by its network address")),
            ("2001:db8::7", Some("near Lyon, France, by its network address")),
            ("198.51.100.7", Some("in Iceland, by its network address")),
            ("203.0.113.7", Some("near &lt;b&gt;Oslo&lt;/b&gt;[2J, Norway, by its network address")),
            ("10.1.2.3", None),
        ] {
            let request = cd.prepared(&app, "device_authorization", &[]).header("x-forwarded-for", address);
            let codes = Answer::of(request).await;
            let user_code = codes.json["user_code"].as_str().unwrap();
            let live = browser.get(&url::portal_devices(&acme)).await;
            let review = browser.review(&acme, user_code).await;
            for page in [&live, &review] {
                assert!(page.text.contains(address), "{address}: {}", page.text);
                match place {
                    Some(place) => assert!(page.text.contains(place), "{address}: {}", page.text),
                    None => assert!(!page.text.contains("by its network address"), "{address}: {}", page.text),
                }
                assert!(!page.text.contains("<b>Oslo") && !page.text.contains('\u{202e}'), "{}", page.text);
            }
            assert_eq!(browser.decide(&acme, &review, "approve").await.status, 303);
            app.send_letters("one").await;
            let letter = app.letters().pop().unwrap();
            let unescaped = place.map(|place| place.replace("&lt;", "<").replace("&gt;", ">"));
            assert!(letter.text.contains(address), "{}", letter.text);
            match (place, unescaped) {
                (Some(place), Some(plain)) => {
                    assert!(letter.html.contains(place), "{}", letter.html);
                    assert!(letter.text.contains(&format!("{address}, {plain}")), "{}", letter.text);
                }
                _ => assert!(!letter.text.contains("by its network"), "{}", letter.text),
            }
            app.wait(1);
        }
    }
}
