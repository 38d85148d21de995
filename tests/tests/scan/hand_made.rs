//! Programs of a few instructions, of which every call is known.

use seccomp_compiler::{Compiler, LoadError, SourceFile};
use seccomp_tests::elf::{CODE, DATA, Elf};
use seccomp_tools::scan::{Reason, Scan, Scanner};

fn scan(elf: &Elf) -> Scan {
    let load = |path: &str| if path == "program" { Ok(elf.bytes()) } else { Err(LoadError::NotFound) };
    Scanner::new(&load).scan("program").expect("it can be scanned")
}

fn names(scan: &Scan) -> Vec<String> {
    scan.calls.iter().map(seccomp_tools::scan::ReachedCall::name).collect()
}

/// getpid, gettid by a function that takes the number, exit_group of 0; and execve in a function that nobody calls.
pub(crate) fn x86_64() -> Elf {
    let code = [
        &[0xb8, 39, 0, 0, 0, 0x0f, 0x05][..],
        &[0xbf, 186, 0, 0, 0, 0xe8, 11, 0, 0, 0],
        &[0xb8, 231, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05, 0x0f, 0x0b],
        &[0x89, 0xf8, 0x89, 0xf7, 0x0f, 0x05, 0xc3],
        &[0xb8, 59, 0, 0, 0, 0x0f, 0x05, 0xc3],
    ];
    Elf::x86_64(&code.concat()).function("_start", 0).function("wrapper", 28).function("unused", 35)
}

/// The same for aarch64.
pub(crate) fn aarch64() -> Elf {
    let code = [
        0xd280_1588,
        0xd400_0001,
        0xd280_1640,
        0x9400_0005,
        0xd280_0bc8,
        0xd280_0000,
        0xd400_0001,
        0,
        0xaa00_03e8,
        0xaa01_03e0,
        0xd400_0001,
        0xd65f_03c0,
        0xd280_1ba8,
        0xd400_0001,
        0xd65f_03c0,
    ];
    Elf::aarch64(&code).function("_start", 0).function("wrapper", 32).function("unused", 48)
}

#[test]
fn numbers_are_known_also_through_a_function_that_takes_them() {
    for (elf, expected) in
        [(x86_64(), ["getpid", "gettid", "exit_group"]), (aarch64(), ["exit_group", "getpid", "gettid"])]
    {
        let scan = scan(&elf);
        let mut found = names(&scan);
        found.sort();
        let mut expected = expected.map(str::to_owned);
        expected.sort();
        assert_eq!(found, expected, "{}", scan.architecture);
        assert!(scan.unresolved.is_empty(), "{:?}", scan.unresolved);
        let gettid = scan.calls.iter().find(|call| call.name() == "gettid").expect("it was just found");
        assert_eq!(gettid.uses[0].path, ["_start", "wrapper"]);
        let exit = scan.calls.iter().find(|call| call.name() == "exit_group").expect("it was just found");
        assert_eq!(exit.uses[0].arguments[0], Some(0));
    }
}

/// The number is in memory, at the address in a register.
#[test]
fn a_number_that_is_computed_is_listed_and_not_guessed() {
    let elf = Elf::x86_64(&[0x8b, 0x07, 0x0f, 0x05, 0xc3]).function("_start", 0);
    let scan = scan(&elf);
    assert!(scan.calls.is_empty(), "{:?}", scan.calls);
    let [open] = scan.unresolved.as_slice() else { panic!("{:?}", scan.unresolved) };
    assert_eq!(
        (open.address, open.reason, open.path.as_slice()),
        (CODE + 2, Reason::Computed, &["_start".to_owned()][..])
    );
}

/// `int 0x80` makes calls of i386, whose numbers are others.
#[test]
fn a_call_by_another_abi_is_listed() {
    let elf = Elf::x86_64(&[0xb8, 39, 0, 0, 0, 0xcd, 0x80, 0xc3]).function("_start", 0);
    let scan = scan(&elf);
    assert!(scan.calls.is_empty(), "{:?}", scan.calls);
    assert_eq!(scan.unresolved[0].reason, Reason::OtherAbi);
}

/// `call [rax*8 + table]`, with pointers to two functions in the table; a third function is in no table.
#[test]
fn functions_are_reached_through_a_table_of_pointers() {
    let table = u32::try_from(DATA).expect("it is low").to_le_bytes();
    let mut code = vec![0xff, 0x14, 0xc5];
    code.extend(table);
    code.push(0xc3);
    for number in [102, 104, 105] {
        code.extend([0xb8, number, 0, 0, 0, 0x0f, 0x05, 0xc3]);
    }
    let elf = Elf::x86_64(&code).function("_start", 0).function("a", 8).function("b", 16).function("c", 24);
    let scan = scan(&elf.data(&[CODE + 8, CODE + 16]));
    assert_eq!(names(&scan), ["getuid", "getgid"]);
}

/// A table of names with functions is called through, and a pointer to its second record is compared with something.
#[test]
fn a_pointer_into_a_table_of_names_with_functions_does_not_end_it() {
    let low = |address: u64| u32::try_from(address).expect("it is low").to_le_bytes();
    // mov ebx, second; cmp rbx, rax; call [rax*8 + table]; ret
    let mut code =
        [&[0xbb][..], &low(DATA + 16), &[0x48, 0x39, 0xc3, 0xff, 0x14, 0xc5], &low(DATA), &[0xc3]].concat();
    for number in [102, 104, 105] {
        code.extend([0xb8, number, 0, 0, 0, 0x0f, 0x05, 0xc3]);
    }
    let elf = Elf::x86_64(&code).function("_start", 0).function("a", 16).function("b", 24).function("c", 32);
    let name = DATA + 48;
    let data = [name, CODE + 16, name, CODE + 24, 0, 0, u64::from_le_bytes(*b"name\0\0\0\0")];
    assert_eq!(names(&scan(&elf.data(&data))), ["getuid", "getgid"]);
}

/// Two ways to a call, by a conditional move of the number: both are possible.
#[test]
fn every_number_that_a_register_can_have_is_found() {
    // mov eax, 39; mov ecx, 102; cmove eax, ecx; syscall; ret
    let code = [0xb8, 39, 0, 0, 0, 0xb9, 102, 0, 0, 0, 0x0f, 0x44, 0xc1, 0x0f, 0x05, 0xc3];
    let scan = scan(&Elf::x86_64(&code).function("_start", 0));
    assert_eq!(names(&scan), ["getpid", "getuid"]);
    assert!(scan.unresolved.is_empty());
}

/// One way to the call is by a jump, with the number; on the other, a function is called that ends the program.
#[test]
fn what_follows_the_call_of_a_function_that_never_returns_is_not_reached_through_it() {
    let code = [
        &[0xb8, 39, 0, 0, 0, 0x0f, 0x84, 5, 0, 0, 0, 0xe8, 3, 0, 0, 0][..],
        &[0x0f, 0x05, 0xc3],
        &[0xb8, 231, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xfe],
    ];
    let scan = scan(&Elf::x86_64(&code.concat()).function("_start", 0).function("end", 19));
    assert_eq!(names(&scan), ["getpid", "exit_group"]);
    assert!(scan.unresolved.is_empty(), "{:?}", scan.unresolved);
}

/// A condition on a constant decides; one on an argument that is not known may go either way.
#[test]
fn what_a_policy_refuses_depends_on_the_arguments_that_are_known() {
    let policy = |conditions: &str| {
        let entry = format!("{{name: exit_group, arguments: [{conditions}]}}");
        format!(
            "default_action: errno\nsyscalls:\n- {{action: allow, names: [getpid], names_with_args: [{entry}]}}\n"
        )
    };
    let scan = scan(&x86_64());
    let refused = |policy: &str| {
        let compiled = Compiler::for_architecture(scan.architecture)
            .compile(&SourceFile::new("policy.yaml", policy))
            .expect("it compiles");
        let refused = scan.refused(&compiled);
        refused.iter().map(|it| (it.call.name(), it.is_always)).collect::<Vec<_>>()
    };
    let gettid = || ("gettid".to_owned(), true);
    let exit = |is_always| ("exit_group".to_owned(), is_always);
    let on = |value| format!("{{argument: 0, operation: Equal, value: {value}}}");
    assert_eq!(refused(&policy(&on(0))), [gettid()]);
    assert_eq!(refused(&policy(&on(1))), [gettid(), exit(true)]);
    let unknown = "{argument: 1, operation: Equal, value: 1, width: 64}";
    assert_eq!(refused(&policy(unknown)), [gettid(), exit(false)]);
}

#[test]
fn a_newer_release_that_can_do_more_is_told_from_one_that_cannot() {
    let [old, new] = [Elf::x86_64(&[0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xc3]).function("_start", 0), x86_64()];
    let [old, new] = [scan(&old), scan(&new)];
    let names = |of: &Scan, since: &Scan| -> Vec<String> {
        of.growth_since(since).iter().map(|growth| growth.call.name()).collect()
    };
    assert_eq!(names(&new, &old), ["gettid", "exit_group"]);
    assert!(names(&old, &new).is_empty());
    // Other machines have other numbers for the same calls.
    assert!(names(&new, &scan(&aarch64())).is_empty());
}
