//! Signing in on the way to a client: whom it means, and how the browser gets there afterwards.

use crate::authorize::{Acme, SITE, address, answered, of, request, set_up};
use crate::page_form::PageForm;
use crate::stage::PASSWORD;
use crate::support::{Answer, Browser};
use model::login_attempt::NewDevicePolicy;
use model::org::Role;
use routes::url;

/// Signs in at the page that `asked` leads to, and gives what the browser is sent to then.
async fn sign_in(browser: &Browser<'_>, asked: &Answer, email: &str) -> Answer {
    let page = browser.get(asked.location()).await;
    let form = PageForm::to(&page, url::LOGIN).with("email", email).with("password", PASSWORD);
    let signed_in = browser.submit(&form).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text);
    browser.get(signed_in.location()).await
}

/// The address that a page leads on to by itself.
fn led_to(page: &Answer) -> String {
    assert_eq!((page.status, page.header("location")), (200, ""), "{}", page.text);
    let link =
        page.text.split("href=\"").find(|rest| rest.starts_with(SITE)).unwrap_or_else(|| panic!("{}", page.text));
    link.split('"').next().unwrap().replace("&amp;", "&")
}

testkit::both_engines! {
    async fn who_signs_in_after_not_you_is_led_on_by_a_page(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        app.set_new_device_policy(NewDevicePolicy::Off).await;
        let grace = app.user_with_password("grace@acme.example", PASSWORD, &[(acme, Role::Member)]).await;
        let good = request(site, SITE);
        // Grace has agreed before, and is asked nothing.
        scene.code(site, &app.signed_in(grace).await, &good, SITE).await;
        let posted = app.form(&site.endpoint("authorize"), &good).await;
        for target in [address(site, &good), posted.location().to_owned()] {
            let browser = app.signed_in(*ada).await;
            let page = browser.get(&target).await;
            let left = browser.submit(&PageForm::to(&page, &url::consent_another(acme))).await;
            let code = led_to(&sign_in(&browser, &left, "grace@acme.example").await);
            let code = of(&answered(&code, SITE), "code").to_owned();
            let tokens = scene.redeem(site, &code, SITE, &[]).await.ok();
            assert_eq!(crate::wire::part(tokens.json["id_token"].as_str().unwrap(), 1)["email"], "grace@acme.example");
        }
    }
}
