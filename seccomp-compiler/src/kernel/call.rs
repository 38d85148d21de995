//! A call as a filter sees it, and as it is written: by name, with the names of its constants.

use core::fmt;

use crate::kernel::architecture::Architecture;
use crate::kernel::tables::{self, Argument};
use crate::kernel::values::Family;

/// A system call as a filter sees it: `struct seccomp_data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Call {
    /// The audit architecture of its ABI.
    pub arch: u32,
    /// Its number.
    pub number: u32,
    /// Where it was made.
    pub instruction_pointer: u64,
    /// Its arguments.
    pub arguments: [u64; 6],
}

impl Call {
    /// The call as a person writes it: with its name and those of its arguments where the tables of this architecture's
    /// kernel know them.
    pub fn display<'a>(&'a self, architecture: &'a Architecture) -> impl fmt::Display + 'a {
        On(self, architecture)
    }

    /// The call as it was made on this architecture's kernel: with the arguments that it takes, and of each the bits that
    /// the kernel reads.
    ///
    /// ```
    /// use seccomp_compiler::{Architecture, Call};
    ///
    /// let x86_64 = Architecture::find("x86_64").expect("it is in the table");
    /// let number = x86_64.syscall_number("socket").expect("it has the call");
    /// let arguments = [0xffff_0000_0010, 0x80003, 0, 4711, 0, 0];
    /// let call = Call { arch: x86_64.audit(), number, arguments, ..Call::default() };
    /// assert_eq!(call.made(x86_64), "socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, 0)");
    ///
    /// let number = x86_64.syscall_number("mkdirat").expect("it has the call");
    /// let call = Call { number, arguments: [0xffff_ff9c, 0x7000_0000, 0o755, 0, 0, 0], ..call };
    /// assert_eq!(call.made(x86_64), "mkdirat(AT_FDCWD, 0x70000000, 0755)");
    /// ```
    pub fn made(&self, architecture: &Architecture) -> String {
        let Some((abi, name)) =
            self.abi(architecture).and_then(|abi| Some((abi, abi.syscall_name(self.number)?)))
        else {
            return self.display(architecture).to_string();
        };
        let signature = tables::syscall(name).and_then(|call| call.signature(abi.table)).unwrap_or_default();
        let values = signature.iter().zip(self.arguments);
        let values: Vec<String> = values.map(|(argument, value)| made(name, argument, value, abi)).collect();
        let of = if abi == architecture { String::new() } else { format!(" of {abi}") };
        format!("{name}({}){of}", values.join(", "))
    }

    /// The name of the call, or its number, on this architecture's kernel.
    pub(crate) fn name(&self, architecture: &Architecture) -> String {
        let name = self.abi(architecture).and_then(|abi| abi.syscall_name(self.number));
        name.map_or_else(|| self.number.to_string(), str::to_owned)
    }

    /// The ABI that the call is made through, if this architecture's kernel has it.
    fn abi<'a>(&self, architecture: &'a Architecture) -> Option<&'a Architecture> {
        let is_of = |abi: &&Architecture| abi.has_call(self.arch, self.number);
        Some(architecture).filter(is_of).or_else(|| architecture.compat().find(is_of))
    }
}

impl Architecture {
    /// The kernel's name for an argument of a call, if the tables have it.
    pub fn argument_name(&self, syscall: &str, at: usize) -> Option<&'static str> {
        let arguments = tables::syscall(syscall)?.signature(self.table)?;
        arguments.get(at).map(|argument| argument.name).filter(|name| *name != "-")
    }

    /// The arguments of a call that take constants of the kernel's headers, such as the request of `ioctl`, each with
    /// the bits of it that the kernel reads.
    ///
    /// ```
    /// use seccomp_compiler::Architecture;
    ///
    /// let aarch64 = Architecture::find("aarch64").expect("it is in the table");
    /// assert_eq!(aarch64.constant_arguments("ioctl"), [(1, 0xffff_ffff)]);
    /// assert_eq!(aarch64.constant_arguments("getpid"), []);
    /// ```
    pub fn constant_arguments(&self, syscall: &str) -> Vec<(usize, u64)> {
        let arguments = tables::syscall(syscall).and_then(|it| it.signature(self.table)).unwrap_or_default();
        let takes_constants =
            |(_, argument): &(usize, &Argument)| Family::of(syscall, argument.name).is_some();
        let bits = |argument: &Argument| argument.width.min(self.register).mask() & !argument.ignored;
        let own = arguments.iter().enumerate().filter(takes_constants);
        own.map(|(at, argument)| (at, bits(argument))).collect()
    }

    /// A value of an argument with the names of its constants, if it takes some, else as a number.
    pub fn argument_value(&self, syscall: &str, at: usize, value: u64) -> String {
        named(syscall, at, value, self)
    }
}

/// A call with at least so many of its arguments, also if the last ones are 0.
pub(crate) struct Written<'a> {
    pub(crate) call: &'a Call,
    pub(crate) arguments: usize,
    pub(crate) native: &'a Architecture,
}

/// Something as it is displayed on an architecture.
pub(crate) struct On<'a, T>(pub(crate) &'a T, pub(crate) &'a Architecture);

impl fmt::Display for On<'_, Call> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Written { call: self.0, arguments: 0, native: self.1 }.fmt(f)
    }
}

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call { arch, number, arguments, .. } = self.call;
        let Some(architecture) = self.call.abi(self.native) else {
            let Some(foreign) = Architecture::of_call(*arch, *number) else {
                return write!(f, "call {number:#x} of the foreign architecture {arch:#010x}");
            };
            return match foreign.syscall_name(*number) {
                Some(name) => write!(f, "{name}(…) of the foreign architecture {foreign}"),
                None => write!(f, "call {number:#x} of the foreign architecture {foreign}"),
            };
        };
        let Some(name) = architecture.syscall_name(*number) else {
            // The numbers of tables are in decimal; those far beyond are what filters compare with.
            let is_listed = *number < 0x1_0000;
            return match is_listed {
                true => write!(f, "call {number} on {architecture}"),
                false => write!(f, "call {number:#x} on {architecture}"),
            };
        };
        write!(f, "{name}(")?;
        let count = arguments.iter().rposition(|argument| *argument != 0).map_or(0, |last| last + 1);
        let count = count.max(self.arguments).min(arguments.len());
        for (position, value) in arguments[..count].iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}{}", named(name, position, *value, architecture))?;
        }
        let rest = match count {
            0 => "…",
            6 => "",
            _ => ", …",
        };
        write!(f, "{rest}) on {architecture}")
    }
}

/// An argument with the names of its constants, if it takes some, else as [`customary`], or in hexadecimal.
fn named(syscall: &str, at: usize, value: u64, architecture: &Architecture) -> String {
    let table = architecture.table;
    let arguments = tables::syscall(syscall).and_then(|syscall| syscall.signature(table));
    let argument = arguments.as_ref().and_then(|arguments| arguments.get(at));
    let family = argument.and_then(|argument| Family::of(syscall, argument.name));
    family
        .map(|family| family.named(value, table))
        .or_else(|| customary(argument?, value))
        .unwrap_or_else(|| format!("{value:#x}"))
}

/// A file's mode in octal, and `AT_FDCWD`, as people write them.
fn customary(argument: &Argument, value: u64) -> Option<String> {
    /// `AT_FDCWD` of `linux/fcntl.h`, as an int.
    const CURRENT_FOLDER: u64 = (-100_i32).cast_unsigned() as u64;
    match value {
        1.. if argument.is_mode() => Some(format!("0{value:o}")),
        CURRENT_FOLDER if argument.is_folder() => Some("AT_FDCWD".to_owned()),
        _ => None,
    }
}

/// An argument of a call that was made, as the runtime's reporter shows it: with the names of its constants, if it takes
/// some; a file's mode in octal; and numbers that are small, on either side of zero, in decimal.
fn made(syscall: &str, argument: &Argument, value: u64, architecture: &Architecture) -> String {
    let mask = argument.width.min(architecture.register).mask();
    let value = value & mask;
    let family = Family::of(syscall, argument.name).map(|family| family.named(value, architecture.table));
    if let Some(named) = family.filter(|named| !named.starts_with("0x")) {
        return named;
    }
    if let Some(customary) = customary(argument, value) {
        return customary;
    }
    let below_zero = mask - value;
    match value {
        0..0x1_0000 => value.to_string(),
        _ if below_zero < 4096 => format!("-{}", below_zero + 1),
        _ => format!("{value:#x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_what_they_are_beside_have_names() {
        let x86_64 = Architecture::find("x86_64").expect("it is in the table");
        let named = |call, at, value| named(call, at, value, x86_64);
        assert_eq!(named("socket", 0, 17), "AF_PACKET");
        assert_eq!(named("socket", 0, 4711), "0x1267");
        assert_eq!(named("socket", 1, 0x80001), "SOCK_STREAM|SOCK_CLOEXEC");
        assert_eq!(named("socket", 1, 0x100807), "SOCK_NONBLOCK|0x100007");
        assert_eq!(named("socket", 2, 6), "0x6");
        assert_eq!(named("openat", 2, 0x80000), "O_RDONLY|O_CLOEXEC");
        assert_eq!(named("openat", 2, 0x410002), "O_RDWR|O_TMPFILE");
        assert_eq!(named("mprotect", 2, 0), "PROT_NONE");
        assert_eq!(named("mprotect", 2, 5), "PROT_READ|PROT_EXEC");
        assert_eq!(named("clone", 0, 0x11), "SIGCHLD");
        assert_eq!(named("clone", 0, 0x100), "CLONE_VM");
        assert_eq!(named("kill", 1, 0), "0x0");
        assert_eq!(named("umask", 0, 0o22), "022");
        assert_eq!(named("mkdirat", 0, 0xffff_ff9c), "AT_FDCWD");
        assert_eq!(named("close", 0, 0xffff_ff9c), "0xffffff9c");
    }
}
