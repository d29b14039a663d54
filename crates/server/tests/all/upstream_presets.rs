//! Providers that are spoken with in their own way: GitHub and Microsoft.

use crate::idp::{CLIENT, Idp, SECRET};
use crate::page_form::PageForm;
use crate::stage::PASSWORD;
use crate::support::{Browser, TestApp};
use model::org::Role;
use routes::url;
use serde_json::{Value, json};

const ADA: &str = "ada@acme.example";
const NEXT: &str = "/orgs/acme/device";
const TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

async fn app(engine: testkit::Scratch, idp: &Idp, kind: &str, issuer: &str) -> TestApp {
    let settings = [
        (
            "DOORWARD_UPSTREAM",
            format!(
                r#"[{{ id = "{kind}", kind = "{kind}", issuer = "{issuer}", client_id = "{CLIENT}", client_secret = "{SECRET}" }}]"#
            ),
        ),
        ("DOORWARD_OUTBOUND_PRIVATE_HOSTS", idp.url.trim_start_matches("http://").to_owned()),
        ("DOORWARD_LIMITS", "off".to_owned()),
    ];
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let app = TestApp::with(engine, &settings).await;
    let acme = app.org("acme").await;
    app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Owner)]).await;
    app
}

async fn link(browser: &Browser<'_>) {
    let login = PageForm::to(&browser.get(&url::login_to(url::UPSTREAM_LINK)).await, url::LOGIN);
    let signed_in = browser.submit(&login.with("email", ADA).with("password", PASSWORD)).await;
    assert_eq!(signed_in.location(), url::UPSTREAM_LINK);
    let form = PageForm::to(&browser.get(url::UPSTREAM_LINK).await, url::UPSTREAM_LINK);
    assert_eq!(browser.submit(&form).await.location(), NEXT);
}

testkit::both_engines! {
    async fn github_says_by_its_interface_who_somebody_is(engine: testkit::Scratch) {
        let idp = Idp::start();
        let app = app(engine, &idp, "github", &idp.url).await;
        let go = async |browser: &Browser<'_>, addresses: Value| {
            idp.userinfo(json!({ "id": 583_231, "login": "ada", "name": null, "email": "public@elsewhere.example" }));
            idp.emails(addresses);
            browser.go_by(&idp, ("/login/upstream/github", NEXT), &json!({ "no_id_token": true })).await.location().to_owned()
        };
        let address = |email: &str, primary: bool, verified: bool| json!({ "email": email, "primary": primary, "verified": verified });
        let browser = app.browser();
        for unverified in [json!([]), json!([address(ADA, true, false)]), json!([address(ADA, false, true)])] {
            assert!(go(&browser, unverified).await.contains("upstream=unverified"));
        }
        assert!(go(&browser, json!({ "message": "Requires authentication" })).await.contains("upstream=failed"));
        assert_eq!(go(&browser, json!([address("x@x.example", false, true), address(ADA, true, true)])).await, url::UPSTREAM_LINK);
        link(&browser).await;
        assert_eq!(app.texts("SELECT subject AS value FROM upstream_identities").await, ["583231"]);
        assert_eq!(go(&app.browser(), json!([])).await, url::NEW_DEVICE, "once linked, the address does not matter");
    }

    async fn microsofts_addresses_count_where_its_tenant_vouches_for_them(engine: testkit::Scratch) {
        let idp = Idp::start();
        let app = app(engine, &idp, "microsoft", &format!("{}/tenant/common/v2.0", idp.url)).await;
        let of_tenant = |tenant: &str| format!("{}/tenant/{tenant}/v2.0", idp.url);
        idp.metadata(json!({ "issuer": of_tenant("{tenantid}") }));
        let go = async |browser: &Browser<'_>, claims: Value| {
            browser.go_by(&idp, ("/login/upstream/microsoft", NEXT), &claims).await.location().to_owned()
        };
        let browser = app.browser();
        let said = |more: Value| {
            let mut claims = json!({ "iss": of_tenant(TENANT), "tid": TENANT, "sub": "ada-there", "email": ADA });
            for (name, value) in more.as_object().unwrap() {
                claims[name] = value.clone();
            }
            claims
        };
        // Anybody's admin can write any address there; that it is "verified" says nothing.
        assert!(go(&browser, said(json!({}))).await.contains("upstream=unverified"));
        assert!(go(&browser, said(json!({ "xms_edov": false }))).await.contains("upstream=unverified"));
        for wrong in [
            json!({ "iss": of_tenant("72f988bf-86f1-41af-91ab-2d7cd011db47") }),
            json!({ "tid": "72f988bf-86f1-41af-91ab-2d7cd011db47" }),
            json!({ "tid": null }),
            json!({ "tid": "common", "iss": of_tenant("common") }),
            json!({ "iss": of_tenant("{tenantid}"), "tid": "{tenantid}" }),
        ] {
            assert!(go(&browser, said(wrong.clone())).await.contains("upstream=failed"), "{wrong}");
        }
        assert_eq!(go(&browser, said(json!({ "xms_edov": true }))).await, url::UPSTREAM_LINK);
        link(&browser).await;
        // The same subject of another tenant is somebody else.
        let other = "72f988bf-86f1-41af-91ab-2d7cd011db47";
        let elsewhere = said(json!({ "iss": of_tenant(other), "tid": other }));
        assert!(go(&app.browser(), elsewhere).await.contains("upstream=unverified"));
        assert_eq!(go(&app.browser(), said(json!({}))).await, url::NEW_DEVICE);
    }
}
