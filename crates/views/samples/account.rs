//! Account pages and letters.

use super::{LONG, RIGHT_TO_LEFT, Visitor, form, minutes_ago, scopes, section, signed_in};
use views::letters::{DeviceAuthorized, TestLetter};
use views::pages::{AppFace, Connection, Connections, OrganizationRow, Organizations, Side};
use views::{AssetUrls, Message, say};

pub(super) fn visit(style: &AssetUrls, visitor: &mut impl Visitor) {
    organizations(style, visitor);
    connections(style, visitor);
    letters(visitor);
}

fn side(connections: bool) -> Side {
    let sections = vec![
        section(say::organizations(), "/orgs", !connections),
        section(say::connected_apps(), "/account/connections", connections),
    ];
    Side { label: say::account(), sections }
}

fn organizations(style: &AssetUrls, visitor: &mut impl Visitor) {
    let row = |org_id: &str, name: &str, role: Message, admin: bool| OrganizationRow {
        org_id: org_id.to_owned(),
        name: name.to_owned(),
        role,
        portal_url: admin.then(|| format!("/orgs/{org_id}/portal")),
        device_url: format!("/orgs/{org_id}/device"),
    };
    let page = Organizations {
        side: side(false),
        organizations: vec![
            row("acme-corp", "Acme Corp", say::role_owner(), true),
            row("beta", RIGHT_TO_LEFT, say::role_member(), false),
            row("deep-space", LONG, say::role_admin(), true),
        ],
    };
    visitor.page("organizations", &page, &signed_in(style));
    let none = Organizations { side: Side { label: say::account(), sections: Vec::new() }, organizations: Vec::new() };
    visitor.page("organizations-empty", &none, &signed_in(style));
}

fn connections(style: &AssetUrls, visitor: &mut impl Visitor) {
    let connection = |app: AppFace, organization: &str, used: bool| Connection {
        app,
        organization: organization.to_owned(),
        scopes: scopes(),
        since: minutes_ago(60 * 24 * 3),
        last_used: used.then(|| minutes_ago(2)),
        disconnect: form("/account/connections/disconnect"),
    };
    let page = Connections {
        side: side(true),
        notice: Some(say::disconnected()),
        connections: vec![
            connection(AppFace::new("Acme CLI", true), "Acme Corp", true),
            connection(AppFace::new(RIGHT_TO_LEFT, false), "Beta Laboratories", false),
            Connection { scopes: Vec::new(), ..connection(AppFace::new(LONG, true), LONG, true) },
        ],
        device_url: "/device".to_owned(),
    };
    visitor.page("connections", &page, &signed_in(style));
    visitor.page(
        "connections-empty",
        &Connections { notice: None, connections: Vec::new(), ..page },
        &signed_in(style),
    );
}

fn letters(visitor: &mut impl Visitor) {
    let letter = DeviceAuthorized {
        user_name: "Ada".to_owned(),
        app_name: "Acme CLI".to_owned(),
        app_verified: true,
        organization: "Acme Corp".to_owned(),
        scopes: scopes(),
        approved: minutes_ago(0),
        ip: "198.51.100.23".to_owned(),
        place: Some(say::place_near_city_country("Lyon", "France")),
        program: Some("Doorward 0.1 on Linux".to_owned()),
        connections_url: "https://auth.acme.example/account/connections".to_owned(),
        public_host: "auth.acme.example".to_owned(),
    };
    visitor.letter("device-authorized", &letter);
    let bare = DeviceAuthorized {
        user_name: String::new(),
        app_name: "R&D <kiosk>".to_owned(),
        app_verified: false,
        scopes: Vec::new(),
        place: None,
        program: None,
        ..letter
    };
    visitor.letter("device-authorized-bare", &bare);
    let test = TestLetter { public_host: "auth.acme.example".to_owned(), sent: minutes_ago(0) };
    visitor.letter("test-letter", &test);
}
