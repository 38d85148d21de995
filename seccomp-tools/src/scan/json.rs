//! A scan as JSON.

use serde_json::{Map, Value, json};

use super::{Judgement, ReachedCall, Reason, Review, Scan, Unresolved, Use};

impl Scan {
    /// The scan as one JSON object; `docs/scan.md` describes its keys.
    pub fn to_json(&self) -> Value {
        json!({
            "program": self.program,
            "architecture": self.architecture.name(),
            "libraries": self.libraries,
            "missing": self.missing,
            "calls": self.calls.iter().map(call).collect::<Vec<Value>>(),
            "unresolved": self.unresolved.iter().map(unresolved).collect::<Vec<Value>>(),
            "lookups": self.lookups.iter().map(|lookup| json!({
                "function": lookup.function,
                "call": lookup.call,
            })).collect::<Vec<Value>>(),
        })
    }
}

impl Judgement<'_> {
    /// The refusal as a JSON object.
    pub fn to_json(&self) -> Value {
        json!({
            "call": self.call.name(),
            "always": self.is_always,
            "verdict": self.verdict.display(self.call.architecture).to_string(),
            "use": place(self.place),
        })
    }
}

impl Review<'_> {
    /// The comparison as a JSON object.
    pub fn to_json(&self) -> Value {
        let names = |calls: &[&ReachedCall]| calls.iter().map(|call| call.name()).collect::<Vec<_>>();
        let unseen: Map<String, Value> =
            self.unseen.iter().map(|(by, calls)| ((*by).to_owned(), names(calls).into())).collect();
        json!({"seen": names(&self.seen), "unseen": unseen, "not_found": self.not_found})
    }
}

fn call(call: &ReachedCall) -> Value {
    let uses: Vec<Value> = call.uses.iter().map(place).collect();
    json!({"call": call.name(), "number": call.number, "uses": uses})
}

fn place(place: &Use) -> Value {
    json!({
        "arguments": place.arguments,
        "by": place.by,
        "path": place.path,
        "object": place.object,
        "address": format!("{:#x}", place.address),
    })
}

fn unresolved(site: &Unresolved) -> Value {
    json!({
        "object": site.object,
        "address": format!("{:#x}", site.address),
        "path": site.path,
        "reason": site.reason.to_string(),
    })
}

impl core::fmt::Display for Reason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Computed => "the number is computed",
            Self::Pointer => "the number is an argument, and the function is called through a pointer",
            Self::OtherAbi => "the call is made through another ABI of the machine",
            Self::TooMany => "there are too many ways to it",
        })
    }
}
