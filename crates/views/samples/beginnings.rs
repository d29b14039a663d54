//! Pages and letters with which accounts begin and are recovered, and the portal's members.

use super::{
    LONG, RIGHT_TO_LEFT, Visitor, error, form, in_minutes, minutes_ago, of_acme, of_branded, section, signed_in,
    stranger,
};
use views::letters::{AccountLetter, Invitation};
use views::pages::{
    AskByMail, Choice, CreateAccount, Declined, EmailCode, EmailConfirm, InvitationRow, Join, LetterLink, LetterPage,
    LetterRow, LetterSent, Letters, MemberRow, Members, NewPassword, ProviderButton, Side,
};
use views::{AssetUrls, say};

pub(super) fn visit(style: &AssetUrls, visitor: &mut impl Visitor) {
    asking(style, visitor);
    choosing(style, visitor);
    joining(style, visitor);
    by_email(style, visitor);
    members(style, visitor);
    letters(visitor);
    written(style, visitor);
}

fn written(style: &AssetUrls, visitor: &mut impl Visitor) {
    let row = |to: &str, subject: &str| LetterRow {
        to: to.to_owned(),
        subject: subject.to_owned(),
        written: minutes_ago(1),
        url: "/letters/0199".to_owned(),
    };
    let list = vec![row("ada@acme.example", "Choose a new password"), row("dana@acme.example", RIGHT_TO_LEFT)];
    visitor.page("letters", &Letters { letters: list }, &stranger(style));
    visitor.page("letters-none", &Letters { letters: Vec::new() }, &stranger(style));
    let url = "https://auth.acme.example/reset/token?from=letter";
    let letter = LetterPage {
        to: "ada@acme.example".to_owned(),
        subject: "Choose a new password for auth.acme.example".to_owned(),
        written: minutes_ago(1),
        links: vec![LetterLink { label: Some("New password".to_owned()), url: url.to_owned() }],
        text: format!("Hello Ada,\n\nNew password: {url}\n"),
        html: format!("<p>Hello Ada, <a href=\"{url}\">choose</a></p>"),
        list_url: "/letters".to_owned(),
    };
    visitor.page("letter", &letter, &stranger(style));
    visitor.page("letter-without-links", &LetterPage { links: Vec::new(), ..letter }, &stranger(style));
}

fn asking(style: &AssetUrls, visitor: &mut impl Visitor) {
    let ask = |what: &str| AskByMail {
        what: what.to_owned(),
        form: form("/reset"),
        email: String::new(),
        remember: false,
        errors: Vec::new(),
        login_url: "/login".to_owned(),
    };
    visitor.page("reset", &ask("reset"), &stranger(style));
    visitor.page("register", &ask("register"), &of_acme(stranger(style)));
    visitor.page("sign-in-by-email", &ask("sign_in"), &stranger(style));
    let wrong = AskByMail {
        email: "ada@acme".to_owned(),
        errors: vec![error("email", say::letter_address_wrong())],
        ..ask("register")
    };
    visitor.page("register-wrong", &wrong, &of_branded(stranger(style)));
    for what in ["register", "reset"] {
        let login_url = (what == "register").then(|| "/login?next=%2Forgs%2Facme-corp%2Fembedded".to_owned());
        let sent = LetterSent { what: what.to_owned(), again_url: format!("/{what}"), login_url };
        visitor.page(&format!("{what}-sent"), &sent, &of_acme(stranger(style)));
    }
}

fn choosing(style: &AssetUrls, visitor: &mut impl Visitor) {
    let weak = || vec![error("password", say::password_guessable())];
    let password = NewPassword { form: form("/reset/link"), email: "ada@acme.example".to_owned(), errors: Vec::new() };
    visitor.page("new-password", &password, &stranger(style));
    visitor.page("new-password-weak", &NewPassword { errors: weak(), ..password }, &stranger(style));
    let account = CreateAccount {
        form: form("/register/link"),
        email: "ada@acme.example".to_owned(),
        name: String::new(),
        decline: None,
        invited_to: None,
        providers: Vec::new(),
        errors: Vec::new(),
    };
    visitor.page("create-account", &account, &of_acme(stranger(style)));
    let invited = CreateAccount {
        name: RIGHT_TO_LEFT.to_owned(),
        decline: Some(form("/invitations/acme-corp.abc/decline")),
        invited_to: Some(LONG.to_owned()),
        providers: vec![ProviderButton {
            name: "Google".to_owned(),
            organization: None,
            form: form("/login/upstream/google"),
        }],
        errors: weak(),
        ..account
    };
    visitor.page("create-account-invited", &invited, &of_acme(stranger(style)));
}

fn joining(style: &AssetUrls, visitor: &mut impl Visitor) {
    let join = Join {
        organization: "Acme Corp".to_owned(),
        invited: true,
        role: "admin".to_owned(),
        email: "ada@acme.example".to_owned(),
        decline: Some(form("/invitations/acme-corp.abc/decline")),
        join: Some(form("/invitations/token")),
        login_url: None,
        sign_out: None,
        signed_in_as: "ada@acme.example".to_owned(),
    };
    visitor.page("join", &join, &of_acme(stranger(style)));
    let guest = Join { join: None, login_url: Some("/login".to_owned()), ..join.clone() };
    visitor.page("join-signed-out", &guest, &of_acme(stranger(style)));
    let other = Join {
        join: None,
        sign_out: Some(form("/logout")),
        signed_in_as: "ben@beta.example".to_owned(),
        ..join.clone()
    };
    visitor.page("join-another", &other, &of_acme(stranger(style)));
    visitor.page("invitation-declined", &Declined { organization: RIGHT_TO_LEFT.to_owned() }, &stranger(style));
    let open = Join { invited: false, decline: None, role: "member".to_owned(), ..join };
    visitor.page("join-open", &open, &of_branded(stranger(style)));
}

fn by_email(style: &AssetUrls, visitor: &mut impl Visitor) {
    let code = EmailCode { form: form("/login/email/code"), again_url: "/login/email".to_owned(), errors: Vec::new() };
    visitor.page("email-code", &code, &stranger(style));
    let wrong = EmailCode { errors: vec![error("code", say::email_code_wrong())], ..code };
    visitor.page("email-code-wrong", &wrong, &stranger(style));
    visitor.page("email-confirm", &EmailConfirm { form: Some(form("/login/email/link")) }, &stranger(style));
    visitor.page("email-confirm-elsewhere", &EmailConfirm { form: None }, &stranger(style));
}

fn members(style: &AssetUrls, visitor: &mut impl Visitor) {
    let role = |value: &str, chosen: bool| Choice {
        value: value.to_owned(),
        label: say::make_member().into(),
        hint: (!chosen).then(say::role_member_hint),
        chosen,
    };
    let row = |name: &str, email: &str, own: &str, mine: bool| MemberRow {
        name: name.to_owned(),
        email: email.to_owned(),
        role: say::role_admin(),
        disabled: !mine,
        change: mine.then(|| form("/orgs/acme-corp/portal/members/1/role")),
        roles: ["member", "admin", "owner"].map(|value| role(value, value == own)).into(),
        remove: mine.then(|| form("/orgs/acme-corp/portal/members/1/remove")),
    };
    let invitation = |email: &str, lives: bool| InvitationRow {
        email: email.to_owned(),
        role: say::role_member(),
        sent: minutes_ago(60),
        expires: lives.then(|| in_minutes(600)),
        resend: lives.then(|| form("/orgs/acme-corp/portal/invitations/1/resend")),
        revoke: form("/orgs/acme-corp/portal/invitations/1/revoke"),
    };
    let page = Members {
        side: Side {
            label: say::portal(),
            sections: vec![section(say::members(), "/orgs/acme-corp/portal/members", true)],
        },
        notice: Some(say::invitation_sent()),
        members: vec![
            row("Ada", "ada@acme.example", "owner", true),
            row(RIGHT_TO_LEFT, "dana@acme.example", "member", true),
            row("", "with-a-rather-long-address@deep.space.acme.example", "admin", false),
        ],
        invitations: vec![invitation("grace@acme.example", true), invitation("late@acme.example", false)],
        invite: form("/orgs/acme-corp/portal/members/invite"),
        email: "grace@acme".to_owned(),
        roles: vec![role("member", true), role("admin", false)],
        errors: vec![error("email", say::letter_address_wrong())],
    };
    visitor.page("portal-members", &page, &of_acme(signed_in(style)));
    let none = Members { notice: None, invitations: Vec::new(), email: String::new(), errors: Vec::new(), ..page };
    visitor.page("portal-members-no-invitations", &none, &of_acme(signed_in(style)));
}

fn letters(visitor: &mut impl Visitor) {
    let letter = AccountLetter {
        letter: "registration",
        user_name: "Ada".to_owned(),
        organization: "Acme Corp".to_owned(),
        url: "https://auth.acme.example/register/token?from=letter".to_owned(),
        other_url: "https://auth.acme.example/reset".to_owned(),
        code: "1234 5678".to_owned(),
        at: minutes_ago(0),
        ip: "198.51.100.23".to_owned(),
        place: Some(say::place_near_city("Lyon")),
        program: Some("Firefox (Linux)".to_owned()),
        public_host: "auth.acme.example".to_owned(),
    };
    for name in [
        "registration",
        "already_registered",
        "password_reset",
        "sign_in_code",
        "no_account",
        "email_change",
        "email_taken",
    ] {
        visitor.letter(name, &AccountLetter { letter: name, ..letter.clone() });
        let bare = AccountLetter {
            letter: name,
            user_name: String::new(),
            organization: String::new(),
            place: None,
            program: None,
            ..letter.clone()
        };
        visitor.letter(&format!("{name}-bare"), &bare);
    }
    let invitation = Invitation {
        organization: RIGHT_TO_LEFT.to_owned(),
        accent: "#1f6feb".to_owned(),
        inviter: "Ada".to_owned(),
        inviter_email: "ada@acme.example".to_owned(),
        role: "admin".to_owned(),
        url: "https://auth.acme.example/invitations/token?from=letter".to_owned(),
        until: in_minutes(60 * 24 * 7),
        public_host: "auth.acme.example".to_owned(),
    };
    visitor.letter("invitation", &invitation);
    visitor.letter("invitation-bare", &Invitation { inviter: String::new(), role: "member".to_owned(), ..invitation });
}
