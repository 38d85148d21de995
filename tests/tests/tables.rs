//! The generated tables are what the data says, and the data says what the kernel does.

use std::collections::BTreeSet;
use std::path::Path;

use seccomp_compiler::Architecture;
use seccomp_compiler::policy::Flag;
use xtask::data::Row;

#[test]
fn generated_tables_are_fresh() {
    let compiler = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler");
    for (name, fresh) in xtask::tables::generate(&compiler.join("data")) {
        let path = compiler.join(xtask::tables::FOLDER).join(name);
        let kept = std::fs::read_to_string(&path).expect("the table can be read");
        assert!(kept == fresh, "{name} is stale: cargo xtask tables");
    }
}

#[test]
fn every_table_ends_where_linux_7_2_ends() {
    for architecture in Architecture::all() {
        let first = match architecture.name() {
            "x32" => 0x4000_0000,
            "mips" | "mipsel" => 4000,
            "mips64" | "mips64el" => 5000,
            "mipsn32" | "mipsn32el" => 6000,
            _ => 0,
        };
        // The 31-bit ABI of s390x went with Linux 6.19.
        let calls = if architecture.name() == "s390" { 470 } else { 472 };
        assert_eq!(architecture.table_end(), first + calls, "{architecture}");
    }
}

/// A name that the manual page gives to one argument and the kernel to another would be ambiguous.
#[test]
fn the_manual_page_s_names_are_of_arguments_that_the_calls_have_and_of_no_others() {
    let rows = |name: &str| {
        xtask::data::rows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler/data").join(name))
    };
    let signatures = [rows("kernel/signatures.csv"), rows("signatures.csv")].concat();
    for row in rows("manual-names.csv") {
        let is_of = |name: &str| row["syscall"] == "*" || row["syscall"] == name;
        let calls = signatures.iter().filter(|call| is_of(&call["name"]));
        let has = |call: &Row, name: &str| {
            call["arguments"].split(' ').any(|argument| argument.split(':').next() == Some(name))
        };
        let having: Vec<_> = calls.filter(|call| has(call, &row["kernel"])).collect();
        assert!(!having.is_empty(), "no such argument: {row:?}");
        assert!(!having.iter().any(|call| has(call, &row["manual"])), "ambiguous: {row:?}");
    }
}

/// Flags that are compared exactly hold for less than they seem to, and the warning goes by these rows.
#[test]
fn every_argument_of_flags_says_what_it_takes() {
    let rows = |name: &str| {
        xtask::data::rows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler/data").join(name))
    };
    let values = rows("values.csv");
    let signatures = [rows("kernel/signatures.csv"), rows("signatures.csv")].concat();
    let mut silent = BTreeSet::new();
    for signature in signatures.iter().filter(|signature| signature["abi"].is_empty()) {
        let call = &signature["name"];
        for argument in signature["arguments"].split_whitespace() {
            let Some((argument, bits)) = argument.split_once(':') else { continue };
            let ends = ["flag", "flags", "flg", "mode"];
            let is_flags = ends.iter().any(|end| argument.ends_with(end)) && bits != "ptr";
            let is_said = values
                .iter()
                .any(|row| &row["call"] == call && row["argument"] == argument && !row["others"].is_empty());
            if is_flags && !is_said {
                silent.insert(format!("{argument} of {call}"));
            }
        }
    }
    assert!(silent.is_empty(), "values.csv does not say which other bits may be set: {silent:?}");
}

/// What is declared wider than an `int` may be used as one, and what the kernel does not read must not be compared.
#[test]
fn every_argument_that_is_wider_than_an_int_is_judged() {
    let rows = |name: &str| {
        xtask::data::rows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler/data").join(name))
    };
    let judgements = rows("widths.csv");
    let of = |row: &Row, call: &str, argument: &str| row["syscall"] == call && row["argument"] == argument;
    let signatures = [rows("kernel/signatures.csv"), rows("signatures.csv")].concat();
    let mut wide = 0;
    for signature in &signatures {
        let (call, abi) = (&signature["name"], &signature["abi"]);
        for argument in signature["arguments"].split_whitespace() {
            let Some(argument) = argument.strip_suffix(":64") else { continue };
            wide += 1;
            let is_judged = judgements.iter().any(|row| {
                let is_here = row["abi"].is_empty() || row["abi"].split(' ').any(|on| on == abi);
                of(row, call, argument) && row["when"].is_empty() && is_here
            });
            assert!(
                is_judged,
                "widths.csv does not say how many bits are read of `{argument}` of `{call}` on `{abi}`"
            );
        }
    }
    assert!(wide > 300, "{wide}");
    let mut seen = BTreeSet::new();
    for row in &judgements {
        let (call, argument) = (&row["syscall"], &row["argument"]);
        let has = |name: &str| {
            let mut calls = signatures.iter().filter(|signature| &signature["name"] == call);
            calls.any(|signature| {
                signature["arguments"].split_whitespace().any(|of| of.split(':').next() == Some(name))
            })
        };
        assert!(has(argument), "no such argument: {row:?}");
        assert!(seen.insert((call, argument, &row["abi"], &row["when"])), "judged twice: {row:?}");
        let selector = row["when"].split_once('=').map(|(selector, _)| selector);
        assert!(selector.is_none_or(has), "no such selector: {row:?}");
        let bits = row["bits"].split('~').next().expect("there is a first part");
        let is_width =
            matches!(bits, "all" | "none") || bits.parse().is_ok_and(|bits: u32| (1..64).contains(&bits));
        assert!(is_width, "no width: {row:?}");
        assert!(!row["function"].is_empty() && row["file"].contains('/'), "no evidence: {row:?}");
    }
}

/// What io_uring can do has an operation of it for evidence.
#[test]
fn the_operations_of_io_uring_that_lists_csv_names_are_constants() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler/data");
    let constants = xtask::data::rows(&data.join("kernel/constants.csv"));
    let lists = xtask::data::rows(&data.join("lists.csv"));
    for row in lists.iter().filter(|row| row["list"] == "io_uring") {
        assert!(constants.iter().any(|constant| constant["name"] == row["source"]), "{row:?}");
    }
}

/// On powerpc, mips and sparc, a request has 13 bits for the size of what is passed, and three for the direction; elsewhere
/// 14 and two. The 64-bit ABIs lay out structures alike, so that all else is the same.
#[test]
fn requests_say_the_same_in_both_encodings() {
    let constants = xtask::data::rows(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler/data/kernel/constants.csv"),
    );
    let number =
        |text: &str| u32::from_str_radix(text.trim_start_matches("0x"), 16).expect("a request is a number");
    let mut compared = 0;
    for row in constants.iter().filter(|row| row["group"] == "ioctl" && !row["value"].is_empty()) {
        let usual = number(&row["value"]);
        for (abi, own) in row["overrides"].split_whitespace().filter_map(|pair| pair.split_once('=')) {
            if !["powerpc64", "mips64", "sparc64"].contains(&abi) {
                continue;
            }
            // On mips, `daddr_t` is a `long`; the other has more bytes than 13 bits can say.
            if [("MTIOCGET", "mips64"), ("SNDRV_SB_CSP_IOCTL_LOAD_CODE", abi)]
                .contains(&(row["name"].as_str(), abi))
            {
                continue;
            }
            let own = number(own);
            let direction = match own >> 29 {
                1 => 0,
                4 => 1,
                other => other & 2 | other >> 2,
            };
            let decoded = direction << 30 | (own >> 16 & 0x1fff) << 16 | own & 0xffff;
            assert_eq!(decoded, usual, "{} on {abi}", row["name"]);
            compared += 1;
        }
    }
    assert!(compared > 3000, "{compared}");
}

/// s390 has the structures of a 32-bit ABI, so that a request says another size; it has all of arm's sizes, as nothing in
/// them goes by the byte order.
#[test]
fn s390_differs_from_s390x_in_the_sizes_of_requests_and_in_nine_constants() {
    let [s390, s390x, arm] = ["s390", "s390x", "arm"].map(|name| Architecture::find(name).expect("known"));
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seccomp-compiler/data");
    let rows = ["kernel/constants.csv", "constants.csv"].into_iter();
    let rows = rows.flat_map(|file| xtask::data::rows(&data.join(file)));
    let names: BTreeSet<String> = rows.map(|row| row["name"].clone()).collect();
    let (mut sizes, mut lacking, mut others) = (0, Vec::new(), Vec::new());
    for name in &names {
        match (s390.constant(name), s390x.constant(name)) {
            (own, wide) if own == wide => {}
            (Some(own), Some(wide)) if (own ^ wide) & !0x3fff_0000 == 0 && own < wide => {
                assert!(arm.constant(name).is_none_or(|arm| arm == own), "{name}: {own:#x}");
                sizes += 1;
            }
            (None, Some(_)) => lacking.push(name),
            _ => others.push(name.as_str()),
        }
    }
    assert!(sizes > 200, "{sizes}");
    // The headers of sound depend on what the C library takes for a time.
    lacking.retain(|name| !name.contains("SNDRV_"));
    assert_eq!(lacking, ["LPSETTIMEOUT"]);
    let expected = [
        "F_GETLK64",
        "F_SETLK64",
        "F_SETLKW64",
        "KVM_S390_STORE_STATUS_NOADDR",
        "KVM_S390_STORE_STATUS_PREFIXED",
        "POSIX_FADV_DONTNEED",
        "POSIX_FADV_NOREUSE",
        "PR_SET_PTRACER_ANY",
        "RLIM_INFINITY",
    ];
    assert_eq!(others, expected);
    assert_eq!(s390.constant("FS_IOC_SETFLAGS"), Some(0x4004_6602));
}

#[test]
fn this_machine_agrees_with_the_table() {
    let Some(host) = Architecture::host() else { return };
    let calls = [
        ("seccomp", libc::SYS_seccomp),
        ("execveat", libc::SYS_execveat),
        ("exit_group", libc::SYS_exit_group),
        ("openat", libc::SYS_openat),
        ("statx", libc::SYS_statx),
        ("clone3", libc::SYS_clone3),
    ];
    for (name, number) in calls {
        let number = u32::try_from(number).expect("a number is no error");
        assert_eq!(host.syscall_number(name), Some(number));
        assert_eq!(host.syscall_name(number), Some(name));
    }
}

#[test]
fn the_runtime_has_the_flags_of_the_language() {
    // The runtime installs no supervisor, so a policy cannot ask for the others.
    let language = Flag::ALL.iter().filter(|flag| !flag.needs_supervisor());
    let language: Vec<_> = language.map(|flag| (flag.name(), flag.bit(), format!("{flag:?}"))).collect();
    let runtime = seccomp_runtime::Flag::ALL.iter();
    let runtime: Vec<_> = runtime.map(|flag| (flag.name(), flag.bit(), format!("{flag:?}"))).collect();
    assert_eq!(runtime, language);
}
