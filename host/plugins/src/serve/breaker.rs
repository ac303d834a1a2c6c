//! Lets a plugin rest that breaks again and again, so that it costs nothing while it is broken.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// This many faults…
const FAULTS: usize = 5;
/// …within this time…
const WINDOW: Duration = Duration::from_secs(60);
/// …make it rest for this long. After that a single call is let through, which decides.
pub(crate) const REST: Duration = Duration::from_secs(30);
/// A trial call whose outcome is not known after this time is forgotten.
const TRIAL: Duration = Duration::from_secs(60);

/// The breaker of one plugin. Time is given to it.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    faults: VecDeque<Instant>,
    resting_until: Option<Instant>,
    trial_since: Option<Instant>,
}

impl Breaker {
    /// Whether a call may be made now; if not, how long the plugin still rests.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        let Some(until) = self.resting_until else { return Ok(()) };
        if now < until {
            return Err(until - now);
        }
        if let Some(since) = self.trial_since
            && now < since + TRIAL
        {
            return Err(Duration::from_secs(1));
        }
        self.trial_since = Some(now);
        Ok(())
    }

    /// Takes note of a call that gave an answer.
    pub(crate) fn answered(&mut self) {
        if self.trial_since.take().is_some() {
            *self = Self::default();
        }
    }

    /// Takes note of a call that broke. Gives true when the plugin begins to rest.
    pub(crate) fn faulted(&mut self, now: Instant) -> bool {
        let failed_trial = self.trial_since.take().is_some();
        self.faults.retain(|at| *at + WINDOW > now);
        self.faults.push_back(now);
        if !failed_trial && (self.faults.len() < FAULTS || self.is_resting(now)) {
            return false;
        }
        self.faults.truncate(FAULTS);
        self.resting_until = Some(now + REST);
        true
    }

    /// Takes note of a call that was given up before its end.
    pub(crate) fn cancelled(&mut self) {
        self.trial_since = None;
    }

    /// How long it still rests; none when calls are made. It also rests while a trial call is being waited for.
    pub(crate) fn rest(&self, now: Instant) -> Option<Duration> {
        self.resting_until.map(|until| until.saturating_duration_since(now))
    }

    fn is_resting(&self, now: Instant) -> bool {
        self.resting_until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn rests_after_repeated_faults_and_tries_one_call() {
        let (mut breaker, start) = (Breaker::default(), Instant::now());
        for count in 0..5 {
            assert_eq!(breaker.admit(start + seconds(count)), Ok(()));
            assert_eq!(breaker.faulted(start + seconds(count)), count == 4);
        }
        assert_eq!(breaker.admit(start + seconds(10)), Err(seconds(24)));
        assert_eq!(breaker.rest(start + seconds(10)), Some(seconds(24)));

        assert_eq!(breaker.admit(start + seconds(34)), Ok(()), "the trial");
        assert_eq!(breaker.admit(start + seconds(34)), Err(seconds(1)), "no second one beside it");
        assert!(breaker.faulted(start + seconds(35)), "the trial failed");
        assert!(breaker.admit(start + seconds(64)).is_err());

        assert_eq!(breaker.admit(start + seconds(65)), Ok(()));
        breaker.answered();
        assert_eq!(breaker.rest(start + seconds(66)), None);
        assert!(!breaker.faulted(start + seconds(66)), "it starts anew");
    }

    #[test]
    fn faults_far_apart_are_borne() {
        let (mut breaker, start) = (Breaker::default(), Instant::now());
        for count in 0..50 {
            assert!(!breaker.faulted(start + seconds(count * 20)));
        }
    }

    #[test]
    fn a_trial_that_was_given_up_or_forgotten_makes_room_for_the_next() {
        let (mut breaker, start) = (Breaker::default(), Instant::now());
        for _ in 0..5 {
            breaker.faulted(start);
        }
        assert!(breaker.admit(start + seconds(30)).is_ok());
        breaker.cancelled();
        assert!(breaker.admit(start + seconds(31)).is_ok());
        assert!(breaker.admit(start + seconds(40)).is_err());
        assert!(breaker.admit(start + seconds(91)).is_ok());
    }

    #[test]
    fn faults_of_calls_begun_before_do_not_prolong_the_rest() {
        let (mut breaker, start) = (Breaker::default(), Instant::now());
        for _ in 0..9 {
            breaker.faulted(start);
        }
        breaker.faulted(start + seconds(20));
        assert!(breaker.admit(start + seconds(30)).is_ok());
    }
}
