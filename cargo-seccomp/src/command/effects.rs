//! `cargo seccomp effects`: what system calls do, by which routes, and what one of them does.

use clap::Args;
use seccomp_compiler::{Architecture, Effect, Route, routes_on};

use crate::arguments::find_named;
use crate::outcome::{Failure, Outcome};
use crate::output::Output;
use crate::wording::count;

const EXAMPLES: &str = "\
Examples:
  cargo seccomp effects
  cargo seccomp effects new-namespaces
  cargo seccomp effects clone";

/// Lists the effects that a policy can name, the routes to one, or the effects of a system call
///
/// A route is a call, with the conditions on its arguments under which it has the effect. A filter does not see whether a
/// hidden route has it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The effect, or a system call that no effect is named after
    #[arg(value_name = "EFFECT|CALL", value_parser = subject)]
    subject: Option<Subject>,
}

#[derive(Debug, Clone)]
enum Subject {
    Effect(Effect),
    Call(String),
}

fn subject(name: &str) -> Result<Subject, String> {
    let is_call = Architecture::all().any(|architecture| architecture.syscall_number(name).is_some());
    if is_call && Effect::find(name).is_none() {
        return Ok(Subject::Call(name.to_owned()));
    }
    let effects = Effect::all().map(|effect| (effect.name, effect));
    find_named("effect or system call", name, effects, "effects").map(Subject::Effect)
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    match &arguments.subject {
        None => {
            for effect in Effect::all() {
                let routes = count(effect.routes().count(), "route");
                output.result(format_args!("{:<23}{routes:>10}  {}", effect.name, effect.meaning))?;
            }
        }
        Some(Subject::Effect(effect)) => {
            for route in sights(*effect) {
                output.result(route.display(&route.route.to_string()))?;
            }
        }
        Some(Subject::Call(call)) => {
            let is_of = |effect: &Effect| effect.routes().any(|route| route.call == *call);
            let all = Effect::all().filter(is_of).flat_map(sights);
            let own: Vec<Sight> = all.filter(|sight| sight.route.call == *call).collect();
            for sight in &own {
                let conditions = match sight.route.conditions {
                    "" => String::new(),
                    conditions => format!(", if {conditions}"),
                };
                output.result(sight.display(&format!("{}{conditions}", sight.route.effect)))?;
            }
            if own.is_empty() {
                output.result(format_args!("`{call}` has none of these effects"))?;
            }
        }
    }
    Ok(Outcome::Success)
}

/// A route, as some architectures let a filter see it.
struct Sight {
    route: Route,
    on: Vec<&'static str>,
}

/// Every route to an effect; one that is hidden on some architectures only, twice.
fn sights(effect: Effect) -> Vec<Sight> {
    let mut sights: Vec<Sight> = Vec::new();
    for architecture in Architecture::all() {
        for route in routes_on(effect, architecture) {
            match sights.iter_mut().find(|sight| sight.route == route) {
                Some(sight) => sight.on.push(architecture.name()),
                None => sights.push(Sight { route, on: vec![architecture.name()] }),
            }
        }
    }
    let key = |route: &Route| (route.call, route.conditions);
    sights.sort_by_key(|sight| effect.routes().position(|route| key(&route) == key(&sight.route)));
    sights
}

impl Sight {
    fn display(&self, name: &str) -> String {
        let Route { is_hidden, since, source, .. } = self.route;
        let hidden = if is_hidden { "hidden from filters; " } else { "" };
        let since = if since.is_empty() { String::new() } else { format!("since Linux {since}; ") };
        let others: Vec<&str> =
            Architecture::all().map(Architecture::name).filter(|name| !self.on.contains(name)).collect();
        let on = match others.len() {
            0 => "on all architectures".to_owned(),
            few if few < self.on.len() => format!("on all but {}", others.join(", ")),
            _ => format!("on {}", self.on.join(", ")),
        };
        format!("{name}: {hidden}{since}{on}; see {source}")
    }
}
