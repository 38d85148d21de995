//! The words of the language: what a mapping may hold, and the names of the actions.

/// At the root.
pub(crate) const ROOT: &[&str] = &[
    "enabled",
    "default_action",
    "syscalls",
    "include",
    "architectures",
    "compat",
    "foreign_architecture",
    "newer_syscalls",
    "flags",
    "no_new_privs",
    "expect",
    "allow_warnings",
];

/// At the root of an included file.
pub(crate) const INCLUDED: &[&str] = &["default_action", "syscalls", "include", "expect"];

/// In an item of `syscalls`.
pub(crate) const GROUP: &[&str] = &["names", "names_with_args", "action", "architectures", "optional"];

/// In an item of `expect`.
pub(crate) const EXPECTATION: &[&str] = &["names", "names_with_args", "action"];

/// In an item of `names_with_args`.
pub(crate) const ENTRY: &[&str] = &["name", "arguments"];

/// In an item of `arguments`.
pub(crate) const CONDITION: &[&str] = &["argument", "position", "operation", "value", "mask", "width"];

/// What can happen to a call.
pub(crate) const ACTIONS: &[&str] =
    &["allow", "log", "trace", "user_notif", "errno", "trap", "kill_thread", "kill_process"];
