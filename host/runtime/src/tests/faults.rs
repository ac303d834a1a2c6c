//! How calls break.

use std::time::Instant;

use super::*;

#[tokio::test]
async fn every_way_to_break_has_its_code_and_its_sentence() {
    let runtime = runtime();
    let guest = prepare(&runtime, guest()).await;
    let book = Arc::new(Book::default());
    let short_wait = CallLimits { wall: Duration::from_millis(50), ..limits() };
    let large = CallLimits { memory: 256 << 20, ..limits() };
    let cases = [
        ("spin", limits(), FaultCode::ProcessorBudget, "it used up its processor time of 100 ms"),
        ("trap", limits(), FaultCode::Trap, "it stopped with a trap: wasm `unreachable` instruction executed"),
        ("recurse", limits(), FaultCode::StackOverflow, "its call stack overflowed: it may call itself without end"),
        ("hog", limits(), FaultCode::Memory, "it asked for more than its 8 MiB of memory"),
        ("wait", short_wait, FaultCode::Deadline, "it did not answer within 50 ms"),
    ];
    for (function, limits, code, message) in cases {
        let outcome = call::<()>(&runtime, &guest, setup(&book, limits, Reuse::Fresh), function).await;
        let fault = outcome.result.unwrap_err();
        assert_eq!((fault.code, fault.message.as_str()), (code, message), "{function}");
        assert_eq!(book.charges.lock().unwrap().pop(), Some(Some(code)));
    }
    for (function, limits, code, message) in [
        ("flood", large, FaultCode::Output, "it handed over more than the 1 MiB that are allowed at once"),
        ("garbage", limits(), FaultCode::BadData, "breaks the component model"),
    ] {
        let outcome = call::<(String,)>(&runtime, &guest, setup(&book, limits, Reuse::Fresh), function).await;
        let fault = outcome.result.unwrap_err();
        assert_eq!(fault.code, code, "{fault}");
        assert!(fault.message.contains(message), "{fault}");
    }
    let hungry = r#"(component (core module $m (memory 200)) (core instance (instantiate $m)))"#;
    let many = format!("(component (core module $m) {})", "(core instance (instantiate $m))".repeat(100));
    for (text, message) in [(hungry, "8 MiB of memory"), (&many, "more than 64 instances, memories or tables")] {
        let component = prepare(&runtime, assemble(text)).await;
        let fault =
            call::<()>(&runtime, &component, setup(&book, limits(), Reuse::Fresh), "").await.result.unwrap_err();
        assert_eq!(fault.code, FaultCode::Memory);
        assert!(fault.message.contains(message), "{fault}");
    }
    // And after all that, a good call.
    let outcome = call::<(u32,)>(&runtime, &guest, setup(&book, limits(), Reuse::Fresh), "answer").await;
    assert_eq!(outcome.result, Ok((42,)));
    assert_eq!(book.charges.lock().unwrap().pop(), Some(None));
}

#[tokio::test]
async fn a_report_tells_time_and_memory() {
    let runtime = runtime();
    let guest = prepare(&runtime, guest()).await;
    let book = Arc::new(Book::default());
    let spun = call::<()>(&runtime, &guest, setup(&book, limits(), Reuse::Fresh), "spin").await.report;
    assert!(spun.cpu >= Duration::from_millis(100) && spun.cpu < Duration::from_secs(5), "{spun:?}");
    assert!(spun.wall >= Duration::from_millis(100), "{spun:?}");
    assert_eq!(spun.peak_memory, 64 << 10);
    // Refused memory is no fault by itself: a guest may do with less.
    let hogged = call::<(u32,)>(&runtime, &guest, setup(&book, limits(), Reuse::Fresh), "polite-hog").await;
    assert!(hogged.result.is_ok(), "{hogged:?}");
    assert!(hogged.report.peak_memory > 4 << 20 && hogged.report.peak_memory <= 8 << 20, "{hogged:?}");
}

#[tokio::test]
async fn a_guest_that_spins_lets_others_run() {
    let runtime = runtime();
    let guest = prepare(&runtime, guest()).await;
    let book = Arc::new(Book::default());
    let patient = CallLimits { processor: Duration::from_secs(20), ..limits() };
    let spinning = call::<()>(&runtime, &guest, setup(&book, patient, Reuse::Fresh), "spin");
    tokio::pin!(spinning);
    let answered = call::<(u32,)>(&runtime, &guest, setup(&book, limits(), Reuse::Fresh), "answer");
    tokio::select! {
        biased;
        _ = &mut spinning => panic!("the spinning guest ended first"),
        answered = answered => assert_eq!(answered.result, Ok((42,))),
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_ends_and_is_charged() {
    let runtime = runtime();
    let guest = prepare(&runtime, guest()).await;
    let book = Arc::new(Book::default());
    let patient = CallLimits { processor: Duration::from_secs(600), wall: Duration::from_secs(600), ..limits() };
    for function in ["spin", "wait"] {
        let waiting = call::<()>(&runtime, &guest, setup(&book, patient, Reuse::Fresh), function);
        assert!(tokio::time::timeout(Duration::from_millis(30), waiting).await.is_err());
    }
    let since = Instant::now();
    while *book.cancelled.lock().unwrap() < 2 {
        assert!(since.elapsed() < Duration::from_secs(20), "the calls go on");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn calls_wait_for_an_instance_and_not_for_ever() {
    let options = RuntimeOptions { threads: 1, instances: 1, pooling: false, ..RuntimeOptions::default() };
    let runtime = Runtime::new(options).unwrap();
    let guest = prepare(&runtime, guest()).await;
    let book = Arc::new(Book::default());
    let blocker = call::<()>(&runtime, &guest, setup(&book, limits(), Reuse::Fresh), "wait");
    let short = CallLimits { wall: Duration::from_millis(50), ..limits() };
    let waiter = async {
        tokio::task::yield_now().await;
        call::<(u32,)>(&runtime, &guest, setup(&book, short, Reuse::Fresh), "answer").await
    };
    let fault = tokio::select! {
        biased;
        _ = blocker => panic!("the blocking guest ended"),
        outcome = waiter => outcome.result.unwrap_err(),
    };
    assert_eq!(fault.code, FaultCode::Host);
    assert!(fault.message.contains("too many plugin calls"), "{fault}");
}

#[tokio::test]
async fn a_panic_of_the_host_is_a_fault_of_the_host() {
    let runtime = runtime();
    let guest = prepare(&runtime, guest()).await;
    let book = Arc::new(Book::default());
    let outcome = runtime
        .call::<(), ()>(&guest, setup(&book, limits(), Reuse::Fresh), |_| (), |_, _| panic!("as this test wants"))
        .await;
    assert_eq!(outcome.result.unwrap_err().code, FaultCode::Host);
    assert_eq!(*book.charges.lock().unwrap(), [Some(FaultCode::Host)]);
}
