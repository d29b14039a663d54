//! The portal's page about how members sign in.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::{PASSWORD, Stage};
use crate::support::Browser;
use model::id::OrgId;
use model::login_attempt::NewDevicePolicy;
use model::org::{Organization, Registration};
use routes::url;
use std::time::Duration;
use testkit::Scratch;

async fn form(browser: &Browser<'_>, org: &OrgId) -> PageForm {
    PageForm::to(&browser.get(&url::portal_sign_in(org)).await, &url::portal_sign_in(org))
}

async fn organization(stage: &Stage) -> Organization {
    let org = stage.acme.org.clone();
    stage.app.write(move |conn| store::tables::organizations::by_id(conn, &org)).await.unwrap()
}

testkit::both_engines! {
    async fn an_admin_says_who_gets_in_and_how(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, acme) = (stage.ada().await, &stage.acme.org);
        let shown = form(&ada, acme).await;
        let (registration, new_device) = (shown.value("registration"), shown.value("new_device"));
        assert_eq!((registration, new_device, shown.value("second_factor")), ("invitation", "unknown", "optional"));
        let sent = shown
            .with("registration", "domain")
            .with("domains", "Acme.example; acme.test")
            .with("new_device", "always")
            .with("second_factor", "required")
            .with("grace_days", "14");
        let saved = ada.submit(&sent).await;
        assert_eq!(saved.location(), url::after(&url::portal_sign_in(acme), "saved"), "{}", saved.text);
        assert!(ada.get(saved.location()).await.text.contains("acme.example, acme.test"));
        let organization = organization(&stage).await;
        let domains = Registration::Domains(vec!["acme.example".to_owned(), "acme.test".to_owned()]);
        assert_eq!(organization.registration, domains);
        assert_eq!(organization.sign_in.new_device, NewDevicePolicy::Always);
        assert!(organization.second_factor.required_since.is_some());
        assert_eq!(organization.second_factor.grace, Duration::from_secs(14 * 24 * 60 * 60));
        // It counts at the very next sign-in, in a browser that is known.
        let known = stage.app.browser();
        stage.app.sql("UPDATE users SET first_known_device_at = NULL").await;
        assert_eq!(known.sign_in(stage.acme.owner_email, PASSWORD).await.location(), url::NEW_DEVICE);
        // The page as it was is behind now.
        assert_eq!(ada.submit(&sent).await.status, 409);
    }

    async fn what_can_not_be_taken_is_said_and_kept(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, acme) = (stage.ada().await, &stage.acme.org);
        let shown = form(&ada, acme).await;
        let rows = Rows::of(&stage.app).await;
        for (field, value, sentence) in [
            ("domains", "", "Name at least one domain"),
            ("domains", "localhost", "Name at least one domain"),
            ("registration", "everybody", "Choose one of these."),
            ("new_device", "", "Choose one of these."),
            ("second_factor", "sometimes", "Choose one of these."),
            ("grace_days", "91", "from 0 to 90"),
            ("grace_days", "-1", "from 0 to 90"),
        ] {
            let answer = ada.submit(&shown.clone().with("registration", "domain").with("domains", "acme.example").with(field, value)).await;
            assert_eq!(answer.status, 400, "{field}={value}");
            assert!(answer.text.contains(sentence), "{field}={value}: {}", answer.text);
        }
        rows.assert_unchanged(&stage.app, "what can't be taken").await;
        let member = stage.app.signed_in(stage.acme.member).await;
        assert_eq!(member.get(&url::portal_sign_in(acme)).await.status, 403);
        assert_eq!(stage.ben().await.get(&url::portal_sign_in(acme)).await.status, 404);
        // An old proof is asked for again, and leads back.
        stage.app.wait(30 * 60);
        assert_eq!(ada.submit(&shown.with("new_device", "off")).await.location(), url::step_up_to(&url::portal_sign_in(acme)));
        assert_eq!(organization(&stage).await.sign_in.new_device, NewDevicePolicy::Unknown);
    }
}
