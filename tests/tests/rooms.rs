//! Who may import whom within the compiler: rooms in an order, and no circles of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use seccomp_tests::scratch::workspace;

/// A room imports only from rooms before it.
const ROOMS: [&str; 11] = [
    "kernel", "document", "engine", "proof", "diagnose", "policy", "resolve", "lint", "trace", "lower",
    "compiler",
];

/// A file that imports from a room behind its own, with the reason.
const BACKWARDS: [(&str, &str, &str); 1] =
    [("diagnose", "policy", "wording lists the names that the policy's tables have")];

/// The path of a module, such as `["proof", "cache"]`; that of `lib.rs` is empty.
type Module = Vec<String>;

/// Each file of the compiler, with the files that it imports from.
fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let mut texts = BTreeMap::new();
    read(&workspace().join("seccomp-compiler/src"), &[], &mut texts);
    let of = |(module, text): (&Module, &String)| {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let statements = code.split("use ").skip(1).filter_map(|rest| rest.split(';').next());
        let paths = statements.flat_map(|statement| paths(&statement.replace(char::is_whitespace, "")));
        let files = paths.filter_map(|path| file(module, &path, &texts)).filter(|file| file != module);
        (module.clone(), files.collect())
    };
    texts.iter().map(of).collect()
}

fn read(folder: &Path, module: &[String], texts: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let inner = [module, std::slice::from_ref(&name)].concat();
        if path.is_dir() {
            read(&path, &inner, texts);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let module = if ["mod", "lib"].contains(&&*name) { module.to_vec() } else { inner };
            texts.insert(module, fs::read_to_string(&path).expect("a source is text"));
        }
    }
}

/// The paths in a `use`, without braces.
fn paths(tree: &str) -> Vec<String> {
    let Some((before, list)) = tree.split_once('{') else { return vec![tree.to_owned()] };
    let mut depth = 0_i32;
    let parts = list.strip_suffix('}').unwrap_or(list).split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    parts.filter(|part| !part.is_empty()).flat_map(|part| paths(&format!("{before}{part}"))).collect()
}

/// The file in which the item of a path is, or is exported anew; none for what is not of this crate.
fn file(module: &Module, path: &str, texts: &BTreeMap<Module, String>) -> Option<Module> {
    let mut parts = path.split("::").peekable();
    let mut file = match parts.next()? {
        "crate" => Module::new(),
        "self" => module.clone(),
        "super" => module.split_last()?.1.to_vec(),
        _ => return None,
    };
    while parts.next_if_eq(&"super").is_some() {
        file.pop();
    }
    file.extend(parts.map(str::to_owned));
    while !texts.contains_key(&file) {
        file.pop();
    }
    Some(file)
}

#[test]
fn rooms_import_from_rooms_before_them() {
    let mut backwards = BTreeSet::new();
    for (module, files) in imports() {
        let Some(room) = module.first() else { continue };
        for file in files {
            let from =
                file.first().unwrap_or_else(|| panic!("{module:?} imports what lib.rs only exports anew"));
            let place = |room: &String| {
                ROOMS
                    .iter()
                    .position(|of| of == room)
                    .unwrap_or_else(|| panic!("the room {room} has no place"))
            };
            if place(from) > place(room) {
                backwards.insert((room.clone(), from.clone()));
            }
        }
    }
    let known = BACKWARDS.map(|(room, from, _)| (room.to_owned(), from.to_owned()));
    assert_eq!(backwards, BTreeSet::from(known));
}

/// The `mod.rs` of a folder and the files below it are one: those may name what it declares, and it names them.
#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = imports();
    let is_folder =
        |file: &Module| imports.keys().any(|other| other.len() > file.len() && other.starts_with(file));
    let mut left = imports.clone();
    left.retain(|file, _| !is_folder(file));
    // What no file left imports, and what imports none left, is in no circle.
    loop {
        let (before, files) = (left.len(), left.clone());
        left.retain(|file, imported| {
            imported.iter().any(|other| files.contains_key(other))
                && files.values().any(|imported| imported.contains(file))
        });
        if left.len() == before {
            break;
        }
    }
    let left: Vec<String> = left.keys().map(|file| file.join("::")).collect();
    assert!(left.is_empty(), "there is a circle among {left:?}");
}

#[test]
fn paths_of_a_use_are_all_found() {
    let found = paths("crate::a::{b::{C,d},e}");
    assert_eq!(found, ["crate::a::b::C", "crate::a::b::d", "crate::a::e"]);
}
