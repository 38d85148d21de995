//! Which violations are wanted.

use crate::record::{Action, Names, Time, Violation};

/// What wanted violations have in common. An empty list is for all.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Filter {
    /// Programs, in the sense of [`Violation::is_by`].
    pub programs: Vec<String>,
    /// Process IDs.
    pub pids: Vec<u32>,
    /// Users, by name or number.
    pub users: Vec<String>,
    /// System calls, by name or number.
    pub syscalls: Vec<String>,
    /// Actions.
    pub actions: Vec<Action>,
    /// The earliest time. A record without a time is not wanted if there is an earliest or a latest one.
    pub since: Option<Time>,
    /// The latest time.
    pub until: Option<Time>,
}

impl Filter {
    /// Whether the violation is wanted.
    pub fn keeps(&self, violation: &Violation, names: &mut Names) -> bool {
        let any = |wanted: usize, is_one: &mut dyn FnMut() -> bool| wanted == 0 || is_one();
        any(self.programs.len(), &mut || self.programs.iter().any(|program| violation.is_by(program)))
            && any(self.pids.len(), &mut || violation.pid.is_some_and(|pid| self.pids.contains(&pid)))
            && any(self.users.len(), &mut || is_of(&self.users, violation, names))
            && any(self.syscalls.len(), &mut || self.syscalls.iter().any(|call| violation.is_call(call)))
            && any(self.actions.len(), &mut || self.actions.iter().any(|action| violation.may_be(*action)))
            && self.covers(violation.time)
    }

    /// Whether the time is between the earliest and the latest.
    pub(crate) fn covers(&self, time: Option<Time>) -> bool {
        let is_within = |time: Time| {
            self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time <= until)
        };
        self.since.is_none() && self.until.is_none() || time.is_some_and(is_within)
    }
}

fn is_of(users: &[String], violation: &Violation, names: &mut Names) -> bool {
    let Some(user) = &violation.user else { return false };
    let (id, name) = (user.id.map(|id| id.to_string()), names.user(user));
    users.iter().any(|wanted| [&id, &name].contains(&&Some(wanted.clone())))
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use crate::record::{Action, Names, Time, Violation, decode, records};

    fn violation() -> Violation {
        let line = b"type=1326 audit(100.5:3): uid=33 pid=7 comm=\"t\" exe=\"/bin/a\" arch=c000003e syscall=41 code=0x80000000 UID=\"www\"";
        records(line).map(|record| decode(&record)).next().expect("a record")
    }

    fn keeps(filter: Filter) -> bool {
        filter.keeps(&violation(), &mut Names::unknown())
    }

    #[test]
    fn each_list_has_to_name_the_violation() {
        assert!(keeps(Filter::default()));
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (good, bad) in [
            (
                Filter { programs: words(&["a"]), ..Filter::default() },
                Filter { programs: words(&["b"]), ..Filter::default() },
            ),
            (Filter { pids: vec![1, 7], ..Filter::default() }, Filter { pids: vec![1], ..Filter::default() }),
            (
                Filter { users: words(&["www"]), ..Filter::default() },
                Filter { users: words(&["ww"]), ..Filter::default() },
            ),
            (
                Filter { users: words(&["33"]), ..Filter::default() },
                Filter { users: words(&["3"]), ..Filter::default() },
            ),
            (
                Filter { syscalls: words(&["socket"]), ..Filter::default() },
                Filter { syscalls: words(&["bind"]), ..Filter::default() },
            ),
            (
                Filter { syscalls: words(&["41"]), ..Filter::default() },
                Filter { syscalls: words(&["4"]), ..Filter::default() },
            ),
            (
                Filter { actions: vec![Action::Kill], ..Filter::default() },
                Filter { actions: Action::find("kill_thread").into_iter().collect(), ..Filter::default() },
            ),
            (
                Filter { since: Time::new(100, 500), ..Filter::default() },
                Filter { since: Time::new(100, 501), ..Filter::default() },
            ),
            (
                Filter { until: Time::new(100, 500), ..Filter::default() },
                Filter { until: Time::new(100, 499), ..Filter::default() },
            ),
        ] {
            assert!(keeps(good.clone()) && !keeps(bad.clone()), "{good:?} {bad:?}");
        }
        let untimed = Violation { time: None, ..violation() };
        assert!(
            !Filter { since: Time::new(1, 0), ..Filter::default() }.keeps(&untimed, &mut Names::unknown())
        );
    }
}
