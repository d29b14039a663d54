//! Nothing of one organization is in reach from another, and no path leads around that.

use crate::raw;
use crate::rows::Rows;
use crate::stage::{RESOURCE, SCOPE, Side, Stage, path, purpose};
use crate::support::{Answer, App};
use model::id::OrgId;
use routes::{Caller, Method, Route, RouteSpec, TABLE, url};
use std::collections::BTreeSet;

/// An answer's text without what differs from request to request.
fn told(answer: &Answer) -> String {
    answer.text.replace(answer.header("x-request-id"), "ID")
}

fn everywhere() -> impl Iterator<Item = &'static RouteSpec> {
    TABLE.iter().filter(|spec| spec.pattern.contains("{org}"))
}

/// The fields of a client that tries whatever a client's endpoint takes, with tokens of another organization.
fn as_client<'a>(client: &'a App, grant: &'a str, owner: &'a Side) -> Vec<(&'a str, &'a str)> {
    vec![
        ("client_id", &client.client_id),
        ("client_secret", client.secret.as_deref().unwrap()),
        ("grant_type", grant),
        ("device_code", &owner.pending.device_code),
        ("refresh_token", owner.tokens["refresh_token"].as_str().unwrap()),
        ("token", owner.tokens["refresh_token"].as_str().unwrap()),
    ]
}

const GRANTS: [&str; 3] = ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token", "client_credentials"];

testkit::both_engines! {
    async fn case_41_an_access_token_is_good_in_its_organization_alone(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let token = stage.acme.tokens["access_token"].as_str().unwrap();
        for endpoint in ["userinfo", "me"] {
            let at = |org| if endpoint == "me" { url::me(org) } else { url::oauth(org, endpoint) };
            assert_eq!(stage.app.get_with_token(&at(&stage.acme.org), token).await.status, 200, "{endpoint}");
            let refused = stage.app.get_with_token(&at(&stage.beta.org), token).await;
            assert_eq!(refused.status, 401, "{endpoint}: {}", refused.text);
            assert!(refused.header("www-authenticate").contains("invalid_token"), "{endpoint}");
        }
    }

    async fn case_42_a_strangers_portal_is_as_one_that_does_not_exist(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let browser = stage.app.signed_in(stage.acme.member).await;
        let nowhere = OrgId::parse("nowhere").unwrap();
        for spec in everywhere().filter(|spec| spec.caller == Caller::OrgAdmin && spec.method == Method::Get) {
            let strange = browser.get(&path(spec, &stage.beta.org, &stage.beta)).await;
            let absent = browser.get(&path(spec, &nowhere, &stage.beta)).await;
            assert_eq!((strange.status, absent.status), (404, 404), "{spec:?}");
            assert_eq!(told(&strange), told(&absent), "{spec:?}");
            let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
            assert_eq!(names(&strange), names(&absent), "{spec:?}");
        }
        let own = browser.get(&url::portal_applications(&stage.acme.org)).await;
        assert_eq!(own.status, 403, "a member who is no admin is told so");
    }

    async fn case_43_another_organizations_application_is_not_found(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let ada = stage.ada().await;
        let before = Rows::of(&stage.app).await;
        let patterns = TABLE.iter().filter(|spec| spec.pattern.contains("{application}"));
        for spec in patterns {
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
                let path = path(spec, &stage.acme.org, &stage.beta);
                let (action, object) = purpose_of(spec, &stage.acme.org, &stage.beta);
                let token = ada.token_for((action, &object));
                let request = ada
                    .request(method.parse().unwrap(), &path)
                    .header("sec-fetch-site", "same-origin")
                    .form(&[("csrf_token", token.as_str()), ("name", "Acme CLI"), ("revision", "1")]);
                let answer = Answer::of(request).await;
                let own = TABLE.iter().any(|other| {
                    other.pattern == spec.pattern
                        && (other.method.as_str() == method || (other.method == Method::Get && method == "HEAD"))
                });
                // A form of the page has the token of its own action; where another method of the path has one, the
                // form is refused as forged.
                let fits = spec.method.as_str() == method || method == "HEAD" || method == "GET";
                match (own, fits) {
                    (true, true) => assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text),
                    (true, false) => assert!([403, 404].contains(&answer.status), "{method} {path}"),
                    (false, _) => assert!([404, 405].contains(&answer.status), "{method} {path}: {}", answer.status),
                }
            }
        }
        before.assert_unchanged(&stage.app, "acme's admin").await;
    }

    async fn case_44_no_spelling_of_a_path_leads_to_an_organization(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        for tail in ["device", "portal", "api/v1/oauth/userinfo", ".well-known/openid-configuration", "brand.css"] {
            for target in [
                "/orgs/a%2Fb/", "/orgs/%2e%2e/", "/orgs/acme%2e%2e/", "/orgs/acme%00/", "/orgs/%61cme/", "/%6frgs/acme/",
                "/orgs/acme;x/", "/orgs;/acme/", "//orgs/acme/", "/orgs//acme/", "/orgs/ACME/", "/orgs/acme-/",
                "/orgs/-acme/", "/orgs/acme./", "/orgs/acme%20/", "/orgs/acme+/", "/orgs/\\acme/", "/orgs/~instance/",
            ] {
                let answer = raw::get(&stage.app, &format!("{target}{tail}"));
                assert!(answer.starts_with("HTTP/1.1 404"), "{target}{tail}: {answer}");
            }
            for target in ["/orgs/../orgs/acme/", "/./orgs/acme/", "/orgs/./acme/"] {
                let answer = raw::get(&stage.app, &format!("{target}{tail}"));
                assert!(answer.starts_with("HTTP/1.1 404"), "{target}{tail}: {answer}");
            }
        }
        assert!(raw::get(&stage.app, "/orgs/acme/device").starts_with("HTTP/1.1 200"));
    }

    async fn nothing_of_another_organization_is_in_reach(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (ben, acme, beta) = (stage.ben().await, &stage.acme, &stage.beta);
        let before = Rows::of(&stage.app).await;
        for spec in everywhere() {
            // In acme's organization with acme's ids; in beta's own with acme's ids.
            for org in [&acme.org, &beta.org] {
                let (at_home, target) = (*org == beta.org, path(spec, org, acme));
                let what = format!("{} {target}", spec.method.as_str());
                let answer = match spec.caller {
                    Caller::Client => {
                        for grant in GRANTS.iter().filter(|grant| !at_home || !own_business(spec.route, grant)) {
                            let answer = stage.app.form(&target, &as_client(&beta.cs, grant, acme)).await;
                            match spec.route {
                                _ if !at_home => answer.assert_invalid_client(),
                                Route::Token => answer.assert_error("invalid_grant"),
                                Route::Introspect => assert_eq!(answer.text, "{\"active\":false}"),
                                Route::Revoke => assert_eq!((answer.status, answer.text.as_str()), (200, "{}")),
                                other => panic!("{other:?}: what does a client of another organization get?"),
                            }
                        }
                        continue;
                    }
                    Caller::Bearer => {
                        let token = if at_home { acme } else { beta }.tokens["access_token"].as_str().unwrap();
                        let request = stage.app.request(spec.method.as_str().parse().unwrap(), &target);
                        assert_eq!(Answer::of(request.bearer_auth(token)).await.status, 401, "{what}");
                        continue;
                    }
                    // Signing out is ben's own business; that acme's claim stays is the next test's.
                    // What a client posts is kept until its browser comes back, whoever brings it.
                    _ if spec.route == Route::AuthorizePost => continue,
                    _ if at_home && !names_a_thing(spec) || spec.route == Route::DeviceRelease => continue,
                    _ if spec.method == Method::Get => ben.get(&target).await,
                    _ => ben.post(&target, &as_forger(&ben, spec, org, acme)).await,
                };
                let expected = match (spec.route, spec.caller) {
                    (Route::DeviceEntry | Route::DeviceContinue, _) => 403,
                    // Setting out is for guests; a browser that comes back with nothing begins anew.
                    (Route::OrgUpstreamStart, _) => if at_home { 404 } else { 403 },
                    (Route::OrgUpstreamCallback, _) => 303,
                    (Route::Permissions, _) => 200,
                    // An account's page, where nothing of ben's has this name.
                    (Route::Disconnect, _) => 404,
                    // Anybody is asked whether to sign out.
                    (Route::ClientLogout, _) => 200,
                    (Route::ClientLogoutPost, _) => 303,
                    (_, Caller::Public) => if spec.html { 400 } else { 200 },
                    (_, Caller::OrgAdmin) => 404,
                    _ => if at_home { 404 } else { 403 },
                };
                assert_eq!(answer.status, expected, "{what}: {}", answer.text);
            }
        }
        before.assert_unchanged(&stage.app, "beta's owner").await;
    }

    async fn a_member_administers_nothing(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (member, acme) = (stage.app.signed_in(stage.acme.member).await, &stage.acme);
        let before = Rows::of(&stage.app).await;
        for spec in everywhere().filter(|spec| spec.caller == Caller::OrgAdmin) {
            let target = path(spec, &acme.org, acme);
            let answer = match spec.method {
                Method::Get => member.get(&target).await,
                Method::Post | Method::Delete => {
                    member.post(&target, &as_forger(&member, spec, &acme.org, acme)).await
                }
            };
            assert_eq!(answer.status, 403, "{target}: {}", answer.text);
            assert!(answer.text.contains("for admins of the organization"), "{target}: {}", answer.text);
        }
        before.assert_unchanged(&stage.app, "a member").await;
    }

    async fn somebody_elses_claim_stays_theirs(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let release = TABLE.iter().find(|spec| spec.route == Route::DeviceRelease).unwrap();
        for org in [&stage.acme.org, &stage.beta.org] {
            let ben = stage.ben().await;
            let before = Rows::of(&stage.app).await.without(&["sessions", "audit"]);
            let answer = ben.post(&path(release, org, &stage.acme), &as_forger(&ben, release, org, &stage.acme)).await;
            assert_eq!(answer.status, 303, "{}", answer.text);
            assert_eq!(before.changed(&Rows::of(&stage.app).await.without(&["sessions", "audit"])), [""; 0]);
        }
        let review = stage.ada().await.get(&url::device_review(&stage.acme.org, stage.acme.grant.parse().unwrap())).await;
        assert_eq!(review.status, 200);
    }

    async fn an_organization_that_does_not_exist_is_not_found_by_anybody(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, guest) = (stage.ada().await, stage.app.browser());
        let nowhere = OrgId::parse("nowhere").unwrap();
        let token = stage.acme.tokens["access_token"].as_str().unwrap();
        let before = Rows::of(&stage.app).await.without(&["sessions", "audit"]);
        for spec in everywhere() {
            let target = path(spec, &nowhere, &stage.acme);
            let method: reqwest::Method = spec.method.as_str().parse().unwrap();
            let what = format!("{method} {target}");
            let answer = match (spec.caller, spec.method) {
                (Caller::Client, _) => {
                    let fields = as_client(&stage.acme.cs, GRANTS[2], &stage.acme);
                    let absent = stage.app.form(&target, &fields).await;
                    let unreadable = stage.app.form(&target.replace("nowhere", "ACME"), &fields).await;
                    assert_eq!(told(&absent), told(&unreadable), "{what}");
                    absent
                }
                (Caller::Bearer, _) => Answer::of(stage.app.request(method, &target).bearer_auth(token)).await,
                (_, Method::Get) => {
                    assert_eq!(guest.get(&target).await.status, 404, "{what}, signed out");
                    ada.get(&target).await
                }
                (_, Method::Post | Method::Delete) => {
                    ada.post(&target, &as_forger(&ada, spec, &nowhere, &stage.acme)).await
                }
            };
            assert_eq!(answer.status, 404, "{what}: {}", answer.text);
        }
        assert_eq!(before.changed(&Rows::of(&stage.app).await.without(&["sessions", "audit"])), [""; 0]);
    }
}

/// Whether a route's path, query or form names something that belongs to an organization.
fn names_a_thing(spec: &RouteSpec) -> bool {
    ["{application}", "{family}", "{key}", "{user}", "{invitation}", "{provider}", "{identity}"]
        .iter()
        .any(|id| spec.pattern.contains(id))
        || matches!(spec.route, Route::DeviceReview | Route::DeviceResult | Route::DeviceDecision)
}

/// What a client does at home without anything of another organization.
fn own_business(route: Route, grant: &str) -> bool {
    route == Route::DeviceAuthorization || (route == Route::Token && grant == GRANTS[2])
}

/// The fields of a page's form with somebody else's ids and a token that is right for them, which no page gives out.
fn as_forger<'a>(
    browser: &crate::support::Browser<'_>,
    spec: &RouteSpec,
    org: &'a OrgId,
    things: &'a Side,
) -> Vec<(&'a str, String)> {
    let mut fields = Vec::new();
    if spec.csrf {
        let (action, object) = purpose(spec, org, things);
        fields.push(("csrf_token", browser.token_for((action, &object))));
    }
    if spec.pattern.contains("/device") && !spec.pattern.contains("/portal/") {
        fields.extend([
            ("grant", things.grant.clone()),
            ("decision", "approve".to_owned()),
            ("confirm", "yes".to_owned()),
        ]);
        fields.extend([("organization", org.to_string()), ("user_code", things.pending.user_code.clone())]);
    } else {
        fields.extend([
            ("name", "Acme CLI".to_owned()),
            ("kind", "public".to_owned()),
            ("grant", "device_code".to_owned()),
            ("application", things.cd.id.to_string()),
            ("provider", things.provider.to_string()),
            ("scope", SCOPE.to_owned()),
            ("uri", RESOURCE.to_owned()),
            ("decision", "approve".to_owned()),
        ]);
        fields.push(("revision", "1".to_owned()));
    }
    fields
}

/// What the form at a path about an application is for; for the page itself, what its first form is for.
fn purpose_of(spec: &RouteSpec, org: &OrgId, things: &Side) -> (&'static str, String) {
    if spec.method == Method::Get {
        return ("application-edit", things.cd.id.to_string());
    }
    purpose(spec, org, things)
}

#[test]
fn every_route_below_an_organization_is_one_of_these() {
    // A parameter of another name would slip through the tests above.
    for spec in TABLE {
        let names: Vec<&str> = spec.pattern.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        assert!(
            names.iter().all(|name| [
                "org",
                "application",
                "family",
                "name",
                "user",
                "invitation",
                "token",
                "letter",
                "passkey",
                "session",
                "device",
                "provider",
                "logo",
                "identity",
                "key"
            ]
            .contains(name)),
            "{spec:?}"
        );
    }
}
