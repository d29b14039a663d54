//! Every page under the eyes of axe-core, which knows the rules of WCAG that a program can check.

use std::collections::BTreeSet;

use e2e::chromium::Chromium;
use e2e::places::provided;
use e2e::wait::PATIENCE;
use serde::Deserialize;

/// What axe-core finds, with its words for how bad it is: minor, moderate, serious or critical. Targets that are too small
/// (WCAG 2.5.8) it looks for when it is asked to. What is folded away is opened meanwhile, but for menus, which lie over
/// the page.
const RUN: &str = "
    const folded = document.querySelectorAll('main details:not([open]), footer details:not([open])');
    const fold = (open) => folded.forEach((details) => { details.open = open; });
    const done = (found) => { fold(false); arguments[arguments.length - 1](found); };
    fold(true);
    axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }).then(
      ({ violations }) => done(violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ target, failureSummary }) => ({ rule: id, impact, element: target.join(' '), why: failureSummary })))),
      (error) => done([{ rule: 'axe-core', impact: 'critical', element: '', why: String(error) }]));
";

/// How far the page sticks out to the side, in CSS pixels, and what does it.
const OVERHANG: &str = "
    const edge = document.documentElement.clientWidth, wide = document.documentElement.scrollWidth - edge;
    const last = wide > 0 && [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > edge).pop();
    return wide > 0 ? `${wide} px beyond the edge: ${last ? last.outerHTML.slice(0, 200) : ''}` : null;
";

#[derive(Debug, Deserialize)]
struct Violation {
    rule: String,
    impact: Option<String>,
    element: String,
    why: String,
}

async fn violations(chromium: &Chromium) -> Vec<Violation> {
    chromium.driver().execute_async(RUN, Vec::new()).await.expect("axe-core answers").convert().expect("violations")
}

/// Light and dark, as each has colours of its own; and no page scrolls sideways on the narrowest screen (WCAG 1.4.10).
#[tokio::test]
async fn no_page_keeps_anybody_out() {
    let axe = std::fs::read_to_string(provided("npm/node_modules/axe-core/axe.min.js")).expect("axe-core");
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    e2e::tour::walk(async |chromium, page| {
        assert!(seen.insert(page.to_owned()), "two pages are called {page}");
        chromium.driver().set_script_timeout(PATIENCE).await.expect("a deadline");
        chromium.driver().execute(axe.as_str(), Vec::new()).await.expect("axe-core runs");
        // A letter leaves the ground to whoever shows it, and axe-core takes that for white whatever it is.
        for scheme in if page == "letter" { &["light"][..] } else { &["light", "dark"] } {
            chromium.prefer(scheme).await;
            for Violation { rule, impact, element, why } in violations(chromium).await {
                let impact = impact.unwrap_or_default();
                found.push(format!("{page}, {scheme}: {rule} ({impact}) at {element}: {why}"));
            }
        }
        chromium.resize(320, 640).await;
        if let Some(overhang) = chromium.ask(OVERHANG).await.as_str() {
            found.push(format!("{page}: {overhang}"));
        }
        chromium.resize_back().await;
    })
    .await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}
