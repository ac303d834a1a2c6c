//! Where a page begins, as text that clients carry and do not read.
//!
//! It names the entity next to the page and not a number of entities to skip, so that pages neither repeat nor miss
//! anything when the catalog changes between them. The wire form is Backstage's: a client that was handed a cursor by a
//! Backstage backend may go on with it here.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FullText, Order, OrderField, Selection};
use crate::{QueryError, opaque};

/// A page's place in an ordered list, with the query that made the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) selection: Selection,
    pub(crate) order: Vec<OrderField>,
    pub(crate) full_text: Option<FullText>,
    /// The values of the order's fields of the last entity before the page or, backwards, of the first one after it.
    pub(crate) values: Vec<Option<String>>,
    /// Its reference, or its uid.
    pub(crate) entity: String,
    pub(crate) backwards: bool,
    /// Whether whoever asked first did not want the total.
    pub(crate) skip_total: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    order_fields: Vec<WireOrder>,
    order_field_values: Vec<Option<String>>,
    is_previous: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    full_text_filter: Option<WireText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query: Option<Value>,
    /// Of older releases; means the same as a query in another grammar.
    #[serde(default, skip_serializing)]
    filter: Option<Value>,
    /// Only whether it is zero counts: totals are counted anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total_items: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct WireOrder {
    field: String,
    /// Missing where a client left it to the server.
    #[serde(default)]
    order: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct WireText {
    term: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<String>>,
}

impl Cursor {
    /// The text.
    pub(crate) fn encode(&self) -> String {
        let mut values = self.values.clone();
        values.push(Some(self.entity.clone()));
        let order = |field: &OrderField| WireOrder {
            field: field.field.clone(),
            order: Some(if field.order == Order::Ascending { "asc" } else { "desc" }.to_owned()),
        };
        let text = |text: &FullText| WireText { term: text.term.clone(), fields: text.fields.clone() };
        opaque::encode(&Wire {
            order_fields: self.order.iter().map(order).collect(),
            order_field_values: values,
            is_previous: self.backwards,
            full_text_filter: self.full_text.as_ref().map(text),
            query: Some(self.selection.to_predicate()),
            filter: None,
            total_items: self.skip_total.then_some(0),
        })
    }

    /// Reads a text that a client sent back.
    ///
    /// # Errors
    /// When it is none of ours.
    pub(crate) fn decode(text: &str) -> Result<Self, QueryError> {
        let malformed = |message: String| QueryError::MalformedCursor(message);
        let wire: Wire = opaque::decode(text).map_err(malformed)?;
        let mut values = wire.order_field_values;
        let entity = values.pop().flatten().ok_or_else(|| malformed("it names no entity".to_owned()))?;
        if values.len() > wire.order_fields.len() {
            return Err(malformed("it has more values than fields".to_owned()));
        }
        if wire.filter.is_some() {
            return Err(malformed("it is of a release that is too old; begin at the first page".to_owned()));
        }
        let mut order = Vec::with_capacity(wire.order_fields.len());
        for WireOrder { field, order: direction } in wire.order_fields {
            let direction = match direction.as_deref() {
                None | Some("asc") => Order::Ascending,
                Some("desc") => Order::Descending,
                Some(_) => return Err(malformed("an order is neither asc nor desc".to_owned())),
            };
            order.push(OrderField { field, order: direction });
        }
        // Backstage orders by the first field only, and says nothing of the others.
        order.truncate(values.len());
        let selection = match &wire.query {
            Some(query) => Selection::from_written(query).map_err(|error| malformed(error.to_string()))?,
            None => Selection::default(),
        };
        Ok(Self {
            selection,
            order,
            full_text: wire.full_text_filter.map(|text| FullText { term: text.term, fields: text.fields }),
            values,
            entity,
            backwards: wire.is_previous,
            skip_total: wire.total_items == Some(0),
        })
    }
}
