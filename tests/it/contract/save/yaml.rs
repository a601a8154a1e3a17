//! Sources that are not one readable flow are refused before anything is sent.

use serde_json::json;

use super::{FLOW, TOOL, forget, nothing_written, source};
use crate::contract::answer::mentions;
use crate::contract::world::World;
use crate::contract::{everywhere, simulated};

everywhere![
    broken_yaml_is_reported_with_line_and_column,
    markers_and_comments_around_a_flow_are_accepted,
    ambiguous_yaml_is_refused_before_anything_is_sent,
    yaml_faults_name_line_and_column,
];

simulated![size_and_depth_are_limited,];

async fn broken_yaml_is_reported_with_line_and_column(world: &mut World) {
    for broken in [
        "tasks: [\n",
        "tasks:\n  - id: a\n   type: b\n",
        "description: \"open\ntasks: []\n",
    ] {
        let given = format!("id: saved\nnamespace: {}\n{broken}", world.namespace);
        let error = world.refused(TOOL, json!({ "source": given })).await;
        assert_eq!(error["code"], "VALIDATION_FAILED", "{error}");
        let fault = &error["faults"][0];
        assert!(
            fault["line"].as_u64().is_some_and(|line| line >= 2) && fault["column"].is_u64(),
            "{broken}: {error}"
        );
    }
    nothing_written(world);
}

async fn markers_and_comments_around_a_flow_are_accepted(world: &mut World) {
    let good = source(world, FLOW).replace("id: saved", "id: {id}");
    let head = "# Licence: kept\n# of this flow\n";
    for (at, text) in [
        format!("{head}---\n{good}"),
        format!("---\n{good}...\n"),
        format!("{good}# end"),
        good.replace('\n', "\r\n"),
        format!("{good}variables:\n  a: &v {{x: [1, 2]}}\n  b: *v\n"),
        format!("{good}description: |\n  \ttab\n"),
        format!("{good}variables: {{\n  a: 1\n}}\n"),
        format!("{good}description: \"two\n  lines\"\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let text = text.replace("{id}", &format!("round-{at}"));
        let saved = world.call(TOOL, json!({ "source": text })).await;
        assert_eq!(saved["outcome"], "created", "{text}: {saved}");
    }
    let marked = format!("\u{feff}{}", good.replace("{id}", "marked"));
    let saved = world.call(TOOL, json!({ "source": marked })).await;
    assert_eq!(saved["outcome"], "created", "{saved}");
    assert!(
        saved["warnings"].to_string().contains("byte order mark"),
        "{saved}"
    );
    let read = world
        .call(
            "get_flow",
            json!({ "namespace": world.namespace, "flow_id": "marked" }),
        )
        .await;
    assert!(
        read["untrusted"]["source"]
            .as_str()
            .unwrap()
            .starts_with("# kept"),
        "{read}"
    );
    let odd = good.replace("{id}", "odd").replace("- id: say", "- id: no");
    let saved = world.call(TOOL, json!({ "source": odd })).await;
    assert!(saved["warnings"].to_string().contains("`false`"), "{saved}");
}

async fn ambiguous_yaml_is_refused_before_anything_is_sent(world: &mut World) {
    world.call("auth_status", json!({})).await;
    forget(world);
    let good = source(world, FLOW);
    let ns = world.namespace.clone();
    let mut cases = vec![
        (format!("{good}id: again\n"), "each key once"),
        (
            format!("{good}variables: {{a: 1, a: 2}}\n"),
            "each key once",
        ),
        (
            format!("{good}namespace: kmcp.elsewhere\n"),
            "each key once",
        ),
        (good.replace("id: saved", "id: &x saved"), "anchor"),
        (
            good.replace("id: saved", "description: &x saved\nid: *x"),
            "alias",
        ),
        (
            format!("{good}variables:\n  b: *x\n"),
            "an anchor that stands, whole, before it",
        ),
        (
            format!("{good}description: {{{{ x }}}}\n"),
            "quotes round the expression",
        ),
        (format!("{good}variables:\n  <<: {{a: 1}}\n"), "merge"),
        (format!("{good}description: !!str x\n"), "tag"),
        (
            format!("{good}---\nid: second\nnamespace: {ns}\n"),
            "one document",
        ),
        (format!("{good}---\n"), "one document"),
        ("- id: saved\n".to_owned(), "a mapping"),
        ("text\n".to_owned(), "a mapping"),
        (String::new(), "one YAML document"),
        ("# nothing else\n".to_owned(), "one YAML document"),
        (good.replace("hi ü", "[redacted:secret]"), "original text"),
        (good.replace("id: saved\n", ""), "`id`"),
        (
            good.replace(&format!("namespace: {ns}\n"), ""),
            "`namespace`",
        ),
        (good.replace("id: saved", "id: [saved]"), "`id`"),
        (
            good.replace(&format!("namespace: {ns}"), "namespace: {a: b}"),
            "`namespace`",
        ),
        (good.replace("id: saved", "id: \"\""), "`id`"),
    ];
    // Kestra reads each of these as a value other than its text.
    for odd in [
        "no", "off", "010", "1e3", "0x1F", "1_000", ".5", "~", "null", "",
    ] {
        cases.push((good.replace("id: saved", &format!("id: {odd}")), "quotes"));
        cases.push((
            good.replace(&format!("namespace: {ns}"), &format!("namespace: {odd}")),
            "quotes",
        ));
        cases.push((
            good.replace(
                "type: io.kestra.plugin.core.log.Log",
                &format!("type: {odd}"),
            ),
            "quotes",
        ));
    }
    // In a comment, which few readers end at such a character.
    for hidden in ["\u{85}", "\u{2028}", "\u{2029}", "\r"] {
        let evil = format!(
            "id: saved\n# x{hidden}description: \"\nnamespace: {ns}\n# \"{hidden}namespace: kmcp.evil\n{}",
            &good[good.find("tasks").unwrap()..]
        );
        cases.push((evil, "carriage return"));
        cases.push((format!("{good}# x{hidden}triggers: [{{id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: '* * * * *'}}]\n"), "carriage return"));
    }
    for (given, word) in cases {
        let error = world.refused(TOOL, json!({ "source": given })).await;
        assert_eq!(error["code"], "INVALID_ARGUMENT", "{given}: {error}");
        assert_eq!(error["faults"][0]["field"], "source", "{error}");
        let said = error["faults"]
            .as_array()
            .unwrap()
            .iter()
            .any(|fault| fault["expected"].as_str().unwrap().contains(word));
        assert!(said, "{word}: {error}\n{given}");
    }
    if world.simulator.is_some() {
        assert_eq!(world.sent(), Vec::<String>::new());
    }
}

async fn yaml_faults_name_line_and_column(world: &mut World) {
    let given = source(world, FLOW).replace("id: saved", "id: no");
    let error = world.refused(TOOL, json!({ "source": given })).await;
    assert!(
        error["faults"][0]["expected"]
            .as_str()
            .unwrap()
            .starts_with("line 2, column 5: quotes"),
        "{error}"
    );
}

async fn size_and_depth_are_limited(world: &mut World) {
    let base = format!("{}description: ", source(world, FLOW));
    let fits = format!("{base}{}", "x".repeat((256 << 10) - base.len()));
    assert_eq!(fits.len(), 256 << 10);
    let saved = world.call(TOOL, json!({ "source": fits })).await;
    assert_eq!(saved["outcome"], "created", "{saved}");
    world.forget();
    let error = world
        .refused(TOOL, json!({ "source": format!("{fits}x") }))
        .await;
    mentions(&error["faults"][0]["expected"], "256 KiB");
    let deep = |lists: usize| {
        format!(
            "{}variables:\n  x: {}{}\n",
            source(world, FLOW),
            "[".repeat(lists),
            "]".repeat(lists)
        )
    };
    let (most, more) = (deep(62), deep(63));
    let error = world.refused(TOOL, json!({ "source": more })).await;
    mentions(&error["faults"][0]["expected"], "64");
    world
        .refused(TOOL, json!({ "source": deep_without_end(world) }))
        .await;
    assert_eq!(world.sent(), Vec::<String>::new());
    let error = world.refused(TOOL, json!({ "source": most })).await;
    assert_eq!(error["code"], "CONFLICT", "valid, and only different");
    assert!(
        error.to_string().len() < 6 << 10,
        "{} bytes",
        error.to_string().len()
    );
}

fn deep_without_end(world: &World) -> String {
    format!("{}variables: {}", source(world, FLOW), "[".repeat(100_000))
}
