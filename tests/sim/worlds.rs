//! Runs simulated worlds and prints what they came to: what `cargo xtask sim` starts.
//!
//! `worlds --seeds N --days D [--first S] [--targets T] [--interval SECONDS] [--servers N]
//!  [--seed S] [--told WORLDS]`

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rebound_tests::sim::layout::Size;
use rebound_tests::sim::tally::Tally;
use rebound_tests::sim::week::{Plan, live};

/// Worlds that broke a promise and are told in full, if nothing else is asked for; of the others only the seed.
const TOLD_MAX: usize = 5;

struct Arguments {
    seeds: u64,
    first: u64,
    days: u32,
    size: Size,
    servers: Option<usize>,
    seed: Option<u64>,
    told: usize,
}

fn main() -> ExitCode {
    let arguments = match read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let Arguments { seeds, first, days, size, servers, seed, told } = arguments;
    // What processors are left over by worlds is for the servers of one.
    let plan = |worlds: usize| {
        let beside = processors() / worlds.max(1);
        Plan { days, size, servers, beside, tells: false }
    };
    if let Some(seed) = seed {
        return one(seed, Plan { tells: true, ..plan(1) });
    }
    println!("seeds {first} to {}, {days} days each", first + seeds - 1);
    let began = now();
    let (tally, broken) = many(first, seeds, plan(usize::try_from(seeds).unwrap_or(usize::MAX)));
    let took = began.elapsed().as_secs_f64();
    println!("\n{}", tally.table());
    println!(
        "{:.0} target-weeks in {took:.1} s: {:.1} a second",
        tally.target_weeks,
        tally.target_weeks / took
    );
    for (seed, promises) in broken.iter().take(told) {
        println!("\nseed {seed} broke {} promises:\n  {}", promises.len(), promises.join("\n  "));
    }
    if broken.is_empty() {
        println!("every promise was kept");
        return ExitCode::SUCCESS;
    }
    let seeds: Vec<String> = broken.iter().map(|(seed, _)| seed.to_string()).collect();
    println!("\n{} worlds broke promises: seeds {}", seeds.len(), seeds.join(", "));
    ExitCode::FAILURE
}

#[expect(clippy::disallowed_methods, reason = "how fast it is; the worlds themselves have no clock")]
fn now() -> Instant {
    Instant::now()
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// One world, with its story.
fn one(seed: u64, plan: Plan) -> ExitCode {
    println!("seed {seed}, {} days", plan.days);
    let began = now();
    let outcome = live(seed, plan);
    let took: Duration = began.elapsed();
    println!("{}", outcome.story);
    println!("{}", outcome.tally.table());
    let Tally { target_weeks, events, .. } = outcome.tally;
    println!("{target_weeks:.1} target-weeks, {events} events, in {:.2} s", took.as_secs_f64());
    for promise in &outcome.broken {
        println!("broken: {promise}");
    }
    if outcome.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Worlds beside each other, one on each processor.
fn many(first: u64, seeds: u64, plan: Plan) -> (Tally, Vec<(u64, Vec<String>)>) {
    let next = AtomicU64::new(first);
    let sum = Mutex::new((Tally::default(), Vec::new()));
    let workers = processors();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        break;
                    }
                    let outcome = live(seed, plan);
                    let Ok(mut sum) = sum.lock() else {
                        break;
                    };
                    sum.0.add(outcome.tally);
                    if !outcome.broken.is_empty() {
                        println!("seed {seed} broke {} promises", outcome.broken.len());
                        sum.1.push((seed, outcome.broken));
                    }
                }
            });
        }
    });
    let (tally, mut broken) = sum.into_inner().unwrap_or_default();
    broken.sort_by_key(|(seed, _)| *seed);
    (tally, broken)
}

fn read(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut arguments = Arguments {
        seeds: 20,
        first: 1,
        days: 7,
        size: Size::default(),
        servers: None,
        seed: None,
        told: TOLD_MAX,
    };
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} wants a value"))?;
        let number: u64 = value.parse().map_err(|_| format!("{word} wants a number, not \"{value}\""))?;
        match word.as_str() {
            "--seeds" => arguments.seeds = number,
            "--first" => arguments.first = number,
            "--days" => {
                arguments.days = u32::try_from(number).map_err(|_| "--days is too large".to_owned())?
            }
            "--targets" => arguments.size.targets = usize::try_from(number).ok(),
            "--most" => arguments.size.most = usize::try_from(number).ok(),
            "--interval" => arguments.size.interval = Some(Duration::from_secs(number)),
            "--servers" => arguments.servers = usize::try_from(number).ok(),
            "--seed" => arguments.seed = Some(number),
            "--told" => arguments.told = usize::try_from(number).unwrap_or(usize::MAX),
            other => return Err(format!("no option is called {other}")),
        }
    }
    Ok(arguments)
}
