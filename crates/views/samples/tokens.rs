//! API keys and MCP tokens: the account's, and one just made.

use super::{LONG, RIGHT_TO_LEFT, Visitor, error, form, in_minutes, minutes_ago, owned, scopes, section, signed_in};
use views::pages::{AppFace, Choice, KeyList, KeyMade, KeyRow, KeyScope, Keys, MakeKey, Side};
use views::{AssetUrls, Message, Words, say};

pub(super) fn visit(style: &AssetUrls, visitor: &mut impl Visitor) {
    let page = Keys {
        side: side(),
        notices: vec![say::key_is_revoked()],
        errors: Vec::new(),
        lists: vec![list("mcp", mcp_tokens()), list("api_key", api_keys())],
        make: Some(make(false)),
    };
    visitor.page("tokens", &page, &signed_in(style));
    let wrong = Keys {
        notices: vec![say::newest_keys(200)],
        errors: vec![
            error("kind", say::key_kind_wrong()),
            error("name", say::name_empty()),
            error("organization", say::key_organization_wrong()),
            error("scope", say::key_scope_none()),
            error("days", say::key_days_too_many(30)),
        ],
        lists: vec![list("mcp", Vec::new()), list("api_key", Vec::new())],
        make: Some(make(true)),
        ..page
    };
    visitor.page("tokens-wrong", &wrong, &signed_in(style));
    let nowhere = Keys { notices: Vec::new(), errors: Vec::new(), make: None, ..wrong };
    visitor.page("tokens-without-organization", &nowhere, &signed_in(style));
    let made = |heading: Message, name: &str| KeyMade {
        side: side(),
        heading,
        text: "dwk_Zk3vJ1xPq0aT8mWc5RtYbgZk3vJ1xPq0aT8mWc5RtYbg0aT8mWc5R".to_owned(),
        name: name.to_owned(),
        organization: LONG.to_owned(),
        scopes: scopes(),
        expires: in_minutes(60 * 24 * 90),
        back_url: "/account/tokens".to_owned(),
    };
    visitor.page("token-made", &made(say::api_key_made(), "Nightly build"), &signed_in(style));
    visitor.page("token-made-mcp", &made(say::mcp_token_made(), RIGHT_TO_LEFT), &signed_in(style));
}

fn side() -> Side {
    Side { label: say::account(), sections: vec![section(say::keys(), "/account/tokens", true)] }
}

fn list(kind: &str, keys: Vec<KeyRow>) -> KeyList {
    let (heading, none) = match kind {
        "mcp" => (say::mcp_tokens(), say::no_mcp_token()),
        _ => (say::api_keys(), say::no_api_key()),
    };
    KeyList { kind: kind.to_owned(), heading, none, keys }
}

fn row(name: &str, app: Option<AppFace>, status: Message) -> KeyRow {
    let good = status.key() == say::key_active().key();
    KeyRow {
        name: name.to_owned(),
        beginning: "dwk_Zk3v".to_owned(),
        app,
        organization: "Acme Corp".to_owned(),
        scopes: owned(&["read", "write"]),
        made: minutes_ago(60 * 24 * 3),
        last_used: good.then(|| minutes_ago(2)),
        expires: if good { in_minutes(60 * 24 * 87) } else { minutes_ago(60) },
        status,
        revoke: good.then(|| form("/account/tokens/1/revoke")),
    }
}

fn mcp_tokens() -> Vec<KeyRow> {
    vec![
        row("Doorward MCP", Some(AppFace::new("Doorward MCP", true)), say::key_active()),
        KeyRow { organization: LONG.to_owned(), ..row(RIGHT_TO_LEFT, None, say::key_expired()) },
    ]
}

fn api_keys() -> Vec<KeyRow> {
    vec![
        row("Nightly build", None, say::key_active()),
        row(LONG, Some(AppFace::new(LONG, false)), say::key_active()),
        row("acme-cli", Some(AppFace::new("acme-cli", false)), say::key_revoked()),
    ]
}

fn make(filled: bool) -> MakeKey {
    let choice = |value: &str, label: Words, hint: Option<Message>, chosen: bool| Choice {
        value: value.to_owned(),
        label,
        hint,
        chosen,
    };
    let scope =
        |name: &str, sentence: Words, reads: bool| KeyScope { name: name.to_owned(), sentence, reads, ticked: filled };
    MakeKey {
        form: form("/account/tokens"),
        kinds: vec![
            choice("mcp", say::mcp_token().into(), Some(say::key_kind_mcp_hint()), filled),
            choice("api_key", say::api_key().into(), Some(say::key_kind_api_key_hint()), !filled),
        ],
        name: if filled { RIGHT_TO_LEFT.to_owned() } else { String::new() },
        organizations: vec![
            choice("acme-corp", Words::verbatim("Acme Corp"), None, filled),
            choice("deep-space", Words::verbatim(LONG), None, false),
        ],
        scopes: vec![
            scope("read", say::scope_read().into(), true),
            scope("read:financial", Words::verbatim("Read invoices, payments and balances of your organization"), true),
            scope("write", say::scope_write().into(), false),
        ],
        days: "90".to_owned(),
    }
}
