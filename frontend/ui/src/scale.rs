//! The arithmetic of charts: round ticks, and values as shares of the drawing.

use host_model::view::{ChartKind, Coordinate, Series};

use crate::format;

/// Values beyond this are drawn as if they were it, so that differences stay finite.
const LIMIT: f64 = 1e300;
/// The most points that a series is drawn with.
const MAX_POINTS: usize = 400;

/// The vertical scale: from `low` to `high`, with a tick at every `step`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    step: f64,
}

impl Scale {
    /// A scale with round ends and three to seven ticks that holds all values; with zero when asked for.
    pub(crate) fn around(values: impl Iterator<Item = f64>, with_zero: bool) -> Self {
        let (mut low, mut high) = values
            .map(|value| value.clamp(-LIMIT, LIMIT))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // A line far from zero is drawn closely; one near it begins there.
        if with_zero || (low >= 0.0 && low < high * 0.5) {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if high - low <= high.abs().max(low.abs()) * 1e-12 {
            let room = if high == 0.0 { 1.0 } else { high.abs() * 0.5 };
            (low, high) = if low == 0.0 { (0.0, room) } else { (low - room, high + room) };
        }
        let rough = (high - low) / 4.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].iter().map(|m| m * power).find(|&step| step >= rough).unwrap_or(rough);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// The ticks from the highest to the lowest.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step).round().clamp(1.0, 10.0) as u32;
        (0..=count).rev().map(|index| self.low + f64::from(index) * self.step).collect()
    }

    /// Where a value lies between the top, 0, and the bottom, 100.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let share = (value.clamp(-LIMIT, LIMIT) - self.low) / (self.high - self.low);
        100.0 - share.clamp(0.0, 1.0) * 100.0
    }
}

/// Where the points of all series lie on the horizontal axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Axis {
    /// Numbers and instants, by value; the flag says whether they are instants.
    Values { low: f64, high: f64, time: bool },
    /// Labels, at equal distances in order of appearance.
    Labels(Vec<String>),
}

impl Axis {
    /// The axis of the series: labels when any point has one, or when bars are drawn.
    pub(crate) fn of(series: &[Series], kind: ChartKind) -> Self {
        let points = || series.iter().flat_map(|series| &series.points);
        if kind == ChartKind::Bar || points().any(|point| matches!(point.x, Coordinate::Label(_))) {
            let mut labels: Vec<String> = Vec::new();
            for point in points() {
                let label = coordinate_text(&point.x);
                if labels.len() < MAX_POINTS && !labels.contains(&label) {
                    labels.push(label);
                }
            }
            return Self::Labels(labels);
        }
        let (low, high) = points()
            .filter_map(|point| coordinate_value(&point.x))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let time = points().all(|point| matches!(point.x, Coordinate::Time(_)));
        if low > high { Self::Values { low: 0.0, high: 0.0, time } } else { Self::Values { low, high, time } }
    }

    /// Where a point lies between the left, 0, and the right, 100; none when the axis does not hold it.
    pub(crate) fn place(&self, x: &Coordinate) -> Option<f64> {
        match self {
            Self::Values { low, high, .. } if high > low => {
                let share = (coordinate_value(x)? / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
                Some(share.clamp(0.0, 1.0) * 100.0)
            }
            Self::Values { .. } => Some(50.0),
            Self::Labels(labels) => {
                let label = coordinate_text(x);
                let index = labels.iter().position(|known| *known == label)?;
                Some((index as f64 + 0.5) / labels.len() as f64 * 100.0)
            }
        }
    }

    /// The words below the drawing, from left to right.
    pub(crate) fn words(&self) -> Vec<String> {
        match self {
            Self::Values { low, high, time } => {
                let clock = *time && high - low < 2.0 * 86_400_000.0;
                let word = |x: f64| if *time { format::short_date(x as i64, clock) } else { format::number(x) };
                if high > low { vec![word(*low), word(low / 2.0 + high / 2.0), word(*high)] } else { vec![word(*low)] }
            }
            Self::Labels(labels) if labels.len() <= 8 => labels.clone(),
            Self::Labels(labels) => {
                let last = labels.len() - 1;
                [0, last / 2, last].iter().map(|&index| labels[index].clone()).collect()
            }
        }
    }
}

/// The places of a series' points, thinned out when there are very many; the last one is kept.
pub(crate) fn places(series: &Series, axis: &Axis, scale: &Scale) -> Vec<(f64, f64)> {
    let count = series.points.len();
    let stride = count.div_ceil(MAX_POINTS).max(1);
    series
        .points
        .iter()
        .enumerate()
        .filter(|(index, _)| index % stride == 0 || index + 1 == count)
        .filter_map(|(_, point)| Some((axis.place(&point.x)?, scale.place(point.y))))
        .collect()
}

/// A coordinate in words.
pub(crate) fn coordinate_text(coordinate: &Coordinate) -> String {
    match coordinate {
        Coordinate::Time(time) => format::short_date(*time, time.rem_euclid(86_400_000) != 0),
        Coordinate::Number(number) => format::number(*number),
        Coordinate::Label(label) => label.clone(),
    }
}

fn coordinate_value(coordinate: &Coordinate) -> Option<f64> {
    match coordinate {
        Coordinate::Time(time) => Some(*time as f64),
        Coordinate::Number(number) => Some(*number),
        Coordinate::Label(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use host_model::view::Point;

    use super::*;

    #[test]
    fn scales_are_round_and_hold_their_values() {
        for (values, with_zero, ticks) in [
            (vec![3.0, 17.0], true, vec![20.0, 15.0, 10.0, 5.0, 0.0]),
            (vec![0.0, 0.0], false, vec![1.0, 0.75, 0.5, 0.25, 0.0]),
            (vec![99.0, 99.8], false, vec![99.8, 99.6, 99.4, 99.2, 99.0]),
            (vec![-5.0, 5.0], false, vec![5.0, 2.5, 0.0, -2.5, -5.0]),
            (vec![], false, vec![1.0, 0.75, 0.5, 0.25, 0.0]),
        ] {
            let scale = Scale::around(values.iter().copied(), with_zero);
            let rounded: Vec<f64> = scale.ticks().iter().map(|tick| (tick * 1e6).round() / 1e6).collect();
            assert_eq!(rounded, ticks, "{values:?}");
        }
    }

    #[test]
    fn extreme_values_stay_in_the_drawing() {
        for values in [[f64::MAX, f64::MIN], [1e16, 1e16 + 2.0], [f64::MIN_POSITIVE, 0.0], [7.0, 7.0]] {
            let scale = Scale::around(values.into_iter(), false);
            assert!((2..=11).contains(&scale.ticks().len()), "{values:?}: {:?}", scale.ticks());
            for value in values {
                assert!((0.0..=100.0).contains(&scale.place(value)), "{values:?}: {}", scale.place(value));
            }
        }
    }

    #[test]
    fn long_series_are_thinned_out() {
        let point = |x: usize| Point { x: Coordinate::Number(x as f64), y: x as f64 };
        let series = Series { name: String::new(), points: (0..10_000).map(point).collect() };
        let axis = Axis::of(std::slice::from_ref(&series), ChartKind::Line);
        let drawn = places(&series, &axis, &Scale::around([0.0, 9_999.0].into_iter(), false));
        assert!(drawn.len() <= MAX_POINTS + 1);
        assert_eq!(drawn.last().map(|place| place.0), Some(100.0));
    }

    #[test]
    fn labels_and_times_find_their_places() {
        let point = |x: Coordinate| Point { x, y: 1.0 };
        let labels = [Series {
            name: String::new(),
            points: vec![point(Coordinate::Label("a".into())), point(Coordinate::Label("b".into()))],
        }];
        let axis = Axis::of(&labels, ChartKind::Line);
        assert_eq!(axis.place(&Coordinate::Label("b".into())), Some(75.0));
        assert_eq!(axis.place(&Coordinate::Label("c".into())), None);
        let times = [Series {
            name: String::new(),
            points: vec![point(Coordinate::Time(0)), point(Coordinate::Time(10 * 86_400_000))],
        }];
        assert_eq!(Axis::of(&times, ChartKind::Line).words(), ["1 Jan", "6 Jan", "11 Jan"]);
    }
}
