//! Charts: lines, areas, bars and sparklines, drawn by the server. The drawing stretches with its frame while its
//! words stay HTML; the numbers are there as a table too, and series differ by dashes as well as by hue.

use std::fmt::Write as _;

use host_model::view::{Chart, ChartKind, Series};
use leptos::prelude::*;

use crate::scale::{Axis, Scale, coordinate_text, places};
use crate::{DataTable, Disclosure, TableColumn, format};

/// The most series that are drawn; all are in the table.
const MAX_SERIES: usize = 6;
/// The most rows of the table of numbers.
const MAX_ROWS: usize = 200;
/// Up to this many points each has a dot of its own.
const MAX_DOTS: usize = 40;

/// A chart with its legend and its numbers.
///
/// ```ignore
/// view! { <ChartView chart=chart/> }
/// ```
#[component]
pub fn ChartView(chart: Chart) -> AnyView {
    let Chart { title, kind, unit, mut series } = chart;
    let summary = summary(&title, unit.as_deref(), &series);
    if series.iter().all(|series| series.points.is_empty()) {
        return view! {
            <figure class="chart" data-kind=kind_word(kind)>
                <figcaption class="chart-title">{title}</figcaption>
                <p class="chart-empty">"No data in this period."</p>
            </figure>
        }
        .into_any();
    }
    let with_zero = matches!(kind, ChartKind::Bar | ChartKind::Area);
    let numbers = (kind != ChartKind::Sparkline).then(|| numbers_table(&title, &series, unit.as_deref()));
    let left_out = series.len().saturating_sub(MAX_SERIES);
    series.truncate(MAX_SERIES);
    let axis = Axis::of(&series, kind);
    let scale = Scale::around(series.iter().flat_map(|series| &series.points).map(|point| point.y), with_zero);
    let drawing = drawing(&series, kind, &axis, &scale, summary);
    if kind == ChartKind::Sparkline {
        let last = series.first().and_then(|series| series.points.last()).map(|point| point.y);
        let last = last.map(|value| format::quantity(value, unit.as_deref()));
        return view! {
            <figure class="chart" data-kind="sparkline">
                <figcaption class="chart-title">{title}</figcaption>
                {drawing}
                <span class="chart-last">{last}</span>
            </figure>
        }
        .into_any();
    }
    let ticks: Vec<_> = scale.ticks().into_iter().map(|tick| view! { <span>{format::number(tick)}</span> }).collect();
    let words: Vec<_> = axis.words().into_iter().map(|word| view! { <span>{word}</span> }).collect();
    let spread = if matches!(axis, Axis::Labels(_)) && words.len() > 1 { "around" } else { "between" };
    view! {
        <figure class="chart" data-kind=kind_word(kind)>
            <figcaption class="chart-title">
                <span>{title}</span>
                {unit.map(|unit| view! { <span class="chart-unit">{unit}</span> })}
            </figcaption>
            {(series.len() > 1).then(|| legend(&series, left_out))}
            <div class="chart-plot">
                <div class="chart-y" aria-hidden="true">{ticks}</div>
                {drawing}
                <div class="chart-x" data-spread=spread aria-hidden="true">{words}</div>
            </div>
            {numbers}
        </figure>
    }
    .into_any()
}

fn kind_word(kind: ChartKind) -> &'static str {
    match kind {
        ChartKind::Line => "line",
        ChartKind::Area => "area",
        ChartKind::Bar => "bar",
        ChartKind::Sparkline => "sparkline",
    }
}

/// What the drawing shows, for those who do not see it.
fn summary(title: &str, unit: Option<&str>, series: &[Series]) -> String {
    let mut text = format!("Chart: {title}.");
    for series in series.iter().take(MAX_SERIES) {
        let values = || series.points.iter().map(|point| point.y);
        let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), y| (l.min(y), h.max(y)));
        let Some(last) = values().next_back() else { continue };
        let quantity = |value| format::quantity(value, unit);
        // Writing to a text does not fail.
        _ = write!(text, " {}: {} to {}, last {}.", series.name, quantity(low), quantity(high), quantity(last));
    }
    text
}

/// The series with their hues and dashes.
fn legend(series: &[Series], left_out: usize) -> AnyView {
    let items: Vec<_> = series
        .iter()
        .enumerate()
        .map(|(index, series)| {
            view! {
                <li class="chart-key" data-series=(index + 1).to_string()>
                    <svg class="chart-swatch" viewBox="0 0 16 8" aria-hidden="true">
                        <path class="chart-line" d="M0 4h16"></path>
                    </svg>
                    <span>{series.name.clone()}</span>
                </li>
            }
        })
        .collect();
    let more = (left_out > 0).then(|| view! { <li class="chart-key">{format!("{left_out} more in the table")}</li> });
    view! { <ul class="chart-legend">{items}{more}</ul> }.into_any()
}

/// The drawing, on a ground of 100 by 100 that is stretched to its frame.
fn drawing(series: &[Series], kind: ChartKind, axis: &Axis, scale: &Scale, label: String) -> AnyView {
    let grid: Vec<_> = if kind == ChartKind::Sparkline {
        Vec::new()
    } else {
        let line = |tick: f64| format!("M0 {:.2}H100", scale.place(tick));
        scale.ticks().into_iter().map(|tick| view! { <path class="chart-grid" d=line(tick)></path> }).collect()
    };
    let marks: Vec<AnyView> = series
        .iter()
        .enumerate()
        .map(|(index, one)| match kind {
            ChartKind::Bar => bars(one, index, series.len(), axis, scale),
            _ => line(one, index, kind, axis, scale),
        })
        .collect();
    view! {
        <svg class="chart-drawing" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label=label>
            {grid}
            {marks}
        </svg>
    }
    .into_any()
}

/// A line, with the area below it and a dot for each of few points.
fn line(series: &Series, index: usize, kind: ChartKind, axis: &Axis, scale: &Scale) -> AnyView {
    let places = places(series, axis, scale);
    let mut path = String::new();
    let mut dots = String::new();
    for (number, (x, y)) in places.iter().enumerate() {
        _ = write!(path, "{}{x:.2} {y:.2}", if number == 0 { 'M' } else { 'L' });
        if places.len() <= MAX_DOTS && kind != ChartKind::Sparkline {
            _ = write!(dots, "M{x:.2} {y:.2}h0");
        }
    }
    let area = match (places.first(), places.last()) {
        (Some((first, _)), Some((last, _))) if kind != ChartKind::Line => {
            let floor = scale.place(0.0);
            Some(
                view! { <path class="chart-area" d=format!("{path}L{last:.2} {floor:.2}L{first:.2} {floor:.2}Z")></path> },
            )
        }
        _ => None,
    };
    view! {
        <g data-series=(index + 1).to_string()>
            {area}
            <path class="chart-line" d=path></path>
            {(!dots.is_empty()).then(|| view! { <path class="chart-dots" d=dots></path> })}
        </g>
    }
    .into_any()
}

/// The bars of one series beside those of the others.
fn bars(series: &Series, index: usize, count: usize, axis: &Axis, scale: &Scale) -> AnyView {
    let groups = if let Axis::Labels(labels) = axis { labels.len().max(1) } else { 1 };
    let slot = 100.0 / groups as f64;
    let width = slot * 0.68 / count as f64;
    let zero = scale.place(0.0);
    let bars: Vec<_> = series
        .points
        .iter()
        .filter_map(|point| {
            let middle = axis.place(&point.x)?;
            let top = scale.place(point.y);
            let x = middle - slot * 0.34 + width * index as f64;
            let title = format!("{} {}: {}", series.name, coordinate_text(&point.x), format::number(point.y));
            Some(view! {
                <rect class="chart-bar" x=format!("{x:.2}") y=format!("{:.2}", top.min(zero))
                    width=format!("{:.2}", width * 0.94) height=format!("{:.2}", (top - zero).abs())>
                    <title>{title}</title>
                </rect>
            })
        })
        .collect();
    view! { <g data-series=(index + 1).to_string()>{bars}</g> }.into_any()
}

/// The numbers behind the drawing.
fn numbers_table(title: &str, series: &[Series], unit: Option<&str>) -> AnyView {
    let rows: Vec<Vec<AnyView>> = series
        .iter()
        .flat_map(|series| series.points.iter().map(|point| (series.name.clone(), point)))
        .take(MAX_ROWS)
        .map(|(name, point)| {
            vec![coordinate_text(&point.x).into_any(), name.into_any(), format::quantity(point.y, unit).into_any()]
        })
        .collect();
    let columns = vec![TableColumn::new("At"), TableColumn::new("Series"), TableColumn::new("Value").end()];
    let caption = format!("The numbers of {title}");
    view! {
        <Disclosure summary="Numbers">
            <div class="chart-numbers"><DataTable caption columns rows/></div>
        </Disclosure>
    }
    .into_any()
}
