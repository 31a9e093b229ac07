//! The table at the demo's end.

use gateway_localnet::{Reading, RequestTicket};

const HEAD: [&str; 9] = [
    "request",
    "project",
    "round",
    "committee",
    "agreeing",
    "result",
    "blocks",
    "ms",
    "gas (request/publish)",
];

/// One request's row.
#[derive(Debug)]
pub(crate) struct Row([String; 9]);

impl Row {
    pub(crate) fn new(project: &str, ticket: &RequestTicket, reading: &Reading) -> Self {
        let units = reading.request.draw.as_ref().map_or(0, |draw| draw.total_units);
        let committee = u64::from(reading.request.policy.committee).min(units);
        let own_gas = if ticket.gas == 0 { "-".to_owned() } else { ticket.gas.to_string() };
        Self([
            reading.request.request.to_string(),
            project.to_owned(),
            reading.record.round.to_string(),
            format!("{committee} seats"),
            format!("{}, {} needed", reading.seats, reading.quorum_seats),
            reading.value().to_string(),
            reading.blocks.to_string(),
            reading.elapsed.as_millis().to_string(),
            format!("{own_gas} / {}", reading.publish_gas),
        ])
    }
}

/// Aligns the rows under their headings.
pub(crate) fn render(rows: &[Row]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row.0[column].chars().count());
        cells.chain([HEAD[column].chars().count()]).max().unwrap_or(0)
    };
    let line = |cells: [&str; 9]| {
        let padded: Vec<String> =
            cells.iter().enumerate().map(|(i, cell)| format!("{cell:<width$}", width = width(i))).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let ruler: Vec<String> = (0..HEAD.len()).map(|i| "─".repeat(width(i))).collect();
    let mut lines = vec![line(HEAD), ruler.join("  ")];
    lines.extend(rows.iter().map(|row| line(std::array::from_fn(|i| row.0[i].as_str()))));
    lines.join("\n")
}
