//! Instances that serve more than one call.

use super::*;

async fn count(runtime: &Runtime, guest: &Arc<Prepared<()>>, reuse: Reuse) -> (u32, bool) {
    let outcome = call::<(u32,)>(runtime, guest, setup(&Arc::default(), limits(), reuse), "count").await;
    (outcome.result.unwrap().0, outcome.report.fresh)
}

#[tokio::test]
async fn a_fresh_call_remembers_nothing_and_a_warm_one_does() {
    let runtime = runtime();
    let guest = prepare(&runtime, guest()).await;
    for _ in 0..3 {
        assert_eq!(count(&runtime, &guest, Reuse::Fresh).await, (1, true));
    }
    assert_eq!(guest.warm_instances(), 0);
    assert_eq!(count(&runtime, &guest, Reuse::Warm).await, (1, true));
    assert_eq!(count(&runtime, &guest, Reuse::Warm).await, (2, false));
    assert_eq!(count(&runtime, &guest, Reuse::Fresh).await, (1, true));
    assert_eq!(guest.warm_instances(), 1);
}

#[tokio::test]
async fn an_instance_is_dropped_after_a_trap_and_after_its_calls() {
    let runtime = Runtime::new(RuntimeOptions { threads: 1, warm_calls: 3, ..RuntimeOptions::default() }).unwrap();
    let guest = prepare(&runtime, guest()).await;
    let mut counts = Vec::new();
    for _ in 0..5 {
        counts.push(count(&runtime, &guest, Reuse::Warm).await.0);
    }
    assert_eq!(counts, [1, 2, 3, 1, 2]);
    let trapped = call::<()>(&runtime, &guest, setup(&Arc::default(), limits(), Reuse::Warm), "trap").await;
    assert!(trapped.result.is_err() && !trapped.report.fresh);
    assert_eq!(count(&runtime, &guest, Reuse::Warm).await, (1, true));
}

#[tokio::test]
async fn an_instance_that_holds_much_memory_does_not_wait() {
    let runtime = runtime();
    let guest = prepare(&runtime, guest()).await;
    for (megabytes, waits) in [(8, 1), (64, 0)] {
        let limits = CallLimits { memory: megabytes << 20, ..limits() };
        let outcome = call::<(u32,)>(&runtime, &guest, setup(&Arc::default(), limits, Reuse::Warm), "polite-hog").await;
        assert!(outcome.result.is_ok(), "{outcome:?}");
        assert_eq!(guest.warm_instances(), waits);
    }
}

#[tokio::test]
async fn every_call_on_a_warm_instance_has_a_budget_of_its_own() {
    let runtime = runtime();
    let guest = prepare(&runtime, guest()).await;
    count(&runtime, &guest, Reuse::Warm).await;
    let spun = call::<()>(&runtime, &guest, setup(&Arc::default(), limits(), Reuse::Warm), "spin").await;
    assert!(!spun.report.fresh);
    assert_eq!(spun.result.unwrap_err().code, FaultCode::ProcessorBudget);
}

#[tokio::test]
async fn an_instance_that_waited_too_long_is_dropped() {
    use crate::warm::{IDLE, Sweep};

    let runtime = runtime();
    let guest = prepare(&runtime, guest()).await;
    count(&runtime, &guest, Reuse::Warm).await;
    guest.sweep(std::time::Instant::now());
    assert_eq!(guest.warm_instances(), 1);
    guest.sweep(std::time::Instant::now() + IDLE);
    assert_eq!(guest.warm_instances(), 0);
}
