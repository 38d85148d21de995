//! What programs were seen to call, as evidence that can be kept, merged and turned into a policy.
//!
//! A [`Recording`] counts calls as they come, in bounded memory: however long a program runs, only what is new makes it
//! grow. Beside the counts it keeps, for each call, the values of the arguments that take constants, such as the family of
//! a socket or the request of `ioctl`, and the stack that led to each of them first.
//!
//! ```
//! use seccomp_compiler::{Architecture, Call};
//! use seccomp_tools::recording::{Caller, Machine, Recording, Run};
//!
//! let x86_64 = Architecture::find("x86_64").expect("it is in the table");
//! let run = Run::new(["ls".to_owned()], Machine::new("x86_64", "6.18.44"));
//! let mut recording = Recording::new(run);
//! let program = recording.program("/usr/bin/ls");
//! let thread = recording.thread("ls");
//! let call = Call {
//!     arch: x86_64.audit(),
//!     number: x86_64.syscall_number("ioctl").expect("it has the call"),
//!     arguments: [1, 0x5401, 0x7ffc_0000_0000, 0, 0, 0],
//!     ..Call::default()
//! };
//! let caller = Caller { program, thread };
//! let new = recording.add(caller, &call).expect("this is the first");
//! recording.set_stack(new, Vec::new());
//! assert_eq!(recording.add(caller, &call), None);
//!
//! let seen = recording.observations().next().expect("there is one");
//! assert_eq!((seen.name(), seen.count()), ("ioctl".into(), 2));
//! assert_eq!(seen.values(1), Some(vec![0x5401]));
//! ```

mod append;
mod because;
mod json;
mod kept;
mod merge;
mod model;
mod observation;
mod policy;
mod split;
mod stack;

pub use append::{Appended, append};
pub use json::NotEvidence;
pub(crate) use kept::constants;
pub use kept::{MAX_TUPLES, MAX_VALUES};
pub use model::{
    Caller, MAX_OBSERVATIONS, MAX_PROGRAMS, MAX_RUNS, MAX_THREADS, Machine, Program, ProgramId, Recording,
    Run, ThreadId,
};
pub use observation::{Observation, Seen};
pub use policy::{Options, unverified, verified};
pub use stack::{Frame, MAX_FRAMES, MAX_STACKS, New, crate_of};
