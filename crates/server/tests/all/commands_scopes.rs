//! The catalogue of scopes by the command line.

use crate::commands::Operator;
use serde_json::json;
use testkit::{Scratch, both_engines_sync};

both_engines_sync! {
    fn an_operator_keeps_the_catalogue(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        let begun = operator.json("scope list --org acme-corp");
        let names: Vec<&str> = begun.as_array().unwrap().iter().map(|scope| scope["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["email", "offline_access", "openid", "profile"]);
        assert_eq!(begun[2]["applications"], json!(1), "the reference client");
        let made = operator.json("scope set --org acme-corp --name read:invoices --sentence \"Read invoices\"");
        assert_eq!(made, json!({"name": "read:invoices", "sentence": "Read invoices", "access": "read", "implies": []}));
        let made = operator.json("scope set --org acme-corp --name invoices --implies \"read:invoices openid\"");
        assert_eq!(made, json!({"name": "invoices", "sentence": "invoices", "access": "write", "implies": ["openid", "read:invoices"]}));
        let changed = operator.json("scope set --org acme-corp --name invoices --sentence Invoices --implies \"\"");
        assert_eq!((&changed["sentence"], &changed["implies"], &changed["access"]), (&json!("Invoices"), &json!([]), &json!("write")));
        let reworded = operator.json("scope set --org acme-corp --name email --sentence \"Your address\"");
        assert_eq!(reworded["sentence"], "Your address");
        for (exit, line) in [
            (2, "scope set --org acme-corp --name invoices --implies invoices"),
            (2, "scope set --org acme-corp --name invoices --implies nothing:known"),
            (2, "scope set --org acme-corp --name \"in voices\""),
            (2, "scope set --org acme-corp --name invoices --access both"),
            (2, "scope set --org acme-corp --name invoices --sentence \"\""),
            (1, "scope set --org acme-corp --name openid --access write"),
            (1, "scope set --org nowhere --name invoices"),
            (1, "scope remove --org acme-corp --name openid"),
            (1, "scope remove --org acme-corp --name nothing"),
            (1, "scope list --org nowhere"),
        ] {
            operator.refused(exit, line);
        }
        operator.json("app create --org acme-corp --name \"Acme App\" --public --grant device_code --scope invoices");
        assert!(operator.refused(1, "scope remove --org acme-corp --name invoices").contains("Acme App"));
        assert_eq!(operator.json("scope remove --org acme-corp --name read:invoices")["name"], "read:invoices");
        let actions = operator.texts("SELECT action || ' ' || object AS value FROM audit WHERE action LIKE 'scope.%' ORDER BY id");
        assert_eq!(actions, [
            "scope.created read:invoices", "scope.created invoices", "scope.changed invoices", "scope.changed email",
            "scope.removed read:invoices",
        ]);
        let shown = operator.run("scope list --org acme-corp");
        assert!(shown.out.starts_with("NAME") && shown.out.contains("Invoices"), "{shown:?}");
    }

    fn an_operator_says_what_tokens_may_be_meant_for(scratch: Scratch) {
        let operator = Operator::with_acme(scratch);
        assert_eq!(operator.json("resource list --org acme-corp"), json!([]));
        let made = operator.json("resource add --org acme-corp --uri https://api.example/v1 --name \"The API\"");
        let api = json!({"uri": "https://api.example/v1", "name": "The API"});
        assert_eq!((&made, operator.json("resource list --org acme-corp")), (&api, json!([api])));
        for (exit, line) in [
            (1, "resource add --org acme-corp --uri https://api.example/v1 --name Again"),
            (2, "resource add --org acme-corp --uri http://api.example --name API"),
            (2, "resource add --org acme-corp --uri https://other.example --name \"\""),
            (1, "resource add --org nowhere --uri https://other.example --name API"),
            (1, "resource remove --org acme-corp --uri https://api.example"),
            (1, "resource remove --org nowhere --uri https://api.example"),
            (1, "resource list --org nowhere"),
        ] {
            operator.refused(exit, line);
        }
        assert_eq!(operator.json("resource remove --org acme-corp --uri https://api.example/v1")["uri"], "https://api.example/v1");
        assert_eq!(operator.count("resources"), 0);
        let added = operator.run("resource add --instance --uri https://mcp.example --name \"MCP server\"");
        assert!(added.out.starts_with("The server itself has the resource https://mcp.example now"), "{added:?}");
        assert_eq!(operator.json("resource list --instance"), json!([{"uri": "https://mcp.example", "name": "MCP server"}]));
        let removed = operator.json("resource remove --instance --uri https://mcp.example");
        assert_eq!(removed, json!({"org_id": null, "uri": "https://mcp.example"}));
        operator.refused(1, "resource remove --instance --uri https://mcp.example");
        operator.refused(2, "resource list");
    }
}
