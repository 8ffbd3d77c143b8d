//! What abi3audit 0.0.26 prints with `--report`, for scripts that read that.
//!
//! It tells of abi3 alone: what a wheel promises to free-threaded builds, suffixes, hooks and libraries
//! have no place in it. `PyModExport_` hooks, which that tool takes for offences, are none here.

use serde_json::{Map, Value, json};

use super::{Abi3, Report};

pub(super) fn render(report: &Report) -> String {
    let mut specs = Map::new();
    for one in &report.abi3 {
        let object = json!({ "name": one.name, "result": result(one) });
        if !one.in_wheel {
            let spec = json!({ "kind": "object", "object": object });
            specs.insert(one.spec.clone(), spec);
            continue;
        }
        let spec = specs.entry(one.spec.clone());
        let spec = spec.or_insert_with(|| json!({ "kind": "wheel", "wheel": [] }));
        if let Some(Value::Array(objects)) = spec.get_mut("wheel") {
            objects.push(object);
        }
    }
    format!("{}\n", json!({ "specs": specs }))
}

fn result(one: &Abi3) -> Value {
    let future = one.future.iter();
    let future = future.map(|(name, since)| (name.clone(), json!(since.to_string())));
    json!({
        "is_abi3": one.non_abi3.is_empty(),
        "is_abi3_baseline_compatible": one.computed <= one.baseline,
        "baseline": one.baseline.to_string(),
        "computed": one.computed.to_string(),
        "non_abi3_symbols": one.non_abi3,
        "future_abi3_objects": Map::from_iter(future),
    })
}
