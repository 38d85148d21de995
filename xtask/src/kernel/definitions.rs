//! The functions behind the calls, as the source defines them.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// A definition of a call's function.
pub(super) struct Definition {
    /// The architecture that it is for; none for what all share.
    pub(super) folder: Option<String>,
    /// The conditions of the preprocessor around it.
    pub(super) conditions: Vec<String>,
    /// Types and names.
    pub(super) arguments: Vec<(String, String)>,
}

/// All definitions.
#[derive(Default)]
pub(super) struct Definitions {
    /// By function: `sys_openat`.
    pub(super) functions: HashMap<String, Vec<Definition>>,
    /// By architecture and function, what is defined in its place: `#define sys_fadvise64_64 sys_csky_fadvise64_64`.
    pub(super) others: HashMap<(String, String), String>,
}

/// Where system calls are defined.
const FOLDERS: [&str; 12] = [
    "arch",
    "block",
    "drivers/char",
    "drivers/pci",
    "fs",
    "init",
    "io_uring",
    "ipc",
    "kernel",
    "mm",
    "net",
    "security",
];

/// The macros that define a call, and how the function's name begins.
const MACROS: [(&str, &str); 3] =
    [("COMPAT_SYSCALL_DEFINE", "compat_sys_"), ("PPC32_SYSCALL_DEFINE", "sys_"), ("SYSCALL_DEFINE", "sys_")];

/// Every definition in a kernel source.
pub(super) fn read(source: &Path) -> Definitions {
    let mut definitions = Definitions::default();
    for folder in FOLDERS {
        walk(source, &source.join(folder), &mut definitions);
    }
    definitions
}

fn walk(source: &Path, folder: &Path, definitions: &mut Definitions) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder can be read").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.is_symlink() {
            walk(source, &path, definitions);
        } else if path.extension().is_some_and(|extension| extension == "c") {
            let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let text = String::from_utf8_lossy(&text);
            let inside = path.strip_prefix(source).expect("it is inside").to_string_lossy().into_owned();
            let folder = inside.strip_prefix("arch/").and_then(|rest| rest.split('/').next());
            let only = ["32", "64"].into_iter().find(|bits| inside.ends_with(&format!("_{bits}.c")));
            let only = only.map(|bits| format!("defined(CONFIG_{bits}BIT)"));
            // User mode Linux is no kernel that has filters.
            let is_real = !inside.contains("/um/");
            if is_real
                && ["SYSCALL_DEFINE", "asmlinkage", "#define sys_"].iter().any(|word| text.contains(word))
            {
                file(&without_comments(&text), folder, only.into_iter().collect(), definitions);
            }
        }
    }
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        out += before;
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out + rest
}

/// Adds the definitions of a file.
fn file(text: &str, folder: Option<&str>, mut conditions: Vec<String>, definitions: &mut Definitions) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let here = &text[start..];
        start += line.len();
        if let Some(directive) = line.trim_start().strip_prefix('#') {
            follow(directive.trim(), &mut conditions);
            let define = line
                .strip_prefix("#define ")
                .and_then(|define| define.trim().split_once(char::is_whitespace));
            if let (Some((function, other)), Some(folder)) = (define, folder) {
                definitions.others.insert((folder.to_owned(), function.to_owned()), other.trim().to_owned());
            }
        } else if let Some((function, arguments)) = defined(here) {
            let definition =
                Definition { folder: folder.map(str::to_owned), conditions: conditions.clone(), arguments };
            definitions.functions.entry(function).or_default().push(definition);
        }
    }
}

/// Keeps the conditions of the lines that follow a directive.
fn follow(directive: &str, conditions: &mut Vec<String>) {
    let (word, rest) = directive.split_once(char::is_whitespace).unwrap_or((directive, ""));
    match word {
        "if" => conditions.push(rest.to_owned()),
        "ifdef" => conditions.push(format!("defined({})", rest.trim())),
        "ifndef" => conditions.push(format!("!defined({})", rest.trim())),
        "elif" | "else" => {
            // What comes after a branch needs the one before to be false; more than one are kept apart.
            let before = conditions.pop().unwrap_or_default();
            let last = before.rsplit(" && ").next().unwrap_or_default().to_owned();
            let earlier = before.strip_suffix(&last).unwrap_or_default();
            let own = if rest.is_empty() { String::new() } else { format!(" && {rest}") };
            conditions.push(format!("{earlier}!{last}{own}"));
        }
        "endif" => drop(conditions.pop()),
        _ => {}
    }
}

/// The function that a text begins to define, if it does, and its arguments.
fn defined(text: &str) -> Option<(String, Vec<(String, String)>)> {
    if let Some((name, prefix)) = MACROS.into_iter().find(|(name, _)| text.starts_with(name)) {
        let inside = text[name.len()..].split_once('(')?.1.split_once(')')?.0;
        let mut parts = inside.split(',').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
        let function = format!("{prefix}{}", parts.next()?);
        let parts: Vec<String> = parts.collect();
        return Some((
            function,
            parts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect(),
        ));
    }
    let (head, rest) = text.strip_prefix("asmlinkage ")?.split_once('(')?;
    let function = head.split_whitespace().last()?.trim_start_matches('*');
    let (inside, rest) = rest.split_once(')')?;
    if !function.contains("sys") || !rest.trim_start().starts_with('{') {
        return None;
    }
    Some((function.to_owned(), inside.split(',').filter_map(declared).collect()))
}

/// The type and the name of a declared argument; `void` is none.
fn declared(argument: &str) -> Option<(String, String)> {
    let argument = argument.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = argument.rfind(|letter: char| !letter.is_alphanumeric() && letter != '_')? + 1;
    Some((argument[..name].trim().to_owned(), argument[name..].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_has_its_types_its_names_and_the_conditions_around_it() {
        let text = "\
#ifdef CONFIG_A
SYSCALL_DEFINE2(one, int, fd,
                const char __user *, name)
#elif defined(CONFIG_B)
SYSCALL_DEFINE1(one, long, all)
#else
COMPAT_SYSCALL_DEFINE0(one)
#endif
asmlinkage long sys_two(unsigned long a, void __user *b)
{
asmlinkage long sys_declared(int);
#define sys_three sys_own_three
";
        let mut definitions = Definitions::default();
        file(text, Some("csky"), Vec::new(), &mut definitions);
        let found = |function: &str| {
            let found = definitions.functions[function].iter();
            found.map(|found| (found.conditions.clone(), found.arguments.clone())).collect::<Vec<_>>()
        };
        let arguments = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(kind, name)| ((*kind).to_owned(), (*name).to_owned())).collect::<Vec<_>>()
        };
        let a = "defined(CONFIG_A)".to_owned();
        let b = format!("!{a} && defined(CONFIG_B)");
        let one = [
            (vec![a], arguments(&[("int", "fd"), ("const char __user *", "name")])),
            (vec![b], arguments(&[("long", "all")])),
        ];
        assert_eq!(found("sys_one"), one);
        assert_eq!(found("compat_sys_one")[0].1, arguments(&[]));
        assert_eq!(
            found("sys_two"),
            [(vec![], arguments(&[("unsigned long", "a"), ("void __user *", "b")]))]
        );
        assert!(!definitions.functions.contains_key("sys_declared"));
        assert_eq!(definitions.others[&("csky".to_owned(), "sys_three".to_owned())], "sys_own_three");
    }
}
