//! XML, HTML and JSONPath for code, by libraries that implement the standards. Documents go in as text and come out as JSON.

use scraper::{ElementRef, Html, Selector};
use serde_json::{Value, json};
use serde_json_path::JsonPath;

use super::{arguments, throw_range, throw_type};

/// Longest document, bytes: a parsed one takes many times as much.
const MAX_DOCUMENT: usize = 1 << 20;

/// Most nodes of an XML document.
const MAX_NODES: u32 = 100_000;

/// Most elements that a selector finds.
const MAX_FOUND: usize = 10_000;

/// Longest selector or path, bytes.
const MAX_QUERY: usize = 1_000;

/// Deepest nesting of a document that becomes a tree of objects.
const MAX_DEPTH: usize = 100;

/// `host.xmlParse(text)`: the root element as JSON, or throws with line and column. Entities of a document type are not read.
pub(super) fn xml_parse(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(text) = document(scope, &args) else { return };
    let options =
        roxmltree::ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..Default::default() };
    let parsed = roxmltree::Document::parse_with_options(&text, options);
    let tree = match &parsed {
        Ok(document) => element(document.root_element(), 0),
        Err(error) => return throw_type(scope, &format!("xml: {error}")),
    };
    match tree {
        Some(tree) => arguments::answer_json(scope, &tree, &mut result),
        None => throw_range(scope, &format!("xml: nested deeper than {MAX_DEPTH}")),
    }
}

fn element(node: roxmltree::Node<'_, '_>, depth: usize) -> Option<Value> {
    if depth >= MAX_DEPTH {
        return None;
    }
    let attributes: Vec<[String; 2]> = node
        .attributes()
        .map(|a| {
            let prefix = a.namespace().and_then(|uri| node.lookup_prefix(uri));
            let name = prefix.map_or_else(|| a.name().to_owned(), |prefix| format!("{prefix}:{}", a.name()));
            [name, a.value().to_owned()]
        })
        .collect();
    let mut children = Vec::new();
    for child in node.children() {
        if child.is_element() {
            children.push(element(child, depth.saturating_add(1))?);
        } else if let (true, Some(text)) = (child.is_text(), child.text()) {
            children.push(text.into());
        }
    }
    let name = node.tag_name();
    Some(json!({
        "name": name.name(), "namespace": name.namespace(), "attributes": attributes, "children": children,
    }))
}

/// `host.htmlSelect(text, selector)`: the elements that a CSS selector finds, in the order of the document.
pub(super) fn html_select(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(text) = document(scope, &args) else { return };
    let Some(query) = query(scope, &args) else { return };
    let Ok(selector) = Selector::parse(&query) else {
        return throw_type(scope, &format!("html: '{query}' is not a CSS selector"));
    };
    let html = Html::parse_document(&text);
    let found: Vec<Value> = html.select(&selector).take(MAX_FOUND.saturating_add(1)).map(describe).collect();
    if found.len() > MAX_FOUND {
        return throw_range(scope, &format!("html: '{query}' finds more than {MAX_FOUND} elements"));
    }
    arguments::answer_json(scope, &Value::from(found), &mut result);
}

fn describe(element: ElementRef<'_>) -> Value {
    let attributes: Vec<[&str; 2]> = element.value().attrs().map(|(name, value)| [name, value]).collect();
    let text: String = element.text().collect();
    json!({
        "name": element.value().name(), "attributes": attributes, "text": text, "html": element.inner_html(),
    })
}

/// `host.jsonPath(json, path)`: where the values are that a JSONPath (RFC 9535) finds, each as a list of names and indexes.
pub(super) fn json_path(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some(text) = arguments::text(scope, args.get(0)) else { return };
    let Some(query) = query(scope, &args) else { return };
    let path = match JsonPath::parse(&query) {
        Ok(path) => path,
        Err(error) => return throw_type(scope, &format!("jsonpath: {error}")),
    };
    let value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(_) => return throw_type(scope, "jsonpath: the value has no JSON form"),
    };
    let found: Vec<Value> = path
        .query_located(&value)
        .locations()
        .map(|location| {
            let steps = location.iter().map(|step| match (step.as_name(), step.as_index()) {
                (Some(name), _) => Value::from(name),
                (None, index) => Value::from(index.unwrap_or_default()),
            });
            steps.collect::<Vec<Value>>().into()
        })
        .collect();
    arguments::answer_json(scope, &Value::from(found), &mut result);
}

/// The first argument, when it is not too long.
fn document(scope: &mut v8::PinScope<'_, '_>, args: &v8::FunctionCallbackArguments<'_>) -> Option<String> {
    arguments::bounded(scope, args.get(0), "the document", MAX_DOCUMENT)
}

/// The second argument, when it is not too long.
fn query(scope: &mut v8::PinScope<'_, '_>, args: &v8::FunctionCallbackArguments<'_>) -> Option<String> {
    arguments::bounded(scope, args.get(1), "the query", MAX_QUERY)
}
