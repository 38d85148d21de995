//! What a peer can be asked for. No peer's interface says all that a policy can, so each is asked for the rules as far
//! as it goes; what it then makes is held against those, and so is ours.

use std::collections::{BTreeMap, BTreeSet};

use seccomp_compiler::{
    AbiRules, ArgCondition, Comparison, Must, Program, Refused, Rule, RuleSet, Verdict, Width, verify,
};

use crate::contenders::Contender;
use crate::live::without_dead_code;

/// How a program compares with the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Equality {
    /// Proved: the same answer to every call of every ABI.
    Proved,
    /// Proved to be what was asked of the peer.
    ProvedAsAsked,
    /// It answers some call otherwise.
    Differs,
}

/// How a program compares with the policy's rules, and with those that were asked for.
pub(crate) fn equality(rules: &RuleSet, asked: &RuleSet, program: &Program) -> Equality {
    if is_equal(rules, program) {
        Equality::Proved
    } else if is_equal(asked, program) {
        Equality::ProvedAsAsked
    } else {
        Equality::Differs
    }
}

/// Whether a program answers every call as the rules do. It need not let the kernel cache what it always allows, and
/// may have instructions that are never reached.
pub(crate) fn is_equal(rules: &RuleSet, program: &Program) -> bool {
    let proof = verify(rules.clone(), without_dead_code(program));
    matches!(proof, Ok(_) | Err(Refused::NotCached { .. }))
}

impl Contender {
    /// The rules as this peer is asked for them: one ABI, one answer to every number without a rule, no data for a
    /// trap, and comparisons as wide as it makes them. To libseccomp x32's calls, but for the number -1, are those of a
    /// foreign ABI; the others take them for numbers like any. seccompiler has one action for all entries, here the
    /// most frequent; but for libseccomp, a foreign ABI kills the process.
    pub(crate) fn asked(self, rules: &RuleSet) -> RuleSet {
        let mut asked = rules.clone();
        if self == Self::Ours {
            return asked;
        }
        let native = rules.abis[0].architecture;
        asked.abis.retain(|abi| abi.architecture.audit() == native.audit());
        asked.foreign = match self {
            Self::Libseccomp { .. } => dataless(rules.foreign),
            _ => Verdict::KillProcess,
        };
        let (own, others) = asked.abis.split_at_mut(1);
        let own = &mut own[0];
        own.default = dataless(own.default);
        own.newer = own.default;
        // libseccomp sees the low words alone of these ABIs, whose registers are whole.
        let narrow = ["x32", "mipsn32", "mipsn32el"].contains(&native.name());
        let narrow = narrow && matches!(self, Self::Libseccomp { .. });
        let register = if narrow { Width::BITS_32 } else { native.register() };
        for rule in &mut own.rules {
            rule.verdict = dataless(rule.verdict);
            rule.conditions.iter_mut().for_each(|test| *test = self.asked_test(*test, register));
        }
        if let (Self::Seccompiler, Some(verdict)) = (self, most_frequent(own)) {
            own.rules.retain(|rule| rule.verdict == verdict);
            // To it, a number with conditions has no rule without.
            let always: BTreeSet<u32> =
                own.rules.iter().filter(|rule| rule.conditions.is_empty()).map(|rule| rule.number).collect();
            own.rules.retain(|rule| rule.conditions.is_empty() || !always.contains(&rule.number));
        }
        for abi in others {
            self.sibling(abi, own, asked.foreign);
        }
        asked
    }

    /// The calls that share the audit architecture with those that were asked for.
    fn sibling(self, abi: &mut AbiRules, own: &AbiRules, foreign: Verdict) {
        let libseccomp = matches!(self, Self::Libseccomp { .. });
        let all = if libseccomp { foreign } else { own.default };
        (abi.default, abi.newer) = (all, all);
        abi.rules.clear();
        if libseccomp && abi.numbers().contains(&u32::MAX) && !own.rules.is_empty() {
            abi.rules.push(Rule::new(u32::MAX, own.default));
        }
    }

    fn asked_test(self, test: ArgCondition, register: Width) -> ArgCondition {
        let mut test = test;
        test.mask &= register.mask();
        test.value &= register.mask();
        let ArgCondition { comparison, mask, value, must, .. } = test;
        // A width is a mask of the lowest bits.
        let width = (mask & mask.wrapping_add(1) == 0).then(|| mask.count_ones());
        match (self, comparison, width) {
            // One bit that is set is a value under a mask, which is all that some have.
            (Self::Libseccomp { .. } | Self::Seccompiler, Comparison::Equal, _)
                if value == 0 && must == Must::Fail && mask.is_power_of_two() =>
            {
                (test.value, test.must) = (mask, Must::Hold);
            }
            (Self::Libseccomp { .. } | Self::Seccompiler, Comparison::Equal, _) if must == Must::Hold => {}
            // Minijail tests any bits.
            (Self::Minijail { .. }, Comparison::Equal, _) if value == 0 => {}
            (Self::Seccompiler, _, Some(..32)) => test.mask = Width::BITS_32.mask(),
            (Self::Libseccomp { .. } | Self::Minijail { .. }, _, Some(_)) => test.mask = register.mask(),
            _ => {}
        }
        test
    }
}

/// The verdict without data that only ours can say.
fn dataless(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Trap(_) => Verdict::Trap(0),
        verdict => verdict,
    }
}

/// The verdict that most rules have, of those that say more than the default.
fn most_frequent(abi: &AbiRules) -> Option<Verdict> {
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for rule in abi.rules.iter().filter(|rule| rule.verdict != abi.default) {
        *counts.entry(rule.verdict).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(verdict, _)| verdict)
}
