//! Recordings to test with: random ones, and one as a real program gives it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use seccomp_compiler::{Architecture, Call};
use seccomp_tools::recording::{Caller, Frame, Machine, Recording, Run};

/// A recorded call: the program and the thread that made it, and the call.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) program: String,
    pub(crate) thread: String,
    pub(crate) call: Call,
}

pub(crate) const X86_64: &str = "x86_64";

pub(crate) fn architecture(name: &str) -> &'static Architecture {
    Architecture::find(name).expect("it is in the table")
}

pub(crate) fn recording(events: &[Event], architecture: &str) -> Recording {
    let mut recording =
        Recording::new(Run::new(["./program".to_owned()], Machine::new(architecture, "6.18.44")));
    for event in events {
        let caller =
            Caller { program: recording.program(&event.program), thread: recording.thread(&event.thread) };
        if let Some(new) = recording.add(caller, &event.call) {
            let frame = Frame {
                function: Some(event.thread.clone()),
                offset: event.call.number.into(),
                ..Frame::default()
            };
            recording.set_stack(new, vec![frame]);
        }
    }
    recording
}

/// A call by name.
pub(crate) fn call(name: &str, arguments: [u64; 6]) -> Event {
    let x86_64 = architecture(X86_64);
    let number = x86_64.syscall_number(name).expect("it has the call");
    let call = Call { arch: x86_64.audit(), number, arguments, ..Call::default() };
    Event { program: "/usr/bin/program".to_owned(), thread: "main".to_owned(), call }
}

/// Calls of an architecture, among them many with few values.
pub(crate) fn events(architecture: &'static Architecture) -> impl Strategy<Value = Vec<Event>> {
    let names: Vec<&str> = (architecture.table())
        .filter(|number| architecture.syscall_name(*number).is_some())
        .filter_map(|number| architecture.syscall_name(number))
        .collect();
    const LIKELY: &[&str] =
        &["socket", "ioctl", "fcntl", "prctl", "clone", "mmap", "mprotect", "madvise", "clone3", "tgkill"];
    let name = prop_oneof![select(LIKELY).prop_map(str::to_owned), select(names).prop_map(str::to_owned)];
    let argument = prop_oneof![4 => 0..4_u64, 1 => any::<u64>(), 1 => (0..64_u32).prop_map(|bit| 1 << bit)];
    let arguments = proptest::array::uniform6(argument);
    let who = (select(&["/bin/a", "/bin/b"][..]), select(&["main", "worker"][..]));
    let event = (who, name, arguments).prop_map(move |((program, thread), name, arguments)| {
        let number = architecture.syscall_number(&name)?;
        let call = Call { arch: architecture.audit(), number, arguments, ..Call::default() };
        Some(Event { program: program.to_owned(), thread: thread.to_owned(), call })
    });
    vec(event, 0..80).prop_map(|events| events.into_iter().flatten().collect())
}
