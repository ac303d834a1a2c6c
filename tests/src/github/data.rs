//! A repository and its runs, made up from its name.

use jiff::{SignedDuration, Timestamp};

use super::people::PEOPLE;
use super::random::Random;
use super::runs::{Phase, Run, Workflow};

const WORKFLOWS: &[Workflow] = &[
    Workflow { name: "CI", file: "ci.yml", jobs: &["lint", "test", "build"], seconds: (95, 420) },
    Workflow { name: "Deploy", file: "deploy.yml", jobs: &["image", "staging", "production"], seconds: (180, 780) },
    Workflow { name: "CodeQL", file: "codeql.yml", jobs: &["analyze"], seconds: (240, 660) },
    Workflow { name: "Release", file: "release.yml", jobs: &["notes", "publish"], seconds: (60, 200) },
];

/// What the commits of the company say. The second part is the branch on which such work happens.
const CHANGES: &[(&str, &str)] = &[
    ("Keep the cart when a session expires", "feature/keep-cart"),
    ("Show the next free slot when the chosen one is full", "feature/next-free-slot"),
    ("Raise the timeout of the stock lookup to 800 ms", "fix/stock-timeout"),
    ("Round prices per line, not per order", "fix/line-rounding"),
    ("Read the weight limit from the vehicle", "feature/vehicle-weight"),
    ("Retry the card capture once", "fix/capture-retry"),
    ("Drop the unused column `legacy_sku`", "chore/drop-legacy-sku"),
    ("Say which item is missing when a pick fails", "feature/missing-item"),
    ("Update dependencies", "deps/weekly"),
    ("Measure how long a slot is held", "feature/slot-metrics"),
    ("Accept returns at the door", "feature/doorstep-returns"),
    ("Cache product pictures for a day", "feature/picture-cache"),
    ("Correct the time zone of evening slots", "fix/evening-slots"),
    ("Send one notification per order", "fix/double-notification"),
    ("Split the health check into live and ready", "chore/health-checks"),
    ("Describe the new error codes", "docs/error-codes"),
];

/// One repository with everything that the server says of it.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    pub(super) id: u64,
    pub(super) owner: String,
    pub(super) owner_id: u64,
    pub(super) name: String,
    pub(super) language: &'static str,
    pub(super) private: bool,
    pub(super) stars: u64,
    pub(super) open_issues: u64,
    pub(super) size: u64,
    pub(super) created: Timestamp,
    pub(super) pushed: Timestamp,
    /// Newest first.
    pub(super) runs: Vec<Run>,
}

impl Repository {
    pub(super) fn slug(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Makes up the repository, or says that there is none of that name.
    pub(super) fn invent(owner: &str, name: &str, base: Timestamp) -> Option<Self> {
        let key = format!("{owner}/{name}").to_lowercase();
        let plain = name.to_lowercase();
        if plain.starts_with("missing") {
            return None;
        }
        let mut random = Random::named(&key);
        let mut repository = Self {
            id: random.between(300_000_000, 900_000_000),
            owner: owner.to_owned(),
            owner_id: Random::named(&owner.to_lowercase()).between(1_000_000, 90_000_000),
            name: name.to_owned(),
            language: random.pick::<&str>(&["Kotlin", "TypeScript", "Go", "Rust", "Python"]),
            private: random.between(0, 4) != 0,
            stars: random.between(0, 40),
            open_issues: random.between(0, 25),
            size: random.between(400, 30_000),
            created: base - SignedDuration::from_hours(24 * 700),
            pushed: base - SignedDuration::from_hours(2),
            runs: Vec::new(),
        };
        if !plain.starts_with("empty") {
            repository.runs = runs(&mut random, base);
            repository.pushed = repository.runs.first().map_or(repository.pushed, |run| run.created);
        }
        Some(repository)
    }
}

/// Between 45 and 75 runs, newest first: more than one page of GitHub's default size, and always among the newest ten
/// at least one that failed. In every third repository or so the newest is still in progress at the base instant.
fn runs(random: &mut Random, base: Timestamp) -> Vec<Run> {
    let count = random.between(45, 76);
    let first_id = random.between(9_000_000_000, 17_000_000_000);
    let first_workflow = random.between(1_000_000, 9_000_000);
    let busy = random.between(0, 3) == 0;
    let broken = random.between(1, 8);
    let mut numbers: Vec<u64> = WORKFLOWS.iter().map(|_| random.between(90, 900)).collect();
    let mut pull_request = random.between(120, 900);
    let mut created =
        base - SignedDuration::from_secs(if busy { 70 } else { 1_500 + signed(random.between(0, 9_000)) });
    let mut runs = Vec::new();
    for position in 0..count {
        // Most of what runs is CI; a deployment follows a push to main.
        let on_main = random.between(0, 5) < 2;
        let index = match (on_main, random.between(0, 10)) {
            (true, 0..=3) => 1,
            (true, 4) => 3,
            (_, 9) => 2,
            _ => 0,
        };
        let workflow = &WORKFLOWS[index];
        let (message, branch) = *random.pick(CHANGES);
        let event = match (workflow.name, on_main) {
            ("CodeQL", _) => "schedule",
            ("Release", _) => "workflow_dispatch",
            (_, true) => "push",
            (_, false) => "pull_request",
        };
        let on_main = event != "pull_request";
        let (low, high) = workflow.seconds;
        let duration = if busy && position == 0 { high.max(300) } else { random.between(low, high) };
        let started = created + SignedDuration::from_secs(signed(random.between(2, 9)));
        let conclusion = match random.between(0, 14) {
            _ if position == broken => "failure",
            0 => "failure",
            1 => "cancelled",
            2 if workflow.name == "Release" => "skipped",
            _ => "success",
        };
        let actor = random.pick(PEOPLE);
        runs.push(Run {
            id: first_id - position * 61_003 - random.between(0, 61_000),
            workflow,
            workflow_id: first_workflow + index as u64,
            number: numbers[index],
            attempt: if random.between(0, 12) == 0 { 2 } else { 1 },
            event,
            branch: if on_main { "main".to_owned() } else { branch.to_owned() },
            sha: random.hex(40),
            tree: random.hex(40),
            message: message.to_owned(),
            pull_request: (!on_main).then_some(pull_request),
            actor,
            triggering_actor: actor,
            created,
            started,
            duration: SignedDuration::from_secs(signed(duration)),
            conclusion,
            phase: Phase::Planned,
        });
        numbers[index] -= 1;
        pull_request -= random.between(0, 2);
        // The next older one has ended before this one began.
        created -= SignedDuration::from_secs(900 + signed(random.between(0, 26_000)));
    }
    runs
}

fn signed(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
