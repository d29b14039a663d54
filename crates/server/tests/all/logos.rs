//! Logos: uploaded by admins, looked at before they are kept, and seen by everybody who meets their organization or app.

use crate::code_flow::{self, SITE, address, by_code};
use crate::page_form::{BOUNDARY, PageForm};
use crate::support::{Answer, App, Browser, TestApp};
use model::application::ClientKind;
use model::id::{OrgId, UserId};
use model::logo::{LARGEST, Logo};
use model::org::Role;
use routes::url;

/// A grey square of one pixel.
pub const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\xdach\0\0\0\x82\0\x81\xdaE\x08;\0\0\0\0IEND\xaeB`\x82";

/// The beginning of one of two pixels.
pub const OTHER_PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01\x08\0\0\0\0";

struct Scene {
    app: TestApp,
    acme: OrgId,
    ada: UserId,
}

async fn scene(engine: testkit::Scratch) -> Scene {
    let app = TestApp::new(engine).await;
    let acme = app.org("acme").await;
    let ada = app.user("ada@acme.example", &[(&acme, Role::Admin)]).await;
    Scene { app, acme, ada }
}

fn address_of(org: &OrgId, picture: &[u8]) -> String {
    url::logo(org, &Logo::parse(picture).unwrap().name())
}

/// The form of the page, as it is shown now.
async fn form(browser: &Browser<'_>, page: &str) -> PageForm {
    PageForm::to(&browser.get(page).await.ok(), page)
}

async fn upload(browser: &Browser<'_>, page: &str, picture: &[u8]) -> Answer {
    browser.submit_with(&form(browser, page).await, &[("logo", picture)]).await
}

async fn kept(app: &TestApp) -> i64 {
    app.number("SELECT count(*) AS value FROM logos").await
}

testkit::both_engines! {
    async fn an_organizations_logo_stands_on_its_pages_until_it_is_removed(engine: testkit::Scratch) {
        let Scene { app, acme, ada } = scene(engine).await;
        let (browser, settings) = (app.signed_in(ada).await, url::portal_settings(&acme));
        let saved = upload(&browser, &settings, PICTURE).await;
        assert_eq!((saved.status, saved.location()), (303, url::after(&settings, "saved").as_str()), "{}", saved.text);
        let address = address_of(&acme, PICTURE);
        let shown = format!("src=\"{address}\"");
        for page in [settings.clone(), url::device(&acme), url::portal_applications(&acme)] {
            assert!(browser.get(&page).await.text.contains(&shown), "{page}");
        }
        assert!(app.get(&url::permissions(&acme)).await.text.contains(&shown), "who is not signed in sees it as well");
        let served = app.get(&address).await;
        assert_eq!((served.status, served.header("content-type")), (200, "image/png"), "whatever the upload called it");
        assert_eq!(served.header("content-length"), PICTURE.len().to_string());
        assert_eq!(served.header("x-content-type-options"), "nosniff");
        assert!(served.header("cache-control").contains("immutable") && served.header("content-security-policy") == "default-src 'none'; sandbox");
        let log = "SELECT details AS value FROM audit WHERE action = 'organization.changed'";
        let name = Logo::parse(PICTURE).unwrap().name();
        assert_eq!(app.texts(log).await, [format!("{{\"logo\":\"{name}\"}}")]);
        // Saving all else leaves it.
        browser.submit(&form(&browser, &settings).await.with("name", "Acme & Sons")).await;
        assert_eq!((app.get(&address).await.status, kept(&app).await), (200, 1));
        // Another in its place, then none.
        upload(&browser, &settings, OTHER_PICTURE).await;
        assert_eq!((app.get(&address).await.status, kept(&app).await), (404, 1));
        let removed = browser.submit_with(&form(&browser, &settings).await.with("remove_logo", "yes"), &[("logo", b"")]).await;
        assert_eq!(removed.status, 303, "{}", removed.text);
        assert_eq!(kept(&app).await, 0);
        assert!(!browser.get(&settings).await.text.contains("/logos/"));
        assert_eq!(app.get(&address_of(&acme, OTHER_PICTURE)).await.status, 404);
    }

    async fn an_applications_logo_stands_where_it_is_approved(engine: testkit::Scratch) {
        let Scene { app, acme, ada } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let site = app.app(&acme, ClientKind::Confidential, by_code(SITE)).await;
        let device = app.device_app(&acme).await;
        let page_of = |client: &App| url::portal_application(&acme, client.id);
        for client in [&site, &device] {
            assert_eq!(upload(&browser, &page_of(client), PICTURE).await.status, 303);
        }
        assert_eq!(kept(&app).await, 1, "the same picture");
        let shown = format!("src=\"{}\"", address_of(&acme, PICTURE));
        let codes = device.begin(&app).await;
        assert!(browser.review(&acme, &codes.user_code).await.text.contains(&shown));
        let consent = browser.get(&address(&site, &code_flow::request(&site, SITE))).await;
        assert!(consent.text.contains(&shown), "{}", consent.text);
        let other = device.begin(&app).await;
        browser.approve(&acme, &other.user_code).await;
        app.wait(6);
        device.poll(&app, &other.device_code).await.ok();
        assert!(browser.get(url::CONNECTIONS).await.text.contains(&shown));
        // What one takes away the other keeps.
        browser.submit(&form(&browser, &page_of(&site)).await.with("remove_logo", "yes")).await;
        assert_eq!((kept(&app).await, app.get(&address_of(&acme, PICTURE)).await.status), (1, 200));
        let delete = PageForm::all(&browser.get(&page_of(&device)).await.text);
        let delete = delete.into_iter().find(|form| form.action.ends_with("/delete")).unwrap();
        assert_eq!(browser.submit(&delete.with("name", "Acme CLI")).await.status, 303);
        assert_eq!(kept(&app).await, 0);
    }

    async fn what_is_no_logo_is_refused_and_nothing_is_kept(engine: testkit::Scratch) {
        let Scene { app, acme, ada } = scene(engine).await;
        let (browser, settings) = (app.signed_in(ada).await, url::portal_settings(&acme));
        let site = app.app(&acme, ClientKind::Confidential, by_code(SITE)).await;
        let large = [PICTURE, &[0; LARGEST]].concat();
        let wide: Vec<u8> = [&OTHER_PICTURE[..16], &[0, 0, 4, 1], &OTHER_PICTURE[20..]].concat();
        for page in [&settings, &url::portal_application(&acme, site.id)] {
            for (file, sentence) in [
                (&large[..], "more than 32 KiB"),
                (&wide, "1 to 1024 pixels"),
                (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no picture that we take"),
                (b"<html><script>alert(1)</script>", "no picture that we take"),
                (&PICTURE[..20], "no picture that we take"),
            ] {
                let refused = browser.submit_with(&form(&browser, page).await.with("name", "Typed"), &[("logo", file)]).await;
                assert!(refused.status == 400 && refused.text.contains(sentence), "{page} {sentence}: {} {}", refused.status, refused.text);
                assert!(refused.text.contains("id=\"logo-error\"") && refused.text.contains("value=\"Typed\""), "{}", refused.text);
            }
            let both = browser.submit_with(&form(&browser, page).await.with("name", " "), &[("logo", &wide)]).await;
            assert!(both.text.contains("id=\"logo-error\"") && both.text.contains("id=\"name-error\""), "{}", both.text);
        }
        let body = browser.submit_with(&form(&browser, &settings).await, &[("logo", &[0; 70_000])]).await;
        assert!(body.status == 413 && body.text.contains("choose a smaller picture"), "{} {}", body.status, body.text);
        // A colour that is none: the picture that came along is not kept either.
        let coloured = form(&browser, &settings).await.with("colour", "red");
        assert_eq!(browser.submit_with(&coloured, &[("logo", PICTURE)]).await.status, 400);
        assert_eq!(kept(&app).await, 0);
    }

    async fn who_saves_at_the_same_moment_leaves_no_logo_that_is_gone(engine: testkit::Scratch) {
        let Scene { app, acme, ada } = scene(engine).await;
        let (browser, settings) = (app.signed_in(ada).await, url::portal_settings(&acme));
        for round in 0..10 {
            let shown = form(&browser, &settings).await;
            let named = shown.clone().with("name", &format!("Acme {round}"));
            let pictures = [PICTURE, OTHER_PICTURE];
            let (first, second) = ([("logo", pictures[round % 2])], [("logo", pictures[(round + 1) % 2])]);
            let (one, two, three) = tokio::join!(
                browser.submit_with(&shown, &first),
                browser.submit_with(&shown, &second),
                browser.submit(&named),
            );
            let mut statuses = [one.status, two.status, three.status];
            statuses.sort_unstable();
            // A name that is as before and a logo that is as before change nothing, and leave the page as good as it was.
            assert!(statuses[0] == 303 && statuses[1..].iter().all(|status| [303, 409].contains(status)), "{statuses:?}");
            let stored = app.texts("SELECT COALESCE(logo, '') AS value FROM organizations WHERE org_id = 'acme'").await;
            let kept = app.texts("SELECT name AS value FROM logos").await;
            let expected: Vec<String> = stored.into_iter().filter(|name| !name.is_empty()).collect();
            assert_eq!(kept, expected, "round {round}");
        }
    }

    async fn a_form_with_a_file_is_a_form_like_every_other(engine: testkit::Scratch) {
        let Scene { app, acme, ada } = scene(engine).await;
        let (browser, settings) = (app.signed_in(ada).await, url::portal_settings(&acme));
        let bob = app.user("bob@acme.example", &[(&acme, Role::Member)]).await;
        let shown = form(&browser, &settings).await;
        for (forged, files, status) in [
            (shown.clone().without("csrf_token"), vec![], 403),
            (shown.clone().with("csrf_token", "x"), vec![("logo", PICTURE)], 403),
            (shown.clone().with("revision", "99"), vec![("logo", PICTURE)], 409),
            (shown.clone(), vec![("logo", PICTURE), ("logo", PICTURE)], 400),
            (shown.clone(), vec![("name", &b"\xff"[..])], 400),
            (shown.clone(), vec![("name", &b"a\0b"[..])], 400),
        ] {
            let answer = browser.submit_with(&forged, &files).await;
            assert_eq!(answer.status, status, "{forged:?}: {}", answer.text);
        }
        let mut twice = shown.clone();
        twice.fields.push(("name".to_owned(), "Another".to_owned()));
        assert_eq!(browser.submit_with(&twice, &[]).await.status, 400);
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAcme");
        let headless = format!("--{BOUNDARY}\r\n\r\nAcme\r\n--{BOUNDARY}--\r\n");
        for body in ["", "x", &part, &part[..40], &headless, &format!("--{BOUNDARY}--"), &format!("{part}\r\n--x--\r\n")] {
            let answer = browser.submit_raw(&settings, body.as_bytes().to_vec()).await;
            assert!([400, 403].contains(&answer.status), "{body:?}: {} {}", answer.status, answer.text);
        }
        // From another site, from a member who administers nothing, and where no file is asked for.
        let foreign = browser.request(reqwest::Method::POST, &settings).header("sec-fetch-site", "cross-site");
        let foreign = foreign.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}")).body(part.clone());
        assert_eq!(Answer::of(foreign).await.status, 403);
        let member = app.signed_in(bob).await;
        let token = member.token_for(("org-settings", acme.as_str()));
        let own = shown.clone().with("csrf_token", &token);
        assert_eq!(member.submit_with(&own, &[("logo", PICTURE)]).await.status, 403);
        let elsewhere = browser.submit_raw(&url::portal_applications(&acme), part.into_bytes()).await;
        assert_eq!(elsewhere.status, 415, "{}", elsewhere.text);
        assert_eq!(kept(&app).await, 0);
    }

    async fn an_organizations_letters_have_its_colour(engine: testkit::Scratch) {
        let Scene { app, acme, ada } = scene(engine).await;
        let (browser, settings, members) = (app.signed_in(ada).await, url::portal_settings(&acme), url::portal_members(&acme));
        for (colour, bar) in [("#1F6FEB", "4px solid #1f6feb}"), ("", "4px solid transparent}")] {
            app.wait(2 * 60 * 60);
            browser.submit(&form(&browser, &settings).await.with("colour", colour)).await;
            let new = format!("new-{}@acme.example", colour.len());
            let invite = PageForm::to(&browser.get(&members).await, &url::portal_invite(&acme));
            assert_eq!(browser.submit(&invite.with("email", &new).with("role", "member")).await.status, 303);
            app.device_app(&acme).await.log_in(&app, &browser).await;
            for address in [new.as_str(), "ada@acme.example"] {
                let letter = app.letter_to(address).await;
                assert!(letter.html.contains(bar), "{address}: {}", letter.html);
                assert!(!letter.html.contains("<img"), "{}", letter.html);
            }
        }
    }

    async fn a_logo_is_its_organizations_and_ends_with_it(engine: testkit::Scratch) {
        let Scene { app, acme, .. } = scene(engine).await;
        let beta = app.org("beta").await;
        app.logo(&acme, PICTURE).await;
        assert_eq!(app.get(&address_of(&acme, PICTURE)).await.status, 200);
        for other in [address_of(&beta, PICTURE), address_of(&acme, OTHER_PICTURE), format!("/orgs/{acme}/logos/x"), format!("/orgs/{acme}/logos/")] {
            assert_eq!(app.get(&other).await.status, 404, "{other}");
        }
        app.logo(&beta, PICTURE).await;
        let (org, by) = (acme.clone(), model::audit::By::operator(&app.clock.moment()));
        assert!(app.write(move |conn| server::organization::delete(conn, &org, &by)).await);
        assert_eq!(app.get(&address_of(&acme, PICTURE)).await.status, 404);
        assert_eq!((app.get(&address_of(&beta, PICTURE)).await.status, kept(&app).await), (200, 1));
    }
}
