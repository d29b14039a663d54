//! Which language a page and a letter speak.

use crate::eml::Eml;
use crate::stage::Stage;
use crate::support::{Answer, Browser};
use model::language::Language;
use reqwest::Method;
use routes::url;
use std::collections::BTreeSet;
use store::tables::users;

/// A page as a browser asks for it that accepts these languages.
async fn accepting(browser: &Browser<'_>, path: &str, languages: &str) -> Answer {
    browser.accept(languages);
    browser.get(path).await
}

fn speaks(answer: &Answer, language: Language) {
    let tag = language.tag();
    assert_eq!(answer.header("content-language"), tag, "{}", answer.text);
    assert!(answer.header("vary").contains("Accept-Language"), "{:?}", answer.headers);
    assert!(answer.text.contains(&format!("<html lang=\"{tag}\">")), "{}", answer.text);
    let (ours, others) = match language {
        Language::English => (["Sign in", "Error 404"], ["Anmelden", "Fehler 404"]),
        Language::German => (["Anmelden", "Fehler 404"], ["Sign in", "Error 404"]),
    };
    let has = |words: [&str; 2]| words.iter().any(|word| answer.text.contains(word));
    assert!(has(ours) && !has(others), "{}", answer.text);
}

async fn choose(stage: &Stage, language: Option<Language>) {
    let ada = stage.acme.owner;
    stage.app.write(move |conn| users::set_language(conn, ada, language)).await;
}

testkit::both_engines! {
    async fn a_browser_is_spoken_to_in_what_it_accepts(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let browser = stage.app.browser();
        for (header, language) in [
            ("de", Language::German),
            ("de-CH, en;q=0.9", Language::German),
            ("en;q=0.4, fr, de;q=0.5", Language::German),
            ("en-US, de;q=0.9", Language::English),
            ("fr", Language::English),
            ("de;q=0", Language::English),
            ("", Language::English),
            ("\"><script>, de;q=x", Language::English),
        ] {
            speaks(&accepting(&browser, url::LOGIN, header).await, language);
            speaks(&accepting(&browser, "/nothing/here", header).await, language);
        }
        speaks(&stage.app.get(url::LOGIN).await, Language::English);
        let two = stage.app.request(Method::GET, url::LOGIN);
        let two = two.header("accept-language", "en;q=0.1").header("accept-language", "de;q=0.2");
        speaks(&Answer::of(two).await, Language::German);
        speaks(&accepting(&browser, "/orgs/%61cme/device", "de").await, Language::German);
    }

    async fn what_an_app_asks_for_goes_before_and_lasts_for_the_walk(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let browser = stage.app.browser();
        let device = url::device(&stage.acme.org);
        let asked = accepting(&browser, &format!("{device}?ui_locales=fr+de-AT+en"), "en").await;
        assert!(asked.text.contains("Welches Gerät") && asked.header("content-language") == "de", "{}", asked.text);
        assert_eq!(browser.cookie("doorward_language").as_deref(), Some("de"));
        // The form of that page leads to the sign-in, whose errors speak it as well.
        let fields = [("csrf_token", asked.field("csrf_token")), ("user_code", "WDJB-MJHT".to_owned())];
        let next = browser.post(&device, &fields).await.location().to_owned();
        let login = accepting(&browser, &next, "en").await;
        speaks(&login, Language::German);
        let fields = [("csrf_token", login.field("csrf_token")), ("next", login.field("next")), ("email", String::new())];
        let refused = browser.post(url::LOGIN, &fields).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains("Geben Sie Ihre E-Mail-Adresse ein."), "{}", refused.text);
        // Another page may ask for another; what is not ours changes nothing.
        speaks(&browser.get(&format!("{}?ui_locales=fr", url::LOGIN)).await, Language::German);
        speaks(&browser.get(&format!("{}?ui_locales=en", url::LOGIN)).await, Language::English);
        speaks(&accepting(&browser, url::LOGIN, "de").await, Language::English);
        browser.set_cookie("doorward_language", "en\"><script>");
        speaks(&accepting(&browser, url::LOGIN, "de").await, Language::German);
    }

    async fn the_accounts_setting_goes_before_all(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        choose(&stage, Some(Language::German)).await;
        let ada = stage.ada().await;
        let german = [
            (url::ORGANIZATIONS.to_owned(), "Ihre Rolle"),
            (url::CONNECTIONS.to_owned(), "Verbundene Apps"),
            (url::portal_applications(&stage.acme.org), "Anwendungen"),
            (url::device(&stage.acme.org), "Gerätecode"),
        ];
        for (path, word) in &german {
            for asking in [path.clone(), format!("{path}?ui_locales=en")] {
                let page = accepting(&ada, &asking, "en").await;
                assert_eq!((page.status, page.header("content-language")), (200, "de"), "{asking}: {}", page.text);
                assert!(page.text.contains(word), "{asking}: {}", page.text);
            }
        }
        let codes = stage.acme.cd.begin(&stage.app).await;
        let review = ada.review(&stage.acme.org, &codes.user_code).await;
        for words in ["Dieses Gerät genehmigen?", "Wissen, wer Sie sind", "data-left-other=\"noch # Minuten\"", "gerade eben"] {
            assert!(review.text.contains(words), "{words}: {}", review.text);
        }
        choose(&stage, None).await;
        let page = accepting(&ada, url::CONNECTIONS, "de").await;
        assert_eq!(page.header("content-language"), "en", "what the app asked for in between: {}", page.text);
        let ada = stage.ada().await;
        // A newer version's language is none of ours.
        stage.app.write(|conn| conn.changed_by_sql("UPDATE users SET language = 'fr'")).await;
        assert_eq!(accepting(&ada, url::CONNECTIONS, "de").await.header("content-language"), "de");
    }

    async fn a_letter_is_in_the_accounts_language_else_in_that_of_its_cause(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        stage.app.send_letters("one").await;
        let mut known: BTreeSet<String> =
            stage.app.letters().iter().map(|letter| letter.line("Message-ID").to_owned()).collect();
        let ada = stage.ada().await;
        for (setting, accepted, subject) in [
            (None, "de", "Acme CLI kann jetzt acme organization in Ihrem Namen benutzen"),
            (None, "fr", "Acme CLI can now use acme organization as you"),
            (Some(Language::English), "de", "Acme CLI can now use acme organization as you"),
            (Some(Language::German), "en", "Acme CLI kann jetzt acme organization in Ihrem Namen benutzen"),
        ] {
            choose(&stage, setting).await;
            let codes = stage.acme.cd.begin(&stage.app).await;
            let review = ada.review(&stage.acme.org, &codes.user_code).await;
            ada.accept(accepted);
            assert_eq!(ada.decide(&stage.acme.org, &review, "approve").await.status, 303);
            // Chosen when it was caused: what is chosen afterwards changes no letter that waits.
            choose(&stage, Some(Language::English)).await;
            stage.app.send_letters("one").await;
            let letters = stage.app.letters();
            let new: Vec<&Eml> = letters.iter().filter(|letter| !known.contains(letter.line("Message-ID"))).collect();
            let [letter] = &new[..] else { panic!("{} letters", new.len()) };
            assert_eq!(letter.line("Subject"), subject);
            known.insert(letter.line("Message-ID").to_owned());
        }
    }

    async fn programs_are_answered_in_english_whatever_they_accept(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let path = format!("{}?ui_locales=de", url::oauth(&stage.acme.org, "token"));
        let request = stage.app.request(Method::POST, &path).header("accept-language", "de");
        let answer = Answer::of(request.form(&[("grant_type", "device_code")])).await;
        assert_eq!((answer.header("content-language"), answer.header("set-cookie")), ("", ""));
        assert!(answer.json["error_description"].as_str().is_some_and(str::is_ascii), "{}", answer.text);
    }
}
