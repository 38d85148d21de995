//! The compiler: the stages from a policy's text to a proved program, one line each.

use core::fmt;

use crate::diagnose::diagnostic::Diagnostics;
use crate::diagnose::filter::FilterProblem;
use crate::diagnose::problems::Problems;
use crate::document::load::{Loader, NoFiles};
use crate::document::source::{Place, SourceFile, Sources};
use crate::engine::plan::Weights;
use crate::engine::profile::Profile;
use crate::engine::program::{MAX_INSTRUCTIONS, Program};
use crate::engine::refusals::Refusals;
use crate::engine::rules::{Origin, Rule, RuleSet};
use crate::kernel::action::{Promise, Verdict};
use crate::kernel::architecture::Architecture;
use crate::kernel::effects::{Effect, Route};
use crate::lint;
use crate::lower::{NotCompiled, lower};
use crate::policy::parse::parse;
use crate::policy::{Fallbacks, Flags, Policy};
use crate::proof::diagram::OverBudget;
use crate::proof::{Refused, Verified};
use crate::resolve::effects;
use crate::resolve::origins::Origins;
use crate::resolve::{names, resolve};
use crate::trace::Trace;
use crate::trace::lines;
use crate::trace::reporter::{self, Report, Reporter};

/// A policy compiled for one architecture.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Compiled {
    /// The program, with the rules that it was proved equal to.
    pub verified: Verified,
    /// The architecture that it is for.
    pub architecture: &'static Architecture,
    /// The ABIs that the filter covers: the architecture's own, and with `compat: true` the others of its kernel.
    pub covered: Vec<&'static Architecture>,
    /// Whether the policy says `compat: true`.
    pub compat: bool,
    /// Whether it is to be installed at all.
    pub enabled: bool,
    /// Whether the installer sets no_new_privs first.
    pub no_new_privs: bool,
    /// What became of the policy's refusals, if they were not to stay as they are.
    pub refusals: Option<Refusals>,
    /// The kernel's filter flags.
    pub flags: Flags,
    /// The files that it was made of, the policy's own first.
    pub sources: Sources,
    /// Where the rules come from.
    pub origins: Origins,
    /// Where the policy says what happens to calls that no rule matches.
    pub fallbacks: Fallbacks,
    /// What the process needs to report what the filter traps, if it is to.
    pub report: Option<Report>,
    /// The effects that its groups name, each with the number of its group.
    effects: Vec<(usize, Effect)>,
    /// The effects that its expectations name, each with what is promised of it.
    promised: Vec<(Effect, Promise)>,
    /// What compiles to what it says, but may not be what was meant.
    warnings: Problems,
}

/// What an effect in a group came to on one ABI.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EffectUse {
    /// The effect.
    pub effect: Effect,
    /// The ABI.
    pub architecture: &'static Architecture,
    /// Its routes there, each with the answer that the group gives to it.
    pub routes: Vec<(Route, Verdict)>,
}

impl Compiled {
    /// The program.
    pub fn program(&self) -> &Program {
        self.verified.program()
    }

    /// The rules that the program was proved equal to.
    pub fn rules(&self) -> &RuleSet {
        self.verified.rules()
    }

    /// What compiles to what it says, but may not be what was meant. Places are found by another walk through the
    /// files, so callers that have no use for warnings need not pay for it.
    pub fn warnings(&self) -> Diagnostics {
        self.warnings.clone().into_diagnostics(&self.sources)
    }

    /// What the effects of the policy's groups came to, on every ABI that the filter covers.
    pub fn effects(&self) -> Vec<EffectUse> {
        let mut uses = Vec::new();
        for (group, effect) in self.effects.iter().copied() {
            for abi in self.rules().abis.iter().filter(|abi| self.covered.contains(&abi.architecture)) {
                let ways = effects::ways(effect, abi.architecture);
                let answer = |way: &effects::Way| {
                    let is_its = |rule: &&Rule| {
                        let source = self.origins.source(rule.origin);
                        let closes = source.effect.is_some() && source.group == group;
                        let is_whole = rule.conditions.is_empty();
                        closes && rule.number == way.number && (is_whole || rule.conditions == way.conditions)
                    };
                    Some((way.route, abi.rules.iter().find(is_its)?.verdict))
                };
                let routes: Vec<(Route, Verdict)> = ways.iter().filter_map(answer).collect();
                uses.push(EffectUse { effect, architecture: abi.architecture, routes });
            }
        }
        uses
    }

    /// The effects that the policy is expected to refuse or to allow, each once, which was proved.
    pub fn promised_effects(&self) -> impl Iterator<Item = (Effect, Promise)> {
        self.promised.iter().copied()
    }

    /// Which lines of the policy are behind each instruction.
    ///
    /// # Errors
    ///
    /// [`OverBudget`] where the policy is too entangled to be followed.
    pub fn trace(&self) -> Result<Trace, OverBudget> {
        Trace::new(&self.verified, &self.origins, self.fallbacks, &self.covered)
    }
}

/// Compiles policies for one architecture.
///
/// ```
/// use seccomp_compiler::{Architecture, Compiler, LoadError, SourceFile};
///
/// let file = SourceFile::new("server.yaml", "
/// default_action: allow
/// include: [base.yaml]
/// ");
/// let base = "syscalls: [{action: errno, names: [reboot]}]";
/// let load = |name: &str| match name {
///     "base.yaml" => Ok(base.as_bytes().to_vec()),
///     _ => Err(LoadError::NotFound),
/// };
/// let x86_64 = Architecture::find("x86_64").expect("it is in the table");
/// let compiled = Compiler::for_architecture(x86_64).loader(&load).compile(&file)?;
/// assert!(compiled.warnings().is_empty());
/// # Ok::<(), seccomp_compiler::Diagnostics>(())
/// ```
#[derive(Clone, Copy)]
pub struct Compiler<'a> {
    architecture: &'static Architecture,
    loader: &'a (dyn Loader + Sync),
    reporter: Option<Reporter>,
    profile: Option<&'a Profile>,
    refusals: Option<Refusals>,
}

impl<'a> Compiler<'a> {
    /// A compiler for policies that include no other file.
    pub fn for_architecture(architecture: &'static Architecture) -> Self {
        Self { architecture, loader: &NoFiles, reporter: None, profile: None, refusals: None }
    }

    /// Reads the files that policies include.
    #[must_use]
    pub fn loader(self, loader: &'a (dyn Loader + Sync)) -> Self {
        Self { loader, ..self }
    }

    /// Compiles for a process that reports the calls that its filter traps.
    #[must_use]
    pub fn reporter(self, reporter: Reporter) -> Self {
        Self { reporter: Some(reporter), ..self }
    }

    /// Decides first what the program calls most, by these counts.
    #[must_use]
    pub fn profile(self, profile: &'a Profile) -> Self {
        Self { profile: Some(profile), ..self }
    }

    /// Compiles every refusal of the policy as this instead, for development. Warnings and expectations are about the
    /// policy as it is written: a promised `errno` holds although the call is trapped. Only [`Refusals::Log`] refuses
    /// nothing at all; whoever offers it should say so.
    #[must_use]
    pub fn refusals(self, refusals: Refusals) -> Self {
        Self { refusals: Some(refusals), ..self }
    }

    /// The proved program of a policy.
    ///
    /// # Errors
    ///
    /// Every problem of the policy at once, file by file, each in its order. With a reporter also where the policy traps
    /// nothing, or refuses what the reporter itself calls.
    pub fn compile(&self, file: &SourceFile) -> Result<Compiled, Diagnostics> {
        let mut problems = Problems::default();
        let (policy, sources) = parse(file.clone(), self.loader, &mut problems);
        let Some((verified, report, origins)) = self.proved(&policy, &sources, &mut problems) else {
            return Err(problems.into_diagnostics(&sources));
        };
        let others = self.others(&policy);
        let problems_on = |architecture| Self::linted(architecture, &policy, &sources);
        lint::reasons::apply(&policy, &sources, &mut problems, others.map(problems_on));
        Ok(Compiled {
            verified,
            architecture: self.architecture,
            covered: policy.covered(self.architecture),
            compat: policy.has_compat(),
            enabled: policy.enabled,
            no_new_privs: policy.no_new_privs.is_none_or(|sets| sets.value),
            refusals: self.refusals,
            flags: policy.flags.map(|flags| flags.value).unwrap_or_default(),
            sources,
            origins,
            fallbacks: policy.fallbacks(),
            effects: named_effects(&policy),
            promised: promised_effects(&policy),
            report,
            warnings: problems,
        })
    }

    /// The stages after `parse`, one line each; `None` if there are errors.
    fn proved(
        &self,
        policy: &Policy,
        sources: &Sources,
        problems: &mut Problems,
    ) -> Option<(Verified, Option<Report>, Origins)> {
        names::check(policy, Some(self.architecture), problems);
        let mut resolved = resolve(policy, self.architecture, problems);
        let replaced = self.refusals.map(|refusals| refusals.applied_to(&resolved.rules));
        let reporter = self.reporter.filter(|_| !policy.is_only_off());
        if let Some(reporter) = reporter {
            let rules = replaced.as_ref().unwrap_or(&resolved.rules);
            self.check_reporter(reporter, policy, rules, &resolved.origins, problems);
        }
        lint::check(policy, &resolved, sources, problems);
        if problems.has_errors() {
            return None;
        }
        resolved.rules = replaced.unwrap_or(resolved.rules);
        let verified = self.prove(&resolved.rules, &resolved.origins, problems)?;
        let Some(reporter) = reporter else { return Some((verified, None, resolved.origins)) };
        let (rules, lines) = lines::locate(&resolved, policy, sources, self.architecture);
        let line_finder = self.prove(&rules, &resolved.origins, problems)?;
        Some((verified, Some(Report::new(reporter, line_finder, lines)), resolved.origins))
    }

    /// The other architectures that a policy is meant for.
    fn others(&self, policy: &Policy) -> impl Iterator<Item = &'static Architecture> + use<> {
        let listed = policy.architectures.as_ref();
        let listed = listed.map(|listed| listed.iter().map(|architecture| architecture.value).collect());
        let all: Vec<&Architecture> = listed.unwrap_or_else(|| Architecture::all().collect());
        let own = self.architecture;
        all.into_iter().filter(move |architecture| *architecture != own)
    }

    /// The problems of a policy on an architecture, but for those that only a program shows.
    fn linted(architecture: &'static Architecture, policy: &Policy, sources: &Sources) -> Problems {
        let mut problems = Problems::default();
        names::check(policy, Some(architecture), &mut problems);
        let resolved = resolve(policy, architecture, &mut problems);
        lint::check(policy, &resolved, sources, &mut problems);
        problems
    }

    fn check_reporter(
        &self,
        reporter: Reporter,
        policy: &Policy,
        rules: &RuleSet,
        origins: &Origins,
        problems: &mut Problems,
    ) {
        if self.traps(policy) {
            reporter::check(reporter, policy.fallbacks(), rules, origins, problems);
        } else if !problems.has_errors() {
            problems.report(Place::POLICY, FilterProblem::NothingTraps);
        }
    }

    /// The proved program of rules that need not come from a policy.
    ///
    /// # Errors
    ///
    /// Where the rules are invalid, or have no program that can be proved within the budget and the kernel's length.
    pub fn compile_rules(rules: &RuleSet) -> Result<Verified, NotCompiled> {
        rules.check().map_err(NotCompiled::InvalidRules)?;
        lower(rules, Weights::default())
    }

    /// Checks a policy without an architecture, for targets that have no filters. Returns the files that it was made of.
    ///
    /// # Errors
    ///
    /// Every problem that can be found without an architecture, file by file.
    pub fn check(file: &SourceFile, loader: &dyn Loader) -> Result<Sources, Diagnostics> {
        let mut problems = Problems::default();
        let (policy, sources) = parse(file.clone(), loader, &mut problems);
        names::check(&policy, None, &mut problems);
        if problems.has_errors() { Err(problems.into_diagnostics(&sources)) } else { Ok(sources) }
    }

    /// Whether the filter traps any call. At the least, calls of foreign architectures are refused.
    fn traps(&self, policy: &Policy) -> bool {
        match self.refusals {
            None => policy.traps(),
            Some(refusals) => refusals == Refusals::Trap,
        }
    }

    fn weights(&self) -> Weights<'a> {
        Weights { profile: self.profile, ..Weights::default() }
    }

    fn prove(&self, rules: &RuleSet, origins: &Origins, problems: &mut Problems) -> Option<Verified> {
        let failure = match lower(rules, self.weights()) {
            Ok(verified) => return Some(verified),
            Err(failure) => failure,
        };
        let (place, problem) = match failure {
            NotCompiled::TooLong { instructions } => {
                (Place::POLICY, FilterProblem::TooLong { instructions, limit: MAX_INSTRUCTIONS })
            }
            NotCompiled::Refused(Refused::OverBudget { arch, number, conditions }) => {
                // It may be a call of another ABI than the native one.
                let rule = rules.abi(arch, number).and_then(|abi| abi.of_number(number).next());
                let source = origins.source(rule.map_or(Origin(u32::MAX), |rule| rule.origin));
                (source.place, FilterProblem::TooComplex { name: source.name, conditions })
            }
            NotCompiled::Refused(refused) => {
                let reason = refused.display(self.architecture).to_string();
                (Place::POLICY, FilterProblem::Unproved { reason })
            }
            NotCompiled::InvalidRules(invalid) => {
                (Place::POLICY, FilterProblem::Unproved { reason: invalid.to_string() })
            }
        };
        problems.report(place, problem);
        None
    }
}

impl fmt::Debug for Compiler<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { architecture, loader: _, reporter, profile, refusals } = self;
        f.debug_struct("Compiler")
            .field("architecture", architecture)
            .field("reporter", reporter)
            .field("profile", profile)
            .field("refusals", refusals)
            .finish_non_exhaustive()
    }
}

/// The effects that expectations name, each with its promise.
fn promised_effects(policy: &Policy) -> Vec<(Effect, Promise)> {
    let mut promised = Vec::new();
    for group in &policy.expectations {
        let Some(promise) = group.promise else { continue };
        for effect in group.effects.iter().filter_map(|name| Effect::find(name)) {
            if !promised.contains(&(effect, promise)) {
                promised.push((effect, promise));
            }
        }
    }
    promised
}

/// The effects that groups name, each with the index of its group.
fn named_effects(policy: &Policy) -> Vec<(usize, Effect)> {
    let groups = policy.groups.iter().enumerate();
    let named = groups.flat_map(|(index, group)| group.effects.iter().map(move |name| (index, name)));
    named.filter_map(|(index, name)| Some((index, Effect::find(name)?))).collect()
}
